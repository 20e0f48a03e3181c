//! What people need to write matrix kernels with compilers and assemblers that know no matrix instructions: a C header of
//! inline-assembly intrinsics, and macros for GNU as. Encodings, operands and their order come from the tables; what an
//! instruction does is said in words here.

mod c;
mod gas;
mod shape;
mod state;
mod words;
mod words3;
mod words6;

use super::csr::csr_number;
use super::extension::Isa;
use super::table::{Extension, Op};
use shape::Shape;

/// The matrix extensions, as far as texts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V03,
    V06,
}

impl Version {
    fn of(e: Extension) -> Option<Version> {
        match (e.name(), e.info().version) {
            ("xtheadmatrix", (0, 3)) => Some(Version::V03),
            ("xtheadmatrix", (0, 6)) => Some(Version::V06),
            _ => None,
        }
    }

    /// As in names of files and macros.
    fn name(self) -> &'static str {
        match self {
            Version::V03 => "0p3",
            Version::V06 => "0p6",
        }
    }

    /// As people say it.
    fn spoken(self) -> &'static str {
        match self {
            Version::V03 => "0.3",
            Version::V06 => "0.6",
        }
    }
}

/// The C header `th_matrix_0p6.h` or `th_matrix_0p3.h`: one intrinsic for each instruction of a matrix extension, its CSRs
/// and its constants. For C11 and C++17, GCC and Clang. `None` for other extensions.
///
/// ```
/// use mellivora::isa::{Extension, c_header};
/// let matrix = Extension::all().find(|e| e.versioned() == "xtheadmatrix0p6").unwrap();
/// assert!(c_header(matrix).unwrap().contains("#define th_mlae8(md, base, stride)"));
/// assert_eq!(c_header(Extension::V), None);
/// ```
pub fn c_header(extension: Extension) -> Option<String> {
    let version = Version::of(extension)?;
    Some(c::header(version, &shapes(extension, version)))
}

/// Macros for GNU as, `th_matrix_0p6.inc` or `th_matrix_0p3.inc`: one for each instruction of a matrix extension, of the
/// instruction's own name. `None` for other extensions.
pub fn asm_macros(extension: Extension) -> Option<String> {
    let version = Version::of(extension)?;
    Some(gas::macros(version, &shapes(extension, version)))
}

/// The number of a CSR on a machine: both versions have names of their own, and one in common with different numbers.
pub(super) fn csr_number_for(isa: &Isa, name: &str) -> Option<u16> {
    let matrix = |v: Version| v.csrs().iter().find(|c| c.1 == name).map(|c| c.0);
    match isa.extensions().find_map(Version::of) {
        Some(version) => matrix(version)
            .or_else(|| csr_number(name).filter(|_| matrix(Version::V03).or(matrix(Version::V06)).is_none())),
        None => csr_number(name),
    }
}

/// The instructions, by chapter and then by encoding.
fn shapes(extension: Extension, version: Version) -> Vec<Shape> {
    let mut out: Vec<Shape> =
        Op::all().filter(|op| op.extension() == extension).map(|op| Shape::of(op, version)).collect();
    out.sort_by_key(|s| (s.chapter, s.info.value));
    out
}
