//! Which number is which call (asm-generic/unistd.h, as riscv64 has it).

use super::files::{AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW};
use super::guest::{Args, Guest};
use super::path::AT_FDCWD;
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
    (5, Linux::sys_unsupported),   // setxattr and its relatives up to fremovexattr
    (6, Linux::sys_unsupported),
    (7, Linux::sys_unsupported),
    (8, Linux::sys_unsupported),
    (9, Linux::sys_unsupported),
    (10, Linux::sys_unsupported),
    (11, Linux::sys_unsupported),
    (12, Linux::sys_unsupported),
    (13, Linux::sys_unsupported),
    (14, Linux::sys_unsupported),
    (15, Linux::sys_unsupported),
    (16, Linux::sys_unsupported),
    (17, Linux::sys_getcwd),
    (19, Linux::sys_eventfd2),
    (23, Linux::sys_dup),
    (24, Linux::sys_dup3),
    (25, Linux::sys_fcntl),
    (29, Linux::sys_ioctl),
    (32, Linux::sys_flock),
    (33, Linux::sys_mknodat),
    (34, Linux::sys_mkdirat),
    (35, Linux::sys_unlinkat),
    (36, Linux::sys_symlinkat),
    (37, Linux::sys_linkat),
    (43, Linux::sys_statfs),
    (44, Linux::sys_fstatfs),
    (45, Linux::sys_truncate),
    (46, Linux::sys_ftruncate),
    (47, Linux::sys_fallocate),
    (48, Linux::sys_faccessat),
    (49, Linux::sys_chdir),
    (50, Linux::sys_fchdir),
    (51, Linux::sys_not_permitted), // chroot
    (52, Linux::sys_fchmod),
    (53, Linux::sys_fchmodat),
    (54, Linux::sys_fchownat),
    (55, Linux::sys_fchown),
    (56, Linux::sys_openat),
    (57, Linux::sys_close),
    (59, Linux::sys_pipe2),
    (61, Linux::sys_getdents64),
    (62, Linux::sys_lseek),
    (63, Linux::sys_read),
    (64, Linux::sys_write),
    (65, Linux::sys_readv),
    (66, Linux::sys_writev),
    (67, Linux::sys_pread64),
    (68, Linux::sys_pwrite64),
    (69, Linux::sys_preadv),
    (70, Linux::sys_pwritev),
    (71, Linux::sys_sendfile),
    (72, Linux::sys_pselect6),
    (73, Linux::sys_ppoll),
    (78, Linux::sys_readlinkat),
    (79, Linux::sys_newfstatat),
    (80, Linux::sys_fstat),
    (81, Linux::sys_sync),
    (82, Linux::sys_fsync),
    (83, Linux::sys_fsync),         // fdatasync
    (84, Linux::sys_advise),        // sync_file_range
    (88, Linux::sys_utimensat),
    (92, Linux::sys_personality),
    (93, Linux::sys_exit),
    (94, Linux::sys_exit),          // exit_group
    (95, Linux::sys_wait),          // waitid
    (96, Linux::sys_set_tid_address),
    (98, Linux::sys_futex),
    (99, Linux::sys_set_robust_list),
    (100, Linux::sys_get_robust_list),
    (101, Linux::sys_nanosleep),
    (102, Linux::sys_getitimer),
    (103, Linux::sys_setitimer),
    (107, Linux::sys_timer_create),
    (108, Linux::sys_timer_gettime),
    (109, Linux::sys_timer_getoverrun),
    (110, Linux::sys_timer_settime),
    (111, Linux::sys_timer_delete),
    (112, Linux::sys_not_permitted), // clock_settime
    (113, Linux::sys_clock_gettime),
    (114, Linux::sys_clock_getres),
    (115, Linux::sys_clock_nanosleep),
    (118, Linux::sys_nothing),      // sched_setparam
    (119, Linux::sys_nothing),      // sched_setscheduler
    (120, Linux::sys_nothing),      // sched_getscheduler: SCHED_OTHER
    (121, Linux::sys_sched_getparam),
    (122, Linux::sys_sched_setaffinity),
    (123, Linux::sys_sched_getaffinity),
    (124, Linux::sys_nothing),      // sched_yield
    (125, Linux::sys_sched_priority_max),
    (126, Linux::sys_sched_priority_min),
    (129, Linux::sys_kill),
    (130, Linux::sys_tkill),
    (131, Linux::sys_tgkill),
    (132, Linux::sys_sigaltstack),
    (133, Linux::sys_rt_sigsuspend),
    (134, Linux::sys_rt_sigaction),
    (135, Linux::sys_rt_sigprocmask),
    (136, Linux::sys_rt_sigpending),
    (137, Linux::sys_rt_sigtimedwait),
    (138, Linux::sys_rt_sigqueueinfo),
    (139, Linux::sys_rt_sigreturn),
    (140, Linux::sys_setpriority),
    (141, Linux::sys_getpriority),
    (143, Linux::sys_setgid),       // setregid
    (144, Linux::sys_setgid),
    (145, Linux::sys_setuid),       // setreuid
    (146, Linux::sys_setuid),
    (147, Linux::sys_setuid),       // setresuid
    (148, Linux::sys_getresuid),
    (149, Linux::sys_setgid),       // setresgid
    (150, Linux::sys_getresgid),
    (153, Linux::sys_times),
    (154, Linux::sys_setpgid),
    (155, Linux::sys_getpgid),
    (156, Linux::sys_getpgid),      // getsid
    (157, Linux::sys_not_permitted), // setsid: it leads one already
    (158, Linux::sys_getgroups),
    (159, Linux::sys_not_permitted), // setgroups
    (160, Linux::sys_uname),
    (161, Linux::sys_not_permitted), // sethostname
    (163, Linux::sys_getrlimit),
    (164, Linux::sys_setrlimit),
    (165, Linux::sys_getrusage),
    (166, Linux::sys_umask),
    (167, Linux::sys_prctl),
    (168, Linux::sys_getcpu),
    (169, Linux::sys_gettimeofday),
    (170, Linux::sys_not_permitted), // settimeofday
    (172, Linux::sys_getpid),
    (173, Linux::sys_getppid),
    (174, Linux::sys_getuid),
    (175, Linux::sys_getuid),       // geteuid
    (176, Linux::sys_getgid),
    (177, Linux::sys_getgid),       // getegid
    (178, Linux::sys_getpid),       // gettid
    (179, Linux::sys_sysinfo),
    (198, Linux::sys_socket),
    (199, Linux::sys_socket),       // socketpair
    (213, Linux::sys_advise),       // readahead
    (214, Linux::sys_brk),
    (215, Linux::sys_munmap),
    (216, Linux::sys_mremap),
    (220, Linux::sys_clone),
    (221, Linux::sys_execve),
    (222, Linux::sys_mmap),
    (223, Linux::sys_advise),       // fadvise64
    (226, Linux::sys_mprotect),
    (227, Linux::sys_msync),
    (228, Linux::sys_mlock),
    (229, Linux::sys_mlock),        // munlock
    (230, Linux::sys_nothing),      // mlockall
    (231, Linux::sys_nothing),      // munlockall
    (232, Linux::sys_mincore),
    (233, Linux::sys_madvise),
    (240, Linux::sys_rt_tgsigqueueinfo),
    (258, Linux::sys_riscv_hwprobe),
    (259, Linux::sys_riscv_flush_icache),
    (260, Linux::sys_wait),         // wait4
    (261, Linux::sys_prlimit64),
    (267, Linux::sys_advise),       // syncfs
    (276, Linux::sys_renameat2),
    (278, Linux::sys_getrandom),
    (279, Linux::sys_memfd_create),
    (281, Linux::sys_execve),       // execveat
    (283, Linux::sys_membarrier),
    (284, Linux::sys_mlock),        // mlock2
    (285, Linux::sys_copy_file_range),
    (286, Linux::sys_preadv2),
    (287, Linux::sys_pwritev2),
    (291, Linux::sys_statx),
    (293, Linux::sys_rseq),
    (435, Linux::sys_clone),        // clone3
    (436, Linux::sys_close_range),
    (437, Linux::sys_openat2),
    (439, Linux::sys_faccessat2),
    (452, Linux::sys_fchmodat2),
    // Calls without a directory, as asm-generic has them for C libraries that know no others (newlib's libgloss).
    (1024, |l, g, a| l.sys_openat(g, [AT_FDCWD, a[0], a[1], a[2], 0, 0])),
    (1025, |l, g, a| l.sys_linkat(g, [AT_FDCWD, a[0], AT_FDCWD, a[1], 0, 0])),
    (1026, |l, g, a| l.sys_unlinkat(g, [AT_FDCWD, a[0], 0, 0, 0, 0])),
    (1027, |l, g, a| l.sys_mknodat(g, [AT_FDCWD, a[0], a[1], a[2], 0, 0])),
    (1028, |l, g, a| l.sys_fchmodat(g, [AT_FDCWD, a[0], a[1], 0, 0, 0])),
    (1030, |l, g, a| l.sys_mkdirat(g, [AT_FDCWD, a[0], a[1], 0, 0, 0])),
    (1031, |l, g, a| l.sys_unlinkat(g, [AT_FDCWD, a[0], AT_REMOVEDIR, 0, 0, 0])),
    (1033, |l, g, a| l.sys_faccessat(g, [AT_FDCWD, a[0], a[1], 0, 0, 0])),
    (1034, |l, g, a| l.sys_renameat2(g, [AT_FDCWD, a[0], AT_FDCWD, a[1], 0, 0])),
    (1035, |l, g, a| l.sys_readlinkat(g, [AT_FDCWD, a[0], a[1], a[2], 0, 0])),
    (1036, |l, g, a| l.sys_symlinkat(g, [a[0], AT_FDCWD, a[1], 0, 0, 0])),
    (1038, |l, g, a| l.sys_newfstatat(g, [AT_FDCWD, a[0], a[1], 0, 0, 0])),
    (1039, |l, g, a| l.sys_newfstatat(g, [AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW, 0, 0])),
    (1062, Linux::sys_time),
];

#[test]
fn numbers_ascend() {
    assert!(CALLS.is_sorted_by(|a, b| a.0 < b.0));
}
