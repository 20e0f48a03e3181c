//! Which symbol an address is shown with: objdump's choice among many.

use mellivora::elf::{Binding, Elf, Section, Symbol, SymbolKind};
use std::cmp::Ordering;

/// Symbols in objdump's order: by address, of those at one address the most telling first.
pub struct Symbols {
    list: Vec<Symbol>,
    /// Addresses of different sections overlap (object files), so that a symbol of the right section is preferred.
    relocatable: bool,
}

fn rank(a: &Symbol, b: &Symbol) -> Ordering {
    let later = |s: &Symbol| s.name.ends_with(".o") || s.name.ends_with(".a");
    let function = |s: &Symbol| s.kind != SymbolKind::Function;
    let section = |s: &Symbol| s.kind == SymbolKind::Section;
    let object = |s: &Symbol| s.kind != SymbolKind::Object;
    let binding = |s: &Symbol| match s.binding {
        Binding::Global => 0,
        Binding::Weak => 1,
        Binding::Local => 2,
    };
    (a.addr.cmp(&b.addr))
        .then_with(|| later(a).cmp(&later(b)))
        .then_with(|| section(a).cmp(&section(b)))
        .then_with(|| function(a).cmp(&function(b)))
        .then_with(|| object(a).cmp(&object(b)))
        .then_with(|| binding(a).cmp(&binding(b)))
        .then_with(|| b.size.cmp(&a.size))
        .then_with(|| a.name.starts_with('.').cmp(&b.name.starts_with('.')))
        .then_with(|| a.name.cmp(&b.name))
}

/// Mapping symbols, and labels that the assembler makes for itself.
fn is_shown(s: &Symbol) -> bool {
    !s.name.starts_with('$') && s.name != ".L0 " && !matches!(s.kind, SymbolKind::File | SymbolKind::Section)
}

impl Symbols {
    pub fn new(elf: &Elf, extra: Vec<Symbol>) -> Symbols {
        let mut list: Vec<Symbol> = elf.symbols().iter().filter(|s| is_shown(s)).cloned().collect();
        // Of the sections only the tables of dynamic linking count as symbols, under their own names.
        let sections = elf.sections();
        let table = |s: &&Symbol| s.kind == SymbolKind::Section;
        for s in elf.symbols().iter().filter(table) {
            let name = sections.get(s.section).map_or("", |s| &s.name);
            if name.starts_with(".plt") || name.starts_with(".got") {
                list.push(Symbol { name: name.to_owned(), ..s.clone() });
            }
        }
        list.extend(extra);
        list.sort_by(rank);
        Symbols { list, relocatable: elf.segments.is_empty() }
    }

    /// No symbols at all: addresses are then shown as numbers.
    pub fn none() -> Symbols {
        Symbols { list: Vec::new(), relocatable: false }
    }

    /// The symbol to show for `addr`; only one of `section` if `own` says so.
    fn find(&self, addr: u64, section: &Section, own: bool) -> Option<usize> {
        let inside = addr.wrapping_sub(section.addr) < section.size;
        let own = own || self.relocatable && inside;
        let fits = |s: &Symbol| !own || s.section == section.index;
        let behind = self.list.partition_point(|s| s.addr <= addr);
        let Some(near) = self.list[..behind].iter().rposition(fits) else {
            return (behind..self.list.len()).find(|&i| fits(&self.list[i]));
        };
        let first = self.list[..near].partition_point(|s| s.addr < self.list[near].addr);
        // Of several at one address, one of this section.
        let here = |s: &Symbol| fits(s) && s.section == section.index;
        let all = || first..=near;
        all().find(|&i| here(&self.list[i])).or_else(|| all().find(|&i| fits(&self.list[i])))
    }

    /// `10078 <_start+0x4>` for an operand or comment.
    pub fn target(&self, addr: u64, section: &Section) -> String {
        match self.find(addr, section, false).and_then(|i| self.list.get(i)) {
            Some(s) => format!("{addr:x} <{}>", with_offset(s, addr)),
            None if self.list.is_empty() => format!("{addr:#x}"),
            None => format!("{addr:x} <{}+{:#x}>", section.name, addr.wrapping_sub(section.addr)),
        }
    }

    /// The parts of a section from symbol to symbol: first address, last, title, whether it is a data object.
    pub fn parts(&self, section: &Section) -> Vec<Part> {
        let end = section.addr.wrapping_add(section.data.len() as u64);
        let mut out = Vec::new();
        let mut at = section.addr;
        let mut place = self.find(at, section, true);
        while at < end {
            let symbol = place.and_then(|i| self.list.get(i));
            let (next, title) = match symbol {
                None => (None, format!("<{}>", section.name)),
                Some(s) if s.addr > at => (place, format!("<{}>", with_offset(s, at))),
                Some(s) => {
                    let own = |t: &Symbol| t.section == section.index && t.addr > at;
                    let from = place.unwrap_or(0) + 1;
                    let next = self.list[from..].iter().position(own).map(|n| from + n);
                    (next, format!("<{}>", with_offset(s, at)))
                }
            };
            let stop = next.map_or(end, |i| self.list[i].addr.min(end));
            let object = symbol.is_some_and(|s| s.kind == SymbolKind::Object && s.addr <= at);
            out.push(Part { start: at, end: stop, title, object });
            at = stop;
            place = next;
        }
        out
    }
}

/// A part of a section under one title.
pub struct Part {
    pub start: u64,
    pub end: u64,
    pub title: String,
    /// Marked as data: shown as bytes.
    pub object: bool,
}

fn with_offset(s: &Symbol, addr: u64) -> String {
    match addr.cmp(&s.addr) {
        Ordering::Equal => s.name.clone(),
        Ordering::Greater => format!("{}+{:#x}", s.name, addr - s.addr),
        Ordering::Less => format!("{}-{:#x}", s.name, s.addr - addr),
    }
}
