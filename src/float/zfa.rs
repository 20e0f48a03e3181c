//! What the Zfa extension adds: rounding to integral values, the modular conversion, the table of constants.

use super::compare::{is_inf, is_nan_raw, is_zero, signals};
use super::convert::integer;
use super::format::{Bits, F64, Format};
use super::round::{Number, pack, unpack};
use super::{Flags, Round, to_i32};

/// `a` rounded to an integral value, inexact or not without a flag (`fround`).
#[inline]
pub fn round<F: Format>(a: F::Bits, rm: Round) -> (F::Bits, Flags) {
    let (bits, flags) = round_nx::<F>(a, rm);
    (bits, flags.difference(Flags::NX))
}

/// `a` rounded to an integral value, raising inexact if that differs from `a` (`froundnx`).
#[inline]
pub fn round_nx<F: Format>(a: F::Bits, rm: Round) -> (F::Bits, Flags) {
    let bits = a.to_u64();
    if is_nan_raw::<F>(bits) {
        let flags = if signals::<F>(bits) { Flags::NV } else { Flags::empty() };
        return (F::Bits::from_u64(F::CANONICAL_NAN), flags);
    }
    if is_zero::<F>(bits) || is_inf::<F>(bits) {
        return (a, Flags::empty());
    }
    let n = unpack::<F>(bits);
    if n.exp >= F::FRAC_BITS as i32 {
        return (a, Flags::empty());
    }
    // Less than 2 to the precision: fits 64 bits, and packs exactly.
    let Some((whole, inexact)) = integer(n, rm) else {
        return (a, Flags::empty());
    };
    let flags = if inexact { Flags::NX } else { Flags::empty() };
    let whole = whole as u64;
    if whole == 0 {
        return (F::Bits::from_u64(bits & F::SIGN), flags);
    }
    let zeros = whole.leading_zeros();
    let n = Number { sign: n.sign, exp: 63 - zeros as i32, sig: whole << zeros };
    (F::Bits::from_u64(pack::<F>(n, rm).0), flags)
}

/// `a` truncated to an integer modulo 2³² (`fcvtmod.w.d`), as the signed value that goes, sign-extended, into the register.
/// Infinities and NaNs give 0. The flags are those of `fcvt.w.d` with rounding towards zero.
#[inline]
pub fn fcvtmod(a: u64) -> (i32, Flags) {
    let flags = to_i32::<F64>(a, Round::Rtz).1;
    if is_zero::<F64>(a) || a & F64::INF == F64::INF {
        return (0, flags);
    }
    let n = unpack::<F64>(a);
    // The integer is sig >> (63 - exp); from 2⁸⁴ on, its low 32 bits are zero.
    let low = match n.exp {
        0..=63 => (n.sig >> (63 - n.exp)) as u32,
        64..=94 => (n.sig << (n.exp - 63)) as u32,
        _ => 0,
    };
    (if n.sign { low.wrapping_neg() } else { low } as i32, flags)
}

/// The constant that `fli` loads for the value `index` of its rs1 field (Zfa, table "Immediate values"; only the low five
/// bits count). In binary16, 2¹⁶ is not representable and entry 29 is +∞.
#[inline]
pub fn fli<F: Format>(index: u32) -> F::Bits {
    /// Exponent and the two leading fraction bits of entries 2 to 29.
    #[rustfmt::skip]
    const TABLE: [(i32, u64); 28] = [
        (-16, 0), (-15, 0), (-8, 0), (-7, 0), (-4, 0), (-3, 0), // 2 to 7
        (-2, 0), (-2, 1), (-2, 2), (-2, 3), (-1, 0), (-1, 1), (-1, 2), (-1, 3), // 8 to 15: 0.25 to 0.875
        (0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), // 16 to 22: 1 to 3
        (2, 0), (3, 0), (4, 0), (7, 0), (8, 0), (15, 0), (16, 0), // 23 to 29
    ];
    let number =
        |sign, exp, quarters: u64| pack::<F>(Number { sign, exp, sig: 1 << 63 | quarters << 61 }, Round::Rne).0;
    F::Bits::from_u64(match index & 31 {
        0 => number(true, 0, 0),
        1 => number(false, F::EMIN, 0),
        30 => F::INF,
        31 => F::CANONICAL_NAN,
        i => match TABLE.get(i as usize - 2) {
            Some(&(exp, quarters)) => number(false, exp, quarters),
            None => F::CANONICAL_NAN,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::{F16, F32};

    #[test]
    fn rounding_keeps_the_sign_of_zero() {
        let bits = |x: f32| x.to_bits();
        assert_eq!(round::<F32>(bits(-0.25), Round::Rne), (bits(-0.0), Flags::empty()));
        assert_eq!(round_nx::<F32>(bits(-0.25), Round::Rdn), (bits(-1.0), Flags::NX));
        assert_eq!(round_nx::<F32>(bits(2.5), Round::Rne), (bits(2.0), Flags::NX));
        assert_eq!(round_nx::<F32>(bits(2.5), Round::Rmm), (bits(3.0), Flags::NX));
        assert_eq!(round_nx::<F32>(bits(1e10), Round::Rup), (bits(1e10), Flags::empty()));
    }

    #[test]
    fn modular_conversion_wraps() {
        let fcvtmod = |x: f64| fcvtmod(x.to_bits());
        assert_eq!(fcvtmod(4294967301.5), (5, Flags::NV));
        assert_eq!(fcvtmod(-1.5), (-1, Flags::NX));
        assert_eq!(fcvtmod(2147483648.0), (i32::MIN, Flags::NV));
        assert_eq!(fcvtmod(f64::INFINITY), (0, Flags::NV));
        assert_eq!(fcvtmod(f64::NAN), (0, Flags::NV));
    }

    #[test]
    fn half_constants_at_the_edge() {
        assert_eq!(fli::<F16>(1), 0x0400, "the smallest normal");
        assert_eq!(fli::<F16>(2), 0x0100, "2⁻¹⁶ is subnormal");
        assert_eq!(fli::<F16>(29), 0x7c00, "2¹⁶ is not representable");
    }
}
