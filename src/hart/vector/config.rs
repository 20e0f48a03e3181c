//! What a vector unit is: its lengths, the choices that the specification leaves to the machine, and which combinations
//! there cannot be.

use super::Vtype;
use crate::isa::{Extension, Isa};

/// Why there can be no such vector unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// VLEN is no power of two, or out of the specification's range.
    #[error("VLEN {0} is not a power of two from 32 to 65536")]
    Length(u32),
    /// ELEN is neither 32 nor 64.
    #[error("ELEN {0} is neither 32 nor 64")]
    ElementLength(u32),
    /// A register does not hold the widest element.
    #[error("VLEN {vlen} is less than ELEN {elen}: a vector register holds at least one of the widest elements")]
    BelowElement {
        /// VLEN in bits.
        vlen: u32,
        /// ELEN in bits.
        elen: u32,
    },
    /// The extensions have no vector instructions.
    #[error(
        "VLEN {0} without vector instructions: the extensions have neither v nor one of zve32x to zve64d nor xtheadvector"
    )]
    NoVectors(u32),
    /// [`VectorConfig::version`] is not that of the extensions.
    #[error("a vector unit of another version than that of the extensions: xtheadvector is 0.7.1, v and zve* are 1.0")]
    Version,
    /// The extensions ask for longer registers.
    #[error("VLEN {vlen} is less than the {least} bits that {} for", asks(.by, .least))]
    BelowIsa {
        /// VLEN in bits.
        vlen: u32,
        /// The least VLEN that the extensions allow.
        least: u32,
        /// The extension that asks for it; if there is none, the ISA string does it itself.
        by: Option<Extension>,
    },
    /// The extensions have other widest elements: 64 bits with V and Zve64*, else 32.
    #[error("ELEN {elen} with extensions whose widest elements have {isa} bits: {}", if *.isa == 64 { "v, zve64* and xtheadvector ask for 64" } else { "64 needs zve64x, zve64f, zve64d, v or xtheadvector" })]
    OtherElements {
        /// ELEN in bits.
        elen: u32,
        /// What the extensions have.
        isa: u32,
    },
    /// [`VectorConfig::float_widths`] names a format that the extensions do not have.
    #[error("floating-point elements of {0} bits without their extension: zvfh has 16, zve32f 32, zve64d 64")]
    Float(u32),
    /// [`VectorConfig::half_conversions`] without Zvfhmin.
    #[error("conversions of 16-bit floating-point elements without zvfhmin")]
    Halves,
    /// [`VectorConfig::high_64`] without V.
    #[error("high halves of products of 64-bit elements come with v only, not with zve64*")]
    High,
    /// [`VectorConfig::sha_512`] without Zvknhb.
    #[error("SHA-512 on vectors without zvknhb")]
    Sha512,
    /// The host does not have this SIMD level.
    #[error("this host does not have the SIMD level {0}")]
    Simd(Simd),
}

fn asks(by: &Option<Extension>, least: &u32) -> String {
    match by {
        Some(e) => format!("extension {} asks", e.name()),
        None => format!("zvl{least}b in the ISA string asks"),
    }
}

/// What to do with elements that an agnostic policy leaves open (V, "Vector Tail Agnostic and Vector Mask Agnostic").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Agnostic {
    /// They keep their values.
    #[default]
    Undisturbed,
    /// They are filled with ones.
    Ones,
}

/// In which order unordered floating-point reductions add (V, "Vector Unordered Single-Width Floating-Point Sum Reduction").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReductionOrder {
    /// One after the other, from element 0: as the ordered ones do.
    #[default]
    Sequential,
    /// A binary tree: the active elements, inactive ones replaced by the additive identity, padded to a power of two; then
    /// halves are added elementwise until one is left, and last the scalar.
    Tree,
}

/// What happens at vector memory accesses whose elements are not aligned to their width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Misaligned {
    /// They are done.
    #[default]
    Allowed,
    /// They trap: load or store address misaligned, at the element's address.
    Traps,
}

/// Which vector extension a unit has. They share opcodes and registers, and no machine has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VectorVersion {
    /// V 1.0, or a part of it (Zve*).
    #[default]
    V1,
    /// XTheadVector: the draft 0.7.1 as XuanTie C906, C910 and C920 have it.
    Thead,
}

impl VectorVersion {
    /// The `vtype` that a value given to `vsetvl` or `vsetvli` asks for, in the layout of 1.0 (which all but the CSR itself
    /// works with); `None` if it sets reserved bits. Whether the unit has such elements is another question.
    ///
    /// In 0.7.1 (section 6.1 there) LMUL is in bits 1..0, SEW in 4..2, and all others are reserved or the divided element
    /// extension's, which XTheadVector does not have.
    pub fn vtype(self, bits: u64) -> Option<Vtype> {
        match self {
            VectorVersion::V1 => (bits >> 8 == 0).then_some(Vtype(bits)),
            VectorVersion::Thead => (bits >> 5 == 0).then_some(Vtype((bits & 3) | (bits & 0x1c) << 1)),
        }
    }

