//! "Vector Integer Arithmetic Instructions".

use super::legality::{Form, Operand, each};
use super::operands::{Elements, Second, Widths, form};
use super::state::{Fields, Outcome, VState};

pub type Function = fn(&Elements) -> i128;

pub fn integer(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    let (stem, suffix) = mnemonic.split_once('.')?;
    single_width(s, stem, suffix, f)
        .or_else(|| compare(s, stem, suffix, f))
        .or_else(|| multiply_add(s, stem, suffix, f))
        .or_else(|| widening(s, stem, suffix, f))
        .or_else(|| narrowing(s, stem, suffix, f))
        .or_else(|| extension(s, stem, suffix, f))
        .or_else(|| carry(s, stem, suffix, f))
        .or_else(|| carry_out(s, stem, suffix, f))
        .or_else(|| merge(s, stem, suffix, f))
        .or_else(|| splat(s, mnemonic, f))
}

/// The number of bits to shift by: "only the low lg2(SEW) bits are used".
fn amount(e: &Elements, bits: u32) -> u32 {
    e.b as u32 % bits
}

/// Results of SEW bits from operands of that width.
pub fn single_width_function(stem: &str) -> Option<Function> {
    Some(match stem {
        "vadd" => |e| e.a + e.b,
        "vsub" => |e| e.a - e.b,
        "vrsub" => |e| e.b - e.a,
        "vand" => |e| e.a & e.b,
        "vor" => |e| e.a | e.b,
        "vxor" => |e| e.a ^ e.b,
        "vminu" => |e| e.a.min(e.b),
        "vmin" => |e| e.a_signed.min(e.b_signed),
        "vmaxu" => |e| e.a.max(e.b),
        "vmax" => |e| e.a_signed.max(e.b_signed),
        "vsll" => |e| e.a << amount(e, e.sew),
        "vsrl" => |e| e.a >> amount(e, e.sew),
        "vsra" => |e| e.a_signed >> amount(e, e.sew),
        "vmul" => |e| e.a_signed * e.b_signed,
        "vmulh" => |e| (e.a_signed * e.b_signed) >> e.sew,
        "vmulhu" => |e| ((e.a as u128 * e.b as u128) >> e.sew) as i128,
        "vmulhsu" => |e| (e.a_signed * e.b) >> e.sew,
        // Division by zero and overflow as in the scalar instructions.
        "vdivu" => |e| if e.b == 0 { -1 } else { e.a / e.b },
        "vdiv" => |e| if e.b == 0 { -1 } else { e.a_signed / e.b_signed },
        "vremu" => |e| if e.b == 0 { e.a } else { e.a % e.b },
        "vrem" => |e| if e.b == 0 { e.a } else { e.a_signed % e.b_signed },
        _ => return None,
    })
}

fn single_width(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let function = single_width_function(stem)?;
    let second = Second::of(s, f, suffix, matches!(stem, "vsll" | "vsrl" | "vsra"))?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let sew = vtype.sew;
    // "The Zve64* extensions ... except that vmulh ... are not included for EEW=64".
    if stem.starts_with("vmulh") && sew == 64 && !s.features.v {
        return Some(Outcome::Illegal);
    }
    let w = Widths { dest: sew, vs2: sew, vs1: sew };
    let form = form(s, f, second, w);
    Some(each(s, &form, |s, i| function(&Elements::read(s, f, second, w, i)) as u64))
}

/// Whether a comparison holds.
pub fn compare_function(stem: &str) -> Option<fn(&Elements) -> bool> {
    Some(match stem {
        "vmseq" => |e| e.a == e.b,
        "vmsne" => |e| e.a != e.b,
        "vmsltu" => |e| e.a < e.b,
        "vmslt" => |e| e.a_signed < e.b_signed,
        "vmsleu" => |e| e.a <= e.b,
        "vmsle" => |e| e.a_signed <= e.b_signed,
        "vmsgtu" => |e| e.a > e.b,
        "vmsgt" => |e| e.a_signed > e.b_signed,
        _ => return None,
    })
}

fn compare(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let function = compare_function(stem)?;
    let second = Second::of(s, f, suffix, false)?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    // The destination is not of this width; Elements reads it all the same, harmlessly.
    let w = Widths { dest: 8, vs2: vtype.sew, vs1: vtype.sew };
    let form = Form { dest: Some(Operand::mask(f.vd)), ..form(s, f, second, w) };
    Some(each(s, &form, |s, i| {
        let e = Elements::read(s, &Fields { vd: 0, ..*f }, second, w, i);
        function(&e).into()
    }))
}

/// Multiply-adds, and whether the destination is wide.
pub fn multiply_add_function(stem: &str) -> Option<(Function, bool)> {
    // Low bits are the same for signed and unsigned factors.
    Some(match stem {
        "vmacc" => (|e| e.b_signed * e.a_signed + e.d, false),
        "vnmsac" => (|e| -(e.b_signed * e.a_signed) + e.d, false),
        "vmadd" => (|e| e.b_signed * e.d_signed + e.a, false),
        "vnmsub" => (|e| -(e.b_signed * e.d_signed) + e.a, false),
        "vwmaccu" => (|e| e.b * e.a + e.d, true),
        "vwmacc" => (|e| e.b_signed * e.a_signed + e.d, true),
        "vwmaccsu" => (|e| e.b_signed * e.a + e.d, true),
        "vwmaccus" => (|e| e.b * e.a_signed + e.d, true),
        _ => return None,
    })
}

