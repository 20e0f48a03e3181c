//! The model of XTheadVector against answers worked out by hand, and the examples of the text of 0.7.1.

use crate::thead_model::state::{State, VILL};
use crate::thead_model::words::word;
use crate::thead_model::{Outcome, execute};
use crate::vector_model::bench::{DATA, Pages};

/// VLEN = 128, with SEW, LMUL and vl.
fn state(sew: u64, lmul: u64, vl: u64) -> State {
    let mut s = State::new(128);
    s.vtype = u64::from(sew.ilog2() - 3) << 2 | u64::from(lmul.ilog2());
    s.vl = vl;
    s
}

fn put(s: &mut State, reg: usize, eew: usize, values: &[i64]) {
    for (i, v) in values.iter().enumerate() {
        s.set(reg, i, eew, *v as u64);
    }
}

fn values(s: &State, reg: usize, eew: usize, count: usize) -> Vec<i64> {
    (0..count).map(|i| s.get_signed(reg, i, eew)).collect()
}

/// `name vd, vs2, vs1` with vd = v4 (x4), vs2 = v8, vs1 = v12 (x12, f12, 12).
fn run(s: &mut State, name: &str, vm: u32) -> Outcome {
    run_word(s, &mut Pages::default(), name, word(name, 4, 8, 12, vm))
}

fn run_word(s: &mut State, pages: &mut Pages, name: &str, word: u32) -> Outcome {
    execute(s, pages, name, word).unwrap_or_else(|| panic!("no model of {name}"))
}

#[test]
fn vtype_has_the_layout_of_0_7_1() {
    let mut s = State::new(128);
    s.x[5] = 100;
    // vsetvli x6, x5, e32,m2
    assert_eq!(run_word(&mut s, &mut Pages::default(), "vsetvli", 0x0092_f357), Outcome::Done);
    assert_eq!((s.vtype, s.vl, s.x[6]), (9, 8, 8));
    s.x[5] = 3;
    run_word(&mut s, &mut Pages::default(), "vsetvli", 0x0092_f357);
    assert_eq!(s.vl, 3);
    // vsetvli x0, x0, e8: not "keep vl" but VLMAX.
    run_word(&mut s, &mut Pages::default(), "vsetvli", 0x0000_7057);
    assert_eq!((s.vtype, s.vl), (0, 16));
    // SEW = 128, EDIV = 2, a reserved bit.
    for bits in [4 << 2, 1 << 5, 1 << 7, 1 << 62, VILL] {
        s.x[7] = bits;
        run_word(&mut s, &mut Pages::default(), "vsetvl", word("vsetvl", 6, 7, 5, 0));
        assert_eq!((s.vtype, s.vl, s.x[6]), (VILL, 0, 0), "{bits:#x}");
        assert_eq!(run(&mut s, "vadd.vv", 1), Outcome::Illegal);
    }
}

#[test]
fn tails_become_zero_and_inactive_elements_stay() {
    let mut s = state(32, 1, 3);
    put(&mut s, 4, 32, &[9, 9, 9, 9]);
    put(&mut s, 8, 32, &[1, 2, 3, 4]);
    put(&mut s, 12, 32, &[10, 20, 30, 40]);
    let fresh = s.clone();
    run(&mut s, "vadd.vv", 1);
    assert_eq!(values(&s, 4, 32, 4), [11, 22, 33, 0]);
    // MLEN = 32: element 1 is enabled by bit 32 of v0.
    let mut s = fresh.clone();
    put(&mut s, 0, 32, &[!1, 1, 2, -1]);
    run(&mut s, "vadd.vv", 0);
    assert_eq!(values(&s, 4, 32, 4), [9, 22, 9, 0]);
    let mut s = State { vstart: 2, ..fresh.clone() };
    run(&mut s, "vadd.vv", 1);
    assert_eq!((values(&s, 4, 32, 4), s.vstart), (vec![9, 9, 33, 0], 0));
    // Nothing at all from vstart = vl on.
    for (vl, vstart) in [(0, 0), (3, 3), (3, 100)] {
        let mut s = State { vl, vstart, ..fresh.clone() };
        assert_eq!(run(&mut s, "vadd.vv", 1), Outcome::Done);
        assert_eq!((values(&s, 4, 32, 4), s.vstart), (vec![9; 4], 0));
    }
}

