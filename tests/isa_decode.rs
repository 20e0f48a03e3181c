//! Decoding: which words are instructions, and what their operands are.

use mellivora::isa::{Access, Decoder, Eew, Extension, Flags, Isa, Kind, Op, Operand, Slot, decode_any};

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
fn vector_operands_are_taken_from_their_bits() {
    use Access::*;
    let d = Decoder::new(&Isa::all());
    let slots = |word| d.decode(word).map(|i| (i.op, i.rd, i.rs1, i.rs2, i.rs3, i.rm, i.imm)).unwrap();
    let registers = |word| d.decode(word).unwrap().registers().collect::<Vec<_>>();
    let (x, f, v) = (Kind::X, Kind::F, Kind::V);
    // vadd.vv v1,v2,v3 and vadd.vi v1,v2,-3,v0.t
    assert_eq!(slots(0x0221_80d7), (Op::VaddVv, 1, 3, 2, 0, 1, 0));
    assert_eq!(slots(0x002e_b0d7), (Op::VaddVi, 1, 0, 2, 0, 0, -3));
    assert_eq!(registers(0x0221_80d7), [(v, 1, Write), (v, 2, Read), (v, 3, Read)]);
    assert_eq!(registers(0x002e_b0d7), [(v, 1, Write), (v, 2, Read), (v, 0, Read)]);
    // vssseg3e16.v v3,(a0),a1,v0.t: the data in rs3
    assert_eq!(slots(0x48b5_51a7), (Op::Vssseg3e16V, 0, 10, 11, 3, 0, 0));
    assert_eq!(registers(0x48b5_51a7), [(v, 3, Read), (x, 10, Read), (x, 11, Read), (v, 0, Read)]);
    // vsetvli a0,a1,e32,m1,ta,ma; vsetivli a0,5,e32,m1,ta,ma; vsetvl a0,a1,a2
    assert_eq!(slots(0x0d05_f557), (Op::Vsetvli, 10, 11, 0, 0, 0, 0xd0));
    assert_eq!(slots(0xcd02_f557), (Op::Vsetivli, 10, 5, 0, 0, 0, 0xd0));
    assert_eq!(slots(0x80c5_f557), (Op::Vsetvl, 10, 11, 12, 0, 0, 0));
    // vfmacc.vf v1,fa0,v2: reads what it adds to
    assert_eq!(registers(0xb225_50d7), [(v, 1, ReadWrite), (f, 10, Read), (v, 2, Read)]);
    // vadc.vvm v1,v2,v3,v0: v0 holds carries; it is no mask
    assert_eq!(registers(0x4021_80d7), [(v, 1, Write), (v, 2, Read), (v, 3, Read), (v, 0, Read)]);
    let masked = |word| d.decode(word).unwrap().masked();
    assert_eq!(
        [0x0221_80d7, 0x002e_b0d7, 0x4021_80d7, 0x0d05_f557, 0x0000_0013].map(masked),
        [false, true, false, false, false]
    );
    // vror.vi v1,v2,33: a scattered immediate
    assert_eq!(slots(0x5620_b0d7), (Op::VrorVi, 1, 0, 2, 0, 1, 33));
}

/// The classes of an instruction's vector operands, by slot.
fn classes(op: Op) -> Vec<(Slot, Eew)> {
    op.info().operands.iter().filter(|o| o.kind == Kind::V).map(|o| (o.slot, o.eew)).collect()
}

