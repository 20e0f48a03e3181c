//! The models themselves against answers worked out by hand, and by what must hold of any multiplication.

use crate::matrix_model::numbers::{BF16, E4M3, E5M2, F16, F32, F64, NV, NX, OF, TF32, UF, convert, fma};
use crate::matrix_model::state::{Context, Reason, Trap, World};
use crate::matrix_model::table::{Version, decode, named, rows};
use crate::matrix_model::v03::State03;
use crate::matrix_model::v06::State06;
use crate::vector_model::bench::{DATA, Pages};

/// Executes an instruction of 0.6 on a fresh world.
fn run06(
    s: &mut State06,
    name: &str,
    fields: &[(&str, u32)],
    x: &mut [u64; 32],
    pages: &mut Pages,
) -> Result<(), Trap> {
    let row = named(Version::V06, name);
    s.step(row, row.word(fields), &mut World { x, pages })
}

fn run03(
    s: &mut State03,
    name: &str,
    fields: &[(&str, u32)],
    x: &mut [u64; 32],
    pages: &mut Pages,
) -> Result<(), Trap> {
    let row = named(Version::V03, name);
    s.step(row, row.word(fields), &mut World { x, pages })
}

#[test]
fn the_lists_are_whole_and_unambiguous() {
    for (version, count) in [(Version::V03, 145), (Version::V06, 227)] {
        assert_eq!(rows(version).len(), count);
        for row in rows(version) {
            assert_eq!(row.value & !row.mask, 0, "{}", row.name);
            assert_eq!(decode(version, row.value).map(|r| r.name), Some(row.name));
            // Each bit is fixed or part of one field.
            let fields = row.fields().fold(0u32, |bits, (_, high, low)| {
                let field = ((2u64 << high) - (1 << low)) as u32;
                assert_eq!(bits & field, 0, "{}", row.name);
                bits | field
            });
            assert_eq!(fields, !row.mask, "{}", row.name);
        }
    }
}

#[test]
fn eight_bit_formats_round_as_the_table_of_ocp() {
    let to = |f, v: f32, mode, saturate| convert(F32, f, v.to_bits().into(), mode, saturate);
    assert_eq!(to(E4M3, 448.0, 0, false), (0x7e, 0));
    assert_eq!(to(E4M3, 464.0, 0, false), (0x7e, NX));
    assert_eq!(to(E4M3, 465.0, 0, false), (0x7f, OF | NX));
    assert_eq!(to(E4M3, -465.0, 0, true), (0xfe, OF | NX));
    assert_eq!(to(E4M3, 479.0, 1, false), (0x7e, NX));
    assert_eq!(to(E4M3, 500.0, 1, false), (0x7f, OF | NX));
    assert_eq!(to(E4M3, f32::NEG_INFINITY, 0, true), (0xfe, 0));
    assert_eq!(to(E4M3, f32::INFINITY, 0, false), (0x7f, 0));
    assert_eq!(to(E5M2, f32::NEG_INFINITY, 0, false), (0xfc, 0));
    assert_eq!(to(E5M2, 57344.0, 0, false), (0x7b, 0));
    assert_eq!(to(E5M2, 61440.0, 0, false), (0x7c, OF | NX));
    assert_eq!(to(E5M2, 61440.0, 0, true), (0x7b, OF | NX));
    assert_eq!(to(E5M2, f32::NAN, 0, true), (0x7e, 0));
    // The least numbers: 2^-9 and 2^-16.
    assert_eq!(to(E4M3, 2f32.powi(-9), 0, false), (1, 0));
    assert_eq!(to(E4M3, 2f32.powi(-10), 0, false), (0, UF | NX));
    assert_eq!(to(E4M3, 2f32.powi(-10), 3, false), (1, UF | NX));
    assert_eq!(to(E5M2, -(2f32.powi(-16)), 0, false), (0x81, 0));
    assert_eq!(convert(E5M2, F16, 0x7d, 0, false), (0x7e00, NV));
    assert_eq!(convert(E4M3, F16, 0xff, 0, false), (0x7e00, 0));
    assert_eq!(convert(E4M3, F32, 0x08, 0, false), (f64_as_f32(2f64.powi(-6)), 0));
    assert_eq!(convert(F32, TF32, 0x3f80_1000, 0, false), (0x3f80_0000, NX));
    assert_eq!(convert(F32, TF32, 0x3f80_3000, 0, false), (0x3f80_4000, NX));
    assert_eq!(convert(F32, BF16, 0x3f80_8000, 4, false), (0x3f81, NX));
    assert_eq!(fma(F64, 0x7ff0 << 48, 0, 0x7ff8 << 48, 0), (0x7ff8 << 48, NV));
}

