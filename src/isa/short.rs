//! Sets of extensions put together, and written in few words.

use super::extension::Isa;
use super::table::Extension;

/// What people begin an ISA string with, the largest first.
const USUAL: [&str; 6] = ["rv64gc", "rv64g", "rv64imafdc", "rv64imac", "rv64ima", "rv64im"];

impl Isa {
    /// All that either set has, and the longer of the two vector registers. Extensions that exclude each other are not looked
    /// for.
    pub fn union(self, other: Isa) -> Isa {
        other.extensions().fold(self, Isa::with).with_min_vlen(other.min_vlen())
    }

    /// The set with vector registers of at least `bits`, a power of two: what `zvl256b` asks for.
    pub fn with_min_vlen(mut self, bits: u32) -> Isa {
        self.set_min_vlen(bits);
        self
    }

    /// Whether all that `other` has is here, too, vector registers as long included.
    pub fn contains(&self, other: &Isa) -> bool {
        other.extensions().all(|e| self.has(e)) && other.min_vlen() <= self.min_vlen()
    }

    /// A short ISA string: a usual base, and what that and the rest do not imply. [`Isa::parse`] gives the same set back.
    ///
    /// ```
    /// use mellivora::isa::Isa;
    /// let long = Isa::parse("rv64gc_zba")?.to_string();
    /// assert_eq!(Isa::parse(&long)?.short(), "rv64gc_zba");
    /// # Ok::<(), mellivora::isa::IsaError>(())
    /// ```
    pub fn short(&self) -> String {
        let parse = |text: &str| Isa::parse(text).unwrap_or_else(|_| Isa::base());
        let inside = |text: &&str| parse(text).extensions().all(|e| self.has(e));
        let mut text = USUAL.into_iter().find(inside).unwrap_or("rv64i").to_owned();
        loop {
            let have = parse(&text);
            let rest = || self.extensions().filter(|e| !have.has(*e));
            // Of those that are missing, one that no other missing one brings along.
            let implied =
                |e: Extension| rest().any(|o| o != e && Isa::base().with(o).has(e) && !Isa::base().with(e).has(o));
            // Letters first: d and c bring zcd along, which alone would stand for d.
            let letter = |e: &Extension| e.name().len() == 1;
            let over = |e: Extension| rest().any(|o| letter(&o) && o != e && Isa::base().with(o).has(e));
            let place = |e: &Extension| "imafdcbv".find(e.name());
            let next = rest().filter(|e| letter(e) && !over(*e)).min_by_key(place);
            let next = next.or_else(|| rest().find(|e| !implied(*e)));
            let Some(next) = next.filter(|e| *e != Extension::Sm) else { break };
            let joint = if next.name().len() == 1 && !text.contains('_') { "" } else { "_" };
            text = format!("{text}{joint}{}", next.full_name());
        }
        match self.min_vlen() {
            n if n == parse(&text).min_vlen() => text,
            n => format!("{text}_zvl{n}b"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Extension;
    use super::Isa;

    #[test]
    fn suggested_strings_are_short_and_mean_the_same() {
        for (text, expected) in [
            ("rv64gc_zba", "rv64gc_zba"),
            ("rv64i", "rv64i"),
            ("rv64imc_zicsr", "rv64imc"),
            ("rv64gcv", "rv64gcv"),
            ("rv64imafdc", "rv64imafdc"),
            ("rv64icd", "rv64idc"),
            ("rv64gcv_zvl512b", "rv64gcv_zvl512b"),
        ] {
            assert_eq!(Isa::parse(text).unwrap().short(), expected);
        }
        let more = Isa::parse("rv64gc").unwrap().with(Extension::Zfh);
        assert_eq!(more.short(), "rv64gc_zfh");
        assert_eq!(Isa::parse(&Isa::all().short()).unwrap(), Isa::all());
    }

    #[test]
    fn unions_have_what_either_has() {
        let parse = |text| Isa::parse(text).unwrap();
        let (a, b) = (parse("rv64im_zvl256b"), parse("rv64ia_zba"));
        let both = a.union(b);
        assert_eq!(both, parse("rv64ima_zba_zvl256b"));
        assert!(both.contains(&a) && both.contains(&b) && !a.contains(&b) && !b.contains(&a));
    }
}
