//! From assembly text to instructions: the inverse of the disassembler.
//!
//! How operands are written stands in `isa/`, once for both directions. A mnemonic means the encoding that bears it: `c.add`
//! has 16 bits, `add` always 32. The aliases that a disassembly shows are understood (`ret`, `mv`), as is what GNU as
//! takes for the same: `(a0)` for `0(a0)`, any base of numbers, `e32,m2` for `e32,m2,tu,mu`. One text is one instruction:
//! nothing expands to several, and there are no labels or directives.

mod operand;

use super::decode::{Decoder, Insn};
use super::encode::{EncodeError, Operands, encode};
use super::extension::Isa;
use super::isa_string::nearest_of;
use super::register::{X_NAMES, parse_x};
use super::table::{Condition, Kind, Op, OpInfo, Operand, Slot, Token};
use operand::{Cursor, Place};
use std::collections::HashMap;

/// Why a text is no instruction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AsmError {
    /// There is no text.
    #[error("no instruction: write one as in `addi a0,a0,1`")]
    Empty,
    /// No extension has such an instruction.
    #[error("unknown instruction `{mnemonic}`{}", did_you_mean(.nearest))]
    Unknown {
        /// As written.
        mnemonic: String,
        /// Up to three names of enabled instructions that are like it.
        nearest: Vec<String>,
    },
    /// An extension that is not enabled has it.
    #[error("`{mnemonic}` is an instruction of {}, which this ISA does not have", .needs.join(" or "))]
    Disabled {
        /// As written.
        mnemonic: String,
        /// Each of these would provide it; several that it takes together are joined by `+`. As in ISA strings.
        needs: Vec<String>,
    },
    /// An operand is not what has to stand there.
    #[error("{mnemonic}: {operand} is `{found}`, but must be {expected} (it is written `{mnemonic} {syntax}`)")]
    Operand {
        /// The instruction.
        mnemonic: String,
        /// Name of the operand in `isa/`.
        operand: &'static str,
        /// As written.
        found: String,
        /// In words, with the range of numbers.
        expected: String,
        /// How the operands are written, by name.
        syntax: String,
    },
    /// The text ends too early.
    #[error("{mnemonic}: {missing} is missing (it is written `{mnemonic} {syntax}`)")]
    TooFew {
        /// The instruction.
        mnemonic: String,
        /// The first operand that is not there.
        missing: String,
        /// How the operands are written, by name.
        syntax: String,
    },
    /// The text goes on behind the last operand.
    #[error("{mnemonic}: `{extra}` is too much (it is written `{mnemonic}{}{syntax}`)", if .syntax.is_empty() { "" } else { " " })]
    TooMany {
        /// The instruction.
        mnemonic: String,
        /// What is left over.
        extra: String,
        /// How the operands are written, by name.
        syntax: String,
    },
    /// Punctuation is not where it should be.
    #[error("{mnemonic}: expected `{expected}` before `{found}` (it is written `{mnemonic} {syntax}`)")]
    Punctuation {
        /// The instruction.
        mnemonic: String,
        /// What is missing.
        expected: String,
        /// The text from there on.
        found: String,
        /// How the operands are written, by name.
        syntax: String,
    },
    /// With these operands the word is another instruction.
    #[error("{mnemonic}: with these operands the encoding is that of `{other}`")]
    Other {
        /// The instruction.
        mnemonic: String,
        /// What the word would execute as.
        other: &'static str,
    },
    /// Operands that cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// What is wrong in which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct AsmLineError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub error: AsmError,
}

fn did_you_mean(nearest: &[String]) -> String {
    let quoted: Vec<String> = nearest.iter().map(|n| format!("`{n}`")).collect();
    if quoted.is_empty() { String::new() } else { format!("; did you mean {}?", quoted.join(" or ")) }
}

/// One way to write an instruction: its own, or an alias.
#[derive(Clone, Copy, Debug)]
struct Form {
    info: &'static OpInfo,
    template: &'static [Token],
    conditions: &'static [Condition],
}

/// Assembles for one machine configuration.
#[derive(Clone, Debug)]
pub struct Assembler {
    decoder: Decoder,
    isa: Isa,
    /// The preferred one first.
    forms: HashMap<&'static str, Vec<Form>>,
}

impl Assembler {
    /// An assembler of the instructions that `isa` provides.
    pub fn new(isa: &Isa) -> Assembler {
        let decoder = Decoder::new(isa);
        let mut forms: HashMap<_, Vec<Form>> = HashMap::new();
        for (name, form) in all_forms().filter(|(_, f)| decoder.enables(f.info.op)) {
            forms.entry(name).or_default().push(form);
        }
        // `mv` is the alias of an instruction of 32 bits, too; names of 16-bit encodings have nothing else.
        forms.values_mut().for_each(|list| list.sort_by_key(|f| (f.info.len == 2, !f.conditions.is_empty())));
        Assembler { decoder, isa: *isa, forms }
    }

