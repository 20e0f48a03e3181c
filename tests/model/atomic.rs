//! Zaamo, Zalrsc, Zabha, Zacas and the cache-block operations.

use super::{Cpu, Insn, Outcome, Trap, cause, sign_extend};
use mellivora::isa::Op;

/// The two numbers that a read-modify-write operation works on, both ways of reading them.
struct Pair {
    old: u64,
    new: u64,
    old_signed: i128,
    new_signed: i128,
}

impl Cpu {
    /// The rules of all AMOs: natural alignment first (choice), then the right to read and write; both are store/AMO
    /// exceptions.
    fn amo_rights(&self, addr: u64, size: u64) -> Result<(), Trap> {
        if !addr.is_multiple_of(size) {
            return Err(Trap { cause: cause::STORE_MISALIGNED, tval: addr });
        }
        match self.memory.first_without(addr, size, |r| r.read && r.write) {
            Some(_) => Err(Trap { cause: cause::STORE, tval: addr }),
            None => Ok(()),
        }
    }

    fn amo(&mut self, i: &Insn, size: u64, f: fn(Pair) -> u64) -> Result<(), Trap> {
        let o = i.operands;
        let (addr, source) = (self.x[o.rs1 as usize], self.x[o.rs2 as usize]);
        self.amo_rights(addr, size)?;
        let old = self.load(addr, size, cause::STORE)?;
        let new = if size == 8 { source } else { source % (1 << (8 * size)) };
        let signed = |v| sign_extend(v, 8 * size) as i64 as i128;
        let value = f(Pair { old, new, old_signed: signed(old), new_signed: signed(new) });
        self.store(addr, size, value)?;
        self.set_x(o.rd, sign_extend(old, 8 * size));
        Ok(())
    }

    /// AMOCAS of up to 64 bits.
    fn swap_if_equal(&mut self, i: &Insn, size: u64) -> Result<(), Trap> {
        let o = i.operands;
        let (addr, expected, new) = (self.x[o.rs1 as usize], self.x[o.rd as usize], self.x[o.rs2 as usize]);
        self.amo_rights(addr, size)?;
        let old = self.load(addr, size, cause::STORE)?;
        if sign_extend(old, 8 * size) == sign_extend(expected, 8 * size) {
            self.store(addr, size, new)?;
        }
        self.set_x(o.rd, sign_extend(old, 8 * size));
        Ok(())
    }

    fn swap_quad_if_equal(&mut self, i: &Insn) -> Result<(), Trap> {
        let o = i.operands;
        // Reserved (choice: illegal).
        if o.rd % 2 == 1 || o.rs2 % 2 == 1 {
            return self.illegal(i);
        }
        let addr = self.x[o.rs1 as usize];
        self.amo_rights(addr, 16)?;
        let pair = |n: u8| if n == 0 { [0, 0] } else { [self.x[n as usize], self.x[n as usize + 1]] };
        let (expected, new) = (pair(o.rd), pair(o.rs2));
        let old = [self.load(addr, 8, cause::STORE)?, self.load(addr + 8, 8, cause::STORE)?];
        if old == expected {
            self.store(addr, 8, new[0])?;
            self.store(addr + 8, 8, new[1])?;
        }
        if o.rd != 0 {
            self.set_x(o.rd, old[0]);
            self.set_x(o.rd + 1, old[1]);
        }
        Ok(())
    }

    fn load_reserved(&mut self, i: &Insn, size: u64) -> Result<(), Trap> {
        let addr = self.x[i.operands.rs1 as usize];
        if !addr.is_multiple_of(size) {
            return Err(Trap { cause: cause::LOAD_MISALIGNED, tval: addr });
        }
        let v = self.load(addr, size, cause::LOAD)?;
        self.set_x(i.operands.rd, sign_extend(v, 8 * size));
        self.reservation = Some(addr);
        Ok(())
    }

