//! Random vector programs as lists of items, and the executables that they make: registers are loaded from memory, the items
//! executed, all state noted after every few of them, and the notes written to standard output.

use crate::common::asm::{bytes, ecall, li32, rri, ssi, word};
use crate::common::elf_writer::{Layout, executable};
use crate::common::entropy::Entropy;
use crate::common::sequence::{FUSABLE, POINTERS, WORK, instruction};
use crate::vector_model::bench::Pages;
use crate::vector_model::state::{Features, VState};
use crate::vector_model::{cases, execute, is_legal};
use mellivora::isa::{Eew, Flags, Kind, Op, Operands, Slot, decode_any};

pub use crate::common::elf_writer::HEADERS;

pub const LAYOUT: Layout = Layout { start: 0x1_0000, size: 0x6_0000 };
/// x0.., f0.. and fcsr to start with.
const INITIAL: u64 = 0x3_0000;
/// Offsets for indexed accesses, of 8, 16, 32 and 64 bits, a table each; nothing writes here.
const INDICES: u64 = 0x3_1000;
const TABLE: u64 = 0x1000;
/// Offsets are less than this.
const REACH: u64 = 0x1000;
/// What the programs load and store; written out in the end, and the notes behind it.
const MEMORY: u64 = 0x4_0000;
pub const MEMORY_SIZE: u64 = 0x8000;
const NOTES: u64 = MEMORY + MEMORY_SIZE;
/// In a note: x0.., f0.., then the CSRs, and at this offset v0...
const NOTE_V: u64 = 1024;
const NOTE_CSRS: u64 = 512;
const CSRS: [(&str, i64); 5] = [("vl", 0xc20), ("vtype", 0xc21), ("vstart", 8), ("vcsr", 15), ("fcsr", 3)];
/// Items between two notes.
pub const ITEMS: usize = 40;
/// Items that a program has at most: there is room for so many notes.
pub const MOST_ITEMS: u64 = 10 * ITEMS as u64;

/// Registers for addresses, strides, and application vector lengths.
const BASE: u8 = 5;
const STRIDE: u8 = 6;
const AVL: u8 = 7;
/// Where notes are written, and a register to write them with.
const NOTE: u8 = 31;
const TEMPORARY: u8 = 30;

/// Instructions that belong together: one of interest, and those that prepare it.
pub type Item = Vec<u32>;

fn note_size(vlen: usize) -> u64 {
    NOTE_V + 32 * vlen as u64 / 8
}

fn whole(op: Op, register: u8, base: u8) -> u32 {
    word(op, Operands { rd: register, rs3: register, rs1: base, rm: 1, ..Default::default() })
}

fn csr(op: Op, number: i64, rd: u8, rs1: u8) -> u32 {
    word(op, Operands { rd, rs1, imm: number, ..Default::default() })
}

/// Loads all registers.
fn prologue() -> Vec<u32> {
    let mut out = li32(NOTE, INITIAL as i32).to_vec();
    out.push(rri(Op::Ld, BASE, NOTE, 64 * 8));
    out.push(csr(Op::Csrrw, 3, 0, BASE));
    out.extend((0..32).map(|n| rri(Op::Fld, n, NOTE, (32 + i64::from(n)) * 8)));
    out.extend(refresh(MEMORY));
    out.extend(li32(NOTE, INITIAL as i32));
    out.extend((1..31).map(|n| rri(Op::Ld, n, NOTE, i64::from(n) * 8)));
    out
}

/// Loads all vector registers from memory that begins at `at`.
fn refresh(at: u64) -> Item {
    let mut out = Vec::new();
    for (n, op) in [Op::Vl8re8V, Op::Vl8re16V, Op::Vl8re32V, Op::Vl8re64V].into_iter().enumerate() {
        out.extend(li32(BASE, (at + 0x800 * n as u64) as i32));
        out.push(whole(op, 8 * n as u8, BASE));
    }
    out
}

