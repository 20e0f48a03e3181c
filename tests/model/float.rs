//! F, D, Zfh, Zfbfmin and Zfa: arithmetic by Berkeley SoftFloat in its RISC-V configuration, the rest (comparison of bits,
//! signs, classes, minimum and maximum, constants, modular conversion, BFloat16) written out here.

use super::softfloat::{AsBits, D, Format, H, NV, Number, S, classify, convert, run, select, soft, to_bf16};
use super::{Cpu, Insn, Outcome, Trap, boxed, sign_extend};
use mellivora::isa::Op;
use softfloat_sys as sf;

/// `fli`'s table, as binary64; the entries 1 and 31 belong to the format.
const CONSTANTS: [f64; 32] = [
    -1.0,
    0.0,
    1.0 / 65536.0,
    1.0 / 32768.0,
    1.0 / 256.0,
    1.0 / 128.0,
    0.0625,
    0.125,
    0.25,
    0.3125,
    0.375,
    0.4375,
    0.5,
    0.625,
    0.75,
    0.875,
    1.0,
    1.25,
    1.5,
    1.75,
    2.0,
    2.5,
    3.0,
    4.0,
    8.0,
    16.0,
    128.0,
    256.0,
    32768.0,
    65536.0,
    f64::INFINITY,
    0.0,
];

fn constant(f: Format, n: u8) -> u64 {
    let bits = CONSTANTS[n as usize].to_bits();
    match (n, f) {
        (1, _) => 1 << f.fraction(),
        (31, _) => f.nan(),
        (_, D) => bits,
        // 2^16 is too large for binary16 and becomes infinity.
        _ => run(0, || convert(D, f, bits)).0,
    }
}

/// The low 32 bits of a binary64 truncated to an integer; flags as of a conversion to 32 bits.
fn modular(v: u64) -> Number {
    // SAFETY: a function of values.
    let flags = run(1, || unsafe { sf::f64_to_i32(sf::float64_t { v }, 1, true) } as u64).1;
    let exponent = (v >> 52 & 0x7ff) as i32 - 1075;
    let significand = v & ((1 << 52) - 1) | 1 << 52;
    if v & D.infinity() == D.infinity() {
        return (0, flags);
    }
    let magnitude = match exponent {
        32.. => 0,
        0.. => ((significand as u128) << exponent) as u64,
        -63.. => significand >> -exponent,
        _ => 0,
    };
    let whole = if v >> 63 == 1 { magnitude.wrapping_neg() } else { magnitude };
    (sign_extend(whole, 32), flags)
}

/// The format that an instruction works in: the last letter of its name.
macro_rules! formats {
    ($op:expr, $(($h:ident $s:ident $d:ident) |$f:ident| $e:expr;)*) => {
        match $op {
            $(Op::$h => { let $f = H; Some($e) }
            Op::$s => { let $f = S; Some($e) }
            Op::$d => { let $f = D; Some($e) })*
            _ => None,
        }
    };
}

impl Cpu {
    /// A source in a format: what is not NaN-boxed counts as the canonical NaN.
    fn number(&self, f: Format, n: u8) -> u64 {
        let v = self.f[n as usize];
        let low = if f == D { v } else { v & ((1 << f.bits()) - 1) };
        if boxed(low, f.bits()) == v { low } else { f.nan() }
    }

    fn raise(&mut self, flags: u64) {
        self.fflags |= flags;
        if flags != 0 {
            self.fs = 3;
        }
    }

    fn write_float(&mut self, rd: u8, bits: u64, (v, flags): Number) {
        self.f[rd as usize] = boxed(v, bits);
        self.fs = 3;
        self.raise(flags);
    }

    fn write_integer(&mut self, rd: u8, (v, flags): Number) {
        self.set_x(rd, v);
        self.raise(flags);
    }

    pub(super) fn float(&mut self, i: &Insn) -> Outcome {
        self.rounding(i).or_else(|| self.exact(i)).or_else(|| self.conversions(i))
    }

    /// The rounding mode of an instruction; reserved ones are illegal (choice).
    fn mode(&self, i: &Insn) -> Result<u64, Trap> {
        self.need_float(i)?;
        let mode = if i.operands.rm == 7 { self.frm } else { i.operands.rm as u64 };
        if mode > 4 { self.illegal(i) } else { Ok(mode) }
    }

