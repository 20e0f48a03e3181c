//! What of the host a guest gets: its standard streams, and which files.
//!
//! The default of everything here is nothing: no files, no input, output to nowhere.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which of the host's files a guest can reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Files {
    /// None: every path is missing, apart from the few files that the environment makes itself (`/dev/null`,
    /// `/proc/self/maps`, ...).
    #[default]
    Deny,
    /// Those below this directory, which the guest sees as `/`. Neither `..` nor symbolic links lead out of it.
    Root(PathBuf),
    /// All that the host's user can reach, under the same names and with the same working directory.
    Host,
}

/// Output kept in memory. Copies share one buffer.
#[derive(Clone, Debug, Default)]
pub struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    /// An empty buffer.
    pub fn new() -> Capture {
        Capture::default()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has been written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.lock().clone()
    }

    /// What has been written so far, with U+FFFD for what is not UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock()).into_owned()
    }
}

impl Write for Capture {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where a guest's standard input comes from.
pub(crate) enum Input {
    Nothing,
    Host,
    Bytes(io::Cursor<Vec<u8>>),
    Custom(Box<dyn Read + Send>),
}

/// Where a guest's standard output or error goes.
pub(crate) enum Output {
    Nothing,
    Host,
    Capture(Capture),
    Custom(Box<dyn Write + Send>),
}

/// A guest's standard input, output and error.
pub struct Streams {
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) error: Output,
}

impl Default for Streams {
    fn default() -> Self {
        Streams::none()
    }
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Streams")
    }
}

impl Streams {
    /// Empty input; output is lost.
    pub fn none() -> Streams {
        Streams { input: Input::Nothing, output: Output::Nothing, error: Output::Nothing }
    }

    /// The host process's own streams; where they are a terminal, the guest sees one.
    pub fn host() -> Streams {
        Streams { input: Input::Host, output: Output::Host, error: Output::Host }
    }

    /// Streams of the embedder. A guest sees pipes.
    pub fn new(
        input: impl Read + Send + 'static,
        output: impl Write + Send + 'static,
        error: impl Write + Send + 'static,
    ) -> Streams {
        Streams {
            input: Input::Custom(Box::new(input)),
            output: Output::Custom(Box::new(output)),
            error: Output::Custom(Box::new(error)),
        }
    }

    /// Input from memory, and output and error into memory, to be read through the two captures.
    ///
    /// ```
    /// use mellivora::env::Streams;
    /// let (streams, output, error) = Streams::capture(*b"what the guest reads");
    /// # drop(streams);
    /// assert!(output.bytes().is_empty() && error.bytes().is_empty());
    /// ```
    pub fn capture(input: impl Into<Vec<u8>>) -> (Streams, Capture, Capture) {
        let (output, error) = (Capture::new(), Capture::new());
        let input = Input::Bytes(io::Cursor::new(input.into()));
        let streams = Streams { input, output: Output::Capture(output.clone()), error: Output::Capture(error.clone()) };
        (streams, output, error)
    }

    /// Equal streams, if all of them can be shared.
    pub(crate) fn duplicate(&self) -> Option<Streams> {
        Some(Streams {
            input: self.input.duplicate()?,
            output: self.output.duplicate()?,
            error: self.error.duplicate()?,
        })
    }
}

impl Input {
    /// The next bytes; blocks as the source does.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Input::Nothing => Ok(0),
            Input::Host => io::stdin().read(out),
            Input::Bytes(b) => b.read(out),
            Input::Custom(r) => retry(|| r.read(out)),
        }
    }

    /// Another reader of the rest, if that is possible.
    pub(crate) fn duplicate(&self) -> Option<Input> {
        Some(match self {
            Input::Nothing => Input::Nothing,
            Input::Host => Input::Host,
            Input::Bytes(b) => Input::Bytes(b.clone()),
            Input::Custom(_) => return None,
        })
    }
}

impl Output {
    /// Writes all of `data`, at once as far as the guest can see.
    pub(crate) fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Output::Nothing => {}
            // The host's file descriptors are used directly where there are such; this is for hosts without.
            Output::Host => {
                let mut out = io::stdout().lock();
                out.write_all(data).and_then(|()| out.flush())?;
            }
            Output::Capture(c) => c.write_all(data)?,
            Output::Custom(w) => w.write_all(data).and_then(|()| w.flush())?,
        }
        Ok(data.len())
    }

    /// Another writer to the same place, if that is possible.
    pub(crate) fn duplicate(&self) -> Option<Output> {
        Some(match self {
            Output::Nothing => Output::Nothing,
            Output::Host => Output::Host,
            Output::Capture(c) => Output::Capture(c.clone()),
            Output::Custom(_) => return None,
        })
    }
}

fn retry(mut f: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match f() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
