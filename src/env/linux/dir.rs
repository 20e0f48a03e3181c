//! Reading directories.

pub(super) struct Listing;
