//! The bare machine's rules: where RAM lies, what traps do without a handler, time, and calls by hostile programs.

#![allow(clippy::single_range_in_vec_init)] // lists of one range are meant

#[path = "common/asm.rs"]
#[allow(dead_code)]
mod asm;
#[path = "common/elf_file.rs"]
#[allow(dead_code)]
mod elf_file;

use asm::{bytes, li32, rri, ssi};
use elf_file::{Ph, R, W, X, file, with_symbols};
use mellivora::elf::Elf;
use mellivora::env::{BareError, BareOptions, Files, Streams};
use mellivora::hart::{Cause, Clock, HartConfig};
use mellivora::isa::{Isa, Op, Operands, encode};
use mellivora::machine::{Config, Machine, Stop, Trap};

const RAM: u64 = 0x8000_0000;
const TOHOST: u64 = RAM + 0x1000;
const FROMHOST: u64 = RAM + 0x1040;
/// Eight words for a proxied call.
const CALL: u64 = RAM + 0x1100;
/// Where the data that a test gives stand.
const DATA: u64 = RAM + 0x1200;

const MTVEC: i64 = 0x305;
const MSTATUS: i64 = 0x300;
const MIE: i64 = 0x304;
const MCAUSE: i64 = 0x342;

/// A program at `RAM` with `tohost` and `fromhost`, and bytes at `DATA`.
fn program(words: &[u32], data: &[u8]) -> Elf {
    let mut f = file(RAM, &[Ph::load(R | W | X, 0x1000, RAM, 0x2000, 0x3000)], 0x3000);
    let code = bytes(words);
    f[0x1000..0x1000 + code.len()].copy_from_slice(&code);
    let at = 0x1000 + (DATA - RAM) as usize;
    f[at..at + data.len()].copy_from_slice(data);
    Elf::parse(with_symbols(f, b"\0tohost\0fromhost\0", &[(1, TOHOST), (8, FROMHOST)])).unwrap()
}

fn boot(elf: &Elf, options: BareOptions) -> Result<Machine, BareError> {
    let limit = options.limit(elf)?;
    let config = Config { isa: Isa::all(), hart: HartConfig::default(), limit, clock: Clock::virtual_time() };
    let mut machine = Machine::new(config).unwrap();
    machine.boot_bare(elf, options)?;
    Ok(machine)
}

fn machine(words: &[u32]) -> Machine {
    boot(&program(words, &[]), BareOptions::default()).unwrap()
}

/// `csrrs x0, csr, rs`
fn set(csr: i64, rs1: u8) -> u32 {
    encode(Op::Csrrs, &Operands { rs1, imm: csr, ..Default::default() }).unwrap()
}

/// `csrrw x0, csr, rs`
fn write(csr: i64, rs1: u8) -> u32 {
    encode(Op::Csrrw, &Operands { rs1, imm: csr, ..Default::default() }).unwrap()
}

fn plain(op: Op) -> u32 {
    encode(op, &Operands::default()).unwrap()
}

/// Three instructions: an address of the program into a register.
fn address(rd: u8, addr: u64) -> [u32; 3] {
    let [high, low] = li32(rd, (addr - RAM) as i32);
    [high, low, asm::rrr(Op::Add, rd, rd, 31)]
}

/// x31 = RAM
fn base() -> [u32; 2] {
    [rri(Op::Addi, 31, 0, 1), rri(Op::Slli, 31, 31, 31)]
}

