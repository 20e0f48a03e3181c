//! Whole programs without an operating system print and return what `testprogs/expected` says.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use mellivora::elf::Elf;
use mellivora::env::{BareOptions, Files, Streams};
use mellivora::hart::{Clock, HartConfig};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop};

struct Outcome {
    stop: Stop,
    output: Vec<u8>,
    machine: Machine,
}

fn run(elf: &str, stepped: bool) -> Outcome {
    // Files go to a directory of this run alone.
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let root = std::env::temp_dir().join(format!("bare-{}-{run}", std::process::id()));
    std::fs::create_dir_all(&root).unwrap();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("testprogs");
    let elf = Elf::parse(std::fs::read(dir.join(elf)).unwrap()).unwrap();
    let (streams, output, _) = Streams::capture([]);
    let files = Files::Root(root.clone());
    let options = BareOptions { streams, files, ..BareOptions::default() };
    let limit = options.limit(&elf).unwrap();
    let config = Config { isa: Isa::all(), hart: HartConfig::default(), limit, clock: Clock::virtual_time() };
    let mut machine = Machine::new(config).unwrap();
    machine.boot_bare(&elf, options).unwrap();
    let stop = if stepped {
        std::iter::repeat_with(|| machine.step()).find(|s| *s != Stop::Budget).unwrap()
    } else {
        machine.run(100_000_000)
    };
    std::fs::remove_dir_all(root).unwrap();
    Outcome { stop, output: output.bytes(), machine }
}

fn check(name: &str) -> Machine {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("testprogs/expected");
    let read = |suffix: &str| std::fs::read(expected.join(format!("{name}.{suffix}"))).unwrap();
    let status: i32 = String::from_utf8(read("status")).unwrap().trim().parse().unwrap();
    let elf = format!("bare/{name}.elf");
    let (fast, stepped) = (run(&elf, false), run(&elf, true));
    assert_eq!(String::from_utf8_lossy(&fast.output), String::from_utf8_lossy(&read("stdout")), "{name}");
    assert_eq!(fast.stop, Stop::Exited(status), "{name}");
    assert_eq!((stepped.stop, stepped.output), (fast.stop, fast.output), "{name}, one instruction at a time");
    assert_eq!(stepped.machine.hart().instret(), fast.machine.hart().instret(), "{name}");
    fast.machine
}

#[test]
fn a_riscv_tests_program_passes_and_leaves_its_signature() {
    let machine = check("pass");
    let text = machine.signature(16).unwrap();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        ["000000ef89abcdef0123456789abcdef", "00000000deadbeef00000000deadbeef"]
    );
    assert_eq!(machine.signature(4).unwrap().lines().next(), Some("89abcdef"));
}

#[test]
fn a_failing_riscv_tests_program_says_which_test() {
    check("fail");
}

#[test]
fn console_device() {
    check("console");
}

#[test]
fn proxied_calls() {
    check("htif");
}

#[test]
fn traps_and_interrupts() {
    check("traps");
}

#[test]
fn semihosting() {
    check("semihost");
}
