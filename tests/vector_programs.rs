//! The vector programs of `testprogs/` through the command line, at several VLENs: the lines of `testprogs/manifest.txt` with
//! the reference `vector`, compared with what QEMU printed and how it exited. That does not depend on VLEN.
//!
//! `PROGRAM=NAME cargo test --test vector_programs` runs one line of the manifest.

#![cfg(feature = "cli")]

#[path = "common/recorded.rs"]
mod recorded;

use recorded::{mellivora, programs, qemu, testprogs};
use std::process::{Command, Stdio};

/// Runs all programs with these options and tells those that differ.
fn check(options: &[&str]) {
    recorded::check(&programs(&["vector"]), &format!("{options:?}"), || mellivora(options));
}

#[test]
fn vector_programs_do_what_they_do_on_qemu_with_vlen_128() {
    check(&["--vlen", "128"]);
}

#[test]
fn vector_programs_do_what_they_do_on_qemu_with_vlen_256() {
    check(&["--vlen", "256"]);
}

#[test]
fn vector_programs_do_what_they_do_on_qemu_with_vlen_1024() {
    check(&["--vlen", "1024"]);
}

/// QEMU goes to 1024 bits; the programs do not care.
#[test]
fn vector_programs_do_the_same_with_vlen_65536() {
    check(&["--vlen", "65536"]);
}

/// The kernels for bare metal, which Spike runs in the benchmarks, check their results themselves.
#[test]
fn the_kernels_for_bare_metal_are_right() {
    for entry in std::fs::read_dir(testprogs().join("vector/bare")).expect("a directory") {
        let elf = entry.expect("an entry").path();
        let output = mellivora(&["--vlen", "256"]).arg(&elf).arg("1").stdin(Stdio::null()).output();
        let output = output.expect("the emulator starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.ends_with(", ok\n"), "{}: {}, {text}", elf.display(), output.status);
    }
}

/// The recorded expectations are still QEMU's, where QEMU 10 or later is installed.
#[test]
fn the_record_is_what_qemu_prints() {
    let Some(qemu) = qemu("MELLIVORA_QEMU", 10..=u32::MAX) else { return };
    for vlen in ["128", "256", "1024"] {
        recorded::check(&programs(&["vector"]), &format!("QEMU at VLEN {vlen}"), || {
            let mut command = Command::new(&qemu);
            command.args(["-cpu", &format!("max,vlen={vlen}")]);
            command
        });
    }
}