    /// What a read of the `vtype` CSR gives.
    pub fn csr(self, vtype: Vtype) -> u64 {
        match self {
            VectorVersion::Thead if !vtype.ill() => (vtype.0 & 3) | (vtype.0 >> 1 & 0x1c),
            _ => vtype.0,
        }
    }

    /// A `vtype` as assemblers write it: `e32,m4,ta,ma`, or `e32,m4,d1` in 0.7.1.
    pub fn show(self, vtype: Vtype) -> String {
        match self {
            VectorVersion::Thead if !vtype.ill() => format!("e{},m{},d1", 8u32 << vtype.sew(), 1 << (vtype.lmul() & 3)),
            _ => vtype.to_string(),
        }
    }
}

/// Which of the host's SIMD instructions vector kernels are compiled for. Results are the same bits at each level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Simd {
    /// What every host of this architecture has.
    Baseline,
    /// x86-64-v3: AVX2, FMA, BMI1, BMI2, F16C.
    V3,
    /// x86-64-v4: also AVX-512 F, BW, CD, DQ and VL, in the handlers of the commonest kernels.
    V4,
}

impl std::fmt::Display for Simd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Simd::Baseline => "baseline",
            Simd::V3 => "x86-64-v3",
            Simd::V4 => "x86-64-v4",
        })
    }
}

impl Simd {
    /// The levels that this host has, lowest first.
    pub fn available() -> &'static [Simd] {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let v3 = has!("avx2") && has!("fma") && has!("bmi1") && has!("bmi2") && has!("f16c") && has!("lzcnt");
            let v4 = has!("avx512f") && has!("avx512bw") && has!("avx512cd") && has!("avx512dq") && has!("avx512vl");
            if v3 && has!("popcnt") && has!("pclmulqdq") {
                return if v4 { &[Simd::Baseline, Simd::V3, Simd::V4] } else { &[Simd::Baseline, Simd::V3] };
            }
        }
        &[Simd::Baseline]
    }

    /// The highest level that this host has.
    pub fn best() -> Simd {
        *Simd::available().last().unwrap_or(&Simd::Baseline)
    }
}

/// The greatest VLEN of the specification, in bits.
pub const MAX_VLEN: u32 = 65536;

/// What a bit of the mask of a dot product of bytes (XTheadVdot) stands for. Its text says that masks work on the bytes; no
/// implementation is known that confirms it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VdotMask {
    /// Element `4 * i + j` of the mask, as for elements of 8 bits under the same LMUL, for byte j of element i: those that are
    /// not active add nothing.
    #[default]
    Bytes,
    /// Element i of the mask for element i.
    Elements,
}

/// A vector unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorConfig {
    /// Which vector extension it has.
    pub version: VectorVersion,
    /// Bits of a vector register (VLEN); 0: there is no vector unit.
    pub vlen: u32,
    /// Bits of the widest element (ELEN): 32 or 64.
    pub elen: u32,
    /// Element widths that floating-point arithmetic has, as a set of log2 of bytes: bit 1 = binary16 (Zvfh), 2 = binary32,
    /// 3 = binary64.
    pub float_widths: u8,
    /// Whether conversions between binary16 and binary32 exist: with Zvfhmin, and so with Zvfh.
    pub half_conversions: bool,
    /// Whether multiplications that give high halves exist for 64-bit elements: with V, not with Zve64x alone.
    pub high_64: bool,
    /// Whether SHA-2 instructions work on 64-bit elements, too (SHA-512): with Zvknhb.
    pub sha_512: bool,
    /// Agnostic elements.
    pub agnostic: Agnostic,
    /// Unordered floating-point reductions.
    pub reductions: ReductionOrder,
    /// Misaligned elements.
    pub misaligned: Misaligned,
    /// Masks of dot products of bytes (XTheadVdot).
    pub vdot_mask: VdotMask,
    /// SIMD level of the host to use.
    pub simd: Simd,
}

impl VectorConfig {
    /// No vector unit.
    pub fn none() -> VectorConfig {
        VectorConfig {
            version: VectorVersion::V1,
            vlen: 0,
            elen: 0,
            float_widths: 0,
            half_conversions: false,
            high_64: false,
            sha_512: false,
            agnostic: Agnostic::default(),
            reductions: ReductionOrder::default(),
            misaligned: Misaligned::default(),
            vdot_mask: VdotMask::default(),
            simd: Simd::best(),
        }
    }

