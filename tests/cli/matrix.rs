//! The matrix unit: what its state looks like.

use super::*;
use mellivora::isa::{Assembler, Isa};

/// A Linux program of these instructions, which are separated by `;`.
fn assembled(name: &str, isa: &str, text: &str) -> String {
    let assembler = Assembler::new(&Isa::parse(isa).unwrap());
    let words: Vec<u32> = text.split(';').map(|t| assembler.assemble(t.trim(), 0).unwrap().bits).collect();
    program(name, &words)
}

/// Runs such a program with these options; standard error must hold all parts, in this order.
fn says(name: &str, isa: &str, options: &[&str], text: &str, parts: &[&str]) -> String {
    let path = assembled(name, isa, text);
    let (_, told) = fails(&[&["run", "--isa", isa][..], options, &[&path]].concat());
    let mut rest = told.as_str();
    for part in parts {
        let Some(at) = rest.find(part) else { panic!("`{part}` is not in\n{told}") };
        rest = &rest[at + part.len()..];
    }
    told
}

const V6: &str = "rv64gc_xtheadmatrix0p6";
const V3: &str = "rv64gc_xtheadmatrix0p3";

/// 2 x 2 words from the program's own code, as tile and as accumulator.
fn loads() -> String {
    let li = |rd: &str, n: i32| format!("addi {rd},zero,{n}");
    let store = "lui a0,0x20; addi t0,zero,-2; sw t0,0(a0); sw t0,36(a0); addi t1,zero,1; sw t1,4(a0); sw t1,32(a0)";
    let sizes = "msettilemi 2; msettileni 2; msettileki 2";
    let load = "mlae32 tr1,(a0),t2; mlce32 acc2,(a0),t2";
    [store.to_owned(), li("t2", 32), sizes.to_owned(), load.to_owned(), li("a7", 93), li("a0", 0), "ecall".to_owned()]
        .join("; ")
}

#[test]
fn registers_are_shown_as_rows_of_elements() {
    let text = loads();
    let start = "matrix 0.6 TLEN 512 TRLEN 128 ELEN 32 mtilem 2 mtilen 2 mtilek 2 xmxrm 0 xmsat 0 xmfflags 00 xmfrm 0 \
                 xmsaten 0\ntr0  zero\n";
    says(
        "dump-matrix",
        V6,
        &["--dump-regs"],
        &text,
        &[
            start,
            "tr1  hex8 4 x 16\n  0: fe ff ff ff 01 00 00 00 00 00 00 00 00 00 00 00\n  1: 01 00 00 00 fe ff ff ff 00",
            "tr2  zero\ntr3  zero\nacc0 zero\nacc1 zero\n",
            "acc2 hex32 4 x 4\n  0: fffffffe 00000001 00000000 00000000\n  1: 00000001 fffffffe 00000000 00000000\n  2: 00000000",
            "acc3 zero\n",
            "misa",
        ],
    );
    let typed = says(
        "dump-matrix",
        V6,
        &["--dump-matrix", "tr=i32,acc=i8"],
        &text,
        &["tr1  i32 4 x 4\n  0: -2  1  0  0\n  1:  1 -2  0  0\n", "acc2 i8 4 x 16\n  0: -2 -1 -1 -1  1  0  0"],
    );
    assert!(typed.starts_with("matrix 0.6"), "{typed}");
    says(
        "dump-matrix",
        V6,
        &["--dump-matrix", "f16"],
        &text,
        &["tr1  f16 4 x 8\n  0:          NaN          NaN 5.9604645e-8          0.0"],
    );
}

#[test]
fn of_large_registers_the_active_part_is_shown_unless_asked() {
    let unit = ["--matrix", "0.6,tlen=65536,trlen=2048"];
    let part = says(
        "dump-large",
        V6,
        &[&unit[..], &["--dump-matrix", "i32"]].concat(),
        &loads(),
        &[
            "tr1  i32 32 x 64, of which 2 x 2 as by the sizes; --dump-matrix all shows the rest\n  0: -2  1\n  1:  1 -2\n",
            "tr2",
        ],
    );
    assert!(part.contains("acc2 i32 32 x 32, of which 2 x 2"), "{part}");
    let all =
        says("dump-large", V6, &[&unit[..], &["--dump-matrix", "i32,all"]].concat(), &loads(), &["tr1  i32 32 x 64\n"]);
    assert!(all.contains("\n  31:  0  0") && all.lines().count() == 1 + 6 + 2 * 33, "{all}");
}

#[test]
fn the_older_version_has_eight_registers_alike() {
    let text = "lui a0,0x20; addi t0,zero,-2; sw t0,0(a0); addi t2,zero,8; mcfgmi zero,2; mcfgki zero,8; mldw m7,t2,(a0); \
                addi a7,zero,93; ecall";
    says(
        "dump-0.3",
        V3,
        &["--dump-matrix", "m7=i32"],
        text,
        &[
            "matrix 0.3 RLEN 128 xmsize 00080002 (sizeM 2 sizeN 0 sizeK 8) xmcsr 0 xmrstart 0\nm0   zero\n",
            "m6   zero\nm7   i32 4 x 4\n  0: -2  0  0  0\n  1:  0  0  0  0\n",
        ],
    );
}

#[test]
fn there_may_be_nothing_to_show() {
    let exit = "addi a0,zero,0; addi a7,zero,93; ecall";
    let told = says("dump-none", "rv64gc", &["--dump-regs"], exit, &["misa"]);
    assert!(!told.contains("matrix"), "{told}");
    let (status, told) = fails(&["run", "--isa", "rv64gc", "--dump-matrix", "i8", &here("testprogs/linux/tiny.elf")]);
    assert_eq!(status, 125);
    assert!(told.contains("no matrix unit; --matrix makes one"), "{told}");
    let (status, told) = fails(&["run", "--dump-matrix", "i7", &here("testprogs/linux/tiny.elf")]);
    assert_eq!(status, 2);
    assert!(told.contains("`i7` is no type of elements; there are i4, u4, i8"), "{told}");
    // Bare machines start with mstatus.MS Off.
    let (_, told) = fails(&["run", "--dump-matrix", "i8", &here("testprogs/bare/pass.elf")]);
    assert!(told.contains("matrix 0.6 TLEN 512 TRLEN 128 ELEN 32 mstatus.MS Off\n") && !told.contains("tr0"), "{told}");
}
