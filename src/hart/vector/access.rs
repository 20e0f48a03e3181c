//! Vector state as embedders see it: registers as bytes and as elements, the configuration, VS.

use super::{Context, Hart, Plain, VectorConfig, Vtype};

/// A type of elements: integers of 8 to 64 bits, `f32` and `f64`. (`binary16` and `bfloat16` are `u16`.)
pub trait Element: Plain {}

macro_rules! element {
    ($($t:ty)*) => { $(
        impl Element for $t {}
    )* };
}
element! { u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 }

impl Hart {
    /// Bytes of a vector register (`vlenb`); 0 without vector unit.
    pub fn vlenb(&self) -> usize {
        self.v.vlenb
    }

    /// The bytes of vector register `n` (modulo 32), lowest first; empty without vector unit.
    pub fn v(&self, n: u8) -> &[u8] {
        self.v.file.bytes((n & 31) as usize * self.v.vlenb, self.v.vlenb)
    }

    /// The bytes of vector register `n` (modulo 32), to be changed.
    pub fn v_mut(&mut self, n: u8) -> &mut [u8] {
        let len = self.v.vlenb;
        self.v.packed = 0;
        self.v.file.bytes_mut((n & 31) as usize * len, len)
    }

    /// Where element `i` of the group that begins at register `n` lies in the file.
    fn element_at<T: Element>(&self, n: u8, i: usize) -> Option<usize> {
        let room = 32usize.checked_sub(n.into())? * self.v.vlenb / size_of::<T>();
        (i < room).then(|| n as usize * self.v.vlenb + i * size_of::<T>())
    }

    /// Element `i` of the register group that begins at vector register `n`, at the width of `T`: elements beyond the first
    /// register lie in the next ones, as with LMUL > 1. `None` if there is no such element up to the end of v31, and without
    /// vector unit.
    ///
    /// ```
    /// # use mellivora::hart::{Clock, Hart, HartConfig};
    /// # use mellivora::isa::Isa;
    /// let mut hart = Hart::new(HartConfig::for_isa(&Isa::parse("rv64gcv")?), Clock::virtual_time());
    /// assert!(hart.set_v_element(8, 5, 1.5_f32));
    /// assert_eq!(hart.v_element::<f32>(8, 5), Some(1.5));
    /// // VLEN is 128: four elements of 32 bits fill a register.
    /// assert_eq!(hart.v_element::<u32>(9, 1), Some(0x3fc0_0000));
    /// assert_eq!(hart.v_element::<u32>(31, 4), None);
    /// # Ok::<(), mellivora::isa::IsaError>(())
    /// ```
    pub fn v_element<T: Element>(&self, n: u8, i: usize) -> Option<T> {
        Some(self.v.file.get(self.element_at::<T>(n, i)?))
    }

    /// Sets such an element. `false`, and nothing done, if there is none.
    #[must_use = "tells whether there is such an element"]
    pub fn set_v_element<T: Element>(&mut self, n: u8, i: usize, value: T) -> bool {
        let at = self.element_at::<T>(n, i);
        self.v.packed = 0;
        at.map(|at| self.v.file.set(at, value)).is_some()
    }

    /// `vl`.
    pub fn vl(&self) -> u64 {
        self.v.vl as u64
    }

    /// `vtype` in the layout of V 1.0, whichever vector extension the hart has; the CSR 0xc21 shows its own.
    pub fn vtype(&self) -> Vtype {
        self.v.vtype
    }

    /// What the vector unit is.
    pub fn vector_config(&self) -> &VectorConfig {
        &self.v.config
    }

    /// `vstart`.
    pub fn vstart(&self) -> u64 {
        self.v.vstart as u64
    }

    /// Sets `vl`, `vtype` and `vstart` at once, as a debugger does. An unsupported `vtype` sets vill and `vl` 0; `vl` is cut
    /// at VLMAX, `vstart` to the bits that the register has.
    pub fn set_vector_state(&mut self, vl: u64, vtype: u64, vstart: u64) {
        let vlmax = self.v.config.vlmax(Vtype(vtype));
        match vlmax {
            0 => self.v.configure(0, Vtype::ILL),
            _ => self.v.configure(vl.min(vlmax as u64) as usize, Vtype(vtype)),
        }
        self.v.set_vstart(vstart as usize & self.v.vlenb.wrapping_mul(8).wrapping_sub(1));
    }

    /// mstatus.VS.
    pub fn vs(&self) -> Context {
        self.v.vs
    }

    /// Sets mstatus.VS; without vector unit it stays Off.
    pub fn set_vs(&mut self, vs: Context) {
        self.v.set_vs(vs);
    }
}
