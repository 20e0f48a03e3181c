//! Multiply-add in binary16 and bfloat16, rounded at each step, to nearest.
//!
//! The host computes `t = a × b + s` in binary32, *rounded to odd*: what is not exact gets an odd last bit. With 13 more
//! bits than the destination has, rounding `t` then gives what rounding the exact sum would have given, and tells as much
//! about it. AVX-512 rounds to odd by computing twice, down and up; AVX2 by the error of the sum, which needs exact
//! products.
//!
//! # Flags
//!
//! * **NX**: a step is inexact iff rounding changes `t`: an odd `t` is never in the destination format.
//! * **UF**: a step is, and `|t|` lies below the midpoint of the smallest normal number and the one that would precede it
//!   if exponents had no bound. That midpoint is in binary32, so `t` lies on the same side of it as the exact sum.
//! * **OF**: sources are finite here, so a sum that was finite at the start and is infinite at the end has overflowed, and one
//!   that has overflowed stays infinite.
//! * **NV**: never in the sums. Where C or the sum is infinite or NaN at the last addition, the soft code does it.

use core::arch::x86_64::*;

use super::pack::{self, Kind, pack, padded, panels};
use super::{Buffers, Layout, room};
use super::{Float, Job};
use crate::float::{self, Bf16, F16, Flags, Format, Round};
use crate::hart::Simd;

/// Does a job to a 16-bit format, if sources are finite and sums are rounded to nearest.
///
/// # Safety
///
/// The host has the level, V3 at least. The slices are as long as the shape asks for, which is not empty.
pub(super) unsafe fn run(
    kind: Float,
    chain: bool,
    rm: Round,
    simd: Simd,
    buffers: &mut Buffers,
    job: &mut Job,
) -> Option<Flags> {
    if rm != Round::Rne {
        return None;
    }
    // SAFETY: the caller's.
    unsafe {
        match kind {
            Float::F16ToF16 => by::<pack::Half, F16>(chain, simd, buffers, job),
            Float::E5ToF16 => by::<pack::E5, F16>(chain, simd, buffers, job),
            Float::E4ToF16 => by::<pack::E4, F16>(chain, simd, buffers, job),
            Float::E5ToBf16 => by::<pack::E5, Bf16>(chain, simd, buffers, job),
            Float::E4ToBf16 => by::<pack::E4, Bf16>(chain, simd, buffers, job),
            Float::Bf16ToBf16 if simd >= Simd::V4 || exact_products(job) => {
                by::<pack::Brain, Bf16>(chain, simd, buffers, job)
            }
            _ => None,
        }
    }
}

/// Whether all products of bfloat16 numbers are binary32 numbers; they may leave the range at both ends.
fn exact_products(job: &Job) -> bool {
    // The least and the greatest exponent field, of numbers other than zero. Subnormals have that of the smallest normals.
    let range = |source: &[u8], stride: usize, rows: usize| {
        let mut ends = (u16::MAX, 1);
        for i in 0..rows {
            for &x in source[i * stride..][..2 * job.k].as_chunks::<2>().0 {
                let magnitude = u16::from_le_bytes(x) & 0x7fff;
                let exponent = (magnitude >> 7).max(1);
                ends.0 = ends.0.min(if magnitude == 0 { u16::MAX } else { exponent });
                ends.1 = ends.1.max(exponent);
            }
        }
        (u32::from(ends.0), u32::from(ends.1))
    };
    let (a, b) = (range(job.a, job.a_row, job.m), range(job.b, job.b_row, job.n));
    // The last place of a product is worth 2^(a - 134 + b - 134) and has to be 2^-149 or more; it is below
    // 2^(a - 126 + b - 126), which has to be 2^127 or less.
    a.0 + b.0 >= 268 - 149 && a.1 + b.1 <= 252 + 127
}

