//! Addition, multiplication, division, square root and the fused multiply-add: exact integer arithmetic, rounded once.

use super::compare::{is_inf, is_nan_raw as is_nan, is_zero, signals};
use super::format::{Bits, Format};
use super::round::{Number, pack, shift_right_jam, shift_right_jam_128, unpack};
use super::{Flags, Round};

const NONE: Flags = Flags::empty();

/// `a + b`.
#[inline]
pub fn add<F: Format>(a: F::Bits, b: F::Bits, rm: Round) -> (F::Bits, Flags) {
    done::<F>(add_raw::<F>(a.to_u64(), b.to_u64(), rm))
}

/// `a - b`.
#[inline]
pub fn sub<F: Format>(a: F::Bits, b: F::Bits, rm: Round) -> (F::Bits, Flags) {
    done::<F>(add_raw::<F>(a.to_u64(), b.to_u64() ^ F::SIGN, rm))
}

/// `a × b`.
#[inline]
pub fn mul<F: Format>(a: F::Bits, b: F::Bits, rm: Round) -> (F::Bits, Flags) {
    let (a, b) = (a.to_u64(), b.to_u64());
    let sign = (a ^ b) & F::SIGN;
    done::<F>(if is_nan::<F>(a) || is_nan::<F>(b) {
        nan::<F>(signals::<F>(a) || signals::<F>(b))
    } else if is_inf::<F>(a) || is_inf::<F>(b) {
        if is_zero::<F>(a) || is_zero::<F>(b) { nan::<F>(true) } else { (sign | F::INF, NONE) }
    } else if is_zero::<F>(a) || is_zero::<F>(b) {
        (sign, NONE)
    } else {
        let (x, y) = (unpack::<F>(a), unpack::<F>(b));
        let product = u128::from(x.sig) * u128::from(y.sig);
        pack::<F>(normal(x.sign ^ y.sign, x.exp + y.exp + 1, product), rm)
    })
}

/// `a ÷ b`.
#[inline]
pub fn div<F: Format>(a: F::Bits, b: F::Bits, rm: Round) -> (F::Bits, Flags) {
    let (a, b) = (a.to_u64(), b.to_u64());
    let sign = (a ^ b) & F::SIGN;
    done::<F>(if is_nan::<F>(a) || is_nan::<F>(b) {
        nan::<F>(signals::<F>(a) || signals::<F>(b))
    } else if is_inf::<F>(a) {
        if is_inf::<F>(b) { nan::<F>(true) } else { (sign | F::INF, NONE) }
    } else if is_inf::<F>(b) {
        (sign, NONE)
    } else if is_zero::<F>(b) {
        if is_zero::<F>(a) { nan::<F>(true) } else { (sign | F::INF, Flags::DZ) }
    } else if is_zero::<F>(a) {
        (sign, NONE)
    } else {
        let (x, y) = (unpack::<F>(a), unpack::<F>(b));
        // A quotient of exactly 64 bits, the remainder jammed into its last one.
        let less = u32::from(x.sig < y.sig);
        let (quotient, rest) = if F::FRAC_BITS <= 23 {
            // Both have at most 24 bits, so a 64-bit division gives 40 bits of quotient, more than enough.
            let (n, d) = (x.sig >> (1 - less), y.sig >> 40);
            let q = n / d;
            (q << 24, n % d)
        } else {
            let n = u128::from(x.sig) << (63 + less);
            let d = u128::from(y.sig);
            ((n / d) as u64, (n % d) as u64)
        };
        let n =
            Number { sign: x.sign ^ y.sign, exp: x.exp - y.exp - less as i32, sig: quotient | u64::from(rest != 0) };
        pack::<F>(n, rm)
    })
}

/// The square root of `a`.
#[inline]
pub fn sqrt<F: Format>(a: F::Bits, rm: Round) -> (F::Bits, Flags) {
    let a = a.to_u64();
    done::<F>(if is_nan::<F>(a) {
        nan::<F>(signals::<F>(a))
    } else if is_zero::<F>(a) {
        (a, NONE)
    } else if a & F::SIGN != 0 {
        nan::<F>(true)
    } else if is_inf::<F>(a) {
        (a, NONE)
    } else {
        let x = unpack::<F>(a);
        // An even exponent halves; the root of what remains, in [1, 4), has its leading bit at 63.
        let square = u128::from(x.sig) << (63 + (x.exp & 1));
        let root = square.isqrt();
        let sig = root as u64 | u64::from(root * root != square);
        pack::<F>(Number { sign: false, exp: x.exp >> 1, sig }, rm)
    })
}

