//! Machines beside the model: the same instructions from the same state, by translated code and in single steps.

use super::cases::Case;
use super::state::{Accumulation, Context, Reason, Trap as ModelTrap};
use super::table::Version;
use super::unit::Unit;
use crate::common::asm::{bytes, ecall};
use crate::common::drive::map;
use crate::vector_model::bench::{CODE, DATA, PAGES, Pages, SIZE};
use mellivora::hart::{self, Cause, Clock, HartConfig, MatrixConfig, Privilege, Simd};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop, Trap};
use mellivora::memory::Prot;

const PAGE: u64 = 4096;
const MOST_MACHINES: usize = 64;

/// Machines that are used again and again, the latest first.
#[derive(Default)]
pub struct Bench {
    machines: Vec<(MatrixConfig, Machine)>,
}

/// What decodes the instructions.
pub fn isa(version: Version) -> Isa {
    let name = match version {
        Version::V03 => "rv64gc_xtheadmatrix0p3",
        Version::V06 => "rv64gc_xtheadmatrix0p6",
    };
    Isa::parse(name).expect("a possible combination")
}

/// The emulator's unit that is like the model's.
pub fn config(unit: &Unit, simd: Simd) -> MatrixConfig {
    let how = |accumulation| match accumulation {
        Accumulation::Vendor => hart::Accumulation::Vendor,
        Accumulation::Chain => hart::Accumulation::Chain,
        Accumulation::Exact => hart::Accumulation::Exact,
    };
    match unit {
        Unit::V03(s) => {
            let (accumulation, bf16) = (how(s.accumulation), s.bf16);
            MatrixConfig { accumulation, bf16, features: s.xmisa, simd, ..MatrixConfig::v0p3(s.rlen as u32) }
        }
        Unit::V06(s) => {
            let (accumulation, undefined) = (how(s.accumulation), s.undefined);
            let lengths = MatrixConfig::v0p6(s.tlen as u64, s.trlen as u32, s.elen as u32);
            MatrixConfig { accumulation, undefined, features: s.xmisa, simd, ..lengths }
        }
    }
}

/// A machine with this unit, with the data pages mapped.
pub fn machine(version: Version, matrix: MatrixConfig) -> Machine {
    let isa = isa(version);
    let hart = HartConfig { matrix, ..HartConfig::for_isa(&isa) };
    let config = Config { isa, hart, limit: 1 << 20, clock: Clock::virtual_time() };
    let mut machine = Machine::new(config).expect("a small machine");
    machine.translate_at_once(true);
    map(&mut machine, CODE..CODE + PAGE, Prot::EXEC);
    for (start, prot) in (DATA..).step_by(PAGE as usize).zip(PAGES) {
        map(&mut machine, start..start + PAGE, prot);
    }
    machine.hart_mut().set_privilege(Privilege::Machine);
    machine
}

fn context(c: Context) -> hart::Context {
    match c {
        Context::Off => hart::Context::Off,
        Context::Initial => hart::Context::Initial,
        Context::Clean => hart::Context::Clean,
        Context::Dirty => hart::Context::Dirty,
    }
}

/// Brings a machine into the state of a unit.
pub fn load(machine: &mut Machine, unit: &Unit, x: &[u64; 32], code: &[u8]) {
    let memory = machine.memory_mut();
    // Code that is there already stays translated.
    if memory.slice(CODE, code.len() as u64).expect("mapped") != code {
        memory.write(CODE, code).expect("the program fits");
    }
    memory.write(DATA, &Pages::default().0).expect("mapped");
    let hart = machine.hart_mut();
    hart.set_pc(CODE);
    for (n, v) in (0..32).zip(x) {
        hart.set_x(n, *v);
    }
    for (n, register) in (0..8).zip(unit.registers()) {
        hart.matrix_bytes_mut(n).copy_from_slice(&register.bytes);
    }
    hart.set_fs(hart::Context::Dirty);
    hart.set_ms(hart::Context::Dirty);
    for (csr, v) in unit.csrs().into_iter().filter(|(csr, _)| csr >> 10 != 3) {
        hart.write_csr(csr, v).expect("it can be written");
    }
    hart.set_ms(context(unit.ms()));
    if let Unit::V03(s) = unit {
        hart.write_csr(3, s.frm << 5 | s.fflags).expect("fcsr");
        hart.set_fs(context(s.fs));
    }
}

