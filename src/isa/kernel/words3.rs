//! Version 0.3 in words: "RISC-V Matrix Multiplication Extension Specification" 0.3, chapter "Instructions".

use super::shape::{Arg, Check, Role};
use super::words::Chapter;

const CONFIG: Chapter = Chapter {
    place: 0,
    title: "Configuration Instructions",
    intro: "Fields of xmsize: sizeM and sizeN in rows, sizeK in bytes. They return the new xmsize. What is too large is illegal where it is \
            used.",
};
const MEMORY: Chapter = Chapter {
    place: 1,
    title: "Matrix Load/Store Instructions",
    intro: "sizeM rows of sizeK bytes, row i at base + i*stride. A load sets all other bytes of md to 0; a store touches nothing else. \
            stride is in bytes and may be negative.",
};
const STREAM: Chapter = Chapter {
    place: 2,
    title: "Matrix Load/Store Instructions, streaming",
    intro: "As above, for data that will not be used again soon. They stand in no text, but in the released compiler and libraries.",
};
const WHOLE: Chapter = Chapter {
    place: 3,
    title: "Matrix Load/Store Instructions, whole registers",
    intro: "One to eight registers from md or ms3 on, all rows, one behind the other in memory, whatever xmsize says.",
};
const MULTIPLY: Chapter = Chapter {
    place: 4,
    title: "Matrix Multiplication Instructions",
    intro: "md[i][j] += sum of ms1[i][k] * ms2[j][k] over the elements k of sizeK bytes, for i < sizeM and j < sizeN: ms1 is A, ms2 is B \
            transposed. All other elements of md become 0. md is neither ms1 nor ms2. Of 64-bit results, the left half of each row is \
            in md, which is even, the right half in the next register. Integer sums wrap.",
};
const POINTWISE: Chapter = Chapter {
    place: 5,
    title: "Integer Pointwise Arithmetic Instructions",
    intro: "Elements in sizeM rows of sizeK bytes; all others of md become 0. The first operand is ms2[i][k]; the second ms1[i][k] (.mm), \
            ms1[row][k] with the number of a row (.mv.i, .mv.x), or a number for all (.mx). s: 32-bit elements, d: 64-bit. What mn4clip writes are narrow elements \
            in the first quarter of each row; the other three stay.",
};
const OTHER: Chapter =
    Chapter { place: 6, title: "Other Instructions", intro: "They ignore xmsize: whole registers and rows." };

/// Chapter and one line for an instruction.
pub(super) fn describe(mnemonic: &str) -> (Chapter, String) {
    let parts: Vec<&str> = mnemonic.split('.').collect();
    let (head, rest) = (parts.first().copied().unwrap_or(""), parts.get(1..).unwrap_or_default());
    config(head)
        .or_else(|| multiply(head, rest))
        .or_else(|| other(head, rest))
        .or_else(|| pointwise(head, rest))
        .or_else(|| memory(head))
        .unwrap_or((OTHER, String::new()))
}

fn config(head: &str) -> Option<(Chapter, String)> {
    let text = match head {
        "mrelease" => "says that the matrix registers are no longer needed: mstatus.MS becomes Initial",
        "mcfg" => "sizeM = bits 7:0 of size, sizeN = bits 15:8, sizeK = bits 31:16",
        "mcfgk" => "sizeK = size, in bytes",
        "mcfgm" => "sizeM = size",
        "mcfgn" => "sizeN = size",
        "mcfgki" => "sizeK = size, in bytes, a constant up to 127",
        "mcfgmi" => "sizeM = size, a constant up to 127",
        "mcfgni" => "sizeN = size, a constant up to 127",
        _ => return None,
    };
    Some((CONFIG, text.into()))
}

/// Bits of an element by letter.
fn bits(letter: &str) -> &'static str {
    match letter {
        "b" => "8",
        "h" => "16",
        "w" | "s" => "32",
        _ => "64",
    }
}

fn memory(head: &str) -> Option<(Chapter, String)> {
    let last = &head[head.len().saturating_sub(1)..];
    let elements = format!("elements of {} bits", bits(last));
    let body = &head[..head.len().saturating_sub(1)];
    Some(match body {
        "mld" => (MEMORY, format!("md from memory; {elements}")),
        "mst" => (MEMORY, format!("ms3 to memory; {elements}")),
        "msld" => (STREAM, format!("md from memory; {elements}")),
        "msst" => (STREAM, format!("ms3 to memory; {elements}")),
        _ => {
            let (load, rest) = match (body.strip_prefix("mld"), body.strip_prefix("mst")) {
                (Some(rest), _) => (true, rest),
                (_, Some(rest)) => (false, rest),
                _ => return None,
            };
            let n = rest.strip_suffix('m')?;
            let what =
                if n == "1" { "one register".to_string() } else { format!("{n} registers from a multiple of {n} on") };
            (WHOLE, format!("{what} {} memory; {elements}", if load { "from" } else { "to" }))
        }
    })
}

