//! Zvknha, Zvknhb: SHA-256 and SHA-512 (FIPS 180-4), words of SEW bits.

/// Arithmetic on words of 32 or 64 bits.
#[derive(Clone, Copy)]
struct Words(usize);

impl Words {
    fn cut(self, v: u64) -> u64 {
        v & (u64::MAX >> (64 - self.0))
    }
    fn sum(self, terms: &[u64]) -> u64 {
        self.cut(terms.iter().fold(0, |sum, v| sum.wrapping_add(*v)))
    }
    fn rotate_right(self, v: u64, n: usize) -> u64 {
        self.cut(v >> n | v << (self.0 - n))
    }
    /// One of the functions named sigma, with the numbers of FIPS 180-4, 4.1.2 for 32 bits and 4.1.3 for 64: three rotations, or
    /// the last a shift.
    fn sigma(self, v: u64, of_32: [usize; 3], of_64: [usize; 3], shift: bool) -> u64 {
        let [a, b, c] = if self.0 == 32 { of_32 } else { of_64 };
        let last = if shift { v >> c } else { self.rotate_right(v, c) };
        self.rotate_right(v, a) ^ self.rotate_right(v, b) ^ last
    }
    fn big_sigma_0(self, v: u64) -> u64 {
        self.sigma(v, [2, 13, 22], [28, 34, 39], false)
    }
    fn big_sigma_1(self, v: u64) -> u64 {
        self.sigma(v, [6, 11, 25], [14, 18, 41], false)
    }
    fn sigma_0(self, v: u64) -> u64 {
        self.sigma(v, [7, 18, 3], [1, 8, 7], true)
    }
    fn sigma_1(self, v: u64) -> u64 {
        self.sigma(v, [17, 19, 10], [19, 61, 6], true)
    }
}

/// W16 to W19 from vd = {W3, W2, W1, W0}, vs2 = {W11, W10, W9, W4}, vs1 = {W15, W14, -, W12}.
pub fn message_schedule(sew: usize, vd: &[u64], vs2: &[u64], vs1: &[u64], _: u32) -> Vec<u64> {
    let n = Words(sew);
    let mut w = [0; 20];
    w[..4].copy_from_slice(vd);
    w[4] = vs2[0];
    w[9..12].copy_from_slice(&vs2[1..]);
    w[12..16].copy_from_slice(vs1);
    for t in 16..20 {
        w[t] = n.sum(&[n.sigma_1(w[t - 2]), w[t - 7], n.sigma_0(w[t - 15]), w[t - 16]]);
    }
    w[16..].to_vec()
}

/// Two rounds with the sums of words and constants that are given. vd = {c, d, g, h}, vs2 = {a, b, e, f}; the result is the
/// new {a, b, e, f}. The highest element is named first.
fn compress(sew: usize, vd: &[u64], vs2: &[u64], words_and_constants: &[u64]) -> Vec<u64> {
    let n = Words(sew);
    let [mut a, mut b, mut e, mut f] = [vs2[3], vs2[2], vs2[1], vs2[0]];
    let [mut c, mut d, mut g, mut h] = [vd[3], vd[2], vd[1], vd[0]];
    for w in words_and_constants {
        let choice = e & f ^ !e & g;
        let majority = a & b ^ a & c ^ b & c;
        let t1 = n.sum(&[h, n.big_sigma_1(e), choice, *w]);
        let t2 = n.sum(&[n.big_sigma_0(a), majority]);
        (h, g, f, e) = (g, f, e, n.sum(&[d, t1]));
        (d, c, b, a) = (c, b, a, n.sum(&[t1, t2]));
    }
    vec![f, e, b, a]
}

pub fn compress_low(sew: usize, vd: &[u64], vs2: &[u64], vs1: &[u64], _: u32) -> Vec<u64> {
    compress(sew, vd, vs2, &vs1[..2])
}

pub fn compress_high(sew: usize, vd: &[u64], vs2: &[u64], vs1: &[u64], _: u32) -> Vec<u64> {
    compress(sew, vd, vs2, &vs1[2..])
}
