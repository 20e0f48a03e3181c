//! The host's side of calls that a bare-metal program makes, by HTIF or semihosting: streams, open files, arguments.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Cursor, IsTerminal, Read, Seek, SeekFrom, Write};

use super::files::errno::*;
use super::files::{LONGEST_NAME, number, resolve};
use crate::env::host::{Files, Input, Output, Streams};
use crate::memory::Memory;

/// The most bytes that one call moves.
const CHUNK: u64 = 1 << 20;
/// Files that a program may have open.
const MOST_FILES: usize = 1024;

/// Something open.
#[derive(Debug)]
pub(super) enum Open {
    Input,
    Output,
    Error,
    File(File),
    /// A file with fixed contents.
    Bytes(Cursor<&'static [u8]>),
}

/// What calls of the program may reach.
#[derive(Debug)]
pub(super) struct HostSide {
    pub streams: Streams,
    pub files: Files,
    /// The program's name and arguments.
    pub args: Vec<String>,
    /// What is open, by number; 0 to 2 are the standard streams.
    open: Vec<Option<Open>>,
}

impl HostSide {
    pub(super) fn new(streams: Streams, files: Files, args: Vec<String>) -> HostSide {
        let open = vec![Some(Open::Input), Some(Open::Output), Some(Open::Error)];
        HostSide { streams, files, args, open }
    }

    /// An equal one, if the streams can be shared and no file is open, whose position could not be copied.
    pub(super) fn duplicate(&self) -> Option<HostSide> {
        let copy = |open: &Option<Open>| {
            Some(match open {
                None => None,
                Some(Open::Input) => Some(Open::Input),
                Some(Open::Output) => Some(Open::Output),
                Some(Open::Error) => Some(Open::Error),
                Some(Open::Bytes(b)) => Some(Open::Bytes(b.clone())),
                Some(Open::File(_)) => return None,
            })
        };
        Some(HostSide {
            streams: self.streams.duplicate()?,
            files: self.files.clone(),
            args: self.args.clone(),
            open: self.open.iter().map(copy).collect::<Option<_>>()?,
        })
    }

    /// The next byte of standard input, unless it has ended.
    pub(super) fn get_byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        matches!(self.streams.input.read(&mut byte), Ok(1)).then_some(byte[0])
    }

    /// Writes all of `bytes` to standard output.
    pub(super) fn write_output(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.streams.output.write(bytes)
    }

    /// Writes all of `bytes` to standard error.
    pub(super) fn write_error(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.streams.error {
            Output::Host => io::stderr().write_all(bytes).map(|()| bytes.len()),
            other => other.write(bytes),
        }
    }

    /// A name of `len` bytes in guest memory, up to its first zero.
    pub(super) fn name(memory: &Memory, at: u64, len: u64) -> Result<Vec<u8>, u64> {
        if len > LONGEST_NAME {
            return Err(ENAMETOOLONG);
        }
        let bytes = memory.slice(at, len).map_err(|_| EFAULT)?;
        Ok(bytes.split(|b| *b == 0).next().unwrap_or_default().to_vec())
    }

    /// Opens a file of the host.
    pub(super) fn open_file(&mut self, name: &[u8], options: &OpenOptions) -> Result<u64, u64> {
        let path = resolve(&self.files, name, true)?;
        let file = options.open(path).map_err(|e| number(&e))?;
        self.insert(Open::File(file))
    }

    /// Gives something open the lowest free number.
    pub(super) fn insert(&mut self, open: Open) -> Result<u64, u64> {
        let n = self.open.iter().position(Option::is_none).unwrap_or(self.open.len());
        if n >= MOST_FILES {
            return Err(EMFILE);
        }
        if n == self.open.len() {
            self.open.push(None);
        }
        self.open[n] = Some(open);
        Ok(n as u64)
    }

    fn get(&mut self, fd: u64) -> Result<&mut Open, u64> {
        usize::try_from(fd).ok().and_then(|n| self.open.get_mut(n)?.as_mut()).ok_or(EBADF)
    }

