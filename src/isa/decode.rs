//! From instruction words to [`Insn`].
//!
//! One search tree over all known encodings is made at build time; a [`Decoder`] adds which instructions are enabled.
//! Its construction is therefore cheap, and what is *enabled* decides, never the order of a table: the candidates in a
//! leaf are ordered from special to general, and the build has checked that two instructions that can be enabled
//! together overlap only as rule and exception.

use super::extension::Isa;
use super::table::{
    Access, CANDIDATES, CHILDREN, Extension, Flags, Kind, NODES, OPS, Op, Operand, PATTERNS, ROOT_16, ROOT_32, Slot,
    extract,
};

/// A decoded instruction. Register fields hold numbers 0..=31 whatever the class; the operands of
/// `base.info()` tell which class. Fields that the instruction does not use are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Insn {
    /// The instruction as encoded, such as [`Op::CAddi`].
    pub op: Op,
    /// The instruction whose semantics executes, such as [`Op::Addi`]; all the fields below are its operands.
    pub base: Op,
    /// Destination register.
    pub rd: u8,
    /// First source register; `uimm` of `csrrwi` and its like and of `vsetivli`, index of the constant of `fli`.
    pub rs1: u8,
    /// Second source register.
    pub rs2: u8,
    /// Third source register; of a vector store the data (vs3).
    pub rs3: u8,
    /// Rounding mode as encoded (reserved values included); for atomics bit 1 = aq, bit 0 = rl; for vector instructions that
    /// can be masked `vm`, see [`Insn::masked`]; for 64-bit encodings see [`Insn::modes`].
    pub rm: u8,
    /// Immediate: sign-extended where signed; for `lui` and `auipc` shifted left by 12 already, for jumps and branches
    /// the offset in bytes, for CSR instructions the CSR number, for `fence` fm, pred and succ in bits 11..0, for `vsetvli`
    /// and `vsetivli` the `vtype`.
    pub imm: i64,
    /// Length in bytes: 2, 4, or 8 for the 64-bit encodings of matrix instructions.
    pub len: u8,
    /// The encoding; upper half 0 for 16-bit instructions; the first word of 64-bit ones, see [`Insn::encoding`].
    pub bits: u32,
}

impl Insn {
    /// The registers that it reads and writes, as (class, number, how), x0 included. Of a pair both; of a vector register
    /// group the first; v0 once more, at the end, where it is a mask or carries.
    ///
    /// ```
    /// use mellivora::isa::{Access, Decoder, Isa, Kind};
    /// let c_sub = Decoder::new(&Isa::all()).decode(0x8d0d).unwrap(); // c.sub a0,a1
    /// let registers: Vec<_> = c_sub.registers().collect();
    /// assert_eq!(registers, [(Kind::X, 10, Access::Write), (Kind::X, 10, Access::Read), (Kind::X, 11, Access::Read)]);
    /// ```
    pub fn registers(&self) -> impl Iterator<Item = (Kind, u8, Access)> {
        let info = self.base.info();
        let pairs = info.flags.contains(Flags::PAIRS);
        let operands = info.operands.iter().filter(|o| o.kind.is_register());
        let v0 = self.masked() || info.flags.contains(Flags::V0SRC);
        let v0 = v0.then_some((Kind::V, 0, Access::Read));
        let operands = operands.flat_map(move |o| {
            let first = o.from_insn(self) as u8;
            // Zacas: the pair that begins with x0 is x0 twice.
            let second = (pairs && o.slot != Slot::Rs1 && first != 0).then_some(first | 1);
            [Some(first), second].into_iter().flatten().map(|n| (o.kind, n, o.access))
        });
        operands.chain(v0)
    }

    /// Whether v0 masks it: a vector instruction with `vm` = 0.
    #[inline]
    pub fn masked(&self) -> bool {
        self.rm == 0 && self.base.info().flags.contains(Flags::MASKABLE)
    }

    /// Where a jump or branch with an immediate offset at address `pc` goes.
    pub fn target(&self, pc: u64) -> Option<u64> {
        let relative = |o: &Operand| o.kind == Kind::PcRel;
        self.base.info().operands.iter().any(relative).then(|| pc.wrapping_add(self.imm as u64))
    }
}

/// An inner node of the search tree: looks at `width` bits from `lo`; its children start at `first`.
pub(super) struct Node {
    pub lo: u8,
    pub width: u8,
    pub first: u16,
}

