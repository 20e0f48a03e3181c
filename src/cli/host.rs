//! What the program asks of its operating system beyond the standard library: to be told of Ctrl-C, and its CPU time.

#[cfg(unix)]
pub use unix::{cpu_seconds, on_interrupt};

/// Without signals Ctrl-C ends the process as it always does.
#[cfg(not(unix))]
pub fn on_interrupt(_: mellivora::machine::StopHandle) {}

/// Unknown on this host.
#[cfg(not(unix))]
pub fn cpu_seconds() -> Option<f64> {
    None
}

#[cfg(unix)]
mod unix {
    use mellivora::machine::StopHandle;
    use std::sync::OnceLock;

    static MACHINE: OnceLock<StopHandle> = OnceLock::new();

    extern "C" fn interrupted(_: libc::c_int) {
        if let Some(machine) = MACHINE.get() {
            machine.stop();
        }
    }

    /// Lets the first Ctrl-C stop the machine; a second one ends the process as usual.
    pub fn on_interrupt(machine: StopHandle) {
        if MACHINE.set(machine).is_err() {
            return;
        }
        // SAFETY: the structure is plain data, of which zero is a valid value; the handler does nothing but loads and
        // stores of atomics, which signal handlers may do. Without SA_RESTART a read that the guest waits for ends, too.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = interrupted as *const () as usize;
            action.sa_flags = libc::SA_RESETHAND;
            libc::sigaction(libc::SIGINT, &action, std::ptr::null_mut());
        }
    }

    /// CPU time of this process in seconds.
    pub fn cpu_seconds() -> Option<f64> {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the call writes one structure, which is there.
        let failed = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
        (failed == 0).then_some(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
    }
}
