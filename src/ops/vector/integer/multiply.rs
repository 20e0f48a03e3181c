//! Multiplication and multiply-accumulate (V, "Vector Single-Width Integer Multiply Instructions", "Vector Widening Integer
//! Multiply Instructions", "Vector Single-Width Integer Multiply-Add Instructions", "Vector Widening Integer Multiply-Add
//! Instructions").

use super::{Each, EachScalar, EachVector, Lane, lanes, mixed, same, widening};
use crate::hart::Hart;
use crate::ops::vector::lanes::Elem;
use crate::ops::vector::{Plan, Reason, vector};

lanes! {
    Mul |a: u, b: u| a.wrapping_mul(b);
    MulSigned |a: s, b: s| a.wrapping_mul(b);
    MulSignedUnsigned |a: s, b: u| a.wrapping_mul(b as i64);
    Macc |a: u, b: u, d: u| d.wrapping_add(b.wrapping_mul(a));
    MaccSigned |a: s, b: s, d: s| d.wrapping_add(b.wrapping_mul(a));
    MaccSignedUnsigned |a: u, b: s, d: s| d.wrapping_add(b.wrapping_mul(a as i64));
    MaccUnsignedSigned |a: s, b: u, d: s| d.wrapping_add(a.wrapping_mul(b as i64));
    Nmsac |a: u, b: u, d: u| d.wrapping_sub(b.wrapping_mul(a));
    Madd |a: u, b: u, d: u| a.wrapping_add(b.wrapping_mul(d));
    Nmsub |a: u, b: u, d: u| a.wrapping_sub(b.wrapping_mul(d));
}

/// Declares multiplications that give the high half of the product of two elements of one width.
macro_rules! high {
    ($($op:ident $small:ident $middle:ident $large:ident |$a:ident, $b:ident|;)*) => { $(
        struct $op;
        impl Lane for $op {
            #[inline(always)]
            fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, _: D) -> D {
                let bits = D::SIZE * 8;
                match D::SIZE {
                    1 | 2 => {
                        let ($a, $b) = (high!(@$a a) as $small, high!(@$b b) as $small);
                        D::from_u64(($a.wrapping_mul($b) >> bits) as u64)
                    }
                    4 => {
                        let ($a, $b) = (high!(@$a a) as $middle, high!(@$b b) as $middle);
                        D::from_u64(($a.wrapping_mul($b) >> bits) as u64)
                    }
                    _ => {
                        let ($a, $b) = (high!(@$a a) as $large, high!(@$b b) as $large);
                        D::from_u64(($a.wrapping_mul($b) >> bits) as u64)
                    }
                }
            }
        }
    )* };
    (@s $v:ident) => { $v.to_i64() };
    (@t $v:ident) => { $v.to_i64() };
    (@u $v:ident) => { $v.to_u64() };
    (@v $v:ident) => { $v.to_u64() };
}

high! {
    Mulh i32 i64 i128 |s, t|;
    Mulhu u32 u64 u128 |u, v|;
    Mulhsu i32 i64 i128 |s, u|;
}

/// High halves of products of 64-bit elements come with V, not with Zve64x (V, "Zve*: Vector Extensions for Embedded
/// Processors").
pub(super) fn has_high_half(hart: &Hart, p: &Plan) -> Result<(), Reason> {
    if p.sew == 3 && !hart.v.config.high_64 { Err(Reason::Width { bits: 64 }) } else { Ok(()) }
}

vector! {
    VmulVv |hart, p| same!(p, EachVector<Mul>);
    VmulVx |hart, p| same!(p, EachScalar<Mul>);
    VmulhVv |hart, p| has_high_half(hart, &p).and_then(|()| same!(p, Each<Mulh>));
    VmulhVx |hart, p| has_high_half(hart, &p).and_then(|()| same!(p, Each<Mulh>));
    VmulhuVv |hart, p| has_high_half(hart, &p).and_then(|()| same!(p, Each<Mulhu>));
    VmulhuVx |hart, p| has_high_half(hart, &p).and_then(|()| same!(p, Each<Mulhu>));
    VmulhsuVv |hart, p| has_high_half(hart, &p).and_then(|()| same!(p, Each<Mulhsu>));
    VmulhsuVx |hart, p| has_high_half(hart, &p).and_then(|()| same!(p, Each<Mulhsu>));
    VmaccVv |hart, p| same!(p, EachVector<Macc>);
    VmaccVx |hart, p| same!(p, EachScalar<Macc>);
    VnmsacVv |hart, p| same!(p, Each<Nmsac>);
    VnmsacVx |hart, p| same!(p, Each<Nmsac>);
    VmaddVv |hart, p| same!(p, EachVector<Madd>);
    VmaddVx |hart, p| same!(p, EachScalar<Madd>);
    VnmsubVv |hart, p| same!(p, Each<Nmsub>);
    VnmsubVx |hart, p| same!(p, Each<Nmsub>);
    VwmulVv |hart, p| widening!(p, EachVector<MulSigned>);
    VwmulVx |hart, p| widening!(p, EachScalar<MulSigned>);
    VwmuluVv |hart, p| widening!(p, EachVector<Mul>);
    VwmuluVx |hart, p| widening!(p, EachScalar<Mul>);
    VwmulsuVv |hart, p| widening!(p, Each<MulSignedUnsigned>);
    VwmulsuVx |hart, p| widening!(p, Each<MulSignedUnsigned>);
    VwmaccuVv |hart, p| widening!(p, EachVector<Macc>);
    VwmaccuVx |hart, p| widening!(p, EachScalar<Macc>);
    VwmaccVv |hart, p| widening!(p, EachVector<MaccSigned>);
    VwmaccVx |hart, p| widening!(p, EachScalar<MaccSigned>);
    VwmaccsuVv |hart, p| widening!(p, EachVector<MaccSignedUnsigned>);
    VwmaccsuVx |hart, p| widening!(p, EachScalar<MaccSignedUnsigned>);
    VwmaccusVx |hart, p| widening!(p, EachScalar<MaccUnsignedSigned>);
}
