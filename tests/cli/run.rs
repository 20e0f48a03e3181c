//! `mellivora run`: statuses, options, streams.

use super::*;
use std::io::Read;

fn status(line: &[&str]) -> i32 {
    mellivora(line).status.code().unwrap()
}

#[test]
fn the_status_is_the_guests_or_says_what_ended_it() {
    let suite = here("testprogs/linux/suite.elf");
    assert_eq!(status(&["run", &here("testprogs/linux/hello.elf")]), 0);
    assert_eq!(status(&["run", &suite, "die", "exit", "5"]), 5);
    assert_eq!(status(&["run", &here("testprogs/bare/fail.elf")]), 3);
    assert_eq!(status(&["run", &suite, "die", "segv"]), 128 + 11);
    assert_eq!(status(&["run", &suite, "die", "illegal"]), 128 + 4);
    assert_eq!(status(&["run", "--max-insns", "1000", &here("testprogs/bench/sort.elf")]), 124);
    assert_eq!(status(&["run", "no-such-file"]), 125);
    assert_eq!(status(&["run"]), 2);
    assert_eq!(status(&["run", "--memory", "much", "x"]), 2);
    assert_eq!(status(&["run", "--isa", "rv64gc_zbaa", "x"]), 2);
}

#[test]
fn arguments_behind_the_program_are_the_programs() {
    let out = mellivora(&[
        "run",
        "--setenv",
        "GUEST_A=one",
        "--setenv=GUEST_B=",
        "--argv0",
        "testprogs/linux/suite.elf",
        &here("testprogs/linux/suite.elf"),
        "args",
        "one",
        "",
        "--three=3",
        "-v",
    ]);
    let expected = std::fs::read(here("testprogs/expected/args.stdout")).unwrap();
    assert_eq!(text(&out.stdout), text(&expected));
    let pie = here("testprogs/linux/pie.elf");
    let out = text(&mellivora(&["run", &pie, "--max-insns", "1", "--help", "--", "+signature=x"]).stdout);
    for argument in ["--max-insns", "1", "--help", "--", "+signature=x"] {
        assert!(out.contains(&format!("argument '{argument}'\n")), "{out}");
    }
}

#[test]
fn statistics_are_one_json_object() {
    let path = scratch("stats").join("run.json");
    let option = format!("--stats={}", path.display());
    assert_eq!(status(&["run", &option, &here("testprogs/linux/tiny.elf")]), 0);
    let json = std::fs::read_to_string(path).unwrap();
    for part in
        ["\"format\": 1,", "\"instructions\": 10,", "\"end\": \"exit\"", "\"environment\": \"linux\"", "\"status\": 0"]
    {
        assert!(json.contains(part), "{json}");
    }
    assert!(json.starts_with("{\n") && json.ends_with("\n}\n") && !json.contains(",\n}"));
    let (_, told) = fails(&["run", "--stats", &here("testprogs/linux/tiny.elf")]);
    assert!(
        told.starts_with("instructions  10\n") && told.contains("says nothing about time on a RISC-V chip"),
        "{told}"
    );
}

#[test]
fn registers_are_dumped_at_the_end() {
    let (_, told) = fails(&["run", "--dump-regs", &here("testprogs/linux/tiny.elf")]);
    assert!(told.starts_with("pc   0000000000010106\n"), "{told}");
    assert!(told.contains("x17 a7   000000000000005d") && told.contains("f31 ft11") && told.contains("misa"), "{told}");
}