fn f64_as_f32(v: f64) -> u64 {
    (v as f32).to_bits().into()
}

/// Every 8-bit number survives a way into any wider format and back.
#[test]
fn widening_then_narrowing_is_the_identity() {
    for f in [E4M3, E5M2] {
        for v in 0..=0xff {
            let (wide, flags) = convert(f, F16, v, 0, false);
            let back = convert(F16, f, wide, 1, false).0;
            let is_nan = wide & 0x7fff > 0x7c00;
            assert!(is_nan || (back, flags) == (v, 0), "{f:?} {v:x} {wide:x} {back:x}");
            let (wide, _) = convert(f, BF16, v, 0, false);
            assert!(is_nan || convert(BF16, f, wide, 1, false).0 == v);
        }
    }
}

#[test]
fn a_product_of_small_matrices() {
    // ROWNUM 4, ARLEN 128, as the text's example.
    let mut s = State06::new(32, 512, 128);
    (s.mtilem, s.mtilen, s.mtilek) = (2, 3, 2);
    let (mut x, mut pages) = ([0; 32], Pages::default());
    for (register, values) in [(0, [1u64, 2, 0xff, 4].as_slice()), (1, &[5, 6, 7, 0x80, 1, 0])] {
        for (n, v) in values.iter().enumerate() {
            s.registers[register].set(n / 2, n % 2, 8, *v);
        }
    }
    s.registers[4].bytes.fill(0xee);
    s.registers[4].set(0, 0, 32, 100);
    let fields = [("md", 4), ("ms1", 0), ("ms2", 1)];
    s.clone().step_named("mmacc.w.b", &fields, |s| {
        let row = |i: usize| (0..4).map(|j| s.registers[4].get(i, j, 32) as i32).collect::<Vec<_>>();
        let old = 0xeeee_eeeeu32 as i32;
        assert_eq!(row(0), [100 + 5 + 12, old + 7 - 256, old + 1, 0]);
        assert_eq!(row(1), [old - 5 + 24, old - 7 - 512, old - 1, 0]);
        assert_eq!(row(2), [0; 4]);
    });
    s.clone().step_named("mmaccu.w.b", &fields, |s| {
        let old = 0xeeee_eeeeu32 as i32;
        assert_eq!(s.registers[4].get(1, 0, 32) as i32, old + 255 * 5 + 4 * 6);
    });
    s.clone().step_named("mmaccus.w.b", &fields, |s| {
        let old = 0xeeee_eeeeu32 as i32;
        assert_eq!(s.registers[4].get(1, 1, 32) as i32, old + 255 * 7 - 4 * 128);
    });
    s.mtilem = 5;
    assert_eq!(run06(&mut s, "mmacc.w.b", &fields, &mut x, &mut pages), Err(Trap::Illegal(Reason::SizeM)));
    s.ms = Context::Off;
    assert_eq!(run06(&mut s, "mrelease", &[], &mut x, &mut pages), Err(Trap::Illegal(Reason::Off)));
}

impl State06 {
    /// Executes an instruction that touches no memory, and looks at what it leaves.
    fn step_named(mut self, name: &str, fields: &[(&str, u32)], look: impl FnOnce(&State06)) {
        run06(&mut self, name, fields, &mut [0; 32], &mut Pages::default()).expect("legal");
        look(&self);
    }
}

