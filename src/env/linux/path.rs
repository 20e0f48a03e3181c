//! From a guest's path to a place on the host: which directory, which name in it.
//!
//! With [`Files::Host`] the host's kernel looks names up. Otherwise each component is looked up here, one directory at a
//! time and without ever following a link by the host: a link's text is put in place of its name, and `..` never leads
//! above the root.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::PathBuf;

use super::super::host::Files;
use super::errno::*;
use super::fd::{Kind, O_PATH, lock};
use super::options::{LinuxOptions, LoadError};
use super::{Linux, sys};

/// The directory argument that stands for the working directory.
pub(super) const AT_FDCWD: u64 = -100_i64 as u64;
/// Links followed before a path counts as a loop.
const MOST_LINKS: u32 = 40;

/// The files that a guest can reach.
pub(super) struct FileSystem {
    policy: Policy,
    sysroot: Option<File>,
    /// Working directory as the guest names it.
    pub cwd: Vec<u8>,
    pub umask: u32,
}

enum Policy {
    Deny,
    /// The root directory.
    Root(File),
    /// The working directory.
    Host(File),
}

/// A name in a directory of the host.
pub(super) struct Place {
    pub dir: File,
    pub name: Vec<u8>,
    /// Whether the host may follow a link of that name.
    pub follow: bool,
    /// The path ended in a slash: only a directory will do.
    pub directory: bool,
    /// In the sysroot, where nothing may be changed.
    read_only: bool,
    /// Where this is for the guest, without links.
    pub path: Vec<u8>,
}

impl Place {
    /// Refuses to change anything in the sysroot.
    pub(super) fn writable(self) -> Result<Place, Errno> {
        if self.read_only { Err(EROFS) } else { Ok(self) }
    }
}

fn open_dir(path: &PathBuf) -> Result<File, LoadError> {
    let refused = |e: io::Error| LoadError::Directory { path: path.clone(), reason: e.to_string() };
    let dir = File::open(path).map_err(refused)?;
    match dir.metadata() {
        Ok(m) if m.is_dir() => Ok(dir),
        Ok(_) => Err(refused(io::Error::from_raw_os_error(libc::ENOTDIR))),
        Err(e) => Err(refused(e)),
    }
}

impl FileSystem {
    pub(super) fn new(options: &LinuxOptions) -> Result<FileSystem, LoadError> {
        let mut cwd = b"/".to_vec();
        let policy = match &options.files {
            Files::Deny => Policy::Deny,
            Files::Root(path) => Policy::Root(open_dir(path)?),
            Files::Host => {
                use std::os::unix::ffi::OsStringExt;
                if let Ok(here) = std::env::current_dir() {
                    cwd = here.into_os_string().into_vec();
                }
                Policy::Host(open_dir(&PathBuf::from("."))?)
            }
        };
        let sysroot = options.sysroot.as_ref().map(open_dir).transpose()?;
        Ok(FileSystem { policy, sysroot, cwd, umask: 0o022 })
    }

    /// Whether the guest sees the host's own names.
    pub(super) fn is_host(&self) -> bool {
        matches!(self.policy, Policy::Host(_))
    }

    pub(super) fn denies(&self) -> bool {
        matches!(self.policy, Policy::Deny)
    }

    /// A copy with the same working directory.
    pub(super) fn duplicate(&self) -> Option<FileSystem> {
        let policy = match &self.policy {
            Policy::Deny => Policy::Deny,
            Policy::Root(f) => Policy::Root(f.try_clone().ok()?),
            Policy::Host(f) => Policy::Host(f.try_clone().ok()?),
        };
        let sysroot = match &self.sysroot {
            Some(f) => Some(f.try_clone().ok()?),
            None => None,
        };
        Some(FileSystem { policy, sysroot, cwd: self.cwd.clone(), umask: self.umask })
    }

    /// Finds the place of `path`, relative to `base`. `follow`: what a link in the last place names, not the link itself.
    /// `change`: for a call that changes something there, for which the sysroot is out of the question.
    pub(super) fn locate(&self, base: &Base, path: &[u8], follow: bool, change: bool) -> Result<Place, Errno> {
        if path.is_empty() {
            return Err(ENOENT);
        }
        if let (Some(root), b'/', false) = (&self.sysroot, path[0], change)
            && let Ok(mut place) = walk(root, &[], path, follow)
            && let Ok(st) = sys::fstatat(&place.dir, &place.name, false)
            && (self.denies() || st.st_mode & libc::S_IFMT != libc::S_IFDIR)
        {
            place.read_only = true;
            return Ok(place);
        }
        match &self.policy {
            Policy::Deny => Err(ENOENT),
            Policy::Root(root) => walk(root, &base.path, path, follow),
            Policy::Host(cwd) => {
                let dir = base.dir.as_ref().unwrap_or(cwd).try_clone()?;
                let full = join(&base.path, path);
                Ok(Place { dir, name: path.to_vec(), follow, directory: false, read_only: false, path: full })
            }
        }
    }

    /// The place of an absolute path, to be read.
    pub(super) fn locate_absolute(&self, path: &[u8]) -> Result<Place, Errno> {
        self.locate(&Base { path: b"/".to_vec(), dir: None }, path, true, false)
    }

    /// Makes a place the working directory.
    pub(super) fn change_dir(&mut self, dir: File, path: Vec<u8>) {
        self.cwd = path;
        if let Policy::Host(cwd) = &mut self.policy {
            *cwd = dir;
        }
    }

