//! One case for each condition that makes an instruction illegal, with what the machine says of it; and the last sizes that are legal.

use crate::matrix_model::bench::{Bench, load};
use crate::matrix_model::state::{Context, Reason, Trap};
use crate::matrix_model::table::{Version, decode, named};
use crate::matrix_model::unit::Unit;
use crate::matrix_model::v03::State03;
use crate::matrix_model::v06::State06;
use mellivora::hart::{Cause, Simd};
use mellivora::machine::Stop;

/// The first note of the explanation of a step from this state; empty if there is no trap but one of memory.
fn refused(bench: &mut Bench, unit: &Unit, word: u32) -> String {
    let machine = bench.machine(unit, Simd::best());
    load(machine, unit, &[0; 32], &word.to_le_bytes());
    match machine.step() {
        Stop::Trap(trap) if trap.cause == Cause::IllegalInstruction => {
            assert_eq!(trap.tval, word.into());
            let told = machine.explain(&Stop::Trap(trap)).expect("a trap can be explained");
            told.notes.join("\n")
        }
        Stop::Trap(trap) if !matches!(trap.cause, Cause::LoadAccess | Cause::StoreAccess) => panic!("{trap:x?}"),
        _ => String::new(),
    }
}

type Fields = &'static [(&'static str, u32)];

/// Name and fields; what is unusual about the state; what the machine says, or nothing, where the instruction is legal.
struct Line<S: 'static>(&'static str, Fields, fn(&mut S), &'static str);

fn same<S>(_: &mut S) {}

const ABC: Fields = &[("md", 4), ("ms1", 0), ("ms2", 1)];
const ACC: Fields = &[("md", 4), ("ms1", 5), ("ms2", 6)];
const CONVERT: Fields = &[("md", 4), ("ms1", 5)];

const TOO_LARGE_M: &str = "mtilem is 5, and 4 at most is possible here";

