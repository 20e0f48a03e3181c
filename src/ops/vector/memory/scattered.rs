//! Strided and indexed loads and stores, of one field or more; and the way element by element of all others.

use core::marker::PhantomData;
use core::ops::Range;

use super::bytes::{Convert, Packed, Same};
use super::{MAX_FIELDS, accesses, all_aligned, load_segment, store_segment, tails};
use crate::hart::{File, Groups, Hart, Misaligned};
use crate::memory::{Access, Memory, PAGE_SHIFT, Ram, Span};
use crate::ops::vector::lanes::{Elem, mask_bit, with_file};
use crate::ops::vector::{Body, Done, Kernel, Plan, Reason, kernel};

/// Where the segments of an instruction lie.
trait Place: Copy {
    /// The address of segment `i`.
    fn addr(self, file: &File, i: usize) -> u64;
}

#[derive(Clone, Copy)]
struct Strided {
    base: u64,
    stride: u64,
}

impl Place for Strided {
    #[inline(always)]
    fn addr(self, _: &File, i: usize) -> u64 {
        self.base.wrapping_add(self.stride.wrapping_mul(i as u64))
    }
}

/// Offsets are elements of `I`, in the group at byte offset `at`; without a sign in V 1.0.
#[derive(Clone, Copy)]
struct Indexed<I, const SIGNED: bool> {
    base: u64,
    at: usize,
    index: PhantomData<I>,
}

impl<I: Elem, const SIGNED: bool> Place for Indexed<I, SIGNED> {
    #[inline(always)]
    fn addr(self, file: &File, i: usize) -> u64 {
        let index = file.get::<I>(self.at + i * I::SIZE);
        self.base.wrapping_add(if SIGNED { index.to_i64() as u64 } else { index.to_u64() })
    }
}

/// Loads segments as far as that goes without anybody noticing. Returns the first active one that has to be looked at.
/// ONE: of one field, and not masked.
#[inline(always)]
fn load_plain<C: Convert, const ONE: bool>(
    file: &mut File,
    ram: Ram,
    p: &Plan,
    place: impl Place,
    range: Range<usize>,
) -> usize {
    let (nf, span) = (if ONE { 1 } else { p.nf as usize }, p.span as usize);
    for i in range.clone() {
        let at = p.vd as usize + i * C::Reg::SIZE;
        if !ONE && p.masked && !mask_bit(file, p.mask, i) {
            if p.mask_ones {
                (0..nf).for_each(|k| file.set(at + k * span, C::Reg::ONES));
            }
            continue;
        }
        let addr = place.addr(file, i);
        if C::WHOLE && nf > 1 {
            let mut fields = [C::Mem::ZERO; MAX_FIELDS];
            for (k, field) in fields.iter_mut().take(nf).enumerate() {
                let Some(v) = ram.load(addr.wrapping_add((k * C::Mem::SIZE) as u64)) else { return i };
                *field = v;
            }
            fields.iter().take(nf).enumerate().for_each(|(k, v)| file.set(at + k * span, C::extend(*v)));
            continue;
        }
        let Some(v) = ram.load::<C::Mem>(addr) else { return i };
        file.set(at, C::extend(v));
        for k in 1..nf {
            let Some(v) = ram.load::<C::Mem>(addr.wrapping_add((k * C::Mem::SIZE) as u64)) else { return i };
            file.set(at + k * span, C::extend(v));
        }
    }
    range.end
}

/// Stores segments as far as that goes without anybody noticing. Returns the first active one that has to be looked at.
/// ONE: of one field, and not masked.
#[inline(always)]
fn store_plain<C: Convert, const ONE: bool>(
    file: &File,
    ram: Ram,
    p: &Plan,
    place: impl Place,
    range: Range<usize>,
) -> usize {
    let (nf, span) = (if ONE { 1 } else { p.nf as usize }, p.span as usize);
    for i in range.clone() {
        if !ONE && p.masked && !mask_bit(file, p.mask, i) {
            continue;
        }
        let at = p.vd as usize + i * C::Reg::SIZE;
        let addr = place.addr(file, i);
        if ram.store::<C::Mem>(addr, C::truncate(file.get(at))).is_none() {
            return i;
        }
        for k in 1..nf {
            if ram
                .store::<C::Mem>(addr.wrapping_add((k * C::Mem::SIZE) as u64), C::truncate(file.get(at + k * span)))
                .is_none()
            {
                return i;
            }
        }
    }
    range.end
}

