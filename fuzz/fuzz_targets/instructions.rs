//! Any bytes as instructions: the fast engine and single steps must reach the same state, and neither may harm the host.
//!
//! Every instruction is disassembled and encoded again on the way.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mellivora::hart::{Clock, Context, HartConfig, Privilege};
use mellivora::isa::{Decoder, DisasmOptions, Isa, Operands, decode_any, disassemble, disassemble_unknown, encode};
use mellivora::machine::{Config, Machine, Stop};
use mellivora::memory::Prot;

const CODE: u64 = 0x1_0000;
const DATA: u64 = 0x2_0000;
const RUN: u64 = 500;

/// A machine in the first byte's privilege with the rest as code, and pointers into data and code in its registers.
fn machine(mode: u8, code: &[u8]) -> Option<Machine> {
    let isa = Isa::all();
    let config = Config { isa, hart: HartConfig::for_isa(&isa), limit: 1 << 20, clock: Clock::virtual_time() };
    let mut m = Machine::new(config).ok()?;
    m.translate_at_once(mode & 8 == 0);
    m.memory_mut().map(CODE..CODE + 0x2000, Prot::all(), "code").ok()?;
    m.memory_mut().map(DATA..DATA + 0x2000, Prot::READ | Prot::WRITE, "data").ok()?;
    m.memory_mut().write(CODE, code).ok()?;
    let hart = m.hart_mut();
    for n in 1..32u8 {
        let value = match n % 4 {
            0 => DATA + 0x1000,
            1 => CODE + u64::from(n) * 2,
            2 => u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            _ => u64::from(n).wrapping_sub(16),
        };
        hart.set_x(n, value);
        hart.set_f(n, value | if mode & 4 != 0 { 0xffff_ffff << 32 } else { 0 });
    }
    hart.set_privilege(if mode & 1 == 0 { Privilege::User } else { Privilege::Machine });
    hart.set_fs(if mode & 2 == 0 { Context::Dirty } else { Context::Off });
    hart.set_pc(CODE);
    Some(m)
}

fn state(m: &Machine) -> ([u64; 64], u64, u64, Option<u64>) {
    let mut regs = [0; 64];
    for n in 0..32u8 {
        regs[usize::from(n)] = m.hart().x(n);
        regs[usize::from(n) + 32] = m.hart().f(n);
    }
    (regs, m.hart().pc(), m.hart().instret(), m.hart().csr(3))
}

fuzz_target!(|data: &[u8]| {
    let Some((&mode, code)) = data.split_first() else { return };
    let code = &code[..code.len().min(0x1000)];
    let decoder = Decoder::new(&Isa::all());
    for word in code.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])) {
        match decoder.decode(word) {
            Some(insn) => {
                assert!(!disassemble(&insn, CODE, DisasmOptions::default()).mnemonic.is_empty());
                // Bits that hardware ignores (in fence) need not come back; those that tell instructions apart must.
                let word = encode(insn.op, &insn.operands()).expect("what was decoded can be encoded");
                assert_eq!((word ^ insn.bits) & insn.op.info().mask, 0, "{insn:?}");
                assert_eq!(Operands::of_word(insn.op, word), insn.operands(), "{insn:?}");
            }
            None => assert!(!disassemble_unknown(word, DisasmOptions::default()).mnemonic.is_empty()),
        }
        let _ = decode_any(word);
    }
    let (Some(mut fast), Some(mut slow)) = (machine(mode, code), machine(mode, code)) else { return };
    let end = fast.run(RUN);
    let mut stepped = Stop::Budget;
    for _ in 0..RUN {
        stepped = slow.step();
        if stepped != Stop::Budget {
            break;
        }
    }
    assert_eq!(end, stepped);
    assert_eq!(state(&fast), state(&slow));
    let _ = fast.explain(&end).map(|e| e.to_string());
});
