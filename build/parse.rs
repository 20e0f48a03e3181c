//! Reads the text format of `isa/` (see its README) into the model.

use super::model::*;

/// Directives whose names can only be resolved when every file has been read.
enum Later {
    Implies(usize, String, Option<String>, Place),
    Conflicts(usize, String, Place),
    Import(usize, String, Place),
    Expansion(usize, String, Place),
    With(usize, Vec<String>, Place),
    Alias(String, String, Place),
}

/// Parses the files, given as (name, text). `fields.isa` must be among them.
pub fn parse(files: &[(String, String)]) -> Result<Isa, Error> {
    let mut isa = Isa::default();
    let mut later = Vec::new();
    for (name, text) in files.iter().filter(|(n, _)| n.ends_with("fields.isa")) {
        each_line(name, text, |place, line| declaration(&mut isa, line, place))?;
    }
    for (name, text) in files.iter().filter(|(n, _)| !n.ends_with("fields.isa")) {
        let mut state = FileState::default();
        each_line(name, text, |place, line| {
            state.line(&mut isa, &mut later, line, place)
        })?;
    }
    for item in later {
        resolve(&mut isa, item)?;
    }
    Ok(isa)
}

fn each_line(
    file: &str,
    text: &str,
    mut f: impl FnMut(Place, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if !line.is_empty() {
            f(
                Place {
                    file: file.to_string(),
                    line: i + 1,
                },
                line,
            )?;
        }
    }
    Ok(())
}

fn fail<T>(place: &Place, what: impl Into<String>) -> Result<T, Error> {
    Err(Error {
        place: place.clone(),
        what: what.into(),
    })
}

fn number(text: &str, place: &Place) -> Result<i64, Error> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(d) => (true, d),
        None => (false, text),
    };
    let value = if let Some(hex) = digits.strip_prefix("0x") {
        i64::from_str_radix(hex, 16)
    } else if let Some(bin) = digits.strip_prefix("0b") {
        i64::from_str_radix(bin, 2)
    } else {
        digits.parse()
    };
    match value {
        Ok(v) => Ok(if negative { -v } else { v }),
        Err(_) => fail(place, format!("`{text}` is not a number")),
    }
}

/// `31..20` or `6`: (high, low).
fn range(text: &str, place: &Place) -> Result<(u8, u8), Error> {
    let (hi, lo) = text.split_once("..").unwrap_or((text, text));
    match (hi.parse(), lo.parse()) {
        (Ok(hi), Ok(lo)) if lo <= hi && hi < 64 => Ok((hi, lo)),
        _ => fail(place, format!("`{text}` is not a bit range such as 31..20")),
    }
}

fn bits(hi: u8, lo: u8) -> u64 {
    (u64::MAX >> (63 - (hi - lo))) << lo
}

/// A line of `fields.isa`.
fn declaration(isa: &mut Isa, line: &str, place: Place) -> Result<(), Error> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["operand", name, slot, kind, rest @ ..] => {
            let Some(&(slot, _)) = SLOTS.iter().find(|s| s.1 == *slot) else {
                return fail(&place, format!("unknown slot `{slot}`"));
            };
            let Some(kind) = KINDS.iter().position(|k| k.0 == *kind) else {
                return fail(&place, format!("unknown operand kind `{kind}`"));
            };
            let mut o = OperandDecl {
                name: name.to_string(),
                slot,
                kind,
                read: true,
                write: false,
                shift: 0,
            };
            for &word in rest {
                match word.split_at(1) {
                    ("w", "") => (o.read, o.write) = (false, true),
                    ("r", "w") => o.write = true,
                    ("@", n) => o.shift = number(n, &place)? as u8,
                    _ => return fail(&place, format!("unknown operand property `{word}`")),
                }
            }
            isa.operands.push(o);
        }
        ["field", name, at, operand, rest @ ..] => {
            let (hi, lo) = range(at, &place)?;
            let operand = match *operand {
                "-" => None,
                o => match isa.operands.iter().position(|d| d.name == o) {
                    Some(i) => Some(i),
                    None => return fail(&place, format!("unknown operand `{o}`")),
                },
            };
            let default = Piece {
                word_lo: lo,
                len: hi - lo + 1,
                value_lo: 0,
            };
            let mut f = FieldDecl {
                name: name.to_string(),
                mask: bits(hi, lo),
                operand,
                pieces: vec![default],
                bias: 0,
                nonzero: false,
            };
            for &word in rest {
                match word {
                    "nz" => f.nonzero = true,
                    _ if word.starts_with('+') => f.bias = number(&word[1..], &place)? as u8,
                    _ => f.pieces = pieces(word, hi, lo, &place)?,
                }
            }
            isa.fields.push(f);
        }
        _ => {
            return fail(
                &place,
                "expected `operand NAME SLOT KIND ...` or `field NAME WHERE OPERAND ...`",
            );
        }
    }
    Ok(())
}

