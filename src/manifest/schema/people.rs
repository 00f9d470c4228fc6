//! `people`, `directory` and `groups`: who there is.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, PeopleList, RequiredField};

/// What is known of one person.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// Attributes for the expressions of groups and rules, such as the department.
    #[serde(default)]
    pub attributes: OptionalField<NamedEntries<Located<serde_json::Value>>>,
    /// Other addresses of the same person.
    #[serde(default)]
    pub aliases: OptionalField<LenientList<Located<SmolStr>>>,
    /// The person's account by tenant: its id, or the name it signs in with.
    #[serde(default)]
    pub accounts: OptionalField<NamedEntries<Located<SmolStr>>>,
}

/// A file with many people.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryEntry {
    /// A CSV file, relative to this file: a header row with `email` first, then a row for each person. The other
    /// columns are attributes; an empty field is a missing attribute.
    pub csv: RequiredField<SmolStr>,
}

/// A group of people: its members, those for whom `where` is true, and not those in `except`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    /// People, and other groups as `group:NAME`.
    #[serde(default)]
    pub members: OptionalField<PeopleList>,
    /// A CEL expression over `person`, such as `person.department == "Sales"`; a missing attribute is `null`.
    #[serde(default, rename = "where")]
    pub condition: OptionalField<SmolStr>,
    /// Who is not in the group, whatever stands above.
    #[serde(default)]
    pub except: OptionalField<PeopleList>,
}
