//! The Linux environment through the library's public face, with programs of a few instructions.
#![cfg(unix)]

use std::io::{self, Write};
use std::time::Duration;

use mellivora::elf::Elf;
use mellivora::env::{Files, LinuxOptions, LoadError, Streams};
use mellivora::hart::Clock;
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop};

const BASE: u64 = 0x1_0000;
const ECALL: u32 = 0x73;
/// `j .`
const LOOP: u32 = 0x6f;

/// `li rd, imm` for small numbers.
fn li(rd: u32, imm: i32) -> u32 {
    (imm as u32) << 20 | rd << 7 | 0x13
}

/// `auipc rd, 0`
fn here(rd: u32) -> u32 {
    rd << 7 | 0x17
}

/// `addi rd, rd, imm`
fn add(rd: u32, imm: u32) -> u32 {
    imm << 20 | rd << 15 | rd << 7 | 0x13
}

const A0: u32 = 10;
const A1: u32 = 11;
const A2: u32 = 12;
const A7: u32 = 17;

/// The bytes of an ELF file with one segment, read, write and execute, at `base`.
fn file(kind: u16, base: u64, interpreter: bool, code: &[u32]) -> Vec<u8> {
    let size = 64 + 2 * 56 + 4 * code.len() as u64;
    let mut out = b"\x7fELF\x02\x01\x01".to_vec();
    out.resize(16, 0);
    out.extend(kind.to_le_bytes());
    out.extend(243_u16.to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    for word in [base + 64 + 112, 64, 0] {
        out.extend(u64::to_le_bytes(word));
    }
    out.extend(0_u32.to_le_bytes());
    for half in [64_u16, 56, 2, 64, 0, 0] {
        out.extend(half.to_le_bytes());
    }
    // PT_LOAD of the whole file, and PT_INTERP or nothing; the name is the first bytes of the file.
    for (kind, flags, size) in [(1_u32, 7_u32, size), (if interpreter { 3 } else { 0 }, 4, 4)] {
        out.extend(kind.to_le_bytes());
        out.extend(flags.to_le_bytes());
        for word in [0, base, base, size, size, 4096] {
            out.extend(u64::to_le_bytes(word));
        }
    }
    out.extend(code.iter().flat_map(|w| w.to_le_bytes()));
    out
}

fn elf(code: &[u32]) -> Elf {
    Elf::parse(file(2, BASE, false, code)).unwrap()
}

fn machine(clock: Clock) -> Machine {
    Machine::new(Config { isa: Isa::all(), hart: Default::default(), limit: 1 << 38, clock }).unwrap()
}

fn booted(code: &[u32], options: LinuxOptions) -> Machine {
    let mut m = machine(Clock::virtual_time());
    m.boot_linux(&elf(code), options).unwrap();
    m
}

#[test]
fn a_call_counts_as_one_instruction() {
    let code = [li(A7, 172), ECALL, li(A7, 93), ECALL];
    for n in 1..4 {
        let mut m = booted(&code, LinuxOptions::default());
        let start = m.hart().pc();
        assert_eq!(m.run(n), Stop::Budget);
        assert_eq!((m.hart().instret(), m.hart().pc()), (n, start + 4 * n));
        let pid = if n < 2 { 0 } else { 1000 };
        assert_eq!(m.hart().x(10), pid);
    }
    let mut m = booted(&code, LinuxOptions::default());
    assert_eq!(m.run(1000), Stop::Exited(1000 & 0xff));
}

#[test]
fn unknown_calls_are_reported_once_if_wanted() {
    for verbose in [false, true] {
        let code = [li(A7, 400), ECALL, ECALL, li(A7, 401), ECALL, li(A7, 93), ECALL];
        let (streams, output, error) = Streams::capture("");
        let mut m = booted(&code, LinuxOptions { streams, verbose, ..LinuxOptions::default() });
        assert_eq!(m.run(1000), Stop::Exited(-38_i32 as u8 as i32));
        assert_eq!(output.text(), "");
        let lines = error.text();
        assert_eq!(lines.lines().count(), if verbose { 2 } else { 0 }, "{lines}");
        assert!(!verbose || lines.contains("400") && lines.contains("401"));
    }
}

/// Writes three bytes of its own code, then exits with what that returned.
const WRITER: [u32; 8] = [li_a0_1(), 0x597, 0x300613, 0x0400_0893, ECALL, 0x05d0_0893, ECALL, LOOP];

const fn li_a0_1() -> u32 {
    0x0010_0513
}

#[test]
fn output_reaches_the_embedder() {
    struct Count(std::sync::mpsc::Sender<usize>);
    impl Write for Count {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            self.0.send(data.len()).map_err(io::Error::other)?;
            Ok(data.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (send, receive) = std::sync::mpsc::channel();
    let streams = Streams::new(io::empty(), Count(send), io::sink());
    let mut m = booted(&WRITER, LinuxOptions { streams, ..LinuxOptions::default() });
    assert_eq!(m.run(1000), Stop::Exited(3));
    assert_eq!(receive.recv().unwrap(), 3);
}

#[test]
fn a_closed_output_raises_sigpipe() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let streams = Streams::new(io::empty(), Closed, io::sink());
    let mut m = booted(&WRITER, LinuxOptions { streams, ..LinuxOptions::default() });
    let Stop::Killed(death) = m.run(1000) else { panic!("it lives") };
    assert_eq!((death.signal, death.trap), (13, None));
}

#[test]
fn a_sleeping_machine_can_be_stopped() {
    // nanosleep of the two words at the program's start: centuries.
    let code = [here(A0), add(A0, 0x100), li(A1, 0), li(A7, 101), ECALL, LOOP];
    let mut m = machine(Clock::host());
    m.boot_linux(&elf(&code), LinuxOptions::default()).unwrap();
    let at = m.hart().pc() + 0x100;
    m.memory_mut().write(at, &(1_u64 << 33).to_le_bytes()).unwrap();
    m.memory_mut().write(at + 8, &0_u64.to_le_bytes()).unwrap();
    let handle = m.stop_handle();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(60));
        handle.stop();
    });
    assert_eq!(m.run(u64::MAX), Stop::Stopped);
    assert_eq!(m.hart().instret(), 4, "the call has not retired");
    thread.join().unwrap();
    // A virtual clock simply gets there.
    let mut m = booted(&code, LinuxOptions::default());
    m.memory_mut().write(at, &(1_u64 << 33).to_le_bytes()).unwrap();
    assert_eq!(m.run(1000), Stop::Budget);
    assert_eq!(m.hart().x(10), 0);
}

