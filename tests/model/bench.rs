//! A machine beside the model: the same program from the same state, by translated code and in single steps.

use super::{Cpu, Insn, Memory, Rights, Trap, cause};
use crate::common::asm::{bytes, ecall};
use crate::common::drive::{machine, map};
use crate::common::state::State;
use mellivora::hart::{Context, Hart, Privilege};
use mellivora::machine::{Machine, Stop};
use mellivora::memory::Prot;
use std::sync::OnceLock;

/// Where programs begin; the rest of the two pages is zeros, which are no instructions.
pub const CODE: u64 = 0x1_0000;
const CODE_PAGES: u64 = 2;
/// Data: two pages read-write, then one read-only, one write-only, one only to execute, one read-write; nothing around.
pub const DATA: u64 = 0x2_0000;
const PAGES: [Prot; 6] = [
    Prot::READ.union(Prot::WRITE),
    Prot::READ.union(Prot::WRITE),
    Prot::READ,
    Prot::WRITE,
    Prot::EXEC,
    Prot::READ.union(Prot::WRITE),
];

/// A machine that is used again and again.
pub struct Bench {
    machine: Machine,
    fresh: Hart,
}

/// The model's CPU over the bench's memory.
pub fn cpu() -> Cpu {
    static FRESH: OnceLock<Cpu> = OnceLock::new();
    FRESH.get_or_init(fresh).clone()
}

fn fresh() -> Cpu {
    let data = (0..PAGES.len() * 4096).map(|n| (n as u32).wrapping_mul(0x9e37_79b1) as u8 ^ (n >> 5) as u8).collect();
    let has = |p: &Prot, right| p.contains(right);
    let rights = PAGES
        .iter()
        .map(|p| Rights { read: has(p, Prot::READ), write: has(p, Prot::WRITE), fetch: has(p, Prot::EXEC) })
        .collect();
    let mut cpu = Cpu::new(Memory { start: DATA, bytes: data, rights });
    cpu.pc = CODE;
    cpu
}

impl Default for Bench {
    fn default() -> Bench {
        let mut machine = machine();
        map(&mut machine, CODE..CODE + CODE_PAGES * 4096, Prot::EXEC);
        for (n, prot) in PAGES.into_iter().enumerate() {
            let start = DATA + 4096 * n as u64;
            map(&mut machine, start..start + 4096, prot);
        }
        let mut fresh = machine.hart().clone();
        fresh.set_fs(Context::Off);
        Bench { machine, fresh }
    }
}

/// The model's state in the emulator's terms.
pub fn state(cpu: &Cpu) -> State {
    let numbers = [0x300, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344, 0xb00, 0xb02, 0xc01];
    State {
        pc: cpu.pc,
        instret: cpu.retired,
        x: cpu.x,
        f: cpu.f,
        privilege: if cpu.machine { Privilege::Machine } else { Privilege::User },
        fs: context(cpu.fs),
        fcsr: cpu.csr(3),
        csrs: numbers.map(|n| (n, cpu.csr(n.into()))).to_vec(),
        // There is no vector unit: vtype reads as illegal.
        vs: Context::Off,
        vector: [0, 1 << 63, 0, 0],
        v: Vec::new(),
    }
}

fn context(fs: u64) -> Context {
    [Context::Off, Context::Initial, Context::Clean, Context::Dirty][fs as usize & 3]
}

/// Where a run of the model ended.
fn fetch_trap(cpu: &Cpu, program: &[Insn]) -> Trap {
    // Behind the program stands an ecall, then zeros.
    let end = CODE + program.iter().map(Insn::len).sum::<u64>();
    match cpu.pc {
        pc if pc == end => Trap { cause: if cpu.machine { cause::ECALL_M } else { cause::ECALL_U }, tval: 0 },
        pc if pc & !1 == pc && (end + 4..CODE + CODE_PAGES * 4096).contains(&pc) => {
            Trap { cause: cause::ILLEGAL, tval: 0 }
        }
        pc => Trap { cause: cause::FETCH, tval: pc },
    }
}

