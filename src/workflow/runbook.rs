//! From a plan to runbooks: what people do in the vendors' consoles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::manifest::Manifest;
use super::problem::Problem;
use crate::adapter::{Writing, find};
use crate::env::Clock;
use crate::env::clock::day_of;
use crate::model::{AdapterSettings, OperationId, Plan, Pool, TenantSettings};
use crate::profile::Rules;
use crate::report::runbook::{Sheet, markdown};

/// Whether people carry out what is planned for that tenant.
pub fn is_by_hand(settings: &TenantSettings) -> bool {
    find(settings).is_some_and(|adapter| adapter.capabilities.writing == Writing::ByHand)
}

/// What runbooks of one tenant are made from, whatever the plan.
#[derive(Clone, Debug)]
pub struct Material {
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
pub struct Excerpt<'a> {
    /// The operations; all of the tenant's where it is `None`.
    pub open: Option<&'a BTreeSet<OperationId>>,
    /// The pools as they are now, where that is known.
    pub pools: Option<&'a [Pool]>,
    /// The run that hands it over.
    pub run: Option<&'a str>,
}

impl Material {
    /// The material of a tenant.
    ///
    /// # Errors
    /// When the manifest has no such tenant.
    pub fn of(manifest: &Manifest, plan: &Plan, tenant: &str, clock: Clock) -> Result<Self, Problem> {
        let (settings, rules) = manifest.tenant(tenant)?;
        let day = plan.at.max(day_of(clock.time()));
        let own = manifest.desired.acknowledgements.iter();
        let own = own.filter(|one| one.tenant == settings.name && one.until.is_none_or(|until| day <= until));
        let key = |person| manifest.desired.people.key(person).clone();
        let notes = own.flat_map(|one| one.people.iter().map(move |person| (key(*person), one.note.clone())));
        let export = match &settings.adapter {
            AdapterSettings::Runbook(runbook) => runbook.export.clone(),
            AdapterSettings::File { .. } | AdapterSettings::Api(_) | AdapterSettings::Exec(_) => None,
        };
        Ok(Self { settings: settings.clone(), rules: rules.clone(), export, notes: notes.collect() })
    }

    /// What a runbook of a part of a plan is made from; `command` is what is typed when everything is done.
    pub fn sheet<'a>(&'a self, plan: &'a Plan, excerpt: Excerpt<'a>, command: &str, at: Timestamp) -> Sheet<'a> {
        let Excerpt { open, pools, run } = excerpt;
        Sheet {
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
pub fn tenants(plan: &Plan) -> Vec<&SmolStr> {
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
pub fn preview(manifest: &Manifest, plan: &Plan, command: &str, clock: Clock) -> Result<String, Problem> {
    let mut documents = Vec::new();
    for tenant in tenants(plan) {
        let material = Material::of(manifest, plan, tenant, clock)?;
        let excerpt = Excerpt { open: None, pools: None, run: None };
        documents.push(markdown(&material.sheet(plan, excerpt, command, clock.time())));
    }
    Ok(if documents.is_empty() { "There is nothing to do.\n".to_owned() } else { documents.join("\n---\n\n") })
}
