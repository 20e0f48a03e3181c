//! What must hold of any matrices, whatever the model says: on the machine alone.

use crate::common::asm::{bytes, ecall};
use crate::common::cases;
use crate::common::entropy::{Entropy, words};
use crate::matrix_model::bench::{Bench, load};
use crate::matrix_model::numbers::{F16, F32, Format, from_integer};
use crate::matrix_model::table::named;
use crate::matrix_model::unit::Unit;
use crate::matrix_model::v03::State03;
use crate::matrix_model::v06::State06;
use crate::vector_model::bench::DATA;
use mellivora::hart::Simd;
use mellivora::machine::{Machine, Stop};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use std::cell::RefCell;

/// Names with numbers.
type Pairs = &'static [(&'static str, u32)];

/// Runs instructions, given by name and fields, from a state. x10 is the data's address, x11 that of other data, x12 a stride of 64.
fn run<'a>(bench: &'a mut Bench, unit: &Unit, simd: Simd, program: &[(&str, &[(&str, u32)])]) -> &'a mut Machine {
    let machine = bench.machine(unit, simd);
    let word = |(name, fields): &(&str, &[(&str, u32)])| named(unit.version(), name).word(fields);
    let code: Vec<u32> = program.iter().map(word).chain([ecall()]).collect();
    let mut x = [0; 32];
    (x[10], x[11], x[12]) = (DATA, DATA + 0x1000, 64);
    load(machine, unit, &x, &bytes(&code));
    let stop = machine.run(1000);
    assert!(matches!(stop, Stop::Trap(trap) if trap.pc == machine.hart().pc()), "{stop:x?}");
    assert_eq!(machine.hart().pc(), crate::vector_model::bench::CODE + 4 * program.len() as u64, "{stop:x?}");
    machine
}

/// The element of a machine's register.
fn element(machine: &Machine, register: u8, i: usize, j: usize, size: usize) -> u64 {
    let hart = machine.hart();
    let at = i * hart.matrix_row_bytes(register) + j * size;
    hart.matrix_bytes(register)[at..at + size].iter().rev().fold(0, |v, byte| v << 8 | u64::from(*byte))
}

fn property(count: u32, test: impl Fn(&mut Entropy, &mut Bench) -> TestCaseResult) {
    let bench = RefCell::new(Bench::default());
    let result =
        TestRunner::new(cases(count)).run(&words(), |words| test(&mut Entropy::new(&words), &mut bench.borrow_mut()));
    result.unwrap_or_else(|why| panic!("{why}"));
}

fn level(e: &mut Entropy) -> Simd {
    let levels = Simd::available();
    levels[e.below(levels.len() as u64) as usize]
}

/// Fills a register with anything.
fn scramble(e: &mut Entropy, unit: &mut Unit, n: usize) {
    for byte in &mut unit.registers_mut()[n].bytes {
        *byte = e.next() as u8;
    }
}

fn unit(e: &mut Entropy) -> State06 {
    let (tlen, trlen) = e.pick(&[(512, 128), (1024, 128), (2048, 256), (8192, 512), (128, 128), (32768, 1024)]);
    State06::new(64, tlen, trlen)
}

/// Both versions: C + A * B is what 64-bit integers make of it, modulo 2^32.
#[test]
fn products_of_bytes_are_sums_of_64_bit_integers() {
    property(200, |e, bench| {
        let (mut unit, m, n, k) = if e.below(2) == 0 {
            let mut s = unit(e);
            let (rows, depth) = (s.rows() as u64, s.trlen as u64 / 8);
            (s.mtilem, s.mtilen, s.mtilek) = (rows - e.below(2).min(rows), e.below(rows + 1), depth - e.below(4));
            let sizes = (s.mtilem, s.mtilen, s.mtilek);
            (Unit::V06(s), sizes.0, sizes.1, sizes.2)
        } else {
            let mut s = State03::new(e.pick(&[128, 256, 512, 1024]));
            let (rows, depth) = (s.rows() as u64, s.rlen as u64 / 8);
            (s.size_m, s.size_n, s.size_k) = (rows - e.below(2), e.below(rows + 1), depth - e.below(4));
            let sizes = (s.size_m, s.size_n, s.size_k);
            (Unit::V03(s), sizes.0, sizes.1, sizes.2)
        };
        (0..5).for_each(|n| scramble(e, &mut unit, n));
        let extreme = e.once_in(4);
        for n in 0..2 {
            if extreme {
                unit.registers_mut()[n].bytes.fill(e.pick(&[0x80, 0xff, 0x7f]));
            }
        }
        let level = level(e);
        let fields: &[(&str, u32)] = &[("md", 4), ("ms1", 0), ("ms2", 1)];
        let names = match unit {
            Unit::V06(_) => ["mmacc.w.b", "mmaccu.w.b", "mmaccus.w.b", "mmaccsu.w.b"],
            Unit::V03(_) => ["mmaqa.b", "mmaqau.b", "mmaqaus.b", "mmaqasu.b"],
        };
        for (name, (a_signed, b_signed)) in
            names.into_iter().zip([(true, true), (false, false), (false, true), (true, false)])
        {
            let machine = run(bench, &unit, level, &[(name, fields)]);
            let registers = unit.registers();
            let number = |v: u64, signed: bool| if signed { i64::from(v as i8) } else { v as i64 };
            for i in 0..registers[4].rows {
                for j in 0..registers[4].columns(32) {
                    let active = (i as u64) < m && (j as u64) < n;
                    let product =
                        |k| number(registers[0].get(i, k, 8), a_signed) * number(registers[1].get(j, k, 8), b_signed);
                    let sum = if active {
                        registers[4].get(i, j, 32) as i64 + (0..k as usize).map(product).sum::<i64>()
                    } else {
                        0
                    };
                    prop_assert_eq!(
                        element(machine, 4, i, j, 4),
                        sum as u32 as u64,
                        "{} {:?} {},{}",
                        name,
                        level,
                        i,
                        j
                    );
                }
            }
        }
        Ok(())
    });
}

