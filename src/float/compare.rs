//! What needs no rounding: classes, signs, comparisons, minimum and maximum.

use super::Flags;
use super::format::{Bits, Format};

#[inline]
pub(super) fn is_nan_raw<F: Format>(a: u64) -> bool {
    a & !F::SIGN > F::INF
}

#[inline]
pub(super) fn signals<F: Format>(a: u64) -> bool {
    is_nan_raw::<F>(a) && a & F::QUIET == 0
}

#[inline]
pub(super) fn is_inf<F: Format>(a: u64) -> bool {
    a & !F::SIGN == F::INF
}

#[inline]
pub(super) fn is_zero<F: Format>(a: u64) -> bool {
    a & !F::SIGN == 0
}

/// Whether `a` is a NaN.
#[inline]
pub fn is_nan<F: Format>(a: F::Bits) -> bool {
    is_nan_raw::<F>(a.to_u64())
}

/// Whether `a` is a signalling NaN.
#[inline]
pub fn is_signaling<F: Format>(a: F::Bits) -> bool {
    signals::<F>(a.to_u64())
}

/// `a` with its sign flipped, NaN or not (`fneg`).
#[inline]
pub fn neg<F: Format>(a: F::Bits) -> F::Bits {
    F::Bits::from_u64(a.to_u64() ^ F::SIGN)
}

/// `a` with the sign of `b` (`fsgnj`).
#[inline]
pub fn sgnj<F: Format>(a: F::Bits, b: F::Bits) -> F::Bits {
    F::Bits::from_u64(a.to_u64() & !F::SIGN | b.to_u64() & F::SIGN)
}

/// `a` with the opposite of the sign of `b` (`fsgnjn`).
#[inline]
pub fn sgnjn<F: Format>(a: F::Bits, b: F::Bits) -> F::Bits {
    F::Bits::from_u64(a.to_u64() & !F::SIGN | !b.to_u64() & F::SIGN)
}

/// `a` with the exclusive or of both signs (`fsgnjx`).
#[inline]
pub fn sgnjx<F: Format>(a: F::Bits, b: F::Bits) -> F::Bits {
    F::Bits::from_u64(a.to_u64() ^ b.to_u64() & F::SIGN)
}

/// The class of `a` as a mask with one bit set, as `fclass` returns it: 0 -∞, 1 negative normal, 2 negative subnormal, 3 -0,
/// 4 +0, 5 positive subnormal, 6 positive normal, 7 +∞, 8 signalling NaN, 9 quiet NaN.
#[inline]
pub fn classify<F: Format>(a: F::Bits) -> u32 {
    let a = a.to_u64();
    let magnitude = a & !F::SIGN;
    let bit = if magnitude > F::INF {
        return if signals::<F>(a) { 1 << 8 } else { 1 << 9 };
    } else if magnitude == F::INF {
        7
    } else if magnitude > F::FRAC {
        6
    } else if magnitude != 0 {
        5
    } else {
        4
    };
    1 << if a & F::SIGN != 0 { 7 - bit } else { bit }
}

/// `a = b`, quietly: only a signalling NaN is invalid.
#[inline]
pub fn eq<F: Format>(a: F::Bits, b: F::Bits) -> (bool, Flags) {
    ordered::<F>(a, b, false, |a, b| a == b)
}

/// `a < b`; any NaN is invalid.
#[inline]
pub fn lt<F: Format>(a: F::Bits, b: F::Bits) -> (bool, Flags) {
    ordered::<F>(a, b, true, |a, b| a < b)
}

/// `a ≤ b`; any NaN is invalid.
#[inline]
pub fn le<F: Format>(a: F::Bits, b: F::Bits) -> (bool, Flags) {
    ordered::<F>(a, b, true, |a, b| a <= b)
}

/// `a < b`, quietly (Zfa `fltq`): only a signalling NaN is invalid.
#[inline]
pub fn ltq<F: Format>(a: F::Bits, b: F::Bits) -> (bool, Flags) {
    ordered::<F>(a, b, false, |a, b| a < b)
}

