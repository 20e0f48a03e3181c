//! Waiting for descriptors: ppoll and pselect6.

use super::errno::*;
use super::fd::*;
use super::guest::{Args, Guest};
use super::time::{SLICE, Wake, get_timespec, timespec};
use super::{Again, Leave, Linux, Ret, sys};
use crate::hart::Clock;

const POLLIN: i16 = 1;
const POLLOUT: i16 = 4;
const POLLERR: i16 = 8;
const POLLHUP: i16 = 16;
const POLLNVAL: i16 = 32;
/// POLLRDNORM, POLLWRNORM.
const RDNORM: i16 = 64;
const WRNORM: i16 = 256;

/// One descriptor that is waited for.
struct Wanted {
    fd: u64,
    events: i16,
    /// What has come.
    found: i16,
}

impl Open {
    /// What is there, without asking the host.
    fn readiness(&self) -> Option<i16> {
        let (input, output) = (POLLIN | RDNORM, POLLOUT | WRNORM);
        Some(match &self.kind {
            Kind::Host(_) => return None,
            Kind::Input(_) | Kind::Bytes(..) => input,
            Kind::Output(_) => output,
            Kind::Null | Kind::Zero | Kind::Full | Kind::Random => input | output,
            Kind::PipeRead(end) => {
                let data = if lock(&end.data).is_empty() { 0 } else { input };
                data | if end.other_open() { 0 } else { POLLHUP }
            }
            Kind::PipeWrite(end) => {
                let room = if lock(&end.data).len() < PIPE_SIZE { output } else { 0 };
                room | if end.other_open() { 0 } else { POLLERR }
            }
            Kind::Event { count, .. } => output | if *count > 0 { input } else { 0 },
        })
    }
}

