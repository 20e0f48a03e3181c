//! The reservation behind guest memory, and `Ram`, the checked view that the hot loop works through.
//!
//! One flat reservation holds guest address 0 up to the limit; before it lies a table with one attribute byte per page.
//! A fast access is: alignment and bound in one test (a rotate puts the low bits on top), then one attribute bit. The table
//! covers every address that any machine can have, so that the bound is a constant.
//! Everything that fails here (holes, protection, devices, translated code, misalignment) goes to `Memory`, which decides.

use super::Attr;

/// log2 of the page size, the granule of protection.
pub const PAGE_SHIFT: u32 = 12;
/// The page size in bytes.
pub const PAGE_SIZE: u64 = 1 << PAGE_SHIFT;
const LIMIT_SHIFT: u32 = 38;
/// The largest guest address space, in bytes: that of an Sv39 user program.
pub const MAX_LIMIT: u64 = 1 << LIMIT_SHIFT;
/// Bytes between the start of the attribute table and guest address 0: one byte for each page that can exist.
const TABLE: usize = (MAX_LIMIT >> PAGE_SHIFT) as usize;

/// The plain integers that one memory access moves.
pub trait Word: Copy + Send + 'static {
    /// log2 of the size in bytes.
    const SHIFT: u32;
    /// Zero-extends to a register value.
    fn to_u64(self) -> u64;
    /// Truncates a register value.
    fn from_u64(v: u64) -> Self;
}

macro_rules! word {
    ($($t:ty, $u:ty, $s:expr;)*) => { $(impl Word for $t {
        const SHIFT: u32 = $s;
        #[inline(always)]
        fn to_u64(self) -> u64 { self as $u as u64 }
        #[inline(always)]
        fn from_u64(v: u64) -> Self { v as $t }
    })* };
}
word! { u8, u8, 0; u16, u16, 1; u32, u32, 2; u64, u64, 3; i8, u8, 0; i16, u16, 1; i32, u32, 2; i64, u64, 3; }

/// A view of guest memory for aligned accesses to plain pages.
///
/// It is one word, so that the hot loop can keep it in a register; it is valid as long as the [`Memory`](super::Memory)
/// it came from lives.
#[derive(Clone, Copy)]
pub struct Ram {
    base: *mut u8,
}

impl Ram {
    /// The view whose [`Ram::base`] this is.
    ///
    /// # Safety
    /// That view's memory still lives, and no other thread uses it meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn from_base(base: *mut u8) -> Ram {
        Ram { base }
    }

    /// The host address of guest address 0.
    #[inline(always)]
    pub(crate) fn base(self) -> *mut u8 {
        self.base
    }

    /// The host address of an aligned `T` at `addr` whose page has all the bits of `need`.
    #[inline(always)]
    fn host<T: Word>(self, addr: u64, need: Attr) -> Option<*mut T> {
        // An address with low bits set becomes huge by the rotate, so that one test sees both faults.
        let unit = addr.rotate_right(T::SHIFT);
        if unit >> (LIMIT_SHIFT - T::SHIFT) != 0 {
            return None;
        }
        // SAFETY: addr < MAX_LIMIT, so the byte lies in the table of the reservation. Pages beyond the limit have no bits.
        let attr = unsafe { *self.base.wrapping_sub(TABLE).add((unit >> (PAGE_SHIFT - T::SHIFT)) as usize) };
        if attr & need.bits() == 0 {
            return None;
        }
        Some(self.base.wrapping_add(addr as usize) as *mut T)
    }

    /// Loads an aligned value from a readable plain page; `None` where the slow path has to decide.
    #[inline(always)]
    pub fn load<T: Word>(self, addr: u64) -> Option<T> {
        // SAFETY: `host` has checked that the whole value lies in committed memory of the reservation.
        self.host::<T>(addr, Attr::READ).map(|p| unsafe { p.read_unaligned() })
    }

    /// Stores an aligned value to a writable plain page; `None` where the slow path has to decide.
    #[inline(always)]
    pub fn store<T: Word>(self, addr: u64, value: T) -> Option<()> {
        // SAFETY: as for `load`; a guest value has no validity rules that a write could break.
        self.host::<T>(addr, Attr::WRITE).map(|p| unsafe { p.write_unaligned(value) })
    }

    /// Replaces an aligned value by `f` of it on a page that is both readable and writable, and returns the old one.
    #[inline(always)]
    pub fn update<T: Word>(self, addr: u64, f: impl FnOnce(T) -> T) -> Option<T> {
        self.host::<T>(addr, Attr::READ)?;
        let p = self.host::<T>(addr, Attr::WRITE)?;
        // SAFETY: as for `load` and `store`.
        unsafe {
            let old = p.read_unaligned();
            p.write_unaligned(f(old));
            Some(old)
        }
    }
}

/// Owner of the host memory: attribute table and guest pages, committed by the host as they are touched.
pub(super) struct Reservation {
    base: *mut u8,
    limit: u64,
}

