//! The programs of `testprogs/thead/` through the command line: XTheadVector and XTheadVdot at several VLENs, the same kernels
//! for V 1.0, and the scalar extensions, compared with what QEMU printed (5.2 for vector 0.7.1, 10 for `thead-c906`).
//!
//! `PROGRAM=NAME cargo test --test thead_programs` runs one line of the manifest.

#![cfg(feature = "cli")]

#[path = "common/recorded.rs"]
mod recorded;

use recorded::{Program, check, mellivora, programs, qemu, testprogs};
use std::process::Command;

/// XTheadVector's, and what they use besides.
fn vector_0_7_1() -> Vec<Program> {
    programs(&["thead", "host"])
}

/// The same for V 1.0, where there is such an ELF: they print the same.
fn vector_1_0() -> Vec<Program> {
    let mut programs = vector_0_7_1();
    for program in &mut programs {
        program.elf = testprogs().join("thead/v1").join(program.elf.file_name().expect("a file"));
    }
    programs.retain(|program| program.elf.is_file());
    programs
}

/// XTheadVector's at this VLEN.
fn at_vlen(vlen: &str) {
    let isa = "rv64gc_xtheadvector_xtheadzvamo_xtheadvdot";
    check(&vector_0_7_1(), &format!("VLEN {vlen}"), || mellivora(&["--isa", isa, "--vlen", vlen]));
}

#[test]
fn vector_programs_of_0_7_1_do_what_they_do_on_qemu_with_vlen_128() {
    at_vlen("128");
}

#[test]
fn vector_programs_of_0_7_1_do_what_they_do_on_qemu_with_vlen_256() {
    at_vlen("256");
}

/// QEMU 5.2 goes to 256 bits; the programs do not care.
#[test]
fn vector_programs_of_0_7_1_do_the_same_with_vlen_1024() {
    at_vlen("1024");
}

#[test]
fn vector_programs_of_0_7_1_do_the_same_with_vlen_65536() {
    at_vlen("65536");
}

/// What gcc compiled for C906 and its like runs on the core of that name.
#[test]
fn vector_programs_of_0_7_1_run_on_a_core_that_has_it() {
    check(&programs(&["thead"]), "c906fdv", || mellivora(&["--cpu", "c906fdv"]));
}

#[test]
fn the_same_kernels_for_v_1_0_print_the_same() {
    for vlen in ["128", "256", "1024"] {
        check(&vector_1_0(), &format!("V 1.0, VLEN {vlen}"), || {
            mellivora(&["--isa", "rv64gcv_xtheadvdot", "--vlen", vlen])
        });
    }
}

#[test]
fn scalar_programs_do_what_they_do_on_qemu() {
    check(&programs(&["c906"]), "thead-c906", || mellivora(&["--cpu", "thead-c906"]));
}

/// The recorded expectations are still QEMU's, where QEMU 10 or later is installed; those of V 1.0 are the same.
#[test]
fn the_record_is_what_qemu_prints() {
    let Some(path) = qemu("MELLIVORA_QEMU", 10..=u32::MAX) else { return };
    let run = |cpu: &str| {
        let mut command = Command::new(&path);
        command.args(["-cpu", cpu]);
        command
    };
    check(&programs(&["c906"]), "QEMU", || run("thead-c906"));
    let mut kernels = vector_1_0();
    kernels.retain(|program| program.name != "th-dot");
    for vlen in ["128", "256", "1024"] {
        check(&kernels, &format!("V 1.0 on QEMU, VLEN {vlen}"), || run(&format!("max,vlen={vlen}")));
    }
}

/// And those of vector 0.7.1, where the variable MELLIVORA_QEMU_071 names a QEMU that has it.
#[test]
fn the_record_of_0_7_1_is_what_qemu_5_prints() {
    let Some(path) = qemu("MELLIVORA_QEMU_071", 5..=6) else { return };
    for vlen in ["128", "256"] {
        check(&programs(&["thead"]), &format!("QEMU, VLEN {vlen}"), || {
            let mut command = Command::new(&path);
            command.args(["-cpu", &format!("rv64,x-v=true,vext_spec=v0.7.1,vlen={vlen}")]);
            command
        });
    }
}
