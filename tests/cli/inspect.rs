//! `mellivora inspect`: what files claim and use, and that what it recommends runs.

use super::*;
use mellivora::elf::Elf;
use mellivora::inspect::{Basis, Kind, Report, Source, Vectors};
use mellivora::isa::{Decoder, Extension, Op, Operands, encode};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A JSON value, as far as the tests ask.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Plain(String),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

/// Reads JSON strictly; panics where it is none.
struct Json<'a>(&'a str);

impl Json<'_> {
    fn parse(text: &str) -> Value {
        let mut reader = Json(text);
        let value = reader.value();
        assert_eq!(reader.0.trim(), "", "something follows");
        value
    }

    fn next(&mut self, wanted: char) {
        self.0 = self.0.trim_start().strip_prefix(wanted).unwrap_or_else(|| panic!("no {wanted} before {}", self.0));
    }

    fn peek(&self) -> char {
        self.0.trim_start().chars().next().unwrap()
    }

    fn value(&mut self) -> Value {
        match self.peek() {
            '"' => Value::Text(self.text()),
            '[' => Value::List(self.items('[', ']', |r| r.value())),
            '{' => {
                let member = |r: &mut Self| {
                    let key = r.text();
                    r.next(':');
                    (key, r.value())
                };
                Value::Object(self.items('{', '}', member).into_iter().collect())
            }
            _ => {
                self.0 = self.0.trim_start();
                let len = self.0.find([',', ']', '}', '\n']).unwrap();
                let plain = &self.0[..len];
                assert!(["null", "true", "false"].contains(&plain) || plain.parse::<u64>().is_ok(), "{plain}");
                self.0 = &self.0[len..];
                Value::Plain(plain.to_owned())
            }
        }
    }

    fn items<T>(&mut self, open: char, close: char, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        self.next(open);
        let mut out = Vec::new();
        while self.peek() != close {
            if !out.is_empty() {
                self.next(',');
            }
            out.push(item(self));
        }
        self.next(close);
        out
    }

    fn text(&mut self) -> String {
        self.next('"');
        let end = self.0.find('"').unwrap();
        assert!(!self.0[..end].contains(['\\', '\n']), "the tests have no such strings");
        let text = self.0[..end].to_owned();
        self.0 = &self.0[end + 1..];
        text
    }
}

impl Value {
    fn at(&self, path: &str) -> &Value {
        path.split('.').fold(self, |v, key| match v {
            Value::Object(o) => o.get(key).unwrap_or_else(|| panic!("no {key} in {o:?}")),
            Value::List(l) => &l[key.parse::<usize>().unwrap()],
            _ => panic!("{v:?} has no {key}"),
        })
    }

    fn text(&self, path: &str) -> &str {
        match self.at(path) {
            Value::Plain(t) | Value::Text(t) => t,
            other => panic!("{path} is {other:?}"),
        }
    }

    fn keys(&self, into: &mut Vec<String>) {
        match self {
            Value::Object(o) => o.iter().for_each(|(key, v)| {
                into.push(key.clone());
                v.keys(into);
            }),
            Value::List(l) => l.iter().for_each(|v| v.keys(into)),
            _ => {}
        }
    }
}

