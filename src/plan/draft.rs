//! From an admitted change to the operations that realize it (law 2).
//!
//! For one person, within licenses that exclude each other: cancel, then remove, then assign, then restore. A chain is
//! carried out in its order; one of its operations needs the seat, and some of them leave one.

use smol_str::SmolStr;

use crate::diff::{CandidateChange, LicenseTransition, PoolId, PoolTable, ReleasedHolding};
use crate::model::{Account, ChangeKind, Effect, Expects, Holding, OnFailure, OperationKind};
use crate::profile::Rules;

/// An operation without its place in the graph.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The change that it belongs to.
    pub(super) change: usize,
    /// What it does.
    pub(super) kind: OperationKind,
    /// The license; for `change` the old one.
    pub(super) license: PoolId,
    /// For `change` the new license.
    pub(super) to: Option<PoolId>,
    /// The pool in which it leaves a seat.
    pub(super) frees: Option<PoolId>,
    /// Whether it needs the seat of the change's license to be certain.
    pub(super) is_gate: bool,
    /// Whether the person goes first; on the first operation that gives something up.
    pub(super) parked: bool,
    /// What it destroys.
    pub(super) loses: Vec<String>,
    /// What stays.
    pub(super) keeps: Vec<String>,
    /// What people should do afterwards.
    pub(super) follow_ups: Vec<String>,
    /// What to give back.
    pub(super) memberships: Vec<SmolStr>,
    /// What must be true just before.
    pub(super) expects: Expects,
    /// What to do when it fails for good.
    pub(super) on_failure: Option<OnFailure>,
    /// One line for the reader.
    pub(super) why: String,
}

/// What chains are made from.
#[derive(Clone, Copy)]
pub(super) struct Drafter<'a> {
    /// The vendor's rules.
    pub(super) rules: &'a Rules,
    /// The pools.
    pub(super) pools: &'a PoolTable,
}

/// One operation of a chain, before anything is known but what it does.
struct Link {
    kind: OperationKind,
    license: PoolId,
    to: Option<PoolId>,
    frees: Option<PoolId>,
}

impl Link {
    fn new(kind: OperationKind, license: PoolId) -> Self {
        Self { kind, license, to: None, frees: None }
    }

    fn removing(kind: OperationKind, given: &ReleasedHolding) -> Self {
        Self { frees: Some(given.pool).filter(|_| given.frees_seat), ..Self::new(kind, given.pool) }
    }

    fn changing(given: &ReleasedHolding, to: PoolId) -> Self {
        Self { to: Some(to), ..Self::removing(OperationKind::Change, given) }
    }
}

