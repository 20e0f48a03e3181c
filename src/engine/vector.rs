//! Vector instructions in translated code.
//!
//! Each has a *site*: the plan and the kernel that it was last bound to, and the mode (`vtype`, while nothing else is unusual)
//! they are for. Running it is one comparison and the kernel; in another mode it is bound anew. The commonest kernels are
//! compiled into handlers of their own, which saves them call and return.

use core::any::TypeId;

use super::handlers::{SPECIAL_OPS, locate, note, special};
use super::op::*;
use super::table;
use crate::float::Flags as FpFlags;
use crate::hart::{Event, Mode, Simd, UNREADY, Vtype};
use crate::isa::{Flags, Insn};
use crate::memory::Ram;
use crate::ops::vector::hot::*;
use crate::ops::vector::thead;
use crate::ops::vector::{Body, Kernel, Plan, Run};

/// Ops that a vector configuration instruction occupies: a special op's, and VLMAX with `vtype`.
pub(super) const VSET_OPS: usize = SPECIAL_OPS + 1;
/// Ops that a vector instruction occupies: a special op's, and its site.
pub(super) const VECTOR_OPS: usize = SPECIAL_OPS + size_of::<Site>().div_ceil(size_of::<Op>());

/// What a vector instruction in translated code was last bound to.
#[repr(C)]
pub(super) struct Site {
    pub run: Run,
    /// The mode that plan and kernel are for.
    pub mode: Mode,
    pub plan: Plan,
}

/// The mode of a site that is not bound yet: no hart is in it.
pub(super) const UNBOUND: Mode = !0;

/// The handler for any kernel; `memory`: of an instruction that loads or stores.
pub(super) fn any(memory: bool) -> Handler {
    if memory { vector::<true> } else { vector::<false> }
}

handler! {
    /// `vsetvli` and `vsetivli` with a `vtype` that the machine has. AVL: keep (0), greatest (1), register (2), immediate (3).
    fn vset[const AVL: u8](c, op, m, b) {
        let o = &*op;
        let Data(vlmax, vtype) = *(op.add(SPECIAL_OPS) as *const Data);
        let vl = match AVL {
            0 => None,
            1 => Some(vlmax),
            2 => Some(vlmax.min(reg(c, o.rs1))),
            _ => Some(vlmax.min(o.imm as u64)),
        };
        if !(*c).hart.v.reconfigure(vl.map(|v| v as usize), vlmax as usize, Vtype(vtype)) {
            return vset_slow(c, op, m, b);
        }
        set_reg(c, o.rd, (*c).hart.v.vl as u64);
        next!(c, op.add(VSET_OPS), m, b)
    }

    /// As `vset`, from any state.
    #[cold]
    #[inline(never)]
    fn vset_slow[](c, op, m, b) {
        return special::<VSET_OPS>(c, op, m, b);
    }

    /// A vector instruction; MEMORY: one that loads or stores.
    fn vector[const MEMORY: bool](c, op, m, b) {
        let site = &*(op.add(SPECIAL_OPS) as *const Site);
        if site.mode != (*c).hart.v.mode {
            return unbound(c, op, m, b);
        }
        if MEMORY && (*(*c).memory).has_devices() {
            locate(c, op, b);
        }
        match (site.run)(&mut (*c).hart, &mut *(*c).memory, &site.plan) {
            Ok(()) if !MEMORY || !(*(*c).memory).take_attention() => next!(c, op.add(VECTOR_OPS), m, b),
            r => return vector_exit(c, op, m, note(c, r, b)),
        }
    }

    /// What `direct` leaves. Not part of it: the calls here would make it save registers.
    #[cold]
    #[inline(never)]
    fn all_of_it[const MEMORY: bool](c, op, m, b) {
        return vector::<MEMORY>(c, op, m, b);
    }

    /// A vector instruction whose site was bound for another mode.
    #[cold]
    #[inline(never)]
    fn unbound[](c, op, m, b) {
        // An illegal instruction finds out in its stepping function.
        if bind(c, op) { next!(c, op, m, b) } else { return special::<VECTOR_OPS>(c, op, m, b) }
    }

    /// A vector instruction wants attention, or has ended in `event`.
    #[cold]
    #[inline(never)]
    fn vector_exit[](c, op, m, b) {
        let v = &mut (*c).hart.v;
        v.set_vstart(v.vstart);
        (*c).resume = op;
        stop!(c, if matches!((*c).event, Event::Trap(_)) { Exit::Event } else { Exit::Attention }, b)
    }
}

