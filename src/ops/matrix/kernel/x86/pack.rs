//! Packing: rows of sources into panels (see the head of [`super`]), converted to the format that is computed in. AVX2 does
//! for all levels: it is bound by shuffles and loads.

use core::arch::x86_64::*;

use super::Layout;

/// Source elements, and what they become.
pub(super) trait Kind {
    /// Source elements in what is packed at a time.
    const CHUNK: usize;
    /// Bytes of eight packed elements of one k.
    const GROUP: usize;

    /// Eight rows of a chunk, from element `k` on of `count`, as 32 bytes each. Elements from `count` on are zero.
    ///
    /// # Safety
    ///
    /// AVX2.
    unsafe fn load(row: &[u8], k: usize, count: usize) -> __m256i;

    /// Whether an element of the row is infinite or NaN: some bit of the result is set.
    ///
    /// # Safety
    ///
    /// AVX2.
    unsafe fn special(row: __m256i) -> __m256i;

    /// Writes [`Self::CHUNK`] groups of [`Self::GROUP`] bytes, `pitch` apart.
    ///
    /// # Safety
    ///
    /// AVX2, FMA, F16C. `out` is valid for that.
    unsafe fn store(rows: [__m256i; 8], out: *mut u8, pitch: usize);
}

/// Packs `rows` rows (at least one) of `k` elements. Returns whether one of them is infinite or NaN.
///
/// # Safety
///
/// AVX2, FMA, F16C. `out` is valid for as many panels as [`panels`] says, of `layout.step` bytes, and that is at least
/// [`padded`] pitches.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn pack<K: Kind>(
    source: &[u8],
    stride: usize,
    rows: usize,
    k: usize,
    out: *mut u8,
    layout: Layout,
) -> bool {
    let mut special = _mm256_setzero_si256();
    for group in 0..panels(rows, layout.side) * layout.side {
        let offset = group / layout.side * layout.step + group % layout.side * K::GROUP;
        // The rows there are, one at least; the others are copies of the last.
        let first = (8 * group).min(rows - 1);
        let count = (rows - first).min(8);
        for at in (0..k).step_by(K::CHUNK) {
            let mut chunk = [_mm256_setzero_si256(); 8];
            for r in 0..8 {
                chunk[r] = if r < count {
                    // SAFETY: the level is the caller's.
                    let row = unsafe { K::load(&source[(first + r) * stride..], at, k) };
                    // SAFETY: as above.
                    special = _mm256_or_si256(special, unsafe { K::special(row) });
                    row
                } else {
                    chunk[r - 1]
                };
            }
            // SAFETY: `offset` is that of an existing panel, and the chunk ends within its padded k.
            unsafe { K::store(chunk, out.add(offset + at * layout.pitch), layout.pitch) };
        }
    }
    _mm256_testz_si256(special, special) == 0
}

/// How many panels of `side` groups of eight rows there are.
pub(super) fn panels(rows: usize, side: usize) -> usize {
    rows.div_ceil(8 * side)
}

/// How many k a panel has room for: whole chunks.
pub(super) fn padded<K: Kind>(k: usize) -> usize {
    k.next_multiple_of(K::CHUNK)
}

/// Up to 32 bytes of a row from `at` on, zeros from `end` on. The row may be longer than `end`.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn bytes(row: &[u8], at: usize, end: usize) -> __m256i {
    let left = end.saturating_sub(at).min(32);
    let all = match row.get(at..).and_then(|row| row.first_chunk::<32>()) {
        // SAFETY: reads the 32 bytes of the array.
        Some(chunk) => unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) },
        None => {
            let mut chunk = [0; 32];
            if left > 0 {
                chunk[..left].copy_from_slice(&row[at..at + left]);
            }
            // SAFETY: reads the 32 bytes of the array.
            unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) }
        }
    };
    if left == 32 { all } else { _mm256_and_si256(all, first(left)) }
}

/// Ones in the first `n` bytes, `n` at most 32.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn first(n: usize) -> __m256i {
    const ONES: [u8; 64] = {
        let mut ones = [0; 64];
        let mut i = 0;
        while i < 32 {
            ones[i] = 0xff;
            i += 1;
        }
        ones
    };
    // SAFETY: 32 - n is at most 32, so the load ends within the table.
    unsafe { _mm256_loadu_si256(ONES.as_ptr().add(32 - n.min(32)).cast()) }
}

