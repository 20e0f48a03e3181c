//! Kernels that make each element from the same element of their operands.

use core::marker::PhantomData;

use super::super::lanes::{Elem, blend, body_and_active, put_file, read, set_first, tail, take_file, write};
use super::super::sweep::sweep;
use super::super::{Body, Done, Plan, rest};
use super::{Op, rounding};
use crate::float::{Flags, Round};
use crate::hart::{File, Hart, Vector};
use crate::memory::{Memory, Ram};

/// vd[i] = vs2[i] op vs1[i], or of those and vd[i].
pub(crate) struct Vv<O, const N: usize>(PhantomData<O>);
/// vd[i] = vs2[i] op f[rs1], or of those and vd[i]; or of vs2[i] alone.
pub(crate) struct Vf<O, const N: usize>(PhantomData<O>);

impl<O: Op, const N: usize> Body for Vv<O, N> {
    const EXACT: bool = O::INEXACT;

    #[inline(always)]
    fn fast(hart: &mut Hart, _: Ram, p: &Plan) -> bool {
        quickly::<O, N, true>(hart, p, None)
    }

    #[inline(always)]
    fn fast_exact(hart: &mut Hart, p: &Plan) -> bool {
        quickly::<O, N, false>(hart, p, None)
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        if whole_chunks::<O, N, FMA>(hart, p, None) {
            return Ok(());
        }
        rest::<Finish<O, N, false>, FMA>(hart, memory, p)
    }
}

impl<O: Op, const N: usize> Body for Vf<O, N> {
    const EXACT: bool = O::INEXACT;

    #[inline(always)]
    fn fast(hart: &mut Hart, _: Ram, p: &Plan) -> bool {
        match O::scalar_if_boxed(hart.f(p.rs1)) {
            Some(b) => quickly::<O, N, true>(hart, p, Some(b)),
            None => false,
        }
    }

    #[inline(always)]
    fn fast_exact(hart: &mut Hart, p: &Plan) -> bool {
        match O::scalar_if_boxed(hart.f(p.rs1)) {
            Some(b) => quickly::<O, N, false>(hart, p, Some(b)),
            None => false,
        }
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let b = O::scalar(hart.f(p.rs1));
        if whole_chunks::<O, N, FMA>(hart, p, Some(b)) {
            return Ok(());
        }
        rest::<Finish<O, N, true>, FMA>(hart, memory, p)
    }
}

/// Whether an operation is done in lanes at a SIMD level. For elements of 16 bits, lanes are long: without wide registers they
/// would be much code and little gain.
const fn has_lanes<O: Op>(fma: bool) -> bool {
    O::FAST && (fma || O::A::SIZE > 2)
}

/// Elements of a chunk of the general kernels.
const GENERAL: usize = 8;

/// Whether everything is as it mostly is: rounding to nearest, no mask.
#[inline(always)]
fn usual<O: Op, const FMA: bool>(hart: &Hart, p: &Plan) -> bool {
    has_lanes::<O>(FMA) && p.plain && hart.fp_fast
}

/// The commonest case, alone, as far as quick tests find nothing. NX: it is set. `false`: the others remain, from element
/// `vstart` on.
#[inline(always)]
fn quickly<O: Op, const N: usize, const NX: bool>(hart: &mut Hart, p: &Plan, scalar: Option<O::B>) -> bool {
    let nx = hart.fflags & Flags::NX.bits() != 0;
    if !O::FAST || !hart.fp_fast || (O::INEXACT && nx != NX) || hart.v.vstart != 0 {
        return false;
    }
    let vl = hart.v.vl;
    let file = &mut hart.v.file;
    let left = match (NX, O::READS_VD) {
        (true, true) => sweep::<O::D, O::A, O::B, N, true>(file, p, vl, scalar, O::quick::<true>),
        (true, false) => sweep::<O::D, O::A, O::B, N, false>(file, p, vl, scalar, O::quick::<true>),
        (false, true) => sweep::<O::D, O::A, O::B, N, true>(file, p, vl, scalar, O::quick_exact::<true>),
        (false, false) => sweep::<O::D, O::A, O::B, N, false>(file, p, vl, scalar, O::quick_exact::<true>),
    };
    if left > 0 {
        hart.v.vstart = vl.wrapping_sub(left);
    }
    left == 0
}

