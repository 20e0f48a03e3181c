//! The architectural state of one hart: registers, control and status registers, privilege, trap entry.
//!
//! Plain data: no engine pointers, no instruction semantics. The integer and floating-point registers stand in one array
//! so that the engine addresses both by one byte: x0..x31, a slot that swallows writes to x0, and f0..f31 from [`F0`] on.

mod clock;
mod csr;
mod custom;
mod matrix;
mod trap;
mod vector;

pub(crate) use clock::TICK_NS;
pub use clock::{Clock, TIMEBASE_HZ};
pub use csr::{CsrError, csr_exists};
pub use matrix::{
    Accumulation, I4, MATRIX_REGISTERS, MATRIX_STORAGE, MatrixConfig, MatrixElement, MatrixError, MatrixVersion,
    MatrixView, MatrixViewMut, U4,
};
pub(crate) use matrix::{Matrix, Place, v3, v6};
pub use trap::{Cause, Event, Interrupt};
#[cfg(target_arch = "x86_64")]
pub(crate) use vector::cast;
pub use vector::{
    Agnostic, Element, MAX_VLEN, Misaligned, ReductionOrder, Simd, VdotMask, VectorConfig, VectorError, VectorVersion,
    Vtype,
};
pub(crate) use vector::{File, Groups, Mode, OWN, Plain, UNREADY, Vector, first};

use crate::float::{Flags, Round};
use crate::isa::{Cpu, Extension, Isa};
use crate::memory::Moment;
use custom::Custom;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Register-file slot that takes writes to x0.
pub const X_SINK: usize = 32;
/// Register-file slot of f0.
pub const F0: usize = 64;
/// Slots of the register file.
pub const SLOTS: usize = 96;

/// Privilege levels (Privileged Architecture, 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Privilege {
    /// U-mode.
    User = 0,
    /// M-mode.
    Machine = 3,
}

/// State of an extension context, as in mstatus.FS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Context {
    /// Instructions of the extension trap.
    Off = 0,
    /// On, registers at their initial values.
    Initial = 1,
    /// On, registers as last saved.
    Clean = 2,
    /// On, registers changed.
    Dirty = 3,
}

/// The run-time modes that floating-point code is translated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FpMode {
    /// Any FS, any rounding mode.
    General,
    /// FS is Dirty, frm is RNE: fast paths that find out about NX.
    Exact,
    /// The same with NX set already: nobody need find out.
    Inexact,
}

/// What one hart is, apart from its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HartConfig {
    /// `mhartid`.
    pub hartid: u64,
    /// `mvendorid`.
    pub vendorid: u32,
    /// `marchid`.
    pub archid: u64,
    /// `mimpid`.
    pub impid: u64,
    /// Numbers of the vendor's CSRs that it has, in ascending order: those of [`CpuModel::csrs`](crate::isa::CpuModel::csrs).
    pub csrs: &'static [u16],
    /// `misa`, as the extensions make it.
    pub misa: u64,
    /// Whether 2-byte alignment of instructions is enough (C or Zca).
    pub compressed: bool,
    /// Whether floating-point state exists.
    pub float: bool,
    /// Whether the cache-block instructions' controls in `menvcfg` exist (Zicbom, Zicboz).
    pub cache_blocks: bool,
    /// The vector unit.
    pub vector: VectorConfig,
    /// The matrix unit.
    pub matrix: MatrixConfig,
}

impl Default for HartConfig {
    fn default() -> Self {
        // RV64IMAFDC with U-mode: MXL = 2, letters by bit.
        let letters = [b'i', b'm', b'a', b'f', b'd', b'c', b'u'];
        let misa = letters.iter().fold(2 << 62, |m, l| m | 1 << (l - b'a'));
        HartConfig {
            hartid: 0,
            vendorid: 0,
            archid: 0,
            impid: 0,
            csrs: &[],
            misa,
            compressed: true,
            float: true,
            cache_blocks: true,
            vector: VectorConfig::none(),
            matrix: MatrixConfig::none(),
        }
    }
}

