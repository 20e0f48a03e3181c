//! Floating-point jobs by the soft code of [`crate::float`]: the definition.

use super::{Float, Job};
use crate::float::{self, Bf16, Bits, E4m3, E5m2, Exact, F16, F32, F64, Flags, Format, Fp8, Round};
use crate::hart::Accumulation;

/// The elements of A or B.
pub(super) trait Source {
    /// Width in bytes.
    const BYTES: usize;
    /// An element in the destination format, which holds it exactly. A signalling NaN is invalid.
    fn get<D: Format>(bytes: &[u8]) -> (D::Bits, Flags);
}

/// A little-endian value of up to 8 bytes.
#[inline(always)]
fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

macro_rules! ieee {
    ($($format:ty)*) => {$(
        impl Source for $format {
            const BYTES: usize = <$format>::WIDTH as usize / 8;
            #[inline(always)]
            fn get<D: Format>(bytes: &[u8]) -> (D::Bits, Flags) {
                float::convert::<$format, D>(Bits::from_u64(little(bytes)), Round::Rne)
            }
        }
    )*};
}
ieee!(F16 Bf16 F32 F64);

impl Source for float::Tf32 {
    const BYTES: usize = 4;
    #[inline(always)]
    fn get<D: Format>(bytes: &[u8]) -> (D::Bits, Flags) {
        float::convert::<F32, D>(float::f32_from_tf32(little(bytes) as u32), Round::Rne)
    }
}

/// An 8-bit format.
pub(super) struct Byte<S>(std::marker::PhantomData<S>);

impl<S: Fp8> Source for Byte<S> {
    const BYTES: usize = 1;
    #[inline(always)]
    fn get<D: Format>(bytes: &[u8]) -> (D::Bits, Flags) {
        float::widen8::<S, D>(bytes[0])
    }
}

/// Calls a function that is generic over source and destination.
macro_rules! by_kind {
    ($kind:expr, $function:ident($($arg:expr),*)) => {
        match $kind {
            Float::F16ToF16 => $function::<F16, F16>($($arg),*),
            Float::F16ToF32 => $function::<F16, F32>($($arg),*),
            Float::Bf16ToF32 => $function::<Bf16, F32>($($arg),*),
            Float::F32ToF32 => $function::<F32, F32>($($arg),*),
            Float::F32ToF64 => $function::<F32, F64>($($arg),*),
            Float::F64ToF64 => $function::<F64, F64>($($arg),*),
            Float::Tf32ToF32 => $function::<float::Tf32, F32>($($arg),*),
            Float::E5ToF16 => $function::<Byte<E5m2>, F16>($($arg),*),
            Float::E4ToF16 => $function::<Byte<E4m3>, F16>($($arg),*),
            Float::E5ToBf16 => $function::<Byte<E5m2>, Bf16>($($arg),*),
            Float::E4ToBf16 => $function::<Byte<E4m3>, Bf16>($($arg),*),
            Float::E5ToF32 => $function::<Byte<E5m2>, F32>($($arg),*),
            Float::E4ToF32 => $function::<Byte<E4m3>, F32>($($arg),*),
            Float::Bf16ToBf16 => $function::<Bf16, Bf16>($($arg),*),
        }
    };
}

/// Does a job whose slices are as long as they have to be.
pub(super) fn run(kind: Float, how: Accumulation, rm: Round, words: &mut [Vec<u64>; 2], job: &mut Job) -> Flags {
    by_kind!(kind, each(how, rm, words, job))
}

fn each<S: Source, D: Format>(how: Accumulation, rm: Round, words: &mut [Vec<u64>; 2], job: &mut Job) -> Flags {
    let [a, b] = words;
    let mut flags =
        decode::<S, D>(job.a, job.a_row, job.m, job.k, a) | decode::<S, D>(job.b, job.b_row, job.n, job.k, b);
    let bytes = D::WIDTH as usize / 8;
    let mut exact = (how == Accumulation::Exact).then(Exact::<D>::new);
    for (i, a) in a.chunks_exact(job.k).enumerate() {
        for (j, b) in b.chunks_exact(job.k).enumerate() {
            let at = i * job.c_row + j * bytes;
            let c = &mut job.c[at..at + bytes];
            let old = D::Bits::from_u64(little(c));
            let pairs = a.iter().zip(b).map(|(&a, &b)| (D::Bits::from_u64(a), D::Bits::from_u64(b)));
            let (new, raised) = match (&mut exact, how) {
                (Some(exact), _) => {
                    exact.clear();
                    exact.add(old);
                    pairs.for_each(|(a, b)| exact.add_product::<D>(a, b));
                    exact.round(rm)
                }
                (None, Accumulation::Chain) => chain::<D>(old, pairs, rm),
                (None, _) => {
                    let (sum, flags) = chain::<D>(D::Bits::from_u64(0), pairs, rm);
                    let (new, last) = float::add::<D>(old, sum, rm);
                    (new, flags | last)
                }
            };
            flags |= raised;
            c.copy_from_slice(&new.to_u64().to_le_bytes()[..bytes]);
        }
    }
    flags
}

/// `s + a₀ × b₀ + a₁ × b₁ + …`, rounded at each step.
#[inline(always)]
fn chain<D: Format>(s: D::Bits, pairs: impl Iterator<Item = (D::Bits, D::Bits)>, rm: Round) -> (D::Bits, Flags) {
    pairs.fold((s, Flags::empty()), |(s, flags), (a, b)| {
        let (s, raised) = float::fma::<D>(a, b, s, rm);
        (s, flags | raised)
    })
}

/// All elements of a source, one word each.
fn decode<S: Source, D: Format>(source: &[u8], stride: usize, rows: usize, k: usize, out: &mut Vec<u64>) -> Flags {
    let mut flags = Flags::empty();
    out.clear();
    for row in 0..rows {
        let row = &source[row * stride..][..k * S::BYTES];
        out.extend(row.chunks_exact(S::BYTES).map(|bytes| {
            let (value, raised) = S::get::<D>(bytes);
            flags |= raised;
            value.to_u64()
        }));
    }
    flags
}

/// Whether sources that contain infinities or NaNs make some product invalid by themselves: a signalling NaN does, and so
/// does an infinity that meets a zero.
#[cfg(target_arch = "x86_64")]
pub(super) fn invalid(kind: Float, job: &Job) -> bool {
    by_kind!(kind, invalid_product(job))
}

#[cfg(target_arch = "x86_64")]
fn invalid_product<S: Source, D: Format>(job: &Job) -> bool {
    (0..job.k).any(|k| {
        let (mut zero, mut infinite, mut signals) = ([false; 2], [false; 2], false);
        let sources = [(job.a, job.a_row, job.m), (job.b, job.b_row, job.n)];
        for (side, (source, stride, rows)) in sources.into_iter().enumerate() {
            for row in 0..rows {
                let (value, raised) = S::get::<D>(&source[row * stride + k * S::BYTES..][..S::BYTES]);
                let magnitude = value.to_u64() & !D::SIGN;
                zero[side] |= magnitude == 0;
                infinite[side] |= magnitude == D::INF;
                signals |= raised.contains(Flags::NV);
            }
        }
        signals || zero[0] && infinite[1] || infinite[0] && zero[1]
    })
}
