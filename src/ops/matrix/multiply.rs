//! Multiplications: which operands lie where, what becomes of the elements outside of M x N, and the flags. The arithmetic is
//! in [`kernel`].

use super::kernel::{self, Float, Int, Job, Width};
use super::{Gate, Registers, Rule, Sizes, matrix};
use crate::float::{Flags, Round};
use crate::hart::{Context, Event, Hart, MatrixVersion, v3, v6};
use crate::isa::Insn;

/// Multiplications between two looks at whether somebody wants the machine to stop: milliseconds in a slow kernel.
const STRETCH: usize = 1 << 20;

/// What a multiplication does.
#[derive(Clone, Copy)]
enum Kind {
    Float(Float),
    /// Integers; the signs are those of A and B.
    Int(Width, bool, bool),
}

/// Where the operands of 0.3 are besides their first registers, and how wide the elements are.
#[derive(Clone, Copy)]
struct Layout {
    /// Bits of the elements of A and B.
    source: usize,
    /// Bytes of the elements of C.
    result: usize,
}

/// What a kernel reports.
#[derive(Clone, Copy, Default)]
struct Outcome {
    flags: Flags,
    saturated: bool,
}

/// Runs a kernel over the rows of C, looking now and then whether to stop. `c` holds what lies in rows of `c_row` bytes.
fn run(
    kind: Kind,
    hart: &mut Hart,
    insn: &Insn,
    (a, a_row): (&[u8], usize),
    (b, b_row): (&[u8], usize),
    (c, c_row): (&mut [u8], usize),
    (m, n, k): (usize, usize, usize),
) -> Option<Outcome> {
    let v3 = hart.matrix.config.version == MatrixVersion::V0p3;
    let round = Round::from_bits(if v3 { hart.frm } else { hart.matrix.frm(insn) }).unwrap_or(Round::Rne);
    let config = hart.matrix.config;
    let saturate = !v3 && hart.matrix.saturates(insn);
    let mut outcome = Outcome::default();
    // Mostly all at once; there is no time for divisions then.
    let rows = if m * n * k <= STRETCH { m } else { (STRETCH / (n * k)).next_multiple_of(16).min(m) };
    let mut from = 0;
    while from < m {
        if from != 0 && hart.stop.load(std::sync::atomic::Ordering::Relaxed) {
            return None;
        }
        let m = rows.min(m - from);
        let job = Job { a: &a[from * a_row..], a_row, b, b_row, c: &mut c[from * c_row..], c_row, m, n, k };
        let scratch = &mut hart.matrix.scratch;
        match kind {
            Kind::Float(float) => {
                outcome.flags |= kernel::float(float, config.accumulation, round, config.simd, scratch, job);
            }
            Kind::Int(source, a_signed, b_signed) => {
                let int = Int { source, a_signed, b_signed, saturate };
                outcome.saturated |= kernel::int(int, config.simd, scratch, job);
            }
        }
        from += m;
    }
    Some(outcome)
}

