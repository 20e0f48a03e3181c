//! Random cases: configurations, states and operands with a taste for corners.

use super::bench::Case;
use super::state::{Settings, State, VILL};
use crate::common::entropy::Entropy;
use crate::vector_model::bench::{DATA, Pages};
use crate::vector_model::cases::{float, integer, word};
use mellivora::hart::Simd;
use mellivora::isa::{Flags, Op};

/// What registers hold. The same few values again and again, so that some are equal.
struct Pool {
    values: Vec<u64>,
    /// Bits of an element.
    width: usize,
}

impl Pool {
    fn new(e: &mut Entropy, width: usize, mut value: impl FnMut(&mut Entropy) -> u64) -> Pool {
        let count = e.pick(&[16, 4, 1, 48]);
        Pool { values: (0..count).map(|_| value(e)).collect(), width }
    }

    /// Fills a register.
    fn fill(&self, e: &mut Entropy, s: &mut State, reg: usize) {
        let mut random = e.next() | 1;
        for i in 0..s.vlen / self.width {
            // xorshift64
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let value = self.values[(random >> 32) as usize % self.values.len()];
            // Now and then nothing that anyone has thought of.
            s.set(reg, i, self.width, if random & 7 == 0 { random >> 3 } else { value });
        }
    }
}

/// A machine's constants, and scalar registers with anything in them.
pub fn blank(e: &mut Entropy) -> (State, Simd) {
    let vlen: usize = match e.below(64) {
        63 if e.below(8) == 7 => 65536,
        60..64 => e.pick(&[2048, 4096]),
        40..60 => e.pick(&[512, 1024]),
        _ => e.pick(&[128, 256]),
    };
    let mut s = State::new(vlen);
    s.half = !e.once_in(8);
    s.settings =
        Settings { tree_reductions: e.once_in(2), misaligned_traps: e.once_in(6), dot_by_elements: e.once_in(2) };
    for n in 0..32 {
        s.x[n] = integer(e, 64);
        s.f[n] = e.float_register(b"hsd");
    }
    s.x[0] = 0;
    s.vxrm = e.below(4) as u8;
    s.vxsat = e.once_in(4);
    s.frm = if e.once_in(2) { e.below(5) as u8 } else { 0 };
    s.frm = if e.once_in(24) { 5 + e.below(3) as u8 } else { s.frm };
    s.fflags = e.pick(&[0, 0, 1, 31, 16]);
    let levels = Simd::available();
    (s, levels[e.below(levels.len() as u64) as usize])
}

/// vtype, vl, vstart for an instruction.
pub fn configure(e: &mut Entropy, s: &mut State) {
    (s.vtype, s.vl, s.vstart) = (VILL, 0, 0);
    if e.once_in(50) {
        s.vstart = e.below(s.vlen as u64);
        return;
    }
    s.vtype = e.below(16);
    let vlmax = s.config().expect("all 16 are legal").vlmax as u64;
    s.vl = match e.below(16) {
        0..7 => vlmax,
        7 => 0,
        8 => 1,
        9 => vlmax - 1,
        _ => e.below(vlmax + 1),
    };
    s.vstart = match e.below(12) {
        0..9 => 0,
        9 => e.below(s.vl + 2) & !3,
        10 => e.below(s.vl + 2),
        _ => e.below(2 * vlmax),
    };
    s.vstart &= s.vlen as u64 - 1;
}

