//! Registers and memory: sets up the arguments of a function, calls it, and reads the result.

mod common;

use common::{CODE, bare};
use mellivora::isa::parse_x;
use mellivora::machine::Stop;
use mellivora::memory::Prot;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Sums a1 words at a0.
    let mut machine = bare(&[
        0x0000_0613, // li    a2, 0
        0x0005_2683, // lw    a3, 0(a0)      <-.
        0x00d6_0633, // add   a2, a2, a3       |
        0x0045_0513, // addi  a0, a0, 4        |
        0xfff5_8593, // addi  a1, a1, -1       |
        0xfe05_98e3, // bnez  a1, .-16        -'
        0x0006_0513, // mv    a0, a2
        0x0000_8067, // ret
    ])?;
    let (data, back) = (0x8000, 0x4000);
    machine.memory_mut().map(data..data + 0x1000, Prot::READ | Prot::WRITE, "data")?;
    for (n, value) in (0..).zip([10u32, 20, 30, 40]) {
        machine.memory_mut().write(data + 4 * n, &value.to_le_bytes())?;
    }
    // Registers go by number or by name.
    machine.hart_mut().set_x(10, data);
    machine.hart_mut().set_x(parse_x("a1").expect("a name of the ABI"), 4);
    machine.hart_mut().set_x(1, back);

    // Nothing is mapped at the return address: the function's end comes out as an access fault there.
    let Stop::Trap(trap) = machine.run(1000) else { panic!("the function returns") };
    assert_eq!(trap.pc, back);
    println!("sum = {}, after {} instructions from {CODE:#x}", machine.hart().x(10), machine.hart().instret());
    assert_eq!(machine.hart().x(10), 100);
    Ok(())
}
