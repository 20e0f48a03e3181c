//! Moves: zeros, registers, rows, to and from x registers. Whole registers, whatever xmsize says.

use super::{Insn, State03, width_of};
use crate::matrix_model::state::{World, integer};

impl State03 {
    pub(super) fn moves(&mut self, i: &Insn, what: &str, world: &mut World) {
        let (md, ms1, ms2) = (i.field("md"), i.field("ms1"), i.field("ms2"));
        let width = i.about.first().map_or(8, |letter| width_of(letter));
        let columns = self.rlen / width;
        let index = world.x[i.field("rs1")] as usize % (self.rows() * columns);
        let (row, column) = (index / columns, index % columns);
        match what {
            "zero" => self.m[md].clear(),
            "mov_mm" => self.m[md] = self.m[ms1].clone(),
            "mov_row" => {
                let r = if i.row.has("rs1p") { world.x[i.rs1p()] } else { i.field("uimm3") as u64 };
                let source = self.m[ms1].clone();
                for row in 0..self.rows() {
                    for column in 0..columns {
                        let v = source.get(r as usize & (source.rows - 1), column, width);
                        self.m[md].set(row, column, width, v);
                    }
                }
            }
            "dup" => {
                for row in 0..self.rows() {
                    for column in 0..columns {
                        self.m[md].set(row, column, width, world.x[i.field("rs2")]);
                    }
                }
            }
            "m.x" => self.m[md].set(row, column, width, world.x[i.field("rs2")]),
            "x.m" => {
                let v = integer(self.m[ms2].get(row, column, width), width, true);
                world.set_x(i.field("rd"), v as u64);
            }
            _ => panic!("no model of {}", i.row.name),
        }
    }
}
