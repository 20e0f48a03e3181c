//! Reads the text format of `isa/` (see its README) into the model.

use super::cpus;
use super::model::*;
use super::resolve::{Later, close_conflicts, resolve};
use super::text::{bits, each_line, fail, number, range, tokens};

/// Parses the files, given as (name, text). `fields.isa` declares operands and fields, `csrs.isa` names CSRs, `cpus.isa`
/// describes CPU models, every other file holds one extension.
pub fn parse(files: &[(String, String)]) -> Result<Isa, Error> {
    let mut isa = Isa::default();
    let mut later = Vec::new();
    let is_common = |n: &str| n.ends_with("fields.isa") || n.ends_with("csrs.isa");
    for (name, text) in files.iter().filter(|(n, _)| is_common(n)) {
        each_line(name, text, |place, line| declaration(&mut isa, line, place))?;
    }
    let is_cpus = |n: &str| n.ends_with("cpus.isa");
    for (name, text) in files.iter().filter(|(n, _)| !is_common(n) && !is_cpus(n)) {
        let mut state = FileState::default();
        each_line(name, text, |place, line| state.line(&mut isa, &mut later, line, place))?;
    }
    for item in later {
        resolve(&mut isa, item)?;
    }
    close_conflicts(&mut isa);
    for (name, text) in files.iter().filter(|(n, _)| is_cpus(n)) {
        cpus::parse(&mut isa, name, text)?;
    }
    Ok(isa)
}

/// A line of `fields.isa` or `csrs.isa`.
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
            let name = name.to_string();
            let mut o = OperandDecl { name, slot, kind, eew: 0, read: true, write: false, shift: 0 };
            for &word in rest {
                if let Some(class) = word.strip_prefix("eew=") {
                    let Some(eew) = EEWS.iter().position(|e| e.0 == class) else {
                        return fail(&place, format!("unknown class of vector operands `{class}`"));
                    };
                    o.eew = eew;
                    continue;
                }
                match word.split_at(1) {
                    ("w", "") => (o.read, o.write) = (false, true),
                    ("r", "w") => o.write = true,
                    ("@", n) => o.shift = number(n, &place)? as u8,
                    _ => return fail(&place, format!("unknown operand property `{word}`")),
                }
            }
            if (KINDS[kind].0 == "v") != (o.eew != 0) {
                return fail(&place, "vector registers, and only they, need a class `eew=...`");
            }
            isa.operands.push(o);
        }
        ["csr", first, name] => {
            let first = number(first, &place)? as u16;
            for (i, name) in csr_names(name, &place)?.into_iter().enumerate() {
                if let Some(other) = isa.csrs.insert(first + i as u16, name) {
                    return fail(&place, format!("number {:#x} is `{other}` already", first + i as u16));
                }
            }
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
            let default = Piece { word_lo: lo, len: hi - lo + 1, value_lo: 0 };
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
            return fail(&place, "expected `operand NAME SLOT KIND ...` or `field NAME WHERE OPERAND ...`");
        }
    }
    Ok(())
}

/// `pmpcfg0..15` or `mcycle`.
fn csr_names(text: &str, place: &Place) -> Result<Vec<String>, Error> {
    let Some((front, back)) = text.split_once("..") else {
        return Ok(vec![text.to_string()]);
    };
    let prefix = front.trim_end_matches(|c: char| c.is_ascii_digit());
    let suffix = back.trim_start_matches(|c: char| c.is_ascii_digit());
    let first = number(&front[prefix.len()..], place)?;
    let last = number(&back[..back.len() - suffix.len()], place)?;
    Ok((first..=last).map(|n| format!("{prefix}{n}{suffix}")).collect())
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
        out.push(Piece { word_lo: top, len, value_lo: vlo });
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
    /// Sets of extensions, any of which the lines need besides their own.
    with: Vec<Vec<String>>,
}

