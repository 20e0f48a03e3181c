//! The address space: break, mappings, protection (mm/mmap.c, mm/mremap.c).
//!
//! `Memory` knows what is mapped where; kept here is what a file has to do with it. On Linux hosts a file's pages lie
//! behind the guest's own, so that shared mappings are shared; elsewhere private mappings are copies and shared ones are
//! refused unless they are only read. A mapped page behind the end of its file has no rights in `Memory`, and a touch of it
//! becomes SIGBUS.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use super::errno::*;
use super::fd::{Kind, Open, lock};
use super::guest::{Args, Guest};
use super::load::{LOWEST, Layout, page_up};
use super::{Linux, Ret};
use crate::memory::{Memory, PAGE_SIZE, Prot, Region};

const MAP_SHARED: u64 = 1;
const MAP_PRIVATE: u64 = 2;
const MAP_SHARED_VALIDATE: u64 = 3;
const MAP_FIXED: u64 = 0x10;
const MAP_ANONYMOUS: u64 = 0x20;
const MAP_FIXED_NOREPLACE: u64 = 0x10_0000;
/// Most mappings of files (vm.max_map_count, more or less).
const MOST_MAPS: usize = 4096;

/// A mapped part of a file.
#[derive(Clone)]
struct FileMap {
    range: Range<u64>,
    offset: u64,
    shared: bool,
    /// Whether the file was opened for writing.
    writable: bool,
    /// What the guest asked for: pages behind the end of the file have no rights in `Memory`.
    prot: Prot,
    /// First page behind the end of the file.
    end: u64,
    file: Arc<File>,
    /// Device and inode.
    id: (u64, u64),
}

/// The process's address space, apart from what `Memory` knows.
#[derive(Clone)]
pub(super) struct Mm {
    start_brk: u64,
    brk: u64,
    top: u64,
    files: Vec<FileMap>,
}

impl Mm {
    pub(super) fn new(layout: &Layout) -> Mm {
        Mm { start_brk: layout.brk, brk: layout.brk, top: layout.top, files: Vec::new() }
    }

    /// A copy, unless memory is shared with a file.
    pub(super) fn duplicate(&self) -> Option<Mm> {
        let shared = self.files.iter().any(|f| f.shared && f.writable);
        (!shared).then(|| Mm { files: Vec::new(), ..self.clone() })
    }

    /// Whether an address lies in a mapping of a file, but behind the file's end.
    pub(super) fn behind_file(&self, addr: u64) -> bool {
        self.files.iter().any(|f| f.range.contains(&addr) && addr >= f.end)
    }

    /// What `/proc/self/maps` says of a region: rights, shared, offset, inode.
    pub(super) fn describe(&self, r: &Region) -> (Prot, bool, u64, u64) {
        match self.files.iter().find(|f| f.range.contains(&r.start)) {
            Some(f) => (f.prot, f.shared, f.offset + (r.start - f.range.start), f.id.1),
            None => (r.prot, false, 0, 0),
        }
    }

    /// Forgets the files behind a range.
    fn forget(&mut self, r: &Range<u64>) {
        self.split(r.start);
        self.split(r.end);
        self.files.retain(|f| f.range.end <= r.start || r.end <= f.range.start);
    }

    /// Cuts mappings of files at `at`.
    fn split(&mut self, at: u64) {
        let Some(n) = self.files.iter().position(|f| f.range.start < at && at < f.range.end) else { return };
        let mut tail = self.files[n].clone();
        tail.offset += at - tail.range.start;
        tail.range.start = at;
        tail.end = tail.end.max(at);
        self.files[n].range.end = at;
        self.files[n].end = self.files[n].end.min(at);
        self.files.push(tail);
    }
}

/// PROT_* as rights; as on riscv Linux, what is writable can be read.
fn rights(prot: u64) -> Prot {
    let mut p = Prot::from_bits_truncate(prot as u8);
    if p.contains(Prot::WRITE) {
        p |= Prot::READ;
    }
    p
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start < b.end && b.start < a.end
}

