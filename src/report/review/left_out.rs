//! What a plan leaves out: changes by shared reason, and people waiting for a seat by pool.

use std::collections::BTreeMap;

use crate::diagnostic::Source;
use crate::model::{Blocked, Held, Plan, PlanPool, Waiting};

/// A reason and the people it affects.
#[derive(Debug, PartialEq, Eq)]
pub struct SharedReason<'p> {
    /// The tenant.
    pub tenant: &'p str,
    /// The license that they would gain or lose.
    pub license: &'p str,
    /// The code of the reason.
    pub code: &'p str,
    /// The reason.
    pub message: &'p str,
    /// The remedy.
    pub help: Option<&'p str>,
    /// The affected people, in the order of the plan; at least one.
    pub people: Vec<AffectedPerson<'p>>,
}

/// A person affected by a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AffectedPerson<'p> {
    /// The person's key.
    pub person: &'p str,
    /// The location of the request in the manifest.
    pub source: Option<&'p Source>,
}

type ReasonKey<'p> = (&'p str, &'p str, &'p str, &'p str, Option<&'p str>);

impl<'p> SharedReason<'p> {
    /// Returns the losses held by a limit.
    pub(super) fn held(plan: &'p Plan) -> Vec<Self> {
        Self::group(plan.held.iter().map(|held| {
            let Held { tenant, person, license, code, message, help, source } = held;
            let key: ReasonKey<'p> = (tenant, license, code, message, help.as_deref());
            (key, AffectedPerson { person, source: source.as_ref() })
        }))
    }

    /// Returns the blocked changes.
    pub(super) fn blocked(plan: &'p Plan) -> Vec<Self> {
        Self::group(plan.blocked.iter().map(|blocked| {
            let Blocked { tenant, person, license, code, message, help, source } = blocked;
            let key: ReasonKey<'p> = (tenant, license, code, message, help.as_deref());
            (key, AffectedPerson { person, source: source.as_ref() })
        }))
    }

    fn group(items: impl Iterator<Item = (ReasonKey<'p>, AffectedPerson<'p>)>) -> Vec<Self> {
        let mut shared: BTreeMap<ReasonKey<'p>, Vec<AffectedPerson<'p>>> = BTreeMap::new();
        for (key, member) in items {
            shared.entry(key).or_default().push(member);
        }
        let of = |((tenant, license, code, message, help), members)| Self {
            tenant,
            license,
            code,
            message,
            help,
            people: members,
        };
        shared.into_iter().map(of).collect()
    }
}

/// The people waiting for one pool.
#[derive(Debug, PartialEq, Eq)]
pub struct PoolQueue<'p> {
    /// The tenant.
    pub tenant: &'p str,
    /// The license.
    pub license: &'p str,
    /// The number of missing seats.
    pub missing: u64,
    /// The people by position.
    pub people: Vec<&'p Waiting>,
}

impl<'p> PoolQueue<'p> {
    /// Returns the queues of all pools.
    pub(super) fn all(plan: &'p Plan) -> Vec<Self> {
        let mut queues: BTreeMap<(&str, &str), Vec<&Waiting>> = BTreeMap::new();
        for waiting in &plan.waiting {
            queues.entry((&waiting.tenant, &waiting.license)).or_default().push(waiting);
        }
        let pools: BTreeMap<(&str, &str), &PlanPool> =
            plan.pools.iter().map(|pool| ((&*pool.tenant, &*pool.license), pool)).collect();
        let of = |((tenant, license), mut people): ((&'p str, &'p str), Vec<&'p Waiting>)| {
            people.sort_by_key(|waiting| waiting.position);
            Self { tenant, license, missing: pools.get(&(tenant, license)).map_or(0, |pool| pool.missing), people }
        };
        queues.into_iter().map(of).collect()
    }
}
