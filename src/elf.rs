//! Reading ELF files: what to load where, symbols, and errors that name the header field and its offset.
//!
//! Only what a loader needs is read, and every size is checked against the file and the guest's limits before anything is
//! allocated.

use std::ops::Range;

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::{EI_CLASS, EI_DATA, ELFCLASS64, ELFDATA2LSB, EM_RISCV, ET_DYN, ET_EXEC, Header};
use goblin::elf::program_header::{PF_R, PF_W, PF_X, PT_INTERP, PT_LOAD, PT_PHDR, ProgramHeader};
use goblin::elf::section_header::{SHT_STRTAB, SHT_SYMTAB, SectionHeader};
use goblin::elf::sym::{STT_FILE, STT_SECTION, Symtab};

use crate::memory::Prot;

/// Why a file cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ElfError {
    /// Not an ELF file at all.
    #[error("not an ELF file: the first four bytes are not 7f 45 4c 46")]
    Magic,
    /// A header field has a value that cannot be run.
    #[error("{field} at file offset {offset:#x} is {value:#x}: {expected}")]
    Field {
        /// The field's name in the ELF specification.
        field: &'static str,
        /// Where it stands in the file.
        offset: u64,
        /// What it holds.
        value: u64,
        /// What it should be.
        expected: &'static str,
    },
    /// The file ends before what a header promises.
    #[error("{what} needs bytes {start:#x}..{end:#x}, but the file has {size:#x}: is it truncated?")]
    Truncated {
        /// What was to be read.
        what: &'static str,
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// The file's size.
        size: u64,
    },
    /// A malformed table.
    #[error("{what} at file offset {offset:#x} cannot be read: {reason}")]
    Malformed {
        /// What was to be read.
        what: &'static str,
        /// Where it stands.
        offset: u64,
        /// The parser's words.
        reason: String,
    },
    /// There is nothing to load.
    #[error("the file has no loadable segment (PT_LOAD); an object file must be linked first")]
    NothingToLoad,
}

/// A part of the file to be mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Guest addresses, relative to the load address for position-independent files.
    pub range: Range<u64>,
    /// The bytes from the file; what follows up to the end of the range is zero.
    pub data: Range<usize>,
    /// Protection.
    pub prot: Prot,
}

/// A named address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// Its address, relative to the load address for position-independent files.
    pub addr: u64,
    /// Its size in bytes, 0 if unknown.
    pub size: u64,
    /// Whether it is visible outside its file.
    pub global: bool,
}

/// What a file contains, ready to be loaded.
#[derive(Clone, Debug)]
pub struct Elf {
    /// The file.
    pub bytes: Vec<u8>,
    /// First instruction, relative to the load address for position-independent files.
    pub entry: u64,
    /// Position-independent (ET_DYN).
    pub relocatable: bool,
    /// The dynamic loader it asks for.
    pub interpreter: Option<String>,
    /// `e_flags`.
    pub flags: u32,
    /// What to map, in file order.
    pub segments: Vec<Segment>,
    /// Address of the program headers in memory (AT_PHDR), if they are loaded.
    pub phdr: Option<u64>,
    /// Number of program headers.
    pub phnum: u16,
    /// Symbols by address, from `.symtab` or else `.dynsym`.
    pub symbols: Vec<Symbol>,
}

fn ctx() -> Ctx {
    Ctx::new(Container::Big, Endian::Little)
}

/// The bytes `start..start + len` of the file.
fn part(bytes: &[u8], what: &'static str, start: u64, len: u64) -> Result<Range<usize>, ElfError> {
    let end = start.saturating_add(len);
    if end > bytes.len() as u64 {
        return Err(ElfError::Truncated { what, start, end, size: bytes.len() as u64 });
    }
    Ok(start as usize..end as usize)
}

