//! Element-wise integer arithmetic and narrowing clips of 0.6, on accumulators of 32-bit elements.
//!
//! The first operand is ms2; the other is ms1, or one row of it (resolution R4). Arithmetic works on M x N elements and makes all
//! others zero; clips work on whole registers, and write the bytes of one quarter of each row.

use super::elementwise::*;
use super::{Gate, Registers, Rule, Sizes, matrix};
use crate::hart::{Context, Event, Hart, v6};
use crate::isa::Insn;
use std::marker::PhantomData;

/// What all of them need.
const GATE: Gate = Gate { all: v6::MIEW | v6::I8I32, width: 32, ..Gate::NONE };
const ARITHMETIC: Rule = Rule { registers: Registers::Accumulators, gate: GATE, rounds: false, sizes: Sizes::C(32) };
const CLIP: Rule = Rule { sizes: Sizes::Ignored, ..ARITHMETIC };

/// The other operand: ms1, or its row `imm`.
fn second(hart: &Hart, insn: &Insn, one_row: bool) -> Second {
    let place = hart.matrix.place(insn.rs1);
    if one_row { Second::Row(place, insn.imm as usize & (place.rows - 1)) } else { Second::Matrix(place) }
}

fn job(hart: &Hart, insn: &Insn, one_row: bool) -> Job {
    let [rows, columns, _] = hart.matrix.sizes.map(|s| s as usize);
    let (to, first) = (hart.matrix.place(insn.rd), hart.matrix.place(insn.rs2));
    Job { to, offset: 0, first, second: second(hart, insn, one_row), rows, columns }
}

