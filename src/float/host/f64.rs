//! Binary64: sum, difference, product, quotient, root.
//!
//! Everything here stays in the floating-point registers: looking at the bits of an operand or of the result would send them
//! through an integer register, and that on the path from one guest instruction to the next.

use super::{HUGE, LOW, clear_64, finite_64};

/// `a + b`.
#[inline(always)]
pub fn add_f64(a: u64, b: u64) -> Option<(u64, bool)> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x + y;
    // If both hold, r is a number, and finite: with an infinite operand or result one of the differences is NaN or infinite.
    if (r - x == y) & (r - y == x) {
        return Some((r.to_bits(), false));
    }
    finite_64(r).then_some((r.to_bits(), true))
}

/// `a + b` while NX is set.
#[inline(always)]
pub fn add_f64_nx(a: u64, b: u64) -> Option<u64> {
    let r = f64::from_bits(a) + f64::from_bits(b);
    finite_64(r).then_some(r.to_bits())
}

/// `a - b`.
#[inline(always)]
pub fn sub_f64(a: u64, b: u64) -> Option<(u64, bool)> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x - y;
    if (x - r == y) & (r + y == x) {
        return Some((r.to_bits(), false));
    }
    finite_64(r).then_some((r.to_bits(), true))
}

/// `a - b` while NX is set.
#[inline(always)]
pub fn sub_f64_nx(a: u64, b: u64) -> Option<u64> {
    let r = f64::from_bits(a) - f64::from_bits(b);
    finite_64(r).then_some(r.to_bits())
}

/// `a × b`.
#[inline(always)]
pub fn mul_f64(a: u64, b: u64) -> Option<(u64, bool)> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x * y;
    if (LOW..HUGE).contains(&r.abs()) {
        return inexact_product(x, y, r).map(|nx| (r.to_bits(), nx));
    }
    zero_product(x, y, r).map(|r| (r, false))
}

/// `a × b` while NX is set.
#[inline(always)]
pub fn mul_f64_nx(a: u64, b: u64) -> Option<u64> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x * y;
    if clear_64(r) {
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
    if clear_64(r) && (LOW..HUGE).contains(&x.abs()) {
        let nx = r * y != x || inexact_product(r, y, x)?;
        return Some((r.to_bits(), nx));
    }
    zero_quotient(x, r).map(|r| (r, false))
}

/// `a ÷ b` while NX is set.
#[inline(always)]
pub fn div_f64_nx(a: u64, b: u64) -> Option<u64> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x / y;
    if clear_64(r) {
        return Some(r.to_bits());
    }
    zero_quotient(x, r)
}

/// A quotient of zero that comes from a zero dividend.
#[inline(always)]
fn zero_quotient(x: f64, r: f64) -> Option<u64> {
    (r == 0.0 && x == 0.0).then_some(r.to_bits())
}

/// The square root of `a`.
#[inline(always)]
pub fn sqrt_f64(a: u64) -> Option<(u64, bool)> {
    let x = f64::from_bits(a);
    let r = x.sqrt();
    if (LOW..HUGE).contains(&x) {
        let nx = r * r != x || inexact_product(r, r, x)?;
        return Some((r.to_bits(), nx));
    }
    (x == 0.0).then_some((r.to_bits(), false))
}

/// The square root of `a` while NX is set.
#[inline(always)]
pub fn sqrt_f64_nx(a: u64) -> Option<u64> {
    // A root is never tiny, never overflows, and is infinite only, and exactly, for infinity.
    let r = f64::from_bits(a).sqrt();
    (!r.is_nan()).then_some(r.to_bits())
}

/// Whether `p`, the rounded product of `x` and `y`, differs from the exact one; `None` for operands so large that their split
/// overflows. `p` must lie between [`LOW`] and [`HUGE`].
///
/// This is the error term of Dekker and Veltkamp ("A floating-point technique for extending the available precision", 1971):
/// both operands are split into halves of 26 bits, whose products are exact.
#[inline(always)]
fn inexact_product(x: f64, y: f64, p: f64) -> Option<bool> {
    let ((x_high, x_low), (y_high, y_low)) = (split(x), split(y));
    let error = ((x_high * y_high - p) + x_high * y_low + x_low * y_high) + x_low * y_low;
    // An overflow leaves a NaN.
    (!error.is_nan()).then_some(error != 0.0)
}

/// `x` as a sum of two numbers of 26 bits, a sign apart.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    let scaled = 134_217_729.0 * x; // 2²⁷ + 1
    let high = scaled - (scaled - x);
    (high, x - high)
}
