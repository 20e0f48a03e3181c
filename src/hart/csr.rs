//! Control and status registers: which exist, who may touch them, what reads give and writes keep.
//!
//! Sources: Unprivileged manual (Zicsr, F, Zicntr, Zihpm) and Privileged Architecture 1.13, chapter 3 (machine level).
//! PMP has no entries: its registers read zero and ignore writes.

use super::trap::{MIE, MPIE, MPP, MPRV};
use super::{Context, Hart, Privilege, VectorVersion, clock};
use super::{custom, matrix};

/// mstatus.TW: `wfi` in U-mode traps.
pub(crate) const TW: u64 = 1 << 21;
const FS_SHIFT: u32 = 13;
/// mstatus.MS: where all of the vendor's software has it.
const MS_SHIFT: u32 = 25;
const SD: u64 = 1 << 63;
/// mstatus.UXL = 64 bits.
const UXL_64: u64 = 2 << 32;
/// Software, timer and external interrupt of machine level.
const M_INTERRUPTS: u64 = 1 << 3 | 1 << 7 | 1 << 11;
/// menvcfg: FIOM.
const FIOM: u64 = 1;
/// menvcfg: CBIE, CBCFE, CBZE.
const CB_FIELDS: u64 = 0xf0;

/// An access to a CSR that must trap as an illegal instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// No such register on this hart.
    #[error("CSR {0:#05x} does not exist on this hart")]
    Unknown(u16),
    /// A write to a read-only register.
    #[error("CSR {0:#05x} is read-only")]
    ReadOnly(u16),
    /// The current privilege may not touch it.
    #[error("CSR {0:#05x} is out of reach of the current privilege mode")]
    Privilege(u16),
    /// mstatus.FS is Off.
    #[error("CSR {0:#05x} needs floating-point state, and mstatus.FS is Off")]
    FloatOff(u16),
    /// mstatus.VS is Off.
    #[error("CSR {0:#05x} needs vector state, and mstatus.VS is Off")]
    VectorOff(u16),
    /// mstatus.MS is Off.
    #[error("CSR {0:#05x} needs matrix state, and mstatus.MS is Off")]
    MatrixOff(u16),
}

/// vstart, vxsat, vxrm, vcsr, vl, vtype, vlenb.
fn is_vector(csr: u16) -> bool {
    matches!(csr, 0x008..=0x00a | 0x00f | 0xc20..=0xc22)
}

/// Whether `csr` exists on some hart of this project.
pub fn csr_exists(csr: u16) -> bool {
    matches!(csr,
        0x001..=0x003 | 0x008..=0x00a | 0x00f | 0xc00..=0xc22
        | 0x300 | 0x301 | 0x304..=0x306 | 0x30a | 0x320 | 0x323..=0x33f | 0x340..=0x344
        | 0x3a0..=0x3ef | 0xb00 | 0xb02..=0xb1f | 0xf11..=0xf15)
        && csr & 0xfff1 != 0x3a1
        || custom::exists(csr)
        || matrix::exists(csr)
}

impl Hart {
    /// Whether an access from the current privilege is allowed at all.
    pub(crate) fn check_csr(&self, csr: u16, write: bool) -> Result<(), CsrError> {
        if !self.has_csr(csr) {
            return Err(CsrError::Unknown(csr));
        }
        if (self.privilege as u16) < (csr >> 8 & 3) {
            return Err(CsrError::Privilege(csr));
        }
        if write && csr >> 10 == 3 {
            return Err(CsrError::ReadOnly(csr));
        }
        if csr <= 3 && self.fs == Context::Off {
            return Err(CsrError::FloatOff(csr));
        }
        if is_vector(csr) && self.v.vs() == Context::Off {
            return Err(CsrError::VectorOff(csr));
        }
        if matrix::exists(csr) && self.matrix.ms() == Context::Off {
            return Err(CsrError::MatrixOff(csr));
        }
        if csr & 0xfe0 == 0xc00 && self.privilege == Privilege::User && self.m.mcounteren >> (csr & 31) & 1 == 0 {
            return Err(CsrError::Privilege(csr));
        }
        self.check_custom(csr)
    }

    /// Reads a CSR as an instruction of the current privilege would.
    pub fn read_csr(&self, csr: u16) -> Result<u64, CsrError> {
        self.check_csr(csr, false)?;
        Ok(self.csr_value(csr))
    }

    /// The value of a CSR whatever the current privilege, for those who watch; `None` if this hart has no such register.
    pub fn csr(&self, csr: u16) -> Option<u64> {
        self.has_csr(csr).then(|| self.csr_value(csr))
    }

