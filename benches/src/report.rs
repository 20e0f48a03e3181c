//! Tables for people (Markdown) and JSON for programs.

use std::fmt::Write;

use crate::measure::{Sample, measure};
use crate::median;
use crate::programs::{Group, Program, image_bytes};
use crate::subject::Subject;

/// Adds a line to a string.
macro_rules! say {
    ($out:expr, $($line:tt)*) => { writeln!($out, $($line)*).ok() };
}

/// All samples of one program.
pub struct Row {
    /// The program.
    pub program: Program,
    /// Instructions it retires, when known.
    pub instructions: Option<u64>,
    /// Whether each subject can run it.
    pub runs: Vec<bool>,
    /// One list for each subject, in their order; empty if it cannot run the program.
    pub samples: Vec<Vec<Sample>>,
}

impl Row {
    /// A row without samples yet.
    pub fn new(program: &Program, subjects: usize) -> Self {
        let samples = vec![Vec::new(); subjects];
        Self { program: program.clone(), instructions: None, runs: vec![true; subjects], samples }
    }

    /// Runs the program once on each subject that can.
    ///
    /// # Errors
    /// A subject cannot be started or crashes.
    pub fn measure_all(&mut self, subjects: &[Subject], arguments: &[String]) -> Result<(), String> {
        for (at, subject) in subjects.iter().enumerate().filter(|&(at, _)| self.runs[at]) {
            self.samples[at].push(measure(&mut subject.command(&self.program.elf, arguments))?);
        }
        Ok(())
    }

    /// Median CPU seconds.
    fn cpu(&self, subject: usize) -> Option<f64> {
        self.runs[subject].then(|| median(&self.samples[subject], |sample| sample.cpu))
    }

    fn mips(&self, subject: usize) -> Option<f64> {
        Some(self.instructions? as f64 / self.cpu(subject)? / 1e6)
    }

    /// How many times as fast the first subject is as this one.
    fn ratio(&self, subject: usize) -> Option<f64> {
        Some(self.cpu(subject)? / self.cpu(0)?)
    }

    fn right(&self, subject: usize) -> bool {
        self.samples[subject].iter().all(|sample| sample.right)
    }

    fn peak_mib(&self, subject: usize) -> f64 {
        median(&self.samples[subject], |sample| sample.peak_kib as f64) / 1024.0
    }
}

/// Everything measured.
pub struct Report<'a> {
    /// The emulators; Mellivora first if it was measured.
    pub subjects: &'a [Subject],
    /// Programs measured for speed.
    pub rows: &'a [Row],
    /// Programs measured for start-up.
    pub hellos: &'a [Row],
}

