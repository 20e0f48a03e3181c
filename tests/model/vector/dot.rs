//! XTheadVdot: sums of four products of bytes.

use super::legality::{Form, each};
use super::operands::{Second, Widths, form};
use super::state::{Fields, Outcome, VState, sign_extend};

pub fn dot(s: &mut VState, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    let (stem, suffix) = mnemonic.strip_prefix("th.")?.split_once('.')?;
    // Whether the bytes of vs1 or rs1 are signed, and those of vs2.
    let (one_signed, two_signed) = match stem {
        "vmaqa" => (true, true),
        "vmaqau" => (false, false),
        "vmaqasu" => (true, false),
        "vmaqaus" => (false, true),
        _ => return None,
    };
    let second = Second::of(s, f, suffix, false)?;
    if s.vtype().is_none_or(|vtype| vtype.sew != 32) {
        return Some(Outcome::Illegal);
    }
    let by_bytes = !s.settings.dot_by_elements;
    let usual = form(s, f, second, Widths { dest: 32, vs2: 32, vs1: 32 });
    // vd is read, too. Where mask bits stand for bytes, each element has a result (choice: of four inactive bytes its old value).
    let mut sources = usual.sources.clone();
    sources.extend(usual.dest);
    let form = Form { sources, whole_body: by_bytes, ..usual };
    let masked = form.masked;
    let byte = |v: u64, j: usize, signed: bool| {
        let v = v >> (8 * j) & 0xff;
        if signed { sign_extend(v, 8) } else { v as i64 }
    };
    Some(each(s, &form, |s, i| {
        let (one, two) = (second.get(s, i, 32), s.get(f.vs2, i, 32));
        let bytes = (0..4).filter(|j| !masked || !by_bytes || s.mask(0, 4 * i + j));
        let sum: i64 = bytes.map(|j| byte(one, j, one_signed) * byte(two, j, two_signed)).sum();
        s.get(f.vd, i, 32).wrapping_add(sum as u64)
    }))
}
