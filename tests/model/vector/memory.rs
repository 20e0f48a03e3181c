//! "Vector Loads and Stores".

use super::legality::{Form, Operand, Policy, check, tail};
use super::state::{Bus, Fields, Outcome, VState};

/// What an instruction's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Access {
    store: bool,
    mode: Mode,
    /// The EEW in the name: of data, or of indices.
    eew: usize,
    /// NFIELDS
    fields: usize,
    fault_only_first: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Unit,
    Strided,
    Indexed,
}

impl Access {
    /// vle8.v, vlseg2e16ff.v, vssseg3e32.v, vsoxseg4ei64.v, ...
    fn of(mnemonic: &str) -> Option<Access> {
        let name = mnemonic.strip_suffix(".v")?;
        let (name, fault_only_first) = name.strip_suffix("ff").map_or((name, false), |name| (name, true));
        let digits = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (name, eew) = (&name[..digits], name[digits..].parse().ok()?);
        let (store, name) = match name.strip_prefix("vl") {
            Some(rest) => (false, rest),
            None => (true, name.strip_prefix("vs")?),
        };
        let strided = || name.strip_prefix('s').filter(|_| !name.starts_with("seg"));
        let indexed = || name.strip_prefix("ux").or_else(|| name.strip_prefix("ox"));
        let (mode, name) = match (indexed(), strided()) {
            (Some(rest), _) => (Mode::Indexed, rest),
            (_, Some(rest)) => (Mode::Strided, rest),
            _ => (Mode::Unit, name),
        };
        let name = name.strip_suffix(if mode == Mode::Indexed { "ei" } else { "e" })?;
        let fields = if name.is_empty() { 1 } else { name.strip_prefix("seg")?.parse().ok()? };
        Some(Access { store, mode, eew, fields, fault_only_first })
    }
}

pub fn memory(s: &mut VState, bus: &mut dyn Bus, mnemonic: &str, f: &Fields) -> Option<Outcome> {
    match mnemonic {
        "vlm.v" => return Some(mask(s, bus, f, false)),
        "vsm.v" => return Some(mask(s, bus, f, true)),
        _ => {}
    }
    if let Some(access) = Access::of(mnemonic) {
        return Some(elements(s, bus, f, access));
    }
    // vl2re16.v, vs8r.v
    let name = mnemonic.strip_suffix(".v")?;
    if let Some(count) = name.strip_prefix("vs").and_then(|n| n.strip_suffix('r')) {
        return Some(whole(s, bus, f, count.parse().ok()?, 8, true));
    }
    let (count, eew) = name.strip_prefix("vl")?.split_once("re")?;
    Some(whole(s, bus, f, count.parse().ok()?, eew.parse().ok()?, false))
}

/// Transfers one element of `eew` bits. The error says why it cannot.
fn transfer(
    s: &mut VState,
    bus: &mut dyn Bus,
    store: bool,
    addr: u64,
    (reg, i, eew): (usize, usize, usize),
) -> Result<(), Failed> {
    let size = eew / 8;
    if s.settings.misaligned_traps && !addr.is_multiple_of(size as u64) {
        return Err(Failed { addr, misaligned: true });
    }
    let done = if store {
        bus.store(addr, size, s.get(reg, i, eew))
    } else {
        bus.load(addr, size).map(|v| s.set(reg, i, eew, v))
    };
    done.map_err(|addr| Failed { addr, misaligned: false })
}

struct Failed {
    addr: u64,
    misaligned: bool,
}

/// The trap at element `i`.
fn fault(s: &mut VState, i: usize, store: bool, failed: Failed) -> Outcome {
    s.vstart = i as u64;
    Outcome::Fault { element: i as u64, addr: failed.addr, store, misaligned: failed.misaligned }
}

