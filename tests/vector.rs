//! Every vector instruction against the plain model of `tests/model/vector`: from random configurations, states and operands biased
//! to corners, illegal and faulting ones included, each by translated code and in single steps, on each SIMD level of the host.

mod common;
#[path = "model/vector/mod.rs"]
mod vector_model;

use common::entropy::{Entropy, words};
use common::{asm, cases, fail};
use mellivora::isa::{Extension, Flags, Op};
use proptest::test_runner::{Config, TestError, TestRunner};
use std::cell::{Cell, RefCell};
use vector_model::bench::{Bench, Case};
use vector_model::cases::{case, program};
use vector_model::{Outcome, knows};

/// Cases of each instruction, unless PROPTEST_CASES says otherwise.
const CASES: u32 = 96;

/// Those of V 1.0 and its companions.
fn vector_ops() -> impl Iterator<Item = Op> {
    let v1 = |op: &Op| !op.mnemonic().starts_with("th.") || op.extension() == Extension::Xtheadvdot;
    Op::all().filter(move |op| op.info().flags.contains(Flags::VECTOR) && v1(op))
}

/// The instructions that are special cases of another's encoding.
fn special_cases(op: Op) -> Vec<Op> {
    let info = op.info();
    let is_special = |other: &Op| {
        let i = other.info();
        i.mask & info.mask == info.mask && i.value & info.mask == info.value && i.mask != info.mask
    };
    vector_ops().filter(is_special).collect()
}

/// What the instructions of a test have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Configuration,
    UnitStride,
    Strided,
    Indexed,
    Segments,
    IndexedSegments,
    WholeRegisters,
    SingleWidth,
    Widening,
    MultiplyAdd,
    FixedPoint,
    Masks,
    Reductions,
    Permutation,
    FloatSingleWidth,
    FloatWidening,
    FloatFused,
    FloatConversion,
    FloatMasksAndReductions,
    Cryptography,
}

fn family(op: Op) -> Family {
    let name = op.mnemonic().trim_start_matches("th.");
    let starts = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
    if op.info().flags.intersects(Flags::LOAD | Flags::STORE) {
        let indexed = name.contains("ei");
        return match name {
            _ if name.contains("seg") && indexed => Family::IndexedSegments,
            _ if name.contains("seg") => Family::Segments,
            _ if indexed => Family::Indexed,
            _ if name.contains("re") || name.contains("r.") => Family::WholeRegisters,
            _ if starts(&["vlse", "vsse"]) => Family::Strided,
            _ => Family::UnitStride,
        };
    }
    match name {
        _ if starts(&["vset"]) => Family::Configuration,
        _ if starts(&["vaes", "vsha", "vsm3", "vsm4", "vghsh", "vgmul", "vclmul", "vandn", "vbrev", "vrev", "vro"]) => {
            Family::Cryptography
        }
        _ if starts(&["vclz", "vctz", "vcpop.v", "vwsll"]) => Family::Cryptography,
        _ if starts(&["vfslide", "vfmv", "vfmerge"]) => Family::Permutation,
        _ if starts(&["vmf", "vfred", "vfwred", "vfclass"]) => Family::FloatMasksAndReductions,
        _ if starts(&["vfcvt", "vfwcvt", "vfncvt"]) => Family::FloatConversion,
        _ if name.starts_with("vf") && ["macc", "msac", "madd", "msub"].iter().any(|m| name.contains(m)) => {
            Family::FloatFused
        }
        _ if starts(&["vfw"]) => Family::FloatWidening,
        _ if starts(&["vf"]) => Family::FloatSingleWidth,
        _ if starts(&["vred", "vwred"]) => Family::Reductions,
        _ if starts(&["vmacc", "vnmsac", "vmadd.", "vnmsub", "vwmacc", "vmaqa"]) => Family::MultiplyAdd,
        _ if starts(&["vw", "vnsr", "vzext", "vsext"]) => Family::Widening,
        _ if starts(&["vsadd", "vssub", "vaadd", "vasub", "vsmul", "vssr", "vnclip"]) => Family::FixedPoint,
        _ if starts(&["vslide", "vrgather", "vcompress", "vmv", "vmerge"]) => Family::Permutation,
        _ if starts(&["vms", "vmadc", "viota", "vid", "vcpop", "vfirst"]) || name.ends_with(".mm") => Family::Masks,
        _ => Family::SingleWidth,
    }
}

