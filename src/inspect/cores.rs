//! Which core a set of extensions asks for.

use crate::isa::{Cpu, CpuModel, Isa};

/// T-Head's `mvendorid`.
const THEAD: u32 = 0x5b7;

/// The smallest XuanTie core that has all of `isa`: of those the one with the fewest extensions. None without extensions of
/// T-Head's, which any machine can run, and none if no core has them all.
pub(crate) fn smallest(isa: &Isa) -> Option<&'static str> {
    if !isa.extensions().any(|e| e.name().starts_with("xthead")) {
        return None;
    }
    let has_all = |c: &Cpu| isa.extensions().all(|e| c.isa().has(e)) && isa.min_vlen() <= c.vlen();
    let cores = CpuModel::all().filter(|m| m.vendorid == THEAD).map(Cpu::of).filter(has_all);
    let size = |c: &Cpu| c.isa().extensions().count() + c.missing().len();
    cores.min_by_key(size).map(|c| c.model().name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_core_is_named() {
        for (isa, core) in [
            ("rv64gc", None),
            ("rv64imac_xtheadba", Some("c906")),
            ("rv64gc_xtheadba", Some("c906fd")),
            ("rv64gc_xtheadvector", Some("c906fdv")),
            ("rv64gcv_xtheadba", Some("c908v")),
            ("rv64gc_zba_xtheadba", Some("c908")),
            ("rv64gcv_xtheadvdot", Some("c908v")),
            ("rv64gcv_zvl512b_xtheadvdot", Some("c908x")),
            ("rv64gc_zacas_xtheadvector", Some("max-th")),
        ] {
            assert_eq!(smallest(&Isa::parse(isa).unwrap()), core, "{isa}");
        }
    }
}
