//! Directed tests of vector loads and stores: precise traps, what is seen of each element, and code that changes.

mod common;

use common::asm::{bytes, ecall, rri, ssi, word};
use common::drive::{Gait, map};
use mellivora::hart::{Cause, Clock, Context, HartConfig, Misaligned, VectorConfig};
use mellivora::isa::{Isa, Op, Operands};
use mellivora::machine::{Config, Machine, Stop};
use mellivora::memory::{Access, Device, DeviceFault, Moment, Prot, WatchedStore};
use std::sync::{Arc, Mutex};

/// An access: kind, address, bytes, value.
type Touched = (Access, u64, u32, u64);

const CODE: u64 = 0x1_0000;
/// Four pages of data.
const DATA: u64 = 0x2_0000;
const PAGE: u64 = 4096;
const DEVICE: u64 = 0x4_0000;
const RW: Prot = Prot::READ.union(Prot::WRITE);
const VLENB: usize = 32;

/// SEW = 32, 16, 8 bits with LMUL = 1, tail and mask undisturbed.
const E32: u64 = 2 << 3;
const E16: u64 = 1 << 3;
const E8: u64 = 0;

/// A machine with VLEN = 256 and a program of `words` and an `ecall`; every register byte is different from its neighbours.
fn machine(words: &[u32], misaligned: Misaligned) -> Machine {
    let vector = VectorConfig { vlen: 8 * VLENB as u32, elen: 64, misaligned, ..VectorConfig::none() };
    let hart = HartConfig { vector, ..HartConfig::default() };
    let config = Config { isa: Isa::all(), hart, limit: 1 << 20, clock: Clock::virtual_time() };
    let mut m = Machine::new(config).expect("a small machine");
    m.translate_at_once(true);
    map(&mut m, CODE..CODE + PAGE, Prot::all());
    map(&mut m, DATA..DATA + 4 * PAGE, RW);
    let words: Vec<u32> = words.iter().copied().chain([ecall()]).collect();
    m.memory_mut().write(CODE, &bytes(&words)).expect("mapped");
    let data: Vec<u8> = (0..4 * PAGE).map(|i| (i * 7 + i / 256) as u8).collect();
    m.memory_mut().write(DATA, &data).expect("mapped");
    let hart = m.hart_mut();
    hart.set_pc(CODE);
    hart.set_fs(Context::Dirty);
    hart.set_vs(Context::Dirty);
    for n in 0..32u8 {
        for (i, b) in hart.v_mut(n).iter_mut().enumerate() {
            *b = n.wrapping_mul(37).wrapping_add(i as u8 * 3);
        }
    }
    m
}

