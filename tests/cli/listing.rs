//! `mellivora disasm` against recordings of GNU objdump 2.44 (`objdump/record.sh`), and `mellivora isa`.

use super::*;

/// Compares without the line that names the file.
fn compare(elf: &str, options: &[&str], recorded: &str) {
    let mut line = vec!["disasm"];
    line.extend(options);
    line.push(elf);
    let out = mellivora(&line);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let expected = std::fs::read_to_string(here(&format!("tests/cli/objdump/{recorded}"))).unwrap();
    let (ours, theirs) = (text(&out.stdout), expected);
    for (n, (a, b)) in ours.lines().zip(theirs.lines()).enumerate().skip(2) {
        assert_eq!(a, b, "{recorded}, line {}", n + 1);
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
}

#[test]
fn listings_equal_objdumps() {
    for name in ["sample.elf", "sample.o", "stripped.elf", "compiled.elf"] {
        let path = here(&format!("tests/cli/objdump/{name}"));
        compare(&path, &[], &format!("{name}.txt"));
        compare(&path, &["-M", "no-aliases"], &format!("{name}.no-aliases.txt"));
    }
}

#[test]
fn words_and_raw_files_are_disassembled() {
    let out = text(&mellivora(&["disasm", "--hex", "00150513", "0x8082"]).stdout);
    assert_eq!(out, "00150513  addi\ta0,a0,1\n8082      ret\n");
    let out = text(&mellivora(&["disasm", "--isa", "rv64gc", "--hex", "20c5a533"]).stdout);
    assert_eq!(out, "20c5a533  .insn\t4, 0x20c5a533  # sh1add a0,a1,a2 with extension zba\n");
    let path = scratch("raw").join("code.bin");
    std::fs::write(&path, [0x05, 0x45, 0x6f, 0xf0, 0xff, 0xff]).unwrap();
    let out = text(&mellivora(&["disasm", "--base", "0x1000", "--raw", path.to_str().unwrap()]).stdout);
    assert!(
        out.ends_with("    1000:\t4505                \tli\ta0,1\n    1002:\tfffff06f          \tj\t0x1000\n"),
        "{out}"
    );
}

#[test]
fn extensions_and_instructions_are_listed() {
    let all = text(&mellivora(&["isa"]).stdout);
    assert!(all.contains("\nzba             1.0    8  address generation\n"), "{all}");
    let zba = text(&mellivora(&["isa", "zba"]).stdout);
    assert!(
        zba.contains("  sh1add            rd,rs1,rs2             0010000..........010.....0110011  zba\n"),
        "{zba}"
    );
    assert_eq!(text(&mellivora(&["isa", "sh1add"]).stdout).lines().count(), 1);
    let (status, told) = fails(&["isa", "zbx"]);
    assert_eq!(status, 125);
    assert!(told.contains("did you mean `zba`?"), "{told}");
}
