//! The layout of `objdump -d`: sections, symbols, addresses, bytes, text.

use super::address::Addresses;
use super::symbols::{Part, Symbols};
use mellivora::elf::{Elf, Section};
use mellivora::isa::{Decoder, DisasmOptions, Isa, Op, disassemble, disassemble_unknown};
use std::io::{self, Write};

/// Zeros that are left out: so many in a row, or so many at the end of a part.
const ZEROS: usize = 8;
const ZEROS_AT_END: usize = 3;

/// A place where code of an ISA, or data, begins.
struct Mark {
    addr: u64,
    what: What,
}

enum What {
    Data,
    /// Code; index of its decoder.
    Code(usize),
}

/// How instructions are decoded and written.
pub struct Style {
    pub options: DisasmOptions,
    /// The given ISA; otherwise what the file says, otherwise everything.
    pub isa: Option<Isa>,
}

pub struct Listing<'a, W> {
    out: W,
    style: &'a Style,
    symbols: Symbols,
    addresses: Addresses,
    /// The first is that of the file.
    decoders: Vec<(String, Decoder)>,
}

impl<'a, W: Write> Listing<'a, W> {
    pub fn new(out: W, style: &'a Style, symbols: Symbols, gp: Option<u64>, arch: Option<String>) -> Self {
        // What is unknown here must not hide the rest: a file for more than this machine is read as far as possible.
        let named = arch.as_deref().and_then(|a| Isa::parse(a).ok());
        let isa = style.isa.or(named).unwrap_or_else(Isa::all);
        let decoders = vec![(String::new(), Decoder::new(&isa))];
        Listing { out, style, symbols, addresses: Addresses::new(gp), decoders }
    }

    /// Every section with code.
    pub fn elf(&mut self, elf: &Elf, name: &str) -> io::Result<()> {
        write!(self.out, "\n{name}:     file format elf64-littleriscv\n\n")?;
        for section in elf.sections().iter().filter(|s| s.code && !s.data.is_empty()) {
            let marks = self.marks(elf, section);
            self.section(section, &elf.bytes[section.data.clone()], &marks)?;
        }
        Ok(())
    }

    /// Writes out what is buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Bytes without any file format, at an address.
    pub fn raw(&mut self, bytes: &[u8], base: u64, name: &str) -> io::Result<()> {
        write!(self.out, "\n{name}:     file format binary\n\n")?;
        let section = Section {
            name: ".data".to_owned(),
            index: 0,
            kind: 1,
            addr: base,
            size: bytes.len() as u64,
            data: 0..bytes.len(),
            code: true,
            alloc: true,
        };
        self.section(&section, bytes, &[])
    }

    /// The mapping symbols of a section by address (RISC-V ABIs Specification, "Mapping Symbol").
    fn marks(&mut self, elf: &Elf, section: &Section) -> Vec<Mark> {
        let mut marks = Vec::new();
        for s in elf.symbols().iter().filter(|s| s.section == section.index) {
            let what = match s.name.strip_prefix('$') {
                Some("d") => What::Data,
                Some(x) if x.starts_with('x') => What::Code(self.decoder(&x[1..])),
                Some(x) if x.starts_with("d.") => What::Data,
                _ => continue,
            };
            marks.push(Mark { addr: s.addr, what });
        }
        marks.sort_by_key(|m| m.addr);
        marks
    }

    /// The decoder for the ISA string of a mapping symbol.
    fn decoder(&mut self, isa: &str) -> usize {
        let isa = if isa.starts_with("rv64") && self.style.isa.is_none() { isa } else { "" };
        if let Some(n) = self.decoders.iter().position(|d| d.0 == isa) {
            return n;
        }
        let parsed = Isa::parse(isa).unwrap_or_else(|_| Isa::all());
        self.decoders.push((isa.to_owned(), Decoder::new(&parsed)));
        self.decoders.len() - 1
    }

    fn section(&mut self, section: &Section, bytes: &[u8], marks: &[Mark]) -> io::Result<()> {
        write!(self.out, "\nDisassembly of section {}:\n", section.name)?;
        for part in self.symbols.parts(section) {
            write!(self.out, "\n{:016x} {}:\n", part.start, part.title)?;
            if part.object {
                self.dump(section, bytes, &part)?;
            } else {
                self.part(section, bytes, &part, marks)?;
            }
        }
        Ok(())
    }

    /// One part of a section as instructions and marked data.
    fn part(&mut self, section: &Section, bytes: &[u8], part: &Part, marks: &[Mark]) -> io::Result<()> {
        let width = address_width(section);
        let end = (part.end - section.addr) as usize;
        let mut at = (part.start - section.addr) as usize;
        while at < end {
            let pc = section.addr + at as u64;
            if let Some(zeros) = hidden_zeros(&bytes[at..end]) {
                self.out.write_all(b"\t...\n")?;
                at += zeros;
                continue;
            }
            let passed = marks.partition_point(|m| m.addr <= pc);
            let rest = &bytes[at..];
            let len = match marks[..passed].last().map(|m| &m.what) {
                Some(What::Data) => {
                    let next = marks.get(passed).map_or(u64::MAX, |m| m.addr - pc).min((end - at) as u64);
                    self.data(rest, pc, width, next)?
                }
                Some(What::Code(n)) => self.insn(rest, pc, width, *n, section)?,
                None => self.insn(rest, pc, width, 0, section)?,
            };
            at += len;
        }
        Ok(())
    }

