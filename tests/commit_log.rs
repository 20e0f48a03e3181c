//! The commit log against logs that Spike wrote (`tests/data/commit-log/`), byte for byte.

use std::path::Path;
use std::sync::{Arc, Mutex};

use mellivora::elf::Elf;
use mellivora::env::BareOptions;
use mellivora::hart::{Clock, HartConfig};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop};
use mellivora::observe::CommitLog;

/// The log of a program up to its end.
fn log(elf: &str, isa: Isa, hart: HartConfig) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testprogs/bare").join(elf);
    let elf = Elf::parse(std::fs::read(path).unwrap()).unwrap();
    let options = BareOptions::default();
    let limit = options.limit(&elf).unwrap();
    let config = Config { isa, hart, limit, clock: Clock::virtual_time() };
    let mut machine = Machine::new(config).unwrap();
    machine.boot_bare(&elf, options).unwrap();
    let log = Arc::new(Mutex::new(CommitLog::new(Vec::new(), &isa)));
    let writer = log.clone();
    machine.on_retire(move |retired| writer.lock().unwrap().record(retired).unwrap());
    assert_eq!(machine.run(1_000_000), Stop::Exited(0));
    machine.ignore_retire();
    let log = Arc::into_inner(log).unwrap().into_inner().unwrap();
    String::from_utf8(log.into_inner()).unwrap()
}

/// Spike's log. It goes on behind the program's end until the host looks at `tohost`, so only its beginning is kept; lines
/// with `#` say how it was made.
fn recorded(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/commit-log").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter(|l| !l.starts_with('#')).fold(String::new(), |s, l| s + l + "\n")
}

fn check(name: &str, ours: &str) {
    let spikes = recorded(name);
    for (n, (a, b)) in ours.lines().zip(spikes.lines()).enumerate() {
        assert_eq!(a, b, "line {} of {name}", n + 1);
    }
    assert_eq!(ours, spikes, "{name}");
}

#[test]
fn everything_that_a_log_shows_in_a_way_of_its_own() {
    check("log.txt", &log("log.elf", Isa::all(), HartConfig::default()));
}

#[test]
fn a_riscv_tests_program() {
    check("pass.txt", &log("pass.elf", Isa::all(), HartConfig::default()));
}

#[test]
fn everything_that_a_log_shows_of_vectors() {
    let isa = Isa::parse("rv64gcv_zvfh_zvkned").unwrap();
    check("vector.txt", &log("vlog.elf", isa, HartConfig::for_isa(&isa)));
}
