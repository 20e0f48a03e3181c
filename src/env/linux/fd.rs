//! The guest's own table of file descriptors, and what they refer to.

use std::collections::VecDeque;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::super::host::{Input, Output, Streams};
use super::dir::Listing;
use super::errno::*;

/// Access mode and status flags (asm-generic/fcntl.h).
pub(super) const O_WRONLY: u32 = 1;
pub(super) const O_RDWR: u32 = 2;
pub(super) const O_ACCMODE: u32 = 3;
pub(super) const O_CREAT: u32 = 0o100;
pub(super) const O_EXCL: u32 = 0o200;
pub(super) const O_TRUNC: u32 = 0o1000;
pub(super) const O_APPEND: u32 = 0o2000;
pub(super) const O_NONBLOCK: u32 = 0o4000;
pub(super) const O_DIRECTORY: u32 = 0o200000;
pub(super) const O_NOFOLLOW: u32 = 0o400000;
pub(super) const O_CLOEXEC: u32 = 0o2000000;
pub(super) const O_PATH: u32 = 0o10000000;
pub(super) const O_TMPFILE: u32 = 0o20000000 | O_DIRECTORY;
/// O_LARGEFILE, which F_GETFL shows on 64-bit files opened without it being asked for.
pub(super) const O_LARGEFILE: u32 = 0o100000;

/// Bytes that a pipe holds.
pub(super) const PIPE_SIZE: usize = 65536;
/// File descriptors that a process may have at most (RLIMIT_NOFILE's hard limit).
pub(super) const MOST_FDS: u64 = 4096;

/// What an open file description is.
pub(super) enum Kind {
    /// A file, directory, device or terminal of the host.
    Host(File),
    /// A standard stream of the embedder.
    Input(Input),
    /// A standard stream of the embedder.
    Output(Output),
    /// A file with fixed contents made by the environment (`/proc/self/maps`), and the position in it.
    Bytes(Arc<[u8]>, u64),
    /// `/dev/null`.
    Null,
    /// `/dev/zero`.
    Zero,
    /// `/dev/full`.
    Full,
    /// `/dev/random`, `/dev/urandom`.
    Random,
    PipeRead(PipeEnd),
    PipeWrite(PipeEnd),
    /// eventfd: the count, and whether reads take one at a time.
    Event {
        count: u64,
        single: bool,
    },
}

/// An open file description.
pub(super) struct Open {
    pub kind: Kind,
    /// Access mode and status flags.
    pub flags: u32,
    /// Where the guest found it.
    pub path: Option<Vec<u8>>,
    /// A directory being read.
    pub listing: Option<Listing>,
    /// Whether reading may have to wait for the host.
    pub waits: bool,
}

impl Open {
    pub(super) fn new(kind: Kind, flags: u32) -> Open {
        let waits = matches!(&kind, Kind::Host(f) if !f.metadata().is_ok_and(|m| m.is_file()));
        Open { kind, flags, path: None, listing: None, waits }
    }

    pub(super) fn at(kind: Kind, flags: u32, path: Vec<u8>) -> Open {
        Open { path: Some(path), ..Open::new(kind, flags) }
    }

    pub(super) fn readable(&self) -> bool {
        self.flags & (O_ACCMODE | O_PATH) != O_WRONLY && self.flags & O_PATH == 0
    }

    pub(super) fn writable(&self) -> bool {
        self.flags & O_ACCMODE != 0 && self.flags & O_PATH == 0
    }

    /// Whether reads give all that is asked for up to the end of a file.
    pub(super) fn is_plain(&self) -> bool {
        match &self.kind {
            Kind::Host(f) => f.metadata().is_ok_and(|m| m.is_file()),
            Kind::Bytes(..) | Kind::Zero | Kind::Full | Kind::Random => true,
            _ => false,
        }
    }

    /// Whether reads and writes at given positions are possible.
    pub(super) fn has_positions(&self) -> bool {
        use Kind::*;
        matches!(self.kind, Host(_) | Bytes(..) | Null | Zero | Full | Random)
    }

    /// The host's file, where there is one that data can go through.
    pub(super) fn host(&self) -> Option<&File> {
        match &self.kind {
            Kind::Host(f) if self.flags & O_PATH == 0 => Some(f),
            _ => None,
        }
    }
}

/// A description as several descriptors share it.
pub(super) type Shared = Arc<Mutex<Open>>;

pub(super) fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One end of a pipe. Whether the other one is still open shows in its token.
pub(super) struct PipeEnd {
    pub data: Arc<Mutex<VecDeque<u8>>>,
    _here: Arc<()>,
    there: Weak<()>,
}

impl PipeEnd {
    /// Both ends of a new pipe.
    pub(super) fn pair() -> (PipeEnd, PipeEnd) {
        let data = Arc::new(Mutex::new(VecDeque::new()));
        let (a, b) = (Arc::new(()), Arc::new(()));
        let (to_a, to_b) = (Arc::downgrade(&a), Arc::downgrade(&b));
        (PipeEnd { data: data.clone(), _here: a, there: to_b }, PipeEnd { data, _here: b, there: to_a })
    }

    pub(super) fn other_open(&self) -> bool {
        self.there.strong_count() > 0
    }
}

