//! Names of registers (RISC-V ABIs Specification, "Register Convention").

/// ABI names of the integer registers.
pub const X_NAMES: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2",
    "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// ABI names of the floating-point registers.
pub const F_NAMES: [&str; 32] = [
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
];

/// The number of an integer register: `x5`, `t0` or `fp`.
///
/// ```
/// use mellivora::isa::{parse_f, parse_x};
/// assert_eq!((parse_x("a0"), parse_x("x31"), parse_x("fp"), parse_x("x32")), (Some(10), Some(31), Some(8), None));
/// assert_eq!((parse_f("fa0"), parse_f("f0"), parse_f("a0")), (Some(10), Some(0), None));
/// ```
pub fn parse_x(name: &str) -> Option<u8> {
    match name {
        "fp" => Some(8),
        _ => parse(name, "x", &X_NAMES),
    }
}

/// The number of a floating-point register: `f5` or `ft5`.
pub fn parse_f(name: &str) -> Option<u8> {
    parse(name, "f", &F_NAMES)
}

fn parse(name: &str, prefix: &str, names: &[&str; 32]) -> Option<u8> {
    if let Some(n) = names.iter().position(|n| *n == name) {
        return u8::try_from(n).ok();
    }
    let digits = name.strip_prefix(prefix)?;
    let plain = digits == "0" || digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|n| plain && *n < 32)
}
