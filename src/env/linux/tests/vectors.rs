//! Vector state across system calls and signals.

use super::*;
use crate::hart::{Context, Vtype};

/// `vsetvli zero, zero, e8, m1`, or whatever is a vector instruction.
const VECTOR: u64 = 0x0000_7057;
const USR1: u64 = 10;
const SEGV: u64 = 11;

fn process(vlen: u32, options: LinuxOptions) -> Process {
    let mut config = HartConfig::for_isa(&Isa::all_within(vlen, 64));
    config.vector.vlen = vlen;
    Process::on(config, options)
}

impl Process {
    /// The program executes its first vector instruction.
    pub(super) fn use_vectors(&mut self) {
        let action = self.linux.trap(&mut self.hart, &mut self.memory, Cause::IllegalInstruction, VECTOR);
        assert_eq!(action, Action::Continue);
        assert_eq!(self.hart.vs(), Context::Dirty);
    }

    /// Fills the vector state with something.
    fn fill(&mut self) {
        for n in 0..32 {
            self.hart.v_mut(n).iter_mut().enumerate().for_each(|(i, b)| *b = n ^ i as u8);
        }
        self.hart.set_vector_state(3, 0x10, 1);
        self.hart.write_csr(0x00f, 5).unwrap();
    }

    pub(super) fn word(&self, addr: u64) -> u64 {
        u64::from_le_bytes(self.bytes(addr, 8).try_into().unwrap())
    }

    /// Installs a handler at 0x4000 on the alternate stack.
    pub(super) fn handle(&mut self, signal: u64) {
        let at = self.heap;
        let action: Vec<u8> = [0x4000_u64, 0x0800_0000, 0].iter().flat_map(|w| w.to_le_bytes()).collect();
        self.memory.write(at, &action).unwrap();
        assert_eq!(self.call(134, &[signal, at, 0, 8]), 0);
    }

    /// Sets an alternate stack that begins 4096 bytes into the heap.
    fn alt_stack(&mut self, size: u64) -> i64 {
        let at = self.heap;
        let stack: Vec<u8> = [at + 4096, 0, size].iter().flat_map(|w| w.to_le_bytes()).collect();
        self.memory.write(at, &stack).unwrap();
        self.call(132, &[at, 0])
    }

    pub(super) fn auxv(&self, key: u64) -> Option<u64> {
        let words = self.linux.layout.auxv.chunks(8).map(|c| u64::from_le_bytes(c.try_into().unwrap()));
        let words: Vec<u64> = words.collect();
        words.chunks(2).find(|p| p[0] == key).map(|p| p[1])
    }
}

#[test]
fn vectors_are_off_until_the_first_vector_instruction() {
    let mut p = process(256, LinuxOptions::default());
    assert_eq!(p.hart.vs(), Context::Off);
    p.use_vectors();
    assert_eq!((p.hart.vl(), p.hart.vtype(), p.hart.vstart()), (0, Vtype(0), 0));
    assert!((0..32).all(|n| p.hart.v(n) == [0; 32]));
    // Reading a vector CSR is a first use, too; adding is not, nor is the second one.
    for (word, first) in [(0xc220_2573, true), (0x0002_0007, true), (0x0000_3007, false), (0x0000_0033, false)] {
        let mut p = process(128, LinuxOptions::default());
        let action = p.linux.trap(&mut p.hart, &mut p.memory, Cause::IllegalInstruction, word);
        assert_eq!(action == Action::Continue, first, "{word:#x}");
    }
    let action = p.linux.trap(&mut p.hart, &mut p.memory, Cause::IllegalInstruction, VECTOR);
    assert!(matches!(action, Action::Killed(d) if d.signal == 4));
    // Without vector unit it is just illegal.
    let mut p = Process::denied();
    let action = p.linux.trap(&mut p.hart, &mut p.memory, Cause::IllegalInstruction, VECTOR);
    assert!(matches!(action, Action::Killed(d) if d.signal == 4));
}

