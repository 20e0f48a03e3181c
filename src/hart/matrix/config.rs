//! What a matrix unit is: its version, its lengths, the choices that the specification leaves to the machine, and which
//! combinations there cannot be.

use crate::hart::Simd;
use crate::isa::{Extension, Isa};

/// Why there can be no such matrix unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// A length is no power of two, or out of its range.
    #[error("{name} {value} is not a power of two from {least} to {most}")]
    Length {
        /// TLEN, TRLEN, ELEN or RLEN.
        name: &'static str,
        /// What was asked for, in bits.
        value: u64,
        /// The least that there is.
        least: u64,
        /// The greatest.
        most: u64,
    },
    /// A row is longer than its tile.
    #[error("TRLEN {trlen} is more than TLEN {tlen}: a tile has one row at least")]
    RowBeyondTile {
        /// TRLEN in bits.
        trlen: u32,
        /// TLEN in bits.
        tlen: u64,
    },
    /// The rows of accumulators would be too long.
    #[error(
        "TLEN {tlen} / TRLEN {trlen} * ELEN {elen} makes rows of accumulators of {arlen} bits (ARLEN): 65536 at most"
    )]
    AccumulatorRow {
        /// TLEN in bits.
        tlen: u64,
        /// TRLEN in bits.
        trlen: u32,
        /// ELEN in bits.
        elen: u32,
        /// ARLEN in bits.
        arlen: u64,
    },
    /// All registers together take more memory of the host than allowed.
    #[error("the matrix registers take {bytes} bytes, and {cap} are allowed")]
    Storage {
        /// What they take.
        bytes: u64,
        /// [`MatrixConfig::storage`].
        cap: u64,
    },
    /// Features that the version does not know, or a required one missing.
    #[error("features (xmisa) {value:#x}: {what}")]
    Features {
        /// What was asked for.
        value: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The extensions have no matrix instructions.
    #[error("a matrix unit without matrix instructions: the extensions have no xtheadmatrix")]
    NoMatrix,
    /// [`MatrixConfig::version`] is not that of the extensions.
    #[error("a matrix unit of version {unit}, while the extensions have version {isa}")]
    Version {
        /// The unit's.
        unit: MatrixVersion,
        /// The extensions'.
        isa: MatrixVersion,
    },
    /// The host does not have the level.
    #[error("the host does not have SIMD level {0}")]
    Simd(Simd),
}

/// A version of the matrix extension. They share opcodes, and no machine has two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixVersion {
    /// 0.3: registers m0..m7, as the vendor's toolchain of 2023 has it.
    V0p3,
    /// 0.6: tiles and accumulators, the current proposal.
    V0p6,
}

impl MatrixVersion {
    /// That of a set of extensions.
    pub fn of(isa: &Isa) -> Option<MatrixVersion> {
        match () {
            _ if isa.has(Extension::Xtheadmatrix0p6) => Some(MatrixVersion::V0p6),
            _ if isa.has(Extension::Xtheadmatrix0p3) => Some(MatrixVersion::V0p3),
            _ => None,
        }
    }

    /// The name of register `n` (modulo 8): `m0` to `m7`, or `tr0` to `tr3` and `acc0` to `acc3`.
    pub fn register_name(self, n: u8) -> &'static str {
        const NAMES: [[&str; 8]; 2] = [
            ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"],
            ["tr0", "tr1", "tr2", "tr3", "acc0", "acc1", "acc2", "acc3"],
        ];
        NAMES[usize::from(self == MatrixVersion::V0p6)][usize::from(n & 7)]
    }
}

impl std::fmt::Display for MatrixVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            MatrixVersion::V0p3 => "0.3",
            MatrixVersion::V0p6 => "0.6",
        })
    }
}

/// How floating-point multiplications of matrices add up, which the specification leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accumulation {
    /// From +0 one fused multiply-add per k in the result's format, then one addition to the accumulator: what the vendor's
    /// simulator does.
    #[default]
    Vendor,
    /// From the accumulator's value one fused multiply-add per k, without an addition at the end.
    Chain,
    /// One infinitely precise sum of the accumulator and all products, rounded once.
    Exact,
}

