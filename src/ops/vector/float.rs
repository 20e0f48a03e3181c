//! Floating-point arithmetic on elements of one width: the two ways of doing it, and the instructions that are elementwise
//! (V, "Vector Floating-Point Instructions", 14.2 to 14.8).
//!
//! In round-to-nearest, binary32 and binary64 go through the host's unit, a chunk of *lanes* at a time. A lane gives the
//! result, and whether the soft code has to look at the element after all (`bad`: anything but a plain, perhaps inexact result
//! may have happened). While NX is not yet set, lanes also tell whether they were inexact. Everything else is done element by
//! element by the soft code of [`crate::float`], which is the definition.

use core::marker::PhantomData;

use super::lanes::{Elem, blend, body_and_active, read, set_first, tail, write};
use super::{Body, Done, Plan, Reason, kernel, rest, vector};
use crate::float::{self, F16, F32, F64, Flags, Format, Round};
use crate::hart::{Context, File, FpMode, Hart, Vector};
use crate::memory::Memory;

/// A format whose values can be elements.
pub(super) trait ElemFormat: Format<Bits: Elem> {
    /// 1.0, which no operation has trouble with.
    const ONE: Self::Bits;
}
impl ElemFormat for F16 {
    const ONE: u16 = 0x3c00;
}
impl ElemFormat for F32 {
    const ONE: u32 = 0x3f80_0000;
}
impl ElemFormat for F64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
}

/// A lane's outcome: result, whether soft code must decide, whether it was inexact (only if asked).
pub(super) type Lane<B> = (B, bool, bool);

/// An elementwise operation: `a` from vs2, `b` from vs1 or the scalar, `c` from vd.
pub(super) trait FloatOp {
    /// Whether vd is read.
    const READS_VD: bool = false;
    /// The operation, exactly.
    fn exact<F: Format>(a: F::Bits, b: F::Bits, c: F::Bits, rm: Round) -> (F::Bits, Flags);
    /// In binary32 on the host. FMA: with a fused instruction. NX: nobody asks whether it is inexact.
    fn lane32<const FMA: bool, const NX: bool>(a: u32, b: u32, c: u32) -> Lane<u32>;
    /// In binary64 on the host.
    fn lane64<const FMA: bool, const NX: bool>(a: u64, b: u64, c: u64) -> Lane<u64>;
}

/// Formats with lanes.
pub(super) trait LaneFormat: ElemFormat {
    /// Whether the host has this format at all.
    const FAST: bool;
    /// The lane of an operation.
    fn lane<O: FloatOp, const FMA: bool, const NX: bool>(
        a: Self::Bits,
        b: Self::Bits,
        c: Self::Bits,
    ) -> Lane<Self::Bits>;
}
impl LaneFormat for F16 {
    const FAST: bool = false;
    #[inline(always)]
    fn lane<O: FloatOp, const FMA: bool, const NX: bool>(a: u16, _: u16, _: u16) -> Lane<u16> {
        (a, true, false)
    }
}
impl LaneFormat for F32 {
    const FAST: bool = true;
    #[inline(always)]
    fn lane<O: FloatOp, const FMA: bool, const NX: bool>(a: u32, b: u32, c: u32) -> Lane<u32> {
        O::lane32::<FMA, NX>(a, b, c)
    }
}
impl LaneFormat for F64 {
    const FAST: bool = true;
    #[inline(always)]
    fn lane<O: FloatOp, const FMA: bool, const NX: bool>(a: u64, b: u64, c: u64) -> Lane<u64> {
        O::lane64::<FMA, NX>(a, b, c)
    }
}

/// The rounding mode of vector instructions; an error if floating point is off or `frm` is reserved.
#[inline(always)]
pub(crate) fn rounding(hart: &mut Hart) -> Result<Round, crate::hart::Event> {
    if hart.fp_fast {
        return Ok(Round::Rne);
    }
    if hart.fs == Context::Off {
        return Err(hart.illegal());
    }
    hart.round(7)
}

