//! The short paths through the host's floating-point unit against the exact code: whatever they answer must be right, flags
//! included, and the everyday cases must be answered.
//!
//! Operands come from a fixed generator with a taste for corners, because the corners are what the guards are for.

use mellivora::float::{self, F32, F64, Flags, Format, Round, host};

/// Operands per check; a few million in all.
const ROUNDS: u32 = 300_000;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// A fraction: random, or with few ones or few zeros, or with many trailing zeros.
    fn fraction<F: Format>(&mut self) -> u64 {
        let bits = u64::from(F::FRAC_BITS);
        F::FRAC
            & match self.below(5) {
                0 => self.next(),
                1 => 1 << self.below(bits),
                2 => !(1 << self.below(bits) | 1 << self.below(bits)),
                3 => self.next() << self.below(bits),
                _ => 0,
            }
    }

    /// Any value of the format.
    fn operand<F: Format>(&mut self) -> u64 {
        let (field, bias) = (F::INF >> F::FRAC_BITS, F::BIAS as u64);
        let sign = F::SIGN & self.next();
        let edge = u64::from(F::FRAC_BITS) + 4;
        let exponent = match self.below(10) {
            0 => return sign,
            1 => {
                return sign | [1, F::FRAC, F::FRAC + 1, F::FRAC + 2, F::INF - 1, F::INF][self.below(6) as usize];
            }
            2 => return sign | F::INF | self.fraction::<F>(),
            3 => self.below(field),
            4 => self.below(3),
            5 => self.below(edge),
            6 => field - 1 - self.below(edge),
            // A square or product of these lies at one of the edges.
            7 => bias / 2 + self.below(8),
            _ => bias - edge + self.below(2 * edge),
        };
        sign | exponent.min(field) << F::FRAC_BITS | self.fraction::<F>()
    }

    /// A value that has to do with `a`: a neighbour, its negative, a multiple, or another one.
    fn partner<F: Format>(&mut self, a: u64) -> u64 {
        let mask = F::SIGN | (F::SIGN - 1);
        match self.below(4) {
            0 => (a ^ F::SIGN & self.next()).wrapping_add(self.below(7).wrapping_sub(3)) & mask,
            1 => a.wrapping_add(self.below(140) << F::FRAC_BITS) & mask,
            _ => self.operand::<F>(),
        }
    }
}

/// What the short path said beside what is right.
#[track_caller]
fn agree<T: PartialEq + std::fmt::Debug>(fast: Option<(T, bool)>, soft: (T, Flags), operands: &[u64]) -> bool {
    if let Some((value, nx)) = fast {
        let flags = if nx { Flags::NX } else { Flags::empty() };
        assert_eq!((value, flags), soft, "{operands:x?}");
        return true;
    }
    false
}

/// As [`agree`], for the variants that may be used while NX is set.
#[track_caller]
fn agree_nx<T: PartialEq + std::fmt::Debug>(fast: Option<T>, soft: (T, Flags), operands: &[u64]) -> bool {
    if let Some(value) = fast {
        assert_eq!((value, soft.1 - Flags::NX), (soft.0, Flags::empty()), "{operands:x?}");
        return true;
    }
    false
}

macro_rules! binary {
    ($($test:ident $format:ident $bits:ident $soft:ident $fast:ident $fast_nx:ident;)*) => {$(
        #[test]
        fn $test() {
            let mut random = Random(1);
            let mut answered = 0;
            for _ in 0..ROUNDS {
                let x = random.operand::<$format>();
                let y = random.partner::<$format>(x);
                for (x, y) in [(x, y), (y, x)] {
                    let (a, b) = (x as $bits, y as $bits);
                    let soft = float::$soft::<$format>(a, b, Round::Rne);
                    answered += u32::from(agree(host::$fast(a, b), soft, &[x, y]));
                    agree_nx(host::$fast_nx(a, b), soft, &[x, y]);
                }
            }
            // Most operands here are corners; a third is plenty.
            assert!(answered > ROUNDS * 2 / 3, "{answered}");
        }
    )*};
}

