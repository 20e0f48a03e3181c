//! What XTheadVector does around the kernels of V 1.0, and V 1.0 itself where tails become ones.
//!
//! Its masks are MLEN = SEW / LMUL bits wide for each element, kernels work on masks of one bit each. So that not every
//! instruction packs its masks anew, each register has a *packed copy* behind v31: `Vector::packed` tells which of them are
//! valid, and for which MLEN. Whatever writes a register makes its copy invalid; a mask instruction leaves the copy of its
//! result behind. Where MLEN is 1, registers are their own packed copies.
//!
//! Tails become zero, unless nothing is written at all because `vstart` >= `vl`.

use crate::hart::{File, Hart, OWN, Simd, Vector, first};
use crate::isa::{Access, Eew, Flags, Insn, Op, Slot};
use crate::memory::Memory;
use crate::ops::vector::rules::{self, Reason};
use crate::ops::vector::{Done, Kernel, Plan, Run};

/// The packed copy of v0, by number; those of the other registers are behind it.
const COPIES: u8 = 32;
/// Where the packed result of a masked instruction goes, which keeps what it was packed with.
const RESULT: u8 = 64;
const _: () = assert!(RESULT as usize + 1 == 32 + OWN);
/// In `Vector::packed`, bits 31..0 tell which copies are valid, and one of these for which MLEN (log2) they are.
const WIDTH: u32 = 32;
const REGISTERS: u64 = 0xffff_ffff;

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
    /// A mask with one bit for each element.
    Bits,
}

/// What is to be done around a kernel; nothing for V 1.0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frame {
    /// The kernel.
    inner: Option<Run>,
    /// What of `Vector::packed` the kernel needs.
    reads: u64,
    /// What of it stays valid.
    keeps: u64,
    /// The least `vl` with which nothing remains to be done behind the kernel.
    pub full: u32,
    /// Byte offset of the mask register that gets the result.
    vd: u32,
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

    /// Whether there is a kernel in it.
    pub(crate) fn is_there(&self) -> bool {
        self.inner.is_some()
    }

    /// Notes what the instruction writes.
    #[inline(always)]
    pub(crate) fn note(&self, v: &mut Vector) {
        v.packed &= self.keeps;
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
        let (sew, mlen) = (plan.sew, (plan.sew + 3).saturating_sub(plan.lmul as u8));
        let tail = match to.map_or(Eew::None, |o| o.eew) {
            Eew::None => Tail::None,
            Eew::Mask if mlen == 0 => Tail::Bits,
            Eew::Mask => Tail::Mask,
            Eew::One => Tail::One(sew),
            Eew::OneWide => Tail::One(sew + 1),
            Eew::Wide => Tail::Elements(sew + 1),
            _ if insn.base == Op::VcompressVm => Tail::Compressed(sew),
            _ => Tail::Elements(sew),
        };
        let mask_result = matches!(tail, Tail::Mask | Tail::Bits);
        let written = if tail == Tail::None { 0 } else { u32::from(registers) * u32::from(info.nf.max(1)) };
        let writes = ((1u64 << written.min(32)) - 1) << (insn.rd & 31) & REGISTERS;
        let v0 = plan.masked || info.flags.contains(Flags::V0SRC);
        // What a register is packed to: itself, unless the result is put over it piece by piece.
        let mut reads = 0;
        let mut packed = |is_there: bool, n: u8, plain: u32| match 1u64 << (n & 31) {
            _ if !is_there => plain,
            bit if mlen == 0 && (mask_result || writes & bit == 0) => at(n & 31),
            bit => {
                reads |= bit;
                at(COPIES + (n & 31))
            }
        };
        let (mask, vs1, vs2) =
            (packed(v0, 0, 0), packed(first, insn.rs1, plan.vs1), packed(second, insn.rs2, plan.vs2));
        if reads != 0 || tail == Tail::Mask {
            reads |= 1 << (WIDTH + u32::from(mlen));
        }
        let frame = Frame {
            inner: None,
            reads,
            keeps: !writes,
            full: match tail {
                Tail::None => 0,
                Tail::Elements(_) | Tail::Bits => v.vlmax() as u32,
                _ => u32::MAX,
            },
            vd: plan.vd,
            mlen,
            tail,
            ones: false,
        };
        Ok(Plan {
            vd: match tail {
                Tail::Mask if plan.masked => at(RESULT),
                Tail::Mask => at(COPIES + (insn.rd & 31)),
                _ => plan.vd,
            },
            vs1,
            vs2,
            mask,
            plain: !v0 && !first && !second && !mask_result,
            frame,
            ..plan
        })
    }

    /// The plan of an instruction whose mask has a bit for each byte of elements of 32 bits.
    pub(in super::super) fn masking_bytes(self) -> Plan {
        let mlen = self.frame.mlen.saturating_sub(2);
        let reads = self.frame.reads & REGISTERS | 1 << (WIDTH + u32::from(mlen));
        Plan { frame: Frame { mlen, reads, ..self.frame }, ..self }
    }

    /// Puts the plan's kernel into its frame, if it has one.
    pub(in super::super) fn framed(self, kernel: Kernel) -> (Plan, Kernel) {
        if self.frame.tail == Tail::None && self.frame.reads == 0 {
            return (self, kernel);
        }
        let run: Run = match self.simd {
            #[cfg(target_arch = "x86_64")]
            Simd::V3 | Simd::V4 => framed_v3,
            _ => framed,
        };
        (Plan { frame: Frame { inner: Some(kernel.run), ..self.frame }, ..self }, Kernel { run, body: kernel.body })
    }
}