    /// Succeeds if the last LR was at this address (choice: whatever its width), and ends the reservation. The right to
    /// store is asked for even where it fails (choice).
    fn store_conditional(&mut self, i: &Insn, size: u64) -> Result<(), Trap> {
        let o = i.operands;
        let (addr, value) = (self.x[o.rs1 as usize], self.x[o.rs2 as usize]);
        if !addr.is_multiple_of(size) {
            return Err(Trap { cause: cause::STORE_MISALIGNED, tval: addr });
        }
        if self.memory.first_without(addr, size, |r| r.write).is_some() {
            return Err(Trap { cause: cause::STORE, tval: addr });
        }
        let success = self.reservation == Some(addr);
        if success {
            self.store(addr, size, value)?;
        }
        self.reservation = None;
        self.set_x(o.rd, !success as u64);
        Ok(())
    }

    /// Cache-block management and zeroing of 64-byte blocks; menvcfg decides for U-mode. `tval` is rs1.
    fn cache_block(&mut self, i: &Insn) -> Result<(), Trap> {
        let addr = self.x[i.operands.rs1 as usize];
        let field = |low: u64, bits: u64| self.csrs.menvcfg >> low & ((1 << bits) - 1);
        let enabled = self.machine
            || match i.op {
                Op::CboInval => field(4, 2) != 0,
                Op::CboZero => field(7, 1) != 0,
                _ => field(6, 1) != 0,
            };
        if !enabled {
            return self.illegal(i);
        }
        let rights = self.memory.rights(addr);
        let allowed = if i.op == Op::CboZero { rights.write } else { rights.read || rights.write };
        if !allowed {
            return Err(Trap { cause: cause::STORE, tval: addr });
        }
        if i.op == Op::CboZero {
            let block = addr / 64 * 64;
            for at in 0..8 {
                self.store(block + 8 * at, 8, 0)?;
            }
        }
        Ok(())
    }

    pub(super) fn atomic(&mut self, i: &Insn) -> Outcome {
        let mut amo = |size, f| Some(self.amo(i, size, f));
        macro_rules! widths {
            ($f:expr, $b:ident $h:ident $w:ident $d:ident) => {
                match i.op {
                    Op::$b => return amo(1, $f),
                    Op::$h => return amo(2, $f),
                    Op::$w => return amo(4, $f),
                    Op::$d => return amo(8, $f),
                    _ => {}
                }
            };
        }
        widths!(|p| p.new, AmoswapB AmoswapH AmoswapW AmoswapD);
        widths!(|p| p.old.wrapping_add(p.new), AmoaddB AmoaddH AmoaddW AmoaddD);
        widths!(|p| p.old ^ p.new, AmoxorB AmoxorH AmoxorW AmoxorD);
        widths!(|p| p.old & p.new, AmoandB AmoandH AmoandW AmoandD);
        widths!(|p| p.old | p.new, AmoorB AmoorH AmoorW AmoorD);
        widths!(|p| p.old_signed.min(p.new_signed) as u64, AmominB AmominH AmominW AmominD);
        widths!(|p| p.old_signed.max(p.new_signed) as u64, AmomaxB AmomaxH AmomaxW AmomaxD);
        widths!(|p| p.old.min(p.new), AmominuB AmominuH AmominuW AmominuD);
        widths!(|p| p.old.max(p.new), AmomaxuB AmomaxuH AmomaxuW AmomaxuD);
        Some(match i.op {
            Op::AmocasB => self.swap_if_equal(i, 1),
            Op::AmocasH => self.swap_if_equal(i, 2),
            Op::AmocasW => self.swap_if_equal(i, 4),
            Op::AmocasD => self.swap_if_equal(i, 8),
            Op::AmocasQ => self.swap_quad_if_equal(i),
            Op::LrW => self.load_reserved(i, 4),
            Op::LrD => self.load_reserved(i, 8),
            Op::ScW => self.store_conditional(i, 4),
            Op::ScD => self.store_conditional(i, 8),
            Op::CboInval | Op::CboClean | Op::CboFlush | Op::CboZero => self.cache_block(i),
            _ => return None,
        })
    }
}
