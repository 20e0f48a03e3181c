//! The C header.
//!
//! Compilers know no matrix registers, so that register numbers are constants of the program and every intrinsic is volatile
//! assembly, which keeps its place. Words are written as `.insn r`, which all assemblers for RISC-V know: its register fields
//! carry either an integer register that the compiler chooses, or a number that is spelled as a register.

use super::shape::{Arg, Field, Part, Role, Shape};
use super::{Version, words};
use std::fmt::Write;

const WIDTH: usize = 120;

/// Checks and forms of words, for both versions.
const FORMS: &str = r#"#ifdef __cplusplus
#define TH_ASSERT_ static_assert
#else
#define TH_ASSERT_ _Static_assert
#endif
#define TH_INLINE_ static inline __attribute__((always_inline))

/* What arguments have to be: the compiler says so where they are not. */
TH_INLINE_ const void *th_in_(const void *base) { return base; }
TH_INLINE_ void *th_out_(void *base) { return base; }
TH_INLINE_ ptrdiff_t th_bytes_(ptrdiff_t stride) { return stride; }
TH_INLINE_ int64_t th_value_(int64_t value) { return value; }
TH_INLINE_ size_t th_index_(size_t index) { return index; }
#define TH_UPTO_(name, n, max) \
    TH_ASSERT_((n) >= 0 && (n) <= (max), name ": " #n " is not a number from 0 to " #max)
#define TH_ANY1_(name, a) TH_ASSERT_(((a) & ~7) == 0, name ": " #a " is not a matrix register")
#define TH_ANY2_(name, a, b) TH_ANY1_(name, a); TH_ANY1_(name, b)
#define TH_ANY3_(name, a, b, c) TH_ANY2_(name, a, b); TH_ANY1_(name, c)
#define TH_MULTIPLE_(name, a, n) \
    TH_ANY1_(name, a); TH_ASSERT_((a) % (n) == 0, name ": the number of " #a " is not a multiple of " #n)

/* One instruction. rd, rs1 and rs2 are the fields of the R format; checks are static assertions. */
#define TH_WORD_(checks, f3, f7, rd, rs1, rs2) \
    do { \
        checks; \
        __asm__ volatile(".insn r 0x2b, %0, %1, x%2, x%3, x%4" \
                         : : "i"(f3), "i"(f7), "i"(rd), "i"(rs1), "i"(rs2)); \
    } while (0)
#define TH_MEMORY_(checks, f3, f7, rd, rs1, rs2) \
    do { \
        checks; \
        __asm__ volatile(".insn r 0x2b, %0, %1, x%2, %3, %4" \
                         : : "i"(f3), "i"(f7), "i"(rd), "r"(rs1), "r"(rs2) : "memory"); \
    } while (0)
#define TH_WHOLE_(checks, f3, f7, rd, rs1, rs2) \
    do { \
        checks; \
        __asm__ volatile(".insn r 0x2b, %0, %1, x%2, %3, x%4" \
                         : : "i"(f3), "i"(f7), "i"(rd), "r"(rs1), "i"(rs2) : "memory"); \
    } while (0)
#define TH_PUT_(checks, f3, f7, rd, rs1, rs2) \
    do { \
        checks; \
        __asm__ volatile(".insn r 0x2b, %0, %1, x%2, %3, %4" \
                         : : "i"(f3), "i"(f7), "i"(rd), "r"(rs1), "r"(rs2)); \
    } while (0)
#define TH_DUP_(checks, f3, f7, rd, rs1, rs2) \
    do { \
        checks; \
        __asm__ volatile(".insn r 0x2b, %0, %1, x%2, x%3, %4" \
                         : : "i"(f3), "i"(f7), "i"(rd), "i"(rs1), "r"(rs2)); \
    } while (0)
#define TH_GET_(checks, f3, f7, rs1, rs2) \
    __extension__({ \
        checks; \
        int64_t th_result_; \
        __asm__ volatile(".insn r 0x2b, %1, %2, %0, %3, x%4" \
                         : "=r"(th_result_) : "i"(f3), "i"(f7), "r"(rs1), "i"(rs2)); \
        th_result_; \
    })
"#;

/// Checks of 0.6.
const CLASSES_06: &str = r#"#define TH_TILE1_(name, a) TH_ASSERT_(((a) & ~3) == 0, name ": " #a " is not one of TR0 to TR3")
#define TH_ACC1_(name, a) TH_ASSERT_(((a) & ~3) == 4, name ": " #a " is not one of ACC0 to ACC3")
#define TH_ACC2_(name, a, b) TH_ACC1_(name, a); TH_ACC1_(name, b)
#define TH_ACC3_(name, a, b, c) TH_ACC2_(name, a, b); TH_ACC1_(name, c)
#define TH_MULTIPLY_(name, a, b, c) TH_ACC1_(name, a); TH_TILE1_(name, b); TH_TILE1_(name, c)
#define TH_SAME2_(name, a, b) \
    TH_ANY2_(name, a, b); TH_ASSERT_((((a) ^ (b)) & 4) == 0, name ": " #a " and " #b " are a tile and an accumulator")
#define TH_SAME3_(name, a, b, c) TH_SAME2_(name, a, b); TH_SAME2_(name, a, c)
"#;

/// Checks and forms of 0.3. A scalar must be one of x8 to x15, whose number is part of the word: it is always a0.
const CLASSES_03: &str = r#"#define TH_APART_(name, a, b) TH_ASSERT_((a) != (b), name ": " #a " must differ from " #b)
#define TH_EVEN_(name, a) TH_ASSERT_((a) % 2 == 0, name ": " #a " is not the first of a pair, M0, M2, M4 or M6")
#define TH_MULTIPLY_(name, a, b, c) TH_ANY3_(name, a, b, c); TH_APART_(name, a, b); TH_APART_(name, a, c)
#define TH_MULTIPLY_PAIR_(name, a, b, c) TH_MULTIPLY_(name, a, b, c); TH_EVEN_(name, b); TH_APART_(name, a, (b) + 1)
#define TH_MULTIPLY_WIDE_(name, a, b, c) \
    TH_MULTIPLY_(name, a, b, c); TH_EVEN_(name, a); TH_APART_(name, (a) + 1, b); TH_APART_(name, (a) + 1, c)
#define TH_SCALAR_(checks, f3, f7, rd, rs1, rs2, value) \
    do { \
        checks; \
        register int64_t th_scalar_ __asm__("a0") = (value); \
        __asm__ volatile(".insn r 0x2b, %0, %1, x%2, x%3, x%4" \
                         : : "i"(f3), "i"(f7), "i"(rd), "i"(rs1), "i"(rs2), "r"(th_scalar_)); \
    } while (0)
#define TH_CONFIG_(checks, f3, f7, rs1, rs2) \
    __extension__({ \
        checks; \
        int64_t th_result_; \
        __asm__ volatile(".insn r 0x2b, %1, %2, %0, x%3, x%4" \
                         : "=r"(th_result_) : "i"(f3), "i"(f7), "i"(rs1), "i"(rs2)); \
        th_result_; \
    })
"#;

/// Access to CSRs.
const CSR_FORMS: &str = r#"
/* CSRs ("Programmer's Model"): `th_xmcsr_read()`, `th_xmcsr_write(value)`. */
#define TH_CSR_READ_(name, number) \
    TH_INLINE_ uint64_t th_##name##_read(void) \
    { \
        uint64_t value; \
        __asm__ volatile("csrr %0, " #number : "=r"(value)); \
        return value; \
    }
#define TH_CSR_WRITE_(name, number) \
    TH_INLINE_ void th_##name##_write(uint64_t value) { __asm__ volatile("csrw " #number ", %0" : : "rK"(value)); }
"#;

/// The whole file.
pub(super) fn header(version: Version, shapes: &[Shape]) -> String {
    let (name, spoken) = (version.name(), version.spoken());
    let upper = name.to_uppercase();
    let other = if version == Version::V03 { ("0P6", "0.6") } else { ("0P3", "0.3") };
    let mut out =
        format!("/* th_matrix_{name}.h: the matrix extension {spoken} for compilers that do not know it.\n *\n");
    let about = match version {
        Version::V03 => "Registers M0 to M7.",
        Version::V06 => "Registers TR0 to TR3 (tiles: A, and B transposed) and ACC0 to ACC3 (accumulators: C).",
    };
    let usage = format!(
        "One intrinsic for each instruction: `th_`, and the mnemonic with `_` for `.`; arguments stand in the order of the \
         assembly. {about} Register numbers and immediates are integer constant expressions; which registers an instruction takes is \
         checked at compile time. Compilers allocate no matrix registers: what they hold is up to the program, and other \
         functions keep none. All intrinsics stay in program order, and loads and stores with other accesses to memory. Needs GCC or Clang, C11 or \
         C++17, RV64 with Zicsr."
    );
    words::wrap(&usage, WIDTH - 3).iter().for_each(|l| out += &format!(" * {l}\n"));
    out += &format!(
        " *\n * Generated by `mellivora isa --c-header xtheadmatrix-{name}`; not to be edited.\n \
         * SPDX-License-Identifier: MIT OR Apache-2.0 */\n#ifndef TH_MATRIX_{upper}_H\n#define TH_MATRIX_{upper}_H\n\n"
    );
    out += &format!(
        "#ifdef TH_MATRIX_{}_H\n#error \"versions {spoken} and {} of the matrix extension share encodings: include one of them\"\n#endif\n",
        other.0, other.1
    );
    out += "#if !defined(__riscv_xlen) || __riscv_xlen != 64\n#error \"for 64-bit RISC-V\"\n#endif\n\n";
    out += "#include <stddef.h>\n#include <stdint.h>\n\n";
    let registers = version.registers().map(str::to_uppercase);
    let _ = writeln!(out, "/* Matrix registers. */\nenum {{ {} }};\n", registers.join(", "));
    constants(version, &mut out);
    out += FORMS;
    out += if version == Version::V03 { CLASSES_03 } else { CLASSES_06 };
    csrs(version, &mut out);
    let mut last = None;
    for shape in shapes {
        if last != Some(shape.chapter) {
            last = Some(shape.chapter);
            let intro = format!("\"{}\". {}", shape.chapter.title, shape.chapter.intro);
            out += "\n";
            block(&intro, "/* ", " * ", &mut out);
        }
        intrinsic(shape, &mut out);
    }
    out += "\n#endif\n";
    out
}

/// A comment of several lines.
fn block(text: &str, first: &str, next: &str, out: &mut String) {
    let lines = words::wrap(text, WIDTH - 7);
    for (n, line) in lines.iter().enumerate() {
        let end = if n + 1 == lines.len() { " */" } else { "" };
        let _ = writeln!(out, "{}{line}{end}", if n == 0 { first } else { next });
    }
}

fn constants(version: Version, out: &mut String) {
    for (name, value, what) in version.constants() {
        let number = match value {
            0..16 => value.to_string(),
            16..0x8000_0000 => format!("{value:#x}"),
            _ => format!("{value:#x}ull"),
        };
        let _ = writeln!(out, "#define {name} {number} /* {what} */");
    }
    out.push('\n');
}

fn csrs(version: Version, out: &mut String) {
    *out += CSR_FORMS;
    for (number, name, writable, what) in version.csrs() {
        let write = if *writable { format!("\nTH_CSR_WRITE_({name}, {number:#x})") } else { String::new() };
        let _ = writeln!(out, "/** {what} */\nTH_CSR_READ_({name}, {number:#x}){write}");
    }
}

/// `th_mmacc_w_b`
fn name(shape: &Shape) -> String {
    format!("th_{}", shape.info.mnemonic.replace('.', "_"))
}

fn intrinsic(shape: &Shape, out: &mut String) {
    block(&format!("`{}`: {}", shape.syntax(), shape.words), "/** ", " *  ", out);
    let fields = [shape.field(7, 5), shape.field(15, 5), shape.field(20, 5)];
    let seven = shape.field(25, 7);
    if !shape.args.iter().any(|a| a.constant()) {
        return function(shape, &fields, &seven, out);
    }
    let args: Vec<&str> = shape.args.iter().filter(|a| a.role != Role::Result).map(|a| a.name).collect();
    let checks: Vec<String> = shape
        .checks
        .iter()
        .map(|c| {
            let mnemonic = shape.info.mnemonic;
            format!("TH_{}_(\"{mnemonic}\", {})", c.name.to_uppercase(), c.args.join(", "))
        })
        .collect();
    let is_result = |f: &Field| matches!(f, Field::Register(n) if shape.args[*n].role == Role::Result);
    let registers = fields.each_ref().map(|f| matches!(f, Field::Register(_)));
    let memory = shape.loads() || shape.stores();
    let scalar = shape.args.iter().find(|a| a.short());
    let form = match (registers, memory) {
        _ if scalar.is_some() => "TH_SCALAR_",
        ([true, false, false], _) => "TH_CONFIG_",
        ([true, true, false], _) => "TH_GET_",
        ([false, true, true], true) => "TH_MEMORY_",
        ([false, true, false], true) => "TH_WHOLE_",
        ([false, true, true], false) => "TH_PUT_",
        ([false, false, true], _) => "TH_DUP_",
        _ => "TH_WORD_",
    };
    let three = (shape.info.value >> 12 & 7).to_string();
    let mut parts = vec![checks.join("; "), three, expression(shape, &seven)];
    parts.extend(fields.iter().filter(|f| !is_result(f)).map(|f| expression(shape, f)));
    parts.extend(scalar.map(|a| wrapped(shape, a)));
    let head = format!("#define {}({})", name(shape), args.join(", "));
    let (checks, rest) = (&parts[0], parts[1..].join(", "));
    let body = format!("{form}({checks}, {rest})");
    let _ = if head.len() + 1 + body.len() <= WIDTH {
        writeln!(out, "{head} {body}")
    } else if body.len() + 4 <= WIDTH {
        writeln!(out, "{head} \\\n    {body}")
    } else {
        writeln!(out, "{head} \\\n    {form}({checks}, \\\n        {rest})")
    };
}

/// An intrinsic without constants.
fn function(shape: &Shape, fields: &[Field; 3], seven: &Field, out: &mut String) {
    let result = shape.args.iter().any(|a| a.role == Role::Result);
    let inputs: Vec<&Arg> = shape.args.iter().filter(|a| a.role != Role::Result).collect();
    let parameters: Vec<String> = inputs.iter().map(|a| format!("size_t {}", a.name)).collect();
    let parameters = if parameters.is_empty() { "void".to_string() } else { parameters.join(", ") };
    // Numbered as the assembler statement lists them: the result first.
    let mut n = usize::from(result);
    let field = fields.each_ref().map(|f| match f {
        Field::Register(a) if shape.args[*a].role == Role::Result => "%0".to_string(),
        Field::Register(_) => {
            n += 1;
            format!("%{}", n - 1)
        }
        Field::Number(value, _) => format!("x{value}"),
    });
    let three = shape.info.value >> 12 & 7;
    let text = format!(".insn r 0x2b, {three}, {}, {}", expression(shape, seven), field.join(", "));
    let inputs: Vec<String> = inputs.iter().map(|a| format!("\"r\"({})", a.name)).collect();
    let name = name(shape);
    let _ = match (result, inputs.is_empty()) {
        (true, _) => writeln!(
            out,
            "TH_INLINE_ int64_t {name}({parameters})\n{{\n    int64_t result;\n    __asm__ volatile(\"{text}\" : \"=r\"(result) : {});\n    \
             return result;\n}}",
            inputs.join(", ")
        ),
        (_, true) => writeln!(out, "TH_INLINE_ void {name}({parameters}) {{ __asm__ volatile(\"{text}\"); }}"),
        _ => writeln!(
            out,
            "TH_INLINE_ void {name}({parameters}) {{ __asm__ volatile(\"{text}\" : : {}); }}",
            inputs.join(", ")
        ),
    };
}

/// An argument with its type.
fn wrapped(shape: &Shape, arg: &Arg) -> String {
    let name = arg.name;
    match arg.role {
        Role::Base if shape.stores() => format!("th_out_({name})"),
        Role::Base => format!("th_in_({name})"),
        Role::Stride => format!("th_bytes_({name})"),
        Role::Value if matches!(name, "index" | "row") => format!("th_index_({name})"),
        _ => format!("th_value_({name})"),
    }
}

/// A field as a C expression.
fn expression(shape: &Shape, field: &Field) -> String {
    let (fixed, parts) = match field {
        Field::Register(n) => return wrapped(shape, &shape.args[*n]),
        Field::Number(fixed, parts) => (*fixed, parts),
    };
    // a0 is the third of x8 to x15.
    let scalar = |p: &&Part| shape.args[p.arg].short();
    let fixed = parts.iter().filter(scalar).fold(fixed, |n, p| n | (2 >> p.right & p.ones.unwrap_or(7)) << p.left);
    let mut terms: Vec<String> = Vec::new();
    if fixed != 0 {
        terms.push(fixed.to_string());
    }
    for p in parts.iter().filter(|p| !scalar(p)) {
        let mut term = format!("({})", shape.args[p.arg].name);
        if p.right > 0 {
            term = format!("{term} >> {}", p.right);
        }
        if let Some(ones) = p.ones {
            term = if p.right > 0 { format!("({term})") } else { term };
            term = format!("({term} & {ones})");
        } else if p.right > 0 {
            term = format!("({term})");
        }
        if p.left > 0 {
            term = format!("{term} << {}", p.left);
        }
        terms.push(term);
    }
    match terms.as_slice() {
        [] => "0".to_string(),
        [one] => one.clone(),
        several => several
            .iter()
            .map(|t| if t.contains("<<") { format!("({t})") } else { t.clone() })
            .collect::<Vec<_>>()
            .join(" | "),
    }
}
