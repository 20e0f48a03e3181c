//! The assembler against the disassembler, for every instruction, and against texts recorded from GNU binutils.

use mellivora::isa::{
    AsmError, AsmLineError, Assembler, Decoder, DisasmOptions, Extension, Insn, Isa, Kind, Op, Operand, Operands,
    disassemble, encode,
};
use proptest::prelude::*;

const PLAIN: DisasmOptions = DisasmOptions { aliases: false, abi_names: true };

/// Sets of extensions that have all instructions between them.
fn everything() -> Vec<Isa> {
    let mut out = vec![Isa::all()];
    for e in Extension::all() {
        if !out.iter().any(|isa| isa.has(e)) {
            out.push(Isa::base().with(e).with_all());
        }
    }
    out
}

/// A value that fits, from random bits: often one of the ends.
fn value(o: &Operand, random: u64) -> i64 {
    let step = 1i64 << o.align;
    let free = (o.max() - o.min()) / step + 1;
    let value = match random & 7 {
        0 => o.min(),
        1 => o.max(),
        _ => o.min() + (random >> 8) as i64 % free * step,
    };
    if o.nonzero && value == i64::from(if o.kind.signed() { 0 } else { o.bias }) { o.max() } else { value }
}

/// Whether text says all about it: reserved rounding modes all read `unknown`, and `fence` has a field that is not shown.
fn has_text(insn: &Insn) -> bool {
    let o = insn.op.info().operands;
    o.iter().all(|o| match (o.kind, o.from_word(insn.bits)) {
        (Kind::Rm | Kind::RmExact, n) => !matches!(n, 5 | 6),
        (Kind::Hidden, n) => n == 0,
        _ => true,
    })
}

proptest! {
    /// Text of any instruction with any operands gives the same instruction back.
    #[test]
    fn what_is_disassembled_assembles(random in any::<[u64; 6]>(), pc in any::<u64>()) {
        let pc = pc & !1;
        for isa in everything() {
            let (assembler, decoder) = (Assembler::new(&isa), Decoder::new(&isa));
            for op in Op::all().filter(|op| decoder.enables(*op)) {
                let mut operands = Operands::default();
                op.info().operands.iter().zip(random).for_each(|(o, r)| operands.set(o, value(o, r)));
                let insn = decoder.decode(encode(op, &operands).expect("values that fit")).expect("an instruction");
                if !has_text(&insn) {
                    continue;
                }
                for abi_names in [true, false] {
                    let text = disassemble(&insn, pc, DisasmOptions { abi_names, ..PLAIN }).to_string();
                    let back = assembler.assemble(&text, pc);
                    prop_assert_eq!(back, Ok(insn), "{}", text);
                    // With aliases 16-bit instructions bear the names of others that do the same: the same fields
                    // (`addi a0,a0,0`), or another one with the same text (`mv`).
                    let options = DisasmOptions { abi_names, aliases: true };
                    let text = disassemble(&insn, pc, options).to_string();
                    let back = assembler.assemble(&text, pc).unwrap_or_else(|e| panic!("{text}: {e}"));
                    let does = |i: &Insn| (i.base, i.rd, i.rs1, i.rs2, i.rs3, i.imm);
                    let same = does(&back) == does(&insn) || disassemble(&back, pc, options).to_string() == text;
                    prop_assert!(back == insn || insn.len == 2 && same, "{}", text);
                }
            }
        }
    }

    /// Nonsense never panics, and what it is taken for can be shown.
    #[test]
    fn anything_may_be_written(text in "[a-z.]{0,8}[ ,()a-z0-9.\\-\\[\\]]{0,24}|\\PC{0,20}", mnemonic in 0..Op::COUNT) {
        let assembler = Assembler::new(&Isa::all());
        let name = Op::all().nth(mnemonic).expect("below the count").mnemonic();
        for text in [text.clone(), format!("{name} {text}")] {
            match assembler.assemble(&text, 0) {
                Ok(insn) => prop_assert!(!disassemble(&insn, 0, PLAIN).to_string().is_empty()),
                Err(e) => prop_assert!(!e.to_string().is_empty()),
            }
        }
    }
}

/// Rows of words and objdump's texts, without and with aliases, the first at 0x10000.
fn recorded(isa: &str, rows: &str) {
    let isa = if isa.is_empty() { Isa::all() } else { Isa::parse(isa).expect("an ISA string") };
    let (assembler, decoder) = (Assembler::new(&isa), Decoder::new(&isa));
    let mut compared = 0;
    for (n, row) in (0..).zip(rows.lines().filter(|l| !l.starts_with('#'))) {
        let columns: Vec<&str> = row.split('|').collect();
        let word = u32::from_str_radix(columns[0], 16).expect("a word");
        let pc = 0x1_0000 + 4 * n;
        let Some(insn) = decoder.decode(word).filter(has_text) else { continue };
        for text in columns[1..].iter().filter(|t| !t.starts_with(".insn")) {
            let back = assembler.assemble(text, pc).unwrap_or_else(|e| panic!("{word:08x} {text}: {e}"));
            assert_eq!(back.operands(), insn.operands(), "{word:08x} {text}");
            // Bits that hardware ignores are not shown.
            let pieces = insn.op.info().operands.iter().flat_map(|o| o.pieces);
            let seen = pieces.fold(insn.op.info().mask, |m, p| m | (u32::MAX >> (32 - u32::from(p.len))) << p.word_lo);
            assert_eq!(back.bits & seen, word & seen, "{word:08x} {text}");
            compared += 1;
        }
    }
    assert!(compared > 20, "only {compared} texts");
}