/// The first active segment from `i` on, or `end`.
fn next_active(hart: &mut Hart, p: &Plan, ones: impl Fn(&mut File, usize), mut i: usize, end: usize) -> usize {
    while i < end && p.masked && !mask_bit(&hart.v.file, p.mask, i) {
        if p.mask_ones {
            ones(&mut hart.v.file, i);
        }
        i += 1;
    }
    i
}

#[inline(always)]
fn load<C: Convert>(hart: &mut Hart, memory: &mut Memory, p: &Plan, place: impl Place, range: Range<usize>) -> Done {
    let (mut i, end) = (range.start, range.end);
    loop {
        i = if memory.watched_closely() {
            let ones = |f: &mut File, i| {
                (0..p.nf as usize).for_each(|k| f.set(super::field(p, k) + i * C::Reg::SIZE, C::Reg::ONES))
            };
            next_active(hart, p, ones, i, end)
        } else {
            let ram = memory.ram();
            with_file(&mut hart.v, |file| match p.nf == 1 && !p.masked {
                true => load_plain::<C, true>(file, ram, p, place, i..end),
                false => load_plain::<C, false>(file, ram, p, place, i..end),
            })
        };
        if i >= end {
            return Ok(());
        }
        let addr = place.addr(&hart.v.file, i);
        load_segment::<C>(hart, memory, p, i, addr)?;
        i += 1;
    }
}

#[inline(always)]
fn store<C: Convert>(hart: &mut Hart, memory: &mut Memory, p: &Plan, place: impl Place, range: Range<usize>) -> Done {
    let (mut i, end) = (range.start, range.end);
    loop {
        i = if memory.watched_closely() {
            next_active(hart, p, |_, _| {}, i, end)
        } else {
            let ram = memory.ram();
            with_file(&mut hart.v, |file| match p.nf == 1 && !p.masked {
                true => store_plain::<C, true>(file, ram, p, place, i..end),
                false => store_plain::<C, false>(file, ram, p, place, i..end),
            })
        };
        if i >= end {
            return Ok(());
        }
        let addr = place.addr(&hart.v.file, i);
        store_segment::<C>(hart, memory, p, i, addr)?;
        i += 1;
    }
}

/// Most bytes that strided segments may span to be looked at as a whole.
const STRETCH: u64 = 1 << 16;

/// All bytes that strided segments span, if they are plain memory; and where the first segment lies there.
#[inline(always)]
fn stretch<'a, T: Packed>(
    hart: &Hart,
    memory: &'a mut Memory,
    p: &Plan,
    stride: u64,
    range: &Range<usize>,
    access: Access,
) -> Option<(&'a mut [u8], usize)> {
    let base = hart.x(p.rs1);
    let reach = (stride as i64).checked_mul(range.len().checked_sub(1)? as i64)?;
    if reach.unsigned_abs() > STRETCH || !all_aligned::<T>(hart, base) || !all_aligned::<T>(hart, stride) {
        return None;
    }
    let below = reach.min(0).unsigned_abs();
    let lowest = base.wrapping_add(stride.wrapping_mul(range.start as u64)).wrapping_sub(below);
    let bytes = memory.plain(lowest, reach.unsigned_abs() + p.nf as u64 * T::SIZE as u64, access)?;
    Some((bytes, below as usize))
}

