//! instructions that are decoded but do nothing yet: executing one is an illegal instruction.

use crate::hart::{Event, Hart};
use crate::isa::Insn;
use crate::memory::Memory;

macro_rules! pending {
    ($($name:ident)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl crate::ops::Semantics for $name {
            const KIND: crate::ops::Kind = crate::ops::Kind::Special;
            fn exec(hart: &mut Hart, _: &mut Memory, _: &Insn) -> Result<(), Event> { Err(hart.illegal()) }
        }
    )* };
}

// zve32x: widening add and subtract
pending! {
    VwadduVv VwadduVx
    VwaddVv VwaddVx
    VwsubuVv VwsubuVx
    VwsubVv VwsubVx
    VwadduWv VwadduWx
    VwaddWv VwaddWx
    VwsubuWv VwsubuWx
    VwsubWv VwsubWx
}

// zve32x: zero and sign extension
pending! {
    VzextVf2
    VsextVf2
    VzextVf4
    VsextVf4
    VzextVf8
    VsextVf8
}

// zve32x: add with carry, subtract with borrow
pending! {
    VadcVvm VadcVxm VadcVim
    VmadcVvm VmadcVxm VmadcVim VmadcVv VmadcVx VmadcVi
    VsbcVvm VsbcVxm
    VmsbcVvm VmsbcVxm VmsbcVv VmsbcVx
}

// zve32x: bitwise logic and shifts
pending! {
    VsllVv VsllVx VsllVi
    VsrlVv VsrlVx VsrlVi
    VsraVv VsraVx VsraVi
    VnsrlWv VnsrlWx VnsrlWi
    VnsraWv VnsraWx VnsraWi
}

// zve32x: comparison
pending! {
    VmseqVv VmseqVx VmseqVi
    VmsneVv VmsneVx VmsneVi
    VmsltuVv VmsltuVx
    VmsltVv VmsltVx
    VmsleuVv VmsleuVx VmsleuVi
    VmsleVv VmsleVx VmsleVi
    VmsgtuVx VmsgtuVi
    VmsgtVx VmsgtVi
}

// zve32x: multiply and divide
pending! {
    VmulhVv VmulhVx
    VmulhuVv VmulhuVx
    VmulhsuVv VmulhsuVx
    VdivuVv VdivuVx
    VdivVv VdivVx
    VremuVv VremuVx
    VremVv VremVx
    VwmulVv VwmulVx
    VwmuluVv VwmuluVx
    VwmulsuVv VwmulsuVx
}

// zve32x: multiply-add
pending! {
    VmaccVv VmaccVx
    VnmsacVv VnmsacVx
    VmaddVv VmaddVx
    VnmsubVv VnmsubVx
    VwmaccuVv VwmaccuVx
    VwmaccVv VwmaccVx
    VwmaccsuVv VwmaccsuVx
    VwmaccusVx
}

// zve32x: merge and move
pending! {
    VmergeVvm VmergeVxm VmergeVim
    VmvVV VmvVX VmvVI
}

// zve32x: fixed point: saturating and averaging add and subtract, multiply, scaling shifts, clips
pending! {
    VsadduVv VsadduVx VsadduVi
    VsaddVv VsaddVx VsaddVi
    VssubuVv VssubuVx
    VssubVv VssubVx
    VaadduVv VaadduVx
    VaaddVv VaaddVx
    VasubuVv VasubuVx
    VasubVv VasubVx
    VsmulVv VsmulVx
    VssrlVv VssrlVx VssrlVi
    VssraVv VssraVx VssraVi
    VnclipuWv VnclipuWx VnclipuWi
    VnclipWv VnclipWx VnclipWi
}

// zve32f: add, subtract, multiply, divide, square root
pending! {
    Vfrsqrt7V
    Vfrec7V
}

// zve32f: widening add, subtract, multiply
pending! {
    VfwaddVv VfwaddVf
    VfwsubVv VfwsubVf
    VfwaddWv VfwaddWf
    VfwsubWv VfwsubWf
    VfwmulVv VfwmulVf
}

// zve32f: multiply-add
pending! {
    VfwmaccVv VfwmaccVf
    VfwnmaccVv VfwnmaccVf
    VfwmsacVv VfwmsacVf
    VfwnmsacVv VfwnmsacVf
}

// zve32f: minimum, maximum, sign injection, comparison, classification
pending! {
    VfminVv VfminVf
    VfmaxVv VfmaxVf
    VfsgnjVv VfsgnjVf
    VfsgnjnVv VfsgnjnVf
    VfsgnjxVv VfsgnjxVf
    VmfeqVv VmfeqVf
    VmfneVv VmfneVf
    VmfltVv VmfltVf
    VmfleVv VmfleVf
    VmfgtVf
    VmfgeVf
    VfclassV
}

// zve32f: conversion
pending! {
    VfcvtXuFV VfcvtXFV VfcvtRtzXuFV VfcvtRtzXFV VfcvtFXuV VfcvtFXV
    VfwcvtXuFV VfwcvtXFV VfwcvtRtzXuFV VfwcvtRtzXFV VfwcvtFXuV VfwcvtFXV VfwcvtFFV
    VfncvtXuFW VfncvtXFW VfncvtRtzXuFW VfncvtRtzXFW VfncvtFXuW VfncvtFXW VfncvtFFW VfncvtRodFFW
}

// zve32f: reductions
pending! {
    VfredosumVs
    VfredusumVs
    VfredmaxVs
    VfredminVs
    VfwredosumVs
    VfwredusumVs
}

// zve32f: merge, move, slide
pending! {
    VfmergeVfm
    VfmvVF VfmvFS VfmvSF
    Vfslide1upVf
    Vfslide1downVf
}

// zvfbfmin
pending! {
    Vfncvtbf16FFW
    Vfwcvtbf16FFV
}

// zvfbfwma
pending! {
    Vfwmaccbf16Vv Vfwmaccbf16Vf
}

// zvkb
pending! {
    VandnVv VandnVx
    Vbrev8V
    Vrev8V
    VrolVv VrolVx
    VrorVv VrorVx VrorVi
}

// zvbb
pending! {
    VwsllVv VwsllVx VwsllVi
    VbrevV
    VclzV
    VctzV
    VcpopV
}

// zvbc
pending! {
    VclmulVv VclmulVx
    VclmulhVv VclmulhVx
}

// zvkg
pending! {
    VghshVv
    VgmulVv
}

// zvkned
pending! {
    VaesdfVv VaesdfVs
    VaesdmVv VaesdmVs
    VaesefVv VaesefVs
    VaesemVv VaesemVs
    VaeszVs
    Vaeskf1Vi
    Vaeskf2Vi
}

// zvknha
pending! {
    Vsha2msVv
    Vsha2chVv
    Vsha2clVv
}

// zvksed
pending! {
    Vsm4kVi
    Vsm4rVv Vsm4rVs
}

// zvksh
pending! {
    Vsm3cVi
    Vsm3meVv
}
