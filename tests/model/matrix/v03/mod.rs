//! Version 0.3: eight registers for everything. Numbers of sections are those of the reference text.

mod matmul;
mod memory;
mod moves;
mod pointwise;

use super::state::{Accumulation, Context, Reason, Register, Trap, World, need};
use super::table::Row;

/// The unit's constants and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State03 {
    /// Bits.
    pub rlen: usize,
    pub m: Vec<Register>,
    /// sizeM, sizeN; sizeK in bytes.
    pub size_m: u64,
    pub size_n: u64,
    pub size_k: u64,
    pub xmrstart: u64,
    pub xmxrm: u64,
    pub xmsat: u64,
    pub frm: u64,
    pub fflags: u64,
    pub ms: Context,
    pub fs: Context,
    /// Its features, by bits.
    pub xmisa: u64,
    pub accumulation: Accumulation,
    /// Numbers of 16 bits are BFloat16.
    pub bf16: bool,
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
    fn has(&self, what: &str) -> bool {
        self.about.contains(&what)
    }
    /// rs1' names x8 to x15.
    fn rs1p(&self) -> usize {
        8 + self.field("rs1p")
    }
}

/// Bits of the elements that a letter stands for.
fn width_of(letter: &str) -> usize {
    match letter {
        "p(int4)" => 4,
        "b" => 8,
        "h" => 16,
        "s" | "w" => 32,
        "d" => 64,
        _ => panic!("no width {letter}"),
    }
}

/// The bit of xmisa that an instruction needs; i8i32, which all units have, where it needs none.
fn feature(i: &Insn, what: &str) -> u64 {
    match (what, i.about.first().copied().unwrap_or_default()) {
        ("imm", kind) if kind.starts_with('p') => 0,
        ("imm", "h->d") => 2,
        ("fmm", "h->h") => 3,
        ("fmm", "s->s") => 4,
        ("fmm", "d->d") => 5,
        ("fmm", "h->s") => 8,
        ("fmm", _) => 9,
        ("pw", _) if i.has("d") => 6,
        ("pw", _) => 7,
        _ => 1,
    }
}

impl State03 {
    pub fn new(rlen: usize) -> State03 {
        State03 {
            rlen,
            m: vec![Register::new(rlen / 32, rlen); 8],
            size_m: 0,
            size_n: 0,
            size_k: 0,
            xmrstart: 0,
            xmxrm: 0,
            xmsat: 0,
            frm: 0,
            fflags: 0,
            ms: Context::Initial,
            fs: Context::Initial,
            xmisa: 0x3ff,
            accumulation: Accumulation::Vendor,
            bf16: false,
        }
    }

    pub fn rows(&self) -> usize {
        self.rlen / 32
    }

    pub fn xmsize(&self) -> u64 {
        self.size_k << 16 | self.size_n << 8 | self.size_m
    }

    pub fn set_xmsize(&mut self, v: u64) {
        (self.size_m, self.size_n, self.size_k) = (v & 0xff, v >> 8 & 0xff, v >> 16 & 0xffff);
    }

    /// Executes an instruction. If it traps, nothing has changed.
    pub fn step(&mut self, row: &'static Row, word: u32, world: &mut World) -> Result<(), Trap> {
        let (what, about) = row.semantics();
        let i = Insn { row, word, about: &about };
        self.legal(&i, what)?;
        match what {
            "release" => {}
            "cfg" | "cfgi" => self.configure(&i, world),
            "ld" | "st" => self.tile(&i, what, world)?,
            "ldm" | "stm" => self.whole(&i, what, world)?,
            "fmm" => self.fmm(&i),
            "imm" => self.imm(&i),
            "pw" => self.pointwise(&i, world),
            _ => self.moves(&i, what, world),
        }
        match what {
            "release" => self.ms = Context::Initial,
            "x.m" | "st" | "stm" => {}
            _ => self.ms = Context::Dirty,
        }
        if what == "fmm" {
            self.fs = Context::Dirty;
        }
        self.xmrstart = 0;
        Ok(())
    }

    /// Whether an instruction is legal now.
    pub fn check(&self, row: &'static Row, word: u32) -> Result<(), Trap> {
        let (what, about) = row.semantics();
        self.legal(&Insn { row, word, about: &about }, what)
    }

    fn legal(&self, i: &Insn, what: &str) -> Result<(), Trap> {
        need(self.ms != Context::Off, Reason::Off)?;
        self.registers(i)?;
        need(self.xmisa >> feature(i, what) & 1 == 1, Reason::Feature)?;
        need(what != "fmm" || self.fs != Context::Off, Reason::FloatOff)?;
        need(what != "fmm" || self.frm < 5, Reason::Rounding)?;
        let rows = self.rows() as u64;
        let width = match what {
            "ld" | "st" => width_of(i.about[0]),
            "pw" => width_of(i.about[1]),
            "fmm" | "imm" => width_of(i.about[0].split("->").next().expect("from->to")),
            _ => return Ok(()),
        };
        need(self.size_m <= rows, Reason::SizeM)?;
        if what == "fmm" || what == "imm" {
            let twice = i.about[0] == "h->h";
            need(self.size_n <= if twice { 2 * rows } else { rows }, Reason::SizeN)?;
        }
        need(self.size_k <= self.rlen as u64 / 8, Reason::SizeK)?;
        need((self.size_k * 8).is_multiple_of(width as u64), Reason::Fraction)
    }

    /// Pairs, groups and registers that must differ; in that order (choice).
    fn registers(&self, i: &Insn) -> Result<(), Trap> {
        let register = i.field(if i.row.has("md") { "md" } else { "ms3" });
        let (ms1, ms2) = (i.field("ms1"), i.field("ms2"));
        let (mut begins, mut differs) = (true, true);
        for rule in i.row.constraints() {
            match rule {
                "md!=ms1" => differs &= register != ms1,
                "md!=ms2" => differs &= register != ms2,
                "md+1!=ms1" => differs &= register + 1 != ms1,
                "md+1!=ms2" => differs &= register + 1 != ms2,
                "md!=ms2+1" => differs &= register != ms2 + 1,
                "ms2 even (pair)" => begins &= ms2.is_multiple_of(2),
                "md even (pair)" => begins &= register.is_multiple_of(2),
                "reg index multiple of 2" => begins &= register.is_multiple_of(2),
                "reg index multiple of 4" => begins &= register.is_multiple_of(4),
                "reg index multiple of 8" => begins &= register.is_multiple_of(8),
                "rs1p=x8..x15" => {}
                _ => panic!("{}: an unknown rule {rule}", i.row.name),
            }
        }
        need(begins, Reason::Group)?;
        need(differs, Reason::Overlap)
    }

    /// 5, cfg: rd becomes the new xmsize.
    fn configure(&mut self, i: &Insn, world: &mut World) {
        let v = if i.row.has("rs1") { world.x[i.field("rs1")] } else { i.field("uimm7") as u64 };
        match i.about[0] {
            "m" => self.size_m = v & 0xff,
            "n" => self.size_n = v & 0xff,
            "k" => self.size_k = v & 0xffff,
            _ => self.set_xmsize(v),
        }
        world.set_x(i.field("rd"), self.xmsize());
    }
}
