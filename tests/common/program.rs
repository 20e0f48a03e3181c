//! Random guest programs: lists of items that keep their meaning when some are taken out, so that proptest can shrink them.

use super::asm::{self, bytes, len, li32, rri, rrr, show, ssi};
use mellivora::isa::{Extension, Flags, Isa, Kind, Op, Operand, Operands, Slot, encode};
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt;

/// A place in a program: an item (modulo their number; the end counts as one) and bytes behind its start.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub item: usize,
    pub offset: i64,
}

/// A piece of a program.
#[derive(Clone)]
pub enum Item {
    /// One instruction, or a word that is none.
    Word(u32),
    /// A conditional branch.
    Branch(Op, u8, u8, Place),
    /// `jal rd, place`
    Jal(u8, Place),
    /// `rd` = address of the place.
    Address(u8, Place),
    /// `via` = address of the place, then `jalr rd, offset(via)`.
    Call(u8, u8, i64, Place),
    /// Stores a word, or a part of it, over the code at a place, perhaps with `fence.i` behind it. Uses x29 to x31, f7 and v31.
    Patch { place: Place, word: u32, store: Op, fence: bool },
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Word(w) => write!(f, "{}", show(*w).replace('\t', " ")),
            Item::Branch(op, a, b, to) => write!(f, "{} x{a}, x{b}, {}{:+}", op.mnemonic(), to.item, to.offset),
            Item::Jal(rd, to) => write!(f, "jal x{rd}, {}{:+}", to.item, to.offset),
            Item::Address(rd, to) => write!(f, "la x{rd}, {}{:+}", to.item, to.offset),
            Item::Call(rd, via, o, to) => write!(f, "la x{via}, {}{:+}; jalr x{rd}, {o}(x{via})", to.item, to.offset),
            Item::Patch { place, word, store, fence } => {
                let w = show(*word).replace('\t', " ");
                write!(f, "{} [{w}], {}{:+}; fence.i: {fence}", store.mnemonic(), place.item, place.offset)
            }
        }
    }
}

impl Item {
    fn size(&self) -> usize {
        self.words(|_| 0).into_iter().map(len).sum()
    }

    /// The words at `pc`, where `to` gives the distance from there to a place.
    fn words(&self, to: impl Fn(&Place) -> i64) -> Vec<u32> {
        let address = |rd, distance: i64| {
            let low = (distance << 52) >> 52;
            vec![asm::ri(Op::Auipc, rd, distance - low), rri(Op::Addi, rd, rd, low)]
        };
        match self {
            Item::Word(w) => vec![*w],
            Item::Branch(op, a, b, place) => vec![ssi(*op, *a, *b, to(place))],
            Item::Jal(rd, place) => vec![asm::ri(Op::Jal, *rd, to(place))],
            Item::Address(rd, place) => address(*rd, to(place)),
            Item::Call(rd, via, offset, place) => {
                let mut out = address(*via, to(place) - offset);
                out.push(rri(Op::Jalr, *rd, *via, *offset));
                out
            }
            Item::Patch { place, word, store, fence } => {
                let mut out = address(30, to(place));
                out.extend(li32(31, *word as i32));
                out.extend(match store {
                    Op::Fsw => vec![rrr(Op::FmvWX, 7, 31, 0), ssi(Op::Fsw, 30, 7, 0)],
                    Op::AmoswapW => vec![rrr(Op::AmoswapW, 0, 30, 31)],
                    Op::AmocasW => vec![rri(Op::Lwu, 29, 30, 0), rrr(Op::AmocasW, 29, 30, 31)],
                    Op::ScW => vec![rrr(Op::LrW, 29, 30, 0), rrr(Op::ScW, 29, 30, 31)],
                    Op::Vse32V => store_vector(30, 31),
                    plain => vec![ssi(*plain, 30, 31, 0)],
                });
                if *fence {
                    out.push(asm::word(Op::FenceI, Operands::default()));
                }
                out
            }
        }
    }
}

