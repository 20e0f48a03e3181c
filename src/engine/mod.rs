//! Turning code into running code: translation, fusion, dispatch, invalidation, and stepping.
//!
//! The driver here owns the hart and the translated code. It enters the handlers, resolves the jumps that they could not,
//! and comes out with a [`Leave`]. Stores into translated code are noticed as they happen, so that the fast engine and the
//! stepping one see the same instructions at every moment.

mod code;
mod form;
mod handlers;
mod op;
mod step;
mod table;
mod trace;
mod translate;
mod vector;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use self::code::Code;
use self::handlers::GUARD_OPS;
use self::op::{Context, Exit, JUMPS, Jump, Op, jump_slot};
use self::step::Decoded;
pub(crate) use self::table::{matrix_reason, vector_reason};
use self::trace::{MAX_BLOCK, Trace, Undecodable};
use self::translate::{Choice, Scratch};
use crate::hart::{Cause, Event, FpMode, Hart};
use crate::isa::Decoder;
use crate::memory::Memory;

/// Instructions between two looks at the stop request.
const SLICE: u64 = 1 << 20;

/// Why the engine came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// As many instructions as asked for have retired.
    Done,
    /// The instruction at the hart's pc did not retire; `tval` stands in the hart.
    Trap(Cause),
    /// The last instruction changed what the machine must look at: interrupts, devices, watched stores.
    Sync,
    /// The last instruction waits for an interrupt.
    Wait,
    /// The stop request was seen.
    Stopped,
}

/// One hart and its translated code.
pub(crate) struct Engine {
    context: Box<Context>,
    code: Code,
    decoder: Decoder,
    decoded: Decoded,
    /// Where code has been reached, by [`heat_slot`].
    heat: Box<[bool; HEAT]>,
    /// Code is translated when it is reached for the first time.
    eager: bool,
    choice: Choice,
    /// What the last translation was made from and with: kept for the room that it takes.
    trace: Trace,
    scratch: Scratch,
}

// SAFETY: the context's pointers are set anew at each entry (memory) or point into `code`, which moves along.
unsafe impl Send for Engine {}

impl Engine {
    /// An engine for a hart of the decoder's configuration.
    pub(crate) fn new(hart: Hart, decoder: Decoder) -> Engine {
        let choice = Choice { fma: translate::host_has_fma(), compressed: hart.config.compressed, unit: hart.v.config };
        let context = Box::new(Context {
            hart,
            memory: std::ptr::null_mut(),
            code: std::ptr::null(),
            end: 0,
            budget: 0,
            resume: std::ptr::null(),
            pc: 0,
            patch: std::ptr::null_mut(),
            patch_base: std::ptr::null(),
            event: Event::Sync,
            #[cfg(not(tail_calls))]
            exit: Exit::Budget,
            jumps: [NO_JUMP; JUMPS],
        });
        Engine {
            context,
            code: Code::new(),
            decoder,
            decoded: Decoded::default(),
            heat: Box::new([false; HEAT]),
            eager: false,
            choice,
            trace: Trace::default(),
            scratch: Scratch::default(),
        }
    }

    pub(crate) fn hart(&self) -> &Hart {
        &self.context.hart
    }

    pub(crate) fn hart_mut(&mut self) -> &mut Hart {
        &mut self.context.hart
    }

    pub(crate) fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// Forgets all translations.
    pub(crate) fn flush(&mut self, memory: &mut Memory) {
        self.code.clear();
        self.decoded.clear();
        self.context.jumps.fill(NO_JUMP);
        memory.drop_all_code();
    }

    /// Runs until exactly `n` instructions have retired, or until something happens.
    pub(crate) fn run(&mut self, memory: &mut Memory, n: u64, stop: &Arc<AtomicBool>) -> Leave {
        // Very long instructions look at it, too.
        if !Arc::ptr_eq(stop, &self.context.hart.stop) {
            self.context.hart.stop = stop.clone();
        }
        let end = self.context.hart.instret.saturating_add(n);
        loop {
            if stop.swap(false, Ordering::Relaxed) {
                return Leave::Stopped;
            }
            // Host code may have changed memory since the last instruction.
            if memory.take_attention() {
                self.drop_stale(memory);
            }
            let left = end.saturating_sub(self.context.hart.instret);
            // A block overshoots by less than its length: the rest is stepped.
            let leave = match left.checked_sub(MAX_BLOCK as u64) {
                Some(fast) if fast > 0 && self.is_cold(self.context.hart.pc) => self.step_block(memory),
                Some(fast) if fast > 0 => self.run_blocks(memory, fast.min(SLICE)),
                _ if left > 0 => self.step(memory),
                _ => return Leave::Done,
            };
            if leave != Leave::Done {
                return leave;
            }
        }
    }

