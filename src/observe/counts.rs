//! Counts of what a program does: instructions by class, bytes moved, multiply-accumulates.

use super::Retired;
use crate::hart::{Hart, MatrixVersion, VectorVersion};
use crate::isa::{Class, Insn, Op};
use crate::memory::Access;

/// What moves bytes or multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Integer and floating-point registers.
    Scalar,
    /// The vector unit.
    Vector,
    /// The matrix unit.
    Matrix,
}

impl Unit {
    /// Each of them.
    pub const ALL: [Unit; 3] = [Unit::Scalar, Unit::Vector, Unit::Matrix];

    fn of(class: Class) -> Unit {
        match class {
            Class::VectorConfig | Class::VectorLoad | Class::VectorStore | Class::Vector => Unit::Vector,
            Class::MatrixConfig
            | Class::MatrixLoad
            | Class::MatrixStore
            | Class::MatrixMultiply
            | Class::MatrixMove
            | Class::MatrixElementwise => Unit::Matrix,
            _ => Unit::Scalar,
        }
    }
}

/// What an instruction multiplies and adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Products {
    None,
    Scalar,
    /// So many for each active element.
    Vector(u64),
    /// Elements of so many bits.
    Matrix(u64),
}

/// Counts retired instructions.
///
/// ```
/// use mellivora::isa::{Class, Isa};
/// use mellivora::machine::{Config, Machine};
/// use mellivora::memory::Prot;
/// use mellivora::observe::Counts;
/// use std::sync::{Arc, Mutex};
///
/// let mut machine = Machine::new(Config::for_isa(Isa::base()))?;
/// machine.memory_mut().map(0x1000..0x2000, Prot::READ | Prot::EXEC, "code")?;
/// machine.memory_mut().write(0x1000, &0x0005_2583u32.to_le_bytes())?; // lw a1, 0(a0)
/// machine.hart_mut().set_pc(0x1000);
/// machine.hart_mut().set_x(10, 0x1000);
/// let counts = Arc::new(Mutex::new(Counts::default()));
/// let counting = counts.clone();
/// machine.on_retire(move |retired| counting.lock().unwrap().record(retired));
/// machine.step();
/// let counts = counts.lock().unwrap();
/// assert_eq!((counts.instructions(Class::Load), counts.loaded(mellivora::observe::Unit::Scalar)), (1, 4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Counts {
    /// What is known of each [`Op`].
    ops: Vec<(Class, Products)>,
    classes: [u64; Class::ALL.len()],
    loaded: [u64; 3],
    stored: [u64; 3],
    multiplied: [u64; 3],
}

impl Default for Counts {
    fn default() -> Counts {
        let ops = Op::all().map(|op| (op.class(), products(op))).collect();
        Counts { ops, classes: [0; Class::ALL.len()], loaded: [0; 3], stored: [0; 3], multiplied: [0; 3] }
    }
}

impl Counts {
    /// Counts one instruction.
    pub fn record(&mut self, r: &Retired<'_>) {
        let Some(&(class, products)) = self.ops.get(r.insn.op as usize) else { return };
        self.classes[class as usize] += 1;
        let unit = Unit::of(class) as usize;
        for touch in r.touches {
            match touch.access {
                Access::Write => self.stored[unit] += u64::from(touch.size),
                _ => self.loaded[unit] += u64::from(touch.size),
            }
        }
        self.multiplied[unit] += match products {
            Products::None => 0,
            Products::Scalar => 1,
            Products::Vector(each) => each * active(r.hart, &r.insn),
            Products::Matrix(bits) => matrix_products(r.hart, bits),
        };
    }

    /// Instructions of a class.
    pub fn instructions(&self, class: Class) -> u64 {
        self.classes[class as usize]
    }

    /// Bytes that a unit has loaded. What an atomic access reads and writes counts as both.
    pub fn loaded(&self, unit: Unit) -> u64 {
        self.loaded[unit as usize]
    }

    /// Bytes that a unit has stored.
    pub fn stored(&self, unit: Unit) -> u64 {
        self.stored[unit as usize]
    }

    /// Products that were added to, or subtracted from, something in the same instruction: M * N * K of a matrix multiplication, the
    /// active elements of a vector instruction (four each for dot products of XTheadVdot), one for scalar ones.
    pub fn multiply_accumulates(&self, unit: Unit) -> u64 {
        self.multiplied[unit as usize]
    }
}

fn products(op: Op) -> Products {
    const SCALAR: [&str; 6] = ["fmadd.", "fmsub.", "fnmadd.", "fnmsub.", "mula", "muls"];
    const VECTOR: [&str; 18] = [
        "vmacc", "vnmsac", "vmadd.", "vnmsub", "vwmacc", "vwsmacc", "vfmacc", "vfnmacc", "vfmsac", "vfnmsac", "vfmadd",
        "vfnmadd", "vfmsub", "vfnmsub", "vfwmacc", "vfwnmacc", "vfwmsac", "vfwnmsac",
    ];
    let name = op.mnemonic();
    let plain = name.strip_prefix("th.").unwrap_or(name);
    let begins = |names: &[&str]| names.iter().any(|n| plain.starts_with(n));
    match op.class() {
        Class::MatrixMultiply => Products::Matrix(match name.rsplit('.').next() {
            _ if name.starts_with("pmm") => 4,
            Some("b") => 8,
            Some("h") => 16,
            Some("s") => 32,
            _ => 64,
        }),
        Class::Vector if plain.starts_with("vmaqa") => Products::Vector(4),
        Class::Vector if begins(&VECTOR) => Products::Vector(1),
        Class::Integer | Class::Float if begins(&SCALAR) => Products::Scalar,
        _ => Products::None,
    }
}

/// The products of a matrix multiplication that has just been: 0.3 has K in bytes, of elements of so many bits.
fn matrix_products(hart: &Hart, bits: u64) -> u64 {
    let [m, n, k] = hart.matrix_sizes();
    let k = match hart.matrix_config().version {
        MatrixVersion::V0p3 => k * 8 / bits,
        MatrixVersion::V0p6 => k,
    };
    m.saturating_mul(n).saturating_mul(k)
}

/// The active elements of a vector instruction that has just been: such instructions leave `vl` and their mask alone.
fn active(hart: &Hart, insn: &Insn) -> u64 {
    let vl = hart.vl();
    if !insn.masked() {
        return vl;
    }
    let vtype = hart.vtype();
    // Where the bits of a mask are: one after the other, or, in XTheadVector, SEW/LMUL apart.
    let apart = match hart.vector_config().version {
        VectorVersion::Thead => (8u64 << vtype.sew()) >> vtype.lmul().clamp(0, 3),
        _ => 1,
    };
    let mask = hart.v(0);
    let bit = |i: u64| mask.get((i * apart / 8) as usize).is_some_and(|b| b >> (i * apart % 8) & 1 != 0);
    (0..vl).filter(|i| bit(*i)).count() as u64
}
