//! Illegal instructions: which of the many reasons it was, and what to change.

use super::encoding::{csr_home, guess};
use super::{Explanation, text, version};
use crate::engine::vector_reason;
use crate::hart::{Context, CsrError, Privilege};
use crate::inspect::{Claims, Report, Status, smallest_core};
use crate::isa::{Decoder, Extension, Flags, Insn, Isa, Op, csr_name, decode_any};
use crate::machine::{Machine, Trap};
use crate::ops::vector::Reason;

const FLOAT_ON: &str = "start-up code turns it on: `li t0, 0x6000; csrs mstatus, t0`";
const VECTORS_ON: &str = "start-up code turns it on: `li t0, 0x600; csrs mstatus, t0`";

/// Explains an illegal instruction; `trap.tval` is its word.
pub(super) fn explain(machine: &Machine, trap: &Trap) -> Explanation {
    let word = trap.tval as u32;
    let at = machine.place(trap.pc);
    let isa = &machine.config().isa;
    let shown = if word & 3 == 3 { format!("{word:#010x}") } else { format!("{:#06x}", word & 0xffff) };
    if let Some(insn) = Decoder::new(isa).decode(word) {
        let summary = format!("illegal instruction {shown} `{}` at {at}", text(&insn, trap.pc));
        return Explanation { summary, notes: refused(machine, &insn) };
    }
    let candidates = decode_any(word);
    if let Some((insn, extension)) = meant(machine, &candidates) {
        let summary = format!("illegal instruction {shown} `{}` at {at}", text(&insn, trap.pc));
        let vector = insn.base.info().flags.contains(Flags::VECTOR);
        let notes = match version::note(machine).filter(|_| vector) {
            Some(note) => vec![rival(isa, insn.op), Some(note)],
            None => vec![disabled(machine, insn.op), claims(machine, extension)],
        };
        return Explanation { summary, notes: notes.into_iter().flatten().collect() };
    }
    let mut notes = match word {
        0 => vec![
            "this encoding is illegal by definition: compilers put it (unimp) where a program must not get, and it is \
             what empty memory reads as"
                .to_owned(),
        ],
        u32::MAX => {
            vec!["all bits are set: this encoding is illegal by definition, and what erased flash reads as".to_owned()]
        }
        _ => vec![guess(word)],
    };
    let ra = machine.hart().x(1);
    if at.symbol.is_none() && machine.memory().region_at(ra).is_some() {
        notes.push(format!("is it code at all? last call (ra): returns to {}", machine.place(ra)));
    }
    notes.extend(claims(machine, Extension::I));
    Explanation { summary: format!("illegal instruction {shown} at {at}"), notes }
}

/// What the file says that it was built for.
fn claimed(machine: &Machine) -> Option<Claims> {
    Claims::of(machine.elf()?)
}

/// Of the instructions that a word may be, the one that the file's own claims speak for, or else the first.
fn meant(machine: &Machine, candidates: &[(Insn, Extension)]) -> Option<(Insn, Extension)> {
    let claimed = claimed(machine);
    let fits = |(insn, _): &&(Insn, Extension)| claimed.as_ref().is_some_and(|c| c.isa.provides(insn.op));
    candidates.iter().find(fits).or(candidates.first()).copied()
}

