//! Every instruction of XTheadVector, XTheadZvamo and XTheadVdot against the plain model of `tests/model/thead`: from random
//! configurations, states and operands biased to corners, illegal and faulting ones included, each by translated code and in single
//! steps, on each SIMD level of the host.

mod common;
#[path = "thead_vector/known_answers.rs"]
mod known_answers;
#[path = "thead_vector/legality.rs"]
mod legality;
#[path = "thead_vector/state.rs"]
mod machine_state;
#[path = "thead_vector/memory.rs"]
mod memory;
#[path = "model/thead/mod.rs"]
mod thead_model;
#[path = "model/vector/mod.rs"]
mod vector_model;

use common::entropy::{Entropy, words};
use common::{cases, fail};
use mellivora::isa::{Decoder, DisasmOptions, Flags, Op, disassemble};
use proptest::test_runner::{Config, TestError, TestRunner};
use std::cell::{Cell, RefCell};
use thead_model::bench::{Bench, Case, isa};
use thead_model::cases::{case, program};
use thead_model::words::{self as list, rows};
use thead_model::{Outcome, knows};

/// Cases of each instruction, unless PROPTEST_CASES says otherwise.
const CASES: u32 = 64;

/// The instructions of the three extensions.
fn thead_ops() -> impl Iterator<Item = Op> {
    Op::all().filter(|op| op.mnemonic().starts_with("th.") && op.info().flags.contains(Flags::VECTOR))
}

fn modelled(op: Op) -> bool {
    knows(op.mnemonic(), op.info().value)
}

/// What the instructions of a test have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Configuration,
    UnitStride,
    Strided,
    Indexed,
    UnitStrideSegments,
    StridedSegments,
    IndexedSegments,
    Atomic,
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
    Dot,
}

fn family(op: Op) -> Family {
    let name = op.mnemonic().trim_start_matches("th.");
    let starts = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
    if starts(&["vamo"]) {
        return Family::Atomic;
    }
    if op.info().flags.intersects(Flags::LOAD | Flags::STORE) {
        return match name {
            _ if starts(&["vlseg", "vsseg"]) => Family::UnitStrideSegments,
            _ if starts(&["vlsseg", "vssseg"]) => Family::StridedSegments,
            _ if name.contains("seg") => Family::IndexedSegments,
            _ if starts(&["vlx", "vsx", "vsux"]) => Family::Indexed,
            _ if starts(&["vls", "vss"]) => Family::Strided,
            _ => Family::UnitStride,
        };
    }
    match name {
        _ if starts(&["vset"]) => Family::Configuration,
        _ if starts(&["vmaqa"]) => Family::Dot,
        _ if starts(&["vfmv", "vfmerge"]) => Family::Permutation,
        _ if starts(&["vmf", "vfred", "vfwred", "vfclass"]) && name != "vmfirst.m" => Family::FloatMasksAndReductions,
        _ if starts(&["vfcvt", "vfwcvt", "vfncvt"]) => Family::FloatConversion,
        _ if name.starts_with("vf") && ["macc", "msac", "madd", "msub"].iter().any(|m| name.contains(m)) => {
            Family::FloatFused
        }
        _ if starts(&["vfw"]) => Family::FloatWidening,
        _ if starts(&["vf"]) => Family::FloatSingleWidth,
        _ if starts(&["vred", "vwred"]) => Family::Reductions,
        _ if starts(&["vmacc", "vnmsac", "vmadd.", "vnmsub", "vwmacc"]) => Family::MultiplyAdd,
        _ if starts(&["vwsmacc", "vsadd", "vssub", "vaadd", "vasub", "vsmul", "vssr", "vnclip"]) => Family::FixedPoint,
        _ if starts(&["vw", "vnsr"]) => Family::Widening,
        _ if starts(&["vslide", "vrgather", "vcompress", "vmv", "vmerge", "vext"]) => Family::Permutation,
        _ if starts(&["vms", "vmadc", "viota", "vid", "vmpopc", "vmfirst"]) || name.ends_with(".mm") => Family::Masks,
        _ => Family::SingleWidth,
    }
}

