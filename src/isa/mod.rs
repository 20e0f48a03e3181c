//! What an instruction *is*: the instructions and extensions, decoding, encoding, disassembly, assembly, ISA strings.
//!
//! Everything here follows from the text files in `isa/` at the root of the package, which `build.rs` turns into the
//! tables here. What an instruction *does* is not said here.

mod assemble;
mod class;
mod cpu;
mod csr;
mod decode;
mod disasm;
mod encode;
mod extension;
mod isa_string;
mod kernel;
mod long;
mod register;
mod short;
#[cfg(feature = "testing")]
pub mod strategy;
mod table;

pub use assemble::{AsmError, AsmLineError, Assembler};
pub use class::Class;
pub use cpu::{Cpu, CpuError, CpuModel};
pub use csr::{csr_name, csr_number, csrs};
pub use decode::{Decoder, Insn, decode_any};
pub use disasm::{DisasmOptions, Disassembly, disassemble, disassemble_unknown};
pub use encode::{EncodeError, Operands, encode};
pub use extension::{ExtensionInfo, Isa};
pub use isa_string::IsaError;
pub use kernel::{asm_macros, c_header};
pub use long::Modes;
pub use register::{F_NAMES, X_NAMES, parse_f, parse_x};
#[allow(unused_imports)] // whoever defines one item for each instruction
pub(crate) use table::for_each_op;
pub use table::{Access, Alias, Condition, Eew, Extension, Flags, Kind, Op, OpInfo, Operand, Piece, Slot, Token};
