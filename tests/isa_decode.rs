//! Decoding: which words are instructions, and what their operands are.

use mellivora::isa::{Access, Decoder, Extension, Flags, Isa, Kind, Op, decode_any};

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

#[test]
fn registers_follow_from_the_operands() {
    use Access::*;
    let d = Decoder::new(&Isa::all());
    let registers = |word| d.decode(word).unwrap().registers().collect::<Vec<_>>();
    // fmadd.d ft1,ft2,ft3,ft3
    let (x, f) = (Kind::X, Kind::F);
    assert_eq!(registers(0x1a31_70c3), [(f, 1, Write), (f, 2, Read), (f, 3, Read), (f, 3, Read)]);
    // sw a0,-4(s0) and amocas.q a0,a2,(a4): the second of each pair, too
    assert_eq!(registers(0xfea4_2e23), [(x, 8, Read), (x, 10, Read)]);
    let pairs = [(x, 10, ReadWrite), (x, 11, ReadWrite), (x, 14, Read), (x, 12, Read), (x, 13, Read)];
    assert_eq!(registers(0x28c7_452f), pairs);
    let target = |word, pc| d.decode(word).unwrap().target(pc);
    assert_eq!((target(0xfe00_0ee3, 0x1000), target(0xa001, 8), target(0x8082, 8)), (Some(0xffc), Some(8), None));
}

#[test]
fn what_is_missing_is_named() {
    use Extension::*;
    let isa = Isa::parse("rv64imac").unwrap();
    let missing = |op| isa.missing(op);
    assert_eq!(missing(Op::Add), []);
    assert_eq!(missing(Op::AmocasB), [Zabha, Zacas]);
    assert_eq!(missing(Op::CFld), [Zcd]);
    assert_eq!(missing(Op::Andn), [Zbb]);
    assert_eq!(Isa::parse("rv64i_zacas").unwrap().missing(Op::AmocasB), [Zabha]);
    assert_eq!(Isa::parse("rv64i_zbkb").unwrap().missing(Op::Andn), []);
}

#[test]
fn short_forms_have_the_properties_of_their_base() {
    let c_lw = Op::CLw.info();
    assert_eq!((c_lw.load, c_lw.store), (4, 0));
    assert!(c_lw.flags.contains(Flags::LOAD | Flags::EXPANDS));
    assert!(Op::CFsdsp.info().flags.contains(Flags::STORE | Flags::FP));
    assert!(Op::CJr.info().flags.contains(Flags::JUMP) && Op::CEbreak.info().flags.contains(Flags::END));
    let sizes = |op: Op| (op.info().load, op.info().store);
    assert_eq!([sizes(Op::LrD), sizes(Op::ScW), sizes(Op::AmocasQ)], [(8, 0), (0, 4), (16, 16)]);
    assert!(Op::FcvtDW.info().flags.contains(Flags::ROUNDS | Flags::FP | Flags::FFLAGS));
    assert!(!Op::FsgnjD.info().flags.intersects(Flags::ROUNDS | Flags::FFLAGS));
}

#[cfg(feature = "testing")]
mod strategies {
    use mellivora::isa::{Decoder, Isa, Op, strategy};
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    proptest! {
        #[test]
        fn any_instruction_is_one_that_the_machine_decodes(insn in strategy::any_insn(&Isa::all())) {
            prop_assert_eq!(Decoder::new(&Isa::all()).decode(insn.bits), Some(insn));
        }

        #[test]
        fn a_smaller_machine_gets_only_its_own(insn in strategy::any_insn(&Isa::parse("rv64ic").unwrap())) {
            prop_assert_eq!(Decoder::new(&Isa::parse("rv64ic").unwrap()).decode(insn.bits), Some(insn));
        }
    }

    #[test]
    fn every_instruction_has_a_strategy() {
        let mut runner = TestRunner::deterministic();
        for op in Op::all() {
            for _ in 0..20 {
                let tree = strategy::insn_of(op).new_tree(&mut runner);
                assert_eq!(tree.expect("legal operands").current().op, op);
            }
        }
    }
}
