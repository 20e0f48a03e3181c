//! Conversions: between formats, to integers and from integers.

use super::compare::{is_inf, is_nan_raw, is_zero, signals};
use super::format::{Bits, Format};
use super::round::{Number, pack, rounds_up, unpack};
use super::{Flags, Round};

/// `a` of format `F` in format `G`. A NaN becomes the canonical NaN of `G`.
#[inline]
pub fn convert<F: Format, G: Format>(a: F::Bits, rm: Round) -> (G::Bits, Flags) {
    let a = a.to_u64();
    let sign = if a & F::SIGN != 0 { G::SIGN } else { 0 };
    let (bits, flags) = if is_nan_raw::<F>(a) {
        (G::CANONICAL_NAN, if signals::<F>(a) { Flags::NV } else { Flags::empty() })
    } else if is_inf::<F>(a) {
        (sign | G::INF, Flags::empty())
    } else if is_zero::<F>(a) {
        (sign, Flags::empty())
    } else {
        pack::<G>(unpack::<F>(a), rm)
    };
    (G::Bits::from_u64(bits), flags)
}

/// The magnitude of `n` rounded to an integer, and whether that was inexact; `None` if it is 2⁶⁴ or more before rounding.
#[inline]
pub(super) fn integer(n: Number, rm: Round) -> Option<(u128, bool)> {
    if n.exp >= 64 {
        return None;
    }
    // 64 bits of integer, 64 bits of fraction; a number below a quarter counts as a quarter, which rounds the same.
    let exp = n.exp.max(-2);
    let fixed = u128::from(n.sig) << 64 >> (63 - exp);
    let (whole, rest) = (fixed >> 64, fixed as u64);
    let up = rounds_up(whole & 1 != 0, rest, 1 << 63, n.sign, rm);
    Some((whole + u128::from(up), rest != 0))
}

/// Converts to an integer in `[low, high]`; what lies outside is invalid and saturates, NaN to `high`.
#[inline]
fn to_integer<F: Format>(a: u64, rm: Round, low: i128, high: i128) -> (i128, Flags) {
    if is_zero::<F>(a) {
        return (0, Flags::empty());
    }
    if is_nan_raw::<F>(a) {
        return (high, Flags::NV);
    }
    let n = unpack::<F>(a);
    if !is_inf::<F>(a)
        && let Some((magnitude, inexact)) = integer(n, rm)
    {
        let value = if n.sign { -(magnitude as i128) } else { magnitude as i128 };
        if low <= value && value <= high {
            return (value, if inexact { Flags::NX } else { Flags::empty() });
        }
    }
    (if n.sign { low } else { high }, Flags::NV)
}

/// Converts an integer given as sign and magnitude.
#[inline]
fn from_integer<F: Format>(sign: bool, magnitude: u64, rm: Round) -> (F::Bits, Flags) {
    if magnitude == 0 {
        return (F::Bits::from_u64(0), Flags::empty());
    }
    let zeros = magnitude.leading_zeros();
    let n = Number { sign, exp: 63 - zeros as i32, sig: magnitude << zeros };
    let (bits, flags) = pack::<F>(n, rm);
    (F::Bits::from_u64(bits), flags)
}

macro_rules! integers {
    ($($t:ident $to:ident $from:ident $magnitude:expr;)*) => {$(
        /// Rounds `a` to an integer. Outside the range, for infinities and NaNs: invalid, and the nearest bound (NaN: the
        /// largest value).
        #[inline]
        pub fn $to<F: Format>(a: F::Bits, rm: Round) -> ($t, Flags) {
            let (value, flags) = to_integer::<F>(a.to_u64(), rm, $t::MIN as i128, $t::MAX as i128);
            (value as $t, flags)
        }

        /// The integer as a floating-point value, rounded if the format cannot hold it.
        #[inline]
        #[allow(unused_comparisons)]
        pub fn $from<F: Format>(a: $t, rm: Round) -> (F::Bits, Flags) {
            from_integer::<F>(a < 0, $magnitude(a), rm)
        }
    )*};
}

