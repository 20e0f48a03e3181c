//! The vector state as a plain value: registers as bytes, elements and mask bits by index, `vtype` taken apart.

/// Bit `vill` of `vtype`.
pub const VILL: u64 = 1 << 63;

/// What the manual leaves to an implementation and the emulator lets its user choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Agnostic elements become all ones; otherwise they keep their value.
    pub agnostic_ones: bool,
    /// Unordered floating-point sums are made as a tree; otherwise in element order.
    pub tree_reductions: bool,
    /// An element that is not aligned to its size traps; otherwise it is transferred.
    pub misaligned_traps: bool,
    /// A mask bit of a dot product stands for an element; otherwise for a byte.
    pub dot_by_elements: bool,
}

/// What there is besides the integer instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// The full V: 64-bit elements in vmulh*, vsmul, too.
    pub v: bool,
    /// Zve32f
    pub f32: bool,
    /// Zve64d
    pub f64: bool,
    pub zvfhmin: bool,
    pub zvfh: bool,
    pub zvfbfmin: bool,
    pub zvfbfwma: bool,
    pub zvbb: bool,
    pub zvkb: bool,
    pub zvbc: bool,
    pub zvkg: bool,
    pub zvkned: bool,
    pub zvknha: bool,
    pub zvknhb: bool,
    pub zvksed: bool,
    pub zvksh: bool,
}

impl Default for Features {
    /// Everything.
    fn default() -> Features {
        Features {
            v: true,
            f32: true,
            f64: true,
            zvfhmin: true,
            zvfh: true,
            zvfbfmin: true,
            zvfbfwma: true,
            zvbb: true,
            zvkb: true,
            zvbc: true,
            zvkg: true,
            zvkned: true,
            zvknha: true,
            zvknhb: true,
            zvksed: true,
            zvksh: true,
        }
    }
}

/// How an instruction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Nothing has changed.
    Illegal,
    /// vstart = `element`; the elements before it are done.
    Fault {
        element: u64,
        /// The first byte that cannot be accessed, or a misaligned element's address.
        addr: u64,
        store: bool,
        misaligned: bool,
    },
}

/// Memory. Sizes are 1, 2, 4 and 8 bytes; errors are the address of the first byte that cannot be accessed, and nothing is
/// accessed then.
pub trait Bus {
    fn load(&mut self, addr: u64, size: usize) -> Result<u64, u64>;
    fn store(&mut self, addr: u64, size: usize, v: u64) -> Result<(), u64>;
}

/// The fields of a `vtype` without `vill`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vtype {
    /// Bits: 8 to 64.
    pub sew: usize,
    /// LMUL in eighths: 1 (1/8) to 64 (8).
    pub lmul8: usize,
    pub vta: bool,
    pub vma: bool,
}

impl Vtype {
    /// Takes apart what an instruction wants to write to `vtype`. `None`: reserved.
    pub fn of(bits: u64) -> Option<Vtype> {
        // Bits XLEN-2:8 and vill itself must be zero, SEW ends at 64.
        if bits >> 8 != 0 || bits >> 3 & 7 > 3 {
            return None;
        }
        let lmul8 = match bits & 7 {
            0 => 8,
            1 => 16,
            2 => 32,
            3 => 64,
            5 => 1,
            6 => 2,
            7 => 4,
            _ => return None,
        };
        Some(Vtype { sew: 8 << (bits >> 3 & 3), lmul8, vta: bits & 0x40 != 0, vma: bits & 0x80 != 0 })
    }
}

/// The vector part of a hart, with the scalar registers that its instructions read and write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VState {
    /// Bits of a vector register.
    pub vlen: usize,
    /// Bits of the widest element.
    pub elen: usize,
    /// v0 to v31, one after the other, each VLEN/8 bytes, little endian.
    pub v: Vec<u8>,
    pub vl: u64,
    pub vtype: u64,
    pub vstart: u64,
    pub vxrm: u8,
    pub vxsat: bool,
    pub frm: u8,
    pub fflags: u8,
    pub x: [u64; 32],
    pub f: [u64; 32],
    pub settings: Settings,
    pub features: Features,
}

