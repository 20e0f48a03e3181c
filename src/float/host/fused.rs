//! Multiply-add with the host's fused instruction. Never through libm's `fma`, which is wrong on some hosts: where the
//! instruction is missing, callers use the soft code.
//!
//! On x86-64 the instruction belongs to an extension, so these functions carry the target feature `fma`: call them from code
//! that has it too, chosen at run time with [`has_fma`]. On AArch64 it is always there. Elsewhere they always return `None`.

// What hosts without the instruction do not need.
#![cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(unused_imports))]

use super::f64::zero_product;
use super::{LOW, clear_64, finite_64};

/// Whether this host has the instruction that the functions of this module need.
#[inline]
pub fn has_fma() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(target_arch = "aarch64");
}

/// Declares a function under the host's feature for fused multiply-add, or one that always declines.
macro_rules! fused {
    ($($(#[$doc:meta])* pub fn $name:ident($($arg:ident: $t:ty),*) -> $out:ty $body:block)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// On x86-64, code without the target feature `fma` may call it only if [`has_fma`].
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        #[inline]
        #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
        pub fn $name($($arg: $t),*) -> $out $body

        $(#[$doc])*
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        #[inline(always)]
        pub fn $name($(_: $t),*) -> $out {
            None
        }
    )*};
}

fused! {
    /// `a × b + c` in binary64, rounded once.
    ///
    /// Answers only where the product alone is exact, which the fused instruction tells: then this is a plain sum, with the
    /// test for sums. Other multiply-adds are hardly ever exact, so the soft code raises NX for the first of them, and
    /// from then on it is the business of [`fma_f64_nx`].
    pub fn fma_f64(a: u64, b: u64, c: u64) -> Option<(u64, bool)> {
        let (x, y, z) = (f64::from_bits(a), f64::from_bits(b), f64::from_bits(c));
        let r = x.mul_add(y, z);
        let p = x * y;
        if p.abs() >= LOW && x.mul_add(y, -p) == 0.0 {
            if r - p == z && r - z == p {
                return Some((r.to_bits(), false));
            }
            return finite_64(r).then_some((r.to_bits(), true));
        }
        // A product of zero adds nothing: exact, unless c is a NaN or infinite.
        ((x == 0.0 || y == 0.0) && finite_64(r)).then_some((r.to_bits(), false))
    }

    /// `a × b + c` in binary64 while NX is set.
    pub fn fma_f64_nx(a: u64, b: u64, c: u64) -> Option<u64> {
        let (x, y, z) = (f64::from_bits(a), f64::from_bits(b), f64::from_bits(c));
        let r = x.mul_add(y, z);
        if clear_64(r) {
            return Some(r.to_bits());
        }
        // Zero: exact if nothing was there to underflow, or if terms far from the smallest numbers cancelled.
        let exact = r == 0.0 && ((z == 0.0 && zero_product(x, y, x * y).is_some()) || z.abs() >= LOW);
        exact.then_some(r.to_bits())
    }

    /// `a × b + c` in binary32 while NX is set. Without the instruction: [`fma_f32_nx`](super::fma_f32_nx).
    pub fn fma_f32_hw_nx(a: u32, b: u32, c: u32) -> Option<u32> {
        let (x, y, z) = (f32::from_bits(a), f32::from_bits(b), f32::from_bits(c));
        let r = x.mul_add(y, z);
        if super::clear_32(r.to_bits()) {
            return Some(r.to_bits());
        }
        // Zero is exact if the sum vanishes in binary64, where the product is exact and nothing underflows.
        (r == 0.0 && f64::from(x) * f64::from(y) + f64::from(z) == 0.0).then_some(r.to_bits())
    }
}
