//! Directives that name other lines: settled when every file has been read.

use super::model::*;
use super::text::{fail, number, register, split, tokens};

/// Directives whose names can only be resolved when every file has been read.
pub enum Later {
    Implies(usize, String, Option<String>, Place),
    Conflicts(usize, String, Place),
    Import(usize, String, Place),
    Expansion(usize, String, Place),
    With(usize, Vec<Vec<String>>, Place),
    Alias(String, String, bool, Place),
}

pub fn resolve(isa: &mut Isa, item: Later) -> Result<(), Error> {
    match item {
        Later::Implies(ext, name, None, place) if name.starts_with("zvl") => {
            let bits = name.strip_prefix("zvl").and_then(|n| n.strip_suffix('b')).unwrap_or("");
            isa.exts[ext].min_vlen = number(bits, &place)? as u32;
        }
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
        Later::With(insn, sets, place) => {
            let own = isa.insns[insn].needs[0].clone();
            isa.insns[insn].needs.clear();
            for names in sets {
                let mut set = own.clone();
                for name in names {
                    set.push(extension(isa, &name, &place)?);
                }
                isa.insns[insn].needs.push(set);
            }
        }
        Later::Import(ext, name, place) => {
            let Some((from, mnemonic)) = name.split_once("::") else {
                return fail(&place, "expected `$import EXTENSION::MNEMONIC`");
            };
            let from = extension(isa, from, &place)?;
            let found = isa.insns.iter_mut().find(|i| i.mnemonic == mnemonic && i.needs[0][0] == from);
            match found {
                Some(insn) => insn.needs.push(vec![ext]),
                None => return fail(&place, format!("no instruction `{name}`")),
            }
        }
        Later::Expansion(index, text, place) => {
            let insn = &isa.insns[index];
            let names: Vec<&str> = insn.operands.iter().map(|o| isa.operands[o.decl].name.as_str()).collect();
            let (base, words) = call(isa, &text, &place)?;
            let mut sources = Vec::new();
            for (operand, word) in words {
                let source = match names.iter().position(|n| *n == word) {
                    Some(i) => Source::Operand(i),
                    None => Source::Const(literal(isa, word, &place)?),
                };
                sources.push((operand, source));
            }
            isa.insns[index].expansion = Some(Expansion { base, sources });
        }
        Later::Alias(left, right, always, place) => {
            let (mnemonic, template) = left.split_once(' ').unwrap_or((&left, ""));
            let (base, words) = call(isa, &right, &place)?;
            let mut bound: Vec<(&str, usize)> = Vec::new();
            let mut conditions = Vec::new();
            for (operand, word) in words {
                if let Some(&(_, first)) = bound.iter().find(|b| b.0 == word) {
                    conditions.push((operand, Source::Operand(first)));
                } else if let Ok(value) = literal(isa, word, &place) {
                    conditions.push((operand, Source::Const(value)));
                } else {
                    bound.push((word, operand));
                }
            }
            let template = tokens(template.trim(), |w| bound.iter().find(|b| b.0 == w).map(|b| b.1));
            let mnemonic = mnemonic.to_string();
            isa.aliases.push(Alias { mnemonic, base, template, conditions, always });
        }
    }
    Ok(())
}

/// Spreads conflicts to whatever implies one of the two.
pub fn close_conflicts(isa: &mut Isa) {
    let count = isa.exts.len();
    let closure = |e: usize| {
        let mut all = vec![e];
        let mut next = 0;
        while let Some(&at) = all.get(next) {
            let always = isa.exts[at].implies.iter().filter(|i| i.1.is_none());
            let new: Vec<usize> = always.map(|i| i.0).filter(|i| !all.contains(i)).collect();
            all.extend(new);
            next += 1;
        }
        all
    };
    let closures: Vec<Vec<usize>> = (0..count).map(closure).collect();
    let clash =
        |a: usize, b: usize| closures[a].iter().any(|x| isa.exts[*x].conflicts.iter().any(|c| closures[b].contains(c)));
    let conflicts: Vec<Vec<usize>> = (0..count).map(|a| (0..count).filter(|b| clash(a, *b)).collect()).collect();
    for (ext, conflicts) in isa.exts.iter_mut().zip(conflicts) {
        ext.conflicts = conflicts;
    }
}

fn extension(isa: &Isa, name: &str, place: &Place) -> Result<usize, Error> {
    let found = |e: &Ext| e.name == name || format!("{}-{}p{}", e.name, e.version.0, e.version.1) == name;
    match isa.exts.iter().position(found) {
        Some(i) => Ok(i),
        None => fail(place, format!("unknown extension `{name}`")),
    }
}

/// `x5`, a fence set, a CSR or a number.
fn literal(isa: &Isa, word: &str, place: &Place) -> Result<i64, Error> {
    let set = || word.chars().try_fold(0, |set, c| Some(set | 8 >> "iorw".find(c)?));
    let csr = || isa.csrs.iter().find(|c| c.1 == word).map(|c| i64::from(*c.0));
    match register(word).map(i64::from).or_else(set).or_else(csr) {
        Some(value) => Ok(value),
        None => number(word, place),
    }
}

/// `addi rd,x0,0` with the template of `addi`: the base and, for each of its operands, the word in its place.
#[allow(clippy::type_complexity)]
fn call<'t>(isa: &Isa, text: &'t str, place: &Place) -> Result<(usize, Vec<(usize, &'t str)>), Error> {
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
            Token::Register(_) => {
                return fail(place, format!("`{mnemonic}` has a fixed operand: not possible here"));
            }
            Token::Text(t) => {
                let mut seen = String::new();
                while seen.len() < t.len() {
                    match given.next() {
                        Some((word, _)) => seen.push_str(word),
                        None => return fail(place, format!("`{text}` has too few operands")),
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
