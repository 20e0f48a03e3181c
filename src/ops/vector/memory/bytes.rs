//! Moving runs of bytes between guest memory and the register file: as they are, under a mask, and interleaved.

use core::marker::PhantomData;

use crate::hart::File;
use crate::ops::vector::Plan;
use crate::ops::vector::lanes::{self, Elem, mask_bits};

/// Copies the first and the last N bytes; they overlap if there are less than 2 N.
#[inline(always)]
fn ends<const N: usize>(to: &mut [u8], from: &[u8]) {
    if let (Some(t), Some(f)) = (to.first_chunk_mut::<N>(), from.first_chunk::<N>()) {
        *t = *f;
    }
    if let (Some(t), Some(f)) = (to.last_chunk_mut::<N>(), from.last_chunk::<N>()) {
        *t = *f;
    }
}

/// Copies bytes, as many as both have. Registers are short: a call of the host's `memcpy` costs more than most such copies.
#[inline(always)]
pub(super) fn copy(to: &mut [u8], from: &[u8]) {
    let n = to.len().min(from.len());
    let (to, from) = (&mut to[..n], &from[..n]);
    if n <= 128 { copy_short(to, from) } else { to.copy_from_slice(from) }
}

/// Copies up to 128 bytes; both have as many. What fills a host register is moved in one piece, since it will be read so.
#[inline(always)]
pub(super) fn copy_short(to: &mut [u8], from: &[u8]) {
    match from.len() {
        64.. => ends::<64>(to, from),
        32.. => ends::<32>(to, from),
        16.. => ends::<16>(to, from),
        8.. => ends::<8>(to, from),
        4.. => ends::<4>(to, from),
        2.. => ends::<2>(to, from),
        _ => ends::<1>(to, from),
    }
}

/// Most bytes that a copy moves without a loop.
pub(super) const SHORT: usize = 128;

/// Copies at least one byte without a call; both have as many: up to `SHORT`, or any number if LONG.
#[inline(always)]
pub(super) fn copy_up_to<const LONG: bool>(to: &mut [u8], from: &[u8]) {
    if !LONG || from.len() <= SHORT {
        return copy_short(to, from);
    }
    for (t, f) in to.as_chunks_mut::<64>().0.iter_mut().zip(from.as_chunks::<64>().0) {
        *t = *f;
    }
    if !from.len().is_multiple_of(64)
        && let (Some(t), Some(f)) = (to.last_chunk_mut::<64>(), from.last_chunk::<64>())
    {
        *t = *f;
    }
}

/// Stores the active ones of the elements of vd; `to` is the place of element `start` and those after it.
pub(super) fn store_active<T: Elem>(to: &mut [u8], file: &File, p: &Plan, start: usize) {
    let at = p.vd as usize;
    let end = start + to.len() / T::SIZE;
    // 64 mask bits at a time, a run of ones at a time.
    let mut word = start - start % 64;
    while word < end {
        let mut bits = mask_bits(file, p, word);
        if word < start {
            bits &= !0 << (start - word);
        }
        if end - word < 64 {
            bits &= (1 << (end - word)) - 1;
        }
        while bits != 0 {
            let first = bits.trailing_zeros() as usize;
            let ones = (!(bits >> first)).trailing_zeros() as usize;
            let i = word + first;
            let there = (i - start) * T::SIZE;
            copy(&mut to[there..there + ones * T::SIZE], file.bytes(at + i * T::SIZE, ones * T::SIZE));
            // Adding at the lowest one carries through the run.
            bits &= bits.wrapping_add(1 << first);
        }
        word += 64;
    }
}

/// Elements that can lie anywhere in guest memory.
pub(crate) trait Packed: Elem {
    /// The element that the bytes begin with.
    fn first(from: &[u8]) -> Self;
    /// Makes it the element that the bytes begin with.
    fn put(self, to: &mut [u8]);
    /// Element 0 of the bytes and those after it; zero where there are no more.
    fn chunk<const N: usize>(from: &[u8]) -> [Self; N];
    /// Takes segments of `nf` fields apart: to field k from its byte `at` on, a field being `span` bytes of `fields`.
    fn split(nf: usize, from: &[u8], fields: &mut [u8], span: usize, at: usize);
    /// Puts segments together.
    fn join(nf: usize, to: &mut [u8], fields: &[u8], span: usize, at: usize);
}

/// How elements in memory and in registers become each other.
pub(super) trait Convert: 'static {
    /// In memory.
    type Mem: Packed;
    /// In registers.
    type Reg: Packed;
    /// Elements are the same in both.
    const SAME: bool = false;
    /// A segment is loaded as a whole or not at all. Else the fields before one that faults are.
    const WHOLE: bool;
    /// What a load makes of an element.
    fn extend(v: Self::Mem) -> Self::Reg;
    /// What a store makes of one.
    fn truncate(v: Self::Reg) -> Self::Mem;
}

/// Not at all.
pub(crate) struct Same<T>(PhantomData<T>);
impl<T: Packed> Convert for Same<T> {
    type Mem = T;
    type Reg = T;
    const SAME: bool = true;
    const WHOLE: bool = false;
    #[inline(always)]
    fn extend(v: T) -> T {
        v
    }
    #[inline(always)]
    fn truncate(v: T) -> T {
        v
    }
}

