//! TensorFloat-32: binary32 with the fraction cut to 10 bits. It is kept in 32 bits, the low 13 of which mean nothing.

use super::format::{F32, Format};
use super::{Flags, Round, convert};

/// TensorFloat-32 as a 19-bit format: the range of binary32, the precision of binary16. Its place in memory and registers
/// is that of binary32; see [`tf32_from_f32`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tf32;

impl Format for Tf32 {
    type Bits = u32;
    const EXP_BITS: u32 = 8;
    const FRAC_BITS: u32 = 10;
}

/// How many bits of a binary32 TensorFloat-32 does not have.
const SPARE: u32 = F32::FRAC_BITS - Tf32::FRAC_BITS;

/// Binary32 rounded to TensorFloat-32, in 32 bits of which the low 13 are zero. It overflows, underflows (tiny after
/// rounding) and is inexact as any format; a NaN becomes the canonical NaN of binary32, and a signalling one is invalid.
#[inline]
pub fn tf32_from_f32(a: u32, rm: Round) -> (u32, Flags) {
    let (bits, flags) = convert::<F32, Tf32>(a, rm);
    (bits << SPARE, flags)
}

/// TensorFloat-32 as binary32: the low 13 bits count as zeros. That is all: no rounding, no flags, and NaNs stay what they
/// are (one whose payload is in the low bits alone is the infinity that TensorFloat-32 takes it for).
#[inline]
pub fn f32_from_tf32(a: u32) -> u32 {
    a >> SPARE << SPARE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tf32_keeps_ten_bits_of_fraction() {
        let one = 1f32.to_bits();
        for (low, sign, expected) in [
            (0, 0, [0, 0, 0, 0, 0]),
            (1, 0, [0, 0, 0, 1, 0]),
            (0x0fff, 0, [0, 0, 0, 1, 0]),
            (0x1000, 0, [0, 0, 0, 1, 1]),
            (0x1001, 0, [1, 0, 0, 1, 1]),
            (0x3000, 0, [2, 1, 1, 2, 2]),
            (0x1000, F32::SIGN as u32, [0, 0, 1, 0, 1]),
        ] {
            for (rm, place) in Round::ALL.into_iter().zip(expected) {
                let flags = if low & 0x1fff == 0 { Flags::empty() } else { Flags::NX };
                let result = tf32_from_f32(sign | (one + low), rm);
                assert_eq!(result, (sign | (one + (place << 13)), flags), "{low:x} {rm:?}");
            }
        }
    }

    #[test]
    fn tf32_ends_where_binary32_does() {
        let most = f32::MAX.to_bits();
        assert_eq!(tf32_from_f32(most, Round::Rne), (0x7f80_0000, Flags::OF | Flags::NX));
        // Towards zero nothing overflows that a binary32 holds: the largest is cut to the largest.
        assert_eq!(tf32_from_f32(most, Round::Rtz), (0x7f7f_e000, Flags::NX));
        assert_eq!(tf32_from_f32(1, Round::Rne), (0, Flags::UF | Flags::NX));
        assert_eq!(tf32_from_f32(1, Round::Rup), (0x2000, Flags::UF | Flags::NX));
        assert_eq!(tf32_from_f32(0x8000_6000, Round::Rne), (0x8000_6000, Flags::empty()));
        // Both round up to the smallest normal number; the first does so with any range of exponents and is not tiny.
        assert_eq!(tf32_from_f32(0x007f_ffff, Round::Rne), (0x0080_0000, Flags::NX));
        assert_eq!(tf32_from_f32(0x007f_f000, Round::Rne), (0x0080_0000, Flags::UF | Flags::NX));
        assert_eq!(tf32_from_f32(0xffc0_1234, Round::Rne), (0x7fc0_0000, Flags::empty()));
        assert_eq!(tf32_from_f32(0x7f80_0001, Round::Rne), (0x7fc0_0000, Flags::NV));
        assert_eq!(tf32_from_f32(0xff80_0000, Round::Rne), (0xff80_0000, Flags::empty()));
        assert_eq!(f32_from_tf32(0xffff_ffff), 0xffff_e000);
    }

    /// Against binary64 arithmetic: below the subnormals, adding and taking away 2^k rounds to nearest.
    #[test]
    fn tf32_rounds_to_nearest_as_binary64_does() {
        let mut a = 0x1234_5678_u32;
        for _ in 0..100_000 {
            a = a.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let x = f64::from(f32::from_bits(a));
            if !(1e-37..1e38).contains(&x.abs()) {
                continue;
            }
            let ulp = f64::from_bits(((x.abs().to_bits() >> 52) - 10) << 52);
            // 1.5 × 2^52 places above the last one that stays.
            let big = ulp * 1.5 * (1u64 << 52) as f64;
            let nearest = (x + big) - big;
            let (bits, flags) = tf32_from_f32(a, Round::Rne);
            assert_eq!(f64::from(f32::from_bits(bits)), nearest, "{a:08x}");
            assert_eq!(flags.contains(Flags::NX), nearest != x, "{a:08x}");
        }
    }
}
