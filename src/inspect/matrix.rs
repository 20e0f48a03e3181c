//! Which version of T-Head's matrix extension code is for.
//!
//! The versions 0.3 and 0.6 lie in the same space, custom-1, with other encodings and registers. No matrix program does without
//! setting sizes, and mostly not without loads and stores, and most of these words belong to one version only.

/// The opcode of all matrix instructions.
const CUSTOM_1: u32 = 0x2b;

/// A version of the matrix extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Matrices {
    /// Version 0.3, registers m0 to m7.
    V03,
    /// Version 0.6, tiles and accumulators.
    V06,
}

impl Matrices {
    /// `0.3` or `0.6`.
    pub fn version(self) -> &'static str {
        match self {
            Matrices::V03 => "0.3",
            Matrices::V06 => "0.6",
        }
    }
}

/// (mask, value) of words that version 0.3 has and 0.6 does not.
const ONLY_03: [(u32, u32); 10] = [
    (0xfe03_f07f, 0x1e00_002b), // mcfgmi
    (0xfe03_f07f, 0x2e00_002b), // mcfgni
    (0xfff0_707f, 0xfe00_002b), // mcfg
    (0xfffc_7fff, 0xa000_002b), // mzero
    (0xfe00_7c7f, 0x0800_002b), // mldb
    (0xfe00_7c7f, 0x0a00_002b), // mstb
    (0xfe00_7c7f, 0x0a00_082b), // mstw
    (0xfe00_7c7f, 0x0a00_0c2b), // mstd
    (0xfe00_7c7f, 0x1800_002b), // msldb
    (0xfe00_7c7f, 0x1800_042b), // msldh
];

/// (mask, value) of words that version 0.6 has and 0.3 does not.
const ONLY_06: [(u32, u32); 7] = [
    (0x0000_707f, 0x0000_102b), // moves, broadcasts and element-wise operations: funct3 = 1, which 0.3 does not use
    (0xffff_ffff, 0x0000_002b), // mrelease
    (0xfe00_7fff, 0x1000_002b), // msettileki
    (0xfff0_7fff, 0x1200_002b), // msettilek
    (0xfff0_7fff, 0x2200_002b), // msettilem
    (0xfe00_7fff, 0x3000_002b), // msettileni
    (0xfff0_7fff, 0x3200_002b), // msettilen
];

/// Whether a word is for the matrix extension, and for which version, if it tells.
pub(super) fn of(word: u32) -> Option<Option<Matrices>> {
    if word & 0x7f != CUSTOM_1 {
        return None;
    }
    let among = |list: &[(u32, u32)]| list.iter().any(|(mask, value)| word & mask == *value);
    Some(match (among(&ONLY_03), among(&ONLY_06)) {
        (true, _) => Some(Matrices::V03),
        (_, true) => Some(Matrices::V06),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_belongs_to_both() {
        let overlap = |a: &(u32, u32), b: &(u32, u32)| (a.1 ^ b.1) & a.0 & b.0 == 0;
        assert!(!ONLY_03.iter().any(|a| ONLY_06.iter().any(|b| overlap(a, b))));
        for (mask, value) in ONLY_03.iter().chain(&ONLY_06) {
            assert_eq!((value & !mask, value & 0x7f), (0, CUSTOM_1));
        }
    }

    #[test]
    fn words_tell_their_version() {
        assert_eq!(of(0x1e10_002b), Some(Some(Matrices::V03)), "mcfgmi");
        assert_eq!(of(0x3001_002b), Some(Some(Matrices::V06)), "msettileni");
        assert_eq!(of(0x2000_002b), Some(None), "msettilemi, or mmaqa.b of 0.3");
        assert_eq!(of(0x0000_0013), None);
    }
}
