//! Where arithmetic instructions take their operands from, told by the end of their name: `.vv`, `.vx`, `.vi`, `.wv`, ...

use super::legality::{Form, Operand};
use super::state::{Fields, VState, sign_extend, zero_extend};

/// The second source operand.
#[derive(Clone, Copy, Debug)]
pub enum Second {
    /// vs1
    Vector(usize),
    /// x[rs1] or an immediate
    Scalar(u64),
}

impl Second {
    /// From the last letter of `suffix` (a trailing `m` names the mask). `unsigned`: an immediate is zero-extended.
    pub fn of(s: &VState, f: &Fields, suffix: &str, unsigned: bool) -> Option<Second> {
        Some(match suffix {
            "vv" | "wv" | "vvm" => Second::Vector(f.vs1),
            "vx" | "wx" | "vxm" => Second::Scalar(s.x[f.vs1]),
            "vi" | "wi" | "vim" if unsigned => Second::Scalar(f.vs1 as u64),
            "vi" | "wi" | "vim" => Second::Scalar(f.simm() as u64),
            _ => return None,
        })
    }

    /// Element `i` as a number of `eew` bits: scalars are truncated.
    pub fn get(self, s: &VState, i: usize, eew: usize) -> u64 {
        match self {
            Second::Vector(reg) => s.get(reg, i, eew),
            Second::Scalar(v) => zero_extend(v, eew),
        }
    }

    pub fn operand(self, s: &VState, eew: usize) -> Option<Operand> {
        match self {
            Second::Vector(reg) => Some(Operand::group(s, reg, eew)),
            Second::Scalar(_) => None,
        }
    }
}

/// The widths of the operands of an instruction.
#[derive(Clone, Copy, Debug)]
pub struct Widths {
    pub dest: usize,
    pub vs2: usize,
    pub vs1: usize,
}

/// The numbers that one element is made of, read both ways.
#[derive(Clone, Copy, Debug)]
pub struct Elements {
    /// SEW
    pub sew: u32,
    /// From vs2.
    pub a: i128,
    pub a_signed: i128,
    /// From vs1, rs1 or the immediate.
    pub b: i128,
    pub b_signed: i128,
    /// From vd before the instruction.
    pub d: i128,
    pub d_signed: i128,
}

impl Elements {
    /// Of element `i`. What stands in vd is meaningful only if it has the same layout as the destination.
    pub fn read(s: &VState, f: &Fields, second: Second, w: Widths, i: usize) -> Elements {
        let a = s.get(f.vs2, i, w.vs2);
        let b = second.get(s, i, w.vs1);
        let d = s.get(f.vd, i, w.dest);
        Elements {
            sew: s.sew() as u32,
            a: a.into(),
            a_signed: sign_extend(a, w.vs2).into(),
            b: b.into(),
            b_signed: sign_extend(b, w.vs1).into(),
            d: d.into(),
            d_signed: sign_extend(d, w.dest).into(),
        }
    }
}

/// The operands of an instruction with those widths, a group as destination.
pub fn form(s: &VState, f: &Fields, second: Second, w: Widths) -> Form {
    let mut sources = vec![Operand::group(s, f.vs2, w.vs2)];
    sources.extend(second.operand(s, w.vs1));
    Form { dest: Some(Operand::group(s, f.vd, w.dest)), sources, masked: !f.vm, ..Form::default() }
}
