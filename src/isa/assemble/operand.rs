//! Single operands: their text, their values, and what to say about wrong ones.

use super::super::disasm::FLI;
use super::super::extension::Isa;
use super::super::kernel::csr_number_for;
use super::super::register::{parse_f, parse_x};
use super::super::table::{Kind, Operand};

/// What the values of operands depend on besides their text.
pub(super) struct Place<'a> {
    /// Address of the instruction.
    pub pc: u64,
    /// What the machine has: versions of an extension number CSRs differently.
    pub isa: &'a Isa,
}

/// Where in the operands the reader is. Blanks between words do not count.
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Cursor<'t> {
        Cursor { text, at: 0 }
    }

    /// Bytes that have been read.
    pub fn place(&self) -> usize {
        self.at
    }

    /// What has not been read.
    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default().trim()
    }

    pub fn at_end(&self) -> bool {
        self.rest().is_empty()
    }

    fn skip_blanks(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Everything up to the next blank, comma or bracket.
    pub fn word(&mut self) -> &'t str {
        self.skip_blanks();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || ",()[]".contains(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Everything.
    pub fn all(&mut self) -> &'t str {
        let rest = self.rest();
        self.at = self.text.len();
        rest
    }

    /// Goes behind `text`, if it is next. `0(` is the same as `(`.
    pub fn literal(&mut self, text: &str) -> bool {
        let start = self.at;
        for c in text.chars() {
            self.skip_blanks();
            let rest = self.text.get(self.at..).unwrap_or_default();
            let zero = if c == '(' { rest.strip_prefix('0').unwrap_or(rest) } else { rest };
            match zero.strip_prefix(c) {
                Some(behind) => self.at = self.text.len() - behind.len(),
                None => {
                    self.at = start;
                    return false;
                }
            }
        }
        true
    }
}

/// The value of an operand that may be left out at the end.
pub(super) fn unwritten(kind: Kind) -> Option<i64> {
    match kind {
        Kind::Rm => Some(7),
        Kind::RmExact => Some(0),
        Kind::Vm => Some(1),
        _ => None,
    }
}

/// Whether the text of the operand has commas of its own.
pub(super) fn takes_commas(kind: Kind) -> bool {
    matches!(kind, Kind::Vtypei | Kind::ThVtypei)
}

/// A decimal, 0x or 0b number. A leading zero means octal in one assembler and nothing in another: it is refused.
fn number(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |d| (true, d));
    let plain = |t: &str| t.bytes().all(|b| b.is_ascii_alphanumeric());
    let value = if let Some(hex) = digits.strip_prefix("0x").filter(|h| plain(h)) {
        i128::from_str_radix(hex, 16).ok()?
    } else if let Some(bits) = digits.strip_prefix("0b").filter(|b| plain(b)) {
        i128::from_str_radix(bits, 2).ok()?
    } else if plain(digits) && (digits == "0" || !digits.starts_with('0')) {
        digits.parse().ok()?
    } else {
        return None;
    };
    Some(if negative { -value } else { value })
}

/// Whether a value can be encoded.
pub(super) fn fits(o: &Operand, value: i64) -> bool {
    let encoded = value.wrapping_sub(if o.kind.signed() { 0 } else { o.bias.into() });
    (o.min()..=o.max()).contains(&value) && encoded & ((1 << o.align) - 1) == 0 && !(o.nonzero && encoded == 0)
}

