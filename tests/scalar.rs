//! Every scalar instruction against the plain model of `tests/model`: from states and operands biased to corners, illegal and
//! faulting forms included, each by translated code and in single steps.

mod common;
mod model;

use common::asm;
use common::entropy::{Entropy, accesses_memory, formats, words};
use common::{cases, fail};
use mellivora::isa::{Extension, Flags, Kind, Op, Slot, encode};
use model::bench::{Bench, CODE, DATA, cpu};
use model::{Cpu, Insn, knows, xthead};
use proptest::test_runner::TestRunner;

#[test]
fn every_instruction_has_a_model() {
    let scalar = |op: &Op| !op.info().flags.intersects(Flags::VECTOR | Flags::MATRIX);
    let missing: Vec<&str> = Op::all().filter(scalar).filter(|op| !knows(*op)).map(Op::mnemonic).collect();
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        assert!(missing.is_empty(), "no model of {missing:?}");
    } else {
        println!("no SoftFloat on this host; not checked: {missing:?}");
    }
}

/// An address that is interesting for accesses of `size` bytes.
fn address(e: &mut Entropy, size: u64) -> u64 {
    let page = DATA + 0x1000 * e.below(7);
    let at = match e.below(16) {
        0 => return e.integer(),
        1 => return e.pick(&[0, !0, !7, DATA - 1, DATA - size, 1 << 20, (1 << 20) - 8, 1 << 38, 1 << 63]),
        2..6 => page.wrapping_add(e.below(33)).wrapping_sub(16),
        6..8 => page + e.below(0x1000),
        // Plain pages, so that most accesses succeed.
        _ => DATA + 0x800 + e.below(0x1000),
    };
    if e.below(4) == 0 { at } else { at / size * size }
}

/// Bytes that an instruction accesses.
fn size(op: Op) -> u64 {
    let info = op.info();
    let size = info.load.max(info.store).into();
    // lr and sc have a right to their width, cache blocks to 64.
    if size == 0 { 64 } else { size }
}

/// A state to execute an instruction in.
fn start(op: Op, special: &[Op], e: &mut Entropy) -> Option<(Cpu, Insn)> {
    let mut operands = e.operands(op);
    let mut c = cpu();
    let flags = op.info().flags;
    // Sources first, so that simple words make simple cases.
    let letters = formats(op);
    for o in op.info().operands.iter().filter(|o| o.kind.is_register()) {
        let n = match o.slot {
            Slot::Rd => operands.rd,
            Slot::Rs1 => operands.rs1,
            Slot::Rs2 => operands.rs2,
            _ => operands.rs3,
        } as usize;
        match o.kind {
            Kind::F => c.f[n] = e.float_register(letters),
            _ => c.x[n] = e.integer(),
        }
    }
    let (a, b) = (operands.rs1 as usize, operands.rs2 as usize);
    match e.below(6) {
        0 => c.x[b] = c.x[a],
        1 => c.x[b] = c.x[a].wrapping_add(e.below(3)).wrapping_sub(1),
        2 => c.f[b] = c.f[a],
        _ => {}
    }
    if accesses_memory(op) {
        // What goes without saying in the 16-bit forms is sp.
        let has_base = op.info().operands.iter().any(|o| o.slot == Slot::Rs1);
        let base = if has_base { a } else { 2 };
        let target = address(e, size(op));
        let added = xthead::displacement(&Insn { op, operands, word: 3 }, c.x[b]);
        c.x[base] = target.wrapping_sub(added.unwrap_or(operands.imm as u64));
        let at = target.wrapping_sub(DATA) as usize;
        if op.mnemonic().starts_with("amocas") && e.below(2) == 0 && at < c.memory.bytes.len() - 16 {
            // A comparison that succeeds, whatever stands above the compared bits.
            let rd = operands.rd as usize;
            let word = |at: usize| u64::from_le_bytes(c.memory.bytes[at..at + 8].try_into().expect("eight bytes"));
            c.x[rd] = word(at) ^ if size(op) < 8 { e.integer() << (8 * size(op)) } else { 0 };
            c.x[(rd + 1) % 32] = word(at + 8);
        }
    } else if matches!(op, Op::Jalr | Op::CJr | Op::CJalr) {
        c.x[a] = match e.below(4) {
            0 => e.integer(),
            1 => CODE + e.below(0x2100),
            _ => (CODE + 0x800 + e.below(64)).wrapping_sub(operands.imm as u64),
        };
    }
    for n in 0..32 {
        c.x[n] |= if c.x[n] == 0 && n != a && n != b { e.next() } else { 0 };
        c.f[n] |= if c.f[n] == 0 && n != a && n != b { e.next() } else { 0 };
    }
    c.x[0] = 0;
    modes(&mut c, op, e);
    if flags.contains(Flags::CSR) && e.below(8) == 0 {
        operands.rs1 = 0;
    }
    let word = encode(op, &operands).ok()?;
    // Some operands make it another instruction with a name of its own, which has its own turn.
    let special = special.iter().any(|other| other.info().matches(word));
    (!special).then_some((c, Insn { op, operands, word }))
}

