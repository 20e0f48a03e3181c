//! Vector floating point: V's instructions with Zvfhmin and Zvfh, Zvfbfmin, Zvfbfwma. Arithmetic is Berkeley SoftFloat's, as in the
//! scalar model; what stands here is which formats an instruction has, where its elements come from, and what is reserved.

pub mod element;
mod estimate;
pub mod reduce;
#[path = "../../softfloat.rs"]
pub mod softfloat;

use super::Outcome;
use super::legality::{self, Form, Operand, check, each, usual};
use super::state::{Fields, VState};
use element::Integer;
use softfloat::{Format, Number};

/// Single-width operations on two operands, and widening ones.
pub const BINARY: &[&str] = &[
    "vfadd", "vfsub", "vfrsub", "vfmul", "vfdiv", "vfrdiv", "vfmin", "vfmax", "vfsgnj", "vfsgnjn", "vfsgnjx", "vfwadd",
    "vfwsub", "vfwmul", "vmfeq", "vmfne", "vmflt", "vmfle", "vmfgt", "vmfge",
];
/// Multiply-adds: vd is read, too.
pub const FUSED: &[&str] = &[
    "vfmacc",
    "vfnmacc",
    "vfmsac",
    "vfnmsac",
    "vfmadd",
    "vfnmadd",
    "vfmsub",
    "vfnmsub",
    "vfwmacc",
    "vfwnmacc",
    "vfwmsac",
    "vfwnmsac",
    "vfwmaccbf16",
];
pub const UNARY: &[&str] = &["vfsqrt", "vfrsqrt7", "vfrec7", "vfclass"];

/// Executes a vector floating-point instruction. `None`: the mnemonic is not one.
pub fn float(s: &mut VState, mnemonic: &str, word: u32) -> Option<Outcome> {
    let (name, operands) = mnemonic.split_once('.')?;
    let family = match name {
        "vfredosum" | "vfredusum" | "vfredmin" | "vfredmax" | "vfwredosum" | "vfwredusum" => reduce::reduction,
        "vfmv" | "vfmerge" | "vfslide1up" | "vfslide1down" => moves,
        "vfcvt" | "vfwcvt" | "vfncvt" => conversion,
        "vfwcvtbf16" | "vfncvtbf16" => bf16_conversion,
        _ if [BINARY, FUSED, UNARY].iter().any(|names| names.contains(&name)) => elementwise,
        _ => return None,
    };
    // "Use of the frm field when it contains an invalid rounding mode by any vector floating-point instruction - even those that
    // do not depend on the rounding mode - is reserved" (choice: it traps).
    if s.vtype().is_none() || s.frm > 4 {
        return Some(Outcome::Illegal);
    }
    Some(family(s, name, operands, &Fields::of(word)).unwrap_or(Outcome::Illegal))
}

/// The IEEE 754 format of floating-point operands of a width in bits. `None`: there is no such vector arithmetic here.
fn format(s: &VState, width: usize) -> Option<Format> {
    match width {
        16 if s.features.zvfh => Some(softfloat::H),
        32 if s.features.f32 => Some(softfloat::S),
        64 if s.features.f64 => Some(softfloat::D),
        _ => None,
    }
}

/// A scalar operand from f[rs1]: what is not NaN-boxed counts as the canonical NaN, whose bits are given.
fn unboxed(s: &VState, rs1: usize, width: usize, nan: u64) -> u64 {
    let v = s.f[rs1];
    let low = v & (u64::MAX >> (64 - width));
    if boxed(low, width) == v { low } else { nan }
}

pub fn boxed(v: u64, width: usize) -> u64 {
    if width == 64 { v } else { v | u64::MAX << width }
}

/// Instructions that make each element from the same element of their operands; `None`, here and below: illegal.
fn elementwise(s: &mut VState, name: &str, operands: &str, f: &Fields) -> Option<Outcome> {
    let sew = s.sew();
    let bf16 = name == "vfwmaccbf16";
    let widening = name.starts_with("vfw");
    let wide = if widening { 2 * sew } else { sew };
    // Sources of SEW bits become numbers of the format in which the operation is done.
    let to = if bf16 && (sew != 16 || !s.features.zvfbfwma) { None } else { format(s, wide) }?;
    let (widen, nan): (Box<dyn Fn(u64) -> Number>, u64) = if bf16 {
        (Box::new(element::widen_bf16), 0x7fc0)
    } else {
        let from = format(s, sew)?;
        (Box::new(move |v| element::reformat(from, to, 0, v)), from.nan())
    };

    let first_is_wide = operands.starts_with('w');
    let first_eew = if first_is_wide { wide } else { sew };
    let second_is_vector = matches!(operands, "vv" | "wv");
    let fused = FUSED.contains(&name);
    let mut form = usual(s, f, wide, first_eew, second_is_vector.then_some(sew));
    if name.starts_with("vmf") {
        form.dest = Some(Operand::mask(f.vd));
    } else if fused {
        form.sources.extend(form.dest);
    }

    // "vfwmaccbf16" is a vfmacc of what is made wide.
    let operation = if bf16 { "vfmacc".into() } else { name.replacen("vfw", "vf", 1) };
    let (mode, mut fflags) = (u64::from(s.frm), 0);
    let other = unboxed(s, f.vs1, sew, nan);
    let outcome = each(s, &form, |s, i| {
        let mut source = |v: u64, narrow: bool| {
            let (v, flags) = if narrow { widen(v) } else { (v, 0) };
            fflags |= flags;
            v
        };
        let a = source(s.get(f.vs2, i, first_eew), widening && !first_is_wide);
        let b = if UNARY.contains(&name) {
            0
        } else {
            source(if second_is_vector { s.get(f.vs1, i, sew) } else { other }, widening)
        };
        let d = if fused { s.get(f.vd, i, wide) } else { 0 };
        let (v, flags) = element::compute(&operation, to, mode, a, b, d);
        fflags |= flags;
        v
    });
    s.fflags |= fflags as u8;
    Some(outcome)
}

