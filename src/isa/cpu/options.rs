//! CPUs as the command line of QEMU names them: `c908v,vlen=256`, `rv64,v=true,zba=false`, `x-v=true`.
//!
//! Options count from left to right, and the last word on an extension is the one that holds. Turning an extension on brings
//! along what it implies. Turning one off also turns off what needs it (`d=false` ends `v`), unless an option asks for that:
//! then it is an error. What else needs the parts of one that is turned off keeps them. `v=false` ends all vector instructions
//! of version 1.0, since none are left on a core without V.

use super::super::isa_string::{NOT_IMPLEMENTED, find, nearest_of};
use super::super::table::{EXTENSIONS, SYSTEM_NAMES, USER_NAMES};
use super::{Cpu, Extension, Isa, names};

/// What is wrong with the name of a CPU or with its options. Positions are byte offsets into the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CpuError {
    /// No model has this name.
    #[error("unknown CPU `{name}`{}", did_you_mean(.nearest))]
    Model {
        /// The name as written.
        name: String,
        /// The known name that is most like it, if any is.
        nearest: Option<String>,
    },
    /// No option or extension has this name.
    #[error("unknown option `{part}` at position {at}{}", did_you_mean(.nearest))]
    Option {
        /// The name as written.
        part: String,
        /// Where it stands.
        at: usize,
        /// The known name that is most like it, if any is.
        nearest: Option<String>,
    },
    /// An option without a value, or with one that it does not take.
    #[error("`{part}` at position {at}: {expected}")]
    Value {
        /// The option as written.
        part: String,
        /// Where it stands.
        at: usize,
        /// What it takes.
        expected: String,
    },
    /// The extension exists but is not implemented.
    #[error("`{part}` at position {at}: this extension is not implemented")]
    NotImplemented {
        /// The option as written.
        part: String,
        /// Where it stands.
        at: usize,
    },
    /// One option turns off what another one needs.
    #[error("`{part}` at position {at} needs `{needed}`, which another option turns off")]
    Needs {
        /// The option as written.
        part: String,
        /// Where it stands.
        at: usize,
        /// The extension that is off.
        needed: String,
    },
    /// Two extensions that exclude each other.
    #[error("`{part}` at position {at} cannot be combined with `{other}`{}", if *.by_model { ", which this CPU has: turn that off, too" } else { "" })]
    Conflict {
        /// The option as written.
        part: String,
        /// Where it stands.
        at: usize,
        /// The other extension.
        other: String,
        /// Whether the model has it, rather than an option having turned it on.
        by_model: bool,
    },
}

fn did_you_mean(name: &Option<String>) -> String {
    name.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}

/// Options that are no extensions.
const KEYS: [&str; 7] = ["vlen", "elen", "rlen", "vext_spec", "mvendorid", "marchid", "mimpid"];

/// An option: `zba=true`, at a position.
#[derive(Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    at: usize,
    value: &'t str,
}

impl Part<'_> {
    fn bad(&self, expected: impl Into<String>) -> CpuError {
        CpuError::Value { part: self.text.to_string(), at: self.at, expected: expected.into() }
    }
}

