//! Mellivora: an instruction-set emulator for RV64 with T-Head-style vector and matrix extensions.

pub mod float;
pub mod isa;