/// Runs a kernel in its frame.
///
/// # Safety
/// As for the kernel that the frame holds.
unsafe fn framed(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    // SAFETY: what the caller vouches for.
    unsafe { around::<false>(hart, memory, p) }
}

/// Likewise, where the host has instructions that gather and scatter bits.
///
/// # Safety
/// As for the kernel that the frame holds; and the host has x86-64-v3.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq")]
unsafe fn framed_v3(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    // SAFETY: what the caller vouches for.
    unsafe { around::<true>(hart, memory, p) }
}

/// What is done before, by and behind a kernel.
///
/// # Safety
/// As for the kernel that the frame holds; and the host has x86-64-v3 if V3 says so, for which this is then compiled.
#[inline(always)]
pub(crate) unsafe fn around<const V3: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    let frame = &p.frame;
    let (start, vl) = (hart.v.vstart, hart.v.vl);
    if frame.reads & !hart.v.packed != 0 {
        // SAFETY: the caller says so.
        unsafe { pack_for::<V3>(&mut hart.v, frame.reads, frame.mlen) };
    }
    frame.note(&mut hart.v);
    let Some(inner) = frame.inner else { return Err(hart.illegal()) };
    // SAFETY: what the caller vouches for.
    unsafe { inner(hart, memory, p) }?;
    if vl < frame.full as usize {
        finish::<V3>(&mut hart.v, p, start, vl);
    }
    Ok(())
}

/// Fills the tail, or unpacks a mask result; unless nothing is written at all. A load that only its first element may fault
/// has shortened `vl`: XTheadVector leaves everything behind the new end alone, in V 1.0 it is the tail.
#[inline(always)]
fn finish<const V3: bool>(v: &mut Vector, p: &Plan, start: usize, vl: usize) {
    let shortened = v.vl;
    if start >= shortened || vl != shortened && !p.frame.ones {
        return;
    }
    let (file, vlenb) = (&mut v.file, v.vlenb);
    let done = match p.frame.tail {
        Tail::None => return,
        Tail::Mask if !p.masked && start == 0 => {
            unpack::<V3>(file, p, vl, vlenb);
            v.packed |= 1 << (p.rd & 31);
            return;
        }
        Tail::Mask => return unpack_some::<V3>(file, p, start, vl, vlenb),
        Tail::Bits => return clear_bits(file, p.vd as usize, vl, vlenb),
        Tail::Elements(_) if p.nf > 1 || p.frame.ones => return fill_fields(v, p),
        Tail::Elements(size) => vl << size,
        // Elements before vstart are prestart elements here, too.
        Tail::One(size) => start.max(1) << size,
        Tail::Compressed(size) => {
            let mut count = 0;
            let mut i = 0;
            while i < vl {
                count += bits(file, p.vs1, i, vl).count_ones() as usize;
                i += 64;
            }
            count << size
        }
    };
    clear(file, p.vd as usize, done, p.span as usize);
}

