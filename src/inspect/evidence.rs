//! Which version of vectors and of matrices code is for: what speaks for each, and what that comes to.

use std::cmp::Ordering;

use super::Site;
use crate::isa::{Extension, Isa};

use super::census::{Census, Reading};
use super::claims::Claims;
use super::matrix::Matrices;
use super::names::Names;

/// A version of the vector extension. Both use the same encodings, and cannot be on together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vectors {
    /// V 1.0 and its subsets Zve.
    V1,
    /// XTheadVector: version 0.7.1 as XuanTie cores have it.
    Thead,
}

impl Vectors {
    /// Those that a machine has.
    pub fn of(isa: &Isa) -> Option<Vectors> {
        match (isa.has(Extension::Zve32x), isa.has(Extension::Xtheadvector)) {
            (true, _) => Some(Vectors::V1),
            (_, true) => Some(Vectors::Thead),
            _ => None,
        }
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Vectors::V1 => "V 1.0",
            Vectors::Thead => "XTheadVector (0.7.1)",
        }
    }
}

/// What speaks for one version of vectors and cannot be of the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence {
    /// Words that are an instruction of only this version.
    pub instructions: u64,
    /// `vsetvli` whose configuration is legal only in this version.
    pub vtypes: u64,
    /// Loads and stores whose width is the usual one only in this version; a hint, no proof.
    pub widths: u64,
    /// Vector instructions where a mapping symbol names this version.
    pub marked: u64,
    /// Some words of the first two kinds.
    pub examples: Vec<Site>,
}

impl Evidence {
    /// Words that only this version explains.
    pub fn words(&self) -> u64 {
        self.instructions + self.vtypes
    }
}

/// What a version was told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Words that only this version explains.
    Code,
    /// ISA strings of mapping symbols.
    Marks,
    /// Widths of loads and stores.
    Widths,
    /// The attributes of the file.
    Attributes,
    /// Nothing: all vector instructions are the same in both versions. V 1.0 is taken.
    Assumed,
}

impl Basis {
    /// The basis in one word.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Code => "code",
            Basis::Marks => "mapping-symbols",
            Basis::Widths => "widths",
            Basis::Attributes => "attributes",
            Basis::Assumed => "assumed",
        }
    }
}

/// Which vectors a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VectorUse {
    /// The version, if the file uses or claims vectors.
    pub version: Option<Vectors>,
    /// What tells so.
    pub basis: Option<Basis>,
    /// For V 1.0.
    pub v1: Evidence,
    /// For XTheadVector.
    pub thead: Evidence,
    /// Vector instructions that both versions have.
    pub shared: u64,
}

impl VectorUse {
    /// Whether there is code of both versions.
    pub fn mixed(&self) -> bool {
        self.v1.words() > 0 && self.thead.words() > 0
    }
}

/// Which matrices a file is for: T-Head's extension in the space custom-1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MatrixUse {
    /// The version, `0.3` or `0.6` for the released ones; none if the file neither uses nor claims matrices, or if nothing tells.
    pub version: Option<String>,
    /// What tells so.
    pub basis: Option<Basis>,
    /// Words of custom-1 that no extension here defines.
    pub words: u64,
    /// Words among them that version 0.3 has and 0.6 does not.
    pub only_v03: u64,
    /// Words among them that version 0.6 has and 0.3 does not.
    pub only_v06: u64,
}

/// Weighs the evidence.
pub(super) fn vectors(census: &Census, claims: Option<&Claims>, names: &Names) -> VectorUse {
    let evidence = |r: &Reading| Evidence {
        instructions: r.signs.instructions,
        vtypes: r.signs.vtypes,
        widths: r.signs.widths,
        marked: r.signs.marked,
        examples: r.signs.examples.iter().map(|w| names.site(*w, r)).collect(),
    };
    let (v1, thead) = (evidence(&census.v1), evidence(&census.thead));
    let more = |a: u64, b: u64| match a.cmp(&b) {
        Ordering::Greater => Some(Vectors::V1),
        Ordering::Less => Some(Vectors::Thead),
        Ordering::Equal => None,
    };
    let used = v1.words() + thead.words() + census.shared > 0;
    let verdicts = [
        (more(v1.words(), thead.words()), Basis::Code),
        (more(v1.marked, thead.marked), Basis::Marks),
        (claims.and_then(|c| c.vectors), Basis::Attributes),
        (more(v1.widths, thead.widths), Basis::Widths),
        (used.then_some(Vectors::V1), Basis::Assumed),
    ];
    let verdict = verdicts.into_iter().find(|v| v.0.is_some());
    let (version, basis) = (verdict.and_then(|v| v.0), verdict.map(|v| v.1));
    VectorUse { version, basis, v1, thead, shared: census.shared }
}

/// Likewise for matrices.
pub(super) fn matrices(census: &Census, claims: Option<&Claims>) -> MatrixUse {
    let (v03, v06) = (census.matrices.only_v03, census.matrices.only_v06);
    let told = match v03.cmp(&v06) {
        Ordering::Greater => Some(Matrices::V03),
        Ordering::Less => Some(Matrices::V06),
        Ordering::Equal => None,
    };
    let code = told.map(|v| (v.version().to_owned(), Basis::Code));
    let claimed = claims.and_then(|c| c.matrix.clone()).map(|version| (version, Basis::Attributes));
    let (version, basis) = code.or(claimed).unzip();
    MatrixUse { version, basis, words: census.matrices.words, only_v03: v03, only_v06: v06 }
}