/// Eight rows of eight dwords to eight columns.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn transpose(r: [__m256i; 8]) -> [__m256i; 8] {
    let a = |i: usize| _mm256_unpacklo_epi32(r[i], r[i + 1]);
    let b = |i: usize| _mm256_unpackhi_epi32(r[i], r[i + 1]);
    let (a0, a2, a4, a6) = (a(0), a(2), a(4), a(6));
    let (b0, b2, b4, b6) = (b(0), b(2), b(4), b(6));
    let low = [
        _mm256_unpacklo_epi64(a0, a2),
        _mm256_unpackhi_epi64(a0, a2),
        _mm256_unpacklo_epi64(b0, b2),
        _mm256_unpackhi_epi64(b0, b2),
    ];
    let high = [
        _mm256_unpacklo_epi64(a4, a6),
        _mm256_unpackhi_epi64(a4, a6),
        _mm256_unpacklo_epi64(b4, b6),
        _mm256_unpackhi_epi64(b4, b6),
    ];
    [
        _mm256_permute2x128_si256::<0x20>(low[0], high[0]),
        _mm256_permute2x128_si256::<0x20>(low[1], high[1]),
        _mm256_permute2x128_si256::<0x20>(low[2], high[2]),
        _mm256_permute2x128_si256::<0x20>(low[3], high[3]),
        _mm256_permute2x128_si256::<0x31>(low[0], high[0]),
        _mm256_permute2x128_si256::<0x31>(low[1], high[1]),
        _mm256_permute2x128_si256::<0x31>(low[2], high[2]),
        _mm256_permute2x128_si256::<0x31>(low[3], high[3]),
    ]
}

/// Eight pairs of binary16, one in each dword, as eight first and eight second ones in binary32.
#[target_feature(enable = "avx2,f16c")]
#[inline]
fn halves(pairs: __m256i) -> [__m256; 2] {
    let even = _mm256_and_si256(pairs, _mm256_set1_epi32(0xffff));
    let both = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi32(even, _mm256_srli_epi32::<16>(pairs)));
    [_mm256_cvtph_ps(_mm256_castsi256_si128(both)), _mm256_cvtph_ps(_mm256_extracti128_si256::<1>(both))]
}

/// Declares a kind of whole bytes that become binary32: how one tells what is special, and what a column of dwords becomes.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $bytes:literal, |$row:ident| $special:expr, |$dwords:ident| $columns:expr;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl Kind for $name {
            const CHUNK: usize = 32 / $bytes;
            const GROUP: usize = 32;

            #[inline]
            #[target_feature(enable = "avx2")]
            unsafe fn load(row: &[u8], k: usize, count: usize) -> __m256i {
                bytes(row, k * $bytes, count * $bytes)
            }

            #[inline]
            #[target_feature(enable = "avx2")]
            unsafe fn special($row: __m256i) -> __m256i {
                $special
            }

            #[inline]
            #[target_feature(enable = "avx2,fma,f16c")]
            unsafe fn store(rows: [__m256i; 8], out: *mut u8, pitch: usize) {
                for (i, $dwords) in transpose(rows).into_iter().enumerate() {
                    let columns = $columns;
                    for (j, column) in columns.into_iter().enumerate() {
                        // SAFETY: the caller's; there are 8 × 4 / $bytes columns.
                        unsafe { _mm256_storeu_ps(out.add((i * columns.len() + j) * pitch).cast(), column) };
                    }
                }
            }
        }
    )*};
}

kinds! {
    /// Binary32.
    Single: 4, |row| exponent_32(row), |x| [_mm256_castsi256_ps(x)];
    /// TensorFloat-32: the low 13 bits count as zeros.
    Tf32: 4, |row| exponent_32(row), |x| [_mm256_castsi256_ps(_mm256_and_si256(x, _mm256_set1_epi32(!0x1fff)))];
    /// Binary16.
    Half: 2, |row| exponent_16(row, 0x7c00), |x| halves(x);
    /// BFloat16.
    Brain: 2, |row| exponent_16(row, 0x7f80), |x| [
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(x)),
        _mm256_castsi256_ps(_mm256_and_si256(x, _mm256_set1_epi32(!0xffff))),
    ];
    /// E5M2: the upper half of binary16.
    E5: 1, |row| exponent_8(row, 0x7c), |x| {
        let [first, second] = spread(x);
        let ([a, b], [c, d]) = (halves(first), halves(second));
        [a, b, c, d]
    };
    /// E4M3: as binary16 too small by 2⁸, which puts its subnormals right; the one special code is a NaN.
    E4: 1, |row| exponent_8(row, 0x7f), |x| {
        let [first, second] = spread(x);
        let ([a, b], [c, d]) = (halves(e4_as_half(first)), halves(e4_as_half(second)));
        [a, b, c, d].map(|x| {
            let x = _mm256_mul_ps(x, _mm256_set1_ps(256.0));
            let magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0), x);
            let nan = _mm256_cmp_ps::<_CMP_EQ_OQ>(magnitude, _mm256_set1_ps(480.0));
            _mm256_blendv_ps(x, _mm256_set1_ps(f32::NAN), nan)
        })
    };
}

