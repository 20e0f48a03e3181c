//! What a process is and asks about itself: identity, limits, scheduling, the end.

use super::errno::*;
use super::guest::{Args, Guest};
use super::options::LinuxOptions;
use super::{Leave, Linux, Ret};
use crate::env::{Action, Files};
use crate::memory::Access;

/// User and group of a guest that has none of the host's files.
const NOBODY: u64 = 1000;
/// The one process and its one thread.
pub(super) const PID: u64 = 1000;
const PARENT: u64 = 1;
/// What sysinfo tells of memory.
pub(super) const TOTAL_MEMORY: u64 = 4 << 30;
/// The version of Linux whose calls these are.
pub(super) const RELEASE: &str = "6.12.0";
const INFINITY: u64 = u64::MAX;
/// Descriptors of the host that a guest leaves to others.
const RESERVED_FDS: u64 = 64;

/// What a process knows of itself.
#[derive(Clone)]
pub(super) struct Process {
    /// Where its program lies.
    pub path: Vec<u8>,
    /// PR_SET_NAME.
    pub name: Vec<u8>,
    /// argv, each with its zero.
    pub command_line: Vec<u8>,
    /// The environment, each with its zero.
    pub environment: Vec<u8>,
    pub uid: u64,
    pub gid: u64,
    limits: [(u64, u64); 16],
    robust_list: (u64, u64),
    /// rseq: address, length, signature.
    rseq: Option<(u64, u32)>,
    parent_death: u32,
    dumpable: u64,
    no_new_privs: u64,
    slack: u64,
    /// Whether it may use vectors.
    pub vector: super::vector::Control,
}

impl Process {
    pub(super) fn new(options: &LinuxOptions, cwd: &[u8]) -> Process {
        let path = super::path::join(cwd, &options.program_path);
        let base = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
        let argv0 = options.argv0.as_ref().unwrap_or(&options.program_path);
        let lines = |list: &mut dyn Iterator<Item = &Vec<u8>>| {
            list.flat_map(|s| s.iter().copied().chain([0])).collect::<Vec<u8>>()
        };
        let (uid, gid) = match options.files {
            Files::Deny => (NOBODY, NOBODY),
            // Files belong to the host's user.
            _ => {
                let (u, g) = super::sys::ids();
                (u as u64, g as u64)
            }
        };
        let mut limits = [(INFINITY, INFINITY); 16];
        limits[3] = (options.stack, INFINITY);
        limits[4] = (0, INFINITY);
        limits[6] = (4096, 4096);
        let most_fds = super::fd::MOST_FDS.min(super::sys::fd_limit().saturating_sub(RESERVED_FDS).max(16));
        limits[7] = (most_fds.min(1024), most_fds);
        limits[8] = (8 << 20, 8 << 20);
        limits[11] = (1024, 1024);
        limits[12] = (819_200, 819_200);
        limits[13] = (0, 0);
        limits[14] = (0, 0);
        Process {
            name: base[..base.len().min(15)].to_vec(),
            path,
            command_line: lines(&mut std::iter::once(argv0).chain(&options.args)),
            environment: lines(&mut options.env.iter()),
            uid,
            gid,
            limits,
            robust_list: (0, 24),
            rseq: None,
            parent_death: 0,
            dumpable: 1,
            no_new_privs: 0,
            slack: 50_000,
            vector: Default::default(),
        }
    }

    /// The soft limit of a resource.
    pub(super) fn limit(&self, resource: usize) -> u64 {
        self.limits[resource].0
    }

    /// Descriptors there may be.
    pub(super) fn most_fds(&self) -> u64 {
        self.limits[7].0.min(super::fd::MOST_FDS)
    }
}

fn own(pid: u64) -> bool {
    matches!(pid as i32 as u64, 0 | PID)
}

impl Linux {
    pub(super) fn sys_exit(&mut self, _: &mut Guest, a: Args) -> Ret {
        Err(Leave::Action(Action::Exit(a[0] as u8 as i32)))
    }

    pub(super) fn sys_getpid(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(PID)
    }

    pub(super) fn sys_getppid(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(PARENT)
    }

    /// getpgid, getsid: the process leads its own group and session.
    pub(super) fn sys_getpgid(&mut self, _: &mut Guest, a: Args) -> Ret {
        if own(a[0]) { Ok(PID) } else { Err(ESRCH.into()) }
    }