impl Linux {
    /// Notes what is there now; for files of the host up to `timeout` milliseconds are waited. Returns how many are ready.
    fn look(&self, wanted: &mut [Wanted], timeout: i32) -> Result<usize, Errno> {
        let mut hosts = Vec::new();
        for (n, w) in wanted.iter_mut().enumerate() {
            let Ok(shared) = self.fds.get(w.fd) else {
                w.found = POLLNVAL;
                continue;
            };
            let open = lock(&shared);
            match (open.readiness(), &open.kind) {
                (Some(ready), _) => w.found = ready & (w.events | POLLERR | POLLHUP),
                (None, Kind::Host(file)) => hosts.push((n, file.try_clone()?, w.events)),
                (None, _) => {}
            }
        }
        let ready_now = wanted.iter().any(|w| w.found != 0);
        let mut asked: Vec<_> = hosts.iter().map(|(_, f, events)| (f, *events, 0)).collect();
        if !asked.is_empty() {
            match sys::poll(&mut asked, if ready_now { 0 } else { timeout }) {
                Ok(_) => {}
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        let found: Vec<i16> = asked.iter().map(|f| f.2).collect();
        for ((n, ..), found) in hosts.iter().zip(found) {
            wanted[*n].found = found;
        }
        Ok(wanted.iter().filter(|w| w.found != 0).count())
    }

    /// Waits until one of the descriptors is ready.
    fn wait_for(&mut self, g: &mut Guest, wanted: &mut [Wanted], until: Option<u64>) -> Result<usize, Leave> {
        let n = self.look(wanted, 0)?;
        if n > 0 {
            return Ok(n);
        }
        self.fire(g.hart);
        if self.signals.has(!self.signals.blocked) {
            return Err(Leave::Interrupted(Again::Never));
        }
        let is_host = |w: &Wanted| self.fds.get(w.fd).is_ok_and(|s| matches!(lock(&s).kind, Kind::Host(_)));
        let host = wanted.iter().any(is_host);
        let virtual_time = matches!(g.hart.clock, Clock::Virtual { .. });
        if host && (!virtual_time || until.is_none() && self.next_timer(g.hart).is_none()) {
            // The host can end this. It is asked again and again, so that the machine can be stopped meanwhile.
            let left = until.map_or(u64::MAX, |u| u.saturating_sub(g.now()));
            if left == 0 {
                return Ok(0);
            }
            let n = self.look(wanted, (left.div_ceil(1_000_000)).min(SLICE as u64) as i32)?;
            return if n > 0 { Ok(n) } else { Err(self.pause(g, until)) };
        }
        // Guest time does not wait for the host: it passes at once.
        match self.block(g, until, 0)? {
            Wake::Timeout => Ok(0),
            Wake::Signal => Err(Leave::Interrupted(Again::Never)),
            Wake::Never => Err(Leave::Action(self.deadlock("waits for descriptors that nothing can make ready"))),
        }
    }

    pub(super) fn sys_ppoll(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [fds, count, timeout, mask, size, _] = a;
        if count > self.process.most_fds() {
            return Err(EINVAL.into());
        }
        let until = match timeout {
            0 => None,
            at => Some(g.now().saturating_add(get_timespec(g, at)?)),
        };
        let until = self.resume(g, until);
        let mut wanted = Vec::new();
        let mut slots = Vec::new();
        for n in 0..count {
            let at = fds.wrapping_add(8 * n);
            let word = g.get_u64(at)?;
            if (word as i32) >= 0 {
                wanted.push(Wanted { fd: word as u32 as u64, events: (word >> 32) as i16, found: 0 });
                slots.push(at);
            } else {
                g.put(at.wrapping_add(6), &[0, 0])?;
            }
        }
        self.mask_for_waiting(g, mask, size)?;
        let ready = self.wait_for(g, &mut wanted, until);
        if !matches!(ready, Err(Leave::Interrupted(_))) {
            self.unmask();
        }
        let ready = ready?;
        for (w, at) in wanted.iter().zip(slots) {
            g.put(at.wrapping_add(6), &w.found.to_le_bytes())?;
        }
        self.store_rest(g, timeout, until);
        Ok(ready as u64)
    }

    /// Linux tells how much of the time was left; a place that cannot be written is no error.
    fn store_rest(&self, g: &mut Guest, timeout: u64, until: Option<u64>) {
        if let Some(until) = until {
            let left = until.saturating_sub(g.now());
            let _ = g.put_words(timeout, &timespec(left));
        }
    }

    pub(super) fn sys_pselect6(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [count, read, write, except, timeout, mask] = a;
        if count as i32 > MOST_FDS as i32 || (count as i32) < 0 {
            return Err(EINVAL.into());
        }
        let count = count as u32 as u64;
        let bytes = count.div_ceil(64) * 8;
        let until = match timeout {
            0 => None,
            at => Some(g.now().saturating_add(get_timespec(g, at)?)),
        };
        let until = self.resume(g, until);
        let load = |g: &Guest, at: u64| -> Result<Vec<u8>, Errno> {
            if at == 0 { Ok(vec![0; bytes as usize]) } else { Ok(g.slice(at, bytes)?.to_vec()) }
        };
        let sets = [load(g, read)?, load(g, write)?, load(g, except)?];
        let has = |set: &[u8], fd: u64| set.get(fd as usize / 8).is_some_and(|b| b >> (fd % 8) & 1 != 0);
        let mut wanted = Vec::new();
        for fd in 0..count {
            let mut events = 0;
            for (set, event) in sets.iter().zip([POLLIN, POLLOUT, 0]) {
                if has(set, fd) {
                    self.fds.get(fd)?;
                    events |= event;
                }
            }
            if events != 0 {
                wanted.push(Wanted { fd, events, found: 0 });
            }
        }
        if mask != 0 {
            let (set, size) = (g.get_u64(mask)?, g.get_u64(mask.wrapping_add(8))?);
            self.mask_for_waiting(g, set, size)?;
        }
        let ready = self.wait_for(g, &mut wanted, until);
        if !matches!(ready, Err(Leave::Interrupted(_))) {
            self.unmask();
        }
        ready?;
        let mut out = [vec![0; bytes as usize], vec![0; bytes as usize], vec![0; bytes as usize]];
        let mut total = 0;
        for w in &wanted {
            // A hang-up makes reading return, an error writing.
            let found = [w.found & (POLLIN | POLLHUP | POLLERR) != 0, w.found & (POLLOUT | POLLERR) != 0];
            for (n, found) in found.into_iter().enumerate() {
                if found && has(&sets[n], w.fd) {
                    out[n][w.fd as usize / 8] |= 1 << (w.fd % 8);
                    total += 1;
                }
            }
        }
        for (at, set) in [read, write, except].into_iter().zip(&out) {
            if at != 0 {
                g.put(at, set)?;
            }
        }
        self.store_rest(g, timeout, until);
        Ok(total)
    }
}
