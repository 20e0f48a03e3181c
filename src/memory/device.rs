//! What is not plain memory: devices, and watched addresses such as `tohost`.

use std::ops::Range;

use super::{Attr, Memory, MemoryError, PAGE_SHIFT};

/// When a device access happens, in guest terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Address of the instruction that accesses.
    pub pc: u64,
    /// Instructions retired before it.
    pub instret: u64,
    /// Nanoseconds of guest time since the machine's start.
    pub nanos: u64,
}

/// A memory-mapped device. It is called with the offset into its range and the access size (1, 2, 4 or 8 bytes).
///
/// Accesses never straddle the device's end. An `Err` becomes an access fault in the guest.
pub trait Device: Send {
    /// A load of `size` bytes; the value is zero-extended.
    fn read(&mut self, offset: u64, size: u32, at: &Moment) -> Result<u64, DeviceFault>;
    /// A store of the low `size` bytes of `value`.
    fn write(&mut self, offset: u64, size: u32, value: u64, at: &Moment) -> Result<(), DeviceFault>;
}

/// A device refuses an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceFault;

/// A device and its place.
pub(super) struct Mapped {
    pub(super) range: Range<u64>,
    pub(super) device: Box<dyn Device>,
}

/// A store that the machine asked to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchedStore {
    /// Where.
    pub addr: u64,
    /// Bytes.
    pub size: u32,
    /// The value, zero-extended.
    pub value: u64,
}

impl Memory {
    /// Adds a device at any guest address. Where it lies below the limit, no memory may be mapped there.
    pub fn add_device(&mut self, range: Range<u64>, device: Box<dyn Device>) -> Result<(), MemoryError> {
        let clash = self.devices.iter().any(|d| d.range.start < range.end && range.start < d.range.end)
            || self.regions.overlapping(&range).next().is_some();
        if clash || range.is_empty() {
            return Err(MemoryError::Overlap { start: range.start });
        }
        self.devices.push(Mapped { range, device });
        Ok(())
    }

    /// Reports every guest store that touches `range` through [`Memory::take_stores`], and makes the engine stop after it.
    pub fn watch_stores(&mut self, range: Range<u64>) {
        self.arm_watch(&range);
        self.watched.push(range);
    }

    pub(super) fn arm_watch(&mut self, range: &Range<u64>) {
        let first = range.start >> PAGE_SHIFT;
        let last = range.end.saturating_sub(1) >> PAGE_SHIFT;
        for a in self.reserved.attrs_mut(first, (last + 1).saturating_sub(first)) {
            *a = (*a & !Attr::WRITE.bits()) | Attr::WATCHED.bits();
        }
    }

    /// The watched stores since the last call.
    pub fn take_stores(&mut self) -> Vec<WatchedStore> {
        std::mem::take(&mut self.stores)
    }

    /// The device whose range holds all of an access, and the offset there.
    pub(super) fn device_at(&mut self, addr: u64, size: u32) -> Option<(&mut dyn Device, u64)> {
        let end = addr.checked_add(size as u64)?;
        let d = self.devices.iter_mut().find(|d| d.range.start <= addr && end <= d.range.end)?;
        Some((&mut *d.device, addr - d.range.start))
    }

    /// Takes over the devices of another memory, but for those whose place is taken.
    pub(crate) fn adopt_devices(&mut self, other: Memory) {
        for d in other.devices {
            // A clash is a device that the environment has made anew.
            let _ = self.add_device(d.range, d.device);
        }
    }

    /// Whether all of `addr..addr + size` belongs to one device.
    pub fn is_device(&self, addr: u64, size: u32) -> bool {
        let Some(end) = addr.checked_add(size as u64) else { return false };
        self.devices.iter().any(|d| d.range.start <= addr && end <= d.range.end)
    }

    /// Whether there are devices, so that `moment` is wanted.
    #[inline]
    pub(crate) fn has_devices(&self) -> bool {
        !self.devices.is_empty()
    }

    pub(super) fn note_watched(&mut self, addr: u64, size: u32, value: u64) {
        let end = addr + size as u64;
        if self.watched.iter().any(|w| addr < w.end && w.start < end) {
            let value = value & (u64::MAX >> (64 - 8 * size));
            self.stores.push(WatchedStore { addr, size, value });
            self.attention = true;
        }
    }
}
