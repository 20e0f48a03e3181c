//! XTheadVector: the vector extension of XuanTie C906, C910 and C920, the draft 0.7.1 of V.
//!
//! Most of its instructions execute as those of V 1.0 (`isa/xtheadvector-1p0.isa` says as which), planned by other rules and put
//! into a [`Frame`] that packs masks before and clears tails afterwards.

mod frame;

pub(crate) use frame::{Frame, around, fill};