#[test]
fn mask_elements_have_mlen_bits() {
    let mut s = state(32, 1, 3);
    put(&mut s, 4, 32, &[-1; 4]);
    put(&mut s, 8, 32, &[12, 5, 12, 12]);
    run(&mut s, "vmseq.vi", 1);
    assert_eq!(values(&s, 4, 32, 4), [1, 0, 1, 0]);
    // SEW/LMUL = 4: elements 0 and 1 in a byte.
    let mut s = state(16, 4, 5);
    put(&mut s, 4, 8, &[-1; 16]);
    put(&mut s, 8, 16, &[12, 12, 1, 2, 12, 12]);
    run(&mut s, "vmseq.vi", 1);
    assert_eq!(values(&s, 4, 8, 16), [0x11, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    // An inactive element keeps all of its bits, and bits besides the lowest are not looked at.
    put(&mut s, 4, 8, &[-1; 16]);
    put(&mut s, 0, 8, &[0xe1, 0xff, 0xf]);
    run(&mut s, "vmseq.vi", 0);
    assert_eq!(values(&s, 4, 8, 4), [0xf1u8 as i8 as i64, 0, 1, 0]);
    // vmcpy.m is no copy of bits.
    let mut s = state(64, 1, 2);
    put(&mut s, 8, 64, &[-1, -2]);
    put(&mut s, 12, 64, &[-1, -1]);
    run(&mut s, "vmand.mm", 1);
    assert_eq!(values(&s, 4, 64, 2), [1, 0]);
    assert_eq!(
        {
            run(&mut s, "vmpopc.m", 1);
            s.x[4]
        },
        1
    );
    s.vl = 0;
    assert_eq!(
        {
            run(&mut s, "vmfirst.m", 1);
            s.x[4]
        },
        u64::MAX
    );
}

/// Elements 7 to 0, as the text writes them, of a mask in e16,m1.
fn mask(s: &mut State, reg: usize, elements: &str) {
    for (i, bit) in elements.split(' ').rev().enumerate() {
        s.set(reg, i, 16, u64::from(bit == "1"));
    }
}

fn written(s: &State, reg: usize) -> String {
    let elements: Vec<String> = (0..8).rev().map(|i| s.get(reg, i, 16).to_string()).collect();
    elements.join(" ")
}

#[test]
fn the_examples_of_the_text() {
    let all = |name: &str, v8: &str, v0: Option<&str>| {
        let mut s = state(16, 1, 8);
        mask(&mut s, 8, v8);
        put(&mut s, 4, 16, &[9, 8, 7, 6, 5, 4, 3, 2]);
        if let Some(v0) = v0 {
            mask(&mut s, 0, v0);
        }
        run(&mut s, name, u32::from(v0.is_none()));
        written(&s, 4)
    };
    assert_eq!(all("vmsbf.m", "1 0 0 1 0 1 0 0", None), "0 0 0 0 0 0 1 1");
    assert_eq!(all("vmsbf.m", "1 0 0 1 0 1 0 1", None), "0 0 0 0 0 0 0 0");
    assert_eq!(all("vmsbf.m", "0 0 0 0 0 0 0 0", None), "1 1 1 1 1 1 1 1");
    assert_eq!(all("vmsbf.m", "1 0 0 1 0 1 0 0", Some("1 1 0 0 0 0 1 1")), "0 1 4 5 6 7 1 1");
    assert_eq!(all("vmsif.m", "1 0 0 1 0 1 0 0", None), "0 0 0 0 0 1 1 1");
    assert_eq!(all("vmsif.m", "1 0 0 1 0 1 0 0", Some("1 1 0 0 0 0 1 1")), "1 1 4 5 6 7 1 1");
    assert_eq!(all("vmsof.m", "1 0 0 1 0 1 0 0", None), "0 0 0 0 0 1 0 0");
    assert_eq!(all("vmsof.m", "1 1 0 1 0 1 0 0", Some("1 1 0 0 0 0 1 1")), "0 1 4 5 6 7 0 0");
    assert_eq!(all("viota.m", "1 0 0 1 0 0 0 1", None), "2 2 2 1 1 1 1 0");
    assert_eq!(all("viota.m", "1 0 0 1 0 0 0 1", Some("1 1 1 0 1 0 1 1")), "1 1 1 5 1 7 1 0");
    // vcompress.vm: "1 1 0 1 0 0 1 0 1" of 8 to 0, and all the rest zero.
    let mut s = state(8, 1, 9);
    put(&mut s, 4, 8, &[-1; 16]);
    put(&mut s, 8, 8, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    put(&mut s, 12, 8, &[1, 0, 1, 0, 0, 1, 0, 1, 1, 1]);
    run(&mut s, "vcompress.vm", 1);
    assert_eq!(values(&s, 4, 8, 16), [0, 2, 5, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn scalars_and_reductions_write_one_register() {
    // LMUL = 2: v5 is no part of it.
    let mut s = state(32, 2, 5);
    put(&mut s, 4, 32, &[7; 8]);
    put(&mut s, 8, 32, &[1, 2, 3, 4, 5, 6, 7, 8]);
    put(&mut s, 12, 32, &[100]);
    run(&mut s, "vredsum.vs", 1);
    assert_eq!(values(&s, 4, 32, 8), [115, 0, 0, 0, 7, 7, 7, 7]);
    s.x[12] = 0x1_8000_0001;
    run(&mut s, "vmv.s.x", 1);
    assert_eq!(values(&s, 4, 32, 5), [i64::from(i32::MIN + 1), 0, 0, 0, 7]);
    // vext.x.v zero-extends, of one register.
    let extract = |s: &mut State, index| {
        s.x[12] = index;
        run_word(s, &mut Pages::default(), "vext.x.v", word("vext.x.v", 4, 4, 12, 1));
        s.x[4]
    };
    assert_eq!([extract(&mut s, 0), extract(&mut s, 3), extract(&mut s, 4)], [0x8000_0001, 0, 0]);
    assert_eq!(extract(&mut s, 1 << 63), 0);
    s.vl = 0;
    put(&mut s, 4, 32, &[5]);
    run(&mut s, "vmv.s.x", 1);
    run(&mut s, "vredsum.vs", 1);
    assert_eq!(values(&s, 4, 32, 5), [5, 0, 0, 0, 7]);
    assert_eq!(extract(&mut s, 0), 5);
}

#[test]
fn slides_and_gathers() {
    let mut s = state(8, 1, 6);
    let source: Vec<i64> = (1..=16).collect();
    put(&mut s, 8, 8, &source);
    put(&mut s, 4, 8, &[99; 16]);
    s.x[12] = 4;
    run(&mut s, "vslideup.vx", 1);
    assert_eq!(values(&s, 4, 8, 8), [99, 99, 99, 99, 1, 2, 0, 0]);
    run(&mut s, "vslidedown.vx", 1);
    assert_eq!(values(&s, 4, 8, 8), [5, 6, 7, 8, 9, 10, 0, 0]);
    s.x[12] = 14;
    run(&mut s, "vslideup.vx", 1);
    assert_eq!(values(&s, 4, 8, 8), [5, 6, 7, 8, 9, 10, 0, 0]);
    run(&mut s, "vslidedown.vx", 1);
    assert_eq!(values(&s, 4, 8, 8), [15, 16, 0, 0, 0, 0, 0, 0]);
    s.x[12] = u64::MAX - 1;
    run(&mut s, "vslidedown.vx", 1);
    assert_eq!(values(&s, 4, 8, 8), [0; 8]);
    run(&mut s, "vslide1down.vx", 1);
    assert_eq!(values(&s, 4, 8, 8), [2, 3, 4, 5, 6, -2, 0, 0]);
    run(&mut s, "vslide1up.vx", 1);
    assert_eq!(values(&s, 4, 8, 8), [-2, 1, 2, 3, 4, 5, 0, 0]);
    put(&mut s, 12, 8, &[15, 16, 0, -1, 5, 6, 7, 8]);
    run(&mut s, "vrgather.vv", 1);
    assert_eq!(values(&s, 4, 8, 8), [16, 0, 1, 0, 6, 7, 0, 0]);
}

#[test]
fn what_1_0_does_not_have() {
    // vwsmacc: 127 * 127 = 16129, + 8 >> 4 = 1008.
    let scaled = |name: &str, vs2: i64, vs1: i64, vd: i64| {
        let mut s = state(8, 1, 1);
        put(&mut s, 4, 16, &[vd, 7]);
        put(&mut s, 8, 8, &[vs2]);
        put(&mut s, 12, 8, &[vs1]);
        assert_eq!(run(&mut s, name, 1), Outcome::Done);
        assert_eq!(s.get(4, 1, 16), 0);
        (s.get_signed(4, 0, 16), s.vxsat)
    };
    assert_eq!(scaled("vwsmacc.vv", 127, 127, 1), (1009, false));
    assert_eq!(scaled("vwsmacc.vv", 127, 127, 0x7c10), (0x7fff, true));
    assert_eq!(scaled("vwsmacc.vv", -128, 127, -0x8000), (-0x8000, true));
    // 255 * 255 = 65025, + 8 >> 4 = 4064.
    assert_eq!(scaled("vwsmaccu.vv", -1, -1, 0), (4064, false));
    assert_eq!(scaled("vwsmaccu.vv", -1, -1, -4064), (-1, true));
    // -1 * 255, + 8 >> 4 = -16, which is subtracted.
    assert_eq!(scaled("vwsmaccsu.vv", -1, -1, 5), (21, false));
    assert_eq!(scaled("vwsmaccsu.vv", -1, -1, 0x7ff0), (0x7fff, true));
    // vaadd.vi: (5 + 12) / 2 to the nearest, upwards.
    let mut s = state(8, 1, 2);
    put(&mut s, 8, 8, &[5, -15]);
    run(&mut s, "vaadd.vi", 1);
    assert_eq!(values(&s, 4, 8, 2), [9, -1]);
    // Carries always come in.
    let mut s = state(64, 1, 2);
    put(&mut s, 0, 64, &[1, -2]);
    put(&mut s, 8, 64, &[-1, -1]);
    run(&mut s, "vmadc.vvm", 1);
    assert_eq!(values(&s, 4, 64, 2), [1, 0]);
    run(&mut s, "vadc.vvm", 1);
    assert_eq!(values(&s, 4, 64, 2), [0, -1]);
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[test]
fn floating_point_of_0_7_1() {
    let mut s = state(32, 1, 4);
    let number = |v: f32| i64::from(v.to_bits());
    put(&mut s, 8, 32, &[number(1.0), 0x7fc0_0000, number(f32::INFINITY), number(-0.0)]);
    put(&mut s, 12, 32, &[number(2.0), number(1.0), number(3.0), 0x7fc0_0001]);
    run(&mut s, "vmford.vv", 1);
    assert_eq!((values(&s, 4, 32, 4), s.fflags), (vec![1, 0, 1, 0], 0));
    put(&mut s, 12, 32, &[0x7f80_0001]);
    run(&mut s, "vmford.vv", 1);
    assert_eq!((values(&s, 4, 32, 4), s.fflags), (vec![0, 0, 1, 0], 16));
    // vfmv.s.f copies the low bits without a look at the others; vfadd.vf takes such a number for a NaN.
    s.f[12] = 0x3f80_0000;
    run(&mut s, "vfmv.s.f", 1);
    assert_eq!(values(&s, 4, 32, 4), [0x3f80_0000, 0, 0, 0]);
    run(&mut s, "vfadd.vf", 1);
    assert_eq!(values(&s, 4, 32, 4), [0x7fc0_0000; 4]);
    s.vtype = 0;
    assert_eq!(run(&mut s, "vfadd.vv", 1), Outcome::Illegal);
}

#[test]
fn loads_extend_and_indices_are_signed() {
    let mut pages = Pages::default();
    pages.0[0x100..0x108].copy_from_slice(&[1, 0x82, 3, 0x84, 5, 0x86, 7, 0x88]);
    let mut s = state(32, 1, 3);
    s.x[12] = DATA + 0x100;
    let mut load = |s: &mut State, name: &str, word: u32| {
        assert_eq!(run_word(s, &mut pages, name, word), Outcome::Done);
        values(s, 4, 32, 4)
    };
    assert_eq!(load(&mut s, "vlb.v", word("vlb.v", 4, 0, 12, 1)), [1, -126, 3, 0]);
    assert_eq!(load(&mut s, "vlbu.v", word("vlbu.v", 4, 0, 12, 1)), [1, 130, 3, 0]);
    assert_eq!(load(&mut s, "vlh.v", word("vlh.v", 4, 0, 12, 1)), [-0x7dff, -0x7bfd, -0x79fb, 0]);
    assert_eq!(load(&mut s, "vlw.v", word("vlw.v", 4, 0, 12, 1))[0] as i32, 0x8403_8201u32 as i32);
    s.x[12] = DATA + 0x104;
    put(&mut s, 8, 32, &[-4, -1, 1]);
    assert_eq!(load(&mut s, "vlxbu.v", word("vlxbu.v", 4, 8, 12, 1)), [1, 0x84, 0x86, 0]);
    s.x[12] = DATA + 0x100;
    // Three fields, of which v5 is the second.
    assert_eq!(load(&mut s, "vlseg2b.v", word("vlseg2b.v", 4, 0, 12, 1)), [1, 3, 5, 0]);
    assert_eq!(values(&s, 5, 32, 4), [-126, -124, -122, 0]);
    // Wider in memory than in the register.
    s.vtype = 0;
    for name in ["vlh.v", "vlw.v", "vsh.v", "vsxw.v"] {
        assert_eq!(run_word(&mut s, &mut Pages::default(), name, word(name, 4, 8, 12, 1)), Outcome::Illegal, "{name}");
    }
}

#[test]
fn fault_only_first_leaves_the_rest_alone() {
    let mut s = state(8, 1, 12);
    put(&mut s, 4, 8, &[99; 16]);
    // Page 3 of the data cannot be read.
    s.x[12] = DATA + 0x3000 - 5;
    assert_eq!(run_word(&mut s, &mut Pages::default(), "vlbff.v", word("vlbff.v", 4, 0, 12, 1)), Outcome::Done);
    assert_eq!((s.vl, values(&s, 4, 8, 16)[5..].to_vec()), (5, vec![99; 11]));
    s.x[12] = DATA + 0x3000;
    let fault = Outcome::Fault { element: 0, addr: DATA + 0x3000, store: false, misaligned: false };
    assert_eq!(run_word(&mut s, &mut Pages::default(), "vlbff.v", word("vlbff.v", 4, 0, 12, 1)), fault);
}

#[test]
fn atomic_memory_operations() {
    let mut pages = Pages::default();
    let old: Vec<u8> = (1..=16).collect();
    pages.0[..16].copy_from_slice(&old);
    let mut s = state(64, 1, 1);
    s.x[12] = DATA + 8;
    put(&mut s, 8, 64, &[-8, 0]);
    put(&mut s, 4, 64, &[-1, 5]);
    let write = 1 << 26;
    let add = word("vamoaddw.v", 4, 8, 12, 1);
    assert_eq!(run_word(&mut s, &mut pages, "vamoaddw.v", add), Outcome::Done);
    assert_eq!((values(&s, 4, 64, 2), &pages.0[..4]), (vec![-1, 5], &[0, 2, 3, 4][..]));
    assert_eq!(run_word(&mut s, &mut pages, "vamoaddw.v", add | write), Outcome::Done);
    assert_eq!((values(&s, 4, 64, 2), &pages.0[..5]), (vec![0x0403_0200, 0], &[0xff, 1, 3, 4, 5][..]));
    s.vtype = 2 << 2;
    assert_eq!(run_word(&mut s, &mut pages, "vamoaddd.v", word("vamoaddd.v", 4, 8, 12, 1)), Outcome::Illegal);
}

#[test]
fn dot_products_of_bytes() {
    let mut s = state(32, 1, 2);
    put(&mut s, 4, 32, &[1000, 2000, 5]);
    put(&mut s, 8, 8, &[1, -2, 3, -4, 127, 127, 127, 127]);
    put(&mut s, 12, 8, &[10, 10, -10, -1, -128, -128, -128, -128]);
    let fresh = s.clone();
    run(&mut s, "vmaqa.vv", 1);
    assert_eq!(values(&s, 4, 32, 4), [1000 + 10 - 20 - 30 + 4, 2000 - 4 * 127 * 128, 0, 0]);
    // One bit for each byte, in the layout of e8,m1: bits 0, 8, 16, ...
    let mut s = fresh.clone();
    put(&mut s, 0, 8, &[1, 0, 3, 2, 0, 0, 0, 1]);
    run(&mut s, "vmaqa.vv", 0);
    assert_eq!(values(&s, 4, 32, 3), [1000 + 10 - 30, 2000 - 127 * 128, 0]);
    let mut s = fresh.clone();
    run(&mut s, "vmaqasu.vv", 1);
    assert_eq!(values(&s, 4, 32, 1), [1000 + 10 + 10 * 254 - 30 - 252]);
    let mut s = State { vtype: 3 << 2, ..fresh };
    assert_eq!(run(&mut s, "vmaqau.vv", 1), Outcome::Illegal);
}
