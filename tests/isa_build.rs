//! The build's reader and checks of `isa/`: what a person who adds an instruction may get wrong, and what they are told.

#[path = "../build/mod.rs"]
mod build;

use build::{generate, model::Isa, parse::parse};

/// Operands, fields and a base extension that the examples build on.
const FIELDS: &str = "operand rd rd x w\noperand rs1 rs1 x\noperand rs2 rs2 x\noperand imm imm simm\n\
    operand target imm pcrel\nfield rd 11..7 rd\nfield rs1 19..15 rs1\nfield rs2 24..20 rs2\nfield imm12 31..20 imm\n\
    field bimm12hi 31..25 target 12/10..5\nfield bimm12lo 11..7 target 4..1/11\nfield rd_p 4..2 rd +8\n\
    field nz5 12..8 imm nz\n";
const BASE: &str = "extension i 2p1 base\nadd rd rs1 rs2 31..25=0 14..12=0 6..0=0x33\n\
    addi rd rs1 imm12 14..12=0 6..0=0x13\n";

fn files(more: &[(&str, &str)]) -> Vec<(String, String)> {
    let all = [("fields.isa", FIELDS), ("i.isa", BASE)];
    all.iter().chain(more).map(|(n, t)| (n.to_string(), t.to_string())).collect()
}

/// The messages for one more file.
fn errors(text: &str) -> Vec<String> {
    match generate(&files(&[("x.isa", text)])) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|e| e.to_string()).collect(),
    }
}

