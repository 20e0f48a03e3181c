//! Clocks, sleeping and timers.
//!
//! Time is the hart's clock: one nanosecond for each instruction, plus what sleeping skips, or the host's. CPU time counts
//! instructions in the first case. A sleep ends early when a timer sends a signal that is not blocked.

use super::errno::*;
use super::guest::{Args, Guest};
use super::signal::{Info, SI_TIMER, SIGALRM};
use super::{Again, Leave, Linux, Ret};
use crate::env::Action;
use crate::hart::{Clock, Hart};

const SECOND: u64 = 1_000_000_000;
/// Longest wait for the host in milliseconds, before somebody may look whether the machine is to stop.
pub(super) const SLICE: i32 = 20;
/// Instructions between two looks at the host's clock while a timer runs.
const POLL: u64 = 50_000;
/// Most timers of timer_create.
const MOST_TIMERS: usize = 64;
/// Ticks of times(2) in nanoseconds.
const TICK: u64 = SECOND / super::load::CLOCK_TICKS;

/// struct timespec as nanoseconds.
pub(super) fn get_timespec(g: &Guest, addr: u64) -> Result<u64, Errno> {
    let (sec, nsec) = (g.get_u64(addr)?, g.get_u64(addr.wrapping_add(8))?);
    if sec > i64::MAX as u64 || nsec >= SECOND {
        return Err(EINVAL);
    }
    Ok(sec.saturating_mul(SECOND).saturating_add(nsec))
}

/// struct timeval as nanoseconds.
fn get_timeval(g: &Guest, addr: u64) -> Result<u64, Errno> {
    let (sec, usec) = (g.get_u64(addr)?, g.get_u64(addr.wrapping_add(8))?);
    if sec > i64::MAX as u64 || usec >= 1_000_000 {
        return Err(EINVAL);
    }
    Ok(sec.saturating_mul(SECOND).saturating_add(usec * 1000))
}

pub(super) fn timespec(nanos: u64) -> [u64; 2] {
    [nanos / SECOND, nanos % SECOND]
}

pub(super) fn timeval(nanos: u64) -> [u64; 2] {
    [nanos / SECOND, nanos % SECOND / 1000]
}

/// What a clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// Seconds since 1970.
    Date,
    /// Time since the start.
    Running,
    /// Time of this process.
    Cpu,
}

fn source(clock: u64) -> Result<Source, Errno> {
    match clock as i32 {
        0 | 5 | 8 | 11 => Ok(Source::Date),
        1 | 4 | 6 | 7 | 9 => Ok(Source::Running),
        2 | 3 => Ok(Source::Cpu),
        // Clocks of processes and threads by number: ~pid << 3 | kind.
        n if n < 0 && matches!(!(n >> 3), 0 | 2) && n & 3 != 3 => Ok(Source::Cpu),
        _ => Err(EINVAL),
    }
}

/// Nanoseconds of CPU time.
pub(super) fn cpu(hart: &Hart) -> u64 {
    match hart.clock {
        Clock::Virtual { .. } => hart.instret(),
        Clock::Host { .. } => hart.clock.nanos(hart.instret()),
    }
}

fn read_source(hart: &Hart, s: Source) -> u64 {
    match s {
        Source::Date => hart.clock.date(hart.instret()).as_nanos() as u64,
        Source::Running => hart.clock.nanos(hart.instret()),
        Source::Cpu => cpu(hart),
    }
}

/// One timer that sends a signal.
#[derive(Clone, Debug)]
struct Timer {
    source: Source,
    /// When it fires next, by its source (`Date` counts as `Running`); 0: it does not run.
    next: u64,
    interval: u64,
    /// 0: none is sent.
    signal: u32,
    info: Info,
    overrun: u32,
}

/// All timers of the process.
#[derive(Clone, Debug)]
pub(super) struct Timers {
    /// setitimer's: real, virtual, prof.
    interval: [Timer; 3],
    /// timer_create's by number.
    created: Vec<Option<Timer>>,
}

impl Default for Timers {
    fn default() -> Self {
        let new = |source, signal| Timer {
            source,
            next: 0,
            interval: 0,
            signal,
            info: Info { code: 0x80, words: [0, 0] },
            overrun: 0,
        };
        let interval = [new(Source::Running, SIGALRM), new(Source::Cpu, 26), new(Source::Cpu, 27)];
        Timers { interval, created: Vec::new() }
    }
}

