//! Matrix state as those see it who watch: the commit log's lines, counts by class, and copies of machines.

use std::sync::{Arc, Mutex};

use mellivora::hart::{Clock, Context, HartConfig, MatrixConfig};
use mellivora::isa::{Assembler, Class, Isa};
use mellivora::machine::{Config, Machine, Stop};
use mellivora::memory::Prot;
use mellivora::observe::{CommitLog, Counts, Unit};

/// A machine with this unit and program at 0x1000, matrix state on but not yet changed.
fn machine(isa: &str, matrix: MatrixConfig, program: &str) -> Machine {
    let isa = Isa::parse(isa).unwrap();
    let hart = HartConfig { matrix, ..HartConfig::for_isa(&isa) };
    let mut m = Machine::new(Config { isa, hart, limit: 1 << 20, clock: Clock::virtual_time() }).unwrap();
    m.memory_mut().map(0x1000..0x2000, Prot::READ | Prot::EXEC, "code").unwrap();
    m.memory_mut().map(0x8000..0x9000, Prot::READ | Prot::WRITE, "data").unwrap();
    for (n, insn) in Assembler::new(&isa).program(program, 0x1000).unwrap().iter().enumerate() {
        m.memory_mut().write(0x1000 + 4 * n as u64, &insn.bits.to_le_bytes()).unwrap();
    }
    m.hart_mut().set_pc(0x1000);
    m.hart_mut().set_ms(Context::Initial);
    m.hart_mut().set_fs(Context::Initial);
    m.hart_mut().set_x(10, 0x8000);
    m.hart_mut().set_x(11, 8);
    m
}

/// The log of so many instructions.
fn log(mut m: Machine, n: u64) -> String {
    let isa = m.config().isa;
    let log = Arc::new(Mutex::new(CommitLog::new(Vec::new(), &isa)));
    let writer = log.clone();
    m.on_retire(move |retired| writer.lock().unwrap().record(retired).unwrap());
    assert_eq!(m.run(n), Stop::Budget);
    m.ignore_retire();
    String::from_utf8(Arc::into_inner(log).unwrap().into_inner().unwrap().into_inner()).unwrap()
}

const PRODUCT: &str = "msettilemi 2; msettileni 2; msettileki 2; mlae8 tr0, (a0), a1; mlbe8 tr1, (a0), a1; \
                       mmacc.w.b acc0, tr1, tr0; mmovw.x.m a2, acc0, zero; mzero2r tr0";

#[test]
fn the_log_shows_rows_sizes_and_csrs() {
    let mut m = machine("rv64i_xtheadmatrix0p6", MatrixConfig::v0p6(512, 128, 32), PRODUCT);
    m.memory_mut().write(0x8000, &[1, 2, 0, 0, 0, 0, 0, 0, 3, 4]).unwrap();
    let log = log(m, 8);
    let expected = "\
core   0: 3 0x0000000000001000 (0x2001002b) c768_mstatus 0x8000000206000000 c2051_mtilem 0x0000000000000002
core   0: 3 0x0000000000001004 (0x3001002b) c2052_mtilen 0x0000000000000002
core   0: 3 0x0000000000001008 (0x1001002b) c2053_mtilek 0x0000000000000002
core   0: 3 0x000000000000100c (0x04b5002b) m2 n2 k2 mem 0x0000000000008000 mem 0x0000000000008001 mem 0x0000000000008008 mem 0x0000000000008009
core   0:   tr0 row  0 of 4 0x00000000000000000000000000000201
core   0:   tr0 row  1 of 4 0x00000000000000000000000000000403
core   0:   tr0 rows 2..3 of 4 0x00
core   0: 3 0x0000000000001010 (0x14b500ab) m2 n2 k2 mem 0x0000000000008000 mem 0x0000000000008001 mem 0x0000000000008008 mem 0x0000000000008009
core   0:   tr1 row  0 of 4 0x00000000000000000000000000000201
core   0:   tr1 row  1 of 4 0x00000000000000000000000000000403
core   0:   tr1 rows 2..3 of 4 0x00
core   0: 3 0x0000000000001014 (0x19900a2b) m2 n2 k2
core   0:   acc0 row  0 of 4 0x00000000000000000000000b00000005
core   0:   acc0 row  1 of 4 0x0000000000000000000000190000000b
core   0:   acc0 rows 2..3 of 4 0x00
core   0: 3 0x0000000000001018 (0x2d40062b) m2 n2 k2 x12 0x0000000000000005
core   0: 3 0x000000000000101c (0x0c80002b) m2 n2 k2
core   0:   tr0 rows 0..3 of 4 0x00
core   0:   tr1 rows 0..3 of 4 0x00
";
    for (ours, expected) in log.lines().zip(expected.lines()) {
        assert_eq!(ours, expected);
    }
    assert_eq!(log.lines().count(), expected.lines().count(), "{log}");
}

