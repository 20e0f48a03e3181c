//! The vector unit's state: the register file, `vl`, `vtype` and the other CSRs of chapter "V" of the unprivileged manual,
//! and what of its behaviour the specification leaves to the machine.
//!
//! The register file is one run of bytes, v0 first: a register group is contiguous in it, and element i of any width lies
//! at i times that width from the group's start.

mod access;
mod config;

pub use access::Element;
pub use config::{
    Agnostic, MAX_VLEN, Misaligned, ReductionOrder, Simd, VdotMask, VectorConfig, VectorError, VectorVersion,
};

use super::{Context, Hart};
use core::marker::PhantomData;

/// The `vtype` CSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vtype(pub u64);

impl Vtype {
    /// The reserved configuration.
    pub const ILL: Vtype = Vtype(1 << 63);

    /// Whether the configuration is unsupported (`vill`).
    pub fn ill(self) -> bool {
        self.0 >> 63 != 0
    }
    /// log2 of SEW in bytes.
    pub fn sew(self) -> u8 {
        (self.0 >> 3 & 7) as u8
    }
    /// log2 of LMUL, from -3 (1/8) to 3 (8); -4 is reserved.
    pub fn lmul(self) -> i8 {
        ((self.0 & 7) as i8) << 5 >> 5
    }
    /// Tail agnostic.
    pub fn ta(self) -> bool {
        self.0 >> 6 & 1 != 0
    }
    /// Mask agnostic.
    pub fn ma(self) -> bool {
        self.0 >> 7 & 1 != 0
    }
}

impl std::fmt::Display for Vtype {
    /// As assemblers write it: `e32,m4,ta,ma`; `ill` while vill is set.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.ill() {
            return f.write_str("ill");
        }
        let (fraction, lmul) = if self.lmul() < 0 { ("f", -self.lmul()) } else { ("", self.lmul()) };
        let (tail, mask) = (if self.ta() { 'a' } else { 'u' }, if self.ma() { 'a' } else { 'u' });
        write!(f, "e{},m{fraction}{},t{tail},m{mask}", 8u32 << self.sew(), 1 << lmul)
    }
}

/// Bytes behind the last register that kernels may read and write in whole chunks.
const SLACK: usize = 512;

/// Registers behind v31 that XTheadVector's front end has for itself: packed copies of all masks, and one more.
pub(crate) const OWN: usize = 33;

/// A view of the register file; empty while a kernel has taken it.
///
/// It owns nothing, so that a kernel can hold it in two registers of the host: with something to be dropped at the end,
/// handlers that contain kernels would not be left by a jump.
#[derive(Debug)]
pub(crate) struct File {
    at: *mut u8,
    /// Offsets below this can be accessed: from each of them on there are `SLACK` bytes at least.
    end: usize,
}

// SAFETY: the view goes wherever the storage goes that it is a view of: both are parts of one `Vector`.
unsafe impl Send for File {}
// SAFETY: shared access only reads (every writer takes `&mut self`).
unsafe impl Sync for File {}

/// A line of the host's cache. Registers begin at one, so that the host's accesses to them do not cross lines.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; 64],
}

/// The memory of a register file.
#[derive(Debug)]
struct Storage {
    lines: *mut [Line],
}

// SAFETY: plain memory owned by this value alone.
unsafe impl Send for Storage {}
// SAFETY: it is only reached through the `File` beside it.
unsafe impl Sync for Storage {}

impl Storage {
    fn new(vlenb: usize, registers: usize) -> Storage {
        let lines = if vlenb == 0 { 0 } else { (registers * vlenb + 2 * SLACK).div_ceil(64) };
        Storage { lines: Box::into_raw(vec![Line { _bytes: [0; 64] }; lines].into_boxed_slice()) }
    }

    /// The one view of this storage.
    fn file(&mut self) -> File {
        File { at: self.lines.cast(), end: (self.lines.len() * 64 + 1).saturating_sub(SLACK) }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and the view beside it is not used any more.
        drop(unsafe { Box::from_raw(self.lines) });
    }
}

