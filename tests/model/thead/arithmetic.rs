//! Integer and fixed-point arithmetic on elements. What one element becomes is the model of RVV 1.0's; operands, layouts and what
//! 1.0 does not have are here.

use super::rules::{Dest, Rules, Write, each};
use super::simm;
use super::state::State;
use crate::vector_model::fixed::{Fixed, fixed_function};
use crate::vector_model::integer::{
    Function, compare_function, multiply_add_function, narrowing_function, single_width_function, widening_function,
};
use crate::vector_model::operands::Elements;
use crate::vector_model::state::{Fields, Outcome, sign_extend, zero_extend};

/// The operand beside vs2.
#[derive(Clone, Copy, Debug)]
pub enum Second {
    Vector(usize),
    Scalar(u64),
}

impl Second {
    /// From the last part of the name.
    fn of(s: &State, f: &Fields, stem: &str, suffix: &str) -> Option<Second> {
        // Amounts of bits are unsigned; all other immediates are sign-extended.
        let amount = ["vsll", "vsrl", "vsra", "vssrl", "vssra", "vnsrl", "vnsra", "vnclip", "vnclipu"].contains(&stem);
        Some(match suffix {
            "vv" | "wv" | "vvm" => Second::Vector(f.vs1),
            "vx" | "wx" | "vxm" => Second::Scalar(s.x[f.vs1]),
            "vi" | "vim" if amount => Second::Scalar(f.vs1 as u64),
            "vi" | "vim" => Second::Scalar(simm(f)),
            _ => return None,
        })
    }

    fn get(self, s: &State, i: usize, eew: usize) -> u64 {
        match self {
            Second::Vector(reg) => s.get(reg, i, eew),
            Second::Scalar(v) => zero_extend(v, eew),
        }
    }
}

/// The immediates that T-Head's cores zero-extend, where a note of 0.7.1 speaks of the range of a sign-extended one.
fn zero_extends(stem: &str) -> bool {
    matches!(stem, "vsaddu" | "vmsleu" | "vmsgtu")
}

/// How wide the operands of an instruction are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// SEW all.
    Single,
    /// vd = 2*SEW.
    Widening,
    /// vd and vs2 = 2*SEW.
    WideFirst,
    /// vs2 = 2*SEW.
    Narrowing,
    /// vd is a mask.
    Mask,
}

/// What becomes of one element.
enum Does {
    Integer(Function),
    Fixed(fn(&mut Fixed, &Elements) -> i128),
    Compare(fn(&Elements) -> bool),
}

/// vwsmacc and its like: the product, rounded off by SEW/2 bits, is added to vd, or in the mixed-sign forms subtracted from it, as
/// the comments of the instruction list have it.
fn scaled_multiply_add(stem: &str) -> Option<fn(&mut Fixed, &Elements) -> i128> {
    Some(match stem {
        "vwsmaccu" => |x, e| {
            let product = x.round(e.a * e.b, e.sew / 2);
            x.clip_unsigned(e.d + product, 2 * e.sew)
        },
        "vwsmacc" => |x, e| {
            let product = x.round(e.a_signed * e.b_signed, e.sew / 2);
            x.clip_signed(e.d_signed + product, 2 * e.sew)
        },
        "vwsmaccsu" => |x, e| {
            let product = x.round(e.a * e.b_signed, e.sew / 2);
            x.clip_signed(e.d_signed - product, 2 * e.sew)
        },
        "vwsmaccus" => |x, e| {
            let product = x.round(e.a_signed * e.b, e.sew / 2);
            x.clip_signed(e.d_signed - product, 2 * e.sew)
        },
        _ => return None,
    })
}

