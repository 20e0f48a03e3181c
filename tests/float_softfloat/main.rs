//! `float` against Berkeley SoftFloat in its RISC-V configuration: every operation, every rounding mode, results and flags.
//! What SoftFloat lacks altogether (minimum and maximum, classes, the modular conversion, constants) has plain models here.

#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

mod model;

use mellivora::float::{self, Bf16, Bits, F16, F32, F64, Flags, Format, Round};
use model::{Binary, Compare, Model, is_nan, is_signaling};
use proptest::prelude::*;
use proptest::sample::select;

/// Bits of format `F` with a taste for corners.
fn operand<F: Format>() -> impl Strategy<Value = u64> {
    let one = (F::BIAS as u64) << F::FRAC_BITS;
    let corners = vec![
        0,
        1,
        2,
        F::FRAC - 1,
        F::FRAC,
        F::FRAC + 1,
        F::FRAC + 2,
        one - 1,
        one,
        one + 1,
        one + F::QUIET,
        one + F::FRAC + 1,
        F::INF - 2,
        F::INF - 1,
        F::INF,
        F::INF + 1,
        F::INF + F::QUIET - 1,
        F::CANONICAL_NAN,
        F::CANONICAL_NAN + 5,
    ];
    let mask = F::SIGN | (F::SIGN - 1);
    let sign = select(vec![0, F::SIGN]);
    // Few ones, or few zeros, in the fraction: ties and carries.
    let sparse = (0..F::FRAC_BITS, 0..F::FRAC_BITS, any::<bool>())
        .prop_map(|(i, j, flip)| (1 << i | 1 << j) ^ if flip { F::FRAC } else { 0 });
    let field = F::INF >> F::FRAC_BITS;
    let bias = F::BIAS as u64;
    let near = u64::from(F::FRAC_BITS) + 4;
    prop_oneof![
        2 => (sign.clone(), select(corners)).prop_map(|(s, x)| s | x),
        2 => any::<u64>().prop_map(move |x| x & mask),
        // Exponents whose difference is around the precision.
        3 => (sign.clone(), bias.saturating_sub(near)..=(bias + near).min(field - 1), any::<u64>())
            .prop_map(|(s, e, f)| s | e << F::FRAC_BITS | f & F::FRAC),
        3 => (sign.clone(), bias.saturating_sub(near)..=(bias + near).min(field - 1), sparse.clone())
            .prop_map(|(s, e, f)| s | e << F::FRAC_BITS | f),
        // The edges of the range, where products and quotients over- and underflow.
        1 => (sign.clone(), 0..=near.min(field), sparse.clone()).prop_map(|(s, e, f)| s | e << F::FRAC_BITS | f),
        1 => (sign.clone(), 0..=field, sparse.clone()).prop_map(|(s, e, f)| s | e << F::FRAC_BITS | f),
        1 => (sign, field.saturating_sub(near)..=field, sparse).prop_map(|(s, e, f)| s | e << F::FRAC_BITS | f),
    ]
}

/// Integers with a taste for corners: few significant bits, ties, bounds.
fn integer() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (any::<u64>(), 0..64u32).prop_map(|(x, s)| x >> s),
        (any::<i64>(), 0..64u32).prop_map(|(x, s)| (x >> s) as u64),
        (0..64u32, 0..64u32, -2..=2i64).prop_map(|(i, j, d)| (1u64 << i).wrapping_add(1 << j).wrapping_add(d as u64)),
        (0..64u32, -2..=2i64).prop_map(|(i, d)| (1u64 << i).wrapping_add(d as u64).wrapping_neg()),
    ]
}

macro_rules! same {
    ($ours:expr, $model:expr, $($what:tt)*) => {{
        let (ours, model) = ($ours, $model);
        if ours != model {
            let what = format!($($what)*);
            return Err(TestCaseError::fail(format!("{what}: {ours:x?}, the model says {model:x?}")));
        }
    }};
}

