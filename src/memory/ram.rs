//! The reservation behind guest memory, and `Ram`, the checked view that the hot loop works through.
//!
//! One flat reservation holds guest address 0 up to the limit; before it lies a table with one attribute byte per page.
//! A fast access is: alignment and bound in one test (a rotate puts the low bits on top), then one attribute bit. The table
//! covers every address that any machine can have, so that the bound is a constant.
//! Everything that fails here (holes, protection, devices, translated code, misalignment) goes to `Memory`, which decides.

use super::{Access, Attr};

/// log2 of the page size, the granule of protection.
pub const PAGE_SHIFT: u32 = 12;
/// The page size in bytes.
pub const PAGE_SIZE: u64 = 1 << PAGE_SHIFT;
const LIMIT_SHIFT: u32 = 38;
/// The largest guest address space, in bytes: that of an Sv39 user program.
pub const MAX_LIMIT: u64 = 1 << LIMIT_SHIFT;
/// Most parts of files behind guest memory: the host allows a process about 65,000 mappings.
const MOST_FILES: usize = 8192;
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

    /// The bytes of `addr..addr + len`, if they are on one or two pages that can be accessed so without anybody noticing, as
    /// far as `load` and `store` tell: who watches closely is not asked.
    #[inline(always)]
    pub(crate) fn span(self, addr: u64, len: u32, access: Access) -> Option<Span> {
        let last = addr.wrapping_add(u64::from(len)).wrapping_sub(1);
        if (addr | last) >> LIMIT_SHIFT != 0 {
            return None;
        }
        let (first, end) = ((addr >> PAGE_SHIFT) as usize, (last >> PAGE_SHIFT) as usize);
        let table = self.base.wrapping_sub(TABLE);
        // SAFETY: both are less than MAX_LIMIT, so that the bytes of their pages lie in the table.
        let attr = |page: usize| unsafe { *table.add(page) };
        // None at all may begin a page behind their end.
        if end.wrapping_sub(first) > 1 || attr(first) & attr(end) & needed(access).bits() == 0 {
            return None;
        }
        Some(Span { at: self.base.wrapping_add(addr as usize), len: len as usize })
    }

    /// As `span`, on any number of pages; there must be a byte.
    #[inline(always)]
    pub(crate) fn wide_span(self, addr: u64, len: u64, access: Access) -> Option<Span> {
        // SAFETY: the table lies before guest address 0.
        unsafe { plain_run(self.base, addr, len, needed(access)) }
            .then(|| Span { at: self.base.wrapping_add(addr as usize), len: len as usize })
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

/// What a page must have for an access of this kind that nobody notices.
#[inline(always)]
fn needed(access: Access) -> Attr {
    if access == Access::Write { Attr::WRITE } else { Attr::READ }
}

/// A run of bytes of plain pages. It makes no references: others may see the same bytes.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    at: *mut u8,
    len: usize,
}

impl Span {
    /// Copies the first bytes of it, as many as both have.
    #[inline(always)]
    pub(crate) fn read(self, to: &mut [u8]) {
        // SAFETY: both have so many bytes, and a slice of the host is no guest memory.
        unsafe { copy(to.as_mut_ptr(), self.at, to.len().min(self.len)) }
    }

    /// Writes the first bytes of it, as many as both have.
    #[inline(always)]
    pub(crate) fn write(self, from: &[u8]) {
        // SAFETY: as for `read`; the pages are writable.
        unsafe { copy(self.at, from.as_ptr(), from.len().min(self.len)) }
    }

    /// The value from byte `at` on.
    #[inline(always)]
    pub(crate) fn get<T: Word>(self, at: usize) -> T {
        assert!(size_of::<T>() <= self.len && at <= self.len - size_of::<T>());
        // SAFETY: it lies in the run.
        unsafe { self.at.add(at).cast::<T>().read_unaligned() }
    }

