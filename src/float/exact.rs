//! Sums of products that are rounded once: an accumulator that forgets nothing.

use std::marker::PhantomData;

use super::compare::{is_inf, is_nan_raw as is_nan, is_zero, signals};
use super::format::{Bits, Format};
use super::round::{Number, pack, unpack};
use super::{Flags, Round};

/// Bits of the number in one limb; the rest of the `i64` is room for sums of them.
const LIMB: usize = 32;
const MASK: u64 = (1 << LIMB) - 1;

/// The last place of the accumulator is worth 2^-BASE. The least product of two binary64 values, whose significands are
/// taken as integers of 53 bits with the leading one set, ends at 2·(-1074 - 52).
const BASE: i32 = 2 * (1074 + 52);

/// Up to the greatest product, 2^2048, and 184 bits more, so that no number of terms fills it.
const LIMBS: usize = (BASE as usize + 2048 + 184).div_ceil(LIMB);

/// How many terms may be added until the limbs have to be carried out. Each changes a limb by less than 2^33.
const TERMS: u32 = 1 << 29;

/// An infinitely precise sum of numbers and products, rounded to the format `F` at the end. No more than binary64 goes in.
///
/// The order of the terms makes no difference, to the flags neither:
///
/// * A NaN, an infinity times zero, or infinities of both signs give the canonical NaN. The latter two and signalling NaNs
///   are invalid (NV), whatever else is in the sum.
/// * A sum that is exactly zero is +0, or -0 in [`Round::Rdn`]; but if all terms are zeros of one sign it has theirs, as
///   IEEE 754 (6.3) says for two. No terms at all are +0.
/// * Anything else is rounded once, and OF, UF and NX say what became of the sum.
///
/// ```
/// use mellivora::float::{Exact, F16, F32, Flags, Round};
///
/// let mut sum = Exact::<F32>::new();
/// sum.add(1e30f32.to_bits());
/// sum.add_product::<F16>(0x3c00, 0x4000); // 1 × 2
/// sum.add((-1e30f32).to_bits());
/// assert_eq!(sum.round(Round::Rne), (2f32.to_bits(), Flags::empty()));
/// ```
#[derive(Clone, Debug)]
pub struct Exact<F: Format> {
    /// Little-endian, worth 2^32 each of the one below; not carried out, and of any sign.
    limbs: [i64; LIMBS],
    /// The lowest limb that is used, and one more than the highest.
    low: usize,
    end: usize,
    /// Terms until the limbs have to be carried out.
    room: u32,
    seen: Seen,
    format: PhantomData<F>,
}

bitflags::bitflags! {
    /// What kinds of terms came by. The negative kinds stand one above the positive.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Seen: u8 {
        const PLUS_ZERO = 1;
        const MINUS_ZERO = 2;
        const PLUS_INF = 4;
        const MINUS_INF = 8;
        const NAN = 16;
        const INVALID = 32;
        const NUMBER = 64;
    }
}

impl<F: Format> Default for Exact<F> {
    fn default() -> Self {
        Exact::new()
    }
}

impl<F: Format> Exact<F> {
    /// The empty sum.
    #[inline]
    pub fn new() -> Exact<F> {
        Exact { limbs: [0; LIMBS], low: LIMBS, end: 0, room: TERMS, seen: Seen::empty(), format: PhantomData }
    }

    /// Makes the sum empty again, which is less work than a new one.
    #[inline]
    pub fn clear(&mut self) {
        if self.low < self.end {
            self.limbs[self.low..self.end].fill(0);
        }
        (self.low, self.end, self.room, self.seen) = (LIMBS, 0, TERMS, Seen::empty());
    }

