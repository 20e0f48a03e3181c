//! Each level of the host against the portable code, that against sums said in other words, and what an exact product says.

use proptest::prelude::*;

use super::*;

/// The levels besides the portable one.
fn levels() -> impl Iterator<Item = Simd> {
    Simd::available().iter().copied().filter(|&simd| simd != Simd::Baseline)
}

/// Numbers that spoil things, in a format of `exp` bits of exponent and `frac` of fraction; mostly harmless ones if `calm`.
fn element(exp: u32, frac: u32, calm: bool) -> BoxedStrategy<u64> {
    let (one, sign) = (1u64 << frac, 1u64 << (exp + frac));
    let top = (1u64 << exp) - 1;
    let bias = top / 2;
    let signs = prop_oneof![Just(0), Just(sign)];
    let magnitude = prop_oneof![
        8 => (bias - bias.min(3)..bias + 3, 0..one).prop_map(move |(e, f)| e << frac | f),
        4 => (0..top, prop_oneof![Just(0), Just(one - 1), 0..one]).prop_map(move |(e, f)| e << frac | f),
        1 => (top - 2..top, 0..one).prop_map(move |(e, f)| e << frac | f),
        2 => 0..one,
        1 => Just(0),
        1 => prop_oneof![Just(1), Just(one), Just(one - 1), Just((top << frac) - 1)],
        if calm { 0 } else { 1 } => Just(top << frac),
        if calm { 0 } else { 1 } => prop_oneof![Just(top << frac | one >> 1), Just(top << frac | 1), Just(top << frac | (one - 1))],
    ];
    (signs, magnitude).prop_map(|(sign, magnitude)| sign | magnitude).boxed()
}

fn shape(bits: usize) -> (u32, u32) {
    match bits {
        8 => (5, 2),
        16 => (5, 10),
        32 => (8, 23),
        _ => (11, 52),
    }
}

/// How elements of source and destination split into exponent and fraction.
fn shapes(kind: Float) -> ((u32, u32), (u32, u32)) {
    let (source, destination) = kind.bits();
    let brain = (8, 7);
    match kind {
        Float::Bf16ToBf16 => (brain, brain),
        Float::Bf16ToF32 => (brain, shape(32)),
        Float::E4ToBf16 => ((4, 3), brain),
        Float::E5ToBf16 => (shape(8), brain),
        Float::E4ToF16 | Float::E4ToF32 => ((4, 3), shape(destination)),
        _ => (shape(source), shape(destination)),
    }
}

/// A matrix of `rows` rows, `gap` bytes apart, each element from a pool of values.
fn matrix(rows: usize, count: usize, bits: usize, gap: usize, pool: &[u64], mut seed: u64) -> (Vec<u8>, usize) {
    let stride = (count * bits).div_ceil(8) + gap;
    let mut bytes = vec![0xa5; rows * stride];
    for row in bytes.chunks_exact_mut(stride.max(1)) {
        for k in 0..count {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = pool[(seed >> 33) as usize % pool.len()].to_le_bytes();
            row[k * bits / 8..][..bits / 8].copy_from_slice(&value[..bits / 8]);
        }
    }
    bytes.truncate((rows * stride).saturating_sub(gap));
    (bytes, stride)
}

#[derive(Clone, Debug)]
struct Case {
    kind: Float,
    how: Accumulation,
    rm: Round,
    size: (usize, usize, usize),
    gap: usize,
    a: Vec<u64>,
    b: Vec<u64>,
    c: Vec<u64>,
    seed: u64,
}

fn case(how: &'static [Accumulation]) -> impl Strategy<Value = Case> {
    (prop::sample::select(&Float::ALL[..]), 0..4u8, 0..3u8)
        .prop_flat_map(move |(kind, calm, calm_c)| {
            let ((a, b), (c, d)) = shapes(kind);
            let size = prop_oneof![(0..21usize, 0..21usize, 0..21usize), (1..9usize, 1..40usize, 1..70usize)];
            let pool = |calm: bool, len: usize| prop::collection::vec(element(a, b, calm), 1..len);
            (
                (Just(kind), prop::sample::select(how), prop::sample::select(&Round::ALL[..]), size, 0..9usize),
                pool(calm > 0, 12),
                pool(calm > 0, 12),
                prop::collection::vec(element(c, d, calm_c > 0), 1..12),
                any::<u64>(),
            )
        })
        .prop_map(|((kind, how, rm, size, gap), a, b, c, seed)| Case { kind, how, rm, size, gap, a, b, c, seed })
}