/// `a ≤ b`, quietly (Zfa `fleq`): only a signalling NaN is invalid.
#[inline]
pub fn leq<F: Format>(a: F::Bits, b: F::Bits) -> (bool, Flags) {
    ordered::<F>(a, b, false, |a, b| a <= b)
}

/// minimumNumber of IEEE 754-2019 (`fmin` since version 2.2 of F): a number wins over a NaN, -0 is less than +0, a
/// signalling NaN is invalid.
#[inline]
pub fn min<F: Format>(a: F::Bits, b: F::Bits) -> (F::Bits, Flags) {
    number::<F>(a, b, |a, b| a < b)
}

/// maximumNumber of IEEE 754-2019 (`fmax`); see [`min`].
#[inline]
pub fn max<F: Format>(a: F::Bits, b: F::Bits) -> (F::Bits, Flags) {
    number::<F>(a, b, |a, b| a > b)
}

/// minimum of IEEE 754-2019 (Zfa `fminm`): any NaN gives the canonical NaN; otherwise as [`min`].
#[inline]
pub fn minm<F: Format>(a: F::Bits, b: F::Bits) -> (F::Bits, Flags) {
    propagating::<F>(a, b, min::<F>)
}

/// maximum of IEEE 754-2019 (Zfa `fmaxm`): any NaN gives the canonical NaN; otherwise as [`max`].
#[inline]
pub fn maxm<F: Format>(a: F::Bits, b: F::Bits) -> (F::Bits, Flags) {
    propagating::<F>(a, b, max::<F>)
}

/// An integer that orders numbers as they are ordered, both zeros at 0.
#[inline]
fn key<F: Format>(a: u64) -> i64 {
    let magnitude = (a & !F::SIGN) as i64;
    if a & F::SIGN != 0 {
        -magnitude
    } else {
        magnitude
    }
}

#[inline]
fn invalid_if(invalid: bool) -> Flags {
    if invalid { Flags::NV } else { Flags::empty() }
}

#[inline]
fn ordered<F: Format>(
    a: F::Bits,
    b: F::Bits,
    signaling: bool,
    test: impl Fn(i64, i64) -> bool,
) -> (bool, Flags) {
    let (a, b) = (a.to_u64(), b.to_u64());
    if is_nan_raw::<F>(a) || is_nan_raw::<F>(b) {
        return (
            false,
            invalid_if(signaling || signals::<F>(a) || signals::<F>(b)),
        );
    }
    (test(key::<F>(a), key::<F>(b)), Flags::empty())
}

#[inline]
fn number<F: Format>(
    a: F::Bits,
    b: F::Bits,
    first: impl Fn((i64, bool), (i64, bool)) -> bool,
) -> (F::Bits, Flags) {
    let (x, y) = (a.to_u64(), b.to_u64());
    let flags = invalid_if(signals::<F>(x) || signals::<F>(y));
    let result = match (is_nan_raw::<F>(x), is_nan_raw::<F>(y)) {
        (true, true) => F::Bits::from_u64(F::CANONICAL_NAN),
        (true, false) => b,
        (false, true) => a,
        (false, false) => {
            // The second component tells the zeros apart.
            let rank = |bits: u64| (key::<F>(bits), bits & F::SIGN == 0);
            if first(rank(x), rank(y)) { a } else { b }
        }
    };
    (result, flags)
}

#[inline]
fn propagating<F: Format>(
    a: F::Bits,
    b: F::Bits,
    choose: impl Fn(F::Bits, F::Bits) -> (F::Bits, Flags),
) -> (F::Bits, Flags) {
    let (number, flags) = choose(a, b);
    if is_nan::<F>(a) || is_nan::<F>(b) {
        return (F::Bits::from_u64(F::CANONICAL_NAN), flags);
    }
    (number, flags)
}
