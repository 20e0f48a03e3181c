//! Version 0.6: four tiles, four accumulators. Numbers of sections are those of the reference text.

mod convert;
mod elementwise;
pub mod gates;
mod matmul;
mod memory;
mod misc;

use super::numbers::Format;
use super::state::{Accumulation, Context, Reason, Register, Trap, World, need};
use super::table::Row;

/// The unit's constants and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State06 {
    /// Bits.
    pub elen: usize,
    pub tlen: usize,
    pub trlen: usize,
    /// tr0 to tr3, acc0 to acc3.
    pub registers: Vec<Register>,
    pub mtilem: u64,
    pub mtilen: u64,
    pub mtilek: u64,
    pub xmxrm: u64,
    pub xmsat: u64,
    pub xmfflags: u64,
    pub xmfrm: u64,
    pub xmsaten: u64,
    pub ms: Context,
    /// Its features, by bits.
    pub xmisa: u64,
    pub accumulation: Accumulation,
    /// Whether there are those instructions that the text names, but does not define (R12).
    pub undefined: bool,
}

/// An instruction under way.
struct Insn<'a> {
    row: &'static Row,
    word: u32,
    about: &'a [&'static str],
}

impl Insn<'_> {
    fn field(&self, name: &str) -> usize {
        self.row.field(self.word, name)
    }
    /// The width that the size field at bits 11:10 stands for.
    fn d_size(&self) -> usize {
        8 << (self.word >> 10 & 3)
    }
    fn has(&self, what: &str) -> bool {
        self.about.contains(&what)
    }
    /// Formats of an operation `from->to`.
    fn formats(&self) -> (&'static str, &'static str) {
        self.about[0].split_once("->").expect("from->to")
    }
}

fn format(name: &str) -> Format {
    Format::named(name).unwrap_or_else(|| panic!("no format {name}"))
}

impl State06 {
    pub fn new(elen: usize, tlen: usize, trlen: usize) -> State06 {
        let rows = tlen / trlen;
        let (tile, accumulator) = (Register::new(rows, trlen), Register::new(rows, rows * elen));
        State06 {
            elen,
            tlen,
            trlen,
            registers: [vec![tile; 4], vec![accumulator; 4]].concat(),
            mtilem: 0,
            mtilen: 0,
            mtilek: 0,
            xmxrm: 0,
            xmsat: 0,
            xmfflags: 0,
            xmfrm: 0,
            xmsaten: 0,
            ms: Context::Initial,
            xmisa: State06::everything(elen),
            accumulation: Accumulation::Vendor,
            undefined: false,
        }
    }

    /// ROWNUM
    pub fn rows(&self) -> usize {
        self.tlen / self.trlen
    }

    /// ARLEN
    pub fn arlen(&self) -> usize {
        self.rows() * self.elen
    }

    /// Executes an instruction. If it traps, nothing has changed.
    pub fn step(&mut self, row: &'static Row, word: u32, world: &mut World) -> Result<(), Trap> {
        let (what, about) = row.semantics();
        let i = Insn { row, word, about: &about };
        self.legal(&i, what)?;
        match what {
            "mrelease" => {}
            "settile" => self.settile(&i, world),
            "mload_whole" | "mstore_whole" => self.whole(&i, world)?,
            _ if what.starts_with("mload") || what.starts_with("mstore") => self.tile(&i, what, world)?,
            "mfmacc" => self.mfmacc(&i),
            "mmacc" => self.mmacc(&i),
            "fcvt" | "i2f" | "f2i" | "p2b" => self.convert(&i, what),
            "iew" | "few" => self.elementwise(&i, what),
            "n4clip" => self.clip(&i),
            _ => self.misc(&i, what, world),
        }
        match what {
            "mrelease" => self.ms = Context::Initial,
            "mmov_xm" => {}
            _ if what.starts_with("mstore") => {}
            _ => self.ms = Context::Dirty,
        }
        Ok(())
    }

    /// Whether an instruction is legal now.
    pub fn check(&self, row: &'static Row, word: u32) -> Result<(), Trap> {
        let (what, about) = row.semantics();
        self.legal(&Insn { row, word, about: &about }, what)
    }

    /// xmisa as it is by default: everything that ELEN has room for (choice).
    pub fn everything(elen: usize) -> u64 {
        let narrow = gates::REQUIRED | gates::MMI4I32 | gates::MMF32F32 | gates::MFIC | gates::MFEW | gates::MIEW;
        if elen < 64 { narrow } else { narrow | gates::MMF64F64 | gates::MMF32F64 }
    }

    /// Section 6, in its order.
    fn legal(&self, i: &Insn, what: &str) -> Result<(), Trap> {
        need(self.ms != Context::Off, Reason::Off)?;
        self.registers(i)?;
        let (all, any) = gates::gates(i, what);
        need(self.xmisa & all == all && (any == 0 || self.xmisa & any != 0), Reason::Feature)?;
        need(self.undefined || !is_undefined(i.row), Reason::Undefined)?;
        let widths = widths(i, what);
        need(widths.iter().all(|w| *w <= self.elen), Reason::Width)?;
        need(self.xmfrm < 5 || !["mfmacc", "fcvt", "i2f", "f2i", "few"].contains(&what), Reason::Rounding)?;
        self.sizes(i, what)
    }

