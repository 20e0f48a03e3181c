//! Conversions between formats, to integers and from integers; moves between the register files; constants.
//!
//! A conversion with a rounding-mode field traps on reserved modes even where it never rounds, as on Spike. The fast paths
//! here are right in every rounding mode: they look at `rm` themselves, and exact results do not depend on it.

use super::{accrue_nx, finish};
use crate::float::{self, Bf16, F16, F32, F64, Round, boxed, host, unbox};
use crate::hart::{Event, Hart};
use crate::isa::Insn;
use crate::memory::{Memory, Ram};
use crate::ops::{File, Kind, Semantics, operands, special};

/// Every `rm` that is not reserved.
const ALL_MODES: u8 = 0b1001_1111;

/// A host conversion that always declines.
#[inline(always)]
fn none<A, T>(_: A) -> Option<(T, bool)> {
    None
}

/// Whether `rm` asks for round-to-nearest-even, given that a dynamic mode is that one.
#[inline(always)]
fn nearest(rm: i64) -> bool {
    rm == Round::Rne as i64 || rm == 7
}

/// To integers. `host` truncates; its result stands for the other modes if it is exact. 32-bit results, unsigned ones too,
/// are sign-extended.
macro_rules! to_integer {
    ($($name:ident $f:ty, $op:ident as $ext:ty, $host:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(X = F; FP ROUNDS);
            const FAST_MODES: u8 = ALL_MODES;
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, _: Ram, a: u64, _: u64, _: u64, rm: i64) -> Option<u64> {
                let (v, inexact) = $host(unbox::<$f>(a))?;
                if inexact && rm != Round::Rtz as i64 {
                    return None;
                }
                accrue_nx(hart, inexact);
                Some(v as $ext as u64)
            }
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, _: u64, _: u64, rm: i64) -> Result<u64, Event> {
                let mode = hart.round(rm as u8)?;
                let (v, flags) = float::$op::<$f>(unbox::<$f>(a), mode);
                hart.raise(flags);
                Ok(v as $ext as u64)
            }
        }
    )* };
}

to_integer! {
    FcvtWS F32, to_i32 as i32, host::i32_from_f32;
    FcvtWuS F32, to_u32 as i32, host::u32_from_f32;
    FcvtLS F32, to_i64 as i64, host::i64_from_f32;
    FcvtLuS F32, to_u64 as i64, host::u64_from_f32;
    FcvtWD F64, to_i32 as i32, host::i32_from_f64;
    FcvtWuD F64, to_u32 as i32, host::u32_from_f64;
    FcvtLD F64, to_i64 as i64, host::i64_from_f64;
    FcvtLuD F64, to_u64 as i64, host::u64_from_f64;
    FcvtWH F16, to_i32 as i32, none::<u16, i32>;
    FcvtWuH F16, to_u32 as i32, none::<u16, u32>;
    FcvtLH F16, to_i64 as i64, none::<u16, i64>;
    FcvtLuH F16, to_u64 as i64, none::<u16, u64>;
}

/// From integers of type `t`.
macro_rules! from_integer {
    ($($name:ident $f:ty, $op:ident $t:ty, $host:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(F = X; FP ROUNDS);
            const FAST_MODES: u8 = ALL_MODES;
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, _: Ram, a: u64, _: u64, _: u64, rm: i64) -> Option<u64> {
                let (v, inexact) = $host(a as $t)?;
                if inexact && !nearest(rm) {
                    return None;
                }
                accrue_nx(hart, inexact);
                Some(boxed::<$f>(v))
            }
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, _: u64, _: u64, rm: i64) -> Result<u64, Event> {
                let mode = hart.round(rm as u8)?;
                finish::<$f>(hart, float::$op::<$f>(a as $t, mode))
            }
        }
    )* };
}

