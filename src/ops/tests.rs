use super::*;

#[test]
fn division_corners_follow_the_manual() {
    fn run<S: Semantics>(a: u64, b: u64) -> u64 {
        let mut hart = Hart::new(Default::default(), crate::hart::Clock::virtual_time());
        let mut memory = Memory::new(4096, 4096).unwrap();
        S::slow(&mut hart, &mut memory, a, b, 0, 0).unwrap()
    }
    let min = i64::MIN as u64;
    assert_eq!(run::<Div>(min, u64::MAX), min);
    assert_eq!(run::<Rem>(min, u64::MAX), 0);
    assert_eq!(run::<Div>(5, 0), u64::MAX);
    assert_eq!(run::<Rem>(5, 0), 5);
    assert_eq!(run::<Divw>(0x8000_0000, 0xffff_ffff), 0xffff_ffff_8000_0000);
    assert_eq!(run::<Remuw>(0x8000_0000, 1 << 32), 0xffff_ffff_8000_0000);
    assert_eq!(run::<Mulhsu>(u64::MAX, u64::MAX), u64::MAX);
}
