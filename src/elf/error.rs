//! Why a file is not a program: each error names the header field, its offset in the file, and what to do.

use std::ops::Range;

/// Why a file cannot be read or loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ElfError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// Something else than an ELF file.
    #[error("not an ELF file: {0}")]
    NotElf(NotElf),
    /// An ELF file for another processor.
    #[error(
        "e_machine at file offset 0x12 is {value:#x}{}: this file is not for RISC-V (0xf3); build it with a riscv64 compiler",
        machine_name(*.value)
    )]
    Machine {
        /// `e_machine`.
        value: u16,
    },
    /// A header field has a value that cannot be run.
    #[error("{field} at file offset {offset:#x} is {value:#x}: {expected}")]
    Field {
        /// The field's name in the ELF specification.
        field: &'static str,
        /// Where it stands in the file.
        offset: u64,
        /// What it holds.
        value: u64,
        /// What it should be.
        expected: &'static str,
    },
    /// The file ends before what a header promises.
    #[error("{what} needs bytes {start:#x}..{end:#x}, but the file has {size:#x}: is it truncated?")]
    Truncated {
        /// What was to be read.
        what: &'static str,
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// The file's size.
        size: u64,
    },
    /// A malformed table.
    #[error("{what} at file offset {offset:#x} cannot be read: {reason}")]
    Malformed {
        /// What was to be read.
        what: &'static str,
        /// Where it stands.
        offset: u64,
        /// The parser's words.
        reason: String,
    },
    /// Two segments claim the same addresses.
    #[error(
        "program headers {first} and {second} both claim the addresses {:#x}..{:#x}: loadable segments must not overlap",
        .range.start, .range.end
    )]
    Overlap {
        /// Index of one program header.
        first: usize,
        /// Index of the other.
        second: usize,
        /// What both claim.
        range: Range<u64>,
    },
    /// The program would start outside its code.
    #[error("e_entry at file offset 0x18 is {entry:#x}: {why}")]
    Entry {
        /// `e_entry`.
        entry: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is nothing to load.
    #[error("the file has no loadable segment (PT_LOAD); an object file must be linked first")]
    NothingToLoad,
}

/// What a file is that is not an ELF file, by its first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotElf {
    /// Compressed; the name of the program that unpacks it.
    Compressed(&'static str),
    /// A script, with what its first line says.
    Script(String),
    /// Some other known format.
    Format(&'static str),
    /// A flat Linux kernel image.
    KernelImage,
    /// Readable text.
    Text,
    /// The first bytes, at most four.
    Unknown(Vec<u8>),
}

impl std::fmt::Display for NotElf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotElf::Compressed(tool) => write!(f, "it is compressed; unpack it first with `{tool}`"),
            NotElf::Script(line) => {
                write!(f, "it is a script for `{line}`; run that interpreter, built for riscv64, on it")
            }
            NotElf::Format(name) => write!(f, "it is {name}"),
            NotElf::KernelImage => write!(f, "it is a flat RISC-V kernel image, which needs S-mode and a device tree"),
            NotElf::Text => write!(f, "it is a text file"),
            NotElf::Unknown(bytes) => {
                write!(f, "its first bytes are")?;
                bytes.iter().try_for_each(|b| write!(f, " {b:02x}"))?;
                write!(f, ", not 7f 45 4c 46")
            }
        }
    }
}

/// What a file without the ELF magic number is.
pub(super) fn identify(bytes: &[u8]) -> ElfError {
    const COMPRESSED: &[(&[u8], &str)] = &[
        (b"\x1f\x8b", "gzip -d"),
        (b"\xfd7zXZ\0", "xz -d"),
        (b"\x28\xb5\x2f\xfd", "zstd -d"),
        (b"BZh", "bzip2 -d"),
        (b"\x04\x22\x4d\x18", "lz4 -d"),
        (b"PK\x03\x04", "unzip"),
    ];
    const FORMATS: &[(&[u8], &str)] = &[
        (b"!<arch>\n", "an archive of object files (a static library), which must be linked into a program first"),
        (b"MZ", "a Windows or EFI executable"),
        (b"\xcf\xfa\xed\xfe", "a macOS executable"),
        (b"\xce\xfa\xed\xfe", "a macOS executable"),
        (b"\xca\xfe\xba\xbe", "a macOS universal binary or a Java class file"),
        (b"\0asm", "a WebAssembly module"),
        (b"BC\xc0\xde", "LLVM bitcode, which must be compiled (llc, clang) and linked first"),
        (b"\xd0\x0d\xfe\xed", "a flattened device tree"),
        (b"@8", "a Verilog memory file; load the ELF file that it was made from"),
        (b":0", "an Intel HEX file; load the ELF file that it was made from"),
        (b"S0", "an S-record file; load the ELF file that it was made from"),
    ];
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if bytes.is_empty() {
        return ElfError::Empty;
    }
    if let Some((_, tool)) = COMPRESSED.iter().find(|(m, _)| starts(m)) {
        return ElfError::NotElf(NotElf::Compressed(tool));
    }
    if starts(b"#!") {
        let line = bytes[2..].split(|&b| b == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(&line[..line.len().min(80)]);
        return ElfError::NotElf(NotElf::Script(line.trim().to_owned()));
    }
    // Linux's image header: the magic number stands behind the entry code.
    if bytes.get(0x38..0x3c) == Some(b"RSC\x05") {
        return ElfError::NotElf(NotElf::KernelImage);
    }
    if let Some((_, name)) = FORMATS.iter().find(|(m, _)| starts(m)) {
        return ElfError::NotElf(NotElf::Format(name));
    }
    let head = &bytes[..bytes.len().min(256)];
    if head.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) {
        return ElfError::NotElf(NotElf::Text);
    }
    ElfError::NotElf(NotElf::Unknown(bytes[..bytes.len().min(4)].to_vec()))
}

/// ` (x86-64)` for the machines that people have files for.
fn machine_name(e_machine: u16) -> String {
    let name = match e_machine {
        2 | 18 | 43 => "SPARC",
        3 => "32-bit x86",
        4 => "Motorola 68000",
        8 => "MIPS",
        20 => "PowerPC",
        21 => "64-bit PowerPC",
        22 => "IBM S/390",
        40 => "32-bit Arm",
        42 => "SuperH",
        62 => "x86-64",
        83 => "AVR",
        93 | 195 => "ARC",
        94 => "Xtensa",
        105 => "MSP430",
        164 => "Hexagon",
        183 => "AArch64",
        190 => "NVIDIA CUDA",
        224 => "AMD GPU",
        247 => "BPF",
        252 => "C-SKY",
        258 => "LoongArch",
        _ => return String::new(),
    };
    format!(" ({name})")
}
