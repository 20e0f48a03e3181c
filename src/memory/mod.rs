//! Guest memory: what is mapped where, with which protection, and what happens at each access.
//!
//! `Memory` holds the truth (regions, devices, translated code); the attribute bytes that the fast path tests are derived
//! from it. Faults are values. Nothing here knows instructions or harts.

mod access;
mod code;
mod device;
mod ram;
mod region;

use std::collections::HashMap;
use std::ops::Range;

pub use access::Touch;
use device::Mapped;
pub use device::{Device, DeviceFault, Moment, WatchedStore};
pub(crate) use ram::Span;
pub use ram::{MAX_LIMIT, PAGE_SHIFT, PAGE_SIZE, Ram, Word};
use region::RegionMap;
pub use region::{Prot, Region};

bitflags::bitflags! {
    /// What a page's attribute byte says. The low bits allow fast accesses; `WRITE` is withheld from pages with
    /// translated code, so that a store there takes the slow path and is noticed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Attr: u8 {
        /// Fast loads.
        const READ = 1;
        /// Fast stores.
        const WRITE = 2;
        /// The page is mapped readable.
        const MAY_READ = 8;
        /// The page is mapped writable.
        const MAY_WRITE = 16;
        /// The page is mapped executable.
        const MAY_EXEC = 32;
        /// Instructions on this page have been translated.
        const CODE = 64;
        /// Stores are reported to the machine as they happen (`tohost`).
        const WATCHED = 128;
    }
}

/// What an access wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A load.
    Read,
    /// A store or atomic.
    Write,
    /// An instruction fetch.
    Fetch,
}

/// An access that cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{access:?} access fault at {addr:#x}")]
pub struct Fault {
    /// The first byte that could not be accessed.
    pub addr: u64,
    /// What was wanted there.
    pub access: Access,
}

/// Why memory could not be set up or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The host gave no address space.
    #[error("the host cannot reserve {bytes:#x} bytes of address space for the guest")]
    Reserve {
        /// How much was asked for.
        bytes: u64,
    },
    /// A range is empty, wraps around, is not page-aligned or exceeds the guest address space.
    #[error("{start:#x}..{end:#x} is not a range of whole pages below {limit:#x}")]
    Range {
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// Size of the guest address space.
        limit: u64,
    },
    /// A part of a range is not mapped.
    #[error("nothing is mapped at {addr:#x}")]
    Unmapped {
        /// The first such address.
        addr: u64,
    },
    /// A device overlaps memory or another device.
    #[error("a device at {start:#x} overlaps what is already there")]
    Overlap {
        /// First byte of the device.
        start: u64,
    },
}

/// Guest memory of one machine.
pub struct Memory {
    reserved: ram::Reservation,
    regions: RegionMap,
    devices: Vec<Mapped>,
    /// Translated halfwords of each page with `CODE`.
    code: HashMap<u64, Box<[u64; 32]>>,
    stale: Vec<u64>,
    watched: Vec<Range<u64>>,
    stores: Vec<WatchedStore>,
    attention: bool,
    /// When the present instruction happens; kept up to date only while there are devices.
    pub(crate) moment: Moment,
    /// What the present instruction has accessed, while somebody wants to know.
    touches: Option<Vec<Touch>>,
}

impl Memory {
    /// An empty guest address space of `limit` bytes, rounded up to whole pages.
    ///
    /// Nothing is committed before it is touched. Where the host refuses, smaller spaces are tried down to `least`.
    pub fn new(limit: u64, least: u64) -> Result<Memory, MemoryError> {
        let page_up = |v: u64| v.min(MAX_LIMIT).next_multiple_of(PAGE_SIZE).max(PAGE_SIZE);
        let mut size = page_up(limit);
        let reserved = loop {
            match ram::Reservation::new(size) {
                Some(r) => break r,
                None if size / 2 >= page_up(least) => size = page_up(size / 2),
                None => return Err(MemoryError::Reserve { bytes: size }),
            }
        };
        Ok(Memory {
            reserved,
            regions: RegionMap::default(),
            devices: Vec::new(),
            code: HashMap::new(),
            stale: Vec::new(),
            watched: Vec::new(),
            stores: Vec::new(),
            attention: false,
            moment: Moment::default(),
            touches: None,
        })
    }

    /// Size of the guest address space in bytes: no memory lies at or above it (devices may).
    pub fn limit(&self) -> u64 {
        self.reserved.limit()
    }