/// A matrix unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatrixConfig {
    /// Which version of the extension it has.
    pub version: MatrixVersion,
    /// 0.6: bits of a tile register (TLEN). 0.3: bits of a matrix register, which follow from RLEN. 0: there is no unit.
    pub tlen: u64,
    /// Bits of a row: of tiles (TRLEN) in 0.6, of all registers (RLEN) in 0.3.
    pub trlen: u32,
    /// Bits of the widest element (ELEN).
    pub elen: u32,
    /// Accumulation of floating-point products.
    pub accumulation: Accumulation,
    /// Whether the instructions exist that 0.6 lists without defining them: tf32, `mmacc*.d.h`, `mmacc*.w.bp`.
    pub undefined: bool,
    /// 0.3: 16-bit floating-point elements are bfloat16, not binary16. Cores that have the CSR `fxcr` look at its bit 31, too.
    pub bf16: bool,
    /// 0.6: whether the 64-bit encodings exist.
    pub long: bool,
    /// What the unit can do, as the CSR xmisa tells: optional instructions without their bit are illegal.
    pub features: u64,
    /// The most bytes that the registers may take.
    pub storage: u64,
    /// SIMD level of the host to use.
    pub simd: Simd,
}

/// xmisa bits of 0.6.
pub(crate) mod v6 {
    pub const I4I32: u64 = 1 << 0;
    pub const I8I32: u64 = 1 << 1;
    pub const F16F16: u64 = 1 << 2;
    pub const F32F32: u64 = 1 << 3;
    pub const F64F64: u64 = 1 << 4;
    pub const F8F16: u64 = 1 << 5;
    pub const F16F32: u64 = 1 << 6;
    pub const BF16F32: u64 = 1 << 7;
    pub const F32F64: u64 = 1 << 8;
    pub const F8F32: u64 = 1 << 9;
    /// Conversions between integers and floating point.
    pub const MFIC: u64 = 1 << 61;
    /// Element-wise floating point.
    pub const MFEW: u64 = 1 << 62;
    /// Element-wise integers.
    pub const MIEW: u64 = 1 << 63;
    /// What there is without 64-bit elements.
    pub const ALL_32: u64 = I4I32 | I8I32 | F16F16 | F32F32 | F8F16 | F16F32 | BF16F32 | F8F32 | MFIC | MFEW | MIEW;
    pub const ALL: u64 = ALL_32 | F64F64 | F32F64;
    /// What each unit has, as far as its elements are wide enough.
    pub const REQUIRED: u64 = I8I32 | F16F16 | F8F16 | F16F32 | BF16F32 | F8F32;
}

/// xmisa bits of 0.3.
pub(crate) mod v3 {
    pub const I4I32: u64 = 1 << 0;
    pub const I8I32: u64 = 1 << 1;
    pub const I16I64: u64 = 1 << 2;
    pub const F16F16: u64 = 1 << 3;
    pub const F32F32: u64 = 1 << 4;
    pub const F64F64: u64 = 1 << 5;
    pub const PW_I64: u64 = 1 << 6;
    pub const PW_I32: u64 = 1 << 7;
    pub const F16F32: u64 = 1 << 8;
    pub const F32F64: u64 = 1 << 9;
    pub const ALL: u64 = (1 << 10) - 1;
    pub const REQUIRED: u64 = I8I32;
}

/// The default of [`MatrixConfig::storage`]: 64 MiB.
pub const MATRIX_STORAGE: u64 = 64 << 20;

fn power(name: &'static str, value: u64, least: u64, most: u64) -> Result<(), MatrixError> {
    let fits = value.is_power_of_two() && (least..=most).contains(&value);
    if fits { Ok(()) } else { Err(MatrixError::Length { name, value, least, most }) }
}

impl MatrixConfig {
    /// No matrix unit.
    pub fn none() -> MatrixConfig {
        MatrixConfig {
            version: MatrixVersion::V0p6,
            tlen: 0,
            trlen: 0,
            elen: 0,
            accumulation: Accumulation::default(),
            undefined: false,
            bf16: false,
            long: false,
            features: 0,
            storage: MATRIX_STORAGE,
            simd: Simd::best(),
        }
    }

    /// A unit of version 0.6 with lengths in bits, and all features that its elements allow.
    pub fn v0p6(tlen: u64, trlen: u32, elen: u32) -> MatrixConfig {
        let features = if elen < 64 { v6::ALL_32 } else { v6::ALL };
        MatrixConfig { version: MatrixVersion::V0p6, tlen, trlen, elen, features, ..MatrixConfig::none() }
    }

