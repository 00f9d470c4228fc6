//! What a plan leaves out: changes under the reason that they share, and the lines of people who wait.

use std::collections::BTreeMap;

use crate::diagnostic::Source;
use crate::model::{Blocked, Held, Plan, PlanPool, Waiting};

/// One reason with everybody for whom it holds.
#[derive(Debug, PartialEq, Eq)]
pub struct SharedReason<'p> {
    /// The tenant.
    pub tenant: &'p str,
    /// The license that they would get, or would lose.
    pub license: &'p str,
    /// The reason's code.
    pub code: &'p str,
    /// The reason.
    pub message: &'p str,
    /// What to do about it.
    pub help: Option<&'p str>,
    /// For whom, in the order of the plan; at least one.
    pub people: Vec<AffectedPerson<'p>>,
}

/// A person for whom a reason holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AffectedPerson<'p> {
    /// The person's key.
    pub person: &'p str,
    /// Where the manifest asks for what is left out.
    pub source: Option<&'p Source>,
}

type ReasonKey<'p> = (&'p str, &'p str, &'p str, &'p str, Option<&'p str>);

impl<'p> SharedReason<'p> {
    /// Losses that a limit keeps back.
    pub(super) fn held(plan: &'p Plan) -> Vec<Self> {
        Self::group(plan.held.iter().map(|held| {
            let Held { tenant, person, license, code, message, help, source } = held;
            let key: ReasonKey<'p> = (tenant, license, code, message, help.as_deref());
            (key, AffectedPerson { person, source: source.as_ref() })
        }))
    }

    /// Changes left out, with the reason.
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

/// Everybody who waits for one pool.
#[derive(Debug, PartialEq, Eq)]
pub struct PoolQueue<'p> {
    /// The tenant.
    pub tenant: &'p str,
    /// The license.
    pub license: &'p str,
    /// How many seats the pool lacks: so many are to be bought.
    pub missing: u64,
    /// Who waits, by position.
    pub people: Vec<&'p Waiting>,
}

impl<'p> PoolQueue<'p> {
    /// All lines of a plan, by pool.
    pub(super) fn all(plan: &'p Plan) -> Vec<Self> {
        let mut lines: BTreeMap<(&str, &str), Vec<&Waiting>> = BTreeMap::new();
        for waiting in &plan.waiting {
            lines.entry((&waiting.tenant, &waiting.license)).or_default().push(waiting);
        }
        let pools: BTreeMap<(&str, &str), &PlanPool> =
            plan.pools.iter().map(|pool| ((&*pool.tenant, &*pool.license), pool)).collect();
        let of = |((tenant, license), mut people): ((&'p str, &'p str), Vec<&'p Waiting>)| {
            people.sort_by_key(|waiting| waiting.position);
            Self { tenant, license, missing: pools.get(&(tenant, license)).map_or(0, |pool| pool.missing), people }
        };
        lines.into_iter().map(of).collect()
    }
}
