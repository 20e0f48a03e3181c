//! Writing JSON (RFC 8259).

use std::fmt::{self, Write};

/// A JSON value. Keys of objects keep their order.
pub enum Json {
    Null,
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub fn text(text: impl Into<String>) -> Json {
        Json::Text(text.into())
    }

    /// An address: a string, as numbers of 64 bits are more than many readers of JSON can hold.
    pub fn hex(n: u64) -> Json {
        Json::Text(format!("{n:#x}"))
    }

    /// A value, or null.
    pub fn maybe<T>(value: Option<T>, json: impl FnOnce(T) -> Json) -> Json {
        value.map_or(Json::Null, json)
    }

    pub fn list<T>(items: impl IntoIterator<Item = T>, json: impl FnMut(T) -> Json) -> Json {
        Json::List(items.into_iter().map(json).collect())
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, depth| write!(f, "\n{:1$}", "", 2 * depth);
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(b) => write!(f, "{b}"),
            Json::Number(n) => write!(f, "{n}"),
            Json::Text(text) => f.write_str(&quote(text)),
            Json::List(items) if items.is_empty() => f.write_str("[]"),
            Json::List(items) => {
                for (n, item) in items.iter().enumerate() {
                    f.write_char(if n == 0 { '[' } else { ',' })?;
                    line(f, depth + 1)?;
                    item.write(f, depth + 1)?;
                }
                line(f, depth)?;
                f.write_char(']')
            }
            Json::Object(members) => {
                for (n, (key, value)) in members.iter().enumerate() {
                    f.write_char(if n == 0 { '{' } else { ',' })?;
                    line(f, depth + 1)?;
                    write!(f, "{}: ", quote(key))?;
                    value.write(f, depth + 1)?;
                }
                line(f, depth)?;
                f.write_char('}')
            }
        }
    }
}

impl fmt::Display for Json {
    /// Two spaces for each level, one member a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

/// A JSON string (RFC 8259, section 7).
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{Json, quote};

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quote("a\"b\\c\nd\u{1}é"), "\"a\\\"b\\\\c\\u000ad\\u0001é\"");
    }

    #[test]
    fn values_nest() {
        let inner = Json::Object(vec![("n", Json::Number(7)), ("none", Json::Null)]);
        let all = Json::Object(vec![
            ("a", Json::List(vec![Json::Bool(true), inner])),
            ("b", Json::List(Vec::new())),
            ("c", Json::hex(u64::MAX)),
        ]);
        let expected = "{\n  \"a\": [\n    true,\n    {\n      \"n\": 7,\n      \"none\": null\n    }\n  ],\n  \"b\": [],\n  \
                        \"c\": \"0xffffffffffffffff\"\n}";
        assert_eq!(all.to_string(), expected);
    }
}
