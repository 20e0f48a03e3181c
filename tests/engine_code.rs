//! Directed tests of translated code: what changes it, what enters it in the middle, where it ends.

mod common;
#[path = "engine_code/thead.rs"]
mod thead;
#[path = "engine_code/vector.rs"]
mod vector;

use common::asm::{bytes, ecall, li32, ri, rri, rrr, ssi, word};
use common::drive::{Gait, machine, map, vector_machine};
use common::program::store_vector;
use common::state::State;
use mellivora::hart::{Cause, Context};
use mellivora::isa::{Op, Operands};
use mellivora::machine::{Machine, Stop};
use mellivora::memory::Prot;

const CODE: u64 = 0x1_0000;
const DATA: u64 = 0x2_0000;
const PLENTY: u64 = 100_000;

/// A machine with a program at `CODE` (four pages, all rights) and two pages of data, x2 pointing at them; VLEN is 128.
fn with(program: &[u32]) -> Machine {
    let mut m = vector_machine(|_| ());
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
    let vector = |op, rs2| word(op, Operands { rd: 31, rs3: 31, rs1: 5, rs2, rm: 1, ..Default::default() });
    let other = |op, rs2| [&store_vector(5, 6)[..2], &[vector(op, rs2)]].concat();
    let stores: [(&str, Vec<u32>); 15] = [
        ("sw", vec![ssi(Op::Sw, 5, 6, 0)]),
        ("sh", vec![rri(Op::Srli, 12, 6, 16), ssi(Op::Sh, 5, 6, 0), ssi(Op::Sh, 5, 12, 2)]),
        ("amoswap.w", vec![amo(Op::AmoswapW)]),
        ("amocas.w", vec![amo(Op::AmocasW)]),
        ("sc.w", vec![word(Op::LrW, Operands { rd: 12, rs1: 5, ..Default::default() }), rrr(Op::ScW, 13, 5, 6)]),
        ("fsw", vec![rrr(Op::FmvWX, 1, 6, 0), ssi(Op::Fsw, 5, 1, 0)]),
        ("vse32.v", store_vector(5, 6)),
        ("vsse32.v", other(Op::Vsse32V, 0)),
        // v24 holds zeros.
        ("vsuxei32.v", other(Op::Vsuxei32V, 24)),
        ("vs1r.v", vec![store_vector(5, 6)[0], vector(Op::Vl1re16V, 0), store_vector(5, 6)[1], vector(Op::Vs1rV, 0)]),
        ("vse8.v", {
            // Four bytes.
            let vset = word(Op::Vsetivli, Operands { rs1: 4, ..Default::default() });
            [&store_vector(5, 6)[..2], &[vset, vector(Op::Vse8V, 0)]].concat()
        }),
        // Both end at x5 again.
        ("th.swia", vec![thead::update(Op::ThSwia, 6, 5, 0, 0)]),
        ("th.swib", vec![rri(Op::Addi, 5, 5, 4), thead::update(Op::ThSwib, 6, 5, -4, 0)]),
        ("th.srw", vec![thead::indexed(Op::ThSrw, 6, 5, 0)]),
        // The second word stays what it is.
        ("th.swd", vec![rri(Op::Lw, 12, 5, 4), thead::pair(Op::ThSwd, 6, 12, 5)]),
    ];
    for (name, store) in stores {
        for fs in [Context::Dirty, Context::Initial, Context::Clean] {
            let (trap, state) = both(|| {
                let mut m = overwriting_loop(&store);
                m.hart_mut().set_fs(fs);
                m
            });
            assert_eq!((trap.0, state.x[10]), (Cause::EcallFromM, 4 + 2 * 16), "{name}, FS = {fs:?}, {trap:x?}");
        }
    }
}

/// x10 += 2^n for n = 0.. : a run of these shows which of them were executed.
fn steps(count: usize) -> Vec<u32> {
    (0..count).map(|n| rri(Op::Addi, 10, 10, 1 << n)).collect()
}

#[test]
fn every_instruction_of_a_block_can_be_entered() {
    // A first round translates the block as a whole; then each of its instructions is jumped to.
    for target in 0..9 {
        let mut program = steps(9);
        program.push(ssi(Op::Bne, 11, 0, 12));
        program.push(rri(Op::Addi, 11, 0, 1));
        program.push(ri(Op::Jal, 0, 4 * (target - 11)));
        program.push(ecall());
        let (_, state) = both(|| with(&program));
        assert_eq!(state.x[10], 511 + (511 & !0 << target), "entered at {target}");
        // And by an indirect jump.
        program[11] = rri(Op::Jalr, 0, 5, 4 * target);
        let (_, state) = both(|| {
            let mut m = with(&program);
            m.hart_mut().set_x(5, CODE);
            m
        });
        assert_eq!(state.x[10], 511 + (511 & !0 << target), "entered at {target}");
    }
}

