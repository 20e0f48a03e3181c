//! The kernels of `testprogs/vector` as plain Rust loops on this host: same inputs, same loop order, same results.
//!
//! `width` is the number of elements that the guest has in a register group, so that strips are as long here as there.
//! The loops are compiled for what Mellivora picks at run time: AVX2 and its companions where the host has them, else
//! what every host of the architecture has. Each runs in a child process, as the emulators do.

use std::hint::black_box;
use std::process::ExitCode;

/// First argument that makes this program the child.
pub const CHILD: &str = "--native-child";

/// Runs kernel `args[0]` as at VLEN `args[1]`, `args[2]` times; prints the line that the guest program prints.
pub fn child(args: &[String]) -> ExitCode {
    let [name, vlen, rounds] = args else { return ExitCode::from(2) };
    let (Ok(vlen), Ok(rounds)) = (vlen.parse(), rounds.parse()) else { return ExitCode::from(2) };
    let Some(sum) = run(name, vlen, rounds) else { return ExitCode::from(2) };
    println!("{name}: checksum {sum:#x}, ok");
    ExitCode::SUCCESS
}

/// What the loops are compiled for on this host.
pub fn features() -> &'static str {
    if has_avx2() { "avx2,fma,bmi1,bmi2,f16c" } else { "the architecture's baseline" }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    macro_rules! all { ($($feature:tt)*) => { true $(&& is_x86_feature_detected!($feature))* } }
    all!("avx2" "fma" "bmi1" "bmi2" "f16c")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c")]
fn repeat_with_avx2<K: Kernel>(kernel: &mut K, rounds: u64) {
    for _ in 0..rounds {
        black_box(&mut *kernel).round();
    }
}

fn repeat<K: Kernel>(mut kernel: K, rounds: u64) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the host has the features.
        unsafe { repeat_with_avx2(&mut kernel, rounds) };
        return kernel.check();
    }
    for _ in 0..rounds {
        black_box(&mut kernel).round();
    }
    kernel.check()
}

/// The checksum after so many rounds; `None`: no such kernel, or no such width.
fn run(name: &str, vlen: usize, rounds: u64) -> Option<u64> {
    macro_rules! by_width {
        ($kernel:ident, $small:literal, $middle:literal, $large:literal) => {
            match vlen {
                128 => repeat($kernel::<$small>::new(), rounds),
                256 => repeat($kernel::<$middle>::new(), rounds),
                1024 => repeat($kernel::<$large>::new(), rounds),
                _ => return None,
            }
        };
    }
    Some(match name {
        "saxpy" => repeat(Saxpy::new(), rounds),
        "sgemm" => by_width!(Sgemm, 16, 32, 128),
        "dgemm" => by_width!(Dgemm, 8, 16, 64),
        "igemm" => by_width!(Igemm, 32, 64, 256),
        "softmax" => by_width!(Softmax, 8, 16, 64),
        "memcpy" => repeat(Memcpy::new(), rounds),
        "strlen" => repeat(Strlen::new(), rounds),
        "grey" => repeat(Grey::new(), rounds),
        "compact" => repeat(Compact::new(), rounds),
        "histogram" => repeat(Histogram::new(), rounds),
        _ => return None,
    })
}

trait Kernel {
    /// The work measured; inlined into functions with and without target features.
    fn round(&mut self);
    /// Folds the results.
    fn check(&self) -> u64;
}

/// xorshift64*, as in `testprogs/bench/bench.h`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 56) as u8
    }
}

/// FNV-1a over 64-bit words of these bytes.
fn fold(sum: u64, bytes: impl IntoIterator<Item = u8>) -> u64 {
    let bytes: Vec<u8> = bytes.into_iter().collect();
    bytes.chunks_exact(8).fold(sum, |sum, word| {
        (sum ^ u64::from_le_bytes(word.try_into().expect("8 bytes"))).wrapping_mul(0x100_0000_01b3)
    })
}

struct Saxpy {
    x: Vec<f32>,
    y: Vec<f32>,
}

