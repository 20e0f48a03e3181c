//! The Linux user environment: a program's system calls, signals and view of files, as riscv64 Linux gives them.
//!
//! One process with one thread. Numbers and structures are those of asm-generic and arch/riscv (Linux 6.12).
//!
//! | file | what |
//! |---|---|
//! | `load` | segments, stack, auxiliary vector |
//! | `table` | which number is which call |
//! | `mm` | address space |
//! | `fd`, `control`, `io`, `poll` | descriptors and data |
//! | `path`, `files`, `dir`, `stat` | names |
//! | `proc` | files that the environment makes itself |
//! | `time`, `signal`, `sigcalls`, `frame` | clocks, timers, signals |
//! | `process`, `futex`, `hwprobe` | what a process asks about itself and its machine |
//! | `vector` | vector state: its first use, system calls, signal frames |
//! | `sys` | the host's calls that the standard library lacks; the only file with unsafe code |

#[cfg(unix)]
mod control;
#[cfg(unix)]
mod dir;
#[cfg(unix)]
mod errno;
#[cfg(unix)]
mod fd;
#[cfg(unix)]
mod files;
#[cfg(unix)]
mod frame;
#[cfg(unix)]
mod futex;
#[cfg(unix)]
mod guest;
#[cfg(unix)]
mod hwprobe;
#[cfg(unix)]
mod io;
#[cfg(unix)]
mod load;
#[cfg(unix)]
mod mm;
mod options;
#[cfg(unix)]
mod path;
#[cfg(unix)]
mod poll;
#[cfg(unix)]
mod proc;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod random;
#[cfg(unix)]
mod sigcalls;
#[cfg(unix)]
mod signal;
#[cfg(unix)]
mod stat;
#[cfg(unix)]
mod sys;
#[cfg(unix)]
mod table;
#[cfg(unix)]
mod time;
#[cfg(unix)]
mod vector;

#[cfg(all(test, unix))]
mod tests;

pub use options::{LinuxOptions, LoadError};

#[cfg(unix)]
pub(crate) use unix::Linux;
#[cfg(unix)]
use unix::{Again, Leave, Ret};

/// Keys of reports that are not about a call's number.
#[cfg(unix)]
const CLONES: u64 = 1 << 32;
#[cfg(unix)]
const EXECS: u64 = CLONES + 1;
#[cfg(unix)]
const STOPPED: u64 = CLONES + 2;

#[cfg(unix)]
mod unix {
    use std::collections::HashSet;

    use super::super::{Action, Environment};
    use super::errno::Errno;
    use super::fd::FdTable;
    use super::guest::Guest;
    use super::load::Layout;
    use super::mm::Mm;
    use super::options::{LinuxOptions, LoadError};
    use super::path::FileSystem;
    use super::process::Process;
    use super::random::Random;
    use super::signal::Signals;
    use super::time::Timers;
    use super::{fd, load, sys, table};
    use crate::elf::Elf;
    use crate::hart::{Cause, Hart};
    use crate::isa::Isa;
    use crate::memory::Memory;