/// vd[i] = vs2[i] op vs1[i], or of those and vd[i].
pub(super) struct FloatVv<O, F, const N: usize>(PhantomData<(O, F)>);
/// vd[i] = vs2[i] op f[rs1], or of those and vd[i].
pub(super) struct FloatVf<O, F, const N: usize>(PhantomData<(O, F)>);

impl<O: FloatOp, F: LaneFormat, const N: usize> Body for FloatVv<O, F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let started = hart.v.vstart;
        if hot::<O, F, N, FMA>(hart, p, None) {
            return Ok(());
        }
        let done = rest::<General<O, F, N, false>, FMA>(hart, memory, p);
        hart.v.vstart = started;
        done
    }
}

impl<O: FloatOp, F: LaneFormat, const N: usize> Body for FloatVf<O, F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let b = float::unbox::<F>(hart.f(p.rs1));
        let started = hart.v.vstart;
        if hot::<O, F, N, FMA>(hart, p, Some(b)) {
            return Ok(());
        }
        let done = rest::<General<O, F, N, true>, FMA>(hart, memory, p);
        hart.v.vstart = started;
        done
    }
}

/// The common case, alone: NX set, rounding to nearest, no mask. `false`, with `vstart` at the first chunk that is not done,
/// where the general kernel has to go on.
#[inline(always)]
fn hot<O: FloatOp, F: LaneFormat, const N: usize, const FMA: bool>(
    hart: &mut Hart,
    p: &Plan,
    scalar: Option<F::Bits>,
) -> bool {
    if !F::FAST || !p.plain || hart.fp_mode() != FpMode::Inexact || hart.v.vstart != 0 {
        return false;
    }
    let v = &mut hart.v;
    let (mut i, vl) = (0, v.vl);
    while i + N <= vl {
        let (a, b, c) = operands::<O, F, N>(&v.file, p, i, scalar);
        let (r, bad, _) = chunk::<O, F, N, FMA, true>(a, b, c);
        if bad {
            v.vstart = i;
            return false;
        }
        v.file.set(p.vd as usize + i * F::Bits::SIZE, r);
        i += N;
    }
    while i < vl {
        let (a, b, c) = operands::<O, F, 8>(&v.file, p, i, scalar);
        // Lanes that do not count get operands that raise nothing.
        let (mut x, mut y, mut z) = (a, b, c);
        for k in 0..8 {
            let on = k < vl - i;
            (x[k], y[k]) = if on { (a[k], b[k]) } else { (F::ONE, F::ONE) };
            z[k] = if on { c[k] } else { F::ONE };
        }
        let (r, bad, _) = chunk::<O, F, 8, FMA, true>(x, y, z);
        if bad {
            v.vstart = i;
            return false;
        }
        set_first(&mut v.file, p.vd as usize + i * F::Bits::SIZE, vl - i, r);
        i += 8;
    }
    true
}

/// The operands of a chunk.
#[inline(always)]
fn operands<O: FloatOp, F: LaneFormat, const N: usize>(
    file: &File,
    p: &Plan,
    i: usize,
    scalar: Option<F::Bits>,
) -> ([F::Bits; N], [F::Bits; N], [F::Bits; N]) {
    let b = match scalar {
        Some(b) => [b; N],
        None => read(file, p.vs1, i),
    };
    (read(file, p.vs2, i), b, if O::READS_VD { read(file, p.vd, i) } else { [F::Bits::ZERO; N] })
}

/// All cases.
pub(super) struct General<O, F, const N: usize, const SCALAR: bool>(PhantomData<(O, F)>);

impl<O: FloatOp, F: LaneFormat, const N: usize, const SCALAR: bool> Body for General<O, F, N, SCALAR> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        if SCALAR {
            let b = float::unbox::<F>(hart.f(p.rs1));
            elementwise::<O, F, N, FMA>(hart, p, |_, _| [b; N])
        } else {
            elementwise::<O, F, N, FMA>(hart, p, |file, i| read::<F::Bits, N>(file, p.vs1, i))
        }
    }
}

