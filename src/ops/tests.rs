use super::*;
use crate::isa::{Access, Flags, Kind as Class, Op, Slot, for_each_op};

/// The result of a simple instruction without immediate, on a fresh hart.
pub(super) fn run<S: Semantics>(a: u64, b: u64) -> u64 {
    let mut hart = Hart::new(Default::default(), crate::hart::Clock::virtual_time());
    let mut memory = Memory::new(4096, 4096).unwrap();
    S::slow(&mut hart, &mut memory, a, b, 0, 0).unwrap()
}

/// An instruction with these registers; which one does not matter to `exec`.
pub(super) fn insn(rd: u8, rs1: u8, rs2: u8) -> Insn {
    Insn { op: Op::Addi, base: Op::Addi, rd, rs1, rs2, rs3: 0, rm: 0, imm: 0, len: 4, bits: 0 }
}

#[test]
fn division_corners_follow_the_manual() {
    let min = i64::MIN as u64;
    assert_eq!(run::<Div>(min, u64::MAX), min);
    assert_eq!(run::<Rem>(min, u64::MAX), 0);
    assert_eq!(run::<Div>(5, 0), u64::MAX);
    assert_eq!(run::<Rem>(5, 0), 5);
    assert_eq!(run::<Divw>(0x8000_0000, 0xffff_ffff), 0xffff_ffff_8000_0000);
    assert_eq!(run::<Remuw>(0x8000_0000, 1 << 32), 0xffff_ffff_8000_0000);
    assert_eq!(run::<Mulhsu>(u64::MAX, u64::MAX), u64::MAX);
}

/// Compares what an instruction's type says about its operands with what the tables in `isa/` say.
fn check_against_table<S: Semantics>(op: Op) {
    // Vector instructions take their operands from the tables.
    if matches!(S::KIND, Kind::Special | Kind::Vector) {
        return;
    }
    let info = op.info();
    let operand = |slot| info.operands.iter().find(|o| o.slot == slot);
    let file = |slot, access| match operand(slot) {
        Some(o) if o.kind == Class::X && o.access == access => File::X,
        Some(o) if o.kind == Class::F && o.access == access => File::F,
        _ => File::None,
    };
    let either = |slot, access| match file(slot, access) {
        File::None => file(slot, Access::ReadWrite),
        one => one,
    };
    let name = info.mnemonic;
    if S::KIND != Kind::Jump {
        assert_eq!(S::RD, either(Slot::Rd, Access::Write), "rd of {name}");
        assert_eq!(S::RS1, either(Slot::Rs1, Access::Read), "rs1 of {name}");
        assert_eq!(S::RS2, file(Slot::Rs2, Access::Read), "rs2 of {name}");
        let third = if S::READS_RD { File::X } else { file(Slot::Rs3, Access::Read) };
        assert_eq!(S::RS3, third, "rs3 of {name}");
        assert_eq!(S::READS_RD, file(Slot::Rd, Access::ReadWrite) == File::X, "rd of {name} is a source");
        let second = match (file(Slot::Rs1, Access::ReadWrite), file(Slot::Rs2, Access::Write)) {
            (File::X, File::None) => Second::Rs1,
            (File::None, File::X) => Second::Rs2,
            _ => Second::None,
        };
        assert_eq!(S::SECOND, second, "what else {name} writes");
        let two = S::RD == File::X && S::SECOND != Second::None;
        assert_eq!(two, info.flags.contains(Flags::DISTINCT), "{name} wants different registers");
    }
    assert_eq!(S::FP, info.flags.contains(Flags::FP), "{name} needs floating-point state");
    assert_eq!(S::ROUNDS, info.flags.contains(Flags::ROUNDS), "{name} has a rounding mode");
    assert_eq!(S::KIND == Kind::Branch, info.flags.contains(Flags::BRANCH), "{name} branches");
    assert_eq!(S::KIND == Kind::Jump, info.flags.contains(Flags::JUMP), "{name} jumps");
}

#[test]
fn operands_are_those_of_the_tables() {
    macro_rules! check {
        ($($name:ident),* $(,)?) => { $(check_against_table::<$name>(Op::$name);)* };
    }
    for_each_op!(check);
}
