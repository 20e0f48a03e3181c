//! What 16-bit instructions and other second names stand for (C, Zca, Zcb, Zcd, Zcmop, hints).

use mellivora::isa::{Op, Operands};

/// The instruction that `op` with these operands stands for, if it is not one itself.
pub fn expand(op: Op, o: &Operands) -> Option<(Op, Operands)> {
    let of = |rd, rs1, rs2, imm| Operands { rd, rs1, rs2, imm, ..Default::default() };
    // rd is also rs1; the stack pointer is; nothing is written.
    let (same, sp) = (|op, rs2, imm| (op, of(o.rd, o.rd, rs2, imm)), 2);
    let hint = (Op::Addi, Operands::default());
    Some(match op {
        Op::CAddi4spn => (Op::Addi, of(o.rd, sp, 0, o.imm)),
        Op::CLw => (Op::Lw, *o),
        Op::CLd => (Op::Ld, *o),
        Op::CSw => (Op::Sw, *o),
        Op::CSd => (Op::Sd, *o),
        Op::CFld => (Op::Fld, *o),
        Op::CFsd => (Op::Fsd, *o),
        Op::CAddi => same(Op::Addi, 0, o.imm),
        Op::CAddiw => same(Op::Addiw, 0, o.imm),
        Op::CLi => (Op::Addi, of(o.rd, 0, 0, o.imm)),
        Op::CAddi16sp => (Op::Addi, of(sp, sp, 0, o.imm)),
        Op::CLui => (Op::Lui, of(o.rd, 0, 0, o.imm)),
        Op::CSrli => same(Op::Srli, 0, o.imm),
        Op::CSrai => same(Op::Srai, 0, o.imm),
        Op::CAndi => same(Op::Andi, 0, o.imm),
        Op::CSub => same(Op::Sub, o.rs2, 0),
        Op::CXor => same(Op::Xor, o.rs2, 0),
        Op::COr => same(Op::Or, o.rs2, 0),
        Op::CAnd => same(Op::And, o.rs2, 0),
        Op::CSubw => same(Op::Subw, o.rs2, 0),
        Op::CAddw => same(Op::Addw, o.rs2, 0),
        Op::CJ => (Op::Jal, of(0, 0, 0, o.imm)),
        Op::CBeqz => (Op::Beq, of(0, o.rs1, 0, o.imm)),
        Op::CBnez => (Op::Bne, of(0, o.rs1, 0, o.imm)),
        Op::CSlli => same(Op::Slli, 0, o.imm),
        Op::CLwsp => (Op::Lw, of(o.rd, sp, 0, o.imm)),
        Op::CLdsp => (Op::Ld, of(o.rd, sp, 0, o.imm)),
        Op::CFldsp => (Op::Fld, of(o.rd, sp, 0, o.imm)),
        Op::CJr => (Op::Jalr, of(0, o.rs1, 0, 0)),
        Op::CJalr => (Op::Jalr, of(1, o.rs1, 0, 0)),
        Op::CMv => (Op::Add, of(o.rd, 0, o.rs2, 0)),
        Op::CEbreak => (Op::Ebreak, *o),
        Op::CAdd => same(Op::Add, o.rs2, 0),
        Op::CSwsp => (Op::Sw, of(0, sp, o.rs2, o.imm)),
        Op::CSdsp => (Op::Sd, of(0, sp, o.rs2, o.imm)),
        Op::CFsdsp => (Op::Fsd, of(0, sp, o.rs2, o.imm)),
        Op::CLbu => (Op::Lbu, *o),
        Op::CLhu => (Op::Lhu, *o),
        Op::CLh => (Op::Lh, *o),
        Op::CSb => (Op::Sb, *o),
        Op::CSh => (Op::Sh, *o),
        Op::CZextB => same(Op::Andi, 0, 255),
        Op::CSextB => same(Op::SextB, 0, 0),
        Op::CZextH => same(Op::Packw, 0, 0),
        Op::CSextH => same(Op::SextH, 0, 0),
        Op::CZextW => same(Op::AddUw, 0, 0),
        Op::CNot => same(Op::Xori, 0, -1),
        Op::CMul => same(Op::Mul, o.rs2, 0),
        Op::ZextH => (Op::Packw, of(o.rd, o.rs1, 0, 0)),
        Op::CMopN | Op::PrefetchI | Op::PrefetchR | Op::PrefetchW => hint,
        Op::NtlP1 | Op::NtlPall | Op::NtlS1 | Op::NtlAll => hint,
        Op::CNtlP1 | Op::CNtlPall | Op::CNtlS1 | Op::CNtlAll => hint,
        _ => return None,
    })
}