    /// The unit that a set of extensions asks for: VLEN the least that they allow (128 with V), the settings at their defaults.
    pub fn for_isa(isa: &Isa) -> VectorConfig {
        if isa.has(Extension::Xtheadvector) {
            return VectorConfig::for_thead(isa);
        }
        let widths = [(Extension::Zvfh, 1), (Extension::Zve32f, 2), (Extension::Zve64d, 3)];
        VectorConfig {
            vlen: if isa.elen() == 0 { 0 } else { isa.min_vlen() },
            elen: isa.elen(),
            float_widths: widths.iter().filter(|w| isa.has(w.0)).map(|w| 1 << w.1).sum(),
            half_conversions: isa.has(Extension::Zvfhmin),
            high_64: isa.has(Extension::V),
            sha_512: isa.has(Extension::Zvknhb),
            ..VectorConfig::none()
        }
    }

    /// The unit that XTheadVector asks for: VLEN 128 as all released cores have it, floating point of the formats that the
    /// scalar unit has.
    fn for_thead(isa: &Isa) -> VectorConfig {
        let widths = [(Extension::Zfh, 1), (Extension::F, 2), (Extension::D, 3)];
        VectorConfig {
            version: VectorVersion::Thead,
            vlen: isa.min_vlen().max(128),
            elen: isa.elen(),
            float_widths: widths.iter().filter(|w| isa.has(w.0)).map(|w| 1 << w.1).sum(),
            half_conversions: isa.has(Extension::Zfh),
            high_64: true,
            ..VectorConfig::none()
        }
    }

    /// Whether there can be such a unit on a hart with these extensions: its registers are as long as they ask for, its
    /// elements as wide, and it has nothing that they do not provide. No unit at all (VLEN 0) is always possible; all vector
    /// instructions are illegal then.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, isa: &Isa) -> Result<(), VectorError> {
        if self.vlen == 0 {
            return Ok(());
        }
        let (vlen, elen, most) = (self.vlen, self.elen, VectorConfig::for_isa(isa));
        if isa.elen() == 0 {
            return Err(VectorError::NoVectors(vlen));
        }
        self.check_alone()?;
        if self.version != most.version {
            return Err(VectorError::Version);
        }
        if elen != isa.elen() {
            return Err(VectorError::OtherElements { elen, isa: isa.elen() });
        }
        let least = isa.min_vlen();
        if vlen < least {
            // The one that names the length, rather than those that imply it.
            let by = isa.extensions().find(|e| e.info().min_vlen == least);
            return Err(VectorError::BelowIsa { vlen, least, by });
        }
        if let Some(width) = (0..8).find(|w| self.float_widths & !most.float_widths & (1 << w) != 0) {
            return Err(VectorError::Float(8 << width));
        }
        if self.half_conversions && !most.half_conversions {
            return Err(VectorError::Halves);
        }
        if self.high_64 && !most.high_64 {
            return Err(VectorError::High);
        }
        if self.sha_512 && !most.sha_512 {
            return Err(VectorError::Sha512);
        }
        Ok(())
    }

    /// The rules that hold whatever the extensions.
    pub(super) fn check_alone(&self) -> Result<(), VectorError> {
        let (vlen, elen) = (self.vlen, self.elen);
        if !vlen.is_power_of_two() || !(32..=MAX_VLEN).contains(&vlen) {
            return Err(VectorError::Length(vlen));
        }
        if elen != 32 && elen != 64 {
            return Err(VectorError::ElementLength(elen));
        }
        if vlen < elen {
            return Err(VectorError::BelowElement { vlen, elen });
        }
        if !Simd::available().contains(&self.simd) {
            return Err(VectorError::Simd(self.simd));
        }
        Ok(())
    }

    /// The greatest `vl` under a `vtype`; 0 if the unit does not support it (V, "Vector Register Grouping").
    pub(crate) fn vlmax(&self, vtype: Vtype) -> usize {
        let (sew, lmul) = (8u32 << vtype.sew(), vtype.lmul());
        if self.version == VectorVersion::Thead && lmul < 0 {
            return 0;
        }
        // SEW <= LMUL x ELEN is what has to be supported, and all that is. Bits above vma are reserved, and so is LMUL = 1/16.
        let limit = if lmul < 0 { self.elen >> -lmul } else { self.elen };
        if vtype.0 >> 8 != 0 || lmul == -4 || sew > limit {
            return 0;
        }
        let bits = self.vlen as usize;
        if lmul < 0 { bits >> -lmul >> (vtype.sew() + 3) } else { bits << lmul >> (vtype.sew() + 3) }
    }
}
