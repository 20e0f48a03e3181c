//! Which encodings are reserved for the current `vtype` ("Vector Operands", "Vector Masking", "Vector Register Grouping"), and
//! the one loop over the elements of a destination. Reserved encodings trap (choice).

use super::state::{Fields, Outcome, VState};
use std::ops::Range;

/// `vstart` beyond the largest element index of the current `vtype` is reserved, and "it is recommended that implementations
/// trap" (choice: they do).
pub const LARGE_VSTART_TRAPS: bool = true;

/// How an operand stands in vector registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A register group with EMUL.
    Group,
    /// A mask: one register, EEW = 1.
    Mask,
    /// An element 0, in any register.
    Scalar,
}

/// One vector operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    pub kind: Kind,
    pub reg: usize,
    pub eew: usize,
    /// EMUL in eighths; 0 if it is less than 1/8.
    pub emul8: usize,
    /// Groups one behind the other: NFIELDS of segment loads and stores, otherwise 1.
    pub fields: usize,
}

impl Operand {
    /// A group of elements of `eew` bits: EMUL = (EEW/SEW)*LMUL. vill must be clear.
    pub fn group(s: &VState, reg: usize, eew: usize) -> Operand {
        // A fraction of an eighth is as much out of range as zero.
        let emul8 = s.lmul8() * eew / s.sew();
        Operand { kind: Kind::Group, reg, eew, emul8, fields: 1 }
    }

    pub fn mask(reg: usize) -> Operand {
        Operand { kind: Kind::Mask, reg, eew: 1, emul8: 8, fields: 1 }
    }

    /// Element 0 of a register (EMUL = 1: no ELEN > VLEN).
    pub fn scalar(reg: usize, eew: usize) -> Operand {
        Operand { kind: Kind::Scalar, reg, eew, emul8: 8, fields: 1 }
    }

    pub fn with_fields(self, fields: usize) -> Operand {
        Operand { fields, ..self }
    }

    /// Registers of one field.
    pub fn registers_per_field(&self) -> usize {
        self.emul8.div_ceil(8)
    }

    /// All registers that it touches.
    pub fn registers(&self) -> Range<usize> {
        self.reg..self.reg + self.fields * self.registers_per_field()
    }

    pub fn overlaps(&self, other: &Operand) -> bool {
        let (a, b) = (self.registers(), other.registers());
        a.start < b.end && b.start < a.end
    }

    /// EEW supported, EMUL in range, register number a multiple of EMUL, everything below v32.
    fn is_possible(&self, elen: usize) -> bool {
        let eew_exists = self.kind == Kind::Mask || matches!(self.eew, 8 | 16 | 32 | 64) && self.eew <= elen;
        let emul_exists = (1..=64).contains(&(self.emul8)) && self.emul8 * self.fields <= 64;
        eew_exists && emul_exists && self.reg.is_multiple_of(self.registers_per_field()) && self.registers().end <= 32
    }
}

/// The vector operands of an instruction, as its section of the manual names them.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub dest: Option<Operand>,
    /// Everything read, a destination that is read, too; not the mask that `masked` says.
    pub sources: Vec<Operand>,
    /// vm = 0: v0 is read as a mask.
    pub masked: bool,
    /// The destination must not overlap any source, whatever the EEW (vrgather, vslideup, vcompress, viota, ...).
    pub no_overlap: bool,
    /// Illegal unless vstart is zero.
    pub vstart_zero: bool,
    /// v0 is read, but all body elements are written (vadc, vmerge, ...).
    pub whole_body: bool,
}

/// What the instruction does to elements without a result, once the settings agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub tail_agnostic: bool,
    pub mask_agnostic: bool,
}

