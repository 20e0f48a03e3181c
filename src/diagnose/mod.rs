//! Why a program stopped, in words: what the instruction was, what it would have needed, what lies near a wild address.
//!
//! Only looks; everything is told from the state in which the machine stands after [`Machine::run`].

mod access;
mod encoding;
mod illegal;
mod matrix;
mod place;
mod version;
mod xthead;

use std::fmt;

pub use place::Place;

use crate::hart::Cause;
use crate::isa::{Decoder, DisasmOptions, Insn, disassemble};
use crate::machine::{Machine, Stop, Trap};

/// Why a program stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// One line: what happened, and where.
    pub summary: String,
    /// One line for each thing worth knowing, the most telling first.
    pub notes: Vec<String>,
}

impl fmt::Display for Explanation {
    /// The summary, then the notes, each on a line of its own with two spaces before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)?;
        self.notes.iter().try_for_each(|n| write!(f, "\n  {n}"))
    }
}

impl Machine {
    /// Explains why a run of this machine ended with `stop`, as long as the machine has not been changed since. `None`
    /// if there is nothing to explain: the program exited, or stopped where it was asked to.
    pub fn explain(&self, stop: &Stop) -> Option<Explanation> {
        let pc = self.hart().pc();
        match stop {
            Stop::Killed(death) => {
                let name = signal_name(death.signal);
                let Some((cause, tval)) = death.trap else {
                    let summary = format!("killed by {name} at {}", self.place(pc));
                    return Some(Explanation { summary, notes: sent(death.signal) });
                };
                let mut e = self.explain_trap(&Trap { cause, tval, pc });
                e.summary = format!("killed by {name}: {}", e.summary);
                Some(e)
            }
            Stop::Trap(trap) => {
                let mut e = self.explain_trap(trap);
                e.notes.extend(self.no_handler());
                Some(e)
            }
            Stop::Deadlock => Some(self.explain_wait()),
            _ => None,
        }
    }

    /// Explains a trap of the instruction at `trap.pc`.
    pub fn explain_trap(&self, trap: &Trap) -> Explanation {
        let at = self.place(trap.pc);
        let what = trap.cause.describe();
        match trap.cause {
            Cause::IllegalInstruction => illegal::explain(self, trap),
            Cause::InstructionAccess | Cause::LoadAccess | Cause::StoreAccess => access::explain(self, trap),
            Cause::LoadMisaligned | Cause::StoreMisaligned => access::misaligned(self, trap),
            Cause::InstructionMisaligned => Explanation {
                summary: format!("{what}: jump to {:#x} at {at}", trap.tval),
                notes: vec![
                    "without 16-bit instructions (extension c or zca) jump targets are multiples of 4".to_owned(),
                ],
            },
            Cause::Breakpoint => Explanation {
                summary: format!("breakpoint (ebreak) at {at}"),
                notes: vec![
                    "compilers put ebreak where a program must not get: __builtin_trap, a failed check; nobody is \
                     debugging it"
                        .to_owned(),
                ],
            },
            Cause::EcallFromU | Cause::EcallFromM => {
                let number = self.hart().x(17);
                let mut notes = vec![format!("a7 = {number}, a0 = {:#x}", self.hart().x(10))];
                if [56, 57, 62, 63, 64, 80, 93, 94, 214, 222].contains(&number) {
                    notes.push("that looks like a Linux system call: is this a program for Linux?".to_owned());
                }
                Explanation { summary: format!("{what} at {at}, which nothing here answers"), notes }
            }
        }
    }

    /// The instruction at an address, if it is mapped and enabled.
    pub(crate) fn instruction_at(&self, pc: u64) -> Option<Insn> {
        let half = |a: u64| {
            let mut bytes = [0; 2];
            self.memory().read(a, &mut bytes).ok()?;
            Some(u32::from(u16::from_le_bytes(bytes)))
        };
        let low = half(pc)?;
        let high = if low & 3 == 3 { half(pc.wrapping_add(2))? } else { 0 };
        Decoder::new(&self.config().isa).decode(low | high << 16)
    }

    /// Why a trap was not the program's own business.
    fn no_handler(&self) -> Option<String> {
        let mtvec = self.hart().csr(0x305)?;
        let handler = mtvec & !3;
        Some(match self.memory().region_at(handler) {
            None if mtvec == 0 => "the program has set no trap handler (mtvec = 0)".to_owned(),
            None => format!("its trap handler cannot be fetched: mtvec = {mtvec:#x}, where nothing is mapped"),
            Some(_) => format!("the trap handler at {} itself traps", self.place(handler)),
        })
    }

    fn explain_wait(&self) -> Explanation {
        let csr = |n| self.hart().csr(n).unwrap_or(0);
        let mut notes = vec![format!("mie = {:#x}, mip = {:#x}", csr(0x304), csr(0x344))];
        notes.push(match csr(0x304) {
            0 => "no interrupt is enabled in mie".to_owned(),
            mie if mie & 0x80 == 0 => "the timer interrupt (bit 7 of mie) is not enabled".to_owned(),
            _ => "the timer will never fire: is mtimecmp set?".to_owned(),
        });
        let summary =
            format!("deadlock: wfi before {} waits for an interrupt that cannot come", self.place(self.hart().pc()));
        Explanation { summary, notes }
    }
}

/// The text of an instruction on one line.
fn text(insn: &Insn, pc: u64) -> String {
    disassemble(insn, pc, DisasmOptions::default()).to_string().replacen('\t', " ", 1)
}

/// What is known about a signal that no trap caused.
fn sent(signal: i32) -> Vec<String> {
    let note = match signal {
        6 => "the program aborted itself: a failed assertion, or damage that its C library found",
        13 => "it wrote to a pipe or terminal whose reader has gone",
        14 => "its own alarm went off",
        24 => "its limit of CPU time (RLIMIT_CPU) is used up",
        _ => "the program sent the signal to itself, or another process did",
    };
    vec![note.to_owned()]
}

/// `SIGSEGV (signal 11)`: numbers of riscv64 Linux.
fn signal_name(signal: i32) -> String {
    const NAMES: [&str; 31] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ];
    match usize::try_from(signal).ok().and_then(|n| NAMES.get(n.checked_sub(1)?)) {
        Some(name) => format!("SIG{name} (signal {signal})"),
        None => format!("signal {signal}"),
    }
}
