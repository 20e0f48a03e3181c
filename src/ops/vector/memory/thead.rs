//! Loads and stores of XTheadVector (RISC-V "V" 0.7.1, "Vector Loads and Stores").
//!
//! Elements have SEW bits in registers. In memory they have those that the tables in `isa/` say, or SEW: loads extend them,
//! stores cut them. Where both are the same, the bodies are those of V 1.0. Indices have SEW bits and are signed.

use core::marker::PhantomData;

use super::bytes::{Convert, Packed};
use super::scattered::{LoadIndexed, LoadStrided, StoreIndexed, StoreStrided, load_strided, store_strided};
use super::segment::{LoadSegments, StoreSegments};
use super::unit::{load_unit, run, store_unit};
use super::{all_aligned, first_only};
use crate::hart::Hart;
use crate::isa::Flags;
use crate::memory::{Access, Memory, Ram};
use crate::ops::vector::lanes::{Elem, with_file, write};
use crate::ops::vector::{Body, Done, Kernel, Plan, Reason, kernel};

/// The same in both.
pub(crate) struct Equal<T>(PhantomData<T>);
/// Wider in registers, by the sign.
pub(crate) struct Signed<M, R>(PhantomData<(M, R)>);
/// Wider in registers, by zeros.
pub(crate) struct Unsigned<M, R>(PhantomData<(M, R)>);

macro_rules! converts {
    ($(<$($g:ident),*> $name:ty: $mem:ident, $reg:ident, $same:literal, |$v:ident| $extend:expr;)*) => { $(
        impl<$($g: Packed),*> Convert for $name {
            type Mem = $mem;
            type Reg = $reg;
            const SAME: bool = $same;
            // A load may write the mask that it works under, or its indices. Done in part, it could not be resumed.
            const WHOLE: bool = true;
            #[inline(always)]
            fn extend($v: $mem) -> $reg {
                $extend
            }
            #[inline(always)]
            fn truncate(v: $reg) -> $mem {
                $mem::from_u64(v.to_u64())
            }
        }
    )* };
}

converts! {
    <T> Equal<T>: T, T, true, |v| v;
    <M, R> Signed<M, R>: M, R, false, |v| R::from_u64(v.to_i64() as u64);
    <M, R> Unsigned<M, R>: M, R, false, |v| R::from_u64(v.to_u64());
}

/// vd[i] = mem[rs1 + i * width], extended. FIRST: only element 0 may fault.
pub(crate) struct LoadExtended<C, const N: usize, const FIRST: bool>(PhantomData<C>);
/// mem[rs1 + i * width] = the low bits of vs3[i]
struct StoreCut<C, const N: usize>(PhantomData<C>);
/// Unit-stride segments, extended.
struct LoadSegmentsExtended<C, const FIRST: bool>(PhantomData<C>);
struct StoreSegmentsCut<C>(PhantomData<C>);

