//! Integer reductions ("Vector Reduction Operations").

use super::rules::Rules;
use super::state::State;
use crate::vector_model::reduce::reduction_function;
use crate::vector_model::state::{Fields, Outcome, sign_extend};

/// Legality of all reductions: scalars stand in any register. The result is twice as wide for widening ones.
pub fn check(s: &State, f: &Fields, wide: bool) -> Option<usize> {
    let r = Rules::from_start(s, f)?;
    r.group(f.vs2)?;
    let eew = if wide { 2 * r.c.sew } else { r.c.sew };
    (eew <= super::state::ELEN).then_some(eew)
}

/// "The other elements in the destination vector register (0 < index < VLEN/SEW) are zeroed": of one register, whatever LMUL is.
pub fn finish(s: &mut State, reg: usize, eew: usize, result: u64) -> Outcome {
    for i in 0..s.vlen / eew {
        s.set(reg, i, eew, if i == 0 { result } else { 0 });
    }
    Outcome::Done
}

pub fn reduce(s: &mut State, name: &str, f: &Fields) -> Option<Outcome> {
    let (function, wide, signed) = reduction_function(name)?;
    let Some(eew) = check(s, f, wide) else { return Some(Outcome::Illegal) };
    // "If vl=0, no operation is performed and the destination register is not updated."
    if s.vl == 0 {
        return Some(Outcome::Done);
    }
    let c = s.config()?;
    let number = |v: u64, bits: usize| if signed { sign_extend(v, bits).into() } else { i128::from(v) };
    let mut result = number(s.get(f.vs1, 0, eew), eew);
    for i in (0..s.vl as usize).filter(|i| f.vm || s.mask(0, *i, c.mlen)) {
        result = function(result, number(s.get(f.vs2, i, c.sew), c.sew));
    }
    Some(finish(s, f.vd, eew, result as u64))
}
