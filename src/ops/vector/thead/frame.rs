//! What XTheadVector does around the kernels of V 1.0, and V 1.0 itself where tails become ones.
//!
//! Its masks are MLEN = SEW / LMUL bits wide for each element: kernels work on masks of one bit each, packed into registers of
//! the front end's own behind v31, and what they make is unpacked. Tails become zero, unless nothing is written at all because
//! `vstart` >= `vl`.

use crate::hart::{File, Hart, OWN, Simd};
use crate::isa::{Access, Eew, Flags, Insn, Op, Slot};
use crate::memory::Memory;
use crate::ops::vector::rules::{self, Reason};
use crate::ops::vector::{Done, Kernel, Plan, Run};

/// Registers of the front end's own, by number: packed v0, vs1 and vs2, a packed mask result, and from `DATA` on a register group
/// for data in memory's width.
const V0: u8 = 32;
const VS1: u8 = 33;
const VS2: u8 = 34;
const VD: u8 = 35;
/// See above.
pub(super) const DATA: u8 = 36;
const _: () = assert!(DATA as usize + 8 == 32 + OWN);

/// What comes of a result beyond what the kernel writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tail {
    /// No vector register is written.
    #[default]
    None,
    /// Elements of so many bytes (log2), `vl` of them in each field.
    Elements(u8),
    /// One element of so many bytes (log2) in one register.
    One(u8),
    /// As many elements of so many bytes (log2) as bits are set in vs1.
    Compressed(u8),
    /// A mask, to be unpacked.
    Mask,
}

/// What is to be done around a kernel; nothing for V 1.0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frame {
    /// The kernel.
    inner: Option<Run>,
    /// The least `vl` with which nothing remains to be done behind the kernel.
    pub full: u32,
    /// Byte offset of the mask register that gets the result.
    vd: u32,
    /// Byte offsets of mask registers that are packed before.
    vs1: Option<u32>,
    vs2: Option<u32>,
    v0: bool,
    /// log2 of MLEN.
    mlen: u8,
    tail: Tail,
    /// The tail is filled with ones: V 1.0 on a machine that does so with agnostic elements.
    ones: bool,
}

impl Frame {
    /// The frame that fills the tail of an elementwise instruction of V 1.0, which is not masked, so that its kernel may be one
    /// that leaves the tail alone.
    pub(in super::super) fn ones(insn: &Insn, plan: &Plan) -> Option<Frame> {
        let info = insn.base.info();
        let to = info.operands.iter().find(|o| o.slot == Slot::Rd && o.access != Access::Read)?;
        let size = match to.eew {
            _ if insn.base == Op::VcompressVm => return None,
            Eew::Sew | Eew::Fields => plan.sew,
            Eew::Wide => plan.sew + 1,
            Eew::Data => (info.eew.max(8) / 8).ilog2() as u8,
            _ => return None,
        };
        Some(Frame { full: plan.span >> size, tail: Tail::Elements(size), ones: true, ..Frame::default() })
    }
}

impl Plan {
    /// The plan for an instruction of XTheadVector under the hart's present `vtype`, or why it is illegal.
    pub(in super::super) fn thead(hart: &Hart, insn: &Insn) -> Result<Plan, Reason> {
        let registers = rules::thead::check(hart, insn)?;
        let (v, info) = (&hart.v, insn.op.info());
        let plan = Plan::undisturbed(hart, insn, registers as usize * v.vlenb);
        let at = |n: u8| (n as usize * v.vlenb) as u32;
        let is_mask = |slot: Slot| info.operands.iter().any(|o| o.slot == slot && o.eew == Eew::Mask);
        let (first, second) = (is_mask(Slot::Rs1), is_mask(Slot::Rs2));
        let to = info.operands.iter().find(|o| o.slot == Slot::Rd && rules::thead::writes(insn, o));
        let sew = plan.sew;
        let tail = match to.map_or(Eew::None, |o| o.eew) {
            Eew::None => Tail::None,
            Eew::Mask => Tail::Mask,
            Eew::One => Tail::One(sew),
            Eew::OneWide => Tail::One(sew + 1),
            Eew::Wide => Tail::Elements(sew + 1),
            _ if insn.base == Op::VcompressVm => Tail::Compressed(sew),
            _ => Tail::Elements(sew),
        };
        let v0 = plan.masked || info.flags.contains(Flags::V0SRC);
        let frame = Frame {
            inner: None,
            full: match tail {
                Tail::None => 0,
                Tail::Elements(_) => v.vlmax() as u32,
                _ => u32::MAX,
            },
            vd: plan.vd,
            vs1: first.then_some(plan.vs1),
            vs2: second.then_some(plan.vs2),
            v0,
            mlen: (sew + 3).saturating_sub(plan.lmul as u8),
            tail,
            ones: false,
        };
        Ok(Plan {
            vd: if tail == Tail::Mask { at(VD) } else { plan.vd },
            vs1: if first { at(VS1) } else { plan.vs1 },
            vs2: if second { at(VS2) } else { plan.vs2 },
            mask: at(V0),
            plain: !v0 && !first && !second && tail != Tail::Mask,
            frame,
            ..plan
        })
    }