impl Case {
    fn run(&self, simd: Simd, scratch: &mut Scratch) -> (Vec<u8>, Flags) {
        let (m, n, k) = self.size;
        let (source, destination) = self.kind.bits();
        let (a, a_row) = matrix(m, k, source, self.gap, &self.a, self.seed);
        let (b, b_row) = matrix(n, k, source, self.gap / 2, &self.b, self.seed ^ 1);
        let (mut c, c_row) = matrix(m, n, destination, self.gap, &self.c, self.seed ^ 2);
        let job = Job { a: &a, a_row, b: &b, b_row, c: &mut c, c_row, m, n, k };
        let flags = float(self.kind, self.how, self.rm, simd, scratch, job);
        (c, flags)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn every_level_gives_the_same_bits_and_flags(
        case in case(&[Accumulation::Vendor, Accumulation::Chain]),
        rne in any::<bool>(),
    ) {
        let case = Case { rm: if rne { Round::Rne } else { case.rm }, ..case };
        let mut scratch = Scratch::default();
        let expected = case.run(Simd::Baseline, &mut scratch);
        for simd in levels() {
            prop_assert_eq!(&case.run(simd, &mut scratch), &expected, "{:?}", simd);
        }
    }

    #[test]
    fn integers_are_the_exact_sum(
        source in prop::sample::select(&[Width::I4, Width::I8, Width::I16, Width::Bp][..]),
        a_signed in any::<bool>(),
        b_signed in any::<bool>(),
        saturate in any::<bool>(),
        (m, n, k) in (0..20usize, 0..36usize, 0..80usize),
        gap in 0..9usize,
        large in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let kind = Int { source, a_signed, b_signed, saturate };
        let (a_bits, b_bits, c_bits) = source.bits();
        let extremes = [0x8080_8080_8080_8080, 0x7f7f_7f7f_7f7f_7f7f, 0xffff_ffff_ffff_ffff];
        let pool: Vec<u64> = if large { extremes.to_vec() } else { (0..64).map(|i| seed.rotate_left(i) ^ seed >> 7).collect() };
        let ends = [i64::MIN as u64, i64::MAX as u64, 0x8000_0000, 0x7fff_ffff, 0x7fff_f000, 0x8000_0fff, 0, seed];
        let (a, a_row) = matrix(m, (k * a_bits).div_ceil(8), 8, gap, &pool, seed);
        let (b, b_row) = matrix(n, (k * b_bits).div_ceil(8), 8, gap / 3, &pool, seed ^ 1);
        let (c, c_row) = matrix(m, n, c_bits, gap, &ends, seed ^ 2);
        let mut scratch = Scratch::default();
        let expected = exact_sum(kind, (&a, a_row), (&b, b_row), (&c, c_row), (m, n, k));
        for &simd in Simd::available() {
            let mut c = c.clone();
            let job = Job { a: &a, a_row, b: &b, b_row, c: &mut c, c_row, m, n, k };
            let saturated = int(kind, simd, &mut scratch, job);
            prop_assert_eq!((&c, saturated), (&expected.0, expected.1), "{:?}", simd);
        }
    }
}

/// One element of a row.
fn at(row: &[u8], k: usize, bits: usize, signed: bool) -> i128 {
    let value = match bits {
        4 => u64::from(row[k / 2] >> (4 * (k % 2)) & 15),
        8 => row[k].into(),
        _ => u16::from_le_bytes([row[2 * k], row[2 * k + 1]]).into(),
    };
    i128::from(value) - if signed && value >> (bits - 1) != 0 { 1 << bits } else { 0 }
}

type Rows<'a> = (&'a [u8], usize);

