//! The calls about signals: handlers, masks, waiting, sending.

use super::errno::*;
use super::guest::{Args, Guest};
use super::process::PID;
use super::signal::*;
use super::time::{Wake, get_timespec};
use super::{Again, Leave, Linux, Ret};

const SI_USER: i32 = 0;
const SI_TKILL: i32 = -6;

impl Linux {
    pub(super) fn sys_rt_sigaction(&mut self, g: &mut Guest, a: Args) -> Ret {
        let signal = a[0] as u32;
        let valid = (1..=SIGNALS).contains(&signal);
        if a[3] != 8 || !valid || a[1] != 0 && unblockable() & bit(signal) != 0 {
            return Err(EINVAL.into());
        }
        let new: Option<[u8; 24]> = if a[1] != 0 { Some(g.get(a[1])?) } else { None };
        let old = self.signals.handlers[signal as usize];
        if a[2] != 0 {
            g.put_words(a[2], &[old.address, old.flags, old.mask])?;
        }
        if let Some(b) = new {
            let word = |n: usize| u64::from_le_bytes(b[n..n + 8].try_into().unwrap_or_default());
            let handler = Handler { address: word(0), flags: word(8), mask: word(16) & !unblockable() };
            self.signals.handlers[signal as usize] = handler;
            if self.signals.ignored(signal) {
                self.signals.pending.retain(|p| p.0 != signal);
            }
        }
        Ok(0)
    }

    pub(super) fn sys_rt_sigprocmask(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[3] != 8 {
            return Err(EINVAL.into());
        }
        let old = self.signals.blocked;
        if a[1] != 0 {
            let set = g.get_u64(a[1])?;
            let new = match a[0] as u32 {
                0 => old | set,
                1 => old & !set,
                2 => set,
                _ => return Err(EINVAL.into()),
            };
            self.signals.blocked = new & !unblockable();
        }
        if a[2] != 0 {
            g.put_u64(a[2], old)?;
        }
        Ok(0)
    }

    pub(super) fn sys_rt_sigpending(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[1] > 8 {
            return Err(EINVAL.into());
        }
        let set = self.signals.pending_set() & self.signals.blocked;
        g.put(a[0], &set.to_le_bytes()[..a[1] as usize])?;
        Ok(0)
    }

    /// Sets the mask that counts while a call waits; delivery or [`Linux::unmask`] puts the old one back.
    pub(super) fn mask_for_waiting(&mut self, g: &Guest, set: u64, size: u64) -> Result<(), Errno> {
        if set == 0 {
            return Ok(());
        }
        if size != 8 {
            return Err(EINVAL);
        }
        let mask = g.get_u64(set)? & !unblockable();
        self.signals.saved = Some(self.signals.blocked);
        self.signals.blocked = mask;
        Ok(())
    }

    /// Puts the mask back when no handler comes in between.
    pub(super) fn unmask(&mut self) {
        if let Some(mask) = self.signals.saved.take() {
            self.signals.blocked = mask;
        }
    }

    pub(super) fn sys_rt_sigsuspend(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[1] != 8 {
            return Err(EINVAL.into());
        }
        let mask = g.get_u64(a[0])? & !unblockable();
        self.signals.saved = Some(self.signals.blocked);
        self.signals.blocked = mask;
        Err(self.wait_for_nothing(g, Again::Never))
    }

    pub(super) fn sys_rt_sigtimedwait(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[3] != 8 {
            return Err(EINVAL.into());
        }
        let set = g.get_u64(a[0])? & !unblockable();
        let until = match a[2] {
            0 => None,
            at => Some(g.now().saturating_add(get_timespec(g, at)?)),
        };
        let until = self.resume(g, until);
        match self.block(g, until, set)? {
            Wake::Signal => match self.signals.take(set) {
                Some((signal, info)) => {
                    if a[1] != 0 {
                        g.put(a[1], &info.bytes(signal))?;
                    }
                    Ok(signal as u64)
                }
                None => Err(Leave::Interrupted(Again::Never)),
            },
            Wake::Timeout => Err(EAGAIN.into()),
            Wake::Never => Err(Leave::Action(self.deadlock("waits for a signal that nothing can send"))),
        }
    }

    pub(super) fn sys_sigaltstack(&mut self, g: &mut Guest, a: Args) -> Ret {
        let sp = g.hart.x(2);
        let old = self.signals.alt;
        if a[0] != 0 {
            let bytes = g.get(a[0])?;
            if old.holds(sp) {
                return Err(EPERM.into());
            }
            self.signals.alt = AltStack::parse(&bytes, super::frame::size(g.hart))?;
        }
        if a[1] != 0 {
            g.put(a[1], &old.bytes(sp))?;
        }
        Ok(0)
    }

    fn send_to_self(&mut self, signal: u64, info: Info) -> Ret {
        match signal as u32 {
            0 => Ok(0),
            s if s > SIGNALS => Err(EINVAL.into()),
            s if self.signals.send(s, info) => Ok(0),
            _ => Err(EAGAIN.into()),
        }
    }

    pub(super) fn sys_kill(&mut self, _: &mut Guest, a: Args) -> Ret {
        let info = Info::sent(SI_USER, &self.process);
        let pid = a[0] as i32;
        let own = [PID as i32, 0, -1, -(PID as i32)].contains(&pid);
        if a[1] as u32 > SIGNALS {
            return Err(EINVAL.into());
        }
        if own { self.send_to_self(a[1], info) } else { Err(ESRCH.into()) }
    }

    pub(super) fn sys_tkill(&mut self, g: &mut Guest, a: Args) -> Ret {
        self.sys_tgkill(g, [PID, a[0], a[1], 0, 0, 0])
    }

    pub(super) fn sys_tgkill(&mut self, _: &mut Guest, a: Args) -> Ret {
        let (group, thread) = (a[0] as i32, a[1] as i32);
        if group <= 0 || thread <= 0 || a[2] as u32 > SIGNALS {
            return Err(EINVAL.into());
        }
        if (group, thread) != (PID as i32, PID as i32) {
            return Err(ESRCH.into());
        }
        let info = Info::sent(SI_TKILL, &self.process);
        self.send_to_self(a[2], info)
    }

    pub(super) fn sys_rt_sigqueueinfo(&mut self, g: &mut Guest, a: Args) -> Ret {
        let b: [u8; 128] = g.get(a[2])?;
        if a[0] as i32 != PID as i32 {
            return Err(ESRCH.into());
        }
        let word = |n: usize| u64::from_le_bytes(b[n..n + 8].try_into().unwrap_or_default());
        self.send_to_self(a[1], Info { code: word(8) as i32, words: [word(16), word(24)] })
    }

    pub(super) fn sys_rt_tgsigqueueinfo(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[1] as i32 != PID as i32 {
            return Err(ESRCH.into());
        }
        self.sys_rt_sigqueueinfo(g, [a[0], a[2], a[3], 0, 0, 0])
    }
}
