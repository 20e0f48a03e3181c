//! Floating point. Arithmetic is Berkeley SoftFloat's, through the model of RVV 1.0; which widths and operands an instruction has, and
//! what only 0.7.1 has, stands here.

use super::permute::insert_scalar;
use super::rules::{Dest, Rules, Write, each};
use super::state::State;
use super::{arithmetic, reduce};
use crate::vector_model::float::element::{Integer, compute, from_integer, reformat, to_integer};
use crate::vector_model::float::softfloat::{self, Format, NV, Number};
use crate::vector_model::float::{BINARY, FUSED, boxed};
use crate::vector_model::state::{Fields, Outcome};

/// Executes a vector floating-point instruction. `None`: the name is not one.
pub fn float(s: &mut State, name: &str, word: u32) -> Option<Outcome> {
    let (stem, operands) = name.split_once('.')?;
    let family = match stem {
        "vfredosum" | "vfredsum" | "vfredmin" | "vfredmax" | "vfwredosum" | "vfwredsum" => reduction,
        "vfmv" | "vfmerge" => moves,
        "vfcvt" | "vfwcvt" | "vfncvt" => conversion,
        "vfsqrt" | "vfclass" | "vmford" => elementwise,
        _ if BINARY.contains(&stem) || FUSED.contains(&stem) && stem != "vfwmaccbf16" => elementwise,
        _ => return None,
    };
    // "If the current SEW does not correspond to a supported IEEE floating-point type, an illegal instruction exception is raised";
    // rounding modes 5 to 7 are invalid (choice: all instructions here trap then).
    let sew = s.config().map_or(8, |c| c.sew);
    if format(s, sew).is_none() || s.frm > 4 {
        return Some(Outcome::Illegal);
    }
    Some(family(s, stem, operands, &Fields::of(word)).unwrap_or(Outcome::Illegal))
}

fn format(s: &State, width: usize) -> Option<Format> {
    match width {
        16 if s.half => Some(softfloat::H),
        32 => Some(softfloat::S),
        64 => Some(softfloat::D),
        _ => None,
    }
}

/// A scalar operand: what is not NaN-boxed counts as the canonical NaN.
fn unboxed(v: u64, format: Format) -> u64 {
    let width = format.bits() as usize;
    let low = v & (u64::MAX >> (64 - width));
    if boxed(low, width) == v { low } else { format.nan() }
}

fn elementwise(s: &mut State, stem: &str, operands: &str, f: &Fields) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    let sew = r.c.sew;
    let widening = stem.starts_with("vfw");
    let (first_is_wide, vector) = (operands.starts_with('w'), matches!(operands, "vv" | "wv"));
    let vs1 = if vector { Some(r.group(f.vs1)?) } else { None };
    let mask = stem.starts_with("vmf");
    if mask {
        arithmetic::check_compare(&r, vs1)?;
    } else if widening {
        let dest = r.wide(f.vd)?;
        if first_is_wide {
            r.wide(f.vs2)?;
        } else {
            r.apart(dest, r.group(f.vs2)?)?;
        }
        if let Some(vs1) = vs1 {
            r.apart(dest, vs1)?;
        }
        r.apart_from_mask(dest)?;
    } else {
        r.group(f.vs2)?;
        r.masked(r.group(f.vd)?)?;
    }

    let wide = if widening { 2 * sew } else { sew };
    let (from, to) = (format(s, sew)?, format(s, wide)?);
    let dest = if mask { Dest::Mask { reg: f.vd } } else { Dest::Elements { reg: f.vd, eew: wide } };
    let operation = stem.replacen("vfw", "vf", 1);
    let scalar = unboxed(s.f[f.vs1], from);
    let (mode, mut fflags) = (u64::from(s.frm), 0);
    let unary = operands == "v";
    let outcome = each(s, Write::new(dest, f), |s, i| {
        let mut source = |v: u64, narrow: bool| {
            let (v, flags) = if narrow { reformat(from, to, 0, v) } else { (v, 0) };
            fflags |= flags;
            v
        };
        let first_eew = if first_is_wide { wide } else { sew };
        let a = source(s.get(f.vs2, i, first_eew), widening && !first_is_wide);
        let b = match (unary, vector) {
            (true, _) => 0,
            (_, true) => source(s.get(f.vs1, i, sew), widening),
            _ => source(scalar, widening),
        };
        let d = if FUSED.contains(&stem) { s.get(f.vd, i, wide) } else { 0 };
        let (v, flags) = if stem == "vmford" { ordered(to, a, b) } else { compute(&operation, to, mode, a, b, d) };
        fflags |= flags;
        v
    });
    s.fflags |= fflags as u8;
    Some(outcome)
}

/// Neither is a NaN; invalid if one is signaling.
fn ordered(f: Format, a: u64, b: u64) -> Number {
    let invalid = f.is_signaling(a) || f.is_signaling(b);
    (u64::from(!f.is_nan(a) && !f.is_nan(b)), if invalid { NV } else { 0 })
}