impl FileState {
    fn line(&mut self, isa: &mut Isa, later: &mut Vec<Later>, line: &str, place: Place) -> Result<(), Error> {
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
                min_vlen: 0,
            });
            return Ok(());
        }
        let Some(ext) = self.ext else {
            return fail(&place, "the file must begin with `extension NAME VERSION SUMMARY`");
        };
        match words.as_slice() {
            ["implies", names @ .., "when", cond] => later.extend(
                names.iter().map(|n| Later::Implies(ext, n.to_string(), Some(cond.to_string()), place.clone())),
            ),
            ["implies", names @ ..] => {
                later.extend(names.iter().map(|n| Later::Implies(ext, n.to_string(), None, place.clone())))
            }
            ["conflicts", names @ ..] => {
                later.extend(names.iter().map(|n| Later::Conflicts(ext, n.to_string(), place.clone())))
            }
            ["with", names @ ..] => {
                let set = |names: &[&str]| names.iter().map(|n| n.to_string()).collect();
                self.with = names.split(|n| *n == "or").map(set).collect();
            }
            ["$import", name] => later.push(Later::Import(ext, name.to_string(), place)),
            [word @ ("alias" | "name"), ..] => {
                let rest = line[word.len()..].trim();
                let Some((left, right)) = rest.split_once('=') else {
                    return fail(&place, "expected `alias NAME OPERANDS = BASE OPERANDS`");
                };
                let (left, right) = (left.trim().to_string(), right.trim().to_string());
                later.push(Later::Alias(left, right, *word == "name", place));
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
fn instruction(isa: &Isa, ext: usize, line: &str, place: Place) -> Result<(Insn, Option<String>), Error> {
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
                return fail(&place, format!("`{word}`: the value has more bits than the field"));
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
                            return fail(&place, format!("`{word}` disagrees with the other part of its operand"));
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
                            disjoint: false,
                        });
                    }
                }
            }
        }
        if known & taken != 0 {
            return fail(&place, format!("`{mnemonic}`: `{word}` names bits that are given already"));
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
        return fail(&place, format!("`{mnemonic}`: bits 1..0, which give the length, must be fixed"));
    }
    if known != all {
        return fail(&place, format!("`{mnemonic}`: bits {:#x} of the {len}-bit word are not given", known ^ all));
    }

    let mut template = None;
    let mut expansion = None;
    let (mut flags, mut load, mut store) = (Vec::new(), 0, 0);
    let (mut eew, mut nf, mut egs) = (0, 1, 1);
    for part in parts {
        if let Some(e) = part.strip_prefix('=') {
            expansion = Some(e.trim().to_string());
        } else if let Some(f) = part.strip_prefix('+') {
            for flag in f.split_whitespace() {
                let (name, size) = flag.split_at(flag.find(|c: char| c.is_ascii_digit()).unwrap_or(flag.len()));
                let source = |o: &&mut Operand| isa.operands[o.decl].eew != 0 && !isa.operands[o.decl].write;
                match name {
                    "load" | "store" if size.is_empty() => flags.push(name.to_string()),
                    "load" => load = number(size, &place)? as u8,
                    "store" => store = number(size, &place)? as u8,
                    "rdrw" => operands.iter_mut().filter(|o| isa.operands[o.decl].write).for_each(|o| o.read = true),
                    "eew" => eew = number(size, &place)? as u8,
                    "nf" => nf = number(size, &place)? as u8,
                    "egs" => egs = number(size, &place)? as u8,
                    "nooverlap" => {
                        operands.iter_mut().filter(source).for_each(|o| o.disjoint = true);
                        flags.push(name.to_string());
                    }
                    "nooverlap=v" if size == "0" => flags.push("nooverlap".to_string()),
                    "nooverlap=vs" => {
                        let slot = if size == "1" { Slot::Rs1 } else { Slot::Rs2 };
                        let this = |o: &&mut Operand| isa.operands[o.decl].slot == slot;
                        operands.iter_mut().filter(source).filter(this).for_each(|o| o.disjoint = true);
                        flags.push("nooverlap".to_string());
                    }
                    _ if super::emit::FLAGS.contains(&flag) => flags.push(flag.to_string()),
                    _ => return fail(&place, format!("unknown flag `{flag}`")),
                }
            }
        } else {
            template = Some(part.to_string());
        }
    }
    let names: Vec<&str> = operands.iter().map(|o| isa.operands[o.decl].name.as_str()).collect();
    let template = template.unwrap_or_else(|| {
        let printed = |o: &&Operand| !matches!(KINDS[isa.operands[o.decl].kind].0, "aqrl" | "suffix" | "hidden");
        let shown: Vec<&str> = operands.iter().filter(printed).map(|o| isa.operands[o.decl].name.as_str()).collect();
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
        eew,
        nf,
        egs,
        expansion: None,
        place,
    };
    Ok((insn, expansion))
}
