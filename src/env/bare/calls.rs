//! Calls that a program asks the host to carry out through HTIF: numbers, arguments and errors as on RISC-V Linux, except
//! that names come with their length. Files are those that [`BareOptions::files`](super::BareOptions) grants.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, SeekFrom};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use super::files::errno::*;
use super::files::{number, resolve};
use super::host_side::HostSide;
use crate::memory::Memory;

const AT_FDCWD: u64 = -100i64 as u64;
const AT_REMOVEDIR: u64 = 0x200;
const O_CREAT: u64 = 0o100;
const O_EXCL: u64 = 0o200;
const O_TRUNC: u64 = 0o1000;
const O_APPEND: u64 = 0o2000;
const S_IFREG: u64 = 0o100000;
const S_IFDIR: u64 = 0o40000;
const S_IFCHR: u64 = 0o20000;

/// What has become of a call.
pub(super) enum Reply {
    /// Its result stands in the first word.
    Done,
    /// The program has asked to end.
    Exit(i32),
    /// The words are not in memory.
    Unreachable,
}

/// Carries out the call that the eight words at `at` describe.
pub(super) fn perform(at: u64, memory: &mut Memory, host: &mut HostSide) -> Reply {
    let mut bytes = [0; 64];
    if memory.read(at, &mut bytes).is_err() {
        return Reply::Unreachable;
    }
    let mut words = [0; 8];
    for (word, b) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = b.iter().rev().fold(0, |w, b| w << 8 | *b as u64);
    }
    let [number, a, b, c, d, e, ..] = words;
    let result = match number {
        17 => working_directory(a, b, memory),
        34 => path(a, b, c, memory, host, true).and_then(|p| done(fs::create_dir(p))),
        35 => path(a, b, c, memory, host, false)
            .and_then(|p| done(if d & AT_REMOVEDIR != 0 { fs::remove_dir(p) } else { fs::remove_file(p) })),
        38 => path(a, b, c, memory, host, false)
            .and_then(|from| Ok((from, path(d, e, words[6], memory, host, false)?)))
            .and_then(|(from, to)| done(fs::rename(from, to))),
        46 => host.truncate(a, b),
        48 => path(a, b, c, memory, host, true).and_then(|p| done(fs::metadata(p).map(drop))),
        56 => open(a, b, c, d, memory, host),
        57 => host.close(a),
        62 => whence(b, c).and_then(|to| host.seek(a, to)),
        63 => host.read(a, memory, b, c),
        64 => host.write(a, memory, b, c),
        67 => host.at(a, d, |host| host.read(a, memory, b, c)),
        68 => host.at(a, d, |host| host.write(a, memory, b, c)),
        79 => path(a, b, c, memory, host, true).and_then(|p| stat(fs::metadata(p).map(Some), d, memory)),
        80 => host.metadata(a).and_then(|m| stat(Ok(m), b, memory)),
        93 => return Reply::Exit(a as i32),
        1039 => {
            path(AT_FDCWD, a, b, memory, host, false).and_then(|p| stat(fs::symlink_metadata(p).map(Some), c, memory))
        }
        2011 => arguments(a, b, memory, host),
        _ => Err(ENOSYS),
    };
    let value = result.unwrap_or_else(u64::wrapping_neg);
    let _ = memory.write(at, &value.to_le_bytes());
    Reply::Done
}

fn done(result: io::Result<()>) -> Result<u64, u64> {
    result.map(|()| 0).map_err(|e| number(&e))
}

/// The host's path of a name relative to a directory, which can only be the working directory.
fn path(dir: u64, at: u64, len: u64, memory: &Memory, host: &HostSide, follow: bool) -> Result<PathBuf, u64> {
    let name = HostSide::name(memory, at, len)?;
    if dir as i32 != AT_FDCWD as i32 && name.first() != Some(&b'/') {
        return Err(EBADF);
    }
    resolve(&host.files, &name, follow)
}

fn open(dir: u64, at: u64, len: u64, flags: u64, memory: &Memory, host: &mut HostSide) -> Result<u64, u64> {
    let name = HostSide::name(memory, at, len)?;
    if dir as i32 != AT_FDCWD as i32 && name.first() != Some(&b'/') {
        return Err(EBADF);
    }
    let (read, write) = (flags & 3 != 1, matches!(flags & 3, 1 | 2));
    let mut options = OpenOptions::new();
    options.read(read).write(write && flags & O_APPEND == 0).append(write && flags & O_APPEND != 0);
    options.truncate(write && flags & O_TRUNC != 0).create(write && flags & O_CREAT != 0);
    options.create_new(write && flags & (O_CREAT | O_EXCL) == O_CREAT | O_EXCL);
    host.open_file(&name, &options)
}

fn whence(offset: u64, whence: u64) -> Result<SeekFrom, u64> {
    match whence {
        0 if (offset as i64) < 0 => Err(EINVAL),
        0 => Ok(SeekFrom::Start(offset)),
        1 => Ok(SeekFrom::Current(offset as i64)),
        2 => Ok(SeekFrom::End(offset as i64)),
        _ => Err(EINVAL),
    }
}

/// Writes a `struct stat`; streams look like a character device.
fn stat(meta: io::Result<Option<Metadata>>, at: u64, memory: &mut Memory) -> Result<u64, u64> {
    let meta = meta.map_err(|e| number(&e))?;
    let size = meta.as_ref().map_or(0, Metadata::len);
    let kind = match &meta {
        None => S_IFCHR | 0o666,
        Some(m) if m.is_dir() => S_IFDIR | 0o755,
        Some(m) if m.permissions().readonly() => S_IFREG | 0o444,
        Some(_) => S_IFREG | 0o644,
    };
    let time = meta.and_then(|m| m.modified().ok()?.duration_since(UNIX_EPOCH).ok()).map_or(0, |t| t.as_secs());
    // mode and link count; owner; device; padding; size; block size; blocks; three times with their fractions
    let words = [0, 0, kind | 1 << 32, 0, 0, 0, size, 4096, size.div_ceil(512), time, 0, time, 0, time, 0, 0];
    let bytes: Vec<u8> = words.iter().flat_map(|w: &u64| w.to_le_bytes()).collect();
    memory.write(at, &bytes).map_err(|_| EFAULT)?;
    Ok(0)
}

/// The working directory has no other name than this.
fn working_directory(at: u64, size: u64, memory: &mut Memory) -> Result<u64, u64> {
    if size < 2 {
        return Err(ENOMEM);
    }
    memory.write(at, b"/\0").map_err(|_| EFAULT)?;
    Ok(2)
}

/// `getmainvars`: argc, argv and an empty environment at `at`, at most `limit` bytes.
fn arguments(at: u64, limit: u64, memory: &mut Memory, host: &HostSide) -> Result<u64, u64> {
    let mut text = Vec::new();
    let mut words = vec![host.args.len() as u64];
    let start = at.wrapping_add(8 * (host.args.len() as u64 + 3));
    for arg in &host.args {
        words.push(start.wrapping_add(text.len() as u64));
        text.extend(arg.as_bytes());
        text.push(0);
    }
    words.extend([0, 0]);
    let mut bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    bytes.extend(text);
    if bytes.len() as u64 > limit {
        return Err(ENOMEM);
    }
    memory.write(at, &bytes).map_err(|_| EFAULT)?;
    Ok(0)
}
