//! What a reviewer must know in ten seconds: may it be applied, what is destroyed, how much changes, what it costs.
//!
//! What must hold: whatever can be counted in the plan is counted here, and not taken from its summary, for a plan file
//! may have been written by anybody.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::findings::{needs_approval, postpones};
use super::reviewed_change::ReviewedChange;
use crate::diagnostic::Finding;
use crate::model::{CostSummary, Effect, Plan, PlanPool};
use crate::report::format::pluralize;

/// Whether a plan may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewVerdict {
    /// Policy denies it: nothing of it is applied.
    Denied,
    /// Somebody named has to say yes first.
    NeedsApproval,
    /// Not at this time: a freeze holds, or it is too old.
    Postponed,
    /// It may, and a limit keeps a part of it back.
    Held,
    /// It may, and somebody loses data, a seat or a request for one by it.
    Destructive,
    /// It may, and nobody loses anything.
    Safe,
    /// There is nothing to do.
    NoChanges,
}

/// The figures and sentences at the top.
#[derive(Debug)]
pub struct ReviewHeadline<'p> {
    /// Whether it may be applied.
    pub verdict: ReviewVerdict,
    /// Findings that deny it.
    pub denials: usize,
    /// Findings that lack an approval.
    pub approvals: usize,
    /// People whose data is destroyed.
    pub destroyed: usize,
    /// Of them, those for whom nobody has taken care of it.
    pub unacknowledged: usize,
    /// Changes that give up a seat without a replacement.
    pub losses: usize,
    /// Changes from one seat to another.
    pub moves: usize,
    /// Changes that give a seat.
    pub gains: usize,
    /// Pending requests that are taken back, and nothing else.
    pub cancellations: usize,
    /// Seats that are given back to the vendor.
    pub releases: usize,
    /// People who give up a seat before the new one is certain.
    pub parked: usize,
    /// Wishes that wait for a seat.
    pub waiting: usize,
    /// Losses that a limit keeps back.
    pub held: usize,
    /// Changes left out.
    pub blocked: usize,
    /// Holdings that the manifest does not name.
    pub unmanaged: usize,
    /// Operations, which is how many requests are sent.
    pub operations: usize,
    /// What the taken seats cost a month, by currency.
    pub cost: &'p BTreeMap<SmolStr, CostSummary>,
    /// The pools that change or lack seats, in the order of the plan.
    pub pools: Vec<&'p PlanPool>,
    /// Tenants that could not be read to the end.
    pub incomplete: Vec<&'p str>,
    /// Why it cannot be applied at this time.
    pub postponed_by: Vec<&'p Finding>,
    /// Who asks for the changes, where that was said.
    pub author: Option<&'p str>,
}

impl<'p> ReviewHeadline<'p> {
    /// The headline; `groups` are the changes in the order of their groups.
    pub(super) fn new(plan: &'p Plan, groups: &[Vec<ReviewedChange<'p>>; 7], stops: &[&'p Finding]) -> Self {
        let [destroyed, .., cancels, releases] = groups;
        let all = || groups.iter().take(groups.len() - 2).flatten();
        let of = |effect: Effect| all().filter(|entry| entry.effect == effect).count();
        let approvals = stops.iter().filter(|finding| needs_approval(finding)).count();
        let mut headline = Self {
            verdict: ReviewVerdict::Safe,
            denials: stops.len() - approvals,
            approvals,
            destroyed: count_people(destroyed),
            unacknowledged: count_people(destroyed.iter().filter(|entry| !entry.is_acknowledged)),
            losses: of(Effect::Loss),
            moves: of(Effect::Move),
            gains: of(Effect::Gain),
            cancellations: cancels.len(),
            releases: releases.len(),
            parked: count_people(all().filter(|entry| entry.is_parked)),
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

    /// Whether it may be applied, in one sentence without a full stop.
    pub fn verdict_sentence(&self) -> String {
        let stops = || {
            let parts =
                [(self.denials, "denial", "denials"), (self.approvals, "missing approval", "missing approvals")];
            join_counts(&parts)
        };
        match self.verdict {
            ReviewVerdict::Denied => format!("Cannot be applied: {}", stops()),
            ReviewVerdict::NeedsApproval => format!("Cannot be applied yet: {}", stops()),
            ReviewVerdict::Postponed => "Cannot be applied now".to_owned(),
            ReviewVerdict::Held => {
                format!("Can be applied, save {} held by a limit", pluralize(self.held, "loss", "losses"))
            }
            ReviewVerdict::Destructive if self.destroyed > 0 => {
                format!("Can be applied, and destroys data of {}", pluralize(self.destroyed, "person", "people"))
            }
            ReviewVerdict::Destructive if self.losses > 0 => {
                format!("Can be applied, with {}", pluralize(self.losses, "loss", "losses"))
            }
            ReviewVerdict::Destructive => {
                let requests = pluralize(self.cancellations, "pending request", "pending requests");
                format!("Can be applied, and takes back {requests}")
            }
            ReviewVerdict::Safe if self.parked > 0 => {
                let people = pluralize(self.parked, "person gives up a seat", "people give up a seat");
                format!("Can be applied: {people} before the new one is certain")
            }
            ReviewVerdict::Safe => "Can be applied: nobody loses anything".to_owned(),
            ReviewVerdict::NoChanges => "Nothing to do".to_owned(),
        }
    }

    /// What it does, without what is zero: `2 losses, 1 move`.
    pub fn summarize_changes(&self) -> String {
        join_counts(&[
            (self.losses, "loss", "losses"),
            (self.moves, "move", "moves"),
            (self.gains, "gain", "gains"),
            (self.cancellations, "cancel", "cancels"),
            (self.releases, "seat released", "seats released"),
        ])
    }

    /// What it leaves out, without what is zero: `2 waiting, 1 held`.
    pub fn summarize_left_out(&self) -> String {
        join_counts(&[
            (self.waiting, "waiting", "waiting"),
            (self.held, "held", "held"),
            (self.blocked, "blocked", "blocked"),
        ])
    }
}

/// How many people they are about.
fn count_people<'e, 'p: 'e>(entries: impl IntoIterator<Item = &'e ReviewedChange<'p>>) -> usize {
    entries.into_iter().map(|entry| entry.person).collect::<BTreeSet<_>>().len()
}

/// The parts of which there are any.
fn join_counts(parts: &[(usize, &str, &str)]) -> String {
    let parts: Vec<_> = parts.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| pluralize(*n, one, many)).collect();
    parts.join(", ")
}
