//! `--cpu`: what it accepts, says and changes.

use super::*;
use mellivora::isa::{Op, Operands, encode};

fn op(op: Op, operands: Operands) -> u32 {
    encode(op, &operands).unwrap()
}

/// Loads a CSR into a0 and exits with its lowest byte.
fn exit_with_csr(csr: i64) -> Vec<u32> {
    let csrr = op(Op::Csrrs, Operands { rd: 10, imm: csr, ..Default::default() });
    let exit = op(Op::Addi, Operands { rd: 17, imm: 93, ..Default::default() });
    vec![csrr, exit, op(Op::Ecall, Operands::default())]
}

#[test]
fn a_core_runs_programs_and_says_what_it_lacks() {
    let path = program("vlenb", &exit_with_csr(0xc22));
    for (cpu, vlenb) in [("max", 16), ("c908v,vlen=256", 32), ("rv64,v=true,vlen=1024", 128), ("xt-c9501fdvt", 32)] {
        let (status, told) = fails(&["run", "--cpu", cpu, &path]);
        assert_eq!(status, vlenb, "{cpu}: {told}");
        let model = cpu.split(',').next().unwrap();
        let notes: Vec<&str> = told.lines().collect();
        match model {
            "max" | "rv64" => assert!(notes.is_empty(), "{told}"),
            "xt-c9501fdvt" => {
                assert_eq!(notes.len(), 1, "{told}");
                assert!(notes[0].starts_with("mellivora: CPU xt-c9501fdvt: not implemented: "), "{told}");
                assert!(notes[0].contains("xtheadcef") && notes[0].ends_with("their instructions are illegal here"));
                assert!(!notes[0].contains("sv57") && !notes[0].contains(" h,"), "{told}");
            }
            _ => {}
        }
    }
    let (status, _) = fails(&["run", "--cpu", "c908v", "--vlen", "512", &path]);
    assert_eq!(status, 64, "--vlen has the last word");
    let (status, told) = fails(&["run", "--cpu", "c908", &path]);
    assert_eq!(status, 132);
    assert!(told.contains("illegal instruction"), "{told}");
}

#[test]
fn the_vendors_registers_are_there() {
    let utnmode = program("utnmode", &exit_with_csr(0x8da));
    assert_eq!(fails(&["run", "--cpu", "c908", &utnmode]).0, 0);
    let (status, told) = fails(&["run", "--isa", "rv64gc", &utnmode]);
    assert_eq!(status, 132);
    assert!(told.contains("utnmode (0x8da): it is one of XuanTie cores' registers, which --cpu names"), "{told}");
    let mxstatus = program("mxstatus", &exit_with_csr(0x7c0));
    let (status, told) = fails(&["run", "--cpu", "c908", &mxstatus]);
    assert_eq!(status, 132);
    assert!(told.contains("th.mxstatus (0x7c0) is machine mode's, but the program runs in U-mode"), "{told}");
}

#[test]
fn mistakes_in_cpu_names_are_named() {
    let tiny = here("testprogs/linux/tiny.elf");
    let says = |options: &[&str], parts: &[&str]| {
        for command in ["run", "disasm"] {
            let (status, told) = fails(&[&[command], options, &[tiny.as_str()]].concat());
            assert_eq!(status, 2, "{told}");
            parts.iter().for_each(|part| assert!(told.contains(part), "`{part}` is not in\n{told}"));
        }
    };
    says(&["--cpu", "c9O8v"], &["unknown CPU `c9O8v`; did you mean `c908v`?", "(`--cpu help` lists what there is)"]);
    says(&["--cpu", "c908v,vlem=256"], &["unknown option `vlem` at position 6; did you mean `vlen`?"]);
    says(&["--cpu", "c908v,foo=1,help"], &["unknown option `foo` at position 6"]);
    says(
        &["--cpu", "c908", "--isa", "rv64gc"],
        &["--isa and --cpu exclude each other: options change a CPU, as in --cpu c908,zba=false,zicond=true"],
    );
    let (status, told) = fails(&["run", "--cpu", "c908", "--vlen", "256", &tiny]);
    assert_eq!(status, 125);
    assert!(told.contains("VLEN 256 without vector instructions") && told.contains("v=true behind its name"), "{told}");
    let (status, told) = fails(&["run", "--cpu", "c908", "--elen", "64", &tiny]);
    assert_eq!(status, 125);
    assert!(told.contains("add v=true to --cpu"), "{told}");
}

