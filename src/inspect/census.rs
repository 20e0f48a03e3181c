//! What the words of a file are: instructions counted under each reading, and what speaks for one reading only.
//!
//! V 1.0 and XTheadVector give many of the same words different meanings, or the same. Hence two readings, each with everything
//! that its vectors can be together with; scalar instructions are the same in both.

use std::collections::BTreeMap;

use crate::isa::{Decoder, Extension, Flags, Insn, Isa, Op};

use super::matrix::{self, Matrices};
use super::sweep::Word;
use super::{Vectors, vtype};

/// So many words are kept as examples.
const EXAMPLES: usize = 3;

/// How often, and where first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub count: u64,
    pub first: Word,
}

/// What speaks for one version of vectors and against the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Signs {
    pub instructions: u64,
    pub vtypes: u64,
    pub widths: u64,
    pub marked: u64,
    pub examples: Vec<Word>,
}

/// One reading of the words.
pub(super) struct Reading {
    pub vectors: Vectors,
    pub isa: Isa,
    decoder: Decoder,
    counts: Vec<Option<Count>>,
    pub signs: Signs,
    /// SEW by the last `vsetvli`.
    sew: Option<u32>,
}

impl Reading {
    fn new(vectors: Vectors) -> Reading {
        let isa = Isa::all_with(Some(match vectors {
            Vectors::V1 => Extension::V,
            Vectors::Thead => Extension::Xtheadvector,
        }));
        // Matrix words are counted by themselves: two versions claim them.
        let isa = isa.without(Extension::Xtheadmatrix0p6);
        Reading {
            vectors,
            isa,
            decoder: Decoder::new(&isa),
            counts: vec![None; Op::COUNT],
            signs: Signs::default(),
            sew: None,
        }
    }

    /// The instruction that a word is here.
    pub fn decode(&self, word: u32) -> Option<Insn> {
        self.decoder.decode(word)
    }

    /// Instructions that occur.
    pub fn ops(&self) -> impl Iterator<Item = (Op, Count)> + '_ {
        Op::all().zip(&self.counts).filter_map(|(op, count)| Some((op, (*count)?)))
    }

    fn count(&mut self, op: Op, word: Word) {
        self.counts[op as usize].get_or_insert(Count { count: 0, first: word }).count += 1;
    }

    fn sign(&mut self, word: Word, kind: fn(&mut Signs) -> &mut u64) {
        *kind(&mut self.signs) += 1;
        if self.signs.examples.len() < EXAMPLES {
            self.signs.examples.push(word);
        }
    }
}

/// Words that may be matrix instructions, and of which version only.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MatrixWords {
    pub words: u64,
    pub only_v03: u64,
    pub only_v06: u64,
}

/// The count of all words.
pub(super) struct Census {
    pub v1: Reading,
    pub thead: Reading,
    /// Words that both readings explain, among vector instructions.
    pub shared: u64,
    /// Among those that no reading explains.
    pub matrices: MatrixWords,
    /// Words that no reading explains, by the space of encodings that they lie in.
    pub unknown: BTreeMap<&'static str, Count>,
}

impl Census {
    pub fn new() -> Census {
        Census {
            v1: Reading::new(Vectors::V1),
            thead: Reading::new(Vectors::Thead),
            shared: 0,
            matrices: MatrixWords::default(),
            unknown: BTreeMap::new(),
        }
    }

    /// Counts a word; tells whether execution goes on behind it, as far as that is certain: not behind jumps and calls.
    pub fn add(&mut self, word: Word) -> bool {
        if word.first {
            (self.v1.sew, self.thead.sew) = (None, None);
        }
        let (v1, thead) = (self.v1.decode(word.bits), self.thead.decode(word.bits));
        if v1.is_none() && thead.is_none() {
            if let Some(version) = matrix::of(word.bits) {
                let m = &mut self.matrices;
                m.words += 1;
                m.only_v03 += u64::from(version == Some(Matrices::V03));
                m.only_v06 += u64::from(version == Some(Matrices::V06));
                return true;
            }
            self.unknown.entry(space(word.bits)).or_insert(Count { count: 0, first: word }).count += 1;
            return space(word.bits).starts_with("custom");
        }
        let leaves = Flags::JUMP | Flags::END;
        let goes_on = v1.or(thead).is_some_and(|i| !i.base.info().flags.intersects(leaves));
        v1.iter().for_each(|i| self.v1.count(i.op, word));
        thead.iter().for_each(|i| self.thead.count(i.op, word));
        let vector = |i: &Option<Insn>| i.is_some_and(|i| i.base.info().flags.contains(Flags::VECTOR));
        if !vector(&v1) && !vector(&thead) {
            return goes_on;
        }
        match word.marked {
            Some(Vectors::V1) => self.v1.signs.marked += 1,
            Some(Vectors::Thead) => self.thead.signs.marked += 1,
            None => {}
        }
        match (v1.is_some(), thead.is_some()) {
            (true, false) => self.v1.sign(word, |s| &mut s.instructions),
            (false, true) => self.thead.sign(word, |s| &mut s.instructions),
            _ => self.both(word),
        }
        if v1.is_some_and(|i| i.base.info().flags.contains(Flags::VSET)) {
            let vtype = match word.bits >> 30 {
                3 => Some(word.bits >> 20 & 0x3ff),
                _ => vtype::of_vsetvli(word.bits),
            };
            let sew = |version| vtype.and_then(|t| vtype::sew(version, t));
            (self.v1.sew, self.thead.sew) = (sew(Vectors::V1), sew(Vectors::Thead));
        }
        goes_on
    }

    /// A vector instruction that either version has: what it says may still fit only one of them.
    fn both(&mut self, word: Word) {
        self.shared += 1;
        if let Some(vtype) = vtype::of_vsetvli(word.bits) {
            let legal = |version| vtype::sew(version, vtype).is_some();
            match (legal(Vectors::V1), legal(Vectors::Thead)) {
                (true, false) => self.v1.sign(word, |s| &mut s.vtypes),
                (false, true) => self.thead.sign(word, |s| &mut s.vtypes),
                _ => {}
            }
            return;
        }
        let natural = |r: &Reading| r.sew.and_then(|sew| vtype::natural(r.vectors, word.bits, sew));
        match (natural(&self.v1), natural(&self.thead)) {
            (Some(true), Some(false)) => self.v1.signs.widths += 1,
            (Some(false), Some(true)) => self.thead.signs.widths += 1,
            _ => {}
        }
    }
}

/// The space of encodings that a word lies in (ISA manual, "RV32/64G Instruction Set Listings").
pub(super) fn space(word: u32) -> &'static str {
    match word & 0x7f {
        _ if word & 3 != 3 => "16-bit",
        0x0b => "custom-0",
        0x2b => "custom-1",
        0x5b => "custom-2",
        0x7b => "custom-3",
        0x57 => "OP-V",
        0x77 => "OP-VE",
        0x07 | 0x27 if matches!(word >> 12 & 7, 0 | 5..) => "vector loads and stores",
        0x2f => "AMO",
        0x73 => "SYSTEM",
        0x1f | 0x3f | 0x5f | 0x7f => "longer than 32 bits",
        _ => "other",
    }
}
