//! Minimal static executables: one header, one segment that holds everything, no sections.

/// Where the segment is loaded, and its size in memory.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Address of the first byte; a multiple of the page size.
    pub start: u64,
    /// Bytes in memory, zeros behind those of the file included.
    pub size: u64,
}

/// Bytes of the headers: the image starts behind them.
pub const HEADERS: u64 = 64 + 56;

/// An ELF executable for RV64GC (double-float ABI) whose `image` is loaded at `layout.start + HEADERS` and entered there.
pub fn executable(layout: Layout, image: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |bytes: &[u8]| out.extend_from_slice(bytes);
    // e_ident: 64 bits, little-endian, version 1, System V.
    put(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    // ET_EXEC, EM_RISCV, version 1
    put(&2u16.to_le_bytes());
    put(&243u16.to_le_bytes());
    put(&1u32.to_le_bytes());
    put(&(layout.start + HEADERS).to_le_bytes());
    // Program headers behind this one, no section headers.
    put(&64u64.to_le_bytes());
    put(&0u64.to_le_bytes());
    // EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE
    put(&5u32.to_le_bytes());
    for half in [64u16, 56, 1, 64, 0, 0] {
        put(&half.to_le_bytes());
    }
    // PT_LOAD, readable, writable and executable.
    put(&1u32.to_le_bytes());
    put(&7u32.to_le_bytes());
    let file = HEADERS + image.len() as u64;
    for word in [0, layout.start, layout.start, file, layout.size.max(file), 4096] {
        put(&word.to_le_bytes());
    }
    out.extend_from_slice(image);
    out
}
