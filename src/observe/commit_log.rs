//! The commit log: one line for each retired instruction, byte for byte as Spike's `--log-commits` writes it, so that logs of
//! both can be compared with `diff`.
//!
//! A line names the hart, the privilege, address and encoding of the instruction, then what it changed: registers and CSRs by
//! number, addresses that it loaded from, addresses and values that it stored:
//!
//! ```text
//! core   0: 3 0x0000000080000010 (0x00053507) f10 0x3ff0000000000000 c768_mstatus 0x8000000a00006000 mem 0x0000000080001000
//! ```
//!
//! A vector instruction shows SEW, LMUL and `vl`, then the registers of which it has written an element:
//!
//! ```text
//! core   0: 3 0x0000000080000044 (0x02808457) e32 m1 l3 v8  0x00000003000000020000000100000000 c8_vstart 0x0000000000000000
//! ```
//!
//! An instruction on matrix registers shows the sizes that it worked with: mtilem, mtilen and mtilek in elements (XTheadMatrix 0.6),
//! or sizeM, sizeN and sizeK (0.3, sizeK in bytes). Each register that it has written follows on lines of its own, one for each row,
//! the highest byte first; neighbouring rows of zeros share a line:
//!
//! ```text
//! core   0: 0 0x0000000000010120 (0x1982022b) m2 n2 k16 c2056_xmfflags 0x0000000000000001
//! core   0:   acc0 row  0 of 4 0x00000000000000000000000200000001
//! core   0:   acc0 row  1 of 4 0x00000000000000000000000400000003
//! core   0:   acc0 rows 2..3 of 4 0x00
//! ```
//!
//! Written sizes are CSRs, too (`c2051_mtilem`; `c2051_xmsize` of 0.3), and so are `xmfflags` and `xmsat` (in `xmcsr` of 0.3) when an
//! instruction raises a flag or saturates, `xmrstart` when it is reset from another value than 0, and `mstatus` when MS changes. A
//! write of `xmcsr` of 0.6 is one of its five parts. Spike knows no matrices; these lines are made after its vector lines. Who wants
//! a line for each instruction drops those with spaces behind `core   0:`.
//!
//! As on Spike every raised exception flag is a write of `fflags`, even if the flag was set before; a write of `fcsr` is one
//! of `fflags` and one of `frm`; floating-point state that becomes dirty is a write of `mstatus`. Instructions that trap have
//! no line. The reference is riscv-isa-sim at commit 55b4658, without the five instructions of its boot ROM, run as
//! `spike --priv=mu --pmpregions=0 --triggers=0 --log-commits`: a machine without those parts.
//!
//! Lines differ where the machines do: `marchid` and `misa` (which cannot be written here) have values of their own, and
//! Spike drops reservations every few thousand instructions, so that an SC may fail there. Spike takes misaligned accesses
//! only with `zicclsm` in its ISA string. Vector arithmetic that starts at a `vstart` other than 0 is illegal there, and a vector
//! load or store that a fault interrupts has a line as well.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Retired;
use crate::hart::{Context, Hart, MATRIX_REGISTERS, MatrixVersion, Vtype};
use crate::isa::{Access, Eew, Extension, Flags, Insn, Isa, Kind, Op, csr_name};
use crate::memory::{self, Touch};

/// Bytes that `cbo.zero` writes.
const BLOCK: u64 = 64;
const FFLAGS: u16 = 1;
const FRM: u16 = 2;
const FCSR: u16 = 3;
const MSTATUS: u16 = 0x300;
const VSTART: u16 = 0x008;
const VXSAT: u16 = 0x009;
const VXRM: u16 = 0x00a;
const VCSR: u16 = 0x00f;
const VL: u16 = 0xc20;
const VTYPE: u16 = 0xc21;
const XMRSTART: u16 = 0x801;
const XMCSR: u16 = 0x802;
/// Of 0.3 xmsize.
const MTILEM: u16 = 0x803;
const XMXRM: u16 = 0x806;
const XMSAT: u16 = 0x807;
const XMFFLAGS: u16 = 0x808;
const XMSATEN: u16 = 0x80a;

/// What a line shows as written; ordered by number, and in that by kind, as Spike orders it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    number: u16,
    file: File,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum File {
    X,
    F,
    V,
    /// No register: only says that the configuration of vectors is to be shown.
    Configuration,
    Csr,
}