/// Of a unit with ELEN 32, TLEN 512, TRLEN 128: 4 rows of 128 bits everywhere; 4 x 4 x 4 elements.
const LINES_0P6: &[Line<State06>] = &[
    // 1: MS
    Line("mrelease", &[], |s| s.ms = Context::Off, "mstatus.MS is Off"),
    Line("msettilemi", &[("uimm10", 1)], |s| s.ms = Context::Off, "mstatus.MS is Off"),
    Line("mmacc.w.b", &[("md", 0)], |s| s.ms = Context::Off, "mstatus.MS is Off"),
    Line("mlae8", &[("md", 4)], |s| s.ms = Context::Off, "mstatus.MS is Off"),
    Line("mrelease", &[], |s| s.ms = Context::Clean, ""),
    // 3: classes
    Line("mmacc.w.b", &[("md", 3), ("ms1", 0), ("ms2", 1)], same, "tr3 is no accumulator (acc0 to acc3)"),
    Line("mmacc.w.b", &[("md", 4), ("ms1", 0), ("ms2", 5)], same, "acc1 is no tile (tr0 to tr3)"),
    Line("mfmacc.h", &[("md", 4), ("ms1", 7), ("ms2", 1)], same, "acc3 is no tile (tr0 to tr3)"),
    Line("mfmacc.h", &[("md", 7), ("ms1", 3), ("ms2", 3)], same, ""),
    Line("mlae8", &[("md", 4)], same, "acc0 is no tile"),
    Line("mlbte32", &[("md", 7)], same, "acc3 is no tile"),
    Line("mlce16", &[("md", 1)], same, "tr1 is no accumulator"),
    Line("msbe8", &[("ms3", 6)], same, "acc2 is no tile"),
    Line("mscte64", &[("ms3", 2)], same, "tr2 is no accumulator"),
    Line("madd.w.mm", &[("md", 0), ("ms1", 5), ("ms2", 6)], same, "tr0 is no accumulator"),
    Line("madd.w.mv.i", &[("md", 4), ("ms1", 1), ("ms2", 6)], same, "tr1 is no accumulator"),
    Line("mfmax.s.mm", &[("md", 4), ("ms1", 5), ("ms2", 2)], same, "tr2 is no accumulator"),
    Line("mfcvtl.s.h", &[("md", 3), ("ms1", 5)], same, "tr3 is no accumulator"),
    Line("mn4clipl.w.mm", &[("md", 4), ("ms1", 3), ("ms2", 6)], same, "tr3 is no accumulator"),
    Line(
        "mpack",
        &[("md", 4), ("ms1", 3), ("ms2", 6)],
        same,
        "its registers must be of one class: tiles or accumulators",
    ),
    Line("mpackhh", &[("md", 3), ("ms1", 2), ("ms2", 6)], same, "its registers must be of one class"),
    Line("mpackhl", &[("md", 3), ("ms1", 2), ("ms2", 1)], same, ""),
    Line("mrslideup", &[("md", 3), ("ms1", 4)], same, "its registers must be of one class"),
    Line("mcslidedown.h", &[("md", 4), ("ms1", 0)], same, "its registers must be of one class"),
    Line("mrbca.mv.i", &[("md", 4), ("ms1", 0)], same, "its registers must be of one class"),
    Line("mcbcad.mv.i", &[("md", 0), ("ms1", 7)], same, "its registers must be of one class"),
    Line("mmov.mm", &[("md", 0), ("ms1", 7)], same, ""),
    Line("mzero2r", &[("md", 3)], same, "tr3 does not begin a group of 2 registers"),
    Line("mzero4r", &[("md", 6)], same, "acc2 does not begin a group of 4 registers"),
    Line("mzero8r", &[("md", 4)], same, "acc0 does not begin a group of 8 registers"),
    Line("mzero4r", &[("md", 4)], same, ""),
    // 4: xmisa, widths
    Line("mfmacc.d", ABC, same, "the unit lacks mmf64f64"),
    Line("mfmacc.d.s", ABC, same, "the unit lacks mmf32f64"),
    Line("mfadd.d.mm", ACC, same, "the unit lacks mmf64f64 or mmf32f64"),
    Line("mfcvtl.d.s", CONVERT, same, "the unit lacks mmf32f64"),
    Line("mfmacc.s", ABC, |s| s.xmisa &= !(1 << 3), "the unit lacks mmf32f32"),
    Line("pmmacc.w.b", ABC, |s| s.xmisa &= !1, "the unit lacks mmi4i32"),
    Line("mscvtl.b.p", CONVERT, |s| s.xmisa &= !1, "the unit lacks mmi4i32"),
    Line("madd.w.mm", ACC, |s| s.xmisa &= !(1 << 63), "the unit lacks miew"),
    Line("mn4cliph.w.mm", ACC, |s| s.xmisa &= !(1 << 63), "the unit lacks miew"),
    Line("mfmul.h.mm", ACC, |s| s.xmisa &= !(1 << 62), "the unit lacks mfew"),
    Line("mfcvtl.e4.h", CONVERT, |s| s.xmisa &= !(1 << 62), "the unit lacks mfew"),
    Line("msfcvt.s.w", CONVERT, |s| s.xmisa &= !(1 << 61), "the unit lacks mfic"),
    Line("mfscvtl.b.h", CONVERT, |s| s.xmisa &= !(1 << 61), "the unit lacks mfic"),
    Line("mmacc.w.b", ABC, |s| *s = State06::new(16, 512, 128), "its elements of 32 bits are wider than ELEN, 16"),
    Line("mmacc.d.h", ABC, |s| s.undefined = true, "its elements of 64 bits are wider than ELEN, 32"),
    Line("mmacc.d.h", ABC, same, "the specification lists it without a definition; --matrix ...,undefined=on"),
    Line("mfmacc.s.tf32", ABC, same, "without a definition"),
    Line("mmacc.w.bp", ABC, same, "without a definition"),
    Line("mfcvt.s.tf32", CONVERT, same, "without a definition"),
    Line("mlae64", &[("md", 0)], same, ""),
    Line("mmovd.m.x", &[("md", 7)], same, ""),
    // 5: rounding
    Line("mfmacc.h", ABC, |s| s.xmfrm = 5, "xmfrm holds the reserved rounding mode 5"),
    Line("mfmin.s.mm", ACC, |s| s.xmfrm = 6, "xmfrm holds the reserved rounding mode 6"),
    Line("mfcvtl.s.h", CONVERT, |s| s.xmfrm = 7, "xmfrm holds the reserved rounding mode 7"),
    Line("mfucvt.w.s", CONVERT, |s| s.xmfrm = 5, "xmfrm holds the reserved rounding mode 5"),
    Line("mufcvtl.h.b", CONVERT, |s| s.xmfrm = 5, "xmfrm holds the reserved rounding mode 5"),
    Line("mmacc.w.b", ABC, |s| s.xmfrm = 7, ""),
    Line("mn4clipl.w.mm", ACC, |s| s.xmfrm = 7, ""),
    Line("mucvth.b.p", CONVERT, |s| s.xmfrm = 7, ""),
    // 6: sizes
    Line("mlae8", &[("md", 0)], |s| s.mtilem = 5, TOO_LARGE_M),
    Line("mlae8", &[("md", 0)], |s| (s.mtilem, s.mtilen, s.mtilek) = (4, 99, 16), ""),
    Line("mlae8", &[("md", 0)], |s| s.mtilek = 17, "mtilek is 17, and 16 at most is possible here"),
    Line("mlate64", &[("md", 0)], |s| s.mtilek = 3, "mtilek is 3, and 2 at most is possible here"),
    Line("mlbe16", &[("md", 0)], |s| s.mtilen = 5, "mtilen is 5, and 4 at most is possible here"),
    Line("mlbe16", &[("md", 0)], |s| (s.mtilem, s.mtilen, s.mtilek) = (99, 4, 8), ""),
    Line("msbte16", &[("ms3", 0)], |s| s.mtilek = 9, "mtilek is 9, and 8 at most is possible here"),
    Line("mlce32", &[("md", 4)], |s| s.mtilem = 5, TOO_LARGE_M),
    Line("mlce32", &[("md", 4)], |s| s.mtilen = 5, "mtilen is 5, and 4 at most is possible here"),
    Line("msce8", &[("ms3", 4)], |s| (s.mtilem, s.mtilen, s.mtilek) = (4, 16, 99), ""),
    Line("msce8", &[("ms3", 4)], |s| s.mtilen = 17, "mtilen is 17, and 16 at most is possible here"),
    Line("msae8", &[("ms3", 0)], |s| s.mtilem = u64::MAX, "mtilem is 18446744073709551615, and 4 at most"),
    Line("mmacc.w.b", ABC, |s| s.mtilem = 5, TOO_LARGE_M),
    Line("mmacc.w.b", ABC, |s| s.mtilen = 5, "mtilen is 5, and 4 at most is possible here"),
    Line("mmacc.w.b", ABC, |s| s.mtilek = 17, "mtilek is 17, and 16 at most is possible here"),
    Line("mfmacc.h", ABC, |s| s.mtilen = 5, "mtilen is 5, and 4 at most is possible here"),
    Line("mfmacc.h", ABC, |s| s.mtilek = 9, "mtilek is 9, and 8 at most is possible here"),
    Line("mfmacc.s", ABC, |s| (s.mtilem, s.mtilen, s.mtilek) = (4, 4, 4), ""),
    Line("mfmacc.s", ABC, |s| s.mtilek = 5, "mtilek is 5, and 4 at most is possible here"),
    Line("pmmacc.w.b", ABC, |s| (s.mtilem, s.mtilen, s.mtilek) = (4, 4, 32), ""),
    Line("pmmacc.w.b", ABC, |s| s.mtilek = 34, "mtilek is 34, and 32 at most is possible here"),
    Line("pmmaccu.w.b", ABC, |s| s.mtilek = 3, "mtilek is 3, and must be a multiple of 2"),
    Line("mmaccu.w.bp", ABC, |s| (s.undefined, s.mtilek) = (true, 17), "mtilek is 17, and 16 at most is possible here"),
    Line("mmaccu.w.bp", ABC, |s| (s.undefined, s.mtilek) = (true, 15), ""),
    Line("madd.w.mm", ACC, |s| s.mtilem = 5, TOO_LARGE_M),
    Line("madd.w.mm", ACC, |s| s.mtilen = 5, "mtilen is 5, and 4 at most is possible here"),
    Line("mfadd.h.mm", ACC, |s| (s.mtilem, s.mtilen, s.mtilek) = (4, 8, 99), ""),
    Line("mfadd.h.mv.i", ACC, |s| s.mtilen = 9, "mtilen is 9, and 8 at most is possible here"),
    Line("mfcvtl.s.h", CONVERT, |s| (s.mtilem, s.mtilen, s.mtilek) = (99, 99, 99), ""),
    Line("mn4clipl.w.mm", ACC, |s| (s.mtilem, s.mtilen, s.mtilek) = (99, 99, 99), ""),
    Line("mlme8", &[("md", 0)], |s| (s.mtilem, s.mtilen, s.mtilek) = (99, 99, 99), ""),
    Line("mcslideup.w", &[("md", 0), ("ms1", 1)], |s| (s.mtilem, s.mtilen, s.mtilek) = (99, 99, 99), ""),
    // Their order: classes, gates, rounding, sizes.
    Line("mfmacc.d", &[("md", 0)], |s| (s.xmfrm, s.mtilem) = (5, 5), "tr0 is no accumulator"),
    Line("mfmacc.d", ABC, |s| (s.xmfrm, s.mtilem) = (5, 5), "the unit lacks mmf64f64"),
    Line("mfmacc.h", ABC, |s| (s.xmfrm, s.mtilem) = (5, 5), "reserved rounding mode 5"),
    Line("mfmacc.h", ABC, |s| (s.mtilem, s.mtilen) = (5, 5), TOO_LARGE_M),
];

