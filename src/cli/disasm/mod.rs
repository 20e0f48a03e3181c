//! `mellivora disasm`: instructions as text, in the layout of `objdump -d`.

mod address;
mod listing;
mod plt;
mod symbols;

use super::{Failure, cpu, file};
use clap::Args;
use listing::{Listing, Style};
use mellivora::elf::Elf;
use mellivora::isa::{Cpu, Decoder, DisasmOptions, Isa, decode_any, disassemble, disassemble_unknown};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use symbols::Symbols;

/// Disassemble a program, raw bytes, or single instruction words
#[derive(Args)]
pub struct Disasm {
    /// Decode these extensions only (default: what the file says that it was built for, else all)
    #[arg(long, value_name = "STRING", value_parser = super::isa_string)]
    isa: Option<Isa>,
    /// Decode what this CPU has, such as c908v; `help` lists them
    #[arg(long, value_name = "NAME", value_parser = cpu::parse)]
    cpu: Option<Cpu>,
    /// Disassembler options, comma-separated: `no-aliases`, `numeric`
    #[arg(short = 'M', long = "disassembler-options", value_name = "OPTIONS", value_delimiter = ',')]
    options: Vec<Style2>,
    /// A file of instructions without any format
    #[arg(long, value_name = "FILE", conflicts_with_all = ["elf", "hex"])]
    raw: Option<PathBuf>,
    /// The address of the first byte of the raw file
    #[arg(long, value_name = "ADDRESS", requires = "raw", default_value = "0", value_parser = super::size::address)]
    base: u64,
    /// Instruction words in hexadecimal
    #[arg(long, value_name = "WORD", num_args = 1.., conflicts_with = "elf", value_parser = super::size::word)]
    hex: Vec<u32>,
    /// An ELF file: a program, a library or an object file
    #[arg(value_name = "ELF", required_unless_present_any = ["raw", "hex"])]
    elf: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Style2 {
    NoAliases,
    Numeric,
}

impl Disasm {
    pub fn run(self) -> Result<u8, Failure> {
        let has = |o| self.options.contains(&o);
        let options = DisasmOptions { aliases: !has(Style2::NoAliases), abi_names: !has(Style2::Numeric) };
        let style = Style { options, isa: cpu::chosen(self.isa, self.cpu.as_ref())? };
        let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let done = match (&self.elf, &self.raw) {
            (Some(path), _) => elf(path, &style, out)?,
            (None, Some(path)) => {
                let bytes = file::read(path)?;
                let mut listing = Listing::new(out, &style, Symbols::none(), None, None);
                listing.raw(&bytes, self.base, &path.display().to_string()).and_then(|()| listing.flush())
            }
            (None, None) => hex(&self.hex, &style, out),
        };
        // Whoever reads our output may close it early.
        match done {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(0),
            Err(e) => Err(Failure::own(format!("cannot write: {e}"))),
            Ok(()) => Ok(0),
        }
    }
}

fn elf(path: &Path, style: &Style, out: impl Write) -> Result<io::Result<()>, Failure> {
    let elf = Elf::parse_any(file::read(path)?).map_err(|e| file::bad(path, e))?;
    let gp = elf.symbol("__global_pointer$");
    let arch = elf.attributes().and_then(|a| a.arch);
    let mut listing = Listing::new(out, style, Symbols::new(&elf, plt::symbols(&elf)), gp, arch);
    Ok(listing.elf(&elf, &path.display().to_string()).and_then(|()| listing.flush()))
}

/// One line for each word, and why it is none of the enabled instructions.
fn hex(words: &[u32], style: &Style, mut out: impl Write) -> io::Result<()> {
    let decoder = Decoder::new(&style.isa.unwrap_or_else(Isa::all));
    for &word in words {
        let shown = if word & 3 == 3 { format!("{word:08x}") } else { format!("{:04x}    ", word & 0xffff) };
        if let Some(insn) = decoder.decode(word) {
            writeln!(out, "{shown}  {}", disassemble(&insn, 0, style.options))?;
            continue;
        }
        write!(out, "{shown}  {}", disassemble_unknown(word, style.options))?;
        if let Some((insn, extension)) = decode_any(word).first() {
            let text = disassemble(insn, 0, style.options).to_string().replacen('\t', " ", 1);
            write!(out, "  # {text} with extension {}", extension.name())?;
        }
        writeln!(out)?;
    }
    out.flush()
}
