//! Files that the environment makes itself, whatever of the host's the guest can reach: a few devices, and what a process
//! reads about itself. The host's own `/proc/self` is that of the emulator and is never shown.

use std::io::IsTerminal;
use std::sync::Arc;

use super::errno::*;
use super::fd::*;
use super::guest::Guest;
use super::path::join;
use super::process::PID;
use super::stat::{S_IFCHR, S_IFLNK, S_IFREG, Stat, device};
use super::{Linux, hwprobe};
use crate::memory::Prot;

/// One such file.
pub(super) enum Special {
    Device(fn() -> Kind),
    Text(Vec<u8>),
    /// A link to another path.
    Link(Vec<u8>),
    /// A link to what a descriptor refers to.
    Fd(u64),
    /// The process's terminal.
    Terminal,
    Missing,
}

/// What opening one gives.
pub(super) enum Opened {
    New(Open),
    /// Another descriptor for the same description.
    Same(Shared),
    /// The file of that path.
    Path(Vec<u8>),
}

impl Special {
    pub(super) fn open(self, linux: &mut Linux, flags: u32, status: u32) -> Result<Opened, Errno> {
        if flags & O_DIRECTORY != 0 {
            return Err(ENOTDIR);
        }
        if flags & (O_CREAT | O_EXCL) == O_CREAT | O_EXCL {
            return Err(EEXIST);
        }
        if flags & O_NOFOLLOW != 0 && matches!(self, Special::Link(_) | Special::Fd(_)) {
            return Err(ELOOP);
        }
        match self {
            Special::Device(kind) => Ok(Opened::New(Open::new(kind(), status))),
            Special::Text(_) if flags & O_ACCMODE != 0 => Err(EACCES),
            Special::Text(text) => Ok(Opened::New(Open::new(Kind::Bytes(Arc::from(text), 0), status))),
            Special::Link(path) => Ok(Opened::Path(path)),
            Special::Fd(fd) => linux.fds.get(fd).map(Opened::Same).map_err(|_| ENOENT),
            Special::Terminal => linux.terminal().map(Opened::Same).ok_or(ENXIO),
            Special::Missing => Err(ENOENT),
        }
    }

    /// What lstat tells.
    pub(super) fn stat(self, linux: &mut Linux) -> Result<Stat, Errno> {
        Ok(match self {
            Special::Device(kind) => Open::new(kind(), 0).stat()?,
            Special::Text(_) => Stat::made(S_IFREG | 0o444, 0, 0),
            Special::Link(path) => Stat::made(S_IFLNK | 0o777, 0, path.len() as u64),
            Special::Fd(fd) => linux.fds.get(fd).map(|_| Stat::made(S_IFLNK | 0o700, 0, 64)).map_err(|_| ENOENT)?,
            Special::Terminal => Stat::made(S_IFCHR | 0o666, device(5, 0), 0),
            Special::Missing => return Err(ENOENT),
        })
    }

    /// What stat tells.
    pub(super) fn target(self, linux: &mut Linux, g: &mut Guest) -> Result<Stat, Errno> {
        match self {
            Special::Link(path) => linux.stat_path(g, &path),
            Special::Fd(fd) => {
                let shared = linux.fds.get(fd).map_err(|_| ENOENT)?;
                let open = lock(&shared);
                open.stat()
            }
            other => other.stat(linux),
        }
    }

    /// What readlink tells.
    pub(super) fn link(self, linux: &mut Linux) -> Result<Vec<u8>, Errno> {
        match self {
            Special::Link(path) => Ok(path),
            Special::Fd(fd) => {
                let shared = linux.fds.get(fd).map_err(|_| ENOENT)?;
                let open = lock(&shared);
                Ok(match (&open.kind, &open.path) {
                    (_, Some(path)) => path.clone(),
                    (Kind::Host(file), None) => super::path::host_name(file).unwrap_or_else(|| b"pipe:[1]".to_vec()),
                    (Kind::Null, _) => b"/dev/null".to_vec(),
                    (Kind::Zero, _) => b"/dev/zero".to_vec(),
                    (Kind::Full, _) => b"/dev/full".to_vec(),
                    (Kind::Random, _) => b"/dev/urandom".to_vec(),
                    _ => format!("pipe:[{}]", fd + 1).into_bytes(),
                })
            }
            Special::Missing => Err(ENOENT),
            _ => Err(EINVAL),
        }
    }
}

fn number(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok().filter(|t| t.len() < 10 && t.bytes().all(|b| b.is_ascii_digit()))?;
    text.parse().ok()
}

impl Linux {
    /// The file of ours that a path names, if it does.
    pub(super) fn special(&self, g: &Guest, fd: u64, path: &[u8]) -> Result<Option<Special>, Errno> {
        // Most paths are ruled out at a glance.
        let near = |p: &[u8]| p.starts_with(b"/dev") || p.starts_with(b"/proc");
        let absolute = path.first() == Some(&b'/');
        if path.is_empty() || absolute && !near(path) && !path.windows(2).any(|w| w == b"..") {
            return Ok(None);
        }
        let full = match self.base(fd, path) {
            Ok(base) => join(&base.path, path),
            Err(_) => return Ok(None),
        };
        Ok(match full.strip_prefix(b"/dev/") {
            Some(name) => device_file(name),
            None => full.strip_prefix(b"/proc/").and_then(|name| self.proc_file(g, name)),
        })
    }

