//! The report for people.

use super::{permissions, segment_name};
use crate::cli::stats::grouped;
use mellivora::elf::Elf;
use mellivora::env;
use mellivora::inspect::{Basis, Claims, Evidence, Kind, MatrixUse, Report, Source, Status, VectorUse, Vectors};
use std::fmt::Write;

/// Lines are broken here.
const WIDTH: usize = 110;

/// The report in lines, each with its title.
struct Lines {
    out: String,
}

impl Lines {
    /// A line of its own under a title; without one, what belongs to the line above.
    fn add(&mut self, title: &str, text: &str) {
        let _ = writeln!(self.out, "{title:11} {text}");
    }

    /// Words, on as many lines as it takes.
    fn words(&mut self, title: &str, words: impl IntoIterator<Item = String>) {
        let mut line = String::new();
        let mut title = title;
        for word in words {
            if !line.is_empty() && line.len() + word.len() + 2 > WIDTH - 12 {
                self.add(title, &format!("{line},"));
                (line, title) = (String::new(), "");
            }
            if !line.is_empty() {
                line += ", ";
            }
            line += &word;
        }
        self.add(title, &line);
    }
}

/// The whole report.
pub fn text(name: &str, elf: &Elf, report: &Report, command: Option<&[String]>) -> String {
    let mut lines = Lines { out: String::new() };
    file(&mut lines, name, elf, report);
    match &report.claims {
        Some(c) => claims(&mut lines, c),
        None => lines.add("built for", "it does not say (no .riscv.attributes)"),
    }
    code(&mut lines, report);
    vectors(&mut lines, &report.vectors);
    matrices(&mut lines, &report.matrices);
    if !report.machine.missing.is_empty() {
        lines.words("not here", report.machine.missing.iter().cloned());
    }
    match command {
        Some(words) => lines.add("run it", &words.iter().map(|w| shell(w)).collect::<Vec<_>>().join(" ")),
        None => lines.add("run it", &format!("this is no program but {}", article(report))),
    }
    if report.machine.cpu.is_some() && command.is_some() {
        lines.add("", &format!("or, with no more than it needs: --isa {}", report.machine.isa.short()));
    }
    lines.out
}

/// What the file is instead of a program.
fn article(report: &Report) -> String {
    match report.kind {
        Kind::Object => "an object file; link it first".to_owned(),
        Kind::Other => format!("an {}", report.kind.name()),
        _ => format!("a {}", report.kind.name()),
    }
}

/// What the headers say.
fn file(lines: &mut Lines, name: &str, elf: &Elf, report: &Report) {
    let environment = match report.environment {
        Some((env::Kind::Linux, why)) => format!(" for Linux ({why})"),
        Some((env::Kind::Bare, why)) => format!(" for bare metal ({why})"),
        None => String::new(),
    };
    lines.add("file", name);
    lines.add("kind", &format!("{}{environment}", report.kind.name()));
    if let Some(loader) = &elf.interpreter {
        lines.add("loader", loader);
    }
    if report.environment.is_some() {
        let symbol = elf.symbol_at(elf.entry).map(|(s, distance)| match distance {
            0 => format!(" <{}>", s.name),
            _ => format!(" <{}+{distance:#x}>", s.name),
        });
        lines.add("entry", &format!("{:#x}{}", elf.entry, symbol.unwrap_or_default()));
    }
    let abi = &report.abi;
    let mut promises = vec![abi.name().to_owned()];
    promises.push(if abi.compressed { "16-bit instructions" } else { "no 16-bit instructions" }.to_owned());
    promises.extend(abi.tso.then(|| "total store ordering".to_owned()));
    lines.add("ABI", &format!("{} (e_flags {:#x})", promises.join(", "), abi.flags));
    for (n, p) in elf.program_headers().iter().enumerate() {
        let kind = segment_name(p.kind).map_or(format!("{:#x}", p.kind), str::to_owned);
        let range = format!("{:#x}..{:#x}", p.addr, p.addr.wrapping_add(p.memory_size));
        let (file, memory) = (grouped(p.file_size), grouped(p.memory_size));
        let size = match p.file_size {
            n if n == p.memory_size => format!("{file} bytes"),
            _ if p.memory_size == 0 => format!("{file} bytes in the file"),
            _ => format!("{memory} bytes, {file} of them in the file"),
        };
        let title = if n == 0 { "segments" } else { "" };
        lines.add(title, &format!("{kind:16} {}  {range:24} {size}", permissions(p.flags)));
    }
}

/// What the attributes say.
fn claims(lines: &mut Lines, claims: &Claims) {
    lines.words("built for", claims.extensions.iter().map(|c| c.to_string()));
    let notes = [
        (Status::OtherVersion, "is here only in another version"),
        (Status::NotImplemented, "is known, but not implemented here"),
        (Status::Unknown, "is no extension that is known here"),
    ];
    for (status, note) in notes {
        claims.with_status(status).for_each(|c| lines.add("", &format!("{}: {note}", c.name)));
    }
}