impl FileMap {
    /// Maps the part of the file that exists, and reserves what lies behind it.
    fn establish(&mut self, memory: &mut Memory, name: &str) -> Result<(), Errno> {
        let size = self.file.metadata()?.len();
        let exists = page_up(size.saturating_sub(self.offset)).unwrap_or(u64::MAX);
        self.end = self.range.start.saturating_add(exists).min(self.range.end);
        let present = self.range.start..self.end;
        if !present.is_empty() {
            // A file that may only be read is not written to, whatever the host does with guest memory.
            let shared = self.shared && self.writable;
            let done = memory.map_file(present.clone(), self.prot, name, &self.file, self.offset, shared);
            if !done.map_err(|_| ENOMEM)? {
                if shared {
                    return Err(ENODEV);
                }
                self.copy(memory, &present)?;
            }
        }
        if self.end < self.range.end {
            memory.map(self.end..self.range.end, Prot::empty(), name).map_err(|_| ENOMEM)?;
        }
        Ok(())
    }

    /// Fills a mapping from its file, where the host cannot map.
    fn copy(&self, memory: &mut Memory, present: &Range<u64>) -> Result<(), Errno> {
        use std::os::unix::fs::FileExt;
        let mut buf = vec![0; 1 << 16];
        let mut at = present.start;
        while at < present.end {
            let n = ((present.end - at) as usize).min(buf.len());
            let n = self.file.read_at(&mut buf[..n], self.offset + (at - present.start))?;
            if n == 0 {
                break;
            }
            memory.write(at, &buf[..n]).map_err(|_| EFAULT)?;
            at += n as u64;
        }
        Ok(())
    }
}

impl Linux {
    pub(super) fn sys_brk(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (Some(old), Some(new)) = (page_up(self.mm.brk), page_up(a[0])) else { return Ok(self.mm.brk) };
        if a[0] < self.mm.start_brk || new > self.mm.top || a[0] - self.mm.start_brk > self.process.limit(2) {
            return Ok(self.mm.brk);
        }
        if new > old {
            // A free page stays between the break and what follows.
            let clash = g.mem.regions().any(|r| r.start < new + PAGE_SIZE && old < r.end);
            if clash || g.mem.map(old..new, Prot::READ | Prot::WRITE, "[heap]").is_err() {
                return Ok(self.mm.brk);
            }
        } else if new < old {
            self.mm.forget(&(new..old));
            let _ = g.mem.unmap(new..old);
        }
        self.mm.brk = a[0];
        Ok(a[0])
    }

