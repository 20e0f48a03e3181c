//! Accesses that memory refused: what was wanted, through which register, and what lies near.

use super::{Explanation, text};
use crate::hart::Cause;
use crate::isa::{F_NAMES, Flags, Insn, Kind, Slot, X_NAMES};
use crate::machine::{Machine, Trap};
use crate::memory::{Prot, Region};

/// Addresses below this are what a null pointer with an offset gives; nothing is ever mapped there on Linux.
const NULL: u64 = 0x1_0000;
/// So far below a stack an access is still taken for the stack's.
const BELOW_STACK: u64 = 64 << 20;

/// Explains an access fault.
pub(super) fn explain(machine: &Machine, trap: &Trap) -> Explanation {
    let addr = trap.tval;
    let (verb, needs) = match trap.cause {
        Cause::LoadAccess => ("load from", Prot::READ),
        Cause::StoreAccess => ("store to", Prot::WRITE),
        _ => ("jump to", Prot::EXEC),
    };
    let mut notes = Vec::new();
    let fetch = needs == Prot::EXEC;
    if !fetch && let Some(insn) = machine.instruction_at(trap.pc) {
        notes.push(operands(machine, &insn, trap.pc));
    }
    let region = machine.memory().region_at(addr);
    let kind = match region {
        Some(r) if !r.prot.contains(needs) => {
            let missing = match (needs, fetch) {
                (_, true) => "not executable",
                (Prot::WRITE, _) => "read-only",
                _ => "not readable",
            };
            notes.push(format!("the address lies in {}, which is {missing}", range(&r)));
            notes.extend(section(machine, addr));
            missing
        }
        Some(r) => {
            notes.push(format!("the access goes beyond the end of {}", range(&r)));
            "beyond the end of a mapping"
        }
        None => unmapped(machine, addr, &mut notes),
    };
    if fetch {
        let ra = machine.hart().x(1);
        if machine.memory().region_at(ra).is_some() {
            notes.push(format!("last call (ra): returns to {}", machine.place(ra)));
        }
    }
    let at = if fetch { String::new() } else { format!(" at {}", machine.place(trap.pc)) };
    Explanation { summary: format!("{verb} {addr:#x} ({kind}){at}"), notes }
}

/// What an address is at which nothing is mapped.
fn unmapped(machine: &Machine, addr: u64, notes: &mut Vec<String>) -> &'static str {
    let memory = machine.memory();
    if addr < NULL {
        return if addr == 0 { "a null pointer" } else { "a null pointer plus an offset" };
    }
    let sp = machine.hart().x(2);
    let stack = memory.regions().find(|r| r.name == "[stack]");
    if let Some(r) = stack.filter(|r| addr < r.start && r.start - addr <= BELOW_STACK) {
        notes.push(format!("the stack is {}, {} KiB; sp = {sp:#x}", range(&r), (r.end - r.start) >> 10));
        notes.push("recursion without end, or large local variables; a larger stack (--stack) may help".to_owned());
        return "stack overflow";
    }
    let bytes = addr.to_le_bytes();
    if bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
        notes.push(format!("read as text the address is \"{}\": was a pointer overwritten?", bytes.escape_ascii()));
    }
    if addr >= memory.limit() {
        notes.push(format!("guest addresses end at {:#x}", memory.limit()));
        return "no address of the guest";
    }
    if let Some((r, distance)) = memory.nearest_region(addr) {
        let side = if addr < r.start { "before" } else { "behind" };
        notes.push(format!("nearest mapping: {}; the address is {distance:#x} bytes {side} it", range(&r)));
    }
    "nothing is mapped there"
}

/// Explains an access that has to be aligned and is not.
pub(super) fn misaligned(machine: &Machine, trap: &Trap) -> Explanation {
    let insn = machine.instruction_at(trap.pc);
    let mut notes: Vec<String> = insn.iter().map(|i| operands(machine, i, trap.pc)).collect();
    let info = insn.map(|i| i.base.info());
    let size = info.map_or(0, |i| i.load.max(i.store));
    if info.is_some_and(|i| i.flags.contains(Flags::ATOMIC)) && size > 1 {
        notes.push(format!("atomic accesses of {size} bytes need addresses that are multiples of {size}"));
    }
    let summary = format!("{} {:#x} at {}", trap.cause.describe(), trap.tval, machine.place(trap.pc));
    Explanation { summary, notes }
}

/// `ld a0,8(a5), with a5 = 0x0`: the instruction and its source registers.
fn operands(machine: &Machine, insn: &Insn, pc: u64) -> String {
    let base = insn.base.info();
    let uses = |slot| base.operands.iter().find(|o| o.slot == slot && o.kind.is_register()).map(|o| o.kind);
    let mut out = text(insn, pc);
    let mut joint = ", with";
    for (slot, n) in [(Slot::Rs1, insn.rs1 & 31), (Slot::Rs2, insn.rs2 & 31)] {
        let (name, value) = match uses(slot) {
            Some(Kind::X) if n != 0 => (X_NAMES[usize::from(n)], machine.hart().x(n)),
            Some(Kind::F) => (F_NAMES[usize::from(n)], machine.hart().f(n)),
            _ => continue,
        };
        out += &format!("{joint} {name} = {value:#x}");
        joint = ",";
    }
    out
}

/// `[stack] 0x3fff7ff000..0x3fffffe000 (rw-)`.
fn range(r: &Region) -> String {
    let letter = |p, c| if r.prot.contains(p) { c } else { '-' };
    let prot: String = [letter(Prot::READ, 'r'), letter(Prot::WRITE, 'w'), letter(Prot::EXEC, 'x')].iter().collect();
    let name = if r.name.is_empty() { "an unnamed mapping" } else { r.name };
    format!("{name} {:#x}..{:#x} ({prot})", r.start, r.end)
}

/// The program's section and symbol at an address.
fn section(machine: &Machine, addr: u64) -> Option<String> {
    let elf = machine.elf()?;
    let at = addr.wrapping_sub(machine.load_bias());
    let section = elf.sections().into_iter().find(|s| s.alloc && at.wrapping_sub(s.addr) < s.size)?;
    Some(format!("it is {} in section {}", machine.place(addr), section.name))
}
