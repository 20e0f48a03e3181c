//! Reading directories (getdents64).

use super::errno::*;
use super::fd::{Kind, Open, lock};
use super::guest::{Args, Guest};
use super::{Linux, Ret};

/// The names of a directory, as they were when its reading began.
pub(super) struct Listing {
    entries: Vec<(u64, u8, Vec<u8>)>,
    at: usize,
}

impl Open {
    /// Where reading the directory has come to; `None`: the beginning.
    pub(super) fn seek_listing(&mut self, at: u64) {
        match &mut self.listing {
            Some(l) if at > 0 => l.at = (at as usize).min(l.entries.len()),
            // From the beginning the directory is read anew.
            _ => self.listing = None,
        }
    }

    pub(super) fn listing_position(&self) -> u64 {
        self.listing.as_ref().map_or(0, |l| l.at as u64)
    }
}

impl Linux {
    pub(super) fn sys_getdents64(&mut self, g: &mut Guest, a: Args) -> Ret {
        let shared = self.fds.get(a[0])?;
        let mut open = lock(&shared);
        if !open.readable() {
            return Err(EBADF.into());
        }
        let Kind::Host(dir) = &open.kind else { return Err(ENOTDIR.into()) };
        if !dir.metadata().map_err(Errno::from)?.is_dir() {
            return Err(ENOTDIR.into());
        }
        if open.listing.is_none() {
            let entries = super::sys::list(dir).map_err(Errno::from)?;
            open.listing = Some(Listing { entries, at: 0 });
        }
        let Some(listing) = &mut open.listing else { return Ok(0) };
        let room = (a[2] as u32).min(1 << 20) as usize;
        let mut out = Vec::new();
        for (inode, kind, name) in &listing.entries[listing.at.min(listing.entries.len())..] {
            // struct linux_dirent64: inode, next position, length, type, name
            let len = (19 + name.len() + 1).next_multiple_of(8);
            if out.len() + len > room {
                break;
            }
            let start = out.len();
            listing.at += 1;
            out.extend(inode.to_le_bytes());
            out.extend((listing.at as u64).to_le_bytes());
            out.extend((len as u16).to_le_bytes());
            out.push(*kind);
            out.extend(name);
            out.resize(start + len, 0);
        }
        if out.is_empty() && listing.at < listing.entries.len() {
            return Err(EINVAL.into());
        }
        g.put(a[1], &out)?;
        Ok(out.len() as u64)
    }
}
