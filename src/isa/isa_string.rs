//! ISA strings: `rv64gc_zba_zbb1p0`, `rva22u64_zacas` (ISA manual, "ISA Extension Naming Conventions").
//!
//! Accepted: any order, any case, underscores or none between single letters, versions (`2p1`, `2`) of the known
//! major number, profile names in place of the base. Machine mode is not part of such strings and always present.
//! A profile of which a part is missing here is refused, with the names of the parts, rather than trimmed silently.
//!
//! Strings of XuanTie's released archives are understood: `xtheadc` for the vendor's classic extensions, `v0p7` for
//! XTheadVector, `zvlsseg` and `zvamo` beside a vector extension (segments are part of it, vector AMOs of 0.7.1 are
//! `xtheadzvamo`, in 1.0 there are none), `xtheadmatrix0p0` for matrices of version 0.3, and any version of other x-names.

use super::extension::Isa;
use super::table::{EXTENSIONS, Extension, SYSTEM_NAMES, USER_NAMES};
use std::fmt;

/// What is wrong with an ISA string. Positions are byte offsets into it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IsaError {
    /// Neither `rv64...` nor a profile name.
    #[error("`{0}` does not begin with rv64i, rv64g or a profile name (rva22u64)")]
    Base(String),
    /// No extension has this name.
    #[error("unknown extension `{part}` at position {at}{}", did_you_mean(.nearest))]
    Unknown {
        /// The name as written.
        part: String,
        /// Where it stands.
        at: usize,
        /// The known name that is most like it, if any is.
        nearest: Option<String>,
    },
    /// The extension exists but is not implemented.
    #[error("extension `{part}`{} at position {at} is not implemented", matrix(.part))]
    NotImplemented {
        /// The name as written.
        part: String,
        /// Where it stands.
        at: usize,
    },
    /// The profile has parts that are not implemented.
    #[error("profile `{profile}` needs {}, which this version does not implement; name the parts you need instead", .missing.join(", "))]
    Profile {
        /// The profile.
        profile: String,
        /// The parts.
        missing: Vec<String>,
    },
    /// The extension is not known in this version.
    #[error("extension `{part}` at position {at}: the known version is {}", .known.join(" or "))]
    Version {
        /// Name and version as written.
        part: String,
        /// Where it stands.
        at: usize,
        /// The known versions.
        known: Vec<String>,
    },
    /// Two extensions that exclude each other.
    #[error("extension `{part}` at position {at} cannot be combined with `{other}`: {}", why(.part, .other))]
    Conflict {
        /// The later of the two as written.
        part: String,
        /// Where it stands.
        at: usize,
        /// The earlier one.
        other: String,
    },
    /// An extension that goes with another one.
    #[error("extension `{part}` at position {at} goes with {others}, and the string has neither")]
    Alone {
        /// Name and version as written.
        part: String,
        /// Where it stands.
        at: usize,
        /// What it goes with.
        others: &'static str,
    },
    /// A vector length that is no power of two from 32 to 65536.
    #[error("`{part}` at position {at}: the vector length is a power of two from 32 to 65536")]
    VectorLength {
        /// As written.
        part: String,
        /// Where it stands.
        at: usize,
    },
}

/// Why two extensions exclude each other.
fn why(part: &str, other: &str) -> &'static str {
    match [part, other].iter().any(|n| n.starts_with("xtheadv") || n.starts_with("xtheadzv")) {
        true => "vector 0.7.1 (XTheadVector) and vector 1.0 share encodings, so name one of them",
        false => "they share encodings, so name one of them",
    }
}

fn did_you_mean(name: &Option<String>) -> String {
    name.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}

/// What the toolchain of the released archives means by version 0.0.
fn matrix(part: &str) -> &'static str {
    if part.starts_with("xtheadmatrix0p0") { " (matrices of version 0.3)" } else { "" }
}

/// What `xtheadc` stands for, apart from xtheadfmemidx, which goes with F.
const CLASSIC: [&str; 9] = [
    "xtheadba",
    "xtheadbb",
    "xtheadbs",
    "xtheadcmo",
    "xtheadcondmov",
    "xtheadmac",
    "xtheadmemidx",
    "xtheadmempair",
    "xtheadsync",
];

