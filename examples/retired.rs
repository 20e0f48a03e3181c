//! Watches every instruction of a program: which ones it runs most, and how much memory they move.
//!
//! `cargo run --release --example retired -- testprogs/bench/sha256.elf 1`

use mellivora::elf::Elf;
use mellivora::env::LinuxOptions;
use mellivora::isa::Op;
use mellivora::machine::{Config, Machine, Stop};
use mellivora::memory::Access;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Counts {
    ops: HashMap<Op, u64>,
    loaded: u64,
    stored: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "testprogs/linux/tiny.elf".to_owned());
    let args = std::env::args().skip(2).map(String::into_bytes).collect();
    let mut machine = Machine::new(Config::default())?;
    machine.boot_linux(&Elf::parse(std::fs::read(path)?)?, LinuxOptions { args, ..LinuxOptions::default() })?;

    let counts = Arc::new(Mutex::new(Counts::default()));
    let seen = counts.clone();
    machine.on_retire(move |retired| {
        let mut counts = seen.lock().expect("nobody panics with it");
        // 16-bit instructions count as what they stand for.
        *counts.ops.entry(retired.insn.base).or_default() += 1;
        for touch in retired.touches {
            match touch.access {
                Access::Write => counts.stored += u64::from(touch.size),
                _ => counts.loaded += u64::from(touch.size),
            }
        }
    });
    let stop = machine.run(20_000_000);
    assert!(matches!(stop, Stop::Exited(0) | Stop::Budget), "{stop:?}");

    let counts = counts.lock().expect("nobody panics with it");
    let mut most: Vec<_> = counts.ops.iter().collect();
    most.sort_by_key(|(op, n)| (std::cmp::Reverse(**n), op.mnemonic()));
    println!("{} instructions, {} bytes loaded, {} stored", machine.hart().instret(), counts.loaded, counts.stored);
    for (op, n) in most.iter().take(10) {
        println!("{n:>12}  {}", op.mnemonic());
    }
    Ok(())
}
