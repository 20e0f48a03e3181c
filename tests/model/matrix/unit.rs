//! The two versions as one thing: what a test does with either.

use super::state::{Context, Register, Trap, World};
use super::table::{Row, Version};
use super::v03::State03;
use super::v06::State06;

/// A matrix unit of one of the versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    V03(State03),
    V06(State06),
}

impl Unit {
    pub fn version(&self) -> Version {
        match self {
            Unit::V03(_) => Version::V03,
            Unit::V06(_) => Version::V06,
        }
    }

    pub fn step(&mut self, row: &'static Row, word: u32, world: &mut World) -> Result<(), Trap> {
        match self {
            Unit::V03(s) => s.step(row, word, world),
            Unit::V06(s) => s.step(row, word, world),
        }
    }

    /// Whether an instruction is legal in this state.
    pub fn check(&self, row: &'static Row, word: u32) -> Result<(), Trap> {
        match self {
            Unit::V03(s) => s.check(row, word),
            Unit::V06(s) => s.check(row, word),
        }
    }

    pub fn registers(&self) -> &[Register] {
        match self {
            Unit::V03(s) => &s.m,
            Unit::V06(s) => &s.registers,
        }
    }

    pub fn registers_mut(&mut self) -> &mut [Register] {
        match self {
            Unit::V03(s) => &mut s.m,
            Unit::V06(s) => &mut s.registers,
        }
    }

    pub fn ms(&self) -> Context {
        match self {
            Unit::V03(s) => s.ms,
            Unit::V06(s) => s.ms,
        }
    }
}
