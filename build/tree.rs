//! The decoder's search tree over all known encodings, enabled or not: inner nodes look at a bit field of the word,
//! leaves list the few candidates that are left, special cases before general ones.

/// One encoding: fixed bits and their values.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    pub mask: u64,
    pub value: u64,
    /// What the leaf lists.
    pub id: u16,
}

/// The tree, flattened. A child is an index into `nodes`, or with the top bit set an index into `candidates`.
#[derive(Default, Debug)]
pub struct Tree {
    /// (lowest bit, number of bits, first child)
    pub nodes: Vec<(u8, u8, u16)>,
    pub children: Vec<u16>,
    /// Lists of ids, each ended by `u16::MAX`.
    pub candidates: Vec<u16>,
}

const LEAF: u16 = 0x8000;

impl Tree {
    /// Adds the tree of these patterns and returns its root.
    pub fn add(&mut self, patterns: &[Pattern]) -> u16 {
        let Some((lo, width)) = best_field(patterns) else {
            return self.leaf(patterns);
        };
        let node = self.nodes.len();
        let first = self.children.len();
        assert!(node < LEAF as usize && first < usize::from(u16::MAX), "decoder tree too large");
        self.nodes.push((lo, width, first as u16));
        self.children.resize(first + (1 << width), 0);
        for v in 0..1u64 << width {
            let child = self.add(&compatible(patterns, lo, width, v));
            self.children[first + v as usize] = child;
        }
        node as u16
    }

    fn leaf(&mut self, patterns: &[Pattern]) -> u16 {
        let mut sorted = patterns.to_vec();
        sorted.sort_by_key(|p| std::cmp::Reverse(p.mask.count_ones()));
        let list: Vec<u16> = sorted.iter().map(|p| p.id).chain([u16::MAX]).collect();
        let found = self.candidates.windows(list.len()).position(|w| w == list);
        let at = found.unwrap_or_else(|| {
            self.candidates.extend(&list);
            self.candidates.len() - list.len()
        });
        assert!(at < LEAF as usize, "decoder tree too large");
        at as u16 | LEAF
    }
}

fn compatible(patterns: &[Pattern], lo: u8, width: u8, v: u64) -> Vec<Pattern> {
    let field = ((1u64 << width) - 1) << lo;
    patterns.iter().filter(|p| (p.value ^ v << lo) & p.mask & field == 0).copied().collect()
}

/// The field that leaves the shortest lists, weighed against the size of its table; `None` when a list is best.
fn best_field(patterns: &[Pattern]) -> Option<(u8, u8)> {
    if patterns.len() <= 2 {
        return None;
    }
    let mut best = (patterns.len() as f64, None);
    for lo in 0..32u8 {
        for width in 1..=7u8 {
            let field = ((1u64 << width) - 1) << lo;
            if lo + width > 32 || !patterns.iter().any(|p| p.mask & field != 0) {
                continue;
            }
            let mut counts = vec![0u32; 1 << width];
            for p in patterns {
                // Visit the values of the field that agree with the pattern's fixed bits.
                let free = !p.mask & field;
                let mut sub = 0;
                loop {
                    counts[(((p.value & p.mask & field) | sub) >> lo) as usize] += 1;
                    sub = sub.wrapping_sub(free) & free;
                    if sub == 0 {
                        break;
                    }
                }
            }
            let mean = counts.iter().map(|&c| f64::from(c)).sum::<f64>() / counts.len() as f64;
            let worst = f64::from(counts.iter().copied().max().unwrap_or(0));
            let score = mean + worst / 8.0 + f64::from(1u32 << width) / 64.0;
            if worst < patterns.len() as f64 && score < best.0 {
                best = (score, Some((lo, width)));
            }
        }
    }
    best.1
}