binary! {
    add_f64 F64 u64 add add_f64 add_f64_nx;
    sub_f64 F64 u64 sub sub_f64 sub_f64_nx;
    mul_f64 F64 u64 mul mul_f64 mul_f64_nx;
    div_f64 F64 u64 div div_f64 div_f64_nx;
    add_f32 F32 u32 add add_f32 add_f32_nx;
    sub_f32 F32 u32 sub sub_f32 sub_f32_nx;
    mul_f32 F32 u32 mul mul_f32 mul_f32_nx;
    div_f32 F32 u32 div div_f32 div_f32_nx;
}

#[test]
fn roots() {
    let mut random = Random(2);
    for _ in 0..ROUNDS {
        let x = random.operand::<F64>();
        // Squares, too: their roots are exact.
        for x in [x, float::mul::<F64>(x, x, Round::Rne).0] {
            let soft = float::sqrt::<F64>(x, Round::Rne);
            agree(host::sqrt_f64(x), soft, &[x]);
            agree_nx(host::sqrt_f64_nx(x), soft, &[x]);
        }
        let x = random.operand::<F32>() as u32;
        for x in [x, float::mul::<F32>(x, x, Round::Rne).0] {
            let soft = float::sqrt::<F32>(x, Round::Rne);
            agree(host::sqrt_f32(x), soft, &[x.into()]);
            agree_nx(host::sqrt_f32_nx(x), soft, &[x.into()]);
        }
    }
}

/// Exact quotients: a product divided by one of its factors.
#[test]
fn quotients_of_products() {
    let mut random = Random(3);
    for _ in 0..ROUNDS {
        let short = !0 << 26;
        let (x, y) = (random.operand::<F64>() & short, random.operand::<F64>() & short);
        let product = float::mul::<F64>(x, y, Round::Rne).0;
        let soft = float::div::<F64>(product, y, Round::Rne);
        agree(host::div_f64(product, y), soft, &[product, y]);
        agree_nx(host::div_f64_nx(product, y), soft, &[product, y]);
    }
}

/// Addends for a product: anything, something near its size, what cancels it, halves of its last place.
fn addend<F: Format<Bits: From<u32>>>(random: &mut Random, product: u64, x: u64) -> u64 {
    let mask = F::SIGN | (F::SIGN - 1);
    match random.below(5) {
        0 => random.operand::<F>(),
        1 => random.partner::<F>(x),
        2 => (product ^ F::SIGN).wrapping_add(random.below(5).wrapping_sub(2)) & mask,
        3 => {
            let shift = random.below(2 * u64::from(F::FRAC_BITS) + 6) << F::FRAC_BITS;
            (product.wrapping_add(shift) & mask & !F::FRAC | random.fraction::<F>()) ^ F::SIGN & random.next()
        }
        _ => {
            let shift = random.below(2 * u64::from(F::FRAC_BITS) + 6) << F::FRAC_BITS;
            (product.wrapping_sub(shift) & mask & !F::FRAC | random.fraction::<F>()) ^ F::SIGN & random.next()
        }
    }
}

#[test]
fn multiply_add_f32() {
    let mut random = Random(4);
    for _ in 0..3 * ROUNDS {
        let x = random.operand::<F32>();
        let y = random.partner::<F32>(x);
        let product = float::mul::<F32>(x as u32, y as u32, Round::Rne).0;
        let z = addend::<F32>(&mut random, product.into(), x);
        let (a, b, c) = (x as u32, y as u32, z as u32);
        let soft = float::fma::<F32>(a, b, c, Round::Rne);
        agree(host::fma_f32(a, b, c), soft, &[x, y, z]);
        agree_nx(host::fma_f32_nx(a, b, c), soft, &[x, y, z]);
        if host::has_fma() {
            #[allow(unused_unsafe)] // on AArch64 the function is safe
            // SAFETY: the host has the instruction.
            let fast = unsafe { host::fma_f32_hw_nx(a, b, c) };
            agree_nx(fast, soft, &[x, y, z]);
        }
    }
}

