//! XTheadVdot: sums of four products of bytes.

use super::rules::{Dest, Rules, Write, each};
use super::state::State;
use crate::vector_model::state::{Fields, Outcome, sign_extend};

pub fn dot(s: &mut State, name: &str, f: &Fields) -> Option<Outcome> {
    let (stem, suffix) = name.split_once('.')?;
    // Whether the bytes of vs1 or rs1 are signed, and those of vs2.
    let (one_signed, two_signed) = match stem {
        "vmaqa" => (true, true),
        "vmaqau" => (false, false),
        "vmaqasu" => (true, false),
        "vmaqaus" => (false, true),
        _ => return None,
    };
    let vector = suffix == "vv";
    let legal = |r: Rules| {
        r.group(f.vs2)?;
        if vector {
            r.group(f.vs1)?;
        }
        r.masked(r.group(f.vd)?)?;
        (r.c.sew == 32).then_some(r.c)
    };
    let Some(c) = Rules::new(s, f).and_then(legal) else { return Some(Outcome::Illegal) };
    let number = |v: u64, signed: bool| if signed { sign_extend(v, 8) } else { v as i64 };
    let by_bytes = !s.settings.dot_by_elements;
    // A mask for bytes has elements of 8/LMUL bits, a quarter of those for words.
    let w = Write { dest: Dest::Elements { reg: f.vd, eew: 32 }, masked: !f.vm && !by_bytes, first: 0 };
    Some(each(s, w, |s, i| {
        let mut sum = s.get(f.vd, i, 32) as i64;
        for j in 0..4 {
            if !f.vm && by_bytes && !s.mask(0, 4 * i + j, c.mlen / 4) {
                continue;
            }
            let one = if vector { s.get(f.vs1, 4 * i + j, 8) } else { s.x[f.vs1] >> (8 * j) & 0xff };
            sum += number(one, one_signed) * number(s.get(f.vs2, 4 * i + j, 8), two_signed);
        }
        sum as u64
    }))
}
