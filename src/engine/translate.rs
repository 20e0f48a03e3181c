//! The second half of translation: from a trace to ops, with constants folded and neighbours fused.

use super::code::{Code, offset, page_of};
use super::form::{Branch, Float, Rare, Shape, Traits, branch_form, float_form, rare_form, shape};
use super::handlers::{self, SPECIAL_OPS};
use super::op::{Data, Handler, Op};
use super::table::{self, Entry, StepFn};
use super::trace::{End, MAX_BLOCK, Trace};
use super::vector::{self, Site, UNBOUND, VECTOR_OPS, VSET_OPS};
use crate::hart::{FpMode, VectorConfig, Vtype, X_SINK};
use crate::isa::{Flags, Insn, Op as Name};
use crate::ops::{File, Kind, Semantics, clash, slot};

/// Ops that one block can take at most: per instruction a vector op and the stub of a branch, plus guard and end.
pub(super) const MAX_OPS: usize = (MAX_BLOCK + 1) * (VECTOR_OPS + 2) + 8;

/// What a machine's configuration decides about handlers.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    /// The host has fused multiply-add.
    pub fma: bool,
    /// Jump targets may be odd multiples of two.
    pub compressed: bool,
    /// The vector unit.
    pub unit: VectorConfig,
}

/// What may be fused, by position in the arena.
#[derive(Clone, Copy)]
enum Part {
    Simple(Shape),
    Rare(Rare),
    Float(Float),
    Branch(Branch),
    Goto,
    /// Indirect jump without link.
    Jalr,
}

/// Lists that a translation needs, kept between translations for the room that they take.
#[derive(Default)]
pub(super) struct Scratch {
    parts: Vec<(usize, Part)>,
    jumps: Vec<(usize, u64, bool)>,
    pairs: Vec<Option<(Handler, u32)>>,
    gain: Vec<u32>,
    pages: Vec<u64>,
}

/// A block under construction.
struct Builder<'a> {
    code: &'a mut Code,
    choice: Choice,
    /// The floating-point mode that it is translated for.
    mode: FpMode,
    guarded: bool,
    /// pc and index of the instruction at hand.
    pc: u64,
    index: usize,
    /// Its length in bytes.
    len: u8,
    /// What may be fused, by position in the arena.
    parts: &'a mut Vec<(usize, Part)>,
    /// Jumps whose targets are to be resolved at run time: op, target, whether the mode is the same there.
    jumps: &'a mut Vec<(usize, u64, bool)>,
}

