//! Directed: loads, stores and AMOs that fault at any element are resumed, fault-only-first loads stop short, masked-off elements do
//! not fault.

use crate::common::asm::{bytes, ecall};
use crate::common::drive::Gait;
use crate::thead_model::bench::{machine, unit, vtype_of_v1};
use crate::thead_model::state::{Settings, State};
use crate::thead_model::words::{rows, word};
use crate::vector_model::bench::{CODE, DATA};
use mellivora::hart::{Cause, Simd};
use mellivora::machine::{Machine, Stop};
use mellivora::memory::Prot;

const PAGE: u64 = 4096;
const RW: Prot = Prot::READ.union(Prot::WRITE);
const VLENB: usize = 32;
const BOTH: [Gait; 2] = [Gait::Run, Gait::Step];
const DONE: (Cause, u64, u64) = (Cause::EcallFromM, 0, 0);

/// A machine with VLEN = 256 about to execute a word; every register byte is different from its neighbours.
fn about_to(word: u32) -> Machine {
    let mut m = machine(unit(8 * VLENB, true, Settings::default(), Simd::best()), true);
    m.memory_mut().write(CODE, &bytes(&[word, ecall()])).expect("mapped");
    let data: Vec<u8> = (0..2 * PAGE).map(|i| (i * 7 + i / 256) as u8).collect();
    m.memory_mut().write(DATA, &data).expect("mapped");
    let hart = m.hart_mut();
    hart.set_pc(CODE);
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
        let stop = if gait == Gait::Run { m.run(10_000) } else { m.step() };
        match stop {
            Stop::Trap(t) => return (t.cause, t.tval, m.hart().vstart()),
            Stop::Budget => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("no trap");
}

fn all(m: &Machine) -> Vec<u8> {
    (0..32).flat_map(|n| m.hart().v(n).to_vec()).collect()
}

fn memory(m: &Machine) -> Vec<u8> {
    m.memory().slice(DATA, 2 * PAGE).expect("mapped").to_vec()
}

/// Sets what the access needs: base x5, stride x6, and v16[i] = i * stride in elements of SEW bits.
fn place(m: &mut Machine, base: u64, stride: u64, sew: u64, vl: u64) {
    let mut s = State::new(8 * VLENB);
    s.vtype = u64::from(sew.ilog2() - 3) << 2;
    let hart = m.hart_mut();
    hart.set_vector_state(vl, vtype_of_v1(&s), 0);
    hart.set_x(5, base);
    hart.set_x(6, stride);
    for (i, element) in hart.v_mut(16).chunks_exact_mut(sew as usize / 8).enumerate() {
        element.copy_from_slice(&(i as u64).wrapping_mul(stride).to_le_bytes()[..sew as usize / 8]);
    }
}

/// `name v8, (x5)` with x6 or v16 behind it, as the name has it.
fn access(name: &str, vm: u32) -> u32 {
    let row = rows().iter().find(|row| row.name.trim_start_matches("th.") == name).expect("in the list");
    let third = match row.text {
        text if text.contains("v16") => 16,
        text if text.contains("),") => 6,
        _ => 0,
    };
    word(name, 8, third, 5, vm)
}

/// Name, SEW, vl, bytes from one structure to the next, fields, bytes of an element in memory.
const ACCESSES: &[(&str, u64, u64, u64, u64, u64)] = &[
    ("vle.v", 32, 8, 4, 1, 4),
    ("vlb.v", 32, 8, 1, 1, 1),
    ("vlhu.v", 64, 4, 2, 1, 2),
    ("vlwu.v", 64, 3, 4, 1, 4),
    ("vse.v", 16, 16, 2, 1, 2),
    ("vsb.v", 32, 8, 1, 1, 1),
    ("vlse.v", 32, 7, 12, 1, 4),
    ("vlsb.v", 16, 13, 3, 1, 1),
    ("vssh.v", 32, 7, 8, 1, 2),
    ("vlxe.v", 32, 8, 20, 1, 4),
    ("vlxhu.v", 32, 8, 6, 1, 2),
    ("vsxb.v", 16, 16, 3, 1, 1),
    ("vsuxe.v", 32, 8, 4, 1, 4),
    ("vlseg3e.v", 8, 32, 3, 3, 1),
    ("vlseg2w.v", 64, 4, 8, 2, 4),
    ("vlseg4bu.v", 16, 15, 4, 4, 1),
    ("vsseg4h.v", 32, 8, 8, 4, 2),
    ("vsseg5e.v", 8, 30, 5, 5, 1),
    ("vlsseg3h.v", 32, 7, 10, 3, 2),
    ("vssseg2b.v", 16, 16, 4, 2, 1),
    ("vlxseg2e.v", 32, 8, 16, 2, 4),
    ("vsxseg3b.v", 16, 16, 8, 3, 1),
    ("vamoaddw.v", 32, 8, 4, 1, 4),
    ("vamoswapd.v", 64, 4, 8, 1, 8),
];

#[test]
fn a_fault_names_its_element_and_the_rest_is_done_afterwards() {
    for &(name, sew, vl, stride, fields, size) in ACCESSES {
        let amo = name.contains("amo");
        // AMOs write what they have read.
        let w = access(name, 1) | if amo { 1 << 26 } else { 0 };
        let store = name.starts_with("vs") || amo;
        for before in [0, 1, 3, vl / 2 * stride, vl * stride - 1] {
            let before = if amo { before / size * size } else { before };
            let base = DATA + PAGE - before;
            let touches = |i: u64| base + i * stride + fields * size > DATA + PAGE;
            let Some(k) = (0..vl).find(|i| touches(*i)) else { continue };
            let mut whole = about_to(w);
            place(&mut whole, base, stride, sew, vl);
            assert_eq!(go(&mut whole, Gait::Run), DONE, "{name}");
            for gait in BOTH {
                let what = format!("{name} {before} bytes before the page, {gait:?}");
                let mut m = about_to(w);
                place(&mut m, base, stride, sew, vl);
                let (old_v, old_mem) = (all(&m), memory(&m));
                m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, Prot::empty()).expect("mapped");
                let cause = if store { Cause::StoreAccess } else { Cause::LoadAccess };
                let first_bad = if amo { base + k * stride } else { (DATA + PAGE).max(base + k * stride) };
                assert_eq!(go(&mut m, gait), (cause, first_bad, k), "{what}");
                // Earlier elements are done, later ones and the tail untouched.
                let done = (k * sew / 8) as usize;
                for f in 0..fields as usize {
                    let at = (8 + f) * VLENB;
                    assert_eq!(all(&m)[at..at + done], all(&whole)[at..at + done], "{what}");
                    let later = at + done + sew as usize / 8..at + VLENB;
                    assert_eq!(all(&m)[later.clone()], old_v[later], "{what}");
                }
                let early = (base + k * stride - DATA) as usize;
                assert_eq!(memory(&m)[..early], memory(&whole)[..early], "{what}");
                // Of the faulting structure whole fields may have been stored, but no part of one.
                let field = (PAGE as usize - early.min(PAGE as usize)) / size as usize * size as usize;
                m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, RW).expect("mapped");
                assert_eq!(memory(&m)[early + field..], old_mem[early + field..], "{what}");
                assert_eq!(go(&mut m, gait), DONE, "{what}");
                assert_eq!(all(&m), all(&whole), "{what}");
                assert_eq!(memory(&m), memory(&whole), "{what}");
            }
        }
    }
}

