//! T-Head's scalar extensions (ISA extension specification of T-Head, the chapters XTheadBa to XTheadSync), by mnemonic, and
//! with integers without bounds as in `integer.rs`.
//!
//! Choices, where the specification is silent or at odds with itself:
//! * `th.ext` and `th.extu` with msb < lsb leave rd alone.
//! * Loads that write two registers trap if these are equal, or if one of them holds the address and is not written back.
//! * Of a pair of stores none is done if one of them faults.
//! * `th.dcache.cva` and `th.dcache.iva` are legal in U-mode, like those that the text allows there.
//! * `th.ipush`, `th.ipop` and `th.fmv.*` exist on RV32 only, and so trap in any mode.

use super::{Cpu, Insn, Outcome, Trap, boxed, cause, sign_extend};
use mellivora::isa::Extension;

/// As a signed number of so many bits.
fn signed(v: u64, bits: u32) -> i128 {
    sign_extend(v, bits.into()) as i64 as i128
}

/// The bits of a word, from the highest on.
fn bits(v: u64) -> impl Iterator<Item = bool> + Clone {
    (0..64).rev().map(move |n| v / (1 << n) % 2 == 1)
}

/// The number that some bits make, the highest first.
fn number(bits: impl Iterator<Item = bool>) -> i128 {
    bits.fold(0, |v, bit| 2 * v + bit as i128)
}

/// What a memory instruction does, from its name: `th.lurwu`, `th.sdib`.
struct Access {
    load: bool,
    float: bool,
    signed: bool,
    size: u64,
    how: How,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    /// `ia`: rs1 is written back after.
    After,
    /// `ib`: before.
    Before,
    /// `r`: rs2 is added.
    Index,
    /// `ur`: its low word is.
    IndexWord,
    /// `d` as a second letter of width: two of them.
    Pair,
}

