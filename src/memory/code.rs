//! Which bytes of memory have been translated, and what makes their translations stale.

use std::ops::Range;

use super::{Attr, Memory, PAGE_SHIFT, PAGE_SIZE};

impl Memory {
    /// Notes that the instruction bytes `addr..addr + len` have been translated, so that stores to them are seen.
    pub(crate) fn mark_code(&mut self, addr: u64, len: u64) {
        let end = addr + len;
        let mut at = addr;
        while at < end {
            let page = at >> PAGE_SHIFT;
            let stop = end.min((page + 1) << PAGE_SHIFT);
            let map = self.code.entry(page).or_insert_with(|| Box::new([0; 32]));
            for half in (at >> 1)..(stop >> 1) {
                map[(half as usize >> 6) & 31] |= 1 << (half & 63);
            }
            if let [a] = self.reserved.attrs_mut(page, 1) {
                *a = (*a | Attr::CODE.bits()) & !Attr::WRITE.bits();
            }
            at = stop;
        }
    }

    /// A write has happened: forget the code of the pages whose translated bytes it touched.
    pub(super) fn note_code_write(&mut self, addr: u64, len: u64) {
        if self.code.is_empty() || len == 0 {
            return;
        }
        for page in (addr >> PAGE_SHIFT)..=((addr + len - 1) >> PAGE_SHIFT) {
            let Some(map) = self.code.get(&page) else { continue };
            let start = addr.max(page << PAGE_SHIFT) & (PAGE_SIZE - 1);
            let end = (addr + len - 1).min((page << PAGE_SHIFT) | (PAGE_SIZE - 1)) & (PAGE_SIZE - 1);
            let hit = ((start >> 1)..=(end >> 1)).any(|h| map[h as usize >> 6] & (1 << (h & 63)) != 0);
            if hit {
                self.forget_code(page);
            }
        }
    }

    /// Drops one page from the translated set, gives it its `WRITE` back and queues it for the engine.
    fn forget_code(&mut self, page: u64) {
        self.code.remove(&page);
        self.stale.push(page);
        self.attention = true;
        if let [a] = self.reserved.attrs_mut(page, 1) {
            *a &= !Attr::CODE.bits();
            if *a & Attr::MAY_WRITE.bits() != 0 && *a & Attr::WATCHED.bits() == 0 {
                *a |= Attr::WRITE.bits();
            }
        }
    }

    /// Forgets the code of all pages in a range whose mapping changes.
    pub(super) fn drop_code(&mut self, range: &Range<u64>) {
        let pages = range.start >> PAGE_SHIFT..range.end >> PAGE_SHIFT;
        let hit: Vec<u64> = self.code.keys().copied().filter(|p| pages.contains(p)).collect();
        for page in hit {
            self.forget_code(page);
        }
        // Code that was absent may have been fetched in vain: the engine keeps no such memory, so nothing else is stale.
    }

    /// Forgets all translated code, when the engine drops its own record of it.
    pub(crate) fn drop_all_code(&mut self) {
        let pages: Vec<u64> = self.code.keys().copied().collect();
        for page in pages {
            self.forget_code(page);
        }
        self.stale.clear();
    }

    /// The pages whose translations are no longer true.
    pub(crate) fn take_stale(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.stale)
    }

    /// Whether something happened in the slow path that the engine or the machine must look at before the next
    /// instruction; resets the mark.
    pub(crate) fn take_attention(&mut self) -> bool {
        std::mem::take(&mut self.attention)
    }
}
