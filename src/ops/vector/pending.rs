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

// zve32x: masks and whole registers in memory
pending! {
    VlmV
    VsmV
    Vl1re8V
    Vl2re8V
    Vl4re8V
    Vl8re8V
    Vl1re16V
    Vl2re16V
    Vl4re16V
    Vl8re16V
    Vl1re32V
    Vl2re32V
    Vl4re32V
    Vl8re32V
    Vs1rV
    Vs2rV
    Vs4rV
    Vs8rV
}

// zve32x: 8-bit elements
pending! {
 Vle8ffV

    Vlse8V
    Vsse8V
    Vluxei8V
    Vloxei8V
    Vsuxei8V
    Vsoxei8V
}

// zve32x: 8-bit elements, segments of 2
pending! {
    Vlseg2e8V Vlseg2e8ffV
    Vsseg2e8V
    Vlsseg2e8V
    Vssseg2e8V
    Vluxseg2ei8V
    Vloxseg2ei8V
    Vsuxseg2ei8V
    Vsoxseg2ei8V
}

// zve32x: 8-bit elements, segments of 3
pending! {
    Vlseg3e8V Vlseg3e8ffV
    Vsseg3e8V
    Vlsseg3e8V
    Vssseg3e8V
    Vluxseg3ei8V
    Vloxseg3ei8V
    Vsuxseg3ei8V
    Vsoxseg3ei8V
}

// zve32x: 8-bit elements, segments of 4
pending! {
    Vlseg4e8V Vlseg4e8ffV
    Vsseg4e8V
    Vlsseg4e8V
    Vssseg4e8V
    Vluxseg4ei8V
    Vloxseg4ei8V
    Vsuxseg4ei8V
    Vsoxseg4ei8V
}

// zve32x: 8-bit elements, segments of 5
pending! {
    Vlseg5e8V Vlseg5e8ffV
    Vsseg5e8V
    Vlsseg5e8V
    Vssseg5e8V
    Vluxseg5ei8V
    Vloxseg5ei8V
    Vsuxseg5ei8V
    Vsoxseg5ei8V
}

// zve32x: 8-bit elements, segments of 6
pending! {
    Vlseg6e8V Vlseg6e8ffV
    Vsseg6e8V
    Vlsseg6e8V
    Vssseg6e8V
    Vluxseg6ei8V
    Vloxseg6ei8V
    Vsuxseg6ei8V
    Vsoxseg6ei8V
}

// zve32x: 8-bit elements, segments of 7
pending! {
    Vlseg7e8V Vlseg7e8ffV
    Vsseg7e8V
    Vlsseg7e8V
    Vssseg7e8V
    Vluxseg7ei8V
    Vloxseg7ei8V
    Vsuxseg7ei8V
    Vsoxseg7ei8V
}

// zve32x: 8-bit elements, segments of 8
pending! {
    Vlseg8e8V Vlseg8e8ffV
    Vsseg8e8V
    Vlsseg8e8V
    Vssseg8e8V
    Vluxseg8ei8V
    Vloxseg8ei8V
    Vsuxseg8ei8V
    Vsoxseg8ei8V
}

// zve32x: 16-bit elements
pending! {
 Vle16ffV

    Vlse16V
    Vsse16V
    Vluxei16V
    Vloxei16V
    Vsuxei16V
    Vsoxei16V
}

// zve32x: 16-bit elements, segments of 2
pending! {
    Vlseg2e16V Vlseg2e16ffV
    Vsseg2e16V
    Vlsseg2e16V
    Vssseg2e16V
    Vluxseg2ei16V
    Vloxseg2ei16V
    Vsuxseg2ei16V
    Vsoxseg2ei16V
}

// zve32x: 16-bit elements, segments of 3
pending! {
    Vlseg3e16V Vlseg3e16ffV
    Vsseg3e16V
    Vlsseg3e16V
    Vssseg3e16V
    Vluxseg3ei16V
    Vloxseg3ei16V
    Vsuxseg3ei16V
    Vsoxseg3ei16V
}

// zve32x: 16-bit elements, segments of 4
pending! {
    Vlseg4e16V Vlseg4e16ffV
    Vsseg4e16V
    Vlsseg4e16V
    Vssseg4e16V
    Vluxseg4ei16V
    Vloxseg4ei16V
    Vsuxseg4ei16V
    Vsoxseg4ei16V
}

// zve32x: 16-bit elements, segments of 5
pending! {
    Vlseg5e16V Vlseg5e16ffV
    Vsseg5e16V
    Vlsseg5e16V
    Vssseg5e16V
    Vluxseg5ei16V
    Vloxseg5ei16V
    Vsuxseg5ei16V
    Vsoxseg5ei16V
}

// zve32x: 16-bit elements, segments of 6
pending! {
    Vlseg6e16V Vlseg6e16ffV
    Vsseg6e16V
    Vlsseg6e16V
    Vssseg6e16V
    Vluxseg6ei16V
    Vloxseg6ei16V
    Vsuxseg6ei16V
    Vsoxseg6ei16V
}

// zve32x: 16-bit elements, segments of 7
pending! {
    Vlseg7e16V Vlseg7e16ffV
    Vsseg7e16V
    Vlsseg7e16V
    Vssseg7e16V
    Vluxseg7ei16V
    Vloxseg7ei16V
    Vsuxseg7ei16V
    Vsoxseg7ei16V
}

