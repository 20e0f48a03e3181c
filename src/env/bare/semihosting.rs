//! Semihosting: calls to the host by `ebreak` between two marks, as picolibc and debuggers know them.
//!
//! A call is `slli x0, x0, 0x1f; ebreak; srai x0, x0, 7`, all three uncompressed and on one page (RISC-V Semihosting 0.4).
//! `a0` holds the operation and becomes the result, `a1` the argument: mostly the address of a block of 64-bit words.
//! Operations as in Arm's semihosting specification 3.0.

use std::fs::{self, OpenOptions};
use std::io::{Cursor, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use super::files::errno::*;
use super::files::{number, resolve};
use super::host_side::{HostSide, Open};
use crate::hart::Hart;
use crate::memory::{Memory, PAGE_SIZE};

const ENTRY: u32 = 0x01f0_1013;
const EBREAK: u32 = 0x0010_0073;
const EXIT: u32 = 0x4070_5013;
/// The reason for ending that means "by itself".
const APPLICATION_EXIT: u64 = 0x20026;
/// The file that says which extensions there are: extended exit, and separate output and error.
const FEATURES: &[u8] = b"SHFB\x03";
const FAILED: u64 = u64::MAX;

/// State that lasts from call to call.
#[derive(Clone, Debug)]
pub(super) struct Semihosting {
    errno: u64,
    /// RAM behind the program: heap from its start on, stack from its end down.
    free: Range<u64>,
}

/// Whether the `ebreak` at `pc` is a call.
pub(super) fn is_call(memory: &Memory, pc: u64) -> bool {
    let (Some(start), Some(last)) = (pc.checked_sub(4), pc.checked_add(7)) else { return false };
    let mut words = [0; 12];
    if start / PAGE_SIZE != last / PAGE_SIZE || memory.read(start, &mut words).is_err() {
        return false;
    }
    let word = |n: usize| u32::from_le_bytes([words[n], words[n + 1], words[n + 2], words[n + 3]]);
    (word(0), word(4), word(8)) == (ENTRY, EBREAK, EXIT)
}

impl Semihosting {
    pub(super) fn new(free: Range<u64>) -> Semihosting {
        Semihosting { errno: 0, free }
    }

    /// Carries out the call in `a0` and `a1`; the program's status, if it ends.
    pub(super) fn call(&mut self, hart: &mut Hart, memory: &mut Memory, host: &mut HostSide) -> Option<i32> {
        let (operation, argument) = (hart.x(10), hart.x(11));
        let outcome = match operation {
            0x18 | 0x20 => return Some(exit_status(memory, argument)),
            0x13 => Ok(self.errno),
            _ => self.perform(operation, argument, hart, memory, host),
        };
        let result = outcome.unwrap_or_else(|errno| {
            self.errno = errno;
            FAILED
        });
        hart.set_x(10, result);
        None
    }

    fn perform(
        &mut self,
        operation: u64,
        argument: u64,
        hart: &Hart,
        memory: &mut Memory,
        host: &mut HostSide,
    ) -> Result<u64, u64> {
        let word = |memory: &Memory, n: u64| read_word(memory, argument.wrapping_add(8 * n));
        let now = hart.instret();
        match operation {
            0x01 => {
                let name = HostSide::name(memory, word(memory, 0)?, word(memory, 2)?)?;
                open(&name, word(memory, 1)?, host)
            }
            0x02 => host.close(word(memory, 0)?),
            0x03 => {
                let byte = memory.slice(argument, 1).map_err(|_| EFAULT)?;
                done(host.write_output(byte))
            }
            0x04 => {
                let text = zero_terminated(memory, argument)?;
                done(host.write_output(&text))
            }
            // Both give the number of bytes that were *not* moved.
            0x05 | 0x06 => {
                let (fd, at, len) = (word(memory, 0)?, word(memory, 1)?, word(memory, 2)?);
                let moved = match operation {
                    0x05 => host.write(fd, memory, at, len),
                    _ => host.read(fd, memory, at, len),
                };
                self.errno = moved.err().unwrap_or(self.errno);
                Ok(len.wrapping_sub(moved.unwrap_or(0)))
            }
            0x07 => host.get_byte().map(u64::from).ok_or(EIO),
            0x08 => Ok(word(memory, 0)? >> 63),
            0x09 => host.is_terminal(word(memory, 0)?).map(u64::from),
            0x0a => host.seek(word(memory, 0)?, SeekFrom::Start(word(memory, 1)?)).map(|_| 0),
            0x0c => host.length(word(memory, 0)?),
            0x0d => {
                let name = format!("/tmp/semihosting-{:02x}\0", word(memory, 1)? & 0xff);
                put_text(memory, word(memory, 0)?, word(memory, 2)?, name.as_bytes())
            }
            0x0e => {
                let path = path(memory, word(memory, 0)?, word(memory, 1)?, host)?;
                done(fs::remove_file(path))
            }
            0x0f => {
                let from = path(memory, word(memory, 0)?, word(memory, 1)?, host)?;
                let to = path(memory, word(memory, 2)?, word(memory, 3)?, host)?;
                done(fs::rename(from, to))
            }
            // Hundredths of a second since the start; the date in seconds.
            0x10 => Ok(hart.clock.nanos(now) / 10_000_000),
            0x11 => Ok(hart.clock.date(now).as_secs()),
            0x15 => {
                let line = host.args.join(" ");
                let text = [line.as_bytes(), b"\0"].concat();
                put_text(memory, word(memory, 0)?, word(memory, 1)?, &text)?;
                write_word(memory, argument.wrapping_add(8), line.len() as u64)
            }
            0x16 => {
                let block = word(memory, 0)?;
                let Range { start, end } = self.free.clone();
                for (n, v) in [start, end, end, start].into_iter().enumerate() {
                    write_word(memory, block.wrapping_add(8 * n as u64), v)?;
                }
                Ok(0)
            }
            0x30 => write_word(memory, argument, hart.clock.nanos(now)),
            0x31 => Ok(1_000_000_000),
            // SYS_SYSTEM among them: programs run no commands on the host.
            _ => Err(ENOSYS),
        }
    }
}

fn done<T>(result: std::io::Result<T>) -> Result<u64, u64> {
    result.map(|_| 0).map_err(|e| number(&e))
}

fn read_word(memory: &Memory, at: u64) -> Result<u64, u64> {
    let mut bytes = [0; 8];
    memory.read(at, &mut bytes).map_err(|_| EFAULT)?;
    Ok(u64::from_le_bytes(bytes))
}

fn write_word(memory: &mut Memory, at: u64, value: u64) -> Result<u64, u64> {
    memory.write(at, &value.to_le_bytes()).map(|()| 0).map_err(|_| EFAULT)
}

/// Text with its final zero, if `room` bytes are enough for it.
fn put_text(memory: &mut Memory, at: u64, room: u64, text: &[u8]) -> Result<u64, u64> {
    if text.len() as u64 > room {
        return Err(EINVAL);
    }
    memory.write(at, text).map(|()| 0).map_err(|_| EFAULT)
}

fn zero_terminated(memory: &Memory, mut at: u64) -> Result<Vec<u8>, u64> {
    let mut text = Vec::new();
    loop {
        // Page by page, since what follows the text may not be mapped.
        let left = PAGE_SIZE - at % PAGE_SIZE;
        let part = memory.slice(at, left).map_err(|_| EFAULT)?;
        let end = part.iter().position(|b| *b == 0);
        text.extend_from_slice(&part[..end.unwrap_or(part.len())]);
        if end.is_some() {
            return Ok(text);
        }
        at = at.checked_add(left).ok_or(EFAULT)?;
    }
}

fn path(memory: &Memory, at: u64, len: u64, host: &HostSide) -> Result<PathBuf, u64> {
    resolve(&host.files, &HostSide::name(memory, at, len)?, false)
}

/// SYS_OPEN: `mode` counts up the modes of `fopen`: r, rb, r+, r+b, then w and a likewise.
fn open(name: &[u8], mode: u64, host: &mut HostSide) -> Result<u64, u64> {
    let (kind, both) = (mode / 4, mode & 2 != 0);
    if kind > 2 {
        return Err(EINVAL);
    }
    match name {
        b":tt" => host.insert([Open::Input, Open::Output, Open::Error].into_iter().nth(kind as usize).ok_or(EINVAL)?),
        b":semihosting-features" if mode < 2 => host.insert(Open::Bytes(Cursor::new(FEATURES))),
        b":semihosting-features" => Err(EACCES),
        _ => {
            let mut options = OpenOptions::new();
            options.read(kind == 0 || both).write(kind == 1 || kind == 0 && both).append(kind == 2);
            options.create(kind != 0).truncate(kind == 1);
            host.open_file(name, &options)
        }
    }
}

/// SYS_EXIT and SYS_EXIT_EXTENDED: reason and status.
fn exit_status(memory: &Memory, block: u64) -> i32 {
    match (read_word(memory, block), read_word(memory, block.wrapping_add(8))) {
        (Ok(APPLICATION_EXIT), Ok(status)) => status as i32,
        _ => 1,
    }
}