/// Writes everything down at the address `at`.
fn note(at: u64, vlen: usize) -> Vec<u32> {
    let mut out = li32(NOTE, at as i32).to_vec();
    out.extend((0..32).map(|n| ssi(Op::Sd, NOTE, n, i64::from(n) * 8)));
    out.extend((0..32).map(|n| ssi(Op::Fsd, NOTE, n, (32 + i64::from(n)) * 8)));
    for (n, (_, number)) in CSRS.into_iter().enumerate() {
        out.push(csr(Op::Csrrs, number, TEMPORARY, 0));
        out.push(ssi(Op::Sd, NOTE, TEMPORARY, (NOTE_CSRS + 8 * n as u64) as i64));
    }
    out.push(rri(Op::Addi, TEMPORARY, NOTE, NOTE_V as i64));
    for n in [0, 8, 16, 24] {
        out.push(whole(Op::Vs8rV, n, TEMPORARY));
        out.push(rri(Op::Addi, TEMPORARY, TEMPORARY, vlen as i64));
    }
    out
}

/// write(1, MEMORY, and all notes behind it); exit(0)
fn ending(size: u64) -> Vec<u32> {
    let call = |number| [rri(Op::Addi, 17, 0, number), ecall()];
    let mut out = vec![rri(Op::Addi, 10, 0, 1)];
    out.extend(li32(11, MEMORY as i32));
    out.extend(li32(12, size as i32));
    out.extend(call(64));
    out.push(rri(Op::Addi, 10, 0, 0));
    out.extend(call(93));
    out
}

/// What memory holds when a program starts.
pub struct Start(Vec<u8>);

impl Start {
    pub fn new(e: &mut Entropy) -> Start {
        let mut out = Vec::new();
        let mut put = |at: u64, values: &[u64]| {
            out.resize((at - INITIAL) as usize, 0);
            out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        };
        let mut initial: Vec<u64> = (0..32).map(|_| e.integer()).collect();
        initial.extend((0..32).map(|_| e.float_register(b"sdhsd")));
        initial.push(e.pick(&[0, 0, 1, 2, 3, 4]) << 5 | e.pick(&[0, 0, 1, 31]));
        for (n, p) in POINTERS.into_iter().enumerate() {
            initial[usize::from(p)] = MEMORY + 64 * n as u64;
        }
        put(INITIAL, &initial);
        let aligned = e.below(4) != 0;
        for width in 0..4 {
            let offset = |e: &mut Entropy| if aligned { 8 * e.below(REACH / 8) } else { e.below(REACH) };
            let join = |e: &mut Entropy| {
                (0..64 >> (3 + width)).fold(0, |v, _| v << (8 << width & 63) | offset(e) & low(8 << width))
            };
            let table: Vec<u64> = (0..TABLE / 8).map(|_| join(e)).collect();
            put(INDICES + TABLE * width, &table);
        }
        let memory: Vec<u64> = (0..MEMORY_SIZE / 8).map(|_| value(e)).collect();
        put(MEMORY, &memory);
        Start(out)
    }
}

/// The lowest `bits` bits.
fn low(bits: u32) -> u64 {
    u64::MAX >> (64 - bits)
}

/// Eight bytes of something that instructions might find interesting.
fn value(e: &mut Entropy) -> u64 {
    match e.below(6) {
        0 => e.float(11, 52),
        1 => e.float(8, 23) | e.float(8, 23) << 32,
        2 => (0..4).fold(0, |v, _| v << 16 | e.float(5, 10)),
        3 => e.integer(),
        4 => e.integer() & 0xffff_ffff | e.integer() << 32,
        _ => e.next(),
    }
}

/// The executable. It writes memory, and a note for every `ITEMS` items and the rest.
pub fn assemble(start: &Start, items: &[Item], vlen: usize) -> Vec<u8> {
    let mut code = prologue();
    let mut at = NOTES;
    for chunk in items.chunks(ITEMS) {
        code.extend(chunk.iter().flatten());
        code.extend(note(at, vlen));
        at += note_size(vlen);
    }
    code.extend(ending(at - MEMORY));
    let mut image = bytes(&code);
    assert!(image.len() as u64 <= INITIAL - LAYOUT.start - HEADERS, "the code has room");
    assert!(at <= LAYOUT.start + LAYOUT.size, "the notes have room");
    image.resize((INITIAL - LAYOUT.start - HEADERS) as usize, 0);
    image.extend(&start.0);
    executable(LAYOUT, &image)
}

