//! Moving bytes: read, write and their relatives.

use std::io::{IoSlice, Read, Write};
use std::os::unix::fs::FileExt;

use super::errno::*;
use super::fd::*;
use super::guest::{Args, Guest};
use super::{Again, Leave, Linux, Ret};
use crate::memory::Access;

/// The most that one call moves (MAX_RW_COUNT).
pub(super) const MOST: u64 = 0x7fff_f000;
/// Bytes moved through one buffer.
const CHUNK: usize = 1 << 18;
/// Most elements of a vector (UIO_MAXIOV).
const IOV_MAX: u64 = 1024;

/// Parts of guest memory.
pub(super) type Parts = Vec<(u64, u64)>;

/// A position in a file, or the file's own.
pub(super) type At = Option<u64>;

/// Reads a vector of buffers; lengths are cut so that the sum is at most [`MOST`].
fn vector(g: &Guest, addr: u64, count: u64) -> Result<Parts, Errno> {
    if count > IOV_MAX {
        return Err(EINVAL);
    }
    let mut left = MOST;
    let mut parts = Vec::new();
    for n in 0..count {
        let at = addr.checked_add(16 * n).ok_or(EFAULT)?;
        let (base, len) = (g.get_u64(at)?, g.get_u64(at.checked_add(8).ok_or(EFAULT)?)?);
        if len > i64::MAX as u64 {
            return Err(EINVAL);
        }
        let len = len.min(left);
        left -= len;
        parts.push((base, len));
    }
    Ok(parts)
}

/// The leading parts that the guest may access; EFAULT if nothing of what is asked for.
fn usable(g: &Guest, parts: &[(u64, u64)], access: Access) -> Result<Parts, Errno> {
    let mut out = Vec::new();
    for &(addr, len) in parts {
        let good = g.prefix(addr, len, access);
        if good > 0 {
            out.push((addr, good));
        }
        if good < len {
            return if out.is_empty() { Err(EFAULT) } else { Ok(out) };
        }
    }
    Ok(out)
}

fn total(parts: &[(u64, u64)]) -> u64 {
    parts.iter().map(|p| p.1).sum()
}

/// Copies bytes into the parts of guest memory from `skip` on.
fn scatter(g: &mut Guest, parts: &[(u64, u64)], mut skip: u64, mut data: &[u8]) -> Result<(), Errno> {
    for &(addr, len) in parts {
        if skip >= len {
            skip -= len;
            continue;
        }
        let n = ((len - skip) as usize).min(data.len());
        g.put(addr + skip, &data[..n])?;
        data = &data[n..];
        skip = 0;
        if data.is_empty() {
            break;
        }
    }
    Ok(())
}

fn slices<'g>(g: &'g Guest, parts: &[(u64, u64)]) -> Result<Vec<IoSlice<'g>>, Errno> {
    parts.iter().map(|&(addr, len)| Ok(IoSlice::new(g.slice(addr, len)?))).collect()
}

/// Repeats what a signal of the host has interrupted.
pub(super) fn retry<T>(mut f: impl FnMut() -> std::io::Result<T>) -> Result<T, Errno> {
    loop {
        match f() {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            other => return other.map_err(Errno::from),
        }
    }
}

impl Linux {
    fn read_parts(&mut self, g: &mut Guest, fd: u64, parts: &[(u64, u64)], at: At) -> Ret {
        let shared = self.fds.get(fd)?;
        if at.is_some() && !lock(&shared).has_positions() {
            return Err(ESPIPE.into());
        }
        if !lock(&shared).readable() {
            return Err(EBADF.into());
        }
        let parts = usable(g, parts, Access::Write)?;
        let want = total(&parts);
        let mut done = 0;
        while done < want || want == 0 {
            let mut buf = vec![0; (want - done).min(CHUNK as u64) as usize];
            let n = match self.read_some(g, &shared, &mut buf, at.map(|a| a.wrapping_add(done))) {
                Ok(n) => n,
                Err(_) if done > 0 => break,
                Err(e) => return Err(e),
            };
            scatter(g, &parts, done, &buf[..n])?;
            done += n as u64;
            // Only a plain file is asked again: a stream may have nothing more to give now.
            if n < buf.len() || want == 0 || !lock(&shared).is_plain() {
                break;
            }
        }
        Ok(done)
    }

