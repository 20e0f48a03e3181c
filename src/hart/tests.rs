use super::*;

fn hart() -> Hart {
    Hart::new(HartConfig::default(), Clock::virtual_time())
}

#[test]
fn mstatus_keeps_only_legal_fields() {
    let mut h = hart();
    h.write_csr(0x300, u64::MAX).unwrap();
    assert_eq!(h.read_csr(0x300).unwrap(), 1 << 63 | 2 << 32 | 1 << 21 | 1 << 17 | 3 << 13 | 3 << 11 | 1 << 7 | 1 << 3);
    h.write_csr(0x300, 1 << 11).unwrap();
    assert_eq!(h.read_csr(0x300).unwrap() >> 11 & 3, 0, "MPP = 1 is illegal and becomes U");
}

#[test]
fn user_mode_sees_counters_only_when_allowed() {
    let mut h = hart();
    h.set_privilege(Privilege::User);
    assert_eq!(h.read_csr(0xc00), Err(CsrError::Privilege(0xc00)));
    assert_eq!(h.read_csr(0x300), Err(CsrError::Privilege(0x300)));
    h.m.mcounteren = 1;
    assert!(h.read_csr(0xc00).is_ok());
    assert_eq!(h.write_csr(0xc00, 0), Err(CsrError::ReadOnly(0xc00)));
}

#[test]
fn a_written_counter_reads_back_in_the_next_instruction() {
    let mut h = hart();
    h.instret = 100;
    h.write_csr(0xb02, 5).unwrap();
    h.instret = 101;
    assert_eq!(h.read_csr(0xb02), Ok(5));
    h.write_csr(0x320, 4).unwrap();
    h.instret = 200;
    assert_eq!(h.read_csr(0xb02), Ok(5), "inhibited");
    h.write_csr(0x320, 0).unwrap();
    h.instret = 201;
    assert_eq!(h.read_csr(0xb02), Ok(6));
}

#[test]
fn float_csrs_need_fs_and_make_it_dirty() {
    let mut h = hart();
    assert_eq!(h.write_csr(3, 0xff), Err(CsrError::FloatOff(3)));
    h.set_fs(Context::Initial);
    h.write_csr(3, 0xff).unwrap();
    assert_eq!((h.frm, h.fflags, h.fs), (7, 0x1f, Context::Dirty));
    assert!(!h.fp_fast);
    h.write_csr(2, 0).unwrap();
    assert!(h.fp_fast);
}

#[test]
fn traps_save_and_mret_restores() {
    let mut h = hart();
    h.write_csr(0x305, 0x8000_0001).unwrap();
    h.m.mstatus = 1 << 3;
    h.privilege = Privilege::User;
    h.pc = 0x1234;
    h.take_exception(Cause::LoadAccess, 0x55);
    assert_eq!((h.pc, h.m.mepc, h.m.mcause, h.m.mtval), (0x8000_0000, 0x1234, 5, 0x55));
    assert_eq!(h.m.mstatus & (MIE_MPIE | 3 << 11), 1 << 7);
    h.leave_trap();
    assert_eq!((h.pc, h.privilege, h.m.mstatus & MIE_MPIE), (0x1234, Privilege::User, MIE_MPIE));
    h.take_interrupt(Interrupt::Timer);
    assert_eq!((h.pc, h.m.mcause), (0x8000_001c, 1 << 63 | 7));
}

const MIE_MPIE: u64 = 1 << 3 | 1 << 7;

#[test]
fn interrupts_follow_enables_and_priority() {
    let mut h = hart();
    h.set_interrupt(Interrupt::Timer, true);
    h.set_interrupt(Interrupt::External, true);
    assert_eq!(h.pending_interrupt(), None);
    h.m.mie = !0;
    assert_eq!(h.pending_interrupt(), None, "M-mode with MIE = 0");
    h.m.mstatus |= 1 << 3;
    assert_eq!(h.pending_interrupt(), Some(Interrupt::External));
    h.set_interrupt(Interrupt::External, false);
    h.m.mstatus = 0;
    h.privilege = Privilege::User;
    assert_eq!(h.pending_interrupt(), Some(Interrupt::Timer), "lower privilege is always interruptible");
}

