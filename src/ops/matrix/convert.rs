//! Conversions of whole accumulators (0.6, "Conversions"), whatever the sizes are. Between elements of different widths, the
//! narrow ones fill a part of each row, the low or the high one, and the rest of a destination stays.

use core::marker::PhantomData;

use super::float::{accrue, rounding};
use super::{Gate, Registers, Rule, Sizes, lanes, matrix};
use crate::float::{self, Bf16, E4m3, E5m2, F16, F32, F64, Flags, Format, Fp8, Round};
use crate::hart::{Context, Event, Hart, v6};
use crate::isa::Insn;
use crate::ops::vector::Elem;
use crate::ops::vector::float::{FromInteger, Lane, Numeric, Op as ElementOp, ToInteger, ToNarrow, ToWide};

/// Where in a row the narrow elements lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Low,
    High,
}

/// Converts all rows. Each is computed beside the registers and then moved, so that md may be ms1.
fn convert<O: ElementOp>(hart: &mut Hart, insn: &Insn, part: Part) -> Result<(), Event> {
    let rm = rounding(hart, insn);
    let mut flags = Flags::from_bits_truncate(hart.matrix.xmfflags);
    let (md, ms1) = (hart.matrix.place(insn.rd), hart.matrix.place(insn.rs1));
    let wide = O::A::SIZE.max(O::D::SIZE);
    let count = md.row / wide;
    let from = |size: usize| if size < wide && part == Part::High { count * size } else { 0 };
    let (source, place) = (ms1.at + from(O::A::SIZE), md.at + from(O::D::SIZE));
    let mut out = vec![0; count * O::D::SIZE];
    for i in 0..md.rows {
        let file = &mut hart.matrix.file;
        let a = &file[source + i * ms1.row..][..count * O::A::SIZE];
        lanes::row::<O>(a, None, &mut out, rm, &mut flags);
        file[place + i * md.row..][..out.len()].copy_from_slice(&out);
    }
    accrue(hart, flags);
    Ok(())
}

/// Converts to an 8-bit format, which overflows as xmsaten or the instruction says.
fn convert8<F: Numeric, D: Fp8>(hart: &mut Hart, insn: &Insn, part: Part) -> Result<(), Event> {
    if hart.matrix.saturates(insn) {
        convert::<Narrow8<F, D, true>>(hart, insn, part)
    } else {
        convert::<Narrow8<F, D, false>>(hart, insn, part)
    }
}