fn inspect(path: &str) -> String {
    let out = mellivora(&["inspect", path]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    text(&out.stdout)
}

fn json(path: &str) -> Value {
    let out = mellivora(&["inspect", "--json", path]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    Json::parse(&text(&out.stdout))
}

fn report(path: &str) -> Report {
    Report::of(&Elf::parse_any(std::fs::read(here(path)).unwrap()).unwrap())
}

/// The words of the command that a report recommends.
fn command(path: &str) -> Vec<String> {
    let Value::List(words) = json(path).at("command").clone() else { panic!("no command for {path}") };
    let plain = |w: Value| if let Value::Text(t) = w { t } else { panic!("{w:?}") };
    words.into_iter().map(plain).collect()
}

/// Without its section headers.
fn without_sections(path: &str) -> Vec<u8> {
    let bytes = build::patch(std::fs::read(here(path)).unwrap(), 40, &[0; 8]);
    build::patch(bytes, 58, &[0; 6])
}

#[test]
fn vector_1_0_is_told_by_the_code() {
    let r = report("testprogs/vector/saxpy.elf");
    assert_eq!((r.vectors.version, r.vectors.basis), (Some(Vectors::V1), Some(Basis::Code)));
    assert_eq!(r.vectors.thead.words(), 0);
    assert_eq!(r.machine.isa.short(), "rv64gcv");
    assert_eq!((r.kind, r.abi.name(), r.abi.compressed), (Kind::Static, "lp64d", true));
    let first = &r.vectors.v1.examples[0];
    assert_eq!(first.to_string(), "0x101ee <saxpy+0x12>");
    assert_eq!(first.text, "vsetvli a3,a2,e32,m8,ta,ma");
}

#[test]
fn xtheadvector_is_told_by_the_code() {
    // It has th.vid.v, which is another word in V 1.0, and atomics of vectors, which V 1.0 does not have.
    let r = report("testprogs/thead/amo.elf");
    assert_eq!((r.vectors.version, r.vectors.basis), (Some(Vectors::Thead), Some(Basis::Code)));
    assert_eq!((r.vectors.v1.words(), r.vectors.v1.marked, r.vectors.mixed()), (0, 0, false));
    let texts: Vec<&str> = r.vectors.thead.examples.iter().map(|e| e.text.as_str()).collect();
    assert_eq!(texts, ["th.vid.v v4", "th.vamomaxud.v v4,v8,(a1),v4", "th.vsetvli t1,zero,e64,m1,d1"]);
    assert_eq!((r.vectors.thead.instructions, r.vectors.thead.vtypes), (3, 1));
    assert_eq!(r.machine.isa.short(), "rv64gc_xtheadzvamo");
}

#[test]
fn code_that_both_versions_have_is_told_by_what_stands_beside_it() {
    // Each of its vector instructions is one of V 1.0, too: th.vle.v is vle64.v, e32,m8 is e16,m8,tu,mu.
    let r = report("testprogs/thead/saxpy.elf");
    assert_eq!((r.vectors.v1.words(), r.vectors.thead.words(), r.vectors.shared), (0, 0, 5));
    assert_eq!((r.vectors.version, r.vectors.basis), (Some(Vectors::Thead), Some(Basis::Marks)));
    let bytes = without_sections("testprogs/thead/saxpy.elf");
    let stripped = Report::of(&Elf::parse_any(bytes.clone()).unwrap());
    assert_eq!((stripped.vectors.version, stripped.vectors.basis), (Some(Vectors::Thead), Some(Basis::Attributes)));
    // Without its first program header, the attributes.
    let bare = Report::of(&Elf::parse_any(build::patch(bytes, 64, &[0; 4])).unwrap());
    assert!(bare.claims.is_none());
    assert_eq!((bare.vectors.version, bare.vectors.basis), (Some(Vectors::Thead), Some(Basis::Widths)));
    assert!(bare.machine.isa.short().ends_with("_xtheadvector"), "{}", bare.machine.isa.short());
}

#[test]
fn scalar_extensions_of_t_head_ask_for_a_core() {
    let path = here("testprogs/thead/scalar/sort.elf");
    let r = Report::of(&Elf::parse_any(std::fs::read(&path).unwrap()).unwrap());
    assert_eq!(r.machine.option(), ("--cpu", "c906fd".to_owned()));
    let pairs = r.code.extensions.iter().find(|u| u.extension == Extension::Xtheadmempair).unwrap();
    assert_eq!((pairs.count, pairs.first.text.as_str()), (17, "th.sdd s4,s3,(sp),2,4"));
    assert!(r.code.unknown.is_empty() && r.machine.missing.is_empty());
    let (status, told) = fails(&["run", "--isa", "rv64gc", &path]);
    assert_eq!(status, 132);
    assert!(
        told.contains("`th.sdd s0,ra,(sp),3,4` at 0x107c2 <bench_start+0xe>\n  extension xtheadmempair ("),
        "{told}"
    );
    assert!(told.contains("; turn it on with --isa rv64gc_xtheadmempair or --cpu c906fd\n"), "{told}");
}

#[test]
fn instructions_that_the_assembler_did_not_know_are_counted() {
    // GCC has no XTheadVdot: the program has `.word` in the middle of its code, which mapping symbols call data.
    let r = report("testprogs/thead/dot.elf");
    let dot = r.code.extensions.iter().find(|u| u.extension == Extension::Xtheadvdot).unwrap();
    assert_eq!((dot.count, r.code.data), (4, 0));
    assert!(dot.first.text.starts_with("th.vmaqa"), "{}", dot.first.text);
    assert!(r.machine.isa.has(Extension::Xtheadvdot) && r.machine.isa.has(Extension::Xtheadvector));
    assert_eq!(r.machine.option(), ("--cpu", "max-th".to_owned()));
}

#[test]
fn every_vector_program_is_told() {
    for (dir, version) in [("testprogs/vector", Vectors::V1), ("testprogs/thead", Vectors::Thead)] {
        let mut programs = 0;
        for entry in std::fs::read_dir(here(dir)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "elf") {
                continue;
            }
            let r = Report::of(&Elf::parse_any(std::fs::read(&path).unwrap()).unwrap());
            assert_eq!((r.vectors.version, r.vectors.mixed()), (Some(version), false), "{}", path.display());
            assert!(r.code.unknown.is_empty() && r.machine.missing.is_empty(), "{}", path.display());
            programs += 1;
        }
        assert!(programs >= 10, "{dir}: {programs}");
    }
}

#[test]
fn matrix_versions_are_told_by_their_words() {
    let of = |name, words: &[u32]| {
        let bytes = std::fs::read(program(name, words)).unwrap();
        let m = Report::of(&Elf::parse_any(bytes).unwrap()).matrices;
        (m.version, m.basis, m.words)
    };
    let told = |v: &str| Some(v.to_owned());
    // mcfgmi, mmaqa.b, mld1mb; msettileni, msettilemi; msettilemi, which is mmaqa.b of 0.3.
    let (v03, v06) = ([0x1e10_002b, 0x2052_002b, 0x2800_002b], [0x3001_002b, 0x2001_002b]);
    assert_eq!(of("inspect-v03", &v03), (told("0.3"), Some(Basis::Code), 3));
    assert_eq!(of("inspect-v06", &v06), (told("0.6"), Some(Basis::Code), 2));
    assert_eq!(of("inspect-v0", &[0x2001_002b]), (None, None, 1));
}

/// Where nothing is said, a program gets the vectors that it was built for.
#[test]
fn vectors_are_those_that_the_file_claims() {
    for path in ["testprogs/thead/stats.elf", "testprogs/vector/saxpy.elf"] {
        let out = mellivora(&["run", &here(path), "1"]);
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()), "{path}");
    }
}