fn moves(s: &mut State, stem: &str, operands: &str, f: &Fields) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    let c = r.c;
    let scalar = unboxed(s.f[f.vs1], format(s, c.sew)?);
    match (stem, operands) {
        ("vfmv", "f.s") => {
            s.f[f.vd] = boxed(s.get(f.vs2, 0, c.sew), c.sew);
            s.vstart = 0;
            return Some(Outcome::Done);
        }
        // The low bits, boxed or not.
        ("vfmv", "s.f") => {
            insert_scalar(s, f.vd, c.sew, s.f[f.vs1]);
            return Some(Outcome::Done);
        }
        ("vfmv", _) => {
            r.group(f.vd)?;
        }
        _ => {
            r.group(f.vs2)?;
            r.masked(r.group(f.vd)?)?;
        }
    }
    let w = Write { dest: Dest::Elements { reg: f.vd, eew: c.sew }, masked: false, first: 0 };
    let splat = stem == "vfmv";
    Some(each(s, w, |s, i| if splat || s.mask(0, i, c.mlen) { scalar } else { s.get(f.vs2, i, c.sew) }))
}

/// The operands say `TO.FROM.v` with `f`, `x` (signed) or `xu`.
fn conversion(s: &mut State, stem: &str, operands: &str, f: &Fields) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    let sew = r.c.sew;
    let (to_width, from_width) = match stem {
        "vfwcvt" => {
            let dest = r.wide(f.vd)?;
            r.apart(dest, r.group(f.vs2)?)?;
            r.apart_from_mask(dest)?;
            (2 * sew, sew)
        }
        "vfncvt" => {
            let dest = r.group(f.vd)?;
            r.apart(dest, r.wide(f.vs2)?)?;
            r.masked(dest)?;
            (sew, 2 * sew)
        }
        _ => {
            r.group(f.vs2)?;
            r.masked(r.group(f.vd)?)?;
            (sew, sew)
        }
    };
    let mut types = operands.split('.');
    let (to, from) = (types.next()?, types.next()?);
    let mode = u64::from(s.frm);
    let integer = |bits, name: &str| Integer { bits, signed: name == "x" };
    let convert: Box<dyn Fn(u64) -> Number> = match (to, from) {
        ("f", "f") => {
            let (to, from) = (format(s, to_width)?, format(s, from_width)?);
            Box::new(move |v| reformat(from, to, mode, v))
        }
        ("f", _) => {
            let (to, from) = (format(s, to_width)?, integer(from_width, from));
            Box::new(move |v| from_integer(from, to, mode, v))
        }
        _ => {
            let (to, from) = (integer(to_width, to), format(s, from_width)?);
            Box::new(move |v| to_integer(from, to, mode, v))
        }
    };
    let mut fflags = 0;
    let outcome = each(s, Write::new(Dest::Elements { reg: f.vd, eew: to_width }, f), |s, i| {
        let (v, flags) = convert(s.get(f.vs2, i, from_width));
        fflags |= flags;
        v
    });
    s.fflags |= fflags as u8;
    Some(outcome)
}

fn reduction(s: &mut State, stem: &str, _operands: &str, f: &Fields) -> Option<Outcome> {
    let wide = stem.starts_with("vfw");
    let eew = reduce::check(s, f, wide)?;
    if s.vl == 0 {
        return Some(Outcome::Done);
    }
    let c = s.config()?;
    let (from, to) = (format(s, c.sew)?, format(s, eew)?);
    let (mode, mut fflags) = (u64::from(s.frm), 0);
    let operation = match stem {
        "vfredmin" => "vfmin",
        "vfredmax" => "vfmax",
        _ => "vfadd",
    };
    // Element `i` as it enters the sum, `None` where masked off.
    let elements: Vec<Option<u64>> = (0..s.vl as usize)
        .map(|i| {
            (f.vm || s.mask(0, i, c.mlen)).then(|| {
                let v = s.get(f.vs2, i, c.sew);
                let (v, flags) = if wide { reformat(from, to, mode, v) } else { (v, 0) };
                fflags |= flags;
                v
            })
        })
        .collect();
    let mut combine = |a: u64, b: u64| {
        let (v, flags) = compute(operation, to, mode, a, b, 0);
        fflags |= flags;
        v
    };
    let start = s.get(f.vs1, 0, eew);
    let result = if elements.iter().all(Option::is_none) {
        // Nothing is added, so nothing is rounded or made canonical (choice).
        start
    } else if matches!(stem, "vfredsum" | "vfwredsum") && s.settings.tree_reductions {
        let identity = if mode == 2 { 0 } else { to.sign() };
        let root = crate::vector_model::float::reduce::tree(&elements, identity, &mut combine);
        combine(start, root)
    } else {
        elements.iter().flatten().fold(start, |sum, v| combine(sum, *v))
    };
    s.fflags |= fflags as u8;
    Some(reduce::finish(s, f.vd, eew, result))
}
