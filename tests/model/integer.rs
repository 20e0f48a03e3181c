//! I, M, Zba, Zbb, Zbs, Zbc, Zbkb, Zbkx and Zicond: integers without bounds, cut to 64 bits in the end.

use super::{Cpu, Insn, Outcome, sign_extend};
use mellivora::isa::Op;

/// As a signed number.
fn s(v: u64) -> i128 {
    v as i64 as i128
}

/// As an unsigned number.
fn u(v: u64) -> i128 {
    v as i128
}

/// The low word as a signed number.
fn sw(v: u64) -> i128 {
    v as i32 as i128
}

/// The low word as an unsigned number.
fn uw(v: u64) -> i128 {
    v as u32 as i128
}

/// A result of 32 bits, sign-extended.
fn word(v: i128) -> i128 {
    s(sign_extend(v as u64 & 0xffff_ffff, 32))
}

/// 2 to the n.
fn pow2(n: i128) -> i128 {
    1 << n
}

fn bit(v: u64, n: usize) -> bool {
    v >> n & 1 == 1
}

/// Rotates the low `bits` bits left, one position at a time.
fn rotate_left(v: u64, bits: usize, n: i128) -> i128 {
    let mut list: Vec<bool> = (0..bits).map(|i| bit(v, i)).collect();
    for _ in 0..n {
        list.rotate_right(1);
    }
    list.iter().enumerate().map(|(i, b)| (*b as i128) << i).sum()
}

fn leading_zeros(v: u64, bits: usize) -> i128 {
    (0..bits).rev().take_while(|i| !bit(v, *i)).count() as i128
}

fn trailing_zeros(v: u64, bits: usize) -> i128 {
    (0..bits).take_while(|i| !bit(v, *i)).count() as i128
}

fn ones(v: u64, bits: usize) -> i128 {
    (0..bits).filter(|i| bit(v, *i)).count() as i128
}

/// Each byte changed by `f`.
fn bytes(v: u64, f: impl Fn(u8) -> u8) -> i128 {
    u(u64::from_le_bytes(v.to_le_bytes().map(f)))
}

/// Looks elements of `width` bits up by the indices in `b`; beyond the end is zero.
fn crossbar(a: u64, b: u64, width: usize) -> i128 {
    let mask = (1 << width) - 1;
    let table: Vec<u64> = (0..64 / width).map(|i| a >> (i * width) & mask).collect();
    let element = |i: usize| table.get((b >> (i * width) & mask) as usize).copied().unwrap_or(0);
    (0..64 / width).map(|i| u(element(i)) << (i * width)).sum()
}

/// Quotient and remainder towards zero; by zero: all ones, and the dividend.
fn divide(a: i128, b: i128) -> (i128, i128) {
    if b == 0 { (-1, a) } else { (a / b, a % b) }
}

/// Exclusive or of `a` shifted by `f(i)` (left if positive) for each set bit i of `b`.
fn carryless(a: u64, b: u64, f: impl Fn(i32) -> i32) -> i128 {
    let shifted = |n: i32| {
        if n >= 64 || n <= -64 {
            0
        } else if n >= 0 {
            a << n
        } else {
            a >> -n
        }
    };
    u((0..64).filter(|i| bit(b, *i)).fold(0, |v, i| v ^ shifted(f(i as i32))))
}