    /// The plan of an instruction whose mask has a bit for each byte of elements of 32 bits.
    pub(in super::super) fn masking_bytes(self) -> Plan {
        Plan { frame: Frame { mlen: self.frame.mlen.saturating_sub(2), ..self.frame }, ..self }
    }

    /// Puts the plan's kernel into its frame, if it has one.
    pub(in super::super) fn framed(self, kernel: Kernel) -> (Plan, Kernel) {
        let frame = Frame { inner: Some(kernel.run), ..self.frame };
        let run: Run = match frame {
            Frame { v0: false, vs1: None, vs2: None, tail: Tail::None, .. } => return (self, kernel),
            Frame { v0: false, vs1: None, vs2: None, tail, .. } if tail != Tail::Mask => unmasked,
            #[cfg(target_arch = "x86_64")]
            _ if self.simd != Simd::Baseline => masked_v3,
            _ => masked,
        };
        (Plan { frame, ..self }, Kernel { run, body: kernel.body })
    }
}

/// Runs a kernel that has nothing to do with masks.
///
/// # Safety
/// As for the kernel that the frame holds.
unsafe fn unmasked(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    let (start, vl) = (hart.v.vstart, hart.v.vl);
    let Some(inner) = p.frame.inner else { return Err(hart.illegal()) };
    // SAFETY: what the caller vouches for.
    unsafe { inner(hart, memory, p) }?;
    if hart.v.vl < p.frame.full as usize {
        finish::<false>(hart, p, start, vl);
    }
    Ok(())
}

/// Runs a kernel between packing and unpacking masks.
///
/// # Safety
/// As for the kernel that the frame holds.
unsafe fn masked(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    // SAFETY: what the caller vouches for.
    unsafe { around::<false>(hart, memory, p) }
}

/// Likewise, where the host has instructions that gather and scatter bits.
///
/// # Safety
/// As for the kernel that the frame holds; and the host has BMI2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2,popcnt,lzcnt")]
unsafe fn masked_v3(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    // SAFETY: what the caller vouches for.
    unsafe { around::<true>(hart, memory, p) }
}

/// # Safety
/// As for the kernel that the frame holds; and the host has BMI2 if BMI says so.
#[inline(always)]
unsafe fn around<const BMI: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    let (frame, vlenb) = (&p.frame, hart.v.vlenb);
    let (start, vl) = (hart.v.vstart, hart.v.vl);
    let pairs = [(frame.v0.then_some(0), p.mask), (frame.vs1, p.vs1), (frame.vs2, p.vs2)];
    for (from, to) in pairs {
        if let Some(from) = from {
            pack::<BMI>(&mut hart.v.file, frame.mlen, from, to, vlenb);
        }
    }
    let Some(inner) = frame.inner else { return Err(hart.illegal()) };
    // SAFETY: what the caller vouches for.
    unsafe { inner(hart, memory, p) }?;
    if vl < frame.full as usize {
        finish::<BMI>(hart, p, start, vl);
    }
    Ok(())
}

