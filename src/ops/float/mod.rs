//! Scalar floating point: F, D, Zfh, Zfhmin, Zfbfmin and Zfa (Unprivileged manual, the chapters of these names). Loads and
//! stores stand with the other ones.
//!
//! `slow` is the exact arithmetic of [`crate::float`] in the rounding mode that the instruction asks for. `ex` is the short
//! way through the host's floating-point unit, for round-to-nearest-even: it declines wherever it would have to raise
//! anything but NX. While NX is already set, finding out whether a result is inexact is saved.
//!
//! Values of narrower formats stand NaN-boxed in the registers. A source that is not boxed properly counts as the canonical
//! NaN, except where bits are only moved (stores, `fmv.x.w`).

mod arith;
mod compare;
mod convert;

pub(crate) use arith::*;
pub(crate) use compare::*;
pub(crate) use convert::*;

use crate::float::{F16, F32, F64, Flags, Format, boxed, host};
use crate::hart::{Event, Hart};

/// Defines the trait `Host` and implements it by the named functions of `float::host` for binary32 and binary64.
macro_rules! host {
    ($($name:ident($($arg:ident),+) -> $out:ty: $f32:ident $f64:ident;)*) => {
        /// What the host can do in a format, round-to-nearest-even, in the contract of [`host`]: `None` declines.
        /// `bool` in a pair: inexact. `_nx`: only while NX is already set.
        pub(super) trait Host: Format {
            $(
                #[inline(always)]
                fn $name($($arg: Self::Bits),+) -> Option<$out> {
                    let _ = ($($arg),+);
                    None
                }
            )*
        }
        impl Host for F16 {}
        impl Host for F32 {
            $(
                #[inline(always)]
                fn $name($($arg: Self::Bits),+) -> Option<$out> {
                    host::$f32($($arg),+)
                }
            )*
        }
        impl Host for F64 {
            $(
                #[inline(always)]
                fn $name($($arg: Self::Bits),+) -> Option<$out> {
                    host::$f64($($arg),+)
                }
            )*
        }
    };
}

host! {
    add(a, b) -> (Self::Bits, bool): add_f32 add_f64;
    sub(a, b) -> (Self::Bits, bool): sub_f32 sub_f64;
    mul(a, b) -> (Self::Bits, bool): mul_f32 mul_f64;
    div(a, b) -> (Self::Bits, bool): div_f32 div_f64;
    sqrt(a) -> (Self::Bits, bool): sqrt_f32 sqrt_f64;
    add_nx(a, b) -> Self::Bits: add_f32_nx add_f64_nx;
    sub_nx(a, b) -> Self::Bits: sub_f32_nx sub_f64_nx;
    mul_nx(a, b) -> Self::Bits: mul_f32_nx mul_f64_nx;
    div_nx(a, b) -> Self::Bits: div_f32_nx div_f64_nx;
    sqrt_nx(a) -> Self::Bits: sqrt_f32_nx sqrt_f64_nx;
    eq(a, b) -> bool: eq_f32 eq_f64;
    lt(a, b) -> bool: lt_f32 lt_f64;
    le(a, b) -> bool: le_f32 le_f64;
    min(a, b) -> Self::Bits: min_f32 min_f64;
    max(a, b) -> Self::Bits: max_f32 max_f64;
}

/// The host's multiply-adds. `FMA`: it is certain that the host has a fused instruction, and that the code this is inlined
/// into is compiled for it.
trait Fused: Host {
    #[inline(always)]
    fn fma<const FMA: bool>(a: Self::Bits, b: Self::Bits, c: Self::Bits) -> Option<(Self::Bits, bool)> {
        let _ = (a, b, c);
        None
    }

    #[inline(always)]
    fn fma_nx<const FMA: bool>(a: Self::Bits, b: Self::Bits, c: Self::Bits) -> Option<Self::Bits> {
        let _ = (a, b, c);
        None
    }
}

impl Fused for F16 {}

#[allow(unused_unsafe)] // these functions need a target feature on some hosts only
impl Fused for F32 {
    #[inline(always)]
    fn fma<const FMA: bool>(a: u32, b: u32, c: u32) -> Option<(u32, bool)> {
        host::fma_f32(a, b, c)
    }

    #[inline(always)]
    fn fma_nx<const FMA: bool>(a: u32, b: u32, c: u32) -> Option<u32> {
        if FMA {
            // SAFETY: `FMA` is true only in handlers that the engine compiles for, and runs on, hosts with the feature.
            unsafe { host::fma_f32_hw_nx(a, b, c) }
        } else {
            host::fma_f32_nx(a, b, c)
        }
    }
}

#[allow(unused_unsafe)] // these functions need a target feature on some hosts only
impl Fused for F64 {
    #[inline(always)]
    fn fma<const FMA: bool>(a: u64, b: u64, c: u64) -> Option<(u64, bool)> {
        // SAFETY: `FMA` is true only in handlers that the engine compiles for, and runs on, hosts with the feature.
        if FMA { unsafe { host::fma_f64(a, b, c) } } else { None }
    }

    #[inline(always)]
    fn fma_nx<const FMA: bool>(a: u64, b: u64, c: u64) -> Option<u64> {
        // SAFETY: as for `fma`.
        if FMA { unsafe { host::fma_f64_nx(a, b, c) } } else { None }
    }
}

/// Whether NX is set already.
#[inline(always)]
fn nx_set(hart: &Hart) -> bool {
    hart.fflags & Flags::NX.bits() != 0
}

/// Accrues NX in a fast path, where FS is Dirty already.
#[inline(always)]
fn accrue_nx(hart: &mut Hart, inexact: bool) {
    hart.fflags |= inexact as u8 * Flags::NX.bits();
}

/// The end of a slow path with a floating-point result.
#[inline]
fn finish<F: Format>(hart: &mut Hart, (bits, flags): (F::Bits, Flags)) -> Result<u64, Event> {
    hart.raise(flags);
    Ok(boxed::<F>(bits))
}

#[cfg(test)]
mod tests;