#[test]
fn fault_only_first_shortens_vl_behind_element_0_and_leaves_the_rest() {
    for (name, sew, size, fields) in [
        ("vleff.v", 32, 4, 1),
        ("vlbff.v", 16, 1, 1),
        ("vlhuff.v", 64, 2, 1),
        ("vlseg3eff.v", 8, 1, 3),
        ("vlseg2hff.v", 32, 2, 2),
    ] {
        let full = 8 * VLENB as u64 / sew;
        // The page may also begin between two fields.
        for before in 0..=full * fields {
            let elements = before / fields;
            for gait in BOTH {
                let w = word(name, 8, 0, 5, 1);
                let mut m = about_to(w);
                m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, Prot::empty()).expect("mapped");
                place(&mut m, DATA + PAGE - before * size, 0, sew, full);
                let old = all(&m);
                let trap = go(&mut m, gait);
                if elements == 0 {
                    assert_eq!((trap, m.hart().vl()), ((Cause::LoadAccess, DATA + PAGE, 0), full), "{name}");
                    continue;
                }
                assert_eq!((trap, m.hart().vl()), (DONE, elements), "{name} {gait:?}");
                for f in 0..fields as usize {
                    let first = memory_byte(&m, PAGE - before * size + f as u64 * size);
                    assert_eq!(m.hart().v(8 + f as u8)[0], first);
                    let rest = (8 + f) * VLENB + (elements * sew / 8) as usize..(9 + f) * VLENB;
                    assert_eq!(all(&m)[rest.clone()], old[rest], "{name} {before}");
                }
            }
        }
    }
}

