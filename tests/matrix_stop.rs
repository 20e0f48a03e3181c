//! Very long matrix instructions can be stopped: then they have not happened, and can be executed again.

use mellivora::hart::{Accumulation, Clock, Context, HartConfig, MatrixConfig};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop};
use mellivora::memory::Prot;
use std::time::Duration;

/// `mfmacc.s acc0,tr1,tr0`
const MFMACC_S: u32 = 0x0818_0a2b;

/// A machine with `rows` x 16,384 bits in each tile, all elements 1, and the instruction at 0x1000, many times.
fn machine(rows: u64) -> Machine {
    let isa = Isa::parse("rv64i_xtheadmatrix0p6").unwrap();
    let matrix = MatrixConfig { accumulation: Accumulation::Exact, ..MatrixConfig::v0p6(rows << 14, 1 << 14, 32) };
    let hart = HartConfig { matrix, ..HartConfig::for_isa(&isa) };
    let mut m = Machine::new(Config { isa, hart, limit: 1 << 20, clock: Clock::virtual_time() }).unwrap();
    m.translate_at_once(true);
    m.memory_mut().map(0x1000..0x2000, Prot::READ | Prot::EXEC, "code").unwrap();
    for at in 0..256 {
        m.memory_mut().write(0x1000 + 4 * at, &MFMACC_S.to_le_bytes()).unwrap();
    }
    m.hart_mut().set_pc(0x1000);
    m.hart_mut().set_ms(Context::Dirty);
    m.hart_mut().set_matrix_sizes([rows, rows, 512]);
    for n in 0..2 {
        m.hart_mut().matrix_bytes_mut(n).as_chunks_mut().0.fill(1f32.to_le_bytes());
    }
    m
}

#[test]
fn a_stopped_multiplication_has_not_happened() {
    for steps in [false, true] {
        let mut m = machine(256);
        let handle = m.stop_handle();
        let stopper = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            handle.stop();
        });
        // Some seconds of work for the exact sums of 33 million products, in each of many instructions.
        let n = if steps { 100 } else { u64::MAX };
        assert_eq!(m.run(n), Stop::Stopped);
        stopper.join().unwrap();
        let done = m.hart().instret();
        assert!(done < 100, "it took too long");
        assert_eq!(m.hart().pc(), 0x1000 + 4 * done);
        let c: Vec<f32> = m.hart().matrix_bytes(4).as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        assert!(c.iter().all(|c| *c == (512 * done) as f32), "all of it or nothing");
    }
}

#[test]
fn it_goes_on_after_a_stop() {
    let mut m = machine(16);
    m.stop_handle().stop();
    assert_eq!(m.run(3), Stop::Stopped);
    assert_eq!(m.run(3), Stop::Budget);
    assert_eq!(m.hart().matrix_bytes(4)[..4], (3.0 * 512f32).to_le_bytes());
}
