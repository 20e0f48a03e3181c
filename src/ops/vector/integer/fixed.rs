//! Fixed-point arithmetic: results are rounded as `vxrm` says, or saturated, which sets `vxsat` (V, "Vector Fixed-Point
//! Arithmetic Instructions").

use core::hint::black_box;
use core::marker::PhantomData;

use super::multiply::has_high_half;
use super::{Source, mixed, narrowing, same};
use crate::hart::Hart;
use crate::memory::Memory;
use crate::ops::vector::lanes::{Elem, each_noted_chunk, read};
use crate::ops::vector::{Body, Done, Plan, Reason, kernel, vector};

/// A rounding mode, as numbers that are 0 or 1 so that lanes need no branches. The compiler must not know that: it would
/// compute with bytes.
#[derive(Clone, Copy)]
struct Rounding {
    /// To the nearest: up if the highest bit that goes is set,
    nearest: u64,
    /// and for ties only if the lowest bit that stays is set.
    even: u64,
    /// Jam: the lowest bit that stays is set if any that goes is.
    odd: u64,
}

impl Rounding {
    /// Of the hart (V, "Vector Fixed-Point Rounding Mode Register vxrm").
    #[inline(always)]
    fn of(hart: &Hart) -> Rounding {
        let is = |mode| black_box((hart.v.vxrm & 3 == mode) as u64);
        Rounding { nearest: is(0) | is(1), even: is(1), odd: is(3) }
    }
}

/// Declares functions that give a value without its `n` low bits, rounded.
macro_rules! round_off {
    ($($name:ident $t:ident $unsigned:ident;)*) => { $(
        #[inline(always)]
        fn $name(v: $t, n: u32, by: Rounding) -> $t {
            let bit = (1 as $unsigned) << n;
            let (half, rest) = ((bit >> 1) as $t, v & bit.wrapping_sub(1) as $t);
            let r = v >> n;
            let (nearest, even, odd) = (by.nearest as $t, by.even as $t, by.odd as $t);
            let up = (v & half != 0) as $t & nearest & (even ^ 1 | (rest != half) as $t | r & 1);
            r.wrapping_add(up) | (rest != 0) as $t & odd
        }
    )* };
}

round_off! {
    round_u32 u32 u32;
    round_i32 i32 u32;
    round_u64 u64 u64;
    round_i64 i64 u64;
    round_i128 i128 u128;
}

/// A fixed-point operation, as `Lane`; also tells whether the result was saturated.
trait Fixed: 'static {
    fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, by: Rounding) -> (D, bool);
}

/// Declares operations on two elements of one width, in the signed or unsigned type of that width.
macro_rules! saturating {
    ($($op:ident $saturating:ident $wrapping:ident $to:ident $($t:ident)*;)*) => { $(
        struct $op;
        impl Fixed for $op {
            #[inline(always)]
            fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, _: Rounding) -> (D, bool) {
                let (a, b) = (a.$to(), b.$to());
                $(if D::SIZE == size_of::<$t>() {
                    let (a, b) = (a as $t, b as $t);
                    let r = a.$saturating(b);
                    return (D::from_u64(r as u64), r != a.$wrapping(b));
                })*
                (D::ZERO, false)
            }
        }
    )* };
}

saturating! {
    Saddu saturating_add wrapping_add to_u64 u8 u16 u32 u64;
    Sadd saturating_add wrapping_add to_i64 i8 i16 i32 i64;
    Ssubu saturating_sub wrapping_sub to_u64 u8 u16 u32 u64;
    Ssub saturating_sub wrapping_sub to_i64 i8 i16 i32 i64;
}

/// Declares halved sums and differences of two elements of one width. Half of what is even about them, without overflow; the
/// bit that is lost is that of their exclusive or.
macro_rules! averaging {
    ($($op:ident |$a:ident, $b:ident| $floor:expr; $to:ident $($t:ident)*;)*) => { $(
        struct $op;
        impl Fixed for $op {
            #[inline(always)]
            fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, by: Rounding) -> (D, bool) {
                let (a, b) = (a.$to(), b.$to());
                $(if D::SIZE == size_of::<$t>() {
                    let ($a, $b) = (a as $t, b as $t);
                    let (r, lost): ($t, $t) = ($floor, ($a ^ $b) & 1);
                    let up = lost & by.nearest as $t & ((by.even ^ 1) as $t | r & 1);
                    return (D::from_u64((r.wrapping_add(up) | lost & by.odd as $t) as u64), false);
                })*
                (D::ZERO, false)
            }
        }
    )* };
}

averaging! {
    Aaddu |a, b| (a & b).wrapping_add((a ^ b) >> 1); to_u64 u8 u16 u32 u64;
    Aadd |a, b| (a & b).wrapping_add((a ^ b) >> 1); to_i64 i8 i16 i32 i64;
    Asubu |a, b| (a >> 1).wrapping_sub(b >> 1).wrapping_sub(!a & b & 1); to_u64 u8 u16 u32 u64;
    Asub |a, b| (a >> 1).wrapping_sub(b >> 1).wrapping_sub(!a & b & 1); to_i64 i8 i16 i32 i64;
}

