//! Exactly so many instructions, then one by one with their text.

mod common;

use common::bare;
use mellivora::isa::{Decoder, DisasmOptions, disassemble};
use mellivora::machine::Stop;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut machine = bare(&[
        0x0015_0513, // addi  a0, a0, 1      <-.
        0xffdf_f06f, // j     .-4             -'
    ])?;
    // `run` stops behind exactly as many instructions as asked for, in the middle of a loop or of a block of code.
    assert_eq!(machine.run(1_000_001), Stop::Budget);
    assert_eq!(machine.hart().instret(), 1_000_001);
    assert_eq!(machine.hart().x(10), 500_001);

    let decoder = Decoder::new(&machine.config().isa);
    for _ in 0..4 {
        let pc = machine.hart().pc();
        let mut word = [0; 4];
        machine.memory().read(pc, &mut word)?;
        let insn = decoder.decode(u32::from_le_bytes(word)).expect("these are instructions");
        assert_eq!(machine.step(), Stop::Budget);
        println!("{pc:#x}: {}\t# a0 = {}", disassemble(&insn, pc, DisasmOptions::default()), machine.hart().x(10));
    }
    Ok(())
}
