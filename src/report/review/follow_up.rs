//! Manual tasks after the plan is applied.

use std::collections::BTreeMap;

use super::changes::PersonChange;

/// One task and the people it concerns.
#[derive(Debug, PartialEq, Eq)]
pub struct FollowUp<'p> {
    /// The task.
    pub text: &'p str,
    /// The people, in the order of the plan.
    pub people: Vec<&'p str>,
}

impl<'p> FollowUp<'p> {
    /// Returns the tasks of all changes, by text.
    pub(super) fn all(changes: &[PersonChange<'p>]) -> Vec<Self> {
        let mut by_text: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for change in changes {
            for text in change.follow_ups() {
                by_text.entry(text).or_default().push(&change.change.person);
            }
        }
        by_text.into_iter().map(|(text, people)| Self { text, people }).collect()
    }
}
