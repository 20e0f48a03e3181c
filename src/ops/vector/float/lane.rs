//! Lanes of the arithmetic operations, branch-free so that they become SIMD code. Why the flags are exact is explained in
//! [`crate::float::host`]; the bounds here are the same.

use super::Lane;

const SIGN64: u64 = 1 << 63;

/// Finite.
#[inline(always)]
fn finite32(r: f32) -> bool {
    r.to_bits() & 0x7f80_0000 != 0x7f80_0000
}
#[inline(always)]
fn finite64(r: f64) -> bool {
    r.to_bits() & (0x7ff << 52) != 0x7ff << 52
}
/// Finite and at least twice the smallest normal number.
#[inline(always)]
fn clear32(r: f32) -> bool {
    (r.to_bits() << 1).wrapping_sub(2 << 24) < 0xfd << 24
}
#[inline(always)]
fn clear64(r: f64) -> bool {
    let r = r.abs();
    (2.0 * f64::MIN_POSITIVE..=f64::MAX).contains(&r)
}
/// So large that the last place of a product of two numbers is far from underflow.
#[inline(always)]
fn roomy64(r: f64) -> bool {
    let r = r.abs();
    (f64::from_bits((1023 - 900) << 52)..=f64::MAX).contains(&r)
}

macro_rules! sum {
    ($name:ident $f:ty, $u:ty, $finite:ident) => {
        #[inline(always)]
        pub(crate) fn $name<const NX: bool>(a: $u, b: $u) -> Lane<$u> {
            let (x, y) = (<$f>::from_bits(a), <$f>::from_bits(b));
            let r = x + y;
            let inexact = !NX && !((r - x == y) & (r - y == x));
            (r.to_bits(), !$finite(r), inexact)
        }
    };
}
sum!(add32 f32, u32, finite32);
sum!(add64 f64, u64, finite64);

#[inline(always)]
pub(crate) fn mul32<const NX: bool>(a: u32, b: u32) -> Lane<u32> {
    let (x, y) = (f32::from_bits(a), f32::from_bits(b));
    let r = x * y;
    let zero = (r == 0.0) & ((x == 0.0) | (y == 0.0));
    let inexact = !NX && f64::from(x) * f64::from(y) != f64::from(r);
    (r.to_bits(), !(clear32(r) | zero), inexact)
}

#[inline(always)]
pub(crate) fn mul64<const FMA: bool, const NX: bool>(a: u64, b: u64) -> Lane<u64> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x * y;
    let zero = (r == 0.0) & ((x == 0.0) | (y == 0.0));
    if NX {
        return (r.to_bits(), !(clear64(r) | zero), false);
    }
    if !FMA {
        return (r.to_bits(), true, false);
    }
    (r.to_bits(), !(roomy64(r) | zero), x.mul_add(y, -r) != 0.0)
}

#[inline(always)]
pub(crate) fn div32<const NX: bool>(a: u32, b: u32) -> Lane<u32> {
    let (x, y) = (f32::from_bits(a), f32::from_bits(b));
    let r = x / y;
    let zero = (r == 0.0) & (x == 0.0);
    let inexact = !NX && f64::from(r) * f64::from(y) != f64::from(x);
    // Division by zero gives an infinity or a NaN, which are not clear. Zero by infinity has no residual, and is exact.
    (r.to_bits(), !(clear32(r) | zero), inexact & !zero)
}

#[inline(always)]
pub(crate) fn div64<const FMA: bool, const NX: bool>(a: u64, b: u64) -> Lane<u64> {
    let (x, y) = (f64::from_bits(a), f64::from_bits(b));
    let r = x / y;
    let zero = (r == 0.0) & (x == 0.0);
    if NX {
        return (r.to_bits(), !(clear64(r) | zero), false);
    }
    if !FMA {
        return (r.to_bits(), true, false);
    }
    // The residual of a quotient is representable if the dividend is far from underflow.
    (r.to_bits(), !((clear64(r) & roomy64(x)) | zero), (r.mul_add(-y, x) != 0.0) & !zero)
}

