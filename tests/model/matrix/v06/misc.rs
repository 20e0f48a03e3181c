//! Moves: between registers, to and from x registers, packs, slides, broadcasts. Whole registers, whatever the tile's size is.

use super::{Insn, State06};
use crate::matrix_model::state::{World, integer};

/// The width that a letter of a name stands for: `mmovb`, `mcslideup.h`, `mcbcaw`.
fn width_of(letter: Option<char>) -> usize {
    match letter {
        Some('b') => 8,
        Some('h') => 16,
        Some('w') => 32,
        Some('d') => 64,
        other => panic!("no width {other:?}"),
    }
}

impl State06 {
    pub(super) fn misc(&mut self, i: &Insn, what: &str, world: &mut World) {
        let name = i.row.name;
        let md = i.field("md");
        let uimm3 = i.field("uimm3");
        let old = self.registers[md].clone();
        let ms1 = self.registers[i.field("ms1")].clone();
        let ms2 = self.registers[i.field("ms2")].clone();
        let rows = self.rows();
        let mut new = old.clone();
        match what {
            "mzero" => {
                let count = i.word as usize >> 23 & 7;
                for n in md..=md + count {
                    self.registers[n].clear();
                }
                return;
            }
            "mmov_mm" => {
                for row in 0..rows {
                    for n in 0..ms1.columns(8).min(old.columns(8)) {
                        new.set(row, n, 8, ms1.get(row, n, 8));
                    }
                }
            }
            "mmov_xm" => {
                let e = width_of(name.chars().nth(4));
                // A register too small for an element reads as zero.
                let at = place(world.x[i.field("rs1")], rows, ms2.columns(e));
                let value = at.map_or(0, |(row, column)| integer(ms2.get(row, column, e), e, true) as u64);
                world.set_x(i.field("rd"), value);
                return;
            }
            "mmov_mx" => {
                let e = width_of(name.chars().nth(4));
                if let Some((row, column)) = place(world.x[i.field("rs1")], rows, old.columns(e)) {
                    new.set(row, column, e, world.x[i.field("rs2")]);
                }
            }
            "mdup" => {
                let e = width_of(name.chars().nth(4));
                for row in 0..rows {
                    for column in 0..old.columns(e) {
                        new.set(row, column, e, world.x[i.field("rs2")]);
                    }
                }
            }
            "mpack" => {
                // Names say which halves: of ms2, then of ms1, `mpackhl` being (ms1 low, ms2 high).
                let (from1, from2) = match name {
                    "mpack" => (0, 0),
                    "mpackhl" => (0, 1),
                    _ => (1, 1),
                };
                // Nibbles, since rows of a byte have halves, too.
                let half = old.columns(4) / 2;
                for row in 0..rows {
                    for n in 0..half {
                        new.set(row, n, 4, ms1.get(row, n + from1 * half, 4));
                        new.set(row, n + half, 4, ms2.get(row, n + from2 * half, 4));
                    }
                }
            }
            "mrslide" => {
                let n = uimm3 & (rows - 1);
                for row in 0..rows {
                    let from = if name == "mrslidedown" { Some(row + n) } else { row.checked_sub(n) };
                    let from = from.filter(|from| *from < rows);
                    for at in 0..old.columns(8) {
                        new.set(row, at, 8, from.map_or(0, |from| ms1.get(from, at, 8)));
                    }
                }
            }
            "mcslide" => {
                let e = width_of(name.chars().last());
                let columns = old.columns(e);
                let n = uimm3 & columns.wrapping_sub(1);
                for row in 0..rows {
                    for j in 0..columns {
                        let from = if name.starts_with("mcslidedown") { Some(j + n) } else { j.checked_sub(n) };
                        let from = from.filter(|from| *from < columns);
                        new.set(row, j, e, from.map_or(0, |from| ms1.get(row, from, e)));
                    }
                }
            }
            "mrbc" => {
                for row in 0..rows {
                    for at in 0..old.columns(8) {
                        new.set(row, at, 8, ms1.get(uimm3 & (rows - 1), at, 8));
                    }
                }
            }
            "mcbc" => {
                let e = width_of(name.chars().nth(5));
                let columns = old.columns(e);
                for row in 0..rows {
                    for j in 0..columns {
                        new.set(row, j, e, ms1.get(row, uimm3 & (columns - 1), e));
                    }
                }
            }
            _ => panic!("no model of {name}"),
        }
        self.registers[md] = new;
    }
}

/// Row and column of an index, of which as many bits count as there are elements.
fn place(index: u64, rows: usize, columns: usize) -> Option<(usize, usize)> {
    let count = rows * columns;
    let index = index as usize & count.checked_sub(1)?;
    Some((index / columns, index % columns))
}
