//! Verdict and counts of a plan.
//!
//! Everything that can be counted is counted from the plan's lists, not taken from its summary, because the plan file may come from anyone.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::ReviewTopic;
use super::findings::{needs_approval, postpones};
use super::reviewed_change::ReviewedChange;
use crate::diagnostic::Finding;
use crate::model::{CostSummary, Effect, Plan, PlanPool};
use crate::report::format::{join_counts, pluralize};

/// Whether a plan can be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewVerdict {
    /// Policy denies the whole plan.
    Denied,
    /// An approval is missing.
    NeedsApproval,
    /// A freeze is active, or the plan is too old.
    Postponed,
    /// Applicable, except losses held by a limit.
    Held,
    /// Applicable; someone loses data, a seat or a pending request.
    Destructive,
    /// Applicable without losses.
    Safe,
    /// The plan has no operations.
    NoChanges,
}

/// Verdict and counts of a plan.
#[derive(Debug)]
pub struct ReviewHeadline<'p> {
    /// Whether the plan can be applied.
    pub verdict: ReviewVerdict,
    /// Findings that deny the plan.
    pub denials: usize,
    /// Findings whose approval is missing.
    pub approvals: usize,
    /// People whose data is destroyed.
    pub destroyed: usize,
    /// People whose data loss is not acknowledged.
    pub unacknowledged: usize,
    /// Changes that remove a seat without a replacement.
    pub losses: usize,
    /// Changes from one seat to another.
    pub moves: usize,
    /// Changes that assign a seat.
    pub gains: usize,
    /// Canceled pending requests.
    pub cancellations: usize,
    /// Seats that are no longer billed.
    pub releases: usize,
    /// People without a seat until their swap completes.
    pub parked: usize,
    /// Desired assignments that wait for a seat.
    pub waiting: usize,
    /// Losses held by a limit.
    pub held: usize,
    /// Blocked changes.
    pub blocked: usize,
    /// Holdings outside the manifest.
    pub unmanaged: usize,
    /// Operations.
    pub operations: usize,
    /// The cost of used seats per month, by currency.
    pub cost: &'p BTreeMap<SmolStr, CostSummary>,
    /// Pools that change or miss seats, in the order of the plan.
    pub pools: Vec<&'p PlanPool>,
    /// Tenants whose observation is incomplete.
    pub incomplete: Vec<&'p str>,
    /// Findings that postpone the plan.
    pub postponed_by: Vec<&'p Finding>,
    /// Who requested the changes, if known.
    pub author: Option<&'p str>,
}

