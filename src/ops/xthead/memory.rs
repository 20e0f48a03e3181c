//! Indexed loads and stores, and those of pairs (XTheadMemIdx, XTheadFMemIdx, XTheadMemPair).
//!
//! A fault leaves all registers as they were. Of a pair of stores both are done or none; the fault of the first counts.

use super::super::memory::{load, store, trap};
use super::super::{File, Kind, Second, Semantics};
use crate::hart::{Cause, Event, Hart};
use crate::memory::{Access, Memory, PAGE_SIZE, Ram, Word};

/// How an indexed access finds its address.
trait Mode {
    /// Whether rs1 is written back.
    const UPDATES: bool = false;
    /// The address, of rs1, rs2 and the immediate.
    fn address(a: u64, b: u64, imm: i64) -> u64;
}

/// The immediate offset of those that write back: five bits, shifted by the low two.
#[inline(always)]
fn offset(imm: i64) -> u64 {
    ((imm >> 2) << (imm & 3)) as u64
}

/// The new rs1.
#[inline(always)]
fn updated(a: u64, imm: i64) -> u64 {
    a.wrapping_add(offset(imm))
}

/// `...ia`: the access, then the addition.
struct After;
impl Mode for After {
    const UPDATES: bool = true;
    #[inline(always)]
    fn address(a: u64, _: u64, _: i64) -> u64 {
        a
    }
}

/// `...ib`: the addition, then the access.
struct Before;
impl Mode for Before {
    const UPDATES: bool = true;
    #[inline(always)]
    fn address(a: u64, _: u64, imm: i64) -> u64 {
        updated(a, imm)
    }
}

/// `...r...`: rs2 is shifted and added.
struct Index;
impl Mode for Index {
    #[inline(always)]
    fn address(a: u64, b: u64, imm: i64) -> u64 {
        a.wrapping_add(b << (imm & 3))
    }
}

/// `...ur...`: the low word of rs2 is zero-extended, then shifted and added.
struct IndexWord;
impl Mode for IndexWord {
    #[inline(always)]
    fn address(a: u64, b: u64, imm: i64) -> u64 {
        a.wrapping_add((b as u32 as u64) << (imm & 3))
    }
}

const fn is_float(file: File) -> bool {
    matches!(file, File::F)
}

macro_rules! loads {
    ($($file:ident $t:ty, |$v:ident| $e:expr => $($mode:ident $name:ident)+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RD: File = File::$file;
            const RS1: File = File::X;
            const RS2: File = if $mode::UPDATES { File::None } else { File::X };
            const SECOND: Second = if $mode::UPDATES { Second::Rs1 } else { Second::None };
            const FP: bool = is_float(File::$file);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(h: &mut Hart, ram: Ram, a: u64, b: u64, _: u64, imm: i64) -> Option<u64> {
                let $v = ram.load::<$t>($mode::address(a, b, imm))?;
                if $mode::UPDATES {
                    h.second = updated(a, imm);
                }
                Some($e)
            }
            fn slow(h: &mut Hart, m: &mut Memory, a: u64, b: u64, _: u64, imm: i64) -> Result<u64, Event> {
                let v = load(h, m, $mode::address(a, b, imm), 1 << <$t>::SHIFT)?;
                let $v = <$t>::from_u64(v);
                h.second = updated(a, imm);
                Ok($e)
            }
        }
    )+)* };
}

loads! {
    X i8, |v| v as u64 => After ThLbia Before ThLbib Index ThLrb IndexWord ThLurb;
    X u8, |v| v as u64 => After ThLbuia Before ThLbuib Index ThLrbu IndexWord ThLurbu;
    X i16, |v| v as u64 => After ThLhia Before ThLhib Index ThLrh IndexWord ThLurh;
    X u16, |v| v as u64 => After ThLhuia Before ThLhuib Index ThLrhu IndexWord ThLurhu;
    X i32, |v| v as u64 => After ThLwia Before ThLwib Index ThLrw IndexWord ThLurw;
    X u32, |v| v as u64 => After ThLwuia Before ThLwuib Index ThLrwu IndexWord ThLurwu;
    X u64, |v| v => After ThLdia Before ThLdib Index ThLrd IndexWord ThLurd;
    // Narrow values are NaN-boxed.
    F u32, |v| v as u64 | !0 << 32 => Index ThFlrw IndexWord ThFlurw;
    F u64, |v| v => Index ThFlrd IndexWord ThFlurd;
}