handler! {
    /// A vector instruction with something to be done around its kernel: what `vector` does, with one call less.
    #[cfg_attr(
        target_arch = "x86_64",
        target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq")
    )]
    fn framed[const MEMORY: bool](c, op, m, b) {
        let site = &*(op.add(SPECIAL_OPS) as *const Site);
        if site.mode != (*c).hart.v.mode {
            return unbound(c, op, m, b);
        }
        if MEMORY && (*(*c).memory).has_devices() {
            locate(c, op, b);
        }
        // What the mode means.
        core::hint::assert_unchecked((*c).hart.v.vstart == 0);
        match thead::around::<{ cfg!(target_arch = "x86_64") }>(&mut (*c).hart, &mut *(*c).memory, &site.plan) {
            Ok(()) if !MEMORY || !(*(*c).memory).take_attention() => next!(c, op.add(VECTOR_OPS), m, b),
            r => return vector_exit(c, op, m, note(c, r, b)),
        }
    }

    /// Fills the tail that a handler with a kernel inside has left.
    #[inline(never)]
    fn fill[](c, op, m, b) {
        let site = &*(op.add(SPECIAL_OPS) as *const Site);
        thead::fill(&mut (*c).hart.v, &site.plan);
        next!(c, op.add(VECTOR_OPS), m, b)
    }
}

/// Goes on behind a kernel in its handler.
macro_rules! behind {
    ($framed:ident, $site:ident, $c:ident, $op:ident, $m:ident, $b:ident) => {{
        if $framed {
            $site.plan.frame.note(&mut (*$c).hart.v);
            if (*$c).hart.v.vl < $site.plan.frame.full as usize {
                return fill($c, $op, $m, $b);
            }
        }
        next!($c, $op.add(VECTOR_OPS), $m, $b)
    }};
}

