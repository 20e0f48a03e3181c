//! What a file needs to run: what it claims to be built for, what its code really uses, and which machine that takes.
//!
//! ```
//! use mellivora::elf::Elf;
//! use mellivora::inspect::{Report, Vectors};
//!
//! let elf = Elf::parse_any(std::fs::read("testprogs/vector/saxpy.elf")?)?;
//! let report = Report::of(&elf);
//! assert_eq!(report.vectors.version, Some(Vectors::V1));
//! assert_eq!(report.machine.isa.short(), "rv64gcv");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here runs code. All work is linear in the size of the file.

mod census;
mod claims;
mod cores;
mod evidence;
mod file;
mod matrix;
mod names;
mod sweep;
pub(crate) mod vtype;

use std::fmt;

pub(crate) use cores::smallest as smallest_core;

pub use claims::{Claim, Claims, Status};
pub use evidence::{Basis, Evidence, MatrixUse, VectorUse, Vectors};
pub use file::{Abi, Kind};

use crate::elf::Elf;
use crate::env;
use crate::isa::{DisasmOptions, Extension, Flags, Isa, disassemble, disassemble_unknown};
use census::{Census, Count, Reading};
use names::Names;
use sweep::Word;

/// A place in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Site {
    /// Its address, relative to the load address for position-independent files.
    pub addr: u64,
    /// The word there; the upper half is 0 for 16-bit instructions.
    pub word: u32,
    /// The instruction as text.
    pub text: String,
    /// The function, or else the label, that it lies in, and the distance to its start.
    pub function: Option<(String, u64)>,
}

impl fmt::Display for Site {
    /// `0x10194 <main+0x1c>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.addr)?;
        match &self.function {
            Some((name, 0)) => write!(f, " <{name}>"),
            Some((name, distance)) => write!(f, " <{name}+{distance:#x}>"),
            None => Ok(()),
        }
    }
}

/// An extension that the code uses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Use {
    /// The extension that defines the instructions.
    pub extension: Extension,
    /// Number of instructions in the file, not of those that run.
    pub count: u64,
    /// The first of them.
    pub first: Site,
}

/// Words that are no instruction of any extension known here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unknown {
    /// The space of encodings that they lie in: `custom-1`, `OP-V`, ..., `other`.
    pub space: &'static str,
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Site,
}

/// Where code was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// In the sections that hold instructions.
    Sections,
    /// In executable segments, for want of sections: constants among the code are taken for code.
    Segments,
}

/// What the code uses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// Where it was looked for.
    pub source: Source,
    /// Bytes looked at.
    pub bytes: u64,
    /// Bytes among them that mapping symbols mark as data.
    pub data: u64,
    /// Instructions.
    pub instructions: u64,
    /// By extension, the most used first.
    pub extensions: Vec<Use>,
    /// Words that nothing explains, by the space of encodings.
    pub unknown: Vec<Unknown>,
}

/// The machine that a file needs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Needs {
    /// What it claims, as far as it is implemented, and what its code uses.
    pub isa: Isa,
    /// The smallest XuanTie core that has all of it, if it has extensions of T-Head's and there is such a core.
    pub cpu: Option<&'static str>,
    /// What it claims or seems to use that is not implemented here.
    pub missing: Vec<String>,
}

impl Needs {
    /// The option of `mellivora run` for this machine, and its value: `--cpu` if there is a core, else `--isa`.
    pub fn option(&self) -> (&'static str, String) {
        match self.cpu {
            Some(cpu) => ("--cpu", cpu.to_owned()),
            None => ("--isa", self.isa.short()),
        }
    }
}

/// All that can be told of a file without running it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// What it is.
    pub kind: Kind,
    /// The environment that it expects, and why; none for what does not run.
    pub environment: Option<(env::Kind, &'static str)>,
    /// Its calling convention.
    pub abi: Abi,
    /// What it claims to be built for.
    pub claims: Option<Claims>,
    /// What its code uses.
    pub code: Code,
    /// Which vectors it is for.
    pub vectors: VectorUse,
    /// Which matrices it is for.
    pub matrices: MatrixUse,
    /// The machine that it needs.
    pub machine: Needs,
}

