//! Operations on elements of SEW bits whose results have twice as many (V, "Vector Widening Floating-Point Add/Subtract
//! Instructions", "… Multiply", "… Fused Multiply-Add Instructions"; Zvfbfwma). Operands are widened, which is exact, then the
//! operation is done and rounded once.

use core::marker::PhantomData;

use super::super::{Plan, Reason, kernel_for, vector};
use super::arith::{Fadd, Fsub};
use super::elementwise::{Vf, Vv};
use super::{ElemFormat, FloatOp, Lane, LaneFormat, Op, lane, need};
use crate::float::{self, Bf16, F16, F32, F64, Flags, Format, Round};

/// A format that another one has room for; or the same.
pub(super) trait Widen<D: Format>: ElemFormat {
    /// The value, and whether it is wrong because soft code has to look at it: NaNs need not be found.
    fn widen(a: Self::Bits) -> (D::Bits, bool);
}
impl Widen<F32> for F16 {
    #[inline(always)]
    fn widen(a: u16) -> (u32, bool) {
        let (r, bad) = lane::widen16(a);
        (r.to_bits(), bad)
    }
}
impl Widen<F32> for Bf16 {
    #[inline(always)]
    fn widen(a: u16) -> (u32, bool) {
        ((a as u32) << 16, false)
    }
}
impl Widen<F64> for F32 {
    #[inline(always)]
    fn widen(a: u32) -> (u64, bool) {
        (f64::from(f32::from_bits(a)).to_bits(), false)
    }
}

macro_rules! itself {
    ($($format:ident $bits:ident)*) => { $(impl Widen<$format> for $format {
        #[inline(always)]
        fn widen(a: $bits) -> ($bits, bool) {
            (a, false)
        }
    })* };
}
itself! { F16 u16 F32 u32 F64 u64 }

/// The exact value in a wider format.
pub(super) fn exactly<S: Format, D: Format>(a: S::Bits) -> (D::Bits, Flags) {
    float::convert::<S, D>(a, Round::Rne)
}

/// An operation of format D on operands of format S.
pub(crate) struct Wide<O, S, D>(PhantomData<(O, S, D)>);

impl<O: FloatOp, S: Widen<D>, D: LaneFormat> Op for Wide<O, S, D> {
    type A = S::Bits;
    type B = S::Bits;
    type D = D::Bits;
    const READS_VD: bool = O::READS_VD;
    const ROUNDS: bool = O::ROUNDS;
    const INEXACT: bool = O::INEXACT;
    const CALM: (S::Bits, S::Bits, D::Bits) = (S::ONE, S::ONE, D::ONE);

    #[inline(always)]
    fn scalar(register: u64) -> S::Bits {
        float::unbox::<S>(register)
    }
    #[inline(always)]
    fn exact(a: S::Bits, b: S::Bits, c: D::Bits, rm: Round) -> (D::Bits, Flags) {
        let ((a, flags_a), (b, flags_b)) = (exactly::<S, D>(a), exactly::<S, D>(b));
        let (r, flags) = O::exact::<D>(a, b, c, rm);
        (r, flags | flags_a | flags_b)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: S::Bits, b: S::Bits, c: D::Bits) -> Lane<D::Bits> {
        let ((a, bad_a), (b, bad_b)) = (S::widen(a), S::widen(b));
        let (r, bad, inexact) = D::lane::<O, FMA, NX>(a, b, c);
        (r, bad | bad_a | bad_b, inexact)
    }
}

/// An operation of format D on a first operand of it and a second one of format S.
pub(crate) struct WideFirst<O, S, D>(PhantomData<(O, S, D)>);

impl<O: FloatOp, S: Widen<D>, D: LaneFormat> Op for WideFirst<O, S, D> {
    type A = D::Bits;
    type B = S::Bits;
    type D = D::Bits;
    const CALM: (D::Bits, S::Bits, D::Bits) = (D::ONE, S::ONE, D::ONE);

    #[inline(always)]
    fn scalar(register: u64) -> S::Bits {
        float::unbox::<S>(register)
    }
    #[inline(always)]
    fn exact(a: D::Bits, b: S::Bits, c: D::Bits, rm: Round) -> (D::Bits, Flags) {
        let (b, flags_b) = exactly::<S, D>(b);
        let (r, flags) = O::exact::<D>(a, b, c, rm);
        (r, flags | flags_b)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: D::Bits, b: S::Bits, c: D::Bits) -> Lane<D::Bits> {
        let (b, bad_b) = S::widen(b);
        let (r, bad, inexact) = D::lane::<O, FMA, NX>(a, b, c);
        (r, bad | bad_b, inexact)
    }
}

/// A product of operands of half the width, which is exact.
pub(crate) struct Product;
impl FloatOp for Product {
    const ROUNDS: bool = false;
    const INEXACT: bool = false;
    #[inline(always)]
    fn exact<F: Format>(a: F::Bits, b: F::Bits, _: F::Bits, rm: Round) -> (F::Bits, Flags) {
        float::mul::<F>(a, b, rm)
    }
    #[inline(always)]
    fn lane32<const FMA: bool, const NX: bool>(a: u32, b: u32, _: u32) -> Lane<u32> {
        lane::wide_mul32(a, b)
    }
    #[inline(always)]
    fn lane64<const FMA: bool, const NX: bool>(a: u64, b: u64, _: u64) -> Lane<u64> {
        lane::wide_mul64(a, b)
    }
}

