//! From operands to instruction words.

use super::decode::Insn;
use super::table::{Op, Operand, Slot};

/// Operands of an instruction, by the slots of [`Insn`]. Slots that the instruction does not use are ignored.
///
/// For a 16-bit instruction they are the operands it is written with, not those of its base: `c.addi` has `rd` and
/// `imm` only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Operands {
    /// Destination register.
    pub rd: u8,
    /// First source register, or what stands in its place.
    pub rs1: u8,
    /// Second source register.
    pub rs2: u8,
    /// Third source register.
    pub rs3: u8,
    /// Rounding mode; for atomics bit 1 = aq, bit 0 = rl.
    pub rm: u8,
    /// Immediate, with the meaning it has in [`Insn::imm`].
    pub imm: i64,
}

/// Why operands cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Outside of the range.
    #[error("{op}: {operand} = {value} is not in {min}..={max}", op = .op.mnemonic())]
    Range {
        /// The instruction.
        op: Op,
        /// Name of the operand.
        operand: &'static str,
        /// The value.
        value: i64,
        /// Least value that can be encoded.
        min: i64,
        /// Greatest value that can be encoded.
        max: i64,
    },
    /// Not a multiple of what can be encoded.
    #[error("{op}: {operand} = {value} is not a multiple of {multiple}", op = .op.mnemonic())]
    Misaligned {
        /// The instruction.
        op: Op,
        /// Name of the operand.
        operand: &'static str,
        /// The value.
        value: i64,
        /// What it must be a multiple of.
        multiple: i64,
    },
    /// Zero, where zero is a different instruction or reserved.
    #[error("{op}: {operand} cannot be 0", op = .op.mnemonic())]
    Zero {
        /// The instruction.
        op: Op,
        /// Name of the operand.
        operand: &'static str,
    },
}

impl Operands {
    fn get(&self, operand: &Operand) -> i64 {
        let slot = match operand.slot {
            Slot::Rd => self.rd.into(),
            Slot::Rs1 => self.rs1.into(),
            Slot::Rs2 => self.rs2.into(),
            Slot::Rs3 => self.rs3.into(),
            Slot::Rm => self.rm.into(),
            Slot::Imm => self.imm,
        };
        match operand.shared {
            true => operand.part_of(slot),
            false => slot,
        }
    }

    /// Sets an operand to a value (its own, not shifted into its slot).
    pub fn set(&mut self, operand: &Operand, value: i64) {
        let small = value as u8;
        match operand.slot {
            Slot::Rd => self.rd = small,
            Slot::Rs1 => self.rs1 = small,
            Slot::Rs2 => self.rs2 = small,
            Slot::Rs3 => self.rs3 = small,
            Slot::Rm => self.rm = small,
            Slot::Imm if operand.shared => {
                // A signed operand is the highest of its slot and gives the sign of all.
                let ones = if operand.kind.signed() { -1 } else { (1i64 << operand.width) - 1 };
                let field = ones << operand.shift;
                self.imm = self.imm & !field | (value << operand.shift) & field;
            }
            Slot::Imm => self.imm = value,
        }
    }

    /// The operands that an instruction word of `op` holds.
    pub fn of_word(op: Op, word: u32) -> Operands {
        let mut out = Operands::default();
        for o in op.info().operands {
            out.set(o, o.from_word(word));
        }
        out
    }
}

/// The instruction word of `op` with these operands; upper half 0 for 16-bit instructions.
///
/// ```
/// use mellivora::isa::{Op, Operands, encode};
/// let word = encode(Op::Addi, &Operands { rd: 10, rs1: 10, imm: -1, ..Default::default() })?;
/// assert_eq!(word, 0xfff5_0513);
/// assert!(encode(Op::Addi, &Operands { imm: 2048, ..Default::default() }).is_err());
/// # Ok::<(), mellivora::isa::EncodeError>(())
/// ```
///
/// # Errors
/// [`EncodeError`], if an operand does not fit its field.
pub fn encode(op: Op, operands: &Operands) -> Result<u32, EncodeError> {
    let info = op.info();
    let mut word = info.value;
    for o in info.operands {
        let value = operands.get(o);
        let operand = o.name;
        if value < o.min() || value > o.max() {
            return Err(EncodeError::Range { op, operand, value, min: o.min(), max: o.max() });
        }
        let encoded = value - i64::from(if o.kind.signed() { 0 } else { o.bias });
        if encoded & ((1 << o.align) - 1) != 0 {
            return Err(EncodeError::Misaligned { op, operand, value, multiple: 1 << o.align });
        }
        if o.nonzero && encoded == 0 {
            return Err(EncodeError::Zero { op, operand });
        }
        for p in o.pieces {
            let part = encoded as u32 >> p.value_lo & (u32::MAX >> (32 - p.len));
            word |= part << p.word_lo;
        }
    }
    Ok(word)
}

impl Insn {
    /// The operands of [`Insn::op`] as it was written.
    pub fn operands(&self) -> Operands {
        Operands::of_word(self.op, self.bits)
    }
}
