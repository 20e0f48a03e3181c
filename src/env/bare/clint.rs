//! The core-local interruptor at 0x200_0000: software interrupt (`msip`), timer compare (`mtimecmp`) and clock (`mtime`),
//! laid out as on SiFive's cores, Spike and QEMU's virt machine.
//!
//! One hart's registers exist; the rest of the range reads zero and ignores writes.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::hart::{Hart, Interrupt, TICK_NS};
use crate::memory::{Device, DeviceFault, Moment};

/// Where the device lies.
pub(super) const CLINT: Range<u64> = 0x200_0000..0x20c_0000;
const MSIP: u64 = 0;
const MTIMECMP: u64 = 0x4000;
const MTIME: u64 = 0xbff8;

/// The registers, shared by the device (which the guest sees) and the environment (which drives the interrupt lines).
#[derive(Clone, Copy, Debug)]
struct Registers {
    msip: bool,
    mtimecmp: u64,
    /// `mtime` minus the ticks of the hart's clock: what writes to `mtime` have added.
    offset: u64,
}

/// The environment's end of the device.
#[derive(Debug)]
pub(super) struct Clint(Arc<Mutex<Registers>>);

/// The guest's end.
pub(super) struct ClintDevice(Arc<Mutex<Registers>>);

impl Clint {
    /// At reset all registers are zero, as on Spike: the timer's line is up.
    pub(super) fn new() -> Clint {
        Clint(Arc::new(Mutex::new(Registers { msip: false, mtimecmp: 0, offset: 0 })))
    }

    pub(super) fn device(&self) -> Box<dyn Device> {
        Box::new(ClintDevice(self.0.clone()))
    }

    /// A separate device in the same state.
    pub(super) fn duplicate(&self) -> Clint {
        Clint(Arc::new(Mutex::new(self.registers())))
    }

    fn registers(&self) -> Registers {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the hart's interrupt lines and clock to what the registers say now.
    pub(super) fn drive(&self, hart: &mut Hart) {
        let r = self.registers();
        hart.set_time_offset(r.offset);
        hart.set_interrupt(Interrupt::Software, r.msip);
        hart.set_interrupt(Interrupt::Timer, hart.time() >= r.mtimecmp);
    }

    /// Nanoseconds until the timer's line rises: 0 if it should be up, `None` if that is more than 500 years away.
    pub(super) fn until_timer(&self, hart: &Hart) -> Option<u64> {
        let r = self.registers();
        let now = hart.clock.nanos(hart.instret());
        let ticks = r.mtimecmp.saturating_sub((now / TICK_NS).wrapping_add(r.offset));
        match ticks {
            0 => Some(0),
            _ => ticks.checked_mul(TICK_NS).map(|ns| ns - now % TICK_NS).filter(|ns| *ns < 1 << 63),
        }
    }
}

/// The register that holds an access's bytes, and how far up they stand in it.
fn locate(offset: u64, size: u32) -> Result<(u64, u32), DeviceFault> {
    if !offset.is_multiple_of(size as u64) {
        return Err(DeviceFault);
    }
    Ok((offset & !7, (offset & 7) as u32 * 8))
}

impl Device for ClintDevice {
    fn read(&mut self, offset: u64, size: u32, at: &Moment) -> Result<u64, DeviceFault> {
        let (register, shift) = locate(offset, size)?;
        let r = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = match register {
            MSIP => r.msip as u64,
            MTIMECMP => r.mtimecmp,
            MTIME => (at.nanos / TICK_NS).wrapping_add(r.offset),
            _ => 0,
        };
        Ok(value >> shift)
    }

    fn write(&mut self, offset: u64, size: u32, value: u64, at: &Moment) -> Result<(), DeviceFault> {
        let (register, shift) = locate(offset, size)?;
        let mut r = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mask = u64::MAX >> (64 - 8 * size) << shift;
        let merge = |old: u64| old & !mask | value << shift & mask;
        let ticks = at.nanos / TICK_NS;
        match register {
            MSIP => r.msip = merge(r.msip as u64) & 1 != 0,
            MTIMECMP => r.mtimecmp = merge(r.mtimecmp),
            MTIME => r.offset = merge(ticks.wrapping_add(r.offset)).wrapping_sub(ticks),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hart::{Clock, HartConfig};

    fn at(instret: u64) -> Moment {
        Moment { pc: 0, instret, nanos: instret }
    }

    #[test]
    fn the_timer_rises_exactly_when_mtime_reaches_mtimecmp() {
        let (clint, mut hart) = (Clint::new(), Hart::new(HartConfig::default(), Clock::virtual_time()));
        let mut device = clint.device();
        assert_eq!(clint.until_timer(&hart), Some(0), "reset state: now");
        device.write(MTIMECMP, 8, u64::MAX, &at(0)).unwrap();
        assert_eq!(clint.until_timer(&hart), None, "never");
        hart.instret = 250;
        device.write(MTIMECMP, 8, 5, &at(250)).unwrap();
        assert_eq!(clint.until_timer(&hart), Some(250));
        hart.instret = 499;
        clint.drive(&mut hart);
        assert_eq!((hart.read_csr(0x344).unwrap(), clint.until_timer(&hart)), (0, Some(1)));
        hart.instret = 500;
        clint.drive(&mut hart);
        assert_eq!((hart.read_csr(0x344).unwrap(), clint.until_timer(&hart)), (1 << 7, Some(0)));
    }

    #[test]
    fn writes_to_mtime_move_the_time_csr() {
        let (clint, mut hart) = (Clint::new(), Hart::new(HartConfig::default(), Clock::virtual_time()));
        let mut device = clint.device();
        hart.instret = 12_345;
        device.write(MTIME, 8, 1_000, &at(12_345)).unwrap();
        clint.drive(&mut hart);
        assert_eq!((hart.time(), device.read(MTIME, 8, &at(12_345)).unwrap()), (1_000, 1_000));
        hart.instret += 100;
        assert_eq!((hart.time(), device.read(MTIME, 8, &at(12_445)).unwrap()), (1_001, 1_001));
        device.write(MTIME + 4, 4, 7, &at(12_445)).unwrap();
        assert_eq!(device.read(MTIME, 8, &at(12_445)).unwrap(), 7 << 32 | 1_001);
    }

    #[test]
    fn other_harts_and_misaligned_accesses() {
        let mut device = Clint::new().device();
        device.write(MSIP + 4, 4, 1, &at(0)).unwrap();
        assert_eq!(device.read(MSIP, 8, &at(0)), Ok(0), "no second hart");
        assert_eq!(device.read(MTIME + 2, 4, &at(0)), Err(DeviceFault));
    }
}