impl Report {
    /// Looks at a file.
    pub fn of(elf: &Elf) -> Report {
        let kind = Kind::of(elf);
        let runs = matches!(kind, Kind::Static | Kind::StaticPie | Kind::Dynamic);
        let abi = Abi::of(elf.flags);
        let claims = Claims::of(elf);
        let (source, regions) = sweep::regions(elf);
        let mut census = Census::new();
        let (mut bytes, mut data) = (0, 0);
        for region in &regions {
            let extent = region.each(&elf.bytes, |word| census.add(word));
            (bytes, data) = (bytes + extent.bytes, data + extent.data);
        }
        let names = Names::new(elf);
        let vectors = evidence::vectors(&census, claims.as_ref(), &names);
        let reading = match vectors.version {
            Some(Vectors::Thead) => &census.thead,
            _ => &census.v1,
        };
        let extensions = extensions(reading, &names);
        let unknown = |(space, count): (&&'static str, &Count)| Unknown {
            space,
            count: count.count,
            first: names.site(count.first, reading),
        };
        let code = Code {
            source,
            bytes,
            data,
            instructions: extensions.iter().map(|e| e.count).sum(),
            extensions,
            unknown: census.unknown.iter().map(unknown).collect(),
        };
        let matrices = evidence::matrices(&census, claims.as_ref());
        let mut machine = needs(reading, claims.as_ref(), &abi, &code);
        let matrix = match matrices.version.as_deref() {
            Some("0.3") => Some(Extension::Xtheadmatrix0p3),
            Some("0.6") => Some(Extension::Xtheadmatrix0p6),
            _ => None,
        };
        let with = matrix.map_or(machine.isa, |e| machine.isa.with(e));
        if with.consistent() {
            machine.isa = with;
        }
        let environment = runs.then(|| env::detect(elf));
        Report { kind, environment, abi, claims, code, vectors, matrices, machine }
    }
}

/// What each extension is used for.
fn extensions(reading: &Reading, names: &Names) -> Vec<Use> {
    let mut all: Vec<Option<Count>> = vec![None; Extension::COUNT];
    for (op, count) in reading.ops() {
        let sum = all[op.extension() as usize].get_or_insert(Count { count: 0, ..count });
        sum.count += count.count;
        if count.first.addr < sum.first.addr {
            sum.first = count.first;
        }
    }
    let used = |(extension, count): (Extension, Option<Count>)| {
        let count = count?;
        Some(Use { extension, count: count.count, first: names.site(count.first, reading) })
    };
    let mut uses: Vec<Use> = Extension::all().zip(all).filter_map(used).collect();
    uses.sort_by_key(|u| std::cmp::Reverse(u.count));
    uses
}

/// The machine for what is claimed and what is used.
fn needs(reading: &Reading, claims: Option<&Claims>, abi: &Abi, code: &Code) -> Needs {
    let mut isa = claims.map_or(Isa::base(), |c| c.within(&reading.isa));
    // Without attributes the flags still tell what the compiler was allowed to use.
    let float = [(32, Extension::F), (64, Extension::D)];
    let flags = float.into_iter().filter(|(bits, _)| abi.float >= *bits).map(|(_, e)| e);
    isa = flags.chain(abi.compressed.then_some(Extension::C)).fold(isa, Isa::with);
    // What several extensions provide is looked at last: one of them is there then, as a rule.
    // Hints change nothing where their extension is not there.
    let mut ops: Vec<_> = reading.ops().map(|(op, _)| op).filter(|o| !o.info().flags.contains(Flags::HINT)).collect();
    ops.sort_by_key(|op| op.info().needs.len());
    for op in ops {
        isa = isa.missing(op).into_iter().fold(isa, Isa::with);
    }
    let mut missing: Vec<String> = Vec::new();
    if let Some(c) = claims {
        let lacking = c.extensions.iter().filter(|e| e.status != Status::Implemented);
        missing.extend(lacking.map(|e| e.to_string()));
    }
    let custom = code.unknown.iter().filter(|u| u.space.starts_with("custom"));
    missing.extend(custom.map(|u| format!("{} word{} of {}", u.count, if u.count == 1 { "" } else { "s" }, u.space)));
    Needs { cpu: smallest_core(&isa), isa, missing }
}

impl Names {
    /// A word with its text and its function.
    fn site(&self, word: Word, reading: &Reading) -> Site {
        let options = DisasmOptions::default();
        let text = match reading.decode(word.bits) {
            Some(insn) => disassemble(&insn, word.addr, options).to_string(),
            None => disassemble_unknown(word.bits, options).to_string(),
        };
        let function = self.function(word.section, word.addr);
        Site { addr: word.addr, word: word.bits, text: text.replacen('\t', " ", 1), function }
    }
}