    /// N values, the first of them being number `i` of the run.
    #[inline(always)]
    pub(crate) fn elements<T: Word, const N: usize>(self, i: usize) -> [T; N] {
        let (at, len) = (i * size_of::<T>(), N * size_of::<T>());
        assert!(len <= self.len && at <= self.len - len);
        // SAFETY: they lie in the run, and any bits are a plain integer.
        unsafe { self.at.add(at).cast::<[T; N]>().read_unaligned() }
    }

    /// Sets the value from byte `at` on.
    #[inline(always)]
    pub(crate) fn set<T: Word>(self, at: usize, v: T) {
        assert!(size_of::<T>() <= self.len && at <= self.len - size_of::<T>());
        // SAFETY: it lies in the run, whose pages are writable.
        unsafe { self.at.add(at).cast::<T>().write_unaligned(v) }
    }
}

/// Whether there are bytes `addr..addr + len`, and all their pages have the attribute `need`.
///
/// # Safety
/// `base` is where guest address 0 of a live reservation lies.
#[inline(always)]
unsafe fn plain_run(base: *mut u8, addr: u64, len: u64, need: Attr) -> bool {
    let last = addr.wrapping_add(len).wrapping_sub(1);
    if last >> LIMIT_SHIFT != 0 || last < addr {
        return false;
    }
    let (first, end) = ((addr >> PAGE_SHIFT) as usize, (last >> PAGE_SHIFT) as usize);
    let table = base.wrapping_sub(TABLE);
    // SAFETY: addr <= last < MAX_LIMIT, so that the bytes of all pages from first to end lie in the table.
    let attr = |page: usize| unsafe { *table.add(page) } & need.bits();
    attr(first) & attr(end) != 0 && (end - first <= 1 || (first + 1..end).all(|page| attr(page) != 0))
}

/// Copies bytes in pieces of up to 64. The runs do not overlap.
///
/// # Safety
/// Both runs have `n` bytes; what is written may be.
#[inline(always)]
unsafe fn copy(mut to: *mut u8, mut from: *const u8, mut n: usize) {
    /// Moves N bytes.
    #[inline(always)]
    unsafe fn piece<const N: usize>(to: *mut u8, from: *const u8) {
        // SAFETY: the caller says so.
        unsafe { to.cast::<[u8; N]>().write_unaligned(from.cast::<[u8; N]>().read_unaligned()) }
    }
    /// Moves M times 64 bytes.
    #[inline(always)]
    unsafe fn pieces<const M: usize>(to: *mut u8, from: *const u8) {
        for i in 0..M {
            // SAFETY: the caller says so.
            unsafe { piece::<64>(to.add(i * 64), from.add(i * 64)) }
        }
    }
    /// The first and the last N bytes; they overlap if there are less than 2 N.
    #[inline(always)]
    unsafe fn ends<const N: usize>(to: *mut u8, from: *const u8, n: usize) {
        // SAFETY: there are N bytes at least.
        unsafe {
            piece::<N>(to, from);
            piece::<N>(to.add(n - N), from.add(n - N));
        }
    }
    // SAFETY: each piece lies in the `n` bytes that are left, the last one before 64 behind what was done.
    unsafe {
        match n {
            // Groups mostly have one of these lengths.
            64 => return pieces::<1>(to, from),
            128 => return pieces::<2>(to, from),
            256 => return pieces::<4>(to, from),
            _ => {}
        }
        if n >= 64 {
            while n >= 512 {
                pieces::<8>(to, from);
                (to, from, n) = (to.add(512), from.add(512), n - 512);
            }
            while n >= 64 {
                pieces::<1>(to, from);
                (to, from, n) = (to.add(64), from.add(64), n - 64);
            }
            if n > 0 {
                piece::<64>(to.sub(64 - n), from.sub(64 - n));
            }
            return;
        }
        match n {
            32.. => ends::<32>(to, from, n),
            16.. => ends::<16>(to, from, n),
            8.. => ends::<8>(to, from, n),
            4.. => ends::<4>(to, from, n),
            2.. => ends::<2>(to, from, n),
            1 => piece::<1>(to, from),
            _ => {}
        }
    }
}

