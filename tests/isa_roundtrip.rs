//! The encoder against the decoder, for every instruction; and what is left over decodes as nothing.

use mellivora::isa::{Decoder, EncodeError, Extension, Isa, Op, Operand, Operands, decode_any, encode};
use proptest::prelude::*;

/// Some values that fit, from random bits.
fn operand(o: &Operand, random: u64) -> i64 {
    let step = 1i64 << o.align;
    let choices = [o.min(), o.max(), 0, step, -step];
    let free = (o.max() - o.min()) / step + 1;
    let any = o.min() + (random >> 8) as i64 % free * step;
    let value = choices.get(random as usize & 7).copied().unwrap_or(any);
    let fits = value >= o.min() && value <= o.max() && (value - i64::from(o.bias)) % step == 0;
    let value = if fits { value } else { any };
    if o.nonzero && value == i64::from(o.bias) { o.max() } else { value }
}

proptest! {
    /// encode, then decode: the instruction (or a special case of it) with the same operands and the same word.
    #[test]
    fn what_is_encoded_decodes(random in any::<[u64; 6]>()) {
        for op in Op::all() {
            let info = op.info();
            let mut operands = Operands::default();
            for (o, r) in info.operands.iter().zip(random) {
                operands.set(o, operand(o, r));
            }
            let word = encode(op, &operands).unwrap_or_else(|e| panic!("{e}"));
            prop_assert!(info.matches(word));
            prop_assert_eq!(Operands::of_word(op, word), operands);
            let all = decode_any(word);
            let this = all.iter().find(|i| i.0.op == op);
            let Some((insn, _)) = this else { panic!("{} is lost: {all:?}", info.mnemonic) };
            prop_assert_eq!(insn.operands(), operands);
            prop_assert_eq!((insn.bits, insn.len, insn.base), (word, info.len, info.base));
            // Whatever comes before it is a special case, if it can be there at the same time.
            for (before, extension) in all.iter().take_while(|i| i.0.op != op) {
                let special = before.op.info();
                let apart = op.extension().info().conflicts.contains(extension);
                prop_assert!(apart || special.mask & info.mask == info.mask && special.mask != info.mask);
            }
            // Fast and table-driven extraction agree; for expanded instructions the base's word says the same.
            if op == info.base {
                for o in info.operands {
                    prop_assert_eq!(o.from_insn(insn), o.from_word(word), "{} {}", info.mnemonic, o.name);
                }
            } else if info.len == 2 {
                let mut expanded = Operands::default();
                for o in insn.base.info().operands {
                    expanded.set(o, o.from_insn(insn));
                }
                let wide = encode(insn.base, &expanded).unwrap_or_else(|e| panic!("{e}"));
                let base = decode_any(wide).into_iter().find(|i| i.0.op == insn.base).expect("the base").0;
                let slots = |i: &mellivora::isa::Insn| (i.rd, i.rs1, i.rs2, i.rs3, i.rm, i.imm);
                prop_assert_eq!(slots(&base), slots(insn), "{}", info.mnemonic);
            }
        }
    }

    /// Values next to the ends of a range and off its steps are refused.
    #[test]
    fn what_does_not_fit_is_refused(n in 0..Op::COUNT, random in any::<u64>()) {
        let op = Op::all().nth(n).expect("below the count");
        for o in op.info().operands.iter().filter(|o| !o.shared) {
            let mut good = Operands::default();
            op.info().operands.iter().for_each(|o| good.set(o, operand(o, 1)));
            for bad in [o.min() - 1, o.max() + 1, o.max() + 1 + (random >> 33) as i64] {
                let mut operands = good;
                operands.set(o, bad);
                if o.slot != mellivora::isa::Slot::Imm && !(0..256).contains(&bad) {
                    continue; // registers are bytes
                }
                let refused = matches!(encode(op, &operands), Err(EncodeError::Range { value, .. }) if value == bad);
                prop_assert!(refused, "{} {} = {bad}", op.mnemonic(), o.name);
            }
            if o.align > 0 {
                let mut operands = good;
                operands.set(o, o.min() + 1);
                let refused = matches!(encode(op, &operands), Err(EncodeError::Misaligned { .. }));
                prop_assert!(refused, "{} {}", op.mnemonic(), o.name);
            }
        }
    }
}

/// A set of words: those that agree with `value` in the bits of `mask`.
#[derive(Clone, Copy)]
struct Cube {
    mask: u32,
    value: u32,
}

