//! Conversions (V, "Single-Width Floating-Point/Integer Type-Convert Instructions", "Widening …", "Narrowing …"; Zvfhmin,
//! Zvfbfmin).

use core::marker::PhantomData;

use super::super::lanes::Elem;
use super::super::{Kernel, Plan, Reason, kernel, kernel_for, vector};
use super::elementwise::Vf;
use super::widen::{Widen, only_bf16};
use super::{ElemFormat, Lane, Op, lane, need};
use crate::float::{self, Bf16, Bits, F16, F32, F64, Flags, Format, Round};
use crate::hart::Hart;

/// Formats that are converted to and from integers in lanes.
pub(crate) trait Numeric: ElemFormat {
    /// The value in binary32, and whether that is wrong. Not for binary64.
    fn single(a: Self::Bits) -> (f32, bool);
    /// The value in binary64, and whether that is wrong.
    fn double(a: Self::Bits) -> (f64, bool);
    /// An integer of I in this format.
    fn from_integer<I: Elem, const SIGNED: bool>(a: I) -> Lane<Self::Bits>;
}

impl Numeric for F16 {
    #[inline(always)]
    fn single(a: u16) -> (f32, bool) {
        lane::widen16(a)
    }
    #[inline(always)]
    fn double(a: u16) -> (f64, bool) {
        let (x, bad) = lane::widen16(a);
        (f64::from(x), bad)
    }
    #[inline(always)]
    fn from_integer<I: Elem, const SIGNED: bool>(a: I) -> Lane<u16> {
        // What is beyond binary16 cannot come back into it by rounding.
        let x = if SIGNED { a.to_i64() as i32 as f32 } else { a.to_u64() as u32 as f32 };
        let (r, bad, inexact) = lane::narrow16(x.to_bits());
        // Rounded to binary32 already.
        (r, bad | (x.abs() >= 16_777_216.0), inexact)
    }
}
impl Numeric for F32 {
    #[inline(always)]
    fn single(a: u32) -> (f32, bool) {
        (f32::from_bits(a), false)
    }
    #[inline(always)]
    fn double(a: u32) -> (f64, bool) {
        (f64::from(f32::from_bits(a)), false)
    }
    #[inline(always)]
    fn from_integer<I: Elem, const SIGNED: bool>(a: I) -> Lane<u32> {
        if I::SIZE == 8 {
            let (x, _, inexact) = lane::f64_from_64::<SIGNED>(a.to_u64());
            let r = f64::from_bits(x) as f32;
            return (r.to_bits(), inexact, f64::from(r) != f64::from_bits(x));
        }
        let (r, x) = if SIGNED {
            let a = a.to_i64() as i32;
            (a as f32, f64::from(a))
        } else {
            let a = a.to_u64() as u32;
            (a as f32, f64::from(a))
        };
        (r.to_bits(), false, f64::from(r) != x)
    }
}
impl Numeric for F64 {
    #[inline(always)]
    fn single(_: u64) -> (f32, bool) {
        (0.0, true)
    }
    #[inline(always)]
    fn double(a: u64) -> (f64, bool) {
        (f64::from_bits(a), false)
    }
    #[inline(always)]
    fn from_integer<I: Elem, const SIGNED: bool>(a: I) -> Lane<u64> {
        if I::SIZE == 8 {
            return lane::f64_from_64::<SIGNED>(a.to_u64());
        }
        let x = if SIGNED { f64::from(a.to_i64() as i32) } else { f64::from(a.to_u64() as u32) };
        (x.to_bits(), false, false)
    }
}

/// To an integer of I's width. RTZ: truncated, whatever `frm` says.
pub(crate) struct ToInteger<F, I, const SIGNED: bool, const RTZ: bool>(PhantomData<(F, I)>);

impl<F: Numeric, I: Elem, const SIGNED: bool, const RTZ: bool> Op for ToInteger<F, I, SIGNED, RTZ> {
    type A = F::Bits;
    type B = I;
    type D = I;
    const ROUNDS: bool = !RTZ;
    const CALM: (F::Bits, I, I) = (F::ONE, I::ZERO, I::ZERO);