fn access(name: &str) -> Option<Access> {
    let name = name.strip_prefix("th.")?;
    let (float, name) = match name.strip_prefix('f') {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let load = name.starts_with('l');
    let name = name.strip_prefix(['l', 's'])?;
    let (how, width) = match name {
        "dd" => (How::Pair, "d"),
        "wd" => (How::Pair, "w"),
        "wud" => (How::Pair, "wu"),
        _ if name.ends_with("ia") => (How::After, &name[..name.len() - 2]),
        _ if name.ends_with("ib") => (How::Before, &name[..name.len() - 2]),
        _ if name.starts_with("ur") => (How::IndexWord, &name[2..]),
        _ if name.starts_with('r') => (How::Index, &name[1..]),
        _ => return None,
    };
    let size = 1 << "bhwd".find(&width[..1])?;
    Some(Access { load, float, signed: !width.ends_with('u'), size, how })
}

impl Cpu {
    pub(super) fn xthead(&mut self, i: &Insn) -> Outcome {
        let name = i.op.mnemonic();
        match i.op.extension() {
            Extension::Xtheadmemidx | Extension::Xtheadfmemidx | Extension::Xtheadmempair => {
                Some(self.xthead_memory(i, &access(name)?))
            }
            Extension::Xtheadcmo | Extension::Xtheadsync => {
                let anywhere = ["cva", "civa", "iva", "cval1", "sync", "i", "s", "is"];
                let last = name.rsplit('.').next()?;
                Some(if self.machine || anywhere.contains(&last) { Ok(()) } else { self.illegal(i) })
            }
            Extension::Xtheadfmv | Extension::Xtheadint => Some(self.illegal(i)),
            _ => {
                let v = self.xthead_number(i, name.strip_prefix("th.")?)?;
                self.set_x(i.operands.rd, v as u64);
                Some(Ok(()))
            }
        }
    }

    /// XTheadBa, Bb, Bs, CondMov, Mac.
    fn xthead_number(&self, i: &Insn, name: &str) -> Option<i128> {
        let o = &i.operands;
        let [d, a, b] = [o.rd, o.rs1, o.rs2].map(|n| self.x[n as usize]);
        let (sa, sb, sd) = (signed(a, 64), signed(b, 64), signed(d, 64));
        let n = o.imm as usize;
        let word = |v: i128| signed((v & 0xffff_ffff) as u64, 32);
        Some(match name {
            "addsl" => sa + sb * (1 << n),
            "srri" => number(bits(a).cycle().skip(64 - n).take(64)),
            "srriw" => word(number(bits(a).skip(32).cycle().skip(32 - n).take(32))),
            "ext" | "extu" => {
                let (msb, lsb) = (n / 64, n % 64);
                if msb < lsb {
                    return Some(sd);
                }
                let width = msb - lsb + 1;
                let v = number(bits(a).skip(63 - msb).take(width));
                // The highest bit counts negatively.
                if name == "ext" && v >= 1 << (width - 1) { v - (1 << width) } else { v }
            }
            "ff0" => bits(a).position(|bit| !bit).unwrap_or(64) as i128,
            "ff1" => bits(a).position(|bit| bit).unwrap_or(64) as i128,
            "rev" => a.to_le_bytes().iter().fold(0, |v, byte| v * 256 + *byte as i128),
            "revw" => word(a.to_le_bytes()[..4].iter().fold(0, |v, byte| v * 256 + *byte as i128)),
            "tstnbz" => u64::from_le_bytes(a.to_le_bytes().map(|byte| [0, 0xff][(byte == 0) as usize])) as i128,
            "tst" => bits(a).nth(63 - n)? as i128,
            "mveqz" => [sd, sa][(b == 0) as usize],
            "mvnez" => [sa, sd][(b == 0) as usize],
            "mula" => sd.wrapping_add(sa.wrapping_mul(sb)),
            "muls" => sd.wrapping_sub(sa.wrapping_mul(sb)),
            "mulaw" => word(sd + signed(a, 32) * signed(b, 32)),
            "mulsw" => word(sd - signed(a, 32) * signed(b, 32)),
            "mulah" => word(sd + signed(a, 16) * signed(b, 16)),
            "mulsh" => word(sd - signed(a, 16) * signed(b, 16)),
            _ => return None,
        })
    }

    /// XTheadMemIdx, XTheadFMemIdx, XTheadMemPair.
    fn xthead_memory(&mut self, i: &Insn, access: &Access) -> Result<(), Trap> {
        let o = &i.operands;
        if access.float {
            self.need_float(i)?;
        }
        let (a, b, size) = (self.x[o.rs1 as usize], self.x[o.rs2 as usize], access.size);
        let two = matches!(access.how, How::After | How::Before | How::Pair);
        if access.load && two {
            let other = if access.how == How::Pair { o.rs2 } else { o.rs1 };
            let base = access.how == How::Pair && (o.rs1 == o.rd || o.rs1 == o.rs2);
            if o.rd == other || base {
                return self.illegal(i);
            }
        }
        // Five bits times a power of two; a power of two times a register, or times the size of a pair.
        let step = (o.imm >> 2) as i128 * [1, 2, 4, 8][(o.imm & 3) as usize];
        let moved = (signed(a, 64) + step) as u64;
        let scaled = |v: u64| (v as i128 * [1, 2, 4, 8][(o.imm & 3) as usize]) as u64;
        let addr = match access.how {
            How::After => a,
            How::Before => moved,
            How::Index => a.wrapping_add(scaled(b)),
            How::IndexWord => a.wrapping_add(scaled(b % (1 << 32))),
            How::Pair => a.wrapping_add(o.imm as u64 * 2 * size),
        };
        if access.load {
            let mut loaded = Vec::new();
            for n in 0..1 + (access.how == How::Pair) as u64 {
                let v = self.load(addr.wrapping_add(n * size), size, cause::LOAD)?;
                loaded.push(if access.signed { sign_extend(v, 8 * size) } else { v });
            }
            if access.float {
                self.f[o.rd as usize] = boxed(loaded[0], 8 * size);
                self.fs = 3;
            } else {
                self.set_x(o.rd, loaded[0]);
            }
            if access.how == How::Pair {
                self.set_x(o.rs2, loaded[1]);
            }
        } else {
            // The first value stands in the field of rd.
            let second = self.x[o.rs2 as usize];
            let first = match access.how {
                How::After | How::Before => second,
                _ if access.float => self.f[o.rs3 as usize],
                _ => self.x[o.rs3 as usize],
            };
            // Should the second one fault, whoever runs this takes back the first.
            self.store(addr, size, first)?;
            if access.how == How::Pair {
                self.store(addr.wrapping_add(size), size, second)?;
            }
        }
        if matches!(access.how, How::After | How::Before) {
            self.set_x(o.rs1, moved);
        }
        Ok(())
    }
}

/// What is added to rs1 to make the address of a memory instruction, or `None` if it is none of T-Head's.
pub fn displacement(i: &Insn, index: u64) -> Option<u64> {
    let access = access(i.op.mnemonic())?;
    let imm = i.operands.imm;
    let scale = 1u64 << (imm & 3);
    Some(match access.how {
        How::After => 0,
        How::Before => ((imm >> 2) as u64).wrapping_mul(scale),
        How::Index => index.wrapping_mul(scale),
        How::IndexWord => (index % (1 << 32)) * scale,
        How::Pair => imm as u64 * 2 * access.size,
    })
}
