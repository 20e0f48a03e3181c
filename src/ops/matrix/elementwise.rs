//! The loops of element-wise integer instructions: of 0.6 ([`integer`](super::integer)) and of 0.3 ([`pointwise`](super::pointwise)).
//!
//! Rows are worked through in blocks of [`N`] elements, which the compiler makes vector code of; the loops are compiled for the
//! host's SIMD levels. Destination and sources may be the same registers: an element is read before it is written, results that
//! are narrower than the sources are kept until their row is done, and the row that serves all rows comes last.

use crate::hart::{Hart, Place, Simd};
use std::marker::PhantomData;

/// Elements of a block.
pub(super) const N: usize = 16;

/// What can lie in a register.
pub(super) trait Stored: Copy {
    const SIZE: usize;
    const ZERO: Self;
    /// From its bytes.
    fn load(bytes: &[u8]) -> Self;
    /// To its bytes.
    fn store(self, bytes: &mut [u8]);
}

/// A source element.
pub(super) trait Element: Stored + PartialEq + Ord {
    /// What clips make of it: a quarter of its width.
    type Narrow: Stored;
    /// From the low bits of an integer register.
    fn of(x: u64) -> Self;
    fn add(self, b: Self) -> Self;
    fn sub(self, b: Self) -> Self;
    fn mul(self, b: Self) -> Self;
    /// The high half of the signed product.
    fn mulh(self, b: Self) -> Self;
    /// Sum, kept in range, and whether it had to be.
    fn add_sat(self, b: Self) -> (Self, bool);
    /// Difference, likewise.
    fn sub_sat(self, b: Self) -> (Self, bool);
    /// Product, likewise.
    fn mul_sat(self, b: Self) -> (Self, bool);
    /// The greater as unsigned numbers.
    fn umax(self, b: Self) -> Self;
    /// The lesser as unsigned numbers.
    fn umin(self, b: Self) -> Self;
    /// Shifts by the low bits of `b`, as many as name a bit of an element.
    fn sll(self, b: Self) -> Self;
    fn srl(self, b: Self) -> Self;
    fn sra(self, b: Self) -> Self;
    /// What a shift right by `b` adds to its result, in rounding mode MODE (as vxrm: rnu, rne, rdn, rod); `shifted` is that
    /// result.
    fn round<const MODE: u8>(self, b: Self, shifted: Self) -> Self;
    /// Kept in the range of signed narrow elements, and whether it had to be.
    fn clip(self) -> (Self::Narrow, bool);
    /// An unsigned number, kept in the range of unsigned narrow ones.
    fn clipu(self) -> (Self::Narrow, bool);
}

macro_rules! stored {
    ($($t:ty)*) => { $(
        impl Stored for $t {
            const SIZE: usize = size_of::<$t>();
            const ZERO: $t = 0;
            #[inline(always)]
            fn load(bytes: &[u8]) -> $t {
                let mut all = [0; size_of::<$t>()];
                all.copy_from_slice(bytes);
                <$t>::from_le_bytes(all)
            }
            #[inline(always)]
            fn store(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }
        }
    )* };
}
stored! { u8 u16 i32 i64 }

