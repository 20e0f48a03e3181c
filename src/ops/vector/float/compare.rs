//! Comparisons, whose results are masks, and classes (V, "Vector Floating-Point Compare Instructions", "… Classify
//! Instruction").

use core::marker::PhantomData;

use super::super::lanes::{body_and_active, each_element, get_bits, mask_tail, read, set_bits};
use super::super::{Body, Done, Plan, Reason, kernel, vector};
use super::{ElemFormat, by_format, rounding};
use crate::float::{self, Bits, F16, F32, F64, Flags, Format};
use crate::hart::{File, Hart};
use crate::memory::Memory;

/// A comparison of `a` from vs2 with `b`.
trait Comparison: 'static {
    /// Exactly.
    fn exact<F: Format>(a: F::Bits, b: F::Bits) -> (bool, Flags);
    /// Of numbers.
    fn of<T: PartialOrd>(a: T, b: T) -> bool;
}

/// Formats that are compared in lanes.
trait LaneCompare: ElemFormat {
    /// The result for each lane as a bit, and whether an operand is a NaN.
    fn compare<O: Comparison, const N: usize>(a: [Self::Bits; N], b: [Self::Bits; N]) -> (u64, u64);
}

macro_rules! lane_compare {
    ($($format:ident $bits:ident |$v:ident| $value:expr, $nan:expr;)*) => { $(
        impl LaneCompare for $format {
            #[inline(always)]
            fn compare<O: Comparison, const N: usize>(a: [$bits; N], b: [$bits; N]) -> (u64, u64) {
                // In elements' own width, so that each lane contributes its bit by one instruction.
                let (mut yes, mut nan): ($bits, $bits) = (0, 0);
                for k in 0..N {
                    let value = |$v: $bits| $value;
                    let is_nan = |$v: $bits| $nan;
                    yes |= if O::of(value(a[k]), value(b[k])) { 1 << k } else { 0 };
                    nan |= if is_nan(a[k]) | is_nan(b[k]) { 1 << k } else { 0 };
                }
                (yes as u64, nan as u64)
            }
        }
    )* };
}
lane_compare! {
    // As integers in the same order, both zeros at 0.
    F16 u16 |v| if v >> 15 != 0 { 0i16.wrapping_sub((v & 0x7fff) as i16) } else { v as i16 }, v & 0x7fff > 0x7c00;
    F32 u32 |v| f32::from_bits(v), f32::from_bits(v).is_nan();
    F64 u64 |v| f64::from_bits(v), f64::from_bits(v).is_nan();
}

/// vd.mask[i] = vs2[i] ? vs1[i]
struct CompareVv<O, F, const N: usize>(PhantomData<(O, F)>);
/// vd.mask[i] = vs2[i] ? f[rs1]
struct CompareVf<O, F, const N: usize>(PhantomData<(O, F)>);

impl<O: Comparison, F: LaneCompare, const N: usize> Body for CompareVv<O, F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        compare::<O, F, N>(hart, p, |file, i| read::<F::Bits, N>(file, p.vs1, i))
    }
}
impl<O: Comparison, F: LaneCompare, const N: usize> Body for CompareVf<O, F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let b = float::unbox::<F>(hart.f(p.rs1));
        compare::<O, F, N>(hart, p, |_, _| [b; N])
    }
}

#[inline(always)]
fn compare<O: Comparison, F: LaneCompare, const N: usize>(
    hart: &mut Hart,
    p: &Plan,
    b: impl Fn(&File, usize) -> [F::Bits; N],
) -> Done {
    rounding(hart)?;
    let v = &mut hart.v;
    if v.vstart >= v.vl {
        return Ok(());
    }
    let mut i = v.vstart - v.vstart % N;
    let mut flags = Flags::empty();
    while i < v.vl {
        let (body, active) = body_and_active::<N>(v, p, i);
        let (x, y) = (read::<F::Bits, N>(&v.file, p.vs2, i), b(&v.file, i));
        let (mut new, nans) = F::compare::<O, N>(x, y);
        if nans & active != 0 {
            let (bits, raised) = exactly::<O, F, N>(x, y, active);
            new = bits;
            flags |= raised;
        }
        let inactive = if p.mask_ones { body & !active } else { 0 };
        let old = get_bits::<N>(&v.file, p.vd, i);
        set_bits::<N>(&mut v.file, p.vd, i, old & !active | new & active | inactive);
        i += N;
    }
    hart.raise(flags);
    mask_tail(&mut hart.v, p);
    Ok(())
}

#[inline(never)]
fn exactly<O: Comparison, F: Format, const N: usize>(a: [F::Bits; N], b: [F::Bits; N], active: u64) -> (u64, Flags) {
    let (mut bits, mut flags) = (0, Flags::empty());
    for k in (0..N).filter(|k| active >> k & 1 != 0) {
        let (yes, raised) = O::exact::<F>(a[k], b[k]);
        bits |= (yes as u64) << k;
        flags |= raised;
    }
    (bits, flags)
}

macro_rules! comparisons {
    ($($op:ident |$a:ident, $b:ident| $exact:expr, $of:expr => $($name:ident $form:ident),+;)*) => { $(
        struct $op;
        impl Comparison for $op {
            #[inline(always)]
            fn exact<F: Format>($a: F::Bits, $b: F::Bits) -> (bool, Flags) { $exact }
            #[inline(always)]
            fn of<T: PartialOrd>($a: T, $b: T) -> bool { $of }
        }
        vector! { $($name |hart, p| by_format!(p, hart, $form<$op>);)+ }
    )* };
}

comparisons! {
    Eq |a, b| float::eq::<F>(a, b), a == b => VmfeqVv CompareVv, VmfeqVf CompareVf;
    Ne |a, b| { let (r, flags) = float::eq::<F>(a, b); (!r, flags) }, a != b => VmfneVv CompareVv, VmfneVf CompareVf;
    Lt |a, b| float::lt::<F>(a, b), a < b => VmfltVv CompareVv, VmfltVf CompareVf;
    Le |a, b| float::le::<F>(a, b), a <= b => VmfleVv CompareVv, VmfleVf CompareVf;
    Gt |a, b| float::lt::<F>(b, a), a > b => VmfgtVf CompareVf;
    Ge |a, b| float::le::<F>(b, a), a >= b => VmfgeVf CompareVf;
    // Of XTheadVector: neither is a NaN.
    Ordered |a, b| {
        let flags = float::eq::<F>(a, b).1;
        (float::eq::<F>(a, a).0 && float::eq::<F>(b, b).0, flags)
    }, { let _ = (a, b); true } => ThVmfordVv CompareVv, ThVmfordVf CompareVf;
}

/// The class of each element.
struct Classify<F, const N: usize>(PhantomData<F>);

impl<F: ElemFormat, const N: usize> Body for Classify<F, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        rounding(hart)?;
        each_element::<F::Bits>(&mut hart.v, p, |v, i| {
            let [a] = read::<F::Bits, 1>(&v.file, p.vs2, i);
            Bits::from_u64(float::classify::<F>(a) as u64)
        });
        Ok(())
    }
}

vector! { VfclassV |hart, p| by_format!(p, hart, Classify<>); }
