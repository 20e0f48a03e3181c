//! Jumps, branches and address formation (Unprivileged manual, 2.4 and 2.5).

use super::{File, Kind, Semantics, special};
use crate::hart::{Cause, Event, Hart};
use crate::isa::Insn;
use crate::memory::Memory;

/// Checks a jump target: without compressed instructions it must be a multiple of four.
pub(super) fn aligned(hart: &mut Hart, to: u64) -> Result<u64, Event> {
    if to & 2 != 0 && !hart.config.compressed {
        hart.tval = to;
        return Err(Event::Trap(Cause::InstructionMisaligned));
    }
    Ok(to)
}

/// Where a pc-relative jump goes.
pub(super) fn target(hart: &mut Hart, i: &Insn) -> Result<u64, Event> {
    let to = hart.pc.wrapping_add(i.imm as u64);
    aligned(hart, to)
}

macro_rules! branch {
    ($($name:ident |$a:ident, $b:ident| $e:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Branch;
            const RS1: File = File::X;
            const RS2: File = File::X;
            #[inline(always)]
            fn taken($a: u64, $b: u64) -> bool { $e }
        }
    )* };
}

branch! {
    Beq |a, b| a == b;
    Bne |a, b| a != b;
    Blt |a, b| (a as i64) < b as i64;
    Bge |a, b| (a as i64) >= b as i64;
    Bltu |a, b| a < b;
    Bgeu |a, b| a >= b;
}

special! {
    Lui |hart, _m, i| {
        hart.set_x(i.rd, i.imm as u64);
        hart.pc = hart.pc.wrapping_add(i.len as u64);
        Ok(())
    };
    Auipc |hart, _m, i| {
        hart.set_x(i.rd, hart.pc.wrapping_add(i.imm as u64));
        hart.pc = hart.pc.wrapping_add(i.len as u64);
        Ok(())
    };
}

/// Jump and link.
#[derive(Clone, Copy)]
pub(crate) struct Jal;
impl Semantics for Jal {
    const KIND: Kind = Kind::Jump;
    fn exec(hart: &mut Hart, _: &mut Memory, i: &Insn) -> Result<(), Event> {
        let to = target(hart, i)?;
        hart.set_x(i.rd, hart.pc.wrapping_add(i.len as u64));
        hart.pc = to;
        Ok(())
    }
}

/// Jump and link register.
#[derive(Clone, Copy)]
pub(crate) struct Jalr;
impl Semantics for Jalr {
    const KIND: Kind = Kind::Jump;
    fn exec(hart: &mut Hart, _: &mut Memory, i: &Insn) -> Result<(), Event> {
        let to = aligned(hart, hart.x(i.rs1).wrapping_add(i.imm as u64) & !1)?;
        hart.set_x(i.rd, hart.pc.wrapping_add(i.len as u64));
        hart.pc = to;
        Ok(())
    }
}