    fn has_csr(&self, csr: u16) -> bool {
        if custom::exists(csr) {
            return self.has_custom(csr);
        }
        if matrix::exists(csr) {
            return self.matrix.has_csr(csr);
        }
        let vector = self.v.exists() && (csr != 0x00f || !self.thead_vectors());
        csr_exists(csr) && (csr > 3 || self.config.float) && (!is_vector(csr) || vector)
    }

    /// Whether the vector unit is XTheadVector's: vxrm and vxsat are then also in fcsr, there is no vcsr, and mstatus.VS lies
    /// elsewhere.
    fn thead_vectors(&self) -> bool {
        self.v.exists() && self.v.config.version == VectorVersion::Thead
    }

    /// Where in mstatus VS begins.
    fn vs_shift(&self) -> u32 {
        if self.thead_vectors() { 23 } else { 9 }
    }

    /// vxrm and vxsat, as in vcsr.
    fn vcsr(&self) -> u64 {
        (self.v.vxrm << 1) as u64 | self.v.vxsat as u64
    }

    /// The value of a CSR that exists, without access checks.
    pub(crate) fn csr_value(&self, csr: u16) -> u64 {
        let m = &self.m;
        match csr {
            0x001 => self.fflags as u64,
            0x002 => self.frm as u64,
            0x003 if self.thead_vectors() => (self.frm << 5 | self.fflags) as u64 | self.vcsr() << 8,
            0x003 => (self.frm << 5 | self.fflags) as u64,
            0x008 => self.v.vstart as u64,
            0x009 => self.v.vxsat as u64,
            0x00a => self.v.vxrm as u64,
            0x00f => self.vcsr(),
            0xc20 => self.v.vl as u64,
            0xc21 => self.v.vtype_csr(),
            0xc22 => self.v.vlenb as u64,
            0xc00 | 0xb00 => self.counter(m.mcycle, 0),
            0xc01 => self.time(),
            0xc02 | 0xb02 => self.counter(m.minstret, 2),
            0x300 => self.mstatus(),
            0x301 => self.config.misa,
            0x304 => m.mie,
            0x305 => m.mtvec,
            0x306 => m.mcounteren,
            0x30a => m.menvcfg,
            0x320 => m.mcountinhibit,
            0x340 => m.mscratch,
            0x341 => m.mepc,
            0x342 => m.mcause,
            0x343 => m.mtval,
            0x344 => m.mip,
            0xf11 => self.config.vendorid as u64,
            0xf12 => self.config.archid,
            0xf13 => self.config.impid,
            0xf14 => self.config.hartid,
            _ if matrix::exists(csr) => self.matrix.csr(csr),
            // Event counters and selectors, PMP, mconfigptr: hardwired to zero.
            _ => self.custom_value(csr),
        }
    }

    /// Writes a CSR as an instruction of the current privilege would; fields keep only legal values (WARL).
    ///
    /// Returns whether the machine must look at interrupts or privilege before the next instruction.
    pub fn write_csr(&mut self, csr: u16, v: u64) -> Result<bool, CsrError> {
        self.check_csr(csr, true)?;
        let mut sync = false;
        match csr {
            0x001 => self.write_fcsr(self.frm, v as u8),
            0x002 => self.write_fcsr(v as u8, self.fflags),
            0x003 => {
                self.write_fcsr((v >> 5) as u8, v as u8);
                if self.thead_vectors() && self.v.vs() != Context::Off {
                    self.write_vcsr((v >> 9) as u8, (v >> 8) as u8);
                }
            }
            // vstart has just enough bits to name the last element of the longest vector.
            0x008 => {
                self.v.set_vs(Context::Dirty);
                self.v.set_vstart(v as usize & (self.v.vlenb * 8 - 1));
            }
            0x009 => self.write_vcsr(self.v.vxrm, v as u8),
            0x00a => self.write_vcsr(v as u8, self.v.vxsat as u8),
            0x00f => self.write_vcsr((v >> 1) as u8, v as u8),
            0x300 => {
                self.set_mstatus(v);
                sync = true;
            }
            0x304 => {
                self.m.mie = v & M_INTERRUPTS;
                sync = true;
            }
            // mip's machine-level bits follow their lines: nothing is writable, but a write still re-examines them.
            0x344 => sync = true,
            0x305 => {
                // Modes 2 and 3 are reserved: bit 1 stays clear, as on Spike.
                self.m.mtvec = v & !2;
            }
            0x306 => self.m.mcounteren = v & 0xffff_ffff,
            0x30a => {
                let mut keep = FIOM;
                if self.config.cache_blocks {
                    keep |= CB_FIELDS;
                }
                let v = v & keep;
                // CBIE = 2 is reserved and becomes 0, as on Spike.
                self.m.menvcfg = if v & 0x30 == 0x20 { v & !0x30 } else { v };
            }
            0x320 => self.set_inhibit(v & 5),
            0x340 => self.m.mscratch = v,
            0x341 => self.m.mepc = v & if self.config.compressed { !1 } else { !3 },
            0x342 => self.m.mcause = v,
            0x343 => self.m.mtval = v,
            0xb00 => self.m.mcycle = self.counter_base(v, 0),
            0xb02 => self.m.minstret = self.counter_base(v, 2),
            _ if matrix::exists(csr) => self.matrix.write_csr(csr, v),
            // misa, event counters and selectors, PMP: writes are ignored.
            _ => self.write_custom(csr, v),
        }
        Ok(sync)
    }

