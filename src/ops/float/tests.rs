use super::*;
use crate::float::{F16, Round};
use crate::hart::{Cause, Clock, Context};
use crate::memory::Memory;
use crate::ops::Semantics;
use crate::ops::tests::insn;

const NX: u8 = Flags::NX.bits();
const NV: u8 = Flags::NV.bits();

fn machine() -> (Hart, Memory) {
    let mut hart = Hart::new(Default::default(), Clock::virtual_time());
    hart.set_fs(Context::Dirty);
    (hart, Memory::new(4096, 4096).unwrap())
}

/// The result of `slow` and the flags it raised.
fn slow<S: Semantics>(a: u64, b: u64, rm: i64) -> (u64, u8) {
    let (mut hart, mut memory) = machine();
    let v = S::slow(&mut hart, &mut memory, a, b, 0, rm).unwrap();
    (v, hart.fflags)
}

fn s(v: f32) -> u64 {
    boxed::<F32>(v.to_bits())
}

fn d(v: f64) -> u64 {
    v.to_bits()
}

const SNAN: u64 = 0x7ff0_0000_0000_0001;
const NAN: u64 = F64::CANONICAL_NAN;
const SNAN_S: u64 = 0xffff_ffff_7f80_0001;
const NAN_S: u64 = 0xffff_ffff_7fc0_0000;

/// Bits worth trying as any operand: numbers of all formats near their edges, boxed and not, and integers.
fn operands() -> Vec<u64> {
    let doubles =
        [0.0, 1.0, 1.5, 0.1, 3.0, 1e300, 1e-300, f64::MAX, f64::MIN_POSITIVE, 5e-324, f64::INFINITY, 2147483648.5];
    let singles = [0.0, 1.0, 1.5, 0.1, 3.0, 1e30, 1e-30, f32::MAX, f32::MIN_POSITIVE, 1e-45, f32::INFINITY, 16777215.0];
    let mut all: Vec<u64> = doubles.into_iter().flat_map(|v| [d(v), d(-v)]).collect();
    all.extend(singles.into_iter().flat_map(|v| [s(v), s(-v), s(v) as u32 as u64]));
    all.extend([0x3c00u16, 0x8001, 0x7bff, 0x7c00, 0x7d00].map(boxed::<F16>));
    all.extend([SNAN, NAN, SNAN_S, NAN_S, 5, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 1 << 63, (1 << 53) + 1]);
    all
}

/// Wherever the fast path answers, for whatever flags and rounding modes it claims, it answers as the slow one.
fn agrees<S: Semantics>() {
    let (mut hart, mut memory) = machine();
    let ram = memory.ram();
    let operands = operands();
    let mut answered = 0;
    let mut check = |a: u64, b: u64, c: u64, rm: i64, before: u8| {
        hart.fflags = before;
        let exact = S::slow(&mut hart, &mut memory, a, b, c, rm);
        let flags = hart.fflags;
        for (fma, nx) in [(false, false), (true, false), (false, true), (true, true)] {
            if nx && before & NX == 0 || fma && !crate::float::host::has_fma() {
                continue;
            }
            hart.fflags = before;
            let fast = match (fma, nx) {
                (true, true) => fused::<S, true>(&mut hart, ram, [a, b, c], rm),
                (true, false) => fused::<S, false>(&mut hart, ram, [a, b, c], rm),
                (false, true) => S::ex::<false, true>(&mut hart, ram, a, b, c, rm),
                (false, false) => S::ex::<false, false>(&mut hart, ram, a, b, c, rm),
            };
            let Some(fast) = fast else {
                assert_eq!(hart.fflags, before, "a declining fast path has done nothing");
                continue;
            };
            answered += 1;
            assert_eq!((Ok(fast), hart.fflags), (exact, flags), "{a:#x} {b:#x} {c:#x} rm {rm} fma {fma} nx {nx}");
        }
    };
    let modes: Vec<i64> = if S::ROUNDS { (0..8).filter(|m| S::FAST_MODES >> m & 1 != 0).collect() } else { vec![0] };
    for (n, &a) in operands.iter().enumerate() {
        for &b in &operands {
            for &rm in &modes {
                for before in [0, NX] {
                    check(a, b, operands[n * 7 % operands.len()], rm, before);
                }
            }
        }
    }
    assert!(answered > 0);
}

