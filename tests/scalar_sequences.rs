//! Straight-line programs against the plain model: what neighbours do to each other (pairs that the engine fuses, results
//! that are forwarded, LR/SC sequences, rounding modes and FS that change on the way, counters).

mod common;
mod model;

use common::entropy::{Entropy, words};
use common::sequence::{self, FUSABLE, INDEX, POINTERS, WORK, goes_on, index};
use common::{asm, cases, fail};
use mellivora::isa::{Extension, Flags, Op, Operands};
use model::bench::{Bench, DATA, cpu};
use model::{Cpu, Insn, knows};
use proptest::test_runner::TestRunner;

/// All of them, and some families by themselves.
fn ops(of: impl Fn(Op) -> bool) -> Vec<Op> {
    Op::all().filter(|op| goes_on(*op) && knows(*op) && of(*op)).collect()
}

/// Most probably one that does not trap.
fn instruction(op: Op, e: &mut Entropy) -> Option<Insn> {
    let wild = e.once_in(24);
    sequence::instruction(op, e, wild).map(|(operands, word)| Insn { op, operands, word })
}

fn start(e: &mut Entropy) -> Cpu {
    let mut c = cpu();
    for n in 1..32 {
        c.x[n] = e.integer();
        c.f[n] = e.float_register(b"sdhsd");
    }
    for (n, r) in POINTERS.into_iter().enumerate() {
        c.x[r as usize] = DATA + 0x800 + 64 * n as u64;
    }
    INDEX.into_iter().for_each(|r| c.x[r as usize] = index(r, e));
    // Over the end of a page; behind the pages that can be written.
    c.x[9] = DATA + 0x1000 - 16;
    c.x[20] = DATA + 0x2000 - 32;
    c.fs = e.pick(&[3, 3, 3, 1, 2]);
    c.frm = e.pick(&[0, 0, 0, 1, 4]);
    c
}

/// Runs programs of instructions that `pick` chooses.
fn check(count: u32, pick: impl Fn(&mut Entropy) -> Op) {
    let bench = std::cell::RefCell::new(Bench::default());
    let result = TestRunner::new(cases(count)).run(&words(), |words| {
        let mut e = Entropy::new(&words);
        let length = 2 + e.below(30);
        let program: Vec<Insn> = (0..length)
            .filter_map(|_| {
                let op = pick(&mut e);
                instruction(op, &mut e)
            })
            .collect();
        let cpu = start(&mut e);
        bench.borrow_mut().compare(&cpu, &program).map_err(|difference| {
            let text: Vec<String> = program.iter().map(|i| asm::show(i.word)).collect();
            let (x, f) = (&cpu.x, &cpu.f);
            fail(format!("{}\nFS {}, frm {}\nx {x:x?}\nf {f:x?}\n{difference}", text.join("\n"), cpu.fs, cpu.frm))
        })
    });
    if let Err(e) = result {
        panic!("{e}");
    }
}

#[test]
fn pairs_of_simple_instructions() {
    check(1500, |e| e.pick(&FUSABLE));
}

#[test]
fn any_instructions_in_a_row() {
    let all = ops(|_| true);
    check(1000, |e| if e.below(3) == 0 { e.pick(&FUSABLE) } else { e.pick(&all) });
}

#[test]
fn floating_point_in_changing_modes() {
    let float = ops(|op| op.info().flags.contains(Flags::FP));
    let csr = [Op::Csrrwi, Op::Csrrs, Op::Csrrw, Op::Csrrci];
    check(1000, |e| match e.below(8) {
        0 => e.pick(&csr),
        1 => e.pick(&FUSABLE),
        _ => e.pick(&float),
    });
}

/// T-Head's: addresses that are written back, pairs, accumulators, between what the engine fuses.
#[test]
fn thead_instructions_in_a_row() {
    let trap = [Extension::Xtheadfmv, Extension::Xtheadint];
    let theirs = ops(|op| op.extension().name().starts_with("xthead") && !trap.contains(&op.extension()));
    check(1500, |e| if e.below(3) == 0 { e.pick(&FUSABLE) } else { e.pick(&theirs) });
}

