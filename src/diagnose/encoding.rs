//! What is known about encodings that no extension here defines.

use crate::isa::CpuModel;

/// What a word most likely was meant to be, for words that decode as nothing.
pub(super) fn guess(word: u32) -> String {
    let known = [
        (0xffff_ffff, 0x1020_0073, "sret: it belongs to S-mode, which these machines do not have"),
        (0xffff_ffff, 0x0020_0073, "uret: it belongs to the withdrawn extension N"),
        (0xffff_ffff, 0x7020_0073, "mnret: it belongs to extension smrnmi, which is not implemented"),
        (0xfe00_7fff, 0x1200_0073, "sfence.vma: it belongs to S-mode, which these machines do not have"),
        (0x9e00_7fff, 0x1600_0073, "an instruction of svinval, for S-mode, which these machines do not have"),
        (0x8000_707f, 0x0000_4073, "a hypervisor load or store (extension h), which is not implemented"),
        (0xf800_707f, 0x3000_1013, "scalar cryptography (zknd, zkne or zknh), which is not implemented"),
        (0xe600_707f, 0x2600_0033, "scalar cryptography (zknd or zkne), which is not implemented"),
    ];
    if let Some((.., what)) = known.iter().find(|(mask, value, _)| word & mask == *value) {
        return format!("it looks like {what}");
    }
    let width = word >> 12 & 7;
    let what = match word & 0x7f {
        _ if word & 3 != 3 => return "no known extension defines this 16-bit encoding".to_owned(),
        0x57 => "it lies among the vector instructions (OP-V), where no known extension defines this one",
        0x77 => "it lies among the vector cryptography instructions (OP-VE), where no known extension defines this one",
        0x07 | 0x27 if matches!(width, 0 | 5 | 6 | 7) => {
            "it lies among the vector loads and stores, where no known extension defines this one"
        }
        0x0b => "it lies in the custom-0 space, which T-Head's extensions (xthead...) and other vendors use",
        0x2b => {
            "it lies in the custom-1 space, which T-Head's matrix extensions use, where neither 0.3 nor 0.6 defines this one"
        }
        0x5b => "it lies in the custom-2 space, which vendors use for their own instructions",
        0x7b => "it lies in the custom-3 space, which vendors use for their own instructions",
        0x73 => "it lies among the system instructions; machine and user mode have no such one",
        0x1f | 0x3f | 0x5f | 0x7f => "it begins an instruction of more than 32 bits; no such ones are defined",
        _ => "no known extension defines this encoding",
    };
    what.to_owned()
}

/// To what a CSR belongs that the machine does not have.
pub(super) fn csr_home(csr: u16) -> &'static str {
    match csr {
        0x008..=0x00a | 0x00f | 0xc20..=0xc22 => {
            "it belongs to the vector extensions, which this machine does not have"
        }
        0x015 => "it belongs to the entropy source (zkr), which is not implemented",
        0x017 => "it belongs to table jumps (zcmt), which are not implemented",
        0x011 => "it belongs to shadow stacks (zicfiss), which are not implemented",
        0x001..=0x003 => "it belongs to extension f, which this machine does not have",
        0x302 | 0x303 => "it delegates traps to S-mode, which these machines do not have",
        0x100..=0x1ff | 0x5a8..=0x5af | 0x900..=0x9ff | 0xd00..=0xdff => {
            "it belongs to S-mode, which these machines do not have"
        }
        0x200..=0x2ff | 0x600..=0x6ff | 0xa00..=0xaff | 0xe00..=0xeff => {
            "it belongs to the hypervisor extension, which is not implemented"
        }
        0x7a0..=0x7bf => "it belongs to debugging hardware, which these machines do not have",
        _ if CpuModel::all().any(|m| m.csrs.contains(&csr)) => {
            "it is one of XuanTie cores' registers, which --cpu names"
        }
        0x7c0..=0x7ff | 0x800..=0x8ff | 0xbc0..=0xbff | 0xcc0..=0xcff | 0xfc0..=0xfff | 0x5c0..=0x5ff => {
            "its number is for vendors' own registers"
        }
        _ => "this machine has no such register",
    }
}

#[cfg(test)]
mod tests {
    use super::guess;
    use crate::isa::{Decoder, Isa};

    #[test]
    fn guesses_name_nothing_that_is_implemented() {
        let decoder = Decoder::new(&Isa::all());
        for word in [0x1020_0073, 0x1200_0073, 0x0a00_3057, 0x1205_6407, 0x0000_000b] {
            assert!(decoder.decode(word).is_none(), "{word:#x}");
        }
        assert!(guess(0x1020_0073).contains("sret"));
        assert!(guess(0x0a00_3057).contains("vector"));
        assert!(guess(0x0000_000b).contains("custom-0"));
    }
}
