//! Arithmetic within one format, minimum and maximum, signs (V, "Vector Single-Width Floating-Point Add/Subtract Instructions"
//! to "Vector Floating-Point Sign-Injection Instructions").

use core::marker::PhantomData;

use super::super::lanes::read;
use super::super::{Plan, Reason, kernel_for, vector};
use super::elementwise::{Vf, Vv};
use super::moves::{Copied, Copy, copied};
use super::{ElemFormat, FloatOp, In, Lane, in_format, lane, need};
use crate::float::{self, F16, F32, F64, Flags, Format, Round};
use crate::hart::File;

const SIGN16: u16 = 1 << 15;
const SIGN32: u32 = 1 << 31;
const SIGN64: u64 = 1 << 63;

/// Defines operations of two operands.
macro_rules! float_binary {
    ($($op:ident exact $exact:expr; 32 $l32:expr; 64 $l64:expr; $(quick $q32:expr, $q64:expr;)? => $($name:ident $form:ident),+;)*) => { $(
        pub(crate) struct $op;
        impl FloatOp for $op {
            #[inline(always)]
            fn exact<F: Format>(a: F::Bits, b: F::Bits, _: F::Bits, rm: Round) -> (F::Bits, Flags) { $exact(a, b, rm) }
            #[inline(always)]
            fn lane32<const FMA: bool, const NX: bool>(a: u32, b: u32, _: u32) -> Lane<u32> { $l32(a, b) }
            #[inline(always)]
            fn lane64<const FMA: bool, const NX: bool>(a: u64, b: u64, _: u64) -> Lane<u64> { $l64(a, b) }
            $(
                #[inline(always)]
                fn quick32<const FMA: bool>(a: u32, b: u32, _: u32) -> (u32, bool) { $q32(a, b) }
                #[inline(always)]
                fn quick64<const FMA: bool>(a: u64, b: u64, _: u64) -> (u64, bool) { $q64(a, b) }
            )?
        }
        vector! { $($name |hart, p| in_format!(p, hart, $form($op));)+ }
    )* };
}

float_binary! {
    Fadd exact float::add::<F>; 32 lane::add32::<NX>; 64 lane::add64::<NX>; => VfaddVv Vv, VfaddVf Vf;
    Fsub exact float::sub::<F>; 32 |a, b| lane::add32::<NX>(a, b ^ SIGN32); 64 |a, b| lane::add64::<NX>(a, b ^ SIGN64);
        => VfsubVv Vv, VfsubVf Vf;
    Frsub exact |a, b, rm| float::sub::<F>(b, a, rm); 32 |a, b| lane::add32::<NX>(b, a ^ SIGN32);
        64 |a, b| lane::add64::<NX>(b, a ^ SIGN64); => VfrsubVf Vf;
    Fmul exact float::mul::<F>; 32 lane::mul32::<NX>; 64 lane::mul64::<FMA, NX>; quick lane::mul32_quick, lane::mul64_quick;
        => VfmulVv Vv, VfmulVf Vf;
    Fdiv exact float::div::<F>; 32 lane::div32::<NX>; 64 lane::div64::<FMA, NX>; => VfdivVv Vv, VfdivVf Vf;
    Frdiv exact |a, b, rm| float::div::<F>(b, a, rm); 32 |a, b| lane::div32::<NX>(b, a);
        64 |a, b| lane::div64::<FMA, NX>(b, a); => VfrdivVf Vf;
    Fsqrt exact |a, _, rm| float::sqrt::<F>(a, rm); 32 |a, _| lane::sqrt32::<NX>(a); 64 |a, _| lane::sqrt64::<FMA, NX>(a);
        => VfsqrtV Vf;
}

