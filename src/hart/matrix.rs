//! The matrix unit's state: registers, sizes and the other CSRs of XTheadMatrix 0.3 and 0.6, and what of its behaviour the
//! specifications leave to the machine.
//!
//! All registers are one run of bytes: in 0.6 the tiles tr0..tr3, then the accumulators acc0..acc3; in 0.3 m0..m7. The rows of
//! a register follow each other without gaps, and so do the registers.

mod access;
mod config;

pub use access::{I4, MatrixElement, MatrixView, MatrixViewMut, U4};
pub use config::{Accumulation, MATRIX_STORAGE, MatrixConfig, MatrixError, MatrixVersion};
pub(crate) use config::{v3, v6};

use super::{Context, Hart};
use crate::isa::Insn;
use crate::ops::matrix::kernel::Scratch;

/// Number of matrix registers, in either version.
pub const MATRIX_REGISTERS: u8 = 8;

/// Where a matrix register lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Offset of row 0 in bytes.
    pub at: usize,
    /// Bytes of a row.
    pub row: usize,
    /// Rows.
    pub rows: usize,
}

impl Place {
    /// Bytes of the register.
    pub fn len(self) -> usize {
        self.row * self.rows
    }
    /// The register's bytes in the file.
    pub fn range(self) -> std::ops::Range<usize> {
        self.at..self.at + self.len()
    }
}

/// A hart's matrix state.
#[derive(Debug)]
pub(crate) struct Matrix {
    /// mstatus.MS.
    ms: Context,
    pub file: Vec<u8>,
    /// mtilem, mtilen, mtilek of 0.6; sizeM, sizeN, sizeK (in bytes) of 0.3.
    pub sizes: [u64; 3],
    pub xmrstart: u64,
    pub xmxrm: u8,
    pub xmsat: bool,
    pub xmfflags: u8,
    pub xmfrm: u8,
    pub xmsaten: bool,
    pub config: MatrixConfig,
    /// Working memory of kernels and multiplications; no state.
    pub scratch: Scratch,
    pub block: Vec<u8>,
    rows: usize,
    tile_row: usize,
    acc_row: usize,
}

impl Clone for Matrix {
    fn clone(&self) -> Matrix {
        Matrix { file: self.file.clone(), scratch: Scratch::default(), block: Vec::new(), ..*self }
    }
}

impl Matrix {
    /// A unit with all registers zero and MS off; none where there cannot be such a unit.
    pub(super) fn new(config: MatrixConfig) -> Matrix {
        let possible = config.tlen != 0 && config.check_alone().is_ok();
        let config = if possible { config } else { MatrixConfig { tlen: 0, trlen: 0, ..config } };
        Matrix {
            ms: Context::Off,
            file: vec![0; config.bytes() as usize],
            sizes: [0; 3],
            xmrstart: 0,
            xmxrm: 0,
            xmsat: false,
            xmfflags: 0,
            xmfrm: 0,
            xmsaten: false,
            scratch: Scratch::default(),
            block: Vec::new(),
            rows: config.rows() as usize,
            tile_row: config.trlen as usize / 8,
            acc_row: config.arlen() as usize / 8,
            config,
        }
    }

    /// Whether there is a unit.
    #[inline]
    pub(crate) fn exists(&self) -> bool {
        self.config.tlen != 0
    }

    /// mstatus.MS.
    #[inline]
    pub(crate) fn ms(&self) -> Context {
        self.ms
    }

    /// Sets mstatus.MS.
    #[inline]
    pub(crate) fn set_ms(&mut self, ms: Context) {
        self.ms = if self.exists() { ms } else { Context::Off };
    }

    /// Rows of each register (ROWNUM).
    #[inline]
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of a row of a tile; of any register in 0.3.
    #[inline]
    pub(crate) fn tile_row(&self) -> usize {
        self.tile_row
    }

    /// Bytes of a row of an accumulator; of any register in 0.3.
    #[inline]
    pub(crate) fn acc_row(&self) -> usize {
        self.acc_row
    }

    /// Where register `n` (modulo 8) lies.
    #[inline]
    pub(crate) fn place(&self, n: u8) -> Place {
        let (n, rows) = (usize::from(n & 7), self.rows);
        let (tile, acc) = (rows * self.tile_row, rows * self.acc_row);
        if self.config.version == MatrixVersion::V0p3 || n < 4 {
            return Place { at: n * tile, row: self.tile_row, rows };
        }
        Place { at: 4 * tile + (n - 4) * acc, row: self.acc_row, rows }
    }

    /// The floating-point rounding mode of an instruction of 0.6: its own, or that of xmfrm. 5 to 7 are reserved.
    #[inline]
    pub(crate) fn frm(&self, insn: &Insn) -> u8 {
        insn.modes().map(|m| m.frm).filter(|frm| *frm != 7).unwrap_or(self.xmfrm)
    }

    /// Whether an instruction of 0.6 saturates: as it says, or xmsaten.
    #[inline]
    pub(crate) fn saturates(&self, insn: &Insn) -> bool {
        insn.modes().map_or(self.xmsaten, |m| m.saturate)
    }

    /// The fixed-point rounding mode of an instruction: its own, or that of xmxrm.
    #[inline]
    pub(crate) fn xrm(&self, insn: &Insn) -> u8 {
        insn.modes().map_or(self.xmxrm, |m| m.xrm)
    }

    /// xmcsr.
    fn xmcsr(&self) -> u64 {
        let low = u64::from(self.xmxrm) | u64::from(self.xmsat) << 2;
        match self.config.version {
            MatrixVersion::V0p3 => low,
            MatrixVersion::V0p6 => {
                low | u64::from(self.xmfflags) << 3 | u64::from(self.xmfrm) << 8 | u64::from(self.xmsaten) << 11
            }
        }
    }

