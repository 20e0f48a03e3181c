//! Addition, subtraction, logic, minimum and maximum, extensions, moves (V, "Vector Single-Width Integer Add and Subtract",
//! "Vector Widening Integer Add/Subtract", "Vector Integer Extension", "Vector Bitwise Logical Instructions", "Vector Integer
//! Min/Max Instructions", "Vector Integer Move Instructions").

use super::{Each, EachScalar, EachVector, lanes, mixed, same, widening};
use crate::ops::vector::lanes::Elem;
use crate::ops::vector::{Reason, kernel_for, vector};

lanes! {
    Add |a: u, b: u| a.wrapping_add(b);
    AddSigned |a: s, b: s| a.wrapping_add(b);
    Sub |a: u, b: u| a.wrapping_sub(b);
    SubSigned |a: s, b: s| a.wrapping_sub(b);
    Rsub |a: u, b: u| b.wrapping_sub(a);
    And |a: u, b: u| a & b;
    Andn |a: u, b: u| a & !b;
    Or |a: u, b: u| a | b;
    Xor |a: u, b: u| a ^ b;
    Minu |a: u, b: u| a.min(b);
    Min |a: s, b: s| a.min(b);
    Maxu |a: u, b: u| a.max(b);
    Max |a: s, b: s| a.max(b);
    First |a: u, b: u| a;
    FirstSigned |a: s, b: u| a;
    Second |a: u, b: u| b;
}

vector! {
    VaddVv |hart, p| same!(p, EachVector<Add>);
    VaddVx |hart, p| same!(p, EachScalar<Add>);
    VaddVi |hart, p| same!(p, EachScalar<Add>);
    VsubVv |hart, p| same!(p, EachVector<Sub>);
    VsubVx |hart, p| same!(p, EachScalar<Sub>);
    VrsubVx |hart, p| same!(p, Each<Rsub>);
    VrsubVi |hart, p| same!(p, Each<Rsub>);
    VandVv |hart, p| same!(p, EachVector<And>);
    VandVx |hart, p| same!(p, EachScalar<And>);
    VandVi |hart, p| same!(p, EachScalar<And>);
    VandnVv |hart, p| same!(p, Each<Andn>);
    VandnVx |hart, p| same!(p, Each<Andn>);
    VorVv |hart, p| same!(p, EachVector<Or>);
    VorVx |hart, p| same!(p, EachScalar<Or>);
    VorVi |hart, p| same!(p, EachScalar<Or>);
    VxorVv |hart, p| same!(p, EachVector<Xor>);
    VxorVx |hart, p| same!(p, EachScalar<Xor>);
    VxorVi |hart, p| same!(p, EachScalar<Xor>);
    VminuVv |hart, p| same!(p, Each<Minu>);
    VminuVx |hart, p| same!(p, Each<Minu>);
    VminVv |hart, p| same!(p, EachVector<Min>);
    VminVx |hart, p| same!(p, EachScalar<Min>);
    VmaxuVv |hart, p| same!(p, Each<Maxu>);
    VmaxuVx |hart, p| same!(p, Each<Maxu>);
    VmaxVv |hart, p| same!(p, EachVector<Max>);
    VmaxVx |hart, p| same!(p, EachScalar<Max>);
    VmvVV |hart, p| same!(p, EachVector<Second>);
    VmvVX |hart, p| same!(p, EachScalar<Second>);
    VmvVI |hart, p| same!(p, EachScalar<Second>);
    VwadduVv |hart, p| widening!(p, Each<Add>);
    VwadduVx |hart, p| widening!(p, Each<Add>);
    VwaddVv |hart, p| widening!(p, Each<AddSigned>);
    VwaddVx |hart, p| widening!(p, Each<AddSigned>);
    VwsubuVv |hart, p| widening!(p, Each<Sub>);
    VwsubuVx |hart, p| widening!(p, Each<Sub>);
    VwsubVv |hart, p| widening!(p, Each<SubSigned>);
    VwsubVx |hart, p| widening!(p, Each<SubSigned>);
    VwadduWv |hart, p| mixed!(p, Each<Add, W, W, T>, p.span);
    VwadduWx |hart, p| mixed!(p, Each<Add, W, W, T>, p.span);
    VwaddWv |hart, p| mixed!(p, Each<AddSigned, W, W, T>, p.span);
    VwaddWx |hart, p| mixed!(p, Each<AddSigned, W, W, T>, p.span);
    VwsubuWv |hart, p| mixed!(p, Each<Sub, W, W, T>, p.span);
    VwsubuWx |hart, p| mixed!(p, Each<Sub, W, W, T>, p.span);
    VwsubWv |hart, p| mixed!(p, Each<SubSigned, W, W, T>, p.span);
    VwsubWx |hart, p| mixed!(p, Each<SubSigned, W, W, T>, p.span);
}

/// The kernel of an extension to SEW from a fraction of it.
macro_rules! extension {
    ($p:expr, $op:ty, $($sew:literal $d:ident $a:ident $small:literal $large:literal),*) => {
        match $p.sew {
            $($sew => Ok(kernel_for::<EachVector<$op, $d, $a, u8, $small>, EachVector<$op, $d, $a, u8, $large>>(
                &$p,
                $p.span as usize,
            )),)*
            sew => Err(Reason::Width { bits: 8u32 << (sew & 7) }),
        }
    };
    ($p:expr, 2, $op:ty) => { extension!($p, $op, 1 u16 u8 8 32, 2 u32 u16 4 16, 3 u64 u32 2 8) };
    ($p:expr, 4, $op:ty) => { extension!($p, $op, 2 u32 u8 4 16, 3 u64 u16 2 8) };
    ($p:expr, 8, $op:ty) => { extension!($p, $op, 3 u64 u8 2 8) };
}

vector! {
    VzextVf2 |hart, p| extension!(p, 2, First);
    VzextVf4 |hart, p| extension!(p, 4, First);
    VzextVf8 |hart, p| extension!(p, 8, First);
    VsextVf2 |hart, p| extension!(p, 2, FirstSigned);
    VsextVf4 |hart, p| extension!(p, 4, FirstSigned);
    VsextVf8 |hart, p| extension!(p, 8, FirstSigned);
}
