//! Vector state as Linux 6.12 keeps it (arch/riscv/kernel/vector.c, signal.c; Documentation/arch/riscv/vector.rst): off until
//! the first vector instruction, destroyed by system calls, a context of its own in signal frames.
//!
//! XTheadVector is treated alike, as since 6.14: the context has the same layout, with `vtype` as that unit's CSR shows it, and
//! with vxrm and vxsat put together as vcsr would have them.

use super::Linux;
use super::errno::*;
use super::guest::Guest;
use crate::hart::{Context, Hart, Vtype};

/// PR_RISCV_V_VSTATE_CTRL_OFF, _ON: what a thread may do now, and (two bits higher) what its next program may.
const OFF: u64 = 1;
const ON: u64 = 2;
/// All bits there are, with PR_RISCV_V_VSTATE_CTRL_INHERIT.
const CONTROL: u64 = 0x1f;

const VXSAT: u16 = 0x009;
const VXRM: u16 = 0x00a;
const VTYPE: u16 = 0xc21;

/// RISCV_V_MAGIC: a vector context follows.
pub(super) const MAGIC: u32 = 0x5346_5457;
/// Bytes of struct __riscv_ctx_hdr.
pub(super) const HEADER: u64 = 8;
/// Bytes of struct __sc_riscv_v_state: vstart, vl, vtype, vcsr, vlenb, datap.
pub(super) const STATE: u64 = 48;

/// What a process may do with vectors (prctl PR_RISCV_V_SET_CONTROL). A program begins with them allowed, as kernels are
/// usually configured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Control(u64);

impl Default for Control {
    fn default() -> Self {
        Control(ON)
    }
}

impl Control {
    pub(super) fn get(self, hart: &Hart) -> Result<u64, Errno> {
        if hart.vlenb() == 0 { Err(EINVAL) } else { Ok(self.0) }
    }

    pub(super) fn set(&mut self, hart: &Hart, to: u64) -> Result<(), Errno> {
        if hart.vlenb() == 0 || to & !CONTROL != 0 {
            return Err(EINVAL);
        }
        let now = self.0 & 3;
        let current = match to & 3 {
            0 => now,
            // What is on is not turned off under a running program's feet.
            OFF if now != OFF => return Err(EPERM),
            c @ (OFF | ON) => c,
            _ => return Err(EINVAL),
        };
        if to >> 2 & 3 == 3 {
            return Err(EINVAL);
        }
        self.0 = to & !3 | current;
        Ok(())
    }
}

/// Bytes of a vector context in a signal frame.
pub(super) fn context_size(hart: &Hart) -> u64 {
    HEADER + STATE + 32 * hart.vlenb() as u64
}

/// Whether the process has used vectors.
pub(super) fn used(hart: &Hart) -> bool {
    hart.vs() != Context::Off
}

/// A vector context, for an address: with its header.
pub(super) fn save(hart: &Hart, at: u64) -> Vec<u8> {
    let csr = |n| hart.csr(n).unwrap_or(0);
    let data = at + HEADER + STATE;
    let mut out = Vec::with_capacity(context_size(hart) as usize);
    out.extend(MAGIC.to_le_bytes());
    out.extend((context_size(hart) as u32).to_le_bytes());
    let vcsr = csr(VXRM) << 1 | csr(VXSAT);
    for word in [hart.vstart(), hart.vl(), csr(VTYPE), vcsr, hart.vlenb() as u64, data] {
        out.extend(word.to_le_bytes());
    }
    (0..32).for_each(|n| out.extend(hart.v(n)));
    out
}

/// Restores the state from struct __sc_riscv_v_state at an address, the registers from where `datap` points.
pub(super) fn restore(g: &mut Guest, state: u64) -> Result<(), Errno> {
    let bytes: [u8; STATE as usize] = g.get(state)?;
    let word = |n: usize| u64::from_le_bytes(bytes[8 * n..8 * n + 8].try_into().unwrap_or_default());
    let len = g.hart.vlenb() as u64;
    let data = g.slice(word(5), 32 * len)?.to_vec();
    for (n, register) in (0..32).zip(data.chunks_exact(len as usize)) {
        g.hart.v_mut(n).copy_from_slice(register);
    }
    // As `vsetvl` and writes of vstart, vxrm and vxsat would.
    let vtype = g.hart.vector_config().version.vtype(word(2)).unwrap_or(Vtype::ILL);
    g.hart.set_vector_state(word(1), vtype.0, word(0));
    let _ = g.hart.write_csr(VXRM, word(3) >> 1 & 3);
    let _ = g.hart.write_csr(VXSAT, word(3) & 1);
    Ok(())
}

/// Whether a word is a vector instruction to the kernel: OP-V, vector loads and stores, accesses to vector CSRs.
fn is_vector(word: u32) -> bool {
    let (width, csr) = (word >> 12 & 7, word >> 20);
    match word & 0x7f {
        0x57 => true,
        0x07 | 0x27 => matches!(width, 0 | 5..=7),
        0x73 => matches!(csr, 0x008..=0x00f | 0xc20..=0xc22),
        _ => false,
    }
}

impl Linux {
    /// An illegal instruction: if it is the program's first vector instruction, its vector state begins here, all zero, and
    /// the instruction is to be done again.
    pub(super) fn first_vector_use(&mut self, hart: &mut Hart, word: u64) -> bool {
        let first = hart.vlenb() != 0 && !used(hart) && self.process.vector.0 & 3 == ON && is_vector(word as u32);
        if first {
            hart.set_vs(Context::Dirty);
            hart.set_vector_state(0, 0, 0);
        }
        first
    }

    /// A system call destroys vector state, so that programs do not come to rely on its survival (`riscv_v_vstate_discard`).
    pub(super) fn discard_vectors(&mut self, hart: &mut Hart) {
        if self.preserve_vector || !used(hart) {
            return;
        }
        (0..32).for_each(|n| hart.v_mut(n).fill(0xff));
        hart.set_vector_state(0, Vtype::ILL.0, 0);
    }
}
