//! Measures multiplications of square matrices: `testprogs/matrix/*/bench-*.elf` on Mellivora with matrices of versions 0.6
//! and 0.3 at several tile sizes, against the same multiplication in RVV 1.0 on Mellivora and on QEMU, and as plain Rust
//! loops on this host.
//!
//! This file drives the runs and prints; `native` is the host's child process.

pub mod native;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::measure::measure;
use crate::subject::{mellivora, on_path, wanted};
use crate::{Options, median, progress};

/// A pair of element types: name of the programs, and what is required at large tiles.
struct Types {
    name: &'static str,
    /// Times the RVV 1.0 program on QEMU.
    times_qemu: f64,
    /// Or this part of the native loops, whichever is less; 0: there are none.
    of_native: f64,
}

const TYPES: [Types; 5] = [
    Types { name: "i8", times_qemu: 50.0, of_native: 0.5 },
    Types { name: "f16_f32", times_qemu: 80.0, of_native: 0.5 },
    Types { name: "bf16", times_qemu: 80.0, of_native: 0.5 },
    Types { name: "f32", times_qemu: 80.0, of_native: 0.5 },
    Types { name: "f16", times_qemu: 20.0, of_native: 0.0 },
];

/// N of the matrices.
const SIZES: [usize; 2] = [256, 1024];

/// Something that multiplies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Machine {
    /// `--matrix` of Mellivora, and whether tiles have 16 rows of 64 bytes or more.
    Matrix(&'static str, bool),
    /// RVV 1.0 on Mellivora, VLEN 128.
    Vector,
    /// RVV 1.0 on QEMU, VLEN 128.
    Qemu,
    /// This host.
    Native,
}

const MACHINES: [Machine; 9] = [
    Machine::Matrix("0.6,tlen=512,trlen=128", false),
    Machine::Matrix("0.6,tlen=8192,trlen=512", true),
    Machine::Matrix("0.6,tlen=32768,trlen=1024", true),
    Machine::Matrix("0.3,rlen=128", false),
    Machine::Matrix("0.3,rlen=512", true),
    Machine::Matrix("0.3,rlen=1024", true),
    Machine::Vector,
    Machine::Qemu,
    Machine::Native,
];

/// Where the programs are.
struct Paths {
    mellivora: PathBuf,
    qemu: Option<PathBuf>,
    this: PathBuf,
}

impl Machine {
    fn name(self) -> &'static str {
        match self {
            Machine::Matrix(unit, _) => unit,
            Machine::Vector => "RVV 1.0",
            Machine::Qemu => "RVV 1.0 on QEMU",
            Machine::Native => "native",
        }
    }

    /// The process that multiplies N x N matrices so many times; `None`: it cannot.
    fn command(self, paths: &Paths, types: &Types, n: usize, rounds: u64) -> Option<Command> {
        let directory = match self {
            Machine::Matrix(unit, _) if unit.starts_with("0.6") => "0p6",
            Machine::Matrix(..) => "0p3",
            _ => "v1",
        };
        let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testprogs/matrix").join(directory);
        let elf = programs.join(format!("bench-{}.elf", types.name));
        let mut command;
        match self {
            Machine::Native => {
                command = Command::new(&paths.this);
                command.args([native::CHILD, types.name]);
                if !native::has(types.name) {
                    return None;
                }
            }
            _ if !elf.exists() => return None,
            Machine::Matrix(unit, _) => {
                command = Command::new(&paths.mellivora);
                command.args(["run", "--matrix", unit]).arg(elf);
            }
            Machine::Vector => {
                command = Command::new(&paths.mellivora);
                command.args(["run", "--vlen", "128"]).arg(elf);
            }
            Machine::Qemu => {
                command = Command::new(paths.qemu.as_ref()?);
                command.args(["-cpu", "max,vlen=128"]).arg(elf);
            }
        }
        command.arg(format!("{n}x{rounds}"));
        Some(command)
    }

    /// Billions of multiply-accumulates a second, median of so many runs; `None`: it cannot do them.
    fn rate(self, paths: &Paths, types: &Types, n: usize, options: &Options) -> Option<Rate> {
        let cpu = |rounds| Some(measure(&mut self.command(paths, types, n, rounds)?).ok()?.cpu);
        let mut probe = self.command(paths, types, n, 1)?;
        let output = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            eprintln!("{} cannot run bench-{}: {message}", self.name(), types.name);
            return None;
        }
        let right = output.status.success();
        let mut idle: Vec<f64> = (0..3).filter_map(|_| cpu(0)).collect();
        idle.sort_by(f64::total_cmp);
        let idle = *idle.get(1)?;
        let once = (cpu(1)? - idle).max(1e-4);
        let rounds = (options.seconds / once).ceil().clamp(1.0, 1e6) as u64;
        let mut samples = Vec::new();
        for _ in 0..options.runs {
            samples.push(measure(&mut self.command(paths, types, n, rounds)?).ok()?);
        }
        let seconds = median(&samples, |s| s.cpu) - idle;
        let work = (n * n * n) as f64 * rounds as f64;
        Some(Rate { gmacs: work / seconds / 1e9, right: right && samples.iter().all(|s| s.right) })
    }
}

