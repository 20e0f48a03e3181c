//! XuanTie cores under Linux: what they are told to be, and XTheadVector's state across system calls and signals.

use super::*;
use crate::hart::{Context, Vtype};
use crate::isa::Cpu;

const USR1: u64 = 10;
/// Offset of the list of contexts in a signal frame.
const LIST: u64 = 128 + 176 + 256 + 520;

fn core(cpu: &str, options: LinuxOptions) -> Process {
    let cpu = Cpu::parse(cpu).unwrap_or_else(|e| panic!("{e}"));
    Process::with(cpu.isa(), HartConfig::for_cpu(&cpu), options)
}

/// What riscv_hwprobe says of a key.
fn probe(p: &mut Process, key: u64) -> u64 {
    p.memory.write(p.heap, &[key.to_le_bytes(), [0; 8]].concat()).unwrap();
    assert_eq!(p.call(258, &[p.heap, 1, 0, 0, 0]), 0);
    p.word(p.heap + 8)
}

#[test]
fn cores_are_what_hwprobe_says() {
    let mut p = core("c908v", LinuxOptions::default());
    let ids: Vec<u64> = (0..3).map(|key| probe(&mut p, key)).collect();
    assert_eq!(ids, [0x5b7, 0x8000_0000_0914_0e00, 0]);
    let mut p = core("zhijiang", LinuxOptions::default());
    assert_eq!((probe(&mut p, 1), probe(&mut p, 2)), (0x8000_0000_0924_1600, 0x45000));
}

#[test]
fn the_other_vectors_are_a_vendors_extension_and_not_v() {
    let v = 1 << 21;
    let (one, other, none) = (11, 4, 10);
    let mut p = core("c920", LinuxOptions::default());
    assert_eq!(probe(&mut p, one), 1);
    // V, Zvbb to Zvkt, Zvfh and Zvfhmin, Zve32x to Zve64d
    assert_eq!(probe(&mut p, other) & (1 << 2 | 0x3ff << 17 | 3 << 30 | 0x1f << 37), 0);
    assert_eq!(probe(&mut p, none), 4);
    assert_eq!(p.auxv(16).unwrap() & v, 0);
    assert_eq!(p.auxv(51), Some(1088 + 56 + 32 * 16 + 8), "room for the registers in signal frames");
    // Unless asked for, and then only with such a unit.
    let options = || LinuxOptions { hwcap_v: true, ..LinuxOptions::default() };
    assert_eq!(core("c920", options()).auxv(16).unwrap() & v, v);
    assert_eq!(core("c910", options()).auxv(16).unwrap() & v, 0);
    let mut p = core("c908v", LinuxOptions::default());
    assert_eq!((probe(&mut p, one), probe(&mut p, other) & 1 << 2, p.auxv(16).unwrap() & v), (0, 1 << 2, v));
}

#[test]
fn control_and_system_calls_are_as_with_v() {
    let mut p = core("c910v", LinuxOptions::default());
    assert_eq!((p.call(167, &[70]), p.call(167, &[69, 0x1a]), p.call(167, &[70])), (2, 0, 0x1a));
    p.use_vectors();
    assert_eq!((p.hart.vl(), p.hart.csr(0xc21)), (0, Some(0)));
    p.hart.v_mut(3).fill(7);
    p.hart.set_vector_state(2, 0x10, 0);
    p.hart.write_csr(0x00a, 2).unwrap();
    p.call(172, &[]);
    assert_eq!((p.hart.v(3), p.hart.vl(), p.hart.vtype()), (&[0xff; 16][..], 0, Vtype::ILL));
    assert_eq!(p.hart.csr(0x00a), Some(2), "vxrm stays");
    let mut p = core("c910", LinuxOptions::default());
    assert_eq!(p.call(167, &[70]), error(EINVAL));
}

#[test]
fn a_signal_frame_holds_the_other_vectors_state() {
    let mut p = core("c920", LinuxOptions { preserve_vector: true, ..LinuxOptions::default() });
    p.handle(USR1);
    p.use_vectors();
    for n in 0..32 {
        p.hart.v_mut(n).fill(n + 1);
    }
    // e32,m4: in the layout of 0.7.1 SEW is in bits 4..2.
    p.hart.set_vector_state(5, 0x12, 1);
    p.hart.write_csr(3, 0x560).unwrap();
    assert_eq!((p.hart.csr(0x00a), p.hart.csr(0x009), p.hart.csr(0xc21)), (Some(2), Some(1), Some(0x0a)));
    p.action(129, &[1000, USR1]);
    let frame = p.hart.x(2);
    let size = 8 + 48 + 512;
    assert_eq!(p.word(frame + LIST), 0x5346_5457 | size << 32);
    let words: Vec<u64> = (1..7).map(|n| p.word(frame + LIST + 8 * n)).collect();
    assert_eq!(words, [1, 5, 0x0a, 5, 16, frame + LIST + 56]);
    assert_eq!((p.bytes(frame + LIST + 56, 16), p.word(frame + LIST + size)), (vec![1; 16], 0));
    // The handler works with other settings; those of the frame come back.
    p.hart.set_vector_state(0, 0, 0);
    p.hart.write_csr(3, 0).unwrap();
    p.hart.v_mut(31).fill(0);
    p.action(139, &[]);
    assert_eq!((p.hart.vl(), p.hart.vtype(), p.hart.vstart()), (5, Vtype(0x12), 1));
    assert_eq!((p.hart.csr(3), p.hart.v(31), p.hart.vs()), (Some(0x560), &[32; 16][..], Context::Dirty));
    // A vtype that 0.7.1 reserves sets vill, as vsetvl would.
    p.action(129, &[1000, USR1]);
    let frame = p.hart.x(2);
    p.memory.write(frame + LIST + 8 + 16, &0xd2_u64.to_le_bytes()).unwrap();
    p.action(139, &[]);
    assert_eq!((p.hart.vtype(), p.hart.vl()), (Vtype::ILL, 0));
}
