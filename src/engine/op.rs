//! What translated code is made of: `Op`, the handler signature, the context that handlers work on, and the two ways of
//! getting from one handler to the next.
//!
//! Optimised builds: each handler ends in a call of the next one, which LLVM turns into a jump (threaded code).
//! Unoptimised builds (no `tail_calls` cfg, see `build.rs`): each handler returns the next op to a loop. One source serves
//! both, through `next!` and `stop!`.
//!
//! To stay a jump, a handler keeps no destructor and no borrowed local alive at its end, and calls nothing that returns
//! more than a register's worth; `tests/stack.rs` guards this.

use crate::hart::{Event, Hart};
use crate::memory::{Memory, Ram};

/// One translated instruction, or a piece of data behind one.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Op {
    pub handler: Handler,
    /// Register-file slots of the operands (always < `SLOTS`); branches keep their instruction count in `rd`.
    pub rd: u8,
    pub rs1: u8,
    pub rs2: u8,
    /// Slot of rs3 or of the second destination, instruction count of `jalr`, index of a special op in its block, mode of a guard.
    pub x: u8,
    /// Immediate; for branches and gotos the byte offset from this op to the target op.
    pub imm: i32,
}

/// Two words of data in an op's place.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Data(pub u64, pub u64);

const _: () = assert!(size_of::<Op>() == 16 && size_of::<Data>() == 16);

/// Why a run of handlers came back to the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Exit {
    /// A direct jump whose target op is not known yet: `pc`, `patch`, `patch_base` say what to mend.
    Chain,
    /// An indirect jump to `pc` that no cache knew.
    Miss,
    /// The budget ran out before the op `resume`.
    Budget,
    /// The instruction at op `resume` ended in `event`.
    Event,
    /// The instruction at op `resume` retired, and the slow path wants attention.
    Attention,
    /// A special instruction retired with `hart.pc` set and `event` to report (`Sync` for mere attention).
    Retired,
    /// The guard at op `resume` has no translation for the hart's present mode.
    Mode,
    /// The op `resume` begins a block that is no longer true.
    Stale,
}

#[cfg(tail_calls)]
pub(super) type Flow = Exit;
#[cfg(not(tail_calls))]
pub(super) type Flow = *const Op;

/// Handler signature: context, op, RAM base, budget. All four stay in registers from handler to handler.
#[cfg(target_arch = "x86_64")]
pub(super) type Handler = unsafe extern "sysv64-unwind" fn(*mut Context, *const Op, *mut u8, i64) -> Flow;
#[cfg(not(target_arch = "x86_64"))]
pub(super) type Handler = unsafe extern "C-unwind" fn(*mut Context, *const Op, *mut u8, i64) -> Flow;

/// Entry of the hashed table behind indirect jumps.
#[derive(Clone, Copy)]
pub(super) struct Jump {
    pub pc: u64,
    pub op: *const Op,
}

/// Entries of that table.
pub(super) const JUMPS: usize = 4096;

/// The table slot of a target address.
#[inline(always)]
pub(super) fn jump_slot(pc: u64) -> usize {
    (pc >> 1) as usize & (JUMPS - 1)
}

/// What handlers work on. The hart comes first, and its register file first in it.
#[repr(C)]
pub(super) struct Context {
    pub hart: Hart,
    pub memory: *mut Memory,
    pub code: *const super::code::Code,
    /// The retired count at which the budget is zero: retired = end - budget at every block boundary.
    pub end: u64,
    pub budget: i64,
    pub resume: *const Op,
    pub pc: u64,
    pub patch: *mut i32,
    pub patch_base: *const Op,
    pub event: Event,
    #[cfg(not(tail_calls))]
    pub exit: Exit,
    pub jumps: [Jump; JUMPS],
}

/// Reads register-file slot `r`.
///
/// # Safety
/// `c` is live and `r` comes from an op of the translator (< `SLOTS`).
#[inline(always)]
pub(super) unsafe fn reg(c: *mut Context, r: u8) -> u64 {
    // SAFETY: the register file stands at offset 0 of the context.
    unsafe { *(c as *const u64).add(r as usize) }
}

