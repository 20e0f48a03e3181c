//! Random cases: units, states and operands with a taste for corners.

use super::numbers::{BF16, Format};
use super::state::{Accumulation, Context, Trap, World};
use super::table::{Row, Version, decode};
use super::unit::Unit;
use super::v03::State03;
use super::v06::{State06, gates};
use crate::common::entropy::Entropy;
use crate::vector_model::bench::{DATA, Pages};
use mellivora::hart::Simd;

/// A state to start from, a program, and what the model makes of it.
#[derive(Clone)]
pub struct Case {
    pub start: Unit,
    pub x: [u64; 32],
    pub simd: Simd,
    pub program: Vec<u32>,
    pub end: Unit,
    pub end_x: [u64; 32],
    pub pages: Pages,
    /// Instructions that retire before the trap.
    pub retired: usize,
    pub last: Result<(), Trap>,
}

impl Case {
    /// Lets the model execute a program up to its first trap.
    pub fn new(start: Unit, x: [u64; 32], simd: Simd, program: Vec<u32>) -> Case {
        let (mut end, mut end_x, mut pages) = (start.clone(), x, Pages::default());
        let (mut retired, mut last) = (0, Ok(()));
        for word in &program {
            let mut world = World { x: &mut end_x, pages: &mut pages };
            last = match decode(start.version(), *word) {
                Some(row) => end.step(row, *word, &mut world),
                None if word & 0x7f == 0x73 => end.csr_instruction(*word, &mut world),
                None => panic!("no model of {word:#x}"),
            };
            if last.is_err() {
                break;
            }
            retired += 1;
        }
        Case { start, x, simd, program, end, end_x, pages, retired, last }
    }
}

fn simd(e: &mut Entropy) -> Simd {
    let levels = Simd::available();
    levels[e.below(levels.len() as u64) as usize]
}

fn accumulation(e: &mut Entropy) -> Accumulation {
    e.pick(&[Accumulation::Vendor, Accumulation::Vendor, Accumulation::Chain, Accumulation::Exact])
}

fn context(e: &mut Entropy) -> Context {
    match e.below(48) {
        47 => Context::Off,
        46 => Context::Initial,
        45 => Context::Clean,
        _ => Context::Dirty,
    }
}

/// TLEN and TRLEN: rows of so many bits, most often few of them.
const SHAPES: [(usize, usize); 16] = [
    (512, 128),
    (1024, 256),
    (256, 128),
    (128, 128),
    (512, 64),
    (2048, 256),
    (2048, 512),
    (1024, 128),
    (256, 64),
    (512, 512),
    (64, 64),
    (2048, 1024),
    (1024, 64),
    (8192, 512),
    (2048, 2048),
    (8192, 1024),
];

/// A unit, without anything in its registers.
pub fn blank(e: &mut Entropy, version: Version) -> Unit {
    let rounding = |e: &mut Entropy| match e.below(24) {
        0..12 => 0,
        23 => 5 + e.below(3),
        _ => e.below(5),
    };
    let flags = e.pick(&[0, 0, 1, 16, 23]);
    if version == Version::V03 {
        let rlen = match e.below(256) {
            0..128 => 128,
            128..208 => 256,
            208..250 => 512,
            250..253 => 1024,
            253 | 254 => 2048,
            _ => 4096,
        };
        let s = State03::new(rlen);
        return Unit::V03(State03 {
            xmxrm: e.below(4),
            xmsat: e.below(2),
            frm: rounding(e),
            fflags: flags,
            ms: context(e),
            fs: context(e),
            xmisa: if e.once_in(16) { 2 | e.below(1 << 10) } else { 0x3ff },
            accumulation: accumulation(e),
            bf16: e.once_in(4),
            ..s
        });
    }
    let (tlen, trlen) = if e.once_in(4) { e.pick(&SHAPES) } else { e.pick(&SHAPES[..6]) };
    let elen = if e.once_in(24) { e.pick(&[8, 16]) } else { e.pick(&[32, 64]) };
    let s = State06::new(elen, tlen, trlen);
    let missing = if e.once_in(16) { e.next() & !gates::REQUIRED } else { 0 };
    Unit::V06(State06 {
        xmxrm: e.below(4),
        xmsat: e.below(2),
        xmfflags: flags,
        xmfrm: rounding(e),
        xmsaten: e.below(2),
        xmisa: s.xmisa & !missing,
        ms: context(e),
        accumulation: accumulation(e),
        undefined: e.below(2) == 0,
        ..s
    })
}

