//! The review of a plan: what a reviewer must see before approval, in order of importance.
//!
//! The review is independent of formats, so every format shows the same content. It contains every operation, every left-out change and every
//! finding of the plan.

mod changes;
mod findings;
mod follow_up;
mod headline;
mod left_out;
mod reviewed_change;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(crate) use changes::PersonChange;
pub(crate) use findings::{is_difference, trusted_differences};
pub use follow_up::FollowUp;
pub use headline::{ReviewHeadline, ReviewVerdict};
pub use left_out::{AffectedPerson, PoolQueue, SharedReason};
pub use reviewed_change::ReviewedChange;

use self::findings::SortedFindings;
use self::reviewed_change::ChangeIndex;
use crate::diagnostic::Finding;
use crate::model::Plan;

/// A plan as a reviewer must see it.
#[derive(Debug)]
pub struct Review<'p> {
    /// The plan.
    pub plan: &'p Plan,
    /// Verdict and counts.
    pub headline: ReviewHeadline<'p>,
    /// Findings that stop the plan: denials first, then missing approvals.
    pub denials: Vec<&'p Finding>,
    changes: BTreeMap<ReviewTopic, Vec<ReviewedChange<'p>>>,
    /// Losses held by a limit, by reason.
    pub held: Vec<SharedReason<'p>>,
    /// People waiting for a seat, by pool.
    pub waiting: Vec<PoolQueue<'p>>,
    /// Blocked changes, by reason.
    pub blocked: Vec<SharedReason<'p>>,
    /// Exceptions: differences from the trusted manifest, waivers, approvals and freezes.
    pub policy: Vec<&'p Finding>,
    /// All other findings, errors first.
    pub findings: Vec<&'p Finding>,
    /// Manual tasks after the plan is applied.
    pub follow_ups: Vec<FollowUp<'p>>,
}

/// A section of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewTopic {
    /// Policy denials and missing approvals.
    Denials,
    /// Changes that destroy data.
    DataLoss,
    /// Changes that remove a seat without destroying data.
    Losses,
    /// Losses held by a limit.
    Held,
    /// Moves in which the person is without a seat until the swap completes.
    Parked,
    /// Moves from one seat to another.
    Moves,
    /// Changes that assign a seat.
    Gains,
    /// Canceled pending requests.
    Cancellations,
    /// Freed seats that are no longer billed.
    Releases,
    /// People waiting for a seat.
    Waiting,
    /// Changes left out for a stated reason.
    Blocked,
    /// The number of holdings outside the manifest.
    Unmanaged,
    /// Exceptions from policy and from the trusted manifest.
    Policy,
    /// Other findings.
    Findings,
    /// Manual tasks after the plan is applied.
    FollowUps,
}

impl ReviewTopic {
    /// All sections, the most critical first.
    pub const ALL: [Self; 15] = [
        Self::Denials,
        Self::DataLoss,
        Self::Losses,
        Self::Held,
        Self::Parked,
        Self::Moves,
        Self::Gains,
        Self::Cancellations,
        Self::Releases,
        Self::Waiting,
        Self::Blocked,
        Self::Unmanaged,
        Self::Policy,
        Self::Findings,
        Self::FollowUps,
    ];

    /// Returns the title of the section.
    pub fn title(self) -> &'static str {
        match self {
            Self::Denials => "Denied or not approved",
            Self::DataLoss => "Data destroyed",
            Self::Losses => "Losses",
            Self::Held => "Held by a limit",
            Self::Parked => "Parked: without a seat until the swap completes",
            Self::Moves => "Moves",
            Self::Gains => "Gains",
            Self::Cancellations => "Pending requests canceled",
            Self::Releases => "Seats no longer billed",
            Self::Waiting => "Waiting for a seat",
            Self::Blocked => "Blocked",
            Self::Unmanaged => "Unmanaged, not changed",
            Self::Policy => "Ignored, waived or approved",
            Self::Findings => "Findings",
            Self::FollowUps => "Manual follow-ups",
        }
    }

    /// Returns whether every report must list or count the section, however little space it has.
    pub fn is_critical(self) -> bool {
        matches!(self, Self::Denials | Self::DataLoss | Self::Losses | Self::Held)
    }
}

impl<'p> Review<'p> {
    /// Reviews a plan.
    pub fn new(plan: &'p Plan) -> Self {
        let people = PersonChange::all(plan);
        let follow_ups = FollowUp::all(&people);
        let index = ChangeIndex::new(plan);
        let mut changes: BTreeMap<ReviewTopic, Vec<ReviewedChange<'p>>> = BTreeMap::new();
        for change in people {
            changes.entry(change.topic()).or_default().extend(index.build(change));
        }
        if let Some(changes) = changes.get_mut(&ReviewTopic::DataLoss) {
            changes.sort_by(|a, b| a.loss_key().cmp(&b.loss_key()));
        }
        let SortedFindings { denials, policy, findings } = SortedFindings::new(plan);
        Self {
            plan,
            headline: ReviewHeadline::new(plan, &changes, &denials),
            denials,
            changes,
            held: SharedReason::held(plan),
            waiting: PoolQueue::all(plan),
            blocked: SharedReason::blocked(plan),
            policy,
            findings,
            follow_ups,
        }
    }

    /// Returns the changes of a section; empty for a section that lists something else.
    pub fn changes(&self, topic: ReviewTopic) -> &[ReviewedChange<'p>] {
        self.changes.get(&topic).map_or(&[], Vec::as_slice)
    }

    /// Returns the changes that destroy data, in groups with the same acknowledgement, lost and kept data; unacknowledged groups come first.
    pub fn data_loss_groups(&self) -> impl Iterator<Item = &[ReviewedChange<'p>]> {
        self.changes(ReviewTopic::DataLoss).chunk_by(|a, b| a.loss_key() == b.loss_key())
    }

    /// Returns the number of items in a section, as its title shows it.
    pub fn count(&self, topic: ReviewTopic) -> usize {
        match topic {
            ReviewTopic::Denials => self.denials.len(),
            ReviewTopic::Held => self.plan.held.len(),
            ReviewTopic::Waiting => self.plan.waiting.len(),
            ReviewTopic::Blocked => self.plan.blocked.len(),
            ReviewTopic::Unmanaged => usize::try_from(self.plan.summary.unmanaged).unwrap_or(usize::MAX),
            ReviewTopic::Policy => self.policy.iter().map(|finding| findings::represented_count(finding)).sum(),
            ReviewTopic::Findings => self.findings.len(),
            ReviewTopic::FollowUps => self.follow_ups.len(),
            ReviewTopic::DataLoss
            | ReviewTopic::Losses
            | ReviewTopic::Parked
            | ReviewTopic::Moves
            | ReviewTopic::Gains
            | ReviewTopic::Cancellations
            | ReviewTopic::Releases => self.changes(topic).len(),
        }
    }
}
