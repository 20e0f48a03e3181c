//! `mellivora isa`: files for programs that use matrix extensions.

use super::*;

#[test]
fn headers_and_macros_are_printed() {
    for name in ["xtheadmatrix-0p6", "xtheadmatrix0p6", "XTheadMatrix0p6"] {
        let out = mellivora(&["isa", "--c-header", name]);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        assert!(text(&out.stdout).contains("#define th_mlae8(md, base, stride)"), "{name}");
    }
    let out = mellivora(&["isa", "xtheadmatrix-0p3", "--asm-macros"]);
    assert!(text(&out.stdout).contains(" mldb, 0x0800002b\n"));
}

#[test]
fn other_extensions_have_none() {
    let (status, told) = fails(&["isa", "--c-header", "zba"]);
    let expected = "mellivora: there is no such file for `zba`, but for `xtheadmatrix0p3` and `xtheadmatrix0p6`\n";
    assert_eq!((status, told.as_str()), (125, expected));
    assert_eq!(fails(&["isa", "--c-header"]).0, 2);
}