/// Loads the segments of `range`, which lie `stride` bytes apart, with whatever that brings.
#[inline(never)]
pub(super) fn load_strided<C: Convert>(
    hart: &mut Hart,
    memory: &mut Memory,
    p: &Plan,
    stride: u64,
    range: Range<usize>,
) -> Done {
    let Some((bytes, mut at)) = stretch::<C::Mem>(hart, memory, p, stride, &range, Access::Read) else {
        let place = Strided { base: hart.x(p.rs1), stride };
        return load::<C>(hart, memory, p, place, range);
    };
    let (nf, span) = (p.nf as usize, p.span as usize);
    with_file(&mut hart.v, |file| {
        if nf == 1 && !p.masked {
            for i in range {
                file.set(p.vd as usize + i * C::Reg::SIZE, C::extend(C::Mem::first(&bytes[at..])));
                at = at.wrapping_add(stride as usize);
            }
            return;
        }
        for i in range {
            let to = p.vd as usize + i * C::Reg::SIZE;
            if !p.masked || mask_bit(file, p.mask, i) {
                (0..nf)
                    .for_each(|k| file.set(to + k * span, C::extend(C::Mem::first(&bytes[at + k * C::Mem::SIZE..]))));
            } else if p.mask_ones {
                (0..nf).for_each(|k| file.set(to + k * span, C::Reg::ONES));
            }
            at = at.wrapping_add(stride as usize);
        }
    });
    Ok(())
}

/// Stores the segments of `range`, which lie `stride` bytes apart, with whatever that brings.
#[inline(never)]
pub(super) fn store_strided<C: Convert>(
    hart: &mut Hart,
    memory: &mut Memory,
    p: &Plan,
    stride: u64,
    range: Range<usize>,
) -> Done {
    let Some((bytes, mut at)) = stretch::<C::Mem>(hart, memory, p, stride, &range, Access::Write) else {
        let place = Strided { base: hart.x(p.rs1), stride };
        return store::<C>(hart, memory, p, place, range);
    };
    let (nf, span) = (p.nf as usize, p.span as usize);
    with_file(&mut hart.v, |file| {
        if nf == 1 && !p.masked {
            for i in range {
                C::truncate(file.get(p.vd as usize + i * C::Reg::SIZE)).put(&mut bytes[at..]);
                at = at.wrapping_add(stride as usize);
            }
            return;
        }
        for i in range {
            let from = p.vd as usize + i * C::Reg::SIZE;
            if !p.masked || mask_bit(file, p.mask, i) {
                (0..nf).for_each(|k| C::truncate(file.get(from + k * span)).put(&mut bytes[at + k * C::Mem::SIZE..]));
            }
            at = at.wrapping_add(stride as usize);
        }
    });
    Ok(())
}

pub(super) struct LoadStrided<C>(PhantomData<C>);
pub(super) struct StoreStrided<C>(PhantomData<C>);
/// SIGNED: indices are signed.
pub(crate) struct LoadIndexed<I, C, const SIGNED: bool>(PhantomData<(I, C)>);
pub(crate) struct StoreIndexed<I, C, const SIGNED: bool>(PhantomData<(I, C)>);

impl<C: Convert> Body for LoadStrided<C> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        load_strided::<C>(hart, memory, p, hart.x(p.rs2), hart.v.vstart..hart.v.vl)?;
        tails::<C::Reg>(hart, p);
        Ok(())
    }
}

impl<C: Convert> Body for StoreStrided<C> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        store_strided::<C>(hart, memory, p, hart.x(p.rs2), hart.v.vstart..hart.v.vl)
    }
}

/// Elements that are looked at together; twice as many where there are.
const TOGETHER: usize = 8;

/// The memory around the next `n` elements, if it is plain and not much more than they need; and the bits that their offsets
/// in it are made of. SIGNED: those have a sign, which must be the same for all.
#[inline(always)]
fn surroundings<I: Elem, T: Packed, const SIGNED: bool>(
    g: Groups<'_, T, I, I>,
    n: usize,
    ram: Ram,
    base: u64,
    access: Access,
) -> Option<(Span, u64)> {
    /// Pages that may be looked at for each element: fewer than what looking at an element costs.
    const PAGES: u64 = 4;
    // Bits that all have, and that any has: the first are a lower bound, and the others are added to it.
    let (mut all, mut any) = (u64::MAX, 0);
    if n == TOGETHER || n == 2 * TOGETHER {
        for word in 0..I::SIZE * (n / TOGETHER) {
            let word = g.b::<u64>(word * (8 / I::SIZE));
            (all, any) = (all & word, any | word);
        }
        let mut half = 32;
        while half >= I::SIZE * 8 {
            (all, any) = (all & all >> half, any | any >> half);
            half /= 2;
        }
        (all, any) = (I::from_u64(all).to_u64(), I::from_u64(any).to_u64());
    } else {
        for i in 0..n {
            let offset = g.b::<I>(i).to_u64();
            (all, any) = (all & offset, any | offset);
        }
    }
    let varying = any & !all;
    let most = (n as u64 * PAGES) << PAGE_SHIFT;
    if varying >= if SIGNED { most.min(1 << (I::SIZE * 8 - 1)) } else { most } {
        return None;
    }
    let all = if SIGNED { I::from_u64(all).to_i64() as u64 } else { all };
    let span = ram.wide_span(base.wrapping_add(all), varying + T::SIZE as u64, access)?;
    Some((span, varying))
}

