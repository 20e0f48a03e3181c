//! Integer jobs of bytes and nibbles in exact dot products, and of halfwords.
//!
//! With VNNI (`vpdpbusd`, bytes without times bytes with a sign), A is brought to signed bytes and B to unsigned ones by
//! an offset of 128 where it has to be: `(a' + 128 f)(b' - 128 g)` summed is the sum of `a'b'`, and corrections that
//! depend on the row or the column alone. Without, bytes are widened to 16 bits (`vpmaddwd`). Nothing saturates on the way,
//! and the sum fits 32 bits up to [`MAX_K`].

use core::arch::x86_64::*;

use super::pack::{Kind, bytes, pack, padded, panels, transpose};
use super::{Buffers, Int, Job, Layout, Scratch, room};

/// The greatest k whose sum fits 32 bits: 2¹⁵ × 255² < 2³¹.
pub(super) const MAX_K: usize = 1 << 15;

/// Bytes as they are packed: from `BITS` bits, with a sign or not; `FLIP` moves their range by 128.
struct Byte<const BITS: usize, const SIGNED: bool, const FLIP: bool>;

/// Bytes widened to 16 bits.
struct Short<const BITS: usize, const SIGNED: bool>;

/// Sixteen bytes of nibbles as 32 bytes, the low nibble first.
#[target_feature(enable = "avx2")]
#[inline]
fn nibbles(row: &[u8], at: usize, end: usize, signed: bool) -> __m256i {
    let packed = bytes(row, at, end.min(at + 16));
    let wide = _mm256_cvtepu8_epi16(_mm256_castsi256_si128(packed));
    let both = _mm256_or_si256(wide, _mm256_slli_epi16::<4>(wide));
    let x = _mm256_and_si256(both, _mm256_set1_epi8(15));
    let eight = _mm256_set1_epi8(8);
    if signed { _mm256_sub_epi8(_mm256_xor_si256(x, eight), eight) } else { x }
}

/// Ones in the first `n` bytes; all if there are more.
#[target_feature(enable = "avx2")]
#[inline]
fn first(n: usize) -> __m256i {
    super::pack::first(n.min(32))
}

