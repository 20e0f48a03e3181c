//! Which operands are legal ("Vector Operands", "Vector Masking", "Widening ..." and "Narrowing Vector Arithmetic Instructions"), and
//! the one loop over the elements of a destination.

use super::state::{Config, ELEN, State};
use crate::vector_model::state::{Fields, Outcome};

/// "Implementations are permitted to raise illegal instruction exceptions when attempting to execute a vector instruction with a
/// value of vstart that the implementation can never produce" (choice: these do nothing, as any vstart from vl on).
pub const LARGE_VSTART_TRAPS: bool = false;

/// Registers that begin with `reg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub reg: usize,
    pub count: usize,
}

/// v0 as the mask.
const V0: Group = Group { reg: 0, count: 1 };

impl Group {
    pub fn overlaps(self, other: Group) -> bool {
        self.reg < other.reg + other.count && other.reg < self.reg + self.count
    }
}

/// Where results go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dest {
    /// A group of elements with so many bits.
    Elements { reg: usize, eew: usize },
    /// A mask, in one register.
    Mask { reg: usize },
}

/// The rules, as one collects what an instruction names. `None` where it is illegal.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    pub s: &'a State,
    pub c: Config,
    pub f: &'a Fields,
}

impl<'a> Rules<'a> {
    /// "If the vill bit is set, ... any attempt to execute a vector instruction (other than vsetvl{i}) raises an illegal instruction
    /// exception."
    pub fn new(s: &'a State, f: &'a Fields) -> Option<Rules<'a>> {
        let c = s.config()?;
        if LARGE_VSTART_TRAPS && s.vstart >= c.vlmax as u64 {
            return None;
        }
        Some(Rules { s, c, f })
    }

    /// For instructions that are illegal unless `vstart` is 0.
    pub fn from_start(s: &'a State, f: &'a Fields) -> Option<Rules<'a>> {
        if s.vstart != 0 { None } else { Rules::new(s, f) }
    }

    /// A group of SEW and LMUL: "Using other than the lowest-numbered vector register to specify a vector register group will result in
    /// an illegal instruction exception."
    pub fn group(&self, reg: usize) -> Option<Group> {
        self.numbered(reg, self.c.lmul)
    }

    /// A group of twice SEW and LMUL.
    pub fn wide(&self, reg: usize) -> Option<Group> {
        if 2 * self.c.sew > ELEN || 2 * self.c.lmul > 8 {
            return None;
        }
        self.numbered(reg, 2 * self.c.lmul)
    }

    fn numbered(&self, reg: usize, count: usize) -> Option<Group> {
        reg.is_multiple_of(count).then_some(Group { reg, count })
    }

    /// A mask or a scalar: any register.
    pub fn single(&self, reg: usize) -> Group {
        Group { reg, count: 1 }
    }

    /// "The destination vector register group for a masked vector instruction can only overlap the source mask register (v0) when
    /// LMUL=1."
    pub fn masked(&self, dest: Group) -> Option<()> {
        (self.f.vm || !dest.overlaps(V0) || self.c.lmul == 1).then_some(())
    }

    /// For those that must not overlap their mask at all.
    pub fn apart_from_mask(&self, dest: Group) -> Option<()> {
        (self.f.vm || !dest.overlaps(V0)).then_some(())
    }

    pub fn apart(&self, dest: Group, source: Group) -> Option<()> {
        (!dest.overlaps(source)).then_some(())
    }
}

/// What `each` does to a destination.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    pub dest: Dest,
    /// v0 enables elements; otherwise all of the body are written.
    pub masked: bool,
    /// Elements before this one are unchanged, too.
    pub first: usize,
}

impl Write {
    pub fn new(dest: Dest, f: &Fields) -> Write {
        Write { dest, masked: !f.vm, first: 0 }
    }
}

/// Writes the elements of a destination of a legal instruction: `value` gives that of an active element from the state before the
/// instruction. Inactive elements are unchanged, the tail becomes zero, and so does vstart.
pub fn each(s: &mut State, w: Write, mut value: impl FnMut(&State, usize) -> u64) -> Outcome {
    let before = s.clone();
    let c = s.config().expect("it is legal");
    for i in w.first.max(s.vstart as usize)..s.vl as usize {
        if !w.masked || before.mask(0, i, c.mlen) {
            let v = value(&before, i);
            write(s, w.dest, i, v);
        }
    }
    zero_tail(s, w.dest, s.vl as usize);
    s.vstart = 0;
    Outcome::Done
}

/// Zeroes the elements from `first` up to VLMAX. "When vstart >= vl, no elements are updated in any destination vector register group."
pub fn zero_tail(s: &mut State, dest: Dest, first: usize) {
    if s.vstart < s.vl {
        for i in first..s.config().expect("it is legal").vlmax {
            write(s, dest, i, 0);
        }
    }
}

fn write(s: &mut State, dest: Dest, i: usize, value: u64) {
    match dest {
        Dest::Elements { reg, eew } => s.set(reg, i, eew, value),
        Dest::Mask { reg } => {
            let mlen = s.config().expect("it is legal").mlen;
            s.set_mask(reg, i, mlen, value & 1 == 1);
        }
    }
}
