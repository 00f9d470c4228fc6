//! `assignments` and `acknowledgements`: who holds which license, and data loss that has been dealt with.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{DateText, LicenseText};
use crate::manifest::yaml::{LenientList, Located, OptionalField, PeopleList, RequiredField};
use crate::model::Ensure;

/// Who holds a license.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentEntry {
    /// The license, written `tenant/license`.
    pub license: RequiredField<LicenseText>,
    /// People, and groups written `group:NAME`. `[]` means that nobody may hold the license.
    pub to: RequiredField<PeopleList>,
    /// People to exclude, so that one member of a group can hold another license.
    #[serde(default)]
    pub except: OptionalField<PeopleList>,
    /// `absent` takes the license from these people, also in mode `add-only`, and affects nobody else. Default: `present`.
    #[serde(default)]
    pub ensure: OptionalField<Ensure>,
    /// Reason, such as a ticket number.
    #[serde(default)]
    pub reason: OptionalField<String>,
    /// Priority for scarce seats: higher first. Default: 0.
    #[serde(default)]
    pub priority: OptionalField<i64>,
    /// First day on which the entry counts.
    #[serde(default)]
    pub starts: OptionalField<DateText>,
    /// Day from which the entry no longer counts.
    #[serde(default)]
    pub expires: OptionalField<DateText>,
    /// Licenses of the same tenant for people who would otherwise wait for a seat, in order of preference.
    #[serde(default)]
    pub alternatives: OptionalField<LenientList<Located<LicenseText>>>,
}

/// Data loss that has been dealt with, so that a removal may destroy the data.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgementEntry {
    /// The tenant.
    pub tenant: RequiredField<SmolStr>,
    /// People whose data may be destroyed. Groups are written `group:NAME`.
    pub people: RequiredField<PeopleList>,
    /// What was done, such as `voicemail exported, ADM-121`.
    #[serde(default)]
    pub note: OptionalField<String>,
    /// Last day on which the acknowledgement counts.
    #[serde(default)]
    pub until: OptionalField<DateText>,
}
