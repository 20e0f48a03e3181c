//! Vector floating point (V, "Vector Floating-Point Instructions", and the extensions for binary16 and BFloat16).
//!
//! There are two ways of doing an operation. In round-to-nearest, it goes through the host's unit, a chunk of *lanes* at a
//! time. A lane gives the result, and whether the soft code has to look at the element after all (`bad`: anything but a plain,
//! perhaps inexact result may have happened). While NX is not yet set, lanes also tell whether they were inexact. Everything
//! else is done element by element by the soft code of [`crate::float`], which is the definition.

mod arith;
mod compare;
mod convert;
mod elementwise;
mod estimate;
mod lane;
mod moves;
mod reduce;
mod widen;

pub(crate) use arith::*;
pub(crate) use compare::*;
pub(crate) use convert::*;
pub(crate) use estimate::*;
pub(crate) use moves::*;
pub(crate) use reduce::*;
pub(crate) use widen::*;

use core::marker::PhantomData;

use super::Reason;
use super::lanes::Elem;
use crate::float::{self, Bf16, Bits, F16, F32, F64, Flags, Format, Round};
use crate::hart::{Context, Event, Hart};

/// A format whose values can be elements.
pub(crate) trait ElemFormat: Format<Bits: Elem> {
    /// 1.0, which no operation has trouble with.
    const ONE: Self::Bits;
}
impl ElemFormat for F16 {
    const ONE: u16 = 0x3c00;
}
impl ElemFormat for Bf16 {
    const ONE: u16 = 0x3f80;
}
impl ElemFormat for F32 {
    const ONE: u32 = 0x3f80_0000;
}
impl ElemFormat for F64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
}

/// A lane's outcome: result, whether soft code must decide, whether it was inexact (only if asked).
pub(crate) type Lane<D> = (D, bool, bool);

/// An elementwise operation: `a` from vs2, `b` from vs1 or the scalar, `c` from vd.
pub(crate) trait Op: 'static {
    /// Element of vs2.
    type A: Elem;
    /// Element of vs1.
    type B: Elem;
    /// Element of vd.
    type D: Elem;
    /// Whether vd is read.
    const READS_VD: bool = false;
    /// Whether the result depends on `frm`. If so, lanes are for round-to-nearest.
    const ROUNDS: bool = true;
    /// Whether it can be inexact.
    const INEXACT: bool = true;
    /// Whether lanes can do it at all.
    const FAST: bool = true;
    /// Operands that raise nothing.
    const CALM: (Self::A, Self::B, Self::D);

    /// The scalar operand in an `f` register.
    fn scalar(_register: u64) -> Self::B {
        Self::CALM.1
    }
    /// The scalar operand, if the register holds nothing but it.
    #[inline(always)]
    fn scalar_if_boxed(register: u64) -> Option<Self::B> {
        Some(Self::scalar(register))
    }
    /// The operation, exactly.
    fn exact(a: Self::A, b: Self::B, c: Self::D, rm: Round) -> (Self::D, Flags);
    /// On the host. FMA: with a fused instruction. NX: nobody asks whether it is inexact.
    fn lane<const FMA: bool, const NX: bool>(a: Self::A, b: Self::B, c: Self::D) -> Lane<Self::D>;
    /// As `lane` while NX is set, with a test for bad ones that is shorter but finds too many: `lane` is asked about those.
    #[inline(always)]
    fn quick<const FMA: bool>(a: Self::A, b: Self::B, c: Self::D) -> (Self::D, bool) {
        let (r, bad, _) = Self::lane::<FMA, true>(a, b, c);
        (r, bad)
    }
    /// As `lane` while NX is not set: whether it was anything but an exact operation that raises nothing. May find too many.
    #[inline(always)]
    fn quick_exact<const FMA: bool>(a: Self::A, b: Self::B, c: Self::D) -> (Self::D, bool) {
        let (r, bad, inexact) = Self::lane::<FMA, false>(a, b, c);
        (r, bad | inexact)
    }
}