impl Report<'_> {
    /// Whether every result of Mellivora was right.
    pub fn mellivora_is_right(&self) -> bool {
        let ours = self.subjects.iter().position(|subject| matches!(subject, Subject::Mellivora(_)));
        ours.is_none_or(|at| self.rows.iter().chain(self.hellos).all(|row| row.right(at)))
    }

    /// The tables.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let out = &mut text;
        for subject in self.subjects {
            say!(out, "* {}: {}", subject.name(), subject.version());
        }
        if !self.rows.is_empty() {
            self.add_speed(out);
            self.add_memory(out);
        }
        if !self.hellos.is_empty() {
            self.add_start(out);
        }
        text
    }

    /// Guest MIPS, and how many times as fast the first subject is as the others.
    fn add_speed(&self, out: &mut String) {
        say!(out, "\nGuest MIPS by CPU time, median of {} runs (higher is better):\n", self.rows[0].samples[0].len());
        let names = || self.subjects.iter().map(Subject::name);
        let first = self.subjects[0].name();
        let mut header = "| program | M instructions |".to_owned();
        for name in names() {
            write!(header, " {name} |").ok();
        }
        for name in names().skip(1) {
            write!(header, " {first} / {name} |").ok();
        }
        say!(out, "{header}\n|---|{}", "---:|".repeat(2 * self.subjects.len()));
        let mut wrong = false;
        for row in self.rows {
            let count = row.instructions.map_or("?".to_owned(), |n| format!("{:.1}", n as f64 / 1e6));
            let mut line = format!("| {} | {count} |", row.program.name);
            for subject in 0..self.subjects.len() {
                wrong |= !row.right(subject);
                let mark = if row.right(subject) { "" } else { " (!)" };
                write!(line, " {}{mark} |", number(row.mips(subject), 0)).ok();
            }
            for subject in 1..self.subjects.len() {
                write!(line, " {} |", number(row.ratio(subject), 2)).ok();
            }
            say!(out, "{line}");
        }
        for (name, groups) in MEANS {
            self.add_mean(out, name, groups);
        }
        if wrong {
            say!(out, "\n(!) wrong result. libriscv rounds fused multiply-adds twice, so `matmul` is wrong there.");
        }
    }

    fn add_mean(&self, out: &mut String, name: &str, groups: &[Group]) {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| groups.contains(&row.program.group)).collect();
        if rows.len() < 2 {
            return;
        }
        // `None` where a subject lacks one of the programs: means of unequal sets mislead.
        let mean = |value: &dyn Fn(&Row) -> Option<f64>| {
            let logarithms: Option<f64> = rows.iter().map(|row| value(row).map(f64::ln)).sum();
            Some((logarithms? / rows.len() as f64).exp())
        };
        let mut line = format!("| **{name}** | |");
        for subject in 0..self.subjects.len() {
            write!(line, " {} |", number(mean(&|row| row.mips(subject)), 0)).ok();
        }
        for subject in 1..self.subjects.len() {
            write!(line, " **{}** |", number(mean(&|row| row.ratio(subject)), 2)).ok();
        }
        say!(out, "{line}");
    }

    fn add_memory(&self, out: &mut String) {
        say!(out, "\nPeak resident MiB (what the guest touches is its ELF image):\n");
        let mut header = "| program | image |".to_owned();
        for subject in self.subjects {
            write!(header, " {} |", subject.name()).ok();
        }
        say!(out, "{header}\n|---|{}", "---:|".repeat(1 + self.subjects.len()));
        for row in self.rows {
            let image = image_bytes(&row.program.elf).unwrap_or(0) as f64 / 1048576.0;
            let mut line = format!("| {} | {image:.1} |", row.program.name);
            for subject in 0..self.subjects.len() {
                write!(line, " {:.1} |", row.peak_mib(subject)).ok();
            }
            say!(out, "{line}");
        }
    }

    fn add_start(&self, out: &mut String) {
        say!(
            out,
            "\nStart-up, median of {} runs: CPU ms / wall ms / peak resident MiB:\n",
            self.hellos[0].samples[0].len()
        );
        let mut header = "| program |".to_owned();
        for subject in self.subjects {
            write!(header, " {} |", subject.name()).ok();
        }
        say!(out, "{header}\n|---|{}", "---:|".repeat(self.subjects.len()));
        for row in self.hellos {
            let mut line = format!("| {} |", row.program.name);
            for subject in 0..self.subjects.len() {
                let mark = if row.right(subject) { "" } else { " (!)" };
                let wall = median(&row.samples[subject], |sample| sample.wall) * 1e3;
                write!(
                    line,
                    " {:.1} / {wall:.1} / {:.1}{mark} |",
                    row.cpu(subject).unwrap_or(0.0) * 1e3,
                    row.peak_mib(subject)
                )
                .ok();
            }
            say!(out, "{line}");
        }
    }

    /// The fields `subjects`, `programs` and `start_up` of a JSON object: every sample in seconds, KiB.
    pub fn json(&self) -> String {
        let rows =
            |rows: &[Row]| rows.iter().map(|row| format!("    {}", self.json_row(row))).collect::<Vec<_>>().join(",\n");
        let subjects: Vec<String> = self
            .subjects
            .iter()
            .map(|subject| format!("    {{\"name\": {:?}, \"version\": {:?}}}", subject.name(), subject.version()))
            .collect();
        format!(
            "  \"subjects\": [\n{}\n  ],\n  \"programs\": [\n{}\n  ],\n  \"start_up\": [\n{}\n  ]",
            subjects.join(",\n"),
            rows(self.rows),
            rows(self.hellos)
        )
    }

    fn json_row(&self, row: &Row) -> String {
        let count = row.instructions.map_or("null".to_owned(), |n| n.to_string());
        let mut text = format!(
            "{{\"name\": {:?}, \"group\": \"{:?}\", \"instructions\": {count}",
            row.program.name, row.program.group
        );
        for (at, subject) in self.subjects.iter().enumerate() {
            let mips = row.mips(at).map_or("null".to_owned(), |mips| format!("{mips:.2}"));
            let list =
                |value: &dyn Fn(&Sample) -> String| row.samples[at].iter().map(value).collect::<Vec<_>>().join(", ");
            write!(
                text,
                ", {:?}: {{\"mips\": {mips}, \"right\": {}, \"cpu\": [{}], \"wall\": [{}], \"peak_kib\": [{}]}}",
                subject.name(),
                row.right(at),
                list(&|sample| format!("{:.6}", sample.cpu)),
                list(&|sample| format!("{:.6}", sample.wall)),
                list(&|sample| sample.peak_kib.to_string())
            )
            .ok();
        }
        text.push('}');
        text
    }
}

/// A number with that many decimals, or a dash.
fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

/// The geometric means shown.
const MEANS: [(&str, &[Group]); 4] = [
    ("geometric mean, integer", &[Group::Integer]),
    ("geometric mean, integer and chase", &[Group::Integer, Group::Latency]),
    ("geometric mean, f64", &[Group::Float]),
    ("geometric mean", &[Group::Own]),
];
