//! Binary64: sum, difference, product, quotient, root.

use super::{clear_64, finite_64};

const FRAC: u64 = (1 << 52) - 1;
const HIDDEN: u64 = 1 << 52;

/// The 53-bit significand of a normal number.
#[inline(always)]
fn significand(bits: u64) -> u64 {
    bits & FRAC | HIDDEN
}

/// Whether the exponent field is not zero: neither zero nor subnormal.
#[inline(always)]
fn is_normal(bits: u64) -> bool {
    (bits >> 32) as u32 & 0x7ff0_0000 != 0
}

/// `a + b`.
#[inline(always)]
pub fn add_f64(a: u64, b: u64) -> Option<(u64, bool)> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x + y;
    // If both hold, r is a number, and finite: with an infinite operand or result one of the differences is NaN or infinite.
    if (r - x == y) & (r - y == x) {
        return Some((r.to_bits(), false));
    }
    finite_64(r.to_bits()).then_some((r.to_bits(), true))
}

/// `a + b` while NX is set.
#[inline(always)]
pub fn add_f64_nx(a: u64, b: u64) -> Option<u64> {
    let r = (f64::from_bits(a) + f64::from_bits(b)).to_bits();
    finite_64(r).then_some(r)
}

/// `a - b`.
#[inline(always)]
pub fn sub_f64(a: u64, b: u64) -> Option<(u64, bool)> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x - y;
    if (x - r == y) & (r + y == x) {
        return Some((r.to_bits(), false));
    }
    finite_64(r.to_bits()).then_some((r.to_bits(), true))
}

/// `a - b` while NX is set.
#[inline(always)]
pub fn sub_f64_nx(a: u64, b: u64) -> Option<u64> {
    let r = (f64::from_bits(a) - f64::from_bits(b)).to_bits();
    finite_64(r).then_some(r)
}

/// `a × b`.
#[inline(always)]
pub fn mul_f64(a: u64, b: u64) -> Option<(u64, bool)> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x * y;
    if clear_64(r.to_bits()) {
        if !(is_normal(a) & is_normal(b)) {
            return None;
        }
        // The product of the significands has 105 or 106 bits; it is exact if all but the leading 53 are zero. When the low
        // 52 are zero and bit 52 is not, it is exact with 105 bits, and r ends in that one; with 106 bits it is a tie, and r
        // ends in zero.
        let low = significand(a).wrapping_mul(significand(b));
        let exact = low << 12 == 0 && (low << 11 == 0 || r.to_bits() & 1 == 1);
        return Some((r.to_bits(), !exact));
    }
    zero_product(x, y, r).map(|r| (r, false))
}

/// `a × b` while NX is set.
#[inline(always)]
pub fn mul_f64_nx(a: u64, b: u64) -> Option<u64> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x * y;
    if clear_64(r.to_bits()) {
        return Some(r.to_bits());
    }
    zero_product(x, y, r)
}

/// A product of zero that comes from a zero operand, which is exact, and not from underflow.
#[inline(always)]
pub(super) fn zero_product(x: f64, y: f64, r: f64) -> Option<u64> {
    (r == 0.0 && (x == 0.0 || y == 0.0)).then_some(r.to_bits())
}

/// `a ÷ b`.
#[inline(always)]
pub fn div_f64(a: u64, b: u64) -> Option<(u64, bool)> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x / y;
    if clear_64(r.to_bits()) {
        if !(is_normal(a) & is_normal(b)) {
            return None;
        }
        let (mx, my, mr) = (significand(a), significand(b), significand(r.to_bits()));
        let dividend = mx << (52 + u32::from(mx < my));
        return Some((r.to_bits(), mr.wrapping_mul(my) != dividend));
    }
    zero_quotient(x, r).map(|r| (r, false))
}

/// `a ÷ b` while NX is set.
#[inline(always)]
pub fn div_f64_nx(a: u64, b: u64) -> Option<u64> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x / y;
    if clear_64(r.to_bits()) {
        return Some(r.to_bits());
    }
    zero_quotient(x, r)
}

/// A quotient of zero that comes from a zero dividend.
#[inline(always)]
pub(super) fn zero_quotient(x: f64, r: f64) -> Option<u64> {
    (r == 0.0 && x == 0.0).then_some(r.to_bits())
}

/// The square root of `a`.
#[inline(always)]
pub fn sqrt_f64(a: u64) -> Option<(u64, bool)> {
    let r = f64::from_bits(a).sqrt().to_bits();
    if is_normal(a) && finite_64(r) {
        let (mx, mr) = (significand(a), significand(r));
        let odd = (a >> 52 & 1) ^ 1; // of the exponent without its odd bias
        return Some((r, mr.wrapping_mul(mr) != mx << (52 + odd)));
    }
    (f64::from_bits(a) == 0.0).then_some((a, false))
}

/// The square root of `a` while NX is set.
#[inline(always)]
pub fn sqrt_f64_nx(a: u64) -> Option<u64> {
    // A root is never tiny, never overflows, and is infinite only, and exactly, for infinity.
    let r = f64::from_bits(a).sqrt();
    (!r.is_nan()).then_some(r.to_bits())
}
