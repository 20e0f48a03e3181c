//! Moving elements around (V, "Vector Integer Permutation Instructions").

use core::marker::PhantomData;

use super::lanes::{Elem, each_chunk, read, tail_from, write};
use super::mask::active_word;
use super::{Body, Done, Plan, by_sew, illegal, shuffle, vector};
use crate::hart::{Event, File, Hart, Vector};
use crate::memory::Memory;

/// x[rd] = vs2[0], even if there are no elements to work on.
struct ToX<T, const N: usize>(PhantomData<T>);

impl<T: Elem, const N: usize> Body for ToX<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let r = hart.v.file.get::<T>(p.vs2 as usize).to_i64();
        hart.set_x(p.rd, r as u64);
        Ok(())
    }
}

/// x[rd] = vs2[x[rs1]], of one register, zero-extended; 0 from elsewhere (XTheadVector).
struct ElementToX<T, const N: usize>(PhantomData<T>);

impl<T: Elem, const N: usize> Body for ElementToX<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let i = hart.x(p.rs1);
        let there = i < (hart.v.vlenb / T::SIZE) as u64;
        let r = if there { hart.v.file.get::<T>(p.vs2 as usize + i as usize * T::SIZE) } else { T::ZERO };
        hart.set_x(p.rd, r.to_u64());
        Ok(())
    }
}

/// vd[0] = x[rs1].
struct FromX<T, const N: usize>(PhantomData<T>);

impl<T: Elem, const N: usize> Body for FromX<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let x = T::from_u64(hart.x(p.rs1));
        set_first(&mut hart.v, p, x);
        Ok(())
    }
}

/// vd[0] = x, for the moves from scalar registers.
#[inline(always)]
pub(super) fn set_first<T: Elem>(v: &mut Vector, p: &Plan, x: T) {
    if v.vstart == 0 && v.vl > 0 {
        v.file.set(p.vd as usize, x);
    }
    let tail = v.vstart.max(1);
    tail_from(v, p, tail * T::SIZE);
}

/// What a slide does.
#[derive(Clone, Copy)]
pub(super) struct Motion {
    /// Element i comes from vs2[i + shift]; 0 from outside of the group. At most VLMAX, either way.
    shift: isize,
    /// The elements before this one stay as they are.
    first: usize,
    /// An element that comes from elsewhere.
    put: Option<(usize, u64)>,
}

/// A slide instruction.
pub(super) trait Slide: 'static {
    /// What it does for the present `vl`, which is not 0.
    fn motion(hart: &mut Hart, p: &Plan) -> Result<Motion, Event>;
}

/// How far a slide goes: x[rs1], or the immediate.
trait Offset: 'static {
    fn of(hart: &Hart, p: &Plan) -> u64;
}
struct InX;
impl Offset for InX {
    #[inline(always)]
    fn of(hart: &Hart, p: &Plan) -> u64 {
        hart.x(p.rs1)
    }
}
struct InImm;
impl Offset for InImm {
    #[inline(always)]
    fn of(_: &Hart, p: &Plan) -> u64 {
        p.imm as u64
    }
}

struct Up<O>(PhantomData<O>);
impl<O: Offset> Slide for Up<O> {
    #[inline(always)]
    fn motion(hart: &mut Hart, p: &Plan) -> Result<Motion, Event> {
        let offset = O::of(hart, p).min(hart.v.vlmax() as u64) as usize;
        Ok(Motion { shift: -(offset as isize), first: offset, put: None })
    }
}

struct Down<O>(PhantomData<O>);
impl<O: Offset> Slide for Down<O> {
    #[inline(always)]
    fn motion(hart: &mut Hart, p: &Plan) -> Result<Motion, Event> {
        let offset = O::of(hart, p).min(hart.v.vlmax() as u64);
        Ok(Motion { shift: offset as isize, first: 0, put: None })
    }
}

impl Motion {
    /// Up by one, with `bits` for element 0.
    #[inline(always)]
    pub(super) fn up_1(bits: u64) -> Motion {
        Motion { shift: -1, first: 0, put: Some((0, bits)) }
    }

    /// Down by one, with `bits` for the last of `vl` elements.
    #[inline(always)]
    pub(super) fn down_1(vl: usize, bits: u64) -> Motion {
        Motion { shift: 1, first: 0, put: Some((vl - 1, bits)) }
    }
}