    pub(crate) fn ram(&mut self) -> Ram {
        self.reserved.ram()
    }

    fn check_range(&self, r: &Range<u64>) -> Result<(), MemoryError> {
        let aligned = r.start.is_multiple_of(PAGE_SIZE) && r.end.is_multiple_of(PAGE_SIZE);
        if !aligned || r.start >= r.end || r.end > self.limit() {
            return Err(MemoryError::Range { start: r.start, end: r.end, limit: self.limit() });
        }
        Ok(())
    }

    /// Maps whole pages of zeros, replacing what was there.
    pub fn map(&mut self, range: Range<u64>, prot: Prot, name: &str) -> Result<(), MemoryError> {
        self.check_range(&range)?;
        self.drop_code(&range);
        self.reserved.discard(range.start, range.end - range.start);
        self.regions.insert(range.clone(), prot, name);
        self.set_attrs(&range, prot);
        Ok(())
    }

    /// Maps whole pages of a host file, replacing what was there: `shared` with the file, or as a private copy. `len` bytes
    /// from `start` must lie within the file; `false`, and fresh pages, where the host cannot.
    pub(crate) fn map_file(
        &mut self,
        range: Range<u64>,
        prot: Prot,
        name: &str,
        file: &std::fs::File,
        offset: u64,
        shared: bool,
    ) -> Result<bool, MemoryError> {
        self.map(range.clone(), prot, name)?;
        Ok(self.reserved.map_file(range.start, range.end - range.start, file, offset, shared))
    }

    /// Drops what has been written to whole pages, all of which must be mapped: they are zero again, or what their file
    /// holds.
    pub(crate) fn revert(&mut self, range: Range<u64>) -> Result<(), MemoryError> {
        self.check_range(&range)?;
        if let Some(addr) = self.regions.first_hole(&range) {
            return Err(MemoryError::Unmapped { addr });
        }
        self.drop_code(&range);
        self.reserved.revert(range.start, range.end - range.start);
        Ok(())
    }

    /// Moves mapped pages to `to`, replacing what was there; the ranges must not overlap.
    pub(crate) fn relocate(&mut self, range: Range<u64>, to: u64) -> Result<(), MemoryError> {
        self.check_range(&range)?;
        let len = range.end - range.start;
        let new = to..to.saturating_add(len);
        self.check_range(&new)?;
        if let Some(addr) = self.regions.first_hole(&range) {
            return Err(MemoryError::Unmapped { addr });
        }
        if new.start < range.end && range.start < new.end {
            return Err(MemoryError::Overlap { start: to });
        }
        let parts: Vec<(Range<u64>, Prot, String)> = self
            .regions
            .iter()
            .filter(|r| r.start < range.end && range.start < r.end)
            .map(|r| (r.start.max(range.start)..r.end.min(range.end), r.prot, r.name.to_owned()))
            .collect();
        for (part, prot, name) in parts {
            let at = part.start - range.start + to;
            self.map(at..at + (part.end - part.start), prot, &name)?;
        }
        self.drop_code(&range);
        self.reserved.relocate(range.start, to, len);
        self.unmap(range)
    }

    /// Unmaps whole pages; holes in the range are fine.
    pub fn unmap(&mut self, range: Range<u64>) -> Result<(), MemoryError> {
        self.check_range(&range)?;
        self.drop_code(&range);
        let parts: Vec<_> = self.regions.overlapping(&range).collect();
        for part in parts {
            self.reserved.discard(part.start, part.end - part.start);
        }
        self.regions.remove(&range);
        for part in self.attr_span(&range) {
            *part = 0;
        }
        Ok(())
    }

    /// Changes the protection of whole pages, all of which must be mapped.
    pub fn protect(&mut self, range: Range<u64>, prot: Prot) -> Result<(), MemoryError> {
        self.check_range(&range)?;
        if let Some(addr) = self.regions.first_hole(&range) {
            return Err(MemoryError::Unmapped { addr });
        }
        self.drop_code(&range);
        self.regions.protect(&range, prot);
        self.set_attrs(&range, prot);
        Ok(())
    }

    fn attr_span(&mut self, r: &Range<u64>) -> &mut [u8] {
        self.reserved.attrs_mut(r.start >> PAGE_SHIFT, (r.end - r.start) >> PAGE_SHIFT)
    }

