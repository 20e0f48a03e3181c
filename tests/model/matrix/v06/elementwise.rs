//! Element by element: integers of 32 bits, floating point, clips.

use super::{Insn, State06, format};
use crate::matrix_model::numbers;
use crate::matrix_model::state::{integer, round_off, saturate};

impl State06 {
    /// The row of ms1 that goes with row `i`: the same one, or always that of the immediate.
    fn partner(&self, insn: &Insn, i: usize) -> usize {
        if insn.has("mv") { insn.field("uimm3") & (self.rows() - 1) } else { i }
    }

    pub(super) fn elementwise(&mut self, insn: &Insn, what: &str) {
        let e = insn.d_size();
        let (ms1, ms2) = (self.registers[insn.field("ms1")].clone(), self.registers[insn.field("ms2")].clone());
        let mut md = self.registers[insn.field("md")].clone();
        md.clear();
        for i in 0..md.rows {
            for j in 0..md.columns(e) {
                if !self.active(i, j) {
                    continue;
                }
                let (src2, src1) = (ms2.get(i, j, e), ms1.get(self.partner(insn, i), j, e));
                let v = if what == "few" { self.few(insn, src2, src1) } else { self.iew(insn, src2, src1) };
                md.set(i, j, e, v);
            }
        }
        self.registers[insn.field("md")] = md;
    }

    fn few(&mut self, insn: &Insn, src2: u64, src1: u64) -> u64 {
        let f = format(insn.about[1]);
        let (v, flags) = match insn.about[0] {
            "mfadd" => numbers::add(f, src2, src1, self.xmfrm),
            "mfsub" => numbers::sub(f, src2, src1, self.xmfrm),
            "mfmul" => numbers::mul(f, src2, src1, self.xmfrm),
            "mfmax" => numbers::select(f, src2, src1, true),
            "mfmin" => numbers::select(f, src2, src1, false),
            other => panic!("no model of {other}"),
        };
        self.xmfflags |= flags;
        v
    }

    fn iew(&mut self, insn: &Insn, src2: u64, src1: u64) -> u64 {
        let (a, b) = (integer(src2, 32, true), integer(src1, 32, true));
        let shift = src1 & 31;
        let exact = match insn.about[0] {
            "madd" => a + b,
            "msub" => a - b,
            "mmul" => a * b,
            "mmulh" => return ((a * b) >> 32) as u64,
            "mmax" => return a.max(b) as u64,
            "mmin" => return a.min(b) as u64,
            "mumax" => return src2.max(src1),
            "mumin" => return src2.min(src1),
            "msll" => return src2 << shift,
            "msrl" => return src2 >> shift,
            "msra" => return (a >> shift) as u64,
            other => panic!("no model of {other}"),
        };
        if self.xmsaten == 0 {
            return exact as u64;
        }
        let (near, clipped) = saturate(exact, 32, true);
        self.xmsat |= u64::from(clipped);
        near as u64
    }

    /// Words, shifted and clipped to bytes, in the first or the second quarter of each row.
    pub(super) fn clip(&mut self, insn: &Insn) {
        let name = insn.row.name;
        let signed = !name.contains("lu.") && !name.contains("hu.");
        let (ms1, ms2) = (self.registers[insn.field("ms1")].clone(), self.registers[insn.field("ms2")].clone());
        let mut md = self.registers[insn.field("md")].clone();
        let columns = md.columns(32);
        let skip = if name.starts_with("mn4cliph") { columns } else { 0 };
        for i in 0..md.rows {
            for j in 0..columns {
                let shift = ms1.get(self.partner(insn, i), j, 32) & 31;
                let v = round_off(integer(ms2.get(i, j, 32), 32, signed), shift, self.xmxrm);
                let (v, clipped) = saturate(v, 8, signed);
                self.xmsat |= u64::from(clipped);
                md.set(i, j + skip, 8, v as u64);
            }
        }
        self.registers[insn.field("md")] = md;
    }
}