/// Goes on to the next trap: cause, tval, vstart.
fn go(m: &mut Machine, gait: Gait) -> (Cause, u64, u64) {
    for _ in 0..10_000 {
        let stop = match gait {
            Gait::Run => m.run(10_000),
            Gait::Step => m.step(),
        };
        match stop {
            Stop::Trap(t) => return (t.cause, t.tval, m.hart().vstart()),
            Stop::Budget => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("no trap");
}

const BOTH: [Gait; 2] = [Gait::Run, Gait::Step];
const DONE: (Cause, u64, u64) = (Cause::EcallFromM, 0, 0);

fn all(m: &Machine) -> Vec<u8> {
    (0..32).flat_map(|n| m.hart().v(n).to_vec()).collect()
}

fn memory(m: &Machine) -> Vec<u8> {
    m.memory().slice(DATA, 4 * PAGE).expect("mapped").to_vec()
}

/// `op v8, (x5)` or with x6 or v16 behind it; unmasked.
fn access(op: Op) -> u32 {
    let info = op.info();
    let indexed = info.mnemonic.contains("ei");
    word(op, Operands { rd: 8, rs3: 8, rs1: 5, rs2: if indexed { 16 } else { 6 }, rm: 1, imm: 0 })
}

/// Sets the addresses that `access` needs: base x5, stride x6, and v16[i] = i * stride in bytes of `index` each.
fn place(m: &mut Machine, base: u64, stride: u64, index: usize) {
    let hart = m.hart_mut();
    hart.set_x(5, base);
    hart.set_x(6, stride);
    let offsets: Vec<u8> = (0..256u64)
        .flat_map(|i| i.wrapping_mul(stride).to_le_bytes().into_iter().take(index).collect::<Vec<u8>>())
        .collect();
    for n in 0..4u8 {
        let at = n as usize * VLENB;
        hart.v_mut(16 + n).copy_from_slice(&offsets[at..at + VLENB]);
    }
}

#[test]
fn a_fault_names_its_element_and_the_rest_is_done_afterwards() {
    // Instruction, vtype, vl, bytes from one segment to the next, bytes of a segment, fields, bytes of an element.
    let cases: &[(Op, u64, u64, u64, u64, u64)] = &[
        (Op::Vle32V, E32, 8, 4, 1, 4),
        (Op::Vse16V, E16, 16, 2, 1, 2),
        (Op::Vle8V, E8, 29, 1, 1, 1),
        (Op::Vlse32V, E32, 7, 12, 1, 4),
        (Op::Vsse32V, E32, 7, 8, 1, 4),
        (Op::Vluxei16V, E32, 8, 20, 1, 4),
        (Op::Vloxei32V, E16, 8, 6, 1, 2),
        (Op::Vsoxei16V, E8, 16, 3, 1, 1),
        (Op::Vlseg3e8V, E8, 32, 3, 3, 1),
        (Op::Vlseg2e32V, E32, 8, 8, 2, 4),
        (Op::Vsseg4e16V, E16, 13, 8, 4, 2),
        (Op::Vsseg5e8V, E8, 30, 5, 5, 1),
        (Op::Vlsseg3e16V, E16, 9, 10, 3, 2),
        (Op::Vssseg2e8V, E8, 32, 4, 2, 1),
        (Op::Vluxseg2ei16V, E32, 8, 16, 2, 4),
        (Op::Vsuxseg3ei16V, E8, 16, 8, 3, 1),
        (Op::Vl2re32V, E32, 16, 4, 1, 4),
        (Op::Vs4rV, E32, 128, 1, 1, 1),
        (Op::VlmV, E8, 32, 1, 1, 1),
    ];
    for &(op, vtype, vl, stride, fields, size) in cases {
        let index = if op.mnemonic().contains("ei32") { 4 } else { 2 };
        let elements = if op == Op::VlmV { vl / 8 } else { vl };
        let store = op.mnemonic().starts_with("vs");
        // The first segment with a byte on the second page, by where they begin.
        for before in [0, 1, 3, elements / 2 * stride, elements * stride - 1] {
            let base = DATA + PAGE - before;
            let touches = |i: u64| base + i * stride + fields * size > DATA + PAGE;
            let Some(k) = (0..elements).find(|i| touches(*i)) else { continue };
            let start = |m: &mut Machine| {
                place(m, base, stride, index);
                m.hart_mut().set_vector_state(vl, vtype, 0);
            };
            let mut whole = machine(&[access(op)], Misaligned::Allowed);
            start(&mut whole);
            assert_eq!(go(&mut whole, Gait::Run), DONE);
            for gait in BOTH {
                let name = format!("{} {before} bytes before the page, {gait:?}", op.mnemonic());
                let mut m = machine(&[access(op)], Misaligned::Allowed);
                start(&mut m);
                let (old_v, old_mem) = (all(&m), memory(&m));
                m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, Prot::empty()).expect("mapped");
                let cause = if store { Cause::StoreAccess } else { Cause::LoadAccess };
                let first_bad = (DATA + PAGE).max(base + k * stride);
                assert_eq!(go(&mut m, gait), (cause, first_bad, k), "{name}");
                // Earlier elements are done, later ones untouched.
                let group = 8 * VLENB;
                let registers = [(Op::Vs4rV, 4), (Op::Vl2re32V, 2)].iter().find(|r| r.0 == op).map_or(1, |r| r.1);
                let span = registers * VLENB;
                let done = k as usize * size as usize;
                for f in 0..fields as usize {
                    let at = group + f * span;
                    assert_eq!(all(&m)[at..at + done], all(&whole)[at..at + done], "{name}");
                    let later = at + done + size as usize..at + span;
                    assert_eq!(all(&m)[later.clone()], old_v[later], "{name}");
                }
                let early = (base + k * stride - DATA) as usize;
                assert_eq!(memory(&m)[..early], memory(&whole)[..early], "{name}");
                // Of the faulting segment whole fields may have been stored, but no part of one.
                let field = (PAGE as usize - early.min(PAGE as usize)) / size as usize * size as usize;
                assert_eq!(memory(&m)[early + field..], old_mem[early + field..], "{name}");
                m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, RW).expect("mapped");
                assert_eq!(go(&mut m, gait), DONE, "{name}");
                assert_eq!(all(&m), all(&whole), "{name}");
                assert_eq!(memory(&m), memory(&whole), "{name}");
            }
        }
    }
}

