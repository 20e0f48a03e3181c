//! Floating-point reductions.

use super::super::Outcome;
use super::super::legality::{self, Form, Operand, check};
use super::super::state::{Fields, VState};
use super::element::{compute, reformat};
use super::format;

/// vfredosum, vfredusum, vfredmin, vfredmax, vfwredosum, vfwredusum. `None`: illegal.
pub fn reduction(s: &mut VState, name: &str, _operands: &str, f: &Fields) -> Option<Outcome> {
    let sew = s.sew();
    let wide = if name.starts_with("vfw") { 2 * sew } else { sew };
    let (from, to) = (format(s, sew)?, format(s, wide)?);
    let dest = Operand::scalar(f.vd, wide);
    let form = Form {
        dest: Some(dest),
        sources: vec![Operand::group(s, f.vs2, sew), Operand::scalar(f.vs1, wide)],
        masked: !f.vm,
        vstart_zero: true,
        ..Form::default()
    };
    let policy = check(s, &form)?;
    if s.vl == 0 {
        return Some(Outcome::Done);
    }

    let (mode, mut fflags) = (u64::from(s.frm), 0);
    let operation = match name {
        "vfredmin" => "vfmin",
        "vfredmax" => "vfmax",
        _ => "vfadd",
    };
    let combine = |a: u64, b: u64, fflags: &mut u64| {
        let (v, flags) = compute(operation, to, mode, a, b, 0);
        *fflags |= flags;
        v
    };
    // The elements as they enter the sum, `None` where masked off.
    let elements: Vec<Option<u64>> = (0..s.vl as usize)
        .map(|i| {
            s.enabled(f.vm, i).then(|| {
                let v = s.get(f.vs2, i, sew);
                let (v, flags) = if wide != sew { reformat(from, to, mode, v) } else { (v, 0) };
                fflags |= flags;
                v
            })
        })
        .collect();
    let start = s.get(f.vs1, 0, wide);
    let result = if elements.iter().all(Option::is_none) {
        // "The scalar in vs1[0] is simply copied to the destination register, without canonicalizing NaN values and without
        // setting any exception flags"; for unordered sums that is one of the choices.
        start
    } else if name.ends_with("usum") && s.settings.tree_reductions {
        let identity = if mode == 2 { 0 } else { to.sign() };
        let root = tree(&elements, identity, |a, b| combine(a, b, &mut fflags));
        combine(start, root, &mut fflags)
    } else {
        elements.iter().flatten().fold(start, |sum, v| combine(sum, *v, &mut fflags))
    };
    s.set(f.vd, 0, wide, result);
    s.fflags |= fflags as u8;
    legality::tail(s, &dest, policy, 1);
    Some(Outcome::Done)
}

/// The tree of unordered sums (setting `tree_reductions`; otherwise they are made in element order).
///
/// Be `n` the least power of two that is not less than vl, and `a[0..n]` the elements of vs2, for widening sums converted to
/// 2*SEW; where an element is masked off or its index is not less than vl, `a[i]` is the additive identity: +0.0 when rounding
/// down (frm = RDN), -0.0 otherwise. While `n > 1`: `n` becomes `n/2`, and `a[i] = a[i] + a[i + n]` for all `i < n`.
/// The result of the instruction is `vs1[0] + a[0]`. Each `+` is a scalar addition in the destination's format under `frm`,
/// with `a[i]` as first operand, and raises its flags. If no element is active at all, the result is the unchanged `vs1[0]`.
pub fn tree(elements: &[Option<u64>], identity: u64, mut add: impl FnMut(u64, u64) -> u64) -> u64 {
    let mut a: Vec<u64> = elements.iter().map(|v| v.unwrap_or(identity)).collect();
    a.resize(elements.len().next_power_of_two(), identity);
    while a.len() > 1 {
        let upper = a.split_off(a.len() / 2);
        for (low, high) in a.iter_mut().zip(upper) {
            *low = add(*low, high);
        }
    }
    a[0]
}
