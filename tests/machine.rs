//! The library's face: machines that are reset, copied, stopped and watched.

use mellivora::elf::Elf;
use mellivora::env::{LinuxOptions, Streams};
use mellivora::hart::{Clock, HartConfig, Privilege};
use mellivora::isa::Isa;
use mellivora::machine::{Config, Ecall, Machine, ResetError, Stop};
use mellivora::memory::{Device, DeviceFault, Moment, Prot};

fn config(limit: u64) -> Config {
    Config { isa: Isa::all(), hart: HartConfig::default(), limit, clock: Clock::virtual_time() }
}

/// A machine in U-mode with these words at 0x1000, where it starts, and a page of data at 0x8000.
fn machine(words: &[u32]) -> Machine {
    let mut m = Machine::new(config(1 << 20)).unwrap();
    m.translate_at_once(true);
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    m.memory_mut().map(0x1000..0x3000, Prot::READ | Prot::EXEC, "code").unwrap();
    m.memory_mut().map(0x8000..0x9000, Prot::READ | Prot::WRITE, "data").unwrap();
    m.memory_mut().write(0x1000, &bytes).unwrap();
    m.hart_mut().set_pc(0x1000);
    m.hart_mut().set_privilege(Privilege::User);
    m
}

/// `loop: addi a0, a0, 1; sd a0, 0(a1); j loop`
const COUNT: [u32; 3] = [0x0015_0513, 0x00a5_b023, 0xff9f_f06f];

#[test]
fn runs_stop_after_exactly_n_instructions() {
    let mut m = machine(&COUNT);
    m.hart_mut().set_x(11, 0x8000);
    for (n, total) in [(1, 1), (1000, 1001), (127, 1128), (1_000_000, 1_001_128)] {
        assert_eq!(m.run(n), Stop::Budget);
        assert_eq!(m.hart().instret(), total);
        assert_eq!(m.hart().x(10), total.div_ceil(3));
        assert_eq!(m.hart().pc(), 0x1000 + total % 3 * 4);
    }
}

#[test]
fn it_does_not_matter_when_code_is_translated() {
    let state = |at_once: bool, pieces: &[u64]| {
        let mut m = machine(&COUNT);
        m.translate_at_once(at_once);
        m.hart_mut().set_x(11, 0x8000);
        pieces.iter().for_each(|n| assert_eq!(m.run(*n), Stop::Budget));
        (m.hart().pc(), m.hart().x(10), m.hart().instret(), m.memory().slice(0x8000, 8).map(<[u8]>::to_vec))
    };
    for pieces in [&[2000][..], &[500, 1500], &[1, 1999], &[150; 10]] {
        assert_eq!(state(true, pieces), state(false, pieces), "{pieces:?}");
    }
}

#[test]
fn a_copy_goes_on_by_itself() {
    let mut a = machine(&COUNT);
    a.hart_mut().set_x(11, 0x8000);
    a.run(1000);
    let mut b = a.try_clone().unwrap();
    a.run(5000);
    b.run(2000);
    b.run(3000);
    assert_eq!((a.hart().x(10), a.hart().pc()), (b.hart().x(10), b.hart().pc()));
    assert_eq!(a.memory().slice(0x8000, 8), b.memory().slice(0x8000, 8));
    b.memory_mut().write(0x8000, &[0; 8]).unwrap();
    assert_ne!(a.memory().slice(0x8000, 8), b.memory().slice(0x8000, 8));
}

#[test]
fn another_thread_stops_a_machine() {
    let mut m = machine(&COUNT);
    m.hart_mut().set_x(11, 0x8000);
    let handle = m.stop_handle();
    let runner = std::thread::spawn(move || (m.run(u64::MAX), m.hart().instret()));
    std::thread::sleep(std::time::Duration::from_millis(20));
    handle.stop();
    let (stop, retired) = runner.join().unwrap();
    assert_eq!(stop, Stop::Stopped);
    assert!(retired > 0);
}

#[test]
fn a_panic_in_a_callback_reaches_the_caller() {
    struct Broken;
    impl Device for Broken {
        fn read(&mut self, _: u64, _: u32, _: &Moment) -> Result<u64, DeviceFault> {
            panic!("the device is broken")
        }
        fn write(&mut self, _: u64, _: u32, _: u64, _: &Moment) -> Result<(), DeviceFault> {
            Ok(())
        }
    }
    // ld a0, 0(a1), many times so that it is translated
    let mut m = machine(&[0x0005_b503; 256]);
    m.memory_mut().add_device(0x10_0000_0000..0x10_0000_1000, Box::new(Broken)).unwrap();
    m.hart_mut().set_x(11, 0x10_0000_0000);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| m.run(10_000)));
    assert!(caught.is_err());
    // The machine is still whole: the instruction can be skipped.
    m.hart_mut().set_x(11, 0x8000);
    m.hart_mut().set_pc(0x1000);
    assert_eq!(m.run(10), Stop::Budget);
}