#[inline(always)]
pub(crate) fn sqrt32<const NX: bool>(a: u32) -> Lane<u32> {
    let x = f32::from_bits(a);
    let r = x.sqrt();
    (r.to_bits(), !finite32(r), !NX && f64::from(r) * f64::from(r) != f64::from(x))
}

#[inline(always)]
pub(crate) fn sqrt64<const FMA: bool, const NX: bool>(a: u64) -> Lane<u64> {
    let x = f64::from_bits(a);
    let r = x.sqrt();
    if NX {
        return (r.to_bits(), !finite64(r), false);
    }
    if !FMA {
        return (r.to_bits(), true, false);
    }
    (r.to_bits(), !((finite64(r) & roomy64(x)) | (x == 0.0)), r.mul_add(-r, x) != 0.0)
}

/// `a × b + c`.
#[inline(always)]
pub(crate) fn fma32<const FMA: bool, const NX: bool>(a: u32, b: u32, c: u32) -> Lane<u32> {
    let (x, y, z) = (f32::from_bits(a), f32::from_bits(b), f32::from_bits(c));
    // Nothing is added: exact, unless c is a NaN or infinite, or a factor is.
    let nothing = (x == 0.0) | (y == 0.0);
    if FMA && NX {
        let r = x.mul_add(y, z);
        return (r.to_bits(), !(clear32(r) | (nothing & finite32(r))), false);
    }
    // The product is exact in binary64; see `fma_f32` of the host's short paths for the midpoints.
    let (p, w) = (f64::from(x) * f64::from(y), f64::from(z));
    let s = p + w;
    let r = s as f32;
    let exact_sum = (s - p == w) & (s - w == p);
    let midpoint = s.to_bits() & 0x1fff_ffff == 0x1000_0000;
    let bad = !(clear32(r) | (nothing & finite32(r))) | (midpoint & !exact_sum);
    (r.to_bits(), bad, !NX && !(exact_sum & (f64::from(r) == s)))
}

/// `x` is finite and at least twice the smallest normal number. As a comparison with sign, which hosts have for all widths.
#[inline(always)]
fn clear64_quick(r: f64) -> bool {
    const LIMIT: u64 = (0x7fd << 53) ^ SIGN64;
    (((r.to_bits() << 1).wrapping_sub(2 << 53) ^ SIGN64) as i64) < LIMIT as i64
}

/// `a × b` while NX is set, called bad unless its size alone tells that nothing happened.
#[inline(always)]
pub(crate) fn mul32_quick(a: u32, b: u32) -> (u32, bool) {
    let r = f32::from_bits(a) * f32::from_bits(b);
    (r.to_bits(), !clear32(r))
}

/// As `mul32_quick`.
#[inline(always)]
pub(crate) fn mul64_quick(a: u64, b: u64) -> (u64, bool) {
    let r = f64::from_bits(a) * f64::from_bits(b);
    (r.to_bits(), !clear64_quick(r))
}

/// `x` rounded to the nearest integer while NX is set, called bad if it is not small.
#[inline(always)]
pub(crate) fn to_i32_quick(x: u32) -> (u32, bool) {
    const UNIT: f32 = 12_582_912.0; // 1.5 × 2²³: the last place is 1, on both sides of it
    let r = (f32::from_bits(x) + UNIT).to_bits().wrapping_sub(UNIT.to_bits());
    (r, x & !(1 << 31) >= 4_194_304f32.to_bits())
}

/// `a × b + c` while NX is set, called bad unless its size alone tells that nothing happened.
#[inline(always)]
pub(crate) fn fma32_quick<const FMA: bool>(a: u32, b: u32, c: u32) -> (u32, bool) {
    if !FMA {
        let (r, bad, _) = fma32::<FMA, true>(a, b, c);
        return (r, bad);
    }
    let r = f32::from_bits(a).mul_add(f32::from_bits(b), f32::from_bits(c));
    (r.to_bits(), !clear32(r))
}

