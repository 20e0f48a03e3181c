//! plain
use crate::float::{self, Bf16, Bits, F16, F32, F64, Flags, Format, Round};
use crate::hart::{Accumulation, Simd};
pub(crate) struct Job<'a> {
    pub a: &'a [u8],
    pub a_row: usize,
    pub b: &'a [u8],
    pub b_row: usize,
    pub c: &'a mut [u8],
    pub c_row: usize,
    pub m: usize,
    pub n: usize,
    pub k: usize,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Float {
    F16ToF16,
    F16ToF32,
    Bf16ToF32,
    F32ToF32,
    F32ToF64,
    F64ToF64,
    Tf32ToF32,
    E5ToF16,
    E4ToF16,
    E5ToBf16,
    E4ToBf16,
    E5ToF32,
    E4ToF32,
    Bf16ToBf16,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    I4,
    I8,
    I16,
    Bp,
}
pub(crate) struct Int {
    pub source: Width,
    pub a_signed: bool,
    pub b_signed: bool,
    pub saturate: bool,
}
#[derive(Debug, Default)]
pub(crate) struct Scratch;
fn soft<S: Format, D: Format>(round: Round, j: Job) -> Flags {
    let mut flags = Flags::empty();
    let get = |s: &[u8], at: usize, w: u32| {
        let mut b = [0u8; 8];
        let n = w as usize / 8;
        b[..n].copy_from_slice(&s[at * n..][..n]);
        u64::from_le_bytes(b)
    };
    for i in 0..j.m {
        for c in 0..j.n {
            let mut s = D::Bits::from_u64(0);
            for k in 0..j.k {
                let (a, f) = float::convert::<S, D>(S::Bits::from_u64(get(&j.a[i * j.a_row..], k, S::WIDTH)), round);
                flags |= f;
                let (b, f) = float::convert::<S, D>(S::Bits::from_u64(get(&j.b[c * j.b_row..], k, S::WIDTH)), round);
                flags |= f;
                let (t, f) = float::fma::<D>(a, b, s, round);
                s = t;
                flags |= f;
            }
            let at = i * j.c_row;
            let n = D::WIDTH as usize / 8;
            let old = D::Bits::from_u64(get(&j.c[at..], c, D::WIDTH));
            let (new, f) = float::add::<D>(old, s, round);
            flags |= f;
            j.c[at + c * n..][..n].copy_from_slice(&new.to_u64().to_le_bytes()[..n]);
        }
    }
    flags
}
pub(crate) fn float(kind: Float, _how: Accumulation, round: Round, _simd: Simd, _s: &mut Scratch, job: Job) -> Flags {
    match kind {
        Float::F16ToF16 => soft::<F16, F16>(round, job),
        Float::F16ToF32 => soft::<F16, F32>(round, job),
        Float::Bf16ToF32 => soft::<Bf16, F32>(round, job),
        Float::F32ToF64 => soft::<F32, F64>(round, job),
        Float::F64ToF64 => soft::<F64, F64>(round, job),
        _ => soft::<F32, F32>(round, job),
    }
}
pub(crate) fn int(kind: Int, _simd: Simd, _s: &mut Scratch, j: Job) -> bool {
    for i in 0..j.m {
        for c in 0..j.n {
            let mut s = 0i64;
            for k in 0..j.k {
                let (a, b) = (j.a[i * j.a_row + k], j.b[c * j.b_row + k]);
                s += (if kind.a_signed { a as i8 as i64 } else { a as i64 })
                    * (if kind.b_signed { b as i8 as i64 } else { b as i64 });
            }
            let at = i * j.c_row + c * 4;
            let old = i32::from_le_bytes(j.c[at..at + 4].try_into().unwrap());
            j.c[at..at + 4].copy_from_slice(&old.wrapping_add(s as i32).to_le_bytes());
        }
    }
    false
}
