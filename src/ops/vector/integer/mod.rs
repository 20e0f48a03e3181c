//! Integer arithmetic: the shape of elementwise instructions, by family in the files below.
//!
//! An operation says what becomes of one element, in terms of the values that it is made of; a *form* says where they come
//! from. [`Each`] serves vectors, registers and immediates alike: scalars are spread into memory and read from there again and
//! again. [`EachVector`] and [`EachScalar`] are apart, for what is hot or much better off with a scalar in a register.

use core::marker::PhantomData;

use super::lanes::{Elem, each_chunk, read};
use super::plan::Second;
use super::sweep::sweep;
use super::{Body, Done, Plan};
use crate::hart::{File, Hart};
use crate::memory::{Memory, Ram};

mod arith;
mod bits;
mod carry;
mod compare;
mod divide;
mod dot;
mod fixed;
mod multiply;
mod shift;

pub(crate) use arith::*;
pub(crate) use bits::*;
pub(crate) use carry::*;
pub(crate) use compare::*;
pub(crate) use divide::*;
pub(crate) use dot::*;
pub(crate) use fixed::*;
pub(crate) use multiply::*;
pub(crate) use shift::*;

/// An elementwise operation: `a` comes from vs2, `b` from vs1, rs1 or the immediate, `d` from vd. Each may be of another
/// width; a result is cut to that of vd.
pub(crate) trait Lane: 'static {
    /// Whether `d` is needed.
    const READS_VD: bool = false;
    fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, d: D) -> D;
}

/// Where the elements of the second source are: element `i` at `at + (i * size & step)`.
#[derive(Clone, Copy)]
struct Source {
    at: usize,
    step: usize,
}

impl Source {
    /// The second source of an instruction; spreads a scalar over the scratch memory.
    #[inline(always)]
    fn second<B: Elem, const N: usize>(hart: &mut Hart, p: &Plan) -> Source {
        if p.second == Second::Vector {
            return Source { at: p.vs1 as usize, step: !0 };
        }
        let at = hart.v.file.scratch();
        let b = scalar::<B>(hart, p);
        hart.v.file.set(at, [b; N]);
        Source { at, step: 0 }
    }

    /// N elements from element `i` on.
    #[inline(always)]
    fn chunk<B: Elem, const N: usize>(self, file: &File, i: usize) -> [B; N] {
        file.get(self.at + ((i * B::SIZE) & self.step))
    }
}

/// The scalar that is the second source.
#[inline(always)]
fn scalar<B: Elem>(hart: &Hart, p: &Plan) -> B {
    match p.second {
        Second::Immediate => B::from_u64(p.imm as i64 as u64),
        _ => B::from_u64(hart.x(p.rs1)),
    }
}

/// Does all elements, given the second source of each chunk.
#[inline(always)]
fn elementwise<O: Lane, D: Elem, A: Elem, B: Elem, const N: usize>(
    hart: &mut Hart,
    p: &Plan,
    second: impl Fn(&File, usize) -> [B; N],
) -> Done {
    each_chunk::<D, N>(
        &mut hart.v,
        p,
        #[inline(always)]
        |file, i| {
            let (a, b) = (read::<A, N>(file, p.vs2, i), second(file, i));
            let d = if O::READS_VD { read::<D, N>(file, p.vd, i) } else { [D::ZERO; N] };
            let mut r = d;
            for k in 0..N {
                r[k] = O::of(a[k], b[k], d[k]);
            }
            r
        },
    );
    Ok(())
}

/// vd[i] = vs2[i] op (vs1[i] or scalar), for destinations of D, vs2 of A, the others of B.
pub(crate) struct Each<O, D, A, B, const N: usize>(PhantomData<(O, D, A, B)>);
/// vd[i] = vs2[i] op vs1[i]
pub(crate) struct EachVector<O, D, A, B, const N: usize>(PhantomData<(O, D, A, B)>);
/// vd[i] = vs2[i] op scalar
pub(crate) struct EachScalar<O, D, A, B, const N: usize>(PhantomData<(O, D, A, B)>);

impl<O: Lane, D: Elem, A: Elem, B: Elem, const N: usize> Body for Each<O, D, A, B, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let b = Source::second::<B, N>(hart, p);
        elementwise::<O, D, A, B, N>(
            hart,
            p,
            #[inline(always)]
            |file, i| b.chunk(file, i),
        )
    }
}

/// The commonest case.
#[inline(always)]
fn quickly<O: Lane, D: Elem, A: Elem, B: Elem, const N: usize>(hart: &mut Hart, p: &Plan, scalar: Option<B>) -> bool {
    let vl = hart.v.vl;
    let left = match O::READS_VD {
        true => sweep::<D, A, B, N, true>(&mut hart.v.file, p, vl, scalar, clear::<O, D, A, B>),
        false => sweep::<D, A, B, N, false>(&mut hart.v.file, p, vl, scalar, clear::<O, D, A, B>),
    };
    left == 0
}

