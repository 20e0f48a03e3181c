//! The frame that a signal handler sees, struct rt_sigframe (arch/riscv/kernel/signal.c, uapi/asm/{ucontext,sigcontext}.h).
//!
//! From the stack pointer up: siginfo_t (128 bytes), ucontext_t with flags, link, stack, mask; then the register contexts:
//! pc and x1..x31, f0..f31 with fcsr, and the list of further contexts, each with a header: that of vectors, if the program
//! has used them, and the end.

use super::errno::*;
use super::guest::{Args, Guest};
use super::signal::{AltStack, Handler, Info, SA_ONSTACK, SS_AUTODISARM};
use super::vector::{self, HEADER};
use super::{Leave, Linux, Ret};
use crate::hart::Hart;

/// Bytes of struct rt_sigframe, which ends with the first header of the list.
const FRAME: u64 = 1088;
/// Offset of ucontext_t.
const UCONTEXT: usize = 128;
/// Offsets in ucontext_t.
const STACK: usize = UCONTEXT + 16;
const MASK: usize = UCONTEXT + 40;
const CONTEXT: usize = UCONTEXT + 176;
/// Offset of the floating-point registers, and of fcsr.
const FLOAT: usize = CONTEXT + 256;
const FCSR: usize = FLOAT + 256;
/// Offset of the word that must be zero, and of the list of further contexts.
const RESERVED: usize = CONTEXT + 256 + 516;
const LIST: usize = RESERVED + 4;

/// Bytes of the frame that a signal would get now.
pub(super) fn size(hart: &Hart) -> u64 {
    if vector::used(hart) { largest(hart) } else { FRAME }
}

/// Bytes of the largest frame on this machine (AT_MINSIGSTKSZ).
pub(super) fn largest(hart: &Hart) -> u64 {
    match hart.vlenb() {
        0 => FRAME,
        _ => (FRAME + vector::context_size(hart) + HEADER).next_multiple_of(16),
    }
}

impl Linux {
    /// Saves the hart's state for `sigreturn` and sets it to the handler's start. `false`: there is no room.
    pub(super) fn push_frame(&mut self, g: &mut Guest, signal: u32, info: &Info, handler: &Handler, mask: u64) -> bool {
        let alt = self.signals.alt;
        let old_sp = g.hart.x(2);
        let top = match handler.flags & SA_ONSTACK != 0 && alt.size > 0 && !alt.holds(old_sp) {
            true => alt.sp.wrapping_add(alt.size),
            false => old_sp,
        };
        let size = size(g.hart);
        let sp = top.wrapping_sub(size) & !15;
        // An overflow of the alternate stack must not go unnoticed.
        if alt.holds(old_sp) && !alt.holds(old_sp.wrapping_sub(size)) {
            return false;
        }
        let mut frame = vec![0; size as usize];
        frame[..UCONTEXT].copy_from_slice(&info.bytes(signal));
        frame[STACK..STACK + 24].copy_from_slice(&alt.bytes(old_sp));
        frame[MASK..MASK + 8].copy_from_slice(&mask.to_le_bytes());
        let mut word = |at: usize, v: u64| frame[at..at + 8].copy_from_slice(&v.to_le_bytes());
        word(CONTEXT, g.hart.pc());
        for n in 1..32 {
            word(CONTEXT + 8 * n, g.hart.x(n as u8));
        }
        for n in 0..32 {
            word(FLOAT + 8 * n, g.hart.f(n as u8));
        }
        word(FCSR, g.hart.read_csr(3).unwrap_or(0));
        if vector::used(g.hart) {
            let context = vector::save(g.hart, sp.wrapping_add(LIST as u64));
            frame[LIST..LIST + context.len()].copy_from_slice(&context);
        }
        if g.put(sp, &frame).is_err() {
            return false;
        }
        if alt.flags & SS_AUTODISARM != 0 {
            self.signals.alt = AltStack::NONE;
        }
        g.hart.set_x(1, self.layout.trampoline);
        g.hart.set_x(2, sp);
        g.hart.set_x(10, signal as u64);
        g.hart.set_x(11, sp);
        g.hart.set_x(12, sp + UCONTEXT as u64);
        g.hart.set_pc(handler.address);
        true
    }

    pub(super) fn sys_rt_sigreturn(&mut self, g: &mut Guest, _: Args) -> Ret {
        g.hart.retire_call();
        match self.pop_frame(g) {
            Ok(()) => Err(Leave::Done),
            Err(_) => Err(Leave::Action(self.bad_frame(g))),
        }
    }

    /// Restores what `push_frame` has saved, as far as it can be, in the kernel's order.
    fn pop_frame(&mut self, g: &mut Guest) -> Result<(), Errno> {
        let at = g.hart.x(2);
        let frame = g.get::<{ FRAME as usize }>(at)?;
        let word = |at: usize| u64::from_le_bytes(frame[at..at + 8].try_into().unwrap_or_default());
        self.signals.blocked = word(MASK) & !super::signal::unblockable();
        g.hart.set_pc(word(CONTEXT));
        for n in 1..32 {
            g.hart.set_x(n as u8, word(CONTEXT + 8 * n));
        }
        for n in 0..32 {
            g.hart.set_f(n as u8, word(FLOAT + 8 * n));
        }
        // Without floating point there is nothing to restore.
        let _ = g.hart.write_csr(3, word(FCSR) & 0xffff_ffff);
        if word(RESERVED) as u32 != 0 {
            return Err(EINVAL);
        }
        let mut list = at.wrapping_add(LIST as u64);
        loop {
            match (g.get_u32(list)?, g.get_u32(list.wrapping_add(4))?) {
                (0, 0) => break,
                (vector::MAGIC, size) if vector::used(g.hart) && u64::from(size) == vector::context_size(g.hart) => {
                    vector::restore(g, list.wrapping_add(HEADER))?;
                    list = list.wrapping_add(size.into());
                }
                _ => return Err(EINVAL),
            }
        }
        let mut alt = [0; 24];
        alt.copy_from_slice(&frame[STACK..STACK + 24]);
        if let (Ok(alt), false) = (AltStack::parse(&alt, size(g.hart)), self.signals.alt.holds(g.hart.x(2))) {
            self.signals.alt = alt;
        }
        Ok(())
    }
}
