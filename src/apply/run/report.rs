//! How a run ended.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::model::{Run, SkipReason, StrandedPerson};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunReport {
    /// What came of each operation.
    pub run: Run,
    /// The people who are left without a license that they had: nothing is more urgent.
    pub stranded: Vec<StrandedPerson>,
    /// The tenants that took no changes until the wait was over.
    pub busy: BTreeSet<SmolStr>,
    /// The tenants that could not be reached, or did not let us in.
    pub unreachable: BTreeSet<SmolStr>,
    /// Whether somebody stopped the run, or its time was over, before everything was sent.
    pub is_stopped: bool,
    /// How many operations were not sent, by the reason.
    pub skipped: BTreeMap<SkipReason, u64>,
}

impl RunReport {
    /// Whether an operation failed, was skipped, or nobody knows what came of it, or somebody is left without a license;
    /// a busy vendor is not counted.
    pub fn has_failed(&self) -> bool {
        let summary = &self.run.summary;
        summary.failed + summary.unknown + summary.skipped > self.skipped_because(SkipReason::Busy)
            || !self.stranded.is_empty()
    }

    /// Whether something is still to come: an effect, or the end of a busy time.
    pub fn is_unfinished(&self) -> bool {
        self.run.summary.pending > 0 || !self.busy.is_empty()
    }

    /// How many operations were not sent for that reason.
    pub fn skipped_because(&self, reason: SkipReason) -> u64 {
        self.skipped.get(&reason).copied().unwrap_or_default()
    }
}