/// What the options have said so far.
struct Wishes<'t> {
    /// Extensions that are asked for, by the model or by options.
    names: Vec<&'static str>,
    on: Vec<(&'static str, Part<'t>)>,
    off: Vec<&'static str>,
    vlen: Option<(u32, Part<'t>)>,
    elen: Option<(u32, Part<'t>)>,
    rlen: Option<(u32, Part<'t>)>,
    least_vlen: u32,
}

impl Cpu {
    /// Parses a CPU with options, as QEMU spells them: an extension is on with `true`, `on` or `yes` and off with `false`, `off`
    /// or `no`; the vendor's `x-` before its name may be there or not. Further options are `vlen`, `elen`, `rlen` (in
    /// bits), `mvendorid`, `marchid` and `mimpid`.
    ///
    /// ```
    /// use mellivora::isa::{Cpu, Extension};
    /// let cpu = Cpu::parse("rv64,v=true,vlen=256,zba=false")?;
    /// assert!(cpu.isa().has(Extension::V) && !cpu.isa().has(Extension::Zba));
    /// assert_eq!(cpu.vlen(), 256);
    /// let error = Cpu::parse("c908v,zbba=true").unwrap_err();
    /// assert_eq!(error.to_string(), "unknown option `zbba` at position 6; did you mean `zba`?");
    /// # Ok::<(), mellivora::isa::CpuError>(())
    /// ```
    ///
    /// # Errors
    /// See [`CpuError`].
    pub fn parse(text: &str) -> Result<Cpu, CpuError> {
        let (name, rest) = text.split_once(',').unwrap_or((text, ""));
        let mut cpu = Cpu::named(name)?;
        let mut wishes = Wishes {
            names: names(cpu.model),
            on: Vec::new(),
            off: Vec::new(),
            vlen: None,
            elen: None,
            rlen: None,
            least_vlen: 0,
        };
        let mut at = name.len() + 1;
        for word in rest.split(',') {
            if !word.is_empty() {
                cpu.option(&mut wishes, word, at)?;
            }
            at += word.len() + 1;
        }
        let vlen = wishes.vlen.map_or(cpu.model.vlen, |v| v.0).max(wishes.least_vlen);
        cpu.resolve(&wishes.names, vlen);
        wishes.check(&cpu.isa)?;
        if let Some((rlen, part)) = wishes.rlen {
            if !cpu.isa.has(Extension::Xtheadmatrix0p3) {
                return Err(part.bad("this CPU has no matrices of version 0.3; x-matrix=true gives it some"));
            }
            cpu.rlen = Some(rlen);
        }
        Ok(cpu)
    }

    fn option<'t>(&mut self, wishes: &mut Wishes<'t>, text: &'t str, at: usize) -> Result<(), CpuError> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let part = Part { text, at, value };
        let lower = key.to_ascii_lowercase();
        let name = lower.strip_prefix("x-").unwrap_or(&lower);
        let bits = |least| match value.parse::<u32>() {
            Ok(n) if n.is_power_of_two() && n >= least => Ok(n),
            _ => Err(()),
        };
        match name {
            "vlen" => match bits(32) {
                Ok(n @ ..=65536) => wishes.vlen = Some((n, part)),
                _ => return Err(part.bad("the vector length is a power of two from 32 to 65536")),
            },
            "elen" => match bits(32) {
                Ok(n @ ..=64) => wishes.elen = Some((n, part)),
                _ => return Err(part.bad("the widest vector element has 32 or 64 bits")),
            },
            "rlen" => match bits(128) {
                Ok(n @ ..=4096) => wishes.rlen = Some((n, part)),
                _ => return Err(part.bad("a row of matrices 0.3 has a power of two from 128 to 4096 bits")),
            },
            // How the vendor's QEMU calls its matrix unit.
            "matrix" if find(name).is_none() => wishes.extension("xtheadmatrix0p3", key, part)?,
            "vext_spec" if value == "v1.0" => {}
            "vext_spec" => {
                return Err(part.bad("v1.0; for 0.7.1 there is the extension xtheadvector, as max-th has it"));
            }
            "mvendorid" => self.vendorid = number(&part, u32::MAX.into())? as u32,
            "marchid" => self.archid = number(&part, u64::MAX)?,
            "mimpid" => self.impid = number(&part, u64::MAX)?,
            _ => wishes.extension(name, key, part)?,
        }
        Ok(())
    }
}

impl std::str::FromStr for Cpu {
    type Err = CpuError;
    fn from_str(text: &str) -> Result<Cpu, CpuError> {
        Cpu::parse(text)
    }
}

fn number(part: &Part, most: u64) -> Result<u64, CpuError> {
    let parsed = match part.value.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => part.value.parse(),
    };
    parsed.ok().filter(|n| *n <= most).ok_or_else(|| part.bad(format!("a number up to {most:#x}")))
}

/// The known extension of that name, implemented or not, as its static name.
fn known(name: &str) -> Option<&'static str> {
    let here = find(name).and_then(|e| (e.name() == name && e != Extension::Sm).then(|| e.name()));
    let elsewhere = || USER_NAMES.iter().chain(SYSTEM_NAMES).copied().chain(NOT_IMPLEMENTED.split_whitespace());
    here.or_else(|| elsewhere().find(|n| *n == name))
}

/// Whether the extension implies the other one, or is it.
fn needs(e: &str, other: Extension) -> bool {
    find(e).is_some_and(|e| Isa::base().with(e).has(other))
}

