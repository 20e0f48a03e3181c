//! Floating-point element by element (0.6): sums, products, maximum and minimum of the M x N elements of accumulators. All
//! others become zero.

use super::{Gate, Registers, Rule, Sizes, lanes, matrix};
use crate::float::{F16, F32, F64, Flags, Round};
use crate::hart::{Context, Event, Hart, v6};
use crate::isa::Insn;
use crate::ops::vector::Elem;
use crate::ops::vector::float::{Fadd, Fmax, Fmin, Fmul, Fsub, In, Op as ElementOp};

/// The rounding mode, which has been checked.
pub(super) fn rounding(hart: &Hart, insn: &Insn) -> Round {
    Round::from_bits(hart.matrix.frm(insn)).unwrap_or(Round::Rne)
}

/// What has been raised, into xmfflags.
pub(super) fn accrue(hart: &mut Hart, flags: Flags) {
    hart.matrix.xmfflags |= flags.bits();
    hart.matrix.set_ms(Context::Dirty);
}

const fn rule(width: u32, features: u64) -> Rule {
    Rule {
        registers: Registers::Accumulators,
        gate: Gate { all: v6::MFEW, any: features, undefined: false, width },
        rounds: true,
        sizes: Sizes::C(width),
    }
}

const HALVES: Rule = rule(16, v6::F16F16 | v6::F8F16 | v6::F16F32);
const SINGLES: Rule = rule(32, v6::F32F32 | v6::F16F32 | v6::BF16F32 | v6::F32F64 | v6::F8F32);
const DOUBLES: Rule = rule(64, v6::F64F64 | v6::F32F64);

/// md[i][j] = ms2[i][j] `O` ms1[i][j], or ms1[index][j]. Rows are computed beside the register and then moved there, and the
/// row that all others need comes last: then md may be any of the sources.
fn elementwise<O: ElementOp>(hart: &mut Hart, insn: &Insn, index: Option<usize>) -> Result<(), Event> {
    let rm = rounding(hart, insn);
    let mut flags = Flags::from_bits_truncate(hart.matrix.xmfflags);
    let [md, ms2, ms1] = [insn.rd, insn.rs2, insn.rs1].map(|n| hart.matrix.place(n));
    let [m, n, _] = hart.matrix.sizes.map(|s| s as usize);
    let (active, bytes) = (m.min(md.rows), (n * O::D::SIZE).min(md.row));
    let index = index.map(|row| row & (md.rows - 1));
    let last = index.filter(|&row| row < active);
    let mut out = vec![0; bytes];
    for i in (0..active).filter(|&i| Some(i) != last).chain(last) {
        let file = &mut hart.matrix.file;
        let a = &file[ms2.at + i * ms2.row..][..bytes];
        let b = &file[ms1.at + index.unwrap_or(i) * ms1.row..][..bytes];
        lanes::row::<O>(a, Some(b), &mut out, rm, &mut flags);
        let (to, rest) = file[md.at + i * md.row..][..md.row].split_at_mut(bytes);
        to.copy_from_slice(&out);
        rest.fill(0);
    }
    hart.matrix.file[md.range()][active * md.row..].fill(0);
    accrue(hart, flags);
    Ok(())
}

