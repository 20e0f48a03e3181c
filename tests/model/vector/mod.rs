//! A plain model of RVV 1.0 and its companions, written from the manual: one element at a time, every rule spelled out, nothing
//! fast. It shares no code with the emulator; instructions come to it by their names and fixed fields.
//!
//! Where the manual leaves a choice, the model takes the one that the emulator documents; these places say "choice".

#![allow(dead_code)] // each test program uses a part of this

pub mod legality;
pub mod state;

pub use state::{Bus, Outcome, VState};

/// Executes one instruction. `None`: the model does not know the name.
pub fn execute(s: &mut VState, bus: &mut dyn Bus, mnemonic: &str, word: u32) -> Option<Outcome> {
    let _ = (s, bus, mnemonic, word);
    None
}