/// Why an instruction that the machine has was refused.
fn refused(machine: &Machine, insn: &Insn) -> Vec<String> {
    let hart = machine.hart();
    let flags = insn.base.info().flags;
    let user = hart.privilege() == Privilege::User;
    let mut notes = Vec::new();
    if flags.contains(Flags::VECTOR) {
        notes.extend(vector(machine, insn));
    } else if flags.contains(Flags::MATRIX) {
        notes.extend(super::matrix::refused(machine, insn));
    } else if flags.contains(Flags::FP) && hart.fs() == Context::Off {
        notes.push("floating-point instructions trap while mstatus.FS is Off".to_owned());
        notes.push(FLOAT_ON.to_owned());
    }
    if flags.contains(Flags::ROUNDS) && matches!(insn.rm, 5 | 6) {
        notes.push(format!("its rounding mode (rm field) is {}, which is reserved", insn.rm));
    }
    let frm = hart.csr(2).unwrap_or(0);
    if flags.contains(Flags::ROUNDS) && insn.rm == 7 && frm > 4 {
        notes.push(format!("it takes its rounding mode from frm, which holds the reserved value {frm}"));
    }
    if flags.contains(Flags::CSR) {
        notes.extend(csr(machine, insn));
    }
    if flags.contains(Flags::PAIRS) && (insn.rd | insn.rs2) & 1 != 0 {
        notes.push("it works on pairs of registers, which begin with an even one".to_owned());
    }
    notes.extend(super::xthead::refused(insn, user));
    match insn.base {
        Op::Mret if user => notes.push("mret returns from machine mode, but the program runs in U-mode".to_owned()),
        Op::Wfi if user => notes.push("wfi traps in U-mode while mstatus.TW is set".to_owned()),
        _ => {}
    }
    if insn.base.mnemonic().starts_with("cbo.") && user {
        let menvcfg = hart.csr(0x30a).unwrap_or(0);
        notes.push(format!(
            "in U-mode it needs machine mode's permission (menvcfg.CBIE, CBCFE, CBZE); menvcfg = {menvcfg:#x}"
        ));
    }
    if notes.is_empty() {
        notes.push("the machine has this instruction, but not with these operands or in this mode".to_owned());
    }
    notes
}

/// Why a vector instruction was refused, under which configuration, and what helps.
fn vector(machine: &Machine, insn: &Insn) -> Vec<String> {
    let hart = machine.hart();
    let unit = machine.config().hart.vector;
    if hart.vlenb() == 0 {
        return vec!["this machine has no vector unit: its configuration says VLEN 0".to_owned()];
    }
    let Some(reason) = vector_reason(hart, insn) else { return Vec::new() };
    let mut notes = vec![reason.to_string()];
    let ill = matches!(reason, Reason::Ill);
    let other = if ill { version::vsetvli(machine, hart.pc()) } else { None };
    notes.extend(other);
    notes.extend(version::note(machine));
    if ill && notes.len() > 1 {
        return notes;
    }
    notes.push(match reason {
        Reason::Off => VECTORS_ON.to_owned(),
        Reason::FloatOff => FLOAT_ON.to_owned(),
        Reason::Ill => {
            "reset sets vill, an unsupported vset does, and on Linux every system call, unless --preserve-vector \
                        is on: vsetvli comes first"
                .to_owned()
        }
        Reason::Rounding => format!("frm = {}: vector instructions round as it says", hart.csr(2).unwrap_or(0)),
        _ => format!(
            "vtype = {}, vl = {}, vstart = {}; VLEN {}, ELEN {}",
            unit.version.show(hart.vtype()),
            hart.vl(),
            hart.vstart(),
            unit.vlen,
            unit.elen
        ),
    });
    if matches!(insn.base, Op::Vmv1rV | Op::Vmv2rV | Op::Vmv4rV | Op::Vmv8rV) && ill {
        notes.push(
            "LLVM up to 19 and GCC up to 14.2 move registers behind calls without one; newer ones do not".to_owned(),
        );
    }
    notes
}

/// Why an access to a CSR was refused.
fn csr(machine: &Machine, insn: &Insn) -> Option<String> {
    let number = (insn.imm & 0xfff) as u16;
    let name = csr_name(number).map_or(format!("CSR {number:#05x}"), |n| format!("{n} ({number:#05x})"));
    Some(match machine.hart().read_csr(number) {
        Err(CsrError::Unknown(_)) => format!("{name}: {}", csr_home(number)),
        Err(CsrError::Privilege(_)) if number >> 8 == 0xc => {
            format!("{name}: U-mode may read it only while its bit in mcounteren is set")
        }
        Err(CsrError::Privilege(_)) => format!("{name} is machine mode's, but the program runs in U-mode"),
        Err(CsrError::FloatOff(_)) => format!("{name} traps while mstatus.FS is Off"),
        Err(CsrError::VectorOff(_)) => format!("{name} traps while mstatus.VS is Off; {VECTORS_ON}"),
        Err(CsrError::MatrixOff(_)) => format!("{name} traps while mstatus.MS is Off; {}", super::matrix::MATRIX_ON),
        Err(CsrError::ReadOnly(_)) => format!("{name} is read-only"),
        Ok(_) if number >> 10 == 3 => format!("{name} is read-only"),
        Ok(_) => return None,
    })
}

