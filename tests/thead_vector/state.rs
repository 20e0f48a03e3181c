//! Directed: the CSRs and mstatus of a machine with XTheadVector.

use crate::common::asm::{bytes, ecall, word as encode};
use crate::thead_model::bench::{machine, unit};
use crate::thead_model::state::Settings;
use crate::thead_model::words::word;
use crate::vector_model::bench::CODE;
use mellivora::hart::{Cause, Context, Simd};
use mellivora::isa::{Isa, Op, Operands};
use mellivora::machine::{Machine, Stop};

fn fresh() -> Machine {
    machine(unit(256, true, Settings::default(), Simd::best()), true)
}

/// Executes a program up to its trap.
fn go(m: &mut Machine, program: &[u32], step: bool) -> Cause {
    let words: Vec<u32> = program.iter().copied().chain([ecall()]).collect();
    m.memory_mut().write(CODE, &bytes(&words)).expect("it fits");
    m.hart_mut().set_pc(CODE);
    for _ in 0..1000 {
        match if step { m.step() } else { m.run(1000) } {
            Stop::Budget => {}
            Stop::Trap(t) => return t.cause,
            other => panic!("{other:?}"),
        }
    }
    panic!("no trap");
}

/// `csrrw rd, csr, rs1`
fn swap(rd: u8, csr: i64, rs1: u8) -> u32 {
    encode(Op::Csrrw, Operands { rd, rs1, imm: csr, ..Default::default() })
}

/// `csrrs rd, csr, x0`
fn read(rd: u8, csr: i64) -> u32 {
    encode(Op::Csrrs, Operands { rd, imm: csr, ..Default::default() })
}

const BOTH: [bool; 2] = [false, true];
const DONE: Cause = Cause::EcallFromM;
const ILLEGAL: Cause = Cause::IllegalInstruction;

#[test]
fn vxrm_and_vxsat_are_mirrored_in_fcsr() {
    for step in BOTH {
        let mut m = fresh();
        m.hart_mut().set_x(5, 3);
        m.hart_mut().set_x(6, 1);
        m.hart_mut().set_x(7, 0x5bf);
        let program = [swap(0, 10, 5), swap(0, 9, 6), read(8, 3), swap(0, 3, 7), read(9, 10), read(11, 9), read(12, 3)];
        assert_eq!(go(&mut m, &program, step), DONE);
        let x = |n| m.hart().x(n);
        assert_eq!([x(8), x(9), x(11), x(12)], [0x700, 2, 1, 0x5bf]);
        // The other bits stay 0, and frm and fflags alone do not touch the mirrors.
        m.hart_mut().set_x(5, u64::MAX);
        let program = [swap(0, 3, 5), read(8, 3), swap(0, 2, 0), swap(0, 1, 0), read(9, 3)];
        assert_eq!(go(&mut m, &program, step), DONE);
        assert_eq!([m.hart().x(8), m.hart().x(9)], [0x7ff, 0x700]);
    }
}

#[test]
fn an_instruction_that_saturates_shows_in_fcsr() {
    for step in BOTH {
        let mut m = fresh();
        m.hart_mut().set_x(5, 0x80);
        let program = [
            // vsetvli x0, x0, e8
            0x0000_7057,
            word("vmv.v.x", 8, 0, 5, 1),
            word("vsadd.vv", 9, 8, 8, 1),
            read(6, 3),
            read(7, 9),
        ];
        assert_eq!(go(&mut m, &program, step), DONE);
        assert_eq!([m.hart().x(6), m.hart().x(7), u64::from(m.hart().v(9)[0])], [0x100, 1, 0x80]);
    }
}

#[test]
fn vtype_and_vl_read_in_the_layout_of_0_7_1_and_cannot_be_written() {
    for step in BOTH {
        let mut m = fresh();
        m.hart_mut().set_x(5, 11);
        // vsetvli x6, x5, e32,m2
        let program = [0x0092_f357, read(7, 0xc21), read(8, 0xc20), read(9, 0xc22)];
        assert_eq!(go(&mut m, &program, step), DONE);
        let x = |n| m.hart().x(n);
        assert_eq!([x(6), x(7), x(8), x(9)], [11, 9, 11, 32]);
        for csr in [0xc20, 0xc21, 0xc22] {
            assert_eq!(go(&mut m, &[swap(0, csr, 5)], step), ILLEGAL);
        }
        // EDIV = 2: vill.
        m.hart_mut().set_x(5, 1 << 5);
        let program = [word("vsetvl", 6, 5, 5, 0), read(7, 0xc21), read(8, 0xc20)];
        assert_eq!(go(&mut m, &program, step), DONE);
        assert_eq!([m.hart().x(6), m.hart().x(7), m.hart().x(8)], [0, 1 << 63, 0]);
    }
}

#[test]
fn there_is_no_vcsr() {
    for step in BOTH {
        let mut m = fresh();
        assert_eq!(go(&mut m, &[read(5, 0xf)], step), ILLEGAL);
        assert_eq!(go(&mut m, &[swap(5, 0xf, 6)], step), ILLEGAL);
        assert_eq!(m.hart().csr(0xf), None);
    }
}

#[test]
fn vstart_has_as_many_bits_as_it_needs() {
    for step in BOTH {
        let mut m = fresh();
        m.hart_mut().set_x(5, u64::MAX);
        assert_eq!(go(&mut m, &[swap(0, 8, 5), read(6, 8)], step), DONE);
        assert_eq!(m.hart().x(6), 255);
        // vsetvli resets it.
        assert_eq!(go(&mut m, &[swap(0, 8, 5), 0x0000_7057, read(6, 8)], step), DONE);
        assert_eq!(m.hart().x(6), 0);
    }
}

#[test]
fn vs_is_at_bits_24_and_23_of_mstatus() {
    const VS: u64 = 3 << 23;
    let add = word("vadd.vv", 8, 16, 24, 1);
    for step in BOTH {
        let mut m = fresh();
        let status = |m: &Machine| m.hart().csr(0x300).expect("mstatus") & (VS | 3 << 9);
        // Off: neither instructions nor CSRs.
        m.hart_mut().set_vs(Context::Off);
        assert_eq!(status(&m), 0);
        for w in [add, 0x0000_7057, read(5, 0xc20), read(5, 10), read(5, 8), word("vle.v", 8, 0, 5, 1)] {
            assert_eq!(go(&mut m, &[w], step), ILLEGAL, "{w:#x}");
        }
        // Bits 10:9 are nothing.
        m.hart_mut().set_x(5, 3 << 9);
        assert_eq!(go(&mut m, &[swap(0, 0x300, 5), add], step), ILLEGAL);
        assert_eq!(status(&m), 0);
        for vs in [1, 2] {
            m.hart_mut().set_x(5, vs << 23);
            assert_eq!(go(&mut m, &[swap(0, 0x300, 5), 0x0000_7057, add, read(6, 0x300)], step), DONE);
            // What it does makes it dirty.
            assert_eq!(m.hart().x(6) & VS, VS);
            assert_eq!(m.hart().x(6) >> 63, 1);
        }
        assert_eq!(m.hart().vs(), Context::Dirty);
    }
}

#[test]
fn both_versions_at_once_are_an_error() {
    for text in ["rv64gcv_xtheadvector", "rv64gc_zve32x_xtheadvector"] {
        let why = Isa::parse(text).expect_err(text).to_string();
        assert!(why.contains("xtheadvector"), "{why}");
    }
}
