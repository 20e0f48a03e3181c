//! "Vector Loads and Stores", "Vector AMO Operations (Zvamo)". What an instruction does is read off its word, not its name.

use super::rules::{Dest, Rules, zero_tail};
use super::state::State;
use crate::vector_model::state::{Bus, Fields, Outcome, sign_extend, zero_extend};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Unit,
    Strided,
    Indexed,
}

/// The fields of a load or store.
#[derive(Clone, Copy, Debug)]
struct Access {
    store: bool,
    mode: Mode,
    signed: bool,
    /// Bits of an element in memory; `None`: SEW.
    width: Option<usize>,
    fields: usize,
    fault_only_first: bool,
}

impl Access {
    /// `None`: a reserved encoding.
    fn of(word: u32) -> Option<Access> {
        let field = |low: u32, bits: u32| word >> low & ((1 << bits) - 1);
        let (mop, lumop, nf) = (field(26, 3), field(20, 5), field(29, 3));
        let store = word & 0x7f == 0x27;
        let width = match field(12, 3) {
            0 => Some(8),
            5 => Some(16),
            6 => Some(32),
            7 => None,
            _ => return None,
        };
        let (mode, signed) = match (mop, store) {
            (0, _) => (Mode::Unit, false),
            (2, _) => (Mode::Strided, false),
            // Ordered, and unordered without segments.
            (3, _) => (Mode::Indexed, false),
            (7, true) if nf == 0 => (Mode::Indexed, false),
            (4, false) => (Mode::Unit, true),
            (6, false) => (Mode::Strided, true),
            (7, false) => (Mode::Indexed, true),
            _ => return None,
        };
        if signed && width.is_none() {
            return None;
        }
        let fault_only_first = mode == Mode::Unit && lumop == 16;
        if mode == Mode::Unit && lumop != 0 && (store || !fault_only_first) {
            return None;
        }
        Some(Access { store, mode, signed, width, fields: nf as usize + 1, fault_only_first })
    }
}

/// Why an element cannot be transferred.
struct Failed {
    addr: u64,
    misaligned: bool,
}

/// The trap at element `i`.
fn fault(s: &mut State, i: usize, store: bool, failed: Failed) -> Outcome {
    s.vstart = i as u64;
    Outcome::Fault { element: i as u64, addr: failed.addr, store, misaligned: failed.misaligned }
}

pub fn memory(s: &mut State, bus: &mut dyn Bus, name: &str, word: u32) -> Option<Outcome> {
    let f = Fields::of(word);
    match word & 0x7f {
        0x07 | 0x27 if !name.starts_with('f') => {
            let done = Access::of(word).and_then(|access| transfer(s, bus, &f, access));
            Some(done.unwrap_or(Outcome::Illegal))
        }
        0x2f if name.starts_with("vamo") => Some(amo(s, bus, &f, word).unwrap_or(Outcome::Illegal)),
        _ => None,
    }
}

fn transfer(s: &mut State, bus: &mut dyn Bus, f: &Fields, a: Access) -> Option<Outcome> {
    let r = Rules::new(s, f)?;
    let c = r.c;
    // "A fixed-size vector load raises an illegal instruction exception if the destination register element is narrower than the
    // memory element"; stores likewise.
    let width = a.width.unwrap_or(c.sew);
    if width > c.sew {
        return None;
    }
    // "The LMUL setting must be such that LMUL * NFIELDS <= 8"; and no register past 31.
    if c.lmul * a.fields > 8 || f.vd + c.lmul * a.fields > 32 {
        return None;
    }
    let first = r.group(f.vd)?;
    let all = super::rules::Group { count: c.lmul * a.fields, ..first };
    if !a.store {
        r.masked(all)?;
    }
    if a.mode == Mode::Indexed {
        r.group(f.vs2)?;
    }

    let before = s.clone();
    let (base, size) = (s.x[f.vs1], width as u64 / 8);
    for i in s.vstart as usize..s.vl as usize {
        if !f.vm && !before.mask(0, i, c.mlen) {
            continue;
        }
        let segment = base.wrapping_add(match a.mode {
            Mode::Unit => i as u64 * a.fields as u64 * size,
            Mode::Strided => (i as u64).wrapping_mul(s.x[f.vs2]),
            // "If the vector offset elements are narrower than XLEN, they are sign-extended to XLEN."
            Mode::Indexed => before.get_signed(f.vs2, i, c.sew) as u64,
        });
        if let Err(failed) = structure(s, bus, f, a, i, segment, (width, size)) {
            if a.fault_only_first && i > 0 {
                // "That element and all following elements in the destination vector register are not modified."
                s.vl = i as u64;
                s.vstart = 0;
                return Some(Outcome::Done);
            }
            return Some(fault(s, i, a.store, failed));
        }
    }
    if !a.store {
        for k in 0..a.fields {
            zero_tail(s, Dest::Elements { reg: f.vd + k * c.lmul, eew: c.sew }, s.vl as usize);
        }
    }
    s.vstart = 0;
    Some(Outcome::Done)
}