/// A size up to `most`, now and then one more.
fn size(e: &mut Entropy, most: usize) -> u64 {
    let most = most as u64;
    match e.below(12) {
        0 => 0,
        1 => 1,
        2 => most.saturating_sub(1),
        3 => most + 1,
        4 => e.integer(),
        5..8 => e.below(most + 1),
        _ => most,
    }
}

/// Sets the sizes for an instruction. Large products are rare: the model is slow.
pub fn sizes(e: &mut Entropy, unit: &mut Unit, row: &Row) {
    let (what, about) = row.semantics();
    let limit = if e.once_in(16) { 1 << 14 } else { 1 << 9 };
    match unit {
        Unit::V06(s) => {
            let element = 8 << (row.value >> 10 & 3);
            let rows = s.rows();
            let source = if what.ends_with("macc") { row.value >> 18 & 3 } else { row.value >> 10 & 3 };
            let depth = match what {
                "mmacc" if about[0].starts_with("i4") => s.trlen / 4,
                _ => s.trlen / (8 << source),
            };
            let wide = what.contains("_c") || what == "iew" || what == "few";
            s.mtilem = size(e, rows);
            s.mtilen = size(e, if wide { s.arlen() / element } else { rows });
            s.mtilek = size(e, depth);
            let product = |m: u64, n: u64, k: u64| m.saturating_mul(n).saturating_mul(k);
            while what.ends_with("macc") && s.mtilek > 2 && product(s.mtilem, s.mtilen, s.mtilek) > limit {
                s.mtilek = s.mtilek.div_ceil(2);
                s.mtilen = s.mtilen.div_ceil(2);
            }
            if about.first().is_some_and(|about| about.starts_with("i4->")) && e.below(4) != 0 {
                s.mtilek &= !1;
            }
        }
        Unit::V03(s) => {
            let element = match about.iter().find(|a| ["b", "h", "s", "w", "d"].contains(a)) {
                Some(&"b") => 1,
                Some(&"h") => 2,
                Some(&"d") => 8,
                Some(_) => 4,
                None => [1, 2, 4, 8][(row.value >> 10 & 3) as usize],
            };
            let twice = if about.first() == Some(&"h->h") { 2 } else { 1 };
            s.size_m = size(e, s.rows()) & 0xff;
            s.size_n = size(e, twice * s.rows()) & 0xff;
            s.size_k = size(e, s.rlen / 8) & 0xffff;
            while what.ends_with("mm") && s.size_k > 8 && s.size_m * s.size_n * s.size_k > limit {
                s.size_k /= 2;
                s.size_n = s.size_n.div_ceil(2);
            }
            if e.below(8) != 0 {
                s.size_k &= !(element - 1);
            }
        }
    }
}

/// What registers hold. The same few values again and again, so that some are equal, and some like each other.
struct Pool {
    values: Vec<u64>,
    width: usize,
}

fn integer(e: &mut Entropy, width: usize) -> u64 {
    let near = e.below(5).wrapping_sub(2);
    match e.below(5) {
        0 => (1u64 << (width - 1)).wrapping_add(near),
        1 => near,
        2 => e.integer(),
        3 => e.below(16),
        _ => e.next(),
    }
}

