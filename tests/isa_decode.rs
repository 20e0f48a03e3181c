//! Decoding: which words are instructions, and what their operands are.

use mellivora::isa::{Decoder, Extension, Isa, Op, decode_any};

#[test]
fn operands_are_taken_from_their_bits() {
    let d = Decoder::new(&Isa::all());
    let addi = d.decode(0xffc1_0113).unwrap(); // addi sp,sp,-4
    assert_eq!((addi.op, addi.rd, addi.rs1, addi.imm, addi.len), (Op::Addi, 2, 2, -4, 4));
    let lui = d.decode(0x8000_0537).unwrap();
    assert_eq!((lui.op, lui.rd, lui.imm), (Op::Lui, 10, -0x8000_0000));
    let beq = d.decode(0xfe00_0ee3).unwrap(); // beq zero,zero,.-4
    assert_eq!((beq.op, beq.imm), (Op::Beq, -4));
    let sw = d.decode(0xfea4_2e23).unwrap(); // sw a0,-4(s0)
    assert_eq!((sw.op, sw.rs1, sw.rs2, sw.imm), (Op::Sw, 8, 10, -4));
    let fence = d.decode(0x0ff0_000f).unwrap();
    assert_eq!((fence.op, fence.imm), (Op::Fence, 0xff));
    let csr = d.decode(0x3004_6073).unwrap(); // csrrsi x0,mstatus,8
    assert_eq!((csr.op, csr.rd, csr.rs1, csr.imm), (Op::Csrrsi, 0, 8, 0x300));
    let fmadd = d.decode(0x0231_70c3 | 0x1800_0000).unwrap();
    assert_eq!((fmadd.op, fmadd.rd, fmadd.rs1, fmadd.rs2, fmadd.rs3, fmadd.rm), (Op::FmaddD, 1, 2, 3, 3, 7));
    let amo = d.decode(0x06c5_a52f).unwrap(); // amoadd.w.aqrl a0,a2,(a1)
    assert_eq!((amo.op, amo.rd, amo.rs1, amo.rs2, amo.rm), (Op::AmoaddW, 10, 11, 12, 3));
}

#[test]
fn compressed_instructions_expand() {
    let d = Decoder::new(&Isa::all());
    let i = d.decode(0xdead_157d).unwrap(); // c.addi a0,-1; the upper half is not looked at
    assert_eq!((i.op, i.base, i.rd, i.rs1, i.imm, i.len, i.bits), (Op::CAddi, Op::Addi, 10, 10, -1, 2, 0x157d));
    let i = d.decode(0x8082).unwrap(); // ret
    assert_eq!((i.op, i.base, i.rd, i.rs1, i.imm), (Op::CJr, Op::Jalr, 0, 1, 0));
    let i = d.decode(0x6105).unwrap(); // c.addi16sp sp,32
    assert_eq!((i.op, i.base, i.rd, i.rs1, i.imm), (Op::CAddi16sp, Op::Addi, 2, 2, 32));
    let i = d.decode(0x4188).unwrap(); // c.lw a0,0(a1)
    assert_eq!((i.op, i.base, i.rd, i.rs1, i.imm), (Op::CLw, Op::Lw, 10, 11, 0));
    let i = d.decode(0x9c75).unwrap(); // c.not s0
    assert_eq!((i.op, i.base, i.rd, i.rs1, i.imm), (Op::CNot, Op::Xori, 8, 8, -1));
}

#[test]
fn what_is_enabled_decides() {
    let pause = 0x0100_000f;
    assert_eq!(Decoder::new(&Isa::all()).decode(pause).unwrap().op, Op::Pause);
    assert_eq!(Decoder::new(&Isa::base()).decode(pause).unwrap().op, Op::Fence);
    let all: Vec<_> = decode_any(pause).iter().map(|x| (x.0.op, x.1)).collect();
    assert_eq!(all, [(Op::Pause, Extension::Zihintpause), (Op::Fence, Extension::I)]);
    // c.fld needs both C and D, in either order; zext.h and packw share a word.
    for (isa, there) in [("rv64ic", false), ("rv64id", false), ("rv64idc", true), ("rv64icd", true)] {
        assert_eq!(Decoder::new(&Isa::parse(isa).unwrap()).decode(0x2188).is_some(), there, "{isa}");
    }
    let zext_h = 0x0805_453b;
    for (isa, op) in [("rv64i", None), ("rv64i_zbb", Some(Op::ZextH)), ("rv64i_zbkb", Some(Op::Packw))] {
        assert_eq!(Decoder::new(&Isa::parse(isa).unwrap()).decode(zext_h).map(|i| i.op), op, "{isa}");
    }
}