    #[inline(always)]
    fn exact(a: F::Bits, _: I, _: I, rm: Round) -> (I, Flags) {
        let rm = if RTZ { Round::Rtz } else { rm };
        if I::SIZE == 8 && !SIGNED {
            let (v, flags) = float::to_u64::<F>(a, rm);
            return (I::from_u64(v), flags);
        }
        let (v, flags) = float::to_i64::<F>(a, rm);
        let (low, high) = limits::<I, SIGNED>();
        let r = v.clamp(low, high);
        // What does not fit is invalid and nothing else.
        (I::from_u64(r as u64), if r == v { flags } else { Flags::NV })
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: F::Bits, _: I, _: I) -> Lane<I> {
        if F::WIDTH <= 32 && I::SIZE <= 4 {
            let (x, bad) = F::single(a);
            let (r, inexact) = lane::integral32::<RTZ>(x);
            if SIGNED {
                let v = r as i32;
                let fits =
                    if I::SIZE == 4 { (-2_147_483_648.0..2_147_483_648.0).contains(&r) } else { in_limits::<I>(v) };
                return (I::from_u64(v as u64), bad | !fits | r.is_nan(), inexact);
            }
            let limit = (1u64 << (I::SIZE * 8)) as f32;
            return (I::from_u64(r as u32 as u64), bad | !((r >= 0.0) & (r < limit)), inexact);
        }
        let (x, bad) = F::double(a);
        let (r, v, far) = lane::integral64::<RTZ>(x);
        let (low, high) = limits::<I, SIGNED>();
        (I::from_u64(v as u64), bad | far | (v < low) | (v > high), r != x)
    }
    #[inline(always)]
    fn quick<const FMA: bool>(a: F::Bits, b: I, c: I) -> (I, bool) {
        if F::WIDTH == 32 && I::SIZE == 4 && SIGNED && !RTZ {
            let (r, bad) = lane::to_i32_quick(Bits::to_u64(a) as u32);
            return (I::from_u64(r.into()), bad);
        }
        let (r, bad, _) = Self::lane::<FMA, true>(a, b, c);
        (r, bad)
    }
}

/// The least and the greatest integer of a width, as far as they fit 64 bits and a sign.
#[inline(always)]
fn limits<I: Elem, const SIGNED: bool>() -> (i64, i64) {
    let unused = 64 - 8 * I::SIZE as u32;
    if SIGNED {
        (i64::MIN >> unused, i64::MAX >> unused)
    } else {
        (0, (u64::MAX >> unused).min(i64::MAX as u64) as i64)
    }
}

/// Whether a number fits I, signed.
#[inline(always)]
fn in_limits<I: Elem>(v: i32) -> bool {
    let (low, high) = limits::<I, true>();
    (v >= low as i32) & (v <= high as i32)
}

/// From an integer.
pub(crate) struct FromInteger<I, F, const SIGNED: bool>(PhantomData<(I, F)>);

impl<I: Elem, F: Numeric, const SIGNED: bool> Op for FromInteger<I, F, SIGNED> {
    type A = I;
    type B = I;
    type D = F::Bits;
    const ROUNDS: bool = I::SIZE * 8 > F::FRAC_BITS as usize;
    const INEXACT: bool = Self::ROUNDS;
    const CALM: (I, I, F::Bits) = (I::ZERO, I::ZERO, F::ONE);

    #[inline(always)]
    fn exact(a: I, _: I, _: F::Bits, rm: Round) -> (F::Bits, Flags) {
        if SIGNED { float::from_i64::<F>(a.to_i64(), rm) } else { float::from_u64::<F>(a.to_u64(), rm) }
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: I, _: I, _: F::Bits) -> Lane<F::Bits> {
        F::from_integer::<I, SIGNED>(a)
    }
}

