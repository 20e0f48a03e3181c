//! Sizes, and the release of matrix state.

use super::{Rule, matrix};
use crate::hart::{Context, Event, Hart};
use crate::isa::Insn;

/// 0.6: sets mtilem (0), mtilen (1) or mtilek (2).
fn settile(hart: &mut Hart, which: usize, value: u64) -> Result<(), Event> {
    hart.matrix.sizes[which] = value;
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// 0.3: sets the sizes; the new ones, packed as in `xmsize`, go to rd.
fn cfg(hart: &mut Hart, insn: &Insn, change: impl FnOnce(&mut [u64; 3])) -> Result<(), Event> {
    change(&mut hart.matrix.sizes);
    let size = hart.matrix.xmsize();
    hart.matrix.set_ms(Context::Dirty);
    hart.set_x(insn.rd, size);
    Ok(())
}

/// Registers keep their values: what may be discarded need not be, and so results do not depend on it.
fn release(hart: &mut Hart) -> Result<(), Event> {
    hart.matrix.set_ms(Context::Initial);
    Ok(())
}

matrix! {
    MreleaseXtheadmatrix0p6 Rule::ALWAYS, |h, _m, _i| release(h);
    Msettilemi Rule::ALWAYS, |h, _m, i| settile(h, 0, i.imm as u64);
    Msettilem Rule::ALWAYS, |h, _m, i| { let v = h.x(i.rs1); settile(h, 0, v) };
    Msettileni Rule::ALWAYS, |h, _m, i| settile(h, 1, i.imm as u64);
    Msettilen Rule::ALWAYS, |h, _m, i| { let v = h.x(i.rs1); settile(h, 1, v) };
    Msettileki Rule::ALWAYS, |h, _m, i| settile(h, 2, i.imm as u64);
    Msettilek Rule::ALWAYS, |h, _m, i| { let v = h.x(i.rs1); settile(h, 2, v) };

    MreleaseXtheadmatrix0p3 Rule::ALWAYS, |h, _m, _i| release(h);
    Mcfgmi Rule::ALWAYS, |h, _m, i| cfg(h, i, |s| s[0] = i.imm as u64);
    Mcfgm Rule::ALWAYS, |h, _m, i| { let v = h.x(i.rs1); cfg(h, i, |s| s[0] = v & 0xff) };
    Mcfgni Rule::ALWAYS, |h, _m, i| cfg(h, i, |s| s[1] = i.imm as u64);
    Mcfgn Rule::ALWAYS, |h, _m, i| { let v = h.x(i.rs1); cfg(h, i, |s| s[1] = v & 0xff) };
    Mcfgki Rule::ALWAYS, |h, _m, i| cfg(h, i, |s| s[2] = i.imm as u64);
    Mcfgk Rule::ALWAYS, |h, _m, i| { let v = h.x(i.rs1); cfg(h, i, |s| s[2] = v & 0xffff) };
    Mcfg Rule::ALWAYS, |h, _m, i| {
        let v = h.x(i.rs1);
        cfg(h, i, |s| *s = [v & 0xff, v >> 8 & 0xff, v >> 16 & 0xffff])
    };
}