#[test]
fn impossible_vector_units_are_told_apart() {
    use VectorError::*;
    let of = |isa: &str, f: &dyn Fn(&mut VectorConfig)| {
        let isa = Isa::parse(isa).unwrap();
        let mut unit = VectorConfig::for_isa(&isa);
        f(&mut unit);
        unit.check(&isa)
    };
    let vlen = |isa, n| of(isa, &|u| u.vlen = n);
    for n in (5..=16).map(|n| 1 << n) {
        assert_eq!(vlen("rv64gc_zve32f", n), Ok(()));
        assert_eq!(vlen("rv64gc_zve64d", n).is_ok(), n >= 64);
        assert_eq!(vlen("rv64gcv", n).is_ok(), n >= 128);
    }
    for n in [1, 16, 48, 129, 1 << 17, u32::MAX] {
        assert_eq!(vlen("rv64gc_zve32x", n), Err(Length(n)));
    }
    assert_eq!(vlen("rv64gc", 128), Err(NoVectors(128)));
    assert_eq!(vlen("rv64gcv", 0), Ok(()), "no unit at all");
    assert_eq!(vlen("rv64gc_zve64x", 32), Err(BelowElement { vlen: 32, elen: 64 }));
    assert_eq!(vlen("rv64gcv", 64), Err(BelowIsa { vlen: 64, least: 128, by: Some(Extension::V) }));
    assert_eq!(vlen("rv64gcv_zvl256b", 128), Err(BelowIsa { vlen: 128, least: 256, by: None }));
    assert_eq!(of("rv64gcv", &|u| u.elen = 16), Err(ElementLength(16)));
    assert_eq!(of("rv64gcv", &|u| u.elen = 32), Err(OtherElements { elen: 32, isa: 64 }));
    assert_eq!(of("rv64gc_zve32f_zvl64b", &|u| u.elen = 64), Err(OtherElements { elen: 64, isa: 32 }));
    assert_eq!(of("rv64gc_zve32x", &|u| u.float_widths = 4), Err(Float(32)));
    assert_eq!(of("rv64gcv", &|u| u.float_widths |= 2), Err(Float(16)));
    assert_eq!(of("rv64gc_zve64d", &|u| u.high_64 = true), Err(High));
    assert_eq!(of("rv64gcv_zvknha", &|u| u.sha_512 = true), Err(Sha512));
    assert_eq!(of("rv64gcv_zvl512b", &|_| ()), Ok(()));
    // A hart by itself has no vector unit rather than such a one.
    let mut config = HartConfig::for_isa(&Isa::all());
    config.vector.vlen = 100;
    assert_eq!(Hart::new(config, Clock::virtual_time()).vlenb(), 0);
}

#[test]
fn the_isa_string_says_how_long_vector_registers_are() {
    let unit = |isa| HartConfig::for_isa(&Isa::parse(isa).unwrap());
    assert_eq!((unit("rv64gcv").vector.vlen, unit("rv64gcv_zvl1024b").vector.vlen), (128, 1024));
    assert_eq!((unit("rv64gc_zve32x").vector.vlen, unit("rv64gc").vector.vlen), (32, 0));
    assert_ne!(unit("rv64gcv").misa & 1 << 21, 0);
    assert_eq!(unit("rv64gc_zve64d").misa & 1 << 21, 0, "misa.V tells of V only");
    assert_eq!(Isa::all_within(65536, 64), Isa::all());
    let small = Isa::all_within(32, 32);
    assert!(small.has(Extension::Zve32f) && small.has(Extension::Zvbb) && !small.has(Extension::Zve64x));
    assert!(Isa::all_within(64, 64).has(Extension::Zve64d) && !Isa::all_within(64, 64).has(Extension::V));
}

#[test]
fn vector_registers_are_bytes_and_elements() {
    let mut h = Hart::new(HartConfig::for_isa(&Isa::parse("rv64gcv").unwrap()), Clock::virtual_time());
    h.v_mut(3)[..4].copy_from_slice(&[1, 2, 3, 0x84]);
    assert_eq!((h.v_element::<u16>(3, 1), h.v_element::<i32>(3, 0)), (Some(0x8403), Some(0x8403_0201u32 as i32)));
    // The group goes on in the next register, and ends with v31.
    assert!(h.set_v_element(30, 3, -2.5_f64) && !h.set_v_element(30, 4, 1_u64) && !h.set_v_element(32, 0, 1_u8));
    assert_eq!(h.v(31)[8..], (-2.5_f64).to_le_bytes());
    assert_eq!(h.v_element::<f64>(31, 1), Some(-2.5));
    assert_eq!(Hart::new(HartConfig::default(), Clock::virtual_time()).v_element::<u8>(0, 0), None);
}