/// `a × b + c`, rounded once. The other three forms are this one with signs of `a` and `c` flipped ([`neg`](super::neg)).
#[inline]
pub fn fma<F: Format>(a: F::Bits, b: F::Bits, c: F::Bits, rm: Round) -> (F::Bits, Flags) {
    done::<F>(fma_raw::<F>(a.to_u64(), b.to_u64(), c.to_u64(), rm))
}

fn add_raw<F: Format>(a: u64, b: u64, rm: Round) -> (u64, Flags) {
    if is_nan::<F>(a) || is_nan::<F>(b) {
        return nan::<F>(signals::<F>(a) || signals::<F>(b));
    }
    if is_inf::<F>(a) {
        return if is_inf::<F>(b) && a != b { nan::<F>(true) } else { (a, NONE) };
    }
    if is_inf::<F>(b) {
        return (b, NONE);
    }
    if is_zero::<F>(a) {
        return if is_zero::<F>(b) { (zero_sum::<F>(a, b, rm), NONE) } else { (b, NONE) };
    }
    if is_zero::<F>(b) {
        return (a, NONE);
    }
    let (x, y) = (unpack::<F>(a), unpack::<F>(b));
    let (x, y) = if (y.exp, y.sig) > (x.exp, x.sig) { (y, x) } else { (x, y) };
    // One bit of head room for the carry. The jammed bit stays far enough below: where operands lie more than one binade
    // apart, a difference loses at most one leading bit.
    let (big, small) = (x.sig >> 1, shift_right_jam(y.sig >> 1, (x.exp - y.exp) as u32));
    let sum = if x.sign == y.sign { big + small } else { big - small };
    if sum == 0 {
        return (zero_difference::<F>(rm), NONE);
    }
    let zeros = sum.leading_zeros();
    pack::<F>(Number { sign: x.sign, exp: x.exp + 1 - zeros as i32, sig: sum << zeros }, rm)
}

fn fma_raw<F: Format>(a: u64, b: u64, c: u64, rm: Round) -> (u64, Flags) {
    let sign = (a ^ b) & F::SIGN;
    let invalid = (is_inf::<F>(a) && is_zero::<F>(b)) || (is_zero::<F>(a) && is_inf::<F>(b));
    if is_nan::<F>(a) || is_nan::<F>(b) || is_nan::<F>(c) {
        // Infinity times zero is invalid even beside a quiet NaN.
        return nan::<F>(invalid || signals::<F>(a) || signals::<F>(b) || signals::<F>(c));
    }
    if is_inf::<F>(a) || is_inf::<F>(b) {
        let opposite = is_inf::<F>(c) && (c ^ sign) & F::SIGN != 0;
        return if invalid || opposite { nan::<F>(true) } else { (sign | F::INF, NONE) };
    }
    if is_inf::<F>(c) {
        return (c, NONE);
    }
    if is_zero::<F>(a) || is_zero::<F>(b) {
        return if is_zero::<F>(c) { (zero_sum::<F>(sign, c, rm), NONE) } else { (c, NONE) };
    }
    let (x, y) = (unpack::<F>(a), unpack::<F>(b));
    let product = u128::from(x.sig) * u128::from(y.sig);
    let (p_sign, p_exp) = (x.sign ^ y.sign, x.exp + y.exp + 1);
    if is_zero::<F>(c) {
        return pack::<F>(normal(p_sign, p_exp, product), rm);
    }
    let zeros = product.leading_zeros();
    let (p_exp, product) = (p_exp - zeros as i32, product << zeros);
    let z = unpack::<F>(c);
    let addend = u128::from(z.sig) << 64;
    // As in addition, but on 128 bits: the product has up to 106.
    let ((sign, exp, big), (small_sign, small_exp, small)) = if (z.exp, addend) > (p_exp, product) {
        ((z.sign, z.exp, addend), (p_sign, p_exp, product))
    } else {
        ((p_sign, p_exp, product), (z.sign, z.exp, addend))
    };
    let (big, small) = (big >> 1, shift_right_jam_128(small >> 1, (exp - small_exp) as u32));
    let sum = if sign == small_sign { big + small } else { big - small };
    if sum == 0 {
        return (zero_difference::<F>(rm), NONE);
    }
    pack::<F>(normal(sign, exp + 1, sum), rm)
}

