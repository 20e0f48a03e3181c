//! Signals.

use super::fd::{Kind, lock};
use super::guest::Guest;
use super::{Again, Leave, Linux};
use crate::env::{Action, Death};
use crate::hart::Cause;

pub(super) const SIGPIPE: u32 = 13;

#[derive(Clone, Default)]
pub(super) struct Signals;

impl Linux {
    pub(super) fn raise_own(&mut self, _: &mut Guest, _: u32) {}
    pub(super) fn wait_for_nothing(&mut self, _: &mut Guest, _: Again) -> Leave {
        Leave::Action(Action::Deadlock)
    }
    pub(super) fn deliver(&mut self, _: &mut Guest, _: Option<Again>) -> Action {
        Action::Continue
    }
    pub(super) fn fault(&mut self, _: &mut Guest, cause: Cause, tval: u64) -> Action {
        let signal = match cause {
            Cause::IllegalInstruction => 4,
            Cause::Breakpoint => 5,
            Cause::LoadMisaligned | Cause::StoreMisaligned | Cause::InstructionMisaligned => 7,
            _ => 11,
        };
        Action::Killed(Death { signal, trap: Some((cause, tval)) })
    }
    pub(super) fn message(&mut self, text: &str) {
        let Ok(shared) = self.fds.get(2) else { return };
        let line = format!("mellivora: {text}\n");
        match &mut lock(&shared).kind {
            Kind::Host(f) => drop(std::io::Write::write_all(f, line.as_bytes())),
            Kind::Output(out) => drop(out.write(line.as_bytes())),
            _ => {}
        }
    }
    pub(super) fn before_read(&mut self, _: &mut Guest, _: &super::fd::Shared) {}
    pub(super) fn before_write(&mut self, _: &mut Guest, _: &super::fd::Shared) {}
}
