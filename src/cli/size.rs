//! Numbers on the command line: sizes with suffixes, addresses, instruction words.

/// `64M`, `0x1000`, `2GiB`, `4096`: bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is not a size: write bytes, or a number with K, M, G or T (powers of 1024)");
    let lower = text.to_ascii_lowercase();
    let plain =
        lower.strip_suffix("ib").or(lower.strip_suffix('b').filter(|_| !lower.starts_with("0x"))).unwrap_or(&lower);
    let (digits, shift) = match plain.char_indices().next_back() {
        Some((at, 'k')) => (&plain[..at], 10),
        Some((at, 'm')) => (&plain[..at], 20),
        Some((at, 'g')) => (&plain[..at], 30),
        Some((at, 't')) => (&plain[..at], 40),
        _ => (plain, 0),
    };
    let number = number(digits).ok_or_else(wrong)?;
    number.checked_mul(1 << shift).ok_or_else(|| format!("`{text}` is more than 64 bits hold"))
}

/// A count: `1000000`, `1_000_000`, `1e6`, `0x10`.
pub fn count(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is not a number of instructions");
    let plain = text.replace('_', "").to_ascii_lowercase();
    if !plain.starts_with("0x")
        && let Some((digits, zeros)) = plain.split_once('e')
    {
        let scale = zeros.parse().ok().and_then(|z| 10u64.checked_pow(z));
        return number(digits).zip(scale).and_then(|(n, s)| n.checked_mul(s)).ok_or_else(wrong);
    }
    number(&plain).ok_or_else(wrong)
}

/// An address, hexadecimal with `0x`, else decimal.
pub fn address(text: &str) -> Result<u64, String> {
    number(text).ok_or_else(|| format!("`{text}` is not an address: write 0x80000000, say"))
}

/// An instruction word in hexadecimal, with or without `0x`.
pub fn word(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let digits = digits.replace('_', "");
    u32::from_str_radix(&digits, 16)
        .ok()
        .filter(|_| !digits.starts_with('+'))
        .ok_or_else(|| format!("`{text}` is not an instruction word: write up to eight hexadecimal digits"))
}

fn number(text: &str) -> Option<u64> {
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_hexdigit());
    match text.strip_prefix("0x") {
        Some(hex) if digits(hex) => u64::from_str_radix(hex, 16).ok(),
        None if digits(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_suffixes_of_1024() {
        for (text, value) in
            [("4096", 4096), ("64M", 64 << 20), ("2GiB", 2 << 30), ("1kb", 1024), ("0x1000", 4096), ("1T", 1 << 40)]
        {
            assert_eq!(size(text), Ok(value), "{text}");
        }
        for text in ["", "M", "-1", "+1", "1.5G", "4X", "99999999999G", "1MM", "0x", "é"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_take_exponents_and_underscores() {
        assert_eq!((count("1e6"), count("1_000"), count("0x10")), (Ok(1_000_000), Ok(1000), Ok(16)));
        assert!(count("1e99").is_err() && count("x").is_err() && count("e").is_err());
    }

    #[test]
    fn words_are_hexadecimal() {
        assert_eq!((word("8082"), word("0x00000013")), (Ok(0x8082), Ok(0x13)));
        assert!(word("123456789").is_err() && word("+1").is_err() && word("").is_err());
    }
}
