//! The host's side of calls that a bare-metal program makes: streams and arguments.

use std::io::{self, Write};

use crate::env::host::{Output, Streams};

/// What calls of the program may reach.
#[derive(Debug)]
pub(super) struct HostSide {
    pub streams: Streams,
    /// The program's name and arguments.
    pub args: Vec<String>,
}

impl HostSide {
    /// An equal one, if the streams can be shared.
    pub(super) fn duplicate(&self) -> Option<HostSide> {
        Some(HostSide { streams: self.streams.duplicate()?, args: self.args.clone() })
    }

    /// Reads standard input.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.streams.input.read(buffer)
    }

    /// The next byte of standard input, unless it has ended.
    pub(super) fn get_byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        matches!(self.read(&mut byte), Ok(1)).then_some(byte[0])
    }

    /// Writes all of `bytes` to standard output.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.streams.output.write(bytes)
    }

    /// Writes all of `bytes` to standard error.
    pub(super) fn write_error(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.streams.error {
            Output::Host => io::stderr().write_all(bytes).map(|()| bytes.len()),
            other => other.write(bytes),
        }
    }
}
