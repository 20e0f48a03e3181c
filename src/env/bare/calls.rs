//! Calls that a program asks the host to carry out through HTIF: numbers, arguments and errors as on RISC-V Linux, except
//! that names come with their length.

use super::host_side::HostSide;
use crate::memory::Memory;

/// Errors, by their number on Linux.
const EBADF: u64 = 9;
const EFAULT: u64 = 14;
const EIO: u64 = 5;
const ENOMEM: u64 = 12;
const ENOSYS: u64 = 38;

/// The most that one call moves.
const CHUNK: u64 = 1 << 20;

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
    let [number, a, b, c, ..] = words;
    let result = match number {
        63 => read(a, b, c, memory, host),
        64 => write(a, b, c, memory, host),
        93 => return Reply::Exit(a as i32),
        2011 => arguments(a, b, memory, host),
        _ => Err(ENOSYS),
    };
    let value = result.unwrap_or_else(u64::wrapping_neg);
    let _ = memory.write(at, &value.to_le_bytes());
    Reply::Done
}

fn read(fd: u64, at: u64, len: u64, memory: &mut Memory, host: &mut HostSide) -> Result<u64, u64> {
    if fd != 0 {
        return Err(EBADF);
    }
    memory.slice(at, len).map_err(|_| EFAULT)?;
    let mut buffer = vec![0; len.min(CHUNK) as usize];
    let n = host.read(&mut buffer).map_err(|_| EIO)?;
    memory.write(at, &buffer[..n]).map_err(|_| EFAULT)?;
    Ok(n as u64)
}

fn write(fd: u64, at: u64, len: u64, memory: &mut Memory, host: &mut HostSide) -> Result<u64, u64> {
    if fd != 1 && fd != 2 {
        return Err(EBADF);
    }
    let bytes = memory.slice(at, len).map_err(|_| EFAULT)?;
    let done = if fd == 1 { host.write(bytes) } else { host.write_error(bytes) };
    done.map(|n| n as u64).map_err(|_| EIO)
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
