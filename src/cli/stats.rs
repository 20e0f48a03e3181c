//! `--stats`: what a run did and how fast the host was, for people or as JSON.

use super::Failure;
use super::json::{Json, quote};
use mellivora::isa::Class;
use mellivora::observe::{Counts, Unit};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// The figures of one run.
pub struct Stats {
    pub program: String,
    pub environment: &'static str,
    pub isa: String,
    /// The CPU model, if one was named.
    pub model: Option<&'static str>,
    pub instructions: u64,
    /// Time in the run itself, without loading.
    pub wall: Duration,
    /// CPU time of the whole process up to the end of the run.
    pub cpu: Option<f64>,
    /// How the run ended, in a word, and the status of this process.
    pub end: &'static str,
    pub status: u8,
    /// Only if asked for.
    pub counts: Option<Counts>,
}

/// The version of the JSON form: counts up when a key changes its meaning or goes.
const FORMAT: u32 = 1;

impl Stats {
    /// Millions of guest instructions per second of the host's CPU time.
    fn mips(&self) -> Option<f64> {
        let seconds = self.cpu.filter(|s| *s > 0.0)?;
        Some(self.instructions as f64 / seconds / 1e6)
    }

    /// Several lines for people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "instructions  {}", grouped(self.instructions));
        if let Some(counts) = &self.counts {
            self.counted(counts, &mut out);
        }
        let _ = writeln!(out, "wall time     {:.3} s", self.wall.as_secs_f64());
        if let (Some(cpu), Some(mips)) = (self.cpu, self.mips()) {
            let _ = writeln!(out, "CPU time      {cpu:.3} s");
            let _ = writeln!(out, "host speed    {mips:.0} million guest instructions per CPU second");
            out += "              (how fast this emulator ran; it says nothing about time on a RISC-V chip)\n";
        }
        let _ = writeln!(out, "end           {}, status {}", self.end, self.status);
        let _ = writeln!(out, "environment   {}", self.environment);
        if let Some(model) = self.model {
            let _ = writeln!(out, "CPU model     {model}");
        }
        let _ = writeln!(out, "ISA           {}", self.isa);
        out
    }

    /// What `--stats-classes` adds; what there is none of has no line.
    fn counted(&self, counts: &Counts, out: &mut String) {
        for class in Class::ALL {
            let n = counts.instructions(class);
            if n != 0 {
                let share = 100.0 * n as f64 / self.instructions.max(1) as f64;
                let _ = writeln!(out, "  {:<20}{:>16}  {share:5.1} %", class.name(), grouped(n));
            }
        }
        for unit in Unit::ALL {
            let (loaded, stored) = (counts.loaded(unit), counts.stored(unit));
            if loaded != 0 || stored != 0 {
                let (loaded, stored) = (grouped(loaded), grouped(stored));
                let _ = writeln!(out, "bytes moved   {:<8}{loaded:>16} loaded {stored:>16} stored", name(unit));
            }
        }
        for unit in Unit::ALL {
            let n = counts.multiply_accumulates(unit);
            if n != 0 {
                let _ = writeln!(out, "multiply-accs {:<8}{:>16}", name(unit), grouped(n));
            }
        }
    }

    /// The same as members of the JSON object.
    fn counted_json(counts: &Counts) -> Json {
        let units = |f: &dyn Fn(Unit) -> Json| Json::Object(Unit::ALL.iter().map(|u| (name(*u), f(*u))).collect());
        let classes = Class::ALL.iter().map(|c| (c.name(), Json::Number(counts.instructions(*c))));
        Json::Object(vec![
            ("instructions", Json::Object(classes.collect())),
            ("bytes_loaded", units(&|u| Json::Number(counts.loaded(u)))),
            ("bytes_stored", units(&|u| Json::Number(counts.stored(u)))),
            ("multiply_accumulates", units(&|u| Json::Number(counts.multiply_accumulates(u)))),
        ])
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        let number = |v: Option<f64>| v.map_or("null".to_owned(), |v| format!("{v:.6}"));
        format!(
            "{{\n  \"format\": {FORMAT},\n  \"mellivora\": {},\n  \"program\": {},\n  \"environment\": {},\n  \
             \"isa\": {},\n  \"cpu_model\": {},\n  \"instructions\": {},\n  \"end\": {},\n  \"status\": {},\n  \"wall_seconds\": {},\n  \
             \"cpu_seconds\": {},\n  \"host_mips\": {},\n  \"counts\": {}\n}}\n",
            quote(env!("CARGO_PKG_VERSION")),
            quote(&self.program),
            quote(self.environment),
            quote(&self.isa),
            self.model.map_or("null".to_owned(), quote),
            self.instructions,
            quote(self.end),
            self.status,
            number(Some(self.wall.as_secs_f64())),
            number(self.cpu),
            number(self.mips()),
            Json::maybe(self.counts.as_ref(), Self::counted_json).to_string().replace('\n', "\n  "),
        )
    }

    /// Writes the text to standard error, or the JSON to a file.
    pub fn report(&self, file: Option<&Path>) -> Result<(), Failure> {
        match file {
            None => {
                eprint!("{}", self.text());
                Ok(())
            }
            Some(path) => super::file::write(path, self.json().as_bytes(), "the statistics"),
        }
    }
}

fn name(unit: Unit) -> &'static str {
    match unit {
        Unit::Scalar => "scalar",
        Unit::Vector => "vector",
        Unit::Matrix => "matrix",
    }
}

/// `1234567` as `1 234 567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let head = digits.len() % 3;
    let mut out = digits[..head].to_owned();
    for (i, c) in digits[head..].chars().enumerate() {
        if i % 3 == 0 && !out.is_empty() {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_come_in_threes() {
        let all = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(all, ["0", "999", "1 000", "1 234 567"]);
    }
}
