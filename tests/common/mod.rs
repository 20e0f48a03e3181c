//! What several test programs share: machines over a known memory map, their state as a value, random guest programs.

#![allow(dead_code)] // each test program uses a part of this

pub mod asm;
pub mod drive;
pub mod program;
pub mod state;
