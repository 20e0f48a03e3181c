//! Bit manipulation and carry-less multiplication (Vector Cryptography, "Zvbb", "Zvkb", "Zvbc").

use super::{Each, EachVector, Lane, same};
use crate::ops::vector::lanes::Elem;
use crate::ops::vector::{Kernel, Plan, Reason, kernel_for, vector};

/// Declares operations on one element by what they do to it as `u8`, `u16`, `u32` and `u64`.
macro_rules! unary {
    ($($op:ident |$a:ident| $e:expr;)*) => { $(
        struct $op;
        impl Lane for $op {
            #[inline(always)]
            fn of<D: Elem, A: Elem, B: Elem>(a: A, _: B, _: D) -> D {
                match A::SIZE {
                    1 => { let $a = a.to_u64() as u8; D::from_u64($e as u64) }
                    2 => { let $a = a.to_u64() as u16; D::from_u64($e as u64) }
                    4 => { let $a = a.to_u64() as u32; D::from_u64($e as u64) }
                    _ => { let $a = a.to_u64(); D::from_u64($e) }
                }
            }
        }
    )* };
}

unary! {
    Brev |a| a.reverse_bits();
    // Bytes swapped twice.
    Brev8 |a| a.reverse_bits().swap_bytes();
    Rev8 |a| a.swap_bytes();
    Clz |a| a.leading_zeros() as u64;
    Ctz |a| a.trailing_zeros() as u64;
    Cpop |a| a.count_ones() as u64;
}

/// The low half of a carry-less product.
struct Clmul;
impl Lane for Clmul {
    #[inline(always)]
    fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, _: D) -> D {
        let (a, b) = (a.to_u64(), b.to_u64());
        D::from_u64((0..64).fold(0, |r, k| r ^ (a << k & (b >> k & 1).wrapping_neg())))
    }
}

/// The high half.
struct Clmulh;
impl Lane for Clmulh {
    #[inline(always)]
    fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, _: D) -> D {
        let (a, b) = (a.to_u64(), b.to_u64());
        D::from_u64((1..64).fold(0, |r, k| r ^ (a >> (64 - k) & (b >> k & 1).wrapping_neg())))
    }
}

/// Carry-less multiplication exists for 64-bit elements only.
fn carry_less<O: Lane>(p: &Plan) -> Result<Kernel, Reason> {
    match p.sew {
        3 => Ok(kernel_for::<Each<O, u64, u64, u64, 2>, Each<O, u64, u64, u64, 8>>(p, p.span as usize)),
        sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
    }
}

vector! {
    VbrevV |hart, p| same!(p, EachVector<Brev>);
    Vbrev8V |hart, p| same!(p, EachVector<Brev8>);
    Vrev8V |hart, p| same!(p, EachVector<Rev8>);
    VclzV |hart, p| same!(p, EachVector<Clz>);
    VctzV |hart, p| same!(p, EachVector<Ctz>);
    VcpopV |hart, p| same!(p, EachVector<Cpop>);
    VclmulVv |hart, p| carry_less::<Clmul>(&p);
    VclmulVx |hart, p| carry_less::<Clmul>(&p);
    VclmulhVv |hart, p| carry_less::<Clmulh>(&p);
    VclmulhVx |hart, p| carry_less::<Clmulh>(&p);
}