impl<'p> ReviewHeadline<'p> {
    pub(super) fn new(
        plan: &'p Plan,
        changes: &BTreeMap<ReviewTopic, Vec<ReviewedChange<'p>>>,
        stops: &[&'p Finding],
    ) -> Self {
        let by_topic = |topic: ReviewTopic| changes.get(&topic).map_or(&[][..], Vec::as_slice);
        let moving = changes
            .iter()
            .filter(|(topic, _)| !matches!(topic, ReviewTopic::Cancellations | ReviewTopic::Releases))
            .flat_map(|(_, changes)| changes);
        let count = |effect: Effect| moving.clone().filter(|change| change.effect == effect).count();
        let destroyed = by_topic(ReviewTopic::DataLoss);
        let approvals = stops.iter().filter(|finding| needs_approval(finding)).count();
        let mut headline = Self {
            verdict: ReviewVerdict::Safe,
            denials: stops.len() - approvals,
            approvals,
            destroyed: count_people(destroyed),
            unacknowledged: count_people(destroyed.iter().filter(|change| !change.is_acknowledged)),
            losses: count(Effect::Loss),
            moves: count(Effect::Move),
            gains: count(Effect::Gain),
            cancellations: by_topic(ReviewTopic::Cancellations).len(),
            releases: by_topic(ReviewTopic::Releases).len(),
            parked: count_people(moving.clone().filter(|change| change.is_parked)),
            waiting: plan.waiting.len(),
            held: plan.held.len(),
            blocked: plan.blocked.len(),
            unmanaged: usize::try_from(plan.summary.unmanaged).unwrap_or(usize::MAX),
            operations: plan.operations.len(),
            cost: &plan.summary.cost,
            pools: plan.pools.iter().filter(|pool| pool.used_before != pool.used_after || pool.missing > 0).collect(),
            incomplete: plan
                .inputs
                .observations
                .iter()
                .filter(|(_, seen)| !seen.complete)
                .map(|(name, _)| &**name)
                .collect(),
            postponed_by: plan.findings.iter().filter(|finding| postpones(finding)).collect(),
            author: plan.inputs.author.as_deref(),
        };
        headline.verdict = headline.compute_verdict();
        headline
    }

    fn compute_verdict(&self) -> ReviewVerdict {
        if self.denials > 0 {
            ReviewVerdict::Denied
        } else if self.approvals > 0 {
            ReviewVerdict::NeedsApproval
        } else if !self.postponed_by.is_empty() && self.operations > 0 {
            ReviewVerdict::Postponed
        } else if self.held > 0 {
            ReviewVerdict::Held
        } else if self.destroyed + self.losses + self.cancellations > 0 {
            ReviewVerdict::Destructive
        } else if self.operations > 0 {
            ReviewVerdict::Safe
        } else {
            ReviewVerdict::NoChanges
        }
    }

    /// Returns the verdict as one sentence without a period.
    pub fn verdict_sentence(&self) -> String {
        let stops = || {
            join_counts(&[
                (self.denials, "denial", "denials"),
                (self.approvals, "missing approval", "missing approvals"),
            ])
        };
        match self.verdict {
            ReviewVerdict::Denied => format!("Cannot be applied: {}", stops()),
            ReviewVerdict::NeedsApproval => format!("Cannot be applied yet: {}", stops()),
            ReviewVerdict::Postponed => "Cannot be applied now".to_owned(),
            ReviewVerdict::Held => {
                format!("Can be applied, except {} held by a limit", pluralize(self.held, "loss", "losses"))
            }
            ReviewVerdict::Destructive if self.destroyed > 0 => {
                format!("Can be applied; destroys data of {}", pluralize(self.destroyed, "person", "people"))
            }
            ReviewVerdict::Destructive if self.losses > 0 => {
                format!("Can be applied, with {}", pluralize(self.losses, "loss", "losses"))
            }
            ReviewVerdict::Destructive => {
                let requests = pluralize(self.cancellations, "pending request", "pending requests");
                format!("Can be applied; cancels {requests}")
            }
            ReviewVerdict::Safe if self.parked > 0 => format!("Can be applied; {}", self.parked_sentence()),
            ReviewVerdict::Safe => "Can be applied without losses".to_owned(),
            ReviewVerdict::NoChanges => "Nothing to do".to_owned(),
        }
    }

    /// `2 people are without a seat until the swap completes`.
    pub(crate) fn parked_sentence(&self) -> String {
        format!("{} without a seat until the swap completes", pluralize(self.parked, "person is", "people are"))
    }

    /// Returns the nonzero counts of changes: `2 losses, 1 move`.
    pub fn summarize_changes(&self) -> String {
        join_counts(&[
            (self.losses, "loss", "losses"),
            (self.moves, "move", "moves"),
            (self.gains, "gain", "gains"),
            (self.cancellations, "cancellation", "cancellations"),
            (self.releases, "seat released", "seats released"),
        ])
    }

    /// Returns the nonzero counts of what the plan leaves out: `2 waiting, 1 held`.
    pub fn summarize_left_out(&self) -> String {
        join_counts(&[
            (self.waiting, "waiting", "waiting"),
            (self.held, "held", "held"),
            (self.blocked, "blocked", "blocked"),
        ])
    }
}

fn count_people<'e, 'p: 'e>(changes: impl IntoIterator<Item = &'e ReviewedChange<'p>>) -> usize {
    changes.into_iter().map(|change| change.person).collect::<BTreeSet<_>>().len()
}