/// A program for the wrong vectors is told so.
#[test]
fn programs_for_other_vectors_are_told_so_when_they_stop() {
    let told = |isa, path: &str| {
        let (status, told) = fails(&["run", "--isa", isa, path]);
        assert_eq!(status, 132, "{told}");
        told
    };
    let amo = here("testprogs/thead/amo.elf");
    let v1 = told("rv64gcv", &amo);
    for part in [
        "amo.elf: built for vectors of XTheadVector (0.7.1), which this machine does not have; try --cpu c906fdv\n",
        "`th.vamoaddw.v zero,v4,(a2),v8` at 0x101a2 <histogram.constprop.0+0x28>\n",
        "  extension xtheadzvamo (vector atomic memory operations of version 0.7.1) has it, which cannot be on together with v, which is\n",
        "  the program is for XTheadVector (0.7.1), but this machine has V 1.0; run it with --cpu c906fdv (",
    ] {
        assert!(v1.contains(part), "`{part}` is not in\n{v1}");
    }
    let thead = told("rv64gc_xtheadvector", &here("testprogs/vector/saxpy.elf"));
    assert!(
        thead.contains(
            "the program is for V 1.0, but this machine has XTheadVector (0.7.1); run it with --isa rv64gcv ("
        ),
        "{thead}"
    );
    // th.vsetvli a0,zero,e64,m1 sets vill in V 1.0, vsetvli a0,zero,e32,m1,ta,ma in 0.7.1; vadd.vv v0,v0,v0 then traps.
    for (name, isa, word, reason) in [
        (
            "thead",
            "rv64gcv",
            0x00c0_7557,
            "asks for vtype 0xc, which is e64,m1 in XTheadVector (0.7.1) and reserved in V 1.0\n",
        ),
        (
            "v1",
            "rv64gc_xtheadvector",
            0x0d00_7557,
            "asks for vtype 0xd0, which is e32,m1,ta,ma in V 1.0 and reserved in X",
        ),
    ] {
        let told = told(isa, &program(&format!("inspect-vtype-{name}"), &[word, 0x0200_0057]));
        assert!(told.contains("  the vsetvli at 0x100b0 (in ") && told.contains(reason), "{told}");
    }
}