    /// Whether code is to be stepped because it has not been reached before: much of a program runs only once, and to translate
    /// it costs as much as to step it several times.
    fn is_cold(&self, pc: u64) -> bool {
        !self.eager && !self.heat[heat_slot(pc)]
    }

    /// Steps cold code up to its next jump.
    fn step_block(&mut self, memory: &mut Memory) -> Leave {
        self.heat[heat_slot(self.context.hart.pc)] = true;
        for _ in 0..MAX_BLOCK {
            let pc = self.context.hart.pc;
            let leave = self.step_once(memory);
            if leave != Leave::Done || !matches!(self.context.hart.pc.wrapping_sub(pc), 2 | 4 | 8) {
                return leave;
            }
        }
        Leave::Done
    }

    /// Whether code is translated when it is reached for the first time. (Else: when it is reached again.)
    pub(crate) fn set_eager(&mut self, eager: bool) {
        self.eager = eager;
    }

    pub(crate) fn eager(&self) -> bool {
        self.eager
    }

    /// Runs translated code until `n` instructions have retired, or up to a block's length more.
    fn run_blocks(&mut self, memory: &mut Memory, n: u64) -> Leave {
        let c = &raw mut *self.context;
        self.context.memory = memory;
        self.context.code = &raw const self.code;
        self.context.end = self.context.hart.instret.wrapping_add(n);
        let mut budget = n as i64;
        let mut op = match self.entry(memory, self.context.hart.pc) {
            Ok(op) => op,
            Err(e) => return self.undecodable(e),
        };
        loop {
            // SAFETY: the context is ours, its memory is the one just borrowed, and `op` comes from our arena.
            let exit = unsafe { op::enter(c, op, memory.ram(), budget) };
            budget = self.context.budget;
            let retired = self.context.end.wrapping_sub(budget as u64);
            let resume = self.context.resume;
            let found = match exit {
                Exit::Chain => {
                    self.set_position(self.context.pc, retired);
                    if self.is_cold(self.context.pc) {
                        return Leave::Done;
                    }
                    self.chain(memory)
                }
                Exit::Miss => {
                    self.set_position(self.context.pc, retired);
                    if budget < 0 || self.is_cold(self.context.pc) {
                        return Leave::Done;
                    }
                    self.entry(memory, self.context.pc)
                }
                Exit::Mode => {
                    let (pc, _) = self.origin(resume);
                    self.set_position(pc, retired);
                    self.other_mode(memory, resume)
                }
                Exit::Stale => {
                    let at = self.code.index_of(resume);
                    let pc = self.code.block_of(at).pc;
                    self.set_position(pc, retired);
                    self.renew(memory, at, pc)
                }
                Exit::Budget => {
                    let (pc, _) = self.origin(resume);
                    self.set_position(pc, retired);
                    return Leave::Done;
                }
                Exit::Attention => {
                    let (pc, count) = self.code.behind(self.code.index_of(resume));
                    self.set_position(pc, retired.wrapping_add(count));
                    self.drop_stale(memory);
                    return Leave::Sync;
                }
                Exit::Retired => {
                    let at = self.code.index_of(resume);
                    let index = self.code.op(at).x as u64;
                    self.context.hart.instret = retired.wrapping_add(index + 1);
                    // The handler may have taken the mark already.
                    memory.take_attention();
                    self.drop_stale(memory);
                    return match self.context.event {
                        Event::Wait => Leave::Wait,
                        _ => Leave::Sync,
                    };
                }
                Exit::Event => {
                    let (pc, index) = self.origin(resume);
                    self.set_position(pc, retired.wrapping_add(index));
                    let Event::Trap(cause) = self.context.event else { return Leave::Sync };
                    if cause == Cause::IllegalInstruction {
                        self.context.hart.tval = trace::fetch(memory, &self.decoder, pc).map_or(0, |i| i.encoding());
                    }
                    return Leave::Trap(cause);
                }
            };
            op = match found {
                Ok(op) => op,
                Err(e) => return self.undecodable(e),
            };
        }
    }