/// An operation within one format, whichever.
pub(super) trait FloatOp: 'static {
    /// See [`Op`].
    const READS_VD: bool = false;
    /// See [`Op`].
    const ROUNDS: bool = true;
    /// See [`Op`].
    const INEXACT: bool = true;
    /// The operation, exactly.
    fn exact<F: Format>(a: F::Bits, b: F::Bits, c: F::Bits, rm: Round) -> (F::Bits, Flags);
    /// In binary16 on the host: by default in binary32, which has so many places that rounding twice does no harm to sums,
    /// products, quotients and roots (Figueroa, "When is double rounding innocuous?", 1995).
    #[inline(always)]
    fn lane16<const FMA: bool, const NX: bool>(a: u16, b: u16, c: u16) -> Lane<u16> {
        let ((x, bad_x), (y, bad_y), (z, bad_z)) = (lane::widen16(a), lane::widen16(b), lane::widen16(c));
        let (r, bad, inexact) = Self::lane32::<FMA, NX>(x.to_bits(), y.to_bits(), z.to_bits());
        let (h, bad_h, inexact_h) = lane::narrow16(r);
        (h, bad | bad_h | bad_x | bad_y | bad_z, inexact | inexact_h)
    }
    /// In binary32 on the host.
    fn lane32<const FMA: bool, const NX: bool>(a: u32, b: u32, c: u32) -> Lane<u32>;
    /// In binary64 on the host.
    fn lane64<const FMA: bool, const NX: bool>(a: u64, b: u64, c: u64) -> Lane<u64>;
    /// See [`Op::quick`].
    #[inline(always)]
    fn quick32<const FMA: bool>(a: u32, b: u32, c: u32) -> (u32, bool) {
        let (r, bad, _) = Self::lane32::<FMA, true>(a, b, c);
        (r, bad)
    }
    /// See [`Op::quick`].
    #[inline(always)]
    fn quick64<const FMA: bool>(a: u64, b: u64, c: u64) -> (u64, bool) {
        let (r, bad, _) = Self::lane64::<FMA, true>(a, b, c);
        (r, bad)
    }
    /// See [`Op::quick_exact`].
    #[inline(always)]
    fn quick_exact32<const FMA: bool>(a: u32, b: u32, c: u32) -> (u32, bool) {
        let (r, bad, inexact) = Self::lane32::<FMA, false>(a, b, c);
        (r, bad | inexact)
    }
    /// See [`Op::quick_exact`].
    #[inline(always)]
    fn quick_exact64<const FMA: bool>(a: u64, b: u64, c: u64) -> (u64, bool) {
        let (r, bad, inexact) = Self::lane64::<FMA, false>(a, b, c);
        (r, bad | inexact)
    }
}

/// Formats with lanes.
pub(super) trait LaneFormat: ElemFormat {
    /// The lane of an operation.
    fn lane<O: FloatOp, const FMA: bool, const NX: bool>(
        a: Self::Bits,
        b: Self::Bits,
        c: Self::Bits,
    ) -> Lane<Self::Bits>;
    /// See [`Op::quick`].
    fn quick<O: FloatOp, const FMA: bool>(a: Self::Bits, b: Self::Bits, c: Self::Bits) -> (Self::Bits, bool);
    /// See [`Op::quick_exact`].
    fn quick_exact<O: FloatOp, const FMA: bool>(a: Self::Bits, b: Self::Bits, c: Self::Bits) -> (Self::Bits, bool);
}
impl LaneFormat for F16 {
    #[inline(always)]
    fn lane<O: FloatOp, const FMA: bool, const NX: bool>(a: u16, b: u16, c: u16) -> Lane<u16> {
        O::lane16::<FMA, NX>(a, b, c)
    }
    #[inline(always)]
    fn quick<O: FloatOp, const FMA: bool>(a: u16, b: u16, c: u16) -> (u16, bool) {
        let (r, bad, _) = O::lane16::<FMA, true>(a, b, c);
        (r, bad)
    }
    #[inline(always)]
    fn quick_exact<O: FloatOp, const FMA: bool>(a: u16, b: u16, c: u16) -> (u16, bool) {
        let (r, bad, inexact) = O::lane16::<FMA, false>(a, b, c);
        (r, bad | inexact)
    }
}
impl LaneFormat for F32 {
    #[inline(always)]
    fn lane<O: FloatOp, const FMA: bool, const NX: bool>(a: u32, b: u32, c: u32) -> Lane<u32> {
        O::lane32::<FMA, NX>(a, b, c)
    }
    #[inline(always)]
    fn quick<O: FloatOp, const FMA: bool>(a: u32, b: u32, c: u32) -> (u32, bool) {
        O::quick32::<FMA>(a, b, c)
    }
    #[inline(always)]
    fn quick_exact<O: FloatOp, const FMA: bool>(a: u32, b: u32, c: u32) -> (u32, bool) {
        O::quick_exact32::<FMA>(a, b, c)
    }
}
impl LaneFormat for F64 {
    #[inline(always)]
    fn lane<O: FloatOp, const FMA: bool, const NX: bool>(a: u64, b: u64, c: u64) -> Lane<u64> {
        O::lane64::<FMA, NX>(a, b, c)
    }
    #[inline(always)]
    fn quick<O: FloatOp, const FMA: bool>(a: u64, b: u64, c: u64) -> (u64, bool) {
        O::quick64::<FMA>(a, b, c)
    }
    #[inline(always)]
    fn quick_exact<O: FloatOp, const FMA: bool>(a: u64, b: u64, c: u64) -> (u64, bool) {
        O::quick_exact64::<FMA>(a, b, c)
    }
}

