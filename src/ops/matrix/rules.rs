//! When a matrix instruction is legal (0.6: section "Legality"; 0.3: sections "Format" and "Semantics"): as data, and the one
//! function that looks at it. The order of the checks is that of the specification: state on, registers, features and widths,
//! rounding mode, sizes.

use crate::float::Round;
use crate::hart::{Context, Event, Hart, MatrixVersion};
use crate::isa::Insn;

/// What kind of register 0.6 wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Tile,
    Accumulator,
}

/// What the register operands must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registers {
    /// Any, or none at all.
    Any,
    /// 0.6: md in accumulators, ms1 and ms2 in tiles.
    Multiply,
    /// 0.6: the data of a load (md).
    Load(Class),
    /// 0.6: the data of a store (ms3).
    Store(Class),
    /// 0.6: md, ms1 and ms2, as far as there are such, are accumulators.
    Accumulators,
    /// 0.6: md, ms1 and ms2, as far as there are such, are of one class.
    Alike,
    /// md begins a group of so many.
    Group(u8),
    /// The data of a store (ms3) begin a group of so many.
    StoreGroup(u8),
    /// 0.3: md differs from ms1 and ms2. `wide`: md and the register behind it do, and md is even; `pair`: ms2 is even, and
    /// md is not the register behind it either.
    Distinct { wide: bool, pair: bool },
}

/// What the machine must be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gate {
    /// Bits of xmisa, all of which must be set.
    pub all: u64,
    /// Bits of xmisa, of which one must be set; 0: no such rule.
    pub any: u64,
    /// It is listed without a definition.
    pub undefined: bool,
    /// Bits of the widest element that it computes with; 0: nothing is computed.
    pub width: u32,
}

impl Gate {
    /// Nothing is asked for.
    pub const NONE: Gate = Gate { all: 0, any: 0, undefined: false, width: 0 };
}

/// Which sizes must fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sizes {
    /// None is looked at.
    Ignored,
    /// 0.6: M x K elements of so many bits in a tile.
    A(u32),
    /// 0.6: N x K elements in a tile.
    B(u32),
    /// 0.6: M x N elements in an accumulator.
    C(u32),
    /// 0.6: a multiplication of elements of so many bits. Of 4 bits there must be an even number.
    Product(u32),
    /// 0.3: M rows of K bytes, of elements of so many bits.
    Rows(u32),
    /// 0.3: a multiplication of elements of so many bits; `double`: B may have twice as many rows.
    Product3 { bits: u32, double: bool },
}

/// When an instruction is legal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub registers: Registers,
    pub gate: Gate,
    /// It rounds: the rounding mode must be one. In 0.3 that is frm's, and mstatus.FS must be on.
    pub rounds: bool,
    pub sizes: Sizes,
}

impl Rule {
    /// Legal whenever there is matrix state.
    pub const ALWAYS: Rule = Rule { registers: Registers::Any, gate: Gate::NONE, rounds: false, sizes: Sizes::Ignored };
}

/// Why a matrix instruction is illegal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// mstatus.MS is Off.
    Off,
    /// This register must be of another class.
    Class { register: u8, wants: Class },
    /// Tiles and accumulators mixed.
    Mixed,
    /// This register begins no group of so many.
    Group { register: u8, of: u8 },
    /// 0.3: the destination overlaps a source.
    Overlap { register: u8 },
    /// xmisa lacks these bits (`any`: has none of them).
    Feature { bits: u64, any: bool },
    /// It is listed without a definition.
    Undefined,
    /// Elements are wider than ELEN.
    Width { bits: u32 },
    /// mstatus.FS is Off.
    FloatOff,
    /// The rounding mode is reserved.
    Rounding { mode: u8 },
    /// This size is too large: 0 = M, 1 = N, 2 = K.
    Size { which: u8, value: u64, limit: u64 },
    /// K is no multiple of so many (elements in 0.6, bytes in 0.3).
    Multiple { value: u64, of: u64 },
}

/// Whether an instruction is legal in the hart's present state.
#[inline]
pub(crate) fn check(hart: &Hart, insn: &Insn, rule: &Rule) -> Result<(), Reason> {
    if hart.matrix.ms() == Context::Off {
        return Err(Reason::Off);
    }
    registers(insn, rule.registers)?;
    let config = &hart.matrix.config;
    let gate = &rule.gate;
    if config.features & gate.all != gate.all {
        return Err(Reason::Feature { bits: gate.all & !config.features, any: false });
    }
    if gate.any != 0 && config.features & gate.any == 0 {
        return Err(Reason::Feature { bits: gate.any, any: true });
    }
    if gate.undefined && !config.undefined {
        return Err(Reason::Undefined);
    }
    if gate.width > config.elen {
        return Err(Reason::Width { bits: gate.width });
    }
    if rule.rounds {
        let v3 = config.version == MatrixVersion::V0p3;
        if v3 && hart.fs == Context::Off {
            return Err(Reason::FloatOff);
        }
        let mode = if v3 { hart.frm } else { hart.matrix.frm(insn) };
        if Round::from_bits(mode).is_none() {
            return Err(Reason::Rounding { mode });
        }
    }
    sizes(hart, rule.sizes)
}