/// What the code uses.
fn code(lines: &mut Lines, report: &Report) {
    let code = &report.code;
    let place = match code.source {
        Source::Sections => "",
        Source::Segments => "; the file has no sections, so data among the code was counted, too",
    };
    let data = if code.data > 0 { format!(", {} of them data", grouped(code.data)) } else { String::new() };
    let (insns, size) = (count(code.instructions, "instruction"), count(code.bytes, "byte"));
    lines.add("code", &format!("{insns} in {size}{data}{place}"));
    for u in &code.extensions {
        let row = format!("{:14} {:>9}  first at {}: {}", u.extension.name(), grouped(u.count), u.first, u.first.text);
        lines.add("", &row);
    }
    for u in &code.unknown {
        let row = format!("{:14} {:>9}  unknown: first at {}: {:#x}", u.space, grouped(u.count), u.first, u.first.word);
        lines.add("", &row);
    }
}

/// Which matrices, and why.
fn matrices(lines: &mut Lines, m: &MatrixUse) {
    let words = count(m.words, "word of custom-1");
    let only = format!("{} are only of 0.3, {} only of 0.6", grouped(m.only_v03), grouped(m.only_v06));
    match (&m.version, m.basis) {
        (Some(v), Some(Basis::Code)) => lines.add("matrices", &format!("T-Head's {v}, by the code: of {words} {only}")),
        (Some(v), _) => lines.add("matrices", &format!("T-Head's {v}, by the attributes; {words}")),
        (None, _) if m.words > 0 => lines.add("matrices", &format!("T-Head's, perhaps, of unknown version: {words}")),
        _ => {}
    }
}

/// Which vectors, and why.
fn vectors(lines: &mut Lines, vectors: &VectorUse) {
    let (Some(version), Some(basis)) = (vectors.version, vectors.basis) else {
        return lines.add("vectors", "none");
    };
    let of = |v| if v == Vectors::V1 { &vectors.v1 } else { &vectors.thead };
    let other = if version == Vectors::V1 { Vectors::Thead } else { Vectors::V1 };
    let why = match basis {
        Basis::Code => "only it explains some of the code",
        Basis::Marks => "mapping symbols in the code say so",
        Basis::Widths => "the widths of loads and stores suggest so",
        Basis::Attributes => "the attributes say so",
        Basis::Assumed => "assumed: nothing in the code tells it from the other version",
    };
    lines.add("vectors", &format!("{}: {why}", version.name()));
    for v in [version, other] {
        lines.add("", &format!("only {}: {}", v.name(), signs(of(v))));
        of(v).examples.iter().for_each(|e| lines.add("", &format!("  {e}: {}", e.text)));
    }
    lines.add("", &format!("both: {}", count(vectors.shared, "instruction")));
    if vectors.mixed() {
        lines.add("", "the file has code for both; a machine has one of them");
    }
}

/// What there is of proofs and of hints.
fn signs(evidence: &Evidence) -> String {
    let list = |all: [(u64, &str); 2]| {
        let some: Vec<String> = all.iter().filter(|a| a.0 > 0).map(|(n, what)| count(*n, what)).collect();
        some.join(", ")
    };
    let proofs = list([(evidence.instructions, "instruction"), (evidence.vtypes, "vtype of vsetvli")]);
    let hints = list([(evidence.marked, "mapping symbol"), (evidence.widths, "usual width")]);
    match (proofs.as_str(), hints.as_str()) {
        ("", "") => "nothing".to_owned(),
        (_, "") => proofs,
        ("", _) => format!("hints by {hints}"),
        _ => format!("{proofs}; hints by {hints}"),
    }
}

/// `1 word`, `2 words`, `3 vtypes of vsetvli`.
fn count(n: u64, what: &str) -> String {
    let (noun, rest) = what.split_at(what.find(' ').filter(|_| what.contains(" of ")).unwrap_or(what.len()));
    format!("{} {noun}{}{rest}", grouped(n), if n == 1 { "" } else { "s" })
}

/// A word for a shell.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::{count, shell};

    #[test]
    fn things_are_counted() {
        let cases = [(1, "word"), (2, "word of custom-1"), (3, "usual width"), (1000, "vtype of vsetvli")];
        let said = ["1 word", "2 words of custom-1", "3 usual widths", "1 000 vtypes of vsetvli"];
        assert_eq!(cases.map(|(n, what)| count(n, what)), said);
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(["a-b/c.elf", "", "a b", "it's"].map(shell), ["a-b/c.elf", "''", "'a b'", "'it'\\''s'"]);
    }
}
