//! Instructions on mask registers (V, "Vector Mask Instructions"), 64 bits at a time: bits past `vl` in a word are computed,
//! too, and thrown away.

use core::cell::Cell;
use core::marker::PhantomData;

use super::lanes::{Elem, each_chunk, each_mask_chunk, mask_bits};
use super::{Body, Done, Plan, by_sew, kernel, vector};
use crate::hart::{Hart, Vector};
use crate::memory::Memory;

/// A function of two bits, for 64 pairs of them: `a` from vs2, `b` from vs1.
trait Logical: 'static {
    fn of(a: u64, b: u64) -> u64;
}

/// vd.mask[i] = vs2.mask[i] op vs1.mask[i].
struct Mm<O>(PhantomData<O>);

impl<O: Logical> Body for Mm<O> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        each_mask_chunk::<64>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| O::of(file.get(p.vs2 as usize + i / 8), file.get(p.vs1 as usize + i / 8)),
        );
        Ok(())
    }
}

/// Defines mask-register logical instructions.
macro_rules! logical {
    ($($op:ident $name:ident |$a:ident, $b:ident| $e:expr;)*) => { $(
        struct $op;
        impl Logical for $op {
            #[inline(always)]
            fn of($a: u64, $b: u64) -> u64 { $e }
        }
        vector! { $name |hart, p| Ok(kernel::<Mm<$op>>(&p)); }
    )* };
}

logical! {
    And VmandMm |a, b| a & b;
    Nand VmnandMm |a, b| !(a & b);
    Andn VmandnMm |a, b| a & !b;
    Xor VmxorMm |a, b| a ^ b;
    Or VmorMm |a, b| a | b;
    Nor VmnorMm |a, b| !(a | b);
    Orn VmornMm |a, b| a | !b;
    Xnor VmxnorMm |a, b| !(a ^ b);
}

/// The active bits of the mask register at byte offset `at` from bit `i` on, a multiple of 64 below `vl`; `vstart` is 0.
#[inline(always)]
pub(super) fn active_word(v: &Vector, p: &Plan, at: u32, i: usize) -> u64 {
    let word = v.file.get::<u64>(at as usize + i / 8) & if p.masked { mask_bits(&v.file, p, i) } else { !0 };
    match v.vl - i {
        n @ 0..64 => word & ((1 << n) - 1),
        _ => word,
    }
}

/// x[rd] = the number of active bits set in vs2.
struct Population;

impl Body for Population {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let (v, mut n) = (&hart.v, 0);
        for i in (0..v.vl).step_by(64) {
            n += active_word(v, p, p.vs2, i).count_ones();
        }
        hart.set_x(p.rd, n.into());
        Ok(())
    }
}

/// x[rd] = the index of the first active bit set in vs2, or -1.
struct First;

impl Body for First {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let (v, mut first) = (&hart.v, u64::MAX);
        for i in (0..v.vl).step_by(64) {
            let bits = active_word(v, p, p.vs2, i);
            if bits != 0 {
                first = i as u64 + u64::from(bits.trailing_zeros());
                break;
            }
        }
        hart.set_x(p.rd, first);
        Ok(())
    }
}

/// A function of the first bit set in a word; the bits behind the word that has one are 0.
trait ByFirst: 'static {
    /// The bits of a word with set bits.
    fn of(bits: u64) -> u64;
    /// The bits of a word without any, before the first.
    const BEFORE: u64;
}

/// vd.mask[i] by where the first active bit set in vs2 is.
struct SetByFirst<O>(PhantomData<O>);

impl<O: ByFirst> Body for SetByFirst<O> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let found = Cell::new(false);
        each_mask_chunk::<64>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| {
                let bits = file.get::<u64>(p.vs2 as usize + i / 8) & if p.masked { mask_bits(file, p, i) } else { !0 };
                let r = match bits {
                    _ if found.get() => 0,
                    0 => O::BEFORE,
                    _ => O::of(bits),
                };
                found.set(found.get() | (bits != 0));
                r
            },
        );
        Ok(())
    }
}

struct BeforeFirst;
impl ByFirst for BeforeFirst {
    #[inline(always)]
    fn of(bits: u64) -> u64 {
        !bits & bits.wrapping_sub(1)
    }
    const BEFORE: u64 = !0;
}
struct IncludingFirst;
impl ByFirst for IncludingFirst {
    #[inline(always)]
    fn of(bits: u64) -> u64 {
        bits ^ bits.wrapping_sub(1)
    }
    const BEFORE: u64 = !0;
}
struct OnlyFirst;
impl ByFirst for OnlyFirst {
    #[inline(always)]
    fn of(bits: u64) -> u64 {
        bits & bits.wrapping_neg()
    }
    const BEFORE: u64 = 0;
}

/// For each byte, how many of its bits are set below each of its bits.
const BELOW: [[u8; 8]; 256] = {
    let mut t = [[0; 8]; 256];
    let mut i = 0;
    while i < 256 {
        let mut k = 1;
        while k < 8 {
            t[i][k] = t[i][k - 1] + (i >> (k - 1) & 1) as u8;
            k += 1;
        }
        i += 1;
    }
    t
};

/// vd[i] = the number of active bits set in vs2 before bit i.
struct Iota<T, const N: usize>(PhantomData<T>);

impl<T: Elem, const N: usize> Body for Iota<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let before = Cell::new(0u64);
        each_chunk::<T, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| {
                let mut r = [T::ZERO; N];
                for (byte, r) in r.chunks_exact_mut(8).enumerate() {
                    let at = i / 8 + byte;
                    let mask = if p.masked { file.get::<u8>(p.mask as usize + at) } else { !0 };
                    let bits = file.get::<u8>(p.vs2 as usize + at) & mask;
                    let below = &BELOW[bits as usize];
                    let n = before.get();
                    for k in 0..8 {
                        r[k] = T::from_u64(n.wrapping_add(below[k].into()));
                    }
                    before.set(n + u64::from(bits.count_ones()));
                }
                r
            },
        );
        Ok(())
    }
}

/// vd[i] = i.
struct Index<T, const N: usize>(PhantomData<T>);

impl<T: Elem, const N: usize> Body for Index<T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        each_chunk::<T, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |_, i| {
                let mut r = [T::ZERO; N];
                for (k, e) in r.iter_mut().enumerate() {
                    *e = T::from_u64((i + k) as u64);
                }
                r
            },
        );
        Ok(())
    }
}

vector! {
    VcpopM |hart, p| Ok(kernel::<Population>(&p));
    VfirstM |hart, p| Ok(kernel::<First>(&p));
    VmsbfM |hart, p| Ok(kernel::<SetByFirst<BeforeFirst>>(&p));
    VmsifM |hart, p| Ok(kernel::<SetByFirst<IncludingFirst>>(&p));
    VmsofM |hart, p| Ok(kernel::<SetByFirst<OnlyFirst>>(&p));
    ViotaM |hart, p| by_sew!(p, Iota<>);
    VidV |hart, p| by_sew!(p, Index<>);
}
