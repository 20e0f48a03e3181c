//! Where a hart's time comes from: retired instructions (repeatable) or the host.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time base in ticks per second (`time` counts these; 10 MHz, as on Spike and QEMU's virt machine).
pub const TIMEBASE_HZ: u64 = 10_000_000;
/// Nanoseconds of one tick.
pub(crate) const TICK_NS: u64 = 1_000_000_000 / TIMEBASE_HZ;
/// What a virtual clock calls the current date: 2024-01-01 00:00:00 UTC, in seconds since 1970.
pub(crate) const VIRTUAL_EPOCH: u64 = 1_704_067_200;

/// A source of guest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// One nanosecond for each retired instruction, plus what waiting has skipped: the same in every run.
    Virtual {
        /// Nanoseconds skipped by waiting (`wfi`, sleeping system calls).
        skipped: u64,
    },
    /// The host's clock, counted from this start.
    Host {
        /// When the machine was made.
        start: Instant,
    },
}

impl Clock {
    /// A repeatable clock.
    pub fn virtual_time() -> Clock {
        Clock::Virtual { skipped: 0 }
    }

    /// The host's clock, starting now.
    pub fn host() -> Clock {
        Clock::Host { start: Instant::now() }
    }

    /// Nanoseconds since the machine's start, when `instret` instructions have retired.
    pub fn nanos(&self, instret: u64) -> u64 {
        match self {
            Clock::Virtual { skipped } => instret.wrapping_add(*skipped),
            Clock::Host { start } => start.elapsed().as_nanos() as u64,
        }
    }

    /// Time since 1970-01-01 UTC, for system calls that want the date.
    pub fn date(&self, instret: u64) -> Duration {
        match self {
            Clock::Virtual { .. } => Duration::from_secs(VIRTUAL_EPOCH) + Duration::from_nanos(self.nanos(instret)),
            Clock::Host { .. } => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }

    /// Lets `nanos` pass: a virtual clock jumps, the host's clock is waited for.
    pub fn wait(&mut self, nanos: u64) {
        match self {
            Clock::Virtual { skipped } => *skipped = skipped.wrapping_add(nanos),
            Clock::Host { .. } => std::thread::sleep(Duration::from_nanos(nanos)),
        }
    }
}
