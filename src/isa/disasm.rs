//! From instructions to assembly text, as GNU binutils 2.44 writes it (`objdump -d`).
//!
//! Where the two differ, it is on whether a word is an instruction: `fence` and `fence.i` with reserved fields set, which
//! hardware ignores, exact conversions with a rounding mode other than rne, `amocas.q` with odd registers and T-Head's
//! loads with equal ones, whose check belongs to execution, and `th.fmv.*`, which only RV32 has, have a text here and are
//! `.insn` there; `c.addi16sp` with 0, which is reserved, the other way round. `th.vsetvli` with a
//! reserved SEW has a number here, `(null)` there.

use super::csr::{csr_is_custom, csr_name};
use super::decode::Insn;
use super::register::{F_NAMES, X_NAMES};
use super::table::{Alias, Condition, Kind, Op, OpInfo, Operand, Slot, Token};
use std::fmt::{self, Write};

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisasmOptions {
    /// Use assembler aliases such as `ret`, and the base's name for 16-bit instructions (objdump's default); otherwise
    /// the names of the encodings (`-M no-aliases`).
    pub aliases: bool,
    /// ABI names of registers (`a0`); otherwise numbers (`x10`, as with `-M numeric`).
    pub abi_names: bool,
}

impl Default for DisasmOptions {
    fn default() -> DisasmOptions {
        DisasmOptions { aliases: true, abi_names: true }
    }
}

/// An instruction as text. `Display` writes mnemonic, tab, operands and a target as `0x...`, as objdump does where it
/// knows no symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disassembly {
    /// Such as `c.addi` or `amoadd.w.aqrl`.
    pub mnemonic: String,
    /// Comma-separated; without the target, but with the comma before it.
    pub operands: String,
    /// Address to which a jump or branch with an immediate offset goes. It is always the last operand.
    pub target: Option<u64>,
}

impl fmt::Display for Disassembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mnemonic)?;
        if !self.operands.is_empty() || self.target.is_some() {
            write!(f, "\t{}", self.operands)?;
        }
        match self.target {
            Some(target) => write!(f, "{target:#x}"),
            None => Ok(()),
        }
    }
}

/// The text of an instruction at address `pc`.
///
/// ```
/// use mellivora::isa::{DisasmOptions, Decoder, Isa, disassemble};
/// let insn = Decoder::new(&Isa::all()).decode(0x8082).unwrap();
/// assert_eq!(disassemble(&insn, 0, DisasmOptions::default()).to_string(), "ret");
/// let plain = DisasmOptions { aliases: false, ..Default::default() };
/// assert_eq!(disassemble(&insn, 0, plain).to_string(), "c.jr\tra");
/// ```
///
/// 64-bit encodings of matrix instructions, for which no other assembler has a notation, are written as the 32-bit ones with `.l`
/// behind the mnemonic; what they say of rounding and saturation comes last: `mfmacc.s.l acc0,tr1,tr0,rtz,sat`.
pub fn disassemble(insn: &Insn, pc: u64, options: DisasmOptions) -> Disassembly {
    if insn.len == 8 {
        return long(insn, pc, options);
    }
    let own = Values { info: insn.op.info(), source: Source::Word(insn.bits) };
    let base = Values { info: insn.base.info(), source: Source::Insn(insn) };
    let writer = Writer { pc, options };
    if let Some(alias) = own.alias(options.aliases) {
        return writer.write(&own, alias.mnemonic, alias.template);
    }
    // 32-bit instructions that execute as others (hints, may-be-operations) keep their names.
    let shown = if options.aliases && insn.len == 2 { &base } else { &own };
    match shown.alias(options.aliases) {
        Some(alias) => writer.write(shown, alias.mnemonic, alias.template),
        None => writer.write(shown, shown.info.mnemonic, shown.info.template),
    }
}

/// As `disassemble`, for a 64-bit encoding.
fn long(insn: &Insn, pc: u64, options: DisasmOptions) -> Disassembly {
    let mut text = disassemble(&Insn { len: 4, ..*insn }, pc, options);
    text.mnemonic.push_str(".l");
    if insn.op.info().operands.iter().any(|o| o.slot == Slot::Imm && o.width == 10) {
        text.operands = insn.imm.to_string();
    }
    if let Some(modes) = insn.modes() {
        let frm = ["rne", "rtz", "rdn", "rup", "rmm", "unknown", "unknown", ""][usize::from(modes.frm & 7)];
        let xrm = ["", "rne", "rdn", "rod"][usize::from(modes.xrm & 3)];
        let fixed = if xrm.is_empty() { "" } else { "x" };
        let parts = [frm.to_owned(), format!("{fixed}{xrm}"), if modes.saturate { "sat" } else { "" }.to_owned()];
        parts.iter().filter(|p| !p.is_empty()).for_each(|p| text.operands.extend([",", p]));
    }
    text
}

