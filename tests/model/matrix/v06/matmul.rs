//! Matrix multiplication.

use super::{Insn, State06, format, source_width};
use crate::matrix_model::multiply::{Formats, Integers, float, integers};
use crate::matrix_model::state::{integer, saturate};

impl State06 {
    /// The factors of an element: A's row `i`, B's row `j`.
    fn factors(&self, insn: &Insn, i: usize, j: usize, widths: (usize, usize)) -> Vec<(u64, u64)> {
        let (a, b) = (&self.registers[insn.field("ms1")], &self.registers[insn.field("ms2")]);
        (0..self.mtilek as usize).map(|k| (a.get(i, k, widths.0), b.get(j, k, widths.1))).collect()
    }

    /// Sets each element of md to what `f` makes of it, and those outside of the tile to zero.
    fn each(&mut self, insn: &Insn, width: usize, mut f: impl FnMut(&mut State06, usize, usize, u64) -> u64) {
        let old = self.registers[insn.field("md")].clone();
        let mut new = old.clone();
        new.clear();
        for i in 0..old.rows {
            for j in 0..old.columns(width) {
                if self.active(i, j) {
                    let v = f(self, i, j, old.get(i, j, width));
                    new.set(i, j, width, v);
                }
            }
        }
        self.registers[insn.field("md")] = new;
    }

    pub(super) fn mfmacc(&mut self, insn: &Insn) {
        let (from, to) = insn.formats();
        let formats = Formats { from: format(from), to: format(to) };
        let width = formats.from.width();
        self.each(insn, formats.to.width(), |s, i, j, c| {
            let factors = s.factors(insn, i, j, (width, width));
            let (v, flags) = float(formats, s.accumulation, c, &factors, s.xmfrm);
            s.xmfflags |= flags;
            v
        });
    }

    pub(super) fn mmacc(&mut self, insn: &Insn) {
        // Bits 24 and 23: is A, is B signed?
        let (a, b) = (insn.word >> 24 & 1 == 1, insn.word >> 23 & 1 == 1);
        let narrow = source_width(insn);
        let other = if insn.formats().0 == "i8xi4" { 4 } else { narrow };
        let signs = Integers { a: (narrow, a), b: (other, b) };
        let width = insn.d_size();
        self.each(insn, width, |s, i, j, c| {
            let factors = s.factors(insn, i, j, (narrow, other));
            let r = integer(c, width, true) + integers(signs, &factors);
            let (near, clipped) = saturate(r, width, true);
            if s.xmsaten == 0 {
                return r as u64;
            }
            s.xmsat |= u64::from(clipped);
            near as u64
        });
    }
}
