//! XuanTie's own control and status registers. Which core has which stands in `isa/cpus.isa`.
//!
//! What the vendor's simulator does: some hold what is written to them, without further effect here ([`HELD`]); the others,
//! which control caches, counters and the like, read zero and ignore writes. Start-up code of such cores then runs as it is.
//! Two have a meaning for programs: `fxcr` shows the fields of `fcsr` at other places, and bit 0 of `utnmode` makes conversions
//! saturate. Registers of S-mode (0x5c0, 0x9c0...) do not exist, as that mode does not.
//!
//! Tightly coupled and fast memory is none of these machines' (`mdtcmcr`, `mitcmcr`, `mtnfastmba` stay zero), nor are there other
//! cores for `mrmr` to release.

use super::{Context, CsrError, Hart};

/// Floating-point control: fflags in bits 4..0, frm in 26..24, in bit 31 the bfloat16 mode of matrix instructions.
pub(super) const FXCR: u16 = 0x800;
/// Where frm begins in it.
const FXCR_FRM: u32 = 24;
const MXSTATUS: u16 = 0x7c0;
/// Where the privilege mode stands in it, read-only.
const MXSTATUS_PM: u32 = 30;

/// Registers that hold what is written, with the bits that they have.
const HELD: [(u16, u64); 8] = [
    (FXCR, 1 << 31),
    // utnmode: SAT
    (0x8da, 1),
    (MXSTATUS, 0x3fff_ffff),
    // mrmr: a core of the cluster for each bit
    (0x7c6, 0xff),
    // mrvbr
    (0x7c7, u64::MAX),
    // mexstatus: bit 5 tells of an exception within an exception, which is not modelled
    (0x7e1, 0xffff_ffdf),
    // mvmid: number and enable
    (0xbcc, 0x8000_3fff),
    // mtimedelta: what S-mode's time is ahead
    (0xbcd, u64::MAX),
];

/// What they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Custom([u64; HELD.len()]);

/// Whether some core of the table has the register, and machines can have it.
pub(super) fn exists(csr: u16) -> bool {
    matches!(csr,
        0x7c0..=0x7cf | 0x7d2..=0x7d7 | 0x7e0 | 0x7e1 | 0x7eb | 0x7f3 | 0x7f8 | 0x7f9
        | 0x800 | 0x8da | 0x8e8..=0x8ef | 0xbc1 | 0xbcc..=0xbce | 0xbd8..=0xbdf | 0xfc0 | 0xfc1)
}

impl Hart {
    /// Whether it is one of the vendor's registers that this hart has.
    pub(super) fn has_custom(&self, csr: u16) -> bool {
        self.config.csrs.binary_search(&csr).is_ok() && (csr != FXCR || self.config.float)
    }

    /// Whether mstatus lets it be accessed now.
    pub(super) fn check_custom(&self, csr: u16) -> Result<(), CsrError> {
        if csr == FXCR && self.fs == Context::Off { Err(CsrError::FloatOff(csr)) } else { Ok(()) }
    }

    pub(super) fn custom_value(&self, csr: u16) -> u64 {
        let held = HELD.iter().position(|h| h.0 == csr).map_or(0, |n| self.custom.0[n]);
        match csr {
            FXCR => held | (self.frm as u64) << FXCR_FRM | self.fflags as u64,
            MXSTATUS => held | (self.privilege as u64) << MXSTATUS_PM,
            _ => held,
        }
    }