/// A times the unit matrix is A, in integers and in binary16 and binary32.
#[test]
fn the_unit_matrix_changes_nothing() {
    property(100, |e, bench| {
        let mut s = unit(e);
        let size = s.rows().min(s.trlen / 32) as u64;
        (s.mtilem, s.mtilen, s.mtilek) = (size, size, size);
        let mut unit = Unit::V06(s);
        scramble(e, &mut unit, 0);
        let level = level(e);
        for (name, width, result, format) in
            [("mmacc.w.b", 8, 32, None), ("mfmacc.h", 16, 16, Some(F16)), ("mfmacc.s", 32, 32, Some(F32))]
        {
            let registers = unit.registers_mut();
            registers[1].clear();
            let size = size as usize;
            for i in 0..size {
                let one = format.map_or(1, |f: Format| from_integer(1, f, 0).0);
                registers[1].set(i, i, width, one);
                for j in 0..size {
                    if let Some(f) = format {
                        // Numbers of the format, but no NaN, infinity or -0.
                        let v = e.float(f.exponent, f.fraction);
                        let top = ((1 << f.exponent) - 1) << f.fraction;
                        registers[0].set(
                            i,
                            j,
                            width,
                            if v & top == top || v << (64 - width) << 1 == 0 { one } else { v },
                        );
                    }
                }
            }
            let zero: &[(&str, u32)] = &[("md", 4)];
            let machine = run(bench, &unit, level, &[("mzero", zero), (name, &[("md", 4), ("ms1", 0), ("ms2", 1)])]);
            for i in 0..size {
                for j in 0..size {
                    let a = unit.registers()[0].get(i, j, width);
                    let a = if format.is_none() { i64::from(a as i8) as u32 as u64 } else { a };
                    prop_assert_eq!(element(machine, 4, i, j, result / 8), a, "{} {},{}", name, i, j);
                }
            }
        }
        Ok(())
    });
}

/// What is stored transposed and loaded transposed is the same; what is stored plain, loaded transposed and stored transposed, too.
#[test]
fn transposing_twice_changes_nothing() {
    property(200, |e, bench| {
        let mut s = State06::new(64, 512, 128);
        let (load, store, transposed, back, size) = e.pick(&[
            ("mlae8", "msae8", "mlate8", "msate8", 1),
            ("mlae16", "msae16", "mlate16", "msate16", 2),
            ("mlbe32", "msbe32", "mlbte32", "msbte32", 4),
            ("mlae64", "msae64", "mlate64", "msate64", 8),
        ]);
        let (rows, columns) = (1 + e.below(4), 1 + e.below(16 / size));
        (s.mtilem, s.mtilen, s.mtilek) = (rows, rows, columns);
        let mut unit = Unit::V06(s);
        scramble(e, &mut unit, 1);
        let level = level(e);
        let (first, other): (Pairs, Pairs) =
            (&[("ms3", 1), ("rs1", 10), ("rs2", 12)], &[("ms3", 2), ("rs1", 11), ("rs2", 12)]);
        let (two, three): (Pairs, Pairs) =
            (&[("md", 2), ("rs1", 10), ("rs2", 12)], &[("md", 3), ("rs1", 11), ("rs2", 12)]);
        let program = [(back, first), (transposed, two), (store, other), (load, three)];
        let machine = run(bench, &unit, level, &program);
        for i in 0..4 {
            for j in 0..16 / size as usize {
                let active = (i as u64) < rows && (j as u64) < columns;
                let expected = if active { unit.registers()[1].get(i, j, 8 * size as usize) } else { 0 };
                for register in [2, 3] {
                    prop_assert_eq!(element(machine, register, i, j, size as usize), expected);
                }
            }
        }
        Ok(())
    });
}

