//! Machines beside the model: the same instructions from the same state, by translated code and in single steps.

use super::execute;
use super::state::{Settings, State};
use crate::common::asm::{bytes, ecall};
use crate::common::drive::map;
use crate::vector_model::bench::{CODE, DATA, PAGES, Pages, SIZE};
use crate::vector_model::state::Outcome;
use mellivora::hart::{
    Cause, Clock, Context, HartConfig, Misaligned, Privilege, ReductionOrder, Simd, VdotMask, VectorConfig,
};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop, Trap};
use mellivora::memory::Prot;

const PAGE: u64 = 4096;

/// A state to start from, a program of vector instructions, and what the model makes of it.
#[derive(Clone)]
pub struct Case {
    pub start: State,
    pub simd: Simd,
    pub program: Vec<(&'static str, u32)>,
    pub end: State,
    pub pages: Pages,
    /// Instructions that retire before the trap.
    pub retired: usize,
    pub last: Outcome,
}

impl Case {
    /// Lets the model execute a program up to its first trap.
    pub fn new(start: State, simd: Simd, program: Vec<(&'static str, u32)>) -> Case {
        let (mut end, mut pages) = (start.clone(), Pages::default());
        let (mut retired, mut last) = (0, Outcome::Done);
        for (mnemonic, word) in &program {
            last = execute(&mut end, &mut pages, mnemonic, *word).unwrap_or_else(|| panic!("no model of {mnemonic}"));
            if last != Outcome::Done {
                break;
            }
            retired += 1;
        }
        Case { start, simd, program, end, pages, retired, last }
    }

    /// The trap that ends the program: the last instruction's, or that of the `ecall` behind it.
    fn trap(&self) -> Trap {
        let pc = CODE + 4 * self.retired as u64;
        let word = self.program.get(self.retired).map_or(0, |i| u64::from(i.1));
        let (cause, tval) = match self.last {
            Outcome::Done => (Cause::EcallFromM, 0),
            Outcome::Illegal => (Cause::IllegalInstruction, word),
            Outcome::Fault { addr, store: false, misaligned: false, .. } => (Cause::LoadAccess, addr),
            Outcome::Fault { addr, store: true, misaligned: false, .. } => (Cause::StoreAccess, addr),
            Outcome::Fault { addr, store: false, misaligned: true, .. } => (Cause::LoadMisaligned, addr),
            Outcome::Fault { addr, store: true, misaligned: true, .. } => (Cause::StoreMisaligned, addr),
        };
        Trap { cause, tval, pc }
    }
}

/// What a machine is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Model {
    vlen: usize,
    half: bool,
    settings: Settings,
    simd: Simd,
}

const MOST_MACHINES: usize = 96;

/// Machines that are used again and again, the latest first.
#[derive(Default)]
pub struct Bench {
    machines: Vec<(Model, Machine)>,
}

/// What decodes the instructions.
pub fn isa(half: bool) -> Isa {
    let name = if half {
        "rv64gc_zfh_xtheadvector_xtheadzvamo_xtheadvdot"
    } else {
        "rv64gc_xtheadvector_xtheadzvamo_xtheadvdot"
    };
    Isa::parse(name).expect("a possible combination")
}

/// A unit of so many bits.
pub fn unit(vlen: usize, half: bool, settings: Settings, simd: Simd) -> VectorConfig {
    VectorConfig {
        vlen: vlen as u32,
        reductions: if settings.tree_reductions { ReductionOrder::Tree } else { ReductionOrder::Sequential },
        misaligned: if settings.misaligned_traps { Misaligned::Traps } else { Misaligned::Allowed },
        vdot_mask: if settings.dot_by_elements { VdotMask::Elements } else { VdotMask::Bytes },
        simd,
        ..VectorConfig::for_isa(&isa(half))
    }
}

/// A machine with this unit, whose program stands at `CODE`, with the data pages mapped.
pub fn machine(vector: VectorConfig, half: bool) -> Machine {
    let isa = isa(half);
    let hart = HartConfig { vector, ..HartConfig::for_isa(&isa) };
    let config = Config { isa, hart, limit: 1 << 20, clock: Clock::virtual_time() };
    let mut machine = Machine::new(config).expect("a small machine");
    machine.translate_at_once(true);
    map(&mut machine, CODE..CODE + PAGE, Prot::EXEC);
    for (start, prot) in (DATA..).step_by(PAGE as usize).zip(PAGES) {
        map(&mut machine, start..start + PAGE, prot);
    }
    let hart = machine.hart_mut();
    hart.set_privilege(Privilege::Machine);
    hart.set_fs(Context::Dirty);
    hart.set_vs(Context::Dirty);
    machine
}

/// The layout of V 1.0, which the embedder's interface has.
pub fn vtype_of_v1(s: &State) -> u64 {
    s.config().map_or(1 << 63, |c| u64::from(c.sew.ilog2() - 3) << 3 | u64::from(c.lmul.ilog2()))
}

/// frm, fflags and the mirrors of vxrm and vxsat.
fn fcsr(s: &State) -> u64 {
    u64::from(s.vxrm) << 9 | u64::from(s.vxsat) << 8 | u64::from(s.frm) << 5 | u64::from(s.fflags)
}

/// Brings a machine into the state of `s`.
pub fn load(machine: &mut Machine, s: &State, code: &[u8]) {
    let memory = machine.memory_mut();
    // Code that is there already stays translated.
    if memory.slice(CODE, code.len() as u64).expect("mapped") != code {
        memory.write(CODE, code).expect("the program fits");
    }
    memory.write(DATA, &Pages::default().0).expect("mapped");
    let hart = machine.hart_mut();
    hart.set_pc(CODE);
    for n in 0..32u8 {
        hart.set_x(n, s.x[usize::from(n)]);
        hart.set_f(n, s.f[usize::from(n)]);
        let len = s.vlen / 8;
        hart.v_mut(n).copy_from_slice(&s.v[usize::from(n) * len..][..len]);
    }
    hart.write_csr(3, fcsr(s)).expect("fcsr");
    hart.set_vector_state(s.vl, vtype_of_v1(s), s.vstart);
}

/// What differs between a machine and the model.
fn differences(machine: &Machine, s: &State, pages: &Pages) -> String {
    let mut out = String::new();
    let mut note = |what: &str, machine: u64, model: u64| {
        if machine != model {
            out += &format!("{what}: {machine:#x}, model {model:#x}\n");
        }
    };
    let hart = machine.hart();
    let csr = |n| hart.csr(n).expect("it exists");
    note("vl", csr(0xc20), s.vl);
    note("vtype", csr(0xc21), s.vtype);
    note("vstart", csr(8), s.vstart);
    note("fcsr", csr(3), fcsr(s));
    note("vxsat", csr(9), s.vxsat.into());
    note("vxrm", csr(10), s.vxrm.into());
    let len = s.vlen / 8;
    for n in 0..32 {
        note(&format!("x{n}"), hart.x(n), s.x[usize::from(n)]);
        note(&format!("f{n}"), hart.f(n), s.f[usize::from(n)]);
        let (ours, model) = (hart.v(n), &s.v[usize::from(n) * len..][..len]);
        if ours == model {
            continue;
        }
        let mut bytes = ours.iter().zip(model).enumerate().filter(|(_, (a, b))| a != b);
        if let Some((at, (a, b))) = bytes.next() {
            note(&format!("v{n} byte {at} (and {} more)", bytes.count()), (*a).into(), (*b).into());
        }
    }
    let memory = machine.memory().slice(DATA, SIZE).expect("mapped");
    if memory != pages.0 {
        let at = (0..memory.len()).find(|at| memory[*at] != pages.0[*at]).unwrap_or_default();
        note(&format!("memory at {:#x}", DATA + at as u64), memory[at].into(), pages.0[at].into());
    }
    out
}

impl Bench {
    fn machine(&mut self, s: &State, simd: Simd) -> &mut Machine {
        let model = Model { vlen: s.vlen, half: s.half, settings: s.settings, simd };
        let at = self.machines.iter().position(|m| m.0 == model).unwrap_or_else(|| {
            // Those of long ago make room.
            self.machines.truncate(MOST_MACHINES - 1);
            self.machines.insert(0, (model, machine(unit(s.vlen, s.half, s.settings, simd), s.half)));
            0
        });
        &mut self.machines[at].1
    }