/// Nibbles to bytes: those of the low or the high half of each row.
fn unpack(hart: &mut Hart, insn: &Insn, part: Part, signed: bool) -> Result<(), Event> {
    let (md, ms1) = (hart.matrix.place(insn.rd), hart.matrix.place(insn.rs1));
    let mut out = vec![0; md.row];
    for i in 0..md.rows {
        let file = &mut hart.matrix.file;
        let row = &file[ms1.at + i * ms1.row..][..ms1.row];
        let first = if part == Part::High { ms1.row } else { 0 };
        for (j, to) in out.iter_mut().enumerate() {
            let nibble = first + j;
            let v = row[nibble / 2] >> (nibble % 2 * 4) & 15;
            *to = if signed { ((v << 4) as i8 >> 4) as u8 } else { v };
        }
        file[md.at + i * md.row..][..md.row].copy_from_slice(&out);
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// From an 8-bit format, exactly.
struct Widen8<S>(PhantomData<S>);

impl<S: Fp8> ElementOp for Widen8<S> {
    type A = u8;
    type B = u8;
    type D = u16;
    const ROUNDS: bool = false;
    const INEXACT: bool = false;
    const CALM: (u8, u8, u16) = (0, 0, 0);

    #[inline(always)]
    fn exact(a: u8, _: u8, _: u16, _: Round) -> (u16, Flags) {
        float::widen8::<S, F16>(a)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: u8, _: u8, _: u16) -> Lane<u16> {
        let (sign, magnitude) = (u16::from(a & 0x80) << 8, u16::from(a & 0x7f));
        let bad = a & 0x7f > S::INF.unwrap_or(S::MAX);
        if S::BIAS == 15 {
            return (sign | magnitude << (10 - S::FRAC_BITS), bad, false);
        }
        let normal = (magnitude << (10 - S::FRAC_BITS)) + ((15 - S::BIAS as u16) << 10);
        // A subnormal becomes the fraction of the smallest normal number, which is then taken away.
        let (smallest, shift) = ((128 - S::BIAS as u32) << 23, 23 - S::FRAC_BITS);
        let x = f32::from_bits(smallest + (u32::from(magnitude) << shift)) - f32::from_bits(smallest);
        let subnormal = ((x.to_bits() >> 13) as u16).saturating_sub(112 << 10);
        (sign | if magnitude >> S::FRAC_BITS == 0 { subnormal } else { normal }, bad, false)
    }
}

/// To an 8-bit format. SATURATES: what is too large becomes the largest number.
struct Narrow8<F, D, const SATURATES: bool>(PhantomData<(F, D)>);

impl<F: Numeric, D: Fp8, const SATURATES: bool> ElementOp for Narrow8<F, D, SATURATES> {
    type A = F::Bits;
    type B = u8;
    type D = u8;
    const CALM: (F::Bits, u8, u8) = (F::ONE, 0, 0);

    #[inline(always)]
    fn exact(a: F::Bits, _: u8, _: u8, rm: Round) -> (u8, Flags) {
        float::narrow8::<F, D>(a, rm, SATURATES)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: F::Bits, _: u8, _: u8) -> Lane<u8> {
        let (x, bad) = F::single(a);
        let (bits, drop) = (x.to_bits(), 23 - D::FRAC_BITS);
        let magnitude = bits & 0x7fff_ffff;
        let smallest = (128 - D::BIAS as u32) << 23;
        // Below twice the smallest normal number codes count equal steps: adding a number of which these are the last place
        // rounds to them, and its bits count them.
        let steps = f32::from_bits(smallest + ((23 - D::FRAC_BITS) << 23));
        let (m, sum) = (f32::from_bits(magnitude), f32::from_bits(magnitude) + steps);
        let low = (sum.to_bits().wrapping_sub(steps.to_bits()), sum - steps != m);
        let up = (1 << (drop - 1)) - 1 + (magnitude >> drop & 1);
        let rounded = magnitude.wrapping_sub(smallest - (1 << 23)).wrapping_add(up) >> drop;
        let high = (rounded, magnitude & ((1 << drop) - 1) != 0);
        let (code, inexact) = if magnitude < smallest + (1 << 23) { low } else { high };
        // What is inexact below the normal numbers may be tiny.
        let bad = bad | (code > u32::from(D::MAX)) | (inexact & (magnitude < smallest));
        ((bits >> 24 & 0x80) as u8 | code as u8, bad, inexact)
    }
}

/// To TensorFloat-32.
struct ToTf32;

impl ElementOp for ToTf32 {
    type A = u32;
    type B = u32;
    type D = u32;
    const CALM: (u32, u32, u32) = (0, 0, 0);

    #[inline(always)]
    fn exact(a: u32, _: u32, _: u32, rm: Round) -> (u32, Flags) {
        float::tf32_from_f32(a, rm)
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: u32, _: u32, _: u32) -> Lane<u32> {
        let (magnitude, inexact) = (a & !(F32::SIGN as u32), a & 0x1fff != 0);
        let rounded = a.wrapping_add(0xfff + (a >> 13 & 1)) & !0x1fff;
        // A magnitude that rounds to less than infinity, and is not tiny.
        let clear = (2 << 23..0x7f7f_f000).contains(&magnitude);
        (rounded, !clear & (inexact | (magnitude > 0x7f80_0000)), inexact)
    }
}

/// From TensorFloat-32.
struct FromTf32;

impl ElementOp for FromTf32 {
    type A = u32;
    type B = u32;
    type D = u32;
    const ROUNDS: bool = false;
    const INEXACT: bool = false;
    const CALM: (u32, u32, u32) = (0, 0, 0);

    #[inline(always)]
    fn exact(a: u32, _: u32, _: u32, _: Round) -> (u32, Flags) {
        (float::f32_from_tf32(a), Flags::empty())
    }
    #[inline(always)]
    fn lane<const FMA: bool, const NX: bool>(a: u32, _: u32, _: u32) -> Lane<u32> {
        (float::f32_from_tf32(a), false, false)
    }
}

const fn rule(all: u64, any: u64, width: u32) -> Rule {
    Rule {
        registers: Registers::Accumulators,
        gate: Gate { all, any, undefined: false, width },
        rounds: true,
        sizes: Sizes::Ignored,
    }
}

const HALF_FP8: Rule = rule(v6::MFEW | v6::F8F16, 0, 16);
const SINGLE_FP8: Rule = rule(v6::MFEW | v6::F8F32, 0, 32);
const SINGLE_HALF: Rule = rule(v6::MFEW | v6::F16F32, 0, 32);
const SINGLE_BF16: Rule = rule(v6::MFEW | v6::BF16F32, 0, 32);
const SINGLE_DOUBLE: Rule = rule(v6::MFEW | v6::F32F64, 0, 64);
const HALF_BYTE: Rule = rule(v6::MFIC, v6::F16F16 | v6::F8F16 | v6::F16F32, 16);
const SINGLE_WORD: Rule = rule(v6::MFIC, v6::F32F32 | v6::F16F32 | v6::BF16F32 | v6::F8F32, 32);
const TF32: Rule = {
    let rule = rule(v6::MFEW | v6::F32F32, 0, 32);
    Rule { gate: Gate { undefined: true, ..rule.gate }, ..rule }
};
const NIBBLES: Rule = Rule { rounds: false, ..rule(v6::MIEW | v6::I4I32, 0, 8) };

/// Conversions between widths: the names for the low part and for the high one.
macro_rules! conversions {
    ($($low:ident $high:ident $rule:ident $convert:ident($($of:tt)*);)*) => { matrix! { $(
        $low $rule, |h, _m, i| $convert::<$($of)*>(h, i, Part::Low);
        $high $rule, |h, _m, i| $convert::<$($of)*>(h, i, Part::High);
    )* } };
}
conversions! {
    MfcvtlHE4 MfcvthHE4 HALF_FP8 convert(Widen8<E4m3>);
    MfcvtlHE5 MfcvthHE5 HALF_FP8 convert(Widen8<E5m2>);
    MfcvtlE4H MfcvthE4H HALF_FP8 convert8(F16, E4m3);
    MfcvtlE5H MfcvthE5H HALF_FP8 convert8(F16, E5m2);
    MfcvtlE4S MfcvthE4S SINGLE_FP8 convert8(F32, E4m3);
    MfcvtlE5S MfcvthE5S SINGLE_FP8 convert8(F32, E5m2);
    MfcvtlSH MfcvthSH SINGLE_HALF convert(ToWide<F16, F32>);
    MfcvtlHS MfcvthHS SINGLE_HALF convert(ToNarrow<F32, F16, false>);
    MfcvtlSBf16 MfcvthSBf16 SINGLE_BF16 convert(ToWide<Bf16, F32>);
    MfcvtlBf16S MfcvthBf16S SINGLE_BF16 convert(ToNarrow<F32, Bf16, false>);
    MfcvtlDS MfcvthDS SINGLE_DOUBLE convert(ToWide<F32, F64>);
    MfcvtlSD MfcvthSD SINGLE_DOUBLE convert(ToNarrow<F64, F32, false>);
    MsfcvtlHB MsfcvthHB HALF_BYTE convert(FromInteger<u8, F16, true>);
    MufcvtlHB MufcvthHB HALF_BYTE convert(FromInteger<u8, F16, false>);
    MfscvtlBH MfscvthBH HALF_BYTE convert(ToInteger<F16, u8, true, false>);
    MfucvtlBH MfucvthBH HALF_BYTE convert(ToInteger<F16, u8, false, false>);
}

// Elements of the same width have no parts.
matrix! {
    MsfcvtSW SINGLE_WORD, |h, _m, i| convert::<FromInteger<u32, F32, true>>(h, i, Part::Low);
    MufcvtSW SINGLE_WORD, |h, _m, i| convert::<FromInteger<u32, F32, false>>(h, i, Part::Low);
    MfscvtWS SINGLE_WORD, |h, _m, i| convert::<ToInteger<F32, u32, true, false>>(h, i, Part::Low);
    MfucvtWS SINGLE_WORD, |h, _m, i| convert::<ToInteger<F32, u32, false, false>>(h, i, Part::Low);
    MfcvtTf32S TF32, |h, _m, i| convert::<ToTf32>(h, i, Part::Low);
    MfcvtSTf32 TF32, |h, _m, i| convert::<FromTf32>(h, i, Part::Low);
    MscvtlBP NIBBLES, |h, _m, i| unpack(h, i, Part::Low, true);
    MscvthBP NIBBLES, |h, _m, i| unpack(h, i, Part::High, true);
    MucvtlBP NIBBLES, |h, _m, i| unpack(h, i, Part::Low, false);
    MucvthBP NIBBLES, |h, _m, i| unpack(h, i, Part::High, false);
}

#[cfg(test)]
mod tests {
    use super::super::float::tests::{elements, exec, hart};
    use super::*;
    use crate::float::Bits;
    use crate::ops::Semantics;
    use crate::ops::tests::insn;

    /// Low and High convert elements of `from` bytes, numbers of F, to `to` bytes, by the function.
    fn converts<F: Format, Low: Semantics, High: Semantics>(
        from: usize,
        to: usize,
        exact: impl Fn(u64, Round, bool) -> (u64, Flags),
    ) {
        let mut seed = 77;
        for (tlen, trlen, md, ms1) in [(512, 128, 4, 5), (8192, 512, 6, 6), (64, 64, 7, 4)] {
            for (rm, high) in Round::ALL.into_iter().flat_map(|rm| [(rm, false), (rm, true)]) {
                let mut hart = hart::<F>(tlen, trlen, seed);
                seed += 1;
                // Sizes do not matter.
                hart.matrix.sizes = [u64::MAX; 3];
                hart.matrix.xmsaten = seed % 2 == 0;
                let before = if seed % 3 == 0 { Flags::NX } else { Flags::empty() };
                let count = hart.matrix_row_bytes(md) / from.max(to);
                let (a, mut expected) = (elements(&hart, ms1, from), elements(&hart, md, to));
                let (a_row, d_row) = (hart.matrix_row_bytes(ms1) / from, hart.matrix_row_bytes(md) / to);
                let skip = |size: usize| if high && size < from.max(to) { count } else { 0 };
                let mut flags = before;
                for (i, j) in (0..hart.matrix_rows()).flat_map(|i| (0..count).map(move |j| (i, j))) {
                    let (r, raised) = exact(a[i * a_row + skip(from) + j], rm, hart.matrix.xmsaten);
                    expected[i * d_row + skip(to) + j] = r;
                    flags |= raised;
                }
                let insn = insn(md, ms1, 0);
                let raised = if high {
                    exec::<High>(&mut hart, &insn, rm, before)
                } else {
                    exec::<Low>(&mut hart, &insn, rm, before)
                };
                assert_eq!(elements(&hart, md, to), expected, "{high} {rm:?} {tlen} {from} {to}");
                assert_eq!(raised, flags, "{high} {rm:?} {tlen} {from} {to}");
            }
        }
    }

    /// A conversion between formats, as those of `float` are written.
    fn between<S: Format, D: Format>(a: u64, rm: Round, _: bool) -> (u64, Flags) {
        let (r, flags) = float::convert::<S, D>(S::Bits::from_u64(a), rm);
        (r.to_u64(), flags)
    }
    fn narrows<S: Format, D: Fp8>(a: u64, rm: Round, saturate: bool) -> (u64, Flags) {
        let (r, flags) = float::narrow8::<S, D>(S::Bits::from_u64(a), rm, saturate);
        (r.into(), flags)
    }
    fn widens<S: Fp8>(a: u64, _: Round, _: bool) -> (u64, Flags) {
        let (r, flags) = float::widen8::<S, F16>(a as u8);
        (r.into(), flags)
    }

    #[test]
    fn formats_are_converted_in_their_places() {
        converts::<F16, MfcvtlHE4, MfcvthHE4>(1, 2, widens::<E4m3>);
        converts::<F16, MfcvtlHE5, MfcvthHE5>(1, 2, widens::<E5m2>);
        converts::<F16, MfcvtlE4H, MfcvthE4H>(2, 1, narrows::<F16, E4m3>);
        converts::<F16, MfcvtlE5H, MfcvthE5H>(2, 1, narrows::<F16, E5m2>);
        converts::<F32, MfcvtlE4S, MfcvthE4S>(4, 1, narrows::<F32, E4m3>);
        converts::<F32, MfcvtlE5S, MfcvthE5S>(4, 1, narrows::<F32, E5m2>);
        converts::<F16, MfcvtlSH, MfcvthSH>(2, 4, between::<F16, F32>);
        converts::<F32, MfcvtlHS, MfcvthHS>(4, 2, between::<F32, F16>);
        converts::<Bf16, MfcvtlSBf16, MfcvthSBf16>(2, 4, between::<Bf16, F32>);
        converts::<F32, MfcvtlBf16S, MfcvthBf16S>(4, 2, between::<F32, Bf16>);
        converts::<F32, MfcvtlDS, MfcvthDS>(4, 8, between::<F32, F64>);
        converts::<F64, MfcvtlSD, MfcvthSD>(8, 4, between::<F64, F32>);
        converts::<F32, MfcvtTf32S, MfcvtTf32S>(4, 4, |a, rm, _| {
            let (r, flags) = float::tf32_from_f32(a as u32, rm);
            (r.into(), flags)
        });
        converts::<F32, MfcvtSTf32, MfcvtSTf32>(4, 4, |a, _, _| (a & 0xffff_e000, Flags::empty()));
    }

    #[test]
    fn integers_are_converted_in_their_places() {
        let wide = |(r, flags): (u32, Flags)| (u64::from(r), flags);
        converts::<F16, MsfcvtlHB, MsfcvthHB>(1, 2, |a, rm, _| {
            let (r, flags) = float::from_i8::<F16>(a as i8, rm);
            (r.into(), flags)
        });
        converts::<F16, MufcvtlHB, MufcvthHB>(1, 2, |a, rm, _| {
            let (r, flags) = float::from_u8::<F16>(a as u8, rm);
            (r.into(), flags)
        });
        converts::<F16, MfscvtlBH, MfscvthBH>(2, 1, |a, rm, _| {
            let (r, flags) = float::to_i8::<F16>(a as u16, rm);
            (u64::from(r as u8), flags)
        });
        converts::<F16, MfucvtlBH, MfucvthBH>(2, 1, |a, rm, _| {
            let (r, flags) = float::to_u8::<F16>(a as u16, rm);
            (r.into(), flags)
        });
        converts::<F64, MsfcvtSW, MsfcvtSW>(4, 4, |a, rm, _| wide(float::from_i32::<F32>(a as i32, rm)));
        converts::<F64, MufcvtSW, MufcvtSW>(4, 4, |a, rm, _| wide(float::from_u32::<F32>(a as u32, rm)));
        converts::<F32, MfscvtWS, MfscvtWS>(4, 4, |a, rm, _| {
            let (r, flags) = float::to_i32::<F32>(a as u32, rm);
            (u64::from(r as u32), flags)
        });
        converts::<F32, MfucvtWS, MfucvtWS>(4, 4, |a, rm, _| wide(float::to_u32::<F32>(a as u32, rm)));
    }

    #[test]
    fn nibbles_become_bytes() {
        for (md, ms1) in [(4, 5), (6, 6)] {
            let filled = hart::<F16>(512, 128, 5);
            let (row, from) = (filled.matrix_row_bytes(4), elements(&filled, ms1, 1));
            let expected = |high: bool, signed: bool| -> Vec<u64> {
                let nibble = |i: usize, n: usize| (from[i * row + n / 2] >> (4 * (n % 2)) & 15) as i64;
                let value = |v: i64| if signed && v > 7 { v - 16 } else { v } as u8 as u64;
                let start = if high { row } else { 0 };
                (0..4)
                    .flat_map(|i| (start..start + row).map(move |n| (i, n)))
                    .map(|(i, n)| value(nibble(i, n)))
                    .collect()
            };
            let run = |exec: fn(&mut Hart, &Insn, Round, Flags) -> Flags| {
                let mut hart = hart::<F16>(512, 128, 5);
                // It does not round: any mode will do.
                assert_eq!(exec(&mut hart, &insn(md, ms1, 0), Round::Rup, Flags::empty()), Flags::empty());
                elements(&hart, md, 1)
            };
            assert_eq!(run(exec::<MscvtlBP>), expected(false, true));
            assert_eq!(run(exec::<MscvthBP>), expected(true, true));
            assert_eq!(run(exec::<MucvtlBP>), expected(false, false));
            assert_eq!(run(exec::<MucvthBP>), expected(true, false));
        }
    }

    /// What a lane promises: where it is not bad it is right, and raises nothing but NX. And it is not always bad.
    fn promises<O: ElementOp<A: std::fmt::Debug>>(operands: impl Iterator<Item = O::A>) -> usize {
        let mut good = 0;
        for a in operands {
            let (r, bad, inexact) = O::lane::<false, false>(a, O::CALM.1, O::CALM.2);
            let flags = if inexact { Flags::NX } else { Flags::empty() };
            assert!(bad || (r, flags) == O::exact(a, O::CALM.1, O::CALM.2, Round::Rne), "{a:x?}");
            good += usize::from(!bad);
        }
        good
    }

    /// Numbers around all places where an 8-bit format rounds.
    fn singles() -> impl Iterator<Item = u32> {
        (0..=0xffff_u32).flat_map(|high| [0, 1, 0x8000, 0xffff].map(|low| high << 16 | low))
    }

    #[test]
    fn lanes_of_bytes_are_right_or_left_to_the_soft_code() {
        // All but NaNs.
        assert_eq!(promises::<Widen8<E4m3>>(0..=0xff), 254);
        assert_eq!(promises::<Widen8<E5m2>>(0..=0xff), 250);
        assert!(promises::<Narrow8<F16, E4m3, false>>(0..=0xffff) > 30_000);
        assert!(promises::<Narrow8<F16, E5m2, true>>(0..=0xffff) > 50_000);
        assert!(promises::<Narrow8<F32, E4m3, true>>(singles()) > 15_000);
        assert!(promises::<Narrow8<F32, E5m2, false>>(singles()) > 30_000);
    }

    #[test]
    fn lanes_of_tf32_are_right_or_left_to_the_soft_code() {
        let halfway = singles().chain(singles().map(|a| a ^ 0x1000)).chain(singles().map(|a| a & !0x1fff));
        assert!(promises::<ToTf32>(halfway) > 700_000);
        assert_eq!(promises::<FromTf32>(0..100), 100);
    }
}
