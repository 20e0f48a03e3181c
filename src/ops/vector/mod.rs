//! The vector extension: RVV 1.0 and its companions.
//!
//! An instruction is first *planned* ([`plan`]: operands, widths, policies; [`rules`]: whether it is legal), then a *kernel*
//! is chosen for its element width and operand form, then the kernel does the work over whole register groups ([`lanes`]).
//! Translated code keeps plan and kernel with the instruction for as long as `vtype` stays what it was; stepping makes them
//! anew each time. Kernels are [`Body`]s, instantiated once for each SIMD level of the host.

mod config;
mod crypto;
pub(crate) mod float;
pub(crate) mod hot;
mod integer;
mod lanes;
mod mask;
pub(crate) mod memory;
mod permute;
mod plan;
mod reduce;
mod rules;
mod shuffle;
mod sweep;
pub(crate) mod thead;

pub(crate) use config::*;
pub(crate) use crypto::*;
pub(crate) use float::*;
pub(crate) use integer::*;
pub(crate) use lanes::Elem;
pub(crate) use mask::*;
pub(crate) use memory::*;
pub(crate) use permute::*;
pub(crate) use plan::Plan;
pub(crate) use reduce::*;
pub(crate) use rules::Reason;

use crate::float::Round;
use crate::hart::{Context, Event, Hart, Simd};
use crate::isa::{Flags, Insn};
use crate::memory::{Memory, Ram};
use core::any::TypeId;

/// What a kernel returns. On an event of memory, `vstart` names the element, and all earlier ones are done.
pub(crate) type Done = Result<(), Event>;

/// A vector instruction's work, for one element width, operand form and SIMD level. It starts at element `vstart`, leaves
/// resetting it to its caller, and changes nothing else of the hart but registers and flags.
///
/// # Safety
/// The host has the SIMD level that the kernel was chosen for.
pub(crate) type Run = unsafe fn(&mut Hart, &mut Memory, &Plan) -> Done;

/// A kernel, and which body it was made from: translated code has handlers of its own for the commonest bodies.
#[derive(Clone, Copy)]
pub(crate) struct Kernel {
    pub run: Run,
    pub body: TypeId,
}

impl Kernel {
    /// A kernel for one SIMD level only, not made from a body.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn by_hand(run: Run) -> Kernel {
        Kernel { run, body: TypeId::of::<()>() }
    }
}

/// How an instruction finds plan and kernel.
pub(crate) type Select = fn(&Hart, &Insn) -> Result<(Plan, Kernel), Reason>;

/// The work of a kernel, to be compiled for each SIMD level. Everything it calls in its inner loops is `inline(always)`.
pub(crate) trait Body: 'static {
    /// Does it. FMA: fused multiply-add of the host is a single instruction.
    fn run<const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done;

    /// Whether there is a `fast_exact`.
    const EXACT: bool = false;

    /// The commonest case alone, of the bodies in [`hot_bodies`], which handlers of translated code contain: it calls nothing.
    /// Only while `vstart` is 0 and the plan is plain, on hosts with FMA. `false`: something remains to be done by `run`, from
    /// `vstart` on.
    #[inline(always)]
    fn fast(hart: &mut Hart, ram: Ram, p: &Plan) -> bool {
        let _ = (hart, ram, p);
        false
    }

    /// The second commonest case, which is looked at after the first.
    #[inline(always)]
    fn fast_exact(hart: &mut Hart, p: &Plan) -> bool {
        let _ = (hart, p);
        false
    }
}

/// # Safety
/// None needed; it has the type of a [`Run`].
#[inline(never)]
unsafe fn baseline<B: Body>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    B::run::<{ cfg!(target_arch = "aarch64") }>(hart, memory, p)
}

/// # Safety
/// The host has x86-64-v3.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq")]
#[inline(never)]
unsafe fn v3<B: Body>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    B::run::<true>(hart, memory, p)
}

/// The kernel of a body for a plan's SIMD level.
pub(crate) fn kernel<B: Body>(p: &Plan) -> Kernel {
    let run: Run = match p.simd {
        #[cfg(target_arch = "x86_64")]
        Simd::V3 | Simd::V4 => v3::<B>,
        _ => baseline::<B>,
    };
    Kernel { run, body: TypeId::of::<B>() }
}

