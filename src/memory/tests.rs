use super::*;

fn memory() -> Memory {
    let mut m = Memory::new(1 << 30, 1 << 20).unwrap();
    m.map(0x1000..0x3000, Prot::READ | Prot::WRITE, "data").unwrap();
    m.map(0x4000..0x5000, Prot::READ | Prot::EXEC, "code").unwrap();
    m
}

#[test]
fn fast_accesses_need_alignment_protection_and_bounds() {
    let mut m = memory();
    let ram = m.ram();
    assert_eq!(ram.store::<u64>(0x1008, 7), Some(()));
    assert_eq!(ram.load::<u64>(0x1008), Some(7));
    assert_eq!(ram.load::<u32>(0x100a), None, "misaligned");
    assert_eq!(ram.store::<u8>(0x4000, 1), None, "read-only page");
    assert_eq!(ram.load::<u8>(0x3000), None, "hole");
    assert_eq!(ram.load::<u64>((1 << 30) - 8), None, "unmapped at the end");
    assert_eq!(ram.load::<u8>(1 << 30), None, "beyond the limit");
    assert_eq!(ram.load::<u64>(u64::MAX - 7), None, "top of the address space");
}

#[test]
fn a_store_across_a_fault_writes_nothing_and_names_the_first_bad_byte() {
    let mut m = memory();
    assert_eq!(m.store(0x2ffc, 8, u64::MAX), Err(Fault { addr: 0x3000, access: Access::Write }));
    assert_eq!(m.load(0x2ff8, 8), Ok(0));
    assert_eq!(m.load(0x1ffd, 8), Ok(0), "misaligned across mapped pages");
    assert_eq!(m.load(u64::MAX - 2, 8), Err(Fault { addr: u64::MAX - 2, access: Access::Read }));
}

#[test]
fn stores_to_translated_bytes_make_their_page_stale_and_others_do_not() {
    let mut m = Memory::new(1 << 20, 1 << 20).unwrap();
    m.map(0x1000..0x2000, Prot::READ | Prot::WRITE | Prot::EXEC, "both").unwrap();
    m.mark_code(0x1100, 8);
    assert_eq!(m.ram().store::<u64>(0x1200, 1), None, "stores go the slow way now");
    m.store(0x1200, 8, 1).unwrap();
    assert!(!m.take_attention());
    m.store(0x1106, 2, 1).unwrap();
    assert!(m.take_attention());
    assert_eq!(m.take_stale(), [1]);
    assert_eq!(m.ram().store::<u64>(0x1200, 2), Some(()), "the page is plain again");
}

#[test]
fn protecting_or_unmapping_code_makes_it_stale() {
    let mut m = memory();
    m.mark_code(0x4000, 4);
    m.protect(0x4000..0x5000, Prot::READ).unwrap();
    assert_eq!(m.take_stale(), [4]);
    assert_eq!(m.fetch(0x4000), Err(Fault { addr: 0x4000, access: Access::Fetch }));
    m.unmap(0x1000..0x2000).unwrap();
    assert_eq!(m.ram().load::<u8>(0x1000), None);
    assert_eq!(m.ram().load::<u8>(0x2000), Some(0));
    assert_eq!(m.protect(0..0x2000, Prot::READ), Err(MemoryError::Unmapped { addr: 0 }));
}

#[test]
fn remapped_pages_are_zero() {
    let mut m = memory();
    m.write(0x1000, &[1, 2, 3]).unwrap();
    m.map(0x1000..0x2000, Prot::READ, "again").unwrap();
    assert_eq!(m.slice(0x1000, 3).unwrap(), [0, 0, 0]);
}

#[test]
fn watched_stores_are_reported_and_survive_remapping() {
    let mut m = memory();
    m.watch_stores(0x1000..0x1008);
    m.store(0x1000, 4, 0x1_0000_0005).unwrap();
    assert!(m.take_attention());
    assert_eq!(m.take_stores(), [WatchedStore { addr: 0x1000, size: 4, value: 5 }]);
    m.protect(0x1000..0x2000, Prot::READ | Prot::WRITE).unwrap();
    assert_eq!(m.ram().store::<u8>(0x1000, 1), None);
}

struct Echo(u64);
impl Device for Echo {
    fn read(&mut self, offset: u64, size: u32, _: &Moment) -> Result<u64, DeviceFault> {
        Ok(self.0 + offset * 16 + size as u64)
    }
    fn write(&mut self, offset: u64, _: u32, value: u64, _: &Moment) -> Result<(), DeviceFault> {
        if offset == 8 {
            return Err(DeviceFault);
        }
        self.0 = value;
        Ok(())
    }
}

#[test]
fn devices_answer_anywhere_and_may_refuse() {
    let mut m = memory();
    m.add_device(0xf000_0000_0000..0xf000_0000_0010, Box::new(Echo(0x100))).unwrap();
    assert_eq!(m.load(0xf000_0000_0004, 4), Ok(0x144));
    assert_eq!(m.store(0xf000_0000_0008, 4, 1), Err(Fault { addr: 0xf000_0000_0008, access: Access::Write }));
    assert!(m.load(0xf000_0000_000c, 8).is_err(), "straddles the end");
    assert_eq!(m.add_device(0x1000..0x1010, Box::new(Echo(0))), Err(MemoryError::Overlap { start: 0x1000 }));
}

#[test]
fn free_ranges_come_from_the_top() {
    let m = memory();
    assert_eq!(m.find_free(0x1000, 0..0x5000), Some(0x3000));
    assert_eq!(m.find_free(0x1000, 0..0x6000), Some(0x5000));
    assert_eq!(m.find_free(0x2000, 0..0x5000), None);
    assert_eq!(m.nearest_region(0x3800).map(|(r, d)| (r.name, d)), Some(("code", 0x800)));
}

#[test]
fn absurd_sizes_are_errors() {
    assert!(Memory::new(u64::MAX, 1 << 20).is_ok(), "cut to what can exist");
    let mut m = memory();
    assert!(m.map(0x1000..0x1000, Prot::READ, "").is_err());
    assert!(m.map(0x1800..0x3000, Prot::READ, "").is_err());
    assert!(m.map(0..!0xfff, Prot::READ, "").is_err());
}