macro_rules! element {
    ($t:ident, $u:ident, $wide:ident, $narrow:ident, $unarrow:ident) => {
        impl Element for $t {
            type Narrow = $unarrow;
            #[inline(always)]
            fn of(x: u64) -> $t {
                x as $t
            }
            #[inline(always)]
            fn add(self, b: $t) -> $t {
                self.wrapping_add(b)
            }
            #[inline(always)]
            fn sub(self, b: $t) -> $t {
                self.wrapping_sub(b)
            }
            #[inline(always)]
            fn mul(self, b: $t) -> $t {
                self.wrapping_mul(b)
            }
            #[inline(always)]
            fn mulh(self, b: $t) -> $t {
                ($wide::from(self) * $wide::from(b) >> $t::BITS) as $t
            }
            #[inline(always)]
            fn add_sat(self, b: $t) -> ($t, bool) {
                let s = self.saturating_add(b);
                (s, s != self.wrapping_add(b))
            }
            #[inline(always)]
            fn sub_sat(self, b: $t) -> ($t, bool) {
                let s = self.saturating_sub(b);
                (s, s != self.wrapping_sub(b))
            }
            #[inline(always)]
            fn mul_sat(self, b: $t) -> ($t, bool) {
                let product = $wide::from(self) * $wide::from(b);
                let s = product.clamp($t::MIN.into(), $t::MAX.into());
                (s as $t, s != product)
            }
            #[inline(always)]
            fn umax(self, b: $t) -> $t {
                (self as $u).max(b as $u) as $t
            }
            #[inline(always)]
            fn umin(self, b: $t) -> $t {
                (self as $u).min(b as $u) as $t
            }
            #[inline(always)]
            fn sll(self, b: $t) -> $t {
                self.wrapping_shl(b as u32)
            }
            #[inline(always)]
            fn srl(self, b: $t) -> $t {
                (self as $u).wrapping_shr(b as u32) as $t
            }
            #[inline(always)]
            fn sra(self, b: $t) -> $t {
                self.wrapping_shr(b as u32)
            }
            #[inline(always)]
            fn round<const MODE: u8>(self, b: $t, shifted: $t) -> $t {
                // Of a shift by 0 `half` is 0, and nothing is added.
                let half = (1 as $u).wrapping_shl(b as u32) >> 1;
                let v = self as $u;
                let (at_half, below) = (v & half != 0, v & half.wrapping_sub(1) & !half);
                let odd = shifted & 1 != 0;
                let up = match MODE {
                    0 => at_half,
                    1 => at_half & ((below != 0) | odd),
                    2 => false,
                    _ => !odd & (half != 0) & (at_half | (below != 0)),
                };
                $t::from(up)
            }
            #[inline(always)]
            fn clip(self) -> ($unarrow, bool) {
                let c = self.clamp($narrow::MIN.into(), $narrow::MAX.into());
                (c as $unarrow, c != self)
            }
            #[inline(always)]
            fn clipu(self) -> ($unarrow, bool) {
                let c = (self as $u).min($unarrow::MAX.into());
                (c as $unarrow, c != self as $u)
            }
        }
    };
}
element!(i32, u32, i64, i8, u8);
element!(i64, u64, i128, i16, u16);

/// What is done with the elements of a block: `a` of ms2, `b` the other ones.
pub(super) trait Work<T: Element> {
    /// What results.
    type Out: Stored;
    /// All elements beyond the active ones are 0 in `a` and `b`, and what comes of them is not looked at.
    fn block(&mut self, a: &[T; N], b: &[T; N], out: &mut [Self::Out; N]);
}

/// What stands on the other side of an operation.
#[derive(Clone, Copy)]
pub(super) enum Second {
    /// The register's element of the same place.
    Matrix(Place),
    /// The element of the same column in one row of the register.
    Row(Place, usize),
    /// A number for all.
    Scalar(u64),
}

/// Which elements are worked on, and where the results go.
#[derive(Clone, Copy)]
pub(super) struct Job {
    pub to: Place,
    /// Where in each row of `to` the results begin, in bytes.
    pub offset: usize,
    pub first: Place,
    pub second: Second,
    /// Active rows and columns; results of others are zero.
    pub rows: usize,
    pub columns: usize,
}

#[inline(always)]
fn load<T: Stored>(bytes: &[u8], block: &mut [T; N]) {
    for (e, bytes) in block.iter_mut().zip(bytes.chunks_exact(T::SIZE)) {
        *e = T::load(bytes);
    }
}

#[inline(always)]
fn store<T: Stored>(bytes: &mut [u8], block: &[T; N]) {
    for (e, bytes) in block.iter().zip(bytes.chunks_exact_mut(T::SIZE)) {
        e.store(bytes);
    }
}