/// Loads elements without mask or fields from 0 on, as far as their memory is plain. Returns how many remain.
#[inline(always)]
fn gather<I: Elem, T: Packed, const SIGNED: bool>(hart: &mut Hart, ram: Ram, p: &Plan) -> usize {
    let (vl, base) = (hart.v.vl as u32, hart.x(p.rs1));
    if p.nf != 1 || hart.v.config.misaligned != Misaligned::Allowed {
        return vl as usize;
    }
    let Some(mut g) = hart.v.file.groups::<T, I, I>((p.vd, p.vs2, p.vs2), vl) else { return vl as usize };
    macro_rules! next {
        ($n:expr) => {
            let Some((from, varying)) = surroundings::<I, T, SIGNED>(g, $n, ram, base, Access::Read) else {
                return g.left();
            };
            for i in 0..$n {
                g.set(i, from.get::<T>((g.b::<I>(i).to_u64() & varying) as usize));
            }
            g.advance($n);
        };
    }
    while g.left() >= 2 * TOGETHER {
        next!(2 * TOGETHER);
    }
    if g.left() >= TOGETHER {
        next!(TOGETHER);
    }
    let rest = g.left();
    if rest > 0 {
        next!(rest);
    }
    g.left()
}

/// Stores likewise.
#[inline(always)]
fn scatter<I: Elem, T: Packed, const SIGNED: bool>(hart: &mut Hart, ram: Ram, p: &Plan) -> usize {
    let (vl, base) = (hart.v.vl as u32, hart.x(p.rs1));
    if p.nf != 1 || hart.v.config.misaligned != Misaligned::Allowed {
        return vl as usize;
    }
    let Some(mut g) = hart.v.file.groups::<T, I, I>((p.vd, p.vs2, p.vs2), vl) else { return vl as usize };
    macro_rules! next {
        ($n:expr) => {
            let Some((to, varying)) = surroundings::<I, T, SIGNED>(g, $n, ram, base, Access::Write) else {
                return g.left();
            };
            for i in 0..$n {
                to.set((g.b::<I>(i).to_u64() & varying) as usize, g.a::<T>(i));
            }
            g.advance($n);
        };
    }
    while g.left() >= 2 * TOGETHER {
        next!(2 * TOGETHER);
    }
    if g.left() >= TOGETHER {
        next!(TOGETHER);
    }
    let rest = g.left();
    if rest > 0 {
        next!(rest);
    }
    g.left()
}

/// Notes that `left` elements remain; whether there are none.
#[inline(always)]
fn complete(hart: &mut Hart, left: usize) -> bool {
    if left > 0 {
        hart.v.vstart = hart.v.vl.wrapping_sub(left);
    }
    left == 0
}

/// Whether `gather` or `scatter` may be tried.
#[inline(always)]
fn all_at_once(hart: &Hart, memory: &Memory, p: &Plan) -> bool {
    !p.masked && hart.v.vstart == 0 && hart.v.vl > 0 && !memory.watched_closely()
}

impl<I: Elem, C: Convert, const SIGNED: bool> Body for LoadIndexed<I, C, SIGNED> {
    #[inline(always)]
    fn fast(hart: &mut Hart, ram: Ram, p: &Plan) -> bool {
        if !C::SAME {
            return false;
        }
        let left = gather::<I, C::Reg, SIGNED>(hart, ram, p);
        complete(hart, left)
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let place = Indexed::<I, SIGNED> { base: hart.x(p.rs1), at: p.vs2 as usize, index: PhantomData };
        let mut start = hart.v.vstart;
        if C::SAME && all_at_once(hart, memory, p) {
            start = hart.v.vl - gather::<I, C::Reg, SIGNED>(hart, memory.ram(), p);
        }
        load::<C>(hart, memory, p, place, start..hart.v.vl)?;
        tails::<C::Reg>(hart, p);
        // `fast` may have begun.
        hart.v.vstart = 0;
        Ok(())
    }
}