/// The handlers with the commonest cases of kernels inside, for one level of the host. FRAMED: there may be a tail to fill.
macro_rules! direct_for {
    ($direct:ident $exact:ident $(, $features:literal)?) => { handler! {
        /// A vector instruction with the commonest case of its kernel inside; only chosen for plain plans, and where the host
        /// has the level. Everything else goes on by a jump: there is no call here, so that nothing needs to be saved.
        $(#[target_feature(enable = $features)])?
        fn $direct[B: Body, const MEMORY: bool, const FRAMED: bool](c, op, m, b) {
            let site = &*(op.add(SPECIAL_OPS) as *const Site);
            if site.mode != (*c).hart.v.mode {
                return unbound(c, op, m, b);
            }
            // What the mode means, and what `bind` looked for.
            core::hint::assert_unchecked((*c).hart.v.vstart == 0 && site.plan.plain);
            if B::fast(&mut (*c).hart, Ram::from_base(m), &site.plan) {
                behind!(FRAMED, site, c, op, m, b)
            }
            if B::EXACT && (*c).hart.fflags & FpFlags::NX.bits() == 0 {
                // So it will be the next time, too.
                (*(op as *mut Op)).handler = $exact::<B, FRAMED>;
                return $exact::<B, FRAMED>(c, op, m, b);
            }
            return all_of_it::<MEMORY>(c, op, m, b);
        }

        /// The second commonest case of its kernel: NX is not set, and nothing sets it. The handler for as long as that is so.
        #[inline(never)]
        $(#[target_feature(enable = $features)])?
        fn $exact[B: Body, const FRAMED: bool](c, op, m, b) {
            let site = &*(op.add(SPECIAL_OPS) as *const Site);
            if site.mode != (*c).hart.v.mode {
                return unbound(c, op, m, b);
            }
            if (*c).hart.fflags & FpFlags::NX.bits() != 0 {
                (*(op as *mut Op)).handler = $direct::<B, false, FRAMED>;
                return $direct::<B, false, FRAMED>(c, op, m, b);
            }
            core::hint::assert_unchecked((*c).hart.v.vstart == 0 && site.plan.plain);
            if B::fast_exact(&mut (*c).hart, &site.plan) {
                behind!(FRAMED, site, c, op, m, b)
            }
            return all_of_it::<false>(c, op, m, b);
        }
    } };
}

#[cfg(target_arch = "x86_64")]
direct_for!(direct_v3 exact_v3, "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq");
#[cfg(not(target_arch = "x86_64"))]
direct_for!(direct_v3 exact_v3);
#[cfg(target_arch = "x86_64")]
direct_for!(
    direct_v4 exact_v4,
    "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt,pclmulqdq,avx512f,avx512bw,avx512cd,avx512dq,avx512vl"
);

/// Plans a vector instruction for the hart's present mode; `false` if it has none, or the instruction is illegal in it.
///
/// # Safety
/// `c` is live, `op` is a vector op of the arena.
#[inline(never)]
unsafe fn bind(c: *mut Context, op: *const Op) -> bool {
    // SAFETY: the translator wrote an instruction and a site behind each vector op; nobody else looks at them meanwhile.
    unsafe {
        let hart = &(*c).hart;
        let insn = &*(op.add(2) as *const Insn);
        let Some(select) = table::of(insn.base).select.filter(|_| hart.v.mode != UNREADY) else { return false };
        let Ok((plan, kernel)) = select(hart, insn) else { return false };
        (op.add(SPECIAL_OPS) as *mut Site).write(Site { run: kernel.run, mode: hart.v.mode, plan });
        let memory = insn.base.info().flags.intersects(Flags::LOAD | Flags::STORE);
        let general = match memory {
            _ if plan.simd < Simd::V3 || !plan.frame.is_there() => any(memory),
            true => framed::<true>,
            false => framed::<false>,
        };
        (*(op as *mut Op)).handler = handler_of(&kernel, &plan).unwrap_or(general);
        true
    }
}

/// The handler of a hot body for a level of the host; `frame`: with a tail to fill.
fn direct_of<B: Body, const MEMORY: bool>(simd: Simd, frame: bool) -> Handler {
    match (simd, frame) {
        #[cfg(target_arch = "x86_64")]
        (Simd::V4, false) => direct_v4::<B, MEMORY, false>,
        #[cfg(target_arch = "x86_64")]
        (Simd::V4, true) => direct_v4::<B, MEMORY, true>,
        (_, false) => direct_v3::<B, MEMORY, false>,
        (_, true) => direct_v3::<B, MEMORY, true>,
    }
}

/// Looks a kernel's body up among the hot ones.
macro_rules! direct_handlers {
    (memory $($m:ty),*; $(lanes $small:literal $large:literal: $($name:ident)*;)*) => {
        /// The handler that a kernel's body has for itself, if it has one.
        fn handler_of(kernel: &Kernel, plan: &Plan) -> Option<Handler> {
            if plan.simd < Simd::V3 || !plan.plain {
                return None;
            }
            let all: &[(TypeId, fn(Simd, bool) -> Handler)] = &[
                $((TypeId::of::<$m>(), direct_of::<$m, true>),)*
                $($(
                    (TypeId::of::<$name<$small>>(), direct_of::<$name<$small>, false>),
                    (TypeId::of::<$name<$large>>(), direct_of::<$name<$large>, false>),
                )*)*
            ];
            let (_, direct) = all.iter().find(|(body, ..)| *body == kernel.body)?;
            Some(direct(plan.simd, plan.frame.full != 0))
        }
    };
}
hot_bodies!(direct_handlers);
