//! The host's calls that the standard library lacks: names relative to a directory without following links, terminals,
//! readiness. Each function is safe; this is the only file of the environment with unsafe code.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use libc::c_int;

/// A file name for the host.
fn name(bytes: &[u8]) -> io::Result<CString> {
    CString::new(bytes).map_err(|_| io::Error::from_raw_os_error(libc::ENOENT))
}

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Opens `path` below `dir`; `flags` are the host's, O_CLOEXEC and O_NOCTTY are added.
pub(super) fn openat(dir: &File, path: &[u8], flags: c_int, mode: u32) -> io::Result<File> {
    let path = name(path)?;
    // SAFETY: the name is a valid C string, and a descriptor that is returned is ours alone.
    unsafe {
        let flags = flags | libc::O_CLOEXEC | libc::O_NOCTTY;
        let fd = check(libc::openat(dir.as_raw_fd(), path.as_ptr(), flags, mode as libc::c_uint))?;
        Ok(File::from(OwnedFd::from_raw_fd(fd)))
    }
}

/// Flags to open a directory for nothing but looking up names in it.
#[cfg(target_os = "linux")]
pub(super) const LOOKUP: c_int = libc::O_PATH | libc::O_DIRECTORY;
#[cfg(not(target_os = "linux"))]
pub(super) const LOOKUP: c_int = libc::O_RDONLY | libc::O_DIRECTORY;

/// What the host tells of a file.
pub(super) fn fstatat(dir: &File, path: &[u8], follow: bool) -> io::Result<libc::stat> {
    let path = name(path)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let mut st = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the name is a valid C string; zeroed bytes are a valid `stat`, which the call fills in.
    unsafe {
        check(libc::fstatat(dir.as_raw_fd(), path.as_ptr(), st.as_mut_ptr(), flags))?;
        Ok(st.assume_init())
    }
}

/// What the host tells of an open file.
pub(super) fn fstat(file: &File) -> io::Result<libc::stat> {
    let mut st = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: as for `fstatat`.
    unsafe {
        check(libc::fstat(file.as_raw_fd(), st.as_mut_ptr()))?;
        Ok(st.assume_init())
    }
}

pub(super) fn readlinkat(dir: &File, path: &[u8]) -> io::Result<Vec<u8>> {
    let path = name(path)?;
    let mut out = vec![0_u8; 4096];
    // SAFETY: the buffer has the length that is passed.
    let n = unsafe { libc::readlinkat(dir.as_raw_fd(), path.as_ptr(), out.as_mut_ptr().cast(), out.len()) };
    if n < 0 {
        return Err(io::Error::last_os_error());
    }
    out.truncate(n as usize);
    Ok(out)
}

/// Calls with a directory, one name and numbers.
macro_rules! name_calls {
    ($($fn:ident($($arg:ident: $t:ty),*) = $call:expr;)*) => { $(
        pub(super) fn $fn(dir: &File, path: &[u8] $(, $arg: $t)*) -> io::Result<()> {
            let path = name(path)?;
            let call: fn(c_int, &CStr $(, $t)*) -> c_int = $call;
            check(call(dir.as_raw_fd(), &path $(, $arg)*)).map(drop)
        }
    )* };
}

// SAFETY of all: the name is a valid C string that lives during the call, and nothing else is passed by reference.
name_calls! {
    mkdirat(mode: u32) = |d, p, mode| unsafe { libc::mkdirat(d, p.as_ptr(), mode as libc::mode_t) };
    unlinkat(flags: c_int) = |d, p, flags| unsafe { libc::unlinkat(d, p.as_ptr(), flags) };
    faccessat(mode: c_int, flags: c_int) = |d, p, mode, flags| unsafe { libc::faccessat(d, p.as_ptr(), mode, flags) };
    fchmodat(mode: u32) = |d, p, mode| unsafe { libc::fchmodat(d, p.as_ptr(), mode as libc::mode_t, 0) };
    fchownat(uid: u32, gid: u32, flags: c_int) = |d, p, u, g, flags| unsafe { libc::fchownat(d, p.as_ptr(), u, g, flags) };
}

/// Makes a named pipe.
pub(super) fn mkfifoat(dir: &File, path: &[u8], mode: u32) -> io::Result<()> {
    let path = name(path)?;
    #[cfg(target_os = "linux")]
    // SAFETY: a valid C string.
    return check(unsafe { libc::mknodat(dir.as_raw_fd(), path.as_ptr(), libc::S_IFIFO | mode, 0) }).map(drop);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (dir, path, mode);
        Err(io::Error::from_raw_os_error(libc::EPERM))
    }
}

pub(super) fn symlinkat(target: &[u8], dir: &File, path: &[u8]) -> io::Result<()> {
    let (target, path) = (name(target)?, name(path)?);
    // SAFETY: valid C strings.
    check(unsafe { libc::symlinkat(target.as_ptr(), dir.as_raw_fd(), path.as_ptr()) }).map(drop)
}

