//! Signals: what is to be done about each, which are pending, and delivery (signal(7); kernel/signal.c).
//!
//! Signals come from faults, from the process itself and from its timers: nobody else is there. The frame that a handler
//! sees is made in `frame`.

use super::errno::*;
use super::guest::Guest;
use super::process::{PID, Process};
use super::{Again, Linux};
use crate::env::{Action, Death};
use crate::hart::Cause;

pub(super) const SIGILL: u32 = 4;
pub(super) const SIGTRAP: u32 = 5;
pub(super) const SIGBUS: u32 = 7;
pub(super) const SIGKILL: u32 = 9;
pub(super) const SIGSEGV: u32 = 11;
pub(super) const SIGPIPE: u32 = 13;
pub(super) const SIGALRM: u32 = 14;
const SIGCHLD: u32 = 17;
const SIGCONT: u32 = 18;
pub(super) const SIGSTOP: u32 = 19;
const SIGURG: u32 = 23;
const SIGWINCH: u32 = 28;
/// The highest number.
pub(super) const SIGNALS: u32 = 64;
/// The first real-time signal: from here on each one sent is queued.
const SIGRTMIN: u32 = 32;
/// Most signals that wait (RLIMIT_SIGPENDING).
const MOST_PENDING: usize = 1024;

const SIG_DFL: u64 = 0;
const SIG_IGN: u64 = 1;
pub(super) const SA_ONSTACK: u64 = 0x0800_0000;
const SA_RESTART: u64 = 0x1000_0000;
const SA_NODEFER: u64 = 0x4000_0000;
const SA_RESETHAND: u64 = 0x8000_0000;

const SI_USER: i32 = 0;
const SI_KERNEL: i32 = 0x80;
pub(super) const SI_TIMER: i32 = -2;
const SEGV_MAPERR: i32 = 1;
const SEGV_ACCERR: i32 = 2;
const BUS_ADRALN: i32 = 1;
const BUS_ADRERR: i32 = 2;
const ILL_ILLOPC: i32 = 1;
const TRAP_BRKPT: i32 = 1;

/// A set with this one signal.
pub(super) fn bit(signal: u32) -> u64 {
    1 << ((signal.wrapping_sub(1)) & 63)
}

/// Signals that can be neither blocked nor caught.
pub(super) fn unblockable() -> u64 {
    bit(SIGKILL) | bit(SIGSTOP)
}

/// What siginfo_t tells beside the signal's number: the code, and the words of the union.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    pub code: i32,
    pub words: [u64; 2],
}

impl Info {
    fn fault(code: i32, addr: u64) -> Info {
        Info { code, words: [addr, 0] }
    }

    pub(super) fn sent(code: i32, process: &Process) -> Info {
        Info { code, words: [PID | process.uid << 32, 0] }
    }

    /// siginfo_t.
    pub(super) fn bytes(&self, signal: u32) -> [u8; 128] {
        let mut out = [0; 128];
        out[..4].copy_from_slice(&signal.to_le_bytes());
        out[8..12].copy_from_slice(&self.code.to_le_bytes());
        out[16..24].copy_from_slice(&self.words[0].to_le_bytes());
        out[24..32].copy_from_slice(&self.words[1].to_le_bytes());
        out
    }
}

/// struct sigaction.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Handler {
    pub address: u64,
    pub flags: u64,
    pub mask: u64,
}

/// struct stack_t.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AltStack {
    pub sp: u64,
    pub flags: u32,
    pub size: u64,
}

pub(super) const SS_ONSTACK: u32 = 1;
pub(super) const SS_DISABLE: u32 = 2;
pub(super) const SS_AUTODISARM: u32 = 1 << 31;
/// The smallest alternate stack.
const MINSIGSTKSZ: u64 = 2048;

impl AltStack {
    pub(super) const NONE: AltStack = AltStack { sp: 0, flags: SS_DISABLE, size: 0 };

    /// Whether `sp` lies on it.
    pub(super) fn holds(&self, sp: u64) -> bool {
        self.flags & SS_AUTODISARM == 0 && sp > self.sp && sp - self.sp <= self.size
    }

    /// The flags that a program is shown.
    pub(super) fn state(&self, sp: u64) -> u32 {
        let now = if self.size == 0 { SS_DISABLE } else { SS_ONSTACK * self.holds(sp) as u32 };
        now | self.flags & SS_AUTODISARM
    }

