//! Numbers without limits: a sign, as many binary digits as it takes, and a power of two.

use std::cmp::Ordering;

/// `± digits * 2^scale`; the digits in words of 64 bits, lowest first. Zero has a sign, too.
#[derive(Clone, Debug)]
pub struct Exact {
    pub negative: bool,
    digits: Vec<u64>,
    scale: i64,
}

impl Exact {
    pub fn new(negative: bool, digits: u64, scale: i64) -> Exact {
        Exact { negative, digits: vec![digits], scale }.trimmed()
    }

    pub fn of_integer(v: i128) -> Exact {
        let size = v.unsigned_abs();
        Exact { negative: v < 0, digits: vec![size as u64, (size >> 64) as u64], scale: 0 }.trimmed()
    }

    fn trimmed(mut self) -> Exact {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        self
    }

    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub fn negated(mut self) -> Exact {
        self.negative = !self.negative;
        self
    }

    /// Digits from the highest one on.
    fn length(&self) -> i64 {
        self.digits.last().map_or(0, |top| self.digits.len() as i64 * 64 - i64::from(top.leading_zeros()))
    }

    /// The power of two of its highest digit; it must not be zero.
    pub fn exponent(&self) -> i64 {
        self.scale + self.length() - 1
    }

    fn word(&self, n: i64) -> u64 {
        usize::try_from(n).ok().and_then(|n| self.digits.get(n)).copied().unwrap_or(0)
    }

    /// 64 digits from the `n`th on.
    fn window(&self, n: i64) -> u64 {
        let (word, skip) = (n.div_euclid(64), n.rem_euclid(64));
        let wide = u128::from(self.word(word + 1)) << 64 | u128::from(self.word(word));
        (wide >> skip) as u64
    }

    /// Whether there is a one below the `n`th digit.
    fn any_below(&self, n: i64) -> bool {
        n > 0 && ((0..n / 64).any(|word| self.word(word) != 0) || self.word(n / 64) & ((1 << (n % 64)) - 1) != 0)
    }

    /// The size in units of `2^unit`, without its fraction, and how that fraction compares with zero and with a half. What is left
    /// must fit.
    pub fn in_units(&self, unit: i64) -> (u64, bool, Ordering) {
        let cut = unit - self.scale;
        assert!(self.length() - cut <= 64, "{self:?} has no 64 digits above {unit}");
        let half = match (self.window(cut - 1) & 1, self.any_below(cut - 1)) {
            (1, false) => Ordering::Equal,
            (1, true) => Ordering::Greater,
            _ => Ordering::Less,
        };
        (self.window(cut), self.any_below(cut), half)
    }

    /// The same number on a smaller scale.
    fn at_scale(&self, scale: i64) -> Vec<u64> {
        let up = (self.scale - scale) as usize;
        let mut out = vec![0; up / 64];
        let mut carry = 0;
        for word in &self.digits {
            let wide = u128::from(*word) << (up % 64);
            out.push(wide as u64 | carry);
            carry = (wide >> 64) as u64;
        }
        out.push(carry);
        out
    }

    pub fn times(&self, other: &Exact) -> Exact {
        let mut digits = vec![0u64; self.digits.len() + other.digits.len()];
        for (i, a) in self.digits.iter().enumerate() {
            let mut carry = 0u128;
            for (j, b) in other.digits.iter().enumerate() {
                let sum = u128::from(*a) * u128::from(*b) + u128::from(digits[i + j]) + carry;
                digits[i + j] = sum as u64;
                carry = sum >> 64;
            }
            digits[i + other.digits.len()] = carry as u64;
        }
        Exact { negative: self.negative != other.negative, digits, scale: self.scale + other.scale }.trimmed()
    }

    /// The sum. Zero as the sum of two numbers is `negative` if they differ in sign, or else has the sign of both.
    pub fn plus(&self, other: &Exact, negative: bool) -> Exact {
        let scale = match (self.is_zero(), other.is_zero()) {
            (true, true) => 0,
            (true, _) => other.scale,
            (_, true) => self.scale,
            _ => self.scale.min(other.scale),
        };
        let part = |n: &Exact| if n.is_zero() { Vec::new() } else { n.at_scale(scale) };
        let (mut a, mut b) = (part(self), part(other));
        let length = a.len().max(b.len()) + 1;
        a.resize(length, 0);
        b.resize(length, 0);
        if self.negative == other.negative {
            let mut carry = 0u128;
            for (a, b) in a.iter_mut().zip(&b) {
                let sum = u128::from(*a) + u128::from(*b) + carry;
                *a = sum as u64;
                carry = sum >> 64;
            }
            return Exact { negative: self.negative, digits: a, scale }.trimmed();
        }
        let (more, less, sign) = match a.iter().rev().cmp(b.iter().rev()) {
            Ordering::Equal => return Exact { negative, digits: Vec::new(), scale: 0 },
            Ordering::Greater => (a, b, self.negative),
            Ordering::Less => (b, a, other.negative),
        };
        let mut digits = more;
        let mut borrow = false;
        for (a, b) in digits.iter_mut().zip(&less) {
            let (first, once) = a.overflowing_sub(*b);
            let (second, twice) = first.overflowing_sub(u64::from(borrow));
            (*a, borrow) = (second, once || twice);
        }
        Exact { negative: sign, digits, scale }.trimmed()
    }
}
