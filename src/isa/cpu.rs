//! CPU models: cores by name, with their extensions, vector unit and identification. The table stands in `isa/cpus.isa`.
//!
//! A model is what its vendor says it has. What of that is not implemented is its [`Cpu::missing`]: such a CPU runs, and its
//! missing instructions are illegal. Extensions that only privileged software or devices can tell ([`Cpu::system_only`]) are
//! kept apart, since machines here have no S-mode.

mod options;

pub use options::CpuError;

use super::extension::Isa;
use super::isa_string::{find, nearest_of};
use super::table::{CPUS, EXTENSIONS, Extension, SYSTEM_NAMES};

/// A row of the table of CPU models.
#[derive(Clone, Debug)]
pub struct CpuModel {
    /// Its name.
    pub name: &'static str,
    /// Other names of the same model.
    pub aliases: &'static [&'static str],
    /// The extensions that it lists, by name; some with a version. `*` stands for all that are implemented, `*NAME` for all
    /// that can be on together with NAME.
    pub extensions: &'static [&'static str],
    /// Bits of a vector register, if it has any, by itself or by an option.
    pub vlen: u32,
    /// Bits of the widest vector element, likewise.
    pub elen: u32,
    /// Whether agnostic vector elements are filled with ones.
    pub agnostic_ones: bool,
    /// `mvendorid`.
    pub vendorid: u32,
    /// `marchid`.
    pub archid: u64,
    /// `mimpid`.
    pub impid: u64,
    /// Numbers of the vendor's CSRs that it has, in order.
    pub csrs: &'static [u16],
}

impl CpuModel {
    /// Every model.
    pub fn all() -> impl ExactSizeIterator<Item = &'static CpuModel> {
        CPUS.iter()
    }

    /// Every name of it.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// A CPU: a model, as options have changed it.
#[derive(Clone, Debug)]
pub struct Cpu {
    model: &'static CpuModel,
    isa: Isa,
    missing: Vec<&'static str>,
    system_only: Vec<&'static str>,
    vlen: u32,
    rlen: Option<u32>,
    vendorid: u32,
    archid: u64,
    impid: u64,
}

impl Cpu {
    /// The model of that name as it is.
    ///
    /// ```
    /// use mellivora::isa::{Cpu, Extension};
    /// let cpu = Cpu::named("c908v")?;
    /// assert!(cpu.isa().has(Extension::V));
    /// assert_eq!((cpu.vlen(), cpu.elen(), cpu.vendorid()), (128, 64, 0x5b7));
    /// let error = Cpu::named("c909").unwrap_err();
    /// assert_eq!(error.to_string(), "unknown CPU `c909`; did you mean `c906`?");
    /// # Ok::<(), mellivora::isa::CpuError>(())
    /// ```
    ///
    /// # Errors
    /// [`CpuError::Model`]: there is none.
    pub fn named(name: &str) -> Result<Cpu, CpuError> {
        let lower = name.to_ascii_lowercase();
        let find = |name: &str| CpuModel::all().find(|m| m.names().any(|n| n == name));
        // GCC writes `-mcpu=xt-c908v`.
        match find(&lower).or_else(|| find(lower.strip_prefix("xt-")?)) {
            Some(model) => Ok(Cpu::of(model)),
            None => {
                let nearest = nearest_of(&lower, CpuModel::all().flat_map(CpuModel::names));
                Err(CpuError::Model { name: name.to_string(), nearest })
            }
        }
    }

    /// A model as it is.
    pub fn of(model: &'static CpuModel) -> Cpu {
        let (vendorid, archid, impid) = (model.vendorid, model.archid, model.impid);
        let (isa, missing) = (Isa::base(), Vec::new());
        let mut cpu =
            Cpu { model, isa, system_only: missing.clone(), missing, vlen: 0, rlen: None, vendorid, archid, impid };
        cpu.resolve(&names(model), model.vlen);
        cpu
    }

    /// The row of the table that it comes from.
    pub fn model(&self) -> &'static CpuModel {
        self.model
    }

    /// What it offers here: of its extensions those that are implemented.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Its extensions that are not implemented. Their instructions are illegal, or do what others with the same encodings do.
    pub fn missing(&self) -> &[&'static str] {
        &self.missing
    }

    /// Its extensions that concern privileged software or devices only, and are not implemented: page tables, interrupts,
    /// cache control. Programs cannot tell.
    pub fn system_only(&self) -> &[&'static str] {
        &self.system_only
    }

    /// Bits of a vector register; 0 without vector instructions.
    pub fn vlen(&self) -> u32 {
        self.vlen
    }

    /// Bits of a row of matrix registers of version 0.3 (RLEN), if an option says so.
    pub fn rlen(&self) -> Option<u32> {
        self.rlen
    }

    /// Bits of the widest vector element; 0 without vector instructions.
    pub fn elen(&self) -> u32 {
        self.isa.elen()
    }

    /// Whether agnostic vector elements are filled with ones.
    pub fn agnostic_ones(&self) -> bool {
        self.model.agnostic_ones
    }

    /// `mvendorid`.
    pub fn vendorid(&self) -> u32 {
        self.vendorid
    }

    /// `marchid`.
    pub fn archid(&self) -> u64 {
        self.archid
    }

    /// `mimpid`.
    pub fn impid(&self) -> u64 {
        self.impid
    }

    /// Sorts names into what is here and what is not, and says how long vector registers are.
    fn resolve(&mut self, names: &[&'static str], vlen: u32) {
        self.isa = names.iter().filter_map(|n| find(n)).fold(Isa::base(), Isa::with);
        let absent = || names.iter().copied().filter(|n| find(n).is_none());
        self.system_only = absent().filter(|n| SYSTEM_NAMES.contains(n)).collect();
        self.missing = absent().filter(|n| !SYSTEM_NAMES.contains(n)).collect();
        self.vlen = if self.isa.elen() == 0 { 0 } else { vlen };
    }
}

/// The names of a model's extensions, with those that `*` stands for.
fn names(model: &'static CpuModel) -> Vec<&'static str> {
    let mut out = Vec::new();
    for &name in model.extensions {
        match name.strip_prefix('*') {
            None => out.push(name),
            Some(first) => out.extend(Isa::all_with(find(first)).extensions().map(versioned)),
        }
    }
    out
}

/// The name of an extension, with its version where several live side by side.
fn versioned(e: Extension) -> &'static str {
    // Lists of models name the version in these cases; take the name from there.
    let several = EXTENSIONS.iter().filter(|o| o.name == e.name()).count() > 1;
    let with_version =
        || CPUS.iter().flat_map(|c| c.extensions).copied().find(|n| *n != e.name() && find(n) == Some(e));
    if several { with_version().unwrap_or(e.name()) } else { e.name() }
}

impl Isa {
    /// Everything that can be on together with `first`; of what excludes each other, the newest version.
    pub(crate) fn all_with(first: Option<Extension>) -> Isa {
        let Some(first) = first else { return Isa::all() };
        let mut newest_first: Vec<_> = EXTENSIONS.iter().collect();
        newest_first.sort_by_key(|e| std::cmp::Reverse(e.version));
        newest_first.into_iter().map(|e| e.id).fold(Isa::base().with(first), |isa, e| {
            let with = isa.with(e);
            if with.conflict().is_none() { with } else { isa }
        })
    }

    /// Two members that exclude each other.
    pub(crate) fn conflict(&self) -> Option<(Extension, Extension)> {
        let pair = |e: Extension| e.info().conflicts.iter().find(|c| self.has(**c)).map(|c| (e, *c));
        self.extensions().find_map(pair)
    }
}