fn exact_sum(kind: Int, a: Rows, b: Rows, c: Rows, (m, n, k): (usize, usize, usize)) -> (Vec<u8>, bool) {
    let (a_bits, b_bits, c_bits) = kind.source.bits();
    let (bytes, mut saturated, mut out) = (c_bits / 8, false, c.0.to_vec());
    for i in 0..m {
        for j in 0..n {
            if k == 0 {
                continue;
            }
            let element = &mut out[i * c.1 + j * bytes..][..bytes];
            let mut old = [0; 8];
            old[..bytes].copy_from_slice(element);
            let shift = 64 - c_bits;
            let sum: i128 = (0..k)
                .map(|k| at(&a.0[i * a.1..], k, a_bits, kind.a_signed) * at(&b.0[j * b.1..], k, b_bits, kind.b_signed))
                .sum();
            let exact = i128::from(i64::from_le_bytes(old) << shift >> shift) + sum;
            let limit = 1i128 << (c_bits - 1);
            let clipped = exact.clamp(-limit, limit - 1);
            saturated |= kind.saturate && clipped != exact;
            element.copy_from_slice(&if kind.saturate { clipped } else { exact }.to_le_bytes()[..bytes]);
        }
    }
    (out, saturated)
}

/// `k` so large that sums of bytes would leave 32 bits, which nothing but the portable code does.
#[test]
fn long_sums_of_bytes_do_not_overflow() {
    for k in [1 << 15, (1 << 15) + 1, 40_000] {
        for a_signed in [false, true] {
            for saturate in [false, true] {
                let kind = Int { source: Width::I8, a_signed, b_signed: a_signed, saturate };
                let (a, b) = (vec![if a_signed { 0x80 } else { 0xff }; k], vec![if a_signed { 0x80 } else { 0xff }; k]);
                let expected = exact_sum(kind, (&a, k), (&b, k), (&[0; 4], 4), (1, 1, k));
                for &simd in Simd::available() {
                    let mut c = [0; 4];
                    let job = Job { a: &a, a_row: k, b: &b, b_row: k, c: &mut c, c_row: 4, m: 1, n: 1, k };
                    let saturated = int(kind, simd, &mut Scratch::default(), job);
                    assert_eq!((&c[..], saturated), (&expected.0[..], expected.1), "{k} {kind:?} {simd:?}");
                }
            }
        }
    }
}

/// One element: C + Σ a × b in binary32.
fn single(how: Accumulation, rm: Round, simd: Simd, c: f32, pairs: &[(f32, f32)]) -> (f32, Flags) {
    let bytes = |side: fn(&(f32, f32)) -> f32| pairs.iter().flat_map(|p| side(p).to_le_bytes()).collect::<Vec<u8>>();
    let (a, b) = (bytes(|p| p.0), bytes(|p| p.1));
    let mut c = c.to_le_bytes();
    let job = Job { a: &a, a_row: 0, b: &b, b_row: 0, c: &mut c, c_row: 0, m: 1, n: 1, k: pairs.len() };
    let flags = float(Float::F32ToF32, how, rm, simd, &mut Scratch::default(), job);
    (f32::from_le_bytes(c), flags)
}

#[test]
fn the_three_ways_of_summing_differ() {
    let tiny = 2f32.powi(-24);
    let pairs = [(tiny, 1.0), (tiny, 1.0), (tiny, 1.0)];
    for &simd in Simd::available() {
        let sum = |how| single(how, Round::Rne, simd, 1.0, &pairs);
        // Three halves of a last place: one by one they are ties to even.
        assert_eq!(sum(Accumulation::Chain), (1.0, Flags::NX));
        assert_eq!(sum(Accumulation::Vendor), (1.0 + 4.0 * tiny, Flags::NX));
        assert_eq!(sum(Accumulation::Exact), (1.0 + 4.0 * tiny, Flags::NX));
        // A sum that leaves the range on its way.
        let way = [(f32::MAX, 2.0), (f32::MAX, -2.0)];
        assert_eq!(single(Accumulation::Exact, Round::Rne, simd, 1.0, &way), (1.0, Flags::empty()));
        assert_eq!(single(Accumulation::Vendor, Round::Rne, simd, 1.0, &way), (f32::INFINITY, Flags::OF | Flags::NX));
        assert_eq!(single(Accumulation::Vendor, Round::Rtz, simd, 0.0, &way).1, Flags::OF | Flags::NX);
    }
}