/// The text objdump writes for bytes that are no instruction: `.insn` and the word. The halfword 0, which is defined
/// to be illegal, has a name of its own.
pub fn disassemble_unknown(word: u32, options: DisasmOptions) -> Disassembly {
    let (mnemonic, operands) = match word {
        w if w & 3 == 3 && w >> 16 == 0 => (".insn", format!("4, {w:#06x}")),
        w if w & 3 == 3 => (".insn", format!("4, {w:#010x}")),
        w if w & 0xffff != 0 => (".insn", format!("2, {:#06x}", w & 0xffff)),
        _ if options.aliases => ("unimp", String::new()),
        _ => ("c.unimp", String::new()),
    };
    Disassembly { mnemonic: mnemonic.to_string(), operands, target: None }
}

/// The values of the operands of one instruction.
struct Values<'a> {
    info: &'static OpInfo,
    source: Source<'a>,
}

enum Source<'a> {
    /// As encoded.
    Word(u32),
    /// After expansion.
    Insn(&'a Insn),
}

impl Values<'_> {
    fn operand(&self, n: u8) -> Option<(&'static Operand, i64)> {
        let operand = self.info.operands.get(usize::from(n))?;
        let value = match self.source {
            Source::Word(word) => operand.from_word(word),
            Source::Insn(insn) => operand.from_insn(insn),
        };
        Some((operand, value))
    }

    fn value(&self, n: u8) -> Option<i64> {
        self.operand(n).map(|o| o.1)
    }

    /// The number of the destination register.
    fn destination(&self) -> i64 {
        let at = self.info.operands.iter().position(|o| o.slot == Slot::Rd);
        at.and_then(|n| self.value(n as u8)).unwrap_or(0)
    }

    /// The first alias that fits.
    fn alias(&self, aliases: bool) -> Option<&'static Alias> {
        let holds = |c: &Condition| match *c {
            Condition::Equals(n, value) => self.value(n) == Some(value),
            Condition::Same(a, b) => self.value(a) == self.value(b),
        };
        let mut candidates = self.info.aliases.iter().filter(|a| aliases || a.always);
        candidates.find(|a| a.conditions.iter().all(holds))
    }
}

struct Writer {
    pc: u64,
    options: DisasmOptions,
}

impl Writer {
    fn write(&self, values: &Values, mnemonic: &str, template: &[Token]) -> Disassembly {
        let mut out = Disassembly { mnemonic: self.mnemonic(values, mnemonic), operands: String::new(), target: None };
        let mut separator = "";
        for token in template {
            match *token {
                Token::Text(text) => {
                    out.operands.push_str(separator);
                    separator = text;
                }
                Token::Register(n) => {
                    out.operands.push_str(separator);
                    separator = "";
                    self.x(&mut out.operands, n.into());
                }
                Token::Operand(n) => {
                    let Some((operand, value)) = values.operand(n) else {
                        continue;
                    };
                    // A rounding mode or mask that goes without saying takes the comma before it along.
                    let silent = matches!((operand.kind, value), (Kind::Rm, 7) | (Kind::RmExact, 0) | (Kind::Vm, 1));
                    match silent {
                        true => out.operands.push_str(separator.strip_suffix(',').unwrap_or(separator)),
                        false => {
                            out.operands.push_str(separator);
                            match (operand.kind, value) {
                                (Kind::Wd, 0) => self.x(&mut out.operands, 0),
                                (Kind::Wd, _) => self.operand(&mut out, Kind::V, values.destination()),
                                (kind, value) => self.operand(&mut out, kind, value),
                            }
                        }
                    }
                    separator = "";
                }
            }
        }
        out.operands.push_str(separator);
        out
    }

    /// The mnemonic with the suffixes that come from operands.
    fn mnemonic(&self, values: &Values, mnemonic: &str) -> String {
        let mut out = mnemonic.to_string();
        for n in 0..values.info.operands.len() as u8 {
            match values.operand(n) {
                Some((o, value)) if o.kind == Kind::AqRl => {
                    out.push_str(["", ".rl", ".aq", ".aqrl"][value as usize & 3]);
                }
                Some((o, value)) if o.kind == Kind::Suffix && mnemonic.ends_with(".N") => {
                    out.pop();
                    let _ = write!(out, "{value}");
                }
                _ => {}
            }
        }
        out
    }

    fn x(&self, out: &mut String, value: i64) {
        self.register(out, value, &X_NAMES, 'x');
    }

    fn register(&self, out: &mut String, value: i64, names: &[&str; 32], letter: char) {
        match names.get(value as usize) {
            Some(name) if self.options.abi_names => out.push_str(name),
            _ => {
                let _ = write!(out, "{letter}{value}");
            }
        }
    }

