//! The map of what is where: disjoint ranges with protection and a name, in address order.

use std::collections::BTreeMap;
use std::ops::Range;

bitflags::bitflags! {
    /// Protection of a mapping, with Linux's bit values.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Prot: u8 {
        /// Loads.
        const READ = 1;
        /// Stores.
        const WRITE = 2;
        /// Instruction fetches.
        const EXEC = 4;
    }
}

/// One mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region<'a> {
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
    /// Protection.
    pub prot: Prot,
    /// What it is: a segment of a file, `[stack]`, ...
    pub name: &'a str,
}

#[derive(Clone)]
struct Entry {
    end: u64,
    prot: Prot,
    name: String,
}

/// Disjoint regions by their start.
#[derive(Clone, Default)]
pub(super) struct RegionMap {
    map: BTreeMap<u64, Entry>,
}

impl RegionMap {
    /// Cuts regions at `at`, so that no region spans it.
    fn split(&mut self, at: u64) {
        if let Some((_, e)) = self.map.range_mut(..at).next_back()
            && e.end > at
        {
            let tail = e.clone();
            e.end = at;
            self.map.insert(at, tail);
        }
    }

    pub(super) fn remove(&mut self, r: &Range<u64>) {
        self.split(r.start);
        self.split(r.end);
        let starts: Vec<u64> = self.map.range(r.clone()).map(|(s, _)| *s).collect();
        for s in starts {
            self.map.remove(&s);
        }
    }

    pub(super) fn insert(&mut self, r: Range<u64>, prot: Prot, name: &str) {
        self.remove(&r);
        self.map.insert(r.start, Entry { end: r.end, prot, name: name.to_owned() });
        self.join(&r);
    }

    pub(super) fn protect(&mut self, r: &Range<u64>, prot: Prot) {
        self.split(r.start);
        self.split(r.end);
        for (_, e) in self.map.range_mut(r.clone()) {
            e.prot = prot;
        }
        self.join(r);
    }

    /// Joins equal neighbours from the region before `r` to the one behind it, so that the map stays small.
    fn join(&mut self, r: &Range<u64>) {
        let from = self.map.range(..r.start).next_back().map_or(r.start, |(s, _)| *s);
        let mut starts: Vec<u64> = self.map.range(from..=r.end).map(|(s, _)| *s).collect();
        starts.reverse();
        for pair in starts.windows(2) {
            let (b, a) = (pair[0], pair[1]);
            let (ea, eb) = (&self.map[&a], &self.map[&b]);
            if ea.end == b && ea.prot == eb.prot && ea.name == eb.name {
                let end = eb.end;
                self.map.remove(&b);
                if let Some(e) = self.map.get_mut(&a) {
                    e.end = end;
                }
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Region<'_>> {
        self.map.iter().map(|(&start, e)| Region { start, end: e.end, prot: e.prot, name: &e.name })
    }

    pub(super) fn at(&self, addr: u64) -> Option<Region<'_>> {
        let (&start, e) = self.map.range(..=addr).next_back()?;
        (addr < e.end).then_some(Region { start, end: e.end, prot: e.prot, name: &e.name })
    }

    pub(super) fn nearest(&self, addr: u64) -> Option<(Region<'_>, u64)> {
        let view = |(&start, e): (&u64, &'_ Entry)| (start, e.end, e.prot);
        let below = self.map.range(..=addr).next_back().map(view);
        let above = self.map.range(addr..).next().map(view);
        let gap_below = below.map(|(_, end, _)| if addr < end { 0 } else { addr - end + 1 });
        let gap_above = above.map(|(start, ..)| start - addr);
        let (start, gap) = match (gap_below, gap_above) {
            (Some(b), Some(a)) if a < b => (above?.0, a),
            (Some(b), _) => (below?.0, b),
            (None, Some(a)) => (above?.0, a),
            (None, None) => return None,
        };
        let e = self.map.get(&start)?;
        Some((Region { start, end: e.end, prot: e.prot, name: &e.name }, gap))
    }

    /// The mapped parts of a range.
    pub(super) fn overlapping(&self, r: &Range<u64>) -> impl Iterator<Item = Range<u64>> + '_ {
        let r = r.clone();
        let first = self.at(r.start).map(|x| x.start).unwrap_or(r.start);
        self.map.range(first..r.end.max(first)).map(move |(&s, e)| s.max(r.start)..e.end.min(r.end))
    }

    /// The first address of a range that is not mapped.
    pub(super) fn first_hole(&self, r: &Range<u64>) -> Option<u64> {
        let mut at = r.start;
        while at < r.end {
            match self.at(at) {
                Some(x) => at = x.end,
                None => return Some(at),
            }
        }
        None
    }

    pub(super) fn find_free(&self, len: u64, within: Range<u64>) -> Option<u64> {
        let mut top = within.end;
        for (&start, e) in self.map.range(..within.end).rev() {
            if e.end < top && top - e.end >= len {
                break;
            }
            top = top.min(start);
        }
        let at = top.checked_sub(len)?;
        (at >= within.start && self.overlapping(&(at..top)).next().is_none()).then_some(at)
    }
}
