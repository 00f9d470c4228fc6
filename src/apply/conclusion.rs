//! How a run ended.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::model::Run;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// What came of each operation.
    pub run: Run,
    /// The tenants that took no changes until the wait was over.
    pub busy: BTreeSet<SmolStr>,
    /// The tenants that could not be reached, or did not let us in.
    pub unreachable: BTreeSet<SmolStr>,
    /// Whether somebody stopped the run before everything was sent.
    pub stopped: bool,
    /// How many operations were skipped for no other reason than a busy vendor.
    pub skipped_while_busy: u64,
}

impl Conclusion {
    /// Whether an operation failed, was skipped, or nobody knows what came of it; a busy vendor is not counted.
    pub fn has_failed(&self) -> bool {
        let summary = &self.run.summary;
        summary.failed + summary.unknown + summary.skipped > self.skipped_while_busy
    }

    /// Whether something is still to come: an effect, or the end of a busy time.
    pub fn is_unfinished(&self) -> bool {
        self.run.summary.pending > 0 || !self.busy.is_empty()
    }
}