/// Translates a trace that starts at `start` for one floating-point mode. Returns the block's number.
pub(super) fn translate(
    code: &mut Code,
    t: &Trace,
    start: u64,
    mode: FpMode,
    first: bool,
    choice: Choice,
    scratch: &mut Scratch,
) -> usize {
    let guarded = t.insns.iter().any(|(_, i)| table::of(i.base).fp);
    code.begin(start, guarded.then_some(mode));
    let Scratch { parts, jumps, pairs, gain, pages } = scratch;
    parts.clear();
    jumps.clear();
    pages.clear();
    let mut b = Builder { code, choice, mode, guarded, pc: start, index: 0, len: 0, parts, jumps };
    if guarded {
        b.emit(handlers::guard, [0; 3], mode as u8, 0);
        b.data(0, 0);
        b.data(0, start);
    }
    let body = b.code.len();
    for (n, (pc, insn)) in t.insns.iter().enumerate() {
        (b.pc, b.index, b.len) = (*pc, n, insn.len);
        for page in [page_of(*pc), page_of(pc.wrapping_add(insn.len as u64 - 1))] {
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
        b.instruction(insn, body);
    }
    b.end(t);
    b.stubs();
    b.fuse(pairs, gain);
    code.finish(pages, first)
}

impl Builder<'_> {
    fn emit(&mut self, handler: Handler, [rd, rs1, rs2]: [u8; 3], x: u8, imm: i32) -> usize {
        self.code.push(Op { handler, rd, rs1, rs2, x, imm }, self.pc, self.index, self.len)
    }

    fn data(&mut self, a: u64, b: u64) -> usize {
        self.code.push_data(Data(a, b), self.pc, self.index, self.len)
    }

    /// Instructions up to and including the one at hand.
    fn count(&self) -> u8 {
        self.index as u8 + 1
    }

    fn instruction(&mut self, i: &Insn, body: usize) {
        let e = table::of(i.base);
        match (i.base, e.kind) {
            (Name::Lui, _) => self.constant(i.rd, i.imm as u64),
            (Name::Auipc, _) => self.constant(i.rd, self.pc.wrapping_add(i.imm as u64)),
            (_, Kind::Branch) => self.branch(i, e),
            (Name::Jal, _) => self.jal(i, e),
            (_, Kind::Jump) => self.jalr(i, e),
            (_, Kind::Simple) => self.simple(i, e, body),
            (Name::Vsetvli | Name::Vsetivli | Name::ThVsetvli, _) => self.vset(i, e),
            (_, Kind::Vector) => self.vector(i, e),
            _ => self.special(handlers::special::<SPECIAL_OPS>, e.step, i),
        }
    }

    /// An instruction that only its stepping function does.
    fn special(&mut self, handler: Handler, step: StepFn, i: &Insn) {
        self.emit(handler, [0; 3], self.index as u8, 0);
        self.data(step as usize as u64, self.pc);
        let first = self.code.len();
        for _ in 2..SPECIAL_OPS {
            self.data(0, 0);
        }
        // SAFETY: the data slots just pushed are contiguous, hold at least an Insn, and are 8-aligned as it needs.
        unsafe { (self.code.address(first) as *mut Insn).write(*i) };
    }

    /// `vsetvli` or `vsetivli`.
    fn vset(&mut self, i: &Insn, e: &Entry) {
        let unit = &self.choice.unit;
        let vtype = unit.version.vtype(i.imm as u64).unwrap_or(Vtype::ILL);
        let vlmax = unit.vlmax(vtype);
        if vlmax == 0 {
            return self.special(handlers::special::<SPECIAL_OPS>, e.step, i);
        }
        let handler: Handler = match (i.base, i.rd & 31, i.rs1 & 31) {
            (Name::Vsetivli, ..) => vector::vset::<3>,
            (Name::ThVsetvli, _, 0) => vector::vset::<1>,
            (_, 0, 0) => vector::vset::<0>,
            (_, _, 0) => vector::vset::<1>,
            _ => vector::vset::<2>,
        };
        let at = self.code.len();
        self.special(handler, e.step, i);
        self.data(vlmax as u64, vtype.0);
        debug_assert!(self.code.len() == at + VSET_OPS);
        let op = self.code.op_mut(at);
        (op.rd, op.rs1, op.imm) = (slot(File::X, i.rd, true) as u8, i.rs1 & 31, i.rs1 as i32);
    }

    /// A vector instruction, bound when it is first executed.
    fn vector(&mut self, i: &Insn, e: &Entry) {
        let memory = i.base.info().flags.intersects(Flags::LOAD | Flags::STORE);
        let at = self.code.len();
        self.special(vector::any(memory), e.step, i);
        for _ in SPECIAL_OPS..VECTOR_OPS {
            self.data(0, 0);
        }
        let site = self.code.address(at + SPECIAL_OPS) as *mut Site;
        // SAFETY: the data slots just pushed are contiguous and hold at least a Site; only its mode is read before it is bound.
        unsafe { (&raw mut (*site).mode).write(UNBOUND) };
    }

    fn constant(&mut self, rd: u8, value: u64) {
        let rd = slot(File::X, rd, true) as u8;
        if rd as usize == X_SINK {
            return self.nothing();
        }
        match i32::try_from(value as i64) {
            Ok(imm) => {
                let at = self.emit(Shape::Li.one(), [rd, 0, 0], 0, imm);
                self.parts.push((at, Part::Simple(Shape::Li)));
            }
            Err(_) => {
                self.emit(handlers::constant, [rd, 0, 0], 0, 0);
                self.data(value, 0);
            }
        }
    }

    /// An instruction without effect. The first op of a block must stand for its first instruction.
    fn nothing(&mut self) {
        if self.index == 0 {
            let at = self.emit(Shape::Li.one(), [X_SINK as u8, 0, 0], 0, 0);
            self.parts.push((at, Part::Simple(Shape::Li)));
        }
    }

    fn branch(&mut self, i: &Insn, e: &Entry) {
        let target = self.pc.wrapping_add(i.imm as u64);
        let Some(form) = branch_form(i).filter(|_| self.choice.compressed || target & 2 == 0) else {
            return self.special(handlers::special_jump, e.step, i);
        };
        let at = self.emit(form.one(), [self.count(), i.rs1 & 31, i.rs2 & 31], 0, 0);
        self.parts.push((at, Part::Branch(form)));
        self.jumps.push((at, target, true));
    }

    fn jal(&mut self, i: &Insn, e: &Entry) {
        if !self.choice.compressed && i.imm & 2 != 0 {
            return self.special(handlers::special_jump, e.step, i);
        }
        self.constant(i.rd, self.pc.wrapping_add(i.len as u64));
    }

    fn jalr(&mut self, i: &Insn, e: &Entry) {
        if !self.choice.compressed {
            return self.special(handlers::special_jump, e.step, i);
        }
        let link = i.rd & 31 != 0;
        let handler: Handler = if link { handlers::jalr::<true> } else { handlers::jalr::<false> };
        let at = self.emit(handler, [i.rd & 31, i.rs1 & 31, 0], self.count(), i.imm as i32);
        // An odd address is no target: the cache starts empty.
        self.data(self.pc.wrapping_add(i.len as u64), !0);
        self.data(0, 0);
        if !link {
            self.parts.push((at, Part::Jalr));
        }
    }

    fn simple(&mut self, i: &Insn, e: &Entry, body: usize) {
        let exact = !e.rounds || e.fast_modes >> (i.rm & 7) & 1 != 0;
        if e.fp && (self.mode == FpMode::General || !exact) || clash(e.rd, e.second, i) {
            return self.special(handlers::special::<SPECIAL_OPS>, e.step, i);
        }
        let mut regs = [slot(e.rd, i.rd, true) as u8, slot(e.rs1, i.rs1, false) as u8, slot(e.rs2, i.rs2, false) as u8];
        let imm = if e.rounds { i.rm as i32 } else { i.imm as i32 };
        if let Some((form, source)) = shape(i) {
            let pure = !matches!(
                form,
                Shape::Lw
                    | Shape::Ld
                    | Shape::LdSp
                    | Shape::Lbu
                    | Shape::Lhu
                    | Shape::Sw
                    | Shape::Sd
                    | Shape::SdSp
                    | Shape::Sb
                    | Shape::Sh
            );
            if pure && i.rd & 31 == 0 {
                return self.nothing();
            }
            if self.fold(i, form, body) {
                return;
            }
            regs[1] = source & 31;
            let at = self.emit(form.one(), regs, 0, imm);
            self.parts.push((at, Part::Simple(form)));
            return;
        }
        // Instructions without floating point have one handler for all modes.
        let mode = if e.fp { self.mode } else { FpMode::Exact };
        let Some(handler) = e.simple.and_then(|v| v.choose(mode, self.choice.fma)) else {
            return self.special(handlers::special::<SPECIAL_OPS>, e.step, i);
        };
        let third = slot(e.rs3, if e.reads_rd { i.rd } else { i.rs3 }, false);
        let at = self.emit(handler, regs, e.second.slot(i).unwrap_or(third) as u8, imm);
        if let Some(form) = float_form(i).filter(|_| self.mode == FpMode::Inexact && self.choice.fma) {
            self.parts.push((at, Part::Float(form)));
        } else if let Some(form) = rare_form(i) {
            self.parts.push((at, Part::Rare(form)));
        }
    }

    /// Folds an instruction into the op before it: constants computed from constants, shift pairs.
    fn fold(&mut self, i: &Insn, form: Shape, body: usize) -> bool {
        let last = self.code.len().wrapping_sub(1);
        let Some(&(at, Part::Simple(before))) = self.parts.last() else { return false };
        if at != last || last < body {
            return false;
        }
        let previous = *self.code.op(last);
        let (rd, rs1) = (i.rd & 31, i.rs1 & 31);
        if before == Shape::Li && rs1 == previous.rd && rs1 != 0 {
            let v = previous.imm as i64;
            let folded = match i.base {
                Name::Addi => v.wrapping_add(i.imm),
                Name::Addiw => v.wrapping_add(i.imm) as i32 as i64,
                Name::Slli => v << (i.imm & 63),
                _ => return false,
            };
            let Ok(imm) = i32::try_from(folded) else { return false };
            if rd == previous.rd {
                self.code.op_mut(last).imm = imm;
            } else {
                let at = self.emit(Shape::Li.one(), [rd, 0, 0], 0, imm);
                self.parts.push((at, Part::Simple(Shape::Li)));
            }
            return true;
        }
        let shifted = matches!(before, Shape::Slli | Shape::SlliSame) && previous.rd == rd;
        if form == Shape::Srli && rd == rs1 && shifted {
            let op = self.code.op_mut(last);
            op.handler = Shape::ShiftPair.one();
            op.imm = (op.imm & 63) << 8 | (i.imm & 63) as i32;
            self.parts.pop();
            self.parts.push((last, Part::Simple(Shape::ShiftPair)));
            return true;
        }
        false
    }

    fn end(&mut self, t: &Trace) {
        let (target, same_mode) = match t.end {
            End::Leave => return,
            End::Goto(pc) => (pc, true),
            End::GotoAnyMode(pc) => (pc, false),
        };
        let count = t.insns.len();
        (self.pc, self.index) = (target, count);
        let at = self.emit(handlers::goto, [count as u8, 0, 0], 0, 0);
        self.parts.push((at, Part::Goto));
        self.jumps.push((at, target, same_mode));
    }

    /// Behind the block, a stub for each target: it asks the driver to resolve it.
    fn stubs(&mut self) {
        for n in 0..self.jumps.len() {
            let (at, target, same_mode) = self.jumps[n];
            (self.pc, self.index) = (target, 0);
            // The last mode is for good, so that its blocks need not ask each other.
            let skip = self.guarded && same_mode && self.mode == FpMode::Inexact;
            let stub = self.emit(handlers::stub, [0; 3], skip as u8, 0);
            let base = self.code.address(at) as u64;
            self.data(target, base);
            self.code.op_mut(at).imm = offset(at, stub);
        }
    }

    /// Fuses neighbours, so that as few dispatches as possible are left. Only the first op's handler changes, so that every
    /// op can still be entered by itself.
    fn fuse(&mut self, pairs: &mut Vec<Option<(Handler, u32)>>, gain: &mut Vec<u32>) {
        let n = self.parts.len();
        pairs.clear();
        pairs.extend(self.parts.windows(2).map(|w| {
            let ((a, first), (b, second)) = (w[0], w[1]);
            if b == a + 1 { fused(first, second, self.code.op(a), self.code.op(b)) } else { None }
        }));
        // The best gain from each part on, from the back.
        gain.clear();
        gain.resize(n + 2, 0);
        for i in (0..n.saturating_sub(1)).rev() {
            let fuse = pairs[i].map_or(0, |(_, worth)| worth + gain[i + 2]);
            gain[i] = fuse.max(gain[i + 1]);
        }
        let mut i = 0;
        while i + 1 < n {
            match pairs[i] {
                Some((handler, worth)) if worth + gain[i + 2] >= gain[i + 1] => {
                    self.code.op_mut(self.parts[i].0).handler = handler;
                    i += 2;
                }
                _ => i += 1,
            }
        }
    }
}