/// A format of which another one takes half the width.
trait Narrow<D: Format>: ElemFormat {
    fn narrow(a: Self::Bits) -> Lane<D::Bits>;
}
impl Narrow<F16> for F32 {
    #[inline(always)]
    fn narrow(a: u32) -> Lane<u16> {
        lane::narrow16(a)
    }
}
impl Narrow<Bf16> for F32 {
    #[inline(always)]
    fn narrow(a: u32) -> Lane<u16> {
        lane::narrow_bf16(a)
    }
}
impl Narrow<F32> for F64 {
    #[inline(always)]
    fn narrow(a: u64) -> Lane<u32> {
        lane::narrow32(a)
    }
}

/// To a format of half the width. ODD: rounded to odd.
pub(crate) struct ToNarrow<S, D, const ODD: bool>(PhantomData<(S, D)>);

impl<S: Narrow<D>, D: ElemFormat, const ODD: bool> Op for ToNarrow<S, D, ODD> {
    type A = S::Bits;
    type B = D::Bits;
    type D = D::Bits;
    const FAST: bool = !ODD;
    const CALM: (S::Bits, D::Bits, D::Bits) = (S::ONE, D::ONE, D::ONE);

    #[inline(always)]
    fn exact(a: S::Bits, _: D::Bits, _: D::Bits, rm: Round) -> (D::Bits, Flags) {
        if !ODD {
            return float::convert::<S, D>(a, rm);
        }
        // Truncated, and the last place set if that lost something.
        let (r, flags) = float::convert::<S, D>(a, Round::Rtz);
        (D::Bits::from_u64(Bits::to_u64(r) | flags.contains(Flags::NX) as u64), flags)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: S::Bits, _: D::Bits, _: D::Bits) -> Lane<D::Bits> {
        S::narrow(a)
    }
}

/// To a format of twice the width, which is exact.
pub(crate) struct ToWide<S, D>(PhantomData<(S, D)>);

impl<S: Widen<D>, D: ElemFormat> Op for ToWide<S, D> {
    type A = S::Bits;
    type B = S::Bits;
    type D = D::Bits;
    const ROUNDS: bool = false;
    const INEXACT: bool = false;
    const CALM: (S::Bits, S::Bits, D::Bits) = (S::ONE, S::ONE, D::ONE);

    #[inline(always)]
    fn exact(a: S::Bits, _: S::Bits, _: D::Bits, rm: Round) -> (D::Bits, Flags) {
        float::convert::<S, D>(a, rm)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: S::Bits, _: S::Bits, _: D::Bits) -> Lane<D::Bits> {
        let (r, bad) = S::widen(a);
        (r, bad | (a.to_u64() & !S::SIGN > S::INF), false)
    }
}

/// The kernel of a conversion: with chunks of SMALL elements, so that neither operand's has more than 16 bytes, or of LARGE.
fn unary<O: Op, const SMALL: usize, const LARGE: usize>(p: &Plan) -> Kernel {
    let wider = (p.span as usize / O::D::SIZE).saturating_mul(O::A::SIZE.max(O::D::SIZE));
    kernel_for::<Vf<O, SMALL>, Vf<O, LARGE>>(p, wider)
}

/// A width that a family of conversions does not have.
fn width(p: &Plan) -> Reason {
    Reason::Width { bits: 8u32 << (p.sew & 7) }
}

/// Defines conversions by the kernels for each SEW: `sew: floating-point width needed, operation, chunk`.
macro_rules! conversions {
    ($($name:ident($($generic:tt)*) $kernels:ident;)*) => {
        vector! { $($name |hart, p| $kernels::<$($generic)*>(hart, &p);)* }
    };
}

macro_rules! kernels {
    ($($name:ident<$(const $flag:ident),*> { $($sew:literal: $float:expr, $op:ty, $small:literal $large:literal;)* })*) => { $(
        fn $name<$(const $flag: bool),*>(hart: &Hart, p: &Plan) -> Result<Kernel, Reason> {
            match p.sew {
                $($sew => need(hart, $float).map(|()| unary::<$op, $small, $large>(p)),)*
                _ => Err(width(p)),
            }
        }
    )* };
}

