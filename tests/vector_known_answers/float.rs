//! Floating point: examples of the ISA manual, and rules that it states in prose.

use crate::NoMemory;
use crate::model::{self, Outcome, VState};

const NV: u8 = 16;
const DZ: u8 = 8;
const OF: u8 = 4;
const NX: u8 = 1;

/// VLEN = 128, LMUL = 1, all elements, nothing agnostic.
fn unit(sew: usize) -> VState {
    let mut s = VState::new(128, 64);
    s.vtype = (sew.ilog2() as u64 - 3) << 3;
    s.vl = 128 / sew as u64;
    s
}

fn word(vm: u32, vd: u32, vs2: u32, vs1: u32) -> u32 {
    vm << 25 | vs2 << 20 | vs1 << 15 | vd << 7
}

fn run(s: &mut VState, mnemonic: &str, word: u32) -> Option<Outcome> {
    model::execute(s, &mut NoMemory, mnemonic, word)
}

/// Element 0 of v4 and the flags after an instruction on v8[0] = `a` and v12[0] = `b`, with vl = 1.
fn one(sew: usize, frm: u8, mnemonic: &str, a: u64, b: u64) -> (u64, u8) {
    let mut s = unit(sew);
    (s.vl, s.frm) = (1, frm);
    let narrow = mnemonic.contains(".f.w") || mnemonic.contains("ncvt");
    let wide = !narrow && mnemonic.starts_with("vfw");
    s.set(8, 0, if narrow { 2 * sew } else { sew }, a);
    s.set(12, 0, sew, b);
    assert_eq!(run(&mut s, mnemonic, word(1, 4, 8, 12)), Some(Outcome::Done), "{mnemonic}");
    (s.get(4, 0, if wide { 2 * sew } else { sew }), s.fflags)
}

#[test]
fn estimates_are_those_of_the_manual() {
    assert_eq!(one(32, 0, "vfrsqrt7.v", 0x0071_8abc, 0), (0x5f08_0000, 0));
    assert_eq!(one(32, 0, "vfrsqrt7.v", 0x7f76_5432, 0), (0x1f82_0000, 0));
    assert_eq!(one(32, 0, "vfrec7.v", 0x0071_8abc, 0), (0x7e90_0000, 0));
    assert_eq!(one(32, 0, "vfrec7.v", 0x7f76_5432, 0), (0x0021_4000, 0));
}

/// The tables of special inputs of vfrsqrt7 and vfrec7, here for binary16 (B = 15).
#[test]
fn estimates_of_special_inputs() {
    const NAN: u64 = 0x7e00;
    for (x, y, flags) in [
        (0xfc00, NAN, NV),
        (0xbc00, NAN, NV),
        (0x8001, NAN, NV),
        (0x8000, 0xfc00, DZ),
        (0x0000, 0x7c00, DZ),
        (0x7c00, 0, 0),
        (0x7e01, NAN, 0),
        (0x7c01, NAN, NV),
    ] {
        assert_eq!(one(16, 0, "vfrsqrt7.v", x, 0), (y, flags), "{x:#x}");
    }
    for frm in 0..5 {
        let positive = if frm == 1 || frm == 2 { 0x7bff } else { 0x7c00 };
        let negative = if frm == 1 || frm == 3 { 0xfbff } else { 0xfc00 };
        for (x, y, flags) in [
            (0xfc00, 0x8000, 0),
            (0x80ff, negative, NX | OF),
            (0x8001, negative, NX | OF),
            (0x8000, 0xfc00, DZ),
            (0x0000, 0x7c00, DZ),
            (0x0001, positive, NX | OF),
            (0x00ff, positive, NX | OF),
            // 2^-(B+1): the least magnitude without overflow; 2^-B; 2^(B-1); 2^B.
            (0x0100, 0x7bf8, 0),
            (0x0200, 0x77f8, 0),
            (0x7400, 0x03fc, 0),
            (0x7800, 0x01fe, 0),
            (0x7c00, 0, 0),
            (0x7e01, NAN, 0),
            (0x7c01, NAN, NV),
        ] {
            assert_eq!(one(16, frm, "vfrec7.v", x, 0), (y, flags), "{x:#x} in mode {frm}");
        }
    }
}