const M: Fields = &[("md", 2), ("ms1", 0), ("ms2", 4)];

/// Of a unit with RLEN 128: 4 rows of 16 bytes.
const LINES_0P3: &[Line<State03>] = &[
    Line("mrelease", &[], |s| s.ms = Context::Off, "mstatus.MS is Off"),
    Line("mcfgki", &[], |s| s.ms = Context::Off, "mstatus.MS is Off"),
    Line("mldb", &[], |s| s.ms = Context::Off, "mstatus.MS is Off"),
    Line("mcfgm", &[("rd", 31), ("rs1", 31)], same, ""),
    // Pairs and groups
    Line("fmmacc.h", &[("md", 0), ("ms1", 1), ("ms2", 3)], same, "m3 does not begin a group of 2 registers"),
    Line("fmmacc.d", &[("md", 1), ("ms1", 4), ("ms2", 3)], same, "m1 does not begin a group of 2 registers"),
    Line("fwmmacc.s", &[("md", 7), ("ms1", 4), ("ms2", 3)], same, "m7 does not begin a group of 2 registers"),
    Line("mmaqau.h", &[("md", 5), ("ms1", 4), ("ms2", 3)], same, "m5 does not begin a group of 2 registers"),
    Line("mld2mb", &[("md", 3)], same, "m3 does not begin a group of 2 registers"),
    Line("mst4mw", &[("ms3", 2)], same, "m2 does not begin a group of 4 registers"),
    Line("mld8md", &[("md", 4)], same, "m4 does not begin a group of 8 registers"),
    Line("mld1md", &[("md", 7)], same, ""),
    Line("mst4mh", &[("ms3", 4)], same, ""),
    // Overlap
    Line("mmaqa.b", &[("md", 2), ("ms1", 2), ("ms2", 1)], same, "the destination overlaps its source m2"),
    Line("mmaqa.b", &[("md", 2), ("ms1", 1), ("ms2", 2)], same, "the destination overlaps its source m2"),
    Line("pmmaqa.b", &[("md", 0), ("ms1", 0), ("ms2", 0)], same, "the destination overlaps its source m0"),
    Line("mmaqa.b", &[("md", 2), ("ms1", 1), ("ms2", 1)], same, ""),
    Line("fwmmacc.h", &[("md", 2), ("ms1", 2), ("ms2", 1)], same, "the destination overlaps its source m2"),
    Line("fmmacc.h", &[("md", 5), ("ms1", 1), ("ms2", 4)], same, "the destination overlaps its source m5"),
    Line("fmmacc.h", &[("md", 3), ("ms1", 5), ("ms2", 4)], same, ""),
    Line("mmaqa.h", &[("md", 2), ("ms1", 3), ("ms2", 1)], same, "the destination overlaps its source m3"),
    Line("fmmacc.d", &[("md", 2), ("ms1", 4), ("ms2", 3)], same, "the destination overlaps its source m3"),
    Line("madd.s.mm", &[("md", 2), ("ms1", 2), ("ms2", 2)], same, ""),
    // xmisa
    Line("pmmaqa.b", M, |s| s.xmisa &= !1, "the unit lacks i4i32"),
    Line("mmaqa.h", M, |s| s.xmisa &= !4, "the unit lacks i16i64"),
    Line("fmmacc.h", M, |s| s.xmisa &= !8, "the unit lacks f16f16"),
    Line("fmmacc.s", M, |s| s.xmisa &= !16, "the unit lacks f32f32"),
    Line("fmmacc.d", M, |s| s.xmisa &= !32, "the unit lacks f64f64"),
    Line("madd.d.mm", M, |s| s.xmisa &= !64, "the unit lacks pw_i64"),
    Line("mn4clip.s.mx", &[], |s| s.xmisa &= !128, "the unit lacks pw_i32"),
    Line("fwmmacc.h", M, |s| s.xmisa &= !256, "the unit lacks f16f32"),
    Line("fwmmacc.s", M, |s| s.xmisa &= !512, "the unit lacks f32f64"),
    // FS and rounding
    Line("fmmacc.h", M, |s| s.fs = Context::Off, "matrix 0.3 uses fcsr, and mstatus.FS is Off"),
    Line("fwmmacc.s", M, |s| s.frm = 5, "frm holds the reserved rounding mode 5"),
    Line("fmmacc.s", M, |s| s.frm = 7, "frm holds the reserved rounding mode 7"),
    Line("mmaqa.b", M, |s| (s.frm, s.fs) = (5, Context::Off), ""),
    // Sizes
    Line("mldb", &[], |s| s.size_m = 5, "sizeM is 5, and 4 at most is possible here"),
    Line("mldb", &[], |s| (s.size_m, s.size_n, s.size_k) = (4, 99, 16), ""),
    Line("mstd", &[], |s| s.size_k = 24, "sizeK is 24, and 16 at most is possible here"),
    Line("mldw", &[], |s| s.size_k = 6, "sizeK is 6, and must be a multiple of 4"),
    Line("mssth", &[], |s| s.size_k = 5, "sizeK is 5, and must be a multiple of 2"),
    Line("mld1md", &[], |s| (s.size_m, s.size_n, s.size_k) = (99, 99, 999), ""),
    Line("mmaqa.b", M, |s| s.size_m = 5, "sizeM is 5, and 4 at most is possible here"),
    Line("mmaqa.b", M, |s| s.size_n = 5, "sizeN is 5, and 4 at most is possible here"),
    Line("mmaqa.b", M, |s| s.size_k = 17, "sizeK is 17, and 16 at most is possible here"),
    Line("mmaqa.h", M, |s| s.size_k = 3, "sizeK is 3, and must be a multiple of 2"),
    Line("pmmaqa.b", M, |s| (s.size_m, s.size_n, s.size_k) = (4, 4, 15), ""),
    Line("fmmacc.h", M, |s| (s.size_m, s.size_n, s.size_k) = (4, 8, 16), ""),
    Line("fmmacc.h", M, |s| s.size_n = 9, "sizeN is 9, and 8 at most is possible here"),
    Line("fmmacc.s", M, |s| s.size_n = 5, "sizeN is 5, and 4 at most is possible here"),
    Line("fwmmacc.h", M, |s| s.size_k = 3, "sizeK is 3, and must be a multiple of 2"),
    Line("madd.d.mm", &[], |s| s.size_k = 4, "sizeK is 4, and must be a multiple of 8"),
    Line("mmulh.s.mx", &[], |s| s.size_m = 5, "sizeM is 5, and 4 at most is possible here"),
    Line("msra.s.mx", &[], |s| (s.size_m, s.size_n, s.size_k) = (4, 255, 16), ""),
    Line("mmov.mv.i", &[], |s| (s.size_m, s.size_n, s.size_k) = (99, 99, 999), ""),
    Line("mdupd.m.x", &[], |s| (s.size_m, s.size_n, s.size_k) = (99, 99, 999), ""),
];

