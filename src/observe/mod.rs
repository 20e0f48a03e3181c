//! What may be watched: retired instructions, one by one, and the logs and counts made of them.

mod commit_log;
mod counts;
mod matrix;
mod vector;

pub use commit_log::CommitLog;
pub use counts::{Counts, Unit};
pub(crate) use matrix::BeforeMatrix;
pub use matrix::MatrixWrites;
pub(crate) use vector::Before;
pub use vector::VectorWrites;

use crate::hart::{Context, Hart, Privilege};
use crate::isa::Insn;
use crate::memory::Touch;

/// One retired instruction, as [`Machine::on_retire`](crate::machine::Machine::on_retire) shows it.
#[derive(Clone, Debug)]
pub struct Retired<'a> {
    /// Its address.
    pub pc: u64,
    /// What it was.
    pub insn: Insn,
    /// The privilege it ran with; that of `hart` is the next instruction's.
    pub privilege: Privilege,
    /// mstatus.FS before it.
    pub fs: Context,
    /// What it has written of vector state.
    pub vector: VectorWrites,
    /// What it has written of matrix state.
    pub matrix: MatrixWrites,
    /// The hart after it.
    pub hart: &'a Hart,
    /// Its memory accesses in order.
    pub touches: &'a [Touch],
    /// Floating-point exception flags it raised, already set ones included.
    pub raised: u8,
}