/// The value of an operand, if its text is one that can be encoded.
pub(super) fn parse(o: &Operand, text: &str, place: &Place) -> Option<i64> {
    let small = || number(text).and_then(|n| i64::try_from(n).ok());
    let value = match o.kind {
        Kind::X => parse_x(text)?.into(),
        Kind::F => parse_f(text)?.into(),
        Kind::V => vector_register(text)?,
        Kind::M => numbered(text, "m", 8)?,
        Kind::Tile => numbered(text, "tr", 4).or_else(|| numbered(text, "acc", 4).map(|n| n + 4))?,
        Kind::Rm | Kind::RmExact => ROUNDING.iter().find(|r| r.0 == text)?.1,
        Kind::Simm | Kind::Uimm | Kind::Hex => small()?,
        // Written as an unsigned number of 20 bits.
        Kind::Upper => {
            let n = small().filter(|n| (-0x8_0000..=0xf_ffff).contains(n))?;
            (n << 44) >> 32
        }
        Kind::PcRel => target(text, place.pc)?,
        Kind::Csr => match csr_number_for(place.isa, text) {
            Some(n) => n.into(),
            None => small()?,
        },
        Kind::Fli => fli(text)?,
        Kind::Fence => fence_set(text)?,
        Kind::Vm => (text == "v0.t").then_some(0)?,
        Kind::Vtypei => vtype(text).or_else(small)?,
        Kind::ThVtypei => th_vtype(text).or_else(small)?,
        Kind::SimmZ => {
            let n = small()?;
            let half = 1i64 << (o.width - 1);
            (-half..half).contains(&n).then_some(n & (2 * half - 1))?
        }
        Kind::Wd => match parse_x(text) {
            Some(0) => 0,
            _ => vector_register(text).map(|_| 1)?,
        },
        // Not written as operands.
        Kind::AqRl | Kind::Suffix | Kind::Hidden => return None,
    };
    fits(o, value).then_some(value)
}

fn vector_register(text: &str) -> Option<i64> {
    numbered(text, "v", 32)
}

/// `v5`: a name and a number below `count` without leading zeros.
fn numbered(text: &str, name: &str, count: i64) -> Option<i64> {
    let digits = text.strip_prefix(name).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    let n = number(digits).and_then(|n| i64::try_from(n).ok())?;
    (n < count).then_some(n)
}

const ROUNDING: [(&str, i64); 6] = [("rne", 0), ("rtz", 1), ("rdn", 2), ("rup", 3), ("rmm", 4), ("dyn", 7)];

/// `0x1040` or `.-4`, as an offset from `pc`.
fn target(text: &str, pc: u64) -> Option<i64> {
    if let Some(offset) = text.strip_prefix('.') {
        return match offset.strip_prefix('+') {
            _ if offset.is_empty() => Some(0),
            Some(plus) => i64::try_from(number(plus)?).ok(),
            None => i64::try_from(number(offset).filter(|n| *n <= 0)?).ok(),
        };
    }
    let address = number(text)?;
    let wide = u64::try_from(address).ok().or(i64::try_from(address).ok().map(|a| a as u64))?;
    Some(wide.wrapping_sub(pc) as i64)
}

/// `iorw` in any order, or a number.
fn fence_set(text: &str) -> Option<i64> {
    if text == "unknown" {
        return Some(0);
    }
    let bit = |c| [('i', 8), ('o', 4), ('r', 2), ('w', 1)].iter().find(|l| l.0 == c).map(|l| l.1);
    let add = |set: i64, c| bit(c).filter(|b| set & b == 0).map(|b| set | b);
    match text.chars().try_fold(0, add) {
        Some(set) if set != 0 => Some(set),
        _ => number(text).and_then(|n| i64::try_from(n).ok()),
    }
}

/// A constant of `fli` as disassemblers write it, or as a decimal fraction.
fn fli(text: &str) -> Option<i64> {
    if let Some(n) = FLI.iter().position(|c| *c == text) {
        return i64::try_from(n).ok();
    }
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e');
    let wanted: f64 = text.chars().all(digits).then(|| text.parse().ok())??;
    let n = FLI.iter().position(|c| hexadecimal(c) == Some(wanted))?;
    i64::try_from(n).ok()
}

/// `-0x1.4p-2`
fn hexadecimal(text: &str) -> Option<f64> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |r| (true, r));
    let (digits, exponent) = rest.strip_prefix("0x")?.split_once('p')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let bits = u32::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    let exponent: i32 = exponent.parse().ok()?;
    let value = f64::from(bits) * 2f64.powi(exponent - 4 * i32::try_from(fraction.len()).ok()?);
    Some(if negative { -value } else { value })
}

