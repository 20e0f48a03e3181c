//! Every instruction of the matrix extensions 0.3 and 0.6 against the plain models of `tests/model/matrix`: from random units, states
//! and operands biased to corners, illegal and faulting ones included, each by translated code and in single steps, on each SIMD level
//! of the host.

#[path = "matrix/algebra.rs"]
mod algebra;
mod common;
#[path = "matrix/known_answers.rs"]
mod known_answers;
#[path = "matrix/legality.rs"]
mod legality;
#[path = "model/matrix/mod.rs"]
mod matrix_model;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "matrix/numbers.rs"]
mod numbers;
#[path = "model/vector/mod.rs"]
mod vector_model;

use common::entropy::{Entropy, words};
use common::{cases, fail};
use matrix_model::bench::{Bench, isa};
use matrix_model::cases::{self as random, Case, case};
use matrix_model::table::{Row, Version, decode, rows};
use matrix_model::unit::Unit;
use mellivora::hart::Simd;
use mellivora::isa::{Decoder, Op};
use proptest::test_runner::{Config, TestError, TestRunner};
use std::cell::{Cell, RefCell};

/// Cases of each instruction, unless PROPTEST_CASES says otherwise.
const CASES: u32 = 64;

/// The machine's instruction that a row of the list describes.
fn op(version: Version, row: &Row) -> Option<Op> {
    Decoder::new(&isa(version)).decode(row.value).map(|insn| insn.op)
}

/// What a failing case looked like.
fn describe(case: &Case) -> String {
    let version = case.start.version();
    let mut out = String::new();
    for word in &case.program {
        let Some(row) = decode(version, *word) else {
            out += &format!("an access to a CSR, {word:#010x}\n");
            continue;
        };
        let fields: Vec<String> = row.fields().map(|f| format!("{} = {}", f.0, row.field(*word, f.0))).collect();
        out += &format!("{} ({word:#010x}) {}\n", row.name, fields.join(", "));
    }
    out += &match &case.start {
        Unit::V03(s) => format!(
            "RLEN {}, M {} N {} K {}, xmrstart {}, xmxrm {}, xmsat {}, frm {}, fflags {:#x}, xmisa {:#x}, MS {:?}, FS {:?}, {:?}, bf16 {}\n",
            s.rlen,
            s.size_m,
            s.size_n,
            s.size_k,
            s.xmrstart,
            s.xmxrm,
            s.xmsat,
            s.frm,
            s.fflags,
            s.xmisa,
            s.ms,
            s.fs,
            s.accumulation,
            s.bf16,
        ),
        Unit::V06(s) => format!(
            "TLEN {}, TRLEN {}, ELEN {}, M {} N {} K {}, xmxrm {}, xmsat {}, xmfrm {}, xmfflags {:#x}, xmsaten {}, xmisa {:#x}, MS {:?}, {:?}, undefined {}\n",
            s.tlen,
            s.trlen,
            s.elen,
            s.mtilem,
            s.mtilen,
            s.mtilek,
            s.xmxrm,
            s.xmsat,
            s.xmfrm,
            s.xmfflags,
            s.xmsaten,
            s.xmisa,
            s.ms,
            s.accumulation,
            s.undefined,
        ),
    };
    out += &format!("{:?}, the model: {:x?}\n", case.simd, case.last);
    for (n, v) in case.x.iter().enumerate().filter(|(n, _)| (8..16).contains(n)) {
        out += &format!("x{n} = {v:#x} ");
    }
    for (n, register) in case.start.registers().iter().enumerate() {
        for (i, row) in register.bytes.chunks(register.row / 8).take(2).enumerate() {
            let hex: String = row.iter().take(32).rev().map(|b| format!("{b:02x}")).collect();
            out += &format!("\nregister {n} row {i}: {hex}");
        }
    }
    out
}

/// Compares one instruction in as many random cases as are asked for. The error says what differs in the simplest case found.
fn check(version: Version, row: &'static Row, bench: &RefCell<Bench>) -> Result<(), String> {
    let executed = Cell::new(0);
    // Simpler cases are nice, but cost as much as all others.
    let config = Config { max_shrink_iters: CASES, ..cases(CASES) };
    let result = TestRunner::new(config).run(&words(), |words| {
        let case = case(&mut Entropy::new(&words), version, row);
        executed.set(executed.get() + usize::from(case.last.is_ok()));
        bench.borrow_mut().compare(&case).map_err(|difference| fail(format!("{difference}{}", describe(&case))))
    });
    match result {
        Err(TestError::Fail(why, _)) => Err(why.message().to_string()),
        Err(why) => Err(why.to_string()),
        Ok(()) if executed.get() == 0 => Err("no legal case".into()),
        Ok(()) => Ok(()),
    }
}