    /// The instruction that `text` stands for. Addresses to jump to are absolute, written as numbers, or relative to the
    /// instruction's own address `pc`, as in `.+8`.
    ///
    /// ```
    /// use mellivora::isa::{Assembler, Isa};
    /// let assembler = Assembler::new(&Isa::all());
    /// assert_eq!(assembler.assemble("addi a0, a0, -1", 0)?.bits, 0xfff5_0513);
    /// assert_eq!(assembler.assemble("bnez a1, 0x1008", 0x1010)?.imm, -8);
    /// let error = assembler.assemble("addi a0, a0, 4096", 0).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "addi: imm is `4096`, but must be a number from -2048 to 2047 (it is written `addi rd,rs1,imm`)"
    /// );
    /// # Ok::<(), mellivora::isa::AsmError>(())
    /// ```
    ///
    /// # Errors
    /// See [`AsmError`].
    pub fn assemble(&self, text: &str, pc: u64) -> Result<Insn, AsmError> {
        let lower = text.trim().to_ascii_lowercase();
        let (mnemonic, operands) = lower.split_once(char::is_whitespace).unwrap_or((&lower, ""));
        if mnemonic.is_empty() {
            return Err(AsmError::Empty);
        }
        let named = |name: &str| self.forms.get(name).map(Vec::as_slice).unwrap_or_default();
        let Some((forms, suffix)) = with_suffix(mnemonic, |name| Some(named(name)).filter(|f| !f.is_empty())) else {
            return Err(self.unknown(mnemonic));
        };
        // Of forms with different operands the error of the one that got furthest says most.
        let mut worst: Option<(usize, AsmError)> = None;
        for form in forms {
            let attempt = Attempt { form, mnemonic, suffix, place: Place { pc, isa: &self.isa } };
            match attempt.run(operands, &self.decoder) {
                Ok(insn) => return Ok(insn),
                Err(new) if worst.as_ref().is_none_or(|old| new.0 > old.0) => worst = Some(new),
                Err(_) => {}
            }
        }
        Err(worst.map_or(AsmError::Empty, |w| w.1))
    }

    /// The instructions of several lines, the first at address `pc`, each behind the one before. `;` separates them,
    /// too; `#` and `//` begin a comment.
    ///
    /// ```
    /// use mellivora::isa::{Assembler, Isa};
    /// let program = Assembler::new(&Isa::all()).program("addi a0,a0,-1 # count down\n bnez a0, 0x1000; ret", 0x1000)?;
    /// assert_eq!(program.iter().map(|i| i.bits).collect::<Vec<_>>(), [0xfff5_0513, 0xfe05_1ee3, 0x0000_8067]);
    /// # Ok::<(), mellivora::isa::AsmLineError>(())
    /// ```
    ///
    /// # Errors
    /// That of the first line that is wrong.
    pub fn program(&self, text: &str, mut pc: u64) -> Result<Vec<Insn>, AsmLineError> {
        let mut out = Vec::new();
        for (line, whole) in (1..).zip(text.lines()) {
            let code = whole.split('#').next().unwrap_or_default();
            let code = code.split("//").next().unwrap_or_default();
            for one in code.split(';').map(str::trim).filter(|one| !one.is_empty()) {
                let insn = self.assemble(one, pc).map_err(|error| AsmLineError { line, error })?;
                pc = pc.wrapping_add(insn.len.into());
                out.push(insn);
            }
        }
        Ok(out)
    }

    /// Why there is no such mnemonic.
    fn unknown(&self, mnemonic: &str) -> AsmError {
        let disabled = |name: &str| {
            let named = all_forms().filter(|(n, f)| *n == name && !self.decoder.enables(f.info.op));
            Some(named.map(|(_, f)| f.info).collect::<Vec<_>>()).filter(|found| !found.is_empty())
        };
        if let Some((found, _)) = with_suffix(mnemonic, disabled) {
            let set = |s: &&[super::Extension]| s.iter().map(|e| e.versioned()).collect::<Vec<_>>().join("+");
            let mut needs: Vec<String> = found.iter().flat_map(|info| info.needs).map(set).collect();
            needs.sort();
            needs.dedup();
            return AsmError::Disabled { mnemonic: mnemonic.to_string(), needs };
        }
        let mut nearest: Vec<String> = Vec::new();
        while nearest.len() < 3 {
            let rest = self.forms.keys().copied().filter(|n| nearest.iter().all(|seen| seen != n));
            match nearest_of(mnemonic, rest) {
                Some(name) => nearest.push(name),
                None => break,
            }
        }
        AsmError::Unknown { mnemonic: mnemonic.to_string(), nearest }
    }
}