#[test]
fn reservations() {
    const STORES: [Op; 6] = [Op::Sw, Op::Sd, Op::AmoaddW, Op::AmocasD, Op::CboZero, Op::AmocasQ];
    check(600, |e| match e.below(8) {
        0 => e.pick(&FUSABLE),
        1 => e.pick(&STORES),
        2..5 => e.pick(&[Op::LrW, Op::LrD]),
        _ => e.pick(&[Op::ScW, Op::ScD]),
    });
}

/// The engine's simple instructions before each branch, taken and not.
#[test]
fn branches_on_what_was_just_computed() {
    const BRANCHES: [Op; 6] = [Op::Beq, Op::Bne, Op::Blt, Op::Bge, Op::Bltu, Op::Bgeu];
    let bench = std::cell::RefCell::new(Bench::default());
    let result = TestRunner::new(cases(1500)).run(&words(), |words| {
        let mut e = Entropy::new(&words);
        let mut program: Vec<Insn> = Vec::new();
        for _ in 0..1 + e.below(3) {
            let op = e.pick(&FUSABLE);
            program.extend(instruction(op, &mut e));
        }
        let op = e.pick(&BRANCHES);
        let imm = e.pick(&[0x400, 0x402, -0x800, 0xffe]);
        let rd = program.last().map_or(0, |i| i.operands.rd);
        let other = e.pick(&WORK);
        let (rs1, rs2) = e.pick(&[(rd, other), (other, rd), (rd, 0), (0, rd), (rd, rd)]);
        let operands = Operands { rs1, rs2, imm, ..Default::default() };
        program.push(Insn { op, operands, word: asm::word(op, operands) });
        let mut cpu = start(&mut e);
        if e.below(2) == 0 {
            // Few different values, so that branches go both ways.
            for n in WORK {
                cpu.x[n as usize] = if n == 0 { 0 } else { e.pick(&[0, 1, !0]) };
            }
        }
        bench.borrow_mut().compare(&cpu, &program).map_err(|difference| {
            let text: Vec<String> = program.iter().map(|i| asm::show(i.word)).collect();
            fail(format!("{}\nx {:x?}\n{difference}", text.join("\n"), cpu.x))
        })
    });
    if let Err(e) = result {
        panic!("{e}");
    }
}

/// The shortest LR/SC sequences, by name: same address, other address, other width, after an SC, after a store.
#[test]
fn reservation_rules() {
    let (a, b) = (DATA + 0x100, DATA + 0x140);
    let lr = |op, rs1| (op, Operands { rd: 12, rs1, ..Default::default() });
    let sc = |op, rs1| (op, Operands { rd: 13, rs1, rs2: 14, ..Default::default() });
    let sd = (Op::Sd, Operands { rs1: 8, rs2: 14, ..Default::default() });
    for (program, succeeds) in [
        (vec![lr(Op::LrW, 8), sc(Op::ScW, 8)], true),
        (vec![lr(Op::LrD, 8), sc(Op::ScD, 8)], true),
        (vec![lr(Op::LrD, 8), sc(Op::ScD, 9)], false),
        (vec![sc(Op::ScD, 8)], false),
        (vec![lr(Op::LrD, 8), lr(Op::LrD, 9), sc(Op::ScD, 8)], false),
        (vec![lr(Op::LrD, 8), sc(Op::ScD, 8), sc(Op::ScD, 8)], false),
        (vec![lr(Op::LrD, 8), sc(Op::ScD, 9), sc(Op::ScD, 8)], false),
        // A store of the same hart leaves a reservation alone.
        (vec![lr(Op::LrD, 8), sd, sc(Op::ScD, 8)], true),
    ] {
        let program: Vec<Insn> =
            program.into_iter().map(|(op, operands)| Insn { op, operands, word: asm::word(op, operands) }).collect();
        let mut cpu = cpu();
        (cpu.x[8], cpu.x[9], cpu.x[14]) = (a, b, 0x1234);
        let mut after = cpu.clone();
        for i in &program {
            assert_eq!(after.run_one(i), Some(Ok(())));
        }
        assert_eq!(after.x[13] == 0, succeeds, "{program:?}");
        Bench::default().compare(&cpu, &program).unwrap_or_else(|e| panic!("{program:?}\n{e}"));
    }
}
