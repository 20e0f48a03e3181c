//! The host's stack does not grow with the guest's instructions: 10^9 of them, through every kind of handler, on a thread with
//! 64 KiB; and on x86-64 a look at the machine code of the handlers, where each must jump to its successor.
//!
//! Unoptimised builds return to a loop after each handler and are slower: there it is 2*10^7 unless MELLIVORA_STACK_INSNS says
//! more.

mod common;

use common::asm::{bytes, ecall, ri, rri, rrr, ssi, word};
use common::drive::{machine, machine_of, map};
use common::elf_writer::{HEADERS, Layout, executable};
use mellivora::elf::Elf;
use mellivora::env::BareOptions;
use mellivora::hart::{Clock, HartConfig, VectorConfig};
use mellivora::isa::{Extension, Flags, Isa, Kind, Op, Operands, Slot, encode};
use mellivora::machine::{Config, Machine, Stop};
use mellivora::memory::Prot;

const CODE: u64 = 0x1_0000;
const DATA: u64 = 0x8_0000;
const STACK: usize = 64 << 10;

/// Instructions over all programs.
fn total() -> u64 {
    let asked = std::env::var("MELLIVORA_STACK_INSNS").ok().and_then(|n| n.parse().ok());
    asked.unwrap_or(if cfg!(tail_calls) { 1_000_000_000 } else { 20_000_000 })
}

/// A machine that executes `body` for ever. x2 and x8 point at data, x9 at a misaligned address, x18 just below the end of
/// a page, x5 at the code.
fn forever(body: &[u32]) -> Machine {
    forever_on(machine(), body)
}

/// As `forever`, on this machine.
fn forever_on(mut m: Machine, body: &[u32]) -> Machine {
    let mut code = bytes(body);
    code.extend(bytes(&[ri(Op::Jal, 0, -(code.len() as i64))]));
    map(&mut m, CODE..CODE + 0x4_0000, Prot::all());
    map(&mut m, DATA..DATA + 0x4000, Prot::READ | Prot::WRITE);
    m.memory_mut().write(CODE, &code).expect("it fits");
    m.hart_mut().set_pc(CODE);
    for (r, v) in [(2, DATA + 0x800), (8, DATA + 0x880), (9, DATA + 0x901), (18, DATA + 0x1000 - 3), (5, CODE)] {
        m.hart_mut().set_x(r, v);
    }
    m
}

fn nop() -> u32 {
    rri(Op::Addi, 0, 0, 0)
}

/// Runs a machine on a small stack; the machine, to look at what it has done.
fn run(mut m: Machine, n: u64) -> Machine {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let before = m.hart().instret();
        let stop = m.run(n);
        assert_eq!(stop, Stop::Budget);
        assert_eq!(m.hart().instret(), before + n);
        m
    });
    thread.expect("a thread").join().expect("it ran")
}

/// Every instruction that just goes on to the next one, in two rounding modes where it has one.
fn simple_instructions() -> Vec<u32> {
    let mut out = Vec::new();
    for op in Op::all() {
        let info = op.info();
        let elsewhere =
            Flags::JUMP | Flags::BRANCH | Flags::END | Flags::CSR | Flags::EXPANDS | Flags::VECTOR | Flags::MATRIX;
        // T-Head's extensions for RV32 are always illegal.
        let illegal = matches!(op.extension(), Extension::Xtheadfmv | Extension::Xtheadint);
        if info.flags.intersects(elsewhere) || op == Op::Mret || illegal {
            continue;
        }
        let memory =
            info.flags.intersects(Flags::LOAD | Flags::STORE | Flags::ATOMIC) || op.mnemonic().starts_with("cbo");
        let mut o = Operands { rd: 10, rs1: 11, rs2: 12, rs3: 13, ..Default::default() };
        if memory {
            o.rs1 = 2;
        }
        // x12 stays 0, since others take it for an index.
        if op.extension() == Extension::Xtheadmempair {
            o.rs2 = 14;
        }
        if info.operands.iter().any(|x| x.slot == Slot::Imm && x.kind == Kind::Upper) {
            o.imm = 0x1000;
        }
        out.push(word(op, o));
        if info.flags.contains(Flags::ROUNDS) {
            out.push(word(op, Operands { rm: 1, ..o }));
            out.push(word(op, Operands { rm: 7, ..o }));
        }
    }
    out
}

