//! The encodings of both matrix extensions against their tables (`data/xtheadmatrix-0.*.csv`): every word of every row decodes,
//! disassembles and assembles; every other word of the opcode is no instruction.

use mellivora::isa::{Assembler, Decoder, DisasmOptions, Extension, Isa, Op, disassemble};
use proptest::prelude::*;

/// One line of a table.
struct Row {
    mnemonic: &'static str,
    value: u32,
    mask: u32,
    /// As in assembly, with names of fields.
    operands: &'static str,
    /// (name, highest bit, lowest bit)
    fields: Vec<(&'static str, u32, u32)>,
}

struct Table {
    version: u32,
    isa: Isa,
    extension: Extension,
    rows: Vec<Row>,
    registers: [&'static str; 8],
}

fn tables() -> [Table; 2] {
    let six = ["tr0", "tr1", "tr2", "tr3", "acc0", "acc1", "acc2", "acc3"];
    let three = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"];
    [
        table(6, "xtheadmatrix0p6", include_str!("data/xtheadmatrix-0.6.csv"), six),
        table(3, "xtheadmatrix0p3", include_str!("data/xtheadmatrix-0.3.csv"), three),
    ]
}

fn table(version: u32, name: &str, text: &'static str, registers: [&'static str; 8]) -> Table {
    let isa = Isa::parse(&format!("rv64gc_{name}")).expect(name);
    let extension = Extension::all().find(|e| e.versioned() == name).expect(name);
    let lines = text.lines().filter(|l| !l.starts_with('#') && !l.starts_with("mnemonic;"));
    let hex = |t: &str| u32::from_str_radix(t.trim_start_matches("0x"), 16).expect("a word");
    let field = |t: &'static str| {
        let (name, bits) = t.split_once('=').expect("a field");
        let (high, low) = bits.split_once(':').expect("bits");
        (name, high.parse().expect("a bit"), low.parse().expect("a bit"))
    };
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split(';').collect();
        let fields = columns[4].split_whitespace().map(field).collect();
        Row { mnemonic: columns[0], value: hex(columns[1]), mask: hex(columns[2]), operands: columns[3], fields }
    };
    Table { version, isa, extension, rows: lines.map(row).collect(), registers }
}

impl Row {
    /// The text of a word, from the table alone.
    fn text(&self, word: u32, registers: &[&str; 8]) -> String {
        const ABI: [&str; 32] = [
            "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
            "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
        ];
        let mut out = self.mnemonic.to_string();
        let mut rest = self.operands;
        let mut separator = "\t";
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            out += separator;
            separator = "";
            if name.is_empty() {
                out += &behind[..1];
                rest = &behind[1..];
                continue;
            }
            let (_, high, low) = *self.fields.iter().find(|f| f.0 == name).expect("a field");
            let n = (word >> low & ((2 << (high - low)) - 1)) as usize;
            out += &match name {
                "md" | "ms1" | "ms2" | "ms3" => registers[n].to_string(),
                "rd" | "rs1" | "rs2" => ABI[n].to_string(),
                "rs1p" => ABI[n + 8].to_string(),
                _ => n.to_string(),
            };
            rest = behind;
        }
        out
    }
}

#[test]
fn the_tables_have_every_instruction_and_no_other() {
    for (table, count) in tables().iter().zip([227, 145]) {
        assert_eq!(table.rows.len(), count);
        let ops: Vec<Op> = Op::all().filter(|op| op.extension() == table.extension).collect();
        assert_eq!(ops.len(), count);
        for op in ops {
            let info = op.info();
            let row = table.rows.iter().find(|r| r.mnemonic == info.mnemonic).expect(info.mnemonic);
            assert_eq!((info.value, info.mask, info.nonzero), (row.value, row.mask, 0), "{}", info.mnemonic);
        }
    }
}

proptest! {
    /// Rows with random operands: the same text from decoder and table, and the same word from that.
    #[test]
    fn every_row_makes_the_round_trip(random in any::<u32>()) {
        for table in tables() {
            let (decoder, assembler) = (Decoder::new(&table.isa), Assembler::new(&table.isa));
            for row in &table.rows {
                for free in [random, random.rotate_left(11), 0, u32::MAX] {
                    let word = row.value | free & !row.mask;
                    let Some(insn) = decoder.decode(word) else { panic!("{word:#010x} {}", row.mnemonic) };
                    // Row 7 of an element-wise `.mv.i` means the other form.
                    let other = row.mnemonic.replace(".mv.i", ".mm");
                    let seven = table.version == 6 && other != row.mnemonic && word >> 23 & 7 == 7;
                    let special = seven && table.rows.iter().any(|r| r.mnemonic == other);
                    prop_assert_eq!(insn.op.mnemonic(), if special { other.as_str() } else { row.mnemonic });
                    prop_assert_eq!((insn.bits, insn.len, insn.op), (word, 4, insn.base));
                    let text = disassemble(&insn, 0, DisasmOptions::default()).to_string();
                    if !special {
                        prop_assert_eq!(&text, &row.text(word, &table.registers));
                    }
                    prop_assert_eq!(assembler.assemble(&text, 0).map(|i| i.bits), Ok(word), "{}", text);
                }
            }
        }
    }
}

/// All that can be in the bits that tell instructions apart, with some of the others.
#[test]
fn the_complement_of_the_tables_is_no_instruction() {
    for table in tables() {
        let decoder = Decoder::new(&table.isa);
        // The special case first.
        let mut rows: Vec<&Row> = table.rows.iter().collect();
        rows.sort_by_key(|r| std::cmp::Reverse(r.mask.count_ones()));
        let (mut instructions, mut others) = (0, 0);
        for high in 0..0x1000u32 {
            // Fields that are outside of every mask are all the same to the rows.
            let fits: Vec<&&Row> = rows.iter().filter(|r| (high << 20 ^ r.value) & r.mask & 0xfff0_0000 == 0).collect();
            for low in 0..0x100u32 {
                for middle in [0, 1 + (high ^ low) % 31] {
                    let word = high << 20 | middle << 15 | low << 7 | 0x2b;
                    let expected = fits.iter().find(|r| word & r.mask == r.value).map(|r| r.mnemonic);
                    let found = decoder.decode(word).map(|i| i.op.mnemonic());
                    assert_eq!(found, expected, "{word:#010x}");
                    *if found.is_some() { &mut instructions } else { &mut others } += 1;
                }
            }
        }
        assert!(instructions > 10_000 && others > 1_000_000, "{instructions} {others}");
    }
}

/// No other extension has words of this opcode, and without either there is none.
#[test]
fn the_opcode_belongs_to_matrices() {
    let without = Decoder::new(&Isa::parse("rv64gcv_xtheadc").expect("an ISA string"));
    for table in tables() {
        for row in &table.rows {
            assert_eq!(without.decode(row.value), None, "{}", row.mnemonic);
        }
    }
    for (op, matrix) in Op::all().map(|op| (op, op.extension().name() == "xtheadmatrix")) {
        let info = op.info();
        let custom_1 = info.mask & 0x7f == 0x7f && info.value & 0x7f == 0x2b;
        assert_eq!(custom_1, matrix, "{}", op.mnemonic());
    }
}