/// What one dispatch less is worth, and what a result is that need not go through its register, or not even there.
const DISPATCH: u32 = 10;
const FORWARD: u32 = 3;
const DEAD: u32 = 1;

/// The handler for two neighbours, and what it is worth.
fn fused(first: Part, second: Part, a: &Op, b: &Op) -> Option<(Handler, u32)> {
    // One of the second's sources may take the first's result directly, if no other one wants it too.
    let forward = |head: Traits, rs1: bool, rs2: bool, rs3: bool| match (
        rs1 && a.rd == b.rs1,
        rs2 && a.rd == b.rs2,
        rs3 && a.rd == b.x,
    ) {
        _ if !head.rd => 0,
        (true, false, false) => 1,
        (false, true, false) => 2,
        (false, false, true) => 3,
        _ => 0,
    };
    let worth = |fw: u8, dead: bool| DISPATCH + FORWARD * (fw != 0) as u32 + DEAD * dead as u32;
    let simple = |head: Traits, tail: Traits| {
        let fw = forward(head, tail.rs1, tail.rs2, tail.rs3);
        (fw, fw != 0 && tail.rd && a.rd == b.rd)
    };
    Some(match (first, second) {
        (Part::Simple(head), Part::Simple(tail)) => {
            let (fw, dead) = simple(head.traits(), tail.traits());
            (head.pair(tail, fw, dead), worth(fw, dead))
        }
        (Part::Simple(head), Part::Rare(tail)) => {
            let (fw, dead) = simple(head.traits(), tail.traits());
            (head.before_rare(tail, fw, dead)?, worth(fw, dead))
        }
        (Part::Rare(head), Part::Simple(tail)) => {
            let (fw, dead) = simple(head.traits(), tail.traits());
            (head.pair(tail, fw, dead)?, worth(fw, dead))
        }
        (Part::Float(head), Part::Float(tail)) => {
            let (fw, dead) = simple(head.traits(), tail.traits());
            (head.pair(tail, fw, dead), worth(fw, dead))
        }
        (Part::Simple(head), Part::Float(tail)) => {
            let (fw, _) = simple(head.traits(), tail.traits());
            (head.before_float(tail, fw)?, worth(fw, false))
        }
        (Part::Float(head), Part::Simple(tail)) => (head.then(tail)?, DISPATCH),
        (Part::Simple(head), Part::Branch(to)) => {
            let fw = forward(head.traits(), true, to.reads_rs2(), false);
            (head.branch(to, fw), worth(fw, false))
        }
        (Part::Rare(head), Part::Branch(to)) => {
            let fw = forward(head.traits(), true, to.reads_rs2(), false);
            (head.branch(to, fw), worth(fw, false))
        }
        (Part::Float(head), Part::Branch(to)) => (head.branch(to), DISPATCH),
        (Part::Simple(head), Part::Goto) => (head.goto(), DISPATCH),
        (Part::Rare(head), Part::Goto) => (head.goto(), DISPATCH),
        (Part::Simple(head), Part::Jalr) => (head.jalr(), DISPATCH),
        _ => return None,
    })
}

/// Whether the host has fused multiply-add in hardware.
pub(super) fn host_has_fma() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(target_arch = "aarch64");
}

/// Compile-time check that semantics without a handler of their own exist only as special functions.
const _: () = assert!(matches!(<crate::ops::Ecall as Semantics>::KIND, Kind::Special));
