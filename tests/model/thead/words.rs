//! The instructions as `tests/data/xtheadvector.txt` lists them.

use std::sync::OnceLock;

/// A line of the list.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub name: &'static str,
    /// Bits that are the same in all words, in `mask`.
    pub value: u32,
    pub mask: u32,
    /// A word, and what it was assembled from.
    pub example: u32,
    pub text: &'static str,
}

pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = include_str!("../../data/xtheadvector.txt").lines().filter(|line| !line.starts_with('#'));
        let rows = lines.map(|line| {
            let mut words = line.splitn(5, ' ');
            let mut word = || words.next().expect("five columns");
            let name = word();
            let mut number = || u32::from_str_radix(word().trim_start_matches("0x"), 16).expect("a hexadecimal number");
            let (value, mask, example) = (number(), number(), number());
            Row { name, value, mask, example, text: word() }
        });
        rows.collect()
    })
}

/// The instruction that a word is.
pub fn of(word: u32) -> Option<&'static Row> {
    rows().iter().find(|r| word & r.mask == r.value)
}

/// A word of the instruction, named without `th.`; `vs1` may also be rs1 or an immediate, `vs2` rs2. Fields that are no operands keep
/// their values, but have to be given as 0 or as they are.
pub fn word(name: &str, vd: u32, vs2: u32, vs1: u32, vm: u32) -> u32 {
    let row = rows().iter().find(|r| r.name.strip_prefix("th.") == Some(name)).unwrap_or_else(|| panic!("{name}"));
    let fields = vd << 7 | vs1 << 15 | vs2 << 20 | vm << 25;
    row.value | fields & !row.mask
}