/// The common case, as far as there are whole chunks without bad lanes. `false`: the others remain, from element `vstart` on.
#[inline(always)]
fn whole_chunks<O: Op, const N: usize, const FMA: bool>(hart: &mut Hart, p: &Plan, scalar: Option<O::B>) -> bool {
    if !usual::<O, FMA>(hart, p) || !hart.v.vstart.is_multiple_of(N) {
        return false;
    }
    // As a copy, it need not be looked at again after each store.
    let p = &{ *p };
    let vl = hart.v.vl;
    let nx = !O::INEXACT || hart.fflags & Flags::NX.bits() != 0;
    let mut file = take_file(&mut hart.v);
    let mut i = hart.v.vstart;
    while nx && i + N <= vl {
        let (a, b, c) = operands::<O, N>(&file, p, i, scalar);
        let (r, unclear) = lanes_of(a, b, c, O::quick::<FMA>);
        if unclear && chunk::<O, N, FMA, true>(a, b, c).1 {
            break;
        }
        file.set(p.vd as usize + i * O::D::SIZE, r);
        i += N;
    }
    while !nx && i + N <= vl {
        let (a, b, c) = operands::<O, N>(&file, p, i, scalar);
        let (r, unclear) = lanes_of(a, b, c, O::quick_exact::<FMA>);
        if unclear {
            let (_, bad, inexact) = chunk::<O, N, FMA, false>(a, b, c);
            if bad | inexact {
                break;
            }
        }
        file.set(p.vd as usize + i * O::D::SIZE, r);
        i += N;
    }
    put_file(&mut hart.v, file);
    hart.v.vstart = if i < vl { i } else { 0 };
    i >= vl
}

/// What is left of it: a part of a chunk, or everything in the general way.
struct Finish<O, const N: usize, const SCALAR: bool>(PhantomData<O>);

impl<O: Op, const N: usize, const SCALAR: bool> Body for Finish<O, N, SCALAR> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let scalar = if SCALAR { Some(O::scalar(hart.f(p.rs1))) } else { None };
        let (i, vl) = (hart.v.vstart, hart.v.vl);
        let nx = !O::INEXACT || hart.fflags & Flags::NX.bits() != 0;
        if usual::<O, FMA>(hart, p) && nx && i % N == 0 && i < vl && vl - i < N {
            // Lanes that do not count get operands that raise nothing.
            let on = (1u64 << (vl - i)) - 1;
            let (a, b, c) = operands::<O, N>(&hart.v.file, p, i, scalar);
            let (a, b) = (blend(on, a, [O::CALM.0; N]), blend(on, b, [O::CALM.1; N]));
            let (r, bad, _) = chunk::<O, N, FMA, true>(a, b, blend(on, c, [O::CALM.2; N]));
            if !bad {
                set_first(&mut hart.v.file, p.vd as usize + i * O::D::SIZE, vl - i, r);
                hart.v.vstart = 0;
                return Ok(());
            }
        }
        rest::<General<O, GENERAL, SCALAR>, FMA>(hart, memory, p)?;
        hart.v.vstart = 0;
        Ok(())
    }
}

/// The operands of a chunk, as they are for [`Op::exact`].
type Operands<O, const N: usize> = ([<O as Op>::A; N], [<O as Op>::B; N], [<O as Op>::D; N]);

/// The operands of a chunk.
#[inline(always)]
fn operands<O: Op, const N: usize>(file: &File, p: &Plan, i: usize, scalar: Option<O::B>) -> Operands<O, N> {
    let b = match scalar {
        Some(b) => [b; N],
        None => read(file, p.vs1, i),
    };
    (read(file, p.vs2, i), b, if O::READS_VD { read(file, p.vd, i) } else { [O::CALM.2; N] })
}

/// All cases.
struct General<O, const N: usize, const SCALAR: bool>(PhantomData<O>);

