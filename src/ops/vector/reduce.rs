//! Integer reductions (V, "Vector Single-Width Integer Reduction Instructions" and the widening ones). Their operations are
//! associative and commutative: as many partial results as a chunk has lanes, brought together at the end.

use core::marker::PhantomData;

use super::lanes::{Elem, blend, body_and_active, read, tail_from};
use super::{Body, Done, Plan, Reason, by_sew, kernel, vector};
use crate::hart::{Hart, Vector};
use crate::memory::Memory;

/// An operation that brings two elements together.
trait Fold: 'static {
    /// What changes nothing.
    fn identity<T: Elem>() -> T;
    fn of<T: Elem>(a: T, b: T) -> T;
}

/// vd[0] = vs1[0] op vs2[*].
struct Reduction<O, T, const N: usize>(PhantomData<(O, T)>);

impl<O: Fold, T: Elem, const N: usize> Body for Reduction<O, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        reduce::<O, T, T, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |e| e,
        );
        Ok(())
    }
}

/// vd[0] = vs1[0] + zero-extended (or sign-extended) vs2[*].
struct WideSum<T, W, const SIGNED: bool, const N: usize>(PhantomData<(T, W)>);

impl<T: Elem, W: Elem, const SIGNED: bool, const N: usize> Body for WideSum<T, W, SIGNED, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        reduce::<Sum, T, W, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |e| W::from_u64(if SIGNED { e.to_i64() as u64 } else { e.to_u64() }),
        );
        Ok(())
    }
}

/// Reduces elements T, each extended to a W. The destination may be a source, and the mask: it is written last.
#[inline(always)]
fn reduce<O: Fold, T: Elem, W: Elem, const N: usize>(v: &mut Vector, p: &Plan, extend: impl Fn(T) -> W) {
    if v.vl == 0 {
        return;
    }
    let mut lanes = [O::identity::<W>(); N];
    let mut i = 0;
    while i + N <= v.vl && !p.masked {
        let chunk = read::<T, N>(&v.file, p.vs2, i);
        for k in 0..N {
            lanes[k] = O::of(lanes[k], extend(chunk[k]));
        }
        i += N;
    }
    while i < v.vl {
        let (_, active) = body_and_active::<N>(v, p, i);
        let chunk = read::<T, N>(&v.file, p.vs2, i);
        let mut wide = lanes;
        for k in 0..N {
            wide[k] = O::of(lanes[k], extend(chunk[k]));
        }
        lanes = blend(active, wide, lanes);
        i += N;
    }
    let mut width = N / 2;
    while width > 0 {
        for k in 0..width {
            lanes[k] = O::of(lanes[k], lanes[k + width]);
        }
        width /= 2;
    }
    let r = O::of(v.file.get::<W>(p.vs1 as usize), lanes[0]);
    v.file.set(p.vd as usize, r);
    tail_from(v, p, W::SIZE);
}

/// Defines reductions by their operation on `u64` zero-extended (`unsigned`) or `i64` sign-extended (`signed`), and its identity.
macro_rules! reduction {
    ($($op:ident $name:ident $kind:ident |$a:ident, $b:ident| $e:expr, $identity:expr;)*) => { $(
        struct $op;
        impl Fold for $op {
            #[inline(always)]
            fn identity<T: Elem>() -> T { let f: fn(u32) -> u64 = $identity; T::from_u64(f(8 * T::SIZE as u32)) }
            #[inline(always)]
            fn of<T: Elem>(x: T, y: T) -> T {
                let ($a, $b) = reduction!(@$kind x y);
                T::from_u64($e as u64)
            }
        }
        vector! { $name |hart, p| by_sew!(p, Reduction<$op>); }
    )* };
    (@unsigned $x:ident $y:ident) => { ($x.to_u64(), $y.to_u64()) };
    (@signed $x:ident $y:ident) => { ($x.to_i64(), $y.to_i64()) };
}

reduction! {
    Sum VredsumVs unsigned |a, b| a.wrapping_add(b), |_| 0;
    And VredandVs unsigned |a, b| a & b, |_| !0;
    Or VredorVs unsigned |a, b| a | b, |_| 0;
    Xor VredxorVs unsigned |a, b| a ^ b, |_| 0;
    Minu VredminuVs unsigned |a, b| a.min(b), |_| !0;
    Maxu VredmaxuVs unsigned |a, b| a.max(b), |_| 0;
    Min VredminVs signed |a, b| a.min(b), |bits| !0 >> (65 - bits);
    Max VredmaxVs signed |a, b| a.max(b), |bits| 1 << (bits - 1);
}

macro_rules! by_narrow_sew {
    ($p:expr, $signed:literal) => {
        match $p.sew {
            0 => Ok(kernel::<WideSum<u8, u16, $signed, 32>>(&$p)),
            1 => Ok(kernel::<WideSum<u16, u32, $signed, 16>>(&$p)),
            2 => Ok(kernel::<WideSum<u32, u64, $signed, 16>>(&$p)),
            sew => Err(Reason::Width { bits: 8 << (sew & 7) }),
        }
    };
}

vector! {
    VwredsumuVs |hart, p| by_narrow_sew!(p, false);
    VwredsumVs |hart, p| by_narrow_sew!(p, true);
}