type Checked = Result<(), TestCaseError>;

fn up<F: Format>((bits, flags): (F::Bits, Flags)) -> (u64, Flags) {
    (bits.to_u64(), flags)
}

/// Everything on one operand.
fn check_unary<F: Model>(x: u64) -> Checked {
    let a = F::Bits::from_u64(x);
    for rm in Round::ALL {
        let m = rm as u8;
        same!(up::<F>(float::sqrt::<F>(a, rm)), F::sqrt(x, m), "sqrt {x:#x} {rm:?}");
        same!(up::<F>(float::round_nx::<F>(a, rm)), F::round(x, m, true), "round_nx {x:#x} {rm:?}");
        same!(up::<F>(float::round::<F>(a, rm)), F::round(x, m, false), "round {x:#x} {rm:?}");
        same!(float::to_i32::<F>(a, rm), F::to_i32(x, m), "to_i32 {x:#x} {rm:?}");
        same!(float::to_u32::<F>(a, rm), F::to_u32(x, m), "to_u32 {x:#x} {rm:?}");
        same!(float::to_i64::<F>(a, rm), F::to_i64(x, m), "to_i64 {x:#x} {rm:?}");
        same!(float::to_u64::<F>(a, rm), F::to_u64(x, m), "to_u64 {x:#x} {rm:?}");
        same!(up::<F16>(float::convert::<F, F16>(a, rm)), F::to_f16(x, m), "to f16 {x:#x} {rm:?}");
        same!(up::<Bf16>(float::convert::<F, Bf16>(a, rm)), F::to_bf16(x, m), "to bf16 {x:#x} {rm:?}");
        same!(up::<F32>(float::convert::<F, F32>(a, rm)), F::to_f32(x, m), "to f32 {x:#x} {rm:?}");
        same!(up::<F64>(float::convert::<F, F64>(a, rm)), F::to_f64(x, m), "to f64 {x:#x} {rm:?}");
    }
    prop_assert_eq!(float::classify::<F>(a), class::<F>(x), "classify {:#x}", x);
    Ok(())
}

fn check_binary<F: Model>(x: u64, y: u64) -> Checked {
    let (a, b) = (F::Bits::from_u64(x), F::Bits::from_u64(y));
    for rm in Round::ALL {
        let m = rm as u8;
        same!(up::<F>(float::add::<F>(a, b, rm)), F::binary(Binary::Add, x, y, m), "{x:#x} + {y:#x} {rm:?}");
        same!(up::<F>(float::sub::<F>(a, b, rm)), F::binary(Binary::Sub, x, y, m), "{x:#x} - {y:#x} {rm:?}");
        same!(up::<F>(float::mul::<F>(a, b, rm)), F::binary(Binary::Mul, x, y, m), "{x:#x} * {y:#x} {rm:?}");
        same!(up::<F>(float::div::<F>(a, b, rm)), F::binary(Binary::Div, x, y, m), "{x:#x} / {y:#x} {rm:?}");
    }
    same!(float::eq::<F>(a, b), F::compare(Compare::Eq, x, y), "{x:#x} == {y:#x}");
    same!(float::lt::<F>(a, b), F::compare(Compare::Lt, x, y), "{x:#x} < {y:#x}");
    same!(float::le::<F>(a, b), F::compare(Compare::Le, x, y), "{x:#x} <= {y:#x}");
    same!(float::ltq::<F>(a, b), F::compare(Compare::Ltq, x, y), "{x:#x} <q {y:#x}");
    same!(float::leq::<F>(a, b), F::compare(Compare::Leq, x, y), "{x:#x} <=q {y:#x}");
    let quiet_flags = if is_signaling::<F>(x) || is_signaling::<F>(y) { Flags::NV } else { Flags::empty() };
    same!(up::<F>(float::min::<F>(a, b)), (number::<F>(x, y, true), quiet_flags), "min {x:#x} {y:#x}");
    same!(up::<F>(float::max::<F>(a, b)), (number::<F>(x, y, false), quiet_flags), "max {x:#x} {y:#x}");
    let nan = is_nan::<F>(x) || is_nan::<F>(y);
    let minm = if nan { F::CANONICAL_NAN } else { number::<F>(x, y, true) };
    let maxm = if nan { F::CANONICAL_NAN } else { number::<F>(x, y, false) };
    same!(up::<F>(float::minm::<F>(a, b)), (minm, quiet_flags), "minm {x:#x} {y:#x}");
    same!(up::<F>(float::maxm::<F>(a, b)), (maxm, quiet_flags), "maxm {x:#x} {y:#x}");
    let s = F::SIGN;
    prop_assert_eq!(float::sgnj::<F>(a, b).to_u64(), x & !s | y & s);
    prop_assert_eq!(float::sgnjn::<F>(a, b).to_u64(), x & !s | !y & s);
    prop_assert_eq!(float::sgnjx::<F>(a, b).to_u64(), x ^ y & s);
    prop_assert_eq!(float::neg::<F>(a).to_u64(), x ^ s);
    Ok(())
}

