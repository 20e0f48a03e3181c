//! Matrix instructions that were refused: why, and what helps.

use crate::engine::matrix_reason;
use crate::hart::{MatrixConfig, MatrixVersion};
use crate::isa::Insn;
use crate::machine::Machine;
use crate::ops::matrix::{Class, Reason};

pub(super) const MATRIX_ON: &str = "start-up code turns it on: `li t0, 0x6000000; csrs mstatus, t0`";
const FLOAT_ON: &str = "start-up code turns it on: `li t0, 0x6000; csrs mstatus, t0`";

/// Names of the bits of xmisa, by number.
const FEATURES_0P3: [&str; 10] =
    ["i4i32", "i8i32", "i16i64", "f16f16", "f32f32", "f64f64", "pw_i64", "pw_i32", "f16f32", "f32f64"];
const FEATURES_0P6: [&str; 10] = [
    "mmi4i32",
    "mmi8i32",
    "mmf16f16",
    "mmf32f32",
    "mmf64f64",
    "mmf8f16",
    "mmf16f32",
    "mmbf16f32",
    "mmf32f64",
    "mmf8f32",
];

/// A register as the version names it.
fn register(version: MatrixVersion, n: u8) -> String {
    match (version, n & 7) {
        (MatrixVersion::V0p3, n) => format!("m{n}"),
        (_, n @ ..4) => format!("tr{n}"),
        (_, n) => format!("acc{}", n - 4),
    }
}

/// The names of features.
fn features(version: MatrixVersion, bits: u64) -> Vec<&'static str> {
    let name = |n: usize| match (version, n) {
        (MatrixVersion::V0p3, n) => FEATURES_0P3.get(n).copied(),
        (_, 61) => Some("mfic"),
        (_, 62) => Some("mfew"),
        (_, 63) => Some("miew"),
        (_, n) => FEATURES_0P6.get(n).copied(),
    };
    (0..64).filter(|n| bits >> n & 1 != 0).filter_map(name).collect()
}

/// The unit in a few words.
fn unit(config: &MatrixConfig) -> String {
    match config.version {
        MatrixVersion::V0p3 => format!("matrix 0.3, RLEN {}", config.trlen),
        MatrixVersion::V0p6 => {
            format!("matrix 0.6, TLEN {}, TRLEN {}, ELEN {}", config.tlen, config.trlen, config.elen)
        }
    }
}

/// Why a matrix instruction was refused, under which configuration, and what helps.
pub(super) fn refused(machine: &Machine, insn: &Insn) -> Vec<String> {
    let hart = machine.hart();
    let config = machine.config().hart.matrix;
    if config.tlen == 0 {
        return vec!["this machine has no matrix unit: its configuration says TLEN 0".to_owned()];
    }
    let Some(reason) = matrix_reason(hart, insn) else { return Vec::new() };
    let version = config.version;
    let register = |n: u8| register(version, n);
    let size = |which: u8| match (version, which) {
        (MatrixVersion::V0p3, 0) => "sizeM",
        (MatrixVersion::V0p3, 1) => "sizeN",
        (MatrixVersion::V0p3, _) => "sizeK",
        (_, 0) => "mtilem",
        (_, 1) => "mtilen",
        _ => "mtilek",
    };
    let why = match reason {
        Reason::Off => "matrix instructions trap while mstatus.MS is Off".to_owned(),
        Reason::Class { register: n, wants: Class::Tile } => format!("{} is no tile (tr0 to tr3)", register(n)),
        Reason::Class { register: n, .. } => format!("{} is no accumulator (acc0 to acc3)", register(n)),
        Reason::Mixed => "its registers must be of one class: tiles or accumulators".to_owned(),
        Reason::Group { register: n, of } => {
            format!(
                "{} does not begin a group of {of} registers: their first number is a multiple of {of}",
                register(n)
            )
        }
        Reason::Overlap { register: n } => format!("the destination overlaps its source {}", register(n)),
        Reason::Feature { bits, any } => {
            let names = features(version, bits).join(if any { " or " } else { " and " });
            format!("the unit lacks {names}: xmisa is {:#x}", config.features)
        }
        Reason::Undefined => {
            "the specification lists it without a definition; --matrix ...,undefined=on gives it the likely one"
                .to_owned()
        }
        Reason::Width { bits } => format!("its elements of {bits} bits are wider than ELEN, {}", config.elen),
        Reason::FloatOff => "matrix 0.3 uses fcsr, and mstatus.FS is Off".to_owned(),
        Reason::Rounding { mode } => {
            let name = if version == MatrixVersion::V0p3 { "frm" } else { "xmfrm" };
            format!("{name} holds the reserved rounding mode {mode}")
        }
        Reason::Size { which, value, limit } => {
            format!("{} is {value}, and {limit} at most is possible here", size(which))
        }
        Reason::Multiple { value, of } => format!("{} is {value}, and must be a multiple of {of}", size(2)),
    };
    let advice = match reason {
        Reason::Off => MATRIX_ON.to_owned(),
        Reason::FloatOff => FLOAT_ON.to_owned(),
        _ => unit(&config),
    };
    vec![why, advice]
}
