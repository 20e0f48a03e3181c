//! The handlers: one per form of op, instantiated from the instructions' semantics.

use super::form::Form;
use super::op::*;
use super::table::StepFn;
use crate::hart::Event;
use crate::isa::Insn;
use crate::memory::Ram;
use crate::ops::{File, Second, Semantics};

/// Ops that a special instruction occupies: the op, its function and pc, the decoded instruction.
pub(super) const SPECIAL_OPS: usize = 2 + size_of::<Insn>().div_ceil(size_of::<Op>());
/// Ops of a guard: the op, then the translations for all modes, and the pc.
pub(super) const GUARD_OPS: usize = 3;

/// Whether an instruction has this operand.
pub(super) const fn uses(f: File) -> bool {
    !matches!(f, File::None)
}

/// Whether an instruction writes a destination.
pub(super) const fn writes<S: Semantics>() -> bool {
    uses(S::RD)
}

/// Stores what an instruction with two results has left besides the first one.
///
/// # Safety
/// As for [`reg`].
#[inline(always)]
unsafe fn set_second<S: Semantics>(c: *mut Context, o: &Op) {
    const { assert!(matches!(S::SECOND, Second::None) || !uses(S::RS3), "the slot of rs3 is taken") };
    if const { !matches!(S::SECOND, Second::None) } {
        // SAFETY: the caller's promise.
        unsafe { set_reg(c, o.x, (*c).hart.second) }
    }
}

/// Source values of an op.
///
/// # Safety
/// As for [`reg`].
#[inline(always)]
unsafe fn sources<F: Form>(c: *mut Context, o: &Op) -> (u64, u64, u64) {
    // SAFETY: the caller's promise.
    unsafe {
        let a = match (uses(F::S::RS1), F::SAME, F::SP) {
            (false, ..) => 0,
            (_, true, _) => reg(c, o.rd),
            (_, _, true) => reg(c, 2),
            _ => reg(c, o.rs1),
        };
        let b = if uses(F::S::RS2) { reg(c, o.rs2) } else { 0 };
        (a, b, if uses(F::S::RS3) { reg(c, o.x) } else { 0 })
    }
}

/// Runs the fast path of form `$F` at `$o` on the given sources.
macro_rules! fast {
    ($F:ty, $fma:expr, $nx:expr, $c:ident, $o:expr, $m:ident, $a:expr, $b:expr, $d:expr) => {
        <$F as Form>::S::ex::<{ $fma }, { $nx }>(&mut (*$c).hart, Ram::from_base($m), $a, $b, $d, $o.imm as i64)
    };
}

/// Runs a simple op up to its destination, or leaves to its slow path.
macro_rules! first {
    ($A:ty, $fma:expr, $nx:expr, $dead:expr, $c:ident, $op:ident, $m:ident, $b:ident) => {{
        let o = &*$op;
        let (x, y, z) = sources::<$A>($c, o);
        let Some(v) = fast!($A, $fma, $nx, $c, o, $m, x, y, z) else {
            return slow::<<$A as Form>::S>($c, $op, $m, $b);
        };
        if writes::<<$A as Form>::S>() && !$dead {
            set_reg($c, o.rd, v);
        }
        set_second::<<$A as Form>::S>($c, o);
        v
    }};
}

/// Two simple ops. FW: the first one's result is the second's rs1 (1), rs2 (2) or rs3 (3); DEAD: nobody else sees it.
macro_rules! pair_body {
    ($A:ty, $B:ty, $fma:expr, $nx:expr, $fw:expr, $dead:expr, $c:ident, $op:ident, $m:ident, $b:ident) => {{
        let v = first!($A, $fma, $nx, $dead, $c, $op, $m, $b);
        let second = $op.add(1);
        let o = &*second;
        let (x, y, z) = sources::<$B>($c, o);
        let (x, y, z) = (if $fw == 1 { v } else { x }, if $fw == 2 { v } else { y }, if $fw == 3 { v } else { z });
        match fast!($B, $fma, $nx, $c, o, $m, x, y, z) {
            Some(w) => {
                if writes::<<$B as Form>::S>() {
                    set_reg($c, o.rd, w);
                }
                set_second::<<$B as Form>::S>($c, o);
                next!($c, $op.add(2), $m, $b)
            }
            None => {
                if writes::<<$A as Form>::S>() && $dead {
                    set_reg($c, (*$op).rd, v);
                }
                return slow::<<$B as Form>::S>($c, second, $m, $b);
            }
        }
    }};
}

