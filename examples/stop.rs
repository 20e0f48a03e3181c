//! Stops a machine from another thread, looks at it, and lets it go on.

mod common;

use common::bare;
use mellivora::machine::Stop;
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut machine = bare(&[
        0x0015_0513, // addi  a0, a0, 1      <-.
        0xffdf_f06f, // j     .-4             -'
    ])?;
    for _ in 0..3 {
        let handle = machine.stop_handle();
        let timer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            handle.stop();
        });
        assert_eq!(machine.run(u64::MAX), Stop::Stopped);
        timer.join().expect("it only sleeps");
        println!("a0 = {}, at {}", machine.hart().x(10), machine.place(machine.hart().pc()));
    }
    Ok(())
}
