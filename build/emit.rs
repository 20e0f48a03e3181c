//! Writes the model as Rust text for `src/isa/`: enums, tables, the decoder tree and the field extraction.

use super::cpus;
use super::model::*;
use super::tree::{Pattern, Tree};
use std::collections::HashMap;
use std::fmt::Write;

/// Flags a line may carry, besides the sizes of loads and stores.
pub const FLAGS: &[&str] = &[
    "jump",
    "branch",
    "end",
    "load",
    "store",
    "atomic",
    "fflags",
    "csr",
    "hint",
    "pairs",
    "distinct",
    "vset",
    "vfp",
    "vstart0",
    "nooverlap",
    "v0src",
    "zext",
    "matrix",
];

/// Those of them that say which operands are legal: an instruction that expands has its own, not its base's.
const RULES: &[&str] = &["vstart0", "nooverlap", "v0src"];

/// `c.addi16sp` -> `CAddi16sp`.
pub fn camel(name: &str) -> String {
    let words = name.split(['.', '_', '-']);
    words
        .map(|w| w.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(w.chars().skip(1)).collect::<String>())
        .collect()
}

fn ext_ident(isa: &Isa, i: usize) -> String {
    let e = &isa.exts[i];
    let versions = isa.exts.iter().filter(|o| o.name == e.name).count();
    match versions {
        1 => camel(&e.name),
        _ => format!("{}{}p{}", camel(&e.name), e.version.0, e.version.1),
    }
}

/// The names of the instructions' variants; where two versions of an extension both have a mnemonic, with the version.
fn op_idents(isa: &Isa) -> Vec<String> {
    let mut count: HashMap<&str, u32> = HashMap::new();
    isa.insns.iter().for_each(|i| *count.entry(&i.mnemonic).or_default() += 1);
    let ident = |i: &Insn| match count[i.mnemonic.as_str()] {
        1 => camel(&i.mnemonic),
        _ => camel(&i.mnemonic) + &ext_ident(isa, i.needs[0][0]),
    };
    isa.insns.iter().map(ident).collect()
}

/// Extensions by name, so that the output does not depend on the order of the files.
fn ext_list(isa: &Isa, list: impl IntoIterator<Item = usize>) -> String {
    let names: Vec<String> = list.into_iter().map(|e| format!("E::{}", ext_ident(isa, e))).collect();
    format!("&[{}]", names.join(", "))
}

/// The generated file.
pub fn emit(isa: &Isa) -> String {
    let mut out = String::from("// Generated from isa/ by build.rs.\n");
    extensions(isa, &mut out);
    ops(isa, &mut out);
    infos(isa, &mut out);
    extraction(isa, &mut out);
    tree(isa, &mut out);
    let _ = writeln!(out, "\npub(super) static CSRS: [(u16, &str); {}] = [", isa.csrs.len());
    for (number, name) in &isa.csrs {
        let _ = writeln!(out, "    ({number:#x}, {name:?}),");
    }
    out.push_str("];\n");
    cpus::emit(isa, &mut out);
    out
}

fn extensions(isa: &Isa, out: &mut String) {
    out.push_str(
        "/// An extension of the instruction set, in one version.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[repr(u8)]\npub enum Extension {\n",
    );
    for (i, e) in isa.exts.iter().enumerate() {
        let (major, minor) = e.version;
        let _ = writeln!(out, "    /// {} {major}.{minor}: {}.\n    {},", camel(&e.name), e.summary, ext_ident(isa, i));
    }
    out.push_str("}\n\npub(super) static EXTENSIONS: &[ExtensionInfo] = {\n    use Extension as E;\n    &[\n");
    for (i, e) in isa.exts.iter().enumerate() {
        let always = e.implies.iter().filter(|x| x.1.is_none()).map(|x| x.0);
        let when: Vec<String> = e
            .implies
            .iter()
            .filter_map(|x| Some((x.0, x.1?)))
            .map(|(to, cond)| format!("(E::{}, E::{})", ext_ident(isa, cond), ext_ident(isa, to)))
            .collect();
        let _ = writeln!(
            out,
            "        ExtensionInfo {{ id: E::{}, name: {:?}, version: {:?}, summary: {:?}, implies: {}, implies_when: &[{}], conflicts: {}, min_vlen: {} }},",
            ext_ident(isa, i),
            e.name,
            e.version,
            e.summary,
            ext_list(isa, always),
            when.join(", "),
            ext_list(isa, e.conflicts.iter().copied()),
            e.min_vlen,
        );
    }
    out.push_str("    ]\n};\n\n");
}