/// Formats and widths of what an instruction reads.
fn pools(e: &mut Entropy, unit: &Unit, row: &Row) -> Vec<Pool> {
    let mut out = Vec::new();
    let (what, about) = row.semantics();
    let brain = matches!(unit, Unit::V03(s) if s.bf16);
    let parts: Vec<&str> = match what {
        "fmm" | "mfmacc" | "fcvt" | "f2i" | "i2f" => about[0].split("->").collect(),
        "few" => vec![about[1]],
        _ => Vec::new(),
    };
    let formats =
        parts.into_iter().filter_map(|name| if name == "h" && brain { Some(BF16) } else { Format::named(name) });
    for f in formats {
        let count = e.pick(&[16, 4, 2, 48]);
        let kind = e.below(4);
        let value = |e: &mut Entropy| match kind {
            // Near each other: sums that round, but stay in range.
            0 | 1 => {
                let bias = (1u64 << (f.exponent - 1)) - 1;
                let exponent = (bias + 2 - e.below(5)) << f.fraction;
                e.below(2) << (f.exponent + f.fraction) | exponent | e.next() >> (64 - f.fraction)
            }
            // As many zeros in front of the point as behind it.
            2 => {
                super::numbers::from_integer(e.below(33) as i64 - 16, f, 0).0
                    >> (f.width() as u32 - 1 - f.exponent - f.fraction)
            }
            _ => e.float(f.exponent, f.fraction),
        };
        let up = f.width() as u32 - 1 - f.exponent - f.fraction;
        out.push(Pool {
            values: (0..count).map(|_| value(e) << up | e.next() & ((1 << up) - 1)).collect(),
            width: f.width(),
        });
    }
    if out.is_empty() {
        let width = match (what, about.get(1)) {
            ("iew" | "n4clip", _) | ("pw", Some(&"s")) => 32,
            ("pw", _) => 64,
            _ => e.pick(&[8, 16, 32, 64]),
        };
        for width in [width, e.pick(&[8, 16, 32])] {
            let count = e.pick(&[16, 4, 1, 48]);
            out.push(Pool { values: (0..count).map(|_| integer(e, width)).collect(), width });
        }
    }
    out
}

/// Fills the registers for an instruction.
pub fn fill(e: &mut Entropy, unit: &mut Unit, row: &Row) {
    let pools = pools(e, unit, row);
    let odd = if e.once_in(2) { 0 } else { 63 };
    for register in unit.registers_mut() {
        let pool = &pools[e.below(pools.len() as u64) as usize];
        let mut random = e.next() | 1;
        let bytes = pool.width / 8;
        for at in register.bytes.chunks_mut(bytes) {
            // xorshift64
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let value = pool.values[(random >> 32) as usize % pool.values.len()];
            // Now and then nothing that anyone has thought of.
            let value = if random & 63 == odd { random >> 3 } else { value };
            at.copy_from_slice(&value.to_le_bytes()[..at.len()]);
        }
    }
}

/// A word of an instruction: any registers, those of x among a few.
pub fn word(e: &mut Entropy, row: &Row) -> u32 {
    let fields: Vec<(&str, u32)> = row
        .fields()
        .map(|(name, high, low)| {
            let most = (2u64 << (high - low)) - 1;
            let v = match name {
                "rs1" | "rs2" | "rd" if e.below(16) != 0 => 8 + e.below(8),
                "uimm7" | "uimm10" if e.below(4) != 0 => e.below(20),
                _ => e.below(most + 1),
            };
            (name, v as u32)
        })
        .collect();
    row.word(&fields)
}

fn accesses_memory(row: &Row) -> bool {
    let what = row.semantics().0;
    ["mload", "mstore", "ld", "st"].iter().any(|start| what.starts_with(start))
}

/// x registers for an instruction: addresses near the data, strides, indices, sizes.
fn scalars(e: &mut Entropy, x: &mut [u64; 32], row: &Row, word: u32) {
    for v in &mut x[1..] {
        *v = match e.below(4) {
            0 => e.below(64),
            1 => e.below(64).wrapping_neg(),
            _ => integer(e, 64),
        };
    }
    if accesses_memory(row) {
        let size = 1 << (word >> 10 & 3);
        let mut base = match e.below(8) {
            0 => DATA + 0x1000 * e.below(8),
            1 => DATA + 0x2000 - e.below(0x200),
            2 => e.pick(&[0, !0, !7, DATA - 8, 1 << 20, (1 << 20) - 8, 1 << 63]),
            _ => DATA + e.below(0x1800),
        };
        if e.below(4) != 0 {
            base &= !7;
        }
        x[row.field(word, "rs1")] = base;
        let stride = match e.below(12) {
            0 => 0,
            1 => e.integer(),
            2 => (size * e.below(24)).wrapping_neg(),
            3 => e.below(64),
            4 => size,
            _ => size * e.below(80),
        };
        let rs2 = row.field(word, "rs2");
        if row.has("rs2") && rs2 != row.field(word, "rs1") {
            x[rs2] = stride;
        }
    }
    x[0] = 0;
}