fn memory_byte(m: &Machine, at: u64) -> u8 {
    m.memory().slice(DATA, PAGE).expect("mapped")[at as usize]
}

#[test]
fn inactive_elements_do_not_fault() {
    for (name, stride) in
        [("vle.v", 4), ("vlb.v", 1), ("vse.v", 4), ("vlse.v", 8), ("vsxe.v", 8), ("vlseg2e.v", 8), ("vamoaddw.v", 4)]
    {
        for gait in BOTH {
            let mut m = about_to(access(name, 0));
            place(&mut m, DATA + PAGE - 4 * stride, stride, 32, 8);
            m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, Prot::empty()).expect("mapped");
            // The first four elements before the page, none on it: MLEN = 32.
            let mask = |m: &mut Machine, enabled: [u8; 8]| {
                let v0 = m.hart_mut().v_mut(0);
                for (i, bit) in enabled.into_iter().enumerate() {
                    v0[4 * i..4 * i + 4].copy_from_slice(&[0xfe | bit, 0xff, 0xff, 0xff]);
                }
            };
            mask(&mut m, [1, 1, 0, 1, 0, 0, 0, 0]);
            let old = all(&m);
            assert_eq!(go(&mut m, gait), DONE, "{name}");
            assert_eq!(all(&m)[8 * VLENB + 16..9 * VLENB], old[8 * VLENB + 16..9 * VLENB], "{name}");
            mask(&mut m, [1, 0, 0, 0, 0, 1, 0, 0]);
            m.hart_mut().set_pc(CODE);
            assert_eq!(go(&mut m, gait).2, 5, "{name}");
        }
    }
}

/// Structures and indices that overwrite the mask or the indices they come from are loaded again from where they faulted.
#[test]
fn loads_over_their_own_mask_or_indices_are_resumed() {
    // vlseg3e.v v0, (x5), v0.t; vlxseg2e.v v16, (x5), v16.
    for (w, fields) in [(word("vlseg3e.v", 0, 0, 5, 0), 3), (word("vlxseg2e.v", 16, 16, 5, 1), 2)] {
        for gait in BOTH {
            // The page begins behind the first field of structure 3.
            let (stride, base) = (4 * fields, DATA + PAGE - 3 * 4 * fields - 4);
            let prepare = |m: &mut Machine| {
                place(m, base, stride, 32, 8);
                // Enabled: 0, 1, 3, 4, 7.
                for (i, bit) in [1u8, 1, 0, 1, 1, 0, 0, 1].into_iter().enumerate() {
                    m.hart_mut().v_mut(0)[4 * i] = 0xa0 | bit;
                }
            };
            let (mut whole, mut m) = (about_to(w), about_to(w));
            prepare(&mut whole);
            assert_eq!(go(&mut whole, gait), DONE);
            prepare(&mut m);
            m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, Prot::empty()).expect("mapped");
            assert_eq!(go(&mut m, gait), (Cause::LoadAccess, DATA + PAGE, 3));
            m.memory_mut().protect(DATA + PAGE..DATA + 2 * PAGE, RW).expect("mapped");
            assert_eq!(go(&mut m, gait), DONE);
            assert_eq!(all(&m), all(&whole));
        }
    }
}
