//! The threaded engine against single steps: the same final state, the same traps, the same count for every `run(N)`, on
//! random programs.

mod common;

use common::cases;
use common::drive::{Drive, Gait, differences, machine_of, map};
use common::program::{Item, Mix, POINTERS, assemble, items, thead_items};
use mellivora::hart::{Agnostic, Simd, VectorConfig, VectorVersion};
use mellivora::isa::Isa;
use mellivora::memory::Prot;
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::Range;

const CODE: Range<u64> = 0x1_0000..0x1_4000;
const DATA: Range<u64> = 0x2_0000..0x2_2000;
/// Readable, not writable.
const CONST: Range<u64> = 0x2_2000..0x2_3000;

/// A random program and what it starts with.
#[derive(Clone, Debug)]
struct Case {
    items: Vec<Item>,
    /// The vector unit, if there is one.
    unit: VectorConfig,
    /// Where in the second code page it starts.
    start: u64,
    x: Vec<u64>,
    f: Vec<u64>,
    /// Lengths of runs, repeated until the end.
    chunks: Vec<u64>,
    /// Instructions in all.
    total: u64,
}

fn value() -> impl Strategy<Value = u64> + Clone {
    prop_oneof![
        select(vec![0, 1, !0, 1 << 63, 1 << 31, 0x7fff_ffff, 0xffff_ffff_8000_0000]),
        0..256u64,
        any::<u64>(),
        any::<i32>().prop_map(|v| v as u64)
    ]
}

/// Floating-point register values: numbers of all formats, properly boxed or not.
fn float() -> impl Strategy<Value = u64> + Clone {
    let single = any::<f32>().prop_map(|v| v.to_bits() as u64 | !0 << 32);
    let small = (-8i32..8).prop_map(|v| f64::from(v).to_bits());
    prop_oneof![small, any::<f64>().prop_map(f64::to_bits), single, any::<u64>()]
}

/// What programs of XTheadVector run on: all that can be had together with it.
fn thead() -> Isa {
    Isa::parse("rv64gc_zfh_xtheadvector_xtheadzvamo_xtheadvdot").expect("a possible combination")
}

/// A vector unit of any size, by any of the host's SIMD levels; XTheadVector's always clears its tails.
fn unit_of(isa: &Isa) -> impl Strategy<Value = VectorConfig> + Clone + use<> {
    let all = VectorConfig::for_isa(isa);
    (select(vec![128, 128, 256, 512, 1024, 4096]), select(Simd::available()))
        .prop_map(move |(vlen, simd)| VectorConfig { vlen, simd, ..all })
}

/// Likewise, with either reading of agnostic policies.
fn unit() -> impl Strategy<Value = VectorConfig> + Clone {
    let agnostic = select(vec![Agnostic::Undisturbed, Agnostic::Ones]);
    (unit_of(&Isa::all()), agnostic).prop_map(|(unit, agnostic)| VectorConfig { agnostic, ..unit })
}

fn case(mix: Mix, most: usize) -> impl Strategy<Value = Case> {
    let unit = if mix.vector > 0 { unit().boxed() } else { Just(VectorConfig::none()).boxed() };
    case_of(items(mix, most), unit)
}

fn case_of(items: impl Strategy<Value = Vec<Item>>, unit: BoxedStrategy<VectorConfig>) -> impl Strategy<Value = Case> {
    let start = prop_oneof![Just(0), (0..64u64).prop_map(|n| 0x1000 - 2 * n), Just(0x800)];
    let chunks = prop::collection::vec(prop_oneof![1..20u64, 100..300u64, 200..2000u64], 1..5);
    let x = prop::collection::vec(value(), 32);
    (items, unit, start, x, prop::collection::vec(float(), 8), chunks, 500..4000u64)
        .prop_map(|(items, unit, start, x, f, chunks, total)| Case { items, unit, start, x, f, chunks, total })
}

