//! What one run of one process cost.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

/// One run.
#[derive(Debug, Clone)]
pub struct Sample {
    /// User and system CPU time, seconds.
    pub cpu: f64,
    /// Wall-clock time, seconds.
    pub wall: f64,
    /// Peak resident size, KiB.
    pub peak_kib: u64,
    /// The process exited with status 0, that is: every checked result was right.
    pub right: bool,
}

/// Runs `command` to its end. Its output is read and dropped.
///
/// # Errors
/// The process cannot be started, or dies of a signal.
pub fn measure(command: &mut Command) -> Result<Sample, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{name}: {error}"))?;
    let mut output = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut output).map_err(|error| format!("{name}: {error}"))?;
    }
    let mut status = 0;
    // SAFETY: rusage is plain data; wait4 writes to both locals only. The child is
    // ours and not yet waited for, so its id cannot have been reused.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        if libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) < 0 {
            return Err(format!("{name}: {}", std::io::Error::last_os_error()));
        }
        usage
    };
    let wall = start.elapsed().as_secs_f64();
    let status = ExitStatus::from_raw(status);
    if let Some(signal) = status.signal() {
        return Err(format!("{name}: died of signal {signal}"));
    }
    // macOS counts bytes, others KiB.
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    Ok(Sample {
        cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        wall,
        peak_kib: usage.ru_maxrss as u64 / unit,
        right: status.success(),
    })
}

fn seconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 + time.tv_usec as f64 * 1e-6
}
