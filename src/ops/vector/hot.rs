//! The bodies that are worth handlers of their own in translated code: what loops over arrays consist of.

/// Calls a macro with them: those that access memory, and the names of the others by the elements in a small and in a large
/// chunk.
macro_rules! hot_bodies {
    ($callback:ident) => {
        $callback! {
            memory LoadUnit<u8, false, false>, LoadUnit<u8, false, true>, LoadUnit<u8, true, false>, LoadUnit<u8, true, true>,
                LoadUnit<u16, false, false>, LoadUnit<u16, false, true>, LoadUnit<u32, false, false>,
                LoadUnit<u32, false, true>, LoadUnit<u64, false, false>, LoadUnit<u64, false, true>,
                StoreUnit<u8, false>, StoreUnit<u8, true>, StoreUnit<u16, false>, StoreUnit<u16, true>,
                StoreUnit<u32, false>, StoreUnit<u32, true>, StoreUnit<u64, false>, StoreUnit<u64, true>,
                LoadIndexed<u32, Same<u32>, false>, LoadIndexed<u64, Same<u64>, false>,
                StoreIndexed<u32, Same<u32>, false>, StoreIndexed<u64, Same<u64>, false>, LoadIndexed<u32, Equal<u32>, true>,
                LoadIndexed<u64, Equal<u64>, true>, StoreIndexed<u32, Equal<u32>, true>, StoreIndexed<u64, Equal<u64>, true>,
                LoadExtended<Signed<u8, u16>, 32, false>, LoadExtended<Unsigned<u8, u16>, 32, false>,
                LoadExtended<Signed<u8, u32>, 16, false>, LoadExtended<Unsigned<u8, u32>, 16, false>,
                LoadExtended<Signed<u16, u32>, 16, false>, LoadExtended<Unsigned<u16, u32>, 16, false>;
            lanes 16 64: AddVv8 AddVx8 SubVv8 AndVv8 OrVv8 XorVv8 MoveX8 MoveVv8;
            lanes 16 32: WmaccVv8 WmaccVx8 WmulVv8 WmulVx8;
            lanes 8 32: AddVv16 AddVx16 MoveX16 MaccVv16 MaccVx16 MulVv16 MulVx16;
            lanes 4 16: AddVv32 AddVx32 SubVv32 SubVx32 MulVv32 MulVx32 MaccVv32 MaccVx32 AndVv32 AndVx32 OrVv32 XorVv32
                SllVx32 SrlVx32 SraVx32 MinVv32 MaxVv32 MaxVx32 MoveX32 MoveVv32 Zext4Of32 Zext2Of32 Sext4Of32 Sext2Of32
                FaddVv32 FaddVf32 FsubVv32 FsubVf32 FrsubVf32 FmulVv32 FmulVf32 FdivVv32 FdivVf32 FminVv32 FminVf32 FmaxVv32
                FmaxVf32 FmaccVv32 FmaccVf32 FnmaccVv32 FnmaccVf32 FmsacVv32 FmsacVf32 FnmsacVv32 FnmsacVf32 FmaddVv32
                FmaddVf32 FnmaddVv32 FnmaddVf32 FmsubVv32 FmsubVf32 FnmsubVv32 FnmsubVf32 FsqrtV32 ToInt32 ToIntRtz32
                FromInt32 FmvVf32 WmaccVv16 WmaccVx16;
            lanes 2 8: AddVv64 AddVx64 SubVv64 SllVx64 SrlVx64 MoveX64 MoveVv64 FaddVv64 FaddVf64 FsubVv64 FsubVf64 FmulVv64
                FmulVf64 FdivVv64 FdivVf64 FminVv64 FmaxVv64 FmaccVv64 FmaccVf64 FnmaccVv64 FnmaccVf64 FnmsacVv64 FnmsacVf64
                FmaddVv64 FmaddVf64 FnmsubVv64 FnmsubVf64 FmvVf64 FwaddVv FwaddWv FwmulVv FwmulVf FwmaccVv FwmaccVf;
        }
    };
}
pub(crate) use hot_bodies;

pub(crate) use super::float::hot::*;
pub(crate) use super::integer::hot::*;
pub(crate) use super::memory::{
    Equal, LoadExtended, LoadIndexed, LoadUnit, Same, Signed, StoreIndexed, StoreUnit, Unsigned,
};