impl HartConfig {
    /// The configuration that a set of extensions makes: `misa`, and which state exists.
    pub fn for_isa(isa: &Isa) -> HartConfig {
        let letter = |e: Extension| match e.name().as_bytes() {
            [c] => 1 << (c - b'a'),
            _ => 0,
        };
        // MXL = 2 (64 bits), and U-mode, which is no extension of an ISA string.
        let misa = isa.extensions().map(letter).fold(2 << 62 | 1 << 20, |m, bit| m | bit);
        HartConfig {
            misa,
            compressed: isa.has(Extension::Zca),
            float: isa.has(Extension::F),
            cache_blocks: isa.has(Extension::Zicbom) || isa.has(Extension::Zicboz),
            vector: VectorConfig::for_isa(isa),
            matrix: MatrixConfig::for_isa(isa),
            ..HartConfig::default()
        }
    }

    /// The configuration that a CPU model makes: that of its extensions, with its vector unit, identification and the vendor's
    /// CSRs.
    pub fn for_cpu(cpu: &Cpu) -> HartConfig {
        let mut config = HartConfig::for_isa(&cpu.isa());
        config.vector.vlen = cpu.vlen();
        if cpu.agnostic_ones() {
            config.vector.agnostic = Agnostic::Ones;
        }
        if let Some(rlen) = cpu.rlen() {
            config.matrix = MatrixConfig::v0p3(rlen);
        }
        let (vendorid, archid, impid) = (cpu.vendorid(), cpu.archid(), cpu.impid());
        HartConfig { vendorid, archid, impid, csrs: cpu.model().csrs, ..config }
    }
}

/// Machine-mode control and status registers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MachineCsrs {
    /// Without FS, SD and the read-only fields.
    pub mstatus: u64,
    pub mie: u64,
    pub mip: u64,
    pub mtvec: u64,
    pub mscratch: u64,
    pub mepc: u64,
    pub mcause: u64,
    pub mtval: u64,
    pub mcounteren: u64,
    pub mcountinhibit: u64,
    pub menvcfg: u64,
    /// Added to the retired count to give `mcycle`; the value itself while inhibited.
    pub mcycle: u64,
    /// As `mcycle`, for `minstret`.
    pub minstret: u64,
    /// Added to the clock's ticks to give `time`: what the platform's timer has been set to.
    pub time_offset: u64,
}

/// One hart's architectural state.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Hart {
    /// The register file; it must stay the first field, since the engine addresses it from the hart's own address.
    pub(crate) regs: [u64; SLOTS],
    /// Address of the next instruction (of the current one, inside an instruction's semantics).
    pub(crate) pc: u64,
    /// Accrued exceptions, as in `fflags`.
    pub(crate) fflags: u8,
    /// Dynamic rounding mode, as in `frm`; values over 4 are reserved and trap when used.
    pub(crate) frm: u8,
    /// mstatus.FS.
    pub(crate) fs: Context,
    /// Whether FS is Dirty and frm is RNE, as floating-point fast paths want it.
    pub(crate) fp_fast: bool,
    /// Flags raised by the current instruction, for the commit log.
    pub(crate) raised: u8,
    /// Current privilege.
    pub(crate) privilege: Privilege,
    /// Instructions retired before the current one.
    pub(crate) instret: u64,
    /// `mtval` of the trap being reported, or the code of an event.
    pub(crate) tval: u64,
    /// The second result of the instruction at hand, if it has two; no state.
    pub(crate) second: u64,
    /// Address that LR reserved.
    pub(crate) reservation: Option<u64>,
    /// Vector state.
    pub(crate) v: Vector,
    /// Matrix state.
    pub(crate) matrix: Matrix,
    pub(crate) m: MachineCsrs,
    /// The vendor's CSRs.
    pub(crate) custom: Custom,
    /// Where time comes from.
    pub(crate) clock: Clock,
    /// Whether somebody wants the machine to stop, for instructions that take long; no state.
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) config: HartConfig,
}

impl Hart {
    /// A hart at reset: M-mode, pc 0, all registers zero, floating point, vectors and matrices off. An impossible vector or
    /// matrix unit ([`VectorError`], [`MatrixError`]) is left out.
    pub fn new(config: HartConfig, clock: Clock) -> Hart {
        Hart {
            regs: [0; SLOTS],
            pc: 0,
            fflags: 0,
            frm: 0,
            fs: Context::Off,
            fp_fast: false,
            raised: 0,
            privilege: Privilege::Machine,
            instret: 0,
            tval: 0,
            second: 0,
            reservation: None,
            v: Vector::new(config.vector),
            matrix: Matrix::new(config.matrix),
            m: MachineCsrs::default(),
            custom: Custom::default(),
            clock,
            stop: Arc::default(),
            config,
        }
    }

