//! Linux programs on the machine.
#![cfg(unix)]

use mellivora::elf::Elf;
use mellivora::env::{LinuxOptions, Streams};
use mellivora::hart::Clock;
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop};

#[test]
fn hello() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testprogs/linux/tiny.elf");
    let elf = Elf::parse(std::fs::read(path).unwrap()).unwrap();
    let config = Config { isa: Isa::all(), hart: Default::default(), limit: 1 << 38, clock: Clock::virtual_time() };
    let mut m = Machine::new(config).unwrap();
    let (streams, out, _) = Streams::capture("");
    let mut options = LinuxOptions::default();
    options.streams = streams;
    m.boot_linux(&elf, options).unwrap();
    assert_eq!(m.run(1_000_000), Stop::Exited(0));
    assert!(!out.text().is_empty());
}
