//! Lists of people, with up to a million entries.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use smol_str::SmolStr;

use super::node::ItemRun;
use super::types::{Located, location};

/// The newtype name by which [`PeopleList`] requests its parts from the decoder.
pub(super) const PEOPLE_NEWTYPE: &str = "reseat::PeopleList";

/// A list of people and groups. Long runs of plain items stay in the file's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleList(pub(crate) Vec<PeoplePart>);

/// A part of a list of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PeoplePart {
    /// One item.
    Item(Located<SmolStr>),
    /// Many items, one per line.
    Run(ItemRun),
}

/// Returns the name of the group in `group:NAME`.
pub(crate) fn group_of(text: &str) -> Option<&str> {
    text.trim().strip_prefix("group:").map(str::trim)
}

impl PeopleList {
    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for PeopleList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;

        impl<'de> Visitor<'de> for ListVisitor {
            type Value = PeopleList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<PeopleList, A::Error> {
                let mut list = Vec::new();
                while let Some(part) = parts.next_element()? {
                    list.push(part);
                }
                Ok(PeopleList(list))
            }
        }

        deserializer.deserialize_newtype_struct(PEOPLE_NEWTYPE, ListVisitor)
    }
}

impl<'de> Deserialize<'de> for PeoplePart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartVisitor;

        impl<'de> Visitor<'de> for PartVisitor {
            type Value = PeoplePart;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a person or a group")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<PeoplePart, A::Error> {
                let value = parts.next_element()?.ok_or_else(|| A::Error::custom("no text"))?;
                let at = location(&mut parts)?;
                match (parts.next_element()?, parts.next_element()?, parts.next_element()?) {
                    (Some(start), Some(end), Some(count)) => Ok(PeoplePart::Run(ItemRun { start, end, count, at })),
                    _ => Ok(PeoplePart::Item(Located { value, at })),
                }
            }
        }

        deserializer.deserialize_seq(PartVisitor)
    }
}

impl JsonSchema for PeopleList {
    fn schema_name() -> Cow<'static, str> {
        "PeopleList".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "description": "People by email, and groups as `group:NAME`.",
            "items": { "type": "string", "pattern": "^(\\s*group:.+|[^@\\s]+@[^@\\s]+)$" }
        })
    }
}
