//! Comparisons, whose results are masks (V, "Vector Integer Compare Instructions").
//!
//! The mask may replace a source, or v0 that masks the instruction: bits of a chunk never lie beyond what it has read.

use core::marker::PhantomData;

use super::Source;
use crate::hart::Hart;
use crate::memory::Memory;
use crate::ops::vector::lanes::{Elem, each_mask_chunk, pack, read};
use crate::ops::vector::{Body, Done, Kernel, Plan, Reason, kernel_for, vector};

/// A relation of two elements: `a` from vs2, `b` from vs1, rs1 or the immediate.
trait Relation: 'static {
    fn holds<T: Elem>(a: T, b: T) -> bool;
}

macro_rules! relations {
    ($($op:ident |$a:ident, $b:ident| $to:ident $e:expr;)*) => { $(
        struct $op;
        impl Relation for $op {
            #[inline(always)]
            fn holds<T: Elem>(a: T, b: T) -> bool {
                let ($a, $b) = (a.$to(), b.$to());
                $e
            }
        }
    )* };
}

relations! {
    Eq |a, b| to_u64 a == b;
    Ne |a, b| to_u64 a != b;
    Ltu |a, b| to_u64 a < b;
    Lt |a, b| to_i64 a < b;
    Leu |a, b| to_u64 a <= b;
    Le |a, b| to_i64 a <= b;
    Gtu |a, b| to_u64 a > b;
    Gt |a, b| to_i64 a > b;
}

struct Compare<O, T, const N: usize>(PhantomData<(O, T)>);

impl<O: Relation, T: Elem, const N: usize> Body for Compare<O, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let second = Source::second::<T, N>(hart, p);
        each_mask_chunk::<N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| {
                let (a, b) = (read::<T, N>(file, p.vs2, i), second.chunk::<T, N>(file, i));
                let mut r = [0; N];
                for k in 0..N {
                    r[k] = O::holds(a[k], b[k]) as u8;
                }
                pack(r)
            },
        );
        Ok(())
    }
}

/// Bytes of a source group, for instructions with a mask as destination.
pub(super) fn source_bytes(p: &Plan) -> usize {
    (p.span as usize) << p.lmul.max(0)
}

fn compare<O: Relation>(p: &Plan) -> Result<Kernel, Reason> {
    let bytes = source_bytes(p);
    match p.sew {
        0 => Ok(kernel_for::<Compare<O, u8, 16>, Compare<O, u8, 64>>(p, bytes)),
        1 => Ok(kernel_for::<Compare<O, u16, 8>, Compare<O, u16, 32>>(p, bytes)),
        2 => Ok(kernel_for::<Compare<O, u32, 4>, Compare<O, u32, 16>>(p, bytes)),
        3 => Ok(kernel_for::<Compare<O, u64, 2>, Compare<O, u64, 8>>(p, bytes)),
        sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
    }
}

vector! {
    VmseqVv |hart, p| compare::<Eq>(&p);
    VmseqVx |hart, p| compare::<Eq>(&p);
    VmseqVi |hart, p| compare::<Eq>(&p);
    VmsneVv |hart, p| compare::<Ne>(&p);
    VmsneVx |hart, p| compare::<Ne>(&p);
    VmsneVi |hart, p| compare::<Ne>(&p);
    VmsltuVv |hart, p| compare::<Ltu>(&p);
    VmsltuVx |hart, p| compare::<Ltu>(&p);
    VmsltVv |hart, p| compare::<Lt>(&p);
    VmsltVx |hart, p| compare::<Lt>(&p);
    VmsleuVv |hart, p| compare::<Leu>(&p);
    VmsleuVx |hart, p| compare::<Leu>(&p);
    VmsleuVi |hart, p| compare::<Leu>(&p);
    VmsleVv |hart, p| compare::<Le>(&p);
    VmsleVx |hart, p| compare::<Le>(&p);
    VmsleVi |hart, p| compare::<Le>(&p);
    VmsgtuVx |hart, p| compare::<Gtu>(&p);
    VmsgtuVi |hart, p| compare::<Gtu>(&p);
    VmsgtVx |hart, p| compare::<Gt>(&p);
    VmsgtVi |hart, p| compare::<Gt>(&p);
}
