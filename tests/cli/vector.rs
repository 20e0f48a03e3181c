//! The vector unit: its options, what its state looks like, why its instructions are refused.

use super::*;
use mellivora::isa::{Op, Operands, encode};

fn op(op: Op, operands: Operands) -> u32 {
    encode(op, &operands).unwrap()
}

fn vset(avl: u8, vtype: i64) -> u32 {
    op(Op::Vsetivli, Operands { rs1: avl, imm: vtype, ..Default::default() })
}

fn vv(o: Op, rd: u8, rs2: u8, rs1: u8) -> u32 {
    op(o, Operands { rd, rs1, rs2, rm: 1, ..Default::default() })
}

fn li(rd: u8, imm: i64) -> u32 {
    op(Op::Addi, Operands { rd, imm, ..Default::default() })
}

fn ecall() -> u32 {
    op(Op::Ecall, Operands::default())
}

const E32_M4_TA_MA: i64 = 0xd2;

/// Runs instructions with these options; standard error must hold all parts, in this order.
fn says(name: &str, options: &[&str], words: &[u32], status: i32, parts: &[&str]) {
    let path = program(name, words);
    let mut line = vec!["run"];
    line.extend(options);
    line.push(&path);
    let (code, told) = fails(&line);
    assert_eq!(code, status, "{told}");
    let mut rest = told.as_str();
    for part in parts {
        let Some(at) = rest.find(part) else { panic!("`{part}` is not in\n{told}") };
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn impossible_units_say_which_rule_they_break() {
    let tiny = here("testprogs/linux/tiny.elf");
    let cases: &[(&[&str], &str)] = &[
        (&["--vlen", "16"], "VLEN 16 is not a power of two from 32 to 65536"),
        (&["--vlen", "0"], "VLEN 0 is not a power of two from 32 to 65536"),
        (&["--vlen", "192"], "VLEN 192 is not a power of two"),
        (&["--elen", "128"], "ELEN 128 is neither 32 nor 64"),
        (&["--isa", "rv64gcv", "--vlen", "64"], "VLEN 64 is less than the 128 bits that extension v asks for"),
        (&["--isa", "rv64gcv_zvl512b", "--vlen", "256"], "the 512 bits that zvl512b in the ISA string asks for"),
        (&["--isa", "rv64gcv", "--elen", "32"], "v, zve64* and xtheadvector ask for 64\n  try: --isa rv64gc_zve32f"),
        (&["--isa", "rv64gc_zve32f_zvl64b", "--elen", "64"], "64 needs zve64x, zve64f, zve64d, v or xtheadvector"),
        (&["--isa", "rv64gc_zve64d", "--vlen", "32"], "VLEN 32 is less than ELEN 64"),
        (&["--isa", "rv64gc", "--vlen", "128"], "without vector instructions"),
        (&["--isa", "rv64gc", "--elen", "64"], "--elen without vector instructions"),
    ];
    for (options, text) in cases {
        let mut line = vec!["run"];
        line.extend(*options);
        line.push(&tiny);
        let (code, told) = fails(&line);
        assert!(code == 125 && told.contains(text), "{options:?}: {told}");
    }
    for options in [["--vlen", "32"], ["--vlen", "64"], ["--elen", "32"], ["--vlen", "65536"]] {
        assert_eq!(fails(&["run", options[0], options[1], &tiny]).0, 0, "{options:?}");
    }
    let (_, told) = fails(&["run", "-v", "--isa", "rv64gcv_zvl256b", "--host-simd", "baseline", &tiny]);
    assert!(told.contains("vectors: VLEN 256, ELEN 64, host SIMD baseline\n"), "{told}");
}

/// One mask bit is set: that of element 0, or of its lowest byte.
#[test]
fn masks_of_dot_products_stand_for_bytes_or_elements() {
    let words = [
        vset(4, 2 << 3),
        op(Op::Lui, Operands { rd: 5, imm: 0x0101_0000, ..Default::default() }),
        op(Op::Addi, Operands { rd: 5, rs1: 5, imm: 0x101, ..Default::default() }),
        op(Op::VmvVX, Operands { rd: 8, rs1: 5, ..Default::default() }),
        op(Op::VmvVI, Operands { rd: 0, imm: 1, ..Default::default() }),
        op(Op::VmvVI, Operands { rd: 9, imm: 7, ..Default::default() }),
        op(Op::ThVmaqaVv, Operands { rd: 9, rs1: 8, rs2: 8, rm: 0, ..Default::default() }),
        op(Op::VmvXS, Operands { rd: 10, rs2: 9, ..Default::default() }),
        li(17, 93),
        ecall(),
    ];
    let isa = ["--isa", "rv64gcv_xtheadvdot"];
    says("vdot", &isa, &words, 7 + 1, &[]);
    says("vdot", &[&isa[..], &["--vdot-mask", "bytes"]].concat(), &words, 7 + 1, &[]);
    says("vdot", &[&isa[..], &["--vdot-mask", "elements"]].concat(), &words, 7 + 4, &[]);
}

#[test]
fn vector_state_is_dumped() {
    // vl = 3, v8..v11 = 0, 1, 2 and then nothing; exit.
    let words = [vset(3, E32_M4_TA_MA), op(Op::VidV, Operands { rd: 8, rm: 1, ..Default::default() }), 0];
    says(
        "dump",
        &["--vlen", "128", "--dump-regs"],
        &words,
        132,
        &[
            "vl 3 vtype 00000000000000d2 (e32,m4,ta,ma) vstart 0 vxrm 0 vxsat 0 vlenb 16\n",
            "v0   00000000000000000000000000000000\n",
            "v8   00000000000000020000000100000000\n",
        ],
    );
    says(
        "dump",
        &["--agnostic", "ones", "--dump-regs"],
        &words,
        132,
        &["v8   ffffffff000000020000000100000000\nv9   ff"],
    );
    let (_, told) = fails(&["run", "--isa", "rv64gc", "--dump-regs", &here("testprogs/linux/tiny.elf")]);
    assert!(!told.contains("vtype"), "{told}");
}

#[test]
fn system_calls_destroy_vector_state_unless_told_otherwise() {
    let words = [vset(3, E32_M4_TA_MA), li(17, 172), ecall(), 0];
    says("ecall", &["--dump-regs"], &words, 132, &["vl 0 vtype 8000000000000000 (ill)", "v7   ffffffff"]);
    says(
        "ecall",
        &["--preserve-vector", "--dump-regs"],
        &words,
        132,
        &["vl 3 vtype 00000000000000d2", "v7   00000000"],
    );
}

#[test]
fn illegal_vector_instructions_name_the_rule() {
    let m4 = vset(4, E32_M4_TA_MA);
    let at = "vtype = e32,m4,ta,ma, vl = 4, vstart = 0; VLEN 128, ELEN 64";
    let says = |name: &str, words: &[u32], parts: &[&str]| says(name, &["--isa", "rv64gcv"], words, 132, parts);
    says(
        "align",
        &[m4, vv(Op::VaddVv, 1, 4, 8)],
        &["`vadd.vv v1,v4,v8` at", "vd = v1 is not a multiple of 4, the size of its register group\n", at],
    );
    says("emul", &[vset(4, 0xd3), vv(Op::VwaddVv, 0, 8, 16)], &["vwadd.vv", "larger than 8 registers"]);
    says("overlap", &[m4, vv(Op::VrgatherVv, 4, 4, 8)], &["the destination overlaps vs2"]);
    says("width", &[vset(4, 0), vv(Op::VfaddVv, 1, 2, 3)], &["does not exist for elements of 8 bits"]);
    says(
        "start",
        &[m4, op(Op::Csrrwi, Operands { rs1: 1, imm: 8, ..Default::default() }), vv(Op::VredsumVs, 4, 8, 12)],
        &["vstart is not 0"],
    );
    let frm = op(Op::Csrrwi, Operands { rs1: 5, imm: 2, ..Default::default() });
    says("vfrm", &[m4, frm, vv(Op::VfaddVv, 4, 8, 12)], &["frm holds a reserved rounding mode", "frm = 5"]);
    says(
        "ill",
        &[m4, li(17, 172), ecall(), vv(Op::VaddVv, 4, 8, 12)],
        &["vill", "on Linux every system call", "vsetvli comes first"],
    );
}

#[test]
fn vectors_that_are_off_are_explained() {
    // Bare machines start with mstatus.VS = Off.
    for (name, word) in [("vs-off", vv(Op::VaddVv, 1, 2, 3)), ("vs-off-set", vset(4, 0))] {
        let mut bytes = file(0x8000_0078, &[Ph::load(R | W | X, 0, 0x8000_0000, 0x7c, 0x7c)], 0x78);
        bytes.extend(word.to_le_bytes());
        let path = scratch("programs").join(name);
        std::fs::write(&path, bytes).unwrap();
        let (status, told) = fails(&["run", path.to_str().unwrap()]);
        assert_eq!(status, 132, "{told}");
        assert!(told.contains("mstatus.VS is Off\n") && told.contains("`li t0, 0x600; csrs mstatus, t0`"), "{told}");
    }
}

#[test]
fn settings_that_the_specification_leaves_open_are_options() {
    let lui = |rd, imm| op(Op::Lui, Operands { rd, imm, ..Default::default() });
    let sw = |rs2, imm| op(Op::Sw, Operands { rs1: 15, rs2, imm, ..Default::default() });
    let unary = |o, rd, rs1, rs2| op(o, Operands { rd, rs1, rs2, rm: 1, ..Default::default() });
    let vle32 = op(Op::Vle32V, Operands { rd: 8, rs1: 15, rm: 1, ..Default::default() });
    // 1e8 + 1 - 1e8 + 1 in binary32: one after the other 1, by halves 2.
    let words = [
        lui(15, 0x2_0000),
        lui(5, 0x5f5_e000),
        op(Op::Addi, Operands { rd: 5, rs1: 5, imm: 0x100, ..Default::default() }),
        li(6, 1),
        op(Op::Sub, Operands { rd: 7, rs2: 5, ..Default::default() }),
        sw(5, 0),
        sw(6, 4),
        sw(7, 8),
        sw(6, 12),
        vset(4, 0xd0),
        vle32,
        unary(Op::VfcvtFXV, 8, 0, 8),
        vv(Op::VfredusumVs, 10, 8, 9),
        0,
    ];
    let sum = |options: &[&str], value: &str| {
        let options = [options, &["--dump-regs"]].concat();
        says("sum", &options, &words, 132, &[&format!("v10  000000000000000000000000{value}\n")]);
    };
    sum(&[], "3f800000");
    sum(&["--fp-reduction", "tree"], "40000000");
    sum(&["--fp-reduction", "tree", "--host-simd", "baseline"], "40000000");

    let words = [
        lui(15, 0x2_0000),
        op(Op::Addi, Operands { rd: 15, rs1: 15, imm: 2, ..Default::default() }),
        vset(4, 0xd0),
        vle32,
        0,
    ];
    says("misaligned", &[], &words, 132, &["empty memory"]);
    let parts = &["killed by SIGBUS (signal 7)", "load", "0x20002"];
    says("misaligned", &["--vector-misaligned", "trap"], &words, 135, parts);
}