struct Up1;
impl Slide for Up1 {
    #[inline(always)]
    fn motion(hart: &mut Hart, p: &Plan) -> Result<Motion, Event> {
        Ok(Motion::up_1(hart.x(p.rs1)))
    }
}

struct Down1;
impl Slide for Down1 {
    #[inline(always)]
    fn motion(hart: &mut Hart, p: &Plan) -> Result<Motion, Event> {
        Ok(Motion::down_1(hart.v.vl, hart.x(p.rs1)))
    }
}

/// An unmasked slide: bytes that move.
pub(super) struct SlideAll<S, T, const N: usize>(PhantomData<(S, T)>);

impl<S: Slide, T: Elem, const N: usize> Body for SlideAll<S, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let (vstart, vl, vlmax) = (hart.v.vstart, hart.v.vl, hart.v.vlmax());
        if vstart >= vl {
            return Ok(());
        }
        let m = S::motion(hart, p)?;
        let v = &mut hart.v;
        let start = vstart.max(m.first);
        // Elements from..to have a source; `put` cares for one before them, and there are none but it.
        let from = start.max(m.shift.min(0).unsigned_abs());
        let to = vl.min(vlmax - m.shift.max(0) as usize);
        if from < to {
            let source = p.vs2 as usize + from.wrapping_add_signed(m.shift) * T::SIZE;
            copy(v, source, p.vd as usize + from * T::SIZE, (to - from) * T::SIZE);
        }
        let zeros = start.max(to);
        if zeros < vl {
            v.file.bytes_mut(p.vd as usize + zeros * T::SIZE, (vl - zeros) * T::SIZE).fill(0);
        }
        if let Some((i, bits)) = m.put.filter(|(i, _)| *i >= start) {
            v.file.set(p.vd as usize + i * T::SIZE, T::from_u64(bits));
        }
        tail_from(v, p, vl * T::SIZE);
        Ok(())
    }
}

/// Copies bytes within the register file; the runs may overlap.
#[inline(always)]
fn copy(v: &mut Vector, from: usize, to: usize, len: usize) {
    let all = 32 * v.vlenb;
    v.file.bytes_mut(0, all).copy_within(from..from + len, to);
}

/// A masked slide.
pub(super) struct SlideActive<S, T, const N: usize>(PhantomData<(S, T)>);

impl<S: Slide, T: Elem, const N: usize> Body for SlideActive<S, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let (vstart, vl, vlmax) = (hart.v.vstart, hart.v.vl, hart.v.vlmax());
        if vstart >= vl {
            return Ok(());
        }
        let m = S::motion(hart, p)?;
        let v = &mut hart.v;
        // As if it began where elements start to change.
        v.vstart = vstart.max(m.first);
        let mut i = v.vstart - v.vstart % N;
        while i < vl {
            let mut r = window::<T, N>(&v.file, p.vs2, i as isize + m.shift, vlmax);
            if let Some((at, bits)) = m.put.filter(|(at, _)| *at >= i && *at < i + N) {
                r[at - i] = T::from_u64(bits);
            }
            write(v, p, i, r);
            i += N;
        }
        v.vstart = vstart;
        tail_from(v, p, vl * T::SIZE);
        Ok(())
    }
}

/// N elements from element `i` of the group at `at` on, zeros outside of its `n` elements.
#[inline(always)]
fn window<T: Elem, const N: usize>(file: &File, at: u32, i: isize, n: usize) -> [T; N] {
    if i >= 0 && i as usize + N <= n {
        return read(file, at, i as usize);
    }
    let mut r = [T::ZERO; N];
    for (k, e) in r.iter_mut().enumerate() {
        let i = i + k as isize;
        if i >= 0 && (i as usize) < n {
            *e = file.get(at as usize + i as usize * T::SIZE);
        }
    }
    r
}

/// The kernel of a slide.
macro_rules! slide {
    ($p:expr, $slide:ty) => {
        if $p.masked { by_sew!($p, SlideActive<$slide>) } else { by_sew!($p, SlideAll<$slide>) }
    };
}
#[allow(unused_imports)]
pub(super) use slide;

