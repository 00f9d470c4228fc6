//! From a plan to outcomes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::clearance::{self, refused};
use super::consents;
use super::make::Terms;
use super::manifest::Manifest;
use super::observe;
use super::problem::{Kind, Problem};
use super::runbook;
use crate::adapter::Access;
use crate::apply::by_hand::Hands;
use crate::apply::{self, precheck};
use crate::apply::{Conclusion, Executor, Halt, Stop, Target, Watch};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::reference;
use crate::model::Plan;
use crate::store::{Store, StoreUrl};

/// How a plan is to be carried out.
pub struct Order<'a> {
    /// The manifest as it is now.
    pub manifest: &'a Manifest,
    /// The plan.
    pub plan: Arc<Plan>,
    /// Where every operation is written down.
    pub store: &'a StoreUrl,
    /// What is said to the plan beside the manifest.
    pub terms: Terms,
    /// The run that it goes on with.
    pub resumes: Option<SmolStr>,
    /// What may be done, and the clock.
    pub access: Access,
    /// How long the run may wait, all in all.
    pub wait: Duration,
    /// How long the run may take; then nothing new is sent.
    pub deadline: Option<Duration>,
    /// Who is told of what happens.
    pub watch: Watch,
    /// The wish to end soon.
    pub stop: Stop,
    /// Whoever carries out what is done by hand.
    pub hands: Option<Arc<dyn Hands>>,
}

/// Carries the plan out: nothing is sent when it was altered, is stale, or holds errors.
///
/// # Errors
/// Why it cannot be carried out, or that the store failed on the way.
pub async fn apply(order: Order<'_>) -> Result<Conclusion, Problem> {
    let Order { manifest, plan, store, terms, resumes, access, wait, deadline, watch, stop, hands } = order;
    let clock = access.clock;
    precheck::check_document(&plan).map_err(refused)?;
    if !is_complete(&plan, store).await? {
        clearance::check(manifest, &plan, &terms, clock)?;
    }
    let consents = consents::of(manifest, &plan, &terms, clock.time());
    let policy = Arc::new(manifest.policy.clone());
    let tenants = targets(manifest, Some(&plan), access, hands.as_ref())?;
    let store = Arc::new(Store::open(store, clock.time()).await?);
    let path = manifest.path.display().to_string();
    let held = Arc::clone(&store);
    // Two runners that were throttled together do not try again together.
    let seed = clock.time().as_nanosecond().unsigned_abs() as u64 ^ (u64::from(std::process::id()) << 32);
    let executor = Executor {
        plan,
        resumes,
        tenants,
        store,
        manifest: path,
        policy,
        consents,
        clock,
        wait,
        deadline,
        seed,
        watch,
        stop,
    };
    let conclusion = executor.run().await;
    // Whatever came of it, nobody else has to wait for the lock.
    let closed = held.close().await;
    let conclusion = conclusion.map_err(|halt| match halt {
        Halt::Store(error) => error.into(),
        Halt::Denied(findings) => Problem::new(Kind::Denied, findings, manifest.files.clone()),
    })?;
    closed?;
    Ok(conclusion)
}

/// Settles what runs that died left open, by reading; the name of the newest of them.
///
/// # Errors
/// When another run holds the lock, or the store fails.
pub async fn settle(
    manifest: &Manifest,
    url: &StoreUrl,
    access: Access,
    wait: Duration,
    watch: Watch,
    stop: Stop,
) -> Result<Option<SmolStr>, Problem> {
    let tenants = targets(manifest, None, access, None)?;
    let clock = access.clock;
    let store = Arc::new(Store::open(url, clock.time()).await?);
    let settled = async {
        let died = store.unfinished().await?.last().map(|unfinished| unfinished.journal.id().clone());
        apply::settle_open(&store, tenants, clock, wait, watch, stop).await?;
        Ok::<_, Problem>(died)
    };
    let settled = settled.await;
    // Whatever came of it, the run that follows has to take the lock again.
    let closed = store.close().await;
    let died = settled?;
    closed?;
    Ok(died)
}

/// Whether an earlier run died and left something open, which the next one settles even if it has nothing else to do.
///
/// # Errors
/// When there is a store that cannot be read.
pub async fn is_unsettled(store: &StoreUrl) -> Result<bool, Problem> {
    match Store::open_existing(store).await? {
        Some(store) => Ok(!Arc::new(store).unfinished().await?.is_empty()),
        None => Ok(false),
    }
}

/// Whether an earlier run carried out this very plan; then it does not matter what changed since.
async fn is_complete(plan: &Plan, store: &StoreUrl) -> Result<bool, Problem> {
    match Store::open_existing(store).await? {
        Some(store) => Ok(store.knows_complete(&plan.digest).await?),
        None => Ok(false),
    }
}

/// The tenants that can be reached; all that the plan needs must be among them.
fn targets(
    manifest: &Manifest,
    plan: Option<&Plan>,
    access: Access,
    hands: Option<&Arc<dyn Hands>>,
) -> Result<BTreeMap<SmolStr, Target>, Problem> {
    let operations = plan.into_iter().flat_map(|plan| &plan.operations);
    let needed: BTreeSet<_> = operations.map(|operation| &operation.tenant).collect();
    for name in &needed {
        manifest.tenant(name)?;
    }
    let mut targets = BTreeMap::new();
    for (name, tenant) in &manifest.desired.tenants {
        // The others are there to settle what an interrupted run left open.
        match observe::connect(manifest, name, access) {
            Ok(connection) => {
                let mut target = Target::new(connection, &tenant.settings).map_err(|error| {
                    let finding = Finding::error(&reference::UNKNOWN_VENDOR, error.to_string());
                    Problem::finding(Kind::Input, finding)
                })?;
                target.by_hand = runbook::is_by_hand(&tenant.settings);
                target.hands = hands.filter(|_| target.by_hand).cloned();
                targets.insert(name.clone(), target);
            }
            Err(problem) if needed.contains(name) => return Err(problem),
            Err(_) => {}
        }
    }
    Ok(targets)
}