impl Cube {
    fn size(self) -> u64 {
        1 << self.mask.count_zeros()
    }
    /// This cube without another one, as disjoint cubes.
    fn without(self, other: Cube, out: &mut Vec<Cube>) {
        let mut rest = self;
        if (self.value ^ other.value) & self.mask & other.mask != 0 {
            out.push(self);
            return;
        }
        for bit in (0..32).map(|b| 1 << b).filter(|b| other.mask & !self.mask & b != 0) {
            out.push(Cube { mask: rest.mask | bit, value: rest.value | !other.value & bit });
            rest = Cube { mask: rest.mask | bit, value: rest.value | other.value & bit };
        }
    }
    /// Words of the cube: all free bits 0, all 1, and each alone.
    fn words(self) -> impl Iterator<Item = u32> {
        let single = (0..32).map(|b| 1u32 << b).filter(move |b| self.mask & b == 0);
        [0, u32::MAX].into_iter().chain(single).map(move |free| self.value | free & !self.mask)
    }
}

/// The 32-bit words that are no instruction, computed from the masks, and how many words are one.
fn complement(isa: &Isa) -> (Vec<Cube>, u64) {
    let mut left = vec![Cube { mask: 3, value: 3 }];
    for info in Op::all().map(Op::info).filter(|i| i.len == 4 && isa.provides(i.op)) {
        assert_eq!(info.nonzero, 0, "{}: cubes do not know this rule", info.mnemonic);
        let mut next = Vec::new();
        for cube in left {
            cube.without(Cube { mask: info.mask, value: info.value }, &mut next);
        }
        left = next;
    }
    let size: u64 = left.iter().map(|c| c.size()).sum();
    (left, (1 << 30) - size)
}

#[test]
fn every_other_32_bit_word_is_no_instruction() {
    for text in ["rv64i", "rv64imac_zicsr", "rv64gc_zba_zbb", "rva22u64", "rv64gc_xtheadzvamo_xtheadvdot"] {
        let isa = Isa::parse(text).expect(text);
        check_complement(&isa);
    }
    check_complement(&Isa::all());
}

/// The decoder refuses the complement, and accepts what is outside of it: together every 32-bit word.
fn check_complement(isa: &Isa) {
    let decoder = Decoder::new(isa);
    let (cubes, inside) = complement(isa);
    for word in cubes.iter().flat_map(|c| c.words()) {
        assert_eq!(decoder.decode(word), None, "{word:#010x}");
    }
    // The instructions as disjoint cubes: each without the special cases of it.
    let ops: Vec<Op> = Op::all().filter(|op| op.info().len == 4 && isa.provides(*op)).collect();
    let mut size = 0;
    for op in &ops {
        let info = op.info();
        let mut own = vec![Cube { mask: info.mask, value: info.value }];
        for special in ops.iter().map(|o| o.info()) {
            if special.mask & info.mask == info.mask && special.mask != info.mask {
                let mut next = Vec::new();
                for cube in own {
                    cube.without(Cube { mask: special.mask, value: special.value }, &mut next);
                }
                own = next;
            }
        }
        size += own.iter().map(|c| c.size()).sum::<u64>();
        for word in own.iter().flat_map(|c| c.words()) {
            assert_eq!(decoder.decode(word).map(|i| i.op), Some(*op), "{word:#010x}");
        }
    }
    assert_eq!(size, inside, "instructions overlap");
}

#[test]
fn every_16_bit_word_is_decided_by_the_masks() {
    for isa in [Isa::all(), Isa::parse("rv64ic").unwrap(), Isa::parse("rv64i").unwrap()] {
        let decoder = Decoder::new(&isa);
        for word in (0..0x1_0000u32).filter(|w| w & 3 != 3) {
            let mut fits: Vec<_> =
                Op::all().map(Op::info).filter(|i| i.len == 2 && isa.provides(i.op) && i.matches(word)).collect();
            fits.sort_by_key(|i| i.mask.count_ones());
            let expected = fits.last().map(|i| i.op);
            assert_eq!(decoder.decode(word).map(|i| i.op), expected, "{word:#06x}");
            assert_eq!(decoder.decode(word | 0xabcd_0000).map(|i| i.op), expected, "{word:#06x}");
        }
    }
}

