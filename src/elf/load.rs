//! Putting a file's segments into guest memory.

use std::ops::Range;

use super::Elf;
use crate::memory::{Fault, Memory, MemoryError, PAGE_SIZE, Prot};

/// Which of a segment's two addresses counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// `p_vaddr` plus a load address that must be a multiple of the page size (0 for files that are not
    /// position-independent): where an operating system puts it.
    Virtual(u64),
    /// `p_paddr`: where a bare machine's loader puts it. Initialised data of programs in read-only memory stands here
    /// first, until the program itself copies it.
    Physical,
}

/// Why a file's segments do not fit into the guest's memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A segment lies outside of the guest's address space.
    #[error(
        "the segment {:#x}..{:#x} does not fit into the guest's address space, which ends at {limit:#x}",
        .range.start, .range.end
    )]
    Outside {
        /// The segment's addresses.
        range: Range<u64>,
        /// Size of the guest's address space in bytes.
        limit: u64,
    },
    /// Memory refused the mapping.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Memory refused the bytes.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Elf {
    /// Maps every segment and copies its bytes, and calls the mapping `name`. Where segments share a page it gets the
    /// protection of both. What was mapped there before is replaced.
    ///
    /// # Errors
    /// [`LoadError`]; some of the segments may have been mapped by then.
    pub fn load(&self, memory: &mut Memory, place: Placement, name: &str) -> Result<(), LoadError> {
        let mut spans = self.spans(memory.limit(), place)?;
        spans.sort_by_key(|(bytes, ..)| bytes.start);
        let mut last: Option<(Range<u64>, Prot)> = None;
        for (bytes, data, prot) in &spans {
            let mut pages = bytes.start & !(PAGE_SIZE - 1)..bytes.end.next_multiple_of(PAGE_SIZE);
            let whole = pages.clone();
            let mut shared = None;
            if let Some((before, prot_before)) = last.as_ref().filter(|(b, _)| b.end > pages.start) {
                shared = Some((pages.start..before.end, *prot | *prot_before));
                pages.start = before.end;
            }
            if pages.start < pages.end {
                memory.map(pages.clone(), *prot, name)?;
            }
            if let Some((page, both)) = shared {
                memory.protect(page, both)?;
            }
            memory.write(bytes.start, &self.bytes[data.clone()])?;
            // A small segment may lie wholly in the page that its neighbours share.
            let joined = if pages.is_empty() { *prot | last.map_or(Prot::empty(), |l| l.1) } else { *prot };
            last = Some((whole, joined));
        }
        Ok(())
    }

    /// Where each segment goes: addresses, bytes of the file, protection.
    #[allow(clippy::type_complexity)] // it is taken apart at once
    fn spans(&self, limit: u64, place: Placement) -> Result<Vec<(Range<u64>, Range<usize>, Prot)>, LoadError> {
        let span = |s: &super::Segment| {
            let start = match place {
                Placement::Virtual(base) => s.range.start.checked_add(base),
                Placement::Physical => Some(s.paddr),
            };
            let size = s.range.end - s.range.start;
            let outside = |start: u64| LoadError::Outside { range: start..start.saturating_add(size), limit };
            let start = start.ok_or_else(|| outside(s.range.start))?;
            match start.checked_add(size) {
                Some(end) if end <= limit => Ok((start..end, s.data.clone(), s.prot)),
                _ => Err(outside(start)),
            }
        };
        self.segments.iter().map(span).collect()
    }
}