/// Writes the log.
///
/// ```
/// use mellivora::isa::Isa;
/// use mellivora::observe::CommitLog;
/// # let mut machine = mellivora::machine::Machine::new(mellivora::machine::Config {
/// #     isa: Isa::base(), hart: Default::default(), limit: 0x1000, clock: mellivora::hart::Clock::virtual_time(),
/// # }).unwrap();
/// let mut log = CommitLog::new(std::io::stderr(), &Isa::base());
/// machine.on_retire(move |retired| log.record(retired).unwrap_or_default());
/// ```
#[derive(Debug)]
pub struct CommitLog<W: Write> {
    out: W,
    /// Whether f registers have 64 bits.
    double: bool,
    /// What the last vset asked for.
    vtype: u64,
    line: String,
    written: Vec<Written>,
}

impl<W: Write> CommitLog<W> {
    /// A log of a machine with these extensions. Each line is one write: `out` should be buffered.
    pub fn new(out: W, isa: &Isa) -> CommitLog<W> {
        CommitLog { out, double: isa.has(Extension::D), vtype: u64::MAX, line: String::new(), written: Vec::new() }
    }

    /// Logs one instruction.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn record(&mut self, r: &Retired<'_>) -> io::Result<()> {
        self.line.clear();
        // Writing to a string cannot fail.
        let _ = self.format(r);
        self.out.write_all(self.line.as_bytes())
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn format(&mut self, r: &Retired<'_>) -> std::fmt::Result {
        self.collect(r);
        let line = &mut self.line;
        let hart = r.hart;
        let version = hart.matrix_config().version;
        write!(line, "core{:4}: {} {:#018x} ", hart.hart_id(), r.privilege as u8, r.pc)?;
        match r.insn.len {
            2 => write!(line, "({:#06x})", r.insn.bits)?,
            8 => write!(line, "({:#018x})", r.insn.encoding())?,
            _ => write!(line, "({:#010x})", r.insn.bits)?,
        }
        self.vtype = r.vector.vtype.unwrap_or(self.vtype);
        let vtype = if hart.vtype().ill() { Vtype(self.vtype) } else { hart.vtype() };
        if r.insn.base.info().operands.iter().any(|o| o.kind.is_matrix()) {
            let [m, n, k] = hart.matrix_sizes();
            write!(line, " m{m} n{n} k{k}")?;
        }
        let mut configuration = false;
        for w in &self.written {
            let n = w.number;
            if matches!(w.file, File::V | File::Configuration) && !configuration {
                configuration = true;
                let (fraction, lmul) = if vtype.lmul() < 0 { ("f", -vtype.lmul()) } else { ("", vtype.lmul()) };
                write!(line, " e{} m{fraction}{} l{}", 8u32 << vtype.sew(), 1 << lmul, hart.vl())?;
            }
            match w.file {
                File::Configuration => {}
                File::V => {
                    write!(line, " v{n:<2} 0x")?;
                    hart.v(n as u8).iter().rev().try_for_each(|b| write!(line, "{b:02x}"))?;
                }
                File::X => write!(line, " x{n:<2} {:#018x}", hart.x(n as u8))?,
                File::F if self.double => write!(line, " f{n:<2} {:#018x}", hart.f(n as u8))?,
                File::F => write!(line, " f{n:<2} {:#010x}", hart.f(n as u8) as u32)?,
                File::Csr => {
                    let name = match (n, version) {
                        (MTILEM, MatrixVersion::V0p3) => "xmsize",
                        _ => csr_name(n).unwrap_or("unknown"),
                    };
                    write!(line, " c{n}_{name} {:#018x}", hart.csr_value(n))?;
                }
            }
        }
        let of = |access| r.touches.iter().filter(move |t: &&Touch| t.access == access);
        // A load of a register pair is one access.
        let loads = if r.insn.base == Op::AmocasQ { 1 } else { usize::MAX };
        for t in of(memory::Access::Read).take(loads) {
            write!(line, " mem {:#018x}", t.addr)?;
        }
        if r.insn.base == Op::CboZero {
            let block = hart.x(r.insn.rs1) & !(BLOCK - 1);
            for at in block..block + BLOCK {
                write!(line, " mem {at:#018x} 0x00")?;
            }
        } else {
            // Spike stores whole registers byte by byte.
            let whole = r.insn.base.info().operands.iter().any(|o| o.eew == Eew::Whole);
            for t in of(memory::Access::Write) {
                let size = if whole { 1 } else { t.size as usize };
                for (n, bytes) in t.value.to_le_bytes()[..t.size as usize].chunks(size).enumerate() {
                    write!(line, " mem {:#018x} 0x", t.addr + (n * size) as u64)?;
                    bytes.iter().rev().try_for_each(|b| write!(line, "{b:02x}"))?;
                }
            }
        }
        line.push('\n');
        (0..MATRIX_REGISTERS).filter(|n| r.matrix.registers >> n & 1 != 0).try_for_each(|n| rows(line, hart, n))
    }