    /// Adds `a × b`.
    #[inline]
    pub fn add_product<S: Format>(&mut self, a: S::Bits, b: S::Bits) {
        let (a, b) = (a.to_u64(), b.to_u64());
        let minus = (a ^ b) & S::SIGN != 0;
        // One test for what is not finite.
        if a & S::INF == S::INF || b & S::INF == S::INF {
            let zero = is_zero::<S>(a) || is_zero::<S>(b);
            self.seen |= if is_nan::<S>(a) || is_nan::<S>(b) {
                nan(signals::<S>(a) || signals::<S>(b))
            } else if zero {
                nan(true)
            } else {
                signed(Seen::PLUS_INF, minus)
            };
        } else if is_zero::<S>(a) || is_zero::<S>(b) {
            self.seen |= signed(Seen::PLUS_ZERO, minus);
        } else {
            let (x, y) = (unpack::<S>(a), unpack::<S>(b));
            if S::FRAC_BITS <= 23 {
                self.add_short((x.sig >> 40) * (y.sig >> 40), x.exp + y.exp - 46, minus);
            } else {
                self.add_long(u128::from(x.sig >> 11) * u128::from(y.sig >> 11), x.exp + y.exp - 104, minus);
            }
        }
    }

    /// Adds `c`.
    #[inline]
    pub fn add(&mut self, c: F::Bits) {
        let c = c.to_u64();
        let minus = c & F::SIGN != 0;
        if is_nan::<F>(c) {
            self.seen |= nan(signals::<F>(c));
        } else if is_inf::<F>(c) {
            self.seen |= signed(Seen::PLUS_INF, minus);
        } else if is_zero::<F>(c) {
            self.seen |= signed(Seen::PLUS_ZERO, minus);
        } else {
            let z = unpack::<F>(c);
            // As many places as a product of two has.
            if F::FRAC_BITS <= 23 {
                self.add_short(z.sig >> 40 << 23, z.exp - 46, minus);
            } else {
                self.add_long(u128::from(z.sig >> 11) << 52, z.exp - 104, minus);
            }
        }
    }

    /// The sum, rounded to the format.
    pub fn round(&mut self, rm: Round) -> (F::Bits, Flags) {
        let seen = self.seen;
        let opposite = seen.contains(Seen::PLUS_INF | Seen::MINUS_INF);
        let (bits, flags) = if opposite || seen.contains(Seen::NAN) {
            let invalid = opposite || seen.contains(Seen::INVALID);
            (F::CANONICAL_NAN, if invalid { Flags::NV } else { Flags::empty() })
        } else if seen.contains(Seen::PLUS_INF) {
            (F::INF, Flags::empty())
        } else if seen.contains(Seen::MINUS_INF) {
            (F::SIGN | F::INF, Flags::empty())
        } else if let Some(n) = self.number() {
            pack::<F>(n, rm)
        } else {
            let minus = match (seen.contains(Seen::PLUS_ZERO), seen.contains(Seen::MINUS_ZERO)) {
                (false, true) if !seen.contains(Seen::NUMBER) => true,
                (_, false) if !seen.contains(Seen::NUMBER) => false,
                _ => rm == Round::Rdn,
            };
            (if minus { F::SIGN } else { 0 }, Flags::empty())
        };
        (F::Bits::from_u64(bits), flags)
    }

    /// Adds `±sig × 2^exp`, `sig` of 48 bits.
    #[inline]
    fn add_short(&mut self, sig: u64, exp: i32, minus: bool) {
        let (at, shift) = self.place(exp, 3);
        let sig = u128::from(sig) << shift;
        let flip = -i64::from(minus);
        for (limb, part) in self.limbs[at..at + 3].iter_mut().zip([sig as u64, (sig >> 32) as u64, (sig >> 64) as u64])
        {
            *limb += ((part & MASK) as i64 ^ flip) - flip;
        }
    }

    /// Adds `±sig × 2^exp`, `sig` of 106 bits.
    #[inline]
    fn add_long(&mut self, sig: u128, exp: i32, minus: bool) {
        let (at, shift) = self.place(exp, 5);
        let low = u128::from(sig as u64) << shift;
        let high = (sig >> 64) << shift;
        let flip = -i64::from(minus);
        let parts = [
            low as u64 & MASK,
            (low >> 32) as u64 & MASK,
            (low >> 64) as u64 + (high as u64 & MASK),
            (high >> 32) as u64 & MASK,
            (high >> 64) as u64,
        ];
        for (limb, part) in self.limbs[at..at + 5].iter_mut().zip(parts) {
            *limb += (part as i64 ^ flip) - flip;
        }
    }