#[test]
fn vector_operands_say_what_they_hold() {
    use Eew::*;
    use Slot::*;
    let cases: &[(Op, &[(Slot, Eew)])] = &[
        (Op::VaddVv, &[(Rd, Sew), (Rs2, Sew), (Rs1, Sew)]),
        (Op::VwaddVx, &[(Rd, Wide), (Rs2, Sew)]),
        (Op::VwaddWv, &[(Rd, Wide), (Rs2, Wide), (Rs1, Sew)]),
        (Op::VwmaccVv, &[(Rd, Wide), (Rs1, Sew), (Rs2, Sew)]),
        (Op::VnsrlWi, &[(Rd, Sew), (Rs2, Wide)]),
        (Op::VzextVf4, &[(Rd, Sew), (Rs2, Quarter)]),
        (Op::VmseqVv, &[(Rd, Mask), (Rs2, Sew), (Rs1, Sew)]),
        (Op::VmadcVvm, &[(Rd, Mask), (Rs2, Sew), (Rs1, Sew)]),
        (Op::VmandMm, &[(Rd, Mask), (Rs2, Mask), (Rs1, Mask)]),
        (Op::VcompressVm, &[(Rd, Sew), (Rs2, Sew), (Rs1, Mask)]),
        (Op::ViotaM, &[(Rd, Sew), (Rs2, Mask)]),
        (Op::VredsumVs, &[(Rd, One), (Rs2, Sew), (Rs1, One)]),
        (Op::VfwredosumVs, &[(Rd, OneWide), (Rs2, Sew), (Rs1, OneWide)]),
        (Op::Vrgatherei16Vv, &[(Rd, Sew), (Rs2, Sew), (Rs1, Ei16)]),
        (Op::VfmvFS, &[(Rs2, One)]),
        (Op::VfncvtRodFFW, &[(Rd, Sew), (Rs2, Wide)]),
        (Op::Vlse32V, &[(Rd, Data)]),
        (Op::Vsoxseg2ei64V, &[(Rs3, Fields), (Rs2, Index)]),
        (Op::VlmV, &[(Rd, Mask)]),
        (Op::Vs4rV, &[(Rs3, Whole)]),
        (Op::Vmv8rV, &[(Rd, Whole), (Rs2, Whole)]),
        (Op::VaesemVs, &[(Rd, Group), (Rs2, OneGroup)]),
        (Op::Add, &[]),
    ];
    for (op, expected) in cases {
        assert_eq!(classes(*op), *expected, "{op:?}");
    }
    let sizes = |op: Op| (op.info().eew, op.info().nf, op.info().egs);
    assert_eq!(sizes(Op::Vlsseg3e16V), (16, 3, 1));
    assert_eq!([sizes(Op::Vluxei64V), sizes(Op::Vl2re32V), sizes(Op::Vmv4rV)], [(64, 1, 1), (32, 2, 1), (0, 4, 1)]);
    assert_eq!([sizes(Op::VghshVv), sizes(Op::Vsm3cVi), sizes(Op::VaddVv)], [(0, 1, 4), (0, 1, 8), (0, 1, 1)]);
}

#[test]
fn vector_instructions_say_what_they_need() {
    let names = |flag| {
        let all = Op::all().filter(|op| op.info().flags.contains(flag)).map(Op::mnemonic);
        let mut names: Vec<&str> = all.filter(|name| !name.starts_with("th.")).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(Flags::VSET), ["vsetivli", "vsetvl", "vsetvli"]);
    // The chapters on reductions, vcpop, vfirst, vmsbf, vmsif, vmsof, viota and vcompress ask for vstart = 0.
    let vstart0 = |op: &Op| {
        let name = op.mnemonic();
        let others = ["vcpop.m", "vfirst.m", "vmsbf.m", "vmsif.m", "vmsof.m", "viota.m", "vcompress.vm"];
        name.starts_with('v') && name.contains("red") && name.ends_with(".vs") || others.contains(&name)
    };
    let mut expected: Vec<&str> = Op::all().filter(vstart0).map(Op::mnemonic).collect();
    expected.sort_unstable();
    assert_eq!(names(Flags::VSTART0), expected);
    assert_eq!(expected.len(), 10 + 6 + 7);
    let carries = [
        "vadc.vim",
        "vadc.vvm",
        "vadc.vxm",
        "vfmerge.vfm",
        "vmadc.vim",
        "vmadc.vvm",
        "vmadc.vxm",
        "vmerge.vim",
        "vmerge.vvm",
        "vmerge.vxm",
        "vmsbc.vvm",
        "vmsbc.vxm",
        "vsbc.vvm",
        "vsbc.vxm",
    ];
    assert_eq!(names(Flags::V0SRC), carries);
    for op in Op::all() {
        let info = op.info();
        let has = |flag| info.flags.contains(flag);
        let thead = op.mnemonic().starts_with("th.");
        let name = op.mnemonic().trim_start_matches("th.");
        assert_eq!(has(Flags::VECTOR), name.starts_with('v'), "{op:?}");
        assert!(has(Flags::VECTOR) || !has(Flags::MASKABLE) && classes(op).is_empty(), "{op:?}");
        // Whatever has a vector operand and a name with an f in front is floating point, and needs FS.
        assert_eq!(
            has(Flags::VFP),
            has(Flags::VECTOR)
                && name[1..].trim_start_matches('m').starts_with('f')
                && !["vfirst.m", "vmfirst.m"].contains(&name),
            "{op:?}"
        );
        assert!(!has(Flags::VFP) || has(Flags::FP), "{op:?}");
        // In XTheadVector there is one more kind: only v0, where it masks.
        let disjoint = info.operands.iter().any(|o| o.disjoint)
            || ["vslidedown.vx", "vslidedown.vi", "vslide1down.vx"].contains(&name) && thead;
        assert_eq!(has(Flags::NOOVERLAP), disjoint, "{op:?}");
        let memory = has(Flags::LOAD) || has(Flags::STORE);
        let by_sew = thead && name.trim_end_matches("ff.v").trim_end_matches(".v").ends_with('e');
        assert_eq!(info.eew != 0, has(Flags::VECTOR) && memory && !by_sew, "{op:?}");
    }
}