impl Cpu {
    pub(super) fn integer(&mut self, i: &Insn) -> Outcome {
        let o = &i.operands;
        let (a, b, imm) = (self.x[o.rs1 as usize], self.x[o.rs2 as usize], o.imm as i128);
        // Shift amounts are the low bits of the second source.
        let (n, nw) = ((b % 64) as i128, (b % 32) as i128);
        let one = |n: i128| u(1u64 << n);
        let v: i128 = match i.op {
            Op::Addi => s(a) + imm,
            Op::Slti => (s(a) < imm) as i128,
            Op::Sltiu => (a < imm as u64) as i128,
            Op::Xori => s(a) ^ imm,
            Op::Ori => s(a) | imm,
            Op::Andi => s(a) & imm,
            Op::Slli => u(a) * pow2(imm),
            Op::Srli => u(a) / pow2(imm),
            Op::Srai => s(a).div_euclid(pow2(imm)),
            Op::Addiw => word(s(a) + imm),
            Op::Slliw => word(u(a) * pow2(imm)),
            Op::Srliw => word(uw(a) / pow2(imm)),
            Op::Sraiw => word(sw(a).div_euclid(pow2(imm))),
            Op::Add => s(a) + s(b),
            Op::Sub => s(a) - s(b),
            Op::Sll => u(a) * pow2(n),
            Op::Slt => (s(a) < s(b)) as i128,
            Op::Sltu => (u(a) < u(b)) as i128,
            Op::Xor => u(a) ^ u(b),
            Op::Srl => u(a) / pow2(n),
            Op::Sra => s(a).div_euclid(pow2(n)),
            Op::Or => u(a) | u(b),
            Op::And => u(a) & u(b),
            Op::Addw => word(s(a) + s(b)),
            Op::Subw => word(s(a) - s(b)),
            Op::Sllw => word(uw(a) * pow2(nw)),
            Op::Srlw => word(uw(a) / pow2(nw)),
            Op::Sraw => word(sw(a).div_euclid(pow2(nw))),

            Op::Mul => s(a).wrapping_mul(s(b)),
            Op::Mulh => (s(a) * s(b)).div_euclid(pow2(64)),
            Op::Mulhsu => (s(a) * u(b)).div_euclid(pow2(64)),
            Op::Mulhu => ((a as u128 * b as u128) >> 64) as i128,
            Op::Mulw => word(sw(a) * sw(b)),
            Op::Div => divide(s(a), s(b)).0,
            Op::Divu => divide(u(a), u(b)).0,
            Op::Rem => divide(s(a), s(b)).1,
            Op::Remu => divide(u(a), u(b)).1,
            Op::Divw => word(divide(sw(a), sw(b)).0),
            Op::Divuw => word(divide(uw(a), uw(b)).0),
            Op::Remw => word(divide(sw(a), sw(b)).1),
            Op::Remuw => word(divide(uw(a), uw(b)).1),

            Op::Sh1add => s(a) * 2 + s(b),
            Op::Sh2add => s(a) * 4 + s(b),
            Op::Sh3add => s(a) * 8 + s(b),
            Op::AddUw => uw(a) + s(b),
            Op::Sh1addUw => uw(a) * 2 + s(b),
            Op::Sh2addUw => uw(a) * 4 + s(b),
            Op::Sh3addUw => uw(a) * 8 + s(b),
            Op::SlliUw => uw(a) * pow2(imm),

            Op::Andn => u(a) & u(!b),
            Op::Orn => u(a) | u(!b),
            Op::Xnor => u(!(a ^ b)),
            Op::Clz => leading_zeros(a, 64),
            Op::Ctz => trailing_zeros(a, 64),
            Op::Cpop => ones(a, 64),
            Op::Clzw => leading_zeros(a, 32),
            Op::Ctzw => trailing_zeros(a, 32),
            Op::Cpopw => ones(a, 32),
            Op::Max => s(a).max(s(b)),
            Op::Maxu => u(a).max(u(b)),
            Op::Min => s(a).min(s(b)),
            Op::Minu => u(a).min(u(b)),
            Op::SextB => s(sign_extend(a, 8)),
            Op::SextH => s(sign_extend(a, 16)),
            Op::Rol => rotate_left(a, 64, n),
            Op::Ror => rotate_left(a, 64, 64 - n),
            Op::Rori => rotate_left(a, 64, 64 - imm),
            Op::Rolw => word(rotate_left(a, 32, nw)),
            Op::Rorw => word(rotate_left(a, 32, 32 - nw)),
            Op::Roriw => word(rotate_left(a, 32, 32 - imm)),
            Op::OrcB => bytes(a, |b| if b == 0 { 0 } else { 0xff }),
            Op::Rev8 => u(u64::from_be_bytes(a.to_le_bytes())),

            Op::Bclr => u(a) & !one(n),
            Op::Bclri => u(a) & !one(imm),
            Op::Bext => bit(a, n as usize) as i128,
            Op::Bexti => bit(a, imm as usize) as i128,
            Op::Binv => u(a) ^ one(n),
            Op::Binvi => u(a) ^ one(imm),
            Op::Bset => u(a) | one(n),
            Op::Bseti => u(a) | one(imm),

            Op::Clmul => carryless(a, b, |i| i),
            Op::Clmulh => carryless(a, b, |i| i - 64),
            Op::Clmulr => carryless(a, b, |i| i - 63),

            Op::Pack => uw(a) + uw(b) * pow2(32),
            Op::Packh => u(a % 256) + u(b % 256) * 256,
            Op::Packw => word(u(a % 65536) + u(b % 65536) * 65536),
            Op::Brev8 => bytes(a, |b| (0..8).map(|i| (b >> i & 1) << (7 - i)).sum()),
            Op::Xperm4 => crossbar(a, b, 4),
            Op::Xperm8 => crossbar(a, b, 8),

            Op::CzeroEqz => [u(a), 0][(b == 0) as usize],
            Op::CzeroNez => [0, u(a)][(b == 0) as usize],
            // May-be-operations write zero until something else is defined (Zimop).
            Op::MopRN | Op::MopRrN => 0,
            _ => return None,
        };
        self.set_x(o.rd, v as u64);
        Some(Ok(()))
    }
}
