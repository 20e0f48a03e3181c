//! Names of control and status registers. The list stands in `isa/csrs.isa`.

use super::table::CSRS;

/// The name of a CSR, if the number has one: `0x300` is `mstatus`. A machine need not have the register.
pub fn csr_name(number: u16) -> Option<&'static str> {
    let found = CSRS.binary_search_by_key(&number, |c| c.0).ok()?;
    CSRS.get(found).map(|c| c.1)
}

/// The number of a CSR: `mstatus` is `0x300`.
pub fn csr_number(name: &str) -> Option<u16> {
    CSRS.iter().find(|c| c.1 == name).map(|c| c.0)
}

/// Whether the number is one of those that vendors use for registers of their own (Privileged Architecture, "CSR Address
/// Mapping Conventions").
pub(super) fn csr_is_custom(number: u16) -> bool {
    matches!(number >> 8, 8) || (matches!(number >> 8, 5..=7 | 9..=15) && number & 0xc0 == 0xc0)
}

/// Every CSR that has a name, as (number, name), by number.
pub fn csrs() -> impl ExactSizeIterator<Item = (u16, &'static str)> {
    CSRS.iter().copied()
}