pub(super) fn linkat(from: &File, old: &[u8], to: &File, new: &[u8], follow: bool) -> io::Result<()> {
    let (old, new) = (name(old)?, name(new)?);
    let flags = if follow { libc::AT_SYMLINK_FOLLOW } else { 0 };
    // SAFETY: valid C strings.
    check(unsafe { libc::linkat(from.as_raw_fd(), old.as_ptr(), to.as_raw_fd(), new.as_ptr(), flags) }).map(drop)
}

/// `flags`: RENAME_NOREPLACE (1), RENAME_EXCHANGE (2).
pub(super) fn renameat(from: &File, old: &[u8], to: &File, new: &[u8], flags: u32) -> io::Result<()> {
    let (old, new) = (name(old)?, name(new)?);
    let (from, to) = (from.as_raw_fd(), to.as_raw_fd());
    if flags != 0 {
        #[cfg(target_os = "linux")]
        // SAFETY: valid C strings.
        return check(unsafe {
            libc::syscall(libc::SYS_renameat2, from, old.as_ptr(), to, new.as_ptr(), flags) as c_int
        })
        .map(drop);
        #[cfg(not(target_os = "linux"))]
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: valid C strings.
    check(unsafe { libc::renameat(from, old.as_ptr(), to, new.as_ptr()) }).map(drop)
}

/// The nanoseconds that leave a time as it is.
#[allow(clippy::unnecessary_cast)] // the type differs between hosts
pub(super) const UTIME_OMIT: i64 = libc::UTIME_OMIT as i64;

/// Times as (seconds, nanoseconds), where nanoseconds may be UTIME_NOW or UTIME_OMIT as the host has them.
fn host_times(times: [(i64, i64); 2]) -> [libc::timespec; 2] {
    times.map(|(sec, nsec)| {
        let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        t.tv_sec = sec as libc::time_t;
        t.tv_nsec = nsec as _;
        t
    })
}

pub(super) fn utimensat(dir: &File, path: &[u8], times: [(i64, i64); 2], follow: bool) -> io::Result<()> {
    let path = name(path)?;
    let times = host_times(times);
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    // SAFETY: a valid C string and two timespecs.
    check(unsafe { libc::utimensat(dir.as_raw_fd(), path.as_ptr(), times.as_ptr(), flags) }).map(drop)
}

pub(super) fn futimens(file: &File, times: [(i64, i64); 2]) -> io::Result<()> {
    let times = host_times(times);
    // SAFETY: two timespecs.
    check(unsafe { libc::futimens(file.as_raw_fd(), times.as_ptr()) }).map(drop)
}

pub(super) fn fchown(file: &File, uid: u32, gid: u32) -> io::Result<()> {
    // SAFETY: numbers only.
    check(unsafe { libc::fchown(file.as_raw_fd(), uid, gid) }).map(drop)
}

pub(super) fn flock(file: &File, op: c_int) -> io::Result<()> {
    // SAFETY: numbers only.
    check(unsafe { libc::flock(file.as_raw_fd(), op) }).map(drop)
}

/// fcntl with a number.
pub(super) fn fcntl(file: &File, command: c_int, value: c_int) -> io::Result<c_int> {
    // SAFETY: the commands used take numbers.
    check(unsafe { libc::fcntl(file.as_raw_fd(), command, value) })
}

/// Where the file's position is or, for SEEK_DATA and SEEK_HOLE, should go.
pub(super) fn lseek(file: &File, offset: i64, whence: c_int) -> io::Result<u64> {
    // SAFETY: numbers only.
    let at = unsafe { libc::lseek(file.as_raw_fd(), offset as libc::off_t, whence) };
    if at < 0 { Err(io::Error::last_os_error()) } else { Ok(at as u64) }
}

/// Gives a range of a file its space.
pub(super) fn fallocate(file: &File, mode: u32, offset: i64, len: i64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    // SAFETY: numbers only.
    return check(unsafe { libc::fallocate(file.as_raw_fd(), mode as c_int, offset, len) }).map(drop);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, mode, offset, len);
        Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP))
    }
}

/// struct statfs of asm-generic as 15 words: type, block size, blocks, free, available, files, free files, fsid, longest
/// name, fragment size, flags, spare.
pub(super) fn statfs(file: &File) -> io::Result<[u64; 15]> {
    let mut s = std::mem::MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: zeroed bytes are a valid `statfs`, which the call fills in.
    let s = unsafe {
        check(libc::fstatfs(file.as_raw_fd(), s.as_mut_ptr()))?;
        s.assume_init()
    };
    let mut out = [0; 15];
    #[allow(clippy::unnecessary_cast)] // the types differ between hosts
    out[..7].copy_from_slice(&[
        s.f_type as u64,
        s.f_bsize as u64,
        s.f_blocks as u64,
        s.f_bfree as u64,
        s.f_bavail as u64,
        s.f_files as u64,
        s.f_ffree as u64,
    ]);
    out[8] = 255;
    out[9] = s.f_bsize as u64;
    Ok(out)
}

