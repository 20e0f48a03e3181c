//! Measures Mellivora and its peers: the same programs, interleaved runs, CPU time
//! of one fresh process per run, median. Scalar programs in guest MIPS, vector
//! kernels in work a second.
//!
//! This file reads the arguments and drives the scalar runs. `subject` knows how
//! each emulator is started, `measure` what a process cost, `libriscv` is that
//! peer's child process, `report` prints; `vector` is all of this for the kernels,
//! `matrix` for multiplications of matrices, `thead` for what the scalar T-Head
//! extensions save.

mod libriscv;
mod matrix;
mod measure;
mod programs;
mod report;
mod subject;
mod thead;
mod vector;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use measure::Sample;
use programs::{Program, hellos, programs};
use report::{Report, Row};
use subject::Subject;

const USAGE: &str = "\
Usage: cargo run --release -p mellivora-bench -- [OPTIONS]

  --scalar           only the scalar programs (guest MIPS, start-up, memory)
  --vector           only the vector kernels (work a second)
  --matrix           only multiplications of matrices (GMAC/s)
  --thead            only V 1.0 and XTheadVector side by side on the same kernels,
                     and programs with and without the scalar T-Head extensions
  --mellivora PATH   the program to measure (default: beside this one; build it
                     first with `cargo build --release`)
  --qemu PATH        qemu-riscv64 (default: looked up on PATH)
  --spike PATH       spike, for the kernels (default: looked up on PATH)
  --peer NAME=CMD    one more emulator: the ELF is appended to the command; may be
                     given more than once
  --runs N           runs of each program on each emulator, at least 1 (default 5)
  --filter TEXT      only programs whose name contains TEXT
  --only LIST        only these: mellivora,libriscv,qemu,spike,native
  --rounds N         rounds of each scalar program (default: its own, 0.5-2 s)
  --vlen LIST        VLENs for the kernels (default 128,256,1024)
  --seconds S        CPU time of one run of a kernel (default 0.7); the number of
                     rounds is chosen accordingly
  --elf FILE         measure this program in place of those of testprogs/bench;
                     may be given more than once
  --json FILE        write every sample as JSON, too
";

/// What the command line asks for.
struct Options {
    scalar: bool,
    vector: bool,
    thead: bool,
    matrix: bool,
    mellivora: Option<PathBuf>,
    qemu: Option<PathBuf>,
    spike: Option<PathBuf>,
    peers: Vec<String>,
    runs: usize,
    filter: String,
    only: Option<String>,
    rounds: Option<String>,
    vlens: Vec<usize>,
    seconds: f64,
    elves: Vec<PathBuf>,
    json: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments; `Err` carries the message for the user, empty for `--help`.
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            scalar: true,
            vector: true,
            thead: true,
            matrix: true,
            mellivora: None,
            qemu: None,
            spike: None,
            peers: Vec::new(),
            runs: 5,
            filter: String::new(),
            only: None,
            rounds: None,
            vlens: vec![128, 256, 1024],
            seconds: 0.7,
            elves: Vec::new(),
            json: None,
        };
        while let Some(flag) = args.next() {
            if flag == "--help" || flag == "-h" {
                return Err(String::new());
            }
            let mut value = || args.next().ok_or(format!("{flag} needs a value"));
            match flag.as_str() {
                "--scalar" => (options.vector, options.thead, options.matrix) = (false, false, false),
                "--vector" => (options.scalar, options.thead, options.matrix) = (false, false, false),
                "--thead" => (options.scalar, options.vector, options.matrix) = (false, false, false),
                "--matrix" => (options.scalar, options.vector, options.thead) = (false, false, false),
                "--mellivora" => options.mellivora = Some(value()?.into()),
                "--qemu" => options.qemu = Some(value()?.into()),
                "--spike" => options.spike = Some(value()?.into()),
                "--peer" => options.peers.push(value()?),
                "--runs" => {
                    options.runs = value()?.parse().ok().filter(|&n| n > 0).ok_or("--runs needs a positive number")?
                }
                "--filter" => options.filter = value()?,
                "--only" => options.only = Some(value()?),
                "--rounds" => options.rounds = Some(value()?),
                "--vlen" => {
                    let list: Result<_, _> = value()?.split(',').map(str::parse).collect();
                    options.vlens = list.map_err(|error| format!("--vlen: {error}"))?;
                }
                "--seconds" => {
                    options.seconds =
                        value()?.parse().ok().filter(|&s| s > 0.0).ok_or("--seconds needs a positive number")?;
                }
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
    if std::env::args().nth(1).as_deref() == Some(vector::native::CHILD) {
        return vector::native::child(&args.skip(1).collect::<Vec<_>>());
    }
    if std::env::args().nth(1).as_deref() == Some(matrix::native::CHILD) {
        return matrix::native::child(&args.skip(1).collect::<Vec<_>>());
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
    let mut parts = Vec::new();
    if options.scalar {
        parts.push(bench_scalar(options)?);
    }
    if options.vector && options.elves.is_empty() {
        let results = vector::run(options)?;
        parts.push(Output::new(&results.text(), results.mellivora_is_right(), results.json()));
    }
    let ours = subject::wanted("mellivora", options.only.as_deref());
    if options.thead && options.elves.is_empty() && ours {
        let results = vector::versions(options)?;
        parts.push(Output::new(&results.versions_text(), results.versions_are_right(), results.json_as("versions")));
        parts.push(thead::run(options)?);
    }
    if options.matrix && options.elves.is_empty() && ours {
        let results = matrix::run(options)?;
        parts.push(Output::new(&results.text(), results.mellivora_is_right(), results.json()));
    }
    if let Some(path) = &options.json {
        let fields: Vec<&str> = parts.iter().map(|part| part.json.as_str()).collect();
        let text = format!("{{\n{}\n}}\n", fields.join(",\n"));
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(parts.iter().all(|part| part.right))
}

/// What a part of the measurements found.
struct Output {
    /// Fields of a JSON object.
    json: String,
    /// Every result of Mellivora was right.
    right: bool,
}

impl Output {
    /// Prints the tables.
    fn new(text: &str, right: bool, json: String) -> Self {
        // A reader that has seen enough is no error.
        std::io::stdout().write_all(text.as_bytes()).ok();
        Self { json, right }
    }
}

/// The scalar programs.
fn bench_scalar(options: &Options) -> Result<Output, String> {
    let mut subjects = subject::find(options.mellivora.as_deref(), options.qemu.as_deref(), options.only.as_deref())?;
    for peer in &options.peers {
        subjects.push(subject::other(peer).ok_or_else(|| format!("--peer {peer}: NAME=COMMAND is wanted"))?);
    }
    if subjects.is_empty() {
        let report = Report { subjects: &[], rows: &[], hellos: &[] };
        return Ok(Output { json: report.json(), right: true });
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
    Ok(Output::new(&report.text(), report.mellivora_is_right(), report.json()))
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