/// Every way to write every instruction.
fn all_forms() -> impl Iterator<Item = (&'static str, Form)> {
    Op::all().map(Op::info).flat_map(|info| {
        let own = (info.mnemonic, Form { info, template: info.template, conditions: &[] });
        let alias =
            move |a: &'static super::Alias| (a.mnemonic, Form { info, template: a.template, conditions: a.conditions });
        std::iter::once(own).chain(info.aliases.iter().map(alias))
    })
}

/// What an operand added to a mnemonic.
#[derive(Clone, Copy)]
enum Suffix {
    None,
    AqRl(i64),
    Number(i64),
}

/// Looks a mnemonic up: as it is, without `.aq`, `.rl` or `.aqrl`, with its number as `N`.
fn with_suffix<T>(mnemonic: &str, find: impl Fn(&str) -> Option<T>) -> Option<(T, Suffix)> {
    if let Some(found) = find(mnemonic) {
        return Some((found, Suffix::None));
    }
    for (end, value) in [(".aqrl", 3), (".aq", 2), (".rl", 1)] {
        if let Some(found) = mnemonic.strip_suffix(end).and_then(&find) {
            return Some((found, Suffix::AqRl(value)));
        }
    }
    let front = mnemonic.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = mnemonic[front.len()..].parse().ok()?;
    let found = front.ends_with('.').then(|| find(&format!("{front}N")))??;
    Some((found, Suffix::Number(number)))
}

/// Reading operands as those of one form.
struct Attempt<'a> {
    form: &'a Form,
    mnemonic: &'a str,
    suffix: Suffix,
    place: Place<'a>,
}

/// How far it got, and what is wrong there.
type Failed = (usize, AsmError);

