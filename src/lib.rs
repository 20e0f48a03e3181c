//! Mellivora: an instruction-set emulator for RV64 with T-Head-style vector and matrix extensions.
//!
//! This version has what RVA23U64 asks for apart from Supm, which includes RVV 1.0 for any vector length, and machine and user
//! mode; T-Head's scalar extensions, vectors (0.7.1) and matrices (0.3 and 0.6).
//!
//! # The shape of the crate
//!
//! | module | what it is about |
//! |---|---|
//! | [`isa`] | what an instruction *is*: decoding, encoding, disassembly, extensions, ISA strings, CPU models |
//! | [`float`](mod@float) | exact floating-point arithmetic: values in, value and flags out |
//! | [`memory`] | guest memory: mappings, protection, devices |
//! | [`hart`] | the state of a hart: registers, CSRs, privilege, clock |
//! | [`elf`] | ELF files, read defensively |
//! | [`env`](mod@env) | what surrounds a program: Linux, or bare metal with HTIF or semihosting |
//! | [`observe`] | what may be watched: retired instructions, Spike's commit log |
//! | [`machine`] | all of it tied together: load, run, stop, watch |
//! | [`diagnose`] | why a program stopped, in words |
//! | [`inspect`] | what a file needs to run, without running it |
//!
//! Between them, without a face of their own, stand the semantics of the instructions and the engine that runs them. A
//! machine is [`Send`], owns everything it needs and shares nothing: many run at once on many threads. Nothing of the host
//! is granted to a guest unless the options say so.
//!
//! # A machine from scratch
//!
//! Map memory, put instructions there, set registers, run. Without an environment every trap comes out of
//! [`Machine::run`](machine::Machine::run).
//!
//! ```
//! use mellivora::hart::Cause;
//! use mellivora::machine::{Config, Machine, Stop};
//! use mellivora::memory::Prot;
//!
//! let mut machine = Machine::new(Config::default())?;
//! machine.memory_mut().map(0x1000..0x2000, Prot::READ | Prot::EXEC, "code")?;
//! let program: [u32; 5] = [
//!     0x0000_0513, // li    a0, 0
//!     0x00b5_0533, // add   a0, a0, a1     <-.
//!     0xfff5_8593, // addi  a1, a1, -1       |
//!     0xfe05_9ce3, // bnez  a1, .-8         -'
//!     0x0010_0073, // ebreak
//! ];
//! for (n, word) in (0..).zip(program) {
//!     machine.memory_mut().write(0x1000 + 4 * n, &word.to_le_bytes())?;
//! }
//! machine.hart_mut().set_pc(0x1000);
//! machine.hart_mut().set_x(11, 100);
//!
//! // Exactly so many instructions, ...
//! assert_eq!(machine.run(4), Stop::Budget);
//! assert_eq!((machine.hart().x(10), machine.hart().x(11)), (100, 99));
//! // ... or until something happens.
//! let Stop::Trap(trap) = machine.run(u64::MAX) else { panic!("the program ends with ebreak") };
//! assert_eq!((trap.cause, trap.pc), (Cause::Breakpoint, 0x1010));
//! assert_eq!(machine.hart().x(10), 5050);
//! assert_eq!(machine.hart().instret(), 1 + 3 * 100);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A program
//!
#![cfg_attr(unix, doc = "```")]
#![cfg_attr(not(unix), doc = "```no_run")]
//! use mellivora::elf::Elf;
//! use mellivora::env::{LinuxOptions, Streams};
//! use mellivora::isa::Isa;
//! use mellivora::machine::{Config, Machine, Stop};
//!
//! let elf = Elf::parse(std::fs::read("testprogs/linux/tiny.elf")?)?;
//! let mut machine = Machine::new(Config::for_isa(Isa::parse("rv64gc_zba_zbb")?))?;
//! let (streams, output, _error) = Streams::capture("");
//! machine.boot_linux(&elf, LinuxOptions { streams, ..LinuxOptions::default() })?;
//! assert_eq!(machine.run(u64::MAX), Stop::Exited(0));
//! assert_eq!(output.text(), "Hello from RISC-V!\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The programs in `examples/` show the rest: registers, exact stepping, stopping from another thread, copying and resetting,
//! answering `ecall`, devices, watching every instruction, many machines at once.
//!
//! # Features
//!
//! * `cli` (default): the command-line program and its argument parser. Embedders switch it off.
//! * `testing`: [proptest](https://docs.rs/proptest) strategies for any instruction, in `isa::strategy`.

#![warn(missing_docs)]

#[cfg(not(target_endian = "little"))]
compile_error!("Mellivora keeps guest memory in host byte order: only little-endian hosts are supported");

pub mod diagnose;
pub mod elf;
mod engine;
pub mod env;
pub mod float;
pub mod hart;
pub mod inspect;
pub mod isa;
pub mod machine;
pub mod memory;
pub mod observe;
mod ops;

/// The program in the README, which `cargo test` compiles and runs.
#[cfg(all(doctest, unix))]
#[doc = include_str!("../README.md")]
struct Readme;
