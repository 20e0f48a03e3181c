//! Single instructions of T-Head's scalar extensions, as QEMU's thead-c906 executes them: recorded in `data/thead-c906.txt`,
//! replayed here in U-mode, and asked for again where that QEMU is at hand.

use super::program::{FINAL, LAYOUT, SLOT, Segment, USED, USED_BYTES, program, used_memory};
use super::qemu::{Ended, Qemu};
use crate::common::asm::{bytes, ecall, show};
use crate::common::drive::{machine, map};
use crate::common::elf_writer::HEADERS;
use crate::common::entropy::Entropy;
use mellivora::hart::{Cause, Privilege};
use mellivora::isa::{Extension, Flags, Kind, Op, Operands, Slot, encode};
use mellivora::machine::{Machine, Stop};
use mellivora::memory::Prot;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

const RECORD: &str = include_str!("../data/thead-c906.txt");
/// Cases of each instruction, in a new record.
const CASES: u64 = 6;

/// QEMU as a core of T-Head's, or a note that it is missing.
pub fn c906() -> Option<Qemu> {
    let qemu = Qemu::find(&["thead-c906"]);
    if qemu.is_none() {
        println!("skipped: no qemu-riscv64 with -cpu thead-c906");
    }
    qemu
}

/// Registers and memory by name: `x5`, `f5`, `m12` (byte 12 of the used memory).
type Values = BTreeMap<(char, u16), u64>;

/// One instruction from one state.
#[derive(Clone, Debug, PartialEq)]
struct Case {
    word: u32,
    /// Registers that matter; the others hold [`other`].
    before: Values,
    /// What changes; `None`: it is illegal.
    after: Option<Values>,
}

/// What registers hold that do not matter.
fn other(n: usize) -> u64 {
    n as u64 * 0x0123_4567_89ab_cdef
}

/// All registers before: x, f, fcsr.
fn registers(before: &Values) -> Vec<u64> {
    let mut all: Vec<u64> = (0..64).map(other).chain([0]).collect();
    for ((file, n), v) in before {
        all[*n as usize + if *file == 'f' { 32 } else { 0 }] = *v;
    }
    all
}

impl Case {
    /// `word text | before | after`, where the text is only for readers.
    fn parse(line: &str) -> Case {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let values = |text: &str| -> Values {
            let one = |item: &str| {
                let (name, value) = item.split_once('=').expect(line);
                let n = name[1..].parse().expect(line);
                ((name.chars().next().expect(line), n), u64::from_str_radix(value, 16).expect(line))
            };
            text.split_whitespace().map(one).collect()
        };
        let word = columns[0].split(' ').next().expect(line);
        Case {
            word: u32::from_str_radix(word, 16).expect(line),
            before: values(columns[1]),
            after: (columns[2] != "illegal").then(|| values(columns[2])),
        }
    }

    fn line(&self) -> String {
        let values = |v: &Values| v.iter().fold(String::new(), |s, ((c, n), v)| s + &format!(" {c}{n}={v:x}"));
        let after = self.after.as_ref().map_or(" illegal".to_owned(), values);
        format!("{:08x} {} |{} |{after}", self.word, show(self.word).replace('\t', " "), values(&self.before))
    }

    /// What differs between the state before and these registers (all but x3, which holds an address) and this memory.
    fn changes(&self, after: &[u64], memory: &[u8]) -> Values {
        let mut out = Values::new();
        for (n, (old, new)) in registers(&self.before).iter().zip(after).enumerate().filter(|(n, _)| *n != 3) {
            if old != new {
                out.insert(if n < 32 { ('x', n as u16) } else { ('f', n as u16 - 32) }, *new);
            }
        }
        for (n, (old, new)) in used_memory().iter().zip(memory).enumerate() {
            if old != new {
                out.insert(('m', n as u16), u64::from(*new));
            }
        }
        out
    }

    /// Executes it under QEMU. `None`: it neither ended nor was it illegal.
    fn ask(&self, qemu: &Qemu) -> Option<Case> {
        let segment = Segment { initial: registers(&self.before), body: vec![self.word] };
        let after = match qemu.end(&program(&[segment])) {
            Ended::Badly => return None,
            Ended::Illegal => None,
            Ended::Well(output) => {
                let slot: Vec<u64> = output[..SLOT as usize].chunks(8).map(number).collect();
                let memory = &output[(USED - FINAL) as usize..];
                Some(self.changes(&slot, memory))
            }
        };
        Some(Case { after, ..self.clone() })
    }

    /// Executes it here, by translated code or in single steps.
    fn execute(&self, step: bool) -> Case {
        let mut m = machine();
        map(&mut m, LAYOUT.start..LAYOUT.start + LAYOUT.size, Prot::all());
        let start = LAYOUT.start + HEADERS;
        m.memory_mut().write(start, &bytes(&[self.word, ecall()])).expect("mapped");
        m.memory_mut().write(USED, &used_memory()).expect("mapped");
        let hart = m.hart_mut();
        for (n, v) in registers(&self.before)[..64].iter().enumerate() {
            if n < 32 { hart.set_x(n as u8, *v) } else { hart.set_f(n as u8 - 32, *v) }
        }
        hart.set_pc(start);
        hart.set_privilege(Privilege::User);
        let after = match end(&mut m, step) {
            Cause::EcallFromU => {
                let hart = m.hart();
                let fcsr = hart.read_csr(3).expect("floating point is on");
                let all: Vec<u64> =
                    (0..32).map(|n| hart.x(n)).chain((0..32).map(|n| hart.f(n))).chain([fcsr]).collect();
                Some(self.changes(&all, m.memory().slice(USED, USED_BYTES).expect("mapped")))
            }
            Cause::IllegalInstruction => {
                let all: Vec<u64> = (0..32).map(|n| m.hart().x(n)).collect();
                let memory = m.memory().slice(USED, USED_BYTES).expect("mapped");
                assert_eq!(self.changes(&all, memory), Values::new(), "it traps: {}", self.line());
                None
            }
            cause => panic!("{cause:?}: {}", self.line()),
        };
        Case { after, ..self.clone() }
    }
}

