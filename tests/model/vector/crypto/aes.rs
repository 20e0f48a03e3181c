//! Zvkned: AES (FIPS 197). A state is 16 bytes; byte `r + 4c` is row r of column c. The S-box is computed, not listed.

use std::sync::LazyLock;

/// A field element times x, modulo x^8 + x^4 + x^3 + x + 1.
fn times_x(v: u8) -> u8 {
    v << 1 ^ if v & 0x80 != 0 { 0x1b } else { 0 }
}

fn multiply(a: u8, b: u8) -> u8 {
    let (mut power, mut sum) = (a, 0);
    for i in 0..8 {
        if b >> i & 1 == 1 {
            sum ^= power;
        }
        power = times_x(power);
    }
    sum
}

/// FIPS 197, 5.1.1: the multiplicative inverse (0 for 0), then an affine transformation.
static SUBSTITUTES: LazyLock<[u8; 256]> = LazyLock::new(|| {
    std::array::from_fn(|v| {
        let inverse = (0..=255u8).find(|w| multiply(v as u8, *w) == 1).unwrap_or(0);
        (0..5).fold(0x63, |sum, n| sum ^ inverse.rotate_left(n))
    })
});

fn sub_byte(v: u8) -> u8 {
    SUBSTITUTES[usize::from(v)]
}

fn inverse_sub_byte(v: u8) -> u8 {
    SUBSTITUTES.iter().position(|w| *w == v).map_or(0, |n| n as u8)
}

type State = [u8; 16];

fn state(words: &[u64]) -> State {
    std::array::from_fn(|i| (words[i / 4] >> (i % 4 * 8)) as u8)
}

fn words(state: State) -> Vec<u64> {
    state.chunks(4).map(|column| column.iter().rev().fold(0, |v, byte| v << 8 | u64::from(*byte))).collect()
}

fn add(a: State, b: State) -> State {
    std::array::from_fn(|i| a[i] ^ b[i])
}

/// SubBytes and ShiftRows: row r moves r columns to the left.
fn sub_and_shift(s: State) -> State {
    std::array::from_fn(|i| sub_byte(s[(i + i % 4 * 4) % 16]))
}

fn inverse_sub_and_shift(s: State) -> State {
    std::array::from_fn(|i| inverse_sub_byte(s[(i + 16 - i % 4 * 4) % 16]))
}

/// Each column as a polynomial times a fixed one: row r of the result is the sum of `factors[(k - r) mod 4] * row k`.
fn mix(s: State, factors: [u8; 4]) -> State {
    std::array::from_fn(|i| (0..4).fold(0, |sum, k| sum ^ multiply(factors[(4 + k - i % 4) % 4], s[i / 4 * 4 + k])))
}

fn mix_columns(s: State) -> State {
    mix(s, [2, 3, 1, 1])
}

fn inverse_mix_columns(s: State) -> State {
    mix(s, [14, 11, 13, 9])
}

pub fn encrypt_final(_: usize, vd: &[u64], key: &[u64], _: &[u64], _: u32) -> Vec<u64> {
    words(add(sub_and_shift(state(vd)), state(key)))
}

pub fn encrypt_middle(_: usize, vd: &[u64], key: &[u64], _: &[u64], _: u32) -> Vec<u64> {
    words(add(mix_columns(sub_and_shift(state(vd))), state(key)))
}

pub fn decrypt_final(_: usize, vd: &[u64], key: &[u64], _: &[u64], _: u32) -> Vec<u64> {
    words(add(inverse_sub_and_shift(state(vd)), state(key)))
}

pub fn decrypt_middle(_: usize, vd: &[u64], key: &[u64], _: &[u64], _: u32) -> Vec<u64> {
    words(inverse_mix_columns(add(inverse_sub_and_shift(state(vd)), state(key))))
}

pub fn round_zero(_: usize, vd: &[u64], key: &[u64], _: &[u64], _: u32) -> Vec<u64> {
    words(add(state(vd), state(key)))
}

/// FIPS 197, 5.2: SubWord.
fn sub_word(word: u64) -> u64 {
    (0..4).fold(0, |v, i| v | u64::from(sub_byte((word >> (8 * i)) as u8)) << (8 * i))
}

/// RotWord: the first byte of a word, which is its least significant one here, becomes the last.
fn rot_word(word: u64) -> u64 {
    u64::from((word as u32).rotate_right(8))
}

/// The constant of round `n` (1 to 10): x^(n-1).
fn round_constant(n: u32) -> u64 {
    u64::from((1..n).fold(1, |v, _| times_x(v)))
}

/// Four words: each is the one before it (for the first: `first`) plus that of `previous` in its place.
fn chain(previous: &[u64], first: u64) -> Vec<u64> {
    let mut last = first;
    previous
        .iter()
        .map(|word| {
            last ^= word;
            last
        })
        .collect()
}

pub fn key_schedule_128(_: usize, _: &[u64], current: &[u64], _: &[u64], uimm: u32) -> Vec<u64> {
    // "The out-of-range values of 0 and 11-15 are mapped to in-range values by inverting uimm[3]."
    let round = match uimm & 15 {
        n @ (0 | 11..) => n ^ 8,
        n => n,
    };
    chain(current, sub_word(rot_word(current[3])) ^ round_constant(round))
}

pub fn key_schedule_256(_: usize, previous: &[u64], current: &[u64], _: &[u64], uimm: u32) -> Vec<u64> {
    let round = match uimm & 15 {
        n @ (0 | 1 | 15) => n ^ 8,
        n => n,
    };
    let first =
        if round % 2 == 1 { sub_word(current[3]) } else { sub_word(rot_word(current[3])) ^ round_constant(round / 2) };
    chain(previous, first)
}
