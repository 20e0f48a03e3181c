//! Vector instructions in translated code: modes that change between executions of the same code, faults in the middle, devices.

use super::common::asm::{ecall, li32, ri, rri, rrr, ssi, word};
use super::common::drive::{Gait, map};
use super::common::state::State;
use super::{CODE, DATA, both, go, with};
use mellivora::hart::{Cause, Context};
use mellivora::isa::{Op, Operands};
use mellivora::machine::Machine;
use mellivora::memory::{Device, DeviceFault, Moment, Prot};
use std::sync::{Arc, Mutex};

/// Behind the data.
const END: u64 = DATA + 0x2000;

/// `vsetivli x0, avl, vtype`
fn vset(avl: u8, vtype: i64) -> u32 {
    word(Op::Vsetivli, Operands { rs1: avl, imm: vtype, ..Default::default() })
}

/// `op vd, vs2, vs1` (or rs1, or an immediate), not masked
fn vvv(op: Op, vd: u8, vs2: u8, vs1: u8) -> u32 {
    word(op, Operands { rd: vd, rs1: vs1, rs2: vs2, rm: 1, ..Default::default() })
}

/// `op vd, (rs1)`, with rs2 or vs2 as stride or indices
fn access(op: Op, vd: u8, rs1: u8, second: u8) -> u32 {
    word(op, Operands { rd: vd, rs3: vd, rs1, rs2: second, rm: 1, ..Default::default() })
}

/// `op vd, vs2, imm`
fn vvi(op: Op, vd: u8, vs2: u8, imm: i64) -> u32 {
    word(op, Operands { rd: vd, rs2: vs2, imm, rm: 1, ..Default::default() })
}

fn csrw(csr: i64, rs1: u8) -> u32 {
    word(Op::Csrrw, Operands { rs1, imm: csr, ..Default::default() })
}

/// The program, and behind it a loop's end: back to `start` while x11 counts down.
fn looping(mut program: Vec<u32>, start: usize) -> Vec<u32> {
    program.push(rri(Op::Addi, 11, 11, -1));
    let back = 4 * (start as i64 - program.len() as i64);
    program.push(ssi(Op::Bne, 11, 0, back));
    program.push(ecall());
    program
}

#[test]
fn a_function_works_on_whatever_its_callers_configure() {
    // Round after round under the next of 64 configurations in memory, illegal ones among them; what is illegal is skipped.
    let function = [
        vvv(Op::VaddVv, 8, 8, 16),
        vvv(Op::VmaccVx, 16, 8, 10),
        vvi(Op::VsllVi, 24, 16, 3),
        vvv(Op::VwaddVv, 0, 8, 24),
        vvv(Op::VfaddVv, 24, 24, 8),
        vvv(Op::VrgatherVv, 0, 8, 16),
        access(Op::Vse16V, 8, 9, 0),
        rri(Op::Jalr, 0, 1, 0),
    ];
    let mut program = vec![rri(Op::Ld, 6, 5, 0), rri(Op::Addi, 5, 5, 8)];
    program.push(word(Op::Vsetvl, Operands { rd: 7, rs1: 12, rs2: 6, ..Default::default() }));
    program.push(ri(Op::Jal, 1, 4 * 4));
    let mut program = looping(program, 0);
    program.extend(function);
    let run = |gait| {
        let mut m = with(&program);
        for n in 0..64u64 {
            let vtype = n.wrapping_mul(0x9e37_79b9) >> 8 & 0xff;
            m.memory_mut().write(DATA + 8 * n, &vtype.to_le_bytes()).expect("mapped");
        }
        for n in 0..32 {
            m.hart_mut().v_mut(n).iter_mut().enumerate().for_each(|(i, b)| *b = (i as u8 ^ n).wrapping_mul(29));
        }
        for (r, v) in [(5, DATA), (9, DATA + 0x1000), (10, 0x1234_5678_9abc_def1), (11, 64), (12, 100)] {
            m.hart_mut().set_x(r, v);
        }
        let mut traps = Vec::new();
        loop {
            let trap = go(&mut m, gait);
            traps.push((trap, State::of(m.hart())));
            if trap.0 != Cause::IllegalInstruction {
                return traps;
            }
            m.hart_mut().set_pc(trap.2 + 4);
        }
    };
    let (fast, slow) = (run(Gait::Run), run(Gait::Step));
    assert!(fast.len() > 20 && fast.len() < 64 * 7, "{} traps", fast.len());
    for ((a, x), (b, y)) in fast.iter().zip(&slow) {
        assert_eq!(a, b);
        assert_eq!(x.differences(y, ("run", "step")), None, "at {a:x?}");
    }
    assert_eq!(fast.len(), slow.len());
}

