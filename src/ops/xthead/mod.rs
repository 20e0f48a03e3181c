//! T-Head's scalar extensions: XTheadBa, Bb, Bs, CondMov and Mac here, memory and system instructions below (T-Head's ISA
//! extension specification, the chapters of these names).

mod memory;
mod system;

pub(crate) use memory::*;
pub(crate) use system::*;

use super::alu;
use super::integer::sx;
use crate::hart::{Event, Hart};
use crate::memory::{Memory, Ram};

/// How far up bit `msb` must be moved to become the highest, and down again for bit `lsb` to become the lowest; `None` if
/// `msb` < `lsb`. The immediate holds both.
#[inline(always)]
fn field(imm: i64) -> Option<(u32, u32)> {
    let (msb, lsb) = ((imm >> 6 & 63) as u32, (imm & 63) as u32);
    (msb >= lsb).then(|| (63 - msb, 63 - msb + lsb))
}

/// All ones in each byte that is zero.
#[inline(always)]
fn zero_bytes(a: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let top = !(((a & LOW) + LOW) | a) & !LOW;
    (top >> 7) * 0xff
}

/// The product of the low words or halfwords, as signed numbers.
#[inline(always)]
fn product16(a: u64, b: u64) -> u32 {
    (a as i16 as i32).wrapping_mul(b as i16 as i32) as u32
}

alu! {
    // XTheadBa: the second source is shifted.
    rri ThAddsl |a, b, i| a.wrapping_add(b << (i & 3));

    // XTheadBb. Where msb < lsb the specification is silent; rd is left alone, as on QEMU.
    rid ThExt |a, i, d| field(i).map_or(d, |(up, down)| ((a << up) as i64 >> down) as u64);
    rid ThExtu |a, i, d| field(i).map_or(d, |(up, down)| a << up >> down);
    ri ThSrri |a, i| a.rotate_right(i as u32 & 63);
    ri ThSrriw |a, i| sx((a as u32).rotate_right(i as u32 & 31));
    // Indices count from the highest bit on: that of the first zero or one, 64 if there is none.
    r ThFf0 |a| u64::from(a.leading_ones());
    r ThFf1 |a| u64::from(a.leading_zeros());
    r ThRev |a| a.swap_bytes();
    r ThRevw |a| sx((a as u32).swap_bytes());
    r ThTstnbz |a| zero_bytes(a);

    // XTheadBs
    ri ThTst |a, i| a >> (i & 63) & 1;

    // XTheadCondMov
    rrd ThMveqz |a, b, d| if b == 0 { a } else { d };
    rrd ThMvnez |a, b, d| if b != 0 { a } else { d };

    // XTheadMac: the narrow ones add up in 32 bits.
    rrd ThMula |a, b, d| d.wrapping_add(a.wrapping_mul(b));
    rrd ThMuls |a, b, d| d.wrapping_sub(a.wrapping_mul(b));
    rrd ThMulaw |a, b, d| sx((d as u32).wrapping_add((a as u32).wrapping_mul(b as u32)));
    rrd ThMulsw |a, b, d| sx((d as u32).wrapping_sub((a as u32).wrapping_mul(b as u32)));
    rrd ThMulah |a, b, d| sx((d as u32).wrapping_add(product16(a, b)));
    rrd ThMulsh |a, b, d| sx((d as u32).wrapping_sub(product16(a, b)));
}

#[cfg(test)]
mod tests;