/// The code of a program that starts at any even address and ends in an `ecall`.
pub fn assemble(items: &[Item]) -> Vec<u8> {
    let mut starts = vec![0i64];
    for i in items {
        starts.push(starts[starts.len() - 1] + i.size() as i64);
    }
    let mut out = Vec::new();
    for (i, at) in items.iter().zip(&starts) {
        let to = |p: &Place| starts[p.item % starts.len()] + p.offset - at;
        out.extend(bytes(&i.words(to)));
    }
    out.extend(bytes(&[asm::ecall()]));
    out
}

/// Stores the low half of a register at the address in another as an element of v31.
pub fn store_vector(address: u8, value: u8) -> Vec<u32> {
    vec![
        // One element of 32 bits.
        asm::word(Op::Vsetivli, Operands { rs1: 1, imm: 2 << 3, ..Default::default() }),
        rrr(Op::VmvSX, 31, value, 0),
        asm::word(Op::Vse32V, Operands { rs3: 31, rs1: address, rm: 1, ..Default::default() }),
    ]
}

/// Registers that generated code computes with: few, so that instructions meet each other's results.
const WORK: [u8; 9] = [0, 1, 5, 6, 7, 10, 11, 12, 15];
/// Registers that point at data; generated code rarely changes them.
pub const POINTERS: [u8; 4] = [2, 8, 9, 14];

fn work() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![4 => select(&WORK[1..4]), 3 => select(&WORK[..])]
}

fn source() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![8 => work(), 1 => select(&POINTERS[..])]
}

fn place() -> impl Strategy<Value = Place> + Clone {
    let offset = prop_oneof![12 => Just(0), 1 => Just(2), 1 => Just(-2), 1 => Just(4)];
    (0..200usize, offset).prop_map(|(item, offset)| Place { item, offset })
}

/// Instructions that the engine has pairs for.
pub fn fusable() -> impl Strategy<Value = u32> + Clone {
    use Op::*;
    const RRR: [Op; 8] = [Add, Sub, And, Or, Xor, Addw, Mul, Mulw];
    const RRI: [Op; 3] = [Addi, Andi, Addiw];
    const SHIFT: [Op; 4] = [Slli, Srli, Slliw, Srliw];
    let imm = prop_oneof![Just(0), Just(1), Just(-1), Just(-2048), -64..64i64, -2048..2048i64];
    let shift = prop_oneof![Just(0), Just(1), Just(31), 0..32i64];
    prop_oneof![
        4 => (select(&RRR[..]), work(), source(), source()).prop_map(|(op, d, a, b)| rrr(op, d, a, b)),
        4 => (select(&RRI[..]), work(), source(), imm).prop_map(|(op, d, a, i)| rri(op, d, a, i)),
        2 => (select(&SHIFT[..]), work(), work(), shift).prop_map(|(op, d, a, i)| rri(op, d, a, i)),
        // In place, and shift pairs.
        2 => (select(&RRR[..]), work(), source()).prop_map(|(op, d, b)| rrr(op, d, d, b)),
        2 => (select(&SHIFT[..2]), work(), 0..64i64).prop_map(|(op, d, i)| rri(op, d, d, i)),
        1 => (work(), select(vec![0, 1, -1, 0x7ffff, -0x80000, 0x12345]))
            .prop_map(|(d, i)| asm::ri(Lui, d, i << 12)),
        1 => (work(), -4..4i64).prop_map(|(d, i)| asm::ri(Auipc, d, i << 12)),
    ]
}