    /// Classes and groups of registers.
    fn registers(&self, i: &Insn) -> Result<(), Trap> {
        let is_tile = |name: &str| i.field(name) < 4;
        let used = || ["md", "ms3", "ms2", "ms1"].into_iter().filter(|name| i.row.has(name));
        for rule in i.row.constraints() {
            match rule {
                "md in acc" | "ms3 in acc" => need(!is_tile(&rule[..rule.len() - 7]), Reason::Class)?,
                "md in tr" | "ms3 in tr" => need(is_tile(&rule[..rule.len() - 6]), Reason::Class)?,
                "ms1" => {}
                "ms2 in tr" => need(is_tile("ms1") && is_tile("ms2"), Reason::Class)?,
                "acc" => need(used().all(|name| !is_tile(name)), Reason::Class)?,
                "same kind" => need(used().all(|name| is_tile(name) == is_tile("md")), Reason::Class)?,
                "md any" | "ms2 any" | "ms3 any" | "any" | "uimm3!=7" => {}
                "md multiple of 2" => need(i.field("md").is_multiple_of(2), Reason::Group)?,
                "md multiple of 4" => need(i.field("md").is_multiple_of(4), Reason::Group)?,
                "md multiple of 8" => need(i.field("md").is_multiple_of(8), Reason::Group)?,
                _ => panic!("{}: an unknown rule {rule}", i.row.name),
            }
        }
        Ok(())
    }

    /// The tile's size, in those dimensions that an instruction uses.
    fn sizes(&self, i: &Insn, what: &str) -> Result<(), Trap> {
        let rows = self.rows() as u64;
        let m = |most: u64| need(self.mtilem <= most, Reason::SizeM);
        let n = |most: u64| need(self.mtilen <= most, Reason::SizeN);
        let k = |most: usize| need(self.mtilek <= most as u64, Reason::SizeK);
        let letter = what.split('_').nth(1).unwrap_or_default();
        match (what, letter.chars().next()) {
            ("mload_whole" | "mstore_whole", _) => Ok(()),
            (_, Some('a')) if what.starts_with("ml") || what.starts_with("ms") => {
                m(rows)?;
                k(self.trlen / i.d_size())
            }
            (_, Some('b')) if what.starts_with("ml") || what.starts_with("ms") => {
                n(rows)?;
                k(self.trlen / i.d_size())
            }
            (_, Some('c')) if what.starts_with("ml") || what.starts_with("ms") => {
                m(rows)?;
                n((self.arlen() / i.d_size()) as u64)
            }
            ("mfmacc" | "mmacc", _) => {
                m(rows)?;
                n(rows)?;
                k(self.trlen / source_width(i))?;
                need(source_width(i) != 4 || self.mtilek.is_multiple_of(2), Reason::Fraction)
            }
            ("iew" | "few", _) => {
                m(rows)?;
                n((self.arlen() / i.d_size()) as u64)
            }
            _ => Ok(()),
        }
    }

    /// 7, settile.
    fn settile(&mut self, i: &Insn, world: &World) {
        let v = if i.row.has("rs1") { world.x[i.field("rs1")] } else { i.field("uimm10") as u64 };
        let which = i.row.name.strip_prefix("msettile").expect("one of the six");
        match which.chars().next() {
            Some('m') => self.mtilem = v,
            Some('n') => self.mtilen = v,
            _ => self.mtilek = v,
        }
    }

    /// Whether an element lies in the M x N tile.
    fn active(&self, i: usize, j: usize) -> bool {
        (i as u64) < self.mtilem && (j as u64) < self.mtilen
    }
}

/// The elements that mtilek counts: A's.
fn source_width(i: &Insn) -> usize {
    match i.formats().0 {
        "i4" => 4,
        "i8" | "i8xi4" => 8,
        "i16" => 16,
        name => format(name).width(),
    }
}

/// Widths of what an arithmetic instruction reads and writes.
fn widths(i: &Insn, what: &str) -> Vec<usize> {
    let of = |name: &str| match name {
        "i8xi4" => 8,
        _ if name.starts_with(['i', 'u']) => name[1..].parse().expect("a width"),
        _ => format(name).width(),
    };
    match what {
        "mfmacc" | "mmacc" | "fcvt" | "i2f" | "f2i" | "p2b" => vec![of(i.formats().0), of(i.formats().1)],
        "iew" | "few" => vec![i.d_size()],
        "n4clip" => vec![32],
        _ => Vec::new(),
    }
}

/// What R12 says is off by default: tf32, 16-bit integers, 8 by 4 bits.
pub fn is_undefined(row: &Row) -> bool {
    row.name.contains("tf32")
        || row.name.ends_with(".d.h") && row.name.starts_with("mmacc")
        || row.name.ends_with(".bp")
}
