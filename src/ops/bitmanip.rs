//! Bit manipulation and conditional zeroing: Zba, Zbb, Zbs, Zbc, Zbkb, Zbkx and Zicond (Unprivileged manual, the chapters
//! "B" and "Zicond").

use super::alu;
use super::integer::sx;
use crate::hart::{Event, Hart};
use crate::memory::{Memory, Ram};

/// The low word, zero-extended.
#[inline(always)]
fn uw(v: u64) -> u64 {
    v as u32 as u64
}

/// The carry-less product of two 64-bit polynomials over GF(2).
fn carryless(a: u64, b: u64) -> u128 {
    let (mut product, mut rest) = (0, b);
    while rest != 0 {
        product ^= (a as u128) << rest.trailing_zeros();
        rest &= rest - 1;
    }
    product
}

/// Looks each `BITS`-wide element of `index` up in `table`; an index beyond its last element gives zero.
fn crossbar<const BITS: u32>(table: u64, index: u64) -> u64 {
    let mask = (1 << BITS) - 1;
    let mut result = 0;
    for at in (0..64).step_by(BITS as usize) {
        let from = (index >> at & mask) * BITS as u64;
        if from < 64 {
            result |= (table >> from & mask) << at;
        }
    }
    result
}

/// All ones in each byte that is not zero.
#[inline(always)]
fn or_combine(a: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let top = (((a & LOW) + LOW) | a) & !LOW;
    (top >> 7) * 0xff
}