macro_rules! packed {
    ($($t:ty)*) => { $( impl Packed for $t {
        #[inline(always)]
        fn first(from: &[u8]) -> Self {
            let mut bytes = [0; size_of::<$t>()];
            bytes.copy_from_slice(&from[..size_of::<$t>()]);
            <$t>::from_le_bytes(bytes)
        }

        #[inline(always)]
        fn put(self, to: &mut [u8]) {
            to[..size_of::<$t>()].copy_from_slice(&self.to_le_bytes());
        }

        #[inline(always)]
        fn chunk<const N: usize>(from: &[u8]) -> [Self; N] {
            let mut out = [0; N];
            for (o, f) in out.iter_mut().zip(from.as_chunks::<{ size_of::<$t>() }>().0) {
                *o = <$t>::from_le_bytes(*f);
            }
            out
        }

        #[inline(always)]
        fn split(nf: usize, from: &[u8], fields: &mut [u8], span: usize, at: usize) {
            const S: usize = size_of::<$t>();
            let n = from.len() / (nf * S);
            let mut fields = fields.chunks_exact_mut(span).map(|f| &mut f[at..at + n * S]);
            match nf {
                2 => interleaved!(split $t, 2, n, from, fields, a 0, b 1),
                3 => interleaved!(split $t, 3, n, from, fields, a 0, b 1, c 2),
                4 => interleaved!(split $t, 4, n, from, fields, a 0, b 1, c 2, d 3),
                _ => for (k, field) in fields.enumerate() {
                    for (row, to) in from.chunks_exact(nf * S).zip(field.as_chunks_mut::<S>().0) {
                        to.copy_from_slice(&row[k * S..(k + 1) * S]);
                    }
                },
            }
        }

        #[inline(always)]
        fn join(nf: usize, to: &mut [u8], fields: &[u8], span: usize, at: usize) {
            const S: usize = size_of::<$t>();
            let n = to.len() / (nf * S);
            let mut fields = fields.chunks_exact(span).map(|f| &f[at..at + n * S]);
            match nf {
                2 => interleaved!(join $t, 2, n, to, fields, a 0, b 1),
                3 => interleaved!(join $t, 3, n, to, fields, a 0, b 1, c 2),
                4 => interleaved!(join $t, 4, n, to, fields, a 0, b 1, c 2, d 3),
                _ => for (k, field) in fields.enumerate() {
                    for (row, from) in to.chunks_exact_mut(nf * S).zip(field.as_chunks::<S>().0) {
                        row[k * S..(k + 1) * S].copy_from_slice(from);
                    }
                },
            }
        }
    } )* };
}

/// The loops of `split` and `join` for a number of fields that is known, which the compiler makes SIMD code from. They are
/// functions so that it knows that nothing overlaps.
macro_rules! interleaved {
    (split $t:ty, $nf:literal, $n:expr, $from:expr, $fields:expr, $($f:ident $k:literal),*) => {{
        const S: usize = size_of::<$t>();
        #[inline(always)]
        fn split(n: usize, rows: &[[u8; $nf * S]], $($f: &mut [[u8; S]]),*) {
            let rows = &rows[..n];
            $(let $f = &mut $f[..n];)*
            for i in 0..n {
                $($f[i].copy_from_slice(&rows[i][$k * S..($k + 1) * S]);)*
            }
        }
        if let ($(Some($f),)*) = ($({ const _: usize = $k; $fields.next() },)*) {
            split($n, $from.as_chunks().0, $($f.as_chunks_mut().0),*);
        }
    }};
    (join $t:ty, $nf:literal, $n:expr, $to:expr, $fields:expr, $($f:ident $k:literal),*) => {{
        const S: usize = size_of::<$t>();
        #[inline(always)]
        fn join(n: usize, rows: &mut [[u8; $nf * S]], $($f: &[[u8; S]]),*) {
            let rows = &mut rows[..n];
            $(let $f = &$f[..n];)*
            for i in 0..n {
                $(rows[i][$k * S..($k + 1) * S].copy_from_slice(&$f[i]);)*
            }
        }
        if let ($(Some($f),)*) = ($({ const _: usize = $k; $fields.next() },)*) {
            join($n, $to.as_chunks_mut().0, $($f.as_chunks().0),*);
        }
    }};
}

packed! { u8 u16 u32 u64 }

/// Loads the active ones of elements 0 and up from their bytes, N at a time: reading the others of plain memory, too, is not
/// seen by anybody.
#[inline(always)]
pub(super) fn load_active<T: Packed, const N: usize>(v: &mut crate::hart::Vector, p: &Plan, from: &[u8]) {
    let mut i = 0;
    let mut chunks = from.chunks_exact(N * T::SIZE);
    for bytes in &mut chunks {
        lanes::write(v, p, i, T::chunk::<N>(bytes));
        i += N;
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut bytes = [0; 64];
        copy(&mut bytes[..rest.len()], rest);
        lanes::write(v, p, i, T::chunk::<N>(&bytes[..N * T::SIZE]));
    }
}