#[test]
fn the_log_of_0_3_names_its_csrs_and_pairs() {
    let program = "mcfgmi a2, 1; mcfgni a2, 1; mcfgki a2, 8; mldd m2, a1, (a0); mldd m3, a1, (a0); fmmacc.d m0, m3, m2";
    let mut m = machine("rv64ifd_xtheadmatrix0p3", MatrixConfig::v0p3(128), program);
    m.memory_mut().write(0x8000, &1.5f64.to_le_bytes()).unwrap();
    let log = log(m, 6);
    assert!(log.contains("x12 0x0000000000000001 c768_mstatus"), "{log}");
    assert!(log.contains("c2051_xmsize 0x0000000000080101"), "{log}");
    assert!(log.contains("m1 n1 k8"), "{log}");
    assert!(log.contains("core   0:   m0 row  0 of 4 0x00000000000000004002000000000000"), "{log}");
    assert!(log.contains("core   0:   m1 rows 0..3 of 4 0x00"), "C is a pair: {log}");
}

#[test]
fn instructions_are_counted_by_class() {
    let mut m = machine("rv64i_xtheadmatrix0p6", MatrixConfig::v0p6(512, 128, 32), PRODUCT);
    let counts = Arc::new(Mutex::new(Counts::default()));
    let counting = counts.clone();
    m.on_retire(move |retired| counting.lock().unwrap().record(retired));
    assert_eq!(m.run(8), Stop::Budget);
    let counts = counts.lock().unwrap();
    let of = |class| counts.instructions(class);
    assert_eq!((of(Class::MatrixConfig), of(Class::MatrixLoad), of(Class::MatrixStore)), (3, 2, 0));
    assert_eq!((of(Class::MatrixMultiply), of(Class::MatrixMove), of(Class::Integer)), (1, 2, 0));
    assert_eq!((counts.loaded(Unit::Matrix), counts.stored(Unit::Matrix)), (8, 0));
    assert_eq!(counts.multiply_accumulates(Unit::Matrix), 8);
}

#[test]
fn copies_have_matrix_state_of_their_own() {
    let mut m = machine("rv64i_xtheadmatrix0p6", MatrixConfig::v0p6(512, 128, 32), PRODUCT);
    m.memory_mut().write(0x8000, &[1, 2]).unwrap();
    assert_eq!(m.run(4), Stop::Budget);
    let mut copy = m.try_clone().unwrap();
    assert_eq!(copy.hart().matrix_bytes(0)[..2], [1, 2]);
    assert_eq!(copy.hart().matrix_sizes(), [2, 2, 2]);
    assert_eq!(copy.run(4), Stop::Budget);
    assert_eq!(copy.hart().matrix_bytes(0)[..2], [0, 0]);
    assert_eq!(m.hart().matrix_bytes(0)[..2], [1, 2], "the first one has not moved");
    assert_eq!(m.run(4), Stop::Budget);
    assert_eq!(m.hart().matrix_bytes(4), copy.hart().matrix_bytes(4));
    m.reset().unwrap();
    assert!(m.hart().matrix_bytes(4).iter().all(|b| *b == 0));
    assert_eq!(m.hart().ms(), Context::Off);
}