fn ops(isa: &Isa, out: &mut String) {
    let idents = op_idents(isa);
    out.push_str(
        "/// An instruction.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[repr(u16)]\npub enum Op {\n",
    );
    for (i, ident) in isa.insns.iter().zip(&idents) {
        let _ = writeln!(out, "    /// `{}`\n    {ident},", i.mnemonic);
    }
    let _ = writeln!(out, "}}\n\npub(super) static ALL_OPS: [Op; {}] = [", isa.insns.len());
    for ident in &idents {
        let _ = writeln!(out, "    Op::{ident},");
    }
    out.push_str(
        "];\n\n/// Calls the macro `$callback` with the names of all instructions that have semantics of their own (those that\n\
         /// expand to another one are left out), comma-separated: `for_each_op!(callback)`.\n\
         #[allow(unused_macros)] \
         macro_rules! for_each_op {\n    ($callback:ident) => {\n        $callback! {\n",
    );
    for (_, ident) in isa.insns.iter().zip(&idents).filter(|x| x.0.expansion.is_none()) {
        let _ = writeln!(out, "            {ident},");
    }
    out.push_str("        }\n    };\n}\n#[allow(unused_imports)]\npub(crate) use for_each_op;\n\n");
}

fn template(tokens: &[Token]) -> String {
    let list: Vec<String> = tokens
        .iter()
        .map(|t| match t {
            Token::Text(s) => format!("Token::Text({s:?})"),
            Token::Operand(i) => format!("Token::Operand({i})"),
            Token::Register(n) => format!("Token::Register({n})"),
        })
        .collect();
    format!("&[{}]", list.join(", "))
}

fn operand(isa: &Isa, i: &Insn, o: &Operand) -> String {
    let d = &isa.operands[o.decl];
    let shared = i.operands.iter().filter(|p| isa.operands[p.decl].slot == d.slot).count() > 1;
    let pieces: Vec<String> =
        o.pieces.iter().map(|p| format!("Piece::new({}, {}, {})", p.word_lo, p.len, p.value_lo)).collect();
    let access = match (o.read, d.write) {
        (true, true) => "ReadWrite",
        (_, true) => "Write",
        _ => "Read",
    };
    format!(
        "Operand {{ name: {:?}, slot: Slot::{:?}, kind: Kind::{}, access: Access::{access}, eew: Eew::{}, disjoint: {}, shift: {}, shared: {shared}, width: {}, align: {}, bias: {}, nonzero: {}, pieces: &[{}] }}",
        d.name.split('.').next().unwrap_or(""),
        d.slot,
        KINDS[d.kind].1,
        EEWS[d.eew].1,
        o.disjoint,
        d.shift,
        o.width(),
        o.align(),
        o.bias,
        o.nonzero,
        pieces.join(", ")
    )
}

