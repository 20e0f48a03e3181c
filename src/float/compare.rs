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
    if a & F::SIGN != 0 { -magnitude } else { magnitude }
}

#[inline]
fn invalid_if(invalid: bool) -> Flags {
    if invalid { Flags::NV } else { Flags::empty() }
}

#[inline]
fn ordered<F: Format>(a: F::Bits, b: F::Bits, signaling: bool, test: impl Fn(i64, i64) -> bool) -> (bool, Flags) {
    let (a, b) = (a.to_u64(), b.to_u64());
    if is_nan_raw::<F>(a) || is_nan_raw::<F>(b) {
        return (false, invalid_if(signaling || signals::<F>(a) || signals::<F>(b)));
    }
    (test(key::<F>(a), key::<F>(b)), Flags::empty())
}

#[inline]
fn number<F: Format>(a: F::Bits, b: F::Bits, first: impl Fn((i64, bool), (i64, bool)) -> bool) -> (F::Bits, Flags) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::F32;

    const QUIET: u32 = 0x7fc0_0001;
    const SIGNALING: u32 = 0x7f80_0001;
    const NV: Flags = Flags::NV;
    const NONE: Flags = Flags::empty();

    fn bits(x: f32) -> u32 {
        x.to_bits()
    }

    #[test]
    fn minimum_number_prefers_numbers_and_minimum_prefers_nans() {
        let nan = F32::CANONICAL_NAN as u32;
        assert_eq!(min::<F32>(QUIET, bits(1.0)), (bits(1.0), NONE));
        assert_eq!(max::<F32>(bits(1.0), SIGNALING), (bits(1.0), NV));
        assert_eq!(min::<F32>(QUIET, QUIET), (nan, NONE));
        assert_eq!(minm::<F32>(QUIET, bits(1.0)), (nan, NONE));
        assert_eq!(maxm::<F32>(SIGNALING, bits(1.0)), (nan, NV));
    }

    #[test]
    fn minus_zero_is_less_than_zero_only_for_minimum_and_maximum() {
        assert_eq!(min::<F32>(bits(0.0), bits(-0.0)), (bits(-0.0), NONE));
        assert_eq!(max::<F32>(bits(-0.0), bits(0.0)), (bits(0.0), NONE));
        assert_eq!(lt::<F32>(bits(-0.0), bits(0.0)), (false, NONE));
        assert_eq!(eq::<F32>(bits(-0.0), bits(0.0)), (true, NONE));
    }

    #[test]
    fn quiet_nans_are_invalid_only_in_signaling_comparisons() {
        assert_eq!(lt::<F32>(QUIET, 0), (false, NV));
        assert_eq!(le::<F32>(0, QUIET), (false, NV));
        assert_eq!(eq::<F32>(QUIET, QUIET), (false, NONE));
        assert_eq!(ltq::<F32>(QUIET, 0), (false, NONE));
        assert_eq!(leq::<F32>(SIGNALING, 0), (false, NV));
        assert_eq!(eq::<F32>(SIGNALING, 0), (false, NV));
    }

    #[test]
    fn classes() {
        let values =
            [0xff80_0000, 0xbf80_0000, 0x8000_0001, 0x8000_0000, 0, 1, 0x3f80_0000, 0x7f80_0000, SIGNALING, QUIET];
        for (i, value) in values.into_iter().enumerate() {
            assert_eq!(classify::<F32>(value), 1 << i, "{value:#x}");
        }
        assert_eq!(classify::<F32>(QUIET | 0x8000_0000), 1 << 9);
    }
}
