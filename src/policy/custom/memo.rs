//! Cached results of a condition by the values of its inputs.

use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

/// The maximum number of cached results; with more distinct values, a cache does not help.
const ENTRIES_MAX: usize = 200_000;

/// The result of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConditionResult {
    True,
    False,
    /// The evaluation failed; the index of the reason.
    Error(u32),
}

/// Results by the numbers of the input values.
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

/// Numbers for values; equal values have the same number.
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