    /// Arithmetic that rounds to a result of the same format.
    fn rounding(&mut self, i: &Insn) -> Outcome {
        let o = i.operands;
        let (a, b, c) = (|f| self.number(f, o.rs1), |f| self.number(f, o.rs2), |f| self.number(f, o.rs3));
        // Whether it has a mode at all, and a legal one, is settled below.
        let mode = self.mode(i).unwrap_or(0);
        let fused = |f: Format, product: bool, addend: bool| {
            let (x, y, z) = (a(f), b(f), c(f));
            let flip = |v: u64, flip: bool| if flip { v ^ f.sign() } else { v };
            soft!(f, f16_mulAdd f32_mulAdd f64_mulAdd, (flip(x, product), y, flip(z, addend)))
        };
        let round =
            |f: Format, exact: bool| soft!(f, f16_roundToInt f32_roundToInt f64_roundToInt, (a(f)), mode as u8, exact);
        let (f, v) = formats!(i.op,
            (FaddH FaddS FaddD) |f| (f, run(mode, || soft!(f, f16_add f32_add f64_add, (a(f), b(f)))));
            (FsubH FsubS FsubD) |f| (f, run(mode, || soft!(f, f16_sub f32_sub f64_sub, (a(f), b(f)))));
            (FmulH FmulS FmulD) |f| (f, run(mode, || soft!(f, f16_mul f32_mul f64_mul, (a(f), b(f)))));
            (FdivH FdivS FdivD) |f| (f, run(mode, || soft!(f, f16_div f32_div f64_div, (a(f), b(f)))));
            (FsqrtH FsqrtS FsqrtD) |f| (f, run(mode, || soft!(f, f16_sqrt f32_sqrt f64_sqrt, (a(f)))));
            (FmaddH FmaddS FmaddD) |f| (f, run(mode, || fused(f, false, false)));
            (FmsubH FmsubS FmsubD) |f| (f, run(mode, || fused(f, false, true)));
            (FnmsubH FnmsubS FnmsubD) |f| (f, run(mode, || fused(f, true, false)));
            (FnmaddH FnmaddS FnmaddD) |f| (f, run(mode, || fused(f, true, true)));
            (FroundH FroundS FroundD) |f| (f, run(mode, || round(f, false)));
            (FroundnxH FroundnxS FroundnxD) |f| (f, run(mode, || round(f, true)));
        )?;
        if let Err(trap) = self.mode(i) {
            return Some(Err(trap));
        }
        self.write_float(o.rd, f.bits(), v);
        Some(Ok(()))
    }

    /// What never rounds.
    fn exact(&mut self, i: &Insn) -> Outcome {
        let o = i.operands;
        let (a, b) = (|f| self.number(f, o.rs1), |f| self.number(f, o.rs2));
        // Sign injection: the sign from a function of both.
        let inject = |f: Format, sign: fn(u64, u64) -> u64| (f, (a(f) & !f.sign() | sign(a(f), b(f)) & f.sign(), 0));
        let to_float = formats!(i.op,
            (FsgnjH FsgnjS FsgnjD) |f| inject(f, |_, b| b);
            (FsgnjnH FsgnjnS FsgnjnD) |f| inject(f, |_, b| !b);
            (FsgnjxH FsgnjxS FsgnjxD) |f| inject(f, |a, b| a ^ b);
            (FminH FminS FminD) |f| (f, select(f, a(f), b(f), false, false));
            (FmaxH FmaxS FmaxD) |f| (f, select(f, a(f), b(f), true, false));
            (FminmH FminmS FminmD) |f| (f, select(f, a(f), b(f), false, true));
            (FmaxmH FmaxmS FmaxmD) |f| (f, select(f, a(f), b(f), true, true));
            (FliH FliS FliD) |f| (f, (constant(f, o.rs1), 0));
            (FmvHX FmvWX FmvDX) |f| (f, (self.x[o.rs1 as usize], 0));
        );
        if let Some((f, v)) = to_float {
            if let Err(trap) = self.need_float(i) {
                return Some(Err(trap));
            }
            self.write_float(o.rd, f.bits(), v);
            return Some(Ok(()));
        }
        let v = formats!(i.op,
            (FeqH FeqS FeqD) |f| run(0, || soft!(f, f16_eq f32_eq f64_eq, (a(f), b(f))));
            (FltH FltS FltD) |f| run(0, || soft!(f, f16_lt f32_lt f64_lt, (a(f), b(f))));
            (FleH FleS FleD) |f| run(0, || soft!(f, f16_le f32_le f64_le, (a(f), b(f))));
            (FltqH FltqS FltqD) |f| run(0, || soft!(f, f16_lt_quiet f32_lt_quiet f64_lt_quiet, (a(f), b(f))));
            (FleqH FleqS FleqD) |f| run(0, || soft!(f, f16_le_quiet f32_le_quiet f64_le_quiet, (a(f), b(f))));
            (FclassH FclassS FclassD) |f| (classify(f, a(f)), 0);
            // The bits as they are, boxed or not.
            (FmvXH FmvXW FmvXD) |f| (sign_extend(self.f[o.rs1 as usize], f.bits()), 0);
        )?;
        if let Err(trap) = self.need_float(i) {
            return Some(Err(trap));
        }
        self.write_integer(o.rd, v);
        Some(Ok(()))
    }

