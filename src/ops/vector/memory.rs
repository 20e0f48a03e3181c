//! Vector loads and stores (V, "Vector Loads and Stores").
//!
//! Runs of plain memory are moved at once. Whatever else there may be (holes, devices, translated code, somebody who watches)
//! goes element by element, so that a fault at element k finds all earlier ones done and `vstart` = k. Elements are accessed
//! in their order, the fields of a segment in theirs.
//!
//! | module | what |
//! |---|---|
//! | `unit` | unit-stride, fault-only-first, masks, whole registers |
//! | `segment` | unit-stride segments |
//! | `scattered` | strided and indexed, of one field or more; the way element by element |
//! | `bytes` | moving, converting and interleaving runs of bytes |
//! | `amo` | the atomics of XTheadZvamo |
//! | `thead` | the loads and stores of XTheadVector, which convert between the width in memory and SEW |

mod amo;
mod bytes;
mod scattered;
mod segment;
mod thead;
mod unit;

pub(crate) use amo::*;
pub(crate) use bytes::Same;
pub(crate) use scattered::*;
pub(crate) use segment::*;
pub(crate) use thead::*;
pub(crate) use unit::*;

use bytes::{Convert, Packed};

use super::lanes::{Elem, tail};
use super::{Done, Plan};
use crate::hart::{Cause, Event, Hart, Misaligned};
use crate::memory::{Access, Fault, Memory, Word};

/// Most fields that a segment has.
const MAX_FIELDS: usize = 8;

/// Defines instructions that differ only in what their plans say.
macro_rules! accesses {
    (|$hart:ident, $p:ident| $($kernel:expr => $($name:ident)+;)*) => { $(
        accesses!(@ $hart $p $kernel; $($name)+);
    )* };
    (@ $hart:ident $p:ident $kernel:expr; $($name:ident)+) => { $crate::ops::vector::vector! { $($name |$hart, $p| $kernel;)+ } };
}
use accesses;

/// Turns a fault at element `i` into its trap.
#[cold]
#[inline(never)]
fn trap(hart: &mut Hart, i: usize, f: Fault) -> Event {
    hart.v.vstart = i;
    hart.tval = f.addr;
    Event::Trap(if f.access == Access::Write { Cause::StoreAccess } else { Cause::LoadAccess })
}

/// The trap of a misaligned element, where the machine has it.
fn aligned<T: Elem>(hart: &mut Hart, i: usize, addr: u64, access: Access) -> Result<(), Event> {
    if all_aligned::<T>(hart, addr) {
        return Ok(());
    }
    hart.v.vstart = i;
    hart.tval = addr;
    Err(Event::Trap(if access == Access::Write { Cause::StoreMisaligned } else { Cause::LoadMisaligned }))
}

/// Whether a run of elements at `base` does not trap for misalignment.
#[inline(always)]
fn all_aligned<T: Elem>(hart: &Hart, base: u64) -> bool {
    base.is_multiple_of(T::SIZE as u64) || hart.v.config.misaligned == Misaligned::Allowed
}

/// A fault that one of the fields of a segment of several is going to have. Devices must not see accesses that will be done
/// again, so that with devices about, nothing of such a segment is accessed.
fn probe<T: Elem>(hart: &mut Hart, memory: &Memory, p: &Plan, i: usize, addr: u64, access: Access) -> Done {
    if p.nf < 2 || !memory.has_devices() {
        return Ok(());
    }
    for k in 0..p.nf as u64 {
        let addr = addr.wrapping_add(k * T::SIZE as u64);
        aligned::<T>(hart, i, addr, access)?;
        if !memory.is_device(addr, T::SIZE as u32) {
            memory.check(addr, T::SIZE as u64, access).map_err(|f| trap(hart, i, f))?;
        }
    }
    Ok(())
}

/// Loads segment `i` from anywhere.
#[cold]
#[inline(never)]
fn load_segment<C: Convert>(hart: &mut Hart, memory: &mut Memory, p: &Plan, i: usize, addr: u64) -> Done {
    // Elements that are only misaligned need not be looked at one by one.
    if all_aligned::<C::Mem>(hart, addr)
        && let Some(bytes) = memory.plain(addr, p.nf as u64 * C::Mem::SIZE as u64, Access::Read)
    {
        for (k, bytes) in bytes.chunks_exact(C::Mem::SIZE).enumerate() {
            hart.v.file.set(field(p, k) + i * C::Reg::SIZE, C::extend(C::Mem::first(bytes)));
        }
        return Ok(());
    }
    probe::<C::Mem>(hart, memory, p, i, addr, Access::Read)?;
    let mut fields = [C::Reg::ZERO; MAX_FIELDS];
    for (k, v) in fields.iter_mut().take(p.nf as usize).enumerate() {
        let addr = addr.wrapping_add((k * C::Mem::SIZE) as u64);
        aligned::<C::Mem>(hart, i, addr, Access::Read)?;
        let bits = memory.load(addr, C::Mem::SIZE as u32).map_err(|f| trap(hart, i, f))?;
        *v = C::extend(C::Mem::from_u64(bits));
        if !C::WHOLE {
            hart.v.file.set(field(p, k) + i * C::Reg::SIZE, *v);
        }
    }
    if C::WHOLE {
        let fields = fields.iter().take(p.nf as usize).enumerate();
        fields.for_each(|(k, v)| hart.v.file.set(field(p, k) + i * C::Reg::SIZE, *v));
    }
    Ok(())
}

/// Stores segment `i` to anywhere.
#[cold]
#[inline(never)]
fn store_segment<C: Convert>(hart: &mut Hart, memory: &mut Memory, p: &Plan, i: usize, addr: u64) -> Done {
    if all_aligned::<C::Mem>(hart, addr)
        && let Some(bytes) = memory.plain(addr, p.nf as u64 * C::Mem::SIZE as u64, Access::Write)
    {
        for (k, bytes) in bytes.chunks_exact_mut(C::Mem::SIZE).enumerate() {
            C::truncate(hart.v.file.get(field(p, k) + i * C::Reg::SIZE)).put(bytes);
        }
        return Ok(());
    }
    probe::<C::Mem>(hart, memory, p, i, addr, Access::Write)?;
    for k in 0..p.nf as usize {
        let addr = addr.wrapping_add((k * C::Mem::SIZE) as u64);
        aligned::<C::Mem>(hart, i, addr, Access::Write)?;
        let v = C::truncate(hart.v.file.get(field(p, k) + i * C::Reg::SIZE));
        memory.store(addr, C::Mem::SIZE as u32, v.to_u64()).map_err(|f| trap(hart, i, f))?;
    }
    Ok(())
}

/// Where in the register file field `k` begins.
#[inline(always)]
fn field(p: &Plan, k: usize) -> usize {
    p.vd as usize + k * p.span as usize
}

/// Fills the tails of all fields with ones if the policy says so.
#[inline(always)]
fn tails<T: Elem>(hart: &mut Hart, p: &Plan) {
    if p.tail_ones {
        for k in 0..p.nf as usize {
            tail::<T>(&mut hart.v, &Plan { vd: field(p, k) as u32, ..*p });
        }
    }
}

/// What a fault-only-first load makes of a trap: behind element 0 it cuts `vl` short instead.
#[cold]
#[inline(never)]
fn first_only(hart: &mut Hart, start: usize, event: Event) -> Done {
    let at = hart.v.vstart;
    if at == 0 || !matches!(event, Event::Trap(_)) {
        return Err(event);
    }
    hart.v.vstart = start;
    let vtype = hart.v.vtype();
    hart.v.configure(at, vtype);
    Ok(())
}