/// Fills the tail, or unpacks a mask result; unless nothing is written at all. A load that only its first element may fault
/// has shortened `vl`: XTheadVector leaves everything behind the new end alone, in V 1.0 it is the tail.
#[inline(always)]
fn finish<const BMI: bool>(hart: &mut Hart, p: &Plan, start: usize, vl: usize) {
    let shortened = hart.v.vl;
    if start >= shortened || vl != shortened && !p.frame.ones {
        return;
    }
    let (file, vlenb) = (&mut hart.v.file, hart.v.vlenb);
    let (done, fields) = match p.frame.tail {
        Tail::None => return,
        Tail::Mask => return unpack::<BMI>(file, p, start, vl, vlenb),
        Tail::Elements(size) => (shortened << size, p.nf.max(1) as usize),
        // Elements before vstart are prestart elements here, too.
        Tail::One(size) => (start.max(1) << size, 1),
        Tail::Compressed(size) => {
            let count: usize = (0..vl).step_by(64).map(|i| bits(file, p.vs1, i, vl).count_ones() as usize).sum();
            (count << size, 1)
        }
    };
    let span = p.span as usize;
    for k in 0..fields {
        let at = p.vd as usize + k * span;
        file.bytes_mut(at + done.min(span), span - done.min(span)).fill(if p.frame.ones { 0xff } else { 0 });
    }
}

/// The 64 packed bits from element `i` on, a multiple of 64, of those below `vl`.
fn bits(file: &File, at: u32, i: usize, vl: usize) -> u64 {
    file.get::<u64>(at as usize + i / 8) & below(vl.saturating_sub(i))
}

/// The lowest `n` bits.
fn below(n: usize) -> u64 {
    if n < 64 { (1 << n) - 1 } else { !0 }
}

/// Packs a mask register: the lowest of each 2^`mlen` bits.
#[inline(always)]
fn pack<const BMI: bool>(file: &mut File, mlen: u8, from: u32, to: u32, vlenb: usize) {
    let (mut packed, mut n, mut to) = (0, 0, to as usize);
    for at in (from as usize..from as usize + vlenb).step_by(8) {
        packed |= gather_by::<BMI>(file.get(at), mlen) << n;
        n += 64 >> mlen;
        if n == 64 {
            file.set(to, packed);
            (packed, n, to) = (0, 0, to + 8);
        }
    }
    if n != 0 {
        file.set(to, packed);
    }
}

/// Unpacks the result of a mask instruction: 0 or 1 in each active element of 2^MLEN bits and 0 in the tail. The others keep
/// their values.
#[inline(always)]
fn unpack<const BMI: bool>(file: &mut File, p: &Plan, start: usize, vl: usize, vlenb: usize) {
    let mlen = p.frame.mlen;
    let count = 64usize >> mlen;
    for word in 0..vlenb / 8 {
        let i = word * count;
        let packed = |at: u32| file.get::<u64>(at as usize + i / 8) >> (i % 8);
        let body = below(vl.saturating_sub(i).min(count));
        let at = p.frame.vd as usize + word * 8;
        if !p.masked && start == 0 {
            let new = scatter_by::<BMI>(packed(p.vd) & body, mlen);
            file.set(at, new);
            continue;
        }
        let prestart = below(start.saturating_sub(i).min(count));
        let inactive = if p.masked { body & !packed(p.mask) } else { 0 };
        let keep = prestart | inactive;
        let new = scatter_by::<BMI>(packed(p.vd) & body & !keep, mlen);
        let kept = scatter_by::<BMI>(keep, mlen).wrapping_mul(below(1 << mlen));
        let old = file.get::<u64>(at);
        file.set(at, new | old & kept);
    }
}

/// For each MLEN (log2), the lowest bit of each element.
#[cfg(target_arch = "x86_64")]
const LOWEST: [u64; 8] = [
    !0,
    0x5555_5555_5555_5555,
    0x1111_1111_1111_1111,
    0x0101_0101_0101_0101,
    0x0001_0001_0001_0001,
    0x0000_0001_0000_0001,
    1,
    1,
];

