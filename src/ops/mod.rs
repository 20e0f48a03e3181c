//! The semantics: what each instruction does to hart and memory, one file per family.
//!
//! Every base operation of the tables in `isa/` has a type of its name here (`ops::Addi`) that implements [`Semantics`]; the
//! engine's table names each of them, so that a missing one is a compile error. There is one definition for all modes:
//! `ex` is the part of an instruction that the hot loop inlines, `slow` the whole of it, and stepping, tracing and the hot
//! loop's exits all go through `slow`.

mod atomic;
mod bitmanip;
mod cache;
mod control;
mod float;
mod integer;
pub(crate) mod matrix;
mod memory;
mod system;
pub(crate) mod vector;
mod xthead;

pub(crate) use atomic::*;
pub(crate) use bitmanip::*;
pub(crate) use cache::*;
pub(crate) use control::*;
pub(crate) use float::*;
pub(crate) use integer::*;
pub(crate) use matrix::*;
pub(crate) use memory::*;
pub(crate) use system::*;
pub(crate) use vector::*;
pub(crate) use xthead::*;

use crate::hart::{Event, F0, Hart, X_SINK};
use crate::isa::Insn;
use crate::memory::{Memory, Ram};

/// Which engine form an instruction takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Up to two register sources (three with `RS3`), at most one destination, maybe memory: `ex` and `slow`.
    Simple,
    /// Conditional branch: `taken`.
    Branch,
    /// `jal` and `jalr`, which the translator knows by name.
    Jump,
    /// Everything else: only `exec`.
    Special,
    /// Of the vector extension: `SELECT`.
    Vector,
}

/// A register file, as an operand's class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum File {
    /// No operand.
    None,
    /// Integer registers.
    X,
    /// Floating-point registers.
    F,
}

/// The operand that a simple instruction writes besides its destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Second {
    /// None.
    None,
    /// rs1: an address that is written back.
    Rs1,
    /// What stands in the place of rs2: the other register of a pair.
    Rs2,
}

impl Second {
    /// The register-file slot to write, if there is one.
    pub(crate) fn slot(self, i: &Insn) -> Option<usize> {
        match self {
            Second::None => None,
            Second::Rs1 => Some(slot(File::X, i.rs1, true)),
            Second::Rs2 => Some(slot(File::X, i.rs2, true)),
        }
    }
}

/// Whether an instruction that writes two registers names one of them twice, or loads into its own address: reserved.
pub(crate) fn clash(rd: File, second: Second, i: &Insn) -> bool {
    match (rd, second) {
        (File::X, Second::Rs1) => i.rd == i.rs1,
        (File::X, Second::Rs2) => i.rd == i.rs1 || i.rd == i.rs2 || i.rs1 == i.rs2,
        _ => false,
    }
}

/// What one instruction does.
///
/// Operand values come in as `a` (rs1), `b` (rs2) and `c` (rs3, or rd where it is a source), 0 where the instruction has none; `imm` is the immediate,
/// or the `rm` field of instructions that round.
pub(crate) trait Semantics {
    const KIND: Kind;
    const RD: File = File::None;
    const RS1: File = File::None;
    const RS2: File = File::None;
    const RS3: File = File::None;
    /// Whether the third source is rd.
    const READS_RD: bool = false;
    /// What else it writes; `ex` and `slow` leave the value in `hart.second`. Not with a third source.
    const SECOND: Second = Second::None;
    /// Whether it needs floating-point state (mstatus.FS).
    const FP: bool = false;
    /// Whether it has a rounding-mode field.
    const ROUNDS: bool = false;
    /// The `rm` fields that `ex` can deal with while frm is RNE, as a bit set: RNE and dynamic, unless it looks itself.
    const FAST_MODES: u8 = 1 << 0 | 1 << 7;

    /// How a vector instruction finds its kernel.
    const SELECT: Option<vector::Select> = None;
    /// When a matrix instruction is legal.
    const MATRIX: Option<&'static matrix::Rule> = None;

    /// The fast path of a simple instruction: the result, or `None` where `slow` has to decide. Nothing has happened then.
    ///
    /// `FMA`: the host's fused multiply-add may be used. `NX`: the inexact flag is set already, so that nobody need find out
    /// whether it should be. Only called while FS is Dirty, if `FP`.
    #[inline(always)]
    fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, ram: Ram, a: u64, b: u64, c: u64, imm: i64) -> Option<u64> {
        let _ = (hart, ram, a, b, c, imm);
        None
    }

    /// All of a simple instruction, exactly: the value of the destination, or an event.
    fn slow(hart: &mut Hart, memory: &mut Memory, a: u64, b: u64, c: u64, imm: i64) -> Result<u64, Event> {
        let _ = (memory, a, b, c, imm);
        Err(hart.illegal())
    }

    /// Whether a branch is taken.
    #[inline(always)]
    fn taken(a: u64, b: u64) -> bool {
        let _ = (a, b);
        false
    }

    /// The whole instruction, operands and pc included. For all but special instructions this default is right.
    fn exec(hart: &mut Hart, memory: &mut Memory, i: &Insn) -> Result<(), Event> {
        if let Some(select) = Self::SELECT {
            return vector::execute(select, hart, memory, i);
        }
        if Self::FP {
            hart.need_fp()?;
        }
        let (a, b) = (read(hart, Self::RS1, i.rs1), read(hart, Self::RS2, i.rs2));
        if matches!(Self::KIND, Kind::Branch) {
            let to = if Self::taken(a, b) { control::target(hart, i)? } else { hart.pc.wrapping_add(i.len as u64) };
            hart.pc = to;
            return Ok(());
        }
        if clash(Self::RD, Self::SECOND, i) {
            return Err(hart.illegal());
        }
        let c = read(hart, Self::RS3, if Self::READS_RD { i.rd } else { i.rs3 });
        let v = Self::slow(hart, memory, a, b, c, if Self::ROUNDS { i.rm as i64 } else { i.imm })?;
        if matches!(Self::RD, File::F) {
            hart.dirty_fp();
        }
        if !matches!(Self::RD, File::None) {
            hart.regs[slot(Self::RD, i.rd, true)] = v;
        }
        if let Some(slot) = Self::SECOND.slot(i) {
            hart.regs[slot] = hart.second;
        }
        hart.pc = hart.pc.wrapping_add(i.len as u64);
        Ok(())
    }
}

