//! Rows of elements through the operations of vectors: where these have lanes on the host, many elements at a time, and
//! exactly by the soft code where not. Both give the same bits and flags.

use crate::float::{Flags, Round};
use crate::ops::vector::Elem;
use crate::ops::vector::float::Op as ElementOp;

/// Elements that are done together.
const N: usize = 16;

/// Whether the host multiplies and adds in one instruction, without asking.
const FMA: bool = cfg!(target_arch = "aarch64");

/// The element in as many bytes.
#[inline(always)]
fn element<T: Elem>(bytes: &[u8]) -> T {
    let mut wide = [0; 8];
    wide[..T::SIZE].copy_from_slice(bytes);
    T::from_u64(u64::from_le_bytes(wide))
}

/// N elements from element `at` on; behind the end of the row, `calm` ones.
#[inline(always)]
fn load<T: Elem>(row: &[u8], at: usize, calm: T) -> [T; N] {
    let mut v = [calm; N];
    let from = &row[at * T::SIZE..];
    if let Some(all) = from.get(..N * T::SIZE) {
        for (v, bytes) in v.iter_mut().zip(all.chunks_exact(T::SIZE)) {
            *v = element(bytes);
        }
    } else {
        for (v, bytes) in v.iter_mut().zip(from.chunks_exact(T::SIZE)) {
            *v = element(bytes);
        }
    }
    v
}

/// Writes the elements from element `at` on, as far as the row goes.
#[inline(always)]
fn store<T: Elem>(row: &mut [u8], at: usize, v: [T; N]) {
    let to = &mut row[at * T::SIZE..];
    if let Some(all) = to.get_mut(..N * T::SIZE) {
        for (v, bytes) in v.iter().zip(all.chunks_exact_mut(T::SIZE)) {
            bytes.copy_from_slice(&v.to_u64().to_le_bytes()[..T::SIZE]);
        }
    } else {
        for (v, bytes) in v.iter().zip(to.chunks_exact_mut(T::SIZE)) {
            bytes.copy_from_slice(&v.to_u64().to_le_bytes()[..T::SIZE]);
        }
    }
}

/// N elements on the host: results, whether one of them is unknown, whether one is inexact.
#[inline(always)]
fn chunk<O: ElementOp, const NX: bool>(a: [O::A; N], b: [O::B; N]) -> ([O::D; N], bool, bool) {
    let (mut r, mut bad, mut inexact) = ([O::D::ZERO; N], [false; N], [false; N]);
    for k in 0..N {
        (r[k], bad[k], inexact[k]) = O::lane::<FMA, NX>(a[k], b[k], O::CALM.2);
    }
    let any = |them: [bool; N]| them.into_iter().fold(false, |any, one| any | one);
    (r, any(bad), any(inexact))
}

/// Fills `out` with the results of the operation on elements of `a` and `b`, which have as many; `b` is missing where there is
/// one operand. Flags accrue.
pub(super) fn row<O: ElementOp>(a: &[u8], b: Option<&[u8]>, out: &mut [u8], rm: Round, flags: &mut Flags) {
    let count = out.len() / O::D::SIZE;
    let lanes = O::FAST && (rm == Round::Rne || !O::ROUNDS);
    for at in (0..count).step_by(N) {
        let x = load(a, at, O::CALM.0);
        let y = match b {
            Some(b) => load(b, at, O::CALM.1),
            None => [O::CALM.1; N],
        };
        if lanes {
            let (r, bad, inexact) =
                if flags.contains(Flags::NX) { chunk::<O, true>(x, y) } else { chunk::<O, false>(x, y) };
            if !bad {
                flags.set(Flags::NX, inexact || flags.contains(Flags::NX));
                store(out, at, r);
                continue;
            }
        }
        let mut r = [O::D::ZERO; N];
        for (k, r) in r.iter_mut().enumerate().take(count - at) {
            let raised;
            (*r, raised) = O::exact(x[k], y[k], O::CALM.2, rm);
            *flags |= raised;
        }
        store(out, at, r);
    }
}
