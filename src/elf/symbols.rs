//! Sections and symbols. They are a help, not a need: damage here leaves a program without names, never unloadable.
//!
//! All work is linear in the file's size, whatever its tables claim.

use goblin::elf::header::Header;
use goblin::elf::section_header::{SHN_UNDEF, SHT_STRTAB, SHT_SYMTAB, SectionHeader};
use goblin::elf::sym::{STB_GLOBAL, STB_WEAK, STT_FILE, STT_FUNC, STT_OBJECT, STT_SECTION, Symtab};
use std::ops::Range;

use super::header::{ctx, part};

/// Size of a section header of ELF64.
const SHDR: u64 = 64;
/// Size of a symbol of ELF64.
pub(super) const SYM: u64 = 24;
const SHT_NOBITS: u32 = 8;
const SHT_DYNSYM: u32 = 11;
const SHN_XINDEX: u32 = 0xffff;

/// A section of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// Its place in the section header table.
    pub index: usize,
    /// `sh_type`.
    pub kind: u32,
    /// Its address, relative to the load address for position-independent files.
    pub addr: u64,
    /// Its size in memory, in bytes.
    pub size: u64,
    /// Its bytes in the file; empty for sections of zeros.
    pub data: Range<usize>,
    /// Whether it holds instructions (SHF_EXECINSTR).
    pub code: bool,
    /// Whether it is loaded (SHF_ALLOC).
    pub alloc: bool,
}

/// What a symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// A function (STT_FUNC).
    Function,
    /// Data (STT_OBJECT).
    Object,
    /// A section (STT_SECTION).
    Section,
    /// A source file (STT_FILE).
    File,
    /// A label or something else.
    Other,
}

/// How far a symbol is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binding {
    /// Within its object file.
    Local,
    /// Everywhere.
    Global,
    /// Everywhere, but others take precedence.
    Weak,
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
    /// What it stands for.
    pub kind: SymbolKind,
    /// How far it is visible.
    pub binding: Binding,
    /// Index of the section that holds it; `0xfff1` for absolute values.
    pub section: usize,
}

impl Symbol {
    /// Whether it is one of the assembler's own: `$x` and `$d` say where code and data begin, `.L` are local labels.
    pub fn is_mark(&self) -> bool {
        self.name.starts_with('$') || self.name.starts_with(".L")
    }
}

/// Takes names out of a string table while that costs no more than a few times the table: a hostile file could make
/// every one of its symbols share one endless name.
struct Names<'a> {
    table: &'a [u8],
    budget: usize,
}

impl<'a> Names<'a> {
    fn new(table: &'a [u8]) -> Names<'a> {
        Names { table, budget: table.len().saturating_mul(8).saturating_add(4096) }
    }

    /// The name at an offset; `None` if there is none, and for all the rest once the budget is used up.
    fn get(&mut self, at: usize) -> Option<&'a str> {
        let rest = self.table.get(at..)?;
        // The assembler gives every place where code begins a name with a whole ISA string in it, the same thousands of
        // times over: its beginning is enough.
        if rest.starts_with(b"$x") {
            return Some("$x");
        }
        let rest = &rest[..rest.len().min(self.budget)];
        let len = rest.iter().position(|&b| b == 0);
        self.budget -= len.map_or(rest.len(), |n| n + 1).min(self.budget);
        std::str::from_utf8(&rest[..len?]).ok()
    }
}

pub(super) fn headers(bytes: &[u8], h: &Header) -> Option<Vec<SectionHeader>> {
    if u64::from(h.e_shentsize) != SHDR || h.e_shoff == 0 {
        return None;
    }
    let read = |count: u64| {
        let table = part(bytes, "the section header table", h.e_shoff, count.checked_mul(SHDR)?).ok()?;
        SectionHeader::parse(&bytes[..table.end], table.start, count as usize, ctx()).ok()
    };
    match h.e_shnum {
        // Extended numbering: the true count stands in the first header.
        0 => read(read(1)?.first()?.sh_size),
        n => read(n.into()),
    }
}

pub(super) fn contents<'a>(bytes: &'a [u8], s: &SectionHeader) -> Option<&'a [u8]> {
    Some(&bytes[part(bytes, "a section", s.sh_offset, s.sh_size).ok()?])
}

/// The sections in the order of their table; none if the table is damaged.
pub(super) fn sections(bytes: &[u8], h: &Header) -> Vec<Section> {
    let Some(headers) = headers(bytes, h) else { return Vec::new() };
    let names = match h.e_shstrndx {
        0xffff => headers.first().map_or(0, |s| s.sh_link as usize),
        n => n.into(),
    };
    let mut names = Names::new(headers.get(names).and_then(|s| contents(bytes, s)).unwrap_or_default());
    let section = |(index, s): (usize, &SectionHeader)| {
        let none = s.sh_type == 0 || s.sh_type == SHT_NOBITS;
        let len = if none { 0 } else { s.sh_size };
        Section {
            name: names.get(s.sh_name).unwrap_or_default().to_owned(),
            index,
            kind: s.sh_type,
            addr: s.sh_addr,
            size: s.sh_size,
            data: part(bytes, "a section", s.sh_offset, len).unwrap_or(0..0),
            code: s.sh_flags & 4 != 0,
            alloc: s.sh_flags & 2 != 0,
        }
    };
    headers.iter().enumerate().map(section).collect()
}

/// The defined symbols in the order of their table, from `.symtab` or else `.dynsym`.
pub(super) fn symbols(bytes: &[u8], h: &Header) -> Vec<Symbol> {
    read(bytes, h).unwrap_or_default()
}

fn read(bytes: &[u8], h: &Header) -> Option<Vec<Symbol>> {
    let headers = headers(bytes, h)?;
    let find = |ty| headers.iter().find(|s| s.sh_type == ty && s.sh_entsize == SYM);
    let symtab = find(SHT_SYMTAB).or_else(|| find(SHT_DYNSYM))?;
    let strings = headers.get(symtab.sh_link as usize).filter(|s| s.sh_type == SHT_STRTAB)?;
    let mut names = Names::new(contents(bytes, strings)?);
    let range = part(bytes, "symbols", symtab.sh_offset, symtab.sh_size).ok()?;
    let entries = Symtab::parse(bytes, range.start, range.len() / SYM as usize, ctx()).ok()?;
    let symbol = |s: goblin::elf::Sym| {
        let kind = match s.st_type() {
            STT_FUNC => SymbolKind::Function,
            STT_OBJECT => SymbolKind::Object,
            STT_SECTION => SymbolKind::Section,
            STT_FILE => SymbolKind::File,
            _ => SymbolKind::Other,
        };
        let section = s.st_shndx;
        if section == SHN_UNDEF as usize || section == SHN_XINDEX as usize {
            return None;
        }
        let name = match kind {
            SymbolKind::Section => "",
            _ => names.get(s.st_name).filter(|n| !n.is_empty())?,
        };
        let binding = match s.st_bind() {
            STB_GLOBAL | 10 => Binding::Global, // 10: STB_GNU_UNIQUE
            STB_WEAK => Binding::Weak,
            _ => Binding::Local,
        };
        Some(Symbol { name: name.to_owned(), addr: s.st_value, size: s.st_size, kind, binding, section })
    };
    Some(entries.iter().filter_map(symbol).collect())
}
