//! Zvknha and Zvknhb: SHA-256 and SHA-512 (FIPS 180-4), by SEW.

use super::super::lanes::Elem;
use super::super::{Reason, kernel, vector};
use super::{GroupOp, Groups};

/// A word of SHA-2, with its functions (FIPS 180-4, 4.1.2 and 4.1.3).
trait Word: Elem {
    fn sum_0(self) -> Self;
    fn sum_1(self) -> Self;
    fn sigma_0(self) -> Self;
    fn sigma_1(self) -> Self;
    fn choose(self, f: Self, g: Self) -> Self;
    fn majority(self, b: Self, c: Self) -> Self;
    fn plus(self, b: Self) -> Self;
}

macro_rules! word {
    ($t:ty, $a:literal $b:literal $c:literal, $d:literal $e:literal $f:literal,
     $g:literal $h:literal >> $i:literal, $j:literal $k:literal >> $l:literal) => {
        impl Word for $t {
            #[inline(always)]
            fn sum_0(self) -> Self {
                self.rotate_right($a) ^ self.rotate_right($b) ^ self.rotate_right($c)
            }
            #[inline(always)]
            fn sum_1(self) -> Self {
                self.rotate_right($d) ^ self.rotate_right($e) ^ self.rotate_right($f)
            }
            #[inline(always)]
            fn sigma_0(self) -> Self {
                self.rotate_right($g) ^ self.rotate_right($h) ^ self >> $i
            }
            #[inline(always)]
            fn sigma_1(self) -> Self {
                self.rotate_right($j) ^ self.rotate_right($k) ^ self >> $l
            }
            #[inline(always)]
            fn choose(self, f: Self, g: Self) -> Self {
                self & f ^ !self & g
            }
            #[inline(always)]
            fn majority(self, b: Self, c: Self) -> Self {
                self & b ^ self & c ^ b & c
            }
            #[inline(always)]
            fn plus(self, b: Self) -> Self {
                self.wrapping_add(b)
            }
        }
    };
}
word!(u32, 2 13 22, 6 11 25, 7 18 >> 3, 17 19 >> 10);
word!(u64, 28 34 39, 14 18 41, 1 8 >> 7, 19 61 >> 6);

/// Message schedule, four words.
struct Schedule;
impl<T: Word> GroupOp<T, 4> for Schedule {
    const READS_VS1: bool = true;
    #[inline(always)]
    fn of([w0, w1, w2, w3]: [T; 4], [w4, w9, w10, w11]: [T; 4], [w12, _, w14, w15]: [T; 4], _: u32) -> [T; 4] {
        let w16 = w14.sigma_1().plus(w9).plus(w1.sigma_0()).plus(w0);
        let w17 = w15.sigma_1().plus(w10).plus(w2.sigma_0()).plus(w1);
        let w18 = w16.sigma_1().plus(w11).plus(w3.sigma_0()).plus(w2);
        let w19 = w17.sigma_1().plus(w12).plus(w4.sigma_0()).plus(w3);
        [w16, w17, w18, w19]
    }
}

/// Two rounds of compression with the upper or lower two words of vs1.
struct Compress<const HIGH: bool>;
impl<T: Word, const HIGH: bool> GroupOp<T, 4> for Compress<HIGH> {
    const READS_VS1: bool = true;
    #[inline(always)]
    fn of([mut h, mut g, mut d, mut c]: [T; 4], [mut f, mut e, mut b, mut a]: [T; 4], w: [T; 4], _: u32) -> [T; 4] {
        for w in if HIGH { [w[2], w[3]] } else { [w[0], w[1]] } {
            let t = h.plus(e.sum_1()).plus(e.choose(f, g)).plus(w);
            let u = a.sum_0().plus(a.majority(b, c));
            (h, g, f, e) = (g, f, e, d.plus(t));
            (d, c, b, a) = (c, b, a, t.plus(u));
        }
        [f, e, b, a]
    }
}

macro_rules! by_variant {
    ($hart:expr, $p:expr, $op:ty) => {
        match $p.sew {
            2 => Ok(kernel::<Groups<$op, u32, 4, false>>(&$p)),
            3 if $hart.v.config.sha_512 => Ok(kernel::<Groups<$op, u64, 4, false>>(&$p)),
            sew => Err(Reason::Width { bits: 8 << (sew & 7) }),
        }
    };
}

vector! {
    Vsha2msVv |hart, p| by_variant!(hart, p, Schedule);
    Vsha2chVv |hart, p| by_variant!(hart, p, Compress<true>);
    Vsha2clVv |hart, p| by_variant!(hart, p, Compress<false>);
}
