//! Integers, element by element of an M x K tile.

use super::{Insn, State03, width_of};
use crate::matrix_model::state::{World, integer, round_off, saturate};

impl State03 {
    pub(super) fn pointwise(&mut self, i: &Insn, world: &World) {
        let operation = i.about[0];
        let width = width_of(i.about[1]);
        let (ms1, ms2) = (self.m[i.field("ms1")].clone(), self.m[i.field("ms2")].clone());
        let md = i.field("md");
        let columns = self.size_k as usize * 8 / width;
        let second = |row: usize, column: usize| {
            let from = match () {
                _ if i.has("mx") => return world.x[i.rs1p()],
                _ if i.row.has("rs1p") => world.x[i.rs1p()] as usize & (ms1.rows - 1),
                _ if i.row.has("uimm3") => i.field("uimm3") & (ms1.rows - 1),
                _ => row,
            };
            ms1.get(from, column, width)
        };
        if operation.starts_with("mn4clip") {
            // A quarter of the width; the other three quarters of a row keep what they have.
            let (signed, narrow) = (operation == "mn4clip", width / 4);
            for row in 0..ms2.rows {
                for column in 0..self.rlen / width {
                    let active = row < self.size_m as usize && column < columns;
                    let v = if active {
                        let shift = second(row, column) & (width as u64 - 1);
                        let v = round_off(integer(ms2.get(row, column, width), width, signed), shift, self.xmxrm);
                        let (v, clipped) = saturate(v, narrow, signed);
                        self.xmsat |= u64::from(clipped);
                        v as u64
                    } else {
                        0
                    };
                    self.m[md].set(row, column, narrow, v);
                }
            }
            return;
        }
        self.m[md].clear();
        for row in 0..self.size_m as usize {
            for column in 0..columns {
                let (v2, v1) = (ms2.get(row, column, width), second(row, column));
                let (a, b) = (integer(v2, width, true), integer(v1, width, true));
                let v = match operation {
                    "madd" => a + b,
                    "msub" => a - b,
                    "mmul" => a.wrapping_mul(b),
                    "mmulh" => (a * b) >> width,
                    "msra" => round_off(a, v1 & (width as u64 - 1), self.xmxrm),
                    _ => panic!("no model of {operation}"),
                };
                self.m[md].set(row, column, width, v as u64);
            }
        }
    }
}
