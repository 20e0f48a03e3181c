//! What the machine is: riscv_hwprobe(2) and `/proc/cpuinfo`.
//!
//! Keys and bits are those of Documentation/arch/riscv/hwprobe.rst, Linux 6.16.

use super::errno::*;
use super::guest::{Args, Guest};
use super::{Linux, Ret};
use crate::hart::{Hart, Misaligned};
use crate::isa::Isa;

/// Bits of RISCV_HWPROBE_KEY_IMA_EXT_0 by extension name; those below 3 are put together from several.
const IMA_EXT_0: &[(u32, &str)] = &[
    (1, "c"),
    (2, "v"),
    (3, "zba"),
    (4, "zbb"),
    (5, "zbs"),
    (6, "zicboz"),
    (7, "zbc"),
    (8, "zbkb"),
    (9, "zbkc"),
    (10, "zbkx"),
    (11, "zknd"),
    (12, "zkne"),
    (13, "zknh"),
    (14, "zksed"),
    (15, "zksh"),
    (16, "zkt"),
    (17, "zvbb"),
    (18, "zvbc"),
    (19, "zvkb"),
    (20, "zvkg"),
    (21, "zvkned"),
    (22, "zvknha"),
    (23, "zvknhb"),
    (24, "zvksed"),
    (25, "zvksh"),
    (26, "zvkt"),
    (27, "zfh"),
    (28, "zfhmin"),
    (29, "zihintntl"),
    (30, "zvfh"),
    (31, "zvfhmin"),
    (32, "zfa"),
    (33, "ztso"),
    (34, "zacas"),
    (35, "zicond"),
    (36, "zihintpause"),
    (37, "zve32x"),
    (38, "zve32f"),
    (39, "zve64x"),
    (40, "zve64f"),
    (41, "zve64d"),
    (42, "zimop"),
    (43, "zca"),
    (44, "zcb"),
    (45, "zcd"),
    (46, "zcf"),
    (47, "zcmop"),
    (48, "zawrs"),
    (49, "supm"),
    (50, "zicntr"),
    (51, "zihpm"),
    (52, "zfbfmin"),
    (53, "zvfbfmin"),
    (54, "zvfbfwma"),
    (55, "zicbom"),
    (56, "zaamo"),
    (57, "zalrsc"),
    (58, "zabha"),
];

/// Bytes of a cache block.
const CACHE_BLOCK: u64 = 64;

fn has(isa: &Isa, name: &str) -> bool {
    isa.extensions().any(|e| e.name() == name)
}

/// The value of a key; `None` for an unknown one.
fn value(isa: &Isa, hart: &Hart, limit: u64, key: u64) -> Option<u64> {
    let csr = |n| hart.csr_value(n);
    let block = |name| if has(isa, name) { CACHE_BLOCK } else { 0 };
    Some(match key {
        0 => csr(0xf11),
        1 => csr(0xf12),
        2 => csr(0xf13),
        // BASE_BEHAVIOR_IMA
        3 => ["i", "m", "a"].iter().all(|e| has(isa, e)) as u64,
        4 => {
            let fd = (has(isa, "f") && has(isa, "d")) as u64;
            IMA_EXT_0.iter().filter(|e| has(isa, e.1)).fold(fd, |bits, e| bits | 1 << e.0)
        }
        // CPUPERF_0 and MISALIGNED_SCALAR_PERF: misaligned accesses work, and are slower.
        5 => 2,
        9 => 2,
        // MISALIGNED_VECTOR_PERF: as fast as aligned ones, if at all. The kernel does not look at XTheadVector's.
        10 => match hart.config.vector.misaligned {
            Misaligned::Allowed if has(isa, "zve32x") => 3,
            _ => 4,
        },
        6 => block("zicboz"),
        7 => limit.wrapping_sub(1),
        8 => crate::hart::TIMEBASE_HZ,
        // VENDOR_EXT_THEAD_0: XTheadVector (Linux 6.14)
        11 => has(isa, "xtheadvector") as u64,
        12 => block("zicbom"),
        13 => 0,
        14 => 0,
        15 => block("zicbop"),
        _ => return None,
    })
}