/// What a failing case looked like.
fn describe(case: &Case) -> String {
    let s = &case.start;
    let mut out = String::new();
    for (_, word) in &case.program {
        out += &format!("{} ({word:#010x})\n", asm::show(*word));
    }
    let (vtype, settings, simd) = (s.vtype(), s.settings, case.simd);
    out += &format!("VLEN {}, ELEN {}, {simd:?}, {settings:?}\n", s.vlen, s.elen);
    out += &format!("{vtype:?}, vl {}, vstart {}, vxrm {}, frm {}, ", s.vl, s.vstart, s.vxrm, s.frm);
    out += &format!("fflags {:#x}, vxsat {}\nthe model: {:x?}", s.fflags, s.vxsat, case.last);
    let word = case.program.last().map_or(0, |last| last.1);
    for n in [7, 15, 20].map(|low| (word >> low & 31) as usize) {
        let bytes = &s.v[n * s.vlen / 8..][..s.vlen.min(512) / 8];
        let hex: Vec<String> = bytes.iter().rev().map(|b| format!("{b:02x}")).collect();
        out += &format!("\nv{n} = {}, x{n} = {:#x}, f{n} = {:#x}", hex.concat(), s.x[n], s.f[n]);
    }
    out
}

/// Compares one instruction in as many random cases as are asked for. The error says what differs in the simplest case found.
fn check(op: Op, bench: &RefCell<Bench>) -> Result<(), String> {
    let special = special_cases(op);
    let executed = Cell::new(0);
    // Simpler cases are nice, but cost as much as all others.
    let config = Config { max_shrink_iters: CASES, ..cases(CASES) };
    let result = TestRunner::new(config).run(&words(), |words| {
        let Some(case) = case(&mut Entropy::new(&words), op, &special) else { return Ok(()) };
        executed.set(executed.get() + usize::from(case.last == Outcome::Done));
        bench.borrow_mut().compare(&case).map_err(|difference| fail(format!("{difference}{}", describe(&case))))
    });
    match result {
        Err(TestError::Fail(why, _)) => Err(why.message().to_string()),
        Err(why) => Err(why.to_string()),
        Ok(()) if executed.get() == 0 => Err("no legal case".into()),
        Ok(()) => Ok(()),
    }
}

fn check_family(which: Family) {
    let bench = RefCell::default();
    let ops: Vec<Op> = vector_ops().filter(|op| family(*op) == which && knows(op.mnemonic())).collect();
    assert!(!ops.is_empty() || cfg!(not(all(target_arch = "x86_64", target_os = "linux"))));
    let failed: Vec<(Op, String)> = ops.iter().filter_map(|op| Some((*op, check(*op, &bench).err()?))).collect();
    if let Some((_, why)) = failed.first() {
        let names: Vec<&str> = failed.iter().map(|f| f.0.mnemonic()).collect();
        panic!("{} of {} differ: {}\nthe first one, {why}", names.len(), ops.len(), names.join(" "));
    }
}

#[test]
fn every_instruction_has_a_model() {
    let missing: Vec<&str> = vector_ops().map(Op::mnemonic).filter(|name| !knows(name)).collect();
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        assert!(missing.is_empty(), "no model of {missing:?}");
    } else {
        println!("no SoftFloat on this host; not checked: {missing:?}");
    }
}

/// Programs of several instructions, each run from several states.
#[test]
fn sequences() {
    let bench = RefCell::new(Bench::default());
    // Segments of three fields stand for all of them, which would be most of it.
    let few = |op: &Op| !op.mnemonic().contains("seg") || op.mnemonic().contains("seg3");
    let mut ops: Vec<Op> = vector_ops().filter(|op| knows(op.mnemonic()) && few(op)).collect();
    ops.extend([Op::Vsetvli, Op::Vsetivli].repeat(20));
    let result = TestRunner::new(cases(8 * CASES)).run(&words(), |words| {
        for case in program(&mut Entropy::new(&words), &ops) {
            let difference = bench.borrow_mut().compare(&case);
            difference.map_err(|difference| fail(format!("{difference}{}", describe(&case))))?;
        }
        Ok(())
    });
    if let Err(TestError::Fail(why, _)) = result {
        panic!("{}", why.message());
    }
}

macro_rules! families {
    ($($test:ident $family:ident;)*) => { $(
        #[test]
        fn $test() {
            check_family(Family::$family);
        }
    )* };
}

families! {
    configuration Configuration;
    unit_stride_loads_and_stores UnitStride;
    strided_loads_and_stores Strided;
    indexed_loads_and_stores Indexed;
    segments Segments;
    indexed_segments IndexedSegments;
    whole_registers WholeRegisters;
    integers_of_one_width SingleWidth;
    integers_of_two_widths Widening;
    multiply_add MultiplyAdd;
    fixed_point FixedPoint;
    masks Masks;
    reductions Reductions;
    permutation Permutation;
    float_of_one_width FloatSingleWidth;
    float_of_two_widths FloatWidening;
    float_fused FloatFused;
    float_conversions FloatConversion;
    float_masks_and_reductions FloatMasksAndReductions;
    cryptography Cryptography;
}
