//! The store of translated code: an arena of ops at stable addresses, the blocks in it, and where each op came from.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::handlers::{self, GUARD_OPS};
use super::op::{Data, Handler, Op};
use crate::hart::FpMode;
use crate::memory::PAGE_SHIFT;

/// Ops that the arena holds before everything is translated anew (16 MiB).
const CAPACITY: usize = 1 << 20;

/// Where an op came from: its instruction's address relative to its block's, and how many instructions of the block
/// come before it; and the instruction's length.
#[derive(Clone, Copy)]
struct Origin {
    delta: i32,
    index: u8,
    len: u8,
}

/// One translation.
pub(super) struct Block {
    /// Index of its first op.
    pub start: usize,
    /// Address of its first instruction.
    pub pc: u64,
    /// The floating-point mode it was translated for, if it opens with a guard.
    pub mode: Option<FpMode>,
    alive: bool,
}

/// A hasher for addresses: one multiplication.
#[derive(Default)]
pub(super) struct AddressHasher(u64);
impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.write_u64(b as u64);
        }
    }
    fn write_u64(&mut self, v: u64) {
        let h = (self.0 ^ v).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = h ^ h >> 32;
    }
}
type AddressMap<V> = HashMap<u64, V, BuildHasherDefault<AddressHasher>>;

/// The arena and its indices.
pub(super) struct Code {
    ops: Vec<Op>,
    origins: Vec<Origin>,
    blocks: Vec<Block>,
    by_pc: AddressMap<u32>,
    by_page: AddressMap<Vec<u32>>,
}

// SAFETY: ops hold addresses of this arena and of handlers only; the arena moves with its owner's heap allocation.
unsafe impl Send for Code {}

impl Code {
    pub(super) fn new() -> Code {
        Code {
            ops: Vec::new(),
            origins: Vec::new(),
            blocks: Vec::new(),
            by_pc: AddressMap::default(),
            by_page: AddressMap::default(),
        }
    }

    /// Whether `ops` more ops fit; if not, the caller clears.
    pub(super) fn fits(&self, ops: usize) -> bool {
        self.ops.len() + ops <= CAPACITY
    }

    /// Forgets everything. No op address given out before may be used after.
    pub(super) fn clear(&mut self) {
        self.ops.clear();
        self.origins.clear();
        self.blocks.clear();
        self.by_pc.clear();
        self.by_page.clear();
    }

    /// Opens a block; its ops follow by `push`.
    pub(super) fn begin(&mut self, pc: u64, mode: Option<FpMode>) {
        if self.ops.capacity() == 0 {
            // One allocation for good: addresses of ops must not change. It is committed as it fills.
            self.ops.reserve_exact(CAPACITY);
        }
        self.blocks.push(Block { start: self.ops.len(), pc, mode, alive: true });
    }

    /// The number of ops so far, which is the index of the next one.
    pub(super) fn len(&self) -> usize {
        self.ops.len()
    }

    /// Appends an op of the open block that stands for the instruction of `len` bytes at `pc`, the `index`th of the block.
    pub(super) fn push(&mut self, op: Op, pc: u64, index: usize, len: u8) -> usize {
        assert!(self.ops.len() < self.ops.capacity(), "the arena never moves");
        let base = self.blocks.last().map_or(pc, |b| b.pc);
        self.ops.push(op);
        self.origins.push(Origin { delta: pc.wrapping_sub(base) as i32, index: index as u8, len });
        self.ops.len() - 1
    }

    /// Appends two words of data.
    pub(super) fn push_data(&mut self, data: Data, pc: u64, index: usize, len: u8) -> usize {
        let at = self.push(Op { handler: handlers::stale, rd: 0, rs1: 0, rs2: 0, x: 0, imm: 0 }, pc, index, len);
        // SAFETY: an op slot is 16 plain bytes that only handlers interpret, and no handler runs a data slot.
        unsafe { (self.ops.as_mut_ptr().add(at) as *mut Data).write(data) };
        at
    }