/// `±sig × 2^(exp - 127)` (not zero), jammed into 64 bits with the leading one at the top.
#[inline]
fn normal(sign: bool, exp: i32, sig: u128) -> Number {
    let zeros = sig.leading_zeros();
    let sig = sig << zeros;
    Number { sign, exp: exp - zeros as i32, sig: (sig >> 64) as u64 | u64::from(sig as u64 != 0) }
}

/// The sum of two zeros.
#[inline]
fn zero_sum<F: Format>(a: u64, b: u64, rm: Round) -> u64 {
    if (a ^ b) & F::SIGN == 0 { a & F::SIGN } else { zero_difference::<F>(rm) }
}

/// `x - x`.
#[inline]
fn zero_difference<F: Format>(rm: Round) -> u64 {
    if rm == Round::Rdn { F::SIGN } else { 0 }
}

#[inline]
fn nan<F: Format>(invalid: bool) -> (u64, Flags) {
    (F::CANONICAL_NAN, if invalid { Flags::NV } else { NONE })
}

#[inline]
fn done<F: Format>((bits, flags): (u64, Flags)) -> (F::Bits, Flags) {
    (F::Bits::from_u64(bits), flags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::F64;

    const INF: u64 = F64::INF;
    const NAN: u64 = F64::CANONICAL_NAN;

    fn bits(x: f64) -> u64 {
        x.to_bits()
    }

    #[test]
    fn the_sign_of_an_exact_zero_sum_depends_on_the_mode() {
        for rm in Round::ALL {
            let expected = if rm == Round::Rdn { -0.0 } else { 0.0 };
            assert_eq!(sub::<F64>(bits(1.5), bits(1.5), rm), (bits(expected), NONE), "{rm:?}");
            assert_eq!(add::<F64>(bits(0.0), bits(-0.0), rm), (bits(expected), NONE), "{rm:?}");
            assert_eq!(fma::<F64>(bits(2.0), bits(3.0), bits(-6.0), rm), (bits(expected), NONE), "{rm:?}");
            assert_eq!(add::<F64>(bits(-0.0), bits(-0.0), rm), (bits(-0.0), NONE), "{rm:?}");
        }
    }

    #[test]
    fn invalid_operations_give_the_canonical_nan() {
        let rm = Round::Rne;
        let invalid = (NAN, Flags::NV);
        assert_eq!(sub::<F64>(INF, INF, rm), invalid);
        assert_eq!(mul::<F64>(INF, 0, rm), invalid);
        assert_eq!(div::<F64>(0, 0, rm), invalid);
        assert_eq!(div::<F64>(INF, INF, rm), invalid);
        assert_eq!(sqrt::<F64>(bits(-1.0), rm), invalid);
        let signaling = INF + 1;
        assert_eq!(add::<F64>(signaling, bits(1.0), rm), invalid);
        // Payloads and signs of quiet NaNs are not kept.
        assert_eq!(add::<F64>(NAN | F64::SIGN | 7, bits(1.0), rm), (NAN, NONE));
    }

    #[test]
    fn infinity_times_zero_is_invalid_beside_a_quiet_nan() {
        assert_eq!(fma::<F64>(INF, 0, NAN, Round::Rne), (NAN, Flags::NV));
        assert_eq!(fma::<F64>(bits(1.0), 0, NAN, Round::Rne), (NAN, NONE));
    }

    #[test]
    fn multiply_add_rounds_once() {
        // (1 + 2⁻⁵²)² - 1 - 2⁻⁵¹ = 2⁻¹⁰⁴, all of which is lost when the product is rounded first.
        let x = bits(1.0 + f64::EPSILON);
        let z = bits(-1.0 - 2.0 * f64::EPSILON);
        assert_eq!(fma::<F64>(x, x, z, Round::Rne), (bits(f64::EPSILON * f64::EPSILON), NONE));
    }

    #[test]
    fn division_by_zero_has_its_own_flag() {
        assert_eq!(div::<F64>(bits(-1.0), 0, Round::Rne), (bits(f64::NEG_INFINITY), Flags::DZ));
        assert_eq!(div::<F64>(INF, 0, Round::Rne), (INF, NONE));
    }

    #[test]
    fn the_root_of_minus_zero_is_minus_zero() {
        assert_eq!(sqrt::<F64>(bits(-0.0), Round::Rne), (bits(-0.0), NONE));
        assert_eq!(sqrt::<F64>(bits(2.25), Round::Rne), (bits(1.5), NONE));
    }
}
