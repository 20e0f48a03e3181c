//! RV64I and M: register-register and register-immediate arithmetic (Unprivileged manual, chapters 2, 4 and 13).

use super::alu;
use crate::hart::{Event, Hart};
use crate::memory::{Memory, Ram};

/// Sign-extends a 32-bit result.
#[inline(always)]
pub(super) fn sx(v: u32) -> u64 {
    v as i32 as u64
}

alu! {
    ri Addi |a, i| a.wrapping_add(i as u64);
    ri Slti |a, i| ((a as i64) < i) as u64;
    ri Sltiu |a, i| (a < i as u64) as u64;
    ri Xori |a, i| a ^ i as u64;
    ri Ori |a, i| a | i as u64;
    ri Andi |a, i| a & i as u64;
    ri Slli |a, i| a << (i & 63);
    ri Srli |a, i| a >> (i & 63);
    ri Srai |a, i| ((a as i64) >> (i & 63)) as u64;
    ri Addiw |a, i| sx((a as u32).wrapping_add(i as u32));
    ri Slliw |a, i| sx((a as u32) << (i & 31));
    ri Srliw |a, i| sx((a as u32) >> (i & 31));
    ri Sraiw |a, i| ((a as i32) >> (i & 31)) as u64;

    rr Add |a, b| a.wrapping_add(b);
    rr Sub |a, b| a.wrapping_sub(b);
    rr Sll |a, b| a << (b & 63);
    rr Slt |a, b| ((a as i64) < b as i64) as u64;
    rr Sltu |a, b| (a < b) as u64;
    rr Xor |a, b| a ^ b;
    rr Srl |a, b| a >> (b & 63);
    rr Sra |a, b| ((a as i64) >> (b & 63)) as u64;
    rr Or |a, b| a | b;
    rr And |a, b| a & b;
    rr Addw |a, b| sx((a as u32).wrapping_add(b as u32));
    rr Subw |a, b| sx((a as u32).wrapping_sub(b as u32));
    rr Sllw |a, b| sx((a as u32) << (b & 31));
    rr Srlw |a, b| sx((a as u32) >> (b & 31));
    rr Sraw |a, b| ((a as i32) >> (b & 31)) as u64;

    rr Mul |a, b| a.wrapping_mul(b);
    rr Mulh |a, b| ((a as i64 as i128 * b as i64 as i128) >> 64) as u64;
    rr Mulhsu |a, b| ((a as i64 as i128).wrapping_mul(b as u128 as i128) >> 64) as u64;
    rr Mulhu |a, b| ((a as u128 * b as u128) >> 64) as u64;
    rr Mulw |a, b| sx((a as u32).wrapping_mul(b as u32));
    // Division by zero gives all ones and the dividend; the one overflow wraps.
    rr Div |a, b| if b == 0 { u64::MAX } else { (a as i64).wrapping_div(b as i64) as u64 };
    rr Divu |a, b| a.checked_div(b).unwrap_or(u64::MAX);
    rr Rem |a, b| if b == 0 { a } else { (a as i64).wrapping_rem(b as i64) as u64 };
    rr Remu |a, b| if b == 0 { a } else { a % b };
    rr Divw |a, b| if b as u32 == 0 { u64::MAX } else { (a as i32).wrapping_div(b as i32) as u64 };
    rr Divuw |a, b| (a as u32).checked_div(b as u32).map_or(u64::MAX, sx);
    rr Remw |a, b| if b as u32 == 0 { sx(a as u32) } else { (a as i32).wrapping_rem(b as i32) as u64 };
    rr Remuw |a, b| if b as u32 == 0 { sx(a as u32) } else { sx(a as u32 % b as u32) };
}
