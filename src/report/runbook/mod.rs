//! The runbook: how people carry out a plan in the vendor's console, click by click.
//!
//! Made from a plan, the vendor's profile and what the manifest says of the tenant, and from nothing else, so that any
//! plan can be had as a runbook before anybody commits to it. The document and the walk-through on a terminal show the
//! same visits.
//! What must hold: every operation stands in it once, behind what it waits for; nobody has to know reseat to follow it.

mod content;
mod markdown;
mod rich_text;
mod seats;
mod visits;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use smol_str::SmolStr;

pub use content::{SeatCount, Visit, VisitItem};
pub use markdown::{embedded_digest, markdown};
pub use rich_text::RichText;

use crate::model::{Operation, OperationId, Plan, Pool, TenantSettings};
use crate::profile::Rules;

/// What a runbook is made from.
pub struct RunbookInput<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The tenant, by what the manifest says of it.
    pub tenant: &'a TenantSettings,
    /// Its rules.
    pub rules: &'a Rules,
    /// The operations that are to be carried out; all of the tenant's where it is `None`.
    pub open: Option<&'a BTreeSet<OperationId>>,
    /// The pools as they are now; those that the plan was made with where it is `None`.
    pub pools: Option<&'a [Pool]>,
    /// What was noted of people whose data is destroyed, by person.
    pub notes: BTreeMap<SmolStr, String>,
    /// The run that hands it over, if one does.
    pub run: Option<&'a str>,
    /// The file that the console's list is read from.
    pub export: Option<String>,
    /// What to type when everything is done.
    pub command: String,
    /// When it is made.
    pub at: Timestamp,
}

impl<'a> RunbookInput<'a> {
    /// The operations that are to be carried out, in the order of the plan.
    fn operations(&self) -> Vec<&'a Operation> {
        let is_open = |id: &OperationId| self.open.is_none_or(|open| open.contains(id));
        let own = |operation: &&Operation| operation.tenant == self.tenant.name && is_open(&operation.id);
        self.plan.operations.iter().filter(own).collect()
    }

    /// What the console calls a license.
    fn console_name(&self, license: &str) -> SmolStr {
        let own = self.tenant.pools.get(license).and_then(|pool| pool.name.clone());
        let profile = || {
            let names = self.rules.profile().procedure.names;
            names.iter().find(|(ours, _)| *ours == license).map(|(_, theirs)| SmolStr::new_static(theirs))
        };
        own.or_else(profile).unwrap_or_else(|| SmolStr::new(license))
    }

    /// The visits, in the order in which they are made.
    pub fn visits(&self) -> Vec<Visit> {
        content::visits(self)
    }
}

#[cfg(test)]
mod tests;
