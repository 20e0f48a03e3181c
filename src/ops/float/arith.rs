//! Instructions that round to a floating-point result of the same format: sums, products, quotients, roots, fused
//! multiply-add and rounding to integral values.

use super::{Fused, Host, accrue_nx, finish, nx_set};
use crate::float::{self, F16, F32, F64, Format, boxed, unbox};
use crate::hart::{Event, Hart};
use crate::memory::{Memory, Ram};
use crate::ops::{Semantics, operands};

macro_rules! dyadic {
    ($($op:ident $op_nx:ident: $($name:ident $f:ty),+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(F = F F; FP ROUNDS);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, _: Ram, a: u64, b: u64, _: u64, _: i64) -> Option<u64> {
                let (a, b) = (unbox::<$f>(a), unbox::<$f>(b));
                if NX || nx_set(hart) {
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
            operands!(F = F; FP ROUNDS);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, _: Ram, a: u64, _: u64, _: u64, _: i64) -> Option<u64> {
                let a = unbox::<$f>(a);
                if NX || nx_set(hart) {
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

macro_rules! fused {
    ($($product:ident $addend:ident: $($name:ident $f:ty),+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(F = F F F; FP ROUNDS);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, _: Ram, a: u64, b: u64, c: u64, _: i64) -> Option<u64> {
                let (a, b, c) = ($product::<$f>(a), unbox::<$f>(b), $addend::<$f>(c));
                if NX || nx_set(hart) {
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
            operands!(F = F; FP ROUNDS);
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
