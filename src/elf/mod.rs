//! Reading ELF files: what to load where, symbols, and errors that name the header field and its offset.
//!
//! Only what a loader needs is read, every size is checked against the file before anything is allocated, and no step
//! takes more than linear time: files may be hostile.

mod attributes;
mod error;
mod header;
mod load;
mod marks;
mod symbols;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use goblin::elf::header::{ET_CORE, ET_DYN, ET_EXEC, ET_REL, Header};
use goblin::elf::program_header::{PT_INTERP, PT_LOAD, PT_NOTE, PT_PHDR};

pub use attributes::Attributes;
pub use error::{ElfError, NotElf};
pub use load::{LoadError, Placement};
pub use marks::{Mark, Marked};
pub use symbols::{Binding, Section, Symbol, SymbolKind};

use crate::memory::Prot;

/// A part of the file to be mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Guest addresses (`p_vaddr`), relative to the load address for position-independent files.
    pub range: Range<u64>,
    /// Where a bare machine's loader puts the segment (`p_paddr`).
    pub paddr: u64,
    /// The bytes from the file; what follows up to the end of the range is zero.
    pub data: Range<usize>,
    /// Protection.
    pub prot: Prot,
}

/// A program header, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramHeader {
    /// `p_type`.
    pub kind: u32,
    /// `p_flags`: 4 readable, 2 writable, 1 executable.
    pub flags: u32,
    /// `p_offset`: where its bytes begin in the file.
    pub offset: u64,
    /// `p_vaddr`: its address, relative to the load address for position-independent files.
    pub addr: u64,
    /// `p_filesz`: its bytes in the file.
    pub file_size: u64,
    /// `p_memsz`: its bytes in memory.
    pub memory_size: u64,
}

/// What kind of file it is (`e_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileType {
    /// ET_REL: an object file, to be linked.
    Object,
    /// ET_EXEC: a program for fixed addresses.
    Executable,
    /// ET_DYN: a position-independent program, or a shared library.
    Dynamic,
    /// ET_CORE: memory of a program that died.
    Core,
    /// Another number.
    Other(u16),
}

/// What a file contains, ready to be loaded.
#[derive(Clone, Debug)]
pub struct Elf {
    /// The file.
    pub bytes: Arc<Vec<u8>>,
    /// First instruction, relative to the load address for position-independent files.
    pub entry: u64,
    /// Position-independent (ET_DYN).
    pub relocatable: bool,
    /// The dynamic loader it asks for.
    pub interpreter: Option<String>,
    /// `e_flags`.
    pub flags: u32,
    /// What to map, in file order. Segments do not overlap, but may share pages.
    pub segments: Vec<Segment>,
    /// Address of the program headers in memory (AT_PHDR), if they are loaded.
    pub phdr: Option<u64>,
    /// Number of program headers.
    pub phnum: u16,
    /// Notes (PT_NOTE), as file ranges.
    notes: Vec<Range<usize>>,
    header: Header,
    symbols: OnceLock<Vec<Symbol>>,
    by_address: OnceLock<Vec<Symbol>>,
}

impl Elf {
    /// Reads a program: a 64-bit little-endian RISC-V executable, static or not.
    ///
    /// # Errors
    /// [`ElfError`], if the file is something else, is damaged, or could not run wherever it is loaded.
    pub fn parse(bytes: Vec<u8>) -> Result<Elf, ElfError> {
        let h = header::any(&bytes)?;
        header::check_executable(&h)?;
        let elf = Elf::read(bytes, h)?;
        if elf.segments.is_empty() {
            return Err(ElfError::NothingToLoad);
        }
        header::check_entry(elf.entry, &elf.segments)?;
        Ok(elf)
    }

    /// Reads any 64-bit little-endian RISC-V ELF file for inspection: programs, but also object files and libraries,
    /// which need not have segments or an entry point.
    ///
    /// # Errors
    /// [`ElfError`], if the file is something else or is damaged.
    pub fn parse_any(bytes: Vec<u8>) -> Result<Elf, ElfError> {
        let h = header::any(&bytes)?;
        Elf::read(bytes, h)
    }

    fn read(bytes: Vec<u8>, h: Header) -> Result<Elf, ElfError> {
        let headers = header::program_headers(&bytes, &h)?;
        let mut elf = Elf {
            entry: h.e_entry,
            relocatable: h.e_type == ET_DYN,
            interpreter: None,
            flags: h.e_flags,
            segments: Vec::new(),
            phdr: None,
            phnum: h.e_phnum,
            notes: Vec::new(),
            header: h,
            symbols: OnceLock::new(),
            by_address: OnceLock::new(),
            bytes: Arc::default(),
        };
        let mut indices = Vec::new();
        for (n, ph) in headers.iter().enumerate() {
            let at = h.e_phoff + header::PHDR * n as u64;
            match ph.p_type {
                PT_LOAD => {
                    if let Some(s) = header::segment(&bytes, ph, at)? {
                        elf.segments.push(s);
                        indices.push(n);
                    }
                }
                PT_PHDR => elf.phdr = Some(ph.p_vaddr),
                PT_INTERP => {
                    let name = &bytes[header::part(&bytes, "the interpreter's name", ph.p_offset, ph.p_filesz)?];
                    let name = name.split(|&b| b == 0).next().unwrap_or_default();
                    let name = std::str::from_utf8(name).ok().filter(|n| !n.is_empty() && n.len() < PATH_MAX);
                    elf.interpreter = Some(name.map(str::to_owned).ok_or(ElfError::Field {
                        field: "p_offset (PT_INTERP)",
                        offset: at + 8,
                        value: ph.p_offset,
                        expected: "the dynamic loader's name there must be 1 to 4095 bytes of UTF-8 with a zero at the end",
                    })?);
                }
                PT_NOTE => elf.notes.extend(header::part(&bytes, "a note", ph.p_offset, ph.p_filesz).ok()),
                _ => {}
            }
        }
        header::check_disjoint(&elf.segments, &indices)?;
        header::check_file_bytes(&elf.segments, bytes.len())?;
        // Without PT_PHDR the table is where the segment that maps its file bytes puts it.
        let (start, len) = (h.e_phoff as usize, headers.len() * header::PHDR as usize);
        elf.phdr = elf.phdr.or_else(|| {
            let s = elf.segments.iter().find(|s| s.data.start <= start && start + len <= s.data.end && len > 0)?;
            Some(s.range.start + (start - s.data.start) as u64)
        });
        elf.bytes = Arc::new(bytes);
        Ok(elf)
    }