    pub(super) fn sys_setpgid(&mut self, _: &mut Guest, a: Args) -> Ret {
        // A session leader stays where it is.
        Err(if own(a[0]) { EPERM } else { ESRCH }.into())
    }

    pub(super) fn sys_getuid(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(self.process.uid)
    }

    pub(super) fn sys_getgid(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(self.process.gid)
    }

    pub(super) fn sys_getresuid(&mut self, g: &mut Guest, a: Args) -> Ret {
        for at in &a[..3] {
            g.put_u32(*at, self.process.uid as u32)?;
        }
        Ok(0)
    }

    pub(super) fn sys_getresgid(&mut self, g: &mut Guest, a: Args) -> Ret {
        for at in &a[..3] {
            g.put_u32(*at, self.process.gid as u32)?;
        }
        Ok(0)
    }

    /// setuid, setreuid, setresuid: to what it is already.
    pub(super) fn sys_setuid(&mut self, _: &mut Guest, a: Args) -> Ret {
        let same = |v: u64| v as u32 as u64 == self.process.uid || v as u32 == u32::MAX;
        if same(a[0]) { Ok(0) } else { Err(EPERM.into()) }
    }

    pub(super) fn sys_setgid(&mut self, _: &mut Guest, a: Args) -> Ret {
        let same = |v: u64| v as u32 as u64 == self.process.gid || v as u32 == u32::MAX;
        if same(a[0]) { Ok(0) } else { Err(EPERM.into()) }
    }

    pub(super) fn sys_getgroups(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[0] as i32 > 0 {
            g.put_u32(a[1], self.process.gid as u32)?;
        }
        if (a[0] as i32) < 0 { Err(EINVAL.into()) } else { Ok(1) }
    }

    pub(super) fn sys_uname(&mut self, g: &mut Guest, a: Args) -> Ret {
        let mut out = [0; 6 * 65];
        for (n, text) in ["Linux", "mellivora", RELEASE, "#1 SMP", "riscv64", "(none)"].iter().enumerate() {
            out[65 * n..65 * n + text.len()].copy_from_slice(text.as_bytes());
        }
        g.put(a[0], &out)?;
        Ok(0)
    }

    pub(super) fn sys_sysinfo(&mut self, g: &mut Guest, a: Args) -> Ret {
        // uptime, three loads, memory: total, free, shared, buffers; swap: total, free; processes; high memory; unit
        let mut words = [0; 14];
        words[0] = g.now() / 1_000_000_000;
        words[4] = TOTAL_MEMORY;
        words[5] = TOTAL_MEMORY;
        words[10] = 1;
        words[13] = 1;
        g.put_words(a[0], &words)?;
        Ok(0)
    }

    fn set_limit(&mut self, resource: usize, soft: u64, hard: u64) -> Result<(), Errno> {
        if soft > hard {
            return Err(EINVAL);
        }
        let most = self.process.limits[resource].1;
        if hard > most || resource == 7 && hard > super::fd::MOST_FDS {
            return Err(EPERM);
        }
        self.process.limits[resource] = (soft, hard);
        Ok(())
    }

    pub(super) fn sys_prlimit64(&mut self, g: &mut Guest, a: Args) -> Ret {
        let resource = a[1] as u32 as usize;
        if resource >= 16 {
            return Err(EINVAL.into());
        }
        if !own(a[0]) {
            return Err(ESRCH.into());
        }
        let (soft, hard) = self.process.limits[resource];
        if a[2] != 0 {
            let (soft, hard) = (g.get_u64(a[2])?, g.get_u64(a[2].wrapping_add(8))?);
            self.set_limit(resource, soft, hard)?;
        }
        if a[3] != 0 {
            g.put_words(a[3], &[soft, hard])?;
        }
        Ok(0)
    }

    pub(super) fn sys_getrlimit(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[1] == 0 {
            return Err(EFAULT.into());
        }
        self.sys_prlimit64(g, [0, a[0], 0, a[1], 0, 0])
    }

    pub(super) fn sys_setrlimit(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[1] == 0 {
            return Err(EFAULT.into());
        }
        self.sys_prlimit64(g, [0, a[0], a[1], 0, 0, 0])
    }

    /// The raw call returns 20 - nice.
    pub(super) fn sys_getpriority(&mut self, _: &mut Guest, a: Args) -> Ret {
        match a[0] {
            0 | 1 if !own(a[1]) => Err(ESRCH.into()),
            0..=2 => Ok(20),
            _ => Err(EINVAL.into()),
        }
    }

