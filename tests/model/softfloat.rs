//! Berkeley SoftFloat in its RISC-V configuration on bits of a format, and what it lacks: classes, minimum and maximum, BFloat16.
//! Scalar and vector model use it.

#![allow(dead_code)] // each of them a part

use softfloat_sys as sf;

pub const NV: u64 = 16;
pub const DZ: u64 = 8;
pub const OF: u64 = 4;
pub const UF: u64 = 2;
pub const NX: u64 = 1;

/// A format: bits of it all and of the fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    H,
    S,
    D,
}
pub use Format::{D, H, S};

impl Format {
    pub fn bits(self) -> u64 {
        [16, 32, 64][self as usize]
    }
    pub fn fraction(self) -> u64 {
        [10, 23, 52][self as usize]
    }
    pub fn sign(self) -> u64 {
        1 << (self.bits() - 1)
    }
    /// Also the mask of the exponent.
    pub fn infinity(self) -> u64 {
        self.sign() - (1 << self.fraction())
    }
    pub fn quiet(self) -> u64 {
        1 << (self.fraction() - 1)
    }
    pub fn nan(self) -> u64 {
        self.infinity() | self.quiet()
    }
    pub fn is_nan(self, v: u64) -> bool {
        v & !self.sign() > self.infinity()
    }
    pub fn is_signaling(self, v: u64) -> bool {
        self.is_nan(v) && v & self.quiet() == 0
    }
}

/// Calls the SoftFloat function of a format on values of that format; the bits of what it returns.
macro_rules! soft {
    ($f:expr, $h:ident $s:ident $d:ident, ($($a:expr),*) $(, $more:expr)*) => {
        // SAFETY: SoftFloat's functions take values and touch their own thread-local state only.
        unsafe { match $f {
            H => sf::$h($(sf::float16_t { v: $a as u16 }),* $(, $more)*).bits(),
            S => sf::$s($(sf::float32_t { v: $a as u32 }),* $(, $more)*).bits(),
            D => sf::$d($(sf::float64_t { v: $a }),* $(, $more)*).bits(),
        } }
    };
}
pub(crate) use soft;

/// What SoftFloat returns, as register bits: numbers of 32 bits sign-extended.
pub trait AsBits {
    fn bits(self) -> u64;
}
macro_rules! as_bits {
    ($($t:ty, |$v:ident| $e:expr;)*) => { $(impl AsBits for $t { fn bits(self) -> u64 { let $v = self; $e } })* };
}
as_bits! {
    sf::float16_t, |v| v.v as u64;
    sf::float32_t, |v| v.v as u64;
    sf::float64_t, |v| v.v;
    bool, |v| v as u64;
    u64, |v| v;
    i64, |v| v as u64;
    u32, |v| v as u64;
    i32, |v| v as u64;
}

/// A number of an instruction: value and flags that it raises.
pub type Number = (u64, u64);

/// Does something in a rounding mode: `frm`'s five, or 6, to odd.
pub fn run(mode: u64, f: impl FnOnce() -> u64) -> Number {
    // SAFETY: thread-local state of SoftFloat.
    unsafe {
        sf::softfloat_roundingMode_write_helper(mode as u8);
        sf::softfloat_exceptionFlags_write_helper(0);
        let v = f();
        (v, sf::softfloat_exceptionFlags_read_helper() as u64)
    }
}

/// minimumNumber and its likes: -0 below +0; `strict`: a NaN makes the result one.
pub fn select(f: Format, a: u64, b: u64, max: bool, strict: bool) -> Number {
    let flags = if f.is_signaling(a) || f.is_signaling(b) { NV } else { 0 };
    let nans = (f.is_nan(a), f.is_nan(b));
    let key = |v: u64| if v & f.sign() != 0 { -((v - f.sign()) as i128) - 1 } else { v as i128 };
    let v = match nans {
        (true, true) => f.nan(),
        (true, _) | (_, true) if strict => f.nan(),
        (true, _) => b,
        (_, true) => a,
        _ if (key(a) < key(b)) != max => a,
        _ => b,
    };
    (v, flags)
}

/// The class of a number, as one bit.
pub fn classify(f: Format, v: u64) -> u64 {
    let (negative, magnitude) = (v & f.sign() != 0, v & !f.sign());
    let normal = magnitude >= 1 << f.fraction();
    if f.is_nan(v) {
        return if f.is_signaling(v) { 1 << 8 } else { 1 << 9 };
    }
    let from_zero = match magnitude {
        0 => 0,
        m if m == f.infinity() => 3,
        _ if normal => 2,
        _ => 1,
    };
    if negative { 1 << (3 - from_zero) } else { 1 << (4 + from_zero) }
}

/// From one format to another.
pub fn convert(from: Format, to: Format, v: u64) -> u64 {
    let (h, s, d) = (sf::float16_t { v: v as u16 }, sf::float32_t { v: v as u32 }, sf::float64_t { v });
    // SAFETY: functions of values.
    unsafe {
        match (from, to) {
            (H, H) | (S, S) | (D, D) => v,
            (H, S) => sf::f16_to_f32(h).bits(),
            (H, D) => sf::f16_to_f64(h).bits(),
            (S, H) => sf::f32_to_f16(s).bits(),
            (S, D) => sf::f32_to_f64(s).bits(),
            (D, H) => sf::f64_to_f16(d).bits(),
            (D, S) => sf::f64_to_f32(d).bits(),
        }
    }
}

/// Binary32 to BFloat16: the upper half, rounded; subnormal numbers have the same scale in both.
pub fn to_bf16(v: u64, mode: u64) -> Number {
    if S.is_nan(v) {
        return (0x7fc0, if S.is_signaling(v) { NV } else { 0 });
    }
    let (negative, magnitude) = (v & S.sign() != 0, v & !S.sign());
    // Rounds off `n` low bits.
    let round = |m: u64, n: u64| {
        let (kept, cut, half) = (m >> n, m & ((1 << n) - 1), 1 << n >> 1);
        let up = match mode {
            0 => cut > half || cut == half && kept & 1 == 1 && cut != 0,
            1 => false,
            2 => negative && cut != 0,
            3 => !negative && cut != 0,
            _ => cut >= half && cut != 0,
        };
        kept + up as u64
    };
    let result = round(magnitude, 16);
    let mut flags = if magnitude & 0xffff != 0 { NX } else { 0 };
    if magnitude < S.infinity() && result >= 0x7f80 {
        flags |= OF | NX;
    }
    // Tiny: below the normal numbers after rounding to 8 bits with an unbounded exponent.
    let width = 64 - magnitude.leading_zeros() as u64;
    let cut = width.saturating_sub(8);
    if flags & NX != 0 && (round(magnitude, cut) << cut) < 1 << 23 {
        flags |= UF;
    }
    (result | (negative as u64) << 15, flags)
}
