//! Disassembly against texts recorded from GNU binutils (`tests/data/objdump.sh`).

use mellivora::isa::{Decoder, DisasmOptions, Extension, Flags, Isa, Op, decode_any, disassemble, disassemble_unknown};
use std::collections::HashMap;

/// (word, text without aliases, text with aliases)
type Row = (u32, String, String);

const STANDARD: &str = include_str!("data/objdump.txt");
const XTHEADVECTOR: &str = include_str!("data/objdump-xtheadvector.txt");
/// What only RV32 has.
const RV32: &str = include_str!("data/objdump-rv32.txt");
/// Words and texts from clang.
const XTHEADVDOT: &str = include_str!("data/clang-xtheadvdot.txt");

/// What the file of XTheadVector is about.
fn thead() -> Isa {
    Isa::parse("rv64gc_xtheadvector_xtheadzvamo").expect("an ISA string")
}

/// Where the first recorded word stands.
const BASE: u64 = 0x1_0000;

/// Texts are recorded with a space where objdump writes a tab.
fn tab(text: &str) -> String {
    text.replacen(' ', "\t", 1)
}

/// A file of 32-bit words.
fn rows_32(text: &str) -> Vec<Row> {
    let lines = text.lines().filter(|l| !l.starts_with('#'));
    lines
        .map(|line| {
            let mut columns = line.split('|');
            let mut next = || columns.next().expect("three columns");
            let word = u32::from_str_radix(next(), 16).expect("a word");
            (word, tab(next()), tab(next()))
        })
        .collect()
}

/// All 16-bit words in the order of the file: w % 4 = 0, 1, 2. Each text begins with how much it shares with the one
/// before.
fn rows_16() -> Vec<Row> {
    let words = (0..3).flat_map(|q| (q..0x1_0000).step_by(4));
    let mut last = [String::new(), String::new()];
    let lines = include_str!("data/objdump-16.txt").lines().filter(|l| !l.starts_with('#'));
    let rows: Vec<Row> = words
        .zip(lines)
        .map(|(word, line)| {
            for (text, column) in last.iter_mut().zip(line.split('|')) {
                text.truncate(usize::from(column.as_bytes()[0] - b'A'));
                text.push_str(&column[1..]);
            }
            (word, tab(&last[0]), tab(&last[1]))
        })
        .collect();
    assert_eq!(rows.len(), 3 * 0x4000);
    rows
}

/// Compares, and returns the words that differ.
fn differing(isa: &Isa, rows: &[Row], size: u64) -> Vec<(u32, String, String)> {
    let decoder = Decoder::new(isa);
    let mut out = Vec::new();
    for (n, (word, plain, aliased)) in rows.iter().enumerate() {
        let pc = BASE + size * n as u64;
        for (aliases, theirs) in [(false, plain), (true, aliased)] {
            let options = DisasmOptions { aliases, abi_names: true };
            let ours = match decoder.decode(*word) {
                Some(insn) => disassemble(&insn, pc, options),
                None => disassemble_unknown(*word, options),
            };
            if ours.to_string() != *theirs {
                out.push((*word, ours.to_string(), theirs.clone()));
            }
        }
    }
    out
}

#[test]
fn every_32_bit_instruction_reads_as_in_objdump() {
    let mut differing = differing(&Isa::all(), &rows_32(STANDARD), 4);
    // What is refused on execution here, and by the disassembler there.
    differing.retain(|(word, _, theirs)| !(theirs.starts_with(".insn") && refused_on_execution(*word)));
    assert!(differing.is_empty(), "word, ours, objdump's: {differing:#?}");
}

/// Odd registers of pairs, equal ones where they must differ, what only RV32 has.
fn refused_on_execution(word: u32) -> bool {
    let Some((insn, extension)) = decode_any(word).into_iter().next() else { return false };
    let o = insn.operands();
    match insn.op {
        Op::AmocasQ => (o.rd | o.rs2) & 1 != 0,
        Op::ThLdd | Op::ThLwd | Op::ThLwud => o.rd == o.rs1 || o.rd == o.rs2 || o.rs1 == o.rs2,
        op if op.info().flags.contains(Flags::DISTINCT) => o.rd == o.rs1,
        _ => extension == Extension::Xtheadfmv,
    }
}

#[test]
fn instructions_for_rv32_read_as_in_objdump() {
    let differing = differing(&Isa::all(), &rows_32(RV32), 4);
    assert!(differing.is_empty(), "word, ours, objdump's: {differing:#?}");
}

