//! Vector programs against QEMU's user mode: static executables of some hundred random instructions, vector ones of all families
//! mixed with scalar ones, that note all registers now and then and write these notes and their memory to standard output.
//!
//! The model says which operands are legal; the programs have no traps. The emulator to compare with is found as in
//! `scalar_qemu.rs`. See README.md here for what is known to differ.

mod common;
#[path = "vector_qemu/program.rs"]
mod program;
#[path = "model/vector/mod.rs"]
mod vector_model;

use common::entropy::{Entropy, words};
use common::{asm, cases, drive, fail};
use mellivora::isa::{Extension, Flags, Op, Operands};
use program::{ITEMS, Item, LAYOUT, MOST_ITEMS, Start, Writer, assemble, place};
use proptest::test_runner::{Config, TestRunner};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vector_model::knows;
use vector_model::state::{Features, VState};

/// What the program writes here.
fn ours(elf: &[u8], vlen: usize) -> Result<Vec<u8>, String> {
    drive::written(drive::vector_machine(|unit| unit.vlen = vlen as u32), LAYOUT, elf)
}

/// The other emulator.
struct Qemu {
    path: PathBuf,
    /// CPU model and its settings, but for VLEN.
    cpu: &'static str,
    file: PathBuf,
    vlen: usize,
}

impl Qemu {
    /// CPU models to try, the richest first. Old versions have no `max`, and want extensions asked for by name.
    const CPUS: [&str; 2] = ["max", "rv64,v=true,vext_spec=v1.0,zba=true,zbb=true,zbc=true,zbs=true,Zfh=true"];

