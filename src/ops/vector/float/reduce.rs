//! Reductions (V, "Vector Single-Width Floating-Point Reduction Instructions", "Vector Widening Floating-Point Reduction
//! Instructions"). If no element is active, the scalar in vs1 is copied as it is.

use core::marker::PhantomData;

use super::super::lanes::{body_and_active, read};
use super::super::permute::set_first;
use super::super::{Body, Done, Plan, Reason, kernel, vector};
use super::arith::{Fadd, Fmax, Fmin};
use super::widen::{Widen, exactly};
use super::{FloatOp, LaneFormat, by_format, need, rounding};
use crate::float::{self, Bits, F16, F32, F64, Flags, Format, Round};
use crate::hart::{Hart, ReductionOrder, Vector};
use crate::memory::Memory;

/// vd[0] = vs1[0] + the elements of vs2, each widened to D.
struct Sum<S, D, const N: usize>(PhantomData<(S, D)>);
/// The same, in the order that the machine is set to.
struct UnorderedSum<S, D, const N: usize>(PhantomData<(S, D)>);

impl<S: Widen<D>, D: LaneFormat, const N: usize> Body for Sum<S, D, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let rm = rounding(hart)?;
        if hart.v.vl != 0 {
            sum::<S, D, N>(hart, p, rm);
        }
        Ok(())
    }
}

impl<S: Widen<D>, D: LaneFormat + Widen<D>, const N: usize> Body for UnorderedSum<S, D, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let rm = rounding(hart)?;
        if hart.v.vl == 0 {
            return Ok(());
        }
        match hart.v.config.reductions {
            ReductionOrder::Sequential => sum::<S, D, N>(hart, p, rm),
            ReductionOrder::Tree => tree::<S, D, N>(hart, p, rm),
        }
        Ok(())
    }
}

/// Adds in element order.
#[inline(always)]
fn sum<S: Widen<D>, D: LaneFormat, const N: usize>(hart: &mut Hart, p: &Plan, rm: Round) {
    let start = hart.v.file.get::<D::Bits>(p.vs1 as usize);
    let (v, fast) = (&hart.v, rm == Round::Rne);
    let (result, flags) = if fast && hart.fflags & Flags::NX.bits() != 0 {
        sequence::<S, D, N, true>(v, p, start, fast, rm)
    } else {
        sequence::<S, D, N, false>(v, p, start, fast, rm)
    };
    set_first(&mut hart.v, p, result);
    hart.raise(flags);
}

#[inline(always)]
fn sequence<S: Widen<D>, D: LaneFormat, const N: usize, const NX: bool>(
    v: &Vector,
    p: &Plan,
    start: D::Bits,
    fast: bool,
    rm: Round,
) -> (D::Bits, Flags) {
    let (mut result, mut flags) = (start, Flags::empty());
    let mut i = 0;
    if !p.masked {
        while i + N <= v.vl {
            for e in read::<S::Bits, N>(&v.file, p.vs2, i) {
                result = plus::<S, D, NX>(result, e, fast, rm, &mut flags);
            }
            i += N;
        }
    }
    while i < v.vl {
        let (_, active) = body_and_active::<N>(v, p, i);
        for (k, e) in read::<S::Bits, N>(&v.file, p.vs2, i).into_iter().enumerate() {
            if active >> k & 1 != 0 {
                result = plus::<S, D, NX>(result, e, fast, rm, &mut flags);
            }
        }
        i += N;
    }
    (result, flags)
}

/// `a + b`, on the host if possible.
#[inline(always)]
fn plus<S: Widen<D>, D: LaneFormat, const NX: bool>(
    a: D::Bits,
    b: S::Bits,
    fast: bool,
    rm: Round,
    flags: &mut Flags,
) -> D::Bits {
    if fast {
        let (term, bad_term) = S::widen(b);
        let (r, bad, inexact) = D::lane::<Fadd, false, NX>(a, term, D::ONE);
        if !(bad | bad_term) {
            if inexact {
                *flags |= Flags::NX;
            }
            return r;
        }
    }
    exact_plus::<S, D>(a, b, rm, flags)
}

#[cold]
fn exact_plus<S: Format, D: Format>(a: D::Bits, b: S::Bits, rm: Round, flags: &mut Flags) -> D::Bits {
    let (term, flags_term) = exactly::<S, D>(b);
    let (r, raised) = float::add::<D>(a, term, rm);
    *flags |= raised | flags_term;
    r
}