    /// Reads into `buf` what is there.
    pub(super) fn read_some(&mut self, g: &mut Guest, shared: &Shared, buf: &mut [u8], at: At) -> Result<usize, Leave> {
        let mut open = lock(shared);
        let (nonblock, waits) = (open.flags & O_NONBLOCK != 0, open.waits);
        if at.is_some()
            && !matches!(open.kind, Kind::Host(_) | Kind::Bytes(..) | Kind::Zero | Kind::Null | Kind::Random)
        {
            return Err(ESPIPE.into());
        }
        Ok(match &mut open.kind {
            Kind::Host(f) => match at {
                Some(at) => retry(|| f.read_at(buf, at))?,
                None if waits && !super::sys::ready(f, true, if nonblock { 0 } else { super::time::SLICE }) => {
                    if nonblock {
                        return Err(EAGAIN.into());
                    }
                    drop(open);
                    return Err(self.wait_for_host(g));
                }
                None => retry(|| f.read(buf))?,
            },
            Kind::Input(input) => input.read(buf).map_err(Errno::from)?,
            Kind::Bytes(data, pos) => {
                let from = at.unwrap_or(*pos).min(data.len() as u64) as usize;
                let n = (data.len() - from).min(buf.len());
                buf[..n].copy_from_slice(&data[from..from + n]);
                if at.is_none() {
                    *pos += n as u64;
                }
                n
            }
            Kind::Null => 0,
            Kind::Zero | Kind::Full => {
                buf.fill(0);
                buf.len()
            }
            Kind::Random => {
                self.random.fill(buf);
                buf.len()
            }
            Kind::PipeRead(end) => {
                let mut data = lock(&end.data);
                if data.is_empty() && !buf.is_empty() && end.other_open() {
                    if nonblock {
                        return Err(EAGAIN.into());
                    }
                    drop(data);
                    drop(open);
                    return Err(self.wait_for_nothing(g, Again::Restart));
                }
                let n = data.len().min(buf.len());
                for (to, from) in buf.iter_mut().zip(data.drain(..n)) {
                    *to = from;
                }
                n
            }
            Kind::Event { count, single } => {
                if buf.len() < 8 {
                    return Err(EINVAL.into());
                }
                if *count == 0 {
                    if nonblock {
                        return Err(EAGAIN.into());
                    }
                    drop(open);
                    return Err(self.wait_for_nothing(g, Again::Restart));
                }
                let n = if *single { 1 } else { *count };
                *count -= n;
                buf[..8].copy_from_slice(&n.to_le_bytes());
                8
            }
            Kind::Output(_) | Kind::PipeWrite(_) => return Err(EBADF.into()),
        })
    }

    fn write_parts(&mut self, g: &mut Guest, fd: u64, parts: &[(u64, u64)], at: At) -> Ret {
        let shared = self.fds.get(fd)?;
        if at.is_some() && !lock(&shared).has_positions() {
            return Err(ESPIPE.into());
        }
        if !lock(&shared).writable() {
            return Err(EBADF.into());
        }
        let parts = usable(g, parts, Access::Read)?;
        let done = self.write_some(g, &shared, &parts, at);
        self.resized(g, &lock(&shared));
        if let Err(Leave::Errno(EPIPE)) = done {
            self.raise_own(g, super::signal::SIGPIPE);
        }
        done
    }

    fn write_some(&mut self, g: &mut Guest, shared: &Shared, parts: &[(u64, u64)], at: At) -> Ret {
        let mut open = lock(shared);
        let nonblock = open.flags & O_NONBLOCK != 0;
        let want = total(parts);
        Ok(match &mut open.kind {
            Kind::Host(f) => match at {
                Some(mut at) => {
                    let mut done = 0;
                    for s in slices(g, parts)? {
                        match retry(|| f.write_at(&s, at)) {
                            Ok(n) => {
                                done += n as u64;
                                at = at.wrapping_add(n as u64);
                                if n < s.len() {
                                    break;
                                }
                            }
                            Err(_) if done > 0 => break,
                            Err(e) => return Err(e.into()),
                        }
                    }
                    done
                }
                None if nonblock && !super::sys::ready(f, false, 0) => return Err(EAGAIN.into()),
                None => {
                    let slices = slices(g, parts)?;
                    match &slices[..] {
                        [one] => retry(|| f.write(one))? as u64,
                        many => retry(|| f.write_vectored(many))? as u64,
                    }
                }
            },
            Kind::Output(out) => {
                let mut done = 0;
                for s in slices(g, parts)? {
                    match retry(|| out.write(&s)) {
                        Ok(n) => done += n as u64,
                        Err(_) if done > 0 => break,
                        Err(e) => return Err(e.into()),
                    }
                }
                done
            }
            Kind::Null | Kind::Zero | Kind::Random => want,
            Kind::Full if want == 0 => 0,
            Kind::Full => return Err(ENOSPC.into()),
            Kind::PipeWrite(end) => {
                if !end.other_open() {
                    return Err(EPIPE.into());
                }
                let mut data = lock(&end.data);
                let room = (PIPE_SIZE - data.len()) as u64;
                // Up to PIPE_BUF bytes go in whole or not at all.
                if want > 0 && (room == 0 || want <= 4096 && room < want) {
                    if nonblock {
                        return Err(EAGAIN.into());
                    }
                    drop(data);
                    drop(open);
                    return Err(self.wait_for_nothing(g, Again::Restart));
                }
                let mut left = room;
                for &(addr, len) in parts {
                    let n = len.min(left);
                    data.extend(g.slice(addr, n)?);
                    left -= n;
                }
                room - left
            }
            Kind::Event { count, .. } => {
                let &(addr, 8..) = parts.first().ok_or(EINVAL)? else { return Err(EINVAL.into()) };
                let n = g.get_u64(addr)?;
                if n == u64::MAX {
                    return Err(EINVAL.into());
                }
                match count.checked_add(n).filter(|&c| c < u64::MAX) {
                    Some(sum) => *count = sum,
                    None if nonblock => return Err(EAGAIN.into()),
                    None => {
                        drop(open);
                        return Err(self.wait_for_nothing(g, Again::Restart));
                    }
                }
                8
            }
            Kind::Input(_) | Kind::PipeRead(_) | Kind::Bytes(..) => return Err(EBADF.into()),
        })
    }

