//! Addresses as people read them: with the symbol, or else the mapping, that they belong to.

use std::fmt;

use crate::machine::Machine;

/// An address and what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The address.
    pub addr: u64,
    /// The symbol that holds it, and the distance to its start.
    pub symbol: Option<(String, u64)>,
    /// The mapping that holds it, by its name.
    pub region: Option<String>,
}

impl fmt::Display for Place {
    /// `0x10194 <main+0x1c>`, or `0x10194 (in [heap])`, or the bare number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.addr)?;
        match (&self.symbol, &self.region) {
            (Some((name, 0)), _) => write!(f, " <{name}>"),
            (Some((name, distance)), _) => write!(f, " <{name}+{distance:#x}>"),
            (None, Some(region)) => write!(f, " (in {region})"),
            (None, None) => Ok(()),
        }
    }
}

impl Machine {
    /// What an address of the guest belongs to.
    pub fn place(&self, addr: u64) -> Place {
        let elf = self.elf().filter(|e| e.span().contains(&addr.wrapping_sub(self.load_bias())));
        let found = elf.and_then(|e| e.symbol_at(addr.wrapping_sub(self.load_bias())));
        let symbol = found.map(|(s, distance)| (s.name.clone(), distance));
        let region = self.memory().region_at(addr).map(|r| r.name.to_owned()).filter(|n| !n.is_empty());
        Place { addr, symbol, region }
    }
}