/// Owner of the host memory: attribute table and guest pages, committed by the host as they are touched.
pub(super) struct Reservation {
    base: *mut u8,
    limit: u64,
    /// Guest pages behind which files of the host lie, as (start, end).
    files: Vec<(u64, u64)>,
    /// How often pages were moved rather than copied.
    moves: u32,
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
        Some(Reservation { base: start.wrapping_add(TABLE), limit, files: Vec::new(), moves: 0 })
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

    /// The bytes of `addr..addr + len`, if there are any and all their pages have the attribute `need`.
    #[inline(always)]
    pub(super) fn run(&mut self, addr: u64, len: u64, need: Attr) -> Option<&mut [u8]> {
        // SAFETY: the table lies before guest address 0.
        if !unsafe { plain_run(self.base, addr, len, need) } {
            return None;
        }
        // SAFETY: pages beyond the limit have no bits, so that all of the range is committed memory of the reservation,
        // exclusively borrowed through `&mut self`.
        Some(unsafe { std::slice::from_raw_parts_mut(self.base.add(addr as usize), len as usize) })
    }

    /// Makes whole pages zero again, giving their memory back to the host where it can.
    pub(super) fn discard(&mut self, addr: u64, len: u64) {
        self.unmap_files(addr, len);
        let bytes = self.bytes_mut(addr, len);
        if !bytes.is_empty() && !host::discard(bytes) {
            bytes.fill(0);
        }
    }

    /// Drops what has been written to whole pages: they are zero again, or what a file holds.
    pub(super) fn revert(&mut self, addr: u64, len: u64) {
        if self.files.iter().any(|f| f.0 < addr + len && addr < f.1) {
            host::discard(self.bytes_mut(addr, len));
        } else {
            self.discard(addr, len);
        }
    }

    /// Puts a part of a file behind whole pages: shared with the file, or a private copy made page by page on writing.
    /// All of it must lie within the file. `false`: the host cannot.
    pub(super) fn map_file(&mut self, addr: u64, len: u64, file: &std::fs::File, offset: u64, shared: bool) -> bool {
        if len == 0 || addr.checked_add(len).is_none_or(|e| e > self.limit) || self.files.len() >= MOST_FILES {
            return false;
        }
        self.discard(addr, len);
        let mapped = host::map_file(self.bytes_mut(addr, len), file, offset, shared);
        if mapped {
            self.files.push((addr, addr + len));
        }
        mapped
    }

    /// Whether a file lies behind a part of these pages.
    pub(super) fn has_files(&self, addr: u64, len: u64) -> bool {
        self.files.iter().any(|f| f.0 < addr + len && addr < f.1)
    }

    /// Takes files away from behind whole pages, which are zero then.
    fn unmap_files(&mut self, addr: u64, len: u64) {
        if !self.has_files(addr, len) {
            return;
        }
        let end = addr + len;
        let mut kept = Vec::new();
        for (from, to) in std::mem::take(&mut self.files) {
            let (cut_from, cut_to) = (from.max(addr), to.min(end));
            if cut_from >= cut_to {
                kept.push((from, to));
                continue;
            }
            host::unmap_file(self.bytes_mut(cut_from, cut_to - cut_from));
            kept.extend([(from, cut_from), (cut_to, to)].into_iter().filter(|f| f.0 < f.1));
        }
        self.files = kept;
    }

