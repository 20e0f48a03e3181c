//! Loads and stores.

use super::{Insn, State03, width_of};
use crate::matrix_model::state::{Trap, World};

impl State03 {
    /// Rows of a tile. They begin at xmrstart; a load leaves those before it alone.
    pub(super) fn tile(&mut self, i: &Insn, what: &str, world: &mut World) -> Result<(), Trap> {
        let e = width_of(i.about[0]);
        let (base, stride) = (world.x[i.field("rs1")], world.x[i.field("rs2")]);
        let columns = self.size_k as usize * 8 / e;
        let first = self.xmrstart as usize;
        let mut places = Vec::new();
        for row in first..self.size_m as usize {
            for column in 0..columns {
                let addr = base.wrapping_add((row as u64).wrapping_mul(stride));
                places.push((addr.wrapping_add((column * e / 8) as u64), row, column));
            }
        }
        if what == "ld" {
            let addresses: Vec<u64> = places.iter().map(|p| p.0).collect();
            let values = world.load(&addresses, e)?;
            let md = &mut self.m[i.field("md")];
            for row in first..md.rows {
                for column in 0..md.columns(8) {
                    md.set(row, column, 8, 0);
                }
            }
            for ((_, row, column), v) in places.iter().zip(values) {
                md.set(*row, *column, e, v);
            }
            Ok(())
        } else {
            let ms3 = &self.m[i.field("ms3")];
            let elements: Vec<_> = places.iter().map(|(at, row, column)| (*at, ms3.get(*row, *column, e))).collect();
            world.store(&elements, e)
        }
    }

    /// Whole registers, one behind the other, from row xmrstart of all of theirs on (choice).
    pub(super) fn whole(&mut self, i: &Insn, what: &str, world: &mut World) -> Result<(), Trap> {
        let e = 8 << (i.word >> 10 & 3);
        let count: usize = i.about[0].parse().expect("a number of registers");
        let base = world.x[i.field("rs1")];
        let first = i.field(if what == "ldm" { "md" } else { "ms3" });
        let (rows, columns) = (self.rows(), self.rlen / e);
        let mut places = Vec::new();
        for n in 0..count {
            for row in 0..rows {
                for column in 0..columns {
                    if (n * rows + row) < self.xmrstart as usize {
                        continue;
                    }
                    let at = ((n * rows + row) * columns + column) * e / 8;
                    places.push((base.wrapping_add(at as u64), first + n, row, column));
                }
            }
        }
        if what == "ldm" {
            let values = world.load(&places.iter().map(|p| p.0).collect::<Vec<_>>(), e)?;
            for ((_, n, row, column), v) in places.into_iter().zip(values) {
                self.m[n].set(row, column, e, v);
            }
            Ok(())
        } else {
            let element = |(at, n, row, column): &(u64, usize, usize, usize)| (*at, self.m[*n].get(*row, *column, e));
            world.store(&places.iter().map(element).collect::<Vec<_>>(), e)
        }
    }
}
