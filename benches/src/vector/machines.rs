//! What runs the kernels, and how it is told VLEN and the number of rounds.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::kernels::{KERNELS, Kernel};
use super::native;
use crate::Options;
use crate::subject::{first_line, mellivora, on_path, wanted};

/// Something that runs kernels.
pub enum Machine {
    /// This project's program.
    Mellivora(PathBuf),
    /// The same on the kernels that gcc compiled, for one version of vectors.
    Version(PathBuf, Version),
    /// QEMU's user-mode emulator, and how this version of it is told to have vectors.
    Qemu(PathBuf, &'static str),
    /// Spike, without an operating system.
    Spike(PathBuf),
    /// This host, in a child process of this program.
    Native(PathBuf),
}

/// Versions of the vector extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// V 1.0.
    V1,
    /// XTheadVector, which is 0.7.1.
    Thead,
}

/// CPU models of QEMU with vectors; the first is since 8.2.
const QEMU_CPUS: [&str; 2] = ["max", "rv64,v=true,vext_spec=v1.0"];

/// The machines present and not left out by `--only`.
///
/// # Errors
/// Mellivora is wanted and missing.
pub fn find(options: &Options) -> Result<Vec<Machine>, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let only = options.only.as_deref();
    let mut machines = Vec::new();
    if wanted("mellivora", only) {
        machines.push(Machine::Mellivora(mellivora(options.mellivora.as_deref())?));
    }
    if wanted("qemu", only) {
        let path = options.qemu.clone().or_else(|| on_path("qemu-riscv64"));
        let machine = path.and_then(|path| {
            let candidates = QEMU_CPUS.iter().map(|cpu| Machine::Qemu(path.clone(), cpu));
            candidates.into_iter().find(|machine| machine.output(&KERNELS[0], 128, 1).is_ok())
        });
        if machine.is_none() {
            eprintln!("no qemu-riscv64 with vectors on PATH (give --qemu PATH): measuring without it");
        }
        machines.extend(machine);
    }
    if wanted("spike", only) {
        match options.spike.clone().or_else(|| on_path("spike")) {
            Some(path) => machines.push(Machine::Spike(path)),
            None => eprintln!("spike is not on PATH (give --spike PATH): measuring without it"),
        }
    }
    if wanted("native", only) {
        machines.push(Machine::Native(this));
    }
    Ok(machines)
}

/// Mellivora with V 1.0 and with XTheadVector.
///
/// # Errors
/// Mellivora is missing.
pub fn versions(options: &Options) -> Result<Vec<Machine>, String> {
    let path = mellivora(options.mellivora.as_deref())?;
    Ok([Version::V1, Version::Thead].map(|version| Machine::Version(path.clone(), version)).into())
}

impl Machine {
    /// Name in tables and JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mellivora(_) => "mellivora",
            Self::Version(_, Version::V1) => "V 1.0",
            Self::Version(_, Version::Thead) => "XTheadVector",
            Self::Qemu(..) => "qemu",
            Self::Spike(_) => "spike",
            Self::Native(_) => "native",
        }
    }

    /// What exactly is measured, one line.
    pub fn version(&self) -> String {
        match self {
            Self::Mellivora(path) | Self::Version(path, _) => first_line(Command::new(path).arg("--version")),
            Self::Qemu(path, cpu) => {
                first_line(Command::new(path).arg("--version")).map(|version| format!("{version}, -cpu {cpu},vlen=N"))
            }
            Self::Spike(path) => first_line(Command::new(path).arg("--help")),
            Self::Native(_) => Some(format!("the same loops in Rust, compiled for {}", native::features())),
        }
        .unwrap_or_else(|| "version unknown".to_owned())
    }

    /// The process that runs a kernel so many times.
    pub fn command(&self, kernel: &Kernel, vlen: usize, rounds: u64) -> Command {
        let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testprogs");
        let programs = all.join("vector");
        let elf = programs.join(format!("{}.elf", kernel.name));
        let mut command;
        match self {
            Self::Mellivora(path) => {
                command = Command::new(path);
                command.args(["run", "--vlen", &vlen.to_string()]).arg(elf);
            }
            Self::Version(path, version) => {
                let (directory, isa) = match version {
                    Version::V1 => ("thead/v1", "rv64gcv_xtheadvdot"),
                    Version::Thead => ("thead", "rv64gc_xtheadvector_xtheadvdot"),
                };
                command = Command::new(path);
                command.args(["run", "--isa", isa, "--vlen", &vlen.to_string()]);
                command.arg(all.join(directory).join(format!("{}.elf", kernel.name)));
            }
            Self::Qemu(path, cpu) => {
                command = Command::new(path);
                command.args(["-cpu", &format!("{cpu},vlen={vlen}")]).arg(elf);
            }
            Self::Spike(path) => {
                command = Command::new(path);
                command.arg(format!("--isa=rv64gcv_zvl{vlen}b"));
                command.arg(programs.join(format!("bare/{}.elf", kernel.name)));
            }
            Self::Native(this) => {
                command = Command::new(this);
                command.args([native::CHILD, kernel.name, &vlen.to_string()]);
            }
        }
        command.arg(rounds.to_string());
        command
    }

    /// What a run prints.
    ///
    /// # Errors
    /// It does not come to its end.
    pub fn output(&self, kernel: &Kernel, vlen: usize, rounds: u64) -> Result<String, String> {
        let mut command = self.command(kernel, vlen, rounds);
        let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{}: {error}", self.name()))?;
        // 1 is a wrong checksum, which the tables show.
        match output.status.code() {
            Some(0 | 1) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            _ => Err(format!("{}: {}: {}", self.name(), output.status, String::from_utf8_lossy(&output.stderr).trim())),
        }
    }
}
