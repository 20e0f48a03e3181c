//! Atomics: Zalrsc, Zaamo, Zabha and Zacas (Unprivileged manual, the chapters "A" and "Zacas").
//!
//! One hart has the memory to itself, so an atomic is a load and a store, and the ordering bits ask for nothing. All
//! addresses must be naturally aligned (the `Ram` view's fast path sees to that by itself), and every fault of an atomic other
//! than LR is a store/AMO fault. Devices take AMOs as a load followed by a store, but cannot be reserved.

use super::memory::trap;
use super::{Semantics, operands, special};
use crate::hart::{Cause, Event, Hart};
use crate::isa::Insn;
use crate::memory::{Access, Memory, Ram, Word};

/// Sign-extends the low `size` bytes.
#[inline(always)]
fn extend(v: u64, size: u32) -> u64 {
    let unused = 64 - 8 * size;
    ((v << unused) as i64 >> unused) as u64
}

/// Checks natural alignment.
fn aligned(hart: &mut Hart, addr: u64, size: u32, cause: Cause) -> Result<(), Event> {
    if addr & (size as u64 - 1) != 0 {
        hart.tval = addr;
        return Err(Event::Trap(cause));
    }
    Ok(())
}

/// Checks an atomic's right to store: alignment first, then write permission, so that nothing has been read when it faults.
fn may_store(hart: &mut Hart, memory: &Memory, addr: u64, size: u32) -> Result<(), Event> {
    aligned(hart, addr, size, Cause::StoreMisaligned)?;
    match memory.check(addr, size as u64, Access::Write) {
        Err(f) if !memory.is_device(addr, size) => Err(trap(hart, f, Cause::StoreAccess)),
        _ => Ok(()),
    }
}

/// Loads, lets `f` decide on a new value, and stores that; returns the old value, zero-extended.
pub(crate) fn modify(
    hart: &mut Hart,
    memory: &mut Memory,
    addr: u64,
    size: u32,
    f: impl FnOnce(u64) -> Option<u64>,
) -> Result<u64, Event> {
    may_store(hart, memory, addr, size)?;
    let old = memory.load(addr, size).map_err(|e| trap(hart, e, Cause::StoreAccess))?;
    if let Some(new) = f(old) {
        memory.store(addr, size, new).map_err(|e| trap(hart, e, Cause::StoreAccess))?;
    }
    Ok(old)
}

macro_rules! amo {
    ($([$($name:ident $t:ty),+] |$m:ident, $r:ident| $e:expr;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(X = X X);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, ram: Ram, a: u64, b: u64, _: u64, _: i64) -> Option<u64> {
                let old = ram.update::<$t>(a, |$m| {
                    let $r = b as $t;
                    $e
                })?;
                Some(extend(old.to_u64(), size_of::<$t>() as u32))
            }
            fn slow(hart: &mut Hart, m: &mut Memory, a: u64, b: u64, _: u64, _: i64) -> Result<u64, Event> {
                let size = size_of::<$t>() as u32;
                let old = modify(hart, m, a, size, |old| {
                    let ($m, $r) = (old as $t, b as $t);
                    Some(<$t>::to_u64($e))
                })?;
                Ok(extend(old, size))
            }
        }
    )+)* };
}

amo! {
    [AmoswapB i8, AmoswapH i16, AmoswapW i32, AmoswapD i64] |_m, r| r;
    [AmoaddB i8, AmoaddH i16, AmoaddW i32, AmoaddD i64] |m, r| m.wrapping_add(r);
    [AmoxorB i8, AmoxorH i16, AmoxorW i32, AmoxorD i64] |m, r| m ^ r;
    [AmoandB i8, AmoandH i16, AmoandW i32, AmoandD i64] |m, r| m & r;
    [AmoorB i8, AmoorH i16, AmoorW i32, AmoorD i64] |m, r| m | r;
    [AmominB i8, AmominH i16, AmominW i32, AmominD i64] |m, r| m.min(r);
    [AmomaxB i8, AmomaxH i16, AmomaxW i32, AmomaxD i64] |m, r| m.max(r);
    [AmominuB u8, AmominuH u16, AmominuW u32, AmominuD u64] |m, r| m.min(r);
    [AmomaxuB u8, AmomaxuH u16, AmomaxuW u32, AmomaxuD u64] |m, r| m.max(r);
}