fn check<S: Clone>(version: Version, lines: &[Line<S>], plain: &S, unit: fn(S) -> Unit) {
    let mut bench = Bench::default();
    let mut wrong = String::new();
    for Line(name, fields, change, says) in lines {
        let row = named(version, name);
        let word = row.word(fields);
        let mut state = plain.clone();
        change(&mut state);
        let unit = unit(state);
        let (told, model) = (refused(&mut bench, &unit, word), unit.check(row, word));
        let agree = if says.is_empty() { told.is_empty() } else { told.contains(says) };
        if !agree || says.is_empty() != model.is_ok() {
            wrong += &format!("{name} {fields:?}: expected «{says}», told «{told}», model {model:?}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn each_condition_of_0_6_with_its_text() {
    check(Version::V06, LINES_0P6, &dirty(State06::new(32, 512, 128)), Unit::V06);
}

fn dirty(s: State06) -> State06 {
    State06 { ms: Context::Dirty, ..s }
}

#[test]
fn each_condition_of_0_3_with_its_text() {
    check(Version::V03, LINES_0P3, &State03::new(128), Unit::V03);
}

/// Words between the instructions.
#[test]
fn reserved_words_trap() {
    let mut bench = Bench::default();
    let (v03, v06) = (Unit::V03(State03::new(128)), Unit::V06(State06::new(64, 512, 128)));
    let words_0p6 = [
        // mzero of 3, 5, 6 and 7 registers.
        0x0d00_002b,
        0x0e00_002b,
        0x0e80_002b,
        0x0f00_002b,
        // Configuration: mtilex of no letter; bits 11:7; rs2.
        0x4000_002b,
        0x1000_00ab,
        0x1210_002b,
        // Multiplications with uop 01, as the list prints them, are loads; those with sizes that do not exist.
        0x0800_002b,
        0x080c_082b,
        0x1984_082b,
        0x2900_082b,
        // Whole registers with a stride.
        0x3410_002b,
        // func3 of 2.
        0x0000_202b,
        // Element-wise: bytes, words of 64 bits; a bf16 sum; uop 11.
        0x0780_102b,
        0x078c_1c2b,
        0x0c88_182b,
        // mpack of no halves; bits 11:10 of mpack.
        0x4c80_002b,
        0x4c00_042b,
        // mcslidedown with two different widths.
        0x7c04_002b,
    ];
    let words_0p3 = [
        // mcfg of no letter.
        0x3e00_002b,
        0xce00_002b,
        // Products of 64-bit integers.
        0x2000_0c2b,
        // Pointwise on bytes.
        0x3000_002b,
        // Whole registers: three of them.
        0x2820_002b,
        // func3 of 1.
        0x0000_102b,
    ];
    for (version, unit, words) in [(Version::V06, v06, &words_0p6[..]), (Version::V03, v03, &words_0p3[..])] {
        for word in words {
            assert_eq!(decode(version, *word).map(|r| r.name), None, "{word:#010x}");
            assert_ne!(refused(&mut bench, &unit, *word), "", "{word:#010x}");
        }
    }
}

/// The model says the same of the order in which conditions are looked at.
#[test]
fn the_first_reason_counts() {
    let mut s = State06::new(32, 512, 128);
    (s.mtilem, s.xmfrm, s.xmisa) = (5, 5, s.xmisa & !(1 << 3));
    let row = named(Version::V06, "mfmacc.s");
    let reason = |s: &State06, fields| s.check(row, row.word(fields));
    assert_eq!(reason(&s, &[]), Err(Trap::Illegal(Reason::Class)));
    assert_eq!(reason(&s, ABC), Err(Trap::Illegal(Reason::Feature)));
    s.xmisa |= 1 << 3;
    assert_eq!(reason(&s, ABC), Err(Trap::Illegal(Reason::Rounding)));
    s.xmfrm = 4;
    assert_eq!(reason(&s, ABC), Err(Trap::Illegal(Reason::SizeM)));
    s.mtilem = 4;
    assert_eq!(reason(&s, ABC), Ok(()));
}
