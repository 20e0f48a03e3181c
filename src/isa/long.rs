//! The 64-bit encodings of XTheadMatrix 0.6 (section "64-bit forms" of the proposal): each is the 32-bit encoding of the same
//! instruction with another opcode, and upper bits that say what otherwise CSRs do, or hold more of an immediate.
//!
//! An [`Insn`] of this length has the low word in `bits`, and in `rm` what the instruction says itself, see [`Modes`].

use super::decode::{Decoder, Insn};
use super::table::Flags;

/// Bits 6..0 of a first word.
pub(crate) const LONG: u32 = 0x3f;
/// Opcode of the 32-bit encodings.
const CUSTOM_1: u32 = 0x2b;
/// Bits 38..32.
const LENGTH: u32 = 0x03;

/// What a matrix instruction says of its rounding and saturation, instead of the CSRs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modes {
    /// Floating-point rounding mode; 7: that of xmfrm.
    pub frm: u8,
    /// Saturation, in the place of xmsaten.
    pub saturate: bool,
    /// Fixed-point rounding mode, in the place of xmxrm.
    pub xrm: u8,
}

/// What the upper bits of an instruction hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Upper {
    Nothing,
    Immediate,
    Multiply,
    Elementwise,
}

/// By the fields of the low word: func3, uop and the `d` bit of sizes.
fn upper(low: u32) -> Upper {
    match (low >> 12 & 7, low >> 26 & 3, low >> 25 & 1) {
        (1, _, _) => Upper::Elementwise,
        (0, 0b10, _) => Upper::Multiply,
        // mrelease has no immediate.
        (0, 0b00, 0) if low >> 28 != 0 => Upper::Immediate,
        _ => Upper::Nothing,
    }
}

/// The 32-bit encoding that bits 31..7 are those of.
fn short(low: u32) -> u32 {
    low & !0x7f | CUSTOM_1
}

impl Insn {
    /// The whole encoding: `bits`, and of 64-bit encodings the upper half, too.
    pub fn encoding(&self) -> u64 {
        if self.len != 8 {
            return self.bits.into();
        }
        let (imm, rm) = (self.imm as u64, u64::from(self.rm));
        let fields = match upper(self.bits) {
            Upper::Nothing => 0,
            Upper::Immediate => imm >> 10,
            // frm in bits 41..39, se in 42, xrm in 45..44
            Upper::Multiply => rm & 0xf,
            Upper::Elementwise => rm & 0xf | (rm & 0x30) << 1,
        };
        u64::from(self.bits) | (u64::from(LENGTH) | fields << 7) << 32
    }

    /// What a 64-bit encoding of a matrix instruction says of its modes; `None`: the CSRs do.
    pub fn modes(&self) -> Option<Modes> {
        let says = self.len == 8 && matches!(upper(self.bits), Upper::Multiply | Upper::Elementwise);
        says.then_some(Modes { frm: self.rm & 7, saturate: self.rm >> 3 & 1 != 0, xrm: self.rm >> 4 & 3 })
    }
}

impl Decoder {
    /// Decodes a 64-bit encoding, given its halves. `None`: none of an enabled instruction.
    pub(crate) fn decode_long(&self, low: u32, high: u32) -> Option<Insn> {
        if low & 0x7f != LONG || high & 0x7f != LENGTH {
            return None;
        }
        let insn = self.decode(short(low))?;
        if !insn.base.info().flags.contains(Flags::MATRIX) {
            return None;
        }
        let fields = high >> 7;
        let (allowed, rm) = match upper(low) {
            Upper::Nothing => (0, 0),
            Upper::Immediate => (0x3f_ffff, 0),
            Upper::Multiply => (0xf, fields & 0xf),
            Upper::Elementwise => (0x6f, fields & 0xf | fields >> 1 & 0x30),
        };
        if fields & !allowed != 0 {
            return None;
        }
        let more = if upper(low) == Upper::Immediate { i64::from(fields) << 10 } else { 0 };
        Some(Insn { bits: low, len: 8, rm: rm as u8, imm: insn.imm | more, ..insn })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Extension, Isa, Op};

    fn decoder() -> Decoder {
        Decoder::new(&Isa::base().with(Extension::Xtheadmatrix0p6))
    }

    /// The long form of a 32-bit encoding.
    fn long(word: u32, fields: u32) -> (u32, u32) {
        (word & !0x7f | LONG, LENGTH | fields << 7)
    }

    fn decode((low, high): (u32, u32)) -> Option<Insn> {
        decoder().decode_long(low, high)
    }

    #[test]
    fn multiplications_say_their_modes() {
        // mfmacc.s acc0,tr1,tr0
        let word = 0x0808_082b | 1 << 20 | 4 << 7;
        let insn = decode(long(word, 0xb)).unwrap();
        assert_eq!((insn.op, insn.len), (Op::MfmaccS, 8));
        assert_eq!(insn.modes(), Some(Modes { frm: 3, saturate: true, xrm: 0 }));
        assert_eq!(insn.encoding() >> 32, 0x583);
        assert_eq!(insn.encoding() as u32, word & !0x7f | LONG);
        assert_eq!(decode(long(word, 0x10)), None, "bit 43 is reserved");
        assert_eq!(decode(long(word, 0x20)), None, "there is no fixed-point rounding");
        assert_eq!(decoder().decode(word).unwrap().modes(), None);
    }

    #[test]
    fn immediates_have_32_bits() {
        // msettilemi 1023
        let insn = decode(long(0x2000_002b | 1023 << 15, 0x3f_ffff)).unwrap();
        assert_eq!((insn.op, insn.imm), (Op::Msettilemi, 0xffff_ffff));
        assert_eq!(insn.encoding() >> 32, 0x1fff_ff83);
        assert_eq!(decode(long(0x2000_002b, 0x40_0000)), None);
        assert_eq!(decode(long(0x2200_002b, 1)), None, "the register form has none");
    }

    #[test]
    fn what_is_not_a_matrix_instruction_is_none() {
        assert_eq!(decode(long(0xf000_002b, 0)), None, "custom-1 has nothing here");
        let (low, high) = long(0x2000_002b, 0);
        assert_eq!(decoder().decode_long(low, high | 0x40), None);
        assert_eq!(decoder().decode(low), None, "the first word alone");
    }
}
