//! The comment behind an instruction: the address that a pair such as `auipc` and `addi` makes.
//!
//! As objdump does it: what `lui` and `auipc` put into a register is kept until the first instruction that adds to it.

use mellivora::isa::{Insn, Kind, Op};

const GP: u8 = 3;
const TP: u8 = 4;

/// Upper parts of addresses by register.
pub struct Addresses {
    upper: [Option<u64>; 32],
    /// The value of `__global_pointer$`.
    gp: Option<u64>,
}

impl Addresses {
    pub fn new(gp: Option<u64>) -> Addresses {
        Addresses { upper: [None; 32], gp }
    }

    /// The address to show behind `insn`, of which `immediate` says whether its text has an immediate (aliases such as
    /// `mv` have none).
    pub fn follow(&mut self, insn: &Insn, pc: u64, immediate: bool) -> Option<u64> {
        match insn.base {
            Op::Lui if insn.op != Op::CLui || insn.rd != 0 => {
                self.upper[usize::from(insn.rd & 31)] = Some(insn.imm as u64);
                return None;
            }
            Op::Auipc => {
                self.upper[usize::from(insn.rd & 31)] = Some(pc.wrapping_add(insn.imm as u64));
                return None;
            }
            _ => {}
        }
        let adds = match insn.op {
            Op::Addi | Op::Addiw => insn.rs1 != 0,
            Op::CAddi | Op::CAddiw => insn.rd != 0,
            Op::Jalr => true,
            // Loads and stores with an offset; the 16-bit ones are left out.
            op => insn.len == 4 && offset_of_memory(op),
        };
        if !adds || !immediate {
            return None;
        }
        let address = self.sum(insn.rs1 & 31, insn.imm as u64)?;
        Some(if insn.base == Op::Addiw { address as i32 as u64 } else { address })
    }

    fn sum(&mut self, base: u8, offset: u64) -> Option<u64> {
        if let Some(upper) = self.upper[usize::from(base)].take() {
            return Some(if base == 0 { offset } else { upper.wrapping_add(offset) });
        }
        match (base, self.gp) {
            (GP, Some(gp)) => Some(gp.wrapping_add(offset)),
            (0 | TP, _) => Some(offset),
            _ => None,
        }
    }
}

/// Whether an instruction is a load or store of one value at a register plus a signed offset.
fn offset_of_memory(op: Op) -> bool {
    let info = op.info();
    (info.load > 0 || info.store > 0) && info.operands.iter().any(|o| o.kind == Kind::Simm && o.width == 12)
}