from_integer! {
    FcvtSW F32, from_i32 i32, |v| Some(host::f32_from_i32(v));
    FcvtSWu F32, from_u32 u32, |v| Some(host::f32_from_u32(v));
    FcvtSL F32, from_i64 i64, |v| Some(host::f32_from_i64(v));
    FcvtSLu F32, from_u64 u64, |v| Some(host::f32_from_u64(v));
    FcvtDW F64, from_i32 i32, |v| Some((host::f64_from_i32(v), false));
    FcvtDWu F64, from_u32 u32, |v| Some((host::f64_from_u32(v), false));
    FcvtDL F64, from_i64 i64, |v| Some(host::f64_from_i64(v));
    FcvtDLu F64, from_u64 u64, |v| Some(host::f64_from_u64(v));
    FcvtHW F16, from_i32 i32, none;
    FcvtHWu F16, from_u32 u32, none;
    FcvtHL F16, from_i64 i64, none;
    FcvtHLu F16, from_u64 u64, none;
}

/// Between formats.
macro_rules! reformat {
    ($($name:ident $from:ty, $to:ty, $host:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(F = F; FP ROUNDS);
            const FAST_MODES: u8 = ALL_MODES;
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, _: Ram, a: u64, _: u64, _: u64, rm: i64) -> Option<u64> {
                let (v, inexact) = $host(unbox::<$from>(a))?;
                if inexact && !nearest(rm) {
                    return None;
                }
                accrue_nx(hart, inexact);
                Some(boxed::<$to>(v))
            }
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, _: u64, _: u64, rm: i64) -> Result<u64, Event> {
                let mode = hart.round(rm as u8)?;
                finish::<$to>(hart, float::convert::<$from, $to>(unbox::<$from>(a), mode))
            }
        }
    )* };
}

reformat! {
    FcvtSD F64, F32, host::f32_from_f64;
    FcvtDS F32, F64, |v| host::f64_from_f32(v).map(|r| (r, false));
    FcvtSH F16, F32, none;
    FcvtHS F32, F16, none;
    FcvtDH F16, F64, none;
    FcvtHD F64, F16, none;
    FcvtSBf16 Bf16, F32, |v| (!float::is_nan::<Bf16>(v)).then_some(((v as u32) << 16, false));
    FcvtBf16S F32, Bf16, none;
}

/// Moves: the bits as they are.
macro_rules! move_bits {
    ($($name:ident $rd:ident $rs1:ident |$a:ident| $e:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RD: File = File::$rd;
            const RS1: File = File::$rs1;
            const FP: bool = true;
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, _: Ram, $a: u64, _: u64, _: u64, _: i64) -> Option<u64> { Some($e) }
            fn slow(_: &mut Hart, _: &mut Memory, $a: u64, _: u64, _: u64, _: i64) -> Result<u64, Event> { Ok($e) }
        }
    )* };
}

move_bits! {
    FmvXH X F |a| a as i16 as u64;
    FmvXW X F |a| a as i32 as u64;
    FmvXD X F |a| a;
    FmvHX F X |a| boxed::<F16>(a as u16);
    FmvWX F X |a| boxed::<F32>(a as u32);
    FmvDX F X |a| a;
}

/// Binary64 to a 32-bit integer modulo 2^32, towards zero (Zfa).
#[derive(Clone, Copy)]
pub(crate) struct FcvtmodWD;
impl Semantics for FcvtmodWD {
    operands!(X = F; FP);
    #[inline(always)]
    fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, ram: Ram, a: u64, b: u64, c: u64, _: i64) -> Option<u64> {
        // In range it is `fcvt.w.d`.
        FcvtWD::ex::<FMA, NX>(hart, ram, a, b, c, Round::Rtz as i64)
    }
    fn slow(hart: &mut Hart, _: &mut Memory, a: u64, _: u64, _: u64, _: i64) -> Result<u64, Event> {
        let (v, flags) = float::fcvtmod(a);
        hart.raise(flags);
        Ok(v as u64)
    }
}

/// Loads a constant whose number stands in the place of rs1.
fn constant(hart: &mut Hart, i: &Insn, of: fn(u32) -> u64) -> Result<(), Event> {
    hart.need_fp()?;
    hart.set_f(i.rd, of(i.rs1 as u32));
    hart.dirty_fp();
    hart.pc = hart.pc.wrapping_add(i.len as u64);
    Ok(())
}

special! {
    FliS |h, _m, i| constant(h, i, |n| boxed::<F32>(float::fli::<F32>(n)));
    FliD |h, _m, i| constant(h, i, |n| boxed::<F64>(float::fli::<F64>(n)));
    FliH |h, _m, i| constant(h, i, |n| boxed::<F16>(float::fli::<F16>(n)));
}