impl Timers {
    fn all(&self) -> impl Iterator<Item = &Timer> {
        self.interval.iter().chain(self.created.iter().flatten()).filter(|t| t.next != 0)
    }

    /// Nanoseconds until the first one fires.
    fn wait(&self, hart: &Hart) -> Option<u64> {
        let (now, busy) = (hart.clock.nanos(hart.instret()), cpu(hart));
        let left = |t: &Timer| t.next.saturating_sub(if t.source == Source::Cpu { busy } else { now });
        self.all().map(left).min()
    }

    /// Nanoseconds until the first one that would end a sleep fires: CPU time does not pass meanwhile, and signals out of
    /// `wakes` are not noticed.
    fn wake(&self, now: u64, wakes: impl Fn(u32) -> bool) -> Option<u64> {
        let rings = self.all().filter(|t| t.source != Source::Cpu && t.signal != 0 && wakes(t.signal));
        rings.map(|t| t.next.saturating_sub(now)).min()
    }
}

/// Why waiting ended.
pub(super) enum Wake {
    /// A signal is there to be delivered.
    Signal,
    Timeout,
    /// Nothing can ever end it.
    Never,
}

impl Linux {
    /// Instructions until a timer wants to be looked at.
    pub(super) fn next_timer(&self, hart: &Hart) -> Option<u64> {
        let left = self.timers.wait(hart)?;
        match hart.clock {
            Clock::Virtual { .. } => Some(left),
            Clock::Host { .. } => Some(POLL),
        }
    }

    /// Sends the signals of the timers whose time has come.
    pub(super) fn fire(&mut self, hart: &Hart) {
        let (now, busy) = (hart.clock.nanos(hart.instret()), cpu(hart));
        let timers = self.timers.interval.iter_mut().chain(self.timers.created.iter_mut().flatten());
        for t in timers {
            let now = if t.source == Source::Cpu { busy } else { now };
            if t.next == 0 || now < t.next {
                continue;
            }
            let times = (now - t.next).checked_div(t.interval).unwrap_or(0);
            t.overrun = times.min(i32::MAX as u64) as u32;
            t.next = match t.interval {
                0 => 0,
                i => t.next.saturating_add((times + 1).saturating_mul(i)),
            };
            if t.signal != 0 {
                let mut info = t.info;
                if info.code == SI_TIMER {
                    info.words[0] |= (t.overrun as u64) << 32;
                }
                self.signals.send(t.signal, info);
            }
        }
    }

    /// Lets time pass until `until`, or until a signal comes that is not blocked or is in `wanted`.
    ///
    /// On the host's clock a call that waits long is made again and again, so that the machine can be stopped meanwhile;
    /// `until` comes from [`Linux::resume`] then.
    pub(super) fn block(&mut self, g: &mut Guest, until: Option<u64>, wanted: u64) -> Result<Wake, Leave> {
        loop {
            self.fire(g.hart);
            if self.signals.has(!self.signals.blocked | wanted) {
                return Ok(Wake::Signal);
            }
            let now = g.now();
            let left = until.map(|u| u.saturating_sub(now));
            if left == Some(0) {
                return Ok(Wake::Timeout);
            }
            let signals = &self.signals;
            let timer = self.timers.wake(now, |signal| signals.wakes(signal, wanted));
            let Some(wait) = left.into_iter().chain(timer).min() else { return Ok(Wake::Never) };
            match g.hart.clock {
                Clock::Virtual { .. } => g.hart.clock.wait(wait.max(1)),
                Clock::Host { .. } => {
                    g.hart.clock.wait(wait.clamp(1, SLICE as u64 * 1_000_000));
                    return Err(self.pause(g, until));
                }
            }
        }
    }

    /// Leaves a waiting call, to be made again; `until` is kept for it.
    pub(super) fn pause(&mut self, g: &Guest, until: Option<u64>) -> Leave {
        self.waiting = Some((g.hart.pc(), g.hart.instret(), until));
        Leave::Again
    }

    /// When a call's wait ends: `until` as it was when the call was made first.
    pub(super) fn resume(&mut self, g: &Guest, until: Option<u64>) -> Option<u64> {
        match self.waiting.take() {
            Some((pc, instret, kept)) if (pc, instret) == (g.hart.pc(), g.hart.instret()) => kept,
            _ => until,
        }
    }