/// Destination formats in vectors.
trait Narrow: Format<Bits = u16> {
    /// |t| below this is tiny: bits of a binary32 number.
    const TINY: u32;
    /// Sixteen elements as binary32.
    ///
    /// # Safety
    ///
    /// AVX-512 as in x86-64-v4.
    unsafe fn widen_512(x: __m256i) -> __m512;
    /// Sixteen binary32 numbers rounded to nearest.
    ///
    /// # Safety
    ///
    /// AVX-512 as in x86-64-v4.
    unsafe fn narrow_512(x: __m512) -> __m256i;
    /// The same, as binary32.
    ///
    /// # Safety
    ///
    /// AVX-512 as in x86-64-v4.
    unsafe fn round_512(x: __m512) -> __m512;
    /// Eight elements as binary32.
    ///
    /// # Safety
    ///
    /// AVX2, F16C.
    unsafe fn widen_256(x: __m128i) -> __m256;
    /// Eight binary32 numbers rounded to nearest.
    ///
    /// # Safety
    ///
    /// AVX2, F16C.
    unsafe fn narrow_256(x: __m256) -> __m128i;
    /// The same, as binary32.
    ///
    /// # Safety
    ///
    /// AVX2, F16C.
    unsafe fn round_256(x: __m256) -> __m256;
}

impl Narrow for F16 {
    /// 2⁻¹⁴ - 2⁻²⁶.
    const TINY: u32 = ((127 - 14) << 23) - (1 << 12);

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn widen_512(x: __m256i) -> __m512 {
        _mm512_cvtph_ps(x)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn narrow_512(x: __m512) -> __m256i {
        _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn round_512(x: __m512) -> __m512 {
        _mm512_cvtph_ps(_mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x))
    }

    #[inline]
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn widen_256(x: __m128i) -> __m256 {
        _mm256_cvtph_ps(x)
    }

    #[inline]
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn narrow_256(x: __m256) -> __m128i {
        _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x)
    }

    #[inline]
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn round_256(x: __m256) -> __m256 {
        _mm256_cvtph_ps(_mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x))
    }
}

