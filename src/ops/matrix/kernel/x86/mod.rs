//! Kernels in the host's SIMD instructions, on x86-64: the same bits and flags as the portable code.
//!
//! [`pack`] brings sources into the order in which the kernels read them, converted to the format that is computed in;
//! [`fused`] multiplies and adds binary32 and binary64; [`narrow`] the 16-bit formats; [`integer`] bytes, and
//! [`small`] bytes of the smallest tiles.
//!
//! # Panels
//!
//! Rows of A and B are packed eight at a time: for each k, the eight elements stand side by side. The eight rows of a
//! *block* of A, and a *panel* of B of 64 bytes for each k, are contiguous. Rows beyond the last are copies of it: they
//! compute what an active element computes too, raise the same flags and are not stored.

mod fused;
mod integer;
mod narrow;
mod pack;
mod small;

use std::sync::LazyLock;

use super::{Float, Int, Job, Scratch, Width, soft};
use crate::float::{Flags, Round};
use crate::hart::{Accumulation, Simd};

/// What the host has: the level, and whether AVX-512 VNNI.
static HOST: LazyLock<(Simd, bool)> =
    LazyLock::new(|| (Simd::best(), std::arch::is_x86_feature_detected!("avx512vnni")));

/// 64 bytes, aligned for any load.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// Packed A, B and C.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    a: Vec<Line>,
    b: Vec<Line>,
    c: Vec<Line>,
}

/// The start of a buffer made at least `lines` long.
fn room(buffer: &mut Vec<Line>, lines: usize) -> *mut u8 {
    if buffer.len() < lines {
        buffer.resize(lines, Line([0; 64]));
    }
    buffer.as_mut_ptr().cast()
}

/// Where packed elements go.
#[derive(Clone, Copy)]
struct Layout {
    /// Bytes from one k to the next.
    pitch: usize,
    /// How many groups of eight rows stand side by side: 1 or 2.
    side: usize,
    /// Bytes from one panel to the next.
    step: usize,
}

/// Does a floating-point job, if there is a kernel for it.
pub(super) fn float(
    kind: Float,
    how: Accumulation,
    rm: Round,
    simd: Simd,
    buffers: &mut Buffers,
    job: &mut Job,
) -> Option<Flags> {
    let simd = simd.min(HOST.0);
    if simd < Simd::V3 || how == Accumulation::Exact || rm == Round::Rmm {
        return None;
    }
    let chain = how == Accumulation::Chain;
    match kind.bits().1 {
        // SAFETY: the host has the level.
        16 => unsafe { narrow::run(kind, chain, rm, simd, buffers, job) },
        // SAFETY: the host has the level.
        _ => Some(unsafe { fused::run(kind, chain, rm, simd, buffers, job) }),
    }
}

/// Does an integer job, if there is a kernel for it. Returns whether something saturated.
pub(super) fn int(kind: Int, simd: Simd, scratch: &mut Scratch, job: &mut Job) -> Option<bool> {
    let simd = simd.min(HOST.0);
    if simd < Simd::V3 {
        return None;
    }
    // SAFETY: the host has the level, and VNNI if that is said.
    unsafe {
        if kind.source == Width::I16 {
            return Some(integer::wide(kind, scratch, job));
        }
        if small::takes(kind, job) {
            return Some(small::run(kind, job));
        }
        (job.k <= integer::MAX_K).then(|| integer::run(kind, simd >= Simd::V4 && HOST.1, &mut scratch.lines, job))
    }
}