#[test]
fn vstart_is_seen_by_the_next_instruction_only() {
    // In round n elements from n on are counted, and then all of another register.
    let program =
        [vset(8, 1 << 3), csrw(8, 10), vvi(Op::VaddVi, 8, 8, 1), vvi(Op::VaddVi, 9, 9, 1), rri(Op::Addi, 10, 10, 1)];
    let (_, state) = both(|| {
        let mut m = with(&looping(program.to_vec(), 1));
        m.hart_mut().set_x(11, 8);
        m
    });
    let halves = |n: usize| -> Vec<u8> { state.v[16 * n..][..16].iter().step_by(2).copied().collect() };
    assert_eq!(halves(8), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(halves(9), [8; 8]);
}

#[test]
fn what_must_not_start_in_the_middle_traps_there() {
    let program = [vset(8, 1 << 3), csrw(8, 10), vvv(Op::VredsumVs, 8, 8, 9), rri(Op::Addi, 12, 12, 1)];
    // The first round is legal.
    let program = [&program[..], &[rri(Op::Addi, 10, 0, 3)]].concat();
    let (trap, state) = both(|| {
        let mut m = with(&looping(program.clone(), 0));
        m.hart_mut().set_x(11, 5);
        m
    });
    assert_eq!(trap, (Cause::IllegalInstruction, program[2].into(), CODE + 8));
    assert_eq!((state.x[12], state.vector[2], state.instret), (1, 3, 9));
}

#[test]
fn vector_state_may_be_off_initial_or_clean_at_any_time() {
    // x10 counts vector instructions; in round 20 VS is cleared.
    let mut program = vec![vset(4, 2 << 3), vvi(Op::VaddVi, 8, 8, 1), rri(Op::Addi, 10, 10, 1)];
    program.push(ssi(Op::Bne, 10, 14, 8));
    program.push(word(Op::Csrrc, Operands { rs1: 13, imm: 0x300, ..Default::default() }));
    program.extend([vvi(Op::VaddVi, 9, 9, 1), access(Op::Vse32V, 9, 2, 0)]);
    let program = looping(program, 1);
    for (first, then) in [
        (Context::Dirty, Context::Initial),
        (Context::Initial, Context::Clean),
        (Context::Clean, Context::Dirty),
        (Context::Off, Context::Initial),
    ] {
        let run = |gait| {
            let mut m = with(&program);
            for (r, v) in [(11, 40), (13, 3 << 9), (14, 20)] {
                m.hart_mut().set_x(r, v);
            }
            m.hart_mut().set_vs(first);
            let mut seen = Vec::new();
            loop {
                let trap = go(&mut m, gait);
                seen.push((trap, State::of(m.hart())));
                if trap.0 != Cause::IllegalInstruction {
                    return seen;
                }
                m.hart_mut().set_vs(then);
            }
        };
        let (fast, slow) = (run(Gait::Run), run(Gait::Step));
        assert_eq!(fast, slow);
        let (_, end) = &fast[fast.len() - 1];
        assert_eq!(fast.len(), 2 + usize::from(first == Context::Off));
        assert_eq!((end.vs, end.x[10], end.v[16 * 8], end.v[16 * 9]), (Context::Dirty, 40, 40, 40));
    }
}

/// Runs to the first trap, maps a page behind the data, and goes on to the next trap.
fn fault_and_resume(make: impl Fn() -> Machine, gait: Gait) -> Vec<((Cause, u64, u64), State)> {
    let mut m = make();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let trap = go(&mut m, gait);
        seen.push((trap, State::of(m.hart())));
        if seen.len() == 1 {
            map(&mut m, END..END + 0x1000, Prot::READ | Prot::WRITE);
        }
    }
    seen
}

#[test]
fn accesses_that_fault_at_an_element_are_resumed_there() {
    // Four halves a round, from far before the end of memory to behind it. v16 holds 0, 2, 4, 6.
    let stride = li32(6, 2);
    let loads = [
        access(Op::Vle16V, 8, 5, 0),
        access(Op::Vlse16V, 8, 5, 6),
        access(Op::Vluxei16V, 8, 5, 16),
        access(Op::Vloxei16V, 8, 5, 16),
        access(Op::Vlseg2e8V, 8, 5, 0),
    ];
    let stores = [
        access(Op::Vse16V, 8, 5, 0),
        access(Op::Vsse16V, 8, 5, 6),
        access(Op::Vsuxei16V, 8, 5, 16),
        access(Op::Vsoxei16V, 8, 5, 16),
        access(Op::Vsseg2e8V, 8, 5, 0),
    ];
    for (instruction, store) in loads.map(|w| (w, false)).into_iter().chain(stores.map(|w| (w, true))) {
        for before in [2u64, 4, 6] {
            let vtype = if [loads[4], stores[4]].contains(&instruction) { 0 } else { 1 << 3 };
            let program = [
                vset(4, 1 << 3),
                word(Op::VidV, Operands { rd: 16, rm: 1, ..Default::default() }),
                vvv(Op::VaddVv, 16, 16, 16),
                vset(4, vtype),
                stride[0],
                stride[1],
                vvi(Op::VaddVi, 8, 8, 3),
                rri(Op::Addi, 10, 10, 1),
                instruction,
                rri(Op::Addi, 12, 12, 1),
                rri(Op::Addi, 5, 5, 8),
            ];
            let make = || {
                let mut m = with(&looping(program.to_vec(), 6));
                // 50 rounds go well.
                m.hart_mut().set_x(5, END - before - 8 * 50);
                m.hart_mut().set_x(11, 60);
                m
            };
            let (fast, slow) = (fault_and_resume(make, Gait::Run), fault_and_resume(make, Gait::Step));
            assert_eq!(fast, slow);
            let (trap, state) = &fast[0];
            let cause = if store { Cause::StoreAccess } else { Cause::LoadAccess };
            assert_eq!(*trap, (cause, END, CODE + 4 * 8));
            assert_eq!((state.vector[2], state.x[10], state.x[12]), (before / 2, 51, 50));
            let (trap, state) = &fast[1];
            assert_eq!((trap.0, state.vector[2], state.x[10], state.x[12]), (Cause::EcallFromM, 0, 60, 60));
        }
    }
}

