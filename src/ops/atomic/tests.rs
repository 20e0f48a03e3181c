use super::*;
use crate::hart::Clock;
use crate::memory::{Device, DeviceFault, Prot};
use crate::ops::tests::insn;

/// Remembers the last store, answers loads with it, and refuses stores of 13.
struct Register(u64);
impl Device for Register {
    fn read(&mut self, _: u64, _: u32, _: &crate::memory::Moment) -> Result<u64, DeviceFault> {
        Ok(self.0)
    }
    fn write(&mut self, _: u64, _: u32, value: u64, _: &crate::memory::Moment) -> Result<(), DeviceFault> {
        self.0 = value;
        if value == 13 { Err(DeviceFault) } else { Ok(()) }
    }
}

const DEVICE: u64 = 0x10000;
const READ_ONLY: u64 = 0x1000;

fn machine() -> (Hart, Memory) {
    let mut memory = Memory::new(0x4000, 0x4000).unwrap();
    memory.map(0..0x1000, Prot::READ | Prot::WRITE, "rw").unwrap();
    memory.map(READ_ONLY..0x2000, Prot::READ, "r").unwrap();
    memory.map(0x2000..0x3000, Prot::WRITE, "w").unwrap();
    memory.add_device(DEVICE..DEVICE + 16, Box::new(Register(0))).unwrap();
    (Hart::new(Default::default(), Clock::virtual_time()), memory)
}

/// Runs an AMO both ways on memory holding `old`; returns rd and the new eight bytes.
fn amo<S: Semantics>(old: u64, b: u64) -> (u64, u64) {
    let (mut hart, mut memory) = machine();
    memory.store(8, 8, old).unwrap();
    let fast = S::ex::<false, false>(&mut hart, memory.ram(), 8, b, 0, 0).unwrap();
    let after = memory.load(8, 8).unwrap();
    memory.store(8, 8, old).unwrap();
    assert_eq!(S::slow(&mut hart, &mut memory, 8, b, 0, 0), Ok(fast));
    assert_eq!(memory.load(8, 8).unwrap(), after);
    (fast, after)
}

#[test]
fn old_values_are_sign_extended_and_neighbours_untouched() {
    assert_eq!(amo::<AmoaddW>(0x1111_1111_ffff_ffff, 2), (u64::MAX, 0x1111_1111_0000_0001));
    assert_eq!(amo::<AmoaddB>(0x80, 0xff), (0xffff_ffff_ffff_ff80, 0x7f));
    assert_eq!(amo::<AmomaxuH>(0x8000, 1), (0xffff_ffff_ffff_8000, 0x8000));
    assert_eq!(amo::<AmoswapD>(1, 2), (1, 2));
}

#[test]
fn minimum_and_maximum_compare_at_their_width() {
    // The upper half of rs2 does not count.
    assert_eq!(amo::<AmominW>(1, 0x7fff_ffff_ffff_ffff), (1, 0xffff_ffff));
    assert_eq!(amo::<AmominuW>(1, 0x7fff_ffff_ffff_ffff), (1, 1));
    assert_eq!(amo::<AmomaxW>(0x8000_0000, 5), (0xffff_ffff_8000_0000, 5));
    assert_eq!(amo::<AmomaxuW>(0x8000_0000, 5), (0xffff_ffff_8000_0000, 0x8000_0000));
    assert_eq!(amo::<AmominD>(1, 1 << 63), (1, 1 << 63));
    assert_eq!(amo::<AmomaxB>(0xff80, 0x7f), (0xffff_ffff_ffff_ff80, 0xff7f));
}

