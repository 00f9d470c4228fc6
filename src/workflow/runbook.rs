//! From a plan to runbooks: what people do in the vendors' consoles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::error::WorkflowError;
use super::manifest::Manifest;
use crate::adapter::{WriteMode, find_adapter};
use crate::env::Clock;
use crate::env::clock::day_of;
use crate::model::{AdapterSettings, OperationId, Plan, Pool, TenantSettings};
use crate::profile::Rules;
use crate::report::runbook::{RunbookInput, markdown};

/// Whether people carry out what is planned for that tenant.
pub fn is_manual(settings: &TenantSettings) -> bool {
    find_adapter(settings).is_some_and(|adapter| adapter.capabilities.write_mode == WriteMode::Manual)
}

/// What runbooks of one tenant are made from, whatever the plan.
#[derive(Clone, Debug)]
pub struct RunbookSource {
    /// What the manifest says of the tenant.
    pub settings: TenantSettings,
    /// Its rules.
    pub rules: Rules,
    /// The file that its console's list is read from.
    pub export: Option<PathBuf>,
    /// What was noted of people whose data is destroyed, by person.
    notes: BTreeMap<SmolStr, String>,
}

/// What a runbook is of.
#[derive(Clone, Copy)]
pub struct RunbookScope<'a> {
    /// The operations; all of the tenant's where it is `None`.
    pub open: Option<&'a BTreeSet<OperationId>>,
    /// The pools as they are now, where that is known.
    pub pools: Option<&'a [Pool]>,
    /// The run that hands it over.
    pub run: Option<&'a str>,
}

impl RunbookSource {
    /// The material of a tenant.
    ///
    /// # Errors
    /// When the manifest has no such tenant.
    pub fn for_tenant(manifest: &Manifest, plan: &Plan, tenant: &str, clock: Clock) -> Result<Self, WorkflowError> {
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

    /// What a runbook of a part of a plan is made from; `command` is what is typed when everything is done.
    pub fn sheet<'a>(
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

/// The tenants of a plan, each once, in its order.
pub fn planned_tenants(plan: &Plan) -> Vec<&SmolStr> {
    let mut tenants: Vec<&SmolStr> = Vec::new();
    for operation in &plan.operations {
        if !tenants.contains(&&operation.tenant) {
            tenants.push(&operation.tenant);
        }
    }
    tenants
}

/// The runbooks of a plan as one document: each tenant's, in the order of the plan.
///
/// # Errors
/// When the manifest lacks a tenant of the plan.
pub fn preview(manifest: &Manifest, plan: &Plan, command: &str, clock: Clock) -> Result<String, WorkflowError> {
    let mut documents = Vec::new();
    for tenant in planned_tenants(plan) {
        let material = RunbookSource::for_tenant(manifest, plan, tenant, clock)?;
        let excerpt = RunbookScope { open: None, pools: None, run: None };
        documents.push(markdown(&material.sheet(plan, excerpt, command, clock.time())));
    }
    Ok(if documents.is_empty() { "There is nothing to do.\n".to_owned() } else { documents.join("\n---\n\n") })
}
