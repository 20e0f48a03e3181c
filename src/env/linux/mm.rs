//! The address space: break, mappings, protection.

use super::errno::*;
use super::guest::{Args, Guest};
use super::load::{LOWEST, Layout, page_up};
use super::{Linux, Ret};
use crate::memory::{PAGE_SIZE, Prot};

const MAP_SHARED: u64 = 1;
const MAP_PRIVATE: u64 = 2;
const MAP_SHARED_VALIDATE: u64 = 3;
const MAP_FIXED: u64 = 0x10;
const MAP_ANONYMOUS: u64 = 0x20;
const MAP_FIXED_NOREPLACE: u64 = 0x10_0000;

/// The process's address space, apart from what `Memory` knows.
#[derive(Clone)]
pub(super) struct Mm {
    start_brk: u64,
    brk: u64,
    top: u64,
}

impl Mm {
    pub(super) fn new(layout: &Layout) -> Mm {
        Mm { start_brk: layout.brk, brk: layout.brk, top: layout.top }
    }
}

fn rights(prot: u64) -> Prot {
    let mut p = Prot::from_bits_truncate(prot as u8);
    // As riscv Linux: writable pages are readable.
    if p.contains(Prot::WRITE) {
        p |= Prot::READ;
    }
    p
}

impl Linux {
    pub(super) fn sys_brk(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (Some(old), Some(new)) = (page_up(self.mm.brk), page_up(a[0])) else { return Ok(self.mm.brk) };
        if a[0] < self.mm.start_brk || new > self.mm.top {
            return Ok(self.mm.brk);
        }
        if new > old {
            let clash = g.mem.regions().any(|r| r.start < new + PAGE_SIZE && old < r.end);
            if clash || g.mem.map(old..new, Prot::READ | Prot::WRITE, "[heap]").is_err() {
                return Ok(self.mm.brk);
            }
        } else if new < old {
            let _ = g.mem.unmap(new..old);
        }
        self.mm.brk = a[0];
        Ok(a[0])
    }

    pub(super) fn sys_mmap(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [addr, len, prot, flags, _, _] = a;
        if len == 0 || !matches!(flags & 3, MAP_SHARED | MAP_PRIVATE | MAP_SHARED_VALIDATE) {
            return Err(EINVAL.into());
        }
        if flags & MAP_ANONYMOUS == 0 {
            return Err(ENODEV.into());
        }
        let len = page_up(len).ok_or(ENOMEM)?;
        let at = self.place(g, addr, len, flags)?;
        g.mem.map(at..at + len, rights(prot), "").map_err(|_| ENOMEM)?;
        Ok(at)
    }

    /// Where a mapping goes.
    fn place(&self, g: &Guest, addr: u64, len: u64, flags: u64) -> Result<u64, Errno> {
        let free = |at: u64| g.mem.find_free(len, at..at + len) == Some(at);
        if flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) != 0 {
            if addr % PAGE_SIZE != 0 {
                return Err(EINVAL);
            }
            let end = addr.checked_add(len).filter(|&e| e <= g.mem.limit()).ok_or(ENOMEM)?;
            if addr < LOWEST {
                return Err(EPERM);
            }
            if flags & MAP_FIXED_NOREPLACE != 0 && !free(end - len) {
                return Err(EEXIST);
            }
            return Ok(addr);
        }
        let hint = addr & !(PAGE_SIZE - 1);
        if hint >= LOWEST && hint.checked_add(len).is_some_and(|e| e <= self.mm.top) && free(hint) {
            return Ok(hint);
        }
        g.mem.find_free(len, LOWEST..self.mm.top).ok_or(ENOMEM)
    }

    fn range(&self, g: &Guest, addr: u64, len: u64) -> Result<std::ops::Range<u64>, Errno> {
        if addr % PAGE_SIZE != 0 {
            return Err(EINVAL);
        }
        let end = page_up(len).and_then(|l| addr.checked_add(l)).filter(|&e| e <= g.mem.limit()).ok_or(ENOMEM)?;
        Ok(addr..end)
    }

    pub(super) fn sys_munmap(&mut self, g: &mut Guest, a: Args) -> Ret {
        let r = self.range(g, a[0], a[1]).map_err(|_| EINVAL)?;
        g.mem.unmap(r).map_err(|_| EINVAL)?;
        Ok(0)
    }

    pub(super) fn sys_mprotect(&mut self, g: &mut Guest, a: Args) -> Ret {
        let r = self.range(g, a[0], a[1])?;
        if !r.is_empty() {
            g.mem.protect(r, rights(a[2])).map_err(|_| ENOMEM)?;
        }
        Ok(0)
    }
}