    pub(super) fn sys_setpriority(&mut self, _: &mut Guest, a: Args) -> Ret {
        match (a[0], a[2] as i32) {
            (3.., _) => Err(EINVAL.into()),
            (_, nice) if nice < 0 => Err(EACCES.into()),
            _ => Ok(0),
        }
    }

    pub(super) fn sys_prctl(&mut self, g: &mut Guest, a: Args) -> Ret {
        match a[0] as u32 {
            1 if a[1] <= 64 => self.process.parent_death = a[1] as u32,
            2 => g.put_u32(a[1], self.process.parent_death)?,
            3 => return Ok(self.process.dumpable),
            4 if a[1] <= 1 => self.process.dumpable = a[1],
            15 => {
                // At most 15 bytes count.
                let end = g.prefix(a[1], 16, Access::Read);
                let bytes = g.slice(a[1], end)?;
                let zero = bytes.iter().position(|&b| b == 0);
                if zero.is_none() && end < 15 {
                    return Err(EFAULT.into());
                }
                self.process.name = bytes[..zero.unwrap_or(bytes.len()).min(15)].to_vec();
            }
            16 => {
                let mut name = self.process.name.clone();
                name.resize(16, 0);
                g.put(a[1], &name)?;
            }
            // Bounding set of capabilities: none is there.
            23 => return Ok(0),
            29 => self.process.slack = if a[1] == 0 { 50_000 } else { a[1] },
            30 => return Ok(self.process.slack),
            38 if a[1] == 1 => self.process.no_new_privs = 1,
            39 => return Ok(self.process.no_new_privs),
            69 => self.process.vector.set(g.hart, a[1])?,
            70 => return Ok(self.process.vector.get(g.hart)?),
            // PR_SET_VMA: names for mappings.
            0x5356_4d41 => {}
            _ => return Err(EINVAL.into()),
        }
        Ok(0)
    }

    pub(super) fn sys_personality(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(0)
    }

    pub(super) fn sys_getcpu(&mut self, g: &mut Guest, a: Args) -> Ret {
        for at in &a[..2] {
            if *at != 0 {
                g.put_u32(*at, 0)?;
            }
        }
        Ok(0)
    }

    pub(super) fn sys_sched_getaffinity(&mut self, g: &mut Guest, a: Args) -> Ret {
        if !own(a[0]) {
            return Err(ESRCH.into());
        }
        if a[1] < 8 || !a[1].is_multiple_of(8) {
            return Err(EINVAL.into());
        }
        g.put_u64(a[2], 1)?;
        Ok(8)
    }

    pub(super) fn sys_sched_setaffinity(&mut self, g: &mut Guest, a: Args) -> Ret {
        if !own(a[0]) {
            return Err(ESRCH.into());
        }
        let set = g.slice(a[2], a[1].min(128))?;
        if set.first().is_some_and(|b| b & 1 != 0) { Ok(0) } else { Err(EINVAL.into()) }
    }

    /// sched_yield, sched_setparam and the like: there is one thread and one policy.
    pub(super) fn sys_nothing(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(0)
    }

    pub(super) fn sys_sched_getparam(&mut self, g: &mut Guest, a: Args) -> Ret {
        g.put_u32(a[1], 0)?;
        Ok(0)
    }

    /// sched_get_priority_max, sched_get_priority_min
    pub(super) fn sys_sched_priority_max(&mut self, _: &mut Guest, a: Args) -> Ret {
        match a[0] {
            0 | 3 | 5 => Ok(0),
            1 | 2 => Ok(99),
            _ => Err(EINVAL.into()),
        }
    }

    pub(super) fn sys_sched_priority_min(&mut self, _: &mut Guest, a: Args) -> Ret {
        match a[0] {
            0 | 3 | 5 => Ok(0),
            1 | 2 => Ok(1),
            _ => Err(EINVAL.into()),
        }
    }

    /// Nothing to order: there is one thread.
    pub(super) fn sys_membarrier(&mut self, _: &mut Guest, a: Args) -> Ret {
        match a[0] as u32 {
            0 => Ok(0x1ff),
            c if c & (c - 1) == 0 && c <= 0x100 => Ok(0),
            _ => Err(EINVAL.into()),
        }
    }

