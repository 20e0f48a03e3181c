//! The table from instructions to what runs them, made from the list of all base operations: here a missing semantics
//! becomes a compile error.

use super::form::Any;
use super::handlers::{one, one_fma};
use super::op::Handler;
use crate::hart::{Context, Event, FpMode, Hart};
use crate::isa::{Insn, Op, for_each_op};
use crate::memory::Memory;
use crate::ops::matrix;
use crate::ops::vector::{Reason, Select, explain};
use crate::ops::{self, File, Kind, Second, Semantics};

/// An instruction as one function: operands, effect and pc.
pub(super) type StepFn = fn(&mut Hart, &mut Memory, &Insn) -> Result<(), Event>;

/// How the engine runs one base operation.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub step: StepFn,
    pub kind: Kind,
    /// The handlers of a simple instruction.
    pub simple: Option<Variants>,
    pub rd: File,
    pub rs1: File,
    pub rs2: File,
    pub rs3: File,
    /// Whether rs3 is rd.
    pub reads_rd: bool,
    pub second: Second,
    pub fp: bool,
    pub rounds: bool,
    /// The `rm` fields for which the fast path is right while frm is RNE, as a bit set.
    pub fast_modes: u8,
    /// How a vector instruction finds its kernel.
    pub select: Option<Select>,
    /// When a matrix instruction is legal.
    pub matrix: Option<&'static matrix::Rule>,
}

/// The handlers of a simple instruction for the modes of floating point; all the same where it has none.
#[derive(Clone, Copy)]
pub(super) struct Variants {
    exact: Handler,
    inexact: Handler,
    exact_fma: Handler,
    inexact_fma: Handler,
}

impl Variants {
    /// The handler for a mode, and a host with or without fused multiply-add; none where only stepping functions do.
    pub(super) fn choose(&self, mode: FpMode, fma: bool) -> Option<Handler> {
        match (mode, fma) {
            (FpMode::General, _) => None,
            (FpMode::Exact, false) => Some(self.exact),
            (FpMode::Exact, true) => Some(self.exact_fma),
            (FpMode::Inexact, false) => Some(self.inexact),
            (FpMode::Inexact, true) => Some(self.inexact_fma),
        }
    }
}

const fn variants<S: Semantics>() -> Option<Variants> {
    if !matches!(S::KIND, Kind::Simple) {
        return None;
    }
    if const { S::FP } {
        return Some(Variants {
            exact: one::<Any<S>, false>,
            inexact: one::<Any<S>, true>,
            exact_fma: one_fma::<Any<S>, false>,
            inexact_fma: one_fma::<Any<S>, true>,
        });
    }
    let only: Handler = one::<Any<S>, false>;
    Some(Variants { exact: only, inexact: only, exact_fma: only, inexact_fma: only })
}

const fn entry<S: Semantics>() -> Entry {
    Entry {
        step: S::exec,
        kind: S::KIND,
        simple: variants::<S>(),
        rd: S::RD,
        rs1: S::RS1,
        rs2: S::RS2,
        rs3: S::RS3,
        reads_rd: S::READS_RD,
        second: S::SECOND,
        fp: S::FP,
        rounds: S::ROUNDS,
        fast_modes: S::FAST_MODES,
        select: S::SELECT,
        matrix: S::MATRIX,
    }
}

macro_rules! entries {
    ($($name:ident),* $(,)?) => {
        /// The entry of a base operation.
        pub(super) fn of(op: Op) -> &'static Entry {
            match op {
                $(Op::$name => const { &entry::<ops::$name>() },)*
                // Compressed instructions are decoded to their base operation.
                _ => const { &entry::<ops::Unexpanded>() },
            }
        }
    };
}
for_each_op!(entries);

/// Why a vector instruction is illegal in the hart's present state, if it is.
pub(crate) fn vector_reason(hart: &Hart, insn: &Insn) -> Option<Reason> {
    match of(insn.base).select {
        Some(select) => explain(select, hart, insn),
        // vset* take everything but being off.
        None if hart.vs() == Context::Off => Some(Reason::Off),
        None => None,
    }
}

/// Why a matrix instruction is illegal in the hart's present state, if it is.
pub(crate) fn matrix_reason(hart: &Hart, insn: &Insn) -> Option<matrix::Reason> {
    of(insn.base).matrix.and_then(|rule| matrix::check(hart, insn, rule).err())
}