// zve32x: 16-bit elements, segments of 8
pending! {
    Vlseg8e16V Vlseg8e16ffV
    Vsseg8e16V
    Vlsseg8e16V
    Vssseg8e16V
    Vluxseg8ei16V
    Vloxseg8ei16V
    Vsuxseg8ei16V
    Vsoxseg8ei16V
}

// zve32x: 32-bit elements
pending! {
 Vle32ffV

    Vlse32V
    Vsse32V
    Vluxei32V
    Vloxei32V
    Vsuxei32V
    Vsoxei32V
}

// zve32x: 32-bit elements, segments of 2
pending! {
    Vlseg2e32V Vlseg2e32ffV
    Vsseg2e32V
    Vlsseg2e32V
    Vssseg2e32V
    Vluxseg2ei32V
    Vloxseg2ei32V
    Vsuxseg2ei32V
    Vsoxseg2ei32V
}

// zve32x: 32-bit elements, segments of 3
pending! {
    Vlseg3e32V Vlseg3e32ffV
    Vsseg3e32V
    Vlsseg3e32V
    Vssseg3e32V
    Vluxseg3ei32V
    Vloxseg3ei32V
    Vsuxseg3ei32V
    Vsoxseg3ei32V
}

// zve32x: 32-bit elements, segments of 4
pending! {
    Vlseg4e32V Vlseg4e32ffV
    Vsseg4e32V
    Vlsseg4e32V
    Vssseg4e32V
    Vluxseg4ei32V
    Vloxseg4ei32V
    Vsuxseg4ei32V
    Vsoxseg4ei32V
}

// zve32x: 32-bit elements, segments of 5
pending! {
    Vlseg5e32V Vlseg5e32ffV
    Vsseg5e32V
    Vlsseg5e32V
    Vssseg5e32V
    Vluxseg5ei32V
    Vloxseg5ei32V
    Vsuxseg5ei32V
    Vsoxseg5ei32V
}

// zve32x: 32-bit elements, segments of 6
pending! {
    Vlseg6e32V Vlseg6e32ffV
    Vsseg6e32V
    Vlsseg6e32V
    Vssseg6e32V
    Vluxseg6ei32V
    Vloxseg6ei32V
    Vsuxseg6ei32V
    Vsoxseg6ei32V
}

// zve32x: 32-bit elements, segments of 7
pending! {
    Vlseg7e32V Vlseg7e32ffV
    Vsseg7e32V
    Vlsseg7e32V
    Vssseg7e32V
    Vluxseg7ei32V
    Vloxseg7ei32V
    Vsuxseg7ei32V
    Vsoxseg7ei32V
}

// zve32x: 32-bit elements, segments of 8
pending! {
    Vlseg8e32V Vlseg8e32ffV
    Vsseg8e32V
    Vlsseg8e32V
    Vssseg8e32V
    Vluxseg8ei32V
    Vloxseg8ei32V
    Vsuxseg8ei32V
    Vsoxseg8ei32V
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

// zve64x: whole registers
pending! {
    Vl1re64V
    Vl2re64V
    Vl4re64V
    Vl8re64V
}

// zve64x: 64-bit elements
pending! {
 Vle64ffV

    Vlse64V
    Vsse64V
    Vluxei64V
    Vloxei64V
    Vsuxei64V
    Vsoxei64V
}

// zve64x: 64-bit elements, segments of 2
pending! {
    Vlseg2e64V Vlseg2e64ffV
    Vsseg2e64V
    Vlsseg2e64V
    Vssseg2e64V
    Vluxseg2ei64V
    Vloxseg2ei64V
    Vsuxseg2ei64V
    Vsoxseg2ei64V
}

// zve64x: 64-bit elements, segments of 3
pending! {
    Vlseg3e64V Vlseg3e64ffV
    Vsseg3e64V
    Vlsseg3e64V
    Vssseg3e64V
    Vluxseg3ei64V
    Vloxseg3ei64V
    Vsuxseg3ei64V
    Vsoxseg3ei64V
}

// zve64x: 64-bit elements, segments of 4
pending! {
    Vlseg4e64V Vlseg4e64ffV
    Vsseg4e64V
    Vlsseg4e64V
    Vssseg4e64V
    Vluxseg4ei64V
    Vloxseg4ei64V
    Vsuxseg4ei64V
    Vsoxseg4ei64V
}

// zve64x: 64-bit elements, segments of 5
pending! {
    Vlseg5e64V Vlseg5e64ffV
    Vsseg5e64V
    Vlsseg5e64V
    Vssseg5e64V
    Vluxseg5ei64V
    Vloxseg5ei64V
    Vsuxseg5ei64V
    Vsoxseg5ei64V
}

// zve64x: 64-bit elements, segments of 6
pending! {
    Vlseg6e64V Vlseg6e64ffV
    Vsseg6e64V
    Vlsseg6e64V
    Vssseg6e64V
    Vluxseg6ei64V
    Vloxseg6ei64V
    Vsuxseg6ei64V
    Vsoxseg6ei64V
}

// zve64x: 64-bit elements, segments of 7
pending! {
    Vlseg7e64V Vlseg7e64ffV
    Vsseg7e64V
    Vlsseg7e64V
    Vssseg7e64V
    Vluxseg7ei64V
    Vloxseg7ei64V
    Vsuxseg7ei64V
    Vsoxseg7ei64V
}

// zve64x: 64-bit elements, segments of 8
pending! {
    Vlseg8e64V Vlseg8e64ffV
    Vsseg8e64V
    Vlsseg8e64V
    Vssseg8e64V
    Vluxseg8ei64V
    Vloxseg8ei64V
    Vsuxseg8ei64V
    Vsoxseg8ei64V
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
