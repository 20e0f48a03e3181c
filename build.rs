//! Turns `isa/` into the tables of `src/isa/`. What it is made of lives in `build/`.

#[path = "build/mod.rs"]
mod gen_isa;

use std::{env, fs, path::Path, process::exit};

fn main() {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=isa");
    let mut files = Vec::new();
    for entry in fs::read_dir("isa").expect("the directory isa/ is part of the package") {
        let path = entry.expect("isa/ can be listed").path();
        if path.extension().is_some_and(|e| e == "isa") {
            let text = fs::read_to_string(&path).expect("files in isa/ can be read");
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
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
