//! Elementwise work over register groups, in chunks that are read before they are written: a destination that is also a
//! source is then no problem (for every overlap that `rules` allows), and the compiler turns each chunk into SIMD code.
//!
//! The chunks at the ends of the range work on more elements than are active; what they compute there is thrown away.

use super::plan::Plan;
use crate::hart::{File, Plain, Vector};
use crate::memory::Word;

/// An element as the plain unsigned integer of its width.
pub(crate) trait Elem: Plain + Word + Eq {
    /// Bytes.
    const SIZE: usize = size_of::<Self>();
    /// All bits set.
    const ONES: Self;
    /// Zero.
    const ZERO: Self;
    /// Sign-extends.
    fn to_i64(self) -> i64;
}
macro_rules! elem {
    ($($t:ty, $s:ty;)*) => { $(impl Elem for $t {
        const ONES: Self = !0;
        const ZERO: Self = 0;
        #[inline(always)]
        fn to_i64(self) -> i64 { self as $s as i64 }
    })* };
}
elem! { u8, i8; u16, i16; u32, i32; u64, i64; }

/// N elements from element `i` of the group at byte offset `at` on.
#[inline(always)]
pub(crate) fn read<T: Elem, const N: usize>(file: &File, at: u32, i: usize) -> [T; N] {
    file.get::<[T; N]>(at as usize + i * T::SIZE)
}

/// 64 mask bits from bit `i` of v0 on (`i` is a multiple of 8).
#[inline(always)]
pub(crate) fn mask_bits(file: &File, i: usize) -> u64 {
    file.get::<u64>(i / 8)
}

/// Bit `i` of the mask register at byte offset `at`.
#[inline(always)]
pub(crate) fn mask_bit(file: &File, at: u32, i: usize) -> bool {
    file.get::<u8>(at as usize + i / 8) >> (i % 8) & 1 != 0
}

/// Sets bit `i` of the mask register at byte offset `at`.
#[inline(always)]
pub(crate) fn set_mask_bit(file: &mut File, at: u32, i: usize, bit: bool) {
    let at = at as usize + i / 8;
    let byte = file.get::<u8>(at) & !(1 << (i % 8)) | (bit as u8) << (i % 8);
    file.set(at, byte);
}

/// The elements `i..i + N` that are in the body, as bits; and those of them that are active.
#[inline(always)]
pub(crate) fn body_and_active<const N: usize>(v: &Vector, p: &Plan, i: usize) -> (u64, u64) {
    let upto = |n: usize| if n >= 64 { !0 } else { (1u64 << n) - 1 };
    let body = upto(v.vl.saturating_sub(i).min(N)) & !upto(v.vstart.saturating_sub(i).min(N));
    (body, if p.masked { body & mask_bits(&v.file, i) } else { body })
}

/// Takes `new` where the bit is set, `old` elsewhere.
#[inline(always)]
pub(crate) fn blend<T: Elem, const N: usize>(bits: u64, new: [T; N], old: [T; N]) -> [T; N] {
    let mut out = old;
    for k in 0..N {
        out[k] = if bits >> k & 1 != 0 { new[k] } else { old[k] };
    }
    out
}

/// Works on the register file taken out of the hart, so that its address stays in a host register: as a part of the hart it
/// would be loaded anew after each store.
#[inline(always)]
pub(crate) fn with_file<R>(v: &mut Vector, f: impl FnOnce(&mut File) -> R) -> R {
    let mut file = std::mem::take(&mut v.file);
    let r = f(&mut file);
    std::mem::forget(std::mem::replace(&mut v.file, file));
    r
}

/// Writes the first `n` elements of a chunk.
#[inline(always)]
pub(crate) fn set_first<D: Elem, const N: usize>(file: &mut File, at: usize, n: usize, new: [D; N]) {
    let old = file.get::<[D; N]>(at);
    file.set(at, blend((1u64 << n.min(63)) - 1, new, old));
}

