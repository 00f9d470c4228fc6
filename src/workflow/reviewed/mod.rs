//! Comparison of a new plan with reviewed plans: `apply --reviewed`.
//!
//! A pipeline plans again after the merge, because the tenant or the base branch may have changed since the review. Only
//! reviewed operations are accepted, for reviewed people, and with no worse effect. If a part of a person's reviewed change is neither
//! planned nor in effect, the rest is refused, too: the reviewer may have accepted a loss only because of the gain beside
//! it. Operations that are already in effect do not differ, so that an interrupted or repeated run succeeds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use smol_str::SmolStr;

use super::error::WorkflowError;
use super::exit::Exit;
use super::plan_file;
use super::state_files::Observations;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::model::{Digest, Effect, Holding, HoldingState, Operation, OperationKind, Plan};
use crate::report::review_mismatch::{MismatchKind, PersonMismatch, ReviewMismatch, describe_operations};

/// Most reviewed plans of one run.
const PLANS_MAX: usize = 1_000;

/// A reviewed plan.
#[derive(Clone, Debug)]
pub(super) enum ReviewedPlan {
    /// The plan file.
    Plan(Box<Plan>),
    /// Only its `content` digest.
    Content(Digest),
}

impl ReviewedPlan {
    fn content(&self) -> &Digest {
        match self {
            Self::Plan(plan) => &plan.content,
            Self::Content(content) => content,
        }
    }

    fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Plan(plan) => Some(plan),
            Self::Content(_) => None,
        }
    }
}

/// The relation of a new plan to the reviewed plans.
#[derive(Debug)]
pub(super) enum ReviewMatch {
    /// It does the same as one of them.
    Identical,
    /// All its changes were reviewed, and the other reviewed changes are in effect.
    Remainder {
        /// The number of reviewed operations in effect.
        done: usize,
    },
    /// It is empty, and only the digest of the reviewed plan is known.
    Empty,
    /// It differs and must not be applied.
    Differs(ReviewMismatch),
}

/// Reads the plan files, folders of plan files and digests of `--reviewed`.
///
/// # Errors
/// If a plan cannot be read or was altered.
pub(super) fn read(given: &[String]) -> Result<Vec<ReviewedPlan>, WorkflowError> {
    let mut reviewed = Vec::new();
    for text in given {
        if let Some(content) = Digest::parse(text) {
            reviewed.push(ReviewedPlan::Content(content));
            continue;
        }
        let path = Path::new(text);
        if path.is_dir() {
            for file in plan_files(path)? {
                reviewed.push(ReviewedPlan::Plan(Box::new(plan_file::read(&file)?)));
            }
        } else {
            reviewed.push(ReviewedPlan::Plan(Box::new(plan_file::read(path)?)));
        }
    }
    Ok(reviewed)
}

