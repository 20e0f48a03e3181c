//! Integer reductions ("Vector Reduction Operations").

use super::legality::{Form, Operand, check, tail};
use super::state::{Fields, Outcome, VState, sign_extend};

/// Of what has come together so far and one more element.
type Function = fn(i128, i128) -> i128;

/// What brings elements together; whether the sum is wide; whether the elements are signed.
pub fn reduction_function(mnemonic: &str) -> Option<(Function, bool, bool)> {
    Some(match mnemonic {
        "vredsum.vs" => (|a, b| a + b, false, false),
        "vredand.vs" => (|a, b| a & b, false, false),
        "vredor.vs" => (|a, b| a | b, false, false),
        "vredxor.vs" => (|a, b| a ^ b, false, false),
        "vredminu.vs" => (i128::min, false, false),
        "vredmin.vs" => (i128::min, false, true),
        "vredmaxu.vs" => (i128::max, false, false),
        "vredmax.vs" => (i128::max, false, true),
        "vwredsumu.vs" => (|a, b| a + b, true, false),
        "vwredsum.vs" => (|a, b| a + b, true, true),
        _ => return None,
    })
}

pub fn reduce(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    let (function, wide, signed) = reduction_function(mnemonic)?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let eew = if wide { 2 * vtype.sew } else { vtype.sew };
    let dest = Operand::scalar(f.vd, eew);
    let form = Form {
        dest: Some(dest),
        sources: vec![Operand::group(s, f.vs2, vtype.sew), Operand::scalar(f.vs1, eew)],
        masked: !f.vm,
        vstart_zero: true,
        ..Form::default()
    };
    let Some(policy) = check(s, &form) else { return Some(Outcome::Illegal) };
    // "If vl=0, no operation is performed."
    if s.vl == 0 {
        return Some(Outcome::Done);
    }
    let number = |v: u64, bits: usize| if signed { sign_extend(v, bits).into() } else { i128::from(v) };
    let mut result = number(s.get(f.vs1, 0, eew), eew);
    for i in (0..s.vl as usize).filter(|i| s.enabled(f.vm, *i)) {
        result = function(result, number(s.get(f.vs2, i, vtype.sew), vtype.sew));
    }
    s.set(f.vd, 0, eew, result as u64);
    // "The other elements in the destination vector register (0 < index < VLEN/SEW) are considered the tail."
    tail(s, &dest, policy, 1);
    Some(Outcome::Done)
}
