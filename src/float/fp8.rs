//! The 8-bit formats of the OCP specification "8-bit Floating Point (OFP8)": widening, which is exact, and narrowing.
//!
//! Arithmetic takes them widened. Neither knows more than one NaN as a result: `7f` for E4M3, `7e` for E5M2, which is what
//! RISC-V calls canonical (positive, quiet, no payload).
//!
//! # Overflow
//!
//! Narrowing follows the matrix proposal (0.6, "Conversions"), not IEEE 754: what is too large *after rounding to the
//! precision with unbounded exponent* becomes the largest finite number if the conversion saturates, else an infinity (E5M2)
//! or NaN (E4M3), **in every rounding mode**; IEEE would stop at the largest finite number when rounding towards zero. Both
//! raise OF and NX. An infinity gives the same results and raises nothing.

use std::fmt::Debug;

use super::compare::{is_inf, is_nan_raw, is_zero, signals};
use super::format::{Bits, F16, Format};
use super::round::{Number, round_off, shift_right_jam, unpack};
use super::{Flags, Round, convert};

/// An 8-bit format: one sign bit, an exponent, [`Fp8::FRAC_BITS`] of fraction.
pub trait Fp8: Copy + Debug + Send + Sync + 'static {
    /// Width of the fraction field in bits.
    const FRAC_BITS: u32;
    /// The exponent bias.
    const BIAS: i32;
    /// The largest finite value.
    const MAX: u8;
    /// The infinity, if there is one.
    const INF: Option<u8>;
    /// The NaN that conversions return.
    const CANONICAL_NAN: u8;

    /// The same number as binary16, which holds all of both formats; a NaN as a NaN of the same kind, quiet or signalling.
    fn to_f16(a: u8) -> u16;
}

/// E4M3, the one with more precision: bias 7, no infinities, one NaN (`7f` and `ff`), largest number 448. The NaN is quiet:
/// there is no bit to tell another kind by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct E4m3;

/// E5M2, the one with more range, made as IEEE 754 makes formats: bias 15, infinity `7c`, NaNs `7d` (signalling: the upper
/// bit of the fraction is clear), `7e` and `7f`, largest number 57344.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct E5m2;

impl Fp8 for E4m3 {
    const FRAC_BITS: u32 = 3;
    const BIAS: i32 = 7;
    const MAX: u8 = 0x7e;
    const INF: Option<u8> = None;
    const CANONICAL_NAN: u8 = 0x7f;

    #[inline]
    fn to_f16(a: u8) -> u16 {
        let sign = u16::from(a & 0x80) << 8;
        let magnitude = u16::from(a & 0x7f);
        sign | match magnitude {
            0x7f => F16::CANONICAL_NAN as u16,
            // The bias differs by 8.
            0x08.. => (magnitude << 7) + (8 << 10),
            0 => 0,
            // Multiples of 2⁻⁹, all of which are normal in binary16.
            _ => {
                let exp = 15 - magnitude.leading_zeros() as u16;
                // The leading bit of the significand adds one to the exponent field.
                ((15 - 9 + exp - 1) << 10) + (magnitude << (10 - exp))
            }
        }
    }
}

impl Fp8 for E5m2 {
    const FRAC_BITS: u32 = 2;
    const BIAS: i32 = 15;
    const MAX: u8 = 0x7b;
    const INF: Option<u8> = Some(0x7c);
    const CANONICAL_NAN: u8 = 0x7e;

    /// E5M2 is the upper half of binary16.
    #[inline]
    fn to_f16(a: u8) -> u16 {
        u16::from(a) << 8
    }
}

/// An 8-bit number in a wider format that holds it exactly: binary16, bfloat16, binary32 and binary64 do. A NaN becomes the
/// canonical NaN; a signalling one (E5M2 only) raises NV, which is the only flag.
#[inline]
pub fn widen8<S: Fp8, G: Format>(a: u8) -> (G::Bits, Flags) {
    convert::<F16, G>(S::to_f16(a), Round::Rne)
}

