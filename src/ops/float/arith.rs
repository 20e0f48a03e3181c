//! Instructions that round to a floating-point result of the same format: sums, products, quotients, roots, fused
//! multiply-add and rounding to integral values.

use super::{Host, accrue_nx, finish, nx_set};
use crate::float::{self, F16, F32, F64, Format, boxed, host, unbox};
use crate::hart::{Event, Hart};
use crate::memory::{Memory, Ram};
use crate::ops::{File, Kind, Semantics};

macro_rules! dyadic {
    ($($op:ident $op_nx:ident: $($name:ident $f:ty),+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RD: File = File::F;
            const RS1: File = File::F;
            const RS2: File = File::F;
            const FP: bool = true;
            const ROUNDS: bool = true;
            #[inline(always)]
            fn ex<const FMA: bool>(hart: &mut Hart, _: Ram, a: u64, b: u64, _: u64, _: i64) -> Option<u64> {
                let (a, b) = (unbox::<$f>(a), unbox::<$f>(b));
                if nx_set(hart) {
                    return <$f>::$op_nx(a, b).map(boxed::<$f>);
                }
                let (v, inexact) = <$f>::$op(a, b)?;
                accrue_nx(hart, inexact);
                Some(boxed::<$f>(v))
            }
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, b: u64, _: u64, rm: i64) -> Result<u64, Event> {
                let mode = hart.round(rm as u8)?;
                finish::<$f>(hart, float::$op::<$f>(unbox::<$f>(a), unbox::<$f>(b), mode))
            }
        }
    )+)* };
}

dyadic! {
    add add_nx: FaddS F32, FaddD F64, FaddH F16;
    sub sub_nx: FsubS F32, FsubD F64, FsubH F16;
    mul mul_nx: FmulS F32, FmulD F64, FmulH F16;
    div div_nx: FdivS F32, FdivD F64, FdivH F16;
}

macro_rules! root {
    ($($name:ident $f:ty;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RD: File = File::F;
            const RS1: File = File::F;
            const FP: bool = true;
            const ROUNDS: bool = true;
            #[inline(always)]
            fn ex<const FMA: bool>(hart: &mut Hart, _: Ram, a: u64, _: u64, _: u64, _: i64) -> Option<u64> {
                let a = unbox::<$f>(a);
                if nx_set(hart) {
                    return <$f>::sqrt_nx(a).map(boxed::<$f>);
                }
                let (v, inexact) = <$f>::sqrt(a)?;
                accrue_nx(hart, inexact);
                Some(boxed::<$f>(v))
            }
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, _: u64, _: u64, rm: i64) -> Result<u64, Event> {
                let mode = hart.round(rm as u8)?;
                finish::<$f>(hart, float::sqrt::<$f>(unbox::<$f>(a), mode))
            }
        }
    )* };
}

root! {
    FsqrtS F32;
    FsqrtD F64;
    FsqrtH F16;
}

/// The host's multiply-adds. `FMA`: it is certain that the host has a fused instruction, and that the code this is inlined
/// into is compiled for it.
trait Fused: Format {
    #[inline(always)]
    fn fma<const FMA: bool>(a: Self::Bits, b: Self::Bits, c: Self::Bits) -> Option<(Self::Bits, bool)> {
        let _ = (a, b, c);
        None
    }

    #[inline(always)]
    fn fma_nx<const FMA: bool>(a: Self::Bits, b: Self::Bits, c: Self::Bits) -> Option<Self::Bits> {
        let _ = (a, b, c);
        None
    }
}

impl Fused for F16 {}

#[allow(unused_unsafe)] // these functions need a target feature on some hosts only
impl Fused for F32 {
    #[inline(always)]
    fn fma<const FMA: bool>(a: u32, b: u32, c: u32) -> Option<(u32, bool)> {
        host::fma_f32(a, b, c)
    }

    #[inline(always)]
    fn fma_nx<const FMA: bool>(a: u32, b: u32, c: u32) -> Option<u32> {
        if FMA {
            // SAFETY: `FMA` is true only in handlers that the engine compiles for, and runs on, hosts with the feature.
            unsafe { host::fma_f32_hw_nx(a, b, c) }
        } else {
            host::fma_f32_nx(a, b, c)
        }
    }
}

#[allow(unused_unsafe)] // these functions need a target feature on some hosts only
impl Fused for F64 {
    #[inline(always)]
    fn fma<const FMA: bool>(a: u64, b: u64, c: u64) -> Option<(u64, bool)> {
        // SAFETY: `FMA` is true only in handlers that the engine compiles for, and runs on, hosts with the feature.
        if FMA { unsafe { host::fma_f64(a, b, c) } } else { None }
    }

    #[inline(always)]
    fn fma_nx<const FMA: bool>(a: u64, b: u64, c: u64) -> Option<u64> {
        // SAFETY: as for `fma`.
        if FMA { unsafe { host::fma_f64_nx(a, b, c) } } else { None }
    }
}

macro_rules! fused {
    ($($product:ident $addend:ident: $($name:ident $f:ty),+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RD: File = File::F;
            const RS1: File = File::F;
            const RS2: File = File::F;
            const RS3: File = File::F;
            const FP: bool = true;
            const ROUNDS: bool = true;
            #[inline(always)]
            fn ex<const FMA: bool>(hart: &mut Hart, _: Ram, a: u64, b: u64, c: u64, _: i64) -> Option<u64> {
                let (a, b, c) = ($product::<$f>(a), unbox::<$f>(b), $addend::<$f>(c));
                if nx_set(hart) {
                    return <$f>::fma_nx::<FMA>(a, b, c).map(boxed::<$f>);
                }
                let (v, inexact) = <$f>::fma::<FMA>(a, b, c)?;
                accrue_nx(hart, inexact);
                Some(boxed::<$f>(v))
            }
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, b: u64, c: u64, rm: i64) -> Result<u64, Event> {
                let mode = hart.round(rm as u8)?;
                let (a, b, c) = ($product::<$f>(a), unbox::<$f>(b), $addend::<$f>(c));
                finish::<$f>(hart, float::fma::<$f>(a, b, c, mode))
            }
        }
    )+)* };
}

/// The value of a register with its sign flipped.
#[inline(always)]
fn negated<F: Format>(register: u64) -> F::Bits {
    float::neg::<F>(unbox::<F>(register))
}

// How rs1, and with it the product, and the addend rs3 go in.
fused! {
    unbox unbox: FmaddS F32, FmaddD F64, FmaddH F16;
    unbox negated: FmsubS F32, FmsubD F64, FmsubH F16;
    negated unbox: FnmsubS F32, FnmsubD F64, FnmsubH F16;
    negated negated: FnmaddS F32, FnmaddD F64, FnmaddH F16;
}

macro_rules! integral {
    ($($op:ident: $($name:ident $f:ty),+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RD: File = File::F;
            const RS1: File = File::F;
            const FP: bool = true;
            const ROUNDS: bool = true;
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, _: u64, _: u64, rm: i64) -> Result<u64, Event> {
                let mode = hart.round(rm as u8)?;
                finish::<$f>(hart, float::$op::<$f>(unbox::<$f>(a), mode))
            }
        }
    )+)* };
}

integral! {
    round: FroundS F32, FroundD F64, FroundH F16;
    round_nx: FroundnxS F32, FroundnxD F64, FroundnxH F16;
}