impl Attempt<'_> {
    fn run(&self, text: &str, decoder: &Decoder) -> Result<Insn, Failed> {
        let info = self.form.info;
        let mut values: Vec<Option<i64>> = vec![None; info.operands.len()];
        self.before(&mut values)?;
        let mut cursor = Cursor::new(text);
        self.read(&mut cursor, &mut values)?;
        if !cursor.at_end() {
            let (mnemonic, syntax) = (self.mnemonic.to_string(), self.syntax());
            return Err((cursor.place(), AsmError::TooMany { mnemonic, extra: cursor.rest().to_string(), syntax }));
        }
        for condition in self.form.conditions {
            if let Condition::Same(a, b) = *condition {
                let (a, b) = (usize::from(a), usize::from(b));
                let value = values.get(a).copied().flatten().or(values.get(b).copied().flatten());
                for n in [a, b] {
                    values.get_mut(n).into_iter().for_each(|v| *v = value);
                }
            }
        }
        let mut operands = Operands::default();
        for (o, value) in info.operands.iter().zip(values) {
            operands.set(o, value.unwrap_or(0));
        }
        let word = encode(info.op, &operands).map_err(|e| (cursor.place(), e.into()))?;
        // Special cases have words of others: a hint is still what it was, `c.lui sp` is not.
        let other = |other| AsmError::Other { mnemonic: self.mnemonic.to_string(), other };
        match decoder.decode(word) {
            Some(insn) if insn.op == info.op || insn.len == 4 || insn.base == info.base => Ok(insn),
            Some(insn) => Err((cursor.place(), other(insn.op.mnemonic()))),
            None => Err((cursor.place(), other("none"))),
        }
    }

    /// The operands that are not read: given by the alias or the mnemonic, or left out.
    fn before(&self, values: &mut [Option<i64>]) -> Result<(), Failed> {
        for (o, value) in self.form.info.operands.iter().zip(values.iter_mut()) {
            match (o.kind, self.suffix) {
                (Kind::AqRl, Suffix::AqRl(bits)) => *value = Some(bits),
                (Kind::Suffix, Suffix::Number(n)) if operand::fits(o, n) => *value = Some(n),
                (Kind::Suffix, Suffix::Number(n)) => return Err((0, self.wrong(o, &n.to_string()))),
                (Kind::AqRl | Kind::Hidden, _) => *value = Some(0),
                _ => {}
            }
        }
        let has = |kind| self.form.info.operands.iter().any(|o| o.kind == kind);
        match self.suffix {
            Suffix::AqRl(_) if !has(Kind::AqRl) => {
                return Err((0, AsmError::Unknown { mnemonic: self.mnemonic.to_string(), nearest: Vec::new() }));
            }
            _ => {}
        }
        for condition in self.form.conditions {
            if let Condition::Equals(n, value) = *condition
                && let Some(slot) = values.get_mut(usize::from(n))
            {
                *slot = Some(value);
            }
        }
        Ok(())
    }

    /// Goes along the template.
    fn read(&self, cursor: &mut Cursor, values: &mut [Option<i64>]) -> Result<(), Failed> {
        let mut separator = "";
        let mut written_old = None;
        let template = self.form.template;
        for (at, token) in template.iter().enumerate() {
            let n = match *token {
                Token::Text(text) => {
                    separator = text;
                    continue;
                }
                Token::Register(n) => {
                    self.punctuation(cursor, std::mem::take(&mut separator), token)?;
                    self.fixed_register(cursor, n)?;
                    continue;
                }
                Token::Operand(n) => usize::from(n),
            };
            let Some(o) = self.form.info.operands.get(n) else { continue };
            let left = std::mem::take(&mut separator);
            if let Some(default) = operand::unwritten(o.kind)
                && !cursor.literal(left)
            {
                // Left out together with the comma before it.
                self.punctuation(cursor, left.strip_suffix(',').unwrap_or(left), token)?;
                values[n] = Some(default);
                continue;
            } else if operand::unwritten(o.kind).is_none() {
                self.punctuation(cursor, left, token)?;
            }
            let place = cursor.place();
            let last = at + 1 == template.len();
            let found = if last && operand::takes_commas(o.kind) { cursor.all() } else { cursor.word() };
            let before_bracket = || matches!(template.get(at + 1), Some(Token::Text(t)) if t.starts_with('('));
            let found = match found {
                "" if cursor.at_end() => return Err((place, self.too_few(o.name))),
                "" if matches!(o.kind, Kind::Simm | Kind::Uimm) && before_bracket() => "0",
                found => found,
            };
            let Some(value) = operand::parse(o, found, &self.place) else { return Err((place, self.wrong(o, found))) };
            match values[n] {
                Some(first) if first != value => return Err((place, self.wrong_again(o, found))),
                _ => values[n] = Some(value),
            }
            if o.kind == Kind::Wd && value != 0 {
                written_old = Some((o, found.to_string(), place));
            }
        }
        self.punctuation(cursor, separator, &Token::Text(""))?;
        // The old value goes where the new one comes from, or nowhere.
        if let Some((o, found, place)) = written_old {
            let operands = self.form.info.operands.iter().zip(values.iter());
            let target = operands.filter(|(o, _)| o.slot == Slot::Rd).find_map(|(_, v)| *v);
            if target.map(|n| format!("v{n}")) != Some(found.clone()) {
                return Err((place, self.wrong(o, &found)));
            }
        }
        Ok(())
    }

    /// Text that stands between operands, before `token`.
    fn punctuation(&self, cursor: &mut Cursor, text: &str, token: &Token) -> Result<(), Failed> {
        if cursor.literal(text) {
            return Ok(());
        }
        let name = match *token {
            Token::Operand(n) => self.form.info.operands.get(usize::from(n)).map_or("", |o| o.name),
            Token::Register(n) => X_NAMES.get(usize::from(n)).unwrap_or(&""),
            Token::Text(_) => "",
        };
        Err(match cursor.at_end() {
            true if name.is_empty() => (cursor.place(), self.too_few(&format!("`{text}`"))),
            true => (cursor.place(), self.too_few(name)),
            false => {
                let (mnemonic, expected, syntax) = (self.mnemonic.to_string(), text.to_string(), self.syntax());
                let found = cursor.rest().to_string();
                (cursor.place(), AsmError::Punctuation { mnemonic, expected, found, syntax })
            }
        })
    }

    fn fixed_register(&self, cursor: &mut Cursor, n: u8) -> Result<(), Failed> {
        let (place, found) = (cursor.place(), cursor.word());
        let name = X_NAMES.get(usize::from(n)).copied().unwrap_or("");
        let (mnemonic, syntax) = (self.mnemonic.to_string(), self.syntax());
        match parse_x(found) {
            Some(x) if x == n => Ok(()),
            _ if found.is_empty() => Err((place, AsmError::TooFew { mnemonic, missing: name.to_string(), syntax })),
            _ => {
                let found = found.to_string();
                let expected = format!("{name} itself");
                Err((place, AsmError::Operand { mnemonic, operand: "the register", found, expected, syntax }))
            }
        }
    }

    fn wrong(&self, o: &Operand, found: &str) -> AsmError {
        self.not(o, found, operand::describe(o))
    }

    fn wrong_again(&self, o: &Operand, found: &str) -> AsmError {
        self.not(o, found, "what it is where it stands first".to_string())
    }

    fn not(&self, o: &Operand, found: &str, expected: String) -> AsmError {
        let (mnemonic, syntax) = (self.mnemonic.to_string(), self.syntax());
        AsmError::Operand { mnemonic, operand: o.name, found: found.to_string(), expected, syntax }
    }

    fn too_few(&self, missing: &str) -> AsmError {
        AsmError::TooFew { mnemonic: self.mnemonic.to_string(), missing: missing.to_string(), syntax: self.syntax() }
    }

    fn syntax(&self) -> String {
        self.form.info.syntax_of(self.form.template)
    }
}