#[test]
fn multiply_add_f64() {
    if !host::has_fma() {
        println!("skipped: this host has no fused multiply-add");
        return;
    }
    let mut random = Random(5);
    for _ in 0..3 * ROUNDS {
        let x = random.operand::<F64>();
        let y = random.partner::<F64>(x);
        let product = float::mul::<F64>(x, y, Round::Rne).0;
        let z = addend::<F64>(&mut random, product, x);
        let soft = float::fma::<F64>(x, y, z, Round::Rne);
        #[allow(unused_unsafe)] // on AArch64 the functions are safe
        // SAFETY: the host has the instruction.
        let (fast, fast_nx) = unsafe { (host::fma_f64(x, y, z), host::fma_f64_nx(x, y, z)) };
        agree(fast, soft, &[x, y, z]);
        agree_nx(fast_nx, soft, &[x, y, z]);
    }
}

/// An integer: random, of few bits, or near a power of two.
fn integer(random: &mut Random) -> u64 {
    match random.below(4) {
        0 => random.next(),
        1 => random.next() >> random.below(64),
        2 => (random.next() as i64 >> random.below(64)) as u64,
        _ => {
            (1u64 << random.below(64)).wrapping_add(1 << random.below(64)).wrapping_add(random.below(5)).wrapping_sub(2)
        }
    }
}

fn exact<T>(value: T) -> (T, Flags) {
    (value, Flags::empty())
}

#[test]
fn from_integers() {
    let mut random = Random(6);
    let rne = Round::Rne;
    for _ in 0..ROUNDS {
        let x = integer(&mut random);
        let (i, u, l) = (x as i32, x as u32, x as i64);
        assert_eq!(exact(host::f64_from_i32(i)), float::from_i32::<F64>(i, rne));
        assert_eq!(exact(host::f64_from_u32(u)), float::from_u32::<F64>(u, rne));
        agree(Some(host::f64_from_i64(l)), float::from_i64::<F64>(l, rne), &[x]);
        agree(Some(host::f64_from_u64(x)), float::from_u64::<F64>(x, rne), &[x]);
        agree(Some(host::f32_from_i32(i)), float::from_i32::<F32>(i, rne), &[x]);
        agree(Some(host::f32_from_u32(u)), float::from_u32::<F32>(u, rne), &[x]);
        agree(Some(host::f32_from_i64(l)), float::from_i64::<F32>(l, rne), &[x]);
        agree(Some(host::f32_from_u64(x)), float::from_u64::<F32>(x, rne), &[x]);
    }
}

#[test]
fn to_integers_and_between_formats() {
    let mut random = Random(7);
    let rtz = Round::Rtz;
    for _ in 0..ROUNDS {
        let any = random.operand::<F64>();
        // And values around the bounds of the integers.
        let bound = (integer(&mut random) as f64).to_bits().wrapping_add(random.below(5)).wrapping_sub(2);
        for x in [any, bound, any & !F64::INF | (1020 + random.below(70)) << 52] {
            agree(host::i32_from_f64(x), float::to_i32::<F64>(x, rtz), &[x]);
            agree(host::u32_from_f64(x), float::to_u32::<F64>(x, rtz), &[x]);
            agree(host::i64_from_f64(x), float::to_i64::<F64>(x, rtz), &[x]);
            agree(host::u64_from_f64(x), float::to_u64::<F64>(x, rtz), &[x]);
            agree(host::f32_from_f64(x), float::convert::<F64, F32>(x, Round::Rne), &[x]);
        }
        // Halfway between binary32 values, and within its range.
        let tie = any & !F64::INF & !0x0fff_ffff | (1023 - 155 + random.below(290)) << 52;
        agree(host::f32_from_f64(tie), float::convert::<F64, F32>(tie, Round::Rne), &[tie]);

        let any = random.operand::<F32>() as u32;
        let bound = (integer(&mut random) as f32).to_bits().wrapping_add(random.below(3) as u32);
        for x in [any, bound] {
            let wide = u64::from(x);
            agree(host::i32_from_f32(x), float::to_i32::<F32>(x, rtz), &[wide]);
            agree(host::u32_from_f32(x), float::to_u32::<F32>(x, rtz), &[wide]);
            agree(host::i64_from_f32(x), float::to_i64::<F32>(x, rtz), &[wide]);
            agree(host::u64_from_f32(x), float::to_u64::<F32>(x, rtz), &[wide]);
            let widened = float::convert::<F32, F64>(x, Round::Rne);
            agree(host::f64_from_f32(x).map(|r| (r, false)), widened, &[wide]);
        }
    }
}