kernels! {
    to_integer<const SIGNED, const RTZ> {
        1: 1, ToInteger<F16, u16, SIGNED, RTZ>, 8 16;
        2: 2, ToInteger<F32, u32, SIGNED, RTZ>, 4 16;
        3: 3, ToInteger<F64, u64, SIGNED, RTZ>, 2 8;
    }
    to_wide_integer<const SIGNED, const RTZ> {
        1: 1, ToInteger<F16, u32, SIGNED, RTZ>, 4 16;
        2: 2, ToInteger<F32, u64, SIGNED, RTZ>, 2 8;
    }
    to_narrow_integer<const SIGNED, const RTZ> {
        0: 1, ToInteger<F16, u8, SIGNED, RTZ>, 8 16;
        1: 2, ToInteger<F32, u16, SIGNED, RTZ>, 4 16;
        2: 3, ToInteger<F64, u32, SIGNED, RTZ>, 2 8;
    }
    from_integer<const SIGNED> {
        1: 1, FromInteger<u16, F16, SIGNED>, 8 16;
        2: 2, FromInteger<u32, F32, SIGNED>, 4 16;
        3: 3, FromInteger<u64, F64, SIGNED>, 2 8;
    }
    from_narrow_integer<const SIGNED> {
        0: 1, FromInteger<u8, F16, SIGNED>, 8 16;
        1: 2, FromInteger<u16, F32, SIGNED>, 4 16;
        2: 3, FromInteger<u32, F64, SIGNED>, 2 8;
    }
    from_wide_integer<const SIGNED> {
        1: 1, FromInteger<u32, F16, SIGNED>, 4 16;
        2: 2, FromInteger<u64, F32, SIGNED>, 2 8;
    }
}

conversions! {
    VfcvtXuFV(false, false) to_integer;
    VfcvtXFV(true, false) to_integer;
    VfcvtRtzXuFV(false, true) to_integer;
    VfcvtRtzXFV(true, true) to_integer;
    VfcvtFXuV(false) from_integer;
    VfcvtFXV(true) from_integer;
    VfwcvtXuFV(false, false) to_wide_integer;
    VfwcvtXFV(true, false) to_wide_integer;
    VfwcvtRtzXuFV(false, true) to_wide_integer;
    VfwcvtRtzXFV(true, true) to_wide_integer;
    VfwcvtFXuV(false) from_narrow_integer;
    VfwcvtFXV(true) from_narrow_integer;
    VfncvtXuFW(false, false) to_narrow_integer;
    VfncvtXFW(true, false) to_narrow_integer;
    VfncvtRtzXuFW(false, true) to_narrow_integer;
    VfncvtRtzXFW(true, true) to_narrow_integer;
    VfncvtFXuW(false) from_wide_integer;
    VfncvtFXW(true) from_wide_integer;
}

/// Between binary16 and binary32 Zvfhmin is enough; nothing else in vectors has both.
fn formats(hart: &Hart, p: &Plan, halves: Kernel, singles: Kernel) -> Result<Kernel, Reason> {
    match p.sew {
        1 if hart.v.config.half_conversions => need(hart, 2).map(|()| halves),
        2 => need(hart, 2).and_then(|()| need(hart, 3)).map(|()| singles),
        _ => Err(width(p)),
    }
}

vector! {
    VfwcvtFFV |hart, p| formats(hart, &p, unary::<ToWide<F16, F32>, 4, 16>(&p), unary::<ToWide<F32, F64>, 2, 8>(&p));
    VfncvtFFW |hart, p| {
        formats(hart, &p, unary::<ToNarrow<F32, F16, false>, 4, 16>(&p), unary::<ToNarrow<F64, F32, false>, 2, 8>(&p))
    };
    VfncvtRodFFW |hart, p| need(hart, p.sew).and_then(|()| {
        formats(hart, &p, kernel::<Vf<ToNarrow<F32, F16, true>, 8>>(&p), kernel::<Vf<ToNarrow<F64, F32, true>, 8>>(&p))
    });
    Vfwcvtbf16FFV |hart, p| only_bf16(&p).map(|()| unary::<ToWide<Bf16, F32>, 4, 16>(&p));
    Vfncvtbf16FFW |hart, p| only_bf16(&p).map(|()| unary::<ToNarrow<F32, Bf16, false>, 4, 16>(&p));
}
