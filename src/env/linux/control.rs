//! Descriptors as such: copying, flags, pipes, terminals, and moving data between two of them.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex};

use super::errno::*;
use super::fd::*;
use super::guest::{Args, Guest};
use super::process::PID;
use super::{Linux, Ret, sys};

/// Status flags that F_SETFL changes.
const SETTABLE: u32 = O_APPEND | O_NONBLOCK | 0o40000 | 0o1000000;

impl Linux {
    pub(super) fn sys_dup(&mut self, _: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let limit = self.process.most_fds();
        Ok(self.fds.add(shared, false, 0, limit)?)
    }

    pub(super) fn sys_dup3(&mut self, _: &mut Guest, a: Args) -> Ret {
        let new = a[1] as u32 as u64;
        if a[2] & !(O_CLOEXEC as u64) != 0 || a[0] as u32 as u64 == new {
            return Err(EINVAL.into());
        }
        let shared = self.fds.get(a[0])?;
        if new >= self.process.most_fds() {
            return Err(EBADF.into());
        }
        self.fds.set(new as usize, shared, a[2] != 0);
        Ok(new)
    }

    pub(super) fn sys_fcntl(&mut self, g: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let limit = self.process.most_fds();
        match a[1] as u32 {
            0 | 1030 if a[2] as u32 as u64 >= limit => Err(EINVAL.into()),
            command @ (0 | 1030) => Ok(self.fds.add(shared, command == 1030, a[2] as u32 as u64, limit)?),
            1 => Ok(*self.fds.cloexec(a[0])? as u64),
            2 => {
                *self.fds.cloexec(a[0])? = a[2] & 1 != 0;
                Ok(0)
            }
            3 => Ok(lock(&shared).flags as u64),
            4 => {
                let mut open = lock(&shared);
                let flags = a[2] as u32 & SETTABLE;
                // Not waiting is done here; appending is the host's business. The standard streams stay as they are: they
                // belong to the host.
                if let (Kind::Host(file), Some(_)) = (&open.kind, &open.path) {
                    let now = sys::fcntl(file, libc::F_GETFL, 0).map_err(Errno::from)?;
                    let append = if flags & O_APPEND != 0 { libc::O_APPEND } else { 0 };
                    sys::fcntl(file, libc::F_SETFL, now & !libc::O_APPEND | append).map_err(Errno::from)?;
                }
                open.flags = open.flags & !SETTABLE | flags;
                Ok(0)
            }
            // Locks: there is nobody else, so they are granted. F_GETLK answers F_UNLCK.
            5 | 36 => {
                g.get::<32>(a[2])?;
                g.put(a[2], &2_u16.to_le_bytes())?;
                Ok(0)
            }
            6 | 7 | 37 | 38 => {
                g.get::<32>(a[2])?;
                Ok(0)
            }
            8 => Ok(0),
            // Nobody is told of readiness by signals.
            9..=11 | 15 => Ok(0),
            16 => {
                g.put_u64(a[2], 1)?;
                Ok(0)
            }
            1032 => match lock(&shared).kind {
                Kind::PipeRead(_) | Kind::PipeWrite(_) => Ok(PIPE_SIZE as u64),
                _ => Err(EBADF.into()),
            },
            1031 => match lock(&shared).kind {
                Kind::PipeRead(_) | Kind::PipeWrite(_) if a[2] as u32 as usize <= PIPE_SIZE => Ok(PIPE_SIZE as u64),
                Kind::PipeRead(_) | Kind::PipeWrite(_) => Err(EPERM.into()),
                _ => Err(EBADF.into()),
            },
            _ => Err(EINVAL.into()),
        }
    }