/// Fills the tail behind a kernel that was run without its frame, from element 0 on.
#[inline(always)]
pub(crate) fn fill(v: &mut Vector, p: &Plan) {
    if v.vl == 0 {
        return;
    }
    match p.frame.tail {
        Tail::Elements(size) if p.nf <= 1 && !p.frame.ones => {
            clear(&mut v.file, p.vd as usize, v.vl << size, p.span as usize);
        }
        _ => {
            let vl = v.vl;
            finish::<false>(v, p, 0, vl);
        }
    }
}

/// Fills the tails of all fields.
#[cold]
#[inline(never)]
fn fill_fields(v: &mut Vector, p: &Plan) {
    let (Tail::Elements(size), span) = (p.frame.tail, p.span as usize) else { return };
    let done = (v.vl << size).min(span);
    for k in 0..p.nf.max(1) as usize {
        let at = p.vd as usize + k * span;
        v.file.bytes_mut(at + done, span - done).fill(if p.frame.ones { 0xff } else { 0 });
    }
}

/// Clears what is behind the first `done` bytes of a group of so many, a power of two.
#[inline(always)]
fn clear(file: &mut File, at: usize, done: usize, span: usize) {
    /// Bytes that are cleared together.
    const PIECE: usize = 32;
    let done = done.min(span);
    if !(PIECE..=16 * PIECE).contains(&span) {
        return clear_any(file, at + done, span - done);
    }
    let whole = done & !(PIECE - 1);
    if whole == span {
        return;
    }
    // The first piece keeps its first bytes.
    let (mut new, keep) = (file.get::<[u8; PIECE]>(at + whole), first::<u8, PIECE>(done - whole));
    for k in 0..PIECE {
        new[k] &= keep[k];
    }
    file.set(at + whole, new);
    let mut next = whole + PIECE;
    while next < span {
        file.set(at + next, [0u8; PIECE]);
        next += PIECE;
    }
}

/// Clears any number of bytes.
#[inline(never)]
fn clear_any(file: &mut File, at: usize, len: usize) {
    file.bytes_mut(at, len).fill(0);
}

/// Clears the bits of a mask register from bit `n` on.
#[cold]
#[inline(never)]
fn clear_bits(file: &mut File, at: usize, n: usize, vlenb: usize) {
    for (i, word) in file.bytes_mut(at, vlenb).as_chunks_mut::<8>().0.iter_mut().enumerate() {
        *word = (u64::from_le_bytes(*word) & below(n.saturating_sub(i * 64))).to_le_bytes();
    }
}

/// The 64 packed bits from element `i` on, a multiple of 64, of those below `vl`.
#[inline(always)]
fn bits(file: &File, at: u32, i: usize, vl: usize) -> u64 {
    file.get::<u64>(at as usize + i / 8) & below(vl.saturating_sub(i))
}

/// The lowest `n` bits.
#[inline(always)]
fn below(n: usize) -> u64 {
    if n < 64 { (1 << n) - 1 } else { !0 }
}

/// Packs what is not packed yet of what an instruction reads.
///
/// # Safety
/// The host has x86-64-v3 if V3 says so.
#[inline(always)]
unsafe fn pack_for<const V3: bool>(v: &mut Vector, reads: u64, mlen: u8) {
    #[cfg(target_arch = "x86_64")]
    if V3 {
        // SAFETY: the caller says so.
        return unsafe { pack_for_v3(v, reads, mlen) };
    }
    pack_all::<false>(v, reads, mlen);
}

