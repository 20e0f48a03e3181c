//! Cache management and synchronisation (XTheadCmo, XTheadSync), and what only RV32 has (XTheadFmv, XTheadInt).
//!
//! There are no caches, no other harts and no address translation, so that all of it has nothing to do; stores to code are
//! seen at once. What is left are the privileges. In U-mode the specification allows `th.dcache.civa`, `th.dcache.cval1`,
//! `th.icache.iva` and the `th.sync` family. `th.dcache.cva` and `th.dcache.iva` are allowed here as well, as QEMU does:
//! programs that run there should run here, and nothing can come of it. All others are illegal in U-mode. What U-mode may
//! do depends on th.sxstatus.UCME, a CSR (0x5c0) of S-mode, which these machines do not have; it counts as set, as the
//! specification expects it to be.

use super::super::special;
use super::super::system::next;
use crate::hart::{Event, Hart, Privilege};
use crate::isa::Insn;
use crate::memory::Memory;

/// No operation, but illegal in U-mode.
fn privileged(hart: &mut Hart, i: &Insn) -> Result<(), Event> {
    match hart.privilege {
        Privilege::User => Err(hart.illegal()),
        Privilege::Machine => next(hart, i),
    }
}

special! {
    ThDcacheCall |h, _m, i| privileged(h, i);
    ThDcacheCiall |h, _m, i| privileged(h, i);
    ThDcacheIall |h, _m, i| privileged(h, i);
    ThDcacheCpa |h, _m, i| privileged(h, i);
    ThDcacheCipa |h, _m, i| privileged(h, i);
    ThDcacheIpa |h, _m, i| privileged(h, i);
    ThDcacheCva |h, _m, i| next(h, i);
    ThDcacheCiva |h, _m, i| next(h, i);
    ThDcacheIva |h, _m, i| next(h, i);
    ThDcacheCsw |h, _m, i| privileged(h, i);
    ThDcacheCisw |h, _m, i| privileged(h, i);
    ThDcacheIsw |h, _m, i| privileged(h, i);
    ThDcacheCpal1 |h, _m, i| privileged(h, i);
    ThDcacheCval1 |h, _m, i| next(h, i);
    ThIcacheIall |h, _m, i| privileged(h, i);
    ThIcacheIalls |h, _m, i| privileged(h, i);
    ThIcacheIpa |h, _m, i| privileged(h, i);
    ThIcacheIva |h, _m, i| next(h, i);
    ThL2cacheCall |h, _m, i| privileged(h, i);
    ThL2cacheCiall |h, _m, i| privileged(h, i);
    ThL2cacheIall |h, _m, i| privileged(h, i);

    ThSync |h, _m, i| next(h, i);
    ThSyncI |h, _m, i| next(h, i);
    ThSyncS |h, _m, i| next(h, i);
    ThSyncIs |h, _m, i| next(h, i);
    ThSfenceVmas |h, _m, i| privileged(h, i);

    // They move halves of a double between registers of 32 bits; with XLEN = 64 they do not exist.
    ThFmvHwX |h, _m, _i| Err(h.illegal());
    ThFmvXHw |h, _m, _i| Err(h.illegal());
    // The interrupt stack has slots of 4 bytes, and th.sxstatus announces them for XLEN = 32 only.
    ThIpush |h, _m, _i| Err(h.illegal());
    ThIpop |h, _m, _i| Err(h.illegal());
}