#[test]
fn scalar_programs_have_no_vectors() {
    let r = report("testprogs/bench/sha256.elf");
    assert_eq!((r.vectors.version, r.vectors.basis, r.vectors.shared), (None, None, 0));
    assert_eq!(r.machine.isa.short(), "rv64gc");
    assert!(r.code.unknown.is_empty() && r.machine.missing.is_empty());
    let compressed = r.code.extensions.iter().find(|u| u.extension == Extension::Zca).unwrap();
    assert!(compressed.count > 100 && compressed.first.function.is_some());
    assert_eq!(r.code.instructions, r.code.extensions.iter().map(|u| u.count).sum::<u64>());
}

#[test]
fn kinds_of_files_are_told() {
    let kind = |path| report(path).kind;
    assert_eq!(kind("testprogs/linux/pie.elf"), Kind::StaticPie);
    assert_eq!(kind("testprogs/linux/dynamic.elf"), Kind::Dynamic);
    assert_eq!(kind("tests/cli/objdump/sample.o"), Kind::Object);
    let dynamic = inspect(&here("testprogs/linux/dynamic.elf"));
    assert!(dynamic.contains("--isa rv64gc --sysroot DIR"), "{dynamic}");
    let object = inspect(&here("tests/cli/objdump/sample.o"));
    assert!(object.ends_with("run it      this is no program but an object file; link it first\n"), "{object}");
    assert!(object.contains(" bytes, 58 of them data\n"), "{object}");
}

#[test]
fn files_without_sections_are_read_by_segments() {
    let elf = Elf::parse_any(without_sections("testprogs/vector/saxpy.elf")).unwrap();
    assert!(elf.sections().is_empty() && elf.symbols().is_empty());
    let r = Report::of(&elf);
    assert_eq!(r.code.source, Source::Segments);
    assert_eq!((r.vectors.version, r.vectors.basis), (Some(Vectors::V1), Some(Basis::Code)));
    // The attributes are a segment, too.
    assert_eq!(r.claims.unwrap().vectors, Some(Vectors::V1));
    assert_eq!(r.machine.isa.short(), "rv64gcv");
    // The headers at the start of the segment are not code.
    assert_eq!(r.code.bytes, 2344 - 64 - 4 * 56);
}

#[test]
fn without_attributes_flags_and_code_tell() {
    let sh1add = encode(Op::Sh1add, &Operands { rd: 10, rs1: 11, rs2: 12, ..Default::default() }).unwrap();
    let path = program("inspect-zba", &[sh1add, 0x0000_000b, 0x0000_000b, 0x0000_002b]);
    let told = inspect(&path);
    for part in [
        "kind        static executable for Linux (nothing speaks for bare metal)\n",
        "built for   it does not say (no .riscv.attributes)\n",
        "code        1 instruction in 16 bytes; the file has no sections",
        "zba                    1  first at 0x100b0: sh1add a0,a1,a2\n",
        "custom-0               2  unknown: first at 0x100b4: 0xb\n",
        "matrices    T-Head's 0.6, by the code: of 1 word of custom-1 0 are only of 0.3, 1 only of 0.6\n",
        "not here    2 words of custom-0\n",
        "run --isa rv64idc_zba_xtheadmatrix0p6 ",
    ] {
        assert!(told.contains(part), "`{part}` is not in\n{told}");
    }
}

#[test]
fn what_is_recommended_runs() {
    let programs = [
        "linux/hello.elf",
        "bare/pass.elf",
        "linux/pie.elf",
        "thead/scalar/strings.elf",
        "thead/stats.elf",
        "thead/v1/stats.elf",
    ];
    for path in programs {
        let mut words = command(&here(&format!("testprogs/{path}")));
        // One round of the benchmarks.
        words.push("1".to_owned());
        assert_eq!(words[0], "mellivora");
        let out = mellivora(&words[1..]);
        assert!(out.status.success(), "{words:?}: {}", text(&out.stderr));
    }
}

