//! Mapping symbols: where instructions begin, and of which ISA, and where data (RISC-V ABIs Specification, "Mapping
//! Symbol"). Like all symbols they are a help, not a need.

use goblin::elf::header::Header;
use goblin::elf::section_header::{SHT_STRTAB, SHT_SYMTAB};
use goblin::elf::sym::Symtab;
use std::collections::HashMap;
use std::sync::Arc;

use super::header::{ctx, part};
use super::symbols::{SYM, contents, headers};

/// A mapping symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Index of its section.
    pub section: usize,
    /// The address from which on it holds, up to the next one of its section.
    pub addr: u64,
    /// What begins there.
    pub what: Marked,
}

/// What begins at a mapping symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// Data (`$d`).
    Data,
    /// Instructions (`$x`), with their ISA string if the symbol has one (`$xrv64i2p1_...`). Equal strings are mostly shared.
    Code(Option<Arc<str>>),
}

/// Longer names are not believed.
const NAME_MAX: usize = 4096;

/// The mapping symbols, in the order of the symbol table; none if that is damaged. Names are read once for each place in the
/// string table, and only while that costs no more than a few times the table.
pub(super) fn marks(bytes: &[u8], h: &Header) -> Vec<Mark> {
    read(bytes, h).unwrap_or_default()
}

fn read(bytes: &[u8], h: &Header) -> Option<Vec<Mark>> {
    let headers = headers(bytes, h)?;
    let symtab = headers.iter().find(|s| s.sh_type == SHT_SYMTAB && s.sh_entsize == SYM)?;
    let strings = contents(bytes, headers.get(symtab.sh_link as usize).filter(|s| s.sh_type == SHT_STRTAB)?)?;
    let range = part(bytes, "symbols", symtab.sh_offset, symtab.sh_size).ok()?;
    let entries = Symtab::parse(bytes, range.start, range.len() / SYM as usize, ctx()).ok()?;
    let mut known: HashMap<usize, Option<Marked>> = HashMap::new();
    let mut budget = strings.len().saturating_mul(8).saturating_add(NAME_MAX);
    let mut out = Vec::new();
    for s in entries.iter() {
        let what = known.entry(s.st_name).or_insert_with(|| {
            let rest = strings.get(s.st_name..)?.strip_prefix(b"$")?;
            let rest = &rest[..rest.len().min(NAME_MAX).min(budget)];
            let len = rest.iter().position(|&b| b == 0);
            budget -= len.unwrap_or(rest.len());
            kind(std::str::from_utf8(&rest[..len?]).ok()?)
        });
        if let Some(what) = what {
            out.push(Mark { section: s.st_shndx, addr: s.st_value, what: what.clone() });
        }
    }
    Some(out)
}

/// What a name without its `$` says. A dot begins a suffix that only makes it unique.
fn kind(name: &str) -> Option<Marked> {
    let name = name.split('.').next()?;
    match name.strip_prefix('x') {
        Some("") => Some(Marked::Code(None)),
        Some(isa) if isa.starts_with("rv") => Some(Marked::Code(Some(isa.into()))),
        _ => (name == "d").then_some(Marked::Data),
    }
}

#[cfg(test)]
mod tests {
    use super::{Marked, kind};

    #[test]
    fn names_of_mapping_symbols_are_read() {
        assert_eq!(kind("d"), Some(Marked::Data));
        assert_eq!(kind("d.17"), Some(Marked::Data));
        assert_eq!(kind("x"), Some(Marked::Code(None)));
        assert_eq!(kind("xrv64i2p1_v1p0"), Some(Marked::Code(Some("rv64i2p1_v1p0".into()))));
        assert_eq!(kind("xrv64i2p1.3"), Some(Marked::Code(Some("rv64i2p1".into()))));
        assert_eq!(kind("xyz"), None);
        assert_eq!(kind("data"), None);
    }
}
