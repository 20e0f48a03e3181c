//! Error numbers of Linux (asm-generic), and how the host's errors become them.

use std::io;

/// An error number as a guest sees it, positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Errno(pub u16);

macro_rules! errnos {
    ($($name:ident = $n:literal)*) => {
        $(#[allow(dead_code)] // the list also says how other hosts' errors map
        pub(super) const $name: Errno = Errno($n);)*

        /// The host's number as Linux's; hosts other than Linux number differently.
        #[cfg(not(target_os = "linux"))]
        fn from_host(n: i32) -> Errno {
            match n {
                $(libc::$name => $name,)*
                _ => EIO,
            }
        }
    };
}

errnos! {
    EPERM = 1 ENOENT = 2 ESRCH = 3 EINTR = 4 EIO = 5 ENXIO = 6 E2BIG = 7 ENOEXEC = 8 EBADF = 9 ECHILD = 10 EAGAIN = 11
    ENOMEM = 12 EACCES = 13 EFAULT = 14 EBUSY = 16 EEXIST = 17 EXDEV = 18 ENODEV = 19 ENOTDIR = 20 EISDIR = 21
    EINVAL = 22 ENFILE = 23 EMFILE = 24 ENOTTY = 25 ETXTBSY = 26 EFBIG = 27 ENOSPC = 28 ESPIPE = 29 EROFS = 30
    EMLINK = 31 EPIPE = 32 EDOM = 33 ERANGE = 34 EDEADLK = 35 ENAMETOOLONG = 36 ENOLCK = 37 ENOSYS = 38 ENOTEMPTY = 39
    ELOOP = 40 ENODATA = 61 EOVERFLOW = 75 ENOTSOCK = 88 EOPNOTSUPP = 95 EAFNOSUPPORT = 97 ETIMEDOUT = 110
}

#[cfg(target_os = "linux")]
fn from_host(n: i32) -> Errno {
    Errno(n as u16)
}

impl From<io::Error> for Errno {
    fn from(e: io::Error) -> Errno {
        match (e.raw_os_error(), e.kind()) {
            (Some(n), _) => from_host(n),
            (None, io::ErrorKind::BrokenPipe) => EPIPE,
            (None, io::ErrorKind::InvalidInput) => EINVAL,
            (None, io::ErrorKind::WouldBlock) => EAGAIN,
            _ => EIO,
        }
    }
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        #[cfg(target_os = "linux")]
        return io::Error::from_raw_os_error(self.0 as i32).fmt(f);
        #[cfg(not(target_os = "linux"))]
        write!(f, "error {}", self.0)
    }
}
