//! "Vector Permutation Instructions" of integers.

use super::rules::{Dest, Rules, Write, each};
use super::state::State;
use crate::vector_model::state::{Fields, Outcome};

pub fn permute(s: &mut State, name: &str, f: &Fields) -> Option<Outcome> {
    let done = match name {
        "vext.x.v" => extract(s, f),
        "vmv.s.x" => insert(s, f),
        "vslideup.vx" => slide_up(s, f, s.x[f.vs1]),
        "vslideup.vi" => slide_up(s, f, f.vs1 as u64),
        "vslidedown.vx" => slide_down(s, f, s.x[f.vs1]),
        "vslidedown.vi" => slide_down(s, f, f.vs1 as u64),
        "vslide1up.vx" => slide_1_up(s, f),
        "vslide1down.vx" => slide_1_down(s, f),
        "vrgather.vv" => gather(s, f, None),
        "vrgather.vx" => gather(s, f, Some(s.x[f.vs1])),
        "vrgather.vi" => gather(s, f, Some(f.vs1 as u64)),
        "vcompress.vm" => compress(s, f),
        _ => return None,
    };
    Some(done.unwrap_or(Outcome::Illegal))
}

/// "This instruction ignores LMUL and vector register groups", and vl: it reads one register.
fn extract(s: &mut State, f: &Fields) -> Option<Outcome> {
    let sew = Rules::new(s, f)?.c.sew;
    let index = s.x[f.vs1];
    let value = if index < (s.vlen / sew) as u64 { s.get(f.vs2, index as usize, sew) } else { 0 };
    s.set_x(f.vd, value);
    s.vstart = 0;
    Some(Outcome::Done)
}

fn insert(s: &mut State, f: &Fields) -> Option<Outcome> {
    let sew = Rules::new(s, f)?.c.sew;
    insert_scalar(s, f.vd, sew, s.x[f.vs1]);
    Some(Outcome::Done)
}

/// vmv.s.x and vfmv.s.f: element 0 of one register is the scalar, the others become zero; nothing at all if vstart >= vl. Elements
/// before vstart are prestart elements as everywhere.
pub fn insert_scalar(s: &mut State, reg: usize, sew: usize, value: u64) {
    if s.vstart < s.vl {
        for i in s.vstart as usize..s.vlen / sew {
            s.set(reg, i, sew, if i == 0 { value } else { 0 });
        }
    }
    s.vstart = 0;
}

fn dest(f: &Fields, r: &Rules) -> Write {
    Write::new(Dest::Elements { reg: f.vd, eew: r.c.sew }, f)
}

fn slide_up(s: &mut State, f: &Fields, offset: u64) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    let to = r.group(f.vd)?;
    r.apart(to, r.group(f.vs2)?)?;
    r.apart_from_mask(to)?;
    let c = r.c;
    let offset = offset.min(c.vlmax as u64) as usize;
    let w = Write { first: offset, ..dest(f, &r) };
    Some(each(s, w, |s, i| s.get(f.vs2, i - offset, c.sew)))
}

fn slide_down(s: &mut State, f: &Fields, offset: u64) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    r.group(f.vs2)?;
    r.apart_from_mask(r.group(f.vd)?)?;
    let (c, w) = (r.c, dest(f, &r));
    Some(each(s, w, |s, i| {
        let from = u128::from(offset) + i as u128;
        if from < c.vlmax as u128 { s.get(f.vs2, from as usize, c.sew) } else { 0 }
    }))
}

fn slide_1_up(s: &mut State, f: &Fields) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    let to = r.group(f.vd)?;
    r.apart(to, r.group(f.vs2)?)?;
    r.apart_from_mask(to)?;
    let (c, w) = (r.c, dest(f, &r));
    Some(each(s, w, |s, i| if i == 0 { s.x[f.vs1] } else { s.get(f.vs2, i - 1, c.sew) }))
}

fn slide_1_down(s: &mut State, f: &Fields) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    r.group(f.vs2)?;
    r.apart_from_mask(r.group(f.vd)?)?;
    let (c, w) = (r.c, dest(f, &r));
    Some(each(s, w, |s, i| if i as u64 == s.vl - 1 { s.x[f.vs1] } else { s.get(f.vs2, i + 1, c.sew) }))
}

/// `index`: the scalar one, of XLEN bits; otherwise those of vs1, of SEW bits.
fn gather(s: &mut State, f: &Fields, index: Option<u64>) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    let to = r.group(f.vd)?;
    r.apart(to, r.group(f.vs2)?)?;
    if index.is_none() {
        r.apart(to, r.group(f.vs1)?)?;
    }
    r.apart_from_mask(to)?;
    let (c, w) = (r.c, dest(f, &r));
    Some(each(s, w, |s, i| {
        let from = index.unwrap_or_else(|| s.get(f.vs1, i, c.sew));
        if from < c.vlmax as u64 { s.get(f.vs2, from as usize, c.sew) } else { 0 }
    }))
}

fn compress(s: &mut State, f: &Fields) -> Option<Outcome> {
    let r = Rules::from_start(s, f)?;
    let to = r.group(f.vd)?;
    r.apart(to, r.group(f.vs2)?)?;
    r.apart(to, r.single(f.vs1))?;
    let c = r.c;
    let mut packed: Vec<u64> =
        (0..s.vl as usize).filter(|i| s.mask(f.vs1, *i, c.mlen)).map(|i| s.get(f.vs2, i, c.sew)).collect();
    // "Any remaining elements of vd are zeroed."
    packed.resize(c.vlmax, 0);
    if s.vl > 0 {
        for (i, v) in packed.into_iter().enumerate() {
            s.set(f.vd, i, c.sew, v);
        }
    }
    Some(Outcome::Done)
}
