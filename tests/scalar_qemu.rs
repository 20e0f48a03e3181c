//! Straight-line programs against QEMU's user mode: small static executables that set all registers, run a few random
//! instructions, and write all registers and the memory they used to standard output.
//!
//! The emulator to compare with is `qemu-riscv64` on PATH, or what MELLIVORA_QEMU names; without it the test prints that it was
//! skipped. It is asked first which extensions it knows. See README.md here for what is known to differ.

mod common;
#[path = "scalar_qemu/program.rs"]
mod program;
#[path = "scalar_qemu/qemu.rs"]
mod qemu;
#[path = "scalar_qemu/thead.rs"]
mod thead;

use common::asm::word;
use common::drive::{machine, written};
use common::entropy::{Entropy, words};
use common::sequence::{FUSABLE, goes_on, instruction};
use common::{asm, cases, fail};
use mellivora::isa::{Extension, Flags, Op, Operands};
use program::{FINAL, LAYOUT, SEGMENTS, SLOT, Segment, initial, program};
use proptest::test_runner::{Config, TestRunner};
use qemu::Qemu;

/// CPU models to try, the richest first. Old versions have no `max`, and want some extensions asked for by name.
const CPUS: [&str; 3] =
    ["max", "rv64,zba=true,zbb=true,zbc=true,zbs=true,zbkb=true,zbkc=true,zbkx=true,Zfh=true,Zfhmin=true", "rv64"];

/// What the program writes here.
fn ours(elf: &[u8]) -> Result<Vec<u8>, String> {
    written(machine(), LAYOUT, elf)
}

/// What QEMU does otherwise than the manual says: instructions with some operands, and how. README.md here tells more.
type Bug = (fn(Op, &Operands) -> bool, &'static str);
const KNOWN_BUGS: [Bug; 3] = [
    (|op, _| op == Op::Ctzw, "7.2: ctzw counts in 64 bits where the low 32 are zero"),
    (|op, o| op.mnemonic().starts_with("amocas") && o.rd == 0, "10.0: amocas writes x0"),
    (|op, _| op == Op::FcvtSBf16, "10.0: a source that is not NaN-boxed becomes the NaN of binary16, not of BFloat16"),
];

/// Instructions that can be compared: no LR/SC (QEMU's SC compares values, and so fails after a store by the same hart), no
/// CSRs but fcsr, no traps, no new stack pointer, no vectors.
fn comparable(op: Op) -> bool {
    let reserved = matches!(op, Op::LrW | Op::LrD | Op::ScW | Op::ScD);
    let other = matches!(op, Op::CEbreak | Op::CAddi16sp);
    goes_on(op) && !reserved && !other && !op.info().flags.intersects(Flags::CSR | Flags::END | Flags::VECTOR)
}

/// Whether QEMU is right about an instruction, as far as is known.
fn right(op: Op, operands: &Operands) -> bool {
    !KNOWN_BUGS.iter().any(|(has, _)| has(op, operands))
}

/// The instructions of these extensions that QEMU knows.
fn known(qemu: &Qemu, extensions: impl Iterator<Item = Extension>) -> Vec<Op> {
    let mut ops: Vec<Op> = Vec::new();
    let mut unknown: Vec<&str> = Vec::new();
    for extension in extensions {
        let all: Vec<Op> = Op::all().filter(|op| op.extension() == extension && comparable(*op)).collect();
        if qemu.knows(&all) {
            ops.extend(all);
        } else {
            // Perhaps some of them.
            let (known, not): (Vec<Op>, Vec<Op>) = all.into_iter().partition(|op| qemu.knows(&[*op]));
            ops.extend(known);
            unknown.extend(not.into_iter().map(Op::mnemonic));
        }
    }
    println!("-cpu {}: {} instructions; it does not know {unknown:?}", qemu.cpu, ops.len());
    ops
}

/// Runs random programs of these instructions, and of those that the engine fuses, on both.
fn compare(qemu: &Qemu, ops: &[Op]) {
    let mode = |e: &mut Entropy| word(Op::Csrrwi, Operands { rs1: e.below(5) as u8, imm: 2, ..Default::default() });
    let result = TestRunner::new(Config { max_shrink_iters: 200, ..cases(24) }).run(&words(), |words| {
        let mut e = Entropy::new(&words);
        let segments: Vec<Segment> = (0..1 + e.below(SEGMENTS))
            .map(|_| {
                let length = 1 + e.below(12);
                let mut body = Vec::new();
                for _ in 0..length {
                    match e.below(8) {
                        0 => body.push(mode(&mut e)),
                        n => {
                            let op = if n < 3 { e.pick(&FUSABLE) } else { e.pick(ops) };
                            body.extend(instruction(op, &mut e, false).filter(|i| right(op, &i.0)).map(|i| i.1));
                        }
                    }
                }
                Segment { initial: initial(&mut e), body }
            })
            .collect();
        let elf = program(&segments);
        let text = || segments.iter().flat_map(|s| &s.body).map(|w| asm::show(*w)).collect::<Vec<_>>().join("\n");
        let theirs = qemu.run(&elf).ok_or_else(|| fail(format!("QEMU does not run\n{}", text())))?;
        let ours = ours(&elf).map_err(fail)?;
        match difference(&segments, &ours, &theirs) {
            Some(d) => Err(fail(d)),
            None => Ok(()),
        }
    });
    if let Err(e) = result {
        panic!("{e}");
    }
}

/// Whether it is one of T-Head's extensions, which QEMU has as CPU models of their own.
fn theirs(e: Extension) -> bool {
    e.name().starts_with("xthead")
}

#[test]
fn programs_end_as_under_qemu() {
    match Qemu::find(&CPUS) {
        Some(qemu) => compare(&qemu, &known(&qemu, Extension::all().filter(|e| !theirs(*e)))),
        None => println!("skipped: no qemu-riscv64 on PATH"),
    }
}

#[test]
fn thead_programs_end_as_under_qemu() {
    let Some(qemu) = thead::c906() else { return };
    let ops = known(&qemu, Extension::all().filter(|e| theirs(*e)));
    assert!(ops.len() > 80, "only {ops:?}");
    compare(&qemu, &ops);
}

fn difference(segments: &[Segment], ours: &[u8], theirs: &[u8]) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let at = ours.iter().zip(theirs).position(|(a, b)| a != b).unwrap_or(ours.len().min(theirs.len()));
    let (segment, register) = (at / SLOT as usize, at % SLOT as usize / 8);
    let Some(s) = segments.get(segment) else {
        return Some(format!("memory at {:#x}: {:#x?}, QEMU {:#x?}", FINAL + at as u64, ours.get(at), theirs.get(at)));
    };
    let value = |b: &[u8]| b[at / 8 * 8..].first_chunk().map(|b| u64::from_le_bytes(*b));
    let name = match register {
        64 => "fcsr".to_owned(),
        n if n >= 32 => format!("f{}", n - 32),
        n => format!("x{n}"),
    };
    // The memory of earlier ones is still there.
    let bodies =
        segments[..=segment].iter().map(|s| s.body.iter().map(|w| asm::show(*w)).collect::<Vec<_>>().join("\n"));
    let text: Vec<String> = bodies.collect();
    let (x, rest) = s.initial.split_at(32);
    Some(format!(
        "{}\n\nx {x:x?}\nf {:x?}\nfcsr {:x}\n{name}: {:x?}, QEMU {:x?}",
        text.join("\n\n"),
        &rest[..32],
        rest[32],
        value(ours),
        value(theirs)
    ))
}
