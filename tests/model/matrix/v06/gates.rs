//! Section 2, xmisa: which of its bits an instruction needs.

use super::Insn;

pub const MMI4I32: u64 = 1 << 0;
pub const MMI8I32: u64 = 1 << 1;
pub const MMF16F16: u64 = 1 << 2;
pub const MMF32F32: u64 = 1 << 3;
pub const MMF64F64: u64 = 1 << 4;
/// Also mmf8bf16.
pub const MMF8F16: u64 = 1 << 5;
pub const MMF16F32: u64 = 1 << 6;
pub const MMBF16F32: u64 = 1 << 7;
pub const MMF32F64: u64 = 1 << 8;
pub const MMF8F32: u64 = 1 << 9;
pub const MFIC: u64 = 1 << 61;
pub const MFEW: u64 = 1 << 62;
pub const MIEW: u64 = 1 << 63;

/// What a unit cannot be without.
pub const REQUIRED: u64 = MMI8I32 | MMF16F16 | MMF8F16 | MMF16F32 | MMBF16F32 | MMF8F32;

/// All of the first set of bits are needed, and one of the second, unless that is empty.
pub(super) fn gates(i: &Insn, what: &str) -> (u64, u64) {
    let formats = || i.formats();
    let is_8_bit = |name: &str| name.starts_with('e');
    match what {
        "mmacc" => match formats().0 {
            "i4" => (MMI4I32, 0),
            "i8" => (MMI8I32, 0),
            // They have no bits.
            _ => (0, 0),
        },
        "mfmacc" => match formats() {
            (from, "f16" | "bf16") if is_8_bit(from) => (MMF8F16, 0),
            (from, _) if is_8_bit(from) => (MMF8F32, 0),
            ("f16", "f16") => (MMF16F16, 0),
            ("f16", _) => (MMF16F32, 0),
            ("bf16", _) => (MMBF16F32, 0),
            ("f64", _) => (MMF64F64, 0),
            (_, "f64") => (MMF32F64, 0),
            _ => (MMF32F32, 0),
        },
        "p2b" => (MIEW | MMI4I32, 0),
        "iew" | "n4clip" => (MIEW | MMI8I32, 0),
        "few" => match i.about[1] {
            "h" => (MFEW, MMF16F16 | MMF8F16 | MMF16F32),
            "s" => (MFEW, MMF32F32 | MMF16F32 | MMBF16F32 | MMF32F64 | MMF8F32),
            _ => (MFEW, MMF64F64 | MMF32F64),
        },
        "fcvt" => match formats() {
            (a, b) if a == "tf32" || b == "tf32" => (MFEW, MMF32F32),
            (a, b) if a == "bf16" || b == "bf16" => (MFEW, MMBF16F32),
            (a, b) if a == "f64" || b == "f64" => (MFEW, MMF32F64),
            ("f32", to) if is_8_bit(to) => (MFEW, MMF8F32),
            (a, b) if is_8_bit(a) || is_8_bit(b) => (MFEW, MMF8F16),
            _ => (MFEW, MMF16F32),
        },
        "i2f" | "f2i" if i.d_size() == 32 => (MFIC, MMF32F32 | MMF16F32 | MMBF16F32 | MMF8F32),
        "i2f" | "f2i" => (MFIC, MMF16F16 | MMF8F16 | MMF16F32),
        _ => (0, 0),
    }
}