/// Everything but mask and whole-register instructions.
fn elements(s: &mut VState, bus: &mut dyn Bus, f: &Fields, access: Access) -> Outcome {
    let Some(vtype) = s.vtype() else { return Outcome::Illegal };
    let indexed = access.mode == Mode::Indexed;
    let eew = if indexed { vtype.sew } else { access.eew };
    let data = Operand::group(s, f.vd, eew).with_fields(access.fields);
    let mut form = Form { masked: !f.vm, ..Form::default() };
    match access.store {
        true => form.sources.push(data),
        false => form.dest = Some(data),
    }
    if indexed {
        form.sources.push(Operand::group(s, f.vs2, access.eew));
        // "For vector indexed segment loads, the destination vector register groups cannot overlap the source vector register
        // group."
        form.no_overlap = access.fields > 1;
    }
    let Some(policy) = check(s, &form) else { return Outcome::Illegal };
    let before = s.clone();
    let base = s.x[f.vs1];
    let field_size = eew as u64 / 8;
    for i in s.vstart as usize..s.vl as usize {
        if !before.enabled(f.vm, i) {
            if !access.store && policy.mask_agnostic && s.settings.agnostic_ones {
                for k in 0..access.fields {
                    s.set(field(&data, k), i, eew, u64::MAX);
                }
            }
            continue;
        }
        let segment = base.wrapping_add(match access.mode {
            Mode::Unit => i as u64 * access.fields as u64 * field_size,
            Mode::Strided => (i as u64).wrapping_mul(s.x[f.vs2]),
            Mode::Indexed => before.get(f.vs2, i, access.eew),
        });
        // Fields in order; those before one that faults are transferred (choice).
        for k in 0..access.fields {
            let addr = segment.wrapping_add(k as u64 * field_size);
            let Err(failed) = transfer(s, bus, access.store, addr, (field(&data, k), i, eew)) else { continue };
            if access.fault_only_first && i > 0 {
                s.vl = i as u64;
                return finish(s, &data, policy, access);
            }
            return fault(s, i, access.store, failed);
        }
    }
    finish(s, &data, policy, access)
}

/// The first register of field `k`.
fn field(data: &Operand, k: usize) -> usize {
    data.reg + k * data.registers_per_field()
}

fn finish(s: &mut VState, data: &Operand, policy: Policy, access: Access) -> Outcome {
    if !access.store {
        for k in 0..access.fields {
            tail(s, &Operand { reg: field(data, k), ..*data }, policy, s.vl as usize);
        }
    }
    s.vstart = 0;
    Outcome::Done
}

/// vlm.v, vsm.v: ceil(vl/8) bytes, unmasked; vstart counts bytes.
fn mask(s: &mut VState, bus: &mut dyn Bus, f: &Fields, store: bool) -> Outcome {
    let dest = Operand { eew: 8, ..Operand::mask(f.vd) };
    let Some(policy) = check(s, &Form { dest: Some(dest), ..Form::default() }) else { return Outcome::Illegal };
    let bytes = s.vl.div_ceil(8);
    for i in s.vstart..bytes {
        let addr = s.x[f.vs1].wrapping_add(i);
        if let Err(failed) = transfer(s, bus, store, addr, (f.vd, i as usize, 8)) {
            return fault(s, i as usize, store, failed);
        }
    }
    if !store && s.vstart < bytes && policy.tail_agnostic && s.settings.agnostic_ones {
        for i in bytes as usize..s.vlen / 8 {
            s.set(f.vd, i, 8, u64::MAX);
        }
    }
    s.vstart = 0;
    Outcome::Done
}

/// Whole registers, whatever vtype and vl are; vstart counts elements of `eew` bits.
fn whole(s: &mut VState, bus: &mut dyn Bus, f: &Fields, count: usize, eew: usize, store: bool) -> Outcome {
    // "Encodings for unsupported EEW widths are reserved"; "the instructions are reserved if vstart >= evl".
    let elements = count * s.vlen / 8 / (eew / 8);
    if eew > s.elen || !f.vd.is_multiple_of(count) || s.vstart >= elements as u64 {
        return Outcome::Illegal;
    }
    for i in s.vstart..elements as u64 {
        let addr = s.x[f.vs1].wrapping_add(i * eew as u64 / 8);
        if let Err(failed) = transfer(s, bus, store, addr, (f.vd, i as usize, eew)) {
            return fault(s, i as usize, store, failed);
        }
    }
    s.vstart = 0;
    Outcome::Done
}