/// The kernel of a body with chunks of 16 bytes or one with chunks of 64, for a register group of so many bytes. A chunk that
/// is larger than the group would read across what was just written in pieces, and wait for it. Hosts without wider
/// registers have the small one only.
pub(crate) fn kernel_for<S: Body, L: Body>(p: &Plan, bytes: usize) -> Kernel {
    if p.simd == Simd::Baseline || bytes < 64 { kernel::<S>(p) } else { kernel::<L>(p) }
}

/// Goes over to another body, compiled for the same SIMD level (which `FMA` tells). Kernels keep what is rare out of line
/// by this, so that the common way needs few registers.
#[inline(always)]
pub(crate) fn rest<B: Body, const FMA: bool>(hart: &mut Hart, memory: &mut Memory, p: &Plan) -> Done {
    #[cfg(target_arch = "x86_64")]
    if FMA {
        // SAFETY: on x86-64 only kernels of level V3 are instantiated with FMA, and one of them is running.
        return unsafe { v3::<B>(hart, memory, p) };
    }
    // SAFETY: nothing is needed for it.
    unsafe { baseline::<B>(hart, memory, p) }
}

/// The kernel of `$body<.., T, N>` for the plan's SEW: `T` is the element, `N` how many make a chunk.
/// `by_sew!(p, Elementwise<Add>)`; with a list of widths in bytes, others are illegal.
macro_rules! by_sew {
    ($p:expr, $body:ident < $($arg:ty),* >) => {
        match $p.sew {
            0 => Ok($crate::ops::vector::kernel::<$body<$($arg,)* u8, 32>>(&$p)),
            1 => Ok($crate::ops::vector::kernel::<$body<$($arg,)* u16, 32>>(&$p)),
            2 => Ok($crate::ops::vector::kernel::<$body<$($arg,)* u32, 16>>(&$p)),
            3 => Ok($crate::ops::vector::kernel::<$body<$($arg,)* u64, 8>>(&$p)),
            sew => Err($crate::ops::vector::Reason::Width { bits: 8u32 << (sew & 7) }),
        }
    };
}
pub(crate) use by_sew;

/// Defines vector instructions: their names and how each finds its kernel from its plan.
/// `vector! { VaddVv |hart, p| by_sew!(p, Vv<Add>); }`
macro_rules! vector {
    ($($name:ident |$hart:ident, $p:ident| $kernel:expr;)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl $crate::ops::Semantics for $name {
            const KIND: $crate::ops::Kind = $crate::ops::Kind::Vector;
            const SELECT: Option<$crate::ops::vector::Select> = Some(|$hart, insn| {
                let _ = $hart;
                let $p = $crate::ops::vector::Plan::new($hart, insn)?;
                let kernel: Result<$crate::ops::vector::Kernel, $crate::ops::vector::Reason> = $kernel;
                Ok($p.framed(kernel?))
            });
        }
    )* };
}
pub(crate) use vector;

/// Why an instruction is illegal in the hart's present state, if it is: what the plan finds, then what kernels look at.
pub(crate) fn explain(select: Select, hart: &Hart, insn: &Insn) -> Option<Reason> {
    if let Err(reason) = select(hart, insn) {
        return Some(reason);
    }
    let info = insn.base.info();
    let float = info.flags.contains(Flags::VFP);
    match () {
        _ if float && hart.fs() == Context::Off => Some(Reason::FloatOff),
        _ if float && Round::from_bits(hart.frm).is_none() => Some(Reason::Rounding),
        _ if info.egs > 1 => rules::whole_groups(hart, info.egs).err(),
        _ => None,
    }
}

/// A whole vector instruction, from whatever state the hart is in.
pub(crate) fn execute(select: Select, hart: &mut Hart, memory: &mut Memory, insn: &Insn) -> Done {
    let Ok((plan, kernel)) = select(hart, insn) else { return Err(hart.illegal()) };
    // SAFETY: the plan names a SIMD level that the host has (`Vector::new` checks it).
    let done = unsafe { (kernel.run)(hart, memory, &plan) };
    match done {
        Ok(()) => {
            hart.v.set_vs(Context::Dirty);
            hart.v.set_vstart(0);
            hart.pc = hart.pc.wrapping_add(insn.len as u64);
            Ok(())
        }
        Err(e) => {
            // Only memory instructions leave elements done behind them; their kernels have set vstart.
            hart.v.set_vstart(hart.v.vstart);
            Err(e)
        }
    }
}

/// The illegal-instruction trap, for kernels that find out only at run time.
#[cold]
pub(crate) fn illegal(hart: &mut Hart) -> Done {
    Err(hart.illegal())
}
