//! Version 0.6 in words: "RISC-V Matrix Specification Proposal", chapter "Instructions".

use super::super::table::OpInfo;
use super::shape::{Arg, Check, Role};
use super::words::Chapter;

const CONFIG: Chapter = Chapter {
    place: 0,
    title: "Configuration Instructions",
    intro: "Sizes of the tiles that the other instructions work on, in elements: A is mtilem x mtilek, B is mtilen x mtilek (held \
            transposed), C is mtilem x mtilen. Nothing is clamped: what is too large is illegal where it is used.",
};
const LOAD: Chapter = Chapter {
    place: 1,
    title: "Load Instructions",
    intro: "Row i of the register comes from base + i*stride, its element j from j*width behind that. All other elements become 0. \
            stride is in bytes and may be negative.",
};
const STORE: Chapter = Chapter {
    place: 2,
    title: "Store Instructions",
    intro: "Row i of the register goes to base + i*stride, its element j to j*width behind that. No other byte is touched.",
};
const LOAD_T: Chapter = Chapter {
    place: 3,
    title: "Load Transposed Instructions",
    intro: "Element j of row i comes from base + j*stride + i*width: a row of the register is a column in memory. All other elements \
            become 0.",
};
const STORE_T: Chapter = Chapter {
    place: 4,
    title: "Store Transposed Instructions",
    intro: "Element j of row i goes to base + j*stride + i*width. No other byte is touched.",
};
const WHOLE: Chapter = Chapter {
    place: 5,
    title: "Whole Matrix Load & Store Instructions",
    intro: "All rows, one behind the other in memory, whatever the tile sizes are.",
};
const MULTIPLY: Chapter = Chapter {
    place: 6,
    title: "Matrix Multiplication Instructions",
    intro: "md[i][j] += sum of ms1[i][k] * ms2[j][k] over k < mtilek, for i < mtilem and j < mtilen: ms1 is A, ms2 is B transposed. All \
            other elements of md become 0. md is an accumulator, ms2 and ms1 are tiles. Integer sums wrap, or saturate with xmsaten = 1.",
};
const MISC: Chapter = Chapter {
    place: 7,
    title: "MISC Instructions",
    intro: "They ignore the tile sizes: whole registers and rows. With several registers these are all tiles or all accumulators, but in \
            mmov.mm.",
};
const CONVERT: Chapter = Chapter {
    place: 8,
    title: "Type-Convert Instructions",
    intro: "All elements of accumulators, whatever the tile sizes are. Where widths differ, l means the low half of each row of the \
            narrower elements, h the high half (of fp32 and fp8: the first and the second quarter); the rest of a narrower md stays.",
};
const CLIP: Chapter = Chapter {
    place: 9,
    title: "Fixed-point Conversion Instructions",
    intro: "int32 to int8: shifted right by the low 5 bits of the element of ms1, rounded by xmxrm, saturated (xmsat). l writes the first \
            quarter of each row of md, h the second; the rest stays.",
};
const INTEGER: Chapter = Chapter {
    place: 10,
    title: "Integer Arithmetic Instructions",
    intro: "32-bit elements i < mtilem, j < mtilen of accumulators; all others of md become 0. The first operand is ms2[i][j], the second \
            ms1[i][j], or ms1[row][j] in the .mv.i forms. add, sub and mul saturate with xmsaten = 1.",
};
const FLOAT: Chapter = Chapter {
    place: 11,
    title: "Float-point Arithmetic Instructions",
    intro: "Elements i < mtilem, j < mtilen of accumulators; all others of md become 0. The first operand is ms2[i][j], the second \
            ms1[i][j], or ms1[row][j] in the .mv.i forms. Rounded by xmfrm.",
};

/// Chapter and one line for an instruction.
pub(super) fn describe(mnemonic: &str) -> (Chapter, String) {
    let parts: Vec<&str> = mnemonic.split('.').collect();
    let (head, rest) = (parts.first().copied().unwrap_or(""), parts.get(1..).unwrap_or_default());
    config(head)
        .or_else(|| memory(head))
        .or_else(|| multiply(head, rest))
        .or_else(|| misc(head, rest))
        .or_else(|| arithmetic(head, rest))
        .or_else(|| convert(head, rest))
        .unwrap_or((MISC, String::new()))
}

fn config(head: &str) -> Option<(Chapter, String)> {
    if head == "mrelease" {
        return Some((
            CONFIG,
            "says that the matrix registers are no longer needed: mstatus.MS becomes Initial".into(),
        ));
    }
    let size = head.strip_prefix("msettile")?;
    let name = format!("mtile{}", &size[..1]);
    Some((CONFIG, format!("{name} = size{}", if size.len() > 1 { ", a constant up to 1023" } else { "" })))
}