/// A simple op and a branch.
macro_rules! pair_branch_body {
    ($A:ty, $S:ty, $fma:expr, $nx:expr, $zero:expr, $fw:expr, $c:ident, $op:ident, $m:ident, $b:ident) => {{
        let v = first!($A, $fma, $nx, false, $c, $op, $m, $b);
        let op = $op.add(1);
        let o = &*op;
        let x = if $fw == 1 { v } else { reg($c, o.rs1) };
        let y = if $zero {
            0
        } else if $fw == 2 {
            v
        } else {
            reg($c, o.rs2)
        };
        if <$S>::taken(x, y) {
            jump!($c, relative(op, o.imm), o.rd, $m, $b)
        }
        next!($c, op.add(1), $m, $b)
    }};
}

/// Jumps to op `$t`, which costs `$n` instructions of budget.
macro_rules! jump {
    ($c:ident, $t:expr, $n:expr, $m:ident, $b:ident) => {{
        let t = $t;
        let b = $b - $n as i64;
        if b < 0 {
            return out_of_budget($c, t, $m, b);
        }
        next!($c, t, $m, b)
    }};
}

/// The end of an indirect jump at `$op` to `$pc`.
macro_rules! indirect {
    ($c:ident, $op:ident, $link:expr, $m:ident, $b:ident) => {{
        let o = &*$op;
        let pc = reg($c, o.rs1).wrapping_add(o.imm as i64 as u64) & !1;
        let slots = $op.add(1) as *const u64;
        if $link {
            set_reg($c, o.rd, *slots);
        }
        if *slots.add(1) == pc {
            jump!($c, *slots.add(2) as *const Op, o.x, $m, $b)
        }
        (*$c).pc = pc;
        return jalr_miss($c, $op, $m, $b);
    }};
}

