//! Classes of instructions, for statistics.

use super::table::{Flags, Kind, Op};

/// What kind of work an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Scalar integers, moves from and to floating-point registers not among them; hints.
    Integer,
    /// Scalar floating point.
    Float,
    /// Scalar loads, integer and floating-point, and prefetches.
    Load,
    /// Scalar stores, and what works on cache blocks.
    Store,
    /// Atomic accesses to memory, LR and SC among them.
    Atomic,
    /// Branches and jumps.
    Branch,
    /// CSRs, fences, calls and returns of the environment.
    System,
    /// `vset*`.
    VectorConfig,
    /// Vector loads, and AMOs.
    VectorLoad,
    /// Vector stores.
    VectorStore,
    /// All other vector instructions.
    Vector,
    /// Sizes of matrices, and the release of their state.
    MatrixConfig,
    /// Loads of matrix registers.
    MatrixLoad,
    /// Stores of matrix registers.
    MatrixStore,
    /// Matrix multiplications.
    MatrixMultiply,
    /// Moves, duplicates, slides, broadcasts and zeros of matrix registers.
    MatrixMove,
    /// Element-wise arithmetic, conversions and clips of matrix registers.
    MatrixElementwise,
}

impl Class {
    /// Every class, in order.
    pub const ALL: [Class; 17] = [
        Class::Integer,
        Class::Float,
        Class::Load,
        Class::Store,
        Class::Atomic,
        Class::Branch,
        Class::System,
        Class::VectorConfig,
        Class::VectorLoad,
        Class::VectorStore,
        Class::Vector,
        Class::MatrixConfig,
        Class::MatrixLoad,
        Class::MatrixStore,
        Class::MatrixMultiply,
        Class::MatrixMove,
        Class::MatrixElementwise,
    ];

    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Class::Integer => "integer",
            Class::Float => "float",
            Class::Load => "load",
            Class::Store => "store",
            Class::Atomic => "atomic",
            Class::Branch => "branch",
            Class::System => "system",
            Class::VectorConfig => "vector config",
            Class::VectorLoad => "vector load",
            Class::VectorStore => "vector store",
            Class::Vector => "vector arithmetic",
            Class::MatrixConfig => "matrix config",
            Class::MatrixLoad => "matrix load",
            Class::MatrixStore => "matrix store",
            Class::MatrixMultiply => "matrix multiply",
            Class::MatrixMove => "matrix move",
            Class::MatrixElementwise => "matrix element-wise",
        }
    }
}

impl Op {
    /// What kind of work it does.
    pub fn class(self) -> Class {
        let info = self.info().base.info();
        let has = |flags| info.flags.intersects(flags);
        let load = info.load != 0 || has(Flags::LOAD);
        let store = info.store != 0 || has(Flags::STORE);
        let registers = |f: fn(Kind) -> bool| info.operands.iter().any(|o| f(o.kind));
        let system = [Kind::Csr, Kind::Fence];
        if has(Flags::MATRIX) {
            return match () {
                _ if load => Class::MatrixLoad,
                _ if store => Class::MatrixStore,
                _ if !registers(Kind::is_matrix) => Class::MatrixConfig,
                _ => matrix(info.mnemonic),
            };
        }
        if has(Flags::VECTOR) {
            return match () {
                _ if has(Flags::VSET) => Class::VectorConfig,
                _ if load => Class::VectorLoad,
                _ if store => Class::VectorStore,
                _ => Class::Vector,
            };
        }
        match () {
            _ if has(Flags::JUMP | Flags::BRANCH) => Class::Branch,
            _ if has(Flags::CSR | Flags::END) || info.operands.iter().any(|o| system.contains(&o.kind)) => {
                Class::System
            }
            _ if has(Flags::ATOMIC) => Class::Atomic,
            _ if load => Class::Load,
            _ if store => Class::Store,
            _ if has(Flags::FP) => Class::Float,
            _ => Class::Integer,
        }
    }
}

/// Of a matrix instruction that computes or moves.
fn matrix(mnemonic: &str) -> Class {
    let begins = |names: &[&str]| names.iter().any(|n| mnemonic.starts_with(n));
    match () {
        _ if begins(&["mmacc", "pmmacc", "mfmacc", "fmmacc", "fwmmacc", "mmaqa", "pmmaqa"]) => Class::MatrixMultiply,
        _ if begins(&["mzero", "mmov", "mdup", "mpack", "mrslide", "mcslide", "mrbc", "mcbc"]) => Class::MatrixMove,
        _ => Class::MatrixElementwise,
    }
}