#[test]
fn ram_lies_where_the_program_lies() {
    let at = |headers: &[Ph]| Elf::parse(file(headers[0].vaddr, headers, 0x2000)).unwrap();
    let options = || BareOptions { memory: 16 << 20, ..BareOptions::default() };
    let ram = |headers: &[Ph]| {
        let m = boot(&at(headers), options()).unwrap();
        m.memory().regions().map(|r| (r.start, r.end)).collect::<Vec<_>>()
    };
    let load = |addr, size| Ph::load(R | W | X, 0x1000, addr, 0x100, size);
    let size = 16 << 20;
    assert_eq!(ram(&[load(RAM + 0x20_0000, 0x100)]), [(RAM, RAM + size)], "like Spike's");
    assert_eq!(ram(&[load(0x1000_0122, 0x100)]), [(0x1000_0000, 0x1000_0000 + size)]);
    assert_eq!(
        ram(&[load(0x1000_0000, 0x100), load(0x2000_0000, 0x100)]),
        [(0x1000_0000, 0x1000_0000 + size), (0x2000_0000, 0x2000_0000 + size)],
        "ROM and RAM of a small board"
    );
    assert_eq!(
        ram(&[load(0x180_0000, 0x100)]),
        [(0x180_0000, 0x200_0000), (0x20c_0000, 0x280_0000)],
        "around the CLINT"
    );
    assert_eq!(ram(&[load(0x200_0000, 0x100)]), [(0x200_0000, 0x300_0000)], "in place of the CLINT");
    let wrong = |h: Ph| boot(&at(&[h]), options()).err().unwrap();
    assert!(matches!(wrong(load(RAM, 1 << 40)), BareError::Memory { .. }));
    assert!(matches!(wrong(load(RAM, 17 << 20)), BareError::Memory { .. }));
    assert!(matches!(wrong(load(1 << 50, 0x100)), BareError::Addresses { .. }));
}

#[test]
fn a_machine_too_small_for_the_program_says_so() {
    let config = Config { isa: Isa::all(), hart: HartConfig::default(), limit: RAM, clock: Clock::virtual_time() };
    let got = Machine::new(config).unwrap().boot_bare(&program(&[], &[]), BareOptions::default());
    assert_eq!(got, Err(BareError::Limit { needed: RAM + (128 << 20), limit: RAM }));
}

#[test]
fn a_trap_without_a_handler_comes_out_as_it_is() {
    let mut m = machine(&[rri(Op::Addi, 1, 0, 1), plain(Op::Ecall)]);
    let expected = Stop::Trap(Trap { cause: Cause::EcallFromM, tval: 0, pc: RAM + 4 });
    assert_eq!(m.run(100), expected);
    assert_eq!(m.hart().pc(), RAM + 4);
    let mut m = machine(&[rri(Op::Ld, 1, 0, 0x10)]);
    assert_eq!(m.run(100), Stop::Trap(Trap { cause: Cause::LoadAccess, tval: 0x10, pc: RAM }));
}

#[test]
fn a_handler_that_traps_at_once_is_reported_not_repeated() {
    let [b0, b1] = base();
    let [a0, a1, a2] = address(5, RAM + 0x100);
    let mut m = machine(&[b0, b1, a0, a1, a2, write(MTVEC, 5), plain(Op::Ecall)]);
    let expected = Stop::Trap(Trap { cause: Cause::IllegalInstruction, tval: 0, pc: RAM + 0x100 });
    assert_eq!(m.run(100), expected);
    assert_eq!(m.hart().read_csr(MCAUSE as u16), Ok(11), "mcause names the first trap");
    assert_eq!(m.hart().read_csr(0x341), Ok(RAM + 24));
}

#[test]
fn waiting_for_nothing_is_a_deadlock() {
    let mut m = machine(&[plain(Op::Wfi)]);
    assert_eq!(m.run(100), Stop::Deadlock);
    assert_eq!(m.hart().pc(), RAM + 4, "behind wfi, should the embedder raise an interrupt");
}

/// Sets mtimecmp to `ticks` and waits for the timer.
fn wait_for_timer(ticks: i64) -> Vec<u32> {
    let mut p = vec![];
    p.extend(li32(6, 0x200_4000));
    p.push(rri(Op::Addi, 7, 0, ticks));
    p.push(ssi(Op::Sd, 6, 7, 0));
    p.push(rri(Op::Addi, 8, 0, 128));
    p.push(write(MIE, 8));
    p.push(plain(Op::Wfi));
    p.push(encode(Op::Csrrs, &Operands { rd: 10, imm: 0xc01, ..Default::default() }).unwrap());
    p.push(rri(Op::Addi, 0, 0, 0));
    p
}

#[test]
fn waiting_lets_the_time_pass_that_the_timer_needs() {
    let mut m = machine(&wait_for_timer(1000));
    assert_eq!(m.run(8), Stop::Budget);
    assert_eq!(m.hart().x(10), 1000);
    assert_eq!(m.hart().instret(), 8, "waiting is no instruction");
    assert_eq!(m.hart().read_csr(0x344), Ok(128));
}

