//! Errors teach: what each of them says.

use super::*;
use mellivora::isa::{Op, Operands, encode};

fn op(op: Op, operands: Operands) -> u32 {
    encode(op, &operands).unwrap()
}

fn li(rd: u8, imm: i64) -> u32 {
    op(Op::Addi, Operands { rd, imm, ..Default::default() })
}

fn lui(rd: u8, imm: i64) -> u32 {
    op(Op::Lui, Operands { rd, imm, ..Default::default() })
}

/// Runs instructions; the message must hold all of these, in this order.
fn says(name: &str, isa: &str, words: &[u32], status: i32, parts: &[&str]) {
    let path = program(name, words);
    let (code, told) = fails(&["run", "--isa", isa, &path]);
    assert_eq!(code, status, "{told}");
    let mut rest = told.as_str();
    for part in parts {
        let Some(at) = rest.find(part) else { panic!("`{part}` is not in\n{told}") };
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn illegal_instructions_name_extension_and_remedy() {
    let sh1add = op(Op::Sh1add, Operands { rd: 10, rs1: 11, rs2: 12, ..Default::default() });
    says(
        "zba",
        "rv64gc",
        &[sh1add],
        132,
        &[
            "killed by SIGILL (signal 4): illegal instruction 0x20c5a533 `sh1add a0,a1,a2` at 0x100b0",
            "extension zba (address generation) has it, which this machine does not",
            "turn it on with --isa rv64gc_zba\n",
        ],
    );
    says("c", "rv64im", &[0x0001_0001], 132, &["0x0001 `nop`", "extension c", "--isa rv64imc\n"]);
    says("v", "rv64gc", &[0x5208_a157], 132, &["`vid.v v2` at", "extension v (", "--isa rv64gcv\n"]);
    says("op-v", "rv64gcv", &[0x0a00_3057], 132, &["0x0a003057 at", "vector instructions (OP-V)"]);
    says("zero", "rv64gc", &[0], 132, &["illegal instruction 0x0000 at", "empty memory"]);
    says("ones", "rv64gc", &[u32::MAX], 132, &["illegal instruction 0xffffffff", "erased flash"]);
    says("sret", "rv64gc", &[0x1020_0073], 132, &["it looks like sret: it belongs to S-mode"]);
    says("custom", "rv64gc", &[0x0000_000b], 132, &["custom-0 space"]);
}

#[test]
fn instructions_that_exist_say_why_they_were_refused() {
    let csrr = |csr| op(Op::Csrrs, Operands { rd: 10, imm: csr, ..Default::default() });
    says("csr", "rv64gc", &[csrr(0x100)], 132, &["`csrr a0,sstatus`", "sstatus (0x100): it belongs to S-mode"]);
    says("mcsr", "rv64gc", &[csrr(0x300)], 132, &["mstatus (0x300) is machine mode's, but the program runs in U-mode"]);
    let write = op(Op::Csrrw, Operands { imm: 0xc00, ..Default::default() });
    says("readonly", "rv64gc", &[write], 132, &["cycle (0xc00) is read-only"]);
    let frm = op(Op::Csrrwi, Operands { rs1: 5, imm: 2, ..Default::default() });
    let fadd = |rm| op(Op::FaddS, Operands { rm, ..Default::default() });
    says(
        "frm",
        "rv64gc",
        &[frm, fadd(7)],
        132,
        &["takes its rounding mode from frm, which holds the reserved value 5"],
    );
    says("rm", "rv64gc", &[fadd(6)], 132, &["its rounding mode (rm field) is 6, which is reserved"]);
}

#[test]
fn floating_point_that_is_off_is_explained() {
    // Bare machines start with mstatus.FS = Off.
    let mut bytes = file(0x8000_0078, &[Ph::load(R | W | X, 0, 0x8000_0000, 0x7c, 0x7c)], 0x78);
    bytes.extend(op(Op::FaddS, Operands { rm: 7, ..Default::default() }).to_le_bytes());
    let path = scratch("programs").join("fs-off");
    std::fs::write(&path, bytes).unwrap();
    let (status, told) = fails(&["run", path.to_str().unwrap()]);
    assert_eq!(status, 132, "{told}");
    assert!(told.contains("trap while mstatus.FS is Off\n") && told.contains("csrs mstatus, t0"), "{told}");
    assert!(told.contains("the program has set no trap handler (mtvec = 0)"), "{told}");
}

#[test]
fn wild_accesses_name_register_kind_and_neighbour() {
    let lw = |imm| op(Op::Lw, Operands { rd: 10, rs1: 15, imm, ..Default::default() });
    let sd = |rs1, imm| op(Op::Sd, Operands { rs1, rs2: 10, imm, ..Default::default() });
    says(
        "null",
        "rv64gc",
        &[li(15, 0), lw(8)],
        139,
        &[
            "killed by SIGSEGV (signal 11): load from 0x8 (a null pointer plus an offset) at 0x100b4",
            "lw a0,8(a5), with a5 = 0x0",
        ],
    );
    says(
        "readonly",
        "rv64gc",
        &[lui(15, 0x1_0000), sd(15, 0)],
        139,
        &["store to 0x10000 (read-only)", "(r-x), which is read-only"],
    );
    says(
        "behind",
        "rv64gc",
        &[lui(15, 0x2_3000), lw(0)],
        139,
        &["load from 0x23000 (nothing is mapped there)", "nearest mapping: ", "the address is 0x2", " bytes behind it"],
    );
    let down = op(Op::Addi, Operands { rd: 2, rs1: 2, imm: -2048, ..Default::default() });
    let back = op(Op::Jal, Operands { imm: -8, ..Default::default() });
    says(
        "stack",
        "rv64gc",
        &[down, sd(2, 0), back],
        139,
        &["(stack overflow)", "the stack is [stack]", "8192 KiB", "--stack"],
    );
    let jump = |rs1| op(Op::Jalr, Operands { rd: 1, rs1, ..Default::default() });
    says(
        "jump",
        "rv64gc",
        &[li(15, 0), jump(15)],
        139,
        &["jump to 0x0 (a null pointer)", "last call (ra): returns to 0x100b8"],
    );
    says(
        "data",
        "rv64gc",
        &[lui(15, 0x2_0000), jump(15)],
        139,
        &["jump to 0x20000 (not executable)", "(rw-), which is not executable"],
    );
    let amo = op(Op::AmoaddD, Operands { rd: 10, rs1: 15, rs2: 11, ..Default::default() });
    let odd = op(Op::Addi, Operands { rd: 15, rs1: 15, imm: 4, ..Default::default() });
    says(
        "amo",
        "rv64gc",
        &[lui(15, 0x2_0000), odd, amo],
        135,
        &[
            "killed by SIGBUS (signal 7): store/AMO address misaligned 0x20004",
            "amoadd.d a0,a1,(a5), with a5 = 0x20004",
            "multiples of 8",
        ],
    );
}

#[test]
fn endings_without_a_fault_are_explained() {
    let (status, told) = fails(&["run", &here("testprogs/linux/suite.elf"), "die", "abort"]);
    assert_eq!(status, 134);
    assert!(told.contains("killed by SIGABRT (signal 6)") && told.contains("aborted itself"), "{told}");
    let (_, told) = fails(&["run", "--max-insns", "5", &here("testprogs/linux/tiny.elf")]);
    assert_eq!(told, "mellivora: stopped by --max-insns after 5 instructions, at 0x100f8 <_start+0x10>\n");
}

#[test]
fn a_wrong_environment_is_guessed() {
    let (_, told) = fails(&["run", "--env", "bare", &here("testprogs/linux/hello.elf")]);
    assert!(told.ends_with("was it meant for --env linux? it has a note for Linux\n"), "{told}");
    let (_, told) = fails(&["run", "--env", "linux", &here("testprogs/bare/pass.elf")]);
    assert!(told.ends_with("was it meant for --env bare? it has the symbol tohost\n"), "{told}");
}

#[test]
fn sizes_that_cannot_be_say_what_can() {
    let hello = here("testprogs/linux/hello.elf");
    let (status, told) = fails(&["run", "--memory", "1T", &hello]);
    assert_eq!((status, told.as_str()), (125, "mellivora: --memory: guest addresses end at 0x4000000000 (256G)\n"));
    let (_, told) = fails(&["run", "--memory", "1M", &hello]);
    assert!(told.contains("a stack of 0x800000 bytes does not fit") && told.contains("a smaller --stack"), "{told}");
}

#[test]
fn files_that_are_no_programs_get_a_sentence_each() {
    let dir = scratch("files");
    let cases: &[(&str, &[u8], &str)] = &[
        ("empty", b"", "the file is empty"),
        ("script", b"#!/bin/sh\necho\n", "it is a script for `/bin/sh`"),
        ("gz", b"\x1f\x8b\x08\0", "unpack it first with `gzip -d`"),
        ("object", &std::fs::read(here("tests/cli/objdump/sample.o")).unwrap(), "this is an object file (ET_REL)"),
        ("host", &build::patch(build::good(), 18, &[62, 0]), "(x86-64): this file is not for RISC-V"),
        ("rv32", &build::patch(build::good(), 4, &[1]), "this is a 32-bit program"),
        ("short", &build::good()[..100], "the program header table needs bytes 0x40..0x78, but the file has 0x64"),
    ];
    for (name, bytes, expected) in cases {
        let path = dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        let (status, told) = fails(&["run", path.to_str().unwrap()]);
        assert_eq!(status, 125, "{name}: {told}");
        assert!(
            told.starts_with("mellivora: ") && told.contains(expected) && told.lines().count() == 1,
            "{name}: {told}"
        );
    }
    let (_, told) = fails(&["run", dir.to_str().unwrap()]);
    assert!(told.contains("this is a directory"), "{told}");
    let (_, told) = fails(&["run", "no/such/file"]);
    assert!(told.contains("no/such/file: no such file: there is no directory no/such"), "{told}");
    let (status, told) = fails(&["run", &here("testprogs/linux/dynamic.elf")]);
    assert_eq!(status, 125);
    assert!(told.contains("/lib/ld-linux-riscv64-lp64d.so.1") && told.contains("try: --sysroot"), "{told}");
}

#[test]
fn wrong_options_name_the_part_and_the_nearest() {
    let (status, told) = fails(&["run", "--isa", "rv64gc_zacaz", "x"]);
    assert_eq!(status, 2);
    assert!(told.contains("unknown extension `zacaz` at position 7; did you mean `zacas`?"), "{told}");
    let (_, told) = fails(&["run", "--memory", "5X", "x"]);
    assert!(told.contains("`5X` is not a size"), "{told}");
}
