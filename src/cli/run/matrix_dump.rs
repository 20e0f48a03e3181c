//! Matrix state in words: what `--dump-regs` and `--dump-matrix` print of it.

use mellivora::float::{Bf16, E4m3, E5m2, F16};
use mellivora::hart::{Context, Hart, I4, MATRIX_REGISTERS, MatrixElement, MatrixVersion, MatrixView, U4};
use std::fmt::Write;

/// Bytes up to which a register is shown as a whole: 16 rows of 64 bytes.
const LARGE: usize = 1024;

/// How elements are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    I4,
    U4,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    Bf16,
    F32,
    F64,
    E4m3,
    E5m2,
    Hex4,
    Hex8,
    Hex16,
    Hex32,
    Hex64,
}

const TYPES: &[(&str, Type)] = &[
    ("i4", Type::I4),
    ("u4", Type::U4),
    ("i8", Type::I8),
    ("u8", Type::U8),
    ("i16", Type::I16),
    ("u16", Type::U16),
    ("i32", Type::I32),
    ("u32", Type::U32),
    ("i64", Type::I64),
    ("u64", Type::U64),
    ("f16", Type::F16),
    ("bf16", Type::Bf16),
    ("f32", Type::F32),
    ("f64", Type::F64),
    ("e4m3", Type::E4m3),
    ("e5m2", Type::E5m2),
    ("hex4", Type::Hex4),
    ("hex8", Type::Hex8),
    ("hex16", Type::Hex16),
    ("hex32", Type::Hex32),
    ("hex64", Type::Hex64),
];

/// The value of `--dump-matrix`: which register is shown as what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    /// By number: tr0..tr3 and acc0..acc3 of 0.6, or m0..m7 of 0.3.
    types: [Option<Type>; MATRIX_REGISTERS as usize],
    /// Large registers, too, are shown as a whole.
    all: bool,
}

/// The value of the option: `i8`, `tr=i8,acc=i32`, `m2=f16,all`.
pub fn parse(text: &str) -> Result<Dump, String> {
    let mut dump = Dump::default();
    for word in text.split(',') {
        let (registers, name) = match word.split_once('=') {
            _ if word == "all" => {
                dump.all = true;
                continue;
            }
            None => (0..8, word),
            Some((register, name)) => (numbers(register).ok_or_else(|| no_register(register))?, name),
        };
        let found = TYPES.iter().find(|t| t.0 == name).ok_or_else(|| {
            let names: Vec<&str> = TYPES.iter().map(|t| t.0).collect();
            format!("`{name}` is no type of elements; there are {}", names.join(", "))
        })?;
        dump.types[registers].fill(Some(found.1));
    }
    Ok(dump)
}

fn no_register(name: &str) -> String {
    format!("`{name}` names no matrix registers; say tr, acc or m for all of a kind, or one as tr0, acc3 or m7")
}

/// The registers that a name stands for.
fn numbers(name: &str) -> Option<std::ops::Range<usize>> {
    let (all, number) = [("tr", 0..4), ("acc", 4..8), ("m", 0..8)]
        .into_iter()
        .find_map(|(kind, all)| name.strip_prefix(kind).map(|number| (all, number)))?;
    match number.as_bytes() {
        [] => Some(all),
        [digit @ b'0'..=b'7'] => all.clone().nth(usize::from(digit - b'0')).map(|n| n..n + 1),
        _ => None,
    }
}

/// Sizes and CSRs on one line, then the registers; one line if the unit is off, nothing if there is none.
pub fn text(hart: &Hart, dump: &Dump) -> String {
    let config = hart.matrix_config();
    if config.tlen == 0 {
        return String::new();
    }
    let csr = |n| hart.csr(n).unwrap_or(0);
    let mut out = match config.version {
        MatrixVersion::V0p6 => format!("matrix 0.6 TLEN {} TRLEN {} ELEN {}", config.tlen, config.trlen, config.elen),
        MatrixVersion::V0p3 => format!("matrix 0.3 RLEN {}", config.trlen),
    };
    if hart.ms() == Context::Off {
        return out + " mstatus.MS Off\n";
    }
    let [m, n, k] = hart.matrix_sizes();
    let _ = match config.version {
        MatrixVersion::V0p6 => writeln!(
            out,
            " mtilem {m} mtilen {n} mtilek {k} xmxrm {} xmsat {} xmfflags {:02x} xmfrm {} xmsaten {}",
            csr(0x806),
            csr(0x807),
            csr(0x808),
            csr(0x809),
            csr(0x80a)
        ),
        MatrixVersion::V0p3 => writeln!(
            out,
            " xmsize {:08x} (sizeM {m} sizeN {n} sizeK {k}) xmcsr {:x} xmrstart {}",
            csr(0x803),
            csr(0x802),
            csr(0x801)
        ),
    };
    for n in 0..MATRIX_REGISTERS {
        let name = config.version.register_name(n);
        if hart.matrix_bytes(n).iter().all(|b| *b == 0) {
            let _ = writeln!(out, "{name:4} zero");
            continue;
        }
        let usual = match (config.version, n) {
            (MatrixVersion::V0p6, 0..4) => Type::Hex8,
            _ => Type::Hex32,
        };
        let shown = dump.types[usize::from(n)].unwrap_or(usual);
        register(&mut out, name, hart, n, shown, dump.all);
    }
    out
}