    fn set_position(&mut self, pc: u64, instret: u64) {
        self.context.hart.pc = pc;
        self.context.hart.instret = instret;
    }

    fn undecodable(&mut self, e: Undecodable) -> Leave {
        self.context.hart.tval = e.tval;
        Leave::Trap(e.cause)
    }

    fn origin(&self, op: *const Op) -> (u64, u64) {
        self.code.origin(self.code.index_of(op))
    }

    /// The op where execution at `pc` starts, translated if need be; indirect jumps will find it.
    fn entry(&mut self, memory: &mut Memory, pc: u64) -> Result<*const Op, Undecodable> {
        let id = self.block_at(memory, pc)?;
        let op = self.code.address(self.code.block(id).start);
        self.context.jumps[jump_slot(pc)] = Jump { pc, op };
        Ok(op)
    }

    fn block_at(&mut self, memory: &mut Memory, pc: u64) -> Result<usize, Undecodable> {
        match self.code.find(pc) {
            Some(id) => Ok(id),
            None => self.translate(memory, pc, self.context.hart.fp_mode(), true),
        }
    }

    fn translate(&mut self, memory: &mut Memory, pc: u64, mode: FpMode, first: bool) -> Result<usize, Undecodable> {
        trace::collect(memory, &self.decoder, self.choice.compressed, pc, &mut self.trace)?;
        if !self.code.fits(translate::MAX_OPS) {
            self.flush(memory);
        }
        for run in self.trace.runs() {
            memory.mark_code(run.start, run.end - run.start);
        }
        let (code, trace) = (&mut self.code, &self.trace);
        Ok(translate::translate(code, trace, pc, mode, first, self.choice, &mut self.scratch))
    }

    /// Resolves a direct jump and patches it.
    fn chain(&mut self, memory: &mut Memory) -> Result<*const Op, Undecodable> {
        let (pc, base) = (self.context.pc, self.context.patch_base);
        let from = self.code.index_of(base);
        let stub = (from as i64 + self.code.op(from).imm as i64 / size_of::<Op>() as i64) as usize;
        let skip = self.code.op(stub).x != 0;
        let arena = self.code.len();
        let id = self.block_at(memory, pc)?;
        let block = self.code.block(id);
        let same_mode = skip && block.mode == Some(FpMode::Inexact);
        let to = block.start + if same_mode { GUARD_OPS } else { 0 };
        // After a flush the jump itself is gone.
        if self.code.len() >= arena {
            self.code.op_mut(from).imm = code::offset(from, to);
        }
        Ok(self.code.address(to))
    }

    /// Translates the block of a guard for the hart's present floating-point mode.
    fn other_mode(&mut self, memory: &mut Memory, guard: *const Op) -> Result<*const Op, Undecodable> {
        let at = self.code.index_of(guard);
        let block = self.code.block_of(at);
        let (pc, from, arena) = (block.pc, block.mode, self.code.len());
        let mode = self.context.hart.fp_mode();
        let id = self.translate(memory, pc, mode, false)?;
        let start = self.code.block(id).start;
        if let (Some(from), true) = (from, self.code.len() >= arena) {
            self.code.set_other(at, mode, start);
            self.code.set_other(start, from, at);
        }
        Ok(self.code.address(start))
    }

    /// Translates a stale block anew, and makes the old entry lead there.
    fn renew(&mut self, memory: &mut Memory, at: usize, pc: u64) -> Result<*const Op, Undecodable> {
        let arena = self.code.len();
        let id = self.block_at(memory, pc)?;
        let start = self.code.block(id).start;
        if self.code.len() >= arena {
            self.code.forward(at, start);
        }
        Ok(self.code.address(start))
    }

    /// Drops translations of the pages that memory calls stale.
    fn drop_stale(&mut self, memory: &mut Memory) {
        let stale = memory.take_stale();
        if !stale.is_empty() {
            self.decoded.clear();
        }
        for page in stale {
            self.code.drop_page(page);
        }
    }
}

/// Entries of the table of code that has been reached.
const HEAT: usize = 4096;

/// Where in it an address is noted. Others share the place, and are taken for reached then.
fn heat_slot(pc: u64) -> usize {
    (pc >> 1 ^ pc >> 13) as usize & (HEAT - 1)
}

/// An empty entry of the jump table: no target is odd.
const NO_JUMP: Jump = Jump { pc: !0, op: std::ptr::null() };
