//! Programs of `testprogs/` that have a recorded output: lines of `testprogs/manifest.txt`, run by some emulator and compared.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One line of the manifest.
pub struct Program {
    pub name: String,
    pub elf: PathBuf,
    pub arguments: Vec<String>,
}

pub fn testprogs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testprogs")
}

/// The lines whose reference is one of `references`, or of them the one that the variable PROGRAM names.
pub fn programs(references: &[&str]) -> Vec<Program> {
    let text = std::fs::read_to_string(testprogs().join("manifest.txt")).expect("the manifest");
    let only = std::env::var("PROGRAM").ok();
    let mut programs = Vec::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let (Some(name), Some(reference), Some(elf)) = (words.next(), words.next(), words.next()) else { continue };
        if references.contains(&reference) && only.as_deref().is_none_or(|only| only == name) {
            let arguments = words.map(str::to_owned).collect();
            programs.push(Program { name: name.to_owned(), elf: testprogs().join(elf), arguments });
        }
    }
    assert!(!programs.is_empty() || only.is_some(), "no programs with the reference {references:?} in the manifest");
    programs
}

impl Program {
    fn expected(&self, kind: &str) -> String {
        let path = testprogs().join("expected").join(format!("{}.{kind}", self.name));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// How `command` followed by ELF and arguments differs from the record; `None`: not at all.
    pub fn difference(&self, command: &mut Command) -> Option<String> {
        let output =
            command.arg(&self.elf).args(&self.arguments).stdin(Stdio::null()).output().expect("the emulator starts");
        let (stdout, expected) = (String::from_utf8_lossy(&output.stdout), self.expected("stdout"));
        if output.status.code().map(|code| code.to_string()).as_deref() == Some(self.expected("status").trim())
            && stdout == expected
        {
            return None;
        }
        let mut text = format!("{}: {}\n", self.name, output.status);
        let mut lines = stdout.lines();
        for (number, expected) in (1..).zip(expected.lines()) {
            let line = lines.next();
            if line != Some(expected) {
                text += &format!("  line {number}: {}\n  expected: {expected}\n", line.unwrap_or("(end)"));
                break;
            }
        }
        for line in String::from_utf8_lossy(&output.stderr).lines().take(12) {
            text += &format!("  stderr: {line}\n");
        }
        Some(text)
    }
}

/// Runs all programs by `command` and panics with those that differ.
pub fn check(programs: &[Program], what: &str, command: impl Fn() -> Command) {
    let failures: Vec<String> = programs.iter().filter_map(|program| program.difference(&mut command())).collect();
    assert!(failures.is_empty(), "{what} differs from the record:\n{}", failures.concat());
}

/// `mellivora run` with these options.
pub fn mellivora(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mellivora"));
    command.arg("run").args(options);
    command
}

/// QEMU's user mode, of at least this major version: the one that the variable names, or else the one on PATH. `None`, with
/// a word on it: there is none.
pub fn qemu(variable: &str, versions: std::ops::RangeInclusive<u32>) -> Option<PathBuf> {
    let path = std::env::var_os(variable).unwrap_or_else(|| "qemu-riscv64".into());
    let output = Command::new(&path).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let major = text.split(' ').nth(2).and_then(|number| number.split('.').next()?.parse::<u32>().ok());
    if major.is_none_or(|major| !versions.contains(&major)) {
        let (first, last) = (versions.start(), versions.end());
        let wanted = if *last == u32::MAX { format!("{first} or later") } else { format!("{first} to {last}") };
        println!("skipped: qemu-riscv64 {wanted} is neither {variable} nor on PATH (found: {:?})", text.lines().next());
        return None;
    }
    Some(path.into())
}