/// An element, which is never unclear.
#[inline(always)]
fn clear<O: Lane, D: Elem, A: Elem, B: Elem>(a: A, b: B, d: D) -> (D, bool) {
    (O::of(a, b, d), false)
}

impl<O: Lane, D: Elem, A: Elem, B: Elem, const N: usize> Body for EachVector<O, D, A, B, N> {
    #[inline(always)]
    fn fast(hart: &mut Hart, _: Ram, p: &Plan) -> bool {
        quickly::<O, D, A, B, N>(hart, p, None)
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        elementwise::<O, D, A, B, N>(
            hart,
            p,
            #[inline(always)]
            |file, i| read(file, p.vs1, i),
        )
    }
}

impl<O: Lane, D: Elem, A: Elem, B: Elem, const N: usize> Body for EachScalar<O, D, A, B, N> {
    #[inline(always)]
    fn fast(hart: &mut Hart, _: Ram, p: &Plan) -> bool {
        quickly::<O, D, A, B, N>(hart, p, Some(scalar(hart, p)))
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let b = [scalar::<B>(hart, p); N];
        elementwise::<O, D, A, B, N>(
            hart,
            p,
            #[inline(always)]
            |_, _| b,
        )
    }
}

/// Defines operations by what they do to `a`, `b` and perhaps `d`, seen as `u64` zero-extended (`u`) or `i64` sign-extended
/// (`s`): `Add |a: u, b: u| a.wrapping_add(b);`
macro_rules! lanes {
    ($($op:ident |$a:ident: $ka:ident, $b:ident: $kb:ident $(, $d:ident: $kd:ident)?| $e:expr;)*) => {
        /// The operations; their names are those of scalar instructions, and not for everybody.
        pub(crate) mod operations { use super::*; $(
        pub(crate) struct $op;
        impl $crate::ops::vector::integer::Lane for $op {
            $(const READS_VD: bool = { let $d = true; $d };)?
            #[inline(always)]
            #[allow(unused_variables)]
            fn of<D: Elem, A: Elem, B: Elem>(a: A, b: B, d: D) -> D {
                let ($a, $b) = (lanes!(@$ka a), lanes!(@$kb b));
                $(let $d = lanes!(@$kd d);)?
                D::from_u64($e as u64)
            }
        }
        )* }
        use operations::*;
    };
    (@u $v:ident) => { $v.to_u64() };
    (@s $v:ident) => { $v.to_i64() };
}
use lanes;

/// The kernel of a body whose operands all have SEW: `same!(p, Each<Add>)`.
macro_rules! same {
    ($p:expr, $body:ident<$op:ty>) => {{
        use $crate::ops::vector::{Reason, kernel_for};
        let bytes = $p.span as usize;
        match $p.sew {
            0 => Ok(kernel_for::<$body<$op, u8, u8, u8, 16>, $body<$op, u8, u8, u8, 64>>(&$p, bytes)),
            1 => Ok(kernel_for::<$body<$op, u16, u16, u16, 8>, $body<$op, u16, u16, u16, 32>>(&$p, bytes)),
            2 => Ok(kernel_for::<$body<$op, u32, u32, u32, 4>, $body<$op, u32, u32, u32, 16>>(&$p, bytes)),
            3 => Ok(kernel_for::<$body<$op, u64, u64, u64, 2>, $body<$op, u64, u64, u64, 8>>(&$p, bytes)),
            sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
        }
    }};
}
use same;

/// The kernel of a body with two widths, the wider one W = 2 SEW: `mixed!(p, Each<Add, W, T, T>, bytes)` has a wide destination.
/// A wide group has so many bytes; its small chunks are of 32, those of the narrow ones of 16.
macro_rules! mixed {
    ($p:expr, $body:ident<$op:ty, $d:ident, $a:ident, $b:ident>, $bytes:expr) => {{
        use $crate::ops::vector::{Reason, kernel_for};
        let bytes = $bytes as usize;
        match $p.sew {
            0 => {
                type T = u8;
                type W = u16;
                Ok(kernel_for::<$body<$op, $d, $a, $b, 16>, $body<$op, $d, $a, $b, 32>>(&$p, bytes))
            }
            1 => {
                type T = u16;
                type W = u32;
                Ok(kernel_for::<$body<$op, $d, $a, $b, 8>, $body<$op, $d, $a, $b, 16>>(&$p, bytes))
            }
            2 => {
                type T = u32;
                type W = u64;
                Ok(kernel_for::<$body<$op, $d, $a, $b, 4>, $body<$op, $d, $a, $b, 8>>(&$p, bytes))
            }
            sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
        }
    }};
}
use mixed;