alu! {
    // Zba
    rr AddUw |a, b| b.wrapping_add(uw(a));
    rr Sh1add |a, b| b.wrapping_add(a << 1);
    rr Sh2add |a, b| b.wrapping_add(a << 2);
    rr Sh3add |a, b| b.wrapping_add(a << 3);
    rr Sh1addUw |a, b| b.wrapping_add(uw(a) << 1);
    rr Sh2addUw |a, b| b.wrapping_add(uw(a) << 2);
    rr Sh3addUw |a, b| b.wrapping_add(uw(a) << 3);
    ri SlliUw |a, i| uw(a) << (i & 63);

    // Zbb
    rr Andn |a, b| a & !b;
    rr Orn |a, b| a | !b;
    rr Xnor |a, b| !(a ^ b);
    r Clz |a| a.leading_zeros() as u64;
    r Ctz |a| a.trailing_zeros() as u64;
    r Cpop |a| a.count_ones() as u64;
    r Clzw |a| (a as u32).leading_zeros() as u64;
    r Ctzw |a| (a as u32).trailing_zeros() as u64;
    r Cpopw |a| (a as u32).count_ones() as u64;
    rr Max |a, b| (a as i64).max(b as i64) as u64;
    rr Maxu |a, b| a.max(b);
    rr Min |a, b| (a as i64).min(b as i64) as u64;
    rr Minu |a, b| a.min(b);
    r SextB |a| a as i8 as u64;
    r SextH |a| a as i16 as u64;
    rr Rol |a, b| a.rotate_left(b as u32 & 63);
    rr Ror |a, b| a.rotate_right(b as u32 & 63);
    ri Rori |a, i| a.rotate_right(i as u32 & 63);
    rr Rolw |a, b| sx((a as u32).rotate_left(b as u32 & 31));
    rr Rorw |a, b| sx((a as u32).rotate_right(b as u32 & 31));
    ri Roriw |a, i| sx((a as u32).rotate_right(i as u32 & 31));
    r OrcB |a| or_combine(a);
    r Rev8 |a| a.swap_bytes();

    // Zbs
    rr Bclr |a, b| a & !(1 << (b & 63));
    rr Bext |a, b| a >> (b & 63) & 1;
    rr Binv |a, b| a ^ 1 << (b & 63);
    rr Bset |a, b| a | 1 << (b & 63);
    ri Bclri |a, i| a & !(1 << (i & 63));
    ri Bexti |a, i| a >> (i & 63) & 1;
    ri Binvi |a, i| a ^ 1 << (i & 63);
    ri Bseti |a, i| a | 1 << (i & 63);

    // Zbc
    rr Clmul |a, b| carryless(a, b) as u64;
    rr Clmulh |a, b| (carryless(a, b) >> 64) as u64;
    rr Clmulr |a, b| (carryless(a, b) >> 63) as u64;

    // Zbkb
    rr Pack |a, b| uw(a) | b << 32;
    rr Packh |a, b| a & 0xff | (b & 0xff) << 8;
    rr Packw |a, b| sx(a as u32 & 0xffff | (b as u32) << 16);
    r Brev8 |a| a.reverse_bits().swap_bytes();

    // Zbkx
    rr Xperm4 |a, b| crossbar::<4>(a, b);
    rr Xperm8 |a, b| crossbar::<8>(a, b);

    // Zicond
    rr CzeroEqz |a, b| if b == 0 { 0 } else { a };
    rr CzeroNez |a, b| if b != 0 { 0 } else { a };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Semantics;
    use crate::ops::tests::run;

    #[test]
    fn uw_forms_zero_extend_their_first_source() {
        let a = 0xffff_ffff_8000_0001;
        assert_eq!(run::<AddUw>(a, 1), 0x8000_0002);
        assert_eq!(run::<Sh3addUw>(a, u64::MAX), 0x4_0000_0007);
        assert_eq!(run::<Sh3add>(a, 0), 0xffff_fffc_0000_0008);
    }

    #[test]
    fn counts_of_zero_give_the_width() {
        assert_eq!([run::<Clz>(0, 0), run::<Ctz>(0, 0), run::<Cpop>(0, 0)], [64, 64, 0]);
        let high = 0xffff_ffff_0000_0000;
        assert_eq!([run::<Clzw>(high, 0), run::<Ctzw>(high, 0), run::<Cpopw>(high, 0)], [32, 32, 0]);
    }

    #[test]
    fn word_rotates_sign_extend() {
        assert_eq!(run::<Rolw>(0x4000_0000, 1), 0xffff_ffff_8000_0000);
        assert_eq!(run::<Rorw>(1, 33), 0xffff_ffff_8000_0000);
        assert_eq!(run::<Rol>(1 << 63, 65), 1);
        assert_eq!(run::<Ror>(1, 64), 1);
    }

    #[test]
    fn bytes_are_combined_reversed_and_packed() {
        assert_eq!(run::<OrcB>(0x0100_8000_0010_00ff, 0), 0xff00_ff00_00ff_00ff);
        assert_eq!(run::<Brev8>(0x0180_0000_0000_0003, 0), 0x8001_0000_0000_00c0);
        assert_eq!(run::<Pack>(0xffff_ffff_0000_0001, 0xaaaa_aaaa_0000_0002), 0x2_0000_0001);
        assert_eq!(run::<Packh>(0x1234, 0x5678), 0x7834);
        assert_eq!(run::<Packw>(0x11111, 0x2_8000), 0xffff_ffff_8000_1111);
    }

    #[test]
    fn carryless_products_match_a_bitwise_definition() {
        let (a, b) = (0x9e37_79b9_7f4a_7c15u64, 0xbf58_476d_1ce4_e5b9u64);
        let slow = (0..64).filter(|i| b >> i & 1 != 0).fold(0u128, |p, i| p ^ (a as u128) << i);
        assert_eq!(run::<Clmul>(a, b), slow as u64);
        assert_eq!(run::<Clmulh>(a, b), (slow >> 64) as u64);
        assert_eq!(run::<Clmulr>(a, b), (slow >> 63) as u64);
        assert_eq!(run::<Clmulh>(u64::MAX, u64::MAX), 0x5555_5555_5555_5555);
    }

    #[test]
    fn crossbar_indices_beyond_the_table_give_zero() {
        let table = 0x8877_6655_4433_2211;
        assert_eq!(run::<Xperm8>(table, 0x0007_0800_ff01_0203), 0x1188_0011_0022_3344);
        assert_eq!(run::<Xperm4>(0xfedc_ba98_7654_3210, 0x0123_4567_89ab_cdef), 0x0123_4567_89ab_cdef);
    }

    #[test]
    fn fast_and_slow_paths_are_the_same() {
        let mut memory = Memory::new(4096, 4096).unwrap();
        let mut hart = Hart::new(Default::default(), crate::hart::Clock::virtual_time());
        let ram = memory.ram();
        assert_eq!(CzeroEqz::ex::<false, false>(&mut hart, ram, 5, 0, 0, 0), Some(run::<CzeroEqz>(5, 0)));
        assert_eq!(CzeroNez::ex::<false, false>(&mut hart, ram, 5, 0, 0, 0), Some(run::<CzeroNez>(5, 0)));
        assert_eq!([run::<CzeroEqz>(5, 0), run::<CzeroEqz>(5, 9)], [0, 5]);
        assert_eq!([run::<CzeroNez>(5, 0), run::<CzeroNez>(5, 9)], [5, 0]);
    }
}
