//! CPU models: `cpus.isa` (see the README of `isa/`) as data, and their Rust table.

use super::model::*;
use super::text::{each_line, fail, number};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a line of a model or of a set says, in order.
#[derive(Default)]
struct Reader {
    /// Sets by name, as their words.
    sets: BTreeMap<String, Vec<String>>,
    cpus: Vec<Cpu>,
    /// Names that may stand in lists without being declared by a file.
    user: Vec<String>,
    system: Vec<String>,
}

/// Reads the file into `isa`, whose extensions and CSRs are there already.
pub fn parse(isa: &mut Isa, file: &str, text: &str) -> Result<(), Error> {
    let mut reader = Reader::default();
    each_line(file, text, |place, line| reader.line(isa, line, place))?;
    (isa.cpus, isa.user, isa.system) = (reader.cpus, reader.user, reader.system);
    Ok(())
}

impl Reader {
    fn line(&mut self, isa: &Isa, line: &str, place: Place) -> Result<(), Error> {
        let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
        let Some((kind, words)) = words.split_first() else { return Ok(()) };
        let Some((name, rest)) = words.split_first() else { return fail(&place, "a name is missing") };
        match kind.as_str() {
            "user" => self.user.extend_from_slice(words),
            "system" => self.system.extend_from_slice(words),
            "set" => {
                // Looked into now, so that a mistake is told at its own line.
                let mut trial = Cpu::default();
                rest.iter().try_for_each(|w| self.word(isa, &mut trial, w, &place))?;
                self.sets.entry(name.clone()).or_default().extend_from_slice(rest);
            }
            "alias" => {
                rest.iter().try_for_each(|alias| self.new_name(alias, &place))?;
                match self.cpus.iter_mut().find(|c| c.name == *name) {
                    Some(cpu) => cpu.aliases.extend_from_slice(rest),
                    None => return fail(&place, format!("no CPU `{name}` stands above")),
                }
            }
            "cpu" if rest.first().is_some_and(|w| w == "+") => {
                let Some(n) = self.cpus.iter().position(|c| c.name == *name) else {
                    return fail(&place, format!("no CPU `{name}` stands above"));
                };
                let mut cpu = self.cpus[n].clone();
                rest[1..].iter().try_for_each(|w| self.word(isa, &mut cpu, w, &place))?;
                self.cpus[n] = cpu;
            }
            "cpu" => {
                self.new_name(name, &place)?;
                let mut cpu = Cpu::default();
                rest.iter().try_for_each(|w| self.word(isa, &mut cpu, w, &place))?;
                (cpu.name, cpu.aliases) = (name.clone(), Vec::new());
                if cpu.vlen == 0 || cpu.elen == 0 {
                    return fail(&place, format!("`{name}` needs vlen= and elen=, for whoever turns vectors on"));
                }
                self.cpus.push(cpu);
            }
            _ => return fail(&place, format!("expected set, cpu, alias, user or system, not `{kind}`")),
        }
        Ok(())
    }

    fn new_name(&self, name: &str, place: &Place) -> Result<(), Error> {
        match self.cpus.iter().any(|c| c.name == name || c.aliases.iter().any(|a| a == name)) {
            true => fail(place, format!("there is a CPU `{name}` already")),
            false => Ok(()),
        }
    }

    /// Adds what one word says.
    fn word(&self, isa: &Isa, cpu: &mut Cpu, word: &str, place: &Place) -> Result<(), Error> {
        if let Some((key, value)) = word.split_once('=') {
            return self.key(isa, cpu, key, value, place);
        }
        if let Some(set) = self.sets.get(word) {
            return set.iter().try_for_each(|w| self.word(isa, cpu, w, place));
        }
        if let Some(name) = word.strip_prefix('-') {
            let mut gone = Cpu::default();
            self.word(isa, &mut gone, name, place)?;
            cpu.parts.retain(|p| !gone.parts.contains(p));
            cpu.csrs.retain(|c| !gone.csrs.contains(c));
            return Ok(());
        }
        if let Some(parent) = self.cpus.iter().find(|c| c.name == word) {
            if !cpu.parts.is_empty() {
                return fail(place, format!("the CPU `{word}` that this one begins with stands first"));
            }
            *cpu = parent.clone();
            return Ok(());
        }
        let name = word.trim_start_matches('*');
        let known = |list: &[String]| list.iter().any(|n| n == name);
        if word != "*" && !isa.exts.iter().any(|e| e.name == name) && !known(&self.user) && !known(&self.system) {
            return fail(place, format!("`{word}` is no set, extension or CPU, and in no list of other extensions"));
        }
        if !cpu.parts.iter().any(|p| p == word) {
            cpu.parts.push(word.to_string());
        }
        Ok(())
    }

    fn key(&self, isa: &Isa, cpu: &mut Cpu, key: &str, value: &str, place: &Place) -> Result<(), Error> {
        if key == "csr" {
            for name in value.split(',') {
                let Some((number, _)) = isa.csrs.iter().find(|c| c.1 == name) else {
                    return fail(place, format!("csrs.isa names no `{name}`"));
                };
                cpu.csrs.push(*number);
            }
            cpu.csrs.sort_unstable();
            cpu.csrs.dedup();
            return Ok(());
        }
        if key == "agnostic" && value == "ones" {
            cpu.ones = true;
            return Ok(());
        }
        let parsed = match value.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => number(value, place).ok().map(|v| v as u64),
        };
        let Some(n) = parsed else { return fail(place, format!("`{value}` is not a number")) };
        match key {
            "vlen" => cpu.vlen = n as u32,
            "elen" => cpu.elen = n as u32,
            "vendor" => cpu.vendor = n as u32,
            "arch" => cpu.arch = n,
            "imp" => cpu.imp = n,
            _ => return fail(place, format!("unknown key `{key}`")),
        }
        Ok(())
    }
}

/// Writes the tables of models and of names.
pub fn emit(isa: &Isa, out: &mut String) {
    let _ = writeln!(out, "\npub(super) static CPUS: &[CpuModel] = &[");
    for c in &isa.cpus {
        let _ = writeln!(
            out,
            "    CpuModel {{ name: {:?}, aliases: &{:?}, extensions: &{:?}, vlen: {}, elen: {}, agnostic_ones: {}, \
             vendorid: {:#x}, archid: {:#x}, impid: {:#x}, csrs: &{:?} }},",
            c.name, c.aliases, c.parts, c.vlen, c.elen, c.ones, c.vendor, c.arch, c.imp, c.csrs
        );
    }
    let _ = writeln!(out, "];\npub(super) static USER_NAMES: &[&str] = &{:?};", isa.user);
    let _ = writeln!(out, "pub(super) static SYSTEM_NAMES: &[&str] = &{:?};", isa.system);
}
