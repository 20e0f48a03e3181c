//! Starting a machine again, and copies of a running one.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Config, Machine};
use crate::engine::Engine;
use crate::env::{BareError, BareOptions, LinuxOptions, LoadError};
use crate::hart::{Clock, Hart};
use crate::memory::{Memory, MemoryError};

/// What a machine was booted with.
pub(super) enum Boot {
    /// Not at all: it runs what the embedder has put into its memory.
    Never,
    /// With streams that only one program can have.
    Once,
    /// As a Linux program.
    Linux(Box<LinuxOptions>),
    /// As a bare machine.
    Bare(Box<BareOptions>),
}

impl Boot {
    pub(super) fn linux(options: &LinuxOptions) -> Boot {
        options.duplicate().map_or(Boot::Once, |o| Boot::Linux(Box::new(o)))
    }

    pub(super) fn bare(options: &BareOptions) -> Boot {
        options.duplicate().map_or(Boot::Once, |o| Boot::Bare(Box::new(o)))
    }

    fn duplicate(&self) -> Boot {
        match self {
            Boot::Never => Boot::Never,
            Boot::Once => Boot::Once,
            Boot::Linux(o) => Boot::linux(o),
            Boot::Bare(o) => Boot::bare(o),
        }
    }
}

/// Why a machine cannot be started again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResetError {
    /// Its streams are the embedder's own ([`Streams::new`](crate::env::Streams::new)), which cannot be used twice.
    #[error("the machine's streams cannot be used a second time: make a new machine with new ones")]
    Streams,
    /// Memory cannot be set up.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The Linux program cannot be loaded again.
    #[error(transparent)]
    Linux(#[from] LoadError),
    /// The bare program cannot be loaded again.
    #[error(transparent)]
    Bare(#[from] BareError),
}

/// Why a machine cannot be copied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloneError {
    /// The environment holds what cannot be shared: the embedder's own streams, open host files.
    #[error("the machine's environment holds streams or open files of the host that cannot be copied")]
    Environment,
    /// The host has no memory for the copy.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl Machine {
    /// Puts the machine back to where its boot function left it: registers, memory, clock and environment. Hooks stay, and
    /// so do devices, which are not told.
    ///
    /// A machine that was never booted keeps its memory, as hardware does at reset: only its hart starts again.
    ///
    /// # Errors
    /// [`ResetError`]; the machine is then unchanged.
    pub fn reset(&mut self) -> Result<(), ResetError> {
        if matches!(self.boot, Boot::Never) {
            self.engine.flush(&mut self.memory);
            *self.engine.hart_mut() = Hart::new(self.config.hart.clone(), fresh(self.config.clock));
            return Ok(());
        }
        let config = Config { clock: fresh(self.config.clock), ..self.config.clone() };
        let mut new = Machine::build(config)?;
        let elf = self.elf.clone();
        match (self.boot.duplicate(), elf.as_deref()) {
            (Boot::Linux(o), Some(elf)) => new.boot_linux(elf, *o)?,
            (Boot::Bare(o), Some(elf)) => new.boot_bare(elf, *o)?,
            _ => return Err(ResetError::Streams),
        }
        let old = std::mem::replace(&mut self.memory, Memory::new(0, 0)?);
        new.memory.adopt_devices(old);
        new.memory.record_touches(self.retire.is_some());
        new.ecall = self.ecall.take();
        new.retire = self.retire.take();
        // Handles that stop this machine keep doing so.
        new.stop = self.stop.clone();
        new.engine.set_eager(self.engine.eager());
        *self = new;
        Ok(())
    }

    /// A machine in the same state, that goes on independently of this one. Hooks and the embedder's devices are not
    /// copied.
    ///
    /// # Errors
    /// [`CloneError`].
    pub fn try_clone(&self) -> Result<Machine, CloneError> {
        let env = self.env.duplicate().ok_or(CloneError::Environment)?;
        let mut memory = self.memory.duplicate()?;
        env.attach(&mut memory)?;
        let mut engine = Engine::new(self.hart().clone(), self.engine.decoder().clone());
        engine.set_eager(self.engine.eager());
        Ok(Machine {
            config: self.config.clone(),
            engine,
            memory,
            env,
            elf: self.elf.clone(),
            bias: self.bias,
            boot: self.boot.duplicate(),
            stop: Arc::new(AtomicBool::new(false)),
            ecall: None,
            retire: None,
        })
    }
}

/// The clock at its start.
fn fresh(clock: Clock) -> Clock {
    match clock {
        Clock::Virtual { .. } => Clock::virtual_time(),
        Clock::Host { .. } => Clock::host(),
    }
}
