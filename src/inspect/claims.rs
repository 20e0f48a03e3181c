//! What a file says that it was built for, read leniently: what is unknown here does not hide the rest.

use crate::elf::Elf;
use crate::isa::{Extension, Isa, IsaError};

use super::Vectors;

/// An ISA string in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// The string as it stands in the file.
    pub arch: String,
    /// Its parts, in its order.
    pub extensions: Vec<Claim>,
    /// The vectors that it names, if it does.
    pub vectors: Option<Vectors>,
    /// The version of T-Head's matrix extension that it names, `0.3` or `0.6` for the released ones.
    pub matrix: Option<String>,
    /// Everything in it that is implemented here.
    pub isa: Isa,
}

/// One extension of an ISA string.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its version, if the string says that: major, minor.
    pub version: Option<(u32, u32)>,
    /// What that is here.
    pub status: Status,
}

/// What a named extension is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is there.
    Implemented,
    /// It is there, but not in this version.
    OtherVersion,
    /// It is known, but not implemented.
    NotImplemented,
    /// No extension of this name is known.
    Unknown,
}

impl Status {
    /// The status in one word, or in two with a hyphen.
    pub fn name(self) -> &'static str {
        match self {
            Status::Implemented => "implemented",
            Status::OtherVersion => "other-version",
            Status::NotImplemented => "not-implemented",
            Status::Unknown => "unknown",
        }
    }
}

impl Claims {
    /// What a file's attributes say, if it has any.
    pub fn of(elf: &Elf) -> Option<Claims> {
        Some(Claims::parse(&elf.attributes()?.arch?))
    }

    /// The vectors that are claimed, if a machine has the others.
    pub fn other_vectors(&self, isa: &Isa) -> Option<Vectors> {
        let here = Vectors::of(isa)?;
        self.vectors.filter(|v| *v != here)
    }

    /// Reads an ISA string as compilers write it: `rv64i2p1_m2p0_zba1p0`.
    pub fn parse(arch: &str) -> Claims {
        let lower = arch.to_ascii_lowercase();
        let mut claims =
            Claims { arch: arch.to_owned(), extensions: Vec::new(), vectors: None, matrix: None, isa: Isa::base() };
        let parts = lower.strip_prefix("rv64").unwrap_or_else(|| {
            let (base, rest) = lower.split_once('_').unwrap_or((&lower, ""));
            claims.extensions.push(Claim { name: base.to_owned(), version: None, status: Status::Unknown });
            rest
        });
        for word in words(parts) {
            let (name, version) = split(word);
            if claims.extensions.iter().any(|c| c.name == name && c.version == version) {
                continue;
            }
            let status = claims.add(word, name, version);
            claims.extensions.push(Claim { name: name.to_owned(), version, status });
        }
        claims.vectors = vectors_of(&lower);
        claims
    }

    /// Takes in one part.
    fn add(&mut self, word: &str, name: &str, version: Option<(u32, u32)>) -> Status {
        match (name, version) {
            // How compilers named vector 0.7.1 before it was XTheadVector.
            ("v", Some((0, 7))) => {
                self.isa = self.isa.with(Extension::Xtheadvector);
                return Status::Implemented;
            }
            ("xtheadmatrix", version) => {
                self.matrix = Some(match version {
                    // The compiler of the released version 0.3 writes 0.0.
                    Some((0, 0)) => "0.3".to_owned(),
                    Some((major, minor)) => format!("{major}.{minor}"),
                    None => "unknown".to_owned(),
                });
            }
            _ => {}
        }
        match Isa::parse(&format!("rv64i_{word}")) {
            Ok(isa) => {
                self.isa = self.isa.union(isa);
                Status::Implemented
            }
            Err(IsaError::Version { .. }) => Status::OtherVersion,
            Err(IsaError::NotImplemented { .. }) => Status::NotImplemented,
            Err(_) => Status::Unknown,
        }
    }

    /// The parts of some status.
    pub fn with_status(&self, status: Status) -> impl Iterator<Item = &Claim> {
        self.extensions.iter().filter(move |c| c.status == status)
    }

    /// What is implemented and can be together with all of `reading`.
    pub(super) fn within(&self, reading: &Isa) -> Isa {
        let fits = |e: &Extension| Isa::base().with(*e).extensions().all(|e| reading.has(e));
        let isa = self.isa.extensions().filter(fits).fold(Isa::base(), Isa::with);
        if isa.elen() == 0 { isa } else { isa.with_min_vlen(self.isa.min_vlen()) }
    }
}