    /// The limb and the place in it of 2^exp, making ready for `limbs` from there on.
    #[inline]
    fn place(&mut self, exp: i32, limbs: usize) -> (usize, u32) {
        if self.room == 0 {
            self.carry();
        }
        self.room -= 1;
        self.seen |= Seen::NUMBER;
        let place = (exp + BASE) as usize;
        let at = place / LIMB;
        self.low = self.low.min(at);
        self.end = self.end.max(at + limbs);
        (at, (place % LIMB) as u32)
    }

    /// Carries out: afterwards all limbs hold 32 bits, but the uppermost in use, which has the sign of the sum too.
    fn carry(&mut self) {
        self.room = TERMS;
        let Some(last) = self.end.checked_sub(1) else { return };
        let mut carry = 0;
        for limb in &mut self.limbs[self.low..last] {
            carry += *limb;
            *limb = carry & MASK as i64;
            carry >>= LIMB;
        }
        let mut top = self.limbs[last] + carry;
        while i64::from(top as i32) != top && self.end < LIMBS {
            self.limbs[self.end - 1] = top & MASK as i64;
            top >>= LIMB;
            self.end += 1;
        }
        self.limbs[self.end - 1] = top;
    }

    fn negate(&mut self) {
        self.limbs[self.low.min(self.end)..self.end].iter_mut().for_each(|limb| *limb = -*limb);
    }

    /// The sum, jammed into 64 bits; `None` for zero.
    fn number(&mut self) -> Option<Number> {
        self.carry();
        let minus = self.end > 0 && self.limbs[self.end - 1] < 0;
        if minus {
            self.negate();
            self.carry();
        }
        let n = self.magnitude(minus);
        if minus {
            self.negate();
        }
        n
    }

    fn magnitude(&self, sign: bool) -> Option<Number> {
        let used = self.limbs.get(self.low..self.end)?;
        let top = used.iter().rposition(|&limb| limb != 0)?;
        // 96 bits from the top down; no limb is negative.
        let limb = |below: usize| top.checked_sub(below).map_or(0, |i| used[i] as u128);
        let bits = limb(0) << 64 | limb(1) << 32 | limb(2);
        let more = used[..top.saturating_sub(2)].iter().any(|&limb| limb != 0);
        let zeros = bits.leading_zeros();
        let bits = bits << zeros;
        let sig = (bits >> 64) as u64 | u64::from(bits as u64 != 0 || more);
        // The lowest of the 96 is worth 2^(32·(low + top - 2)).
        let exp = (LIMB * (self.low + top)) as i32 - 64 + (127 - zeros as i32) - BASE;
        Some(Number { sign, exp, sig })
    }
}

#[inline]
fn signed(plus: Seen, minus: bool) -> Seen {
    Seen::from_bits_retain(plus.bits() << u8::from(minus))
}