    pub(super) fn op(&self, at: usize) -> &Op {
        &self.ops[at]
    }

    pub(super) fn op_mut(&mut self, at: usize) -> &mut Op {
        &mut self.ops[at]
    }

    /// The address of an op.
    pub(super) fn address(&self, at: usize) -> *const Op {
        &raw const self.ops[at]
    }

    /// The index of the op at an address of the arena.
    pub(super) fn index_of(&self, op: *const Op) -> usize {
        (op as usize - self.ops.as_ptr() as usize) / size_of::<Op>()
    }

    /// Closes the open block: it is found by its pc from now on (unless it is a second version), and by the pages of its
    /// instructions.
    pub(super) fn finish(&mut self, pages: &[u64], first_version: bool) -> usize {
        let id = self.blocks.len() - 1;
        if first_version {
            self.by_pc.insert(self.blocks[id].pc, id as u32);
        }
        for &page in pages {
            self.by_page.entry(page).or_default().push(id as u32);
        }
        id
    }

    pub(super) fn block(&self, id: usize) -> &Block {
        &self.blocks[id]
    }

    /// The block at an address.
    pub(super) fn find(&self, pc: u64) -> Option<usize> {
        self.by_pc.get(&pc).map(|&id| id as usize)
    }

    /// The block that holds an op.
    pub(super) fn block_of(&self, at: usize) -> &Block {
        let id = self.blocks.partition_point(|b| b.start <= at) - 1;
        &self.blocks[id]
    }

    /// The instruction behind an op: address, and number of instructions of its block before it.
    pub(super) fn origin(&self, at: usize) -> (u64, u64) {
        let o = self.origins[at];
        (self.block_of(at).pc.wrapping_add(o.delta as i64 as u64), o.index as u64)
    }

    /// The place behind an op's instruction: the address that follows it, and the number of instructions up to and
    /// including it. The next op may stand for a later one, since jumps that are followed leave none.
    pub(super) fn behind(&self, at: usize) -> (u64, u64) {
        let (pc, index) = self.origin(at);
        (pc.wrapping_add(self.origins[at].len as u64), index + 1)
    }

    /// Invalidates all blocks with instructions on a page: whoever still jumps to them comes to `stale`.
    pub(super) fn drop_page(&mut self, page: u64) {
        for id in self.by_page.remove(&page).unwrap_or_default() {
            let b = &mut self.blocks[id as usize];
            if !std::mem::take(&mut b.alive) {
                continue;
            }
            let (start, guarded, pc) = (b.start, b.mode.is_some(), b.pc);
            self.ops[start].handler = handlers::stale;
            if guarded {
                self.ops[start + GUARD_OPS].handler = handlers::stale;
            }
            if self.by_pc.get(&pc) == Some(&id) {
                self.by_pc.remove(&pc);
            }
        }
    }

    /// Tells a guard where the code for another mode begins.
    pub(super) fn set_other(&mut self, guard: usize, mode: FpMode, start: usize) {
        let target = self.address(start);
        // SAFETY: the two slots behind a guard are data slots, four words, the first three of which are for the modes.
        unsafe { *(self.ops.as_mut_ptr().add(guard + 1) as *mut *const Op).add(mode as usize) = target };
    }

    /// Makes a stale entry lead to the op at `to`.
    pub(super) fn forward(&mut self, at: usize, to: usize) {
        let handler: Handler = handlers::goto;
        let imm = offset(at, to);
        self.ops[at] = Op { handler, rd: 0, rs1: 0, rs2: 0, x: 0, imm };
    }
}

/// The byte offset from one op to another.
pub(super) fn offset(from: usize, to: usize) -> i32 {
    ((to as i64 - from as i64) * size_of::<Op>() as i64) as i32
}

/// The page of an address.
pub(super) fn page_of(pc: u64) -> u64 {
    pc >> PAGE_SHIFT
}
