//! What is told of files: stat, statx, statfs.

use super::errno::*;
use super::fd::*;
use super::files::{AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW};
use super::guest::{Args, Guest};
use super::{Linux, Ret, sys};

/// STATX_BASIC_STATS.
const BASIC_STATS: u32 = 0x7ff;

pub(super) const S_IFIFO: u32 = 0o010000;
pub(super) const S_IFCHR: u32 = 0o020000;
pub(super) const S_IFREG: u32 = 0o100000;
pub(super) const S_IFLNK: u32 = 0o120000;

/// What a guest is told of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stat {
    pub dev: u64,
    pub ino: u64,
    pub mode: u32,
    pub nlink: u32,
    pub uid: u32,
    pub gid: u32,
    pub rdev: u64,
    pub size: u64,
    pub blksize: u32,
    pub blocks: u64,
    /// Access, modification, change: seconds and nanoseconds.
    pub times: [(i64, u32); 3],
}

/// A device number as Linux packs it.
pub(super) fn device(major: u64, minor: u64) -> u64 {
    major << 8 | minor & 0xff | (minor & !0xff) << 12
}

impl Stat {
    /// Something that no file of the host is behind.
    pub(super) fn made(mode: u32, rdev: u64, size: u64) -> Stat {
        Stat { ino: 1, mode, nlink: 1, rdev, size, blksize: 4096, ..Stat::default() }
    }

    #[allow(clippy::unnecessary_cast)] // the types differ between hosts
    pub(super) fn of_host(s: &libc::stat) -> Stat {
        Stat {
            dev: s.st_dev as u64,
            ino: s.st_ino as u64,
            mode: s.st_mode as u32,
            nlink: s.st_nlink as u32,
            uid: s.st_uid as u32,
            gid: s.st_gid as u32,
            rdev: s.st_rdev as u64,
            size: s.st_size as u64,
            blksize: s.st_blksize as u32,
            blocks: s.st_blocks as u64,
            times: [
                (s.st_atime as i64, s.st_atime_nsec as u32),
                (s.st_mtime as i64, s.st_mtime_nsec as u32),
                (s.st_ctime as i64, s.st_ctime_nsec as u32),
            ],
        }
    }

    /// struct stat of asm-generic.
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        let mut word = |v: u64| out.extend(v.to_le_bytes());
        let pair = |low: u32, high: u32| low as u64 | (high as u64) << 32;
        word(self.dev);
        word(self.ino);
        word(pair(self.mode, self.nlink));
        word(pair(self.uid, self.gid));
        word(self.rdev);
        word(0);
        word(self.size);
        word(self.blksize as u64);
        word(self.blocks);
        for (sec, nsec) in self.times {
            word(sec as u64);
            word(nsec as u64);
        }
        word(0);
        out
    }

    /// struct statx.
    fn statx(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        let pair = |low: u32, high: u32| low as u64 | (high as u64) << 32;
        let split = |dev: u64| pair((dev >> 8 & 0xfff) as u32, (dev & 0xff | dev >> 12 & 0xfff00) as u32);
        let mut word = |v: u64| out.extend(v.to_le_bytes());
        word(pair(BASIC_STATS, self.blksize));
        word(0);
        word(pair(self.nlink, self.uid));
        word(pair(self.gid, self.mode));
        word(self.ino);
        word(self.size);
        word(self.blocks);
        word(0);
        // Access, birth, change, modification.
        for (sec, nsec) in [self.times[0], (0, 0), self.times[2], self.times[1]] {
            word(sec as u64);
            word(nsec as u64);
        }
        word(split(self.rdev));
        word(split(self.dev));
        out.resize(256, 0);
        out
    }
}

