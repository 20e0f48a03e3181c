//! The vector configurations and widths by which V 1.0 and 0.7.1 can be told apart, although both encode them in the same words.

use super::Vectors;

/// The widest element of the vector units that there are.
const ELEN: u32 = 64;

/// SEW in bits of the `vtype` of a `vsetvli`, if it is a legal one of that version.
///
/// V 1.0: vlmul\[2:0\], vsew\[5:3\], vta, vma (ISA manual, "Vector Type Register"). 0.7.1: vlmul\[1:0\], vsew\[4:2\], vediv\[6:5\], which
/// XTheadVector does not have; all above is reserved.
pub(super) fn sew(version: Vectors, vtype: u32) -> Option<u32> {
    let (sew, legal) = match version {
        Vectors::V1 => {
            let sew = 8 << (vtype >> 3 & 7);
            // LMUL of 1/8, 1/4, 1/2 leave elements of at most that share of ELEN; 4 is reserved.
            let widest = match vtype & 7 {
                4 => 0,
                fraction @ 5..=7 => ELEN >> (8 - fraction),
                _ => ELEN,
            };
            (sew, sew <= widest && vtype >> 8 == 0)
        }
        Vectors::Thead => {
            let sew = 8 << (vtype >> 2 & 7);
            (sew, sew <= ELEN && vtype >> 5 == 0)
        }
    };
    legal.then_some(sew)
}

/// `e32,m2` or `e8,mf2,ta,ma`: a legal `vtype` in words.
pub(crate) fn name(version: Vectors, vtype: u32) -> Option<String> {
    let sew = sew(version, vtype)?;
    Some(match version {
        Vectors::Thead => format!("e{sew},m{}", 1 << (vtype & 3)),
        Vectors::V1 => {
            let lmul = ["m1", "m2", "m4", "m8", "", "mf8", "mf4", "mf2"][(vtype & 7) as usize];
            let policy = |bit: u32, yes, no| if vtype >> bit & 1 != 0 { yes } else { no };
            format!("e{sew},{lmul},{},{}", policy(6, "ta", "tu"), policy(7, "ma", "mu"))
        }
    })
}

/// The `vtype` that a word sets if it is `vsetvli`, in either version.
pub(crate) fn of_vsetvli(word: u32) -> Option<u32> {
    (word & 0x8000_707f == 0x7057).then_some(word >> 20 & 0x7ff)
}

/// Whether a vector load or store is what a compiler of that version would write under this SEW; `None` for other
/// instructions, and for those with indices, whose width says nothing.
///
/// V 1.0 names the width of the elements in memory, which is SEW as a rule. 0.7.1 has width 111 for SEW, and bytes, halfwords and
/// words to be extended, which are no wider than SEW.
pub(super) fn natural(version: Vectors, word: u32, sew: u32) -> Option<bool> {
    if !matches!(word & 0x7f, 0x07 | 0x27) || word >> 26 & 1 != 0 {
        return None;
    }
    let width = [8, 0, 0, 0, 0, 16, 32, 64][(word >> 12 & 7) as usize];
    match (width, version) {
        (0, _) => None,
        (_, Vectors::V1) => Some(width == sew),
        (64, Vectors::Thead) => Some(true),
        (_, Vectors::Thead) => Some(width <= sew),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_version_has_its_own_vtypes() {
        // vsetvli t0,a0,e32,m1,ta,ma
        assert_eq!(of_vsetvli(0x0d05_72d7), Some(0xd0));
        assert_eq!(of_vsetvli(0xcd02_72d7), None, "vsetivli");
        let names = |vtype| [Vectors::V1, Vectors::Thead].map(|v| name(v, vtype).unwrap_or_default());
        assert_eq!(names(0xd0), ["e32,m1,ta,ma", ""]);
        assert_eq!(names(0x08), ["e16,m1,tu,mu", "e32,m1"]);
        assert_eq!(names(0x0c), ["", "e64,m1"]);
        assert_eq!(names(0x05), ["e8,mf8,tu,mu", "e16,m2"]);
        assert_eq!(names(0x1d), ["", ""], "e64,mf8 and e1024,m2");
        assert_eq!(names(0x20), ["", ""], "e128,m1 and an ediv");
        let legal = |v| (0..0x800).filter(|t| sew(v, *t).is_some()).count();
        // 4 SEW x 4 LMUL >= 1, and 1 + 2 + 3 fractions, each with 4 policies; 4 SEW x 4 LMUL.
        assert_eq!((legal(Vectors::V1), legal(Vectors::Thead)), (88, 16));
    }

    #[test]
    fn widths_of_loads_speak() {
        let vle64 = 0x0205_7007; // th.vle.v v0,(a0)
        assert_eq!((natural(Vectors::V1, vle64, 16), natural(Vectors::Thead, vle64, 32)), (Some(false), Some(true)));
        let vle32 = 0x0205_6007; // th.vlwu.v v0,(a0)
        assert_eq!((natural(Vectors::V1, vle32, 32), natural(Vectors::Thead, vle32, 16)), (Some(true), Some(false)));
        assert_eq!(natural(Vectors::V1, 0x0605_6007, 32), None, "vluxei32.v");
        assert_eq!(natural(Vectors::V1, 0x0005_2007, 32), None, "flw");
    }
}