fn infos(isa: &Isa, out: &mut String) {
    // Instructions of the same format share one operand list.
    let mut lists: Vec<String> = Vec::new();
    let mut index = HashMap::new();
    let mut body = String::new();
    let idents = op_idents(isa);
    for (n, i) in isa.insns.iter().enumerate() {
        let text: Vec<String> = i.operands.iter().map(|o| operand(isa, i, o)).collect();
        let text = text.join(",\n    ");
        let list = *index.entry(text.clone()).or_insert_with(|| {
            lists.push(text);
            lists.len() - 1
        });
        let needs: Vec<String> = i.needs.iter().map(|n| ext_list(isa, n.iter().copied())).collect();
        let base = i.expansion.as_ref().map_or(n, |e| e.base);
        // What a base does, its short forms do, too.
        let b = &isa.insns[base];
        let (load, store) = (i.load.max(b.load), i.store.max(b.store));
        let flagged = |x: &Insn, flag: &str| x.flags.iter().any(|f| f == flag);
        let any = |f: &&str| flagged(i, f) || flagged(b, f) && !RULES.contains(f);
        let mut flags: Vec<&str> = FLAGS.iter().copied().filter(any).collect();
        let kinds: Vec<&str> = b.operands.iter().map(|o| KINDS[isa.operands[o.decl].kind].0).collect();
        let rounds = kinds.contains(&"rm") || kinds.contains(&"rme");
        let has = |flag| flags.contains(&flag);
        let extra = [
            (load > 0, "load"),
            (store > 0, "store"),
            (rounds, "rounds"),
            (rounds || kinds.contains(&"f") || has("vfp"), "fp"),
            (kinds.contains(&"v") || has("vset"), "vector"),
            ((kinds.contains(&"m") || kinds.contains(&"tile")) && !has("matrix"), "matrix"),
            (kinds.contains(&"vm"), "maskable"),
            (i.expansion.is_some(), "expands"),
        ];
        flags.extend(extra.iter().filter(|x| x.0).map(|x| x.1));
        let flags: Vec<String> = flags.iter().map(|f| format!(".union(Flags::{})", f.to_uppercase())).collect();
        let aliases: Vec<String> = isa.aliases.iter().filter(|a| a.base == n).map(alias).collect();
        let _ = writeln!(
            body,
            "        OpInfo {{ op: Op::{}, mnemonic: {:?}, needs: &[{}], mask: {:#x}, value: {:#x}, nonzero: {:#x}, len: {}, base: Op::{}, \
             operands: F{list}, template: {}, flags: Flags::empty(){}, load: {}, store: {}, eew: {}, nf: {}, egs: {}, aliases: &[{}] }},",
            idents[n],
            i.mnemonic,
            needs.join(", "),
            i.mask,
            i.value,
            i.nonzero,
            i.len / 8,
            idents[base],
            template(&i.template),
            flags.join(""),
            load,
            store,
            i.eew,
            i.nf,
            i.egs,
            aliases.join(", "),
        );
    }
    for (n, list) in lists.iter().enumerate() {
        let _ = writeln!(out, "const F{n}: &[Operand] = &[{list}];");
    }
    let _ = writeln!(
        out,
        "\npub(super) static OPS: [OpInfo; {}] = {{\n    use Extension as E;\n    [\n{body}    ]\n}};\n",
        isa.insns.len()
    );
}

fn alias(a: &Alias) -> String {
    let conditions: Vec<String> = a
        .conditions
        .iter()
        .map(|(o, source)| match source {
            Source::Const(v) => format!("Condition::Equals({o}, {v})"),
            Source::Operand(p) => format!("Condition::Same({o}, {p})"),
        })
        .collect();
    format!(
        "Alias {{ mnemonic: {:?}, template: {}, conditions: &[{}], always: {} }}",
        a.mnemonic,
        template(&a.template),
        conditions.join(", "),
        a.always,
    )
}

/// The value of an operand, as an expression over the word `w`.
fn value(isa: &Isa, o: &Operand) -> String {
    let parts: Vec<String> = o
        .pieces
        .iter()
        .map(|p| match p.value_lo {
            0 => format!("bits(w, {}, {})", p.word_lo, p.len),
            lo => format!("bits(w, {}, {}) << {lo}", p.word_lo, p.len),
        })
        .collect();
    let all = parts.join(" | ");

    match (KINDS[isa.operands[o.decl].kind].2, o.bias) {
        (true, _) => format!("sign({all}, {})", o.width()),
        (false, 0) => format!("({all}) as i64"),
        (false, bias) => format!("({all}) as i64 + {bias}"),
    }
}

