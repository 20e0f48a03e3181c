//! Unit-stride loads and stores, fault-only-first loads, masks and whole registers.

use core::marker::PhantomData;

use super::bytes::{Packed, SHORT, Same, copy, copy_up_to, load_active, store_active};
use super::scattered::{load_strided, store_strided};
use super::{accesses, all_aligned, first_only};
use crate::hart::{Agnostic, Hart};
use crate::memory::{Access, Memory, Ram};
use crate::ops::vector::lanes::tail;
use crate::ops::vector::{Body, Done, Kernel, Plan, kernel};

/// vd[i] = mem[rs1 + i * EEW], neither masked nor with a tail to fill: what is in every program's loops. There
/// is nothing in it to be called but what is rare. FIRST: only element 0 may fault. LONG: more than
/// `SHORT` bytes, which takes a loop.
pub(crate) struct LoadUnit<T, const FIRST: bool, const LONG: bool>(PhantomData<T>);
/// mem[rs1 + i * EEW] = vs3[i], likewise.
pub(crate) struct StoreUnit<T, const LONG: bool>(PhantomData<T>);
/// Any unit-stride load.
struct LoadAny<T, const N: usize, const FIRST: bool>(PhantomData<T>);
/// Any unit-stride store.
struct StoreAny<T>(PhantomData<T>);
/// Bytes that hold mask bits for `vl` elements.
struct LoadMask;
struct StoreMask;
/// Whole registers, whatever `vl` and `vtype` are.
struct LoadWhole<T>(PhantomData<T>);
struct StoreWhole;

pub(super) fn load_unit<T: Packed, const N: usize, const FIRST: bool>(p: &Plan) -> Kernel {
    if p.plain {
        if p.span as usize > SHORT {
            kernel::<LoadUnit<T, FIRST, true>>(p)
        } else {
            kernel::<LoadUnit<T, FIRST, false>>(p)
        }
    } else {
        kernel::<LoadAny<T, N, FIRST>>(p)
    }
}

pub(super) fn store_unit<T: Packed>(p: &Plan) -> Kernel {
    if !p.masked {
        if p.span as usize > SHORT { kernel::<StoreUnit<T, true>>(p) } else { kernel::<StoreUnit<T, false>>(p) }
    } else {
        kernel::<StoreAny<T>>(p)
    }
}

/// The bytes of elements `start..end` of a unit-stride access, if they can be moved at once.
#[inline(always)]
pub(super) fn run<'a, T: Packed>(
    hart: &Hart,
    memory: &'a mut Memory,
    p: &Plan,
    (start, end): (usize, usize),
    access: Access,
) -> Option<&'a mut [u8]> {
    let base = hart.x(p.rs1);
    if !all_aligned::<T>(hart, base) {
        return None;
    }
    memory.plain(base.wrapping_add((start * T::SIZE) as u64), ((end - start) * T::SIZE) as u64, access)
}

/// Loads elements `start..end` without mask.
#[inline(always)]
fn load_all<T: Packed>(hart: &mut Hart, memory: &mut Memory, p: &Plan, start: usize, end: usize) -> Done {
    match run::<T>(hart, memory, p, (start, end), Access::Read) {
        Some(from) => copy(hart.v.file.bytes_mut(p.vd as usize + start * T::SIZE, from.len()), from),
        None => load_strided::<Same<T>>(hart, memory, &one_field(p), T::SIZE as u64, start..end)?,
    }
    Ok(())
}

/// Stores elements `start..end` without mask.
#[inline(always)]
fn store_all<T: Packed>(hart: &mut Hart, memory: &mut Memory, p: &Plan, start: usize, end: usize) -> Done {
    match run::<T>(hart, memory, p, (start, end), Access::Write) {
        Some(to) => copy(to, hart.v.file.bytes(p.vd as usize + start * T::SIZE, (end - start) * T::SIZE)),
        None => store_strided::<Same<T>>(hart, memory, &one_field(p), T::SIZE as u64, start..end)?,
    }
    Ok(())
}

/// Whole registers have their number where segments have that of fields.
#[inline(always)]
fn one_field(p: &Plan) -> Plan {
    Plan { nf: 1, ..*p }
}

/// Loads what a short body could not.
#[cold]
#[inline(never)]
fn load_rest<T: Packed, const FIRST: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    let start = hart.v.vstart;
    let done = load_strided::<Same<T>>(hart, memory, p, T::SIZE as u64, start..hart.v.vl);
    match done {
        Err(event) if FIRST => first_only(hart, start, event),
        _ => done,
    }
}

/// Stores what a short body could not.
#[cold]
#[inline(never)]
fn store_rest<T: Packed>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    store_strided::<Same<T>>(hart, memory, p, T::SIZE as u64, hart.v.vstart..hart.v.vl)
}

impl<T: Packed, const FIRST: bool, const LONG: bool> Body for LoadUnit<T, FIRST, LONG> {
    #[inline(always)]
    fn fast(hart: &mut Hart, ram: Ram, p: &Plan) -> bool {
        let (base, len) = (hart.x(p.rs1), hart.v.vl as u32 * T::SIZE as u32);
        if !all_aligned::<T>(hart, base) {
            return false;
        }
        let Some(from) = ram.span(base, len, Access::Read) else { return false };
        let Some(to) = hart.v.file.get_bytes_mut(p.vd, len) else { return false };
        from.read(to);
        true
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        if start >= vl {
            return Ok(());
        }
        match run::<T>(hart, memory, p, (start, vl), Access::Read) {
            Some(from) => {
                copy_up_to::<LONG>(hart.v.file.bytes_mut(p.vd as usize + start * T::SIZE, from.len()), from);
                Ok(())
            }
            _ => load_rest::<T, FIRST>(hart, memory, p),
        }
    }
}