fn check_fma<F: Model>(x: u64, y: u64, z: u64) -> Checked {
    let (a, b, c) = (F::Bits::from_u64(x), F::Bits::from_u64(y), F::Bits::from_u64(z));
    for rm in Round::ALL {
        let model = F::fma(x, y, z, rm as u8);
        same!(up::<F>(float::fma::<F>(a, b, c, rm)), model, "{x:#x} * {y:#x} + {z:#x} {rm:?}");
    }
    Ok(())
}

fn check_integers<F: Model>(x: u64) -> Checked {
    for rm in Round::ALL {
        let m = rm as u8;
        same!(up::<F>(float::from_i32::<F>(x as i32, rm)), F::from_i32(x as i32, m), "i32 {x:#x} {rm:?}");
        same!(up::<F>(float::from_u32::<F>(x as u32, rm)), F::from_u32(x as u32, m), "u32 {x:#x} {rm:?}");
        same!(up::<F>(float::from_i64::<F>(x as i64, rm)), F::from_i64(x as i64, m), "i64 {x:#x} {rm:?}");
        same!(up::<F>(float::from_u64::<F>(x, rm)), F::from_u64(x, m), "u64 {x:#x} {rm:?}");
    }
    Ok(())
}

/// minimumNumber and maximumNumber, by SoftFloat's comparison.
fn number<F: Model>(x: u64, y: u64, least: bool) -> u64 {
    match (is_nan::<F>(x), is_nan::<F>(y)) {
        (true, true) => F::CANONICAL_NAN,
        (true, false) => y,
        (false, true) => x,
        _ if F::compare(Compare::Eq, x, y).0 => {
            // Equal, or zeros: either sign bit makes the minimum negative, both the maximum.
            if least { x | y } else { x & y }
        }
        _ => {
            if F::compare(Compare::Ltq, x, y).0 == least {
                x
            } else {
                y
            }
        }
    }
}

/// The classes, written out.
fn class<F: Format>(x: u64) -> u32 {
    let (sign, field, frac) = (x & F::SIGN != 0, x & F::INF, x & F::FRAC);
    1 << match (sign, field == F::INF, field == 0, frac == 0) {
        (true, true, _, true) => 0,
        (true, false, false, _) => 1,
        (true, _, true, false) => 2,
        (true, _, true, true) => 3,
        (false, _, true, true) => 4,
        (false, _, true, false) => 5,
        (false, false, false, _) => 6,
        (false, true, _, true) => 7,
        (_, true, _, false) if frac & F::QUIET == 0 => 8,
        (_, true, _, false) => 9,
    }
}

