//! What reads v0 as operand: add with carry, subtract with borrow, and their carries (V, "Vector Integer Add-with-Carry /
//! Subtract-with-Borrow Instructions"), selection (V, "Vector Integer Merge Instructions").

use core::marker::PhantomData;

use super::compare::source_bytes;
use super::{Source, same};
use crate::hart::Hart;
use crate::memory::Memory;
use crate::ops::vector::lanes::{Elem, blend, each_chunk, each_mask_chunk, mask_bits, pack, read};
use crate::ops::vector::{Body, Done, Kernel, Plan, Reason, kernel_for, vector};

/// What becomes of two elements and a bit of v0.
trait WithBit: 'static {
    fn chunk<T: Elem, const N: usize>(a: [T; N], b: [T; N], bits: u64) -> [T; N];
}

/// One per bit that is set.
#[inline(always)]
fn ones<T: Elem, const N: usize>(bits: u64) -> [T; N] {
    blend(bits, [T::from_u64(1); N], [T::ZERO; N])
}

struct Adc;
impl WithBit for Adc {
    #[inline(always)]
    fn chunk<T: Elem, const N: usize>(a: [T; N], b: [T; N], bits: u64) -> [T; N] {
        let (mut r, carry) = (a, ones::<T, N>(bits));
        for k in 0..N {
            r[k] = T::from_u64(a[k].to_u64().wrapping_add(b[k].to_u64()).wrapping_add(carry[k].to_u64()));
        }
        r
    }
}

struct Sbc;
impl WithBit for Sbc {
    #[inline(always)]
    fn chunk<T: Elem, const N: usize>(a: [T; N], b: [T; N], bits: u64) -> [T; N] {
        let (mut r, borrow) = (a, ones::<T, N>(bits));
        for k in 0..N {
            r[k] = T::from_u64(a[k].to_u64().wrapping_sub(b[k].to_u64()).wrapping_sub(borrow[k].to_u64()));
        }
        r
    }
}

struct Select;
impl WithBit for Select {
    #[inline(always)]
    fn chunk<T: Elem, const N: usize>(a: [T; N], b: [T; N], bits: u64) -> [T; N] {
        blend(bits, b, a)
    }
}

/// All elements of the body, each with its bit of v0. The operand widths D, A and B are one.
struct EachWithBit<O, D, A, B, const N: usize>(PhantomData<(O, D, A, B)>);

impl<O: WithBit, T: Elem, const N: usize> Body for EachWithBit<O, T, T, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let second = Source::second::<T, N>(hart, p);
        each_chunk::<T, N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| O::chunk(read::<T, N>(file, p.vs2, i), second.chunk::<T, N>(file, i), mask_bits(file, p, i)),
        );
        Ok(())
    }
}

/// The carry out of an addition, or the borrow of a subtraction, as a mask. IN: v0 holds the carries or borrows that go in.
struct CarryOut<T, const SUB: bool, const IN: bool, const N: usize>(PhantomData<T>);

impl<T: Elem, const SUB: bool, const IN: bool, const N: usize> Body for CarryOut<T, SUB, IN, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let second = Source::second::<T, N>(hart, p);
        each_mask_chunk::<N>(
            &mut hart.v,
            p,
            #[inline(always)]
            |file, i| {
                let (a, b) = (read::<T, N>(file, p.vs2, i), second.chunk::<T, N>(file, i));
                let carry = if IN { ones::<T, N>(mask_bits(file, p, i)) } else { [T::ZERO; N] };
                let mut r = [0; N];
                for k in 0..N {
                    let (a, b, c) = (a[k].to_u64(), b[k].to_u64(), carry[k].to_u64());
                    r[k] = if SUB {
                        ((a < b) | ((a == b) & (c != 0))) as u8
                    } else {
                        // The sum is below a summand, or is all ones and a carry comes in.
                        let sum = T::from_u64(a.wrapping_add(b));
                        ((sum.to_u64() < a) | ((sum == T::ONES) & (c != 0))) as u8
                    };
                }
                pack(r)
            },
        );
        Ok(())
    }
}

fn carry_out<const SUB: bool, const IN: bool>(p: &Plan) -> Result<Kernel, Reason> {
    let bytes = source_bytes(p);
    match p.sew {
        0 => Ok(kernel_for::<CarryOut<u8, SUB, IN, 16>, CarryOut<u8, SUB, IN, 64>>(p, bytes)),
        1 => Ok(kernel_for::<CarryOut<u16, SUB, IN, 8>, CarryOut<u16, SUB, IN, 32>>(p, bytes)),
        2 => Ok(kernel_for::<CarryOut<u32, SUB, IN, 4>, CarryOut<u32, SUB, IN, 16>>(p, bytes)),
        3 => Ok(kernel_for::<CarryOut<u64, SUB, IN, 2>, CarryOut<u64, SUB, IN, 8>>(p, bytes)),
        sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
    }
}

vector! {
    VadcVvm |hart, p| same!(p, EachWithBit<Adc>);
    VadcVxm |hart, p| same!(p, EachWithBit<Adc>);
    VadcVim |hart, p| same!(p, EachWithBit<Adc>);
    VsbcVvm |hart, p| same!(p, EachWithBit<Sbc>);
    VsbcVxm |hart, p| same!(p, EachWithBit<Sbc>);
    VmergeVvm |hart, p| same!(p, EachWithBit<Select>);
    VmergeVxm |hart, p| same!(p, EachWithBit<Select>);
    VmergeVim |hart, p| same!(p, EachWithBit<Select>);
    VmadcVvm |hart, p| carry_out::<false, true>(&p);
    VmadcVxm |hart, p| carry_out::<false, true>(&p);
    VmadcVim |hart, p| carry_out::<false, true>(&p);
    VmadcVv |hart, p| carry_out::<false, false>(&p);
    VmadcVx |hart, p| carry_out::<false, false>(&p);
    VmadcVi |hart, p| carry_out::<false, false>(&p);
    VmsbcVvm |hart, p| carry_out::<true, true>(&p);
    VmsbcVxm |hart, p| carry_out::<true, true>(&p);
    VmsbcVv |hart, p| carry_out::<true, false>(&p);
    VmsbcVx |hart, p| carry_out::<true, false>(&p);
}