    /// Writes bytes of ours.
    pub(super) fn write_bytes(&mut self, g: &mut Guest, shared: &Shared, data: &[u8], at: At) -> Result<usize, Leave> {
        let mut open = lock(shared);
        Ok(match &mut open.kind {
            Kind::Host(f) => match at {
                Some(at) => retry(|| f.write_at(data, at))?,
                None => retry(|| f.write(data))?,
            },
            _ if at.is_some() => return Err(ESPIPE.into()),
            Kind::Output(out) => retry(|| out.write(data))?,
            Kind::Null | Kind::Zero | Kind::Random => data.len(),
            Kind::Full => return Err(ENOSPC.into()),
            Kind::PipeWrite(end) if end.other_open() => {
                let mut queue = lock(&end.data);
                let n = data.len().min(PIPE_SIZE - queue.len());
                if n == 0 {
                    drop(queue);
                    drop(open);
                    return Err(self.wait_for_nothing(g, Again::Restart));
                }
                queue.extend(&data[..n]);
                n
            }
            Kind::PipeWrite(_) => return Err(EPIPE.into()),
            _ => return Err(EINVAL.into()),
        })
    }

    pub(super) fn sys_read(&mut self, g: &mut Guest, a: Args) -> Ret {
        self.read_parts(g, a[0], &[buffer(a[1], a[2])?], None)
    }

    pub(super) fn sys_write(&mut self, g: &mut Guest, a: Args) -> Ret {
        self.write_parts(g, a[0], &[buffer(a[1], a[2])?], None)
    }

    pub(super) fn sys_readv(&mut self, g: &mut Guest, a: Args) -> Ret {
        self.fds.get(a[0])?;
        let parts = vector(g, a[1], a[2])?;
        self.read_parts(g, a[0], &parts, None)
    }

    pub(super) fn sys_writev(&mut self, g: &mut Guest, a: Args) -> Ret {
        self.fds.get(a[0])?;
        let parts = vector(g, a[1], a[2])?;
        self.write_parts(g, a[0], &parts, None)
    }

    pub(super) fn sys_pread64(&mut self, g: &mut Guest, a: Args) -> Ret {
        let at = position(a[3])?;
        self.read_parts(g, a[0], &[buffer(a[1], a[2])?], Some(at))
    }

    pub(super) fn sys_pwrite64(&mut self, g: &mut Guest, a: Args) -> Ret {
        let at = position(a[3])?;
        self.write_parts(g, a[0], &[buffer(a[1], a[2])?], Some(at))
    }

    pub(super) fn sys_preadv(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (at, parts) = (position(a[3])?, vector(g, a[1], a[2])?);
        self.read_parts(g, a[0], &parts, Some(at))
    }

    pub(super) fn sys_pwritev(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (at, parts) = (position(a[3])?, vector(g, a[1], a[2])?);
        self.write_parts(g, a[0], &parts, Some(at))
    }

    /// preadv2: position -1 is the file's own; flags (hints apart from RWF_APPEND) are not known here.
    pub(super) fn sys_preadv2(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[5] & !0b1111 != 0 {
            return Err(EOPNOTSUPP.into());
        }
        if a[3] == u64::MAX { self.sys_readv(g, a) } else { self.sys_preadv(g, a) }
    }

    pub(super) fn sys_pwritev2(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[5] & !0b1111 != 0 {
            return Err(EOPNOTSUPP.into());
        }
        if a[3] == u64::MAX { self.sys_writev(g, a) } else { self.sys_pwritev(g, a) }
    }
}

/// A position in a file must not be negative.
fn position(at: u64) -> Result<u64, Errno> {
    if at > i64::MAX as u64 { Err(EINVAL) } else { Ok(at) }
}

/// One buffer of a guest; what reaches beyond the half of the address space that programs can ever have is refused.
fn buffer(addr: u64, len: u64) -> Result<(u64, u64), Errno> {
    if addr.checked_add(len).is_none_or(|end| end > i64::MAX as u64) {
        return Err(EFAULT);
    }
    Ok((addr, len.min(MOST)))
}
