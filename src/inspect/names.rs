//! Which function an address lies in.

use crate::elf::{Binding, Elf, Symbol, SymbolKind};

/// Functions and labels by section and address; in object files all sections begin at address 0.
pub(super) struct Names {
    list: Vec<Symbol>,
}

/// Of several at one address, the best comes last.
fn key(s: &Symbol) -> (usize, u64, bool, bool, bool) {
    (s.section, s.addr, s.kind == SymbolKind::Function, s.size > 0, s.binding != Binding::Local)
}

impl Names {
    pub fn new(elf: &Elf) -> Names {
        let label = |s: &&Symbol| matches!(s.kind, SymbolKind::Function | SymbolKind::Other) && !s.is_mark();
        let mut list: Vec<Symbol> = elf.symbols().iter().filter(label).cloned().collect();
        list.sort_by_key(key);
        Names { list }
    }

    /// The function or label that an address of a section belongs to, and the distance to it.
    pub fn function(&self, section: Option<usize>, addr: u64) -> Option<(String, u64)> {
        let section = section?;
        let behind = self.list.partition_point(|s| (s.section, s.addr) <= (section, addr));
        let best = self.list[..behind].last().filter(|s| s.section == section)?;
        let distance = addr - best.addr;
        (best.size == 0 || distance < best.size).then(|| (best.name.clone(), distance))
    }
}