/// `a` rounded to an 8-bit format; see the overflow rule of this module's head. `saturate` makes what is too large, and
/// infinities, the largest finite number. NaNs become the canonical NaN, saturating or not, and signalling ones raise NV.
/// Tininess is detected after rounding.
#[inline]
pub fn narrow8<F: Format, D: Fp8>(a: F::Bits, rm: Round, saturate: bool) -> (u8, Flags) {
    let a = a.to_u64();
    let negative = a & F::SIGN != 0;
    if is_nan_raw::<F>(a) {
        (D::CANONICAL_NAN, if signals::<F>(a) { Flags::NV } else { Flags::empty() })
    } else if is_inf::<F>(a) {
        (too_large::<D>(negative, saturate), Flags::empty())
    } else if is_zero::<F>(a) {
        (sign(negative), Flags::empty())
    } else {
        pack::<D>(unpack::<F>(a), rm, saturate)
    }
}

#[inline]
fn sign(negative: bool) -> u8 {
    u8::from(negative) << 7
}

#[inline]
fn too_large<D: Fp8>(negative: bool, saturate: bool) -> u8 {
    if saturate {
        return sign(negative) | D::MAX;
    }
    match D::INF {
        Some(infinity) => sign(negative) | infinity,
        None => D::CANONICAL_NAN,
    }
}

