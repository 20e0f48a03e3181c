//! futex(2) for one thread: nobody else can change the word or wake the caller.

use super::errno::*;
use super::guest::{Args, Guest};
use super::process::PID;
use super::time::{Wake, get_timespec};
use super::{Again, Leave, Linux, Ret};

const PRIVATE: u64 = 128;
const CLOCK_REALTIME: u64 = 256;

impl Linux {
    pub(super) fn sys_futex(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [word, op, value, timeout, ..] = a;
        let op = op as u32 as u64;
        let command = op & !(PRIVATE | CLOCK_REALTIME);
        if !word.is_multiple_of(4) {
            return Err(EINVAL.into());
        }
        match command {
            // WAIT, WAIT_BITSET
            0 | 9 => {
                if command == 9 && a[5] as u32 == 0 {
                    return Err(EINVAL.into());
                }
                let until = match timeout {
                    0 => None,
                    at => {
                        let time = get_timespec(g, at)?;
                        let now = g.now();
                        Some(match (command, op & CLOCK_REALTIME != 0) {
                            (0, _) => now.saturating_add(time),
                            (_, false) => time,
                            (_, true) => {
                                let date = g.hart.clock.date(g.hart.instret()).as_nanos() as u64;
                                now.saturating_add(time.saturating_sub(date))
                            }
                        })
                    }
                };
                if g.get_u32(word)? != value as u32 {
                    return Err(EAGAIN.into());
                }
                let until = self.resume(g, until);
                match self.block(g, until, 0)? {
                    Wake::Timeout => Err(ETIMEDOUT.into()),
                    Wake::Signal => Err(Leave::Interrupted(if timeout == 0 { Again::Restart } else { Again::Never })),
                    Wake::Never => {
                        Err(Leave::Action(self.deadlock("waits for a lock that no other thread can release")))
                    }
                }
            }
            // WAKE, WAKE_BITSET: nobody waits.
            1 | 10 => {
                g.get_u32(word)?;
                Ok(0)
            }
            // REQUEUE, CMP_REQUEUE
            3 => Ok(0),
            4 => match g.get_u32(word)? == a[5] as u32 {
                true => Ok(0),
                false => Err(EAGAIN.into()),
            },
            // WAKE_OP changes its second word.
            5 => self.wake_op(g, a[4], a[5] as u32),
            // LOCK_PI, TRYLOCK_PI, LOCK_PI2
            6 | 8 | 13 => match g.get_u32(word)? & 0x3fff_ffff {
                0 => {
                    g.put_u32(word, PID as u32)?;
                    Ok(0)
                }
                owner if owner == PID as u32 => Err(EDEADLK.into()),
                _ => Err(ESRCH.into()),
            },
            7 => match g.get_u32(word)? & 0x3fff_ffff == PID as u32 {
                true => {
                    g.put_u32(word, 0)?;
                    Ok(0)
                }
                false => Err(EPERM.into()),
            },
            _ => Err(ENOSYS.into()),
        }
    }

    fn wake_op(&mut self, g: &mut Guest, word: u64, code: u32) -> Ret {
        let mut operand = (code >> 12 & 0xfff) as i32;
        operand = operand << 20 >> 20;
        if code >> 31 != 0 {
            operand = 1_i32.wrapping_shl(operand as u32 & 31);
        }
        let old = g.get_u32(word)? as i32;
        let new = match code >> 28 & 7 {
            0 => operand,
            1 => old.wrapping_add(operand),
            2 => old | operand,
            3 => old & !operand,
            4 => old ^ operand,
            _ => return Err(ENOSYS.into()),
        };
        g.put_u32(word, new as u32)?;
        Ok(0)
    }
}
