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

    /// The CSRs that programs read, by number.
    pub fn csrs(&self) -> Vec<(u16, u64)> {
        match self {
            Unit::V03(s) => vec![
                (0x801, s.xmrstart),
                (0x802, s.xmsat << 2 | s.xmxrm),
                (0x803, s.xmsize()),
                (0xcc0, (s.rlen / 8 * s.rows()) as u64),
                (0xcc1, s.rlen as u64 / 8),
                (0xcc2, s.xmisa),
                (3, s.frm << 5 | s.fflags),
            ],
            Unit::V06(s) => {
                let all = s.xmsaten << 11 | s.xmfrm << 8 | s.xmfflags << 3 | s.xmsat << 2 | s.xmxrm;
                vec![
                    (0x802, all),
                    (0x803, s.mtilem),
                    (0x804, s.mtilen),
                    (0x805, s.mtilek),
                    (0x806, s.xmxrm),
                    (0x807, s.xmsat),
                    (0x808, s.xmfflags),
                    (0x809, s.xmfrm),
                    (0x80a, s.xmsaten),
                    (0xcc0, s.xmisa),
                    (0xcc1, s.tlen as u64 / 8),
                    (0xcc2, s.trlen as u64 / 8),
                    (0xcc3, (s.arlen() * s.rows()) as u64 / 8),
                ]
            }
        }
    }
}
