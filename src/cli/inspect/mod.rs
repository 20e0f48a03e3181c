//! `mellivora inspect`: what a file claims, what its code uses, and how to run it.

mod schema;
mod text;

use super::{Failure, file};
use clap::Args;
use mellivora::elf::Elf;
use mellivora::inspect::{Kind, Report};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Tell which extensions a file claims and uses, and how to run it
#[derive(Args)]
pub struct Inspect {
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// An ELF file: a program, a library or an object file
    #[arg(value_name = "ELF")]
    elf: PathBuf,
}

impl Inspect {
    pub fn run(self) -> Result<u8, Failure> {
        let elf = Elf::parse_any(file::read(&self.elf)?).map_err(|e| file::bad(&self.elf, e))?;
        let report = Report::of(&elf);
        let name = self.elf.display().to_string();
        let command = command(&report, &self.elf);
        let text = match self.json {
            true => format!("{}\n", schema::json(&name, &elf, &report, command.as_deref())),
            false => text::text(&name, &elf, &report, command.as_deref()),
        };
        // A reader that has seen enough may close the pipe.
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        Ok(0)
    }
}

/// The words of the command that runs the file, if it can be run.
fn command(report: &Report, path: &Path) -> Option<Vec<String>> {
    report.environment?;
    let (option, value) = report.machine.option();
    let mut words = ["mellivora", "run", option].map(str::to_owned).to_vec();
    words.push(value);
    if report.kind == Kind::Dynamic {
        words.extend(["--sysroot", "DIR"].map(str::to_owned));
    }
    words.push(path.display().to_string());
    Some(words)
}

/// The name of a program header's type (ELF specification, "Program Header"; RISC-V ABIs Specification).
fn segment_name(kind: u32) -> Option<&'static str> {
    Some(match kind {
        0 => "NULL",
        1 => "LOAD",
        2 => "DYNAMIC",
        3 => "INTERP",
        4 => "NOTE",
        5 => "SHLIB",
        6 => "PHDR",
        7 => "TLS",
        0x6474_e550 => "GNU_EH_FRAME",
        0x6474_e551 => "GNU_STACK",
        0x6474_e552 => "GNU_RELRO",
        0x6474_e553 => "GNU_PROPERTY",
        0x7000_0003 => "RISCV_ATTRIBUTES",
        _ => return None,
    })
}

/// `rwx` with `-` for what is missing.
fn permissions(flags: u32) -> String {
    [(4, 'r'), (2, 'w'), (1, 'x')].map(|(bit, c)| if flags & bit != 0 { c } else { '-' }).iter().collect()
}