#[test]
fn every_fault_of_an_amo_is_a_store_fault() {
    let (mut hart, mut memory) = machine();
    let mut fault = |addr| {
        let ram = memory.ram();
        assert_eq!(AmoaddW::ex::<false, false>(&mut hart, ram, addr, 1, 0, 0), None);
        let e = AmoaddW::slow(&mut hart, &mut memory, addr, 1, 0, 0);
        (e, hart.tval)
    };
    let (misaligned, access) = (Err(Event::Trap(Cause::StoreMisaligned)), Err(Event::Trap(Cause::StoreAccess)));
    assert_eq!(fault(6), (misaligned, 6));
    assert_eq!(fault(0x5002), (misaligned, 0x5002), "alignment comes before access");
    assert_eq!(fault(READ_ONLY), (access, READ_ONLY));
    assert_eq!(fault(0x2000), (access, 0x2000), "a page that cannot be read");
    assert_eq!(fault(0x3000), (access, 0x3000));
    assert_eq!(fault(u64::MAX - 3), (access, u64::MAX - 3));
}

#[test]
fn devices_take_amos_but_no_reservations() {
    let (mut hart, mut memory) = machine();
    assert_eq!(AmoaddW::slow(&mut hart, &mut memory, DEVICE, 7, 0, 0), Ok(0));
    assert_eq!(AmoaddW::slow(&mut hart, &mut memory, DEVICE, 1, 0, 0), Ok(7));
    assert!(memory.take_attention());
    assert_eq!(AmoaddW::slow(&mut hart, &mut memory, DEVICE, 5, 0, 0), Err(Event::Trap(Cause::StoreAccess)));
    assert_eq!(LrW::slow(&mut hart, &mut memory, DEVICE, 0, 0, 0), Err(Event::Trap(Cause::LoadAccess)));
    assert_eq!(ScW::slow(&mut hart, &mut memory, DEVICE, 0, 0, 0), Err(Event::Trap(Cause::StoreAccess)));
}

#[test]
fn a_reservation_is_used_up_by_the_next_sc() {
    let (mut hart, mut memory) = machine();
    memory.store(8, 4, 0x8000_0000).unwrap();
    let lr = LrW::ex::<false, false>(&mut hart, memory.ram(), 8, 0, 0, 0);
    assert_eq!(lr, Some(0xffff_ffff_8000_0000));
    assert_eq!(ScW::ex::<false, false>(&mut hart, memory.ram(), 12, 1, 0, 0), None, "another address");
    assert_eq!(ScW::slow(&mut hart, &mut memory, 12, 1, 0, 0), Ok(1));
    assert_eq!(ScW::slow(&mut hart, &mut memory, 8, 1, 0, 0), Ok(1), "the failed one has cleared it");
    assert_eq!(memory.load(8, 8).unwrap(), 0x8000_0000, "failed ones store nothing");
    assert_eq!(LrW::slow(&mut hart, &mut memory, 8, 0, 0, 0), Ok(0xffff_ffff_8000_0000));
    assert_eq!(ScW::ex::<false, false>(&mut hart, memory.ram(), 8, 1, 0, 0), Some(0));
    assert_eq!(ScW::slow(&mut hart, &mut memory, 8, 2, 0, 0), Ok(1));
    assert_eq!(memory.load(8, 8).unwrap(), 1);
}

#[test]
fn faults_leave_the_reservation_alone() {
    let (mut hart, mut memory) = machine();
    LrD::slow(&mut hart, &mut memory, 16, 0, 0, 0).unwrap();
    assert_eq!(LrD::slow(&mut hart, &mut memory, 12, 0, 0, 0), Err(Event::Trap(Cause::LoadMisaligned)));
    assert_eq!(hart.tval, 12);
    assert_eq!(LrD::slow(&mut hart, &mut memory, 0x3000, 0, 0, 0), Err(Event::Trap(Cause::LoadAccess)));
    assert_eq!(ScD::slow(&mut hart, &mut memory, 20, 0, 0, 0), Err(Event::Trap(Cause::StoreMisaligned)));
    assert_eq!(ScD::slow(&mut hart, &mut memory, READ_ONLY, 0, 0, 0), Err(Event::Trap(Cause::StoreAccess)));
    assert_eq!(ScD::slow(&mut hart, &mut memory, 16, 9, 0, 0), Ok(0));
}

