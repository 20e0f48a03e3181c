//! The C headers and the macros for GNU as: the committed files are what the tables make, and the words that compilers and
//! assemblers make of them (`data/th_matrix.sh`) are the assembler's.

use mellivora::isa::{Assembler, Extension, Isa, Op, asm_macros, c_header};
use std::collections::HashMap;

struct Version {
    extension: Extension,
    header: &'static str,
    macros: &'static str,
    /// Word, assembly, C.
    rows: &'static str,
}

fn versions() -> [Version; 2] {
    let extension = |name: &str| Extension::all().find(|e| e.versioned() == name).expect(name);
    [
        Version {
            extension: extension("xtheadmatrix0p6"),
            header: include_str!("../testprogs/include/th_matrix_0p6.h"),
            macros: include_str!("../testprogs/include/th_matrix_0p6.inc"),
            rows: include_str!("data/th_matrix_0p6.txt"),
        },
        Version {
            extension: extension("xtheadmatrix0p3"),
            header: include_str!("../testprogs/include/th_matrix_0p3.h"),
            macros: include_str!("../testprogs/include/th_matrix_0p3.inc"),
            rows: include_str!("data/th_matrix_0p3.txt"),
        },
    ]
}

#[test]
fn the_files_are_what_the_tables_make() {
    for v in versions() {
        let name = v.extension.versioned();
        assert!(
            c_header(v.extension).as_deref() == Some(v.header),
            "mellivora isa --c-header {name} prints another header"
        );
        assert!(
            asm_macros(v.extension).as_deref() == Some(v.macros),
            "mellivora isa --asm-macros {name} prints others"
        );
    }
}

/// `mmacc.w.b acc0,tr1,tr0` as `th_mmacc_w_b(ACC0, TR1, TR0)`.
fn call(text: &str, op: Op) -> String {
    let (mnemonic, operands) = text.split_once(' ').unwrap_or((text, ""));
    let mut args: Vec<String> = operands
        .split([',', '(', ')', '[', ']'])
        .filter(|a| !a.is_empty())
        .map(|a| if matches!(a, "a0" | "a1") { a.to_string() } else { a.to_uppercase() })
        .collect();
    // The register that it writes is the result of the call.
    if op.syntax().starts_with("rd") {
        args.remove(0);
    }
    format!("th_{}({})", mnemonic.replace('.', "_"), args.join(", "))
}

#[test]
fn compilers_and_assemblers_make_the_words_of_the_table() {
    for v in versions() {
        let isa = Isa::parse(&format!("rv64gc_{}", v.extension.versioned())).expect("an ISA string");
        let assembler = Assembler::new(&isa);
        let mut seen: HashMap<Op, (u32, u32)> = HashMap::new();
        for row in v.rows.lines().filter(|l| !l.starts_with('#')) {
            let columns: Vec<&str> = row.split('|').collect();
            let [word, text, c] = columns[..] else { panic!("{row}: not three columns") };
            let insn = assembler.assemble(text, 0).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(insn.bits, u32::from_str_radix(word, 16).expect("a word"), "{text}");
            let entry = seen.entry(insn.op).or_default();
            entry.0 += 1;
            if !c.is_empty() {
                entry.1 += 1;
                assert_eq!(c, call(text, insn.op));
            }
        }
        for op in Op::all().filter(|op| op.extension() == v.extension) {
            let (texts, calls) = seen.get(&op).copied().unwrap_or_default();
            assert!(texts >= 1 && calls >= 1, "{}: {texts} texts, {calls} calls", op.mnemonic());
        }
    }
}

/// Who includes the header never writes a word of an instruction, and no name is used twice.
#[test]
fn each_intrinsic_has_a_name_and_a_comment_of_its_own() {
    for v in versions() {
        let lines: Vec<&str> = v.header.lines().collect();
        for op in Op::all().filter(|op| op.extension() == v.extension) {
            let name = format!(" th_{}(", op.mnemonic().replace('.', "_"));
            let at: Vec<usize> = lines
                .iter()
                .enumerate()
                .filter(|(_, l)| (l.starts_with("#define th_") || l.starts_with("TH_INLINE_")) && l.contains(&name))
                .map(|l| l.0)
                .collect();
            let [at] = at[..] else { panic!("{name}: {} definitions", at.len()) };
            let comment = (0..at).rev().find(|n| lines[*n].starts_with("/** `")).expect("a comment");
            assert!(lines[comment].starts_with(&format!("/** `{}", op.mnemonic())), "{}", lines[comment]);
            let (_, words) = lines[comment].split_once("`: ").expect("what it does");
            assert!(words.len() > 5, "{}", lines[comment]);
        }
    }
}
