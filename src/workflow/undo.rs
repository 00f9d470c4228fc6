//! From a run back to what was there before: what the store knows of it, a plan, and what the manifest says to that.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use smol_str::SmolStr;

use super::at_work;
use super::history::unknown;
use super::make::{self, Observations, Terms, Wishes, formless};
use super::manifest::Manifest;
use super::observe;
use super::problem::Problem;
use crate::adapter::Access;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::plan as plan_codes;
use crate::diff;
use crate::env::Now;
use crate::model::{OperationId, Outcome, Plan};
use crate::plan::seal;
use crate::plan::undo::{Certainty, Undoing, named, reword, waiting};
use crate::profile::Simulator;
use crate::store::{Earlier, Store, StoreUrl};

/// Makes the plan that takes a run back, from the current state.
///
/// # Errors
/// When the store does not know the run, or a tenant that it changed cannot be read.
pub async fn plan(
    manifest: &Manifest,
    store: &StoreUrl,
    run: &str,
    terms: &Terms,
    access: Access,
) -> Result<Plan, Problem> {
    let opened = Store::open_existing(store).await?.ok_or_else(|| unknown(run))?;
    let record = opened.run(run).await?.ok_or_else(|| unknown(run))?;
    let run = &record.run.run;
    let plan = opened.plan(&record.run.plan).await?.ok_or_else(|| unknown(run))?;
    let earlier = opened.earlier(&plan.digest).await?;
    let sent = sent(&earlier);
    let mut tenants = Undoing::tenants(&plan, &sent);
    tenants.retain(|tenant| manifest.desired.tenants.contains_key(tenant));
    let mut observations = observe::ask_each(manifest, tenants, access).await?;
    at_work::lay_over(manifest, store, access, &mut observations).await?;
    let now = Now::at(access.clock.time());
    let past = make::past(manifest, store, now).await?;
    let undoing = Undoing {
        run,
        plan: &plan,
        sent: &sent,
        desired: &manifest.desired,
        rules: &manifest.rules,
        observations: &observations,
    };
    let undone = undoing.outline();
    let wishes = Wishes { desired: &undone.desired, undoes: Some(run) };
    let mut made = make::pure(manifest, wishes, &observations, &past, terms, now).map_err(formless)?;
    let mut findings = undone.findings;
    findings.extend(waiting(run, &made.waiting));
    findings.extend(together(run, &earlier));
    findings.extend(repeats(run, manifest, &observations, &made, now));
    reword(&mut made, run, findings);
    seal(&mut made).map_err(formless)?;
    Ok(made)
}

/// What the runs of the plan sent and the vendor did not refuse.
fn sent(earlier: &BTreeMap<OperationId, Earlier>) -> BTreeMap<OperationId, Certainty> {
    let certainty = |outcome: Option<Outcome>| match outcome {
        Some(Outcome::Applied | Outcome::Already) => Certainty::Sure,
        // What came of it may be something else than was asked for.
        Some(Outcome::Pending | Outcome::Failed | Outcome::Skipped | Outcome::Unknown) | None => Certainty::Doubtful,
    };
    earlier.iter().map(|(operation, known)| (operation.clone(), certainty(known.outcome))).collect()
}

/// What is said where several runs carried out the same plan.
fn together(run: &str, earlier: &BTreeMap<OperationId, Earlier>) -> Option<Finding> {
    let others: BTreeSet<&str> =
        earlier.values().map(|known| known.run.as_str()).filter(|other| *other != run).collect();
    let names: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
    (!names.is_empty()).then(|| {
        let message =
            format!("{} carried out the same plan as `{run}`, and what they did is undone with it", names.join(", "));
        Finding::note(&plan_codes::UNDO_TOGETHER, message)
    })
}

/// What is said where the manifest wants what the run did, and so the next `apply` would do it again.
fn repeats(run: &str, manifest: &Manifest, observations: &Observations, undo: &Plan, now: Now) -> Option<Finding> {
    let mut people: BTreeSet<SmolStr> = BTreeSet::new();
    for (name, observation) in observations {
        let Some((desired, rules)) = manifest.desired.tenants.get(name).zip(manifest.rules.get(name)) else { continue };
        let own = || undo.operations.iter().filter(|operation| operation.tenant == *name);
        let touched: BTreeMap<&SmolStr, &SmolStr> = own().map(|one| (&one.account, &one.person)).collect();
        if touched.is_empty() {
            continue;
        }
        let mut simulator = Simulator::new(rules.clone(), Duration::ZERO, observation.clone());
        simulator.set_busy(None);
        for operation in own() {
            // What the vendor would refuse changes nothing, and nothing of it is asked for again.
            drop(simulator.execute(operation, now.time));
        }
        let after = simulator.state();
        let found = diff::tenant(&manifest.desired.people, desired, rules, after, now);
        let accounts = found.changes.iter().filter_map(|change| after.accounts.get(change.account as usize));
        people.extend(accounts.filter_map(|account| touched.get(&account.id).map(|person| (*person).clone())));
    }
    let people: Vec<SmolStr> = people.into_iter().collect();
    (!people.is_empty()).then(|| {
        let message = format!("the manifest still wants what `{run}` did for {}", named(&people));
        Finding::warning(&plan_codes::UNDO_REPEATS, message)
            .help("revert the change of the manifest as well, or the next `reseat apply` does it again")
            .people(people)
    })
}
