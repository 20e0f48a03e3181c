//! The ELF loader: what it reads, what it refuses and in which words, and that no file harms the host.

#[path = "../common/elf_file.rs"]
mod build;

use build::{Ph, R, W, X, file, good, patch, with_symbols};
use mellivora::elf::{Elf, ElfError, Placement};
use mellivora::env::{BareOptions, LinuxOptions};
use mellivora::machine::{Config, Machine};
use mellivora::memory::{Memory, PAGE_SIZE, Prot};
use proptest::prelude::*;

const LIMIT: u64 = 1 << 32;

fn words(bytes: Vec<u8>) -> String {
    Elf::parse(bytes).expect_err("must be refused").to_string()
}

fn program(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/testprogs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn each_wrong_header_field_is_named_with_its_offset() {
    let cases: &[(usize, &[u8], &str)] = &[
        (4, &[1], "e_ident[EI_CLASS] at file offset 0x4 is 0x1: only ELF64 (2) runs here; this is a 32-bit program"),
        (
            16,
            &[1, 0],
            "e_type at file offset 0x10 is 0x1: this is an object file (ET_REL); link it into a program first",
        ),
        (16, &[4, 0], "e_type at file offset 0x10 is 0x4: this is a core dump"),
        (18, &[62, 0], "e_machine at file offset 0x12 is 0x3e (x86-64): this file is not for RISC-V"),
        (18, &[183, 0], "e_machine at file offset 0x12 is 0xb7 (AArch64): this file is not for RISC-V"),
        (18, &[0x39, 0x30], "e_machine at file offset 0x12 is 0x3039: this file is not for RISC-V"),
        (24, &[0; 8], "e_entry at file offset 0x18 is 0x0: the file names no entry point"),
        (24, &[0, 0, 2], "e_entry at file offset 0x18 is 0x20000: no loadable segment holds this address"),
        (24, &[1, 0, 1], "e_entry at file offset 0x18 is 0x10001: instructions stand at even addresses"),
        (
            32,
            &[0xff; 8],
            "the program header table needs bytes 0xffffffffffffffff..0xffffffffffffffff, but the file has 0x200",
        ),
        (54, &[32, 0], "e_phentsize at file offset 0x36 is 0x20: program headers of ELF64 have 56 (0x38) bytes"),
        (56, &[0, 0], "the file has no loadable segment (PT_LOAD)"),
        (56, &[0xff, 0xff], "e_phnum at file offset 0x38 is 0xffff: extended numbering (PN_XNUM) is for core dumps"),
        (56, &[0xfe, 0xff], "e_phnum at file offset 0x38 is 0xfffe: a program has at most 1170 program headers"),
        (56, &[0x90, 4], "the program header table needs bytes 0x40..0xffc0, but the file has 0x200: is it truncated?"),
        (64 + 8, &[0, 1], "a loadable segment needs bytes 0x100..0x300, but the file has 0x200: is it truncated?"),
        (64 + 24, &[0xff; 8], "p_paddr at file offset 0x58 is 0xffffffffffffffff: the segment would wrap"),
        (
            64 + 32,
            &[1, 2],
            "p_filesz at file offset 0x60 is 0x201: a segment has no more bytes in the file than in memory",
        ),
        (64 + 40, &[0xff; 8], "p_memsz at file offset 0x68 is 0xffffffffffffffff: the segment would wrap around"),
    ];
    assert!(Elf::parse(good()).is_ok());
    assert!(Elf::parse(patch(good(), 64 + 4, &[6])).is_ok(), "without PF_X, as riscv-tests");
    for (at, bytes, expected) in cases {
        let text = words(patch(good(), *at, bytes));
        assert!(text.starts_with(expected), "at {at}: {text}\nexpected: {expected}");
    }
}

#[test]
fn big_endian_files_are_named() {
    let mut big = patch(good(), 5, &[2]);
    big[18..20].copy_from_slice(&[0, 0xf3]);
    assert!(
        words(big).starts_with("e_ident[EI_DATA] at file offset 0x5 is 0x2: only little-endian files (1) run here")
    );
    let mut sparc = patch(good(), 5, &[2]);
    sparc[18..20].copy_from_slice(&[0, 43]);
    assert!(words(sparc).contains("(SPARC)"));
}

#[test]
fn other_formats_are_recognised() {
    let mut kernel = vec![0; 0x40];
    kernel[0x38..0x3c].copy_from_slice(b"RSC\x05");
    let cases: &[(&[u8], &str)] = &[
        (b"", "the file is empty"),
        (b"\x1f\x8b\x08\0\0", "not an ELF file: it is compressed; unpack it first with `gzip -d`"),
        (b"#!/usr/bin/python3 -u\nprint(1)\n", "not an ELF file: it is a script for `/usr/bin/python3 -u`"),
        (b"#!", "not an ELF file: it is a script for ``"),
        (b"MZ\x90\0", "not an ELF file: it is a Windows or EFI executable"),
        (b"!<arch>\n", "not an ELF file: it is an archive of object files"),
        (b"int main() {}\n", "not an ELF file: it is a text file"),
        (b"\x13\x05\0\0\x67\x80", "not an ELF file: its first bytes are 13 05 00 00, not 7f 45 4c 46"),
        (b"\x7f", "not an ELF file: its first bytes are 7f, not 7f 45 4c 46"),
        (&kernel, "not an ELF file: it is a flat RISC-V kernel image"),
        (b"\x7fELF\x02\x01", "the ELF header needs bytes 0x0..0x40, but the file has 0x6: is it truncated?"),
    ];
    for (bytes, expected) in cases {
        let text = words(bytes.to_vec());
        assert!(text.starts_with(expected), "{text}\nexpected: {expected}");
    }
}

#[test]
fn overlapping_segments_are_refused() {
    let a = Ph::load(R | X, 0, 0x10000, 0x100, 0x1000);
    let b = Ph::load(R | W, 0, 0x10fff, 0x100, 0x1000);
    let error = Elf::parse(file(0x10000, &[b, a], 0x200)).unwrap_err();
    assert_eq!(error, ElfError::Overlap { first: 0, second: 1, range: 0x10fff..0x11000 });
    assert!(error.to_string().starts_with("program headers 0 and 1 both claim the addresses 0x10fff..0x11000"));
}

#[test]
fn the_same_file_bytes_are_not_loaded_again_and_again() {
    let many: Vec<Ph> = (0..100).map(|n| Ph::load(R | X, 0, n << 20, 0x1700, 0x1700)).collect();
    assert!(words(file(0, &many, 0x1700)).ends_with("the segments take more bytes from the file than it has"));
}

#[test]
fn segments_that_share_a_page_keep_their_bytes_and_both_protections() {
    let mut f = file(
        0x10100,
        &[Ph::load(R | X, 0x100, 0x10100, 0x100, 0x100), Ph::load(R | W, 0x200, 0x10200, 0x10, 0x2000)],
        0x210,
    );
    f[0x100..0x200].fill(0xaa);
    f[0x200..0x210].fill(0xbb);
    let elf = Elf::parse(f).unwrap();
    let mut memory = Memory::new(LIMIT, LIMIT).unwrap();
    elf.load(&mut memory, Placement::Virtual(0), "program").unwrap();
    let mut bytes = [0; 0x210];
    memory.read(0x10100, &mut bytes).unwrap();
    assert!(bytes[..0x100].iter().all(|b| *b == 0xaa) && bytes[0x100..0x110].iter().all(|b| *b == 0xbb));
    assert!(bytes[0x110..].iter().all(|b| *b == 0));
    assert_eq!(memory.region_at(0x10000).unwrap().prot, Prot::all());
    assert_eq!(memory.region_at(0x11000).unwrap().prot, Prot::READ | Prot::WRITE);
}

#[test]
fn segments_outside_the_address_space_are_refused() {
    for (vaddr, memsz) in [(LIMIT - PAGE_SIZE, 0x2000), (1 << 63, 1), (0x10000, 1 << 62), (u64::MAX - 1, 1)] {
        let elf = Elf::parse_any(file(0, &[Ph::load(R | X, 0, vaddr, 1, memsz)], 0x200)).unwrap();
        let mut memory = Memory::new(LIMIT, LIMIT).unwrap();
        for place in [Placement::Virtual(0), Placement::Physical] {
            let error = elf.load(&mut memory, place, "program").unwrap_err().to_string();
            assert!(
                error.contains("does not fit into the guest's address space, which ends at 0x100000000"),
                "{error}"
            );
        }
        let moved = elf.load(&mut memory, Placement::Virtual(!0xfff), "program");
        assert!(moved.is_err() || vaddr + memsz <= LIMIT);
    }
}

#[test]
fn broken_symbol_tables_leave_programs_loadable() {
    let f = with_symbols(good(), b"\0main\0tail", &[(1, 0x10000), (6, 0x10010), (99, 0x10020), (u32::MAX, 1)]);
    let elf = Elf::parse(f.clone()).unwrap();
    // `tail` has no zero at its end.
    assert_eq!(elf.symbols().len(), 1);
    assert_eq!(elf.symbol("main"), Some(0x10000));
    assert_eq!(elf.symbol_at(0x10004).map(|(s, d)| (s.name.as_str(), d)), Some(("main", 4)));
    let table = u64::from_le_bytes(f[40..48].try_into().unwrap()) as usize;
    for at in 0..3 * 64 {
        let elf = Elf::parse(patch(f.clone(), table + at, &[0xff])).unwrap();
        elf.symbols();
        elf.sections();
        elf.attributes();
    }
    // 2^32 symbols, and 2^64 / 24.
    for size in [24u64 << 32, u64::MAX] {
        assert!(Elf::parse(patch(f.clone(), table + 128 + 32, &size.to_le_bytes())).unwrap().symbols().is_empty());
    }
}

#[test]
fn one_endless_name_for_all_symbols_takes_linear_time() {
    let symbols: Vec<(u32, u64)> = (0..200_000).map(|n| (n, 0x10000)).collect();
    let mut strings = vec![b'a'; 4 << 20];
    strings.push(0);
    let elf = Elf::parse(with_symbols(good(), &strings, &symbols)).unwrap();
    let total: usize = elf.symbols().iter().map(|s| s.name.len()).sum();
    assert!(total <= 8 * strings.len() + 4096);
    assert!(elf.symbol_at(0x10000).is_some());
}

#[test]
fn compiled_programs_are_read() {
    let hello = Elf::parse(program("linux/hello.elf")).unwrap();
    assert!(hello.has_linux_note() && !hello.relocatable && hello.interpreter.is_none());
    let main = hello.symbol("main").unwrap();
    assert_eq!(hello.symbol_at(main + 2).map(|(s, d)| (s.name.as_str(), d)), Some(("main", 2)));
    assert!(hello.attributes().unwrap().arch.unwrap().starts_with("rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0"));
    assert!(hello.sections().iter().any(|s| s.name == ".text" && s.code && s.data.len() as u64 == s.size));
    let text = hello.section(".text").unwrap();
    assert!(text.contains(&hello.entry) && hello.section(".nothing").is_none());
    let dynamic = Elf::parse(program("linux/dynamic.elf")).unwrap();
    assert_eq!(dynamic.interpreter.as_deref(), Some("/lib/ld-linux-riscv64-lp64d.so.1"));
    let bare = Elf::parse(program("bare/pass.elf")).unwrap();
    assert!(bare.symbol("tohost").is_some() && !bare.has_linux_note());
}

fn exercise(bytes: Vec<u8>) {
    let Ok(elf) = Elf::parse_any(bytes.clone()) else {
        Elf::parse(bytes).expect_err("what cannot be read cannot be run");
        return;
    };
    let _ = (elf.symbols().len(), elf.sections().len(), elf.attributes(), elf.has_linux_note(), elf.span());
    let _ = (elf.symbol("main"), elf.symbol_at(elf.entry));
    if Elf::parse(bytes).is_ok() {
        let mut memory = Memory::new(LIMIT, LIMIT).unwrap();
        let _ = elf.load(&mut memory, Placement::Virtual(0), "program");
        let _ = elf.load(&mut memory, Placement::Physical, "program");
        boot(&elf);
    }
}

/// Loads into each environment and runs a little: whatever happens must be explained, not suffered.
fn boot(elf: &Elf) {
    let machine = |limit| Machine::new(Config { limit, ..Config::default() }).unwrap();
    let run = |mut m: Machine| {
        let stop = m.run(300);
        if let Some(e) = m.explain(&stop) {
            assert!(!e.summary.is_empty());
        }
    };
    let mut linux = machine(LIMIT);
    if linux.boot_linux(elf, LinuxOptions::default()).is_ok() {
        run(linux);
    }
    let options = || BareOptions { memory: 1 << 20, ..BareOptions::default() };
    if let Some(limit) = options().limit(elf).ok().filter(|l| *l <= LIMIT) {
        let mut bare = machine(limit);
        if bare.boot_bare(elf, options()).is_ok() {
            run(bare);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn damaged_programs_do_no_harm(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>(), 1usize..=8, any::<bool>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = program("linux/tiny.elf");
        let tables = bytes.len() - bytes.len().min(2048);
        for (at, value, width, front) in &edits {
            // Most of what matters stands in the headers at the front and the section headers at the end.
            let at = if *front { at.index(256) } else { tables + at.index(bytes.len() - tables) };
            let corner = [0, 1, 0xff, 0xffff, u64::MAX, 1 << 63, u32::MAX.into(), *value][(*value % 8) as usize];
            let end = (at + width).min(bytes.len());
            bytes[at..end].copy_from_slice(&corner.to_le_bytes()[..end - at]);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        exercise(bytes);
    }

    #[test]
    fn arbitrary_bytes_behind_a_good_header_do_no_harm(tail in prop::collection::vec(any::<u8>(), 0..2048)) {
        let mut bytes = good()[..64].to_vec();
        bytes.extend(tail);
        exercise(bytes);
    }
}