/// vd[i] = vs2[vs1[i]].
struct Gather<T, const N: usize>(PhantomData<T>);
/// The same with 16-bit indices.
struct Gather16<T, const N: usize>(PhantomData<T>);

impl<T: Elem, const N: usize> Body for Gather<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        gather::<T, T, N>(&mut hart.v, p);
        Ok(())
    }
}

impl<T: Elem, const N: usize> Body for Gather16<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        gather::<u16, T, N>(&mut hart.v, p);
        Ok(())
    }
}

#[inline(always)]
fn gather<I: Elem, T: Elem, const N: usize>(v: &mut Vector, p: &Plan) {
    let vlmax = v.vlmax();
    each_chunk::<T, N>(
        v,
        p,
        #[inline(always)]
        |file, i| {
            let indices = read::<I, N>(file, p.vs1, i);
            let mut r = [T::ZERO; N];
            for k in 0..N {
                r[k] = element(file, p, indices[k].to_u64(), vlmax);
            }
            r
        },
    );
}

/// An element of vs2; 0 outside of the group.
#[inline(always)]
fn element<T: Elem>(file: &File, p: &Plan, i: u64, vlmax: usize) -> T {
    let inside = i < vlmax as u64;
    let e = file.get::<T>(p.vs2 as usize + if inside { i as usize } else { 0 } * T::SIZE);
    if inside { e } else { T::ZERO }
}

/// vd[i] = vs2[x[rs1]], or of the immediate.
struct Splat<O, T, const N: usize>(PhantomData<(O, T)>);

impl<O: Offset, T: Elem, const N: usize> Body for Splat<O, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let e = element::<T>(&hart.v.file, p, O::of(hart, p), hart.v.vlmax());
        each_chunk::<T, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |_, _| [e; N],
        );
        Ok(())
    }
}

/// The elements of vs2 whose bits are set in vs1, packed.
struct Compress<T, const N: usize>(PhantomData<T>);

impl<T: Elem, const N: usize> Body for Compress<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let (v, mut to) = (&mut hart.v, p.vd as usize);
        for i in (0..v.vl).step_by(64) {
            let mut bits = active_word(v, p, p.vs1, i);
            while bits != 0 {
                let e = v.file.get::<T>(p.vs2 as usize + (i + bits.trailing_zeros() as usize) * T::SIZE);
                v.file.set(to, e);
                to += T::SIZE;
                bits &= bits - 1;
            }
        }
        tail_from(v, p, to - p.vd as usize);
        Ok(())
    }
}

/// Whole registers, whatever `vl`.
struct Whole<T, const N: usize>(PhantomData<T>);

impl<T: Elem, const N: usize> Body for Whole<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let (start, len) = (hart.v.vstart * T::SIZE, p.span as usize);
        if start >= len {
            return illegal(hart);
        }
        copy(&mut hart.v, p.vs2 as usize + start, p.vd as usize + start, len - start);
        Ok(())
    }
}

vector! {
    ThVextXV |hart, p| by_sew!(p, ElementToX<>);
    VmvXS |hart, p| by_sew!(p, ToX<>);
    VmvSX |hart, p| by_sew!(p, FromX<>);
    VslideupVx |hart, p| slide!(p, Up<InX>);
    VslideupVi |hart, p| slide!(p, Up<InImm>);
    VslidedownVx |hart, p| slide!(p, Down<InX>);
    VslidedownVi |hart, p| slide!(p, Down<InImm>);
    Vslide1upVx |hart, p| slide!(p, Up1);
    Vslide1downVx |hart, p| slide!(p, Down1);
    VrgatherVv |hart, p| shuffle::gather(hart, &p).map_or_else(|| by_sew!(p, Gather<>), Ok);
    VrgatherVx |hart, p| by_sew!(p, Splat<InX>);
    VrgatherVi |hart, p| by_sew!(p, Splat<InImm>);
    Vrgatherei16Vv |hart, p| by_sew!(p, Gather16<>);
    VcompressVm |hart, p| shuffle::compress(&p).map_or_else(|| by_sew!(p, Compress<>), Ok);
    Vmv1rV |hart, p| by_sew!(p, Whole<>);
    Vmv2rV |hart, p| by_sew!(p, Whole<>);
    Vmv4rV |hart, p| by_sew!(p, Whole<>);
    Vmv8rV |hart, p| by_sew!(p, Whole<>);
}