fn simple<L: Lane<i32>>(hart: &mut Hart, insn: &Insn, one_row: bool) -> Result<(), Event> {
    let job = job(hart, insn, one_row);
    run(hart, &job, &mut Simple::<L>(PhantomData));
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// Arithmetic that keeps results in range.
trait Saturating {
    fn lane(a: i32, b: i32) -> (i32, bool);
}

impl Saturating for Add {
    #[inline(always)]
    fn lane(a: i32, b: i32) -> (i32, bool) {
        a.add_sat(b)
    }
}

impl Saturating for Sub {
    #[inline(always)]
    fn lane(a: i32, b: i32) -> (i32, bool) {
        a.sub_sat(b)
    }
}

impl Saturating for Mul {
    #[inline(always)]
    fn lane(a: i32, b: i32) -> (i32, bool) {
        a.mul_sat(b)
    }
}

/// The work of a [`Saturating`].
struct Saturate<L> {
    /// Whether some result was out of range.
    clipped: bool,
    lane: PhantomData<L>,
}

impl<L: Saturating> Work<i32> for Saturate<L> {
    type Out = i32;
    #[inline(always)]
    fn block(&mut self, a: &[i32; N], b: &[i32; N], out: &mut [i32; N]) {
        let mut clipped = false;
        for i in 0..N {
            let (v, over) = L::lane(a[i], b[i]);
            out[i] = v;
            clipped |= over;
        }
        self.clipped |= clipped;
    }
}

/// Wraps or saturates, as xmsaten says, or the instruction.
fn arithmetic<L: Lane<i32> + Saturating>(hart: &mut Hart, insn: &Insn, one_row: bool) -> Result<(), Event> {
    if !hart.matrix.saturates(insn) {
        return simple::<L>(hart, insn, one_row);
    }
    let job = job(hart, insn, one_row);
    let mut work = Saturate::<L> { clipped: false, lane: PhantomData };
    run(hart, &job, &mut work);
    hart.matrix.xmsat |= work.clipped;
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// Clips to the low (`high` 0) or the next (1) quarter of each row.
fn clip<const SIGNED: bool>(hart: &mut Hart, insn: &Insn, high: usize, one_row: bool) -> Result<(), Event> {
    let (to, first) = (hart.matrix.place(insn.rd), hart.matrix.place(insn.rs2));
    let (rows, columns) = (to.rows, to.row / 4);
    let job = Job { to, offset: high * columns, first, second: second(hart, insn, one_row), rows, columns };
    let mut work = Clip::<SIGNED> { mode: hart.matrix.xrm(insn), clipped: false };
    run::<i32, _>(hart, &job, &mut work);
    hart.matrix.xmsat |= work.clipped;
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// `both! { MaddWMm MaddWMvI ARITHMETIC |h, i, one_row| ..; }`: a `.mm` form and its `.mv.i`.
macro_rules! both {
    ($($mm:ident $mv:ident $rule:ident |$h:ident, $i:ident, $row:ident| $body:expr;)*) => { matrix! { $(
        $mm $rule, |$h, _m, $i| { let $row = false; $body };
        $mv $rule, |$h, _m, $i| { let $row = true; $body };
    )* } };
}
both! {
    MaddWMm MaddWMvI ARITHMETIC |h, i, row| arithmetic::<Add>(h, i, row);
    MsubWMm MsubWMvI ARITHMETIC |h, i, row| arithmetic::<Sub>(h, i, row);
    MmulWMm MmulWMvI ARITHMETIC |h, i, row| arithmetic::<Mul>(h, i, row);
    MmulhWMm MmulhWMvI ARITHMETIC |h, i, row| simple::<Mulh>(h, i, row);
    MmaxWMm MmaxWMvI ARITHMETIC |h, i, row| simple::<Max>(h, i, row);
    MumaxWMm MumaxWMvI ARITHMETIC |h, i, row| simple::<Umax>(h, i, row);
    MminWMm MminWMvI ARITHMETIC |h, i, row| simple::<Min>(h, i, row);
    MuminWMm MuminWMvI ARITHMETIC |h, i, row| simple::<Umin>(h, i, row);
    MsrlWMm MsrlWMvI ARITHMETIC |h, i, row| simple::<Srl>(h, i, row);
    MsllWMm MsllWMvI ARITHMETIC |h, i, row| simple::<Sll>(h, i, row);
    MsraWMm MsraWMvI ARITHMETIC |h, i, row| simple::<Sra>(h, i, row);
    Mn4cliplWMm Mn4cliplWMvI CLIP |h, i, row| clip::<true>(h, i, 0, row);
    Mn4cliphWMm Mn4cliphWMvI CLIP |h, i, row| clip::<true>(h, i, 1, row);
    Mn4clipluWMm Mn4clipluWMvI CLIP |h, i, row| clip::<false>(h, i, 0, row);
    Mn4cliphuWMm Mn4cliphuWMvI CLIP |h, i, row| clip::<false>(h, i, 1, row);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exec, hart};
    use super::*;
    use crate::hart::MatrixConfig;

    /// ROWNUM 8; accumulators of 8 rows of 8 words.
    fn unit() -> Hart {
        let mut h = hart(MatrixConfig::v0p6(1024, 128, 32));
        h.set_matrix_sizes([8, 8, 0]);
        h
    }

    fn words(hart: &Hart, n: u8) -> Vec<i32> {
        hart.matrix_bytes(n).chunks(4).map(Stored::load).collect()
    }

    fn set(hart: &mut Hart, n: u8, words: &[i32]) {
        for (to, w) in hart.matrix_bytes_mut(n).chunks_mut(4).zip(words) {
            w.store(to);
        }
    }

    #[test]
    fn inactive_elements_are_zero_and_rows_may_be_their_own_destination() {
        for (rd, row, mv) in (0..48).map(|k| (4 + k % 3, usize::from(k / 3 % 8), k >= 24)) {
            let mut h = unit();
            h.set_matrix_sizes([5, 7, 0]);
            let (a, b) = (words(&h, 5), words(&h, 4));
            let expect = |k: usize| {
                let (i, j) = (k / 8, k % 8);
                let other = if mv { b[8 * row + j] } else { b[k] };
                if i < 5 && j < 7 { a[k].wrapping_sub(other) } else { 0 }
            };
            let imm = row as i64;
            let done = match mv {
                true => exec!(h, MsubWMvI, rd: rd, rs1: 4, rs2: 5, imm: imm),
                false => exec!(h, MsubWMm, rd: rd, rs1: 4, rs2: 5),
            };
            assert!(done);
            assert_eq!(words(&h, rd), (0..64).map(expect).collect::<Vec<_>>(), "md {rd}, row {row}");
            assert_eq!(h.ms(), Context::Dirty);
        }
    }

    #[test]
    fn results_saturate_if_xmsaten_says_so() {
        let (max, min) = (i32::MAX, i32::MIN);
        for simd in crate::hart::Simd::available() {
            let mut h = hart(MatrixConfig { simd: *simd, ..MatrixConfig::v0p6(1024, 128, 32) });
            h.set_matrix_sizes([1, 4, 0]);
            set(&mut h, 5, &[max, min, min, 7]);
            set(&mut h, 4, &[1, -1, min, 3]);
            assert!(exec!(h, MaddWMm, rd: 6, rs1: 4, rs2: 5));
            assert_eq!(words(&h, 6)[..4], [min, max, 0, 10]);
            assert!(!h.matrix.xmsat);
            h.matrix.xmsaten = true;
            assert!(exec!(h, MaddWMm, rd: 6, rs1: 4, rs2: 5));
            assert_eq!(words(&h, 6)[..4], [max, min, min, 10]);
            assert!(h.matrix.xmsat);
            assert!(exec!(h, MsubWMm, rd: 6, rs1: 4, rs2: 5));
            assert_eq!(words(&h, 6)[..4], [max - 1, min + 1, 0, 4]);
            assert!(exec!(h, MmulWMm, rd: 6, rs1: 4, rs2: 5));
            assert_eq!(words(&h, 6)[..4], [max, max, max, 21]);
            h.matrix.xmsat = false;
            h.set_matrix_sizes([1, 0, 0]);
            assert!(exec!(h, MaddWMm, rd: 6, rs1: 4, rs2: 5));
            assert!(!h.matrix.xmsat, "only active elements saturate");
        }
    }

    #[test]
    fn clips_write_a_quarter_of_each_row_even_of_their_sources() {
        for (rd, mode) in (0..12).map(|k| (4 + k % 3, k / 3)) {
            let mut h = unit();
            h.matrix.xmxrm = mode;
            h.set_matrix_sizes([99, 99, 99]);
            let (before, values) = (h.matrix_bytes(rd).to_vec(), words(&h, 5));
            set(&mut h, 4, &(0..64).map(|k| k + 10).collect::<Vec<_>>());
            let before = if rd == 4 { h.matrix_bytes(4).to_vec() } else { before };
            let expect = |k: usize| {
                let (i, b) = (k / 32, k % 32);
                if !(8..16).contains(&b) {
                    return before[k];
                }
                let j = 8 * i + b - 8;
                let (v, d) = (i64::from(values[j]), (j as u32 + 10) & 31);
                // Exactly: twice the shifted value, and whether something is left.
                let (floor, rest, half) = (v >> d, v & ((1 << d) - 1), (1 << d) >> 1);
                let up = match mode {
                    0 => half != 0 && rest >= half,
                    1 => half != 0 && (rest > half || rest == half && floor & 1 == 1),
                    2 => false,
                    _ => rest != 0 && floor & 1 == 0,
                };
                (floor + i64::from(up)).clamp(-128, 127) as u8
            };
            let expect: Vec<_> = (0..256).map(expect).collect();
            assert!(exec!(h, Mn4cliphWMm, rd: rd, rs1: 4, rs2: 5));
            assert_eq!(h.matrix_bytes(rd), expect, "md {rd}, mode {mode}");
            assert!(h.matrix.xmsat);
        }
    }

    #[test]
    fn unsigned_clips_take_negative_numbers_for_large_ones() {
        let mut h = unit();
        set(&mut h, 5, &[-1, 255, 256, 511, 0, 1, i32::MIN, 3]);
        set(&mut h, 4, &[0, 0, 0, 1, 0, 1, 24, 2]);
        h.matrix.xmxrm = 1;
        assert!(exec!(h, Mn4clipluWMvI, rd: 6, rs1: 4, rs2: 5, imm: 8));
        assert_eq!(h.matrix_bytes(6)[..8], [255, 255, 255, 255, 0, 0, 128, 1]);
    }

    #[test]
    fn what_is_missing_makes_them_illegal() {
        let config = MatrixConfig::v0p6(1024, 128, 32);
        let mut h = hart(MatrixConfig { features: config.features & !v6::MIEW, ..config });
        assert!(!exec!(h, MaddWMm, rd: 4, rs1: 4, rs2: 4));
        let mut h = hart(MatrixConfig::v0p6(64, 8, 8));
        assert!(!exec!(h, MaddWMm, rd: 4, rs1: 4, rs2: 4), "ELEN is 8");
        let mut h = unit();
        h.set_matrix_sizes([8, 9, 0]);
        assert!(!exec!(h, MaddWMm, rd: 4, rs1: 4, rs2: 4), "nine columns");
        assert!(!exec!(h, Mn4cliplWMm, rd: 4, rs1: 4, rs2: 3), "a tile");
        assert_eq!(h.ms(), Context::Clean);
    }
}