fn model(more: &[(&str, &str)]) -> Isa {
    parse(&files(more)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn an_overlap_names_both_instructions() {
    let found = errors("extension x 1p0 x\n\nfoo rd rs1 rs2 31..26=0 25=0 14..12=0 6..0=0x33\n");
    assert_eq!(
        found,
        ["x.isa:3: `foo` and `add` (i.isa:2) share encodings, such as 0x00000033, and neither is a special case of \
          the other"]
    );
    // Partly overlapping, too: foo leaves bit 25 open and fixes rd.
    let found = errors("extension x 1p0 x\nfoo imm12 19..15=3 14..12=0 11..7=0 6..0=0x33\n");
    assert!(found[0].starts_with("x.isa:2: `foo` and `add` (i.isa:2) share encodings"), "{found:?}");
}

#[test]
fn a_special_case_may_share_encodings() {
    assert_eq!(errors("extension x 1p0 x\nhint rs2 31..25=0 19..12=0 11..7=0 6..0=0x33\n"), [""; 0]);
}

#[test]
fn extensions_that_exclude_each_other_may_share_encodings() {
    let text = "extension x 1p0 x\nconflicts i\nfoo rd rs1 rs2 31..25=0 14..12=0 6..0=0x33\n";
    assert_eq!(errors(text), [""; 0]);
    // Two versions of one extension: told apart by name-version, and the instruction's variants by version, too.
    let (a, b) = ("extension y 0p3 y\nconflicts y-0p6\n", "extension y 0p6 y\n");
    let foo = "foo rd 31..12=0 6..0=0x0b\n";
    let text = generate(&files(&[("a.isa", &format!("{a}{foo}")), ("b.isa", &format!("{b}{foo}"))])).unwrap();
    assert!(text.contains("    FooY0p3,") && text.contains("    FooY0p6,") && text.contains("    Y0p6,"), "{text}");
}

#[test]
fn mistakes_are_named_with_file_and_line() {
    let cases = [
        ("foo rd 31..12=0 6..0=0x0b\n", "x.isa:1: the file must begin with `extension NAME VERSION SUMMARY`"),
        ("extension x one x\n", "x.isa:1: `one` is not a version such as 1p0"),
        ("extension x 1p0 x\nextension y 1p0 y\n", "x.isa:2: one file holds one extension"),
        ("extension x 1p0 x\nimplies zvlb\n", "x.isa:2: `` is not a number"),
        ("extension x 1p0 x\nimplies q\n", "x.isa:2: unknown extension `q`"),
        ("extension x 1p0 x\nfoo rx 31..12=0 6..0=0x0b\n", "x.isa:2: unknown field `rx`"),
        (
            "extension x 1p0 x\nfoo rd 31..13=0 6..0=0x0b\n",
            "x.isa:2: `foo`: bits 0x1000 of the 32-bit word are not given",
        ),
        (
            "extension x 1p0 x\nfoo rd 31..11=0 6..0=0x0b\n",
            "x.isa:2: `foo`: `31..11=0` names bits that are given already",
        ),
        (
            "extension x 1p0 x\nfoo rd 31..12=0 6..0=0x8b\n",
            "x.isa:2: `6..0=0x8b`: the value has more bits than the field",
        ),
        ("extension x 1p0 x\nfoo rd 31..12=0 0..6=0x0b\n", "x.isa:2: `0..6` is not a bit range such as 31..20"),
        ("extension x 1p0 x\nfoo rd 31..12=0 6..0=11h\n", "x.isa:2: `11h` is not a number"),
        ("extension x 1p0 x\nfoo rd 31..12=0 6..0=0x0b | +speed\n", "x.isa:2: unknown flag `speed`"),
        ("extension x 1p0 x\nfoo rd 31..12=0 6..0=0x0b | = bar rd\n", "x.isa:2: unknown instruction `bar`"),
        ("extension x 1p0 x\nfoo rd 31..12=0 6..0=0x0b | = addi rd,x0\n", "x.isa:2: `addi rd,x0` has too few operands"),
        (
            "extension x 1p0 x\nfoo rd 31..12=0 6..0=0x0b | = addi rd,x0,0,1\n",
            "x.isa:2: `addi rd,x0,0,1` has too many operands",
        ),
        (
            "extension x 1p0 x\nfoo rd 31..12=0 6..0=0x0b | = addi rd,0(x0)\n",
            "x.isa:2: `addi rd,0(x0)` is not written as `addi` is",
        ),
        ("extension x 1p0 x\nalias foo rd\n", "x.isa:2: expected `alias NAME OPERANDS = BASE OPERANDS`"),
        ("extension x 1p0 x\n$import i::sub\n", "x.isa:2: no instruction `i::sub`"),
        ("extension x 1p0 x\nadd rd 31..12=0 6..0=0x0b\n", "x.isa:2: `add` is defined already at i.isa:2"),
        (
            "extension x 1p0 x\nfoo rd 31..12=0 6..0=0x0b | = addi rd,x0,0\nbar rd 31..12=1 6..0=0x0b | = foo rd\n",
            "x.isa:3: `bar` expands to `foo`, which expands itself",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(errors(text), [expected]);
    }
}

#[test]
fn declarations_are_checked() {
    let cases = [
        ("operand a ra x", "fields.isa:1: unknown slot `ra`"),
        ("operand a rd z", "fields.isa:1: unknown operand kind `z`"),
        ("operand a rd v w", "fields.isa:1: vector registers, and only they, need a class `eew=...`"),
        ("operand a rd x eew=sew", "fields.isa:1: vector registers, and only they, need a class `eew=...`"),
        ("operand a rd v eew=big", "fields.isa:1: unknown class of vector operands `big`"),
        ("operand a rd x q", "fields.isa:1: unknown operand property `q`"),
        ("field a 3..0 b", "fields.isa:1: unknown operand `b`"),
        ("operand b imm simm\nfield a 3..0 b 3/1..0", "fields.isa:2: `3/1..0` has fewer bits than the field"),
        ("operand b imm simm\nfield a 3..0 b 8..3", "fields.isa:2: `8..3` has more bits than the field"),
    ];
    for (text, expected) in cases {
        let found = parse(&[("fields.isa".to_string(), text.to_string())]).unwrap_err();
        assert_eq!(found.to_string(), expected);
    }
    let twice = parse(&[("csrs.isa".to_string(), "csr 1 a0..2\ncsr 3 b\n".to_string())]).unwrap_err();
    assert_eq!(twice.to_string(), "csrs.isa:2: number 0x3 is `a2` already");
}

#[test]
fn scattered_fields_become_one_operand() {
    let text = "extension x 1p0 x\nb bimm12hi rs1 rs2 bimm12lo 14..12=0 6..0=0x63 | rs1,rs2,target | +branch\n";
    let isa = model(&[("x.isa", text)]);
    let b = isa.insns.iter().find(|i| i.mnemonic == "b").unwrap();
    let target = &b.operands[0];
    assert_eq!((b.mask, b.value, b.len, b.operands.len()), (0x707f, 0x63, 32, 3));
    assert_eq!((target.width(), target.align(), target.pieces.len()), (13, 1, 4));
}

#[test]
fn lengths_follow_from_the_low_bits() {
    // 16 bits with a biased register and a field that must not be zero; 64 bits as the manual's 0111111 prefix.
    let text = "extension x 1p0 x\nc.foo nz5 rd_p 15..13=0 7..5=0 1..0=1 | rd,imm | = addi rd,rd,imm\n\
        wide rd rs1 63..20=1 14..12=0 6..0=0x3f\n";
    let isa = model(&[("x.isa", text)]);
    let find = |name| isa.insns.iter().find(|i| i.mnemonic == name).unwrap();
    let short = find("c.foo");
    assert_eq!((short.len, short.nonzero, short.operands[1].bias), (16, 0x1f00, 8));
    assert_eq!((find("wide").len, find("wide").mask), (64, 0xffff_ffff_fff0_707f));
}

#[test]
fn names_become_variants() {
    let camel = build::emit::camel;
    assert_eq!([camel("fadd.d"), camel("c.addi16sp"), camel("amoadd.w")], ["FaddD", "CAddi16sp", "AmoaddW"]);
}

#[test]
fn the_search_tree_finds_every_pattern() {
    use build::tree::{Pattern, Tree};
    // A dense corner with special cases: ids by value, one catch-all below.
    let mut patterns: Vec<Pattern> =
        (0..40).map(|n| Pattern { mask: 0xfff0_007f, value: n << 20 | 0x33, id: n as u16 }).collect();
    patterns.push(Pattern { mask: 0x7f, value: 0x33, id: 40 });
    let mut tree = Tree::default();
    let root = tree.add(&patterns);
    for word in (0..64u64).flat_map(|n| [n << 20 | 0x33, n << 20 | 0xf_ffb3]) {
        let mut at = root;
        while at & 0x8000 == 0 {
            let (lo, width, first) = tree.nodes[usize::from(at)];
            at = tree.children[usize::from(first) + (word >> lo & ((1 << width) - 1)) as usize];
        }
        let list = &tree.candidates[usize::from(at & 0x7fff)..];
        let hit = list.iter().take_while(|id| **id != u16::MAX).find(|id| {
            let p = patterns[usize::from(**id)];
            word & p.mask == p.value
        });
        assert_eq!(hit, Some(&((word >> 20).min(40) as u16)), "{word:#x}");
    }
}

#[test]
fn cpu_models_are_put_together_and_mistakes_in_them_named() {
    let text = "user xfoo\nsystem sbar\nset S i xfoo csr=mfoo vendor=0x5b7\nset S sbar\n\
        cpu a S vlen=128 elen=64\ncpu b a -S i arch=0x8000000000000001 agnostic=ones\nalias b c\ncpu b + xfoo\n";
    let csrs = "csr 0x7c0 mfoo\n";
    let isa = model(&[("csrs.isa", csrs), ("cpus.isa", text)]);
    let [a, b] = isa.cpus.as_slice() else { panic!("two models") };
    assert_eq!(
        (a.parts.join(" "), a.csrs.as_slice(), a.vendor, a.ones),
        ("i xfoo sbar".to_owned(), &[0x7c0][..], 0x5b7, false)
    );
    assert_eq!(
        (b.parts.join(" "), b.csrs.len(), b.vlen, b.arch, b.ones),
        ("i xfoo".to_owned(), 0, 128, (1 << 63) + 1, true)
    );
    assert_eq!(
        (b.aliases.join(" "), isa.user.join(" "), isa.system.join(" ")),
        ("c".into(), "xfoo".into(), "sbar".into())
    );
    let cases = [
        ("cpu d vlen=128 elen=64 zqux", "`zqux` is no set, extension or CPU, and in no list of other extensions"),
        ("set T zqux", "`zqux` is no set, extension or CPU, and in no list of other extensions"),
        ("cpu d i", "`d` needs vlen= and elen=, for whoever turns vectors on"),
        ("cpu c S vlen=128 elen=64", "there is a CPU `c` already"),
        ("alias a b", "there is a CPU `b` already"),
        ("alias d e", "no CPU `d` stands above"),
        ("cpu d + i", "no CPU `d` stands above"),
        ("cpu d i a", "the CPU `a` that this one begins with stands first"),
        ("cpu d a vlan=7", "unknown key `vlan`"),
        ("cpu d a vlen=x", "`x` is not a number"),
        ("cpu d a csr=mbar", "csrs.isa names no `mbar`"),
        ("core d a", "expected set, cpu, alias, user or system, not `core`"),
        ("cpu", "a name is missing"),
    ];
    for (line, expected) in cases {
        let all = format!("{text}{line}\n");
        let found = generate(&files(&[("csrs.isa", csrs), ("cpus.isa", &all)])).unwrap_err();
        assert_eq!(found[0].to_string(), format!("cpus.isa:9: {expected}"), "{line}");
    }
}
