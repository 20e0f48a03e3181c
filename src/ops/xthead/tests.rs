use super::*;
use crate::hart::{Cause, Clock, Privilege};
use crate::isa::{Decoder, Insn, Isa};
use crate::memory::Prot;
use crate::ops::tests::run;
use crate::ops::{Second, Semantics, clash};

/// A page to read and write, then one to read, then nothing.
fn machine() -> (Hart, Memory) {
    let mut memory = Memory::new(4 * 4096, 4 * 4096).unwrap();
    memory.map(0..4096, Prot::READ | Prot::WRITE, "rw").unwrap();
    memory.map(4096..8192, Prot::READ, "r").unwrap();
    for at in 0..1024u32 {
        memory.write(at as u64 * 8, &(0x8899_aabb_0000_0000 | at as u64).to_le_bytes()).unwrap();
    }
    (Hart::new(Default::default(), Clock::virtual_time()), memory)
}

fn insn(word: u32) -> Insn {
    Decoder::new(&Isa::all()).decode(word).expect("an instruction")
}

#[test]
fn counts_of_nothing_give_the_width() {
    assert_eq!([run::<ThFf0>(u64::MAX, 0), run::<ThFf1>(0, 0)], [64, 64]);
    assert_eq!([run::<ThFf0>(!(1 << 60), 0), run::<ThFf1>(1 << 60, 0)], [3, 3]);
}

#[test]
fn bytes_are_tested_and_reversed() {
    assert_eq!(run::<ThTstnbz>(0x0001_8000_ff7f_0010, 0), 0xff00_00ff_0000_ff00);
    assert_eq!(run::<ThRevw>(0xffff_ffff_0000_0080, 0), 0xffff_ffff_8000_0000);
}

#[test]
fn fields_are_extracted_and_empty_ones_leave_rd_alone() {
    let mut memory = Memory::new(4096, 4096).unwrap();
    let mut hart = Hart::new(Default::default(), Clock::virtual_time());
    let mut ext = |a, msb: i64, lsb, d| ThExt::slow(&mut hart, &mut memory, a, 0, d, msb << 6 | lsb).unwrap();
    assert_eq!(ext(0xf00, 11, 8, 5), u64::MAX);
    assert_eq!(ext(0x700, 11, 8, 5), 7);
    assert_eq!(ext(1 << 63, 63, 0, 5), 1 << 63);
    assert_eq!(ext(u64::MAX, 63, 63, 5), u64::MAX);
    assert_eq!(ext(u64::MAX, 8, 9, 5), 5);
}

#[test]
fn narrow_accumulators_wrap_in_32_bits() {
    let mut memory = Memory::new(4096, 4096).unwrap();
    let mut hart = Hart::new(Default::default(), Clock::virtual_time());
    assert_eq!(ThMulah::slow(&mut hart, &mut memory, 0x8000, 0x8000, 0x4000_0000, 0), Ok(0xffff_ffff_8000_0000));
    assert_eq!(ThMulsw::slow(&mut hart, &mut memory, 1, 1, 0x8000_0000, 0), Ok(0x7fff_ffff));
}

#[test]
fn write_back_happens_unless_the_access_faults() {
    let (mut h, mut m) = machine();
    // th.lwib a0,(a1),-1,2 and th.sdia a1,(a1),1,3
    let (load, store) = (insn(0x4df5_c50b), insn(0x7e15_d58b));
    h.set_x(11, 0x14);
    assert_eq!(ThLwib::exec(&mut h, &mut m, &load), Ok(()));
    assert_eq!([h.x(10), h.x(11)], [2, 0x10]);
    assert_eq!(ThSdia::exec(&mut h, &mut m, &store), Ok(()));
    assert_eq!((h.x(11), m.load(0x10, 8)), (0x18, Ok(0x10)), "the old value is stored");
    for (at, op) in [(0x2004, ThLwib::exec as fn(&mut _, &mut _, &_) -> _), (0x1000, ThSdia::exec)] {
        h.set_x(11, at);
        let i = if at == 0x1000 { store } else { load };
        assert!(op(&mut h, &mut m, &i).is_err());
        assert_eq!([h.x(11), h.x(10)], [at, 2]);
    }
}

#[test]
fn pairs_are_loaded_and_stored_as_a_whole() {
    let (mut h, mut m) = machine();
    let ram = m.ram();
    assert_eq!(ThLdd::ex::<false, false>(&mut h, ram, 8, 0, 0, 1), Some(0x8899_aabb_0000_0003));
    assert_eq!(h.second, 0x8899_aabb_0000_0004);
    assert_eq!(ThLwd::slow(&mut h, &mut m, 4, 0, 0, 0), Ok(0xffff_ffff_8899_aabb));
    assert_eq!(h.second, 1);
    // The second half lies on a page that cannot be written, or on none.
    assert_eq!(ThSdd::ex::<false, false>(&mut h, ram, 0xff8, 1, 2, 0), None);
    assert_eq!(ThSdd::slow(&mut h, &mut m, 0xff8, 1, 2, 0), Err(Event::Trap(Cause::StoreAccess)));
    assert_eq!((h.tval, m.load(0xff8, 8)), (0x1000, Ok(0x8899_aabb_0000_01ff)));
    assert_eq!(ThLdd::slow(&mut h, &mut m, 0x1ff8, 0, 0, 0), Err(Event::Trap(Cause::LoadAccess)));
    assert_eq!(h.tval, 0x2000);
    assert_eq!(ThSwd::slow(&mut h, &mut m, 0xff8, 1, 2, 0), Ok(0));
    assert_eq!(m.load(0xff8, 8), Ok(1 << 32 | 2));
}

#[test]
fn equal_registers_are_reserved_for_loads() {
    // th.lbia a0,(a0),0,0; th.lbia a0,(a1),0,0; th.sbia a0,(a0),0,0
    let clashes = |rd, word| clash(rd, Second::Rs1, &insn(word));
    let (x, none) = (crate::ops::File::X, crate::ops::File::None);
    assert_eq!([clashes(x, 0x1805_450b), clashes(x, 0x1805_c50b), clashes(none, 0x1805_550b)], [true, false, false]);
    let (mut h, mut m) = machine();
    // th.ldd a0,a1,(a0); a0,a1,(a1); a0,a0,(a1); a0,a1,(a2)
    for (word, legal) in [(0xf8b5_450b, false), (0xf8b5_c50b, false), (0xf8a5_c50b, false), (0xf8b6_450b, true)] {
        assert_eq!(ThLdd::exec(&mut h, &mut m, &insn(word)).is_ok(), legal, "{word:#x}");
    }
}

#[test]
fn user_mode_may_manage_addresses_only() {
    let (mut h, mut m) = machine();
    let i = insn(0x0010_000b);
    assert_eq!(ThDcacheCall::exec(&mut h, &mut m, &i), Ok(()));
    assert!(ThIpush::exec(&mut h, &mut m, &i).is_err() && ThFmvXHw::exec(&mut h, &mut m, &i).is_err());
    h.set_privilege(Privilege::User);
    assert_eq!(ThDcacheCiva::exec(&mut h, &mut m, &i), Ok(()));
    assert_eq!(ThSyncI::exec(&mut h, &mut m, &i), Ok(()));
    assert!(ThDcacheCall::exec(&mut h, &mut m, &i).is_err() && ThSfenceVmas::exec(&mut h, &mut m, &i).is_err());
}