    pub(super) fn bytes(&self, sp: u64) -> [u8; 24] {
        let mut out = [0; 24];
        out[..8].copy_from_slice(&self.sp.to_le_bytes());
        out[8..12].copy_from_slice(&self.state(sp).to_le_bytes());
        out[16..].copy_from_slice(&self.size.to_le_bytes());
        out
    }

    /// What a program wants, checked: a frame of `frame` bytes must fit.
    pub(super) fn parse(b: &[u8; 24], frame: u64) -> Result<AltStack, Errno> {
        let word = |n: usize| u64::from_le_bytes(b[n..n + 8].try_into().unwrap_or_default());
        let flags = word(8) as u32;
        match flags & !SS_AUTODISARM {
            SS_DISABLE => Ok(AltStack { sp: 0, flags, size: 0 }),
            0 | SS_ONSTACK if word(16) < MINSIGSTKSZ || word(16) <= frame => Err(ENOMEM),
            0 | SS_ONSTACK => Ok(AltStack { sp: word(0), flags, size: word(16) }),
            _ => Err(EINVAL),
        }
    }
}

/// The signals of the process.
#[derive(Clone)]
pub(super) struct Signals {
    pub handlers: [Handler; SIGNALS as usize + 1],
    pub blocked: u64,
    /// The mask to put back after a call that waited with another one.
    pub saved: Option<u64>,
    pub alt: AltStack,
    /// Pending ones in the order of their sending.
    pub pending: Vec<(u32, Info)>,
}

impl Default for Signals {
    fn default() -> Self {
        Signals {
            handlers: [Handler::default(); SIGNALS as usize + 1],
            blocked: 0,
            saved: None,
            alt: AltStack::NONE,
            pending: Vec::new(),
        }
    }
}

/// What happens to a process without a handler.
#[derive(PartialEq, Eq)]
enum Fate {
    Die,
    Ignore,
    Stop,
}

fn default_of(signal: u32) -> Fate {
    match signal {
        SIGCHLD | SIGURG | SIGWINCH | SIGCONT => Fate::Ignore,
        SIGSTOP | 20..=22 => Fate::Stop,
        _ => Fate::Die,
    }
}

impl Signals {
    pub(super) fn ignored(&self, signal: u32) -> bool {
        match self.handlers[signal as usize].address {
            SIG_IGN => true,
            SIG_DFL => default_of(signal) == Fate::Ignore,
            _ => false,
        }
    }

    /// Whether a signal that is sent would end a call that waits for those of `wanted` besides those not blocked.
    pub(super) fn wakes(&self, signal: u32, wanted: u64) -> bool {
        (!self.blocked | wanted) & bit(signal) != 0 && (wanted & bit(signal) != 0 || !self.ignored(signal))
    }

    /// Makes a signal pending, unless it would be ignored anyway. `false`: the queue is full.
    pub(super) fn send(&mut self, signal: u32, info: Info) -> bool {
        let blocked = self.blocked & bit(signal) != 0;
        let there = self.pending.iter().any(|p| p.0 == signal);
        if self.ignored(signal) && !blocked || signal < SIGRTMIN && there {
            return true;
        }
        if self.pending.len() >= MOST_PENDING {
            return false;
        }
        self.pending.push((signal, info));
        true
    }

    /// The pending signals as a set.
    pub(super) fn pending_set(&self) -> u64 {
        self.pending.iter().fold(0, |set, p| set | bit(p.0))
    }

    /// Whether something of `set` is pending.
    pub(super) fn has(&self, set: u64) -> bool {
        !self.pending.is_empty() && self.pending_set() & set != 0
    }

    /// Takes the pending signal of `set` with the lowest number, the one first sent.
    pub(super) fn take(&mut self, set: u64) -> Option<(u32, Info)> {
        let mut best: Option<usize> = None;
        for (n, p) in self.pending.iter().enumerate() {
            if bit(p.0) & set != 0 && best.is_none_or(|b| p.0 < self.pending[b].0) {
                best = Some(n);
            }
        }
        best.map(|n| self.pending.remove(n))
    }
}

impl Linux {
    /// Sends a signal that a call of the process itself has caused.
    pub(super) fn raise_own(&mut self, _: &mut Guest, signal: u32) {
        let info = Info::sent(SI_USER, &self.process);
        self.signals.send(signal, info);
    }