/// Integer loads and stores through the pointer registers: mostly aligned, sometimes at any byte.
pub fn access() -> impl Strategy<Value = u32> + Clone {
    use Op::*;
    const LOADS: [Op; 11] = [Lw, Ld, Lbu, Lhu, Lw, Ld, Lbu, Lhu, Lb, Lh, Lwu];
    const STORES: [Op; 4] = [Sw, Sd, Sb, Sh];
    let imm = prop_oneof![12 => (-16..16i64).prop_map(|i| i * 8), 2 => -40..40i64, 1 => -2048..2048i64];
    let base = select(vec![2, 2, 2, 8, 9, 14]);
    prop_oneof![
        (select(&LOADS[..]), work(), base.clone(), imm.clone()).prop_map(|(op, d, b, i)| rri(op, d, b, i)),
        (select(&STORES[..]), base, source(), imm).prop_map(|(op, b, s, i)| ssi(op, b, s, i)),
    ]
}

/// Branches, jumps and calls.
pub fn control() -> impl Strategy<Value = Item> + Clone {
    use Op::*;
    const BRANCHES: [Op; 6] = [Beq, Bne, Blt, Bge, Bltu, Bgeu];
    let link = select(vec![0, 0, 1, 5, 10]);
    let offset = prop_oneof![4 => Just(0), 1 => -8..8i64];
    prop_oneof![
        6 => (select(&BRANCHES[..]), source(), source(), place()).prop_map(|(op, a, b, p)| Item::Branch(op, a, b, p)),
        3 => (select(&BRANCHES[..]), source(), place()).prop_map(|(op, a, p)| Item::Branch(op, a, 0, p)),
        1 => (link.clone(), place()).prop_map(|(d, p)| Item::Jal(d, p)),
        1 => (work(), place()).prop_map(|(d, p)| Item::Address(d.max(1), p)),
        2 => (link.clone(), select(vec![1, 5, 6, 10]), offset, place())
            .prop_map(|(d, via, o, p)| Item::Call(d, via, o, p)),
        // To wherever a register happens to point: often code, since links and addresses stay in them.
        1 => (link, select(vec![1, 5, 10]), select(vec![0, 0, 4, 2, -4, 1]))
            .prop_map(|(d, via, i)| Item::Word(rri(Jalr, d, via, i))),
    ]
}

fn register(o: &Operand) -> BoxedStrategy<i64> {
    match o.kind {
        // Compressed register fields have no room for the usual ones.
        _ if o.width < 5 => (o.min()..=o.max()).boxed(),
        Kind::F => (0..4i64).boxed(),
        // Often legal under a large LMUL.
        Kind::V => prop_oneof![
            8 => (0..4i64).prop_map(|n| n * 8),
            4 => (0..8i64).prop_map(|n| n * 4),
            2 => (0..16i64).prop_map(|n| n * 2),
            1 => 0..32i64
        ]
        .boxed(),
        _ if o.slot == Slot::Rs1 => prop_oneof![3 => select(&POINTERS[..]), 2 => work()].prop_map(i64::from).boxed(),
        _ => work().prop_map(i64::from).boxed(),
    }
}

/// Any operands for an instruction: registers from the usual few, the rest at random; also reserved ones.
pub fn any_of(op: Op) -> BoxedStrategy<u32> {
    let values: Vec<BoxedStrategy<i64>> = op
        .info()
        .operands
        .iter()
        .map(|o| match o.kind {
            _ if o.kind.is_register() => register(o),
            Kind::Csr => prop_oneof![
                3 => select(vec![1, 2, 3, 0xc00, 0xc01, 0xc02, 0xb00, 0xb02, 0x340, 0x341, 0x320, 0x300]),
                1 => (0..4096i64).boxed()
            ]
            .boxed(),
            Kind::Rm => select(vec![0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 7]).boxed(),
            Kind::Vm => select(vec![1, 1, 0]).boxed(),
            Kind::Vtypei => vtype(),
            Kind::ThVtypei => prop_oneof![15 => 0..16i64, 1 => 0..2048i64].boxed(),
            _ if o.kind.signed() => {
                let step = 1 << o.align;
                prop_oneof![-16..16i64, o.min() / step..=o.max() / step].prop_map(move |v| v * step).boxed()
            }
            _ => {
                let (min, step) = (o.min(), 1 << o.align);
                (0..=(o.max() - o.min()) / step).prop_map(move |v| min + v * step).boxed()
            }
        })
        .collect();
    values
        .prop_filter_map("not encodable", move |values| {
            let mut operands = Operands::default();
            for (o, v) in op.info().operands.iter().zip(values) {
                operands.set(o, v);
            }
            encode(op, &operands).ok()
        })
        .boxed()
}

