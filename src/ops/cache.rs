//! Cache-block operations: Zicbom and Zicboz with blocks of 64 bytes, as Zic64b has them (Unprivileged manual, chapter
//! "CMO"). There is no cache: management only checks its rights. Prefetches are hints and decode to no operation.

use super::memory::trap;
use super::{Semantics, operands, special};
use crate::hart::{Cause, Event, Hart};
use crate::isa::Insn;
use crate::memory::{Access, Fault, Memory, Ram};

/// Bytes of a cache block.
const BLOCK: u64 = 64;

/// A management operation: allowed where a load or a store is; `tval` is rs1 itself, not the block's start.
fn manage(hart: &mut Hart, memory: &Memory, i: &Insn, enabled: bool) -> Result<(), Event> {
    if !enabled {
        return Err(hart.illegal());
    }
    let addr = hart.x(i.rs1);
    // A block never crosses a page, so that one byte speaks for all.
    let allowed = |access| memory.check(addr, 1, access).is_ok();
    if !allowed(Access::Read) && !allowed(Access::Write) && !memory.is_device(addr, 1) {
        return Err(trap(hart, Fault { addr, access: Access::Write }, Cause::StoreAccess));
    }
    hart.pc = hart.pc.wrapping_add(i.len as u64);
    Ok(())
}

special! {
    // What it may do is one of "nothing" (0), "flush" (1) and "invalidate" (3): the latter two are the same here.
    CboInval |h, m, i| { let on = h.cache_block_rights().0 != 0; manage(h, m, i, on) };
    CboClean |h, m, i| { let on = h.cache_block_rights().1; manage(h, m, i, on) };
    CboFlush |h, m, i| { let on = h.cache_block_rights().1; manage(h, m, i, on) };
}

/// Writes zeros to a whole block.
#[derive(Clone, Copy)]
pub(crate) struct CboZero;
impl Semantics for CboZero {
    operands!(None = X);

    #[inline(always)]
    fn ex<const FMA: bool, const NX: bool>(hart: &mut Hart, ram: Ram, a: u64, _: u64, _: u64, _: i64) -> Option<u64> {
        if !hart.cache_block_rights().2 {
            return None;
        }
        // All of the block lies on one page: if the first store is possible, so are the others.
        for at in 0..BLOCK / 8 {
            ram.store::<u64>((a & !(BLOCK - 1)) | (at * 8), 0)?;
        }
        Some(0)
    }

    fn slow(hart: &mut Hart, memory: &mut Memory, a: u64, _: u64, _: u64, _: i64) -> Result<u64, Event> {
        if !hart.cache_block_rights().2 {
            return Err(hart.illegal());
        }
        for at in 0..BLOCK / 8 {
            memory
                .store((a & !(BLOCK - 1)) | (at * 8), 8, 0)
                .map_err(|f| trap(hart, Fault { addr: a, ..f }, Cause::StoreAccess))?;
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hart::{Clock, Privilege};
    use crate::memory::Prot;
    use crate::ops::tests::insn;

    fn machine() -> (Hart, Memory) {
        let mut memory = Memory::new(4 * 4096, 4 * 4096).unwrap();
        memory.map(0..4096, Prot::READ | Prot::WRITE, "rw").unwrap();
        memory.map(4096..8192, Prot::READ, "r").unwrap();
        memory.map(8192..12288, Prot::EXEC, "x").unwrap();
        (Hart::new(Default::default(), Clock::virtual_time()), memory)
    }

    #[test]
    fn zero_clears_the_block_around_rs1_and_nothing_else() {
        for fast in [false, true] {
            let (mut hart, mut memory) = machine();
            memory.write(0, &[0xff; 256]).unwrap();
            if fast {
                assert_eq!(CboZero::ex::<false, false>(&mut hart, memory.ram(), 0x7d, 0, 0, 0), Some(0));
            } else {
                assert_eq!(CboZero::slow(&mut hart, &mut memory, 0x7d, 0, 0, 0), Ok(0));
            }
            let bytes = memory.slice(0, 256).unwrap();
            assert!(bytes.iter().enumerate().all(|(i, b)| *b == if i / 64 == 1 { 0 } else { 0xff }));
        }
    }

    #[test]
    fn faults_report_rs1_itself() {
        let (mut hart, mut memory) = machine();
        assert_eq!(
            CboZero::slow(&mut hart, &mut memory, 0x1007, 0, 0, 0),
            Err(Event::Trap(Cause::StoreAccess)),
            "cbo.zero needs the right to store"
        );
        assert_eq!(hart.tval, 0x1007);
        hart.set_x(5, 0x2009);
        assert_eq!(CboClean::exec(&mut hart, &mut memory, &insn(0, 5, 0)), Err(Event::Trap(Cause::StoreAccess)));
        assert_eq!(hart.tval, 0x2009);
    }

    #[test]
    fn management_needs_only_one_of_load_and_store() {
        let (mut hart, mut memory) = machine();
        hart.set_x(5, 0x1009);
        assert_eq!(CboFlush::exec(&mut hart, &mut memory, &insn(0, 5, 0)), Ok(()));
        assert_eq!(CboInval::exec(&mut hart, &mut memory, &insn(0, 5, 0)), Ok(()));
        assert_eq!(hart.pc, 8);
    }

    #[test]
    fn user_mode_needs_menvcfg() {
        let (mut hart, mut memory) = machine();
        hart.set_privilege(Privilege::User);
        let illegal = Err(Event::Trap(Cause::IllegalInstruction));
        assert_eq!(CboClean::exec(&mut hart, &mut memory, &insn(0, 5, 0)), illegal);
        assert_eq!(CboInval::exec(&mut hart, &mut memory, &insn(0, 5, 0)), illegal);
        assert_eq!(CboZero::exec(&mut hart, &mut memory, &insn(0, 5, 0)), illegal);
        assert_eq!(CboZero::ex::<false, false>(&mut hart, memory.ram(), 0, 0, 0, 0), None);
        hart.open_for_user();
        assert_eq!(CboClean::exec(&mut hart, &mut memory, &insn(0, 5, 0)), Ok(()));
        assert_eq!(CboInval::exec(&mut hart, &mut memory, &insn(0, 5, 0)), Ok(()));
        assert_eq!(CboZero::exec(&mut hart, &mut memory, &insn(0, 5, 0)), Ok(()));
    }
}
