//! What a bare machine is given, and where its RAM lies.

use std::ops::Range;

use crate::elf::Elf;
use crate::env::{Files, Streams};
use crate::memory::{MAX_LIMIT, MemoryError, PAGE_SIZE};

/// Where RAM begins, unless the program says otherwise.
const RAM: u64 = 0x8000_0000;
/// Why a bare machine cannot be set up with a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BareError {
    /// A segment lies where no memory can be.
    #[error("the program needs memory at {addr:#x}, but guest memory ends at {MAX_LIMIT:#x}")]
    Addresses {
        /// An address beyond the end.
        addr: u64,
    },
    /// A segment is larger than RAM.
    #[error(
        "the program's {start:#x}..{end:#x} do not fit into {memory:#x} bytes of RAM: give the machine more memory"
    )]
    Memory {
        /// First address of the segment.
        start: u64,
        /// Address behind it.
        end: u64,
        /// Size of RAM in bytes.
        memory: u64,
    },
    /// The machine's address space is too small.
    #[error("the program needs an address space of {needed:#x} bytes, but that of the machine has {limit:#x}")]
    Limit {
        /// Bytes needed.
        needed: u64,
        /// Bytes there are.
        limit: u64,
    },
    /// Guest memory refuses the program or the devices.
    #[error(transparent)]
    Map(#[from] MemoryError),
}

/// What a bare machine is given.
#[derive(Debug)]
pub struct BareOptions {
    /// Size of RAM in bytes, rounded up to whole pages.
    pub memory: u64,
    /// The program's name and arguments, for those that ask the host for them.
    pub args: Vec<String>,
    /// Standard streams; the console of HTIF uses them, too.
    pub streams: Streams,
    /// Files that calls through HTIF and semihosting may reach.
    pub files: Files,
    /// Whether HTIF is there for programs that have its symbols.
    pub htif: bool,
    /// Whether semihosting calls are answered; if not, they are breakpoints.
    pub semihosting: bool,
}

impl Default for BareOptions {
    /// 128 MiB, no arguments, nothing of the host, HTIF and semihosting.
    fn default() -> BareOptions {
        let (streams, files) = (Streams::default(), Files::default());
        BareOptions { memory: 128 << 20, args: Vec::new(), streams, files, htif: true, semihosting: true }
    }
}

impl BareOptions {
    /// Equal options, if the streams can be shared.
    pub(crate) fn duplicate(&self) -> Option<BareOptions> {
        let streams = self.streams.duplicate()?;
        Some(BareOptions { args: self.args.clone(), files: self.files.clone(), streams, ..*self })
    }

    /// The address space that the program needs, in bytes: the end of its highest RAM.
    pub fn limit(&self, elf: &Elf) -> Result<u64, BareError> {
        Ok(self.ram(elf)?.last().map_or(PAGE_SIZE, |r| r.end))
    }

    /// Where RAM lies, in address order.
    pub(crate) fn ram(&self, elf: &Elf) -> Result<Vec<Range<u64>>, BareError> {
        let page_up = |a: u64| a.checked_next_multiple_of(PAGE_SIZE).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
        let size = page_up(self.memory.max(1));
        let main = RAM..page_up(RAM + size);
        let inside = |r: &Range<u64>, ram: &Range<u64>| ram.start <= r.start && r.end <= ram.end;
        let mut parts = self::parts(elf).map_err(|addr| BareError::Addresses { addr })?;
        parts.sort_by_key(|p| p.start);
        let mut ram: Vec<Range<u64>> = Vec::new();
        if parts.iter().any(|p| inside(p, &main)) {
            ram.push(main);
        }
        for p in parts {
            if ram.iter().any(|r| inside(&p, r)) {
                continue;
            }
            let start = p.start & !(PAGE_SIZE - 1);
            let end = page_up(start.saturating_add(size));
            if end < p.end {
                return Err(BareError::Memory { start: p.start, end: p.end, memory: size });
            }
            ram.push(start..end);
        }
        ram.sort_by_key(|r| r.start);
        let mut merged: Vec<Range<u64>> = Vec::new();
        for r in ram {
            match merged.last_mut() {
                Some(last) if r.start <= last.end => last.end = last.end.max(r.end),
                _ => merged.push(r),
            }
        }
        Ok(merged)
    }
}

/// What is added to the addresses of a position-independent program.
pub(super) fn bias(elf: &Elf) -> u64 {
    if elf.relocatable { RAM } else { 0 }
}

/// The addresses where the program is loaded and where it runs; an error gives an address beyond all memory.
pub(super) fn parts(elf: &Elf) -> Result<Vec<Range<u64>>, u64> {
    let mut parts = Vec::new();
    for s in &elf.segments {
        let size = s.range.end - s.range.start;
        for start in [s.paddr, s.range.start] {
            let start = start.checked_add(bias(elf)).filter(|a| *a < MAX_LIMIT).ok_or(start)?;
            parts.push(start..start.checked_add(size).ok_or(start)?);
        }
    }
    Ok(parts)
}

/// The RAM behind the program's end, in the piece of RAM that its highest part lies in.
pub(super) fn free(elf: &Elf, ram: &[Range<u64>]) -> Range<u64> {
    let end = parts(elf).ok().and_then(|parts| parts.iter().map(|p| p.end).max()).unwrap_or(0);
    // Aligned as the stack pointer must be.
    let start = end.checked_next_multiple_of(16).unwrap_or(end);
    let limit = ram.iter().find(|r| r.start < end && end <= r.end).map_or(start, |r| r.end);
    start.min(limit)..limit
}
