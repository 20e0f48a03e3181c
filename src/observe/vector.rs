//! What an instruction writes of vector state. Most of it can only be told before it runs: it may replace its own mask.

use crate::hart::{Context, Hart, VectorVersion, Vtype};
use crate::isa::{Access, Eew, Flags, Insn, Kind, Op};

/// What an instruction has written of vector state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VectorWrites {
    /// Registers of which it has written an active element, bit n for vn. Agnostic elements that were filled with ones do not
    /// count. With XTheadVector, whose tails become zero, all of the destination unless nothing is written.
    pub registers: u32,
    /// Whether it has written `vl`.
    pub vl: bool,
    /// The configuration that it has put into `vtype`, in the layout of V 1.0; if the machine does not have that, `vtype` has vill set. `None` if it
    /// has not written `vtype`, or the value that stood there.
    pub vtype: Option<u64>,
    /// Whether it has saturated, and so written `vxsat`, which may have been set before.
    pub vxsat: bool,
    /// Whether vector state was not dirty before and is now.
    pub dirtied: bool,
}

/// A hart before a vector instruction, or one that may change mstatus.VS.
pub(crate) struct Before {
    insn: Insn,
    vs: Context,
    vl: usize,
    vtype: Vtype,
    vxsat: bool,
    fflags: u8,
    registers: u32,
    /// The configuration that vset* asks for.
    asked: Option<u64>,
}

impl Before {
    /// Looks at a hart before an instruction. For a vector instruction `vxsat` and `fflags` are clear until [`Before::after`]:
    /// kernels do not look for flags that are set already.
    pub(crate) fn new(hart: &mut Hart, insn: &Insn) -> Before {
        let vector = insn.base.info().flags.contains(Flags::VECTOR);
        let asked = match insn.base {
            Op::Vsetvl | Op::ThVsetvl => Some(hart.x(insn.rs2)),
            Op::Vsetvli | Op::Vsetivli | Op::ThVsetvli => Some(insn.imm as u64),
            _ => None,
        };
        let asked = asked.map(|bits| hart.v.config.version.vtype(bits).map_or(bits, |vtype| vtype.0));
        let before = Before {
            insn: *insn,
            vs: hart.vs(),
            vl: hart.v.vl,
            vtype: hart.vtype(),
            vxsat: hart.v.vxsat,
            fflags: hart.fflags,
            registers: if vector { registers(hart, insn, hart.v.vl) } else { 0 },
            asked,
        };
        if vector {
            hart.v.vxsat = false;
            hart.fflags = 0;
        }
        before
    }

    /// What the instruction has done. To be called whether it has retired or not.
    pub(crate) fn after(self, hart: &mut Hart) -> VectorWrites {
        let flags = self.insn.base.info().flags;
        let vector = flags.contains(Flags::VECTOR);
        let vxsat = vector && hart.v.vxsat;
        if vector {
            hart.raised |= hart.fflags;
            hart.v.vxsat |= self.vxsat;
            hart.fflags |= self.fflags;
        }
        let shortened = vector && self.asked.is_none() && hart.v.vl != self.vl;
        let may_keep = matches!(self.insn.base, Op::Vsetvli | Op::Vsetvl);
        let keeps = may_keep && self.insn.rd == 0 && self.insn.rs1 == 0;
        VectorWrites {
            // Fault-only-first loads leave their mask alone.
            registers: if shortened { registers(hart, &self.insn, hart.v.vl) } else { self.registers },
            vl: shortened || self.asked.is_some() && (!keeps || hart.vtype().ill()),
            vtype: self.asked.filter(|v| *v != self.vtype.0),
            vxsat,
            dirtied: self.vs != Context::Dirty && hart.vs() == Context::Dirty,
        }
    }
}

/// The registers that an instruction of XTheadVector writes if it gets as far as `vl`: tails become zero.
fn whole_group(hart: &Hart, insn: &Insn, vl: usize) -> u32 {
    let (info, v) = (insn.op.info(), &hart.v);
    let to = info.operands.iter().find(|o| o.kind == Kind::V && o.access != Access::Read);
    let Some(to) = to.filter(|_| vl > v.vstart) else { return 0 };
    let lmul = 1u32 << v.vtype().lmul().clamp(0, 3);
    let count = match to.eew {
        Eew::Mask | Eew::One | Eew::OneWide => 1,
        Eew::Wide => 2 * lmul,
        _ => lmul * u32::from(info.nf.max(1)),
    };
    (0..count).fold(0, |set, n| set | 1u32.checked_shl(u32::from(insn.rd & 31) + n).unwrap_or(0))
}

/// The registers whose active elements a vector instruction writes if it gets as far as `vl`.
fn registers(hart: &Hart, insn: &Insn, vl: usize) -> u32 {
    if hart.v.config.version == VectorVersion::Thead {
        return whole_group(hart, insn, vl);
    }
    let (info, v) = (insn.base.info(), &hart.v);
    let to = info.operands.iter().find(|o| o.kind == Kind::V && o.access != Access::Read);
    let Some(to) = to.filter(|_| v.exists()) else { return 0 };
    let (vd, vtype, start) = (insn.rd & 31, v.vtype(), v.vstart);
    let one = |written: bool| if written { 1 << vd } else { 0 };
    let loads = info.flags.contains(Flags::LOAD);
    // log2 of bytes of an element, and of registers of a field.
    let (width, lmul) = match to.eew {
        Eew::Whole => {
            let count = info.nf.max(1);
            let width = if loads { info.eew.max(8) / 8 } else { 1 << vtype.sew() } as usize;
            let first = start * width / v.vlenb;
            // Moving registers to themselves is nothing.
            let moves = loads || insn.rs2 != insn.rd;
            return (first..count as usize).filter(|_| moves).fold(0, |set, n| set | one(true) << n);
        }
        Eew::One | Eew::OneWide => return one(vl > start),
        Eew::Wide => (vtype.sew() + 1, vtype.lmul() + 1),
        Eew::Data => {
            let width = (info.eew.max(8) / 8).ilog2() as u8;
            (width, vtype.lmul() + width as i8 - vtype.sew() as i8)
        }
        _ => (vtype.sew(), vtype.lmul()),
    };
    let select = insn.masked() && !info.flags.contains(Flags::V0SRC);
    let bit = |register: u8, i: usize| hart.v(register).get(i / 8).is_some_and(|b| b >> (i % 8) & 1 != 0);
    let mut active = (start..vl).filter(|&i| !select || bit(0, i));
    if to.eew == Eew::Mask {
        return one(if loads { start < vl.div_ceil(8) } else { active.next().is_some() });
    }
    let offset = match insn.base {
        Op::VslideupVx => hart.x(insn.rs1),
        Op::VslideupVi => insn.imm as u64,
        _ => 0,
    };
    let place = |set: u32, i: usize| {
        let register = (i << width) / v.vlenb;
        let fields = (0..info.nf.max(1) as usize).map(|k| register + (k << lmul.max(0)));
        fields.fold(set, |set, n| set | one(true).checked_shl(n as u32).unwrap_or(0))
    };
    match insn.base {
        Op::VcompressVm => (0..(start..vl).filter(|&i| bit(insn.rs1, i)).count()).fold(0, place),
        _ => active.filter(|&i| i as u64 >= offset).fold(0, place),
    }
}