    fn find(vlen: usize) -> Option<Qemu> {
        let path = std::env::var_os("MELLIVORA_QEMU").map_or("qemu-riscv64".into(), PathBuf::from);
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("vector-{}-{vlen}.elf", std::process::id()));
        Self::CPUS.into_iter().find_map(|cpu| {
            let q = Qemu { path: path.clone(), cpu, file: file.clone(), vlen };
            q.executes(&[]).then_some(q)
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
        let cpu = format!("{},vlen={}", self.cpu, self.vlen);
        let command = &mut Command::new(&self.path);
        let out = command.args(["-cpu", &cpu]).arg(&self.file).stdin(Stdio::null()).output().ok()?;
        let _ = std::fs::remove_file(&self.file);
        out.status.success().then_some(out.stdout)
    }

    /// Whether these run to their end.
    fn executes(&self, items: &[Item]) -> bool {
        self.run(&assemble(&Start::new(&mut Entropy::new(&[])), items, self.vlen)).is_some()
    }

    /// Whether it has these instructions: each is tried under the first `vtype` found that it is legal under.
    fn knows(&self, ops: &[Op], features: Features) -> bool {
        let mut e = Entropy::new(&[]);
        let mut items = Vec::new();
        for op in ops {
            let mut w = Writer::new(self.vlen, features, |_, _, _| false);
            let tries = (0..50).find_map(|_| Some([w.configure(&mut e), w.instruction(&mut e, *op)?]));
            items.extend(tries.into_iter().flatten());
        }
        items.chunks(MOST_ITEMS as usize).all(|items| self.executes(items))
    }

    /// The vector instructions that it has, and what it has of binary16.
    fn instructions(&self) -> (Vec<Op>, Features) {
        let without = Features { zvfh: false, zvfhmin: false, ..Features::default() };
        let (mut ops, mut unknown) = (Vec::new(), Vec::new());
        for extension in Extension::all() {
            let usable = |op: &Op| {
                let flags = op.info().flags;
                flags.contains(Flags::VECTOR) && !flags.contains(Flags::VSET) && knows(op.mnemonic())
            };
            let all: Vec<Op> = Op::all().filter(|op| op.extension() == extension && usable(op)).collect();
            if self.knows(&all, without) {
                ops.extend(all);
            } else {
                let (known, not): (Vec<Op>, Vec<Op>) = all.into_iter().partition(|op| self.knows(&[*op], without));
                ops.extend(known);
                unknown.extend(not.into_iter().map(Op::mnemonic));
            }
        }
        // Elements of 16 bits, as many as fit a register.
        let halves = |op| {
            let vset = asm::word(Op::Vsetvli, Operands { rd: 10, imm: 1 << 3, ..Default::default() });
            self.executes(&[vec![
                vset,
                asm::word(op, Operands { rd: 8, rs1: 16, rs2: 24, rm: 1, ..Default::default() }),
            ]])
        };
        let features = Features { zvfh: halves(Op::VfaddVv), zvfhmin: halves(Op::VfwcvtFFV), ..without };
        let (min, all) = (features.zvfhmin, features.zvfh);
        println!(
            "-cpu {}: {} instructions, zvfhmin: {min}, zvfh: {all}; it does not know {unknown:?}",
            self.cpu,
            ops.len()
        );
        (ops, features)
    }
}

/// What QEMU does otherwise than the manual says, and how. README.md here tells more.
type Bug = (fn(Op, u32, &VState) -> bool, &'static str);
const KNOWN_BUGS: [Bug; 2] = [
    (
        |op, _, s| op.mnemonic().starts_with("vsha2") && s.vtype().is_some_and(|t| t.lmul8 < 8),
        "10.0: vsha2* trap while LMUL < 1, whatever VLEN is",
    ),
    (
        |op, _, s| matches!(op, Op::VmvSX | Op::VfmvSF) && s.vstart > 0,
        "10.0: vmv.s.x and vfmv.s.f write element 0 also if vstart is greater",
    ),
];

fn known_bug(op: Op, word: u32, s: &VState) -> bool {
    KNOWN_BUGS.iter().any(|(has, _)| has(op, word, s))
}

/// Before version 8, nothing is right behind an instruction that starts at a `vstart` other than 0.
fn known_old_bug(op: Op, word: u32, s: &VState) -> bool {
    s.vstart > 0 || known_bug(op, word, s)
}

/// What differs: note and name, or why one of them does not run.
fn difference(qemu: &Qemu, start: &Start, items: &[Item]) -> Result<Option<(usize, String)>, String> {
    let elf = assemble(start, items, qemu.vlen);
    let ours = ours(&elf, qemu.vlen)?;
    let theirs = qemu.run(&elf).ok_or("it does not end well under QEMU")?;
    if ours.len() != theirs.len() {
        return Err(format!("{} bytes are written, by QEMU {}", ours.len(), theirs.len()));
    }
    let differs = |at: &usize| ours[*at] != theirs[*at];
    // Notes come behind memory, but before it in time.
    let (notes, end) = (program::MEMORY_SIZE as usize, ours.len());
    Ok((notes..end).chain(0..notes).find(differs).map(|at| {
        let (note, name) = place(at & !7, qemu.vlen);
        let value = |b: &[u8]| b[at & !7..].first_chunk().map(|b| u64::from_le_bytes(*b));
        (note, format!("{name}: {:#x?}, QEMU {:#x?}", value(&ours), value(&theirs)))
    }))
}

/// Takes out of a program what it does not need to differ, and tells what is left.
fn explain(qemu: &Qemu, start: &Start, mut items: Vec<Item>, (note, mut what): (usize, String)) -> String {
    items.truncate(note.saturating_add(1).saturating_mul(ITEMS));
    for size in [ITEMS, 8, 1] {
        for at in (0..items.len().div_ceil(size)).rev() {
            let mut less = items.clone();
            less.drain((at * size).min(items.len())..(at * size + size).min(items.len()));
            if let Ok(Some((_, still))) = difference(qemu, start, &less) {
                (items, what) = (less, still);
            }
        }
    }
    let text: Vec<String> = items.iter().flatten().map(|w| asm::show(*w)).collect();
    format!("VLEN {}, -cpu {}\n{}\n{what}", qemu.vlen, qemu.cpu, text.join("\n"))
}

fn compare(vlen: usize) {
    let Some(qemu) = Qemu::find(vlen) else {
        println!("skipped: no qemu-riscv64 on PATH, or one without vectors");
        return;
    };
    let (ops, features) = qemu.instructions();
    // Without `max` it is an old one.
    let avoid = if qemu.cpu == "max" { known_bug } else { known_old_bug };
    // Taking items out shortens better than simpler choices would.
    let config = Config { max_shrink_iters: 0, ..cases(12) };
    let result = TestRunner::new(config).run(&words(), |words| {
        let mut e = Entropy::new(&words);
        let start = Start::new(&mut e);
        let mut writer = Writer::new(vlen, features, avoid);
        let mut items = vec![writer.configure(&mut e)];
        items.extend((0..e.below(MOST_ITEMS)).map(|_| writer.item(&mut e, &ops)));
        match difference(&qemu, &start, &items) {
            Ok(None) => Ok(()),
            Ok(Some(d)) => Err(fail(explain(&qemu, &start, items, d))),
            Err(why) => Err(fail(format!("{why}: {}", unable(&qemu, &start, items)))),
        }
    });
    if let Err(e) = result {
        panic!("{e}");
    }
}

/// The items of a program up to the one that keeps it from running to its end.
fn unable(qemu: &Qemu, start: &Start, mut items: Vec<Item>) -> String {
    let runs = |items: &[Item]| difference(qemu, start, items).is_ok();
    let all: Vec<usize> = (0..=items.len()).collect();
    let good = all.partition_point(|n| runs(&items[..*n]));
    items.truncate(good);
    let from = items.len().saturating_sub(10);
    let text: Vec<String> = items[from..].iter().flatten().map(|w| asm::show(*w)).collect();
    format!("VLEN {}, -cpu {}\n{}", qemu.vlen, qemu.cpu, text.join("\n"))
}

#[test]
fn programs_end_as_under_qemu_vlen_128() {
    compare(128);
}

#[test]
fn programs_end_as_under_qemu_vlen_256() {
    compare(256);
}

#[test]
fn programs_end_as_under_qemu_vlen_1024() {
    compare(1024);
}
