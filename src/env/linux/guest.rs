//! A system call's view of the guest: registers, and memory with the guest's own rights.

use super::errno::*;
use crate::hart::Hart;
use crate::memory::{Access, Memory, PAGE_SIZE};

/// The longest path, with its terminating zero.
pub(super) const PATH_MAX: u64 = 4096;

/// Hart and memory during one call.
pub(super) struct Guest<'a> {
    pub hart: &'a mut Hart,
    pub mem: &'a mut Memory,
}

/// The six arguments of a call.
pub(super) type Args = [u64; 6];

impl Guest<'_> {
    /// How many of the bytes `addr..addr + len` the guest may access that way.
    pub(super) fn prefix(&self, addr: u64, len: u64, access: Access) -> u64 {
        let len = len.min(u64::MAX - addr);
        match self.mem.check(addr, len, access) {
            Ok(()) => len,
            Err(fault) => fault.addr - addr,
        }
    }

    fn check(&self, addr: u64, len: u64, access: Access) -> Result<(), Errno> {
        self.mem.check(addr, len, access).map_err(|_| EFAULT)
    }

    /// Borrows guest bytes.
    pub(super) fn slice(&self, addr: u64, len: u64) -> Result<&[u8], Errno> {
        self.check(addr, len, Access::Read)?;
        self.mem.slice(addr, len).map_err(|_| EFAULT)
    }

    /// A small structure.
    pub(super) fn get<const N: usize>(&self, addr: u64) -> Result<[u8; N], Errno> {
        self.slice(addr, N as u64)?.try_into().map_err(|_| EFAULT)
    }

    pub(super) fn get_u32(&self, addr: u64) -> Result<u32, Errno> {
        Ok(u32::from_le_bytes(self.get(addr)?))
    }

    pub(super) fn get_u64(&self, addr: u64) -> Result<u64, Errno> {
        Ok(u64::from_le_bytes(self.get(addr)?))
    }

    /// Writes guest bytes, all or none.
    pub(super) fn put(&mut self, addr: u64, data: &[u8]) -> Result<(), Errno> {
        self.check(addr, data.len() as u64, Access::Write)?;
        self.mem.write(addr, data).map_err(|_| EFAULT)
    }

    pub(super) fn put_u32(&mut self, addr: u64, value: u32) -> Result<(), Errno> {
        self.put(addr, &value.to_le_bytes())
    }

    pub(super) fn put_u64(&mut self, addr: u64, value: u64) -> Result<(), Errno> {
        self.put(addr, &value.to_le_bytes())
    }

    /// Writes consecutive 64-bit words.
    pub(super) fn put_words(&mut self, addr: u64, words: &[u64]) -> Result<(), Errno> {
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(addr, &bytes)
    }

    /// A zero-terminated string of less than `max` bytes, without its zero; `None` if it is longer.
    pub(super) fn string(&self, addr: u64, max: u64) -> Result<Option<Vec<u8>>, Errno> {
        let mut out = Vec::new();
        while (out.len() as u64) < max {
            let at = addr.checked_add(out.len() as u64).ok_or(EFAULT)?;
            let part = (PAGE_SIZE - at % PAGE_SIZE).min(max - out.len() as u64);
            let bytes = self.slice(at, part)?;
            match bytes.iter().position(|&b| b == 0) {
                Some(end) => {
                    out.extend_from_slice(&bytes[..end]);
                    return Ok(Some(out));
                }
                None => out.extend_from_slice(bytes),
            }
        }
        Ok(None)
    }

    /// A path.
    pub(super) fn path(&self, addr: u64) -> Result<Vec<u8>, Errno> {
        self.string(addr, PATH_MAX)?.ok_or(ENAMETOOLONG)
    }

    /// Present time in nanoseconds since the machine's start.
    pub(super) fn now(&self) -> u64 {
        self.hart.clock.nanos(self.hart.instret())
    }
}