/// Every vector instruction that is legal on v8, v16 and v24 under some configurations.
fn vectors() -> Machine {
    // SEW = 32 and 64 with LMUL = 1 and 8, SEW = 8 with LMUL = 2, SEW = 16 with LMUL = 1/2.
    let vtypes = [2 << 3, 2 << 3 | 3, 3 << 3, 3 << 3 | 3, 1, 1 << 3 | 7];
    let body = vectors_under(&Isa::all(), Op::Vsetvli, &vtypes);
    assert!(body.len() > 3000, "only {} instructions are legal", body.len());
    forever_on(vector_unit(Isa::all()), &body)
}

/// Likewise for XTheadVector.
fn thead_vectors() -> Machine {
    let isa = Isa::parse("rv64gc_zfh_xtheadvector_xtheadzvamo_xtheadvdot").expect("a possible combination");
    // SEW = 32 and 64 with LMUL = 1 and 8, SEW = 8 with LMUL = 2, SEW = 16 with LMUL = 1.
    let body = vectors_under(&isa, Op::ThVsetvli, &[2 << 2, 2 << 2 | 3, 3 << 2, 3 << 2 | 3, 1, 1 << 2]);
    assert!(body.len() > 3000, "only {} instructions are legal", body.len());
    forever_on(vector_unit(isa), &body)
}

/// A machine on which NX has been set: then the kernels that handlers contain are run, too.
fn vector_unit(isa: Isa) -> Machine {
    let unit = VectorConfig::for_isa(&isa);
    let mut m = machine_of(isa, unit);
    m.hart_mut().write_csr(1, 1).expect("fflags");
    m
}

fn vectors_under(isa: &Isa, vsetvli: Op, vtypes: &[i64]) -> Vec<u32> {
    let mut body = Vec::new();
    for vtype in vtypes {
        let config = word(vsetvli, Operands { rd: 10, imm: *vtype, ..Default::default() });
        body.push(config);
        let works = |op: &Op| op.info().flags.contains(Flags::VECTOR) && !op.info().flags.contains(Flags::VSET);
        for op in Op::all().filter(|op| works(op) && isa.provides(*op)) {
            let vs1 = op.info().operands.iter().any(|o| o.slot == Slot::Rs1 && o.kind == Kind::V);
            let stride = op.info().operands.iter().any(|o| o.slot == Slot::Rs2 && o.kind == Kind::X);
            let mut o = Operands { rd: 8, rs1: 2, rs2: 16, rs3: 8, rm: 1, imm: 1 };
            o.rs1 = if vs1 { 24 } else { o.rs1 };
            o.rs2 = if stride { 0 } else { o.rs2 };
            let Ok(insn) = encode(op, &o) else { continue };
            let alone = forever_on(vector_unit(*isa), &[config, insn]).run(2);
            if alone == Stop::Budget {
                // What changes vl must not do so for the others.
                body.extend([insn, config]);
            }
        }
    }
    body
}

/// A shape of instruction that the engine fuses, on given registers.
type Shape = Box<dyn Fn(u8, u8, u8) -> u32>;

fn shapes() -> Vec<Shape> {
    use Op::*;
    let mut out: Vec<Shape> = Vec::new();
    for op in [Add, Sub, And, Or, Xor, Addw, Mul, Mulw] {
        out.push(Box::new(move |d, a, b| rrr(op, d, a, b)));
        out.push(Box::new(move |d, _, b| rrr(op, d, d, b)));
    }
    for op in [Addi, Andi, Addiw, Slli, Srli, Slliw, Srliw] {
        out.push(Box::new(move |d, a, _| rri(op, d, a, 3)));
        out.push(Box::new(move |d, _, _| rri(op, d, d, 3)));
    }
    out.push(Box::new(|d, _, _| rri(Addi, d, 0, 5)));
    out.push(Box::new(|d, a, _| rri(Addi, d, a, 0)));
    for base in [2, 8] {
        for op in [Lw, Ld, Lbu, Lhu] {
            out.push(Box::new(move |d, _, _| rri(op, d, base, 16)));
        }
        for op in [Sw, Sd, Sb, Sh] {
            out.push(Box::new(move |_, _, b| ssi(op, base, b, 32)));
        }
    }
    out
}