/// Cuts a value to the range of D's signed numbers.
macro_rules! clip_signed {
    ($v:expr, $t:ty, $d:ident) => {{
        let (v, max): ($t, $t) = ($v, (1 as $t).wrapping_shl($d::SIZE as u32 * 8 - 1).wrapping_sub(1));
        let r = v.clamp(!max, max);
        ($d::from_u64(r as u64), r != v)
    }};
}

/// The product of two fractions.
struct Smul;
impl Fixed for Smul {
    #[inline(always)]
    fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, by: Rounding) -> (D, bool) {
        let (a, b, n) = (a.to_i64(), b.to_i64(), D::SIZE as u32 * 8 - 1);
        match D::SIZE {
            1 | 2 => clip_signed!(round_i32((a as i32).wrapping_mul(b as i32), n, by), i32, D),
            4 => clip_signed!(round_i64(a.wrapping_mul(b), n, by), i64, D),
            _ => clip_signed!(round_i128((a as i128).wrapping_mul(b as i128), n, by), i128, D),
        }
    }
}

/// The amount that an element of A is shifted by.
#[inline(always)]
fn amount<A: Elem, B: Elem>(b: B) -> u32 {
    b.to_u64() as u32 & (A::SIZE as u32 * 8 - 1)
}

/// A rounding shift right, logical; if D is narrower than A, the result is cut to its range.
struct Ssrl;
impl Fixed for Ssrl {
    #[inline(always)]
    fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, by: Rounding) -> (D, bool) {
        let (a, n) = (a.to_u64(), amount::<A, B>(b));
        let max = D::ONES.to_u64();
        if A::SIZE <= 4 {
            let (r, max) = (round_u32(a as u32, n, by), max as u32);
            (D::from_u64(r.min(max) as u64), r > max)
        } else {
            let r = round_u64(a, n, by);
            (D::from_u64(r.min(max)), r > max)
        }
    }
}

/// Likewise, arithmetic.
struct Ssra;
impl Fixed for Ssra {
    #[inline(always)]
    fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, by: Rounding) -> (D, bool) {
        let (a, n) = (a.to_i64(), amount::<A, B>(b));
        if A::SIZE <= 4 {
            clip_signed!(round_i32(a as i32, n, by), i32, D)
        } else {
            clip_signed!(round_i64(a, n, by), i64, D)
        }
    }
}

/// All elements, as `Each`.
struct EachFixed<O, D, A, B, const N: usize>(PhantomData<(O, D, A, B)>);

impl<O: Fixed, D: Elem, A: Elem, B: Elem, const N: usize> Body for EachFixed<O, D, A, B, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let (second, by) = (Source::second::<B, N>(hart, p), Rounding::of(hart));
        let saturated = each_noted_chunk::<D, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| {
                let (a, b) = (read::<A, N>(file, p.vs2, i), second.chunk::<B, N>(file, i));
                let (mut r, mut s) = ([D::ZERO; N], [D::ZERO; N]);
                for k in 0..N {
                    let (value, cut) = O::of::<D, A, B>(a[k], b[k], by);
                    (r[k], s[k]) = (value, if cut { D::ONES } else { D::ZERO });
                }
                (r, s)
            },
        );
        hart.v.vxsat |= saturated;
        Ok(())
    }
}

/// A widening multiply-add of XTheadVector: the product without the lower half of its fraction, rounded, added to vd with
/// saturation. VECTOR, SECOND: vs2 and the second source are signed; a product of one signed and one unsigned factor is
/// subtracted (RISC-V "V" 0.7.1, "Vector Widening Saturating Scaled Multiply-Add").
struct EachWsmacc<D, A, const N: usize, const VECTOR: bool, const SECOND: bool>(PhantomData<(D, A)>);

impl<D: Elem, A: Elem, const N: usize, const VECTOR: bool, const SECOND: bool> Body
    for EachWsmacc<D, A, N, VECTOR, SECOND>
{
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let (second, by) = (Source::second::<A, N>(hart, p), Rounding::of(hart));
        let saturated = each_noted_chunk::<D, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| {
                let (a, b) = (read::<A, N>(file, p.vs2, i), second.chunk::<A, N>(file, i));
                let (mut r, mut s) = (read::<D, N>(file, p.vd, i), [D::ZERO; N]);
                for k in 0..N {
                    let (value, cut) = wsmacc::<D, A, VECTOR, SECOND>(a[k], b[k], r[k], by);
                    (r[k], s[k]) = (value, if cut { D::ONES } else { D::ZERO });
                }
                (r, s)
            },
        );
        hart.v.vxsat |= saturated;
        Ok(())
    }
}

