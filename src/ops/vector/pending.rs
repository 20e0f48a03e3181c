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
