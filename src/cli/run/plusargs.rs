//! Where the options end and the guest's own arguments begin; and Spike's `+name=value` arguments, which test frameworks
//! pass, as the options that they mean.

use clap::CommandFactory;
use std::ffi::OsString;

/// Which of Spike's plusargs are known.
const KNOWN: &[&str] = &["signature", "signature-granularity"];

/// Rewrites `+signature=FILE` and its like before the ELF as `--signature=FILE`, and puts a `--` before the ELF: what
/// stands behind it belongs to the guest, whatever it looks like.
pub fn rewrite(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.into_iter().collect();
    if args.get(1).is_none_or(|a| a != "run") {
        return args;
    }
    let command = crate::cli::Cli::command();
    let options: Vec<_> = command.find_subcommand("run").map(|c| c.get_arguments().collect()).unwrap_or_default();
    let takes_value = |name: &str| {
        options.iter().any(|a| {
            let named = name.strip_prefix("--").is_some_and(|n| a.get_long() == Some(n));
            named && a.get_action().takes_values() && !a.is_require_equals_set()
        })
    };
    let mut at = 2;
    while let Some(text) = args.get(at).map(|a| a.to_string_lossy().into_owned()) {
        if text == "--" {
            break;
        } else if let Some(plus) = text.strip_prefix('+') {
            let name = plus.split('=').next().unwrap_or_default();
            if !KNOWN.contains(&name) {
                break;
            }
            args[at] = format!("--{plus}").into();
        } else if !text.starts_with('-') {
            args.insert(at, "--".into());
            break;
        } else if takes_value(&text) {
            at += 1;
        }
        at += 1;
    }
    args
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    fn of(line: &str) -> String {
        let out = rewrite(line.split(' ').map(Into::into));
        out.iter().map(|a| a.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn plusargs_before_the_program_become_options() {
        assert_eq!(
            of("m run --isa rv64gc +signature=s +signature-granularity=4 a.elf +signature=x"),
            "m run --isa rv64gc --signature=s --signature-granularity=4 -- a.elf +signature=x"
        );
        assert_eq!(of("m run --stats +signature=s -v a"), "m run --stats --signature=s -v -- a");
        assert_eq!(of("m run +other=1 a"), "m run +other=1 a");
        assert_eq!(of("m run -- +signature=s"), "m run -- +signature=s");
        assert_eq!(of("m run a --seed 1 -- -v"), "m run -- a --seed 1 -- -v");
        assert_eq!(of("m disasm +signature=s"), "m disasm +signature=s");
    }
}