/// `12/10..5` for the word bits `hi..lo`.
fn pieces(text: &str, hi: u8, lo: u8, place: &Place) -> Result<Vec<Piece>, Error> {
    let mut top = hi + 1;
    let mut out = Vec::new();
    for part in text.split('/') {
        let (vhi, vlo) = range(part, place)?;
        let len = vhi - vlo + 1;
        if top < lo + len {
            return fail(place, format!("`{text}` has more bits than the field"));
        }
        top -= len;
        out.push(Piece {
            word_lo: top,
            len,
            value_lo: vlo,
        });
    }
    if top != lo {
        return fail(place, format!("`{text}` has fewer bits than the field"));
    }
    Ok(out)
}

/// What the lines of one extension file have in common.
#[derive(Default)]
struct FileState {
    ext: Option<usize>,
    with: Vec<String>,
}

impl FileState {
    fn line(
        &mut self,
        isa: &mut Isa,
        later: &mut Vec<Later>,
        line: &str,
        place: Place,
    ) -> Result<(), Error> {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words[0] == "extension" {
            let [_, name, version, summary @ ..] = words.as_slice() else {
                return fail(&place, "expected `extension NAME VERSION SUMMARY`");
            };
            let version = match version.split_once('p').map(|(a, b)| (a.parse(), b.parse())) {
                Some((Ok(major), Ok(minor))) => (major, minor),
                _ => return fail(&place, format!("`{version}` is not a version such as 1p0")),
            };
            if self.ext.is_some() {
                return fail(&place, "one file holds one extension");
            }
            self.ext = Some(isa.exts.len());
            isa.exts.push(Ext {
                name: name.to_string(),
                version,
                summary: summary.join(" "),
                implies: Vec::new(),
                conflicts: Vec::new(),
            });
            return Ok(());
        }
        let Some(ext) = self.ext else {
            return fail(
                &place,
                "the file must begin with `extension NAME VERSION SUMMARY`",
            );
        };
        match words.as_slice() {
            ["implies", names @ .., "when", cond] => later.extend(names.iter().map(|n| {
                Later::Implies(ext, n.to_string(), Some(cond.to_string()), place.clone())
            })),
            ["implies", names @ ..] => later.extend(
                names
                    .iter()
                    .map(|n| Later::Implies(ext, n.to_string(), None, place.clone())),
            ),
            ["conflicts", names @ ..] => later.extend(
                names
                    .iter()
                    .map(|n| Later::Conflicts(ext, n.to_string(), place.clone())),
            ),
            ["with", names @ ..] => self.with = names.iter().map(|n| n.to_string()).collect(),
            ["$import", name] => later.push(Later::Import(ext, name.to_string(), place)),
            ["alias", ..] => {
                let rest = line["alias".len()..].trim();
                let Some((left, right)) = rest.split_once('=') else {
                    return fail(&place, "expected `alias NAME OPERANDS = BASE OPERANDS`");
                };
                later.push(Later::Alias(left.trim().into(), right.trim().into(), place));
            }
            _ => {
                let index = isa.insns.len();
                let (insn, expansion) = instruction(isa, ext, line, place.clone())?;
                isa.insns.push(insn);
                if let Some(e) = expansion {
                    later.push(Later::Expansion(index, e, place.clone()));
                }
                if !self.with.is_empty() {
                    // Resolved first, so that later `$import`s see complete sets.
                    later.insert(0, Later::With(index, self.with.clone(), place));
                }
            }
        }
        Ok(())
    }
}