    fn operand(&self, out: &mut Disassembly, kind: Kind, value: i64) {
        let text = &mut out.operands;
        // Writing to a String cannot fail.
        let _ = match kind {
            Kind::X => return self.x(text, value),
            Kind::F => return self.register(text, value, &F_NAMES, 'f'),
            Kind::Rm | Kind::RmExact => text.write_str(rounding_mode(value)),
            Kind::Simm | Kind::Uimm => write!(text, "{value}"),
            Kind::Hex => write!(text, "{value:#x}"),
            Kind::Upper => write!(text, "{:#x}", value >> 12 & 0xf_ffff),
            Kind::PcRel => {
                out.target = Some(self.pc.wrapping_add(value as u64));
                Ok(())
            }
            // Vendors share the numbers of their own registers, and a word does not say whose it is.
            Kind::Csr => match csr_name(value as u16).filter(|_| !csr_is_custom(value as u16)) {
                Some(name) => text.write_str(name),
                None => write!(text, "{value:#x}"),
            },
            Kind::Fli => text.write_str(FLI.get(value as usize).unwrap_or(&"unknown")),
            Kind::Fence => text.write_str(&fence_set(value)),
            Kind::V => write!(text, "v{value}"),
            Kind::M => write!(text, "m{value}"),
            Kind::Tile if value < 4 => write!(text, "tr{value}"),
            Kind::Tile => write!(text, "acc{}", value - 4),
            Kind::Vm => text.write_str("v0.t"),
            Kind::Vtypei => vtype(text, value),
            Kind::ThVtypei => th_vtype(text, value),
            Kind::SimmZ => write!(text, "{}", (value << 59) >> 59),
            Kind::AqRl | Kind::Suffix | Kind::Hidden | Kind::Wd => Ok(()),
        };
    }
}

/// A `vtype` as assemblers write it (ISA manual, "Vector Type (`vtype`) Register"); reserved ones as a number.
fn vtype(text: &mut String, value: i64) -> fmt::Result {
    const SEW: [&str; 4] = ["e8", "e16", "e32", "e64"];
    const LMUL: [Option<&str>; 8] =
        [Some("m1"), Some("m2"), Some("m4"), Some("m8"), None, Some("mf8"), Some("mf4"), Some("mf2")];
    let sew = SEW.get((value >> 3 & 7) as usize).filter(|_| value >> 8 == 0);
    match (sew, LMUL[(value & 7) as usize]) {
        (Some(sew), Some(lmul)) => {
            let tail = if value & 1 << 6 == 0 { "tu" } else { "ta" };
            let mask = if value & 1 << 7 == 0 { "mu" } else { "ma" };
            write!(text, "{sew},{lmul},{tail},{mask}")
        }
        _ => write!(text, "{value}"),
    }
}

/// A `vtype` of XTheadVector as assemblers write it: SEW, LMUL and the divider of Zvediv (RISC-V "V" 0.7.1, "Vector type
/// register, vtype"); reserved ones as a number.
fn th_vtype(text: &mut String, value: i64) -> fmt::Result {
    match value >> 2 & 7 {
        sew @ 0..4 if value >> 7 == 0 => write!(text, "e{},m{},d{}", 8 << sew, 1 << (value & 3), 1 << (value >> 5)),
        _ => write!(text, "{value}"),
    }
}

/// Rounding modes (ISA manual, "Floating-Point Control and Status Register"); 5 and 6 are reserved.
fn rounding_mode(value: i64) -> &'static str {
    match value {
        0 => "rne",
        1 => "rtz",
        2 => "rdn",
        3 => "rup",
        4 => "rmm",
        7 => "dyn",
        _ => "unknown",
    }
}

/// Device input and output, memory reads and writes, as `fence` orders them.
fn fence_set(value: i64) -> String {
    let letters = [(8, 'i'), (4, 'o'), (2, 'r'), (1, 'w')];
    match value & 15 {
        0 => "unknown".to_string(),
        set => letters.iter().filter(|l| set & l.0 != 0).map(|l| l.1).collect(),
    }
}

/// The constants of `fli` (ISA manual, "Zfa", load-immediate table).
pub(super) const FLI: [&str; 32] = [
    "-0x1p+0", "min", "0x1p-16", "0x1p-15", "0x1p-8", "0x1p-7", "0x1p-4", "0x1p-3", "0x1p-2", "0x1.4p-2", "0x1.8p-2",
    "0x1.cp-2", "0x1p-1", "0x1.4p-1", "0x1.8p-1", "0x1.cp-1", "0x1p+0", "0x1.4p+0", "0x1.8p+0", "0x1.cp+0", "0x1p+1",
    "0x1.4p+1", "0x1.8p+1", "0x1p+2", "0x1p+3", "0x1p+4", "0x1p+7", "0x1p+8", "0x1p+15", "0x1p+16", "inf", "nan",
];

impl Op {
    /// Its operands as they are written in assembly, by name: `rd,imm(rs1)`. For listings.
    pub fn syntax(self) -> String {
        self.info().syntax_of(self.info().template)
    }
}

impl OpInfo {
    /// The operands of a template by name.
    pub(super) fn syntax_of(&self, template: &[Token]) -> String {
        let name = |t: &Token| match *t {
            Token::Text(text) => text,
            Token::Operand(n) => self.operands.get(usize::from(n)).map_or("", |o| o.name),
            Token::Register(n) => X_NAMES.get(usize::from(n)).unwrap_or(&""),
        };
        template.iter().map(name).collect()
    }
}
