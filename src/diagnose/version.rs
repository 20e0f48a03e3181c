//! Programs for the other version of vectors: V 1.0 and XTheadVector (0.7.1) share their encodings, so that a program may run a good
//! while before it meets a word that tells.

use crate::inspect::{Basis, Report, Vectors, vtype};
use crate::machine::Machine;

/// So far back a `vsetvli` is looked for, in bytes.
const BEFORE: u64 = 256;

/// What to say of a vector instruction that was refused, if the program is for other vectors than the machine has.
pub(super) fn note(machine: &Machine) -> Option<String> {
    let report = Report::of(machine.elf()?);
    let here = Vectors::of(&machine.config().isa)?;
    let there = report.vectors.version.filter(|v| *v != here && report.vectors.basis != Some(Basis::Assumed))?;
    let (there, here, (option, value)) = (there.name(), here.name(), report.machine.option());
    Some(format!(
        "the program is for {there}, but this machine has {here}; run it with {option} {value} (`mellivora inspect` tells more)"
    ))
}

/// What to say of the `vsetvli` before `pc`, if it asks for a configuration that only the other version has.
pub(super) fn vsetvli(machine: &Machine, pc: u64) -> Option<String> {
    let here = Vectors::of(&machine.config().isa)?;
    let there = if here == Vectors::V1 { Vectors::Thead } else { Vectors::V1 };
    let word = |at: u64| {
        let mut bytes = [0; 4];
        machine.memory().read(at, &mut bytes).ok()?;
        Some(u32::from_le_bytes(bytes))
    };
    let (at, vtype) = (1..=BEFORE / 2).find_map(|n| {
        let at = pc.wrapping_sub(2 * n);
        Some((at, vtype::of_vsetvli(word(at)?)?))
    })?;
    if vtype::name(here, vtype).is_some() {
        return None;
    }
    Some(format!(
        "the vsetvli at {} asks for vtype {vtype:#x}, which is {} in {} and reserved in {}",
        machine.place(at),
        vtype::name(there, vtype)?,
        there.name(),
        here.name()
    ))
}