#[test]
fn the_three_accumulations_differ_where_they_should() {
    use crate::matrix_model::state::Accumulation::{Chain, Exact, Vendor};
    // 1 + (2^-11 + 2^-11) in binary16, to the even neighbour: the vendor's sum is exact before it is added.
    for (how, expected) in [(Vendor, 0x3c01), (Chain, 0x3c00), (Exact, 0x3c01)] {
        let mut s = State06::new(32, 512, 128);
        (s.mtilem, s.mtilen, s.mtilek, s.accumulation) = (1, 1, 2, how);
        s.registers[4].set(0, 0, 16, 0x3c00);
        for k in 0..2 {
            s.registers[0].set(0, k, 16, 0x3c00);
            s.registers[1].set(0, k, 16, 0x1000);
        }
        s.step_named("mfmacc.h", &[("md", 4), ("ms1", 0), ("ms2", 1)], |s| {
            assert_eq!(s.registers[4].get(0, 0, 16), expected, "{how:?}");
        });
    }
}

#[test]
fn a_transposed_load_of_a_transposed_matrix_is_a_load() {
    let mut s = State06::new(32, 512, 128);
    (s.mtilem, s.mtilek) = (3, 5);
    let (mut x, mut pages) = ([0; 32], Pages::default());
    for i in 0..3u64 {
        for j in 0..5 {
            let at = |addr: u64| (addr - DATA) as usize;
            pages.0[at(DATA + 16 * i + j)] = (16 * i + j) as u8;
            pages.0[at(DATA + 256 + 16 * j + i)] = (16 * i + j) as u8;
        }
    }
    (x[10], x[11], x[12]) = (DATA, DATA + 256, 16);
    run06(&mut s, "mlae8", &[("md", 0), ("rs1", 10), ("rs2", 12)], &mut x, &mut pages).expect("legal");
    run06(&mut s, "mlate8", &[("md", 1), ("rs1", 11), ("rs2", 12)], &mut x, &mut pages).expect("legal");
    assert_eq!(s.registers[0], s.registers[1]);
    assert_eq!(s.registers[0].get(2, 4, 8), 36);
    // Of 0x22000 on nothing may be written.
    x[10] = DATA + 0x1ff0;
    let fault = run06(&mut s, "msae8", &[("ms3", 0), ("rs1", 10), ("rs2", 12)], &mut x, &mut pages);
    assert_eq!(fault, Err(Trap::Fault { addr: DATA + 0x2000, store: true }));
    assert_eq!(pages.0[0x1ff0..0x2000], Pages::default().0[0x1ff0..0x2000]);
}

#[test]
fn requantisation_as_the_library_of_0_3_does_it() {
    let mut s = State03::new(128);
    let (mut x, mut pages) = ([0; 32], Pages::default());
    let fields = [("rd", 5), ("rs1", 6)];
    x[6] = 16 << 16 | 4 << 8 | 2;
    run03(&mut s, "mcfg", &fields, &mut x, &mut pages).expect("legal");
    assert_eq!((s.size_m, s.size_n, s.size_k, x[5]), (2, 4, 16, x[6]));
    // round((1000 * 2^30) / 2^32) = 250; 250 + 2^3/2 >> 3 = 31; 31 - 200 = -169, clipped to -128.
    s.m[0].set(1, 2, 32, 1000);
    s.m[1].set(0, 2, 32, 1 << 30);
    s.m[2].set(0, 2, 32, 3);
    x[8] = -200i64 as u64;
    x[9] = 0;
    s.m[0].set(3, 1, 32, 77);
    for (name, fields) in [
        ("mmulh.s.mv.i", [("md", 0), ("ms2", 0), ("ms1", 1), ("uimm3", 0)].as_slice()),
        ("msra.s.mv.i", &[("md", 0), ("ms2", 0), ("ms1", 2), ("uimm3", 0)]),
        ("madd.s.mx", &[("md", 0), ("ms2", 0), ("rs1p", 0)]),
        ("mn4clip.s.mx", &[("md", 0), ("ms2", 0), ("rs1p", 1)]),
    ] {
        run03(&mut s, name, fields, &mut x, &mut pages).expect("legal");
    }
    assert_eq!(s.m[0].get(1, 2, 8) as i8, -128);
    assert_eq!(s.m[0].get(0, 0, 8) as i8, -128);
    assert_eq!(s.m[0].get(3, 1, 32), 0);
    assert_eq!(s.xmsat, 1);
    assert_eq!(
        run03(&mut s, "fmmacc.h", &[("md", 3), ("ms2", 2)], &mut x, &mut pages),
        Err(Trap::Illegal(Reason::Overlap))
    );
}
