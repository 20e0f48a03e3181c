//! Any sequence of Linux system calls with any arguments, of a program that may reach no files of the host.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mellivora::elf::Elf;
use mellivora::env::{LinuxOptions, Streams};
use mellivora::hart::{Clock, HartConfig};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop};
use mellivora::memory::Prot;
use std::sync::OnceLock;

/// Pages that arguments may point at.
const DATA: u64 = 0x20_0000;
const SIZE: u64 = 0x1_0000;
const CALLS: usize = 40;
const LIMIT: u64 = 1 << 32;

static PROGRAM: OnceLock<Elf> = OnceLock::new();

fn program() -> &'static Elf {
    PROGRAM.get_or_init(|| Elf::parse(include_bytes!("../../testprogs/linux/tiny.elf").to_vec()).expect("it is good"))
}

/// A value from two bytes: small numbers, flags, pointers, lengths, and corners.
fn value(kind: u8, bits: u8) -> u64 {
    let n = u64::from(bits);
    match kind % 16 {
        0 => n,
        1 => n.wrapping_neg(),
        2 => 1 << (n & 63),
        3 => (1 << (n & 63)) - 1,
        4 => DATA + n * 8,
        5 => DATA + SIZE - n,
        6 => DATA + n * 256,
        7 => n << 12,
        8 => DATA + (n << 12),
        9 => n << 8,
        10 => LIMIT - (n << 12),
        11 => u64::MAX << (n & 63),
        12 => 0x1_0000 + n,
        13 => n << 24,
        14 => -100i64 as u64,
        _ => 0,
    }
}

fuzz_target!(|data: &[u8]| {
    let isa = Isa::all();
    let config = Config { isa, hart: HartConfig::for_isa(&isa), limit: LIMIT, clock: Clock::virtual_time() };
    let Ok(mut m) = Machine::new(config) else { return };
    let (streams, ..) = Streams::capture(*b"some input\nfor the guest\n");
    let options = LinuxOptions { streams, stack: 1 << 20, ..LinuxOptions::default() };
    if m.boot_linux(program(), options).is_err() {
        return;
    }
    // `ecall; j .-4`, and a page of names, numbers and pointers.
    let code = 0x30_0000u64;
    let loaded = m.memory_mut().map(code..code + 0x1000, Prot::READ | Prot::EXEC, "code").is_ok()
        && m.memory_mut().write(code, &[0x73, 0, 0, 0, 0x6f, 0xf0, 0xdf, 0xff]).is_ok()
        && m.memory_mut().map(DATA..DATA + SIZE, Prot::READ | Prot::WRITE, "data").is_ok();
    if !loaded {
        return;
    }
    for (n, at) in (DATA..DATA + SIZE).step_by(64).enumerate() {
        let names: [&[u8]; 4] = [b"/dev/null\0", b"/proc/self/maps\0", b".\0", b"/tmp/../x\0"];
        let _ = m.memory_mut().write(at, names[n % 4]);
        let _ = m.memory_mut().write(at + 32, &(DATA + 64 * (n as u64 % 512)).to_le_bytes());
        let _ = m.memory_mut().write(at + 40, &(n as u64).to_le_bytes());
    }
    m.hart_mut().set_pc(code);
    for call in data.chunks_exact(14).take(CALLS) {
        let hart = m.hart_mut();
        hart.set_x(17, u64::from(call[0]) | u64::from(call[1] & 1) << 8);
        for (n, pair) in call[2..].chunks_exact(2).enumerate() {
            hart.set_x(10 + n as u8, value(pair[0], pair[1]));
        }
        match m.run(2) {
            Stop::Budget => {}
            stop => {
                let _ = m.explain(&stop).map(|e| e.to_string());
                return;
            }
        }
        // A handler, a new mapping or a longjmp of the kernel's may have led elsewhere.
        m.hart_mut().set_pc(code);
    }
});
