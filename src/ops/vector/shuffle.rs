//! Compressing and gathering by the shuffle instructions of x86-64-v3, where those reach: the general kernels in `permute` do
//! the same one element at a time.

#[cfg(target_arch = "x86_64")]
pub(super) use v3::{compress, gather};

#[cfg(not(target_arch = "x86_64"))]
mod none {
    use super::super::{Kernel, Plan};
    use crate::hart::Hart;

    /// This host has none.
    pub(in super::super) fn compress(_: &Plan) -> Option<Kernel> {
        None
    }
    /// This host has none.
    pub(in super::super) fn gather(_: &Hart, _: &Plan) -> Option<Kernel> {
        None
    }
}
#[cfg(not(target_arch = "x86_64"))]
pub(super) use none::{compress, gather};

#[cfg(target_arch = "x86_64")]
mod v3 {
    use core::arch::x86_64::*;

    use super::super::lanes::{each_chunk, tail_from};
    use super::super::mask::active_word;
    use super::super::{Done, Kernel, Plan};
    use crate::hart::{Hart, Plain, Simd, Vector, cast};
    use crate::memory::Memory;

    /// For each set of eight bits, the numbers of those that are set, in order, one in a byte.
    const SET: [u64; 256] = {
        let mut t = [0; 256];
        let mut bits = 0;
        while bits < 256 {
            let (mut bit, mut n) = (0, 0);
            while bit < 8 {
                if bits >> bit & 1 != 0 {
                    t[bits] |= bit << (8 * n);
                    n += 1;
                }
                bit += 1;
            }
            bits += 1;
        }
        t
    };

    /// For each set of four bits, each of them twice.
    const TWICE: [u8; 16] = {
        let mut t = [0; 16];
        let mut bits = 0;
        while bits < 16 {
            t[bits] = (bits & 1 | (bits & 2) << 1 | (bits & 4) << 2 | (bits & 8) << 3) as u8 * 3;
            bits += 1;
        }
        t
    };

    /// The kernel of `vcompress.vm`.
    pub(in super::super) fn compress(p: &Plan) -> Option<Kernel> {
        if p.simd < Simd::V3 {
            return None;
        }
        Some(Kernel::by_hand(match p.sew {
            0 => compress_8,
            1 => compress_16,
            2 => compress_32,
            _ => compress_64,
        }))
    }

    /// Compresses chunks V of N elements, 8 or 4, by a function of the chunk and the bits that select from it.
    ///
    /// Whole chunks are written: they reach no further than N elements behind the result, and those are put back. The chunk of
    /// elements from i on comes to lie at i or lower, so that nothing is overwritten before it is read: VLMAX is a multiple of N,
    /// or there is only one chunk.
    #[inline(always)]
    fn chunks<V: Plain, const N: usize>(v: &mut Vector, p: &Plan, pack: impl Fn(V, usize) -> V) {
        let (vs2, vd, vl) = (p.vs2 as usize, p.vd as usize, v.vl);
        let size = size_of::<V>() / N;
        let mut count = 0;
        for i in (0..vl).step_by(64) {
            count += active_word(v, p, p.vs1, i).count_ones() as usize;
        }
        let behind = v.file.get::<V>(vd + count * size);
        let mut to = vd;
        for i in (0..vl).step_by(64) {
            let mut word = active_word(v, p, p.vs1, i);
            let mut from = vs2 + i * size;
            for _ in 0..(vl - i).min(64).div_ceil(N) {
                let bits = word as usize & ((1 << N) - 1);
                let chunk = pack(v.file.get::<V>(from), bits);
                v.file.set(to, chunk);
                to += bits.count_ones() as usize * size;
                from += size_of::<V>();
                word >>= N;
            }
        }
        v.file.set(vd + count * size, behind);
        tail_from(v, p, count * size);
    }

    /// Defines kernels for hosts with x86-64-v3.
    macro_rules! kernels {
        ($($name:ident |$v:ident, $p:ident| $e:expr;)*) => { $(
            #[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq")]
            fn $name(hart: &mut Hart, _: &mut Memory, $p: &Plan) -> Done {
                let $v = &mut hart.v;
                $e;
                Ok(())
            }
        )* };
    }

    kernels! {
        compress_8 |v, p| chunks::<u64, 8>(v, p, |a, bits| {
            let r = _mm_shuffle_epi8(_mm_cvtsi64_si128(a as i64), _mm_cvtsi64_si128(SET[bits & 255] as i64));
            _mm_cvtsi128_si64(r) as u64
        });
        compress_16 |v, p| chunks::<__m128i, 8>(v, p, |a, bits| {
            // Element k is bytes 2k and 2k + 1.
            let k = _mm_cvtepu8_epi16(_mm_cvtsi64_si128(SET[bits & 255] as i64));
            let bytes = _mm_add_epi16(_mm_mullo_epi16(k, _mm_set1_epi16(0x0202)), _mm_set1_epi16(0x0100));
            _mm_shuffle_epi8(a, bytes)
        });
        compress_32 |v, p| chunks::<__m256i, 8>(v, p, |a, bits| {
            _mm256_permutevar8x32_epi32(a, _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(SET[bits & 255] as i64)))
        });
        compress_64 |v, p| chunks::<__m256i, 4>(v, p, |a, bits| {
            let set = SET[usize::from(TWICE[bits & 15])];
            _mm256_permutevar8x32_epi32(a, _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(set as i64)))
        });
    }

    /// The kernel of `vrgather.vv` for groups that fit a host register.
    pub(in super::super) fn gather(hart: &Hart, p: &Plan) -> Option<Kernel> {
        if p.simd < Simd::V3 || hart.v.vlmax() << p.sew > 32 {
            return None;
        }
        match p.sew {
            0 => Some(Kernel::by_hand(gather_8)),
            2 => Some(Kernel::by_hand(gather_32)),
            _ => None,
        }
    }

    kernels! {
        gather_8 |v, p| {
            let n = _mm256_set1_epi8(v.vlmax() as i8);
            let low = _mm256_broadcastsi128_si256(v.file.get(p.vs2 as usize));
            let high = _mm256_broadcastsi128_si256(v.file.get(p.vs2 as usize + 16));
            each_chunk::<u8, 32>(v, p, |file, i| {
                let k = file.get::<__m256i>(p.vs1 as usize + i);
                // Bit 4 of an index chooses the half, by way of bit 7.
                let (a, b) = (_mm256_shuffle_epi8(low, k), _mm256_shuffle_epi8(high, k));
                let r = _mm256_blendv_epi8(a, b, _mm256_slli_epi16::<3>(k));
                let outside = _mm256_cmpeq_epi8(_mm256_max_epu8(k, n), k);
                cast(_mm256_andnot_si256(outside, r))
            })
        };
        gather_32 |v, p| {
            let n = _mm256_set1_epi32(v.vlmax() as i32);
            let group = v.file.get::<__m256i>(p.vs2 as usize);
            each_chunk::<u32, 8>(v, p, |file, i| {
                let k = file.get::<__m256i>(p.vs1 as usize + 4 * i);
                let outside = _mm256_cmpeq_epi32(_mm256_max_epu32(k, n), k);
                cast(_mm256_andnot_si256(outside, _mm256_permutevar8x32_epi32(group, k)))
            })
        };
    }
}