#[inline(always)]
fn elementwise<O: FloatOp, F: LaneFormat, const N: usize, const FMA: bool>(
    hart: &mut Hart,
    p: &Plan,
    b: impl Fn(&File, usize) -> [F::Bits; N],
) -> Done {
    let rm = rounding(hart)?;
    if hart.v.vstart >= hart.v.vl {
        return Ok(());
    }
    let mut i = hart.v.vstart - hart.v.vstart % N;
    while F::FAST && hart.fp_fast && i < hart.v.vl {
        let nx = hart.fflags & Flags::NX.bits() != 0;
        i = if nx {
            fast::<O, F, N, FMA, true>(&mut hart.v, p, i, &b).0
        } else {
            let (i, inexact) = fast::<O, F, N, FMA, false>(&mut hart.v, p, i, &b);
            if inexact {
                hart.raise(Flags::NX);
            }
            i
        };
        // The chunk at `i` needs the soft code.
        if i < hart.v.vl {
            let b = b(&hart.v.file, i);
            let flags = soft::<O, F, N>(&mut hart.v, p, i, b, rm);
            hart.raise(flags);
            i += N;
        }
    }
    let mut flags = Flags::empty();
    while i < hart.v.vl {
        let b = b(&hart.v.file, i);
        flags |= soft::<O, F, N>(&mut hart.v, p, i, b, rm);
        i += N;
    }
    hart.raise(flags);
    tail::<F::Bits>(&mut hart.v, p);
    Ok(())
}

/// Works on chunks from element `i` on, as far as the host's results hold. Returns the chunk that comes next, and whether
/// something was inexact.
#[inline(always)]
fn fast<O: FloatOp, F: LaneFormat, const N: usize, const FMA: bool, const NX: bool>(
    v: &mut Vector,
    p: &Plan,
    mut i: usize,
    b: &impl Fn(&File, usize) -> [F::Bits; N],
) -> (usize, bool) {
    let mut inexact = false;
    let vd = |file: &File, i| if O::READS_VD { read::<F::Bits, N>(file, p.vd, i) } else { [F::Bits::ZERO; N] };
    if !p.masked && v.vstart == 0 {
        while i + N <= v.vl {
            let (r, bad, nx) = chunk::<O, F, N, FMA, NX>(read(&v.file, p.vs2, i), b(&v.file, i), vd(&v.file, i));
            if bad {
                return (i, inexact);
            }
            inexact |= nx;
            v.file.set(p.vd as usize + i * F::Bits::SIZE, r);
            i += N;
        }
    }
    while i < v.vl {
        let (_, active) = body_and_active::<N>(v, p, i);
        // Lanes that do not count get operands that raise nothing.
        let one = [F::ONE; N];
        let (x, y, z) = (read(&v.file, p.vs2, i), b(&v.file, i), vd(&v.file, i));
        let (x, y, z) = (blend(active, x, one), blend(active, y, one), blend(active, z, one));
        let (r, bad, nx) = chunk::<O, F, N, FMA, NX>(x, y, z);
        if bad {
            return (i, inexact);
        }
        inexact |= nx;
        write(v, p, i, r);
        i += N;
    }
    (i, inexact)
}

/// A chunk of lanes: results, whether any is bad, whether any is inexact.
#[inline(always)]
fn chunk<O: FloatOp, F: LaneFormat, const N: usize, const FMA: bool, const NX: bool>(
    a: [F::Bits; N],
    b: [F::Bits; N],
    c: [F::Bits; N],
) -> ([F::Bits; N], bool, bool) {
    let mut r = a;
    let (mut bad, mut inexact) = (false, false);
    for k in 0..N {
        let (x, y, z) = F::lane::<O, FMA, NX>(a[k], b[k], c[k]);
        r[k] = x;
        bad |= y;
        inexact |= z;
    }
    (r, bad, inexact)
}