/// Runs the model from the start of a program to its first trap, which may be the one behind it. `None`: it has jumped to where
/// no comparison is possible (into itself, or into data).
fn model(cpu: &mut Cpu, program: &[Insn]) -> Option<Trap> {
    let end = CODE + program.iter().map(Insn::len).sum::<u64>() + 4;
    for (n, insn) in program.iter().enumerate() {
        let next = cpu.pc + insn.len();
        let outcome = cpu.run_one(insn).unwrap_or_else(|| panic!("no model of {}", insn.op.mnemonic()));
        if let Err(trap) = outcome {
            return Some(trap);
        }
        if cpu.pc != next {
            assert_eq!(n + 1, program.len(), "a jump ends a program");
            let inside = (CODE..end).contains(&cpu.pc) || cpu.memory.rights(cpu.pc).fetch;
            return (!inside).then(|| fetch_trap(cpu, program));
        }
    }
    Some(fetch_trap(cpu, program))
}

impl Bench {
    /// Brings the machine into the state of `cpu`.
    fn load(&mut self, cpu: &Cpu, code: &[u8]) {
        *self.machine.hart_mut() = self.fresh.clone();
        let memory = self.machine.memory_mut();
        memory.write(CODE, code).expect("the program fits");
        memory.write(DATA, &cpu.memory.bytes).expect("mapped");
        let hart = self.machine.hart_mut();
        for n in 0..32 {
            hart.set_x(n, cpu.x[n as usize]);
            hart.set_f(n, cpu.f[n as usize]);
        }
        hart.set_fs(Context::Dirty);
        let c = &cpu.csrs;
        for (csr, v) in [
            (3, cpu.frm << 5 | cpu.fflags),
            (0x300, c.mstatus),
            (0x304, c.mie),
            (0x305, c.mtvec),
            (0x306, c.mcounteren),
            (0x30a, c.menvcfg),
            (0x320, c.mcountinhibit),
            (0x340, c.mscratch),
            (0x341, c.mepc),
            (0x342, c.mcause),
            (0x343, c.mtval),
        ] {
            hart.write_csr(csr, v).expect("M-mode writes it");
        }
        // Counters count up from their written value; see `State`.
        hart.set_fs(context(cpu.fs));
        hart.set_privilege(if cpu.machine { Privilege::Machine } else { Privilege::User });
        hart.set_pc(cpu.pc);
    }

    /// The machine's next trap, on either way there.
    fn go(&mut self, stepping: bool) -> Result<Trap, String> {
        for _ in 0..1000 {
            match if stepping { self.machine.step() } else { self.machine.run(5000) } {
                Stop::Trap(t) => return Ok(Trap { cause: t.cause as u64, tval: t.tval }),
                Stop::Budget => {}
                other => return Err(format!("{other:?}")),
            }
        }
        Err("it does not end".into())
    }

    /// The program from the state of `start` to its first trap: machine and model must agree in everything.
    pub fn compare(&mut self, start: &Cpu, program: &[Insn]) -> Result<(), String> {
        let words: Vec<u32> = program.iter().map(|i| i.word).chain([ecall()]).collect();
        let mut code = bytes(&words);
        // What an earlier, longer program left behind.
        code.resize(code.len().max(256), 0);
        let mut cpu = start.clone();
        let Some(trap) = model(&mut cpu, program) else { return Ok(()) };
        for (stepping, name) in [(false, "run"), (true, "step")] {
            self.load(start, &code);
            let ours = self.go(stepping).map_err(|e| format!("{name}: {e}; the model: {trap:x?}"))?;
            let mut out = String::new();
            if ours != trap {
                out += &format!("trap: {name} {ours:x?}, model {trap:x?}\n");
            }
            let state_of = State::of(self.machine.hart());
            out += &state_of.differences(&state(&cpu), (name, "model")).unwrap_or_default();
            let memory = self.machine.memory().slice(DATA, cpu.memory.bytes.len() as u64).expect("mapped");
            if memory != cpu.memory.bytes {
                let mut pairs = memory.iter().zip(&cpu.memory.bytes);
                let n = pairs.position(|(a, b)| a != b).unwrap_or_default();
                let at = DATA + n as u64;
                out += &format!("byte {at:#x}: {name} {:#x}, model {:#x}\n", memory[n], cpu.memory.bytes[n]);
            }
            if !out.is_empty() {
                return Err(out);
            }
        }
        Ok(())
    }
}