impl Drafter<'_> {
    /// The chain of operations that carries out one option of a change.
    pub(super) fn chain(
        &self,
        index: usize,
        change: &CandidateChange,
        step: &LicenseTransition,
        account: &Account,
        parked: bool,
    ) -> Vec<Draft> {
        let mut links: Vec<Link> =
            step.cancels.iter().map(|given| Link::removing(OperationKind::Cancel, given)).collect();
        let cancels = links.len();
        let subject = step.assigns.or(step.releases.first().or(step.cancels.first()).map(|given| given.pool));
        let Some(subject) = subject else { return Vec::new() };
        let family = &self.pools.get(subject).family;
        let floor = self.rules.floor(family).and_then(|floor| self.pools.find(floor));
        let is_atomic = self.rules.change(family) == ChangeKind::Atomic && family.is_exclusive();
        match step.assigns.filter(|to| Some(*to) != floor) {
            Some(to) if is_atomic => self.atomic_gain(&mut links, step, to, floor, parked),
            Some(to) => {
                // An independent license takes the place of its own trial; nothing has to go first.
                let goes = step.releases.iter().filter(|given| family.is_exclusive() || given.pool != to);
                links.extend(goes.map(|given| Link::removing(OperationKind::Remove, given)));
                links.push(Link::new(OperationKind::Assign, to));
                let takes =
                    links.iter().any(|link| link.kind == OperationKind::Remove) && self.rules.takes_memberships(family);
                if takes && !account.memberships.is_empty() {
                    links.push(Link::new(OperationKind::Restore, to));
                }
            }
            None => {
                let falls = floor.filter(|_| is_atomic && !step.keeps_other);
                let (last, others) = match step.releases.split_first() {
                    Some((first, others)) if falls.is_some() => (Some(first), others),
                    _ => (None, &step.releases[..]),
                };
                links.extend(others.iter().map(|given| Link::removing(OperationKind::Remove, given)));
                links.extend(last.zip(falls).map(|(given, floor)| Link::changing(given, floor)));
                if step.effect == Effect::Gain {
                    links.extend(step.assigns.map(|to| Link::new(OperationKind::Assign, to)));
                }
            }
        }
        let gate = if parked { links.iter().rposition(|link| is_arrival(link, step)) } else { Some(cancels) };
        let gate = gate.filter(|_| step.effect == Effect::Gain || step.effect == Effect::Move);
        self.dress(index, change, step, account, &links, gate, parked.then_some(cancels))
    }

    /// One atomic step, or two through the floor for who goes first.
    fn atomic_gain(
        &self,
        links: &mut Vec<Link>,
        step: &LicenseTransition,
        to: PoolId,
        floor: Option<PoolId>,
        parked: bool,
    ) {
        let mut goes = step.releases.iter();
        let first = goes.next();
        links.extend(goes.map(|given| Link::removing(OperationKind::Remove, given)));
        match (first, step.from_floor) {
            (Some(given), _) if parked => match floor {
                Some(floor) => {
                    links.push(Link::changing(given, floor));
                    links.push(Link { to: Some(to), ..Link::new(OperationKind::Change, floor) });
                }
                None => {
                    links.push(Link::removing(OperationKind::Remove, given));
                    links.push(Link::new(OperationKind::Assign, to));
                }
            },
            (Some(given), _) => links.push(Link::changing(given, to)),
            (None, Some(floor)) => links.push(Link { to: Some(to), ..Link::new(OperationKind::Change, floor) }),
            (None, None) => links.push(Link::new(OperationKind::Assign, to)),
        }
    }

    /// Adds to the links what a reader and an executor need.
    #[expect(clippy::too_many_arguments, reason = "each is a separate fact about one chain")]
    fn dress(
        &self,
        index: usize,
        change: &CandidateChange,
        step: &LicenseTransition,
        account: &Account,
        links: &[Link],
        gate: Option<usize>,
        parked: Option<usize>,
    ) -> Vec<Draft> {
        let mut holdings: Vec<Holding> = account.holdings.clone();
        let has_removal = links.iter().any(|link| link.kind == OperationKind::Remove);
        let mut drafts = Vec::with_capacity(links.len());
        for (place, link) in links.iter().enumerate() {
            let license = &self.pools.get(link.license).license;
            let to = link.to.map(|to| &self.pools.get(to).license);
            let expects = self.rules.expects(&holdings, license);
            holdings = self.rules.holdings_after(&holdings, link.kind, license, to.map(SmolStr::as_str));
            let falls = link.kind == OperationKind::Change && link.to.is_some_and(|to| self.pools.get(to).is_floor);
            let destroys = link.kind == OperationKind::Remove || falls;
            let gives = link.kind == OperationKind::Assign || (link.kind == OperationKind::Change && !falls);
            let own = |texts: &[String], when: bool| if when { texts.to_vec() } else { Vec::new() };
            drafts.push(Draft {
                change: index,
                kind: link.kind,
                license: link.license,
                to: link.to,
                frees: link.frees,
                is_gate: gate == Some(place),
                parked: parked == Some(place),
                loses: own(self.rules.loses(license), destroys),
                keeps: own(self.rules.keeps(license), destroys),
                follow_ups: own(self.rules.follow_ups(to.unwrap_or(license)), gives),
                memberships: if link.kind == OperationKind::Restore { account.memberships.clone() } else { Vec::new() },
                expects,
                on_failure: (link.kind == OperationKind::Assign && has_removal).then_some(OnFailure::RollBack),
                why: self.why(change, step, link, parked.is_some()),
            });
        }
        drafts
    }

    /// A `release` for a seat that an operation left and nobody takes.
    pub(super) fn release(&self, draft: &Draft, account: &Account) -> Draft {
        let license = &self.pools.get(draft.license).license;
        let to = draft.to.map(|to| self.pools.get(to).license.clone());
        let after = self.rules.holdings_after(&account.holdings, draft.kind, license, to.as_deref());
        Draft {
            kind: OperationKind::Release,
            to: None,
            frees: None,
            is_gate: false,
            parked: false,
            loses: Vec::new(),
            keeps: Vec::new(),
            follow_ups: Vec::new(),
            memberships: Vec::new(),
            expects: self.rules.expects(&after, license),
            on_failure: None,
            why: format!("`{license}` has a seat that nobody takes; stop paying for it"),
            ..draft.clone()
        }
    }

    fn why(&self, change: &CandidateChange, step: &LicenseTransition, link: &Link, parked: bool) -> String {
        let name = |pool: PoolId| &self.pools.get(pool).license;
        let old = step.releases.first().map(|given| name(given.pool));
        let mut why = match (link.kind, step.assigns.map(name)) {
            (OperationKind::Restore, _) => "gives back the memberships that the removal took".to_owned(),
            (OperationKind::Cancel, Some(to)) => format!("makes way for {to}"),
            (OperationKind::Cancel, None) => "the request is not wished any more".to_owned(),
            (OperationKind::Remove, Some(to)) => format!("moves to {to}"),
            (OperationKind::Remove | OperationKind::Change, None) if step.keeps_other => {
                format!("is not to hold {} beside the others", name(link.license))
            }
            (OperationKind::Remove | OperationKind::Change, None) => format!("is not named for {}", name(link.license)),
            (OperationKind::Change, Some(to)) if step.effect != Effect::Gain => format!("moves to {to}"),
            (OperationKind::Change, Some(to)) => format!("is named for {to}"),
            (_, Some(to)) if step.effect == Effect::Move => match old {
                Some(old) => format!("moves from {old} to {to}"),
                None => format!("moves to {to}"),
            },
            (_, Some(to)) => format!("is named for {to}"),
            (_, None) => "is not named any more".to_owned(),
        };
        let wished = change.options.first().and_then(|first| first.assigns);
        if let Some(wished) = wished.filter(|wished| step.assigns.is_some_and(|gets| gets != *wished))
            && link.kind != OperationKind::Restore
        {
            why.push_str(&format!(", for {} has no seat", name(wished)));
        }
        if parked {
            why.push_str(", and goes first in a ring of full pools");
        }
        why
    }
}

/// Whether the operation enters the license of the change.
fn is_arrival(link: &Link, step: &LicenseTransition) -> bool {
    match link.kind {
        OperationKind::Assign => Some(link.license) == step.assigns,
        OperationKind::Change => link.to == step.assigns,
        OperationKind::Cancel | OperationKind::Remove | OperationKind::Restore | OperationKind::Release => false,
    }
}
