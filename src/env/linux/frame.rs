//! The frame that a signal handler sees, struct rt_sigframe (arch/riscv/kernel/signal.c, uapi/asm/{ucontext,sigcontext}.h).
//!
//! From the stack pointer up: siginfo_t (128 bytes), ucontext_t with flags, link, stack, mask; then the register contexts:
//! pc and x1..x31, f0..f31 with fcsr, and the header of the list of further contexts, which is empty.

use super::guest::{Args, Guest};
use super::signal::{AltStack, Handler, Info, SA_ONSTACK, SS_AUTODISARM};
use super::{Leave, Linux, Ret};

const FRAME: u64 = super::load::MIN_SIGNAL_STACK;
/// Offset of ucontext_t.
const UCONTEXT: usize = 128;
/// Offsets in ucontext_t.
const STACK: usize = UCONTEXT + 16;
const MASK: usize = UCONTEXT + 40;
const CONTEXT: usize = UCONTEXT + 176;
/// Offset of the floating-point registers, and of fcsr.
const FLOAT: usize = CONTEXT + 256;
const FCSR: usize = FLOAT + 256;
/// Offset of the word that must be zero and of the list of further contexts.
const RESERVED: usize = CONTEXT + 256 + 516;

impl Linux {
    /// Saves the hart's state for `sigreturn` and sets it to the handler's start. `false`: there is no room.
    pub(super) fn push_frame(&mut self, g: &mut Guest, signal: u32, info: &Info, handler: &Handler, mask: u64) -> bool {
        let alt = self.signals.alt;
        let old_sp = g.hart.x(2);
        let top = match handler.flags & SA_ONSTACK != 0 && alt.size > 0 && !alt.holds(old_sp) {
            true => alt.sp.wrapping_add(alt.size),
            false => old_sp,
        };
        let sp = top.wrapping_sub(FRAME) & !15;
        // An overflow of the alternate stack must not go unnoticed.
        if alt.holds(old_sp) && !alt.holds(sp) {
            return false;
        }
        let mut frame = [0; FRAME as usize];
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
        let Ok(frame) = g.get::<{ FRAME as usize }>(g.hart.x(2)) else {
            return Err(Leave::Action(self.bad_frame(g)));
        };
        let word = |at: usize| u64::from_le_bytes(frame[at..at + 8].try_into().unwrap_or_default());
        if word(RESERVED) != 0 || word(RESERVED + 4) != 0 {
            return Err(Leave::Action(self.bad_frame(g)));
        }
        self.signals.blocked = word(MASK) & !(super::signal::bit(9) | super::signal::bit(19));
        g.hart.set_pc(word(CONTEXT));
        for n in 1..32 {
            g.hart.set_x(n as u8, word(CONTEXT + 8 * n));
        }
        for n in 0..32 {
            g.hart.set_f(n as u8, word(FLOAT + 8 * n));
        }
        // Without floating point there is nothing to restore.
        let _ = g.hart.write_csr(3, word(FCSR) & 0xff);
        let mut alt = [0; 24];
        alt.copy_from_slice(&frame[STACK..STACK + 24]);
        if let (Ok(alt), false) = (AltStack::parse(&alt), self.signals.alt.holds(g.hart.x(2))) {
            self.signals.alt = alt;
        }
        Err(Leave::Done)
    }
}
