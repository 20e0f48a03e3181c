//! Vectors: chooses a vector unit, sets elements of registers, runs instructions, reads elements and the configuration.

use mellivora::hart::Context;
use mellivora::isa::Isa;
use mellivora::machine::{Config, Machine, Stop};
use mellivora::memory::Prot;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let code: u64 = 0x1000;
    let program: [u32; 3] = [
        0x0d15_72d7, // vsetvli   t0, a0, e32, m2, ta, ma
        0xb285_5657, // vfmacc.vf v12, fa0, v8
        0x0010_0073, // ebreak
    ];
    let config = Config::for_isa(Isa::parse("rv64gcv")?).with_vector(|unit| unit.vlen = 256);
    let mut machine = Machine::new(config)?;
    machine.memory_mut().map(code..code + 0x1000, Prot::READ | Prot::EXEC, "code")?;
    for (n, word) in (0..).zip(program) {
        machine.memory_mut().write(code + 4 * n, &word.to_le_bytes())?;
    }

    let hart = machine.hart_mut();
    hart.set_pc(code);
    // At reset both are off.
    hart.set_fs(Context::Dirty);
    hart.set_vs(Context::Dirty);
    hart.set_x(10, 12);
    hart.set_f(10, 0xffff_ffff_0000_0000 | u64::from(2.0_f32.to_bits()));
    for i in 0..12 {
        // Two registers are a group of sixteen elements.
        assert!(hart.set_v_element(8, i, i as f32) && hart.set_v_element(12, i, 0.5_f32));
    }

    let Stop::Trap(_) = machine.run(1000) else { panic!("the program ends with ebreak") };
    let hart = machine.hart();
    println!("vl = {}, vtype = {}", hart.vl(), hart.vtype());
    println!("v12.. = {:?}", (0..12).filter_map(|i| hart.v_element::<f32>(12, i)).collect::<Vec<_>>());
    println!("v13   = {:02x?}", hart.v(13));
    assert_eq!(hart.v_element(12, 11), Some(2.0 * 11.0 + 0.5_f32));
    assert_eq!(hart.vl(), 12);
    Ok(())
}