/// One element of it, and whether it was saturated.
#[inline(always)]
fn wsmacc<D: Elem, A: Elem, const VECTOR: bool, const SECOND: bool>(a: A, b: A, d: D, by: Rounding) -> (D, bool) {
    let n = A::SIZE as u32 * 4;
    if !VECTOR && !SECOND {
        let (sum, over) = d.to_u64().overflowing_add(round_u64(a.to_u64().wrapping_mul(b.to_u64()), n, by));
        let cut = over || sum > D::ONES.to_u64();
        return (if cut { D::ONES } else { D::from_u64(sum) }, cut);
    }
    let factor = |v: A, signed: bool| if signed { v.to_i64() } else { v.to_u64() as i64 };
    let product = round_i64(factor(a, VECTOR).wrapping_mul(factor(b, SECOND)), n, by);
    let term = if VECTOR != SECOND { product.wrapping_neg() } else { product };
    let (sum, exact) = (d.to_i64().saturating_add(term), d.to_i64().wrapping_add(term));
    let (r, cut) = clip_signed!(sum, i64, D);
    (r, cut || sum != exact)
}

/// The kernel of it.
macro_rules! wsmacc {
    ($p:expr, $vector:literal, $second:literal) => {
        match $p.sew {
            0 => Ok(kernel::<EachWsmacc<u16, u8, 16, $vector, $second>>(&$p)),
            1 => Ok(kernel::<EachWsmacc<u32, u16, 8, $vector, $second>>(&$p)),
            2 => Ok(kernel::<EachWsmacc<u64, u32, 4, $vector, $second>>(&$p)),
            sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
        }
    };
}

vector! {
    ThVaaddVi |hart, p| same!(p, EachFixed<Aadd>);
    ThVwsmaccuVv |hart, p| wsmacc!(p, false, false);
    ThVwsmaccuVx |hart, p| wsmacc!(p, false, false);
    ThVwsmaccVv |hart, p| wsmacc!(p, true, true);
    ThVwsmaccVx |hart, p| wsmacc!(p, true, true);
    ThVwsmaccsuVv |hart, p| wsmacc!(p, false, true);
    ThVwsmaccsuVx |hart, p| wsmacc!(p, false, true);
    ThVwsmaccusVx |hart, p| wsmacc!(p, true, false);
    VsadduVv |hart, p| same!(p, EachFixed<Saddu>);
    VsadduVx |hart, p| same!(p, EachFixed<Saddu>);
    VsadduVi |hart, p| same!(p, EachFixed<Saddu>);
    VsaddVv |hart, p| same!(p, EachFixed<Sadd>);
    VsaddVx |hart, p| same!(p, EachFixed<Sadd>);
    VsaddVi |hart, p| same!(p, EachFixed<Sadd>);
    VssubuVv |hart, p| same!(p, EachFixed<Ssubu>);
    VssubuVx |hart, p| same!(p, EachFixed<Ssubu>);
    VssubVv |hart, p| same!(p, EachFixed<Ssub>);
    VssubVx |hart, p| same!(p, EachFixed<Ssub>);
    VaadduVv |hart, p| same!(p, EachFixed<Aaddu>);
    VaadduVx |hart, p| same!(p, EachFixed<Aaddu>);
    VaaddVv |hart, p| same!(p, EachFixed<Aadd>);
    VaaddVx |hart, p| same!(p, EachFixed<Aadd>);
    VasubuVv |hart, p| same!(p, EachFixed<Asubu>);
    VasubuVx |hart, p| same!(p, EachFixed<Asubu>);
    VasubVv |hart, p| same!(p, EachFixed<Asub>);
    VasubVx |hart, p| same!(p, EachFixed<Asub>);
    VsmulVv |hart, p| has_high_half(hart, &p).and_then(|()| same!(p, EachFixed<Smul>));
    VsmulVx |hart, p| has_high_half(hart, &p).and_then(|()| same!(p, EachFixed<Smul>));
    VssrlVv |hart, p| same!(p, EachFixed<Ssrl>);
    VssrlVx |hart, p| same!(p, EachFixed<Ssrl>);
    VssrlVi |hart, p| same!(p, EachFixed<Ssrl>);
    VssraVv |hart, p| same!(p, EachFixed<Ssra>);
    VssraVx |hart, p| same!(p, EachFixed<Ssra>);
    VssraVi |hart, p| same!(p, EachFixed<Ssra>);
    VnclipuWv |hart, p| narrowing!(p, EachFixed<Ssrl>);
    VnclipuWx |hart, p| narrowing!(p, EachFixed<Ssrl>);
    VnclipuWi |hart, p| narrowing!(p, EachFixed<Ssrl>);
    VnclipWv |hart, p| narrowing!(p, EachFixed<Ssra>);
    VnclipWx |hart, p| narrowing!(p, EachFixed<Ssra>);
    VnclipWi |hart, p| narrowing!(p, EachFixed<Ssra>);
}