    /// A unit of version 0.3 with rows of so many bits, and all features.
    pub fn v0p3(rlen: u32) -> MatrixConfig {
        let tlen = u64::from(rlen / 32) * u64::from(rlen);
        let version = MatrixVersion::V0p3;
        MatrixConfig { version, tlen, trlen: rlen, elen: 64, features: v3::ALL, ..MatrixConfig::none() }
    }

    /// The unit that a set of extensions asks for: with 0.6 TLEN 512, TRLEN 128 and ELEN 32, with 0.3 RLEN 128, the settings at
    /// their defaults.
    pub fn for_isa(isa: &Isa) -> MatrixConfig {
        match MatrixVersion::of(isa) {
            Some(MatrixVersion::V0p6) => MatrixConfig::v0p6(512, 128, 32),
            Some(MatrixVersion::V0p3) => MatrixConfig::v0p3(128),
            None => MatrixConfig::none(),
        }
    }

    /// Whether there can be such a unit on a hart with these extensions. No unit at all (TLEN 0) is always possible; all matrix
    /// instructions are illegal then.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, isa: &Isa) -> Result<(), MatrixError> {
        if self.tlen == 0 {
            return Ok(());
        }
        let version = MatrixVersion::of(isa).ok_or(MatrixError::NoMatrix)?;
        if version != self.version {
            return Err(MatrixError::Version { unit: self.version, isa: version });
        }
        self.check_alone()
    }

    /// The rules that hold whatever the extensions (0.6: "Parameters"; 0.3: "State").
    pub(super) fn check_alone(&self) -> Result<(), MatrixError> {
        let (tlen, trlen, elen) = (self.tlen, self.trlen, self.elen);
        match self.version {
            MatrixVersion::V0p3 => {
                power("RLEN", trlen.into(), 128, 4096)?;
                if tlen != MatrixConfig::v0p3(trlen).tlen {
                    return Err(MatrixError::Length { name: "TLEN", value: tlen, least: 512, most: 1 << 19 });
                }
            }
            MatrixVersion::V0p6 => {
                power("ELEN", elen.into(), 8, 64)?;
                power("TRLEN", trlen.into(), 8, 1 << 16)?;
                power("TLEN", tlen, 8, 1 << 32)?;
                if u64::from(trlen) > tlen {
                    return Err(MatrixError::RowBeyondTile { trlen, tlen });
                }
                let arlen = self.rows() * u64::from(elen);
                if arlen > 1 << 16 {
                    return Err(MatrixError::AccumulatorRow { tlen, trlen, elen, arlen });
                }
            }
        }
        self.check_features()?;
        let (bytes, cap) = (self.bytes(), self.storage);
        if bytes > cap {
            return Err(MatrixError::Storage { bytes, cap });
        }
        if !Simd::available().contains(&self.simd) {
            return Err(MatrixError::Simd(self.simd));
        }
        Ok(())
    }

    fn check_features(&self) -> Result<(), MatrixError> {
        let (all, required) = match self.version {
            MatrixVersion::V0p3 => (v3::ALL, v3::REQUIRED),
            MatrixVersion::V0p6 if self.elen < 32 => (v6::ALL_32, 0),
            MatrixVersion::V0p6 if self.elen < 64 => (v6::ALL_32, v6::REQUIRED),
            MatrixVersion::V0p6 => (v6::ALL, v6::REQUIRED),
        };
        let value = self.features;
        match () {
            _ if value & !all != 0 => Err(MatrixError::Features {
                value,
                what: "a bit that this version does not have, or that needs ELEN 64",
            }),
            _ if value & required != required => {
                Err(MatrixError::Features { value, what: "a required bit is not set" })
            }
            _ => Ok(()),
        }
    }

    /// Rows of each register (ROWNUM).
    pub fn rows(&self) -> u64 {
        if self.trlen == 0 { 0 } else { self.tlen / u64::from(self.trlen) }
    }

    /// Bits of a row of an accumulator (ARLEN); of any register in 0.3.
    pub fn arlen(&self) -> u64 {
        match self.version {
            MatrixVersion::V0p3 => self.trlen.into(),
            MatrixVersion::V0p6 => self.rows() * u64::from(self.elen),
        }
    }

    /// Bytes that all registers take.
    pub fn bytes(&self) -> u64 {
        match self.version {
            MatrixVersion::V0p3 => self.tlen,
            MatrixVersion::V0p6 => (self.tlen + self.rows() * self.arlen()) / 2,
        }
    }
}
