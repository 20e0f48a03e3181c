//! Multiply-accumulate kernels: C += A × Bᵗ on rows of bytes.
//!
//! What lives here: the arithmetic of the matrix extensions' `mfmacc`, `mmacc` and their like (reference of 0.6, section 7;
//! of 0.3, "Matrix multiply-accumulate"), for every source and destination type. What does not: registers, CSRs, what is
//! legal. Elements are little-endian, rows contiguous, and B is stored as the columns of the mathematical matrix: N × K.
//!
//! [`soft`] and [`integer`] define the results, element by element over [`crate::float`]. [`x86`] computes the same bits and
//! flags with the host's SIMD instructions, or declines.

mod integer;
mod soft;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

use crate::float::{Flags, Round};
use crate::hart::{Accumulation, Simd};

/// What a kernel works on: `c[i][j] += Σ a[i][k] × b[j][k]` for i < m, j < n, over all k. Nothing else of `c` is read or
/// written.
pub(crate) struct Job<'a> {
    /// A: m rows of k elements.
    pub a: &'a [u8],
    /// From row to row, in bytes.
    pub a_row: usize,
    /// B: n rows of k elements.
    pub b: &'a [u8],
    /// From row to row, in bytes.
    pub b_row: usize,
    /// C: m rows of n elements.
    pub c: &'a mut [u8],
    /// From row to row, in bytes.
    pub c_row: usize,
    /// Rows of A and C.
    pub m: usize,
    /// Rows of B, columns of C.
    pub n: usize,
    /// Source elements in a row of A and of B.
    pub k: usize,
}

/// Source and destination types of a floating-point job: `E5` and `E4` are the 8-bit formats E5M2 and E4M3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Float {
    F16ToF16,
    F16ToF32,
    Bf16ToF32,
    F32ToF32,
    F32ToF64,
    F64ToF64,
    Tf32ToF32,
    E5ToF16,
    E4ToF16,
    E5ToBf16,
    E4ToBf16,
    E5ToF32,
    E4ToF32,
    Bf16ToBf16,
}

/// Source elements of an integer job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// Nibbles; the even k is the low one of its byte. The destination is i32.
    I4,
    /// Bytes. The destination is i32.
    I8,
    /// Halfwords. The destination is i64.
    I16,
    /// A has bytes, B nibbles. The destination is i32.
    Bp,
}

/// An integer job: the exact sum of all products is added to C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Int {
    /// Width of the source elements.
    pub source: Width,
    /// Whether elements of A have a sign.
    pub a_signed: bool,
    /// Whether elements of B have a sign.
    pub b_signed: bool,
    /// Whether what does not fit the (signed) destination becomes its nearest bound; else the low bits remain.
    pub saturate: bool,
}

/// Buffers that kernels keep between jobs.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    words: [Vec<u64>; 2],
    shorts: [Vec<i16>; 2],
    longs: [Vec<i32>; 2],
    #[cfg(target_arch = "x86_64")]
    lines: x86::Buffers,
}

impl Float {
    /// All kinds.
    #[cfg(test)]
    pub(crate) const ALL: [Float; 14] = [
        Float::F16ToF16,
        Float::F16ToF32,
        Float::Bf16ToF32,
        Float::F32ToF32,
        Float::F32ToF64,
        Float::F64ToF64,
        Float::Tf32ToF32,
        Float::E5ToF16,
        Float::E4ToF16,
        Float::E5ToBf16,
        Float::E4ToBf16,
        Float::E5ToF32,
        Float::E4ToF32,
        Float::Bf16ToBf16,
    ];

    /// Width of source and destination elements in bits.
    fn bits(self) -> (usize, usize) {
        match self {
            Float::F16ToF16 | Float::Bf16ToBf16 => (16, 16),
            Float::F16ToF32 | Float::Bf16ToF32 => (16, 32),
            Float::F32ToF32 | Float::Tf32ToF32 => (32, 32),
            Float::F32ToF64 => (32, 64),
            Float::F64ToF64 => (64, 64),
            Float::E5ToF16 | Float::E4ToF16 | Float::E5ToBf16 | Float::E4ToBf16 => (8, 16),
            Float::E5ToF32 | Float::E4ToF32 => (8, 32),
        }
    }
}

impl Width {
    /// Width of the elements of A, B and C in bits.
    fn bits(self) -> (usize, usize, usize) {
        match self {
            Width::I4 => (4, 4, 32),
            Width::I8 => (8, 8, 32),
            Width::I16 => (16, 16, 64),
            Width::Bp => (8, 4, 32),
        }
    }
}

impl Job<'_> {
    /// Whether there is anything to do, and the slices are as long as the shape needs. Everything below relies on it.
    fn sound(&self, a_bits: usize, b_bits: usize, c_bits: usize) -> bool {
        if self.m == 0 || self.n == 0 || self.k == 0 {
            return false;
        }
        let fits = fits(self.a.len(), self.m, self.a_row, self.k, a_bits)
            && fits(self.b.len(), self.n, self.b_row, self.k, b_bits)
            && fits(self.c.len(), self.m, self.c_row, self.n, c_bits);
        debug_assert!(fits, "the shape does not fit the slices");
        fits
    }
}

/// Whether `rows` rows (at least one) of `count` elements lie within `len` bytes, none of them on another. What is made of
/// them is then not much larger than the slice itself, so that sizes do not overflow.
fn fits(len: usize, rows: usize, stride: usize, count: usize, bits: usize) -> bool {
    let end = || {
        let row = count.checked_mul(bits)?.div_ceil(8);
        let apart = rows == 1 || stride >= row;
        Some(apart && (rows - 1).checked_mul(stride)?.checked_add(row)? <= len)
    };
    end().unwrap_or(false)
}

/// A floating-point job; the flags are those of all its operations on active elements. With k = 0, C is as it was.
pub(crate) fn float(
    kind: Float,
    how: Accumulation,
    round: Round,
    simd: Simd,
    scratch: &mut Scratch,
    mut job: Job,
) -> Flags {
    let (source, destination) = kind.bits();
    if !job.sound(source, source, destination) {
        return Flags::empty();
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(flags) = x86::float(kind, how, round, simd, &mut scratch.lines, &mut job) {
        return flags;
    }
    let _ = simd;
    soft::run(kind, how, round, &mut scratch.words, &mut job)
}

/// An integer job. Returns whether something saturated.
pub(crate) fn int(kind: Int, simd: Simd, scratch: &mut Scratch, mut job: Job) -> bool {
    let (a, b, c) = kind.source.bits();
    if !job.sound(a, b, c) {
        return false;
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(saturated) = x86::int(kind, simd, scratch, &mut job) {
        return saturated;
    }
    let _ = simd;
    integer::run(kind, &mut scratch.shorts, &mut scratch.longs, &mut job)
}
