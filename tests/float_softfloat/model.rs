//! Berkeley SoftFloat behind one trait per format.
//!
//! BFloat16, where SoftFloat has only conversions, is modelled by computing in binary64 and narrowing to binary32, both
//! rounded to odd, and rounding once more with SoftFloat's conversion: rounding to odd keeps the later rounding exact.

use mellivora::float::{Bf16, F16, F32, F64, Flags, Format};
use softfloat_sys as sf;

/// SoftFloat's number for rounding to odd; the five RISC-V modes have the same numbers in both.
const ODD: u8 = 6;

/// Runs SoftFloat in a rounding mode and returns what it raised. Its state is per thread.
fn run<T>(mode: u8, op: impl FnOnce() -> T) -> (T, Flags) {
    unsafe {
        sf::softfloat_roundingMode_write_helper(mode);
        sf::softfloat_exceptionFlags_write_helper(0);
        let result = op();
        (result, Flags::from_bits_retain(sf::softfloat_exceptionFlags_read_helper()))
    }
}

/// SoftFloat for one format, on zero-extended bits.
pub trait Model: Format {
    fn binary(op: Binary, a: u64, b: u64, mode: u8) -> (u64, Flags);
    fn fma(a: u64, b: u64, c: u64, mode: u8) -> (u64, Flags);
    fn sqrt(a: u64, mode: u8) -> (u64, Flags);
    fn compare(op: Compare, a: u64, b: u64) -> (bool, Flags);
    fn round(a: u64, mode: u8, exact: bool) -> (u64, Flags);
    fn to_i32(a: u64, mode: u8) -> (i32, Flags);
    fn to_u32(a: u64, mode: u8) -> (u32, Flags);
    fn to_i64(a: u64, mode: u8) -> (i64, Flags);
    fn to_u64(a: u64, mode: u8) -> (u64, Flags);
    fn from_i32(a: i32, mode: u8) -> (u64, Flags);
    fn from_u32(a: u32, mode: u8) -> (u64, Flags);
    fn from_i64(a: i64, mode: u8) -> (u64, Flags);
    fn from_u64(a: u64, mode: u8) -> (u64, Flags);
    fn to_f16(a: u64, mode: u8) -> (u64, Flags);
    fn to_bf16(a: u64, mode: u8) -> (u64, Flags);
    fn to_f32(a: u64, mode: u8) -> (u64, Flags);
    fn to_f64(a: u64, mode: u8) -> (u64, Flags);
}

#[derive(Clone, Copy, Debug)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
}

#[derive(Clone, Copy, Debug)]
pub enum Compare {
    Eq,
    Lt,
    Le,
    Ltq,
    Leq,
}

macro_rules! model {
    ($format:ident, $t:ident, $bits:ident, $add:ident $sub:ident $mul:ident $div:ident $fma:ident $sqrt:ident,
     $eq:ident $lt:ident $le:ident $ltq:ident $leq:ident, $round:ident,
     $ti32:ident $tu32:ident $ti64:ident $tu64:ident, $fi32:ident $fu32:ident $fi64:ident $fu64:ident,
     [$($conversion:item)*]) => {
        impl Model for $format {
            fn binary(op: Binary, a: u64, b: u64, mode: u8) -> (u64, Flags) {
                let (a, b) = (sf::$t { v: a as $bits }, sf::$t { v: b as $bits });
                run(mode, || unsafe {
                    u64::from(match op {
                        Binary::Add => sf::$add(a, b).v,
                        Binary::Sub => sf::$sub(a, b).v,
                        Binary::Mul => sf::$mul(a, b).v,
                        Binary::Div => sf::$div(a, b).v,
                    })
                })
            }
            fn fma(a: u64, b: u64, c: u64, mode: u8) -> (u64, Flags) {
                let v = |x: u64| sf::$t { v: x as $bits };
                run(mode, || unsafe { u64::from(sf::$fma(v(a), v(b), v(c)).v) })
            }
            fn sqrt(a: u64, mode: u8) -> (u64, Flags) {
                run(mode, || unsafe { u64::from(sf::$sqrt(sf::$t { v: a as $bits }).v) })
            }
            fn compare(op: Compare, a: u64, b: u64) -> (bool, Flags) {
                let (a, b) = (sf::$t { v: a as $bits }, sf::$t { v: b as $bits });
                run(0, || unsafe {
                    match op {
                        Compare::Eq => sf::$eq(a, b),
                        Compare::Lt => sf::$lt(a, b),
                        Compare::Le => sf::$le(a, b),
                        Compare::Ltq => sf::$ltq(a, b),
                        Compare::Leq => sf::$leq(a, b),
                    }
                })
            }
            fn round(a: u64, mode: u8, exact: bool) -> (u64, Flags) {
                run(mode, || unsafe { u64::from(sf::$round(sf::$t { v: a as $bits }, mode, exact).v) })
            }
            fn to_i32(a: u64, mode: u8) -> (i32, Flags) {
                run(mode, || unsafe { sf::$ti32(sf::$t { v: a as $bits }, mode, true) as i32 })
            }
            fn to_u32(a: u64, mode: u8) -> (u32, Flags) {
                run(mode, || unsafe { sf::$tu32(sf::$t { v: a as $bits }, mode, true) as u32 })
            }
            fn to_i64(a: u64, mode: u8) -> (i64, Flags) {
                run(mode, || unsafe { sf::$ti64(sf::$t { v: a as $bits }, mode, true) })
            }
            fn to_u64(a: u64, mode: u8) -> (u64, Flags) {
                run(mode, || unsafe { sf::$tu64(sf::$t { v: a as $bits }, mode, true) })
            }
            fn from_i32(a: i32, mode: u8) -> (u64, Flags) {
                run(mode, || unsafe { u64::from(sf::$fi32(a).v) })
            }
            fn from_u32(a: u32, mode: u8) -> (u64, Flags) {
                run(mode, || unsafe { u64::from(sf::$fu32(a).v) })
            }
            fn from_i64(a: i64, mode: u8) -> (u64, Flags) {
                run(mode, || unsafe { u64::from(sf::$fi64(a).v) })
            }
            fn from_u64(a: u64, mode: u8) -> (u64, Flags) {
                run(mode, || unsafe { u64::from(sf::$fu64(a).v) })
            }
            $($conversion)*
        }
    };
}