    pub(super) fn write_custom(&mut self, csr: u16, v: u64) {
        if let Some(n) = HELD.iter().position(|h| h.0 == csr) {
            self.custom.0[n] = v & HELD[n].1;
        }
        if csr == FXCR {
            self.write_fcsr((v >> FXCR_FRM) as u8, v as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Clock, HartConfig, Privilege};
    use super::*;
    use crate::isa::{Cpu, CpuModel, csr_name};

    fn hart(cpu: &str) -> Hart {
        let cpu = Cpu::parse(cpu).unwrap_or_else(|e| panic!("{e}"));
        Hart::new(HartConfig::for_cpu(&cpu), Clock::virtual_time())
    }

    #[test]
    fn every_register_of_the_table_can_be_had() {
        for model in CpuModel::all() {
            for csr in model.csrs {
                assert!(exists(*csr) && csr_name(*csr).is_some(), "{}: {csr:#x}", model.name);
                let h = Hart::new(HartConfig::for_cpu(&Cpu::of(model)), Clock::virtual_time());
                assert_eq!(h.csr(*csr).is_some(), *csr != FXCR || h.config.float, "{}: {csr:#x}", model.name);
            }
        }
        assert!(HELD.iter().all(|h| exists(h.0)));
    }

    #[test]
    fn held_registers_keep_the_bits_that_they_have() {
        let mut h = hart("c908v");
        for (csr, bits) in HELD.into_iter().filter(|h| h.0 != FXCR) {
            assert_eq!(h.csr_value(csr) & bits, 0, "{csr:#x}");
            h.write_csr(csr, u64::MAX).unwrap();
            let privilege = if csr == MXSTATUS { 3 << MXSTATUS_PM } else { 0 };
            assert_eq!(h.read_csr(csr), Ok(bits | privilege), "{csr:#x}");
            h.write_csr(csr, 0).unwrap();
            assert_eq!(h.read_csr(csr), Ok(privilege), "{csr:#x}");
        }
        // What OpenSBI and the vendor's start-up code write.
        h.write_csr(MXSTATUS, 0x63_8000).unwrap();
        assert_eq!(h.read_csr(MXSTATUS), Ok(0xc063_8000));
        for ignored in [0x7c1, 0x7c2, 0x7c5, 0x7cc, 0x7f8] {
            h.write_csr(ignored, 0x11ff).unwrap();
            assert_eq!(h.read_csr(ignored), Ok(0), "{ignored:#x}");
        }
        assert_eq!(h.read_csr(0xfc0), Ok(0));
        assert_eq!(h.write_csr(0xfc0, 0), Err(CsrError::ReadOnly(0xfc0)));
    }

    #[test]
    fn fxcr_mirrors_fcsr() {
        let mut h = hart("c910");
        assert_eq!(h.read_csr(FXCR), Err(CsrError::FloatOff(FXCR)));
        assert_eq!(h.write_csr(FXCR, 0), Err(CsrError::FloatOff(FXCR)));
        h.set_fs(Context::Initial);
        h.write_csr(FXCR, u64::MAX).unwrap();
        assert_eq!((h.frm, h.fflags, h.fs), (7, 0x1f, Context::Dirty));
        assert_eq!((h.read_csr(FXCR), h.read_csr(3)), (Ok(0x8700_001f), Ok(0xff)));
        h.write_csr(3, 0x45).unwrap();
        assert_eq!(h.read_csr(FXCR), Ok(0x8200_0005), "bit 31 stays");
        h.write_csr(FXCR, 0).unwrap();
        assert_eq!((h.read_csr(FXCR), h.read_csr(3), h.fp_fast), (Ok(0), Ok(0), true));
        // Without floating point there is none.
        assert_eq!(hart("c906").read_csr(FXCR), Err(CsrError::Unknown(FXCR)));
    }

    #[test]
    fn user_mode_reaches_only_user_registers() {
        let mut h = hart("r908fdv");
        h.open_for_user();
        for csr in [FXCR, 0x8da, 0x8e8] {
            assert!(h.read_csr(csr).is_ok() && h.write_csr(csr, 1).is_ok(), "{csr:#x}");
        }
        assert_eq!((h.csr(0x8da), h.csr(0x8e8)), (Some(1), Some(0)));
        for csr in [MXSTATUS, 0x7c1, 0x7c6, 0xbcc, 0xbd8, 0xfc0] {
            assert_eq!(h.read_csr(csr), Err(CsrError::Privilege(csr)));
            assert_eq!(h.write_csr(csr, 0), Err(CsrError::Privilege(csr)));
        }
        // Those of S-mode do not exist in any mode, nor do other cores' registers.
        for privilege in [Privilege::User, Privilege::Machine] {
            h.set_privilege(privilege);
            for csr in [0x5c0, 0x9c0, 0x9d8, 0x7eb] {
                assert_eq!(h.read_csr(csr), Err(CsrError::Unknown(csr)));
            }
        }
        let mut h = hart("xt-c9501fdvt");
        assert_eq!((h.read_csr(0x8da), h.read_csr(MXSTATUS)), (Err(CsrError::Unknown(0x8da)), Ok(3 << MXSTATUS_PM)));
        let mut h2 = hart("max");
        for h in [&mut h, &mut h2] {
            assert_eq!(h.read_csr(0x8e8), Err(CsrError::Unknown(0x8e8)));
        }
        assert_eq!(h2.write_csr(MXSTATUS, 0), Err(CsrError::Unknown(MXSTATUS)));
    }

    #[test]
    fn cores_identify_themselves() {
        let h = hart("c908v,mimpid=7");
        let ids: Vec<_> = [0xf11, 0xf12, 0xf13].map(|n| h.csr(n)).into();
        assert_eq!(ids, [Some(0x5b7), Some(0x8000_0000_0914_0e00), Some(7)]);
        assert_eq!(h.config.vector.vlen, 128);
        assert_eq!(hart("c908x").config.vector.vlen, 512);
        assert_eq!(hart("xt-c9501fdvt").config.vector.agnostic, super::super::Agnostic::Ones);
    }
}