impl<C: Convert, const N: usize, const FIRST: bool> Body for LoadExtended<C, N, FIRST> {
    #[inline(always)]
    fn fast(hart: &mut Hart, ram: Ram, p: &Plan) -> bool {
        let (base, vl) = (hart.x(p.rs1), hart.v.vl as u32);
        if !all_aligned::<C::Mem>(hart, base) {
            return false;
        }
        let Some(from) = ram.span(base, vl * C::Mem::SIZE as u32, Access::Read) else { return false };
        let Some(mut to) = hart.v.file.groups::<C::Reg, C::Reg, C::Reg>((p.vd, p.vd, p.vd), vl) else { return false };
        let mut i = 0;
        while to.left() >= N {
            let elements = from.elements::<C::Mem, N>(i);
            to.set(0, extended::<C, N>(elements));
            to.advance(N);
            i += N;
        }
        while to.left() > 0 {
            to.set(0, C::extend(from.elements::<C::Mem, 1>(i)[0]));
            to.advance(1);
            i += 1;
        }
        true
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        if start == 0
            && vl != 0
            && let Some(from) = run::<C::Mem>(hart, memory, p, (0, vl), Access::Read)
        {
            let mut i = 0;
            let mut chunks = from.chunks_exact(N * C::Mem::SIZE);
            if p.masked {
                for bytes in &mut chunks {
                    write(&mut hart.v, p, i, extended::<C, N>(C::Mem::chunk(bytes)));
                    i += N;
                }
            } else {
                with_file(&mut hart.v, |file| {
                    for bytes in &mut chunks {
                        file.set(p.vd as usize + i * C::Reg::SIZE, extended::<C, N>(C::Mem::chunk(bytes)));
                        i += N;
                    }
                });
            }
            let rest = chunks.remainder();
            if !rest.is_empty() {
                let mut bytes = [0; 64];
                bytes[..rest.len()].copy_from_slice(rest);
                write(&mut hart.v, p, i, extended::<C, N>(C::Mem::chunk(&bytes[..N * C::Mem::SIZE])));
            }
            return Ok(());
        }
        load_segments::<C, FIRST>(hart, memory, p)
    }
}

#[inline(always)]
fn extended<C: Convert, const N: usize>(from: [C::Mem; N]) -> [C::Reg; N] {
    let mut to = [C::Reg::ZERO; N];
    for k in 0..N {
        to[k] = C::extend(from[k]);
    }
    to
}

impl<C: Convert, const N: usize> Body for StoreCut<C, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        if !p.masked
            && start < vl
            && let Some(to) = run::<C::Mem>(hart, memory, p, (start, vl), Access::Write)
        {
            let at = p.vd as usize + start * C::Reg::SIZE;
            let from = hart.v.file.bytes(at, (vl - start) * C::Reg::SIZE);
            let (from, to) = (from.chunks_exact(C::Reg::SIZE), to.chunks_exact_mut(C::Mem::SIZE));
            from.zip(to).for_each(|(from, to)| C::truncate(C::Reg::first(from)).put(to));
            return Ok(());
        }
        store_strided::<C>(hart, memory, p, C::Mem::SIZE as u64, start..vl)
    }
}

impl<C: Convert, const FIRST: bool> Body for LoadSegmentsExtended<C, FIRST> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        load_segments::<C, FIRST>(hart, memory, p)
    }
}

/// Loads segments that lie behind each other.
#[inline(always)]
fn load_segments<C: Convert, const FIRST: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    let start = hart.v.vstart;
    match load_strided::<C>(hart, memory, p, size::<C>(p), start..hart.v.vl) {
        Err(event) if FIRST => first_only(hart, start, event),
        done => done,
    }
}

impl<C: Convert> Body for StoreSegmentsCut<C> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        store_strided::<C>(hart, memory, p, size::<C>(p), hart.v.vstart..hart.v.vl)
    }
}

/// Bytes of a segment in memory.
fn size<C: Convert>(p: &Plan) -> u64 {
    (p.nf as usize * C::Mem::SIZE) as u64
}

/// What an access does with each element, so that its kernel can be found by both widths.
trait Form {
    /// N elements fill 64 bytes of registers.
    fn kernel<C: Convert, const N: usize>(p: &Plan) -> Kernel;
    /// The kernel for the same width in both.
    fn same<T: Packed, const N: usize>(p: &Plan) -> Kernel {
        Self::kernel::<Equal<T>, N>(p)
    }
}

macro_rules! forms {
    ($($name:ident |$p:ident| <$c:ident, $n:ident> $kernel:expr $(, <$t:ident, $m:ident> $same:expr)?;)*) => { $(
        struct $name;
        impl Form for $name {
            fn kernel<$c: Convert, const $n: usize>($p: &Plan) -> Kernel { $kernel }
            $(fn same<$t: Packed, const $m: usize>($p: &Plan) -> Kernel { $same })?
        }
    )* };
}

