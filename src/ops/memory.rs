//! Scalar loads and stores, integer and floating-point (Unprivileged manual, 2.6, 4.3, 21.5), and the slow accesses that
//! other families share.

use super::{File, Kind, Semantics};
use crate::hart::{Cause, Event, Hart};
use crate::memory::{Fault, Memory, Ram, Word};

/// Turns a memory fault into a trap with its address as `tval`.
#[cold]
pub(super) fn trap(hart: &mut Hart, f: Fault, cause: Cause) -> Event {
    hart.tval = f.addr;
    Event::Trap(cause)
}

/// A load of `size` bytes, zero-extended, misaligned or not.
pub(super) fn load(hart: &mut Hart, memory: &mut Memory, addr: u64, size: u32) -> Result<u64, Event> {
    memory.load(addr, size).map_err(|f| trap(hart, f, Cause::LoadAccess))
}

/// A store of `size` bytes, misaligned or not.
pub(super) fn store(hart: &mut Hart, memory: &mut Memory, addr: u64, size: u32, v: u64) -> Result<(), Event> {
    memory.store(addr, size, v).map_err(|f| trap(hart, f, Cause::StoreAccess))
}

macro_rules! load {
    ($($name:ident $file:ident $t:ty, |$v:ident| $e:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RD: File = File::$file;
            const RS1: File = File::X;
            const FP: bool = matches!(File::$file, File::F);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, ram: Ram, a: u64, _: u64, _: u64, imm: i64) -> Option<u64> {
                let $v = ram.load::<$t>(a.wrapping_add(imm as u64))?;
                Some($e)
            }
            fn slow(hart: &mut Hart, m: &mut Memory, a: u64, _: u64, _: u64, imm: i64) -> Result<u64, Event> {
                let v = load(hart, m, a.wrapping_add(imm as u64), 1 << <$t>::SHIFT)?;
                let $v = <$t>::from_u64(v);
                Ok($e)
            }
        }
    )* };
}

load! {
    Lb X i8, |v| v as u64;
    Lh X i16, |v| v as u64;
    Lw X i32, |v| v as u64;
    Ld X u64, |v| v;
    Lbu X u8, |v| v as u64;
    Lhu X u16, |v| v as u64;
    Lwu X u32, |v| v as u64;
    // Narrow values are NaN-boxed.
    Flh F u16, |v| v as u64 | !0 << 16;
    Flw F u32, |v| v as u64 | !0 << 32;
    Fld F u64, |v| v;
}

macro_rules! store {
    ($($name:ident $file:ident $t:ty;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Semantics for $name {
            const KIND: Kind = Kind::Simple;
            const RS1: File = File::X;
            const RS2: File = File::$file;
            const FP: bool = matches!(File::$file, File::F);
            #[inline(always)]
            fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, ram: Ram, a: u64, b: u64, _: u64, imm: i64) -> Option<u64> {
                ram.store::<$t>(a.wrapping_add(imm as u64), b as $t)?;
                Some(0)
            }
            fn slow(hart: &mut Hart, m: &mut Memory, a: u64, b: u64, _: u64, imm: i64) -> Result<u64, Event> {
                store(hart, m, a.wrapping_add(imm as u64), 1 << <$t>::SHIFT, b)?;
                Ok(0)
            }
        }
    )* };
}

store! {
    Sb X u8;
    Sh X u16;
    Sw X u32;
    Sd X u64;
    Fsh F u16;
    Fsw F u32;
    Fsd F u64;
}
