//! Runbooks: step-by-step instructions for applying a plan in the vendor's console.
//!
//! A runbook needs only the plan, the vendor's profile and the tenant's settings. The document and the interactive
//! walkthrough show the same visits. Every operation is in exactly one visit, after everything that it waits for.

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

/// The input of a runbook.
pub struct RunbookInput<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The tenant's settings.
    pub tenant: &'a TenantSettings,
    /// The tenant's rules.
    pub rules: &'a Rules,
    /// The operations to carry out; all operations of the tenant if `None`.
    pub open: Option<&'a BTreeSet<OperationId>>,
    /// The current pools; the pools of the plan if `None`.
    pub pools: Option<&'a [Pool]>,
    /// Acknowledgement notes, by person.
    pub notes: BTreeMap<SmolStr, String>,
    /// The run that hands over the runbook, if any.
    pub run: Option<&'a str>,
    /// The file of the console's export.
    pub export: Option<String>,
    /// The command to run when everything is done.
    pub command: String,
    /// The time of creation.
    pub at: Timestamp,
}

impl<'a> RunbookInput<'a> {
    /// Returns the operations to carry out, in the order of the plan.
    fn operations(&self) -> Vec<&'a Operation> {
        let is_open = |id: &OperationId| self.open.is_none_or(|open| open.contains(id));
        let own = |operation: &&Operation| operation.tenant == self.tenant.name && is_open(&operation.id);
        self.plan.operations.iter().filter(own).collect()
    }

    /// Returns the console's name of a license.
    fn console_name(&self, license: &str) -> SmolStr {
        let own = self.tenant.pools.get(license).and_then(|pool| pool.name.clone());
        let profile = || {
            let names = self.rules.profile().procedure.names;
            names.iter().find(|(ours, _)| *ours == license).map(|(_, theirs)| SmolStr::new_static(theirs))
        };
        own.or_else(profile).unwrap_or_else(|| SmolStr::new(license))
    }

    /// Returns the visits in their order.
    pub fn visits(&self) -> Vec<Visit> {
        content::visits(self)
    }
}

#[cfg(test)]
mod tests;