impl Narrow for Bf16 {
    /// 2⁻¹²⁶ - 2⁻¹³⁵.
    const TINY: u32 = (1 << 23) - (1 << 14);

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn widen_512(x: __m256i) -> __m512 {
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(x)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn narrow_512(x: __m512) -> __m256i {
        // SAFETY: the same level.
        let rounded = unsafe { Self::round_512(x) };
        _mm512_cvtepi32_epi16(_mm512_srli_epi32::<16>(_mm512_castps_si512(rounded)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn round_512(x: __m512) -> __m512 {
        let x = _mm512_castps_si512(x);
        let odd = _mm512_and_si512(_mm512_srli_epi32::<16>(x), _mm512_set1_epi32(1));
        let up = _mm512_add_epi32(_mm512_add_epi32(x, _mm512_set1_epi32(0x7fff)), odd);
        _mm512_castsi512_ps(_mm512_and_si512(up, _mm512_set1_epi32(!0xffff)))
    }

    #[inline]
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn widen_256(x: __m128i) -> __m256 {
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(x)))
    }

    #[inline]
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn narrow_256(x: __m256) -> __m128i {
        // SAFETY: the same level.
        let upper = _mm256_srli_epi32::<16>(_mm256_castps_si256(unsafe { Self::round_256(x) }));
        _mm_packus_epi32(_mm256_castsi256_si128(upper), _mm256_extracti128_si256::<1>(upper))
    }

    #[inline]
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn round_256(x: __m256) -> __m256 {
        let x = _mm256_castps_si256(x);
        let odd = _mm256_and_si256(_mm256_srli_epi32::<16>(x), _mm256_set1_epi32(1));
        let up = _mm256_add_epi32(_mm256_add_epi32(x, _mm256_set1_epi32(0x7fff)), odd);
        _mm256_castsi256_ps(_mm256_and_si256(up, _mm256_set1_epi32(!0xffff)))
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn by<K: Kind, D: Narrow>(chain: bool, simd: Simd, buffers: &mut Buffers, job: &mut Job) -> Option<Flags> {
    if chain && !finite::<D>(job) {
        return None;
    }
    let depth = padded::<K>(job.k);
    let (a_panels, b_panels) = (panels(job.m, 1), panels(job.n, 2));
    let a_layout = Layout { pitch: 32, side: 1, step: depth * 32 };
    let b_layout = Layout { pitch: 64, side: 2, step: depth * 64 };
    let a = room(&mut buffers.a, a_panels * a_layout.step / 64 + 1);
    let b = room(&mut buffers.b, b_panels * b_layout.step / 64);
    // SAFETY: the buffers have room for the panels: `step` bytes each, of `depth` pitches. The level is the caller's.
    unsafe {
        let special = pack::<K>(job.b, job.b_row, job.n, job.k, b, b_layout)
            | pack::<K>(job.a, job.a_row, job.m, job.k, a, a_layout);
        if special {
            return None;
        }
        Some(if simd >= Simd::V4 {
            level_512::<D>(chain, a, b, a_layout.step, b_layout.step, job)
        } else {
            level_256::<D>(chain, a, b, a_layout.step, b_layout.step, job)
        })
    }
}

/// Whether all elements of C are.
fn finite<D: Narrow>(job: &Job) -> bool {
    (0..job.m).all(|i| {
        let row = &job.c[i * job.c_row..][..2 * job.n];
        row.as_chunks::<2>().0.iter().all(|&c| u64::from(u16::from_le_bytes(c)) & D::INF != D::INF)
    })
}

/// Adds sums of a row to its elements of C one by one.
#[cold]
fn add_softly<D: Narrow>(c: &mut [u8], sums: &[u16; 16]) -> Flags {
    c.as_chunks_mut::<2>().0.iter_mut().zip(sums).fold(Flags::empty(), |flags, (c, &sum)| {
        let (new, raised) = float::add::<D>(u16::from_le_bytes(*c), sum, Round::Rne);
        *c = new.to_le_bytes();
        flags | raised
    })
}

/// The flags of inexact steps.
fn flags(inexact: bool, tiny: bool, overflow: bool) -> Flags {
    let mut flags = Flags::empty();
    flags.set(Flags::NX, inexact | tiny | overflow);
    flags.set(Flags::UF, tiny);
    flags.set(Flags::OF, overflow);
    flags
}

const RN_DOWN: i32 = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
const RN_UP: i32 = _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC;

/// What steps have seen, in each of 16 lanes.
#[derive(Clone, Copy)]
struct Seen {
    /// Bits that rounding changed.
    changed: __m512i,
    /// The least `2 |t|` of an inexact step.
    least: __m512i,
}

/// `a × b + s`, rounded to `D`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
#[inline]
unsafe fn step_512<D: Narrow>(a: __m512, b: __m512, s: __m512, seen: &mut Seen) -> __m512 {
    let down = _mm512_castps_si512(_mm512_fmadd_round_ps::<RN_DOWN>(a, b, s));
    let up = _mm512_castps_si512(_mm512_fmadd_round_ps::<RN_UP>(a, b, s));
    // Of two neighbours one is odd. Two zeros differ in sign where terms cancel: `up` is +0, as it is to nearest.
    let odd = _mm512_test_epi32_mask(down, _mm512_set1_epi32(1));
    let t = _mm512_mask_mov_epi32(up, odd, down);
    // SAFETY: the same level.
    let rounded = unsafe { D::round_512(_mm512_castsi512_ps(t)) };
    let changed = _mm512_xor_si512(t, _mm512_castps_si512(rounded));
    seen.changed = _mm512_or_si512(seen.changed, changed);
    let inexact = _mm512_test_epi32_mask(changed, changed);
    seen.least = _mm512_mask_min_epu32(seen.least, inexact, seen.least, _mm512_add_epi32(t, t));
    rounded
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn level_512<D: Narrow>(
    chain: bool,
    a: *const u8,
    b: *const u8,
    a_step: usize,
    b_step: usize,
    job: &mut Job,
) -> Flags {
    let one = _mm512_set1_ps(1.0);
    let mut all = Flags::empty();
    let infinite = |x: __m512| {
        let bits = _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7f80_0000));
        _mm512_cmpeq_epi32_mask(bits, _mm512_set1_epi32(0x7f80_0000))
    };
    for j in (0..job.n).step_by(16) {
        let lanes: u16 = if job.n - j >= 16 { !0 } else { (1 << (job.n - j)) - 1 };
        let mut seen = Seen { changed: _mm512_setzero_si512(), least: _mm512_set1_epi32(-1) };
        let mut overflow = 0;
        for i in (0..job.m).step_by(4) {
            // SAFETY: panels and blocks exist for these rows and columns, as deep as k; within C only `lanes` are touched.
            unsafe {
                let load = |job: &Job, r: usize| {
                    let c = job.c.as_ptr().add((i + r).min(job.m - 1) * job.c_row + 2 * j);
                    D::widen_512(_mm256_maskz_loadu_epi16(lanes, c.cast()))
                };
                let mut s = [_mm512_setzero_ps(); 4];
                if chain {
                    s = [load(job, 0), load(job, 1), load(job, 2), load(job, 3)];
                }
                let mut x = a.add(i / 8 * a_step + i % 8 * 4).cast::<f32>();
                let mut y = b.add(j / 16 * b_step).cast::<f32>();
                for _ in 0..job.k {
                    let b = _mm512_load_ps(y);
                    for (r, s) in s.iter_mut().enumerate() {
                        *s = step_512::<D>(_mm512_set1_ps(*x.add(r)), b, *s, &mut seen);
                    }
                    (x, y) = (x.add(8), y.add(16));
                }
                for (r, &sum) in s.iter().enumerate().take(job.m - i) {
                    let at = (i + r) * job.c_row + 2 * j;
                    overflow |= infinite(sum) & lanes;
                    let mut new = sum;
                    if !chain {
                        let old = load(job, r);
                        if (infinite(old) | infinite(sum)) & lanes != 0 {
                            let mut sums = [0u16; 16];
                            _mm256_storeu_si256(sums.as_mut_ptr().cast(), D::narrow_512(sum));
                            all |= add_softly::<D>(&mut job.c[at..][..2 * (job.n - j).min(16)], &sums);
                            continue;
                        }
                        new = step_512::<D>(one, sum, old, &mut seen);
                        overflow |= infinite(new) & lanes;
                    }
                    let to = job.c.as_mut_ptr().add(at).cast();
                    _mm256_mask_storeu_epi16(to, lanes, D::narrow_512(new));
                }
            }
        }
        let inexact = _mm512_mask_test_epi32_mask(lanes, seen.changed, seen.changed);
        let tiny = _mm512_mask_cmplt_epu32_mask(lanes, seen.least, _mm512_set1_epi32((2 * D::TINY) as i32));
        all |= flags(inexact != 0, tiny != 0, overflow != 0);
    }
    all
}

/// `a × b + s` rounded to `D`, where the product is exact in binary32. `changed` and `least` are as in [`Seen`].
#[target_feature(enable = "avx2,fma,f16c")]
#[inline]
unsafe fn step_256<D: Narrow>(a: __m256, b: __m256, s: __m256, changed: &mut __m256i, least: &mut __m256i) -> __m256 {
    let p = _mm256_mul_ps(a, b);
    let t = _mm256_add_ps(p, s);
    // The error of the sum (Knuth's TwoSum): exact, and a NaN if the sum is infinite.
    let q = _mm256_sub_ps(t, p);
    let e = _mm256_add_ps(_mm256_sub_ps(p, _mm256_sub_ps(t, q)), _mm256_sub_ps(s, q));
    let zero = _mm256_setzero_ps();
    let inexact = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_NEQ_OQ>(e, zero));
    // An even `t` that is not exact: one further from zero if the error has its sign, else one nearer.
    let bits = _mm256_castps_si256(t);
    let one = _mm256_set1_epi32(1);
    let nearer = _mm256_srai_epi32::<31>(_mm256_xor_si256(bits, _mm256_castps_si256(e)));
    let even = _mm256_cmpeq_epi32(_mm256_and_si256(bits, one), _mm256_setzero_si256());
    let by = _mm256_and_si256(_mm256_and_si256(inexact, even), _mm256_or_si256(nearer, one));
    let t = _mm256_add_epi32(bits, by);
    // SAFETY: the same level.
    let rounded = unsafe { D::round_256(_mm256_castsi256_ps(t)) };
    let differs = _mm256_xor_si256(t, _mm256_castps_si256(rounded));
    *changed = _mm256_or_si256(*changed, differs);
    let exact = _mm256_cmpeq_epi32(differs, _mm256_setzero_si256());
    *least = _mm256_min_epu32(*least, _mm256_or_si256(exact, _mm256_add_epi32(t, t)));
    rounded
}

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn level_256<D: Narrow>(
    chain: bool,
    a: *const u8,
    b: *const u8,
    a_step: usize,
    b_step: usize,
    job: &mut Job,
) -> Flags {
    let one = _mm256_set1_ps(1.0);
    let mut all = Flags::empty();
    let infinite = |x: __m256, lanes: __m256i| {
        let ones = _mm256_set1_epi32(0x7f80_0000);
        let found = _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_castps_si256(x), ones), ones);
        _mm256_testz_si256(found, lanes) == 0
    };
    for j in (0..job.n).step_by(8) {
        let width = (job.n - j).min(8);
        let lanes = _mm256_cvtepi8_epi32(_mm256_castsi256_si128(pack::first(width)));
        let (mut changed, mut least) = (_mm256_setzero_si256(), _mm256_set1_epi32(-1));
        let mut overflow = false;
        for i in (0..job.m).step_by(4) {
            // SAFETY: panels and blocks exist for these rows and columns, as deep as k.
            unsafe {
                let load = |job: &Job, r: usize| {
                    let row = &job.c[(i + r).min(job.m - 1) * job.c_row + 2 * j..];
                    D::widen_256(_mm256_castsi256_si128(pack::bytes(row, 0, 2 * width)))
                };
                let mut s = [_mm256_setzero_ps(); 4];
                if chain {
                    s = [load(job, 0), load(job, 1), load(job, 2), load(job, 3)];
                }
                let mut x = a.add(i / 8 * a_step + i % 8 * 4).cast::<f32>();
                let mut y = b.add(j / 16 * b_step + j % 16 * 4).cast::<f32>();
                for _ in 0..job.k {
                    let b = _mm256_load_ps(y);
                    for (r, s) in s.iter_mut().enumerate() {
                        *s = step_256::<D>(_mm256_set1_ps(*x.add(r)), b, *s, &mut changed, &mut least);
                    }
                    (x, y) = (x.add(8), y.add(16));
                }
                for (r, &sum) in s.iter().enumerate().take(job.m - i) {
                    overflow |= infinite(sum, lanes);
                    let mut new = sum;
                    let mut sums = [0u16; 16];
                    if !chain {
                        let old = load(job, r);
                        if infinite(old, lanes) | infinite(sum, lanes) {
                            _mm_storeu_si128(sums.as_mut_ptr().cast(), D::narrow_256(sum));
                            let at = (i + r) * job.c_row + 2 * j;
                            all |= add_softly::<D>(&mut job.c[at..][..2 * width], &sums);
                            continue;
                        }
                        new = step_256::<D>(one, sum, old, &mut changed, &mut least);
                        overflow |= infinite(new, lanes);
                    }
                    let row = &mut job.c[(i + r) * job.c_row + 2 * j..][..2 * width];
                    let new = D::narrow_256(new);
                    if width == 8 {
                        _mm_storeu_si128(row.as_mut_ptr().cast(), new);
                    } else {
                        super::fused::store_first(row.as_mut_ptr(), _mm256_castsi128_si256(new), 2 * width);
                    }
                }
            }
        }
        let inexact = _mm256_testz_si256(changed, lanes) == 0;
        // Unsigned: below the bound iff the smaller of both is not the bound itself.
        let bound = _mm256_set1_epi32((2 * D::TINY) as i32);
        let above = _mm256_cmpeq_epi32(_mm256_min_epu32(least, bound), bound);
        all |= flags(inexact, _mm256_testc_si256(above, lanes) == 0, overflow);
    }
    all
}
