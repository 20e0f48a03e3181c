//! What is decided about a vector instruction before it runs: where its operands lie, how wide its elements are, what its
//! policies ask for. Made once when code is translated, or each time when it is stepped.

use super::rules::{self, Checked, Reason};
use super::thead::Frame;
use crate::hart::{Agnostic, Hart, Simd, VectorVersion};
use crate::isa::{Insn, Kind, Slot};

/// Where an elementwise instruction's other source comes from than vs2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Second {
    /// vs1, or nothing at all.
    Vector,
    /// x[rs1]
    Register,
    /// The immediate.
    Immediate,
}

/// A vector instruction under one `vtype`, found legal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Byte offset of the destination group in the register file (of the data, for stores).
    pub vd: u32,
    /// Byte offset of vs1's group.
    pub vs1: u32,
    /// Byte offset of vs2's group.
    pub vs2: u32,
    /// Bytes from the start of the destination group to its end: whole registers, of one field only.
    pub span: u32,
    /// Where the second source comes from.
    pub second: Second,
    /// Immediate.
    pub imm: i32,
    /// Number of the scalar destination register.
    pub rd: u8,
    /// Number of the scalar source register: the operand, or the base address.
    pub rs1: u8,
    /// Number of the stride's register.
    pub rs2: u8,
    /// log2 of SEW in bytes.
    pub sew: u8,
    /// log2 of LMUL.
    pub lmul: i8,
    /// Fields of a segment, or whole registers.
    pub nf: u8,
    /// Elements of an element group.
    pub egs: u8,
    /// v0 masks it.
    pub masked: bool,
    /// The tail is to be filled with ones.
    pub tail_ones: bool,
    /// Inactive elements are to be filled with ones.
    pub mask_ones: bool,
    /// Unmasked, and the tail stays: nothing but the body's results is written.
    pub plain: bool,
    /// Byte offset of the mask's bits, one for each element.
    pub mask: u32,
    /// SIMD level of the host.
    pub simd: Simd,
    /// What is done around the kernel, under XTheadVector or for a tail of ones.
    pub frame: Frame,
}

impl Plan {
    /// The plan for an instruction under the hart's present `vtype`, or why it is illegal.
    pub(crate) fn new(hart: &Hart, insn: &Insn) -> Result<Plan, Reason> {
        if hart.v.config.version == VectorVersion::Thead {
            return Plan::thead(hart, insn);
        }
        let Checked { span, agnostic } = rules::check(hart, insn)?;
        let vtype = hart.v.vtype();
        let ones = hart.v.config.agnostic == Agnostic::Ones;
        let (tail_ones, mask_ones) = (ones && (vtype.ta() || agnostic), ones && (vtype.ma() || agnostic));
        let plan = Plan::undisturbed(hart, insn, span);
        if tail_ones
            && !plan.masked
            && let Some(frame) = Frame::ones(insn, &plan)
        {
            return Ok(Plan { frame, ..plan });
        }
        Ok(Plan { tail_ones, mask_ones, plain: plan.plain && !tail_ones, ..plan })
    }

    /// The plan of a legal instruction that leaves inactive and tail elements alone, given the bytes of a field of its group.
    pub(super) fn undisturbed(hart: &Hart, insn: &Insn, span: usize) -> Plan {
        let (v, vtype, info) = (&hart.v, hart.v.vtype(), insn.base.info());
        let at = |n: u8| ((n & 31) as usize * v.vlenb) as u32;
        let stores = info.operands.iter().any(|o| o.slot == Slot::Rs3);
        let masked = insn.masked();
        Plan {
            vd: at(if stores { insn.rs3 } else { insn.rd }),
            vs1: at(insn.rs1),
            vs2: at(insn.rs2),
            span: span as u32,
            second: match info.operands.iter().find(|o| matches!(o.slot, Slot::Rs1 | Slot::Imm)) {
                Some(o) if o.slot == Slot::Imm => Second::Immediate,
                Some(o) if o.kind == Kind::X => Second::Register,
                _ => Second::Vector,
            },
            imm: insn.imm as i32,
            rd: insn.rd,
            rs1: insn.rs1,
            rs2: insn.rs2,
            sew: vtype.sew(),
            lmul: vtype.lmul(),
            nf: info.nf,
            egs: info.egs,
            masked,
            tail_ones: false,
            mask_ones: false,
            plain: !masked,
            mask: 0,
            simd: v.config.simd,
            frame: Frame::default(),
        }
    }
}
