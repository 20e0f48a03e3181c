//! Which vector instructions are reserved: the rules of chapter "V", in one place, over the operand classes that the
//! tables in `isa/` give (sections "Vector Register Grouping", "Vector Instruction Formats / Vector Operands", "Vector
//! Load/Store Segment Instructions", and the chapter on vector cryptography for element groups).

pub(super) mod thead;

use std::fmt;

use crate::hart::{Context, Hart, Vtype};
use crate::isa::{Access, Eew, Flags, Insn, Operand, Slot};

/// Why a vector instruction is illegal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// mstatus.VS is Off.
    Off,
    /// `vtype` has vill set.
    Ill,
    /// An operand's elements would be wider than ELEN or narrower than 8 bits.
    Eew { operand: &'static str },
    /// An operand's group would be larger than 8 registers or smaller than an eighth.
    Emul { operand: &'static str },
    /// A group must begin at a multiple of its size.
    Alignment { operand: &'static str, register: u8, multiple: u8 },
    /// A group would go past v31.
    Range { operand: &'static str },
    /// A masked instruction would write its own mask.
    MaskOverlap,
    /// The destination overlaps a source in a way that is not allowed.
    Overlap { operand: &'static str },
    /// One register would be read with two element widths.
    TwoWidths { one: &'static str, other: &'static str },
    /// `vstart` must be 0.
    Start,
    /// `vstart` is beyond the last element that there is.
    LargeStart,
    /// `vl` and `vstart` must be multiples of the element group.
    ElementGroup { size: u8 },
    /// An element group does not fit the register group.
    GroupSize { bits: u32 },
    /// Elements in memory would be wider than those in registers (XTheadVector).
    MemoryWidth { memory: u32, sew: u32 },
    /// The element width is not one that the instruction has.
    Width { bits: u32 },
    /// mstatus.FS is Off.
    FloatOff,
    /// `frm` holds a reserved rounding mode.
    Rounding,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Off => write!(f, "mstatus.VS is Off"),
            Reason::Ill => {
                write!(f, "vtype has vill set: no vset instruction has set a configuration that this machine has")
            }
            Reason::Eew { operand } => {
                write!(f, "the elements of {operand} would be wider than ELEN or narrower than 8 bits")
            }
            Reason::Emul { operand } => {
                write!(f, "the register group of {operand} would be larger than 8 registers or smaller than 1/8")
            }
            Reason::Alignment { operand, register, multiple } => {
                write!(f, "{operand} = v{register} is not a multiple of {multiple}, the size of its register group")
            }
            Reason::Range { operand } => write!(f, "the registers of {operand} would go past v31"),
            Reason::MaskOverlap => write!(f, "the destination overlaps v0, which masks the instruction"),
            Reason::Overlap { operand } => write!(f, "the destination overlaps {operand} in a reserved way"),
            Reason::TwoWidths { one, other } => {
                write!(f, "{one} and {other} overlap, so that a register would be read with two element widths")
            }
            Reason::Start => write!(f, "vstart is not 0"),
            Reason::LargeStart => write!(f, "vstart is larger than the last element's index under this vtype"),
            Reason::ElementGroup { size } => write!(f, "vl or vstart is not a multiple of {size}, the element group"),
            Reason::GroupSize { bits } => write!(f, "LMUL x VLEN is smaller than an element group of {bits} bits"),
            Reason::MemoryWidth { memory, sew } => {
                write!(f, "elements of {memory} bits in memory are wider than SEW = {sew}")
            }
            Reason::Width { bits } => {
                write!(f, "the instruction does not exist for elements of {bits} bits on this machine")
            }
            Reason::FloatOff => write!(f, "mstatus.FS is Off"),
            Reason::Rounding => write!(f, "frm holds a reserved rounding mode"),
        }
    }
}

/// A register group that an instruction reads or writes.
#[derive(Clone, Copy, Debug)]
struct Group {
    name: &'static str,
    first: u8,
    /// Registers, at least one.
    count: u8,
    /// log2 of EEW in bits; 0 for masks.
    eew: u8,
    /// EMUL is below 1.
    fraction: bool,
    /// Only its first element counts.
    scalar: bool,
    write: bool,
    read: bool,
    /// The destination must not overlap it at all.
    disjoint: bool,
}

impl Group {
    fn end(&self) -> u8 {
        self.first + self.count
    }
    fn overlaps(&self, other: &Group) -> bool {
        self.first < other.end() && other.first < self.end()
    }
}

/// The mask register as a source.
const V0: Group = Group {
    name: "v0",
    first: 0,
    count: 1,
    eew: 0,
    fraction: false,
    scalar: false,
    write: false,
    read: true,
    disjoint: false,
};

/// The group of an operand, if it is one of vector registers.
fn group(hart: &Hart, insn: &Insn, o: &Operand) -> Result<Option<Group>, Reason> {
    let (vtype, info) = (hart.v.vtype(), insn.base.info());
    let (sew, lmul) = (vtype.sew() as i8 + 3, vtype.lmul());
    let own = (info.eew.max(8).ilog2()) as i8;
    // log2 of EEW in bits and of EMUL, number of fields.
    let (eew, emul, fields) = match o.eew {
        Eew::None => return Ok(None),
        Eew::Sew | Eew::Group => (sew, lmul, 1),
        Eew::Wide => (sew + 1, lmul + 1, 1),
        Eew::Half => (sew - 1, lmul - 1, 1),
        Eew::Quarter => (sew - 2, lmul - 2, 1),
        Eew::Eighth => (sew - 3, lmul - 3, 1),
        Eew::Mask => (0, 0, 1),
        Eew::One => (sew, 0, 1),
        Eew::OneWide => (sew + 1, 0, 1),
        Eew::Ei16 => (4, lmul + 4 - sew, 1),
        Eew::Data => (own, lmul + own - sew, info.nf),
        Eew::Fields => (sew, lmul, info.nf),
        Eew::Index => (own, lmul + own - sew, 1),
        Eew::Whole => (own, info.nf.max(1).ilog2() as i8, 1),
        Eew::OneGroup => {
            // As many registers as hold one element group.
            let bits = (info.egs as u32) << sew;
            (sew, bits.div_ceil(hart.v.config.vlen.max(1)).ilog2() as i8, 1)
        }
    };
    let mask = o.eew == Eew::Mask;
    if !mask && (eew < 3 || 1u32 << eew > hart.v.config.elen) {
        return Err(Reason::Eew { operand: o.name });
    }
    if !(-3..=3).contains(&emul) {
        return Err(Reason::Emul { operand: o.name });
    }
    let one = 1u8 << emul.max(0);
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
    Ok(Some(Group {
        name: o.name,
        first,
        count,
        eew: eew as u8,
        fraction: emul < 0,
        scalar: matches!(o.eew, Eew::One | Eew::OneWide),
        write: o.access != Access::Read,
        read: o.access != Access::Write,
        disjoint: o.disjoint,
    }))
}

/// Whether a destination may overlap a source.
fn may_overlap(to: &Group, from: &Group) -> bool {
    match to.eew.cmp(&from.eew) {
        std::cmp::Ordering::Equal => true,
        // A narrower result: in the lowest-numbered part of the source.
        std::cmp::Ordering::Less => to.first == from.first,
        // A wider one: the source in the highest-numbered part of the destination, and not a fraction of a register.
        std::cmp::Ordering::Greater => !from.fraction && from.end() == to.end(),
    }
}

/// Whether the instruction uses `vtype`: all but whole-register loads and stores.
fn uses_vtype(insn: &Insn) -> bool {
    let info = insn.base.info();
    let whole = info.operands.iter().any(|o| o.eew == Eew::Whole);
    !(whole && info.flags.intersects(Flags::LOAD | Flags::STORE))
}

/// What `check` finds out besides.
pub(super) struct Checked {
    /// The bytes that one field of the destination group takes in the register file.
    pub span: usize,
    /// The destination overlaps a source of another EEW: the instruction is tail- and mask-agnostic whatever `vtype` says.
    pub agnostic: bool,
}

/// Checks everything that depends on encoding, `vtype` and `vstart` only.
pub(super) fn check(hart: &Hart, insn: &Insn) -> Result<Checked, Reason> {
    let (v, info) = (&hart.v, insn.base.info());
    if v.vs() == Context::Off {
        return Err(Reason::Off);
    }
    let vtype = v.vtype();
    if vtype.ill() && uses_vtype(insn) {
        return Err(Reason::Ill);
    }
    let flags = info.flags;
    if flags.contains(Flags::VSTART0) && v.vstart != 0 {
        return Err(Reason::Start);
    }
    // What works on whole registers has a length of its own.
    if v.vstart != 0 && v.vstart >= v.vlmax() && !info.operands.iter().any(|o| o.eew == Eew::Whole) {
        return Err(Reason::LargeStart);
    }
    if info.egs > 1 {
        group_size(hart, vtype, info.egs)?;
    }
    let masked = insn.masked();
    let mut sources: [Option<Group>; 5] = [None; 5];
    let (mut n, mut to) = (0, None);
    for o in info.operands {
        let Some(g) = group(hart, insn, o)? else { continue };
        if g.write {
            to = Some(g);
        }
        if g.read && n < 4 {
            sources[n] = Some(g);
            n += 1;
        }
    }
    if masked || flags.contains(Flags::V0SRC) {
        sources[n] = Some(Group { disjoint: flags.contains(Flags::NOOVERLAP), ..V0 });
        n += 1;
    }
    for i in 0..n {
        let Some(a) = sources[i] else { continue };
        for b in sources[i + 1..n].iter().flatten() {
            if a.eew != b.eew && a.overlaps(b) {
                return Err(Reason::TwoWidths { one: a.name, other: b.name });
            }
        }
    }
    let Some(to) = to else {
        let data = info.operands.iter().find(|o| o.slot == Slot::Rs3);
        let data = data.and_then(|o| group(hart, insn, o).ok().flatten());
        let span = data.map_or(0, |g| (g.count / info.nf.max(1)).max(1) as usize * v.vlenb);
        return Ok(Checked { span, agnostic: false });
    };
    let agnostic = sources.iter().flatten().any(|from| !from.write && to.overlaps(from) && to.eew != from.eew);
    // Scalar results of reductions may lie anywhere.
    if !to.scalar {
        // A mask result may replace the mask. What selects or carries is encoded as a mask, too.
        if (masked || flags.contains(Flags::V0SRC)) && to.eew != 0 && to.overlaps(&V0) {
            return Err(Reason::MaskOverlap);
        }
        for from in sources.iter().flatten() {
            let itself = from.write;
            if !itself && to.overlaps(from) && (from.disjoint || !may_overlap(&to, from)) {
                return Err(Reason::Overlap { operand: from.name });
            }
        }
    }
    let fields = if matches!(info.operands.iter().find(|o| o.access != Access::Read).map(|o| o.eew), Some(Eew::Whole)) {
        1
    } else {
        info.nf.max(1)
    };
    Ok(Checked { span: (to.count / fields).max(1) as usize * v.vlenb, agnostic })
}

/// Whether an element group fits LMUL x VLEN.
fn group_size(hart: &Hart, vtype: Vtype, egs: u8) -> Result<(), Reason> {
    let vlen = hart.v.config.vlen;
    let bits = (egs as u32) << (vtype.sew() + 3);
    let lmul = vtype.lmul();
    let room = if lmul < 0 { vlen >> -lmul } else { vlen << lmul };
    if room < bits { Err(Reason::GroupSize { bits }) } else { Ok(()) }
}

/// Whether `vl` and `vstart` are multiples of the element group. They change while `vtype` stays, so that kernels ask.
pub(super) fn whole_groups(hart: &Hart, egs: u8) -> Result<(), Reason> {
    let egs = egs.max(1) as usize;
    if hart.v.vl.is_multiple_of(egs) && hart.v.vstart.is_multiple_of(egs) {
        Ok(())
    } else {
        Err(Reason::ElementGroup { size: egs as u8 })
    }
}
