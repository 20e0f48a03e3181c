//! Estimates of reciprocals and reciprocal square roots to 7 bits (V, "Vector Floating-Point Reciprocal Square-Root Estimate
//! Instruction", "Vector Floating-Point Reciprocal Estimate Instruction").

use core::marker::PhantomData;

use super::super::lanes::{each_element, read};
use super::super::{Body, Done, Plan, Reason, kernel, vector};
use super::{ElemFormat, by_format, rounding};
use crate::float::{Bits, F16, F32, F64, Flags, Format, Round, is_nan, is_signaling};
use crate::hart::Hart;
use crate::memory::Memory;

/// The high bits of the significand of 1/x by those of x: table "vfrec7.v common-case lookup table contents".
#[rustfmt::skip]
static RECIPROCAL: [u8; 128] = [
    127, 125, 123, 121, 119, 117, 116, 114, 112, 110, 109, 107, 105, 104, 102, 100,
    99, 97, 96, 94, 93, 91, 90, 88, 87, 85, 84, 83, 81, 80, 79, 77,
    76, 75, 74, 72, 71, 70, 69, 68, 66, 65, 64, 63, 62, 61, 60, 59,
    58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43,
    42, 41, 40, 40, 39, 38, 37, 36, 35, 35, 34, 33, 32, 31, 31, 30,
    29, 28, 28, 27, 26, 25, 25, 24, 23, 23, 22, 21, 21, 20, 19, 19,
    18, 17, 17, 16, 15, 15, 14, 14, 13, 12, 12, 11, 11, 10, 9, 9,
    8, 8, 7, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0,
];

/// The high bits of the significand of 1/√x by the last bit of the exponent of x and the high ones of its significand: table
/// "vfrsqrt7.v common-case lookup table contents".
#[rustfmt::skip]
static ROOT: [u8; 128] = [
    52, 51, 50, 48, 47, 46, 44, 43, 42, 41, 40, 39, 38, 36, 35, 34,
    33, 32, 31, 30, 30, 29, 28, 27, 26, 25, 24, 23, 23, 22, 21, 20,
    19, 19, 18, 17, 16, 16, 15, 14, 14, 13, 12, 12, 11, 10, 10, 9,
    9, 8, 7, 7, 6, 6, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0,
    127, 125, 123, 121, 119, 118, 116, 114, 113, 111, 109, 108, 106, 105, 103, 102,
    100, 99, 97, 96, 95, 93, 92, 91, 90, 88, 87, 86, 85, 84, 83, 82,
    80, 79, 78, 77, 76, 75, 74, 73, 72, 71, 70, 70, 69, 68, 67, 66,
    65, 64, 63, 63, 62, 61, 60, 59, 59, 58, 57, 56, 56, 55, 54, 53,
];

/// Exponent field and fraction of a finite number other than zero, with that of a subnormal normalised: 0 and below.
fn normalised<F: Format>(a: u64) -> (i32, u64) {
    let (field, fraction) = (((a & F::INF) >> F::FRAC_BITS) as i32, a & F::FRAC);
    if field != 0 {
        return (field, fraction);
    }
    let zeros = fraction.leading_zeros().wrapping_sub(64 - F::FRAC_BITS) as i32;
    (-zeros, fraction << (1 + zeros) & F::FRAC)
}

/// vfrec7 of one element.
fn reciprocal<F: Format>(a: F::Bits, rm: Round) -> (F::Bits, Flags) {
    let bits = a.to_u64();
    let (sign, magnitude) = (bits & F::SIGN, bits & !F::SIGN);
    let (r, flags) = if is_nan::<F>(a) {
        (F::CANONICAL_NAN, if is_signaling::<F>(a) { Flags::NV } else { Flags::empty() })
    } else if magnitude == F::INF {
        (sign, Flags::empty())
    } else if magnitude == 0 {
        (sign | F::INF, Flags::DZ)
    } else {
        let (exponent, fraction) = normalised::<F>(bits);
        let exponent = 2 * F::BIAS - 1 - exponent;
        if exponent > 2 * F::BIAS {
            let away = match rm {
                Round::Rne | Round::Rmm => true,
                Round::Rtz => false,
                Round::Rdn => sign != 0,
                Round::Rup => sign == 0,
            };
            (sign | if away { F::INF } else { F::INF - 1 }, Flags::NX | Flags::OF)
        } else {
            let seven = RECIPROCAL[(fraction >> (F::FRAC_BITS - 7)) as usize & 127] as u64;
            let fraction = seven << (F::FRAC_BITS - 7);
            let r = if exponent > 0 {
                (exponent as u64) << F::FRAC_BITS | fraction
            } else {
                (fraction | 1 << F::FRAC_BITS) >> (1 - exponent)
            };
            (sign | r, Flags::empty())
        }
    };
    (F::Bits::from_u64(r), flags)
}

