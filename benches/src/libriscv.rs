//! The peer `libriscv`: one machine in a child process of this program.

use std::process::ExitCode;

use libriscv::{Machine, Options, SyscallRegistry};

/// First argument that makes this program the child.
pub const CHILD: &str = "--libriscv-child";

/// Version of the crate (Cargo.lock has the exact one).
pub const VERSION: &str = "0.3";

/// Guest memory, bytes; reserved, not touched.
const MEMORY: u64 = 256 << 20;

/// Runs the ELF `args[0]` with its arguments; returns its exit status. The number
/// of retired instructions goes to standard error.
pub fn child(args: Vec<String>) -> ExitCode {
    match run(&args) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("libriscv: {error}");
            ExitCode::from(125)
        }
    }
}

fn run(args: &[String]) -> Result<u8, Box<dyn std::error::Error>> {
    let elf = std::fs::read(args.first().ok_or("which ELF?")?)?;
    let options = Options::builder().max_memory(MEMORY).args(args).build()?;
    let mut machine = Machine::new(elf, options, &SyscallRegistry::empty())?;
    machine.run(u64::MAX)?;
    eprintln!("{{\"instructions\": {}}}", machine.instruction_counter());
    Ok(machine.return_value() as u8)
}