/// What decoding needs to know of an instruction, close together.
pub(super) struct Pattern {
    pub mask: u32,
    pub value: u32,
    /// Bits of which at least one must be set; 0 = no such rule.
    pub nonzero: u32,
    pub op: Op,
    pub base: Op,
    /// How [`extract`] finds the operands.
    pub form: u16,
    pub len: u8,
}

/// `len` bits of `w` from `lo`.
#[inline]
pub(super) const fn bits(w: u32, lo: u32, len: u32) -> u32 {
    (w >> lo) & (u32::MAX >> (32 - len))
}

/// Sign-extends a value of `width` bits.
#[inline]
pub(super) const fn sign(value: u32, width: u32) -> i64 {
    ((value << (32 - width)) as i32 >> (32 - width)) as i64
}

/// The candidates for a word, special cases first.
#[inline]
fn candidates(word: u32) -> impl Iterator<Item = &'static Pattern> {
    let mut at = if word & 3 == 3 { ROOT_32 } else { ROOT_16 };
    while at & 0x8000 == 0 {
        let node = &NODES[usize::from(at)];
        let child = bits(word, u32::from(node.lo), u32::from(node.width));
        at = CHILDREN[usize::from(node.first) + child as usize];
    }
    let list = &CANDIDATES[usize::from(at & 0x7fff)..];
    let fits = move |p: &&Pattern| word & p.mask == p.value && (p.nonzero == 0 || word & p.nonzero != 0);
    list.iter().map_while(|&id| PATTERNS.get(usize::from(id))).filter(fits)
}

/// Drops the upper half of a word whose lower half is a 16-bit instruction.
#[inline]
const fn trim(word: u32) -> u32 {
    if word & 3 == 3 { word } else { word & 0xffff }
}

/// Takes the operands out of a word that fits the pattern.
#[inline]
fn fill(p: &Pattern, word: u32) -> Insn {
    let mut insn =
        Insn { op: p.op, base: p.base, rd: 0, rs1: 0, rs2: 0, rs3: 0, rm: 0, imm: 0, len: p.len, bits: word };
    extract(p.form, word, &mut insn);
    insn
}

/// Decodes the instructions of one machine configuration.
#[derive(Clone, Debug)]
pub struct Decoder {
    enabled: [u64; Op::COUNT.div_ceil(64)],
    /// Whether 64-bit encodings are enabled.
    pub(super) long: bool,
}

impl Decoder {
    /// A decoder for the instructions that `isa` provides.
    pub fn new(isa: &Isa) -> Decoder {
        let mut enabled = [0; Op::COUNT.div_ceil(64)];
        for (n, info) in OPS.iter().enumerate() {
            if isa.provides(info.op) {
                enabled[n / 64] |= 1 << (n % 64);
            }
        }
        Decoder { enabled, long: false }
    }

    /// The decoder with the 64-bit encodings of matrix instructions, too, or without them, as it is at first.
    pub fn with_long(self, long: bool) -> Decoder {
        Decoder { long, ..self }
    }

    /// Whether a first word is that of a 64-bit encoding, if there are such.
    #[inline]
    pub(crate) fn continues(&self, word: u32) -> bool {
        self.long && word & 0x7f == super::long::LONG
    }

    /// Whether the instruction is enabled.
    #[inline]
    pub fn enables(&self, op: Op) -> bool {
        let n = op as usize;
        self.enabled[n / 64] >> (n % 64) & 1 != 0
    }

    /// Decodes the instruction at the start of `word` (little-endian; the upper half is not looked at if the lower
    /// half is a 16-bit instruction). `None`: not an encoding of any enabled instruction.
    ///
    /// Operand values that the manual reserves but does not make a different encoding (rounding modes 5 and 6, odd
    /// registers of pairs, equal registers where they must differ) decode; their check belongs to execution.
    #[inline]
    pub fn decode(&self, word: u32) -> Option<Insn> {
        let word = trim(word);
        let pattern = candidates(word).find(|p| self.enables(p.op))?;
        Some(fill(pattern, word))
    }
}

/// Every instruction of any known extension, enabled or not, that has this encoding, with the extension that
/// defines it; special cases first. For diagnostics.
pub fn decode_any(word: u32) -> Vec<(Insn, Extension)> {
    let word = trim(word);
    candidates(word).map(|p| (fill(p, word), p.op.extension())).collect()
}