/// Defines multiply-adds by the two factors and the addend, with the signs that are flipped first: `n` or `p` for the product
/// and for the addend.
macro_rules! float_fma {
    ($($op:ident |$a:ident, $b:ident, $c:ident| $sign:ident($x:expr, $y:expr, $z:expr) => $vv:ident $vf:ident;)*) => { $(
        pub(crate) struct $op;
        impl FloatOp for $op {
            const READS_VD: bool = true;
            #[inline(always)]
            fn exact<F: Format>($a: F::Bits, $b: F::Bits, $c: F::Bits, rm: Round) -> (F::Bits, Flags) {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: F::Bits, on: bool| if on { float::neg::<F>(v) } else { v };
                float::fma::<F>(flip($x, flip_product), $y, flip($z, flip_addend), rm)
            }
            #[inline(always)]
            fn lane16<const FMA: bool, const NX: bool>($a: u16, $b: u16, $c: u16) -> Lane<u16> {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: u16, on: bool| if on { v ^ SIGN16 } else { v };
                lane::fma16::<NX>(flip($x, flip_product), $y, flip($z, flip_addend))
            }
            #[inline(always)]
            fn lane32<const FMA: bool, const NX: bool>($a: u32, $b: u32, $c: u32) -> Lane<u32> {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: u32, on: bool| if on { v ^ SIGN32 } else { v };
                lane::fma32::<FMA, NX>(flip($x, flip_product), $y, flip($z, flip_addend))
            }
            #[inline(always)]
            fn lane64<const FMA: bool, const NX: bool>($a: u64, $b: u64, $c: u64) -> Lane<u64> {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: u64, on: bool| if on { v ^ SIGN64 } else { v };
                lane::fma64::<FMA, NX>(flip($x, flip_product), $y, flip($z, flip_addend))
            }
            #[inline(always)]
            fn quick32<const FMA: bool>($a: u32, $b: u32, $c: u32) -> (u32, bool) {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: u32, on: bool| if on { v ^ SIGN32 } else { v };
                lane::fma32_quick::<FMA>(flip($x, flip_product), $y, flip($z, flip_addend))
            }
            #[inline(always)]
            fn quick64<const FMA: bool>($a: u64, $b: u64, $c: u64) -> (u64, bool) {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: u64, on: bool| if on { v ^ SIGN64 } else { v };
                lane::fma64_quick::<FMA>(flip($x, flip_product), $y, flip($z, flip_addend))
            }
            #[inline(always)]
            fn quick_exact32<const FMA: bool>($a: u32, $b: u32, $c: u32) -> (u32, bool) {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: u32, on: bool| if on { v ^ SIGN32 } else { v };
                lane::fma32_exact::<FMA>(flip($x, flip_product), $y, flip($z, flip_addend))
            }
            #[inline(always)]
            fn quick_exact64<const FMA: bool>($a: u64, $b: u64, $c: u64) -> (u64, bool) {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: u64, on: bool| if on { v ^ SIGN64 } else { v };
                lane::fma64_exact::<FMA>(flip($x, flip_product), $y, flip($z, flip_addend))
            }
        }
        vector! {
            $vv |hart, p| in_format!(p, hart, Vv($op));
            $vf |hart, p| in_format!(p, hart, Vf($op));
        }
    )* };
}

/// Which of product and addend change sign.
#[allow(non_upper_case_globals)]
mod signs {
    pub(super) const madd: (bool, bool) = (false, false);
    pub(super) const msub: (bool, bool) = (false, true);
    pub(super) const nmadd: (bool, bool) = (true, true);
    pub(super) const nmsub: (bool, bool) = (true, false);
}

float_fma! {
    Fmacc |a, b, c| madd(a, b, c) => VfmaccVv VfmaccVf;
    Fmsac |a, b, c| msub(a, b, c) => VfmsacVv VfmsacVf;
    Fnmacc |a, b, c| nmadd(a, b, c) => VfnmaccVv VfnmaccVf;
    Fnmsac |a, b, c| nmsub(a, b, c) => VfnmsacVv VfnmsacVf;
    Fmadd |a, b, c| madd(c, b, a) => VfmaddVv VfmaddVf;
    Fmsub |a, b, c| msub(c, b, a) => VfmsubVv VfmsubVf;
    Fnmadd |a, b, c| nmadd(c, b, a) => VfnmaddVv VfnmaddVf;
    Fnmsub |a, b, c| nmsub(c, b, a) => VfnmsubVv VfnmsubVf;
}