fn multiply(head: &str, rest: &[&str]) -> Option<(Chapter, String)> {
    let text = match (head, rest) {
        ("fmmacc", ["h"]) => {
            "fp16: B has up to twice as many rows: the first in ms2, which is even, the others in the next register"
                .to_string()
        }
        ("fmmacc", ["s"]) => "fp32".into(),
        ("fmmacc", ["d"]) => "fp64, to a pair of registers".into(),
        ("fwmmacc", ["h"]) => "fp16, summed up in fp32".into(),
        ("fwmmacc", ["s"]) => "fp32, summed up in fp64, to a pair of registers".into(),
        _ => {
            let (four, signs) = match (head.strip_prefix("mmaqa"), head.strip_prefix("pmmaqa")) {
                (Some(signs), _) => (false, signs),
                (_, Some(signs)) => (true, signs),
                _ => return None,
            };
            let (name, to) = match (four, rest) {
                (true, _) => ("int4", "int32"),
                (_, ["b"]) => ("int8", "int32"),
                _ => ("int16", "int64, to a pair of registers"),
            };
            let sign = |unsigned| if unsigned { format!("u{name}") } else { name.to_string() };
            let (a, b) = match signs {
                "u" => (true, true),
                "us" => (true, false),
                "su" => (false, true),
                _ => (false, false),
            };
            format!("{} (ms1) times {} (ms2), summed up in {to}", sign(a), sign(b))
        }
    };
    Some((MULTIPLY, text))
}

fn other(head: &str, rest: &[&str]) -> Option<(Chapter, String)> {
    let element = bits(&head[head.len().saturating_sub(1)..]);
    let text = match (head, rest) {
        ("mzero", _) => "md = 0".into(),
        ("mmov", ["mm"]) => "md = ms1".into(),
        ("mmov", _) => "every row of md = row number `row` of ms1".into(),
        ("mmovb" | "mmovh" | "mmovw" | "mmovd", ["x", "m"]) => {
            format!(
                "the {element}-bit element number `index` of ms2, sign-extended; elements are counted through the rows"
            )
        }
        ("mmovb" | "mmovh" | "mmovw" | "mmovd", _) => {
            format!("the {element}-bit element number `index` of md = value; elements are counted through the rows")
        }
        ("mdupb" | "mduph" | "mdupw" | "mdupd", _) => format!("every {element}-bit element of md = value"),
        _ => return None,
    };
    Some((OTHER, text))
}

fn pointwise(head: &str, rest: &[&str]) -> Option<(Chapter, String)> {
    let second = match rest.get(1..) {
        Some(["mx"]) => "value",
        Some(["mv", _]) => "ms1[row]",
        _ => "ms1",
    };
    let (n, narrow) = if rest.first() == Some(&"d") { ("6", "16") } else { ("5", "8") };
    let text = match head {
        "madd" => format!("ms2 + {second}"),
        "msub" => format!("ms2 - {second}"),
        "mmul" => format!("low half of ms2 * {second}"),
        "mmulh" => format!("high half of the signed product ms2 * {second}"),
        "msra" => format!("ms2 >> low {n} bits of {second}, filled with the sign, rounded by xmxrm"),
        "mn4clip" => {
            format!("ms2 >> low {n} bits of {second}, rounded by xmxrm, saturated to int{narrow} in the first quarter")
        }
        "mn4clipu" => {
            format!(
                "unsigned ms2 >> low {n} bits of {second}, rounded by xmxrm, saturated to uint{narrow} in the first quarter"
            )
        }
        _ => return None,
    };
    Some((POINTWISE, text))
}

/// Which registers an instruction takes: section "Matrix Register Overlap" and the text of each.
pub(super) fn checks(mnemonic: &str, args: &[Arg]) -> Vec<Check> {
    let names: Vec<String> = args.iter().filter(|a| a.role == Role::Matrix).map(|a| a.name.to_string()).collect();
    let whole = || mnemonic.strip_prefix("mld").or(mnemonic.strip_prefix("mst")).filter(|r| r.len() == 3);
    let mut out = if names.is_empty() {
        Vec::new()
    } else if describe(mnemonic).0 == MULTIPLY {
        let name = match mnemonic {
            "fmmacc.h" => "multiply_pair",
            "fmmacc.d" | "fwmmacc.s" => "multiply_wide",
            m if m.starts_with("mmaqa") && m.ends_with(".h") => "multiply_wide",
            _ => "multiply",
        };
        vec![Check { name: name.into(), args: names }]
    } else if let Some(n) = whole().map(|r| &r[..1]).filter(|n| *n != "1") {
        vec![Check { name: "multiple".into(), args: vec![names[0].clone(), n.to_string()] }]
    } else {
        vec![Check { name: format!("any{}", names.len()), args: names }]
    };
    let immediates = args.iter().filter(|a| a.role == Role::Immediate);
    out.extend(
        immediates.map(|a| Check { name: "upto".into(), args: vec![a.name.to_string(), a.operand.max().to_string()] }),
    );
    out
}