fn show(word: u32) -> String {
    let insn = Decoder::new(&isa(true)).decode(word);
    insn.map_or("nothing".into(), |i| disassemble(&i, 0, DisasmOptions::default()).to_string())
}

/// What a failing case looked like.
fn describe(case: &Case) -> String {
    let s = &case.start;
    let mut out = String::new();
    for (_, word) in &case.program {
        out += &format!("{} ({word:#010x})\n", show(*word));
    }
    let (config, settings, simd) = (s.config(), s.settings, case.simd);
    out += &format!("VLEN {}, half {}, {simd:?}, {settings:?}\n", s.vlen, s.half);
    out += &format!("{config:?}, vl {}, vstart {}, vxrm {}, frm {}, ", s.vl, s.vstart, s.vxrm, s.frm);
    out += &format!("fflags {:#x}, vxsat {}\nthe model: {:x?}", s.fflags, s.vxsat, case.last);
    let word = case.program.last().map_or(0, |last| last.1);
    for n in [7, 15, 20].map(|low| (word >> low & 31) as usize).into_iter().chain([0]) {
        let bytes = &s.v[n * s.vlen / 8..][..s.vlen.min(512) / 8];
        let hex: Vec<String> = bytes.iter().rev().map(|b| format!("{b:02x}")).collect();
        out += &format!("\nv{n} = {}, x{n} = {:#x}, f{n} = {:#x}", hex.concat(), s.x[n], s.f[n]);
    }
    out
}