/// A multiplication of 0.6: md (M x N, an accumulator) += ms1 (M x K) times ms2 (N x K, transposed). What lies outside of M x N
/// becomes zero.
fn multiply(hart: &mut Hart, insn: &Insn, kind: Kind, layout: Layout) -> Result<(), Event> {
    let [m, n, k] = hart.matrix.sizes.map(|s| s as usize);
    let (pa, pb, pc) = (hart.matrix.place(insn.rs1), hart.matrix.place(insn.rs2), hart.matrix.place(insn.rd));
    // The registers are taken out of the hart meanwhile, so that flags can be reached.
    let mut file = std::mem::take(&mut hart.matrix.file);
    // Accumulators lie behind all tiles.
    let (tiles, accumulators) = file.split_at_mut(hart.matrix.place(4).at);
    let c = &mut accumulators[pc.at - tiles.len()..][..pc.len()];
    let (a, b) = ((&tiles[pa.range()], pa.row), (&tiles[pb.range()], pb.row));
    let n = n.min(pc.row / layout.result);
    let outcome = if m * n * k > STRETCH {
        // It may be stopped on its way, and then nothing has happened.
        let mut copy = c.to_vec();
        let outcome = run(kind, hart, insn, a, b, (&mut copy, pc.row), (m, n, k));
        if outcome.is_some() {
            c.copy_from_slice(&copy);
        }
        outcome
    } else {
        run(kind, hart, insn, a, b, (c, pc.row), (m, n, k))
    };
    if outcome.is_some() {
        let (active, rest) = c.split_at_mut(m * pc.row);
        if n * layout.result < pc.row {
            active.chunks_exact_mut(pc.row).for_each(|row| row[n * layout.result..].fill(0));
        }
        rest.fill(0);
    }
    hart.matrix.file = file;
    let outcome = outcome.ok_or(Event::Again)?;
    hart.matrix.xmfflags |= outcome.flags.bits();
    hart.matrix.xmsat |= outcome.saturated;
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// A multiplication of 0.3, whose operands are any registers, md another one than the sources: B may go on in the register
/// behind ms2, and 64-bit elements of C from half of the columns on lie in the register behind md.
fn multiply_0p3(hart: &mut Hart, insn: &Insn, kind: Kind, layout: Layout) -> Result<(), Event> {
    let [m, n, bytes] = hart.matrix.sizes.map(|s| s as usize);
    let k = bytes * 8 / layout.source;
    let (pa, pb, pc) = (hart.matrix.place(insn.rs1), hart.matrix.place(insn.rs2), hart.matrix.place(insn.rd));
    let float = matches!(kind, Kind::Float(_));
    let kind = match kind {
        Kind::Float(Float::F16ToF16) if hart.bf16() => Kind::Float(Float::Bf16ToBf16),
        Kind::Float(Float::F16ToF32) if hart.bf16() => Kind::Float(Float::Bf16ToF32),
        other => other,
    };
    let registers = if layout.result == 8 { 2 } else { 1 };
    // Rows of C as one: the parts of it that the registers have.
    let (part, row) = (pc.row, pc.row * registers);
    let file = std::mem::take(&mut hart.matrix.file);
    let mut c = std::mem::take(&mut hart.matrix.block);
    c.clear();
    for i in 0..m {
        for r in 0..registers {
            let at = pc.at + r * pc.len() + i * part;
            c.extend_from_slice(&file[at..at + part]);
        }
    }
    // All of B's rows, also those in the register behind.
    let b_end = (pb.at + n * pb.row).min(file.len());
    let outcome =
        run(kind, hart, insn, (&file[pa.range()], pa.row), (&file[pb.at..b_end], pb.row), (&mut c, row), (m, n, k));
    hart.matrix.file = file;
    if outcome.is_some() {
        for r in 0..registers {
            let to = pc.at + r * pc.len();
            let register = &mut hart.matrix.file[to..to + pc.len()];
            register.fill(0);
            let active = (n * layout.result).saturating_sub(r * part).min(part);
            for (i, to) in register.chunks_exact_mut(part).take(m).enumerate() {
                to[..active].copy_from_slice(&c[i * row + r * part..][..active]);
            }
        }
    }
    hart.matrix.block = c;
    let outcome = outcome.ok_or(Event::Again)?;
    if float {
        hart.raise(outcome.flags);
        hart.dirty_fp();
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

impl Hart {
    /// Whether 16-bit floating-point elements of 0.3 are bfloat16: by the machine's setting, or by fxcr, where there is one.
    fn bf16(&self) -> bool {
        self.matrix.config.bf16 || self.csr(0x800).is_some_and(|fxcr| fxcr >> 31 & 1 != 0)
    }
}

const fn rule(registers: Registers, all: u64, width: u32, rounds: bool, sizes: Sizes) -> Rule {
    Rule { registers, gate: Gate { all, width, ..Gate::NONE }, rounds, sizes }
}

/// What the text lists and does not define.
const fn undefined(rule: Rule) -> Rule {
    Rule { gate: Gate { undefined: true, ..rule.gate }, ..rule }
}

const fn float(all: u64, source: u32, result: u32) -> Rule {
    rule(Registers::Multiply, all, result, true, Sizes::Product(source))
}

const fn int(all: u64, source: u32, result: u32) -> Rule {
    rule(Registers::Multiply, all, result, false, Sizes::Product(source))
}

/// `floats! { MfmaccH F16ToF16 16 16 float(...); }`: with the bits of source and result.
macro_rules! floats {
    ($($name:ident $kind:ident $source:literal $result:literal $rule:expr;)*) => { matrix! { $(
        $name $rule, |h, _m, i| {
            multiply(h, i, Kind::Float(Float::$kind), Layout { source: $source, result: $result / 8 })
        };
    )* } };
}
floats! {
    MfmaccHE5 E5ToF16 8 16 float(v6::F8F16, 8, 16);
    MfmaccHE4 E4ToF16 8 16 float(v6::F8F16, 8, 16);
    MfmaccBf16E5 E5ToBf16 8 16 float(v6::F8F16, 8, 16);
    MfmaccBf16E4 E4ToBf16 8 16 float(v6::F8F16, 8, 16);
    MfmaccSE5 E5ToF32 8 32 float(v6::F8F32, 8, 32);
    MfmaccSE4 E4ToF32 8 32 float(v6::F8F32, 8, 32);
    MfmaccH F16ToF16 16 16 float(v6::F16F16, 16, 16);
    MfmaccSH F16ToF32 16 32 float(v6::F16F32, 16, 32);
    MfmaccSBf16 Bf16ToF32 16 32 float(v6::BF16F32, 16, 32);
    MfmaccSTf32 Tf32ToF32 32 32 undefined(float(v6::F32F32, 32, 32));
    MfmaccS F32ToF32 32 32 float(v6::F32F32, 32, 32);
    MfmaccDS F32ToF64 32 64 float(v6::F32F64, 32, 64);
    MfmaccD F64ToF64 64 64 float(v6::F64F64, 64, 64);
}

/// `ints! { MmaccWB I8 true true 8 32 int(...); }`: with the signs of A and B, the bits of source and result.
macro_rules! ints {
    ($($name:ident $width:ident $a:literal $b:literal $source:literal $result:literal $rule:expr;)*) => { matrix! { $(
        $name $rule, |h, _m, i| {
            multiply(h, i, Kind::Int(Width::$width, $a, $b), Layout { source: $source, result: $result / 8 })
        };
    )* } };
}
ints! {
    MmaccWB I8 true true 8 32 int(v6::I8I32, 8, 32);
    MmaccuWB I8 false false 8 32 int(v6::I8I32, 8, 32);
    MmaccusWB I8 false true 8 32 int(v6::I8I32, 8, 32);
    MmaccsuWB I8 true false 8 32 int(v6::I8I32, 8, 32);
    PmmaccWB I4 true true 4 32 int(v6::I4I32, 4, 32);
    PmmaccuWB I4 false false 4 32 int(v6::I4I32, 4, 32);
    PmmaccusWB I4 false true 4 32 int(v6::I4I32, 4, 32);
    PmmaccsuWB I4 true false 4 32 int(v6::I4I32, 4, 32);
    MmaccDH I16 true true 16 64 undefined(int(0, 16, 64));
    MmaccuDH I16 false false 16 64 undefined(int(0, 16, 64));
    MmaccusDH I16 false true 16 64 undefined(int(0, 16, 64));
    MmaccsuDH I16 true false 16 64 undefined(int(0, 16, 64));
    MmaccWBp Bp true true 8 32 undefined(int(0, 8, 32));
    MmaccuWBp Bp false false 8 32 undefined(int(0, 8, 32));
}

const SINGLE: Registers = Registers::Distinct { wide: false, pair: false };
const WIDE: Registers = Registers::Distinct { wide: true, pair: false };

const fn product(registers: Registers, all: u64, bits: u32, rounds: bool) -> Rule {
    rule(registers, all, 0, rounds, Sizes::Product3 { bits, double: false })
}

/// `products! { FmmaccS Kind::Float(Float::F32ToF32) 32 32 rule; }`: those of 0.3, with the bits of source and result.
macro_rules! products {
    ($($name:ident $kind:expr, $source:literal $result:literal $rule:expr;)*) => { matrix! { $(
        $name $rule, |h, _m, i| multiply_0p3(h, i, $kind, Layout { source: $source, result: $result / 8 });
    )* } };
}
products! {
    FmmaccH Kind::Float(Float::F16ToF16), 16 16 Rule {
        registers: Registers::Distinct { wide: false, pair: true },
        sizes: Sizes::Product3 { bits: 16, double: true },
        ..product(SINGLE, v3::F16F16, 16, true)
    };
    FmmaccS Kind::Float(Float::F32ToF32), 32 32 product(SINGLE, v3::F32F32, 32, true);
    FmmaccD Kind::Float(Float::F64ToF64), 64 64 product(WIDE, v3::F64F64, 64, true);
    FwmmaccH Kind::Float(Float::F16ToF32), 16 32 product(SINGLE, v3::F16F32, 16, true);
    FwmmaccS Kind::Float(Float::F32ToF64), 32 64 product(WIDE, v3::F32F64, 32, true);
    MmaqaB Kind::Int(Width::I8, true, true), 8 32 product(SINGLE, v3::I8I32, 8, false);
    MmaqauB Kind::Int(Width::I8, false, false), 8 32 product(SINGLE, v3::I8I32, 8, false);
    MmaqausB Kind::Int(Width::I8, false, true), 8 32 product(SINGLE, v3::I8I32, 8, false);
    MmaqasuB Kind::Int(Width::I8, true, false), 8 32 product(SINGLE, v3::I8I32, 8, false);
    MmaqaH Kind::Int(Width::I16, true, true), 16 64 product(WIDE, v3::I16I64, 16, false);
    MmaqauH Kind::Int(Width::I16, false, false), 16 64 product(WIDE, v3::I16I64, 16, false);
    MmaqausH Kind::Int(Width::I16, false, true), 16 64 product(WIDE, v3::I16I64, 16, false);
    MmaqasuH Kind::Int(Width::I16, true, false), 16 64 product(WIDE, v3::I16I64, 16, false);
    PmmaqaB Kind::Int(Width::I4, true, true), 4 32 product(SINGLE, v3::I4I32, 8, false);
    PmmaqauB Kind::Int(Width::I4, false, false), 4 32 product(SINGLE, v3::I4I32, 8, false);
    PmmaqausB Kind::Int(Width::I4, false, true), 4 32 product(SINGLE, v3::I4I32, 8, false);
    PmmaqasuB Kind::Int(Width::I4, true, false), 4 32 product(SINGLE, v3::I4I32, 8, false);
}