integers! {
    i8 to_i8 from_i8 |a: i8| u64::from(a.unsigned_abs());
    u8 to_u8 from_u8 u64::from;
    i32 to_i32 from_i32 |a: i32| u64::from(a.unsigned_abs());
    u32 to_u32 from_u32 u64::from;
    i64 to_i64 from_i64 i64::unsigned_abs;
    u64 to_u64 from_u64 u64::from;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::{F16, F32, F64};

    fn bits(x: f64) -> u64 {
        x.to_bits()
    }

    /// The table "Domains of float-to-integer conversions and behavior for invalid inputs" of the F extension.
    #[test]
    fn what_no_integer_holds_saturates_and_is_invalid() {
        let rm = Round::Rtz;
        for (value, i32, u32, i64, u64) in [
            (f64::NEG_INFINITY, i32::MIN, 0, i64::MIN, 0),
            (f64::INFINITY, i32::MAX, u32::MAX, i64::MAX, u64::MAX),
            (f64::NAN, i32::MAX, u32::MAX, i64::MAX, u64::MAX),
            (-1e30, i32::MIN, 0, i64::MIN, 0),
            (1e30, i32::MAX, u32::MAX, i64::MAX, u64::MAX),
        ] {
            assert_eq!(to_i32::<F64>(bits(value), rm), (i32, Flags::NV), "{value}");
            assert_eq!(to_u32::<F64>(bits(value), rm), (u32, Flags::NV), "{value}");
            assert_eq!(to_i64::<F64>(bits(value), rm), (i64, Flags::NV), "{value}");
            assert_eq!(to_u64::<F64>(bits(value), rm), (u64, Flags::NV), "{value}");
        }
        // An infinity whose exponent field would fit: not 65536.
        assert_eq!(to_i32::<F16>(0x7c00, rm), (i32::MAX, Flags::NV));
    }

    #[test]
    fn range_is_tested_after_rounding() {
        assert_eq!(to_u32::<F64>(bits(-0.75), Round::Rtz), (0, Flags::NX));
        assert_eq!(to_u32::<F64>(bits(-0.75), Round::Rne), (0, Flags::NV));
        assert_eq!(to_i32::<F64>(bits(2147483647.5), Round::Rdn), (i32::MAX, Flags::NX));
        assert_eq!(to_i32::<F64>(bits(2147483647.5), Round::Rne), (i32::MAX, Flags::NV));
        assert_eq!(to_i64::<F64>(bits(-9223372036854775808.0), Round::Rne), (i64::MIN, Flags::empty()));
    }

    #[test]
    fn bytes_saturate_too() {
        let f16 = |x: f32| convert::<F32, F16>(x.to_bits(), Round::Rne).0;
        for (x, rm, signed, unsigned) in [
            (127.4, Round::Rne, (127, Flags::NX), (127, Flags::NX)),
            (127.5, Round::Rne, (127, Flags::NV), (128, Flags::NX)),
            (255.25, Round::Rup, (127, Flags::NV), (255, Flags::NV)),
            (255.25, Round::Rtz, (127, Flags::NV), (255, Flags::NX)),
            (-128.5, Round::Rne, (-128, Flags::NX), (0, Flags::NV)),
            (-128.5, Round::Rmm, (-128, Flags::NV), (0, Flags::NV)),
            (-0.25, Round::Rne, (0, Flags::NX), (0, Flags::NX)),
            (f32::NEG_INFINITY, Round::Rne, (-128, Flags::NV), (0, Flags::NV)),
            (f32::NAN, Round::Rne, (127, Flags::NV), (255, Flags::NV)),
        ] {
            assert_eq!((to_i8::<F16>(f16(x), rm), to_u8::<F16>(f16(x), rm)), (signed, unsigned), "{x} {rm:?}");
        }
        for n in i8::MIN..=i8::MAX {
            assert_eq!(from_i8::<F16>(n, Round::Rne), (f16(n.into()), Flags::empty()));
            assert_eq!(from_u8::<F16>(n as u8, Round::Rne), (f16((n as u8).into()), Flags::empty()));
        }
    }

    #[test]
    fn nans_become_canonical() {
        assert_eq!(convert::<F32, F64>(0xffc0_0001, Round::Rne), (F64::CANONICAL_NAN, Flags::empty()));
        assert_eq!(convert::<F64, F16>(F64::INF + 1, Round::Rne), (0x7e00, Flags::NV));
    }
}
