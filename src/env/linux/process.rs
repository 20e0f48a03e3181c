//! What a process is and asks about itself.

use super::errno::*;
use super::guest::{Args, Guest};
use super::options::LinuxOptions;
use super::{Leave, Linux, Ret};
use crate::env::Action;

/// User and group of every guest.
pub(super) const UID: u64 = 1000;
pub(super) const GID: u64 = 1000;
/// The one process and its one thread.
pub(super) const PID: u64 = 2;

/// What a process knows of itself.
#[derive(Clone)]
pub(super) struct Process {
    pub path: Vec<u8>,
}

impl Process {
    pub(super) fn new(options: &LinuxOptions) -> Process {
        Process { path: options.program_path.clone() }
    }
}

impl Linux {
    pub(super) fn sys_exit(&mut self, _: &mut Guest, a: Args) -> Ret {
        Err(Leave::Action(Action::Exit(a[0] as u8 as i32)))
    }

    pub(super) fn sys_set_tid_address(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(PID)
    }

    pub(super) fn sys_getrandom(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[2] & !7 != 0 {
            return Err(EINVAL.into());
        }
        let len = g.prefix(a[0], a[1].min(i32::MAX as u64), crate::memory::Access::Write);
        if len == 0 && a[1] > 0 {
            return Err(EFAULT.into());
        }
        let mut done = 0;
        while done < len {
            let mut buf = vec![0; (len - done).min(1 << 16) as usize];
            self.random.fill(&mut buf);
            g.put(a[0] + done, &buf)?;
            done += buf.len() as u64;
        }
        Ok(len)
    }
}