    /// Machine and model must agree in everything, on either way through the program.
    pub fn compare(&mut self, case: &Case) -> Result<(), String> {
        let s = &case.start;
        let machine = self.machine(s, case.simd);
        let words: Vec<u32> = case.program.iter().map(|i| i.1).chain([ecall()]).collect();
        let code = bytes(&words);
        let trap = case.trap();
        for stepping in [false, true] {
            load(machine, s, &code);
            let stop = (0..100)
                .map(|_| if stepping { machine.step() } else { machine.run(1000) })
                .find(|stop| *stop != Stop::Budget);
            let mut out = String::new();
            if stop != Some(Stop::Trap(trap)) {
                out += &format!("it ends with {stop:x?}, the model with {trap:x?}\n");
            }
            out += &differences(machine, &case.end, &case.pages);
            if !out.is_empty() {
                return Err(format!("{}:\n{out}", if stepping { "step" } else { "run" }));
            }
        }
        Ok(())
    }

    /// Whether a single step from `s` is found illegal; memory may be anything. `s` has no vector registers of interest.
    pub fn traps(&mut self, s: &State, simd: Simd, word: u32) -> bool {
        let machine = self.machine(s, simd);
        machine.memory_mut().write(CODE, &word.to_le_bytes()).expect("mapped");
        let hart = machine.hart_mut();
        hart.set_pc(CODE);
        hart.write_csr(3, fcsr(s)).expect("fcsr");
        hart.set_vector_state(s.vl, vtype_of_v1(s), s.vstart);
        matches!(machine.step(), Stop::Trap(Trap { cause: Cause::IllegalInstruction, .. }))
    }
}