impl Case {
    fn drive(&self, code: Prot) -> Drive {
        let isa = if self.unit.version == VectorVersion::Thead { thead() } else { Isa::all() };
        let mut m = machine_of(isa, self.unit);
        map(&mut m, CODE, code);
        map(&mut m, DATA, Prot::READ | Prot::WRITE);
        map(&mut m, CONST, Prot::READ);
        let entry = CODE.start + 0x1000 + self.start;
        m.memory_mut().write(entry, &assemble(&self.items)).expect("it fits");
        for page in [DATA, CONST] {
            let bytes: Vec<u8> = (page.start..page.end).map(|a| (a ^ a >> 8) as u8).collect();
            m.memory_mut().write(page.start, &bytes).expect("mapped");
        }
        let hart = m.hart_mut();
        for n in 1..32 {
            hart.set_x(n, self.x[n as usize]);
        }
        for n in 0..8 {
            hart.set_f(n, self.f[n as usize]);
        }
        for n in 0..32u8 {
            let seed = self.x[usize::from(n)].to_le_bytes();
            for (i, byte) in hart.v_mut(n).iter_mut().enumerate() {
                *byte = seed[i % 8].wrapping_add((i / 8) as u8);
            }
        }
        // Pointers: into the middle, over a page boundary, to the end, to the code itself.
        for (r, p) in POINTERS.into_iter().zip([DATA.start + 0x800, DATA.start + 0x1000, CONST.start + 8, entry]) {
            hart.set_x(r, p);
        }
        Drive::new(m, entry)
    }

    /// Runs in chunks against single steps, comparing registers after each chunk and everything in the end.
    fn check(&self, code: Prot) -> Result<(), TestCaseError> {
        let (mut fast, mut slow) = (self.drive(code), self.drive(code));
        let names = ("run", "step");
        let mut goal = 0;
        for chunk in self.chunks.iter().cycle() {
            goal = self.total.min(goal + chunk);
            fast.to(goal, Gait::Run);
            slow.to(goal, Gait::Step);
            if let Some(d) = differences(&fast, &slow, names, &[]) {
                return Err(TestCaseError::fail(format!("after {goal} instructions:\n{d}")));
            }
            if goal == self.total || fast.ended.is_some() {
                break;
            }
        }
        match differences(&fast, &slow, names, &[CODE, DATA, CONST]) {
            Some(d) => Err(TestCaseError::fail(d)),
            None => Ok(()),
        }
    }
}

const INTEGER: Mix = Mix { float: 0, atomic: 0, modes: 0, patch: 0, vector: 0, any: 0 };

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn integer_programs_run_as_they_step(case in case(INTEGER, 60)) {
        case.check(Prot::READ | Prot::EXEC)?;
    }

    #[test]
    fn floating_point_in_changing_modes_runs_as_it_steps(
        case in case(Mix { float: 50, modes: 8, ..INTEGER }, 60)
    ) {
        case.check(Prot::READ | Prot::EXEC)?;
    }

    #[test]
    fn any_instructions_run_as_they_step(
        case in case(Mix { float: 8, atomic: 8, modes: 2, patch: 2, any: 10, ..INTEGER }, 80)
    ) {
        case.check(Prot::all())?;
    }

    #[test]
    fn programs_that_change_themselves_run_as_they_step(
        case in case(Mix { patch: 12, atomic: 6, ..INTEGER }, 40)
    ) {
        case.check(Prot::all())?;
    }

    #[test]
    fn vector_programs_run_as_they_step(case in case(Mix { vector: 100, float: 4, modes: 2, ..INTEGER }, 60)) {
        case.check(Prot::READ | Prot::EXEC)?;
    }

    #[test]
    fn programs_of_xtheadvector_run_as_they_step(case in case_of(thead_items(&thead(), 60), unit_of(&thead()).boxed())) {
        case.check(Prot::READ | Prot::EXEC)?;
    }

    #[test]
    fn vector_programs_that_change_themselves_run_as_they_step(
        case in case(Mix { vector: 60, patch: 10, ..INTEGER }, 50)
    ) {
        case.check(Prot::all())?;
    }
}
