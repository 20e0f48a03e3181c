//! Pointwise integer instructions of 0.3, on elements of 32 (`.s`) and 64 bits (`.d`).
//!
//! The first operand is ms2; the other is ms1 (`.mm`), one row of it (`.mv.x`, `.mv.i`) or an integer register (`.mx`). They work on
//! sizeM rows of sizeK bytes (resolution A2), and all other results are zero. `msra` rounds as xmxrm says (A6). Clips write the
//! first quarter of each row, and leave the rest.

use super::elementwise::*;
use super::{Gate, Rule, Sizes, matrix};
use crate::hart::{Context, Event, Hart, v3};
use crate::isa::Insn;
use std::marker::PhantomData;

const fn rule(bits: u32) -> Rule {
    let all = if bits == 32 { v3::PW_I32 } else { v3::PW_I64 };
    Rule { gate: Gate { all, width: bits, ..Gate::NONE }, sizes: Sizes::Rows(bits), ..Rule::ALWAYS }
}

/// The other operand.
#[derive(Clone, Copy)]
enum Form {
    /// ms1.
    Mm,
    /// The row of ms1 that a register names.
    MvX,
    /// The row of ms1 that the instruction names.
    MvI,
    /// A register.
    Mx,
}

fn work<T: Element, W: Work<T>>(hart: &mut Hart, insn: &Insn, form: Form, work: &mut W) {
    let [to, first, ms1] = [insn.rd, insn.rs2, insn.rs1].map(|n| hart.matrix.place(n));
    let row = |n: u64| Second::Row(ms1, n as usize & (ms1.rows - 1));
    let second = match form {
        Form::Mm => Second::Matrix(ms1),
        Form::MvX => row(hart.x(insn.rs3)),
        Form::MvI => row(insn.imm as u64),
        Form::Mx => Second::Scalar(hart.x(insn.rs3)),
    };
    let [rows, _, bytes] = hart.matrix.sizes.map(|s| s as usize);
    let job = Job { to, offset: 0, first, second, rows, columns: bytes / T::SIZE };
    run(hart, &job, work);
    hart.matrix.set_ms(Context::Dirty);
}

fn simple<T: Element, L: Lane<T>>(hart: &mut Hart, insn: &Insn, form: Form) -> Result<(), Event> {
    work(hart, insn, form, &mut Simple::<L>(PhantomData));
    Ok(())
}

fn scale<T: Element>(hart: &mut Hart, insn: &Insn, form: Form) -> Result<(), Event> {
    let mode = hart.matrix.xmxrm;
    work::<T, _>(hart, insn, form, &mut Scale { mode });
    Ok(())
}

fn clip<T: Element, const SIGNED: bool>(hart: &mut Hart, insn: &Insn, form: Form) -> Result<(), Event> {
    let mut clip = Clip::<SIGNED> { mode: hart.matrix.xmxrm, clipped: false };
    work::<T, _>(hart, insn, form, &mut clip);
    hart.matrix.xmsat |= clip.clipped;
    Ok(())
}