/// Conversions to narrow integers saturate with NV alone; to odd never reaches infinity.
#[test]
fn conversions_at_the_edges() {
    for (mnemonic, a, expected) in [
        ("vfncvt.x.f.w", 0x5800, (127, NV)),
        ("vfncvt.x.f.w", 0xd800, (0x80, 0)),
        ("vfncvt.x.f.w", 0xd801, (0x80, NX)),
        ("vfncvt.x.f.w", 0xd804, (0x80, NX)),
        ("vfncvt.x.f.w", 0xd808, (0x80, NV)),
        ("vfncvt.x.f.w", 0xfe00, (127, NV)),
        ("vfncvt.xu.f.w", 0x5bfa, (255, NX)),
        ("vfncvt.xu.f.w", 0x7c00, (255, NV)),
        ("vfncvt.xu.f.w", 0xfc00, (0, NV)),
        ("vfncvt.xu.f.w", 0xb800, (0, NX)),
        ("vfncvt.rtz.xu.f.w", 0xbbff, (0, NX)),
        ("vfncvt.rtz.xu.f.w", 0xbc00, (0, NV)),
    ] {
        assert_eq!(one(8, 0, mnemonic, a, 0), expected, "{mnemonic} {a:#x}");
    }
    assert_eq!(one(16, 0, "vfcvt.f.xu.v", 65535, 0), (0x7c00, OF | NX));
    assert_eq!(one(16, 0, "vfncvt.rod.f.f.w", 0x7f00_0000, 0), (0x7bff, OF | NX));
    assert_eq!(one(16, 0, "vfncvt.rod.f.f.w", 0x3f80_0001, 0), (0x3c01, NX));
    assert_eq!(one(16, 0, "vfncvtbf16.f.f.w", 0x3f80_8000, 0), (0x3f80, NX));
    assert_eq!(one(16, 0, "vfncvtbf16.f.f.w", 0x7f80_0001, 0), (0x7fc0, NV));
    assert_eq!(one(16, 0, "vfwcvtbf16.f.f.v", 0xff81, 0), (0x7fc0_0000, NV));
}

/// A sum whose parts cancel tells the order of additions: 2^24 + 1 is 2^24 in binary32.
#[test]
fn sums_in_order_and_as_a_tree() {
    let (large, one, minus) = (0x4b80_0000, 0x3f80_0000, 0xcb80_0000);
    let mut s = unit(32);
    for (i, v) in [large, one, minus, one].into_iter().enumerate() {
        s.set(8, i, 32, v);
    }
    let sum = |s: &mut VState, mnemonic| {
        assert_eq!(run(s, mnemonic, word(0, 4, 8, 12)), Some(Outcome::Done));
        (s.get(4, 0, 32), std::mem::take(&mut s.fflags))
    };
    s.v[0] = 15;
    for mnemonic in ["vfredosum.vs", "vfredusum.vs"] {
        // ((0 + 2^24) + 1) - 2^24 + 1
        assert_eq!(sum(&mut s, mnemonic), (one, NX));
    }
    s.settings.tree_reductions = true;
    // (2^24 - 2^24) + (1 + 1)
    assert_eq!(sum(&mut s, "vfredusum.vs"), (0x4000_0000, 0));
    assert_eq!(sum(&mut s, "vfredosum.vs"), (one, NX));
    // The third element is masked off; -0.0 is in its place: (2^24 + -0) + (1 + 1).
    s.v[0] = 11;
    assert_eq!(sum(&mut s, "vfredusum.vs"), (0x4b80_0001, 0));
    // Nothing but negative zeros: their sum is one.
    for i in 0..4 {
        s.set(8, i, 32, 0x8000_0000);
    }
    s.set(12, 0, 32, 0x8000_0000);
    for frm in 0..5 {
        s.frm = frm;
        assert_eq!(sum(&mut s, "vfredusum.vs"), (0x8000_0000, 0));
    }
    // No active element: vs1[0] as it is, a signaling NaN, too.
    s.v[0] = 0;
    s.set(12, 0, 32, 0x7f80_0001);
    for mnemonic in ["vfredosum.vs", "vfredusum.vs", "vfredmin.vs", "vfredmax.vs"] {
        assert_eq!(sum(&mut s, mnemonic), (0x7f80_0001, 0));
    }
}

