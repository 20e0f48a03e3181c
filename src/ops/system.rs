//! Control and status registers, calls to the environment, fences and waiting (Zicsr, Zifencei, Privileged Architecture
//! 3.3, Zawrs, Zimop).

use super::special;
use crate::hart::{Cause, Event, Hart, Privilege};
use crate::isa::Insn;
use crate::memory::Memory;

/// mstatus.TW.
const TIMEOUT_WAIT: u64 = 1 << 21;

pub(super) fn next(hart: &mut Hart, i: &Insn) -> Result<(), Event> {
    hart.pc = hart.pc.wrapping_add(i.len as u64);
    Ok(())
}

/// One access to a CSR: `new` gives the value to write, or `None` for a plain read.
fn access(hart: &mut Hart, i: &Insn, read: bool, new: impl FnOnce(u64) -> Option<u64>) -> Result<(), Event> {
    let csr = (i.imm & 0xfff) as u16;
    hart.check_csr(csr, false).map_err(|_| hart.illegal())?;
    let old = if read { hart.csr_value(csr) } else { 0 };
    let sync = match new(old) {
        Some(v) => hart.write_csr(csr, v).map_err(|_| hart.illegal())?,
        None => false,
    };
    hart.set_x(i.rd, old);
    next(hart, i)?;
    if sync { Err(Event::Sync) } else { Ok(()) }
}

/// CSRRS and CSRRC write only if their source field is not zero.
fn modify(hart: &mut Hart, i: &Insn, source: u64, f: impl FnOnce(u64, u64) -> u64) -> Result<(), Event> {
    access(hart, i, true, |old| (i.rs1 != 0).then(|| f(old, source)))
}

fn environment_call(hart: &mut Hart) -> Result<(), Event> {
    hart.tval = 0;
    Err(Event::Trap(match hart.privilege {
        Privilege::User => Cause::EcallFromU,
        Privilege::Machine => Cause::EcallFromM,
    }))
}

special! {
    Csrrw |h, _m, i| { let v = h.x(i.rs1); access(h, i, i.rd != 0, |_| Some(v)) };
    Csrrs |h, _m, i| { let v = h.x(i.rs1); modify(h, i, v, |old, v| old | v) };
    Csrrc |h, _m, i| { let v = h.x(i.rs1); modify(h, i, v, |old, v| old & !v) };
    Csrrwi |h, _m, i| access(h, i, i.rd != 0, |_| Some(i.rs1 as u64));
    Csrrsi |h, _m, i| modify(h, i, i.rs1 as u64, |old, v| old | v);
    Csrrci |h, _m, i| modify(h, i, i.rs1 as u64, |old, v| old & !v);

    // One hart and a memory without reordering: fences have nothing to order. Stores to code are seen at once.
    Fence |h, _m, i| next(h, i);
    FenceI |h, _m, i| next(h, i);

    Ecall |h, _m, _i| environment_call(h);
    Ebreak |h, _m, _i| { h.tval = h.pc; Err(Event::Trap(Cause::Breakpoint)) };
    Mret |h, _m, _i| {
        if h.privilege != Privilege::Machine {
            return Err(h.illegal());
        }
        h.leave_trap();
        Err(Event::Sync)
    };
    // In U-mode without S-mode, TW = 0 still lets wfi complete.
    Wfi |h, _m, i| {
        if h.privilege == Privilege::User && h.m.mstatus & TIMEOUT_WAIT != 0 {
            return Err(h.illegal());
        }
        next(h, i)?;
        Err(Event::Wait)
    };
    // A reservation set can only be lost by a store of another agent; there is none, so waiting ends at once.
    WrsNto |h, _m, i| next(h, i);
    WrsSto |h, _m, i| next(h, i);
}

special! {
    // The decoder never gives an operation that it should have expanded; should it, the guest sees an illegal instruction.
    Unexpanded |h, _m, _i| Err(h.illegal());
}
