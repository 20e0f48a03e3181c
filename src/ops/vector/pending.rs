//! Vector instructions of XTheadVector, XTheadZvamo and XTheadVdot that decode but cannot execute yet.

use super::{Kernel, Plan, Reason, Select};

/// Instructions that are illegal for now, whatever the state of the hart.
macro_rules! pending {
    ($($name:ident)*) => { $(
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl crate::ops::Semantics for $name {
            const KIND: crate::ops::Kind = crate::ops::Kind::Vector;
            const SELECT: Option<Select> = Some(|_, _| -> Result<(Plan, Kernel), Reason> { Err(Reason::Width { bits: 0 }) });
        }
    )* };
}

pending! {
    ThVlbV ThVlbuV ThVlhV ThVlhuV ThVlwV ThVlwuV ThVleV ThVlbffV ThVlbuffV ThVlhffV ThVlhuffV
    ThVlwffV ThVlwuffV ThVleffV ThVsbV ThVshV ThVswV ThVseV ThVlsbV ThVlsbuV ThVlshV ThVlshuV ThVlswV ThVlswuV ThVlseV
    ThVssbV ThVsshV ThVsswV ThVsseV ThVlxbV ThVlxbuV ThVlxhV ThVlxhuV ThVlxwV ThVlxwuV ThVlxeV ThVsxbV ThVsxhV ThVsxwV
    ThVsxeV ThVsuxbV ThVsuxhV ThVsuxwV ThVsuxeV ThVlseg2bV ThVlseg2buV ThVlseg2hV ThVlseg2huV ThVlseg2wV ThVlseg2wuV
    ThVlseg2eV ThVlseg2bffV ThVlseg2buffV ThVlseg2hffV ThVlseg2huffV ThVlseg2wffV ThVlseg2wuffV ThVlseg2effV
    ThVsseg2bV ThVsseg2hV ThVsseg2wV ThVsseg2eV ThVlsseg2bV ThVlsseg2buV ThVlsseg2hV ThVlsseg2huV ThVlsseg2wV
    ThVlsseg2wuV ThVlsseg2eV ThVssseg2bV ThVssseg2hV ThVssseg2wV ThVssseg2eV ThVlxseg2bV ThVlxseg2buV ThVlxseg2hV
    ThVlxseg2huV ThVlxseg2wV ThVlxseg2wuV ThVlxseg2eV ThVsxseg2bV ThVsxseg2hV ThVsxseg2wV ThVsxseg2eV ThVlseg3bV
    ThVlseg3buV ThVlseg3hV ThVlseg3huV ThVlseg3wV ThVlseg3wuV ThVlseg3eV ThVlseg3bffV ThVlseg3buffV ThVlseg3hffV
    ThVlseg3huffV ThVlseg3wffV ThVlseg3wuffV ThVlseg3effV ThVsseg3bV ThVsseg3hV ThVsseg3wV ThVsseg3eV ThVlsseg3bV
    ThVlsseg3buV ThVlsseg3hV ThVlsseg3huV ThVlsseg3wV ThVlsseg3wuV ThVlsseg3eV ThVssseg3bV ThVssseg3hV ThVssseg3wV
    ThVssseg3eV ThVlxseg3bV ThVlxseg3buV ThVlxseg3hV ThVlxseg3huV ThVlxseg3wV ThVlxseg3wuV ThVlxseg3eV ThVsxseg3bV
    ThVsxseg3hV ThVsxseg3wV ThVsxseg3eV ThVlseg4bV ThVlseg4buV ThVlseg4hV ThVlseg4huV ThVlseg4wV ThVlseg4wuV
    ThVlseg4eV ThVlseg4bffV ThVlseg4buffV ThVlseg4hffV ThVlseg4huffV ThVlseg4wffV ThVlseg4wuffV ThVlseg4effV
    ThVsseg4bV ThVsseg4hV ThVsseg4wV ThVsseg4eV ThVlsseg4bV ThVlsseg4buV ThVlsseg4hV ThVlsseg4huV ThVlsseg4wV
    ThVlsseg4wuV ThVlsseg4eV ThVssseg4bV ThVssseg4hV ThVssseg4wV ThVssseg4eV ThVlxseg4bV ThVlxseg4buV ThVlxseg4hV
    ThVlxseg4huV ThVlxseg4wV ThVlxseg4wuV ThVlxseg4eV ThVsxseg4bV ThVsxseg4hV ThVsxseg4wV ThVsxseg4eV ThVlseg5bV
    ThVlseg5buV ThVlseg5hV ThVlseg5huV ThVlseg5wV ThVlseg5wuV ThVlseg5eV ThVlseg5bffV ThVlseg5buffV ThVlseg5hffV
    ThVlseg5huffV ThVlseg5wffV ThVlseg5wuffV ThVlseg5effV ThVsseg5bV ThVsseg5hV ThVsseg5wV ThVsseg5eV ThVlsseg5bV
    ThVlsseg5buV ThVlsseg5hV ThVlsseg5huV ThVlsseg5wV ThVlsseg5wuV ThVlsseg5eV ThVssseg5bV ThVssseg5hV ThVssseg5wV
    ThVssseg5eV ThVlxseg5bV ThVlxseg5buV ThVlxseg5hV ThVlxseg5huV ThVlxseg5wV ThVlxseg5wuV ThVlxseg5eV ThVsxseg5bV
    ThVsxseg5hV ThVsxseg5wV ThVsxseg5eV ThVlseg6bV ThVlseg6buV ThVlseg6hV ThVlseg6huV ThVlseg6wV ThVlseg6wuV
    ThVlseg6eV ThVlseg6bffV ThVlseg6buffV ThVlseg6hffV ThVlseg6huffV ThVlseg6wffV ThVlseg6wuffV ThVlseg6effV
    ThVsseg6bV ThVsseg6hV ThVsseg6wV ThVsseg6eV ThVlsseg6bV ThVlsseg6buV ThVlsseg6hV ThVlsseg6huV ThVlsseg6wV
    ThVlsseg6wuV ThVlsseg6eV ThVssseg6bV ThVssseg6hV ThVssseg6wV ThVssseg6eV ThVlxseg6bV ThVlxseg6buV ThVlxseg6hV
    ThVlxseg6huV ThVlxseg6wV ThVlxseg6wuV ThVlxseg6eV ThVsxseg6bV ThVsxseg6hV ThVsxseg6wV ThVsxseg6eV ThVlseg7bV
    ThVlseg7buV ThVlseg7hV ThVlseg7huV ThVlseg7wV ThVlseg7wuV ThVlseg7eV ThVlseg7bffV ThVlseg7buffV ThVlseg7hffV
    ThVlseg7huffV ThVlseg7wffV ThVlseg7wuffV ThVlseg7effV ThVsseg7bV ThVsseg7hV ThVsseg7wV ThVsseg7eV ThVlsseg7bV
    ThVlsseg7buV ThVlsseg7hV ThVlsseg7huV ThVlsseg7wV ThVlsseg7wuV ThVlsseg7eV ThVssseg7bV ThVssseg7hV ThVssseg7wV
    ThVssseg7eV ThVlxseg7bV ThVlxseg7buV ThVlxseg7hV ThVlxseg7huV ThVlxseg7wV ThVlxseg7wuV ThVlxseg7eV ThVsxseg7bV
    ThVsxseg7hV ThVsxseg7wV ThVsxseg7eV ThVlseg8bV ThVlseg8buV ThVlseg8hV ThVlseg8huV ThVlseg8wV ThVlseg8wuV
    ThVlseg8eV ThVlseg8bffV ThVlseg8buffV ThVlseg8hffV ThVlseg8huffV ThVlseg8wffV ThVlseg8wuffV ThVlseg8effV
    ThVsseg8bV ThVsseg8hV ThVsseg8wV ThVsseg8eV ThVlsseg8bV ThVlsseg8buV ThVlsseg8hV ThVlsseg8huV ThVlsseg8wV
    ThVlsseg8wuV ThVlsseg8eV ThVssseg8bV ThVssseg8hV ThVssseg8wV ThVssseg8eV ThVlxseg8bV ThVlxseg8buV ThVlxseg8hV
    ThVlxseg8huV ThVlxseg8wV ThVlxseg8wuV ThVlxseg8eV ThVsxseg8bV ThVsxseg8hV ThVsxseg8wV ThVsxseg8eV ThVaaddVi
    ThVwsmaccuVv ThVwsmaccuVx ThVwsmaccVv ThVwsmaccVx ThVwsmaccsuVv ThVwsmaccsuVx ThVwsmaccusVx ThVextXV ThVmfordVv
    ThVmfordVf ThVfmvSF ThVamoswapwV ThVamoaddwV ThVamoxorwV ThVamoandwV ThVamoorwV ThVamominwV ThVamomaxwV
    ThVamominuwV ThVamomaxuwV ThVamoswapdV ThVamoadddV ThVamoxordV ThVamoanddV ThVamoordV ThVamomindV ThVamomaxdV
    ThVamominudV ThVamomaxudV ThVmaqaVv ThVmaqaVx ThVmaqauVv ThVmaqauVx ThVmaqasuVv ThVmaqasuVx ThVmaqausVx
}