#[test]
fn help_lists_the_cores() {
    for line in [&["run", "--cpu", "help"][..], &["disasm", "--cpu", "help"], &["isa", "cpus"]] {
        let out = mellivora(line);
        let table = text(&out.stdout);
        assert!(out.status.success() && out.stderr.is_empty(), "{}", text(&out.stderr));
        let row = |name: &str| {
            let row =
                table.lines().find(|l| l.split_whitespace().next() == Some(name)).unwrap_or_else(|| panic!("{name}"));
            row.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(row("c908v").starts_with("c908v imafdcv 1.0 128 classic fmemidx vdot "), "{}", row("c908v"));
        assert!(row("c906").starts_with("c906 imac - - classic"), "{}", row("c906"));
        assert!(row("c910v").starts_with("c910v imafdc 0.7.1 "), "{}", row("c910v"));
        assert_eq!(row("c920"), "c920 = c910v");
        assert!(row("xt-c9501fdvmt").ends_with(" xtheadmatrixtpe"), "{}", row("xt-c9501fdvmt"));
        assert!(row("max").ends_with(" 1.0 128 -") || row("max").contains(" 1.0 128 "), "{}", row("max"));
        assert!(row("rva23u64").ends_with(" supm"), "{}", row("rva23u64"));
        assert!(table.contains("matrices of version 0.3"), "{table}");
    }
    for line in [&["run", "--cpu", "c920v3,vlen=256,help"][..], &["isa", "c920v3,vlen=256"]] {
        let told = text(&mellivora(line).stdout);
        for part in [
            "c920v3\n  standard   imafdcv zaamo ",
            "  XThead     ba bb bs cmo condmov fmemidx mac memidx mempair sync vdot\n",
            "  vector     1.0, VLEN 256, ELEN 64\n",
            "  mvendorid  0x5b7, marchid 0x80000000090c0e00, mimpid 0x0\n",
            "  missing    ",
            " svpbmt svinval ",
            "  ISA        rv64imafdcv_",
        ] {
            assert!(told.contains(part), "`{part}` is not in\n{told}");
        }
    }
    assert!(text(&mellivora(&["isa", "c930v"]).stderr).contains("is no extension, instruction, CPU or ISA string"));
    assert!(text(&mellivora(&["isa"]).stdout).contains("`mellivora isa cpus` the CPU models"));
}

#[test]
fn the_disassembler_knows_what_a_core_has() {
    let disasm = |cpu: &str, word: &str| text(&mellivora(&["disasm", "--cpu", cpu, "--hex", word]).stdout);
    assert_eq!(disasm("c908", "20c5a533"), "20c5a533  sh1add\ta0,a1,a2\n");
    assert_eq!(disasm("c910", "20c5a533"), "20c5a533  .insn\t4, 0x20c5a533  # sh1add a0,a1,a2 with extension zba\n");
    assert_eq!(disasm("c910,zba=true", "20c5a533"), "20c5a533  sh1add\ta0,a1,a2\n");
    assert_eq!(disasm("c910", "7c0022f3"), "7c0022f3  csrr\tt0,0x7c0\n");
}

#[test]
fn statistics_name_the_core() {
    let json = scratch("cpu").join("stats.json");
    let tiny = here("testprogs/linux/tiny.elf");
    let stats = format!("--stats={}", json.display());
    let run = |options: &[&str]| {
        assert!(mellivora(&[&["run"], options, &[&stats, &tiny]].concat()).status.success());
        std::fs::read_to_string(&json).unwrap()
    };
    assert!(run(&["--cpu", "c907fdvm-rv64"]).contains("\"cpu_model\": \"c907fdvm\""));
    assert!(run(&[]).contains("\"cpu_model\": null"));
    let told = text(&mellivora(&["run", "--cpu", "rv64", "--stats", &tiny]).stderr);
    assert!(told.contains("CPU model     rv64\n"), "{told}");
}
