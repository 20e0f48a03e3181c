//! From the text files in `isa/` to Rust tables: read ([`parse`]), check ([`check`]), write ([`emit`]). Std only, so
//! that those who embed the crate build nothing else. `build.rs` runs it; `tests/isa_build.rs` tests it.

pub mod check;
mod cpus;
pub mod emit;
pub mod model;
pub mod parse;
mod resolve;
mod text;
pub mod tree;

/// The Rust text for these files, given as (name, text), or what is wrong with them.
pub fn generate(files: &[(String, String)]) -> Result<String, Vec<model::Error>> {
    let isa = parse::parse(files).map_err(|e| vec![e])?;
    match check::check(&isa) {
        errors if errors.is_empty() => Ok(emit::emit(&isa)),
        errors => Err(errors),
    }
}
