//! A hart's architectural state as a value to compare.

use mellivora::hart::{Context, Hart, Privilege};
use std::fmt::Write;

/// Everything that a program could see of a hart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub pc: u64,
    pub instret: u64,
    pub x: [u64; 32],
    pub f: [u64; 32],
    pub privilege: Privilege,
    pub fs: Context,
    pub fcsr: u64,
    /// Machine-level CSRs, by number.
    pub csrs: Vec<(u16, u64)>,
    pub vs: Context,
    /// vl, vtype, vstart, vcsr; without vector unit vill and zeros.
    pub vector: [u64; 4],
    /// The vector registers, one behind the other.
    pub v: Vec<u8>,
}

/// The CSRs that hold state of their own.
const CSRS: [u16; 14] =
    [0x300, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344, 0xb00, 0xb02, 0xc01];

impl State {
    pub fn of(hart: &Hart) -> State {
        // A copy that may read everything.
        let mut eye = hart.clone();
        eye.set_privilege(Privilege::Machine);
        let csrs = CSRS.map(|n| (n, eye.read_csr(n).expect("M-mode reads it"))).to_vec();
        eye.set_fs(Context::Dirty);
        let fcsr = eye.read_csr(3).expect("FS is on");
        State {
            pc: hart.pc(),
            instret: hart.instret(),
            x: std::array::from_fn(|n| hart.x(n as u8)),
            f: std::array::from_fn(|n| hart.f(n as u8)),
            privilege: hart.privilege(),
            fs: hart.fs(),
            fcsr,
            csrs,
            vs: hart.vs(),
            vector: [hart.vl(), hart.vtype().0, hart.vstart(), hart.csr(0xf).unwrap_or(0)],
            v: (0..32).flat_map(|n| hart.v(n)).copied().collect(),
        }
    }

    /// What differs, one line each, or `None`.
    pub fn differences(&self, other: &State, (us, them): (&str, &str)) -> Option<String> {
        if self == other {
            return None;
        }
        let mut out = String::new();
        let mut line = |what: &str, a: u64, b: u64| {
            if a != b {
                writeln!(out, "{what}: {us} {a:#x}, {them} {b:#x}").expect("strings grow");
            }
        };
        line("pc", self.pc, other.pc);
        line("instret", self.instret, other.instret);
        line("privilege", self.privilege as u64, other.privilege as u64);
        line("mstatus.FS", self.fs as u64, other.fs as u64);
        line("fcsr", self.fcsr, other.fcsr);
        for n in 0..32 {
            line(&format!("x{n}"), self.x[n], other.x[n]);
            line(&format!("f{n}"), self.f[n], other.f[n]);
        }
        for (a, b) in self.csrs.iter().zip(&other.csrs) {
            line(&format!("CSR {:#x}", a.0), a.1, b.1);
        }
        line("mstatus.VS", self.vs as u64, other.vs as u64);
        for (n, name) in ["vl", "vtype", "vstart", "vcsr"].into_iter().enumerate() {
            line(name, self.vector[n], other.vector[n]);
        }
        // One byte of each register tells enough.
        let len = self.v.len() / 32;
        for n in (0..32).filter(|_| len > 0) {
            let bytes = || n * len..(n + 1) * len;
            if let Some(at) = bytes().find(|at| self.v[*at] != other.v[*at]) {
                line(&format!("v{n} byte {}", at % len), self.v[at].into(), other.v[at].into());
            }
        }
        Some(out)
    }
}
