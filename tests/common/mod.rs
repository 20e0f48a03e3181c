//! What several test programs share: machines over a known memory map, their state as a value, random guest programs.

#![allow(dead_code)] // each test program uses a part of this

pub mod asm;
pub mod drive;
pub mod elf_writer;
pub mod entropy;
pub mod program;
pub mod sequence;
pub mod state;

use proptest::test_runner::{Config, TestCaseError};

/// How many cases a property gets: so many, or as PROPTEST_CASES says.
pub fn cases(default: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    // Failing cases are shown in full: no files that remember them.
    Config { cases: asked.unwrap_or(default), failure_persistence: None, ..Config::default() }
}

/// A case that fails with an explanation.
pub fn fail(why: String) -> TestCaseError {
    TestCaseError::fail(why)
}