#[test]
fn reserved_encodings_are_no_instructions() {
    let decoder = Decoder::new(&Isa::all());
    let reserved = [
        (0x0000, "the defined illegal instruction"),
        (0x0004, "c.addi4spn with 0"),
        (0x6101, "c.addi16sp with 0"),
        (0x6001, "c.lui x0 with 0"),
        (0x2001, "c.addiw x0"),
        (0x4002, "c.lwsp x0"),
        (0x6002, "c.ldsp x0"),
        (0x8002, "c.jr x0"),
        (0x0201_151b, "slliw with shamt[5]"),
        (0x0201_551b, "srliw with shamt[5]"),
        (0x1010_a52f, "lr.w with rs2"),
        (0x0000_00f3, "ecall with rd"),
        (0x3020_8073, "mret with rs1"),
        (0x0001_a50f, "cbo with rd"),
        (0x5815_8553, "fsqrt.s with rs2"),
        (0x1205_6407, "a vector load with mew"),
        (0x0230_0007, "vle8.v with lumop 3"),
        (0x02b5_0007 | 1 << 29, "vlm.v with fields"),
        (0x00b5_0007, "vlm.v with a mask"),
        (0x4285_0007, "three whole registers"),
        (0x0285_5027, "a whole-register store of halfwords"),
        (0x5e11_00d7, "vmv.v.v with vs2"),
        (0x4a00_2057 | 1 << 15, "VXUNARY0 with vs1 = 1"),
        (0x9e01_3057 | 1 << 16, "three whole registers moved"),
        (0x0a00_3057, "vsub.vi"),
        (0xa200_2077 ^ 1 << 25, "vaesdm.vv with a mask"),
        (0x1600_100b, "th.srriw with bit 25"),
        (0x0000_000b, "custom-0 without anything"),
        (0x0010_008b, "th.dcache.call with rd"),
        (0xe800_400b, "T-Head has no unsigned load of eight bytes"),
        (0xffff_ffff, "all ones"),
    ];
    for (word, what) in reserved {
        assert_eq!(decoder.decode(word), None, "{what}");
        // Not reserved in what shares encodings with V 1.0.
        let any = decode_any(word).into_iter().filter(|i| i.1.info().conflicts.is_empty());
        assert_eq!(any.count(), 0, "{what}");
    }
}

#[test]
fn extensions_bring_what_they_should() {
    let count = |text: &str| {
        let isa = Isa::parse(text).unwrap();
        Op::all().filter(|op| isa.provides(*op)).count()
    };
    // Machine mode is always there: mret, wfi and the six of Zicsr. fence.tso counts as one of its own.
    assert_eq!(count("rv64i") - 8, 53);
    assert_eq!(count("rv64im") - count("rv64i"), 13);
    assert_eq!(count("rv64ia") - count("rv64i"), 22);
    assert_eq!(count("rv64if") - count("rv64i"), 30);
    assert_eq!(count("rv64ifd") - count("rv64if"), 32);
    assert_eq!(count("rv64i_zbkc") - count("rv64i"), 2);
    assert_eq!(count("rv64ia_zabha_zacas") - count("rv64ia"), 18 + 2 + 3);
    // 64-bit elements in memory: 9 kinds of access with 1 to 8 fields, 4 sizes of whole registers.
    assert_eq!(count("rv64i_zve64x") - count("rv64i_zve32x"), 9 * 8 + 4);
    assert_eq!(count("rv64ifd_zve64d"), count("rv64ifd_zve64f"));
    assert_eq!(count("rv64iv_zvfh_zfh"), count("rv64iv_zfh"));
    assert_eq!(count("rv64iv_zvkb") - count("rv64iv"), 9);
    assert_eq!(count("rv64iv_zvbb") - count("rv64iv_zvkb"), 7);
    assert_eq!(count("rv64iv_zvkn") - count("rv64iv_zvkb"), 11 + 3);
    assert_eq!(count("rv64iv_zvks") - count("rv64iv_zvkb"), 3 + 2);
    // Without floating point: 92 fewer.
    assert_eq!(count("rv64if_xtheadvector") - count("rv64if"), 637 - 18);
    assert_eq!(count("rv64if_xtheadzvamo") - count("rv64if"), 637);
    assert_eq!(count("rv64i_xtheadvector") - count("rv64i_zicsr"), 637 - 18 - 92);
    assert_eq!(count("rv64i_xtheadvdot"), count("rv64i"));
    assert_eq!(count("rv64i_zve32x_xtheadvdot") - count("rv64i_zve32x"), 7);
    assert_eq!(count("rv64i_xtheadvector_xtheadvdot") - count("rv64i_xtheadvector"), 7);
    assert!(Extension::all().all(|e| e.info().conflicts.is_empty()
        || !Isa::all().has(e)
        || e.info().conflicts.iter().all(|c| !Isa::all().has(*c))));
}