fn multiply_add(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let (function, wide) = multiply_add_function(stem)?;
    let second = Second::of(s, f, suffix, false)?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let sew = vtype.sew;
    let w = Widths { dest: if wide { 2 * sew } else { sew }, vs2: sew, vs1: sew };
    let mut form = form(s, f, second, w);
    // The destination is a source, too.
    form.sources.extend(form.dest);
    Some(each(s, &form, |s, i| function(&Elements::read(s, f, second, w, i)) as u64))
}

/// Results of 2*SEW bits.
pub fn widening_function(stem: &str) -> Option<Function> {
    Some(match stem {
        "vwaddu" => |e| e.a + e.b,
        "vwadd" => |e| e.a_signed + e.b_signed,
        "vwsubu" => |e| e.a - e.b,
        "vwsub" => |e| e.a_signed - e.b_signed,
        "vwmulu" => |e| e.a * e.b,
        "vwmul" => |e| e.a_signed * e.b_signed,
        "vwmulsu" => |e| e.a_signed * e.b,
        _ => return None,
    })
}

fn widening(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let function = widening_function(stem)?;
    let second = Second::of(s, f, suffix, false)?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let sew = vtype.sew;
    let w = Widths { dest: 2 * sew, vs2: if suffix.starts_with('w') { 2 * sew } else { sew }, vs1: sew };
    let form = form(s, f, second, w);
    Some(each(s, &form, |s, i| function(&Elements::read(s, f, second, w, i)) as u64))
}

/// Results of SEW bits from vs2 with 2*SEW.
pub fn narrowing_function(stem: &str) -> Option<Function> {
    Some(match stem {
        "vnsrl" => |e| e.a >> amount(e, 2 * e.sew),
        "vnsra" => |e| e.a_signed >> amount(e, 2 * e.sew),
        _ => return None,
    })
}

fn narrowing(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let function = narrowing_function(stem)?;
    let second = Second::of(s, f, suffix, true)?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let sew = vtype.sew;
    let w = Widths { dest: sew, vs2: 2 * sew, vs1: sew };
    let form = form(s, f, second, w);
    Some(each(s, &form, |s, i| function(&Elements::read(s, f, second, w, i)) as u64))
}

fn extension(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let signed = match stem {
        "vzext" => false,
        "vsext" => true,
        _ => return None,
    };
    let fraction: usize = suffix.strip_prefix("vf")?.parse().ok()?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let (sew, eew) = (vtype.sew, vtype.sew / fraction);
    let dest = Some(Operand::group(s, f.vd, sew));
    let form = Form { dest, sources: vec![Operand::group(s, f.vs2, eew)], masked: !f.vm, ..Form::default() };
    Some(each(s, &form, |s, i| if signed { s.get_signed(f.vs2, i, eew) as u64 } else { s.get(f.vs2, i, eew) }))
}

/// vadc, vsbc: v0 holds carries, and all body elements are written.
fn carry(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let sign = match stem {
        "vadc" => 1,
        "vsbc" => -1,
        _ => return None,
    };
    let second = Second::of(s, f, suffix, false)?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let w = Widths { dest: vtype.sew, vs2: vtype.sew, vs1: vtype.sew };
    let form = Form { masked: true, whole_body: true, ..form(s, f, second, w) };
    Some(each(s, &form, |s, i| {
        let e = Elements::read(s, f, second, w, i);
        (e.a + sign * (e.b + i128::from(s.mask(0, i)))) as u64
    }))
}

/// vmadc, vmsbc: the carry or borrow as a mask.
fn carry_out(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    let sign = match stem {
        "vmadc" => 1,
        "vmsbc" => -1,
        _ => return None,
    };
    let second = Second::of(s, f, suffix, false)?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let sew = vtype.sew;
    let w = Widths { dest: 8, vs2: sew, vs1: sew };
    let form = Form { dest: Some(Operand::mask(f.vd)), whole_body: true, ..form(s, f, second, w) };
    Some(each(s, &form, |s, i| {
        let e = Elements::read(s, &Fields { vd: 0, ..*f }, second, w, i);
        let exact = e.a + sign * (e.b + i128::from(!f.vm && s.mask(0, i)));
        u64::from(exact < 0 || exact >= 1 << sew)
    }))
}

fn merge(s: &mut VState, stem: &str, suffix: &str, f: &Fields) -> Option<Outcome> {
    if stem != "vmerge" {
        return None;
    }
    let second = Second::of(s, f, suffix, false)?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let w = Widths { dest: vtype.sew, vs2: vtype.sew, vs1: vtype.sew };
    let form = Form { masked: true, whole_body: true, ..form(s, f, second, w) };
    Some(each(s, &form, |s, i| {
        let e = Elements::read(s, f, second, w, i);
        if s.mask(0, i) { e.b as u64 } else { e.a as u64 }
    }))
}

/// vmv.v.v, vmv.v.x, vmv.v.i
fn splat(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    let second = match mnemonic {
        "vmv.v.v" => Second::Vector(f.vs1),
        "vmv.v.x" => Second::Scalar(s.x[f.vs1]),
        "vmv.v.i" => Second::Scalar(f.simm() as u64),
        _ => return None,
    };
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let sew = vtype.sew;
    let sources = second.operand(s, sew).into_iter().collect();
    let form = Form { dest: Some(Operand::group(s, f.vd, sew)), sources, ..Form::default() };
    Some(each(s, &form, |s, i| second.get(s, i, sew)))
}
