//! The matrix extension XTheadMatrix in its versions 0.3 and 0.6.
//!
//! An instruction has a [`Rule`]: what has to hold for it to be legal, as data. [`begin`] looks at it, in the order that the
//! specification states; then the instruction does its work on whole registers, from a copy of what it reads where it
//! could overwrite that. Nothing is changed before everything that can go wrong has gone well: each instruction happens
//! as a whole or not at all. (What a restart of 0.3's loads and stores begins with, `xmrstart`, is thus only what software writes
//! there; every matrix instruction that completes resets it.)

mod config;
mod convert;
mod elementwise;
mod float;
mod integer;
pub(crate) mod kernel;
mod lanes;
mod memory;
mod moves;
mod multiply;
mod pointwise;
mod rules;
#[cfg(test)]
mod testing;

pub(crate) use config::*;
pub(crate) use convert::*;
pub(crate) use float::*;
pub(crate) use integer::*;
pub(crate) use memory::*;
pub(crate) use moves::*;
pub(crate) use multiply::*;
pub(crate) use pointwise::*;
pub(crate) use rules::{Class, Gate, Reason, Registers, Rule, Sizes, begin, check};

/// Defines matrix instructions: their names, rules, and what they do once they are found legal. The function moves no pc.
/// `matrix! { Mzero RULE |hart, memory, insn| expression of Result<(), Event>; }`
macro_rules! matrix {
    ($($(#[$doc:meta])* $name:ident $rule:expr, |$h:ident, $m:ident, $i:ident| $body:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl $crate::ops::Semantics for $name {
            const KIND: $crate::ops::Kind = $crate::ops::Kind::Special;
            const MATRIX: Option<&'static $crate::ops::matrix::Rule> = Some(const { &$rule });
            fn exec(
                $h: &mut $crate::hart::Hart,
                $m: &mut $crate::memory::Memory,
                $i: &$crate::isa::Insn,
            ) -> Result<(), $crate::hart::Event> {
                let _ = &$m;
                $crate::ops::matrix::begin($h, $i, const { &$rule })?;
                $body?;
                $h.matrix.xmrstart = 0;
                $h.pc = $h.pc.wrapping_add($i.len as u64);
                Ok(())
            }
        }
    )* };
}
pub(crate) use matrix;
