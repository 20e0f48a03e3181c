//! "Vector Mask Instructions".

use super::legality::{Form, Operand, check, each};
use super::state::{Fields, Outcome, VState};

pub fn mask(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    logical(s, mnemonic, f).or_else(|| to_scalar(s, mnemonic, f)).or_else(|| first(s, mnemonic, f)).or_else(|| {
        match mnemonic {
            "viota.m" => Some(iota(s, f)),
            "vid.v" => Some(id(s, f)),
            _ => None,
        }
    })
}

/// Of the bits in vs2 and vs1.
pub fn logical_function(mnemonic: &str) -> Option<fn(bool, bool) -> bool> {
    Some(match mnemonic {
        "vmand.mm" => |a, b| a && b,
        "vmnand.mm" => |a, b| !(a && b),
        "vmandn.mm" => |a, b| a && !b,
        "vmxor.mm" => |a, b| a != b,
        "vmor.mm" => |a, b| a || b,
        "vmnor.mm" => |a, b| !(a || b),
        "vmorn.mm" => |a, b| a || !b,
        "vmxnor.mm" => |a, b| a == b,
        _ => return None,
    })
}

fn logical(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    let function = logical_function(mnemonic)?;
    let sources = vec![Operand::mask(f.vs2), Operand::mask(f.vs1)];
    let form = Form { dest: Some(Operand::mask(f.vd)), sources, ..Form::default() };
    Some(each(s, &form, |s, i| function(s.mask(f.vs2, i), s.mask(f.vs1, i)).into()))
}

/// vcpop.m, vfirst.m
fn to_scalar(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    if !matches!(mnemonic, "vcpop.m" | "vfirst.m") {
        return None;
    }
    let form = Form { sources: vec![Operand::mask(f.vs2)], masked: !f.vm, vstart_zero: true, ..Form::default() };
    if check(s, &form).is_none() {
        return Some(Outcome::Illegal);
    }
    let mut set = (0..s.vl as usize).filter(|i| s.enabled(f.vm, *i) && s.mask(f.vs2, *i));
    let result = match mnemonic {
        "vcpop.m" => set.count() as u64,
        _ => set.next().map_or(u64::MAX, |i| i as u64),
    };
    s.set_x(f.vd, result);
    Some(Outcome::Done)
}

/// vmsbf.m, vmsif.m, vmsof.m
fn first(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    // What stands before, at and behind the first set bit.
    let [before, at, behind] = match mnemonic {
        "vmsbf.m" => [1, 0, 0],
        "vmsif.m" => [1, 1, 0],
        "vmsof.m" => [0, 1, 0],
        _ => return None,
    };
    let form = Form {
        dest: Some(Operand::mask(f.vd)),
        sources: vec![Operand::mask(f.vs2)],
        masked: !f.vm,
        no_overlap: true,
        vstart_zero: true,
        ..Form::default()
    };
    let mut found = false;
    Some(each(s, &form, |s, i| {
        let here = !found && s.mask(f.vs2, i);
        let value = if here {
            at
        } else if found {
            behind
        } else {
            before
        };
        found |= here;
        value
    }))
}

fn iota(s: &mut VState, f: &Fields) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let form = Form {
        dest: Some(Operand::group(s, f.vd, vtype.sew)),
        sources: vec![Operand::mask(f.vs2)],
        masked: !f.vm,
        no_overlap: true,
        vstart_zero: true,
        ..Form::default()
    };
    let mut sum = 0;
    each(s, &form, |s, i| {
        sum += u64::from(s.mask(f.vs2, i));
        sum - u64::from(s.mask(f.vs2, i))
    })
}

fn id(s: &mut VState, f: &Fields) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let form = Form { dest: Some(Operand::group(s, f.vd, vtype.sew)), masked: !f.vm, ..Form::default() };
    each(s, &form, |_, i| i as u64)
}
