//! A little assembler over the encoder.

use mellivora::isa::{Decoder, DisasmOptions, Isa, Op, Operands, disassemble, encode};

/// An instruction word from the operands that are given; the others are 0.
pub fn word(op: Op, operands: Operands) -> u32 {
    encode(op, &operands).unwrap_or_else(|e| panic!("{e}"))
}

/// `op rd, rs1, rs2`
pub fn rrr(op: Op, rd: u8, rs1: u8, rs2: u8) -> u32 {
    word(op, Operands { rd, rs1, rs2, ..Default::default() })
}

/// `op rd, rs1, imm`, or `op rd, imm(rs1)`
pub fn rri(op: Op, rd: u8, rs1: u8, imm: i64) -> u32 {
    word(op, Operands { rd, rs1, imm, ..Default::default() })
}

/// `op rs2, imm(rs1)`, or `op rs1, rs2, target`
pub fn ssi(op: Op, rs1: u8, rs2: u8, imm: i64) -> u32 {
    word(op, Operands { rs1, rs2, imm, ..Default::default() })
}

/// `op rd, imm`
pub fn ri(op: Op, rd: u8, imm: i64) -> u32 {
    word(op, Operands { rd, imm, ..Default::default() })
}

/// `ecall`
pub fn ecall() -> u32 {
    word(Op::Ecall, Operands::default())
}

/// Two instructions that put a signed 32-bit value (of an `lui` and `addiw` pair) into a register.
pub fn li32(rd: u8, value: i32) -> [u32; 2] {
    let low = (value << 20) >> 20;
    let high = value.wrapping_sub(low) as i64;
    [ri(Op::Lui, rd, high), rri(Op::Addiw, rd, rd, low.into())]
}

/// Bytes of an instruction word.
pub fn len(word: u32) -> usize {
    if word & 3 == 3 { 4 } else { 2 }
}

/// The bytes of instruction words, in memory order.
pub fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes().into_iter().take(len(*w))).collect()
}

/// How a failing test shows a word.
pub fn show(word: u32) -> String {
    match Decoder::new(&Isa::all()).decode(word) {
        Some(i) => disassemble(&i, 0, DisasmOptions::default()).to_string(),
        None => format!("{word:#x}"),
    }
}
