//! The programs of `testprogs/matrix/` through the command line: the kernels of both versions of the matrix extension on units
//! of many sizes, and the same ones for V 1.0. They compare their results with plain C themselves; what they print depends on
//! neither version nor sizes, and is compared with what QEMU printed for V 1.0.
//!
//! `PROGRAM=NAME cargo test --test matrix_programs` runs one line of the manifest.

#![cfg(feature = "cli")]

#[path = "common/recorded.rs"]
mod recorded;

use recorded::{Program, check, mellivora, programs, qemu, testprogs};
use std::process::Command;

/// The programs of `0p6`, `0p3` or `v1`: all of the manifest but those for what the version does not have.
fn built_for(directory: &str) -> Vec<Program> {
    let mut programs = programs(&["matrix"]);
    for program in &mut programs {
        program.elf = testprogs().join("matrix").join(directory).join(program.elf.file_name().expect("a file"));
    }
    let lacking = ["bgemm.elf", "fp8gemm.elf"];
    programs.retain(|program| directory != "0p3" || lacking.iter().all(|name| !program.elf.ends_with(name)));
    programs
}

/// Those for this version print on such a unit what is recorded.
fn on(directory: &str, unit: &str) {
    check(&built_for(directory), unit, || mellivora(&["--matrix", unit]));
}

#[test]
fn kernels_of_0_6_on_four_rows_of_16_bytes() {
    on("0p6", "0.6,tlen=512,trlen=128,elen=32");
}

#[test]
fn kernels_of_0_6_on_16_rows_of_64_bytes() {
    on("0p6", "0.6,tlen=8192,trlen=512,elen=32");
}

#[test]
fn kernels_of_0_6_with_accumulators_of_64_bit_elements() {
    on("0p6", "0.6,tlen=512,trlen=128,elen=64");
    on("0p6", "0.6,tlen=8192,trlen=512,elen=64");
}

/// One row is an inner product, rows of 32 bits make an outer product of fp32.
#[test]
fn kernels_of_0_6_on_units_of_odd_shapes() {
    for unit in
        ["0.6,tlen=128,trlen=128,elen=32", "0.6,tlen=1024,trlen=32,elen=32", "0.6,tlen=65536,trlen=1024,elen=32"]
    {
        on("0p6", unit);
    }
}

#[test]
fn kernels_of_0_3_at_every_row_length() {
    for unit in ["0.3,rlen=128", "0.3,rlen=256", "0.3,rlen=512", "0.3,rlen=1024", "0.3,rlen=4096"] {
        on("0p3", unit);
    }
}

/// What the programs accept and print holds for any order of additions.
#[test]
fn kernels_are_right_however_sums_are_accumulated() {
    for order in ["chain", "exact"] {
        on("0p6", &format!("0.6,tlen=8192,trlen=512,elen=32,accumulation={order}"));
        on("0p3", &format!("0.3,rlen=256,accumulation={order}"));
    }
}

#[test]
fn the_same_kernels_for_v_1_0_print_the_same() {
    for vlen in ["128", "256", "1024"] {
        check(&built_for("v1"), &format!("V 1.0, VLEN {vlen}"), || {
            mellivora(&["--isa", "rv64gcv_zfh_zvfh", "--vlen", vlen])
        });
    }
}

/// The benchmarks check some of their results; sums of integers are the same everywhere.
#[test]
fn benchmarks_compute_what_they_should() {
    let types = ["i8", "f16", "f16_f32", "bf16", "f32"];
    let units = [
        ("0p6", "--matrix", "0.6,tlen=512,trlen=128"),
        ("0p6", "--matrix", "0.6,tlen=8192,trlen=512,elen=64"),
        ("0p3", "--matrix", "0.3,rlen=128"),
        ("0p3", "--matrix", "0.3,rlen=512"),
        ("v1", "--isa", "rv64gcv_zfh_zvfh"),
    ];
    for (directory, option, unit) in units {
        for name in types.iter().filter(|&&name| !(directory == "0p3" && name == "bf16")) {
            let elf = testprogs().join(format!("matrix/{directory}/bench-{name}.elf"));
            let output = mellivora(&[option, unit]).arg(&elf).arg("45x2").output().expect("the emulator starts");
            let stdout = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && stdout.ends_with(", ok\n"), "{}, {unit}: {stdout}", elf.display());
            if *name == "i8" {
                assert_eq!(stdout, "int8 to int32 45x45x45: checksum 0xd4da1e583737dc16, ok\n", "{unit}");
            }
        }
    }
}

/// The record is still what QEMU prints for V 1.0, where QEMU 10 or later is installed.
#[test]
fn the_record_is_what_qemu_prints() {
    let Some(path) = qemu("MELLIVORA_QEMU", 10..=u32::MAX) else { return };
    for vlen in ["128", "256", "1024"] {
        check(&built_for("v1"), &format!("QEMU, VLEN {vlen}"), || {
            let mut command = Command::new(&path);
            command.args(["-cpu", &format!("max,vlen={vlen}")]);
            command
        });
    }
}