impl std::fmt::Display for Claim {
    /// `zba 1.0`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.version.map_or(Ok(()), |(major, minor)| write!(f, " {major}.{minor}"))
    }
}

/// Which vectors a lower-case ISA string names.
pub(super) fn vectors_of(arch: &str) -> Option<Vectors> {
    words(arch.strip_prefix("rv64")?).into_iter().find_map(|word| match split(word) {
        ("v", Some((0, 7))) | ("xtheadvector", _) => Some(Vectors::Thead),
        ("v", _) => Some(Vectors::V1),
        (name, _) => name.starts_with("zve").then_some(Vectors::V1),
    })
}

/// Splits `i2p1_m2p0_zba1p0`, and the older `imafdc_zba`.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for part in text.split('_') {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let letter = first.len_utf8();
            let end = match first {
                'z' | 's' | 'x' => rest.len(),
                _ => letter + version_len(&rest[letter..]),
            };
            out.push(&rest[..end]);
            rest = &rest[end..];
        }
    }
    out
}

/// How many bytes at the start are a version such as `2` or `2p1`.
fn version_len(text: &str) -> usize {
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let major = digits(text);
    let minor = text[major..].strip_prefix('p').map_or(0, digits);
    if major > 0 && minor > 0 { major + 1 + minor } else { major }
}

/// `zba1p0` -> `zba`, 1.0. Without `p` the digits belong to a name such as `zvl128b` or `zve64d`.
fn split(word: &str) -> (&str, Option<(u32, u32)>) {
    let trim = |t: &str| t.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let last = trim(word);
    if let Some(front) = word[..last].strip_suffix('p') {
        let name = trim(front);
        let version = (front[name..].parse().ok(), word[last..].parse().ok());
        if let (1.., (Some(major), Some(minor))) = (name, version) {
            return (&word[..name], Some((major, minor)));
        }
    }
    match word[last..].parse() {
        Ok(major) if last > 0 => (&word[..last], Some((major, 0))),
        _ => (word, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_parts_hide_nothing() {
        let c = Claims::parse("rv64i2p1_m2p0_zba1p0_xsomething3p1_zknd1p0_v1p0_zvl256b1p0");
        let all: Vec<_> = c.extensions.iter().map(|e| (e.to_string(), e.status)).collect();
        use Status::*;
        let expected = [
            ("i 2.1", Implemented),
            ("m 2.0", Implemented),
            ("zba 1.0", Implemented),
            ("xsomething 3.1", Unknown),
            ("zknd 1.0", NotImplemented),
            ("v 1.0", Implemented),
            ("zvl256b 1.0", Implemented),
        ];
        assert_eq!(all, expected.map(|(name, status)| (name.to_owned(), status)));
        assert_eq!((c.vectors, c.isa.min_vlen()), (Some(Vectors::V1), 256));
        assert!(c.isa.has(Extension::Zba) && c.isa.has(Extension::V));
    }

    #[test]
    fn vectors_and_matrices_are_told_by_their_versions() {
        let vectors = |arch| Claims::parse(arch).vectors;
        assert_eq!(vectors("rv64gc"), None);
        assert_eq!(vectors("rv64imafdcv"), Some(Vectors::V1));
        assert_eq!(vectors("rv64imafdcv0p7_zfh_xtheadc2p0"), Some(Vectors::Thead));
        assert_eq!(vectors("rv64i2p1_xtheadvector1p0"), Some(Vectors::Thead));
        let matrix = |arch| Claims::parse(arch).matrix;
        assert_eq!(matrix("rv64i_xtheadmatrix0p0").as_deref(), Some("0.3"));
        assert_eq!(matrix("rv64i_xtheadmatrix0p6").as_deref(), Some("0.6"));
        assert_eq!(matrix("rv64i_zba"), None);
    }

    #[test]
    fn any_text_is_read_somehow() {
        for arch in ["", "rv64", "rv32imac", "é_ü2p1", "rv64i__m", "p1p1", "1p1", "rv64i99999999999p0", "_"] {
            assert_eq!(Claims::parse(arch).arch, arch);
        }
    }
}
