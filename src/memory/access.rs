//! The guest's slow path: loads, stores and fetches that the fast view could not do, and the record of them.

use super::{Access, Attr, DeviceFault, Fault, Memory};

/// One access of a guest instruction, as the commit log shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Load or store.
    pub access: Access,
    /// Where.
    pub addr: u64,
    /// Bytes.
    pub size: u32,
    /// The value stored, zero-extended; 0 for loads.
    pub value: u64,
}

impl Memory {
    /// A guest load of 1, 2, 4 or 8 bytes, misaligned or not, from memory or a device.
    pub fn load(&mut self, addr: u64, size: u32) -> Result<u64, Fault> {
        let value = match self.check(addr, size as u64, Access::Read) {
            Ok(()) => {
                let mut b = [0; 8];
                b[..size as usize].copy_from_slice(self.reserved.bytes(addr, size as u64));
                u64::from_le_bytes(b)
            }
            Err(fault) => {
                let moment = self.moment;
                let (d, offset) = self.device_at(addr, size).ok_or(fault)?;
                let value =
                    d.read(offset, size, &moment).map_err(|DeviceFault| Fault { addr, access: Access::Read })?;
                self.attention = true;
                value & (u64::MAX >> (64 - 8 * size))
            }
        };
        self.touch(Access::Read, addr, size, 0);
        Ok(value)
    }

    /// A guest store of the low `size` bytes (1, 2, 4 or 8), misaligned or not. Nothing is written on a fault.
    pub fn store(&mut self, addr: u64, size: u32, value: u64) -> Result<(), Fault> {
        match self.check(addr, size as u64, Access::Write) {
            Ok(()) => {
                self.reserved.bytes_mut(addr, size as u64).copy_from_slice(&value.to_le_bytes()[..size as usize]);
                self.note_code_write(addr, size as u64);
                self.note_watched(addr, size, value);
            }
            Err(fault) => {
                let moment = self.moment;
                let (d, offset) = self.device_at(addr, size).ok_or(fault)?;
                d.write(offset, size, value, &moment).map_err(|DeviceFault| Fault { addr, access: Access::Write })?;
                self.attention = true;
            }
        }
        self.touch(Access::Write, addr, size, value & (u64::MAX >> (64 - 8 * size)));
        Ok(())
    }

    /// The bytes of `addr..addr + len`, if there are any and all of them can be accessed without anybody noticing: plain memory
    /// with this right (`Write`: and without translated code), and nobody who wants to know of accesses.
    #[inline(always)]
    pub(crate) fn plain(&mut self, addr: u64, len: u64, access: Access) -> Option<&mut [u8]> {
        if self.touches.is_some() {
            return None;
        }
        self.reserved.run(addr, len, if access == Access::Write { Attr::WRITE } else { Attr::READ })
    }

    /// Whether somebody wants to know of each access.
    #[inline(always)]
    pub(crate) fn watched_closely(&self) -> bool {
        self.touches.is_some()
    }

    /// Starts or stops keeping the accesses of each instruction.
    pub(crate) fn record_touches(&mut self, on: bool) {
        self.touches = on.then(Vec::new);
    }

    /// The accesses since the last call.
    pub(crate) fn take_touches(&mut self) -> Vec<Touch> {
        self.touches.as_mut().map(std::mem::take).unwrap_or_default()
    }

    #[inline]
    fn touch(&mut self, access: Access, addr: u64, size: u32, value: u64) {
        if let Some(t) = &mut self.touches {
            t.push(Touch { access, addr, size, value });
        }
    }

    /// Two bytes of an instruction.
    pub fn fetch(&self, addr: u64) -> Result<u16, Fault> {
        self.check(addr, 2, Access::Fetch)?;
        let b = self.reserved.bytes(addr, 2);
        Ok(u16::from_le_bytes([b[0], b[1]]))
    }
}
