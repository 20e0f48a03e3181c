//! Integer arithmetic on elements of one width (V, "Vector Integer Arithmetic Instructions").

use core::marker::PhantomData;

use super::lanes::{Elem, each_chunk, read};
use super::{Body, Done, Plan, by_sew, vector};
use crate::hart::Hart;
use crate::memory::{Memory, Word};

/// An operation on two elements of one width: `a` comes from vs2, `b` from vs1, rs1 or the immediate.
pub(super) trait Binary {
    fn of<T: Elem>(a: T, b: T) -> T;
}

/// vd[i] = vs2[i] op vs1[i].
pub(super) struct Vv<O, T, const N: usize>(PhantomData<(O, T)>);
/// vd[i] = vs2[i] op x[rs1].
pub(super) struct Vx<O, T, const N: usize>(PhantomData<(O, T)>);
/// vd[i] = vs2[i] op imm.
pub(super) struct Vi<O, T, const N: usize>(PhantomData<(O, T)>);

impl<O: Binary, T: Elem, const N: usize> Body for Vv<O, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        each_chunk::<T, N>(&mut hart.v, p, |file, i| {
            let (a, b) = (read::<T, N>(file, p.vs2, i), read::<T, N>(file, p.vs1, i));
            let mut r = a;
            for k in 0..N {
                r[k] = O::of(a[k], b[k]);
            }
            r
        });
        Ok(())
    }
}

#[inline(always)]
fn with_scalar<O: Binary, T: Elem, const N: usize>(hart: &mut Hart, p: &Plan, b: T) -> Done {
    each_chunk::<T, N>(&mut hart.v, p, |file, i| {
        let mut r = read::<T, N>(file, p.vs2, i);
        for e in &mut r {
            *e = O::of(*e, b);
        }
        r
    });
    Ok(())
}

impl<O: Binary, T: Elem, const N: usize> Body for Vx<O, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        let b = T::from_u64(hart.x(p.rs1));
        with_scalar::<O, T, N>(hart, p, b)
    }
}

impl<O: Binary, T: Elem, const N: usize> Body for Vi<O, T, N> {
    #[inline(always)]
    fn run<const FMA: bool>(hart: &mut Hart, _: &mut Memory, p: &Plan) -> Done {
        with_scalar::<O, T, N>(hart, p, T::from_u64(p.imm as i64 as u64))
    }
}

/// Defines elementwise operations, `a` and `b` as `i64` sign-extended (`signed`) or `u64` zero-extended (`unsigned`), and the
/// instructions with each form.
macro_rules! binary {
    ($($op:ident($kind:ident) |$a:ident, $b:ident| $e:expr => $($name:ident $form:ident),+;)*) => { $(
        struct $op;
        impl Binary for $op {
            #[inline(always)]
            fn of<T: Elem>(a: T, b: T) -> T { binary!(@$kind a b |$a, $b| $e) }
        }
        vector! { $($name |hart, p| by_sew!(p, $form<$op>);)+ }
    )* };
    (@signed $x:ident $y:ident |$a:ident, $b:ident| $e:expr) => {{ let ($a, $b) = ($x.to_i64(), $y.to_i64()); T::from_u64($e as u64) }};
    (@unsigned $x:ident $y:ident |$a:ident, $b:ident| $e:expr) => {{ let ($a, $b) = ($x.to_u64(), $y.to_u64()); T::from_u64($e as u64) }};
}

binary! {
    Add(unsigned) |a, b| a.wrapping_add(b) => VaddVv Vv, VaddVx Vx, VaddVi Vi;
    Sub(unsigned) |a, b| a.wrapping_sub(b) => VsubVv Vv, VsubVx Vx;
    Rsub(unsigned) |a, b| b.wrapping_sub(a) => VrsubVx Vx, VrsubVi Vi;
    And(unsigned) |a, b| a & b => VandVv Vv, VandVx Vx, VandVi Vi;
    Or(unsigned) |a, b| a | b => VorVv Vv, VorVx Vx, VorVi Vi;
    Xor(unsigned) |a, b| a ^ b => VxorVv Vv, VxorVx Vx, VxorVi Vi;
    Minu(unsigned) |a, b| a.min(b) => VminuVv Vv, VminuVx Vx;
    Min(signed) |a, b| a.min(b) => VminVv Vv, VminVx Vx;
    Maxu(unsigned) |a, b| a.max(b) => VmaxuVv Vv, VmaxuVx Vx;
    Max(signed) |a, b| a.max(b) => VmaxVv Vv, VmaxVx Vx;
    Mul(unsigned) |a, b| a.wrapping_mul(b) => VmulVv Vv, VmulVx Vx;
}
