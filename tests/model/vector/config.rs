//! vsetvli, vsetivli, vsetvl ("Configuration-Setting Instructions").

use super::state::{Fields, Outcome, VILL, VState, Vtype};

pub fn config(s: &mut VState, mnemonic: &str, word: u32) -> Option<Outcome> {
    let f = Fields::of(word);
    let (bits, immediate) = match mnemonic {
        "vsetvli" => (u64::from(word >> 20 & 0x7ff), false),
        "vsetivli" => (u64::from(word >> 20 & 0x3ff), true),
        "vsetvl" => (s.x[f.vs2], false),
        _ => return None,
    };
    let keep_vl = !immediate && f.vs1 == 0 && f.vd == 0;
    let avl = match f.vs1 {
        uimm if immediate => uimm as u64,
        0 if keep_vl => s.vl,
        0 => u64::MAX,
        rs1 => s.x[rs1],
    };
    let vlmax_before = s.vtype().map(|_| s.vlmax());
    s.vtype = if is_supported(s, bits) { bits } else { VILL };
    // "This form can only be used when VLMAX and hence vl is not actually changed by the new SEW/LMUL ratio. ... Use of the
    // instructions is also reserved if vill was 1 beforehand. Implementations may set vill in either case." (choice: they do, as
    // Spike does)
    if keep_vl && s.vtype != VILL && vlmax_before != Some(s.vlmax()) {
        s.vtype = VILL;
    }
    // Between VLMAX and 2*VLMAX any vl from half of AVL on is allowed (choice: VLMAX).
    s.vl = if s.vtype == VILL { 0 } else { avl.min(s.vlmax() as u64) };
    s.set_x(f.vd, s.vl);
    s.vstart = 0;
    Some(Outcome::Done)
}

/// SEW up to ELEN; and LMUL >= SEW/ELEN, the fractions that "must be supported" (choice: no others are).
fn is_supported(s: &VState, bits: u64) -> bool {
    Vtype::of(bits).is_some_and(|t| t.sew <= s.elen && 8 * t.sew <= t.lmul8.min(8) * s.elen)
}
