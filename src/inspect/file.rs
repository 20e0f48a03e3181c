//! What the headers of a file say: what it is, and which calling convention it keeps.

use crate::elf::{Elf, FileType};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A program that is complete, for fixed addresses.
    Static,
    /// A program that is complete, for any address.
    StaticPie,
    /// A program that asks for a dynamic loader.
    Dynamic,
    /// A shared library.
    Library,
    /// An object file.
    Object,
    /// Memory of a program that died.
    Core,
    /// Something else.
    Other,
}

impl Kind {
    /// In a few words.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Static => "static executable",
            Kind::StaticPie => "static position-independent executable",
            Kind::Dynamic => "dynamically linked executable",
            Kind::Library => "shared library",
            Kind::Object => "object file",
            Kind::Core => "core dump",
            Kind::Other => "ELF file of no common type",
        }
    }

    pub(super) fn of(elf: &Elf) -> Kind {
        match elf.file_type() {
            FileType::Executable | FileType::Dynamic if elf.interpreter.is_some() => Kind::Dynamic,
            FileType::Executable => Kind::Static,
            FileType::Dynamic if elf.entry == 0 => Kind::Library,
            FileType::Dynamic => Kind::StaticPie,
            FileType::Object => Kind::Object,
            FileType::Core => Kind::Core,
            FileType::Other(_) => Kind::Other,
        }
    }
}

/// The calling convention and other promises of `e_flags` (RISC-V ABIs Specification, "ELF Object Files").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abi {
    /// `e_flags`.
    pub flags: u32,
    /// Bits of floating-point values that are passed in registers: 0, 32, 64 or 128.
    pub float: u32,
    /// It may have 16-bit instructions (EF_RISCV_RVC).
    pub compressed: bool,
    /// It uses only the registers x0 to x15 (EF_RISCV_RVE).
    pub embedded: bool,
    /// It relies on total store ordering (EF_RISCV_TSO).
    pub tso: bool,
}

impl Abi {
    pub(super) fn of(flags: u32) -> Abi {
        let float = [0, 32, 64, 128][(flags >> 1 & 3) as usize];
        Abi { flags, float, compressed: flags & 1 != 0, embedded: flags & 8 != 0, tso: flags & 16 != 0 }
    }

    /// `lp64d`, as `-mabi` has it.
    pub fn name(&self) -> &'static str {
        match (self.embedded, self.float) {
            (true, _) => "lp64e",
            (_, 32) => "lp64f",
            (_, 64) => "lp64d",
            (_, 128) => "lp64q",
            _ => "lp64",
        }
    }
}
