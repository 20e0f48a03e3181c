//! Extensions and sets of them.

use super::table::{EXTENSIONS, Extension, Op};

/// What is known about an extension.
#[derive(Clone, Copy, Debug)]
pub struct ExtensionInfo {
    /// The extension.
    pub id: Extension,
    /// Its name in ISA strings, lower case.
    pub name: &'static str,
    /// Major and minor version.
    pub version: (u32, u32),
    /// What it is, in a few words.
    pub summary: &'static str,
    /// Extensions that come with it.
    pub implies: &'static [Extension],
    /// (condition, implied): extensions that come with it if another one is there, too.
    pub implies_when: &'static [(Extension, Extension)],
    /// Extensions that cannot be enabled together with it, because of themselves or of what they or it imply.
    pub conflicts: &'static [Extension],
    /// The least vector register length in bits that it asks for (its `zvl128b`), or 0.
    pub min_vlen: u32,
}

impl Extension {
    /// Number of known extensions.
    pub const COUNT: usize = EXTENSIONS.len();

    /// Every known extension.
    pub fn all() -> impl ExactSizeIterator<Item = Extension> {
        EXTENSIONS.iter().map(|e| e.id)
    }

    /// What is known about it.
    pub fn info(self) -> &'static ExtensionInfo {
        &EXTENSIONS[self as usize]
    }

    /// Its name in ISA strings, lower case.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Its name in ISA strings, with the version where several live side by side: `xtheadmatrix0p3`.
    pub fn full_name(self) -> String {
        let (info, several) = (self.info(), EXTENSIONS.iter().filter(|e| e.name == self.name()).count() > 1);
        let (major, minor) = info.version;
        if several { format!("{}{major}p{minor}", info.name) } else { info.name.to_owned() }
    }

    /// Its name, with the version where several versions of it live side by side: what chooses it in an ISA string.
    pub fn versioned(self) -> String {
        let (name, (major, minor)) = (self.name(), self.info().version);
        let several = EXTENSIONS.iter().filter(|e| e.name == name).count() > 1;
        if several { format!("{name}{major}p{minor}") } else { name.to_owned() }
    }
}

/// A set of extensions, closed under implication: what a machine offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Isa {
    set: [u64; Extension::COUNT.div_ceil(64)],
    min_vlen: u32,
}

impl Isa {
    /// RV64I and machine mode.
    pub fn base() -> Isa {
        let mut isa = Isa { set: [0; Extension::COUNT.div_ceil(64)], min_vlen: 0 };
        isa.insert(Extension::I);
        isa.insert(Extension::Sm);
        isa.close();
        isa
    }

    /// Every extension that conflicts with no other; of those that do, the standard one rather than a vendor's, and the newest
    /// version: so V 1.0, not XTheadVector.
    pub fn all() -> Isa {
        Isa::base().with_all()
    }

    /// The set with every extension that conflicts with none of it, chosen as in [`Isa::all`].
    pub fn with_all(self) -> Isa {
        let mut order: Vec<_> = EXTENSIONS.iter().collect();
        order.sort_by_key(|e| (e.name.starts_with('x'), std::cmp::Reverse(e.version)));
        order.into_iter().fold(self, |isa, e| Some(isa.with(e.id)).filter(Isa::consistent).unwrap_or(isa))
    }

    /// Whether no two of the extensions exclude each other.
    pub fn consistent(&self) -> bool {
        !self.extensions().any(|e| e.info().conflicts.iter().any(|c| self.has(*c)))
    }

    /// As [`Isa::all`], without extensions that ask for vector registers longer than `vlen` or for elements wider than
    /// `elen`: what a machine with such a vector unit can have. (V asks for 128, Zve64* for 64.)
    pub fn all_within(vlen: u32, elen: u32) -> Isa {
        let mut isa = Isa::base();
        for e in Isa::all().extensions() {
            let with = isa.with(e);
            if with.min_vlen() <= vlen && with.elen() <= elen {
                isa = with;
            }
        }
        isa
    }

    /// The set without vector instructions and all that asks for them.
    pub(crate) fn without_vectors(&self) -> Isa {
        let scalar = |e: &Extension| Isa::base().with(*e).elen() == 0;
        self.extensions().filter(scalar).fold(Isa::base(), Isa::with)
    }

    /// Whether the extension is there.
    #[inline]
    pub fn has(&self, e: Extension) -> bool {
        let n = e as usize;
        self.set[n / 64] >> (n % 64) & 1 != 0
    }

    /// The extensions that are there.
    pub fn extensions(&self) -> impl Iterator<Item = Extension> {
        let isa = *self;
        Extension::all().filter(move |e| isa.has(*e))
    }

    /// Whether the instruction is there.
    pub fn provides(&self, op: Op) -> bool {
        op.info().needs.iter().any(|set| set.iter().all(|e| self.has(*e)))
    }

    /// The extensions that would have to be added for the instruction to be there: of the sets that provide it, the
    /// one that lacks least. Empty if it is there.
    pub fn missing(&self, op: Op) -> Vec<Extension> {
        let lacking =
            |set: &&[Extension]| -> Vec<Extension> { set.iter().copied().filter(|e| !self.has(*e)).collect() };
        let sets = op.info().needs.iter().map(lacking);
        sets.min_by_key(Vec::len).unwrap_or_default()
    }

    /// The set with one more extension and all that it implies.
    pub fn with(mut self, e: Extension) -> Isa {
        if !self.has(e) {
            self.insert(e);
            self.close();
        }
        self
    }

    /// The set without an extension that no other one implies.
    pub fn without(&self, e: Extension) -> Isa {
        let min_vlen = self.min_vlen;
        let mut rest = self.extensions().filter(|o| *o != e).fold(Isa::base(), Isa::with);
        rest.set_min_vlen(min_vlen);
        rest
    }

    /// The least vector register length (VLEN) in bits that was asked for: by `zvl256b`, or by an extension, as V asks for
    /// 128. 0 if nothing did.
    pub fn min_vlen(&self) -> u32 {
        self.min_vlen
    }

    /// The widest vector element in bits (ELEN): 64, 32 with only Zve32*, 0 without vectors.
    pub fn elen(&self) -> u32 {
        match (self.has(Extension::Zve64x) || self.has(Extension::Xtheadvector), self.has(Extension::Zve32x)) {
            (true, _) => 64,
            (_, true) => 32,
            _ => 0,
        }
    }

    pub(super) fn set_min_vlen(&mut self, bits: u32) {
        self.min_vlen = self.min_vlen.max(bits);
    }

    fn insert(&mut self, e: Extension) {
        let n = e as usize;
        self.set[n / 64] |= 1 << (n % 64);
    }

    /// Adds what the members imply until nothing changes.
    fn close(&mut self) {
        loop {
            let before = *self;
            for e in before.extensions().map(Extension::info) {
                e.implies.iter().for_each(|i| self.insert(*i));
                let met = e.implies_when.iter().filter(|(cond, _)| before.has(*cond));
                met.for_each(|(_, i)| self.insert(*i));
                self.set_min_vlen(e.min_vlen);
            }
            if *self == before {
                break;
            }
        }
    }
}
