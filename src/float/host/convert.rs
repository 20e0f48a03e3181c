//! Conversions, comparisons, minimum and maximum. The ones that cannot fail return no `Option`; the ones to integers round
//! towards zero, as compiled code does.

use super::clear_32;

#[inline(always)]
fn wide(bits: u32) -> f64 {
    f64::from(f32::from_bits(bits))
}

/// Binary64 to binary32.
#[inline(always)]
pub fn f32_from_f64(a: u64) -> Option<(u32, bool)> {
    let x = f64::from_bits(a);
    let r = x as f32;
    if f64::from(r) == x {
        return Some((r.to_bits(), false));
    }
    clear_32(r.to_bits()).then_some((r.to_bits(), true))
}

/// Binary32 to binary64, always exact; `None` for NaNs.
#[inline(always)]
pub fn f64_from_f32(a: u32) -> Option<u64> {
    let r = wide(a);
    (!r.is_nan()).then_some(r.to_bits())
}

/// A 32-bit signed integer in binary64, always exact.
#[inline(always)]
pub fn f64_from_i32(a: i32) -> u64 {
    f64::from(a).to_bits()
}

/// A 32-bit unsigned integer in binary64, always exact.
#[inline(always)]
pub fn f64_from_u32(a: u32) -> u64 {
    f64::from(a).to_bits()
}

/// A 64-bit signed integer in binary64, and whether that is inexact.
#[inline(always)]
pub fn f64_from_i64(a: i64) -> (u64, bool) {
    ((a as f64).to_bits(), loses::<53>(a.unsigned_abs()))
}

/// A 64-bit unsigned integer in binary64, and whether that is inexact.
#[inline(always)]
pub fn f64_from_u64(a: u64) -> (u64, bool) {
    ((a as f64).to_bits(), loses::<53>(a))
}

/// A 32-bit signed integer in binary32, and whether that is inexact.
#[inline(always)]
pub fn f32_from_i32(a: i32) -> (u32, bool) {
    let r = a as f32;
    (r.to_bits(), f64::from(r) != f64::from(a))
}

/// A 32-bit unsigned integer in binary32, and whether that is inexact.
#[inline(always)]
pub fn f32_from_u32(a: u32) -> (u32, bool) {
    let r = a as f32;
    (r.to_bits(), f64::from(r) != f64::from(a))
}

/// A 64-bit signed integer in binary32, and whether that is inexact.
#[inline(always)]
pub fn f32_from_i64(a: i64) -> (u32, bool) {
    ((a as f32).to_bits(), loses::<24>(a.unsigned_abs()))
}

/// A 64-bit unsigned integer in binary32, and whether that is inexact.
#[inline(always)]
pub fn f32_from_u64(a: u64) -> (u32, bool) {
    ((a as f32).to_bits(), loses::<24>(a))
}

/// Whether an integer has more significant bits than the precision.
#[inline(always)]
fn loses<const PRECISION: u32>(magnitude: u64) -> bool {
    // Most integers are small.
    magnitude > 1 << PRECISION && magnitude << magnitude.leading_zeros() << PRECISION != 0
}

/// `x` truncated, if that lies within 63 bits and a sign.
#[inline(always)]
fn truncate(x: f64) -> Option<i64> {
    let t = x as i64; // saturates; 0 for NaN
    (t != i64::MIN && t != i64::MAX && !x.is_nan()).then_some(t)
}

macro_rules! to_integer {
    ($($t:ident $from_f64:ident $from_f32:ident;)*) => {$(
        /// Binary64 to an integer, towards zero; `None` outside the range.
        #[inline(always)]
        pub fn $from_f64(a: u64) -> Option<($t, bool)> {
            let x = f64::from_bits(a);
            let t = truncate(x)?;
            let value = $t::try_from(t).ok()?;
            Some((value, t as f64 != x))
        }

        /// Binary32 to an integer, towards zero; `None` outside the range.
        #[inline(always)]
        pub fn $from_f32(a: u32) -> Option<($t, bool)> {
            $from_f64(wide(a).to_bits())
        }
    )*};
}

to_integer! {
    i32 i32_from_f64 i32_from_f32;
    u32 u32_from_f64 u32_from_f32;
    i64 i64_from_f64 i64_from_f32;
    u64 u64_from_f64 u64_from_f32;
}

// The tests for NaN name `y` first: in the order of the comparison that LLVM makes of `x < y`, so that one does for both.
macro_rules! compare {
    ($($bits:ident $float:ident $eq:ident $lt:ident $le:ident $min:ident $max:ident;)*) => {$(
        /// `a = b`; `None` if either is a NaN.
        #[inline(always)]
        pub fn $eq(a: $bits, b: $bits) -> Option<bool> {
            let (x, y) = ($float::from_bits(a), $float::from_bits(b));
            if y.is_nan() || x.is_nan() { None } else { Some(x == y) }
        }

        /// `a < b`; `None` if either is a NaN.
        #[inline(always)]
        pub fn $lt(a: $bits, b: $bits) -> Option<bool> {
            let (x, y) = ($float::from_bits(a), $float::from_bits(b));
            if y.is_nan() || x.is_nan() { None } else { Some(x < y) }
        }

        /// `a ≤ b`; `None` if either is a NaN.
        #[inline(always)]
        pub fn $le(a: $bits, b: $bits) -> Option<bool> {
            let (x, y) = ($float::from_bits(a), $float::from_bits(b));
            if y.is_nan() || x.is_nan() { None } else { Some(x <= y) }
        }

        /// The lesser; `None` if either is a NaN, or for zeros of different sign.
        #[inline(always)]
        pub fn $min(a: $bits, b: $bits) -> Option<$bits> {
            let (x, y) = ($float::from_bits(a), $float::from_bits(b));
            if x < y {
                Some(a)
            } else if x > y {
                Some(b)
            } else {
                (a == b && x == y).then_some(a)
            }
        }

        /// The greater; `None` if either is a NaN, or for zeros of different sign.
        #[inline(always)]
        pub fn $max(a: $bits, b: $bits) -> Option<$bits> {
            let (x, y) = ($float::from_bits(a), $float::from_bits(b));
            if x > y {
                Some(a)
            } else if x < y {
                Some(b)
            } else {
                (a == b && x == y).then_some(a)
            }
        }
    )*};
}

compare! {
    u64 f64 eq_f64 lt_f64 le_f64 min_f64 max_f64;
    u32 f32 eq_f32 lt_f32 le_f32 min_f32 max_f32;
}