macro_rules! formats {
    ($($format:ident $module:ident)*) => {$(
        mod $module {
            use super::*;
            proptest! {
                #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

                #[test]
                fn unary(x in operand::<$format>()) {
                    check_unary::<$format>(x)?;
                }
                #[test]
                fn binary(x in operand::<$format>(), y in operand::<$format>()) {
                    check_binary::<$format>(x, y)?;
                }
                #[test]
                fn multiply_add(x in operand::<$format>(), y in operand::<$format>(), z in operand::<$format>()) {
                    check_fma::<$format>(x, y, z)?;
                }
                /// The addend near the product, so that much cancels.
                #[test]
                fn multiply_add_cancels(x in operand::<$format>(), y in operand::<$format>(), d in -3..=3i64) {
                    let (product, _) = $format::binary(Binary::Mul, x, y, 0);
                    let mask = $format::SIGN | ($format::SIGN - 1);
                    let z = (product ^ $format::SIGN).wrapping_add(d as u64) & mask;
                    check_fma::<$format>(x, y, z)?;
                }
                /// Operands a few units apart: cancellation, quotients near one.
                #[test]
                fn neighbours(x in operand::<$format>(), d in -3..=3i64, flip in any::<bool>()) {
                    let mask = $format::SIGN | ($format::SIGN - 1);
                    let y = (x ^ if flip { $format::SIGN } else { 0 }).wrapping_add(d as u64) & mask;
                    check_binary::<$format>(x, y)?;
                }
                #[test]
                fn from_integers(x in integer()) {
                    check_integers::<$format>(x)?;
                }
            }
        }
    )*};
}

formats! { F16 f16 Bf16 bf16 F32 f32 F64 f64 }

/// All 65,536 values, in every mode.
#[test]
fn every_half_unary() {
    for x in 0..=0xffff {
        check_unary::<F16>(x).unwrap();
    }
}

#[test]
fn every_bfloat_unary() {
    for x in 0..=0xffff {
        check_unary::<Bf16>(x).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The remainder of the truncated value is exact in the host's arithmetic.
    #[test]
    fn modular_conversion(x in operand::<F64>(), e in 0..100u64) {
        // As it comes, and with an exponent where bits fall out at either end.
        for x in [x, x & !F64::INF | (1023 + e) << 52] {
            let value = f64::from_bits(x);
            let low = if value.is_finite() { (value.trunc() % 4294967296.0) as i64 as i32 } else { 0 };
            prop_assert_eq!(float::fcvtmod(x), (low, F64::to_i32(x, Round::Rtz as u8).1), "{:#x}", x);
        }
    }
}

/// The table of the Zfa chapter, entries 2 to 29.
#[test]
fn constants() {
    let table = [
        0.0000152587890625,
        0.000030517578125,
        0.00390625,
        0.0078125,
        0.0625,
        0.125,
        0.25,
        0.3125,
        0.375,
        0.4375,
        0.5,
        0.625,
        0.75,
        0.875,
        1.0,
        1.25,
        1.5,
        1.75,
        2.0,
        2.5,
        3.0,
        4.0,
        8.0,
        16.0,
        128.0,
        256.0,
        32768.0,
        65536.0f64,
    ];
    fn check<F: Model>(table: &[f64], narrow: fn(u64, u8) -> (u64, Flags)) {
        let fli = |i| float::fli::<F>(i).to_u64();
        assert_eq!(fli(0), narrow((-1.0f64).to_bits(), 0).0);
        assert_eq!(fli(1), F::FRAC + 1, "the smallest normal");
        for (i, value) in table.iter().enumerate() {
            assert_eq!(fli(i as u32 + 2), narrow(value.to_bits(), 0).0, "entry {}", i + 2);
        }
        assert_eq!(fli(30), F::INF);
        assert_eq!(fli(31), F::CANONICAL_NAN);
    }
    check::<F16>(&table, F64::to_f16);
    check::<Bf16>(&table, F64::to_bf16);
    check::<F32>(&table, F64::to_f32);
    check::<F64>(&table, F64::to_f64);
}
