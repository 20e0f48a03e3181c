//! Bare metal: a hart in machine mode, RAM, a timer, semihosting, and HTIF where the program has the symbol `tohost` or
//! a section `.tohost`.
//!
//! **Memory.** As on Spike there is RAM at 0x8000_0000, if a part of the program lies there. Parts that lie elsewhere get RAM
//! of the same size from the page of the lowest of them on. All RAM can be read, written and executed. The segments are
//! loaded at their physical addresses. At 0x200_0000 is the CLINT, unless RAM of the program covers it.
//!
//! **Start.** M-mode at the entry point; `a0` is the hart's number, `a1` = 0: there is no device tree. Floating point is off
//! (mstatus.FS), interrupts are disabled, `mtvec` is 0.
//!
//! **Traps** go to the handler in `mtvec`. Two kinds are reported to the embedder instead, since they would only repeat for
//! ever: those whose handler cannot be fetched, such as any trap before `mtvec` was set, and those of the first instruction
//! of a handler which was just entered by a trap.

mod calls;
mod clint;
mod files;
mod host_side;
mod htif;
mod options;
mod semihosting;

use std::ops::Range;

use self::clint::{CLINT, Clint};
use self::host_side::HostSide;
use self::htif::Htif;
pub use self::options::{BareError, BareOptions};
use self::options::{bias, free, parts};
use self::semihosting::Semihosting;
use super::{Action, Environment};
use crate::elf::Elf;
use crate::hart::{Cause, Clock, Hart};
use crate::memory::{Access, Memory, MemoryError, Prot};

/// Instructions between two looks at the host's clock.
const POLL: u64 = 10_000;
/// The longest sleep between two looks at everything else, in nanoseconds.
const NAP: u64 = 10_000_000;

/// The environment.
pub(crate) struct Bare {
    clint: Clint,
    /// Whether the guest can reach the CLINT.
    clint_mapped: bool,
    htif: Option<Htif>,
    semihosting: Option<Semihosting>,
    host: HostSide,
    bias: u64,
    /// The count of retired instructions at the last trap.
    last_trap: Option<u64>,
}

impl Bare {
    /// Loads a program and puts the hart at its entry.
    pub(crate) fn boot(
        hart: &mut Hart,
        memory: &mut Memory,
        elf: &Elf,
        options: BareOptions,
    ) -> Result<Bare, BareError> {
        let ram = options.ram(elf)?;
        if let Some(last) = ram.last().filter(|r| r.end > memory.limit()) {
            return Err(BareError::Limit { needed: last.end, limit: memory.limit() });
        }
        let needs_clint = |p: &Range<u64>| p.start < CLINT.end && CLINT.start < p.end;
        let covered = parts(elf).is_ok_and(|parts| parts.iter().any(needs_clint));
        let free = free(elf, &ram);
        for r in ram {
            // The device keeps its place in RAM that merely happens to reach there.
            let around = [r.start..r.end.min(CLINT.start), r.start.max(CLINT.end)..r.end];
            let pieces = if covered { vec![r] } else { around.to_vec() };
            for piece in pieces.into_iter().filter(|p| p.start < p.end) {
                memory.map(piece, Prot::READ | Prot::WRITE | Prot::EXEC, "RAM")?;
            }
        }
        let bias = bias(elf);
        for s in &elf.segments {
            let bytes = elf.bytes.get(s.data.clone()).unwrap_or_default();
            let addr = s.paddr.wrapping_add(bias);
            memory.write(addr, bytes).map_err(|f| BareError::Addresses { addr: f.addr })?;
        }
        let address = |name| elf.symbol(name).map(|a| a.wrapping_add(bias));
        let section = || elf.sections().iter().find(|s| s.name == ".tohost").map(|s| s.addr.wrapping_add(bias));
        let tohost = address("tohost").or_else(section).filter(|_| options.htif);
        let htif = tohost.map(|tohost| Htif::new(tohost, address("fromhost")));
        let host = HostSide::new(options.streams, options.files, options.args);
        let semihosting = options.semihosting.then(|| Semihosting::new(free));
        let bare = Bare { clint: Clint::new(), clint_mapped: !covered, htif, semihosting, host, bias, last_trap: None };
        bare.attach(memory)?;
        bare.clint.drive(hart);
        hart.set_pc(elf.entry.wrapping_add(bias));
        hart.set_x(10, hart.config.hartid);
        hart.set_x(11, 0);
        Ok(bare)
    }