    /// Delivers what is pending and not blocked. `interrupted`: in place of a call's return.
    pub(super) fn deliver(&mut self, g: &mut Guest, mut interrupted: Option<Again>) -> Action {
        while self.signals.has(!self.signals.blocked) {
            let Some((signal, info)) = self.signals.take(!self.signals.blocked) else { break };
            let handler = self.signals.handlers[signal as usize];
            match handler.address {
                SIG_IGN => continue,
                SIG_DFL => match default_of(signal) {
                    Fate::Ignore => continue,
                    Fate::Die => return Action::Killed(Death { signal: signal as i32, trap: None }),
                    Fate::Stop => {
                        let text = format!("signal {signal} would stop the program: nobody could continue it; ignored");
                        self.report(super::STOPPED, &text);
                        continue;
                    }
                },
                _ => {}
            }
            if let Some(again) = interrupted.take() {
                // The call is repeated after the handler, or it fails.
                if again == Again::Never || handler.flags & SA_RESTART == 0 {
                    g.hart.set_x(10, (EINTR.0 as u64).wrapping_neg());
                    g.hart.retire_call();
                }
            }
            if let Some(action) = self.enter(g, signal, info, None) {
                return action;
            }
        }
        if let Some(mask) = self.signals.saved.take() {
            self.signals.blocked = mask;
        }
        Action::Continue
    }

    /// Enters the handler of a signal. `Some`: the program dies instead.
    fn enter(&mut self, g: &mut Guest, signal: u32, info: Info, trap: Option<(Cause, u64)>) -> Option<Action> {
        let handler = self.signals.handlers[signal as usize];
        let mask = self.signals.saved.take().unwrap_or(self.signals.blocked);
        self.rseq_abort(g);
        if !self.push_frame(g, signal, &info, &handler, mask) {
            // No room for the frame: the kernel forces SIGSEGV, which nothing can handle on this stack.
            let fatal = signal == SIGSEGV || !self.can_handle(SIGSEGV);
            let info = Info { code: SI_KERNEL, words: [0, 0] };
            if fatal || !self.push_frame(g, SIGSEGV, &info, &self.signals.handlers[SIGSEGV as usize].clone(), mask) {
                return Some(Action::Killed(Death { signal: SIGSEGV as i32, trap }));
            }
            self.entered(SIGSEGV, mask);
            return None;
        }
        self.entered(signal, mask);
        None
    }

    /// The mask and the handler after entering.
    fn entered(&mut self, signal: u32, old: u64) {
        let _ = old;
        let handler = &mut self.signals.handlers[signal as usize];
        let own = if handler.flags & SA_NODEFER != 0 { 0 } else { bit(signal) };
        self.signals.blocked = (self.signals.blocked | handler.mask | own) & !unblockable();
        if handler.flags & SA_RESETHAND != 0 {
            handler.address = SIG_DFL;
        }
    }

    fn can_handle(&self, signal: u32) -> bool {
        self.signals.handlers[signal as usize].address > SIG_IGN && self.signals.blocked & bit(signal) == 0
    }

    /// Delivers a signal that cannot wait: the instruction at pc cannot go on.
    pub(super) fn force(&mut self, g: &mut Guest, signal: u32, info: Info, trap: Option<(Cause, u64)>) -> Action {
        let death = Action::Killed(Death { signal: signal as i32, trap });
        if !self.can_handle(signal) {
            return death;
        }
        match self.enter(g, signal, info, trap) {
            Some(action) => action,
            None => self.deliver(g, None),
        }
    }

    /// A frame that cannot be returned from.
    pub(super) fn bad_frame(&mut self, g: &mut Guest) -> Action {
        self.force(g, SIGSEGV, Info { code: SI_KERNEL, words: [0, 0] }, None)
    }

    /// A trap that is no call.
    pub(super) fn fault(&mut self, g: &mut Guest, cause: Cause, tval: u64) -> Action {
        let pc = g.hart.pc();
        let (signal, info) = match cause {
            Cause::IllegalInstruction => (SIGILL, Info::fault(ILL_ILLOPC, pc)),
            Cause::Breakpoint => (SIGTRAP, Info::fault(TRAP_BRKPT, pc)),
            Cause::InstructionMisaligned | Cause::LoadMisaligned | Cause::StoreMisaligned => {
                (SIGBUS, Info::fault(BUS_ADRALN, tval))
            }
            _ if self.mm.behind_file(tval) => (SIGBUS, Info::fault(BUS_ADRERR, tval)),
            _ => {
                let mapped = g.mem.region_at(tval).is_some();
                (SIGSEGV, Info::fault(if mapped { SEGV_ACCERR } else { SEGV_MAPERR }, tval))
            }
        };
        self.force(g, signal, info, Some((cause, tval)))
    }
}
