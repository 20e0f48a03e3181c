//! Matrix registers as embedders see them: typed rows and columns, to be read and to be changed.

use super::{MATRIX_REGISTERS, MatrixConfig, MatrixVersion, Place};
use crate::float::{Bf16, Bits, E4m3, E5m2, F16, F32, Format, Fp8, Round, convert, narrow8, widen8};
use crate::hart::Hart;
use std::marker::PhantomData;

/// Signed integers of 4 bits, as elements of matrices: their values are `i8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I4;

/// Unsigned integers of 4 bits, as elements of matrices: their values are `u8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct U4;

mod sealed {
    pub trait Sealed {}
}

/// A type of elements of matrix registers: integers of 8 to 64 bits, `f32` and `f64` are their own values; [`I4`] and [`U4`] have
/// integers as values; the formats [`F16`], [`Bf16`], [`E4m3`] and [`E5m2`] of [`float`](mod@crate::float) have `f32`, which holds
/// all theirs. (Their bits are elements of type `u16` and `u8`.)
pub trait MatrixElement: sealed::Sealed + 'static {
    /// What an element is worth.
    type Value: Copy + std::fmt::Debug + PartialEq;
    /// Bits of an element.
    const BITS: u32;
    /// The value that an element's bits stand for; bits above them are ignored.
    fn from_bits(bits: u64) -> Self::Value;
    /// The bits of a value. Integers that are too wide are cut; `f32` is rounded to the nearest, ties to even, with infinities for
    /// what is too large (NaN in [`E4m3`], which has none).
    fn to_bits(value: Self::Value) -> u64;
}

macro_rules! element {
    ($($t:ty: $value:ty, $bits:expr, |$b:ident| $from:expr, |$v:ident| $to:expr;)*) => { $(
        impl sealed::Sealed for $t {}
        impl MatrixElement for $t {
            type Value = $value;
            const BITS: u32 = $bits;
            #[inline]
            fn from_bits($b: u64) -> $value {
                $from
            }
            #[inline]
            fn to_bits($v: $value) -> u64 {
                $to
            }
        }
    )* };
}
element! {
    I4: i8, 4, |b| ((b as u8) << 4) as i8 >> 4, |v| v as u64 & 15;
    U4: u8, 4, |b| b as u8 & 15, |v| u64::from(v) & 15;
    i8: i8, 8, |b| b as i8, |v| v as u8 as u64;
    u8: u8, 8, |b| b as u8, |v| v.into();
    i16: i16, 16, |b| b as i16, |v| v as u16 as u64;
    u16: u16, 16, |b| b as u16, |v| v.into();
    i32: i32, 32, |b| b as i32, |v| v as u32 as u64;
    u32: u32, 32, |b| b as u32, |v| v.into();
    i64: i64, 64, |b| b as i64, |v| v as u64;
    u64: u64, 64, |b| b, |v| v;
    f32: f32, 32, |b| f32::from_bits(b as u32), |v| v.to_bits().into();
    f64: f64, 64, |b| f64::from_bits(b), |v| v.to_bits();
    F16: f32, 16, |b| widen::<F16>(b), |v| narrow::<F16>(v);
    Bf16: f32, 16, |b| widen::<Bf16>(b), |v| narrow::<Bf16>(v);
    E4m3: f32, 8, |b| from_fp8::<E4m3>(b), |v| to_fp8::<E4m3>(v);
    E5m2: f32, 8, |b| from_fp8::<E5m2>(b), |v| to_fp8::<E5m2>(v);
}

fn widen<F: Format>(bits: u64) -> f32 {
    f32::from_bits(convert::<F, F32>(F::Bits::from_u64(bits), Round::Rne).0)
}

fn narrow<F: Format>(value: f32) -> u64 {
    convert::<F32, F>(value.to_bits(), Round::Rne).0.to_u64()
}

fn from_fp8<F: Fp8>(bits: u64) -> f32 {
    f32::from_bits(widen8::<F, F32>(bits as u8).0)
}

fn to_fp8<F: Fp8>(value: f32) -> u64 {
    narrow8::<F32, F>(value.to_bits(), Round::Rne, false).0.into()
}

/// The bits of element (`row`, `column`) of a register with rows of `bytes` bytes.
fn bits<T: MatrixElement>(data: &[u8], bytes: usize, row: usize, column: usize) -> u64 {
    let at = row * bytes;
    if T::BITS == 4 {
        let byte = data.get(at + column / 2).copied().unwrap_or(0);
        return u64::from(byte >> (column % 2 * 4));
    }
    let size = T::BITS as usize / 8;
    let element = data.get(at + column * size..).unwrap_or_default();
    element.iter().take(size).rev().fold(0, |v, b| v << 8 | u64::from(*b))
}