macro_rules! stores {
    ($($file:ident $t:ty => $($mode:ident $name:ident)+;)*) => { $($(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RS1: File = File::X;
            // The value comes in the place of rs2 if that is free, otherwise in that of rs3.
            const RS2: File = File::X;
            const RS3: File = if $mode::UPDATES { File::None } else { File::$file };
            const SECOND: Second = if $mode::UPDATES { Second::Rs1 } else { Second::None };
            const FP: bool = is_float(File::$file);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(h: &mut Hart, ram: Ram, a: u64, b: u64, c: u64, imm: i64) -> Option<u64> {
                let value = if $mode::UPDATES { b } else { c };
                ram.store::<$t>($mode::address(a, b, imm), value as $t)?;
                if $mode::UPDATES {
                    h.second = updated(a, imm);
                }
                Some(0)
            }
            fn slow(h: &mut Hart, m: &mut Memory, a: u64, b: u64, c: u64, imm: i64) -> Result<u64, Event> {
                let value = if $mode::UPDATES { b } else { c };
                store(h, m, $mode::address(a, b, imm), 1 << <$t>::SHIFT, value)?;
                h.second = updated(a, imm);
                Ok(0)
            }
        }
    )+)* };
}

stores! {
    X u8 => After ThSbia Before ThSbib Index ThSrb IndexWord ThSurb;
    X u16 => After ThShia Before ThShib Index ThSrh IndexWord ThSurh;
    X u32 => After ThSwia Before ThSwib Index ThSrw IndexWord ThSurw;
    X u64 => After ThSdia Before ThSdib Index ThSrd IndexWord ThSurd;
    F u32 => Index ThFsrw IndexWord ThFsurw;
    F u64 => Index ThFsrd IndexWord ThFsurd;
}

/// The address of a pair of words of `size` bytes each.
#[inline(always)]
fn pair_address(a: u64, imm: i64, size: usize) -> u64 {
    a.wrapping_add((imm & 3) as u64 * (2 * size) as u64)
}

/// The addresses of both halves of a pair, if both can be accessed.
fn both(h: &mut Hart, m: &Memory, at: u64, size: usize, access: Access, cause: Cause) -> Result<[u64; 2], Event> {
    let halves = [at, at.wrapping_add(size as u64)];
    for half in halves {
        match m.check(half, size as u64, access) {
            Err(fault) if !m.is_device(half, size as u32) => return Err(trap(h, fault, cause)),
            _ => {}
        }
    }
    Ok(halves)
}

macro_rules! pair_loads {
    ($($name:ident $t:ty;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RD: File = File::X;
            const RS1: File = File::X;
            const SECOND: Second = Second::Rs2;
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(h: &mut Hart, ram: Ram, a: u64, _: u64, _: u64, imm: i64) -> Option<u64> {
                let at = pair_address(a, imm, size_of::<$t>());
                let first = ram.load::<$t>(at)?;
                h.second = ram.load::<$t>(at.wrapping_add(size_of::<$t>() as u64))? as u64;
                Some(first as u64)
            }
            fn slow(h: &mut Hart, m: &mut Memory, a: u64, _: u64, _: u64, imm: i64) -> Result<u64, Event> {
                let size = size_of::<$t>();
                let at = pair_address(a, imm, size);
                let [low, high] = both(h, m, at, size, Access::Read, Cause::LoadAccess)?;
                let first = load(h, m, low, size as u32)?;
                h.second = <$t>::from_u64(load(h, m, high, size as u32)?) as u64;
                Ok(<$t>::from_u64(first) as u64)
            }
        }
    )* };
}

pair_loads! {
    ThLdd u64;
    ThLwd i32;
    ThLwud u32;
}

macro_rules! pair_stores {
    ($($name:ident $t:ty;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RS1: File = File::X;
            const RS2: File = File::X;
            const RS3: File = File::X;
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, ram: Ram, a: u64, b: u64, c: u64, imm: i64) -> Option<u64> {
                let size = size_of::<$t>() as u64;
                let at = pair_address(a, imm, size as usize);
                // On one page: if the first store is possible, so is the other.
                if at % PAGE_SIZE > PAGE_SIZE - 2 * size {
                    return None;
                }
                ram.store::<$t>(at, c as $t)?;
                ram.store::<$t>(at.wrapping_add(size), b as $t)?;
                Some(0)
            }
            fn slow(h: &mut Hart, m: &mut Memory, a: u64, b: u64, c: u64, imm: i64) -> Result<u64, Event> {
                let size = size_of::<$t>();
                let at = pair_address(a, imm, size);
                let [low, high] = both(h, m, at, size, Access::Write, Cause::StoreAccess)?;
                store(h, m, low, size as u32, c)?;
                store(h, m, high, size as u32, b)?;
                Ok(0)
            }
        }
    )* };
}

pair_stores! {
    ThSdd u64;
    ThSwd u32;
}
