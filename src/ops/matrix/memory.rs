//! Loads and stores of tiles, accumulators and whole registers.
//!
//! Memory is looked at as *runs* of neighbouring elements: the rows of a tile, or its columns where the tile lies transposed.
//! All runs are probed before anything moves, in order; the first element that cannot be accessed is the fault's address. So a
//! fault leaves registers and memory as they were, and the instruction can be executed again from the beginning. Devices are
//! not touched by probing; only if one refuses an access itself, elements before it are done.

use super::{Class, Registers, Rule, Sizes, matrix};
use crate::hart::{Cause, Context, Event, Hart, Place};
use crate::isa::Insn;
use crate::memory::{Access, Fault, Memory};
use crate::ops::memory::trap;

/// `count` runs of `len` elements of `size` bytes each: run k begins `k * stride` bytes after `base`.
#[derive(Clone, Copy)]
struct Runs {
    base: u64,
    stride: u64,
    count: usize,
    len: usize,
    size: usize,
}

impl Runs {
    fn at(&self, k: usize) -> u64 {
        self.base.wrapping_add((k as u64).wrapping_mul(self.stride))
    }

    /// Without the first runs, which a restart finds done.
    fn skip(self, runs: usize) -> Runs {
        Runs { base: self.at(runs), count: self.count.saturating_sub(runs), ..self }
    }

    fn bytes(&self) -> usize {
        self.len * self.size
    }

    /// Looks whether all elements can be accessed; nothing is.
    fn probe(&self, memory: &Memory, access: Access) -> Result<(), Fault> {
        for k in 0..self.count {
            let at = self.at(k);
            if memory.check(at, self.bytes() as u64, access).is_ok() {
                continue;
            }
            for j in 0..self.len {
                let addr = at.wrapping_add((j * self.size) as u64);
                if !memory.is_device(addr, self.size as u32) && memory.check(addr, self.size as u64, access).is_err() {
                    return Err(Fault { addr, access });
                }
            }
        }
        Ok(())
    }

    /// All memory from the first run to the last, if the host can access that as it is: mostly one look does for all runs.
    fn stretch<'m>(&self, memory: &'m mut Memory, access: Access) -> Option<&'m mut [u8]> {
        /// Longer ones, and those that go down, are looked at run by run.
        const LONGEST: u64 = 1 << 22;
        let last = (self.count as u64).checked_sub(1)?.checked_mul(self.stride).filter(|n| *n < LONGEST)?;
        memory.plain(self.base, last + self.bytes() as u64, access)
    }

    /// Whether the host can copy all runs as they are.
    fn plain(&self, memory: &mut Memory, access: Access) -> bool {
        (0..self.count).all(|k| memory.plain(self.at(k), self.bytes() as u64, access).is_some())
    }
}

/// Copies bytes; the lengths of common rows without a call.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    match from.len() {
        16 => to[..16].copy_from_slice(&from[..16]),
        64 => to[..64].copy_from_slice(&from[..64]),
        128 => to[..128].copy_from_slice(&from[..128]),
        n => to[..n].copy_from_slice(from),
    }
}

/// Reads run `k` element by element.
fn read_run(memory: &mut Memory, runs: &Runs, k: usize, to: &mut [u8]) -> Result<(), Fault> {
    let at = runs.at(k);
    for (j, to) in to.chunks_exact_mut(runs.size).enumerate() {
        let addr = at.wrapping_add((j * runs.size) as u64);
        let v = memory.load(addr, runs.size as u32).map_err(|f| Fault { addr, ..f })?;
        to.copy_from_slice(&v.to_le_bytes()[..runs.size]);
    }
    Ok(())
}

/// Writes run `k` element by element.
fn write_run(memory: &mut Memory, runs: &Runs, k: usize, from: &[u8]) -> Result<(), Fault> {
    let at = runs.at(k);
    for (j, from) in from.chunks_exact(runs.size).enumerate() {
        let addr = at.wrapping_add((j * runs.size) as u64);
        let mut v = [0; 8];
        v[..runs.size].copy_from_slice(from);
        memory.store(addr, runs.size as u32, u64::from_le_bytes(v)).map_err(|f| Fault { addr, ..f })?;
    }
    Ok(())
}