    /// Goes on waiting for the host, unless a signal has come.
    pub(super) fn wait_for_host(&mut self, g: &mut Guest) -> Leave {
        self.fire(g.hart);
        match self.signals.has(!self.signals.blocked) {
            true => Leave::Interrupted(Again::Restart),
            false => Leave::Again,
        }
    }

    /// Waits for a signal, in a call that nothing else can end.
    pub(super) fn wait_for_nothing(&mut self, g: &mut Guest, again: Again) -> Leave {
        match self.block(g, None, 0) {
            Err(leave) => leave,
            Ok(Wake::Signal | Wake::Timeout) => Leave::Interrupted(again),
            Ok(Wake::Never) => Leave::Action(self.deadlock("waits for itself: there is no other thread or process")),
        }
    }

    /// Tells the user why the program cannot go on.
    pub(super) fn deadlock(&mut self, why: &str) -> Action {
        self.message(&format!("deadlock: the program {why}"));
        Action::Deadlock
    }

    pub(super) fn sys_clock_gettime(&mut self, g: &mut Guest, a: Args) -> Ret {
        let now = read_source(g.hart, source(a[0])?);
        g.put_words(a[1], &timespec(now))?;
        Ok(0)
    }

    pub(super) fn sys_clock_getres(&mut self, g: &mut Guest, a: Args) -> Ret {
        source(a[0])?;
        if a[1] != 0 {
            // The coarse clocks tick with the kernel.
            let res = if matches!(a[0], 5 | 6) { 4_000_000 } else { 1 };
            g.put_words(a[1], &timespec(res))?;
        }
        Ok(0)
    }

    /// Nobody may set a clock.
    pub(super) fn sys_not_permitted(&mut self, _: &mut Guest, _: Args) -> Ret {
        Err(EPERM.into())
    }

    pub(super) fn sys_gettimeofday(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[0] != 0 {
            g.put_words(a[0], &timeval(read_source(g.hart, Source::Date)))?;
        }
        if a[1] != 0 {
            g.put_u64(a[1], 0)?;
        }
        Ok(0)
    }

    pub(super) fn sys_time(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [now, _] = timespec(read_source(g.hart, Source::Date));
        if a[0] != 0 {
            g.put_u64(a[0], now)?;
        }
        Ok(now)
    }

    pub(super) fn sys_nanosleep(&mut self, g: &mut Guest, a: Args) -> Ret {
        self.sleep(g, Source::Running, false, a[0], a[1])
    }

    pub(super) fn sys_clock_nanosleep(&mut self, g: &mut Guest, a: Args) -> Ret {
        let source = source(a[0])?;
        if source == Source::Cpu {
            // CPU time does not pass while sleeping.
            return Err(if a[0] == 3 { EINVAL } else { EOPNOTSUPP }.into());
        }
        self.sleep(g, source, a[1] & 1 != 0, a[2], a[3])
    }

    fn sleep(&mut self, g: &mut Guest, source: Source, absolute: bool, request: u64, rest: u64) -> Ret {
        let want = get_timespec(g, request)?;
        let now = g.now();
        let left = if absolute { want.saturating_sub(read_source(g.hart, source)) } else { want };
        let until = now.saturating_add(left);
        let until = self.resume(g, Some(until)).unwrap_or(until);
        match self.block(g, Some(until), 0)? {
            Wake::Timeout | Wake::Never => Ok(0),
            Wake::Signal => {
                if rest != 0 && !absolute {
                    let left = until.saturating_sub(g.now());
                    g.put_words(rest, &timespec(left))?;
                }
                Err(Leave::Interrupted(Again::Never))
            }
        }
    }

    pub(super) fn sys_getitimer(&mut self, g: &mut Guest, a: Args) -> Ret {
        let t = self.timers.interval.get(a[0] as u32 as usize).ok_or(EINVAL)?;
        let now = if t.source == Source::Cpu { cpu(g.hart) } else { g.now() };
        let [i0, i1] = timeval(t.interval);
        let [v0, v1] = timeval(t.next.saturating_sub(now));
        g.put_words(a[1], &[i0, i1, v0, v1])?;
        Ok(0)
    }

