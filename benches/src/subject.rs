//! The emulators measured and how each is started.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::libriscv;

/// An emulator.
pub enum Subject {
    /// This project's program.
    Mellivora(PathBuf),
    /// The interpreter of the `libriscv` crate, in a child process of this program.
    Libriscv(PathBuf),
    /// QEMU's user-mode emulator.
    Qemu(PathBuf),
    /// Another emulator: its name, and the command that the ELF is appended to.
    Other(String, Vec<String>),
}

/// The emulators present: Mellivora (required unless `only` leaves it out),
/// libriscv, and QEMU if there is one.
///
/// # Errors
/// One that was asked for is missing.
pub fn find(mellivora: Option<&Path>, qemu: Option<&Path>, only: Option<&str>) -> Result<Vec<Subject>, String> {
    let wanted = |name: &str| wanted(name, only);
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut subjects = Vec::new();
    if wanted("mellivora") {
        subjects.push(Subject::Mellivora(self::mellivora(mellivora)?));
    }
    if wanted("libriscv") {
        subjects.push(Subject::Libriscv(this));
    }
    if wanted("qemu") {
        match qemu.map(Path::to_path_buf).or_else(|| on_path("qemu-riscv64")) {
            Some(path) => subjects.push(Subject::Qemu(path)),
            None => {
                eprintln!("qemu-riscv64 is not on PATH (give --qemu PATH): measuring without it")
            }
        }
    }
    Ok(subjects)
}

/// Whether `--only` leaves a subject in.
pub fn wanted(name: &str, only: Option<&str>) -> bool {
    only.is_none_or(|list| list.split(',').any(|item| item == name))
}

/// The program to measure: the one given, or the one beside this.
///
/// # Errors
/// It is missing.
pub fn mellivora(given: Option<&Path>) -> Result<PathBuf, String> {
    let beside = || std::env::current_exe().unwrap_or_default().with_file_name("mellivora");
    let path = given.map_or_else(beside, Path::to_path_buf);
    match path.is_file() {
        true => Ok(path),
        false => Err(format!("{} is missing: run `cargo build --release` first", path.display())),
    }
}

/// The emulator that `NAME=COMMAND...` describes; `None` when it describes none.
pub fn other(text: &str) -> Option<Subject> {
    let (name, command) = text.split_once('=')?;
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    (!words.is_empty()).then(|| Subject::Other(name.to_owned(), words))
}

/// A program on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// The first line that a command prints on standard output or else standard error.
pub fn first_line(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    Some(String::from_utf8_lossy(&text).lines().next()?.to_owned())
}

impl Subject {
    /// Name in tables and JSON.
    pub fn name(&self) -> &str {
        match self {
            Self::Mellivora(_) => "mellivora",
            Self::Libriscv(_) => "libriscv",
            Self::Qemu(_) => "qemu",
            Self::Other(name, _) => name,
        }
    }

    /// What exactly is measured, one line.
    pub fn version(&self) -> String {
        let first_line = |path: &Path| first_line(Command::new(path).arg("--version"));
        match self {
            Self::Mellivora(path) => first_line(path),
            Self::Libriscv(_) => Some(format!("libriscv crate {}, interpreter", libriscv::VERSION)),
            Self::Qemu(path) => first_line(path),
            Self::Other(_, command) => Some(command.join(" ")),
        }
        .unwrap_or_else(|| "version unknown".to_owned())
    }

    /// The process that runs `elf` with `arguments`.
    pub fn command(&self, elf: &Path, arguments: &[String]) -> Command {
        let mut command = match self {
            Self::Mellivora(path) => {
                let mut command = Command::new(path);
                command.arg("run");
                command
            }
            Self::Libriscv(this) => {
                let mut command = Command::new(this);
                command.arg(libriscv::CHILD);
                command
            }
            Self::Qemu(path) => Command::new(path),
            Self::Other(_, words) => {
                let mut command = Command::new(&words[0]);
                command.args(&words[1..]);
                command
            }
        };
        command.arg(elf).args(arguments);
        command
    }

    /// Instructions that `elf` retires, from a run of its own so that counting
    /// costs the measured runs nothing. `None`: this emulator does not count.
    ///
    /// # Errors
    /// The emulator does not run the program to its end.
    pub fn count_instructions(&self, elf: &Path, arguments: &[String]) -> Result<Option<u64>, String> {
        let text = match self {
            Self::Mellivora(path) => {
                let file = std::env::temp_dir().join(format!("mellivora-bench-{}.json", std::process::id()));
                let mut command = Command::new(path);
                command.arg("run").arg(format!("--stats={}", file.display())).arg(elf).args(arguments);
                run(&mut command)?;
                let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                std::fs::remove_file(&file).ok();
                text
            }
            Self::Libriscv(_) => run(&mut self.command(elf, arguments))?,
            Self::Qemu(_) | Self::Other(..) => return run(&mut self.command(elf, arguments)).map(|_| None),
        };
        number_after(&text, "\"instructions\":")
            .map(Some)
            .ok_or_else(|| format!("{} does not tell the instruction count of {}", self.name(), elf.display()))
    }
}

/// Runs a command to its end and returns what it wrote to standard error.
fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    // 1 is a wrong checksum, which the tables show.
    match output.status.code() {
        Some(0 | 1) => Ok(errors),
        _ => Err(format!("{name}: {}: {errors}", output.status)),
    }
}

fn number_after(text: &str, key: &str) -> Option<u64> {
    let rest = text[text.find(key)? + key.len()..].trim_start();
    rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
}