/// What an instruction needs that is not there, by the names that people know.
fn missing(isa: &Isa, op: Op) -> Vec<Extension> {
    let known = |e: Extension| match e {
        Extension::Zca | Extension::Zcd => Extension::C,
        Extension::Zaamo | Extension::Zalrsc => Extension::A,
        Extension::Zve32x | Extension::Zve32f | Extension::Zve64x => Extension::V,
        other => other,
    };
    let lacking = |set: &&&[Extension]| set.iter().filter(|e| !isa.has(**e)).count();
    let set = op.info().needs.iter().min_by_key(lacking);
    set.into_iter().flat_map(|s| s.iter()).filter(|e| !isa.has(**e)).map(|e| known(*e)).collect()
}

/// `zba (address generation) and ...`
fn names(extensions: &[Extension]) -> String {
    let names: Vec<String> = extensions.iter().map(|e| format!("{} ({})", e.full_name(), e.info().summary)).collect();
    names.join(" and ")
}

/// Which extension has an instruction, if it cannot be there together with what is.
fn rival(isa: &Isa, op: Op) -> Option<String> {
    let missing = missing(isa, op);
    let with = missing.iter().fold(*isa, |isa, e| isa.with(*e));
    let clash = |e: Extension| e.info().conflicts.iter().any(|c| isa.has(e) && with.has(*c));
    let rival = if isa.has(Extension::V) && clash(Extension::Zve32x) {
        Extension::V
    } else {
        isa.extensions().find(|e| clash(*e))?
    };
    let names = names(&missing);
    Some(format!("extension {names} has it, which cannot be on together with {}, which is", rival.full_name()))
}

/// Which extension has an instruction, and how to turn it on.
fn disabled(machine: &Machine, op: Op) -> Option<String> {
    let isa = &machine.config().isa;
    let missing = missing(isa, op);
    if let Some(rival) = rival(isa, op) {
        let claimed = claimed(machine).map_or(Isa::base(), |c| c.isa);
        let usual = Isa::parse("rv64gc").unwrap_or_else(|_| Isa::base());
        return Some(format!("{rival}; run with --isa {}", instead(&usual.union(claimed), &missing).short()));
    }
    let with = missing.iter().fold(*isa, |isa, e| isa.with(*e));
    // A core need not have all that this machine has, but what the program asks for.
    let program = machine.elf().map_or(Isa::base(), |elf| Report::of(elf).machine.isa);
    let enough = missing.iter().fold(program, |isa, e| isa.with(*e));
    let core = smallest_core(&enough).map_or(String::new(), |name| format!(" or --cpu {name}"));
    let string = [with.short(), enough.short()].into_iter().find(|s| s.len() < 60).unwrap_or(with.short());
    let names = names(&missing);
    Some(format!("extension {names} has it, which this machine does not; turn it on with --isa {string}{core}"))
}

/// A set with `wanted`, and of the rest all that can be together with that.
fn instead(isa: &Isa, wanted: &[Extension]) -> Isa {
    let start = wanted.iter().fold(Isa::base(), |isa, e| isa.with(*e));
    isa.extensions().fold(start, |all, e| Some(all.with(e)).filter(|with| with.conflict().is_none()).unwrap_or(all))
}

/// What the file says that it was built for, if this machine lacks more of that than `known`.
fn claims(machine: &Machine, known: Extension) -> Option<String> {
    let isa = &machine.config().isa;
    let built = claimed(machine)?;
    let counts = |e: &Extension| !isa.has(*e) && *e != known && Op::all().any(|op| op.extension() == *e);
    let lacking = built.isa.extensions().filter(counts).map(|e| e.full_name());
    // What nobody has here cannot be turned on, but may be what was met.
    let unknown = built.extensions.iter().filter(|c| c.status != Status::Implemented);
    let missing: Vec<String> = lacking.chain(unknown.map(|c| format!("{c} (not here)"))).collect();
    match missing.is_empty() {
        true => None,
        false => Some(format!("the file was built for more than this machine has: it may use {}", missing.join(", "))),
    }
}