    pub(super) fn sys_setitimer(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[0] > 2 {
            return Err(EINVAL.into());
        }
        let (interval, value) = match a[1] {
            0 => (0, 0),
            at => (get_timeval(g, at)?, get_timeval(g, at.wrapping_add(16))?),
        };
        if a[2] != 0 {
            self.sys_getitimer(g, [a[0], a[2], 0, 0, 0, 0])?;
        }
        let t = &mut self.timers.interval[a[0] as usize];
        let now = if t.source == Source::Cpu { cpu(g.hart) } else { g.now() };
        t.interval = interval;
        t.next = if value == 0 { 0 } else { now.saturating_add(value).max(1) };
        Ok(0)
    }

    pub(super) fn sys_timer_create(&mut self, g: &mut Guest, a: Args) -> Ret {
        let source = source(a[0])?;
        // struct sigevent: value, signal, kind
        let slot = self.timers.created.iter().position(Option::is_none).unwrap_or(self.timers.created.len());
        let (value, signal, kind) = match a[1] {
            0 => (slot as u64, SIGALRM, 0),
            at => (g.get_u64(at)?, g.get_u32(at.wrapping_add(8))?, g.get_u32(at.wrapping_add(12))?),
        };
        let signal = match kind {
            1 => 0,
            // SIGEV_SIGNAL, SIGEV_THREAD_ID
            0 | 4 if (1..=64).contains(&signal) => signal,
            _ => return Err(EINVAL.into()),
        };
        if slot >= MOST_TIMERS {
            return Err(EAGAIN.into());
        }
        g.put_u32(a[2], slot as u32)?;
        let info = Info { code: SI_TIMER, words: [slot as u64, value] };
        let timer = Timer { source, next: 0, interval: 0, signal, info, overrun: 0 };
        if slot == self.timers.created.len() {
            self.timers.created.push(None);
        }
        self.timers.created[slot] = Some(timer);
        Ok(0)
    }

    fn timer(&mut self, id: u64) -> Result<&mut Timer, Errno> {
        self.timers.created.get_mut(id as u32 as usize).and_then(Option::as_mut).ok_or(EINVAL)
    }

    pub(super) fn sys_timer_gettime(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (now, busy) = (g.now(), cpu(g.hart));
        let t = self.timer(a[0])?;
        let now = if t.source == Source::Cpu { busy } else { now };
        let [i0, i1] = timespec(t.interval);
        let [v0, v1] = timespec(t.next.saturating_sub(now));
        g.put_words(a[1], &[i0, i1, v0, v1])?;
        Ok(0)
    }

    pub(super) fn sys_timer_settime(&mut self, g: &mut Guest, a: Args) -> Ret {
        let (interval, value) = (get_timespec(g, a[2])?, get_timespec(g, a[2].wrapping_add(16))?);
        self.timer(a[0])?;
        if a[3] != 0 {
            self.sys_timer_gettime(g, [a[0], a[3], 0, 0, 0, 0])?;
        }
        let (now, busy, date) = (g.now(), cpu(g.hart), read_source(g.hart, Source::Date));
        let t = self.timer(a[0])?;
        let base = if t.source == Source::Cpu { busy } else { now };
        let next = match (a[1] & 1 != 0, t.source) {
            // An absolute date counts from now on as time that runs.
            (true, Source::Date) => now.saturating_add(value.saturating_sub(date)),
            (true, _) => value,
            (false, _) => base.saturating_add(value),
        };
        t.interval = interval;
        t.next = if value == 0 { 0 } else { next.max(1) };
        Ok(0)
    }

    pub(super) fn sys_timer_getoverrun(&mut self, _: &mut Guest, a: Args) -> Ret {
        Ok(self.timer(a[0])?.overrun as u64)
    }

    pub(super) fn sys_timer_delete(&mut self, _: &mut Guest, a: Args) -> Ret {
        self.timer(a[0])?;
        self.timers.created[a[0] as u32 as usize] = None;
        Ok(0)
    }

    pub(super) fn sys_times(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[0] != 0 {
            let busy = cpu(g.hart) / TICK;
            g.put_words(a[0], &[busy, 0, 0, 0])?;
        }
        Ok(g.now() / TICK)
    }

    pub(super) fn sys_getrusage(&mut self, g: &mut Guest, a: Args) -> Ret {
        let who = a[0] as i32;
        if !matches!(who, -1..=1) {
            return Err(EINVAL.into());
        }
        let mut words = [0; 18];
        if who != -1 {
            words[..2].copy_from_slice(&timeval(cpu(g.hart)));
            // ru_maxrss, in KiB: what is mapped is all that is known.
            words[4] = 4096;
        }
        g.put_words(a[1], &words)?;
        Ok(0)
    }
}
