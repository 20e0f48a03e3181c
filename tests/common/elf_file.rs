//! Builds ELF files field by field, right ones and wrong ones.

/// One program header.
#[derive(Clone, Copy)]
pub struct Ph {
    pub ty: u32,
    pub flags: u32,
    pub offset: u64,
    pub vaddr: u64,
    pub filesz: u64,
    pub memsz: u64,
}

pub const R: u32 = 4;
pub const W: u32 = 2;
pub const X: u32 = 1;

impl Ph {
    pub fn load(flags: u32, offset: u64, vaddr: u64, filesz: u64, memsz: u64) -> Ph {
        Ph { ty: 1, flags, offset, vaddr, filesz, memsz }
    }
}

/// A file of `size` bytes with these program headers behind the ELF header.
pub fn file(entry: u64, headers: &[Ph], size: usize) -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let half = |out: &mut Vec<u8>, v: u16| out.extend(v.to_le_bytes());
    let word = |out: &mut Vec<u8>, v: u32| out.extend(v.to_le_bytes());
    let long = |out: &mut Vec<u8>, v: u64| out.extend(v.to_le_bytes());
    half(&mut out, 2); // e_type
    half(&mut out, 0xf3); // e_machine
    word(&mut out, 1);
    long(&mut out, entry);
    long(&mut out, 64); // e_phoff
    long(&mut out, 0); // e_shoff
    word(&mut out, 5); // e_flags
    half(&mut out, 64);
    half(&mut out, 56);
    half(&mut out, headers.len() as u16);
    half(&mut out, 64);
    half(&mut out, 0); // e_shnum
    half(&mut out, 0);
    for h in headers {
        word(&mut out, h.ty);
        word(&mut out, h.flags);
        for v in [h.offset, h.vaddr, h.vaddr, h.filesz, h.memsz, 4096] {
            long(&mut out, v);
        }
    }
    out.resize(size.max(out.len()), 0);
    out
}

/// A program with one segment of code.
pub fn good() -> Vec<u8> {
    file(0x10000, &[Ph::load(R | X, 0, 0x10000, 0x200, 0x200)], 0x200)
}

/// Overwrites bytes at `at`.
pub fn patch(mut file: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

/// Adds section headers for a symbol table and its strings: `symbols` are (name offset, value).
pub fn with_symbols(mut file: Vec<u8>, strings: &[u8], symbols: &[(u32, u64)]) -> Vec<u8> {
    let at_strings = file.len() as u64;
    file.extend(strings);
    let at_symbols = file.len() as u64;
    for (name, value) in symbols {
        file.extend(name.to_le_bytes());
        file.extend([0x12, 0]); // global function
        file.extend(1u16.to_le_bytes());
        file.extend(value.to_le_bytes());
        file.extend(0u64.to_le_bytes());
    }
    let table = file.len() as u64;
    let size = symbols.len() as u64 * 24;
    // Null section, strings, symbols.
    for (ty, offset, size, link, entry) in
        [(0u32, 0, 0, 0u32, 0u64), (3, at_strings, strings.len() as u64, 0, 0), (2, at_symbols, size, 1, 24)]
    {
        file.extend(0u32.to_le_bytes());
        file.extend(ty.to_le_bytes());
        file.extend([0; 16]);
        file.extend(offset.to_le_bytes());
        file.extend(size.to_le_bytes());
        file.extend(link.to_le_bytes());
        file.extend(0u32.to_le_bytes());
        file.extend(8u64.to_le_bytes());
        file.extend(entry.to_le_bytes());
    }
    file = patch(file, 40, &table.to_le_bytes());
    patch(file, 60, &3u16.to_le_bytes())
}