#[test]
fn system_calls_destroy_vector_state() {
    let mut p = process(128, LinuxOptions::default());
    p.use_vectors();
    p.fill();
    p.call(172, &[]);
    assert!((0..32).all(|n| p.hart.v(n) == [0xff; 16]));
    assert_eq!((p.hart.vl(), p.hart.vtype(), p.hart.vstart()), (0, Vtype::ILL, 0));
    assert_eq!(p.hart.csr(0x00f), Some(5), "vxrm and vxsat stay");
    // Not before the first use: registers are zero then.
    let mut p = process(128, LinuxOptions::default());
    p.call(172, &[]);
    p.use_vectors();
    assert_eq!(p.hart.v(7), [0; 16]);
    // Unless they are to be kept.
    let mut p = process(128, LinuxOptions { preserve_vector: true, ..LinuxOptions::default() });
    p.use_vectors();
    p.fill();
    p.call(172, &[]);
    assert_eq!((p.hart.v(7)[2], p.hart.vl(), p.hart.vtype()), (5, 3, Vtype(0x10)));
}

#[test]
fn control_of_vectors_answers_as_the_kernel_does() {
    let mut p = process(128, LinuxOptions::default());
    let (set, get) = (69, 70);
    assert_eq!(p.call(167, &[get]), 2, "on");
    for (to, answer) in [(2, 0), (0, 0), (4, 0), (8, 0), (0x1a, 0), (1, error(EPERM)), (5, error(EPERM))] {
        assert_eq!(p.call(167, &[set, to]), answer, "{to:#x}");
    }
    assert_eq!(p.call(167, &[get]), 0x1a, "failures change nothing");
    for to in [3, 7, 0xc, 0xe, 0x20, 1 << 63] {
        assert_eq!(p.call(167, &[set, to]), error(EINVAL), "{to:#x}");
    }
    let mut p = Process::denied();
    assert_eq!((p.call(167, &[set, 2]), p.call(167, &[get])), (error(EINVAL), error(EINVAL)));
}

#[test]
fn a_program_is_told_of_vectors() {
    let mut p = process(512, LinuxOptions::default());
    assert_ne!(p.auxv(16).unwrap() & 1 << 21, 0);
    assert_eq!(p.auxv(51), Some(1088 + 56 + 32 * 64 + 8));
    let mut probe = |key: u64| {
        p.memory.write(p.heap, &[key.to_le_bytes(), [0; 8]].concat()).unwrap();
        assert_eq!(p.call(258, &[p.heap, 1, 0, 0, 0]), 0);
        p.word(p.heap + 8)
    };
    // V, Zvbb to Zvkt, Zvfh and Zvfhmin, Zve32x to Zve64d, Zvfbfmin and Zvfbfwma
    let bits = 1 << 2 | 0x3ff << 17 | 3 << 30 | 0x1f << 37 | 3 << 53;
    assert_eq!(probe(4) & bits, bits);
    assert_eq!(probe(10), 3);
    let mut p = Process::denied();
    assert_eq!(p.auxv(16).unwrap() & 1 << 21, 0);
    assert_eq!(p.auxv(51), Some(1088));
    p.memory.write(p.heap, &4_u64.to_le_bytes()).unwrap();
    assert_eq!(p.call(258, &[p.heap, 1, 0, 0, 0]), 0);
    assert_eq!(p.word(p.heap + 8) & bits, 0);
}

/// Offsets in the frame: the list of contexts, and what the vector context holds.
const LIST: u64 = 128 + 176 + 256 + 520;