    pub(super) fn sys_set_robust_list(&mut self, _: &mut Guest, a: Args) -> Ret {
        if a[1] != 24 {
            return Err(EINVAL.into());
        }
        self.process.robust_list = (a[0], a[1]);
        Ok(0)
    }

    pub(super) fn sys_get_robust_list(&mut self, g: &mut Guest, a: Args) -> Ret {
        if !own(a[0]) {
            return Err(ESRCH.into());
        }
        let (head, len) = self.process.robust_list;
        g.put_u64(a[2], len)?;
        g.put_u64(a[1], head)?;
        Ok(0)
    }

    /// struct rseq: cpu_id_start, cpu_id, rseq_cs, flags, node_id, mm_cid.
    pub(super) fn sys_rseq(&mut self, g: &mut Guest, a: Args) -> Ret {
        let [at, len, flags, signature, ..] = a;
        match (flags, self.process.rseq) {
            (0, Some((old, _))) if old == at => Err(EBUSY.into()),
            (0, Some(_)) => Err(EINVAL.into()),
            (0, None) if len < 32 || !at.is_multiple_of(32) => Err(EINVAL.into()),
            (0, None) => {
                g.put_words(at, &[0, 0, 0])?;
                if len > 24 {
                    g.put_u32(at + 24, 0)?;
                }
                self.process.rseq = Some((at, signature as u32));
                Ok(0)
            }
            (1, Some((old, _))) if old == at => {
                g.put_words(at, &[u64::MAX << 32, 0, 0])?;
                self.process.rseq = None;
                Ok(0)
            }
            _ => Err(EINVAL.into()),
        }
    }

    /// A signal's handler is about to run: a restartable sequence that it interrupts starts over.
    pub(super) fn rseq_abort(&mut self, g: &mut Guest) {
        let Some((at, signature)) = self.process.rseq else { return };
        let Ok(section) = g.get_u64(at + 8) else { return };
        if section == 0 {
            return;
        }
        // struct rseq_cs: version and flags, start, length, where to go on
        let field = |n: u64| g.get_u64(section.wrapping_add(8 * n));
        if let (Ok(start), Ok(len), Ok(abort)) = (field(1), field(2), field(3)) {
            let inside = g.hart.pc().wrapping_sub(start) < len;
            if inside && g.get_u32(abort.wrapping_sub(4)) == Ok(signature) {
                g.hart.set_pc(abort);
            }
            let _ = g.put_u64(at + 8, 0);
        }
    }

    /// clone, clone3: for threads and processes alike.
    pub(super) fn sys_clone(&mut self, _: &mut Guest, _: Args) -> Ret {
        let text = "threads and further processes are not there yet: clone, fork and vfork fail with EAGAIN";
        self.report(super::CLONES, text);
        Err(EAGAIN.into())
    }

    pub(super) fn sys_execve(&mut self, _: &mut Guest, _: Args) -> Ret {
        self.report(super::EXECS, "programs cannot be replaced by others yet: execve fails with ENOSYS");
        Err(ENOSYS.into())
    }

    /// There are no children.
    pub(super) fn sys_wait(&mut self, _: &mut Guest, _: Args) -> Ret {
        Err(ECHILD.into())
    }

    /// Extended attributes, where nothing has any.
    pub(super) fn sys_unsupported(&mut self, _: &mut Guest, _: Args) -> Ret {
        Err(EOPNOTSUPP.into())
    }

    /// There is no network.
    pub(super) fn sys_socket(&mut self, _: &mut Guest, _: Args) -> Ret {
        Err(EAFNOSUPPORT.into())
    }

    pub(super) fn sys_set_tid_address(&mut self, _: &mut Guest, _: Args) -> Ret {
        Ok(PID)
    }

    pub(super) fn sys_getrandom(&mut self, g: &mut Guest, a: Args) -> Ret {
        if a[2] & !7 != 0 || a[2] & 6 == 6 {
            return Err(EINVAL.into());
        }
        let len = g.prefix(a[0], a[1].min(i32::MAX as u64), Access::Write);
        if len == 0 && a[1] > 0 {
            return Err(EFAULT.into());
        }
        let mut done = 0;
        while done < len {
            let mut buf = vec![0; (len - done).min(1 << 16) as usize];
            self.random.fill(&mut buf);
            g.put(a[0] + done, &buf)?;
            done += buf.len() as u64;
        }
        Ok(len)
    }
}