#[test]
fn signatures_are_written_by_option_or_plusarg() {
    let (pass, dir) = (here("testprogs/bare/pass.elf"), scratch("signature"));
    let (a, b) = (dir.join("a"), dir.join("b"));
    let (plus, option) = (format!("+signature={}", a.display()), b.to_string_lossy().into_owned());
    assert_eq!(status(&["run", &plus, "+signature-granularity=4", &pass]), 0);
    assert_eq!(status(&["run", "--signature", &option, "--signature-granularity", "4", &pass]), 0);
    let written = std::fs::read_to_string(a).unwrap();
    assert_eq!(written, std::fs::read_to_string(b).unwrap());
    assert!(written.lines().count() > 1 && written.lines().all(|l| l.len() == 8), "{written}");
    let (status, told) = fails(&["run", "--signature", &option, &here("testprogs/linux/tiny.elf")]);
    assert_eq!(status, 125);
    assert!(told.contains("no memory between begin_signature and end_signature"), "{told}");
}

#[test]
fn commits_are_logged_to_a_file_or_standard_error() {
    let (tiny, path) = (here("testprogs/linux/tiny.elf"), scratch("log").join("commits"));
    let option = format!("--log-commits={}", path.display());
    assert_eq!(status(&["run", &option, &tiny]), 0);
    let log = std::fs::read_to_string(path).unwrap();
    assert!(log.starts_with("core   0: 0 0x00000000000100e8 (0x4505) x10 0x0000000000000001\n"), "{log}");
    let (_, told) = fails(&["run", "--log-commits", &tiny]);
    assert_eq!(told, log);
    #[cfg(target_os = "linux")]
    {
        let (status, told) = fails(&["run", "--log-commits=/dev/full", &here("testprogs/bench/sort.elf"), "1"]);
        assert_eq!(status, 125);
        assert!(told.starts_with("mellivora: cannot write the log: "), "{told}");
    }
}

#[test]
fn output_is_complete_when_the_program_dies() {
    let out = mellivora(&["run", &here("testprogs/linux/suite.elf"), "die", "segv"]);
    assert_eq!(out.stdout, std::fs::read(here("testprogs/expected/die-segv.stdout")).unwrap());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [vec!["isa", "all"], vec!["disasm", &here("testprogs/linux/hello.elf")]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mellivora"));
        let mut child = command.args(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let out = child.wait_with_output().unwrap();
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()), "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_the_machine_and_tells_where() {
    // `j .`
    let path = program("spin", &[0x0000_006f]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_mellivora"));
    let child = command.args(["run", &path]).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(130));
    assert!(text(&out.stderr).starts_with("mellivora: interrupted after "), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains(&format!("at {START:#x}")), "{}", text(&out.stderr));
}

#[test]
fn the_environment_is_told_by_the_file() {
    use mellivora::elf::Elf;
    use mellivora::env::{Kind, detect};
    let kind = |path: &str| detect(&Elf::parse(std::fs::read(here(path)).unwrap()).unwrap());
    assert_eq!(kind("testprogs/linux/dynamic.elf"), (Kind::Linux, "it asks for a dynamic loader"));
    assert_eq!(kind("testprogs/linux/hello.elf"), (Kind::Linux, "it has a note for Linux"));
    assert_eq!(kind("testprogs/linux/pie.elf"), (Kind::Linux, "it has a note for Linux"));
    assert_eq!(kind("testprogs/bare/pass.elf"), (Kind::Bare, "it has the symbol tohost"));
    assert_eq!(kind("testprogs/bare/semihost.elf"), (Kind::Bare, "its entry point lies at or above 0x80000000"));
    assert_eq!(kind("testprogs/linux/tiny.elf"), (Kind::Linux, "nothing speaks for bare metal"));
    let code = |words: &[u32]| {
        let mut bytes = file(0x1000, &[Ph::load(R | X, 0, 0x1000 - 120, 0x200, 0x200)], 120);
        words.iter().for_each(|w| bytes.extend(w.to_le_bytes()));
        bytes.resize(0x200, 0);
        detect(&Elf::parse(bytes).unwrap())
    };
    assert_eq!(code(&[0x13, 0x01f0_1013, 0x0010_0073, 0x4070_5013]), (Kind::Bare, "it contains a semihosting call"));
    assert_eq!(code(&[0x13, 0x0010_0073, 0x4070_5013]), (Kind::Linux, "nothing speaks for bare metal"));
}