/// The instructions that are special cases of another's encoding.
fn special_cases(op: Op) -> impl Iterator<Item = Op> {
    let info = op.info();
    Op::all().filter(move |other| {
        let i = other.info();
        i.mask & info.mask == info.mask && i.value & info.mask == info.value && i.mask != info.mask
    })
}

/// Privilege, floating-point state, CSRs.
fn modes(c: &mut Cpu, op: Op, e: &mut Entropy) {
    let privileged = op.info().flags.contains(Flags::CSR)
        || matches!(op, Op::CboInval | Op::CboClean | Op::CboFlush | Op::CboZero | Op::Mret | Op::Wfi | Op::Ecall)
        || matches!(op.extension(), Extension::Xtheadcmo | Extension::Xtheadsync | Extension::Xtheadint);
    let shy = if privileged { 2 } else { 16 };
    c.machine = !e.once_in(shy);
    c.fs = if e.once_in(4) { e.below(4) } else { 3 };
    c.frm = if e.once_in(3) { e.below(8) } else { 0 };
    c.fflags = e.pick(&[0, 0, 1, 31, 16]);
    let s = &mut c.csrs;
    if e.once_in(shy) {
        s.mstatus = e.next() & (1 << 3 | 1 << 7 | 1 << 17 | 1 << 21) | e.pick(&[0, 3]) << 11;
        s.mie = e.next() & 0x888;
        s.mtvec = e.next() & !2;
        s.mcounteren = e.pick(&[0, 7, 0xffff_ffff, 1, 2, 4, 8]);
        s.menvcfg = e.pick(&[0, 0xd0, 0xf1, 0x40, 0x80, 0x10, 0x30, 1]);
        s.mcountinhibit = e.pick(&[0, 1, 4, 5]);
        s.mscratch = e.next();
        s.mcause = e.next();
        s.mtval = e.next();
        s.mepc = e.pick(&[0, CODE + 0x800, CODE + 0x802, DATA, !1]);
    }
}

/// Compares one instruction in as many random cases as are asked for.
fn check(op: Op) {
    let mut bench = Bench::default();
    let special: Vec<Op> = special_cases(op).collect();
    let bench = std::cell::RefCell::new(&mut bench);
    let result = TestRunner::new(cases(64)).run(&words(), |words| {
        let mut e = Entropy::new(&words);
        let Some((cpu, insn)) = start(op, &special, &mut e) else { return Ok(()) };
        bench.borrow_mut().compare(&cpu, &[insn]).map_err(|difference| {
            let o = insn.operands;
            let sources = |r: &[u64; 32]| [o.rd, o.rs1, o.rs2, o.rs3].map(|n| r[n as usize & 31]);
            fail(format!(
                "{} ({:#x}): {o:?}\nFS {}, frm {}, fflags {:#x}, M-mode: {}\nx of rd, rs1.. {:x?}\nf of rd, rs1.. {:x?}\n{difference}",
                asm::show(insn.word),
                insn.word,
                cpu.fs,
                cpu.frm,
                cpu.fflags,
                cpu.machine,
                sources(&cpu.x),
                sources(&cpu.f),
            ))
        })
    });
    if let Err(e) = result {
        panic!("{}: {e}", op.mnemonic());
    }
}

/// Checks all known instructions that `these` holds for.
fn check_all(these: impl Fn(Op) -> bool) {
    let mut count = 0;
    for op in Op::all().filter(|op| knows(*op) && these(*op)) {
        check(op);
        count += 1;
    }
    assert!(count > 0);
}

fn is_float(op: Op) -> bool {
    op.info().flags.contains(Flags::FP)
}

fn is_double(op: Op) -> bool {
    op.mnemonic().contains(".d") || matches!(op.extension(), Extension::D | Extension::Zcd)
}

#[test]
fn integer_instructions_are_those_of_the_manual() {
    check_all(|op| op.info().len == 4 && !is_float(op) && !accesses_memory(op));
}

#[test]
fn compressed_instructions_are_those_of_the_manual() {
    check_all(|op| op.info().len == 2);
}

#[test]
fn loads_stores_and_atomics_are_those_of_the_manual() {
    check_all(|op| op.info().len == 4 && accesses_memory(op));
}

#[test]
fn double_precision_is_that_of_the_manual() {
    check_all(|op| op.info().len == 4 && is_float(op) && is_double(op) && !accesses_memory(op));
}

#[test]
fn single_and_half_precision_are_those_of_the_manual() {
    check_all(|op| op.info().len == 4 && is_float(op) && !is_double(op) && !accesses_memory(op));
}