handler! {
    /// A simple instruction.
    fn one[F: Form, const NX: bool](c, op, m, b) {
        first!(F, false, NX, false, c, op, m, b);
        next!(c, op.add(1), m, b)
    }

    /// The same on a host with fused multiply-add; only chosen where the host has it.
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
    fn one_fma[F: Form, const NX: bool](c, op, m, b) {
        first!(F, true, NX, false, c, op, m, b);
        next!(c, op.add(1), m, b)
    }

    /// Everything that a simple instruction's fast path cannot do.
    #[cold]
    #[inline(never)]
    fn slow[S: Semantics](c, op, m, b) {
        match finish::<S>(c, op, b) {
            Finish::Next => next!(c, op.add(1), m, b),
            Finish::Attention => return attention(c, op, m, b),
            Finish::Event => return event(c, op, m, b),
        }
    }

    /// The instruction at `op` retired, and the slow path wants attention.
    #[cold]
    #[inline(never)]
    fn attention[](c, op, m, b) {
        (*c).resume = op;
        stop!(c, Exit::Attention, b)
    }

    /// The instruction at `op` ended in an event.
    #[cold]
    #[inline(never)]
    fn event[](c, op, m, b) {
        (*c).resume = op;
        stop!(c, Exit::Event, b)
    }

    /// Any instruction, by its stepping function; it may change all state but goes on with the next op.
    fn special[const OPS: usize](c, op, m, b) {
        match step_at(c, op, b) {
            Ok(()) if !(*(*c).memory).take_attention() => next!(c, op.add(OPS), m, b),
            r => return special_exit(c, op, m, note(c, r, b)),
        }
    }

    /// As `special`, for instructions that set the pc: always leaves.
    fn special_jump[](c, op, m, b) {
        let r = step_at(c, op, b);
        return special_exit(c, op, m, note(c, r, b));
    }

    /// A special instruction has ended in `event`.
    #[cold]
    #[inline(never)]
    fn special_exit[](c, op, m, b) {
        (*c).resume = op;
        stop!(c, if matches!((*c).event, Event::Trap(_) | Event::Again) { Exit::Event } else { Exit::Retired }, b)
    }

    /// Loads a 64-bit constant that stands in the next slot.
    fn constant[](c, op, m, b) {
        set_reg(c, (*op).rd, (*(op.add(1) as *const Data)).0);
        next!(c, op.add(2), m, b)
    }

    /// Two simple instructions.
    fn pair[A: Form, B: Form, const FW: u8, const DEAD: bool](c, op, m, b) {
        pair_body!(A, B, false, false, FW, DEAD, c, op, m, b)
    }

    /// Two simple instructions with floating point among them, on a host with fused multiply-add, while NX is set.
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
    fn pair_fma[A: Form, B: Form, const FW: u8, const DEAD: bool](c, op, m, b) {
        pair_body!(A, B, true, true, FW, DEAD, c, op, m, b)
    }

    /// A conditional branch; not taken, it falls through to the next op. ZERO: compares with x0.
    fn branch[S: Semantics, const ZERO: bool](c, op, m, b) {
        let o = &*op;
        if S::taken(reg(c, o.rs1), if ZERO { 0 } else { reg(c, o.rs2) }) {
            jump!(c, relative(op, o.imm), o.rd, m, b)
        }
        next!(c, op.add(1), m, b)
    }

    /// A simple instruction and a branch.
    fn pair_branch[A: Form, S: Semantics, const ZERO: bool, const FW: u8](c, op, m, b) {
        pair_branch_body!(A, S, false, false, ZERO, FW, c, op, m, b)
    }

    /// A floating-point instruction and a branch, as in `pair_fma`.
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
    fn pair_branch_fma[A: Form, S: Semantics, const ZERO: bool, const FW: u8](c, op, m, b) {
        pair_branch_body!(A, S, true, true, ZERO, FW, c, op, m, b)
    }

    /// The end of a block with one known successor.
    fn goto[](c, op, m, b) {
        jump!(c, relative(op, (*op).imm), (*op).rd, m, b)
    }

    /// A simple instruction before such an end.
    fn pair_goto[A: Form](c, op, m, b) {
        first!(A, false, false, false, c, op, m, b);
        let op = op.add(1);
        jump!(c, relative(op, (*op).imm), (*op).rd, m, b)
    }

    /// An indirect jump. Behind it: {link value, cached target pc}, {cached target op, -}.
    fn jalr[const LINK: bool](c, op, m, b) {
        indirect!(c, op, LINK, m, b)
    }

    /// A simple instruction before an indirect jump without link.
    fn pair_jalr[A: Form](c, op, m, b) {
        first!(A, false, false, false, c, op, m, b);
        let op = op.add(1);
        indirect!(c, op, false, m, b)
    }

    /// The inline cache of a `jalr` did not know `pc`: ask the hashed table, and remember its answer.
    #[inline(never)]
    fn jalr_miss[](c, op, m, b) {
        let pc = (*c).pc;
        let e = (*c).jumps[jump_slot(pc)];
        if e.pc == pc {
            let slots = op.add(1) as *mut u64;
            *slots.add(1) = pc;
            *slots.add(2) = e.op as u64;
            jump!(c, e.op, (*op).x, m, b)
        }
        stop!(c, Exit::Miss, b - (*op).x as i64)
    }

    /// The budget is used up; `op` is where to go on.
    #[cold]
    #[inline(never)]
    fn out_of_budget[](c, op, m, b) {
        (*c).resume = op;
        stop!(c, Exit::Budget, b)
    }

    /// Stands at an unresolved target; behind it: {pc, op of the jump}.
    fn stub[](c, op, m, b) {
        let Data(pc, base) = *(op.add(1) as *const Data);
        (*c).pc = pc;
        (*c).patch_base = base as *const Op;
        (*c).patch = &raw mut (*(base as *mut Op)).imm;
        stop!(c, Exit::Chain, b)
    }

    /// Opens code that was translated for one floating-point mode. Behind it: {blocks of modes 0 and 1}, {of mode 2, pc}.
    fn guard[](c, op, m, b) {
        let mode = (*c).hart.fp_mode() as u8;
        if mode == (*op).x {
            next!(c, op.add(GUARD_OPS), m, b)
        }
        let other = *(op.add(1) as *const *const Op).add(mode as usize);
        if !other.is_null() {
            next!(c, other, m, b)
        }
        (*c).resume = op;
        stop!(c, Exit::Mode, b)
    }

    /// Stands at the entry of a block whose code has changed.
    fn stale[](c, op, m, b) {
        (*c).resume = op;
        stop!(c, Exit::Stale, b)
    }
}

