//! Unit-stride segment loads and stores.

use core::marker::PhantomData;

use super::bytes::{Convert, Packed, Same};
use super::scattered::{load_strided, store_strided};
use super::{accesses, all_aligned, first_only, tails};
use crate::hart::Hart;
use crate::memory::{Access, Memory};
use crate::ops::vector::{Body, Done, Plan, kernel};

/// vd of field k [i] = mem[rs1 + (i * fields + k) * EEW]. FIRST: only segment 0 may fault.
pub(super) struct LoadSegments<C, const FIRST: bool>(PhantomData<C>);
pub(super) struct StoreSegments<T>(PhantomData<T>);

impl<T: Packed, C: Convert<Mem = T, Reg = T>, const FIRST: bool> Body for LoadSegments<C, FIRST> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        if start >= vl {
            return Ok(());
        }
        let (base, nf, span) = (hart.x(p.rs1), p.nf as usize, p.span as usize);
        let size = nf * T::SIZE;
        if !p.masked
            && all_aligned::<T>(hart, base)
            && let Some(from) =
                memory.plain(base.wrapping_add((start * size) as u64), ((vl - start) * size) as u64, Access::Read)
        {
            T::split(nf, from, hart.v.file.bytes_mut(p.vd as usize, nf * span), span, start * T::SIZE);
        } else if let Err(event) = load_strided::<C>(hart, memory, p, size as u64, start..vl) {
            if !FIRST {
                return Err(event);
            }
            first_only(hart, start, event)?;
        }
        tails::<T>(hart, p);
        Ok(())
    }
}

impl<T: Packed> Body for StoreSegments<T> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
        let (start, vl) = (hart.v.vstart, hart.v.vl);
        if start >= vl {
            return Ok(());
        }
        let (base, nf, span) = (hart.x(p.rs1), p.nf as usize, p.span as usize);
        let size = nf * T::SIZE;
        if !p.masked
            && all_aligned::<T>(hart, base)
            && let Some(to) =
                memory.plain(base.wrapping_add((start * size) as u64), ((vl - start) * size) as u64, Access::Write)
        {
            T::join(nf, to, hart.v.file.bytes(p.vd as usize, nf * span), span, start * T::SIZE);
            Ok(())
        } else {
            store_strided::<Same<T>>(hart, memory, p, size as u64, start..vl)
        }
    }
}

accesses! { |hart, p|
    Ok(kernel::<LoadSegments<Same<u8>, false>>(&p)) =>
        Vlseg2e8V Vlseg3e8V Vlseg4e8V Vlseg5e8V Vlseg6e8V Vlseg7e8V Vlseg8e8V;
    Ok(kernel::<LoadSegments<Same<u16>, false>>(&p)) =>
        Vlseg2e16V Vlseg3e16V Vlseg4e16V Vlseg5e16V Vlseg6e16V Vlseg7e16V Vlseg8e16V;
    Ok(kernel::<LoadSegments<Same<u32>, false>>(&p)) =>
        Vlseg2e32V Vlseg3e32V Vlseg4e32V Vlseg5e32V Vlseg6e32V Vlseg7e32V Vlseg8e32V;
    Ok(kernel::<LoadSegments<Same<u64>, false>>(&p)) =>
        Vlseg2e64V Vlseg3e64V Vlseg4e64V Vlseg5e64V Vlseg6e64V Vlseg7e64V Vlseg8e64V;
    Ok(kernel::<LoadSegments<Same<u8>, true>>(&p)) =>
        Vlseg2e8ffV Vlseg3e8ffV Vlseg4e8ffV Vlseg5e8ffV Vlseg6e8ffV Vlseg7e8ffV Vlseg8e8ffV;
    Ok(kernel::<LoadSegments<Same<u16>, true>>(&p)) =>
        Vlseg2e16ffV Vlseg3e16ffV Vlseg4e16ffV Vlseg5e16ffV Vlseg6e16ffV Vlseg7e16ffV Vlseg8e16ffV;
    Ok(kernel::<LoadSegments<Same<u32>, true>>(&p)) =>
        Vlseg2e32ffV Vlseg3e32ffV Vlseg4e32ffV Vlseg5e32ffV Vlseg6e32ffV Vlseg7e32ffV Vlseg8e32ffV;
    Ok(kernel::<LoadSegments<Same<u64>, true>>(&p)) =>
        Vlseg2e64ffV Vlseg3e64ffV Vlseg4e64ffV Vlseg5e64ffV Vlseg6e64ffV Vlseg7e64ffV Vlseg8e64ffV;
    Ok(kernel::<StoreSegments<u8>>(&p)) =>
        Vsseg2e8V Vsseg3e8V Vsseg4e8V Vsseg5e8V Vsseg6e8V Vsseg7e8V Vsseg8e8V;
    Ok(kernel::<StoreSegments<u16>>(&p)) =>
        Vsseg2e16V Vsseg3e16V Vsseg4e16V Vsseg5e16V Vsseg6e16V Vsseg7e16V Vsseg8e16V;
    Ok(kernel::<StoreSegments<u32>>(&p)) =>
        Vsseg2e32V Vsseg3e32V Vsseg4e32V Vsseg5e32V Vsseg6e32V Vsseg7e32V Vsseg8e32V;
    Ok(kernel::<StoreSegments<u64>>(&p)) =>
        Vsseg2e64V Vsseg3e64V Vsseg4e64V Vsseg5e64V Vsseg6e64V Vsseg7e64V Vsseg8e64V;
}
