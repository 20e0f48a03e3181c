//! The words of a file that may be instructions: where code lies, by sections or else by segments, and by mapping symbols.

use std::ops::Range;

use crate::elf::{Elf, Marked};
use crate::memory::Prot;

use super::census::space;
use super::claims::vectors_of;
use super::{Source, Vectors};

/// A stretch of code in the file.
pub(super) struct Region {
    /// Address of its first byte.
    addr: u64,
    data: Range<usize>,
    /// Its section, if it is one.
    section: Option<usize>,
    /// What begins where, by address.
    marks: Vec<Start>,
}

struct Start {
    addr: u64,
    data: bool,
    vectors: Option<Vectors>,
}

/// A word that stands where instructions do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub addr: u64,
    /// The word; upper half 0 for 16-bit instructions.
    pub bits: u32,
    pub section: Option<usize>,
    /// The vectors of the ISA that a mapping symbol names here.
    pub marked: Option<Vectors>,
    /// A stretch of code begins here.
    pub first: bool,
}

/// Spaces of encodings where assemblers of another age or vendor miss instructions.
const EXOTIC: [&str; 7] = ["custom-0", "custom-1", "custom-2", "custom-3", "OP-V", "OP-VE", "vector loads and stores"];

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub bytes: u64,
    pub data: u64,
}

/// Where code lies. No byte of the file is in two regions, whatever its tables claim.
pub(super) fn regions(elf: &Elf) -> (Source, Vec<Region>) {
    let mut regions: Vec<Region> = Vec::new();
    for s in elf.sections().into_iter().filter(|s| s.code && !s.data.is_empty()) {
        regions.push(Region { addr: s.addr, data: s.data, section: Some(s.index), marks: Vec::new() });
    }
    let source = match regions.is_empty() {
        false => Source::Sections,
        true => {
            let has = |prot| elf.segments.iter().any(|s| s.prot.contains(prot));
            // The linker script of riscv-tests makes no segment executable.
            let prot = if has(Prot::EXEC) { Prot::EXEC } else { Prot::READ };
            for s in elf.segments.iter().filter(|s| s.prot.contains(prot) && !s.data.is_empty()) {
                let (start, data) = (s.range.start, s.data.clone());
                // Headers are no code.
                let headers = elf.phdr.filter(|at| s.range.contains(at) && data.start == 0);
                let skip = headers.map_or(0, |at| at - start + 56 * u64::from(elf.phnum));
                let skip = (skip as usize).min(data.len());
                let data = data.start + skip..data.end;
                regions.push(Region { addr: start.wrapping_add(skip as u64), data, section: None, marks: Vec::new() });
            }
            Source::Segments
        }
    };
    regions.sort_by_key(|r| (r.data.start, r.data.end));
    let mut covered = 0;
    regions.retain(|r| {
        let fresh = r.data.start >= covered;
        covered = covered.max(r.data.end);
        fresh
    });
    mark(elf, &mut regions);
    (source, regions)
}

/// Distributes the mapping symbols among the regions.
fn mark(elf: &Elf, regions: &mut [Region]) {
    let mut by_section: Vec<(usize, usize)> =
        regions.iter().enumerate().filter_map(|(n, r)| Some((r.section?, n))).collect();
    by_section.sort_unstable();
    for m in elf.marks() {
        let Ok(at) = by_section.binary_search_by_key(&m.section, |b| b.0) else { continue };
        let vectors = match &m.what {
            Marked::Code(Some(isa)) => vectors_of(isa),
            _ => None,
        };
        let start = Start { addr: m.addr, data: m.what == Marked::Data, vectors };
        regions[by_section[at].1].marks.push(start);
    }
    for r in regions {
        r.marks.sort_by_key(|m| m.addr);
    }
}

impl Region {
    /// Calls `see` with each word, which tells whether execution goes on behind it; returns how much there was. Words of 0 are
    /// padding and left out: a halfword of zeros is an illegal instruction by definition.
    ///
    /// Into data execution does not run: where it would, words that lie where extensions do are instructions that the assembler
    /// did not know, written as `.word`.
    pub fn each(&self, bytes: &[u8], mut see: impl FnMut(Word) -> bool) -> Extent {
        let bytes = &bytes[self.data.clone()];
        let mut extent = Extent { bytes: bytes.len() as u64, data: 0 };
        let (mut at, mut passed, mut first, mut goes_on) = (0, 0, true, false);
        while at < bytes.len() {
            let addr = self.addr.wrapping_add(at as u64);
            while self.marks.get(passed).is_some_and(|m| m.addr <= addr) {
                (passed, first) = (passed + 1, true);
            }
            let mark = passed.checked_sub(1).map(|n| &self.marks[n]);
            let room =
                self.marks.get(passed).map_or(u64::MAX, |m| m.addr - addr).min((bytes.len() - at) as u64) as usize;
            let half =
                |i: usize| bytes.get(at + i..at + i + 2).map_or(0, |b| u32::from(u16::from_le_bytes([b[0], b[1]])));
            let low = half(0);
            let written = goes_on && room >= 4 && EXOTIC.contains(&space(low | half(2) << 16));
            if mark.is_some_and(|m| m.data) && !written {
                extent.data += room as u64;
                (at, goes_on) = (at + room, false);
                continue;
            }
            let len = if low & 3 == 3 { 4 } else { 2 };
            goes_on = false;
            if low != 0 && len <= room {
                let bits = if len == 4 { low | half(2) << 16 } else { low };
                let marked = mark.and_then(|m| m.vectors);
                goes_on = see(Word { addr, bits, section: self.section, marked, first });
                first = false;
            }
            at += len.min(room);
        }
        extent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_data_take_turns() {
        let start = |addr, data| Start { addr, data, vectors: None };
        let bytes = [0x13, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0x13];
        let marks = vec![start(0x108, true), start(0x10c, false)];
        let region = Region { addr: 0x100, data: 0..bytes.len(), section: None, marks };
        let mut seen = Vec::new();
        let extent = region.each(&bytes, |w| {
            seen.push((w.addr, w.bits, w.first));
            false
        });
        assert_eq!(seen, [(0x100, 0x13, true), (0x104, 1, false), (0x10c, 1, true)]);
        assert_eq!(extent, Extent { bytes: 15, data: 4 });
    }

    #[test]
    fn data_that_execution_runs_into_are_code() {
        let words: [u32; 5] = [0x13, 0x2b, 0x102b, 0x13, 0x2b];
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let marks = vec![Start { addr: 0x104, data: true, vectors: None }];
        let region = Region { addr: 0x100, data: 0..bytes.len(), section: None, marks };
        let mut seen = Vec::new();
        let extent = region.each(&bytes, |w| {
            seen.push(w.bits);
            true
        });
        // Behind it all is data again, whatever it looks like.
        assert_eq!((seen.as_slice(), extent), (&words[..3], Extent { bytes: 20, data: 8 }));
    }
}
