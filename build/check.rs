//! Rules that the model must keep: no ambiguous encodings, sane names, expansions that end in real instructions.

use super::model::*;
use std::collections::HashMap;

/// Checks everything; all the errors found.
pub fn check(isa: &Isa) -> Vec<Error> {
    let mut errors = Vec::new();
    names(isa, &mut errors);
    expansions(isa, &mut errors);
    overlaps(isa, &mut errors);
    errors
}

fn names(isa: &Isa, errors: &mut Vec<Error>) {
    let mut seen: HashMap<&str, &Insn> = HashMap::new();
    for insn in &isa.insns {
        if let Some(first) = seen.insert(&insn.mnemonic, insn)
            && together(isa, first, insn)
        {
            errors.push(Error {
                place: insn.place.clone(),
                what: format!("`{}` is defined already at {}", insn.mnemonic, first.place),
            });
        }
    }
}

fn expansions(isa: &Isa, errors: &mut Vec<Error>) {
    for insn in &isa.insns {
        let Some(e) = &insn.expansion else { continue };
        let base = &isa.insns[e.base];
        if base.expansion.is_some() {
            errors.push(Error {
                place: insn.place.clone(),
                what: format!("`{}` expands to `{}`, which expands itself", insn.mnemonic, base.mnemonic),
            });
        }
    }
}

/// Whether some set of extensions may enable both.
fn together(isa: &Isa, a: &Insn, b: &Insn) -> bool {
    a.needs
        .iter()
        .any(|x| b.needs.iter().any(|y| !x.iter().any(|e| y.iter().any(|f| isa.exts[*e].conflicts.contains(f)))))
}

/// Two encodings that may be enabled together and share words must be a rule and its exception: one fixes all the
/// bits that the other fixes, and more.
fn overlaps(isa: &Isa, errors: &mut Vec<Error>) {
    for (i, a) in isa.insns.iter().enumerate() {
        for b in &isa.insns[i + 1..] {
            let both = a.mask & b.mask;
            if a.len != b.len || (a.value ^ b.value) & both != 0 {
                continue;
            }
            let special = a.mask != b.mask && (both == a.mask || both == b.mask);
            if !special && together(isa, a, b) {
                errors.push(Error {
                    place: b.place.clone(),
                    what: format!(
                        "`{}` and `{}` ({}) share encodings, such as {:#010x}, and neither is a special case of the other",
                        b.mnemonic,
                        a.mnemonic,
                        a.place,
                        a.value | b.value
                    ),
                });
            }
        }
    }
}
