#![doc = include_str!("schema.md")]

use super::{permissions, segment_name};
use crate::cli::json::Json;
use mellivora::elf::Elf;
use mellivora::env;
use mellivora::inspect::{Claims, Code, Evidence, MatrixUse, Report, Site, Source, VectorUse, Vectors};

/// Counts up when a key changes its meaning or goes.
const FORMAT: u64 = 1;

/// The whole report.
pub fn json(name: &str, elf: &Elf, report: &Report, command: Option<&[String]>) -> Json {
    let environment = report.environment.map(|(kind, _)| match kind {
        env::Kind::Linux => "linux",
        env::Kind::Bare => "bare",
    });
    Json::Object(vec![
        ("format", Json::Number(FORMAT)),
        ("mellivora", Json::text(env!("CARGO_PKG_VERSION"))),
        ("file", Json::text(name)),
        ("kind", Json::text(kind(report))),
        ("environment", Json::maybe(environment, Json::text)),
        ("loader", Json::maybe(elf.interpreter.as_deref(), Json::text)),
        ("entry", Json::hex(elf.entry)),
        ("abi", abi(report)),
        ("segments", segments(elf)),
        ("claims", Json::maybe(report.claims.as_ref(), claims)),
        ("code", code(&report.code)),
        ("vectors", vectors(&report.vectors)),
        ("matrices", matrices(&report.matrices)),
        ("isa", Json::text(report.machine.isa.short())),
        ("cpu", Json::maybe(report.machine.cpu, Json::text)),
        ("missing", Json::list(&report.machine.missing, Json::text)),
        ("command", Json::maybe(command, |words| Json::list(words, Json::text))),
    ])
}

fn kind(report: &Report) -> &'static str {
    use mellivora::inspect::Kind;
    match report.kind {
        Kind::Static => "static",
        Kind::StaticPie => "static-pie",
        Kind::Dynamic => "dynamic",
        Kind::Library => "library",
        Kind::Object => "object",
        Kind::Core => "core",
        Kind::Other => "other",
    }
}

fn abi(report: &Report) -> Json {
    let abi = &report.abi;
    Json::Object(vec![
        ("name", Json::text(abi.name())),
        ("flags", Json::hex(abi.flags.into())),
        ("float_bits", Json::Number(abi.float.into())),
        ("compressed", Json::Bool(abi.compressed)),
        ("embedded", Json::Bool(abi.embedded)),
        ("tso", Json::Bool(abi.tso)),
    ])
}

fn segments(elf: &Elf) -> Json {
    Json::list(elf.program_headers(), |p| {
        Json::Object(vec![
            ("type", Json::text(segment_name(p.kind).map_or(format!("{:#x}", p.kind), str::to_owned))),
            ("permissions", Json::text(permissions(p.flags))),
            ("offset", Json::hex(p.offset)),
            ("address", Json::hex(p.addr)),
            ("file_size", Json::Number(p.file_size)),
            ("memory_size", Json::Number(p.memory_size)),
        ])
    })
}

fn version_name(version: Vectors) -> Json {
    Json::text(if version == Vectors::V1 { "1.0" } else { "0.7.1" })
}

fn claims(claims: &Claims) -> Json {
    let extensions = Json::list(&claims.extensions, |c| {
        let version = c.version.map(|(major, minor)| format!("{major}.{minor}"));
        Json::Object(vec![
            ("name", Json::text(&c.name)),
            ("version", Json::maybe(version, Json::text)),
            ("status", Json::text(c.status.name())),
        ])
    });
    Json::Object(vec![
        ("arch", Json::text(&claims.arch)),
        ("extensions", extensions),
        ("vectors", Json::maybe(claims.vectors, version_name)),
        ("matrix", Json::maybe(claims.matrix.as_deref(), Json::text)),
    ])
}

fn site(site: &Site) -> Json {
    let function = site.function.as_ref();
    Json::Object(vec![
        ("address", Json::hex(site.addr)),
        ("word", Json::hex(site.word.into())),
        ("text", Json::text(&site.text)),
        ("function", Json::maybe(function, |f| Json::text(&f.0))),
        ("offset", Json::maybe(function, |f| Json::Number(f.1))),
    ])
}

fn code(code: &Code) -> Json {
    let source = if code.source == Source::Sections { "sections" } else { "segments" };
    let extensions = Json::list(&code.extensions, |u| {
        Json::Object(vec![
            ("name", Json::text(u.extension.name())),
            ("instructions", Json::Number(u.count)),
            ("first", site(&u.first)),
        ])
    });
    let unknown = Json::list(&code.unknown, |u| {
        Json::Object(vec![("space", Json::text(u.space)), ("words", Json::Number(u.count)), ("first", site(&u.first))])
    });
    Json::Object(vec![
        ("source", Json::text(source)),
        ("bytes", Json::Number(code.bytes)),
        ("data_bytes", Json::Number(code.data)),
        ("instructions", Json::Number(code.instructions)),
        ("extensions", extensions),
        ("unknown", unknown),
    ])
}

fn vectors(v: &VectorUse) -> Json {
    Json::Object(vec![
        ("version", Json::maybe(v.version, version_name)),
        ("basis", Json::maybe(v.basis, |b| Json::text(b.name()))),
        ("only_v1", evidence(&v.v1)),
        ("only_thead", evidence(&v.thead)),
        ("shared", Json::Number(v.shared)),
    ])
}

fn matrices(m: &MatrixUse) -> Json {
    Json::Object(vec![
        ("version", Json::maybe(m.version.as_deref(), Json::text)),
        ("basis", Json::maybe(m.basis, |b| Json::text(b.name()))),
        ("words", Json::Number(m.words)),
        ("only_v03", Json::Number(m.only_v03)),
        ("only_v06", Json::Number(m.only_v06)),
    ])
}

fn evidence(e: &Evidence) -> Json {
    Json::Object(vec![
        ("instructions", Json::Number(e.instructions)),
        ("vtypes", Json::Number(e.vtypes)),
        ("widths", Json::Number(e.widths)),
        ("marked", Json::Number(e.marked)),
        ("examples", Json::list(&e.examples, site)),
    ])
}