fn memory(head: &str) -> Option<(Chapter, String)> {
    let at = head.find('e').filter(|_| head.starts_with("ml") || head.starts_with("ms"))?;
    let (front, bits) = (&head[..at], &head[at + 1..]);
    bits.parse::<u32>().ok()?;
    let load = front.starts_with("ml");
    let (register, verb) = if load { ("md", "becomes") } else { ("ms3", "is stored as") };
    let (letter, transposed) = match front[2..].strip_suffix('t') {
        Some(letter) if !letter.is_empty() => (letter, true),
        _ => (&front[2..], false),
    };
    let shape = match letter {
        "a" => "A: mtilem rows of mtilek",
        "b" => "B: mtilen rows of mtilek",
        "c" => "C: mtilem rows of mtilen",
        "m" if load => return Some((WHOLE, format!("all of md from memory; elements of {bits} bits"))),
        "m" => return Some((WHOLE, format!("all of ms3 to memory; elements of {bits} bits"))),
        _ => return None,
    };
    let chapter = match (load, transposed) {
        (true, false) => LOAD,
        (true, true) => LOAD_T,
        (false, false) => STORE,
        (false, true) => STORE_T,
    };
    Some((chapter, format!("{register} {verb} {shape} elements of {bits} bits")))
}

/// What suffixes mean.
fn float(suffix: &str) -> Option<&'static str> {
    Some(match suffix {
        "e4" => "fp8 (E4M3)",
        "e5" => "fp8 (E5M2)",
        "h" => "fp16",
        "bf16" => "bf16",
        "tf32" => "tf32",
        "s" => "fp32",
        "d" => "fp64",
        _ => return None,
    })
}

fn multiply(head: &str, rest: &[&str]) -> Option<(Chapter, String)> {
    if head == "mfmacc" {
        let to = float(rest.first()?)?;
        let from = float(rest.get(1).unwrap_or(&rest[0]))?;
        return Some((MULTIPLY, format!("{from} times {from}, summed up in {to}")));
    }
    let (packed, signs) = match (head.strip_prefix("mmacc"), head.strip_prefix("pmmacc")) {
        (Some(signs), _) => (false, signs),
        (_, Some(signs)) => (true, signs),
        _ => return None,
    };
    let (one, other, to) = match (rest, packed) {
        (["w", "b"], true) => ("int4", "int4", "int32"),
        (["w", "b"], false) => ("int8", "int8", "int32"),
        (["w", "bp"], _) => ("int8", "int4", "int32"),
        (["d", "h"], _) => ("int16", "int16", "int64"),
        _ => return None,
    };
    let sign = |unsigned: bool, name: &str| if unsigned { format!("u{name}") } else { name.to_string() };
    let (a, b) = match signs {
        "u" => (true, true),
        "us" => (true, false),
        "su" => (false, true),
        _ => (false, false),
    };
    Some((MULTIPLY, format!("{} (ms1) times {} (ms2), summed up in {to}", sign(a, one), sign(b, other))))
}

/// Elements by letter.
fn width(letter: &str) -> &'static str {
    match letter {
        "b" => "8-bit",
        "h" => "16-bit",
        "w" => "32-bit",
        _ => "64-bit",
    }
}

fn misc(head: &str, rest: &[&str]) -> Option<(Chapter, String)> {
    let last = &head[head.len().saturating_sub(1)..];
    let text = match (head, rest) {
        ("mzero", _) => "md = 0".into(),
        ("mzero2r" | "mzero4r" | "mzero8r", _) => {
            let n = &head[5..6];
            format!("the {n} registers from md on become 0; md is a multiple of {n}")
        }
        ("mmov", ["mm"]) => "md = ms1, row by row; of different classes as many bits of a row as both have".into(),
        ("mmovb" | "mmovh" | "mmovw" | "mmovd", ["x", "m"]) => {
            format!(
                "the {} element number `index` of ms2, sign-extended; elements are counted through the rows",
                width(last)
            )
        }
        ("mmovb" | "mmovh" | "mmovw" | "mmovd", ["m", "x"]) => {
            format!("the {} element number `index` of md = value; elements are counted through the rows", width(last))
        }
        ("mdupb" | "mduph" | "mdupw" | "mdupd", _) => format!("every {} element of md = value", width(last)),
        ("mpack", _) => "each row of md = low half of ms1's, then low half of ms2's".into(),
        ("mpackhl", _) => "each row of md = low half of ms1's, then high half of ms2's".into(),
        ("mpackhh", _) => "each row of md = high half of ms1's, then high half of ms2's".into(),
        ("mrslidedown", _) => "row i of md = row i+n of ms1, or 0".into(),
        ("mrslideup", _) => "row i of md = row i-n of ms1, or 0".into(),
        ("mcslidedown", [w]) => format!("{} column j of md = column j+n of ms1, or 0", width(w)),
        ("mcslideup", [w]) => format!("{} column j of md = column j-n of ms1, or 0", width(w)),
        ("mrbca", _) => "every row of md = row number `row` of ms1".into(),
        ("mcbcab" | "mcbcah" | "mcbcaw" | "mcbcad", _) => {
            format!("every {} column of md = column number `column` of ms1", width(last))
        }
        _ => return None,
    };
    Some((MISC, text))
}