    /// The working directory's present name.
    pub(super) fn current_dir(&self) -> Vec<u8> {
        #[cfg(target_os = "linux")]
        if let Policy::Host(cwd) = &self.policy {
            return host_name(cwd).unwrap_or_else(|| self.cwd.clone());
        }
        self.cwd.clone()
    }
}

/// The host's name of an open file.
#[cfg(target_os = "linux")]
pub(super) fn host_name(file: &File) -> Option<Vec<u8>> {
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStringExt;
    let link = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    Some(link.into_os_string().into_vec())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn host_name(_: &File) -> Option<Vec<u8>> {
    None
}

/// Where relative paths start.
pub(super) struct Base {
    /// The guest's name.
    pub path: Vec<u8>,
    dir: Option<File>,
}

/// `path` seen from `base`, with `.` and `..` worked out by text alone.
pub(super) fn join(base: &[u8], path: &[u8]) -> Vec<u8> {
    let start: &[u8] = if path.first() == Some(&b'/') { b"" } else { base };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in start.split(|&b| b == b'/').chain(path.split(|&b| b == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    absolute(&parts)
}

fn absolute<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    let mut out = Vec::new();
    for p in parts {
        out.push(b'/');
        out.extend_from_slice(p.as_ref());
    }
    if out.is_empty() { b"/".to_vec() } else { out }
}

fn components(path: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    path.split(|&b| b == b'/').filter(|p| !p.is_empty() && *p != b".").map(<[u8]>::to_vec)
}

/// Looks a path up below `root` one component at a time.
fn walk(root: &File, base: &[u8], path: &[u8], follow: bool) -> Result<Place, Errno> {
    let mut todo: VecDeque<Vec<u8>> = VecDeque::new();
    if path[0] != b'/' {
        todo.extend(components(base));
    }
    todo.extend(components(path));
    // What ends in a slash or dot must be a directory.
    let last = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let mut directory = matches!(last, b"" | b"." | b"..");
    // `dir/.` is the directory itself, not a name in another one.
    let enter = last == b".";
    let mut dirs: Vec<(File, Vec<u8>)> = Vec::new();
    let mut links = 0;
    let top = |dirs: &[(File, Vec<u8>)]| -> Result<File, Errno> { Ok(dirs.last().map_or(root, |d| &d.0).try_clone()?) };
    let names = |dirs: &[(File, Vec<u8>)]| absolute(&dirs.iter().map(|d| d.1.clone()).collect::<Vec<_>>());
    while let Some(part) = todo.pop_front() {
        if part == b".." {
            dirs.pop();
            continue;
        }
        if part.len() > 255 {
            return Err(ENAMETOOLONG);
        }
        let here = top(&dirs)?;
        let final_part = todo.is_empty() && !enter;
        if final_part && !follow && !directory {
            let path = join(&names(&dirs), &part);
            return Ok(Place { dir: here, name: part, follow: false, directory, read_only: false, path });
        }
        match sys::readlinkat(&here, &part) {
            Ok(target) => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(ELOOP);
                }
                if target.first() == Some(&b'/') {
                    dirs.clear();
                }
                let end = target.rsplit(|&b| b == b'/').next().unwrap_or_default();
                directory |= final_part && matches!(end, b"" | b"." | b"..");
                for part in components(&target).collect::<Vec<_>>().into_iter().rev() {
                    todo.push_front(part);
                }
                continue;
            }
            Err(e) if e.raw_os_error() == Some(libc::EINVAL) => {}
            Err(e) if e.raw_os_error() == Some(libc::ENOENT) && final_part => {}
            Err(e) => return Err(e.into()),
        }
        if final_part {
            let path = join(&names(&dirs), &part);
            if directory {
                match sys::fstatat(&here, &part, false) {
                    Ok(st) if st.st_mode & libc::S_IFMT != libc::S_IFDIR => return Err(ENOTDIR),
                    _ => {}
                }
            }
            return Ok(Place { dir: here, name: part, follow: false, directory, read_only: false, path });
        }
        let dir = sys::openat(&here, &part, sys::LOOKUP | libc::O_NOFOLLOW, 0)?;
        dirs.push((dir, part));
    }
    // The path ends in `.`, `..` or a slash, or it is the root.
    let path = names(&dirs);
    Ok(Place { dir: top(&dirs)?, name: b".".to_vec(), follow: false, directory, read_only: false, path })
}

impl Linux {
    /// Where a path relative to descriptor `fd` starts; absolute paths do not ask.
    pub(super) fn base(&self, fd: u64, path: &[u8]) -> Result<Base, Errno> {
        if fd as u32 == AT_FDCWD as u32 || path.first() == Some(&b'/') {
            return Ok(Base { path: self.fs.cwd.clone(), dir: None });
        }
        let shared = self.fds.get(fd)?;
        let open = lock(&shared);
        let Kind::Host(file) = &open.kind else { return Err(ENOTDIR) };
        if open.flags & O_PATH == 0 && !file.metadata()?.is_dir() {
            return Err(ENOTDIR);
        }
        let path = open.path.clone().ok_or(ENOTDIR)?;
        Ok(Base { path, dir: Some(file.try_clone()?) })
    }

    /// A place for a call that only looks.
    pub(super) fn look_up(&self, fd: u64, path: &[u8], follow: bool) -> Result<Place, Errno> {
        self.fs.locate(&self.base(fd, path)?, path, follow, false)
    }

    /// A place for a call that changes something.
    pub(super) fn place_of(&self, fd: u64, path: &[u8], follow: bool) -> Result<Place, Errno> {
        if self.fs.denies() && !path.is_empty() {
            return Err(EACCES);
        }
        self.fs.locate(&self.base(fd, path)?, path, follow, true)?.writable()
    }
}
