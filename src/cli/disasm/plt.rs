//! Names for the stubs of the procedure linkage table, which have no symbols of their own: `printf@plt`.

use mellivora::elf::{Binding, Elf, Section, Symbol, SymbolKind};

/// R_RISCV_JUMP_SLOT and R_RISCV_IRELATIVE.
const JUMP_SLOT: u64 = 5;
const IRELATIVE: u64 = 58;
/// Bytes of the table's head, and of each stub (RISC-V ABIs Specification, "Procedure Linkage Table").
const HEAD: u64 = 32;
const STUB: u64 = 16;

/// One symbol for each stub.
pub fn symbols(elf: &Elf) -> Vec<Symbol> {
    stubs(elf).unwrap_or_default()
}

fn stubs(elf: &Elf) -> Option<Vec<Symbol>> {
    let sections = elf.sections();
    let find = |name: &str| sections.iter().find(|s| s.name == name);
    let (plt, rela, dynsym, dynstr) = (find(".plt")?, find(".rela.plt")?, find(".dynsym")?, find(".dynstr")?);
    let bytes = |s: &Section| &elf.bytes[s.data.clone()];
    let name = |symbol: u64| {
        let at = usize::try_from(symbol).ok()?.checked_mul(24)?;
        let offset = u32::from_le_bytes(bytes(dynsym).get(at..at + 4)?.try_into().ok()?);
        let text = bytes(dynstr).get(offset as usize..)?;
        // No name is longer; a damaged file must not make each of its symbols share one endless name.
        let len = text.iter().take(4096).position(|&b| b == 0)?;
        std::str::from_utf8(&text[..len]).ok()
    };
    let mut out = Vec::new();
    for entry in bytes(rela).chunks_exact(24) {
        let long = |at: usize| entry[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        let info = long(8);
        let name = match info & 0xffff_ffff {
            JUMP_SLOT => format!("{}@plt", name(info >> 32).unwrap_or("*ABS*")),
            IRELATIVE => format!("*ABS*+{:#x}@plt", long(16)),
            _ => continue,
        };
        let addr = plt.addr.wrapping_add(HEAD + STUB * out.len() as u64);
        out.push(Symbol { name, addr, size: 0, kind: SymbolKind::Other, binding: Binding::Global, section: plt.index });
    }
    Some(out)
}
