//! ISA strings: what is accepted, what it means, what is refused and how.

use mellivora::isa::{Extension, Isa, IsaError};

fn parse(text: &str) -> Isa {
    Isa::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refuse(text: &str) -> String {
    Isa::parse(text).expect_err(text).to_string()
}

#[test]
fn order_case_underscores_and_versions_do_not_matter() {
    let expected = parse("rv64imac_zba_zbb");
    for text in [
        "RV64IMAC_Zba_Zbb",
        "rv64icma_zbb_zba",
        "rv64i_m_a_c_zbb_zba",
        "rv64i2p1m2p0a2c2_zba1p0_zbb1",
        "rv64ima_zbb_c_zba",
        "rv64imac__zba_zbb_",
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn implications_are_closed() {
    use Extension::*;
    let cases: &[(&str, &[Extension], &[Extension])] = &[
        ("rv64g", &[I, M, Zmmul, A, Zaamo, Zalrsc, F, D, Zicsr, Zifencei], &[C, Zca, Zba]),
        ("rv64if", &[F, Zicsr], &[D, Zfhmin]),
        ("rv64ic", &[C, Zca], &[Zcd, D]),
        ("rv64icd", &[Zcd, F], &[Zcb]),
        ("rv64idc", &[Zcd], &[]),
        ("rv64ib", &[B, Zba, Zbb, Zbs], &[Zbc]),
        ("rv64i_zfh", &[Zfhmin, F], &[D]),
        ("rv64i_zcb", &[Zca], &[C]),
        ("rv64i_zacas", &[Zaamo], &[Zalrsc, A]),
        ("rv64i_zabha", &[Zaamo], &[]),
        ("rv64i_zicntr", &[Zicsr], &[]),
        (
            "rva22u64",
            &[I, M, A, F, D, C, Zcd, Zba, Zbb, Zbs, Zfhmin, Zicbom, Zicbop, Zicboz, Zihpm, Zkt],
            &[Zfh, Zicond, Zifencei],
        ),
        ("rv64i2p0", &[Zicsr, Zifencei], &[]),
        ("rv64i_zve32x", &[Zve32x, Zicsr], &[Zve32f, F, Zve64x]),
        ("rv64i_zve64f", &[Zve64f, Zve64x, Zve32f, F], &[Zve64d, D]),
        ("rv64iv", &[V, Zve64d, Zve64f, Zve64x, Zve32f, Zve32x, D, F], &[Zvfhmin, Zvbb]),
        ("rv64iv_zvfh", &[Zvfh, Zvfhmin, Zfhmin], &[Zfh]),
        ("rv64i_zvfbfwma", &[Zvfbfmin, Zfbfmin, Zve32f], &[Zvfhmin]),
        ("rv64i_zvbb", &[Zvbb, Zvkb, Zve32x], &[Zve64x, Zvbc]),
        ("rv64i_zvbc", &[Zvbc, Zve64x], &[Zvbb]),
        ("rv64i_zvknc", &[Zvkn, Zvbc, Zvkned, Zvknhb, Zvknha, Zvkb, Zvkt, Zve64x], &[Zvkg, Zvbb]),
        ("rv64i_zvkng", &[Zvkn, Zvkg], &[Zvbc]),
        ("rv64i_zvksg", &[Zvks, Zvksed, Zvksh, Zvkb, Zvkt, Zvkg, Zve32x], &[Zve64x]),
        ("rv64i_zvksc", &[Zvks, Zvbc], &[Zvkg]),
    ];
    for (text, there, absent) in cases {
        let isa = parse(text);
        for e in *there {
            assert!(isa.has(*e), "{text}: no {e:?}");
        }
        for e in *absent {
            assert!(!isa.has(*e), "{text}: has {e:?}");
        }
    }
}

#[test]
fn vector_lengths_and_element_widths_follow_from_the_extensions() {
    let cases = [
        ("rv64gc", 0, 0),
        ("rv64gc_zvl256b", 256, 0),
        ("rv64i_zve32x", 32, 32),
        ("rv64i_zve32f_zvl64b", 64, 32),
        ("rv64i_zve64x", 64, 64),
        ("rv64i_zve64d", 64, 64),
        ("rv64i_zvbc", 64, 64),
        ("rv64gcv", 128, 64),
        ("rv64gcv_zvl32b", 128, 64),
        ("rv64gcv_zvl65536b", 65536, 64),
    ];
    for (text, min_vlen, elen) in cases {
        assert_eq!((parse(text).min_vlen(), parse(text).elen()), (min_vlen, elen), "{text}");
    }
    assert_eq!(Isa::base().with(Extension::V).min_vlen(), 128);
}

#[test]
fn the_canonical_string_gives_the_same_set_back() {
    assert_eq!(parse("rv64gc").to_string(), "rv64imafdc_zicsr_zifencei_zmmul_zaamo_zalrsc_zca_zcd");
    assert_eq!(parse("rv64i_zvl256b_zba_zvl128b").to_string(), "rv64i_zicsr_zba_zvl256b");
    for text in [
        "rv64i",
        "rv64gc",
        "rva22u64_zacas",
        "rv64gcv",
        "rv64i_zve32x",
        "rv64iv_zvl512b",
        "rv64ib_zicond_zcmop_zvl128b",
    ] {
        let isa = parse(text);
        assert_eq!(parse(&isa.to_string()), isa, "{text}");
    }
    assert_eq!(parse(&Isa::all().to_string()), Isa::all());
}

#[test]
fn parts_that_are_wrong_are_named_with_their_place() {
    let cases = [
        ("", "`` does not begin with rv64i, rv64g or a profile name (rva22u64)"),
        ("rv32imac", "`rv32imac` does not begin with rv64i, rv64g or a profile name (rva22u64)"),
        ("rv64e", "`rv64e` does not begin with rv64i, rv64g or a profile name (rva22u64)"),
        ("rv64iy", "unknown extension `y` at position 5"),
        ("rv64i_zicsrr", "unknown extension `zicsrr` at position 6; did you mean `zicsr`?"),
        ("rv64gc_zbq", "unknown extension `zbq` at position 7; did you mean `zba`?"),
        ("rv64gc_zfoobar", "unknown extension `zfoobar` at position 7"),
        ("rv64gc_zvl512", "unknown extension `zvl512` at position 7; did you mean `zvl512b`?"),
        ("rv64gc_zba_zvl100b", "`zvl100b` at position 11: the vector length is a power of two from 32 to 65536"),
        ("rv64gch", "extension `h` at position 6 is not implemented"),
        ("rv64gc_zknd", "extension `zknd` at position 7 is not implemented"),
        ("rv64i_m3p0", "extension `m3p0` at position 6: the known version is 2p0"),
        ("rv64gc_zba2", "extension `zba2` at position 7: the known version is 1p0"),
        ("rv64i_Zïcsr", "unknown extension `zïcsr` at position 6; did you mean `zicsr`?"),
        (
            "rv64gcv_xtheadvector",
            "extension `xtheadvector` at position 8 cannot be combined with `v`: vector 0.7.1 (XTheadVector) and vector 1.0 \
             share encodings, so name one of them",
        ),
        (
            "rv64gc_xtheadvector_xtheadvdot_zvbb",
            "extension `zvbb` at position 31 cannot be combined with `xtheadvector`: vector 0.7.1 (XTheadVector) and vector \
             1.0 share encodings, so name one of them",
        ),
        (
            "rv64gc_zve64d_xtheadzvamo",
            "extension `xtheadzvamo` at position 14 cannot be combined with `zve64d`: vector 0.7.1 (XTheadVector) and \
             vector 1.0 share encodings, so name one of them",
        ),
        ("rv64i\u{1f9a1}", "unknown extension `\u{1f9a1}` at position 5"),
    ];
    for (text, expected) in cases {
        assert_eq!(refuse(text), expected, "{text}");
    }
    assert!(matches!(Isa::parse("rv64ih"), Err(IsaError::NotImplemented { at: 5, .. })));
}

#[test]
fn a_profile_with_missing_parts_names_them() {
    let Err(IsaError::Profile { profile, missing }) = Isa::parse("rva23u64") else { panic!("it is not complete") };
    assert_eq!((profile.as_str(), missing.join(" ").as_str()), ("rva23u64", "supm"));
    assert!(parse("rva22u64_zicond").has(Extension::Zicond));
}

#[test]
fn everything_is_on_unless_it_conflicts() {
    for e in Extension::all() {
        let excluded = e.info().conflicts.iter().any(|c| Isa::all().has(*c));
        assert_ne!(Isa::all().has(e), excluded, "{e:?}");
    }
}

#[test]
fn names_that_are_not_implemented_are_not_known() {
    // An extension that arrives must leave the list of absent ones, or it could never be asked for.
    for e in Extension::all() {
        let text = format!("rv64i_{}", e.full_name());
        assert!(Isa::parse(&text).is_ok_and(|isa| isa.has(e)), "{text}");
        assert!(!e.info().summary.is_empty());
    }
}

#[test]
fn strings_of_the_vendors_released_archives_are_understood() {
    use Extension::*;
    let classic =
        [Xtheadba, Xtheadbb, Xtheadbs, Xtheadcmo, Xtheadcondmov, Xtheadmac, Xtheadmemidx, Xtheadmempair, Xtheadsync];
    let has_all = |text: &str, all: &[Extension]| all.iter().all(|e| parse(text).has(*e));
    // Vectors of version 1.0: segments are part of it, and its draft's atomics are not.
    let archive = "rv64i2p0_m2p0_a2p0_f2p0_d2p0_c2p0_v1p0_zfh1p0_zvamo1p0_zvlsseg1p0_xtheadc2p0_xtheadvdot0p0";
    assert!(has_all(archive, &classic) && has_all(archive, &[V, Zfh, Xtheadfmemidx, Xtheadvdot]));
    assert!(!parse(archive).has(Xtheadvector));
    // Version 0.7.1, before and after it had its name; names may stand in any order.
    for text in ["rv64gcv0p7_zfh_xtheadc", "rv64gc_zvlsseg0p7_xtheadc_v0p7_zfh", "rv64gc_xtheadvector1p0_zvlsseg"] {
        assert!(parse(text).has(Xtheadvector) && !parse(text).has(Zve32x) && !parse(text).has(Xtheadzvamo), "{text}");
    }
    assert!(has_all("rv64gc_zvamo_xtheadvector", &[Xtheadvector, Xtheadzvamo]));
    assert!(has_all("rv64imac_xtheadc", &classic) && !parse("rv64imac_xtheadc").has(Xtheadfmemidx));
    assert_eq!(parse("rv64gc_xtheadba2p3"), parse("rv64gc_xtheadba"));
    let cases = [
        (
            "rv64gc_zvamo1p0",
            "extension `zvamo1p0` at position 7 goes with xtheadvector (or v), and the string has neither",
        ),
        (
            "rv64gc_zvlsseg",
            "extension `zvlsseg` at position 7 goes with xtheadvector (or v), and the string has neither",
        ),
        ("rv64gc_xtheadcrc", "extension `xtheadcrc` at position 7 is not implemented"),
    ];
    for (text, expected) in cases {
        assert_eq!(refuse(text), expected, "{text}");
    }
    assert!(refuse("rv64gcv0p7_v").contains("cannot be combined with `xtheadvector`"));
    if Extension::all().all(|e| e.name() != "xtheadmatrix") {
        assert_eq!(
            refuse(&format!("{archive}_xtheadmatrix0p0")),
            "extension `xtheadmatrix0p0` (matrices of version 0.3) at position 91 is not implemented"
        );
    }
}
