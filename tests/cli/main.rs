//! The command-line program as users meet it: exit statuses, output byte for byte, and messages that help.

mod asm;
#[path = "../common/elf_file.rs"]
#[allow(dead_code)] // some of it serves other tests
mod build;
mod cpu;
mod errors;
mod inspect;
mod isa;
mod listing;
mod matrix;
mod run;
mod vector;

use build::{Ph, R, W, X, file};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A file of the package.
fn here(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// A directory of one test's own.
fn scratch(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Runs `mellivora` with these arguments.
fn mellivora<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mellivora"));
    command.args(args).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Exit status and standard error of a command line.
fn fails(line: &[&str]) -> (i32, String) {
    let out = mellivora(line);
    (out.status.code().unwrap(), text(&out.stderr))
}

/// Where [`program`]s begin.
const START: u64 = 0x1_0078 + 56;

/// A Linux program of these instructions at [`START`], with a page of data at 0x20000. Returns its path.
fn program(name: &str, words: &[u32]) -> String {
    let size = START - 0x1_0000 + 4 * words.len() as u64;
    let headers = [Ph::load(R | X, 0, 0x1_0000, size, size), Ph::load(R | W, size, 0x2_0000, 0, 0x1000)];
    let mut bytes = file(START, &headers, START as usize - 0x1_0000);
    words.iter().for_each(|w| bytes.extend(w.to_le_bytes()));
    let path = scratch("programs").join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_string_lossy().into_owned()
}
