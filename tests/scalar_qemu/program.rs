//! The executables: they set all registers, run a few instructions, and write all registers and the memory that these used to
//! standard output.

use crate::common::asm::{self, bytes, li32, rri, ssi, word};
use crate::common::elf_writer::{HEADERS, Layout, executable};
use crate::common::entropy::Entropy;
use crate::common::sequence::{INDEX, POINTERS, index};
use mellivora::isa::{Op, Operands};

pub const LAYOUT: Layout = Layout { start: 0x1_0000, size: 0x3_0000 };
/// What the segments start with: x0.., f0.., fcsr, one slot for each segment.
pub const INITIAL: u64 = 0x2_0000;
/// What they end with, in the same form, and behind the slots the memory that they used.
pub const FINAL: u64 = 0x3_0000;
pub const SLOT: u64 = 65 * 8;
pub const SEGMENTS: u64 = 16;
pub const USED: u64 = FINAL + SEGMENTS * SLOT;
pub const USED_BYTES: u64 = 512;

/// A piece of a program with registers of its own: x0 to x31, f0 to f31, fcsr.
pub struct Segment {
    pub initial: Vec<u64>,
    pub body: Vec<u32>,
}

/// Loads the slot at `INITIAL` into all registers but x3.
fn prologue(slot: u64) -> Vec<u32> {
    let mut out = li32(3, (INITIAL + slot * SLOT) as i32).to_vec();
    out.push(rri(Op::Ld, 5, 3, 64 * 8));
    out.push(word(Op::Csrrw, Operands { rs1: 5, imm: 3, ..Default::default() }));
    out.extend((0..32).map(|n| rri(Op::Fld, n, 3, (32 + n as i64) * 8)));
    out.extend((1..32).filter(|n| *n != 3).map(|n| rri(Op::Ld, n, 3, n as i64 * 8)));
    out.extend(li32(3, (FINAL + slot * SLOT) as i32));
    out
}

/// Stores all registers into the slot at x3.
fn epilogue() -> Vec<u32> {
    let mut out: Vec<u32> = (0..32).map(|n| ssi(Op::Sd, 3, n, n as i64 * 8)).collect();
    out.extend((0..32).map(|n| ssi(Op::Fsd, 3, n, (32 + n as i64) * 8)));
    out.push(word(Op::Csrrs, Operands { rd: 5, imm: 3, ..Default::default() }));
    out.push(ssi(Op::Sd, 3, 5, 64 * 8));
    out
}

/// write(1, FINAL, all of it); exit(0)
fn ending() -> Vec<u32> {
    let call = |number| [rri(Op::Addi, 17, 0, number), asm::ecall()];
    let mut out = vec![rri(Op::Addi, 10, 0, 1)];
    out.extend(li32(11, FINAL as i32));
    out.extend(li32(12, (USED + USED_BYTES - FINAL) as i32));
    out.extend(call(64));
    out.push(rri(Op::Addi, 10, 0, 0));
    out.extend(call(93));
    out
}

/// What the used memory holds at first.
pub fn used_memory() -> Vec<u8> {
    (0..USED_BYTES).map(|n| ((n * 37) ^ (n >> 3)) as u8).collect()
}

/// The executable.
pub fn program(segments: &[Segment]) -> Vec<u8> {
    let mut code = Vec::new();
    let mut image = vec![0; (USED + USED_BYTES - LAYOUT.start - HEADERS) as usize];
    let mut put = |addr: u64, data: &[u8]| {
        let at = (addr - LAYOUT.start - HEADERS) as usize;
        image[at..at + data.len()].copy_from_slice(data);
    };
    for (n, s) in segments.iter().enumerate() {
        code.extend(bytes(&prologue(n as u64)));
        code.extend(bytes(&s.body));
        code.extend(bytes(&epilogue()));
        let initial: Vec<u8> = s.initial.iter().flat_map(|v| v.to_le_bytes()).collect();
        put(INITIAL + n as u64 * SLOT, &initial);
    }
    code.extend(bytes(&ending()));
    assert!(code.len() as u64 <= INITIAL - LAYOUT.start - HEADERS, "the code has room");
    put(LAYOUT.start + HEADERS, &code);
    put(USED, &used_memory());
    executable(LAYOUT, &image)
}

/// Initial registers: pointers into the used memory, everything else corners.
pub fn initial(e: &mut Entropy) -> Vec<u64> {
    let mut out: Vec<u64> = (0..32).map(|_| e.integer()).collect();
    out.extend((0..32).map(|_| e.float_register(b"sdhsd")));
    out.push(e.pick(&[0, 0, 1, 2, 3, 4]) << 5 | e.pick(&[0, 0, 1, 31]));
    out[0] = 0;
    for (n, p) in POINTERS.into_iter().enumerate() {
        out[p as usize] = USED.next_multiple_of(64) + 64 * n as u64;
    }
    INDEX.into_iter().for_each(|n| out[n as usize] = index(n, e));
    out
}