/// An operation in one format.
pub(crate) struct In<O, F>(PhantomData<(O, F)>);

impl<O: FloatOp, F: LaneFormat> Op for In<O, F> {
    type A = F::Bits;
    type B = F::Bits;
    type D = F::Bits;
    const READS_VD: bool = O::READS_VD;
    const ROUNDS: bool = O::ROUNDS;
    const INEXACT: bool = O::INEXACT;
    const CALM: (F::Bits, F::Bits, F::Bits) = (F::ONE, F::ONE, F::ONE);

    #[inline(always)]
    fn scalar(register: u64) -> F::Bits {
        float::unbox::<F>(register)
    }
    #[inline(always)]
    fn scalar_if_boxed(register: u64) -> Option<F::Bits> {
        let low = <F::Bits as Bits>::from_u64(register);
        (float::boxed::<F>(low) == register).then_some(low)
    }
    #[inline(always)]
    fn exact(a: F::Bits, b: F::Bits, c: F::Bits, rm: Round) -> (F::Bits, Flags) {
        O::exact::<F>(a, b, c, rm)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: F::Bits, b: F::Bits, c: F::Bits) -> Lane<F::Bits> {
        F::lane::<O, FMA, NX>(a, b, c)
    }
    #[inline(always)]
    fn quick<const FMA: bool>(a: F::Bits, b: F::Bits, c: F::Bits) -> (F::Bits, bool) {
        F::quick::<O, FMA>(a, b, c)
    }
    #[inline(always)]
    fn quick_exact<const FMA: bool>(a: F::Bits, b: F::Bits, c: F::Bits) -> (F::Bits, bool) {
        F::quick_exact::<O, FMA>(a, b, c)
    }
}

/// The rounding mode of vector instructions; an error if floating point is off or `frm` is reserved.
#[inline(always)]
pub(crate) fn rounding(hart: &mut Hart) -> Result<Round, Event> {
    if hart.fp_fast {
        return Ok(Round::Rne);
    }
    if hart.fs == Context::Off {
        return Err(hart.illegal());
    }
    hart.round(7)
}

/// Illegal unless the machine has arithmetic on floating-point elements of `8 << sew` bits.
fn need(hart: &Hart, sew: u8) -> Result<(), Reason> {
    let has = hart.v.config.float_widths >> (sew & 7) & 1 != 0;
    if has { Ok(()) } else { Err(Reason::Width { bits: 8u32 << (sew & 7) }) }
}

/// The kernel for a plan's SEW among the formats that the machine has vectors of.
macro_rules! by_format {
    ($p:expr, $hart:expr, $body:ident < $($arg:ty),* >) => {
        match $p.sew {
            sew if $hart.v.config.float_widths >> (sew & 7) & 1 == 0 => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
            1 => Ok(kernel::<$body<$($arg,)* F16, 16>>(&$p)),
            2 => Ok(kernel::<$body<$($arg,)* F32, 16>>(&$p)),
            _ => Ok(kernel::<$body<$($arg,)* F64, 8>>(&$p)),
        }
    };
}
use by_format;

