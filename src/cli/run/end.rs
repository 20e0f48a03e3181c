//! How a run ended: the exit status, and what to tell the user about it.

use crate::cli::OWN_ERROR;
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
    if let Some(explanation) = machine.explain(stop) {
        eprintln!("mellivora: {explanation}");
    }
    let here = || {
        let count = machine.hart().instret();
        format!("after {count} instructions, at {}", machine.place(machine.hart().pc()))
    };
    match stop {
        Stop::Exited(status) => End { name: "exit", status: *status as u8 },
        Stop::Killed(death) => End { name: "signal", status: 128u8.wrapping_add(death.signal as u8) },
        Stop::Trap(trap) => End { name: "trap", status: 128 + signal_of(trap.cause) },
        Stop::Budget => {
            eprintln!("mellivora: stopped by --max-insns {}", here());
            End { name: "max-insns", status: BUDGET }
        }
        Stop::Stopped => {
            eprintln!("mellivora: interrupted {}", here());
            End { name: "interrupt", status: 128 + SIGINT }
        }
        _ => End { name: "deadlock", status: OWN_ERROR },
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