impl<I: Elem, C: Convert, const SIGNED: bool> Body for StoreIndexed<I, C, SIGNED> {
    #[inline(always)]
    fn fast(hart: &mut Hart, ram: Ram, p: &Plan) -> bool {
        if !C::SAME {
            return false;
        }
        let left = scatter::<I, C::Reg, SIGNED>(hart, ram, p);
        complete(hart, left)
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let place = Indexed::<I, SIGNED> { base: hart.x(p.rs1), at: p.vs2 as usize, index: PhantomData };
        let mut start = hart.v.vstart;
        if C::SAME && all_at_once(hart, memory, p) {
            start = hart.v.vl - scatter::<I, C::Reg, SIGNED>(hart, memory.ram(), p);
        }
        store::<C>(hart, memory, p, place, start..hart.v.vl)?;
        hart.v.vstart = 0;
        Ok(())
    }
}

fn load_indexed<I: Elem>(p: &Plan) -> Result<Kernel, Reason> {
    Ok(match p.sew {
        0 => kernel::<LoadIndexed<I, Same<u8>, false>>(p),
        1 => kernel::<LoadIndexed<I, Same<u16>, false>>(p),
        2 => kernel::<LoadIndexed<I, Same<u32>, false>>(p),
        _ => kernel::<LoadIndexed<I, Same<u64>, false>>(p),
    })
}

fn store_indexed<I: Elem>(p: &Plan) -> Result<Kernel, Reason> {
    Ok(match p.sew {
        0 => kernel::<StoreIndexed<I, Same<u8>, false>>(p),
        1 => kernel::<StoreIndexed<I, Same<u16>, false>>(p),
        2 => kernel::<StoreIndexed<I, Same<u32>, false>>(p),
        _ => kernel::<StoreIndexed<I, Same<u64>, false>>(p),
    })
}

