//! `--dump-regs`: everything a program can see of its hart.

use super::matrix_dump::{self, Dump};
use mellivora::hart::Hart;
use mellivora::isa::{F_NAMES, X_NAMES, csr_name};
use mellivora::machine::Machine;
use std::fmt::Write;

/// The control and status registers worth showing; unprivileged ones first.
const CSRS: &[u16] = &[
    0x001, 0x002, 0x003, 0xc00, 0xc01, 0xc02, 0x300, 0x301, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x340, 0x341, 0x342,
    0x343, 0x344, 0xf11, 0xf12, 0xf13, 0xf14,
];

/// `vl`, `vtype` and the other vector CSRs; then the registers, highest byte first, a line for each.
fn vectors(hart: &Hart) -> String {
    let csr = |n| hart.csr(n).unwrap_or(0);
    let mut out = format!(
        "vl {} vtype {:016x} ({}) vstart {} vxrm {} vxsat {} vlenb {}\n",
        hart.vl(),
        csr(0xc21),
        hart.vector_config().version.show(hart.vtype()),
        hart.vstart(),
        csr(0x00a),
        csr(0x009),
        hart.vlenb()
    );
    for n in 0..32 {
        let _ = write!(out, "{:4} ", format!("v{n}"));
        out.extend(hart.v(n).iter().rev().map(|b| format!("{b:02x}")));
        out.push('\n');
    }
    out
}

/// pc, integer and floating-point registers, vectors, matrices, and control and status registers, four or fewer a line.
pub fn dump(machine: &Machine, matrices: &Dump) -> String {
    let hart = machine.hart();
    let mut out = format!("pc   {:016x}\n", hart.pc());
    let mut rows = |letter: char, names: &[&str; 32], value: &dyn Fn(u8) -> u64| {
        for n in 0..32u8 {
            let end = if n % 4 == 3 { '\n' } else { ' ' };
            let name = format!("{letter}{n}");
            let _ = write!(out, "{name:3} {:4} {:016x} {end}", names[usize::from(n)], value(n));
        }
    };
    rows('x', &X_NAMES, &|n| hart.x(n));
    rows('f', &F_NAMES, &|n| hart.f(n));
    if hart.vlenb() != 0 {
        out.push_str(&vectors(hart));
    }
    out.push_str(&matrix_dump::text(hart, matrices));
    let mut shown = 0;
    for &csr in CSRS {
        if let Some(value) = hart.csr(csr) {
            shown += 1;
            let end = if shown % 3 == 0 { '\n' } else { ' ' };
            let _ = write!(out, "{:13} {value:016x} {end}", csr_name(csr).unwrap_or("?"));
        }
    }
    if shown % 3 != 0 {
        out.push('\n');
    }
    out.lines().map(str::trim_end).flat_map(|l| [l, "\n"]).collect()
}
