//! What the scalar T-Head extensions save: programs compiled for RV64GC and with them, by the same compiler, on Mellivora.

use std::fmt::Write;

use crate::measure::{Sample, measure};
use crate::programs::{Program, thead};
use crate::subject::{Subject, mellivora};
use crate::{Options, Output, median, progress};

/// One program in one compilation.
struct Cell {
    instructions: u64,
    samples: Vec<Sample>,
}

impl Cell {
    fn seconds(&self) -> f64 {
        median(&self.samples, |sample| sample.cpu)
    }

    fn right(&self) -> bool {
        self.samples.iter().all(|sample| sample.right)
    }

    fn json(&self) -> String {
        let cpu: Vec<String> = self.samples.iter().map(|sample| format!("{:.6}", sample.cpu)).collect();
        let right = self.right();
        format!("{{\"instructions\": {}, \"right\": {right}, \"cpu\": [{}]}}", self.instructions, cpu.join(", "))
    }
}

/// Counts and measures all of them.
///
/// # Errors
/// Mellivora is missing or cannot run a program.
pub fn run(options: &Options) -> Result<Output, String> {
    let subject = Subject::Mellivora(mellivora(options.mellivora.as_deref())?);
    let arguments: Vec<String> = options.rounds.iter().cloned().collect();
    let count = |program: &Program| {
        progress(&format!("counting: {}", program.name));
        let instructions = subject.count_instructions(&program.elf, &arguments)?.unwrap_or(0);
        Ok::<_, String>(Cell { instructions, samples: Vec::new() })
    };
    let mut rows = Vec::new();
    for [plain, extended] in thead().into_iter().filter(|[program, _]| program.name.contains(&options.filter)) {
        let cells = [count(&plain)?, count(&extended)?];
        rows.push(([plain, extended], cells));
    }
    for run in 0..options.runs {
        for (programs, cells) in &mut rows {
            progress(&format!("run {}/{}: {}", run + 1, options.runs, programs[0].name));
            for (program, cell) in programs.iter().zip(cells) {
                cell.samples.push(measure(&mut subject.command(&program.elf, &arguments))?);
            }
        }
    }
    progress("");
    let rows: Vec<(&str, &[Cell; 2])> = rows.iter().map(|(programs, cells)| (&*programs[0].name, cells)).collect();
    let right = rows.iter().all(|(_, cells)| cells.iter().all(Cell::right));
    Ok(Output::new(&text(&rows, options.runs), right, json(&rows)))
}

fn text(rows: &[(&str, &[Cell; 2])], runs: usize) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\nThe scalar T-Head extensions: millions of instructions and seconds of CPU time, median of {runs} runs:\n\n\
         | program | RV64GC | with XThead | ratio | RV64GC, s | with XThead, s | ratio |\n|---|---:|---:|---:|---:|---:|---:|\n"
    );
    for (name, [plain, extended]) in rows {
        let millions = |cell: &Cell| cell.instructions as f64 / 1e6;
        let mark = |cell: &Cell| if cell.right() { "" } else { " (!)" };
        let seconds = |cell: &Cell| format!("{:.3}{}", cell.seconds(), mark(cell));
        writeln!(
            text,
            "| {name} | {:.0} | {:.0} | {:.2} | {} | {} | {:.2} |",
            millions(plain),
            millions(extended),
            millions(extended) / millions(plain),
            seconds(plain),
            seconds(extended),
            extended.seconds() / plain.seconds()
        )
        .ok();
    }
    text
}

fn json(rows: &[(&str, &[Cell; 2])]) -> String {
    let row = |(name, [plain, extended]): &(&str, &[Cell; 2])| {
        format!("    {{\"program\": {name:?}, \"rv64gc\": {}, \"xthead\": {}}}", plain.json(), extended.json())
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!("  \"thead_scalar\": [\n{}\n  ]", rows.join(",\n"))
}
