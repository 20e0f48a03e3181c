//! Every vector instruction against the plain model of `tests/model/vector`.

#[path = "model/vector/mod.rs"]
mod vector_model;
