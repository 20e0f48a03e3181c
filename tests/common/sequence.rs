//! Instructions for straight-line programs: registers few, so that neighbours meet each other's results; memory accesses
//! through registers that nothing else writes; traps rare or absent.

use super::entropy::{Entropy, accesses_memory};
use mellivora::isa::{Extension, Flags, Kind, Op, Operand, Operands, Slot, decode_any, encode};

/// What the engine has pairs for; the neighbours of everything else.
pub const FUSABLE: [Op; 30] = {
    use Op::*;
    [
        Addi, Add, Sub, Slli, Srli, And, Andi, Or, Xor, Addiw, Addw, Lui, Auipc, Lw, Ld, Lbu, Lhu, Sw, Sd, Sb, Sh,
        Srliw, Slliw, Mul, Mulw, Addi, Add, Ld, Sd, CLi,
    ]
};
/// Registers that hold addresses; nothing else writes them.
pub const POINTERS: [u8; 5] = [2, 8, 9, 18, 20];
/// Registers that hold 0 or 16, and the same under a garbled upper half; nothing else writes them.
pub const INDEX: [u8; 2] = [19, 21];
/// Registers for everything else.
pub const WORK: [u8; 8] = [10, 11, 12, 0, 1, 13, 15, 14];

/// Instructions that go on to the next one, if they do not trap.
pub fn goes_on(op: Op) -> bool {
    // The 16-bit ones that jump have the flags of what they stand for.
    !op.info().flags.intersects(Flags::JUMP | Flags::BRANCH) && op != Op::Mret
}

fn register(e: &mut Entropy, o: &Operand, base: bool) -> i64 {
    let n = match () {
        _ if o.kind == Kind::F => e.pick(&[8, 9, 10, 11]),
        _ if base => e.pick(&POINTERS),
        _ => e.pick(&WORK),
    };
    // The three-bit fields reach x8 to x15 only.
    match (o.min()..=o.max()).contains(&n.into()) {
        true => n.into(),
        false if base => e.pick(&[8, 9]),
        false => e.pick(&[10, 11, 12, 13]),
    }
}

/// An instruction that does not trap while the pointers hold multiples of 16 with room behind them; a `wild` one has any
/// operands. `None`: it would be another one with a name of its own.
pub fn instruction(op: Op, e: &mut Entropy, wild: bool) -> Option<(Operands, u32)> {
    let mut operands = e.operands(op);
    let memory = accesses_memory(op);
    let pairs = op.info().flags.contains(Flags::PAIRS);
    let align = if op.info().flags.contains(Flags::ATOMIC) { 16 } else { 8 };
    for o in op.info().operands.iter().filter(|_| !wild) {
        let base = memory && o.slot == Slot::Rs1;
        let v = match o.kind {
            k if k.is_register() && pairs && !base => register(e, o, base) & !1,
            k if k.is_register() => register(e, o, base),
            Kind::Rm | Kind::RmExact => e.pick(&[7, 0, 7, 0, 7, 1, 2, 3, 4]),
            Kind::Csr => e.pick(&[2, 1, 3, 0xc00, 0xc02, 0xc01, 0xb02, 0xb00, 0x340, 0x320, 0x300, 0x341]),
            _ if memory && o.slot == Slot::Imm => e.below(8) as i64 * align,
            _ => continue,
        };
        operands.set(o, v.clamp(o.min(), o.max()));
    }
    if !wild {
        tame(op, e, &mut operands);
    }
    let word = encode(op, &operands).ok()?;
    decode_any(word).first().is_some_and(|(i, _)| i.op == op).then_some((operands, word))
}

/// T-Head's memory instructions: an index from a register that holds one, an address that moves by multiples of 16, or not,
/// registers that differ where they must.
fn tame(op: Op, e: &mut Entropy, operands: &mut Operands) {
    match op.extension() {
        Extension::Xtheadmemidx | Extension::Xtheadfmemidx => {
            let name = op.mnemonic();
            if name.ends_with("ia") || name.ends_with("ib") {
                let (imm5, imm2) = e.pick(&[(0, 0), (4, 2), (-4, 2), (2, 3), (-2, 3), (8, 1), (-8, 1), (0, 3)]);
                operands.imm = imm5 << 2 | imm2;
            } else {
                operands.rs2 = INDEX[name.contains("ur") as usize];
                operands.imm = e.below(4) as i64;
            }
        }
        Extension::Xtheadmempair => {
            operands.imm = e.below(4) as i64;
            if operands.rd == operands.rs2 {
                operands.rs2 = e.pick(&WORK.map(|n| if n == operands.rd { 17 } else { n }));
            }
        }
        _ => {}
    }
}

/// What an index register holds.
pub fn index(n: u8, e: &mut Entropy) -> u64 {
    let small = e.below(2) * 16;
    if n == INDEX[0] { small } else { e.next() << 32 | small }
}