#[test]
fn what_is_invalid_is_told_and_nothing_else() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    for &simd in Simd::available() {
        for how in [Accumulation::Vendor, Accumulation::Chain, Accumulation::Exact] {
            let sum = |c, pairs: &[_]| {
                let (value, flags) = single(how, Round::Rne, simd, c, pairs);
                (value.to_bits(), flags)
            };
            let canonical = 0x7fc0_0000;
            assert_eq!(sum(1.0, &[(inf, 2.0)]), (inf.to_bits(), Flags::empty()), "{how:?} {simd:?}");
            assert_eq!(sum(1.0, &[(inf, 0.0)]), (canonical, Flags::NV), "{how:?} {simd:?}");
            assert_eq!(sum(1.0, &[(inf, 1.0), (1.0, -inf)]), (canonical, Flags::NV), "{how:?} {simd:?}");
            assert_eq!(sum(-inf, &[(inf, 1.0)]), (canonical, Flags::NV), "{how:?} {simd:?}");
            assert_eq!(sum(-nan, &[(1.0, 1.0)]), (canonical, Flags::empty()), "{how:?} {simd:?}");
            assert_eq!(sum(0.0, &[(nan, 1.0)]), (canonical, Flags::empty()), "{how:?} {simd:?}");
            // Invalid even beside a quiet NaN, where x86 thinks otherwise.
            assert_eq!(sum(nan, &[(nan, 1.0), (inf, 0.0)]), (canonical, Flags::NV), "{how:?} {simd:?}");
            let signaling = f32::from_bits(0x7f80_0001);
            assert_eq!(sum(signaling, &[(1.0, 1.0)]), (canonical, Flags::NV), "{how:?} {simd:?}");
            assert_eq!(sum(0.0, &[(signaling, 1.0)]), (canonical, Flags::NV), "{how:?} {simd:?}");
        }
    }
}

#[test]
fn nothing_happens_without_a_product() {
    for how in [Accumulation::Vendor, Accumulation::Chain, Accumulation::Exact] {
        for &simd in Simd::available() {
            let (value, flags) = single(how, Round::Rne, simd, f32::from_bits(0xff80_0001), &[]);
            assert_eq!((value.to_bits(), flags), (0xff80_0001, Flags::empty()));
            let (value, flags) = single(how, Round::Rne, simd, -0.0, &[]);
            assert_eq!((value.to_bits(), flags), ((-0f32).to_bits(), Flags::empty()));
        }
    }
}

/// All pairs of 8-bit codes, as one job of 256 × 256 products.
#[test]
fn every_product_of_bytes_is_the_same() {
    let codes: Vec<u8> = (0..=255).collect();
    let kinds = [Float::E5ToF16, Float::E4ToF16, Float::E5ToBf16, Float::E4ToBf16, Float::E5ToF32, Float::E4ToF32];
    for kind in kinds {
        // With and without the codes that are no numbers, which take other ways.
        for codes in [&codes[..], &codes[..0x7c]] {
            let n = codes.len();
            let row = n * kind.bits().1 / 8;
            let run = |simd| {
                let mut c = vec![0; n * row];
                let job = Job { a: codes, a_row: 1, b: codes, b_row: 1, c: &mut c, c_row: row, m: n, n, k: 1 };
                let flags = float(kind, Accumulation::Vendor, Round::Rne, simd, &mut Scratch::default(), job);
                (c, flags)
            };
            let expected = run(Simd::Baseline);
            for simd in levels() {
                assert!(run(simd) == expected, "{kind:?} {simd:?}");
            }
        }
    }
}
