//! Measures guest MIPS of Mellivora and its peers: the same programs, interleaved
//! runs, CPU time of one fresh process per run, median.
//!
//! This file reads the arguments and drives the runs. `subject` knows how each
//! emulator is started, `measure` what a process cost, `libriscv` is that peer's
//! child process, `report` prints.

mod libriscv;
mod measure;
mod programs;
mod report;
mod subject;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use measure::Sample;
use programs::{Program, hellos, programs};
use report::{Report, Row};
use subject::Subject;

const USAGE: &str = "\
Usage: cargo run --release -p mellivora-bench -- [OPTIONS]

  --mellivora PATH   the program to measure (default: beside this one; build it
                     first with `cargo build --release`)
  --qemu PATH        qemu-riscv64 (default: looked up on PATH)
  --peer NAME=CMD    one more emulator: the ELF is appended to the command; may be
                     given more than once
  --runs N           runs of each program on each emulator, at least 1 (default 5)
  --filter TEXT      only programs whose name contains TEXT
  --only LIST        only these emulators: mellivora,libriscv,qemu
  --rounds N         rounds of each kernel (default: each program's own, 0.5-2 s)
  --elf FILE         measure this program in place of those of testprogs/bench;
                     may be given more than once
  --json FILE        write every sample as JSON, too
";

/// What the command line asks for.
struct Options {
    mellivora: Option<PathBuf>,
    qemu: Option<PathBuf>,
    peers: Vec<String>,
    runs: usize,
    filter: String,
    only: Option<String>,
    rounds: Option<String>,
    elves: Vec<PathBuf>,
    json: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments; `Err` carries the message for the user, empty for `--help`.
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            mellivora: None,
            qemu: None,
            peers: Vec::new(),
            runs: 5,
            filter: String::new(),
            only: None,
            rounds: None,
            elves: Vec::new(),
            json: None,
        };
        while let Some(flag) = args.next() {
            if flag == "--help" || flag == "-h" {
                return Err(String::new());
            }
            let mut value = || args.next().ok_or(format!("{flag} needs a value"));
            match flag.as_str() {
                "--mellivora" => options.mellivora = Some(value()?.into()),
                "--qemu" => options.qemu = Some(value()?.into()),
                "--peer" => options.peers.push(value()?),
                "--runs" => {
                    options.runs = value()?.parse().ok().filter(|&n| n > 0).ok_or("--runs needs a positive number")?
                }
                "--filter" => options.filter = value()?,
                "--only" => options.only = Some(value()?),
                "--rounds" => options.rounds = Some(value()?),
                "--elf" => options.elves.push(value()?.into()),
                "--json" => options.json = Some(value()?.into()),
                _ => return Err(format!("unknown option {flag}")),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    if std::env::args().nth(1).as_deref() == Some(libriscv::CHILD) {
        return libriscv::child(args.by_ref().skip(1).collect());
    }
    let options = match Options::read(args) {
        Ok(options) => options,
        Err(message) if message.is_empty() => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprint!("mellivora-bench: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match bench(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("mellivora-bench: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs everything and prints the tables; `false` when Mellivora gave a wrong result.
fn bench(options: &Options) -> Result<bool, String> {
    let mut subjects = subject::find(options.mellivora.as_deref(), options.qemu.as_deref(), options.only.as_deref())?;
    for peer in &options.peers {
        subjects.push(subject::other(peer).ok_or_else(|| format!("--peer {peer}: NAME=COMMAND is wanted"))?);
    }
    let wanted = |program: &Program| program.name.contains(&options.filter);
    let (measured, started) = match options.elves.as_slice() {
        [] => (programs(), hellos()),
        elves => (elves.iter().map(|elf| programs::own(elf)).collect(), Vec::new()),
    };
    let arguments: Vec<String> = options.rounds.iter().cloned().collect();

    let mut rows: Vec<Row> = Vec::new();
    for program in measured.iter().filter(|program| wanted(program)) {
        rows.push(prepare(&subjects, program, &arguments)?);
    }
    for run in 0..options.runs {
        for row in &mut rows {
            progress(&format!("run {}/{}: {}", run + 1, options.runs, row.program.name));
            row.measure_all(&subjects, &arguments)?;
        }
    }
    let mut hello_rows: Vec<Row> = Vec::new();
    for program in started.iter().filter(|program| wanted(program)) {
        let mut row = Row::new(program, subjects.len());
        progress(&format!("start-up: {}", program.name));
        for _ in 0..options.runs.max(5) * 4 {
            row.measure_all(&subjects, &[])?;
        }
        hello_rows.push(row);
    }
    progress("");

    let report = Report { subjects: &subjects, rows: &rows, hellos: &hello_rows };
    // A reader that has seen enough is no error.
    std::io::stdout().write_all(report.text().as_bytes()).ok();
    if let Some(path) = &options.json {
        std::fs::write(path, report.json()).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(report.mellivora_is_right())
}

/// A row for `program`, with the instructions it retires (from the first emulator
/// that counts them; a disagreement is reported) and without the peers that cannot run it.
fn prepare(subjects: &[Subject], program: &Program, arguments: &[String]) -> Result<Row, String> {
    let mut row = Row::new(program, subjects.len());
    let mut counted_by = "";
    for (at, subject) in subjects.iter().enumerate() {
        progress(&format!("counting: {} on {}", program.name, subject.name()));
        let count = match subject.count_instructions(&program.elf, arguments) {
            Ok(count) => count,
            Err(message) if matches!(subject, Subject::Mellivora(_)) => return Err(message),
            Err(message) => {
                progress("");
                eprintln!("{} cannot run {}: {message}", subject.name(), program.name);
                row.runs[at] = false;
                None
            }
        };
        match (row.instructions, count) {
            (None, Some(_)) => (row.instructions, counted_by) = (count, subject.name()),
            // Some count the call that ends the program, some do not.
            (Some(first), Some(n)) if first.abs_diff(n) > first / 1_000_000 => {
                progress("");
                let name = subject.name();
                eprintln!("{}: {counted_by} counts {first} instructions, {name} counts {n}", program.name);
            }
            _ => {}
        }
    }
    Ok(row)
}

/// Shows on a terminal what is going on, in place of what it showed before.
fn progress(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}

/// Median of `value` over `samples`; 0 when there are none.
fn median(samples: &[Sample], value: impl Fn(&Sample) -> f64) -> f64 {
    let mut values: Vec<f64> = samples.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