const SIGN32: u32 = 1 << 31;
const SIGN64: u64 = 1 << 63;

/// The kernel for a widening operation.
macro_rules! widening {
    ($p:expr, $hart:expr, $body:ident($wide:ident $op:ty)) => {
        need($hart, $p.sew).and_then(|()| need($hart, $p.sew + 1)).map(|()| match $p.sew {
            1 => kernel_for::<$body<$wide<$op, F16, F32>, 4>, $body<$wide<$op, F16, F32>, 16>>(&$p, $p.span as usize),
            _ => kernel_for::<$body<$wide<$op, F32, F64>, 2>, $body<$wide<$op, F32, F64>, 8>>(&$p, $p.span as usize),
        })
    };
}

/// Defines multiply-adds: whether product and addend change sign. The product is exact, so that lanes only have to add.
macro_rules! widening_fma {
    ($($op:ident $product:literal $addend:literal => $vv:ident $vf:ident;)*) => { $(
        pub(crate) struct $op;
        impl FloatOp for $op {
            const READS_VD: bool = true;
            #[inline(always)]
            fn exact<F: Format>(a: F::Bits, b: F::Bits, c: F::Bits, rm: Round) -> (F::Bits, Flags) {
                let flip = |v: F::Bits, on: bool| if on { float::neg::<F>(v) } else { v };
                float::fma::<F>(flip(b, $product), a, flip(c, $addend), rm)
            }
            #[inline(always)]
            fn lane32<const FMA: bool, const NX: bool>(a: u32, b: u32, c: u32) -> Lane<u32> {
                let (p, _, _) = lane::wide_mul32(a, b);
                lane::add32::<NX>(if $product { p ^ SIGN32 } else { p }, if $addend { c ^ SIGN32 } else { c })
            }
            #[inline(always)]
            fn lane64<const FMA: bool, const NX: bool>(a: u64, b: u64, c: u64) -> Lane<u64> {
                let (p, _, _) = lane::wide_mul64(a, b);
                lane::add64::<NX>(if $product { p ^ SIGN64 } else { p }, if $addend { c ^ SIGN64 } else { c })
            }
        }
        vector! {
            $vv |hart, p| widening!(p, hart, Vv(Wide $op));
            $vf |hart, p| widening!(p, hart, Vf(Wide $op));
        }
    )* };
}

vector! {
    VfwaddVv |hart, p| widening!(p, hart, Vv(Wide Fadd));
    VfwaddVf |hart, p| widening!(p, hart, Vf(Wide Fadd));
    VfwsubVv |hart, p| widening!(p, hart, Vv(Wide Fsub));
    VfwsubVf |hart, p| widening!(p, hart, Vf(Wide Fsub));
    VfwaddWv |hart, p| widening!(p, hart, Vv(WideFirst Fadd));
    VfwaddWf |hart, p| widening!(p, hart, Vf(WideFirst Fadd));
    VfwsubWv |hart, p| widening!(p, hart, Vv(WideFirst Fsub));
    VfwsubWf |hart, p| widening!(p, hart, Vf(WideFirst Fsub));
    VfwmulVv |hart, p| widening!(p, hart, Vv(Wide Product));
    VfwmulVf |hart, p| widening!(p, hart, Vf(Wide Product));
    Vfwmaccbf16Vv |hart, p| only_bf16(&p).map(|()| kernel_for::<Vv<Bf16Macc, 4>, Vv<Bf16Macc, 16>>(&p, p.span as usize));
    Vfwmaccbf16Vf |hart, p| only_bf16(&p).map(|()| kernel_for::<Vf<Bf16Macc, 4>, Vf<Bf16Macc, 16>>(&p, p.span as usize));
}

widening_fma! {
    Wmacc false false => VfwmaccVv VfwmaccVf;
    Wmsac false true => VfwmsacVv VfwmsacVf;
    Wnmacc true true => VfwnmaccVv VfwnmaccVf;
    Wnmsac true false => VfwnmsacVv VfwnmsacVf;
}

/// Illegal unless SEW is 16.
pub(super) fn only_bf16(p: &Plan) -> Result<(), Reason> {
    if p.sew == 1 { Ok(()) } else { Err(Reason::Width { bits: 8u32 << (p.sew & 7) }) }
}

/// A multiply-add of BFloat16 factors and a binary32 addend. Their product has 16 bits, but may under- and overflow binary32,
/// so that it is not exact as the others are.
struct Bf16Macc;
impl Op for Bf16Macc {
    type A = u16;
    type B = u16;
    type D = u32;
    const READS_VD: bool = true;
    const CALM: (u16, u16, u32) = (Bf16::ONE, Bf16::ONE, F32::ONE);

    #[inline(always)]
    fn scalar(register: u64) -> u16 {
        float::unbox::<Bf16>(register)
    }
    #[inline(always)]
    fn exact(a: u16, b: u16, c: u32, rm: Round) -> (u32, Flags) {
        let ((a, flags_a), (b, flags_b)) = (exactly::<Bf16, F32>(a), exactly::<Bf16, F32>(b));
        let (r, flags) = float::fma::<F32>(a, b, c, rm);
        (r, flags | flags_a | flags_b)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: u16, b: u16, c: u32) -> Lane<u32> {
        lane::fma32::<FMA, NX>((a as u32) << 16, (b as u32) << 16, c)
    }
}
