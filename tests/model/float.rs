//! F, D, Zfh, Zfbfmin and Zfa: arithmetic by Berkeley SoftFloat in its RISC-V configuration, the rest (comparison of bits,
//! signs, classes, minimum and maximum, constants, modular conversion, BFloat16) written out here.

use super::{Cpu, Insn, Outcome, Trap, boxed, sign_extend};
use mellivora::isa::Op;
use softfloat_sys as sf;

const NV: u64 = 16;
const OF: u64 = 4;
const UF: u64 = 2;
const NX: u64 = 1;

/// A format: bits of it all and of the fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    H,
    S,
    D,
}
use Format::{D, H, S};

impl Format {
    fn bits(self) -> u64 {
        [16, 32, 64][self as usize]
    }
    fn fraction(self) -> u64 {
        [10, 23, 52][self as usize]
    }
    fn sign(self) -> u64 {
        1 << (self.bits() - 1)
    }
    /// Also the mask of the exponent.
    fn infinity(self) -> u64 {
        self.sign() - (1 << self.fraction())
    }
    fn quiet(self) -> u64 {
        1 << (self.fraction() - 1)
    }
    fn nan(self) -> u64 {
        self.infinity() | self.quiet()
    }
    fn is_nan(self, v: u64) -> bool {
        v & !self.sign() > self.infinity()
    }
    fn is_signaling(self, v: u64) -> bool {
        self.is_nan(v) && v & self.quiet() == 0
    }
}

/// Calls the SoftFloat function of a format on values of that format; the bits of what it returns.
macro_rules! soft {
    ($f:expr, $h:ident $s:ident $d:ident, ($($a:expr),*) $(, $more:expr)*) => {
        // SAFETY: SoftFloat's functions take values and touch their own thread-local state only.
        unsafe { match $f {
            H => sf::$h($(sf::float16_t { v: $a as u16 }),* $(, $more)*).bits(),
            S => sf::$s($(sf::float32_t { v: $a as u32 }),* $(, $more)*).bits(),
            D => sf::$d($(sf::float64_t { v: $a }),* $(, $more)*).bits(),
        } }
    };
}

/// What SoftFloat returns, as register bits: numbers of 32 bits sign-extended.
trait AsBits {
    fn bits(self) -> u64;
}
macro_rules! as_bits {
    ($($t:ty, |$v:ident| $e:expr;)*) => { $(impl AsBits for $t { fn bits(self) -> u64 { let $v = self; $e } })* };
}
as_bits! {
    sf::float16_t, |v| v.v as u64;
    sf::float32_t, |v| v.v as u64;
    sf::float64_t, |v| v.v;
    bool, |v| v as u64;
    u64, |v| v;
    i64, |v| v as u64;
    u32, |v| v as u64;
    i32, |v| v as u64;
}

/// A number of an instruction: value and flags that it raises.
type Number = (u64, u64);

fn run(mode: u64, f: impl FnOnce() -> u64) -> Number {
    // SAFETY: thread-local state of SoftFloat.
    unsafe {
        sf::softfloat_roundingMode_write_helper(mode as u8);
        sf::softfloat_exceptionFlags_write_helper(0);
        let v = f();
        (v, sf::softfloat_exceptionFlags_read_helper() as u64)
    }
}

/// minimumNumber and its likes: -0 below +0; `strict`: a NaN makes the result one.
fn select(f: Format, a: u64, b: u64, max: bool, strict: bool) -> Number {
    let flags = if f.is_signaling(a) || f.is_signaling(b) { NV } else { 0 };
    let nans = (f.is_nan(a), f.is_nan(b));
    let key = |v: u64| if v & f.sign() != 0 { -((v - f.sign()) as i128) - 1 } else { v as i128 };
    let v = match nans {
        (true, true) => f.nan(),
        (true, _) | (_, true) if strict => f.nan(),
        (true, _) => b,
        (_, true) => a,
        _ if (key(a) < key(b)) != max => a,
        _ => b,
    };
    (v, flags)
}

/// The class of a number, as one bit.
fn classify(f: Format, v: u64) -> u64 {
    let (negative, magnitude) = (v & f.sign() != 0, v & !f.sign());
    let normal = magnitude >= 1 << f.fraction();
    if f.is_nan(v) {
        return if f.is_signaling(v) { 1 << 8 } else { 1 << 9 };
    }
    let from_zero = match magnitude {
        0 => 0,
        m if m == f.infinity() => 3,
        _ if normal => 2,
        _ => 1,
    };
    if negative { 1 << (3 - from_zero) } else { 1 << (4 + from_zero) }
}

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

fn convert(from: Format, to: Format, v: u64) -> u64 {
    let (h, s, d) = (sf::float16_t { v: v as u16 }, sf::float32_t { v: v as u32 }, sf::float64_t { v });
    // SAFETY: functions of values.
    unsafe {
        match (from, to) {
            (H, H) | (S, S) | (D, D) => v,
            (H, S) => sf::f16_to_f32(h).bits(),
            (H, D) => sf::f16_to_f64(h).bits(),
            (S, H) => sf::f32_to_f16(s).bits(),
            (S, D) => sf::f32_to_f64(s).bits(),
            (D, H) => sf::f64_to_f16(d).bits(),
            (D, S) => sf::f64_to_f32(d).bits(),
        }
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

/// Binary32 to BFloat16: the upper half, rounded; subnormal numbers have the same scale in both.
fn to_bf16(v: u64, mode: u64) -> Number {
    if S.is_nan(v) {
        return (0x7fc0, if S.is_signaling(v) { NV } else { 0 });
    }
    let (negative, magnitude) = (v & S.sign() != 0, v & !S.sign());
    // Rounds off `n` low bits.
    let round = |m: u64, n: u64| {
        let (kept, cut, half) = (m >> n, m & ((1 << n) - 1), 1 << n >> 1);
        let up = match mode {
            0 => cut > half || cut == half && kept & 1 == 1 && cut != 0,
            1 => false,
            2 => negative && cut != 0,
            3 => !negative && cut != 0,
            _ => cut >= half && cut != 0,
        };
        kept + up as u64
    };
    let result = round(magnitude, 16);
    let mut flags = if magnitude & 0xffff != 0 { NX } else { 0 };
    if magnitude < S.infinity() && result >= 0x7f80 {
        flags |= OF | NX;
    }
    // Tiny: below the normal numbers after rounding to 8 bits with an unbounded exponent.
    let width = 64 - magnitude.leading_zeros() as u64;
    let cut = width.saturating_sub(8);
    if flags & NX != 0 && (round(magnitude, cut) << cut) < 1 << 23 {
        flags |= UF;
    }
    (result | (negative as u64) << 15, flags)
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
