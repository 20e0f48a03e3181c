//! Vector cryptography on element groups ("Vector Cryptography Extensions"): what its instructions have in common. The
//! algorithms are those of FIPS 197 (AES), FIPS 180-4 (SHA-2), SP 800-38D (GHASH) and GB/T 32905 and 32907 (SM3, SM4).

mod aes;
mod ghash;
mod sha2;
mod shangmi;

pub(crate) use aes::*;
pub(crate) use ghash::*;
pub(crate) use sha2::*;
pub(crate) use shangmi::*;

use core::marker::PhantomData;

use super::lanes::{Elem, read, tail_from};
use super::{Body, Done, Plan, illegal, rules};
use crate::hart::{File, Hart};
use crate::memory::Memory;

/// A function of groups of E elements.
trait GroupOp<T: Elem, const E: usize>: 'static {
    /// Whether there is a vs1.
    const READS_VS1: bool = false;
    /// Element 0 comes first, in the operands as in the result.
    fn of(vd: [T; E], vs2: [T; E], vs1: [T; E], imm: u32) -> [T; E];
}

/// vd[g] = op(vd[g], vs2[g], vs1[g]). SCALAR: vs2 is one element group for all.
struct Groups<O, T, const E: usize, const SCALAR: bool>(PhantomData<(O, T)>);

impl<O: GroupOp<T, E>, T: Elem, const E: usize, const SCALAR: bool> Body for Groups<O, T, E, SCALAR> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        each_group::<T, E>(
            hart,
            p,
            #[inline(always)]
            |file, i| {
                let vs2 = read::<T, E>(file, p.vs2, if SCALAR { 0 } else { i });
                let vs1 = if O::READS_VS1 { read::<T, E>(file, p.vs1, i) } else { [T::ZERO; E] };
                O::of(read::<T, E>(file, p.vd, i), vs2, vs1, p.imm as u32)
            },
        )
    }
}

/// Computes all element groups of the destination by `f` of the register file and the number of a group's first element.
#[inline(always)]
fn each_group<T: Elem, const E: usize>(hart: &mut Hart, p: &Plan, f: impl Fn(&File, usize) -> [T; E]) -> Done {
    if rules::whole_groups(hart, p.egs).is_err() {
        return illegal(hart);
    }
    let v = &mut hart.v;
    for i in (v.vstart..v.vl).step_by(E) {
        let r = f(&v.file, i);
        v.file.set(p.vd as usize + i * T::SIZE, r);
    }
    let vl = v.vl;
    tail_from(v, p, vl * T::SIZE);
    Ok(())
}

/// The kernel for groups of E 32-bit elements; others are illegal.
macro_rules! of_32 {
    ($p:expr, $op:ty, $e:literal $(, $scalar:literal)?) => {
        match $p.sew {
            2 => Ok($crate::ops::vector::kernel::<super::Groups<$op, u32, $e, { false $(|| $scalar)? }>>(&$p)),
            sew => Err($crate::ops::vector::Reason::Width { bits: 8 << (sew & 7) }),
        }
    };
}
use of_32;