/// Defines minimum and maximum: exactly, whether the first of two different numbers is taken, and the result for equal ones
/// (which differ if they are zeros).
macro_rules! choice {
    ($($op:ident $exact:ident $first:tt $equal:tt => $vv:ident $vf:ident;)*) => { $(
        pub(crate) struct $op;
        impl FloatOp for $op {
            const ROUNDS: bool = false;
            const INEXACT: bool = false;
            #[inline(always)]
            fn exact<F: Format>(a: F::Bits, b: F::Bits, _: F::Bits, _: Round) -> (F::Bits, Flags) { float::$exact::<F>(a, b) }
            #[inline(always)]
            fn lane16<const FMA: bool, const NX: bool>(a: u16, b: u16, _: u16) -> Lane<u16> {
                let nan = (a << 1 > 0x7c00 << 1) | (b << 1 > 0x7c00 << 1);
                // Integers in the same order, zeros a unit apart.
                let order = |v: u16| (v ^ ((v as i16) >> 15) as u16 & !SIGN16) as i16;
                (if order(a) $first order(b) { a } else { b }, nan, false)
            }
            #[inline(always)]
            fn lane32<const FMA: bool, const NX: bool>(a: u32, b: u32, _: u32) -> Lane<u32> {
                let (x, y) = (f32::from_bits(a), f32::from_bits(b));
                let r = if x == y { a $equal b } else if x $first y { a } else { b };
                (r, x.is_nan() | y.is_nan(), false)
            }
            #[inline(always)]
            fn lane64<const FMA: bool, const NX: bool>(a: u64, b: u64, _: u64) -> Lane<u64> {
                let (x, y) = (f64::from_bits(a), f64::from_bits(b));
                let r = if x == y { a $equal b } else if x $first y { a } else { b };
                (r, x.is_nan() | y.is_nan(), false)
            }
            // Hosts have this choice; of zeros of different sign it takes the second.
            #[inline(always)]
            fn quick32<const FMA: bool>(a: u32, b: u32, _: u32) -> (u32, bool) {
                let (x, y) = (f32::from_bits(a), f32::from_bits(b));
                ((if x $first y { x } else { y }).to_bits(), x.is_nan() | y.is_nan() | ((x == y) & (a != b)))
            }
            #[inline(always)]
            fn quick64<const FMA: bool>(a: u64, b: u64, _: u64) -> (u64, bool) {
                let (x, y) = (f64::from_bits(a), f64::from_bits(b));
                ((if x $first y { x } else { y }).to_bits(), x.is_nan() | y.is_nan() | ((x == y) & (a != b)))
            }
        }
        vector! {
            $vv |hart, p| in_format!(p, hart, Vv($op));
            $vf |hart, p| in_format!(p, hart, Vf($op));
        }
    )* };
}

choice! {
    Fmin min < | => VfminVv VfminVf;
    Fmax max > & => VfmaxVv VfmaxVf;
}

/// Takes over signs.
trait Signs: 'static {
    /// `a` with a sign made from those of both.
    fn of<F: Format>(a: F::Bits, b: F::Bits) -> F::Bits;
}
/// vd[i] = vs2[i] with a sign from vs1[i].
struct SignVv<O>(PhantomData<O>);
/// vd[i] = vs2[i] with a sign from f[rs1].
struct SignVf<O>(PhantomData<O>);

impl<O: Signs> Copied for SignVv<O> {
    #[inline(always)]
    fn of<F: ElemFormat, const N: usize>(file: &File, p: &Plan, i: usize, _: F::Bits) -> [F::Bits; N] {
        let (mut r, b) = (read::<F::Bits, N>(file, p.vs2, i), read::<F::Bits, N>(file, p.vs1, i));
        for k in 0..N {
            r[k] = O::of::<F>(r[k], b[k]);
        }
        r
    }
}

impl<O: Signs> Copied for SignVf<O> {
    #[inline(always)]
    fn of<F: ElemFormat, const N: usize>(file: &File, p: &Plan, i: usize, scalar: F::Bits) -> [F::Bits; N] {
        let mut r = read::<F::Bits, N>(file, p.vs2, i);
        for e in &mut r {
            *e = O::of::<F>(*e, scalar);
        }
        r
    }
}

macro_rules! signs {
    ($($op:ident $of:ident => $vv:ident $vf:ident;)*) => { $(
        struct $op;
        impl Signs for $op {
            #[inline(always)]
            fn of<F: Format>(a: F::Bits, b: F::Bits) -> F::Bits { float::$of::<F>(a, b) }
        }
        vector! {
            $vv |hart, p| copied!(p, hart, SignVv<$op>);
            $vf |hart, p| copied!(p, hart, SignVf<$op>);
        }
    )* };
}

signs! {
    Sgnj sgnj => VfsgnjVv VfsgnjVf;
    Sgnjn sgnjn => VfsgnjnVv VfsgnjnVf;
    Sgnjx sgnjx => VfsgnjxVv VfsgnjxVf;
}