fn describe(stem: &str, suffix: &str) -> Option<(Does, Shape)> {
    let wide_first = suffix.starts_with('w');
    if let Some(f) = single_width_function(stem) {
        return Some((Does::Integer(f), Shape::Single));
    }
    if let Some((f, wide)) = multiply_add_function(stem) {
        return Some((Does::Integer(f), if wide { Shape::Widening } else { Shape::Single }));
    }
    if let Some(f) = widening_function(stem) {
        return Some((Does::Integer(f), if wide_first { Shape::WideFirst } else { Shape::Widening }));
    }
    if let Some(f) = narrowing_function(stem) {
        return Some((Does::Integer(f), Shape::Narrowing));
    }
    if let Some(f) = compare_function(stem) {
        return Some((Does::Compare(f), Shape::Mask));
    }
    if let Some(f) = scaled_multiply_add(stem) {
        return Some((Does::Fixed(f), Shape::Widening));
    }
    // vaaddu and vasubu came later.
    let fixed = fixed_function(stem).filter(|_| !matches!(stem, "vaaddu" | "vasubu"))?;
    Some((Does::Fixed(fixed), if stem.starts_with("vnclip") { Shape::Narrowing } else { Shape::Single }))
}

pub fn arithmetic(s: &mut State, name: &str, f: &Fields) -> Option<Outcome> {
    let (stem, suffix) = name.split_once('.')?;
    carry(s, stem, suffix, f).or_else(|| merge(s, name, stem, suffix, f)).or_else(|| {
        let (does, shape) = describe(stem, suffix)?;
        let mut second = Second::of(s, f, stem, suffix)?;
        if zero_extends(stem) && suffix == "vi" {
            second = Second::Scalar(f.vs1 as u64);
        }
        Some(elementwise(s, f, second, &does, shape).unwrap_or(Outcome::Illegal))
    })
}

/// Checks the operands of an instruction of a shape. `vs1`: its register, if it is one.
fn check(r: &Rules, shape: Shape, vs1: Option<usize>) -> Option<()> {
    let f = r.f;
    let narrow = |reg| r.group(reg);
    let vs1 = match vs1 {
        Some(reg) => Some(narrow(reg)?),
        None => None,
    };
    match shape {
        Shape::Single => {
            narrow(f.vs2)?;
            r.masked(narrow(f.vd)?)
        }
        // "The destination vector register group cannot overlap a source vector register group of a different element width (including
        // the mask register if masked)."
        Shape::Widening | Shape::WideFirst => {
            let dest = r.wide(f.vd)?;
            if shape == Shape::Widening {
                r.apart(dest, narrow(f.vs2)?)?;
            } else {
                r.wide(f.vs2)?;
            }
            if let Some(vs1) = vs1 {
                r.apart(dest, vs1)?;
            }
            r.apart_from_mask(dest)
        }
        // "The destination vector register group cannot overlap the first source vector register group (specified by vs2)."
        Shape::Narrowing => {
            let dest = narrow(f.vd)?;
            r.apart(dest, r.wide(f.vs2)?)?;
            r.masked(dest)
        }
        Shape::Mask => check_compare(r, vs1),
    }
}

/// "Comparison operations that set a mask register are also implicitly a narrowing operation": for LMUL > 1 the mask overlaps no
/// source. It may be the mask that enables elements, as in the example "Comparisons effectively AND in the mask" (choice: for any
/// LMUL).
pub fn check_compare(r: &Rules, vs1: Option<super::rules::Group>) -> Option<()> {
    let dest = r.single(r.f.vd);
    let vs2 = r.group(r.f.vs2)?;
    if r.c.lmul > 1 {
        r.apart(dest, vs2)?;
        if let Some(vs1) = vs1 {
            r.apart(dest, vs1)?;
        }
    }
    Some(())
}