#[inline]
fn pack<D: Fp8>(n: Number, rm: Round, saturate: bool) -> (u8, Flags) {
    let drop = 63 - D::FRAC_BITS;
    // Exponent above that of the smallest normals; what lies below is shifted to theirs.
    let above = n.exp + D::BIAS - 1;
    let shift = above.min(0).unsigned_abs();
    let (kept, inexact) = round_off(shift_right_jam(n.sig, shift), drop, n.sign, rm);
    // The leading bit of `kept` adds one to the exponent field, and so does a carry into the next binade.
    let bits = ((above.max(0) as u64) << D::FRAC_BITS) + kept;
    if bits > u64::from(D::MAX) {
        return (too_large::<D>(n.sign, saturate), Flags::OF | Flags::NX);
    }
    let mut flags = Flags::empty();
    if inexact {
        flags = Flags::NX;
        // Tiny after rounding: rounded as if the exponent had no bound, it stays below the smallest normal.
        if shift > 1 || shift == 1 && round_off(n.sig, drop, n.sign, rm).0 >> (D::FRAC_BITS + 1) == 0 {
            flags |= Flags::UF;
        }
    }
    (sign(n.sign) | bits as u8, flags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::{Bf16, F32, F64};

    /// A format said again by its numbers alone: exponent bits, fraction bits, and the number of codes below the first that
    /// is no finite number.
    #[derive(Clone, Copy, Debug)]
    struct Plain {
        bias: i32,
        frac: i32,
        finite: u8,
        infinity: bool,
    }

    const E4: Plain = Plain { bias: 7, frac: 3, finite: 0x7f, infinity: false };
    const E5: Plain = Plain { bias: 15, frac: 2, finite: 0x7c, infinity: true };

    impl Plain {
        /// What the positive code `a` is worth; beyond the finite ones, what it would be worth if the format went on.
        fn value(self, a: u16) -> f64 {
            let (exp, frac) = (i32::from(a) >> self.frac, f64::from(a % (1 << self.frac)));
            let unit = 2f64.powi(exp.max(1) - self.bias - self.frac);
            unit * if exp == 0 { frac } else { frac + f64::from(1 << self.frac) }
        }

        /// Rounds by searching the two neighbours in the list of values, which goes on beyond the largest finite one.
        fn narrow(self, x: f64, rm: Round, saturate: bool) -> (u8, Flags) {
            let sign = if x.is_sign_negative() { 0x80 } else { 0 };
            let (max, nan) = (self.finite - 1, if self.infinity { 0x7e } else { 0x7f });
            let large = match (saturate, self.infinity) {
                (true, _) => sign | max,
                (false, true) => sign | 0x7c,
                (false, false) => nan,
            };
            let magnitude = x.abs();
            if x.is_nan() {
                return (nan, Flags::empty());
            }
            if magnitude.is_infinite() {
                return (large, Flags::empty());
            }
            let (below, inexact) = self.round(magnitude, sign != 0, rm, |a| self.value(a));
            if below >= u16::from(self.finite) {
                return (large, Flags::OF | Flags::NX);
            }
            let mut flags = if inexact { Flags::NX } else { Flags::empty() };
            if inexact && magnitude < self.value(1 << self.frac) {
                // With one more binade below: does it reach the smallest normal?
                let smallest = self.value(1 << self.frac);
                let (at, _) = self.round(magnitude.max(smallest / 2.0), sign != 0, rm, |a| {
                    smallest / 2.0 * (1.0 + f64::from(a) / f64::from(1 << self.frac))
                });
                if at < 1 << self.frac {
                    flags |= Flags::UF;
                }
            }
            (sign | below as u8, flags)
        }

        /// The code that `x` rounds to in an ascending list.
        fn round(self, x: f64, negative: bool, rm: Round, value: impl Fn(u16) -> f64) -> (u16, bool) {
            let mut below = 0;
            while below < 0x200 && value(below + 1) <= x {
                below += 1;
            }
            let (low, high) = (value(below), value(below + 1));
            if low == x {
                return (below, false);
            }
            // Exact in binary64: all have few bits and lie together. Beyond the list (0x200) everything is too large.
            let (down, up) = (x - low, high - x);
            let away = match rm {
                Round::Rne => up < down || up == down && below % 2 == 1,
                Round::Rmm => up <= down,
                Round::Rtz => false,
                Round::Rdn => negative,
                Round::Rup => !negative,
            };
            (below + u16::from(away), true)
        }
    }

    fn widens<S: Fp8>(plain: Plain, nans: &[u8]) {
        for a in 0..=255u8 {
            let (f16, flags) = widen8::<S, F16>(a);
            let others = [
                f64::from(f32::from_bits(widen8::<S, F32>(a).0)),
                f64::from_bits(widen8::<S, F64>(a).0),
                f64::from(f32::from_bits(u32::from(widen8::<S, Bf16>(a).0) << 16)),
                f64::from_bits(convert::<F16, F64>(f16, Round::Rne).0),
            ];
            if nans.contains(&(a & 0x7f)) {
                assert_eq!(
                    (f16, widen8::<S, Bf16>(a).0, widen8::<S, F32>(a).0),
                    (0x7e00, 0x7fc0, 0x7fc0_0000),
                    "{a:x}"
                );
                assert_eq!(flags, if a & 0x7f == 0x7d { Flags::NV } else { Flags::empty() }, "{a:x}");
                continue;
            }
            let magnitude = match a & 0x7f {
                0x7c if plain.infinity => f64::INFINITY,
                a => plain.value(a.into()),
            };
            let expected = if a & 0x80 != 0 { -magnitude } else { magnitude };
            for other in others {
                assert_eq!(other.to_bits(), expected.to_bits(), "{a:x}");
            }
            assert!(flags.is_empty(), "{a:x}");
        }
    }

    #[test]
    fn widening_is_exact() {
        widens::<E4m3>(E4, &[0x7f]);
        widens::<E5m2>(E5, &[0x7d, 0x7e, 0x7f]);
        assert_eq!((E4.value(0x7e), E5.value(0x7b)), (448.0, 57344.0));
    }

    #[test]
    fn narrowing_is_right_for_every_half() {
        for a in 0..=u16::MAX {
            let (wide, quiet) = convert::<F16, F64>(a, Round::Rne);
            let x = f64::from_bits(wide);
            for rm in Round::ALL {
                for saturate in [false, true] {
                    let (code, flags) = E4.narrow(x, rm, saturate);
                    assert_eq!(
                        narrow8::<F16, E4m3>(a, rm, saturate),
                        (code, flags | quiet),
                        "{a:04x} {rm:?} {saturate}"
                    );
                    let (code, flags) = E5.narrow(x, rm, saturate);
                    assert_eq!(
                        narrow8::<F16, E5m2>(a, rm, saturate),
                        (code, flags | quiet),
                        "{a:04x} {rm:?} {saturate}"
                    );
                }
            }
        }
    }

    #[test]
    fn narrowing_is_right_for_singles() {
        // Each code, what lies between, and a bit beside both, at every binade; then anything.
        let near =
            (0..=0x3ff_u32).flat_map(|a| [0, 1, 0xf_ffff].map(|low| (a << 20 | low, 0x3000_0000 + (a << 19) + low)));
        let mut random = 0x9e37_79b9_u32;
        let any = (0..50_000).map(|_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random, random >> 4 | 0x3000_0000)
        });
        for a in near.chain(any).flat_map(|(a, b)| [a, b, b | 0x8000_0000]) {
            let (wide, quiet) = convert::<F32, F64>(a, Round::Rne);
            let x = f64::from_bits(wide);
            for rm in Round::ALL {
                for saturate in [false, true] {
                    let (code, flags) = E4.narrow(x, rm, saturate);
                    assert_eq!(
                        narrow8::<F32, E4m3>(a, rm, saturate),
                        (code, flags | quiet),
                        "{a:08x} {rm:?} {saturate}"
                    );
                    let (code, flags) = E5.narrow(x, rm, saturate);
                    assert_eq!(
                        narrow8::<F32, E5m2>(a, rm, saturate),
                        (code, flags | quiet),
                        "{a:08x} {rm:?} {saturate}"
                    );
                }
            }
        }
    }

    /// The table of the proposal, said by hand.
    #[test]
    fn overflow_depends_on_saturation_and_not_on_the_mode() {
        let bits = |x: f32| x.to_bits();
        let over = Flags::OF | Flags::NX;
        for rm in Round::ALL {
            assert_eq!(narrow8::<F32, E5m2>(bits(1e6), rm, false), (0x7c, over), "{rm:?}");
            assert_eq!(narrow8::<F32, E5m2>(bits(-1e6), rm, true), (0xfb, over), "{rm:?}");
            assert_eq!(narrow8::<F32, E4m3>(bits(-1e6), rm, false), (0x7f, over), "{rm:?}");
            assert_eq!(narrow8::<F32, E4m3>(bits(-1e6), rm, true), (0xfe, over), "{rm:?}");
            for (saturate, e4, e5) in [(false, 0x7f, 0xfc), (true, 0xfe, 0xfb)] {
                let minus_infinity = bits(f32::NEG_INFINITY);
                assert_eq!(narrow8::<F32, E4m3>(minus_infinity, rm, saturate), (e4, Flags::empty()));
                assert_eq!(narrow8::<F32, E5m2>(minus_infinity, rm, saturate), (e5, Flags::empty()));
                assert_eq!(narrow8::<F32, E4m3>(0xffc0_0000, rm, saturate), (0x7f, Flags::empty()));
                assert_eq!(narrow8::<F32, E5m2>(0x7f80_0001, rm, saturate), (0x7e, Flags::NV));
            }
        }
        // 460 lies between 448 and what would be 480: too large only where it is rounded up.
        assert_eq!(narrow8::<F32, E4m3>(bits(460.0), Round::Rne, false), (0x7e, Flags::NX));
        assert_eq!(narrow8::<F32, E4m3>(bits(460.0), Round::Rup, false), (0x7f, over));
        assert_eq!(narrow8::<F32, E4m3>(bits(464.0), Round::Rne, false), (0x7e, Flags::NX));
        assert_eq!(narrow8::<F32, E4m3>(bits(464.0), Round::Rmm, false), (0x7f, over));
    }
}