/// Both halves of a row into the wider format and back; NaNs but the canonical ones aside.
#[test]
fn widening_then_narrowing_is_the_identity() {
    property(100, |e, bench| {
        let mut unit = Unit::V06(unit(e));
        scramble(e, &mut unit, 4);
        let level = level(e);
        for (up, down, width, nan) in [
            (["mfcvtl.s.h", "mfcvth.s.h"], ["mfcvtl.h.s", "mfcvth.h.s"], 16, 0x7c00),
            (["mfcvtl.s.bf16", "mfcvth.s.bf16"], ["mfcvtl.bf16.s", "mfcvth.bf16.s"], 16, 0x7f80),
            (["mfcvtl.d.s", "mfcvth.d.s"], ["mfcvtl.s.d", "mfcvth.s.d"], 32, 0x7f80_0000),
            (["mfcvtl.h.e5", "mfcvth.h.e5"], ["mfcvtl.e5.h", "mfcvth.e5.h"], 8, 0x7c),
            (["mfcvtl.h.e4", "mfcvth.h.e4"], ["mfcvtl.e4.h", "mfcvth.e4.h"], 8, 0x7e),
            (["msfcvtl.h.b", "msfcvth.h.b"], ["mfscvtl.b.h", "mfscvth.b.h"], 8, 0xff),
            (["mufcvtl.h.b", "mufcvth.h.b"], ["mfucvtl.b.h", "mfucvth.b.h"], 8, 0xff),
        ] {
            let program: [(&str, &[(&str, u32)]); 4] = [
                (up[0], &[("md", 5), ("ms1", 4)]),
                (up[1], &[("md", 6), ("ms1", 4)]),
                (down[0], &[("md", 7), ("ms1", 5)]),
                (down[1], &[("md", 7), ("ms1", 6)]),
            ];
            let machine = run(bench, &unit, level, &program);
            let before = &unit.registers()[4];
            for i in 0..before.rows {
                for j in 0..before.columns(width) {
                    let v = before.get(i, j, width);
                    let sign = 1 << (width - 1);
                    let is_nan = nan != 0xff && v & (sign - 1) > nan;
                    prop_assert!(is_nan || element(machine, 7, i, j, width / 8) == v, "{} {:x}", up[0], v);
                }
            }
        }
        Ok(())
    });
}

/// Rows packed of the halves of themselves, and slid to and fro.
#[test]
fn packs_and_slides_undo_each_other() {
    property(60, |e, bench| {
        let mut unit = Unit::V06(unit(e));
        (4..6).for_each(|n| scramble(e, &mut unit, n));
        let level = level(e);
        // Lower halves of 4 and 5 into 6, upper ones into 7; then 6 and 7 again into 4 and 5.
        let program: [(&str, &[(&str, u32)]); 4] = [
            ("mpack", &[("md", 6), ("ms1", 4), ("ms2", 5)]),
            ("mpackhh", &[("md", 7), ("ms1", 4), ("ms2", 5)]),
            ("mpack", &[("md", 4), ("ms1", 6), ("ms2", 7)]),
            ("mpackhh", &[("md", 5), ("ms1", 6), ("ms2", 7)]),
        ];
        let machine = run(bench, &unit, level, &program);
        for n in 4..6u8 {
            prop_assert_eq!(machine.hart().matrix_bytes(n), &unit.registers()[usize::from(n)].bytes[..]);
        }
        let rows = unit.registers()[4].rows;
        let by = e.below(8) as u32;
        let program: [(&str, &[(&str, u32)]); 2] = [
            ("mrslidedown", &[("md", 6), ("ms1", 4), ("uimm3", by)]),
            ("mrslideup", &[("md", 6), ("ms1", 6), ("uimm3", by)]),
        ];
        let machine = run(bench, &unit, level, &program);
        let (skipped, row) = (by as usize & (rows - 1), unit.registers()[4].row / 8);
        let bytes = machine.hart().matrix_bytes(6);
        prop_assert!(bytes[..skipped * row].iter().all(|byte| *byte == 0));
        prop_assert_eq!(&bytes[skipped * row..], &unit.registers()[4].bytes[skipped * row..]);
        Ok(())
    });
}