#[test]
fn fault_only_first_loads_shorten_vl_in_the_middle_of_a_block() {
    let program = [vset(16, 0), access(Op::Vle8ffV, 8, 5, 0), vvi(Op::VaddVi, 8, 8, 1), rri(Op::Addi, 5, 5, 1)];
    let (trap, state) = both(|| {
        let mut m = with(&looping(program.to_vec(), 0));
        m.hart_mut().set_x(5, END - 300);
        m.hart_mut().set_x(11, 400);
        m
    });
    assert_eq!(trap, (Cause::LoadAccess, END, CODE + 4));
    assert_eq!((state.vector[0], state.x[11]), (16, 100));
}

/// An access to a device: offset, size, the value if it is written, pc and instructions retired before.
pub type Seen = (u64, u32, u64, u64, u64);

/// Counts what is read, notes every access, and refuses those from offset 0x80 on.
pub struct Counter {
    pub count: u64,
    pub log: Arc<Mutex<Vec<Seen>>>,
}

impl Counter {
    fn note(&mut self, offset: u64, size: u32, value: u64, at: &Moment) -> Result<u64, DeviceFault> {
        if offset >= 0x80 {
            return Err(DeviceFault);
        }
        self.log.lock().expect("one thread").push((offset, size, value, at.pc, at.instret));
        self.count += 1;
        Ok(self.count)
    }
}

impl Device for Counter {
    fn read(&mut self, offset: u64, size: u32, at: &Moment) -> Result<u64, DeviceFault> {
        self.note(offset, size, 0, at)
    }
    fn write(&mut self, offset: u64, size: u32, value: u64, at: &Moment) -> Result<(), DeviceFault> {
        self.note(offset, size, value, at).map(drop)
    }
}

#[test]
fn devices_see_every_element_once_and_in_order() {
    let accesses = [
        access(Op::Vle32V, 8, 5, 0),
        access(Op::Vse32V, 8, 5, 0),
        access(Op::Vlse32V, 9, 5, 6),
        access(Op::Vsse32V, 9, 5, 6),
        access(Op::Vlseg2e32V, 10, 5, 0),
        access(Op::Vsseg2e32V, 10, 5, 0),
        access(Op::Vs1rV, 8, 5, 0),
        access(Op::Vse32V, 8, 2, 0),
    ];
    let mut program = vec![vset(4, 2 << 3), rri(Op::Addi, 6, 0, 8)];
    for a in accesses {
        program.extend([a, rrr(Op::Add, 12, 12, 11)]);
    }
    // 0x20 bytes on in the last rounds.
    program.push(rri(Op::Sltiu, 7, 11, 6));
    program.push(rri(Op::Slli, 7, 7, 5));
    program.push(rrr(Op::Add, 5, 5, 7));
    let device = DATA + 0x8000;
    let run = |gait| {
        let mut m = with(&looping(program.clone(), 1));
        let log = Arc::new(Mutex::new(Vec::new()));
        let counter = Counter { count: 0, log: log.clone() };
        m.memory_mut().add_device(device..device + 0x1000, Box::new(counter)).expect("nothing else is there");
        m.hart_mut().set_x(5, device);
        m.hart_mut().set_x(11, 50);
        let trap = go(&mut m, gait);
        let noted = log.lock().expect("one thread").clone();
        (trap, State::of(m.hart()), noted)
    };
    let (fast, slow) = (run(Gait::Run), run(Gait::Step));
    assert_eq!(fast, slow);
    let (trap, state, log) = fast;
    // The first byte that is refused, by the first access of the fourth such round.
    assert_eq!(trap, (Cause::LoadAccess, device + 0x80, CODE + 8));
    assert_eq!(state.vector[2], 0);
    assert!(log.len() > 48 * 30, "{} accesses", log.len());
}
