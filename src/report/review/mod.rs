//! The review: a plan made into what somebody must see before they say yes, in the order in which they must worry.
//!
//! It knows no format. Text, Markdown, HTML and the comment on a pull request are drawn from it, so that none of them
//! leaves out what another one shows, and none decides by itself what matters.
//! What must hold: every operation, every change that is left out and every finding of the plan stands in one of its
//! lists; linear in all of them.

mod changes;
mod findings;
mod follow_up;
mod headline;
mod left_out;
mod reviewed_change;
#[cfg(test)]
mod tests;

pub(crate) use changes::{ChangeGroup, PersonChange};
pub(crate) use findings::is_difference;
pub use findings::trusted_differences;
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
    /// The plan: its digests, inputs, pools and summary are shown as they are.
    pub plan: &'p Plan,
    /// What is to be known in ten seconds.
    pub headline: ReviewHeadline<'p>,
    /// What keeps the plan from being applied: first what is denied, then what lacks an approval.
    pub denials: Vec<&'p Finding>,
    /// What happens to people, by [`Topic`].
    changes: [Vec<ReviewedChange<'p>>; 7],
    /// Losses that a limit keeps back, by reason.
    pub held: Vec<SharedReason<'p>>,
    /// Who waits, a line a pool.
    pub waiting: Vec<PoolQueue<'p>>,
    /// Changes left out, by reason.
    pub blocked: Vec<SharedReason<'p>>,
    /// What is not in force, or lifted: differences from the trusted manifest, waivers, approvals, freezes.
    pub policy: Vec<&'p Finding>,
    /// What else the reader should know, the worst first.
    pub findings: Vec<&'p Finding>,
    /// What is left for people to do.
    pub follow_ups: Vec<FollowUp<'p>>,
}

/// A section of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewTopic {
    /// What policy denies, and what needs an approval.
    Denials,
    /// Whose data is destroyed.
    DataLoss,
    /// Who gives up a seat, and nothing is destroyed.
    Losses,
    /// Losses that a limit keeps back.
    Held,
    /// Who gives up a seat before the new one is certain.
    Parked,
    /// Who gets one seat for another.
    Moves,
    /// Who gets a seat.
    Gains,
    /// Whose pending request is taken back.
    Cancellations,
    /// Which freed seats are given back to the vendor.
    Releases,
    /// Who waits for a seat.
    Waiting,
    /// What is left out, with the reason.
    Blocked,
    /// How much the manifest does not name.
    Unmanaged,
    /// What is not in force, or lifted.
    Policy,
    /// Other findings.
    Findings,
    /// What is left for people to do.
    FollowUps,
}

impl ReviewTopic {
    /// All sections, the most worrying first.
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

    /// What stands above the section.
    pub fn title(self) -> &'static str {
        match self {
            Self::Denials => "Denied, or not approved yet",
            Self::DataLoss => "Data destroyed",
            Self::Losses => "Losses",
            Self::Held => "Held by a limit",
            Self::Parked => "Parked: the old seat goes before the new one is certain",
            Self::Moves => "Moves",
            Self::Gains => "Gains",
            Self::Cancellations => "Pending requests cancelled",
            Self::Releases => "Seats no longer billed",
            Self::Waiting => "Waiting for a seat",
            Self::Blocked => "Blocked",
            Self::Unmanaged => "Unmanaged, left alone",
            Self::Policy => "Not in force, waived or approved",
            Self::Findings => "Findings",
            Self::FollowUps => "Afterwards, by hand",
        }
    }

    /// Whether nobody may miss what stands in the section: it is listed or counted, however little room there is.
    pub fn is_critical(self) -> bool {
        matches!(self, Self::Denials | Self::DataLoss | Self::Losses | Self::Held)
    }

    fn change_group(self) -> Option<ChangeGroup> {
        match self {
            Self::DataLoss => Some(ChangeGroup::DataLoss),
            Self::Losses => Some(ChangeGroup::Loss),
            Self::Parked => Some(ChangeGroup::Parked),
            Self::Moves => Some(ChangeGroup::Move),
            Self::Gains => Some(ChangeGroup::Gain),
            Self::Cancellations => Some(ChangeGroup::Cancel),
            Self::Releases => Some(ChangeGroup::Release),
            Self::Denials
            | Self::Held
            | Self::Waiting
            | Self::Blocked
            | Self::Unmanaged
            | Self::Policy
            | Self::Findings
            | Self::FollowUps => None,
        }
    }
}

impl<'p> Review<'p> {
    /// The review of a plan.
    pub fn new(plan: &'p Plan) -> Self {
        let changes = PersonChange::all(plan);
        let follow_ups = FollowUp::all(&changes);
        let entries = ChangeIndex::new(plan);
        let mut by_group: [Vec<ReviewedChange<'p>>; 7] = Default::default();
        for change in changes {
            if let Some(place) = ChangeGroup::ALL.iter().position(|group| *group == change.group()) {
                by_group[place].extend(entries.build(change));
            }
        }
        // What nobody has taken care of comes first.
        for entries in &mut by_group {
            entries.sort_by_key(|entry| entry.is_acknowledged);
        }
        let SortedFindings { denials, policy, findings } = SortedFindings::new(plan);
        let headline = ReviewHeadline::new(plan, &by_group, &denials);
        Self {
            plan,
            headline,
            denials,
            changes: by_group,
            held: SharedReason::held(plan),
            waiting: PoolQueue::all(plan),
            blocked: SharedReason::blocked(plan),
            policy,
            findings,
            follow_ups,
        }
    }

    /// What happens to people, for a section that is about changes; nothing for any other.
    pub fn changes(&self, topic: ReviewTopic) -> &[ReviewedChange<'p>] {
        let place = topic.change_group().and_then(|group| ChangeGroup::ALL.iter().position(|other| *other == group));
        place.map_or(&[], |place| &self.changes[place])
    }

    /// How much there is in a section, as its title counts it.
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

    /// Whether the plan does nothing, leaves nothing out and finds nothing wrong.
    pub fn is_empty(&self) -> bool {
        ReviewTopic::ALL.iter().all(|topic| *topic == ReviewTopic::Unmanaged || self.count(*topic) == 0)
    }
}