/// Adds as [`ReductionOrder::Tree`] says.
#[inline(never)]
fn tree<S: Widen<D>, D: LaneFormat + Widen<D>, const N: usize>(hart: &mut Hart, p: &Plan, rm: Round) {
    let (v, fast) = (&hart.v, rm == Round::Rne);
    let start = v.file.get::<D::Bits>(p.vs1 as usize);
    let mut flags = Flags::empty();
    let identity = D::Bits::from_u64(if rm == Round::Rdn { 0 } else { D::SIGN });
    let mut terms = vec![identity; v.vl.next_power_of_two()];
    let mut any = false;
    for i in (0..v.vl).step_by(N) {
        let (_, active) = body_and_active::<N>(v, p, i);
        any |= active != 0;
        for (k, e) in read::<S::Bits, N>(&v.file, p.vs2, i).into_iter().enumerate() {
            if let Some(term) = terms.get_mut(i + k).filter(|_| active >> k & 1 != 0) {
                let (value, raised) = exactly::<S, D>(e);
                *term = value;
                flags |= raised;
            }
        }
    }
    if !any {
        return set_first(&mut hart.v, p, start);
    }
    let mut n = terms.len();
    while n > 1 {
        n /= 2;
        let (low, high) = terms.split_at_mut(n);
        for (a, b) in low.iter_mut().zip(&high[..n]) {
            *a = plus::<D, D, false>(*a, *b, fast, rm, &mut flags);
        }
    }
    let result = plus::<D, D, false>(start, terms[0], fast, rm, &mut flags);
    set_first(&mut hart.v, p, result);
    hart.raise(flags);
}

/// vd[0] = the least or greatest of vs1[0] and the elements of vs2.
struct Extreme<O, F, const N: usize>(PhantomData<(O, F)>);

impl<O: FloatOp, F: LaneFormat, const N: usize> Body for Extreme<O, F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        if hart.v.vl == 0 {
            return Ok(());
        }
        let start = hart.v.file.get::<F::Bits>(p.vs1 as usize);
        let (result, flags) = match extreme::<O, F, N>(&hart.v, p, start) {
            Some(result) => (result, Flags::empty()),
            None => exact_extreme::<O, F>(&hart.v, p, start),
        };
        set_first(&mut hart.v, p, result);
        hart.raise(flags);
        Ok(())
    }
}

/// N running results at a time, which does not change the outcome as long as there is no NaN.
#[inline(always)]
fn extreme<O: FloatOp, F: LaneFormat, const N: usize>(v: &Vector, p: &Plan, start: F::Bits) -> Option<F::Bits> {
    let (mut best, mut bad) = ([start; N], false);
    let mut i = 0;
    while i < v.vl {
        let (_, active) = body_and_active::<N>(v, p, i);
        let a = read::<F::Bits, N>(&v.file, p.vs2, i);
        for k in 0..N {
            let e = if active >> k & 1 != 0 { a[k] } else { start };
            let (r, nan, _) = F::lane::<O, false, true>(best[k], e, start);
            best[k] = r;
            bad |= nan;
        }
        i += N;
    }
    if bad {
        return None;
    }
    let mut n = N / 2;
    while n > 0 {
        for k in 0..n {
            best[k] = F::lane::<O, false, true>(best[k], best[k + n], start).0;
        }
        n /= 2;
    }
    Some(best[0])
}

#[inline(never)]
fn exact_extreme<O: FloatOp, F: LaneFormat>(v: &Vector, p: &Plan, start: F::Bits) -> (F::Bits, Flags) {
    let (mut result, mut flags) = (start, Flags::empty());
    for i in 0..v.vl {
        let (_, active) = body_and_active::<8>(v, p, i - i % 8);
        if active >> (i % 8) & 1 != 0 {
            let [e] = read::<F::Bits, 1>(&v.file, p.vs2, i);
            let (r, raised) = O::exact::<F>(result, e, F::ONE, Round::Rne);
            result = r;
            flags |= raised;
        }
    }
    (result, flags)
}

/// The kernel for a sum within one format.
macro_rules! sums {
    ($p:expr, $hart:expr, $body:ident) => {
        need($hart, $p.sew).map(|()| match $p.sew {
            1 => kernel::<$body<F16, F16, 16>>(&$p),
            2 => kernel::<$body<F32, F32, 16>>(&$p),
            _ => kernel::<$body<F64, F64, 8>>(&$p),
        })
    };
}

/// The kernel for a sum in a format of twice the width.
macro_rules! wide_sums {
    ($p:expr, $hart:expr, $body:ident) => {
        need($hart, $p.sew).and_then(|()| need($hart, $p.sew + 1)).map(|()| match $p.sew {
            1 => kernel::<$body<F16, F32, 16>>(&$p),
            _ => kernel::<$body<F32, F64, 8>>(&$p),
        })
    };
}

vector! {
    VfredosumVs |hart, p| sums!(p, hart, Sum);
    VfredusumVs |hart, p| sums!(p, hart, UnorderedSum);
    VfwredosumVs |hart, p| wide_sums!(p, hart, Sum);
    VfwredusumVs |hart, p| wide_sums!(p, hart, UnorderedSum);
    VfredminVs |hart, p| by_format!(p, hart, Extreme<Fmin>);
    VfredmaxVs |hart, p| by_format!(p, hart, Extreme<Fmax>);
}
