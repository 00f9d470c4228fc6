//! The input of rules.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::approval::ApprovalContext;
use crate::env::Now;
use crate::model::{Account, Desired, Observation, Operation, Plan, Policy};

/// The input of rules that need no plan.
#[derive(Clone, Copy)]
pub struct ManifestFacts<'a> {
    /// The effective policy.
    pub policy: &'a Policy,
    /// The desired state.
    pub desired: &'a Desired,
    /// Approvals, and the authors of the changes.
    pub consent: &'a ApprovalContext,
    /// The time, and the effective day.
    pub now: Now,
}

/// The input of rules on a plan.
#[derive(Clone, Copy)]
pub struct PlanFacts<'a> {
    /// The effective policy.
    pub policy: &'a Policy,
    /// The desired state.
    pub desired: &'a Desired,
    /// The observations, by tenant.
    pub observations: &'a BTreeMap<SmolStr, Observation>,
    /// The plan, without its digests.
    pub plan: &'a Plan,
    /// Additional facts about the plan's pools, in the same order.
    pub pool_facts: &'a [PoolFacts],
    /// The index of each operation's account in its tenant's observation; empty if nothing was observed.
    pub account_indexes: &'a [u32],
    /// Approvals, and the authors of the changes.
    pub consent: &'a ApprovalContext,
    /// The time, and the effective day.
    pub now: Now,
}

impl<'a> PlanFacts<'a> {
    /// Returns the operations, each with its observed account.
    pub fn operations(&self) -> impl Iterator<Item = (&'a Operation, Option<&'a Account>)> {
        let observations = self.observations;
        let accounts = self.account_indexes.iter().map(Some).chain(std::iter::repeat(None));
        self.plan.operations.iter().zip(accounts).map(move |(operation, account)| {
            let seen = observations.get(&operation.tenant).zip(account);
            (operation, seen.and_then(|(seen, account)| seen.accounts.get(*account as usize)))
        })
    }
}

/// Additional facts about a pool of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFacts {
    /// Whether an entry of the manifest names the license.
    pub managed: bool,
    /// Whether the license is the floor.
    pub floor: bool,
    /// The first day on which the license is expired, if known.
    pub expires: Option<Date>,
    /// The number of waiting people.
    pub waiting: u64,
}
