//! Instructions that do not round: comparisons, minimum and maximum, sign injection, classification.

use super::{Host, finish};
use crate::float::{self, F16, F32, F64, boxed, unbox};
use crate::hart::{Event, Hart};
use crate::memory::{Memory, Ram};
use crate::ops::{Semantics, operands};

/// Comparisons: the exact operation, and the host's, which declines NaNs, so that quiet and signalling ones share it.
macro_rules! compare {
    ($($op:ident $host:ident: $($name:ident $f:ty),+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(X = F F; FP);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, _: Ram, a: u64, b: u64, _: u64, _: i64) -> Option<u64> {
                <$f as Host>::$host(unbox::<$f>(a), unbox::<$f>(b)).map(u64::from)
            }
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, b: u64, _: u64, _: i64) -> Result<u64, Event> {
                let (v, flags) = float::$op::<$f>(unbox::<$f>(a), unbox::<$f>(b));
                hart.raise(flags);
                Ok(v as u64)
            }
        }
    )+)* };
}

compare! {
    eq eq: FeqS F32, FeqD F64, FeqH F16;
    lt lt: FltS F32, FltD F64, FltH F16;
    le le: FleS F32, FleD F64, FleH F16;
    ltq lt: FltqS F32, FltqD F64, FltqH F16;
    leq le: FleqS F32, FleqD F64, FleqH F16;
}

/// Minimum and maximum: the host declines NaNs and zeros of different sign.
macro_rules! select {
    ($($op:ident $host:ident: $($name:ident $f:ty),+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(F = F F; FP);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, _: Ram, a: u64, b: u64, _: u64, _: i64) -> Option<u64> {
                <$f as Host>::$host(unbox::<$f>(a), unbox::<$f>(b)).map(boxed::<$f>)
            }
            fn slow(hart: &mut Hart, _: &mut Memory, a: u64, b: u64, _: u64, _: i64) -> Result<u64, Event> {
                finish::<$f>(hart, float::$op::<$f>(unbox::<$f>(a), unbox::<$f>(b)))
            }
        }
    )+)* };
}

select! {
    min min: FminS F32, FminD F64, FminH F16;
    max max: FmaxS F32, FmaxD F64, FmaxH F16;
    minm min: FminmS F32, FminmD F64, FminmH F16;
    maxm max: FmaxmS F32, FmaxmD F64, FmaxmH F16;
}

/// Sign injection: pure bits, no flags.
macro_rules! inject {
    ($($op:ident: $($name:ident $f:ty),+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(F = F F; FP);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, _: Ram, a: u64, b: u64, _: u64, _: i64) -> Option<u64> {
                Some(boxed::<$f>(float::$op::<$f>(unbox::<$f>(a), unbox::<$f>(b))))
            }
            fn slow(_: &mut Hart, _: &mut Memory, a: u64, b: u64, _: u64, _: i64) -> Result<u64, Event> {
                Ok(boxed::<$f>(float::$op::<$f>(unbox::<$f>(a), unbox::<$f>(b))))
            }
        }
    )+)* };
}

inject! {
    sgnj: FsgnjS F32, FsgnjD F64, FsgnjH F16;
    sgnjn: FsgnjnS F32, FsgnjnD F64, FsgnjnH F16;
    sgnjx: FsgnjxS F32, FsgnjxD F64, FsgnjxH F16;
}

macro_rules! class {
    ($($name:ident $f:ty;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            operands!(X = F; FP);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, _: Ram, a: u64, _: u64, _: u64, _: i64) -> Option<u64> {
                Some(float::classify::<$f>(unbox::<$f>(a)) as u64)
            }
            fn slow(_: &mut Hart, _: &mut Memory, a: u64, _: u64, _: u64, _: i64) -> Result<u64, Event> {
                Ok(float::classify::<$f>(unbox::<$f>(a)) as u64)
            }
        }
    )* };
}

class! {
    FclassS F32;
    FclassD F64;
    FclassH F16;
}
