//! Random choices with a taste for corners, made from proptest's random words: a case is a list of words, and smaller words
//! make simpler cases, so that shrinking works.

use mellivora::isa::{Flags, Kind, Op, Operand, Operands, Slot};
use proptest::prelude::*;

/// Words that one case is made of.
pub fn words() -> impl Strategy<Value = Vec<u64>> + Clone {
    prop::collection::vec(any::<u64>(), 24)
}

/// Deals out random words; when they are used up, more follow from them.
pub struct Entropy<'a> {
    words: std::slice::Iter<'a, u64>,
    state: u64,
}

impl<'a> Entropy<'a> {
    pub fn new(words: &'a [u64]) -> Entropy<'a> {
        Entropy { words: words.iter(), state: words.iter().fold(1, |s, w| s.rotate_left(7) ^ w) }
    }

    pub fn next(&mut self) -> u64 {
        if let Some(w) = self.words.next() {
            return *w;
        }
        // SplitMix64
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 8) % n
    }

    /// True once in `n` times; never for the simplest case.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == n - 1
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    /// Integers: bounds, powers of two and their neighbours, small ones, sign-extended words, any.
    pub fn integer(&mut self) -> u64 {
        let near = self.below(3).wrapping_sub(1);
        match self.below(8) {
            0 => self.pick(&[0, 1, !0, 1 << 63, !0 >> 1, 1 << 31, (1 << 31) - 1, 0xffff_ffff, !0 << 31, 1 << 32]),
            1 => (1u64 << self.below(64)).wrapping_add(near),
            2 => (1u64 << self.below(64)).wrapping_neg().wrapping_add(near),
            3 => self.below(65),
            4 => self.next() as i32 as u64,
            5 => self.next() >> self.below(64),
            // Bytes of zeros and ones: for what works on bytes.
            6 => self.next() & self.next().wrapping_shr(8).wrapping_mul(0x0101),
            _ => self.next(),
        }
    }

    /// The bits of a number of a format with so many bits in exponent and fraction: zeros, subnormal numbers, halves and ties,
    /// ends of the range, infinities, NaNs of both kinds; exponents near each other; few ones or few zeros.
    pub fn float(&mut self, exponent: u32, fraction: u32) -> u64 {
        let sign = self.below(2) << (exponent + fraction);
        let (top, bias) = ((1u64 << exponent) - 1, (1u64 << (exponent - 1)) - 1);
        let ones = (1u64 << fraction) - 1;
        let sparse = (1 << self.below(fraction.into())) | (1 << self.below(fraction.into()));
        let f = match self.below(5) {
            0 => 0,
            1 => ones,
            2 => sparse,
            3 => ones ^ sparse,
            _ => self.next() & ones,
        };
        let near = u64::from(fraction) + 4;
        let e = match self.below(8) {
            0 => 0,
            1 => top,
            2 => top - 1,
            3 => 1 + self.below(near.min(top - 1)),
            4 | 5 => (bias + 2).wrapping_sub(self.below(5)),
            6 => (bias + near).saturating_sub(self.below(2 * near)).min(top),
            _ => self.below(top + 1),
        };
        sign | e << fraction | f
    }

    /// A floating-point register's content, most often a number of the formats that `letters` name (h, s, d, or b for
    /// BFloat16), properly boxed.
    pub fn float_register(&mut self, letters: &[u8]) -> u64 {
        if self.once_in(16) {
            return self.next();
        }
        let letter = if self.once_in(16) { self.pick(b"hsdb") } else { self.pick(letters) };
        let (exponent, fraction) = match letter {
            b'h' => (5, 10),
            b's' => (8, 23),
            b'b' => (8, 7),
            _ => (11, 52),
        };
        let v = self.float(exponent, fraction);
        match 1 + exponent + fraction {
            64 => v,
            // One bit of the box is missing now and then.
            bits if self.once_in(12) => (v | !0 << bits) ^ 1 << (bits as u64 + self.below(64 - bits as u64)),
            bits => v | !0 << bits,
        }
    }

    /// Operands for an instruction: any that can be encoded, reserved ones included.
    pub fn operands(&mut self, op: Op) -> Operands {
        let mut out = Operands::default();
        for o in op.info().operands {
            let v = self.operand(o, &out);
            out.set(o, v);
        }
        out
    }

    fn operand(&mut self, o: &'static Operand, so_far: &Operands) -> i64 {
        let (min, max, step) = (o.min(), o.max(), 1i64 << o.align);
        let free = ((max - min) / step) as u64 + 1;
        let any = min + self.below(free) as i64 * step;
        let v = match o.kind {
            k if k.is_register() => {
                let usual = self.pick(&[1, 2, 8, 9, 10, 15, 31, 0]);
                let same = if o.slot == Slot::Rs1 { so_far.rd } else { so_far.rs1.max(so_far.rd) };
                match self.below(4) {
                    0 => any,
                    1 => same.into(),
                    _ => usual,
                }
            }
            Kind::Rm => self.pick(&[0, 7, 7, 0, 1, 2, 3, 4, 5, 6]),
            Kind::RmExact => self.pick(&[0, 0, 0, 7, 1, 4, 5]),
            Kind::Csr => self.csr(),
            _ if o.slot != Slot::Imm => any,
            _ => match self.below(8) {
                0 => self.pick(&[0, min, max]),
                1 => self.pick(&[step, -step, 2 * step, -2 * step]),
                2..5 if free > 64 => (self.below(64) as i64 - 32) * step,
                _ => any,
            },
        };
        let fits = (min..=max).contains(&v) && (v - i64::from(o.bias)) % step == 0;
        let v = if fits { v } else { any };
        if o.nonzero && v == i64::from(o.bias) { max } else { v }
    }

    fn csr(&mut self) -> i64 {
        const KNOWN: [i64; 32] = [
            1, 2, 3, 0xc00, 0xc01, 0xc02, 0xc03, 0xc1f, 0x300, 0x301, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x323, 0x340,
            0x341, 0x342, 0x343, 0x344, 0x3a0, 0x3b0, 0xb00, 0xb02, 0xb03, 0xf11, 0xf12, 0xf13, 0xf14, 0xf15, 0x33f,
        ];
        match self.below(8) {
            // Neighbours of registers that exist, and what other machines have.
            0 => self.pick(&[
                0, 4, 0x3a1, 0x3af, 0x3f0, 0x100, 0x180, 0x302, 0x310, 0x31a, 0x747, 0x7a0, 0xb01, 0xc20, 0xc80,
            ]),
            1 => self.below(4096) as i64,
            _ => self.pick(&KNOWN),
        }
    }
}

/// The letters of the formats that an instruction's name speaks of.
pub fn formats(op: Op) -> &'static [u8] {
    let name = op.mnemonic();
    match () {
        _ if name.contains(".bf16") => b"bs",
        _ if name == "fcvt.s.d" || name == "fcvt.d.s" => b"sd",
        _ if name == "fcvt.s.h" || name == "fcvt.h.s" => b"hs",
        _ if name == "fcvt.d.h" || name == "fcvt.h.d" => b"hd",
        _ if name.contains(".h") || name.ends_with('h') => b"h",
        _ if name.contains(".d") || name.ends_with("fsd") => b"d",
        _ => b"s",
    }
}

/// Whether it accesses memory at rs1 (or sp) plus an immediate.
pub fn accesses_memory(op: Op) -> bool {
    op.info().flags.intersects(Flags::LOAD | Flags::STORE | Flags::ATOMIC) || op.mnemonic().starts_with("cbo.")
}