/// How a simple instruction's slow path ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finish {
    /// It retired.
    Next,
    /// It retired, and something is to be looked at.
    Attention,
    /// It did not: the context holds the event.
    Event,
}

/// Runs the whole of a simple instruction. Not part of the handler: the result comes back through memory, and a handler with
/// such a local would call its successor.
///
/// # Safety
/// `c` is live and `op` an op of the arena for `S`.
#[inline(never)]
unsafe fn finish<S: Semantics>(c: *mut Context, op: *const Op, b: i64) -> Finish {
    // SAFETY: the caller's promise; the driver has set `memory`.
    unsafe {
        let o = &*op;
        let x = if uses(S::RS1) { reg(c, o.rs1) } else { 0 };
        let y = if uses(S::RS2) { reg(c, o.rs2) } else { 0 };
        let z = if uses(S::RS3) { reg(c, o.x) } else { 0 };
        if (*(*c).memory).has_devices() {
            locate(c, op, b);
        }
        match S::slow(&mut (*c).hart, &mut *(*c).memory, x, y, z, o.imm as i64) {
            Ok(v) => {
                if writes::<S>() {
                    set_reg(c, o.rd, v);
                }
                set_second::<S>(c, o);
                if (*(*c).memory).take_attention() { Finish::Attention } else { Finish::Next }
            }
            Err(e) => {
                (*c).event = e;
                Finish::Event
            }
        }
    }
}

/// Runs the stepping function of a special op.
///
/// # Safety
/// `c` is live, `op` is a special op of the arena.
#[inline(always)]
unsafe fn step_at(c: *mut Context, op: *const Op, b: i64) -> Result<(), Event> {
    // SAFETY: the translator wrote a step function, a pc and an instruction behind each special op.
    unsafe {
        let Data(f, pc) = *(op.add(1) as *const Data);
        let step = core::mem::transmute::<u64, StepFn>(f);
        let hart = &mut (*c).hart;
        hart.pc = pc;
        hart.instret = (*c).end.wrapping_sub(b as u64).wrapping_add((*op).x as u64);
        let memory = &mut *(*c).memory;
        if memory.has_devices() {
            memory.moment = hart.moment();
        }
        step(hart, memory, &*(op.add(2) as *const Insn))
    }
}

/// Keeps a special op's result for the driver; hands the budget through.
///
/// # Safety
/// `c` is live.
#[inline(always)]
pub(super) unsafe fn note(c: *mut Context, r: Result<(), Event>, b: i64) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { (*c).event = r.err().unwrap_or(Event::Sync) };
    b
}

/// Brings the hart's pc and count up to date in mid-block, for devices that want to know the moment.
///
/// # Safety
/// `c` is live, `op` is an op of the arena behind `code`.
#[cold]
#[inline(never)]
pub(super) unsafe fn locate(c: *mut Context, op: *const Op, b: i64) {
    // SAFETY: the driver set `code` and `memory` to what it has borrowed exclusively; handlers touch neither otherwise.
    unsafe {
        let code = &*(*c).code;
        let (pc, index) = code.origin(code.index_of(op));
        let hart = &mut (*c).hart;
        hart.pc = pc;
        hart.instret = (*c).end.wrapping_sub(b as u64).wrapping_add(index);
        (*(*c).memory).moment = hart.moment();
    }
}