impl<T: Packed, const LONG: bool> Body for StoreUnit<T, LONG> {
    #[inline(always)]
    fn fast(hart: &mut Hart, ram: Ram, p: &Plan) -> bool {
        let (base, len) = (hart.x(p.rs1), hart.v.vl as u32 * T::SIZE as u32);
        if !all_aligned::<T>(hart, base) {
            return false;
        }
        let Some(to) = ram.span(base, len, Access::Write) else { return false };
        let Some(from) = hart.v.file.get_bytes_mut(p.vd, len) else { return false };
        to.write(from);
        true
    }

    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        if start >= vl {
            return Ok(());
        }
        match run::<T>(hart, memory, p, (start, vl), Access::Write) {
            Some(to) => {
                copy_up_to::<LONG>(to, hart.v.file.bytes(p.vd as usize + start * T::SIZE, (vl - start) * T::SIZE));
                Ok(())
            }
            _ => store_rest::<T>(hart, memory, p),
        }
    }
}

impl<T: Packed, const N: usize, const FIRST: bool> Body for LoadAny<T, N, FIRST> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        if start >= vl {
            return Ok(());
        }
        let done = if !p.masked {
            load_all::<T>(hart, memory, p, start, vl)
        } else if start == 0
            && let Some(from) = run::<T>(hart, memory, p, (0, vl), Access::Read)
        {
            load_active::<T, N>(&mut hart.v, p, from);
            Ok(())
        } else {
            load_strided::<Same<T>>(hart, memory, p, T::SIZE as u64, start..vl)
        };
        if let Err(event) = done {
            if !FIRST {
                return Err(event);
            }
            first_only(hart, start, event)?;
        }
        tail::<T>(&mut hart.v, p);
        Ok(())
    }
}

impl<T: Packed> Body for StoreAny<T> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        if start >= vl {
            Ok(())
        } else if !p.masked {
            store_all::<T>(hart, memory, p, start, vl)
        } else if let Some(to) = run::<T>(hart, memory, p, (start, vl), Access::Write) {
            store_active::<T>(to, &hart.v.file, p, start);
            Ok(())
        } else {
            store_strided::<Same<T>>(hart, memory, p, T::SIZE as u64, start..vl)
        }
    }
}

impl Body for LoadMask {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, end) = (hart.v.vstart, hart.v.vl.div_ceil(8));
        if start >= end {
            return Ok(());
        }
        load_all::<u8>(hart, memory, p, start, end)?;
        // The tails of masks are always agnostic.
        if hart.v.config.agnostic == Agnostic::Ones {
            hart.v.file.bytes_mut(p.vd as usize + end, hart.v.vlenb - end).fill(0xff);
        }
        Ok(())
    }
}

impl Body for StoreMask {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, end) = (hart.v.vstart, hart.v.vl.div_ceil(8));
        if start >= end { Ok(()) } else { store_all::<u8>(hart, memory, p, start, end) }
    }
}

impl<T: Packed> Body for LoadWhole<T> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, end) = (hart.v.vstart, p.nf as usize * hart.v.vlenb / T::SIZE);
        if start >= end { Err(hart.illegal()) } else { load_all::<T>(hart, memory, p, start, end) }
    }
}

impl Body for StoreWhole {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, end) = (hart.v.vstart, p.nf as usize * hart.v.vlenb);
        if start >= end { Err(hart.illegal()) } else { store_all::<u8>(hart, memory, p, start, end) }
    }
}

accesses! { |hart, p|
    Ok(load_unit::<u8, 32, false>(&p)) => Vle8V;
    Ok(load_unit::<u16, 32, false>(&p)) => Vle16V;
    Ok(load_unit::<u32, 16, false>(&p)) => Vle32V;
    Ok(load_unit::<u64, 8, false>(&p)) => Vle64V;
    Ok(load_unit::<u8, 32, true>(&p)) => Vle8ffV;
    Ok(load_unit::<u16, 32, true>(&p)) => Vle16ffV;
    Ok(load_unit::<u32, 16, true>(&p)) => Vle32ffV;
    Ok(load_unit::<u64, 8, true>(&p)) => Vle64ffV;
    Ok(store_unit::<u8>(&p)) => Vse8V;
    Ok(store_unit::<u16>(&p)) => Vse16V;
    Ok(store_unit::<u32>(&p)) => Vse32V;
    Ok(store_unit::<u64>(&p)) => Vse64V;
    Ok(kernel::<LoadMask>(&p)) => VlmV;
    Ok(kernel::<StoreMask>(&p)) => VsmV;
    Ok(kernel::<LoadWhole<u8>>(&p)) => Vl1re8V Vl2re8V Vl4re8V Vl8re8V;
    Ok(kernel::<LoadWhole<u16>>(&p)) => Vl1re16V Vl2re16V Vl4re16V Vl8re16V;
    Ok(kernel::<LoadWhole<u32>>(&p)) => Vl1re32V Vl2re32V Vl4re32V Vl8re32V;
    Ok(kernel::<LoadWhole<u64>>(&p)) => Vl1re64V Vl2re64V Vl4re64V Vl8re64V;
    Ok(kernel::<StoreWhole>(&p)) => Vs1rV Vs2rV Vs4rV Vs8rV;
}
