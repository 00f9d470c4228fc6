//! Changes: the semantic differences that a plan makes, one for each person and set of exclusive licenses.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Operation, OperationKind, RequestSource};

/// The id of a change in its plan, such as `ch-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ChangeId(pub SmolStr);

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a change means for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// A license gained, including a step up from the floor or from a trial.
    Gain,
    /// A license replaced by another.
    Move,
    /// A license given up without a replacement, including a fall to the floor.
    Loss,
    /// Only a cancelled request.
    Cancel,
}

impl Effect {
    /// Returns the name in the plan format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gain => "gain",
            Self::Move => "move",
            Self::Loss => "loss",
            Self::Cancel => "cancel",
        }
    }
}

/// One semantic difference for one person in one tenant. Its operations realize it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its id in this plan.
    pub id: ChangeId,
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The vendor's id of the person's account.
    pub account: SmolStr,
    /// The account's address as observed.
    pub address: SmolStr,
    /// The license that the person gives up, or whose request is cancelled; null if there is none.
    pub from: Option<SmolStr>,
    /// The license that the person has afterwards; null if there is none.
    pub to: Option<SmolStr>,
    /// What it means for the person.
    pub effect: Effect,
    /// The location in the manifest that requests it, with the reason given there.
    pub source: Option<RequestSource>,
}

/// The licenses that the operations of one change lead from and to.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangeEndpoints<'o> {
    changed: Option<&'o SmolStr>,
    removed: Option<&'o SmolStr>,
    cancelled: Option<&'o SmolStr>,
    to: Option<&'o SmolStr>,
}

impl<'o> ChangeEndpoints<'o> {
    /// Adds the next operation of the change, in the order of the plan.
    pub fn add(&mut self, operation: &'o Operation) {
        let license = &operation.license;
        match operation.kind {
            OperationKind::Cancel => drop(self.cancelled.get_or_insert(license)),
            OperationKind::Remove => drop(self.removed.get_or_insert(license)),
            OperationKind::Assign => self.to = Some(license),
            OperationKind::Change => {
                self.changed.get_or_insert(license);
                self.to = operation.to.as_ref();
            }
            OperationKind::Restore | OperationKind::Release => {}
        }
    }

    /// Returns the license that is given up: the one that an atomic step starts from, else the first removed one, else
    /// the cancelled one if no other takes its place.
    pub fn from(&self) -> Option<&'o SmolStr> {
        self.changed.or(self.removed).or(self.cancelled.filter(|_| self.to.is_none()))
    }

    /// Returns the license that the person has afterwards.
    pub fn to(&self) -> Option<&'o SmolStr> {
        self.to
    }

    /// Whether operations can have this effect. It depends on the vendor whether the license that an operation removes
    /// was a trial, and whether the one that it assigns is the floor.
    pub fn allows(&self, effect: Effect) -> bool {
        let has_removal = self.changed.or(self.removed).is_some();
        match effect {
            Effect::Gain => self.to.is_some(),
            Effect::Move => has_removal && self.to.is_some(),
            Effect::Loss => has_removal,
            Effect::Cancel => !has_removal && self.to.is_none() && self.cancelled.is_some(),
        }
    }
}
