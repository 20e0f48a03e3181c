//! Loading programs as the kernel's ELF loader does: segments, dynamic loader, stack with arguments and auxiliary vector.
//!
//! The layout is the same in every run: position-independent programs at two thirds of the address space, the stack at its
//! top, mappings below the stack. (fs/binfmt_elf.c; the psABI's "Process Initialization".)

use std::ops::Range;

use super::options::{LinuxOptions, LoadError};
use super::process::Process;
use super::random::Random;
use crate::elf::Elf;
use crate::hart::{Context, Hart};
use crate::isa::Isa;
use crate::memory::{Memory, PAGE_SIZE, Prot};

/// The lowest address that programs may map (vm.mmap_min_addr).
pub(super) const LOWEST: u64 = 0x1_0000;
/// Pages between stack and mappings that stay free, so that an overflowing stack faults.
const STACK_GAP: u64 = 256 * PAGE_SIZE;
/// The smallest stack.
const LEAST_STACK: u64 = 16 * PAGE_SIZE;
/// Ticks per second of times(2).
pub(super) const CLOCK_TICKS: u64 = 100;

/// Where things have been put.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// What has been added to the program's addresses.
    pub bias: u64,
    /// First page after the program: where the break starts.
    pub brk: u64,
    /// The stack.
    pub stack: Range<u64>,
    /// The page that signal handlers return to.
    pub trampoline: u64,
    /// Upper end of the area for mappings.
    pub top: u64,
    /// The auxiliary vector.
    pub auxv: Vec<u8>,
}

pub(super) fn page_down(a: u64) -> u64 {
    a & !(PAGE_SIZE - 1)
}

/// Rounds up to whole pages; the largest addresses have no such page.
pub(super) fn page_up(a: u64) -> Option<u64> {
    a.checked_next_multiple_of(PAGE_SIZE)
}

/// Maps the segments at `bias` and returns the end of the last one.
fn map_segments(memory: &mut Memory, elf: &Elf, bias: u64, name: &str, top: u64) -> Result<u64, LoadError> {
    let mut highest = 0;
    let bytes = &elf.bytes;
    for s in &elf.segments {
        let outside = LoadError::Segment { start: s.range.start, end: s.range.end, low: LOWEST, limit: top };
        // A file that asks for high addresses may be moved down.
        let (start, end) = (s.range.start.wrapping_add(bias), s.range.end.wrapping_add(bias));
        let first = page_down(start);
        let fits = |e: &u64| *e <= top && first >= LOWEST && start < end;
        let Some(last) = page_up(end).filter(fits) else { return Err(outside) };
        // A page that an earlier segment shares keeps its bytes and rights, and gains those of this one.
        let mut free = first;
        while free < last {
            let Some(r) = memory.region_at(free) else { break };
            memory.protect(free..free + PAGE_SIZE, r.prot | s.prot)?;
            free += PAGE_SIZE;
        }
        if free < last {
            memory.map(free..last, s.prot, name)?;
        }
        // Whole pages of the file are mapped: what stands beside the segment in its first and last page is seen, too.
        let lead = ((start - first) as usize).min(s.data.start).min(start.saturating_sub(free) as usize);
        let file_end = start + s.data.len() as u64;
        let tail = if end == file_end { (page_up(file_end).unwrap_or(file_end) - file_end) as usize } else { 0 };
        let to = s.data.end.saturating_add(tail).min(bytes.len());
        let data = &bytes[s.data.start - lead..to];
        memory.write(start - lead as u64, data).map_err(|_| outside.clone())?;
        if end > file_end {
            // What an earlier segment put there must not shine through.
            let rest = page_up(file_end).unwrap_or(end).min(end) - file_end;
            memory.write(file_end, &vec![0; rest as usize]).map_err(|_| outside)?;
        }
        highest = highest.max(end);
    }
    Ok(highest)
}

