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
