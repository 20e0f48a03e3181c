//! Sums of products, one element of the result at a time. Both versions add up alike.

use super::numbers::{self, Format, NV, Number};
use super::state::{Accumulation, integer};

/// Formats of the factors and of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formats {
    pub from: Format,
    pub to: Format,
}

/// `c` plus the sum of products, and flags. No products leave `c` as it is.
pub fn float(f: Formats, how: Accumulation, c: u64, factors: &[(u64, u64)], mode: u64) -> (u64, u64) {
    if factors.is_empty() {
        return (c, 0);
    }
    match how {
        Accumulation::Vendor => {
            let (s, flags) = chain(f, 0, factors, mode);
            let (c, more) = numbers::add(f.to, c, s, mode);
            (c, flags | more)
        }
        Accumulation::Chain => chain(f, c, factors, mode),
        Accumulation::Exact => exact(f, c, factors, mode),
    }
}

fn chain(f: Formats, start: u64, factors: &[(u64, u64)], mode: u64) -> (u64, u64) {
    let (mut s, mut flags) = (start, 0);
    for (a, b) in factors {
        // Into wider formats this is exact.
        let (a, first) = numbers::convert(f.from, f.to, *a, mode, false);
        let (b, second) = numbers::convert(f.from, f.to, *b, mode, false);
        let (sum, third) = numbers::fma(f.to, a, b, s, mode);
        s = sum;
        flags |= first | second | third;
    }
    (s, flags)
}

/// Any NaN makes the result one. Invalid are signaling NaNs, infinity times zero, and infinities of both signs among what is added
/// (choice: also if there are NaNs besides).
fn exact(f: Formats, c: u64, factors: &[(u64, u64)], mode: u64) -> (u64, u64) {
    let (c, signaling) = f.to.read(c);
    let mut flags = if signaling { NV } else { 0 };
    let mut terms = vec![c];
    for (a, b) in factors {
        let ((a, first), (b, second)) = (f.from.read(*a), f.from.read(*b));
        let (term, invalid) = numbers::product(&a, &b);
        flags |= invalid | if first || second { NV } else { 0 };
        terms.push(term);
    }
    let has = |sign: bool| terms.iter().any(|t| matches!(t, Number::Infinity { negative } if *negative == sign));
    if has(false) && has(true) {
        flags |= NV;
    }
    let first = terms[0].clone();
    let sum = terms[1..].iter().fold(first, |sum, term| numbers::total(&sum, term, mode).0);
    let (bits, more) = numbers::round(&sum, f.to, mode, false);
    (bits, flags | more)
}

/// Widths and signs of integer factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integers {
    pub a: (usize, bool),
    pub b: (usize, bool),
}

/// The exact sum of products.
pub fn integers(f: Integers, factors: &[(u64, u64)]) -> i128 {
    factors.iter().map(|(a, b)| integer(*a, f.a.0, f.a.1) * integer(*b, f.b.0, f.b.1)).sum()
}
