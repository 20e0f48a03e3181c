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