#[target_feature(enable = "avx2")]
#[inline]
fn exponent_32(row: __m256i) -> __m256i {
    let ones = _mm256_set1_epi32(0x7f80_0000);
    _mm256_cmpeq_epi32(_mm256_and_si256(row, ones), ones)
}

#[target_feature(enable = "avx2")]
#[inline]
fn exponent_16(row: __m256i, ones: i16) -> __m256i {
    let ones = _mm256_set1_epi16(ones);
    _mm256_cmpeq_epi16(_mm256_and_si256(row, ones), ones)
}

#[target_feature(enable = "avx2")]
#[inline]
fn exponent_8(row: __m256i, ones: i8) -> __m256i {
    let ones = _mm256_set1_epi8(ones);
    _mm256_cmpeq_epi8(_mm256_and_si256(row, ones), ones)
}

/// Four bytes of each dword as the upper bytes of four halves, the first two and the last two.
#[target_feature(enable = "avx2")]
#[inline]
fn spread(x: __m256i) -> [__m256i; 2] {
    let upper = _mm256_set1_epi32(0xff00_ff00_u32 as i32);
    // Bytes 0 and 1 to places 1 and 3, bytes 2 and 3 likewise.
    let places =
        |a: i8, b: i8| _mm_set_epi8(b + 12, -1, a + 12, -1, b + 8, -1, a + 8, -1, b + 4, -1, a + 4, -1, b, -1, a, -1);
    let both = |a, b| _mm256_broadcastsi128_si256(places(a, b));
    [
        _mm256_and_si256(_mm256_shuffle_epi8(x, both(0, 1)), upper),
        _mm256_and_si256(_mm256_shuffle_epi8(x, both(2, 3)), upper),
    ]
}

/// E4M3 in upper bytes as binary16 numbers that are 2⁸ times too small.
#[target_feature(enable = "avx2")]
#[inline]
fn e4_as_half(x: __m256i) -> __m256i {
    let sign = _mm256_and_si256(x, _mm256_set1_epi16(0x8000_u16 as i16));
    let magnitude = _mm256_and_si256(x, _mm256_set1_epi16(0x7f00));
    _mm256_or_si256(sign, _mm256_srli_epi16::<1>(magnitude))
}

/// Binary32 that becomes binary64.
pub(super) struct Widened;

impl Kind for Widened {
    const CHUNK: usize = 8;
    const GROUP: usize = 64;

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load(row: &[u8], k: usize, count: usize) -> __m256i {
        bytes(row, k * 4, count * 4)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn special(row: __m256i) -> __m256i {
        exponent_32(row)
    }

    #[inline]
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn store(rows: [__m256i; 8], out: *mut u8, pitch: usize) {
        for (i, column) in transpose(rows).into_iter().enumerate() {
            let column = _mm256_castsi256_ps(column);
            let (low, high) = (_mm256_castps256_ps128(column), _mm256_extractf128_ps::<1>(column));
            // SAFETY: the caller's; there are 8 columns of 64 bytes.
            unsafe {
                let out = out.add(i * pitch).cast::<f64>();
                _mm256_storeu_pd(out, _mm256_cvtps_pd(low));
                _mm256_storeu_pd(out.add(4), _mm256_cvtps_pd(high));
            }
        }
    }
}

/// Binary64.
pub(super) struct Double;

impl Kind for Double {
    const CHUNK: usize = 4;
    const GROUP: usize = 64;

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load(row: &[u8], k: usize, count: usize) -> __m256i {
        bytes(row, k * 8, count * 8)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn special(row: __m256i) -> __m256i {
        let ones = _mm256_set1_epi64x(0x7ff << 52);
        _mm256_cmpeq_epi64(_mm256_and_si256(row, ones), ones)
    }

    #[inline]
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn store(rows: [__m256i; 8], out: *mut u8, pitch: usize) {
        for half in 0..2 {
            let r = |i: usize| rows[4 * half + i];
            let (a, b) = (_mm256_unpacklo_epi64(r(0), r(1)), _mm256_unpackhi_epi64(r(0), r(1)));
            let (c, d) = (_mm256_unpacklo_epi64(r(2), r(3)), _mm256_unpackhi_epi64(r(2), r(3)));
            let columns = [
                _mm256_permute2x128_si256::<0x20>(a, c),
                _mm256_permute2x128_si256::<0x20>(b, d),
                _mm256_permute2x128_si256::<0x31>(a, c),
                _mm256_permute2x128_si256::<0x31>(b, d),
            ];
            for (i, column) in columns.into_iter().enumerate() {
                // SAFETY: the caller's; there are 4 columns of two halves of 32 bytes.
                unsafe { _mm256_storeu_si256(out.add(i * pitch + 32 * half).cast(), column) };
            }
        }
    }
}
