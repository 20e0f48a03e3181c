//! What surrounds a program: an operating system's calls, or a bare machine's devices.
//!
//! The machine asks its environment whenever an instruction cannot simply go on to the next one.

pub(crate) mod bare;
mod detect;
mod host;
mod linux;

pub use bare::{BareError, BareOptions};
pub use detect::{Kind, detect};
pub use host::{Capture, Files, Streams};
#[cfg(unix)]
pub(crate) use linux::Linux;
pub use linux::{LinuxOptions, LoadError};

use crate::hart::{Cause, Hart};
use crate::memory::{Memory, MemoryError};

/// What the machine does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Go on at the hart's pc.
    Continue,
    /// The program has ended by itself with this status.
    Exit(i32),
    /// The program dies of a signal (Linux numbering).
    Killed(Death),
    /// The environment has no answer: the embedder is told of the trap.
    Trap,
    /// Nothing can wake the hart up any more.
    Deadlock,
}

/// How a program died of a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// The signal's number on Linux.
    pub signal: i32,
    /// The trap behind it, if it was one: cause and `tval`.
    pub trap: Option<(Cause, u64)>,
}

/// An execution environment.
///
/// In each call `hart.instret()` counts the instructions retired before the present one.
pub(crate) trait Environment: Send {
    /// The instruction at the hart's pc did not retire: `cause`, with `tval`. An environment that performs a call sets
    /// pc behind the instruction and returns `Action::Continue`.
    fn trap(&mut self, hart: &mut Hart, memory: &mut Memory, cause: Cause, tval: u64) -> Action;

    /// An instruction retired that changed interrupt enables, touched a device or a watched address.
    fn sync(&mut self, hart: &mut Hart, memory: &mut Memory) -> Action {
        let _ = (hart, memory);
        Action::Continue
    }

    /// `wfi` retired.
    fn wait(&mut self, hart: &mut Hart, memory: &mut Memory) -> Action {
        let _ = (hart, memory);
        Action::Continue
    }

    /// Instructions until the environment wants to be asked again by `sync` (a timer's deadline, say).
    fn deadline(&self, hart: &Hart) -> Option<u64> {
        let _ = hart;
        None
    }

    /// Adds the environment's devices to the memory of a machine, and asks for the stores it wants to see.
    fn attach(&self, memory: &mut Memory) -> Result<(), MemoryError> {
        let _ = memory;
        Ok(())
    }

    /// An equal environment for a copy of the machine, if its state can be copied; to be attached to the copy's memory.
    fn duplicate(&self) -> Option<Box<dyn Environment>>;
}

/// A bare machine without any environment: every trap is the embedder's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nothing;

impl Environment for Nothing {
    fn trap(&mut self, _: &mut Hart, _: &mut Memory, _: Cause, _: u64) -> Action {
        Action::Trap
    }
    fn duplicate(&self) -> Option<Box<dyn Environment>> {
        Some(Box::new(*self))
    }
}
