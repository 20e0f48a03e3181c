//! Random cases: configurations, states and operands with a taste for corners.

use super::bench::{Case, DATA};
use super::state::{Features, Settings, VILL, VState, Vtype};
use crate::common::entropy::Entropy;
use mellivora::hart::Simd;
use mellivora::isa::{Flags, Op};

/// What registers hold. The same few values again and again, so that some are equal.
pub struct Pool {
    pub values: Vec<u64>,
    /// Bits of an element.
    pub width: usize,
}

impl Pool {
    pub fn new(e: &mut Entropy, width: usize, mut value: impl FnMut(&mut Entropy) -> u64) -> Pool {
        let count = e.pick(&[16, 4, 1, 48]);
        Pool { values: (0..count).map(|_| value(e)).collect(), width }
    }

    /// Fills a register.
    fn fill(&self, e: &mut Entropy, s: &mut VState, reg: usize) {
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

/// Integers of so many bits: the ends of both ranges and their neighbours, small ones, any.
pub fn integer(e: &mut Entropy, bits: usize) -> u64 {
    let near = e.below(5).wrapping_sub(2);
    match e.below(4) {
        0 => (1u64 << (bits - 1)).wrapping_add(near),
        1 => near,
        2 => e.integer(),
        _ => e.next(),
    }
}

/// Numbers of the floating-point format of so many bits; bytes are small integers.
pub fn float(e: &mut Entropy, bits: usize, brain: bool) -> u64 {
    match bits {
        16 if brain => e.float(8, 7),
        16 => e.float(5, 10),
        32 => e.float(8, 23),
        64 => e.float(11, 52),
        _ => e.integer(),
    }
}

/// ELEN and what there is besides integers: V with everything, V with the lesser extensions, Zve64d, Zve64f, Zve64x, Zve32f, Zve32x.
fn profile(e: &mut Entropy) -> (usize, Features) {
    let all = Features::default();
    let lesser = Features { zvfh: false, zvfbfwma: false, zvbb: false, zvknhb: false, ..all };
    let no_float = Features {
        v: false,
        f32: false,
        f64: false,
        zvfhmin: false,
        zvfh: false,
        zvfbfmin: false,
        zvfbfwma: false,
        ..all
    };
    // What these need is Zve64x.
    let narrow = |f: Features| Features { v: false, f64: false, zvbc: false, zvknhb: false, ..f };
    match e.below(16) {
        10 => (64, lesser),
        11 => (64, Features { v: false, ..all }),
        12 => (64, Features { v: false, f64: false, ..all }),
        13 => (64, no_float),
        14 => (32, narrow(all)),
        15 => (32, narrow(no_float)),
        _ => (64, all),
    }
}

/// A machine's constants, and registers with anything in them.
pub fn blank(e: &mut Entropy) -> (VState, Simd) {
    let (elen, features) = profile(e);
    let vlen: usize = match e.below(64) {
        63 if e.below(8) == 7 => 65536,
        60..64 => e.pick(&[2048, 4096]),
        40..60 => e.pick(&[256, 512, 1024]),
        _ => e.pick(&[128, 64, 32, 128, 256]),
    };
    let vlen = vlen.max(if features.v { 128 } else { elen });
    let mut s = VState::new(vlen, elen);
    s.features = features;
    s.settings = Settings {
        agnostic_ones: e.once_in(2),
        tree_reductions: e.once_in(2),
        misaligned_traps: e.once_in(6),
        dot_by_elements: e.once_in(2),
    };
    for n in 0..32 {
        s.x[n] = integer(e, 64);
        s.f[n] = e.float_register(b"hsdb");
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

/// A random `vtype`, mostly one that the machine has.
pub fn vtype(e: &mut Entropy, s: &VState) -> u64 {
    loop {
        let bits = e.below(256);
        let possible = Vtype::of(bits).is_some_and(|t| t.sew <= s.elen && 8 * t.sew <= t.lmul8.min(8) * s.elen);
        if possible {
            return bits;
        }
    }
}

/// vtype, vl, vstart for an instruction.
pub fn configure(e: &mut Entropy, s: &mut VState) {
    (s.vtype, s.vl, s.vstart) = (VILL, 0, 0);
    if e.once_in(50) {
        s.vstart = e.below(s.vlen as u64);
        return;
    }
    s.vtype = vtype(e, s);
    let vlmax = s.vlmax() as u64;
    s.vl = match e.below(16) {
        0..7 => vlmax,
        7 => 0,
        8 => 1,
        9 => vlmax - 1,
        // Multiples of element groups.
        10..12 => e.below(vlmax + 1) & !7,
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
fn fill(e: &mut Entropy, s: &mut VState, name: &str, masked: bool) {
    let sew = s.vtype().map_or(8, |t| t.sew);
    let wide = if name.contains('w') || name.contains("vn") { (2 * sew).min(64) } else { sew };
    let (is_float, brain) = (name.starts_with("vf") || name.starts_with("vmf"), name.contains("bf16"));
    let vlmax = s.vtype().map_or(1, |_| s.vlmax() as u64);
    let mut pools: Vec<Pool> = Vec::new();
    for width in [sew, wide, (sew / 2).max(8)] {
        pools.push(Pool::new(e, width, |e| if is_float { float(e, width, brain) } else { integer(e, width) }));
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
    if name.starts_with("vrgather") {
        let width = if name.contains("16") { 16 } else { sew };
        let indices = Pool::new(e, width, |e| e.below(vlmax + vlmax / 4 + 1));
        for reg in [2, 4, 8, 16, 24, 9, 17, 25] {
            indices.fill(e, s, reg);
        }
    }
    if masked && e.below(8) != 7 {
        let bytes = match e.below(5) {
            0 => vec![0xff],
            1 => vec![0],
            2 => vec![0xff, 0xff, 0xff, 0x7f, 0xff, 0],
            _ => (0..16).map(|_| e.next() as u8).collect(),
        };
        for i in 0..s.vlen / 8 {
            s.set(0, i, 8, bytes[i % bytes.len()].into());
        }
    }
}

/// A word of the instruction: registers that often begin a group, immediates of any kind.
pub fn word(e: &mut Entropy, op: Op) -> u32 {
    let info = op.info();
    let step = e.pick(&[8, 8, 4, 2, 2, 1, 1]);
    let mut word = info.value | e.next() as u32 & !info.mask;
    for low in [7, 15, 20] {
        let field = 31 << low;
        if info.mask & field == 0 {
            word = word & !field | ((e.below(32 / step) * step) as u32) << low;
        }
    }
    // Some registers twice.
    let copy = |word: u32, from: u32, to: u32| word & !(31 << to) | (word >> from & 31) << to;
    word = match e.below(12) {
        0 if info.mask & (31 << 20) == 0 => copy(word, 7, 20),
        1 if info.mask & (31 << 15) == 0 => copy(word, 7, 15),
        2 if info.mask & (31 << 15) == 0 => copy(word, 20, 15),
        _ => word,
    };
    if info.mask & 1 << 25 == 0 && e.below(2) == 0 {
        word |= 1 << 25;
    }
    word & !info.mask | info.value
}

/// Scalar registers for an instruction: addresses near the data, small offsets and strides.
fn scalars(e: &mut Entropy, s: &mut VState, op: Op, word: u32) {
    let (rs1, rs2) = ((word >> 15 & 31) as usize, (word >> 20 & 31) as usize);
    let name = op.mnemonic();
    let sew = s.vtype().map_or(64, |t| t.sew);
    let vlmax = s.vtype().map_or(1, |_| s.vlmax() as u64);
    if op.info().flags.intersects(Flags::LOAD | Flags::STORE) {
        let size = if op.info().eew == 0 { 1 } else { u64::from(op.info().eew) / 8 };
        let mut base = match e.below(8) {
            0 => DATA + 0x1000 * e.below(8),
            1 => DATA + 0x2000 - e.below(0x400),
            2 => e.pick(&[0, !0, !7, DATA - 8, 1 << 20, (1 << 20) - 8, 1 << 63]),
            _ => DATA + e.below(0x1800),
        };
        if e.below(4) != 0 {
            base &= !(size.max(8) - 1);
        }
        s.set_x(rs1, base);
        if name.starts_with("vls") || name.starts_with("vss") {
            let stride = match e.below(8) {
                0 => 0,
                1 => e.integer(),
                2 => (size * e.below(8)).wrapping_neg(),
                _ => size * e.below(12),
            };
            if rs2 != rs1 {
                s.set_x(rs2, stride);
            }
        }
    } else if name.contains("slide") || name.contains("gather") {
        let offset = if e.below(4) == 0 { e.integer() } else { e.below(vlmax + 2) };
        s.set_x(rs1, offset);
    } else if name.starts_with("vset") {
        let avl = if e.below(2) == 0 { e.integer() } else { e.below(2 * s.vlen as u64) };
        s.set_x(rs1, avl);
        let bits = if e.below(4) == 0 { e.integer() } else { vtype(e, s) };
        if rs2 != rs1 {
            s.set_x(rs2, bits);
        }
    } else {
        s.set_x(rs1, integer(e, sew));
        s.f[rs1] = e.float_register(match sew {
            16 if name.contains("bf16") => b"b",
            16 => b"h",
            32 => b"s",
            _ => b"d",
        });
    }
}

/// Small offsets in the registers that an indexed access takes its indices from.
fn indices(e: &mut Entropy, s: &mut VState, op: Op, word: u32) {
    let name = op.mnemonic();
    if !(name.contains("ux") || name.contains("ox")) || !name.contains("ei") {
        return;
    }
    let width = usize::from(op.info().eew);
    let size = s.vtype().map_or(1, |t| t.sew as u64 / 8);
    let aligned = e.below(4) != 0;
    let pool =
        Pool { values: (0..64).map(|_| if aligned { size * e.below(256) } else { e.below(0x900) }).collect(), width };
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
pub fn case(e: &mut Entropy, op: Op, special: &[Op]) -> Option<Case> {
    let (mut s, simd) = blank(e);
    let tries = if e.below(8) == 0 { 1 } else { 24 };
    for left in (0..tries).rev() {
        configure(e, &mut s);
        let word = word(e, op);
        // Some operands make it another instruction with a name of its own, which has its own turn.
        if special.iter().any(|other| other.info().matches(word)) || !op.info().matches(word) {
            continue;
        }
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
/// meets configurations that it was not made for.
pub fn program(e: &mut Entropy, ops: &[Op]) -> Vec<Case> {
    let (mut s, simd) = blank(e);
    let mut program: Vec<(&'static str, u32)> = Vec::new();
    configure(e, &mut s);
    let mut now = s.clone();
    let length = 2 + e.below(10);
    while (program.len() as u64) < length {
        let op = e.pick(ops);
        let mut word = word(e, op);
        if op.info().flags.intersects(Flags::LOAD | Flags::STORE) {
            word = word & !(31 << 15) | (e.pick(&[8, 9, 10, 15])) << 15;
            let strided = op.mnemonic().starts_with("vls") || op.mnemonic().starts_with("vss");
            if strided && op.info().mask & 31 << 20 == 0 {
                word = word & !(31 << 20) | (e.pick(&[5, 6, 7])) << 20;
            }
        }
        if op.info().matches(word) && (e.below(64) == 0 || super::is_legal(&now, op.mnemonic(), word)) {
            program.push((op.mnemonic(), word));
            super::execute(&mut now, &mut super::bench::Pages::default(), op.mnemonic(), word);
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
