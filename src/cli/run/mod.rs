//! `mellivora run`: runs a program and ends as it does.

mod end;
mod log;
mod matrix;
mod matrix_dump;
pub mod plusargs;
mod registers;
mod vector;

use super::file::{self, write};
use super::stats::Stats;
use super::{Failure, cpu, host, size};
use clap::{Args, ValueEnum};
use mellivora::elf::Elf;
use mellivora::env::{self, BareError, BareOptions, Files, Kind, LinuxOptions, LoadError, Streams};
use mellivora::hart::{Clock, HartConfig, MatrixConfig, MatrixVersion};
use mellivora::inspect::{Claims, Report, Vectors};
use mellivora::isa::{Cpu, Extension, Isa};
use mellivora::machine::{Config, Machine};
use mellivora::memory::MAX_LIMIT;
use mellivora::observe::{Counts, Retired};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Run a program
#[derive(Args)]
pub struct Run {
    /// Extensions of the machine, such as rv64gc_zba or rva22u64 (default: all that exclude no other)
    #[arg(long, value_name = "STRING", value_parser = super::isa_string)]
    isa: Option<Isa>,
    /// The machine's core by name instead, such as c908v or max,zba=false; `help` lists them
    #[arg(long, value_name = "NAME", value_parser = cpu::parse)]
    cpu: Option<Cpu>,
    /// What surrounds the program; `auto` tells by the file
    #[arg(long, value_enum, default_value_t = Env::Auto)]
    env: Env,
    /// Size of RAM (bare) or of the address space (linux), with K, M or G
    #[arg(long, value_name = "SIZE", value_parser = size::size)]
    memory: Option<u64>,
    /// Size of the stack of a Linux program, with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "8M", value_parser = size::size)]
    stack: u64,
    /// Stop with status 124 after so many instructions
    #[arg(long, value_name = "N", value_parser = size::count)]
    max_insns: Option<u64>,
    /// Tell what the run took, on standard error or as JSON in a file
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    stats: Option<Option<PathBuf>>,
    /// With --stats, also count instructions by class, bytes moved and multiply-accumulates; the program then runs one
    /// instruction at a time, many times slower
    #[arg(long)]
    stats_classes: bool,
    /// Log each retired instruction as Spike does, to a file or to standard error
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    log_commits: Option<Option<PathBuf>>,
    /// Write the memory between the symbols begin_signature and end_signature to a file
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Bytes in each line of the signature
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=4096))]
    signature_granularity: u64,
    /// Print all registers at the end
    #[arg(long)]
    dump_regs: bool,
    /// Print the matrix registers at the end, as TYPE, [REGISTERS=]TYPE[,...] or all: i4, u4, i8 ... u64, f16, bf16, f32, f64,
    /// e4m3, e5m2, hex4 ... hex64, as tr=i8,acc=i32 or m2=f16; of registers beyond 1 KiB only what the sizes cover, without `all`
    #[arg(long, value_name = "TYPES", value_parser = matrix_dump::parse)]
    dump_matrix: Option<matrix_dump::Dump>,
    /// A directory with a RISC-V system: dynamic loader and libraries
    #[arg(long, value_name = "DIR")]
    sysroot: Option<PathBuf>,
    /// Show the program this directory as / and nothing outside of it
    #[arg(long, value_name = "DIR", conflicts_with = "no_host_fs")]
    root: Option<PathBuf>,
    /// Let the program reach no files at all
    #[arg(long)]
    no_host_fs: bool,
    /// Guest time from retired instructions, the same in every run, or from the host
    #[arg(long, value_enum, default_value_t = ClockKind::Virtual)]
    clock: ClockKind,
    /// A variable of the program's environment, which is empty otherwise; without `=VALUE` the host's
    #[arg(long, value_name = "NAME=VALUE", action = clap::ArgAction::Append)]
    setenv: Vec<OsString>,
    /// The program's argv[0] (default: the path as given)
    #[arg(long, value_name = "STRING")]
    argv0: Option<OsString>,
    /// What the guest's random numbers are made from
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    vector: vector::Vector,
    /// The matrix unit: VERSION[,KEY=VALUE...], as 0.6,tlen=8192,trlen=512,elen=32 or 0.3,rlen=256; also accumulation=vendor|
    /// chain|exact, undefined=on, long=on (0.6), bf16=on (0.3), xmisa=NUMBER, storage=BYTES (default: as --isa or --cpu says,
    /// with 0.6 TLEN 512, TRLEN 128, ELEN 32, with 0.3 RLEN 128)
    #[arg(long, value_name = "UNIT", value_parser = matrix::parse)]
    matrix: Option<matrix::Matrix>,
    /// Tell how the program is run, and of system calls that do not exist here
    #[arg(short, long)]
    verbose: bool,
    /// The program
    #[arg(value_name = "ELF")]
    elf: PathBuf,
    /// The program's arguments, as they are
    #[arg(value_name = "ARGS")]
    args: Vec<OsString>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Env {
    Auto,
    Linux,
    Bare,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockKind {
    Virtual,
    Host,
}

impl Run {
    pub fn run(mut self) -> Result<u8, Failure> {
        let path = self.elf.clone();
        let elf = Elf::parse(file::read(&path)?).map_err(|e| file::bad(&path, e))?;
        let (kind, why) = match self.env {
            Env::Auto => env::detect(&elf),
            Env::Linux => (Kind::Linux, "--env says so"),
            Env::Bare => (Kind::Bare, "--env says so"),
        };
        let environment = match kind {
            Kind::Linux => "linux",
            Kind::Bare => "bare",
        };
        let isa = match (cpu::chosen(self.isa, self.cpu.as_ref())?, &self.matrix) {
            (Some(isa), Some(matrix)) => matrix.join(isa)?,
            (Some(isa), None) => isa,
            (None, _) => self.default_isa(Claims::of(&elf)),
        };
        let clock = match self.clock {
            ClockKind::Virtual => Clock::virtual_time(),
            ClockKind::Host => Clock::host(),
        };
        let mut hart = self.cpu.as_ref().map_or_else(|| HartConfig::for_isa(&isa), HartConfig::for_cpu);
        if self.matrix.is_some() {
            hart.matrix = MatrixConfig::for_isa(&isa);
        }
        self.vector.apply(&isa, self.cpu.is_some(), &mut hart.vector)?;
        matrix::apply(self.matrix.as_ref(), &isa, &mut hart.matrix, hart.vector.simd)?;
        if self.dump_matrix.is_some() && hart.matrix.tlen == 0 {
            return Err(Failure::own("--dump-matrix: the machine has no matrix unit; --matrix makes one"));
        }
        let bare = BareOptions {
            memory: self.memory.unwrap_or(BareOptions::default().memory),
            args: std::iter::once(&path.clone().into_os_string()).chain(&self.args).map(lossy).collect(),
            streams: Streams::host(),
            files: self.files(),
            ..BareOptions::default()
        };
        let limit = match kind {
            Kind::Linux => self.memory.unwrap_or(MAX_LIMIT),
            Kind::Bare => bare.limit(&elf).map_err(|e| bare_failure(&path, &e))?,
        };
        if limit > MAX_LIMIT {
            return Err(Failure::own(format!("--memory: guest addresses end at {MAX_LIMIT:#x} (256G)")));
        }
        let machine = Machine::new(Config { isa, hart, limit, clock });
        let mut machine = machine.map_err(|e| Failure::own(format!("--memory: {e}")))?;
        if let Some(notice) = self.cpu.as_ref().and_then(cpu::notice) {
            eprintln!("mellivora: {notice}");
        }
        if let Some(note) = other_vectors(&elf, &isa) {
            eprintln!("mellivora: {}: {note}", path.display());
        }
        if self.verbose {
            eprintln!("mellivora: {}: environment {environment}, because {why}", path.display());
            eprintln!("mellivora: ISA {isa}");
            let unit = machine.config().hart.vector;
            if unit.vlen != 0 {
                eprintln!("mellivora: vectors: VLEN {}, ELEN {}, host SIMD {}", unit.vlen, unit.elen, unit.simd);
            }
            let unit = machine.config().hart.matrix;
            match unit.version {
                _ if unit.tlen == 0 => {}
                MatrixVersion::V0p3 => eprintln!("mellivora: matrices: version 0.3, RLEN {}", unit.trlen),
                MatrixVersion::V0p6 => eprintln!(
                    "mellivora: matrices: version 0.6, TLEN {}, TRLEN {}, ELEN {}",
                    unit.tlen, unit.trlen, unit.elen
                ),
            }
        }
        match kind {
            Kind::Linux => self.boot_linux(&mut machine, &elf)?,
            Kind::Bare => machine.boot_bare(&elf, bare).map_err(|e| bare_failure(&path, &e))?,
        }
        let counts = self.stats_classes.then(|| Arc::new(Mutex::new(Counts::default())));
        let counting = counts.clone();
        let count = move |retired: &Retired<'_>| {
            if let Some(counts) = &counting {
                counts.lock().unwrap_or_else(PoisonError::into_inner).record(retired);
            }
        };
        let log = match &self.log_commits {
            Some(to) => Some(log::start(&mut machine, to.as_deref(), count)?),
            None => {
                if counts.is_some() {
                    machine.on_retire(count);
                }
                None
            }
        };
        host::on_interrupt(machine.stop_handle());

        let start = Instant::now();
        let stop = machine.run(self.max_insns.unwrap_or(u64::MAX));
        let (wall, cpu) = (start.elapsed(), host::cpu_seconds());

        log.map_or(Ok(()), log::Log::finish)?;
        let end = end::report(&machine, &stop);
        let (expected, why) = env::detect(&elf);
        if end.fault && expected != kind {
            let name = if expected == Kind::Linux { "linux" } else { "bare" };
            eprintln!("  was it meant for --env {name}? {why}");
        }
        if let Some(to) = &self.signature {
            let text = machine.signature(self.signature_granularity as usize);
            let missing =
                || Failure::own("--signature: the program has no memory between begin_signature and end_signature");
            write(to, text.ok_or_else(missing)?.as_bytes(), "the signature")?;
        }
        if self.dump_regs {
            eprint!("{}", registers::dump(&machine, &self.dump_matrix.unwrap_or_default()));
        } else if let Some(matrices) = &self.dump_matrix {
            eprint!("{}", matrix_dump::text(machine.hart(), matrices));
        }
        if self.stats.is_some() || self.stats_classes {
            let to = self.stats.take().flatten();
            let stats = Stats {
                program: path.display().to_string(),
                environment,
                isa: isa.to_string(),
                model: self.cpu.as_ref().map(|c| c.model().name),
                instructions: machine.hart().instret(),
                wall,
                cpu,
                end: end.name,
                status: end.status,
                counts: counts.map(|c| c.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            };
            stats.report(to.as_deref())?;
        }
        Ok(end.status)
    }

    /// The machine's extensions where the user names none: of what excludes each other, that which the file was built for.
    fn default_isa(&self, claims: Option<Claims>) -> Isa {
        let isa = self.vector.default_isa();
        let vectors = claims.as_ref().and_then(|c| c.other_vectors(&isa));
        let isa = match vectors {
            Some(Vectors::Thead) => Isa::base().with(Extension::Xtheadvector).with_all(),
            _ => isa,
        };
        let claimed = claims.map_or(Isa::base(), |c| c.isa);
        let matrix = match (&self.matrix, MatrixVersion::of(&claimed)) {
            (Some(asked), _) => asked.extension(),
            (None, Some(MatrixVersion::V0p3)) => Extension::Xtheadmatrix0p3,
            _ => return isa,
        };
        isa.without(Extension::Xtheadmatrix0p6).with(matrix)
    }

    fn boot_linux(&mut self, machine: &mut Machine, elf: &Elf) -> Result<(), Failure> {
        let path = std::path::absolute(&self.elf).unwrap_or_else(|_| self.elf.clone());
        let argv0 = self.argv0.take().unwrap_or_else(|| self.elf.clone().into_os_string());
        let options = LinuxOptions {
            args: std::mem::take(&mut self.args).into_iter().map(OsString::into_encoded_bytes).collect(),
            argv0: Some(argv0.into_encoded_bytes()),
            env: self.variables(),
            stack: self.stack,
            files: self.files(),
            streams: Streams::host(),
            seed: self.seed,
            sysroot: self.sysroot.clone(),
            preserve_vector: self.vector.preserve_vector,
            hwcap_v: self.vector.hwcap_v,
            verbose: self.verbose,
            program_path: path.into_os_string().into_encoded_bytes(),
        };
        machine.boot_linux(elf, options).map_err(|e| Failure::own(format!("{}: {e}{}", self.elf.display(), advice(&e))))
    }

    /// The host's files that the program can reach.
    fn files(&self) -> Files {
        match (&self.root, self.no_host_fs) {
            (Some(dir), _) => Files::Root(dir.clone()),
            (None, true) => Files::Deny,
            (None, false) => Files::Host,
        }
    }

    /// The program's environment variables.
    fn variables(&self) -> Vec<Vec<u8>> {
        let given = |v: &OsString| {
            let bytes = v.clone().into_encoded_bytes();
            if bytes.contains(&b'=') {
                return Some(bytes);
            }
            let value = std::env::var_os(v)?.into_encoded_bytes();
            Some([bytes, b"=".to_vec(), value].concat())
        };
        self.setenv.iter().filter_map(given).collect()
    }
}

fn lossy(s: &OsString) -> String {
    s.to_string_lossy().into_owned()
}

fn bare_failure(path: &Path, e: &BareError) -> Failure {
    Failure::own(format!("{}: {e}", path.display()))
}

/// What has to be said before a program runs that was built for other vectors than the machine has: many instructions exist in
/// both versions, so that it may do something else instead of stopping.
fn other_vectors(elf: &Elf, isa: &Isa) -> Option<String> {
    let there = Claims::of(elf)?.other_vectors(isa)?;
    let (option, value) = Report::of(elf).machine.option();
    Some(format!("built for vectors of {}, which this machine does not have; try {option} {value}", there.name()))
}

/// Which option helps against an error of loading.
fn advice(e: &LoadError) -> String {
    match e {
        LoadError::Interpreter { path, .. } => {
            // Where Debian and others put the libraries for cross-compilers.
            let usual = ["/usr/riscv64-linux-gnu", "/usr/riscv64-linux-musl", "/"].map(Path::new);
            let found = usual.iter().find(|d| d.join(path.trim_start_matches('/')).exists());
            match found {
                Some(d) => format!("\n  try: --sysroot {}", d.display()),
                None => "\n  try: --sysroot DIR, or link the program with -static".to_owned(),
            }
        }
        LoadError::Arguments { .. } => "\n  try: a larger --stack".to_owned(),
        LoadError::Stack { .. } => "\n  try: a smaller --stack, or without --memory".to_owned(),
        LoadError::Segment { .. } => "\n  try: a larger --memory, or none".to_owned(),
        _ => String::new(),
    }
}
