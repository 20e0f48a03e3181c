//! Zvbb with Zvkb, and Zvbc: bits of one element.

use super::super::Outcome;
use super::super::legality::{each, usual};
use super::super::state::{Fields, VState};

const OF_ZVKB: &[&str] =
    &["vandn.vv", "vandn.vx", "vbrev8.v", "vrev8.v", "vrol.vv", "vrol.vx", "vror.vv", "vror.vx", "vror.vi"];
const OF_ZVBB: &[&str] = &["vbrev.v", "vclz.v", "vctz.v", "vcpop.v", "vwsll.vv", "vwsll.vx", "vwsll.vi"];
const OF_ZVBC: &[&str] = &["vclmul.vv", "vclmul.vx", "vclmulh.vv", "vclmulh.vx"];

pub fn knows(mnemonic: &str) -> bool {
    [OF_ZVKB, OF_ZVBB, OF_ZVBC].iter().any(|names| names.contains(&mnemonic))
}

/// `None`: illegal.
pub fn execute(s: &mut VState, mnemonic: &str, f: &Fields, word: u32) -> Option<Outcome> {
    let features = s.features;
    let sew = s.sew();
    let exists = if OF_ZVBC.contains(&mnemonic) {
        // "The instructions in Zvbc are only defined for SEW=64."
        features.zvbc && sew == 64
    } else {
        features.zvbb || OF_ZVKB.contains(&mnemonic) && features.zvkb
    };
    let (name, operands) = mnemonic.split_once('.')?;
    if !exists {
        return None;
    }
    let to = if name == "vwsll" { 2 * sew } else { sew };
    let form = usual(s, f, to, sew, (operands == "vv").then_some(sew));
    let scalar = match (name, operands) {
        (_, "vx") => s.x[f.vs1],
        // The only immediate of six bits; its highest is bit 26.
        ("vror", "vi") => f.vs1 as u64 | u64::from(word >> 26 & 1) << 5,
        _ => f.vs1 as u64,
    };
    Some(each(s, &form, |s, i| {
        let other = if operands == "vv" { s.get(f.vs1, i, sew) } else { scalar };
        one(name, sew as u64, s.get(f.vs2, i, sew), other)
    }))
}

/// `a` from vs2, of `sew` bits; `b` from vs1, a register or an immediate, of which only the low bits count.
fn one(name: &str, sew: u64, a: u64, b: u64) -> u64 {
    let bit = |v: u64, i: u64| v >> i & 1;
    // Bit i of the result is bit `from(i)` of a.
    let permute = |from: &dyn Fn(u64) -> u64| (0..sew).fold(0, |v, i| v | bit(a, from(i)) << i);
    match name {
        "vandn" => a & !b,
        "vbrev" => permute(&|i| sew - 1 - i),
        "vbrev8" => permute(&|i| i / 8 * 8 + 7 - i % 8),
        "vrev8" => permute(&|i| sew - 8 - i / 8 * 8 + i % 8),
        "vrol" => permute(&|i| i.wrapping_sub(b) % sew),
        "vror" => permute(&|i| i.wrapping_add(b) % sew),
        "vclz" => (0..sew).take_while(|i| bit(a, sew - 1 - i) == 0).count() as u64,
        "vctz" => (0..sew).take_while(|i| bit(a, *i) == 0).count() as u64,
        "vcpop" => (0..sew).map(|i| bit(a, i)).sum(),
        // The shift amount has a bit more than SEW's logarithm.
        "vwsll" => a << (b % (2 * sew)),
        _ => {
            let product = (0..64).filter(|i| bit(b, *i) == 1).fold(0, |sum, i| sum ^ u128::from(a) << i);
            (if name == "vclmulh" { product >> 64 } else { product }) as u64
        }
    }
}
