//! The commonest case of elementwise instructions: no mask, everything from element 0 to `vl`. It calls nothing and panics
//! nowhere, so that handlers can contain it.

use super::Plan;
use super::lanes::Elem;
use crate::hart::{File, Groups, first};

/// M chunks of N lanes from the present element on: results, and whether one of the elements is unclear. READS: of vd. PART:
/// there are fewer elements than N.
#[inline(always)]
fn step<D: Elem, A: Elem, B: Elem, const N: usize, const M: usize, const READS: bool, const PART: bool>(
    g: Groups<'_, D, A, B>,
    scalar: Option<B>,
    f: &impl Fn(A, B, D) -> (D, bool),
) -> ([[D; N]; M], bool) {
    let a = g.b::<[[A; N]; M]>(0);
    let b = match scalar {
        Some(b) => [[b; N]; M],
        None => g.c(0),
    };
    let d = if READS || PART { g.a(0) } else { [[D::ZERO; N]; M] };
    let on = if PART { first::<D, N>(g.left()) } else { [D::ONES; N] };
    let (mut r, mut unclear) = (d, [false; N]);
    for m in 0..M {
        for k in 0..N {
            let (x, y) = f(a[m][k], b[m][k], d[m][k]);
            if PART {
                r[m][k] = x & on[k] | d[m][k] & !on[k];
                unclear[k] |= y & (on[k] != D::ZERO);
            } else {
                r[m][k] = x;
                unclear[k] |= y;
            }
        }
    }
    (r, unclear.into_iter().fold(false, |any, one| any | one))
}

/// Does elements 0 to `vl` by `f`, which tells their results and whether these are unclear. Returns how many are left: none,
/// or those from the first chunk with an unclear one on. `f` has to be `inline(always)`.
#[inline(always)]
pub(crate) fn sweep<D: Elem, A: Elem, B: Elem, const N: usize, const READS: bool>(
    file: &mut File,
    p: &Plan,
    vl: usize,
    scalar: Option<B>,
    f: impl Fn(A, B, D) -> (D, bool),
) -> usize {
    let vl = vl as u32;
    // Without vs1, another group stands for it.
    let groups = match scalar {
        None => file.groups::<D, A, B>((p.vd, p.vs2, p.vs1), vl),
        Some(_) => file.groups::<D, A, B>((p.vd, p.vs2, if B::SIZE > A::SIZE { 0 } else { p.vs2 }), vl),
    };
    let Some(mut g) = groups else { return vl as usize };
    macro_rules! step {
        ($m:literal $part:literal) => {{
            let (r, unclear) = step::<D, A, B, N, $m, READS, $part>(g, scalar, &f);
            if unclear {
                return g.left();
            }
            g.set(0, r);
        }};
    }
    // Most groups have one of these lengths, which need no loop.
    if g.left() == N {
        step!(1 false);
        return 0;
    }
    if g.left() == 2 * N {
        step!(2 false);
        return 0;
    }
    while g.left() >= 2 * N {
        step!(2 false);
        g.advance(2 * N);
    }
    if g.left() >= N {
        step!(1 false);
        g.advance(N);
    }
    if g.left() > 0 {
        step!(1 true);
    }
    0
}

/// Makes elements 0 to `vl` the same. `false`: nothing is done.
#[inline(always)]
pub(crate) fn fill<D: Elem, const N: usize>(file: &mut File, p: &Plan, vl: usize, x: D) -> bool {
    #[inline(always)]
    fn second<D: Elem>(_: D, x: D, _: D) -> (D, bool) {
        (x, false)
    }
    sweep::<D, D, D, N, false>(file, &Plan { vs2: p.vd, ..*p }, vl, Some(x), second::<D>) == 0
}
