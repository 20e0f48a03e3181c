//! How a run ended: the exit status, and what to tell the user about it.

use mellivora::hart::Cause;
use mellivora::machine::{Machine, Stop};

/// The end of a run.
pub struct End {
    /// In a word, for the statistics.
    pub name: &'static str,
    /// Exit status of this process.
    pub status: u8,
}

/// What `--max-insns` gives.
const BUDGET: u8 = 124;
const SIGINT: u8 = 2;

/// Tells on standard error why the run ended, unless the program simply exited.
pub fn report(machine: &Machine, stop: &Stop) -> End {
    let pc = machine.hart().pc();
    let count = machine.hart().instret();
    match stop {
        Stop::Exited(status) => End { name: "exit", status: *status as u8 },
        Stop::Killed(death) => {
            eprintln!("mellivora: killed by signal {} at pc {pc:#x}", death.signal);
            End { name: "signal", status: 128u8.wrapping_add(death.signal as u8) }
        }
        Stop::Trap(trap) => {
            eprintln!("mellivora: {} at pc {:#x}, {:#x}", trap.cause.describe(), trap.pc, trap.tval);
            End { name: "trap", status: 128 + signal_of(trap.cause) }
        }
        Stop::Budget => {
            eprintln!("mellivora: stopped by --max-insns after {count} instructions, at pc {pc:#x}");
            End { name: "max-insns", status: BUDGET }
        }
        Stop::Stopped => {
            eprintln!("mellivora: interrupted after {count} instructions, at pc {pc:#x}");
            End { name: "interrupt", status: 128 + SIGINT }
        }
        _ => {
            eprintln!("mellivora: the program waits at pc {pc:#x} for what can never come");
            End { name: "deadlock", status: super::super::OWN_ERROR }
        }
    }
}

/// The signal that Linux would send for a trap, for the exit status of bare programs.
fn signal_of(cause: Cause) -> u8 {
    match cause {
        Cause::IllegalInstruction => 4,
        Cause::Breakpoint => 5,
        Cause::InstructionMisaligned | Cause::LoadMisaligned | Cause::StoreMisaligned => 7,
        Cause::EcallFromU | Cause::EcallFromM => 31,
        _ => 11,
    }
}