/// An operation of two matrices, and of a matrix and a row, in all formats.
macro_rules! elementwise {
    ($($op:ident $h:ident $hv:ident $s:ident $sv:ident $d:ident $dv:ident;)*) => { matrix! { $(
        $h HALVES, |h, _m, i| elementwise::<In<$op, F16>>(h, i, None);
        $hv HALVES, |h, _m, i| elementwise::<In<$op, F16>>(h, i, Some(i.imm as usize));
        $s SINGLES, |h, _m, i| elementwise::<In<$op, F32>>(h, i, None);
        $sv SINGLES, |h, _m, i| elementwise::<In<$op, F32>>(h, i, Some(i.imm as usize));
        $d DOUBLES, |h, _m, i| elementwise::<In<$op, F64>>(h, i, None);
        $dv DOUBLES, |h, _m, i| elementwise::<In<$op, F64>>(h, i, Some(i.imm as usize));
    )* } };
}
elementwise! {
    Fadd MfaddHMm MfaddHMvI MfaddSMm MfaddSMvI MfaddDMm MfaddDMvI;
    Fsub MfsubHMm MfsubHMvI MfsubSMm MfsubSMvI MfsubDMm MfsubDMvI;
    Fmul MfmulHMm MfmulHMvI MfmulSMm MfmulSMvI MfmulDMm MfmulDMvI;
    Fmax MfmaxHMm MfmaxHMvI MfmaxSMm MfmaxSMvI MfmaxDMm MfmaxDMvI;
    Fmin MfminHMm MfminHMvI MfminSMm MfminSMvI MfminDMm MfminDMvI;
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::float::{self, Bits, Format};
    use crate::hart::{Clock, HartConfig, MatrixConfig};
    use crate::memory::Memory;
    use crate::ops::Semantics;
    use crate::ops::tests::insn;

    /// A hart whose accumulators are filled: with numbers of one format, most of them near 1, of both signs.
    pub(crate) fn hart<F: Format>(tlen: u64, trlen: u32, seed: u64) -> Hart {
        let mut matrix = MatrixConfig::v0p6(tlen, trlen, 64);
        matrix.undefined = true;
        let mut hart = Hart::new(HartConfig { matrix, ..HartConfig::default() }, Clock::virtual_time());
        hart.matrix.set_ms(Context::Clean);
        let (mut random, size) = (seed, F::WIDTH as usize / 8);
        for bytes in hart.matrix.file.chunks_exact_mut(size) {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (sign, special) = (random & F::SIGN, random >> 40);
            let near = (F::BIAS as u64 - 2 + special % 5) << F::FRAC_BITS | random >> 8 & F::FRAC & !(special >> 3 & 7);
            let v = match special >> 8 & 255 {
                0 => F::INF,
                1 => F::INF | F::QUIET,
                2 => F::INF | 1,
                3 => 0,
                4 => random >> 20 & F::FRAC,
                5 => F::INF - 1,
                _ => near,
            };
            bytes.copy_from_slice(&(sign | v).to_le_bytes()[..size]);
        }
        hart
    }

    /// The elements of a register.
    pub(crate) fn elements(hart: &Hart, n: u8, size: usize) -> Vec<u64> {
        let element = |bytes: &[u8]| bytes.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b));
        hart.matrix_bytes(n).chunks_exact(size).map(element).collect()
    }

    /// Executes, and says what was raised.
    pub(crate) fn exec<S: Semantics>(hart: &mut Hart, insn: &Insn, rm: Round, before: Flags) -> Flags {
        let mut memory = Memory::new(4096, 4096).unwrap();
        (hart.matrix.xmfrm, hart.matrix.xmfflags) = (rm as u8, before.bits());
        S::exec(hart, &mut memory, insn).unwrap();
        assert_eq!(hart.ms(), Context::Dirty);
        Flags::from_bits_retain(hart.matrix.xmfflags)
    }

    fn is<F: Format, Mm: Semantics, Mv: Semantics>(exact: impl Fn(F::Bits, F::Bits, Round) -> (F::Bits, Flags)) {
        let size = F::WIDTH as usize / 8;
        let of = F::Bits::from_u64;
        let mut seed = 1;
        for (tlen, trlen) in [(512, 128), (8192, 512), (64, 64)] {
            for (md, ms2, ms1) in [(4, 5, 6), (4, 4, 5), (5, 4, 5), (7, 7, 7)] {
                for (rm, before) in Round::ALL.into_iter().flat_map(|rm| [(rm, Flags::empty()), (rm, Flags::NX)]) {
                    let mut hart = hart::<F>(tlen, trlen, seed);
                    seed += 1;
                    let (rows, columns) = (hart.matrix_rows(), hart.matrix_row_bytes(4) / size);
                    let (m, n) = (seed as usize % (rows + 1), (seed >> 2) as usize % (columns + 1));
                    hart.matrix.sizes = [m as u64, n as u64, u64::MAX];
                    let index = (seed % 3 != 0).then_some(seed as usize % 7);
                    let [a, b] = [ms2, ms1].map(|n| elements(&hart, n, size));
                    let insn = Insn { imm: index.unwrap_or(0) as i64, ..insn(md, ms1, ms2) };
                    let raised = match index {
                        Some(_) => exec::<Mv>(&mut hart, &insn, rm, before),
                        None => exec::<Mm>(&mut hart, &insn, rm, before),
                    };
                    let mut flags = before;
                    for (at, got) in elements(&hart, md, size).into_iter().enumerate() {
                        let (i, j) = (at / columns, at % columns);
                        let mut expected = 0;
                        if i < m && j < n {
                            let row = index.map_or(i, |index| index % rows);
                            let (r, f) = exact(of(a[at]), of(b[row * columns + j]), rm);
                            (expected, flags) = (r.to_u64(), flags | f);
                        }
                        assert_eq!(
                            got, expected,
                            "{rows}x{columns} {m}x{n} {md} {ms2} {ms1}[{index:?}] ({i}, {j}) {rm:?}"
                        );
                    }
                    assert_eq!(raised, flags, "{rm:?}");
                }
            }
        }
    }

    #[test]
    fn elements_are_added_multiplied_and_compared() {
        is::<F16, MfaddHMm, MfaddHMvI>(float::add::<F16>);
        is::<F32, MfaddSMm, MfaddSMvI>(float::add::<F32>);
        is::<F64, MfaddDMm, MfaddDMvI>(float::add::<F64>);
        is::<F16, MfsubHMm, MfsubHMvI>(float::sub::<F16>);
        is::<F32, MfsubSMm, MfsubSMvI>(float::sub::<F32>);
        is::<F64, MfsubDMm, MfsubDMvI>(float::sub::<F64>);
        is::<F16, MfmulHMm, MfmulHMvI>(float::mul::<F16>);
        is::<F32, MfmulSMm, MfmulSMvI>(float::mul::<F32>);
        is::<F64, MfmulDMm, MfmulDMvI>(float::mul::<F64>);
        is::<F16, MfmaxHMm, MfmaxHMvI>(|a, b, _| float::max::<F16>(a, b));
        is::<F32, MfmaxSMm, MfmaxSMvI>(|a, b, _| float::max::<F32>(a, b));
        is::<F64, MfmaxDMm, MfmaxDMvI>(|a, b, _| float::max::<F64>(a, b));
        is::<F16, MfminHMm, MfminHMvI>(|a, b, _| float::min::<F16>(a, b));
        is::<F32, MfminSMm, MfminSMvI>(|a, b, _| float::min::<F32>(a, b));
        is::<F64, MfminDMm, MfminDMvI>(|a, b, _| float::min::<F64>(a, b));
    }
}