/// Profiles (RISC-V Profiles; RVA23 Profile), as their mandatory parts.
const PROFILES: &[(&str, &str)] = &[
    ("rvi20u64", "i"),
    ("rva20u64", "i m a f d c zicsr zicntr ziccif ziccrse ziccamoa za128rs zicclsm"),
    (
        "rva22u64",
        "i m a f d c zicsr zicntr zihpm ziccif ziccrse ziccamoa zicclsm za64rs zihintpause zba zbb zbs zic64b \
         zicbom zicbop zicboz zfhmin zkt",
    ),
    (
        "rva23u64",
        "i m a f d c b zicsr zicntr zihpm ziccif ziccrse ziccamoa zicclsm za64rs zihintpause zic64b zicbom zicbop \
         zicboz zfhmin zkt v zvfhmin zvbb zvkt zihintntl zicond zimop zcmop zcb zfa zawrs supm",
    ),
];

/// Names that are right but for which there is nothing here; anything else unknown is taken for a misspelling.
pub(super) const NOT_IMPLEMENTED: &str = "e q h p n zkn zks zk zkr zknd zkne zknh zksed zksh zfinx zdinx zhinx zhinxmin zcf zce \
    zcmp zcmt zicfilp zicfiss zilsd zclsd ztso zama16b za128rs sv39 sv48 sv57 svade svadu svinval svnapot svpbmt \
    svvptc ssaia smaia ssccptr sscofpmf sscounterenw smstateen ssstateen sstc sstvala sstvecd ssu64xl ssnpm smnpm \
    smmpm sspm supm smepmp smcntrpmf smrnmi sha shcounterenw shgatpa shtvala shvsatpa shvstvala shvstvecd";

/// One part of the string: a name, its version if given, where it stands.
struct Part<'t> {
    name: &'t str,
    version: Option<(u32, u32)>,
    text: &'t str,
    at: usize,
}

impl Isa {
    /// Parses an ISA string.
    ///
    /// ```
    /// use mellivora::isa::{Extension, Isa};
    /// let isa = Isa::parse("rv64gc_zba1p0")?;
    /// assert!(isa.has(Extension::Zba) && isa.has(Extension::Zicsr) && isa.has(Extension::Zcd));
    /// let error = Isa::parse("rv64gc_zacaz").unwrap_err();
    /// assert_eq!(error.to_string(), "unknown extension `zacaz` at position 7; did you mean `zacas`?");
    /// # Ok::<(), mellivora::isa::IsaError>(())
    /// ```
    ///
    /// # Errors
    /// See [`IsaError`].
    pub fn parse(text: &str) -> Result<Isa, IsaError> {
        let lower = text.to_ascii_lowercase();
        let (first, rest) = lower.split_once('_').unwrap_or((&lower, ""));
        let mut isa = Isa::base();
        if let Some((profile, parts)) = PROFILES.iter().find(|p| p.0 == first) {
            let unknown = |n: &&str| EXTENSIONS.iter().all(|e| e.name != *n);
            let missing: Vec<String> = parts.split_whitespace().filter(unknown).map(String::from).collect();
            if !missing.is_empty() {
                return Err(IsaError::Profile { profile: profile.to_string(), missing });
            }
            for name in parts.split_whitespace() {
                isa.add(&Part { name, version: None, text: name, at: 0 })?;
            }
            isa.add_all(rest, first.len() + 1)?;
            return Ok(isa);
        }
        match lower.strip_prefix("rv64") {
            Some(rest) if rest.starts_with(['i', 'g']) => isa.add_all(rest, 4)?,
            _ => return Err(IsaError::Base(text.to_string())),
        }
        Ok(isa)
    }

