//! Which vector instructions are reserved in XTheadVector: the rules of the draft 0.7.1 (sections 3.3, 5.2, 5.3 and those of the
//! instruction classes), which are simpler and stricter than those of 1.0, and where that text is silent, as the vendor's own
//! simulator has them. They look at the instruction's own operands, not at those of the one that it executes as.
//!
//! A mask result may replace v0 that masks the instruction, whatever LMUL: it is one register in any case.

use super::Reason;
use crate::hart::{Context, Hart};
use crate::isa::{Access, Eew, Flags, Insn, Operand};

/// A register group that an instruction reads or writes.
#[derive(Clone, Copy)]
struct Group {
    name: &'static str,
    eew: Eew,
    /// Bits of an element.
    bits: u32,
    first: u8,
    count: u8,
    disjoint: bool,
}

impl Group {
    fn overlaps(&self, other: &Group) -> bool {
        self.first < other.first + other.count && other.first < self.first + self.count
    }
    /// One register at any LMUL, and the widths of what it holds are no matter.
    fn single(&self) -> bool {
        matches!(self.eew, Eew::Mask | Eew::One | Eew::OneWide)
    }
}

/// Checks everything that depends on encoding, `vtype` and `vstart` only. Returns the registers of the destination group, or of
/// the data of a store, of one field.
pub(in super::super) fn check(hart: &Hart, insn: &Insn) -> Result<u8, Reason> {
    let (v, info) = (&hart.v, insn.op.info());
    if v.vs() == Context::Off {
        return Err(Reason::Off);
    }
    if v.vtype().ill() {
        return Err(Reason::Ill);
    }
    if info.flags.contains(Flags::VSTART0) && v.vstart != 0 {
        return Err(Reason::Start);
    }
    let sew = 8u32 << v.vtype().sew();
    // In memory elements may be narrower than in registers, not wider.
    if info.flags.intersects(Flags::LOAD | Flags::STORE) && u32::from(info.eew) > sew {
        return Err(Reason::MemoryWidth { memory: info.eew.into(), sew });
    }
    // Also conversions between floating point and integers of another width: SEW is that of a format.
    if info.flags.contains(Flags::VFP) && v.config.float_widths >> v.vtype().sew() & 1 == 0 {
        return Err(Reason::Width { bits: sew });
    }
    let (mut to, mut sources, mut n) = (None, [None; 4], 0);
    for o in info.operands {
        let Some(g) = group(hart, insn, o)? else { continue };
        // What is read as well lies where the result goes.
        if writes(insn, o) {
            to = Some(g);
        } else if n < sources.len() {
            sources[n] = Some(g);
            n += 1;
        }
    }
    let Some(to) = to else {
        // The data of a store comes first.
        return Ok(sources[0].map_or(1, |g: Group| g.count / info.nf.max(1)));
    };
    let lmul = 1u8 << v.vtype().lmul().clamp(0, 3);
    let reads_v0 = insn.masked() || info.flags.contains(Flags::V0SRC);
    if reads_v0 && !to.single() && to.first == 0 {
        let never = insn.masked() && (to.eew == Eew::Wide || info.flags.contains(Flags::NOOVERLAP));
        if never || lmul > 1 {
            return Err(Reason::MaskOverlap);
        }
    }
    for from in sources.iter().flatten().filter(|from| to.overlaps(from)) {
        let widths = to.bits != from.bits && !to.single() && !from.single();
        // A comparison's result may lie in a source of one register.
        let compares = to.eew == Eew::Mask && !from.single() && lmul > 1;
        if from.disjoint || widths || compares {
            return Err(Reason::Overlap { operand: from.name });
        }
    }
    Ok(to.count / info.nf.max(1))
}

/// Whether the instruction writes an operand. An atomic may leave its register alone: `wd`, its immediate.
pub(in super::super) fn writes(insn: &Insn, o: &Operand) -> bool {
    o.access != Access::Read && !(insn.op.info().flags.contains(Flags::ATOMIC) && insn.imm == 0)
}

/// The group of an operand, if it is one of vector registers.
fn group(hart: &Hart, insn: &Insn, o: &Operand) -> Result<Option<Group>, Reason> {
    let (v, info) = (&hart.v, insn.op.info());
    let sew = 8u32 << v.vtype().sew();
    let lmul = 1u8 << v.vtype().lmul().clamp(0, 3);
    let (bits, one, fields) = match o.eew {
        Eew::None => return Ok(None),
        Eew::Wide => (2 * sew, 2 * lmul, 1),
        Eew::OneWide => (2 * sew, 1, 1),
        Eew::Mask | Eew::One => (sew, 1, 1),
        Eew::Fields => (sew, lmul, info.nf.max(1)),
        _ => (sew, lmul, 1),
    };
    if bits > v.config.elen {
        return Err(Reason::Eew { operand: o.name });
    }
    let count = one * fields;
    if count > 8 {
        return Err(Reason::Emul { operand: o.name });
    }
    let first = o.from_insn(insn) as u8 & 31;
    if !first.is_multiple_of(one) {
        return Err(Reason::Alignment { operand: o.name, register: first, multiple: one });
    }
    if first + count > 32 {
        return Err(Reason::Range { operand: o.name });
    }
    Ok(Some(Group { name: o.name, eew: o.eew, bits, first, count, disjoint: o.disjoint }))
}