accesses! { |hart, p|
    Ok(kernel::<LoadStrided<Same<u8>>>(&p)) =>
        Vlse8V Vlsseg2e8V Vlsseg3e8V Vlsseg4e8V Vlsseg5e8V Vlsseg6e8V Vlsseg7e8V Vlsseg8e8V;
    Ok(kernel::<LoadStrided<Same<u16>>>(&p)) =>
        Vlse16V Vlsseg2e16V Vlsseg3e16V Vlsseg4e16V Vlsseg5e16V Vlsseg6e16V Vlsseg7e16V Vlsseg8e16V;
    Ok(kernel::<LoadStrided<Same<u32>>>(&p)) =>
        Vlse32V Vlsseg2e32V Vlsseg3e32V Vlsseg4e32V Vlsseg5e32V Vlsseg6e32V Vlsseg7e32V Vlsseg8e32V;
    Ok(kernel::<LoadStrided<Same<u64>>>(&p)) =>
        Vlse64V Vlsseg2e64V Vlsseg3e64V Vlsseg4e64V Vlsseg5e64V Vlsseg6e64V Vlsseg7e64V Vlsseg8e64V;
    Ok(kernel::<StoreStrided<Same<u8>>>(&p)) =>
        Vsse8V Vssseg2e8V Vssseg3e8V Vssseg4e8V Vssseg5e8V Vssseg6e8V Vssseg7e8V Vssseg8e8V;
    Ok(kernel::<StoreStrided<Same<u16>>>(&p)) =>
        Vsse16V Vssseg2e16V Vssseg3e16V Vssseg4e16V Vssseg5e16V Vssseg6e16V Vssseg7e16V Vssseg8e16V;
    Ok(kernel::<StoreStrided<Same<u32>>>(&p)) =>
        Vsse32V Vssseg2e32V Vssseg3e32V Vssseg4e32V Vssseg5e32V Vssseg6e32V Vssseg7e32V Vssseg8e32V;
    Ok(kernel::<StoreStrided<Same<u64>>>(&p)) =>
        Vsse64V Vssseg2e64V Vssseg3e64V Vssseg4e64V Vssseg5e64V Vssseg6e64V Vssseg7e64V Vssseg8e64V;
    load_indexed::<u8>(&p) =>
        Vluxei8V Vluxseg2ei8V Vluxseg3ei8V Vluxseg4ei8V Vluxseg5ei8V Vluxseg6ei8V Vluxseg7ei8V Vluxseg8ei8V
        Vloxei8V Vloxseg2ei8V Vloxseg3ei8V Vloxseg4ei8V Vloxseg5ei8V Vloxseg6ei8V Vloxseg7ei8V Vloxseg8ei8V;
    load_indexed::<u16>(&p) =>
        Vluxei16V Vluxseg2ei16V Vluxseg3ei16V Vluxseg4ei16V Vluxseg5ei16V Vluxseg6ei16V Vluxseg7ei16V Vluxseg8ei16V
        Vloxei16V Vloxseg2ei16V Vloxseg3ei16V Vloxseg4ei16V Vloxseg5ei16V Vloxseg6ei16V Vloxseg7ei16V Vloxseg8ei16V;
    load_indexed::<u32>(&p) =>
        Vluxei32V Vluxseg2ei32V Vluxseg3ei32V Vluxseg4ei32V Vluxseg5ei32V Vluxseg6ei32V Vluxseg7ei32V Vluxseg8ei32V
        Vloxei32V Vloxseg2ei32V Vloxseg3ei32V Vloxseg4ei32V Vloxseg5ei32V Vloxseg6ei32V Vloxseg7ei32V Vloxseg8ei32V;
    load_indexed::<u64>(&p) =>
        Vluxei64V Vluxseg2ei64V Vluxseg3ei64V Vluxseg4ei64V Vluxseg5ei64V Vluxseg6ei64V Vluxseg7ei64V Vluxseg8ei64V
        Vloxei64V Vloxseg2ei64V Vloxseg3ei64V Vloxseg4ei64V Vloxseg5ei64V Vloxseg6ei64V Vloxseg7ei64V Vloxseg8ei64V;
    store_indexed::<u8>(&p) =>
        Vsuxei8V Vsuxseg2ei8V Vsuxseg3ei8V Vsuxseg4ei8V Vsuxseg5ei8V Vsuxseg6ei8V Vsuxseg7ei8V Vsuxseg8ei8V
        Vsoxei8V Vsoxseg2ei8V Vsoxseg3ei8V Vsoxseg4ei8V Vsoxseg5ei8V Vsoxseg6ei8V Vsoxseg7ei8V Vsoxseg8ei8V;
    store_indexed::<u16>(&p) =>
        Vsuxei16V Vsuxseg2ei16V Vsuxseg3ei16V Vsuxseg4ei16V Vsuxseg5ei16V Vsuxseg6ei16V Vsuxseg7ei16V Vsuxseg8ei16V
        Vsoxei16V Vsoxseg2ei16V Vsoxseg3ei16V Vsoxseg4ei16V Vsoxseg5ei16V Vsoxseg6ei16V Vsoxseg7ei16V Vsoxseg8ei16V;
    store_indexed::<u32>(&p) =>
        Vsuxei32V Vsuxseg2ei32V Vsuxseg3ei32V Vsuxseg4ei32V Vsuxseg5ei32V Vsuxseg6ei32V Vsuxseg7ei32V Vsuxseg8ei32V
        Vsoxei32V Vsoxseg2ei32V Vsoxseg3ei32V Vsoxseg4ei32V Vsoxseg5ei32V Vsoxseg6ei32V Vsoxseg7ei32V Vsoxseg8ei32V;
    store_indexed::<u64>(&p) =>
        Vsuxei64V Vsuxseg2ei64V Vsuxseg3ei64V Vsuxseg4ei64V Vsuxseg5ei64V Vsuxseg6ei64V Vsuxseg7ei64V Vsuxseg8ei64V
        Vsoxei64V Vsoxseg2ei64V Vsoxseg3ei64V Vsoxseg4ei64V Vsoxseg5ei64V Vsoxseg6ei64V Vsoxseg7ei64V Vsoxseg8ei64V;
}