/// Any instruction whose flags hold all of `flags`, but for those that `without` names; a scalar one, unless `flags` say otherwise.
pub fn any_with(flags: Flags, without: impl Fn(Op) -> bool) -> BoxedStrategy<u32> {
    any_in(&Isa::all(), flags, without)
}

/// Likewise, of these extensions.
pub fn any_in(isa: &Isa, flags: Flags, without: impl Fn(Op) -> bool) -> BoxedStrategy<u32> {
    let fits = |f: Flags| f.contains(flags) && (flags.contains(Flags::VECTOR) || !f.contains(Flags::VECTOR));
    let ops: Vec<Op> = Op::all().filter(|op| isa.provides(*op) && fits(op.info().flags) && !without(*op)).collect();
    select(ops).prop_flat_map(any_of).boxed()
}

/// Any scalar instruction of T-Head's that is not always illegal.
fn thead() -> BoxedStrategy<u32> {
    use Extension::*;
    let family = [Xtheadba, Xtheadbb, Xtheadbs, Xtheadcondmov, Xtheadmac, Xtheadmemidx, Xtheadmempair, Xtheadcmo];
    let ops: Vec<Op> = Op::all().filter(|op| family.contains(&op.extension())).collect();
    select(ops).prop_flat_map(any_of).boxed()
}

/// Changes of the floating-point mode: frm, and mstatus.FS through x13.
pub fn modes() -> impl Strategy<Value = Item> + Clone {
    let csr = |op, csr, v| asm::word(op, Operands { imm: csr, rs1: v, ..Default::default() });
    prop_oneof![
        3 => (0..6u8).prop_map(move |v| Item::Word(csr(Op::Csrrwi, 2, if v < 3 { 0 } else { v }))),
        1 => select(vec![Op::Csrrs, Op::Csrrc]).prop_map(move |op| Item::Word(csr(op, 0x300, 13))),
        1 => (1..4i64).prop_map(|fs| Item::Word(asm::ri(Op::Lui, 13, fs << 13))),
    ]
}

/// What to set `vtype` to: mostly something that a vector unit has.
fn vtype() -> BoxedStrategy<i64> {
    let lmul = select(vec![0, 0, 0, 1, 1, 2, 3, 7, 6, 5]);
    let usual = (0..4i64, lmul, 0..4i64).prop_map(|(sew, lmul, policies)| policies << 6 | sew << 3 | lmul);
    prop_oneof![30 => usual, 1 => 0..1024i64].boxed()
}