/// Fills the vector registers for an instruction under the present `vtype`.
fn fill(e: &mut Entropy, s: &mut State, name: &str, masked: bool) {
    let (sew, vlmax) = s.config().map_or((8, 1), |c| (c.sew, c.vlmax as u64));
    let wide = if name.contains('w') || name.contains("vn") || name.contains("vfn") { (2 * sew).min(64) } else { sew };
    let is_float = name.starts_with("th.vf") || name.starts_with("th.vmf");
    let mut pools: Vec<Pool> = Vec::new();
    for width in [sew, wide, 8] {
        pools.push(Pool::new(e, width, |e| if is_float { float(e, width, false) } else { integer(e, width) }));
    }
    let indices = Pool::new(e, sew, |e| e.below(vlmax + vlmax / 4 + 1));
    for reg in 0..32 {
        let pool = match e.below(8) {
            0..4 => &pools[0],
            4 | 5 => &pools[1],
            6 => &pools[2],
            _ if name.contains("gather") || !is_float => &indices,
            _ => &pools[0],
        };
        pool.fill(e, s, reg);
    }
    if name.contains("gather") {
        let indices = Pool::new(e, sew, |e| e.below(vlmax + vlmax / 4 + 1));
        for reg in [2, 4, 8, 16, 24, 9, 17, 25] {
            indices.fill(e, s, reg);
        }
    }
    // Any register may be read as a mask; v0 gets patterns whose lowest bits are as often set as not whatever MLEN is.
    if masked && e.below(8) != 7 {
        let bytes = match e.below(5) {
            0 => vec![0xff],
            1 => vec![0],
            2 => vec![0xff, 0xff, 0xff, 0x7f, 0xff, 0],
            _ => (0..16).map(|_| e.next() as u8).collect(),
        };
        let step = e.pick(&[1, 1, s.config().map_or(1, |c| c.mlen.div_ceil(8))]);
        for i in 0..s.vlen / 8 {
            s.set(0, i, 8, bytes[i / step % bytes.len()].into());
        }
    }
}

/// What of a load, store or AMO its name says: is it indexed, bytes of an element in memory (0: SEW).
fn access(word: u32) -> (bool, u64) {
    let amo = word & 0x7f == 0x2f;
    let size = match word >> 12 & 7 {
        0 => 1,
        5 => 2,
        6 => 4,
        _ if amo => 8,
        _ => 0,
    };
    (amo || word >> 26 & 3 == 3, size)
}

fn accesses_memory(op: Op) -> bool {
    op.info().flags.intersects(Flags::LOAD | Flags::STORE | Flags::ATOMIC)
}

/// Scalar registers for an instruction: addresses near the data, small offsets and strides.
fn scalars(e: &mut Entropy, s: &mut State, op: Op, word: u32) {
    let (rs1, rs2) = ((word >> 15 & 31) as usize, (word >> 20 & 31) as usize);
    let name = op.mnemonic();
    let (sew, vlmax) = s.config().map_or((64, 1), |c| (c.sew, c.vlmax as u64));
    if accesses_memory(op) {
        let (indexed, size) = access(word);
        let size = if size == 0 { sew as u64 / 8 } else { size };
        let mut base = match e.below(8) {
            0 => DATA + 0x1000 * e.below(8),
            1 => DATA + 0x2000 - e.below(0x400),
            2 => e.pick(&[0, !0, !7, DATA - 8, 1 << 20, (1 << 20) - 8, 1 << 63]),
            _ => DATA + e.below(0x1800),
        };
        if e.below(4) != 0 {
            base &= !7;
        }
        s.set_x(rs1, base);
        let strided = !indexed && word >> 26 & 3 == 2;
        if strided && rs2 != rs1 {
            let stride = match e.below(8) {
                0 => 0,
                1 => e.integer(),
                2 => (size * e.below(8)).wrapping_neg(),
                _ => size * e.below(12),
            };
            s.set_x(rs2, stride);
        }
    } else if name.contains("slide") || name.contains("gather") || name.contains("vext") {
        let offset = if e.below(4) == 0 { e.integer() } else { e.below(vlmax + 2) };
        s.set_x(rs1, offset);
    } else if name.contains("vset") {
        let avl = if e.below(2) == 0 { e.integer() } else { e.below(2 * s.vlen as u64) };
        s.set_x(rs1, avl);
        let bits = match e.below(8) {
            0 => e.integer(),
            1 => e.below(128),
            _ => e.below(16),
        };
        if rs2 != rs1 {
            s.set_x(rs2, bits);
        }
    } else {
        s.set_x(rs1, integer(e, sew));
        s.f[rs1] = e.float_register(match sew {
            16 => b"h",
            32 => b"s",
            _ => b"d",
        });
    }
}

