//! Zvkg: multiplication in the field of GHASH (NIST SP 800-38D), whose blocks have the coefficient of x^0 in the highest bit of
//! the first byte.

/// Where the coefficient of x^i stands: word and bit of it.
fn place(i: usize) -> (usize, usize) {
    (i / 32, i / 8 % 4 * 8 + 7 - i % 8)
}

/// The coefficients of a block, that of x^i in bit i.
fn polynomial(words: &[u64]) -> u128 {
    (0..128).fold(0, |v, i| {
        let (word, bit) = place(i);
        v | u128::from(words[word] >> bit & 1) << i
    })
}

fn words(polynomial: u128) -> Vec<u64> {
    let mut words = vec![0; 4];
    for i in 0..128 {
        let (word, bit) = place(i);
        words[word] |= ((polynomial >> i & 1) as u64) << bit;
    }
    words
}

/// The product modulo x^128 + x^7 + x^2 + x + 1.
fn product(a: u128, b: u128) -> u128 {
    let (mut power, mut sum) = (b, 0);
    for i in 0..128 {
        if a >> i & 1 == 1 {
            sum ^= power;
        }
        power = power << 1 ^ if power >> 127 == 1 { 0x87 } else { 0 };
    }
    sum
}

pub fn multiply(_: usize, vd: &[u64], vs2: &[u64], _: &[u64], _: u32) -> Vec<u64> {
    words(product(polynomial(vd), polynomial(vs2)))
}

pub fn add_multiply(_: usize, vd: &[u64], vs2: &[u64], vs1: &[u64], _: u32) -> Vec<u64> {
    words(product(polynomial(vd) ^ polynomial(vs1), polynomial(vs2)))
}
