//! Loads and stores.

use super::{Insn, State06};
use crate::matrix_model::state::{Trap, World};

impl State06 {
    /// A tile: plain or transposed in memory.
    pub(super) fn tile(&mut self, i: &Insn, what: &str, world: &mut World) -> Result<(), Trap> {
        let e = i.d_size();
        let letters = what.split('_').nth(1).expect("mload_x or mstore_x");
        let transposed = letters.ends_with('t');
        let (x, y) = match &letters[..1] {
            "a" => (self.mtilem, self.mtilek),
            "b" => (self.mtilen, self.mtilek),
            _ => (self.mtilem, self.mtilen),
        };
        let (base, stride) = (world.x[i.field("rs1")], world.x[i.field("rs2")]);
        let address = |outer: u64, inner: u64| {
            base.wrapping_add(outer.wrapping_mul(stride)).wrapping_add(inner.wrapping_mul(e as u64 / 8))
        };
        // Elements in the order of memory, with their places in the register.
        let (outer, inner) = if transposed { (y, x) } else { (x, y) };
        let mut places = Vec::new();
        for o in 0..outer {
            for n in 0..inner {
                let (row, column) = if transposed { (n, o) } else { (o, n) };
                places.push((address(o, n), row as usize, column as usize));
            }
        }
        if what.starts_with("mload") {
            let addresses: Vec<u64> = places.iter().map(|p| p.0).collect();
            let values = world.load(&addresses, e)?;
            let md = &mut self.registers[i.field("md")];
            md.clear();
            for ((_, row, column), v) in places.iter().zip(values) {
                md.set(*row, *column, e, v);
            }
            Ok(())
        } else {
            let ms3 = &self.registers[i.field("ms3")];
            let elements: Vec<_> = places.iter().map(|(at, row, column)| (*at, ms3.get(*row, *column, e))).collect();
            world.store(&elements, e)
        }
    }

    /// A register as it is. Sizes do not matter. Elements wider than a row are those of a row's width (choice).
    pub(super) fn whole(&mut self, i: &Insn, world: &mut World) -> Result<(), Trap> {
        let base = world.x[i.field("rs1")];
        let load = i.row.has("md");
        let n = i.field(if load { "md" } else { "ms3" });
        let e = i.d_size().min(self.registers[n].row);
        let count = self.registers[n].bytes.len() * 8 / e;
        let at = |element: usize| base.wrapping_add((element * e / 8) as u64);
        if load {
            let values = world.load(&(0..count).map(at).collect::<Vec<_>>(), e)?;
            let bytes = values.iter().flat_map(|v| v.to_le_bytes().into_iter().take(e / 8));
            for (to, byte) in self.registers[n].bytes.iter_mut().zip(bytes) {
                *to = byte;
            }
            Ok(())
        } else {
            let element = |bytes: &[u8]| bytes.iter().rev().fold(0, |v, byte| v << 8 | u64::from(*byte));
            let values = self.registers[n].bytes.chunks_exact(e / 8).map(element);
            let elements: Vec<_> = values.enumerate().map(|(element, v)| (at(element), v)).collect();
            world.store(&elements, e)
        }
    }
}
