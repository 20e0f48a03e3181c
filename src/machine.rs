//! The machine that ties the rooms together: one hart with its engine, memory, an environment, and those who watch.

mod copy;

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::elf::Elf;
use crate::engine::{Engine, Leave};
use crate::env::bare::Bare;
use crate::env::{Action, BareError, BareOptions, Death, Environment, LinuxOptions, LoadError, Nothing};
use crate::hart::{Cause, Clock, Hart, HartConfig, VectorConfig, VectorError};
use crate::isa::{Cpu, Decoder, Isa};
use crate::memory::{MAX_LIMIT, Memory, MemoryError};
pub use crate::observe::Retired;
use crate::observe::{Before, BeforeMatrix};

pub use copy::{CloneError, ResetError};

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// As many instructions as asked for have retired.
    Budget,
    /// The program ended with this status.
    Exited(i32),
    /// The program died of a signal.
    Killed(Death),
    /// A trap that the environment does not handle; the hart stands at the instruction.
    Trap(Trap),
    /// An [`StopHandle`] asked for it.
    Stopped,
    /// `wfi` with nothing that could ever wake the hart.
    Deadlock,
    /// An `ecall` hook asked to stop; the hart stands at the `ecall`.
    Hook,
}

/// A trap as the embedder sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Why.
    pub cause: Cause,
    /// What `mtval` would show: faulting address, instruction word, or 0.
    pub tval: u64,
    /// The instruction's address.
    pub pc: u64,
}

/// What to do with an `ecall` (see [`Machine::on_ecall`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ecall {
    /// Done here: go on behind it.
    Done,
    /// Let the environment have it.
    Pass,
    /// Leave [`Machine::run`] with [`Stop::Hook`].
    Stop,
    /// The program ends with this status.
    Exit(i32),
}

/// What a hook may see and change.
pub struct View<'a> {
    /// Registers and CSRs.
    pub hart: &'a mut Hart,
    /// Guest memory.
    pub memory: &'a mut Memory,
}

type EcallHook = Box<dyn FnMut(&mut View<'_>) -> Ecall + Send>;
type RetireHook = Box<dyn FnMut(&Retired<'_>) + Send>;

/// Asks a running machine to stop, from any thread.
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<AtomicBool>);

impl StopHandle {
    /// The machine leaves its run within about a million instructions, or the next one at once.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Why there can be no such machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Its memory cannot be set up.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Its vector unit is impossible, or not what its extensions ask for.
    #[error(transparent)]
    Vector(#[from] VectorError),
}

/// What a machine is made of.
#[derive(Clone, Debug)]
pub struct Config {
    /// Extensions.
    pub isa: Isa,
    /// Identification of the hart.
    pub hart: HartConfig,
    /// Size of the guest address space in bytes.
    pub limit: u64,
    /// Where time comes from.
    pub clock: Clock,
}

impl Config {
    /// A machine with these extensions: identification and state as they make it, the largest address space (nothing is
    /// committed before it is touched), virtual time.
    pub fn for_isa(isa: Isa) -> Config {
        Config { isa, hart: HartConfig::for_isa(&isa), limit: MAX_LIMIT, clock: Clock::virtual_time() }
    }

    /// As `for_isa`, for a CPU model: its extensions as far as they are implemented, its vector unit and its identification.
    /// What the model has and the machine has not is [`Cpu::missing`].
    ///
    /// ```
    /// use mellivora::isa::Cpu;
    /// use mellivora::machine::{Config, Machine};
    ///
    /// let cpu = Cpu::parse("c908v,vlen=256")?;
    /// let machine = Machine::new(Config::for_cpu(&cpu))?;
    /// assert_eq!((machine.hart().vlenb(), machine.hart().read_csr(0xf11)), (32, Ok(0x5b7)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_cpu(cpu: &Cpu) -> Config {
        Config { hart: HartConfig::for_cpu(cpu), ..Config::for_isa(cpu.isa()) }
    }

    /// The same machine with a vector unit changed by `f`.
    ///
    /// ```
    /// use mellivora::hart::{Agnostic, VectorError};
    /// use mellivora::isa::Isa;
    /// use mellivora::machine::{Config, ConfigError, Machine};
    ///
    /// let config = Config::for_isa(Isa::parse("rv64gcv_zvfh")?).with_vector(|v| {
    ///     v.vlen = 1024;
    ///     v.agnostic = Agnostic::Ones;
    /// });
    /// let machine = Machine::new(config.clone())?;
    /// assert_eq!(machine.hart().vlenb(), 128);
    ///
    /// let error = Machine::new(config.with_vector(|v| v.vlen = 64)).err();
    /// assert_eq!(error.unwrap().to_string(), "VLEN 64 is less than the 128 bits that extension v asks for");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_vector(mut self, f: impl FnOnce(&mut VectorConfig)) -> Config {
        f(&mut self.hart.vector);
        self
    }
}

impl Default for Config {
    /// Every extension that excludes no other.
    fn default() -> Config {
        Config::for_isa(Isa::all())
    }
}

