//! Zvkg: multiplication in the field of GHASH (SP 800-38D, 6.3): GF(2^128) by x^128 + x^7 + x^2 + x + 1.

use super::super::lanes::read;
use super::super::{Body, Done, Kernel, Plan, Reason, kernel, vector};
use super::each_group;
use crate::hart::Hart;
use crate::memory::Memory;

/// The order of bits of GHASH, which has the lowest power of x in the highest bit of each byte, and the usual one.
#[inline(always)]
fn brev8(a: u128) -> u128 {
    a.reverse_bits().swap_bytes()
}

#[inline(always)]
fn joined(a: [u32; 4]) -> u128 {
    a.iter().rev().fold(0, |r, e| r << 32 | u128::from(*e))
}

/// vd[g] = (vd[g] ^ vs1[g]) × vs2[g]; ADD: there is a vs1.
#[inline(always)]
fn multiply_groups<const ADD: bool>(hart: &mut Hart, p: &Plan, product: impl Fn(u128, u128) -> u128) -> Done {
    each_group::<u32, 4>(
        hart,
        p,
        #[inline(always)]
        |file, i| {
            let y = joined(read(file, p.vd, i)) ^ if ADD { joined(read(file, p.vs1, i)) } else { 0 };
            let r = brev8(product(brev8(y), brev8(joined(read(file, p.vs2, i)))));
            [r as u32, (r >> 32) as u32, (r >> 64) as u32, (r >> 96) as u32]
        },
    )
}

struct Multiply<const ADD: bool>;

impl<const ADD: bool> Body for Multiply<ADD> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        multiply_groups::<ADD>(
            hart,
            p,
            #[inline(always)]
            |a, b| {
                let (mut r, mut power) = (0, b);
                for bit in 0..128 {
                    r ^= power & (a >> bit & 1).wrapping_neg();
                    power = power << 1 ^ 0x87 & (power >> 127).wrapping_neg();
                }
                r
            },
        )
    }
}

#[cfg(target_arch = "x86_64")]
mod v3 {
    use core::arch::x86_64::*;

    use super::{Done, Hart, Memory, Plan, multiply_groups};

    #[inline]
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq")]
    fn clmul(a: u64, b: u64) -> u128 {
        let r = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(a as i64), _mm_cvtsi64_si128(b as i64));
        u128::from(_mm_cvtsi128_si64(r) as u64) | u128::from(_mm_extract_epi64::<1>(r) as u64) << 64
    }

    #[inline]
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq")]
    fn product(a: u128, b: u128) -> u128 {
        let (a0, a1, b0, b1) = (a as u64, (a >> 64) as u64, b as u64, (b >> 64) as u64);
        let middle = clmul(a0, b1) ^ clmul(a1, b0);
        let low = clmul(a0, b0) ^ middle << 64;
        let high = clmul(a1, b1) ^ middle >> 64;
        // x^128 = x^7 + x^2 + x + 1: 0x87. What that makes of the upper half reaches beyond x^128 once more.
        let fold = clmul((high >> 64) as u64, 0x87);
        low ^ fold << 64 ^ clmul(high as u64 ^ (fold >> 64) as u64, 0x87)
    }

    /// [`super::Multiply`] with the host's carry-less multiplication.
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq")]
    pub(super) fn multiply<const ADD: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        multiply_groups::<ADD>(hart, p, |a, b| product(a, b))
    }
}

fn select<const ADD: bool>(p: &Plan) -> Result<Kernel, Reason> {
    match p.sew {
        #[cfg(target_arch = "x86_64")]
        2 if p.simd >= crate::hart::Simd::V3 => Ok(Kernel::by_hand(v3::multiply::<ADD>)),
        2 => Ok(kernel::<Multiply<ADD>>(p)),
        sew => Err(Reason::Width { bits: 8 << (sew & 7) }),
    }
}

vector! {
    VghshVv |hart, p| select::<true>(&p);
    VgmulVv |hart, p| select::<false>(&p);
}