// SAFETY: the reservation is plain memory owned by this value alone.
unsafe impl Send for Reservation {}
// SAFETY: shared access only reads (every writer takes `&mut self`).
unsafe impl Sync for Reservation {}

impl Reservation {
    /// Reserves `limit` guest bytes (a multiple of the page size, at most [`MAX_LIMIT`]); `None` if the host refuses.
    pub(super) fn new(limit: u64) -> Option<Reservation> {
        debug_assert!(limit.is_multiple_of(PAGE_SIZE) && limit <= MAX_LIMIT);
        let start = host::reserve(TABLE.checked_add(limit as usize)?)?;
        Some(Reservation { base: start.wrapping_add(TABLE), limit })
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) fn ram(&mut self) -> Ram {
        Ram { base: self.base }
    }

    /// The attributes of the page that holds `addr`; none beyond the limit.
    pub(super) fn attr(&self, addr: u64) -> Attr {
        if addr >= self.limit {
            return Attr::empty();
        }
        // SAFETY: the page exists, so its byte lies in the table.
        Attr::from_bits_retain(unsafe { *self.base.wrapping_sub(TABLE).add((addr >> PAGE_SHIFT) as usize) })
    }

    /// The attribute bytes of the pages from `page` on.
    pub(super) fn attrs_mut(&mut self, page: u64, count: u64) -> &mut [u8] {
        let pages = self.limit >> PAGE_SHIFT;
        let page = page.min(pages);
        let count = count.min(pages - page);
        // SAFETY: `page + count` is within the table, and `&mut self` makes the borrow exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.base.wrapping_sub(TABLE).add(page as usize), count as usize) }
    }

    /// The bytes of `addr..addr + len`, cut at the limit.
    pub(super) fn bytes(&self, addr: u64, len: u64) -> &[u8] {
        let addr = addr.min(self.limit);
        let len = len.min(self.limit - addr);
        // SAFETY: the range is within the reservation, and nothing writes while `self` is borrowed.
        unsafe { std::slice::from_raw_parts(self.base.add(addr as usize), len as usize) }
    }

    /// The bytes of `addr..addr + len`, cut at the limit.
    pub(super) fn bytes_mut(&mut self, addr: u64, len: u64) -> &mut [u8] {
        let addr = addr.min(self.limit);
        let len = len.min(self.limit - addr);
        // SAFETY: as for `bytes`, exclusive through `&mut self`.
        unsafe { std::slice::from_raw_parts_mut(self.base.add(addr as usize), len as usize) }
    }

    /// Makes whole pages zero again, giving their memory back to the host where it can.
    pub(super) fn discard(&mut self, addr: u64, len: u64) {
        let bytes = self.bytes_mut(addr, len);
        if !bytes.is_empty() && !host::discard(bytes) {
            bytes.fill(0);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        host::release(self.base.wrapping_sub(TABLE), TABLE + self.limit as usize);
    }
}

/// Reserving address space without committing memory, where the host can.
#[cfg(unix)]
mod host {
    pub(super) fn reserve(len: usize) -> Option<*mut u8> {
        #[cfg(target_os = "linux")]
        const FLAGS: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        #[cfg(not(target_os = "linux"))]
        const FLAGS: i32 = libc::MAP_PRIVATE | libc::MAP_ANON;
        // SAFETY: a new anonymous mapping at an address of the host's choice touches nothing that exists.
        let p = unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ | libc::PROT_WRITE, FLAGS, -1, 0) };
        (p != libc::MAP_FAILED).then_some(p as *mut u8)
    }

    pub(super) fn release(p: *mut u8, len: usize) {
        // SAFETY: called once, with the range that `reserve` gave.
        unsafe { libc::munmap(p as *mut _, len) };
    }

    pub(super) fn discard(bytes: &mut [u8]) -> bool {
        // Only Linux promises that the next read gives zeros.
        #[cfg(target_os = "linux")]
        // SAFETY: the range is whole pages of our own anonymous mapping, exclusively borrowed.
        return unsafe { libc::madvise(bytes.as_mut_ptr() as *mut _, bytes.len(), libc::MADV_DONTNEED) == 0 };
        #[cfg(not(target_os = "linux"))]
        {
            let _ = bytes;
            false
        }
    }
}

/// Hosts without lazy reservations: the allocator's zeroed memory.
#[cfg(not(unix))]
mod host {
    use std::alloc::{Layout, alloc_zeroed, dealloc};

    fn layout(len: usize) -> Option<Layout> {
        Layout::from_size_align(len, super::PAGE_SIZE as usize).ok()
    }

    pub(super) fn reserve(len: usize) -> Option<*mut u8> {
        // SAFETY: the length is never zero, since the table precedes every memory.
        let p = unsafe { alloc_zeroed(layout(len)?) };
        (!p.is_null()).then_some(p)
    }

    pub(super) fn release(p: *mut u8, len: usize) {
        if let Some(layout) = layout(len) {
            // SAFETY: called once, with the range and layout that `reserve` used.
            unsafe { dealloc(p, layout) };
        }
    }

    pub(super) fn discard(_bytes: &mut [u8]) -> bool {
        false
    }
}