fn registers(insn: &Insn, rule: Registers) -> Result<(), Reason> {
    let class = |register: u8, wants: Class| {
        let is = if register & 7 < 4 { Class::Tile } else { Class::Accumulator };
        if is == wants { Ok(()) } else { Err(Reason::Class { register, wants }) }
    };
    let group = |register: u8, of: u8| {
        if register.is_multiple_of(of) { Ok(()) } else { Err(Reason::Group { register, of }) }
    };
    let has = |slot| insn.op.info().operands.iter().any(|o| o.slot == slot && o.kind.is_matrix());
    match rule {
        Registers::Any => Ok(()),
        Registers::Multiply => {
            class(insn.rd, Class::Accumulator)?;
            class(insn.rs2, Class::Tile)?;
            class(insn.rs1, Class::Tile)
        }
        Registers::Load(wants) => class(insn.rd, wants),
        Registers::Store(wants) => class(insn.rs3, wants),
        Registers::Accumulators => {
            class(insn.rd, Class::Accumulator)?;
            if has(crate::isa::Slot::Rs2) {
                class(insn.rs2, Class::Accumulator)?;
            }
            class(insn.rs1, Class::Accumulator)
        }
        Registers::Alike => {
            let same = |n: u8| n & 4 == insn.rd & 4;
            let alike = same(insn.rs1) && (!has(crate::isa::Slot::Rs2) || same(insn.rs2));
            if alike { Ok(()) } else { Err(Reason::Mixed) }
        }
        Registers::Group(of) => group(insn.rd, of),
        Registers::StoreGroup(of) => group(insn.rs3, of),
        Registers::Distinct { wide, pair } => {
            if wide {
                group(insn.rd, 2)?;
            }
            if pair {
                group(insn.rs2, 2)?;
            }
            let clash = |register: u8| {
                let (from, to) = (insn.rd, insn.rd + u8::from(wide));
                if (from..=to).contains(&register) { Err(Reason::Overlap { register }) } else { Ok(()) }
            };
            clash(insn.rs1)?;
            clash(insn.rs2)?;
            if pair { clash(insn.rs2 | 1) } else { Ok(()) }
        }
    }
}

fn sizes(hart: &Hart, rule: Sizes) -> Result<(), Reason> {
    let matrix = &hart.matrix;
    let rows = matrix.rows() as u64;
    let in_tile = |bits: u32| matrix.tile_row() as u64 * 8 / u64::from(bits);
    let in_accumulator = |bits: u32| matrix.acc_row() as u64 * 8 / u64::from(bits);
    let fits = |which: u8, limit: u64| {
        let value = matrix.sizes[usize::from(which)];
        if value <= limit { Ok(()) } else { Err(Reason::Size { which, value, limit }) }
    };
    let multiple = |of: u64| {
        let value = matrix.sizes[2];
        if value.is_multiple_of(of) { Ok(()) } else { Err(Reason::Multiple { value, of }) }
    };
    match rule {
        Sizes::Ignored => Ok(()),
        Sizes::A(bits) => {
            fits(0, rows)?;
            fits(2, in_tile(bits))
        }
        Sizes::B(bits) => {
            fits(1, rows)?;
            fits(2, in_tile(bits))
        }
        Sizes::C(bits) => {
            fits(0, rows)?;
            fits(1, in_accumulator(bits))
        }
        Sizes::Product(bits) => {
            fits(0, rows)?;
            fits(1, rows)?;
            fits(2, in_tile(bits))?;
            if bits == 4 { multiple(2) } else { Ok(()) }
        }
        Sizes::Rows(bits) => {
            fits(0, rows)?;
            fits(2, in_tile(8))?;
            multiple(u64::from(bits / 8))
        }
        Sizes::Product3 { bits, double } => {
            fits(0, rows)?;
            fits(1, rows << u8::from(double))?;
            fits(2, in_tile(8))?;
            multiple(u64::from(bits.div_ceil(8)))
        }
    }
}

/// Begins an instruction: the illegal-instruction trap where it is not legal.
#[inline]
pub(crate) fn begin(hart: &mut Hart, insn: &Insn, rule: &Rule) -> Result<(), Event> {
    match check(hart, insn, rule) {
        Ok(()) => Ok(()),
        Err(_) => Err(hart.illegal()),
    }
}
