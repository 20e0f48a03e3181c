//! Zvksh and Zvksed: SM3 (GB/T 32905) and SM4 (GB/T 32907).

use super::super::vector;
use super::{GroupOp, of_32};

/// SM3: two rounds of compression; the immediate is half the first one's number.
struct Sm3Compress;
impl GroupOp<u32, 8> for Sm3Compress {
    #[inline(always)]
    fn of(state: [u32; 8], words: [u32; 8], _: [u32; 8], imm: u32) -> [u32; 8] {
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state.map(u32::swap_bytes);
        let w = words.map(u32::swap_bytes);
        let early = imm < 8;
        let t = if early { 0x79cc_4519u32 } else { 0x7a87_9d8a };
        for k in 0..2 {
            let round = 2 * imm + k as u32;
            let ss1 = a.rotate_left(12).wrapping_add(e).wrapping_add(t.rotate_left(round % 32)).rotate_left(7);
            let ss2 = ss1 ^ a.rotate_left(12);
            let ff = if early { a ^ b ^ c } else { a & b | a & c | b & c };
            let gg = if early { e ^ f ^ g } else { e & f | !e & g };
            let tt1 = ff.wrapping_add(d).wrapping_add(ss2).wrapping_add(w[k] ^ w[k + 4]);
            let tt2 = gg.wrapping_add(h).wrapping_add(ss1).wrapping_add(w[k]);
            (d, c, b, a) = (c, b.rotate_left(9), a, tt1);
            (h, g, f, e) = (g, f.rotate_left(19), e, tt2 ^ tt2.rotate_left(9) ^ tt2.rotate_left(17));
        }
        [a, b, c, d, e, f, g, h].map(u32::swap_bytes)
    }
}

/// SM3: eight words of message expansion.
struct Sm3Expand;
impl GroupOp<u32, 8> for Sm3Expand {
    const READS_VS1: bool = true;
    #[inline(always)]
    fn of(_: [u32; 8], late: [u32; 8], early: [u32; 8], _: u32) -> [u32; 8] {
        let mut w = [0; 24];
        w[..8].copy_from_slice(&early.map(u32::swap_bytes));
        w[8..16].copy_from_slice(&late.map(u32::swap_bytes));
        for k in 16..24 {
            let x = w[k - 16] ^ w[k - 9] ^ w[k - 3].rotate_left(15);
            let p = x ^ x.rotate_left(15) ^ x.rotate_left(23);
            w[k] = p ^ w[k - 13].rotate_left(7) ^ w[k - 6];
        }
        core::array::from_fn(|k| w[16 + k].swap_bytes())
    }
}

/// The S-box of SM4.
#[rustfmt::skip]
const SBOX: [u8; 256] = [
    0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05,
    0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99,
    0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
    0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6,
    0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8,
    0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
    0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87,
    0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e,
    0xea, 0xbf, 0x8a, 0xd2, 0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
    0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3,
    0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f,
    0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
    0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8,
    0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0,
    0x89, 0x69, 0x97, 0x4a, 0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
    0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48,
];

/// Four steps of SM4: each brings together the last three words and a key, and adds that, substituted and spread, to the word
/// before them.
#[inline(always)]
fn sm4(mut x: [u32; 4], keys: [u32; 4], spread: impl Fn(u32) -> u32) -> [u32; 4] {
    for k in 0..4 {
        let sum = x[(k + 1) % 4] ^ x[(k + 2) % 4] ^ x[(k + 3) % 4] ^ keys[k];
        x[k] ^= spread(u32::from_le_bytes(sum.to_le_bytes().map(|b| SBOX[b as usize])));
    }
    x
}

/// SM4: four rounds of the cipher.
struct Sm4Rounds;
impl GroupOp<u32, 4> for Sm4Rounds {
    #[inline(always)]
    fn of(state: [u32; 4], keys: [u32; 4], _: [u32; 4], _: u32) -> [u32; 4] {
        sm4(state, keys, |s| s ^ s.rotate_left(2) ^ s.rotate_left(10) ^ s.rotate_left(18) ^ s.rotate_left(24))
    }
}

/// SM4: the next four round keys.
struct Sm4Keys;
impl GroupOp<u32, 4> for Sm4Keys {
    #[inline(always)]
    fn of(_: [u32; 4], keys: [u32; 4], _: [u32; 4], imm: u32) -> [u32; 4] {
        // Byte n of the constants, counted from the highest of the first, is 7n.
        let first = (imm & 7) * 16;
        let constant = |k: u32| u32::from_be_bytes([0, 1, 2, 3].map(|n| (7 * (first + 4 * k + n)) as u8));
        sm4(keys, [0, 1, 2, 3].map(constant), |s| s ^ s.rotate_left(13) ^ s.rotate_left(23))
    }
}

vector! {
    Vsm3cVi |hart, p| of_32!(p, Sm3Compress, 8);
    Vsm3meVv |hart, p| of_32!(p, Sm3Expand, 8);
    Vsm4kVi |hart, p| of_32!(p, Sm4Keys, 4);
    Vsm4rVv |hart, p| of_32!(p, Sm4Rounds, 4);
    Vsm4rVs |hart, p| of_32!(p, Sm4Rounds, 4, true);
}