/// Returns the plan files of a folder in byte order of their names.
fn plan_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, WorkflowError> {
    let unusable = |message: String, help: &str| {
        WorkflowError::from_finding(Exit::Input, Finding::error(&codes::PLAN_UNREADABLE, message).help(help))
    };
    let read = || -> std::io::Result<BTreeSet<std::ffi::OsString>> {
        let names = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
        let is_plan = |name: &std::ffi::OsString| {
            let bytes = name.as_encoded_bytes();
            bytes.ends_with(b".json") && !bytes.starts_with(b".")
        };
        names.filter(|name| name.as_ref().map_or(true, is_plan)).take(PLANS_MAX + 1).collect()
    };
    let shown = folder.display();
    let names = read().map_err(|error| unusable(format!("cannot read `{shown}`: {error}"), "check the path"))?;
    if names.is_empty() {
        let help = "add the reviewed plans that `reseat plan --out FILE` wrote";
        return Err(unusable(format!("`{shown}` contains no plan file"), help));
    }
    if names.len() > PLANS_MAX {
        return Err(unusable(
            format!("`{shown}` contains more than {PLANS_MAX} plan files"),
            "keep only the plans to apply",
        ));
    }
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// Compares a new plan with the reviewed plans: it must be one of them, or the remainder of one or of all of them.
pub(super) fn compare_with_reviewed(
    fresh: &Plan,
    observations: &Observations,
    reviewed: &[ReviewedPlan],
) -> ReviewMatch {
    if reviewed.iter().any(|one| *one.content() == fresh.content) {
        return ReviewMatch::Identical;
    }
    let plans: Vec<&Plan> = reviewed.iter().filter_map(ReviewedPlan::plan).collect();
    let drift = |people| ReviewMismatch {
        content: fresh.content.clone(),
        reviewed: reviewed.iter().map(|one| one.content().clone()).collect(),
        people,
        findings: vec![not_reviewed()],
    };
    if plans.is_empty() {
        let is_empty = fresh.operations.is_empty();
        return if is_empty { ReviewMatch::Empty } else { ReviewMatch::Differs(drift(Vec::new())) };
    }
    let mut last = Vec::new();
    let each = plans.iter().map(std::slice::from_ref);
    // All plans together come last, so that the mismatch covers everything reviewed.
    for some in each.chain((plans.len() > 1).then_some(&plans[..])) {
        match compare_people(fresh, observations, some) {
            Ok(done) => return ReviewMatch::Remainder { done },
            Err(people) => last = people,
        }
    }
    ReviewMatch::Differs(drift(last))
}

fn not_reviewed() -> Finding {
    Finding::error(&codes::PLAN_DIFFERS_FROM_REVIEW, "the plan differs from the reviewed plan; nothing was sent")
        .help("review the new plan with `reseat plan --out plan.json`, then apply with `--reviewed plan.json`")
}

/// A tenant and a person.
type TenantPerson<'p> = (&'p SmolStr, &'p SmolStr);

/// The operations of one person in the new plan and in the reviewed plans.
#[derive(Default)]
struct PersonOperations<'p> {
    fresh: Vec<&'p Operation>,
    reviewed: Vec<&'p Operation>,
}

/// Returns the number of reviewed operations in effect, or the people whose operations differ.
fn compare_people(fresh: &Plan, observations: &Observations, reviewed: &[&Plan]) -> Result<usize, Vec<PersonMismatch>> {
    let mut people: BTreeMap<TenantPerson<'_>, PersonOperations<'_>> = BTreeMap::new();
    for operation in &fresh.operations {
        people.entry((&operation.tenant, &operation.person)).or_default().fresh.push(operation);
    }
    for operation in reviewed.iter().flat_map(|plan| &plan.operations) {
        people.entry((&operation.tenant, &operation.person)).or_default().reviewed.push(operation);
    }
    let accounts = ObservedHoldings::new(observations, people.keys().map(|(tenant, _)| *tenant));
    let left_out = left_out_reasons(fresh);
    let mut done = 0;
    let mut differing = Vec::new();
    for (who, sides) in &people {
        let missing: Vec<&Operation> = sides
            .reviewed
            .iter()
            .filter(|asked| !sides.fresh.iter().any(|now| is_covered(now, asked)))
            .copied()
            .collect();
        let is_new = |now: &&&Operation| !sides.reviewed.iter().any(|asked| is_covered(now, asked));
        let is_added = sides.fresh.iter().any(|now| is_new(&now));
        if !is_added && accounts.are_in_effect(&missing) {
            done += missing.len();
            continue;
        }
        let kind = match (sides.reviewed.is_empty(), sides.fresh.is_empty()) {
            (true, _) => MismatchKind::Added,
            (false, true) => MismatchKind::Gone,
            (false, false) => MismatchKind::Different,
        };
        let now = match sides.fresh.is_empty() {
            false => Some(describe_operations(&sides.fresh)),
            true => left_out.get(who).cloned(),
        };
        differing.push(PersonMismatch {
            tenant: who.0.clone(),
            person: who.1.clone(),
            kind,
            reviewed: (!sides.reviewed.is_empty()).then(|| describe_operations(&sides.reviewed)),
            now,
        });
    }
    if differing.is_empty() { Ok(done) } else { Err(differing) }
}

