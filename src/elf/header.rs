//! The ELF header and the tables that it points at, checked field by field.

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::{EI_CLASS, EI_DATA, ELFCLASS64, ELFDATA2LSB, EM_RISCV, ET_DYN, ET_EXEC, ET_REL, Header};
use goblin::elf::program_header::{PF_R, PF_W, PF_X, ProgramHeader};
use std::ops::Range;

use super::{ElfError, Segment, error};
use crate::memory::Prot;

/// Size of a program header of ELF64.
pub(super) const PHDR: u64 = 56;
/// Linux takes program header tables of at most this many bytes.
const PHDR_TABLE_MAX: u64 = 65536;
/// `e_phnum` when the true number stands elsewhere.
const PN_XNUM: u16 = 0xffff;

pub(super) fn ctx() -> Ctx {
    Ctx::new(Container::Big, Endian::Little)
}

/// The bytes `start..start + len` of the file.
pub(super) fn part(bytes: &[u8], what: &'static str, start: u64, len: u64) -> Result<Range<usize>, ElfError> {
    let end = start.saturating_add(len);
    if end > bytes.len() as u64 {
        return Err(ElfError::Truncated { what, start, end, size: bytes.len() as u64 });
    }
    Ok(start as usize..end as usize)
}

fn malformed(what: &'static str, offset: u64, e: goblin::error::Error) -> ElfError {
    ElfError::Malformed { what, offset, reason: e.to_string() }
}

fn field<T>(field: &'static str, offset: u64, value: u64, expected: &'static str) -> Result<T, ElfError> {
    Err(ElfError::Field { field, offset, value, expected })
}

/// The header of any RISC-V ELF64 file.
pub(super) fn any(bytes: &[u8]) -> Result<Header, ElfError> {
    if !bytes.starts_with(b"\x7fELF") {
        return Err(error::identify(bytes));
    }
    part(bytes, "the ELF header", 0, 64)?;
    // The machine comes first: a 32-bit Arm file is above all not for RISC-V. Its place is the same in ELF32.
    let half = |at: usize| match bytes[EI_DATA] {
        2 => u16::from_be_bytes([bytes[at], bytes[at + 1]]),
        _ => u16::from_le_bytes([bytes[at], bytes[at + 1]]),
    };
    if half(18) != EM_RISCV {
        return Err(ElfError::Machine { value: half(18) });
    }
    if bytes[EI_CLASS] != ELFCLASS64 {
        let expected =
            "only ELF64 (2) runs here; this is a 32-bit program (1): build it with -march=rv64... -mabi=lp64...";
        return field("e_ident[EI_CLASS]", EI_CLASS as u64, bytes[EI_CLASS] as u64, expected);
    }
    if bytes[EI_DATA] != ELFDATA2LSB {
        let expected = "only little-endian files (1) run here; 2 is big-endian";
        return field("e_ident[EI_DATA]", EI_DATA as u64, bytes[EI_DATA] as u64, expected);
    }
    goblin::elf::Elf::parse_header(bytes).map_err(|e| malformed("the ELF header", 0, e))
}

/// Whether the header is one of a program that can be loaded.
pub(super) fn check_executable(h: &Header) -> Result<(), ElfError> {
    let what = match h.e_type {
        ET_EXEC | ET_DYN => return Ok(()),
        ET_REL => "this is an object file (ET_REL); link it into a program first",
        4 => "this is a core dump (ET_CORE); load the program that it came from",
        _ => "only executables, ET_EXEC (2) and ET_DYN (3), run",
    };
    field("e_type", 16, h.e_type as u64, what)
}

