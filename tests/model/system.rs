//! CSRs and their instructions, fences, traps by request, returns, waiting (Zicsr, Zifencei, Zicntr, Zihpm, Zawrs; Privileged
//! Architecture 1.13, chapter 3). M and U modes, no PMP entries, no event counters.

use super::{Cpu, Insn, Outcome, Trap, cause};
use mellivora::isa::Op;

/// Machine-mode registers that a program can change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Csrs {
    /// MIE, MPIE, MPP, MPRV and TW in their places.
    pub mstatus: u64,
    pub mie: u64,
    pub mtvec: u64,
    pub mcounteren: u64,
    pub menvcfg: u64,
    pub mcountinhibit: u64,
    pub mscratch: u64,
    pub mepc: u64,
    pub mcause: u64,
    pub mtval: u64,
    pub mcycle: u64,
    pub minstret: u64,
    /// A counter was written: it does not count this instruction.
    written: [bool; 2],
}

const MIE: u64 = 1 << 3;
const MPIE: u64 = 1 << 7;
const MPP: u64 = 3 << 11;
const FS: u64 = 3 << 13;
const MPRV: u64 = 1 << 17;
const TW: u64 = 1 << 21;
const UXL_64: u64 = 2 << 32;
const SD: u64 = 1 << 63;

/// Machine software, timer and external interrupts.
const INTERRUPTS: u64 = 1 << 3 | 1 << 7 | 1 << 11;

fn exists(csr: u64) -> bool {
    match csr {
        // fflags, frm, fcsr
        0x001..=0x003 => true,
        // cycle, time, instret, hpmcounter3..31
        0xc00..=0xc1f => true,
        // mstatus, misa, mie, mtvec, mcounteren, menvcfg
        0x300 | 0x301 | 0x304 | 0x305 | 0x306 | 0x30a => true,
        // mcountinhibit, mhpmevent3..31
        0x320 | 0x323..=0x33f => true,
        // mscratch, mepc, mcause, mtval, mip
        0x340..=0x344 => true,
        // pmpcfg: even numbers only when XLEN = 64; pmpaddr0..63
        0x3a0..=0x3af => csr.is_multiple_of(2),
        0x3b0..=0x3ef => true,
        // mcycle, minstret, mhpmcounter3..31
        0xb00 | 0xb02..=0xb1f => true,
        // mvendorid, marchid, mimpid, mhartid, mconfigptr
        0xf11..=0xf15 => true,
        _ => false,
    }
}

impl Cpu {
    /// Counts the instruction.
    pub(super) fn retire(&mut self) {
        self.retired += 1;
        let c = &mut self.csrs;
        let counts = [c.mcountinhibit & 1 == 0, c.mcountinhibit & 4 == 0];
        let written = std::mem::take(&mut c.written);
        c.mcycle = c.mcycle.wrapping_add((counts[0] && !written[0]) as u64);
        c.minstret = c.minstret.wrapping_add((counts[1] && !written[1]) as u64);
    }

    fn may_touch(&self, csr: u64, write: bool) -> bool {
        let lowest = csr >> 8 & 3;
        let counter = csr & 0xfe0 == 0xc00;
        exists(csr)
            && (self.machine || lowest == 0)
            && !(write && csr >> 10 == 3)
            && !(csr <= 3 && self.fs == 0)
            && !(counter && !self.machine && self.csrs.mcounteren >> (csr & 31) & 1 == 0)
    }

    /// The value of an existing CSR.
    pub fn csr(&self, csr: u64) -> u64 {
        let c = &self.csrs;
        match csr {
            0x001 => self.fflags,
            0x002 => self.frm,
            0x003 => self.frm * 32 + self.fflags,
            0x300 => c.mstatus | self.fs << 13 | UXL_64 | if self.fs == 3 { SD } else { 0 },
            // MXL = 64 bits; A, C, D, F, I, M, U
            0x301 => 2 << 62 | b"acdfimu".iter().map(|l| 1 << (l - b'a')).sum::<u64>(),
            0x304 => c.mie,
            0x305 => c.mtvec,
            0x306 => c.mcounteren,
            0x30a => c.menvcfg,
            0x320 => c.mcountinhibit,
            0x340 => c.mscratch,
            0x341 => c.mepc,
            0x342 => c.mcause,
            0x343 => c.mtval,
            0xb00 | 0xc00 => c.mcycle,
            0xb02 | 0xc02 => c.minstret,
            // Choice: a nanosecond an instruction, in ticks of 10 MHz.
            0xc01 => self.retired / 100,
            _ => 0,
        }
    }