/// One register: its shape, then its rows.
fn register(out: &mut String, name: &str, hart: &Hart, n: u8, shown: Type, all: bool) {
    /// The elements of a register, or of the part that is shown, as text.
    struct Table {
        rows: Vec<Vec<String>>,
        /// Rows and columns of the register.
        whole: (usize, usize),
    }
    fn table<T: MatrixElement>(hart: &Hart, n: u8, all: bool, format: impl Fn(T::Value) -> String) -> Option<Table> {
        let view: MatrixView<'_, T> = hart.matrix_register(n)?;
        let whole = (view.rows(), view.columns());
        let (rows, columns) = if all { whole } else { part(hart, n, T::BITS) };
        let rows = view.part(rows, columns).iter_rows().map(|row| row.map(&format).collect()).collect();
        Some(Table { rows, whole })
    }
    macro_rules! tables {
        ($($type:ident $element:ty, $format:literal;)*) => {
            match shown { $(
                Type::$type => table::<$element>(hart, n, all, |v| format!($format, v)),
            )* }
        };
    }
    let found = tables! {
        I4 I4, "{}";
        U4 U4, "{}";
        I8 i8, "{}";
        U8 u8, "{}";
        I16 i16, "{}";
        U16 u16, "{}";
        I32 i32, "{}";
        U32 u32, "{}";
        I64 i64, "{}";
        U64 u64, "{}";
        F16 F16, "{:?}";
        Bf16 Bf16, "{:?}";
        F32 f32, "{:?}";
        F64 f64, "{:?}";
        E4m3 E4m3, "{:?}";
        E5m2 E5m2, "{:?}";
        Hex4 U4, "{:x}";
        Hex8 u8, "{:02x}";
        Hex16 u16, "{:04x}";
        Hex32 u32, "{:08x}";
        Hex64 u64, "{:016x}";
    };
    let Some(Table { rows, whole }) = found else { return };
    let label = TYPES.iter().find(|t| t.1 == shown).map_or("", |t| t.0);
    let _ = write!(out, "{name:4} {label} {} x {}", whole.0, whole.1);
    let part = (rows.len(), rows.first().map_or(0, Vec::len));
    if part != whole {
        let _ = write!(out, ", of which {} x {} as by the sizes; --dump-matrix all shows the rest", part.0, part.1);
    }
    out.push('\n');
    let width = rows.iter().flatten().map(String::len).max().unwrap_or(0);
    let number = rows.len().saturating_sub(1).to_string().len();
    for (i, row) in rows.iter().enumerate() {
        let _ = write!(out, "  {i:number$}:");
        row.iter().for_each(|e| {
            let _ = write!(out, " {e:>width$}");
        });
        out.push('\n');
    }
}

/// Rows and columns that are shown of a register: all, or of a large one those that instructions work on now.
fn part(hart: &Hart, n: u8, bits: u32) -> (usize, usize) {
    if hart.matrix_bytes(n).len() <= LARGE {
        return (usize::MAX, usize::MAX);
    }
    let [m, n_size, k] = hart.matrix_sizes().map(|s| usize::try_from(s).unwrap_or(usize::MAX));
    match (hart.matrix_config().version, n) {
        // Any register may be an A, B or C.
        (MatrixVersion::V0p3, _) => (m.max(n_size), n_size.max(k.saturating_mul(8) / bits as usize)),
        (MatrixVersion::V0p6, 0..4) => (m.max(n_size), k),
        (MatrixVersion::V0p6, _) => (m, n_size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_registers() {
        let types = |text| parse(text).unwrap().types;
        let (i8s, i32s) = (Some(Type::I8), Some(Type::I32));
        assert_eq!(types("i8"), [i8s; 8]);
        assert_eq!(types("tr=i8,acc=i32"), [i8s, i8s, i8s, i8s, i32s, i32s, i32s, i32s]);
        assert_eq!(types("i8,acc1=i32,m7=i32"), [i8s, i8s, i8s, i8s, i8s, i32s, i8s, i32s]);
        assert_eq!((parse("all").unwrap().all, types("all")), (true, [None; 8]));
        for wrong in ["", "i7", "tr4=i8", "acc4=i8", "m8=i8", "x=i8", "m12=i8", "tr=", "i8,"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