impl<O: Op, const N: usize, const SCALAR: bool> Body for General<O, N, SCALAR> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let scalar = if SCALAR { Some(O::scalar(hart.f(p.rs1))) } else { None };
        let rm = rounding(hart)?;
        if hart.v.vstart >= hart.v.vl {
            return Ok(());
        }
        let mut i = hart.v.vstart - hart.v.vstart % N;
        while has_lanes::<O>(FMA) && (rm == Round::Rne || !O::ROUNDS) && i < hart.v.vl {
            i = if !O::INEXACT || hart.fflags & Flags::NX.bits() != 0 {
                fast::<O, N, FMA, true>(&mut hart.v, p, i, scalar).0
            } else {
                let (i, inexact) = fast::<O, N, FMA, false>(&mut hart.v, p, i, scalar);
                if inexact {
                    hart.raise(Flags::NX);
                }
                i
            };
            // The chunk at `i` needs the soft code.
            if i < hart.v.vl {
                let flags = soft::<O, N>(&mut hart.v, p, i, scalar, rm);
                hart.raise(flags);
                i += N;
            }
        }
        let mut flags = Flags::empty();
        while i < hart.v.vl {
            flags |= soft::<O, N>(&mut hart.v, p, i, scalar, rm);
            i += N;
        }
        hart.raise(flags);
        tail::<O::D>(&mut hart.v, p);
        Ok(())
    }
}

/// Works on chunks from element `i` on, as far as the host's results hold. Returns the chunk that comes next, and whether
/// something was inexact.
#[inline(always)]
fn fast<O: Op, const N: usize, const FMA: bool, const NX: bool>(
    v: &mut Vector,
    p: &Plan,
    mut i: usize,
    scalar: Option<O::B>,
) -> (usize, bool) {
    let mut inexact = false;
    // Most unmasked instructions come here only until NX is set.
    if !NX && !p.masked && v.vstart == 0 {
        while i + N <= v.vl {
            let (a, b, c) = operands::<O, N>(&v.file, p, i, scalar);
            let (r, bad, nx) = chunk::<O, N, FMA, NX>(a, b, c);
            if bad {
                return (i, inexact);
            }
            inexact |= nx;
            v.file.set(p.vd as usize + i * O::D::SIZE, r);
            i += N;
        }
    }
    while i < v.vl {
        let (_, active) = body_and_active::<N>(v, p, i);
        // Lanes that do not count get operands that raise nothing.
        let (a, b, c) = operands::<O, N>(&v.file, p, i, scalar);
        let a = blend(active, a, [O::CALM.0; N]);
        let b = blend(active, b, [O::CALM.1; N]);
        let c = blend(active, c, [O::CALM.2; N]);
        let (r, bad, nx) = chunk::<O, N, FMA, NX>(a, b, c);
        if bad {
            return (i, inexact);
        }
        inexact |= nx;
        write(v, p, i, r);
        i += N;
    }
    (i, inexact)
}

/// A chunk of lanes: results, whether any is bad, whether any is inexact.
#[inline(always)]
fn chunk<O: Op, const N: usize, const FMA: bool, const NX: bool>(
    a: [O::A; N],
    b: [O::B; N],
    c: [O::D; N],
) -> ([O::D; N], bool, bool) {
    let mut r = c;
    let (mut bad, mut inexact) = (false, false);
    for k in 0..N {
        let (x, y, z) = O::lane::<FMA, NX>(a[k], b[k], c[k]);
        r[k] = x;
        bad |= y;
        inexact |= z;
    }
    (r, bad, inexact)
}

/// A chunk of lanes by a quick way: results, whether any needs the long one.
#[inline(always)]
fn lanes_of<A: Elem, B: Elem, D: Elem, const N: usize>(
    a: [A; N],
    b: [B; N],
    c: [D; N],
    f: impl Fn(A, B, D) -> (D, bool),
) -> ([D; N], bool) {
    let mut r = c;
    let mut unclear = false;
    for k in 0..N {
        let (x, y) = f(a[k], b[k], c[k]);
        r[k] = x;
        unclear |= y;
    }
    (r, unclear)
}

/// The soft code for the active elements of a chunk.
#[inline(never)]
fn soft<O: Op, const N: usize>(v: &mut Vector, p: &Plan, i: usize, scalar: Option<O::B>, rm: Round) -> Flags {
    let (_, active) = body_and_active::<N>(v, p, i);
    let (a, b, c) = operands::<O, N>(&v.file, p, i, scalar);
    let mut r = c;
    let mut flags = Flags::empty();
    for k in 0..N {
        if active >> k & 1 != 0 {
            let (x, raised) = O::exact(a[k], b[k], c[k], rm);
            r[k] = x;
            flags |= raised;
        }
    }
    write(v, p, i, r);
    flags
}
