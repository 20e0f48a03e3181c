//! Conversions: all rows and columns, whatever the tile's size is.

use super::{Insn, State06, format};
use crate::matrix_model::numbers;
use crate::matrix_model::state::integer;

impl State06 {
    pub(super) fn convert(&mut self, insn: &Insn, what: &str) {
        let (from, to) = insn.formats();
        let number = |name: &str| name[1..].parse::<usize>().expect("a width");
        let (narrow, wide) = match what {
            "fcvt" => (format(from).width(), format(to).width()),
            "i2f" => (number(from), format(to).width()),
            "f2i" => (format(from).width(), number(to)),
            _ => (number(from), number(to)),
        };
        let source = self.registers[insn.field("ms1")].clone();
        let mut md = self.registers[insn.field("md")].clone();
        // As many elements as the wider format has in a row; those of the narrower one are a part of the row.
        let count = source.columns(narrow.max(wide));
        let high = insn.has("h") || insn.has("qh");
        let skip = |width: usize| if width == narrow.max(wide) || !high { 0 } else { count };
        for i in 0..source.rows {
            for j in 0..count {
                let v = source.get(i, j + skip(narrow), narrow);
                let (v, flags) = match what {
                    // The text: its low bits are cleared, and nothing else.
                    "fcvt" if from == "tf32" => (v & !0x1fff, 0),
                    "fcvt" => numbers::convert(format(from), format(to), v, self.xmfrm, self.xmsaten == 1),
                    "i2f" => {
                        let v = integer(v, narrow, from.starts_with('i'));
                        numbers::from_integer(v as i64, format(to), self.xmfrm)
                    }
                    "f2i" => {
                        let signed = to.starts_with('i');
                        let (v, flags) = numbers::to_integer(format(from), v, wide as u32, signed, self.xmfrm);
                        (v as u64, flags)
                    }
                    _ => (integer(v, narrow, from.starts_with('i')) as u64, 0),
                };
                md.set(i, j + skip(wide), wide, v);
                self.xmfflags |= flags;
            }
        }
        self.registers[insn.field("md")] = md;
    }
}
