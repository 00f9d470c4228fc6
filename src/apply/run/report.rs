//! The result of a run.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::model::{Run, SkipReason, StrandedPerson};

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunReport {
    /// The outcome of each operation.
    pub run: Run,
    /// People who are left without the license that they had.
    pub stranded: Vec<StrandedPerson>,
    /// Tenants that were busy until the wait ended.
    pub busy: BTreeSet<SmolStr>,
    /// Tenants that were unreachable or denied access.
    pub unreachable: BTreeSet<SmolStr>,
    /// Whether a stop or the deadline left operations out.
    pub is_stopped: bool,
    /// How many operations were not sent, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
}

impl RunReport {
    /// Whether an operation failed, was skipped or has an unknown result, or a person is left without a license. Operations
    /// that a busy vendor delayed do not count.
    pub fn has_failed(&self) -> bool {
        let summary = &self.run.summary;
        summary.failed + summary.unknown + summary.skipped > self.skipped_because(SkipReason::Busy)
            || !self.stranded.is_empty()
    }

    /// Whether an effect is still pending, or a vendor was busy.
    pub fn is_unfinished(&self) -> bool {
        self.run.summary.pending > 0 || !self.busy.is_empty()
    }

    /// Returns how many operations were not sent for that reason.
    pub fn skipped_because(&self, reason: SkipReason) -> u64 {
        self.skipped.get(&reason).copied().unwrap_or_default()
    }
}
