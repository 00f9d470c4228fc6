//! `people`, `directory` and `groups`: people, their attributes and groups.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, PeopleList, RequiredField};

/// Attributes, aliases and accounts of one person.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// Attributes for expressions, such as the department.
    #[serde(default)]
    pub attributes: OptionalField<NamedEntries<Located<serde_json::Value>>>,
    /// Other addresses of the same person.
    #[serde(default)]
    pub aliases: OptionalField<LenientList<Located<SmolStr>>>,
    /// The person's account per tenant: its ID or login.
    #[serde(default)]
    pub accounts: OptionalField<NamedEntries<Located<SmolStr>>>,
}

/// A file that lists many people.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryEntry {
    /// A CSV file, relative to this file, with a header row and one row per person. The first column is `email`; the other
    /// columns are attributes. An empty cell is a missing attribute.
    pub csv: RequiredField<SmolStr>,
}

/// A group of people: its members and those selected by `where`, without those in `except`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    /// People, and other groups written `group:NAME`.
    #[serde(default)]
    pub members: OptionalField<PeopleList>,
    /// A CEL expression over `person`, such as `person.department == "Sales"`. A missing attribute is `null`.
    #[serde(default, rename = "where")]
    pub condition: OptionalField<SmolStr>,
    /// People who are not in the group, even if they are listed or selected above.
    #[serde(default)]
    pub except: OptionalField<PeopleList>,
}