#[test]
fn recorded_texts_of_binutils_assemble_to_their_words() {
    recorded("", include_str!("data/objdump.txt"));
    recorded("rv64gc_xtheadvector_xtheadzvamo", include_str!("data/objdump-xtheadvector.txt"));
    recorded("", include_str!("data/objdump-rv32.txt"));
    recorded("rv64gcv_xtheadvdot", include_str!("data/clang-xtheadvdot.txt"));
}

#[test]
fn every_16_bit_instruction_assembles_from_the_name_of_its_encoding() {
    let (assembler, decoder) = (Assembler::new(&Isa::all()), Decoder::new(&Isa::all()));
    for word in (0..0x1_0000u32).filter(|w| w & 3 != 3) {
        let Some(insn) = decoder.decode(word) else { continue };
        let text = disassemble(&insn, 0x1_0000, PLAIN).to_string();
        assert_eq!(assembler.assemble(&text, 0x1_0000), Ok(insn), "{word:04x} {text}");
    }
}

/// The word of a text at address 0x1000.
fn word(text: &str) -> u32 {
    let isa = Isa::all();
    Assembler::new(&isa).assemble(text, 0x1000).unwrap_or_else(|e| panic!("{text}: {e}")).bits
}

fn error(text: &str) -> String {
    Assembler::new(&Isa::all()).assemble(text, 0).expect_err(text).to_string()
}

#[test]
fn texts_may_be_written_as_for_other_assemblers() {
    for (text, same) in [
        ("lw a0, (a1)", "lw a0,0(a1)"),
        ("  LW  A0 , 0x10 ( A1 ) ", "lw a0,16(a1)"),
        ("lr.w a0, 0(a1)", "lr.w a0,(a1)"),
        ("amoadd.w.aqrl x10, x11, (x12)", "amoadd.w.aqrl a0,a1,(a2)"),
        ("addi s0, fp, 0b11", "addi s0,s0,3"),
        ("j .-4", "j 0xffc"),
        ("beq a0, a1, .+0x10", "beq a0,a1,0x1010"),
        ("jal .", "jal ra,0x1000"),
        ("fence wr, r", "fence rw,r"),
        ("fli.s fa0, 0.5", "fli.s fa0,0x1p-1"),
        ("fli.d fa0, -1", "fli.d fa0,-0x1p+0"),
        ("fli.d fa0, 0.3125", "fli.d fa0,0x1.4p-2"),
        ("fadd.s fa0, fa1, fa2, dyn", "fadd.s fa0,fa1,fa2"),
        ("vsetvli a0, a1, e32", "vsetvli a0,a1,e32,m1,tu,mu"),
        ("vsetvli a0, a1, e8, mf4, ta, ma", "vsetvli a0,a1,e8,mf4,ta,ma"),
        ("vsetvli a0, a1, 0xc6", "vsetvli a0,a1,e8,mf4,ta,ma"),
        ("vadd.vv v1, v2, v3, v0.t", "vadd.vv v1,v2,v3,v0.t"),
        ("lui a0, -1", "lui a0,0xfffff"),
        ("c.lui a0, 0xfffe0", "c.lui a0,-32"),
        ("csrr a0, 0x300", "csrr a0,mstatus"),
        ("mop.rr.7 a0, a1, a2", "mop.rr.7 a0,a1,a2"),
    ] {
        assert_eq!(word(text), word(same), "{text}");
    }
    assert_eq!((word("ret"), word("c.jr ra"), word("li a0, -1")), (0x8067, 0x8082, 0xfff0_0513));
}

