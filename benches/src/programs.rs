//! The guest programs measured.

use std::path::{Path, PathBuf};

/// Which geometric mean a program belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Integer instructions only.
    Integer,
    /// Integer, but bound by the host's memory latency.
    Latency,
    /// Double-precision floating point.
    Float,
    /// Given on the command line.
    Own,
}

/// A guest program.
#[derive(Debug, Clone)]
pub struct Program {
    /// Name in the tables.
    pub name: String,
    /// Its group.
    pub group: Group,
    /// The ELF file.
    pub elf: PathBuf,
}

fn at(name: &str, group: Group, file: &str) -> Program {
    let elf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testprogs").join(file);
    Program { name: name.to_owned(), group, elf }
}

/// The programs of `testprogs/bench`.
pub fn programs() -> Vec<Program> {
    use Group::{Float, Integer, Latency};
    vec![
        at("intmix", Integer, "bench/intmix.elf"),
        at("sort", Integer, "bench/sort.elf"),
        at("tree", Integer, "bench/tree.elf"),
        at("sha256", Integer, "bench/sha256.elf"),
        at("strings", Integer, "bench/strings.elf"),
        at("states", Integer, "bench/states.elf"),
        at("memcopy", Integer, "bench/memcopy.elf"),
        at("chase", Latency, "bench/chase.elf"),
        at("matmul", Float, "bench/matmul.elf"),
        at("nbody", Float, "bench/nbody.elf"),
    ]
}

/// Programs in two compilations: for RV64GC, and with the scalar T-Head extensions.
pub fn thead() -> Vec<[Program; 2]> {
    let both =
        |name| ["bench", "thead/scalar"].map(|directory| at(name, Group::Own, &format!("{directory}/{name}.elf")));
    ["intmix", "sort", "sha256", "strings", "memcopy", "matmul"].map(both).into()
}

/// A program of the user's.
pub fn own(elf: &Path) -> Program {
    let name = elf.file_stem().map_or_else(|| "?".to_owned(), |name| name.to_string_lossy().into_owned());
    Program { name, group: Group::Own, elf: elf.to_owned() }
}

/// Programs that only say hello: what they cost is start-up.
pub fn hellos() -> Vec<Program> {
    vec![
        at("hello (no libc)", Group::Integer, "linux/tiny.elf"),
        at("hello (static glibc)", Group::Integer, "linux/hello.elf"),
    ]
}

/// Bytes of memory that the ELF's segments occupy: the programs of
/// `testprogs/bench` touch all of it and little more. `None`: not an ELF64 file.
pub fn image_bytes(elf: &Path) -> Option<u64> {
    const PT_LOAD: u32 = 1;
    let bytes = std::fs::read(elf).ok()?;
    let u16_at = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let u32_at = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let u64_at = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    let (table, size, count) = (u64_at(32)? as usize, usize::from(u16_at(54)?), usize::from(u16_at(56)?));
    (0..count)
        .map(|i| table + i * size)
        .filter(|&header| u32_at(header) == Some(PT_LOAD))
        .map(|header| u64_at(header + 40))
        .sum()
}