/// Each shape before each: independent, forwarded to either source, forwarded and overwritten.
fn pairs() -> Vec<u32> {
    let mut out = Vec::new();
    for a in shapes() {
        for b in shapes() {
            for (d, s, t) in [(13, 14, 15), (13, 10, 15), (13, 14, 10), (10, 10, 15), (10, 14, 10)] {
                // A special one between pairs, so that each begins where it is meant to.
                out.extend([a(10, 11, 12), b(d, s, t), word(Op::Fence, Operands::default())]);
            }
        }
    }
    out
}

/// Each shape before each branch, both ways; before jumps, direct and indirect, with and without link.
fn jumps() -> Vec<u32> {
    use Op::*;
    let mut out: Vec<u32> = Vec::new();
    for shape in shapes() {
        let a = shape(10, 11, 12);
        for op in [Beq, Bne, Blt, Bge, Bltu, Bgeu] {
            for (s, t) in [(10, 13), (13, 10), (10, 0), (13, 14), (0, 10)] {
                // Over an instruction, or not.
                out.extend([a, ssi(op, s, t, 8), nop()]);
            }
        }
        // Direct: blocks end after 64 of these.
        out.extend([a, ri(Jal, 0, 4), a, ri(Jal, 1, 4)]);
        // Indirect, to the next instruction: x1 = pc of the auipc.
        out.extend([ri(Auipc, 1, 0), a, rri(Jalr, 0, 1, 12)]);
        out.extend([ri(Auipc, 1, 0), a, rri(Jalr, 1, 1, 12)]);
    }
    out
}

/// One jump with more targets than any cache knows: 0 to 16383 ahead in steps of 4, each of which jumps back.
fn far_calls() -> Vec<u32> {
    use Op::*;
    const TARGETS: usize = 16384;
    let mut out = vec![
        rri(Addi, 12, 12, 4),
        rri(Slli, 13, 12, 48),
        rri(Srli, 13, 13, 48),
        rrr(Add, 13, 13, 5),
        rri(Jalr, 1, 13, 32),
        ri(Jal, 0, 4 * TARGETS as i64 + 12),
        nop(),
        nop(),
    ];
    out.extend(vec![rri(Jalr, 0, 1, 0); TARGETS]);
    out
}

/// What the fast paths leave to others: misaligned and page-crossing accesses, NaNs, subnormal numbers, all rounding modes,
/// CSRs, changes of the floating-point mode, stores to the page that the code is on.
fn slow_paths() -> Vec<u32> {
    use Op::*;
    let mut out = Vec::new();
    let csr = |op, rd, csr, rs1| word(op, Operands { rd, rs1, imm: csr, ..Default::default() });
    for base in [9, 18] {
        for op in [Lh, Lhu, Lw, Lwu, Ld, Flh, Flw, Fld] {
            out.push(rri(op, 10, base, 0));
        }
        for op in [Sh, Sw, Sd, Fsh, Fsw, Fsd] {
            out.push(ssi(op, base, 10, 0));
        }
        // As parts of pairs.
        out.extend([rri(Addi, 11, 11, 1), rri(Ld, 10, base, 0), rri(Ld, 10, base, 0), rri(Addi, 11, 10, 1)]);
        out.extend([rri(Addi, 11, base, 0), rri(Ld, 11, 11, 0), ssi(Sd, base, 11, 0), ssi(Bne, 11, 0, 4)]);
    }
    // A signalling NaN, the least number.
    out.extend([rri(Addi, 10, 0, 1), rri(Addi, 11, 0, -1), rri(Slli, 11, 11, 52), rri(Addi, 11, 11, 1)]);
    out.extend([rrr(FmvDX, 1, 10, 0), rrr(FmvDX, 2, 11, 0)]);
    for op in [FaddD, FmulD, FdivD, FminD, FltD, FeqD] {
        out.extend([rrr(op, 3, 1, 1), rrr(op, 3, 1, 2)]);
    }
    for mode in 0..5 {
        out.push(csr(Csrrwi, 0, 2, mode));
        for rm in [0, 1, 2, 3, 4, 7] {
            let o = Operands { rd: 3, rs1: 1, rs2: 1, rs3: 2, rm, ..Default::default() };
            out.extend([FaddD, FmaddD, FaddS, FsqrtD, FcvtWD, FcvtDL].map(|op| word(op, o)));
        }
    }
    out.push(csr(Csrrwi, 0, 2, 0));
    for n in [1, 2, 3, 0xc00, 0xc01, 0xc02, 0x300, 0x305, 0x340] {
        out.extend([csr(Csrrs, 10, n, 0), csr(Csrrc, 11, n, 0)]);
    }
    out.extend([csr(Csrrw, 10, 0x340, 11), csr(Csrrwi, 0, 1, 0), word(Wfi, Operands::default())]);
    // FS to Initial and back.
    out.extend([ri(Lui, 10, 3 << 13), csr(Csrrc, 0, 0x300, 10), ri(Lui, 10, 1 << 13), csr(Csrrs, 0, 0x300, 10)]);
    out.extend([rrr(FeqD, 11, 1, 1), rri(Fld, 3, 2, 0)]);
    // Code and data on one page, and on the same bytes.
    out.extend([ri(Auipc, 12, 0), ssi(Sw, 12, 10, 2044), rri(Lw, 13, 12, 0), ssi(Sw, 12, 13, 0)]);
    out.push(word(FenceI, Operands::default()));
    out
}