#[test]
fn an_instruction_inside_another_can_be_entered() {
    // `lui x12, 0x0505` holds `c.li x10, 1` in its upper half; behind it stands `addi x11, x11, 1`.
    let inner = 0x4505;
    let lui = inner << 16 | 12 << 7 | 0x37;
    let program = [
        lui,
        rri(Op::Addi, 11, 11, 1),
        ssi(Op::Bne, 13, 0, 12),
        rri(Op::Addi, 13, 0, 1),
        ri(Op::Jal, 0, 2 - 16),
        ecall(),
    ];
    let (_, state) = both(|| with(&program));
    assert_eq!((state.x[10], state.x[11], state.x[12]), (1, 2, 0x4505_0000));
}

#[test]
fn branches_and_blocks_cross_pages() {
    for back in [2, 4, 6, 8, 12, 40] {
        let mut program = vec![rri(Op::Addi, 11, 0, 300)];
        program.extend(steps(4));
        program.push(rri(Op::Addi, 11, 11, -1));
        program.push(ssi(Op::Bne, 11, 0, -20));
        program.push(ecall());
        let (_, state) = both(|| {
            let mut m = with(&[]);
            m.memory_mut().write(CODE + 0x1000 - back, &bytes(&program)).expect("mapped");
            m.hart_mut().set_pc(CODE + 0x1000 - back);
            m
        });
        assert_eq!(state.x[10], 300 * 15);
    }
}

#[test]
fn an_instruction_that_straddles_into_nothing_faults_at_its_second_half() {
    let program = [rri(Op::Addi, 10, 0, 7), nop(), rri(Op::Addi, 11, 0, 9)];
    let (trap, state) = both(|| {
        let mut m = with(&[]);
        m.memory_mut().write(CODE + 0x1000 - 10, &bytes(&program)).expect("mapped");
        m.memory_mut().protect(CODE + 0x1000..CODE + 0x2000, Prot::READ | Prot::WRITE).expect("mapped");
        m.hart_mut().set_pc(CODE + 0x1000 - 10);
        m
    });
    assert_eq!(trap, (Cause::InstructionAccess, CODE + 0x1000, CODE + 0x1000 - 2));
    assert_eq!((state.x[10], state.x[11], state.instret), (7, 0, 2));
}

#[test]
fn faults_at_the_end_of_a_page_name_the_first_byte_that_is_not_there() {
    let end = DATA + 0x2000;
    for size in [2, 4, 8] {
        let (load, store) = match size {
            2 => (Op::Lh, Op::Sh),
            4 => (Op::Lw, Op::Sw),
            _ => (Op::Ld, Op::Sd),
        };
        for at in end - size..=end {
            for (op, cause) in [(load, Cause::LoadAccess), (store, Cause::StoreAccess)] {
                let access = if op == load { rri(op, 10, 2, 0) } else { ssi(op, 2, 10, 0) };
                // Alone, as the first and as the second of a pair.
                for program in [
                    vec![access, ecall()],
                    vec![access, rri(Op::Addi, 11, 11, 1), ecall()],
                    vec![rri(Op::Addi, 11, 11, 1), access, ecall()],
                    vec![rri(Op::Addi, 2, 2, 0), access, ecall()],
                    vec![access, access, ecall()],
                ] {
                    let (trap, state) = both(|| {
                        let mut m = with(&program);
                        m.hart_mut().set_x(2, at);
                        m
                    });
                    let fault = at + size > end;
                    let n = program.iter().position(|w| *w == access).unwrap_or(0) as u64;
                    if fault {
                        assert_eq!(trap, (cause, end, CODE + 4 * n));
                        assert_eq!(state.instret, n);
                    } else {
                        assert_eq!(trap.0, Cause::EcallFromM);
                    }
                }
            }
        }
    }
}

#[test]
fn a_fault_as_the_second_of_a_pair_leaves_the_first_done() {
    // Forwarded and dead: addi x5 feeds the load that would overwrite x5.
    let program = [rri(Op::Addi, 5, 5, 16), rri(Op::Ld, 5, 5, 0), ecall()];
    let (trap, state) = both(|| with(&program));
    assert_eq!(trap, (Cause::LoadAccess, 16, CODE + 4));
    assert_eq!((state.x[5], state.instret), (16, 1));
}

#[test]
fn the_host_may_replace_code_between_runs() {
    let looping = |k: i64| bytes(&[rri(Op::Addi, 10, 10, k), ri(Op::Jal, 0, -4)]);
    type Change = fn(&mut Machine, Vec<u8>);
    let changes: [(&str, Change); 4] = [
        ("write", |m, code| m.memory_mut().write(CODE, &code).expect("mapped")),
        ("map anew", |m, code| {
            map(m, CODE..CODE + 0x1000, Prot::all());
            m.memory_mut().write(CODE, &code).expect("mapped");
        }),
        ("unmap and map", |m, code| {
            m.memory_mut().unmap(CODE..CODE + 0x1000).expect("whole pages");
            map(m, CODE..CODE + 0x1000, Prot::READ | Prot::EXEC);
            m.memory_mut().write(CODE, &code).expect("mapped");
        }),
        ("protect, write, protect", |m, code| {
            m.memory_mut().protect(CODE..CODE + 0x1000, Prot::READ | Prot::WRITE).expect("mapped");
            m.memory_mut().write(CODE, &code).expect("mapped");
            m.memory_mut().protect(CODE..CODE + 0x1000, Prot::READ | Prot::EXEC).expect("mapped");
        }),
    ];
    for (name, change) in changes {
        let mut m = with(&[]);
        m.memory_mut().write(CODE, &looping(1)).expect("mapped");
        assert_eq!(m.run(2000), Stop::Budget);
        assert_eq!(m.hart().x(10), 1000);
        change(&mut m, looping(2));
        assert_eq!(m.run(2000), Stop::Budget);
        assert_eq!((m.hart().x(10), m.hart().instret()), (3000, 4000), "{name}");
    }
}