/// What was measured of one machine.
struct Rate {
    gmacs: f64,
    right: bool,
}

/// One product on all machines.
struct Row {
    types: &'static Types,
    n: usize,
    rates: Vec<Option<Rate>>,
}

/// All that was measured.
pub struct Results {
    rows: Vec<Row>,
}

/// Measures what the options ask for.
///
/// # Errors
/// Mellivora is missing.
pub fn run(options: &Options) -> Result<Results, String> {
    let only = options.only.as_deref();
    let paths = Paths {
        mellivora: mellivora(options.mellivora.as_deref())?,
        qemu: options.qemu.clone().or_else(|| on_path("qemu-riscv64")).filter(|_| wanted("qemu", only)),
        this: std::env::current_exe().map_err(|error| error.to_string())?,
    };
    if paths.qemu.is_none() {
        eprintln!("no qemu-riscv64 on PATH (give --qemu PATH): measuring without it");
    }
    let mut rows = Vec::new();
    for types in TYPES.iter().filter(|t| t.name.contains(&options.filter)) {
        for n in SIZES {
            let rates = MACHINES.iter().map(|machine| {
                progress(&format!("{} {n}: {}", types.name, machine.name()));
                machine.rate(&paths, types, n, options)
            });
            rows.push(Row { types, n, rates: rates.collect() });
        }
    }
    progress("");
    Ok(Results { rows })
}

impl Row {
    fn of(&self, machine: Machine) -> Option<f64> {
        let at = MACHINES.iter().position(|m| *m == machine)?;
        self.rates[at].as_ref().map(|r| r.gmacs)
    }

    /// What is required of a machine, in GMAC/s.
    fn required(&self, large: bool) -> Option<f64> {
        if !large {
            return self.of(Machine::Vector);
        }
        let qemu = self.of(Machine::Qemu).map(|r| r * self.types.times_qemu);
        let native = self.of(Machine::Native).map(|r| r * self.types.of_native).filter(|r| *r > 0.0);
        qemu.into_iter().chain(native).min_by(f64::total_cmp)
    }
}

impl Results {
    /// Whether all of Mellivora's results were right.
    pub fn mellivora_is_right(&self) -> bool {
        let ours = |(m, _): &(&Machine, &Option<Rate>)| matches!(m, Machine::Matrix(..) | Machine::Vector);
        let rates = self.rows.iter().flat_map(|r| MACHINES.iter().zip(&r.rates).filter(ours));
        rates.filter_map(|(_, rate)| rate.as_ref()).all(|r| r.right)
    }

    /// The table.
    pub fn text(&self) -> String {
        let mut out = String::from(
            "\nMultiplications of N x N matrices, GMAC/s; ratios to the same in RVV 1.0 on Mellivora and on QEMU (VLEN 128), and\n\
             to plain Rust loops. Required of tiles of 16 rows x 64 bytes and larger: see benches/README.md; of smaller ones: RVV.\n\n",
        );
        let _ = writeln!(
            out,
            "{:8} {:>5}  {:26} {:>8} {:>8} {:>8} {:>8}  required",
            "types", "N", "machine", "GMAC/s", "/ RVV", "/ QEMU", "/ native"
        );
        for row in &self.rows {
            for (machine, rate) in MACHINES.iter().zip(&row.rates) {
                let Some(rate) = rate else { continue };
                let ratio = |other: Machine| match row.of(other) {
                    Some(of) if other != *machine => format!("{:.2}", rate.gmacs / of),
                    _ => "-".to_owned(),
                };
                let required = match machine {
                    Machine::Matrix(_, large) => row.required(*large).map_or(String::new(), |r| {
                        format!("{r:.2} {}", if rate.gmacs >= r { "reached" } else { "missed" })
                    }),
                    _ => String::new(),
                };
                let wrong = if rate.right { "" } else { " WRONG RESULT" };
                let _ = writeln!(
                    out,
                    "{:8} {:>5}  {:26} {:>8.3} {:>8} {:>8} {:>8}  {required}{wrong}",
                    row.types.name,
                    row.n,
                    machine.name(),
                    rate.gmacs,
                    ratio(Machine::Vector),
                    ratio(Machine::Qemu),
                    ratio(Machine::Native),
                );
            }
        }
        out
    }

    /// A field of a JSON object.
    pub fn json(&self) -> String {
        let cell = |row: &Row, machine: &Machine, rate: &Rate| {
            format!(
                "    {{\"types\": \"{}\", \"n\": {}, \"machine\": \"{}\", \"gmacs\": {:.4}, \"right\": {}}}",
                row.types.name,
                row.n,
                machine.name(),
                rate.gmacs,
                rate.right
            )
        };
        let cells: Vec<String> = self
            .rows
            .iter()
            .flat_map(|row| MACHINES.iter().zip(&row.rates).filter_map(move |(m, r)| Some(cell(row, m, r.as_ref()?))))
            .collect();
        format!("  \"matrix\": [\n{}\n  ]", cells.join(",\n"))
    }
}
