//! Runs a Linux program, catches what it prints, and says why it ended.
//!
//! `cargo run --example run_elf -- testprogs/linux/hello.elf`

use mellivora::elf::Elf;
use mellivora::env::{LinuxOptions, Streams};
use mellivora::machine::{Config, Machine, Stop};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "testprogs/linux/hello.elf".to_owned());
    let elf = Elf::parse(std::fs::read(&path)?)?;
    println!("{path}: entry {:#x}, main at {:x?}", elf.entry, elf.symbol("main"));

    // The options grant nothing of the host: no files, and streams that stay in memory.
    let (streams, output, errors) = Streams::capture(*b"what the program reads");
    let args = std::env::args().skip(2).map(String::into_bytes).collect();
    let mut machine = Machine::new(Config::default())?;
    machine.boot_linux(&elf, LinuxOptions { args, streams, ..LinuxOptions::default() })?;

    let stop = machine.run(u64::MAX);
    print!("{}{}", output.text(), errors.text());
    match machine.explain(&stop) {
        Some(explanation) => println!("{explanation}"),
        None => println!("{stop:?} after {} instructions", machine.hart().instret()),
    }
    assert!(!matches!(stop, Stop::Budget));
    Ok(())
}