model! {
    F16, float16_t, u16, f16_add f16_sub f16_mul f16_div f16_mulAdd f16_sqrt,
    f16_eq f16_lt f16_le f16_lt_quiet f16_le_quiet, f16_roundToInt,
    f16_to_i32 f16_to_ui32 f16_to_i64 f16_to_ui64, i32_to_f16 ui32_to_f16 i64_to_f16 ui64_to_f16, [
        fn to_f16(a: u64, _: u8) -> (u64, Flags) {
            same::<F16>(a)
        }
        fn to_bf16(a: u64, mode: u8) -> (u64, Flags) {
            let (wide, first) = Self::to_f32(a, mode);
            let (bits, last) = F32::to_bf16(wide, mode);
            (bits, first | last)
        }
        fn to_f32(a: u64, mode: u8) -> (u64, Flags) {
            run(mode, || unsafe { u64::from(sf::f16_to_f32(sf::float16_t { v: a as u16 }).v) })
        }
        fn to_f64(a: u64, mode: u8) -> (u64, Flags) {
            run(mode, || unsafe { sf::f16_to_f64(sf::float16_t { v: a as u16 }).v })
        }
    ]
}
model! {
    F32, float32_t, u32, f32_add f32_sub f32_mul f32_div f32_mulAdd f32_sqrt,
    f32_eq f32_lt f32_le f32_lt_quiet f32_le_quiet, f32_roundToInt,
    f32_to_i32 f32_to_ui32 f32_to_i64 f32_to_ui64, i32_to_f32 ui32_to_f32 i64_to_f32 ui64_to_f32, [
        fn to_f16(a: u64, mode: u8) -> (u64, Flags) {
            run(mode, || unsafe { u64::from(sf::f32_to_f16(sf::float32_t { v: a as u32 }).v) })
        }
        fn to_bf16(a: u64, mode: u8) -> (u64, Flags) {
            run(mode, || unsafe { u64::from(sf::f32_to_bf16(sf::float32_t { v: a as u32 }).v) })
        }
        fn to_f32(a: u64, _: u8) -> (u64, Flags) {
            same::<F32>(a)
        }
        fn to_f64(a: u64, mode: u8) -> (u64, Flags) {
            run(mode, || unsafe { sf::f32_to_f64(sf::float32_t { v: a as u32 }).v })
        }
    ]
}
model! {
    F64, float64_t, u64, f64_add f64_sub f64_mul f64_div f64_mulAdd f64_sqrt,
    f64_eq f64_lt f64_le f64_lt_quiet f64_le_quiet, f64_roundToInt,
    f64_to_i32 f64_to_ui32 f64_to_i64 f64_to_ui64, i32_to_f64 ui32_to_f64 i64_to_f64 ui64_to_f64, [
        fn to_f16(a: u64, mode: u8) -> (u64, Flags) {
            run(mode, || unsafe { u64::from(sf::f64_to_f16(sf::float64_t { v: a }).v) })
        }
        fn to_bf16(a: u64, mode: u8) -> (u64, Flags) {
            narrow((a, Flags::empty()), mode)
        }
        fn to_f32(a: u64, mode: u8) -> (u64, Flags) {
            run(mode, || unsafe { u64::from(sf::f64_to_f32(sf::float64_t { v: a }).v) })
        }
        fn to_f64(a: u64, _: u8) -> (u64, Flags) {
            same::<F64>(a)
        }
    ]
}

