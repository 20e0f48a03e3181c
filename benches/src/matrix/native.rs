//! Multiplications of matrices as plain Rust loops on this host, in the order of the guest's kernels: blocks of 16 x 16
//! results, and of them k from the first to the last. The compiler vectorises them for what the host has: AVX-512 with its
//! dot products, AVX2, or the architecture's baseline. Each runs in a child process, as the emulators do.

use std::hint::black_box;
use std::process::ExitCode;

/// First argument that makes this program the child.
pub const CHILD: &str = "--native-matrix-child";

/// Rows and columns of a block.
const BLOCK: usize = 16;

/// Whether there are loops for these types. (Rust has no binary16 arithmetic.)
pub fn has(types: &str) -> bool {
    matches!(types, "i8" | "f16_f32" | "bf16" | "f32")
}

/// Runs `args[0]`, as `NxROUNDS` in `args[1]` says.
pub fn child(args: &[String]) -> ExitCode {
    let [types, size] = args else { return ExitCode::from(2) };
    let Some((n, rounds)) = size.split_once('x').and_then(|(n, r)| Some((n.parse().ok()?, r.parse().ok()?))) else {
        return ExitCode::from(2);
    };
    let done = match types.as_str() {
        "i8" => run::<i8>(n, rounds),
        "f32" => run::<f32>(n, rounds),
        "bf16" => run::<Bf16>(n, rounds),
        "f16_f32" => run::<F16>(n, rounds),
        _ => return ExitCode::from(2),
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Elements of A and B.
trait Source: Copy + Default {
    type Sum: Copy + Default + PartialEq;
    fn random(byte: u8) -> Self;
    fn add(sum: Self::Sum, a: Self, b: Self) -> Self::Sum;
}

impl Source for i8 {
    type Sum = i32;
    fn random(byte: u8) -> i8 {
        byte as i8
    }
    #[inline(always)]
    fn add(sum: i32, a: i8, b: i8) -> i32 {
        sum.wrapping_add(i32::from(a) * i32::from(b))
    }
}

impl Source for f32 {
    type Sum = f32;
    fn random(byte: u8) -> f32 {
        f32::from(byte as i8) * 0.0079
    }
    #[inline(always)]
    fn add(sum: f32, a: f32, b: f32) -> f32 {
        a.mul_add(b, sum)
    }
}

#[derive(Clone, Copy, Default)]
struct Bf16(u16);

impl Bf16 {
    #[inline(always)]
    fn wide(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }
}

impl Source for Bf16 {
    type Sum = f32;
    fn random(byte: u8) -> Bf16 {
        Bf16((f32::random(byte).to_bits() >> 16) as u16)
    }
    #[inline(always)]
    fn add(sum: f32, a: Bf16, b: Bf16) -> f32 {
        a.wide().mul_add(b.wide(), sum)
    }
}

#[derive(Clone, Copy, Default)]
struct F16(u16);

impl F16 {
    /// Normal values and zeros: scaling by a power of two corrects the bias.
    #[inline(always)]
    fn wide(self) -> f32 {
        let bits = u32::from(self.0);
        let magnitude = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits(0x7780_0000);
        f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
    }
}

impl Source for F16 {
    type Sum = f32;
    fn random(byte: u8) -> F16 {
        // Some normal numbers from 0.25 to 2, of either sign.
        F16(0x3400 | u16::from(byte) << 4 | u16::from(byte & 1) << 15)
    }
    #[inline(always)]
    fn add(sum: f32, a: F16, b: F16) -> f32 {
        a.wide().mul_add(b.wide(), sum)
    }
}

/// C += A B, with B's rows its columns.
#[inline(always)]
fn multiply<S: Source>(n: usize, a: &[S], b: &[S], c: &mut [S::Sum], turned: &mut Vec<[S; BLOCK]>) {
    for j in (0..n).step_by(BLOCK) {
        // The columns of a block side by side, so that the loop over them is one of vectors.
        turned.clear();
        turned.extend((0..n).map(|k| std::array::from_fn(|x| b[(j + x) * n + k])));
        for i in (0..n).step_by(BLOCK) {
            let mut block = [[S::Sum::default(); BLOCK]; BLOCK];
            for (k, b) in turned.iter().enumerate() {
                for (y, row) in block.iter_mut().enumerate() {
                    let a = a[(i + y) * n + k];
                    for (sum, b) in row.iter_mut().zip(b) {
                        *sum = S::add(*sum, a, *b);
                    }
                }
            }
            for (y, row) in block.iter().enumerate() {
                c[(i + y) * n + j..][..BLOCK].copy_from_slice(row);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c,bmi1,bmi2")]
fn with_avx512<S: Source>(n: usize, a: &[S], b: &[S], c: &mut [S::Sum], turned: &mut Vec<[S; BLOCK]>) {
    multiply(n, a, b, c, turned);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c,bmi1,bmi2")]
fn with_avx2<S: Source>(n: usize, a: &[S], b: &[S], c: &mut [S::Sum], turned: &mut Vec<[S; BLOCK]>) {
    multiply(n, a, b, c, turned);
}

fn best<S: Source>(n: usize, a: &[S], b: &[S], c: &mut [S::Sum], turned: &mut Vec<[S; BLOCK]>) {
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! all { ($($feature:tt)*) => { true $(&& is_x86_feature_detected!($feature))* } }
        if all!("avx512f" "avx512bw" "avx512vl" "avx512dq" "avx512vnni" "avx2" "fma" "f16c" "bmi1" "bmi2") {
            // SAFETY: the host has the features.
            return unsafe { with_avx512(n, a, b, c, turned) };
        }
        if all!("avx2" "fma" "f16c" "bmi1" "bmi2") {
            // SAFETY: the host has the features.
            return unsafe { with_avx2(n, a, b, c, turned) };
        }
    }
    multiply(n, a, b, c, turned);
}

/// Multiplies, and compares some elements with sums in another order of loops; `false`: they differ.
fn run<S: Source>(n: usize, rounds: u64) -> bool {
    if n == 0 || !n.is_multiple_of(BLOCK) {
        return false;
    }
    let mut seed = 1u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        S::random((seed >> 56) as u8)
    };
    let a: Vec<S> = (0..n * n).map(|_| next()).collect();
    let b: Vec<S> = (0..n * n).map(|_| next()).collect();
    let mut c = vec![S::Sum::default(); n * n];
    let mut turned = Vec::new();
    for _ in 0..rounds {
        best(n, black_box(&a), black_box(&b), black_box(&mut c), &mut turned);
    }
    let expected = |i: usize, j: usize| (0..n).fold(S::Sum::default(), |s, k| S::add(s, a[i * n + k], b[j * n + k]));
    rounds == 0 || (0..n).all(|i| c[i * n + (i * 7) % n] == expected(i, (i * 7) % n))
}