impl<const BITS: usize, const SIGNED: bool, const FLIP: bool> Kind for Byte<BITS, SIGNED, FLIP> {
    const CHUNK: usize = 32;
    const GROUP: usize = 32;

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load(row: &[u8], k: usize, count: usize) -> __m256i {
        let mut x = if BITS == 4 { nibbles(row, k / 2, count.div_ceil(2), SIGNED) } else { bytes(row, k, count) };
        if FLIP {
            x = _mm256_xor_si256(x, _mm256_set1_epi8(-128));
        }
        // The other half of a last byte, and what was flipped there.
        if (FLIP || BITS == 4) && count - k < 32 { _mm256_and_si256(x, first(count - k)) } else { x }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn special(_: __m256i) -> __m256i {
        _mm256_setzero_si256()
    }

    #[inline]
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn store(rows: [__m256i; 8], out: *mut u8, pitch: usize) {
        // SAFETY: the caller's, whose pitch is that of a quarter of the elements.
        unsafe { store(rows, out, 4 * pitch) }
    }
}

impl<const BITS: usize, const SIGNED: bool> Kind for Short<BITS, SIGNED> {
    const CHUNK: usize = 16;
    const GROUP: usize = 32;

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load(row: &[u8], k: usize, count: usize) -> __m256i {
        let mut x = if BITS == 4 {
            nibbles(row, k / 2, count.div_ceil(2).min(k / 2 + 8), SIGNED)
        } else {
            bytes(row, k, count.min(k + 16))
        };
        if BITS == 4 && count - k < 16 {
            x = _mm256_and_si256(x, first(count - k));
        }
        let x = _mm256_castsi256_si128(x);
        if SIGNED { _mm256_cvtepi8_epi16(x) } else { _mm256_cvtepu8_epi16(x) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn special(_: __m256i) -> __m256i {
        _mm256_setzero_si256()
    }

    #[inline]
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn store(rows: [__m256i; 8], out: *mut u8, pitch: usize) {
        // SAFETY: the caller's, whose pitch is that of half of the elements.
        unsafe { store(rows, out, 2 * pitch) }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn store(rows: [__m256i; 8], out: *mut u8, pitch: usize) {
    for (i, column) in transpose(rows).into_iter().enumerate() {
        // SAFETY: the caller's.
        unsafe { _mm256_storeu_si256(out.add(i * pitch).cast(), column) };
    }
}

/// Does a job of bytes or nibbles with k up to [`MAX_K`]. Returns whether something saturated.
///
/// # Safety
///
/// The host has V3, and V4 and VNNI if so said. The slices are as long as the shape asks for, which is not empty.
pub(super) unsafe fn run(kind: Int, vnni: bool, buffers: &mut Buffers, job: &mut Job) -> bool {
    let (a_bits, b_bits, _) = kind.source.bits();
    // Nibbles without a sign are bytes with one.
    let a_signed = kind.a_signed || a_bits == 4;
    // SAFETY: the caller's; the layouts are those of the kinds.
    unsafe {
        if !vnni {
            let a = match (a_bits, kind.a_signed) {
                (4, true) => side::<Short<4, true>>(job.a, job.a_row, job.m, job.k, 16, 1, &mut buffers.a),
                (4, false) => side::<Short<4, false>>(job.a, job.a_row, job.m, job.k, 16, 1, &mut buffers.a),
                (_, true) => side::<Short<8, true>>(job.a, job.a_row, job.m, job.k, 16, 1, &mut buffers.a),
                (_, false) => side::<Short<8, false>>(job.a, job.a_row, job.m, job.k, 16, 1, &mut buffers.a),
            };
            let b = match (b_bits, kind.b_signed) {
                (4, true) => side::<Short<4, true>>(job.b, job.b_row, job.n, job.k, 32, 2, &mut buffers.b),
                (4, false) => side::<Short<4, false>>(job.b, job.b_row, job.n, job.k, 32, 2, &mut buffers.b),
                (_, true) => side::<Short<8, true>>(job.b, job.b_row, job.n, job.k, 32, 2, &mut buffers.b),
                (_, false) => side::<Short<8, false>>(job.b, job.b_row, job.n, job.k, 32, 2, &mut buffers.b),
            };
            return level_256(a, b, kind.saturate, job);
        }
        let a = match (a_bits, kind.a_signed) {
            (4, true) => side::<Byte<4, true, false>>(job.a, job.a_row, job.m, job.k, 8, 1, &mut buffers.a),
            (4, false) => side::<Byte<4, false, false>>(job.a, job.a_row, job.m, job.k, 8, 1, &mut buffers.a),
            (_, true) => side::<Byte<8, true, false>>(job.a, job.a_row, job.m, job.k, 8, 1, &mut buffers.a),
            (_, false) => side::<Byte<8, false, true>>(job.a, job.a_row, job.m, job.k, 8, 1, &mut buffers.a),
        };
        let b = match (b_bits, kind.b_signed) {
            (4, true) => side::<Byte<4, true, true>>(job.b, job.b_row, job.n, job.k, 16, 2, &mut buffers.b),
            (4, false) => side::<Byte<4, false, false>>(job.b, job.b_row, job.n, job.k, 16, 2, &mut buffers.b),
            (_, true) => side::<Byte<8, true, true>>(job.b, job.b_row, job.n, job.k, 16, 2, &mut buffers.b),
            (_, false) => side::<Byte<8, false, false>>(job.b, job.b_row, job.n, job.k, 16, 2, &mut buffers.b),
        };
        match (a_signed, kind.b_signed) {
            (true, true) => level_vnni::<false, true>(a, b, kind.saturate, job),
            (true, false) => level_vnni::<false, false>(a, b, kind.saturate, job),
            (false, true) => level_vnni::<true, true>(a, b, kind.saturate, job),
            (false, false) => level_vnni::<true, false>(a, b, kind.saturate, job),
        }
    }
}

/// A packed source: where it starts, and bytes from panel to panel.
#[derive(Clone, Copy)]
struct Packed {
    start: *const u8,
    step: usize,
}

/// Packs A or B, `pitch` bytes for each k.
///
/// # Safety
///
/// AVX2, FMA, F16C. The source is as long as the shape asks for, which is not empty.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn side<K: Kind>(
    source: &[u8],
    stride: usize,
    rows: usize,
    k: usize,
    pitch: usize,
    side: usize,
    buffer: &mut Vec<super::Line>,
) -> Packed {
    let layout = Layout { pitch, side, step: padded::<K>(k) * pitch };
    let start = room(buffer, panels(rows, side) * layout.step / 64 + 1);
    // SAFETY: room for the panels.
    unsafe { pack::<K>(source, stride, rows, k, start, layout) };
    Packed { start, step: layout.step }
}

/// The kernel for `vpdpbusd`: `A_FLIP` and `B_FLIP` say whose range was moved.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn level_vnni<const A_FLIP: bool, const B_FLIP: bool>(
    a: Packed,
    b: Packed,
    saturate: bool,
    job: &mut Job,
) -> bool {
    let steps = job.k.div_ceil(4);
    let ones = _mm256_set1_epi8(1);
    let both = if A_FLIP && B_FLIP { (job.k as i32).wrapping_mul(-(1 << 14)) } else { 0 };
    let mut saturated = 0;
    for j in (0..job.n).step_by(16) {
        let lanes: u16 = if job.n - j >= 16 { !0 } else { (1 << (job.n - j)) - 1 };
        // SAFETY: panels and blocks exist for these rows and columns, as deep as k; within C only `lanes` are touched.
        unsafe {
            let y = b.start.add(j / 16 * b.step).cast::<i32>();
            let mut start = _mm512_set1_epi32(both);
            if A_FLIP {
                let mut sums = _mm512_setzero_si512();
                for k in 0..steps {
                    sums = _mm512_dpbusd_epi32(sums, _mm512_load_si512(y.add(16 * k).cast()), _mm512_set1_epi8(1));
                }
                start = _mm512_add_epi32(start, _mm512_slli_epi32::<7>(sums));
            }
            for i in (0..job.m).step_by(8) {
                let x = a.start.add(i / 8 * a.step).cast::<i32>();
                let mut s = [start; 8];
                if B_FLIP {
                    let mut sums = _mm256_setzero_si256();
                    for k in 0..steps {
                        sums = _mm256_dpbusd_epi32(sums, ones, _mm256_load_si256(x.add(8 * k).cast()));
                    }
                    let mut rows = [0i32; 8];
                    _mm256_storeu_si256(rows.as_mut_ptr().cast(), _mm256_slli_epi32::<7>(sums));
                    for (s, row) in s.iter_mut().zip(rows) {
                        *s = _mm512_sub_epi32(*s, _mm512_set1_epi32(row));
                    }
                }
                for k in 0..steps {
                    let b = _mm512_load_si512(y.add(16 * k).cast());
                    for (r, s) in s.iter_mut().enumerate() {
                        *s = _mm512_dpbusd_epi32(*s, b, _mm512_set1_epi32(*x.add(8 * k + r)));
                    }
                }
                for (r, &sum) in s.iter().enumerate().take(job.m - i) {
                    let c = job.c.as_mut_ptr().add((i + r) * job.c_row + 4 * j).cast::<i32>();
                    let old = _mm512_maskz_loadu_epi32(lanes, c);
                    let mut new = _mm512_add_epi32(old, sum);
                    if saturate {
                        // Both terms have the sign that the result has not.
                        let lost = _mm512_and_si512(_mm512_xor_si512(old, new), _mm512_xor_si512(sum, new));
                        let lost = _mm512_movepi32_mask(lost) & lanes;
                        let bound = _mm512_xor_si512(_mm512_srai_epi32::<31>(old), _mm512_set1_epi32(i32::MAX));
                        new = _mm512_mask_mov_epi32(new, lost, bound);
                        saturated |= lost;
                    }
                    _mm512_mask_storeu_epi32(c, lanes, new);
                }
            }
        }
    }
    saturated != 0
}

/// The kernel for `vpmaddwd`.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn level_256(a: Packed, b: Packed, saturate: bool, job: &mut Job) -> bool {
    let steps = job.k.div_ceil(2);
    let mut saturated = false;
    for j in (0..job.n).step_by(16) {
        let columns = (job.n - j).min(16);
        for i in (0..job.m).step_by(4) {
            // SAFETY: panels and blocks exist for these rows and columns, as deep as k.
            unsafe {
                let mut x = a.start.add(i / 8 * a.step + i % 8 * 4).cast::<i32>();
                let mut y = b.start.add(j / 16 * b.step).cast::<__m256i>();
                let mut s = [[_mm256_setzero_si256(); 2]; 4];
                for _ in 0..steps {
                    let b = [_mm256_load_si256(y), _mm256_load_si256(y.add(1))];
                    for (r, s) in s.iter_mut().enumerate() {
                        let a = _mm256_set1_epi32(*x.add(r));
                        s[0] = _mm256_add_epi32(s[0], _mm256_madd_epi16(a, b[0]));
                        s[1] = _mm256_add_epi32(s[1], _mm256_madd_epi16(a, b[1]));
                    }
                    (x, y) = (x.add(8), y.add(2));
                }
                for (r, s) in s.iter().enumerate().take(job.m - i) {
                    let mut sums = [0i32; 16];
                    _mm256_storeu_si256(sums.as_mut_ptr().cast(), s[0]);
                    _mm256_storeu_si256(sums.as_mut_ptr().add(8).cast(), s[1]);
                    let row = &mut job.c[(i + r) * job.c_row + 4 * j..][..4 * columns];
                    saturated |= add_row(row, &sums, saturate);
                }
            }
        }
    }
    saturated
}

/// Adds sums to their elements of C.
#[inline(always)]
pub(super) fn add_row(row: &mut [u8], sums: &[i32], saturate: bool) -> bool {
    let mut saturated = false;
    for (c, &sum) in row.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
        let old = i32::from_le_bytes(*c);
        let wrapped = old.wrapping_add(sum);
        let new = if saturate { old.saturating_add(sum) } else { wrapped };
        saturated |= new != wrapped;
        *c = new.to_le_bytes();
    }
    saturated
}

/// Halfwords: the portable code, compiled for AVX2.
///
/// # Safety
///
/// The host has V3. The slices are as long as the shape asks for, which is not empty.
#[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c")]
pub(super) unsafe fn wide(kind: Int, scratch: &mut Scratch, job: &mut Job) -> bool {
    super::super::integer::run(kind, &mut scratch.shorts, &mut scratch.longs, job)
}
