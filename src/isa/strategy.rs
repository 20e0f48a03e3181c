//! Proptest strategies for instructions, from the tables. Operands are legal (reserved rounding modes, odd pairs and equal
//! registers where they must differ are left out) and biased to corners: the ends of ranges, zero, x0, ra, sp, equal registers, vector registers that begin
//! a group. Whether vector operands are legal depends on `vtype`; only a destination that overlaps a source which it never
//! may overlap is left out, and one that is its own mask.

use super::decode::{Decoder, Insn, decode_any};
use super::encode::{Operands, encode};
use super::extension::Isa;
use super::table::{Eew, Flags, Kind, Op, Operand, Slot};
use proptest::prelude::*;
use proptest::sample::select;

/// Any instruction that `isa` provides, each with the same probability.
pub fn any_insn(isa: &Isa) -> BoxedStrategy<Insn> {
    let decoder = Decoder::new(isa);
    let ops: Vec<Op> = Op::all().filter(|op| decoder.enables(*op)).collect();
    select(ops)
        .prop_flat_map(operands)
        .prop_filter_map("a special case of it", move |(op, operands)| {
            let insn = decoder.decode(encode(op, &operands).ok()?)?;
            (insn.op == op).then_some(insn)
        })
        .boxed()
}

/// The instruction with any operands that do not make it a special case with a name of its own (`pause` in `fence`).
pub fn insn_of(op: Op) -> BoxedStrategy<Insn> {
    operands(op)
        .prop_filter_map("a special case of it", |(op, operands)| {
            let word = encode(op, &operands).ok()?;
            // What stands before it is a special case of it, or an instruction of a rival extension.
            let mask = op.info().mask;
            let rival = |other: Op| !Isa::base().with(op.extension()).with(other.extension()).consistent();
            let special = |other: &Insn| other.op.info().mask & mask == mask && other.op != op && !rival(other.op);
            let all = decode_any(word);
            let at = all.iter().position(|i| i.0.op == op)?;
            (!all[..at].iter().any(|i| special(&i.0) && i.0.op.info().mask != op.info().mask)).then_some(all[at].0)
        })
        .boxed()
}

/// Legal operands of an instruction, for [`encode`].
pub fn operands(op: Op) -> impl Strategy<Value = (Op, Operands)> {
    let flags = op.info().flags;
    let pairs = flags.contains(Flags::PAIRS);
    let values: Vec<_> = op.info().operands.iter().map(|o| value(o, pairs)).collect();
    // In a quarter of the cases the sources are the same registers as the destination.
    (values, 0..4u8).prop_map(move |(values, same)| {
        let mut out = Operands::default();
        for (o, v) in op.info().operands.iter().zip(values) {
            out.set(o, v);
        }
        let target = op.info().operands.iter().find(|o| o.slot == Slot::Rd);
        for o in op.info().operands.iter().filter(|o| o.kind.is_register()) {
            let fits = |t: &Operand| t.kind == o.kind && t.pieces.len() == o.pieces.len() && t.width == o.width;
            if same == 0 && target.is_some_and(fits) && !o.disjoint {
                out.set(o, out.rd.into());
            } else if o.disjoint && out.rd == reads(o, &out) {
                out.set(o, i64::from(out.rd ^ 8));
            }
        }
        if flags.contains(Flags::DISTINCT) {
            distinct(op, &mut out);
        }
        // Masks and single elements may be written over the mask.
        let wide = |t: &Operand| !matches!(t.eew, Eew::None | Eew::Mask | Eew::One | Eew::OneWide);
        let apart = flags.contains(Flags::NOOVERLAP) || target.is_some_and(wide);
        if flags.contains(Flags::MASKABLE) && out.rd == 0 && apart {
            out.rm = 1;
        }
        (op, out)
    })
}

/// Moves registers that are equal apart.
fn distinct(op: Op, operands: &mut Operands) {
    let mut seen: Vec<u8> = Vec::new();
    for o in op.info().operands.iter().filter(|o| o.kind == Kind::X) {
        let mut n = match o.slot {
            Slot::Rd => operands.rd,
            _ => reads(o, operands),
        };
        while seen.contains(&n) {
            n = (n + 1) % 32;
        }
        seen.push(n);
        operands.set(o, n.into());
    }
}

/// The register that a source operand names.
fn reads(o: &Operand, operands: &Operands) -> u8 {
    if o.slot == Slot::Rs1 { operands.rs1 } else { operands.rs2 }
}

fn value(o: &'static Operand, pairs: bool) -> BoxedStrategy<i64> {
    let least = if o.nonzero && !o.kind.signed() { o.min() + 1 } else { o.min() };
    let (min, max, step) = (least, o.max(), 1i64 << o.align);
    let legal = move |v: i64| v >= min && v <= max && !(o.nonzero && v == 0);
    let round = move |v: i64| (v & !(step - 1)) | (i64::from(o.bias) & (step - 1));
    match o.kind {
        Kind::Rm => select(vec![0, 1, 2, 3, 4, 7]).boxed(),
        Kind::RmExact | Kind::Hidden => Just(0).boxed(),
        Kind::X if pairs => (0..16i64).prop_map(|n| n * 2).boxed(),
        Kind::X | Kind::F => {
            let corners: Vec<i64> = [0, 1, 2, 8, 10, 15, 31].into_iter().filter(|v| legal(*v)).collect();
            prop_oneof![select(corners), min..=max].boxed()
        }
        Kind::V => prop_oneof![(0..4i64).prop_map(|n| n * 8), (0..16i64).prop_map(|n| n * 2), min..=max].boxed(),
        Kind::Vtypei => {
            // vlmul 4 is reserved; so is everything above vma.
            let lmul = select(vec![0, 1, 2, 3, 5, 6, 7]);
            (lmul, 0..32i64).prop_map(|(lmul, rest)| lmul | rest >> 2 << 6 | (rest & 3) << 3).boxed()
        }
        // SEW of at most 64, no divider.
        Kind::ThVtypei => (0..16i64).boxed(),
        Kind::Csr => {
            let named: Vec<i64> = super::csr::csrs().map(|c| c.0.into()).collect();
            prop_oneof![3 => select(named), 1 => min..=max].boxed()
        }
        _ => {
            let corners = [min, max, 0, step, -step, 2 * step, 255, min / 2, max / 2];
            let corners: Vec<i64> = corners.into_iter().map(round).filter(|v| legal(*v)).collect();
            let any = (min..=max).prop_map(round).prop_filter("reserved", move |v| legal(*v));
            prop_oneof![select(corners), any].boxed()
        }
    }
}
