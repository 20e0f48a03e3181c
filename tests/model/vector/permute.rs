//! "Vector Integer Permutation Instructions".

use super::legality::{Form, Operand, check, each, each_from, tail};
use super::state::{Fields, Outcome, VState, sign_extend};

pub fn permute(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    Some(match mnemonic {
        "vmv.x.s" => move_to_x(s, f),
        "vmv.s.x" => move_from_x(s, f),
        "vslideup.vx" => slide_up(s, f, s.x[f.vs1]),
        "vslideup.vi" => slide_up(s, f, f.vs1 as u64),
        "vslidedown.vx" => slide_down(s, f, s.x[f.vs1]),
        "vslidedown.vi" => slide_down(s, f, f.vs1 as u64),
        "vslide1up.vx" => slide_1_up(s, f),
        "vslide1down.vx" => slide_1_down(s, f),
        "vrgather.vv" => gather(s, f, None),
        "vrgatherei16.vv" => gather(s, f, Some(16)),
        "vrgather.vx" => gather_one(s, f, s.x[f.vs1]),
        "vrgather.vi" => gather_one(s, f, f.vs1 as u64),
        "vcompress.vm" => compress(s, f),
        "vmv1r.v" => move_registers(s, f, 1),
        "vmv2r.v" => move_registers(s, f, 2),
        "vmv4r.v" => move_registers(s, f, 4),
        "vmv8r.v" => move_registers(s, f, 8),
        _ => return None,
    })
}

fn move_to_x(s: &mut VState, f: &Fields) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let form = Form { sources: vec![Operand::scalar(f.vs2, vtype.sew)], ..Form::default() };
    if check(s, &form).is_none() {
        return Outcome::Illegal;
    }
    // "Even if vstart >= vl or vl = 0."
    s.set_x(f.vd, sign_extend(s.get(f.vs2, 0, vtype.sew), vtype.sew) as u64);
    s.vstart = 0;
    Outcome::Done
}

fn move_from_x(s: &mut VState, f: &Fields) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let dest = Operand::scalar(f.vd, vtype.sew);
    let Some(policy) = check(s, &Form { dest: Some(dest), ..Form::default() }) else { return Outcome::Illegal };
    // Element 0 is a prestart element unless vstart is 0.
    if s.vstart == 0 && s.vl > 0 {
        s.set(f.vd, 0, vtype.sew, s.x[f.vs1]);
    }
    tail(s, &dest, policy, 1);
    s.vstart = 0;
    Outcome::Done
}

/// A form with a destination and vs2 that have SEW and LMUL. vill must be clear.
fn slide_form(s: &VState, f: &Fields) -> Form {
    let group = |reg| Operand::group(s, reg, s.sew());
    Form { dest: Some(group(f.vd)), sources: vec![group(f.vs2)], masked: !f.vm, ..Form::default() }
}

fn slide_up(s: &mut VState, f: &Fields, offset: u64) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let form = Form { no_overlap: true, ..slide_form(s, f) };
    let offset = offset.min(s.vlmax() as u64) as usize;
    each_from(s, &form, offset, |s, i| s.get(f.vs2, i - offset, vtype.sew))
}

fn slide_down(s: &mut VState, f: &Fields, offset: u64) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let form = slide_form(s, f);
    each(s, &form, |s, i| element_or_zero(s, f.vs2, u128::from(offset) + i as u128, vtype.sew))
}

/// An element below VLMAX, otherwise 0.
fn element_or_zero(s: &VState, reg: usize, i: u128, sew: usize) -> u64 {
    if i < s.vlmax() as u128 { s.get(reg, i as usize, sew) } else { 0 }
}

fn slide_1_up(s: &mut VState, f: &Fields) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let form = Form { no_overlap: true, ..slide_form(s, f) };
    each(s, &form, |s, i| if i == 0 { s.x[f.vs1] } else { s.get(f.vs2, i - 1, vtype.sew) })
}

fn slide_1_down(s: &mut VState, f: &Fields) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let form = slide_form(s, f);
    each(s, &form, |s, i| if i as u64 == s.vl - 1 { s.x[f.vs1] } else { s.get(f.vs2, i + 1, vtype.sew) })
}

/// vrgather.vv and vrgatherei16.vv: the indices have SEW, or the EEW given.
fn gather(s: &mut VState, f: &Fields, eew: Option<usize>) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let eew = eew.unwrap_or(vtype.sew);
    let mut form = Form { no_overlap: true, ..slide_form(s, f) };
    form.sources.push(Operand::group(s, f.vs1, eew));
    each(s, &form, |s, i| element_or_zero(s, f.vs2, s.get(f.vs1, i, eew).into(), vtype.sew))
}

fn gather_one(s: &mut VState, f: &Fields, index: u64) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let form = Form { no_overlap: true, ..slide_form(s, f) };
    each(s, &form, |s, _| element_or_zero(s, f.vs2, index.into(), vtype.sew))
}

fn compress(s: &mut VState, f: &Fields) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let dest = Operand::group(s, f.vd, vtype.sew);
    let form = Form {
        dest: Some(dest),
        sources: vec![Operand::group(s, f.vs2, vtype.sew), Operand::mask(f.vs1)],
        no_overlap: true,
        vstart_zero: true,
        ..Form::default()
    };
    let Some(policy) = check(s, &form) else { return Outcome::Illegal };
    let mut packed = 0;
    for i in 0..s.vl as usize {
        if s.mask(f.vs1, i) {
            let element = s.get(f.vs2, i, vtype.sew);
            s.set(f.vd, packed, vtype.sew, element);
            packed += 1;
        }
    }
    // "The remaining elements of vd are treated as tail elements."
    tail(s, &dest, policy, packed);
    Outcome::Done
}

/// "The instructions operate as if EMUL = NREG, EEW = min(VLEN*EMUL, SEW), and effective length evl = EMUL * VLEN/EEW."
fn move_registers(s: &mut VState, f: &Fields, count: usize) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let elements = count * s.vlen / vtype.sew;
    // "The instructions are reserved if vstart >= evl."
    if !f.vd.is_multiple_of(count) || !f.vs2.is_multiple_of(count) || s.vstart >= elements as u64 {
        return Outcome::Illegal;
    }
    for i in s.vstart as usize..elements {
        s.set(f.vd, i, vtype.sew, s.get(f.vs2, i, vtype.sew));
    }
    s.vstart = 0;
    Outcome::Done
}