#[test]
fn the_timer_interrupts_at_the_same_instruction_however_the_machine_runs() {
    let [b0, b1] = base();
    let [a0, a1, a2] = address(5, RAM + 0x100);
    let mut p = vec![b0, b1, a0, a1, a2, write(MTVEC, 5)];
    p.extend(li32(6, 0x200_4000));
    p.extend([rri(Op::Addi, 7, 0, 50), ssi(Op::Sd, 6, 7, 0), rri(Op::Addi, 8, 0, 128), write(MIE, 8)]);
    p.extend([rri(Op::Addi, 8, 0, 8), set(MSTATUS, 8)]);
    p.extend([rri(Op::Addi, 10, 10, 1), asm::ri(Op::Jal, 0, -4)]);
    p.resize(0x40, rri(Op::Addi, 0, 0, 0));
    p.extend([asm::ri(Op::Jal, 0, 0)]);
    let states: Vec<_> = [10_000, 1, 7, 333]
        .into_iter()
        .map(|stride| {
            let mut m = machine(&p);
            while m.hart().instret() < 10_000 {
                let left = 10_000 - m.hart().instret();
                assert_eq!(m.run(left.min(stride)), Stop::Budget);
            }
            assert_eq!(m.hart().pc(), RAM + 0x100);
            (m.hart().x(10), m.hart().read_csr(0x341).unwrap(), m.hart().read_csr(MCAUSE as u16).unwrap())
        })
        .collect();
    // 50 ticks are 5000 instructions, of which 14 come before the loop.
    assert_eq!(states[0], ((5000 - 14u64).div_ceil(2), RAM + 14 * 4, 1 << 63 | 7));
    assert!(states.iter().all(|s| *s == states[0]), "{states:x?}");
}

/// A program that asks for a proxied call with these words, waits for the answer and ends with the call's result.
fn caller(words: [u64; 8]) -> (Vec<u32>, Vec<u8>) {
    let [b0, b1] = base();
    let mut p = vec![b0, b1];
    let data: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    p.extend(address(5, CALL));
    p.extend(address(6, DATA));
    for n in 0..8 {
        p.extend([rri(Op::Ld, 7, 6, 8 * n), ssi(Op::Sd, 5, 7, 8 * n)]);
    }
    p.extend(address(8, TOHOST));
    p.extend([ssi(Op::Sd, 8, 5, 0), rri(Op::Ld, 9, 8, 0x40), ssi(Op::Beq, 9, 0, -4), ssi(Op::Sd, 8, 0, 0x40)]);
    p.extend([rri(Op::Ld, 10, 5, 0), rri(Op::Slli, 11, 10, 1), rri(Op::Ori, 11, 11, 1)]);
    // The result may be negative: only 48 bits of it are the payload.
    p.extend([rri(Op::Slli, 11, 11, 16), rri(Op::Srli, 11, 11, 16), ssi(Op::Sd, 8, 11, 0), asm::ri(Op::Jal, 0, 0)]);
    (p, data)
}

fn call(words: [u64; 8], options: BareOptions, text: &[u8]) -> i32 {
    let (p, mut data) = caller(words);
    data.extend(text);
    match boot(&program(&p, &data), options).unwrap().run(10_000) {
        Stop::Exited(status) => status,
        other => panic!("{other:?}"),
    }
}

const TEXT: u64 = DATA + 64;
const CWD: u64 = -100i64 as u64;

#[test]
fn proxied_calls_write_only_where_they_may() {
    let (streams, output, error) = Streams::capture([]);
    let options = BareOptions { streams, ..BareOptions::default() };
    assert_eq!(call([64, 2, TEXT, 5, 0, 0, 0, 0], options, b"hello"), 5);
    assert_eq!((output.text(), error.text()), (String::new(), "hello".into()));
    let none = BareOptions::default;
    assert_eq!(call([64, 1, 0, 5, 0, 0, 0, 0], none(), b""), -14, "EFAULT");
    assert_eq!(call([64, 1, u64::MAX - 2, u64::MAX, 0, 0, 0, 0], none(), b""), -14);
    assert_eq!(call([63, 0, RAM, 1 << 40, 0, 0, 0, 0], none(), b""), -14);
    assert_eq!(call([64, 1 << 63, TEXT, 5, 0, 0, 0, 0], none(), b""), -9, "EBADF");
    assert_eq!(call([9999; 8], none(), b""), -38, "ENOSYS");
    assert_eq!(call([93, 7, 0, 0, 0, 0, 0, 0], none(), b""), 7);
    assert_eq!(call([56, CWD, TEXT, 12, 0, 0, 0, 0], none(), b"/etc/passwd\0"), -2, "ENOENT: no files are granted");
}

