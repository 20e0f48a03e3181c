//! The two ends of every operation: taking bits apart into a number, and rounding an exact number back into bits.

use super::format::Format;
use super::{Flags, Round};

/// A finite number other than zero: `±sig × 2^(exp - 63)` with bit 63 of `sig` set, so `exp` is the exponent of its leading
/// bit. An exact result that needs more than 64 bits is represented with its lowest bit *jammed*: set if anything below
/// is not zero. That is enough to round it to at most 62 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub sign: bool,
    pub exp: i32,
    pub sig: u64,
}

/// Takes finite bits other than zero apart, normalising subnormals.
#[inline]
pub(super) fn unpack<F: Format>(bits: u64) -> Number {
    let sign = bits & F::SIGN != 0;
    let field = ((bits & F::INF) >> F::FRAC_BITS) as i32;
    // The leading bit of a normal number belongs at 63, its fraction below. Subnormals have no leading bit there, and the
    // exponent of the smallest normals.
    let frac = (bits & F::FRAC) << (63 - F::FRAC_BITS);
    if field != 0 {
        return Number { sign, exp: field - F::BIAS, sig: frac | 1 << 63 };
    }
    let zeros = frac.leading_zeros();
    Number { sign, exp: F::EMIN - zeros as i32, sig: frac.wrapping_shl(zeros) }
}

/// `sig >> count`, the lowest bit set if anything was shifted out that is not zero.
#[inline]
pub(super) fn shift_right_jam(sig: u64, count: u32) -> u64 {
    if count < 64 { sig >> count | u64::from(sig & ((1 << count) - 1) != 0) } else { u64::from(sig != 0) }
}

/// [`shift_right_jam`] on 128 bits.
#[inline]
pub(super) fn shift_right_jam_128(sig: u128, count: u32) -> u128 {
    if count < 128 { sig >> count | u128::from(sig & ((1 << count) - 1) != 0) } else { u128::from(sig != 0) }
}

/// Whether an integer with last bit `odd` is rounded away from zero, when `rest / (2 half)` of a unit lies above it.
#[inline]
pub(super) fn rounds_up(odd: bool, rest: u64, half: u64, sign: bool, rm: Round) -> bool {
    match rm {
        Round::Rne => rest > half || (rest == half && odd),
        Round::Rtz => false,
        Round::Rdn => sign && rest != 0,
        Round::Rup => !sign && rest != 0,
        Round::Rmm => rest >= half,
    }
}

/// `sig` without its lowest `drop` bits, rounded; and whether that lost something.
#[inline]
pub(super) fn round_off(sig: u64, drop: u32, sign: bool, rm: Round) -> (u64, bool) {
    let rest = sig & ((1 << drop) - 1);
    let kept = sig >> drop;
    (kept + u64::from(rounds_up(kept & 1 != 0, rest, 1 << (drop - 1), sign, rm)), rest != 0)
}

/// Rounds a number into a format.
#[inline]
pub(super) fn pack<F: Format>(n: Number, rm: Round) -> (u64, Flags) {
    let sign = if n.sign { F::SIGN } else { 0 };
    let drop = 63 - F::FRAC_BITS;
    if n.exp < F::EMIN {
        let shift = F::EMIN.wrapping_sub(n.exp) as u32;
        let (kept, inexact) = round_off(shift_right_jam(n.sig, shift), drop, n.sign, rm);
        if !inexact {
            return (sign | kept, Flags::empty());
        }
        // Tiny after rounding: rounded as if the exponent had no bound, it stays below the smallest normal.
        let tiny = shift > 1 || round_off(n.sig, drop, n.sign, rm).0 >> (F::FRAC_BITS + 1) == 0;
        let flags = if tiny { Flags::UF | Flags::NX } else { Flags::NX };
        return (sign | kept, flags);
    }
    if n.exp <= F::BIAS {
        let (kept, inexact) = round_off(n.sig, drop, n.sign, rm);
        // The leading bit of `kept` adds one to the exponent field, and so does a carry into the next binade.
        let bits = ((n.exp.wrapping_sub(F::EMIN) as u64) << F::FRAC_BITS) + kept;
        if bits < F::INF {
            return (sign | bits, if inexact { Flags::NX } else { Flags::empty() });
        }
    }
    let to_infinity = match rm {
        Round::Rne | Round::Rmm => true,
        Round::Rtz => false,
        Round::Rdn => n.sign,
        Round::Rup => !n.sign,
    };
    (sign | if to_infinity { F::INF } else { F::INF - 1 }, Flags::OF | Flags::NX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::F32;

    /// `sig × 2^exp` with the leading bit of `sig` at 63, as a binary32 number.
    fn f32_of(exp: i32, sig: u64) -> (u64, Flags) {
        pack::<F32>(Number { sign: false, exp, sig }, Round::Rne)
    }

    #[test]
    fn tininess_is_detected_after_rounding() {
        let smallest_normal = 0x0080_0000;
        // All ones, so many that even with unbounded exponent it rounds up to the smallest normal: not tiny.
        assert_eq!(f32_of(-127, !0), (smallest_normal, Flags::NX));
        // One place less, and it rounds there only because subnormals have no more places: tiny.
        assert_eq!(f32_of(-127, !0 << 40), (smallest_normal, Flags::NX | Flags::UF));
    }

    #[test]
    fn exact_subnormals_do_not_underflow() {
        assert_eq!(f32_of(-149, 1 << 63), (1, Flags::empty()));
        // Halfway to the smallest: to even, which is zero.
        assert_eq!(f32_of(-150, 1 << 63), (0, Flags::NX | Flags::UF));
        assert_eq!(f32_of(-150, 1 << 63 | 1), (1, Flags::NX | Flags::UF));
        assert_eq!(f32_of(-1000, 1 << 63), (0, Flags::NX | Flags::UF));
    }

    #[test]
    fn overflow_goes_to_infinity_or_the_largest_number() {
        for (rm, sign, expected) in [
            (Round::Rne, false, 0x7f80_0000),
            (Round::Rtz, false, 0x7f7f_ffff),
            (Round::Rdn, false, 0x7f7f_ffff),
            (Round::Rdn, true, 0xff80_0000),
            (Round::Rup, false, 0x7f80_0000),
            (Round::Rup, true, 0xff7f_ffff),
            (Round::Rmm, false, 0x7f80_0000),
        ] {
            let n = Number { sign, exp: 128, sig: 1 << 63 };
            assert_eq!(pack::<F32>(n, rm), (expected, Flags::OF | Flags::NX), "{rm:?}");
        }
        // By a carry out of the largest binade.
        assert_eq!(f32_of(127, !0), (0x7f80_0000, Flags::OF | Flags::NX));
    }

    #[test]
    fn unpacking_normalises_subnormals() {
        let n = unpack::<F32>(3);
        assert_eq!((n.exp, n.sig), (-148, 3 << 62));
        assert_eq!(pack::<F32>(n, Round::Rtz), (3, Flags::empty()));
    }
}
