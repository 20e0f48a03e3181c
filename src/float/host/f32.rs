//! Binary32, the residuals computed exactly in binary64.

use super::{clear_32, finite_32};

/// Widens exactly.
#[inline(always)]
fn wide(bits: u32) -> f64 {
    f64::from(f32::from_bits(bits))
}

/// What is left to decide when the result is known to be inexact: that nothing over- or underflowed.
#[inline(always)]
fn inexact(r: f32) -> Option<(u32, bool)> {
    clear_32(r.to_bits()).then_some((r.to_bits(), true))
}

/// `a + b`.
#[inline(always)]
pub fn add_f32(a: u32, b: u32) -> Option<(u32, bool)> {
    let (x, y) = (f32::from_bits(a), f32::from_bits(b));
    let r = x + y;
    if (r - x == y) & (r - y == x) {
        return Some((r.to_bits(), false));
    }
    finite_32(r.to_bits()).then_some((r.to_bits(), true))
}

/// `a + b` while NX is set.
#[inline(always)]
pub fn add_f32_nx(a: u32, b: u32) -> Option<u32> {
    let r = (f32::from_bits(a) + f32::from_bits(b)).to_bits();
    finite_32(r).then_some(r)
}

/// `a - b`.
#[inline(always)]
pub fn sub_f32(a: u32, b: u32) -> Option<(u32, bool)> {
    let (x, y) = (f32::from_bits(a), f32::from_bits(b));
    let r = x - y;
    if (x - r == y) & (r + y == x) {
        return Some((r.to_bits(), false));
    }
    finite_32(r.to_bits()).then_some((r.to_bits(), true))
}

/// `a - b` while NX is set.
#[inline(always)]
pub fn sub_f32_nx(a: u32, b: u32) -> Option<u32> {
    let r = (f32::from_bits(a) - f32::from_bits(b)).to_bits();
    finite_32(r).then_some(r)
}

/// `a × b`.
#[inline(always)]
pub fn mul_f32(a: u32, b: u32) -> Option<(u32, bool)> {
    let exact = wide(a) * wide(b);
    let r = exact as f32;
    if f64::from(r) == exact {
        return Some((r.to_bits(), false));
    }
    inexact(r)
}

/// `a × b` while NX is set.
#[inline(always)]
pub fn mul_f32_nx(a: u32, b: u32) -> Option<u32> {
    let (x, y) = (f32::from_bits(a), f32::from_bits(b));
    let r = x * y;
    if clear_32(r.to_bits()) {
        return Some(r.to_bits());
    }
    (r == 0.0 && (x == 0.0 || y == 0.0)).then_some(r.to_bits())
}

/// `a ÷ b`.
#[inline(always)]
pub fn div_f32(a: u32, b: u32) -> Option<(u32, bool)> {
    let r = f32::from_bits(a) / f32::from_bits(b);
    // Division by zero makes this ∞ × 0, a NaN that equals nothing.
    if f64::from(r) * wide(b) == wide(a) {
        return Some((r.to_bits(), false));
    }
    inexact(r)
}

/// `a ÷ b` while NX is set.
#[inline(always)]
pub fn div_f32_nx(a: u32, b: u32) -> Option<u32> {
    let x = f32::from_bits(a);
    let r = x / f32::from_bits(b);
    if clear_32(r.to_bits()) {
        return Some(r.to_bits());
    }
    (r == 0.0 && x == 0.0).then_some(r.to_bits())
}

/// The square root of `a`.
#[inline(always)]
pub fn sqrt_f32(a: u32) -> Option<(u32, bool)> {
    let r = f32::from_bits(a).sqrt();
    (!r.is_nan()).then_some((r.to_bits(), f64::from(r) * f64::from(r) != wide(a)))
}

/// The square root of `a` while NX is set.
#[inline(always)]
pub fn sqrt_f32_nx(a: u32) -> Option<u32> {
    let r = f32::from_bits(a).sqrt();
    (!r.is_nan()).then_some(r.to_bits())
}

/// `a × b + c`, rounded once; needs no fused instruction of the host.
///
/// The product is exact in binary64. If the sum there is exact too, narrowing it is the one rounding. If not, narrowing it
/// rounds a second time, which does no harm unless the first rounding landed on the midpoint of two binary32 values: that
/// case is left to the soft code.
#[inline(always)]
pub fn fma_f32(a: u32, b: u32, c: u32) -> Option<(u32, bool)> {
    let (p, z) = (wide(a) * wide(b), wide(c));
    let s = p + z;
    let r = s as f32;
    if (s - p == z) & (s - z == p) {
        if f64::from(r) == s {
            return Some((r.to_bits(), false));
        }
        return inexact(r);
    }
    if on_midpoint(s) { None } else { inexact(r) }
}

/// `a × b + c` while NX is set; needs no fused instruction of the host.
#[inline(always)]
pub fn fma_f32_nx(a: u32, b: u32, c: u32) -> Option<u32> {
    let s = wide(a) * wide(b) + wide(c);
    let r = s as f32;
    if clear_32(r.to_bits()) && !on_midpoint(s) {
        return Some(r.to_bits());
    }
    // A sum of zero is an exact one: every operand is a multiple of 2⁻²⁹⁸.
    (s == 0.0).then_some(r.to_bits())
}

/// Whether a binary64 number lies halfway between two normal binary32 numbers.
#[inline(always)]
fn on_midpoint(s: f64) -> bool {
    s.to_bits() & 0x1fff_ffff == 0x1000_0000
}