/// XTheadVector: sections of RISC-V "V" 0.7.1, as its names there.
#[test]
fn instructions_of_xtheadvector_say_what_they_need() {
    use Eew::*;
    use Slot::*;
    let cases: &[(Op, &[(Slot, Eew)])] = &[
        (Op::ThVnsrlVi, &[(Rd, Sew), (Rs2, Wide)]),
        (Op::ThVlxseg3huV, &[(Rd, Fields), (Rs2, Sew)]),
        (Op::ThVsseg2bV, &[(Rs3, Fields)]),
        (Op::ThVextXV, &[(Rs2, One)]),
        (Op::ThVamoswapdV, &[(Rd, Sew), (Rs2, Sew)]),
        (Op::ThVwsmaccusVx, &[(Rd, Wide), (Rs2, Sew)]),
        (Op::ThVmaqasuVv, &[(Rd, Sew), (Rs1, Sew), (Rs2, Sew)]),
    ];
    for (op, expected) in cases {
        let mut found = classes(*op);
        found.sort_by_key(|c| c.0 as u8);
        assert_eq!(found, *expected, "{op:?}");
    }
    let sizes = |op: Op| (op.info().eew, op.info().nf, op.info().flags.contains(Flags::ZEXT));
    assert_eq!(sizes(Op::ThVlsseg3huV), (16, 3, true));
    assert_eq!(
        [sizes(Op::ThVlbffV), sizes(Op::ThVleV), sizes(Op::ThVamoaddwV)],
        [(8, 1, false), (0, 1, false), (32, 1, false)]
    );
    // The rules on operands are their own, not those of the instruction that they execute as.
    assert!(
        Op::VmsbfM.info().flags.contains(Flags::NOOVERLAP) && !Op::ThVmsbfM.info().flags.contains(Flags::NOOVERLAP)
    );
    assert!(
        Op::ThVmsbfM.info().flags.contains(Flags::VSTART0) && Op::ThVmadcVvm.info().flags.contains(Flags::NOOVERLAP)
    );
    // A number that is written -1 and taken as 31.
    let d = Decoder::new(&Isa::parse("rv64gc_xtheadvector").expect("an ISA string"));
    let insn = d.decode(0x830f_b457).expect("th.vsaddu.vi v8,v16,-1");
    assert_eq!((insn.op, insn.base, insn.imm, insn.rm), (Op::ThVsadduVi, Op::VsadduVi, 31, 1));
    let insn = d.decode(0x870f_b457).expect("th.vsadd.vi v8,v16,-1");
    assert_eq!((insn.op, insn.base, insn.imm), (Op::ThVsaddVi, Op::VsaddVi, -1));
    // Operands of all that expand are in the slots where the base has them.
    for op in Op::all().filter(|op| op.info().base != *op && op.mnemonic().starts_with("th.v")) {
        let (own, base) = (op.info(), op.info().base.info());
        let slots = |list: &[Operand]| list.iter().map(|o| (o.slot, o.eew, o.access)).collect::<Vec<_>>();
        assert_eq!(slots(own.operands), slots(base.operands), "{op:?}");
    }
}

#[test]
fn destinations_stay_apart_from_the_sources_that_the_manual_names() {
    let apart = |op: Op| -> Vec<&str> { op.info().operands.iter().filter(|o| o.disjoint).map(|o| o.name).collect() };
    for op in
        [Op::VslideupVx, Op::VslideupVi, Op::Vslide1upVx, Op::Vfslide1upVf, Op::VrgatherVx, Op::ViotaM, Op::VmsofM]
    {
        assert_eq!(apart(op), ["vs2"], "{op:?}");
    }
    for op in [Op::VrgatherVv, Op::Vrgatherei16Vv, Op::VcompressVm, Op::Vsha2msVv, Op::Vsha2chVv] {
        assert_eq!(apart(op), ["vs2", "vs1"], "{op:?}");
    }
    for op in [Op::VaeszVs, Op::Vsm4rVs, Op::Vsm3cVi, Op::Vsm3meVv, Op::Vluxseg2ei8V, Op::Vloxseg8ei64V] {
        assert_eq!(apart(op), ["vs2"], "{op:?}");
    }
    for op in
        [Op::VslidedownVx, Op::Vslide1downVx, Op::VaesemVv, Op::Vaeskf1Vi, Op::VghshVv, Op::Vluxei8V, Op::Vsoxseg2ei8V]
    {
        assert_eq!(apart(op), [""; 0], "{op:?}");
    }
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
