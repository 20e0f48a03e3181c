//! Straight-line programs against QEMU's user mode: small static executables that set all registers, run a few random
//! instructions, and write all registers and the memory they used to standard output.
//!
//! The emulator to compare with is `qemu-riscv64` on PATH, or what MELLIVORA_QEMU names; without it the test prints that it was
//! skipped. It is asked first which extensions it knows. See README.md here for what is known to differ.

mod common;

use common::asm::{bytes, li32, rri, ssi, word};
use common::drive::{machine, written};
use common::elf_writer::{HEADERS, Layout, executable};
use common::entropy::{Entropy, words};
use common::sequence::{FUSABLE, INDEX, POINTERS, goes_on, index, instruction};
use common::{asm, cases, fail};
use mellivora::isa::{Extension, Flags, Op, Operands};
use proptest::test_runner::{Config, TestRunner};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LAYOUT: Layout = Layout { start: 0x1_0000, size: 0x3_0000 };
/// What the segments start with: x0.., f0.., fcsr, one slot for each segment.
const INITIAL: u64 = 0x2_0000;
/// What they end with, in the same form, and behind the slots the memory that they used.
const FINAL: u64 = 0x3_0000;
const SLOT: u64 = 65 * 8;
const SEGMENTS: u64 = 16;
const USED: u64 = FINAL + SEGMENTS * SLOT;
const USED_BYTES: u64 = 512;

/// A piece of a program with registers of its own.
struct Segment {
    initial: Vec<u64>,
    body: Vec<u32>,
}

/// Loads the slot at `INITIAL` into all registers but x3.
fn prologue(slot: u64) -> Vec<u32> {
    let mut out = li32(3, (INITIAL + slot * SLOT) as i32).to_vec();
    out.push(rri(Op::Ld, 5, 3, 64 * 8));
    out.push(word(Op::Csrrw, Operands { rs1: 5, imm: 3, ..Default::default() }));
    out.extend((0..32).map(|n| rri(Op::Fld, n, 3, (32 + n as i64) * 8)));
    out.extend((1..32).filter(|n| *n != 3).map(|n| rri(Op::Ld, n, 3, n as i64 * 8)));
    out.extend(li32(3, (FINAL + slot * SLOT) as i32));
    out
}

/// Stores all registers into the slot at x3.
fn epilogue() -> Vec<u32> {
    let mut out: Vec<u32> = (0..32).map(|n| ssi(Op::Sd, 3, n, n as i64 * 8)).collect();
    out.extend((0..32).map(|n| ssi(Op::Fsd, 3, n, (32 + n as i64) * 8)));
    out.push(word(Op::Csrrs, Operands { rd: 5, imm: 3, ..Default::default() }));
    out.push(ssi(Op::Sd, 3, 5, 64 * 8));
    out
}

/// write(1, FINAL, all of it); exit(0)
fn ending() -> Vec<u32> {
    let call = |number| [rri(Op::Addi, 17, 0, number), asm::ecall()];
    let mut out = vec![rri(Op::Addi, 10, 0, 1)];
    out.extend(li32(11, FINAL as i32));
    out.extend(li32(12, (USED + USED_BYTES - FINAL) as i32));
    out.extend(call(64));
    out.push(rri(Op::Addi, 10, 0, 0));
    out.extend(call(93));
    out
}

fn program(segments: &[Segment]) -> Vec<u8> {
    let mut code = Vec::new();
    let mut image = vec![0; (USED + USED_BYTES - LAYOUT.start - HEADERS) as usize];
    let mut put = |addr: u64, data: &[u8]| {
        let at = (addr - LAYOUT.start - HEADERS) as usize;
        image[at..at + data.len()].copy_from_slice(data);
    };
    for (n, s) in segments.iter().enumerate() {
        code.extend(bytes(&prologue(n as u64)));
        code.extend(bytes(&s.body));
        code.extend(bytes(&epilogue()));
        let initial: Vec<u8> = s.initial.iter().flat_map(|v| v.to_le_bytes()).collect();
        put(INITIAL + n as u64 * SLOT, &initial);
    }
    code.extend(bytes(&ending()));
    assert!(code.len() as u64 <= INITIAL - LAYOUT.start - HEADERS, "the code has room");
    put(LAYOUT.start + HEADERS, &code);
    let used: Vec<u8> = (0..USED_BYTES).map(|n| ((n * 37) ^ (n >> 3)) as u8).collect();
    put(USED, &used);
    executable(LAYOUT, &image)
}

/// What the program writes here.
fn ours(elf: &[u8]) -> Result<Vec<u8>, String> {
    written(machine(), LAYOUT, elf)
}

/// The other emulator.
struct Qemu {
    path: PathBuf,
    cpu: &'static str,
    file: PathBuf,
}

impl Qemu {
    /// CPU models to try, the richest first. Old versions have no `max`, and want some extensions asked for by name.
    const CPUS: [&str; 3] =
        ["max", "rv64,zba=true,zbb=true,zbc=true,zbs=true,zbkb=true,zbkc=true,zbkx=true,Zfh=true,Zfhmin=true", "rv64"];

    fn find() -> Option<Qemu> {
        let path = std::env::var_os("MELLIVORA_QEMU").map_or("qemu-riscv64".into(), PathBuf::from);
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("scalar-{}.elf", std::process::id()));
        let nothing = program(&[]);
        Self::CPUS.into_iter().find_map(|cpu| {
            let q = Qemu { path: path.clone(), cpu, file: file.clone() };
            q.run(&nothing).map(|_| q)
        })
    }

    /// What a program writes, if it ends with status 0.
    fn run(&self, elf: &[u8]) -> Option<Vec<u8>> {
        std::fs::write(&self.file, elf).ok()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&self.file, PermissionsExt::from_mode(0o755)).ok()?;
        }
        let command = &mut Command::new(&self.path);
        let out = command.args(["-cpu", self.cpu]).arg(&self.file).stdin(Stdio::null()).output().ok()?;
        let _ = std::fs::remove_file(&self.file);
        out.status.success().then_some(out.stdout)
    }

    /// Whether it executes these instructions without a trap.
    fn knows(&self, ops: &[Op]) -> bool {
        let zeros = [0; 24];
        let mut e = Entropy::new(&zeros);
        let body = ops.iter().filter_map(|op| Some(instruction(*op, &mut e, false)?.1)).collect();
        let initial = initial(&mut Entropy::new(&zeros));
        self.run(&program(&[Segment { initial, body }])).is_some()
    }
}

/// Initial registers: pointers into the used memory, everything else corners.
fn initial(e: &mut Entropy) -> Vec<u64> {
    let mut out: Vec<u64> = (0..32).map(|_| e.integer()).collect();
    out.extend((0..32).map(|_| e.float_register(b"sdhsd")));
    out.push(e.pick(&[0, 0, 1, 2, 3, 4]) << 5 | e.pick(&[0, 0, 1, 31]));
    out[0] = 0;
    for (n, p) in POINTERS.into_iter().enumerate() {
        out[p as usize] = USED.next_multiple_of(64) + 64 * n as u64;
    }
    INDEX.into_iter().for_each(|n| out[n as usize] = index(n, e));
    out
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

#[test]
fn programs_end_as_under_qemu() {
    let Some(qemu) = Qemu::find() else {
        println!("skipped: no qemu-riscv64 on PATH");
        return;
    };
    let mut ops: Vec<Op> = Vec::new();
    let mut unknown: Vec<&str> = Vec::new();
    for extension in Extension::all() {
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
                            let op = if n < 3 { e.pick(&FUSABLE) } else { e.pick(&ops) };
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
