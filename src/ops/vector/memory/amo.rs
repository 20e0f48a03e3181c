//! Vector atomics of XTheadZvamo (RISC-V "V" 0.7.1, "Vector AMO Operations").
//!
//! Element i exchanges its value with the memory at x[rs1] + vs2[i], a signed offset of SEW bits. As with scalar atomics,
//! addresses are naturally aligned, and every fault is a store/AMO fault.

use core::marker::PhantomData;

use super::bytes::Packed;
use crate::hart::Hart;
use crate::memory::Memory;
use crate::ops::atomic::modify;
use crate::ops::vector::lanes::active;
use crate::ops::vector::{Body, Done, Plan, Reason, kernel, vector};

/// What is stored, of what was there (`m`) and the element of vd (`r`), both sign-extended.
trait Operation: 'static {
    fn of(m: i64, r: i64) -> i64;
}

/// Elements of M in memory and of R in registers.
struct Amo<O, M, R>(PhantomData<(O, M, R)>);

impl<O: Operation, M: Packed, R: Packed> Body for Amo<O, M, R> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        // The immediate is `wd`: whether the old values are wanted.
        let (base, wanted) = (hart.x(p.rs1), p.imm != 0);
        for i in hart.v.vstart..hart.v.vl {
            if !active(&hart.v.file, p, i) {
                continue;
            }
            let place = p.vd as usize + i * R::SIZE;
            let offset = hart.v.file.get::<R>(p.vs2 as usize + i * R::SIZE).to_i64();
            let r = M::from_u64(hart.v.file.get::<R>(place).to_u64()).to_i64();
            let operate = |old| Some(M::from_u64(O::of(M::from_u64(old).to_i64(), r) as u64).to_u64());
            match modify(hart, memory, base.wrapping_add(offset as u64), M::SIZE as u32, operate) {
                Ok(old) if wanted => hart.v.file.set(place, R::from_u64(M::from_u64(old).to_i64() as u64)),
                Ok(_) => {}
                Err(event) => {
                    hart.v.vstart = i;
                    return Err(event);
                }
            }
        }
        Ok(())
    }
}

macro_rules! amo {
    ($($op:ident |$m:ident, $r:ident| $e:expr => $word:ident $double:ident;)*) => { $(
        struct $op;
        impl Operation for $op {
            #[inline(always)]
            fn of($m: i64, $r: i64) -> i64 { $e }
        }
        vector! {
            $word |hart, p| match p.sew {
                2 => Ok(kernel::<Amo<$op, u32, u32>>(&p)),
                3 => Ok(kernel::<Amo<$op, u32, u64>>(&p)),
                sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
            };
            $double |hart, p| match p.sew {
                3 => Ok(kernel::<Amo<$op, u64, u64>>(&p)),
                sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
            };
        }
    )* };
}

// Sign extension keeps the order of unsigned numbers, too.
amo! {
    Swap |_m, r| r => ThVamoswapwV ThVamoswapdV;
    Add |m, r| m.wrapping_add(r) => ThVamoaddwV ThVamoadddV;
    Xor |m, r| m ^ r => ThVamoxorwV ThVamoxordV;
    And |m, r| m & r => ThVamoandwV ThVamoanddV;
    Or |m, r| m | r => ThVamoorwV ThVamoordV;
    Min |m, r| m.min(r) => ThVamominwV ThVamomindV;
    Max |m, r| m.max(r) => ThVamomaxwV ThVamomaxdV;
    Minu |m, r| (m as u64).min(r as u64) as i64 => ThVamominuwV ThVamominudV;
    Maxu |m, r| (m as u64).max(r as u64) as i64 => ThVamomaxuwV ThVamomaxudV;
}
