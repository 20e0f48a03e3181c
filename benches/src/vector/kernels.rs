//! The kernels: the work in a round of each, and what is required of Mellivora.

/// Which requirement a kernel falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Mostly floating-point arithmetic.
    Float,
    /// Integer arithmetic or moving data.
    Integer,
}

/// A kernel of `testprogs/vector`.
#[derive(Debug)]
pub struct Kernel {
    /// Name of the program.
    pub name: &'static str,
    pub kind: Kind,
    /// Work in one round: elements, operations, bytes.
    pub work: f64,
    /// Work in one unit of the table.
    pub unit: f64,
    /// What the table calls this unit a second.
    pub unit_name: &'static str,
}

const fn kernel(name: &'static str, kind: Kind, work: u32, unit: f64, unit_name: &'static str) -> Kernel {
    Kernel { name, kind, work: work as f64, unit, unit_name }
}

/// All kernels; the sizes are those in the programs' sources.
pub const KERNELS: [Kernel; 10] = [
    kernel("saxpy", Kind::Float, 2 * 16384, 1e9, "G elements/s"),
    kernel("sgemm", Kind::Float, 2 * 240 * 240 * 240, 1e9, "GFLOP/s"),
    kernel("dgemm", Kind::Float, 2 * 160 * 160 * 160, 1e9, "GFLOP/s"),
    kernel("softmax", Kind::Float, 64 * 1000, 1e6, "M elements/s"),
    kernel("igemm", Kind::Integer, 320 * 320 * 320, 1e9, "GMAC/s"),
    kernel("memcpy", Kind::Integer, 65531, 1e9, "GB/s"),
    kernel("strlen", Kind::Integer, 131_072, 1e9, "GB/s"),
    kernel("grey", Kind::Integer, 49152, 1e6, "M pixels/s"),
    kernel("compact", Kind::Integer, 32768, 1e6, "M elements/s"),
    kernel("histogram", Kind::Integer, 131_072, 1e6, "MB/s"),
];

/// More kernels, of `testprogs/thead`, for the comparison of both versions of vectors.
pub const THEAD: [Kernel; 5] = [
    kernel("dot", Kind::Integer, 4 * 64 * 1372, 1e9, "GMAC/s"),
    kernel("mandel", Kind::Float, 64 * 250, 1e6, "M points/s"),
    kernel("pixels", Kind::Integer, 8190, 1e6, "M pixels/s"),
    kernel("mix", Kind::Integer, 8190, 1e6, "M samples/s"),
    kernel("stats", Kind::Integer, 16379, 1e6, "M elements/s"),
];

impl Kernel {
    /// How many times QEMU's speed is required at a VLEN; `None` where nothing is.
    pub fn times_qemu(&self, vlen: usize) -> Option<f64> {
        Some(match (self.kind, vlen) {
            (Kind::Float, 128) => 20.0,
            (Kind::Float, 256) => 40.0,
            (Kind::Float, 1024) => 80.0,
            (Kind::Integer, 128) => 5.0,
            (Kind::Integer, 256 | 1024) => 10.0,
            _ => return None,
        })
    }

    /// The rate required where QEMU and the native loop have these: a multiple of QEMU's, or half of the native one,
    /// whichever is less.
    pub fn required(&self, vlen: usize, qemu: f64, native: f64) -> Option<f64> {
        Some((self.times_qemu(vlen)? * qemu).min(native / 2.0))
    }
}