/// Small offsets, now and then negative, in the registers that an indexed access takes its indices from.
fn indices(e: &mut Entropy, s: &mut State, op: Op, word: u32) {
    let (indexed, size) = access(word);
    if !accesses_memory(op) || !indexed {
        return;
    }
    let width = s.config().map_or(8, |c| c.sew);
    let size = if size == 0 { width as u64 / 8 } else { size };
    let aligned = e.below(4) != 0;
    let negative = e.below(3) == 0;
    let values = (0..64).map(|_| {
        let offset = if aligned { size * e.below(256) } else { e.below(0x900) };
        if negative && e.below(2) == 0 { offset.wrapping_neg() >> 1 << 1 } else { offset }
    });
    let pool = Pool { values: values.collect(), width };
    let first = (word >> 20 & 31) as usize;
    let seed = e.next();
    for reg in first..(first + 8).min(32) {
        let mut random = seed ^ reg as u64;
        for i in 0..s.vlen / width {
            random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            s.set(reg, i, width, pool.values[(random >> 58) as usize]);
        }
    }
}

/// A case of one instruction, most often a legal one.
pub fn case(e: &mut Entropy, op: Op) -> Option<Case> {
    let (mut s, simd) = blank(e);
    let tries = if e.below(8) == 0 { 1 } else { 24 };
    for left in (0..tries).rev() {
        configure(e, &mut s);
        let word = word(e, op);
        if left > 0 && !super::is_legal(&s, op.mnemonic(), word) {
            continue;
        }
        fill(e, &mut s, op.mnemonic(), word >> 25 & 1 == 0);
        scalars(e, &mut s, op, word);
        indices(e, &mut s, op, word);
        return Some(Case::new(s, simd, vec![(op.mnemonic(), word)]));
    }
    None
}

/// Registers that hold addresses in a program; before them stand strides.
const POINTERS: std::ops::Range<u64> = 8..16;

/// A program of several instructions, from several states: what one of them leaves behind, the next one finds, and translated code
/// meets configurations that it was not made for. `registers`: what arithmetic works on, or nothing for any.
pub fn program(e: &mut Entropy, ops: &[Op], registers: &[u32]) -> Vec<Case> {
    let (mut s, simd) = blank(e);
    let mut program: Vec<(&'static str, u32)> = Vec::new();
    configure(e, &mut s);
    let mut now = s.clone();
    let length = 2 + e.below(10);
    while (program.len() as u64) < length {
        let op = e.pick(ops);
        let mut word = word(e, op);
        if !registers.is_empty() && !op.info().flags.contains(Flags::VSET) {
            // Where there is no register, another value mostly makes another instruction.
            for at in [7, 15, 20].into_iter().take(if accesses_memory(op) { 1 } else { 3 }) {
                let other = word & !(31 << at) | e.pick(registers) << at;
                word = if op.info().matches(other) { other } else { word };
            }
        }
        if accesses_memory(op) {
            word = word & !(31 << 15) | (e.pick(&[8, 9, 10, 15])) << 15;
            if word >> 26 & 3 == 2 && !access(word).0 {
                word = word & !(31 << 20) | (e.pick(&[5, 6, 7])) << 20;
            }
        }
        if op.info().matches(word) && (e.below(64) == 0 || super::is_legal(&now, op.mnemonic(), word)) {
            program.push((op.mnemonic(), word));
            super::execute(&mut now, &mut Pages::default(), op.mnemonic(), word);
        }
    }
    (0..3)
        .map(|_| {
            let mut start = s.clone();
            let masked = e.below(2) == 0;
            fill(e, &mut start, program[0].0, masked);
            for n in 5..8 {
                start.x[n] = 8 * e.below(6);
            }
            for n in POINTERS {
                start.x[n as usize] = DATA + 8 * e.below(0x1c0);
            }
            // The same, or another configuration.
            if e.below(3) == 0 {
                configure(e, &mut start);
            }
            Case::new(start, simd, program.clone())
        })
        .collect()
}