    fn conversions(&mut self, i: &Insn) -> Outcome {
        let o = i.operands;
        let x = self.x[o.rs1 as usize];
        let a = |f| self.number(f, o.rs1);
        let mode = self.mode(i).unwrap_or(0);
        let m = mode as u8;
        if i.op == Op::FcvtmodWD {
            if let Err(trap) = self.need_float(i) {
                return Some(Err(trap));
            }
            let v = modular(a(D));
            self.write_integer(o.rd, v);
            return Some(Ok(()));
        }
        let to_integer = formats!(i.op,
            (FcvtWH FcvtWS FcvtWD) |f| (32, run(mode, || soft!(f, f16_to_i32 f32_to_i32 f64_to_i32, (a(f)), m, true)));
            (FcvtWuH FcvtWuS FcvtWuD) |f|
                (32, run(mode, || soft!(f, f16_to_ui32 f32_to_ui32 f64_to_ui32, (a(f)), m, true)));
            (FcvtLH FcvtLS FcvtLD) |f| (64, run(mode, || soft!(f, f16_to_i64 f32_to_i64 f64_to_i64, (a(f)), m, true)));
            (FcvtLuH FcvtLuS FcvtLuD) |f|
                (64, run(mode, || soft!(f, f16_to_ui64 f32_to_ui64 f64_to_ui64, (a(f)), m, true)));
        );
        // SAFETY: functions of values.
        let from_integer = unsafe {
            formats!(i.op,
                (FcvtHW FcvtSW FcvtDW) |f| (f, run(mode, || match f {
                    H => sf::i32_to_f16(x as i32).bits(),
                    S => sf::i32_to_f32(x as i32).bits(),
                    D => sf::i32_to_f64(x as i32).bits(),
                }));
                (FcvtHWu FcvtSWu FcvtDWu) |f| (f, run(mode, || match f {
                    H => sf::ui32_to_f16(x as u32).bits(),
                    S => sf::ui32_to_f32(x as u32).bits(),
                    D => sf::ui32_to_f64(x as u32).bits(),
                }));
                (FcvtHL FcvtSL FcvtDL) |f| (f, run(mode, || match f {
                    H => sf::i64_to_f16(x as i64).bits(),
                    S => sf::i64_to_f32(x as i64).bits(),
                    D => sf::i64_to_f64(x as i64).bits(),
                }));
                (FcvtHLu FcvtSLu FcvtDLu) |f| (f, run(mode, || match f {
                    H => sf::ui64_to_f16(x).bits(),
                    S => sf::ui64_to_f32(x).bits(),
                    D => sf::ui64_to_f64(x).bits(),
                }));
            )
        };
        let between = |from, to| Some((to, run(mode, || convert(from, to, a(from)))));
        let reformatted = match i.op {
            Op::FcvtSD => between(D, S),
            Op::FcvtDS => between(S, D),
            Op::FcvtSH => between(H, S),
            Op::FcvtHS => between(S, H),
            Op::FcvtDH => between(H, D),
            Op::FcvtHD => between(D, H),
            // BFloat16 as the upper half of binary32.
            Op::FcvtSBf16 => {
                let v = self.f[o.rs1 as usize];
                let upper = if boxed(v, 16) == v { v << 16 & 0xffff_ffff } else { S.nan() };
                let flags = if S.is_signaling(upper) { NV } else { 0 };
                Some((S, (if S.is_nan(upper) { S.nan() } else { upper }, flags)))
            }
            Op::FcvtBf16S => Some((H, to_bf16(a(S), mode))),
            _ => None,
        };
        if to_integer.is_none() && from_integer.is_none() && reformatted.is_none() {
            return None;
        }
        if let Err(trap) = self.mode(i) {
            return Some(Err(trap));
        }
        if let Some((bits, (v, flags))) = to_integer {
            self.write_integer(o.rd, (sign_extend(v, bits), flags));
        }
        if let Some((f, v)) = from_integer.or(reformatted) {
            self.write_float(o.rd, f.bits(), v);
        }
        Some(Ok(()))
    }
}
