//! `mellivora asm`.

use super::*;
use std::io::Write;

fn prints(line: &[&str]) -> String {
    let out = mellivora(line);
    assert_eq!(out.status.code(), Some(0), "{line:?}: {}", text(&out.stderr));
    text(&out.stdout)
}

#[test]
fn each_instruction_is_a_word_on_a_line() {
    assert_eq!(prints(&["asm", "addi a0,a0,-1"]), "0xfff50513\n");
    assert_eq!(prints(&["asm", "nop; ret", "c.jr ra"]), "0x00000013\n0x00008067\n0x8082\n");
    assert_eq!(prints(&["asm", "--pc", "0x1000", "j 0x1010"]), "0x0100006f\n");
    assert_eq!(prints(&["asm", "--cpu", "c910v", "th.vadd.vv v1,v2,v3"]), prints(&["asm", "vadd.vv v1,v2,v3"]));
}

#[test]
fn instructions_come_from_files_and_standard_input() {
    let path = scratch("asm").join("code.s");
    std::fs::write(&path, "# counts\n  li a0, 3\n  c.addi a0, -1\n  bnez a0, 0x4\n").unwrap();
    let path = path.to_string_lossy();
    let words = "0x00300513\n0x157d\n0xfe051fe3\n";
    assert_eq!(prints(&["asm", "--file", &path]), words);
    let mut command = Command::new(env!("CARGO_BIN_EXE_mellivora"));
    let mut child = command.args(["asm", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(&*path).unwrap()).unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), words);
    let raw = mellivora(&["asm", "--raw", "--file", &path]).stdout;
    assert_eq!(raw, [0x13, 0x05, 0x30, 0x00, 0x7d, 0x15, 0xe3, 0x1f, 0x05, 0xfe]);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let told = |line: &[&str]| {
        let (status, told) = fails(line);
        assert_eq!(status, 125, "{told}");
        told
    };
    assert_eq!(
        told(&["asm", "--isa", "rv64i", "nop\nmul a0,a0,a0"]),
        "mellivora: line 2: `mul` is an instruction of zmmul, which this ISA does not have\n"
    );
    assert_eq!(
        told(&["asm", "addi a0,a0,2048"]),
        "mellivora: addi: imm is `2048`, but must be a number from -2048 to 2047 (it is written `addi rd,rs1,imm`)\n"
    );
    assert!(told(&["asm", "--file", "/nowhere.s"]).starts_with("mellivora: cannot read /nowhere.s: "));
    assert_eq!(fails(&["asm"]).0, 2);
}