    /// Finds out what the instruction has written, in Spike's order.
    fn collect(&mut self, r: &Retired<'_>) {
        let version = r.hart.matrix_config().version;
        let written = &mut self.written;
        written.clear();
        let mut add = |file, number| written.push(Written { number, file });
        for operand in r.insn.base.info().operands {
            if operand.access == Access::Read {
                continue;
            }
            let n = operand.from_insn(&r.insn) as u16;
            match operand.kind {
                Kind::F => add(File::F, n),
                Kind::X if n != 0 => {
                    add(File::X, n);
                    if r.insn.base == Op::AmocasQ {
                        add(File::X, n | 1);
                    }
                }
                _ => {}
            }
        }
        match csr_written(&r.insn) {
            Some(VCSR) => {
                add(File::Csr, VXSAT);
                add(File::Csr, VXRM);
            }
            Some(FCSR) => {
                add(File::Csr, FFLAGS);
                add(File::Csr, FRM);
            }
            Some(XMCSR) if version == MatrixVersion::V0p6 => (XMXRM..=XMSATEN).for_each(|csr| add(File::Csr, csr)),
            // Event counters and the PMP keep nothing, and so are not written: not even to zero.
            Some(0xb03..=0xb1f | 0x3a0..=0x3ef) | None => {}
            Some(csr) => add(File::Csr, csr),
        }
        if r.raised != 0 {
            add(File::Csr, FFLAGS);
        }
        let flags = r.insn.base.info().flags;
        if flags.contains(Flags::VECTOR) {
            add(File::Csr, VSTART);
            if !flags.contains(Flags::VSET) {
                add(File::Configuration, 0);
            }
        }
        (0..32).filter(|n| r.vector.registers >> n & 1 != 0).for_each(|n| add(File::V, n));
        let csrs = [(r.vector.vl, VL), (r.vector.vtype.is_some(), VTYPE), (r.vector.vxsat, VXSAT)];
        csrs.iter().filter(|c| c.0).for_each(|c| add(File::Csr, c.1));
        let m = &r.matrix;
        match version {
            MatrixVersion::V0p3 => {
                let csrs = [(m.xmrstart, XMRSTART), (m.xmsat, XMCSR), (m.sizes != [false; 3], MTILEM)];
                csrs.iter().filter(|c| c.0).for_each(|c| add(File::Csr, c.1));
            }
            MatrixVersion::V0p6 => {
                (MTILEM..).zip(m.sizes).filter(|s| s.1).for_each(|s| add(File::Csr, s.0));
                let csrs = [(m.xmsat, XMSAT), (m.raised != 0, XMFFLAGS)];
                csrs.iter().filter(|c| c.0).for_each(|c| add(File::Csr, c.1));
            }
        }
        let dirtied = r.vector.dirtied || m.ms || r.fs != Context::Dirty && r.hart.fs() == Context::Dirty;
        if dirtied || r.insn.base == Op::Mret {
            add(File::Csr, MSTATUS);
        }
        written.sort_unstable();
        written.dedup();
    }
}

/// The rows of matrix register `n`, as lines of their own.
fn rows(line: &mut String, hart: &Hart, n: u8) -> std::fmt::Result {
    let (name, bytes) = (hart.matrix_config().version.register_name(n), hart.matrix_row_bytes(n).max(1));
    let all: Vec<&[u8]> = hart.matrix_bytes(n).chunks(bytes).collect();
    let zero = |row: &[u8]| row.iter().all(|b| *b == 0);
    let mut at = 0;
    for run in all.chunk_by(|a, b| zero(a) && zero(b)) {
        write!(line, "core{:4}:   {name} ", hart.hart_id())?;
        match run {
            [row] => {
                write!(line, "row  {at} of {} 0x", all.len())?;
                row.iter().rev().try_for_each(|b| write!(line, "{b:02x}"))?;
            }
            _ => write!(line, "rows {at}..{} of {} 0x00", at + run.len() - 1, all.len())?,
        }
        line.push('\n');
        at += run.len();
    }
    Ok(())
}

/// The CSR that a CSR instruction writes.
fn csr_written(insn: &Insn) -> Option<u16> {
    let writes = match insn.base {
        Op::Csrrw | Op::Csrrwi => true,
        Op::Csrrs | Op::Csrrc | Op::Csrrsi | Op::Csrrci => insn.rs1 != 0,
        _ => false,
    };
    writes.then_some((insn.imm & 0xfff) as u16)
}
