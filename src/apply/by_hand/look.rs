//! What is to be handed over, by a fresh reading of the tenant and by what earlier runs handed over.

use std::collections::{BTreeMap, BTreeSet};

use super::super::bench::Bench;
use super::super::fate::{Fate, Trouble};
use super::super::schedule::Index;
use super::super::sight::{Sight, holds, see};
use super::super::step::wanted;
use super::super::target::Target;
use super::earlier::is_the_same;
use crate::model::{Account, Observation, Operation, OperationId, OperationKind, Outcome, SkipReason};
use crate::store::Earlier;

/// What becomes of the operations of a tenant before anything is handed over.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// To be handed over.
    pub(super) open: Vec<Index>,
    /// Those of them of which nobody knows whether they were done.
    pub(super) doubtful: BTreeSet<OperationId>,
    /// Said to be done, and not to be seen.
    pub(super) done: BTreeSet<OperationId>,
    /// What ends without being handed over.
    pub(super) ended: Vec<(Index, Fate)>,
}

/// What one operation comes to.
enum Verdict {
    Open,
    Doubtful,
    /// Handed over before, and to be waited for.
    Waits(Fate),
    Ends(Fate),
}

/// Looks at everybody.
pub(super) fn look(
    bench: &Bench,
    target: &Target,
    now: &Observation,
    indices: &[Index],
    asks: Asks,
    export: Option<&str>,
) -> Looked {
    let accounts: BTreeMap<&str, &Account> = now.accounts.iter().map(|account| (&*account.id, account)).collect();
    let tenant = indices.first().map(|index| bench.operation(*index).tenant.clone()).unwrap_or_default();
    let seen = bench.plan.inputs.observations.get(&tenant);
    let is_unchanged = seen.is_some_and(|seen| is_the_same(seen, now));
    let mut looked = Looked::default();
    let mut standing: BTreeMap<&OperationId, Outcome> = BTreeMap::new();
    for index in indices {
        let operation = bench.operation(*index);
        let account = accounts.get(&*operation.account).copied();
        let look = One { bench, target, operation, account, standing: &standing, is_unchanged, export };
        match look.verdict(asks) {
            verdict @ (Verdict::Open | Verdict::Doubtful) => {
                standing.insert(&operation.id, Outcome::Pending);
                looked.open.push(*index);
                if matches!(verdict, Verdict::Doubtful) {
                    looked.doubtful.insert(operation.id.clone());
                }
            }
            Verdict::Waits(fate) => {
                standing.insert(&operation.id, Outcome::Pending);
                looked.done.insert(operation.id.clone());
                looked.ended.push((*index, fate));
            }
            Verdict::Ends(fate) => {
                standing.insert(&operation.id, fate.outcome);
                looked.ended.push((*index, fate));
            }
        }
    }
    looked
}

/// What is asked again of what an earlier run handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// What nobody knows anything of.
    Unknown,
    /// What stands in a document, for somebody is here who can be asked.
    Unanswered,
    /// Everything that is not to be seen.
    Everything,
}

struct One<'a> {
    bench: &'a Bench,
    target: &'a Target,
    operation: &'a Operation,
    account: Option<&'a Account>,
    standing: &'a BTreeMap<&'a OperationId, Outcome>,
    is_unchanged: bool,
    export: Option<&'a str>,
}

