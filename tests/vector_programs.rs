//! The vector programs of `testprogs/` through the command line, at several VLENs: the lines of `testprogs/manifest.txt` with
//! the reference `vector`, compared with what QEMU printed and how it exited. That does not depend on VLEN.
//!
//! `PROGRAM=NAME cargo test --test vector_programs` runs one line of the manifest.

#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One line of the manifest.
struct Program {
    name: String,
    elf: PathBuf,
    arguments: Vec<String>,
}

fn testprogs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testprogs")
}

fn programs() -> Vec<Program> {
    let text = std::fs::read_to_string(testprogs().join("manifest.txt")).expect("the manifest");
    let only = std::env::var("PROGRAM").ok();
    let mut programs = Vec::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let (Some(name), Some("vector"), Some(elf)) = (words.next(), words.next(), words.next()) else { continue };
        if only.as_deref().is_none_or(|only| only == name) {
            let arguments = words.map(str::to_owned).collect();
            programs.push(Program { name: name.to_owned(), elf: testprogs().join(elf), arguments });
        }
    }
    assert!(!programs.is_empty() || only.is_some(), "no vector programs in the manifest");
    programs
}

impl Program {
    fn expected(&self, kind: &str) -> String {
        let path = testprogs().join("expected").join(format!("{}.{kind}", self.name));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// How `command` followed by ELF and arguments differs from the record; `None`: not at all.
    fn difference(&self, command: &mut Command) -> Option<String> {
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

/// Runs all programs with these options and tells those that differ.
fn check(options: &[&str]) {
    let run =
        |program: &Program| program.difference(Command::new(env!("CARGO_BIN_EXE_mellivora")).arg("run").args(options));
    let failures: Vec<String> = programs().iter().filter_map(run).collect();
    assert!(failures.is_empty(), "{options:?} differs from QEMU:\n{}", failures.concat());
}

#[test]
fn vector_programs_do_what_they_do_on_qemu_with_vlen_128() {
    check(&["--vlen", "128"]);
}

#[test]
fn vector_programs_do_what_they_do_on_qemu_with_vlen_256() {
    check(&["--vlen", "256"]);
}

#[test]
fn vector_programs_do_what_they_do_on_qemu_with_vlen_1024() {
    check(&["--vlen", "1024"]);
}

/// QEMU goes to 1024 bits; the programs do not care.
#[test]
fn vector_programs_do_the_same_with_vlen_65536() {
    check(&["--vlen", "65536"]);
}

/// The kernels for bare metal, which Spike runs in the benchmarks, check their results themselves.
#[test]
fn the_kernels_for_bare_metal_are_right() {
    for entry in std::fs::read_dir(testprogs().join("vector/bare")).expect("a directory") {
        let elf = entry.expect("an entry").path();
        let run = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mellivora"));
            command.args(["run", "--vlen", "256"]).arg(&elf).args(arguments).stdin(Stdio::null());
            command.output().expect("the emulator starts")
        };
        let output = run(&["1"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.ends_with(", ok\n"), "{}: {}, {text}", elf.display(), output.status);
    }
}

/// The recorded expectations are still QEMU's, where QEMU 10 or later is installed.
#[test]
fn the_record_is_what_qemu_prints() {
    let qemu = std::env::var_os("MELLIVORA_QEMU").unwrap_or_else(|| "qemu-riscv64".into());
    let version = Command::new(&qemu).arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let major = version.split(' ').nth(2).and_then(|number| number.split('.').next()?.parse::<u32>().ok());
    if major.is_none_or(|major| major < 10) {
        println!("skipped: qemu-riscv64 10 or later is not on PATH (found: {:?})", version.lines().next());
        return;
    }
    for vlen in ["128", "256", "1024"] {
        let run =
            |program: &Program| program.difference(Command::new(&qemu).args(["-cpu", &format!("max,vlen={vlen}")]));
        let failures: Vec<String> = programs().iter().filter_map(run).collect();
        assert!(failures.is_empty(), "VLEN {vlen} on {version}:\n{}", failures.concat());
    }
}
