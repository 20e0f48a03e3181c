//! `vsetvli`, `vsetivli`, `vsetvl` (V, "Configuration-Setting Instructions"), and those of XTheadVector (0.7.1, section 6).

use crate::hart::{Context, Event, Hart, Vector, Vtype};
use crate::isa::Insn;
use crate::memory::Memory;
use crate::ops::special;

/// Where the application vector length comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Avl {
    /// The present `vl`, if VLMAX stays the same: anything else is reserved and sets vill, as on Spike.
    Keep,
    /// VLMAX.
    Max,
    /// A value.
    Is(u64),
}

impl Avl {
    /// What `rd` and `rs1` of `vsetvl` and `vsetvli` ask for; `value` is that of rs1.
    pub(crate) fn of(rd: u8, rs1: u8, value: u64) -> Avl {
        match (rd & 31, rs1 & 31) {
            (0, 0) => Avl::Keep,
            (_, 0) => Avl::Max,
            _ => Avl::Is(value),
        }
    }

    /// Likewise in XTheadVector, where x0 always means VLMAX.
    pub(crate) fn thead(rs1: u8, value: u64) -> Avl {
        if rs1 & 31 == 0 { Avl::Max } else { Avl::Is(value) }
    }
}

/// The new `vl` and `vtype`. An AVL above VLMAX gives VLMAX, so that a loop's last two rounds may differ in length.
pub(crate) fn new_vl(v: &Vector, avl: Avl, vtype: u64) -> (usize, Vtype) {
    let vtype = v.config.version.vtype(vtype).unwrap_or(Vtype::ILL);
    let vlmax = v.config.vlmax(vtype);
    let vl = match avl {
        _ if vlmax == 0 => return (0, Vtype::ILL),
        Avl::Keep if v.vlmax() != vlmax => return (0, Vtype::ILL),
        Avl::Keep => v.vl,
        Avl::Max => vlmax,
        Avl::Is(n) => n.min(vlmax as u64) as usize,
    };
    (vl, vtype)
}

fn configure(hart: &mut Hart, i: &Insn, avl: Avl, vtype: u64) -> Result<(), Event> {
    if hart.v.vs() == Context::Off {
        return Err(hart.illegal());
    }
    let (vl, vtype) = new_vl(&hart.v, avl, vtype);
    hart.v.set_vs(Context::Dirty);
    hart.v.configure(vl, vtype);
    hart.v.set_vstart(0);
    hart.set_x(i.rd, vl as u64);
    hart.pc = hart.pc.wrapping_add(i.len as u64);
    Ok(())
}

special! {
    Vsetvli |h, _m, i| { let avl = Avl::of(i.rd, i.rs1, h.x(i.rs1)); configure(h, i, avl, i.imm as u64) };
    Vsetivli |h, _m, i| configure(h, i, Avl::Is(i.rs1 as u64), i.imm as u64);
    ThVsetvli |h, _m, i| { let avl = Avl::thead(i.rs1, h.x(i.rs1)); configure(h, i, avl, i.imm as u64) };
    ThVsetvl |h, _m, i| { let (avl, vtype) = (Avl::thead(i.rs1, h.x(i.rs1)), h.x(i.rs2)); configure(h, i, avl, vtype) };
    Vsetvl |h, _m, i| { let (avl, vtype) = (Avl::of(i.rd, i.rs1, h.x(i.rs1)), h.x(i.rs2)); configure(h, i, avl, vtype) };
}