#[test]
fn proxied_files_stay_below_their_root() {
    let root = std::env::temp_dir().join(format!("bare-files-{}", std::process::id()));
    std::fs::create_dir_all(&root).unwrap();
    std::fs::write(root.join("file"), "content").unwrap();
    let options = || BareOptions { files: Files::Root(root.clone()), ..BareOptions::default() };
    assert_eq!(call([56, CWD, TEXT, 12, 0, 0, 0, 0], options(), b"../../file\0\0"), 3, "the first free number");
    assert_eq!(call([56, CWD, TEXT, 12, 0, 0, 0, 0], options(), b"/etc/passwd\0"), -2);
    assert_eq!(call([56, CWD, TEXT, 4, 0o101, 0, 0, 0], options(), b"new\0"), 3);
    assert!(root.join("new").exists());
    assert_eq!(call([35, CWD, TEXT, 4, 0, 0, 0, 0], options(), b"new\0"), 0);
    assert!(!root.join("new").exists());
    assert_eq!(call([79, CWD, TEXT, 5, DATA + 0x100, 0, 0, 0], options(), b"file\0"), 0);
    assert_eq!(call([56, CWD, TEXT, 1 << 40, 0, 0, 0, 0], options(), b"file\0"), -36, "ENAMETOOLONG");
    std::fs::remove_dir_all(root).unwrap();
}

#[test]
fn a_call_with_a_wild_pointer_ends_the_program() {
    let [b0, b1] = base();
    let mut p = vec![b0, b1];
    p.extend(address(8, TOHOST));
    p.extend([rri(Op::Addi, 5, 0, 0x40), ssi(Op::Sd, 8, 5, 0), asm::ri(Op::Jal, 0, 0)]);
    let (streams, _, error) = Streams::capture([]);
    let mut m = boot(&program(&p, &[]), BareOptions { streams, ..BareOptions::default() }).unwrap();
    assert_eq!(m.run(1000), Stop::Exited(-1));
    assert_eq!(error.text(), "HTIF: nothing is mapped where tohost = 0x40 points to\n");
}

#[test]
fn half_a_command_is_given_time_to_become_whole() {
    let [b0, b1] = base();
    let store = |words: &[(Op, i64, i64)]| {
        let mut p = vec![b0, b1];
        p.extend(address(8, TOHOST));
        for (op, offset, value) in words {
            p.extend([rri(Op::Addi, 5, 0, *value), ssi(*op, 8, 5, *offset)]);
        }
        p.push(asm::ri(Op::Jal, 0, 0));
        machine(&p).run(1000)
    };
    assert_eq!(store(&[(Op::Sw, 0, 7), (Op::Sw, 4, 0)]), Stop::Exited(3));
    assert_eq!(store(&[(Op::Sw, 4, 0), (Op::Sw, 0, 7)]), Stop::Exited(3));
    assert_eq!(store(&[(Op::Sw, 0, 7)]), Stop::Exited(3), "as old riscv-tests have it");
    assert_eq!(store(&[(Op::Sb, 0, 9)]), Stop::Exited(4));
    let [x, y, z] = address(8, TOHOST);
    let again = [rri(Op::Addi, 5, 0, 5), ssi(Op::Sw, 8, 5, 0), asm::ri(Op::Jal, 0, -4)];
    assert_eq!(machine(&[&[b0, b1, x, y, z], &again[..]].concat()).run(1000), Stop::Exited(2), "as some do for ever");
}

#[test]
fn a_bare_machine_can_be_copied_and_reset() {
    let mut a = machine(&wait_for_timer(1000));
    a.run(4);
    let mut b = a.try_clone().unwrap();
    for m in [&mut a, &mut b] {
        assert_eq!(m.run(4), Stop::Budget);
        assert_eq!(m.hart().x(10), 1000);
    }
    a.reset().unwrap();
    assert_eq!((a.hart().pc(), a.hart().instret(), a.hart().x(10)), (RAM, 0, 0));
    assert_eq!(a.run(8), Stop::Budget);
    assert_eq!(a.hart().x(10), 1000);
}
