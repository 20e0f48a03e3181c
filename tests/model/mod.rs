//! A plain model of the scalar instruction set, written from the manuals: one instruction at a time, every rule spelled out,
//! nothing fast. It shares no code with the emulator; operands come to it as the test's generator made them.
//!
//! Where the manuals leave a choice, the model takes the one that the emulator documents; these places say "choice".

#![allow(dead_code)] // each test program uses a part of this

mod atomic;
pub mod bench;
mod compressed;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod float;
mod integer;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod softfloat;
mod system;
pub mod xthead;

use mellivora::isa::{Op, Operands};
pub use system::Csrs;

/// Exception causes, as in `mcause`.
pub mod cause {
    pub const FETCH: u64 = 1;
    pub const ILLEGAL: u64 = 2;
    pub const BREAKPOINT: u64 = 3;
    pub const LOAD_MISALIGNED: u64 = 4;
    pub const LOAD: u64 = 5;
    pub const STORE_MISALIGNED: u64 = 6;
    pub const STORE: u64 = 7;
    pub const ECALL_U: u64 = 8;
    pub const ECALL_M: u64 = 11;
}

/// An instruction does not retire: cause and `mtval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trap {
    pub cause: u64,
    pub tval: u64,
}

/// What an instruction leads to. `None`: the model does not know it.
pub type Outcome = Option<Result<(), Trap>>;

/// Rights of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    pub read: bool,
    pub write: bool,
    pub fetch: bool,
}

/// A stretch of memory; elsewhere is nothing.
#[derive(Clone, Debug)]
pub struct Memory {
    pub start: u64,
    pub bytes: Vec<u8>,
    /// Of each 4 KiB of it.
    pub rights: Vec<Rights>,
}

impl Memory {
    pub fn rights(&self, addr: u64) -> Rights {
        let nothing = Rights { read: false, write: false, fetch: false };
        match addr.checked_sub(self.start) {
            Some(at) => self.rights.get((at / 4096) as usize).copied().unwrap_or(nothing),
            None => nothing,
        }
    }

    fn at(&mut self, addr: u64) -> &mut u8 {
        &mut self.bytes[(addr - self.start) as usize]
    }

    /// The first byte of an access where `may` does not hold.
    fn first_without(&self, addr: u64, size: u64, may: impl Fn(Rights) -> bool) -> Option<u64> {
        (0..size).map(|i| addr.wrapping_add(i)).find(|a| !may(self.rights(*a)))
    }
}

/// One hart and its memory.
#[derive(Clone, Debug)]
pub struct Cpu {
    pub pc: u64,
    pub x: [u64; 32],
    pub f: [u64; 32],
    pub fflags: u64,
    pub frm: u64,
    /// mstatus.FS: 0 off, 1 initial, 2 clean, 3 dirty.
    pub fs: u64,
    /// M-mode, otherwise U-mode.
    pub machine: bool,
    pub memory: Memory,
    pub reservation: Option<u64>,
    pub csrs: Csrs,
    /// Retired instructions.
    pub retired: u64,
}

/// An instruction as the generator made it.
#[derive(Clone, Copy, Debug)]
pub struct Insn {
    pub op: Op,
    pub operands: Operands,
    pub word: u32,
}

impl Insn {
    /// Bytes.
    pub fn len(&self) -> u64 {
        if self.word & 3 == 3 { 4 } else { 2 }
    }
}

/// Whether the model knows an instruction (on this host: SoftFloat is not everywhere).
pub fn knows(op: Op) -> bool {
    let blank =
        Memory { start: 0, bytes: vec![0; 4096], rights: vec![Rights { read: true, write: true, fetch: true }] };
    let mut cpu = Cpu::new(blank);
    cpu.fs = 3;
    cpu.run_one(&Insn { op, operands: Operands::default(), word: 3 }).is_some()
}

impl Cpu {
    pub fn new(memory: Memory) -> Cpu {
        Cpu {
            pc: 0,
            x: [0; 32],
            f: [0; 32],
            fflags: 0,
            frm: 0,
            fs: 0,
            machine: true,
            memory,
            reservation: None,
            csrs: Csrs::default(),
            retired: 0,
        }
    }

    fn set_x(&mut self, n: u8, v: u64) {
        if n != 0 {
            self.x[n as usize] = v;
        }
    }

    /// A load, aligned or not (choice: misaligned accesses are done). `tval` is the first byte that is not there.
    fn load(&mut self, addr: u64, size: u64, cause: u64) -> Result<u64, Trap> {
        if let Some(tval) = self.memory.first_without(addr, size, |r| r.read) {
            return Err(Trap { cause, tval });
        }
        Ok((0..size).fold(0, |v, i| v | (*self.memory.at(addr + i) as u64) << (8 * i)))
    }

    /// A store, aligned or not: all of it or nothing.
    fn store(&mut self, addr: u64, size: u64, value: u64) -> Result<(), Trap> {
        if let Some(tval) = self.memory.first_without(addr, size, |r| r.write) {
            return Err(Trap { cause: cause::STORE, tval });
        }
        for i in 0..size {
            *self.memory.at(addr + i) = (value >> (8 * i)) as u8;
        }
        Ok(())
    }

