//! Options about the vector unit.

use crate::cli::Failure;
use clap::{Args, ValueEnum};
use mellivora::hart::{self, ReductionOrder, VectorConfig};
use mellivora::isa::Isa;

/// The vector unit
#[derive(Args)]
pub struct Vector {
    /// Bits of a vector register: a power of two from 32 to 65536 (default: what --isa asks for, 128 with V; what --cpu has)
    #[arg(long, value_name = "BITS")]
    vlen: Option<u32>,
    /// Bits of the widest vector element, 32 or 64 (default: what --isa asks for)
    #[arg(long, value_name = "BITS")]
    elen: Option<u32>,
    /// What becomes of elements that an agnostic tail or mask policy leaves open (default: as --cpu does, else undisturbed)
    #[arg(long, value_enum)]
    agnostic: Option<Agnostic>,
    /// Order in which unordered floating-point reductions add
    #[arg(long, value_enum, default_value_t = Reduction::Sequential)]
    fp_reduction: Reduction,
    /// Vector memory accesses whose elements are not aligned to their width
    #[arg(long, value_enum, default_value_t = Misaligned::Allow)]
    vector_misaligned: Misaligned,
    /// What a mask bit of a dot product of XTheadVdot stands for
    #[arg(long, value_enum, default_value_t = VdotMask::Bytes)]
    vdot_mask: VdotMask,
    /// Let vector registers outlive system calls, which Linux does not promise
    #[arg(long)]
    pub preserve_vector: bool,
    /// Tell Linux programs of XTheadVector by the letter V in AT_HWCAP, as vendors' kernels do and mainline does not
    #[arg(long)]
    pub hwcap_v: bool,
    /// Instructions of the host that vector kernels use; results are the same
    #[arg(long, value_enum, default_value_t = Simd::Best)]
    host_simd: Simd,
}

#[derive(Clone, Copy, ValueEnum)]
enum Agnostic {
    Undisturbed,
    Ones,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reduction {
    Sequential,
    Tree,
}

#[derive(Clone, Copy, ValueEnum)]
enum Misaligned {
    Allow,
    Trap,
}

#[derive(Clone, Copy, ValueEnum)]
enum VdotMask {
    Bytes,
    Elements,
}

#[derive(Clone, Copy, ValueEnum)]
enum Simd {
    Best,
    Baseline,
    #[value(name = "x86-64-v3")]
    V3,
    #[value(name = "x86-64-v4")]
    V4,
}

impl Vector {
    /// The machine's extensions where the user names none: all that exclude no other and fit the vector unit asked for.
    pub fn default_isa(&self) -> Isa {
        // What is too small for anything is told of as such.
        Isa::all_within(self.vlen.map_or(u32::MAX, |n| n.max(32)), self.elen.map_or(u32::MAX, |n| n.max(32)))
    }

    /// Changes the unit that the extensions make, or the CPU `by_name`.
    pub fn apply(&self, isa: &Isa, by_name: bool, unit: &mut VectorConfig) -> Result<(), Failure> {
        if isa.elen() == 0 && self.elen.is_some() {
            let help = if by_name { "add v=true to --cpu" } else { "name v or one of zve32x to zve64d in --isa" };
            return Err(Failure::own(format!("--elen without vector instructions: {help}")));
        }
        unit.vlen = self.vlen.unwrap_or(unit.vlen);
        unit.elen = self.elen.unwrap_or(unit.elen);
        unit.agnostic = match self.agnostic {
            Some(Agnostic::Undisturbed) => hart::Agnostic::Undisturbed,
            Some(Agnostic::Ones) => hart::Agnostic::Ones,
            None => unit.agnostic,
        };
        unit.reductions = match self.fp_reduction {
            Reduction::Sequential => ReductionOrder::Sequential,
            Reduction::Tree => ReductionOrder::Tree,
        };
        unit.misaligned = match self.vector_misaligned {
            Misaligned::Allow => hart::Misaligned::Allowed,
            Misaligned::Trap => hart::Misaligned::Traps,
        };
        unit.vdot_mask = match self.vdot_mask {
            VdotMask::Bytes => hart::VdotMask::Bytes,
            VdotMask::Elements => hart::VdotMask::Elements,
        };
        unit.simd = match self.host_simd {
            Simd::Best => hart::Simd::best(),
            Simd::Baseline => hart::Simd::Baseline,
            Simd::V3 => hart::Simd::V3,
            Simd::V4 => hart::Simd::V4,
        };
        if self.vlen == Some(0) {
            // 0 is how the library says that there is no unit; here it is a length like any other, and none.
            return Err(Failure::own(hart::VectorError::Length(0).to_string()));
        }
        unit.check(isa).map_err(|e| Failure::own(format!("{e}{}", advice(&e, by_name))))
    }
}

/// Which option helps.
fn advice(e: &hart::VectorError, by_name: bool) -> &'static str {
    use hart::VectorError::{BelowIsa, NoVectors, OtherElements};
    match e {
        NoVectors(_) if by_name => "\n  try: a CPU with vectors, or v=true behind its name",
        _ if by_name => "",
        NoVectors(_) => "\n  try: --isa rv64gcv",
        BelowIsa { vlen: ..64, .. } => "\n  try: --isa rv64gc_zve32f",
        BelowIsa { vlen: ..128, by: Some(_), .. } => "\n  try: --isa rv64gc_zve64d",
        OtherElements { elen: 32, .. } => "\n  try: --isa rv64gc_zve32f",
        OtherElements { elen: 64, .. } => "\n  try: --isa rv64gc_zve64d",
        _ => "",
    }
}