#[test]
fn every_instruction_of_xtheadvector_reads_as_in_objdump() {
    let differing = differing(&thead(), &rows_32(XTHEADVECTOR), 4);
    assert!(differing.is_empty(), "word, ours, objdump's: {differing:#?}");
}

#[test]
fn every_instruction_of_xtheadvdot_reads_as_clang_writes_it() {
    for isa in ["rv64gcv_xtheadvdot", "rv64gc_xtheadvector_xtheadvdot"] {
        let decoder = Decoder::new(&Isa::parse(isa).expect("an ISA string"));
        for line in XTHEADVDOT.lines().filter(|l| !l.starts_with('#')) {
            let (word, text) = line.split_once('|').expect("two columns");
            let insn = decoder.decode(u32::from_str_radix(word, 16).expect("a word")).expect(line);
            assert_eq!(disassemble(&insn, 0, DisasmOptions::default()).to_string(), tab(text));
        }
    }
}

#[test]
fn a_reserved_vtype_of_xtheadvector_is_a_number() {
    let text = |vtype: u32| {
        let insn = Decoder::new(&thead()).decode(0x0005_7057 | vtype << 20).expect("th.vsetvli");
        disassemble(&insn, 0, DisasmOptions::default()).operands
    };
    assert_eq!(
        (text(0xf).as_str(), text(0x10).as_str(), text(0x7ff).as_str()),
        ("zero,a0,e64,m8,d1", "zero,a0,16", "zero,a0,2047")
    );
}

#[test]
fn every_16_bit_word_reads_as_in_objdump() {
    let differing = differing(&Isa::all(), &rows_16(), 2);
    // c.addi16sp with 0 is reserved (ISA manual, table of RVC instructions, quadrant 1); objdump shows it all the same.
    let words: Vec<u32> = differing.iter().map(|d| d.0).collect();
    assert_eq!(words, [0x6101, 0x6101], "word, ours, objdump's: {differing:#?}");
}

#[test]
fn the_record_has_every_instruction_and_every_alias() {
    let mut seen: HashMap<Op, u32> = HashMap::new();
    let mut mnemonics: HashMap<String, u32> = HashMap::new();
    let standard = rows_32(STANDARD).into_iter().chain(rows_16());
    let vdot = XTHEADVDOT.lines().filter_map(|l| l.split_once('|'));
    let vdot = vdot.filter_map(|(word, text)| Some((u32::from_str_radix(word, 16).ok()?, tab(text), tab(text))));
    for (isa, rows) in [(Isa::all(), standard.chain(vdot).collect::<Vec<Row>>()), (thead(), rows_32(XTHEADVECTOR))] {
        let decoder = Decoder::new(&isa);
        for (word, plain, aliased) in rows {
            if let Some(insn) = decoder.decode(word) {
                *seen.entry(insn.op).or_default() += 1;
            }
            for text in [plain, aliased] {
                *mnemonics.entry(text.split('\t').next().unwrap_or("").to_string()).or_default() += 1;
            }
        }
    }
    // Binutils knows no matrices: tests/matrix_encoding.rs compares their texts with tables.
    for op in Op::all().filter(|op| op.extension().name() != "xtheadmatrix") {
        let info = op.info();
        let wanted = if info.operands.is_empty() { 1 } else { 6 };
        let n = seen.get(&op).copied().unwrap_or(0);
        assert!(n >= wanted, "{}: only {n} rows", info.mnemonic);
        for alias in info.aliases.iter().filter(|a| !a.mnemonic.ends_with(".N")) {
            assert!(mnemonics.contains_key(alias.mnemonic), "{}: no row", alias.mnemonic);
        }
    }
}

#[test]
fn registers_can_be_written_as_numbers() {
    let insn = Decoder::new(&Isa::all()).decode(0xfea4_2e23).expect("sw a0,-4(s0)");
    let options = DisasmOptions { aliases: true, abi_names: false };
    assert_eq!(disassemble(&insn, 0, options).to_string(), "sw\tx10,-4(x8)");
}

#[test]
fn targets_wrap_around() {
    let insn = Decoder::new(&Isa::all()).decode(0xfe00_0ee3).expect("beq zero,zero,.-4");
    let text = disassemble(&insn, 0, DisasmOptions::default());
    assert_eq!((text.operands.as_str(), text.target), ("zero,", Some(u64::MAX - 3)));
    assert_eq!(text.to_string(), "beqz\tzero,0xfffffffffffffffc");
}