/// The program headers, in file order.
pub(super) fn program_headers(bytes: &[u8], h: &Header) -> Result<Vec<ProgramHeader>, ElfError> {
    if h.e_phnum == 0 {
        return Ok(Vec::new());
    }
    if h.e_phentsize as u64 != PHDR {
        return field("e_phentsize", 54, h.e_phentsize as u64, "program headers of ELF64 have 56 (0x38) bytes");
    }
    if h.e_phnum == PN_XNUM {
        return field(
            "e_phnum",
            56,
            h.e_phnum as u64,
            "extended numbering (PN_XNUM) is for core dumps, not for programs",
        );
    }
    let size = h.e_phnum as u64 * PHDR;
    if size > PHDR_TABLE_MAX {
        return field(
            "e_phnum",
            56,
            h.e_phnum as u64,
            "a program has at most 1170 program headers (64 KiB), as on Linux",
        );
    }
    let table = part(bytes, "the program header table", h.e_phoff, size)?;
    ProgramHeader::parse(&bytes[..table.end], table.start, h.e_phnum as usize, ctx())
        .map_err(|e| malformed("the program header table", h.e_phoff, e))
}

/// A loadable segment from the program header `ph` that stands at file offset `at`; none if it is empty.
pub(super) fn segment(bytes: &[u8], ph: &ProgramHeader, at: u64) -> Result<Option<Segment>, ElfError> {
    if ph.p_filesz > ph.p_memsz {
        let expected = "a segment has no more bytes in the file than in memory (p_memsz)";
        return field("p_filesz", at + 32, ph.p_filesz, expected);
    }
    if ph.p_memsz == 0 {
        return Ok(None);
    }
    let Some(end) = ph.p_vaddr.checked_add(ph.p_memsz) else {
        return field("p_memsz", at + 40, ph.p_memsz, "the segment would wrap around the address space");
    };
    if ph.p_paddr.checked_add(ph.p_memsz).is_none() {
        return field("p_paddr", at + 24, ph.p_paddr, "the segment would wrap around the physical address space");
    }
    let data = part(bytes, "a loadable segment", ph.p_offset, ph.p_filesz)?;
    let mut prot = Prot::empty();
    prot.set(Prot::READ, ph.p_flags & PF_R != 0);
    prot.set(Prot::WRITE, ph.p_flags & PF_W != 0);
    prot.set(Prot::EXEC, ph.p_flags & PF_X != 0);
    Ok(Some(Segment { range: ph.p_vaddr..end, paddr: ph.p_paddr, data, prot }))
}

/// Segments must be disjoint. `headers[i]` is the program header's index of segment `i`.
pub(super) fn check_disjoint(segments: &[Segment], headers: &[usize]) -> Result<(), ElfError> {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|&i| segments[i].range.start);
    for pair in order.windows(2) {
        let (a, b) = (&segments[pair[0]].range, &segments[pair[1]].range);
        if b.start < a.end {
            let (first, second) = (headers[pair[0]].min(headers[pair[1]]), headers[pair[0]].max(headers[pair[1]]));
            return Err(ElfError::Overlap { first, second, range: b.start..a.end.min(b.end) });
        }
    }
    Ok(())
}

/// The program must start at an instruction that is there.
pub(super) fn check_entry(entry: u64, segments: &[Segment]) -> Result<(), ElfError> {
    if !segments.iter().any(|s| s.range.contains(&entry)) {
        let why = match entry {
            0 => "the file names no entry point: it is a shared library, or it was linked without _start",
            _ => "no loadable segment holds this address",
        };
        return Err(ElfError::Entry { entry, why });
    }
    // Whether the segment is executable (PF_X) is not asked: bare machines do not care, and the linker script of
    // riscv-tests leaves the flag out.
    if entry & 1 != 0 {
        return Err(ElfError::Entry { entry, why: "instructions stand at even addresses" });
    }
    Ok(())
}

/// A small file must not become a large program by loading the same bytes again and again.
pub(super) fn check_file_bytes(segments: &[Segment], size: usize) -> Result<(), ElfError> {
    let total = segments.iter().fold(0u64, |sum, s| sum.saturating_add(s.data.len() as u64));
    match total > size as u64 {
        true => field("p_filesz (sum)", 64 + 32, total, "the segments take more bytes from the file than it has"),
        false => Ok(()),
    }
}