#[test]
fn comparisons() {
    macro_rules! check {
        ($random:ident $format:ident $bits:ident, $($fast:ident $soft:ident)*) => {
            let x = $random.operand::<$format>();
            let y = $random.partner::<$format>(x);
            $(agree(
                host::$fast(x as $bits, y as $bits).map(|r| (r, false)),
                float::$soft::<$format>(x as $bits, y as $bits),
                &[x, y],
            );)*
        };
    }
    let mut random = Random(8);
    for _ in 0..ROUNDS {
        check!(random F64 u64, eq_f64 eq lt_f64 lt le_f64 le min_f64 min max_f64 max);
        check!(random F32 u32, eq_f32 eq lt_f32 lt le_f32 le min_f32 min max_f32 max);
    }
}

/// What programs do all the time never leaves the short path.
#[test]
fn everyday_operands_are_answered() {
    let mut random = Random(9);
    let everyday = |random: &mut Random| match random.below(4) {
        0 => 0.0,
        1 => random.below(1000) as f64,
        2 => -(random.below(1 << 30) as f64) / 1024.0,
        _ => random.next() as f64 / 1e15,
    };
    for _ in 0..ROUNDS {
        let (x, y, z) = (everyday(&mut random), everyday(&mut random), everyday(&mut random));
        let (a, b, c) = (x.to_bits(), y.to_bits(), z.to_bits());
        let (s, t, u) = ((x as f32).to_bits(), (y as f32).to_bits(), (z as f32).to_bits());
        let what = (x, y, z);
        assert!(host::add_f64(a, b).is_some() && host::add_f64_nx(a, b).is_some(), "{what:?}");
        assert!(host::sub_f64(a, b).is_some() && host::sub_f64_nx(a, b).is_some(), "{what:?}");
        assert!(host::mul_f64(a, b).is_some() && host::mul_f64_nx(a, b).is_some(), "{what:?}");
        assert!(host::add_f32(s, t).is_some() && host::add_f32_nx(s, t).is_some(), "{what:?}");
        assert!(host::sub_f32(s, t).is_some() && host::sub_f32_nx(s, t).is_some(), "{what:?}");
        assert!(host::mul_f32(s, t).is_some() && host::mul_f32_nx(s, t).is_some(), "{what:?}");
        if y != 0.0 {
            assert!(host::div_f64(a, b).is_some() && host::div_f64_nx(a, b).is_some(), "{what:?}");
            assert!(host::div_f32(s, t).is_some() && host::div_f32_nx(s, t).is_some(), "{what:?}");
        }
        if x >= 0.0 {
            assert!(host::sqrt_f64(a).is_some() && host::sqrt_f64_nx(a).is_some(), "{what:?}");
            assert!(host::sqrt_f32(s).is_some() && host::sqrt_f32_nx(s).is_some(), "{what:?}");
        }
        if host::has_fma() {
            #[allow(unused_unsafe)] // on AArch64 the functions are safe
            // SAFETY: the host has the instruction.
            unsafe {
                assert!(host::fma_f64_nx(a, b, c).is_some(), "{what:?}");
                let exact_product = float::mul::<F64>(a, b, Round::Rne).1.is_empty();
                assert!(!exact_product || host::fma_f64(a, b, c).is_some(), "{what:?}");
                assert!(host::fma_f32_hw_nx(s, t, u).is_some(), "{what:?}");
            }
        }
    }
}