    pub(super) fn sys_pipe2(&mut self, g: &mut Guest, a: Args) -> Ret {
        // O_DIRECT (packets) is not there.
        if a[1] & !(O_CLOEXEC as u64 | O_NONBLOCK as u64) != 0 {
            return Err(EINVAL.into());
        }
        let (read, write) = PipeEnd::pair();
        let (nonblock, cloexec) = (a[1] as u32 & O_NONBLOCK, a[1] as u32 & O_CLOEXEC != 0);
        let first = self.install(Open::new(Kind::PipeRead(read), nonblock), cloexec)?;
        let second = match self.install(Open::new(Kind::PipeWrite(write), nonblock | O_WRONLY), cloexec) {
            Ok(fd) => fd,
            Err(e) => {
                self.fds.close(first)?;
                return Err(e);
            }
        };
        if let Err(e) = g.put_u64(a[0], first | second << 32) {
            self.fds.close(first)?;
            self.fds.close(second)?;
            return Err(e.into());
        }
        Ok(0)
    }

    pub(super) fn sys_ioctl(&mut self, g: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let request = a[1] as u32 as u64;
        match request {
            // FIONCLEX, FIOCLEX, FIONBIO
            0x5450 | 0x5451 => {
                *self.fds.cloexec(a[0])? = request == 0x5451;
                return Ok(0);
            }
            0x5421 => {
                let on = g.get_u32(a[2])? != 0;
                let mut open = lock(&shared);
                open.flags = open.flags & !O_NONBLOCK | if on { O_NONBLOCK } else { 0 };
                return Ok(0);
            }
            _ => {}
        }
        let open = lock(&shared);
        // FIONREAD
        if request == 0x541b {
            let waiting = match &open.kind {
                Kind::PipeRead(end) => lock(&end.data).len() as u64,
                Kind::Bytes(data, at) => (data.len() as u64).saturating_sub(*at),
                Kind::Host(file) => {
                    let mut data = [0; 64];
                    sys::ioctl(file, request, &mut data).map_err(Errno::from)?;
                    u32::from_le_bytes([data[0], data[1], data[2], data[3]]) as u64
                }
                _ => return Err(ENOTTY.into()),
            };
            g.put_u32(a[2], waiting as u32)?;
            return Ok(0);
        }
        let Kind::Host(file) = &open.kind else { return Err(ENOTTY.into()) };
        if !file.is_terminal() {
            return Err(ENOTTY.into());
        }
        // (request, bytes in, bytes out)
        const PASSED: &[(u64, usize, usize)] = &[
            (0x5401, 0, 36), // TCGETS
            (0x5402, 36, 0), // TCSETS, TCSETSW, TCSETSF
            (0x5403, 36, 0),
            (0x5404, 36, 0),
            (0x5413, 0, 8),       // TIOCGWINSZ
            (0x5414, 8, 0),       // TIOCSWINSZ
            (0x802c_542a, 0, 44), // TCGETS2, TCSETS2, TCSETSW2, TCSETSF2
            (0x402c_542b, 44, 0),
            (0x402c_542c, 44, 0),
            (0x402c_542d, 44, 0),
        ];
        match request {
            // TCSBRK, TCFLSH, TIOCSPGRP, TIOCSCTTY: nothing to do.
            0x5409 | 0x540b | 0x5410 | 0x540e => return Ok(0),
            // TIOCGPGRP, TIOCGSID
            0x540f | 0x5429 => {
                g.put_u32(a[2], PID as u32)?;
                return Ok(0);
            }
            _ => {}
        }
        let &(_, input, output) = PASSED.iter().find(|p| p.0 == request).ok_or(ENOTTY)?;
        let mut data = [0; 64];
        data[..input].copy_from_slice(g.slice(a[2], input as u64)?);
        sys::ioctl(file, request, &mut data).map_err(Errno::from)?;
        g.put(a[2], &data[..output])?;
        Ok(0)
    }