fn elementwise(s: &mut State, f: &Fields, second: Second, does: &Does, shape: Shape) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    let vs1 = if let Second::Vector(reg) = second { Some(reg) } else { None };
    check(&r, shape, vs1)?;
    let sew = r.c.sew;
    let (to, from) = match shape {
        Shape::Single | Shape::Mask => (sew, sew),
        Shape::Widening => (2 * sew, sew),
        Shape::WideFirst => (2 * sew, 2 * sew),
        Shape::Narrowing => (sew, 2 * sew),
    };
    let dest = match shape {
        Shape::Mask => Dest::Mask { reg: f.vd },
        _ => Dest::Elements { reg: f.vd, eew: to },
    };
    let mut x = Fixed { vxrm: s.vxrm, saturated: false };
    let outcome = each(s, Write::new(dest, f), |s, i| {
        let (a, b) = (s.get(f.vs2, i, from), second.get(s, i, sew));
        // A mask is no number.
        let d = if shape == Shape::Mask { 0 } else { s.get(f.vd, i, to) };
        let e = Elements {
            sew: sew as u32,
            a: a.into(),
            a_signed: sign_extend(a, from).into(),
            b: b.into(),
            b_signed: sign_extend(b, sew).into(),
            d: d.into(),
            d_signed: sign_extend(d, to).into(),
        };
        match does {
            Does::Integer(function) => function(&e) as u64,
            Does::Fixed(function) => function(&mut x, &e) as u64,
            Does::Compare(function) => function(&e).into(),
        }
    });
    s.vxsat |= x.saturated;
    Some(outcome)
}

/// vadc, vsbc, vmadc, vmsbc: "encoded as unmasked instructions (vm=1) and operate on all body elements"; v0 holds carries.
fn carry(s: &mut State, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let (sign, out) = match stem {
        "vadc" => (1, false),
        "vsbc" => (-1, false),
        "vmadc" => (1, true),
        "vmsbc" => (-1, true),
        _ => return None,
    };
    let second = Second::of(s, f, stem, suffix)?;
    let legal = |r: Rules| {
        let vs2 = r.group(f.vs2)?;
        let vs1 = if let Second::Vector(reg) = second { Some(r.group(reg)?) } else { None };
        if !out {
            r.group(f.vd)?;
            // "An illegal instruction exception is raised if the destination vector register is v0 and LMUL > 1."
            return (f.vd != 0 || r.c.lmul == 1).then_some(r.c);
        }
        // "... if the destination vector register overlaps a source vector register group."
        let dest = r.single(f.vd);
        r.apart(dest, vs2)?;
        if let Some(vs1) = vs1 {
            r.apart(dest, vs1)?;
        }
        Some(r.c)
    };
    let Some(c) = Rules::new(s, f).and_then(legal) else { return Some(Outcome::Illegal) };
    let dest = if out { Dest::Mask { reg: f.vd } } else { Dest::Elements { reg: f.vd, eew: c.sew } };
    let w = Write { dest, masked: false, first: 0 };
    Some(each(s, w, |s, i| {
        let (a, b) = (i128::from(s.get(f.vs2, i, c.sew)), i128::from(second.get(s, i, c.sew)));
        let exact = a + sign * (b + i128::from(s.mask(0, i, c.mlen)));
        if out { u64::from(exact < 0 || exact >= 1 << c.sew) } else { exact as u64 }
    }))
}

/// vmerge.v?m and vmv.v.?
fn merge(s: &mut State, name: &str, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let second = match name {
        "vmv.v.v" => Second::Vector(f.vs1),
        "vmv.v.x" => Second::Scalar(s.x[f.vs1]),
        "vmv.v.i" => Second::Scalar(simm(f)),
        _ if stem == "vmerge" => Second::of(s, f, stem, suffix)?,
        _ => return None,
    };
    let copies = stem == "vmv";
    let legal = |r: Rules| {
        if let Second::Vector(reg) = second {
            r.group(reg)?;
        }
        let dest = r.group(f.vd)?;
        if !copies {
            r.group(f.vs2)?;
            r.masked(dest)?;
        }
        Some(r.c)
    };
    let Some(c) = Rules::new(s, f).and_then(legal) else { return Some(Outcome::Illegal) };
    let w = Write { dest: Dest::Elements { reg: f.vd, eew: c.sew }, masked: false, first: 0 };
    Some(each(
        s,
        w,
        |s, i| {
            if copies || s.mask(0, i, c.mlen) { second.get(s, i, c.sew) } else { s.get(f.vs2, i, c.sew) }
        },
    ))
}
