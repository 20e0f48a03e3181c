//! Mellivora: an instruction-set emulator for RV64 with T-Head-style vector and matrix extensions.

#[cfg(not(target_endian = "little"))]
compile_error!("Mellivora keeps guest memory in host byte order: only little-endian hosts are supported");

pub mod diagnose;
pub mod elf;
mod engine;
pub mod env;
pub mod float;
pub mod hart;
pub mod isa;
pub mod machine;
pub mod memory;
mod ops;
