//! One element: operations and conversions on numbers of a format, values in, value and flags out.

use super::estimate;
use super::softfloat::{AsBits, D, Format, H, NV, Number, S, classify, convert, run, select, soft};
use softfloat_sys as sf;

/// SoftFloat's number for rounding to odd; the modes of `frm` have the same numbers in both.
pub const ODD: u64 = 6;

/// An integer type.
#[derive(Clone, Copy, Debug)]
pub struct Integer {
    pub bits: usize,
    pub signed: bool,
}

/// The operation of an instruction on numbers of one format: `a` is vs2's, `b` vs1's or the scalar, `d` vd's.
pub fn compute(name: &str, f: Format, mode: u64, a: u64, b: u64, d: u64) -> Number {
    // A product plus an addend, either of them negated.
    let fused = |x: u64, y: u64, z: u64, product: bool, addend: bool| {
        let flip = |v: u64, negate: bool| if negate { v ^ f.sign() } else { v };
        run(mode, || soft!(f, f16_mulAdd f32_mulAdd f64_mulAdd, (flip(x, product), y, flip(z, addend))))
    };
    let sub = |x: u64, y: u64| run(mode, || soft!(f, f16_sub f32_sub f64_sub, (x, y)));
    let div = |x: u64, y: u64| run(mode, || soft!(f, f16_div f32_div f64_div, (x, y)));
    let less = |x: u64, y: u64| run(mode, || soft!(f, f16_lt f32_lt f64_lt, (x, y)));
    let less_or_equal = |x: u64, y: u64| run(mode, || soft!(f, f16_le f32_le f64_le, (x, y)));
    let equal = |x: u64, y: u64| run(mode, || soft!(f, f16_eq f32_eq f64_eq, (x, y)));
    let with_sign = |sign: u64| (a & !f.sign() | sign & f.sign(), 0);
    match name {
        "vfadd" => run(mode, || soft!(f, f16_add f32_add f64_add, (a, b))),
        "vfsub" => sub(a, b),
        "vfrsub" => sub(b, a),
        "vfmul" => run(mode, || soft!(f, f16_mul f32_mul f64_mul, (a, b))),
        "vfdiv" => div(a, b),
        "vfrdiv" => div(b, a),
        "vfmacc" => fused(b, a, d, false, false),
        "vfnmacc" => fused(b, a, d, true, true),
        "vfmsac" => fused(b, a, d, false, true),
        "vfnmsac" => fused(b, a, d, true, false),
        "vfmadd" => fused(b, d, a, false, false),
        "vfnmadd" => fused(b, d, a, true, true),
        "vfmsub" => fused(b, d, a, false, true),
        "vfnmsub" => fused(b, d, a, true, false),
        "vfmin" => select(f, a, b, false, false),
        "vfmax" => select(f, a, b, true, false),
        "vfsgnj" => with_sign(b),
        "vfsgnjn" => with_sign(!b),
        "vfsgnjx" => with_sign(a ^ b),
        "vmfeq" => equal(a, b),
        "vmfne" => {
            let (v, flags) = equal(a, b);
            (1 - v, flags)
        }
        "vmflt" => less(a, b),
        "vmfle" => less_or_equal(a, b),
        "vmfgt" => less(b, a),
        "vmfge" => less_or_equal(b, a),
        "vfsqrt" => run(mode, || soft!(f, f16_sqrt f32_sqrt f64_sqrt, (a))),
        "vfrec7" => estimate::reciprocal(f, mode, a),
        "vfrsqrt7" => estimate::reciprocal_square_root(f, a),
        "vfclass" => (classify(f, a), 0),
        _ => unreachable!("{name} is not an operation"),
    }
}

/// From one format to another.
pub fn reformat(from: Format, to: Format, mode: u64, v: u64) -> Number {
    run(mode, || convert(from, to, v))
}

/// BFloat16 to binary32, of which it is the upper half.
pub fn widen_bf16(v: u64) -> Number {
    let wide = v << 16;
    match S.is_nan(wide) {
        true => (S.nan(), if S.is_signaling(wide) { NV } else { 0 }),
        false => (wide, 0),
    }
}

/// To an integer of any width: what does not fit becomes the nearest that does, a NaN the greatest, and both are invalid.
pub fn to_integer(from: Format, to: Integer, mode: u64, v: u64) -> Number {
    let m = mode as u8;
    if to.bits == 64 && !to.signed {
        return run(mode, || soft!(from, f16_to_ui64 f32_to_ui64 f64_to_ui64, (v), m, true));
    }
    // Beyond 64 bits, too, the result is the least or the greatest number, which is then cut to size.
    let (wide, flags) = run(mode, || soft!(from, f16_to_i64 f32_to_i64 f64_to_i64, (v), m, true));
    let (least, greatest) = if to.signed {
        (i64::MIN >> (64 - to.bits), i64::MAX >> (64 - to.bits))
    } else {
        (0, i64::MAX >> (63 - to.bits))
    };
    let result = (wide as i64).clamp(least, greatest);
    (result as u64, if result as u64 == wide { flags } else { NV })
}

/// From the low bits of `v` as an integer.
pub fn from_integer(from: Integer, to: Format, mode: u64, v: u64) -> Number {
    let shift = 64 - from.bits as u32;
    // SAFETY: functions of values, with thread-local state.
    run(mode, || unsafe {
        if from.signed {
            let v = ((v << shift) as i64) >> shift;
            match to {
                H => sf::i64_to_f16(v).bits(),
                S => sf::i64_to_f32(v).bits(),
                D => sf::i64_to_f64(v).bits(),
            }
        } else {
            let v = v << shift >> shift;
            match to {
                H => sf::ui64_to_f16(v).bits(),
                S => sf::ui64_to_f32(v).bits(),
                D => sf::ui64_to_f64(v).bits(),
            }
        }
    })
}