    /// Executes one instruction at `pc`; on a trap nothing has changed. `None`: unknown to the model.
    pub fn run_one(&mut self, insn: &Insn) -> Outcome {
        let before = self.clone();
        let (op, operands) = compressed::expand(insn.op, &insn.operands).unwrap_or((insn.op, insn.operands));
        let next = self.pc.wrapping_add(insn.len());
        let full = Insn { op, operands, word: insn.word };
        let outcome = self.control(&full, next).or_else(|| {
            let outcome = self
                .integer(&full)
                .or_else(|| self.memory(&full))
                .or_else(|| self.atomic(&full))
                .or_else(|| self.system(&full))
                .or_else(|| self.xthead(&full))
                .or_else(|| self.float(&full));
            // A return from a trap says itself where to go on.
            if op != Op::Mret {
                self.pc = next;
            }
            outcome
        });
        match outcome {
            Some(Ok(())) => self.retire(),
            _ => *self = before,
        }
        outcome
    }

    /// Jumps and branches (2.5), address formation (2.4).
    fn control(&mut self, i: &Insn, next: u64) -> Outcome {
        let o = &i.operands;
        let (a, b) = (self.x[o.rs1 as usize], self.x[o.rs2 as usize]);
        let target = self.pc.wrapping_add(o.imm as u64);
        let to = match i.op {
            Op::Lui => {
                self.set_x(o.rd, o.imm as u64);
                next
            }
            Op::Auipc => {
                self.set_x(o.rd, target);
                next
            }
            Op::Jal => {
                self.set_x(o.rd, next);
                target
            }
            Op::Jalr => {
                self.set_x(o.rd, next);
                a.wrapping_add(o.imm as u64) & !1
            }
            Op::Beq => [next, target][(a == b) as usize],
            Op::Bne => [next, target][(a != b) as usize],
            Op::Blt => [next, target][((a as i64) < b as i64) as usize],
            Op::Bge => [next, target][((a as i64) >= b as i64) as usize],
            Op::Bltu => [next, target][(a < b) as usize],
            Op::Bgeu => [next, target][(a >= b) as usize],
            _ => return None,
        };
        self.pc = to;
        Some(Ok(()))
    }

    /// Loads and stores (2.6; F 4.3 and its likes): narrow floating-point values are NaN-boxed.
    fn memory(&mut self, i: &Insn) -> Outcome {
        let o = &i.operands;
        let addr = self.x[o.rs1 as usize].wrapping_add(o.imm as u64);
        let (size, signed) = match i.op {
            Op::Lb => (1, true),
            Op::Lh => (2, true),
            Op::Lw => (4, true),
            Op::Ld => (8, true),
            Op::Lbu => (1, false),
            Op::Lhu => (2, false),
            Op::Lwu => (4, false),
            Op::Flh | Op::Flw | Op::Fld => {
                let size = [2, 4, 8][(i.op == Op::Flw) as usize + 2 * (i.op == Op::Fld) as usize];
                return Some(self.load_float(i, addr, size));
            }
            _ => return self.stores(i, addr),
        };
        let loaded = self.load(addr, size, cause::LOAD);
        Some(loaded.map(|v| self.set_x(o.rd, if signed { sign_extend(v, 8 * size) } else { v })))
    }

    fn load_float(&mut self, i: &Insn, addr: u64, size: u64) -> Result<(), Trap> {
        self.need_float(i)?;
        let v = self.load(addr, size, cause::LOAD)?;
        self.f[i.operands.rd as usize] = boxed(v, 8 * size);
        self.fs = 3;
        Ok(())
    }

    fn stores(&mut self, i: &Insn, addr: u64) -> Outcome {
        let rs2 = i.operands.rs2 as usize;
        let (size, value, float) = match i.op {
            Op::Sb => (1, self.x[rs2], false),
            Op::Sh => (2, self.x[rs2], false),
            Op::Sw => (4, self.x[rs2], false),
            Op::Sd => (8, self.x[rs2], false),
            Op::Fsh => (2, self.f[rs2], true),
            Op::Fsw => (4, self.f[rs2], true),
            Op::Fsd => (8, self.f[rs2], true),
            _ => return None,
        };
        if float && let Err(trap) = self.need_float(i) {
            return Some(Err(trap));
        }
        Some(self.store(addr, size, value))
    }

    fn illegal<T>(&self, i: &Insn) -> Result<T, Trap> {
        Err(Trap { cause: cause::ILLEGAL, tval: i.word as u64 })
    }

    /// Floating-point instructions are illegal while mstatus.FS is Off.
    fn need_float(&self, i: &Insn) -> Result<(), Trap> {
        if self.fs == 0 { self.illegal(i) } else { Ok(()) }
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
impl Cpu {
    /// SoftFloat, the model's arithmetic, is not built on this host.
    fn float(&mut self, _: &Insn) -> Outcome {
        None
    }
}

/// The low `bits` bits, sign-extended.
pub fn sign_extend(v: u64, bits: u64) -> u64 {
    let low = (v as u128) & ((1 << bits) - 1);
    let negative = low >> (bits - 1) == 1;
    if negative { (low as i128 - (1i128 << bits)) as u64 } else { low as u64 }
}

/// A value of `bits` bits as it stands in a floating-point register: ones above.
pub fn boxed(v: u64, bits: u64) -> u64 {
    if bits == 64 { v } else { v & ((1 << bits) - 1) | u64::MAX << bits }
}
