//! Turns `isa/` into the tables of `src/isa/`. What it is made of lives in `build/`.

#[path = "build/mod.rs"]
mod gen_isa;

use std::{env, fs, path::Path, process::exit};

fn main() {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=isa");
    // Unoptimised builds make no tail calls: there the engine returns to a loop after each handler.
    println!("cargo:rustc-check-cfg=cfg(tail_calls)");
    if env::var("OPT_LEVEL").is_ok_and(|l| l != "0") {
        println!("cargo:rustc-cfg=tail_calls");
    }
    let mut files = Vec::new();
    for entry in fs::read_dir("isa").expect("the directory isa/ is part of the package") {
        let path = entry.expect("isa/ can be listed").path();
        if path.extension().is_some_and(|e| e == "isa") {
            let text = fs::read_to_string(&path).expect("files in isa/ can be read");
            files.push((path.display().to_string(), text));
        }
    }
    // Vendors' extensions last: where two share encodings, the ratified one is what is looked at first.
    files.sort_by_key(|(name, _)| (name.contains("/x") || name.contains("\\x"), name.clone()));
    match gen_isa::generate(&files) {
        Ok(text) => {
            let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
            fs::write(Path::new(&out).join("isa.rs"), text).expect("OUT_DIR can be written");
        }
        Err(errors) => {
            for e in errors {
                println!("cargo::error={e}");
            }
            exit(1);
        }
    }
}
