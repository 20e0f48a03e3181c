//! Shifts and rotations (V, "Vector Single-Width Shift Instructions", "Vector Narrowing Integer Right Shift Instructions";
//! Vector Cryptography, "vrol", "vror", "vwsll"). Amounts are modulo the width of what is shifted.

use super::{EachScalar, EachVector, Lane, mixed, narrowing, same, widening};
use crate::ops::vector::lanes::Elem;
use crate::ops::vector::vector;

/// Declares shifts, of the widest operand.
macro_rules! shifts {
    ($($op:ident |$a:ident: $t:ident, $n:ident, $bits:ident| $e:expr;)*) => {
        /// The operations; their names are those of scalar instructions, and not for everybody.
        pub(crate) mod operations { use super::*; $(
        pub(crate) struct $op;
        impl Lane for $op {
            #[inline(always)]
            fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, _: D) -> D {
                let $bits = if D::SIZE > A::SIZE { D::SIZE } else { A::SIZE } as u64 * 8;
                let $n = b.to_u64() & ($bits - 1);
                // 32-bit lanes are what hosts can shift by amounts of their own.
                if $bits <= 32 {
                    let $a = shifts!(@$t a) as shifts!(@half $t);
                    D::from_u64($e as u64)
                } else {
                    let $a = shifts!(@$t a);
                    D::from_u64($e as u64)
                }
            }
        }
        )* }
        use operations::*;
    };
    (@u64 $v:ident) => { $v.to_u64() };
    (@i64 $v:ident) => { $v.to_i64() };
    (@half u64) => { u32 };
    (@half i64) => { i32 };
}

shifts! {
    Sll |a: u64, n, _bits| a << n;
    Srl |a: u64, n, _bits| a >> n;
    Sra |a: i64, n, _bits| a >> n;
    // If the amount is 0, both parts are the value.
    Rol |a: u64, n, bits| a << n | a >> (bits.wrapping_sub(n) & (bits - 1));
    Ror |a: u64, n, bits| a >> n | a << (bits.wrapping_sub(n) & (bits - 1));
}

vector! {
    VsllVv |hart, p| same!(p, EachVector<Sll>);
    VsllVx |hart, p| same!(p, EachScalar<Sll>);
    VsllVi |hart, p| same!(p, EachScalar<Sll>);
    VsrlVv |hart, p| same!(p, EachVector<Srl>);
    VsrlVx |hart, p| same!(p, EachScalar<Srl>);
    VsrlVi |hart, p| same!(p, EachScalar<Srl>);
    VsraVv |hart, p| same!(p, EachVector<Sra>);
    VsraVx |hart, p| same!(p, EachScalar<Sra>);
    VsraVi |hart, p| same!(p, EachScalar<Sra>);
    VnsrlWv |hart, p| narrowing!(p, EachVector<Srl>);
    VnsrlWx |hart, p| narrowing!(p, EachScalar<Srl>);
    VnsrlWi |hart, p| narrowing!(p, EachScalar<Srl>);
    VnsraWv |hart, p| narrowing!(p, EachVector<Sra>);
    VnsraWx |hart, p| narrowing!(p, EachScalar<Sra>);
    VnsraWi |hart, p| narrowing!(p, EachScalar<Sra>);
    VwsllVv |hart, p| widening!(p, EachVector<Sll>);
    VwsllVx |hart, p| widening!(p, EachScalar<Sll>);
    VwsllVi |hart, p| widening!(p, EachScalar<Sll>);
    VrolVv |hart, p| same!(p, EachVector<Rol>);
    VrolVx |hart, p| same!(p, EachScalar<Rol>);
    VrorVv |hart, p| same!(p, EachVector<Ror>);
    VrorVx |hart, p| same!(p, EachScalar<Ror>);
    VrorVi |hart, p| same!(p, EachScalar<Ror>);
}