#[test]
fn fault_only_first_shortens_vl_behind_element_0_only() {
    for (op, vtype, size, fields) in
        [(Op::Vle8ffV, E8, 1, 1), (Op::Vle32ffV, E32, 4, 1), (Op::Vlseg3e8ffV, E8, 1, 3), (Op::Vlseg2e16ffV, E16, 2, 2)]
    {
        let full = VLENB as u64 / size;
        for before in 0..=full {
            for gait in BOTH {
                let mut m = machine(&[access(op), access(op)], Misaligned::Allowed);
                m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, Prot::empty()).expect("mapped");
                m.hart_mut().set_x(5, DATA + PAGE - before * size * fields);
                m.hart_mut().set_vector_state(full, vtype, 0);
                let trap = go(&mut m, gait);
                if before == 0 {
                    assert_eq!((trap, m.hart().vl()), ((Cause::LoadAccess, DATA + PAGE, 0), full));
                } else {
                    assert_eq!((trap, m.hart().vl()), (DONE, before), "{} {gait:?}", op.mnemonic());
                    let first = memory(&m)[(PAGE - before * size * fields) as usize];
                    assert_eq!(m.hart().v(8)[0], first);
                }
                assert_eq!(m.hart().vtype().0, vtype);
            }
        }
    }
}

#[test]
fn misaligned_elements_trap_where_the_machine_does_so() {
    for (op, stride) in [
        (Op::Vle32V, 4),
        (Op::Vse32V, 4),
        (Op::Vle32ffV, 4),
        (Op::Vlse32V, 6),
        (Op::Vsuxei16V, 6),
        (Op::Vlseg2e32V, 8),
        (Op::Vl1re32V, 4),
    ] {
        // Strides of 6 misalign every other element.
        let (base, k) = if stride == 6 { (DATA, 1) } else { (DATA + 2, 0) };
        for gait in BOTH {
            for misaligned in [Misaligned::Allowed, Misaligned::Traps] {
                let mut m = machine(&[access(op)], misaligned);
                place(&mut m, base, stride, 2);
                m.hart_mut().set_vector_state(8, E32, 0);
                let store = op.mnemonic().starts_with("vs");
                let cause = if store { Cause::StoreMisaligned } else { Cause::LoadMisaligned };
                let expected = if misaligned == Misaligned::Traps { (cause, base + k * stride, k) } else { DONE };
                assert_eq!(go(&mut m, gait), expected, "{}", op.mnemonic());
            }
        }
    }
    // Bytes are aligned everywhere, and whole-register stores move bytes.
    for op in [Op::Vs2rV, Op::Vlseg3e8V, Op::VsmV] {
        let mut m = machine(&[access(op)], Misaligned::Traps);
        place(&mut m, DATA + 1, 0, 2);
        m.hart_mut().set_vector_state(8, E32, 0);
        assert_eq!(go(&mut m, Gait::Run), DONE);
    }
}

#[test]
fn inactive_elements_do_not_fault() {
    for (op, stride) in [(Op::Vle32V, 4), (Op::Vse32V, 4), (Op::Vlse32V, 8), (Op::Vsoxei16V, 8), (Op::Vlseg2e32V, 8)] {
        for gait in BOTH {
            // vm = 0
            let mut m = machine(&[access(op) & !(1 << 25)], Misaligned::Allowed);
            place(&mut m, DATA + PAGE - 3 * stride, stride, 2);
            m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, Prot::empty()).expect("mapped");
            m.hart_mut().set_vector_state(8, E32, 0);
            // The first two elements before the page, none on it.
            m.hart_mut().v_mut(0)[0] = 0b0000_0011;
            let old = all(&m);
            assert_eq!(go(&mut m, gait), DONE, "{}", op.mnemonic());
            assert_eq!(all(&m)[8 * VLENB + 8..9 * VLENB], old[8 * VLENB + 8..9 * VLENB]);
            m.hart_mut().v_mut(0)[0] = 0b0010_0001;
            m.hart_mut().set_pc(CODE);
            assert_eq!(go(&mut m, gait).2, 5, "{}", op.mnemonic());
        }
    }
}

