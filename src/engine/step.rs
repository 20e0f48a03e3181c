//! One instruction at a time: the same semantics without translation, for stepping, tracing and the ends of exact runs.

use super::table::{self, StepFn};
use super::trace::{Undecodable, fetch};
use super::{Engine, Leave};
use crate::hart::{Cause, Event};
use crate::isa::Insn;
use crate::memory::Memory;

/// Entries of the table of decoded instructions.
const ENTRIES: usize = 4096;

/// Recently stepped instructions by address, allocated with the first step.
#[derive(Default)]
pub(super) struct Decoded {
    entries: Vec<Option<(u64, Insn, StepFn)>>,
}

impl Decoded {
    pub(super) fn clear(&mut self) {
        self.entries.fill(None);
    }
}

impl Engine {
    /// The instruction at the hart's pc, decoded.
    pub(super) fn insn_at(&mut self, memory: &mut Memory, pc: u64) -> Result<(Insn, StepFn), Undecodable> {
        let slot = (pc >> 1) as usize & (ENTRIES - 1);
        if let Some(Some((at, insn, step))) = self.decoded.entries.get(slot)
            && *at == pc
        {
            return Ok((*insn, *step));
        }
        let insn = fetch(memory, &self.decoder, pc)?;
        let step = table::of(insn.base).step;
        // Marked as code, so that a store there clears this table.
        memory.mark_code(pc, insn.len as u64);
        if self.decoded.entries.is_empty() {
            self.decoded.entries.resize(ENTRIES, None);
        }
        self.decoded.entries[slot] = Some((pc, insn, step));
        Ok((insn, step))
    }

    /// The instruction that comes next, if it can be decoded.
    pub(crate) fn peek(&mut self, memory: &mut Memory) -> Option<Insn> {
        self.insn_at(memory, self.context.hart.pc).ok().map(|(insn, _)| insn)
    }

    /// Executes one instruction. `Done`: it retired and nothing else is to be looked at.
    pub(crate) fn step(&mut self, memory: &mut Memory) -> Leave {
        if memory.take_attention() {
            self.drop_stale(memory);
        }
        match self.insn_at(memory, self.context.hart.pc) {
            Ok((insn, step)) => self.execute(memory, &insn, step),
            Err(e) => self.undecodable(e),
        }
    }

    /// As `step`, for code that is not likely to be stepped again: what was decoded is not kept.
    pub(super) fn step_once(&mut self, memory: &mut Memory) -> Leave {
        if memory.take_attention() {
            self.drop_stale(memory);
        }
        match fetch(memory, &self.decoder, self.context.hart.pc) {
            Ok(insn) => self.execute(memory, &insn, table::of(insn.base).step),
            Err(e) => self.undecodable(e),
        }
    }

    fn execute(&mut self, memory: &mut Memory, insn: &Insn, step: StepFn) -> Leave {
        let hart = &mut self.context.hart;
        hart.raised = 0;
        if memory.has_devices() {
            memory.moment = hart.moment();
        }
        let leave = match step(hart, memory, insn) {
            Ok(()) => Leave::Done,
            Err(Event::Sync) => Leave::Sync,
            Err(Event::Wait) => Leave::Wait,
            Err(Event::Again) => return Leave::Sync,
            Err(Event::Trap(cause)) => {
                if cause == Cause::IllegalInstruction {
                    hart.tval = insn.encoding();
                }
                return Leave::Trap(cause);
            }
        };
        hart.instret = hart.instret.wrapping_add(1);
        if memory.take_attention() {
            self.drop_stale(memory);
            return if leave == Leave::Done { Leave::Sync } else { leave };
        }
        leave
    }
}
