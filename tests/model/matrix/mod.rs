//! A plain model of the matrix extensions 0.3 and 0.6, written from their texts: one element at a time, every rule spelled out. It
//! shares no code with the emulator; instructions come to it by their rows in `tests/data/xtheadmatrix-*.csv` and their words.
//!
//! Floating point is done exactly, in integers as large as it takes, and rounded where the text says so.
//!
//! Where the texts leave a choice, the model takes the one that the emulator documents; these places say "choice".

#![allow(dead_code)] // each test program uses a part of this

pub mod bench;
pub mod cases;
pub mod csrs;
pub mod exact;
pub mod multiply;
pub mod numbers;
pub mod state;
pub mod table;
pub mod unit;
pub mod v03;
pub mod v06;