    /// Adds all the parts of `text`, which stands at `at` in the whole string.
    fn add_all(&mut self, text: &str, at: usize) -> Result<(), IsaError> {
        let all = parts(text, at);
        let (companions, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|p| matches!(p.name, "xtheadc" | "zvamo" | "zvlsseg"));
        others.iter().try_for_each(|part| self.add(part))?;
        companions.iter().try_for_each(|part| self.add_companion(part))
    }

    /// Adds a name of older toolchains, whose meaning depends on the rest of the string.
    fn add_companion(&mut self, part: &Part) -> Result<(), IsaError> {
        let as_name = |name| Part { name, version: None, ..*part };
        let has = |isa: &Isa, name| find(name).is_some_and(|e| isa.has(e));
        match part.name {
            "xtheadc" => {
                let float = self.has(Extension::F).then_some("xtheadfmemidx");
                CLASSIC.into_iter().chain(float).try_for_each(|name| self.add(&as_name(name)))
            }
            "zvamo" if has(self, "xtheadvector") => self.add(&as_name("xtheadzvamo")),
            _ if has(self, "xtheadvector") || self.has(Extension::Zve32x) => Ok(()),
            _ => {
                let others = "xtheadvector (or v)";
                Err(IsaError::Alone { part: part.text.to_string(), at: part.at, others })
            }
        }
    }

    fn add(&mut self, part: &Part) -> Result<(), IsaError> {
        let Part { name, at, .. } = *part;
        if let Some(bits) = name.strip_prefix("zvl").and_then(|n| n.strip_suffix('b')) {
            match bits.parse::<u32>() {
                Ok(n) if n.is_power_of_two() && (32..=65536).contains(&n) => self.set_min_vlen(n),
                _ => {
                    return Err(IsaError::VectorLength { part: name.to_string(), at });
                }
            }
            return Ok(());
        }
        if name == "g" {
            for name in ["i", "m", "a", "f", "d", "zicsr", "zifencei"] {
                self.add(&Part { name, version: None, text: name, at })?;
            }
            return Ok(());
        }
        if (name, part.version) == ("v", Some((0, 7))) {
            return self.add(&Part { name: "xtheadvector", version: None, ..*part });
        }
        let mut known: Vec<_> = EXTENSIONS.iter().filter(|e| e.name == name).collect();
        known.sort_by_key(|e| e.version);
        // The newest of the major version asked for; where several versions live side by side, exactly the one.
        let custom = name.starts_with('x');
        let fits = |v: (u32, u32), asked: (u32, u32)| v == asked || (known.len() == 1 && (v.0 == asked.0 || custom));
        let version = part.version.map(|v| if (name, v) == ("xtheadmatrix", (0, 0)) { (0, 3) } else { v });
        let found = match version {
            None => known.last(),
            Some(asked) => known.iter().rev().find(|e| fits(e.version, asked)),
        };
        let Some(ext) = found else {
            let part = part.text.to_string();
            return Err(match known.is_empty() {
                false => {
                    let known = known.iter().map(|e| format!("{}p{}", e.version.0, e.version.1)).collect();
                    IsaError::Version { part, at, known }
                }
                true if exists(name) => IsaError::NotImplemented { part, at },
                true => IsaError::Unknown {
                    nearest: match name {
                        "zvl" => Some(format!("{part}b")),
                        _ => nearest_name(name),
                    },
                    part,
                    at,
                },
            });
        };
        let with = self.with(ext.id);
        for e in with.extensions() {
            if let Some(other) = e.info().conflicts.iter().find(|c| with.has(**c)) {
                // Of those there already that which brought the others, such as V.
                let there = self.extensions().filter(|e| ext.conflicts.contains(e));
                let brought = there.max_by_key(|e| Isa::base().with(*e).extensions().count());
                let other = brought.unwrap_or(if e == ext.id { *other } else { e }).name();
                return Err(IsaError::Conflict { part: part.text.to_string(), at, other: other.to_string() });
            }
        }
        *self = with;
        // Before 2.1 these were part of the base (ISA manual, chapter "RV32I").
        if name == "i" && part.version.is_some_and(|v| v < (2, 1)) {
            *self = self.with(Extension::Zicsr).with(Extension::Zifencei).with(Extension::Zicntr);
        }
        Ok(())
    }
}

