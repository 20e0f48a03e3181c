//! Running QEMU's user mode: what `MELLIVORA_QEMU` names, or `qemu-riscv64` on PATH.

use super::program::{Segment, initial, program};
use crate::common::entropy::Entropy;
use crate::common::sequence::instruction;
use mellivora::isa::Op;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The signal of an illegal instruction.
#[cfg(unix)]
const SIGILL: i32 = 4;

/// The other emulator, as one CPU model.
pub struct Qemu {
    path: PathBuf,
    pub cpu: &'static str,
    file: PathBuf,
}

/// How a program ended.
pub enum Ended {
    /// With status 0, and this output.
    Well(Vec<u8>),
    /// At an illegal instruction.
    Illegal,
    /// Otherwise.
    Badly,
}

impl Qemu {
    /// QEMU as the first of these CPU models that it has; `None` if there is no QEMU or it has none of them.
    pub fn find(cpus: &[&'static str]) -> Option<Qemu> {
        static FILES: AtomicU32 = AtomicU32::new(0);
        let path = std::env::var_os("MELLIVORA_QEMU").map_or("qemu-riscv64".into(), PathBuf::from);
        let name = format!("scalar-{}-{}.elf", std::process::id(), FILES.fetch_add(1, Ordering::Relaxed));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let nothing = program(&[]);
        cpus.iter().find_map(|cpu| {
            let q = Qemu { path: path.clone(), cpu, file: file.clone() };
            q.run(&nothing).map(|_| q)
        })
    }

    /// Its version, in words.
    pub fn version(&self) -> String {
        let out = Command::new(&self.path).arg("--version").output().expect("it runs");
        String::from_utf8_lossy(&out.stdout).lines().next().unwrap_or_default().to_owned()
    }

    /// What a program writes, if it ends with status 0.
    pub fn run(&self, elf: &[u8]) -> Option<Vec<u8>> {
        match self.end(elf) {
            Ended::Well(output) => Some(output),
            _ => None,
        }
    }

    /// Runs a program.
    pub fn end(&self, elf: &[u8]) -> Ended {
        let Ok(out) = self.output(elf) else { return Ended::Badly };
        #[cfg(unix)]
        if std::os::unix::process::ExitStatusExt::signal(&out.status) == Some(SIGILL) {
            return Ended::Illegal;
        }
        if out.status.success() { Ended::Well(out.stdout) } else { Ended::Badly }
    }

    fn output(&self, elf: &[u8]) -> std::io::Result<Output> {
        std::fs::write(&self.file, elf)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&self.file, PermissionsExt::from_mode(0o755))?;
        }
        let command = &mut Command::new(&self.path);
        let out = command.args(["-cpu", self.cpu]).arg(&self.file).stdin(Stdio::null()).output()?;
        std::fs::remove_file(&self.file)?;
        Ok(out)
    }

    /// Whether it executes these instructions without a trap.
    pub fn knows(&self, ops: &[Op]) -> bool {
        let zeros = [0; 24];
        let mut e = Entropy::new(&zeros);
        let body = ops.iter().filter_map(|op| Some(instruction(*op, &mut e, false)?.1)).collect();
        let initial = initial(&mut Entropy::new(&zeros));
        self.run(&program(&[Segment { initial, body }])).is_some()
    }
}
