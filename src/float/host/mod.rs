//! Short paths through the host's floating-point unit, for [`F32`](super::F32) and [`F64`](super::F64) in
//! round-to-nearest-even, with provably exact flags. The hot loops of an emulator inline these.
//!
//! Every function has the same contract. `Some` means: this is the exact RISC-V result, and the operation raised nothing but
//! possibly inexact. `None` means: ask the soft code, which decides everything. Functions named `_nx` are for the case
//! that the sticky NX flag is already set: they need not find out whether the result is inexact, only that nothing else
//! happened, and are a few instructions each.
//!
//! The binary64 multiply-add, and what is named `_hw`, need the host's fused multiply-add; see [`has_fma`].
//!
//! All take the host's default floating-point environment for granted (round to nearest, no flushing of subnormals), as all
//! Rust code does.
//!
//! # Why the flags are exact
//!
//! In round-to-nearest, with `r` the rounded result:
//!
//! * **NV, DZ, OF** all leave a NaN or an infinity in `r`, so a finite `r` excludes them. The reverse is not true
//!   (∞ + 1 raises nothing), which only costs a visit to the soft code.
//! * **UF** needs an inexact result that is tiny after rounding with unbounded exponent range. Then `|r|` is at most the
//!   smallest normal number: anything above excludes it. Sums and differences never underflow: a subnormal sum is exact.
//! * **NX** comes from the residual, which is exactly representable when nothing underflows on the way:
//!   - sum: `x + y` is exact iff `r - x = y` and `r - y = x`. The difference to the larger operand is computed exactly (the
//!     lemma behind Fast2Sum), so one of the two tests alone proves it; if the sum is exact both hold.
//!   - product: from the halves of the operands (Dekker); a quotient is exact iff `r × y = x` is, a root iff `r × r = x` is.
//!   - in binary32 all of this is an exact computation in binary64: a product of two significands has 48 bits, and
//!     its exponent is always in range.
//!   - multiply-add: see [`fma_f64`] and [`fma_f32`].
//!
//! Some functions compare with bounds that are rounder than they could be; what lies between is left to the soft code.

mod convert;
mod f32;
mod f64;
mod fused;

pub use convert::{
    eq_f32, eq_f64, f32_from_f64, f32_from_i32, f32_from_i64, f32_from_u32, f32_from_u64, f64_from_f32, f64_from_i32,
    f64_from_i64, f64_from_u32, f64_from_u64, i32_from_f32, i32_from_f64, i64_from_f32, i64_from_f64, le_f32, le_f64,
    lt_f32, lt_f64, max_f32, max_f64, min_f32, min_f64, u32_from_f32, u32_from_f64, u64_from_f32, u64_from_f64,
};
pub use f32::{
    add_f32, add_f32_nx, div_f32, div_f32_nx, fma_f32, fma_f32_nx, mul_f32, mul_f32_nx, sqrt_f32, sqrt_f32_nx, sub_f32,
    sub_f32_nx,
};
pub use f64::{
    add_f64, add_f64_nx, div_f64, div_f64_nx, mul_f64, mul_f64_nx, sqrt_f64, sqrt_f64_nx, sub_f64, sub_f64_nx,
};
pub use fused::{fma_f32_hw_nx, fma_f64, fma_f64_nx, has_fma};

/// 2⁻⁹⁰⁰: the last place of an exact product of this size, 105 below its first, is far from underflow.
const LOW: f64 = f64::from_bits((1023 - 900) << 52);

/// 2¹⁰²³.
const HUGE: f64 = f64::from_bits((1023 + 1023) << 52);

/// Whether a binary64 result is finite: `∞ - ∞` is a NaN.
#[inline(always)]
#[allow(clippy::eq_op)] // shorter than a comparison with a bound, and it keeps the result in its register
fn finite_64(r: f64) -> bool {
    !(r - r).is_nan()
}

/// Whether a binary64 result is finite and above the smallest normal number: clear of overflow and underflow.
#[inline(always)]
fn clear_64(r: f64) -> bool {
    let r = r.abs();
    r > f64::MIN_POSITIVE && r < HUGE
}

/// Whether a binary32 result is finite.
#[inline(always)]
fn finite_32(r: u32) -> bool {
    r << 1 < 0xff << 24
}

/// Whether a binary32 result is finite and at least 2⁻¹²⁵: clear of overflow and underflow.
#[inline(always)]
fn clear_32(r: u32) -> bool {
    (r << 1).wrapping_sub(2 << 24) < 0xfd << 24
}