impl Elf {
    /// Reads a file. It must be a 64-bit little-endian RISC-V executable.
    pub fn parse(bytes: Vec<u8>) -> Result<Elf, ElfError> {
        let header = header(&bytes)?;
        let table = part(&bytes, "the program header table", header.e_phoff, header.e_phnum as u64 * 56)?;
        let headers = ProgramHeader::parse(&bytes[..table.end], table.start, header.e_phnum as usize, ctx())
            .map_err(|e| malformed("the program header table", header.e_phoff, e))?;
        let mut elf = Elf {
            entry: header.e_entry,
            relocatable: header.e_type == ET_DYN,
            interpreter: None,
            flags: header.e_flags,
            segments: Vec::new(),
            phdr: None,
            phnum: header.e_phnum,
            symbols: Vec::new(),
            bytes: Vec::new(),
        };
        for (n, ph) in headers.iter().enumerate() {
            let at = header.e_phoff + 56 * n as u64;
            match ph.p_type {
                PT_LOAD => elf.segments.extend(segment(&bytes, ph, at)?),
                PT_PHDR => elf.phdr = Some(ph.p_vaddr),
                PT_INTERP => {
                    let name = &bytes[part(&bytes, "the interpreter's name", ph.p_offset, ph.p_filesz)?];
                    let name = name.split(|&b| b == 0).next().unwrap_or_default();
                    elf.interpreter = Some(String::from_utf8_lossy(name).into_owned());
                }
                _ => {}
            }
        }
        if elf.segments.is_empty() {
            return Err(ElfError::NothingToLoad);
        }
        // Without PT_PHDR the table is where the segment that maps its file bytes puts it.
        elf.phdr = elf.phdr.or_else(|| {
            let s = elf.segments.iter().find(|s| s.data.start <= table.start && table.end <= s.data.end)?;
            Some(s.range.start + (table.start - s.data.start) as u64)
        });
        elf.symbols = symbols(&bytes, &header).unwrap_or_default();
        elf.bytes = bytes;
        Ok(elf)
    }

    /// The address of a symbol.
    pub fn symbol(&self, name: &str) -> Option<u64> {
        let mut found = self.symbols.iter().filter(|s| s.name == name);
        let first = found.next()?;
        Some(if first.global { first } else { found.find(|s| s.global).unwrap_or(first) }.addr)
    }

    /// The nearest symbol at or below an address (relative to the load address), and the distance to it.
    pub fn symbol_at(&self, addr: u64) -> Option<(&Symbol, u64)> {
        let n = self.symbols.partition_point(|s| s.addr <= addr);
        let nearest = self.symbols[..n].last()?.addr;
        let same = self.symbols[..n].iter().rev().take_while(|s| s.addr == nearest);
        // Of several names for one address, a global one with a size says most.
        let best = same.max_by_key(|s| (s.global, s.size > 0))?;
        let distance = addr - best.addr;
        (best.size == 0 || distance < best.size).then_some((best, distance))
    }

    /// The guest addresses that the segments span, relative to the load address.
    pub fn span(&self) -> Range<u64> {
        let start = self.segments.iter().map(|s| s.range.start).min().unwrap_or(0);
        start..self.segments.iter().map(|s| s.range.end).max().unwrap_or(0)
    }
}

fn malformed(what: &'static str, offset: u64, e: goblin::error::Error) -> ElfError {
    ElfError::Malformed { what, offset, reason: e.to_string() }
}

