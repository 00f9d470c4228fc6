//! Dated exceptions, and what they are for.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use crate::diagnostic::Source;

/// What a waiver is for; the parts that are given must all fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WaiverScope {
    /// A tenant.
    pub tenant: Option<SmolStr>,
    /// A license, as `tenant/license`.
    pub license: Option<SmolStr>,
    /// People by their keys; nobody else.
    pub people: Option<BTreeSet<SmolStr>>,
}

impl WaiverScope {
    /// Whether nothing narrows it.
    pub fn is_unrestricted(&self) -> bool {
        *self == Self::default()
    }
}

/// A dated exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The rule's name.
    pub rule: SmolStr,
    /// What it is for.
    pub scope: WaiverScope,
    /// How many people it is for at most; `None` is any number.
    pub count: Option<u64>,
    /// Who answers for it.
    pub owner: SmolStr,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Date,
    /// Where it is written.
    #[serde(skip)]
    pub source: Option<Source>,
}

impl Waiver {
    /// Whether it counts on that day.
    pub fn is_in_force(&self, day: Date) -> bool {
        day <= self.until
    }

    /// What it is for, in words.
    pub(super) fn describe(&self) -> String {
        let scope = &self.scope;
        let place = scope.license.as_ref().or(scope.tenant.as_ref());
        match (place, &scope.people) {
            (Some(place), _) => format!("the waiver of `{}` for `{place}`", self.rule),
            (None, Some(people)) => match people.iter().collect::<Vec<_>>()[..] {
                [one] => format!("the waiver of `{}` for `{one}`", self.rule),
                ref many => format!("the waiver of `{}` for {} people", self.rule, many.len()),
            },
            (None, None) => format!("the waiver of `{}`", self.rule),
        }
    }
}