impl Open {
    /// What is told of an open file.
    pub(super) fn stat(&self) -> Result<Stat, Errno> {
        Ok(match &self.kind {
            Kind::Host(file) => Stat::of_host(&sys::fstat(file)?),
            Kind::Input(_) | Kind::Output(_) | Kind::PipeRead(_) | Kind::PipeWrite(_) => {
                Stat::made(S_IFIFO | 0o600, 0, 0)
            }
            Kind::Bytes(data, _) => Stat::made(S_IFREG | 0o444, 0, data.len() as u64),
            Kind::Event { .. } => Stat::made(0o600, 0, 0),
            Kind::Null => Stat::made(S_IFCHR | 0o666, device(1, 3), 0),
            Kind::Zero => Stat::made(S_IFCHR | 0o666, device(1, 5), 0),
            Kind::Full => Stat::made(S_IFCHR | 0o666, device(1, 7), 0),
            Kind::Random => Stat::made(S_IFCHR | 0o666, device(1, 9), 0),
        })
    }
}

impl Linux {
    fn stat_at(&mut self, g: &mut Guest, fd: u64, path: &[u8], flags: u64) -> Result<Stat, Errno> {
        if path.is_empty() {
            if flags & AT_EMPTY_PATH == 0 {
                return Err(ENOENT);
            }
            if fd as u32 != super::path::AT_FDCWD as u32 {
                let shared = self.fds.get(fd)?;
                let open = lock(&shared);
                return open.stat();
            }
            let place = self.look_up(fd, b".", true)?;
            return Ok(Stat::of_host(&sys::fstatat(&place.dir, &place.name, true)?));
        }
        let follow = flags & AT_SYMLINK_NOFOLLOW == 0;
        if let Some(special) = self.special(g, fd, path)? {
            return if follow { special.target(self, g) } else { special.stat(self) };
        }
        let place = self.look_up(fd, path, follow)?;
        Ok(Stat::of_host(&sys::fstatat(&place.dir, &place.name, place.follow)?))
    }

    /// What is told of a path of the guest.
    pub(super) fn stat_path(&mut self, g: &mut Guest, path: &[u8]) -> Result<Stat, Errno> {
        let place = self.look_up(super::path::AT_FDCWD, path, true)?;
        let _ = g;
        Ok(Stat::of_host(&sys::fstatat(&place.dir, &place.name, place.follow)?))
    }

    pub(super) fn sys_fstat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let stat = lock(&shared).stat()?;
        g.put(a[1], &stat.bytes())?;
        Ok(0)
    }

    pub(super) fn sys_newfstatat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        if a[3] & !(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | 0x800) != 0 {
            return Err(EINVAL.into());
        }
        let stat = self.stat_at(g, a[0], &path, a[3])?;
        g.put(a[2], &stat.bytes())?;
        Ok(0)
    }

    pub(super) fn sys_statx(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = if a[1] == 0 && a[2] & AT_EMPTY_PATH != 0 { Vec::new() } else { g.path(a[1])? };
        if a[2] & !(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | 0x6800) != 0 || a[3] >> 31 & 1 != 0 {
            return Err(EINVAL.into());
        }
        let stat = self.stat_at(g, a[0], &path, a[2])?;
        g.put(a[4], &stat.statx())?;
        Ok(0)
    }

    pub(super) fn sys_statfs(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[0])?;
        let p = self.look_up(super::path::AT_FDCWD, &path, true)?;
        let flags = if p.follow { 0 } else { libc::O_NOFOLLOW };
        #[cfg(target_os = "linux")]
        let flags = flags | libc::O_PATH;
        let file = sys::openat(&p.dir, &p.name, flags, 0).map_err(Errno::from)?;
        g.put_words(a[1], &sys::statfs(&file).map_err(Errno::from)?)?;
        Ok(0)
    }

    pub(super) fn sys_fstatfs(&mut self, g: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let open = lock(&shared);
        let words = match &open.kind {
            Kind::Host(file) => sys::statfs(file).map_err(Errno::from)?,
            // TMPFS_MAGIC
            _ => [0x0102_1994, 4096, 0, 0, 0, 0, 0, 0, 255, 4096, 0, 0, 0, 0, 0],
        };
        g.put_words(a[1], &words)?;
        Ok(0)
    }
}