    pub(super) fn sys_mmap(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [addr, len, prot, flags, fd, offset] = a;
        let shared = matches!(flags & 3, MAP_SHARED | MAP_SHARED_VALIDATE);
        if !offset.is_multiple_of(PAGE_SIZE) || prot & !0xf != 0 {
            return Err(EINVAL.into());
        }
        let file = match flags & MAP_ANONYMOUS {
            0 => Some(self.fds.get(fd)?),
            _ => None,
        };
        if len == 0 || !shared && flags & 3 != MAP_PRIVATE {
            return Err(EINVAL.into());
        }
        let len = page_up(len).ok_or(ENOMEM)?;
        if offset.checked_add(len).is_none() {
            return Err(EOVERFLOW.into());
        }
        let prot = rights(prot);
        let Some(file) = file else {
            let at = self.place(g, addr, len, flags)?;
            self.mm.forget(&(at..at + len));
            g.mem.map(at..at + len, prot, "").map_err(|_| ENOMEM)?;
            return Ok(at);
        };
        let open = lock(&file);
        match &open.kind {
            Kind::Host(_) if open.flags & super::fd::O_PATH != 0 => Err(EBADF.into()),
            Kind::Host(host) => {
                let readable = open.readable();
                let writable = open.writable();
                if !readable || shared && prot.contains(Prot::WRITE) && !writable {
                    return Err(EACCES.into());
                }
                let st = super::stat::Stat::of_host(&super::sys::fstat(host).map_err(Errno::from)?);
                if st.mode & 0o170000 != 0o100000 || self.mm.files.len() >= MOST_MAPS {
                    return Err(if st.mode & 0o170000 == 0o100000 { ENOMEM } else { ENODEV }.into());
                }
                let at = self.place(g, addr, len, flags)?;
                let range = at..at + len;
                // One descriptor of the host for all mappings of a file.
                let same = |f: &&FileMap| f.id == (st.dev, st.ino) && f.writable == writable;
                let file = match self.mm.files.iter().find(same) {
                    Some(f) => f.file.clone(),
                    None => Arc::new(host.try_clone().map_err(Errno::from)?),
                };
                let name = String::from_utf8_lossy(open.path.as_deref().unwrap_or_default()).into_owned();
                let mut map = FileMap { range, offset, shared, writable, prot, end: at, file, id: (st.dev, st.ino) };
                self.mm.forget(&map.range);
                let _ = g.mem.unmap(map.range.clone());
                if let Err(e) = map.establish(g.mem, &name) {
                    let _ = g.mem.unmap(map.range);
                    return Err(e.into());
                }
                self.mm.files.push(map);
                Ok(at)
            }
            Kind::Zero => {
                let at = self.place(g, addr, len, flags)?;
                self.mm.forget(&(at..at + len));
                g.mem.map(at..at + len, prot, "/dev/zero").map_err(|_| ENOMEM)?;
                Ok(at)
            }
            _ => Err(ENODEV.into()),
        }
    }