fn header(bytes: &[u8]) -> Result<Header, ElfError> {
    if bytes.get(..4) != Some(b"\x7fELF") {
        return Err(ElfError::Magic);
    }
    part(bytes, "the ELF header", 0, 64)?;
    let field = |field, offset: u64, value: u64, expected| Err(ElfError::Field { field, offset, value, expected });
    if bytes[EI_CLASS] != ELFCLASS64 {
        return field("e_ident[EI_CLASS]", EI_CLASS as u64, bytes[EI_CLASS] as u64, "only ELF64 (2) runs here");
    }
    if bytes[EI_DATA] != ELFDATA2LSB {
        return field("e_ident[EI_DATA]", EI_DATA as u64, bytes[EI_DATA] as u64, "only little-endian (1) runs here");
    }
    let h = goblin::elf::Elf::parse_header(bytes).map_err(|e| malformed("the ELF header", 0, e))?;
    if h.e_machine != EM_RISCV {
        return field("e_machine", 18, h.e_machine as u64, "only EM_RISCV (0xf3) runs here");
    }
    if h.e_type != ET_EXEC && h.e_type != ET_DYN {
        let expected = "only executables, ET_EXEC (2) and ET_DYN (3), run; object files (1) must be linked first";
        return field("e_type", 16, h.e_type as u64, expected);
    }
    if h.e_phentsize != 56 && h.e_phnum != 0 {
        return field("e_phentsize", 54, h.e_phentsize as u64, "program headers of ELF64 have 56 (0x38) bytes");
    }
    Ok(h)
}

fn segment(bytes: &[u8], ph: &ProgramHeader, at: u64) -> Result<Option<Segment>, ElfError> {
    if ph.p_memsz == 0 {
        return Ok(None);
    }
    if ph.p_filesz > ph.p_memsz {
        let expected = "a segment has no more bytes in the file than in memory (p_memsz)";
        return Err(ElfError::Field { field: "p_filesz", offset: at + 32, value: ph.p_filesz, expected });
    }
    let Some(end) = ph.p_vaddr.checked_add(ph.p_memsz) else {
        let expected = "the segment would wrap around the address space";
        return Err(ElfError::Field { field: "p_memsz", offset: at + 40, value: ph.p_memsz, expected });
    };
    let data = part(bytes, "a loadable segment", ph.p_offset, ph.p_filesz)?;
    let mut prot = Prot::empty();
    prot.set(Prot::READ, ph.p_flags & PF_R != 0);
    prot.set(Prot::WRITE, ph.p_flags & PF_W != 0);
    prot.set(Prot::EXEC, ph.p_flags & PF_X != 0);
    Ok(Some(Segment { range: ph.p_vaddr..end, data, prot }))
}

/// The symbols by address. Symbols are a help, not a need: damage here leaves a program without names.
fn symbols(bytes: &[u8], header: &Header) -> Option<Vec<Symbol>> {
    if header.e_shentsize != 64 || header.e_shoff == 0 {
        return None;
    }
    let table = part(bytes, "sections", header.e_shoff, header.e_shnum as u64 * 64).ok()?;
    let sections = SectionHeader::parse(&bytes[..table.end], table.start, header.e_shnum as usize, ctx()).ok()?;
    const DYNSYM: u32 = 11;
    let find = |ty| sections.iter().find(|s| s.sh_type == ty && s.sh_entsize == 24);
    let symtab = find(SHT_SYMTAB).or_else(|| find(DYNSYM))?;
    let names = sections.get(symtab.sh_link as usize).filter(|s| s.sh_type == SHT_STRTAB)?;
    let strings = &bytes[part(bytes, "symbol names", names.sh_offset, names.sh_size).ok()?];
    let range = part(bytes, "symbols", symtab.sh_offset, symtab.sh_size).ok()?;
    let entries = Symtab::parse(bytes, range.start, range.len() / 24, ctx()).ok()?;
    let mut out: Vec<Symbol> = entries
        .iter()
        .filter(|s| s.st_shndx != 0 && s.st_type() != STT_FILE && s.st_type() != STT_SECTION)
        .filter_map(|s| {
            let name = strings.get(s.st_name..)?.split(|&b| b == 0).next()?;
            let name = std::str::from_utf8(name).ok().filter(|n| !n.is_empty() && !is_mapping(n))?;
            Some(Symbol { name: name.to_owned(), addr: s.st_value, size: s.st_size, global: s.st_bind() != 0 })
        })
        .collect();
    out.sort_by_key(|s| s.addr);
    Some(out)
}

/// Mapping symbols (`$x`, `$d`) and local labels of the assembler name no function.
fn is_mapping(name: &str) -> bool {
    name.starts_with('$') || name.starts_with(".L")
}