#[test]
fn compare_and_swap_compares_its_width_and_returns_the_old_value() {
    let (mut hart, mut memory) = machine();
    memory.store(8, 8, 0x1111_1111_8000_0000).unwrap();
    hart.set_x(5, 8);
    hart.set_x(6, 0x7777_7777_8000_0000);
    hart.set_x(7, 0x2222_2222_3333_3333);
    AmocasW::exec(&mut hart, &mut memory, &insn(6, 5, 7)).unwrap();
    assert_eq!(hart.x(6), 0xffff_ffff_8000_0000);
    assert_eq!(memory.load(8, 8).unwrap(), 0x1111_1111_3333_3333);
    AmocasW::exec(&mut hart, &mut memory, &insn(6, 5, 7)).unwrap();
    assert_eq!(hart.x(6), 0x3333_3333, "it differed: only rd changes");
    AmocasB::exec(&mut hart, &mut memory, &insn(6, 5, 0)).unwrap();
    assert_eq!(memory.load(8, 8).unwrap(), 0x1111_1111_3333_3300);
    hart.set_x(5, 10);
    assert_eq!(AmocasD::exec(&mut hart, &mut memory, &insn(6, 5, 7)), Err(Event::Trap(Cause::StoreMisaligned)));
    hart.set_x(5, READ_ONLY);
    // Even one that would not store needs the right to.
    assert_eq!(AmocasD::exec(&mut hart, &mut memory, &insn(6, 5, 7)), Err(Event::Trap(Cause::StoreAccess)));
    assert_eq!(hart.pc, 12);
}

#[test]
fn quadword_compare_and_swap_takes_even_pairs() {
    let (mut hart, mut memory) = machine();
    memory.store(16, 8, 1).unwrap();
    memory.store(24, 8, 2).unwrap();
    for (r, v) in [(4, 16), (6, 1), (7, 3), (8, 10), (9, 11), (1, 99)] {
        hart.set_x(r, v);
    }
    let illegal = Err(Event::Trap(Cause::IllegalInstruction));
    assert_eq!(AmocasQ::exec(&mut hart, &mut memory, &insn(7, 4, 8)), illegal);
    assert_eq!(AmocasQ::exec(&mut hart, &mut memory, &insn(6, 4, 9)), illegal);
    AmocasQ::exec(&mut hart, &mut memory, &insn(6, 4, 8)).unwrap();
    assert_eq!((hart.x(6), hart.x(7)), (1, 2), "the high halves differed");
    assert_eq!(memory.load(16, 8).unwrap(), 1);
    AmocasQ::exec(&mut hart, &mut memory, &insn(6, 4, 8)).unwrap();
    assert_eq!((memory.load(16, 8).unwrap(), memory.load(24, 8).unwrap()), (10, 11));
    memory.store(16, 8, 0).unwrap();
    memory.store(24, 8, 0).unwrap();
    AmocasQ::exec(&mut hart, &mut memory, &insn(0, 4, 8)).unwrap();
    assert_eq!(memory.load(24, 8).unwrap(), 11, "the pair of x0 compares as zero");
    AmocasQ::exec(&mut hart, &mut memory, &insn(6, 4, 0)).unwrap();
    AmocasQ::exec(&mut hart, &mut memory, &insn(6, 4, 0)).unwrap();
    assert_eq!((memory.load(16, 8).unwrap(), memory.load(24, 8).unwrap()), (0, 0), "the pair of x0 stores zero");
    assert_eq!(hart.x(1), 99);
    hart.set_x(4, 8);
    assert_eq!(AmocasQ::exec(&mut hart, &mut memory, &insn(6, 4, 8)), Err(Event::Trap(Cause::StoreMisaligned)));
    hart.set_x(4, DEVICE);
    assert_eq!(AmocasQ::exec(&mut hart, &mut memory, &insn(6, 4, 8)), Err(Event::Trap(Cause::StoreAccess)));
}