/// An instruction line, and the text of its expansion.
fn instruction(
    isa: &Isa,
    ext: usize,
    line: &str,
    place: Place,
) -> Result<(Insn, Option<String>), Error> {
    let mut parts = line.split('|').map(str::trim);
    let mut words = parts.next().unwrap_or("").split_whitespace();
    let mnemonic = words.next().unwrap_or("").to_string();
    let (mut mask, mut value, mut known, mut nonzero) = (0u64, 0u64, 0u64, 0u64);
    let mut operands: Vec<Operand> = Vec::new();
    for word in words {
        let taken;
        if let Some((at, v)) = word.split_once('=') {
            let (hi, lo) = range(at, &place)?;
            let v = number(v, &place)?;
            taken = bits(hi, lo);
            if v < 0 || (v as u64) > taken >> lo {
                return fail(
                    &place,
                    format!("`{word}`: the value has more bits than the field"),
                );
            }
            mask |= taken;
            value |= (v as u64) << lo;
        } else {
            let Some(field) = isa.fields.iter().find(|f| f.name == word) else {
                return fail(&place, format!("unknown field `{word}`"));
            };
            taken = field.mask;
            if field.nonzero {
                nonzero |= taken;
            }
            if let Some(decl) = field.operand {
                match operands.iter_mut().find(|o| o.decl == decl) {
                    Some(o) => {
                        if o.nonzero != field.nonzero || o.bias != field.bias {
                            return fail(
                                &place,
                                format!("`{word}` disagrees with the other part of its operand"),
                            );
                        }
                        o.pieces.extend(&field.pieces);
                    }
                    None => {
                        if field.nonzero && operands.iter().any(|o| o.nonzero) {
                            return fail(&place, "only one operand of an instruction can be `nz`");
                        }
                        operands.push(Operand {
                            decl,
                            pieces: field.pieces.clone(),
                            bias: field.bias,
                            nonzero: field.nonzero,
                            read: isa.operands[decl].read,
                        });
                    }
                }
            }
        }
        if known & taken != 0 {
            return fail(
                &place,
                format!("`{mnemonic}`: `{word}` names bits that are given already"),
            );
        }
        known |= taken;
    }
    let len: u8 = match value & 0x7f {
        v if v & 3 != 3 => 16,
        v if v & 0x1f != 0x1f => 32,
        _ => 64,
    };
    let all = bits(len - 1, 0);
    if mask & 3 != 3 {
        return fail(
            &place,
            format!("`{mnemonic}`: bits 1..0, which give the length, must be fixed"),
        );
    }
    if known != all {
        return fail(
            &place,
            format!(
                "`{mnemonic}`: bits {:#x} of the {len}-bit word are not given",
                known ^ all
            ),
        );
    }

    let mut template = None;
    let mut expansion = None;
    let (mut flags, mut load, mut store) = (Vec::new(), 0, 0);
    for part in parts {
        if let Some(e) = part.strip_prefix('=') {
            expansion = Some(e.trim().to_string());
        } else if let Some(f) = part.strip_prefix('+') {
            for flag in f.split_whitespace() {
                let (name, size) = flag.split_at(
                    flag.find(|c: char| c.is_ascii_digit())
                        .unwrap_or(flag.len()),
                );
                match name {
                    "load" => load = number(size, &place)? as u8,
                    "store" => store = number(size, &place)? as u8,
                    "rdrw" => operands
                        .iter_mut()
                        .filter(|o| isa.operands[o.decl].write)
                        .for_each(|o| o.read = true),
                    _ if super::emit::FLAGS.contains(&flag) => flags.push(flag.to_string()),
                    _ => return fail(&place, format!("unknown flag `{flag}`")),
                }
            }
        } else {
            template = Some(part.to_string());
        }
    }
    let names: Vec<&str> = operands
        .iter()
        .map(|o| isa.operands[o.decl].name.as_str())
        .collect();
    let template = template.unwrap_or_else(|| {
        let printed = |o: &&Operand| {
            !matches!(
                KINDS[isa.operands[o.decl].kind].0,
                "aqrl" | "suffix" | "hidden"
            )
        };
        let shown: Vec<&str> = operands
            .iter()
            .filter(printed)
            .map(|o| isa.operands[o.decl].name.as_str())
            .collect();
        shown.join(",")
    });
    let template = tokens(&template, |word| names.iter().position(|n| *n == word));
    let insn = Insn {
        mnemonic,
        needs: vec![vec![ext]],
        mask,
        value,
        nonzero,
        len,
        operands,
        template,
        flags,
        load,
        store,
        expansion: None,
        place,
    };
    Ok((insn, expansion))
}

/// Splits a template into words and punctuation; words known to `operand` become operands.
fn tokens(text: &str, operand: impl Fn(&str) -> Option<usize>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    for (word, is_word) in split(text) {
        match (is_word.then(|| operand(word)).flatten(), out.last_mut()) {
            (Some(i), _) => out.push(Token::Operand(i)),
            (None, Some(Token::Text(t))) => t.push_str(word),
            (None, _) => out.push(Token::Text(word.to_string())),
        }
    }
    out
}

/// Words and the punctuation between them.
fn split(text: &str) -> Vec<(&str, bool)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = is_word(c);
        let end = rest.find(|c| is_word(c) != word).unwrap_or(rest.len());
        out.push((&rest[..end], word));
        rest = &rest[end..];
    }
    out
}

fn extension(isa: &Isa, name: &str, place: &Place) -> Result<usize, Error> {
    let found =
        |e: &Ext| e.name == name || format!("{}-{}p{}", e.name, e.version.0, e.version.1) == name;
    match isa.exts.iter().position(found) {
        Some(i) => Ok(i),
        None => fail(place, format!("unknown extension `{name}`")),
    }
}

