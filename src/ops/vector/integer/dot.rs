//! Dot products of bytes (thead-extension-spec, "XTheadVdot"), on both vector extensions.

use super::Source;
use crate::hart::{Hart, VdotMask};
use crate::memory::Memory;
use crate::ops::vector::lanes::{each_chunk, mask_bits, read};
use crate::ops::vector::{Body, Done, Kernel, Plan, Reason, Select, kernel_for};

/// vd[i] += the sum over the four bytes j of (vs1[i] or x[rs1]).j * vs2[i].j. FIRST, SECOND: the bytes of vs1 and x[rs1], and
/// those of vs2, are signed. BYTES: a mask bit for each byte of vs2, and not for each element.
struct Dot<const FIRST: bool, const SECOND: bool, const BYTES: bool, const N: usize>;

impl<const FIRST: bool, const SECOND: bool, const BYTES: bool, const N: usize> Body for Dot<FIRST, SECOND, BYTES, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let second = Source::second::<u32, N>(hart, p);
        // A byte that is not active adds nothing; elements are all written, if only with what they hold.
        let p = &Plan { masked: p.masked && !BYTES, ..*p };
        each_chunk::<u32, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| {
                let (a, mut b) = (second.chunk::<u32, N>(file, i), read::<u32, N>(file, p.vs2, i));
                if BYTES {
                    let bits = mask_bits(file, p, 4 * i);
                    for k in 0..N {
                        b[k] &= SPREAD[(bits >> (4 * k) & 15) as usize];
                    }
                }
                let mut r = read::<u32, N>(file, p.vd, i);
                for k in 0..N {
                    for j in 0..4 {
                        let product = byte::<FIRST>(a[k], j).wrapping_mul(byte::<SECOND>(b[k], j));
                        r[k] = r[k].wrapping_add(product as u32);
                    }
                }
                r
            },
        );
        Ok(())
    }
}

/// For each value of 4 bits the bytes that say the same.
static SPREAD: [u32; 16] = {
    let mut table = [0; 16];
    let mut i = 0;
    while i < 64 {
        if (i / 4) >> (i % 4) & 1 != 0 {
            table[i / 4] |= 0xff << (i % 4 * 8);
        }
        i += 1;
    }
    table
};

/// Byte `j`, extended.
#[inline(always)]
fn byte<const SIGNED: bool>(x: u32, j: u32) -> i32 {
    let top = x << (24 - 8 * j);
    if SIGNED { top as i32 >> 24 } else { (top >> 24) as i32 }
}

/// Plan and kernel.
fn dot<const FIRST: bool, const SECOND: bool>(hart: &Hart, p: Plan) -> Result<(Plan, Kernel), Reason> {
    let bytes = p.span as usize;
    if p.sew != 2 {
        return Err(Reason::Width { bits: 8 << (p.sew & 7) });
    }
    if p.masked && hart.v.config.vdot_mask == VdotMask::Bytes {
        let p = p.masking_bytes();
        let kernel = kernel_for::<Dot<FIRST, SECOND, true, 4>, Dot<FIRST, SECOND, true, 16>>(&p, bytes);
        return Ok(p.framed(kernel));
    }
    let kernel = kernel_for::<Dot<FIRST, SECOND, false, 4>, Dot<FIRST, SECOND, false, 16>>(&p, bytes);
    Ok(p.framed(kernel))
}

macro_rules! dots {
    ($($name:ident $first:literal $second:literal;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl crate::ops::Semantics for $name {
            const KIND: crate::ops::Kind = crate::ops::Kind::Vector;
            const SELECT: Option<Select> = Some(|hart, insn| dot::<$first, $second>(hart, Plan::new(hart, insn)?));
        }
    )* };
}

dots! {
    ThVmaqaVv true true;
    ThVmaqaVx true true;
    ThVmaqauVv false false;
    ThVmaqauVx false false;
    ThVmaqasuVv true false;
    ThVmaqasuVx true false;
    ThVmaqausVx false true;
}
