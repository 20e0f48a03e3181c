//! Multiply-add in binary32 and binary64, with flags and rounding modes from the host's own unit.
//!
//! Everything that may raise a flag stands in one `asm!` block, which sets MXCSR to the mode wanted with no flag set, and
//! puts back what was there: the compiler's view of the floating-point environment stays true. x86 agrees with RISC-V in
//! what it raises (tininess after rounding, underflow only where inexact, with all exceptions masked), but for two things:
//! it has another NaN, so that NaNs are replaced when C is stored; and infinity × 0 + NaN is not invalid, so sources that
//! contain infinities or NaNs are looked through ([`soft::invalid`]).

use core::arch::{asm, x86_64::*};
use core::mem::offset_of;

use super::pack::{self, Kind, pack, padded, panels};
use super::{Buffers, Layout, room, soft};
use super::{Float, Job};
use crate::float::{Flags, Round};
use crate::hart::Simd;

/// What the assembly works on: blocks of eight rows of A, panels of B, and C, for each panel all rows of 64 bytes.
#[repr(C)]
struct Work {
    a: *const u8,
    b: *const u8,
    c: *mut u8,
    /// At least 1.
    k: usize,
    /// Rows; C has room for a multiple of eight.
    m: usize,
    panels: usize,
    a_step: usize,
    b_step: usize,
    /// Whether sums start from C; else they are added to it.
    chain: u32,
    /// The MXCSR to compute under; afterwards, with the flags.
    control: u32,
    saved: u32,
}

/// Does a job to binary32 or binary64.
///
/// # Safety
///
/// The host has the level, V3 at least. The slices are as long as the shape asks for, which is not empty.
pub(super) unsafe fn run(
    kind: Float,
    chain: bool,
    rm: Round,
    simd: Simd,
    buffers: &mut Buffers,
    job: &mut Job,
) -> Flags {
    // SAFETY: the caller's.
    unsafe {
        match kind {
            Float::F16ToF32 => by::<pack::Half, 4>(kind, chain, rm, simd, buffers, job),
            Float::Bf16ToF32 => by::<pack::Brain, 4>(kind, chain, rm, simd, buffers, job),
            Float::Tf32ToF32 => by::<pack::Tf32, 4>(kind, chain, rm, simd, buffers, job),
            Float::E5ToF32 => by::<pack::E5, 4>(kind, chain, rm, simd, buffers, job),
            Float::E4ToF32 => by::<pack::E4, 4>(kind, chain, rm, simd, buffers, job),
            Float::F32ToF64 => by::<pack::Widened, 8>(kind, chain, rm, simd, buffers, job),
            Float::F64ToF64 => by::<pack::Double, 8>(kind, chain, rm, simd, buffers, job),
            _ => by::<pack::Single, 4>(kind, chain, rm, simd, buffers, job),
        }
    }
}

/// [`run`] for elements of C of `SIZE` bytes.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn by<K: Kind, const SIZE: usize>(
    kind: Float,
    chain: bool,
    rm: Round,
    simd: Simd,
    buffers: &mut Buffers,
    job: &mut Job,
) -> Flags {
    let depth = padded::<K>(job.k);
    let columns = 64 / SIZE;
    let (a_panels, b_panels) = (panels(job.m, 1), job.n.div_ceil(columns));
    let rows = 8 * a_panels;
    let a_layout = Layout { pitch: 8 * SIZE, side: 1, step: depth * 8 * SIZE };
    let b_layout = Layout { pitch: 64, side: columns / 8, step: depth * 64 };
    let a = room(&mut buffers.a, a_panels * a_layout.step / 64 + 1);
    let b = room(&mut buffers.b, b_panels * b_layout.step / 64 + 1);
    let c = room(&mut buffers.c, b_panels * rows);
    let mut flags = Flags::empty();
    // SAFETY: the buffers have room for the panels: `step` bytes each, of `depth` pitches. C has 64 bytes for each row of
    // each panel. The level is the caller's.
    unsafe {
        // B first: it is read in wider pieces than it is written in, which waits for the stores.
        let special = pack::<K>(job.b, job.b_row, job.n, job.k, b, b_layout)
            | pack::<K>(job.a, job.a_row, job.m, job.k, a, a_layout);
        if special && soft::invalid(kind, job) {
            flags = Flags::NV;
        }
        fetch::<SIZE>(job, c, rows);
        let mode = match rm {
            Round::Rdn => 1,
            Round::Rup => 2,
            Round::Rtz => 3,
            Round::Rne | Round::Rmm => 0,
        };
        let mut work = Work {
            a,
            b,
            c,
            k: job.k,
            m: job.m,
            panels: b_panels,
            a_step: a_layout.step,
            b_step: b_layout.step,
            chain: chain.into(),
            control: 0x1f80 | mode << 13,
            saved: 0,
        };
        match (simd, SIZE) {
            (Simd::V4, 4) => single_512(&mut work),
            (Simd::V4, _) => double_512(&mut work),
            (_, 4) => single_256(&mut work),
            _ => double_256(&mut work),
        }
        deposit::<SIZE>(job, c, rows);
        for (bit, flag) in [(1, Flags::NV), (8, Flags::OF), (16, Flags::UF), (32, Flags::NX)] {
            flags.set(flag, flags.contains(flag) || work.control & bit != 0);
        }
    }
    flags
}

