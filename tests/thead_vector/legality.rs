//! What is reserved: the rules of 0.7.1 one by one, written out by hand, against model and machine; then model against machine for
//! every instruction under every `vtype` with many operands.

use crate::common::entropy::{Entropy, words};
use crate::common::{cases, fail};
use crate::thead_model::bench::{Bench, isa};
use crate::thead_model::is_legal;
use crate::thead_model::state::{State, VILL};
use crate::thead_model::words::{rows, word};
use crate::vector_model::cases;
use mellivora::hart::Simd;
use mellivora::isa::{Decoder, Flags};
use proptest::test_runner::{TestError, TestRunner};
use std::cell::RefCell;

/// Name, vd, vs2, vs1, vm; SEW and LMUL; whether that is legal.
type Line = (&'static str, [u32; 4], [u64; 2], bool);

const YES: bool = true;
const NO: bool = false;

/// A line for each clause of the text, and its neighbour on the other side.
const LINES: &[Line] = &[
    // "Using other than the lowest-numbered vector register to specify a vector register group": vd, vs2, vs1.
    ("vadd.vv", [8, 16, 24, 1], [32, 8], YES),
    ("vadd.vv", [4, 16, 24, 1], [32, 8], NO),
    ("vadd.vv", [8, 17, 24, 1], [32, 8], NO),
    ("vadd.vv", [8, 16, 22, 1], [32, 8], NO),
    ("vadd.vx", [8, 16, 23, 1], [32, 8], YES),
    ("vadd.vv", [2, 4, 5, 1], [32, 2], NO),
    ("vmv.v.v", [8, 0, 12, 1], [32, 8], NO),
    ("vmerge.vvm", [8, 12, 16, 0], [32, 8], NO),
    ("vmerge.vvm", [8, 12, 16, 0], [32, 4], YES),
    // Masks and scalars stand anywhere.
    ("vmand.mm", [1, 3, 5, 1], [32, 8], YES),
    ("vmseq.vv", [7, 8, 16, 1], [32, 8], YES),
    ("vmseq.vv", [7, 9, 16, 1], [32, 8], NO),
    ("vredsum.vs", [3, 8, 5, 1], [32, 8], YES),
    ("vredsum.vs", [3, 9, 5, 1], [32, 8], NO),
    ("vmv.s.x", [3, 0, 5, 1], [32, 8], YES),
    ("vext.x.v", [3, 5, 5, 1], [32, 8], YES),
    ("viota.m", [8, 3, 0, 1], [32, 8], YES),
    ("vmpopc.m", [8, 3, 0, 0], [32, 8], YES),
    ("vfmv.s.f", [3, 0, 5, 1], [32, 8], YES),
    ("vfmv.f.s", [3, 5, 0, 1], [32, 8], YES),
    // "The destination vector register group for a masked vector instruction can only overlap the source mask register (v0) when
    // LMUL=1."
    ("vadd.vv", [0, 8, 16, 0], [32, 1], YES),
    ("vadd.vv", [0, 8, 16, 0], [32, 2], NO),
    ("vadd.vv", [0, 8, 16, 1], [32, 2], YES),
    ("vid.v", [0, 0, 0, 0], [32, 1], YES),
    ("vid.v", [0, 0, 0, 0], [32, 4], NO),
    ("vmerge.vvm", [0, 8, 16, 0], [32, 1], YES),
    ("vmerge.vvm", [0, 8, 16, 0], [32, 2], NO),
    ("vlb.v", [0, 0, 5, 0], [32, 1], YES),
    ("vlb.v", [0, 0, 5, 0], [32, 2], NO),
    ("vsb.v", [0, 0, 5, 0], [32, 2], YES),
    ("vlseg2b.v", [0, 0, 5, 0], [32, 2], NO),
    // Masks and scalars as results may replace it.
    ("vmseq.vv", [0, 8, 16, 0], [32, 8], YES),
    ("vmsbf.m", [0, 3, 0, 0], [32, 8], YES),
    ("vredsum.vs", [0, 8, 5, 0], [32, 8], YES),
    // Widening: 2*SEW <= ELEN, 2*LMUL <= 8, an even register, no overlap with another width or the mask.
    ("vwadd.vv", [8, 16, 24, 1], [32, 4], YES),
    ("vwadd.vv", [8, 16, 24, 1], [64, 4], NO),
    ("vwadd.vv", [8, 16, 24, 1], [32, 8], NO),
    ("vwadd.vv", [3, 16, 24, 1], [32, 1], NO),
    ("vwadd.vv", [4, 5, 24, 1], [32, 1], NO),
    ("vwadd.vv", [4, 4, 24, 1], [32, 1], NO),
    ("vwadd.vv", [4, 24, 5, 1], [32, 1], NO),
    ("vwadd.vv", [4, 6, 3, 1], [32, 1], YES),
    ("vwadd.wv", [4, 4, 3, 1], [32, 1], YES),
    ("vwadd.wv", [4, 4, 5, 1], [32, 1], NO),
    ("vwadd.wv", [4, 7, 8, 1], [32, 1], NO),
    ("vwadd.vv", [0, 6, 3, 0], [32, 1], NO),
    ("vwadd.vv", [0, 6, 3, 1], [32, 1], YES),
    ("vwmacc.vv", [4, 5, 8, 1], [16, 1], NO),
    ("vwsmacc.vv", [4, 8, 5, 1], [16, 1], NO),
    ("vwsmacc.vv", [4, 8, 10, 1], [16, 1], YES),
    ("vfwadd.vv", [4, 8, 5, 1], [32, 1], NO),
    ("vfwadd.wf", [4, 4, 5, 1], [32, 1], YES),
    ("vfwcvt.f.f.v", [4, 5, 0, 1], [32, 1], NO),
    ("vwredsum.vs", [4, 4, 4, 0], [32, 8], NO),
    ("vwredsum.vs", [0, 8, 9, 0], [32, 8], YES),
    ("vwredsum.vs", [1, 8, 9, 1], [64, 1], NO),
    // Narrowing: likewise; no overlap with vs2 at all, but with vs1.
    ("vnsrl.vv", [8, 16, 24, 1], [32, 4], YES),
    ("vnsrl.vv", [8, 16, 24, 1], [64, 4], NO),
    ("vnsrl.vv", [8, 16, 24, 1], [32, 8], NO),
    ("vnsrl.vv", [8, 17, 24, 1], [32, 1], NO),
    ("vnsrl.vv", [16, 16, 24, 1], [32, 1], NO),
    ("vnsrl.vv", [17, 16, 24, 1], [32, 1], NO),
    ("vnsrl.vv", [24, 16, 24, 1], [32, 1], YES),
    ("vnsrl.vv", [0, 16, 24, 0], [32, 1], YES),
    ("vnsrl.vv", [0, 16, 24, 0], [32, 2], NO),
    ("vnclip.vi", [16, 16, 3, 1], [32, 1], NO),
    ("vfncvt.f.f.v", [16, 16, 0, 1], [32, 1], NO),
    // "Comparison operations ... are also implicitly a narrowing operation": for LMUL > 1.
    ("vmseq.vv", [8, 8, 16, 1], [32, 1], YES),
    ("vmseq.vv", [8, 8, 16, 1], [32, 2], NO),
    ("vmseq.vv", [9, 8, 16, 1], [32, 2], NO),
    ("vmseq.vv", [17, 8, 16, 1], [32, 2], NO),
    ("vmfeq.vf", [9, 8, 16, 1], [32, 2], NO),
    ("vmford.vv", [16, 8, 16, 1], [32, 1], YES),
    // Carries.
    ("vadc.vvm", [0, 8, 16, 1], [32, 1], YES),
    ("vadc.vvm", [0, 8, 16, 1], [32, 2], NO),
    ("vsbc.vxm", [0, 8, 16, 1], [32, 4], NO),
    ("vmadc.vvm", [8, 8, 16, 1], [32, 1], NO),
    ("vmadc.vvm", [16, 8, 16, 1], [32, 1], NO),
    ("vmadc.vvm", [9, 8, 16, 1], [32, 2], NO),
    ("vmsbc.vxm", [8, 8, 16, 1], [32, 1], NO),
    ("vmsbc.vxm", [16, 8, 16, 1], [32, 1], YES),
    ("vmadc.vvm", [0, 8, 16, 1], [32, 2], YES),
    // Permutations: no overlap with sources, nor with the mask at any LMUL.
    ("vslideup.vx", [8, 8, 1, 1], [32, 1], NO),
    ("vslideup.vi", [8, 16, 1, 1], [32, 1], YES),
    ("vslideup.vx", [0, 8, 1, 0], [32, 1], NO),
    ("vslide1up.vx", [8, 8, 1, 1], [32, 1], NO),
    ("vslide1up.vx", [0, 8, 1, 0], [32, 1], NO),
    ("vslidedown.vx", [8, 8, 1, 1], [32, 4], YES),
    ("vslidedown.vi", [0, 8, 1, 0], [32, 1], NO),
    ("vslide1down.vx", [8, 8, 1, 1], [32, 4], YES),
    ("vslide1down.vx", [0, 8, 1, 0], [32, 1], NO),
    ("vrgather.vv", [8, 8, 16, 1], [32, 1], NO),
    ("vrgather.vv", [16, 8, 16, 1], [32, 1], NO),
    ("vrgather.vv", [4, 8, 8, 1], [32, 1], YES),
    ("vrgather.vi", [0, 8, 1, 0], [32, 1], NO),
    ("vcompress.vm", [8, 8, 16, 1], [32, 1], NO),
    ("vcompress.vm", [8, 16, 9, 1], [32, 2], NO),
    ("vcompress.vm", [8, 16, 10, 1], [32, 2], YES),
    ("viota.m", [8, 9, 0, 1], [32, 2], NO),
    ("viota.m", [8, 8, 0, 1], [32, 1], NO),
    ("viota.m", [0, 8, 0, 0], [32, 1], NO),
    ("vmsif.m", [3, 3, 0, 1], [32, 2], YES),
    // Memory: elements of memory are not wider than SEW.
    ("vlb.v", [8, 0, 5, 1], [8, 1], YES),
    ("vlh.v", [8, 0, 5, 1], [8, 1], NO),
    ("vlwu.v", [8, 0, 5, 1], [16, 1], NO),
    ("vlw.v", [8, 0, 5, 1], [32, 1], YES),
    ("vle.v", [8, 0, 5, 1], [64, 1], YES),
    ("vsw.v", [8, 0, 5, 1], [16, 1], NO),
    ("vsxh.v", [8, 16, 5, 1], [8, 1], NO),
    ("vlxb.v", [8, 17, 5, 1], [8, 2], NO),
    ("vlxb.v", [8, 8, 5, 1], [8, 2], YES),
    // Segments: LMUL * NFIELDS <= 8, and no register past v31.
    ("vlseg4e.v", [8, 0, 5, 1], [32, 2], YES),
    ("vlseg5e.v", [8, 0, 5, 1], [32, 2], NO),
    ("vlseg8b.v", [3, 0, 5, 1], [32, 1], YES),
    ("vlseg8b.v", [24, 0, 5, 1], [32, 1], YES),
    ("vlseg8b.v", [25, 0, 5, 1], [32, 1], NO),
    ("vsseg2w.v", [28, 0, 5, 1], [32, 4], NO),
    ("vssseg2w.v", [24, 7, 5, 1], [32, 4], YES),
    ("vlseg3h.v", [3, 0, 5, 1], [32, 2], NO),
    // AMOs: SEW as wide as memory at least.
    ("vamoaddw.v", [8, 16, 5, 1], [32, 1], YES),
    ("vamoaddw.v", [8, 16, 5, 1], [16, 1], NO),
    ("vamoaddd.v", [8, 16, 5, 1], [32, 1], NO),
    ("vamoaddd.v", [8, 16, 5, 1], [64, 1], YES),
    ("vamoaddd.v", [8, 17, 5, 1], [64, 2], NO),
    ("vamoaddw.v", [9, 16, 5, 1], [64, 2], NO),
    // Floating point: SEW is a format.
    ("vfadd.vv", [8, 16, 24, 1], [8, 1], NO),
    ("vfadd.vv", [8, 16, 24, 1], [16, 1], YES),
    ("vfwcvt.f.x.v", [8, 16, 0, 1], [8, 1], NO),
    ("vfncvt.x.f.v", [8, 16, 0, 1], [8, 1], NO),
    ("vfncvt.x.f.v", [8, 16, 0, 1], [16, 1], YES),
    ("vfwadd.vv", [8, 16, 24, 1], [64, 1], NO),
    ("vfmv.v.f", [8, 0, 24, 1], [8, 1], NO),
    ("vfmerge.vfm", [0, 8, 24, 0], [32, 2], NO),
    // XTheadVdot: SEW = 32.
    ("vmaqa.vv", [8, 16, 24, 1], [32, 8], YES),
    ("vmaqa.vv", [8, 16, 24, 1], [16, 1], NO),
    ("vmaqau.vx", [8, 16, 24, 1], [64, 1], NO),
    ("vmaqau.vx", [0, 16, 24, 0], [32, 2], NO),
    ("vmaqau.vx", [0, 16, 24, 0], [32, 1], YES),
];

fn with(sew: u64, lmul: u64) -> State {
    let mut s = State::new(256);
    s.vtype = u64::from(sew.ilog2() - 3) << 2 | u64::from(lmul.ilog2());
    s
}

#[test]
fn each_rule_of_the_text() {
    let mut bench = Bench::default();
    let mut wrong = String::new();
    for (name, [vd, vs2, vs1, vm], [sew, lmul], legal) in LINES {
        let (s, w) = (with(*sew, *lmul), word(name, *vd, *vs2, *vs1, *vm));
        let model = is_legal(&s, name, w);
        let machine = !bench.traps(&s, Simd::best(), w);
        if (model, machine) != (*legal, *legal) {
            wrong += &format!(
                "{name} {vd},{vs2},{vs1} vm {vm}, e{sew},m{lmul}: {legal}, model {model}, machine {machine}\n"
            );
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn instructions_that_begin_at_0_trap_elsewhere() {
    let mut bench = Bench::default();
    let at_0 = |name: &str| {
        ["vred", "vwred", "vfred", "vfwred"].iter().any(|start| name.starts_with(start))
            || ["vmpopc.m", "vmfirst.m", "vmsbf.m", "vmsif.m", "vmsof.m", "viota.m", "vcompress.vm"].contains(&name)
    };
    for row in rows().iter().filter(|row| !row.name.starts_with("th.vset")) {
        let name = row.name.trim_start_matches("th.");
        let two_widths = ["vw", "vfw", "vn", "vfn"].iter().any(|start| name.starts_with(start));
        let mut s = with(if two_widths { 32 } else { 64 }, 1);
        if name.starts_with("vmaqa") {
            s.vtype = 2 << 2;
        }
        // v8 to v15, v16, v24
        let w = row.value | (8 << 7 | 16 << 20 | 24 << 15 | 1 << 25) & !row.mask;
        assert!(!bench.traps(&s, Simd::best(), w), "{name}");
        s.vstart = 1;
        assert_eq!(bench.traps(&s, Simd::best(), w), at_0(name), "{name}");
        assert_eq!(!is_legal(&s, name, w), at_0(name), "{name}");
        // Nothing works while vill is set.
        (s.vtype, s.vstart) = (VILL, 0);
        assert!(bench.traps(&s, Simd::best(), w), "{name}");
    }
}

#[test]
fn reserved_encodings_and_those_of_1_0_do_not_exist() {
    let words = [
        // vsetivli; vsetvli with bit 31 and anything in 30:25 is no vsetvl.
        0xc000_7057u32,
        0x8200_7057,
        // vadc, vsbc, vmadc, vmsbc with vm = 0.
        0x4000_0057,
        0x4800_0057,
        0x4400_0057,
        0x4c00_0057,
        // vmv.v.* and vfmv.v.f with vs2 != 0; vmv.s.x and vfmv.s.f with that or vm = 0; vid.v with vs2 != 0.
        0x5e10_0057,
        0x5e20_4057,
        0x5e40_3057,
        0x5e10_5057,
        0x3610_6057,
        0x3400_6057,
        0x3620_5057,
        0x3400_5057,
        0x5a18_a057,
        // vext.x.v, vfmv.f.s, vcompress.vm, vmand.mm with vm = 0.
        0x3000_2057,
        0x3000_1057,
        0x5c00_2057,
        0x6400_2057,
        // Loads: mop 001 and 101; vle with a sign; lumop 01011 (vlm), 01000 (vl1r), 10001.
        0x0600_0007,
        0x1600_0007,
        0x1200_7007,
        0x1a00_7007,
        0x1e00_7007,
        0x02b0_0007,
        0x0280_0007,
        0x0310_0007,
        // Stores: mop 001, 100, 101, 110; sumop 01000 (vs1r), 01011 (vsm), 10000.
        0x0600_0027,
        0x1200_0027,
        0x1600_0027,
        0x1a00_0027,
        0x0280_0027,
        0x02b0_0027,
        0x0300_0027,
        // vaaddu.vv, vasubu.vv, vmv1r.v, vsext.vf2, vrgatherei16.vv, vfslide1up.vf, vfrsqrt7.v, vfcvt.rtz.x.f.v of 1.0.
        0x2200_2057,
        0x2a00_2057,
        0x9e00_3057,
        0x4a03_a057,
        0x3a00_0057,
        0x3a00_5057,
        0x4e02_1057,
        0x4a03_9057,
        // AMOs of bytes, and vamo with the code of LR.
        0x0200_502f,
        0x1200_602f,
        // th.vmaqaus.vv
        0x9800_600b,
    ];
    let decoder = Decoder::new(&isa(true));
    let mut bench = Bench::default();
    for w in words {
        let found = decoder.decode(w).map(|i| i.op.mnemonic());
        assert_eq!(found, None, "{w:#010x}");
        assert!(bench.traps(&with(32, 1), Simd::best(), w), "{w:#010x}");
    }
}

#[test]
fn model_and_machine_agree_on_what_is_legal() {
    let bench = RefCell::new(Bench::default());
    let ops: Vec<_> = crate::thead_ops().filter(|op| !op.info().flags.contains(Flags::VSET)).collect();
    let result = TestRunner::new(cases(600)).run(&words(), |words| {
        let mut e = Entropy::new(&words);
        let mut s = State::new(e.pick(&[128, 256]));
        s.half = e.below(4) != 0;
        for vtype in 0..16 {
            for _ in 0..8 {
                // Nothing is executed where vl is 0.
                (s.vtype, s.vstart) = (vtype, u64::from(e.once_in(16)));
                s.frm = if e.once_in(16) { e.below(8) as u8 } else { 0 };
                let op = e.pick(&ops);
                let word = cases::word(&mut e, op);
                let legal = is_legal(&s, op.mnemonic(), word);
                if bench.borrow_mut().traps(&s, Simd::best(), word) == legal {
                    let (config, show) = (s.config(), crate::show(word));
                    let state = format!("vstart {}, frm {}, half {}", s.vstart, s.frm, s.half);
                    return Err(fail(format!(
                        "{show} ({word:#x}), {config:?}, {state}: the model says legal = {legal}"
                    )));
                }
            }
        }
        Ok(())
    });
    if let Err(TestError::Fail(why, _)) = result {
        panic!("{}", why.message());
    }
}