/// A program in machine mode whose own handler skips the instructions that trap.
fn trapping() -> Machine {
    use Op::*;
    let csr = |op, rd, csr, rs1| word(op, Operands { rd, rs1, imm: csr, ..Default::default() });
    // The loop loads from nowhere, calls, is illegal (two zero halves), stores to nowhere.
    let handler = 40;
    let mut image = bytes(&[
        ri(Auipc, 5, 0),
        rri(Addi, 5, 5, handler),
        csr(Csrrw, 0, 0x305, 5),
        ri(Lui, 6, 0x1000),
        rri(Ld, 10, 0, 0),
        ecall(),
    ]);
    image.extend([0; 4]);
    image.extend(bytes(&[ssi(Sd, 6, 10, 1), ri(Jal, 0, -16)]));
    image.resize(handler as usize, 0);
    // mepc += 4, or 2 where the instruction is a short one: all zeros.
    image.extend(bytes(&[
        csr(Csrrs, 7, 0x341, 0),
        rri(Lhu, 8, 7, 0),
        rri(Addi, 7, 7, 2),
        ssi(Beq, 8, 0, 8),
        rri(Addi, 7, 7, 2),
        csr(Csrrw, 0, 0x341, 7),
        word(Mret, Operands::default()),
    ]));
    let start = 0x8000_0000;
    let elf = executable(Layout { start, size: 0x1000 }, &image);
    let config = Config { isa: Isa::all(), hart: HartConfig::default(), limit: 1 << 33, clock: Clock::virtual_time() };
    let mut m = Machine::new(config).expect("a machine");
    m.translate_at_once(true);
    let elf = Elf::parse(elf).expect("our own");
    m.boot_bare(&elf, BareOptions { memory: 1 << 20, ..Default::default() }).expect("it fits");
    assert_eq!(m.hart().pc(), start + HEADERS);
    m
}

