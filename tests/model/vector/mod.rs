//! A plain model of RVV 1.0 and its companions, XTheadVdot among them, written from the manual: one element at a time, every rule spelled out, nothing
//! fast. It shares no code with the emulator; instructions come to it by their names and fixed fields.
//!
//! Where the manual leaves a choice, the model takes the one that the emulator documents; these places say "choice".

#![allow(dead_code)] // each test program uses a part of this

pub mod bench;
pub mod cases;
mod config;
mod crypto;
mod dot;
pub mod fixed;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub mod float;
/// SoftFloat is not on every host; elsewhere floating point has no model.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod float {
    pub fn float(_: &mut super::VState, _: &str, _: u32) -> Option<super::Outcome> {
        None
    }
}
pub mod integer;
pub mod legality;
pub mod mask;
mod memory;
pub mod operands;
mod permute;
pub mod reduce;
pub mod state;

use state::Fields;
pub use state::{Bus, Outcome, VState};

/// Executes one instruction. `None`: the model does not know the name.
pub fn execute(s: &mut VState, bus: &mut dyn Bus, mnemonic: &str, word: u32) -> Option<Outcome> {
    let f = Fields::of(word);
    config::config(s, mnemonic, word)
        .or_else(|| memory::memory(s, bus, mnemonic, &f))
        .or_else(|| integer::integer(s, mnemonic, &f))
        .or_else(|| fixed::fixed(s, mnemonic, &f))
        .or_else(|| dot::dot(s, mnemonic, &f))
        .or_else(|| reduce::reduce(s, mnemonic, &f))
        .or_else(|| mask::mask(s, mnemonic, &f))
        .or_else(|| permute::permute(s, mnemonic, &f))
        .or_else(|| crypto::crypto(s, mnemonic, word))
        .or_else(|| float::float(s, mnemonic, word))
}

/// Whether an instruction is legal in a state.
pub fn is_legal(s: &VState, mnemonic: &str, word: u32) -> bool {
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

/// Whether the model knows an instruction.
pub fn knows(mnemonic: &str) -> bool {
    execute(&mut VState::new(128, 64), &mut bench::Pages::default(), mnemonic, 0).is_some()
}