/// A binary64 result, rounded to odd, as BFloat16. Overflow may show in any step (rounding to odd stops at the largest finite
/// value); inexact and underflow come from the last rounding, whatever happened before.
fn narrow((a, raised): (u64, Flags), mode: u8) -> (u64, Flags) {
    let (single, first) = F64::to_f32(a, ODD);
    let (bits, last) = F32::to_bf16(single, mode);
    (bits, (raised | first) & (Flags::NV | Flags::DZ | Flags::OF) | last)
}

/// A value in binary64, where nothing is lost.
fn widen(a: u64) -> u64 {
    // By hand, so that signalling NaNs survive until the operation.
    let single = (a as u32) << 16;
    if f32::from_bits(single).is_nan() {
        let sign = u64::from(single >> 31) << 63;
        return sign | 0x7ff << 52 | u64::from(single & 0x7f_ffff) << 29;
    }
    f64::from(f32::from_bits(single)).to_bits()
}

impl Model for Bf16 {
    fn binary(op: Binary, a: u64, b: u64, mode: u8) -> (u64, Flags) {
        narrow(F64::binary(op, widen(a), widen(b), ODD), mode).fix_zero(op, a, b, mode)
    }
    fn fma(a: u64, b: u64, c: u64, mode: u8) -> (u64, Flags) {
        let odd = F64::fma(widen(a), widen(b), widen(c), ODD);
        let directed = F64::fma(widen(a), widen(b), widen(c), mode);
        // The sign of an exact zero sum depends on the mode.
        narrow(if directed.0 << 1 == 0 { directed } else { odd }, mode)
    }
    fn sqrt(a: u64, mode: u8) -> (u64, Flags) {
        narrow(F64::sqrt(widen(a), ODD), mode)
    }
    fn compare(op: Compare, a: u64, b: u64) -> (bool, Flags) {
        F64::compare(op, widen(a), widen(b))
    }
    fn round(a: u64, mode: u8, exact: bool) -> (u64, Flags) {
        let (wide, flags) = F64::round(widen(a), mode, exact);
        let (bits, _) = narrow((wide, Flags::empty()), mode);
        (bits, flags)
    }
    fn to_i32(a: u64, mode: u8) -> (i32, Flags) {
        F64::to_i32(widen(a), mode)
    }
    fn to_u32(a: u64, mode: u8) -> (u32, Flags) {
        F64::to_u32(widen(a), mode)
    }
    fn to_i64(a: u64, mode: u8) -> (i64, Flags) {
        F64::to_i64(widen(a), mode)
    }
    fn to_u64(a: u64, mode: u8) -> (u64, Flags) {
        F64::to_u64(widen(a), mode)
    }
    fn from_i32(a: i32, mode: u8) -> (u64, Flags) {
        narrow(F64::from_i32(a, ODD), mode)
    }
    fn from_u32(a: u32, mode: u8) -> (u64, Flags) {
        narrow(F64::from_u32(a, ODD), mode)
    }
    fn from_i64(a: i64, mode: u8) -> (u64, Flags) {
        narrow(F64::from_i64(a, ODD), mode)
    }
    fn from_u64(a: u64, mode: u8) -> (u64, Flags) {
        narrow(F64::from_u64(a, ODD), mode)
    }
    fn to_f16(a: u64, mode: u8) -> (u64, Flags) {
        F64::to_f16(widen(a), mode)
    }
    fn to_bf16(a: u64, _: u8) -> (u64, Flags) {
        same::<Bf16>(a)
    }
    fn to_f32(a: u64, mode: u8) -> (u64, Flags) {
        run(mode, || unsafe { u64::from(sf::bf16_to_f32(sf::bfloat16_t { v: a as u16 }).v) })
    }
    fn to_f64(a: u64, mode: u8) -> (u64, Flags) {
        F64::to_f64(widen(a), mode)
    }
}

trait FixZero {
    fn fix_zero(self, op: Binary, a: u64, b: u64, mode: u8) -> Self;
}

impl FixZero for (u64, Flags) {
    /// The sign of an exact zero sum depends on the mode, and the detour through rounding to odd forgot it.
    fn fix_zero(self, op: Binary, a: u64, b: u64, mode: u8) -> Self {
        let sum = matches!(op, Binary::Add | Binary::Sub);
        if sum && self.0 << 1 & 0xffff == 0 && self.1.is_empty() {
            return (F64::binary(op, widen(a), widen(b), mode).0 >> 48, self.1);
        }
        self
    }
}

/// Conversion of a format to itself: only NaNs change.
fn same<F: Format>(a: u64) -> (u64, Flags) {
    if !is_nan::<F>(a) {
        return (a, Flags::empty());
    }
    (F::CANONICAL_NAN, if is_signaling::<F>(a) { Flags::NV } else { Flags::empty() })
}

pub fn is_nan<F: Format>(a: u64) -> bool {
    a & !F::SIGN > F::INF
}

pub fn is_signaling<F: Format>(a: u64) -> bool {
    is_nan::<F>(a) && a & F::QUIET == 0
}
