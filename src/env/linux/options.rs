//! What an embedder decides about a Linux program, and why one may not start. Exists on every host.

use std::path::PathBuf;

use super::super::host::{Files, Streams};
use crate::elf::ElfError;
use crate::memory::MemoryError;

/// How a Linux program is started and what it may reach. The default grants nothing of the host.
#[derive(Debug)]
pub struct LinuxOptions {
    /// Arguments after `argv[0]`.
    pub args: Vec<Vec<u8>>,
    /// `argv[0]`; by default the program's path.
    pub argv0: Option<Vec<u8>>,
    /// Environment, each `NAME=value`.
    pub env: Vec<Vec<u8>>,
    /// Size of the stack in bytes; 8 MiB by default.
    pub stack: u64,
    /// Which files the program can reach.
    pub files: Files,
    /// Its standard streams.
    pub streams: Streams,
    /// What its random numbers are made from.
    pub seed: u64,
    /// A directory with a RISC-V system: dynamic loader and libraries are taken from there, as is every file with an
    /// absolute path that exists in it and is only to be read. Its files can be read whatever `files` says; its
    /// directories are only seen where `files` grants nothing.
    pub sysroot: Option<PathBuf>,
    /// Whether vector registers outlive system calls. On Linux they do not: it fills them with ones, sets vl to 0 and vill.
    pub preserve_vector: bool,
    /// Whether XTheadVector counts as V in AT_HWCAP, as in the vendor's kernels. On mainline it does not: programs ask
    /// riscv_hwprobe for RISCV_HWPROBE_KEY_VENDOR_EXT_THEAD_0.
    pub hwcap_v: bool,
    /// Whether calls that do not exist here are reported, once each, on the program's standard error.
    pub verbose: bool,
    /// The program's path as it is to see it itself: AT_EXECFN, `/proc/self/exe`.
    pub program_path: Vec<u8>,
}

impl Default for LinuxOptions {
    fn default() -> Self {
        LinuxOptions {
            args: Vec::new(),
            argv0: None,
            env: Vec::new(),
            stack: 8 << 20,
            files: Files::Deny,
            streams: Streams::none(),
            seed: 0,
            sysroot: None,
            preserve_vector: false,
            hwcap_v: false,
            verbose: false,
            program_path: b"/program".to_vec(),
        }
    }
}

impl LinuxOptions {
    /// Equal options, if the streams can be shared.
    pub(crate) fn duplicate(&self) -> Option<LinuxOptions> {
        Some(LinuxOptions {
            args: self.args.clone(),
            argv0: self.argv0.clone(),
            env: self.env.clone(),
            files: self.files.clone(),
            streams: self.streams.duplicate()?,
            sysroot: self.sysroot.clone(),
            program_path: self.program_path.clone(),
            ..*self
        })
    }
}

/// Why a Linux program cannot be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A segment does not fit into the guest's address space, which ends at `limit`.
    #[error("a segment at {start:#x}..{end:#x} does not fit into the guest address space {low:#x}..{limit:#x}")]
    Segment {
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// Lowest address that programs may use.
        low: u64,
        /// End of the address space.
        limit: u64,
    },
    /// Stack, arguments and environment do not fit.
    #[error("arguments and environment need {needed:#x} bytes, more than a quarter of the stack of {stack:#x}")]
    Arguments {
        /// Bytes needed.
        needed: u64,
        /// Bytes of stack.
        stack: u64,
    },
    /// No room for a stack of this size.
    #[error("a stack of {stack:#x} bytes does not fit into a guest address space of {limit:#x}")]
    Stack {
        /// Bytes of stack.
        stack: u64,
        /// End of the address space.
        limit: u64,
    },
    /// The dynamic loader cannot be read.
    #[error(
        "the program needs the dynamic loader {path}: {reason} (a directory with a RISC-V system, given as sysroot, provides it)"
    )]
    Interpreter {
        /// Its path in the program.
        path: String,
        /// What went wrong.
        reason: String,
    },
    /// The dynamic loader is no program that can be run.
    #[error("the dynamic loader {path} cannot be loaded: {error}")]
    InterpreterElf {
        /// Its path in the program.
        path: String,
        /// What is wrong with it.
        error: ElfError,
    },
    /// A directory that confines the guest cannot be used.
    #[error("{path}: {reason}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// Guest memory cannot be set up.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The Linux environment exists on Unix hosts only.
    #[error("Linux programs run on Unix hosts only")]
    Host,
}