    fn proc_file(&self, g: &Guest, name: &[u8]) -> Option<Special> {
        let (first, rest) = match name.iter().position(|&b| b == b'/') {
            Some(n) => (&name[..n], &name[n + 1..]),
            None => (name, &b""[..]),
        };
        let own = first == b"self" || first == b"thread-self" || number(first) == Some(PID);
        Some(match (own, rest) {
            (true, b"") if first == b"self" => Special::Link(PID.to_string().into_bytes()),
            (true, b"exe") => Special::Link(self.process.path.clone()),
            (true, b"cwd") => Special::Link(self.fs.current_dir()),
            (true, b"root") => Special::Link(b"/".to_vec()),
            (true, b"maps") => Special::Text(self.maps(g)),
            (true, b"cmdline") => Special::Text(self.process.command_line.clone()),
            (true, b"comm") => Special::Text([&self.process.name[..], b"\n"].concat()),
            (true, b"stat") => Special::Text(self.stat_line(g)),
            (true, b"statm") => {
                let pages: u64 = g.mem.regions().map(|r| (r.end - r.start) >> 12).sum();
                Special::Text(format!("{pages} {pages} 0 0 0 {pages} 0\n").into_bytes())
            }
            (true, b"status") => Special::Text(self.status(g)),
            (true, b"auxv") => Special::Text(self.layout.auxv.clone()),
            (true, b"environ") => Special::Text(self.process.environment.clone()),
            (true, rest) => match rest.strip_prefix(b"fd/").and_then(number) {
                Some(fd) => Special::Fd(fd),
                None => Special::Missing,
            },
            (false, b"") if name == b"cpuinfo" => Special::Text(hwprobe::cpuinfo(&self.isa, g.hart)),
            (false, b"") if name == b"meminfo" => {
                let kib = super::process::TOTAL_MEMORY >> 10;
                let text = format!("MemTotal: {kib} kB\nMemFree: {kib} kB\nMemAvailable: {kib} kB\n");
                Special::Text(text.into_bytes())
            }
            (false, b"") if name == b"version" => {
                Special::Text(format!("Linux version {}\n", super::process::RELEASE).into_bytes())
            }
            (false, b"") if name == b"uptime" => {
                let now = g.now() / 10_000_000;
                Special::Text(format!("{}.{:02} 0.00\n", now / 100, now % 100).into_bytes())
            }
            (false, b"kernel/overcommit_memory") if first == b"sys" => Special::Text(b"0\n".to_vec()),
            // Processes of the host are none of the guest's business.
            (false, _) if number(first).is_some() => Special::Missing,
            _ => return None,
        })
    }

    fn maps(&self, g: &Guest) -> Vec<u8> {
        let mut out = String::new();
        for r in g.mem.regions() {
            let (prot, shared, offset, inode) = self.mm.describe(&r);
            let letter = |p, l| if prot.contains(p) { l } else { '-' };
            let rights = [letter(Prot::READ, 'r'), letter(Prot::WRITE, 'w'), letter(Prot::EXEC, 'x')];
            let rights: String = rights.iter().collect();
            let shared = if shared { 's' } else { 'p' };
            let line = format!("{:08x}-{:08x} {rights}{shared} {offset:08x} 00:00 {inode} ", r.start, r.end);
            out += &format!("{line:<73}{}", r.name);
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
        out.into_bytes()
    }

    fn stat_line(&self, g: &Guest) -> Vec<u8> {
        let name = String::from_utf8_lossy(&self.process.name).into_owned();
        let busy = super::time::cpu(g.hart) / 10_000_000;
        let size: u64 = g.mem.regions().map(|r| r.end - r.start).sum();
        let mut fields = vec![PID.to_string(), format!("({name})"), "R".into(), "1".into()];
        fields.extend(
            [PID, PID, 0, PID, 0, 0, 0, 0, 0, busy, 0, 0, 0, 20, 0, 1, 0, 0, size, size >> 12].map(|v| v.to_string()),
        );
        fields.push(u64::MAX.to_string());
        fields.extend([0, 0, self.layout.stack.end].map(|v| v.to_string()));
        fields.resize(52, "0".into());
        (fields.join(" ") + "\n").into_bytes()
    }

    fn status(&self, g: &Guest) -> Vec<u8> {
        let name = String::from_utf8_lossy(&self.process.name).into_owned();
        let kib: u64 = g.mem.regions().map(|r| (r.end - r.start) >> 10).sum();
        let (uid, gid) = (self.process.uid, self.process.gid);
        format!(
            "Name:\t{name}\nUmask:\t{:04o}\nState:\tR (running)\nTgid:\t{PID}\nPid:\t{PID}\nPPid:\t1\nTracerPid:\t0\n\
             Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{gid}\t{gid}\t{gid}\t{gid}\nVmSize:\t{kib} kB\nVmRSS:\t{kib} kB\n\
             Threads:\t1\n",
            self.fs.umask
        )
        .into_bytes()
    }

    /// A standard stream that is a terminal.
    fn terminal(&self) -> Option<Shared> {
        let mut streams = (0..3).filter_map(|fd| self.fds.get(fd).ok());
        streams.find(|s| matches!(&lock(s).kind, Kind::Host(f) if f.is_terminal()))
    }
}

fn device_file(name: &[u8]) -> Option<Special> {
    Some(match name {
        b"null" => Special::Device(|| Kind::Null),
        b"zero" => Special::Device(|| Kind::Zero),
        b"full" => Special::Device(|| Kind::Full),
        b"random" | b"urandom" => Special::Device(|| Kind::Random),
        b"stdin" => Special::Fd(0),
        b"stdout" => Special::Fd(1),
        b"stderr" => Special::Fd(2),
        b"tty" => Special::Terminal,
        _ => Special::Fd(name.strip_prefix(b"fd/").and_then(number)?),
    })
}
