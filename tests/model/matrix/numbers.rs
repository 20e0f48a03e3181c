//! Floating-point arithmetic on bits of a format: every operation gives an exact number, which `round` brings into a format.

use super::exact::Exact;
use std::cmp::Ordering;

pub const NV: u64 = 16;
pub const OF: u64 = 4;
pub const UF: u64 = 2;
pub const NX: u64 = 1;

/// Rounding modes, as in xmfrm.
pub const RNE: u64 = 0;
pub const RTZ: u64 = 1;
pub const RDN: u64 = 2;
pub const RUP: u64 = 3;
pub const RMM: u64 = 4;

/// A format: bits of the exponent and of the fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub exponent: u32,
    pub fraction: u32,
}
pub const E4M3: Format = Format { exponent: 4, fraction: 3 };
pub const E5M2: Format = Format { exponent: 5, fraction: 2 };
pub const F16: Format = Format { exponent: 5, fraction: 10 };
pub const BF16: Format = Format { exponent: 8, fraction: 7 };
/// The upper bits of a word of 32.
pub const TF32: Format = Format { exponent: 8, fraction: 10 };
pub const F32: Format = Format { exponent: 8, fraction: 23 };
pub const F64: Format = Format { exponent: 11, fraction: 52 };

/// What bits stand for.
#[derive(Clone, Debug)]
pub enum Number {
    NaN,
    Infinity { negative: bool },
    Finite(Exact),
}
use Number::{Finite, Infinity, NaN};

/// Bits and the flags raised in making them.
pub type Result = (u64, u64);

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Option<Format> {
        Some(match name {
            "e4m3" => E4M3,
            "e5m2" => E5M2,
            "f16" | "h" => F16,
            "bf16" => BF16,
            "tf32" => TF32,
            "f32" | "s" => F32,
            "f64" | "d" => F64,
            _ => return None,
        })
    }

    /// Bits in memory and registers.
    pub fn width(self) -> usize {
        if self == TF32 { 32 } else { self.length() as usize }
    }

    fn length(self) -> u32 {
        1 + self.exponent + self.fraction
    }
    fn bias(self) -> i64 {
        (1 << (self.exponent - 1)) - 1
    }
    fn sign(self) -> u64 {
        1 << (self.length() - 1)
    }
    /// All ones in the exponent, also infinity's bits, where there is one.
    fn top(self) -> u64 {
        ((1 << self.exponent) - 1) << self.fraction
    }
    /// The one NaN that operations produce.
    pub fn nan(self) -> u64 {
        let v = if self == E4M3 { 0x7f } else { self.top() | 1 << (self.fraction - 1) };
        self.stored(v)
    }
    /// The greatest finite number. OCP's e4m3 has no infinity: only the last one of the topmost binade is none.
    fn greatest(self) -> u64 {
        if self == E4M3 { 0x7e } else { self.top() - 1 }
    }
    fn is_8_bit(self) -> bool {
        self == E4M3 || self == E5M2
    }
    fn stored(self, v: u64) -> u64 {
        if self == TF32 { v << 13 } else { v }
    }

    /// What bits of this format stand for, and whether they are a signaling NaN.
    pub fn read(self, bits: u64) -> (Number, bool) {
        let bits = if self == TF32 { bits >> 13 } else { bits } & (u64::MAX >> (64 - self.length()));
        let (negative, size) = (bits & self.sign() != 0, bits & !self.sign());
        if size > self.greatest() {
            if self != E4M3 && size == self.top() {
                return (Infinity { negative }, false);
            }
            return (NaN, self != E4M3 && size & 1 << (self.fraction - 1) == 0);
        }
        let (e, f) = ((size >> self.fraction) as i64, size & ((1 << self.fraction) - 1));
        let one = if e == 0 { 0 } else { 1 << self.fraction };
        let scale = e.max(1) - self.bias() - i64::from(self.fraction);
        (Finite(Exact::new(negative, one | f, scale)), false)
    }
}

/// Digits above a unit; what lies below decides by the mode whether one more is due.
fn to_units(v: &Exact, unit: i64, mode: u64) -> (u64, bool) {
    let (whole, inexact, half) = v.in_units(unit);
    let up = match mode {
        RNE => half == Ordering::Greater || half == Ordering::Equal && whole & 1 == 1,
        RTZ => false,
        RDN => inexact && v.negative,
        RUP => inexact && !v.negative,
        RMM => half != Ordering::Less,
        _ => panic!("no rounding mode {mode}"),
    };
    (whole + u64::from(up), inexact)
}

/// Brings a number into a format. In the 8-bit formats, what is too large becomes the greatest number with `saturate`, or else
/// infinity, or e4m3's NaN.
pub fn round(v: &Number, f: Format, mode: u64, saturate: bool) -> Result {
    let signed = |negative: bool, v: u64| f.stored(if negative { v | f.sign() } else { v });
    let beyond = |negative: bool| match f {
        _ if f.is_8_bit() && saturate => signed(negative, f.greatest()),
        E4M3 => f.nan(),
        _ => signed(negative, f.top()),
    };
    let v = match v {
        NaN => return (f.nan(), 0),
        Infinity { negative } => return (beyond(*negative), 0),
        Finite(v) if v.is_zero() => return (signed(v.negative, 0), 0),
        Finite(v) => v,
    };
    let lowest = 1 - f.bias();
    let fraction = i64::from(f.fraction);
    let unit = v.exponent().max(lowest) - fraction;
    let (units, inexact) = to_units(v, unit, mode);
    // The same as bits: exponents count binades, and a carry out of the fraction is the next one.
    let binade = (unit + fraction + f.bias() - 1) as u64;
    let bits = (binade << f.fraction) + units;
    if bits > f.greatest() {
        let away = match mode {
            RTZ => false,
            RDN => v.negative,
            RUP => !v.negative,
            _ => true,
        };
        let bits = if away || f.is_8_bit() { beyond(v.negative) } else { signed(v.negative, f.greatest()) };
        return (bits, OF | NX);
    }
    // Tiny: below the normal numbers, were the exponent unbounded.
    let (free, _) = to_units(v, v.exponent() - fraction, mode);
    let exponent = v.exponent() + i64::from(free >> (fraction + 1) == 1);
    let flags = match inexact {
        true if exponent < lowest => UF | NX,
        true => NX,
        false => 0,
    };
    (signed(v.negative, bits), flags)
}

