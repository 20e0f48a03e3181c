//! Machines beside the model: the same vector instructions from the same state, by translated code and in single steps.

use super::execute;
use super::state::{Bus, Features, Outcome, Settings, VState};
use crate::common::asm::{bytes, ecall};
use crate::common::drive::map;
use mellivora::hart::{
    Agnostic, Cause, Clock, Context, HartConfig, Misaligned, Privilege, ReductionOrder, Simd, VdotMask, VectorConfig,
};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop, Trap};
use mellivora::memory::Prot;
use std::sync::OnceLock;

/// Where programs begin.
pub const CODE: u64 = 0x1_0000;
/// Data: two pages read-write, then one read-only, one write-only, one only to execute, two read-write; nothing around.
pub const DATA: u64 = 0x2_0000;
const PAGE: usize = 4096;
const RW: Prot = Prot::READ.union(Prot::WRITE);
pub const PAGES: [Prot; 7] = [RW, RW, Prot::READ, Prot::WRITE, Prot::EXEC, RW, RW];
/// Bytes of data.
pub const SIZE: u64 = (PAGES.len() * PAGE) as u64;

/// The data pages as the model sees them.
#[derive(Clone)]
pub struct Pages(pub Vec<u8>);

impl Default for Pages {
    fn default() -> Pages {
        static FRESH: OnceLock<Vec<u8>> = OnceLock::new();
        let byte = |n: usize| (n as u32).wrapping_mul(0x9e37_79b1).rotate_left(9) as u8;
        Pages(FRESH.get_or_init(|| (0..SIZE as usize).map(byte).collect()).clone())
    }
}

impl Pages {
    /// Where an access stands, or its first byte that has no such right.
    fn at(&self, addr: u64, size: usize, right: Prot) -> Result<std::ops::Range<usize>, u64> {
        for i in 0..size as u64 {
            let byte = addr.wrapping_add(i);
            let page = byte.checked_sub(DATA).and_then(|at| PAGES.get((at / PAGE as u64) as usize));
            if !page.is_some_and(|p| p.contains(right)) {
                return Err(byte);
            }
        }
        let start = (addr - DATA) as usize;
        Ok(start..start + size)
    }
}

impl Bus for Pages {
    fn load(&mut self, addr: u64, size: usize) -> Result<u64, u64> {
        let at = self.at(addr, size, Prot::READ)?;
        Ok(self.0[at].iter().rev().fold(0, |v, byte| v << 8 | u64::from(*byte)))
    }

    fn store(&mut self, addr: u64, size: usize, v: u64) -> Result<(), u64> {
        let at = self.at(addr, size, Prot::WRITE)?;
        self.0[at].copy_from_slice(&v.to_le_bytes()[..size]);
        Ok(())
    }
}