/// One row: from the file, at `a` and `b` (`None`: the scalar), to the file at `to`, or into `narrow`.
#[inline(always)]
fn row<T: Element, W: Work<T>>(
    file: &mut [u8],
    narrow: &mut [u8],
    [to, a]: [usize; 2],
    b: Option<usize>,
    (scalar, columns): (T, usize),
    work: &mut W,
) {
    let mut done = 0;
    while done < columns {
        let count = (columns - done).min(N);
        let (mut x, mut y, mut out) = ([T::ZERO; N], [T::ZERO; N], [W::Out::ZERO; N]);
        let (from, end) = (done * T::SIZE, (done + count) * T::SIZE);
        // Whole blocks have a length that the compiler knows.
        let whole = count == N;
        if whole {
            load(&file[a + from..][..N * T::SIZE], &mut x)
        } else {
            load(&file[a + from..a + end], &mut x)
        }
        match b {
            Some(b) if whole => load(&file[b + from..][..N * T::SIZE], &mut y),
            Some(b) => load(&file[b + from..b + end], &mut y),
            None => y[..count].fill(scalar),
        }
        work.block(&x, &y, &mut out);
        let target = if W::Out::SIZE == T::SIZE { &mut file[to..] } else { &mut *narrow };
        let target = &mut target[done * W::Out::SIZE..];
        if whole {
            store(&mut target[..N * W::Out::SIZE], &out);
        } else {
            store(&mut target[..count * W::Out::SIZE], &out);
        }
        done += count;
    }
}

#[inline(always)]
fn sweep<T: Element, W: Work<T>>(file: &mut [u8], job: &Job, work: &mut W) {
    let Job { to, offset, first, second, rows, columns } = *job;
    let size = W::Out::SIZE;
    let mut narrow = if size == T::SIZE { Vec::new() } else { vec![0; columns * size] };
    let (last, scalar) = match second {
        Second::Row(_, index) => (Some(index), T::ZERO),
        Second::Scalar(x) => (None, T::of(x)),
        Second::Matrix(_) => (None, T::ZERO),
    };
    let possible = to.row / T::SIZE * size;
    let order = (0..rows).filter(|i| Some(*i) != last).chain(last.filter(|i| *i < rows));
    for i in order {
        let b = match second {
            Second::Matrix(place) => Some(place.at + i * place.row),
            Second::Row(place, index) => Some(place.at + index * place.row),
            Second::Scalar(_) => None,
        };
        let at = to.at + i * to.row + offset;
        row(file, &mut narrow, [at, first.at + i * first.row], b, (scalar, columns), work);
        file[at..at + narrow.len()].copy_from_slice(&narrow);
        file[at + columns * size..at + possible].fill(0);
    }
    for i in rows..to.rows {
        let at = to.at + i * to.row + offset;
        file[at..at + possible].fill(0);
    }
}

#[inline(never)]
fn baseline<T: Element, W: Work<T>>(file: &mut [u8], job: &Job, work: &mut W) {
    sweep(file, job, work);
}

/// # Safety
/// The host has x86-64-v3.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline(never)]
unsafe fn v3<T: Element, W: Work<T>>(file: &mut [u8], job: &Job, work: &mut W) {
    sweep(file, job, work);
}

/// Does the work on all active elements.
pub(super) fn run<T: Element, W: Work<T>>(hart: &mut Hart, job: &Job, work: &mut W) {
    let simd = hart.matrix.config.simd;
    let file = &mut hart.matrix.file[..];
    match simd {
        // SAFETY: there is no unit with a level that the host does not have (`MatrixConfig::check_alone`).
        #[cfg(target_arch = "x86_64")]
        Simd::V3 | Simd::V4 => unsafe { v3(file, job, work) },
        _ => baseline(file, job, work),
    }
}