/// A case of one instruction, most often a legal one.
pub fn case(e: &mut Entropy, version: Version, row: &'static Row) -> Case {
    let mut unit = blank(e, version);
    let tries = if e.below(8) == 0 { 1 } else { 64 };
    let mut word = row.value;
    for left in (0..tries).rev() {
        sizes(e, &mut unit, row);
        word = self::word(e, row);
        let legal = decode(version, word).is_some_and(|r| r.name == row.name) && unit.check(row, word).is_ok();
        if legal || left == 0 {
            break;
        }
        if left % 16 == 0 {
            unit = blank(e, version);
        }
    }
    fill(e, &mut unit, row);
    if let Unit::V03(s) = &mut unit
        && e.once_in(8)
        && accesses_memory(row)
    {
        s.xmrstart = e.below(s.rows() as u64);
    }
    let mut x = [0; 32];
    scalars(e, &mut x, row, word);
    Case::new(unit, x, simd(e), vec![word])
}

/// A word that accesses a CSR with a number of either version, or next to these.
pub fn csr_word(e: &mut Entropy) -> u32 {
    let csr = if e.below(3) == 0 { 0xcbf + e.below(6) } else { 0x801 + e.below(11) };
    let funct3 = e.pick(&[1, 2, 3, 5, 6, 7]);
    let rs1 = if e.below(4) == 0 { 0 } else { 24 + e.below(8) };
    (csr << 20 | rs1 << 15 | funct3 << 12 | (20 + e.below(4)) << 7 | 0x73) as u32
}

/// Registers of x in a program: strides, pointers, destinations, small numbers.
const STRIDES: [u64; 3] = [5, 6, 7];
const POINTERS: [u64; 4] = [8, 9, 10, 15];

/// A word for a program: x registers are used as they are meant.
fn word_in_program(e: &mut Entropy, row: &Row) -> u32 {
    let memory = accesses_memory(row);
    let mut word = word(e, row);
    for (name, high, low) in row.fields() {
        let v = match name {
            "rs1" if memory => e.pick(&POINTERS),
            "rs2" if memory => e.pick(&STRIDES),
            "rs1" | "rs2" => 24 + e.below(8),
            "rd" => 20 + e.below(4),
            _ => continue,
        };
        let mask = ((2u64 << high) - (1 << low)) as u32;
        word = word & !mask | (v as u32) << low;
    }
    word
}

/// A program of several instructions, from several states: what one of them leaves behind, the next one finds, and translated code
/// meets sizes that it was not made for.
pub fn program(e: &mut Entropy, version: Version, rows: &[&'static Row]) -> Vec<Case> {
    let mut start = blank(e, version);
    // Small ones: each instruction copies them.
    while start.ms() == Context::Off || start.registers()[7].bytes.len() > 512 {
        start = blank(e, version);
    }
    let first = e.pick(rows);
    sizes(e, &mut start, first);
    let level = simd(e);
    let mut x = [0; 32];
    for n in 1..32u64 {
        x[n as usize] = match n {
            5..8 => 8 * e.below(6),
            _ if POINTERS.contains(&n) => DATA + 8 * e.below(0x1c0),
            24..28 => e.below(5),
            28 => 0x0001_0204 * e.below(4),
            _ => integer(e, 64),
        };
    }
    let mut program = Vec::new();
    let mut now = Case::new(start.clone(), x, level, Vec::new());
    let length = 2 + e.below(10) as usize;
    for _ in 0..200 {
        if program.len() == length {
            break;
        }
        let row = e.pick(rows);
        let word = if e.once_in(12) { csr_word(e) } else { word_in_program(e, row) };
        let legal = decode(version, word).is_none_or(|row| now.end.check(row, word).is_ok());
        if legal || e.once_in(64) {
            program.push(word);
            now = Case::new(now.end, now.end_x, level, vec![word]);
        }
    }
    (0..3)
        .map(|n| {
            let mut start = start.clone();
            fill(e, &mut start, first);
            // The same, or other sizes.
            if n == 2 {
                sizes(e, &mut start, first);
            }
            Case::new(start, x, level, program.clone())
        })
        .collect()
}
