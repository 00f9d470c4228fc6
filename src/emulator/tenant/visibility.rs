//! Accounts as they were, for as long as a change of them is not visible.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use smol_str::SmolStr;

use crate::model::Account;

/// Accounts as they were, the oldest first.
#[derive(Default)]
pub(super) struct HiddenChanges {
    hidden: VecDeque<(Timestamp, SmolStr)>,
    /// What is shown of each account, the oldest first.
    by_id: BTreeMap<SmolStr, VecDeque<Account>>,
}

impl HiddenChanges {
    /// Hides a change until that moment.
    pub(super) fn hide(&mut self, before: Account, until: Timestamp) {
        self.hidden.push_back((until, before.id.clone()));
        self.by_id.entry(before.id.clone()).or_default().push_back(before);
    }

    /// Shows what may be shown by now.
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

    /// The account as it was, if a change of it is hidden.
    pub(super) fn visible(&self, id: &str) -> Option<&Account> {
        self.by_id.get(id)?.front()
    }
}
