//! Forms: instructions as the dispatcher sees them, with the specialised operand shapes that fusion builds on, and the
//! tables from pairs of forms to handlers.

use super::handlers::*;
use super::op::Handler;
use crate::hart::{Event, Hart};
use crate::isa::{Insn, Op as Name};
use crate::memory::{Memory, Ram};
use crate::ops::{self, File, Kind, Semantics, alu};

/// An instruction's semantics with an operand shape.
pub(super) trait Form {
    /// What it does.
    type S: Semantics;
    /// rs1 is rd.
    const SAME: bool = false;
    /// rs1 is sp.
    const SP: bool = false;
}

/// Any operands.
pub(super) struct Any<S>(core::marker::PhantomData<S>);
/// rd = rs1.
pub(super) struct Same<S>(core::marker::PhantomData<S>);
/// rs1 = sp.
pub(super) struct Sp<S>(core::marker::PhantomData<S>);

impl<S: Semantics> Form for Any<S> {
    type S = S;
}
impl<S: Semantics> Form for Same<S> {
    type S = S;
    const SAME: bool = true;
}
impl<S: Semantics> Form for Sp<S> {
    type S = S;
    const SP: bool = true;
}

/// A constant: `lui`, `auipc`, `li`, and what folds into one.
pub(super) struct Li;
impl Semantics for Li {
    const KIND: Kind = Kind::Simple;
    const RD: File = File::X;
    #[inline(always)]
    fn ex<const FMA: bool, const NX: bool>(_: &mut Hart, _: Ram, _: u64, _: u64, _: u64, imm: i64) -> Option<u64> {
        Some(imm as u64)
    }
    fn slow(_: &mut Hart, _: &mut Memory, _: u64, _: u64, _: u64, imm: i64) -> Result<u64, Event> {
        Ok(imm as u64)
    }
}

alu! {
    // `addi rd, rs, 0` and `add rd, x0, rs`.
    r Mv |a| a;
    // `slli` then `srli` of one register: both amounts in the immediate.
    ri ShiftPair |a, i| (a << (i >> 8 & 63)) >> (i & 63);
}

/// The integer forms that fuse with each other: name, shape, semantics.
macro_rules! integer_forms {
    ($m:ident) => { $m! {
        (Addi Any ops::Addi) (Add Any ops::Add) (Sub Any ops::Sub) (Slli Any ops::Slli) (Srli Any ops::Srli)
        (And Any ops::And) (Andi Any ops::Andi) (Or Any ops::Or) (Xor Any ops::Xor)
        (Addiw Any ops::Addiw) (Addw Any ops::Addw) (Li Any Li) (Mv Any Mv)
        (Lw Any ops::Lw) (Ld Any ops::Ld) (Lbu Any ops::Lbu) (Lhu Any ops::Lhu)
        (Sw Any ops::Sw) (Sd Any ops::Sd) (Sb Any ops::Sb) (Sh Any ops::Sh)
        (Srliw Any ops::Srliw) (Slliw Any ops::Slliw) (Mul Any ops::Mul) (Mulw Any ops::Mulw) (ShiftPair Any ShiftPair)
        (AddiSame Same ops::Addi) (AddSame Same ops::Add) (SlliSame Same ops::Slli) (XorSame Same ops::Xor)
        (AndSame Same ops::And) (OrSame Same ops::Or) (AddiwSame Same ops::Addiw) (AddwSame Same ops::Addw)
        (AndiSame Same ops::Andi) (LdSp Sp ops::Ld) (SdSp Sp ops::Sd)
    } };
}

/// Integer forms that are rarer: they fuse with branches and with the commonest others, not with each other.
macro_rules! rare_forms {
    ($m:ident) => { $m! {
        (Lh Any ops::Lh) (Lb Any ops::Lb) (Lwu Any ops::Lwu) (Srai Any ops::Srai) (Sraiw Any ops::Sraiw) (Subw Any ops::Subw)
        (Slt Any ops::Slt) (Sltu Any ops::Sltu) (Slti Any ops::Slti) (Sltiu Any ops::Sltiu) (Xori Any ops::Xori) (Ori Any ops::Ori)
        (Sll Any ops::Sll) (Srl Any ops::Srl) (Sllw Any ops::Sllw) (Srlw Any ops::Srlw) (Mulhu Any ops::Mulhu)
        (Sh1add Any ops::Sh1add) (Sh2add Any ops::Sh2add) (Sh3add Any ops::Sh3add) (AddUw Any ops::AddUw) (Andn Any ops::Andn)
    } };
}