/// One machine.
pub struct Machine {
    config: Config,
    engine: Engine,
    memory: Memory,
    env: Box<dyn Environment>,
    elf: Option<Arc<Elf>>,
    bias: u64,
    /// What it was booted with, to be booted again.
    boot: copy::Boot,
    stop: Arc<AtomicBool>,
    ecall: Option<EcallHook>,
    retire: Option<RetireHook>,
}

impl Machine {
    /// A machine with empty memory and no environment: every trap comes out of [`Machine::run`].
    ///
    /// # Errors
    /// [`ConfigError`]: what the configuration asks for cannot be, or the host does not have the memory.
    pub fn new(config: Config) -> Result<Machine, ConfigError> {
        config.hart.vector.check(&config.isa)?;
        Ok(Machine::build(config)?)
    }

    /// As `new`, for a configuration that is known to be possible.
    fn build(config: Config) -> Result<Machine, MemoryError> {
        let memory = Memory::new(config.limit, config.limit)?;
        let hart = Hart::new(config.hart.clone(), config.clock);
        let engine = Engine::new(hart, Decoder::new(&config.isa).with_long(config.hart.matrix.long));
        let stop = Arc::new(AtomicBool::new(false));
        Ok(Machine {
            config,
            engine,
            memory,
            env: Box::new(Nothing),
            elf: None,
            bias: 0,
            boot: copy::Boot::Never,
            stop,
            ecall: None,
            retire: None,
        })
    }

    /// What it was made of.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Registers and CSRs.
    pub fn hart(&self) -> &Hart {
        self.engine.hart()
    }

    /// Registers and CSRs.
    pub fn hart_mut(&mut self) -> &mut Hart {
        self.engine.hart_mut()
    }

    /// Guest memory.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Guest memory.
    pub fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// Whether code is translated when it is reached for the first time; by default it is when it is reached again, and stepped
    /// before. The same results come sooner for code that is certain to run often, and later for code that runs once; tests of
    /// translated code ask for it.
    pub fn translate_at_once(&mut self, at_once: bool) {
        self.engine.set_eager(at_once);
    }