/// `e32,m2,ta,ma`; what is left out at the end is m1, tu and mu.
fn vtype(text: &str) -> Option<i64> {
    let mut parts = text.split(',').map(str::trim);
    let sew = ["e8", "e16", "e32", "e64"].iter().position(|s| Some(*s) == text.split(',').next().map(str::trim))?;
    parts.next();
    let mut value = i64::try_from(sew).ok()? << 3;
    let mut rest = parts.peekable();
    let lmul = [("m1", 0), ("m2", 1), ("m4", 2), ("m8", 3), ("mf8", 5), ("mf4", 6), ("mf2", 7)];
    for choices in [&lmul[..], &[("tu", 0), ("ta", 1 << 6)], &[("mu", 0), ("ma", 1 << 7)]] {
        if let Some((_, bits)) = rest.peek().and_then(|p| choices.iter().find(|c| c.0 == *p)) {
            value |= bits;
            rest.next();
        }
    }
    rest.next().is_none().then_some(value)
}

/// `e32,m2,d1`; what is left out at the end is m1 and d1.
fn th_vtype(text: &str) -> Option<i64> {
    let mut parts = text.split(',').map(str::trim);
    let log = |part: Option<&str>, letter, least: u32, count| match part {
        None => Some(0),
        Some(p) => {
            let n = numbered(p, letter, 1 << 16)?;
            let log = u32::try_from(n).ok().filter(|n| n.is_power_of_two())?.ilog2().checked_sub(least)?;
            (log < count).then_some(i64::from(log))
        }
    };
    let sew = log(Some(parts.next()?), "e", 3, 8)?;
    let lmul = log(parts.next(), "m", 0, 4)?;
    let div = log(parts.next(), "d", 0, 4)?;
    parts.next().is_none().then_some(sew << 2 | lmul | div << 5)
}

/// What an operand has to be, in words.
pub(super) fn describe(o: &Operand) -> String {
    let range = |what: &str| match o.max() - o.min() {
        31 => format!("{what} register"),
        _ => format!("{what} register of x{} to x{}", o.min(), o.max()),
    };
    let nonzero = if o.nonzero { ", but not 0" } else { "" };
    match o.kind {
        Kind::X if o.nonzero => "an integer register other than zero, such as a0 or x10".to_string(),
        Kind::X if o.min() == 0 && o.max() == 31 => "an integer register, such as a0 or x10".to_string(),
        Kind::X => range("an integer"),
        Kind::F if o.min() == 0 && o.max() == 31 => "a floating-point register, such as fa0 or f10".to_string(),
        Kind::F => range("a floating-point").replace('x', "f"),
        Kind::V => "a vector register, v0 to v31".to_string(),
        Kind::M => "a matrix register, m0 to m7".to_string(),
        Kind::Tile => "a tile tr0 to tr3 or an accumulator acc0 to acc3".to_string(),
        Kind::Rm | Kind::RmExact => "a rounding mode: rne, rtz, rdn, rup, rmm or dyn".to_string(),
        Kind::SimmZ => format!("a number from {} to {}", -(1 << (o.width - 1)), (1 << (o.width - 1)) - 1),
        Kind::Upper => {
            let high = (o.max() >> 12) + 1;
            let low = 0x10_0000 - high;
            match low <= high {
                true => format!("a number from 0 to 0xfffff{nonzero}"),
                false => format!("a number up to {:#x} or from {low:#x} to 0xfffff{nonzero}", high - 1),
            }
        }
        Kind::PcRel => {
            let (min, max, step) = (o.min(), o.max(), 1 << o.align);
            format!("an address such as 0x1040 or .+8, {min} to {max} bytes from the instruction, a multiple of {step}")
        }
        Kind::Csr => "a CSR: its name, or its number up to 0xfff".to_string(),
        Kind::Fli => "a constant of the table of fli, such as 0x1p-1, 0.5, min, inf or nan".to_string(),
        Kind::Fence => "some of the letters i, o, r, w".to_string(),
        Kind::Vm => "v0.t, or left out".to_string(),
        Kind::Vtypei => "a type such as e32,m2,ta,ma, or a number".to_string(),
        Kind::ThVtypei => "a type such as e32,m2,d1, or a number".to_string(),
        Kind::Wd => "zero or the vector register that the instruction writes".to_string(),
        Kind::Simm | Kind::Uimm | Kind::Hex | Kind::Suffix | Kind::AqRl | Kind::Hidden => {
            let step = if o.align > 0 { format!(", a multiple of {}", 1 << o.align) } else { String::new() };
            format!("a number from {} to {}{step}{nonzero}", o.min(), o.max())
        }
    }
}