    /// xmsize of 0.3.
    pub(crate) fn xmsize(&self) -> u64 {
        self.sizes[0] & 0xff | (self.sizes[1] & 0xff) << 8 | (self.sizes[2] & 0xffff) << 16
    }

    /// Sets xmsize of 0.3.
    pub(crate) fn set_xmsize(&mut self, v: u64) {
        self.sizes = [v & 0xff, v >> 8 & 0xff, v >> 16 & 0xffff];
    }

    /// Whether the unit has the CSR.
    pub(super) fn has_csr(&self, csr: u16) -> bool {
        self.exists()
            && match self.config.version {
                MatrixVersion::V0p3 => matches!(csr, 0x801..=0x803 | 0xcc0..=0xcc2),
                MatrixVersion::V0p6 => matches!(csr, 0x802..=0x80a | 0xcc0..=0xcc3),
            }
    }

    /// The value of a CSR that the unit has.
    pub(super) fn csr(&self, csr: u16) -> u64 {
        let register = (self.rows * self.acc_row) as u64;
        let row = self.tile_row as u64;
        match (self.config.version, csr) {
            (_, 0x802) => self.xmcsr(),
            (MatrixVersion::V0p3, 0x801) => self.xmrstart,
            (MatrixVersion::V0p3, 0x803) => self.xmsize(),
            (MatrixVersion::V0p3, 0xcc0) => register,
            (MatrixVersion::V0p3, 0xcc1) => row,
            (MatrixVersion::V0p6, 0x803..=0x805) => self.sizes[usize::from(csr - 0x803)],
            (MatrixVersion::V0p6, 0x806) => self.xmxrm.into(),
            (MatrixVersion::V0p6, 0x807) => self.xmsat.into(),
            (MatrixVersion::V0p6, 0x808) => self.xmfflags.into(),
            (MatrixVersion::V0p6, 0x809) => self.xmfrm.into(),
            (MatrixVersion::V0p6, 0x80a) => self.xmsaten.into(),
            (MatrixVersion::V0p6, 0xcc1) => self.rows as u64 * row,
            (MatrixVersion::V0p6, 0xcc2) => row,
            (MatrixVersion::V0p6, 0xcc3) => register,
            // xmisa: 0xcc0 in 0.6, 0xcc2 in 0.3.
            _ => self.config.features,
        }
    }

    /// Writes a CSR that the unit has and that can be written.
    pub(super) fn write_csr(&mut self, csr: u16, v: u64) {
        /// The flags that exist: NX, UF, OF and NV.
        const FLAGS: u8 = 0x17;
        let v6 = self.config.version == MatrixVersion::V0p6;
        match csr {
            0x801 => self.xmrstart = v & (self.rows as u64).wrapping_sub(1),
            0x802 => {
                self.xmxrm = v as u8 & 3;
                self.xmsat = v >> 2 & 1 != 0;
                if v6 {
                    self.xmfflags = (v >> 3) as u8 & FLAGS;
                    self.xmfrm = (v >> 8) as u8 & 7;
                    self.xmsaten = v >> 11 & 1 != 0;
                }
            }
            0x803 if !v6 => self.set_xmsize(v),
            0x803..=0x805 => self.sizes[usize::from(csr - 0x803)] = v,
            0x806 => self.xmxrm = v as u8 & 3,
            0x807 => self.xmsat = v & 1 != 0,
            0x808 => self.xmfflags = v as u8 & FLAGS,
            0x809 => self.xmfrm = v as u8 & 7,
            0x80a => self.xmsaten = v & 1 != 0,
            _ => {}
        }
        self.set_ms(Context::Dirty);
    }
}

/// Whether some machine has this CSR for its matrix unit.
pub(super) fn exists(csr: u16) -> bool {
    matches!(csr, 0x801..=0x80a | 0xcc0..=0xcc3)
}

impl Hart {
    /// mstatus.MS: whether there is matrix state, and whether it has changed.
    pub fn ms(&self) -> Context {
        self.matrix.ms()
    }

    /// Sets mstatus.MS.
    pub fn set_ms(&mut self, ms: Context) {
        self.matrix.set_ms(ms);
    }

    /// Rows of each matrix register; 0 without a matrix unit.
    pub fn matrix_rows(&self) -> usize {
        if self.matrix.exists() { self.matrix.rows() } else { 0 }
    }

    /// The bytes of matrix register `n` (modulo 8), row by row: of 0.6 the tiles are 0..3, the accumulators 4..7.
    pub fn matrix_bytes(&self, n: u8) -> &[u8] {
        &self.matrix.file[self.matrix.place(n).range()]
    }

    /// As [`Hart::matrix_bytes`], to be changed.
    pub fn matrix_bytes_mut(&mut self, n: u8) -> &mut [u8] {
        let range = self.matrix.place(n).range();
        &mut self.matrix.file[range]
    }

    /// Bytes of a row of matrix register `n` (modulo 8).
    pub fn matrix_row_bytes(&self, n: u8) -> usize {
        self.matrix.place(n).row
    }

    /// The sizes that instructions work on: mtilem, mtilen and mtilek in elements (0.6), or sizeM and sizeN in rows and sizeK in
    /// bytes (0.3).
    pub fn matrix_sizes(&self) -> [u64; 3] {
        self.matrix.sizes
    }

    /// Sets those sizes; of 0.3 only the bits that `xmsize` has remain.
    pub fn set_matrix_sizes(&mut self, sizes: [u64; 3]) {
        self.matrix.sizes = match self.matrix.config.version {
            MatrixVersion::V0p3 => [sizes[0] & 0xff, sizes[1] & 0xff, sizes[2] & 0xffff],
            MatrixVersion::V0p6 => sizes,
        };
    }
}
