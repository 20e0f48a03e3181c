//! T-Head's instructions with two results in translated code: on devices, and where they fault among others.

use super::*;
use crate::vector::{Counter, Seen};
use std::sync::{Arc, Mutex};

/// A load or store of `r` that writes back its address.
pub fn update(op: Op, r: u8, base: u8, imm5: i64, imm2: i64) -> u32 {
    word(op, Operands { rd: r, rs2: r, rs1: base, imm: imm5 << 2 | imm2, ..Default::default() })
}

/// A load or store of `r` at `base` plus `index`.
pub fn indexed(op: Op, r: u8, base: u8, index: u8) -> u32 {
    word(op, Operands { rd: r, rs3: r, rs1: base, rs2: index, ..Default::default() })
}

/// A load or store of a pair.
pub fn pair(op: Op, first: u8, second: u8, base: u8) -> u32 {
    word(op, Operands { rd: first, rs3: first, rs2: second, rs1: base, ..Default::default() })
}

#[test]
fn devices_see_every_access_once() {
    let device = DATA + 0x8000;
    let program = [
        update(Op::ThLwia, 10, 5, 1, 2),
        rrr(Op::Add, 12, 12, 10),
        pair(Op::ThSwd, 10, 12, 5),
        pair(Op::ThLwud, 13, 14, 5),
        rrr(Op::Add, 12, 12, 14),
        update(Op::ThSbib, 12, 5, 1, 2),
        indexed(Op::ThLurhu, 15, 5, 0),
        ri(Op::Jal, 0, -28),
    ];
    let run = |gait| {
        let mut m = with(&program);
        let log = Arc::new(Mutex::new(Vec::<Seen>::new()));
        let counter = Counter { count: 0, log: log.clone() };
        m.memory_mut().add_device(device..device + 0x1000, Box::new(counter)).expect("nothing else is there");
        m.hart_mut().set_x(5, device);
        let trap = go(&mut m, gait);
        let noted = log.lock().expect("one thread").clone();
        (trap, State::of(m.hart()), noted)
    };
    let (fast, slow) = (run(Gait::Run), run(Gait::Step));
    assert_eq!(fast, slow);
    let (trap, state, log) = fast;
    // Seven accesses in each round of 8 bytes, until offset 0x80 is refused: that is the second word of a pair.
    assert_eq!(trap, (Cause::StoreAccess, device + 0x80, CODE + 8));
    assert_eq!((state.x[5], log.len()), (device + 0x7c, 15 * 7 + 2));
}

/// As first, middle and last of what the engine fuses.
#[test]
fn faults_leave_both_results_alone() {
    let end = DATA + 0x2000;
    let programs = [
        (update(Op::ThLdia, 10, 5, 1, 3), Cause::LoadAccess, end),
        (update(Op::ThLdib, 10, 5, 1, 3), Cause::LoadAccess, end + 8),
        (update(Op::ThSdia, 10, 5, 1, 3), Cause::StoreAccess, end),
        (pair(Op::ThLdd, 10, 11, 8), Cause::LoadAccess, end),
        (pair(Op::ThSdd, 10, 11, 8), Cause::StoreAccess, end),
    ];
    for (insn, cause, tval) in programs {
        for before in 0..3 {
            let mut program = vec![rri(Op::Addi, 12, 12, 1); before];
            program.extend([insn, rri(Op::Addi, 12, 12, 1), ecall()]);
            let (trap, state) = both(|| {
                let mut m = with(&program);
                for (r, v) in [(5, end), (8, end - 8), (10, 1), (11, 2)] {
                    m.hart_mut().set_x(r, v);
                }
                m
            });
            assert_eq!(trap, (cause, tval, CODE + 4 * before as u64));
            assert_eq!(state.x[5..12], [end, 0, 0, end - 8, 0, 1, 2]);
            assert_eq!(state.x[12], before as u64);
        }
    }
}