    /// What has been added to the addresses of the program.
    pub(crate) fn load_bias(&self) -> u64 {
        self.bias
    }

    fn nanos_left(&self, hart: &Hart) -> Option<u64> {
        self.clint.until_timer(hart).filter(|ns| *ns > 0)
    }
}

impl Environment for Bare {
    fn trap(&mut self, hart: &mut Hart, memory: &mut Memory, cause: Cause, tval: u64) -> Action {
        if let (Cause::Breakpoint, Some(semihosting)) = (cause, &mut self.semihosting)
            && semihosting::is_call(memory, hart.pc())
        {
            let end = semihosting.call(hart, memory, &mut self.host);
            hart.retire_call();
            return end.map_or(Action::Continue, Action::Exit);
        }
        let handler = hart.trap_handler();
        let again = self.last_trap == Some(hart.instret()) && hart.pc() == handler;
        if again || memory.check(handler, 2, Access::Fetch).is_err() {
            return Action::Trap;
        }
        self.last_trap = Some(hart.instret());
        hart.take_exception(cause, tval);
        Action::Continue
    }

    fn sync(&mut self, hart: &mut Hart, memory: &mut Memory) -> Action {
        self.clint.drive(hart);
        match &mut self.htif {
            Some(htif) => htif.sync(hart, memory, &mut self.host),
            None => Action::Continue,
        }
    }

    fn wait(&mut self, hart: &mut Hart, memory: &mut Memory) -> Action {
        let mut action = Action::Continue;
        if let Some(htif) = &mut self.htif {
            action = htif.wait(memory, &mut self.host);
        }
        self.clint.drive(hart);
        if action != Action::Continue || hart.wakes() {
            return action;
        }
        let left = self.nanos_left(hart).filter(|_| hart.listens_to_timer());
        let Some(left) = left else { return Action::Deadlock };
        if let Clock::Host { .. } = hart.clock {
            hart.clock.wait(left.min(NAP));
            self.clint.drive(hart);
            if left > NAP && !hart.wakes() {
                // Not yet: wait again, after the machine has looked whether it should stop.
                hart.repeat_wait();
            }
        } else {
            hart.clock.wait(left);
            self.clint.drive(hart);
        }
        Action::Continue
    }

    fn deadline(&self, hart: &Hart) -> Option<u64> {
        let timer = match hart.clock {
            Clock::Virtual { .. } => self.nanos_left(hart),
            Clock::Host { .. } => self.nanos_left(hart).map(|_| POLL),
        };
        let htif = self.htif.as_ref().and_then(|h| h.deadline(hart.instret()));
        [timer, htif].into_iter().flatten().min()
    }

    fn attach(&self, memory: &mut Memory) -> Result<(), MemoryError> {
        if let Some(htif) = &self.htif {
            htif.watch(memory);
        }
        if self.clint_mapped {
            memory.add_device(CLINT, self.clint.device())?;
        }
        Ok(())
    }

    fn duplicate(&self) -> Option<Box<dyn Environment>> {
        Some(Box::new(Bare {
            clint: self.clint.duplicate(),
            clint_mapped: self.clint_mapped,
            htif: self.htif.clone(),
            semihosting: self.semihosting.clone(),
            host: self.host.duplicate()?,
            bias: self.bias,
            last_trap: self.last_trap,
        }))
    }
}
