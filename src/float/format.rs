//! The formats: how wide, how split, which bits mean what; and NaN boxing.

use std::fmt::Debug;

/// The unsigned integer that holds a value of a format.
pub trait Bits: Copy + Eq + Debug + Send + Sync + 'static {
    /// The bits, zero-extended.
    fn to_u64(self) -> u64;
    /// The low bits of `bits`.
    fn from_u64(bits: u64) -> Self;
}

macro_rules! bits {
    ($($t:ty)*) => {$(
        impl Bits for $t {
            #[inline(always)]
            fn to_u64(self) -> u64 {
                self as u64
            }
            #[inline(always)]
            fn from_u64(bits: u64) -> Self {
                bits as $t
            }
        }
    )*};
}
bits!(u8 u16 u32 u64);

/// A binary interchange format: one sign bit, `EXP_BITS` of biased exponent, `FRAC_BITS` of fraction; the largest exponent
/// means infinities and NaNs.
pub trait Format: Copy + Debug + Send + Sync + 'static {
    /// The integer that holds a value.
    type Bits: Bits;
    /// Width of the exponent field in bits.
    const EXP_BITS: u32;
    /// Width of the fraction field in bits; the precision is one more.
    const FRAC_BITS: u32;

    /// Width of the whole format in bits.
    const WIDTH: u32 = 1 + Self::EXP_BITS + Self::FRAC_BITS;
    /// The exponent bias, which is also the exponent of the largest finite values.
    const BIAS: i32 = (1 << (Self::EXP_BITS - 1)) - 1;
    /// Exponent of the smallest normal value.
    const EMIN: i32 = 1 - Self::BIAS;
    /// The sign bit.
    const SIGN: u64 = 1 << (Self::WIDTH - 1);
    /// The fraction field.
    const FRAC: u64 = (1 << Self::FRAC_BITS) - 1;
    /// The exponent field, which is also positive infinity.
    const INF: u64 = ((1 << Self::EXP_BITS) - 1) << Self::FRAC_BITS;
    /// The bit that tells a quiet NaN from a signalling one.
    const QUIET: u64 = 1 << (Self::FRAC_BITS - 1);
    /// The one NaN that operations return: positive, quiet, no payload.
    const CANONICAL_NAN: u64 = Self::INF | Self::QUIET;
}

macro_rules! format {
    ($($(#[$doc:meta])* $name:ident: $bits:ty, $exp:literal, $frac:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;

        impl Format for $name {
            type Bits = $bits;
            const EXP_BITS: u32 = $exp;
            const FRAC_BITS: u32 = $frac;
        }
    )*};
}

format! {
    /// IEEE binary16, "half" (Zfh, Zvfh).
    F16: u16, 5, 10;
    /// BFloat16: binary32 with the fraction cut to 7 bits (Zfbfmin).
    Bf16: u16, 8, 7;
    /// IEEE binary32, "single" (F).
    F32: u32, 8, 23;
    /// IEEE binary64, "double" (D).
    F64: u64, 11, 52;
}

/// A value as it stands in a 64-bit `f` register: all bits above it are ones (unprivileged manual, "NaN Boxing of Narrower
/// Values").
#[inline(always)]
pub fn boxed<F: Format>(value: F::Bits) -> u64 {
    value.to_u64() | boxing::<F>()
}

/// The value in a 64-bit `f` register; the canonical NaN if it is not boxed properly.
#[inline(always)]
pub fn unbox<F: Format>(register: u64) -> F::Bits {
    let ones = boxing::<F>();
    F::Bits::from_u64(if register & ones == ones { register } else { F::CANONICAL_NAN })
}

#[inline(always)]
fn boxing<F: Format>() -> u64 {
    // Shifted in two steps, because a shift by 64 is none.
    (u64::MAX << 1) << (F::WIDTH - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_nans() {
        assert_eq!(F16::CANONICAL_NAN, 0x7e00);
        assert_eq!(Bf16::CANONICAL_NAN, 0x7fc0);
        assert_eq!(F32::CANONICAL_NAN, 0x7fc0_0000);
        assert_eq!(F64::CANONICAL_NAN, 0x7ff8_0000_0000_0000);
    }

    #[test]
    fn boxing_fills_with_ones_and_unboxing_wants_them() {
        assert_eq!(boxed::<F16>(0x3c00), 0xffff_ffff_ffff_3c00);
        assert_eq!(boxed::<F32>(0x3f80_0000), 0xffff_ffff_3f80_0000);
        assert_eq!(boxed::<F64>(5), 5);
        assert_eq!(unbox::<F32>(0xffff_ffff_3f80_0000), 0x3f80_0000);
        assert_eq!(unbox::<F32>(0xffff_fffe_3f80_0000), 0x7fc0_0000);
        assert_eq!(unbox::<F16>(0xffff_ffff_3f80_0000), 0x7e00);
        assert_eq!(unbox::<Bf16>(0x3f80), 0x7fc0);
        assert_eq!(unbox::<F64>(5), 5);
    }
}
