//! The first half of translation: following the guest's code from an address, to the end of an extended basic block.
//!
//! Branches that are not taken fall through, direct jumps are followed, so that one block may span several basic blocks. It
//! ends at an indirect jump, at what always leaves the engine or changes its mode, at a page boundary, or at the limit.

use std::ops::Range;

use super::code::page_of;
use super::table;
use crate::hart::Cause;
use crate::isa::{Decoder, Insn, Op};
use crate::memory::Memory;
use crate::ops::Kind;

/// Instructions of one block at most: an op keeps its count in a byte, and `run(N)` overshoots by less than this.
pub(super) const MAX_BLOCK: usize = 128;

/// How a block ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// Control goes on at a known address.
    Goto(u64),
    /// As `Goto`, but floating-point mode may have changed.
    GotoAnyMode(u64),
    /// The last instruction never goes on to a known address.
    #[default]
    Leave,
}

/// The instructions of a block to be.
#[derive(Default)]
pub(super) struct Trace {
    pub insns: Vec<(u64, Insn)>,
    pub end: End,
}

impl Trace {
    /// The addresses of the instructions, as contiguous ranges.
    pub fn runs(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        let follows = |a: &(u64, Insn), b: &(u64, Insn)| a.0.wrapping_add(a.1.len as u64) == b.0;
        self.insns.chunk_by(follows).filter_map(|run| {
            let (last, insn) = run.last()?;
            Some(run.first()?.0..last.wrapping_add(insn.len as u64))
        })
    }
}

/// An instruction that cannot even be decoded: the trap and its `mtval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undecodable {
    pub cause: Cause,
    pub tval: u64,
}

/// Fetches and decodes one instruction.
pub(super) fn fetch(memory: &Memory, decoder: &Decoder, pc: u64) -> Result<Insn, Undecodable> {
    let half = |addr: u64| {
        memory.fetch(addr).map(u32::from).map_err(|f| Undecodable { cause: Cause::InstructionAccess, tval: f.addr })
    };
    let mut word = half(pc)?;
    if word & 3 == 3 {
        word |= half(pc.wrapping_add(2))? << 16;
    }
    let illegal = |tval| Undecodable { cause: Cause::IllegalInstruction, tval };
    if decoder.continues(word) {
        let high = half(pc.wrapping_add(4))? | half(pc.wrapping_add(6))? << 16;
        let tval = u64::from(word) | u64::from(high) << 32;
        return decoder.decode_long(word, high).ok_or(illegal(tval));
    }
    decoder.decode(word).ok_or(illegal(word.into()))
}

/// Collects a block from `start` on into `trace`, whose contents are replaced; `compressed`: jump targets may be odd multiples
/// of two. An instruction that cannot be decoded ends a block, or is the error at its start.
pub(super) fn collect(
    memory: &Memory,
    decoder: &Decoder,
    compressed: bool,
    start: u64,
    trace: &mut Trace,
) -> Result<(), Undecodable> {
    let Trace { insns, end } = trace;
    insns.clear();
    let mut pc = start;
    *end = loop {
        if insns.len() == MAX_BLOCK {
            break End::Goto(pc);
        }
        let insn = match fetch(memory, decoder, pc) {
            Ok(i) => i,
            Err(e) if insns.is_empty() => return Err(e),
            Err(_) => break End::Goto(pc),
        };
        insns.push((pc, insn));
        let next = pc.wrapping_add(insn.len as u64);
        let target = pc.wrapping_add(insn.imm as u64);
        let misaligned = !compressed && target & 2 != 0;
        match insn.base {
            Op::Jal if misaligned => break End::Leave,
            Op::Jal if insns.len() < MAX_BLOCK / 2 && target != start => {
                pc = target;
                continue;
            }
            Op::Jal => break End::Goto(target),
            Op::Jalr | Op::Ecall | Op::Ebreak | Op::Mret | Op::Wfi => break End::Leave,
            op if table::of(op).kind == Kind::Branch && misaligned => break End::Leave,
            _ if changes_mode(&insn) => break End::GotoAnyMode(next),
            _ => {}
        }
        if page_of(next) != page_of(pc) {
            break End::Goto(next);
        }
        pc = next;
    };
    Ok(())
}

/// Whether an instruction may write `frm` (the other mode-changing registers leave the engine by themselves).
fn changes_mode(i: &Insn) -> bool {
    let writes = match i.base {
        Op::Csrrw | Op::Csrrwi => true,
        Op::Csrrs | Op::Csrrc | Op::Csrrsi | Op::Csrrci => i.rs1 != 0,
        _ => false,
    };
    writes && matches!(i.imm & 0xfff, 1..=3)
}