/// A device access: is it a store, offset, bytes, value.
type Seen = (bool, u64, u32, u64);

/// Notes every access; loads give the offset. The last byte refuses everything.
struct Notebook(Arc<Mutex<Vec<Seen>>>);

impl Device for Notebook {
    fn read(&mut self, offset: u64, size: u32, _: &Moment) -> Result<u64, DeviceFault> {
        if offset + size as u64 == 0x100 {
            return Err(DeviceFault);
        }
        self.0.lock().unwrap().push((false, offset, size, 0));
        Ok(offset)
    }

    fn write(&mut self, offset: u64, size: u32, value: u64, _: &Moment) -> Result<(), DeviceFault> {
        self.0.lock().unwrap().push((true, offset, size, value));
        Ok(())
    }
}

#[test]
fn devices_see_each_element_in_order() {
    let load = |offsets: &[u64], size: u32| offsets.iter().map(|o| (false, *o, size, 0)).collect::<Vec<Seen>>();
    let cases: [(Op, u64, u64, u64, Vec<Seen>); 6] = [
        (Op::Vle16V, E16, 3, 0, load(&[0x10, 0x12, 0x14], 2)),
        (Op::Vlse32V, E32, 3, 0, load(&[0x10, 0x10, 0x10], 4)),
        (Op::Vlse8V, E8, 3, 0u64.wrapping_sub(4), load(&[0x10, 0xc, 8], 1)),
        (Op::Vlseg2e8V, E8, 2, 0, load(&[0x10, 0x11, 0x12, 0x13], 1)),
        (Op::Vloxei16V, E32, 2, 0x20, load(&[0x10, 0x30], 4)),
        (Op::Vle32ffV, E32, 2, 0, load(&[0x10, 0x14], 4)),
    ];
    for (op, vtype, vl, stride, expected) in cases {
        for gait in BOTH {
            let seen = Arc::new(Mutex::new(Vec::new()));
            let mut m = machine(&[access(op)], Misaligned::Allowed);
            m.memory_mut().add_device(DEVICE..DEVICE + 0x100, Box::new(Notebook(seen.clone()))).expect("free");
            place(&mut m, DEVICE + 0x10, stride, 2);
            m.hart_mut().set_vector_state(vl, vtype, 0);
            assert_eq!(go(&mut m, gait), DONE);
            assert_eq!(*seen.lock().unwrap(), expected, "{}", op.mnemonic());
            assert_eq!(m.hart().v(8)[0], 0x10);
        }
    }
    // Stores, and a device that refuses in the middle.
    for gait in BOTH {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut m = machine(&[access(Op::Vse16V), access(Op::Vle8V)], Misaligned::Allowed);
        m.memory_mut().add_device(DEVICE..DEVICE + 0x100, Box::new(Notebook(seen.clone()))).expect("free");
        m.hart_mut().set_x(5, DEVICE + 0xf8);
        m.hart_mut().set_vector_state(2, E8, 0);
        m.hart_mut().v_mut(8)[..4].copy_from_slice(&[1, 2, 3, 4]);
        assert_eq!(go(&mut m, gait), DONE);
        assert_eq!(seen.lock().unwrap()[..2], [(true, 0xf8, 2, 0x201), (true, 0xfa, 2, 0x403)]);
        assert_eq!(m.hart().v(8)[..4], [0xf8, 0xf9, 3, 4]);
        m.hart_mut().set_vector_state(4, E8, 0);
        m.hart_mut().set_pc(CODE + 4);
        m.hart_mut().set_x(5, DEVICE + 0xfd);
        assert_eq!(go(&mut m, gait), (Cause::LoadAccess, DEVICE + 0xff, 2));
    }
}