impl Saxpy {
    fn new() -> Self {
        let mut random = Random(1);
        let (x, y) = (0..16384).map(|_| (1.0 + 0.75 * random.unit(), 1.0 + random.unit())).unzip();
        Self { x, y }
    }
}

#[inline(always)]
fn saxpy(a: f32, x: &[f32], y: &mut [f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = a.mul_add(*x, *y);
    }
}

impl Kernel for Saxpy {
    #[inline(always)]
    fn round(&mut self) {
        saxpy(1.1, &self.x, &mut self.y);
        saxpy(black_box(-1.1), &self.x, &mut self.y);
    }

    fn check(&self) -> u64 {
        fold(0, self.y.iter().flat_map(|v| v.to_le_bytes()))
    }
}

/// Matrix multiply in strips of `WIDTH` columns, what is left at the end of a row in narrower ones.
macro_rules! gemm {
    ($name:ident, $type:ty, $n:literal, $narrow:literal) => {
        struct $name<const WIDTH: usize> {
            a: Vec<[$type; $n]>,
            b: Vec<[$type; $n]>,
            c: Vec<[$type; $n]>,
        }

        impl<const WIDTH: usize> $name<WIDTH> {
            fn new() -> Self {
                let mut random = Random(2);
                let (mut a, mut b) = (vec![[0.0; $n]; $n], vec![[0.0; $n]; $n]);
                for (a, b) in a.iter_mut().zip(&mut b) {
                    for (a, b) in a.iter_mut().zip(b) {
                        *a = (random.unit() - 0.5).into();
                        *b = (random.unit() - 0.5).into();
                    }
                }
                Self { a, b, c: vec![[0.0; $n]; $n] }
            }

            #[inline(always)]
            fn strip<const W: usize>(&mut self, i: usize, j: usize) {
                let mut sum = [0.0; W];
                for (a, b) in self.a[i].iter().zip(&self.b) {
                    let b: &[$type; W] = b[j..].first_chunk().expect("a strip inside the row");
                    for (sum, b) in sum.iter_mut().zip(b) {
                        *sum = a.mul_add(*b, *sum);
                    }
                }
                self.c[i][j..j + W].copy_from_slice(&sum);
            }
        }

        impl<const WIDTH: usize> Kernel for $name<WIDTH> {
            #[inline(always)]
            fn round(&mut self) {
                for i in 0..$n {
                    let mut j = 0;
                    while j + WIDTH <= $n {
                        self.strip::<WIDTH>(i, j);
                        j += WIDTH;
                    }
                    while j < $n {
                        self.strip::<$narrow>(i, j);
                        j += $narrow;
                    }
                }
            }

            fn check(&self) -> u64 {
                fold(0, self.c.iter().flatten().flat_map(|v| v.to_le_bytes()))
            }
        }
    };
}

gemm!(Sgemm, f32, 240, 16);
gemm!(Dgemm, f64, 160, 8);

struct Igemm<const WIDTH: usize> {
    a: Vec<[i8; 320]>,
    b: Vec<[i8; 320]>,
    c: Vec<[i32; 320]>,
}

impl<const WIDTH: usize> Igemm<WIDTH> {
    fn new() -> Self {
        let mut random = Random(3);
        let mut number = || match random.byte() as i8 {
            -128 => 0,
            value => value,
        };
        let (mut a, mut b) = (vec![[0; 320]; 320], vec![[0; 320]; 320]);
        for (a, b) in a.iter_mut().zip(&mut b) {
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = (number(), number());
            }
        }
        Self { a, b, c: vec![[0; 320]; 320] }
    }

    #[inline(always)]
    fn strip<const W: usize>(&mut self, i: usize, j: usize) {
        let mut sum = [0; W];
        for (a, b) in self.a[i].chunks_exact(2).zip(self.b.chunks_exact(2)) {
            let a = [i16::from(a[0]), i16::from(a[1])];
            let [even, odd]: [&[i8; W]; 2] = [0, 1].map(|k| b[k][j..].first_chunk().expect("a strip inside the row"));
            for l in 0..W {
                let two = (a[0].wrapping_mul(even[l].into())).wrapping_add(a[1].wrapping_mul(odd[l].into()));
                sum[l] += i32::from(two);
            }
        }
        self.c[i][j..j + W].copy_from_slice(&sum);
    }
}

