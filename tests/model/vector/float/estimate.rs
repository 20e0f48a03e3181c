//! vfrec7 and vfrsqrt7: the tables of the manual, and all the cases around them.

use super::softfloat::{DZ, Format, NV, NX, Number, OF};

/// The seven high bits of the significand of 1/x, by those of x.
#[rustfmt::skip]
const RECIPROCAL: [u64; 128] = [
    127, 125, 123, 121, 119, 117, 116, 114, 112, 110, 109, 107, 105, 104, 102, 100,
    99, 97, 96, 94, 93, 91, 90, 88, 87, 85, 84, 83, 81, 80, 79, 77,
    76, 75, 74, 72, 71, 70, 69, 68, 66, 65, 64, 63, 62, 61, 60, 59,
    58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43,
    42, 41, 40, 40, 39, 38, 37, 36, 35, 35, 34, 33, 32, 31, 31, 30,
    29, 28, 28, 27, 26, 25, 25, 24, 23, 23, 22, 21, 21, 20, 19, 19,
    18, 17, 17, 16, 15, 15, 14, 14, 13, 12, 12, 11, 11, 10, 9, 9,
    8, 8, 7, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0,
];

/// The seven high bits of the significand of 1/sqrt(x), by the low bit of the exponent and the six high bits of the significand.
#[rustfmt::skip]
const RECIPROCAL_SQUARE_ROOT: [u64; 128] = [
    52, 51, 50, 48, 47, 46, 44, 43, 42, 41, 40, 39, 38, 36, 35, 34,
    33, 32, 31, 30, 30, 29, 28, 27, 26, 25, 24, 23, 23, 22, 21, 20,
    19, 19, 18, 17, 16, 16, 15, 14, 14, 13, 12, 12, 11, 10, 10, 9,
    9, 8, 7, 7, 6, 6, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0,
    127, 125, 123, 121, 119, 118, 116, 114, 113, 111, 109, 108, 106, 105, 103, 102,
    100, 99, 97, 96, 95, 93, 92, 91, 90, 88, 87, 86, 85, 84, 83, 82,
    80, 79, 78, 77, 76, 75, 74, 73, 72, 71, 70, 70, 69, 68, 67, 66,
    65, 64, 63, 63, 62, 61, 60, 59, 59, 58, 57, 56, 56, 55, 54, 53,
];

/// The exponent bias of a format.
fn bias(f: Format) -> i64 {
    (1 << (f.bits() - f.fraction() - 2)) - 1
}

/// "The normalized input exponent" and "the normalized input significand" of a finite number other than zero.
fn normalized(f: Format, magnitude: u64) -> (i64, u64) {
    let (exponent, significand) = (magnitude >> f.fraction(), magnitude & ((1 << f.fraction()) - 1));
    if exponent != 0 {
        return (exponent as i64, significand);
    }
    let leading_zeros = f.fraction() - (64 - u64::from(significand.leading_zeros()));
    let shifted = significand << (1 + leading_zeros);
    (-(leading_zeros as i64), shifted & ((1 << f.fraction()) - 1))
}

/// vfrec7 in a rounding mode, which matters for overflow only.
pub fn reciprocal(f: Format, mode: u64, v: u64) -> Number {
    let (sign, magnitude) = (v & f.sign(), v & !f.sign());
    if f.is_nan(v) {
        return (f.nan(), if f.is_signaling(v) { NV } else { 0 });
    }
    if magnitude == f.infinity() {
        return (sign, 0);
    }
    if magnitude == 0 {
        return (sign | f.infinity(), DZ);
    }
    let (exponent, significand) = normalized(f, magnitude);
    let exponent = 2 * bias(f) - 1 - exponent;
    if exponent > 2 * bias(f) {
        // Overflow: infinity, or the greatest finite number when rounding towards zero from it (RTZ, RDN, RUP).
        let finite = mode == 1 || mode == 2 && sign == 0 || mode == 3 && sign != 0;
        return (sign | (f.infinity() - u64::from(finite)), NX | OF);
    }
    let top = f.fraction() - 7;
    let result = RECIPROCAL[(significand >> top) as usize] << top;
    let magnitude = if exponent <= 0 {
        (result | 1 << f.fraction()) >> (1 - exponent)
    } else {
        result | (exponent as u64) << f.fraction()
    };
    (sign | magnitude, 0)
}

/// vfrsqrt7.
pub fn reciprocal_square_root(f: Format, v: u64) -> Number {
    let (sign, magnitude) = (v & f.sign(), v & !f.sign());
    if f.is_nan(v) {
        return (f.nan(), if f.is_signaling(v) { NV } else { 0 });
    }
    if magnitude == 0 {
        return (sign | f.infinity(), DZ);
    }
    if sign != 0 {
        return (f.nan(), NV);
    }
    if magnitude == f.infinity() {
        return (0, 0);
    }
    let (exponent, significand) = normalized(f, magnitude);
    let index = (exponent & 1) << 6 | (significand >> (f.fraction() - 6)) as i64;
    let result = RECIPROCAL_SQUARE_ROOT[index as usize] << (f.fraction() - 7);
    // The quotient is never negative, so that division rounds down.
    let exponent = (3 * bias(f) - 1 - exponent) / 2;
    (result | (exponent as u64) << f.fraction(), 0)
}