    /// A handle that stops this machine from another thread.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle(self.stop.clone())
    }

    /// Calls `hook` at each `ecall` before the environment sees it.
    pub fn on_ecall(&mut self, hook: impl FnMut(&mut View<'_>) -> Ecall + Send + 'static) {
        self.ecall = Some(Box::new(hook));
    }

    /// Calls `hook` after each retired instruction; the machine then runs one instruction at a time.
    pub fn on_retire(&mut self, hook: impl FnMut(&Retired<'_>) + Send + 'static) {
        self.retire = Some(Box::new(hook));
        self.memory.record_touches(true);
    }

    /// Stops telling of retired instructions.
    pub fn ignore_retire(&mut self) {
        self.retire = None;
        self.memory.record_touches(false);
    }

    /// Loads a Linux program and puts the machine into the Linux environment, at the program's start.
    ///
    /// The machine should be new: what is mapped already stays where it is.
    ///
    /// # Errors
    /// What does not fit or cannot be read: see [`LoadError`]. The machine's memory may then hold a part of the program.
    pub fn boot_linux(&mut self, elf: &Elf, options: LinuxOptions) -> Result<(), LoadError> {
        #[cfg(unix)]
        {
            let (hart, memory) = (self.engine.hart_mut(), &mut self.memory);
            let again = copy::Boot::linux(&options);
            let linux = crate::env::Linux::boot(hart, memory, &self.config.isa, elf, options)?;
            self.bias = linux.load_bias();
            self.elf = Some(Arc::new(elf.clone()));
            self.boot = again;
            self.set_environment(Box::new(linux));
            Ok(())
        }
        #[cfg(not(unix))]
        {
            let _ = (elf, options);
            Err(LoadError::Host)
        }
    }

    /// Loads a program that runs without an operating system and puts the hart at its entry: see [`BareOptions`].
    ///
    /// The machine's memory must be empty and reach to [`BareOptions::limit`] ([`Config::limit`]).
    ///
    /// # Errors
    /// What does not fit: see [`BareError`]. The machine's memory may then hold a part of the program.
    pub fn boot_bare(&mut self, elf: &Elf, options: BareOptions) -> Result<(), BareError> {
        let again = copy::Boot::bare(&options);
        let bare = Bare::boot(self.engine.hart_mut(), &mut self.memory, elf, options)?;
        self.bias = bare.load_bias();
        self.elf = Some(Arc::new(elf.clone()));
        self.boot = again;
        self.set_environment(Box::new(bare));
        Ok(())
    }

    /// The memory between the symbols `begin_signature` and `end_signature`, as riscv-tests and the architectural tests
    /// want it: `granularity` bytes a line, the last one first, in hexadecimal. `None` if the program has no signature.
    pub fn signature(&self, granularity: usize) -> Option<String> {
        let at = |name| Some(self.elf.as_ref()?.symbol(name)?.wrapping_add(self.bias));
        let (start, end) = (at("begin_signature")?, at("end_signature")?);
        let bytes = self.memory.slice(start, end.checked_sub(start)?).ok()?;
        let mut text = String::new();
        for line in bytes.chunks(granularity.max(1)) {
            // The last line is filled up with zeros.
            text.extend(std::iter::repeat_n("00", granularity.max(1) - line.len()));
            line.iter().rev().for_each(|b| write!(text, "{b:02x}").expect("strings take all"));
            text.push('\n');
        }
        Some(text)
    }

    /// The program that was loaded, for its symbols.
    pub fn elf(&self) -> Option<&Arc<Elf>> {
        self.elf.as_ref()
    }

    /// What has been added to the addresses in [`Machine::elf`]: not 0 for position-independent programs.
    pub fn load_bias(&self) -> u64 {
        self.bias
    }

    /// Puts the machine into an environment.
    pub(crate) fn set_environment(&mut self, env: Box<dyn Environment>) {
        self.env = env;
    }

    /// Executes one instruction (or takes one trap or interrupt).
    pub fn step(&mut self) -> Stop {
        self.run(1)
    }

    /// Runs until exactly `n` more instructions have retired, or until something ends the run.
    pub fn run(&mut self, n: u64) -> Stop {
        let goal = self.hart().instret().saturating_add(n);
        loop {
            if let Some(i) = self.hart().pending_interrupt() {
                self.hart_mut().take_interrupt(i);
            }
            let left = goal.saturating_sub(self.hart().instret());
            if left == 0 {
                return Stop::Budget;
            }
            let deadline = self.env.deadline(self.engine.hart());
            let leave = if self.retire.is_some() {
                self.step_watched()
            } else {
                self.engine.run(&mut self.memory, left.min(deadline.unwrap_or(u64::MAX)), &self.stop)
            };
            let (hart, memory) = (self.engine.hart_mut(), &mut self.memory);
            let action = match leave {
                Leave::Done if deadline.is_some() => self.env.sync(hart, memory),
                Leave::Done => Action::Continue,
                Leave::Sync => self.env.sync(hart, memory),
                Leave::Wait => self.env.wait(hart, memory),
                Leave::Stopped => return Stop::Stopped,
                Leave::Trap(cause) => match self.trap(cause) {
                    Ok(action) => action,
                    Err(stop) => return stop,
                },
            };
            match action {
                Action::Continue => {}
                Action::Exit(status) => return Stop::Exited(status),
                Action::Killed(death) => return Stop::Killed(death),
                Action::Deadlock => return Stop::Deadlock,
                Action::Trap => {
                    let Leave::Trap(cause) = leave else { return Stop::Deadlock };
                    return Stop::Trap(Trap { cause, tval: self.hart().tval, pc: self.hart().pc() });
                }
            }
        }
    }

    /// Offers a trap to the hook and then to the environment.
    fn trap(&mut self, cause: Cause) -> Result<Action, Stop> {
        let (hart, memory) = (self.engine.hart_mut(), &mut self.memory);
        if let (Cause::EcallFromU | Cause::EcallFromM, Some(hook)) = (cause, &mut self.ecall) {
            match hook(&mut View { hart, memory }) {
                Ecall::Done => {
                    hart.retire_call();
                    return Ok(Action::Continue);
                }
                Ecall::Stop => return Err(Stop::Hook),
                Ecall::Exit(status) => return Ok(Action::Exit(status)),
                Ecall::Pass => {}
            }
        }
        let tval = hart.tval;
        Ok(self.env.trap(hart, memory, cause, tval))
    }

    /// One instruction, with the hook told of it.
    fn step_watched(&mut self) -> Leave {
        if self.stop.swap(false, Ordering::Relaxed) {
            return Leave::Stopped;
        }
        // Very long instructions look at it, too.
        if !Arc::ptr_eq(&self.stop, &self.hart().stop) {
            self.hart_mut().stop = self.stop.clone();
        }
        let (pc, privilege, fs) = (self.hart().pc(), self.hart().privilege(), self.hart().fs());
        let before = self.hart().instret();
        let insn = self.engine.peek(&mut self.memory);
        self.memory.take_touches();
        let hart = self.engine.hart_mut();
        let watched = insn.map(|i| (Before::new(hart, &i), BeforeMatrix::new(hart, &i)));
        let leave = self.engine.step(&mut self.memory);
        let hart = self.engine.hart_mut();
        let (vector, matrix) = watched.map(|(v, m)| (v.after(hart), m.after(hart))).unwrap_or_default();
        // One that was asked to stop on its way has not retired, and no trap either.
        let retired = hart.instret() != before;
        if let (true, Some(insn), Some(hook)) = (retired, insn, &mut self.retire) {
            let touches = self.memory.take_touches();
            let hart = self.engine.hart();
            hook(&Retired { pc, insn, privilege, fs, vector, matrix, hart, touches: &touches, raised: hart.raised });
        }
        leave
    }
}