/// `a × b + c`, and whether it is anything but exact. The product is exact in binary64; if the sum there is, and fits binary32,
/// so is the result. Infinities and NaNs equal nothing here.
#[inline(always)]
pub(crate) fn fma32_exact<const FMA: bool>(a: u32, b: u32, c: u32) -> (u32, bool) {
    let (x, y, z) = (f32::from_bits(a), f32::from_bits(b), f32::from_bits(c));
    if FMA {
        // As for `fma64_exact`.
        let r = x.mul_add(y, z);
        let d = r - z;
        let product = (x.mul_add(y, -d) == 0.0) & (d.abs() >= f32::from_bits((127 - 70) << 23));
        return (r.to_bits(), !(product & (r - d == z)));
    }
    let (p, w) = (f64::from(x) * f64::from(y), f64::from(z));
    let s = p + w;
    let r = s as f32;
    (r.to_bits(), !((s - p == w) & (s - w == p) & (f64::from(r) == s)))
}

/// As `fma32_exact`. What the result has more than the addend is the product, with nothing left over; and added to the addend
/// it gives the result, both ways: the sum is exact. Far from underflow nothing that is left over becomes zero.
#[inline(always)]
pub(crate) fn fma64_exact<const FMA: bool>(a: u64, b: u64, c: u64) -> (u64, bool) {
    if !FMA {
        return (a, true);
    }
    let (x, y, z) = (f64::from_bits(a), f64::from_bits(b), f64::from_bits(c));
    let r = x.mul_add(y, z);
    let d = r - z;
    let product = (x.mul_add(y, -d) == 0.0) & (d.abs() >= f64::from_bits((1023 - 900) << 52));
    (r.to_bits(), !(product & (r - d == z)))
}

/// As `fma32_quick`.
#[inline(always)]
pub(crate) fn fma64_quick<const FMA: bool>(a: u64, b: u64, c: u64) -> (u64, bool) {
    if !FMA {
        return (a, true);
    }
    let r = f64::from_bits(a).mul_add(f64::from_bits(b), f64::from_bits(c));
    (r.to_bits(), !clear64_quick(r))
}

/// `a × b + c`.
#[inline(always)]
pub(crate) fn fma64<const FMA: bool, const NX: bool>(a: u64, b: u64, c: u64) -> Lane<u64> {
    if !FMA {
        return (a, true, false);
    }
    let (x, y, z) = (f64::from_bits(a), f64::from_bits(b), f64::from_bits(c));
    let nothing = (x == 0.0) | (y == 0.0);
    let r = x.mul_add(y, z);
    if NX {
        return (r.to_bits(), !(clear64(r) | (nothing & finite64(r))), false);
    }
    // Known to be exact or not only if the product alone is exact; the soft code decides about others, once.
    let p = x * y;
    let plain = roomy64(p) & (x.mul_add(y, -p) == 0.0) & finite64(r);
    let inexact = !((r - p == z) & (r - z == p));
    (r.to_bits(), !(plain | (nothing & finite64(r))), inexact & !nothing)
}

/// Binary16 to binary32, and whether it is infinite or a NaN, for which the result is wrong.
#[inline(always)]
pub(crate) fn widen16(h: u16) -> (f32, bool) {
    let magnitude = (h & 0x7fff) as u32;
    let normal = (magnitude << 13) + (112 << 23);
    // A subnormal becomes the fraction of the smallest normal number, which is then taken away.
    let subnormal = f32::from_bits((magnitude << 13) + (113 << 23)) - f32::from_bits(113 << 23);
    let r = if magnitude < 0x400 { subnormal.to_bits() } else { normal };
    (f32::from_bits(r | ((h & 0x8000) as u32) << 16), magnitude >= 0x7c00)
}