#[derive(Clone)]
struct Entry {
    open: Shared,
    cloexec: bool,
}

/// The descriptors.
pub(super) struct FdTable {
    entries: Vec<Option<Entry>>,
}

impl FdTable {
    /// A table with the three standard streams.
    pub(super) fn new(streams: Streams) -> FdTable {
        use std::os::fd::AsFd;
        let clone = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned().ok().map(File::from);
        let input = match streams.input {
            Input::Host => clone(std::io::stdin().as_fd()).map_or(Kind::Input(Input::Nothing), Kind::Host),
            other => Kind::Input(other),
        };
        let output = match streams.output {
            Output::Host => clone(std::io::stdout().as_fd()).map_or(Kind::Output(Output::Nothing), Kind::Host),
            other => Kind::Output(other),
        };
        let error = match streams.error {
            Output::Host => clone(std::io::stderr().as_fd()).map_or(Kind::Output(Output::Nothing), Kind::Host),
            other => Kind::Output(other),
        };
        let entry = |kind, flags| {
            // A terminal is open both ways on all three.
            let flags =
                if matches!(&kind, Kind::Host(f) if std::io::IsTerminal::is_terminal(f)) { O_RDWR } else { flags };
            Some(Entry { open: Arc::new(Mutex::new(Open::new(kind, flags))), cloexec: false })
        };
        FdTable { entries: vec![entry(input, 0), entry(output, O_WRONLY), entry(error, O_WRONLY)] }
    }

    /// What a descriptor refers to.
    pub(super) fn get(&self, fd: u64) -> Result<Shared, Errno> {
        let entry = self.entries.get(fd as u32 as usize).and_then(Option::as_ref);
        entry.map(|e| e.open.clone()).ok_or(EBADF)
    }

    /// Puts a description at the lowest free descriptor from `least` on, below `limit`.
    pub(super) fn add(&mut self, open: Shared, cloexec: bool, least: u64, limit: u64) -> Result<u64, Errno> {
        let least = least.min(MOST_FDS) as usize;
        let free = |n: &usize| self.entries.get(*n).is_none_or(Option::is_none);
        let fd = (least..limit.min(MOST_FDS) as usize).find(free).ok_or(EMFILE)?;
        self.set(fd, open, cloexec);
        Ok(fd as u64)
    }

    /// Puts a description at this descriptor, which the caller has checked against the limit.
    pub(super) fn set(&mut self, fd: usize, open: Shared, cloexec: bool) {
        if self.entries.len() <= fd {
            self.entries.resize(fd + 1, None);
        }
        self.entries[fd] = Some(Entry { open, cloexec });
    }

    pub(super) fn close(&mut self, fd: u64) -> Result<(), Errno> {
        let entry = self.entries.get_mut(fd as u32 as usize).ok_or(EBADF)?;
        entry.take().map(drop).ok_or(EBADF)
    }

    pub(super) fn cloexec(&mut self, fd: u64) -> Result<&mut bool, Errno> {
        let entry = self.entries.get_mut(fd as u32 as usize).and_then(Option::as_mut);
        entry.map(|e| &mut e.cloexec).ok_or(EBADF)
    }

    /// The open descriptors in order.
    pub(super) fn open_fds(&self) -> impl Iterator<Item = (u64, &Shared)> {
        self.entries.iter().enumerate().filter_map(|(n, e)| Some((n as u64, &e.as_ref()?.open)))
    }

    /// A copy with its own positions, if nothing of the host but shareable streams is open.
    pub(super) fn duplicate(&self) -> Option<FdTable> {
        let mut seen: Vec<(Shared, Shared)> = Vec::new();
        let mut entries = Vec::new();
        for e in &self.entries {
            let Some(e) = e else {
                entries.push(None);
                continue;
            };
            let open = match seen.iter().find(|(old, _)| Arc::ptr_eq(old, &e.open)) {
                Some((_, new)) => new.clone(),
                None => {
                    let new = Arc::new(Mutex::new(lock(&e.open).duplicate()?));
                    seen.push((e.open.clone(), new.clone()));
                    new
                }
            };
            entries.push(Some(Entry { open, cloexec: e.cloexec }));
        }
        Some(FdTable { entries })
    }
}

impl Open {
    fn duplicate(&self) -> Option<Open> {
        let kind = match &self.kind {
            // Only the standard streams have no path.
            Kind::Host(f) if self.path.is_none() => Kind::Host(f.try_clone().ok()?),
            Kind::Input(i) => Kind::Input(i.duplicate()?),
            Kind::Output(o) => Kind::Output(o.duplicate()?),
            Kind::Bytes(data, at) => Kind::Bytes(data.clone(), *at),
            Kind::Null => Kind::Null,
            Kind::Zero => Kind::Zero,
            Kind::Full => Kind::Full,
            Kind::Random => Kind::Random,
            Kind::Event { count, single } => Kind::Event { count: *count, single: *single },
            Kind::Host(_) | Kind::PipeRead(_) | Kind::PipeWrite(_) => return None,
        };
        Some(Open { path: self.path.clone(), ..Open::new(kind, self.flags) })
    }
}
