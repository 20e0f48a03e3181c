//! Vector instructions (RVV 1.0 and its companions).

mod pending;

pub(crate) use pending::*;
