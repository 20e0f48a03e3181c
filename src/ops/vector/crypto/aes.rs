//! Zvkned: rounds and key schedule of AES (FIPS 197). A column of the state is a 32-bit element, its row 0 in the lowest byte.

use super::super::vector;
use super::{GroupOp, of_32};

/// The S-box: inverse in GF(2^8), then an affine map (FIPS 197, 5.1.1).
const SBOX: [u8; 256] = {
    let mut t = [0x63; 256];
    // p runs through the powers of a generator, q through those of its inverse.
    let (mut p, mut q) = (1u8, 1u8);
    loop {
        p = p ^ p << 1 ^ if p & 0x80 != 0 { 0x1b } else { 0 };
        q ^= q << 1;
        q ^= q << 2;
        q ^= q << 4;
        q ^= if q & 0x80 != 0 { 0x09 } else { 0 };
        t[p as usize] = 0x63 ^ q ^ q.rotate_left(1) ^ q.rotate_left(2) ^ q.rotate_left(3) ^ q.rotate_left(4);
        if p == 1 {
            break t;
        }
    }
};

/// The inverse S-box.
const INVERSE: [u8; 256] = {
    let mut t = [0; 256];
    let mut i = 0;
    while i < 256 {
        t[SBOX[i] as usize] = i as u8;
        i += 1;
    }
    t
};

/// Each byte of a word through a table.
#[inline(always)]
fn substitute(table: &[u8; 256], x: u32) -> u32 {
    u32::from_le_bytes(x.to_le_bytes().map(|b| table[b as usize]))
}

/// ShiftRows, then SubBytes.
#[inline(always)]
fn shift_and_substitute(s: [u32; 4]) -> [u32; 4] {
    columns(|c| substitute(&SBOX, rows(s[c], s[(c + 1) % 4], s[(c + 2) % 4], s[(c + 3) % 4])))
}

/// InvShiftRows, then InvSubBytes.
#[inline(always)]
fn shift_and_substitute_back(s: [u32; 4]) -> [u32; 4] {
    columns(|c| substitute(&INVERSE, rows(s[c], s[(c + 3) % 4], s[(c + 2) % 4], s[(c + 1) % 4])))
}

/// The column that takes rows 0 to 3 from four columns.
#[inline(always)]
fn rows(a: u32, b: u32, c: u32, d: u32) -> u32 {
    a & 0xff | b & 0xff00 | c & 0xff_0000 | d & 0xff00_0000
}

/// Four columns by a function of their numbers.
#[inline(always)]
fn columns(f: impl Fn(usize) -> u32) -> [u32; 4] {
    [f(0), f(1), f(2), f(3)]
}

/// Each byte times x in GF(2^8).
#[inline(always)]
fn times_x(a: u32) -> u32 {
    ((a & 0x7f7f_7f7f) << 1) ^ ((a >> 7 & 0x0101_0101) * 0x1b)
}

/// MixColumns on one column.
#[inline(always)]
fn mix(a: u32) -> u32 {
    let next = a.rotate_right(8);
    times_x(a ^ next) ^ next ^ a.rotate_right(16) ^ a.rotate_right(24)
}

/// InvMixColumns on one column: its matrix is that of MixColumns times (5, 0, 4, 0).
#[inline(always)]
fn mix_back(a: u32) -> u32 {
    mix(a ^ times_x(times_x(a ^ a.rotate_right(16))))
}

#[inline(always)]
fn xor(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    columns(|c| a[c] ^ b[c])
}

/// Round constant number `n`, from 0.
#[inline(always)]
fn round_constant(n: u32) -> u32 {
    [1, 2, 4, 8, 16, 32, 64, 128, 0x1b, 0x36].get(n as usize).copied().unwrap_or(0)
}

/// The next round key: its first word by `first`, the others by the word before and that of `old`.
#[inline(always)]
fn next_key(first: u32, old: [u32; 4]) -> [u32; 4] {
    let a = first ^ old[0];
    let b = a ^ old[1];
    let c = b ^ old[2];
    [a, b, c, c ^ old[3]]
}

/// Defines operations of the state (or the previous round key) in vd, the (current) round key in vs2, and an immediate.
macro_rules! rounds {
    ($($op:ident |$state:ident, $key:ident, $imm:ident| $e:expr;)*) => { $(
        struct $op;
        impl GroupOp<u32, 4> for $op {
            #[inline(always)]
            fn of($state: [u32; 4], $key: [u32; 4], _: [u32; 4], $imm: u32) -> [u32; 4] { $e }
        }
    )* };
}

rounds! {
    EncryptMiddle |state, key, _imm| xor(shift_and_substitute(state).map(mix), key);
    EncryptFinal |state, key, _imm| xor(shift_and_substitute(state), key);
    DecryptMiddle |state, key, _imm| xor(shift_and_substitute_back(state), key).map(mix_back);
    DecryptFinal |state, key, _imm| xor(shift_and_substitute_back(state), key);
    AddKey |state, key, _imm| xor(state, key);
    Key128 |_state, key, imm| {
        // Rounds are 1 to 10; others stand for those with bit 3 inverted.
        let round = if matches!(imm & 15, 1..=10) { imm & 15 } else { imm & 15 ^ 8 };
        next_key(substitute(&SBOX, key[3].rotate_right(8)) ^ round_constant(round - 1), key)
    };
    Key256 |previous, key, imm| {
        let round = if matches!(imm & 15, 2..=14) { imm & 15 } else { imm & 15 ^ 8 };
        let first = match round & 1 {
            0 => substitute(&SBOX, key[3].rotate_right(8)) ^ round_constant(round / 2 - 1),
            _ => substitute(&SBOX, key[3]),
        };
        next_key(first, previous)
    };
}

vector! {
    VaesemVv |hart, p| of_32!(p, EncryptMiddle, 4);
    VaesemVs |hart, p| of_32!(p, EncryptMiddle, 4, true);
    VaesefVv |hart, p| of_32!(p, EncryptFinal, 4);
    VaesefVs |hart, p| of_32!(p, EncryptFinal, 4, true);
    VaesdmVv |hart, p| of_32!(p, DecryptMiddle, 4);
    VaesdmVs |hart, p| of_32!(p, DecryptMiddle, 4, true);
    VaesdfVv |hart, p| of_32!(p, DecryptFinal, 4);
    VaesdfVs |hart, p| of_32!(p, DecryptFinal, 4, true);
    VaeszVs |hart, p| of_32!(p, AddKey, 4, true);
    Vaeskf1Vi |hart, p| of_32!(p, Key128, 4);
    Vaeskf2Vi |hart, p| of_32!(p, Key256, 4);
}