    /// Integer register `n` (taken modulo 32).
    #[inline(always)]
    pub fn x(&self, n: u8) -> u64 {
        self.regs[(n & 31) as usize]
    }

    /// Sets integer register `n` (modulo 32); x0 stays zero.
    #[inline(always)]
    pub fn set_x(&mut self, n: u8, value: u64) {
        if n & 31 != 0 {
            self.regs[(n & 31) as usize] = value;
        }
    }

    /// Floating-point register `n` (modulo 32), all 64 bits.
    #[inline(always)]
    pub fn f(&self, n: u8) -> u64 {
        self.regs[F0 + (n & 31) as usize]
    }

    /// Sets floating-point register `n` (modulo 32), all 64 bits (narrower values must come NaN-boxed).
    #[inline(always)]
    pub fn set_f(&mut self, n: u8, bits: u64) {
        self.regs[F0 + (n & 31) as usize] = bits;
    }

    /// Address of the next instruction.
    pub fn pc(&self) -> u64 {
        self.pc
    }

    /// Sets the address of the next instruction.
    pub fn set_pc(&mut self, pc: u64) {
        self.pc = pc;
    }

    /// Instructions retired since reset.
    pub fn instret(&self) -> u64 {
        self.instret
    }

    /// An environment has done what the `ecall` at pc asked for: it counts as retired.
    pub(crate) fn retire_call(&mut self) {
        self.pc = self.pc.wrapping_add(4);
        self.instret = self.instret.wrapping_add(1);
    }

    /// When the present instruction happens.
    pub(crate) fn moment(&self) -> Moment {
        Moment { pc: self.pc, instret: self.instret, nanos: self.clock.nanos(self.instret) }
    }

    /// `mhartid`.
    pub fn hart_id(&self) -> u64 {
        self.config.hartid
    }

    /// Current privilege.
    pub fn privilege(&self) -> Privilege {
        self.privilege
    }

    /// Sets the privilege; in U-mode programs see no machine-mode state.
    pub fn set_privilege(&mut self, p: Privilege) {
        self.privilege = p;
    }

    /// mstatus.FS.
    pub fn fs(&self) -> Context {
        self.fs
    }

    /// Sets mstatus.FS.
    pub fn set_fs(&mut self, fs: Context) {
        self.fs = if self.config.float { fs } else { Context::Off };
        self.note_fp_mode();
    }

    /// What floating-point code may be run.
    #[inline(always)]
    pub(crate) fn fp_mode(&self) -> FpMode {
        match (self.fp_fast, self.fflags & Flags::NX.bits() != 0) {
            (false, _) => FpMode::General,
            (true, false) => FpMode::Exact,
            (true, true) => FpMode::Inexact,
        }
    }

    /// Recomputes `fp_fast`.
    pub(crate) fn note_fp_mode(&mut self) {
        self.fp_fast = self.fs == Context::Dirty && self.frm == Round::Rne as u8;
    }

    /// Marks floating-point state as changed (mstatus.FS = Dirty).
    #[inline]
    pub(crate) fn dirty_fp(&mut self) {
        if self.fs != Context::Dirty {
            self.set_fs(Context::Dirty);
        }
    }

    /// Accrues exception flags.
    #[inline]
    pub(crate) fn raise(&mut self, flags: Flags) {
        if !flags.is_empty() {
            self.fflags |= flags.bits();
            self.raised |= flags.bits();
            self.dirty_fp();
        }
    }

    /// Reports an illegal instruction; the engine fills in the instruction word as `mtval`.
    #[cold]
    pub(crate) fn illegal(&mut self) -> Event {
        Event::Trap(Cause::IllegalInstruction)
    }

    /// The rounding mode that an instruction's `rm` field selects; reserved ones are illegal instructions.
    #[inline]
    pub(crate) fn round(&mut self, rm: u8) -> Result<Round, Event> {
        let mode = if rm == 7 { self.frm } else { rm };
        Round::from_bits(mode).ok_or(Event::Trap(Cause::IllegalInstruction))
    }

    /// Illegal unless floating-point state is on.
    #[inline]
    pub(crate) fn need_fp(&mut self) -> Result<(), Event> {
        if self.fs == Context::Off { Err(self.illegal()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
