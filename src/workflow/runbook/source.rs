//! The data that runbooks of a tenant are made from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use smol_str::SmolStr;

use super::super::error::WorkflowError;
use super::super::manifest::{self, Manifest};
use super::super::session::Session;
use crate::adapter::{WriteMode, find_adapter};
use crate::env::Clock;
use crate::env::clock::day_of;
use crate::model::{AdapterSettings, OperationId, Plan, Pool, TenantSettings};
use crate::profile::Rules;
use crate::report::runbook::{RunbookInput, markdown};

/// The data of a tenant that its runbooks use.
#[derive(Clone, Debug)]
pub(super) struct RunbookSource {
    /// The settings of the tenant.
    pub settings: TenantSettings,
    /// The rules of its vendor.
    pub rules: Rules,
    /// The file of the console export.
    pub export: Option<PathBuf>,
    /// Notes of acknowledged data loss, by person.
    notes: BTreeMap<SmolStr, String>,
}

/// The part of a plan that a runbook covers.
#[derive(Clone, Copy)]
pub(super) struct RunbookScope<'a> {
    /// The operations; `None` for all of the tenant.
    pub open: Option<&'a BTreeSet<OperationId>>,
    /// The current pools, if known.
    pub pools: Option<&'a [Pool]>,
    /// The run that hands the steps over.
    pub run: Option<&'a str>,
}

impl RunbookSource {
    /// Returns the data of a tenant.
    ///
    /// # Errors
    /// If the manifest has no such tenant.
    pub(super) fn for_tenant(
        manifest: &Manifest,
        plan: &Plan,
        tenant: &str,
        clock: Clock,
    ) -> Result<Self, WorkflowError> {
        let (settings, rules) = manifest.tenant(tenant)?;
        let day = plan.at.max(day_of(clock.time()));
        let own = manifest.desired.acknowledgements.iter();
        let own = own.filter(|one| one.tenant == settings.name && one.until.is_none_or(|until| day <= until));
        let key = |person| manifest.desired.people.key(person).clone();
        let notes = own.flat_map(|one| one.people.iter().map(move |person| (key(*person), one.note.clone())));
        let export = match &settings.adapter {
            AdapterSettings::Runbook(runbook) => runbook.export.clone(),
            AdapterSettings::File { .. }
            | AdapterSettings::Api(_)
            | AdapterSettings::Exec(_)
            | AdapterSettings::Bridge(_) => None,
        };
        Ok(Self { settings: settings.clone(), rules: rules.clone(), export, notes: notes.collect() })
    }

    /// Returns the input of a runbook. `command` is the command that follows its last step.
    pub(super) fn sheet<'a>(
        &'a self,
        plan: &'a Plan,
        excerpt: RunbookScope<'a>,
        command: &str,
        at: Timestamp,
    ) -> RunbookInput<'a> {
        let RunbookScope { open, pools, run } = excerpt;
        RunbookInput {
            plan,
            tenant: &self.settings,
            rules: &self.rules,
            open,
            pools,
            notes: self.notes.clone(),
            run,
            export: self.export.as_ref().map(|path| path.display().to_string()),
            command: command.to_owned(),
            at,
        }
    }
}

/// Returns whether people execute the operations of a tenant.
pub(crate) fn is_manual(settings: &TenantSettings) -> bool {
    find_adapter(settings).is_some_and(|adapter| adapter.capabilities.write_mode == WriteMode::Manual)
}

/// Returns the tenants of a plan in its order.
pub(super) fn planned_tenants(plan: &Plan) -> Vec<&SmolStr> {
    let mut tenants: Vec<&SmolStr> = Vec::new();
    for operation in &plan.operations {
        if !tenants.contains(&&operation.tenant) {
            tenants.push(&operation.tenant);
        }
    }
    tenants
}

/// Returns the runbooks of all tenants of a plan as one Markdown document.
///
/// # Errors
/// If the manifest does not have a tenant of the plan.
pub fn preview(manifest: &Manifest, plan: &Plan, session: &Session<'_>) -> Result<String, WorkflowError> {
    let command = format!("reseat resume{}", session.follow_up_options(&manifest.path));
    let mut documents = Vec::new();
    for tenant in planned_tenants(plan) {
        let source = RunbookSource::for_tenant(manifest, plan, tenant, session.clock)?;
        let scope = RunbookScope { open: None, pools: None, run: None };
        documents.push(markdown(&source.sheet(plan, scope, &command, session.clock.time())));
    }
    Ok(if documents.is_empty() { "Nothing to do.\n".to_owned() } else { documents.join("\n---\n\n") })
}

/// Returns the runbooks of a plan file, whose tenants the manifest defines.
///
/// # Errors
/// As [`preview`], and if the manifest cannot be read.
pub fn show(plan: &Plan, trusted: Option<&Path>, session: &Session<'_>) -> Result<String, WorkflowError> {
    let path = session.manifest_path(None)?;
    preview(&manifest::load(&path, trusted, session.now())?, plan, session)
}
