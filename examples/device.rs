//! A memory-mapped device: a serial port that counts what it sends.

mod common;

use common::bare;
use mellivora::machine::Stop;
use mellivora::memory::{Device, DeviceFault, Moment};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Register 0: write a byte to send it. Register 8: how many have been sent.
struct Port {
    sent: Arc<Mutex<Vec<u8>>>,
    last: Arc<AtomicU64>,
}

impl Device for Port {
    fn read(&mut self, offset: u64, _size: u32, _at: &Moment) -> Result<u64, DeviceFault> {
        match offset {
            8 => Ok(self.sent.lock().map_err(|_| DeviceFault)?.len() as u64),
            // The guest sees an access fault.
            _ => Err(DeviceFault),
        }
    }

    fn write(&mut self, offset: u64, _size: u32, value: u64, at: &Moment) -> Result<(), DeviceFault> {
        if offset != 0 {
            return Err(DeviceFault);
        }
        self.last.store(at.instret, Ordering::Relaxed);
        self.sent.lock().map_err(|_| DeviceFault)?.push(value as u8);
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut machine = bare(&[
        0x1000_05b7, // lui   a1, 0x10000
        0x0480_0513, // li    a0, 'H'
        0x00a5_8023, // sb    a0, 0(a1)
        0x0690_0513, // li    a0, 'i'
        0x00a5_8023, // sb    a0, 0(a1)
        0x0085_b603, // ld    a2, 8(a1)
        0x0010_0073, // ebreak
    ])?;
    let (sent, last) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU64::new(0)));
    let port = Port { sent: sent.clone(), last: last.clone() };
    machine.memory_mut().add_device(0x1000_0000..0x1000_1000, Box::new(port))?;

    assert!(matches!(machine.run(u64::MAX), Stop::Trap(_)));
    let sent = String::from_utf8(sent.lock().expect("nobody else").clone())?;
    println!("sent {sent:?}, the last byte by instruction {}", last.load(Ordering::Relaxed));
    assert_eq!((sent.as_str(), machine.hart().x(12), last.load(Ordering::Relaxed)), ("Hi", 2, 4));
    Ok(())
}