/// As `gather`; BMI: the host has BMI2, and this is compiled for it.
#[inline(always)]
fn gather_by<const BMI: bool>(x: u64, log: u8) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if BMI {
        // SAFETY: BMI says so.
        return unsafe { core::arch::x86_64::_pext_u64(x, LOWEST[log as usize & 7]) };
    }
    gather(x, log)
}

/// As `scatter`; likewise.
#[inline(always)]
fn scatter_by<const BMI: bool>(x: u64, log: u8) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if BMI {
        // SAFETY: BMI says so.
        return unsafe { core::arch::x86_64::_pdep_u64(x, LOWEST[log as usize & 7]) };
    }
    scatter(x, log)
}

/// Brings the lowest of each 2^`log` bits together.
fn gather(x: u64, log: u8) -> u64 {
    match log {
        0 => x,
        1 => {
            let x = x & 0x5555_5555_5555_5555;
            let x = (x | x >> 1) & 0x3333_3333_3333_3333;
            let x = (x | x >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
            let x = (x | x >> 4) & 0x00ff_00ff_00ff_00ff;
            let x = (x | x >> 8) & 0x0000_ffff_0000_ffff;
            (x | x >> 16) & 0xffff_ffff
        }
        2 => {
            let x = x & 0x1111_1111_1111_1111;
            let x = (x | x >> 3) & 0x0303_0303_0303_0303;
            let x = (x | x >> 6) & 0x000f_000f_000f_000f;
            let x = (x | x >> 12) & 0x0000_00ff_0000_00ff;
            (x | x >> 24) & 0xffff
        }
        3 => (x & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56,
        4 => {
            let x = x & 0x0001_0001_0001_0001;
            (x | x >> 15 | x >> 30 | x >> 45) & 0xf
        }
        5 => (x & 1) | (x >> 31 & 2),
        _ => x & 1,
    }
}

/// Puts each of the lowest bits into the lowest of 2^`log` bits: undoes `gather`.
fn scatter(x: u64, log: u8) -> u64 {
    match log {
        0 => x,
        1 => {
            let x = x & 0xffff_ffff;
            let x = (x | x << 16) & 0x0000_ffff_0000_ffff;
            let x = (x | x << 8) & 0x00ff_00ff_00ff_00ff;
            let x = (x | x << 4) & 0x0f0f_0f0f_0f0f_0f0f;
            let x = (x | x << 2) & 0x3333_3333_3333_3333;
            (x | x << 1) & 0x5555_5555_5555_5555
        }
        2 => {
            let x = x & 0xffff;
            let x = (x | x << 24) & 0x0000_00ff_0000_00ff;
            let x = (x | x << 12) & 0x000f_000f_000f_000f;
            let x = (x | x << 6) & 0x0303_0303_0303_0303;
            (x | x << 3) & 0x1111_1111_1111_1111
        }
        3 => {
            // Byte k keeps bit k, and becomes 1 if that is set.
            let x = (x & 0xff).wrapping_mul(0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
            (x + 0x7f7f_7f7f_7f7f_7f7f) >> 7 & 0x0101_0101_0101_0101
        }
        4 => {
            let x = x & 0xf;
            (x | x << 15 | x << 30 | x << 45) & 0x0001_0001_0001_0001
        }
        5 => (x & 1) | (x & 2) << 31,
        _ => x & 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{gather, scatter};

    #[test]
    fn gathers_and_scatters_mask_bits() {
        let mut x = 0x9e37_79b9_7f4a_7c15u64;
        for _ in 0..1000 {
            x = x.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            for log in 0..=6u8 {
                let plain = (0..64 >> log).fold(0, |r, k| r | (x >> (k << log) & 1) << k);
                assert_eq!(gather(x, log), plain, "{x:x} {log}");
                let low = if log == 0 { x } else { x & ((1 << (64 >> log)) - 1) };
                let plain = (0..64 >> log).fold(0, |r, k| r | (x >> k & 1) << (k << log));
                assert_eq!(scatter(x, log), plain, "{x:x} {log}");
                assert_eq!(gather(scatter(x, log), log), low);
            }
        }
    }
}