/// Plain integers and floats that lie in registers: any bits are a value.
///
/// # Safety
/// The type has no padding and no invalid bit patterns.
pub unsafe trait Plain: Copy {}
macro_rules! plain {
    ($($t:ty)*) => { $(
        // SAFETY: a primitive number.
        unsafe impl Plain for $t {}
    )* };
}
plain! { u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 u128 }
// SAFETY: an array of plain values has no padding either.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
// SAFETY: the host's vector registers hold plain numbers.
#[cfg(target_arch = "x86_64")]
unsafe impl Plain for core::arch::x86_64::__m128i {}
// SAFETY: likewise.
#[cfg(target_arch = "x86_64")]
unsafe impl Plain for core::arch::x86_64::__m256i {}

/// The same bytes as a value of another type of the same size.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn cast<A: Plain, B: Plain>(a: A) -> B {
    const { assert!(size_of::<A>() == size_of::<B>()) };
    // SAFETY: the sizes are the same, and any bits are a value of a plain type.
    unsafe { core::mem::transmute_copy(&a) }
}

/// Three register groups of so many elements, found to lie in the register file, from an element on. They may overlap.
#[derive(Clone, Copy)]
pub(crate) struct Groups<'a, A, B, C> {
    a: *mut u8,
    b: *mut u8,
    c: *mut u8,
    left: usize,
    file: PhantomData<(&'a File, A, B, C)>,
}

impl<A: Plain, B: Plain, C: Plain> Groups<'_, A, B, C> {
    /// How many elements there are from the present one on.
    #[inline(always)]
    pub(crate) fn left(self) -> usize {
        self.left
    }

    /// The value from element `i` of the first group on, which may reach beyond its end.
    #[inline(always)]
    pub(crate) fn a<V: Plain>(self, i: usize) -> V {
        assert!(i < self.left && size_of::<V>() <= SLACK);
        // SAFETY: the element lies in the file, and `SLACK` bytes and more behind it. Groups make no references, and the file
        // is borrowed as long as they live.
        unsafe { self.a.add(i * size_of::<A>()).cast::<V>().read_unaligned() }
    }

    /// As `a`, of the second group.
    #[inline(always)]
    pub(crate) fn b<V: Plain>(self, i: usize) -> V {
        assert!(i < self.left && size_of::<V>() <= SLACK);
        // SAFETY: as for `a`.
        unsafe { self.b.add(i * size_of::<B>()).cast::<V>().read_unaligned() }
    }

    /// As `a`, of the third group.
    #[inline(always)]
    pub(crate) fn c<V: Plain>(self, i: usize) -> V {
        assert!(i < self.left && size_of::<V>() <= SLACK);
        // SAFETY: as for `a`.
        unsafe { self.c.add(i * size_of::<C>()).cast::<V>().read_unaligned() }
    }

    /// Writes the value from element `i` of the first group on.
    #[inline(always)]
    pub(crate) fn set<V: Plain>(self, i: usize, v: V) {
        assert!(i < self.left && size_of::<V>() <= SLACK);
        // SAFETY: as for `a`.
        unsafe { self.a.add(i * size_of::<A>()).cast::<V>().write_unaligned(v) }
    }

    /// Goes `n` elements on, as far as there are as many.
    #[inline(always)]
    pub(crate) fn advance(&mut self, n: usize) {
        let n = n.min(self.left);
        self.a = self.a.wrapping_add(n * size_of::<A>());
        self.b = self.b.wrapping_add(n * size_of::<B>());
        self.c = self.c.wrapping_add(n * size_of::<C>());
        self.left -= n;
    }
}

/// All bits of 64 bytes, and then none.
static FIRST: [u8; 128] = {
    let mut bytes = [0; 128];
    let mut i = 0;
    while i < 64 {
        bytes[i] = 0xff;
        i += 1;
    }
    bytes
};

/// All bits set in the first `n` elements, none in the others: for chunks of up to 64 bytes.
#[inline(always)]
pub(crate) fn first<T: Plain, const N: usize>(n: usize) -> [T; N] {
    const { assert!(size_of::<[T; N]>() <= 64) };
    let ones = if n < N { n * size_of::<T>() } else { size_of::<[T; N]>() };
    // SAFETY: `ones` is at most the chunk's length, which is at most 64, so that the chunk lies in the array. Any bits are a
    // value of a plain type.
    unsafe { FIRST.as_ptr().add(64 - ones).cast::<[T; N]>().read_unaligned() }
}