/// The commonest integer forms.
macro_rules! common_forms {
    ($m:ident) => { $m! {
        (Addi Any ops::Addi) (Add Any ops::Add) (Slli Any ops::Slli) (Srli Any ops::Srli) (And Any ops::And) (Andi Any ops::Andi)
        (Or Any ops::Or) (Xor Any ops::Xor) (Addiw Any ops::Addiw) (Addw Any ops::Addw) (Li Any Li) (Mv Any Mv)
        (Lw Any ops::Lw) (Ld Any ops::Ld) (Lbu Any ops::Lbu) (Sw Any ops::Sw) (Sd Any ops::Sd) (Sb Any ops::Sb)
        (AddiSame Same ops::Addi) (AddSame Same ops::Add) (AddiwSame Same ops::Addiw)
    } };
}

/// The floating-point forms that fuse with each other, where the host has fused multiply-add.
macro_rules! float_forms {
    ($m:ident) => {
        $m! {
            (Fld Any ops::Fld) (Fsd Any ops::Fsd) (FaddD Any ops::FaddD) (FsubD Any ops::FsubD) (FmulD Any ops::FmulD)
            (FmaddD Any ops::FmaddD) (Flw Any ops::Flw) (Fsw Any ops::Fsw) (FaddS Any ops::FaddS) (FmulS Any ops::FmulS)
            (FmaddS Any ops::FmaddS)
        }
    };
}

/// The integer forms that also fuse with those.
macro_rules! address_forms {
    ($m:ident) => {
        $m! { (Addi Any ops::Addi) (AddiSame Same ops::Addi) (Mv Any Mv) (Addiw Any ops::Addiw) (AddSame Same ops::Add) }
    };
}

/// Branches, and branches against x0.
macro_rules! branch_forms {
    ($m:ident) => {
        $m! {
            (Beq false ops::Beq) (Bne false ops::Bne) (Blt false ops::Blt) (Bge false ops::Bge)
            (Bltu false ops::Bltu) (Bgeu false ops::Bgeu)
            (Beqz true ops::Beq) (Bnez true ops::Bne) (Bltz true ops::Blt) (Bgez true ops::Bge)
        }
    };
}

macro_rules! define_shapes {
    ($(($n:ident $w:ident $s:ty))*) => {
        /// An integer form that can be part of a pair.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Shape { $($n),* }
        impl Shape {
            /// What it reads and writes.
            pub(super) fn traits(self) -> Traits { match self { $(Shape::$n => Traits::of::<$s>()),* } }
            /// The handler for this form alone.
            pub(super) fn one(self) -> Handler { match self { $(Shape::$n => one::<$w<$s>, false>),* } }
            /// The handler for this form before a goto.
            pub(super) fn goto(self) -> Handler { match self { $(Shape::$n => pair_goto::<$w<$s>>),* } }
            /// The handler for this form before an indirect jump without link.
            pub(super) fn jalr(self) -> Handler { match self { $(Shape::$n => pair_jalr::<$w<$s>>),* } }
            /// The handler for this form before a branch that takes its result as rs1 (1), rs2 (2) or not at all (0).
            pub(super) fn branch(self, b: Branch, forward: u8) -> Handler {
                match self { $(Shape::$n => branch_row::<$w<$s>>(b, forward)),* }
            }
            /// The handler for this form and then `second`.
            pub(super) fn pair(self, second: Shape, forward: u8, dead: bool) -> Handler {
                match self { $(Shape::$n => pair_row::<$w<$s>>(second, forward, dead)),* }
            }
        }
        fn pair_row<A: Form>(second: Shape, forward: u8, dead: bool) -> Handler {
            match second { $(Shape::$n => pair_cell::<A, $w<$s>>(forward, dead)),* }
        }
    };
}
integer_forms!(define_shapes);

macro_rules! define_rare {
    ($(($n:ident $w:ident $s:ty))*) => {
        /// A rarer integer form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Rare { $($n),* }
        impl Rare {
            /// What it reads and writes.
            pub(super) fn traits(self) -> Traits { match self { $(Rare::$n => Traits::of::<$s>()),* } }
            /// The handler for this form before a goto.
            pub(super) fn goto(self) -> Handler { match self { $(Rare::$n => pair_goto::<$w<$s>>),* } }
            /// The handler for this form before a branch that takes its result as rs1 (1), rs2 (2) or not at all (0).
            pub(super) fn branch(self, b: Branch, forward: u8) -> Handler {
                match self { $(Rare::$n => branch_row::<$w<$s>>(b, forward)),* }
            }
            /// The handler for this form and then a common one.
            pub(super) fn pair(self, second: Shape, forward: u8, dead: bool) -> Option<Handler> {
                match self { $(Rare::$n => common_row::<$w<$s>>(second, forward, dead)),* }
            }
        }
        /// The rare form of an instruction.
        pub(super) fn rare_form(i: &Insn) -> Option<Rare> {
            match i.base { $(Name::$n => Some(Rare::$n),)* _ => None }
        }
        fn rare_row<A: Form>(second: Rare, forward: u8, dead: bool) -> Handler {
            match second { $(Rare::$n => pair_cell::<A, $w<$s>>(forward, dead)),* }
        }
    };
}
rare_forms!(define_rare);