#[test]
fn code_that_loses_its_right_to_run_faults_at_once() {
    let mut m = with(&[rri(Op::Addi, 10, 10, 1), ri(Op::Jal, 0, -4)]);
    for round in 1..3 {
        assert_eq!(m.run(2000), Stop::Budget);
        m.memory_mut().protect(CODE..CODE + 0x1000, Prot::READ).expect("mapped");
        let Stop::Trap(t) = m.run(2000) else { panic!("it ran") };
        assert_eq!((t.cause, t.tval, t.pc), (Cause::InstructionAccess, CODE, CODE));
        assert_eq!((m.hart().instret(), m.hart().x(10)), (2000 * round, 1000 * round));
        m.memory_mut().protect(CODE..CODE + 0x1000, Prot::READ | Prot::EXEC).expect("mapped");
    }
}

#[test]
fn the_second_page_of_a_straddling_instruction_can_change() {
    // `addi x10, x10, 1` begins two bytes before the page boundary; its upper half holds the immediate.
    let at = CODE + 0x1000 - 2;
    let mut m = with(&[]);
    m.memory_mut().write(at, &bytes(&[rri(Op::Addi, 10, 10, 1), ri(Op::Jal, 0, -4)])).expect("mapped");
    m.hart_mut().set_pc(at);
    assert_eq!(m.run(2000), Stop::Budget);
    m.memory_mut().write(at + 2, &[0x25, 0]).expect("mapped"); // immediate 2, rs1 still x10
    assert_eq!(m.run(2000), Stop::Budget);
    assert_eq!(m.hart().x(10), 3000);
    m.memory_mut().unmap(CODE + 0x1000..CODE + 0x2000).expect("whole pages");
    let Stop::Trap(t) = m.run(2000) else { panic!("it ran") };
    assert_eq!((t.cause, t.tval, t.pc), (Cause::InstructionAccess, at + 2, at));
}

#[test]
fn code_and_data_share_a_page() {
    // Counts in a word right behind the code, and every 8th round also in the code: the immediate of the first addi.
    let program = [
        rri(Op::Addi, 10, 10, 1),
        rri(Op::Lw, 12, 5, 0),
        rri(Op::Addi, 12, 12, 1),
        ssi(Op::Sw, 5, 12, 0),
        rri(Op::Andi, 13, 12, 7),
        ssi(Op::Bne, 13, 0, 16),
        rri(Op::Lw, 14, 6, 0),
        rrr(Op::Add, 14, 14, 15),
        ssi(Op::Sw, 6, 14, 0),
        rri(Op::Addi, 11, 11, -1),
        ssi(Op::Bne, 11, 0, -40),
        ecall(),
    ];
    let (_, state) = both(|| {
        let mut m = with(&program);
        for (r, v) in [(5, CODE + 48), (6, CODE), (11, 1000), (15, 1 << 20)] {
            m.hart_mut().set_x(r, v);
        }
        m
    });
    let sum: u64 = (0..1000).map(|n| 1 + n / 8).sum();
    assert_eq!(state.x[10], sum);
}

#[test]
fn running_out_of_room_for_translations_loses_nothing() {
    // Each instruction of a long stretch is an entry, and has up to 127 instructions behind it: more than a million ops.
    const STRETCH: usize = 20_000;
    let back = rri(Op::Jalr, 0, 1, 0);
    let mut program = vec![
        rri(Op::Jalr, 1, 5, 0), // into the stretch at x5
        rri(Op::Addi, 5, 5, 4),
        ssi(Op::Bltu, 5, 6, -8),
        ecall(),
    ];
    program.extend((0..STRETCH).map(|n| if n % 128 == 127 { back } else { rri(Op::Addi, 10, 10, 1) }));
    let start = CODE + 0x8000;
    let mut m = machine();
    map(&mut m, start..start + 0x2_0000, Prot::READ | Prot::EXEC);
    m.memory_mut().write(start, &bytes(&program)).expect("mapped");
    m.hart_mut().set_x(6, start + 16 + 4 * (STRETCH as u64 / 128 * 128));
    let expected: u64 = (0..STRETCH as u64 / 128 * 128).map(|n| 127 - n % 128).sum();
    for round in 1..3 {
        m.hart_mut().set_x(5, start + 16);
        m.hart_mut().set_pc(start);
        let stop = m.run(u64::MAX);
        assert!(matches!(stop, Stop::Trap(t) if t.cause == Cause::EcallFromM), "{stop:?}");
        assert_eq!(m.hart().x(10), round * expected);
    }
}