/// Whether the file asks for an executable stack (PT_GNU_STACK with PF_X).
fn executable_stack(elf: &Elf) -> bool {
    const PT_GNU_STACK: u32 = 0x6474_e551;
    let word = |at: usize| elf.bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let phoff = elf.bytes.get(32..40).map_or(0, |b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
    (0..elf.phnum as u64).any(|n| {
        let at = phoff.saturating_add(56 * n).min(1 << 40) as usize;
        word(at) == Some(PT_GNU_STACK) && word(at + 4).is_some_and(|flags| flags & 1 != 0)
    })
}

/// HWCAP: the single-letter extensions that Linux reports there. XTheadVector counts as V only if `thead_as_v`.
fn hwcap(isa: &Isa, thead_as_v: bool) -> u64 {
    let letter = |name: &str| match name {
        "xtheadvector" if thead_as_v => Some(b'v'),
        "i" | "m" | "a" | "f" | "d" | "c" | "v" => Some(name.as_bytes()[0]),
        _ => None,
    };
    isa.extensions().filter_map(|e| letter(e.name())).fold(0, |bits, letter| bits | 1 << (letter - b'a'))
}

#[allow(clippy::too_many_arguments)]
/// Loads a program and, if it asks for one, its dynamic loader (`interpreter`), and sets the hart to its start.
pub(super) fn load(
    hart: &mut Hart,
    memory: &mut Memory,
    isa: &Isa,
    elf: &Elf,
    interpreter: Option<&Elf>,
    options: &LinuxOptions,
    process: &Process,
    random: &mut Random,
) -> Result<Layout, LoadError> {
    let limit = memory.limit();
    let stack_size = options.stack.max(LEAST_STACK).checked_next_multiple_of(PAGE_SIZE).unwrap_or(u64::MAX);
    let too_big = LoadError::Stack { stack: stack_size, limit };
    // The last page stays free: the address behind the stack is an address, too.
    let trampoline = limit.checked_sub(2 * PAGE_SIZE).ok_or(too_big.clone())?;
    let stack_top = trampoline - PAGE_SIZE.min(trampoline);
    let top = stack_top.checked_sub(stack_size.saturating_add(STACK_GAP)).filter(|&t| t > LOWEST).ok_or(too_big)?;
    let stack = stack_top - stack_size..stack_top;

    let bias = match elf.relocatable {
        true => page_down(limit / 3 * 2).saturating_sub(page_down(elf.span().start)),
        false => 0,
    };
    let name = String::from_utf8_lossy(&options.program_path).into_owned();
    let brk = page_up(map_segments(memory, elf, bias, &name, top)?).unwrap_or(top);
    let mut entry = elf.entry.wrapping_add(bias);
    let mut base = 0;
    if let Some(interp) = interpreter {
        let span = interp.span();
        let len = page_up(span.end).unwrap_or(u64::MAX).saturating_sub(page_down(span.start));
        let room = LoadError::Segment { start: span.start, end: span.end, low: LOWEST, limit: top };
        let at = memory.find_free(len, LOWEST..top).ok_or(room)?;
        base = if interp.relocatable { at.wrapping_sub(page_down(span.start)) } else { 0 };
        map_segments(memory, interp, base, elf.interpreter.as_deref().unwrap_or_default(), top)?;
        entry = interp.entry.wrapping_add(base);
    }

    let mut stack_prot = Prot::READ | Prot::WRITE;
    stack_prot.set(Prot::EXEC, executable_stack(elf));
    memory.map(stack.clone(), stack_prot, "[stack]")?;
    // li a7, 139 (rt_sigreturn); ecall
    memory.map(trampoline..trampoline + PAGE_SIZE, Prot::READ | Prot::EXEC, "[sigreturn]")?;
    let code: Vec<u8> = [0x08b0_0893_u32, 0x0000_0073].iter().flat_map(|w| w.to_le_bytes()).collect();
    memory.write(trampoline, &code).map_err(|_| LoadError::Stack { stack: stack_size, limit })?;

    let image = Image { bias, entry: elf.entry.wrapping_add(bias), base, phdr: elf.phdr, phnum: elf.phnum };
    let signal_stack = super::frame::largest(hart);
    let (sp, auxv) = write_stack(memory, isa, signal_stack, &stack, &image, options, process, random)?;
    hart.open_for_user();
    // Until the first vector instruction.
    hart.set_vs(Context::Off);
    hart.set_pc(entry);
    hart.set_x(2, sp);
    Ok(Layout { bias, brk, stack, trampoline, top, auxv })
}

/// What the auxiliary vector says of the program.
struct Image {
    bias: u64,
    entry: u64,
    base: u64,
    phdr: Option<u64>,
    phnum: u16,
}

#[allow(clippy::too_many_arguments)]
/// Writes arguments, environment and auxiliary vector; returns the stack pointer and the vector.
fn write_stack(
    memory: &mut Memory,
    isa: &Isa,
    signal_stack: u64,
    stack: &Range<u64>,
    image: &Image,
    options: &LinuxOptions,
    process: &Process,
    random: &mut Random,
) -> Result<(u64, Vec<u8>), LoadError> {
    let size = stack.end - stack.start;
    let argv0 = options.argv0.as_ref().unwrap_or(&options.program_path);
    let argv: Vec<&[u8]> = std::iter::once(argv0).chain(&options.args).map(Vec::as_slice).collect();
    let env: Vec<&[u8]> = options.env.iter().map(Vec::as_slice).collect();
    let lengths = argv.iter().chain(&env).map(|s| s.len()).chain([options.program_path.len()]);
    let needed = lengths.map(|len| len as u64 + 9).fold(512, u64::saturating_add);
    let refused = LoadError::Arguments { needed, stack: size };
    if needed > size / 4 {
        return Err(refused);
    }
    let mut at = stack.end - 8;
    let mut push = |bytes: &[u8], zero: bool| {
        at -= bytes.len() as u64 + zero as u64;
        memory.write(at, bytes).map(|()| at).map_err(|_| refused.clone())
    };
    // Strings end at the first zero, whatever the embedder put behind it.
    let text = |s: &[u8]| s.split(|&b| b == 0).next().unwrap_or_default().to_vec();
    let execfn = push(&text(&options.program_path), true)?;
    let mut place = |list: &[&[u8]]| -> Result<Vec<u64>, LoadError> {
        let mut out = list.iter().rev().map(|s| push(&text(s), true)).collect::<Result<Vec<_>, _>>()?;
        out.reverse();
        Ok(out)
    };
    let envp = place(&env)?;
    let argp = place(&argv)?;
    let mut seed = [0; 16];
    random.fill(&mut seed);
    let seed = push(&seed, false)?;
    let mut words = vec![argv.len() as u64];
    words.extend(argp);
    words.push(0);
    words.extend(envp);
    words.push(0);
    let first_aux = words.len();
    let aux = [
        (33, 0),            // AT_SYSINFO_EHDR: no vDSO
        (51, signal_stack), // AT_MINSIGSTKSZ
        (16, hwcap(isa, options.hwcap_v)),
        (6, PAGE_SIZE),
        (17, CLOCK_TICKS),
        (3, image.phdr.map_or(0, |p| p.wrapping_add(image.bias))),
        (4, 56),
        (5, image.phnum as u64),
        (7, image.base),
        (8, 0), // AT_FLAGS
        (9, image.entry),
        (11, process.uid),
        (12, process.uid),
        (13, process.gid),
        (14, process.gid),
        (23, 0), // AT_SECURE
        (25, seed),
        (26, 0), // AT_HWCAP2
        (31, execfn),
    ];
    for (key, value) in aux {
        // A program looks for a vDSO if the key is there at all, and takes AT_PHDR = 0 for an address.
        if value != 0 || !matches!(key, 33 | 3) {
            words.extend([key, value]);
        }
    }
    words.extend([0, 0]);
    let auxv = words[first_aux..].iter().flat_map(|w| w.to_le_bytes()).collect();
    let sp = (seed - 8 * words.len() as u64) & !15;
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    memory.write(sp, &bytes).map_err(|_| refused)?;
    Ok((sp, auxv))
}
