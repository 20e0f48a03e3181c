//! Traps: their causes, machine-mode trap entry and return, and which interrupt is pending.

use super::{Hart, Privilege};

/// Exception causes (Privileged Architecture, 3.1.15), by their `mcause` code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // the names are the manual's
pub enum Cause {
    InstructionMisaligned = 0,
    InstructionAccess = 1,
    IllegalInstruction = 2,
    Breakpoint = 3,
    LoadMisaligned = 4,
    LoadAccess = 5,
    StoreMisaligned = 6,
    StoreAccess = 7,
    EcallFromU = 8,
    EcallFromM = 11,
}

impl Cause {
    /// The manual's words.
    pub fn describe(self) -> &'static str {
        match self {
            Cause::InstructionMisaligned => "instruction address misaligned",
            Cause::InstructionAccess => "instruction access fault",
            Cause::IllegalInstruction => "illegal instruction",
            Cause::Breakpoint => "breakpoint",
            Cause::LoadMisaligned => "load address misaligned",
            Cause::LoadAccess => "load access fault",
            Cause::StoreMisaligned => "store/AMO address misaligned",
            Cause::StoreAccess => "store/AMO access fault",
            Cause::EcallFromU => "environment call from U-mode",
            Cause::EcallFromM => "environment call from M-mode",
        }
    }
}

/// Why an instruction does not simply lead to the next one. One byte: see the engine's notes on results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The instruction did not retire; `tval` stands in the hart.
    Trap(Cause),
    /// The instruction retired, and changed something that the machine must look at (interrupt enables, privilege).
    Sync,
    /// `wfi` or a wait-on-reservation retired: the machine may let time pass.
    Wait,
    /// The instruction did not retire, because somebody wants the machine to stop: nothing has happened, and it can be
    /// executed again.
    Again,
}

/// Interrupts of machine level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)] // the names are the manual's
pub enum Interrupt {
    Software = 3,
    Timer = 7,
    External = 11,
}

pub(crate) const MIE: u64 = 1 << 3;
pub(crate) const MPIE: u64 = 1 << 7;
pub(crate) const MPP_SHIFT: u32 = 11;
pub(crate) const MPP: u64 = 3 << MPP_SHIFT;
pub(crate) const MPRV: u64 = 1 << 17;

impl Hart {
    /// Enters the machine-mode trap handler: `code` is what `mcause` shows.
    pub(crate) fn enter_trap(&mut self, code: u64, tval: u64) {
        let m = &mut self.m;
        m.mepc = self.pc;
        m.mcause = code;
        m.mtval = tval;
        let enabled = m.mstatus & MIE != 0;
        m.mstatus &= !(MIE | MPIE | MPP);
        m.mstatus |= if enabled { MPIE } else { 0 } | (self.privilege as u64) << MPP_SHIFT;
        self.privilege = Privilege::Machine;
        self.reservation = None;
        let base = m.mtvec & !3;
        let vectored = m.mtvec & 3 == 1 && code >> 63 != 0;
        self.pc = if vectored { base.wrapping_add((code & 0xff) << 2) } else { base };
    }

    /// Where exceptions are handled.
    pub(crate) fn trap_handler(&self) -> u64 {
        self.m.mtvec & !3
    }

    /// Takes an exception into machine mode.
    pub(crate) fn take_exception(&mut self, cause: Cause, tval: u64) {
        self.enter_trap(cause as u64, tval);
    }

    /// Takes an interrupt into machine mode.
    pub(crate) fn take_interrupt(&mut self, i: Interrupt) {
        self.enter_trap(1 << 63 | i as u64, 0);
    }

    /// MRET: back to the privilege and address that the trap came from.
    pub(crate) fn leave_trap(&mut self) {
        let m = &mut self.m;
        let to = if m.mstatus & MPP == MPP { Privilege::Machine } else { Privilege::User };
        let enable = m.mstatus & MPIE != 0;
        m.mstatus &= !(MIE | MPP);
        m.mstatus |= MPIE | if enable { MIE } else { 0 };
        if to != Privilege::Machine {
            m.mstatus &= !MPRV;
        }
        self.privilege = to;
        self.pc = m.mepc;
    }

    /// The interrupt that must be taken before the next instruction, if any.
    pub fn pending_interrupt(&self) -> Option<Interrupt> {
        let ready = self.m.mip & self.m.mie;
        let enabled = self.privilege < Privilege::Machine || self.m.mstatus & MIE != 0;
        if !enabled || ready == 0 {
            return None;
        }
        // The order of the manual: external, software, timer.
        [Interrupt::External, Interrupt::Software, Interrupt::Timer].into_iter().find(|&i| ready & (1 << i as u8) != 0)
    }

    /// Whether `wfi` has something to wake up for, enabled globally or not.
    pub(crate) fn wakes(&self) -> bool {
        self.m.mip & self.m.mie != 0
    }

    /// Whether the timer's interrupt would wake up a waiting hart.
    pub(crate) fn listens_to_timer(&self) -> bool {
        self.m.mie & 1 << Interrupt::Timer as u8 != 0
    }

    /// The `wfi` just retired has to wait on: it is taken back.
    pub(crate) fn repeat_wait(&mut self) {
        self.pc = self.pc.wrapping_sub(4);
        self.instret = self.instret.wrapping_sub(1);
    }

    /// Raises or lowers the line of an interrupt.
    pub fn set_interrupt(&mut self, i: Interrupt, pending: bool) {
        let bit = 1 << i as u8;
        self.m.mip = if pending { self.m.mip | bit } else { self.m.mip & !bit };
    }
}
