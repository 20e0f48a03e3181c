//! Whole guest programs through the command line: what `testprogs/manifest.txt`
//! lists, compared with what QEMU printed and how it exited.
//!
//! `PROGRAM=NAME cargo test --test programs` runs one line of the manifest.

#![cfg(feature = "cli")]

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest that one program may take, unoptimised builds included.
const PATIENCE: Duration = Duration::from_secs(120);

/// One line of the manifest.
struct Program {
    name: String,
    reference: String,
    variables: Vec<(String, String)>,
    elf: PathBuf,
    arguments: Vec<String>,
}

/// How a program ended.
#[derive(Debug, PartialEq)]
struct Outcome {
    stdout: String,
    status: i32,
}

fn testprogs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testprogs")
}

/// The lines of the manifest whose reference is one of `references`.
fn manifest(references: &[&str]) -> Vec<Program> {
    let text = std::fs::read_to_string(testprogs().join("manifest.txt")).expect("the manifest");
    let only = std::env::var("PROGRAM").ok();
    let mut programs = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace().map(|word| if word == "\"\"" { "" } else { word }).peekable();
        let (Some(name), Some(reference)) = (words.next(), words.next()) else { continue };
        let mut variables = Vec::new();
        while let Some((key, value)) =
            words.peek().filter(|word| word.starts_with("GUEST_")).and_then(|w| w.split_once('='))
        {
            variables.push((key.to_owned(), value.to_owned()));
            words.next();
        }
        let elf = testprogs().join(words.next().expect("an ELF in each line"));
        if references.contains(&reference) && only.as_deref().is_none_or(|only| only == name) {
            programs.push(Program {
                name: name.to_owned(),
                reference: reference.to_owned(),
                variables,
                elf,
                arguments: words.map(str::to_owned).collect(),
            });
        }
    }
    programs
}