impl<const WIDTH: usize> Kernel for Igemm<WIDTH> {
    #[inline(always)]
    fn round(&mut self) {
        for i in 0..320 {
            let mut j = 0;
            while j + WIDTH <= 320 {
                self.strip::<WIDTH>(i, j);
                j += WIDTH;
            }
            while j < 320 {
                self.strip::<32>(i, j);
                j += 32;
            }
        }
    }

    fn check(&self) -> u64 {
        fold(0, self.c.iter().flatten().flat_map(|v| v.to_le_bytes()))
    }
}

struct Softmax<const WIDTH: usize> {
    input: Vec<[f32; 1000]>,
    output: Vec<[f32; 1000]>,
}

impl<const WIDTH: usize> Softmax<WIDTH> {
    fn new() -> Self {
        let mut random = Random(4);
        let mut input = vec![[0.0; 1000]; 64];
        for value in input.iter_mut().flatten() {
            *value = 20.0 * (random.unit() + random.unit()) - 20.0;
        }
        Self { input, output: vec![[0.0; 1000]; 64] }
    }
}

#[inline(always)]
fn exponential(x: f32) -> f32 {
    let x = if x > -87.0 { x } else { -87.0 };
    let whole = (x * std::f32::consts::LOG2_E).round_ties_even();
    let r = (-0.693_359_4_f32).mul_add(whole, x);
    let r = 2.121_944_4e-4_f32.mul_add(whole, r);
    let p = 1.987_569_1e-4_f32.mul_add(r, 1.398_199_9e-3);
    let p = p.mul_add(r, 8.333_452e-3);
    let p = p.mul_add(r, 4.166_579_6e-2);
    let p = p.mul_add(r, 1.666_666_5e-1);
    let p = p.mul_add(r, 0.5);
    let p = p.mul_add(r * r, r) + 1.0;
    // SAFETY: x is finite and not above 0, so that this is from -126 to 0. (The saturating `as` is not vectorised.)
    let whole: i32 = unsafe { whole.to_int_unchecked() };
    p * f32::from_bits(((whole + 127) << 23) as u32)
}

/// Exponentials of at most `sums.len()` elements, added to the lanes' sums.
#[inline(always)]
fn exponentials(input: &[f32], max: f32, output: &mut [f32], sums: &mut [f64]) {
    for ((x, y), sum) in input.iter().zip(output).zip(sums) {
        *y = exponential(*x - max);
        *sum += f64::from(*y);
    }
}

impl<const WIDTH: usize> Kernel for Softmax<WIDTH> {
    #[inline(always)]
    fn round(&mut self) {
        for (input, output) in self.input.iter().zip(&mut self.output) {
            let greater = |a: f32, b: f32| if a > b { a } else { b };
            let (whole, rest) = input.as_chunks::<WIDTH>();
            let mut greatest = [input[0]; WIDTH];
            for chunk in whole {
                for (g, x) in greatest.iter_mut().zip(chunk) {
                    *g = greater(*x, *g);
                }
            }
            let max = greatest.iter().chain(rest).copied().fold(input[0], greater);

            let mut sums = [0.0; WIDTH];
            let (whole_out, rest_out) = output.as_chunks_mut::<WIDTH>();
            for (x, y) in whole.iter().zip(whole_out) {
                exponentials(x, max, y, &mut sums);
            }
            exponentials(rest, max, rest_out, &mut sums);

            let scale = (1.0 / sums.into_iter().sum::<f64>()) as f32;
            for y in output {
                *y *= scale;
            }
        }
    }

    fn check(&self) -> u64 {
        fold(0, self.output.iter().flatten().flat_map(|v| v.to_le_bytes()))
    }
}

