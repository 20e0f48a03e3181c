//! Whole Linux programs: every run of `testprogs/manifest.txt` that was recorded with QEMU's user mode.
#![cfg(unix)]

use std::path::{Path, PathBuf};

use mellivora::elf::Elf;
use mellivora::env::{Files, LinuxOptions, Streams};
use mellivora::hart::Clock;
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop};

fn testprogs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testprogs")
}

/// An empty directory that goes away.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("mellivora-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a program printed, and its status as a shell would show it.
struct Outcome {
    status: i32,
    output: Vec<u8>,
    error: String,
}

/// Runs one line of the manifest.
fn run(name: &str, words: &[&str], files: Option<Files>, sysroot: Option<PathBuf>) -> Outcome {
    let program = words.iter().position(|w| w.ends_with(".elf")).unwrap();
    let bytes = |w: &&str| w.trim_matches('"').as_bytes().to_vec();
    let elf = Elf::parse(std::fs::read(testprogs().join(words[program])).unwrap()).unwrap();
    let input = std::fs::read(testprogs().join(format!("expected/{name}.stdin"))).unwrap_or_default();
    let (streams, output, error) = Streams::capture(input);
    let scratch = Scratch::new(name);
    let options = LinuxOptions {
        args: words[program + 1..].iter().map(bytes).collect(),
        env: words[..program].iter().map(bytes).collect(),
        files: files.unwrap_or(Files::Root(scratch.0.clone())),
        program_path: words[program].into(),
        streams,
        sysroot,
        ..LinuxOptions::default()
    };
    let config = Config { isa: Isa::all(), hart: Default::default(), limit: 1 << 38, clock: Clock::virtual_time() };
    let mut machine = Machine::new(config).unwrap();
    machine.boot_linux(&elf, options).unwrap();
    let status = match machine.run(20_000_000_000) {
        Stop::Exited(status) => status,
        Stop::Killed(death) => 128 + death.signal,
        other => panic!("{name}: {other:?} at {:#x}\n{}{}", machine.hart().pc(), output.text(), error.text()),
    };
    Outcome { status, output: output.bytes(), error: error.text() }
}

/// Says how a run differs from what was recorded, if it does.
fn compare(name: &str, outcome: &Outcome) -> Option<String> {
    let expected = |kind| std::fs::read(testprogs().join(format!("expected/{name}.{kind}"))).unwrap();
    let status: i32 = String::from_utf8(expected("status")).unwrap().trim().parse().unwrap();
    if outcome.status != status {
        return Some(format!("{name}: status {} instead of {status}\n{}", outcome.status, outcome.error));
    }
    let output = expected("stdout");
    if outcome.output == output {
        return None;
    }
    let (got, want) = (String::from_utf8_lossy(&outcome.output), String::from_utf8_lossy(&output));
    let mut lines = got.lines().zip(want.lines()).enumerate().filter(|(_, (g, w))| g != w);
    Some(match lines.next() {
        Some((n, (g, w))) => format!("{name}, line {}:\n  {g}\ninstead of\n  {w}", n + 1),
        None => format!("{name}: {} lines instead of {}", got.lines().count(), want.lines().count()),
    })
}

/// Runs the lines of the manifest whose name passes `filter`, and compares.
fn check(filter: impl Fn(&str) -> bool) {
    let manifest = std::fs::read_to_string(testprogs().join("manifest.txt")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in manifest.lines().filter(|l| !l.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, "user", rest @ ..] = &words[..] else { continue };
        if !filter(name) {
            continue;
        }
        count += 1;
        let outcome = run(name, rest, None, None);
        wrong.extend(compare(name, &outcome));
    }
    assert!(count > 0, "the manifest has no such program");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_end(name: &str) -> bool {
    name.starts_with("die-") || name == "usage"
}

#[test]
fn programs_print_what_they_print_under_qemu() {
    check(|name| !is_end(name) && !name.starts_with("bench-") && name != "strings");
}

/// glibc reads its locales from the host.
#[test]
fn a_program_with_a_locale_of_the_host() {
    if !Path::new("/usr/lib/locale/C.utf8/LC_CTYPE").exists() {
        eprintln!("skipped: the host has no C.UTF-8 locale");
        return;
    }
    let outcome = run("strings", &["linux/suite.elf", "strings"], Some(Files::Host), None);
    assert_eq!(compare("strings", &outcome), None);
}

/// Debian's cross C library, or another one named by the environment.
#[test]
fn a_dynamic_program_with_a_sysroot() {
    let root = std::env::var_os("RISCV64_SYSROOT").unwrap_or("/usr/riscv64-linux-gnu".into());
    if !Path::new(&root).join("lib/ld-linux-riscv64-lp64d.so.1").exists() {
        eprintln!("skipped: {root:?} has no RISC-V C library; RISCV64_SYSROOT names another one");
        return;
    }
    let outcome = run("dynamic", &["linux/dynamic.elf"], None, Some(root.into()));
    assert_eq!(compare("dynamic", &outcome), None);
}

#[test]
fn programs_end_as_under_qemu() {
    check(is_end);
}

/// These are long without optimisation.
#[test]
fn benchmark_programs_compute_what_they_should() {
    check(|name| if cfg!(debug_assertions) { name == "bench-matmul" } else { name.starts_with("bench-") });
}
