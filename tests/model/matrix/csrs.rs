//! The CSRs of both versions, and the instructions that access them.

use super::state::{Context, Reason, Trap, World, need};
use super::unit::Unit;

impl Unit {
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
            ],
            Unit::V06(s) => vec![
                (0x802, s.xmsaten << 11 | s.xmfrm << 8 | s.xmfflags << 3 | s.xmsat << 2 | s.xmxrm),
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
            ],
        }
    }

    /// Writes one that can be written; it takes the bits that it has.
    fn write(&mut self, csr: u16, v: u64) {
        match self {
            Unit::V03(s) => match csr {
                0x801 => s.xmrstart = v % s.rows() as u64,
                0x802 => (s.xmxrm, s.xmsat) = (v & 3, v >> 2 & 1),
                _ => s.set_xmsize(v),
            },
            Unit::V06(s) => match csr {
                0x802 => {
                    (s.xmxrm, s.xmsat, s.xmsaten) = (v & 3, v >> 2 & 1, v >> 11 & 1);
                    (s.xmfflags, s.xmfrm) = (v >> 3 & 0b10111, v >> 8 & 7);
                }
                0x803 => s.mtilem = v,
                0x804 => s.mtilen = v,
                0x805 => s.mtilek = v,
                0x806 => s.xmxrm = v & 3,
                0x807 => s.xmsat = v & 1,
                0x808 => s.xmfflags = v & 0b10111,
                0x809 => s.xmfrm = v & 7,
                _ => s.xmsaten = v & 1,
            },
        }
    }

    /// csrrw and its likes, on a CSR with one of the numbers that the matrix extensions use.
    pub fn csr_instruction(&mut self, word: u32, world: &mut World) -> Result<(), Trap> {
        let (csr, funct3) = ((word >> 20) as u16, word >> 12 & 7);
        let (rd, rs1) = ((word >> 7 & 31) as usize, (word >> 15 & 31) as usize);
        let operand = if funct3 & 4 == 0 { world.x[rs1] } else { rs1 as u64 };
        let writes = funct3 & 3 == 1 || rs1 != 0;
        let read_only = csr >> 10 == 3;
        let old = self.csrs().into_iter().find(|(n, _)| *n == csr);
        let old = old.ok_or(Trap::Illegal(Reason::NoCsr))?.1;
        need(self.ms() != Context::Off, Reason::Off)?;
        need(!(writes && read_only), Reason::NoCsr)?;
        if writes {
            let new = match funct3 & 3 {
                1 => operand,
                2 => old | operand,
                _ => old & !operand,
            };
            self.write(csr, new);
            match self {
                Unit::V03(s) => s.ms = Context::Dirty,
                Unit::V06(s) => s.ms = Context::Dirty,
            }
        }
        world.set_x(rd, old);
        Ok(())
    }
}
