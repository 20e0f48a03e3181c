//! `--cpu`: a core by name instead of a list of extensions, and the table of cores.

use super::Failure;
use mellivora::isa::{Cpu, CpuModel, Extension, Isa};
use std::fmt::Write;

/// The value of `--cpu`. `help` and `NAME,help` print what there is and end the program, as `--help` does.
pub fn parse(text: &str) -> Result<Cpu, String> {
    let error = |e: mellivora::isa::CpuError| format!("{e} (`--cpu help` lists what there is)");
    let shown = match text.strip_suffix("help") {
        Some("") => table(),
        Some(front) if front.ends_with(',') => details(&Cpu::parse(&front[..front.len() - 1]).map_err(error)?),
        _ => return Cpu::parse(text).map_err(error),
    };
    super::print(&shown);
    std::process::exit(0);
}

/// The extensions of a machine, if the user has named any.
pub fn chosen(isa: Option<Isa>, cpu: Option<&Cpu>) -> Result<Option<Isa>, Failure> {
    match (isa, cpu) {
        (Some(_), Some(cpu)) => {
            let name = cpu.model().name;
            Err(Failure::usage(format!(
                "--isa and --cpu exclude each other: options change a CPU, as in --cpu {name},zba=false,zicond=true"
            )))
        }
        (isa, cpu) => Ok(isa.or(cpu.map(Cpu::isa))),
    }
}

/// What has to be said before a program runs: what the CPU has that the machine has not.
pub fn notice(cpu: &Cpu) -> Option<String> {
    let missing = cpu.missing();
    let (name, its) = (cpu.model().name, if missing.len() == 1 { "its" } else { "their" });
    let text = || format!("CPU {name}: not implemented: {}; {its} instructions are illegal here", missing.join(", "));
    (!missing.is_empty()).then(text)
}

/// Every model on a line.
pub fn table() -> String {
    let mut out = String::from("--cpu NAME[,OPTION=VALUE...]\n\n");
    let mut row = |cells: [&str; 6]| {
        let [name, standard, vector, vlen, thead, missing] = cells;
        let line = format!("{name:19} {standard:9} {vector:6} {vlen:>4}  {thead:37} {missing}");
        let _ = writeln!(out, "{}", line.trim_end());
    };
    row(["name", "standard", "vector", "VLEN", "XThead", "missing here"]);
    for model in CpuModel::all() {
        let cpu = Cpu::of(model);
        let vlen = if cpu.vlen() == 0 { "-".to_owned() } else { cpu.vlen().to_string() };
        let thead = short_thead(&listed(&cpu, |n| n.starts_with("xthead")));
        let missing = if cpu.missing().is_empty() { "-".to_owned() } else { cpu.missing().join(" ") };
        row([model.name, &letters(&cpu), vector(&cpu), &vlen, &thead, &missing]);
        for alias in model.aliases {
            row([alias, &format!("= {}", model.name), "", "", "", ""]);
        }
    }
    out += "\nThe standard extensions of more than one letter, and those that only privileged software can tell, are in\n\
            --cpu NAME,help. classic: ba bb bs cmo condmov mac memidx mempair sync.\n\n\
            Options: any extension (zba=false, v=true, x-v=true), vlen=BITS, elen=BITS, mvendorid=N, marchid=N, mimpid=N.\n\
            A model runs although something is missing; a run says what it is. c907fdvm is the core as released, with\n\
            matrices of version 0.3; the vendor's newest simulator means another dialect by that name.\n";
    out
}

/// All about one.
pub fn details(cpu: &Cpu) -> String {
    let model = cpu.model();
    let mut out = model.name.to_owned();
    if !model.aliases.is_empty() {
        let _ = write!(out, " ({})", model.aliases.join(", "));
    }
    out.push('\n');
    let mut line = |name: &str, text: &str| {
        let text = if text.is_empty() { "-" } else { text };
        let _ = writeln!(out, "  {name:10} {text}");
    };
    line("standard", &format!("{} {}", letters(cpu), listed(cpu, |n| n.len() > 1 && !n.starts_with('x')).join(" ")));
    line("XThead", &listed(cpu, |n| n.starts_with("xthead")).iter().map(|n| &n[6..]).collect::<Vec<_>>().join(" "));
    match cpu.vlen() {
        0 => line("vector", "-"),
        vlen => {
            let ones = if cpu.agnostic_ones() { ", agnostic elements become ones" } else { "" };
            line("vector", &format!("{}, VLEN {vlen}, ELEN {}{ones}", vector(cpu), cpu.elen()));
        }
    }
    line("mvendorid", &format!("{:#x}, marchid {:#x}, mimpid {:#x}", cpu.vendorid(), cpu.archid(), cpu.impid()));
    line("missing", &cpu.missing().join(" "));
    line("system", &format!("{} (for privileged software only, not here)", cpu.system_only().join(" ")));
    line("ISA", &cpu.isa().to_string());
    out
}

/// `imafdcv`: the extensions with names of one letter.
fn letters(cpu: &Cpu) -> String {
    let has = |c: &char| listed(cpu, |n| n.len() == 1 && n.starts_with(*c)).len() == 1;
    "iemafdqcbvph".chars().filter(has).collect()
}

/// The version of the vector unit.
fn vector(cpu: &Cpu) -> &'static str {
    let thead = listed(cpu, |n| n == "xtheadvector");
    match (cpu.elen(), thead.is_empty()) {
        (_, false) => "0.7.1",
        (0, _) => "-",
        _ => "1.0",
    }
}

/// `classic fmemidx vdot`.
fn short_thead(names: &[&'static str]) -> String {
    const CLASSIC: [&str; 9] = ["ba", "bb", "bs", "cmo", "condmov", "mac", "memidx", "mempair", "sync"];
    let short: Vec<&str> = names.iter().map(|n| &n[6..]).collect();
    let classic = CLASSIC.iter().all(|c| short.contains(c));
    let rest = short.into_iter().filter(|n| !classic || !CLASSIC.contains(n));
    classic.then_some("classic").into_iter().chain(rest).collect::<Vec<_>>().join(" ")
}

/// The CPU's extensions that a test accepts, implemented or not.
fn listed(cpu: &Cpu, accept: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let here = cpu.isa();
    let here = here.extensions().filter(|e| *e != Extension::Sm).map(Extension::name);
    let all =
        here.chain(cpu.missing().iter().copied()).chain(cpu.system_only().iter().copied().filter(|n| n.len() == 1));
    let mut all: Vec<&str> = all.filter(|n| accept(n)).collect();
    all.sort_unstable();
    all.dedup();
    all
}
