//! Files by name: opening, making, removing, renaming, their rights and times.

use std::fs::File;
use std::sync::{Arc, Mutex};

use super::errno::*;
use super::fd::*;
use super::guest::{Args, Guest};
use super::path::AT_FDCWD;
use super::{Linux, Ret, sys};

pub(super) const AT_SYMLINK_NOFOLLOW: u64 = 0x100;
pub(super) const AT_REMOVEDIR: u64 = 0x200;
const AT_SYMLINK_FOLLOW: u64 = 0x400;
pub(super) const AT_EMPTY_PATH: u64 = 0x1000;

impl Linux {
    /// Adds a description to the table.
    pub(super) fn install(&mut self, open: Open, cloexec: bool) -> Ret {
        let limit = self.process.most_fds();
        Ok(self.fds.add(Arc::new(Mutex::new(open)), cloexec, 0, limit)?)
    }

    pub(super) fn sys_openat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        self.open_path(g, a[0], &path, a[2] as u32, a[3] as u32)
    }

    /// openat2 with a struct open_how of flags and mode; ways of resolving are not known here.
    pub(super) fn sys_openat2(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[3] < 24 {
            return Err(EINVAL.into());
        }
        let (flags, mode, resolve) = (g.get_u64(a[2])?, g.get_u64(a[2] + 8)?, g.get_u64(a[2] + 16)?);
        if resolve != 0 || flags > u32::MAX as u64 {
            return Err(EINVAL.into());
        }
        self.sys_openat(g, [a[0], a[1], flags, mode, 0, 0])
    }

    pub(super) fn open_path(&mut self, g: &mut Guest, fd: u64, path: &[u8], flags: u32, mode: u32) -> Ret {
        let cloexec = flags & O_CLOEXEC != 0;
        let status = flags & !(O_CREAT | O_EXCL | 0o400 | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY) | O_LARGEFILE;
        if let Some(special) = self.special(g, fd, path)? {
            let open = special.open(self, flags, status)?;
            return match open {
                super::proc::Opened::New(open) => self.install(open, cloexec),
                super::proc::Opened::Same(shared) => {
                    let limit = self.process.most_fds();
                    Ok(self.fds.add(shared, cloexec, 0, limit)?)
                }
                super::proc::Opened::Path(path) => self.open_path(g, AT_FDCWD, &path, flags, mode),
            };
        }
        let change = flags & (O_CREAT | O_TRUNC) != 0 || flags & O_ACCMODE != 0;
        let follow = flags & O_NOFOLLOW == 0 && flags & (O_CREAT | O_EXCL) != O_CREAT | O_EXCL;
        let place = match change && flags & O_PATH == 0 {
            true => self.place_of(fd, path, follow)?,
            false => self.look_up(fd, path, follow)?,
        };
        if self.fs.is_host() && place.path.starts_with(b"/proc/self/") {
            return Err(ENOENT.into());
        }
        if place.directory && flags & O_CREAT != 0 {
            return Err(EISDIR.into());
        }
        let mut host = sys::open_flags(flags);
        if !place.follow {
            host |= libc::O_NOFOLLOW;
        }
        let mode = mode & 0o7777 & !self.fs.umask;
        let file = self.create(&place.dir, &place.name, host, mode).map_err(Errno::from)?;
        let written = flags & O_TRUNC != 0;
        let mut name = place.path;
        if self.fs.is_host() && file.metadata().is_ok_and(|m| m.is_dir()) {
            name = super::path::host_name(&file).unwrap_or(name);
        }
        let open = Open::at(Kind::Host(file), status, name);
        if written {
            self.resized(g, &open);
        }
        self.install(open, cloexec)
    }

    /// Opens a file and, if it is made, gives it exactly this mode: the guest's umask counts, not the host's.
    fn create(&self, dir: &File, name: &[u8], flags: i32, mode: u32) -> std::io::Result<File> {
        let open = |flags| sys::openat(dir, name, flags, mode);
        if flags & libc::O_CREAT == 0 {
            return open(flags);
        }
        if flags & libc::O_EXCL == 0 {
            match open(flags & !libc::O_CREAT) {
                Err(e) if e.raw_os_error() == Some(libc::ENOENT) => {}
                // What is to be made if need be is no directory.
                Ok(file) if file.metadata()?.is_dir() => return Err(std::io::Error::from_raw_os_error(libc::EISDIR)),
                other => return other,
            }
        }
        match open(flags | libc::O_EXCL) {
            Ok(file) => {
                use std::os::unix::fs::PermissionsExt;
                let right = file.metadata().is_ok_and(|m| m.permissions().mode() & 0o7777 == mode);
                if !right {
                    let _ = file.set_permissions(std::fs::Permissions::from_mode(mode));
                }
                Ok(file)
            }
            // A dangling link, or somebody else was faster.
            Err(e) if e.raw_os_error() == Some(libc::EEXIST) && flags & libc::O_EXCL == 0 => open(flags),
            Err(e) => Err(e),
        }
    }

    pub(super) fn sys_close(&mut self, _: &mut Guest, a: Args) -> Ret {
        self.fds.close(a[0])?;
        Ok(0)
    }

    pub(super) fn sys_close_range(&mut self, _: &mut Guest, a: Args) -> Ret {
        let (first, last) = (a[0] as u32 as u64, a[1] as u32 as u64);
        if first > last || a[2] & !0b110 != 0 {
            return Err(EINVAL.into());
        }
        let fds: Vec<u64> = self.fds.open_fds().map(|f| f.0).filter(|f| (first..=last).contains(f)).collect();
        for fd in fds {
            match a[2] & 4 {
                0 => self.fds.close(fd)?,
                _ => *self.fds.cloexec(fd)? = true,
            }
        }
        Ok(0)
    }

    pub(super) fn sys_lseek(&mut self, _: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let mut open = lock(&shared);
        let offset = a[1] as i64;
        let directory = open.listing.is_some();
        let at = match &mut open.kind {
            Kind::Host(file) if directory => {
                let at = match a[2] as u32 {
                    0 => offset,
                    1 => (open.listing_position() as i64).saturating_add(offset),
                    _ => {
                        let _ = file;
                        return Err(EINVAL.into());
                    }
                };
                open.seek_listing(u64::try_from(at).map_err(|_| EINVAL)?);
                at as u64
            }
            Kind::Host(file) => {
                let whence = match a[2] as u32 {
                    0 => libc::SEEK_SET,
                    1 => libc::SEEK_CUR,
                    2 => libc::SEEK_END,
                    3 => libc::SEEK_DATA,
                    4 => libc::SEEK_HOLE,
                    _ => return Err(EINVAL.into()),
                };
                sys::lseek(file, offset, whence).map_err(Errno::from)?
            }
            Kind::Bytes(data, pos) => {
                let from = match a[2] as u32 {
                    0 => 0,
                    1 => *pos as i64,
                    2 => data.len() as i64,
                    _ => return Err(EINVAL.into()),
                };
                *pos = from.checked_add(offset).and_then(|p| u64::try_from(p).ok()).ok_or(EINVAL)?;
                *pos
            }
            Kind::Null | Kind::Zero | Kind::Full | Kind::Random => 0,
            _ => return Err(ESPIPE.into()),
        };
        Ok(at)
    }

    pub(super) fn sys_getcwd(&mut self, g: &mut Guest, a: Args) -> Ret {
        let mut cwd = self.fs.current_dir();
        cwd.push(0);
        if (cwd.len() as u64) > a[1] {
            return Err(ERANGE.into());
        }
        g.put(a[0], &cwd)?;
        Ok(cwd.len() as u64)
    }

    pub(super) fn sys_chdir(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[0])?;
        let place = self.look_up(AT_FDCWD, &path, true)?;
        let flags = sys::LOOKUP | if place.follow { 0 } else { libc::O_NOFOLLOW };
        let dir = sys::openat(&place.dir, &place.name, flags, 0).map_err(Errno::from)?;
        sys::faccessat(&dir, b".", libc::X_OK, 0).map_err(Errno::from)?;
        self.fs.change_dir(dir, place.path);
        Ok(0)
    }

    pub(super) fn sys_fchdir(&mut self, _: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let open = lock(&shared);
        let (Kind::Host(file), Some(path)) = (&open.kind, &open.path) else { return Err(ENOTDIR.into()) };
        if !file.metadata().map_err(Errno::from)?.is_dir() {
            return Err(ENOTDIR.into());
        }
        self.fs.change_dir(file.try_clone().map_err(Errno::from)?, path.clone());
        Ok(0)
    }

    pub(super) fn sys_mkdirat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        let p = self.place_of(a[0], &path, false)?;
        let mode = a[2] as u32 & 0o1777 & !self.fs.umask;
        sys::mkdirat(&p.dir, &p.name, mode).map_err(Errno::from)?;
        if sys::fstatat(&p.dir, &p.name, false).is_ok_and(|st| super::stat::Stat::of_host(&st).mode & 0o1777 != mode) {
            let _ = sys::fchmodat(&p.dir, &p.name, mode);
        }
        Ok(0)
    }

    pub(super) fn sys_mknodat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        let p = self.place_of(a[0], &path, false)?;
        let mode = a[2] as u32 & 0o7777 & !self.fs.umask;
        match a[2] as u32 & 0o170000 {
            0 | 0o100000 => {
                let flags = libc::O_CREAT | libc::O_EXCL | libc::O_WRONLY | libc::O_NOFOLLOW;
                self.create(&p.dir, &p.name, flags, mode).map_err(Errno::from)?;
            }
            0o010000 => sys::mkfifoat(&p.dir, &p.name, mode).map_err(Errno::from)?,
            0o020000 | 0o060000 | 0o140000 => return Err(EPERM.into()),
            _ => return Err(EINVAL.into()),
        }
        Ok(0)
    }

    pub(super) fn sys_unlinkat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        if a[2] & !AT_REMOVEDIR != 0 {
            return Err(EINVAL.into());
        }
        let p = self.place_of(a[0], &path, false)?;
        let flags = if a[2] & AT_REMOVEDIR != 0 { libc::AT_REMOVEDIR } else { 0 };
        sys::unlinkat(&p.dir, &p.name, flags).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_symlinkat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (target, path) = (g.path(a[0])?, g.path(a[2])?);
        if target.is_empty() {
            return Err(ENOENT.into());
        }
        let p = self.place_of(a[1], &path, false)?;
        sys::symlinkat(&target, &p.dir, &p.name).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_linkat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (old, new) = (g.path(a[1])?, g.path(a[3])?);
        if a[4] & !AT_SYMLINK_FOLLOW != 0 {
            return Err(EINVAL.into());
        }
        let from = self.place_of(a[0], &old, a[4] != 0)?;
        let to = self.place_of(a[2], &new, false)?;
        sys::linkat(&from.dir, &from.name, &to.dir, &to.name, from.follow).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_renameat2(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (old, new) = (g.path(a[1])?, g.path(a[3])?);
        if a[4] & !0b11 != 0 {
            return Err(EINVAL.into());
        }
        let from = self.place_of(a[0], &old, false)?;
        let to = self.place_of(a[2], &new, false)?;
        sys::renameat(&from.dir, &from.name, &to.dir, &to.name, a[4] as u32).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_faccessat(&mut self, g: &mut Guest, a: Args) -> Ret {
        self.sys_faccessat2(g, [a[0], a[1], a[2], 0, 0, 0])
    }

    pub(super) fn sys_faccessat2(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        if a[2] & !7 != 0 || a[3] & !(AT_SYMLINK_NOFOLLOW | 0x200 | AT_EMPTY_PATH) != 0 {
            return Err(EINVAL.into());
        }
        if let Some(special) = self.special(g, a[0], &path)? {
            special.stat(self)?;
            return Ok(0);
        }
        let follow = a[3] & AT_SYMLINK_NOFOLLOW == 0;
        let p = self.look_up(a[0], &path, follow)?;
        let effective = if a[3] & 0x200 != 0 { libc::AT_EACCESS } else { 0 };
        // The host offers no check that does not follow links: a place without is not one.
        match p.follow || sys::fstatat(&p.dir, &p.name, false).is_ok_and(|s| s.st_mode & libc::S_IFMT != libc::S_IFLNK)
        {
            true => sys::faccessat(&p.dir, &p.name, a[2] as i32, effective).map_err(Errno::from)?,
            false => drop(sys::fstatat(&p.dir, &p.name, false).map_err(Errno::from)?),
        }
        Ok(0)
    }

    pub(super) fn sys_readlinkat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        if a[3] as i32 <= 0 {
            return Err(EINVAL.into());
        }
        let target = match self.special(g, a[0], &path)? {
            Some(special) => special.link(self)?,
            None => {
                let p = self.look_up(a[0], &path, false)?;
                sys::readlinkat(&p.dir, &p.name).map_err(Errno::from)?
            }
        };
        let n = target.len().min(a[3] as i32 as usize);
        g.put(a[2], &target[..n])?;
        Ok(n as u64)
    }

    pub(super) fn sys_fchmodat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        let p = self.place_of(a[0], &path, true)?;
        if p.follow {
            sys::fchmodat(&p.dir, &p.name, a[2] as u32 & 0o7777).map_err(Errno::from)?;
            return Ok(0);
        }
        // Below a root the host must not follow a link that has appeared since.
        use std::os::unix::fs::PermissionsExt;
        let flags = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK;
        let file = sys::openat(&p.dir, &p.name, flags, 0).map_err(Errno::from)?;
        let mode = std::fs::Permissions::from_mode(a[2] as u32 & 0o7777);
        file.set_permissions(mode).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_fchmodat2(&mut self, g: &mut Guest, a: Args) -> Ret {
        match a[3] {
            0 => self.sys_fchmodat(g, a),
            AT_SYMLINK_NOFOLLOW => Err(EOPNOTSUPP.into()),
            _ => Err(EINVAL.into()),
        }
    }

    /// The file behind a descriptor, for calls that need one of the host's.
    pub(super) fn host_file(&self, fd: u64, otherwise: Errno) -> Result<File, Errno> {
        let shared = self.fds.get(fd)?;
        let open = lock(&shared);
        if open.flags & O_PATH != 0 {
            return Err(EBADF);
        }
        open.host().ok_or(otherwise)?.try_clone().map_err(Errno::from)
    }

    pub(super) fn sys_fchmod(&mut self, _: &mut Guest, a: Args) -> Ret {
        use std::os::unix::fs::PermissionsExt;
        let file = self.host_file(a[0], EPERM)?;
        let mode = std::fs::Permissions::from_mode(a[1] as u32 & 0o7777);
        file.set_permissions(mode).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_fchownat(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[1])?;
        if path.is_empty() && a[4] & AT_EMPTY_PATH != 0 {
            return self.sys_fchown(g, [a[0], a[2], a[3], 0, 0, 0]);
        }
        let p = self.place_of(a[0], &path, a[4] & AT_SYMLINK_NOFOLLOW == 0)?;
        let flags = if p.follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        sys::fchownat(&p.dir, &p.name, a[2] as u32, a[3] as u32, flags).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_fchown(&mut self, _: &mut Guest, a: Args) -> Ret {
        let file = self.host_file(a[0], EPERM)?;
        sys::fchown(&file, a[1] as u32, a[2] as u32).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_utimensat(&mut self, g: &mut Guest, a: Args) -> Ret {
        const NOW: i64 = (1 << 30) - 1;
        const OMIT: i64 = (1 << 30) - 2;
        let now = g.hart.clock.date(g.hart.instret());
        let now = (now.as_secs() as i64, now.subsec_nanos() as i64);
        let mut times = [now, now];
        if a[2] != 0 {
            for (n, t) in times.iter_mut().enumerate() {
                let at = a[2].wrapping_add(16 * n as u64);
                let (sec, nsec) = (g.get_u64(at)? as i64, g.get_u64(at.wrapping_add(8))? as i64);
                *t = match nsec {
                    NOW => now,
                    OMIT => (0, sys::UTIME_OMIT),
                    0..=999_999_999 => (sec, nsec),
                    _ => return Err(EINVAL.into()),
                };
            }
        }
        if a[1] == 0 {
            let file = self.host_file(a[0], EPERM)?;
            sys::futimens(&file, times).map_err(Errno::from)?;
            return Ok(0);
        }
        let path = g.path(a[1])?;
        let p = self.place_of(a[0], &path, a[3] & AT_SYMLINK_NOFOLLOW == 0)?;
        sys::utimensat(&p.dir, &p.name, times, p.follow).map_err(Errno::from)?;
        Ok(0)
    }

    pub(super) fn sys_truncate(&mut self, g: &mut Guest, a: Args) -> Ret {
        let path = g.path(a[0])?;
        if a[1] > i64::MAX as u64 {
            return Err(EINVAL.into());
        }
        let p = self.place_of(AT_FDCWD, &path, true)?;
        let flags = libc::O_WRONLY | if p.follow { 0 } else { libc::O_NOFOLLOW };
        let file = sys::openat(&p.dir, &p.name, flags, 0).map_err(Errno::from)?;
        file.set_len(a[1]).map_err(Errno::from)?;
        self.resized(g, &Open::new(Kind::Host(file), O_WRONLY));
        Ok(0)
    }

    pub(super) fn sys_ftruncate(&mut self, g: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let open = lock(&shared);
        if open.flags & O_PATH != 0 {
            return Err(EBADF.into());
        }
        if a[1] > i64::MAX as u64 || !open.writable() {
            return Err(EINVAL.into());
        }
        let file = open.host().ok_or(EINVAL)?;
        file.set_len(a[1]).map_err(Errno::from)?;
        self.resized(g, &open);
        Ok(0)
    }

    pub(super) fn sys_fallocate(&mut self, g: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let open = lock(&shared);
        if !open.writable() {
            return Err(EBADF.into());
        }
        let file = open.host().ok_or(ESPIPE)?;
        sys::fallocate(file, a[1] as u32, a[2] as i64, a[3] as i64).map_err(Errno::from)?;
        self.resized(g, &open);
        Ok(0)
    }

    pub(super) fn sys_umask(&mut self, _: &mut Guest, a: Args) -> Ret {
        Ok(std::mem::replace(&mut self.fs.umask, a[0] as u32 & 0o777) as u64)
    }
}
