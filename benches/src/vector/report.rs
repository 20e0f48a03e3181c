//! The table for people (Markdown) and JSON for programs.

use std::fmt::Write;

use super::machines::Machine;
use super::{Results, Row};

/// Adds a line to a string.
macro_rules! say {
    ($out:expr, $($line:tt)*) => { writeln!($out, $($line)*).ok() };
}

impl Results {
    /// Whether Mellivora ran everything and every result was right.
    pub fn mellivora_is_right(&self) -> bool {
        self.position("mellivora").is_none_or(|at| self.rows.iter().all(|row| row.cells[at].is_some() && row.right(at)))
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.machines.iter().position(|machine| machine.name() == name)
    }

    fn rate(&self, row: &Row, name: &str) -> Option<f64> {
        row.rate(self.position(name)?)
    }

    /// The rate that Mellivora has to reach.
    fn required(&self, row: &Row) -> Option<f64> {
        row.kernel.required(row.vlen, self.rate(row, "qemu")?, self.rate(row, "native")?)
    }

    /// Whether Mellivora reaches it; `None`: it was not measured, or nothing is required.
    fn holds(&self, row: &Row) -> Option<bool> {
        let required = self.required(row)?;
        self.position("mellivora").map(|at| row.right(at) && row.rate(at).is_some_and(|rate| rate >= required))
    }

    /// The table.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let out = &mut text;
        for machine in &self.machines {
            say!(out, "* {}: {}", machine.name(), machine.version());
        }
        let Some(first) = self.rows.first() else { return text };
        let runs = first.cells.iter().flatten().map(|cell| cell.samples.len()).max().unwrap_or(0);
        say!(out, "\nWork a second of CPU time, median of {runs} runs (higher is better):\n");
        let mut header = "| kernel | VLEN | unit |".to_owned();
        for name in self.machines.iter().map(Machine::name) {
            write!(header, " {name} |").ok();
        }
        say!(out, "{header} / qemu | / native | required | holds |");
        say!(out, "|---|---:|---|{}---|", "---:|".repeat(self.machines.len() + 3));
        let mut wrong = false;
        for row in &self.rows {
            let mut line = format!("| {} | {} | {} |", row.kernel.name, row.vlen, row.kernel.unit_name);
            for at in 0..self.machines.len() {
                let mark = if row.right(at) { "" } else { " (!)" };
                wrong |= !row.right(at);
                write!(line, " {}{mark} |", significant(row.rate(at))).ok();
            }
            let ours = self.rate(row, "mellivora");
            let times = |name| significant(ours.zip(self.rate(row, name)).map(|(ours, theirs)| ours / theirs));
            let holds = self.holds(row).map_or("-", |holds| if holds { "yes" } else { "**no**" });
            let required = significant(self.required(row));
            say!(out, "{line} {} | {} | {required} | {holds} |", times("qemu"), times("native"));
        }
        if wrong {
            say!(out, "\n(!) wrong result");
        }
        let judged: Vec<bool> = self.rows.iter().filter_map(|row| self.holds(row)).collect();
        if !judged.is_empty() {
            let reached = judged.iter().filter(|holds| **holds).count();
            say!(out, "\n{reached} of {} rows reach what is required.", judged.len());
        }
        text
    }

    /// The table of both versions of vectors.
    pub fn versions_text(&self) -> String {
        let mut text = String::new();
        let out = &mut text;
        let Some(first) = self.rows.first() else { return text };
        let runs = first.cells.iter().flatten().map(|cell| cell.samples.len()).max().unwrap_or(0);
        say!(out, "\n* {}", self.machines[0].version());
        say!(out, "\nThe same kernels by the same compiler: work a second of CPU time, median of {runs} runs:\n");
        say!(out, "| kernel | VLEN | unit | V 1.0 | XTheadVector | XTheadVector / V 1.0 |");
        say!(out, "|---|---:|---|---:|---:|---:|");
        let mut ratios = Vec::new();
        for row in &self.rows {
            let mark = |at| if row.right(at) { "" } else { " (!)" };
            let (v1, thead) = (row.rate(0), row.rate(1));
            let ratio = thead.zip(v1).map(|(thead, v1)| thead / v1);
            ratios.extend(ratio);
            let name = format!("| {} | {} | {} |", row.kernel.name, row.vlen, row.kernel.unit_name);
            let rates = format!("{}{} | {}{}", significant(v1), mark(0), significant(thead), mark(1));
            say!(out, "{name} {rates} | {} |", significant(ratio));
        }
        let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
        say!(out, "\nGeometric mean of the ratios: {mean:.2}.");
        text
    }

    /// Whether both versions gave the right results.
    pub fn versions_are_right(&self) -> bool {
        self.rows.iter().all(|row| (0..2).all(|at| row.cells[at].is_some() && row.right(at)))
    }

    /// The fields `vector_machines` and `vector` of a JSON object: every sample in seconds.
    pub fn json(&self) -> String {
        self.json_as("vector")
    }

    /// The same with names that begin in another way.
    pub fn json_as(&self, name: &str) -> String {
        let machine = |m: &Machine| format!("    {{\"name\": {:?}, \"version\": {:?}}}", m.name(), m.version());
        let machines: Vec<String> = self.machines.iter().map(machine).collect();
        let rows: Vec<String> = self.rows.iter().map(|row| self.json_row(row)).collect();
        let (machines, rows) = (machines.join(",\n"), rows.join(",\n"));
        format!("  \"{name}_machines\": [\n{machines}\n  ],\n  \"{name}\": [\n{rows}\n  ]")
    }

    fn json_row(&self, row: &Row) -> String {
        let number = |value: Option<f64>| value.map_or("null".to_owned(), |value| format!("{value:.6}"));
        let mut text = format!(
            "    {{\"kernel\": {:?}, \"vlen\": {}, \"unit\": {:?}, \"required\": {}, \"holds\": {}",
            row.kernel.name,
            row.vlen,
            row.kernel.unit_name,
            number(self.required(row)),
            self.holds(row).map_or("null".to_owned(), |holds| holds.to_string()),
        );
        for (at, machine) in self.machines.iter().enumerate() {
            let Some(cell) = &row.cells[at] else { continue };
            let cpu: Vec<String> = cell.samples.iter().map(|sample| format!("{:.6}", sample.cpu)).collect();
            write!(
                text,
                ", {:?}: {{\"rate\": {}, \"right\": {}, \"rounds\": {}, \"idle\": {:.6}, \"cpu\": [{}]}}",
                machine.name(),
                number(row.rate(at)),
                row.right(at),
                cell.rounds,
                cell.idle,
                cpu.join(", ")
            )
            .ok();
        }
        text.push('}');
        text
    }
}

/// A number with three significant digits, or a dash.
fn significant(value: Option<f64>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    let decimals = (2 - value.abs().max(1e-6).log10().floor() as i32).max(0) as usize;
    format!("{value:.decimals$}")
}