/// The soft code for the active elements of a chunk.
#[inline(never)]
fn soft<O: FloatOp, F: LaneFormat, const N: usize>(
    v: &mut Vector,
    p: &Plan,
    i: usize,
    b: [F::Bits; N],
    rm: Round,
) -> Flags {
    let (_, active) = body_and_active::<N>(v, p, i);
    let mut r = read::<F::Bits, N>(&v.file, p.vs2, i);
    let c = read::<F::Bits, N>(&v.file, p.vd, i);
    let mut flags = Flags::empty();
    for k in 0..N {
        if active >> k & 1 != 0 {
            let (x, raised) = O::exact::<F>(r[k], b[k], c[k], rm);
            r[k] = x;
            flags |= raised;
        }
    }
    write(v, p, i, r);
    flags
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
#[allow(unused_imports)]
pub(super) use by_format;

mod lane {
    //! Lanes of the arithmetic operations, branch-free so that they become SIMD code. Why the flags are exact is explained in
    //! [`crate::float::host`]; the bounds here are the same.

    use super::Lane;

    /// Finite.
    #[inline(always)]
    fn finite32(r: f32) -> bool {
        r.to_bits() & 0x7f80_0000 != 0x7f80_0000
    }
    #[inline(always)]
    fn finite64(r: f64) -> bool {
        r.to_bits() & (0x7ff << 52) != 0x7ff << 52
    }
    /// Finite and at least twice the smallest normal number.
    #[inline(always)]
    fn clear32(r: f32) -> bool {
        (r.to_bits() << 1).wrapping_sub(2 << 24) < 0xfd << 24
    }
    #[inline(always)]
    fn clear64(r: f64) -> bool {
        let r = r.abs();
        r >= 2.0 * f64::MIN_POSITIVE && r <= f64::MAX
    }
    /// So large that the last place of a product of two numbers is far from underflow.
    #[inline(always)]
    fn roomy64(r: f64) -> bool {
        let r = r.abs();
        r >= f64::from_bits((1023 - 900) << 52) && r <= f64::MAX
    }

    macro_rules! sum {
        ($name:ident $f:ty, $u:ty, $finite:ident) => {
            #[inline(always)]
            pub(crate) fn $name<const NX: bool>(a: $u, b: $u) -> Lane<$u> {
                let (x, y) = (<$f>::from_bits(a), <$f>::from_bits(b));
                let r = x + y;
                let inexact = !NX && !((r - x == y) & (r - y == x));
                (r.to_bits(), !$finite(r), inexact)
            }
        };
    }
    sum!(add32 f32, u32, finite32);
    sum!(add64 f64, u64, finite64);

    #[inline(always)]
    pub(crate) fn mul32<const NX: bool>(a: u32, b: u32) -> Lane<u32> {
        let (x, y) = (f32::from_bits(a), f32::from_bits(b));
        let r = x * y;
        let zero = (r == 0.0) & ((x == 0.0) | (y == 0.0));
        let inexact = !NX && f64::from(x) * f64::from(y) != f64::from(r);
        (r.to_bits(), !(clear32(r) | zero), inexact)
    }

    #[inline(always)]
    pub(crate) fn mul64<const FMA: bool, const NX: bool>(a: u64, b: u64) -> Lane<u64> {
        let (x, y) = (f64::from_bits(a), f64::from_bits(b));
        let r = x * y;
        let zero = (r == 0.0) & ((x == 0.0) | (y == 0.0));
        if NX {
            return (r.to_bits(), !(clear64(r) | zero), false);
        }
        if !FMA {
            return (r.to_bits(), true, false);
        }
        (r.to_bits(), !(roomy64(r) | zero), x.mul_add(y, -r) != 0.0)
    }

    #[inline(always)]
    pub(crate) fn div32<const NX: bool>(a: u32, b: u32) -> Lane<u32> {
        let (x, y) = (f32::from_bits(a), f32::from_bits(b));
        let r = x / y;
        let zero = (r == 0.0) & (x == 0.0);
        let inexact = !NX && f64::from(r) * f64::from(y) != f64::from(x);
        // Division by zero gives an infinity or a NaN, which are not clear.
        (r.to_bits(), !(clear32(r) | zero), inexact)
    }

    #[inline(always)]
    pub(crate) fn div64<const FMA: bool, const NX: bool>(a: u64, b: u64) -> Lane<u64> {
        let (x, y) = (f64::from_bits(a), f64::from_bits(b));
        let r = x / y;
        let zero = (r == 0.0) & (x == 0.0);
        if NX {
            return (r.to_bits(), !(clear64(r) | zero), false);
        }
        if !FMA {
            return (r.to_bits(), true, false);
        }
        // The residual of a quotient is representable if the dividend is far from underflow.
        (r.to_bits(), !((clear64(r) & roomy64(x)) | zero), r.mul_add(-y, x) != 0.0)
    }

    #[inline(always)]
    pub(crate) fn sqrt32<const NX: bool>(a: u32) -> Lane<u32> {
        let x = f32::from_bits(a);
        let r = x.sqrt();
        (r.to_bits(), !finite32(r), !NX && f64::from(r) * f64::from(r) != f64::from(x))
    }

    #[inline(always)]
    pub(crate) fn sqrt64<const FMA: bool, const NX: bool>(a: u64) -> Lane<u64> {
        let x = f64::from_bits(a);
        let r = x.sqrt();
        if NX {
            return (r.to_bits(), !finite64(r), false);
        }
        if !FMA {
            return (r.to_bits(), true, false);
        }
        (r.to_bits(), !((finite64(r) & roomy64(x)) | (x == 0.0)), r.mul_add(-r, x) != 0.0)
    }

    /// `a × b + c`.
    #[inline(always)]
    pub(crate) fn fma32<const FMA: bool, const NX: bool>(a: u32, b: u32, c: u32) -> Lane<u32> {
        let (x, y, z) = (f32::from_bits(a), f32::from_bits(b), f32::from_bits(c));
        // Nothing is added: exact, unless c is a NaN or infinite, or a factor is.
        let nothing = (x == 0.0) | (y == 0.0);
        if FMA && NX {
            let r = x.mul_add(y, z);
            return (r.to_bits(), !(clear32(r) | (nothing & finite32(r))), false);
        }
        // The product is exact in binary64; see `fma_f32` of the host's short paths for the midpoints.
        let (p, w) = (f64::from(x) * f64::from(y), f64::from(z));
        let s = p + w;
        let r = s as f32;
        let exact_sum = (s - p == w) & (s - w == p);
        let midpoint = s.to_bits() & 0x1fff_ffff == 0x1000_0000;
        let bad = !(clear32(r) | (nothing & finite32(r))) | (midpoint & !exact_sum);
        (r.to_bits(), bad, !NX && !(exact_sum & (f64::from(r) == s)))
    }

    /// `a × b + c`.
    #[inline(always)]
    pub(crate) fn fma64<const FMA: bool, const NX: bool>(a: u64, b: u64, c: u64) -> Lane<u64> {
        if !FMA {
            return (a, true, false);
        }
        let (x, y, z) = (f64::from_bits(a), f64::from_bits(b), f64::from_bits(c));
        let nothing = (x == 0.0) | (y == 0.0);
        let r = x.mul_add(y, z);
        if NX {
            return (r.to_bits(), !(clear64(r) | (nothing & finite64(r))), false);
        }
        // Known to be exact or not only if the product alone is exact; the soft code decides about others, once.
        let p = x * y;
        let plain = roomy64(p) & (x.mul_add(y, -p) == 0.0) & finite64(r);
        let inexact = !((r - p == z) & (r - z == p));
        (r.to_bits(), !(plain | (nothing & finite64(r))), inexact & !nothing)
    }
}

const SIGN32: u32 = 1 << 31;
const SIGN64: u64 = 1 << 63;

/// Defines operations of two operands.
macro_rules! float_binary {
    ($($op:ident exact $exact:expr; 32 $l32:expr; 64 $l64:expr; => $($name:ident $form:ident),+;)*) => { $(
        struct $op;
        impl FloatOp for $op {
            #[inline(always)]
            fn exact<F: Format>(a: F::Bits, b: F::Bits, _: F::Bits, rm: Round) -> (F::Bits, Flags) { $exact(a, b, rm) }
            #[inline(always)]
            fn lane32<const FMA: bool, const NX: bool>(a: u32, b: u32, _: u32) -> Lane<u32> { $l32(a, b) }
            #[inline(always)]
            fn lane64<const FMA: bool, const NX: bool>(a: u64, b: u64, _: u64) -> Lane<u64> { $l64(a, b) }
        }
        vector! { $($name |hart, p| by_format!(p, hart, $form<$op>);)+ }
    )* };
}

float_binary! {
    Fadd exact float::add::<F>; 32 lane::add32::<NX>; 64 lane::add64::<NX>; => VfaddVv FloatVv, VfaddVf FloatVf;
    Fsub exact float::sub::<F>; 32 |a, b| lane::add32::<NX>(a, b ^ SIGN32); 64 |a, b| lane::add64::<NX>(a, b ^ SIGN64);
        => VfsubVv FloatVv, VfsubVf FloatVf;
    Frsub exact |a, b, rm| float::sub::<F>(b, a, rm); 32 |a, b| lane::add32::<NX>(b, a ^ SIGN32);
        64 |a, b| lane::add64::<NX>(b, a ^ SIGN64); => VfrsubVf FloatVf;
    Fmul exact float::mul::<F>; 32 lane::mul32::<NX>; 64 lane::mul64::<FMA, NX>; => VfmulVv FloatVv, VfmulVf FloatVf;
    Fdiv exact float::div::<F>; 32 lane::div32::<NX>; 64 lane::div64::<FMA, NX>; => VfdivVv FloatVv, VfdivVf FloatVf;
    Frdiv exact |a, b, rm| float::div::<F>(b, a, rm); 32 |a, b| lane::div32::<NX>(b, a);
        64 |a, b| lane::div64::<FMA, NX>(b, a); => VfrdivVf FloatVf;
    Fsqrt exact |a, _, rm| float::sqrt::<F>(a, rm); 32 |a, _| lane::sqrt32::<NX>(a); 64 |a, _| lane::sqrt64::<FMA, NX>(a);
        => VfsqrtV FloatVv;
}

/// Defines multiply-adds by the two factors and the addend, with the signs that are flipped first: `n` or `p` for the product
/// and for the addend.
macro_rules! float_fma {
    ($($op:ident |$a:ident, $b:ident, $c:ident| $sign:ident($x:expr, $y:expr, $z:expr) => $vv:ident $vf:ident;)*) => { $(
        struct $op;
        impl FloatOp for $op {
            const READS_VD: bool = true;
            #[inline(always)]
            fn exact<F: Format>($a: F::Bits, $b: F::Bits, $c: F::Bits, rm: Round) -> (F::Bits, Flags) {
                let (flip_product, flip_addend) = signs::$sign;
                let flip = |v: F::Bits, on: bool| if on { float::neg::<F>(v) } else { v };
                float::fma::<F>(flip($x, flip_product), $y, flip($z, flip_addend), rm)
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
        }
        vector! {
            $vv |hart, p| by_format!(p, hart, FloatVv<$op>);
            $vf |hart, p| by_format!(p, hart, FloatVf<$op>);
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