/// `forms! { MaddSMm MaddSMvX MaddSMvI MaddSMx 32 simple::<i32, Add>; }`: the four forms of an operation.
macro_rules! forms {
    ($($mm:ident $mvx:ident $mvi:ident $mx:ident $bits:literal $work:expr;)*) => { matrix! { $(
        $mm rule($bits), |h, _m, i| $work(h, i, Form::Mm);
        $mvx rule($bits), |h, _m, i| $work(h, i, Form::MvX);
        $mvi rule($bits), |h, _m, i| $work(h, i, Form::MvI);
        $mx rule($bits), |h, _m, i| $work(h, i, Form::Mx);
    )* } };
}
forms! {
    MaddSMm MaddSMvX MaddSMvI MaddSMx 32 simple::<i32, Add>;
    MsubSMm MsubSMvX MsubSMvI MsubSMx 32 simple::<i32, Sub>;
    MsraSMm MsraSMvX MsraSMvI MsraSMx 32 scale::<i32>;
    Mn4clipSMm Mn4clipSMvX Mn4clipSMvI Mn4clipSMx 32 clip::<i32, true>;
    Mn4clipuSMm Mn4clipuSMvX Mn4clipuSMvI Mn4clipuSMx 32 clip::<i32, false>;
    MmulSMm MmulSMvX MmulSMvI MmulSMx 32 simple::<i32, Mul>;
    MmulhSMm MmulhSMvX MmulhSMvI MmulhSMx 32 simple::<i32, Mulh>;
    MaddDMm MaddDMvX MaddDMvI MaddDMx 64 simple::<i64, Add>;
    MsubDMm MsubDMvX MsubDMvI MsubDMx 64 simple::<i64, Sub>;
    MsraDMm MsraDMvX MsraDMvI MsraDMx 64 scale::<i64>;
    Mn4clipDMm Mn4clipDMvX Mn4clipDMvI Mn4clipDMx 64 clip::<i64, true>;
    Mn4clipuDMm Mn4clipuDMvX Mn4clipuDMvI Mn4clipuDMx 64 clip::<i64, false>;
    MmulDMm MmulDMvX MmulDMvI MmulDMx 64 simple::<i64, Mul>;
    MmulhDMm MmulhDMvX MmulhDMvI MmulhDMx 64 simple::<i64, Mulh>;
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exec, hart};
    use super::*;
    use crate::hart::{MatrixConfig, Simd};

    /// RLEN 256: 8 rows of 32 bytes.
    fn unit(simd: Simd) -> Hart {
        hart(MatrixConfig { simd, ..MatrixConfig::v0p3(256) })
    }

    fn doubles(hart: &Hart, n: u8) -> Vec<i64> {
        hart.matrix_bytes(n).chunks(8).map(Stored::load).collect()
    }

    /// What a rounding shift of `v` gives, in any mode of xmxrm.
    fn rounded(v: i128, d: u32, mode: u8) -> i128 {
        let (floor, rest, half) = (v >> d, v & ((1 << d) - 1), (1 << d) >> 1);
        let up = match mode {
            0 => half != 0 && rest >= half,
            1 => half != 0 && (rest > half || rest == half && floor & 1 == 1),
            2 => false,
            _ => rest != 0 && floor & 1 == 0,
        };
        floor + i128::from(up)
    }

    #[test]
    fn shifts_round_and_rows_may_be_their_own_destination() {
        for (simd, (rd, mode)) in Simd::available().iter().flat_map(|s| (0..8).map(move |k| (*s, (k % 2, k / 2)))) {
            let mut h = unit(simd);
            h.set_matrix_sizes([7, 0, 24]);
            h.matrix.xmxrm = mode;
            h.set_x(8, 3 + 16);
            let (a, b) = (doubles(&h, 1), doubles(&h, 0));
            let expect = |k: usize| {
                let active = k / 4 < 7 && k % 4 < 3;
                let d = b[4 * 3 + k % 4] as u32 & 63;
                if active { rounded(a[k].into(), d, mode) as i64 } else { 0 }
            };
            let expect: Vec<_> = (0..32).map(expect).collect();
            assert!(exec!(h, MsraDMvX, rd: rd, rs1: 0, rs2: 1, rs3: 8));
            assert_eq!(doubles(&h, rd), expect, "md {rd}, mode {mode}, {simd}");
            assert_eq!(h.ms(), Context::Dirty);
        }
    }

    #[test]
    fn clips_write_the_first_quarter_of_rows_and_zero_what_is_inactive_there() {
        for (rd, unsigned) in [(2, false), (1, false), (0, true), (1, true)] {
            let mut h = unit(Simd::best());
            h.set_matrix_sizes([6, 0, 16]);
            h.set_x(15, 40);
            let (before, a) = (h.matrix_bytes(rd).to_vec(), doubles(&h, 1));
            let expect = |k: usize| {
                let (i, b) = (k / 32, k % 32);
                match b {
                    8.. => before[k],
                    _ if i >= 6 || b >= 4 => 0,
                    _ => {
                        let v = a[4 * i + b / 2];
                        let v = if unsigned { i128::from(v as u64) } else { v.into() };
                        let v = rounded(v, 40, 0);
                        let v = if unsigned { v.min(0xffff) } else { v.clamp(-0x8000, 0x7fff) };
                        (v >> (8 * (b % 2))) as u8
                    }
                }
            };
            let expect: Vec<_> = (0..256).map(expect).collect();
            let done = match unsigned {
                true => exec!(h, Mn4clipuDMx, rd: rd, rs2: 1, rs3: 15),
                false => exec!(h, Mn4clipDMx, rd: rd, rs2: 1, rs3: 15),
            };
            assert!(done && h.matrix.xmsat);
            assert_eq!(h.matrix_bytes(rd), expect, "md {rd}, unsigned {unsigned}");
        }
    }

    #[test]
    fn high_halves_are_of_signed_products() {
        let mut h = unit(Simd::best());
        h.set_matrix_sizes([8, 0, 32]);
        h.set_x(9, (-3i64) as u64);
        let a = doubles(&h, 4);
        assert!(exec!(h, MmulhDMx, rd: 4, rs2: 4, rs3: 9));
        assert_eq!(doubles(&h, 4), a.iter().map(|a| ((i128::from(*a) * -3) >> 64) as i64).collect::<Vec<_>>());
    }

    #[test]
    fn sizes_and_features_make_them_illegal() {
        let mut h = unit(Simd::best());
        h.set_matrix_sizes([8, 200, 28]);
        assert!(exec!(h, MaddSMvI, rd: 4, rs1: 4, rs2: 4, imm: 7), "sizeN does not matter");
        assert!(!exec!(h, MaddDMvI, rd: 4, rs1: 4, rs2: 4, imm: 7), "sizeK is no multiple of 8");
        h.set_matrix_sizes([9, 0, 8]);
        assert!(!exec!(h, MaddDMm, rd: 4, rs1: 4, rs2: 4));
        let mut h = hart(MatrixConfig { features: v3::I8I32 | v3::PW_I64, ..MatrixConfig::v0p3(128) });
        assert!(!exec!(h, MaddSMm, rd: 4, rs1: 4, rs2: 4));
        assert!(exec!(h, MaddDMm, rd: 4, rs1: 4, rs2: 4));
    }
}