/// `ex` as the engine's handlers for hosts with a fused multiply-add have it.
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
fn fused_here<S: Semantics, const INEXACT: bool>(
    hart: &mut Hart,
    ram: crate::memory::Ram,
    v: [u64; 3],
    rm: i64,
) -> Option<u64> {
    S::ex::<true, INEXACT>(hart, ram, v[0], v[1], v[2], rm)
}

#[allow(unused_unsafe)]
fn fused<S: Semantics, const INEXACT: bool>(
    hart: &mut Hart,
    ram: crate::memory::Ram,
    v: [u64; 3],
    rm: i64,
) -> Option<u64> {
    // SAFETY: only called when the host has the instruction.
    unsafe { fused_here::<S, INEXACT>(hart, ram, v, rm) }
}

#[test]
fn fast_paths_agree_with_slow_ones_in_arithmetic() {
    agrees::<FaddS>();
    agrees::<FaddD>();
    agrees::<FsubS>();
    agrees::<FsubD>();
    agrees::<FmulS>();
    agrees::<FmulD>();
    agrees::<FdivS>();
    agrees::<FdivD>();
    agrees::<FsqrtS>();
    agrees::<FsqrtD>();
}

#[test]
fn fast_paths_agree_with_slow_ones_in_multiply_add() {
    agrees::<FmaddS>();
    agrees::<FmsubS>();
    agrees::<FnmsubS>();
    agrees::<FnmaddS>();
    if host::has_fma() {
        agrees::<FmaddD>();
        agrees::<FmsubD>();
        agrees::<FnmsubD>();
        agrees::<FnmaddD>();
    }
}

#[test]
fn fast_paths_agree_with_slow_ones_in_comparisons_and_moves() {
    agrees::<FeqS>();
    agrees::<FeqD>();
    agrees::<FltS>();
    agrees::<FltD>();
    agrees::<FleS>();
    agrees::<FleD>();
    agrees::<FltqS>();
    agrees::<FleqD>();
    agrees::<FminS>();
    agrees::<FmaxD>();
    agrees::<FminmD>();
    agrees::<FmaxmS>();
    agrees::<FsgnjS>();
    agrees::<FsgnjnD>();
    agrees::<FsgnjxH>();
    agrees::<FclassS>();
    agrees::<FmvXW>();
    agrees::<FmvWX>();
    agrees::<FmvXH>();
}

#[test]
fn fast_paths_agree_with_slow_ones_in_conversions() {
    agrees::<FcvtWS>();
    agrees::<FcvtWuS>();
    agrees::<FcvtLS>();
    agrees::<FcvtLuS>();
    agrees::<FcvtWD>();
    agrees::<FcvtWuD>();
    agrees::<FcvtLD>();
    agrees::<FcvtLuD>();
    agrees::<FcvtSW>();
    agrees::<FcvtSWu>();
    agrees::<FcvtSL>();
    agrees::<FcvtSLu>();
    agrees::<FcvtDW>();
    agrees::<FcvtDWu>();
    agrees::<FcvtDL>();
    agrees::<FcvtDLu>();
    agrees::<FcvtSD>();
    agrees::<FcvtDS>();
    agrees::<FcvtSBf16>();
    agrees::<FcvtmodWD>();
}