/// Where in a program's output a byte stands: the number of the note and what it is a part of.
pub fn place(at: usize, vlen: usize) -> (usize, String) {
    let Some(at) = (at as u64).checked_sub(MEMORY_SIZE) else {
        return (usize::MAX, format!("memory at {:#x}", MEMORY + at as u64));
    };
    let (n, at) = (at / note_size(vlen), at % note_size(vlen));
    let name = match at {
        0..256 => format!("x{}", at / 8),
        256..NOTE_CSRS => format!("f{}", at / 8 - 32),
        NOTE_CSRS..NOTE_V => CSRS.get((at - NOTE_CSRS) as usize / 8).map_or("nothing", |c| c.0).to_owned(),
        _ => format!("v{} byte {}", (at - NOTE_V) / (vlen as u64 / 8), (at - NOTE_V) % (vlen as u64 / 8)),
    };
    (n as usize, name)
}

/// Writes programs, keeping track of what decides about legality.
pub struct Writer {
    /// vtype, vl, vstart and frm as the program has them at this point; the rest is not kept.
    pub state: VState,
    /// What not to write.
    avoid: fn(Op, u32, &VState) -> bool,
}

impl Writer {
    pub fn new(vlen: usize, features: Features, avoid: fn(Op, u32, &VState) -> bool) -> Writer {
        Writer { state: VState { features, ..VState::new(vlen, 64) }, avoid }
    }

    /// One item of any kind.
    pub fn item(&mut self, e: &mut Entropy, ops: &[Op]) -> Item {
        match e.below(24) {
            0..4 => self.configure(e),
            4 => refresh(MEMORY + 8 * e.below(0x400)),
            5 => {
                let (number, most) = e.pick(&[(2, 5), (0xa, 4), (9, 2), (1, 32)]);
                let v = e.below(most) as u8;
                if number == 2 {
                    self.state.frm = v;
                }
                vec![csr(Op::Csrrwi, number, e.pick(&WORK), v)]
            }
            6..8 => {
                let op = e.pick(&FUSABLE);
                instruction(op, e, false).map(|i| i.1).into_iter().collect()
            }
            _ => {
                // There are as many loads and stores as other instructions, most of them of segments.
                let arithmetic = e.below(4) != 0;
                let wanted = |op: Op| accesses_memory(op) != arithmetic;
                let op = (0..8).map(|_| e.pick(ops)).find(|op| wanted(*op)).unwrap_or(ops[0]);
                self.instruction(e, op).unwrap_or_default()
            }
        }
    }

    /// Sets vl and vtype, in one of the ways that there are.
    pub fn configure(&mut self, e: &mut Entropy) -> Item {
        let vtype = cases::vtype(e, &self.state);
        let greatest = 2 * self.state.vlen as u64;
        let avl = match e.below(4) {
            0 => e.below(32),
            1 => e.below(greatest),
            2 => e.below(greatest) & !7,
            _ => self.state.vlen as u64 / 8,
        };
        let (rd, imm) = (e.pick(&WORK), vtype as i64);
        let mut out = Vec::new();
        let (op, operands) = match e.below(8) {
            0..2 => (Op::Vsetivli, Operands { rd, rs1: (avl & 31) as u8, imm, ..Default::default() }),
            2 => (Op::Vsetvli, Operands { rd: rd.max(1), imm, ..Default::default() }),
            3 => {
                out.extend(li32(AVL, avl as i32));
                out.extend(li32(STRIDE, imm as i32));
                (Op::Vsetvl, Operands { rd, rs1: AVL, rs2: STRIDE, ..Default::default() })
            }
            _ => {
                out.extend(li32(AVL, avl as i32));
                (Op::Vsetvli, Operands { rd, rs1: AVL, imm, ..Default::default() })
            }
        };
        self.set(word(op, operands), op, avl, vtype, &mut out);
        out
    }

    /// Appends a vset instruction.
    pub fn set(&mut self, word: u32, op: Op, avl: u64, vtype: u64, out: &mut Item) {
        let s = &mut self.state;
        (s.x[0], s.x[usize::from(AVL)], s.x[usize::from(STRIDE)]) = (0, avl, vtype);
        execute(s, &mut Pages(Vec::new()), op.mnemonic(), word);
        out.push(word);
    }