/// The names in a directory: inode, type, name.
pub(super) fn list(dir: &File) -> io::Result<Vec<(u64, u8, Vec<u8>)>> {
    let mut out = Vec::new();
    // SAFETY: the stream owns a descriptor of its own; entries are read before the next call.
    unsafe {
        let fd =
            check(libc::openat(dir.as_raw_fd(), c".".as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC))?;
        let stream = libc::fdopendir(fd);
        if stream.is_null() {
            let e = io::Error::last_os_error();
            libc::close(fd);
            return Err(e);
        }
        loop {
            let entry = libc::readdir(stream);
            if entry.is_null() {
                break;
            }
            let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes().to_vec();
            out.push(((*entry).d_ino, (*entry).d_type, name));
        }
        libc::closedir(stream);
    }
    Ok(out)
}

/// Waits up to `timeout` milliseconds (-1: for ever) for the events of poll(2), whose numbers are the same everywhere;
/// what is there is stored with the files.
pub(super) fn poll(files: &mut [(&File, i16, i16)], timeout: i32) -> io::Result<usize> {
    let mut fds: Vec<libc::pollfd> =
        files.iter().map(|f| libc::pollfd { fd: f.0.as_raw_fd(), events: f.1, revents: 0 }).collect();
    // SAFETY: the array has the length that is passed.
    let n = check(unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, timeout) })?;
    for (f, p) in files.iter_mut().zip(&fds) {
        f.2 = p.revents;
    }
    Ok(n as usize)
}

/// Whether a read or write would not wait, after at most `timeout` milliseconds.
pub(super) fn ready(file: &File, read: bool, timeout: i32) -> bool {
    let events = if read { libc::POLLIN } else { libc::POLLOUT };
    // Errors count as ready: the call itself will say what is wrong.
    poll(&mut [(file, events, 0)], timeout).map_or(true, |n| n > 0)
}

/// A terminal's settings and size, and what waits to be read: the requests of ioctl(2) whose structures are the same for
/// guest and host.
pub(super) fn ioctl(file: &File, request: u64, data: &mut [u8; 64]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    // SAFETY: the caller passes only requests whose structures are shorter than the buffer.
    return check(unsafe { libc::ioctl(file.as_raw_fd(), request as _, data.as_mut_ptr()) }).map(drop);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, request, data);
        Err(io::Error::from_raw_os_error(libc::ENOTTY))
    }
}

/// An unnamed file in memory.
pub(super) fn memfd(label: &[u8]) -> io::Result<File> {
    let label = name(label)?;
    #[cfg(target_os = "linux")]
    // SAFETY: a valid C string; the descriptor is ours alone.
    unsafe {
        let fd = check(libc::memfd_create(label.as_ptr(), libc::MFD_CLOEXEC))?;
        Ok(File::from(OwnedFd::from_raw_fd(fd)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = label;
        Err(io::Error::from_raw_os_error(libc::ENOSYS))
    }
}

/// How many descriptors the host's process may have.
#[allow(clippy::unnecessary_cast)] // the type differs between hosts
pub(super) fn fd_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call fills the structure in.
    match unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } {
        0 => limit.rlim_cur as u64,
        _ => 256,
    }
}

/// User and group of the host's process.
pub(super) fn ids() -> (u32, u32) {
    // SAFETY: asking for numbers.
    unsafe { (libc::getuid(), libc::getgid()) }
}

/// Flags of open(2) as the host numbers them.
pub(super) fn open_flags(guest: u32) -> c_int {
    use super::fd::*;
    let mut host = (guest & O_ACCMODE) as c_int;
    let pairs = [
        (O_CREAT, libc::O_CREAT),
        (O_EXCL, libc::O_EXCL),
        (O_TRUNC, libc::O_TRUNC),
        (O_APPEND, libc::O_APPEND),
        (O_NONBLOCK, libc::O_NONBLOCK),
        (O_DIRECTORY, libc::O_DIRECTORY),
        (O_NOFOLLOW, libc::O_NOFOLLOW),
        (0o4010000, libc::O_SYNC),
    ];
    for (g, h) in pairs {
        if guest & g == g {
            host |= h;
        }
    }
    #[cfg(target_os = "linux")]
    for (g, h) in [(O_PATH, libc::O_PATH), (O_TMPFILE, libc::O_TMPFILE), (0o1000000, libc::O_NOATIME)] {
        if guest & g == g {
            host |= h;
        }
    }
    host
}