/// One `match` over the distinct ways to fill the slots, with each instruction's expansion folded in.
fn extraction(isa: &Isa, out: &mut String) {
    let mut forms: Vec<String> = Vec::new();
    let mut index = HashMap::new();
    let idents = op_idents(isa);
    let mut patterns = Vec::new();
    for (n, i) in isa.insns.iter().enumerate() {
        let mut slots: [Vec<String>; 6] = Default::default();
        let mut put = |decl: usize, text: String| {
            let d = &isa.operands[decl];
            let at = SLOTS.iter().position(|s| s.0 == d.slot).unwrap_or(0);
            slots[at].push(if d.shift == 0 { text } else { format!("({text}) << {}", d.shift) });
        };
        match &i.expansion {
            None => i.operands.iter().for_each(|o| put(o.decl, value(isa, o))),
            Some(e) => {
                for (o, source) in &e.sources {
                    let decl = isa.insns[e.base].operands[*o].decl;
                    match source {
                        Source::Const(0) => {}
                        Source::Const(c) => put(decl, c.to_string()),
                        Source::Operand(o) => put(decl, value(isa, &i.operands[*o])),
                    }
                }
            }
        }
        let fields: Vec<String> = SLOTS
            .iter()
            .zip(&slots)
            .filter(|(_, text)| !text.is_empty())
            .map(|(s, text)| match s.0 {
                Slot::Imm => format!("s.{} = {};", s.1, text.join(" | ")),
                _ => format!("s.{} = ({}) as u8;", s.1, text.join(" | ")),
            })
            .collect();
        let text = fields.join(" ");
        let form = *index.entry(text.clone()).or_insert_with(|| {
            forms.push(text);
            forms.len() - 1
        });
        let base = i.expansion.as_ref().map_or(n, |e| e.base);
        patterns.push(format!(
            "    Pattern {{ mask: {:#x}, value: {:#x}, nonzero: {:#x}, op: Op::{}, base: Op::{}, form: {form}, len: {} }},\n",
            i.mask,
            i.value,
            i.nonzero,
            idents[n],
            idents[base],
            i.len / 8
        ));
    }
    let (count, patterns) = (patterns.len(), patterns.concat());
    let _ = writeln!(out, "pub(super) static PATTERNS: [Pattern; {count}] = [\n{patterns}];\n");
    out.push_str(
        "#[inline]\n#[allow(clippy::all)]\npub(super) fn extract(form: u16, w: u32, s: &mut Insn) {\n    match form {\n",
    );
    for (n, form) in forms.iter().enumerate() {
        let _ = writeln!(out, "        {n} => {{ {form} }}");
    }
    out.push_str("        _ => {}\n    }\n}\n\n");
}

fn tree(isa: &Isa, out: &mut String) {
    let mut tree = Tree::default();
    let mut root = |len: u8| {
        let of_len = isa.insns.iter().enumerate().filter(|(_, i)| i.len == len);
        let patterns: Vec<Pattern> =
            of_len.map(|(n, i)| Pattern { mask: i.mask, value: i.value, id: n as u16 }).collect();
        tree.add(&patterns)
    };
    let (short, long) = (root(16), root(32));
    let _ = writeln!(out, "pub(super) const ROOT_16: u16 = {short};\npub(super) const ROOT_32: u16 = {long};\n");
    let nodes: Vec<String> = tree
        .nodes
        .iter()
        .map(|(lo, width, first)| format!("Node {{ lo: {lo}, width: {width}, first: {first} }}"))
        .collect();
    let _ = writeln!(out, "pub(super) static NODES: [Node; {}] = [{}];\n", nodes.len(), nodes.join(", "));
    let _ = writeln!(out, "pub(super) static CHILDREN: [u16; {}] = {:?};\n", tree.children.len(), tree.children);
    let _ = writeln!(out, "pub(super) static CANDIDATES: [u16; {}] = {:?};", tree.candidates.len(), tree.candidates);
}
