//! Dated exceptions from a rule.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use crate::diagnostic::Source;
use crate::model::LicenseRef;

/// The scope of a waiver; every part that is set must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WaiverScope {
    /// The tenant.
    pub tenant: Option<SmolStr>,
    /// The license.
    pub license: Option<LicenseRef>,
    /// The keys of the people.
    pub people: Option<BTreeSet<SmolStr>>,
}

impl WaiverScope {
    /// Returns whether nothing narrows the scope.
    pub fn is_unrestricted(&self) -> bool {
        *self == Self::default()
    }
}

/// A dated exception from a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The rule's name.
    pub rule: SmolStr,
    /// What the waiver applies to.
    pub scope: WaiverScope,
    /// The maximum number of people, or `None` for any number.
    pub count: Option<u64>,
    /// The person or team responsible for the exception.
    pub owner: SmolStr,
    /// The reason.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Date,
    /// The location in the manifest.
    #[serde(skip)]
    pub source: Option<Source>,
}

impl Waiver {
    /// Returns whether the waiver counts on that day.
    pub fn is_in_force(&self, day: Date) -> bool {
        day <= self.until
    }

    /// Describes the waiver for a message, such as ``the waiver of `losses` for `phones/X4` ``.
    pub(crate) fn describe(&self) -> String {
        let WaiverScope { tenant, license, people } = &self.scope;
        let place = license.as_ref().map(ToString::to_string).or_else(|| tenant.as_ref().map(ToString::to_string));
        match (place, people) {
            (Some(place), _) => format!("the waiver of `{}` for `{place}`", self.rule),
            (None, Some(people)) => match people.iter().collect::<Vec<_>>()[..] {
                [one] => format!("the waiver of `{}` for `{one}`", self.rule),
                ref many => format!("the waiver of `{}` for {} people", self.rule, many.len()),
            },
            (None, None) => format!("the waiver of `{}`", self.rule),
        }
    }
}