#[test]
fn devices_see_the_moment_and_retirement_hooks_every_instruction() {
    use std::sync::{Arc, Mutex};
    struct Clocked(Arc<Mutex<Vec<(u64, u64)>>>);
    impl Device for Clocked {
        fn read(&mut self, _: u64, _: u32, _: &Moment) -> Result<u64, DeviceFault> {
            Err(DeviceFault)
        }
        fn write(&mut self, _: u64, _: u32, value: u64, at: &Moment) -> Result<(), DeviceFault> {
            self.0.lock().unwrap().push((value, at.instret));
            Ok(())
        }
    }
    let run = |watch: bool| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut m = machine(&COUNT);
        m.memory_mut().add_device(0x10_0000_0000..0x10_0000_1000, Box::new(Clocked(seen.clone()))).unwrap();
        m.hart_mut().set_x(11, 0x10_0000_0000);
        let count = Arc::new(Mutex::new(0u64));
        if watch {
            let count = count.clone();
            m.on_retire(move |_| *count.lock().unwrap() += 1);
        }
        assert_eq!(m.run(3000), Stop::Budget);
        let seen = seen.lock().unwrap().clone();
        assert_eq!(*count.lock().unwrap(), if watch { 3000 } else { 0 });
        seen
    };
    let seen = run(false);
    assert_eq!(seen.len(), 1000);
    assert!(seen.iter().enumerate().all(|(n, &(value, at))| value == n as u64 + 1 && at == 3 * n as u64 + 1));
    assert_eq!(seen, run(true), "watched and unwatched runs are the same");
}

#[test]
fn ecall_hooks_answer_pass_on_or_stop() {
    // li a0, 7; ecall; addi a0, a0, 1; ecall
    let mut m = machine(&[0x0070_0513, 0x0000_0073, 0x0015_0513, 0x0000_0073]);
    m.on_ecall(|v| {
        if v.hart.x(10) == 7 {
            v.hart.set_x(10, 41);
            Ecall::Done
        } else {
            Ecall::Exit(v.hart.x(10) as i32)
        }
    });
    assert_eq!(m.run(1000), Stop::Exited(42));
    assert_eq!(m.hart().instret(), 3, "an answered call counts as retired");
}

#[test]
fn a_booted_program_can_be_run_again() {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/testprogs/linux/hello.elf"));
    let elf = Elf::parse(file.expect("the program is part of the repository")).unwrap();
    let (streams, out, _) = Streams::capture(*b"");
    let mut m = Machine::new(config(1 << 38)).unwrap();
    m.boot_linux(&elf, LinuxOptions { streams, ..LinuxOptions::default() }).unwrap();
    let fresh = m.try_clone().unwrap();
    let first = m.run(100_000_000);
    let (once, retired) = (out.bytes(), m.hart().instret());
    assert!(!once.is_empty());
    m.reset().unwrap();
    assert_eq!(m.hart().instret(), 0);
    assert_eq!(m.run(100_000_000), first);
    assert_eq!(m.hart().instret(), retired);
    assert_eq!(out.bytes(), [once.clone(), once.clone()].concat());
    let mut copy = fresh;
    assert_eq!(copy.run(100_000_000), first);
    assert_eq!(copy.hart().instret(), retired);

    let streams = Streams::new(std::io::empty(), std::io::sink(), std::io::sink());
    let mut m = Machine::new(config(1 << 38)).unwrap();
    m.boot_linux(&elf, LinuxOptions { streams, ..LinuxOptions::default() }).unwrap();
    assert_eq!(m.reset(), Err(ResetError::Streams));
}

#[test]
fn many_machines_run_on_many_threads() {
    let threads: Vec<_> = (0..8)
        .map(|n| {
            std::thread::spawn(move || {
                let mut m = machine(&COUNT);
                m.hart_mut().set_x(11, 0x8000);
                m.hart_mut().set_x(10, n);
                m.run(30_000);
                m.hart().x(10)
            })
        })
        .collect();
    for (n, t) in threads.into_iter().enumerate() {
        assert_eq!(t.join().unwrap(), 10_000 + n as u64);
    }
}
