//! `mellivora isa`: which extensions and instructions there are.

use super::{Failure, cpu};
use clap::Args;
use mellivora::isa::{Cpu, CpuError, Extension, Isa, IsaError, Op, asm_macros, c_header};
use std::fmt::Write as _;

/// List the supported extensions, the instructions of one, or the CPU models
#[derive(Args)]
pub struct IsaArgs {
    /// An extension (`zba`), an instruction (`sh1add`), an ISA string (`rv64gc`), a CPU (`c908v`), `cpus`, or `all`
    #[arg(value_name = "EXT")]
    name: Option<String>,
    /// Print a C header of intrinsics for a matrix extension (`xtheadmatrix-0p6`)
    #[arg(long, requires = "name", conflicts_with = "asm_macros")]
    c_header: bool,
    /// Print macros for GNU as for a matrix extension
    #[arg(long, requires = "name")]
    asm_macros: bool,
}

impl IsaArgs {
    pub fn run(self) -> Result<u8, Failure> {
        let name = self.name.unwrap_or_default().to_ascii_lowercase();
        let text = match name.as_str() {
            _ if self.c_header => generated(&name, c_header)?,
            _ if self.asm_macros => generated(&name, asm_macros)?,
            "" => overview(&Isa::all(), "Without --isa a machine has all of these"),
            "cpus" => cpu::table(),
            "all" => Extension::all().map(instructions).collect(),
            _ => lookup(&name)?,
        };
        super::print(&text);
        Ok(0)
    }
}

/// A file for programs that use a matrix extension.
fn generated(name: &str, file: fn(Extension) -> Option<String>) -> Result<String, Failure> {
    let plain = name.replacen('-', "", 1);
    let made = || Extension::all().filter_map(|e| Some((e.versioned(), file(e)?)));
    if let Some((_, text)) = made().find(|(n, _)| *n == plain) {
        return Ok(text);
    }
    let names: Vec<String> = made().map(|(n, _)| format!("`{n}`")).collect();
    Err(Failure::own(format!("there is no such file for `{name}`, but for {}", names.join(" and "))))
}

fn lookup(name: &str) -> Result<String, Failure> {
    let text: String = Extension::all().filter(|e| e.name() == name).map(instructions).collect();
    if !text.is_empty() {
        return Ok(text);
    }
    let ops: String = Op::all().filter(|op| op.mnemonic().trim_end_matches(".N") == name).map(line).collect();
    if !ops.is_empty() {
        return Ok(ops);
    }
    match Cpu::parse(name) {
        Ok(model) => return Ok(cpu::details(&model)),
        Err(CpuError::Model { .. }) => {}
        Err(e) => return Err(Failure::own(e.to_string())),
    }
    if name.starts_with("rv") {
        let isa = super::isa_string(name).map_err(Failure::own)?;
        return Ok(overview(&isa, "This string stands for"));
    }
    // The parser knows which names are near, and which exist without being implemented.
    let why = match Isa::parse(&format!("rv64i_{name}")) {
        Err(IsaError::NotImplemented { .. }) => " that is implemented".to_owned(),
        Err(IsaError::Unknown { nearest: Some(near), .. }) => format!("; did you mean `{near}`?"),
        _ => "; `mellivora isa` lists the extensions".to_owned(),
    };
    Err(Failure::own(format!("`{name}` is no extension, instruction, CPU or ISA string{why}")))
}

fn overview(isa: &Isa, head: &str) -> String {
    let mut out = format!("{head}:\n{isa}\n\n");
    for e in isa.extensions().map(Extension::info) {
        let count = Op::all().filter(|op| op.extension() == e.id).count();
        let version = format!("{}.{}", e.version.0, e.version.1);
        let count = if count == 0 { String::new() } else { count.to_string() };
        let _ = writeln!(out, "{:13} {version:>5} {count:>4}  {}", e.name, e.summary);
    }
    out += "\nColumns: extension, version, number of instructions. `mellivora isa NAME` lists the instructions of one,\n\
         `mellivora isa cpus` the CPU models.\n";
    out
}

fn instructions(e: Extension) -> String {
    let info = e.info();
    let mut out = format!("{} {}.{}: {}\n", info.name, info.version.0, info.version.1, info.summary);
    let names = |list: &[Extension]| list.iter().map(|e| e.name().to_owned()).collect::<Vec<_>>();
    let mut includes = names(info.implies);
    if info.min_vlen > 0 {
        includes.push(format!("zvl{}b", info.min_vlen));
    }
    if !includes.is_empty() {
        let _ = writeln!(out, "  includes {}", includes.join(", "));
    }
    if !info.conflicts.is_empty() {
        let _ = writeln!(out, "  excludes {}", names(info.conflicts).join(", "));
    }
    Op::all().filter(|op| op.extension() == e).for_each(|op| out += &line(op));
    out.push('\n');
    out
}

/// `  sh1add  rd,rs1,rs2  0010000..........010.....0110011  zba`
fn line(op: Op) -> String {
    let info = op.info();
    let bits = u32::from(info.len) * 8;
    let bit = |n: u32| match (info.mask >> n & 1, info.value >> n & 1) {
        (0, _) => '.',
        (_, 0) => '0',
        _ => '1',
    };
    let encoding: String = (0..bits).rev().map(bit).collect();
    let set = |s: &&[Extension]| s.iter().map(|e| e.name()).collect::<Vec<_>>().join("+");
    let needs: Vec<String> = info.needs.iter().map(set).collect();
    let mut out = format!("  {:17} {:22} {encoding:32}  {}", info.mnemonic, op.syntax(), needs.join(" or "));
    if info.base != op {
        let _ = write!(out, "  = {}", info.base.mnemonic());
    }
    out.push('\n');
    out
}
