//! Vector cryptography: Zvbb with Zvkb and Zvbc element by element, the rest by element groups, from the manual's Sail code and
//! the standards behind it.

mod aes;
mod bits;
mod ghash;
mod sha2;
mod shangmi;

use super::Outcome;
use super::legality::{Operand, check, tail, usual};
use super::state::{Fields, VState};

/// Executes an instruction of Zvbb, Zvkb, Zvbc, Zvkg, Zvkned, Zvknha, Zvknhb, Zvksed or Zvksh. `None`: the mnemonic is not one.
pub fn crypto(s: &mut VState, mnemonic: &str, word: u32) -> Option<Outcome> {
    let (f, groups) = (Fields::of(word), Groups::of(mnemonic));
    if groups.is_none() && !bits::knows(mnemonic) {
        return None;
    }
    let outcome = s.vtype().and_then(|_| match groups {
        Some(groups) => groups.execute(s, &f),
        None => bits::execute(s, mnemonic, &f, word),
    });
    Some(outcome.unwrap_or(Outcome::Illegal))
}

/// What comes from registers besides vd.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sources {
    /// The element groups of vs2.
    Vs2,
    /// The first element group of vs2, for all.
    Vs2Scalar,
    /// The element groups of vs2 and vs1.
    Vs2Vs1,
}

/// What an instruction does to a group of elements of `sew` bits: vd, vs2, vs1 (or nothing), the five bits at 19..15.
type Function = fn(sew: usize, vd: &[u64], vs2: &[u64], vs1: &[u64], uimm: u32) -> Vec<u64>;

/// An instruction on element groups.
struct Groups {
    has: fn(&VState) -> bool,
    /// EGS
    size: usize,
    /// SEW other than 32 is reserved, except 64 for SHA-512.
    may_be_64: bool,
    sources: Sources,
    /// The first so many of vs2, vs1 must not overlap vd.
    apart: usize,
    function: Function,
}

impl Groups {
    fn of(mnemonic: &str) -> Option<Groups> {
        use Sources::{Vs2, Vs2Scalar, Vs2Vs1};
        let zvkg: fn(&VState) -> bool = |s| s.features.zvkg;
        let zvkned: fn(&VState) -> bool = |s| s.features.zvkned;
        let zvknh: fn(&VState) -> bool = |s| s.features.zvknha || s.features.zvknhb;
        let zvksed: fn(&VState) -> bool = |s| s.features.zvksed;
        let zvksh: fn(&VState) -> bool = |s| s.features.zvksh;
        let (has, size, sources, apart, function): (_, _, _, _, Function) = match mnemonic {
            "vgmul.vv" => (zvkg, 4, Vs2, 0, ghash::multiply),
            "vghsh.vv" => (zvkg, 4, Vs2Vs1, 0, ghash::add_multiply),
            "vaesdf.vv" => (zvkned, 4, Vs2, 0, aes::decrypt_final),
            "vaesdf.vs" => (zvkned, 4, Vs2Scalar, 1, aes::decrypt_final),
            "vaesdm.vv" => (zvkned, 4, Vs2, 0, aes::decrypt_middle),
            "vaesdm.vs" => (zvkned, 4, Vs2Scalar, 1, aes::decrypt_middle),
            "vaesef.vv" => (zvkned, 4, Vs2, 0, aes::encrypt_final),
            "vaesef.vs" => (zvkned, 4, Vs2Scalar, 1, aes::encrypt_final),
            "vaesem.vv" => (zvkned, 4, Vs2, 0, aes::encrypt_middle),
            "vaesem.vs" => (zvkned, 4, Vs2Scalar, 1, aes::encrypt_middle),
            "vaesz.vs" => (zvkned, 4, Vs2Scalar, 1, aes::round_zero),
            "vaeskf1.vi" => (zvkned, 4, Vs2, 0, aes::key_schedule_128),
            "vaeskf2.vi" => (zvkned, 4, Vs2, 0, aes::key_schedule_256),
            "vsha2ms.vv" => (zvknh, 4, Vs2Vs1, 2, sha2::message_schedule),
            "vsha2ch.vv" => (zvknh, 4, Vs2Vs1, 2, sha2::compress_high),
            "vsha2cl.vv" => (zvknh, 4, Vs2Vs1, 2, sha2::compress_low),
            "vsm4k.vi" => (zvksed, 4, Vs2, 0, shangmi::sm4_key_expansion),
            "vsm4r.vv" => (zvksed, 4, Vs2, 0, shangmi::sm4_rounds),
            "vsm4r.vs" => (zvksed, 4, Vs2Scalar, 1, shangmi::sm4_rounds),
            "vsm3me.vv" => (zvksh, 8, Vs2Vs1, 1, shangmi::sm3_message_expansion),
            "vsm3c.vi" => (zvksh, 8, Vs2, 1, shangmi::sm3_compression),
            _ => return None,
        };
        Some(Groups { has, size, may_be_64: mnemonic.starts_with("vsha2"), sources, apart, function })
    }

    /// `None`: illegal.
    fn execute(&self, s: &mut VState, f: &Fields) -> Option<Outcome> {
        let (sew, size) = (s.sew(), self.size);
        let sew_exists = sew == 32 || sew == 64 && self.may_be_64 && s.features.zvknhb;
        // "LMUL*VLEN must always be at least as large as EGW, otherwise an illegal-instruction exception is raised, even if vl=0."
        let room = s.lmul8() * s.vlen / 8;
        let whole = s.vl.is_multiple_of(size as u64) && s.vstart.is_multiple_of(size as u64);
        if !(self.has)(s) || !sew_exists || room < size * sew || !whole {
            return None;
        }
        let (scalar, two) = (self.sources == Sources::Vs2Scalar, self.sources == Sources::Vs2Vs1);
        let mut form = usual(s, f, sew, sew, two.then_some(sew));
        if scalar {
            // "The Scalar Element Group operand has EMUL = ceil(EGW / VLEN)."
            let emul8 = 8 * (size * sew).div_ceil(s.vlen);
            form.sources = vec![Operand { emul8, ..Operand::group(s, f.vs2, sew) }];
        }
        let dest = form.dest?;
        if form.sources[..self.apart].iter().any(|source| source.overlaps(&dest)) {
            return None;
        }
        // None of these has a mask: bit 25 is always 1.
        form.masked = false;
        let policy = check(s, &form)?;

        let before = s.clone();
        let read = |reg: usize, g: usize| (0..size).map(|i| before.get(reg, g * size + i, sew)).collect::<Vec<u64>>();
        for g in s.vstart as usize / size..s.vl as usize / size {
            let vs1 = if two { read(f.vs1, g) } else { vec![] };
            let vs2 = read(f.vs2, if scalar { 0 } else { g });
            let result = (self.function)(sew, &read(f.vd, g), &vs2, &vs1, f.vs1 as u32);
            for (i, v) in result.into_iter().enumerate() {
                s.set(f.vd, g * size + i, sew, v);
            }
        }
        tail(s, &dest, policy, s.vl as usize);
        s.vstart = 0;
        Some(Outcome::Done)
    }
}
