//! `assignments` and `acknowledgements`: who holds which license, and what may be destroyed.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{DayText, LicenseText};
use crate::manifest::yaml::{At, Given, List, Needed, PeopleList};

/// Who holds a license.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The license, `tenant/license`.
    pub license: Needed<LicenseText>,
    /// The people, and groups as `group:NAME`; `[]` is nobody.
    pub to: Needed<PeopleList>,
    /// Who is left out, although a group above has them.
    #[serde(default)]
    pub except: Given<PeopleList>,
    /// `absent`: these people lose the license, also in add-only mode, and nobody else is touched; `present` by default.
    #[serde(default)]
    pub ensure: Given<EnsureWord>,
    /// Why, such as the number of a ticket.
    #[serde(default)]
    pub reason: Given<String>,
    /// Who gets a scarce seat: higher first; 0 by default.
    #[serde(default)]
    pub priority: Given<i64>,
    /// The first day on which the entry counts.
    #[serde(default)]
    pub starts: Given<DayText>,
    /// The day from which on the entry does not count.
    #[serde(default)]
    pub expires: Given<DayText>,
    /// Licenses of the same tenant for who would have to wait, in order.
    #[serde(default)]
    pub alternatives: Given<List<At<LicenseText>>>,
}

/// Whether an entry gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnsureWord {
    /// These people hold the license.
    Present,
    /// These people do not hold it.
    Absent,
}

/// Somebody took care of what a removal destroys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgementEntry {
    /// The tenant.
    pub tenant: Needed<SmolStr>,
    /// Whose data; groups as `group:NAME`.
    pub people: Needed<PeopleList>,
    /// What was done.
    #[serde(default)]
    pub note: Given<String>,
    /// The last day on which it counts.
    #[serde(default)]
    pub until: Given<DayText>,
}
