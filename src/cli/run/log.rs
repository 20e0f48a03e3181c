//! `--log-commits`: each retired instruction in Spike's format, to a file or standard error.

use crate::cli::Failure;
use mellivora::machine::Machine;
use mellivora::observe::{CommitLog, Retired};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The log and the first error of its writer.
struct State {
    log: CommitLog<BufWriter<Box<dyn Write + Send>>>,
    broken: Option<io::Error>,
}

/// A log that a machine writes to.
pub struct Log(Arc<Mutex<State>>);

/// Makes the machine log to a file, or to standard error without one; `also` is called for each instruction, too.
pub fn start(
    machine: &mut Machine,
    file: Option<&Path>,
    mut also: impl FnMut(&Retired<'_>) + Send + 'static,
) -> Result<Log, Failure> {
    let out: Box<dyn Write + Send> = match file {
        None => Box::new(io::stderr()),
        Some(path) => Box::new(
            File::create(path).map_err(|e| Failure::own(format!("{}: cannot write the log: {e}", path.display())))?,
        ),
    };
    let log = CommitLog::new(BufWriter::with_capacity(1 << 16, out), &machine.config().isa);
    let state = Arc::new(Mutex::new(State { log, broken: None }));
    let (writer, stop) = (state.clone(), machine.stop_handle());
    machine.on_retire(move |retired| {
        also(retired);
        let mut state = writer.lock().unwrap_or_else(PoisonError::into_inner);
        if state.broken.is_none()
            && let Err(e) = state.log.record(retired)
        {
            // A log with a hole is worth nothing: the run ends here.
            state.broken = Some(e);
            stop.stop();
        }
    });
    Ok(Log(state))
}

impl Log {
    /// Writes the rest. A reader that has gone away wanted no more.
    pub fn finish(self) -> Result<(), Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = match state.broken.take() {
            Some(e) => Err(e),
            None => state.log.flush(),
        };
        match end {
            Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Failure::own(format!("cannot write the log: {e}"))),
            _ => Ok(()),
        }
    }
}