impl One<'_> {
    fn verdict(&self, asks: Asks) -> Verdict {
        let operation = self.operation;
        let earlier = self.bench.earlier.get(&operation.id);
        if let Some(lost) = operation.after.iter().find(|id| {
            self.standing.get(id).is_some_and(|outcome| !outcome.is_success() && *outcome != Outcome::Pending)
        }) {
            let word = self.standing.get(lost).map_or("", |outcome| outcome.as_str());
            let message = format!("not handed over, for it needs `{lost}`, which is {word}");
            return Verdict::Ends(Fate::skipped(SkipReason::Dependent, message));
        }
        if operation.kind == OperationKind::Release {
            return self.release(earlier);
        }
        let sight = see(&self.target.rules, operation, None, self.account);
        match earlier {
            Some(earlier) => self.handed_over(earlier, sight, asks),
            None => self.never_handed_over(&sight),
        }
    }

    /// Nobody can look up what a vendor stopped to bill: it counts as done when what freed the seat is.
    fn release(&self, earlier: Option<&Earlier>) -> Verdict {
        let Some(earlier) = earlier else { return Verdict::Open };
        let is_freed = |id: &OperationId| self.standing.get(id).is_none_or(|outcome| outcome.is_success());
        let message = format!("handed over by `{}`; nobody can look it up", earlier.run);
        if earlier.outcome == Some(Outcome::Applied) || self.operation.after.iter().all(is_freed) {
            Verdict::Ends(Fate::new(Outcome::Already, message))
        } else {
            Verdict::Waits(Fate::new(Outcome::Pending, message))
        }
    }

    fn handed_over(&self, earlier: &Earlier, sight: Sight, asks: Asks) -> Verdict {
        let run = &earlier.run;
        match sight {
            Sight::There => {
                return Verdict::Ends(Fate::new(Outcome::Already, format!("done by hand, as `{run}` asked for")));
            }
            Sight::Coming => {
                return Verdict::Waits(Fate::new(Outcome::Pending, "the vendor is at it".to_owned()));
            }
            Sight::Other(what) => {
                return Verdict::Ends(Fate::new(Outcome::Failed, what).because(Trouble::Refused));
            }
            Sight::Absent => {}
        }
        let is_answered = earlier.handle.is_none();
        match earlier.outcome {
            Some(Outcome::Applied | Outcome::Already) => {
                let message = format!("done as `{run}` asked for, and undone since");
                Verdict::Ends(Fate::skipped(SkipReason::Stale, message))
            }
            Some(Outcome::Pending) if asks == Asks::Everything => self.open(Verdict::Doubtful),
            Some(Outcome::Pending) if asks == Asks::Unanswered && !is_answered => self.open(Verdict::Open),
            Some(Outcome::Pending) => Verdict::Waits(Fate::new(Outcome::Pending, self.waits(earlier))),
            None | Some(Outcome::Unknown) => self.open(Verdict::Doubtful),
            Some(Outcome::Failed | Outcome::Skipped) => self.open(Verdict::Open),
        }
    }

    /// Why something that was handed over is waited for.
    fn waits(&self, earlier: &Earlier) -> String {
        let run = &earlier.run;
        let handed = match &earlier.handle {
            Some(document) => format!("handed over in `{document}` by `{run}`"),
            None => format!("done by hand in `{run}`, as somebody said"),
        };
        let export = self.export.map_or_else(|| "the export".to_owned(), |path| format!("`{path}`"));
        if self.is_unchanged {
            format!("{handed}; {export} has not changed since the plan: export anew")
        } else {
            format!("{handed}; {export} still shows the state from before the step")
        }
    }

    fn never_handed_over(&self, sight: &Sight) -> Verdict {
        if *sight == Sight::There && !self.has_open_step() {
            return Verdict::Ends(Fate::new(Outcome::Already, None));
        }
        self.open(Verdict::Open)
    }

    /// Whether a step of the same person before this one is still to be done, so that nothing can be expected of them yet.
    fn has_open_step(&self) -> bool {
        let own = |id: &&OperationId| {
            let before = self.bench.index_of(id).map(|index| self.bench.operation(index));
            before.is_some_and(|before| before.account == self.operation.account)
        };
        self.operation.after.iter().filter(own).any(|id| self.standing.get(id) == Some(&Outcome::Pending))
    }

    /// Lets an operation be handed over, if its person is as the plan supposes.
    fn open(&self, verdict: Verdict) -> Verdict {
        let operation = self.operation;
        let Some(account) = self.account else {
            return Verdict::Ends(stale(format!("the account `{}` is gone", operation.account)));
        };
        if self.has_open_step() || self.target.rules.expects(&account.holdings, &operation.license) == operation.expects
        {
            return verdict;
        }
        let license = operation.to.as_deref().unwrap_or(&operation.license);
        let holds = holds(&self.target.rules, license, account);
        let message =
            format!("{} changed since the plan: now {holds}, and the plan {}", operation.person, wanted(operation));
        Verdict::Ends(stale(message))
    }
}

fn stale(message: String) -> Fate {
    Fate::skipped(SkipReason::Stale, message)
}
