//! Many machines at once: each on a thread of its own, sharing nothing.

use mellivora::elf::Elf;
use mellivora::env::{LinuxOptions, Streams};
use mellivora::machine::{Config, Machine, Stop};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let elf = Elf::parse(std::fs::read("testprogs/linux/pie.elf")?)?;
    let outputs = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n: u32| {
                let elf = &elf;
                scope.spawn(move || {
                    let (streams, output, _) = Streams::capture(*b"");
                    let args = vec![n.to_string().into_bytes()];
                    let mut machine = Machine::new(Config::default()).map_err(|e| e.to_string())?;
                    machine
                        .boot_linux(elf, LinuxOptions { args, streams, ..LinuxOptions::default() })
                        .map_err(|e| e.to_string())?;
                    match machine.run(u64::MAX) {
                        Stop::Exited(0) => Ok(output.text()),
                        stop => Err(format!("{stop:?}")),
                    }
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().expect("machines do not panic")).collect::<Result<Vec<_>, String>>()
    })?;
    for (n, output) in outputs.iter().enumerate() {
        assert!(output.ends_with(&format!("argument '{n}'\n")), "{output}");
    }
    println!("{} programs ran side by side; the last says:\n{}", outputs.len(), outputs[7]);
    Ok(())
}
