//! What the files in `isa/` say, as plain data. No text handling and no checks here.

use std::collections::BTreeMap;
use std::fmt;

/// A place in the input, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A mistake in the input and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub place: Place,
    pub what: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Where `Insn` keeps an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    Rd,
    Rs1,
    Rs2,
    Rs3,
    Rm,
    Imm,
}

/// The slots in the order of `Insn`'s fields, with their names there.
pub const SLOTS: [(Slot, &str); 6] = [
    (Slot::Rd, "rd"),
    (Slot::Rs1, "rs1"),
    (Slot::Rs2, "rs2"),
    (Slot::Rs3, "rs3"),
    (Slot::Rm, "rm"),
    (Slot::Imm, "imm"),
];

/// Kinds of operand: name here, name of the emitted variant, whether the value is signed.
pub const KINDS: &[(&str, &str, bool)] = &[
    ("x", "X", false),
    ("f", "F", false),
    ("rm", "Rm", false),
    ("rme", "RmExact", false),
    ("aqrl", "AqRl", false),
    ("simm", "Simm", true),
    ("uimm", "Uimm", false),
    ("hex", "Hex", false),
    ("upper", "Upper", true),
    ("pcrel", "PcRel", true),
    ("csr", "Csr", false),
    ("fli", "Fli", false),
    ("fence", "Fence", false),
    ("suffix", "Suffix", false),
    ("hidden", "Hidden", false),
    ("v", "V", false),
    ("vm", "Vm", false),
    ("vtype", "Vtypei", false),
    ("thvtype", "ThVtypei", false),
    ("simmz", "SimmZ", false),
    ("wd", "Wd", false),
    ("m", "M", false),
    ("tile", "Tile", false),
];

/// What a vector operand holds: name here, name of the emitted variant. The first is for all other operands.
pub const EEWS: &[(&str, &str)] = &[
    ("none", "None"),
    ("sew", "Sew"),
    ("wide", "Wide"),
    ("half", "Half"),
    ("quarter", "Quarter"),
    ("eighth", "Eighth"),
    ("mask", "Mask"),
    ("one", "One"),
    ("onewide", "OneWide"),
    ("ei16", "Ei16"),
    ("data", "Data"),
    ("fields", "Fields"),
    ("index", "Index"),
    ("whole", "Whole"),
    ("group", "Group"),
    ("onegroup", "OneGroup"),
];

/// An operand declared in `fields.isa`.
#[derive(Clone, Debug)]
pub struct OperandDecl {
    pub name: String,
    pub slot: Slot,
    /// Index into [`KINDS`].
    pub kind: usize,
    /// Index into [`EEWS`].
    pub eew: usize,
    pub read: bool,
    pub write: bool,
    pub shift: u8,
}

/// `len` bits of the word from `word_lo` are bits `value_lo`... of the operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub word_lo: u8,
    pub len: u8,
    pub value_lo: u8,
}

/// A field declared in `fields.isa`.
#[derive(Clone, Debug)]
pub struct FieldDecl {
    pub name: String,
    /// Bits of the instruction word.
    pub mask: u64,
    /// Index of the operand; `None` for bits that hardware ignores.
    pub operand: Option<usize>,
    pub pieces: Vec<Piece>,
    pub bias: u8,
    pub nonzero: bool,
}

/// An operand of one instruction with all its pieces.
#[derive(Clone, Debug)]
pub struct Operand {
    pub decl: usize,
    pub pieces: Vec<Piece>,
    pub bias: u8,
    pub nonzero: bool,
    pub read: bool,
    /// A vector source that the destination must not overlap.
    pub disjoint: bool,
}

impl Operand {
    /// One more than the highest bit of the value.
    pub fn width(&self) -> u8 {
        self.pieces.iter().map(|p| p.value_lo + p.len).max().unwrap_or(0)
    }
    /// The lowest bit of the value that is encoded.
    pub fn align(&self) -> u8 {
        self.pieces.iter().map(|p| p.value_lo).min().unwrap_or(0)
    }
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Literal text.
    Text(String),
    /// The n-th operand.
    Operand(usize),
    /// An integer register.
    Register(u8),
}

/// What stands for an operand of the base instruction in an expansion or an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A number.
    Const(i64),
    /// In an expansion: operand of the expanded instruction. In an alias: an operand of the base met before.
    Operand(usize),
}

/// `= addi rd,rd,imm`: the base's operands in order of its operand list, where said.
#[derive(Clone, Debug)]
pub struct Expansion {
    pub base: usize,
    /// (operand of the base, where it comes from)
    pub sources: Vec<(usize, Source)>,
}

/// One extension version.
#[derive(Clone, Debug)]
pub struct Ext {
    pub name: String,
    pub version: (u32, u32),
    pub summary: String,
    /// (implied, only if this one is there too)
    pub implies: Vec<(usize, Option<usize>)>,
    /// By itself or by what it implies.
    pub conflicts: Vec<usize>,
    /// The least vector register length that it asks for, in bits.
    pub min_vlen: u32,
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Insn {
    pub mnemonic: String,
    /// Any of these sets of extensions provides it; the first begins with the file it stands in.
    pub needs: Vec<Vec<usize>>,
    pub mask: u64,
    pub value: u64,
    /// Bits of which at least one must be set (0: no such rule).
    pub nonzero: u64,
    pub len: u8,
    pub operands: Vec<Operand>,
    pub template: Vec<Token>,
    pub flags: Vec<String>,
    pub load: u8,
    pub store: u8,
    /// Element width in the name of a vector memory instruction, in bits; or 0.
    pub eew: u8,
    /// Fields of a segment, or whole registers.
    pub nf: u8,
    /// Elements of an element group.
    pub egs: u8,
    pub expansion: Option<Expansion>,
    pub place: Place,
}

/// An assembler name for special operands of an instruction.
#[derive(Clone, Debug)]
pub struct Alias {
    pub mnemonic: String,
    pub base: usize,
    pub template: Vec<Token>,
    /// (operand of the base, what it must equal)
    pub conditions: Vec<(usize, Source)>,
    /// Not only an alias: the proper name of these encodings.
    pub always: bool,
}

/// A CPU model declared in `cpus.isa`.
#[derive(Clone, Debug, Default)]
pub struct Cpu {
    pub name: String,
    pub aliases: Vec<String>,
    /// Extensions as the file names them, each once.
    pub parts: Vec<String>,
    pub vlen: u32,
    pub elen: u32,
    /// Agnostic elements become ones.
    pub ones: bool,
    pub vendor: u32,
    pub arch: u64,
    pub imp: u64,
    /// Numbers of its own CSRs.
    pub csrs: Vec<u16>,
}

/// Everything that `isa/` says.
#[derive(Clone, Debug, Default)]
pub struct Isa {
    pub operands: Vec<OperandDecl>,
    pub fields: Vec<FieldDecl>,
    pub exts: Vec<Ext>,
    pub insns: Vec<Insn>,
    pub aliases: Vec<Alias>,
    /// Names of CSRs, by number.
    pub csrs: BTreeMap<u16, String>,
    /// CPU models, in the order of the file.
    pub cpus: Vec<Cpu>,
    /// Names of extensions that may be missing, which programs can tell, ...
    pub user: Vec<String>,
    /// ... and which only privileged software can.
    pub system: Vec<String>,
}
