//! Integer jobs, portable: the definition. Written so that the compiler vectorises the sums.

use super::{Int, Job, Width};

/// How many products of two bytes an `i32` takes: 2¹⁵ × 255² < 2³¹.
const BLOCK: usize = 1 << 15;

/// Does a job whose slices are as long as they have to be. Returns whether something saturated.
#[inline(always)]
pub(super) fn run(kind: Int, shorts: &mut [Vec<i16>; 2], longs: &mut [Vec<i32>; 2], job: &mut Job) -> bool {
    let (a_bits, b_bits, _) = kind.source.bits();
    if kind.source == Width::I16 {
        let [a, b] = longs;
        halves(job.a, job.a_row, job.m, job.k, kind.a_signed, a);
        halves(job.b, job.b_row, job.n, job.k, kind.b_signed, b);
        return each(
            job,
            a,
            b,
            |a, b| a.iter().zip(b).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum(),
            |c, s| {
                let old = i64::from_le_bytes(*c);
                let wrapped = old.wrapping_add(s);
                let new = if kind.saturate { old.saturating_add(s) } else { wrapped };
                *c = new.to_le_bytes();
                new != wrapped
            },
        );
    }
    let [a, b] = shorts;
    bytes(job.a, job.a_row, job.m, job.k, a_bits, kind.a_signed, a);
    bytes(job.b, job.b_row, job.n, job.k, b_bits, kind.b_signed, b);
    let sum = |a: &[i16], b: &[i16]| {
        let blocks = a.chunks(BLOCK).zip(b.chunks(BLOCK));
        blocks.map(|(a, b)| i64::from(a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum::<i32>())).sum()
    };
    each(job, a, b, sum, |c: &mut [u8; 4], s: i64| {
        let exact = i64::from(i32::from_le_bytes(*c)) + s;
        let wrapped = exact as i32;
        let nearest = if exact < 0 { i32::MIN } else { i32::MAX };
        let clips = kind.saturate && exact != i64::from(wrapped);
        *c = if clips { nearest } else { wrapped }.to_le_bytes();
        clips
    })
}

/// Adds the sum of each pair of rows to its element of C.
#[inline(always)]
fn each<T, const C: usize>(
    job: &mut Job,
    a: &[T],
    b: &[T],
    sum: impl Fn(&[T], &[T]) -> i64,
    add: impl Fn(&mut [u8; C], i64) -> bool,
) -> bool {
    let mut saturated = false;
    for (i, a) in a.chunks_exact(job.k).enumerate() {
        let c = &mut job.c[i * job.c_row..][..job.n * C];
        for (c, b) in c.as_chunks_mut::<C>().0.iter_mut().zip(b.chunks_exact(job.k)) {
            saturated |= add(c, sum(a, b));
        }
    }
    saturated
}

/// Rows of bytes or nibbles, widened.
#[inline(always)]
fn bytes(source: &[u8], stride: usize, rows: usize, k: usize, bits: usize, signed: bool, out: &mut Vec<i16>) {
    out.clear();
    for row in 0..rows {
        let row = &source[row * stride..][..(k * bits).div_ceil(8)];
        match (bits, signed) {
            (4, _) => out.extend((0..k).map(|k| {
                let nibble = i16::from(row[k / 2] >> (k % 2 * 4) & 15);
                if signed { (nibble ^ 8) - 8 } else { nibble }
            })),
            (_, true) => out.extend(row.iter().map(|&x| i16::from(x as i8))),
            (_, false) => out.extend(row.iter().map(|&x| i16::from(x))),
        }
    }
}

/// Rows of halfwords, widened.
#[inline(always)]
fn halves(source: &[u8], stride: usize, rows: usize, k: usize, signed: bool, out: &mut Vec<i32>) {
    out.clear();
    for row in 0..rows {
        let row = source[row * stride..][..2 * k].as_chunks::<2>().0;
        if signed {
            out.extend(row.iter().map(|&x| i32::from(i16::from_le_bytes(x))));
        } else {
            out.extend(row.iter().map(|&x| i32::from(u16::from_le_bytes(x))));
        }
    }
}
