//! The instructions as `tests/data/xtheadmatrix-*.csv` lists them.

use std::sync::OnceLock;

/// The versions of the extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V03,
    V06,
}

/// A line of a list.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: &'static str,
    /// Bits that are the same in all words, in `mask`.
    pub value: u32,
    pub mask: u32,
    /// Operands as an assembler takes them.
    pub operands: &'static str,
    fields: Vec<(&'static str, u32, u32)>,
    constraints: &'static str,
    semantics: &'static str,
}

fn parse(text: &'static str) -> Vec<Row> {
    let number = |v: &str| u32::from_str_radix(v.trim_start_matches("0x"), 16).expect("a hexadecimal number");
    let field = |text: &'static str| {
        let (name, bits) = text.split_once('=').expect("name=high:low");
        let (high, low) = bits.split_once(':').expect("name=high:low");
        (name, high.parse().expect("a bit"), low.parse().expect("a bit"))
    };
    let row = |line: &'static str| match line.split(';').collect::<Vec<_>>()[..] {
        [name, value, mask, operands, fields, constraints, semantics] => Row {
            name,
            value: number(value),
            mask: number(mask),
            operands,
            fields: fields.split_whitespace().map(field).collect(),
            constraints,
            semantics,
        },
        _ => panic!("not seven columns: {line}"),
    };
    text.lines().filter(|line| !line.starts_with('#')).skip(1).map(row).collect()
}

/// All instructions of a version.
pub fn rows(version: Version) -> &'static [Row] {
    static V03: OnceLock<Vec<Row>> = OnceLock::new();
    static V06: OnceLock<Vec<Row>> = OnceLock::new();
    match version {
        Version::V03 => V03.get_or_init(|| parse(include_str!("../../data/xtheadmatrix-0.3.csv"))),
        Version::V06 => V06.get_or_init(|| parse(include_str!("../../data/xtheadmatrix-0.6.csv"))),
    }
}

/// The instruction that a word is. Of two, it is the one with more fixed bits.
pub fn decode(version: Version, word: u32) -> Option<&'static Row> {
    rows(version).iter().filter(|r| word & r.mask == r.value).max_by_key(|r| r.mask.count_ones())
}

/// The instruction of this name.
pub fn named(version: Version, name: &str) -> &'static Row {
    rows(version).iter().find(|r| r.name == name).unwrap_or_else(|| panic!("no {name}"))
}

impl Row {
    /// A word with these fields; the others are zero.
    pub fn word(&self, fields: &[(&str, u32)]) -> u32 {
        fields.iter().fold(self.value, |word, (name, v)| {
            let (_, high, low) = self.fields.iter().find(|f| f.0 == *name).unwrap_or_else(|| panic!("no field {name}"));
            assert!(v >> (high - low + 1) == 0, "{name} = {v}");
            word | v << low
        })
    }

    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|f| f.0 == field)
    }

    pub fn fields(&self) -> impl Iterator<Item = (&'static str, u32, u32)> {
        self.fields.iter().copied()
    }

    /// The value of a field of a word; 0 for one that the instruction does not have.
    pub fn field(&self, word: u32, name: &str) -> usize {
        let found = self.fields.iter().find(|f| f.0 == name);
        found.map_or(0, |(_, high, low)| (word >> low & ((2 << (high - low)) - 1)) as usize)
    }

    /// Rules for registers, each by itself.
    pub fn constraints(&self) -> impl Iterator<Item = &'static str> {
        self.constraints.split(',').map(str::trim).filter(|rule| !rule.is_empty())
    }

    /// What it does: a word, and what it does it to.
    pub fn semantics(&self) -> (&'static str, Vec<&'static str>) {
        let mut words = self.semantics.split_whitespace();
        (words.next().expect("never empty"), words.collect())
    }
}
