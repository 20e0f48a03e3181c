//! Which environment a program expects, told by the file alone.

use crate::elf::Elf;
use crate::memory::Prot;

/// The kinds of environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A Linux process.
    Linux,
    /// A machine without an operating system.
    Bare,
}

/// Where RAM begins on most RISC-V machines; no Linux program is linked there unless it says so.
const RAM: u64 = 0x8000_0000;

/// The instructions of a semihosting call (RISC-V Semihosting, "Entering semihosting").
const SEMIHOSTING: [u8; 12] = [0x13, 0x10, 0xf0, 0x01, 0x73, 0x00, 0x10, 0x00, 0x13, 0x50, 0x70, 0x40];

/// The environment that a program expects, and why. The first of these rules that fits decides:
///
/// 1. it asks for a dynamic loader: Linux
/// 2. it has a note for Linux (glibc, and everything built by distributions): Linux
/// 3. it has the symbol or the section `tohost`: bare, with HTIF (riscv-tests, newlib and others for Spike)
/// 4. its entry point lies at 0x8000_0000 or above: bare
/// 5. it contains a semihosting call: bare (picolibc)
/// 6. anything else (static musl, newlib without an operating system, programs without a C library): Linux
pub fn detect(elf: &Elf) -> (Kind, &'static str) {
    if elf.interpreter.is_some() {
        (Kind::Linux, "it asks for a dynamic loader")
    } else if elf.has_linux_note() {
        (Kind::Linux, "it has a note for Linux")
    } else if elf.symbol("tohost").or(elf.section(".tohost").map(|s| s.start)).is_some() {
        (Kind::Bare, "it has the symbol tohost")
    } else if elf.entry >= RAM {
        (Kind::Bare, "its entry point lies at or above 0x80000000")
    } else if has_semihosting(elf) {
        (Kind::Bare, "it contains a semihosting call")
    } else {
        (Kind::Linux, "nothing speaks for bare metal")
    }
}

fn has_semihosting(elf: &Elf) -> bool {
    let code = elf.segments.iter().filter(|s| s.prot.contains(Prot::EXEC));
    code.map(|s| &elf.bytes[s.data.clone()]).any(|b| b.windows(SEMIHOSTING.len()).any(|w| w == SEMIHOSTING))
}