/// Operations on single elements that wrap, and nothing else happens.
pub(super) trait Lane<T: Element> {
    fn lane(a: T, b: T) -> T;
}

/// The work of a [`Lane`].
pub(super) struct Simple<L>(pub PhantomData<L>);

impl<T: Element, L: Lane<T>> Work<T> for Simple<L> {
    type Out = T;
    #[inline(always)]
    fn block(&mut self, a: &[T; N], b: &[T; N], out: &mut [T; N]) {
        for i in 0..N {
            out[i] = L::lane(a[i], b[i]);
        }
    }
}

macro_rules! lanes {
    ($($name:ident |$a:ident, $b:ident| $value:expr;)*) => { $(
        pub(super) struct $name;
        impl<T: Element> Lane<T> for $name {
            #[inline(always)]
            fn lane($a: T, $b: T) -> T {
                $value
            }
        }
    )* };
}
lanes! {
    Add |a, b| a.add(b);
    Sub |a, b| a.sub(b);
    Mul |a, b| a.mul(b);
    Mulh |a, b| a.mulh(b);
    Max |a, b| a.max(b);
    Min |a, b| a.min(b);
    Umax |a, b| a.umax(b);
    Umin |a, b| a.umin(b);
    Sll |a, b| a.sll(b);
    Srl |a, b| a.srl(b);
    Sra |a, b| a.sra(b);
}

/// The same, each rounding mode on its own.
macro_rules! by_mode {
    ($mode:expr, $block:ident, $($arg:expr),*) => {
        match $mode & 3 {
            0 => $block::<T, 0>($($arg),*),
            1 => $block::<T, 1>($($arg),*),
            2 => $block::<T, 2>($($arg),*),
            _ => $block::<T, 3>($($arg),*),
        }
    };
}

#[inline(always)]
fn scale<T: Element, const MODE: u8>(a: &[T; N], b: &[T; N], out: &mut [T; N]) {
    for i in 0..N {
        let v = a[i].sra(b[i]);
        out[i] = v.add(a[i].round::<MODE>(b[i], v));
    }
}

#[inline(always)]
fn clip<T: Element, const MODE: u8>(a: &[T; N], b: &[T; N], out: &mut [T::Narrow; N]) -> bool {
    let mut clipped = false;
    for i in 0..N {
        let v = a[i].sra(b[i]);
        let (v, over) = v.add(a[i].round::<MODE>(b[i], v)).clip();
        out[i] = v;
        clipped |= over;
    }
    clipped
}

#[inline(always)]
fn clipu<T: Element, const MODE: u8>(a: &[T; N], b: &[T; N], out: &mut [T::Narrow; N]) -> bool {
    let mut clipped = false;
    for i in 0..N {
        let v = a[i].srl(b[i]);
        let (v, over) = v.add(a[i].round::<MODE>(b[i], v)).clipu();
        out[i] = v;
        clipped |= over;
    }
    clipped
}

/// An arithmetic shift right that rounds.
pub(super) struct Scale {
    /// xmxrm.
    pub mode: u8,
}

impl<T: Element> Work<T> for Scale {
    type Out = T;
    #[inline(always)]
    fn block(&mut self, a: &[T; N], b: &[T; N], out: &mut [T; N]) {
        by_mode!(self.mode, scale, a, b, out);
    }
}

/// A shift right that rounds, then a clip to a quarter of the width.
pub(super) struct Clip<const SIGNED: bool> {
    /// xmxrm.
    pub mode: u8,
    /// Whether something was clipped.
    pub clipped: bool,
}

impl<T: Element, const SIGNED: bool> Work<T> for Clip<SIGNED> {
    type Out = T::Narrow;
    #[inline(always)]
    fn block(&mut self, a: &[T; N], b: &[T; N], out: &mut [T::Narrow; N]) {
        self.clipped |=
            if SIGNED { by_mode!(self.mode, clip, a, b, out) } else { by_mode!(self.mode, clipu, a, b, out) };
    }
}