#[test]
fn a_signal_frame_holds_vector_state() {
    let mut p = process(128, LinuxOptions { preserve_vector: true, ..LinuxOptions::default() });
    p.handle(USR1);
    // Before the first use there is no context.
    p.action(129, &[1000, USR1]);
    let frame = p.hart.x(2);
    assert_eq!(p.word(frame + LIST), 0);
    p.action(139, &[]);
    p.use_vectors();
    p.fill();
    let before: Vec<u8> = (0..32).flat_map(|n| p.hart.v(n).to_vec()).collect();
    let sp = p.hart.x(2);
    p.action(129, &[1000, USR1]);
    let frame = p.hart.x(2);
    assert_eq!((p.hart.pc(), sp - frame >= 1664, frame % 16), (0x4000, true, 0));
    // Magic and size; vstart, vl, vtype, vcsr, vlenb, datap; registers; the end.
    let size = 8 + 48 + 512;
    assert_eq!(p.word(frame + LIST), 0x5346_5457 | size << 32);
    let words: Vec<u64> = (1..7).map(|n| p.word(frame + LIST + 8 * n)).collect();
    assert_eq!(words, [1, 3, 0x10, 5, 16, frame + LIST + 56]);
    assert_eq!(p.bytes(frame + LIST + 56, 512), before);
    assert_eq!(p.word(frame + LIST + size), 0);
    // The handler changes what it returns to: v2 by the bytes, v3 by moving them.
    p.hart.set_vector_state(0, Vtype::ILL.0, 0);
    p.hart.v_mut(9).fill(0);
    let other = p.heap + 1024;
    let mut bytes = before.clone();
    bytes[2 * 16] = 99;
    p.memory.write(other, &bytes).unwrap();
    p.memory.write(frame + LIST + 48, &other.to_le_bytes()).unwrap();
    p.memory.write(frame + LIST + 16, &2_u64.to_le_bytes()).unwrap();
    p.action(139, &[]);
    let after: Vec<u8> = (0..32).flat_map(|n| p.hart.v(n).to_vec()).collect();
    assert_eq!(after, bytes);
    assert_eq!((p.hart.vl(), p.hart.vtype(), p.hart.vstart()), (2, Vtype(0x10), 1));
    assert_eq!(p.hart.csr(0x00f), Some(5));
    assert_eq!(p.hart.x(2), sp);
}

#[test]
fn a_damaged_vector_context_is_a_bad_frame() {
    // Offset from the list's start, what stands there then.
    let cases: [(u64, u64); 5] = [
        (0, 0x5346_5457 | 560 << 32), // too short
        (0, 0x5346_5458 | 568 << 32), // unknown
        (0, 8 << 32),                 // an end with a size
        (48, 0x10),                   // nowhere
        (568, 1),                     // no end
    ];
    for (offset, word) in cases {
        let mut p = process(128, LinuxOptions::default());
        p.handle(USR1);
        p.handle(SEGV);
        p.use_vectors();
        p.action(129, &[1000, USR1]);
        let frame = p.hart.x(2);
        p.memory.write(frame + LIST + offset, &word.to_le_bytes()).unwrap();
        p.action(139, &[]);
        assert_eq!((p.hart.pc(), p.hart.x(10)), (0x4000, SEGV), "{offset} {word:#x}");
    }
}

#[test]
fn alternate_stacks_must_hold_the_vector_context() {
    let mut p = process(1024, LinuxOptions::default());
    let size = 1088 + 56 + 32 * 128 + 8;
    assert_eq!(p.alt_stack(2047), error(ENOMEM));
    assert_eq!(p.alt_stack(2048), 0, "as long as the program has used no vectors");
    p.use_vectors();
    assert_eq!(p.alt_stack(2048), error(ENOMEM));
    assert_eq!(p.alt_stack(size), error(ENOMEM));
    assert_eq!(p.alt_stack(size + 16), 0);
    // A second frame does not fit: SIGSEGV, which does not fit either.
    p.handle(USR1);
    p.handle(SEGV);
    p.action(129, &[1000, USR1]);
    assert_eq!((p.hart.pc(), p.hart.x(2)), (0x4000, p.heap + 4096 + 16));
    let pc = p.hart.pc();
    assert!(matches!(p.action(129, &[1000, SEGV]), Action::Killed(d) if d.signal == 11));
    assert_eq!(p.hart.pc(), pc + 4);
}
