//! Which number is which call (asm-generic/unistd.h, as riscv64 has it).

use super::guest::{Args, Guest};
use super::{Linux, Ret};

/// A system call.
pub(super) type Call = fn(&mut Linux, &mut Guest, Args) -> Ret;

/// The call of this number.
pub(super) fn lookup(number: u64) -> Option<Call> {
    let at = CALLS.binary_search_by_key(&number, |c| c.0 as u64).ok()?;
    Some(CALLS[at].1)
}

/// All calls by number.
#[rustfmt::skip]
const CALLS: &[(u16, Call)] = &[
    (63, Linux::sys_read),
    (64, Linux::sys_write),
    (65, Linux::sys_readv),
    (66, Linux::sys_writev),
    (93, Linux::sys_exit),
    (94, Linux::sys_exit),
    (96, Linux::sys_set_tid_address),
    (214, Linux::sys_brk),
    (215, Linux::sys_munmap),
    (222, Linux::sys_mmap),
    (226, Linux::sys_mprotect),
    (278, Linux::sys_getrandom),
];