#[test]
fn unboxed_singles_are_nans_except_where_bits_only_move() {
    let unboxed = 0x3f80_0000;
    assert_eq!(slow::<FaddS>(unboxed, s(1.0), 0), (NAN_S, 0));
    assert_eq!(slow::<FsgnjS>(unboxed, unboxed, 0), (NAN_S, 0));
    assert_eq!(slow::<FclassS>(unboxed, 0, 0), (1 << 9, 0));
    assert_eq!(slow::<FmvXW>(unboxed | 0x8000_0000, 0, 0), (0xffff_ffff_bf80_0000, 0));
    assert_eq!(slow::<FmvXH>(0x8000, 0, 0), (0xffff_ffff_ffff_8000, 0));
    assert_eq!(slow::<FmvWX>(unboxed, 0, 0), (s(1.0), 0));
    assert_eq!(slow::<FmvHX>(0x1_3c00, 0, 0), (0xffff_ffff_ffff_3c00, 0));
    assert_eq!(slow::<FsgnjD>(unboxed, 1 << 63, 0), (1 << 63 | unboxed, 0), "nothing is wider than binary64");
}

#[test]
fn nan_results_are_canonical() {
    assert_eq!(slow::<FaddD>(SNAN | 1 << 63, d(1.0), 0), (NAN, NV));
    assert_eq!(slow::<FcvtSD>(u64::MAX, 0, 0), (NAN_S, 0));
    assert_eq!(slow::<FminD>(SNAN, d(1.0), 0), (d(1.0), NV));
    assert_eq!(slow::<FminmD>(NAN, d(1.0), 0), (NAN, 0));
    // Sign injection is no arithmetic: payload and sign go through.
    assert_eq!(slow::<FsgnjnD>(SNAN, SNAN, 0), (SNAN | 1 << 63, 0));
}

#[test]
fn quiet_comparisons_are_invalid_for_signalling_nans_only() {
    assert_eq!([slow::<FeqD>(NAN, 0, 0), slow::<FltD>(NAN, 0, 0), slow::<FleD>(NAN, 0, 0)], [(0, 0), (0, NV), (0, NV)]);
    assert_eq!(
        [slow::<FeqD>(SNAN, 0, 0), slow::<FltqD>(NAN, 0, 0), slow::<FleqD>(SNAN, 0, 0)],
        [(0, NV), (0, 0), (0, NV)]
    );
    assert_eq!([slow::<FleD>(d(-0.0), 0, 0), slow::<FltD>(d(-0.0), 0, 0)], [(1, 0), (0, 0)]);
}

#[test]
fn signs_of_multiply_adds() {
    fn run<S: Semantics>() -> f64 {
        let (mut hart, mut memory) = machine();
        f64::from_bits(S::slow(&mut hart, &mut memory, d(2.0), d(3.0), d(1.0), 0).unwrap())
    }
    assert_eq!(run::<FmaddD>(), 7.0);
    assert_eq!(run::<FmsubD>(), 5.0);
    assert_eq!(run::<FnmsubD>(), -5.0);
    assert_eq!(run::<FnmaddD>(), -7.0);
}

#[test]
fn integers_saturate_and_32_bit_ones_are_sign_extended() {
    assert_eq!(slow::<FcvtWuS>(s(4294967040.0), 0, 0), (0xffff_ffff_ffff_ff00, 0));
    assert_eq!(slow::<FcvtWuS>(s(-1.0), 0, 0), (0, NV));
    assert_eq!(slow::<FcvtWuS>(s(-0.9), 0, 1), (0, NX));
    assert_eq!(slow::<FcvtWD>(NAN, 0, 0), (0x7fff_ffff, NV));
    assert_eq!(slow::<FcvtLuD>(d(f64::NEG_INFINITY), 0, 0), (0, NV));
    assert_eq!(slow::<FcvtSWu>(u64::MAX, 0, 0), (s(4294967296.0), NX));
    assert_eq!(slow::<FcvtDW>(0x7fff_ffff_ffff_ffff, 0, 0), (d(-1.0), 0), "only the low word counts");
    assert_eq!(slow::<FcvtmodWD>(d(4294967297.5), 0, 0), (1, NV));
}