#[test]
fn errors_say_which_operand_and_what_it_must_be() {
    for (text, expected) in [
        ("", "no instruction: write one as in `addi a0,a0,1`"),
        ("adi a0,a0,1", "unknown instruction `adi`; did you mean `add` or `addi` or `andi`?"),
        ("frobnicate a0", "unknown instruction `frobnicate`"),
        ("addi a0,a0", "addi: imm is missing (it is written `addi rd,rs1,imm`)"),
        ("ret a0", "ret: `a0` is too much (it is written `ret`)"),
        ("add a0,a1,a2,a3", "add: `,a3` is too much (it is written `add rd,rs1,rs2`)"),
        (
            "add a0,a1,v2",
            "add: rs2 is `v2`, but must be an integer register, such as a0 or x10 (it is written `add rd,rs1,rs2`)",
        ),
        ("addi a0 a0,1", "addi: expected `,` before `a0,1` (it is written `addi rd,rs1,imm`)"),
        ("lw a0,4[a1]", "lw: expected `(` before `[a1]` (it is written `lw rd,imm(rs1)`)"),
        ("lw a0,4(a1", "lw: `)` is missing (it is written `lw rd,imm(rs1)`)"),
        (
            "lui a0,0x100000",
            "lui: upper is `0x100000`, but must be a number from 0 to 0xfffff (it is written `lui rd,upper`)",
        ),
        (
            "c.lui a0,32",
            "c.lui: upper is `32`, but must be a number up to 0x1f or from 0xfffe0 to 0xfffff, but not 0 (it is written `c.lui rd,upper`)",
        ),
        ("c.lui sp,1", "c.lui: with these operands the encoding is that of `c.addi16sp`"),
        (
            "c.addi4spn a0,sp,2",
            "c.addi4spn: uimm is `2`, but must be a number from 0 to 1020, a multiple of 4, but not 0 (it is written `c.addi4spn rd,sp,uimm`)",
        ),
        (
            "c.addi4spn a0,a1,4",
            "c.addi4spn: the register is `a1`, but must be sp itself (it is written `c.addi4spn rd,sp,uimm`)",
        ),
        (
            "c.and t0,a0",
            "c.and: rd is `t0`, but must be an integer register of x8 to x15 (it is written `c.and rd,rs2`)",
        ),
        (
            "c.jr zero",
            "c.jr: rs1 is `zero`, but must be an integer register other than zero, such as a0 or x10 (it is written `c.jr rs1`)",
        ),
        (
            "beq a0,a1,.+4096",
            "beq: target is `.+4096`, but must be an address such as 0x1040 or .+8, -4096 to 4094 bytes from the instruction, a multiple of 2 (it is written `beq rs1,rs2,target`)",
        ),
        (
            "fadd.s fa0,fa1,fa2,up",
            "fadd.s: rm is `up`, but must be a rounding mode: rne, rtz, rdn, rup, rmm or dyn (it is written `fadd.s fd,fs1,fs2,rm`)",
        ),
        (
            "addi a0,a0,010",
            "addi: imm is `010`, but must be a number from -2048 to 2047 (it is written `addi rd,rs1,imm`)",
        ),
        ("mop.r.32 a0,a0", "mop.r.32: n is `32`, but must be a number from 0 to 31 (it is written `mop.r.32 rd,rs1`)"),
        ("add.aq a0,a0,a0", "unknown instruction `add.aq`"),
        ("zext.h a0,a1,a2", "zext.h: `,a2` is too much (it is written `zext.h rd,rs1`)"),
        ("th.vadd.vv v1,v2,v3", "`th.vadd.vv` is an instruction of xtheadvector, which this ISA does not have"),
    ] {
        assert_eq!(error(text), expected);
    }
    let small = Assembler::new(&Isa::parse("rv64i").expect("an ISA string"));
    assert_eq!(
        small.assemble("amoadd.b.aq a0,a1,(a2)", 0),
        Err(AsmError::Disabled { mnemonic: "amoadd.b.aq".into(), needs: vec!["zabha".into()] })
    );
    assert_eq!(
        small.assemble("mzero m0", 0).expect_err("no matrices").to_string(),
        "`mzero` is an instruction of xtheadmatrix0p3 or xtheadmatrix0p6, which this ISA does not have"
    );
    let AsmLineError { line, error } =
        small.program("nop\n\n  addi a0,a0,1 # fine\nmul a0,a0,a0", 0).expect_err("rv64i");
    assert_eq!((line, error.to_string().contains("zmmul")), (4, true));
}

#[test]
fn csrs_have_the_numbers_of_the_version_that_is_there() {
    let csr = |isa: &str, name: &str| {
        let assembler = Assembler::new(&Isa::parse(isa).expect("an ISA string"));
        assembler.assemble(&format!("csrr a0,{name}"), 0).ok().map(|i| i.imm)
    };
    let (three, six) = ("rv64gc_xtheadmatrix0p3", "rv64gc_xtheadmatrix0p6");
    assert_eq!((csr(three, "xmisa"), csr(six, "xmisa")), (Some(0xcc2), Some(0xcc0)));
    assert_eq!((csr(three, "xmsize"), csr(six, "xmsize")), (Some(0x803), None));
    assert_eq!((csr(three, "mtilek"), csr(six, "mtilek")), (None, Some(0x805)));
    assert_eq!((csr(three, "mstatus"), csr(three, "0x805")), (Some(0x300), Some(0x805)));
}

#[test]
fn programs_have_one_instruction_behind_the_other() {
    let assembler = Assembler::new(&Isa::all());
    let text = "c.nop // two bytes\n# nothing\n\nbnez a0, 0x1000; c.beqz a0,0x1002;;\nj 0x1008";
    let words: Vec<u32> = assembler.program(text, 0x1000).expect("a program").iter().map(|i| i.bits).collect();
    assert_eq!(words, [0x0001, word("bnez a0,0xffe"), word("c.beqz a0,0xffc"), 0x0000_006f]);
}
