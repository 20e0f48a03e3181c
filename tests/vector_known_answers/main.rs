//! The plain model of vectors (`tests/model/vector`) against answers that others published.

#[path = "../common/mod.rs"]
mod common;
#[path = "../model/vector/mod.rs"]
mod model;

mod crypto;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod float;

/// Nothing here loads or stores.
struct NoMemory;

impl model::Bus for NoMemory {
    fn load(&mut self, addr: u64, _: usize) -> Result<u64, u64> {
        Err(addr)
    }
    fn store(&mut self, addr: u64, _: usize, _: u64) -> Result<(), u64> {
        Err(addr)
    }
}
