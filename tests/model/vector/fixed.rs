//! "Vector Fixed-Point Arithmetic Instructions".

use super::legality::each;
use super::operands::{Elements, Second, Widths, form};
use super::state::{Fields, Outcome, VState};

/// How results are rounded and whether one was saturated.
pub struct Fixed {
    pub vxrm: u8,
    pub saturated: bool,
}

impl Fixed {
    /// roundoff_unsigned and roundoff_signed: `v` is exact, whatever its sign.
    pub fn round(&self, v: i128, d: u32) -> i128 {
        if d == 0 {
            return v;
        }
        let bit = |n: u32| v >> n & 1;
        let below = |n: u32| v & ((1 << n) - 1) != 0;
        let increment = match self.vxrm {
            0 => bit(d - 1),
            1 => bit(d - 1) & i128::from(below(d - 1) || bit(d) == 1),
            2 => 0,
            _ => i128::from(bit(d) == 0 && below(d)),
        };
        (v >> d) + increment
    }

    fn clip(&mut self, v: i128, min: i128, max: i128) -> i128 {
        self.saturated |= v < min || v > max;
        v.clamp(min, max)
    }

    pub fn clip_signed(&mut self, v: i128, bits: u32) -> i128 {
        self.clip(v, -(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    }

    pub fn clip_unsigned(&mut self, v: i128, bits: u32) -> i128 {
        self.clip(v, 0, (1 << bits) - 1)
    }
}

/// What an instruction makes of one element of each operand.
pub fn fixed_function(stem: &str) -> Option<fn(&mut Fixed, &Elements) -> i128> {
    Some(match stem {
        "vsaddu" => |x, e| x.clip_unsigned(e.a + e.b, e.sew),
        "vsadd" => |x, e| x.clip_signed(e.a_signed + e.b_signed, e.sew),
        "vssubu" => |x, e| x.clip_unsigned(e.a - e.b, e.sew),
        "vssub" => |x, e| x.clip_signed(e.a_signed - e.b_signed, e.sew),
        // "Overflow is ignored and the result wraps around."
        "vaaddu" => |x, e| x.round(e.a + e.b, 1),
        "vaadd" => |x, e| x.round(e.a_signed + e.b_signed, 1),
        "vasubu" => |x, e| x.round(e.a - e.b, 1),
        "vasub" => |x, e| x.round(e.a_signed - e.b_signed, 1),
        "vsmul" => |x, e| {
            let product = x.round(e.a_signed * e.b_signed, e.sew - 1);
            x.clip_signed(product, e.sew)
        },
        "vssrl" => |x, e| x.round(e.a, e.b as u32 % e.sew),
        "vssra" => |x, e| x.round(e.a_signed, e.b as u32 % e.sew),
        "vnclipu" => |x, e| {
            let rounded = x.round(e.a, e.b as u32 % (2 * e.sew));
            x.clip_unsigned(rounded, e.sew)
        },
        "vnclip" => |x, e| {
            let rounded = x.round(e.a_signed, e.b as u32 % (2 * e.sew));
            x.clip_signed(rounded, e.sew)
        },
        _ => return None,
    })
}

pub fn fixed(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    let (stem, suffix) = mnemonic.split_once('.')?;
    let function = fixed_function(stem)?;
    let narrowing = stem.starts_with("vnclip");
    let second = Second::of(s, f, suffix, narrowing || stem.starts_with("vssr"))?;
    let Some(vtype) = s.vtype() else { return Some(Outcome::Illegal) };
    let sew = vtype.sew;
    if stem == "vsmul" && sew == 64 && !s.features.v {
        return Some(Outcome::Illegal);
    }
    let w = Widths { dest: sew, vs2: if narrowing { 2 * sew } else { sew }, vs1: sew };
    let form = form(s, f, second, w);
    let mut x = Fixed { vxrm: s.vxrm, saturated: false };
    let outcome = each(s, &form, |s, i| function(&mut x, &Elements::read(s, f, second, w, i)) as u64);
    s.vxsat |= x.saturated;
    Some(outcome)
}