impl<'t> Wishes<'t> {
    fn extension(&mut self, name: &str, key: &str, part: Part<'t>) -> Result<(), CpuError> {
        let length = name.strip_prefix("zvl").and_then(|n| n.strip_suffix('b')).and_then(|n| n.parse().ok());
        let found = known(name);
        if found.is_none() && name != "g" && length.is_none() {
            let here = EXTENSIONS.iter().map(|e| e.name).filter(|n| *n != "sm");
            let all = here.chain(KEYS).chain(USER_NAMES.iter().chain(SYSTEM_NAMES).copied());
            let (part, at) = (key.to_string(), part.at);
            return Err(CpuError::Option { part, at, nearest: nearest_of(name, all) });
        }
        let on = match part.value.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" => true,
            "false" | "off" | "no" => false,
            _ => return Err(part.bad(format!("it takes true or false, as in {key}=true"))),
        };
        match (found, on, length) {
            (Some(name), true, _) => self.turn_on(name, part),
            (Some(name), false, _) => self.turn_off(name, part),
            (None, true, Some(n)) if u32::is_power_of_two(n) && (32..=65536).contains(&n) => {
                self.least_vlen = self.least_vlen.max(n);
                Ok(())
            }
            (None, _, Some(_)) => Err(part.bad("the vector length is a power of two from 32 to 65536; vlen=N sets it")),
            (None, true, None) => {
                ["i", "m", "a", "f", "d", "zicsr", "zifencei"].into_iter().try_for_each(|name| self.turn_on(name, part))
            }
            (None, false, None) => Err(part.bad("g stands for several extensions: turn off the ones that you mean")),
        }
    }

    fn turn_on(&mut self, name: &'static str, part: Part<'t>) -> Result<(), CpuError> {
        if find(name).is_none() && !SYSTEM_NAMES.contains(&name) {
            return Err(CpuError::NotImplemented { part: part.text.to_string(), at: part.at });
        }
        self.off.retain(|n| *n != name);
        self.on.retain(|(n, _)| *n != name);
        self.on.push((name, part));
        if !self.names.contains(&name) {
            self.names.push(name);
        }
        Ok(())
    }

    fn turn_off(&mut self, name: &'static str, part: Part<'t>) -> Result<(), CpuError> {
        if name == "i" {
            return Err(part.bad("every machine here has the base instruction set"));
        }
        self.on.retain(|(n, _)| *n != name);
        self.off.push(name);
        let root = if name == "v" { Some(Extension::Zve32x) } else { find(name) };
        let asked: Vec<&str> = self.on.iter().map(|o| o.0).collect();
        // What options ask for stays, to be complained about.
        self.names.retain(|n| *n != name && (asked.contains(n) || root.is_none_or(|root| !needs(n, root))));
        Ok(())
    }

    /// Whether all wishes can be met together.
    fn check(&self, isa: &Isa) -> Result<(), CpuError> {
        for off in &self.off {
            let Some(e) = find(off).filter(|e| isa.has(*e)) else { continue };
            // Parts of what is left stay without complaint; what an option has turned on does not.
            if let Some((_, part)) = self.on.iter().find(|(name, _)| needs(name, e)) {
                let (part, at) = (part.text.to_string(), part.at);
                return Err(CpuError::Needs { part, at, needed: off.to_string() });
            }
        }
        if let Some((a, b)) = isa.conflict() {
            // The option that stands last is the one that is complained about.
            let sides = [(a, b), (b, a)].into_iter();
            let involved = sides.flat_map(|(mine, other)| {
                let asks = move |o: &&(&'static str, Part<'t>)| needs(o.0, mine);
                self.on.iter().filter(asks).map(move |o| (o.1, other))
            });
            let found = involved.max_by_key(|(part, _)| part.at).map(|(part, other)| {
                // The one that people know, rather than one that comes along with it.
                let known = ["v", other.name()].into_iter().find(|n| self.names.contains(n) && needs(n, other));
                let other = known.unwrap_or(other.name()).to_string();
                let by_model = !self.on.iter().any(|o| o.0 == other);
                CpuError::Conflict { part: part.text.to_string(), at: part.at, other, by_model }
            });
            return found.map_or(Ok(()), Err);
        }
        let no_vectors = "this CPU has no vector instructions: turn on v or xtheadvector, too";
        if let Some((vlen, part)) = &self.vlen {
            let least = isa.min_vlen().max(self.least_vlen);
            if isa.elen() == 0 {
                return Err(part.bad(no_vectors));
            }
            if *vlen < least {
                return Err(part.bad(format!("its extensions ask for {least} bits or more")));
            }
        }
        if let Some((elen, part)) = &self.elen {
            match isa.elen() {
                0 => return Err(part.bad(no_vectors)),
                n if n != *elen => return Err(part.bad(format!("its extensions have elements of {n} bits"))),
                _ => {}
            }
        }
        Ok(())
    }
}
