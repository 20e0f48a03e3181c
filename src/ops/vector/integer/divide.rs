//! Division, one element after the other (V, "Vector Integer Divide Instructions"): as the scalar instructions, a division by
//! zero gives all ones and the dividend as remainder, an overflow the dividend and 0.

use core::marker::PhantomData;

use super::{Lane, Source};
use crate::hart::Hart;
use crate::memory::Memory;
use crate::ops::vector::lanes::{Elem, each_element};
use crate::ops::vector::{Body, Done, Plan, Reason, kernel, vector};

/// Declares divisions by what they give for a divisor of zero, and otherwise.
macro_rules! divisions {
    ($($op:ident |$a:ident: $to:ident $wide:ident $narrow:ident, $b:ident| $zero:expr, $e:expr;)*) => { $(
        struct $op;
        impl Lane for $op {
            #[inline(always)]
            fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, _: D) -> D {
                let ($a, $b) = (a.$to(), b.$to());
                if $b == 0 {
                    return D::from_u64($zero as u64);
                }
                // Short divisions are much faster. Bytes and halfwords do not overflow in 32 bits, words wrap.
                if D::SIZE <= 4 {
                    let ($a, $b) = ($a as $narrow, $b as $narrow);
                    return D::from_u64($e as u64);
                }
                let ($a, $b) = ($a as $wide, $b as $wide);
                D::from_u64($e as u64)
            }
        }
    )* };
}

divisions! {
    Divu |a: to_u64 u64 u32, b| !0u64, a / b;
    Div |a: to_i64 i64 i32, b| !0u64, a.wrapping_div(b);
    Remu |a: to_u64 u64 u32, b| a, a % b;
    Rem |a: to_i64 i64 i32, b| a, a.wrapping_rem(b);
}

struct OneByOne<O, T>(PhantomData<(O, T)>);

impl<O: Lane, T: Elem> Body for OneByOne<O, T> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let second = Source::second::<T, 1>(hart, p);
        each_element::<T>(
            &mut hart.v,
            p,
            #[inline(always)]
            |v, i| {
                let [b] = second.chunk::<T, 1>(&v.file, i);
                O::of(v.file.get::<T>(p.vs2 as usize + i * T::SIZE), b, T::ZERO)
            },
        );
        Ok(())
    }
}

fn one_by_one<O: Lane>(p: &Plan) -> Result<crate::ops::vector::Kernel, Reason> {
    match p.sew {
        0 => Ok(kernel::<OneByOne<O, u8>>(p)),
        1 => Ok(kernel::<OneByOne<O, u16>>(p)),
        2 => Ok(kernel::<OneByOne<O, u32>>(p)),
        3 => Ok(kernel::<OneByOne<O, u64>>(p)),
        sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
    }
}

vector! {
    VdivuVv |hart, p| one_by_one::<Divu>(&p);
    VdivuVx |hart, p| one_by_one::<Divu>(&p);
    VdivVv |hart, p| one_by_one::<Div>(&p);
    VdivVx |hart, p| one_by_one::<Div>(&p);
    VremuVv |hart, p| one_by_one::<Remu>(&p);
    VremuVx |hart, p| one_by_one::<Remu>(&p);
    VremVv |hart, p| one_by_one::<Rem>(&p);
    VremVx |hart, p| one_by_one::<Rem>(&p);
}