macro_rules! lrsc {
    ($($lr:ident $sc:ident $t:ty;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $lr;
        impl Semantics for $lr {
            operands!(X = X);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, ram: Ram, a: u64, _: u64, _: u64, _: i64) -> Option<u64> {
                let v = ram.load::<$t>(a)?;
                hart.reservation = Some(a);
                Some(v as u64)
            }
            fn slow(hart: &mut Hart, m: &mut Memory, a: u64, _: u64, _: u64, _: i64) -> Result<u64, Event> {
                let size = size_of::<$t>() as u32;
                aligned(hart, a, size, Cause::LoadMisaligned)?;
                // Checked apart from the load, so that a device is not touched.
                m.check(a, size as u64, Access::Read).map_err(|f| trap(hart, f, Cause::LoadAccess))?;
                let v = m.load(a, size).map_err(|f| trap(hart, f, Cause::LoadAccess))?;
                hart.reservation = Some(a);
                Ok(extend(v, size))
            }
        }

        /// Succeeds if the last LR was at the same address.
        #[derive(Clone, Copy)]
        pub(crate) struct $sc;
        impl Semantics for $sc {
            operands!(X = X X);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, ram: Ram, a: u64, b: u64, _: u64, _: i64) -> Option<u64> {
                if hart.reservation != Some(a) {
                    return None;
                }
                ram.store::<$t>(a, b as $t)?;
                hart.reservation = None;
                Some(0)
            }
            fn slow(hart: &mut Hart, m: &mut Memory, a: u64, b: u64, _: u64, _: i64) -> Result<u64, Event> {
                let size = size_of::<$t>() as u32;
                aligned(hart, a, size, Cause::StoreMisaligned)?;
                // An SC that would fail still needs the right to store, as on Spike.
                m.check(a, size as u64, Access::Write).map_err(|f| trap(hart, f, Cause::StoreAccess))?;
                let succeeds = hart.reservation == Some(a);
                if succeeds {
                    m.store(a, size, b).map_err(|f| trap(hart, f, Cause::StoreAccess))?;
                }
                hart.reservation = None;
                Ok(!succeeds as u64)
            }
        }
    )* };
}

lrsc! {
    LrW ScW i32;
    LrD ScD i64;
}

/// AMOCAS up to 64 bits: `rd` is compared and then takes the old value.
fn compare_and_swap(hart: &mut Hart, memory: &mut Memory, i: &Insn, size: u32) -> Result<(), Event> {
    let unused = 64 - 8 * size;
    let (addr, expected, new) = (hart.x(i.rs1), hart.x(i.rd), hart.x(i.rs2));
    let old = modify(hart, memory, addr, size, |old| (old << unused == expected << unused).then_some(new))?;
    hart.set_x(i.rd, extend(old, size));
    hart.pc = hart.pc.wrapping_add(i.len as u64);
    Ok(())
}

/// The 128 bits in an even-odd pair of registers; that of x0 is zero.
fn pair(hart: &Hart, n: u8) -> (u64, u64) {
    if n == 0 { (0, 0) } else { (hart.x(n), hart.x(n | 1)) }
}

special! {
    AmocasB |h, m, i| compare_and_swap(h, m, i, 1);
    AmocasH |h, m, i| compare_and_swap(h, m, i, 2);
    AmocasW |h, m, i| compare_and_swap(h, m, i, 4);
    AmocasD |h, m, i| compare_and_swap(h, m, i, 8);
    /// The registers come in pairs; odd register numbers are reserved. Not for devices.
    AmocasQ |h, m, i| {
        if (i.rd | i.rs2) & 1 != 0 {
            return Err(h.illegal());
        }
        let addr = h.x(i.rs1);
        aligned(h, addr, 16, Cause::StoreMisaligned)?;
        for access in [Access::Write, Access::Read] {
            m.check(addr, 16, access).map_err(|f| trap(h, f, Cause::StoreAccess))?;
        }
        let (low, high) = (addr, addr | 8);
        let mut load = |at| m.load(at, 8).map_err(|f| trap(h, f, Cause::StoreAccess));
        let old = (load(low)?, load(high)?);
        if old == pair(h, i.rd) {
            let new = pair(h, i.rs2);
            for (at, v) in [(low, new.0), (high, new.1)] {
                m.store(at, 8, v).map_err(|f| trap(h, f, Cause::StoreAccess))?;
            }
        }
        if i.rd != 0 {
            h.set_x(i.rd, old.0);
            h.set_x(i.rd | 1, old.1);
        }
        h.pc = h.pc.wrapping_add(i.len as u64);
        Ok(())
    };
}

#[cfg(test)]
mod tests;