/// The register-file slot of an operand.
#[inline(always)]
pub(crate) const fn slot(file: File, n: u8, destination: bool) -> usize {
    match file {
        File::F => F0 + (n & 31) as usize,
        _ if destination && n & 31 == 0 => X_SINK,
        _ => (n & 31) as usize,
    }
}

#[inline(always)]
fn read(hart: &Hart, file: File, n: u8) -> u64 {
    match file {
        File::None => 0,
        _ => hart.regs[slot(file, n, false)],
    }
}

/// Defines integer instructions by an expression over their sources: of two registers (`rr`), a register and the
/// immediate (`ri`), one register (`r`), two registers and the immediate (`rri`); with the destination's old value as the
/// last of them (`rrd`, `rid`).
macro_rules! alu {
    ($($kind:ident $name:ident |$($p:ident),+| $e:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        alu!(@impl $kind $name |$($p),+| $e);
    )* };
    (@impl rr $name:ident |$a:ident, $b:ident| $e:expr) => { alu!(@sem $name X None false, |$a, $b, _c, _i| $e); };
    (@impl ri $name:ident |$a:ident, $i:ident| $e:expr) => { alu!(@sem $name None None false, |$a, _b, _c, $i| $e); };
    (@impl r $name:ident |$a:ident| $e:expr) => { alu!(@sem $name None None false, |$a, _b, _c, _i| $e); };
    (@impl rri $name:ident |$a:ident, $b:ident, $i:ident| $e:expr) => { alu!(@sem $name X None false, |$a, $b, _c, $i| $e); };
    (@impl rrd $name:ident |$a:ident, $b:ident, $d:ident| $e:expr) => { alu!(@sem $name X X true, |$a, $b, $d, _i| $e); };
    (@impl rid $name:ident |$a:ident, $i:ident, $d:ident| $e:expr) => { alu!(@sem $name None X true, |$a, _b, $d, $i| $e); };
    (@sem $name:ident $rs2:ident $rs3:ident $reads:literal, |$a:ident, $b:ident, $c:ident, $i:ident| $e:expr) => {
        impl $crate::ops::Semantics for $name {
            const KIND: $crate::ops::Kind = $crate::ops::Kind::Simple;
            const RD: $crate::ops::File = $crate::ops::File::X;
            const RS1: $crate::ops::File = $crate::ops::File::X;
            const RS2: $crate::ops::File = $crate::ops::File::$rs2;
            const RS3: $crate::ops::File = $crate::ops::File::$rs3;
            const READS_RD: bool = $reads;
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, _: Ram, $a: u64, $b: u64, $c: u64, $i: i64) -> Option<u64> { Some($e) }
            #[inline(always)]
            fn slow(_: &mut Hart, _: &mut Memory, $a: u64, $b: u64, $c: u64, $i: i64) -> Result<u64, Event> { Ok($e) }
        }
    };
}
pub(crate) use alu;

/// Says what a simple instruction reads and writes: `operands!(F = F F; FP ROUNDS)` has an fd, fs1 and fs2, needs mstatus.FS
/// and has a rounding mode.
macro_rules! operands {
    ($rd:ident = $rs1:ident $($rs2:ident $($rs3:ident)?)? $(; $($flag:ident)+)?) => {
        const KIND: $crate::ops::Kind = $crate::ops::Kind::Simple;
        const RD: $crate::ops::File = $crate::ops::File::$rd;
        const RS1: $crate::ops::File = $crate::ops::File::$rs1;
        $(
            const RS2: $crate::ops::File = $crate::ops::File::$rs2;
            $(const RS3: $crate::ops::File = $crate::ops::File::$rs3;)?
        )?
        $($(const $flag: bool = true;)+)?
    };
}
pub(crate) use operands;

/// Defines special instructions by a function of hart, memory and the decoded instruction.
macro_rules! special {
    ($($(#[$doc:meta])* $name:ident |$h:ident, $m:ident, $i:ident| $body:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl $crate::ops::Semantics for $name {
            const KIND: $crate::ops::Kind = $crate::ops::Kind::Special;
            fn exec($h: &mut Hart, $m: &mut Memory, $i: &Insn) -> Result<(), Event> { $body }
        }
    )* };
}
pub(crate) use special;

#[cfg(test)]
mod tests;