    fn set_attrs(&mut self, range: &Range<u64>, prot: Prot) {
        let attr = page_attr(prot);
        self.attr_span(range).fill(attr.bits());
        for w in self.watched.clone() {
            self.arm_watch(&w);
        }
    }

    /// What is mapped, in address order.
    pub fn regions(&self) -> impl Iterator<Item = Region<'_>> {
        self.regions.iter()
    }

    /// What is mapped at `addr`.
    pub fn region_at(&self, addr: u64) -> Option<Region<'_>> {
        self.regions.at(addr)
    }

    /// The mapping nearest to `addr`, and its distance in bytes (0 inside).
    pub fn nearest_region(&self, addr: u64) -> Option<(Region<'_>, u64)> {
        self.regions.nearest(addr)
    }

    /// The highest free range of `len` bytes (whole pages) that lies inside `within`.
    pub fn find_free(&self, len: u64, within: Range<u64>) -> Option<u64> {
        self.regions.find_free(len, within.start..within.end.min(self.limit()))
    }

    /// Reads mapped memory whatever its protection; nothing is read where a part is unmapped.
    pub fn read(&self, addr: u64, out: &mut [u8]) -> Result<(), Fault> {
        self.host_range(addr, out.len() as u64, Access::Read)?;
        out.copy_from_slice(self.reserved.bytes(addr, out.len() as u64));
        Ok(())
    }

    /// Writes mapped memory whatever its protection; nothing is written where a part is unmapped. Translated code is
    /// noticed.
    pub fn write(&mut self, addr: u64, data: &[u8]) -> Result<(), Fault> {
        self.host_range(addr, data.len() as u64, Access::Write)?;
        self.reserved.bytes_mut(addr, data.len() as u64).copy_from_slice(data);
        self.note_code_write(addr, data.len() as u64);
        Ok(())
    }

    /// Borrows mapped memory whatever its protection.
    pub fn slice(&self, addr: u64, len: u64) -> Result<&[u8], Fault> {
        self.host_range(addr, len, Access::Read)?;
        Ok(self.reserved.bytes(addr, len))
    }

    fn host_range(&self, addr: u64, len: u64, access: Access) -> Result<(), Fault> {
        if len == 0 {
            return Ok(());
        }
        let end = addr.checked_add(len).ok_or(Fault { addr, access })?;
        match self.regions.first_hole(&(addr..end)) {
            Some(addr) => Err(Fault { addr, access }),
            None => Ok(()),
        }
    }

    /// Whether the guest itself may do this access to all of `addr..addr + len`; the first byte where it may not.
    pub fn check(&self, addr: u64, len: u64, access: Access) -> Result<(), Fault> {
        if len == 0 {
            return Ok(());
        }
        let end = addr.checked_add(len).ok_or(Fault { addr, access })?;
        let mut at = addr;
        while at < end {
            if !self.reserved.attr(at).contains(needed(access)) {
                return Err(Fault { addr: at, access });
            }
            at = (at | (PAGE_SIZE - 1)).checked_add(1).ok_or(Fault { addr: at, access })?;
        }
        Ok(())
    }

    /// A copy of all regions and their contents; devices and watched stores are not copied.
    pub(crate) fn duplicate(&self) -> Result<Memory, MemoryError> {
        let mut new = Memory::new(self.limit(), self.limit())?;
        for r in self.regions.iter() {
            new.map(r.start..r.end, r.prot, r.name)?;
            let mut page = r.start;
            while page < r.end {
                let from = self.reserved.bytes(page, PAGE_SIZE);
                // An untouched page stays untouched in the copy.
                if from.iter().any(|&b| b != 0) {
                    new.reserved.bytes_mut(page, PAGE_SIZE).copy_from_slice(from);
                }
                page += PAGE_SIZE;
            }
        }
        Ok(new)
    }
}

fn needed(access: Access) -> Attr {
    match access {
        Access::Read => Attr::MAY_READ,
        Access::Write => Attr::MAY_WRITE,
        Access::Fetch => Attr::MAY_EXEC,
    }
}

fn page_attr(prot: Prot) -> Attr {
    let mut a = Attr::empty();
    a.set(Attr::READ | Attr::MAY_READ, prot.contains(Prot::READ));
    a.set(Attr::WRITE | Attr::MAY_WRITE, prot.contains(Prot::WRITE));
    a.set(Attr::MAY_EXEC, prot.contains(Prot::EXEC));
    a
}

#[cfg(test)]
mod tests;
