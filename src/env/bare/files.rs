//! The files of the host that a bare-metal program may open, by its rights.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use crate::env::host::Files;

/// Symbolic links that one path may lead through.
const MOST_LINKS: usize = 40;
/// The longest name that a program may give, in bytes.
pub(super) const LONGEST_NAME: u64 = 4096;

/// Error numbers, as on Linux and in newlib.
pub(super) mod errno {
    pub const ENOENT: u64 = 2;
    pub const EIO: u64 = 5;
    pub const EBADF: u64 = 9;
    pub const ENOMEM: u64 = 12;
    pub const EACCES: u64 = 13;
    pub const EFAULT: u64 = 14;
    pub const EEXIST: u64 = 17;
    pub const ENOTDIR: u64 = 20;
    pub const EISDIR: u64 = 21;
    pub const EINVAL: u64 = 22;
    pub const EMFILE: u64 = 24;
    pub const ESPIPE: u64 = 29;
    pub const ENAMETOOLONG: u64 = 36;
    pub const ENOSYS: u64 = 38;
    pub const ENOTEMPTY: u64 = 39;
    pub const ELOOP: u64 = 40;
}
use errno::*;

/// The number of a host's error.
pub(super) fn number(e: &io::Error) -> u64 {
    match e.raw_os_error() {
        Some(n) if cfg!(target_os = "linux") && n > 0 => n as u64,
        _ => match e.kind() {
            ErrorKind::NotFound => ENOENT,
            ErrorKind::PermissionDenied => EACCES,
            ErrorKind::AlreadyExists => EEXIST,
            ErrorKind::InvalidInput => EINVAL,
            ErrorKind::NotADirectory => ENOTDIR,
            ErrorKind::IsADirectory => EISDIR,
            ErrorKind::DirectoryNotEmpty => ENOTEMPTY,
            _ => EIO,
        },
    }
}

/// The path on the host that a guest's path means. `follow`: what a symbolic link at its end points to.
pub(super) fn resolve(files: &Files, name: &[u8], follow: bool) -> Result<PathBuf, u64> {
    let name = std::str::from_utf8(name).map_err(|_| ENOENT)?;
    match files {
        _ if name.is_empty() || name.contains('\0') => Err(ENOENT),
        Files::Deny => Err(ENOENT),
        Files::Host => Ok(PathBuf::from(name)),
        Files::Root(root) => confine(root, Path::new(name), follow),
    }
}

/// Walks a path below `root`, which is the guest's `/` and its working directory: neither `..` nor links lead out.
fn confine(root: &Path, path: &Path, follow: bool) -> Result<PathBuf, u64> {
    let mut below = PathBuf::new();
    let mut links = 0;
    let mut left: VecDeque<OsString> = names(path).collect();
    while let Some(part) = left.pop_front() {
        if part == ".." {
            below.pop();
            continue;
        }
        below.push(&part);
        let target = root.join(&below);
        if (left.is_empty() && !follow) || !fs::symlink_metadata(&target).is_ok_and(|m| m.is_symlink()) {
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(ELOOP);
        }
        let link = fs::read_link(&target).map_err(|e| number(&e))?;
        below.pop();
        if link.has_root() {
            below = PathBuf::new();
        }
        for part in names(&link).collect::<Vec<_>>().into_iter().rev() {
            left.push_front(part);
        }
    }
    Ok(root.join(below))
}

/// The names in a path; `..` among them, `.` and the root not.
fn names(path: &Path) -> impl Iterator<Item = OsString> + '_ {
    path.components().filter_map(|c| match c {
        Component::Normal(n) => Some(n.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_reached_where_nothing_is_granted() {
        assert_eq!(resolve(&Files::Deny, b"/etc/passwd", true), Err(ENOENT));
        assert_eq!(resolve(&Files::Host, b"", true), Err(ENOENT));
        assert_eq!(resolve(&Files::Host, b"a\0b", true), Err(ENOENT));
        assert_eq!(resolve(&Files::Host, b"a/b", true), Ok(PathBuf::from("a/b")));
    }

    #[cfg(unix)]
    #[test]
    fn neither_parents_nor_links_lead_out_of_the_root() {
        use std::os::unix::fs::symlink;
        let root = std::env::temp_dir().join(format!("bare-root-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("dir")).unwrap();
        symlink("/etc", root.join("dir/out")).unwrap();
        symlink("../../..", root.join("dir/up")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        let files = Files::Root(root.clone());
        let at = |name: &str| resolve(&files, name.as_bytes(), true);
        assert_eq!(at("../../etc/passwd"), Ok(root.join("etc/passwd")));
        assert_eq!(at("/dir/out/passwd"), Ok(root.join("etc/passwd")));
        assert_eq!(at("dir/up/x"), Ok(root.join("x")));
        assert_eq!(at("dir/./../dir/new"), Ok(root.join("dir/new")));
        assert_eq!(at("loop"), Err(ELOOP));
        assert_eq!(resolve(&files, b"loop", false), Ok(root.join("loop")));
        fs::remove_dir_all(root).unwrap();
    }
}
