//! Elementwise work over register groups, in chunks that are read before they are written: a destination that is also a
//! source is then no problem (for every overlap that `rules` allows), and the compiler turns each chunk into SIMD code.
//!
//! The chunks at the ends of the range work on more elements than are active; what they compute there is thrown away.

use std::hint::black_box;
use std::ops::{BitAnd, BitOr, Not};

use super::plan::Plan;
use crate::hart::{File, Plain, Vector};
use crate::memory::Word;

/// An element as the plain unsigned integer of its width.
pub(crate) trait Elem:
    Plain + Word + Ord + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self>
{
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

/// Mask bits of the elements from `i` on: 64 if `i` is a multiple of 8, else 57 at least.
#[inline(always)]
pub(crate) fn mask_bits(file: &File, p: &Plan, i: usize) -> u64 {
    file.get::<u64>(p.mask as usize + i / 8) >> (i % 8)
}

/// Whether element `i` is active, of those in the body.
#[inline(always)]
pub(crate) fn active(file: &File, p: &Plan, i: usize) -> bool {
    !p.masked || mask_bit(file, p.mask, i)
}

/// The N bits from bit `i` on of the mask register at byte offset `at`; N is a power of two, `i` a multiple of it.
#[inline(always)]
pub(crate) fn get_bits<const N: usize>(file: &File, at: u32, i: usize) -> u64 {
    let at = at as usize + i / 8;
    match N {
        64 => file.get::<u64>(at),
        32 => file.get::<u32>(at) as u64,
        16 => file.get::<u16>(at) as u64,
        _ => file.get::<u8>(at) as u64 >> (i % 8) & ((1 << N) - 1),
    }
}

/// Sets them. Not more than them where they fill bytes: whatever is read next then finds what it needs in one piece.
#[inline(always)]
pub(crate) fn set_bits<const N: usize>(file: &mut File, at: u32, i: usize, bits: u64) {
    let at = at as usize + i / 8;
    match N {
        64 => file.set(at, bits),
        32 => file.set(at, bits as u32),
        16 => file.set(at, bits as u16),
        8 => file.set(at, bits as u8),
        _ => {
            let field = ((1u64 << N) - 1) << (i % 8);
            let old = file.get::<u8>(at) as u64;
            file.set(at, (old & !field | bits << (i % 8) & field) as u8);
        }
    }
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
    let range = Range { start: v.vstart, end: v.vl };
    range.body_and_active::<N>(&v.file, p, i)
}

/// Elements from `vstart` to `vl`.
#[derive(Clone, Copy)]
struct Range {
    start: usize,
    end: usize,
}

impl Range {
    #[inline(always)]
    fn body_and_active<const N: usize>(self, file: &File, p: &Plan, i: usize) -> (u64, u64) {
        let upto = |n: usize| if n >= 64 { !0 } else { (1u64 << n) - 1 };
        let body = upto(self.end.saturating_sub(i).min(N)) & !upto(self.start.saturating_sub(i).min(N));
        (body, if p.masked { body & mask_bits(file, p, i) } else { body })
    }

    /// Writes a chunk's results.
    #[inline(always)]
    fn write<D: Elem, const N: usize>(self, file: &mut File, p: &Plan, i: usize, new: [D; N]) {
        let at = p.vd as usize + i * D::SIZE;
        let (body, active) = self.body_and_active::<N>(file, p, i);
        if p.mask_ones {
            let taken = std::mem::replace(file, File::NONE);
            *file = fill_ones(taken, at, body & !active, D::SIZE);
        }
        let old = file.get::<[D; N]>(at);
        file.set(at, blend(active, new, old));
    }
}

/// Fills those of 64 elements with ones whose bit is set. The register file goes by value: its address must not be known.
#[cold]
#[inline(never)]
fn fill_ones(mut file: File, at: usize, bits: u64, size: usize) -> File {
    for k in (0..64).filter(|k| bits >> k & 1 != 0) {
        file.bytes_mut(at + k * size, size).fill(0xff);
    }
    file
}

/// For each value of 8 bits the bytes that say the same: all ones where the bit is set.
static SPREAD: [u64; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 * 8 {
        if (i / 8) >> (i % 8) & 1 != 0 {
            table[i / 8] |= 0xff << (i % 8 * 8);
        }
        i += 1;
    }
    table
};

/// Takes `new` where the bit is set, `old` elsewhere.
#[inline(always)]
pub(crate) fn blend<T: Elem, const N: usize>(bits: u64, new: [T; N], old: [T; N]) -> [T; N] {
    let mut out = old;
    if N <= T::SIZE * 8 {
        // The compiler would widen the bits to 64 each, if it knew where they are from.
        let bits = black_box(T::from_u64(bits));
        for k in 0..N {
            let m = if bits & T::from_u64(1 << k) != T::ZERO { T::ONES } else { T::ZERO };
            out[k] = new[k] & m | old[k] & !m;
        }
    } else if T::SIZE < 4 {
        let mut select = [0; N];
        for g in (0..N).step_by(8) {
            let bytes = SPREAD[(bits >> g & 0xff) as usize].to_le_bytes();
            let n = (N - g).min(8);
            select[g..g + n].copy_from_slice(&bytes[..n]);
        }
        for k in 0..N {
            let m = T::from_u64(select[k] as i8 as u64);
            out[k] = new[k] & m | old[k] & !m;
        }
    } else {
        for k in 0..N {
            out[k] = if bits >> k & 1 != 0 { new[k] } else { old[k] };
        }
    }
    out
}

/// Takes the register file out of the hart, so that its address stays in a host register: as a part of the hart it would be
/// loaded anew after each store. [`put_file`] puts it back.
#[inline(always)]
pub(crate) fn take_file(v: &mut Vector) -> File {
    std::mem::replace(&mut v.file, File::NONE)
}

/// Works on the register file taken out of the hart; `f` is to be called in one place only.
#[inline(always)]
pub(crate) fn with_file<R>(v: &mut Vector, f: impl FnOnce(&mut File) -> R) -> R {
    let mut file = take_file(v);
    let r = f(&mut file);
    put_file(v, file);
    r
}

/// See [`take_file`].
#[inline(always)]
pub(crate) fn put_file(v: &mut Vector, file: File) {
    v.file = file;
}

/// The bits of N bytes that are 0 or 1.
#[inline(always)]
pub(crate) fn pack<const N: usize>(bytes: [u8; N]) -> u64 {
    let mut bits = 0;
    if N < 8 {
        for (k, byte) in bytes.into_iter().enumerate() {
            bits |= (byte as u64) << k;
        }
        return bits;
    }
    #[cfg(target_arch = "x86_64")]
    if N.is_multiple_of(16) {
        use core::arch::x86_64::{__m128i, _mm_movemask_epi8, _mm_slli_epi16};
        for (g, sixteen) in bytes.as_chunks::<16>().0.iter().enumerate() {
            let bytes = crate::hart::cast::<[u8; 16], __m128i>(*sixteen);
            // SAFETY: SSE2 is part of x86-64.
            let highest = unsafe { _mm_movemask_epi8(_mm_slli_epi16::<7>(bytes)) };
            bits |= (highest as u32 as u64) << (g * 16);
        }
        return bits;
    }
    // Told where they are from, the compiler would make the bytes one by one.
    for (g, eight) in black_box(bytes).as_chunks::<8>().0.iter().enumerate() {
        // Moves bit 0 of byte k to bit 56 + k.
        bits |= u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56 << (g * 8);
    }
    bits
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
    let range = Range { start: v.vstart, end: v.vl };
    range.write(&mut v.file, p, i, new);
}

/// Computes all body elements of the destination, N at a time, by `f` of the register file and the first element's index.
/// N is a power of two and at most 64. Write `#[inline(always)]` before `f`: a closure that is called is compiled for hosts
/// without SIMD. There is one call, so that this does not multiply code.
#[inline(always)]
pub(crate) fn each_chunk<D: Elem, const N: usize>(v: &mut Vector, p: &Plan, f: impl Fn(&File, usize) -> [D; N]) {
    chunks::<D, N, false>(
        v,
        p,
        #[inline(always)]
        |file, i| (f(file, i), [D::ZERO; N]),
    );
}

/// Likewise, for results that come with notes. Returns whether one of an active element is not zero.
#[inline(always)]
pub(crate) fn each_noted_chunk<D: Elem, const N: usize>(
    v: &mut Vector,
    p: &Plan,
    f: impl Fn(&File, usize) -> ([D; N], [D; N]),
) -> bool {
    chunks::<D, N, true>(v, p, f)
}

#[inline(always)]
fn chunks<D: Elem, const N: usize, const NOTES: bool>(
    v: &mut Vector,
    p: &Plan,
    f: impl Fn(&File, usize) -> ([D; N], [D; N]),
) -> bool {
    let range = Range { start: v.vstart, end: v.vl };
    if range.start >= range.end {
        return false;
    }
    // Chunks up to here are written as a whole.
    let whole = if !p.masked && range.start == 0 { range.end } else { 0 };
    let mut file = take_file(v);
    let mut all = [D::ZERO; N];
    let mut i = range.start - range.start % N;
    while i < range.end {
        let (r, mut notes) = f(&file, i);
        if i + N <= whole {
            file.set(p.vd as usize + i * D::SIZE, r);
        } else {
            if NOTES {
                let (_, active) = range.body_and_active::<N>(&file, p, i);
                notes = blend(active, notes, [D::ZERO; N]);
            }
            range.write(&mut file, p, i, r);
        }
        for k in 0..N {
            all[k] = all[k] | notes[k];
        }
        i += N;
    }
    put_file(v, file);
    tail::<D>(v, p);
    NOTES && all.iter().fold(D::ZERO, |any, note| any | *note) != D::ZERO
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
        fill_tail(&mut v.file, p.vd as usize, done.min(p.span as usize), p.span as usize);
    }
}

