//! What an instruction writes of matrix state.

use crate::hart::{Context, Hart};
use crate::isa::{Access, Flags, Insn, Op};

/// What an instruction has written of matrix state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatrixWrites {
    /// Registers that it has written, as a whole or in part: bit n for register n. Tiles of 0.6 are 0..3, accumulators 4..7.
    pub registers: u8,
    /// Which sizes it has written: M, N and K. (Not those written as CSRs.)
    pub sizes: [bool; 3],
    /// Whether it has reset `xmrstart` of 0.3 from another value than 0.
    pub xmrstart: bool,
    /// Whether it has saturated, and so set `xmsat`, which may have been set before.
    pub xmsat: bool,
    /// Floating-point exception flags that it has raised in `xmfflags`, already set ones included; those of 0.3 are in
    /// [`Retired::raised`](super::Retired::raised).
    pub raised: u8,
    /// Whether mstatus.MS has changed.
    pub ms: bool,
}

/// A hart before a matrix instruction, or one that may change mstatus.MS.
pub(crate) struct BeforeMatrix {
    insn: Insn,
    ms: Context,
    xmrstart: u64,
    xmsat: bool,
    xmfflags: u8,
}

impl BeforeMatrix {
    /// Looks at a hart before an instruction. For a matrix instruction `xmsat` and `xmfflags` are clear until
    /// [`BeforeMatrix::after`], so that it can be told what was set anew.
    pub(crate) fn new(hart: &mut Hart, insn: &Insn) -> BeforeMatrix {
        let ms = hart.ms();
        let m = &mut hart.matrix;
        let before = BeforeMatrix { insn: *insn, ms, xmrstart: m.xmrstart, xmsat: m.xmsat, xmfflags: m.xmfflags };
        if before.matrix() {
            m.xmsat = false;
            m.xmfflags = 0;
        }
        before
    }

    fn matrix(&self) -> bool {
        self.insn.base.info().flags.contains(Flags::MATRIX)
    }

    /// What the instruction has done. To be called whether it has retired or not.
    pub(crate) fn after(self, hart: &mut Hart) -> MatrixWrites {
        let ms = hart.ms() != self.ms;
        let m = &mut hart.matrix;
        if !self.matrix() {
            return MatrixWrites { ms, ..MatrixWrites::default() };
        }
        let (xmsat, raised) = (m.xmsat, m.xmfflags);
        m.xmsat |= self.xmsat;
        m.xmfflags |= self.xmfflags;
        let info = self.insn.base.info();
        let to = info.operands.iter().find(|o| o.kind.is_matrix() && o.access != Access::Read);
        let registers = to.map_or(0, |_| {
            let group = 1u16.checked_shl(info.nf.into()).unwrap_or(0).wrapping_sub(1);
            (group << (self.insn.rd & 7)) as u8
        });
        MatrixWrites {
            registers,
            sizes: sizes(self.insn.base),
            xmrstart: self.xmrstart != m.xmrstart,
            xmsat,
            raised,
            ms,
        }
    }
}

/// Which of M, N and K an instruction sets.
fn sizes(op: Op) -> [bool; 3] {
    match op {
        Op::Msettilemi | Op::Msettilem | Op::Mcfgmi | Op::Mcfgm => [true, false, false],
        Op::Msettileni | Op::Msettilen | Op::Mcfgni | Op::Mcfgn => [false, true, false],
        Op::Msettileki | Op::Msettilek | Op::Mcfgki | Op::Mcfgk => [false, false, true],
        Op::Mcfg => [true; 3],
        _ => [false; 3],
    }
}
