//! Exact IEEE 754-2019 arithmetic as RISC-V defines it: values in, value and flags out.
//!
//! What lives here: the formats ([`F16`], [`Bf16`], [`F32`], [`F64`]), every operation of the scalar floating-point
//! extensions (F, D, Zfh, Zfbfmin, Zfa) as a function on raw bits, NaN boxing, and in [`host`] the short paths through the
//! host's own floating-point unit; for matrices the 8-bit formats ([`Fp8`]), TensorFloat-32 ([`Tf32`]) and sums of products
//! that are rounded once ([`Exact`]). What does not: registers, `fcsr`, instructions.
//!
//! Three rules of RISC-V (unprivileged manual, chapter "F") shape the code: a NaN result is always the canonical NaN;
//! tininess is detected *after* rounding; nothing ever traps, flags only accrue.
//!
//! Operations are generic over the [`Format`] and take the rounding mode as a value:
//!
//! ```
//! use mellivora::float::{self, F64, Flags, Round};
//!
//! let (third, flags) = float::div::<F64>(1f64.to_bits(), 3f64.to_bits(), Round::Rne);
//! assert_eq!(f64::from_bits(third), 1.0 / 3.0);
//! assert_eq!(flags, Flags::NX);
//! ```

mod arith;
mod compare;
mod convert;
mod exact;
mod format;
mod fp8;
pub mod host;
mod round;
mod tf32;
mod zfa;

pub use arith::{add, div, fma, mul, sqrt, sub};
pub use compare::{
    classify, eq, is_nan, is_signaling, le, leq, lt, ltq, max, maxm, min, minm, neg, sgnj, sgnjn, sgnjx,
};
pub use convert::{
    convert, from_i8, from_i32, from_i64, from_u8, from_u32, from_u64, to_i8, to_i32, to_i64, to_u8, to_u32, to_u64,
};
pub use exact::Exact;
pub use format::{Bf16, Bits, F16, F32, F64, Format, boxed, unbox};
pub use fp8::{E4m3, E5m2, Fp8, narrow8, widen8};
pub use tf32::{Tf32, f32_from_tf32, tf32_from_f32};
pub use zfa::{fcvtmod, fli, round, round_nx};

/// A rounding mode, numbered as in `frm` and in the `rm` field of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Round {
    /// To nearest, ties to even.
    Rne = 0,
    /// Towards zero.
    Rtz = 1,
    /// Down, towards minus infinity.
    Rdn = 2,
    /// Up, towards plus infinity.
    Rup = 3,
    /// To nearest, ties to the larger magnitude.
    Rmm = 4,
}

impl Round {
    /// All five modes, in the order of their encodings.
    pub const ALL: [Round; 5] = [Round::Rne, Round::Rtz, Round::Rdn, Round::Rup, Round::Rmm];

    /// The mode of an `frm` value; `None` for the reserved values 5 and 6 and for 7 (which means "dynamic" in an
    /// instruction and is invalid in `frm`).
    #[inline]
    pub const fn from_bits(bits: u8) -> Option<Round> {
        match bits {
            0 => Some(Round::Rne),
            1 => Some(Round::Rtz),
            2 => Some(Round::Rdn),
            3 => Some(Round::Rup),
            4 => Some(Round::Rmm),
            _ => None,
        }
    }
}

bitflags::bitflags! {
    /// Accrued exceptions, laid out as in `fflags`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Flags: u8 {
        /// Inexact.
        const NX = 1;
        /// Underflow: tiny after rounding, and inexact.
        const UF = 2;
        /// Overflow.
        const OF = 4;
        /// Divide by zero.
        const DZ = 8;
        /// Invalid operation.
        const NV = 16;
    }
}
