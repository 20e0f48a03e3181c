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
    /// Whether the program did what cannot be done where it runs.
    pub fault: bool,
}

/// What `--max-insns` gives.
const BUDGET: u8 = 124;
const SIGINT: u8 = 2;
const SIGPIPE: i32 = 13;

/// Tells on standard error why the run ended, unless the program simply exited.
pub fn report(machine: &Machine, stop: &Stop) -> End {
    // `program | head` is no accident: like a shell we do not speak of it.
    let quiet = matches!(stop, Stop::Killed(death) if death.signal == SIGPIPE);
    if let Some(explanation) = machine.explain(stop).filter(|_| !quiet) {
        eprintln!("mellivora: {explanation}");
    }
    let here = || {
        let count = machine.hart().instret();
        format!("after {count} instructions, at {}", machine.place(machine.hart().pc()))
    };
    match stop {
        Stop::Exited(status) => End { name: "exit", status: *status as u8, fault: false },
        Stop::Killed(death) => {
            End { name: "signal", status: 128u8.wrapping_add(death.signal as u8), fault: death.trap.is_some() }
        }
        Stop::Trap(trap) => End { name: "trap", status: 128 + signal_of(trap.cause), fault: true },
        Stop::Budget => {
            eprintln!("mellivora: stopped by --max-insns {}", here());
            End { name: "max-insns", status: BUDGET, fault: false }
        }
        Stop::Stopped => {
            eprintln!("mellivora: interrupted {}", here());
            End { name: "interrupt", status: 128 + SIGINT, fault: false }
        }
        _ => End { name: "deadlock", status: OWN_ERROR, fault: false },
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
