use mellivora::{elf::Elf, hart::*, isa::Isa, machine::*, memory::Prot};
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let elf = Elf::parse(std::fs::read(&path).unwrap()).unwrap();
    let mut m = Machine::new(Config {
        isa: Isa::all(),
        hart: Default::default(),
        limit: 1 << 32,
        clock: Clock::virtual_time(),
    })
    .unwrap();
    for s in &elf.segments {
        let (a, e) = (s.range.start & !0xfff, s.range.end.next_multiple_of(4096));
        if m.memory().region_at(a).is_none() {
            m.memory_mut().map(a..e, Prot::READ | Prot::WRITE | s.prot, "seg").unwrap();
        } else {
            m.memory_mut().map(a + 4096..e, Prot::READ | Prot::WRITE | s.prot, "seg").unwrap();
            m.memory_mut().protect(a..a + 4096, Prot::all()).unwrap();
        }
        m.memory_mut().write(s.range.start, &elf.bytes[s.data.clone()]).unwrap();
    }
    let top = 0xf000_0000u64;
    m.memory_mut().map(top - (8 << 20)..top, Prot::READ | Prot::WRITE, "stack").unwrap();
    let h = m.hart_mut();
    h.set_pc(elf.entry);
    h.set_x(2, top - 4096);
    h.set_fs(Context::Dirty);
    h.set_privilege(Privilege::User);
    // argc=1, argv0
    m.memory_mut().write(top - 4096, &1u64.to_le_bytes()).unwrap();
    m.memory_mut().write(top - 4088, &(top - 256).to_le_bytes()).unwrap();
    m.on_ecall(|v| {
        let n = v.hart.x(17);
        match n {
            93 | 94 => Ecall::Exit(v.hart.x(10) as i32),
            64 => {
                use std::io::Write;
                let b = v.memory.slice(v.hart.x(11), v.hart.x(12)).unwrap();
                std::io::stdout().write_all(b).unwrap();
                let k = v.hart.x(12);
                v.hart.set_x(10, k);
                Ecall::Done
            }
            _ => {
                eprintln!("syscall {n}");
                v.hart.set_x(10, -38i64 as u64);
                Ecall::Done
            }
        }
    });
    let t = std::time::Instant::now();
    let n = std::env::args().nth(2).map_or(u64::MAX / 2, |s| s.parse().unwrap()); let r = m.run(n);
    let s = t.elapsed().as_secs_f64();
    eprintln!("{r:x?} {} insns {:.3}s {:.0} MIPS", m.hart().instret(), s, m.hart().instret() as f64 / s / 1e6);
}
