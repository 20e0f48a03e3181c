//! Answers a program's environment calls: an operating system of two calls.

mod common;

use common::bare;
use mellivora::machine::{Ecall, Stop};

/// Prints the number in a0.
const PRINT: u64 = 1;
/// Ends with the status in a0.
const EXIT: u64 = 2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut machine = bare(&[
        0x02a0_0513, // li    a0, 42
        0x0010_0893, // li    a7, 1
        0x0000_0073, // ecall                prints
        0x0070_0513, // li    a0, 7
        0x0020_0893, // li    a7, 2
        0x0000_0073, // ecall                ends
    ])?;
    machine.on_ecall(|view| match view.hart.x(17) {
        PRINT => {
            println!("the program says {}", view.hart.x(10));
            Ecall::Done
        }
        EXIT => Ecall::Exit(view.hart.x(10) as i32),
        // Others go to the machine's environment; this machine has none, so `run` returns with a trap.
        _ => Ecall::Pass,
    });
    assert_eq!(machine.run(u64::MAX), Stop::Exited(7));
    Ok(())
}