/// Copies C into panels; beyond the last row and column stand copies of it.
#[target_feature(enable = "avx2")]
unsafe fn fetch<const SIZE: usize>(job: &Job, to: *mut u8, rows: usize) {
    let columns = 64 / SIZE;
    for panel in 0..job.n.div_ceil(columns) {
        let dwords = (job.n - panel * columns).min(columns) * SIZE / 4;
        let (mask, copy) = edge(dwords, SIZE);
        for row in 0..rows {
            // SAFETY: the first `dwords` dwords are within the row of C; `to` has 64 bytes for this one.
            unsafe {
                let from = job.c.as_ptr().add(row.min(job.m - 1) * job.c_row + panel * 64).cast::<i32>();
                let to = to.add((panel * rows + row) * 64).cast::<__m256i>();
                let (low, high) = if dwords == 16 {
                    (_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(8).cast()))
                } else {
                    let low = _mm256_maskload_epi32(from, mask[0]);
                    let high = if dwords > 8 { _mm256_maskload_epi32(from.add(8), mask[1]) } else { low };
                    let last = if dwords > 8 { high } else { low };
                    (_mm256_permutevar8x32_epi32(low, copy[0]), _mm256_permutevar8x32_epi32(last, copy[1]))
                };
                _mm256_storeu_si256(to, low);
                _mm256_storeu_si256(to.add(1), high);
            }
        }
    }
}

/// Masks of the first `dwords` of 16, and for each half where its dwords come from so that the last element is repeated; the
/// second half takes them from the first if it has none itself.
#[target_feature(enable = "avx2")]
fn edge(dwords: usize, size: usize) -> ([__m256i; 2], [__m256i; 2]) {
    let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    // One less than the element's dwords: 0 or 1.
    let within = _mm256_set1_epi32((size / 4 - 1) as i32);
    let half = |count: usize, lanes: __m256i| {
        let last = _mm256_set1_epi32(count.saturating_sub(size / 4) as i32);
        let repeated = _mm256_or_si256(last, _mm256_and_si256(lanes, within));
        let mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes);
        (mask, _mm256_blendv_epi8(repeated, lanes, mask))
    };
    let (low, low_copy) = half(dwords.min(8), lanes);
    let (high, high_copy) = half(dwords.saturating_sub(8), lanes);
    if dwords > 8 {
        ([low, high], [low_copy, high_copy])
    } else {
        let last = _mm256_set1_epi32(dwords.saturating_sub(size / 4) as i32);
        ([low, high], [low_copy, _mm256_or_si256(last, _mm256_and_si256(lanes, within))])
    }
}

/// Copies the panels of C back, each NaN as the canonical one.
#[target_feature(enable = "avx2")]
unsafe fn deposit<const SIZE: usize>(job: &mut Job, from: *const u8, rows: usize) {
    let columns = 64 / SIZE;
    for panel in 0..job.n.div_ceil(columns) {
        let bytes = (job.n - panel * columns).min(columns) * SIZE;
        for row in 0..job.m {
            // SAFETY: C has `bytes` bytes there, `from` 64.
            unsafe {
                let from = from.add((panel * rows + row) * 64);
                let to = job.c.as_mut_ptr().add(row * job.c_row + panel * 64);
                let (low, high) = (canonical::<SIZE>(from), canonical::<SIZE>(from.add(32)));
                if bytes == 64 {
                    _mm256_storeu_si256(to.cast(), low);
                    _mm256_storeu_si256(to.add(32).cast(), high);
                } else {
                    let mut last = low;
                    let mut to = to;
                    if bytes >= 32 {
                        _mm256_storeu_si256(to.cast(), low);
                        (to, last) = (to.add(32), high);
                    }
                    store_first(to, last, bytes % 32);
                }
            }
        }
    }
}