/// Changes of the vector unit's state: `vl` and `vtype`, `vstart`, vxrm and vxsat; and mstatus.VS through x13.
pub fn vector_modes() -> impl Strategy<Value = Item> + Clone {
    let csr = |op, csr, rd, v| asm::word(op, Operands { rd, imm: csr, rs1: v, ..Default::default() });
    let is_vset = |op: Op| op.info().flags.contains(Flags::VSET);
    let vset = any_with(Flags::VECTOR | Flags::VSET, move |op| !is_vset(op) || op == Op::Vsetvl);
    let length = (0..32u8, vtype()).prop_map(|(avl, imm)| {
        let avl = if avl < 8 { avl } else { 31 };
        asm::word(Op::Vsetivli, Operands { rs1: avl, imm, ..Default::default() })
    });
    let greatest = vtype().prop_map(|imm| asm::word(Op::Vsetvli, Operands { rd: 7, imm, ..Default::default() }));
    prop_oneof![
        12 => vset.prop_map(Item::Word),
        12 => length.prop_map(Item::Word),
        12 => greatest.prop_map(Item::Word),
        2 => any_of(Op::Vsetvl).prop_map(Item::Word),
        2 => (0..10u8).prop_map(move |v| Item::Word(csr(Op::Csrrwi, 8, 0, v))),
        2 => (select(vec![9, 10, 15]), 0..8u8).prop_map(move |(n, v)| Item::Word(csr(Op::Csrrwi, n, 6, v))),
        2 => select(vec![8, 9, 10, 15, 0xc20, 0xc21, 0xc22]).prop_map(move |n| Item::Word(csr(Op::Csrrs, n, 7, 0))),
        1 => select(vec![Op::Csrrs, Op::Csrrs, Op::Csrrc]).prop_map(move |op| Item::Word(csr(op, 0x300, 0, 13))),
        1 => (1..4i64).prop_map(|vs| Item::Word(rri(Op::Addi, 13, 0, vs << 9))),
    ]
}

/// Changes of XTheadVector's state: `vl` and `vtype`, `vstart`, vxrm and vxsat, by themselves and in fcsr; and mstatus.VS through x13.
fn thead_modes(isa: &Isa) -> impl Strategy<Value = Item> + Clone + use<> {
    let csr = |op, csr, rd, v| asm::word(op, Operands { rd, imm: csr, rs1: v, ..Default::default() });
    let greatest = (0..16i64).prop_map(|imm| asm::word(Op::ThVsetvli, Operands { rd: 7, imm, ..Default::default() }));
    prop_oneof![
        12 => any_of(Op::ThVsetvli).prop_map(Item::Word),
        12 => greatest.prop_map(Item::Word),
        2 => any_in(isa, Flags::VECTOR | Flags::VSET, |_| false).prop_map(Item::Word),
        2 => (0..10u8).prop_map(move |v| Item::Word(csr(Op::Csrrwi, 8, 0, v))),
        2 => (select(vec![9, 10, 15]), 0..8u8).prop_map(move |(n, v)| Item::Word(csr(Op::Csrrwi, n, 6, v))),
        1 => select(vec![5, 6, 7]).prop_map(move |v| Item::Word(csr(Op::Csrrw, 3, 6, v))),
        2 => select(vec![3, 8, 9, 10, 15, 0xc20, 0xc21, 0xc22]).prop_map(move |n| Item::Word(csr(Op::Csrrs, n, 7, 0))),
        1 => select(vec![Op::Csrrs, Op::Csrrs, Op::Csrrc]).prop_map(move |op| Item::Word(csr(op, 0x300, 0, 13))),
        1 => (1..4i64).prop_map(|vs| Item::Word(asm::ri(Op::Lui, 13, vs << 23))),
    ]
}

/// Random programs of XTheadVector for a machine with these extensions, of fewer than `most` items.
pub fn thead_items(isa: &Isa, most: usize) -> impl Strategy<Value = Vec<Item>> + use<> {
    let word = |s: BoxedStrategy<u32>| s.prop_map(Item::Word).boxed();
    let moves = |op: Op| op.info().flags.intersects(Flags::LOAD | Flags::STORE | Flags::VSET);
    let segments = |op: Op| op.info().nf > 1;
    let kinds = vec![
        (40, word(fusable().boxed())),
        (16, word(access().boxed())),
        (16, control().boxed()),
        (2, modes().boxed()),
        (100, word(any_in(isa, Flags::VECTOR, moves))),
        (17, word(any_in(isa, Flags::VECTOR | Flags::LOAD, segments))),
        (17, word(any_in(isa, Flags::VECTOR | Flags::STORE, segments))),
        (9, word(any_in(isa, Flags::VECTOR, move |op| !moves(op) || !segments(op)))),
        (34, thead_modes(isa).boxed()),
    ];
    prop::collection::vec(proptest::strategy::Union::new_weighted(kinds), 2..most)
}

