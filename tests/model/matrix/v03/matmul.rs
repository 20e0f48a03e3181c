//! Matrix multiplication, with results or second factors in pairs of registers.

use super::{Insn, State03, width_of};
use crate::matrix_model::multiply::{Formats, Integers, float, integers};
use crate::matrix_model::numbers::{BF16, F16, F32, F64, Format};
use crate::matrix_model::state::integer;

impl State03 {
    fn format(&self, letter: &str) -> Format {
        match letter {
            "h" if self.bf16 => BF16,
            "h" => F16,
            "s" => F32,
            _ => F64,
        }
    }

    /// Element `k` of row `i` of a matrix that begins in a register: rows beyond the last one are in the next register.
    fn element(&self, register: usize, i: usize, k: usize, width: usize) -> u64 {
        self.m[register + i / self.rows()].get(i % self.rows(), k, width)
    }

    /// Sets each element of the result to what `f` makes of it and its factors, others to zero.
    fn each(&mut self, i: &Insn, f: impl Fn(u64, &[(u64, u64)]) -> (u64, u64)) {
        let (from, to) = i.about[0].split_once("->").expect("from->to");
        let (narrow, wide) = (width_of(from), width_of(to));
        let (md, ms1, ms2) = (i.field("md"), i.field("ms1"), i.field("ms2"));
        // Columns beyond the last one are in the next register: with 64 bits, a row has half as many columns as there are rows.
        let columns = self.rlen / wide;
        let registers = if wide == 64 { 2 } else { 1 };
        let depth = self.size_k as usize * 8 / narrow;
        let old = self.clone();
        for n in 0..registers {
            self.m[md + n].clear();
        }
        for row in 0..old.size_m as usize {
            for column in 0..old.size_n as usize {
                let (n, at) = (column / columns, column % columns);
                let c = old.m[md + n].get(row, at, wide);
                let factors: Vec<_> = (0..depth)
                    .map(|k| (old.element(ms1, row, k, narrow), old.element(ms2, column, k, narrow)))
                    .collect();
                let (v, flags) = f(c, &factors);
                self.m[md + n].set(row, at, wide, v);
                self.fflags |= flags;
            }
        }
    }

    pub(super) fn fmm(&mut self, i: &Insn) {
        let (from, to) = i.about[0].split_once("->").expect("from->to");
        let formats = Formats { from: self.format(from), to: self.format(to) };
        let (how, frm) = (self.accumulation, self.frm);
        self.each(i, |c, factors| float(formats, how, c, factors, frm));
    }

    /// Sums wrap.
    pub(super) fn imm(&mut self, i: &Insn) {
        let (from, to) = i.about[0].split_once("->").expect("from->to");
        let (narrow, wide) = (width_of(from), width_of(to));
        let (a, b) = match i.word >> 7 & 3 {
            0 => (true, true),
            1 => (false, false),
            2 => (false, true),
            _ => (true, false),
        };
        let signs = Integers { a: (narrow, a), b: (narrow, b) };
        self.each(i, |c, factors| ((integer(c, wide, true) + integers(signs, factors)) as u64, 0));
    }
}
