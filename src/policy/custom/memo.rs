//! What a condition said of values that it has seen.

use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

/// Most different things that are remembered; where there are more, remembering does not help.
const ENTRIES_MAX: usize = 200_000;

/// What a condition said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConditionResult {
    True,
    False,
    /// It cannot be evaluated; the number of the reason.
    Error(u32),
}

/// Verdicts by the numbers of the values that they were made from.
#[derive(Default)]
pub(super) struct ResultCache {
    results: IndexMap<Box<[u32]>, ConditionResult, RandomState>,
}

impl ResultCache {
    pub(super) fn get(&self, key: &[u32]) -> Option<ConditionResult> {
        self.results.get(key).copied()
    }

    pub(super) fn insert(&mut self, key: &[u32], verdict: ConditionResult) {
        if self.results.len() < ENTRIES_MAX {
            self.results.insert(key.into(), verdict);
        }
    }
}

/// Numbers for values: equal ones have the same.
#[derive(Default)]
pub(super) struct ValueIds {
    values: IndexSet<Json, RandomState>,
}

impl ValueIds {
    pub(super) fn id_of(&mut self, value: &Json) -> u32 {
        let index = match self.values.get_index_of(value) {
            Some(index) => index,
            None => self.values.insert_full(value.clone()).0,
        };
        u32::try_from(index).unwrap_or(u32::MAX)
    }
}
