//! `--stats`: what a run did and how fast the host was, for people or as JSON.

use super::Failure;
use super::json::quote;
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

    /// One JSON object.
    pub fn json(&self) -> String {
        let number = |v: Option<f64>| v.map_or("null".to_owned(), |v| format!("{v:.6}"));
        format!(
            "{{\n  \"format\": {FORMAT},\n  \"mellivora\": {},\n  \"program\": {},\n  \"environment\": {},\n  \
             \"isa\": {},\n  \"cpu_model\": {},\n  \"instructions\": {},\n  \"end\": {},\n  \"status\": {},\n  \"wall_seconds\": {},\n  \
             \"cpu_seconds\": {},\n  \"host_mips\": {}\n}}\n",
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