/// Writes register-file slot `r`.
///
/// # Safety
/// As for [`reg`].
#[inline(always)]
pub(super) unsafe fn set_reg(c: *mut Context, r: u8, v: u64) {
    // SAFETY: as for `reg`.
    unsafe { *(c as *mut u64).add(r as usize) = v }
}

/// The op `offset` bytes from `op`.
#[inline(always)]
pub(super) fn relative(op: *const Op, offset: i32) -> *const Op {
    (op as *const u8).wrapping_offset(offset as isize) as *const Op
}

/// Defines handlers: `handler! { fn name[generics](c, op, m, b) { body } }`. The body is one unsafe context: `c` is live
/// and exclusive, `op` points at an op of this handler in the arena, `m` is the base of the memory's `Ram`.
macro_rules! handler {
    ($( $(#[$at:meta])* fn $n:ident [$($g:tt)*] ($c:ident, $op:ident, $m:ident, $b:ident) $body:block )*) => { $(
        #[cfg(target_arch = "x86_64")]
        $(#[$at])*
        #[allow(unused_variables)]
        pub(super) unsafe extern "sysv64-unwind" fn $n<$($g)*>(
            $c: *mut Context, $op: *const Op, $m: *mut u8, $b: i64,
        // SAFETY: the translator puts a handler only into ops of its own form, and the driver enters with live parts.
        ) -> Flow { unsafe { $body } }
        #[cfg(not(target_arch = "x86_64"))]
        $(#[$at])*
        #[allow(unused_variables)]
        pub(super) unsafe extern "C-unwind" fn $n<$($g)*>(
            $c: *mut Context, $op: *const Op, $m: *mut u8, $b: i64,
        // SAFETY: as above.
        ) -> Flow { unsafe { $body } }
    )* };
}

/// Goes on at op `$t`.
#[cfg(tail_calls)]
macro_rules! next {
    ($c:ident, $t:expr, $m:ident, $b:expr) => {{
        let t = $t;
        return ((*t).handler)($c, t, $m, $b);
    }};
}
#[cfg(not(tail_calls))]
macro_rules! next {
    ($c:ident, $t:expr, $m:ident, $b:expr) => {{
        (*$c).budget = $b;
        return $t;
    }};
}

/// Goes back to the driver. The code is made opaque: a cold function that returns a constant is not tail-called.
#[cfg(tail_calls)]
macro_rules! stop {
    ($c:ident, $code:expr, $b:expr) => {{
        (*$c).budget = $b;
        return core::hint::black_box($code);
    }};
}
#[cfg(not(tail_calls))]
macro_rules! stop {
    ($c:ident, $code:expr, $b:expr) => {{
        (*$c).budget = $b;
        (*$c).exit = $code;
        return core::ptr::null();
    }};
}

pub(super) use {handler, next, stop};

/// Runs handlers from `op` on until one stops.
///
/// # Safety
/// `c` is live and exclusive, its `memory` points at the memory that `ram` views, `op` is an op of a live arena.
#[cfg(tail_calls)]
pub(super) unsafe fn enter(c: *mut Context, op: *const Op, ram: Ram, budget: i64) -> Exit {
    let m = ram.base();
    // SAFETY: the caller's promise.
    unsafe { ((*op).handler)(c, op, m, budget) }
}

/// Runs handlers from `op` on until one stops.
///
/// # Safety
/// `c` is live and exclusive, its `memory` points at the memory that `ram` views, `op` is an op of a live arena.
#[cfg(not(tail_calls))]
pub(super) unsafe fn enter(c: *mut Context, mut op: *const Op, ram: Ram, budget: i64) -> Exit {
    let m = ram.base();
    // SAFETY: the caller's promise.
    unsafe {
        (*c).budget = budget;
        while !op.is_null() {
            op = ((*op).handler)(c, op, m, (*c).budget);
        }
        (*c).exit
    }
}
