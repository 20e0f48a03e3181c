//! Moves, merges and slides of scalars (V, "Vector Floating-Point Merge Instruction", "… Move Instruction", "Vector
//! Floating-Point Permutation Instructions"). They only copy bits, but are floating-point instructions in what makes them
//! illegal and in how the scalar is boxed.

use core::marker::PhantomData;

use super::super::lanes::{blend, each_chunk, mask_bits, read};
use super::super::permute::{Motion, Slide, SlideActive, SlideAll, set_first};
use super::super::{Body, Done, Plan, Reason, kernel, vector};
use super::{ElemFormat, by_format, need, rounding};
use crate::float::{self, Bits, F16, F32, F64};
use crate::hart::{Event, Hart};
use crate::memory::Memory;

/// vd[i] = v0[i] ? f[rs1] : vs2[i]
struct Merge<F, const N: usize>(PhantomData<F>);
impl<F: ElemFormat, const N: usize> Body for Merge<F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        let scalar = float::unbox::<F>(hart.f(p.rs1));
        each_chunk::<F::Bits, N>(&mut hart.v, p, |file, i| {
            blend(mask_bits(file, i), [scalar; N], read::<F::Bits, N>(file, p.vs2, i))
        });
        Ok(())
    }
}

/// vd[i] = f[rs1]
struct Splat<F, const N: usize>(PhantomData<F>);
impl<F: ElemFormat, const N: usize> Body for Splat<F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        let scalar = float::unbox::<F>(hart.f(p.rs1));
        each_chunk::<F::Bits, N>(&mut hart.v, p, |_, _| [scalar; N]);
        Ok(())
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
    VfmergeVfm |hart, p| by_format!(p, hart, Merge<>);
    VfmvVF |hart, p| by_format!(p, hart, Splat<>);
    VfmvFS |hart, p| by_format!(p, hart, ToScalar<>);
    VfmvSF |hart, p| by_format!(p, hart, FromScalar<>);
    Vfslide1upVf |hart, p| slide!(p, hart, Up);
    Vfslide1downVf |hart, p| slide!(p, hart, Down);
}
