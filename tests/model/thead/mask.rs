//! "Vector Mask Instructions". Masks stand in any one register and have no alignment.

use super::rules::{Dest, Rules, Write, each};
use super::state::State;
use crate::vector_model::mask::logical_function;
use crate::vector_model::state::{Fields, Outcome};

pub fn mask(s: &mut State, name: &str, f: &Fields) -> Option<Outcome> {
    logical(s, name, f).or_else(|| to_scalar(s, name, f)).or_else(|| first(s, name, f)).or_else(|| match name {
        "viota.m" => Some(iota(s, f).unwrap_or(Outcome::Illegal)),
        "vid.v" => Some(id(s, f).unwrap_or(Outcome::Illegal)),
        _ => None,
    })
}

fn logical(s: &mut State, name: &str, f: &Fields) -> Option<Outcome> {
    let function = match name {
        "vmandnot.mm" => logical_function("vmandn.mm"),
        "vmornot.mm" => logical_function("vmorn.mm"),
        "vmandn.mm" | "vmorn.mm" => None,
        _ => logical_function(name),
    }?;
    let Some(r) = Rules::new(s, f) else { return Some(Outcome::Illegal) };
    let mlen = r.c.mlen;
    // "Always unmasked."
    let w = Write { dest: Dest::Mask { reg: f.vd }, masked: false, first: 0 };
    Some(each(s, w, |s, i| function(s.mask(f.vs2, i, mlen), s.mask(f.vs1, i, mlen)).into()))
}

/// vmpopc.m, vmfirst.m
fn to_scalar(s: &mut State, name: &str, f: &Fields) -> Option<Outcome> {
    if !matches!(name, "vmpopc.m" | "vmfirst.m") {
        return None;
    }
    let Some(r) = Rules::from_start(s, f) else { return Some(Outcome::Illegal) };
    let mlen = r.c.mlen;
    let mut set = (0..s.vl as usize).filter(|i| (f.vm || s.mask(0, *i, mlen)) && s.mask(f.vs2, *i, mlen));
    let result = match name {
        "vmpopc.m" => set.count() as u64,
        _ => set.next().map_or(u64::MAX, |i| i as u64),
    };
    s.set_x(f.vd, result);
    Some(Outcome::Done)
}

/// vmsbf.m, vmsif.m, vmsof.m. They may overlap their source and their mask: the text has nothing against it, and its examples do so.
fn first(s: &mut State, name: &str, f: &Fields) -> Option<Outcome> {
    // What stands before, at and behind the first set bit.
    let [before, at, behind] = match name {
        "vmsbf.m" => [1, 0, 0],
        "vmsif.m" => [1, 1, 0],
        "vmsof.m" => [0, 1, 0],
        _ => return None,
    };
    let Some(r) = Rules::from_start(s, f) else { return Some(Outcome::Illegal) };
    let mlen = r.c.mlen;
    let mut found = false;
    Some(each(s, Write::new(Dest::Mask { reg: f.vd }, f), |s, i| {
        let here = !found && s.mask(f.vs2, i, mlen);
        let value = match (here, found) {
            (true, _) => at,
            (_, true) => behind,
            _ => before,
        };
        found |= here;
        value
    }))
}

fn iota(s: &mut State, f: &Fields) -> Option<Outcome> {
    let r = Rules::from_start(s, f)?;
    let dest = r.group(f.vd)?;
    r.apart(dest, r.single(f.vs2))?;
    r.apart_from_mask(dest)?;
    let c = r.c;
    let mut sum = 0;
    Some(each(s, Write::new(Dest::Elements { reg: f.vd, eew: c.sew }, f), |s, i| {
        let here = u64::from(s.mask(f.vs2, i, c.mlen));
        sum += here;
        sum - here
    }))
}

fn id(s: &mut State, f: &Fields) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    r.masked(r.group(f.vd)?)?;
    let eew = r.c.sew;
    Some(each(s, Write::new(Dest::Elements { reg: f.vd, eew }, f), |_, i| i as u64))
}