forms! {
    UnitLoad |p|
        <C, N> if p.nf > 1 { kernel::<LoadSegmentsExtended<C, false>>(p) } else { kernel::<LoadExtended<C, N, false>>(p) },
        <T, N> if p.nf > 1 { kernel::<LoadSegments<Equal<T>, false>>(p) } else { load_unit::<T, N, false>(p) };
    FirstLoad |p|
        <C, N> if p.nf > 1 { kernel::<LoadSegmentsExtended<C, true>>(p) } else { kernel::<LoadExtended<C, N, true>>(p) },
        <T, N> if p.nf > 1 { kernel::<LoadSegments<Equal<T>, true>>(p) } else { load_unit::<T, N, true>(p) };
    StridedLoad |p| <C, N> kernel::<LoadStrided<C>>(p);
    IndexedLoad |p| <C, N> kernel::<LoadIndexed<C::Reg, C, true>>(p);
    UnitStore |p|
        <C, N> if p.nf > 1 { kernel::<StoreSegmentsCut<C>>(p) } else { kernel::<StoreCut<C, N>>(p) },
        <T, N> if p.nf > 1 { kernel::<StoreSegments<T>>(p) } else { store_unit::<T>(p) };
    StridedStore |p| <C, N> kernel::<StoreStrided<C>>(p);
    IndexedStore |p| <C, N> kernel::<StoreIndexed<C::Reg, C, true>>(p);
}

/// The kernel for elements of `bits` in memory, 0 for SEW; `zext`: they are extended by zeros, or cut.
fn select<F: Form>(p: &Plan, bits: u8, zext: bool) -> Result<Kernel, Reason> {
    let sew = 8u32 << (p.sew & 7);
    let bits = if bits == 0 { sew } else { bits.into() };
    Ok(match (bits, sew, zext) {
        (8, 8, _) => F::same::<u8, 64>(p),
        (16, 16, _) => F::same::<u16, 32>(p),
        (32, 32, _) => F::same::<u32, 16>(p),
        (64, 64, _) => F::same::<u64, 8>(p),
        (8, 16, true) => F::kernel::<Unsigned<u8, u16>, 32>(p),
        (8, 32, true) => F::kernel::<Unsigned<u8, u32>, 16>(p),
        (8, 64, true) => F::kernel::<Unsigned<u8, u64>, 8>(p),
        (16, 32, true) => F::kernel::<Unsigned<u16, u32>, 16>(p),
        (16, 64, true) => F::kernel::<Unsigned<u16, u64>, 8>(p),
        (32, 64, true) => F::kernel::<Unsigned<u32, u64>, 8>(p),
        (8, 16, false) => F::kernel::<Signed<u8, u16>, 32>(p),
        (8, 32, false) => F::kernel::<Signed<u8, u32>, 16>(p),
        (8, 64, false) => F::kernel::<Signed<u8, u64>, 8>(p),
        (16, 32, false) => F::kernel::<Signed<u16, u32>, 16>(p),
        (16, 64, false) => F::kernel::<Signed<u16, u64>, 8>(p),
        (32, 64, false) => F::kernel::<Signed<u32, u64>, 8>(p),
        (memory, sew, _) => return Err(Reason::MemoryWidth { memory, sew }),
    })
}

/// Defines instructions, whose widths are in their tables.
macro_rules! accesses_of {
    ($($form:ident: $($name:ident)+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl crate::ops::Semantics for $name {
            const KIND: crate::ops::Kind = crate::ops::Kind::Vector;
            const SELECT: Option<crate::ops::vector::Select> = Some(|hart, insn| {
                let (p, info) = (Plan::new(hart, insn)?, insn.op.info());
                let zext = info.flags.contains(Flags::ZEXT) || info.flags.contains(Flags::STORE);
                let kernel = select::<$form>(&p, info.eew, zext)?;
                Ok(p.framed(kernel))
            });
        }
    )+)* };
}