/// A matrix register, or a part of it that begins at row 0 and column 0, as elements of type `T`.
///
/// Element (i, j) is the one in row i and column j: of a tile that holds A it is A(i, j); of one that holds B, B(j, i), since B
/// lies transposed.
pub struct MatrixView<'a, T: MatrixElement> {
    data: &'a [u8],
    /// Bytes from row to row.
    bytes: usize,
    rows: usize,
    columns: usize,
    element: PhantomData<T>,
}

impl<T: MatrixElement> Clone for MatrixView<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: MatrixElement> Copy for MatrixView<'_, T> {}

impl<'a, T: MatrixElement> MatrixView<'a, T> {
    fn new(data: &'a [u8], place: Place) -> Self {
        let columns = place.row * 8 / T::BITS as usize;
        MatrixView { data, bytes: place.row, rows: place.rows, columns, element: PhantomData }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements of a row; 0 if not even one fits.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The first rows and columns, as many as there are.
    #[must_use]
    pub fn part(self, rows: usize, columns: usize) -> MatrixView<'a, T> {
        MatrixView { rows: rows.min(self.rows), columns: columns.min(self.columns), ..self }
    }

    /// An element; `None` if there is no such row or column.
    pub fn get(&self, row: usize, column: usize) -> Option<T::Value> {
        (row < self.rows && column < self.columns).then(|| T::from_bits(bits::<T>(self.data, self.bytes, row, column)))
    }

    /// The elements of a row; `None` if there is no such row.
    pub fn row(&self, row: usize) -> Option<impl ExactSizeIterator<Item = T::Value> + use<'a, T>> {
        let (data, bytes) = (self.data, self.bytes);
        (row < self.rows).then(|| (0..self.columns).map(move |j| T::from_bits(self::bits::<T>(data, bytes, row, j))))
    }

    /// All rows, one after the other.
    pub fn iter_rows(&self) -> impl Iterator<Item = impl ExactSizeIterator<Item = T::Value> + use<'a, T>> + use<'a, T> {
        let view = *self;
        (0..self.rows).filter_map(move |i| view.row(i))
    }

    /// All elements, row by row.
    pub fn to_vec(&self) -> Vec<T::Value> {
        self.iter_rows().flatten().collect()
    }
}

impl<T: MatrixElement> std::fmt::Debug for MatrixView<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter_rows().map(Vec::from_iter)).finish()
    }
}

/// A matrix register as elements of type `T`, to be changed.
#[derive(Debug)]
pub struct MatrixViewMut<'a, T: MatrixElement> {
    data: &'a mut [u8],
    place: Place,
    element: PhantomData<T>,
}

impl<T: MatrixElement> MatrixViewMut<'_, T> {
    /// The same register, to be read.
    pub fn view(&self) -> MatrixView<'_, T> {
        MatrixView::new(self.data, self.place)
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.view().rows()
    }

    /// Elements of a row; 0 if not even one fits.
    pub fn columns(&self) -> usize {
        self.view().columns()
    }

    /// An element; `None` if there is no such row or column.
    pub fn get(&self, row: usize, column: usize) -> Option<T::Value> {
        self.view().get(row, column)
    }

    /// Sets an element. `false`, and nothing done, if there is no such row or column.
    #[must_use = "tells whether there is such an element"]
    pub fn set(&mut self, row: usize, column: usize, value: T::Value) -> bool {
        if row >= self.rows() || column >= self.columns() {
            return false;
        }
        let (at, bits) = (row * self.place.row, T::to_bits(value));
        if T::BITS == 4 {
            let shift = column % 2 * 4;
            if let Some(byte) = self.data.get_mut(at + column / 2) {
                *byte = *byte & !(15 << shift) | (bits as u8 & 15) << shift;
            }
        } else {
            let size = T::BITS as usize / 8;
            let to = self.data.get_mut(at + column * size..).unwrap_or_default();
            to.iter_mut().zip(&bits.to_le_bytes()[..size]).for_each(|(to, b)| *to = *b);
        }
        true
    }

    /// Sets all elements, each to what `value` says for its row and column.
    pub fn fill_with(&mut self, mut value: impl FnMut(usize, usize) -> T::Value) {
        for i in 0..self.rows() {
            for j in 0..self.columns() {
                let _ = self.set(i, j, value(i, j));
            }
        }
    }
}

impl Hart {
    /// What the matrix unit is; TLEN is 0 if there is none.
    pub fn matrix_config(&self) -> &MatrixConfig {
        &self.matrix.config
    }