fn arithmetic(head: &str, rest: &[&str]) -> Option<(Chapter, String)> {
    if let Some(kind) = head.strip_prefix("mn4clip") {
        let unsigned = if kind.ends_with('u') { "uint8, as unsigned numbers" } else { "int8" };
        let part = if kind.starts_with('h') { "second" } else { "first" };
        return Some((
            CLIP,
            format!("ms2 shifted right by ms1, rounded and saturated to {unsigned}, to the {part} quarter of rows"),
        ));
    }
    let float = rest.first().and_then(|w| float(w)).unwrap_or("");
    Some(match head {
        "madd" => (INTEGER, "ms2 + ms1".into()),
        "msub" => (INTEGER, "ms2 - ms1".into()),
        "mmul" => (INTEGER, "low 32 bits of ms2 * ms1".into()),
        "mmulh" => (INTEGER, "high 32 bits of the signed product ms2 * ms1".into()),
        "mmax" => (INTEGER, "the greater one, signed".into()),
        "mmin" => (INTEGER, "the smaller one, signed".into()),
        "mumax" => (INTEGER, "the greater one, unsigned".into()),
        "mumin" => (INTEGER, "the smaller one, unsigned".into()),
        "msll" => (INTEGER, "ms2 << low 5 bits of ms1".into()),
        "msrl" => (INTEGER, "ms2 >> low 5 bits of ms1, filled with zeros".into()),
        "msra" => (INTEGER, "ms2 >> low 5 bits of ms1, filled with the sign, not rounded".into()),
        "mfadd" => (FLOAT, format!("{float}: ms2 + ms1")),
        "mfsub" => (FLOAT, format!("{float}: ms2 - ms1")),
        "mfmul" => (FLOAT, format!("{float}: ms2 * ms1")),
        "mfmax" => (FLOAT, format!("{float}: maximum number of ms2 and ms1")),
        "mfmin" => (FLOAT, format!("{float}: minimum number of ms2 and ms1")),
        _ => return None,
    })
}

fn convert(head: &str, rest: &[&str]) -> Option<(Chapter, String)> {
    let at = head.find("cvt")?;
    let [to, from] = rest else { return None };
    let half = match &head[at + 3..] {
        "l" => ", low part",
        "h" => ", high part",
        _ => "",
    };
    let integer = |letter: &str, unsigned: bool| {
        let name = match letter {
            "p" => "int4",
            "b" => "int8",
            _ => "int32",
        };
        if unsigned { format!("u{name}") } else { name.to_string() }
    };
    let name = |s: &str| float(s).unwrap_or("").to_string();
    let text = match &head[..at] {
        "mf" => format!("{} to {}", name(from), name(to)),
        "ms" if *from == "p" => format!("{} to {}", integer(from, false), integer(to, false)),
        "mu" if *from == "p" => format!("{} to {}", integer(from, true), integer(to, true)),
        "msf" => format!("{} to {}, rounded by xmfrm", integer(from, false), name(to)),
        "muf" => format!("{} to {}, rounded by xmfrm", integer(from, true), name(to)),
        "mfs" => format!("{} to {}, rounded by xmfrm, saturated", name(from), integer(to, false)),
        "mfu" => format!("{} to {}, rounded by xmfrm, saturated", name(from), integer(to, true)),
        _ => return None,
    };
    Some((CONVERT, format!("{text}{half}")))
}

/// Which registers an instruction takes: the proposal's chapters on formats and on each instruction.
pub(super) fn checks(info: &OpInfo, args: &[Arg]) -> Vec<Check> {
    let (func3, uop, func4) = (info.value >> 12 & 7, info.value >> 26 & 3, info.value >> 28);
    let registers: Vec<&Arg> = args.iter().filter(|a| a.role == Role::Matrix).collect();
    let names: Vec<String> = registers.iter().map(|a| a.name.to_string()).collect();
    let single = |class: &str| vec![Check { name: class.to_string(), args: names.clone() }];
    let mut out = match (func3, uop) {
        (1, _) => vec![Check { name: format!("acc{}", names.len()), args: names.clone() }],
        (_, 2) => single("multiply"),
        (_, 1) => match func4 {
            2 | 6 => single("acc1"),
            3 => single("any1"),
            _ => single("tile1"),
        },
        _ if info.mnemonic.starts_with("mzero") && info.mnemonic.len() > 5 => {
            vec![Check { name: "multiple".into(), args: vec![names[0].clone(), info.mnemonic[5..6].to_string()] }]
        }
        _ if names.is_empty() => Vec::new(),
        _ if names.len() == 1 => single("any1"),
        _ if info.mnemonic.starts_with("mmov") => single("any2"),
        _ => vec![Check { name: format!("same{}", names.len()), args: names.clone() }],
    };
    // In element-wise forms 7 is the other form.
    let max = |a: &Arg| if func3 == 1 { 6 } else { a.operand.max() };
    let immediates = args.iter().filter(|a| a.role == Role::Immediate);
    out.extend(immediates.map(|a| Check { name: "upto".into(), args: vec![a.name.to_string(), max(a).to_string()] }));
    out
}