impl File {
    /// The groups of `n` elements each at three byte offsets, for a kernel that works on them as a whole; `None` if one may
    /// not lie in the file.
    #[inline(always)]
    pub(crate) fn groups<A: Plain, B: Plain, C: Plain>(
        &mut self,
        (a, b, c): (u32, u32, u32),
        n: u32,
    ) -> Option<Groups<'_, A, B, C>> {
        let out = |at: u32, size: usize| u64::from(at) + u64::from(n) * size as u64 > self.end as u64;
        let (x, y, z) = (size_of::<A>(), size_of::<B>(), size_of::<C>());
        // One test will do for groups of one width: they are aligned, so that the bits of all offsets together, which are no
        // less than each of them, are those of a group, too.
        let outside = match () {
            _ if x == y && y == z => out(a | b | c, x),
            _ if x == y => out(a | b, x) || out(c, z),
            _ if y == z => out(a, x) || out(b | c, y),
            _ => out(a, x) || out(b, y) || out(c, z),
        };
        if outside {
            return None;
        }
        let at = |at: u32| self.at.wrapping_add(at as usize);
        Some(Groups { a: at(a), b: at(b), c: at(c), left: n as usize, file: PhantomData })
    }
}

impl File {
    /// No registers: what is left where a kernel has taken them.
    pub(crate) const NONE: File = File { at: core::ptr::NonNull::dangling().as_ptr(), end: 0 };

    /// Where 64 bytes for a kernel's own use begin, in which chunks that reach beyond the last register do not end.
    #[inline(always)]
    pub(crate) fn scratch(&self) -> usize {
        self.end.wrapping_sub(1)
    }

    /// The value at a byte offset.
    #[inline(always)]
    pub(crate) fn get<T: Plain>(&self, at: usize) -> T {
        assert!(at < self.end && size_of::<T>() <= SLACK);
        // SAFETY: `SLACK` bytes and more lie behind each offset below `end`.
        unsafe { self.at.add(at).cast::<T>().read_unaligned() }
    }

    /// Writes the value at a byte offset.
    #[inline(always)]
    pub(crate) fn set<T: Plain>(&mut self, at: usize, v: T) {
        assert!(at < self.end && size_of::<T>() <= SLACK);
        // SAFETY: as for `get`.
        unsafe { self.at.add(at).cast::<T>().write_unaligned(v) }
    }

    /// A run of bytes.
    #[inline(always)]
    pub(crate) fn bytes(&self, at: usize, len: usize) -> &[u8] {
        // SAFETY: the storage lives as long as its view, and nobody writes while `self` is borrowed.
        let all = unsafe { std::slice::from_raw_parts(self.at, self.end) };
        &all[at..at + len]
    }

    /// A run of bytes, if it lies in the file.
    #[inline(always)]
    pub(crate) fn get_bytes_mut(&mut self, at: u32, len: u32) -> Option<&mut [u8]> {
        if u64::from(at) + u64::from(len) > self.end as u64 {
            return None;
        }
        // SAFETY: as for `bytes`, exclusive through `&mut self`.
        Some(unsafe { std::slice::from_raw_parts_mut(self.at.add(at as usize), len as usize) })
    }

    /// A run of bytes.
    #[inline(always)]
    pub(crate) fn bytes_mut(&mut self, at: usize, len: usize) -> &mut [u8] {
        // SAFETY: as for `bytes`, exclusive through `&mut self`.
        let all = unsafe { std::slice::from_raw_parts_mut(self.at, self.end) };
        &mut all[at..at + len]
    }
}

/// The run-time mode that vector code is translated for: bits 7..0 of `vtype` while everything is as it mostly is (VS is
/// Dirty, vstart 0, vtype legal), and a value that no code is translated for otherwise.
pub(crate) type Mode = u32;

/// The mode of a hart whose vector state needs a closer look.
pub(crate) const UNREADY: Mode = 1 << 30;