/// # Safety
/// The host has x86-64-v3.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq")]
#[inline(never)]
unsafe fn pack_for_v3(v: &mut Vector, reads: u64, mlen: u8) {
    pack_all::<true>(v, reads, mlen);
}

#[inline(always)]
fn pack_all<const V3: bool>(v: &mut Vector, reads: u64, mlen: u8) {
    if v.packed & reads & !REGISTERS == 0 {
        // What there is has been packed for another MLEN.
        v.packed = 0;
    }
    let mut missing = reads & !v.packed & REGISTERS;
    while missing != 0 {
        let n = missing.trailing_zeros() as usize;
        pack::<V3>(&mut v.file, mlen, n * v.vlenb, (COPIES as usize + n) * v.vlenb, v.vlenb);
        missing &= missing - 1;
    }
    v.packed |= reads;
}

/// Packs a mask register: the lowest of each 2^`mlen` bits.
#[inline(always)]
fn pack<const V3: bool>(file: &mut File, mlen: u8, from: usize, to: usize, vlenb: usize) {
    let (mut packed, mut n, mut to) = (0, 0, to);
    for at in (from..from + vlenb).step_by(8) {
        packed |= gather_by::<V3>(file.get(at), mlen) << n;
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

/// Unpacks the result of a mask instruction that is not masked: 0 or 1 in each element of 2^MLEN bits, and 0 in the tail, also
/// of what is packed.
#[inline(always)]
fn unpack<const V3: bool>(file: &mut File, p: &Plan, vl: usize, vlenb: usize) {
    let (mlen, mut from, mut to, end) = (p.frame.mlen, p.vd as usize, p.frame.vd as usize, p.frame.vd as usize + vlenb);
    let mut left = vl;
    while to < end {
        let mut packed = file.get::<u64>(from) & below(left);
        file.set(from, packed);
        // 64 elements fill 2^MLEN words.
        let stop = end.min(to + (8 << mlen));
        while to < stop {
            file.set(to, scatter_by::<V3>(packed, mlen));
            packed >>= 64 >> mlen;
            to += 8;
        }
        from += 8;
        left = left.saturating_sub(64);
    }
}

/// Unpacks the result of a mask instruction that leaves some elements of the body alone: 0 or 1 in each active element of
/// 2^MLEN bits and 0 in the tail. The others keep their values.
#[inline(never)]
fn unpack_some<const V3: bool>(file: &mut File, p: &Plan, start: usize, vl: usize, vlenb: usize) {
    let mlen = p.frame.mlen;
    let count = 64usize >> mlen;
    for word in 0..vlenb / 8 {
        let i = word * count;
        let packed = |at: u32| file.get::<u64>(at as usize + i / 8) >> (i % 8);
        let body = below(vl.saturating_sub(i).min(count));
        let at = p.frame.vd as usize + word * 8;
        let prestart = below(start.saturating_sub(i).min(count));
        let inactive = if p.masked { body & !packed(p.mask) } else { 0 };
        let keep = prestart | inactive;
        let new = scatter(packed(p.vd) & body & !keep, mlen);
        let kept = scatter(keep, mlen).wrapping_mul(below(1 << mlen));
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

/// As `gather`; V3: the host has x86-64-v3, and this is compiled for it.
#[inline(always)]
fn gather_by<const V3: bool>(x: u64, log: u8) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if V3 {
        // SAFETY: V3 says so.
        return unsafe { core::arch::x86_64::_pext_u64(x, LOWEST[log as usize & 7]) };
    }
    gather(x, log)
}

/// As `scatter`; likewise.
#[inline(always)]
fn scatter_by<const V3: bool>(x: u64, log: u8) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if V3 {
        // SAFETY: V3 says so.
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
