//! Reading the files that the command line names, and what to say when that fails.

use super::Failure;
use mellivora::elf::ElfError;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Larger files are not programs.
const SIZE_MAX: u64 = 4 << 30;

/// All bytes of a file.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = path.display();
    let fail = |e: std::io::Error| Failure::own(format!("{name}: {}", reason(path, &e)));
    let file = File::open(path).map_err(fail)?;
    let meta = file.metadata().map_err(fail)?;
    if meta.is_dir() {
        return Err(Failure::own(format!("{name}: this is a directory; name the ELF file in it")));
    }
    if meta.len() > SIZE_MAX {
        return Err(Failure::own(format!(
            "{name}: {} bytes are more than the 4 GiB that a program may have",
            meta.len()
        )));
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize);
    // Devices and pipes have no size beforehand.
    file.take(SIZE_MAX + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(Failure::own(format!("{name}: more than the 4 GiB that a program may have")));
    }
    Ok(bytes)
}

/// Writes a file; `what` is what it holds.
pub fn write(path: &Path, bytes: &[u8], what: &str) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|e| Failure::own(format!("{}: cannot write {what}: {e}", path.display())))
}

/// The message for a file that is no program.
pub fn bad(path: &Path, error: ElfError) -> Failure {
    Failure::own(format!("{}: {error}", path.display()))
}

fn reason(path: &Path, e: &std::io::Error) -> String {
    match e.kind() {
        ErrorKind::NotFound => {
            let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
            match parent.filter(|p| !p.exists()) {
                Some(p) => format!("no such file: there is no directory {}", p.display()),
                None => "no such file".to_owned(),
            }
        }
        ErrorKind::PermissionDenied => {
            "permission denied: the file must be readable (it need not be executable)".to_owned()
        }
        _ => e.to_string(),
    }
}