#[inline]
fn nan(invalid: bool) -> Seen {
    if invalid { Seen::NAN | Seen::INVALID } else { Seen::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::{Bf16, F16, F32, F64, convert, fma};

    /// Numbers of one format: specials and neighbours half of the time.
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn any<F: Format>(&mut self) -> F::Bits {
            let random = self.next();
            let special = random >> 40;
            F::Bits::from_u64(match special % 16 {
                0 => random & F::SIGN,
                1 => random & F::SIGN | F::INF,
                2 => random & F::SIGN | F::INF | random & F::FRAC,
                3 => random & F::SIGN | random & F::FRAC,
                4 => random & F::SIGN | (F::INF - 1 - random % 3),
                5 => random & F::SIGN | (special / 16 % 4) << F::FRAC_BITS | random & 3,
                // Around one, where sums cancel.
                6..12 => {
                    let near = (F::BIAS as u64 - 2 + special / 16 % 5) << F::FRAC_BITS;
                    random & F::SIGN | near | random & F::FRAC & (F::FRAC << (special / 128 % 8))
                }
                _ => random,
            })
        }
    }

    /// One product and one number are a fused multiply-add, which is tested against Berkeley SoftFloat.
    fn is_a_multiply_add<F: Format>(count: u32) {
        let mut numbers = Numbers(0x1234_5678_9abc_def1 + u64::from(F::WIDTH));
        let mut sum = Exact::<F>::new();
        for _ in 0..count {
            let (a, b, c) = (numbers.any::<F>(), numbers.any::<F>(), numbers.any::<F>());
            sum.clear();
            sum.add_product::<F>(a, b);
            sum.add(c);
            for rm in Round::ALL {
                assert_eq!(sum.round(rm), fma::<F>(a, b, c, rm), "{a:x?} {b:x?} {c:x?} {rm:?}");
            }
        }
    }

    #[test]
    fn a_product_and_a_number_are_a_fused_multiply_add() {
        is_a_multiply_add::<F16>(20_000);
        is_a_multiply_add::<Bf16>(20_000);
        is_a_multiply_add::<F32>(20_000);
        is_a_multiply_add::<F64>(20_000);
    }

    /// Sums of products of small integers times a power of two, in any order, against integers.
    #[test]
    fn long_sums_are_those_of_integers() {
        let mut numbers = Numbers(42);
        for case in 0..300 {
            let scale = 2f64.powi((numbers.next() % 1900) as i32 - 950);
            let mut sum = Exact::<F64>::new();
            let mut terms = Vec::new();
            for _ in 0..numbers.next() % 60 {
                let (a, b) = (numbers.next() as i32, numbers.next() as i32);
                terms.push((a, b));
                // And away again, sometimes.
                if a % 3 == 0 {
                    terms.push((a.wrapping_neg(), b));
                }
            }
            let total: i128 = terms.iter().map(|&(a, b)| i128::from(a) * i128::from(b)).sum();
            if case % 2 == 1 {
                terms.reverse();
            }
            for (a, b) in terms {
                // Carrying out now and then changes nothing, nor does rounding in between.
                sum.room = 1 + numbers.next() as u32 % 8;
                sum.add_product::<F64>((f64::from(a) * scale).to_bits(), f64::from(b).to_bits());
                sum.round(Round::Rne);
            }
            // `as` rounds to nearest; the scale is a power of two.
            let (bits, flags) = sum.round(Round::Rne);
            assert_eq!(f64::from_bits(bits), total as f64 * scale, "{total} × {scale}");
            assert_eq!(flags.contains(Flags::NX), (total as f64) as i128 != total);
        }
    }

    /// Halves in units of their least product, 2^-48: everything fits an `i128`.
    #[test]
    fn sums_of_halves_round_once_in_every_mode() {
        let mut numbers = Numbers(7);
        let units = |a: u16| {
            let x = f64::from_bits(convert::<F16, F64>(a, Round::Rne).0);
            (x * 2f64.powi(24)) as i128
        };
        for _ in 0..2_000 {
            let mut sum = Exact::<F32>::new();
            let mut total = 0;
            for _ in 0..1 + numbers.next() % 20 {
                let [a, b] = [0, 1].map(|_| numbers.next() as u16 & 0xbfff);
                sum.add_product::<F16>(a, b);
                total += units(a) * units(b);
            }
            for rm in Round::ALL {
                let (bits, flags) = sum.round(rm);
                let x = f64::from(f32::from_bits(bits)) * 2f64.powi(48);
                let (got, ulp) = (x as i128, (f64::from(f32::from_bits(bits & !F32::SIGN as u32 | 1)) * 2f64.powi(48)));
                let error = got - total;
                let within = match rm {
                    Round::Rne | Round::Rmm => error.unsigned_abs() as f64 <= ulp / 2f64.powi(24),
                    Round::Rtz => got.unsigned_abs() <= total.unsigned_abs(),
                    Round::Rdn => error <= 0,
                    Round::Rup => error >= 0,
                };
                assert!(within && error.unsigned_abs() as f64 <= ulp / 2f64.powi(23), "{total} {got} {rm:?}");
                assert_eq!(flags, if error == 0 { Flags::empty() } else { Flags::NX }, "{total} {rm:?}");
            }
        }
    }

    #[test]
    fn nothing_is_forgotten_between_the_ends_of_the_range() {
        let bits = f64::to_bits;
        let least = 1;
        let mut sum = Exact::<F64>::new();
        sum.add_product::<F64>(bits(f64::MAX), bits(f64::MAX));
        sum.add_product::<F64>(least, least);
        sum.add_product::<F64>(bits(f64::MAX), bits(f64::MAX));
        assert_eq!(sum.round(Round::Rne), (bits(f64::INFINITY), Flags::OF | Flags::NX));
        sum.add_product::<F64>(bits(-f64::MAX), bits(f64::MAX));
        sum.add_product::<F64>(bits(f64::MAX), bits(-f64::MAX));
        assert_eq!(sum.round(Round::Rne), (0, Flags::UF | Flags::NX));
        assert_eq!(sum.round(Round::Rup), (1, Flags::UF | Flags::NX));
        sum.add_product::<F64>(least | F64::SIGN, least);
        sum.add_product::<F64>(least | F64::SIGN, least);
        assert_eq!(sum.round(Round::Rdn), (F64::SIGN | 1, Flags::UF | Flags::NX));
        sum.add(bits(1.0));
        assert_eq!(sum.round(Round::Rtz), (bits(1.0 - f64::EPSILON / 2.0), Flags::NX));
        sum.add_product::<F64>(least, least);
        assert_eq!(sum.round(Round::Rtz), (bits(1.0), Flags::empty()));
    }

    #[test]
    fn the_sign_of_a_zero_sum() {
        let (plus, minus, one) = (0, F32::SIGN as u32, 1f32.to_bits());
        for (terms, expected) in [
            (&[][..], plus),
            (&[plus, plus, plus], plus),
            (&[minus, minus, minus], minus),
            (&[minus, plus], plus),
            (&[one, one | minus], plus),
            (&[minus, one, one | minus], plus),
        ] {
            for rm in Round::ALL {
                let mut sum = Exact::<F32>::new();
                terms.iter().for_each(|&c| sum.add(c));
                let mixed = terms.len() == 2 || terms.contains(&one);
                let expected = if mixed && rm == Round::Rdn { minus } else { expected };
                assert_eq!(sum.round(rm), (expected, Flags::empty()), "{terms:x?} {rm:?}");
            }
        }
    }

    #[test]
    fn what_is_invalid_is_so_in_any_order() {
        let (inf, minus_inf, quiet, signaling) = (0x7c00u16, 0xfc00, 0x7e00, 0x7d00);
        let (one, zero, invalid) = (0x3c00, 0, (0x7e00, Flags::NV));
        for (terms, expected) in [
            (&[(inf, one), (one, one), (minus_inf, one)][..], invalid),
            (&[(inf, one), (minus_inf, minus_inf), (one, inf)], (inf, Flags::empty())),
            (&[(minus_inf, one), (one, one)], (minus_inf, Flags::empty())),
            (&[(quiet, one), (one, one)], (0x7e00, Flags::empty())),
            (&[(quiet, inf), (quiet, zero)], (0x7e00, Flags::empty())),
            (&[(signaling, one), (one, one)], invalid),
            (&[(quiet, one), (zero, minus_inf)], invalid),
            (&[(quiet, one), (inf, one), (inf, minus_inf)], invalid),
        ] {
            let mut sum = Exact::<F16>::new();
            terms.iter().for_each(|&(a, b)| sum.add_product::<F16>(a, b));
            assert_eq!(sum.round(Round::Rne), expected, "{terms:x?}");
            sum.clear();
            terms.iter().rev().for_each(|&(a, b)| sum.add_product::<F16>(b, a));
            assert_eq!(sum.round(Round::Rne), expected, "{terms:x?} reversed");
        }
    }
}