/// vfmv.*, vfmerge, vfslide1*: bits are copied, except that a scalar has to be NaN-boxed.
fn moves(s: &mut VState, name: &str, operands: &str, f: &Fields) -> Option<Outcome> {
    let sew = s.sew();
    let scalar = unboxed(s, f.vs1, sew, format(s, sew)?.nan());
    match (name, operands) {
        ("vfmv", "f.s") => {
            check(s, &Form { sources: vec![Operand::scalar(f.vs2, sew)], ..Form::default() })?;
            // Also if vstart >= vl.
            s.f[f.vd] = boxed(s.get(f.vs2, 0, sew), sew);
        }
        ("vfmv", "s.f") => {
            let dest = Operand::scalar(f.vd, sew);
            let policy = check(s, &Form { dest: Some(dest), ..Form::default() })?;
            // Element 0 is a prestart element unless vstart is 0.
            if s.vstart == 0 && s.vl > 0 {
                s.set(f.vd, 0, sew, scalar);
            }
            legality::tail(s, &dest, policy, 1);
        }
        ("vfmv", _) => {
            let form = Form { dest: Some(Operand::group(s, f.vd, sew)), ..Form::default() };
            return Some(each(s, &form, |_, _| scalar));
        }
        ("vfmerge", _) => {
            let form = Form { whole_body: true, ..usual(s, f, sew, sew, None) };
            return Some(each(s, &form, |s, i| if s.mask(0, i) { scalar } else { s.get(f.vs2, i, sew) }));
        }
        _ => {
            let up = name == "vfslide1up";
            let form = Form { no_overlap: up, ..usual(s, f, sew, sew, None) };
            return Some(each(s, &form, |s, i| match (up, i) {
                (true, 0) => scalar,
                (true, _) => s.get(f.vs2, i - 1, sew),
                (false, _) if i as u64 == s.vl - 1 => scalar,
                (false, _) => s.get(f.vs2, i + 1, sew),
            }));
        }
    }
    s.vstart = 0;
    Some(Outcome::Done)
}

/// vfcvt, vfwcvt and vfncvt: the operands say `[rtz.|rod.]TO.FROM.{v,w}` with `f`, `x` (signed) or `xu`.
fn conversion(s: &mut VState, name: &str, operands: &str, f: &Fields) -> Option<Outcome> {
    let sew = s.sew();
    let (to_width, from_width) = match name {
        "vfwcvt" => (2 * sew, sew),
        "vfncvt" => (sew, 2 * sew),
        _ => (sew, sew),
    };
    let mode = match operands.split('.').next()? {
        "rtz" => 1,
        "rod" => element::ODD,
        _ => u64::from(s.frm),
    };
    let plain = operands.trim_start_matches("rtz.").trim_start_matches("rod.");
    let mut types = plain.split('.');
    let (to, from) = (types.next()?, types.next()?);
    // Zvfhmin has these two only.
    let minimal = s.features.zvfhmin && matches!((name, operands), ("vfwcvt", "f.f.v") | ("vfncvt", "f.f.w"));
    let number_format = |width| if width == 16 && minimal { Some(softfloat::H) } else { format(s, width) };
    let integer = |width, name: &str| Integer { bits: width, signed: name == "x" };
    let convert: Box<dyn Fn(u64) -> Number> = match (to, from) {
        ("f", "f") => {
            let (to, from) = (number_format(to_width)?, number_format(from_width)?);
            Box::new(move |v| element::reformat(from, to, mode, v))
        }
        ("f", _) => {
            let (to, from) = (number_format(to_width)?, integer(from_width, from));
            Box::new(move |v| element::from_integer(from, to, mode, v))
        }
        _ => {
            let (to, from) = (integer(to_width, to), number_format(from_width)?);
            Box::new(move |v| element::to_integer(from, to, mode, v))
        }
    };
    unary(s, f, to_width, from_width, convert)
}

/// vfwcvtbf16.f.f.v and vfncvtbf16.f.f.w: SEW = 16 is BFloat16, twice that binary32.
fn bf16_conversion(s: &mut VState, name: &str, _operands: &str, f: &Fields) -> Option<Outcome> {
    if s.sew() != 16 || !s.features.zvfbfmin && !s.features.zvfbfwma {
        return None;
    }
    let mode = u64::from(s.frm);
    if name == "vfwcvtbf16" {
        unary(s, f, 32, 16, element::widen_bf16)
    } else {
        unary(s, f, 16, 32, |v| softfloat::to_bf16(v, mode))
    }
}

/// A function of the elements of vs2.
fn unary(s: &mut VState, f: &Fields, to: usize, from: usize, function: impl Fn(u64) -> Number) -> Option<Outcome> {
    let form = usual(s, f, to, from, None);
    let mut fflags = 0;
    let outcome = each(s, &form, |s, i| {
        let (v, flags) = function(s.get(f.vs2, i, from));
        fflags |= flags;
        v
    });
    s.fflags |= fflags as u8;
    Some(outcome)
}