    pub(super) fn write_fcsr(&mut self, frm: u8, fflags: u8) {
        self.frm = frm & 7;
        self.fflags = fflags & 0x1f;
        self.fs = Context::Dirty;
        self.note_fp_mode();
    }

    fn write_vcsr(&mut self, vxrm: u8, vxsat: u8) {
        self.v.vxrm = vxrm & 3;
        self.v.vxsat = vxsat & 1 != 0;
        self.v.set_vs(Context::Dirty);
    }

    /// mstatus as software sees it.
    pub(crate) fn mstatus(&self) -> u64 {
        let (fs, vs, ms) = (self.fs, self.v.vs(), self.matrix.ms());
        let dirty = if [fs, vs, ms].contains(&Context::Dirty) { SD } else { 0 };
        let contexts = (fs as u64) << FS_SHIFT | (vs as u64) << self.vs_shift() | (ms as u64) << MS_SHIFT;
        self.m.mstatus | contexts | UXL_64 | dirty
    }

    fn set_mstatus(&mut self, v: u64) {
        let mut s = v & (MIE | MPIE | MPP | MPRV | TW);
        // MPP holds M or U: other values become U, as on Spike.
        if v & MPP != MPP {
            s &= !MPP;
        }
        self.m.mstatus = s;
        let context = |bits| match bits & 3 {
            0 => Context::Off,
            1 => Context::Initial,
            2 => Context::Clean,
            _ => Context::Dirty,
        };
        self.set_fs(context(v >> FS_SHIFT));
        self.set_vs(context(v >> self.vs_shift()));
        self.set_ms(context(v >> MS_SHIFT));
    }

    /// `time` in ticks.
    pub fn time(&self) -> u64 {
        (self.clock.nanos(self.instret) / clock::TICK_NS).wrapping_add(self.m.time_offset)
    }

    /// Sets what the platform's timer adds to the clock's ticks.
    pub(crate) fn set_time_offset(&mut self, ticks: u64) {
        self.m.time_offset = ticks;
    }

    /// A counter's value from its stored form.
    fn counter(&self, stored: u64, bit: u32) -> u64 {
        if self.m.mcountinhibit >> bit & 1 != 0 { stored } else { stored.wrapping_add(self.instret) }
    }

    /// The stored form that makes the *next* instruction read `v`: the writing instruction does not count.
    fn counter_base(&self, v: u64, bit: u32) -> u64 {
        if self.m.mcountinhibit >> bit & 1 != 0 { v } else { v.wrapping_sub(self.instret.wrapping_add(1)) }
    }

    fn set_inhibit(&mut self, v: u64) {
        let (cycle, instret) = (self.counter(self.m.mcycle, 0), self.counter(self.m.minstret, 2));
        self.m.mcountinhibit = v;
        self.m.mcycle = if v & 1 != 0 { cycle } else { cycle.wrapping_sub(self.instret) };
        self.m.minstret = if v & 4 != 0 { instret } else { instret.wrapping_sub(self.instret) };
    }

    /// What cache-block instructions may do in the current privilege (menvcfg.CBIE, CBCFE, CBZE).
    pub(crate) fn cache_block_rights(&self) -> (u64, bool, bool) {
        if self.privilege == Privilege::Machine {
            return (3, true, true);
        }
        (self.m.menvcfg >> 4 & 3, self.m.menvcfg >> 6 & 1 != 0, self.m.menvcfg >> 7 & 1 != 0)
    }

    /// Opens what an operating system opens for its programs: counters, cache-block instructions, floating point,
    /// vectors, matrices.
    pub(crate) fn open_for_user(&mut self) {
        self.m.mcounteren = 7;
        if self.config.cache_blocks {
            // CBIE = 1: cbo.inval performs a flush, as Linux sets it up.
            self.m.menvcfg = 0xd0;
        }
        self.set_fs(Context::Dirty);
        self.set_vs(Context::Dirty);
        self.set_ms(Context::Dirty);
        self.privilege = Privilege::User;
    }
}