    fn set_csr(&mut self, csr: u64, v: u64) {
        let c = &mut self.csrs;
        match csr {
            0x001..=0x003 => {
                if csr != 2 {
                    self.fflags = v % 32;
                }
                match csr {
                    2 => self.frm = v % 8,
                    3 => self.frm = v / 32 % 8,
                    _ => {}
                }
                self.fs = 3;
            }
            0x300 => {
                // Choice: the reserved values of MPP become U.
                let mpp = if v & MPP == MPP { MPP } else { 0 };
                c.mstatus = v & (MIE | MPIE | MPRV | TW) | mpp;
                self.fs = (v & FS) >> 13;
            }
            0x304 => c.mie = v & INTERRUPTS,
            // Choice: the reserved modes 2 and 3 become 0 and 1.
            0x305 => c.mtvec = v & !2,
            0x306 => c.mcounteren = v % (1 << 32),
            0x30a => {
                // FIOM, CBIE, CBCFE, CBZE; the reserved CBIE = 2 becomes 0 (choice).
                let cbie = if v >> 4 & 3 == 2 { 0 } else { v & 0x30 };
                c.menvcfg = v & 0xc1 | cbie;
            }
            0x320 => c.mcountinhibit = v & 5,
            0x340 => c.mscratch = v,
            0x341 => c.mepc = v & !1,
            0x342 => c.mcause = v,
            0x343 => c.mtval = v,
            0xb00 => (c.mcycle, c.written[0]) = (v, true),
            0xb02 => (c.minstret, c.written[1]) = (v, true),
            _ => {}
        }
    }

    /// CSRRW and its likes: whether it writes is told by the source field, not by its value.
    fn csr_access(&mut self, i: &Insn) -> Result<(), Trap> {
        let o = i.operands;
        let csr = o.imm as u64;
        let immediate = matches!(i.op, Op::Csrrwi | Op::Csrrsi | Op::Csrrci);
        let source = if immediate { o.rs1 as u64 } else { self.x[o.rs1 as usize] };
        let write = matches!(i.op, Op::Csrrw | Op::Csrrwi) || o.rs1 != 0;
        if !self.may_touch(csr, write) {
            return self.illegal(i);
        }
        let old = self.csr(csr);
        if write {
            self.set_csr(
                csr,
                match i.op {
                    Op::Csrrw | Op::Csrrwi => source,
                    Op::Csrrs | Op::Csrrsi => old | source,
                    _ => old & !source,
                },
            );
        }
        self.set_x(o.rd, old);
        Ok(())
    }

    pub(super) fn system(&mut self, i: &Insn) -> Outcome {
        Some(match i.op {
            Op::Csrrw | Op::Csrrs | Op::Csrrc | Op::Csrrwi | Op::Csrrsi | Op::Csrrci => self.csr_access(i),
            // One hart: nothing to order. Stores reach the instruction stream at once.
            Op::Fence | Op::FenceTso | Op::FenceI | Op::Pause => Ok(()),
            Op::WrsNto | Op::WrsSto => Ok(()),
            Op::Ecall => Err(Trap { cause: if self.machine { cause::ECALL_M } else { cause::ECALL_U }, tval: 0 }),
            // Choice: its address.
            Op::Ebreak => Err(Trap { cause: cause::BREAKPOINT, tval: self.pc }),
            Op::Mret if !self.machine => self.illegal(i),
            Op::Mret => {
                let c = &mut self.csrs;
                self.machine = c.mstatus & MPP == MPP;
                let mie = if c.mstatus & MPIE != 0 { MIE } else { 0 };
                let mprv = if self.machine { c.mstatus & MPRV } else { 0 };
                c.mstatus = mie | MPIE | mprv | c.mstatus & TW;
                self.pc = c.mepc;
                Ok(())
            }
            Op::Wfi if !self.machine && self.csrs.mstatus & TW != 0 => self.illegal(i),
            Op::Wfi => Ok(()),
            _ => return None,
        })
    }
}
