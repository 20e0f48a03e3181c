//! The vector state of 0.7.1: registers as bytes, elements and mask elements by index, `vtype` taken apart.

use crate::vector_model::state::sign_extend;
use std::ops::Range;

/// Bit `vill` of `vtype`.
pub const VILL: u64 = 1 << 63;
/// The widest elements.
pub const ELEN: usize = 64;

/// What the text leaves to an implementation and the emulator lets its user choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Unordered floating-point sums are made as a tree; otherwise in element order.
    pub tree_reductions: bool,
    /// An element that is not aligned to its size traps; otherwise it is transferred.
    pub misaligned_traps: bool,
    /// The dot products of XTheadVdot are masked by element; otherwise by byte.
    pub dot_by_elements: bool,
}

/// The fields of a `vtype` without `vill`, and what follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Bits: 8 to 64.
    pub sew: usize,
    /// 1, 2, 4, 8.
    pub lmul: usize,
    /// Elements of a group.
    pub vlmax: usize,
    /// Bits of an element of a mask.
    pub mlen: usize,
}

/// The vector part of a hart, with the scalar registers that its instructions read and write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Bits of a vector register.
    pub vlen: usize,
    /// v0 to v31, one after the other, each VLEN/8 bytes, little endian.
    pub v: Vec<u8>,
    pub vl: u64,
    /// In the layout of 0.7.1.
    pub vtype: u64,
    pub vstart: u64,
    pub vxrm: u8,
    pub vxsat: bool,
    pub frm: u8,
    pub fflags: u8,
    pub x: [u64; 32],
    pub f: [u64; 32],
    /// There are floating-point elements of 16 bits.
    pub half: bool,
    pub settings: Settings,
}

impl State {
    /// Registers of zeros and `vill`.
    pub fn new(vlen: usize) -> State {
        State {
            vlen,
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
            half: true,
            settings: Settings::default(),
        }
    }

    /// `None`: vill is set, or would be if this were written to `vtype`. Bits 1..0 are vlmul, 4..2 vsew, 6..5 vediv, which has to be
    /// 0 without Zvediv; the rest is reserved.
    pub fn config(&self) -> Option<Config> {
        let (vlmul, vsew) = (self.vtype & 3, self.vtype >> 2 & 7);
        let (lmul, sew) = (1 << vlmul, 8 << vsew);
        if self.vtype >> 5 != 0 || sew > ELEN {
            return None;
        }
        Some(Config { sew, lmul, vlmax: lmul * self.vlen / sew, mlen: sew / lmul })
    }

    /// Where element `i` of so many bits stands in the group that begins at register `reg`.
    fn at(&self, reg: usize, i: usize, eew: usize) -> Range<usize> {
        let start = reg * self.vlen / 8 + i * eew / 8;
        start..start + eew / 8
    }

    /// Element `i` of the group that begins at register `reg`, zero-extended.
    pub fn get(&self, reg: usize, i: usize, eew: usize) -> u64 {
        self.v[self.at(reg, i, eew)].iter().rev().fold(0, |v, byte| v << 8 | u64::from(*byte))
    }

    /// Likewise, sign-extended.
    pub fn get_signed(&self, reg: usize, i: usize, eew: usize) -> i64 {
        sign_extend(self.get(reg, i, eew), eew)
    }

    /// Writes the low bits of a value.
    pub fn set(&mut self, reg: usize, i: usize, eew: usize, value: u64) {
        let at = self.at(reg, i, eew);
        self.v[at].copy_from_slice(&value.to_le_bytes()[..eew / 8]);
    }

    /// One bit of a register.
    pub fn bit(&self, reg: usize, n: usize) -> bool {
        self.v[reg * self.vlen / 8 + n / 8] >> (n % 8) & 1 == 1
    }

    fn set_bit(&mut self, reg: usize, n: usize, value: bool) {
        let byte = &mut self.v[reg * self.vlen / 8 + n / 8];
        *byte = *byte & !(1 << (n % 8)) | u8::from(value) << (n % 8);
    }

    /// Element `i` of a mask: "only the least-significant bit of the mask element is used".
    pub fn mask(&self, reg: usize, i: usize, mlen: usize) -> bool {
        self.bit(reg, i * mlen)
    }

    /// "The low bit in the mask element is written with the ... result and the upper bits of the mask element are zeroed."
    pub fn set_mask(&mut self, reg: usize, i: usize, mlen: usize, value: bool) {
        for n in 0..mlen {
            self.set_bit(reg, i * mlen + n, value && n == 0);
        }
    }

    /// Writes an x register; x0 stays zero.
    pub fn set_x(&mut self, n: usize, value: u64) {
        if n != 0 {
            self.x[n] = value;
        }
    }
}
