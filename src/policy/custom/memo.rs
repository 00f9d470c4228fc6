//! What a condition said of values that it has seen.

use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

/// Most different things that are remembered; where there are more, remembering does not help.
const ENTRIES_MAX: usize = 200_000;

/// What a condition said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Holds,
    Fails,
    /// It cannot be evaluated; the number of the reason.
    Fault(u32),
}

/// Verdicts by the numbers of the values that they were made from.
#[derive(Default)]
pub(super) struct Memo {
    verdicts: IndexMap<Box<[u32]>, Verdict, RandomState>,
}

impl Memo {
    pub(super) fn get(&self, key: &[u32]) -> Option<Verdict> {
        self.verdicts.get(key).copied()
    }

    pub(super) fn insert(&mut self, key: &[u32], verdict: Verdict) {
        if self.verdicts.len() < ENTRIES_MAX {
            self.verdicts.insert(key.into(), verdict);
        }
    }
}

/// Numbers for values: equal ones have the same.
#[derive(Default)]
pub(super) struct Numbers {
    values: IndexSet<Json, RandomState>,
}

impl Numbers {
    pub(super) fn of(&mut self, value: &Json) -> u32 {
        let index = match self.values.get_index_of(value) {
            Some(index) => index,
            None => self.values.insert_full(value.clone()).0,
        };
        u32::try_from(index).unwrap_or(u32::MAX)
    }
}
