//! Vector loads and stores (V, "Vector Loads and Stores").
//!
//! Runs of plain memory are moved at once. Whatever else there may be (holes, devices, translated code, somebody who watches)
//! goes element by element, so that a fault at element k finds all earlier ones done and `vstart` = k.

use core::marker::PhantomData;

use super::lanes::{Elem, mask_bit, tail};
use super::{Body, Done, Plan, kernel, vector};
use crate::hart::{Cause, Event, Hart, Misaligned};
use crate::memory::{Access, Fault, Memory};

/// Turns a fault at element `i` into its trap.
#[cold]
#[inline(never)]
fn trap(hart: &mut Hart, i: usize, f: Fault) -> Event {
    hart.v.vstart = i;
    hart.tval = f.addr;
    Event::Trap(if f.access == Access::Write { Cause::StoreAccess } else { Cause::LoadAccess })
}

/// The trap of a misaligned element, where the machine has it.
#[inline(always)]
fn aligned<T: Elem>(hart: &mut Hart, i: usize, addr: u64, access: Access) -> Result<(), Event> {
    if hart.v.config.misaligned == Misaligned::Allowed || addr % T::SIZE as u64 == 0 {
        return Ok(());
    }
    hart.v.vstart = i;
    hart.tval = addr;
    Err(Event::Trap(if access == Access::Write { Cause::StoreMisaligned } else { Cause::LoadMisaligned }))
}

/// Loads element `i` of the group at byte offset `at`.
#[inline(always)]
fn load<T: Elem>(hart: &mut Hart, memory: &mut Memory, at: u32, i: usize, addr: u64) -> Done {
    let v = match memory.ram().load::<T>(addr).filter(|_| !memory.watched_closely()) {
        Some(v) => v,
        None => {
            aligned::<T>(hart, i, addr, Access::Read)?;
            T::from_u64(memory.load(addr, T::SIZE as u32).map_err(|f| trap(hart, i, f))?)
        }
    };
    hart.v.file.set(at as usize + i * T::SIZE, v);
    Ok(())
}

/// Stores element `i` of the group at byte offset `at`.
#[inline(always)]
fn store<T: Elem>(hart: &mut Hart, memory: &mut Memory, at: u32, i: usize, addr: u64) -> Done {
    let v = hart.v.file.get::<T>(at as usize + i * T::SIZE);
    if memory.watched_closely() || memory.ram().store::<T>(addr, v).is_none() {
        aligned::<T>(hart, i, addr, Access::Write)?;
        memory.store(addr, T::SIZE as u32, v.to_u64()).map_err(|f| trap(hart, i, f))?;
    }
    Ok(())
}

/// Whether element `i` is active; inactive ones of a load are filled if the policy says so.
#[inline(always)]
fn active<T: Elem>(hart: &mut Hart, p: &Plan, i: usize, loads: bool) -> bool {
    if !p.masked || mask_bit(&hart.v.file, 0, i) {
        return true;
    }
    if loads && p.mask_ones {
        hart.v.file.set(p.vd as usize + i * T::SIZE, T::ONES);
    }
    false
}

/// vd[i] = mem[rs1 + i * EEW].
pub(super) struct LoadUnit<T>(PhantomData<T>);
/// mem[rs1 + i * EEW] = vs3[i].
pub(super) struct StoreUnit<T>(PhantomData<T>);

impl<T: Elem> Body for LoadUnit<T> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let base = hart.x(p.rs1);
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        let (skip, len) = (start * T::SIZE, vl.saturating_sub(start) * T::SIZE);
        let all_aligned = hart.v.config.misaligned == Misaligned::Allowed || base % T::SIZE as u64 == 0;
        if !p.masked
            && all_aligned
            && let Some(bytes) = memory.plain(base.wrapping_add(skip as u64), len as u64, Access::Read)
        {
            hart.v.file.bytes_mut(p.vd as usize + skip, len).copy_from_slice(bytes);
        } else {
            for i in start..vl {
                if active::<T>(hart, p, i, true) {
                    load::<T>(hart, memory, p.vd, i, base.wrapping_add((i * T::SIZE) as u64))?;
                }
            }
        }
        tail::<T>(&mut hart.v, p);
        Ok(())
    }
}

impl<T: Elem> Body for StoreUnit<T> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let base = hart.x(p.rs1);
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        let (skip, len) = (start * T::SIZE, vl.saturating_sub(start) * T::SIZE);
        let all_aligned = hart.v.config.misaligned == Misaligned::Allowed || base % T::SIZE as u64 == 0;
        if !p.masked
            && all_aligned
            && let Some(bytes) = memory.plain(base.wrapping_add(skip as u64), len as u64, Access::Write)
        {
            bytes.copy_from_slice(hart.v.file.bytes(p.vd as usize + skip, len));
            return Ok(());
        }
        for i in start..vl {
            if active::<T>(hart, p, i, false) {
                store::<T>(hart, memory, p.vd, i, base.wrapping_add((i * T::SIZE) as u64))?;
            }
        }
        Ok(())
    }
}

vector! {
    Vle8V |hart, p| Ok(kernel::<LoadUnit<u8>>(&p));
    Vle16V |hart, p| Ok(kernel::<LoadUnit<u16>>(&p));
    Vle32V |hart, p| Ok(kernel::<LoadUnit<u32>>(&p));
    Vle64V |hart, p| Ok(kernel::<LoadUnit<u64>>(&p));
    Vse8V |hart, p| Ok(kernel::<StoreUnit<u8>>(&p));
    Vse16V |hart, p| Ok(kernel::<StoreUnit<u16>>(&p));
    Vse32V |hart, p| Ok(kernel::<StoreUnit<u32>>(&p));
    Vse64V |hart, p| Ok(kernel::<StoreUnit<u64>>(&p));
}