/// Reads operands; signaling NaNs among them set NV.
fn operands<const N: usize>(f: Format, bits: [u64; N]) -> ([Number; N], u64) {
    let read = bits.map(|b| f.read(b));
    let flags = if read.iter().any(|r| r.1) { NV } else { 0 };
    (read.map(|r| r.0), flags)
}

/// The exact product.
pub fn product(a: &Number, b: &Number) -> (Number, u64) {
    let negative = |n: &Number| match n {
        NaN => false,
        Infinity { negative } => *negative,
        Finite(v) => v.negative,
    };
    match (a, b) {
        (NaN, _) | (_, NaN) => (NaN, 0),
        (Infinity { .. }, Finite(v)) | (Finite(v), Infinity { .. }) if v.is_zero() => (NaN, NV),
        (Finite(a), Finite(b)) => (Finite(a.times(b)), 0),
        _ => (Infinity { negative: negative(a) != negative(b) }, 0),
    }
}

/// The exact sum. The sign of a zero depends on the rounding mode.
pub fn total(a: &Number, b: &Number, mode: u64) -> (Number, u64) {
    match (a, b) {
        (NaN, _) | (_, NaN) => (NaN, 0),
        (Infinity { negative: a }, Infinity { negative: b }) if a != b => (NaN, NV),
        (Infinity { negative }, _) | (_, Infinity { negative }) => (Infinity { negative: *negative }, 0),
        (Finite(a), Finite(b)) => (Finite(a.plus(b, mode == RDN)), 0),
    }
}

fn rounded(exact: (Number, u64), flags: u64, f: Format, mode: u64) -> Result {
    let (bits, more) = round(&exact.0, f, mode, false);
    (bits, exact.1 | flags | more)
}

pub fn add(f: Format, a: u64, b: u64, mode: u64) -> Result {
    let ([a, b], flags) = operands(f, [a, b]);
    rounded(total(&a, &b, mode), flags, f, mode)
}

pub fn sub(f: Format, a: u64, b: u64, mode: u64) -> Result {
    let ([a, b], flags) = operands(f, [a, b]);
    let b = match b {
        NaN => NaN,
        Infinity { negative } => Infinity { negative: !negative },
        Finite(v) => Finite(v.negated()),
    };
    rounded(total(&a, &b, mode), flags, f, mode)
}

pub fn mul(f: Format, a: u64, b: u64, mode: u64) -> Result {
    let ([a, b], flags) = operands(f, [a, b]);
    rounded(product(&a, &b), flags, f, mode)
}

/// `a * b + c`, rounded once.
pub fn fma(f: Format, a: u64, b: u64, c: u64, mode: u64) -> Result {
    let ([a, b, c], flags) = operands(f, [a, b, c]);
    let (p, invalid) = product(&a, &b);
    rounded(total(&p, &c, mode), flags | invalid, f, mode)
}

/// maximumNumber or minimumNumber of IEEE 754-2019.
pub fn select(f: Format, a: u64, b: u64, max: bool) -> Result {
    let ([x, y], flags) = operands(f, [a, b]);
    // As integers: -1 is -0.
    let key = |v: u64| if v & f.sign() != 0 { -1 - (v & !f.sign()) as i128 } else { v as i128 };
    let bits = match (x, y) {
        (NaN, NaN) => f.nan(),
        (NaN, _) => b,
        (_, NaN) => a,
        _ if (key(a) > key(b)) == max => a,
        _ => b,
    };
    (bits, flags)
}

/// From one format to another.
pub fn convert(from: Format, to: Format, bits: u64, mode: u64, saturate: bool) -> Result {
    let ([v], flags) = operands(from, [bits]);
    let (bits, more) = round(&v, to, mode, saturate);
    (bits, flags | more)
}

pub fn from_integer(v: i64, to: Format, mode: u64) -> Result {
    round(&Finite(Exact::of_integer(v.into())), to, mode, false)
}

/// To an integer of so many bits. What does not fit becomes the nearest that does, NaN the greatest one.
pub fn to_integer(from: Format, bits: u64, width: u32, signed: bool, mode: u64) -> (i128, u64) {
    let (min, max) =
        if signed { (-1i128 << (width - 1), (1i128 << (width - 1)) - 1) } else { (0, (1i128 << width) - 1) };
    let v = match from.read(bits).0 {
        NaN | Infinity { negative: false } => return (max, NV),
        Infinity { negative: true } => return (min, NV),
        Finite(v) if v.is_zero() => return (0, 0),
        Finite(v) if v.exponent() > 60 => return (if v.negative { min } else { max }, NV),
        Finite(v) => v,
    };
    let (size, inexact) = to_units(&v, 0, mode);
    let whole = if v.negative { -i128::from(size) } else { size.into() };
    match whole.clamp(min, max) {
        fits if fits == whole => (whole, if inexact { NX } else { 0 }),
        other => (other, NV),
    }
}
