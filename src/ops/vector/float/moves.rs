//! Moves, merges and slides of scalars (V, "Vector Floating-Point Merge Instruction", "… Move Instruction", "Vector
//! Floating-Point Permutation Instructions"). They only copy bits, but are floating-point instructions in what makes them
//! illegal and in how the scalar is boxed.

use core::marker::PhantomData;

use super::super::lanes::{Elem, blend, each_chunk, mask_bits, read, set_first as set_first_of, with_file};
use super::super::permute::{Motion, Slide, SlideActive, SlideAll, set_first};
use super::super::sweep::fill;
use super::super::{Body, Done, Plan, Reason, kernel, kernel_for, rest, vector};
use super::{ElemFormat, by_format, need, rounding};
use crate::float::{self, Bits, F16, F32, F64};
use crate::hart::{Event, File, Hart};
use crate::memory::{Memory, Ram};

/// Elements that are made of bits alone: nothing is rounded, nothing is raised.
pub(super) trait Copied: 'static {
    /// Whether there is nothing but the scalar.
    const SPLAT: bool = false;
    /// N elements from element `i` on.
    fn of<F: ElemFormat, const N: usize>(file: &File, p: &Plan, i: usize, scalar: F::Bits) -> [F::Bits; N];
}

/// Makes such elements.
pub(crate) struct Copy<O, F, const N: usize>(PhantomData<(O, F)>);
impl<O: Copied, F: ElemFormat, const N: usize> Body for Copy<O, F, N> {
    #[inline(always)]
    fn fast(hart: &mut Hart, _: Ram, p: &Plan) -> bool {
        hart.fp_fast && O::SPLAT && {
            let scalar = float::unbox::<F>(hart.f(p.rs1));
            fill::<F::Bits, N>(&mut hart.v.file, p, hart.v.vl, scalar)
        }
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        if !p.plain || hart.v.vstart != 0 {
            return rest::<CopyGeneral<O, F>, FMA>(hart, memory, p);
        }
        let (scalar, vl) = (float::unbox::<F>(hart.f(p.rs1)), hart.v.vl);
        with_file(&mut hart.v, |file| {
            let mut i = 0;
            while i + N <= vl {
                let r = O::of::<F, N>(file, p, i, scalar);
                file.set(p.vd as usize + i * F::Bits::SIZE, r);
                i += N;
            }
            if i < vl {
                let r = O::of::<F, N>(file, p, i, scalar);
                set_first_of(file, p.vd as usize + i * F::Bits::SIZE, vl - i, r);
            }
        });
        Ok(())
    }
}

/// The same in all cases.
struct CopyGeneral<O, F>(PhantomData<(O, F)>);
impl<O: Copied, F: ElemFormat> Body for CopyGeneral<O, F> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let scalar = float::unbox::<F>(hart.f(p.rs1));
        each_chunk::<F::Bits, 8>(&mut hart.v, p, |file, i| O::of::<F, 8>(file, p, i, scalar));
        Ok(())
    }
}

/// The kernel for such elements.
macro_rules! copied {
    ($p:expr, $hart:expr, $of:ty) => {
        need($hart, $p.sew).map(|()| match $p.sew {
            1 => kernel_for::<Copy<$of, F16, 8>, Copy<$of, F16, 32>>(&$p, $p.span as usize),
            2 => kernel_for::<Copy<$of, F32, 4>, Copy<$of, F32, 16>>(&$p, $p.span as usize),
            _ => kernel_for::<Copy<$of, F64, 2>, Copy<$of, F64, 8>>(&$p, $p.span as usize),
        })
    };
}
pub(super) use copied;

/// vd[i] = v0[i] ? f[rs1] : vs2[i]
struct Merge;
impl Copied for Merge {
    #[inline(always)]
    fn of<F: ElemFormat, const N: usize>(file: &File, p: &Plan, i: usize, scalar: F::Bits) -> [F::Bits; N] {
        blend(mask_bits(file, p, i), [scalar; N], read::<F::Bits, N>(file, p.vs2, i))
    }
}