/// Stores the first `bytes` bytes, a multiple of 2 below 32.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) unsafe fn store_first(to: *mut u8, value: __m256i, bytes: usize) {
    let (mut to, mut left) = (to, _mm256_castsi256_si128(value));
    // SAFETY: each store is within what is left.
    unsafe {
        if bytes & 16 != 0 {
            _mm_storeu_si128(to.cast(), left);
            (to, left) = (to.add(16), _mm256_extracti128_si256::<1>(value));
        }
        if bytes & 8 != 0 {
            _mm_storel_epi64(to.cast(), left);
            (to, left) = (to.add(8), _mm_unpackhi_epi64(left, left));
        }
        if bytes & 4 != 0 {
            to.cast::<i32>().write_unaligned(_mm_cvtsi128_si32(left));
            (to, left) = (to.add(4), _mm_srli_epi64::<32>(left));
        }
        if bytes & 2 != 0 {
            to.cast::<i16>().write_unaligned(_mm_cvtsi128_si32(left) as i16);
        }
    }
}

#[target_feature(enable = "avx2")]
#[inline]
unsafe fn canonical<const SIZE: usize>(from: *const u8) -> __m256i {
    // SAFETY: the caller's 32 bytes.
    unsafe {
        if SIZE == 4 {
            let x = _mm256_loadu_ps(from.cast());
            let nan = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fc0_0000));
            _mm256_castps_si256(_mm256_blendv_ps(x, nan, _mm256_cmp_ps::<_CMP_UNORD_Q>(x, x)))
        } else {
            let x = _mm256_loadu_pd(from.cast());
            let nan = _mm256_castsi256_pd(_mm256_set1_epi64x(0x7ff8 << 48));
            _mm256_castpd_si256(_mm256_blendv_pd(x, nan, _mm256_cmp_pd::<_CMP_UNORD_Q>(x, x)))
        }
    }
}

/// Declares the assembly for one format and level. `$step` is one k of a block; `$clear`, `$load`, `$add` and `$store` deal
/// with its sums in registers 0 to 7.
macro_rules! kernel {
    ($name:ident, $features:literal, $a_pitch:literal, [$($register:tt)*], $($block:expr),*) => {
        #[target_feature(enable = $features)]
        unsafe fn $name(work: &mut Work) {
            // SAFETY: reads A and B, reads and writes C as `Work` describes them; MXCSR is put back, no register but those
            // named changes.
            unsafe {
                asm!(
                    "stmxcsr dword ptr [{w} + {saved}]",
                    "ldmxcsr dword ptr [{w} + {control}]",
                    "mov {b}, [{w} + {work_b}]",
                    "mov {c}, [{w} + {work_c}]",
                    "mov {panels}, [{w} + {work_panels}]",
                    "20:",
                    "mov {a}, [{w} + {work_a}]",
                    "mov {m}, [{w} + {work_m}]",
                    "30:",
                    $($block,)*
                    "add {c}, 512",
                    "add {a}, [{w} + {a_step}]",
                    "sub {m}, 8",
                    "ja 30b",
                    "add {b}, [{w} + {b_step}]",
                    "dec {panels}",
                    "jnz 20b",
                    "stmxcsr dword ptr [{w} + {control}]",
                    "ldmxcsr dword ptr [{w} + {saved}]",
                    "vzeroupper",
                    w = in(reg) work,
                    a = out(reg) _,
                    b = out(reg) _,
                    c = out(reg) _,
                    m = out(reg) _,
                    panels = out(reg) _,
                    x = out(reg) _,
                    y = out(reg) _,
                    k = out(reg) _,
                    work_a = const offset_of!(Work, a),
                    work_b = const offset_of!(Work, b),
                    work_c = const offset_of!(Work, c),
                    work_k = const offset_of!(Work, k),
                    work_m = const offset_of!(Work, m),
                    work_panels = const offset_of!(Work, panels),
                    a_step = const offset_of!(Work, a_step),
                    b_step = const offset_of!(Work, b_step),
                    chain = const offset_of!(Work, chain),
                    control = const offset_of!(Work, control),
                    saved = const offset_of!(Work, saved),
                    a_pitch = const $a_pitch,
                    $(out($register) _,)*
                    options(nostack),
                );
            }
        }
    };
}

/// A block of eight rows of 512 bits.
macro_rules! block_512 {
    ($s:literal, $broadcast:literal, $($i:literal: $offset:literal $c:literal),*) => {
        concat!(
            "cmp dword ptr [{w} + {chain}], 0\n",
            "jne 40f\n",
            $("vpxord zmm", $i, ", zmm", $i, ", zmm", $i, "\n",)*
            "jmp 50f\n",
            "40:\n",
            $("vmovups zmm", $i, ", [{c} + ", $c, "]\n",)*
            "50:\n",
            "mov {x}, {a}\n",
            "mov {y}, {b}\n",
            "mov {k}, [{w} + {work_k}]\n",
            "60:\n",
            "vmovups zmm8, [{y}]\n",
            $("vfmadd231", $s, " zmm", $i, ", zmm8, [{x} + ", $offset, "]{{", $broadcast, "}}\n",)*
            "add {x}, {a_pitch}\n",
            "add {y}, 64\n",
            "dec {k}\n",
            "jnz 60b\n",
            "cmp dword ptr [{w} + {chain}], 0\n",
            "jne 70f\n",
            $("vadd", $s, " zmm", $i, ", zmm", $i, ", [{c} + ", $c, "]\n",)*
            "70:\n",
            $("vmovups [{c} + ", $c, "], zmm", $i, "\n",)*
        )
    };
}