/// The kernel of a body with a wide destination and narrow sources.
macro_rules! widening {
    ($p:expr, $body:ident<$op:ty>) => { mixed!($p, $body<$op, W, T, T>, $p.span) };
}
use widening;

/// The kernel of a body with a wide vs2.
macro_rules! narrowing {
    ($p:expr, $body:ident<$op:ty>) => { mixed!($p, $body<$op, T, W, T>, 2 * $p.span) };
}
use narrowing;

/// Names for bodies that get handlers of their own, by the elements of a chunk.
pub(crate) mod hot {
    use super::arith::operations::{Add, And, First, FirstSigned, Max, Min, Or, Second, Sub, Xor};
    use super::multiply::operations::{Macc, MaccSigned, Mul, MulSigned};
    use super::shift::operations::{Sll, Sra, Srl};
    use super::{EachScalar, EachVector};

    macro_rules! names {
        ($($name:ident $body:ident<$op:ident, $d:ident, $a:ident, $b:ident>;)*) => {
            $(pub(crate) type $name<const N: usize> = $body<$op, $d, $a, $b, N>;)*
        };
    }
    names! {
        AddVv8 EachVector<Add, u8, u8, u8>;
        AddVx8 EachScalar<Add, u8, u8, u8>;
        SubVv8 EachVector<Sub, u8, u8, u8>;
        AndVv8 EachVector<And, u8, u8, u8>;
        OrVv8 EachVector<Or, u8, u8, u8>;
        XorVv8 EachVector<Xor, u8, u8, u8>;
        MoveX8 EachScalar<Second, u8, u8, u8>;
        MoveVv8 EachVector<Second, u8, u8, u8>;
        WmaccVv8 EachVector<MaccSigned, u16, u8, u8>;
        WmaccVx8 EachScalar<MaccSigned, u16, u8, u8>;
        WmulVv8 EachVector<MulSigned, u16, u8, u8>;
        WmulVx8 EachScalar<MulSigned, u16, u8, u8>;
        AddVv16 EachVector<Add, u16, u16, u16>;
        AddVx16 EachScalar<Add, u16, u16, u16>;
        MoveX16 EachScalar<Second, u16, u16, u16>;
        MaccVv16 EachVector<Macc, u16, u16, u16>;
        MaccVx16 EachScalar<Macc, u16, u16, u16>;
        MulVv16 EachVector<Mul, u16, u16, u16>;
        MulVx16 EachScalar<Mul, u16, u16, u16>;
        AddVv32 EachVector<Add, u32, u32, u32>;
        AddVx32 EachScalar<Add, u32, u32, u32>;
        SubVv32 EachVector<Sub, u32, u32, u32>;
        SubVx32 EachScalar<Sub, u32, u32, u32>;
        MulVv32 EachVector<Mul, u32, u32, u32>;
        MulVx32 EachScalar<Mul, u32, u32, u32>;
        MaccVv32 EachVector<Macc, u32, u32, u32>;
        MaccVx32 EachScalar<Macc, u32, u32, u32>;
        AndVv32 EachVector<And, u32, u32, u32>;
        AndVx32 EachScalar<And, u32, u32, u32>;
        OrVv32 EachVector<Or, u32, u32, u32>;
        XorVv32 EachVector<Xor, u32, u32, u32>;
        SllVx32 EachScalar<Sll, u32, u32, u32>;
        SrlVx32 EachScalar<Srl, u32, u32, u32>;
        SraVx32 EachScalar<Sra, u32, u32, u32>;
        MinVv32 EachVector<Min, u32, u32, u32>;
        MaxVv32 EachVector<Max, u32, u32, u32>;
        MaxVx32 EachScalar<Max, u32, u32, u32>;
        MoveX32 EachScalar<Second, u32, u32, u32>;
        MoveVv32 EachVector<Second, u32, u32, u32>;
        Zext4Of32 EachVector<First, u32, u8, u8>;
        Zext2Of32 EachVector<First, u32, u16, u8>;
        Sext4Of32 EachVector<FirstSigned, u32, u8, u8>;
        Sext2Of32 EachVector<FirstSigned, u32, u16, u8>;
        WmaccVv16 EachVector<MaccSigned, u32, u16, u16>;
        WmaccVx16 EachScalar<MaccSigned, u32, u16, u16>;
        AddVv64 EachVector<Add, u64, u64, u64>;
        AddVx64 EachScalar<Add, u64, u64, u64>;
        SubVv64 EachVector<Sub, u64, u64, u64>;
        SllVx64 EachScalar<Sll, u64, u64, u64>;
        SrlVx64 EachScalar<Srl, u64, u64, u64>;
        MoveX64 EachScalar<Second, u64, u64, u64>;
        MoveVv64 EachVector<Second, u64, u64, u64>;
    }
}