struct Memcpy {
    from: Vec<u8>,
    to: Vec<u8>,
}

impl Memcpy {
    fn new() -> Self {
        let mut random = Random(5);
        Self { from: (0..65536).map(|_| random.byte()).collect(), to: vec![0; 65536] }
    }
}

impl Kernel for Memcpy {
    #[inline(always)]
    fn round(&mut self) {
        for (to, from) in self.to[3..].iter_mut().zip(&self.from[1..65532]) {
            *to = *from;
        }
    }

    fn check(&self) -> u64 {
        fold(0, self.to.iter().copied())
    }
}

struct Strlen {
    text: Vec<u8>,
    lengths: Vec<u32>,
}

impl Strlen {
    fn new() -> Self {
        let mut random = Random(6);
        let mut text = vec![0; 131_072];
        let mut left = 0;
        for byte in &mut text {
            if left == 0 {
                left = 1 + random.next() % 2000;
            }
            left -= 1;
            *byte = if left == 0 { 0 } else { 1 + (random.next() % 255) as u8 };
        }
        text[131_071] = 0;
        Self { text, lengths: vec![0; 512] }
    }
}

#[inline(always)]
fn length_of(text: &[u8]) -> usize {
    text.iter().position(|&byte| byte == 0).unwrap_or(text.len())
}

impl Kernel for Strlen {
    #[inline(always)]
    fn round(&mut self) {
        let mut text = self.text.as_slice();
        for length in &mut self.lengths {
            if text.is_empty() {
                break;
            }
            let n = length_of(text);
            *length = n as u32;
            text = &text[n + 1..];
        }
    }

    fn check(&self) -> u64 {
        fold(0, self.lengths.iter().flat_map(|v| v.to_le_bytes()))
    }
}

struct Grey {
    rgb: Vec<u8>,
    out: Vec<u8>,
}

impl Grey {
    fn new() -> Self {
        let mut random = Random(7);
        Self { rgb: (0..3 * 49152).map(|_| random.byte()).collect(), out: vec![0; 49152] }
    }
}

impl Kernel for Grey {
    #[inline(always)]
    fn round(&mut self) {
        for (out, rgb) in self.out.iter_mut().zip(self.rgb.chunks_exact(3)) {
            let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(u16::from);
            *out = ((77 * r + 150 * g + 29 * b + 128) >> 8) as u8;
        }
    }

    fn check(&self) -> u64 {
        fold(0, self.out.iter().copied())
    }
}

struct Compact {
    input: Vec<i32>,
    output: Vec<i32>,
    kept: usize,
}

impl Compact {
    fn new() -> Self {
        let mut random = Random(8);
        Self { input: (0..32768).map(|_| (random.next() >> 32) as i32).collect(), output: vec![0; 32768], kept: 0 }
    }
}

impl Kernel for Compact {
    #[inline(always)]
    fn round(&mut self) {
        let mut kept = 0;
        // A branch instead would measure its prediction: it takes five times as long.
        for &value in &self.input {
            self.output[kept] = value;
            kept += usize::from(value > 0);
        }
        self.kept = kept;
    }

    fn check(&self) -> u64 {
        fold(self.kept as u64, self.output[..self.kept].iter().flat_map(|v| v.to_le_bytes()))
    }
}

struct Histogram {
    data: Vec<u8>,
    counts: [u32; 256],
}

impl Histogram {
    fn new() -> Self {
        let mut random = Random(9);
        let byte = |r: u64| ((r >> 56) & ((r >> 48) | (r >> 40))) as u8;
        Self { data: (0..131_072).map(|_| byte(random.next())).collect(), counts: [0; 256] }
    }
}

impl Kernel for Histogram {
    #[inline(always)]
    fn round(&mut self) {
        self.counts = [0; 256];
        for &byte in &self.data {
            self.counts[usize::from(byte)] += 1;
        }
    }

    fn check(&self) -> u64 {
        fold(0, self.counts.iter().flat_map(|v| v.to_le_bytes()))
    }
}