macro_rules! define_common {
    ($(($n:ident $w:ident $s:ty))*) => {
        impl Shape {
            /// The handler for this form and then a rare one.
            pub(super) fn before_rare(self, second: Rare, forward: u8, dead: bool) -> Option<Handler> {
                match self { $(Shape::$n => Some(rare_row::<$w<$s>>(second, forward, dead)),)* _ => None }
            }
        }
        fn common_row<A: Form>(second: Shape, forward: u8, dead: bool) -> Option<Handler> {
            match second { $(Shape::$n => Some(pair_cell::<A, $w<$s>>(forward, dead)),)* _ => None }
        }
    };
}
common_forms!(define_common);

macro_rules! define_floats {
    ($(($n:ident $w:ident $s:ty))*) => {
        /// A floating-point form that can be part of a pair.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Float { $($n),* }
        impl Float {
            /// What it reads and writes.
            pub(super) fn traits(self) -> Traits { match self { $(Float::$n => Traits::of::<$s>()),* } }
            /// The handler for this form and then `second`.
            pub(super) fn pair(self, second: Float, forward: u8, dead: bool) -> Handler {
                match self { $(Float::$n => float_row::<$w<$s>>(second, forward, dead)),* }
            }
            /// The handler for this form and then an integer one.
            pub(super) fn then(self, second: Shape) -> Option<Handler> {
                match self { $(Float::$n => address_row::<$w<$s>>(second)),* }
            }
            /// The handler for this form before a branch.
            pub(super) fn branch(self, b: Branch) -> Handler {
                match self { $(Float::$n => float_branch_row::<$w<$s>>(b)),* }
            }
        }
        fn float_row<A: Form>(second: Float, forward: u8, dead: bool) -> Handler {
            match second { $(Float::$n => float_cell::<A, $w<$s>>(forward, dead)),* }
        }
        /// The float form of an instruction.
        pub(super) fn float_form(i: &Insn) -> Option<Float> {
            match i.base { $(Name::$n => Some(Float::$n),)* _ => None }
        }
    };
}
float_forms!(define_floats);

macro_rules! define_addresses {
    ($(($n:ident $w:ident $s:ty))*) => {
        impl Shape {
            /// The handler for this form and then a floating-point one that perhaps takes its result as rs1.
            pub(super) fn before_float(self, second: Float, forward: u8) -> Option<Handler> {
                match self { $(Shape::$n => Some(before_row::<$w<$s>>(second, forward)),)* _ => None }
            }
        }
        fn address_row<A: Form>(second: Shape) -> Option<Handler> {
            match second { $(Shape::$n => Some(pair_fma::<A, $w<$s>, 0, false>),)* _ => None }
        }
    };
}
address_forms!(define_addresses);

macro_rules! define_before {
    ($(($n:ident $w:ident $s:ty))*) => {
        fn before_row<A: Form>(second: Float, forward: u8) -> Handler {
            match (second, forward) {
                $((Float::$n, 1) if const { matches!(<$s>::RS1, File::X) } => pair_fma::<A, $w<$s>, 1, false>,)*
                $((Float::$n, _) => pair_fma::<A, $w<$s>, 0, false>,)*
            }
        }
    };
}
float_forms!(define_before);

/// What an instruction reads and writes.
#[derive(Clone, Copy)]
pub(super) struct Traits {
    pub rs1: bool,
    pub rs2: bool,
    pub rs3: bool,
    pub rd: bool,
}

impl Traits {
    fn of<S: Semantics>() -> Traits {
        Traits { rs1: uses(S::RS1), rs2: uses(S::RS2), rs3: uses(S::RS3), rd: writes::<S>() }
    }
}

/// Forwarding needs a result and a reader of it, `dead` also a new writer: other combinations are not instantiated.
fn pair_cell<A: Form, B: Form>(forward: u8, dead: bool) -> Handler {
    if const { writes::<A::S>() && uses(B::S::RS1) } && forward == 1 {
        if const { writes::<B::S>() } && dead {
            return pair::<A, B, 1, true>;
        }
        return pair::<A, B, 1, false>;
    }
    if const { writes::<A::S>() && uses(B::S::RS2) } && forward == 2 {
        if const { writes::<B::S>() } && dead {
            return pair::<A, B, 2, true>;
        }
        return pair::<A, B, 2, false>;
    }
    pair::<A, B, 0, false>
}