/// vd[i] = f[rs1]
pub(crate) struct Splat;
impl Copied for Splat {
    const SPLAT: bool = true;
    #[inline(always)]
    fn of<F: ElemFormat, const N: usize>(_: &File, _: &Plan, _: usize, scalar: F::Bits) -> [F::Bits; N] {
        [scalar; N]
    }
}

/// A slide by one, with a scalar at the end.
struct Slide1<S, F, const N: usize>(PhantomData<(S, F)>);
impl<S: Slide, F: ElemFormat, const N: usize> Body for Slide1<S, F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        match p.masked {
            false => SlideAll::<S, F::Bits, N>::run::<FMA>(hart, memory, p),
            true => SlideActive::<S, F::Bits, N>::run::<FMA>(hart, memory, p),
        }
    }
}

struct Up<F>(PhantomData<F>);
impl<F: ElemFormat> Slide for Up<F> {
    #[inline(always)]
    fn motion(hart: &mut Hart, p: &Plan) -> Result<Motion, Event> {
        Ok(Motion::up_1(Bits::to_u64(float::unbox::<F>(hart.f(p.rs1)))))
    }
}

struct Down<F>(PhantomData<F>);
impl<F: ElemFormat> Slide for Down<F> {
    #[inline(always)]
    fn motion(hart: &mut Hart, p: &Plan) -> Result<Motion, Event> {
        Ok(Motion::down_1(hart.v.vl, Bits::to_u64(float::unbox::<F>(hart.f(p.rs1)))))
    }
}

/// f[rd] = vs2[0], whatever vl and vstart are.
struct ToScalar<F, const N: usize>(PhantomData<F>);
impl<F: ElemFormat, const N: usize> Body for ToScalar<F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        let value = hart.v.file.get::<F::Bits>(p.vs2 as usize);
        hart.dirty_fp();
        hart.set_f(p.rd, float::boxed::<F>(value));
        Ok(())
    }
}

/// vd[0] = f[rs1]
struct FromScalar<F, const N: usize>(PhantomData<F>);
impl<F: ElemFormat, const N: usize> Body for FromScalar<F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        let scalar = float::unbox::<F>(hart.f(p.rs1));
        set_first(&mut hart.v, p, scalar);
        Ok(())
    }
}

/// vd[0] = the low bits of f[rs1], boxed or not (RISC-V "V" 0.7.1, "Floating-Point Scalar Move Instructions").
struct FromBits<F, const N: usize>(PhantomData<F>);
impl<F: ElemFormat, const N: usize> Body for FromBits<F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        let scalar: F::Bits = Bits::from_u64(hart.f(p.rs1));
        set_first(&mut hart.v, p, scalar);
        Ok(())
    }
}

/// The kernel for a slide.
macro_rules! slide {
    ($p:expr, $hart:expr, $slide:ident) => {
        need($hart, $p.sew).map(|()| match $p.sew {
            1 => kernel::<Slide1<$slide<F16>, F16, 32>>(&$p),
            2 => kernel::<Slide1<$slide<F32>, F32, 16>>(&$p),
            _ => kernel::<Slide1<$slide<F64>, F64, 8>>(&$p),
        })
    };
}

vector! {
    VfmergeVfm |hart, p| copied!(p, hart, Merge);
    VfmvVF |hart, p| copied!(p, hart, Splat);
    VfmvFS |hart, p| by_format!(p, hart, ToScalar<>);
    VfmvSF |hart, p| by_format!(p, hart, FromScalar<>);
    ThVfmvSF |hart, p| by_format!(p, hart, FromBits<>);
    Vfslide1upVf |hart, p| slide!(p, hart, Up);
    Vfslide1downVf |hart, p| slide!(p, hart, Down);
}
