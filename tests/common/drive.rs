//! Running a machine to an exact instruction count, by translated code or in single steps, over traps.
//!
//! The host plays the trap handler: it notes the trap and skips the instruction, or starts the program anew where there is
//! no instruction to skip. What it does depends on guest state only, so that equal runs stay equal.

use super::elf_writer::{HEADERS, Layout};
use super::state::State;
use mellivora::hart::{Cause, Clock, Context, HartConfig, Privilege, VectorConfig};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Ecall, Machine, Stop, Trap};
use mellivora::memory::Prot;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// How to get on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gait {
    /// `run(n)`
    Run,
    /// n times `step()`
    Step,
}

/// A trap and the number of instructions that had retired before it.
pub type Noted = (Trap, u64);

/// A machine under way.
pub struct Drive {
    pub machine: Machine,
    /// Where the program begins.
    pub entry: u64,
    pub traps: Vec<Noted>,
    /// Why it cannot go on.
    pub ended: Option<Stop>,
    /// Traps to take before it ends.
    pub most_traps: usize,
}

/// A machine with everything scalar enabled, in M-mode, floating point on, over an address space of 1 MiB.
pub fn machine() -> Machine {
    machine_with(VectorConfig::none())
}

/// As `machine`, with a vector unit, which is on, too: VLEN is 128, and `change` changes what it likes.
pub fn vector_machine(change: impl FnOnce(&mut VectorConfig)) -> Machine {
    let mut unit = VectorConfig::for_isa(&Isa::all());
    change(&mut unit);
    machine_with(unit)
}

/// As `machine`, with this vector unit.
pub fn machine_with(vector: VectorConfig) -> Machine {
    machine_of(Isa::all(), vector)
}

/// As `machine_with`, with these extensions.
pub fn machine_of(isa: Isa, vector: VectorConfig) -> Machine {
    let hart = HartConfig { vector, ..HartConfig::default() };
    let config = Config { isa, hart, limit: 1 << 20, clock: Clock::virtual_time() };
    let mut m = Machine::new(config).expect("a small machine");
    m.translate_at_once(true);
    m.hart_mut().set_fs(Context::Dirty);
    m.hart_mut().set_vs(Context::Dirty);
    m.hart_mut().set_privilege(Privilege::Machine);
    m
}

/// Maps a range, or panics.
pub fn map(m: &mut Machine, range: Range<u64>, prot: Prot) {
    m.memory_mut().map(range, prot, "test").expect("whole pages below the limit");
}

impl Drive {
    pub fn new(mut machine: Machine, entry: u64) -> Drive {
        machine.hart_mut().set_pc(entry);
        Drive { machine, entry, traps: Vec::new(), ended: None, most_traps: 400 }
    }

    /// Goes on until `goal` instructions have retired in all.
    pub fn to(&mut self, goal: u64, gait: Gait) {
        while self.ended.is_none() && self.machine.hart().instret() < goal {
            let left = goal - self.machine.hart().instret();
            let stop = match gait {
                Gait::Run => self.machine.run(left),
                Gait::Step => self.machine.step(),
            };
            match stop {
                Stop::Budget => {}
                Stop::Trap(trap) => self.skip(trap),
                other => self.ended = Some(other),
            }
        }
    }

    fn skip(&mut self, trap: Trap) {
        self.traps.push((trap, self.machine.hart().instret()));
        if self.traps.len() >= self.most_traps {
            self.ended = Some(Stop::Trap(trap));
        }
        let at = self.machine.memory().fetch(trap.pc);
        let hart = self.machine.hart_mut();
        // The end of the program, or no code at all: start again.
        if matches!(trap.cause, Cause::InstructionAccess | Cause::EcallFromM | Cause::EcallFromU) {
            hart.set_pc(self.entry);
            hart.set_privilege(Privilege::Machine);
        } else {
            let len = if at.is_ok_and(|half| half & 3 == 3) { 4 } else { 2 };
            hart.set_pc(trap.pc.wrapping_add(len));
        }
    }

    pub fn state(&self) -> State {
        State::of(self.machine.hart())
    }

    /// The bytes of a mapped range.
    pub fn bytes(&self, range: Range<u64>) -> &[u8] {
        self.machine.memory().slice(range.start, range.end - range.start).expect("mapped")
    }
}

/// What differs between two runs: state, traps, the memory of `ranges`.
pub fn differences(a: &Drive, b: &Drive, names: (&str, &str), ranges: &[Range<u64>]) -> Option<String> {
    let mut out = String::new();
    for (n, (x, y)) in a.traps.iter().zip(&b.traps).enumerate() {
        if x != y {
            out += &format!("trap {n}: {} {x:x?}, {} {y:x?}\n", names.0, names.1);
            break;
        }
    }
    if a.traps.len() != b.traps.len() {
        out += &format!("{} has {} traps, {} {}\n", names.0, a.traps.len(), names.1, b.traps.len());
    }
    if a.ended != b.ended {
        out += &format!("{} ended by {:x?}, {} by {:x?}\n", names.0, a.ended, names.1, b.ended);
    }
    out += &a.state().differences(&b.state(), names).unwrap_or_default();
    for r in ranges {
        let (x, y) = (a.bytes(r.clone()), b.bytes(r.clone()));
        if x != y {
            let n = x.iter().zip(y).position(|(x, y)| x != y).unwrap_or_default();
            out += &format!("byte {:#x}: {} {:#x}, {} {:#x}\n", r.start + n as u64, names.0, x[n], names.1, y[n]);
        }
    }
    (!out.is_empty()).then_some(out)
}

/// What a program writes that needs only two system calls: `write`, whose last one counts, and `exit`, which any other is
/// taken for. It starts behind the headers of its ELF file.
pub fn written(mut m: Machine, layout: Layout, elf: &[u8]) -> Result<Vec<u8>, String> {
    map(&mut m, layout.start..layout.start + layout.size, Prot::all());
    m.memory_mut().write(layout.start, elf).map_err(|f| f.to_string())?;
    m.hart_mut().set_pc(layout.start + HEADERS);
    let output = Arc::new(Mutex::new(Vec::new()));
    let sink = output.clone();
    m.on_ecall(move |v| match v.hart.x(17) {
        64 => {
            let data = v.memory.slice(v.hart.x(11), v.hart.x(12)).expect("mapped").to_vec();
            *sink.lock().expect("one thread") = data;
            Ecall::Done
        }
        _ => Ecall::Exit(0),
    });
    match m.run(1_000_000) {
        Stop::Exited(0) => Ok(output.lock().expect("one thread").clone()),
        other => Err(format!("{other:x?}")),
    }
}