    /// What happens when a signal handler has interrupted a call.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in super::super) enum Again {
        /// The call is made again if the handler was installed with SA_RESTART.
        Restart,
        /// The call fails with EINTR.
        Never,
    }

    /// Why a call does not simply return a value.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(in super::super) enum Leave {
        /// It failed.
        Errno(Errno),
        /// A signal that is now to be delivered interrupted it.
        Interrupted(Again),
        /// It waits for the host and is to be made again: it has not retired yet.
        Again,
        /// The registers are as they are to be, and the call counts as retired.
        Done,
        /// The program ends, or cannot go on.
        Action(Action),
    }

    impl From<Errno> for Leave {
        fn from(e: Errno) -> Leave {
            Leave::Errno(e)
        }
    }

    /// What a system call gives.
    pub(in super::super) type Ret = Result<u64, Leave>;

    /// One Linux process.
    pub(crate) struct Linux {
        pub(super) isa: Isa,
        pub(super) layout: Layout,
        pub(super) fds: FdTable,
        pub(super) mm: Mm,
        pub(super) signals: Signals,
        pub(super) process: Process,
        pub(super) timers: Timers,
        pub(super) fs: FileSystem,
        pub(super) random: Random,
        /// A call that waits for the host: its pc, its instruction count, and when its wait ends.
        pub(super) waiting: Option<(u64, u64, Option<u64>)>,
        verbose: bool,
        pub(super) preserve_vector: bool,
        reported: HashSet<u64>,
    }

    impl Linux {
        /// Loads a program into a machine's memory and sets its hart to the program's start.
        pub(crate) fn boot(
            hart: &mut Hart,
            memory: &mut Memory,
            isa: &Isa,
            elf: &Elf,
            options: LinuxOptions,
        ) -> Result<Linux, LoadError> {
            let mut random = Random::new(options.seed);
            let fs = FileSystem::new(&options)?;
            let process = Process::new(&options, &fs.cwd);
            let interpreter = match &elf.interpreter {
                Some(path) => Some(read_interpreter(&fs, path)?),
                None => None,
            };
            // Without a vector unit nothing is to tell of vectors, whatever can be decoded.
            let isa = &if hart.vlenb() == 0 { isa.without_vectors() } else { *isa };
            let layout = load::load(hart, memory, isa, elf, interpreter.as_ref(), &options, &process, &mut random)?;
            Ok(Linux {
                isa: *isa,
                mm: Mm::new(&layout),
                layout,
                signals: Signals::default(),
                process,
                timers: Timers::default(),
                fs,
                random,
                waiting: None,
                verbose: options.verbose,
                preserve_vector: options.preserve_vector,
                reported: HashSet::new(),
                fds: FdTable::new(options.streams),
            })
        }

        /// What has been added to the addresses of a position-independent program.
        pub(crate) fn load_bias(&self) -> u64 {
            self.layout.bias
        }

        /// Performs the call that the hart's registers describe.
        fn call(&mut self, g: &mut Guest) -> Action {
            self.discard_vectors(g.hart);
            let number = g.hart.x(17);
            let args = [10, 11, 12, 13, 14, 15].map(|n| g.hart.x(n));
            let ret = match table::lookup(number) {
                Some(call) => call(self, g, args),
                None => {
                    if self.verbose {
                        self.report(number, &format!("system call {number} does not exist here: ENOSYS"));
                    }
                    Err(super::errno::ENOSYS.into())
                }
            };
            match ret {
                Ok(value) => {
                    g.hart.set_x(10, value);
                    g.hart.retire_call();
                }
                Err(Leave::Errno(e)) => {
                    g.hart.set_x(10, (e.0 as u64).wrapping_neg());
                    g.hart.retire_call();
                }
                Err(Leave::Done) => {}
                Err(Leave::Again) => self.unmask(),
                Err(Leave::Interrupted(again)) => return self.deliver(g, Some(again)),
                Err(Leave::Action(action)) => return action,
            }
            self.deliver(g, None)
        }

        /// Tells the user something once per `key`, on the program's standard error.
        pub(super) fn report(&mut self, key: u64, text: &str) {
            if self.reported.insert(key) {
                self.message(text);
            }
        }

        /// Writes a line to the program's standard error.
        pub(super) fn message(&mut self, text: &str) {
            let Ok(shared) = self.fds.get(2) else { return };
            let line = format!("mellivora: {text}\n");
            match &mut fd::lock(&shared).kind {
                fd::Kind::Host(f) => drop(std::io::Write::write_all(f, line.as_bytes())),
                fd::Kind::Output(out) => drop(out.write(line.as_bytes())),
                _ => {}
            }
        }
    }

    /// Reads the dynamic loader from the sysroot or the guest's own files.
    fn read_interpreter(fs: &FileSystem, path: &str) -> Result<Elf, LoadError> {
        use std::io::Read;
        let missing = |reason: String| LoadError::Interpreter { path: path.to_owned(), reason };
        let place = fs.locate_absolute(path.as_bytes()).map_err(|e| missing(e.to_string()))?;
        let flags = if place.follow { 0 } else { libc::O_NOFOLLOW };
        let mut file = sys::openat(&place.dir, &place.name, flags, 0).map_err(|e| missing(e.to_string()))?;
        let mut bytes = Vec::new();
        // A loader is small: anything else is not read to the end.
        let most = file.by_ref().take(1 << 26).read_to_end(&mut bytes);
        most.map_err(|e| missing(e.to_string()))?;
        Elf::parse(bytes).map_err(|error| LoadError::InterpreterElf { path: path.to_owned(), error })
    }

    impl Environment for Linux {
        fn trap(&mut self, hart: &mut Hart, memory: &mut Memory, cause: Cause, tval: u64) -> Action {
            let mut g = Guest { hart, mem: memory };
            match cause {
                Cause::EcallFromU | Cause::EcallFromM => self.call(&mut g),
                Cause::IllegalInstruction if self.first_vector_use(g.hart, tval) => Action::Continue,
                _ => self.fault(&mut g, cause, tval),
            }
        }

        fn sync(&mut self, hart: &mut Hart, memory: &mut Memory) -> Action {
            self.fire(hart);
            self.deliver(&mut Guest { hart, mem: memory }, None)
        }

        fn deadline(&self, hart: &Hart) -> Option<u64> {
            self.next_timer(hart)
        }

        /// A copy exists while nothing of the host is open but its own standard streams, no pipe is open, and no memory is
        /// shared with a file.
        fn duplicate(&self) -> Option<Box<dyn Environment>> {
            Some(Box::new(Linux {
                isa: self.isa,
                layout: self.layout.clone(),
                fds: self.fds.duplicate()?,
                mm: self.mm.duplicate()?,
                signals: self.signals.clone(),
                process: self.process.clone(),
                timers: self.timers.clone(),
                fs: self.fs.duplicate()?,
                random: self.random.clone(),
                waiting: self.waiting,
                verbose: self.verbose,
                preserve_vector: self.preserve_vector,
                reported: self.reported.clone(),
            }))
        }
    }
}