#[test]
fn rounding_modes_come_from_the_instruction_or_frm() {
    let (third_down, third_up) =
        (slow::<FdivD>(d(1.0), d(3.0), Round::Rdn as i64).0, slow::<FdivD>(d(1.0), d(3.0), 3).0);
    assert_eq!(third_up, third_down + 1);
    let (mut hart, mut memory) = machine();
    hart.write_csr(2, Round::Rup as u64).unwrap();
    assert_eq!(FdivD::slow(&mut hart, &mut memory, d(1.0), d(3.0), 0, 7), Ok(third_up));
    let illegal = Err(Event::Trap(Cause::IllegalInstruction));
    for rm in [5, 6] {
        assert_eq!(FaddS::slow(&mut hart, &mut memory, 0, 0, 0, rm), illegal);
        // Even an exact conversion.
        assert_eq!(FcvtDW::slow(&mut hart, &mut memory, 0, 0, 0, rm), illegal);
    }
    hart.write_csr(2, 5).unwrap();
    assert_eq!(FcvtDS::slow(&mut hart, &mut memory, 0, 0, 0, 7), illegal);
    assert_eq!(FminD::slow(&mut hart, &mut memory, 0, 0, 0, 7), Ok(0), "instructions without rm do not care");
}

#[test]
fn state_off_traps_and_writes_make_it_dirty() {
    let (mut hart, mut memory) = machine();
    let mut fli = insn(3, 16, 0);
    fli.rm = 0;
    hart.set_fs(Context::Off);
    let illegal = Err(Event::Trap(Cause::IllegalInstruction));
    assert_eq!(FliD::exec(&mut hart, &mut memory, &fli), illegal);
    assert_eq!(FmvXW::exec(&mut hart, &mut memory, &insn(3, 3, 0)), illegal);
    assert_eq!(FcvtDW::exec(&mut hart, &mut memory, &insn(3, 3, 0)), illegal);
    hart.set_fs(Context::Clean);
    assert_eq!(FeqD::exec(&mut hart, &mut memory, &insn(5, 3, 3)), Ok(()));
    assert_eq!((hart.fs(), hart.x(5)), (Context::Clean, 1), "a comparison that raises nothing changes no state");
    hart.set_f(4, SNAN);
    assert_eq!(FeqD::exec(&mut hart, &mut memory, &insn(5, 4, 3)), Ok(()));
    assert_eq!(hart.fs(), Context::Dirty, "flags are state");
    hart.set_fs(Context::Initial);
    assert_eq!(FliD::exec(&mut hart, &mut memory, &fli), Ok(()));
    assert_eq!((hart.fs(), hart.f(3)), (Context::Dirty, d(1.0)));
    fli.rs1 = 1;
    assert_eq!(FliH::exec(&mut hart, &mut memory, &fli), Ok(()));
    assert_eq!(hart.f(3), 0xffff_ffff_ffff_0400);
}

#[test]
fn halves_and_bfloats() {
    let h = |v: u16| boxed::<F16>(v);
    assert_eq!(slow::<FaddH>(h(0x3c00), h(0x1000), 0), (h(0x3c00), NX), "1 + 2^-11 is a tie");
    assert_eq!(slow::<FcvtHS>(s(65520.0), 0, 0), (h(0x7c00), NX | Flags::OF.bits()));
    assert_eq!(slow::<FcvtSH>(h(0x0001), 0, 0), (s(5.960_464_5e-8), 0));
    assert_eq!(slow::<FcvtBf16S>(s(1.003_906_3), 0, 0), (h(0x3f80), NX), "a tie goes to even");
    assert_eq!(slow::<FcvtSBf16>(h(0x3f81), 0, 0), (s(1.007_812_5), 0));
    assert_eq!(slow::<FcvtSBf16>(0x3f81, 0, 0), (NAN_S, 0), "not boxed");
    assert_eq!(slow::<FroundH>(h(0x3e00), 0, 0), (h(0x4000), 0));
    assert_eq!(slow::<FroundnxH>(h(0x3e00), 0, 1), (h(0x3c00), NX));
}