impl VState {
    /// Registers of zeros and `vill`.
    pub fn new(vlen: usize, elen: usize) -> VState {
        VState {
            vlen,
            elen,
            v: vec![0; 32 * vlen / 8],
            vl: 0,
            vtype: VILL,
            vstart: 0,
            vxrm: 0,
            vxsat: false,
            frm: 0,
            fflags: 0,
            x: [0; 32],
            f: [0; 32],
            settings: Settings::default(),
            features: Features::default(),
        }
    }

    /// `None`: vill is set.
    pub fn vtype(&self) -> Option<Vtype> {
        Vtype::of(self.vtype)
    }

    /// SEW in bits, where vill is known to be clear.
    pub fn sew(&self) -> usize {
        self.vtype().expect("vill is clear").sew
    }

    /// LMUL in eighths, where vill is known to be clear.
    pub fn lmul8(&self) -> usize {
        self.vtype().expect("vill is clear").lmul8
    }

    /// VLMAX = LMUL*VLEN/SEW, where vill is known to be clear.
    pub fn vlmax(&self) -> usize {
        self.lmul8() * self.vlen / 8 / self.sew()
    }

    /// Where element `i` of the group that begins at register `reg` stands.
    fn at(&self, reg: usize, i: usize, eew: usize) -> std::ops::Range<usize> {
        let start = reg * self.vlen / 8 + i * eew / 8;
        start..start + eew / 8
    }

    /// Element `i` of the group that begins at register `reg`, zero-extended. EEW is 8, 16, 32 or 64.
    pub fn get(&self, reg: usize, i: usize, eew: usize) -> u64 {
        self.v[self.at(reg, i, eew)].iter().rev().fold(0, |v, byte| v << 8 | u64::from(*byte))
    }

    /// Likewise, sign-extended.
    pub fn get_signed(&self, reg: usize, i: usize, eew: usize) -> i64 {
        sign_extend(self.get(reg, i, eew), eew)
    }

    /// Writes the low EEW bits of a value.
    pub fn set(&mut self, reg: usize, i: usize, eew: usize, value: u64) {
        let at = self.at(reg, i, eew);
        self.v[at].copy_from_slice(&value.to_le_bytes()[..eew / 8]);
    }

    /// Bit `i` of the mask in a register.
    pub fn mask(&self, reg: usize, i: usize) -> bool {
        self.v[reg * self.vlen / 8 + i / 8] >> (i % 8) & 1 == 1
    }

    pub fn set_mask(&mut self, reg: usize, i: usize, value: bool) {
        let byte = &mut self.v[reg * self.vlen / 8 + i / 8];
        *byte = *byte & !(1 << (i % 8)) | u8::from(value) << (i % 8);
    }

    /// Element `i` takes part: unmasked, or enabled by v0.
    pub fn enabled(&self, vm: bool, i: usize) -> bool {
        vm || self.mask(0, i)
    }

    /// Writes an x register; x0 stays zero.
    pub fn set_x(&mut self, n: usize, value: u64) {
        if n != 0 {
            self.x[n] = value;
        }
    }
}

/// The low `bits` bits (1 to 64), sign-extended.
pub fn sign_extend(v: u64, bits: usize) -> i64 {
    (v << (64 - bits)) as i64 >> (64 - bits)
}

/// The low `bits` bits (1 to 64), zero-extended.
pub fn zero_extend(v: u64, bits: usize) -> u64 {
    v & (u64::MAX >> (64 - bits))
}

/// The fixed fields of an instruction word.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// 11..7: vd, vs3 or rd
    pub vd: usize,
    /// 19..15: vs1, rs1 or an immediate
    pub vs1: usize,
    /// 24..20: vs2 or rs2
    pub vs2: usize,
    /// 25: unmasked
    pub vm: bool,
    /// 31..29: fields per segment, or whole registers, minus one
    pub nf: usize,
}

impl Fields {
    pub fn of(word: u32) -> Fields {
        let field = |low: u32, bits: u32| (word >> low & ((1 << bits) - 1)) as usize;
        Fields { vd: field(7, 5), vs1: field(15, 5), vs2: field(20, 5), vm: field(25, 1) == 1, nf: field(29, 3) }
    }

    /// The five bits at 19..15 as a signed immediate.
    pub fn simm(&self) -> i64 {
        sign_extend(self.vs1 as u64, 5)
    }
}
