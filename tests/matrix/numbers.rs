//! The model's exact arithmetic against Berkeley SoftFloat.

use crate::common::cases;
use crate::common::entropy::{Entropy, words};
use crate::matrix_model::numbers::{self, BF16, F16, F32, F64, Format};
use crate::vector_model::float::softfloat::{self as float, AsBits, D, H, S, soft};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use softfloat_sys as sf;

const FORMATS: [(Format, float::Format); 3] = [(F16, H), (F32, S), (F64, D)];

/// SoftFloat's results of 32 bits come sign-extended.
fn cut((v, flags): (u64, u64), width: usize) -> (u64, u64) {
    (if width == 64 { v } else { v & ((1 << width) - 1) }, flags)
}

#[test]
fn arithmetic_is_that_of_softfloat() {
    let result = TestRunner::new(cases(20_000)).run(&words(), |words| {
        let mut e = Entropy::new(&words);
        let (f, s) = e.pick(&FORMATS);
        let mode = e.below(5);
        let [a, mut b, mut c] = [0; 3].map(|_| e.float(f.exponent, f.fraction));
        if e.once_in(6) {
            c = numbers::mul(f, a, b, 0).0 ^ e.below(2) << (f.width() - 1) ^ e.below(2);
        }
        if e.once_in(6) {
            b = a ^ e.below(2) << (f.width() - 1) ^ e.below(2);
        }
        let of = |run: &dyn Fn() -> u64| cut(float::run(mode, run), f.width());
        prop_assert_eq!(
            numbers::add(f, a, b, mode),
            of(&|| soft!(s, f16_add f32_add f64_add, (a, b))),
            "{:x} + {:x}",
            a,
            b
        );
        prop_assert_eq!(
            numbers::sub(f, a, b, mode),
            of(&|| soft!(s, f16_sub f32_sub f64_sub, (a, b))),
            "{:x} - {:x}",
            a,
            b
        );
        prop_assert_eq!(
            numbers::mul(f, a, b, mode),
            of(&|| soft!(s, f16_mul f32_mul f64_mul, (a, b))),
            "{:x} * {:x}",
            a,
            b
        );
        let fused = of(&|| soft!(s, f16_mulAdd f32_mulAdd f64_mulAdd, (a, b, c)));
        prop_assert_eq!(numbers::fma(f, a, b, c, mode), fused, "{:x} * {:x} + {:x}, {:?} {}", a, b, c, f, mode);
        for max in [false, true] {
            prop_assert_eq!(numbers::select(f, a, b, max), float::select(s, a, b, max, false));
        }
        for (to, soft_to) in FORMATS {
            if to != f {
                let expected = cut(float::run(mode, || float::convert(s, soft_to, a)), to.width());
                prop_assert_eq!(numbers::convert(f, to, a, mode, false), expected, "{:x} {:?} {:?}", a, f, to);
            }
        }
        if f == F32 {
            prop_assert_eq!(numbers::convert(F32, BF16, a, mode, false), float::to_bf16(a, mode), "{:x}", a);
        }
        let integer = e.integer();
        let from = |v: i64| numbers::from_integer(v, f, mode);
        prop_assert_eq!(from(integer as i32 as i64), of(&|| from_i32(s, integer as i32)));
        prop_assert_eq!(from((integer as u32).into()), of(&|| from_u32(s, integer as u32)));
        let signed = numbers::to_integer(f, a, 32, true, mode);
        let expected = float::run(mode, || soft!(s, f16_to_i32 f32_to_i32 f64_to_i32, (a), mode as u8, true));
        prop_assert_eq!((signed.0 as u64, signed.1), expected);
        let unsigned = numbers::to_integer(f, a, 32, false, mode);
        let expected = float::run(mode, || soft!(s, f16_to_ui32 f32_to_ui32 f64_to_ui32, (a), mode as u8, true));
        prop_assert_eq!((unsigned.0 as u64, unsigned.1), cut(expected, 32));
        Ok(())
    });
    result.unwrap_or_else(|why| panic!("{why}"));
}

fn from_i32(f: float::Format, v: i32) -> u64 {
    // SAFETY: functions of values.
    unsafe {
        match f {
            H => sf::i32_to_f16(v).bits(),
            S => sf::i32_to_f32(v).bits(),
            D => sf::i32_to_f64(v).bits(),
        }
    }
}

fn from_u32(f: float::Format, v: u32) -> u64 {
    // SAFETY: functions of values.
    unsafe {
        match f {
            H => sf::ui32_to_f16(v).bits(),
            S => sf::ui32_to_f32(v).bits(),
            D => sf::ui32_to_f64(v).bits(),
        }
    }
}
