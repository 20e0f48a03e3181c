//! Zeros, copies, single elements, packs, slides and broadcasts: what moves matrix state about and computes nothing (0.6: "Misc";
//! 0.3: "Zero and register moves", "GPR moves").
//!
//! Sizes and ELEN do not matter here: whole registers are moved, as elements of any width. A row that is narrower than an element
//! (an accumulator with ELEN 8 and one row, looked at as words) has no elements: nothing is written then, and 0 is read.
//!
//! The destination may be a source, too. None is copied first: everything is moved in an order that reads each byte before it
//! is overwritten.

use super::{Registers, Rule, matrix};
use crate::hart::{Context, Event, Hart, Place};
use std::ops::Range;

/// Zeros in `count` registers from `n` on, which lie one behind the other.
fn zero(hart: &mut Hart, n: u8, count: u8) -> Result<(), Event> {
    for n in n..n + count {
        let range = hart.matrix.place(n).range();
        hart.matrix.file[range].fill(0);
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// Copies row by row, as much as rows of both have; the rest of longer rows stays.
fn copy(hart: &mut Hart, to: u8, from: u8) -> Result<(), Event> {
    let (to, from) = (hart.matrix.place(to), hart.matrix.place(from));
    let file = &mut hart.matrix.file;
    if to.row == from.row {
        file.copy_within(from.range(), to.at);
    } else {
        let bytes = to.row.min(from.row);
        for i in 0..to.rows {
            let row = from.at + i * from.row;
            file.copy_within(row..row + bytes, to.at + i * to.row);
        }
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// Elements of `size` bytes in a row.
fn columns(place: Place, size: usize) -> usize {
    place.row / size
}

/// Where element `index`, modulo their number, lies: row by row. None if there are no such elements.
fn element(place: Place, index: u64, size: usize) -> Option<Range<usize>> {
    let count = columns(place, size) * place.rows;
    let index = index as usize & count.checked_sub(1)?;
    let at = place.at + index * size;
    Some(at..at + size)
}

/// An element, sign-extended.
fn read(hart: &Hart, n: u8, index: u64, size: usize) -> u64 {
    let Some(range) = element(hart.matrix.place(n), index, size) else { return 0 };
    let mut bytes = [0; 8];
    bytes[..size].copy_from_slice(&hart.matrix.file[range]);
    let unused = 64 - 8 * size as u32;
    (i64::from_le_bytes(bytes) << unused >> unused) as u64
}

/// Writes the low bits of `value` to an element.
fn write(hart: &mut Hart, n: u8, index: u64, size: usize, value: u64) -> Result<(), Event> {
    if let Some(range) = element(hart.matrix.place(n), index, size) {
        hart.matrix.file[range].copy_from_slice(&value.to_le_bytes()[..size]);
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// Writes `value` to all elements of rows.
fn spread(rows: &mut [u8], value: [u8; 8], size: usize) {
    match size {
        1 => rows.fill(value[0]),
        _ => rows.chunks_exact_mut(size).for_each(|e| e.copy_from_slice(&value[..size])),
    }
}

/// Writes the low bits of `value` to all elements.
fn dup(hart: &mut Hart, n: u8, size: usize, value: u64) -> Result<(), Event> {
    let place = hart.matrix.place(n);
    if columns(place, size) != 0 {
        spread(&mut hart.matrix.file[place.range()], value.to_le_bytes(), size);
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// Which halves of the rows of ms1 and ms2 `mpack` and its like take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Halves {
    /// The low half of both.
    LowLow,
    /// The low half of ms1, the high half of ms2.
    LowHigh,
    /// The high half of both.
    HighHigh,
}

/// Half a row of ms1 to the low half of each row, half a row of ms2 to the high one (resolution R5).
fn pack(hart: &mut Hart, [to, high, low]: [u8; 3], halves: Halves) -> Result<(), Event> {
    let (from_low, from_high) = match halves {
        Halves::LowLow => (0, 0),
        Halves::LowHigh => (0, 1),
        Halves::HighHigh => (1, 1),
    };
    let [to, high, low] = [to, high, low].map(|n| hart.matrix.place(n));
    let file = &mut hart.matrix.file;
    let half = to.row / 2;
    for i in 0..to.rows {
        let [to, high, low] = [to, high, low].map(|p| p.at + i * p.row);
        if half == 0 {
            // A row of a byte: its halves are nibbles.
            file[to] = file[low] >> (4 * from_low) & 15 | (file[high] >> (4 * from_high) & 15) << 4;
            continue;
        }
        let (low, high) = (low + half * from_low, high + half * from_high);
        // Which of them md may be, and where it is read after the other half has been written, follows from `halves`: what is
        // written first is never what the second one reads.
        if halves == Halves::HighHigh {
            file.copy_within(low..low + half, to);
            file.copy_within(high..high + half, to + half);
        } else {
            file.copy_within(high..high + half, to + half);
            file.copy_within(low..low + half, to);
        }
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// Where a slide goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slide {
    /// To lower rows or columns.
    Down,
    /// To higher ones.
    Up,
}

/// Moves `len` bytes of the file by `by` bytes; what nothing comes to becomes zero.
fn slide(file: &mut [u8], to: usize, from: usize, len: usize, by: usize, way: Slide) {
    match way {
        Slide::Down => {
            file.copy_within(from + by..from + len, to);
            file[to + len - by..to + len].fill(0);
        }
        Slide::Up => {
            file.copy_within(from..from + len - by, to + by);
            file[to..to + by].fill(0);
        }
    }
}

fn slide_rows(hart: &mut Hart, [to, from]: [u8; 2], by: i64, way: Slide) -> Result<(), Event> {
    let (to, from) = (hart.matrix.place(to), hart.matrix.place(from));
    let by = by as usize & (to.rows - 1);
    slide(&mut hart.matrix.file, to.at, from.at, to.len(), by * to.row, way);
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

fn slide_columns(hart: &mut Hart, [to, from]: [u8; 2], by: i64, size: usize, way: Slide) -> Result<(), Event> {
    let (to, from) = (hart.matrix.place(to), hart.matrix.place(from));
    if let Some(mask) = columns(to, size).checked_sub(1) {
        let by = by as usize & mask;
        for i in 0..to.rows {
            let (to, from) = (to.at + i * to.row, from.at + i * from.row);
            slide(&mut hart.matrix.file, to, from, (mask + 1) * size, by * size, way);
        }
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// One row, modulo their number, to all rows.
fn broadcast_row(hart: &mut Hart, to: u8, from: u8, row: u64) -> Result<(), Event> {
    let (to, from) = (hart.matrix.place(to), hart.matrix.place(from));
    let row = row as usize & (from.rows - 1);
    let at = from.at + row * from.row;
    for i in 0..to.rows {
        hart.matrix.file.copy_within(at..at + from.row, to.at + i * to.row);
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// One column, modulo their number, to all columns.
fn broadcast_column(hart: &mut Hart, [to, from]: [u8; 2], column: i64, size: usize) -> Result<(), Event> {
    let (to, from) = (hart.matrix.place(to), hart.matrix.place(from));
    if let Some(mask) = columns(from, size).checked_sub(1) {
        let file = &mut hart.matrix.file;
        for i in 0..to.rows {
            let at = from.at + i * from.row + (column as usize & mask) * size;
            let mut value = [0; 8];
            value[..size].copy_from_slice(&file[at..at + size]);
            let row = to.at + i * to.row;
            spread(&mut file[row..row + to.row], value, size);
        }
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

const fn rule(registers: Registers) -> Rule {
    Rule { registers, ..Rule::ALWAYS }
}

matrix! {
    MzeroXtheadmatrix0p6 Rule::ALWAYS, |h, _m, i| zero(h, i.rd, 1);
    Mzero2r rule(Registers::Group(2)), |h, _m, i| zero(h, i.rd, 2);
    Mzero4r rule(Registers::Group(4)), |h, _m, i| zero(h, i.rd, 4);
    Mzero8r rule(Registers::Group(8)), |h, _m, i| zero(h, i.rd, 8);
    MmovMmXtheadmatrix0p6 Rule::ALWAYS, |h, _m, i| copy(h, i.rd, i.rs1);
    Mpack rule(Registers::Alike), |h, _m, i| pack(h, [i.rd, i.rs2, i.rs1], Halves::LowLow);
    Mpackhl rule(Registers::Alike), |h, _m, i| pack(h, [i.rd, i.rs2, i.rs1], Halves::LowHigh);
    Mpackhh rule(Registers::Alike), |h, _m, i| pack(h, [i.rd, i.rs2, i.rs1], Halves::HighHigh);
    Mrslidedown rule(Registers::Alike), |h, _m, i| slide_rows(h, [i.rd, i.rs1], i.imm, Slide::Down);
    Mrslideup rule(Registers::Alike), |h, _m, i| slide_rows(h, [i.rd, i.rs1], i.imm, Slide::Up);
    MrbcaMvI rule(Registers::Alike), |h, _m, i| broadcast_row(h, i.rd, i.rs1, i.imm as u64);

    MzeroXtheadmatrix0p3 Rule::ALWAYS, |h, _m, i| zero(h, i.rd, 1);
    MmovMmXtheadmatrix0p3 Rule::ALWAYS, |h, _m, i| copy(h, i.rd, i.rs1);
    MmovMvX Rule::ALWAYS, |h, _m, i| { let row = h.x(i.rs3); broadcast_row(h, i.rd, i.rs1, row) };
    MmovMvI Rule::ALWAYS, |h, _m, i| broadcast_row(h, i.rd, i.rs1, i.imm as u64);
}

/// `columns! { McslidedownB McslideupB McbcabMvI 1; }`: those with columns of so many bytes.
macro_rules! columns {
    ($($down:ident $up:ident $broadcast:ident $size:literal;)*) => { matrix! { $(
        $down rule(Registers::Alike), |h, _m, i| slide_columns(h, [i.rd, i.rs1], i.imm, $size, Slide::Down);
        $up rule(Registers::Alike), |h, _m, i| slide_columns(h, [i.rd, i.rs1], i.imm, $size, Slide::Up);
        $broadcast rule(Registers::Alike), |h, _m, i| broadcast_column(h, [i.rd, i.rs1], i.imm, $size);
    )* } };
}
columns! {
    McslidedownB McslideupB McbcabMvI 1;
    McslidedownH McslideupH McbcahMvI 2;
    McslidedownW McslideupW McbcawMvI 4;
    McslidedownD McslideupD McbcadMvI 8;
}

/// `elements! { MmovbXM MmovbMX MdupbMX 1; }`: to and from integer registers, elements of so many bytes. Reading one changes
/// no matrix state.
macro_rules! elements {
    ($($read:ident $write:ident $dup:ident $size:literal;)*) => { matrix! { $(
        $read Rule::ALWAYS, |h, _m, i| {
            let v = read(h, i.rs2, h.x(i.rs1), $size);
            h.set_x(i.rd, v);
            Ok(())
        };
        $write Rule::ALWAYS, |h, _m, i| {
            let (index, v) = (h.x(i.rs1), h.x(i.rs2));
            write(h, i.rd, index, $size, v)
        };
        $dup Rule::ALWAYS, |h, _m, i| {
            let v = h.x(i.rs2);
            dup(h, i.rd, $size, v)
        };
    )* } };
}
elements! {
    MmovbXMXtheadmatrix0p3 MmovbMXXtheadmatrix0p3 MdupbMXXtheadmatrix0p3 1;
    MmovhXMXtheadmatrix0p3 MmovhMXXtheadmatrix0p3 MduphMXXtheadmatrix0p3 2;
    MmovwXMXtheadmatrix0p3 MmovwMXXtheadmatrix0p3 MdupwMXXtheadmatrix0p3 4;
    MmovdXMXtheadmatrix0p3 MmovdMXXtheadmatrix0p3 MdupdMXXtheadmatrix0p3 8;
    MmovbXMXtheadmatrix0p6 MmovbMXXtheadmatrix0p6 MdupbMXXtheadmatrix0p6 1;
    MmovhXMXtheadmatrix0p6 MmovhMXXtheadmatrix0p6 MduphMXXtheadmatrix0p6 2;
    MmovwXMXtheadmatrix0p6 MmovwMXXtheadmatrix0p6 MdupwMXXtheadmatrix0p6 4;
    MmovdXMXtheadmatrix0p6 MmovdMXXtheadmatrix0p6 MdupdMXXtheadmatrix0p6 8;
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exec, hart};
    use super::*;
    use crate::hart::MatrixConfig;

    /// ROWNUM 4; rows of 16 bytes in tiles, of 32 in accumulators.
    fn unit() -> Hart {
        hart(MatrixConfig::v0p6(512, 128, 64))
    }

    fn rows(hart: &Hart, n: u8) -> Vec<Vec<u8>> {
        hart.matrix_bytes(n).chunks(hart.matrix_row_bytes(n)).map(<[u8]>::to_vec).collect()
    }

    fn zeros(hart: &Hart, n: u8) -> Vec<u8> {
        vec![0; hart.matrix_row_bytes(n)]
    }

    #[test]
    fn packs_read_their_sources_first() {
        for (rd, rs1, rs2) in (0..27).map(|k| (k % 3, k / 3 % 3, k / 9)) {
            let mut a = unit();
            let (one, two) = (rows(&a, rs1), rows(&a, rs2));
            let expect = |low: usize, high: usize| {
                let both = one.iter().zip(&two);
                both.map(|(l, h)| [&l[8 * low..][..8], &h[8 * high..][..8]].concat()).collect::<Vec<_>>()
            };
            let mut b = a.clone();
            let mut c = a.clone();
            assert!(exec!(a, Mpack, rd: rd, rs1: rs1, rs2: rs2));
            assert!(exec!(b, Mpackhl, rd: rd, rs1: rs1, rs2: rs2));
            assert!(exec!(c, Mpackhh, rd: rd, rs1: rs1, rs2: rs2));
            let regs = format!("md {rd}, ms1 {rs1}, ms2 {rs2}");
            assert_eq!(rows(&a, rd), expect(0, 0), "mpack, {regs}");
            assert_eq!(rows(&b, rd), expect(0, 1), "mpackhl, {regs}");
            assert_eq!(rows(&c, rd), expect(1, 1), "mpackhh, {regs}");
            assert_eq!(a.ms(), Context::Dirty);
        }
    }

    #[test]
    fn rows_of_a_byte_have_nibbles_for_halves() {
        let mut h = hart(MatrixConfig::v0p6(16, 8, 8));
        h.matrix_bytes_mut(0).copy_from_slice(&[0x12, 0x34]);
        h.matrix_bytes_mut(1).copy_from_slice(&[0xab, 0xcd]);
        assert!(exec!(h, Mpackhl, rd: 2, rs1: 0, rs2: 1));
        assert_eq!(h.matrix_bytes(2), [0xa2, 0xc4]);
        assert!(exec!(h, Mpackhh, rd: 0, rs1: 0, rs2: 1));
        assert_eq!(h.matrix_bytes(0), [0xa1, 0xc3]);
    }

    #[test]
    fn classes_do_not_mix() {
        let mut h = unit();
        assert!(!exec!(h, Mpack, rd: 0, rs1: 1, rs2: 4));
        assert!(!exec!(h, Mrslidedown, rd: 4, rs1: 3));
        assert!(!exec!(h, McbcawMvI, rd: 3, rs1: 4));
        assert!(!exec!(h, Mzero2r, rd: 1));
        assert!(!exec!(h, Mzero8r, rd: 4));
        assert_eq!(h.ms(), Context::Clean);
    }

    #[test]
    fn slides_by_any_number_modulo_in_place_or_not() {
        for (rd, by) in (4..6).flat_map(|rd| (0..8).map(move |by| (rd, by))) {
            let (mut a, mut b, mut c, mut d) = (unit(), unit(), unit(), unit());
            let source = rows(&a, 4);
            let row = |i: i64| source.get(i as usize).cloned().unwrap_or(zeros(&a, 4));
            let down: Vec<_> = (0..4).map(|i| row(i + (by & 3))).collect();
            let up: Vec<_> = (0..4).map(|i| row(i - (by & 3))).collect();
            let cut = 8 * (by as usize & 3);
            let left: Vec<_> = source.iter().map(|r| [&r[cut..], &vec![0; cut]].concat()).collect();
            let right: Vec<_> = source.iter().map(|r| [&vec![0; cut], &r[..32 - cut]].concat()).collect();
            assert!(exec!(a, Mrslidedown, rd: rd, rs1: 4, imm: by));
            assert!(exec!(b, Mrslideup, rd: rd, rs1: 4, imm: by));
            assert!(exec!(c, McslidedownD, rd: rd, rs1: 4, imm: by));
            assert!(exec!(d, McslideupD, rd: rd, rs1: 4, imm: by));
            assert_eq!(rows(&a, rd), down, "down by {by}");
            assert_eq!(rows(&b, rd), up, "up by {by}");
            assert_eq!(rows(&c, rd), left, "columns down by {by}");
            assert_eq!(rows(&d, rd), right, "columns up by {by}");
        }
    }

    #[test]
    fn broadcasts_take_numbers_modulo() {
        let mut h = unit();
        let source = rows(&h, 0);
        assert!(exec!(h, MrbcaMvI, rd: 0, rs1: 0, imm: 6));
        assert_eq!(rows(&h, 0), vec![source[2].clone(); 4]);
        let mut h = unit();
        assert!(exec!(h, McbcawMvI, rd: 0, rs1: 0, imm: 7));
        assert_eq!(rows(&h, 0), source.iter().map(|r| r[12..].repeat(4)).collect::<Vec<_>>());
        let mut h = hart(MatrixConfig::v0p3(128));
        let source = rows(&h, 7);
        h.set_x(9, 5);
        assert!(exec!(h, MmovMvX, rd: 7, rs1: 7, rs3: 9));
        assert_eq!(rows(&h, 7), vec![source[1].clone(); 4]);
    }

    #[test]
    fn copies_between_classes_move_what_both_have() {
        let mut h = unit();
        let (tile, acc) = (rows(&h, 1), rows(&h, 5));
        assert!(exec!(h, MmovMmXtheadmatrix0p6, rd: 5, rs1: 1));
        let expect: Vec<_> = tile.iter().zip(&acc).map(|(t, a)| [t, &a[16..]].concat()).collect();
        assert_eq!(rows(&h, 5), expect, "what is beyond the tile's row stays");
        assert!(exec!(h, MmovMmXtheadmatrix0p6, rd: 2, rs1: 6));
        assert_eq!(rows(&h, 2), rows(&h, 6).iter().map(|r| r[..16].to_vec()).collect::<Vec<_>>());
    }

    #[test]
    fn elements_are_counted_modulo_and_signed() {
        let mut h = unit();
        h.set_x(10, 64 + 5);
        h.set_x(11, 0x1_8000_f00d);
        assert!(exec!(h, MmovhMXXtheadmatrix0p6, rd: 4, rs1: 10, rs2: 11));
        assert_eq!(h.matrix_bytes(4)[10..12], [0x0d, 0xf0]);
        h.set_ms(Context::Clean);
        assert!(exec!(h, MmovhXMXtheadmatrix0p6, rd: 12, rs1: 10, rs2: 4));
        assert_eq!(h.x(12), 0xffff_ffff_ffff_f00d);
        assert_eq!(h.ms(), Context::Clean, "reading changes nothing");
        assert!(exec!(h, MdupwMXXtheadmatrix0p6, rd: 3, rs2: 11));
        assert_eq!(rows(&h, 3), vec![[0x0d, 0xf0, 0, 0x80].repeat(4); 4]);
    }

    #[test]
    fn rows_narrower_than_an_element_have_none() {
        // Accumulators of one byte, two rows.
        let mut h = hart(MatrixConfig::v0p6(16, 16, 8));
        h.set_x(10, u64::MAX);
        let before = rows(&h, 4);
        assert!(exec!(h, MmovwMXXtheadmatrix0p6, rd: 4, rs1: 10, rs2: 10));
        assert!(exec!(h, MdupdMXXtheadmatrix0p6, rd: 4, rs2: 10));
        assert!(exec!(h, McslideupW, rd: 4, rs1: 5, imm: 1));
        assert!(exec!(h, McbcadMvI, rd: 4, rs1: 5, imm: 1));
        assert_eq!(rows(&h, 4), before);
        assert!(exec!(h, MmovdXMXtheadmatrix0p6, rd: 11, rs1: 10, rs2: 4));
        assert_eq!(h.x(11), 0);
        assert!(exec!(h, McslideupB, rd: 4, rs1: 5, imm: 1));
        assert_eq!(rows(&h, 4), rows(&h, 5), "a single column stays where it is");
    }

    #[test]
    fn groups_are_zeroed() {
        let mut h = unit();
        assert!(exec!(h, Mzero2r, rd: 6));
        assert!(exec!(h, Mzero4r, rd: 0));
        assert_eq!(
            (0..8).map(|n| h.matrix_bytes(n).iter().any(|b| *b != 0)).collect::<Vec<_>>(),
            [false, false, false, false, true, true, false, false]
        );
    }
}
