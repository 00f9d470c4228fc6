//! Delayed visibility of changes.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use smol_str::SmolStr;

use crate::model::Account;

/// The previous states of accounts whose changes are not visible yet.
#[derive(Default)]
pub(super) struct HiddenChanges {
    hidden: VecDeque<(Timestamp, SmolStr)>,
    /// The previous states of each account, the oldest first.
    by_id: BTreeMap<SmolStr, VecDeque<Account>>,
}

impl HiddenChanges {
    /// Hides a change until that time.
    pub(super) fn hide(&mut self, before: Account, until: Timestamp) {
        self.hidden.push_back((until, before.id.clone()));
        self.by_id.entry(before.id.clone()).or_default().push_back(before);
    }

    /// Reveals the changes that are due.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while self.hidden.front().is_some_and(|(until, _)| *until <= now) {
            let Some((_, id)) = self.hidden.pop_front() else { return };
            if let Some(shown) = self.by_id.get_mut(&id) {
                shown.pop_front();
                if shown.is_empty() {
                    self.by_id.remove(&id);
                }
            }
        }
    }

    /// Returns the visible state of an account if a change is hidden.
    pub(super) fn visible(&self, id: &str) -> Option<&Account> {
        self.by_id.get(id)?.front()
    }
}