accesses_of! {
    UnitLoad:
        ThVlbV ThVlbuV ThVlhV ThVlhuV ThVlwV ThVlwuV ThVleV ThVlseg2bV ThVlseg2buV ThVlseg2hV ThVlseg2huV ThVlseg2wV
        ThVlseg2wuV ThVlseg2eV ThVlseg3bV ThVlseg3buV ThVlseg3hV ThVlseg3huV ThVlseg3wV ThVlseg3wuV ThVlseg3eV
        ThVlseg4bV ThVlseg4buV ThVlseg4hV ThVlseg4huV ThVlseg4wV ThVlseg4wuV ThVlseg4eV ThVlseg5bV ThVlseg5buV
        ThVlseg5hV ThVlseg5huV ThVlseg5wV ThVlseg5wuV ThVlseg5eV ThVlseg6bV ThVlseg6buV ThVlseg6hV ThVlseg6huV
        ThVlseg6wV ThVlseg6wuV ThVlseg6eV ThVlseg7bV ThVlseg7buV ThVlseg7hV ThVlseg7huV ThVlseg7wV ThVlseg7wuV
        ThVlseg7eV ThVlseg8bV ThVlseg8buV ThVlseg8hV ThVlseg8huV ThVlseg8wV ThVlseg8wuV ThVlseg8eV;
    FirstLoad:
        ThVlbffV ThVlbuffV ThVlhffV ThVlhuffV ThVlwffV ThVlwuffV ThVleffV ThVlseg2bffV ThVlseg2buffV ThVlseg2hffV
        ThVlseg2huffV ThVlseg2wffV ThVlseg2wuffV ThVlseg2effV ThVlseg3bffV ThVlseg3buffV ThVlseg3hffV ThVlseg3huffV
        ThVlseg3wffV ThVlseg3wuffV ThVlseg3effV ThVlseg4bffV ThVlseg4buffV ThVlseg4hffV ThVlseg4huffV ThVlseg4wffV
        ThVlseg4wuffV ThVlseg4effV ThVlseg5bffV ThVlseg5buffV ThVlseg5hffV ThVlseg5huffV ThVlseg5wffV ThVlseg5wuffV
        ThVlseg5effV ThVlseg6bffV ThVlseg6buffV ThVlseg6hffV ThVlseg6huffV ThVlseg6wffV ThVlseg6wuffV ThVlseg6effV
        ThVlseg7bffV ThVlseg7buffV ThVlseg7hffV ThVlseg7huffV ThVlseg7wffV ThVlseg7wuffV ThVlseg7effV ThVlseg8bffV
        ThVlseg8buffV ThVlseg8hffV ThVlseg8huffV ThVlseg8wffV ThVlseg8wuffV ThVlseg8effV;
    StridedLoad:
        ThVlsbV ThVlsbuV ThVlshV ThVlshuV ThVlswV ThVlswuV ThVlseV ThVlsseg2bV ThVlsseg2buV ThVlsseg2hV ThVlsseg2huV
        ThVlsseg2wV ThVlsseg2wuV ThVlsseg2eV ThVlsseg3bV ThVlsseg3buV ThVlsseg3hV ThVlsseg3huV ThVlsseg3wV
        ThVlsseg3wuV ThVlsseg3eV ThVlsseg4bV ThVlsseg4buV ThVlsseg4hV ThVlsseg4huV ThVlsseg4wV ThVlsseg4wuV
        ThVlsseg4eV ThVlsseg5bV ThVlsseg5buV ThVlsseg5hV ThVlsseg5huV ThVlsseg5wV ThVlsseg5wuV ThVlsseg5eV
        ThVlsseg6bV ThVlsseg6buV ThVlsseg6hV ThVlsseg6huV ThVlsseg6wV ThVlsseg6wuV ThVlsseg6eV ThVlsseg7bV
        ThVlsseg7buV ThVlsseg7hV ThVlsseg7huV ThVlsseg7wV ThVlsseg7wuV ThVlsseg7eV ThVlsseg8bV ThVlsseg8buV
        ThVlsseg8hV ThVlsseg8huV ThVlsseg8wV ThVlsseg8wuV ThVlsseg8eV;
    IndexedLoad:
        ThVlxbV ThVlxbuV ThVlxhV ThVlxhuV ThVlxwV ThVlxwuV ThVlxeV ThVlxseg2bV ThVlxseg2buV ThVlxseg2hV ThVlxseg2huV
        ThVlxseg2wV ThVlxseg2wuV ThVlxseg2eV ThVlxseg3bV ThVlxseg3buV ThVlxseg3hV ThVlxseg3huV ThVlxseg3wV
        ThVlxseg3wuV ThVlxseg3eV ThVlxseg4bV ThVlxseg4buV ThVlxseg4hV ThVlxseg4huV ThVlxseg4wV ThVlxseg4wuV
        ThVlxseg4eV ThVlxseg5bV ThVlxseg5buV ThVlxseg5hV ThVlxseg5huV ThVlxseg5wV ThVlxseg5wuV ThVlxseg5eV
        ThVlxseg6bV ThVlxseg6buV ThVlxseg6hV ThVlxseg6huV ThVlxseg6wV ThVlxseg6wuV ThVlxseg6eV ThVlxseg7bV
        ThVlxseg7buV ThVlxseg7hV ThVlxseg7huV ThVlxseg7wV ThVlxseg7wuV ThVlxseg7eV ThVlxseg8bV ThVlxseg8buV
        ThVlxseg8hV ThVlxseg8huV ThVlxseg8wV ThVlxseg8wuV ThVlxseg8eV;
    UnitStore:
        ThVsbV ThVshV ThVswV ThVseV ThVsseg2bV ThVsseg2hV ThVsseg2wV ThVsseg2eV ThVsseg3bV ThVsseg3hV ThVsseg3wV
        ThVsseg3eV ThVsseg4bV ThVsseg4hV ThVsseg4wV ThVsseg4eV ThVsseg5bV ThVsseg5hV ThVsseg5wV ThVsseg5eV ThVsseg6bV
        ThVsseg6hV ThVsseg6wV ThVsseg6eV ThVsseg7bV ThVsseg7hV ThVsseg7wV ThVsseg7eV ThVsseg8bV ThVsseg8hV ThVsseg8wV
        ThVsseg8eV;
    StridedStore:
        ThVssbV ThVsshV ThVsswV ThVsseV ThVssseg2bV ThVssseg2hV ThVssseg2wV ThVssseg2eV ThVssseg3bV ThVssseg3hV
        ThVssseg3wV ThVssseg3eV ThVssseg4bV ThVssseg4hV ThVssseg4wV ThVssseg4eV ThVssseg5bV ThVssseg5hV ThVssseg5wV
        ThVssseg5eV ThVssseg6bV ThVssseg6hV ThVssseg6wV ThVssseg6eV ThVssseg7bV ThVssseg7hV ThVssseg7wV ThVssseg7eV
        ThVssseg8bV ThVssseg8hV ThVssseg8wV ThVssseg8eV;
    IndexedStore:
        ThVsxbV ThVsxhV ThVsxwV ThVsxeV ThVsuxbV ThVsuxhV ThVsuxwV ThVsuxeV ThVsxseg2bV ThVsxseg2hV ThVsxseg2wV
        ThVsxseg2eV ThVsxseg3bV ThVsxseg3hV ThVsxseg3wV ThVsxseg3eV ThVsxseg4bV ThVsxseg4hV ThVsxseg4wV ThVsxseg4eV
        ThVsxseg5bV ThVsxseg5hV ThVsxseg5wV ThVsxseg5eV ThVsxseg6bV ThVsxseg6hV ThVsxseg6wV ThVsxseg6eV ThVsxseg7bV
        ThVsxseg7hV ThVsxseg7wV ThVsxseg7eV ThVsxseg8bV ThVsxseg8hV ThVsxseg8wV ThVsxseg8eV;
}
