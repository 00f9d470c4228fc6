//! What a reviewer must know in ten seconds: may it be applied, what is destroyed, how much changes, what it costs.
//!
//! What must hold: whatever can be counted in the plan is counted here, and not taken from its summary, for a plan file
//! may have been written by anybody.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::entry::Entry;
use super::findings::{is_not_now, needs_approval};
use crate::diagnostic::Finding;
use crate::model::{CostSummary, Effect, Plan, PlanPool};
use crate::report::words::count;

/// Whether a plan may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Policy denies it: nothing of it is applied.
    Denied,
    /// Somebody named has to say yes first.
    NeedsApproval,
    /// Not at this time: a freeze holds, or it is too old.
    NotNow,
    /// It may, and a limit keeps a part of it back.
    Held,
    /// It may, and somebody loses data, a seat or a request for one by it.
    Destructive,
    /// It may, and nobody loses anything.
    Clear,
    /// There is nothing to do.
    Nothing,
}

/// The figures and sentences at the top.
#[derive(Debug)]
pub struct Headline<'p> {
    /// Whether it may be applied.
    pub verdict: Verdict,
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
    pub cancels: usize,
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
    pub not_now: Vec<&'p Finding>,
    /// Who asks for the changes, where that was said.
    pub author: Option<&'p str>,
}

impl<'p> Headline<'p> {
    /// The headline; `groups` are the changes in the order of their groups.
    pub(super) fn of(plan: &'p Plan, groups: &[Vec<Entry<'p>>; 7], stops: &[&'p Finding]) -> Self {
        let [destroyed, .., cancels, releases] = groups;
        let all = || groups.iter().take(groups.len() - 2).flatten();
        let of = |effect: Effect| all().filter(|entry| entry.effect == effect).count();
        let approvals = stops.iter().filter(|finding| needs_approval(finding)).count();
        let mut headline = Self {
            verdict: Verdict::Clear,
            denials: stops.len() - approvals,
            approvals,
            destroyed: people(destroyed),
            unacknowledged: people(destroyed.iter().filter(|entry| !entry.is_acknowledged)),
            losses: of(Effect::Loss),
            moves: of(Effect::Move),
            gains: of(Effect::Gain),
            cancels: cancels.len(),
            releases: releases.len(),
            parked: people(all().filter(|entry| entry.is_parked)),
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
            not_now: plan.findings.iter().filter(|finding| is_not_now(finding)).collect(),
            author: plan.inputs.author.as_deref(),
        };
        headline.verdict = headline.judge();
        headline
    }

    fn judge(&self) -> Verdict {
        if self.denials > 0 {
            Verdict::Denied
        } else if self.approvals > 0 {
            Verdict::NeedsApproval
        } else if !self.not_now.is_empty() && self.operations > 0 {
            Verdict::NotNow
        } else if self.held > 0 {
            Verdict::Held
        } else if self.destroyed + self.losses + self.cancels > 0 {
            Verdict::Destructive
        } else if self.operations > 0 {
            Verdict::Clear
        } else {
            Verdict::Nothing
        }
    }

    /// Whether it may be applied, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        let stops = || {
            let parts =
                [(self.denials, "denial", "denials"), (self.approvals, "missing approval", "missing approvals")];
            list(&parts)
        };
        match self.verdict {
            Verdict::Denied => format!("Cannot be applied: {}", stops()),
            Verdict::NeedsApproval => format!("Cannot be applied yet: {}", stops()),
            Verdict::NotNow => "Cannot be applied now".to_owned(),
            Verdict::Held => format!("Can be applied, save {} held by a limit", count(self.held, "loss", "losses")),
            Verdict::Destructive if self.destroyed > 0 => {
                format!("Can be applied, and destroys data of {}", count(self.destroyed, "person", "people"))
            }
            Verdict::Destructive if self.losses > 0 => {
                format!("Can be applied, with {}", count(self.losses, "loss", "losses"))
            }
            Verdict::Destructive => {
                let requests = count(self.cancels, "pending request", "pending requests");
                format!("Can be applied, and takes back {requests}")
            }
            Verdict::Clear if self.parked > 0 => {
                let people = count(self.parked, "person gives up a seat", "people give up a seat");
                format!("Can be applied: {people} before the new one is certain")
            }
            Verdict::Clear => "Can be applied: nobody loses anything".to_owned(),
            Verdict::Nothing => "Nothing to do".to_owned(),
        }
    }

    /// What it does, without what is zero: `2 losses, 1 move`.
    pub fn deeds(&self) -> String {
        list(&[
            (self.losses, "loss", "losses"),
            (self.moves, "move", "moves"),
            (self.gains, "gain", "gains"),
            (self.cancels, "cancel", "cancels"),
            (self.releases, "seat released", "seats released"),
        ])
    }

    /// What it leaves out, without what is zero: `2 waiting, 1 held`.
    pub fn left_out(&self) -> String {
        list(&[(self.waiting, "waiting", "waiting"), (self.held, "held", "held"), (self.blocked, "blocked", "blocked")])
    }
}

/// How many people they are about.
fn people<'e, 'p: 'e>(entries: impl IntoIterator<Item = &'e Entry<'p>>) -> usize {
    entries.into_iter().map(|entry| entry.person).collect::<BTreeSet<_>>().len()
}

/// The parts of which there are any.
fn list(parts: &[(usize, &str, &str)]) -> String {
    let parts: Vec<_> = parts.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| count(*n, one, many)).collect();
    parts.join(", ")
}