/// A state to start from, a program of vector instructions, and what the model makes of it.
#[derive(Clone)]
pub struct Case {
    pub start: VState,
    pub simd: Simd,
    pub program: Vec<(&'static str, u32)>,
    pub end: VState,
    pub pages: Pages,
    /// Instructions that retire before the trap.
    pub retired: usize,
    pub last: Outcome,
}

impl Case {
    /// Lets the model execute a program up to its first trap.
    pub fn new(start: VState, simd: Simd, program: Vec<(&'static str, u32)>) -> Case {
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
    elen: usize,
    settings: Settings,
    features: Features,
    simd: Simd,
}

const MOST_MACHINES: usize = 96;

/// Machines that are used again and again, the latest first.
#[derive(Default)]
pub struct Bench {
    machines: Vec<(Model, Machine)>,
}

/// The ISA string that says what a model has.
fn isa(elen: usize, f: &Features) -> Isa {
    let base = match (elen, f.v, f.f64, f.f32) {
        (64, true, ..) => "rv64gcv",
        (64, _, true, _) => "rv64gc_zve64d",
        (64, _, _, true) => "rv64gc_zve64f",
        (64, ..) => "rv64gc_zve64x",
        (_, _, _, true) => "rv64gc_zve32f",
        _ => "rv64gc_zve32x",
    };
    let others = [
        (f.zvfhmin, "zvfhmin"),
        (f.zvfh, "zvfh"),
        (f.zvfbfmin, "zvfbfmin"),
        (f.zvfbfwma, "zvfbfwma"),
        (f.zvbb, "zvbb"),
        (f.zvkb, "zvkb"),
        (f.zvbc, "zvbc"),
        (f.zvkg, "zvkg"),
        (f.zvkned, "zvkned"),
        (f.zvknha, "zvknha"),
        (f.zvknhb, "zvknhb"),
        (f.zvksed, "zvksed"),
        (f.zvksh, "zvksh"),
    ];
    let names: Vec<&str> = [base, "xtheadvdot"].into_iter().chain(others.iter().filter(|o| o.0).map(|o| o.1)).collect();
    Isa::parse(&names.join("_")).expect("a possible combination")
}

fn machine(m: &Model) -> Machine {
    let isa = isa(m.elen, &m.features);
    let vector = VectorConfig {
        vlen: m.vlen as u32,
        agnostic: if m.settings.agnostic_ones { Agnostic::Ones } else { Agnostic::Undisturbed },
        reductions: if m.settings.tree_reductions { ReductionOrder::Tree } else { ReductionOrder::Sequential },
        misaligned: if m.settings.misaligned_traps { Misaligned::Traps } else { Misaligned::Allowed },
        vdot_mask: if m.settings.dot_by_elements { VdotMask::Elements } else { VdotMask::Bytes },
        simd: m.simd,
        ..VectorConfig::for_isa(&isa)
    };
    let hart = HartConfig { vector, ..HartConfig::for_isa(&isa) };
    let config = Config { isa, hart, limit: 1 << 20, clock: Clock::virtual_time() };
    let mut machine = Machine::new(config).expect("a small machine");
    machine.translate_at_once(true);
    map(&mut machine, CODE..CODE + PAGE as u64, Prot::EXEC);
    for (n, prot) in PAGES.into_iter().enumerate() {
        let start = DATA + (n * PAGE) as u64;
        map(&mut machine, start..start + PAGE as u64, prot);
    }
    machine
}

/// Brings a machine into the state of `s`.
fn load(machine: &mut Machine, s: &VState, code: &[u8]) {
    let memory = machine.memory_mut();
    // Code that is there already stays translated.
    if memory.slice(CODE, code.len() as u64).expect("mapped") != code {
        memory.write(CODE, code).expect("the program fits");
    }
    memory.write(DATA, &Pages::default().0).expect("mapped");
    let hart = machine.hart_mut();
    hart.set_privilege(Privilege::Machine);
    hart.set_fs(Context::Dirty);
    hart.set_vs(Context::Dirty);
    hart.set_pc(CODE);
    for n in 0..32u8 {
        hart.set_x(n, s.x[usize::from(n)]);
        hart.set_f(n, s.f[usize::from(n)]);
        let len = s.vlen / 8;
        hart.v_mut(n).copy_from_slice(&s.v[usize::from(n) * len..][..len]);
    }
    hart.write_csr(3, u64::from(s.frm) << 5 | u64::from(s.fflags)).expect("fcsr");
    hart.write_csr(0xf, u64::from(s.vxrm) << 1 | u64::from(s.vxsat)).expect("vcsr");
    hart.set_vector_state(s.vl, s.vtype, s.vstart);
}

/// What differs between a machine and the model.
fn differences(machine: &Machine, s: &VState, pages: &Pages) -> String {
    let mut out = String::new();
    let mut note = |what: &str, machine: u64, model: u64| {
        if machine != model {
            out += &format!("{what}: {machine:#x}, model {model:#x}\n");
        }
    };
    let hart = machine.hart();
    note("vl", hart.vl(), s.vl);
    note("vtype", hart.vtype().0, s.vtype);
    note("vstart", hart.vstart(), s.vstart);
    let csr = |n| hart.csr(n).expect("it exists");
    note("fcsr", csr(3), u64::from(s.frm) << 5 | u64::from(s.fflags));
    note("vcsr", csr(0xf), u64::from(s.vxrm) << 1 | u64::from(s.vxsat));
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
    /// Machine and model must agree in everything, on either way through the program.
    pub fn compare(&mut self, case: &Case) -> Result<(), String> {
        let s = &case.start;
        let model = Model { vlen: s.vlen, elen: s.elen, settings: s.settings, features: s.features, simd: case.simd };
        let at = self.machines.iter().position(|m| m.0 == model).unwrap_or_else(|| {
            // Those of long ago make room.
            self.machines.truncate(MOST_MACHINES - 1);
            self.machines.insert(0, (model, machine(&model)));
            0
        });
        let machine = &mut self.machines[at].1;
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
}