#[test]
fn json_says_the_same() {
    let path = here("testprogs/vector/saxpy.elf");
    let v = json(&path);
    for (key, expected) in [
        ("format", "1"),
        ("file", path.as_str()),
        ("kind", "static"),
        ("environment", "linux"),
        ("loader", "null"),
        ("entry", "0x102fc"),
        ("abi.name", "lp64d"),
        ("abi.compressed", "true"),
        ("segments.1.type", "LOAD"),
        ("segments.1.permissions", "r-x"),
        ("segments.1.address", "0x10000"),
        ("claims.extensions.6.name", "v"),
        ("claims.extensions.6.version", "1.0"),
        ("claims.extensions.6.status", "implemented"),
        ("claims.vectors", "1.0"),
        ("claims.matrix", "null"),
        ("code.source", "sections"),
        ("code.extensions.0.name", "zca"),
        ("vectors.version", "1.0"),
        ("vectors.basis", "code"),
        ("vectors.only_v1.examples.0.function", "saxpy"),
        ("vectors.only_thead.instructions", "0"),
        ("matrices.words", "0"),
        ("matrices.version", "null"),
        ("isa", "rv64gcv"),
        ("command.3", "rv64gcv"),
    ] {
        assert_eq!(v.text(key), expected, "{key}");
    }
}

#[test]
fn every_key_of_the_json_is_documented() {
    let schema = std::fs::read_to_string(here("src/cli/inspect/schema.md")).unwrap();
    let mut keys = Vec::new();
    json(&here("testprogs/vector/saxpy.elf")).keys(&mut keys);
    json(&program("inspect-keys", &[0x0000_002b])).keys(&mut keys);
    for key in keys {
        assert!(schema.contains(&format!("`{key}`")), "{key}");
    }
}

/// The transcripts of the README are what happens.
#[test]
fn the_readme_shows_what_is_printed() {
    let readme = std::fs::read_to_string(here("README.md")).unwrap();
    let section = readme.split("\n## ").find(|s| s.starts_with("What a binary needs")).unwrap();
    let mut commands = 0;
    for block in section.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
        for (line, expected) in block.split("$ mellivora ").skip(1).map(|part| part.split_once('\n').unwrap()) {
            let out = mellivora(&line.split_whitespace().collect::<Vec<_>>());
            assert_eq!(text(&out.stdout) + &text(&out.stderr), expected, "mellivora {line}");
            commands += 1;
        }
    }
    assert!(commands >= 3, "{commands}");
}

#[test]
fn errors_are_those_of_other_commands() {
    let (status, told) = fails(&["inspect", &here("Cargo.toml")]);
    assert_eq!(status, 125);
    assert!(told.starts_with("mellivora: ") && told.contains("not an ELF file"), "{told}");
    assert_eq!(fails(&["inspect", "no/such/file"]).0, 125);
    assert_eq!(fails(&["inspect"]).0, 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn damaged_files_are_read_as_far_as_they_go(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>(), 1usize..=8, any::<bool>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = std::fs::read(here("tests/cli/objdump/sample.elf")).unwrap();
        for (at, value, width, front) in &edits {
            let at = if *front { at.index(256) } else { at.index(bytes.len()) };
            let corner = [0, 1, 0xff, 0xffff, u64::MAX, 1 << 63, u32::MAX.into(), *value][(*value % 8) as usize];
            let end = (at + width).min(bytes.len());
            bytes[at..end].copy_from_slice(&corner.to_le_bytes()[..end - at]);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let size = bytes.len() as u64;
        if let Ok(elf) = Elf::parse_any(bytes) {
            let r = Report::of(&elf);
            prop_assert!(r.code.bytes <= size && r.code.data <= r.code.bytes);
            prop_assert!(r.code.instructions * 2 <= size);
            prop_assert!(mellivora::isa::Isa::parse(&r.machine.isa.short()).is_ok());
        }
    }

    #[test]
    fn any_words_are_read_somehow(words in prop::collection::vec(any::<u32>(), 0..64)) {
        let size = 0x1000 + 4 * words.len();
        let mut bytes = file(0x11000, &[Ph::load(R | X, 0x1000, 0x11000, size as u64 - 0x1000, 0x2000)], 0x1000);
        words.iter().for_each(|w| bytes.extend(w.to_le_bytes()));
        let elf = Elf::parse_any(bytes).unwrap();
        let r = Report::of(&elf);
        let unknown: u64 = r.code.unknown.iter().map(|u| u.count).sum();
        prop_assert!((r.code.instructions + unknown) * 2 <= 4 * words.len() as u64);
        // The machine that is recommended has all that was found.
        let decoder = Decoder::new(&r.machine.isa);
        prop_assert!(r.code.extensions.iter().all(|u| decoder.decode(u.first.word).is_some()));
    }
}