/// Returns whether the review of `asked` covers `now`: the same step of the same account, with no worse effect. The
/// remainder of an interrupted move is a gain.
fn is_covered(now: &Operation, asked: &Operation) -> bool {
    let is_same_step = (&now.tenant, &now.account, now.kind, &now.license, &now.to)
        == (&asked.tenant, &asked.account, asked.kind, &asked.license, &asked.to);
    let is_no_worse = now.effect == asked.effect || (now.effect, asked.effect) == (Effect::Gain, Effect::Move);
    is_same_step
        && is_no_worse
        && (!now.parked || asked.parked)
        && now.loses.iter().all(|lost| asked.loses.contains(lost))
        && now.memberships.iter().all(|one| asked.memberships.contains(one))
}

/// Observed holdings by tenant and account.
struct ObservedHoldings<'o>(BTreeMap<&'o SmolStr, (bool, BTreeMap<&'o SmolStr, &'o [Holding]>)>);

impl<'o> ObservedHoldings<'o> {
    fn new<'t>(observations: &'o Observations, tenants: impl Iterator<Item = &'t SmolStr>) -> Self {
        let wanted: BTreeSet<&SmolStr> = tenants.collect();
        let seen = observations.iter().filter(|(tenant, _)| wanted.contains(tenant)).map(|(tenant, observation)| {
            let accounts = observation.accounts.iter().map(|account| (&account.id, &*account.holdings)).collect();
            (tenant, (observation.complete, accounts))
        });
        Self(seen.collect())
    }

    /// Returns whether the operations of one person are in effect.
    fn are_in_effect(&self, operations: &[&Operation]) -> bool {
        let Some(first) = operations.first() else { return true };
        let Some((complete, accounts)) = self.0.get(&first.tenant) else { return false };
        let holdings = match accounts.get(&first.account) {
            Some(holdings) => *holdings,
            // A missing account only proves something in a complete observation.
            None if *complete => &[],
            None => return false,
        };
        let mut held: BTreeMap<&SmolStr, bool> = BTreeMap::new();
        for operation in operations {
            match operation.kind {
                OperationKind::Cancel | OperationKind::Remove => drop(held.insert(&operation.license, false)),
                OperationKind::Assign => drop(held.insert(&operation.license, true)),
                OperationKind::Change => {
                    held.insert(&operation.license, false);
                    // The vendor may not list the floor license.
                    if let Some(to) = operation.to.as_ref().filter(|_| operation.effect != Effect::Loss) {
                        held.insert(to, true);
                    }
                }
                // They accompany another operation and change no seat.
                OperationKind::Restore | OperationKind::Release => {}
            }
        }
        let holds = |license: &SmolStr| {
            holdings.iter().any(|holding| holding.license == *license && !holding.trial && holding.state.is_held())
        };
        let leaves = |license: &SmolStr| {
            let stays = |holding: &&Holding| holding.state != HoldingState::Removing;
            holdings.iter().filter(|holding| holding.license == *license).any(|holding| stays(&holding))
                && holds(license)
        };
        held.iter().all(|(license, wanted)| if *wanted { holds(license) } else { !leaves(license) })
    }
}

/// Returns why nothing is planned for a person.
fn left_out_reasons(plan: &Plan) -> BTreeMap<TenantPerson<'_>, String> {
    let mut reasons: BTreeMap<TenantPerson<'_>, String> = BTreeMap::new();
    for one in &plan.waiting {
        let text = format!("waiting for {}, position {}", one.license, one.position);
        reasons.entry((&one.tenant, &one.person)).or_insert(text);
    }
    for one in &plan.held {
        reasons.entry((&one.tenant, &one.person)).or_insert_with(|| format!("held: {}", one.message));
    }
    for one in &plan.blocked {
        reasons.entry((&one.tenant, &one.person)).or_insert_with(|| format!("blocked: {}", one.message));
    }
    reasons
}

#[cfg(test)]
mod tests;
