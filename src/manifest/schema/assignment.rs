//! `assignments` and `acknowledgements`: who holds which license, and what may be destroyed.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{DateText, LicenseText};
use crate::manifest::yaml::{LenientList, Located, OptionalField, PeopleList, RequiredField};

/// Who holds a license.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentEntry {
    /// The license, `tenant/license`.
    pub license: RequiredField<LicenseText>,
    /// The people, and groups as `group:NAME`; `[]` is nobody.
    pub to: RequiredField<PeopleList>,
    /// Who is left out, although a group above has them.
    #[serde(default)]
    pub except: OptionalField<PeopleList>,
    /// `absent`: these people lose the license, also in add-only mode, and nobody else is touched; `present` by default.
    #[serde(default)]
    pub ensure: OptionalField<EnsureEntry>,
    /// Why, such as the number of a ticket.
    #[serde(default)]
    pub reason: OptionalField<String>,
    /// Who gets a scarce seat: higher first; 0 by default.
    #[serde(default)]
    pub priority: OptionalField<i64>,
    /// The first day on which the entry counts.
    #[serde(default)]
    pub starts: OptionalField<DateText>,
    /// The day from which on the entry does not count.
    #[serde(default)]
    pub expires: OptionalField<DateText>,
    /// Licenses of the same tenant for who would have to wait, in order.
    #[serde(default)]
    pub alternatives: OptionalField<LenientList<Located<LicenseText>>>,
}

/// Whether an entry gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnsureEntry {
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
    pub tenant: RequiredField<SmolStr>,
    /// Whose data; groups as `group:NAME`.
    pub people: RequiredField<PeopleList>,
    /// What was done.
    #[serde(default)]
    pub note: OptionalField<String>,
    /// The last day on which it counts.
    #[serde(default)]
    pub until: OptionalField<DateText>,
}