/// What differs between a machine and the model.
fn differences(machine: &mut Machine, unit: &Unit, x: &[u64; 32], pages: &Pages) -> String {
    let mut out = String::new();
    let mut note = |what: &str, machine: u64, model: u64| {
        if machine != model {
            out += &format!("{what}: {machine:#x}, model {model:#x}\n");
        }
    };
    let hart = machine.hart_mut();
    note("mstatus.MS", hart.ms() as u64, context(unit.ms()) as u64);
    if let Unit::V03(s) = unit {
        note("mstatus.FS", hart.fs() as u64, context(s.fs) as u64);
        hart.set_fs(hart::Context::Dirty);
        note("fcsr", hart.csr(3).expect("it exists"), s.frm << 5 | s.fflags);
    }
    // CSRs can be read while the state is on.
    hart.set_ms(hart::Context::Dirty);
    for (csr, v) in unit.csrs() {
        note(&format!("CSR {csr:#x}"), hart.csr(csr).expect("it exists"), v);
    }
    for n in 0..32 {
        note(&format!("x{n}"), hart.x(n), x[usize::from(n)]);
    }
    for (n, register) in (0..8).zip(unit.registers()) {
        let (ours, model) = (hart.matrix_bytes(n), &register.bytes[..]);
        assert_eq!(ours.len(), model.len());
        assert_eq!((hart.matrix_rows(), hart.matrix_row_bytes(n)), (register.rows, register.row / 8));
        let mut bytes = ours.iter().zip(model).enumerate().filter(|(_, (a, b))| a != b);
        if let Some((at, (a, b))) = bytes.next() {
            let (row, column) = (at / (register.row / 8), at % (register.row / 8));
            let what = format!("register {n} row {row} byte {column} (and {} more)", bytes.count());
            note(&what, (*a).into(), (*b).into());
        }
    }
    let memory = machine.memory().slice(DATA, SIZE).expect("mapped");
    if memory != pages.0 {
        let at = (0..memory.len()).find(|at| memory[*at] != pages.0[*at]).unwrap_or_default();
        note(&format!("memory at {:#x}", DATA + at as u64), memory[at].into(), pages.0[at].into());
    }
    out
}

/// The trap that ends a program: the last instruction's, or that of the `ecall` behind it.
fn trap(case: &Case) -> Trap {
    let pc = CODE + 4 * case.retired as u64;
    let word = case.program.get(case.retired).map_or(0, |word| u64::from(*word));
    let (cause, tval) = match case.last {
        Ok(()) => (Cause::EcallFromM, 0),
        Err(ModelTrap::Illegal(_)) => (Cause::IllegalInstruction, word),
        Err(ModelTrap::Fault { addr, store: false }) => (Cause::LoadAccess, addr),
        Err(ModelTrap::Fault { addr, store: true }) => (Cause::StoreAccess, addr),
    };
    Trap { cause, tval, pc }
}

/// What the machine's explanation says of a reason.
pub fn words_for(reason: Reason) -> &'static [&'static str] {
    match reason {
        Reason::Off => &["mstatus.MS is Off"],
        Reason::NoCsr => &["CSR", "csr"],
        Reason::Class => &["is no tile", "is no accumulator", "must be of one class"],
        Reason::Group => &["does not begin a group"],
        Reason::Overlap => &["the destination overlaps its source"],
        Reason::Feature => &["the unit lacks"],
        Reason::Undefined => &["without a definition"],
        Reason::Width => &["wider than ELEN"],
        Reason::FloatOff => &["mstatus.FS is Off"],
        Reason::Rounding => &["reserved rounding mode"],
        Reason::SizeM => &["mtilem is", "sizeM is"],
        Reason::SizeN => &["mtilen is", "sizeN is"],
        Reason::SizeK => &["mtilek is", "sizeK is"],
        Reason::Fraction => &["must be a multiple of"],
    }
}

impl Bench {
    pub fn machine(&mut self, unit: &Unit, simd: Simd) -> &mut Machine {
        let config = config(unit, simd);
        let at = self.machines.iter().position(|m| m.0 == config).unwrap_or_else(|| {
            // Those of long ago make room.
            self.machines.truncate(MOST_MACHINES - 1);
            self.machines.insert(0, (config, machine(unit.version(), config)));
            0
        });
        &mut self.machines[at].1
    }

    /// Machine and model must agree in everything, on either way through the program.
    pub fn compare(&mut self, case: &Case) -> Result<(), String> {
        let machine = self.machine(&case.start, case.simd);
        let words: Vec<u32> = case.program.iter().copied().chain([ecall()]).collect();
        let code = bytes(&words);
        let trap = trap(case);
        for stepping in [false, true] {
            load(machine, &case.start, &case.x, &code);
            let stop = (0..100)
                .map(|_| if stepping { machine.step() } else { machine.run(1000) })
                .find(|stop| *stop != Stop::Budget);
            let mut out = String::new();
            if let (Err(ModelTrap::Illegal(reason)), Some(stop)) = (case.last, &stop) {
                let told = machine.explain(stop).map_or(String::new(), |e| e.to_string());
                if !words_for(reason).iter().any(|words| told.contains(words)) {
                    out += &format!("the model's reason is {reason:?}, the machine says: {told}\n");
                }
            }
            if stop != Some(Stop::Trap(trap)) {
                out += &format!("it ends with {stop:x?}, the model with {trap:x?}\n");
            }
            out += &differences(machine, &case.end, &case.end_x, &case.pages);
            if !out.is_empty() {
                return Err(format!("{}:\n{out}", if stepping { "step" } else { "run" }));
            }
        }
        Ok(())
    }
}