    /// One instruction; its length.
    fn insn(&mut self, bytes: &[u8], pc: u64, width: usize, n: usize, section: &Section) -> io::Result<usize> {
        let half = |i: usize| bytes.get(i..i + 2).map_or(0, |b| u32::from(u16::from_le_bytes([b[0], b[1]])));
        let word = half(0) | half(2) << 16;
        let len = length(half(0) as u16);
        if len > 4 || len > bytes.len() {
            return self.long(bytes, pc, width, len);
        }
        let decoder = &self.decoders[n].1;
        let Some(insn) = decoder.decode(word) else {
            let text = disassemble_unknown(word, self.style.options);
            self.line(pc, width, &bytes[..len], &format!("{text}"))?;
            return Ok(len);
        };
        let text = disassemble(&insn, pc, self.style.options);
        let mut line = text.mnemonic.clone();
        if !text.operands.is_empty() || text.target.is_some() {
            line = format!("{line}\t{}", text.operands);
        }
        if let Some(target) = text.target {
            line += &self.symbols.target(target, section);
        }
        let jump = insn.op == Op::Jalr && text.mnemonic != "ret";
        let immediate = jump || text.operands.contains('(') || last_is_number(&text.operands);
        if let Some(address) = self.addresses.follow(&insn, pc, immediate) {
            line = format!("{line} # {}", self.symbols.target(address, section));
        }
        self.line(pc, width, &bytes[..len], &line)?;
        Ok(len)
    }

    /// An instruction of more than 32 bits, or one that the section cuts off.
    fn long(&mut self, bytes: &[u8], pc: u64, width: usize, len: usize) -> io::Result<usize> {
        if len > bytes.len() {
            return self.data(bytes, pc, width, bytes.len() as u64);
        }
        let digits: String = bytes[..len].iter().rev().map(|b| format!("{b:02x}")).collect();
        self.line(pc, width, &bytes[..len], &format!(".insn\t{len}, 0x{}", digits.trim_start_matches('0')))?;
        Ok(len)
    }

    /// Marked data, `next` bytes of it; how many were written.
    fn data(&mut self, bytes: &[u8], pc: u64, width: usize, next: u64) -> io::Result<usize> {
        let len = match next {
            0..=2 => next as usize,
            3 if pc & 1 != 0 => 1,
            3 => 2,
            _ => 4,
        };
        let value = bytes[..len].iter().rev().fold(0u32, |v, b| v << 8 | u32::from(*b));
        let (name, digits) = [(".byte", 2), (".byte", 2), (".short", 4), ("", 0), (".word", 8)][len];
        self.line(pc, width, &bytes[..len], &format!("{name}\t0x{value:0digits$x}"))?;
        Ok(len)
    }

    fn line(&mut self, pc: u64, width: usize, bytes: &[u8], text: &str) -> io::Result<()> {
        let shown = match bytes.len() {
            1 => format!("{:02x}{:16}", bytes[0], ""),
            4 => format!("{:08x}{:10}", u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]), ""),
            _ => {
                let halves = bytes.chunks(2).map(|h| format!("{:02x}{:02x} ", h.get(1).unwrap_or(&0), h[0]));
                format!("{:20}", halves.collect::<String>())
            }
        };
        writeln!(self.out, "{pc:width$x}:\t{shown}\t{text}")
    }

    /// A data object among code, sixteen bytes a line.
    fn dump(&mut self, section: &Section, bytes: &[u8], part: &Part) -> io::Result<()> {
        let width = address_width(section);
        let end = (part.end - section.addr) as usize;
        let mut at = (part.start - section.addr) as usize;
        while at < end {
            if let Some(zeros) = hidden_zeros(&bytes[at..end]) {
                self.out.write_all(b"\t...\n")?;
                at += zeros;
                continue;
            }
            let line = &bytes[at..end.min(at + 16)];
            let words: String =
                line.chunks(4).map(|w| w.iter().rev().map(|b| format!("{b:02x}")).collect::<String>() + " ").collect();
            let text: String =
                line.iter().map(|&b| if (0x20..0x7f).contains(&b) { char::from(b) } else { '.' }).collect();
            writeln!(self.out, "{:width$x}:\t{words:36}    {text}", section.addr + at as u64)?;
            at += line.len();
        }
        Ok(())
    }
}

/// Addresses are shown without the zeros that all of a section have in common, by fours.
fn address_width(section: &Section) -> usize {
    let end = section.addr.wrapping_add(section.data.len() as u64);
    let digits = (16 - end.leading_zeros() as usize / 4).max(1);
    (digits + 1).next_multiple_of(4).min(16)
}

/// How many zeros at the start are left out, if any.
fn hidden_zeros(bytes: &[u8]) -> Option<usize> {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    if zeros == bytes.len() && zeros <= ZEROS_AT_END {
        return Some(zeros);
    }
    match zeros {
        n if n < ZEROS => None,
        n if n == bytes.len() => Some(n),
        n => Some(n & !3),
    }
}

/// Length in bytes by the first halfword (Unprivileged manual, "Expanded Instruction-Length Encoding").
fn length(first: u16) -> usize {
    match first {
        h if h & 3 != 3 => 2,
        h if h & 0x1f != 0x1f => 4,
        h if h & 0x3f == 0x1f => 6,
        h if h & 0x7f == 0x3f => 8,
        h if h & 0x7000 != 0x7000 => 10 + 2 * usize::from(h >> 12 & 7),
        _ => 2,
    }
}

/// Whether the last operand is a number, as in `addi a0,a0,-1`.
fn last_is_number(operands: &str) -> bool {
    let last = operands.rsplit(',').next().unwrap_or_default();
    let digits = last.strip_prefix('-').unwrap_or(last);
    digits.starts_with(|c: char| c.is_ascii_digit())
}