#[test]
fn a_segment_that_ends_outside_of_a_device_is_not_begun() {
    for gait in BOTH {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut m = machine(&[access(Op::Vlseg3e8V)], Misaligned::Allowed);
        m.memory_mut().add_device(DEVICE..DEVICE + 0x80, Box::new(Notebook(seen.clone()))).expect("free");
        m.hart_mut().set_x(5, DEVICE + 0x7b);
        m.hart_mut().set_vector_state(2, E8, 0);
        assert_eq!(go(&mut m, gait), (Cause::LoadAccess, DEVICE + 0x80, 1));
        assert_eq!(*seen.lock().unwrap(), [0x7b, 0x7c, 0x7d].map(|o| (false, o, 1, 0)));
    }
}

#[test]
fn watchers_see_each_element() {
    let accesses: Arc<Mutex<Vec<Touched>>> = Arc::default();
    let words = [access(Op::Vle32V), access(Op::Vsse32V), access(Op::Vle8ffV)];
    let mut m = machine(&words, Misaligned::Allowed);
    place(&mut m, DATA + PAGE - 8, 4, 2);
    m.memory_mut().write(DATA + PAGE - 8, &[1, 0, 0, 0, 2, 0, 0, 0]).expect("mapped");
    m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, Prot::empty()).expect("mapped");
    m.hart_mut().set_vector_state(2, E32, 0);
    let notes = accesses.clone();
    m.on_retire(move |r| notes.lock().unwrap().extend(r.touches.iter().map(|t| (t.access, t.addr, t.size, t.value))));
    assert_eq!(go(&mut m, Gait::Run), DONE);
    let (base, list) = (DATA + PAGE - 8, accesses.lock().unwrap());
    let read = |i: u64, size: u32| (Access::Read, base + i * size as u64, size, 0);
    assert_eq!(
        *list,
        [read(0, 4), read(1, 4), (Access::Write, base, 4, 1), (Access::Write, base + 4, 4, 2), read(0, 1), read(1, 1),]
    );
    drop(list);
    // Stores to watched addresses.
    let mut m = machine(&[access(Op::Vse32V)], Misaligned::Allowed);
    m.memory_mut().watch_stores(DATA + 4..DATA + 8);
    m.hart_mut().set_x(5, DATA);
    m.hart_mut().set_vector_state(4, E32, 0);
    m.hart_mut().v_mut(8)[4..8].copy_from_slice(&[9, 8, 7, 6]);
    assert_eq!(go(&mut m, Gait::Run), DONE);
    assert_eq!(m.memory_mut().take_stores(), [WatchedStore { addr: DATA + 4, size: 4, value: 0x0607_0809 }]);
}

#[test]
fn each_kind_of_store_into_code_is_seen_at_once() {
    // A loop of six rounds; in the fourth a vector store replaces x10 += 1 by x10 += 16.
    for op in [Op::Vse32V, Op::Vse8V, Op::Vsse32V, Op::Vsoxei16V, Op::Vsseg4e8V, Op::Vs1rV, Op::VsmV] {
        for gait in BOTH {
            let mut program = vec![rri(Op::Addi, 11, 0, 6), rri(Op::Addi, 14, 0, 3)];
            let at = CODE + 4 * program.len() as u64;
            program.push(rri(Op::Addi, 10, 10, 1));
            program.push(ssi(Op::Bne, 11, 14, 8));
            program.push(access(op));
            program.push(rri(Op::Addi, 11, 11, -1));
            program.push(ssi(Op::Bne, 11, 0, -16));
            let mut m = machine(&program, Misaligned::Allowed);
            let new = rri(Op::Addi, 10, 10, 16).to_le_bytes();
            // Behind the new word the old ones.
            let mut image = m.memory().slice(at, VLENB as u64).expect("mapped").to_vec();
            image[..4].copy_from_slice(&new);
            let (vtype, vl) = match op {
                Op::Vse8V => (E8, 4),
                Op::Vsseg4e8V => (E8, 1),
                // Bits.
                Op::VsmV => (E8, 32),
                _ => (E32, 1),
            };
            place(&mut m, at, 4, 2);
            if op == Op::Vsseg4e8V {
                (0..4).for_each(|k| m.hart_mut().v_mut(8 + k)[0] = new[k as usize]);
            } else {
                m.hart_mut().v_mut(8).copy_from_slice(&image);
            }
            m.hart_mut().set_vector_state(vl, vtype, 0);
            m.hart_mut().set_x(10, 0);
            assert_eq!(go(&mut m, gait), DONE);
            assert_eq!(m.hart().x(10), 4 + 2 * 16, "{} {gait:?}", op.mnemonic());
        }
    }
}
