//! From a manifest and observations to a plan.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::error::{WorkflowError, WorkflowErrorKind};
use super::manifest::Manifest;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::env::Now;
use crate::env::clock::day_of;
use crate::model::{Approval, Desired, Inputs, Observation, ObservationInput, Plan, UsageHistory};
use crate::plan::{self, PlanRequest};
use crate::policy::ApprovalContext;
use crate::store::{Store, StoreUrl};

/// What was observed, by tenant.
pub type Observations = BTreeMap<SmolStr, Observation>;

/// What somebody says to a plan beside the manifest.
#[derive(Clone, Debug, Default)]
pub struct PlanInputs {
    /// Approvals given on the command line.
    pub approvals: Vec<Approval>,
    /// Who asks for the changes.
    pub author: Option<SmolStr>,
    /// The exact number of held removals that are allowed.
    pub allow_removals: Option<u64>,
}

impl PlanInputs {
    /// All approvals: those of the manifest, and those given beside it, on that day. Who asked when the plan was made asks
    /// when it is carried out as well.
    pub fn consent(&self, manifest: &Manifest, plan: Option<&Plan>, day: Date) -> ApprovalContext {
        let written = manifest.approvals.iter().chain(&self.approvals);
        let authors = self.author.iter().chain(plan.and_then(|plan| plan.inputs.author.as_ref()));
        ApprovalContext { approvals: written.cloned().collect(), authors: authors.cloned().collect(), day }
    }
}

/// Makes the plan.
///
/// # Errors
/// When the store is there and cannot be read.
pub async fn plan(
    manifest: &Manifest,
    observations: &Observations,
    store: &StoreUrl,
    terms: &PlanInputs,
    now: Now,
) -> Result<Plan, WorkflowError> {
    let past = usage_history(manifest, store, now).await?;
    let wishes = PlanGoal { desired: &manifest.desired, undoes: None };
    make_plan(manifest, wishes, observations, &past, terms, now).map_err(serialization_error)
}

/// A plan that has no JSON form, which would be a mistake of ours.
pub(super) fn serialization_error(error: serde_json::Error) -> WorkflowError {
    let message = format!("the plan has no JSON form: {error}");
    WorkflowError::from_finding(WorkflowErrorKind::Internal, Finding::error(&codes::PLAN_UNWRITABLE, message))
}

/// What a plan is to bring about.
#[derive(Clone, Copy)]
pub(super) struct PlanGoal<'a> {
    /// What is wished.
    pub(super) desired: &'a Desired,
    /// The run that is taken back by it.
    pub(super) undoes: Option<&'a SmolStr>,
}

/// Makes the plan from everything that it depends on.
pub(super) fn make_plan(
    manifest: &Manifest,
    wishes: PlanGoal<'_>,
    observations: &Observations,
    past: &UsageHistory,
    terms: &PlanInputs,
    now: Now,
) -> Result<Plan, serde_json::Error> {
    let request = PlanRequest {
        desired: wishes.desired,
        manifest: &manifest.desired,
        rules: &manifest.rules,
        observations,
        policy: &manifest.policy,
        usage_history: past,
        consent: &terms.consent(manifest, None, now.day.max(day_of(now.time))),
        allow_removals: terms.allow_removals,
        unlimited: false,
        differences: &manifest.differences,
        now,
    };
    // The digest of a large observation takes about as long as the plan, and neither needs the other.
    thread::scope(|scope| {
        let inputs = scope.spawn(|| digest_inputs(manifest, wishes.undoes, observations, terms));
        plan::make(&request, || inputs.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// The digests of everything that a plan is made from.
fn digest_inputs(
    manifest: &Manifest,
    undoes: Option<&SmolStr>,
    observations: &Observations,
    terms: &PlanInputs,
) -> Result<Inputs, serde_json::Error> {
    let mut inputs = Inputs {
        manifest: manifest.digest.clone(),
        policy: manifest.policy.digest()?,
        allow_removals: terms.allow_removals,
        author: terms.author.clone(),
        undoes: undoes.cloned(),
        observations: BTreeMap::new(),
    };
    for (tenant, observation) in observations {
        let input = ObservationInput {
            digest: observation.digest()?,
            observed_at: observation.observed_at,
            complete: observation.complete,
        };
        inputs.observations.insert(tenant.clone(), input);
    }
    Ok(inputs)
}

/// What the store remembers of the days of the rolling windows; nothing where there is no store.
pub(super) async fn usage_history(
    manifest: &Manifest,
    store: &StoreUrl,
    now: Now,
) -> Result<UsageHistory, WorkflowError> {
    let Some(days) = manifest.policy.longest_window_days() else { return Ok(UsageHistory::default()) };
    let Some(store) = Store::open_existing(store).await? else { return Ok(UsageHistory::default()) };
    // By the clock and not by the day of the plan: that one anybody may choose.
    Ok(store.usage_since(UsageHistory::first_day(day_of(now.time), days), None).await?)
}

/// Writes a plan file, whole or not at all.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write(plan: &Plan, path: &Path) -> Result<(), WorkflowError> {
    let failed = |error: &dyn std::fmt::Display| {
        let finding =
            Finding::error(&codes::PLAN_UNWRITABLE, format!("`{}` cannot be written: {error}", path.display()))
                .help("name a file in a folder that is there and can be written to");
        WorkflowError::from_finding(WorkflowErrorKind::Internal, finding)
    };
    let bytes = plan::to_bytes(plan).map_err(|error| failed(&error))?;
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        // A device or a pipe, such as /dev/stdout, is written to and not replaced.
        return fs::write(path, bytes).map_err(|error| failed(&error));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(failed(&format_args!("there is no folder `{}`", folder.display())));
    }
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".reseat-").tempfile_in(folder)?;
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| failed(&error))
}