    pub(super) fn sys_flock(&mut self, _: &mut Guest, a: Args) -> Ret {
        let file = self.host_file(a[0], EBADF)?;
        sys::flock(&file, a[1] as i32).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_fsync(&mut self, _: &mut Guest, a: Args) -> Ret {
        self.host_file(a[0], EINVAL)?.sync_all().map_err(Errno::from)?;
        Ok(0)
    }

    /// Nothing is to be done, but the descriptor must be one.
    pub(super) fn sys_advise(&mut self, _: &mut Guest, a: Args) -> Ret {
        self.fds.get(a[0])?;
        Ok(0)
    }

    pub(super) fn sys_sync(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(0)
    }

    pub(super) fn sys_sendfile(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [out, input, offset, count, ..] = a;
        let mut at = None;
        if offset != 0 {
            at = Some(g.get_u64(offset)?);
        }
        let done = self.copy(g, input, out, at, None, count)?;
        if let Some(at) = at {
            g.put_u64(offset, at.wrapping_add(done))?;
        }
        Ok(done)
    }

    pub(super) fn sys_copy_file_range(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [input, from, out, to, count, flags] = a;
        if flags != 0 {
            return Err(EINVAL.into());
        }
        let position = |g: &Guest, at: u64| if at == 0 { Ok(None) } else { g.get_u64(at).map(Some) };
        let (in_at, out_at) = (position(g, from)?, position(g, to)?);
        let done = self.copy(g, input, out, in_at, out_at, count)?;
        for (addr, at) in [(from, in_at), (to, out_at)] {
            if let Some(at) = at {
                g.put_u64(addr, at.wrapping_add(done))?;
            }
        }
        Ok(done)
    }

    /// Copies between two descriptors, at positions of theirs or at given ones.
    fn copy(&mut self, g: &mut Guest, from: u64, to: u64, from_at: Option<u64>, to_at: Option<u64>, count: u64) -> Ret {
        let count = count.min(super::io::MOST);
        let (source, target) = (self.fds.get(from)?, self.fds.get(to)?);
        if !lock(&source).readable() || !lock(&target).writable() {
            return Err(EBADF.into());
        }
        if !lock(&source).is_plain() {
            return Err(EINVAL.into());
        }
        if from_at.or(to_at).is_some_and(|at| at > i64::MAX as u64) {
            return Err(EINVAL.into());
        }
        let mut done = 0;
        while done < count {
            let mut buf = vec![0; (count - done).min(1 << 18) as usize];
            let n = match self.read_some(g, &source, &mut buf, from_at.map(|a| a.wrapping_add(done))) {
                Ok(n) => n,
                Err(_) if done > 0 => break,
                Err(e) => return Err(e),
            };
            if n == 0 {
                break;
            }
            let written = match self.write_bytes(g, &target, &buf[..n], to_at.map(|a| a.wrapping_add(done))) {
                Ok(w) => w,
                Err(_) if done > 0 => 0,
                Err(e) => return Err(e),
            };
            done += written as u64;
            if written < n {
                // What has been read too far goes back.
                if let (None, Some(file)) = (from_at, lock(&source).host()) {
                    let _ = sys::lseek(file, written as i64 - n as i64, libc::SEEK_CUR);
                }
                break;
            }
        }
        Ok(done)
    }

    pub(super) fn sys_memfd_create(&mut self, g: &mut Guest, a: Args) -> Ret {
        let label = g.string(a[0], 250)?.ok_or(EINVAL)?;
        // MFD_CLOEXEC, MFD_ALLOW_SEALING
        if a[1] & !0b11 != 0 {
            return Err(EINVAL.into());
        }
        let file = sys::memfd(&label).map_err(Errno::from)?;
        let path = [b"/memfd:", &label[..], b" (deleted)"].concat();
        self.install(Open::at(Kind::Host(file), O_RDWR, path), a[1] & 1 != 0)
    }

    pub(super) fn sys_eventfd2(&mut self, _: &mut Guest, a: Args) -> Ret {
        if a[1] & !(O_CLOEXEC as u64 | O_NONBLOCK as u64 | 1) != 0 {
            return Err(EINVAL.into());
        }
        let kind = Kind::Event { count: a[0] as u32 as u64, single: a[1] & 1 != 0 };
        let open = Open::new(kind, a[1] as u32 & O_NONBLOCK | O_RDWR);
        let limit = self.process.most_fds();
        Ok(self.fds.add(Arc::new(Mutex::new(open)), a[1] as u32 & O_CLOEXEC != 0, 0, limit)?)
    }
}