/// Checks an instruction that depends on `vtype`. `None`: an illegal-instruction exception.
pub fn check(s: &VState, form: &Form) -> Option<Policy> {
    let vtype = s.vtype()?;
    if form.vstart_zero && s.vstart != 0 || LARGE_VSTART_TRAPS && s.vstart >= s.vlmax() as u64 {
        return None;
    }
    let mut sources = form.sources.clone();
    if form.masked {
        sources.push(Operand::mask(0));
    }
    if !sources.iter().chain(&form.dest).all(|o| o.is_possible(s.elen)) {
        return None;
    }
    // "A vector register cannot be used to provide source operands with more than one EEW for a single instruction."
    for (n, a) in sources.iter().enumerate() {
        if sources[..n].iter().any(|b| a.overlaps(b) && a.eew != b.eew) {
            return None;
        }
    }
    let mut policy = Policy { tail_agnostic: vtype.vta, mask_agnostic: vtype.vma };
    if let Some(dest) = &form.dest {
        // "The destination vector register group for a masked vector instruction cannot overlap the source mask register (v0),
        // unless the destination vector register is being written with a mask value or the scalar result of a reduction."
        if form.masked && dest.kind == Kind::Group && dest.overlaps(&Operand::mask(0)) {
            return None;
        }
        for source in sources.iter().filter(|source| source.overlaps(dest)) {
            if form.no_overlap || dest.kind != Kind::Scalar && !may_overlap(dest, source) {
                return None;
            }
            // "When source and destination registers overlap and have different EEW, the instruction is mask- and tail-agnostic."
            if source.eew != dest.eew {
                policy = Policy { tail_agnostic: true, mask_agnostic: true };
            }
        }
        // "Mask destination tail elements are always treated as tail-agnostic."
        policy.tail_agnostic |= dest.kind == Kind::Mask;
    }
    Some(policy)
}

/// The three cases in which a destination may overlap a source.
fn may_overlap(dest: &Operand, source: &Operand) -> bool {
    let (d, s) = (dest.registers(), source.registers());
    dest.eew == source.eew
        || dest.eew < source.eew && d.start == s.start
        || dest.eew > source.eew && source.emul8 >= 8 && d.end == s.end
}

/// Checks an instruction and writes the elements of its destination: `value` gives that of an active element from the state before
/// the instruction. Inactive and tail elements follow the policy, and vstart becomes zero. With a mask destination, values are 0
/// or 1.
pub fn each(s: &mut VState, form: &Form, value: impl FnMut(&VState, usize) -> u64) -> Outcome {
    each_from(s, form, 0, value)
}

/// Likewise, but elements before `first` are unchanged, too.
pub fn each_from(s: &mut VState, form: &Form, first: usize, mut value: impl FnMut(&VState, usize) -> u64) -> Outcome {
    let Some(policy) = check(s, form) else { return Outcome::Illegal };
    let dest = form.dest.expect("there is a destination");
    let before = s.clone();
    let ones = s.settings.agnostic_ones;
    for i in first.max(s.vstart as usize)..s.vl as usize {
        if before.enabled(!form.masked || form.whole_body, i) {
            write(s, &dest, i, value(&before, i));
        } else if policy.mask_agnostic && ones {
            write(s, &dest, i, u64::MAX);
        }
    }
    tail(s, &dest, policy, s.vl as usize);
    s.vstart = 0;
    Outcome::Done
}

/// Treats the elements from `first` on as tail, unless there is no body at all.
pub fn tail(s: &mut VState, dest: &Operand, policy: Policy, first: usize) {
    let there_is_a_body = s.vstart < s.vl;
    if there_is_a_body && policy.tail_agnostic && s.settings.agnostic_ones {
        // Whole registers, also where LMUL < 1.
        let end = dest.registers_per_field() * s.vlen / dest.eew;
        for i in first.max(s.vstart as usize)..end {
            write(s, dest, i, u64::MAX);
        }
    }
}

fn write(s: &mut VState, dest: &Operand, i: usize, value: u64) {
    match dest.kind {
        Kind::Mask => s.set_mask(dest.reg, i, value & 1 == 1),
        _ => s.set(dest.reg, i, dest.eew, value),
    }
}

/// The operands of the most usual instructions: a group of EEW `dest` from vs2 with EEW `vs2` and, if `vs1` is given, from vs1 with
/// that EEW. vill must be clear.
pub fn usual(s: &VState, f: &Fields, dest: usize, vs2: usize, vs1: Option<usize>) -> Form {
    let mut sources = vec![Operand::group(s, f.vs2, vs2)];
    sources.extend(vs1.map(|eew| Operand::group(s, f.vs1, eew)));
    Form { dest: Some(Operand::group(s, f.vd, dest)), sources, masked: !f.vm, ..Form::default() }
}
