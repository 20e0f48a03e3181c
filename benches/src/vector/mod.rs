//! Measures the kernels of `testprogs/vector`: work per second of CPU time at several VLENs, against QEMU, Spike and the
//! same loops compiled for this host.
//!
//! And both versions of the vector extension on the same kernels, side by side.
//!
//! This file drives the runs; `kernels` says what there is and what is required, `machines` how each is started,
//! `native` is the host's child process, `report` prints.

mod kernels;
mod machines;
pub mod native;
mod report;

use crate::measure::{Sample, measure};
use crate::{Options, median, progress};
use kernels::{KERNELS, Kernel, THEAD};
use machines::Machine;

/// Shorter differences of CPU time say little.
const LEAST_SECONDS: f64 = 0.05;

/// Runs of 0 rounds that tell what start-up costs.
const IDLE_RUNS: usize = 5;

/// One kernel at one VLEN on one machine.
struct Cell {
    /// Rounds in each run, chosen so that it takes about as long as wanted.
    rounds: u64,
    /// CPU seconds of a run of 0 rounds, median: start-up, input and check.
    idle: f64,
    samples: Vec<Sample>,
    /// It prints what the others print.
    right: bool,
}

/// One kernel at one VLEN.
struct Row {
    kernel: &'static Kernel,
    vlen: usize,
    /// For each machine, in their order; `None`: it cannot run the kernel.
    cells: Vec<Option<Cell>>,
}

/// All kernels on all machines.
pub struct Results {
    machines: Vec<Machine>,
    rows: Vec<Row>,
}

/// Measures what the options ask for.
///
/// # Errors
/// Mellivora is missing, or a machine that could run a kernel crashes on it later.
pub fn run(options: &Options) -> Result<Results, String> {
    measure_all(machines::find(options)?, KERNELS.iter(), options)
}

/// Measures V 1.0 and XTheadVector.
///
/// # Errors
/// Mellivora is missing, or crashes on a kernel that it could run.
pub fn versions(options: &Options) -> Result<Results, String> {
    measure_all(machines::versions(options)?, KERNELS.iter().chain(&THEAD), options)
}

fn measure_all(
    machines: Vec<Machine>,
    kernels: impl Iterator<Item = &'static Kernel>,
    options: &Options,
) -> Result<Results, String> {
    let mut rows = Vec::new();
    for kernel in kernels.filter(|kernel| kernel.name.contains(&options.filter)) {
        for &vlen in &options.vlens {
            rows.push(Row::prepare(kernel, vlen, &machines, options.seconds));
        }
    }
    for run in 0..options.runs {
        for row in &mut rows {
            progress(&format!("run {}/{}: {} at VLEN {}", run + 1, options.runs, row.kernel.name, row.vlen));
            for (machine, cell) in machines.iter().zip(&mut row.cells) {
                let Some(cell) = cell else { continue };
                cell.samples.push(measure(&mut machine.command(row.kernel, row.vlen, cell.rounds))?);
            }
        }
    }
    progress("");
    Ok(Results { machines, rows })
}

impl Row {
    /// Finds out who can run the kernel, whether all agree on the result, and how many rounds each needs.
    fn prepare(kernel: &'static Kernel, vlen: usize, machines: &[Machine], seconds: f64) -> Self {
        let mut line = None;
        let mut cells = Vec::new();
        for machine in machines {
            progress(&format!("preparing: {} at VLEN {vlen} on {}", kernel.name, machine.name()));
            cells.push(match Cell::prepare(machine, kernel, vlen, seconds, &mut line) {
                Ok(cell) => Some(cell),
                Err(message) => {
                    progress("");
                    eprintln!("{} cannot run {} at VLEN {vlen}: {message}", machine.name(), kernel.name);
                    None
                }
            });
        }
        Self { kernel, vlen, cells }
    }

    /// Work per second, in units of the kernel.
    fn rate(&self, machine: usize) -> Option<f64> {
        let cell = self.cells[machine].as_ref()?;
        let seconds = median(&cell.samples, |sample| sample.cpu) - cell.idle;
        Some(self.kernel.work * cell.rounds as f64 / seconds / self.kernel.unit)
    }

    fn right(&self, machine: usize) -> bool {
        self.cells[machine].as_ref().is_none_or(|cell| cell.right && cell.samples.iter().all(|sample| sample.right))
    }
}

impl Cell {
    /// `line` is what the first machine prints.
    fn prepare(
        machine: &Machine,
        kernel: &Kernel,
        vlen: usize,
        seconds: f64,
        line: &mut Option<String>,
    ) -> Result<Self, String> {
        let printed = machine.output(kernel, vlen, 1)?;
        let right = *line.get_or_insert(printed.clone()) == printed;
        let cpu = |rounds| Ok::<_, String>(measure(&mut machine.command(kernel, vlen, rounds))?.cpu);
        let mut idle = (0..IDLE_RUNS).map(|_| cpu(0)).collect::<Result<Vec<_>, _>>()?;
        idle.sort_by(f64::total_cmp);
        let idle = idle[IDLE_RUNS / 2];
        let mut rounds = 1;
        let taken = loop {
            let taken = cpu(rounds)? - idle;
            if taken >= LEAST_SECONDS || rounds > 1 << 30 {
                break taken;
            }
            rounds *= 4;
        };
        let rounds = (rounds as f64 * seconds / taken).ceil() as u64;
        Ok(Self { rounds: rounds.max(1), idle, samples: Vec::new(), right })
    }
}