    /// Moves the contents of whole pages, files behind them included, to other ones that do not overlap; the old ones are
    /// zero then.
    pub(super) fn relocate(&mut self, from: u64, to: u64, len: u64) {
        self.discard(to, len);
        let end = from + len;
        let moved: Vec<_> = self.files.iter().filter(|f| f.0 < end && from < f.1).copied().collect();
        // Each move costs the host a mapping or two: small ones are copied.
        let worth = !moved.is_empty() || len >= 1 << 17 && self.moves < MOST_FILES as u32;
        self.moves += worth as u32;
        if worth
            && host::relocate(self.base.wrapping_add(from as usize), self.base.wrapping_add(to as usize), len as usize)
        {
            let outside = self.files.iter().flat_map(|f| [(f.0, f.1.min(from)), (f.0.max(end), f.1)]);
            let shifted = moved.iter().map(|f| (f.0.max(from) - from + to, f.1.min(end) - from + to));
            self.files = outside.chain(shifted).filter(|f| f.0 < f.1).collect();
        } else {
            for at in (0..len).step_by(PAGE_SIZE as usize) {
                let page = self.bytes(from + at, PAGE_SIZE).to_vec();
                if page.iter().any(|&b| b != 0) {
                    self.bytes_mut(to + at, PAGE_SIZE).copy_from_slice(&page);
                }
            }
            self.discard(from, len);
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

    /// Replaces whole pages by a part of a file. Needs a host whose pages are not larger than the guest's.
    #[cfg(target_os = "linux")]
    pub(super) fn map_file(bytes: &mut [u8], file: &std::fs::File, offset: u64, shared: bool) -> bool {
        use std::os::fd::AsRawFd;
        // SAFETY: asking for a number.
        if unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64 > super::PAGE_SIZE || offset > i64::MAX as u64 {
            return false;
        }
        let kind = if shared { libc::MAP_SHARED } else { libc::MAP_PRIVATE | libc::MAP_NORESERVE };
        // SAFETY: the range is whole pages of our own reservation, exclusively borrowed; what replaces them is readable and
        // writable, and guest memory is only ever looked at as plain bytes.
        unsafe {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            let at = bytes.as_mut_ptr() as *mut _;
            let fd = file.as_raw_fd();
            libc::mmap(at, bytes.len(), prot, kind | libc::MAP_FIXED, fd, offset as i64) != libc::MAP_FAILED
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn map_file(_: &mut [u8], _: &std::fs::File, _: u64, _: bool) -> bool {
        false
    }

    /// Replaces whole pages by fresh ones.
    pub(super) fn unmap_file(bytes: &mut [u8]) {
        #[cfg(target_os = "linux")]
        const FLAGS: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
        #[cfg(not(target_os = "linux"))]
        const FLAGS: i32 = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_FIXED;
        // SAFETY: as for `map_file`.
        let p = unsafe {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            libc::mmap(bytes.as_mut_ptr() as *mut _, bytes.len(), prot, FLAGS, -1, 0)
        };
        // Going on would let the guest write to a file that it has unmapped.
        assert!(p != libc::MAP_FAILED, "the host has no mapping left for guest memory");
    }

    /// Moves whole pages within the reservation; the old range is fresh then.
    #[cfg(target_os = "linux")]
    pub(super) fn relocate(from: *mut u8, to: *mut u8, len: usize) -> bool {
        // SAFETY: both ranges are whole pages of one reservation that the caller holds exclusively and do not overlap. The
        // hole that moving leaves is filled at once.
        unsafe {
            let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
            if libc::mremap(from as *mut _, len, len, flags, to as *mut libc::c_void) == libc::MAP_FAILED {
                return false;
            }
            unmap_file(std::slice::from_raw_parts_mut(from, len));
        }
        true
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn relocate(_: *mut u8, _: *mut u8, _: usize) -> bool {
        false
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

    pub(super) fn map_file(_: &mut [u8], _: &std::fs::File, _: u64, _: bool) -> bool {
        false
    }

    pub(super) fn unmap_file(_: &mut [u8]) {}

    pub(super) fn relocate(_: *mut u8, _: *mut u8, _: usize) -> bool {
        false
    }
}