/// Compares the instructions that do certain things.
fn check_all(version: Version, family: impl Fn(&str) -> bool) {
    let bench = RefCell::default();
    let rows: Vec<&'static Row> = rows(version).iter().filter(|row| family(row.semantics().0)).collect();
    assert!(!rows.is_empty());
    let known = rows.into_iter().filter(|row| op(version, row).is_some());
    let failed: Vec<_> = known.filter_map(|row| Some((row.name, check(version, row, &bench).err()?))).collect();
    if let Some((_, why)) = failed.first() {
        let names: Vec<&str> = failed.iter().map(|f| f.0).collect();
        panic!("{} differ: {}\nthe first one, {why}", names.len(), names.join(" "));
    }
}

macro_rules! families {
    ($($name:ident $version:ident $pattern:pat,)*) => { $(
        #[test]
        fn $name() {
            check_all(Version::$version, |what| matches!(what, $pattern));
        }
    )* };
}
families! {
    configuration_of_0_3 V03 "cfg" | "cfgi" | "release",
    rows_of_0_3 V03 "ld" | "st",
    whole_registers_of_0_3 V03 "ldm" | "stm",
    float_products_of_0_3 V03 "fmm",
    integer_products_of_0_3 V03 "imm",
    moves_of_0_3 V03 "zero" | "mov_mm" | "mov_row" | "dup" | "m.x" | "x.m",
    pointwise_integers_of_0_3 V03 "pw",
    configuration_of_0_6 V06 "settile" | "mrelease",
    tiles_of_0_6 V06 "mload_a" | "mload_b" | "mload_c" | "mstore_a" | "mstore_b" | "mstore_c",
    transposed_tiles_of_0_6 V06 "mload_at" | "mload_bt" | "mload_ct" | "mstore_at" | "mstore_bt" | "mstore_ct",
    whole_registers_of_0_6 V06 "mload_whole" | "mstore_whole",
    float_products_of_0_6 V06 "mfmacc",
    integer_products_of_0_6 V06 "mmacc",
    moves_of_0_6 V06 "mzero" | "mmov_mm" | "mmov_xm" | "mmov_mx" | "mdup" | "mpack" | "mrslide" | "mcslide" | "mrbc" | "mcbc",
    conversions_of_0_6 V06 "fcvt" | "i2f" | "f2i" | "p2b",
    element_wise_integers_of_0_6 V06 "iew" | "n4clip",
    element_wise_floats_of_0_6 V06 "few",
}

/// The first instructions that differ, or whose traps do, of programs of them and of accesses to CSRs.
fn check_programs(version: Version) {
    let bench = RefCell::new(Bench::default());
    let known: Vec<&'static Row> = rows(version).iter().filter(|row| op(version, row).is_some()).collect();
    let result = TestRunner::new(cases(250)).run(&words(), |words| {
        for case in random::program(&mut Entropy::new(&words), version, &known) {
            let done = bench.borrow_mut().compare(&case);
            done.map_err(|difference| fail(format!("{difference}{}", describe(&case))))?;
        }
        Ok(())
    });
    if let Err(TestError::Fail(why, _)) = result {
        panic!("{}", why.message());
    }
}

#[test]
fn programs_of_0_3() {
    check_programs(Version::V03);
}

#[test]
fn programs_of_0_6() {
    check_programs(Version::V06);
}

/// Also those of the other version, and those beside: there are none.
#[test]
fn accesses_to_csrs() {
    let bench = RefCell::new(Bench::default());
    let result = TestRunner::new(cases(2000)).run(&words(), |words| {
        let mut e = Entropy::new(&words);
        let version = e.pick(&[Version::V03, Version::V06]);
        let unit = random::blank(&mut e, version);
        let x = [0; 32].map(|_: u64| e.integer());
        let program = (0..1 + e.below(4)).map(|_| random::csr_word(&mut e)).collect();
        let case = Case::new(unit, [&[0], &x[1..]].concat().try_into().expect("32"), Simd::best(), program);
        bench.borrow_mut().compare(&case).map_err(|difference| fail(format!("{difference}{}", describe(&case))))
    });
    if let Err(TestError::Fail(why, _)) = result {
        panic!("{}", why.message());
    }
}
