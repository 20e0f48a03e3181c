//! A plain model of XTheadVector (vector extension 0.7.1), XTheadZvamo and XTheadVdot, written from the text of 0.7.1 and T-Head's
//! specifications: one element at a time, every rule spelled out. It shares no code with the emulator; instructions come to it by
//! their names and words.
//!
//! What an element becomes (integer and fixed-point arithmetic, SoftFloat) is taken from the model of RVV 1.0 in `model/vector`, as
//! far as both versions agree. All else is written anew: layouts of `vtype` and masks, which operands are legal, tails, memory,
//! permutations.
//!
//! Where the text leaves a choice, the model takes the one that the emulator documents; these places say "choice".

#![allow(dead_code)] // each test program uses a part of this

pub mod arithmetic;
pub mod bench;
pub mod cases;
mod dot;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod float;
/// SoftFloat is not on every host; elsewhere floating point has no model.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod float {
    pub fn float(_: &mut super::State, _: &str, _: u32) -> Option<super::Outcome> {
        None
    }
}
mod mask;
mod memory;
mod permute;
mod reduce;
pub mod rules;
pub mod state;
pub mod words;

pub use crate::vector_model::state::{Bus, Outcome};
use crate::vector_model::state::{Fields, sign_extend};
pub use state::State;

/// Executes one instruction, named with or without `th.`. `None`: the model does not know it.
pub fn execute(s: &mut State, bus: &mut dyn Bus, mnemonic: &str, word: u32) -> Option<Outcome> {
    let name = mnemonic.strip_prefix("th.").unwrap_or(mnemonic);
    let f = Fields::of(word);
    configure(s, name, word)
        .or_else(|| memory::memory(s, bus, name, word))
        .or_else(|| arithmetic::arithmetic(s, name, &f))
        .or_else(|| dot::dot(s, name, &f))
        .or_else(|| reduce::reduce(s, name, &f))
        .or_else(|| mask::mask(s, name, &f))
        .or_else(|| permute::permute(s, name, &f))
        .or_else(|| float::float(s, name, word))
}

/// vsetvli and vsetvl. The AVL is infinite for rs1 = x0, whatever rd is.
fn configure(s: &mut State, name: &str, word: u32) -> Option<Outcome> {
    let f = Fields::of(word);
    let wanted = match name {
        "vsetvli" => u64::from(word >> 20 & 0x7ff),
        "vsetvl" => s.x[f.vs2],
        _ => return None,
    };
    let avl = if f.vs1 == 0 { u64::MAX } else { s.x[f.vs1] };
    s.vtype = wanted;
    if s.config().is_none() {
        s.vtype = state::VILL;
    }
    // Between VLMAX and 2*VLMAX any vl from half of AVL on is allowed (choice: VLMAX).
    s.vl = s.config().map_or(0, |c| avl.min(c.vlmax as u64));
    s.set_x(f.vd, s.vl);
    s.vstart = 0;
    Some(Outcome::Done)
}

/// Whether an instruction is legal in a state.
pub fn is_legal(s: &State, mnemonic: &str, word: u32) -> bool {
    /// Nothing can be accessed.
    struct Nowhere;
    impl Bus for Nowhere {
        fn load(&mut self, addr: u64, _: usize) -> Result<u64, u64> {
            Err(addr)
        }
        fn store(&mut self, addr: u64, _: usize, _: u64) -> Result<(), u64> {
            Err(addr)
        }
    }
    execute(&mut s.clone(), &mut Nowhere, mnemonic, word) != Some(Outcome::Illegal)
}

/// Whether the model knows an instruction, of which any word is given.
pub fn knows(mnemonic: &str, word: u32) -> bool {
    struct Nothing;
    impl Bus for Nothing {
        fn load(&mut self, _: u64, _: usize) -> Result<u64, u64> {
            Ok(0)
        }
        fn store(&mut self, _: u64, _: usize, _: u64) -> Result<(), u64> {
            Ok(())
        }
    }
    execute(&mut State::new(128), &mut Nothing, mnemonic, word).is_some()
}

/// The immediate at 19..15, sign-extended.
fn simm(f: &Fields) -> u64 {
    sign_extend(f.vs1 as u64, 5) as u64
}