#[test]
fn a_thousand_million_instructions_on_64_kib() {
    type Program = (&'static str, u64, fn() -> Machine);
    // Name, share in percent of all instructions.
    let programs: [Program; 8] = [
        ("simple", 10, || forever(&simple_instructions())),
        ("pairs", 53, || forever(&pairs())),
        ("jumps", 26, || forever(&jumps())),
        ("far calls", 5, || forever(&far_calls())),
        ("slow paths", 1, || forever(&slow_paths())),
        ("traps", 2, trapping),
        ("vectors", 2, vectors),
        ("vectors of XTheadVector", 1, thead_vectors),
    ];
    assert_eq!(programs.iter().map(|p| p.1).sum::<u64>(), 100);
    for (name, share, machine) in programs {
        let start = std::time::Instant::now();
        run(machine(), total() / 100 * share);
        println!("{name}: {} instructions, {:.1} s", total() / 100 * share, start.elapsed().as_secs_f64());
    }
}

/// A function of the machine code, as objdump shows it.
#[cfg(all(tail_calls, target_arch = "x86_64"))]
struct Function {
    /// Name of the handler, without the generic parameters.
    name: String,
    lines: Vec<String>,
}

/// The name of a function of the modules that hold handlers, in text of objdump.
#[cfg(all(tail_calls, target_arch = "x86_64"))]
fn handler_path(text: &str) -> Option<&str> {
    let of = |module| text.split_once(module).map(|(_, name)| name);
    of("::engine::handlers::").or_else(|| of("::engine::vector::"))
}

/// The handlers in this very program, or `None` where there is no objdump.
#[cfg(all(tail_calls, target_arch = "x86_64"))]
fn handlers() -> Option<Vec<Function>> {
    let me = std::env::current_exe().expect("it runs");
    let out = std::process::Command::new("objdump").args(["-d", "--no-show-raw-insn", "-C"]).arg(me).output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let mut all: Vec<Function> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some((_, symbol)) = line.strip_suffix(">:").and_then(|l| l.split_once(" <")) {
            let path = handler_path(symbol);
            inside = path.is_some();
            if let Some(name) = path {
                let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                all.push(Function { name: name.to_owned(), lines: Vec::new() });
            }
        } else if let (true, Some((_, code)), Some(last)) = (inside, line.split_once(":\t"), all.last_mut()) {
            last.lines.push(code.trim().to_owned());
        }
    }
    Some(all)
}

/// The rules: a handler calls no handler, neither by its address nor by name (that would be a frame for each guest
/// instruction), and gets on by a jump; it returns only where it stops. What the handlers call for help is not looked at.
#[cfg(all(tail_calls, target_arch = "x86_64"))]
#[test]
fn handlers_jump_to_their_successors() {
    /// Functions beside the handlers that do return to them.
    const HELPERS: [&str; 8] = ["locate", "note", "step_at", "finish", "bind", "handler_of", "direct_of", "any"];
    /// Handlers that leave the engine, always or sometimes.
    const EXITS: [&str; 9] =
        ["special_exit", "vector_exit", "out_of_budget", "stale", "stub", "guard", "jalr_miss", "attention", "event"];
    let Some(all) = handlers() else {
        println!("skipped: no objdump on PATH");
        return;
    };
    assert!(all.len() > 1000, "only {} handlers are to be seen: has the program no symbols?", all.len());
    let mut wrong = Vec::new();
    for f in all.iter().filter(|f| !HELPERS.contains(&f.name.as_str())) {
        let is = |line: &&String, what: &str| {
            line.split_whitespace()
                .next()
                .is_some_and(|w| w.trim_start_matches("notrack").trim_end_matches('q') == what)
        };
        let calls: Vec<&String> = f.lines.iter().filter(|l| is(l, "call")).collect();
        // An instruction's own function, which stands behind a special op, is called by register.
        let step = f.name.starts_with("special") || ["vset_slow", "unbound"].contains(&f.name.as_str());
        // A vector instruction's kernel, which stands in its site, is called there; that of a frame by register.
        let kernel = ["vector", "all_of_it", "unbound"].contains(&f.name.as_str());
        let step = step || f.name == "framed";
        let through_memory = |l: &&&String| l.contains("*") && !l.contains("(%rip)") && l.contains('(');
        let through_register = |l: &&&String| l.contains("*%");
        let by_name = |l: &&&String| {
            let target = handler_path(l).unwrap_or_default();
            !target.is_empty() && !HELPERS.iter().any(|h| target.starts_with(h))
        };
        let mut bad: Vec<String> = calls
            .iter()
            .filter(|l| through_memory(l) || by_name(l))
            .skip(kernel as usize)
            .map(|l| l.to_string())
            .collect();
        if calls.iter().filter(through_register).count() > step as usize {
            bad.push("a call through a register".into());
        }
        if !EXITS.contains(&f.name.as_str()) {
            if f.lines.iter().any(|l| is(&l, "ret")) {
                bad.push("it returns".into());
            }
            if !f.lines.iter().any(|l| is(&l, "jmp") && (l.contains('*') || handler_path(l).is_some())) {
                bad.push("it does not jump to any handler".into());
            }
        }
        if !bad.is_empty() {
            wrong.push(format!("{}: {}", f.name, bad.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} handlers:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}