    /// A vector instruction with operands that are legal now, and what it needs before it. `None`: none found.
    pub fn instruction(&mut self, e: &mut Entropy, op: Op) -> Option<Item> {
        let (info, memory) = (op.info(), accesses_memory(op));
        if info.flags.contains(Flags::VSET) {
            return None;
        }
        let start = if e.once_in(16) && self.state.vl > 0 { e.below(self.state.vl) } else { 0 };
        for _ in 0..24 {
            self.state.vstart = if e.once_in(2) { start } else { 0 };
            let mut word = cases::word(e, op);
            let mut index = None;
            let mut set = |o: &mellivora::isa::Operand, v: u8| {
                let low = o.pieces[0].word_lo;
                word = word & !(31 << low) | u32::from(v) << low;
            };
            for o in info.operands {
                match (o.kind, o.slot) {
                    (Kind::X, Slot::Rs1) if memory => set(o, BASE),
                    (Kind::X, Slot::Rs2) if memory => set(o, STRIDE),
                    (Kind::X, Slot::Rs1) => set(o, if e.once_in(3) { AVL } else { e.pick(&WORK) }),
                    (Kind::X, _) => set(o, e.pick(&WORK)),
                    _ => {}
                }
                index = index.or((o.eew == Eew::Index).then_some(o));
            }
            let itself = decode_any(word).first().is_some_and(|(i, _)| i.op == op);
            if itself && is_legal(&self.state, op.mnemonic(), word) && !(self.avoid)(op, word, &self.state) {
                let index = index.map(|o| o.from_word(word) as u8);
                return Some(self.prepare(e, op, word, index));
            }
        }
        self.state.vstart = 0;
        None
    }

    /// Puts addresses, strides, indices and small numbers into the registers that an instruction takes them from.
    fn prepare(&mut self, e: &mut Entropy, op: Op, word: u32, index: Option<u8>) -> Item {
        let s = &mut self.state;
        let mut out = Vec::new();
        if accesses_memory(op) {
            let size = if index.is_some() { s.sew() as u64 / 8 } else { u64::from(op.info().eew).max(8) / 8 };
            let aligned = |e: &mut Entropy, v: u64| if e.below(4) != 0 { v & !(size - 1) } else { v };
            let base = MEMORY + 0x2800 + e.below(0x1000);
            if let Some(register) = index {
                // Whole registers, as many as the indices have.
                let width = usize::from(op.info().eew);
                let count = (s.lmul8() * width / s.sew()).div_ceil(8);
                let op = [Op::Vl1re8V, Op::Vl2re8V, Op::Vl4re8V, Op::Vl8re8V][count.ilog2() as usize];
                let room = TABLE - 8 * s.vlen as u64 / 8;
                let at = INDICES + TABLE * u64::from(width.ilog2() - 3) + (e.below(room) & !7);
                out.extend(li32(BASE, at as i32));
                out.push(whole(op, register, BASE));
            }
            out.extend(li32(BASE, aligned(e, base) as i32));
            let stride = e.below(17 * size);
            out.extend(li32(STRIDE, aligned(e, stride) as i32 - 8 * size as i32));
        } else if s.vtype().is_some() {
            out.extend(li32(AVL, e.below(s.vlmax() as u64 + 2) as i32));
        }
        if op == Op::Vfwmaccbf16Vf {
            // See README.md: QEMU takes the wrong NaN for a scalar that is not boxed.
            out.push(word_of_box((word >> 15 & 31) as u8));
        }
        match s.vstart {
            0 => {}
            n @ 1..32 => out.push(csr(Op::Csrrwi, 8, 0, n as u8)),
            n => {
                out.extend(li32(TEMPORARY, n as i32));
                out.push(csr(Op::Csrrw, 8, 0, TEMPORARY));
            }
        }
        s.vstart = 0;
        out.push(word);
        out
    }
}

/// Boxes a number of 16 bits, whatever it is.
fn word_of_box(register: u8) -> u32 {
    word(Op::FmvHX, Operands { rd: register, rs1: WORK[0], ..Default::default() })
}

fn accesses_memory(op: Op) -> bool {
    op.info().flags.intersects(Flags::LOAD | Flags::STORE)
}