    /// Where a mapping goes.
    fn place(&self, g: &Guest, addr: u64, len: u64, flags: u64) -> Result<u64, Errno> {
        let free = |at: u64| g.mem.find_free(len, at..at + len) == Some(at);
        if flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) != 0 {
            if !addr.is_multiple_of(PAGE_SIZE) {
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

    fn range(&self, g: &Guest, addr: u64, len: u64) -> Result<Range<u64>, Errno> {
        if !addr.is_multiple_of(PAGE_SIZE) {
            return Err(EINVAL);
        }
        let end = page_up(len).and_then(|l| addr.checked_add(l)).filter(|&e| e <= g.mem.limit()).ok_or(ENOMEM)?;
        Ok(addr..end)
    }

    pub(super) fn sys_munmap(&mut self, g: &mut Guest, a: Args) -> Ret {
        let r = self.range(g, a[0], a[1]).map_err(|_| EINVAL)?;
        if r.is_empty() {
            return Err(EINVAL.into());
        }
        self.mm.forget(&r);
        g.mem.unmap(r).map_err(|_| EINVAL)?;
        Ok(0)
    }

    pub(super) fn sys_mprotect(&mut self, g: &mut Guest, a: Args) -> Ret {
        let r = self.range(g, a[0], a[1])?;
        if a[2] & !0xf != 0 {
            return Err(EINVAL.into());
        }
        if r.is_empty() {
            return Ok(0);
        }
        let prot = rights(a[2]);
        let refused = |f: &FileMap| overlap(&f.range, &r) && f.shared && !f.writable;
        if prot.contains(Prot::WRITE) && self.mm.files.iter().any(refused) {
            return Err(EACCES.into());
        }
        // As far as there is something; a hole is an error after that.
        let hole = first_hole(g.mem, &r);
        let done = r.start..hole.unwrap_or(r.end);
        if !done.is_empty() {
            g.mem.protect(done.clone(), prot).map_err(|_| ENOMEM)?;
            self.mm.split(done.start);
            self.mm.split(done.end);
            for f in self.mm.files.iter_mut().filter(|f| overlap(&f.range, &done)) {
                f.prot = prot;
                if f.end < f.range.end {
                    g.mem.protect(f.end..f.range.end, Prot::empty()).map_err(|_| ENOMEM)?;
                }
            }
        }
        if hole.is_some() { Err(ENOMEM.into()) } else { Ok(0) }
    }

    pub(super) fn sys_mremap(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [addr, old_len, new_len, flags, target, _] = a;
        let (may_move, fixed) = (flags & 1 != 0, flags & 2 != 0);
        if flags & !3 != 0 || fixed && !may_move || !addr.is_multiple_of(PAGE_SIZE) {
            return Err(EINVAL.into());
        }
        let (old_len, new_len) = (page_up(old_len).ok_or(EINVAL)?, page_up(new_len).ok_or(ENOMEM)?);
        if new_len == 0 {
            return Err(EINVAL.into());
        }
        let limit = g.mem.limit();
        let old = addr..addr.checked_add(old_len).filter(|&e| e <= limit).ok_or(EFAULT)?;
        let region = g.mem.region_at(addr).ok_or(EFAULT)?;
        let (prot, name) = (region.prot, region.name.to_owned());
        // Length 0 would double a shared mapping.
        if old_len == 0 {
            return Err(EINVAL.into());
        }
        if first_hole(g.mem, &old).is_some() {
            return Err(EFAULT.into());
        }
        if fixed {
            let new = target..target.checked_add(new_len).filter(|&e| e <= limit).ok_or(EINVAL)?;
            if !target.is_multiple_of(PAGE_SIZE) || overlap(&old, &new) {
                return Err(EINVAL.into());
            }
            if target < LOWEST {
                return Err(EPERM.into());
            }
            self.mm.forget(&new);
            let _ = g.mem.unmap(new);
        }
        if new_len < old_len {
            let rest = old.start + new_len..old.end;
            self.mm.forget(&rest);
            g.mem.unmap(rest).map_err(|_| EFAULT)?;
        }
        let kept = old_len.min(new_len);
        let grown = old.start + kept..old.start.checked_add(new_len).ok_or(ENOMEM)?;
        if !fixed {
            if new_len <= old_len {
                return Ok(addr);
            }
            if grown.end <= self.mm.top && g.mem.find_free(new_len - kept, grown.clone()) == Some(grown.start) {
                self.extend(g, old.start..old.start + kept, grown, prot, &name)?;
                return Ok(addr);
            }
            if !may_move {
                return Err(ENOMEM.into());
            }
        }
        let to = match fixed {
            true => target,
            false => g.mem.find_free(new_len, LOWEST..self.mm.top).ok_or(ENOMEM)?,
        };
        let from = old.start..old.start + kept;
        self.mm.split(from.start);
        self.mm.split(from.end);
        g.mem.relocate(from.clone(), to).map_err(|_| ENOMEM)?;
        for f in self.mm.files.iter_mut().filter(|f| overlap(&f.range, &from)) {
            let shift = |a: u64| a - from.start + to;
            f.range = shift(f.range.start)..shift(f.range.end);
            f.end = shift(f.end);
        }
        if new_len > kept {
            self.extend(g, to..to + kept, to + kept..to + new_len, prot, &name)?;
        }
        Ok(to)
    }

    /// Maps `more` as the continuation of `old`.
    fn extend(
        &mut self,
        g: &mut Guest,
        old: Range<u64>,
        more: Range<u64>,
        prot: Prot,
        name: &str,
    ) -> Result<(), Errno> {
        let file = self.mm.files.iter().find(|f| f.range.end == old.end && f.range.start >= old.start).cloned();
        match file {
            Some(mut f) => {
                f.offset += f.range.end - f.range.start;
                f.range = more;
                f.establish(g.mem, name)?;
                self.mm.files.push(f);
                Ok(())
            }
            None => g.mem.map(more, prot, name).map_err(|_| ENOMEM),
        }
    }

    pub(super) fn sys_madvise(&mut self, g: &mut Guest, a: Args) -> Ret {
        let r = self.range(g, a[0], a[1]).map_err(|_| EINVAL)?;
        let advice = a[2] as i32;
        if !matches!(advice, 0..=4 | 8..=25) {
            return Err(EINVAL.into());
        }
        if r.is_empty() {
            return Ok(0);
        }
        // DONTNEED; FREE may do the same at once, on anonymous memory.
        let files = self.mm.files.iter().any(|f| overlap(&f.range, &r));
        if advice == 4 || advice == 8 && !files {
            let mapped: Vec<_> = g.mem.regions().map(|m| m.start.max(r.start)..m.end.min(r.end)).collect();
            for part in mapped.into_iter().filter(|m| !m.is_empty()) {
                g.mem.revert(part).map_err(|_| ENOMEM)?;
            }
        }
        // Holes are no hindrance, but an error.
        if first_hole(g.mem, &r).is_some() { Err(ENOMEM.into()) } else { Ok(0) }
    }

    pub(super) fn sys_msync(&mut self, g: &mut Guest, a: Args) -> Ret {
        let r = self.range(g, a[0], a[1])?;
        // MS_ASYNC and MS_SYNC exclude each other.
        if a[2] & !7 != 0 || a[2] & 5 == 5 {
            return Err(EINVAL.into());
        }
        if !r.is_empty() && first_hole(g.mem, &r).is_some() {
            return Err(ENOMEM.into());
        }
        // The pages are the file's own: other readers see them already.
        Ok(0)
    }

    pub(super) fn sys_mincore(&mut self, g: &mut Guest, a: Args) -> Ret {
        let r = self.range(g, a[0], a[1])?;
        if first_hole(g.mem, &r).is_some() {
            return Err(ENOMEM.into());
        }
        let pages = (r.end - r.start) / PAGE_SIZE;
        let mut done = 0;
        while done < pages {
            let n = (pages - done).min(4096);
            g.put(a[2].wrapping_add(done), &vec![1; n as usize])?;
            done += n;
        }
        Ok(0)
    }

    /// mlock, munlock, mlock2: guest memory is never paged out by anybody the guest knows.
    pub(super) fn sys_mlock(&mut self, g: &mut Guest, a: Args) -> Ret {
        let start = a[0] & !(PAGE_SIZE - 1);
        let r = self.range(g, start, a[1].saturating_add(a[0] - start)).map_err(|_| ENOMEM)?;
        if first_hole(g.mem, &r).is_some() { Err(ENOMEM.into()) } else { Ok(0) }
    }

    /// A file's length may have changed: pages behind its end are to fault, others not.
    pub(super) fn resized(&mut self, g: &mut Guest, open: &Open) {
        let Kind::Host(file) = &open.kind else { return };
        if self.mm.files.is_empty() {
            return;
        }
        let Ok(st) = super::sys::fstat(file) else { return };
        let st = super::stat::Stat::of_host(&st);
        for f in self.mm.files.iter_mut().filter(|f| f.id == (st.dev, st.ino)) {
            let exists = page_up(st.size.saturating_sub(f.offset)).unwrap_or(u64::MAX);
            let end = f.range.start.saturating_add(exists).min(f.range.end);
            let name = g.mem.region_at(f.range.start).map_or(String::new(), |r| r.name.to_owned());
            if end < f.end {
                let _ = g.mem.map(end..f.end, Prot::empty(), &name);
            } else if end > f.end {
                let mut more = f.clone();
                more.offset += f.end - f.range.start;
                more.range = f.end..end;
                let _ = more.establish(g.mem, &name);
            }
            f.end = end;
        }
    }
}

fn first_hole(memory: &Memory, r: &Range<u64>) -> Option<u64> {
    let mut at = r.start;
    while at < r.end {
        match memory.region_at(at) {
            Some(x) => at = x.end,
            None => return Some(at),
        }
    }
    None
}
