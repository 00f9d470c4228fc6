//! What rules look at.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::approval::ApprovalContext;
use super::effective::Policy;
use crate::env::Now;
use crate::model::{Account, Desired, Observation, Operation, Plan};

/// What rules on the manifest look at.
#[derive(Clone, Copy)]
pub struct ManifestFacts<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// The manifest resolved.
    pub desired: &'a Desired,
    /// Approvals, and who asks.
    pub consent: &'a ApprovalContext,
    /// The moment, and the day in force.
    pub now: Now,
}

/// What rules on a plan look at.
#[derive(Clone, Copy)]
pub struct PlanFacts<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// The manifest resolved.
    pub desired: &'a Desired,
    /// What was observed, by tenant.
    pub observations: &'a BTreeMap<SmolStr, Observation>,
    /// The plan, without its digests.
    pub plan: &'a Plan,
    /// What the plan's pools do not say of themselves, in the same order.
    pub pool_facts: &'a [PoolFacts],
    /// The place of each operation's account in its tenant's observation; empty where nobody was observed.
    pub account_indexes: &'a [u32],
    /// Approvals, and who asks.
    pub consent: &'a ApprovalContext,
    /// The moment, and the day in force.
    pub now: Now,
}

impl<'a> PlanFacts<'a> {
    /// The operations, each with the account that it is about as it was observed.
    pub fn operations(&self) -> impl Iterator<Item = (&'a Operation, Option<&'a Account>)> {
        let observations = self.observations;
        let accounts = self.account_indexes.iter().map(Some).chain(std::iter::repeat(None));
        self.plan.operations.iter().zip(accounts).map(move |(operation, account)| {
            let seen = observations.get(&operation.tenant).zip(account);
            (operation, seen.and_then(|(seen, account)| seen.accounts.get(*account as usize)))
        })
    }
}

/// What a pool of the plan does not say of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFacts {
    /// Whether an entry of the manifest names it.
    pub managed: bool,
    /// Whether everybody falls back to it.
    pub floor: bool,
    /// The first day on which it is expired, if that is known.
    pub expires: Option<Date>,
    /// How many people wait for it.
    pub waiting: u64,
}