    /// Where register `n` of `count` from register `first` on lies, if there are that many.
    fn matrix_place(&self, first: u8, n: u8, count: u8) -> Option<Place> {
        (self.matrix.exists() && n < count).then(|| self.matrix.place(first + n))
    }

    /// Registers of the same shape: 4 tiles in 0.6, all eight registers in 0.3.
    fn tiles(&self) -> u8 {
        if self.matrix.config.version == MatrixVersion::V0p6 { 4 } else { MATRIX_REGISTERS }
    }

    /// Tile register `n` as elements of type `T`: tr0..tr3 of version 0.6, or m0..m7 of 0.3. `None` if there is no such register.
    ///
    /// ```
    /// use mellivora::float::F16;
    /// use mellivora::hart::{Clock, Hart, HartConfig, I4};
    /// use mellivora::isa::Isa;
    ///
    /// // TLEN 512, TRLEN 128, ELEN 32 unless said otherwise: tiles of 4 x 16 bytes, accumulators of 4 x 4 words.
    /// let isa = Isa::parse("rv64gc_xtheadmatrix0p6")?;
    /// let mut hart = Hart::new(HartConfig::for_isa(&isa), Clock::virtual_time());
    /// hart.tile_mut::<i8>(1).unwrap().fill_with(|i, j| (10 * i + j) as i8);
    ///
    /// let tile = hart.tile::<i8>(1).unwrap();
    /// assert_eq!((tile.rows(), tile.columns(), tile.get(3, 15)), (4, 16, Some(45)));
    /// assert_eq!(tile.part(2, 3).to_vec(), [0, 1, 2, 10, 11, 12]);
    /// assert_eq!(tile.get(4, 0), None);
    /// // The same bytes as other elements:
    /// assert_eq!(hart.tile::<u16>(1).unwrap().get(0, 1), Some(0x0302));
    /// assert_eq!(hart.tile::<I4>(1).unwrap().row(0).unwrap().take(4).collect::<Vec<_>>(), [0, 0, 1, 0]);
    ///
    /// assert!(hart.accumulator_mut::<F16>(0).unwrap().set(1, 2, 0.1));
    /// assert_eq!(hart.accumulator::<u16>(0).unwrap().get(1, 2), Some(0x2e66));
    /// assert!(hart.accumulator::<F16>(4).is_none());
    /// # Ok::<(), mellivora::isa::IsaError>(())
    /// ```
    pub fn tile<T: MatrixElement>(&self, n: u8) -> Option<MatrixView<'_, T>> {
        let place = self.matrix_place(0, n, self.tiles())?;
        Some(MatrixView::new(&self.matrix.file[place.range()], place))
    }

    /// As [`Hart::tile`], to be changed.
    pub fn tile_mut<T: MatrixElement>(&mut self, n: u8) -> Option<MatrixViewMut<'_, T>> {
        let place = self.matrix_place(0, n, self.tiles())?;
        Some(MatrixViewMut { data: &mut self.matrix.file[place.range()], place, element: PhantomData })
    }

    /// Accumulator register `n`, acc0..acc3 of version 0.6, as elements of type `T`. `None` if there is no such register: version
    /// 0.3 has none.
    pub fn accumulator<T: MatrixElement>(&self, n: u8) -> Option<MatrixView<'_, T>> {
        let place = self.matrix_place(4, n, MATRIX_REGISTERS - self.tiles())?;
        Some(MatrixView::new(&self.matrix.file[place.range()], place))
    }

    /// As [`Hart::accumulator`], to be changed.
    pub fn accumulator_mut<T: MatrixElement>(&mut self, n: u8) -> Option<MatrixViewMut<'_, T>> {
        let place = self.matrix_place(4, n, MATRIX_REGISTERS - self.tiles())?;
        Some(MatrixViewMut { data: &mut self.matrix.file[place.range()], place, element: PhantomData })
    }

    /// Matrix register `n` by its number in encodings, 0 to 7, as elements of type `T`: of 0.6 the accumulators are 4..7. `None`
    /// if there is no such register.
    pub fn matrix_register<T: MatrixElement>(&self, n: u8) -> Option<MatrixView<'_, T>> {
        let place = self.matrix_place(0, n, MATRIX_REGISTERS)?;
        Some(MatrixView::new(&self.matrix.file[place.range()], place))
    }

    /// As [`Hart::matrix_register`], to be changed.
    pub fn matrix_register_mut<T: MatrixElement>(&mut self, n: u8) -> Option<MatrixViewMut<'_, T>> {
        let place = self.matrix_place(0, n, MATRIX_REGISTERS)?;
        Some(MatrixViewMut { data: &mut self.matrix.file[place.range()], place, element: PhantomData })
    }
}
