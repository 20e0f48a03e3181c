//! The table from instructions to what runs them, made from the list of all base operations: here a missing semantics
//! becomes a compile error.

use super::form::Any;
use super::handlers::{one, three, three_fma, uses};
use super::op::Handler;
use crate::hart::{Event, Hart};
use crate::isa::{Insn, Op, for_each_op};
use crate::memory::Memory;
use crate::ops::{self, File, Kind, Semantics};

/// An instruction as one function: operands, effect and pc.
pub(super) type StepFn = fn(&mut Hart, &mut Memory, &Insn) -> Result<(), Event>;

/// How the engine runs one base operation.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub step: StepFn,
    pub kind: Kind,
    /// The handler of a simple instruction; null address for others never reaches the dispatcher.
    pub one: Option<Handler>,
    /// The same where the host has fused multiply-add.
    pub one_fma: Option<Handler>,
    pub rd: File,
    pub rs1: File,
    pub rs2: File,
    pub rs3: File,
    pub fp: bool,
    pub rounds: bool,
    /// The `rm` fields for which the fast path is right while frm is RNE, as a bit set.
    pub fast_modes: u8,
}

const fn entry<S: Semantics>() -> Entry {
    let simple = matches!(S::KIND, Kind::Simple);
    let wide = uses(S::RS3);
    Entry {
        step: S::exec,
        kind: S::KIND,
        one: if !simple {
            None
        } else if wide {
            Some(three::<S>)
        } else {
            Some(one::<Any<S>>)
        },
        one_fma: if simple && wide { Some(three_fma::<S>) } else { None },
        rd: S::RD,
        rs1: S::RS1,
        rs2: S::RS2,
        rs3: S::RS3,
        fp: S::FP,
        rounds: S::ROUNDS,
        fast_modes: S::FAST_MODES,
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