/// Copies a block of elements of S bytes, `rows` x `columns`, between rows of `from_row` and, transposed, rows of `to_row` bytes.
fn transpose<const S: usize>(from: &[u8], from_row: usize, to: &mut [u8], to_row: usize, rows: usize, columns: usize) {
    for i in 0..rows {
        let row = &from[i * from_row..][..columns * S];
        for (j, e) in row.chunks_exact(S).enumerate() {
            to[j * to_row + i * S..][..S].copy_from_slice(e);
        }
    }
}

fn transpose_any(size: usize, from: &[u8], from_row: usize, to: &mut [u8], to_row: usize, rows: usize, columns: usize) {
    match size {
        1 => transpose::<1>(from, from_row, to, to_row, rows, columns),
        2 => transpose::<2>(from, from_row, to, to_row, rows, columns),
        4 => transpose::<4>(from, from_row, to, to_row, rows, columns),
        _ => transpose::<8>(from, from_row, to, to_row, rows, columns),
    }
}

/// Reads all runs into `buffer`, one behind the other.
fn gather(hart: &mut Hart, memory: &mut Memory, runs: &Runs, buffer: &mut [u8]) -> Result<(), Event> {
    if let Some(from) = runs.stretch(memory, Access::Read) {
        for (k, to) in buffer.chunks_exact_mut(runs.bytes().max(1)).take(runs.count).enumerate() {
            copy(to, &from[k * runs.stride as usize..][..runs.bytes()]);
        }
        return Ok(());
    }
    runs.probe(memory, Access::Read).map_err(|f| trap(hart, f, Cause::LoadAccess))?;
    for (k, to) in buffer.chunks_exact_mut(runs.bytes().max(1)).take(runs.count).enumerate() {
        read_run(memory, runs, k, to).map_err(|f| trap(hart, f, Cause::LoadAccess))?;
    }
    Ok(())
}

/// What is left of a register from the row on that a restart of 0.3 begins with (0 in 0.6), and the number of that row.
fn restart(hart: &Hart, place: Place) -> (Place, usize) {
    let from = (hart.matrix.xmrstart as usize).min(place.rows);
    (Place { at: place.at + from * place.row, row: place.row, rows: place.rows - from }, from)
}