/// Stores into code, by vector instructions, too, if `vectors`.
pub fn patch(vectors: bool) -> impl Strategy<Value = Item> + Clone {
    let word = prop_oneof![
        8 => fusable(),
        2 => access(),
        1 => Just(rri(Op::Jalr, 0, 1, 0)),
        1 => Just(asm::ri(Op::Jal, 0, 8)),
        1 => any::<u32>(),
    ];
    let mut stores = vec![Op::Sw, Op::Sw, Op::Sh, Op::Sd, Op::Fsw, Op::AmoswapW, Op::AmocasW, Op::ScW];
    stores.extend([Op::Vse32V; 4].iter().filter(|_| vectors));
    let store = select(stores);
    (place(), word, store, any::<bool>()).prop_map(|(place, word, store, fence)| Item::Patch {
        place,
        word,
        store,
        fence,
    })
}

/// What a program is made of, in parts per whole.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub float: u32,
    pub atomic: u32,
    pub modes: u32,
    pub patch: u32,
    /// Vector instructions and changes of their modes.
    pub vector: u32,
    /// Any instruction of the table, and random words.
    pub any: u32,
}

/// Random programs of a mixture, of fewer than `most` items.
pub fn items(mix: Mix, most: usize) -> impl Strategy<Value = Vec<Item>> {
    let word = |s: BoxedStrategy<u32>| s.prop_map(Item::Word).boxed();
    let none = |_: Op| false;
    let mut kinds = vec![
        (40, word(fusable().boxed())),
        (16, word(access().boxed())),
        (16, control().boxed()),
        (1, word(any_with(Flags::CSR, |op| matches!(op, Op::Csrrw | Op::Csrrwi)))),
    ];
    kinds.push((4, word(thead())));
    let csr_reads = select(vec![0xc00, 0xc01, 0xc02, 0xb00, 0xb02, 3])
        .prop_map(|csr| asm::word(Op::Csrrs, Operands { rd: 7, imm: csr, ..Default::default() }));
    kinds.push((2, word(csr_reads.boxed())));
    if mix.float > 0 {
        kinds.push((mix.float, word(any_with(Flags::FP, none))));
    }
    if mix.atomic > 0 {
        kinds.push((mix.atomic, word(any_with(Flags::ATOMIC, none))));
    }
    if mix.modes > 0 {
        kinds.push((mix.modes, modes().boxed()));
    }
    if mix.patch > 0 {
        kinds.push((mix.patch, patch(mix.vector > 0).boxed()));
    }
    if mix.vector > 0 {
        let moves = |op: Op| op.info().flags.intersects(Flags::LOAD | Flags::STORE | Flags::VSET);
        let segments = |op: Op| op.info().nf > 1;
        kinds.push((mix.vector, word(any_with(Flags::VECTOR, moves))));
        kinds.push((mix.vector.div_ceil(6), word(any_with(Flags::VECTOR | Flags::LOAD, segments))));
        kinds.push((mix.vector.div_ceil(6), word(any_with(Flags::VECTOR | Flags::STORE, segments))));
        kinds.push((mix.vector.div_ceil(12), word(any_with(Flags::VECTOR, move |op| !moves(op) || !segments(op)))));
        kinds.push((mix.vector.div_ceil(3), vector_modes().boxed()));
    }
    if mix.any > 0 {
        kinds.push((mix.any, word(any_with(Flags::empty(), none))));
        kinds.push((mix.any, word((any::<u16>().prop_map(u32::from)).boxed())));
        kinds.push((1, word((any::<u32>().prop_map(|w| w | 3)).boxed())));
    }
    prop::collection::vec(proptest::strategy::Union::new_weighted(kinds), 2..most)
}
