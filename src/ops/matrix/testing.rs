//! What unit tests of matrix instructions share: a hart with a unit, and its instructions by name.

use crate::hart::{Clock, Context, Hart, HartConfig, MatrixConfig};
use crate::isa::{Decoder, Insn, Isa, Op};
use crate::memory::Memory;
use crate::ops::Semantics;

/// A hart with such a unit, turned on and clean; register n has the bytes n * 37 + 1, n * 37 + 8, ...
pub(super) fn hart(config: MatrixConfig) -> Hart {
    let mut hart = Hart::new(HartConfig { matrix: config, ..HartConfig::default() }, Clock::virtual_time());
    assert!(hart.matrix.exists(), "{config:?}");
    for n in 0..8 {
        for (k, byte) in hart.matrix_bytes_mut(n).iter_mut().enumerate() {
            *byte = (k as u8).wrapping_mul(7).wrapping_add(n.wrapping_mul(37) + 1);
        }
    }
    hart.set_ms(Context::Clean);
    hart
}

/// An instruction without operands.
pub(super) fn insn(op: Op) -> Insn {
    let ecall = Decoder::new(&Isa::all()).decode(0x73).expect("ecall");
    Insn { op, base: op, rd: 0, rs1: 0, rs2: 0, rs3: 0, rm: 0, imm: 0, ..ecall }
}

/// Executes it; whether it was legal.
pub(super) fn run<S: Semantics>(hart: &mut Hart, insn: &Insn) -> bool {
    let mut memory = Memory::new(4096, 4096).unwrap();
    S::exec(hart, &mut memory, insn).is_ok()
}

/// `exec!(hart, Mpack, rd: 4, rs1: 5)`: executes an instruction with these operands.
macro_rules! exec {
    ($hart:expr, $op:ident $(, $slot:ident: $value:expr)*) => {{
        let insn = $crate::isa::Insn { $($slot: $value,)* ..$crate::ops::matrix::testing::insn($crate::isa::Op::$op) };
        $crate::ops::matrix::testing::run::<$crate::ops::$op>(&mut $hart, &insn)
    }};
}
pub(super) use exec;