/// Which keys are sets of bits, for the search for CPUs that have them.
fn is_set(key: u64) -> bool {
    matches!(key, 3 | 4 | 5 | 11 | 13 | 14)
}

impl Linux {
    pub(super) fn sys_riscv_hwprobe(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [pairs, count, set_size, set, flags, _] = a;
        if flags & !1 != 0 || count > 1 << 16 {
            return Err(EINVAL.into());
        }
        let which = flags == 1;
        let mut cpu = true;
        if set_size != 0 || set != 0 || which {
            if set == 0 || set_size == 0 {
                return Err(EINVAL.into());
            }
            let bytes = g.slice(set, set_size.min(128))?;
            cpu = bytes[0] & 1 != 0;
            let empty = bytes.iter().all(|&b| b == 0);
            if !which && !cpu {
                return Err(EINVAL.into());
            }
            cpu |= which && empty;
        }
        let limit = g.mem.limit();
        let mut all = true;
        for n in 0..count {
            let at = pairs.wrapping_add(16 * n);
            let (key, asked) = (g.get_u64(at)?, g.get_u64(at.wrapping_add(8))?);
            match value(&self.isa, g.hart, limit, key) {
                Some(v) if which => all &= if is_set(key) { v & asked == asked } else { v == asked },
                Some(v) => g.put_u64(at.wrapping_add(8), v)?,
                None => {
                    g.put_words(at, &[u64::MAX, 0])?;
                    all = false;
                }
            }
        }
        if which {
            let mut bytes = vec![0; set_size.min(128) as usize];
            bytes[0] = (cpu && all) as u8;
            g.put(set, &bytes)?;
        }
        Ok(0)
    }

    /// There are no other harts, and the engine sees every change of code by itself.
    pub(super) fn sys_riscv_flush_icache(&mut self, _: &mut Guest, a: Args) -> Ret {
        if a[2] & !1 != 0 { Err(EINVAL.into()) } else { Ok(0) }
    }
}

/// The ISA string in the order of the naming rules: single letters, then the others in underscores.
pub(super) fn isa_string(isa: &Isa) -> String {
    let names: Vec<&str> = isa.extensions().map(|e| e.name()).collect();
    let mut out = String::from("rv64");
    out.extend("imafdqcbvh".chars().filter(|c| names.iter().any(|n| n.len() == 1 && n.starts_with(*c))));
    let mut long: Vec<&str> = names.into_iter().filter(|n| n.len() > 1 && !n.starts_with("sm")).collect();
    // By the letter that says what an extension belongs to, then by the alphabet; vendors come last.
    let place = |n: &str| {
        let category = n.as_bytes().get(1).copied().unwrap_or(0) as char;
        (n.starts_with('x'), n.starts_with('s'), "imafdqcbvkh".find(category).unwrap_or(99), n.to_owned())
    };
    long.sort_by_key(|n| place(n));
    long.dedup();
    for n in long {
        out.push('_');
        out.push_str(n);
    }
    out
}

/// `/proc/cpuinfo`.
pub(super) fn cpuinfo(isa: &Isa, hart: &Hart) -> Vec<u8> {
    let csr = |n| hart.csr_value(n);
    let isa = isa_string(isa);
    format!(
        "processor\t: 0\nhart\t\t: {}\nisa\t\t: {isa}\nmmu\t\t: sv39\nmvendorid\t: {:#x}\nmarchid\t\t: {:#x}\nmimpid\t\t: {:#x}\nhart isa\t: {isa}\n\n",
        csr(0xf14),
        csr(0xf11),
        csr(0xf12),
        csr(0xf13)
    )
    .into_bytes()
}