/// Binary32 to binary16, if the result is zero or at least twice the smallest normal number.
#[inline(always)]
pub(crate) fn narrow16(r: u32) -> Lane<u16> {
    let magnitude = r & 0x7fff_ffff;
    let rounded = magnitude.wrapping_sub(112 << 23).wrapping_add(0xfff + (magnitude >> 13 & 1)) >> 13;
    let clear = (magnitude >= (127 - 13) << 23) & (rounded < 0x7c00);
    let h = if magnitude == 0 { 0 } else { rounded as u16 };
    (h | (r >> 16 & 0x8000) as u16, !(clear | (magnitude == 0)), magnitude & 0x1fff != 0)
}

/// `a × b + c` in binary16: the product is exact in binary64, and so is the sum unless it lies nearly everywhere else than
/// halfway between two binary16 numbers (as for binary32).
#[inline(always)]
pub(crate) fn fma16<const NX: bool>(a: u16, b: u16, c: u16) -> Lane<u16> {
    let ((x, bad_x), (y, bad_y), (z, bad_z)) = (widen16(a), widen16(b), widen16(c));
    let (p, w) = (f64::from(x * y), f64::from(z));
    let s = p + w;
    let exact_sum = (s - p == w) & (s - w == p);
    let bits = s.to_bits();
    let magnitude = bits & !SIGN64;
    let rounded = magnitude.wrapping_sub(1008 << 52).wrapping_add((1 << 41) - 1 + (magnitude >> 42 & 1)) >> 42;
    let clear = (magnitude >= (1023 - 13) << 52) & (rounded < 0x7c00);
    let h = if magnitude == 0 { 0 } else { rounded as u16 };
    let rest = magnitude & ((1 << 42) - 1);
    let bad = !(clear | (magnitude == 0)) | ((rest == 1 << 41) & !exact_sum) | bad_x | bad_y | bad_z;
    (h | (bits >> 48) as u16 & 0x8000, bad, !NX && !(exact_sum & (rest == 0)))
}

/// The product of two binary32 numbers in binary64.
#[inline(always)]
pub(crate) fn wide_mul64(a: u64, b: u64) -> Lane<u64> {
    let r = f64::from_bits(a) * f64::from_bits(b);
    (r.to_bits(), !finite64(r), false)
}

/// The product of two numbers of half its width in binary32.
#[inline(always)]
pub(crate) fn wide_mul32(a: u32, b: u32) -> Lane<u32> {
    let r = f32::from_bits(a) * f32::from_bits(b);
    (r.to_bits(), !finite32(r), false)
}

/// Binary64 to binary32.
#[inline(always)]
pub(crate) fn narrow32(a: u64) -> Lane<u32> {
    let x = f64::from_bits(a);
    let r = x as f32;
    let exact = f64::from(r) == x;
    (r.to_bits(), !(clear32(r) | exact), !exact)
}

/// Binary32 to BFloat16.
#[inline(always)]
pub(crate) fn narrow_bf16(a: u32) -> Lane<u16> {
    let (magnitude, inexact) = (a & 0x7fff_ffff, a & 0xffff != 0);
    let rounded = a.wrapping_add(0x7fff + (a >> 16 & 1)) >> 16;
    // A magnitude that rounds to less than infinity.
    let clear = (2 << 23..0x7f7f_8000).contains(&magnitude);
    (rounded as u16, !clear & (inexact | (magnitude > 0x7f80_0000)), inexact)
}

/// `x` rounded to an integer, to nearest or towards zero, and whether that is inexact. NaNs stay so.
#[inline(always)]
pub(crate) fn integral32<const RTZ: bool>(x: f32) -> (f32, bool) {
    const UNIT: f32 = 8_388_608.0; // 2²³, where the last place is 1
    let m = x.abs();
    let mut r = (m + UNIT) - UNIT;
    if RTZ {
        r -= if r > m { 1.0 } else { 0.0 };
    }
    let r = if m < UNIT { r } else { m };
    (r.copysign(x), r != m)
}