/// Loads into the first rows and columns of register `n`; zeros everywhere else. `transposed`: runs are columns.
fn load(hart: &mut Hart, memory: &mut Memory, n: u8, runs: Runs, transposed: bool) -> Result<(), Event> {
    let (place, from) = restart(hart, hart.matrix.place(n));
    let runs = runs.skip(from);
    let (bytes, row) = (runs.bytes(), place.row);
    if bytes == 0 || runs.count == 0 {
        hart.matrix.file[place.range()].fill(0);
    } else if !transposed && let Some(from) = runs.stretch(memory, Access::Read) {
        let (active, rest) = hart.matrix.file[place.range()].split_at_mut(runs.count * row);
        for (k, to) in active.chunks_exact_mut(row).enumerate() {
            copy(to, &from[k * runs.stride as usize..][..bytes]);
            if bytes < row {
                to[bytes..].fill(0);
            }
        }
        rest.fill(0);
    } else if !transposed && runs.plain(memory, Access::Read) {
        let register = &mut hart.matrix.file[place.range()];
        let (active, rest) = register.split_at_mut(runs.count * row);
        for (k, to) in active.chunks_exact_mut(row).enumerate() {
            if let Some(from) = memory.plain(runs.at(k), bytes as u64, Access::Read) {
                to[..bytes].copy_from_slice(from);
            }
            to[bytes..].fill(0);
        }
        rest.fill(0);
    } else {
        let mut buffer = vec![0; bytes * runs.count];
        gather(hart, memory, &runs, &mut buffer)?;
        let register = &mut hart.matrix.file[place.range()];
        register.fill(0);
        if transposed {
            transpose_any(runs.size, &buffer, bytes, register, row, runs.count, runs.len);
        } else {
            for (to, from) in register.chunks_exact_mut(row).zip(buffer.chunks_exact(bytes)) {
                to[..bytes].copy_from_slice(from);
            }
        }
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

/// Stores the first rows and columns of register `n`. `transposed`: runs are columns.
fn store(hart: &mut Hart, memory: &mut Memory, n: u8, runs: Runs, transposed: bool) -> Result<(), Event> {
    let (place, from) = restart(hart, hart.matrix.place(n));
    let runs = runs.skip(from);
    let (bytes, row) = (runs.bytes(), place.row);
    if bytes == 0 || runs.count == 0 {
        return Ok(());
    }
    let register = &hart.matrix.file[place.range()];
    let turned;
    let (data, row) = if transposed {
        let mut buffer = vec![0; bytes * runs.count];
        transpose_any(runs.size, register, row, &mut buffer, bytes, runs.len, runs.count);
        turned = buffer;
        (&turned[..], bytes)
    } else {
        (register, row)
    };
    let rows = data.chunks_exact(row).take(runs.count).map(|r| &r[..bytes]).enumerate();
    if let Some(to) = runs.stretch(memory, Access::Write) {
        rows.for_each(|(k, from)| copy(&mut to[k * runs.stride as usize..], from));
        return Ok(());
    }
    if runs.plain(memory, Access::Write) {
        for (k, from) in rows {
            if let Some(to) = memory.plain(runs.at(k), bytes as u64, Access::Write) {
                to.copy_from_slice(from);
            }
        }
        return Ok(());
    }
    let mut done = runs.probe(memory, Access::Write);
    for (k, from) in rows {
        done = done.and_then(|()| write_run(memory, &runs, k, from));
    }
    done.map_err(|f| trap(hart, f, Cause::StoreAccess))
}

/// Which of M, N and K count rows and columns of a tile.
#[derive(Clone, Copy)]
enum Shape {
    A,
    B,
    C,
}

/// The runs of a tile of 0.6, whose sizes have been checked.
fn tile_runs(hart: &Hart, insn: &Insn, shape: Shape, size: usize, transposed: bool) -> Runs {
    let [m, n, k] = hart.matrix.sizes.map(|s| s as usize);
    let (rows, columns) = match shape {
        Shape::A => (m, k),
        Shape::B => (n, k),
        Shape::C => (m, n),
    };
    let (count, len) = if transposed { (columns, rows) } else { (rows, columns) };
    Runs { base: hart.x(insn.rs1), stride: hart.x(insn.rs2), count, len, size }
}

/// The runs of 0.3: M rows of K bytes.
fn row_runs(hart: &Hart, insn: &Insn, size: usize) -> Runs {
    let [m, _, k] = hart.matrix.sizes.map(|s| s as usize);
    Runs { base: hart.x(insn.rs1), stride: hart.x(insn.rs2), count: m, len: k / size, size }
}

const fn rule(registers: Registers, sizes: Sizes) -> Rule {
    Rule { registers, sizes, ..Rule::ALWAYS }
}

/// `tiles! { Mlae8 Msae8 A Tile 1 false; }`: a load and the store that goes with it.
macro_rules! tiles {
    ($($load:ident $store:ident $shape:ident $class:ident $size:literal $transposed:literal;)*) => { matrix! { $(
        $load rule(Registers::Load(Class::$class), Sizes::$shape($size * 8)), |h, m, i| {
            let runs = tile_runs(h, i, Shape::$shape, $size, $transposed);
            load(h, m, i.rd, runs, $transposed)
        };
        $store rule(Registers::Store(Class::$class), Sizes::$shape($size * 8)), |h, m, i| {
            let runs = tile_runs(h, i, Shape::$shape, $size, $transposed);
            store(h, m, i.rs3, runs, $transposed)
        };
    )* } };
}
tiles! {
    Mlae8 Msae8 A Tile 1 false;
    Mlae16 Msae16 A Tile 2 false;
    Mlae32 Msae32 A Tile 4 false;
    Mlae64 Msae64 A Tile 8 false;
    Mlbe8 Msbe8 B Tile 1 false;
    Mlbe16 Msbe16 B Tile 2 false;
    Mlbe32 Msbe32 B Tile 4 false;
    Mlbe64 Msbe64 B Tile 8 false;
    Mlce8 Msce8 C Accumulator 1 false;
    Mlce16 Msce16 C Accumulator 2 false;
    Mlce32 Msce32 C Accumulator 4 false;
    Mlce64 Msce64 C Accumulator 8 false;
    Mlate8 Msate8 A Tile 1 true;
    Mlate16 Msate16 A Tile 2 true;
    Mlate32 Msate32 A Tile 4 true;
    Mlate64 Msate64 A Tile 8 true;
    Mlbte8 Msbte8 B Tile 1 true;
    Mlbte16 Msbte16 B Tile 2 true;
    Mlbte32 Msbte32 B Tile 4 true;
    Mlbte64 Msbte64 B Tile 8 true;
    Mlcte8 Mscte8 C Accumulator 1 true;
    Mlcte16 Mscte16 C Accumulator 2 true;
    Mlcte32 Mscte32 C Accumulator 4 true;
    Mlcte64 Mscte64 C Accumulator 8 true;
}

/// `whole! { Mlme8 Msme8 1 1; }`: so many whole registers, moved as elements of so many bytes.
macro_rules! whole {
    ($($load:ident $store:ident $registers:literal $size:literal;)*) => { matrix! { $(
        $load rule(Registers::Group($registers), Sizes::Ignored), |h, m, i| load_whole(h, m, i, $registers, $size);
        $store rule(Registers::StoreGroup($registers), Sizes::Ignored), |h, m, i| store_whole(h, m, i, $registers, $size);
    )* } };
}
whole! {
    Mlme8 Msme8 1 1;
    Mlme16 Msme16 1 2;
    Mlme32 Msme32 1 4;
    Mlme64 Msme64 1 8;
    Mld1mb Mst1mb 1 1;
    Mld1mh Mst1mh 1 2;
    Mld1mw Mst1mw 1 4;
    Mld1md Mst1md 1 8;
    Mld2mb Mst2mb 2 1;
    Mld2mh Mst2mh 2 2;
    Mld2mw Mst2mw 2 4;
    Mld2md Mst2md 2 8;
    Mld4mb Mst4mb 4 1;
    Mld4mh Mst4mh 4 2;
    Mld4mw Mst4mw 4 4;
    Mld4md Mst4md 4 8;
    Mld8mb Mst8mb 8 1;
    Mld8mh Mst8mh 8 2;
    Mld8mw Mst8mw 8 4;
    Mld8md Mst8md 8 8;
}

/// Registers of one group lie one behind the other, in memory as here: they are one with more rows.
fn whole(hart: &Hart, insn: &Insn, n: u8, registers: usize, size: usize) -> (Place, Runs) {
    let first = hart.matrix.place(n);
    let (place, from) = restart(hart, Place { rows: first.rows * registers, ..first });
    // Rows of fewer bytes than an element's width are one run of bytes all the same.
    let size = size.min(place.row);
    let runs =
        Runs { base: hart.x(insn.rs1), stride: place.row as u64, count: place.rows, len: place.row / size, size };
    (place, Runs { base: runs.at(from), ..runs })
}

fn load_whole(hart: &mut Hart, memory: &mut Memory, insn: &Insn, registers: usize, size: usize) -> Result<(), Event> {
    let (place, runs) = whole(hart, insn, insn.rd, registers, size);
    if let Some(from) = memory.plain(runs.base, place.len() as u64, Access::Read) {
        hart.matrix.file[place.range()].copy_from_slice(from);
    } else {
        let mut buffer = vec![0; place.len()];
        gather(hart, memory, &runs, &mut buffer)?;
        hart.matrix.file[place.range()].copy_from_slice(&buffer);
    }
    hart.matrix.set_ms(Context::Dirty);
    Ok(())
}

fn store_whole(hart: &mut Hart, memory: &mut Memory, insn: &Insn, registers: usize, size: usize) -> Result<(), Event> {
    let (place, runs) = whole(hart, insn, insn.rs3, registers, size);
    let from = &hart.matrix.file[place.range()];
    if let Some(to) = memory.plain(runs.base, from.len() as u64, Access::Write) {
        to.copy_from_slice(from);
        return Ok(());
    }
    let mut done = runs.probe(memory, Access::Write);
    for (k, row) in from.chunks_exact(place.row).enumerate() {
        done = done.and_then(|()| write_run(memory, &runs, k, row));
    }
    done.map_err(|f| trap(hart, f, Cause::StoreAccess))
}

/// `rows! { Mldb Mstb 1; }`: those of 0.3, a load and the store that goes with it.
macro_rules! rows {
    ($($load:ident $store:ident $size:literal;)*) => { matrix! { $(
        $load rule(Registers::Any, Sizes::Rows($size * 8)), |h, m, i| {
            let runs = row_runs(h, i, $size);
            load(h, m, i.rd, runs, false)
        };
        $store rule(Registers::Any, Sizes::Rows($size * 8)), |h, m, i| {
            let runs = row_runs(h, i, $size);
            store(h, m, i.rs3, runs, false)
        };
    )* } };
}
rows! {
    Mldb Mstb 1;
    Mldh Msth 2;
    Mldw Mstw 4;
    Mldd Mstd 8;
    Msldb Msstb 1;
    Msldh Mssth 2;
    Msldw Msstw 4;
    Msldd Msstd 8;
}