#[test]
fn position_independent_programs_get_a_bias() {
    let code = [li(A0, 7), li(A7, 93), ECALL];
    let mut m = machine(Clock::virtual_time());
    m.boot_linux(&Elf::parse(file(3, 0, false, &code)).unwrap(), LinuxOptions::default()).unwrap();
    assert!(m.load_bias() > 0 && m.load_bias().is_multiple_of(4096));
    assert_eq!(m.hart().pc(), m.load_bias() + 64 + 112);
    assert_eq!(m.run(1000), Stop::Exited(7));
    let m = booted(&code, LinuxOptions::default());
    assert_eq!(m.load_bias(), 0);
}

#[test]
fn the_stack_holds_what_the_psabi_says() {
    let options = LinuxOptions {
        args: vec![b"one".to_vec(), b"".to_vec()],
        argv0: Some(b"zero".to_vec()),
        env: vec![b"A=b".to_vec()],
        program_path: b"/bin/program".to_vec(),
        ..LinuxOptions::default()
    };
    let m = booted(&[LOOP], options);
    let sp = m.hart().x(2);
    assert_eq!(sp % 16, 0);
    let word = |at: u64| u64::from_le_bytes(m.memory().slice(at, 8).unwrap().try_into().unwrap());
    let text = |at: u64| {
        let bytes = m.memory().slice(at, 32.min((sp | 0xfff) + 1 - at)).unwrap();
        String::from_utf8(bytes.split(|&b| b == 0).next().unwrap().to_vec()).unwrap()
    };
    assert_eq!(word(sp), 3);
    let strings: Vec<String> = (1..4).map(|n| text(word(sp + 8 * n))).collect();
    assert_eq!(strings, ["zero", "one", ""]);
    assert_eq!((word(sp + 32), text(word(sp + 40)), word(sp + 48)), (0, "A=b".into(), 0));
    let mut aux = std::collections::HashMap::new();
    let mut at = sp + 56;
    while word(at) != 0 {
        assert!(aux.insert(word(at), word(at + 8)).is_none(), "twice");
        at += 16;
    }
    // AT_PHDR, AT_PHENT, AT_PHNUM, AT_PAGESZ, AT_ENTRY, AT_HWCAP
    assert_eq!((aux[&3], aux[&4], aux[&5]), (BASE + 64, 56, 2));
    assert_eq!((aux[&6], aux[&9]), (4096, m.hart().pc()));
    let letters = "imafdc".bytes().fold(0, |bits, l| bits | 1_u64 << (l - b'a'));
    assert_eq!(aux[&16] & letters, letters);
    assert_eq!(text(aux[&31]), "/bin/program");
    assert!(m.memory().slice(aux[&25], 16).is_ok(), "AT_RANDOM");
}

#[test]
fn what_cannot_be_loaded_is_explained() {
    let boot = |bytes: Vec<u8>, options: LinuxOptions| {
        let elf = Elf::parse(bytes).unwrap();
        machine(Clock::virtual_time()).boot_linux(&elf, options).unwrap_err()
    };
    let plain = LinuxOptions::default;
    let e = boot(file(2, 0x1000, false, &[LOOP]), plain());
    assert!(matches!(e, LoadError::Segment { start: 0x1000, low: 0x1_0000, .. }), "{e}");
    let e = boot(file(2, 1 << 40, false, &[LOOP]), plain());
    assert!(matches!(e, LoadError::Segment { .. }), "{e}");
    let e = boot(file(2, BASE, false, &[LOOP]), LinuxOptions { stack: u64::MAX, ..plain() });
    assert!(matches!(e, LoadError::Stack { .. }), "{e}");
    let e = boot(file(2, BASE, false, &[LOOP]), LinuxOptions { args: vec![vec![b'x'; 3 << 20]], ..plain() });
    assert!(matches!(e, LoadError::Arguments { .. }), "{e}");
    let e = boot(file(2, BASE, true, &[LOOP]), plain());
    assert!(matches!(e, LoadError::Interpreter { .. }), "{e}");
    let e = boot(file(2, BASE, false, &[LOOP]), LinuxOptions { files: Files::Root("/no/such".into()), ..plain() });
    assert!(matches!(e, LoadError::Directory { .. }), "{e}");
}

#[test]
fn equal_seeds_give_equal_randomness() {
    let code = [here(A0), add(A0, 0x200), li(A1, 64), li(A2, 0), li(A7, 278), ECALL, LOOP];
    let run = |seed| {
        let mut m = booted(&code, LinuxOptions { seed, ..LinuxOptions::default() });
        m.run(100);
        m.memory().slice(BASE + 64 + 112 + 0x200, 64).unwrap().to_vec()
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}