/// Splits `gc_zba1p0` into parts.
fn parts(text: &str, at: usize) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        let end = match first {
            '_' => {
                start += 1;
                continue;
            }
            'z' | 's' | 'x' => rest.find('_').unwrap_or(rest.len()),
            // A letter and its version: `i2p1m2`. The p of `p1` after digits belongs to the version.
            _ => {
                let after = first.len_utf8();
                after + version_len(&rest[after..])
            }
        };
        let word = &rest[..end];
        let (name, version) = split_version(word);
        out.push(Part { name, version, text: word, at: at + start });
        start += end;
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

/// `zba1p0` -> `zba`, 1.0. Names that end in a digit do not exist.
fn split_version(word: &str) -> (&str, Option<(u32, u32)>) {
    let digits = |t: &str| t.len() - t.bytes().rev().take_while(u8::is_ascii_digit).count();
    let last = digits(word);
    let (name, version) = match word[..last].strip_suffix('p') {
        Some(front) if last < word.len() && digits(front) < front.len() => word.split_at(digits(front)),
        _ => word.split_at(last),
    };
    let (major, minor) = version.split_once('p').unwrap_or((version, "0"));
    match (major.parse(), minor.parse()) {
        (Ok(a), Ok(b)) if !name.is_empty() => (name, Some((a, b))),
        _ => (word, None),
    }
}

/// The known extension name that is most like `name`, if it is close.
fn nearest_name(name: &str) -> Option<String> {
    nearest_of(name, EXTENSIONS.iter().map(|e| e.name))
}

/// Of all these names the one that is most like `name`, if it is close.
pub(super) fn nearest_of<'n>(name: &str, all: impl Iterator<Item = &'n str>) -> Option<String> {
    let best = all.map(|n| (distance(name, n), n)).min()?;
    (name.len() > 1 && best.0 * 3 <= name.len()).then(|| best.1.to_string())
}

/// The extension of that name, or of a name with its version (`xtheadmatrix0p3`).
pub(super) fn find(name: &str) -> Option<Extension> {
    let plain = || EXTENSIONS.iter().filter(|e| e.name == name).max_by_key(|e| e.version);
    let (front, version) = split_version(name);
    let versioned = || EXTENSIONS.iter().find(|e| e.name == front && Some(e.version) == version);
    plain().or_else(versioned).map(|e| e.id)
}

/// Whether an extension exists of which there is nothing here.
fn exists(name: &str) -> bool {
    let listed = |n: &str| split_version(n).0 == name || n == name;
    let mut all = NOT_IMPLEMENTED.split_whitespace().chain(USER_NAMES.iter().chain(SYSTEM_NAMES).copied());
    all.any(listed)
}

/// Edit distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

/// Sort key for the canonical order: single letters, then z by the letter they belong to, then s, then x.
fn order(name: &str) -> (usize, usize, &str) {
    let letter = |c: Option<char>| c.and_then(|c| "iemafdqlcbkjtpvnh".find(c)).unwrap_or(99);
    let mut chars = name.chars();
    match chars.next() {
        first if name.len() == 1 => (0, letter(first), name),
        Some('z') => (1, letter(chars.next()), name),
        Some('s') => (2, 0, name),
        _ => (3, 0, name),
    }
}

impl fmt::Display for Isa {
    /// The canonical string, with everything that is implied. [`Isa::parse`] gives the same set back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all: Vec<_> = self.extensions().filter(|e| *e != Extension::Sm).map(Extension::info).collect();
        all.sort_by_key(|e| order(e.name));
        f.write_str("rv64")?;
        for e in all {
            let line = if e.name.len() > 1 { "_" } else { "" };
            write!(f, "{line}{}", e.id.full_name())?;
        }
        match self.min_vlen() {
            0 => Ok(()),
            n => write!(f, "_zvl{n}b"),
        }
    }
}

impl std::str::FromStr for Isa {
    type Err = IsaError;
    fn from_str(text: &str) -> Result<Isa, IsaError> {
        Isa::parse(text)
    }
}
