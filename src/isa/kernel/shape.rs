//! What an instruction looks like to a program: its arguments, which fields of the word they go to, and which registers it
//! takes.

use super::super::table::{Access, Flags, Kind, Op, OpInfo, Operand, Token};
use super::words::{self, Chapter};
use super::{Version, words3, words6};

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The number of a matrix register.
    Matrix,
    /// A number in the instruction.
    Immediate,
    /// Address of a load or store.
    Base,
    /// Bytes from one row in memory to the next.
    Stride,
    /// Another integer register that is read.
    Value,
    /// One that is written.
    Result,
}

/// An argument, in the order of the assembly text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arg {
    /// Its name in C and in macros.
    pub name: &'static str,
    pub role: Role,
    pub operand: &'static Operand,
    /// Written in brackets behind the one before.
    pub bracket: bool,
}

impl Arg {
    /// Only eight integer registers can be encoded: x8 to x15.
    pub fn short(&self) -> bool {
        self.operand.kind == Kind::X && self.operand.bias == 8
    }

    /// It is part of the word when the program is compiled.
    pub fn constant(&self) -> bool {
        matches!(self.role, Role::Matrix | Role::Immediate)
    }
}

/// Which matrix registers an instruction takes, and which numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// Name of the macro that checks it.
    pub name: String,
    /// Names of the arguments, and numbers, that it is given.
    pub args: Vec<String>,
}

/// An instruction.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub info: &'static OpInfo,
    pub args: Vec<Arg>,
    pub checks: Vec<Check>,
    pub chapter: Chapter,
    /// What it does, in one line.
    pub words: String,
}

/// Five or seven bits of the word, as the R format divides it.
#[derive(Clone, Debug)]
pub(super) enum Field {
    /// An integer register that the compiler chooses: the number of the argument.
    Register(usize),
    /// Bits of the opcode, and bits of arguments.
    Number(u32, Vec<Part>),
}

/// Bits of an argument in a field: `(argument >> right & ones) << left`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub arg: usize,
    pub right: u8,
    /// Ones for the bits that belong here, if there are others.
    pub ones: Option<u32>,
    pub left: u8,
}

impl Shape {
    pub fn of(op: Op, version: Version) -> Shape {
        let info = op.info();
        let args = arguments(info);
        let checks = match version {
            Version::V03 => words3::checks(info.mnemonic, &args),
            Version::V06 => words6::checks(info, &args),
        };
        let (chapter, words) = match version {
            Version::V03 => words3::describe(info.mnemonic),
            Version::V06 => words6::describe(info.mnemonic),
        };
        Shape { info, args, checks, chapter, words: words::tidy(&words) }
    }

    /// As in assembly: `mmacc.w.b md,ms2,ms1`, with the names of the arguments.
    pub fn syntax(&self) -> String {
        let mut out = self.info.mnemonic.to_string();
        let mut separator = " ";
        let mut args = self.args.iter();
        for token in self.info.template {
            out.push_str(std::mem::take(&mut separator));
            match token {
                Token::Text(text) => out.push_str(text),
                Token::Operand(_) => out.push_str(args.next().map_or("", |a| a.name)),
                Token::Register(n) => out.push_str(&format!("x{n}")),
            }
        }
        out
    }

    pub fn loads(&self) -> bool {
        self.info.flags.contains(Flags::LOAD)
    }

    pub fn stores(&self) -> bool {
        self.info.flags.contains(Flags::STORE)
    }

    /// The bits of the word from `lo`.
    pub fn field(&self, lo: u8, len: u8) -> Field {
        let fixed = self.info.value >> lo & ((1 << len) - 1);
        let mut parts = Vec::new();
        for (arg, a) in self.args.iter().enumerate() {
            for p in a.operand.pieces {
                if a.operand.kind == Kind::X && (p.word_lo, p.len) == (lo, len) {
                    return Field::Register(arg);
                }
                let (from, to) = (p.word_lo.max(lo), (p.word_lo + p.len).min(lo + len));
                if from < to {
                    let right = p.value_lo + (from - p.word_lo);
                    let whole = a.operand.width == to - p.word_lo + p.value_lo;
                    let ones = (!whole).then(|| (1u32 << (to - from)) - 1);
                    parts.push(Part { arg, right, ones, left: from - lo });
                }
            }
        }
        Field::Number(fixed, parts)
    }
}

/// The arguments in the order of the text.
fn arguments(info: &'static OpInfo) -> Vec<Arg> {
    let memory = info.flags.intersects(Flags::LOAD | Flags::STORE);
    let mut bracket = false;
    let mut out = Vec::new();
    for token in info.template {
        let n = match token {
            Token::Text(text) => {
                bracket = text.ends_with('[');
                continue;
            }
            Token::Register(_) => continue,
            Token::Operand(n) => usize::from(*n),
        };
        let Some(o) = info.operands.get(n) else { continue };
        let role = match (o.kind, o.access) {
            (Kind::X, Access::Write) => Role::Result,
            (Kind::X, _) if memory && o.name == "rs1" => Role::Base,
            (Kind::X, _) if memory => Role::Stride,
            (Kind::X, _) => Role::Value,
            (kind, _) if kind.is_matrix() => Role::Matrix,
            _ => Role::Immediate,
        };
        let moves = info.mnemonic.starts_with("mmov") && !info.mnemonic.starts_with("mmov.");
        let name = match role {
            Role::Matrix | Role::Result => o.name,
            Role::Base => "base",
            Role::Stride => "stride",
            _ if bracket && info.mnemonic.starts_with("mcbc") => "column",
            _ if bracket => "row",
            Role::Value if moves && o.name == "rs1" => "index",
            Role::Value | Role::Immediate if info.mnemonic.starts_with("mset") => "size",
            Role::Value | Role::Immediate if info.mnemonic.starts_with("mcfg") => "size",
            Role::Value => "value",
            Role::Immediate => "n",
        };
        out.push(Arg { name, role, operand: o, bracket });
    }
    out
}
