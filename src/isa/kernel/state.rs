//! CSRs and constants of the matrix extensions ("Programmer's Model" of either text), as generated files name them.

use super::Version;

/// A CSR: number, name, whether programs write it, what it holds.
pub(super) type Csr = (u16, &'static str, bool, &'static str);

const V06: [Csr; 13] = [
    (0x802, "xmcsr", true, "xmxrm [1:0], xmsat [2], xmfflags [7:3], xmfrm [10:8], xmsaten [11] in one"),
    (0x803, "mtilem", true, "rows of A and C"),
    (0x804, "mtilen", true, "rows of B, columns of C"),
    (0x805, "mtilek", true, "columns of A and B, in elements of the instruction's source type"),
    (0x806, "xmxrm", true, "fixed-point rounding mode, XM_RNU to XM_ROD"),
    (0x807, "xmsat", true, "1 once something has been saturated"),
    (0x808, "xmfflags", true, "accrued floating-point exceptions, XM_NX to XM_NV"),
    (0x809, "xmfrm", true, "floating-point rounding mode, XM_FRM_RNE to XM_FRM_RMM"),
    (0x80a, "xmsaten", true, "1: integers and results in fp8 saturate"),
    (0xcc0, "xmisa", false, "what the unit has: XMISA_... bits"),
    (0xcc1, "xtlenb", false, "bytes of a tile"),
    (0xcc2, "xtrlenb", false, "bytes of a row of a tile"),
    (0xcc3, "xalenb", false, "bytes of an accumulator"),
];

const V03: [Csr; 6] = [
    (0x801, "xmrstart", true, "first row of a load or store that is resumed; 0"),
    (
        0x802,
        "xmcsr",
        true,
        "rounding mode xmxrm [1:0], XM_RNU to XM_ROD; xmsat [2], 1 once something has been saturated",
    ),
    (0x803, "xmsize", true, "sizeM [7:0], sizeN [15:8], sizeK in bytes [31:16]"),
    (0xcc0, "xmlenb", false, "bytes of a register"),
    (0xcc1, "xrlenb", false, "bytes of a row"),
    (0xcc2, "xmisa", false, "what the unit has: XMISA_... bits"),
];

/// Constants: name, value, what it is.
pub(super) type Constant = (&'static str, u64, &'static str);

const ROUNDING: [Constant; 4] = [
    ("XM_RNU", 0, "xmxrm: to nearest, ties up"),
    ("XM_RNE", 1, "xmxrm: to nearest, ties to even"),
    ("XM_RDN", 2, "xmxrm: truncated"),
    ("XM_ROD", 3, "xmxrm: to odd"),
];

const MORE_06: [Constant; 22] = [
    ("XM_FRM_RNE", 0, "xmfrm: to nearest, ties to even"),
    ("XM_FRM_RTZ", 1, "xmfrm: towards zero"),
    ("XM_FRM_RDN", 2, "xmfrm: down"),
    ("XM_FRM_RUP", 3, "xmfrm: up"),
    ("XM_FRM_RMM", 4, "xmfrm: to nearest, ties away from zero"),
    ("XM_NX", 1, "xmfflags: inexact"),
    ("XM_UF", 2, "xmfflags: underflow"),
    ("XM_OF", 4, "xmfflags: overflow"),
    ("XM_NV", 16, "xmfflags: invalid operation"),
    ("XMISA_MMI4I32", 1, "int4 to int32"),
    ("XMISA_MMI8I32", 1 << 1, "int8 to int32"),
    ("XMISA_MMF16F16", 1 << 2, "fp16"),
    ("XMISA_MMF32F32", 1 << 3, "fp32"),
    ("XMISA_MMF64F64", 1 << 4, "fp64"),
    ("XMISA_MMF8F16", 1 << 5, "fp8 to fp16 and bf16"),
    ("XMISA_MMF16F32", 1 << 6, "fp16 to fp32"),
    ("XMISA_MMBF16F32", 1 << 7, "bf16 to fp32"),
    ("XMISA_MMF32F64", 1 << 8, "fp32 to fp64"),
    ("XMISA_MMF8F32", 1 << 9, "fp8 to fp32"),
    ("XMISA_MFIC", 1 << 61, "conversions between integers and floating point"),
    ("XMISA_MFEW", 1 << 62, "floating-point element-wise instructions and conversions"),
    ("XMISA_MIEW", 1 << 63, "integer element-wise instructions and conversions"),
];

const MORE_03: [Constant; 11] = [
    ("XMCSR_XMSAT", 4, "xmcsr: something has been saturated"),
    ("XMISA_I4I32", 1, "int4 to int32"),
    ("XMISA_I8I32", 1 << 1, "int8 to int32"),
    ("XMISA_I16I64", 1 << 2, "int16 to int64"),
    ("XMISA_F16F16", 1 << 3, "fp16"),
    ("XMISA_F32F32", 1 << 4, "fp32"),
    ("XMISA_F64F64", 1 << 5, "fp64"),
    ("XMISA_PW_I64", 1 << 6, "pointwise instructions on 64 bits"),
    ("XMISA_PW_I32", 1 << 7, "pointwise instructions on 32 bits"),
    ("XMISA_F16F32", 1 << 8, "fp16 to fp32"),
    ("XMISA_F32F64", 1 << 9, "fp32 to fp64"),
];

const STATUS: Constant = ("MSTATUS_MS", 3 << 25, "mstatus, sstatus: Off, Initial, Clean, Dirty");

impl Version {
    pub(super) fn csrs(self) -> &'static [Csr] {
        match self {
            Version::V03 => &V03,
            Version::V06 => &V06,
        }
    }

    pub(super) fn constants(self) -> impl Iterator<Item = Constant> {
        let more: &[Constant] = match self {
            Version::V03 => &MORE_03,
            Version::V06 => &MORE_06,
        };
        ROUNDING.iter().chain(more).copied().chain([STATUS])
    }

    /// Names of the matrix registers, by number.
    pub(super) fn registers(self) -> [&'static str; 8] {
        match self {
            Version::V03 => ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"],
            Version::V06 => ["tr0", "tr1", "tr2", "tr3", "acc0", "acc1", "acc2", "acc3"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::csr_number;
    use super::*;

    #[test]
    fn numbers_are_those_of_the_table() {
        for (number, name, writable, _) in V06 {
            assert_eq!(csr_number(name), Some(number), "{name}");
            assert_eq!(writable, number >> 10 != 3, "{name}");
        }
        for (number, name, writable, _) in V03 {
            assert_eq!(writable, number >> 10 != 3, "{name}");
        }
    }
}