/// `x` rounded to an integer, as number and as integer, and whether it is too large for this (or a NaN).
#[inline(always)]
pub(crate) fn integral64<const RTZ: bool>(x: f64) -> (f64, i64, bool) {
    const UNIT: f64 = 6_755_399_441_055_744.0; // 1.5 × 2⁵²: the last place is 1, on both sides of it
    let sum = x + UNIT;
    let (mut r, mut v) = (sum - UNIT, sum.to_bits().wrapping_sub(UNIT.to_bits()) as i64);
    if RTZ {
        let back = (r.abs() > x.abs()) as i64;
        let negative = (x.to_bits() as i64) >> 63;
        // One towards zero.
        v = v.wrapping_sub((back ^ negative).wrapping_sub(negative));
        r -= if back != 0 { 1f64.copysign(x) } else { 0.0 };
    }
    (r, v, !(0.0..=2_251_799_813_685_248.0).contains(&x.abs()))
}

/// A 64-bit integer in binary64.
#[inline(always)]
pub(crate) fn f64_from_64<const SIGNED: bool>(a: u64) -> Lane<u64> {
    // Both halves are exact, so that their sum is the one rounding.
    let high = if SIGNED { f64::from((a >> 32) as i32) } else { f64::from((a >> 32) as u32) };
    let (high, low) = (high * 4_294_967_296.0, f64::from(a as u32));
    let r = high + low;
    (r.to_bits(), false, !((r - high == low) & (r - low == high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::{self, Bf16, F16, F32, F64, Flags, Format, Round};

    /// What a lane promises: where it is not bad, it is right, and nothing but NX is raised.
    fn promise<D: PartialEq + std::fmt::Debug>(of: u32, (r, bad, inexact): Lane<D>, (exact, flags): (D, Flags)) {
        let raised = if inexact { Flags::NX } else { Flags::empty() };
        assert!(bad || (r == exact && flags == raised), "{of:#x}: {r:?}, {raised:?}; exactly {exact:?}, {flags:?}");
    }

    /// What a quick lane promises: where it is not unclear, it is right, and nothing is raised but NX, or nothing at all.
    fn quick_promise<D: PartialEq + std::fmt::Debug>(
        of: [u64; 3],
        (r, unclear): (D, bool),
        (exact, flags): (D, Flags),
        allowed: Flags,
    ) {
        assert!(
            unclear || (r == exact && (flags - allowed).is_empty()),
            "{of:#x?}: {r:?}; exactly {exact:?}, {flags:?}"
        );
    }

    /// Operands of some width: at both ends of the exponents, around 1, around halfway points, and special ones.
    fn operands(exponent: u32, fraction: u32) -> Vec<u64> {
        let top = (1u64 << exponent) - 1;
        let middle = top / 2;
        let exponents =
            [0, 1, 2, 3, fraction as u64, middle - 1, middle, middle + fraction as u64 / 2, top - 2, top - 1, top];
        let last = (1u64 << fraction) - 1;
        let fractions = [0, 1, 1 << (fraction / 2), 1 << (fraction - 1), 3 << (fraction - 2), last - 1, last];
        let one = exponents.into_iter().flat_map(|e| fractions.map(|f| e << fraction | f));
        one.flat_map(|v| [v, v | 1 << (exponent + fraction)]).collect()
    }

    #[test]
    fn quick_lanes_are_right_or_unclear() {
        const RNE: Round = Round::Rne;
        let (singles, doubles) = (operands(8, 23), operands(11, 52));
        for (&x, &y) in singles.iter().flat_map(|x| singles.iter().map(move |y| (x, y))) {
            let (a, b) = (x as u32, y as u32);
            quick_promise([x, y, 0], mul32_quick(a, b), float::mul::<F32>(a, b, RNE), Flags::NX);
            for &z in singles.iter().step_by(3) {
                let (of, c, exact) = ([x, y, z], z as u32, float::fma::<F32>(a, b, z as u32, RNE));
                quick_promise(of, fma32_quick::<true>(a, b, c), exact, Flags::NX);
                quick_promise(of, fma32_exact::<true>(a, b, c), exact, Flags::empty());
                quick_promise(of, fma32_exact::<false>(a, b, c), exact, Flags::empty());
            }
        }
        for (&a, &b) in doubles.iter().flat_map(|x| doubles.iter().map(move |y| (x, y))) {
            quick_promise([a, b, 0], mul64_quick(a, b), float::mul::<F64>(a, b, RNE), Flags::NX);
            for &c in doubles.iter().step_by(3) {
                let exact = float::fma::<F64>(a, b, c, RNE);
                quick_promise([a, b, c], fma64_quick::<true>(a, b, c), exact, Flags::NX);
                quick_promise([a, b, c], fma64_exact::<true>(a, b, c), exact, Flags::empty());
            }
        }
    }

    #[test]
    fn small_numbers_are_rounded_quickly() {
        for a in singles().chain([0x4a7f_ffff, 0x4a80_0000, 0xca80_0000, 0x3f00_0000, 0xbfc0_0000]) {
            let (v, flags) = float::to_i64::<F32>(a, Round::Rne);
            quick_promise([a.into(), 0, 0], to_i32_quick(a), (v as u32, flags), Flags::NX);
        }
    }

    /// Numbers around all halfway points of 16-bit formats, and all NaNs of a kind.
    fn singles() -> impl Iterator<Item = u32> {
        let low = [0, 1, 0x0fff, 0x1000, 0x1001, 0x1fff, 0x7fff, 0x8000, 0x8001, 0xf000, 0xffff];
        (0..=0xffff_u32).flat_map(move |high| low.map(|low| high << 16 | low))
    }

    #[test]
    fn narrowing_is_right_or_left_to_the_soft_code() {
        for a in singles() {
            promise(a, narrow16(a), float::convert::<F32, F16>(a, Round::Rne));
            promise(a, narrow_bf16(a), float::convert::<F32, Bf16>(a, Round::Rne));
        }
    }

    #[test]
    fn widening_is_exact() {
        for a in 0..=u16::MAX {
            let (r, bad) = widen16(a);
            assert_eq!(bad, u64::from(a) & F16::INF == F16::INF);
            assert!(bad || r.to_bits() == float::convert::<F16, F32>(a, Round::Rne).0, "{a:#x}");
        }
    }

    #[test]
    fn integers_are_found_in_either_direction() {
        for a in singles() {
            let x = f32::from_bits(a);
            for (r, nx) in [integral32::<false>(x), integral32::<true>(x)] {
                assert!(x.is_nan() || (nx == (r != x) && r.fract() == 0.0 || x.is_infinite()), "{x}: {r}");
            }
            assert!(x.is_nan() || integral32::<false>(x).0 == x.round_ties_even(), "{x}");
            assert!(x.is_nan() || integral32::<true>(x).0 == x.trunc(), "{x}");
            let ((near, n, far), (cut, c, _)) = (integral64::<false>(x.into()), integral64::<true>(x.into()));
            let (nearest, truncated) = (f64::from(x).round_ties_even(), f64::from(x).trunc());
            assert!(
                far || (near == nearest && n as f64 == nearest && cut == truncated && c as f64 == truncated),
                "{x}"
            );
        }
    }

    #[test]
    fn zero_divided_by_infinity_is_exact() {
        let (one, inf) = (1f32.to_bits(), f32::INFINITY.to_bits());
        assert_eq!(div32::<false>(0, inf), (0, false, false));
        assert_eq!(div32::<false>(0, one), (0, false, false));
        #[cfg(target_arch = "aarch64")]
        assert_eq!(div64::<true, false>(0, f64::INFINITY.to_bits()), (0, false, false));
    }
}
