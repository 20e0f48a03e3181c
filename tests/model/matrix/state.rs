//! What both versions of the model have in common: registers of rows, the world around, traps, integers of any width.

use crate::vector_model::bench::Pages;
use crate::vector_model::state::Bus;

/// A register: rows of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    pub rows: usize,
    /// Bits.
    pub row: usize,
    pub bytes: Vec<u8>,
}

impl Register {
    pub fn new(rows: usize, row: usize) -> Register {
        Register { rows, row, bytes: vec![0; rows * row / 8] }
    }

    /// Elements of so many bits in a row.
    pub fn columns(&self, width: usize) -> usize {
        self.row / width
    }

    /// The element at row `i`, column `j`, zero-extended. Two of 4 bits share a byte, the even one has the low half.
    pub fn get(&self, i: usize, j: usize, width: usize) -> u64 {
        assert!(i < self.rows && j < self.columns(width), "no element {i},{j} of {width} bits");
        let at = i * self.row + j * width;
        if width == 4 {
            return u64::from(self.bytes[at / 8] >> (at % 8) & 15);
        }
        (0..width / 8).fold(0, |v, n| v | u64::from(self.bytes[at / 8 + n]) << (8 * n))
    }

    /// Replaces an element by the low bits of `v`.
    pub fn set(&mut self, i: usize, j: usize, width: usize, v: u64) {
        assert!(i < self.rows && j < self.columns(width), "no element {i},{j} of {width} bits");
        let bit = i * self.row + j * width;
        let at = bit / 8;
        if width == 4 {
            let kept = self.bytes[at] & !(15 << (bit % 8));
            self.bytes[at] = kept | ((v & 15) as u8) << (bit % 8);
        }
        for n in 0..width / 8 {
            self.bytes[at + n] = (v >> (8 * n)) as u8;
        }
    }

    pub fn clear(&mut self) {
        self.bytes.fill(0);
    }
}

/// How products are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accumulation {
    /// Fused multiply-adds from +0 on, in the result's format; their sum is added to the accumulator.
    Vendor,
    /// Fused multiply-adds from the accumulator on.
    Chain,
    /// One exact sum, rounded once.
    Exact,
}

/// mstatus.MS, and FS likewise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    Off,
    Initial,
    Clean,
    Dirty,
}

/// Why an instruction is illegal, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// mstatus.MS is Off.
    Off,
    /// No such CSR, or one that cannot be written.
    NoCsr,
    /// A tile where an accumulator has to be, or the other way round.
    Class,
    /// Not the first register of a group.
    Group,
    /// A destination that is a source, too (0.3).
    Overlap,
    /// xmisa says that the unit cannot do it.
    Feature,
    /// One of the instructions that the text does not define.
    Undefined,
    /// Elements wider than ELEN.
    Width,
    /// mstatus.FS is Off (0.3).
    FloatOff,
    /// A reserved rounding mode.
    Rounding,
    SizeM,
    SizeN,
    SizeK,
    /// An odd number of 4-bit elements; bytes that are no whole elements.
    Fraction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    Illegal(Reason),
    /// The address of the first element that cannot be accessed.
    Fault {
        addr: u64,
        store: bool,
    },
}

/// Fails for a reason unless something holds.
pub fn need(holds: bool, reason: Reason) -> Result<(), Trap> {
    if holds { Ok(()) } else { Err(Trap::Illegal(reason)) }
}

/// What lies outside the matrix unit.
pub struct World<'a> {
    pub x: &'a mut [u64; 32],
    pub pages: &'a mut Pages,
}

impl World<'_> {
    pub fn set_x(&mut self, n: usize, v: u64) {
        if n != 0 {
            self.x[n] = v;
        }
    }

    /// Loads elements of so many bits. All of them, or it fails at the first that cannot be loaded.
    pub fn load(&mut self, addresses: &[u64], width: usize) -> Result<Vec<u64>, Trap> {
        let mut one =
            |addr: &u64| self.pages.load(*addr, width / 8).map_err(|_| Trap::Fault { addr: *addr, store: false });
        addresses.iter().map(&mut one).collect()
    }

    /// Stores elements in order; none of them if one cannot be stored.
    pub fn store(&mut self, elements: &[(u64, u64)], width: usize) -> Result<(), Trap> {
        let before = self.pages.clone();
        for (addr, v) in elements {
            if self.pages.store(*addr, width / 8, *v).is_err() {
                *self.pages = before;
                return Err(Trap::Fault { addr: *addr, store: true });
            }
        }
        Ok(())
    }
}

/// Bits as a signed or an unsigned number.
pub fn integer(v: u64, width: usize, signed: bool) -> i128 {
    let v = i128::from(v) & ((1 << width) - 1);
    if signed && v >> (width - 1) == 1 { v - (1 << width) } else { v }
}

/// The nearest number that fits into so many bits, and whether that is another one.
pub fn saturate(v: i128, width: usize, signed: bool) -> (i128, bool) {
    let (min, max) =
        if signed { (-1i128 << (width - 1), (1i128 << (width - 1)) - 1) } else { (0, (1i128 << width) - 1) };
    (v.clamp(min, max), v < min || v > max)
}

/// `v` without its lowest `shift` digits, rounded as xmxrm says.
pub fn round_off(v: i128, shift: u64, xmxrm: u64) -> i128 {
    if shift == 0 {
        return v;
    }
    let bit = |n: u64| v >> n & 1 == 1;
    let below = |n: u64| v & ((1 << n) - 1) != 0;
    let r = match xmxrm {
        0 => bit(shift - 1),
        1 => bit(shift - 1) && (below(shift - 1) || bit(shift)),
        2 => false,
        _ => !bit(shift) && below(shift),
    };
    (v >> shift) + i128::from(r)
}