fn resolve(isa: &mut Isa, item: Later) -> Result<(), Error> {
    match item {
        Later::Implies(ext, name, cond, place) => {
            let to = extension(isa, &name, &place)?;
            let cond = cond.map(|c| extension(isa, &c, &place)).transpose()?;
            isa.exts[ext].implies.push((to, cond));
        }
        Later::Conflicts(ext, name, place) => {
            let other = extension(isa, &name, &place)?;
            isa.exts[ext].conflicts.push(other);
            isa.exts[other].conflicts.push(ext);
        }
        Later::With(insn, names, place) => {
            for name in names {
                let e = extension(isa, &name, &place)?;
                isa.insns[insn].needs[0].push(e);
            }
        }
        Later::Import(ext, name, place) => {
            let Some((from, mnemonic)) = name.split_once("::") else {
                return fail(&place, "expected `$import EXTENSION::MNEMONIC`");
            };
            let from = extension(isa, from, &place)?;
            let found = isa
                .insns
                .iter_mut()
                .find(|i| i.mnemonic == mnemonic && i.needs[0][0] == from);
            match found {
                Some(insn) => insn.needs.push(vec![ext]),
                None => return fail(&place, format!("no instruction `{name}`")),
            }
        }
        Later::Expansion(index, text, place) => {
            let insn = &isa.insns[index];
            let names: Vec<&str> = insn
                .operands
                .iter()
                .map(|o| isa.operands[o.decl].name.as_str())
                .collect();
            let (base, words) = call(isa, &text, &place)?;
            let mut sources = Vec::new();
            for (operand, word) in words {
                let source = match names.iter().position(|n| *n == word) {
                    Some(i) => Source::Operand(i),
                    None => Source::Const(literal(word, &place)?),
                };
                sources.push((operand, source));
            }
            isa.insns[index].expansion = Some(Expansion { base, sources });
        }
        Later::Alias(left, right, place) => {
            let (mnemonic, template) = left.split_once(' ').unwrap_or((&left, ""));
            let (base, words) = call(isa, &right, &place)?;
            let mut bound: Vec<(&str, usize)> = Vec::new();
            let mut conditions = Vec::new();
            for (operand, word) in words {
                if let Some(&(_, first)) = bound.iter().find(|b| b.0 == word) {
                    conditions.push((operand, Source::Operand(first)));
                } else if let Ok(value) = literal(word, &place) {
                    conditions.push((operand, Source::Const(value)));
                } else {
                    bound.push((word, operand));
                }
            }
            let template = tokens(template.trim(), |w| {
                bound.iter().find(|b| b.0 == w).map(|b| b.1)
            });
            let mnemonic = mnemonic.to_string();
            isa.aliases.push(Alias {
                mnemonic,
                base,
                template,
                conditions,
            });
        }
    }
    Ok(())
}

/// `x5`, a fence set or a number.
fn literal(word: &str, place: &Place) -> Result<i64, Error> {
    let register = word
        .strip_prefix('x')
        .and_then(|n| n.parse().ok())
        .filter(|n| *n < 32);
    let set = || {
        word.chars()
            .try_fold(0, |set, c| Some(set | 8 >> "iorw".find(c)?))
    };
    match register.or_else(set) {
        Some(value) => Ok(value),
        None => number(word, place),
    }
}

/// `addi rd,x0,0` with the template of `addi`: the base and, for each of its operands, the word in its place.
#[allow(clippy::type_complexity)]
fn call<'t>(
    isa: &Isa,
    text: &'t str,
    place: &Place,
) -> Result<(usize, Vec<(usize, &'t str)>), Error> {
    let (mnemonic, rest) = text.split_once(' ').unwrap_or((text, ""));
    let Some(base) = isa.insns.iter().position(|i| i.mnemonic == mnemonic) else {
        return fail(place, format!("unknown instruction `{mnemonic}`"));
    };
    let mut given = split(rest.trim()).into_iter();
    let mut out = Vec::new();
    for token in &isa.insns[base].template {
        match token {
            Token::Operand(i) => match given.next() {
                Some((word, true)) => out.push((*i, word)),
                _ => return fail(place, format!("`{text}` has too few operands")),
            },
            Token::Text(t) => {
                let mut seen = String::new();
                while seen.len() < t.len() {
                    match given.next() {
                        Some((word, _)) => seen.push_str(word),
                        None => break,
                    }
                }
                if seen != *t {
                    return fail(place, format!("`{text}` is not written as `{mnemonic}` is"));
                }
            }
        }
    }
    match given.next() {
        None => Ok((base, out)),
        Some(_) => fail(place, format!("`{text}` has too many operands")),
    }
}
