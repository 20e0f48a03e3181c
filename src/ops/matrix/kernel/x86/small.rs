//! Bytes in tiles of up to four rows of 16, the smallest that units have in practice: packing them would take longer than the
//! products. Rows are widened to 16 bits as they lie, and each pair of them is one `vpmaddwd` and a share in three sums.

use core::arch::x86_64::*;

use super::integer::add_row;
use super::{Int, Job, Width};

const ROWS: usize = 4;
const BYTES: usize = 16;

/// Whether a job is one of these.
pub(super) fn takes(kind: Int, job: &Job) -> bool {
    kind.source == Width::I8 && job.m <= ROWS && job.n <= ROWS && job.k <= BYTES
}

/// All bits of 16 bytes, and then none.
static FIRST: [u8; 2 * BYTES] = {
    let mut bytes = [0; 2 * BYTES];
    let mut i = 0;
    while i < BYTES {
        bytes[i] = 0xff;
        i += 1;
    }
    bytes
};

/// The first `k` bytes of each row, widened; rows behind the last are zero.
#[target_feature(enable = "avx2")]
#[inline]
fn widen<const SIGNED: bool>(source: &[u8], stride: usize, rows: usize, k: usize) -> [__m256i; ROWS] {
    // SAFETY: k is at most 16, so that 16 bytes from there on lie in the array.
    let mask = unsafe { _mm_loadu_si128(FIRST[BYTES - k..][..BYTES].as_ptr().cast()) };
    let mut out = [_mm256_setzero_si256(); ROWS];
    for (i, out) in out.iter_mut().enumerate().take(rows) {
        let row = &source[i * stride..];
        let bytes = match row.first_chunk::<BYTES>() {
            // SAFETY: 16 bytes.
            Some(whole) => unsafe { _mm_loadu_si128(whole.as_ptr().cast()) },
            None => {
                let mut whole = [0; BYTES];
                whole[..row.len()].copy_from_slice(row);
                // SAFETY: 16 bytes.
                unsafe { _mm_loadu_si128(whole.as_ptr().cast()) }
            }
        };
        let bytes = _mm_and_si128(bytes, mask);
        *out = if SIGNED { _mm256_cvtepi8_epi16(bytes) } else { _mm256_cvtepu8_epi16(bytes) };
    }
    out
}

/// Does a job. Returns whether something saturated.
///
/// # Safety
///
/// The host has V3. The slices are as long as the shape asks for, which is not empty.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn run(kind: Int, job: &mut Job) -> bool {
    match (kind.a_signed, kind.b_signed) {
        (true, true) => multiply::<true, true>(kind.saturate, job),
        (true, false) => multiply::<true, false>(kind.saturate, job),
        (false, true) => multiply::<false, true>(kind.saturate, job),
        (false, false) => multiply::<false, false>(kind.saturate, job),
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn multiply<const A: bool, const B: bool>(saturate: bool, job: &mut Job) -> bool {
    let a = widen::<A>(job.a, job.a_row, job.m, job.k);
    let b = widen::<B>(job.b, job.b_row, job.n, job.k);
    let mut saturated = false;
    for (i, a) in a.into_iter().enumerate().take(job.m) {
        let p = b.map(|b| _mm256_madd_epi16(a, b));
        let halves = _mm256_hadd_epi32(_mm256_hadd_epi32(p[0], p[1]), _mm256_hadd_epi32(p[2], p[3]));
        let sum = _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256::<1>(halves));
        let mut sums = [0i32; ROWS];
        // SAFETY: 16 bytes.
        unsafe { _mm_storeu_si128(sums.as_mut_ptr().cast(), sum) };
        let row = &mut job.c[i * job.c_row..];
        match row.first_chunk_mut::<16>() {
            Some(row) if job.n == ROWS && !saturate => {
                // SAFETY: 16 bytes each.
                unsafe {
                    let old = _mm_loadu_si128(row.as_ptr().cast());
                    _mm_storeu_si128(row.as_mut_ptr().cast(), _mm_add_epi32(old, sum));
                }
            }
            _ => saturated |= add_row(&mut row[..4 * job.n], &sums, saturate),
        }
    }
    saturated
}