/// Four rows of two times 256 bits, in the registers 2r and 2r + 1.
macro_rules! block_256 {
    ($s:literal, $broadcast:literal, $($low:literal $high:literal: $offset:literal $c:literal $d:literal),*) => {
        concat!(
            "cmp dword ptr [{w} + {chain}], 0\n",
            "jne 40f\n",
            $("vpxor xmm", $low, ", xmm", $low, ", xmm", $low, "\n",)*
            $("vpxor xmm", $high, ", xmm", $high, ", xmm", $high, "\n",)*
            "jmp 50f\n",
            "40:\n",
            $("vmovups ymm", $low, ", [{c} + ", $c, "]\n",)*
            $("vmovups ymm", $high, ", [{c} + ", $d, "]\n",)*
            "50:\n",
            "mov {x}, {a}\n",
            "mov {y}, {b}\n",
            "mov {k}, [{w} + {work_k}]\n",
            "60:\n",
            "vmovups ymm8, [{y}]\n",
            "vmovups ymm9, [{y} + 32]\n",
            $(
                $broadcast, " ymm10, [{x} + ", $offset, "]\n",
                "vfmadd231", $s, " ymm", $low, ", ymm8, ymm10\n",
                "vfmadd231", $s, " ymm", $high, ", ymm9, ymm10\n",
            )*
            "add {x}, {a_pitch}\n",
            "add {y}, 64\n",
            "dec {k}\n",
            "jnz 60b\n",
            "cmp dword ptr [{w} + {chain}], 0\n",
            "jne 70f\n",
            $("vadd", $s, " ymm", $low, ", ymm", $low, ", [{c} + ", $c, "]\n",)*
            $("vadd", $s, " ymm", $high, ", ymm", $high, ", [{c} + ", $d, "]\n",)*
            "70:\n",
            $("vmovups [{c} + ", $c, "], ymm", $low, "\n",)*
            $("vmovups [{c} + ", $d, "], ymm", $high, "\n",)*
        )
    };
}

kernel!(single_512, "avx512f", 32, ["zmm0" "zmm1" "zmm2" "zmm3" "zmm4" "zmm5" "zmm6" "zmm7" "zmm8" "zmm9" "zmm10" "zmm11" "zmm12" "zmm13" "zmm14" "zmm15"],
    block_512!("ps", "1to16", 0: 0 0, 1: 4 64, 2: 8 128, 3: 12 192, 4: 16 256, 5: 20 320, 6: 24 384, 7: 28 448));
kernel!(double_512, "avx512f", 64, ["zmm0" "zmm1" "zmm2" "zmm3" "zmm4" "zmm5" "zmm6" "zmm7" "zmm8" "zmm9" "zmm10" "zmm11" "zmm12" "zmm13" "zmm14" "zmm15"],
    block_512!("pd", "1to8", 0: 0 0, 1: 8 64, 2: 16 128, 3: 24 192, 4: 32 256, 5: 40 320, 6: 48 384, 7: 56 448));
kernel!(single_256, "avx2,fma", 32, ["ymm0" "ymm1" "ymm2" "ymm3" "ymm4" "ymm5" "ymm6" "ymm7" "ymm8" "ymm9" "ymm10" "ymm11" "ymm12" "ymm13" "ymm14" "ymm15"],
    block_256!("ps", "vbroadcastss", 0 1: 0 0 32, 2 3: 4 64 96, 4 5: 8 128 160, 6 7: 12 192 224),
    "cmp {m}, 4", "jbe 80f",
    block_256!("ps", "vbroadcastss", 0 1: 16 256 288, 2 3: 20 320 352, 4 5: 24 384 416, 6 7: 28 448 480),
    "80:");
kernel!(double_256, "avx2,fma", 64, ["ymm0" "ymm1" "ymm2" "ymm3" "ymm4" "ymm5" "ymm6" "ymm7" "ymm8" "ymm9" "ymm10" "ymm11" "ymm12" "ymm13" "ymm14" "ymm15"],
    block_256!("pd", "vbroadcastsd", 0 1: 0 0 32, 2 3: 8 64 96, 4 5: 16 128 160, 6 7: 24 192 224),
    "cmp {m}, 4", "jbe 80f",
    block_256!("pd", "vbroadcastsd", 0 1: 32 256 288, 2 3: 40 320 352, 4 5: 48 384 416, 6 7: 56 448 480),
    "80:");
