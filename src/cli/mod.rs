//! The command-line program. It uses only the library's public face.
//!
//! Exit statuses: the guest's own; 128 + signal when it dies of one; 124 when `--max-insns` stops it; 125 for
//! Mellivora's own errors; 2 for wrong usage.

mod asm;
mod cpu;
mod disasm;
mod file;
mod host;
mod inspect;
mod isa;
mod json;
mod run;
mod size;
mod stats;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Mellivora's own errors.
const OWN_ERROR: u8 = 125;

/// Run, inspect, disassemble, assemble and look up RISC-V code.
#[derive(Parser)]
#[command(name = "mellivora", version, about, long_about = None, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(Box<run::Run>),
    Disasm(disasm::Disasm),
    Asm(asm::Asm),
    Inspect(inspect::Inspect),
    Isa(isa::IsaArgs),
}

/// Why the program ends without a result.
struct Failure {
    status: u8,
    message: String,
}

impl Failure {
    /// An error of Mellivora's or of what it was given.
    fn own(message: impl Into<String>) -> Failure {
        Failure { status: OWN_ERROR, message: message.into() }
    }

    /// Arguments that do not go together.
    fn usage(message: impl Into<String>) -> Failure {
        Failure { status: 2, message: message.into() }
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse_from(run::plusargs::rewrite(std::env::args_os()));
    let done = match cli.command {
        Command::Run(args) => args.run(),
        Command::Disasm(args) => args.run(),
        Command::Asm(args) => args.run(),
        Command::Inspect(args) => args.run(),
        Command::Isa(args) => args.run(),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            eprintln!("mellivora: {}", failure.message);
            ExitCode::from(failure.status)
        }
    }
}

/// Writes to standard output. A reader that has seen enough may close the pipe.
fn print(text: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stdout().lock(), text.as_bytes());
}

/// The value of `--isa`.
fn isa_string(text: &str) -> Result<mellivora::isa::Isa, String> {
    mellivora::isa::Isa::parse(text).map_err(|e| format!("{e} (`mellivora isa` lists what there is)"))
}
