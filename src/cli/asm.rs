//! `mellivora asm`: instruction words of assembly text.

use super::{Failure, cpu};
use clap::Args;
use mellivora::isa::{Assembler, Cpu, Insn, Isa};
use std::io::{Read, Write};
use std::path::PathBuf;

/// Assemble instructions, and print the word of each on a line
#[derive(Args)]
pub struct Asm {
    /// Know these extensions only (default: all that can be together)
    #[arg(long, value_name = "STRING", value_parser = super::isa_string)]
    isa: Option<Isa>,
    /// Know what this CPU has, such as c908v; `help` lists them
    #[arg(long, value_name = "NAME", value_parser = cpu::parse)]
    cpu: Option<Cpu>,
    /// The address of the first instruction, for jumps and branches
    #[arg(long, value_name = "ADDRESS", default_value = "0", value_parser = super::size::address)]
    pc: u64,
    /// Write the bytes of the instructions instead
    #[arg(long)]
    raw: bool,
    /// Read instructions from this file
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// Instructions: 'li a0,42' 'ret', or several separated by `;` or lines; `-` reads standard input
    #[arg(value_name = "TEXT", required_unless_present = "file", allow_hyphen_values = true)]
    text: Vec<String>,
}

impl Asm {
    pub fn run(self) -> Result<u8, Failure> {
        let text = match &self.file {
            Some(path) => {
                let read = std::fs::read_to_string(path);
                read.map_err(|e| Failure::own(format!("cannot read {}: {e}", path.display())))?
            }
            None if self.text == ["-"] => {
                let mut text = String::new();
                let read = std::io::stdin().read_to_string(&mut text);
                read.map_err(|e| Failure::own(format!("cannot read standard input: {e}")))?;
                text
            }
            None => self.text.join("\n"),
        };
        let isa = cpu::chosen(self.isa, self.cpu.as_ref())?.unwrap_or_else(Isa::all);
        let insns = Assembler::new(&isa).program(&text, self.pc).map_err(|e| {
            // What has one line needs no number.
            let message = if text.trim().lines().count() > 1 { e.to_string() } else { e.error.to_string() };
            Failure::own(message)
        })?;
        match self.raw {
            true => {
                let bytes: Vec<u8> =
                    insns.iter().flat_map(|i| i.bits.to_le_bytes().into_iter().take(i.len.into())).collect();
                let _ = std::io::stdout().lock().write_all(&bytes);
            }
            false => super::print(&insns.iter().map(line).collect::<String>()),
        }
        Ok(0)
    }
}

/// `0x8082` or `0x00008067`.
fn line(insn: &Insn) -> String {
    format!("{:#0width$x}\n", insn.bits, width = 2 + 2 * usize::from(insn.len))
}
