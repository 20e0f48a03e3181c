//! Copies a running machine, lets both go their ways, and starts one again.

use mellivora::elf::Elf;
use mellivora::env::LinuxOptions;
use mellivora::machine::{Config, Machine, Stop};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let elf = Elf::parse(std::fs::read("testprogs/bench/states.elf")?)?;
    let mut machine = Machine::new(Config::default())?;
    machine.boot_linux(&elf, LinuxOptions { args: vec![b"1".to_vec()], ..LinuxOptions::default() })?;
    assert_eq!(machine.run(1_000_000), Stop::Budget);

    // From here on the two know nothing of each other.
    let mut copy = machine.try_clone()?;
    let end = machine.run(u64::MAX);
    assert_eq!(copy.hart().instret(), 1_000_000);
    assert_eq!(copy.run(u64::MAX), end);
    let total = machine.hart().instret();
    assert_eq!(copy.hart().instret(), total);

    // Virtual time and a fixed seed: the second run is the first one again, to the instruction.
    machine.reset()?;
    assert_eq!(machine.hart().instret(), 0);
    assert_eq!(machine.run(u64::MAX), end);
    assert_eq!(machine.hart().instret(), total);
    println!("{end:?} after {total} instructions, three times");
    Ok(())
}