/// Transfers the fields of structure `i` in order. Loads write none of them unless all can be read (choice: then the instruction can
/// be executed again from there even if it overwrites its own mask or indices).
fn structure(
    s: &mut State,
    bus: &mut dyn Bus,
    f: &Fields,
    a: Access,
    i: usize,
    segment: u64,
    (width, size): (usize, u64),
) -> Result<(), Failed> {
    let c = s.config().expect("it is legal");
    let mut loaded = Vec::new();
    for k in 0..a.fields {
        let addr = segment.wrapping_add(k as u64 * size);
        if s.settings.misaligned_traps && !addr.is_multiple_of(size) {
            return Err(Failed { addr, misaligned: true });
        }
        let register = f.vd + k * c.lmul;
        let done = if a.store {
            bus.store(addr, size as usize, zero_extend(s.get(register, i, c.sew), width))
        } else {
            bus.load(addr, size as usize).map(|v| loaded.push((register, v)))
        };
        done.map_err(|addr| Failed { addr, misaligned: false })?;
    }
    for (register, v) in loaded {
        let v = if a.signed { sign_extend(v, width) as u64 } else { v };
        s.set(register, i, c.sew, v);
    }
    Ok(())
}

fn amo(s: &mut State, bus: &mut dyn Bus, f: &Fields, word: u32) -> Option<Outcome> {
    let bits = match word >> 12 & 7 {
        6 => 32,
        7 => 64,
        _ => return None,
    };
    // Of the value in memory and the element.
    let function: fn(i64, i64) -> i64 = match word >> 27 {
        0b00001 => |_, new| new,
        0b00000 => i64::wrapping_add,
        0b00100 => |old, new| old ^ new,
        0b01100 => |old, new| old & new,
        0b01000 => |old, new| old | new,
        0b10000 => i64::min,
        0b10100 => i64::max,
        0b11000 => |old, new| (old as u64).min(new as u64) as i64,
        0b11100 => |old, new| (old as u64).max(new as u64) as i64,
        _ => return None,
    };
    let wd = word >> 26 & 1 == 1;
    let r = Rules::new(s, f)?;
    let c = r.c;
    // "SEW must be at least as wide as the AMO memory element size."
    if c.sew < bits {
        return None;
    }
    let dest = r.group(f.vd)?;
    r.group(f.vs2)?;
    if wd {
        r.masked(dest)?;
    }
    let before = s.clone();
    let size = bits / 8;
    for i in s.vstart as usize..s.vl as usize {
        if !f.vm && !before.mask(0, i, c.mlen) {
            continue;
        }
        let addr = s.x[f.vs1].wrapping_add(before.get_signed(f.vs2, i, c.sew) as u64);
        // As scalar AMOs: aligned, with the right to read and to write; all faults are those of stores (choice).
        if !addr.is_multiple_of(size as u64) {
            return Some(fault(s, i, true, Failed { addr, misaligned: true }));
        }
        let new = sign_extend(before.get(f.vd, i, c.sew), bits);
        let old = bus.load(addr, size).and_then(|v| {
            let old = sign_extend(v, bits);
            let result = function(old, new);
            bus.store(addr, size, zero_extend(result as u64, bits)).map(|()| old)
        });
        match old {
            Ok(old) if wd => s.set(f.vd, i, c.sew, old as u64),
            Ok(_) => {}
            Err(addr) => return Some(fault(s, i, true, Failed { addr, misaligned: false })),
        }
    }
    // "If the wd bit is clear, the vd register is not written."
    if wd {
        zero_tail(s, Dest::Elements { reg: f.vd, eew: c.sew }, s.vl as usize);
    }
    s.vstart = 0;
    Some(Outcome::Done)
}
