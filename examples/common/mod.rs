//! Small things that several examples need.

use mellivora::machine::{Config, Machine};
use mellivora::memory::Prot;

/// Where [`bare`] puts the instructions.
pub const CODE: u64 = 0x1000;

/// A machine without any environment, with these instructions in its memory and pc at the first.
pub fn bare(program: &[u32]) -> Result<Machine, Box<dyn std::error::Error>> {
    let mut machine = Machine::new(Config::default())?;
    machine.memory_mut().map(CODE..CODE + 0x1000, Prot::READ | Prot::EXEC, "code")?;
    for (n, word) in (0..).zip(program) {
        machine.memory_mut().write(CODE + 4 * n, &word.to_le_bytes())?;
    }
    machine.hart_mut().set_pc(CODE);
    Ok(machine)
}
