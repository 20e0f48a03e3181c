//! The vector unit's state: the register file, `vl`, `vtype` and the other CSRs of chapter "V" of the unprivileged manual,
//! and what of its behaviour the specification leaves to the machine.
//!
//! The register file is one run of bytes, v0 first: a register group is contiguous in it, and element i of any width lies
//! at i times that width from the group's start.

use super::{Context, Hart};
use crate::isa::{Extension, Isa};

/// What to do with elements that an agnostic policy leaves open (V, "Vector Tail Agnostic and Vector Mask Agnostic").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Agnostic {
    /// They keep their values.
    #[default]
    Undisturbed,
    /// They are filled with ones.
    Ones,
}

/// In which order unordered floating-point reductions add (V, "Vector Unordered Single-Width Floating-Point Sum Reduction").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReductionOrder {
    /// One after the other, from element 0: as the ordered ones do.
    #[default]
    Sequential,
    /// A binary tree: the active elements, inactive ones replaced by the additive identity, padded to a power of two; then
    /// halves are added elementwise until one is left, and last the scalar.
    Tree,
}

/// What happens at vector memory accesses whose elements are not aligned to their width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Misaligned {
    /// They are done.
    #[default]
    Allowed,
    /// They trap: load or store address misaligned, at the element's address.
    Traps,
}

/// Which of the host's SIMD instructions vector kernels are compiled for. Results are the same bits at each level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// What every host of this architecture has.
    Baseline,
    /// x86-64-v3: AVX2, FMA, BMI1, BMI2, F16C.
    V3,
}

impl Simd {
    /// The levels that this host has, lowest first.
    pub fn available() -> &'static [Simd] {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let v3 = has!("avx2") && has!("fma") && has!("bmi1") && has!("bmi2") && has!("f16c") && has!("lzcnt");
            if v3 && has!("popcnt") && has!("pclmulqdq") {
                return &[Simd::Baseline, Simd::V3];
            }
        }
        &[Simd::Baseline]
    }

    /// The highest level that this host has.
    pub fn best() -> Simd {
        *Simd::available().last().unwrap_or(&Simd::Baseline)
    }
}

/// The greatest VLEN of the specification, in bits.
pub const MAX_VLEN: u32 = 65536;

/// A vector unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorConfig {
    /// Bits of a vector register (VLEN); 0: there is no vector unit.
    pub vlen: u32,
    /// Bits of the widest element (ELEN): 32 or 64.
    pub elen: u32,
    /// Element widths that floating-point arithmetic has, as a set of log2 of bytes: bit 1 = binary16 (Zvfh), 2 = binary32,
    /// 3 = binary64.
    pub float_widths: u8,
    /// Whether conversions between binary16 and binary32 exist: with Zvfhmin, and so with Zvfh.
    pub half_conversions: bool,
    /// Whether multiplications that give high halves exist for 64-bit elements: with V, not with Zve64x alone.
    pub high_64: bool,
    /// Agnostic elements.
    pub agnostic: Agnostic,
    /// Unordered floating-point reductions.
    pub reductions: ReductionOrder,
    /// Misaligned elements.
    pub misaligned: Misaligned,
    /// SIMD level of the host to use; a level that the host does not have is taken for [`Simd::Baseline`].
    pub simd: Simd,
}

impl VectorConfig {
    /// No vector unit.
    pub fn none() -> VectorConfig {
        VectorConfig {
            vlen: 0,
            elen: 0,
            float_widths: 0,
            half_conversions: false,
            high_64: false,
            agnostic: Agnostic::default(),
            reductions: ReductionOrder::default(),
            misaligned: Misaligned::default(),
            simd: Simd::best(),
        }
    }

    /// The unit that a set of extensions asks for: VLEN the least that they allow (128 with V), the settings at their defaults.
    pub fn for_isa(isa: &Isa) -> VectorConfig {
        let widths = [(Extension::Zvfh, 1), (Extension::Zve32f, 2), (Extension::Zve64d, 3)];
        VectorConfig {
            vlen: if isa.elen() == 0 { 0 } else { isa.min_vlen() },
            elen: isa.elen(),
            float_widths: widths.iter().filter(|w| isa.has(w.0)).map(|w| 1 << w.1).sum(),
            half_conversions: isa.has(Extension::Zvfhmin),
            high_64: isa.has(Extension::V),
            ..VectorConfig::none()
        }
    }

    /// The greatest `vl` under a `vtype`; 0 if the unit does not support it (V, "Vector Register Grouping").
    pub(crate) fn vlmax(&self, vtype: Vtype) -> usize {
        let (sew, lmul) = (8u32 << vtype.sew(), vtype.lmul());
        // SEW <= LMUL x ELEN is what has to be supported, and all that is. Bits above vma are reserved, and so is LMUL = 1/16.
        let limit = if lmul < 0 { self.elen >> -lmul } else { self.elen };
        if vtype.0 >> 8 != 0 || lmul == -4 || sew > limit {
            return 0;
        }
        let bits = self.vlen as usize;
        if lmul < 0 { bits >> -lmul >> (vtype.sew() + 3) } else { bits << lmul >> (vtype.sew() + 3) }
    }
}

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

/// Bytes behind the last register that kernels may read and write in whole chunks.
const SLACK: usize = 512;

/// The register file; empty while a kernel has taken it.
#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    words: Vec<u64>,
}

