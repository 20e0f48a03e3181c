//! The small pieces of the text format: lines, numbers, bit ranges, words of templates.

use super::model::{Error, Place, Token};

/// Calls `f` for each line that is not empty, without its comment.
pub fn each_line(file: &str, text: &str, mut f: impl FnMut(Place, &str) -> Result<(), Error>) -> Result<(), Error> {
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if !line.is_empty() {
            f(Place { file: file.to_string(), line: i + 1 }, line)?;
        }
    }
    Ok(())
}

/// An error at `place`.
pub fn fail<T>(place: &Place, what: impl Into<String>) -> Result<T, Error> {
    Err(Error { place: place.clone(), what: what.into() })
}

/// A decimal, 0x or 0b number.
pub fn number(text: &str, place: &Place) -> Result<i64, Error> {
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
pub fn range(text: &str, place: &Place) -> Result<(u8, u8), Error> {
    let (hi, lo) = text.split_once("..").unwrap_or((text, text));
    match (hi.parse(), lo.parse()) {
        (Ok(hi), Ok(lo)) if lo <= hi && hi < 64 => Ok((hi, lo)),
        _ => fail(place, format!("`{text}` is not a bit range such as 31..20")),
    }
}

/// The mask of the bits `hi..lo`.
pub fn bits(hi: u8, lo: u8) -> u64 {
    (u64::MAX >> (63 - (hi - lo))) << lo
}

/// Splits a template into words and punctuation; words known to `operand` become operands.
pub fn tokens(text: &str, operand: impl Fn(&str) -> Option<usize>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    for (word, is_word) in split(text) {
        match (is_word.then(|| operand(word)).flatten(), out.last_mut()) {
            (Some(i), _) => out.push(Token::Operand(i)),
            (None, _) if is_word && register(word).is_some() => {
                out.extend(register(word).map(Token::Register));
            }
            (None, Some(Token::Text(t))) => t.push_str(word),
            (None, _) => out.push(Token::Text(word.to_string())),
        }
    }
    out
}

/// Words and the punctuation between them.
pub fn split(text: &str) -> Vec<(&str, bool)> {
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

/// `x5`.
pub fn register(word: &str) -> Option<u8> {
    word.strip_prefix('x')?.parse().ok().filter(|n| *n < 32)
}
