//! Why T-Head's scalar instructions are refused.

use crate::isa::{Extension, Flags, Insn};

/// The reason, if it is one of theirs.
pub(super) fn refused(insn: &Insn, user: bool) -> Option<String> {
    let reason = match insn.base.extension() {
        Extension::Xtheadmemidx if insn.base.info().flags.contains(Flags::DISTINCT) && insn.rd == insn.rs1 => {
            "it loads into the register whose address it writes back: rd and rs1 must differ (XTheadMemIdx)"
        }
        Extension::Xtheadmempair => {
            "a pair is loaded into two different registers, neither of which holds the address (XTheadMemPair)"
        }
        Extension::Xtheadcmo | Extension::Xtheadsync if user => {
            "in U-mode only th.dcache.cva, .civa, .iva, .cval1, th.icache.iva and th.sync* are allowed (XTheadCmo, \
             XTheadSync)"
        }
        Extension::Xtheadfmv => {
            "XTheadFmv exists on RV32 only, in every mode: RV64 moves whole doubles (fmv.x.d, fmv.d.x)"
        }
        Extension::Xtheadint => {
            "XTheadInt exists on RV32 only, in every mode: its frame on the interrupt stack has slots of 4 bytes"
        }
        _ => return None,
    };
    Some(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::refused;
    use crate::isa::{Decoder, Isa};

    #[test]
    fn each_reserved_case_has_its_reason() {
        let why = |word, user| refused(&Decoder::new(&Isa::all()).decode(word).expect("an instruction"), user);
        // th.lwia a0,(a0),4,0; th.lwia a0,(a1),4,0; th.ldd a0,a0,(a1),0,4
        assert!(why(0x5845_450b, false).expect("a reason").contains("rd and rs1 must differ"));
        assert_eq!(why(0x5845_c50b, false), None);
        assert!(why(0xf8a5_c50b, false).expect("a reason").contains("two different registers"));
        // th.dcache.call, in both modes; th.sfence.vmas
        assert!(why(0x0010_000b, true).expect("a reason").contains("U-mode"));
        assert_eq!(why(0x0010_000b, false), None);
        assert!(why(0x0400_000b, true).expect("a reason").contains("U-mode"));
        // th.fmv.hw.x, th.ipop
        assert!(why(0xa000_100b, false).expect("a reason").contains("RV32"));
        assert!(why(0x0050_000b, true).expect("a reason").contains("RV32"));
    }
}