/// Plain integers and floats that lie in registers: any bits are a value.
///
/// # Safety
/// The type has no padding and no invalid bit patterns.
pub(crate) unsafe trait Plain: Copy {}
macro_rules! plain {
    ($($t:ty)*) => { $(
        // SAFETY: a primitive number.
        unsafe impl Plain for $t {}
    )* };
}
plain! { u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 u128 }
// SAFETY: an array of plain values has no padding either.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

impl File {
    fn new(vlenb: usize) -> File {
        File { words: if vlenb == 0 { Vec::new() } else { vec![0; (32 * vlenb + SLACK) / 8] } }
    }

    /// Where 64 bytes for a kernel's own use begin, in which chunks that reach beyond the last register do not end.
    #[inline(always)]
    pub(crate) fn scratch(&self) -> usize {
        (self.words.len() * 8).wrapping_sub(64)
    }

    /// The value at a byte offset.
    #[inline(always)]
    pub(crate) fn get<T: Plain>(&self, at: usize) -> T {
        assert!(at <= (self.words.len() * 8).wrapping_sub(size_of::<T>()) && size_of::<T>() <= SLACK);
        // SAFETY: the value lies within the words, as just checked (the file is empty or larger than any value).
        unsafe { (self.words.as_ptr() as *const u8).add(at).cast::<T>().read_unaligned() }
    }

    /// Writes the value at a byte offset.
    #[inline(always)]
    pub(crate) fn set<T: Plain>(&mut self, at: usize, v: T) {
        assert!(at <= (self.words.len() * 8).wrapping_sub(size_of::<T>()) && size_of::<T>() <= SLACK);
        // SAFETY: as for `get`.
        unsafe { (self.words.as_mut_ptr() as *mut u8).add(at).cast::<T>().write_unaligned(v) }
    }

    /// A run of bytes.
    #[inline(always)]
    pub(crate) fn bytes(&self, at: usize, len: usize) -> &[u8] {
        // SAFETY: words seen as bytes.
        let all = unsafe { std::slice::from_raw_parts(self.words.as_ptr() as *const u8, self.words.len() * 8) };
        &all[at..at + len]
    }

    /// A run of bytes.
    #[inline(always)]
    pub(crate) fn bytes_mut(&mut self, at: usize, len: usize) -> &mut [u8] {
        // SAFETY: words seen as bytes, exclusively borrowed.
        let all = unsafe { std::slice::from_raw_parts_mut(self.words.as_mut_ptr() as *mut u8, self.words.len() * 8) };
        &mut all[at..at + len]
    }
}

/// The run-time mode that vector code is translated for: bits 7..0 of `vtype` while everything is as it mostly is (VS is
/// Dirty, vstart 0, vtype legal), and a value that no code is translated for otherwise.
pub(crate) type Mode = u32;

/// The mode of a hart whose vector state needs a closer look.
pub(crate) const UNREADY: Mode = 1 << 30;

/// A hart's vector state.
#[derive(Clone, Debug)]
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
    vtype: Vtype,
    /// The greatest `vl` of `vtype`; 0 while that is illegal.
    vlmax: usize,
    /// Bytes of a register.
    pub vlenb: usize,
    pub config: VectorConfig,
}

impl Vector {
    pub(super) fn new(mut config: VectorConfig) -> Vector {
        if !Simd::available().contains(&config.simd) {
            config.simd = Simd::Baseline;
        }
        let vlenb = (config.vlen / 8) as usize;
        Vector {
            mode: UNREADY,
            vs: Context::Off,
            vxrm: 0,
            vxsat: false,
            vl: 0,
            vstart: 0,
            file: File::new(vlenb),
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

impl Hart {
    /// Bytes of a vector register (`vlenb`); 0 without vector unit.
    pub fn vlenb(&self) -> usize {
        self.v.vlenb
    }

    /// The bytes of vector register `n` (modulo 32), lowest first; empty without vector unit.
    pub fn v(&self, n: u8) -> &[u8] {
        self.v.file.bytes((n & 31) as usize * self.v.vlenb, self.v.vlenb)
    }

    /// The bytes of vector register `n` (modulo 32), to be changed.
    pub fn v_mut(&mut self, n: u8) -> &mut [u8] {
        let len = self.v.vlenb;
        self.v.file.bytes_mut((n & 31) as usize * len, len)
    }

    /// `vl`.
    pub fn vl(&self) -> u64 {
        self.v.vl as u64
    }

    /// `vtype`.
    pub fn vtype(&self) -> Vtype {
        self.v.vtype
    }

    /// `vstart`.
    pub fn vstart(&self) -> u64 {
        self.v.vstart as u64
    }

    /// Sets `vl`, `vtype` and `vstart` at once, as a debugger does. An unsupported `vtype` sets vill and `vl` 0; `vl` is cut
    /// at VLMAX, `vstart` to the bits that the register has.
    pub fn set_vector_state(&mut self, vl: u64, vtype: u64, vstart: u64) {
        let vlmax = self.v.config.vlmax(Vtype(vtype));
        match vlmax {
            0 => self.v.configure(0, Vtype::ILL),
            _ => self.v.configure(vl.min(vlmax as u64) as usize, Vtype(vtype)),
        }
        self.v.set_vstart(vstart as usize & self.v.vlenb.wrapping_mul(8).wrapping_sub(1));
    }

    /// mstatus.VS.
    pub fn vs(&self) -> Context {
        self.v.vs
    }

    /// Sets mstatus.VS; without vector unit it stays Off.
    pub fn set_vs(&mut self, vs: Context) {
        self.v.set_vs(vs);
    }
}