/// A scalar that is not NaN-boxed counts as the canonical NaN; what is masked off raises nothing.
#[test]
fn scalars_are_unboxed_and_inactive_elements_silent() {
    let mut s = unit(32);
    s.f[3] = 0x3f80_0000;
    assert_eq!(run(&mut s, "vfmv.v.f", word(1, 4, 0, 3)), Some(Outcome::Done));
    assert_eq!(s.get(4, 3, 32), 0x7fc0_0000);
    s.f[3] |= u64::MAX << 32;
    assert_eq!(run(&mut s, "vfmv.s.f", word(1, 4, 0, 3)), Some(Outcome::Done));
    assert_eq!((s.get(4, 0, 32), s.get(4, 1, 32)), (0x3f80_0000, 0x7fc0_0000));
    // 1/0 in element 0 only, which v0 disables.
    s.v[0] = 2;
    s.set(8, 1, 32, 0x3f80_0000);
    assert_eq!(run(&mut s, "vfrdiv.vf", word(0, 12, 8, 3)), Some(Outcome::Done));
    assert_eq!((s.get(12, 1, 32), s.fflags), (0x3f80_0000, 0));
    assert_eq!(run(&mut s, "vfrdiv.vf", word(1, 12, 8, 3)), Some(Outcome::Done));
    assert_eq!((s.get(12, 0, 32), s.fflags), (0x7f80_0000, DZ));
    assert_eq!(run(&mut s, "vfmv.f.s", word(1, 7, 12, 0)), Some(Outcome::Done));
    assert_eq!(s.f[7], 0xffff_ffff_7f80_0000);
}

/// Formats that are not there, and rounding modes that do not exist.
#[test]
fn missing_formats_are_illegal() {
    let legal = |sew, change: fn(&mut VState), mnemonic| {
        let mut s = unit(sew);
        change(&mut s);
        run(&mut s, mnemonic, word(1, 4, 8, 12)) == Some(Outcome::Done)
    };
    let all = |_: &mut VState| {};
    let minimal = |s: &mut VState| s.features.zvfh = false;
    let single = |s: &mut VState| s.features.f64 = false;
    assert!(!legal(8, all, "vfadd.vv") && legal(16, all, "vfadd.vv") && !legal(16, minimal, "vfadd.vv"));
    assert!(legal(64, all, "vfadd.vv") && !legal(64, single, "vfadd.vv") && !legal(64, all, "vfwadd.vv"));
    assert!(legal(8, all, "vfwcvt.f.x.v") && !legal(8, minimal, "vfwcvt.f.x.v") && !legal(8, all, "vfwcvt.x.f.v"));
    assert!(legal(16, minimal, "vfwcvt.f.f.v") && legal(16, minimal, "vfncvt.f.f.w"));
    assert!(!legal(16, minimal, "vfncvt.rod.f.f.w") && !legal(16, minimal, "vfmv.v.f"));
    assert!(legal(32, single, "vfwcvt.x.f.v") && !legal(32, single, "vfwcvt.f.f.v"));
    assert!(legal(32, single, "vfncvt.f.x.w") && !legal(32, single, "vfncvt.x.f.w"));
    assert!(legal(16, minimal, "vfwmaccbf16.vv") && !legal(32, all, "vfwmaccbf16.vv"));
    assert!(!legal(16, |s| s.features.zvfbfwma = false, "vfwmaccbf16.vv"));
    for mnemonic in ["vfadd.vv", "vfmv.v.f", "vfmv.f.s", "vfclass.v", "vfredmax.vs", "vfslide1up.vf", "vmfeq.vv"] {
        assert!(!legal(32, |s| s.frm = 5, mnemonic), "{mnemonic}");
        assert!(!legal(32, |s| (s.vl, s.frm) = (0, 7), mnemonic), "{mnemonic}");
    }
    assert!(!legal(32, |s| s.vstart = 1, "vfredosum.vs"));
}
