//! Directed tests of translated code: what changes it, what enters it in the middle, where it ends.

mod common;

use common::asm::{bytes, ecall, li32, ri, rri, rrr, ssi, word};
use common::drive::{Gait, machine, map};
use common::state::State;
use mellivora::hart::{Cause, Context};
use mellivora::isa::{Op, Operands};
use mellivora::machine::{Machine, Stop};
use mellivora::memory::Prot;

const CODE: u64 = 0x1_0000;
const DATA: u64 = 0x2_0000;
const PLENTY: u64 = 100_000;

/// A machine with a program at `CODE` (four pages, all rights) and two pages of data, x2 pointing at them.
fn with(program: &[u32]) -> Machine {
    let mut m = machine();
    map(&mut m, CODE..CODE + 0x4000, Prot::all());
    map(&mut m, DATA..DATA + 0x2000, Prot::READ | Prot::WRITE);
    m.memory_mut().write(CODE, &bytes(program)).expect("mapped");
    m.hart_mut().set_pc(CODE);
    m.hart_mut().set_x(2, DATA);
    m
}

/// Goes on to the next trap.
fn go(m: &mut Machine, gait: Gait) -> (Cause, u64, u64) {
    for _ in 0..PLENTY {
        let stop = match gait {
            Gait::Run => m.run(PLENTY),
            Gait::Step => m.step(),
        };
        match stop {
            Stop::Trap(t) => return (t.cause, t.tval, t.pc),
            Stop::Budget => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("no trap");
}

/// Runs a machine of `make` both ways to the next trap and compares; the trap and the state of the run.
fn both(make: impl Fn() -> Machine) -> ((Cause, u64, u64), State) {
    let [(a, x), (b, y)] = [Gait::Run, Gait::Step].map(|gait| {
        let mut m = make();
        (go(&mut m, gait), State::of(m.hart()))
    });
    assert_eq!(a, b);
    assert_eq!(x.differences(&y, ("run", "step")), None);
    (a, x)
}

fn nop() -> u32 {
    rri(Op::Addi, 0, 0, 0)
}

/// A loop of six rounds. In the fourth, when all of it has long been translated, `store` replaces x10 += 1 by x10 += 16: it
/// finds the address in x5, the new word in x6 and the old one in x7.
fn overwriting_loop(store: &[u32]) -> Machine {
    let [new_hi, new_lo] = li32(6, rri(Op::Addi, 10, 10, 16) as i32);
    let [old_hi, old_lo] = li32(7, rri(Op::Addi, 10, 10, 1) as i32);
    let mut program = vec![ri(Op::Auipc, 5, 0), rri(Op::Addi, 5, 5, 36), new_hi, new_lo, old_hi, old_lo];
    program.extend([rri(Op::Addi, 11, 0, 6), rri(Op::Addi, 14, 0, 3), nop()]);
    // x5 points here.
    program.push(rri(Op::Addi, 10, 10, 1));
    program.push(ssi(Op::Bne, 11, 14, 4 + 4 * store.len() as i64));
    program.extend(store);
    program.push(rri(Op::Addi, 11, 11, -1));
    let back = -4 * (store.len() as i64 + 3);
    program.push(ssi(Op::Bne, 11, 0, back));
    program.push(ecall());
    with(&program)
}

#[test]
fn each_kind_of_store_into_code_is_seen_at_once() {
    let amo = |op| word(op, Operands { rd: 7, rs1: 5, rs2: 6, ..Default::default() });
    let stores: [(&str, Vec<u32>); 4] = [
        ("sw", vec![ssi(Op::Sw, 5, 6, 0)]),
        ("sh", vec![rri(Op::Srli, 12, 6, 16), ssi(Op::Sh, 5, 6, 0), ssi(Op::Sh, 5, 12, 2)]),
        ("amoswap.w", vec![amo(Op::AmoswapW)]),
        ("sc.w", vec![word(Op::LrW, Operands { rd: 12, rs1: 5, ..Default::default() }), rrr(Op::ScW, 13, 5, 6)]),
    ];
    for (name, store) in stores {
        for fs in [Context::Dirty, Context::Initial, Context::Clean] {
            let (_, state) = both(|| {
                let mut m = overwriting_loop(&store);
                m.hart_mut().set_fs(fs);
                m
            });
            assert_eq!(state.x[10], 4 + 2 * 16, "{name}, FS = {fs:?}");
        }
    }
}