/// vfrsqrt7 of one element.
fn reciprocal_root<F: Format>(a: F::Bits, _: Round) -> (F::Bits, Flags) {
    let bits = a.to_u64();
    let (r, flags) = if is_nan::<F>(a) {
        (F::CANONICAL_NAN, if is_signaling::<F>(a) { Flags::NV } else { Flags::empty() })
    } else if bits & !F::SIGN == 0 {
        (bits | F::INF, Flags::DZ)
    } else if bits & F::SIGN != 0 {
        (F::CANONICAL_NAN, Flags::NV)
    } else if bits == F::INF {
        (0, Flags::empty())
    } else {
        let (exponent, fraction) = normalised::<F>(bits);
        let index = (exponent as u64 & 1) << 6 | fraction >> (F::FRAC_BITS - 6);
        let exponent = (3 * F::BIAS - 1 - exponent) / 2;
        ((exponent as u64) << F::FRAC_BITS | (ROOT[index as usize & 127] as u64) << (F::FRAC_BITS - 7), Flags::empty())
    };
    (F::Bits::from_u64(r), flags)
}

/// An estimate.
trait Estimate: 'static {
    fn of<F: Format>(a: F::Bits, rm: Round) -> (F::Bits, Flags);
}
struct Reciprocal;
impl Estimate for Reciprocal {
    fn of<F: Format>(a: F::Bits, rm: Round) -> (F::Bits, Flags) {
        reciprocal::<F>(a, rm)
    }
}
struct ReciprocalRoot;
impl Estimate for ReciprocalRoot {
    fn of<F: Format>(a: F::Bits, rm: Round) -> (F::Bits, Flags) {
        reciprocal_root::<F>(a, rm)
    }
}

/// vd[i] = an estimate for vs2[i].
struct Estimates<O, F, const N: usize>(PhantomData<(O, F)>);

impl<O: Estimate, F: ElemFormat, const N: usize> Body for Estimates<O, F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let rm = rounding(hart)?;
        let mut flags = Flags::empty();
        each_element::<F::Bits>(&mut hart.v, p, |v, i| {
            let [a] = read::<F::Bits, 1>(&v.file, p.vs2, i);
            let (r, raised) = O::of::<F>(a, rm);
            flags |= raised;
            r
        });
        hart.raise(flags);
        Ok(())
    }
}

vector! {
    Vfrec7V |hart, p| by_format!(p, hart, Estimates<Reciprocal>);
    Vfrsqrt7V |hart, p| by_format!(p, hart, Estimates<ReciprocalRoot>);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples in the manual's notes.
    #[test]
    fn examples() {
        assert_eq!(reciprocal::<F32>(0x0071_8abc, Round::Rne).0, 0x7e90_0000);
        assert_eq!(reciprocal::<F32>(0x7f76_5432, Round::Rne).0, 0x0021_4000);
        assert_eq!(reciprocal_root::<F32>(0x0071_8abc, Round::Rne).0, 0x5f08_0000);
        assert_eq!(reciprocal_root::<F32>(0x7f76_5432, Round::Rne).0, 0x1f82_0000);
    }

    #[test]
    fn the_smallest_overflow_as_the_mode_says() {
        let overflow = Flags::NX | Flags::OF;
        assert_eq!(reciprocal::<F16>(0x00ff, Round::Rne), (0x7c00, overflow));
        assert_eq!(reciprocal::<F16>(0x00ff, Round::Rtz), (0x7bff, overflow));
        assert_eq!(reciprocal::<F16>(0x80ff, Round::Rup), (0xfbff, overflow));
        assert_eq!(reciprocal::<F16>(0x80ff, Round::Rdn), (0xfc00, overflow));
        assert_eq!(reciprocal::<F16>(0x0100, Round::Rne).1, Flags::empty());
    }
}