    /// What kind of file it is.
    pub fn file_type(&self) -> FileType {
        match self.header.e_type {
            ET_REL => FileType::Object,
            ET_EXEC => FileType::Executable,
            ET_DYN => FileType::Dynamic,
            ET_CORE => FileType::Core,
            other => FileType::Other(other),
        }
    }

    /// All program headers, in file order. They are read anew by each call.
    pub fn program_headers(&self) -> Vec<ProgramHeader> {
        let headers = header::program_headers(&self.bytes, &self.header).unwrap_or_default();
        let plain = |p: goblin::elf::program_header::ProgramHeader| ProgramHeader {
            kind: p.p_type,
            flags: p.p_flags,
            offset: p.p_offset,
            addr: p.p_vaddr,
            file_size: p.p_filesz,
            memory_size: p.p_memsz,
        };
        headers.into_iter().map(plain).collect()
    }

    /// The mapping symbols of `.symtab`, in the order of the table. They are read anew by each call.
    pub fn marks(&self) -> Vec<Mark> {
        marks::marks(&self.bytes, &self.header)
    }

    /// The sections, in the order of their table. They are read anew by each call.
    pub fn sections(&self) -> Vec<Section> {
        symbols::sections(&self.bytes, &self.header)
    }

    /// The addresses that the section of this name takes, relative to the load address.
    pub fn section(&self, name: &str) -> Option<Range<u64>> {
        let s = self.sections().into_iter().find(|s| s.name == name)?;
        Some(s.addr..s.addr.checked_add(s.size)?)
    }

    /// The defined symbols in the order of their table, from `.symtab` or else `.dynsym`.
    pub fn symbols(&self) -> &[Symbol] {
        self.symbols.get_or_init(|| symbols::symbols(&self.bytes, &self.header))
    }

    /// The symbols that name places in memory, by address; of those at one address the best name comes last.
    fn by_address(&self) -> &[Symbol] {
        self.by_address.get_or_init(|| {
            let place = |s: &&Symbol| !matches!(s.kind, SymbolKind::File | SymbolKind::Section) && !s.is_mark();
            let mut list: Vec<Symbol> = self.symbols().iter().filter(place).cloned().collect();
            list.sort_by_key(|s| (s.addr, s.kind == SymbolKind::Function, s.size > 0, s.binding != Binding::Local));
            list
        })
    }

    /// The address of a symbol. Of several with one name a global one is meant.
    pub fn symbol(&self, name: &str) -> Option<u64> {
        let found = || self.symbols().iter().filter(|s| s.name == name && s.kind != SymbolKind::File);
        found().find(|s| s.binding != Binding::Local).or_else(|| found().next()).map(|s| s.addr)
    }

    /// The symbol that an address (relative to the load address) belongs to, and the distance to it.
    pub fn symbol_at(&self, addr: u64) -> Option<(&Symbol, u64)> {
        let list = self.by_address();
        let n = list.partition_point(|s| s.addr <= addr);
        let best = list[..n].last()?;
        let distance = addr - best.addr;
        (best.size == 0 || distance < best.size).then_some((best, distance))
    }

    /// The guest addresses that the segments span, relative to the load address.
    pub fn span(&self) -> Range<u64> {
        let start = self.segments.iter().map(|s| s.range.start).min().unwrap_or(0);
        start..self.segments.iter().map(|s| s.range.end).max().unwrap_or(0)
    }

    /// What the compiler wrote down about the file, if it did: `.riscv.attributes`, which linkers also make a segment that
    /// outlives the section headers.
    pub fn attributes(&self) -> Option<Attributes> {
        const ATTRIBUTES: u32 = 0x7000_0003; // SHT_ and PT_RISCV_ATTRIBUTES
        let section = self.sections().into_iter().find(|s| s.kind == ATTRIBUTES).map(|s| s.data);
        let data = section.or_else(|| {
            let p = self.program_headers().into_iter().find(|p| p.kind == ATTRIBUTES)?;
            header::part(&self.bytes, "the attributes", p.offset, p.file_size).ok()
        })?;
        Some(Attributes::parse(&self.bytes[data]))
    }

    /// Whether a note says that the file is for Linux (`NT_GNU_ABI_TAG` with system 0).
    pub fn has_linux_note(&self) -> bool {
        // Name size 4, descriptor size 16, type 1, "GNU\0", then the system: 0 is Linux.
        const TAG: &[u8] = b"\x04\0\0\0\x10\0\0\0\x01\0\0\0GNU\0\0\0\0\0";
        let head = |n: &Range<usize>| n.start..n.end.min(n.start + NOTE_MAX);
        self.notes.iter().any(|n| self.bytes[head(n)].windows(TAG.len()).any(|w| w == TAG))
    }
}

/// Bytes of a note that are looked at.
const NOTE_MAX: usize = 4096;
/// Longest name of a file on Linux, with its terminating zero.
const PATH_MAX: usize = 4096;