/// The next trap.
fn end(m: &mut Machine, step: bool) -> Cause {
    for _ in 0..3 {
        match if step { m.step() } else { m.run(1000) } {
            Stop::Trap(trap) => return trap.cause,
            Stop::Budget => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("no end")
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map(u64::from_le_bytes).expect("eight bytes")
}

/// T-Head's instructions, but for vectors.
fn ops() -> impl Iterator<Item = Op> {
    let scalar = |e: Extension| e.name().starts_with("xthead") && !e.name().starts_with("xtheadv");
    Op::all().filter(move |op| scalar(op.extension()) && !op.info().flags.intersects(Flags::VECTOR | Flags::MATRIX))
}

/// How many cases of an instruction a record has: of those without operands there is only one.
fn cases(op: Op) -> u64 {
    if op.info().operands.is_empty() { 1 } else { CASES }
}

/// A case of an instruction without its outcome: registers at random, memory accesses within the used memory.
fn invent(op: Op, e: &mut Entropy) -> Case {
    let memory = op.info().flags.intersects(Flags::LOAD | Flags::STORE);
    let indexed = memory && op.info().operands.iter().any(|o| o.slot == Slot::Rs2 && o.name == "rs2");
    let (operands, word) = loop {
        let o: Operands = e.operands(op);
        let named =
            |n: u8| op.info().operands.iter().any(|x| x.kind == Kind::X && [o.rd, o.rs1, o.rs2, o.rs3].contains(&n));
        // x3 is taken, x0 is no address, and an index no address.
        let bad = named(3) || memory && o.rs1 == 0 || indexed && o.rs1 == o.rs2;
        if let (false, Ok(word)) = (bad, encode(op, &o)) {
            break (o, word);
        }
    };
    let mut before = Values::new();
    for o in op.info().operands.iter().filter(|o| o.kind.is_register()) {
        let n = match o.slot {
            Slot::Rd => operands.rd,
            Slot::Rs1 => operands.rs1,
            Slot::Rs2 => operands.rs2,
            _ => operands.rs3,
        };
        match o.kind {
            Kind::F => before.insert(('f', n.into()), e.float_register(b"sd")),
            _ if n == 0 => None,
            _ => before.insert(('x', n.into()), e.integer()),
        };
    }
    if memory {
        before.insert(('x', operands.rs1.into()), USED + 128 + e.below(192));
    }
    if indexed && operands.rs2 != 0 {
        let word = op.mnemonic().contains("ur");
        let small = if word { e.below(8) | e.next() << 32 } else { e.below(16).wrapping_sub(8) };
        before.insert(('x', operands.rs2.into()), small);
    }
    Case { word, before, after: None }
}

/// A new record.
fn record(qemu: &Qemu) -> String {
    let mut out = format!(
        "# {}: qemu-riscv64 -cpu thead-c906. Recorded by MELLIVORA_RECORD=1 cargo test --test scalar_qemu\n",
        qemu.version()
    );
    out += "# word text | registers before | what changed, in hexadecimal. Other registers hold n * 0x123456789abcdef (f0 = x32).\n";
    let _ = writeln!(out, "# mN is byte N of the memory at {USED:#x}, which holds 37 * N ^ N / 8 before.");
    for (n, op) in ops().enumerate() {
        let mut seen = HashSet::new();
        for k in 0..cases(op) {
            let case = (0..100).find_map(|tries| {
                let seed = [(n as u64) << 40 ^ k << 32 ^ tries];
                let mut e = Entropy::new(&seed);
                e.next();
                invent(op, &mut e).ask(qemu).filter(|case| !seen.contains(&case.word))
            });
            if let Some(case) = case {
                seen.insert(case.word);
                out += &(case.line() + "\n");
            }
        }
    }
    out
}

fn recorded() -> impl Iterator<Item = Case> {
    RECORD.lines().filter(|l| !l.starts_with('#')).map(Case::parse)
}

#[test]
fn recorded_thead_instructions_do_what_qemu_did() {
    for case in recorded() {
        for step in [false, true] {
            let ours = case.execute(step);
            assert!(ours == case, "\nQEMU {}\nhere {}", case.line(), ours.line());
        }
    }
}

#[test]
fn the_record_has_every_thead_instruction() {
    let words: Vec<u32> = recorded().map(|c| c.word).collect();
    for op in ops() {
        let n = words.iter().filter(|w| op.info().matches(**w)).count();
        assert!(n as u64 >= cases(op), "{}: {n} cases", op.mnemonic());
    }
}

#[test]
fn qemu_still_does_what_is_recorded() {
    let Some(qemu) = c906() else { return };
    if std::env::var_os("MELLIVORA_RECORD").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/thead-c906.txt");
        std::fs::write(file, record(&qemu)).expect("the record can be written");
        return;
    }
    for case in recorded() {
        assert_eq!(case.ask(&qemu).as_ref(), Some(&case), "{}", case.line());
    }
}