/// The kernel for an elementwise operation in the format of SEW: `in_format!(p, hart, Vv(Fadd))`.
macro_rules! in_format {
    ($p:expr, $hart:expr, $body:ident($op:ty)) => {{
        let bytes = $p.span as usize;
        match $p.sew {
            sew if $hart.v.config.float_widths >> (sew & 7) & 1 == 0 => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
            1 => Ok(kernel_for::<$body<In<$op, F16>, 8>, $body<In<$op, F16>, 16>>(&$p, bytes)),
            2 => Ok(kernel_for::<$body<In<$op, F32>, 4>, $body<In<$op, F32>, 16>>(&$p, bytes)),
            _ => Ok(kernel_for::<$body<In<$op, F64>, 2>, $body<In<$op, F64>, 8>>(&$p, bytes)),
        }
    }};
}
use in_format;

/// Names for bodies that get handlers of their own, by the elements of a chunk.
pub(crate) mod hot {
    use super::arith::{
        Fadd, Fdiv, Fmacc, Fmadd, Fmax, Fmin, Fmsac, Fmsub, Fmul, Fnmacc, Fnmadd, Fnmsac, Fnmsub, Frsub, Fsqrt, Fsub,
    };
    use super::convert::{FromInteger, ToInteger};
    use super::elementwise::{Vf, Vv};
    use super::moves::{Copy, Splat};
    use super::widen::{Product, Wide, WideFirst, Wmacc};
    use super::{F32, F64, In};

    macro_rules! names {
        ($($name:ident $body:ident<$op:ty>;)*) => { $(pub(crate) type $name<const N: usize> = $body<$op, N>;)* };
    }
    macro_rules! arithmetic {
        ($($op:ident $vv32:ident $vf32:ident $vv64:ident $vf64:ident;)*) => { $(names! {
            $vv32 Vv<In<$op, F32>>;
            $vf32 Vf<In<$op, F32>>;
            $vv64 Vv<In<$op, F64>>;
            $vf64 Vf<In<$op, F64>>;
        })* };
    }
    arithmetic! {
        Fadd FaddVv32 FaddVf32 FaddVv64 FaddVf64;
        Fsub FsubVv32 FsubVf32 FsubVv64 FsubVf64;
        Fmul FmulVv32 FmulVf32 FmulVv64 FmulVf64;
        Fdiv FdivVv32 FdivVf32 FdivVv64 FdivVf64;
        Fmacc FmaccVv32 FmaccVf32 FmaccVv64 FmaccVf64;
        Fnmacc FnmaccVv32 FnmaccVf32 FnmaccVv64 FnmaccVf64;
        Fnmsac FnmsacVv32 FnmsacVf32 FnmsacVv64 FnmsacVf64;
        Fmadd FmaddVv32 FmaddVf32 FmaddVv64 FmaddVf64;
        Fnmsub FnmsubVv32 FnmsubVf32 FnmsubVv64 FnmsubVf64;
    }
    names! {
        FminVv32 Vv<In<Fmin, F32>>;
        FminVf32 Vf<In<Fmin, F32>>;
        FmaxVv32 Vv<In<Fmax, F32>>;
        FmaxVf32 Vf<In<Fmax, F32>>;
        FminVv64 Vv<In<Fmin, F64>>;
        FmaxVv64 Vv<In<Fmax, F64>>;
        FrsubVf32 Vf<In<Frsub, F32>>;
        FmsacVv32 Vv<In<Fmsac, F32>>;
        FmsacVf32 Vf<In<Fmsac, F32>>;
        FmsubVv32 Vv<In<Fmsub, F32>>;
        FmsubVf32 Vf<In<Fmsub, F32>>;
        FnmaddVv32 Vv<In<Fnmadd, F32>>;
        FnmaddVf32 Vf<In<Fnmadd, F32>>;
        FsqrtV32 Vf<In<Fsqrt, F32>>;
        ToInt32 Vf<ToInteger<F32, u32, true, false>>;
        ToIntRtz32 Vf<ToInteger<F32, u32, true, true>>;
        FromInt32 Vf<FromInteger<u32, F32, true>>;
        FwaddVv Vv<Wide<Fadd, F32, F64>>;
        FwaddWv Vv<WideFirst<Fadd, F32, F64>>;
        FwmulVv Vv<Wide<Product, F32, F64>>;
        FwmulVf Vf<Wide<Product, F32, F64>>;
        FwmaccVv Vv<Wide<Wmacc, F32, F64>>;
        FwmaccVf Vf<Wide<Wmacc, F32, F64>>;
    }
    pub(crate) type FmvVf32<const N: usize> = Copy<Splat, F32, N>;
    pub(crate) type FmvVf64<const N: usize> = Copy<Splat, F64, N>;
}
