//! The review: a plan made into what somebody must see before they say yes, in the order in which they must worry.
//!
//! It knows no format. Text, Markdown, HTML and the comment on a pull request are drawn from it, so that none of them
//! leaves out what another one shows, and none decides by itself what matters.
//! What must hold: every operation, every change that is left out and every finding of the plan stands in one of its
//! lists; linear in all of them.

mod entry;
mod findings;
mod follow_up;
mod headline;
mod left_out;
#[cfg(test)]
mod tests;

pub use entry::Entry;
pub use findings::differences_of;
pub(crate) use findings::is_difference;
pub use follow_up::FollowUp;
pub use headline::{Headline, Verdict};
pub use left_out::{Line, Member, Shared};

use self::entry::Entries;
use self::findings::Sorted;
use super::plan::changes::{Change, Group};
use crate::diagnostic::Finding;
use crate::model::Plan;

/// A plan as a reviewer must see it.
#[derive(Debug)]
pub struct Review<'p> {
    /// The plan: its digests, inputs, pools and summary are shown as they are.
    pub plan: &'p Plan,
    /// What is to be known in ten seconds.
    pub headline: Headline<'p>,
    /// What keeps the plan from being applied: first what is denied, then what lacks an approval.
    pub denials: Vec<&'p Finding>,
    /// What happens to people, by [`Topic`].
    changes: [Vec<Entry<'p>>; 7],
    /// Losses that a limit keeps back, by reason.
    pub held: Vec<Shared<'p>>,
    /// Who waits, a line a pool.
    pub waiting: Vec<Line<'p>>,
    /// Changes left out, by reason.
    pub blocked: Vec<Shared<'p>>,
    /// What is not in force, or lifted: differences from the trusted manifest, waivers, approvals, freezes.
    pub policy: Vec<&'p Finding>,
    /// What else the reader should know, the worst first.
    pub findings: Vec<&'p Finding>,
    /// What is left for people to do.
    pub follow_ups: Vec<FollowUp<'p>>,
}

/// A section of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// What policy denies, and what needs an approval.
    Denials,
    /// Whose data is destroyed.
    DataLoss,
    /// Who gives up a seat, and nothing is destroyed.
    Removals,
    /// Losses that a limit keeps back.
    Held,
    /// Who gives up a seat before the new one is certain.
    Parked,
    /// Who gets one seat for another.
    Moves,
    /// Who gets a seat.
    Additions,
    /// Whose pending request is taken back.
    Cancels,
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

impl Topic {
    /// All sections, the most worrying first.
    pub const ALL: [Self; 15] = [
        Self::Denials,
        Self::DataLoss,
        Self::Removals,
        Self::Held,
        Self::Parked,
        Self::Moves,
        Self::Additions,
        Self::Cancels,
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
            Self::Removals => "Losses",
            Self::Held => "Held by a limit",
            Self::Parked => "Parked: the old seat goes before the new one is certain",
            Self::Moves => "Moves",
            Self::Additions => "Gains",
            Self::Cancels => "Pending requests cancelled",
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
    pub fn is_grave(self) -> bool {
        matches!(self, Self::Denials | Self::DataLoss | Self::Removals | Self::Held)
    }

    fn group(self) -> Option<Group> {
        match self {
            Self::DataLoss => Some(Group::Destroys),
            Self::Removals => Some(Group::Loss),
            Self::Parked => Some(Group::Parked),
            Self::Moves => Some(Group::Move),
            Self::Additions => Some(Group::Gain),
            Self::Cancels => Some(Group::Cancel),
            Self::Releases => Some(Group::Release),
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
    pub fn of(plan: &'p Plan) -> Self {
        let changes = Change::of(plan);
        let follow_ups = FollowUp::of(&changes);
        let entries = Entries::new(plan);
        let mut by_group: [Vec<Entry<'p>>; 7] = Default::default();
        for change in changes {
            if let Some(place) = Group::ALL.iter().position(|group| *group == change.group()) {
                by_group[place].extend(entries.entry(change));
            }
        }
        // What nobody has taken care of comes first.
        for entries in &mut by_group {
            entries.sort_by_key(|entry| entry.is_acknowledged);
        }
        let Sorted { denials, policy, findings } = Sorted::of(plan);
        let headline = Headline::of(plan, &by_group, &denials);
        Self {
            plan,
            headline,
            denials,
            changes: by_group,
            held: Shared::held(plan),
            waiting: Line::of(plan),
            blocked: Shared::blocked(plan),
            policy,
            findings,
            follow_ups,
        }
    }

    /// What happens to people, for a section that is about changes; nothing for any other.
    pub fn changes(&self, topic: Topic) -> &[Entry<'p>] {
        let place = topic.group().and_then(|group| Group::ALL.iter().position(|other| *other == group));
        place.map_or(&[], |place| &self.changes[place])
    }

    /// How much there is in a section, as its title counts it.
    pub fn number(&self, topic: Topic) -> usize {
        match topic {
            Topic::Denials => self.denials.len(),
            Topic::Held => self.plan.held.len(),
            Topic::Waiting => self.plan.waiting.len(),
            Topic::Blocked => self.plan.blocked.len(),
            Topic::Unmanaged => usize::try_from(self.plan.summary.unmanaged).unwrap_or(usize::MAX),
            Topic::Policy => self.policy.iter().map(|finding| findings::counts(finding)).sum(),
            Topic::Findings => self.findings.len(),
            Topic::FollowUps => self.follow_ups.len(),
            Topic::DataLoss
            | Topic::Removals
            | Topic::Parked
            | Topic::Moves
            | Topic::Additions
            | Topic::Cancels
            | Topic::Releases => self.changes(topic).len(),
        }
    }

    /// Whether the plan does nothing, leaves nothing out and finds nothing wrong.
    pub fn is_quiet(&self) -> bool {
        Topic::ALL.iter().all(|topic| *topic == Topic::Unmanaged || self.number(*topic) == 0)
    }
}