/// Compares one instruction in as many random cases as are asked for. The error says what differs in the simplest case found.
fn check(op: Op, bench: &RefCell<Bench>) -> Result<(), String> {
    let executed = Cell::new(0);
    // Simpler cases are nice, but cost as much as all others.
    let config = Config { max_shrink_iters: CASES, ..cases(CASES) };
    let result = TestRunner::new(config).run(&words(), |words| {
        let Some(case) = case(&mut Entropy::new(&words), op) else { return Ok(()) };
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
    let ops: Vec<Op> = thead_ops().filter(|op| family(*op) == which && modelled(*op)).collect();
    assert!(!ops.is_empty() || cfg!(not(all(target_arch = "x86_64", target_os = "linux"))));
    let failed: Vec<(Op, String)> = ops.iter().filter_map(|op| Some((*op, check(*op, &bench).err()?))).collect();
    if let Some((_, why)) = failed.first() {
        let names: Vec<&str> = failed.iter().map(|f| f.0.mnemonic()).collect();
        panic!("{} of {} differ: {}\nthe first one, {why}", names.len(), ops.len(), names.join(" "));
    }
}

#[test]
fn every_instruction_has_a_model() {
    let missing: Vec<&str> = thead_ops().filter(|op| !modelled(*op)).map(Op::mnemonic).collect();
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        assert!(missing.is_empty(), "no model of {missing:?}");
    } else {
        println!("no SoftFloat on this host; not checked: {missing:?}");
    }
}

#[test]
fn the_tables_have_what_assemblers_have() {
    assert_eq!(rows().len(), 644);
    for row in rows() {
        let op = Op::from_mnemonic(row.name).unwrap_or_else(|| panic!("no {}", row.name));
        assert_eq!((op.info().value, op.info().mask), (row.value, row.mask), "{}", row.name);
        let insn = Decoder::new(&isa(true)).decode(row.example);
        assert_eq!(insn.map(|i| i.op), Some(op), "{}", row.text);
    }
    for op in thead_ops() {
        assert!(rows().iter().any(|row| row.name == op.mnemonic()), "{} is unknown to assemblers", op.mnemonic());
    }
}

/// Words of the opcodes that vector instructions share with others: they are what the list says, and nothing else.
#[test]
fn no_other_word_is_a_vector_instruction() {
    let decoder = Decoder::new(&isa(true));
    let bits: Vec<u64> = (0..24).map(|n| 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(n + 1)).collect();
    let mut e = Entropy::new(&bits);
    let (mut known, mut unknown) = (0, 0);
    for _ in 0..100_000 {
        let opcode = e.pick(&[0x57, 0x57, 0x57, 0x07, 0x27, 0x2f, 0x0b]);
        // Sparse words meet more rows.
        let random = if e.below(2) == 0 { e.next() } else { e.next() & e.next() } as u32;
        let word = random & !0x7f | opcode;
        let expected = list::of(word).map(|row| row.name);
        let insn = decoder.decode(word);
        let found = insn.map(|i| i.op).filter(|op| op.info().flags.contains(Flags::VECTOR)).map(Op::mnemonic);
        assert_eq!(found, expected, "{word:#010x}");
        if opcode == 0x57 {
            assert_eq!(insn.is_some(), expected.is_some(), "{word:#010x}");
        }
        *(if expected.is_some() { &mut known } else { &mut unknown }) += 1;
    }
    assert!(known > 1000 && unknown > 1000, "{known} and {unknown}");
}

/// Programs of several instructions of `ops` against the model, each run from several states; see `program`.
fn check_sequences(ops: &[Op], registers: &[u32]) {
    let bench = RefCell::new(Bench::default());
    let result = TestRunner::new(cases(8 * CASES)).run(&words(), |words| {
        for case in program(&mut Entropy::new(&words), ops, registers) {
            let difference = bench.borrow_mut().compare(&case);
            difference.map_err(|difference| fail(format!("{difference}{}", describe(&case))))?;
        }
        Ok(())
    });
    if let Err(TestError::Fail(why, _)) = result {
        panic!("{}", why.message());
    }
}

#[test]
fn sequences() {
    // Segments of three fields stand for all of them, which would be most of it.
    let few = |op: &Op| !op.mnemonic().contains("seg") || op.mnemonic().contains("seg3");
    let mut ops: Vec<Op> = thead_ops().filter(|op| modelled(*op) && few(op)).collect();
    let vsetvli = Op::from_mnemonic("th.vsetvli").expect("it exists");
    ops.extend([vsetvli].repeat(40));
    check_sequences(&ops, &[]);
}

/// Masks that are made, used, replaced in part or by something else, and read under another MLEN: whatever the machine keeps of
/// them in another form has to be what the register holds.
#[test]
fn sequences_on_masks_in_few_registers() {
    let named = |names: &[&str]| names.iter().map(|n| Op::from_mnemonic(n).expect("it exists")).collect::<Vec<_>>();
    let masks = thead_ops().filter(|op| modelled(*op) && matches!(family(*op), Family::Masks));
    let mut ops: Vec<Op> = masks.collect();
    let compares = named(&["th.vmseq.vv", "th.vmsltu.vx", "th.vmfle.vf", "th.vmadc.vvm", "th.vmsbf.m", "th.vmand.mm"]);
    ops.extend(compares.repeat(4));
    let users = ["th.vadd.vv", "th.vmerge.vvm", "th.vcompress.vm", "th.vadc.vxm", "th.vredsum.vs", "th.vwadd.vv"];
    ops.extend(named(&users).repeat(3));
    ops.extend(named(&["th.vmv.v.x", "th.vmv.s.x", "th.vle.v", "th.vlbu.v", "th.vse.v", "th.vlseg2e.v"]).repeat(2));
    ops.extend(named(&["th.vsetvli"]).repeat(8));
    check_sequences(&ops, &[0, 0, 8, 9, 16]);
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
    unit_stride_segments UnitStrideSegments;
    strided_segments StridedSegments;
    indexed_segments IndexedSegments;
    atomic_memory_operations Atomic;
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
    dot_products Dot;
}