/// Writes a chunk's results: the active elements, and ones into inactive ones if the policy says so.
#[inline(always)]
pub(crate) fn write<D: Elem, const N: usize>(v: &mut Vector, p: &Plan, i: usize, new: [D; N]) {
    let at = p.vd as usize + i * D::SIZE;
    let (body, active) = body_and_active::<N>(v, p, i);
    let mut old = v.file.get::<[D; N]>(at);
    if p.mask_ones {
        old = blend(body & !active, [D::ONES; N], old);
    }
    v.file.set(at, blend(active, new, old));
}

/// Computes all body elements of the destination, N at a time, by `f` of the register file and the first element's index.
/// N is a multiple of 8 and at most 64.
#[inline(always)]
pub(crate) fn each_chunk<D: Elem, const N: usize>(v: &mut Vector, p: &Plan, f: impl Fn(&File, usize) -> [D; N]) {
    if p.plain && v.vstart == 0 {
        let (mut i, vl) = (0, v.vl);
        with_file(v, |file| {
            while i + N <= vl {
                let r = f(file, i);
                file.set(p.vd as usize + i * D::SIZE, r);
                i += N;
            }
            if i < vl {
                let r = f(file, i);
                set_first(file, p.vd as usize + i * D::SIZE, vl - i, r);
            }
        });
        return;
    }
    if v.vstart >= v.vl {
        return;
    }
    let mut i = v.vstart - v.vstart % N;
    while i < v.vl {
        let r = f(&v.file, i);
        write(v, p, i, r);
        i += N;
    }
    tail::<D>(v, p);
}

/// Fills the tail with ones if the policy says so; not if `vstart` >= `vl`: then no element changes.
#[inline(always)]
pub(crate) fn tail<D: Elem>(v: &mut Vector, p: &Plan) {
    let vl = v.vl;
    tail_from(v, p, vl * D::SIZE);
}

/// Likewise, for a tail that begins at a byte of the destination group.
#[inline(always)]
pub(crate) fn tail_from(v: &mut Vector, p: &Plan, done: usize) {
    if p.tail_ones && v.vl > v.vstart {
        let done = done.min(p.span as usize);
        v.file.bytes_mut(p.vd as usize + done, p.span as usize - done).fill(0xff);
    }
}

/// Computes all body elements of a mask destination, N at a time, as bits. Masks' tails are always agnostic.
#[inline(always)]
pub(crate) fn each_mask_chunk<const N: usize>(v: &mut Vector, p: &Plan, f: impl Fn(&File, usize) -> u64) {
    if v.vstart >= v.vl {
        return;
    }
    let mut i = v.vstart - v.vstart % N;
    while i < v.vl {
        let new = f(&v.file, i);
        let (body, active) = body_and_active::<N>(v, p, i);
        let at = p.vd as usize + i / 8;
        let mut old = v.file.get::<u64>(at);
        if p.mask_ones {
            old |= body & !active;
        }
        v.file.set(at, old & !active | new & active);
        i += N;
    }
    mask_tail(v, p);
}

/// Fills the tail of a mask destination with ones if the machine does so with agnostic elements.
#[inline(always)]
pub(crate) fn mask_tail(v: &mut Vector, p: &Plan) {
    if v.config.agnostic == crate::hart::Agnostic::Ones && v.vl > v.vstart {
        for i in v.vl..v.vlenb * 8 {
            if i % 8 == 0 {
                let (from, to) = (p.vd as usize + i / 8, p.vd as usize + v.vlenb);
                v.file.bytes_mut(from, to - from).fill(0xff);
                break;
            }
            set_mask_bit(&mut v.file, p.vd, i, true);
        }
    }
}

/// Computes active elements one by one; `f` may look at everything.
#[inline(always)]
pub(crate) fn each_element<D: Elem>(v: &mut Vector, p: &Plan, mut f: impl FnMut(&mut Vector, usize) -> D) {
    for i in v.vstart..v.vl {
        if p.masked && !mask_bit(&v.file, 0, i) {
            if p.mask_ones {
                v.file.set(p.vd as usize + i * D::SIZE, D::ONES);
            }
            continue;
        }
        let r = f(v, i);
        v.file.set(p.vd as usize + i * D::SIZE, r);
    }
    tail::<D>(v, p);
}