/// As `pair_cell`, between floating-point registers.
fn float_cell<A: Form, B: Form>(forward: u8, dead: bool) -> Handler {
    let gives = const { matches!(A::S::RD, File::F) };
    if gives && const { matches!(B::S::RS1, File::F) } && forward == 1 {
        if dead {
            return pair_fma::<A, B, 1, true>;
        }
        return pair_fma::<A, B, 1, false>;
    }
    if gives && const { matches!(B::S::RS2, File::F) } && forward == 2 {
        if const { writes::<B::S>() } && dead {
            return pair_fma::<A, B, 2, true>;
        }
        return pair_fma::<A, B, 2, false>;
    }
    if gives && const { matches!(B::S::RS3, File::F) } && forward == 3 {
        if dead {
            return pair_fma::<A, B, 3, true>;
        }
        return pair_fma::<A, B, 3, false>;
    }
    pair_fma::<A, B, 0, false>
}

macro_rules! define_branches {
    ($(($n:ident $z:literal $s:ty))*) => {
        /// A branch, perhaps against x0.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Branch { $($n),* }
        impl Branch {
            /// The handler for this branch alone.
            pub(super) fn one(self) -> Handler { match self { $(Branch::$n => branch::<$s, $z>),* } }
            /// Whether rs2 is read.
            pub(super) fn reads_rs2(self) -> bool { match self { $(Branch::$n => !$z),* } }
        }
        fn float_branch_row<A: Form>(b: Branch) -> Handler {
            match b { $(Branch::$n => pair_branch_fma::<A, $s, $z, 0>,)* }
        }
        fn branch_row<A: Form>(b: Branch, forward: u8) -> Handler {
            match (b, forward) {
                $((Branch::$n, 0) => pair_branch::<A, $s, $z, 0>,)*
                $((Branch::$n, 1) => pair_branch::<A, $s, $z, 1>,)*
                $((Branch::$n, _) => pair_branch::<A, $s, $z, 2>,)*
            }
        }
    };
}
branch_forms!(define_branches);

/// The shape of a simple integer instruction, if it is one that fuses. `Mv` takes its source from the returned slot.
pub(super) fn shape(i: &Insn) -> Option<(Shape, u8)> {
    let same = i.rd == i.rs1 && i.rd != 0;
    let sp = i.rs1 == 2;
    let shape = match i.base {
        Name::Addi if i.rs1 == 0 => Shape::Li,
        Name::Addi if i.imm == 0 => Shape::Mv,
        Name::Add if i.rs2 == 0 => Shape::Mv,
        Name::Add if i.rs1 == 0 => return Some((Shape::Mv, i.rs2)),
        Name::Addi if same => Shape::AddiSame,
        Name::Addi => Shape::Addi,
        Name::Add if same => Shape::AddSame,
        Name::Add => Shape::Add,
        Name::Sub => Shape::Sub,
        Name::Slli if same => Shape::SlliSame,
        Name::Slli => Shape::Slli,
        Name::Srli => Shape::Srli,
        Name::And if same => Shape::AndSame,
        Name::And => Shape::And,
        Name::Andi if same => Shape::AndiSame,
        Name::Andi => Shape::Andi,
        Name::Or if same => Shape::OrSame,
        Name::Or => Shape::Or,
        Name::Xor if same => Shape::XorSame,
        Name::Xor => Shape::Xor,
        Name::Addiw if same => Shape::AddiwSame,
        Name::Addiw => Shape::Addiw,
        Name::Addw if same => Shape::AddwSame,
        Name::Addw => Shape::Addw,
        Name::Lw => Shape::Lw,
        Name::Ld if sp => Shape::LdSp,
        Name::Ld => Shape::Ld,
        Name::Lbu => Shape::Lbu,
        Name::Lhu => Shape::Lhu,
        Name::Sw => Shape::Sw,
        Name::Sd if sp => Shape::SdSp,
        Name::Sd => Shape::Sd,
        Name::Sb => Shape::Sb,
        Name::Sh => Shape::Sh,
        Name::Srliw => Shape::Srliw,
        Name::Slliw => Shape::Slliw,
        Name::Mul => Shape::Mul,
        Name::Mulw => Shape::Mulw,
        _ => return None,
    };
    Some((shape, i.rs1))
}

/// The branch form of a branch instruction.
pub(super) fn branch_form(i: &Insn) -> Option<Branch> {
    let zero = i.rs2 == 0;
    Some(match i.base {
        Name::Beq if zero => Branch::Beqz,
        Name::Bne if zero => Branch::Bnez,
        Name::Blt if zero => Branch::Bltz,
        Name::Bge if zero => Branch::Bgez,
        Name::Beq => Branch::Beq,
        Name::Bne => Branch::Bne,
        Name::Blt => Branch::Blt,
        Name::Bge => Branch::Bge,
        Name::Bltu => Branch::Bltu,
        Name::Bgeu => Branch::Bgeu,
        _ => return None,
    })
}
