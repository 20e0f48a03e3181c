//! Any bytes as an ELF file: reading, looking up, loading into each environment, and a few steps of what was loaded.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mellivora::elf::{Elf, Placement};
use mellivora::env::{BareOptions, LinuxOptions, detect};
use mellivora::hart::{Clock, HartConfig};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine};
use mellivora::memory::Memory;

/// A small address space keeps the largest mapping small.
const LIMIT: u64 = 1 << 32;

fn machine(limit: u64) -> Option<Machine> {
    let isa = Isa::all();
    Machine::new(Config { isa, hart: HartConfig::for_isa(&isa), limit, clock: Clock::virtual_time() }).ok()
}

fn run(mut machine: Machine) {
    let stop = machine.run(2000);
    if let Some(explanation) = machine.explain(&stop) {
        assert!(!explanation.to_string().is_empty());
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(elf) = Elf::parse_any(data.to_vec()) else {
        assert!(Elf::parse(data.to_vec()).is_err(), "what cannot be read cannot be run");
        return;
    };
    let _ = (elf.symbols().len(), elf.sections().len(), elf.attributes(), elf.symbol("main"), elf.symbol_at(elf.entry));
    let _ = detect(&elf);
    let Ok(elf) = Elf::parse(data.to_vec()) else { return };
    if let Ok(mut memory) = Memory::new(LIMIT, LIMIT) {
        let _ = elf.load(&mut memory, Placement::Virtual(0), "program");
        let _ = elf.load(&mut memory, Placement::Physical, "program");
    }
    if let Some(mut m) = machine(LIMIT)
        && m.boot_linux(&elf, LinuxOptions::default()).is_ok()
    {
        run(m);
    }
    let options = || BareOptions { memory: 1 << 20, ..BareOptions::default() };
    if let Ok(limit) = options().limit(&elf)
        && limit <= LIMIT
        && let Some(mut m) = machine(limit)
        && m.boot_bare(&elf, options()).is_ok()
    {
        run(m);
    }
});