/// An empty directory for one run, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::remove_dir_all(&path).ok();
        std::fs::create_dir_all(&path).expect("a scratch directory");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl Program {
    fn expected(&self) -> Outcome {
        let file = |kind: &str| {
            let path = testprogs().join("expected").join(format!("{}.{kind}", self.name));
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        Outcome {
            stdout: String::from_utf8_lossy(&file("stdout")).into_owned(),
            status: String::from_utf8_lossy(&file("status")).trim().parse().expect("a number"),
        }
    }

    /// Runs `command` followed by ELF and arguments; also returns its standard error.
    fn run(&self, command: &mut Command) -> (Outcome, String) {
        let scratch = Scratch::new(&self.name);
        let input = testprogs().join("expected").join(format!("{}.stdin", self.name));
        let input = std::fs::File::open(input).map_or(Stdio::null(), Stdio::from);
        let mut child = command
            .arg(&self.elf)
            .args(&self.arguments)
            .current_dir(&scratch.0)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the emulator starts");
        let drain = |pipe: Option<Box<dyn Read + Send>>| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                if let Some(mut pipe) = pipe {
                    pipe.read_to_end(&mut bytes).ok();
                }
                String::from_utf8_lossy(&bytes).into_owned()
            })
        };
        let stdout = drain(child.stdout.take().map(|pipe| Box::new(pipe) as _));
        let stderr = drain(child.stderr.take().map(|pipe| Box::new(pipe) as _));
        let start = Instant::now();
        let status = loop {
            match child.try_wait().expect("the emulator can be waited for") {
                Some(status) => break exit_status(status),
                None if start.elapsed() > PATIENCE => {
                    child.kill().ok();
                    child.wait().ok();
                    break -1;
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        let stdout = stdout.join().expect("standard output");
        (Outcome { stdout, status }, stderr.join().expect("standard error"))
    }

    fn mellivora(&self, options: &[OsString]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mellivora"));
        command.arg("run");
        for (key, value) in &self.variables {
            command.arg("--setenv").arg(format!("{key}={value}"));
        }
        command.args(options);
        command
    }
}

/// 128 + signal when a process died of one, as shells say it; Mellivora exits so itself.
fn exit_status(status: std::process::ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(-1)
}

/// What differs between two outcomes, or `None`.
fn difference(got: &Outcome, expected: &Outcome) -> Option<String> {
    if got == expected {
        return None;
    }
    let mut text = String::new();
    if got.status != expected.status {
        text += &format!("  exit status {}, expected {}\n", got.status, expected.status);
    }
    let mut lines = (got.stdout.lines(), expected.stdout.lines());
    for number in 1.. {
        match (lines.0.next(), lines.1.next()) {
            (None, None) => break,
            (ours, theirs) if ours != theirs => {
                text += &format!(
                    "  line {number}: {}\n  expected: {}\n",
                    ours.unwrap_or("(end)"),
                    theirs.unwrap_or("(end)")
                );
                break;
            }
            _ => {}
        }
    }
    Some(text)
}

/// Runs the lines with these references on Mellivora and tells all that differ.
fn check(references: &[&str], options: &[OsString]) {
    let mut failures = String::new();
    let programs = manifest(references);
    for program in &programs {
        let (outcome, stderr) = program.run(&mut program.mellivora(options));
        if let Some(difference) = difference(&outcome, &program.expected()) {
            failures += &format!("{}:\n{difference}", program.name);
            for line in stderr.lines().take(12) {
                failures += &format!("  stderr: {line}\n");
            }
        }
    }
    assert!(failures.is_empty(), "differs from {references:?}:\n{failures}");
}

#[test]
fn linux_programs_do_what_they_do_on_qemu() {
    check(&["user"], &[]);
}

#[test]
fn bare_metal_programs_do_what_they_do_on_qemu() {
    check(&["spike", "semihost", "hand"], &[]);
}

#[test]
fn dynamic_programs_run_from_a_sysroot() {
    let Some(sysroot) = sysroot() else {
        println!("skipped: no RISC-V C library (SYSROOT, or /usr/riscv64-linux-gnu)");
        return;
    };
    check(&["sysroot"], &["--sysroot".into(), sysroot.into()]);
}

fn sysroot() -> Option<PathBuf> {
    let path = std::env::var_os("SYSROOT").map_or_else(|| "/usr/riscv64-linux-gnu".into(), PathBuf::from);
    path.join("lib/ld-linux-riscv64-lp64d.so.1").exists().then_some(path)
}

/// The recorded expectations are still QEMU's, where QEMU 10 or later is installed.
#[test]
fn the_record_is_what_qemu_prints() {
    let version = Command::new("qemu-riscv64").arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let major = version.split(' ').nth(2).and_then(|number| number.split('.').next()?.parse::<u32>().ok());
    if major.is_none_or(|major| major < 10) {
        println!("skipped: qemu-riscv64 10 or later is not on PATH (found: {:?})", version.lines().next());
        return;
    }
    for program in manifest(&["user"]) {
        let mut command = Command::new("qemu-riscv64");
        command.args(["-cpu", "max"]).envs(program.variables.iter().cloned());
        let (outcome, _) = program.run(&mut command);
        if let Some(difference) = difference(&outcome, &program.expected()) {
            panic!("{} ({}) on {version}:\n{difference}", program.name, program.reference);
        }
    }
}

/// The signature is written as riscv-arch-test wants it: one word a line, the last byte first.
#[test]
fn the_signature_is_written_in_words_of_the_granularity() {
    let scratch = Scratch::new("signature");
    let file = scratch.0.join("signature");
    for (granularity, expected) in [
        ("4", "89abcdef\n01234567\n89abcdef\n000000ef\ndeadbeef\n00000000\ndeadbeef\n00000000\n"),
        ("8", "0123456789abcdef\n000000ef89abcdef\n00000000deadbeef\n00000000deadbeef\n"),
        ("16", "000000ef89abcdef0123456789abcdef\n00000000deadbeef00000000deadbeef\n"),
    ] {
        let status = Command::new(env!("CARGO_BIN_EXE_mellivora"))
            .args(["run", "--signature", &file.to_string_lossy(), "--signature-granularity", granularity])
            .arg(testprogs().join("bare/pass.elf"))
            .status()
            .expect("the emulator starts");
        assert!(status.success());
        assert_eq!(std::fs::read_to_string(&file).expect("a signature"), expected, "granularity {granularity}");
    }
}