/// Fills the bytes `from..to` of a group with ones.
#[cold]
#[inline(never)]
fn fill_tail(file: &mut File, at: usize, from: usize, to: usize) {
    file.bytes_mut(at + from, to - from).fill(0xff);
}

/// Computes all body elements of a mask destination, N at a time, as bits. Masks' tails are always agnostic. N is a power of
/// two and at most 64.
#[inline(always)]
pub(crate) fn each_mask_chunk<const N: usize>(v: &mut Vector, p: &Plan, f: impl Fn(&File, usize) -> u64) {
    let range = Range { start: v.vstart, end: v.vl };
    if range.start >= range.end {
        return;
    }
    let whole = if !p.masked && range.start == 0 { range.end } else { 0 };
    let mut file = take_file(v);
    let mut i = range.start - range.start % N;
    while i < range.end {
        let mut new = f(&file, i);
        if i + N > whole {
            let (body, active) = range.body_and_active::<N>(&file, p, i);
            let mut old = get_bits::<N>(&file, p.vd, i);
            if p.mask_ones {
                old |= body & !active;
            }
            new = old & !active | new & active;
        }
        set_bits::<N>(&mut file, p.vd, i, new);
        i += N;
    }
    put_file(v, file);
    mask_tail(v, p);
}

/// Fills the tail of a mask destination with ones if the machine does so with agnostic elements.
#[inline(always)]
pub(crate) fn mask_tail(v: &mut Vector, p: &Plan) {
    if v.config.agnostic == crate::hart::Agnostic::Ones && v.vl > v.vstart {
        fill_mask_tail(v, p);
    }
}

#[cold]
#[inline(never)]
fn fill_mask_tail(v: &mut Vector, p: &Plan) {
    for i in v.vl..v.vlenb * 8 {
        if i % 8 == 0 {
            let (from, to) = (p.vd as usize + i / 8, p.vd as usize + v.vlenb);
            v.file.bytes_mut(from, to - from).fill(0xff);
            break;
        }
        set_mask_bit(&mut v.file, p.vd, i, true);
    }
}

/// Computes active elements one by one; `f` may look at everything.
#[inline(always)]
pub(crate) fn each_element<D: Elem>(v: &mut Vector, p: &Plan, mut f: impl FnMut(&mut Vector, usize) -> D) {
    for i in v.vstart..v.vl {
        if !active(&v.file, p, i) {
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