    pub(super) fn close(&mut self, fd: u64) -> Result<u64, u64> {
        self.get(fd)?;
        self.open[fd as usize] = None;
        Ok(0)
    }

    /// Reads up to `len` bytes to guest memory; the number read, 0 at the end.
    pub(super) fn read(&mut self, fd: u64, memory: &mut Memory, at: u64, len: u64) -> Result<u64, u64> {
        memory.slice(at, len).map_err(|_| EFAULT)?;
        let mut buffer = vec![0; len.min(CHUNK) as usize];
        let n = match self.get(fd)? {
            Open::Input => self.streams.input.read(&mut buffer),
            Open::Output | Open::Error => return Err(EBADF),
            Open::File(f) => f.read(&mut buffer),
            Open::Bytes(b) => b.read(&mut buffer),
        };
        let n = n.map_err(|e| number(&e))?;
        memory.write(at, &buffer[..n]).map_err(|_| EFAULT)?;
        Ok(n as u64)
    }

    /// Writes bytes of guest memory; the number written.
    pub(super) fn write(&mut self, fd: u64, memory: &Memory, at: u64, len: u64) -> Result<u64, u64> {
        let bytes = memory.slice(at, len).map_err(|_| EFAULT)?;
        let n = match self.get(fd)? {
            Open::Input | Open::Bytes(_) => return Err(EBADF),
            Open::Output => self.write_output(bytes),
            Open::Error => self.write_error(bytes),
            Open::File(f) => f.write(bytes),
        };
        n.map(|n| n as u64).map_err(|e| number(&e))
    }

    /// Moves the position; the new one.
    pub(super) fn seek(&mut self, fd: u64, to: SeekFrom) -> Result<u64, u64> {
        match self.get(fd)? {
            Open::File(f) => f.seek(to),
            Open::Bytes(b) => b.seek(to),
            _ => return Err(ESPIPE),
        }
        .map_err(|e| number(&e))
    }

    /// Does something at another position of a file.
    pub(super) fn at<T>(
        &mut self,
        fd: u64,
        position: u64,
        action: impl FnOnce(&mut HostSide) -> Result<T, u64>,
    ) -> Result<T, u64> {
        let before = self.seek(fd, SeekFrom::Current(0))?;
        self.seek(fd, SeekFrom::Start(position))?;
        let result = action(self);
        self.seek(fd, SeekFrom::Start(before))?;
        result
    }

    /// What is known about a file; `None` for streams.
    pub(super) fn metadata(&mut self, fd: u64) -> Result<Option<Metadata>, u64> {
        match self.get(fd)? {
            Open::File(f) => f.metadata().map(Some).map_err(|e| number(&e)),
            _ => Ok(None),
        }
    }

    /// The length of a file.
    pub(super) fn length(&mut self, fd: u64) -> Result<u64, u64> {
        match self.get(fd)? {
            Open::File(f) => f.metadata().map(|m| m.len()).map_err(|e| number(&e)),
            Open::Bytes(b) => Ok(b.get_ref().len() as u64),
            _ => Err(ESPIPE),
        }
    }

    pub(super) fn truncate(&mut self, fd: u64, len: u64) -> Result<u64, u64> {
        match self.get(fd)? {
            Open::File(f) => f.set_len(len).map(|()| 0).map_err(|e| number(&e)),
            _ => Err(EINVAL),
        }
    }

    /// Whether it is a terminal.
    pub(super) fn is_terminal(&mut self, fd: u64) -> Result<bool, u64> {
        let s = |output: &Output, host: bool| matches!(output, Output::Host) && host;
        Ok(match self.get(fd)? {
            Open::Input => matches!(self.streams.input, Input::Host) && io::stdin().is_terminal(),
            Open::Output => s(&self.streams.output, io::stdout().is_terminal()),
            Open::Error => s(&self.streams.error, io::stderr().is_terminal()),
            Open::File(_) | Open::Bytes(_) => false,
        })
    }
}