/// A hart's vector state.
#[derive(Debug)]
pub(crate) struct Vector {
    pub mode: Mode,
    /// mstatus.VS.
    vs: Context,
    pub vxrm: u8,
    pub vxsat: bool,
    /// Number of elements that instructions work on.
    pub vl: usize,
    /// First of them.
    pub vstart: usize,
    pub file: File,
    /// Which registers XTheadVector's front end has packed copies of: see `ops::vector::thead`. Whoever else writes a
    /// register makes this 0.
    pub packed: u64,
    /// What `file` is a view of.
    _storage: Storage,
    vtype: Vtype,
    /// The greatest `vl` of `vtype`; 0 while that is illegal.
    vlmax: usize,
    /// Bytes of a register.
    pub vlenb: usize,
    pub config: VectorConfig,
}

impl Clone for Vector {
    fn clone(&self) -> Vector {
        let mut new = Vector::new(self.config);
        let (vlenb, vlmax) = (self.vlenb, self.vlmax);
        new.file.bytes_mut(0, 32 * vlenb).copy_from_slice(self.file.bytes(0, 32 * vlenb));
        (new.mode, new.vs, new.vxrm, new.vxsat) = (self.mode, self.vs, self.vxrm, self.vxsat);
        (new.vl, new.vstart, new.vtype, new.vlmax) = (self.vl, self.vstart, self.vtype, vlmax);
        new
    }
}

impl Vector {
    /// A unit at reset; none at all where there can be no such unit.
    pub(super) fn new(config: VectorConfig) -> Vector {
        let config = if config.check_alone().is_ok() { config } else { VectorConfig::none() };
        let vlenb = (config.vlen / 8) as usize;
        let own = if config.version == VectorVersion::Thead { OWN } else { 0 };
        let mut storage = Storage::new(vlenb, 32 + own);
        Vector {
            mode: UNREADY,
            vs: Context::Off,
            vxrm: 0,
            vxsat: false,
            vl: 0,
            vstart: 0,
            file: storage.file(),
            packed: 0,
            _storage: storage,
            vtype: Vtype::ILL,
            vlmax: 0,
            vlenb,
            config,
        }
    }

    /// Whether there is a vector unit at all.
    pub(crate) fn exists(&self) -> bool {
        self.vlenb != 0
    }

    pub(crate) fn vtype(&self) -> Vtype {
        self.vtype
    }

    /// `vtype` as the CSR shows it.
    pub(crate) fn vtype_csr(&self) -> u64 {
        self.config.version.csr(self.vtype)
    }

    /// The greatest `vl` of the present `vtype`; 0 while that is illegal.
    pub(crate) fn vlmax(&self) -> usize {
        self.vlmax
    }

    /// mstatus.VS.
    pub(crate) fn vs(&self) -> Context {
        self.vs
    }

    pub(crate) fn set_vs(&mut self, vs: Context) {
        self.vs = if self.exists() { vs } else { Context::Off };
        self.note_mode();
    }

    /// Sets `vl` and `vtype`, as `vset*` do.
    pub(crate) fn configure(&mut self, vl: usize, vtype: Vtype) {
        (self.vl, self.vtype) = (vl, vtype);
        self.vlmax = self.config.vlmax(vtype);
        self.note_mode();
    }

    /// As `configure` for a legal `vtype` and its VLMAX, resetting `vstart`; `vl` stays if there is none, provided that
    /// VLMAX does. `false`, and nothing done, where that or VS needs a closer look.
    #[inline(always)]
    pub(crate) fn reconfigure(&mut self, vl: Option<usize>, vlmax: usize, vtype: Vtype) -> bool {
        if self.vs != Context::Dirty || (vl.is_none() && self.vlmax != vlmax) {
            return false;
        }
        self.vl = vl.unwrap_or(self.vl);
        (self.vstart, self.vlmax, self.vtype) = (0, vlmax, vtype);
        self.mode = vtype.0 as u32 & 0xff;
        true
    }

    /// Sets `vstart`.
    pub(crate) fn set_vstart(&mut self, element: usize) {
        self.vstart = element;
        self.note_mode();
    }

    /// Recomputes `mode`.
    fn note_mode(&mut self) {
        let ready = self.vs == Context::Dirty && self.vstart == 0 && !self.vtype.ill();
        self.mode = if ready { self.vtype.0 as u32 & 0xff } else { UNREADY };
    }
}
